"""``compile``: from a graph, or from a function that records one, to a program.

The end of this trail; of the package's, next: ``training.py``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from ..value import Constant, Parameter, Value, topological_order
from .arrays.instructions import VIEWS, Leaf, Number, Shape, Table, reachable
from .arrays.maker import Arrays
from .batch import for_each, over_batch, split
from .machine.native import Native
from .program import Plan, Program
from .recorded import input_of, recorded_from
from .recover.freeze import PARAMETER, Frozen
from .recover.views import Input, Recovery, recovered
from .write.source import ProgramText, array_text, straight_text

#: Kinds of instructions that cost next to nothing.
FREE = (*VIEWS, Leaf, Number, Table)
#: Nanoseconds: a NumPy call, one element of it, one operation of straight-line Python. Measured
#: on moons nets and recurrences; the choice is robust, since the two sides are seldom close.
CALL, ELEMENT, OPERATION = 1000.0, 1.5, 30.0


def compile(
    what: Value | Sequence[Value] | Callable[..., Any],
    inputs: Sequence[Any] | None = None,
    batch: str | None = None,
    native: bool = False,
    parameters: Iterable[Value] | None = None,
) -> Program:
    """A program for the graph of a Value, or of a list of them, or for a function.

    ``inputs`` are the leaves that later calls may replace by arrays: each a Value or nested lists
    of Values, an array of that shape to the program. Without ``parameters`` these are all
    ``Parameter`` leaves; in a graph without any, all Values that are not inputs. Other leaves keep
    the numbers that they have now.

    A function is recorded with Values in the form of ``inputs``, which are then examples: numbers,
    arrays or nested lists. With a ``batch`` it is written for one sample, while arrays (examples
    too) have the samples along their first axis, any number of them. The program gives the
    ``"mean"`` or the ``"sum"`` of its values, or what it returns for ``"each"``: a row per sample.

    With ``native`` it runs as machine code (the extra ``autograd_lite[native]``), several times as
    fast for small batches and for graphs without matrices, after a third of a second or more of
    compiling.

    The graph is frozen: a branch that Python took while recording (``if x > 0``) stays taken.

    Raises ``TypeError`` or ``ValueError`` where the pieces do not fit together, and where a
    function compares Values that depend on its inputs.

    >>> x, y = Value(3.0, label="x"), Value(4.0, label="y")
    >>> program = compile(x * y + y.exp())
    >>> program.value_and_grad([1.0, 0.0])
    (1.0, array([0., 2.]))
    >>> compile(lambda x: (2 * x).tanh(), inputs=[[0.0]], batch="each")([0.0, 20.0, -20.0])
    array([ 0.,  1., -1.])
    """
    if batch is not None and not callable(what):
        raise TypeError("batch= is for a function of one sample; a graph has its samples in it.")
    if batch not in (None, "mean", "sum", "each"):
        raise ValueError(f'batch is "mean", "sum" or "each"; got {batch!r}.')
    inputs = [] if inputs is None else list(inputs)
    if batch is not None and not inputs:
        raise TypeError("batch= needs inputs=, example arrays with the samples of a batch.")
    recorded: Any = what
    if callable(what):
        recorded, arguments = recorded_from(what, inputs, batch)
    else:
        arguments = [input_of(f"x{k}", x) for k, x in enumerate(inputs, start=1)]
    leaves = {x for argument in arguments for x in argument.leaves}
    if len(leaves) < sum(len(argument.leaves) for argument in arguments):
        raise ValueError("One Value stands at two places of the inputs; give each place its own.")
    single = isinstance(recorded, Value)
    outputs: list[Value] = list(recorded) if isinstance(recorded, Iterable) else [recorded]
    if not outputs or not all(isinstance(y, Value) for y in outputs):
        raise TypeError(
            f"compile takes a Value, a list of Values, or a function that returns such; got "
            f"{recorded!r}."
        )
    if batch in ("mean", "sum") and not single:
        raise TypeError(
            f'batch="{batch}" takes a function that returns one Value; got a list of '
            f'{len(outputs)}. With batch="each" such a list is a row for each sample.'
        )
    shape = () if single else (len(outputs),)
    moving = None if parameters is None else _given(parameters, leaves)
    return Program(_plan(outputs, shape, arguments, moving, batch, native))


def _given(parameters: Iterable[Value], inputs: set[Value]) -> list[Value]:
    given = list(dict.fromkeys(parameters))
    for x in given:
        if not isinstance(x, Value) or x.op is not None or x in inputs:
            raise TypeError(f"parameters are Values, neither computed nor inputs; got {x!r}.")
    return given


# --- the plan -------------------------------------------------------------------------------------


def _plan(
    outputs: list[Value], shape: Shape, arguments: list[Input], moving: list[Value] | None,
    batch: str | None, native: bool,
) -> Plan:  # fmt: skip
    listed = shape != ()
    single = not listed and batch != "each"
    once, places = None, dict[str, tuple[int, int]]()
    if batch in ("mean", "sum"):
        each, once = split(outputs[0], [x for a in arguments for x in a.leaves])
        outputs = [each, once]
    order = topological_order(*outputs, *(moving or ()))
    parameters = _parameters(order, arguments) if moving is None else moving
    frozen = Frozen(order, outputs, parameters, [a.leaves for a in arguments])
    recovery = recovered(frozen, arguments, listed) if batch else _wide(frozen, arguments, listed)
    if recovery is None:
        text, results, places, chosen = straight_text(frozen, arguments, single)
    else:
        arrays, ys, chosen = recovery.arrays, recovery.outputs, recovery.parameters
        samples = {a.name for a in arguments}
        if batch == "each":
            ys = [for_each(arrays, ys[0], samples)]
        elif batch is not None:
            ys = [over_batch(arrays, ys[0], ys[1], samples, batch)]
            outputs = outputs[:1]
        p = recovery.array[PARAMETER]
        text, results = array_text(arrays, ys, p, arguments, batch, single)
    leaf = {i: x for x, i in frozen.at.items() if x.op is None}
    vector = [leaf[i] for i in chosen]
    in_arrays = partial(_array_form, outputs, single, arguments, vector) if not recovery else None
    names = ["p", *[a.name for a in arguments]]
    machine = Native(results, names, places, batch is not None) if native else None
    return Plan(
        outputs, shape, once, len(order), vector, arguments, batch, text, in_arrays, machine
    )


def _array_form(
    outputs: list[Value], single: bool, arguments: list[Input], vector: list[Value]
) -> ProgramText:
    """The program in arrays of a graph that runs in floats, with the same parameter vector."""
    order = topological_order(*outputs, *vector)
    frozen = Frozen(order, outputs, vector, [a.leaves for a in arguments])
    recovery = Recovery(frozen, Arrays(), arguments, [frozen.at[x] for x in vector], not single)
    p = recovery.array[PARAMETER]
    return array_text(recovery.arrays, recovery.outputs, p, arguments, None, single)[0]


def _parameters(order: Sequence[Value], arguments: Sequence[Input]) -> list[Value]:
    leaves = [x for x in order if x.op is None and not isinstance(x, Constant)]
    inputs = {x for argument in arguments for x in argument.leaves}
    declared: list[Value] = [x for x in leaves if isinstance(x, Parameter) and x not in inputs]
    return declared or [x for x in leaves if x not in inputs]


def _wide(frozen: Frozen, arguments: Sequence[Input], listed: bool) -> Recovery | None:
    """The graph in arrays; None where straight-line Python is expected to be quicker.

    The forward pass stands for both passes: the derivative has about twice as many operations in
    either form.
    """
    as_floats = OPERATION * frozen.reads()
    if as_floats < CALL * len(frozen.classes()):  # each class takes one call at least
        return None
    recovery = recovered(frozen, arguments, listed)
    calls = [x for x in reachable(recovery.outputs) if not isinstance(x, FREE)]
    as_arrays = sum(CALL + ELEMENT * math.prod(x.shape) for x in calls)
    return None if as_floats < as_arrays else recovery
