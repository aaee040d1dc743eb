"""``Module``: anything with parameters. It finds them by walking its own attributes.

As a list names them, ``neuron2.w3`` is the third weight of the second neuron; as an array does, or
a list of lists, ``W[1,2]`` stands in the first row and the second column.

Next: ``activations.py``.
"""

from __future__ import annotations

import copy
import itertools
import os
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from numbers import Real
from pathlib import Path
from types import FunctionType
from typing import TYPE_CHECKING, Any, TypeVar

from ..engine.updates import tell_of_replaced
from ..ops import add, div, mul, sub
from ..value import Operand, Value, as_value
from . import weights
from .forms import LONGEST, listed
from .remembered import remembered
from .weights import Numbers, State, Unmatched, is_parameter

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

Self = TypeVar("Self", bound="Module")


class Module:
    """A part of a network: assign parameters and modules to attributes, define ``__call__``.

    Lists, tuples, dicts and arrays of them count too; a parameter that two modules share counts
    once. What would end a training in silence is said: to put a bare number where a parameter
    was is a ``TypeError``, to put a computed Value there a warning.

    >>> class Line(Module):
    ...     def __init__(self):
    ...         self.slope, self.offset = Value(2.0), Value(1.0)
    ...     def __call__(self, x):
    ...         return self.slope * x + self.offset
    >>> [name for name, parameter in Line().named_parameters()]
    ['slope', 'offset']
    """

    def __init_subclass__(cls, **named: Any) -> None:
        super().__init_subclass__(**named)
        call = vars(cls).get("__call__")
        if isinstance(call, FunctionType):
            setattr(cls, "__call__", remembered(call))  # noqa: B010 - mypy knows no such method

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self.__dict__:
            before = self.__dict__[name]
            if before is value and _is_array(value):  # W -= ... has changed it already
                before = [_first_operand(x) for x in value.ravel().tolist()]
            check_replaced(f"{type(self).__name__}.{name}", before, value)
        super().__setattr__(name, value)

    def parameters(self) -> list[Value]:
        """The leaves that training changes, each once, in the order of the attributes.

        >>> from autograd_lite.nn import Layer
        >>> len(Layer(3, 2).parameters())
        8
        """
        # Every training step asks for them, so no names are made: four times faster.
        found: dict[Value, None] = {}
        seen: set[int] = set()  # a module may know the one it is in
        stack: list[Any] = [self]
        while stack:
            item = stack.pop()
            if isinstance(item, Value):
                if is_parameter(item):
                    found[item] = None
            elif isinstance(item, HOLDERS) and id(item) not in seen:
                seen.add(id(item))
                entries = vars(item) if isinstance(item, Module) else item
                values = entries.values() if isinstance(entries, dict) else entries
                stack.extend(reversed(values))
            elif _is_array(item):
                stack.extend(reversed(item.ravel().tolist()))
        return list(found)

    def named_parameters(self) -> Iterator[tuple[str, Value]]:
        """Name and parameter, such as ``("layer1.neuron2.w3", …)``: the third weight there.

        >>> from autograd_lite.nn import Layer
        >>> [name for name, parameter in Layer(1, 2).named_parameters()]
        ['neuron1.w1', 'neuron1.b', 'neuron2.w1', 'neuron2.b']
        """
        for name, found in _walk(self, "", set()):
            if isinstance(found, Value):
                yield name, found

    def named_modules(self) -> Iterator[tuple[str, Module]]:
        """Name and module, this one (named ``""``) first, then those inside, outer before inner.

        >>> from autograd_lite.nn import MLP
        >>> [name for name, module in MLP(1, [1]).named_modules()]
        ['', 'layer1', 'layer1.neuron1']
        """
        for name, found in _walk(self, "", set()):
            if isinstance(found, Module):
                yield name, found

    # --- the numbers of all parameters ---

    vector = Numbers(
        lambda self: self.parameters(),
        "The numbers of ``parameters()`` as one float64 array, or as a list where NumPy is not; "
        "assign others to set them all.",
    )
    vector_grad = Numbers(lambda self: self.parameters(), "Their gradients, likewise.", of="grad")

    def at(self: Self, vector: Iterable[Operand]) -> Self:
        """A copy of the module with the entries of a vector as its parameters, in their order.

        So a module is a function of its parameters, for whatever differentiates or minimises
        functions; ``module.vector = found`` is the way back. Raises ``ValueError`` for a vector
        of another length.

        >>> from autograd_lite import hessian
        >>> from autograd_lite.nn import Neuron
        >>> line = Neuron(1, nonlin=False)
        >>> hessian(lambda v: (line.at(v)([3.0]) - 1.0) ** 2)(line.vector)
        array([[18.,  6.],
               [ 6.,  2.]])
        """
        parameters, given = self.parameters(), [as_value(x) for x in vector]
        if len(given) != len(parameters):
            raise ValueError(
                f"{type(self).__name__} has {len(parameters)} parameters; got a vector of "
                f"{len(given)}."
            )
        return copy.deepcopy(self, {id(p): x for p, x in zip(parameters, given, strict=True)})

    def state_dict(self) -> State:
        """The numbers of all parameters by name: an array for each attribute that holds some.

        >>> from autograd_lite.nn import MLP
        >>> {name: array.shape for name, array in MLP(3, [1]).state_dict().items()}
        {'layer1.neuron1.w': (3,), 'layer1.neuron1.b': ()}
        """
        return {name: weights.numbers(block) for name, block in self._blocks().items()}

    def load_state_dict(self, state: Mapping[str, ArrayLike], strict: bool = True) -> Unmatched:
        """Set all parameters from what ``state_dict()`` of such a module gave.

        Returns the names that only one of the two has; ``strict`` makes them a ``ValueError``, as
        is an array of another shape. Whatever it raises, no parameter was moved.

        >>> from autograd_lite.nn import Neuron
        >>> neuron = Neuron(2)
        >>> neuron.load_state_dict({"w": [1.0, 2.0]}, strict=False)
        Unmatched(missing=['b'], unexpected=[])
        >>> neuron.vector
        array([1., 2., 0.])
        """
        return weights.load(self._blocks(), state, strict)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the parameters to a ``.json`` or a ``.safetensors`` file.

        The latter needs ``autograd_lite[safetensors]``. The old file stays until the new one is
        whole. Raises ``ValueError`` for another name, and for numbers that JSON does not have.

        >>> import tempfile
        >>> from autograd_lite.nn import MLP
        >>> model, other = MLP(2, [3, 1]), MLP(2, [3, 1])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = model.save(f"{folder}/model.json")
        ...     missing, unexpected = other.load(path)
        >>> other.vector.tolist() == model.vector.tolist()
        True
        """
        return weights.write(path, self.state_dict())

    def load(self, path: str | os.PathLike[str], strict: bool = True) -> Unmatched:
        """Set all parameters from a file that ``save`` of such a module wrote.

        Raises ``ValueError`` for a file that is damaged or another's, and as ``load_state_dict``
        does; then no parameter was moved.
        """
        return self.load_state_dict(weights.read(path), strict)

    def _blocks(self) -> dict[str, Any]:
        return {
            name: found
            for name, found in _walk(self, "", set(), whole=lambda x: weights.shape(x) is not None)
            if not isinstance(found, Module)
        }

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to 0, before the next ``backward()`` adds to it."""
        for parameter in self.parameters():
            parameter.grad = 0.0

    def label_parameters(self) -> None:
        """Give every parameter its name as its label, for pictures and texts."""
        for name, parameter in self.named_parameters():
            parameter.label = name

    def _parts(self) -> Sequence[Any] | None:
        """What it is made of, for its printed form, if that lists parts."""
        return None

    def __repr__(self) -> str:
        return self._form(LONGEST)

    def _form(self, longest: int) -> str:
        """The printed form, shortened beyond so many characters."""
        parts = self._parts()
        if parts is None:
            return f"{type(self).__name__}()"
        full = list(map(_called, parts))
        short = (
            part._form(0) if isinstance(part, Module) and part._parts() is not None else form
            for part, form in zip(parts, full, strict=True)
        )
        return listed(type(self).__name__, full, short, longest)

    def _summary(self) -> tuple[str, str] | None:
        """Its shape and its activation in a notebook's table; None where its parts say theirs.

        By default it has the shapes of the parameters that are in no part of it.
        """
        shapes = [
            f"{name} {' × '.join(map(str, shape)) or '1'}"
            for name, found in self._own().items()
            if (shape := weights.shape(found)) is not None
        ]
        return (", ".join(shapes), getattr(self, "activation", "")) if shapes else None

    def _own(self) -> dict[str, Any]:
        """Those of ``_blocks()`` that are in no part of the module."""
        inside = {name for name, module in self.named_modules() if module is not self}
        return {
            name: found
            for name, found in self._blocks().items()
            if not any(name.startswith(f"{part}.") for part in inside)
        }

    def _repr_html_(self) -> str:
        """A table of the layers: shape, activation, how many parameters, and their sum."""
        from ..showing.html import result, table

        rows = [
            (name, type(part).__name__, *said, f"{count:,}")
            for name, part, said, count in _rows(self)
        ]
        more = [(f"… {len(rows) - MOST_ROWS:,} more",)] if len(rows) > MOST_ROWS else []
        head = ("layer", "kind", "shape", "activation", "parameters")
        foot = ("total", "", "", "", f"{len(self.parameters()):,}")
        return result(table(head, [*rows[:MOST_ROWS], *more], foot, numbers=[4]), scrolls="Layers")


def _called(part: Any) -> str:
    """A module by its form; a function, or a row of the table, by its name."""
    names = (getattr(part, name, None) for name in ("__name__", "name"))
    name = (
        None if isinstance(part, Module) else next((x for x in names if isinstance(x, str)), None)
    )
    return name or repr(part)


def _rows(model: Module) -> Iterator[tuple[str, Module, tuple[str, str], int]]:
    """The modules that have a row in the table: name, module, summary, number of parameters."""
    told: list[str] = []  # whose parts have no rows
    for name, part in model.named_modules():
        if any(name.startswith(above) for above in told):
            continue
        if said := part._summary():
            whole = type(part)._summary is not Module._summary
            found = part.parameters() if whole else [*_leaves(list(part._own().values()))]
            if whole:
                told.append(f"{name}." if name else "")
            yield name, part, said, len(found)


#: In a notebook's table; a model of more layers says how many more there are.
MOST_ROWS = 60

#: What parameters are looked for in. Made once: it is a quarter of the time of ``parameters()``.
HOLDERS = (Module, dict, list, tuple)


#: What attributes mostly are, and no array: to ask these for a ``dtype`` takes four times as long.
PLAIN = frozenset({bool, int, float, str, type(None), FunctionType})


def _is_array(item: Any) -> bool:
    """Whether it is an array that may hold Values; NumPy need not be there to ask."""
    return (
        type(item) not in PLAIN
        and hasattr(item, "dtype")
        and hasattr(item, "ravel")
        and item.dtype == object
    )


def check_replaced(name: str, before: Any, after: Any) -> None:
    """Refuse numbers, warn of computed Values, where parameters were: no optimiser moves them.

    Optimisers hear of new parameters there, which they do not move either.

    >>> check_replaced("Line.slope", Value(2.0), 3.0)
    Traceback (most recent call last):
    TypeError: Line.slope held a parameter, and the bare number 3.0 would not be trained. To set ...
    """
    held, come = list(_leaves(before)), list(_leaves(after))
    old, new = ({x for x in xs if isinstance(x, Value) and is_parameter(x)} for xs in (held, come))
    if not old:
        return
    mixed = any(isinstance(x, Real) for x in held)  # numbers had their place there before
    for x in come:
        if isinstance(x, Real) and not mixed:
            raise TypeError(
                f"{name} held a parameter, and the bare number {x!r} would not be trained. To set "
                f"the number of a parameter p write p.data = {x!r}, for a new one Parameter({x!r})."
            )
        if isinstance(x, Value) and x.op is not None:
            warnings.warn(
                f"{name} held a parameter, and becomes a computed Value ({x.op.symbol}), which no "
                f"optimiser finds or moves. To change the number of a parameter p write p.data = "
                f"..., as in p.data -= rate * p.grad.",
                stacklevel=3,
            )
            return
    if new - old:
        tell_of_replaced(name, old, new)


def _first_operand(x: Any) -> Any:
    """What ``x`` was before an operator in place, ``y`` of ``y - 0.1``."""
    return x.parents[0] if isinstance(x, Value) and x.op in (add, sub, mul, div) else x


def _leaves(item: Any) -> Iterator[Any]:
    """What lists, tuples, dicts and arrays hold; anything else is its own leaf."""
    if isinstance(item, (list, tuple, dict)):
        for entry in item.values() if isinstance(item, dict) else item:
            yield from _leaves(entry)
    elif hasattr(item, "dtype") and hasattr(item, "ravel"):
        yield from item.ravel().tolist()
    else:
        yield item


def _walk(
    item: Any,
    name: str,
    seen: set[int],
    whole: Callable[[Any], bool] = lambda item: False,
    place: tuple[int, ...] = (),
) -> Iterator[tuple[str, Any]]:
    """Every module and parameter in an attribute, each once, with its first name.

    A list or an array that is to be taken ``whole`` is given in the place of what it holds.
    ``place`` is where the item stands in lists of that name.
    """
    if not (isinstance(item, (Value, *HOLDERS)) or _is_array(item)) or id(item) in seen:
        return
    seen.add(id(item))
    if isinstance(item, (list, tuple)) and not whole(item):
        for i, value in enumerate(item, start=1):
            yield from _walk(value, name, seen, whole, (*place, i))
        return
    if len(place) == 1 and not name[-1:].isdigit():
        name = f"{name.removesuffix('s')}{place[0]}"
    else:
        name = _indexed(name, place)
    if not isinstance(item, Value) and whole(item):
        yield name, item
    elif isinstance(item, Value):
        if is_parameter(item):
            yield name, item
    elif isinstance(item, Module):
        yield name, item
        prefix = f"{name}." if name else ""
        for attribute, value in vars(item).items():
            yield from _walk(value, prefix + attribute, seen, whole)
    elif isinstance(item, dict):
        for key, value in item.items():
            yield from _walk(value, f"{name}.{key}", seen, whole)
    else:
        for at in itertools.product(*map(range, item.shape)):
            yield from _walk(item[at], _indexed(name, [i + 1 for i in at]), seen, whole)


def _indexed(name: str, place: Sequence[int]) -> str:
    """``W[1,2]``; the name alone where there is no place."""
    return f"{name}[{','.join(map(str, place))}]" if place else name
