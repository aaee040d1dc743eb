"""The language between scalars and NumPy: a handful of array instructions.

``Arrays`` makes instructions and numbers them. Two equal instructions are one (so whatever is
computed twice in the graph is computed once), numbers are folded, ``x + 0`` is x. An instruction
knows its shape; the printer, the derivative and the batch transform each read the same few kinds:

========= =============================================================== ====================
kind      value                                                           data
========= =============================================================== ====================
leaf      an argument of the program                                      its name
number    a float                                                         the float
table     an array of fixed numbers                                       the array
map       a primitive, element by element, operands broadcast as in NumPy the primitive
reduce    a primitive of many operands, along the first axis              the primitive
total     the sum over some axes                                          the axes
contract  a sum of products: ``ij,jk->ik`` is a matrix product            three label strings
slice     a rectangle of an array                                         one slice per axis
reshape   the same numbers in another shape                               the shape
align     axes permuted, new axes of length 1 where None                  axis or None, each
expand    repeated along axes, as NumPy broadcasts                        the shape
take      chosen numbers of the flattened array                           their positions
scatter   zeros of some shape, operand added at chosen positions          positions, shape
join      arrays and gaps of zeros in a row along one axis                axis, pieces
stack     scalars, or arrays of one shape, along a new first axis         nothing
========= =============================================================== ====================

The last axis may have the length ``BATCH``, known only when the program runs.

Next: ``freeze.py``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ... import ops
from ...engine.primitive import Primitive, Unary

#: sech² of arrays in one step. 1 − tanh² would be quicker, and lose every digit in the tails.
SECH2 = Unary(
    "sech2", "sech²", lambda x: ops.sech(x) ** 2, lambda z, x: (-2.0 * z * x.tanh(),),
    numpy="4 * np.exp(-2 * np.abs({x})) / np.square(1 + np.exp(-2 * np.abs({x})))",
)  # fmt: skip
CHAINS = {ops.sum: ops.add, ops.prod: ops.mul}

#: The length of a batch axis: as many as the call brings.
BATCH = -1

Shape = tuple[int, ...]


class Array:
    """One instruction: its kind, its operands, the data that belongs to the kind, its shape."""

    __slots__ = ("data", "index", "kind", "operands", "shape")

    def __init__(
        self, index: int, kind: str, operands: tuple[Array, ...], data: Any, shape: Shape
    ) -> None:
        self.index = index
        self.kind = kind
        self.operands = operands
        self.data = data
        self.shape = shape

    def __repr__(self) -> str:
        operands = ", ".join(f"#{x.index}" for x in self.operands)
        data = "" if self.kind in ("table", "take", "scatter") else f" {self.data!r}"
        return f"#{self.index} {self.kind}{data}({operands}) {self.shape}"


class Arrays:
    """Makes instructions, each distinct one once."""

    def __init__(self) -> None:
        self._known: dict[Any, Array] = {}
        self._count = 0

    def _make(
        self, kind: str, operands: tuple[Array, ...], data: Any, shape: Shape, key: Any = None
    ) -> Array:
        known = (kind, tuple([x.index for x in operands]), data if key is None else key, shape)
        found = self._known.get(known)
        if found is None:
            found = self._known[known] = Array(self._count, kind, operands, data, shape)
            self._count += 1
        return found

    def leaf(self, name: str, shape: Shape) -> Array:
        return self._make("leaf", (), name, shape)

    def number(self, x: float) -> Array:
        return self._make("number", (), x, (), key=(x, math.copysign(1.0, x)))

    def table(self, numbers: NDArray[Any]) -> Array:
        """Fixed numbers; one float where they are all the same."""
        if numbers.size and (numbers == numbers.flat[0]).all():
            return self.number(float(numbers.flat[0]))
        numbers = np.ascontiguousarray(numbers)
        key = (numbers.dtype.char, numbers.tobytes())
        return self._make("table", (), numbers, numbers.shape, key=key)

    def map(self, op: Primitive, *xs: Array) -> Array:
        """The primitive on each element, simplified where numbers allow it."""
        simple = self._simplified(op, xs) or self._written_out(op, xs)
        if simple is not None:
            return simple
        return self._make("map", xs, op, broadcast([x.shape for x in xs]))

    def _simplified(self, op: Primitive, xs: tuple[Array, ...]) -> Array | None:
        numbers = [x.data for x in xs if x.kind == "number"]
        if not numbers:
            return self._joined_signs(op, xs)
        if len(numbers) == len(xs):
            return self._folded(op, numbers)
        if len(xs) != 2:
            return None
        x, y = xs
        if op is ops.mul:
            if y.kind == "number":
                x, y = y, x
            if x.data == 1.0:
                return y
            if x.data == -1.0:
                return self.map(ops.neg, y)
            if y.kind == "map" and y.data is ops.mul and y.operands[0].kind == "number":
                return self.map(ops.mul, self.number(x.data * y.operands[0].data), y.operands[1])
            if y.kind == "map" and y.data is ops.neg:
                return self.map(ops.mul, self.number(-x.data), y.operands[0])
            return self._make("map", (x, y), op, y.shape)
        if op is ops.add and x.kind == "number" and x.data == 0.0:
            return y
        if op in (ops.add, ops.sub) and y.kind == "number" and y.data == 0.0:
            return x
        if op is ops.sub and x.kind == "number" and x.data == 0.0:
            return self.map(ops.neg, y)
        return x if op is ops.div and y.kind == "number" and y.data == 1.0 else None

    def _written_out(self, op: Primitive, xs: tuple[Array, ...]) -> Array | None:
        """Operations of many operands in those of two; e^(x − y) of arrays in two steps."""
        if op in CHAINS:
            total = xs[0]
            for x in xs[1:]:
                total = self.map(CHAINS[op], total, x)
            return total
        if op is ops.mean:
            return self.map(ops.mul, self.number(1.0 / len(xs)), self.map(ops.sum, *xs))
        if op.name == "power" and op.args[0] in (1.0, 2.0, 3.0, -1.0):
            return self._whole_power(int(op.args[0]), xs[0])
        if op is ops.square and xs[0].kind == "map" and xs[0].data is ops.sech and xs[0].shape:
            return self.map(SECH2, xs[0].operands[0])
        if op is ops.exp_difference and any(x.shape for x in xs):
            return self.map(ops.exp, self.map(ops.sub, *xs))
        return None

    def _whole_power(self, n: int, x: Array) -> Array:
        """Products instead of ``np.power``, which takes ten times as long."""
        if n == -1:
            return self.map(ops.div, self.number(1.0), x)
        square = self.map(ops.square, x)
        return x if n == 1 else square if n == 2 else self.map(ops.mul, x, square)

    def _joined_signs(self, op: Primitive, xs: tuple[Array, ...]) -> Array | None:
        """a + a is 2·a; a + (−b) is a − b; −(−a) is a; a · (1/b) is a/b."""
        if op is ops.mul:
            for x, y in (xs, xs[::-1]):
                if y.kind == "map" and y.data is ops.div and y.operands[0].data == 1.0:
                    return self.map(ops.div, x, y.operands[1])
        if op is ops.add and xs[0] is xs[1]:
            return self.map(ops.mul, self.number(2.0), xs[0])
        negative = [x.kind == "map" and x.data is ops.neg for x in xs]
        if op is ops.neg and negative[0]:
            return xs[0].operands[0]
        if op is ops.neg and xs[0].kind == "map" and xs[0].data is ops.mul:
            factor, x = xs[0].operands
            if factor.kind == "number":
                return self.map(ops.mul, self.number(-factor.data), x)
        if op is ops.add and negative[1]:
            return self.map(ops.sub, xs[0], xs[1].operands[0])
        if op is ops.add and negative[0]:
            return self.map(ops.sub, xs[1], xs[0].operands[0])
        if op is ops.sub and negative[1]:
            return self.map(ops.add, xs[0], xs[1].operands[0])
        return None

    def _folded(self, op: Primitive, numbers: list[float]) -> Array | None:
        try:
            z = op.compute(tuple(numbers)) if op.arity is None else op.compute(*numbers)
        except (ArithmeticError, ValueError):
            return None  # let it come out when the program runs
        return self.number(z) if math.isfinite(z) else None

    def reduce(self, op: Primitive, x: Array) -> Array:
        """The primitive along the first axis."""
        if op is ops.sum:
            return self.total(x, (0,))
        if op is ops.held_max and x.kind == "map" and x.data is ops.sub:
            shifted, top = x.operands
            if top.kind == "reduce" and top.data is op and top.operands[0] is shifted:
                return self.number(0.0)  # the largest of xs − max(xs)
        if op is ops.logsumexp:  # np.logaddexp.reduce takes ten times as long
            top = self.reduce(ops.held_max, x)
            powers = self.map(ops.exp_difference, x, top)
            return self.map(ops.add, top, self.map(ops.log, self.total(powers, (0,))))
        return self._make("reduce", (x,), op, x.shape[1:])

    def total(self, x: Array, axes: Iterable[int]) -> Array:
        """The sum over the axes, which disappear."""
        axes = tuple(axes)
        if not axes:
            return x
        if x.kind == "expand" and not x.operands[0].shape and BATCH not in x.shape:
            count = math.prod([x.shape[axis] for axis in axes])
            rest = tuple([n for axis, n in enumerate(x.shape) if axis not in axes])
            return self.expand(self.map(ops.mul, self.number(float(count)), x.operands[0]), rest)
        if x.kind == "map" and x.data is ops.mul and x.operands[0].kind == "number":
            return self.map(ops.mul, x.operands[0], self.total(x.operands[1], axes))
        if x.kind == "map" and x.data is ops.neg:
            return self.map(ops.neg, self.total(x.operands[0], axes))
        if x.kind == "contract":
            la, lb, out = x.data
            kept = "".join(label for axis, label in enumerate(out) if axis not in axes)
            return self.contract(x.operands[0], x.operands[1], (la, lb, kept))
        if x.kind == "map" and x.data is ops.mul and len(axes) == len(x.shape):
            a, b = x.operands
            if a.shape == b.shape:
                labels = "ijklmnopqrstuvwxyz"[: len(axes)]
                return self.contract(a, b, (labels, labels, ""))
        shape = tuple([n for axis, n in enumerate(x.shape) if axis not in axes])
        return self._make("total", (x,), axes, shape)

    def contract(self, a: Array, b: Array, labels: tuple[str, str, str]) -> Array:
        """The sum of products over every label that the third string leaves out."""
        for x, y, swapped in ((a, b, False), (b, a, True)):
            if x.kind == "map" and x.data is ops.mul and x.operands[0].kind == "number":
                pair = (y, x.operands[1]) if swapped else (x.operands[1], y)
                return self.map(ops.mul, x.operands[0], self.contract(*pair, labels))
        a, la = self._summed_alone(a, labels[0], labels[1] + labels[2])
        b, lb = self._summed_alone(b, labels[1], labels[0] + labels[2])
        extent = lengths_of([a, b], [la, lb])
        out = labels[2]
        shape = tuple([extent[label] for label in out])
        if not set(la + lb) - set(out):  # nothing is summed: a product with broadcasting
            left = self.align(a, tuple([la.index(x) if x in la else None for x in out]))
            right = self.align(b, tuple([lb.index(x) if x in lb else None for x in out]))
            return self.map(ops.mul, left, right)
        return self._make("contract", (a, b), (la, lb, out), shape)

    def _summed_alone(self, x: Array, labels: str, others: str) -> tuple[Array, str]:
        """The operand summed over the labels that nothing else has."""
        alone = [axis for axis, label in enumerate(labels) if label not in others]
        return self.total(x, alone), "".join(label for label in labels if label in others)

    def slice(self, x: Array, slices: tuple[tuple[int, int, int], ...]) -> Array:
        """``x[start:stop:step, …]``, one triple per leading axis; the other axes stay whole."""
        rest = len(x.shape) - len(slices)
        slices += tuple([(0, n, 1) for n in x.shape[len(x.shape) - rest :]])
        whole = all(s == (0, n, 1) for s, n in zip(slices, x.shape, strict=True))
        shape = tuple(
            [stop if stop == BATCH else len(range(*s)) for s in slices for stop in s[1:2]]
        )
        return x if whole else self._make("slice", (x,), slices, shape)

    def reshape(self, x: Array, shape: Shape) -> Array:
        if x.shape == shape:
            return x
        if x.kind == "reshape":
            return self.reshape(x.operands[0], shape)
        return self._make("reshape", (x,), shape, shape)

    def align(self, x: Array, axes: tuple[int | None, ...]) -> Array:
        """Axis ``axes[i]`` of x comes i-th; None is a new axis of length 1."""
        if axes == tuple(range(len(x.shape))) or not x.shape:
            return x  # a scalar stands beside anything as it is
        if x.kind == "align":
            axes = tuple([None if axis is None else x.data[axis] for axis in axes])
            return self.align(x.operands[0], axes)
        shape = tuple([1 if axis is None else x.shape[axis] for axis in axes])
        return self._make("align", (x,), axes, shape)

    def expand(self, x: Array, shape: Shape) -> Array:
        """Repeated along the axes in which the shape is longer."""
        return x if x.shape == shape else self._make("expand", (x,), shape, shape)

    def take(self, x: Array, positions: NDArray[Any]) -> Array:
        """``x`` at these positions of its flattened form (a batch axis stays behind)."""
        shape = positions.shape + x.shape[len(x.shape) - batched(x) :]
        return self._make(
            "take", (x,), positions, shape, key=(positions.shape, positions.tobytes())
        )

    def scatter(self, x: Array, positions: NDArray[Any], shape: Shape) -> Array:
        key = (positions.shape, positions.tobytes())
        return self._make("scatter", (x,), positions, shape, key=key)

    def join(self, axis: int, pieces: Sequence[Array | int], shape: Shape) -> Array:
        """Arrays in a row along the axis; a number among the pieces is a gap of so many zeros."""
        arrays = tuple([x for x in pieces if isinstance(x, Array)])
        layout = tuple([None if isinstance(x, Array) else x for x in pieces])
        if layout == (None,):
            return arrays[0]
        return self._make("join", arrays, (axis, layout), shape)

    def stack(self, xs: Sequence[Array]) -> Array:
        return self._make("stack", tuple(xs), None, (len(xs), *xs[0].shape))


def batched(x: Array) -> bool:
    return bool(x.shape) and x.shape[-1] == BATCH


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
