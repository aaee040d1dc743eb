"""Trees: arguments and answers of any structure, and the row of numbers that each stands for.

Derivatives are of numbers by numbers, in a row. A ``Tree`` is what remains of a structure without
them: ``Number``, one number; ``Numbers``, an array of any shape, or a list or tuple of numbers,
which is a vector; ``Branches``, a dict, list or tuple that holds any of these.

A tree puts other numbers in the places of those that came (``filled``), such as Values for the
function to work on, and makes the parts of an answer from a row of derivatives (``made``): a float
for a number, an array for a vector or an array, and dicts, lists and tuples as they were. Where
NumPy is not, lists are in the place of arrays.

Next: ``arguments.py``.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise, product
from math import prod
from typing import Any, TypeAlias

from ..engine.arrays import along_axes, has_numpy, is_array, np
from ..engine.inputs import REAL, real
from ..value import Value

#: Makes a part of an answer, from its places in the row and its axes.
Make: TypeAlias = Callable[[slice, tuple[int, ...]], Any]

#: A matrix of so many entries is made in lists: many of them are of one number by one number.
SMALL = 64


@dataclass(frozen=True, slots=True)
class Number:
    """One number; an array without axes is one."""

    @property
    def size(self) -> int:
        return 1

    def __str__(self) -> str:
        return "one bare number"

    def names(self, path: str) -> Iterator[str]:
        yield path

    def filled(self, values: Sequence[Any]) -> Any:
        return values[0]

    def made(self, make: Make, start: int = 0) -> Any:
        return make(slice(start, start + 1), ())


@dataclass(frozen=True, slots=True)
class Numbers:
    """Numbers along axes: a list or tuple of numbers, as ``kind`` says, or an array."""

    kind: type[list[Any]] | type[tuple[Any, ...]] | None
    shape: tuple[int, ...]

    @property
    def size(self) -> int:
        return prod(self.shape)

    def __str__(self) -> str:
        flat = len(self.shape) == 1
        return f"a vector of {self.size}" if flat else f"an array of shape {self.shape}"

    def names(self, path: str) -> Iterator[str]:
        for place in product(*map(range, self.shape)):
            yield f"{path}[{', '.join(map(str, place))}]"

    def filled(self, values: Sequence[Any]) -> Any:
        return self.kind(values) if self.kind else along_axes(values, self.shape)

    def made(self, make: Make, start: int = 0) -> Any:
        return make(slice(start, start + self.size), self.shape)


@dataclass(frozen=True, slots=True)
class Branches:
    """A container of trees; ``like`` is the one that came, whose kind and keys are kept."""

    like: Any
    steps: tuple[str, ...]  # from the container to each tree, as one writes them: ["w"], [0], .x
    trees: tuple[Tree, ...]

    @property
    def size(self) -> int:
        return sum(tree.size for tree in self.trees)

    def __str__(self) -> str:
        kind = type(self.like).__name__
        return f"a {kind} of {len(self.trees)} ({', '.join(self.steps)})"

    def names(self, path: str) -> Iterator[str]:
        for step, tree in zip(self.steps, self.trees, strict=True):
            yield from tree.names(path + step)

    def filled(self, values: Sequence[Any]) -> Any:
        parts = zip(self.trees, pairwise(self._ends()), strict=True)
        return rebuilt(self.like, [tree.filled(values[i:j]) for tree, (i, j) in parts])

    def made(self, make: Make, start: int = 0) -> Any:
        parts = zip(self.trees, self._ends(start), strict=False)
        return rebuilt(self.like, [tree.made(make, begin) for tree, begin in parts])

    def _ends(self, start: int = 0) -> Iterator[int]:
        return accumulate((tree.size for tree in self.trees), initial=start)


Tree: TypeAlias = Number | Numbers | Branches


def tree_of(x: Any, path: str) -> tuple[Tree, list[Any]]:
    """The tree of a structure, and what stands at its places; whether numbers, is not asked yet.

    Raises ``TypeError`` for what is gone through once, or has no order.

    >>> tree, row = tree_of({"w": [1.0, 2.0], "b": 3.0}, "p")
    >>> row, [*tree.names("p")]
    ([1.0, 2.0, 3.0], ['p["w"][0]', 'p["w"][1]', 'p["b"]'])
    >>> cut(tree, [10.0, 20.0, 30.0])
    {'w': array([10., 20.]), 'b': 30.0}
    """
    if type(x) is float:
        return Number(), [x]
    if is_array(x) and x.ndim:
        return Numbers(None, x.shape), x.ravel().tolist()
    if isinstance(x, dict):
        steps = [f'["{key}"]' if isinstance(key, str) else f"[{key!r}]" for key in x]
        return _branches(x, steps, x.values(), path)
    if isinstance(x, list | tuple):
        if hasattr(x, "_fields"):
            return _branches(x, [f".{name}" for name in x._fields], x, path)
        others = [entry for entry in x if type(entry) is not float]
        if any(map(_holds_more, others)):
            return _branches(x, [f"[{i}]" for i in range(len(x))], x, path)
        row = [*map(_without_axes, x)] if others else [*x]
        return Numbers(list if isinstance(x, list) else tuple, (len(x),)), row
    if _holds_more(x):
        once = ", which gives its numbers once" if hasattr(x, "__next__") else ""
        raise TypeError(
            f"{path} is a {type(x).__name__}{once}. Derivatives are for numbers, arrays, and "
            f"lists, tuples and dicts of them: write list(x)."
        )
    return Number(), [_without_axes(x)]


def _branches(
    x: Any, steps: Sequence[str], parts: Iterable[object], path: str
) -> tuple[Branches, list[Any]]:
    row: list[Any] = []
    trees = []
    for step, part in zip(steps, parts, strict=True):
        tree, found = tree_of(part, path + step)
        trees.append(tree)
        row += found
    return Branches(x, tuple(steps), tuple(trees)), row


def _holds_more(x: object) -> bool:
    """Whether x is no number but something that holds some; a text is neither."""
    if type(x) is float or isinstance(x, Value | str | bytes):
        return False
    return bool(getattr(x, "ndim", 1)) and isinstance(x, Iterable)


def _without_axes(x: Any) -> Any:
    """The number that NumPy's numbers, and arrays without axes, hold."""
    return x.item() if type(x) is not float and getattr(x, "shape", None) == () else x


def row_like(tree: Tree, x: Any, title: str) -> list[Any]:
    """The numbers of a structure that has to be like the tree; lists and arrays count as alike.

    Raises ``ValueError`` where it is not, ``TypeError`` for what is no number.

    >>> tree, _ = tree_of(np.zeros((2, 2)), "W")
    >>> row_like(tree, [[1, 2], [3, 4]], "The tangent of W")
    [1.0, 2.0, 3.0, 4.0]
    """
    if isinstance(tree, Branches):
        below = zip(tree.steps, tree.trees, _parts(tree, x, title), strict=True)
        return [y for step, branch, part in below for y in row_like(branch, part, title + step)]
    if isinstance(tree, Numbers) and len(tree.shape) > 1 and isinstance(x, list | tuple):
        x = np.array(x, dtype=object)
    came, row = tree_of(x, title)
    if came != tree and getattr(came, "shape", None) != getattr(tree, "shape", ()):
        raise _unlike(tree, came, title)
    for i, entry in enumerate(row):
        if not isinstance(entry, Value):
            row[i] = number(entry, tree, i, title)
    return row


def number(entry: object, tree: Tree, i: int, path: str) -> float:
    """A number at the i-th place of a tree; ``TypeError``, with that place, for anything else."""
    if isinstance(entry, REAL):
        return float(entry)
    return real(entry, f"{[*tree.names(path)][i]} holds")


def _parts(tree: Branches, x: Any, title: str) -> list[Any]:
    """The parts of x that belong to the trees of a container."""
    if isinstance(tree.like, dict):
        if isinstance(x, dict) and set(x) == set(tree.like):
            return [x[key] for key in tree.like]
    elif isinstance(x, list | tuple) or (is_array(x) and x.ndim):
        parts: list[Any] = list(x)
        if len(parts) == len(tree.trees):
            return parts
    raise _unlike(tree, tree_of(x, title)[0], title)


def _unlike(tree: Tree, came: Tree, title: str) -> ValueError:
    return ValueError(f"{title} has its shape, {tree}; got {came}.")


def rebuilt(like: Any, parts: Sequence[Any]) -> Any:
    """A container of the same kind, with the same keys, and other parts."""
    if type(like) is dict:
        return dict(zip(like, parts, strict=True))
    if isinstance(like, dict):  # with an order or a default of its own
        made = copy.copy(like)
        made.update(zip(like, parts, strict=True))
        return made
    if hasattr(like, "_fields"):
        return type(like)(*parts)
    return list(parts) if isinstance(like, list) else tuple(parts)


def in_floats(x: Any) -> Any:
    """A structure of anything with the number of each Value in its place.

    >>> in_floats({"loss": Value(2.0), "step": 3, "name": "adam"})
    {'loss': 2.0, 'step': 3, 'name': 'adam'}
    """
    if isinstance(x, Value):
        return x.data
    if isinstance(x, dict):
        return rebuilt(x, [*map(in_floats, x.values())])
    if type(x) in (list, tuple) or hasattr(x, "_fields"):
        return rebuilt(x, [*map(in_floats, x)])
    if is_array(x) and x.dtype == object and any_value(x.flat):
        numbers = np.array([*map(in_floats, x.flat)], dtype=object).reshape(x.shape)
        return numbers.astype(float) if all(isinstance(y, REAL) for y in numbers.flat) else numbers
    return x


def cut(tree: Tree, row: Sequence[Any]) -> Any:
    """A row of numbers, or of Values, in the structure of a tree."""
    return tree.made(lambda place, shape: along_axes(row[place], shape))


def zeros(rows: int, columns: int) -> Any:
    """A matrix of zeros: as an array, or as rows in lists where it is small, or NumPy is not."""
    if rows * columns > SMALL and has_numpy():
        return np.zeros((rows, columns))
    return [[0.0] * columns for _ in range(rows)]


def block(matrix: Any, rows: slice, columns: slice, shape: tuple[int, ...]) -> Any:
    """A block of a matrix, whose rows are lists or which is an array, along these axes.

    >>> block([[1.0, 2.0], [3.0, 4.0]], slice(2), slice(1, 2), (2,))
    array([2., 4.])
    """
    if is_array(matrix):
        part = matrix[rows, columns].reshape(shape)
        return part if shape else part.item()
    return along_axes([x for row in matrix[rows] for x in row[columns]], shape)


def any_value(values: Iterable[object]) -> bool:
    """Whether there is a Value among them."""
    return any(isinstance(value, Value) for value in values)
