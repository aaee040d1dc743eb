"""``Arguments``: what a function is called with, and the numbers in it to differentiate by.

Next: ``recording.py``.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from operator import index
from typing import Any, NamedTuple, SupportsIndex, TypeAlias

from .. import ops
from ..engine.arrays import along_axes
from ..value import Value
from .trees import Make, Tree, block, number, row_like, tree_of

Argnums: TypeAlias = SupportsIndex | Sequence[SupportsIndex]

_same = ops.power(1.0)


class Given(Value):
    """A leaf that stands for a bare number given to a transform.

    While the function runs (``active``), a transform within it has to see the leaf; afterwards it
    stands for nothing outside.
    """

    __slots__ = ("active",)

    def __init__(self, data: float, label: str = "") -> None:
        super().__init__(data, label=label)
        self.active = False


Given.__name__ = "Value"  # as which it shows itself


class Variable(NamedTuple):
    """A differentiated argument: its position, its structure, and its places among the leaves."""

    position: int
    tree: Tree
    places: slice


class Arguments:
    """The arguments of ``f(*args, **named)``; ``leaves`` are the numbers that ``argnums`` names.

    Raises ``TypeError`` where a structure holds anything but numbers, ``ValueError`` for an
    argument that is not there.
    """

    def __init__(
        self,
        f: Callable[..., object],
        args: Sequence[object],
        argnums: Argnums,
        named: Mapping[str, object] | None = None,
    ) -> None:
        self.f, self.args, self.named = f, list(args), named or {}
        self.several = not isinstance(argnums, SupportsIndex)
        self.leaves: list[Value] = []
        self.variables: list[Variable] = []
        self.nested = False
        for position in _positions(argnums, len(args)):
            self._add(position)

    def _add(self, position: int) -> None:
        start = len(self.leaves)
        path = f"argument {position}"
        try:
            tree, row = tree_of(self.args[position], path)
            self.leaves += [self._leaf(x, tree, i, path) for i, x in enumerate(row)]
        except TypeError:  # once more, with the name that f gives it; to ask f takes a while
            path = f"Argument {self._name(position)}"
            tree, row = tree_of(self.args[position], path)
            self.leaves[start:] = [self._leaf(x, tree, i, path) for i, x in enumerate(row)]
        self.variables.append(Variable(position, tree, slice(start, len(self.leaves))))

    def _leaf(self, x: object, tree: Tree, i: int, path: str) -> Value:
        if type(x) is float:
            return Given(x)
        if isinstance(x, Value):
            self.nested = True
            return _same(x)
        return Given(number(x, tree, i, path))

    def filled(self, leaves: Sequence[Any]) -> list[Any]:
        """The arguments, with these in the places of the leaves."""
        args = list(self.args)
        for position, tree, places in self.variables:
            args[position] = tree.filled(leaves[places])
        return args

    def names(self) -> list[str]:
        """What to call each leaf: ``x``, or ``x[0]``, ``x[1]``, … of a vector."""
        return [name for v in self.variables for name in v.tree.names(self._name(v.position))]

    def _name(self, position: int) -> str:
        """What f calls an argument."""
        try:
            parameters = list(inspect.signature(self.f).parameters.values())
        except (TypeError, ValueError):  # some functions written in C do not tell
            parameters = []
        known = [p.name for p in parameters if p.kind is not p.VAR_POSITIONAL]
        return known[position] if position < len(known) else f"args[{position}]"

    def answer(self, derivatives: Sequence[Any]) -> Any:
        """Derivatives, one per leaf, in the structure of the arguments."""
        return self._made(lambda place, shape: along_axes(derivatives[place], shape))

    def blocks(self, matrix: Any) -> Any:
        """One row and one column per leaf: the structure of the arguments, twice."""
        return self._made(lambda rows, shape: self.beside(matrix, rows, shape))

    def beside(self, matrix: Any, rows: slice, shape: tuple[int, ...]) -> Any:
        """Rows of these axes, with one column per leaf: the structure of the arguments."""
        return self._made(lambda columns, last: block(matrix, rows, columns, shape + last))

    def _made(self, make: Make) -> Any:
        parts = [variable.tree.made(make, variable.places.start) for variable in self.variables]
        return tuple(parts) if self.several else parts[0]

    def like_inputs(self, tangents: Sequence[object], what: str = "tangent") -> list[Any]:
        """A tangent per argument as a flat list, one number per leaf."""
        if len(tangents) != len(self.variables):
            raise ValueError(
                f"There is one {what} per argument: {len(self.variables)}; got {len(tangents)}."
            )
        row: list[Any] = []
        for (position, tree, _), tangent in zip(self.variables, tangents, strict=True):
            row += row_like(tree, tangent, f"The {what} of argument {position}")
        return row


def _positions(argnums: Argnums, count: int) -> list[int]:
    """``argnums`` as a list; negative ones count from the end, as everywhere in Python."""
    wanted = [argnums] if isinstance(argnums, SupportsIndex) else list(argnums)
    for position in wanted:
        if not (isinstance(position, SupportsIndex) and -count <= index(position) < count):
            raise ValueError(
                f"argnums names argument {position!r}, but f was called with {count} positional "
                f"arguments (numbered from 0)."
            )
    positions = [index(position) % count for position in wanted]
    if len(set(positions)) < len(positions):
        raise ValueError(f"argnums names each argument once; got {argnums!r}.")
    return positions
