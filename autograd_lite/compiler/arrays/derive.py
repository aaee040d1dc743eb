"""The derivative of array instructions: the chain rule once per array, not once per number.

The rules are those of the table in ``ops.py``. Each is read once, with Values, as ``gradient``
reads it; the small graph that comes out is then written with arrays. A contraction is bilinear:
its derivatives are contractions with the same labels, so ``W @ X`` gives ``delta @ X.T`` and
``W.T @ delta``. The derivative of a broadcast is a sum, of a slice a gap of zeros around it.

What is glossed over: the edges of ``ops.py`` (slopes where a formula is 0/0). They come out as
NaN, and the program then asks the eager engine, which knows them; see ``program.py``.

Next: ``expressions.py``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import numpy as np

from ... import ops
from ...engine.groups import as_tuple
from ...engine.order import topological_order
from ...engine.primitive import Primitive
from ...engine.undefined import ieee_arithmetic
from ...value import Value
from .instructions import Array, Arrays, Shape, batched, reachable

Triple = tuple[int, int, int]


def derivative(arrays: Arrays, y: Array, leaves: Iterable[Array]) -> dict[Array, Array]:
    """∂y/∂x for every instruction x on a path from the leaves to the scalar y."""
    return Derivative(arrays, y, list(leaves)).adjoints


class Derivative:
    """One reverse pass over the instructions below ``y``; ``adjoints`` holds what it found."""

    def __init__(self, arrays: Arrays, y: Array, leaves: list[Array]) -> None:
        self.arrays = arrays
        self.adjoints: dict[Array, Array] = {}
        self._terms: dict[Array, list[Array]] = {y: [arrays.number(1.0)]}
        self._pieces: dict[Array, list[tuple[tuple[Triple, ...], Array]]] = {}
        order = reachable([y])
        self._wanted = set(leaves)
        for x in order:
            if not self._wanted.isdisjoint(x.operands):
                self._wanted.add(x)
        for x in reversed(order):
            if x in self._wanted and (x in self._terms or x in self._pieces):
                self.adjoints[x] = adjoint = self._sum_of_terms(x)
                if x.operands and not self._wanted.isdisjoint(x.operands):
                    getattr(self, f"_through_{x.kind}")(x, adjoint)
        for leaf in leaves:
            adjoint = self.adjoints.get(leaf, arrays.number(0.0))
            self.adjoints[leaf] = arrays.expand(adjoint, leaf.shape)

    def _sum_of_terms(self, x: Array) -> Array:
        terms = self._terms.pop(x, []) + self._joined(x, self._pieces.pop(x, []))
        total = terms[0]
        for term in terms[1:]:
            total = self.arrays.map(ops.add, total, term)
        return total

    def _add(self, x: Array, adjoint: Array) -> None:
        """One more term of the adjoint of x; its axes may have length 1 where all are equal."""
        if x in self._wanted:
            self._terms.setdefault(x, []).append(adjoint)

    def _full(self, adjoint: Array, shape: Shape) -> Array:
        return self.arrays.expand(adjoint, shape)

    # --- one method per kind ---

    def _through_map(self, z: Array, adjoint: Array) -> None:
        partials = local_derivatives(self.arrays, z.data, z, z.operands)
        for x, partial in zip(z.operands, partials, strict=True):
            if x in self._wanted and partial != 0.0:
                self._add(x, self._unbroadcast(self._times(adjoint, partial), x.shape, z.shape))

    def _times(self, adjoint: Array, partial: Array | float) -> Array:
        if isinstance(partial, Array):
            return self.arrays.map(ops.mul, adjoint, partial)
        return self.arrays.map(ops.mul, self.arrays.number(partial), adjoint)

    def _unbroadcast(self, term: Array, shape: Shape, full: Shape) -> Array:
        """Summed over the axes along which an operand of this shape was repeated."""
        if shape == full:
            return term
        missing = len(full) - len(shape)
        axes = [a for a, n in enumerate(full) if a < missing or n != shape[a - missing]]
        total = self.arrays.total(self._full(term, full), axes)
        return self.arrays.reshape(total, shape)

    def _through_reduce(self, z: Array, adjoint: Array) -> None:
        (x,) = z.operands
        arrays, op = self.arrays, z.data
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
            terms = [self._full(self._times(adjoint, partial), z.shape) for partial in partials]
            self._add(x, arrays.stack(terms))

    def _in_rows(self, partial: Any, z: Array, x: Array) -> Any:
        """The formula of ``common_form``, for all rows of x at once."""
        if not isinstance(partial, tuple):
            return {"z": z, "x": x}.get(partial, partial)
        op, kind, operands = partial
        xs = [self._in_rows(operand, z, x) for operand in operands]
        arrays = [a if isinstance(a, Array) else self.arrays.number(a) for a in xs]
        return self.arrays.reduce(op, arrays[0]) if kind == "all" else self.arrays.map(op, *arrays)

    def _through_total(self, z: Array, adjoint: Array) -> None:
        (x,) = z.operands
        kept = iter(range(len(z.shape)))
        axes = tuple([None if axis in z.data else next(kept) for axis in range(len(x.shape))])
        self._add(x, self.arrays.align(self._full(adjoint, z.shape), axes))

    def _through_contract(self, z: Array, adjoint: Array) -> None:
        a, b = z.operands
        la, lb, out = z.data
        varies = [axis for axis, n in enumerate(adjoint.shape) if n == z.shape[axis]]
        out = "".join(out[axis] for axis in varies)
        adjoint = self.arrays.reshape(adjoint, tuple([adjoint.shape[axis] for axis in varies]))
        if a in self._wanted:
            self._add(a, self._contracted(adjoint, out, b, lb, la, a.shape))
        if b in self._wanted:
            self._add(b, self._contracted(adjoint, out, a, la, lb, b.shape))

    def _contracted(
        self, adjoint: Array, out: str, other: Array, labels: str, wanted: str, shape: Shape
    ) -> Array:
        found = "".join(label for label in wanted if label in out + labels)
        term = self.arrays.contract(adjoint, other, (out, labels, found))
        axes = tuple([found.index(label) if label in found else None for label in wanted])
        return self._full(self.arrays.align(term, axes), shape)

    def _through_slice(self, z: Array, adjoint: Array) -> None:
        self._pieces.setdefault(z.operands[0], []).append((z.data, self._full(adjoint, z.shape)))

    def _through_reshape(self, z: Array, adjoint: Array) -> None:
        (x,) = z.operands
        self._add(x, self.arrays.reshape(self._full(adjoint, z.shape), x.shape))

    def _through_align(self, z: Array, adjoint: Array) -> None:
        (x,) = z.operands
        kept = [axis for axis in z.data if axis is not None]
        adjoint = self._full(adjoint, z.shape)
        adjoint = self.arrays.reshape(adjoint, tuple([x.shape[axis] for axis in kept]))
        self._add(x, self.arrays.align(adjoint, tuple([kept.index(i) for i in range(len(kept))])))

    def _through_expand(self, z: Array, adjoint: Array) -> None:
        (x,) = z.operands
        self._add(x, self._unbroadcast(adjoint, x.shape, z.shape))

    def _through_take(self, z: Array, adjoint: Array) -> None:
        (x,) = z.operands
        self._add(x, self.arrays.scatter(self._full(adjoint, z.shape), z.data, x.shape))

    def _through_stack(self, z: Array, adjoint: Array) -> None:
        adjoint = self._full(adjoint, z.shape)
        for k, x in enumerate(z.operands):
            row = self.arrays.slice(adjoint, ((k, k + 1, 1),))
            self._add(x, self.arrays.reshape(row, x.shape))

    # --- slices: their adjoints stand in a row, with zeros in the gaps ---

    def _joined(self, x: Array, pieces: list[tuple[tuple[Triple, ...], Array]]) -> list[Array]:
        rows: dict[int, list[tuple[int, int, Array]]] = {}
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

    def _row(self, like: Array, axis: int, pieces: list[tuple[int, int, Array]], n: int) -> Array:
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


def _disjoint(row: list[tuple[int, int, Array]]) -> tuple[list[Any], list[Any]]:
    """From sorted intervals, those that follow one another without overlap; and the others."""
    chosen: list[Any] = []
    rest = []
    end = 0
    for piece in row:
        if piece[0] >= end:
            chosen.append(piece)
            end = piece[1]
        else:
            rest.append(piece)
    return chosen, rest


# --- the rules of the table, read once each -------------------------------------------------------


class Rule:
    """The local derivatives of one primitive, as graphs over its operands and its result."""

    def __init__(self, op: Primitive, n: int) -> None:
        self.z = Value(0.5)
        self.xs = tuple([Value(0.25 + 0.5 / (k + 2)) for k in range(n)])
        with ieee_arithmetic():
            groups = (self.xs,) if op.arity is None else self.xs
            partials = op.rule(self.z, *groups)
        self.partials = [partial for group in partials for partial in as_tuple(group)]
        self.order = topological_order(*[x for x in self.partials if isinstance(x, Value)])


@lru_cache(maxsize=1024)
def rule_of(op: Primitive, n: int) -> Rule:
    return Rule(op, n)


def local_derivatives(
    arrays: Arrays, op: Primitive, z: Array, xs: tuple[Array, ...]
) -> list[Array | float]:
    """∂z/∂x for each operand: a float where it is constant."""
    if op is ops.mul:
        return [xs[1], xs[0]]
    rule = rule_of(op, len(xs))
    new: dict[Value, Array] = {rule.z: z, **dict(zip(rule.xs, xs, strict=True))}
    for node in rule.order:
        if node not in new:
            if node.op is None:
                new[node] = arrays.number(node.data)
            else:
                new[node] = arrays.map(node.op, *[new[x] for x in node.parents])
    return [new[x] if isinstance(x, Value) else x for x in rule.partials]


@lru_cache(maxsize=1024)
def common_form(op: Primitive) -> Any:
    """The derivative of a reduction, where each operand has the same formula; None if not.

    A formula is "z", "x" (the operand itself), a number, or ``(op, "each", formulas)``, or
    ``(op, "all", [formula])`` for an operation over that formula of all operands. The operands of
    ``logsumexp`` have exp(x − max) / Σ exp(x − max) each; those of ``prod`` have no such form.
    """
    rules = rule_of(op, 2), rule_of(op, 3)
    forms = [_form(x, rule, k) for rule in rules for k, x in enumerate(rule.partials)]
    return forms[0] if all(form == forms[0] for form in forms) else None


def _form(partial: Any, rule: Rule, k: int) -> Any:
    if not isinstance(partial, Value):
        return partial
    if partial is rule.z or partial is rule.xs[k]:
        return "z" if partial is rule.z else "x"
    if partial.op is None:
        return f"x{rule.xs.index(partial)}" if partial in rule.xs else partial.data
    if partial.op.arity is None and len(partial.parents) == len(rule.xs):
        forms = [_form(x, rule, j) for j, x in enumerate(partial.parents)]
        if all(form == forms[0] for form in forms):
            return partial.op, "all", (forms[0],)
    return partial.op, "each", tuple(_form(x, rule, k) for x in partial.parents)
