"""The inputs of a program, and graphs recorded from functions.

A function is run once, with Values in the shape of one sample. What Python did on the way, it
did for that sample: ``if x > 0`` chose a branch, ``float(x)`` gave a number, and the program would
repeat both for every other sample. So no Value that depends on the sample, or on a parameter, may
be compared or taken as a number; and of a batch f is recorded for a few samples, whose graphs must
be alike.

Next: ``build.py``.
"""

from __future__ import annotations

import inspect
import operator
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from .. import ops
from ..engine.calls import name_of
from ..engine.comparisons import Purpose, comparison, comparisons, recording
from ..engine.given import refuse_given
from ..engine.order import topological_order
from ..engine.undefined import ieee_arithmetic
from ..value import Constant, Parameter, Value
from .arrays.instructions import Numbers, Shape
from .batch import depending, split
from .numbers import array_of, listed
from .outputs import one_of, outputs_of
from .recover.views import Input
from .write.scalars import reserved

#: What can be compiled: a graph, several, or a function that records such.
Compilable: TypeAlias = (
    Value | Sequence[Value | float] | Callable[..., Value | Sequence[Value | float]]
)


class Argument(Value):
    """What a function gets while it is recorded: a leaf that notes what Python asks of its number.

    In an array of labels ``y == 1`` and ``if y`` ask for a number; of a Value they ask which object
    it is, and whether there is one.
    """

    __slots__ = ()
    __hash__ = Value.__hash__
    _equals = comparison(operator.eq)
    _differs = comparison(operator.ne)

    def __eq__(self, other: object) -> bool:
        return self is other if isinstance(other, Value) else self._equals(other)

    def __bool__(self) -> bool:
        return self._differs(0.0)


class Recorded(NamedTuple):
    """What a function gave for its arguments, and the Values whose numbers Python used."""

    y: Value | list[Value]
    inputs: list[Input]
    compared: list[Value]


class Graph(NamedTuple):
    """What is to be compiled: a graph, whose leaves are parameters, inputs or fixed numbers."""

    outputs: Sequence[Value]
    shape: Shape  # of the value, or of the value of each sample
    once: Value | None  # of a batch: what is added to the mean or the sum
    inputs: Sequence[Input]
    parameters: Sequence[Value]
    chosen: bool  # whether somebody chose the parameters, and so their order
    order: Sequence[Value]
    batch: str | None  # "mean" or "sum" over samples, "each", None for a graph as it is

    @property
    def single(self) -> bool:
        """Whether its value is one number, which has a gradient."""
        return self.shape == () and self.batch != "each"

    def expects(self, argument: Input) -> str:
        """The shape of an argument, in words."""
        if self.batch is None:
            return str(argument.shape)
        shown = ", ".join(["samples", *map(str, argument.shape)])
        return f"({shown}{'' if argument.shape else ','}), as many samples as the others"

    @property
    def all_outputs(self) -> list[Value]:
        return [*self.outputs, *([] if self.once is None else [self.once])]

    def __reduce__(self) -> tuple[Any, ...]:
        """For copies and pickles: all outputs as one graph, so that what they share stays one."""
        with ieee_arithmetic(values_only=True):
            bundle = ops.sum.record(tuple(self.all_outputs))
        return _restored, (bundle, self._replace(outputs=(), once=None, order=())[:])


def _restored(bundle: Value, fields: tuple[Any, ...]) -> Graph:
    graph = Graph(*fields)
    count = len(bundle.parents) - (graph.batch in ("mean", "sum"))
    outputs, rest = bundle.parents[:count], bundle.parents[count:]
    order = topological_order(*bundle.parents, *graph.parameters)
    return graph._replace(outputs=outputs, once=rest[0] if rest else None, order=order)


def graph_of(
    what: Compilable,
    inputs: Iterable[object] | None,
    batch: str | None,
    parameters: Iterable[Value] | None,
    once: Value | Callable[[], Value] | None = None,
) -> Graph:
    """The graph, or that of the function, with its inputs and its parameters.

    Raises ``TypeError`` or ``ValueError`` where the pieces do not fit together.
    """
    if batch is not None and not callable(what):
        raise TypeError("batch= is for a function of one sample; a graph has its samples in it.")
    if batch not in (None, "mean", "sum", "each"):
        raise ValueError(f'batch is "mean", "sum" or "each"; got {batch!r}.')
    if once is not None and batch not in ("mean", "sum"):
        raise TypeError(
            'once= is what is added once to the "mean" or the "sum" of a batch; without one, add '
            "it to the value."
        )
    inputs = listed(inputs, "inputs", "examples, one for each argument")
    if batch is not None and not inputs:
        raise TypeError("batch= needs inputs=, example arrays with the samples of a batch.")
    if callable(what):
        recorded, arguments, compared = recorded_from(what, inputs, batch)
    else:
        arguments = [input_of(f"x{k}", x) for k, x in enumerate(inputs, start=1)]
        recorded, compared = outputs_of(what), []
    with comparisons() as compared_once:
        more = None if once is None else one_of(outputs_of(once() if callable(once) else once))
    leaves = {x for argument in arguments for x in argument.leaves}
    if len(leaves) < sum(len(argument.leaves) for argument in arguments):
        raise ValueError("One Value stands at two places of the inputs; give each place its own.")
    outputs = [recorded] if isinstance(recorded, Value) else recorded
    shape = () if isinstance(recorded, Value) else (len(outputs),)
    if batch in ("mean", "sum"):
        outputs, more = _of_a_batch(one_of(recorded, batch), more, batch, leaves)
    given = None if parameters is None else _given(parameters, leaves)
    order = topological_order(*outputs, *([] if more is None else [more]), *(given or ()))
    refuse_given(order)
    found = _found(order, leaves) if given is None else given
    for f, those in ((what, compared), (once, compared_once)):
        below = topological_order(*those) if given is None else ()
        moving = [*found, *[x for x in below if isinstance(x, Parameter)]]
        _refuse_compared(f, those, moving, "its parameters (training moves them)")
    return Graph(outputs, shape, more, arguments, found, given is not None, order, batch)


def _of_a_batch(
    y: Value, once: Value | None, batch: str, inputs: set[Value]
) -> tuple[list[Value], Value]:
    """What is summed over samples, and what is added once: of a mean also what has no sample."""
    if once is not None and not inputs.isdisjoint(topological_order(once)):
        raise ValueError("once= reads an input, which is another in every sample.")
    if batch == "mean":
        y, rest = split(y, inputs)
        once = rest if once is None else rest + once
    return [y], Constant(0.0) if once is None else once


def _given(parameters: Iterable[Value], inputs: set[Value]) -> list[Value]:
    given = list(dict.fromkeys(listed(parameters, "parameters", "Values")))
    for x in given:
        if not isinstance(x, Value) or x.op is not None or x in inputs:
            raise TypeError(f"parameters are Values, neither computed nor inputs; got {x!r}.")
    return given


def _found(order: Iterable[Value], inputs: set[Value]) -> list[Value]:
    """The parameters among the leaves: those that are declared, or all that are no constants."""
    leaves = [x for x in order if x.op is None and not isinstance(x, Constant) and x not in inputs]
    return [x for x in leaves if isinstance(x, Parameter)] or leaves


def recorded_from(f: Callable[..., object], examples: Sequence[Any], batch: str | None) -> Recorded:
    """What f returns for Values in the shape of the examples (of one sample), and those Values."""
    names = _names(f, examples)
    names += [f"x{k}" for k in range(len(names) + 1, len(examples) + 1)]
    for k, name in enumerate(names):
        while reserved(name) or name in names[:k]:
            name += "_"
        names[k] = name
    arrays = [array_of(x, f"Input {name}") for name, x in zip(names, examples, strict=True)]
    kinds = list(map(type, examples))
    if batch is None:
        return _recorded(f, names, arrays, kinds, batch)
    for name, array in zip(names, arrays, strict=True):
        if not array.shape or not len(array):
            raise ValueError(
                f"Input {name} has samples along its first axis, one at least; got the shape "
                f"{array.shape}."
            )
    count = min(map(len, arrays))
    first, *others = [
        _recorded(f, names, [array[k] for array in arrays], kinds, batch)
        for k in _telling(arrays, count)
    ]
    expected = _anatomy(first)
    if any(_anatomy(other) != expected for other in others):
        raise _frozen(
            f,
            "does not record the same graph for every sample: it takes the number out of a Value, "
            "or makes a Value of its own",
        )
    return first._replace(compared=[x for one in (first, *others) for x in one.compared])


def _names(f: Callable[..., Any], examples: Sequence[Any]) -> list[str]:
    """What f calls its arguments, where it takes so many."""
    signature = inspect.signature(f)
    try:
        signature.bind(*examples)
    except TypeError as error:
        raise TypeError(
            f"{name_of(f)} cannot be called with {len(examples)} inputs: {error}. inputs= is a "
            f"list of examples, one for each argument; where one argument gets the rows of X, one "
            f'after the other, write inputs=[X], batch="each".'
        ) from None
    return list(signature.parameters)[: len(examples)]


def _telling(arrays: list[Numbers], count: int) -> list[int]:
    """Samples that differ, if any do: with the smallest and the largest number of an input."""
    chosen = {0, count // 2, count - 1}
    for array in arrays:
        rows = array[:count].reshape(count, -1)
        if rows.size:
            chosen |= {int(rows.min(1).argmin()), int(rows.max(1).argmax())}
    return sorted(chosen)


def _recorded(
    f: Callable[..., Any],
    names: list[str],
    arrays: list[Numbers],
    kinds: list[type],
    batch: str | None,
) -> Recorded:
    nested = [_nested(array) for array in arrays]
    inputs = [input_of(name, x) for name, x in zip(names, nested, strict=True)]
    for k, (array, kind) in enumerate(zip(arrays, kinds, strict=True)):
        if kind is np.ndarray and array.shape:  # as f would get it from `grad`
            nested[k] = np.array(nested[k], dtype=object)
    leaves = [x for row in inputs for x in row.leaves]
    with comparisons() as compared, recording(leaves, Purpose.PROGRAM):
        try:
            y = outputs_of(f(*nested))
        except (TypeError, ValueError) as error:
            if batch is None and any(array.ndim > 1 for array in arrays):
                error.add_note(
                    'Where the first axis of an input counts samples, write batch="each" (or '
                    '"mean", "sum").'
                )
            raise
    _refuse_compared(f, compared, leaves, "its inputs")
    return Recorded(y, inputs, compared)


def _refuse_compared(
    f: object, compared: Sequence[Value], leaves: Iterable[Value], which: str
) -> None:
    depends = depending(leaves, compared) if compared else ()
    for x in compared:
        if x in depends:
            raise _frozen(f, f"compares {x!r} or takes its number; it depends on {which}")


def _frozen(f: object, what: str) -> ValueError:
    return ValueError(
        f"{name_of(f)} {what}, and the program would repeat what was done for the examples. Write "
        f"where(step(x), a, b), relu, maximum or clip instead of `if x > 0`, softmax or logsumexp "
        f"instead of max(xs) before exp, and compute with the Values themselves."
    )


def _nested(array: Numbers) -> Any:
    return [_nested(row) for row in array] if array.shape else Argument(float(array))


def _anatomy(recorded: Recorded) -> list[Any]:
    """All of a graph but the numbers in its inputs and parameters."""
    outputs = recorded.y if isinstance(recorded.y, list) else [recorded.y]
    position = {x: k for k, x in enumerate(x for row in recorded.inputs for x in row.leaves)}
    found: list[Any] = []
    order = topological_order(*outputs)
    refuse_given(order)
    place = {x: k for k, x in enumerate(order)}
    at = place.__getitem__
    declared = any(isinstance(x, Parameter) for x in order)  # so that other Values are numbers
    for x in order:
        if x.op is not None:
            found.append((x.op, *map(at, x.parents)))
        elif x in position:
            found.append(("input", position[x]))
        elif isinstance(x, Constant) or (declared and not isinstance(x, Parameter)):
            number = x.data if x.data == x.data else "nan"  # one is as good as another
            found.append(("number", number))
        else:
            found.append(x)
    return [*found, [place[x] for x in outputs]]


def input_of(name: str, nested: object) -> Input:
    """An argument of the program, from a Value or nested lists of Values.

    Raises ``TypeError`` for anything else, ``ValueError`` for Values that were computed.

    >>> input_of("x", [[Value(1.0), Value(2.0)], [Value(3.0), Value(4.0)]]).shape
    (2, 2)
    """
    shape: list[int] = []
    leaves: list[Any] = [nested]
    while not all(isinstance(x, Value) for x in leaves):
        rows = not any(isinstance(x, (Value, str)) or not hasattr(x, "__len__") for x in leaves)
        if not rows or len({len(x) for x in leaves}) != 1:
            raise TypeError(
                f"Input {name} is a Value or nested lists of Values, all rows of one length."
            )
        shape.append(len(leaves[0]))
        leaves = [x for row in leaves for x in row]
    for x in leaves:
        if x.op is not None:
            raise ValueError(f"Input {name} holds {x!r}, which was computed; inputs are leaves.")
    return Input(name, tuple(shape), leaves)
