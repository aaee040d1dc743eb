"""Making instructions: each distinct one once, simplified by the table of identities.

Two equal instructions are one, so whatever is computed twice in a graph is computed once.

Next: ``rules.py``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import fields
from typing import Any, NamedTuple, get_args

import numpy as np

from ... import ops
from ...engine.primitive import Primitive
from .identities import REWRITES
from .instructions import (
    BATCH,
    Align,
    Array,
    Body,
    Contract,
    Expand,
    Final,
    Join,
    Leaf,
    Loop,
    Map,
    Number,
    Numbers,
    Reduce,
    Reshape,
    Scatter,
    Series,
    Shape,
    Slice,
    Stack,
    Table,
    Take,
    Total,
    Triple,
    batched,
    broadcast,
    counted,
    lengths_of,
    reachable,
    reordered,
    same_numbers,
)

#: What instructions of a kind hold beside their number, operands and shape.
DATA = {kind: [field.name for field in fields(kind)[3:]] for kind in get_args(Array)}


class Arrays:
    """Makes instructions, each distinct one once.

    >>> arrays = Arrays()
    >>> x = arrays.leaf("x", (3,))
    >>> arrays.map(ops.add, x, arrays.number(0.0)) is x
    True
    """

    def __init__(self) -> None:
        self._known: dict[Hashable, Array] = {}

    def make(
        self,
        kind: Callable[..., Array],
        operands: tuple[Array, ...],
        shape: Shape,
        *data: Any,
        key: Hashable = None,
    ) -> Array:
        """The instruction as it is; a ``key`` stands for data that have no hash of their own."""
        if key is None and data:
            (key,) = data
        known = (kind, tuple([x.index for x in operands]), shape, key)
        found = self._known.get(known)
        if found is None:
            found = self._known[known] = kind(len(self._known), operands, shape, *data)
        return found

    def again(self, x: Array, operands: tuple[Array, ...]) -> Array:
        """The instruction x, of other operands in the same shapes."""
        if operands == x.operands:
            return x
        if isinstance(x, Map):
            return self.map(x.op, *operands)
        data = [getattr(x, name) for name in DATA[type(x)]]
        return self.make(type(x), operands, x.shape, *data, key=("again", x.index))

    def leaf(self, name: str, shape: Shape) -> Array:
        return self.make(Leaf, (), shape, name)

    def number(self, x: float) -> Array:
        return self.make(Number, (), (), x, key=(x, math.copysign(1.0, x)))

    def table(self, numbers: Numbers) -> Array:
        """Fixed numbers; one float where they are all the same."""
        if numbers.size and same_numbers(numbers, numbers.flat[0]):
            return self.number(float(numbers.flat[0]))
        return self.row(numbers)

    def row(self, numbers: Numbers) -> Array:
        """Fixed numbers, even where they are all the same."""
        numbers = np.ascontiguousarray(numbers)
        key = (numbers.dtype.char, numbers.tobytes())
        return self.make(Table, (), numbers.shape, numbers, key=key)

    # --- arithmetic: simplified by the identities ---

    def map(self, op: Primitive, *xs: Array) -> Array:
        """The primitive on each element."""
        first, last = isinstance(xs[0], Number), isinstance(xs[-1], Number)
        if first and last and (z := _folded(op, xs)) is not None:
            return self.number(z)
        for rewrite in REWRITES.get(((op.name, *op.args) if op.args else op, first, last), ()):
            if (simple := rewrite(self, *xs)) is not None:
                return simple
        shapes = [x.shape for x in xs]
        return self.make(Map, xs, broadcast(shapes) if any(shapes) else (), op)

    def reduce(self, op: Primitive, x: Array) -> Array:
        """The primitive along the first axis."""
        for rewrite in REWRITES.get((Reduce, op), ()):
            if (simple := rewrite(self, x)) is not None:
                return simple
        return self.make(Reduce, (x,), x.shape[1:], op)

    def total(self, x: Array, axes: Iterable[int]) -> Array:
        """The sum over the axes, which disappear."""
        axes = tuple(axes)
        if not axes:
            return x
        for rewrite in REWRITES[Total]:
            if (simple := rewrite(self, x, axes)) is not None:
                return simple
        return self.make(Total, (x,), _without(axes, x.shape), axes)

    def contract(self, a: Array, b: Array, labels: tuple[str, str, str]) -> Array:
        """The sum of products over every label that the third string leaves out."""
        for rewrite in REWRITES[Contract]:
            if (simple := rewrite(self, a, b, labels)) is not None:
                return simple
        a, la = self._summed_alone(a, labels[0], labels[1] + labels[2])
        b, lb = self._summed_alone(b, labels[1], labels[0] + labels[2])
        out = labels[2]
        if not set(la + lb) - set(out):  # nothing is summed: a product with broadcasting
            left = self.align(a, tuple([la.index(x) if x in la else None for x in out]))
            right = self.align(b, tuple([lb.index(x) if x in lb else None for x in out]))
            return self.map(ops.mul, left, right)
        extent = lengths_of([a, b], [la, lb])
        return self.make(Contract, (a, b), tuple([extent[label] for label in out]), (la, lb, out))

    def _summed_alone(self, x: Array, labels: str, others: str) -> tuple[Array, str]:
        """The operand summed over the labels that nothing else has."""
        alone = [axis for axis, label in enumerate(labels) if label not in others]
        return self.total(x, alone), "".join(label for label in labels if label in others)

    # --- the same numbers elsewhere ---

    def slice(self, x: Array, slices: tuple[Triple, ...]) -> Array:
        """``x[start:stop:step, …]``, one triple per leading axis; the other axes stay whole."""
        rest = len(x.shape) - len(slices)
        slices += tuple([(0, n, 1) for n in x.shape[len(x.shape) - rest :]])
        whole = all(s == (0, n, 1) for s, n in zip(slices, x.shape, strict=True))
        shape = tuple(
            [stop if stop == BATCH else len(range(*s)) for s in slices for stop in s[1:2]]
        )
        return x if whole else self.make(Slice, (x,), shape, slices)

    def reshape(self, x: Array, shape: Shape) -> Array:
        if x.shape == shape:
            return x
        if isinstance(x, Reshape):
            return self.reshape(x.operands[0], shape)
        return self.make(Reshape, (x,), shape)

    def align(self, x: Array, axes: tuple[int | None, ...]) -> Array:
        """Axis ``axes[i]`` of x comes i-th; None is a new axis of length 1."""
        if axes == tuple(range(len(x.shape))) or not x.shape:
            return x  # a scalar stands beside anything as it is
        if isinstance(x, Align):
            axes = tuple([None if axis is None else x.axes[axis] for axis in axes])
            return self.align(x.operands[0], axes)
        shape = tuple([1 if axis is None else x.shape[axis] for axis in axes])
        return self.make(Align, (x,), shape, axes)

    def expand(self, x: Array, shape: Shape) -> Array:
        """Repeated along the axes in which the shape is longer."""
        return x if x.shape == shape else self.make(Expand, (x,), shape)

    def take(self, x: Array, positions: Numbers) -> Array:
        """``x`` at these positions of its flattened form (a batch axis stays behind)."""
        if positions.shape == x.shape and counted(positions):
            return x
        shape = positions.shape + x.shape[len(x.shape) - batched(x) :]
        key = (positions.shape, positions.tobytes())
        return self.make(Take, (x,), shape, positions, key=key)

    def scatter(self, x: Array, positions: Numbers, shape: Shape) -> Array:
        """Zeros, with ``x`` added at these positions of their flattened form."""
        if positions.shape == x.shape == shape and counted(np.sort(positions, axis=None)):
            return self.take(x, np.argsort(positions, axis=None).reshape(shape))
        key = (positions.shape, positions.tobytes())
        return self.make(Scatter, (x,), shape, positions, key=key)

    def join(self, axis: int, pieces: Sequence[Array | int], shape: Shape) -> Array:
        """Arrays in a row along the axis; a number among the pieces is a gap of so many zeros."""
        arrays = tuple([x for x in pieces if not isinstance(x, int)])
        layout = tuple([x if isinstance(x, int) else None for x in pieces])
        if layout == (None,):
            return arrays[0]
        return self.make(Join, arrays, shape, axis, layout, key=(axis, layout))

    def stack(self, xs: Sequence[Array]) -> Array:
        return self.make(Stack, tuple(xs), (len(xs), *xs[0].shape))

    # --- loops over scalars ---

    def loop(self, body: Body, operands: Sequence[Array]) -> Array:
        return self.make(Loop, tuple(operands), (), body, key=id(body))

    def final(self, loop: Array, which: int) -> Array:
        return self.make(Final, (loop,), (), which)

    def series(self, loop: Array, of: Array) -> Array:
        """The numbers of an instruction of the loop's body, one for each turn."""
        assert isinstance(loop, Loop)
        return self.make(Series, (loop,), (loop.body.turns,), of, key=of.index)


class Code(NamedTuple):
    """A graph in instructions: what it computes, and by which of them a gradient is taken."""

    arrays: Arrays
    outputs: list[Array]
    leaves: list[Array]
    parameters: list[int]  # the nodes of their numbers, in the order of the flat vector
    rows: Sequence[tuple[str, list[str]]] = ()  # in scalars: the names of each argument's numbers

    def gathers(self) -> int:
        """How many instructions pick numbers one by one, but for the order of the vector."""
        order = reachable(self.outputs)
        return sum(isinstance(x, Take) and not reordered(x) for x in order)


def _without(axes: tuple[int, ...], shape: Shape) -> Shape:
    return tuple([n for axis, n in enumerate(shape) if axis not in axes])


def _folded(op: Primitive, xs: Sequence[Array]) -> float | None:
    """The answer for numbers, if it is finite: else let it come out when the program runs."""
    numbers = [x.value for x in xs if isinstance(x, Number)]
    if len(numbers) < len(xs):
        return None
    return op.finite(tuple(numbers)) if op.arity is None else op.finite(*numbers)
