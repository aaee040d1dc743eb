"""The language between scalars and NumPy: a handful of array instructions, one class per kind.

An instruction knows its operands and its shape; the printer, the derivative, the batch transform
and the machine code each read the same few kinds, with ``match``. The last axis may have the
length ``BATCH``, known only when the program runs. ``Arrays`` (in ``maker.py``) makes them.

Next: ``identities.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeVar, dataclass_transform

import numpy as np
from numpy.typing import NDArray

from ... import ops
from ...engine.primitive import Primitive

#: Rows that only the package calls: a choice, and the largest number of a softmax, held constant.
WHERE, LARGEST = ops.where, ops.held_max

#: The length of a batch axis: as many as the call brings.
BATCH = -1

Shape = tuple[int, ...]
Triple = tuple[int, int, int]  # start, stop, step
Numbers = NDArray[Any]  # of floats, or whole ones


# --- the kinds ------------------------------------------------------------------------------------

T = TypeVar("T")


@dataclass_transform(eq_default=False, frozen_default=True)
def kind(cls: type[T]) -> type[T]:
    """A kind of instruction: equal only to itself, and never changed.

    Type checkers see to the latter. ``frozen=True`` would see to it when it runs, and make an
    instruction in 490 ns instead of 150: 3 % of compiling a recurrence.
    """
    return dataclass(eq=False, repr=False, slots=True)(cls)


@kind
class Instruction:
    """What every kind has: its number, what it reads, the shape of what it makes."""

    index: int
    operands: tuple[Array, ...]
    shape: Shape

    def __repr__(self) -> str:
        data = [getattr(self, field.name) for field in fields(self)[3:]]
        shown = ["…" if isinstance(x, np.ndarray) else repr(x) for x in data]
        read = ", ".join([f"#{x.index}" for x in self.operands] + shown)
        return f"#{self.index} {type(self).__name__}({read}) {self.shape}"


@kind
class Leaf(Instruction):
    """An argument of the program."""

    name: str


@kind
class Number(Instruction):
    """One float."""

    value: float


@kind
class Table(Instruction):
    """An array of fixed numbers."""

    numbers: Numbers


@kind
class Map(Instruction):
    """A primitive, element by element, the operands broadcast as in NumPy."""

    op: Primitive


@kind
class Reduce(Instruction):
    """A primitive of many operands, along the first axis."""

    op: Primitive


@kind
class Total(Instruction):
    """The sum over some axes, which disappear."""

    axes: tuple[int, ...]


@kind
class Contract(Instruction):
    """A sum of products: the labels ``("ij", "jk", "ik")`` say that it is a matrix product."""

    labels: tuple[str, str, str]


@kind
class Slice(Instruction):
    """A rectangle of the operand: one start, stop and step per axis."""

    slices: tuple[Triple, ...]


@kind
class Reshape(Instruction):
    """The same numbers in another shape."""


@kind
class Align(Instruction):
    """Axis ``axes[i]`` of the operand comes i-th; None is a new axis of length 1."""

    axes: tuple[int | None, ...]


@kind
class Expand(Instruction):
    """Repeated along axes, as NumPy broadcasts."""


@kind
class Take(Instruction):
    """The numbers at these positions of the flattened operand (a batch axis stays behind)."""

    positions: Numbers


@kind
class Scatter(Instruction):
    """Zeros, with the operand added at these positions of the flattened array."""

    positions: Numbers


@kind
class Join(Instruction):
    """The operands in a row along the axis: one None in the layout for each, a number for a gap
    of so many zeros."""

    axis: int
    layout: tuple[int | None, ...]


@kind
class Stack(Instruction):
    """Scalars, or arrays of one shape, along a new first axis."""


@dataclass(eq=False, slots=True)
class Body:
    """A turn of a loop over scalars, in instructions of its own.

    Its leaves are what the turn before handed on, scalars from outside, and one number of each row;
    ``handed`` says what is handed on in place of each that is ``carried``.
    """

    turns: int
    backwards: bool  # from the last number of each row to the first
    carried: Sequence[Array]
    outside: Sequence[Array]
    series: Sequence[Array]
    handed: Sequence[Array]


@kind
class Loop(Instruction):
    """Turns of a body: the operands are what is carried into the first, those outside, the rows."""

    body: Body


@kind
class Final(Instruction):
    """What a loop hands on at last, of those that it carries the one of this number."""

    which: int


@kind
class Series(Instruction):
    """The row of numbers that an instruction of a loop's body had, turn by turn."""

    of: Array


Array = (
    Leaf | Number | Table | Map | Reduce | Total | Contract | Slice | Reshape | Align | Expand
    | Take | Scatter | Join | Stack | Loop | Final | Series
)  # fmt: skip
#: Kinds that only say where numbers are.
VIEWS = (Slice, Reshape, Align)


# --- shapes ---------------------------------------------------------------------------------------


def batched(x: Array) -> bool:
    return bool(x.shape) and x.shape[-1] == BATCH


def reordered(x: Take) -> bool:
    """Whether x is the vector of parameters in another order, that of their blocks."""
    match x.operands:
        case (Leaf(name="p", shape=shape),):
            return x.shape == shape and counted(np.sort(x.positions))
    return False


def same_numbers(a: Numbers, b: Numbers) -> bool:
    """Whether all are equal, where 0.0 and -0.0 are not.

    >>> same_numbers(np.array([0.0, 1.0]), np.array([-0.0, 1.0]))
    False
    """
    return bool((a == b).all() and (np.signbit(a) == np.signbit(b)).all())


def counted(positions: Numbers) -> bool:
    """Whether the positions are 0, 1, 2, …"""
    return bool((positions.ravel() == np.arange(positions.size)).all())


def broadcast(shapes: Sequence[Shape]) -> Shape:
    """The shape of an operation on arrays of these shapes, by NumPy's rule.

    >>> broadcast([(3, 1), (4,), ()])
    (3, 4)
    """
    if all(shape == shapes[0] for shape in shapes):
        return shapes[0]
    longest = max(map(len, shapes))
    padded = [(1,) * (longest - len(shape)) + shape for shape in shapes]
    return tuple([next((n for n in column if n != 1), 1) for column in zip(*padded, strict=True)])


def lengths_of(operands: Iterable[Array], labels: Iterable[str]) -> dict[str, int]:
    """How long the axis of each label is: one string of labels per operand."""
    lengths: dict[str, int] = {}
    for x, names in zip(operands, labels, strict=True):
        lengths.update(zip(names, x.shape, strict=True))
    return lengths


def reachable(outputs: Iterable[Array]) -> list[Array]:
    """The instructions that the outputs need, in an order in which they can run."""
    needed: dict[int, Array] = {}
    stack = list(outputs)
    while stack:
        x = stack.pop()
        if x.index not in needed:
            needed[x.index] = x
            stack.extend(x.operands)
    return [needed[index] for index in sorted(needed)]


def readers_of(order: Iterable[Array]) -> dict[Array, list[Array]]:
    """Who reads each of these instructions; each comes after what it reads."""
    readers: dict[Array, list[Array]] = {}
    for x in order:
        readers[x] = []
        for operand in x.operands:
            readers[operand].append(x)
    return readers
