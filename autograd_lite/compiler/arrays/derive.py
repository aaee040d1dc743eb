"""The derivative of array instructions: the chain rule once per array, not once per number.

A contraction is bilinear: its derivatives are contractions with the same labels, so ``W @ X``
gives ``delta @ X.T`` and ``W.T @ delta``. The derivative of a broadcast is a sum, of a slice a gap
of zeros around it. Those of the primitives are in ``rules.py``.

Next: ``tape.py``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple, assert_never

import numpy as np

from ... import ops
from .instructions import (
    Align,
    Array,
    Contract,
    Expand,
    Final,
    Instruction,
    Join,
    Leaf,
    Loop,
    Map,
    Number,
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
    reachable,
)  # fmt: skip
from .maker import Arrays, Code
from .rules import Applied, Formula, common_form, local_derivatives
from .turns import through_turns

#: So many outer products are added up as one product of two matrices.
STEPS = 4
#: A term of an adjoint that is a rectangle of it.
Piece = tuple[tuple[Triple, ...], Array]
#: From where to where along an axis, and what is there.
Span = tuple[int, int, Array]


class Results(NamedTuple):
    """What a program computes: its outputs, and of one output the gradient by the leaves."""

    outputs: list[Array]
    gradient: list[Array] | None
    adjoints: dict[Array, Array]  # of every instruction on the way to the gradient

    def functions(self) -> dict[str, list[Array]]:
        """What each function of the program computes."""
        if self.gradient is None:
            return {"value": self.outputs}
        return {"value": self.outputs, "value_and_grad": [*self.outputs, *self.gradient]}


def derive(code: Code, gradient: bool) -> Results:
    """The outputs of the code, with their gradient if there is one to be."""
    if not gradient:
        return Results(code.outputs, None, {})
    (y,) = code.outputs
    adjoints = derivative(code.arrays, y, code.leaves)
    return Results(code.outputs, [adjoints[leaf] for leaf in code.leaves], adjoints)


def derivative(arrays: Arrays, y: Array, leaves: Sequence[Array]) -> dict[Array, Array]:
    """∂y/∂x for every instruction x on a path from the leaves to the scalar y, and each leaf."""
    order = reachable([y])
    wanted = set(leaves)
    for x in order:
        if not wanted.isdisjoint(x.operands):
            wanted.add(x)
    sweep = Sweep(arrays, wanted, {y: [arrays.number(1.0)]}, pieces={}, finals={}, rows={})
    adjoints: dict[Array, Array] = {}
    for x in reversed(order):
        if isinstance(x, Loop):
            sweep.through_loop(x)
        elif x in wanted and (x in sweep.terms or x in sweep.pieces):
            adjoints[x] = adjoint = sweep.sum_of_terms(x)
            if not wanted.isdisjoint(x.operands):
                sweep.through(x, adjoint)
    for leaf in leaves:
        adjoints[leaf] = arrays.expand(adjoints.get(leaf, arrays.number(0.0)), leaf.shape)
    return adjoints


class Sweep(NamedTuple):
    """A reverse pass on its way: what each instruction's adjoint is the sum of, so far."""

    arrays: Arrays
    wanted: set[Array]
    terms: dict[Array, list[Array]]
    pieces: dict[Array, list[Piece]]
    finals: dict[Array, dict[int, Array]]  # of loops: the adjoints of what they gave
    rows: dict[Array, dict[Array, Array]]

    def through(self, z: Array, adjoint: Array) -> None:
        """What z adds to the adjoints of its operands: the chain rule, kind by kind."""
        match z:
            case Map():
                self._through_map(z, adjoint)
            case Contract():
                self._through_contract(z, adjoint)
            case Reduce():
                self._through_reduce(z, adjoint)
            case Total():
                self._through_total(z, adjoint)
            case Slice():
                adjoint = self.arrays.expand(adjoint, z.shape)
                self.pieces.setdefault(z.operands[0], []).append((z.slices, adjoint))
            case Reshape():
                self._through_reshape(z, adjoint)
            case Align():
                self._through_align(z, adjoint)
            case Expand():
                (x,) = z.operands
                self._add(x, self._unbroadcast(adjoint, x.shape, z.shape))
            case Take():
                (x,) = z.operands
                adjoint = self.arrays.expand(adjoint, z.shape)
                self._add(x, self.arrays.scatter(adjoint, z.positions, x.shape))
            case Stack():
                self._through_stack(z, adjoint)
            case Final():
                self.finals.setdefault(z.operands[0], {})[z.which] = adjoint
            case Series():
                adjoint = self.arrays.expand(adjoint, z.shape)
                self.rows.setdefault(z.operands[0], {})[z.of] = adjoint
            case Scatter():
                (x,) = z.operands
                self._add(x, self.arrays.take(self.arrays.expand(adjoint, z.shape), z.positions))
            case Join():
                self._through_join(z, adjoint)
            case Leaf() | Number() | Table() | Loop():
                pass  # it reads nothing; or it was met at what it gives
            case _:
                assert_never(z)

    def through_loop(self, z: Loop) -> None:
        finals, rows = self.finals.get(z, {}), self.rows.get(z, {})
        if finals or rows:
            for x, adjoint in through_turns(self.arrays, z, finals, rows, self.wanted):
                self._add(x, adjoint)

    def sum_of_terms(self, x: Array) -> Array:
        terms = self._in_one_product(self.terms.pop(x, []))
        terms += self._joined(x, self.pieces.pop(x, []))
        total = terms[0]
        for term in terms[1:]:
            total = self.arrays.map(ops.add, total, term)
        return total

    def _in_one_product(self, terms: list[Array]) -> list[Array]:
        """Outer products as one: each step of a recurrence adds such to the slopes of its W."""
        outer = [x for x in terms if _sides(x)]
        if len(outer) < STEPS:
            return terms
        left, right = [self.arrays.stack(x) for x in zip(*map(_sides, outer), strict=True)]
        product = self.arrays.contract(left, right, ("ki", "kj", "ij"))
        return [product, *[x for x in terms if not _sides(x)]]

    def _add(self, x: Array, adjoint: Array) -> None:
        """One more term of the adjoint of x; its axes may have length 1 where all are equal."""
        if x in self.wanted:
            self.terms.setdefault(x, []).append(adjoint)

    def _through_map(self, z: Map, adjoint: Array) -> None:
        partials = local_derivatives(self.arrays, z.op, z, z.operands)
        for x, partial in zip(z.operands, partials, strict=True):
            if x in self.wanted and partial != 0.0:
                self._add(x, self._unbroadcast(self._times(adjoint, partial), x.shape, z.shape))

    def _times(self, adjoint: Array, partial: Array | float) -> Array:
        if isinstance(partial, Instruction):
            return self.arrays.map(ops.mul, adjoint, partial)
        return self.arrays.map(ops.mul, self.arrays.number(partial), adjoint)

    def _unbroadcast(self, term: Array, shape: Shape, full: Shape) -> Array:
        """Summed over the axes along which an operand of this shape was repeated."""
        if shape == full:
            return term
        missing = len(full) - len(shape)
        axes = [a for a, n in enumerate(full) if a < missing or n != shape[a - missing]]
        total = self.arrays.total(self.arrays.expand(term, full), axes)
        return self.arrays.reshape(total, shape)

    def _through_reduce(self, z: Reduce, adjoint: Array) -> None:
        (x,) = z.operands
        arrays, op = self.arrays, z.op
        partial = common_form(op)
        if partial is not None:
            if partial != 0.0:
                self._add(x, self._times(adjoint, self._in_rows(partial, z, x)))
            return
        rows = [
            arrays.reshape(arrays.slice(x, ((k, k + 1, 1),)), z.shape) for k in range(x.shape[0])
        ]
        partials = local_derivatives(arrays, op, z, tuple(rows))
        if any(partial != 0.0 for partial in partials):
            terms = [
                self.arrays.expand(self._times(adjoint, partial), z.shape) for partial in partials
            ]
            self._add(x, arrays.stack(terms))

    def _in_rows(self, formula: Formula, z: Array, x: Array) -> Array | float:
        """The formula of ``common_form``, for all rows of x at once."""
        match formula:
            case "z":
                return z
            case "x":
                return x
            case Applied(op, along, operands):
                found = [self._in_rows(operand, z, x) for operand in operands]
                xs = [a if isinstance(a, Instruction) else self.arrays.number(a) for a in found]
                return self.arrays.reduce(op, xs[0]) if along else self.arrays.map(op, *xs)
            case float() | int():
                return formula
        raise AssertionError(f"{formula} is the operand of one row")

    def _through_total(self, z: Total, adjoint: Array) -> None:
        (x,) = z.operands
        kept = iter(range(len(z.shape)))
        axes = tuple([None if axis in z.axes else next(kept) for axis in range(len(x.shape))])
        self._add(x, self.arrays.align(self.arrays.expand(adjoint, z.shape), axes))

    def _through_contract(self, z: Contract, adjoint: Array) -> None:
        a, b = z.operands
        la, lb, out = z.labels
        varies = [axis for axis, n in enumerate(adjoint.shape) if n == z.shape[axis]]
        out = "".join(out[axis] for axis in varies)
        adjoint = self.arrays.reshape(adjoint, tuple([adjoint.shape[axis] for axis in varies]))
        if a in self.wanted:
            self._add(a, self._contracted(adjoint, out, b, lb, la, a.shape))
        if b in self.wanted:
            self._add(b, self._contracted(adjoint, out, a, la, lb, b.shape))

    def _contracted(
        self, adjoint: Array, out: str, other: Array, labels: str, wanted: str, shape: Shape
    ) -> Array:
        found = "".join(label for label in wanted if label in out + labels)
        term = self.arrays.contract(adjoint, other, (out, labels, found))
        axes = tuple([found.index(label) if label in found else None for label in wanted])
        return self.arrays.expand(self.arrays.align(term, axes), shape)

    def _through_reshape(self, z: Reshape, adjoint: Array) -> None:
        (x,) = z.operands
        self._add(x, self.arrays.reshape(self.arrays.expand(adjoint, z.shape), x.shape))

    def _through_align(self, z: Align, adjoint: Array) -> None:
        (x,) = z.operands
        kept = [axis for axis in z.axes if axis is not None]
        adjoint = self.arrays.expand(adjoint, z.shape)
        adjoint = self.arrays.reshape(adjoint, tuple([x.shape[axis] for axis in kept]))
        self._add(x, self.arrays.align(adjoint, tuple([kept.index(i) for i in range(len(kept))])))

    def _through_stack(self, z: Stack, adjoint: Array) -> None:
        adjoint = self.arrays.expand(adjoint, z.shape)
        for k, x in enumerate(z.operands):
            row = self.arrays.slice(adjoint, ((k, k + 1, 1),))
            self._add(x, self.arrays.reshape(row, x.shape))

    def _through_join(self, z: Join, adjoint: Array) -> None:
        adjoint = self.arrays.expand(adjoint, z.shape)
        whole = [(0, n, 1) for n in z.shape[: z.axis]]
        operands, at = iter(z.operands), 0
        for gap in z.layout:
            if gap is None:
                x = next(operands)
                end = at + x.shape[z.axis]
                self._add(x, self.arrays.slice(adjoint, (*whole, (at, end, 1))))
            at = end if gap is None else at + gap

    # --- slices: their adjoints stand in a row, with zeros in the gaps ---

    def _joined(self, x: Array, pieces: list[Piece]) -> list[Array]:
        rows: dict[int, list[Span]] = {}
        terms = []
        for slices, adjoint in pieces:
            cut = [
                a for a, (s, n) in enumerate(zip(slices, x.shape, strict=True)) if s != (0, n, 1)
            ]
            if any(slices[axis][2] != 1 for axis in cut):
                shape = x.shape[: len(x.shape) - batched(x)]
                positions = np.arange(math.prod(shape)).reshape(shape)
                positions = positions[tuple([slice(*s) for s in slices[: len(shape)]])]
                terms.append(self.arrays.scatter(adjoint, positions, x.shape))
                continue
            for axis in cut[1:]:  # widen along all cut axes but the first
                start, stop, _ = slices[axis]
                adjoint = self._row(adjoint, axis, [(start, stop, adjoint)], x.shape[axis])
            rows.setdefault(cut[0], []).append((*slices[cut[0]][:2], adjoint))
        for axis, row in rows.items():
            row.sort(key=lambda piece: piece[:2])
            while row:
                chosen, rest = _disjoint(row)
                terms.append(self._row(chosen[0][2], axis, chosen, x.shape[axis]))
                row = rest
        return terms

    def _row(self, like: Array, axis: int, pieces: list[Span], n: int) -> Array:
        layout: list[Array | int] = []
        at = 0
        for start, stop, piece in pieces:
            if start > at:
                layout.append(start - at)
            layout.append(piece)
            at = stop
        if at < n:
            layout.append(n - at)
        shape = (*like.shape[:axis], n, *like.shape[axis + 1 :])
        return self.arrays.join(axis, layout, shape)


def _sides(x: Array) -> tuple[Array, ...]:
    """a and b of the outer product a bᵀ; nothing of any other instruction."""
    match x:
        case Map(op=ops.mul, operands=(Align(axes=(0, None)) as a, Align(axes=(None, 0)) as b)):
            return *a.operands, *b.operands
    return ()


def _disjoint(row: list[Span]) -> tuple[list[Span], list[Span]]:
    """From sorted intervals, those that follow one another without overlap; and the others."""
    chosen: list[Span] = []
    rest = []
    end = 0
    for piece in row:
        if piece[0] >= end:
            chosen.append(piece)
            end = piece[1]
        else:
            rest.append(piece)
    return chosen, rest
