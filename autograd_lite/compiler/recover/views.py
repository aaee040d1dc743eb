"""Recovering arrays: each class of alike scalar nodes becomes one array, each operand a view.

The members of a class are sorted by what they read, the loops over them are found, and a sum of
products over loops is a contraction: ``ij,jk->ik`` is the matrix product of textbooks. Leaves
come as flat vectors: the parameters in blocks, one per use, so that a weight matrix is a slice.

What is glossed over: graphs without loops. Their operands are gathered, which is right, and slow
where the arrays are short; ``straight.py`` is the answer to those.

Next: ``../write/__init__.py``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ... import ops
from ...engine.primitive import Primitive
from ...value import Value
from ..arrays.instructions import (
    WHERE,
    Array,
    Number,
    Numbers,
    Shape,
    Table,
    Take,
    counted,
    same_numbers,
)
from ..arrays.maker import Arrays, Code
from .freeze import Frozen
from .loops import common_loops, view_of
from .positions import CONSTANT, INPUT, PARAMETER
from .sorting import Slot, Term, parameter_order, sorted_by_reading, sorted_columns, table_of

#: Sums of so few terms are written out where the terms are views one by one, but not together.
FEW = 8
LETTERS = "ijklmopqrstuvwxyzabcdefgh"  # n is the batch


class Input(NamedTuple):
    """An argument of the program: an array of these leaves, in C order."""

    name: str
    shape: Shape
    leaves: Sequence[Value]


def recover(
    frozen: Frozen,
    inputs: Sequence[Input],
    listed: bool,
    chosen: Sequence[int] | None = None,
    farther: bool = False,
) -> Code:
    """The recovery that gathers least, with the parameters in blocks or in the graph's order.

    Weights want blocks. In a recurrence over x₁, x₂, … the ends are used less than the others,
    and blocks would tear them off. Where somebody has ``chosen`` an order, that is the order of
    the vector, and the blocks are gathered from it, all at once.
    """
    classes = frozen.classes
    found: list[Code] = []
    for far in [True] if farther else [False, True]:
        order = parameter_order(frozen, classes, far)
        found.append(recovered(frozen, inputs, order, listed, chosen))
        if not found[-1].gathers():
            return found[-1]
    plain = classes.get(PARAMETER, []) if chosen is None else chosen
    return min([recovered(frozen, inputs, plain, listed), *found], key=Code.gathers)


def recovered(
    frozen: Frozen,
    inputs: Sequence[Input],
    parameters: Sequence[int],
    listed: bool,
    chosen: Sequence[int] | None = None,
) -> Code:
    """The graph in arrays, for parameters in this order; the flat vector may have another.

    Its outputs are one scalar instruction each, or a vector of all where they are listed.
    """
    vector = list(parameters if chosen is None else chosen)
    views = Views(frozen, inputs, parameters, vector)
    for alike, members in frozen.classes.items():
        if alike >= INPUT + len(inputs):
            views.recover(alike, members)
    outputs = [views.vector()] if listed else [views.scalar(i) for i in frozen.outputs]
    return Code(views.arrays, outputs, [views.arrays.leaf("p", (len(vector),))], vector)


class Views:
    """Array instructions for the classes of a frozen graph, and where in them each scalar lies."""

    def __init__(
        self,
        frozen: Frozen,
        inputs: Sequence[Input],
        parameters: Sequence[int],
        vector: Sequence[int],
    ) -> None:
        self.frozen = frozen
        self.arrays = Arrays()
        self.array: dict[int, Array] = {}  # of each class
        self.position = np.zeros(len(frozen.op), dtype=np.int64)  # of each node in its array
        self._data = np.array(frozen.data)
        self.position[parameters] = np.arange(len(parameters))
        place = {i: k for k, i in enumerate(vector)}
        self.array[PARAMETER] = self.arrays.take(
            self.arrays.leaf("p", (len(vector),)), np.array([place[i] for i in parameters], int)
        )
        for k, (name, shape, leaves) in enumerate(inputs, start=INPUT):
            self.array[k] = self.arrays.leaf(name, shape)
            for position, leaf in enumerate(leaves):
                if leaf in frozen.at:
                    self.position[frozen.at[leaf]] = position

    def vector(self) -> Array:
        """All outputs in a row: the arrays in which they lie, flat, and a choice among them."""
        arrays, frozen = self.arrays, self.frozen
        start: dict[int, int] = {}
        rows: list[Array] = []
        positions = []
        length = 0
        for i in frozen.outputs:
            constant = frozen.alike[i] == CONSTANT
            source = -1 - i if constant else frozen.alike[i]
            array = self.scalar(i) if constant else self.array[source]
            if source not in start:
                start[source] = length
                rows.append(arrays.reshape(array, (math.prod(array.shape),)))
                length += rows[-1].shape[0]
            positions.append(start[source] + (int(self.position[i]) if array.shape else 0))
        row = arrays.join(0, rows, (length,))
        return self._reading(row, np.array(positions))[0]

    def scalar(self, i: int) -> Array:
        arrays, alike = self.arrays, self.frozen.alike[i]
        if alike == CONSTANT:
            return arrays.number(self.frozen.data[i])
        array = self.array[alike]
        if not array.shape:
            return array
        corner = [int(at) for at in np.unravel_index(int(self.position[i]), array.shape)]
        return arrays.reshape(arrays.slice(array, tuple([(at, at + 1, 1) for at in corner])), ())

    # --- one class ---

    def recover(self, alike: int, members: list[int]) -> None:
        op = self.frozen.op[members[0]]
        terms = self._terms(members) if op is None else self._operands(op, members)
        terms = [sorted_columns(term) for term in terms]
        if len(members) > 1:
            order = sorted_by_reading([slot for term in terms for slot in term.slots])
            if not counted(order):
                members = [members[i] for i in order]
                terms = [term.select(order, slice(None)) for term in terms]
        shape, arrays = self._evaluate(op, terms, len(members))
        if op is None:
            result = self._added([term.sign for term in terms], arrays)
        elif op.arity is None and len(arrays) == 1:
            result = self.arrays.reduce(op, arrays[0])
        else:
            result = self.arrays.map(op, *arrays)
        if not isinstance(result, Number):
            result = self.arrays.expand(result, shape)
        self.array[alike] = result
        self.position[members] = np.arange(len(members))

    def _added(self, signs: list[int], operands: list[Array]) -> Array:
        (sign, result), *others = sorted(zip(signs, operands, strict=True), key=lambda x: -x[0])
        if sign < 0:
            result = self.arrays.map(ops.neg, result)
        for sign, operand in others:
            result = self.arrays.map(ops.add if sign > 0 else ops.sub, result, operand)
        return result

    def _terms(self, members: list[int]) -> list[Term]:
        terms = []
        for column in zip(*[self.frozen.parts[i] for i in members], strict=True):
            ws = [part.ws for part in column if part.ws is not None]
            w = self._slot(ws) if ws else None
            terms.append(Term(column[0].sign, w, self._slot([part.xs for part in column])))
        return terms

    def _operands(self, op: Primitive, members: list[int]) -> list[Term]:
        rows = [self.frozen.operands[i] for i in members]
        kinds = {self.frozen.alike[i] for i in rows[0]}
        if op.arity is None and len(kinds) == 1 and len(rows[0]) > 1 and op is not WHERE:
            return [Term(1, None, self._slot(rows))]
        table = np.array(rows)
        return [Term(1, None, self._slot(table[:, k : k + 1])) for k in range(table.shape[1])]

    def _slot(self, rows: Sequence[Sequence[int]] | Numbers) -> Slot:
        table = rows if isinstance(rows, np.ndarray) else table_of(rows)
        alike = self.frozen.alike[table[0, 0]]
        if alike == CONSTANT:
            return Slot(None, self._data[table], table)
        array = self.array[alike]
        if isinstance(array, Number):
            return Slot(None, np.full(table.shape, array.value))
        return Slot(array, self.position[table])

    # --- loops ---

    def _evaluate(
        self, op: Primitive | None, terms: list[Term], n: int
    ) -> tuple[Shape, list[Array]]:
        """The shape of the class, and its operands (of a sum: its terms) aligned to it."""
        heads = [
            (slot.table[:, 0], slot.source.shape)
            for term in terms for slot in term.slots if slot.source is not None
        ]  # fmt: skip
        shape = common_loops(heads, n)
        if shape is None or not heads:
            shape = (n,) if n > 1 else ()
        if op is None:
            return shape, [self._sum(term, shape) for term in terms]
        if op.arity is None and len(terms) == 1:
            return shape, [self._rows(terms[0].x, shape)]
        return shape, [self._aligned(*self._view(term.x, shape), len(shape)) for term in terms]

    def _sum(self, term: Term, shape: Shape) -> Array:
        arrays, m = self.arrays, term.x.table.shape[1]
        inner = self._inner_loops(term.slots, m)
        x, x_loops = self._view(term.x, shape + inner)
        w, w_loops = (None, ()) if term.w is None else self._view(term.w, shape + inner)
        if 1 < m <= FEW and (isinstance(x, Take) or isinstance(w, Take)):
            columns = [term.select(slice(None), slice(j, j + 1)) for j in range(m)]
            parts = [self._sum(column, shape) for column in columns]
            return self._added([1] * m, parts)
        times = 1
        for loop, length in enumerate(inner, start=len(shape)):
            if loop not in x_loops and loop not in w_loops:
                times *= length
        out = [loop for loop in range(len(shape)) if loop in x_loops or loop in w_loops]
        if w is None or isinstance(w, Number) or isinstance(x, Number):
            if w is not None and isinstance(x, Number):
                (w, w_loops), (x, x_loops) = (x, x_loops), (w, w_loops)
            ends = [axis for axis, loop in enumerate(x_loops) if loop >= len(shape)]
            result, loops = arrays.total(x, ends), [loop for loop in x_loops if loop < len(shape)]
            if w is not None:
                result = arrays.map(ops.mul, w, result)
        else:
            labels = ["".join(LETTERS[loop] for loop in group) for group in (w_loops, x_loops, out)]
            result, loops = arrays.contract(w, x, (labels[0], labels[1], labels[2])), out
        if times > 1:
            result = arrays.map(ops.mul, arrays.number(float(times)), result)
        return self._aligned(result, loops, len(shape))

    def _inner_loops(self, slots: Sequence[Slot], m: int) -> Shape:
        if m == 1:
            return ()
        rows = [(slot.table[0], slot.source.shape) for slot in slots if slot.source is not None]
        return (rows and common_loops(rows, m)) or (m,)

    def _rows(self, slot: Slot, shape: Shape) -> Array:
        """The operands of a reduction, along the first axis."""
        m = slot.table.shape[1]
        inner = self._inner_loops([slot], m)
        x, loops = self._view(slot, shape + inner)
        first = [*range(len(shape), len(shape) + len(inner)), *range(len(shape))]
        x = self.arrays.align(x, tuple([loops.index(i) if i in loops else None for i in first]))
        x = self.arrays.expand(x, inner + shape)
        return self.arrays.reshape(x, (math.prod(inner), *shape))

    def _aligned(self, x: Array, loops: Sequence[int], n: int) -> Array:
        """With an axis for each of n loops (NumPy broadcasts those missing in front)."""
        axes = [loops.index(loop) if loop in loops else None for loop in range(n)]
        while axes and axes[0] is None:
            axes.pop(0)
        return self.arrays.align(x, tuple(axes))

    def _view(self, slot: Slot, lengths: Shape) -> tuple[Array, tuple[int, ...]]:
        """What a slot reads in these loops, without those that do not matter to it."""
        table = slot.table.reshape(lengths)
        loops: list[int] = []
        for loop in range(len(lengths)):
            axis = len(loops)
            first = table.take([0], axis=axis)
            if same_numbers(table, first):
                table = first.squeeze(axis)
            else:
                loops.append(loop)
        if slot.source is None:
            result = self.arrays.table(table) if table.ndim else self.arrays.number(float(table))
            return result, (tuple(loops) if isinstance(result, Table) else ())
        result, order = self._reading(slot.source, table)
        return result, tuple([loops[axis] for axis in order])

    def _reading(self, source: Array, positions: Numbers) -> tuple[Array, list[int]]:
        """The numbers at these positions: a view where there is one; and the order of its axes."""
        arrays = self.arrays
        view = view_of(positions, source.shape)
        if view is None:
            return arrays.take(source, positions), list(range(positions.ndim))
        order = [loop for loop in view.loops if loop is not None]
        shape = tuple([positions.shape[loop] for loop in order])
        if view.block is None:
            # axes that stand still go first: the slopes of a step's gates then make up one vector
            axes = list(zip(view.slices, view.loops, source.shape, strict=True))
            still = tuple([(0, n, 1) if loop is not None else at for at, loop, n in axes])
            kept = tuple([n for _, loop, n in axes if loop is not None])
            source = arrays.reshape(arrays.slice(source, still), kept)
            moving = tuple([at for at, loop, _ in axes if loop is not None])
            return arrays.reshape(arrays.slice(source, moving), shape), order
        flat = arrays.reshape(source, (math.prod(source.shape),))
        block = arrays.slice(flat, ((view.block, view.block + positions.size, 1),))
        return arrays.reshape(block, shape), order
