"""Array instructions as loops over scalars, in LLVM code, for ``native.py`` to compile.

The same instructions that ``printer.py`` writes as NumPy become loops over scalars. An
instruction is a function of its index here: views cost nothing, element-by-element operations
melt into the loop of their reader. What is read more than once, sums and gathered arrays get a
place in memory. A graph of scalars becomes one straight run of instructions.

Arithmetic that NumPy would raise an error for (division by zero, overflow, undefined) sets flags
in the processor; the function returns them, and the caller lets another form have the last word.

Next: ``table.py``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import assert_never

from ...languages.llvm import literal
from ..arrays.instructions import (
    BATCH,
    Align,
    Array,
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
    batched,
    reachable,
    readers_of,
)  # fmt: skip
from .sums import NEUTRAL, Repeated, Sum, sum_of
from .writer import Index, Writer, WrittenBody

#: Instructions in one function, and where they are loops: LLVM's time grows faster than the length
#: of a function, a GPT's passes 0.47 s in one and 0.2 s in tens.
BODY, LOOPS = 400, 24


def code_of(
    results: Sequence[Array], arguments: Mapping[str, tuple[str, int]], batch: bool
) -> KernelCode:
    """One function in several bodies: ``results`` one after the other into ``%out``.

    ``arguments`` says for each leaf which pointer it is read from, and from which number on.
    """
    results = [x for x in results if 0 not in x.shape]  # a loop takes one turn at least
    code = KernelCode(results, arguments, batch)
    code.write(results)
    return code


class KernelCode(Writer):
    """Writes instructions as loops; a module is made of ``bodies``, ``tables``, ``scratch``."""

    def __init__(
        self, results: Sequence[Array], arguments: Mapping[str, tuple[str, int]], batch: bool
    ) -> None:
        super().__init__()
        self.arguments = arguments
        self.batch = batch
        self.tables: dict[str, Numbers] = {}
        self.scratch: list[tuple[str, Shape]] = []  # pointer, what lies there
        self.bodies: list[WrittenBody] = []
        self._order = reachable(results)
        self._readers = readers_of(self._order)
        self._places: dict[Array, str] = {}  # arrays in memory
        self._values: dict[Array, str] = {}  # scalars that this body knows
        self._wanted: dict[Array, list[int]] = {}  # where in %out
        at = 0
        for x in results:
            self._wanted.setdefault(x, []).append(at)
            at += math.prod(x.shape)
        loops = 2 * sum(x.shape != () for x in self._order) > len(self._order)
        self._length = min(LOOPS, BODY) if loops else BODY
        self._body_of = {x: k // self._length for k, x in enumerate(self._order)}
        crossing = [x for x in self._order if not x.shape and self._read_elsewhere(x)]
        self._slots = {x: slot for slot, x in enumerate(crossing)}  # where other bodies find them
        if crossing:
            self.scratch.append(("%scalars", (len(crossing),)))

    def write(self, results: Sequence[Array]) -> None:
        """All bodies: some instructions in each, the mark of what is not finite in the last."""
        for start in range(0, len(self._order), self._length):
            self.begin()
            self._values.clear()
            for x in self._order[start : start + self._length]:
                self._write(x)
            self.bodies.append(self.body())
        self.begin()
        self._mark_first(results)
        self.bodies.append(self.body())

    def _read_elsewhere(self, x: Array) -> bool:
        """Or may be: an array is computed where it is read itself."""
        if isinstance(x, Loop | Leaf):
            return False  # what it gives lies in memory
        here = self._body_of[x]
        readers = [y for y in self._readers[x] if y.shape or self._body_of[y] != here]
        return not isinstance(x, Number) and bool(readers) and len(self._body_of) > self._length

    def _write(self, x: Array) -> None:
        if isinstance(x, Loop):
            self._turn(x)
        elif not x.shape and isinstance(x, Leaf):
            pass  # read where it is needed
        elif not x.shape:
            self._values[x] = value = self._computed(x, [])
            if x in self._slots:
                self.store(value, "%scalars", self._slots[x])
        elif self._wants_place(x):
            self._places[x] = place = f"%a{len(self.scratch)}"
            self.scratch.append((place, x.shape))
            self._fill(x, place)
        for at in self._wanted.get(x, []):
            self._copy(x, "%out", at)

    def _mark_first(self, results: Sequence[Array]) -> None:
        """The first result becomes NaN unless all are finite: a NaN among the data sets no flag."""
        count: int | str = 0
        for x in results:
            count = self.plus(count, self.product(x.shape))
        marks = self.variable(0.0)
        with self.loop(count) as k:
            y = self.load("%out", k)
            mark = self.line(f"fsub double {y}, {y}")
            self.store(self.combined("add", self.load(marks, 0), mark), marks, 0)
        marked = self.line(f"fsub double {self.load('%out', 0)}, {self.load(marks, 0)}")
        self.store(marked, "%out", 0)

    # --- where numbers are ---

    def _wants_place(self, x: Array) -> bool:
        """Whether an array lies in memory, or is computed where it is read."""
        if isinstance(x, Leaf):
            return self.batch and len(x.shape) > 1  # samples come along the first axis
        if not isinstance(x, Map):
            return isinstance(x, Repeated | Join | Scatter | Stack)
        readers = self._readers[x]
        alone = len(readers) == 1 and isinstance(readers[0], Map | Total)
        return bool(readers) and not (
            alone and x.shape in (readers[0].shape, readers[0].operands[0].shape)
        )

    def _element(self, x: Array, index: Index) -> str:
        """The number of x at the index, which may be longer than its shape, as in broadcasting."""
        if not x.shape:
            return self._known(x)
        index = index[len(index) - len(x.shape) :]
        index = [0 if n == 1 else i for i, n in zip(index, x.shape, strict=True)]
        if x in self._places:
            return self.load(self._places[x], self.flat(x.shape, index))
        return self._computed(x, index)

    def _known(self, x: Array) -> str:
        """A scalar: an argument, or from this body, or from one before."""
        if isinstance(x, Number):
            return literal(x.value)
        if x not in self._values:
            if isinstance(x, Leaf):
                self._values[x] = self._leaf(x, [])
            else:
                self._values[x] = self.load("%scalars", self._slots[x])
        return self._values[x]

    def _at(self, x: Array, flat: int | str) -> str:
        """The number of x at a place in its flattened form."""
        if x in self._places:
            return self.load(self._places[x], flat)
        index: list[int | str] = []
        for n in reversed(x.shape[1:]):
            index.append(self.arithmetic("urem", flat, self.length(n)))
            flat = self.arithmetic("udiv", flat, self.length(n))
        return self._element(x, [flat, *reversed(index)][: len(x.shape)])

    def _copy(self, x: Array, pointer: str, start: int | str = 0) -> None:
        with self.loops(x.shape) as index:
            flat = self.plus(start, self.flat(x.shape, index))
            self.store(self._element(x, index), pointer, flat)

    # --- loops over scalars ---

    def _turn(self, loop: Loop) -> None:
        """Its rows lie in memory turn by turn, and behind them what it hands on at last."""
        body, values = loop.body, self._values
        kept, finals = self._left_by(loop)
        self._places[loop] = place = f"%a{len(self.scratch)}"
        self.scratch.append((place, (len(kept) * body.turns + len(finals),)))
        count = len(body.carried)
        outside = loop.operands[count : count + len(body.outside)]
        rows = loop.operands[count + len(outside) :]
        values.update(zip(body.outside, map(self._known, outside), strict=True))
        starts = [self._known(x) for x in loop.operands[:count]]
        with self.turns(body.turns, starts) as (turn, carried, handed):
            values.update(zip(body.carried, carried, strict=True))
            at = self.line(f"sub i64 {body.turns - 1}, {turn}") if body.backwards else turn
            for leaf, row in zip(body.series, rows, strict=True):
                values[leaf] = self._element(row, [at])
            for x in reachable([*body.handed, *kept]):
                if not isinstance(x, Leaf | Number):
                    values[x] = self._computed(x, [])
            start = self.times(at, len(kept))
            for k, x in enumerate(kept):
                self.store(self._known(x), place, self.plus(start, k))
            handed += map(self._known, body.handed)
        for k, which in enumerate(finals):
            self.store(handed[which], place, len(kept) * body.turns + k)

    def _left_by(self, loop: Array) -> tuple[list[Array], list[int]]:
        """What is read of a loop: rows, by the instruction that makes them, and what comes last."""
        readers = self._readers[loop]
        kept = [x.of for x in readers if isinstance(x, Series)]
        return kept, [x.which for x in readers if isinstance(x, Final)]

    def _from_loop(self, x: Series | Final, index: Index) -> str:
        (loop,) = x.operands
        kept, finals = self._left_by(loop)
        flat: int | str = len(kept) * (loop.body.turns if isinstance(loop, Loop) else 0)
        if isinstance(x, Series):
            flat = self.plus(self.times(index[0], len(kept)), kept.index(x.of))
        else:
            flat = self.plus(flat, finals.index(x.which))
        return self.load(self._places[loop], flat)

    # --- arrays in memory ---

    def _fill(self, x: Array, place: str) -> None:
        match x:
            case Contract() | Total() | Reduce():
                self._summed(x, place)
            case Stack():
                self._fill_stack(x, place)
            case Scatter():
                self._fill_scatter(x, place)
            case Join():
                self._fill_join(x, place)
            case _:
                with self.loops(x.shape) as index:
                    value = self._computed(x, index)
                    self.store(value, place, self.flat(x.shape, index))

    def _fill_stack(self, x: Stack, place: str) -> None:
        for k, piece in enumerate(x.operands):
            self._copy(piece, place, self.times(k, self.product(piece.shape)))

    def _fill_scatter(self, x: Scatter, place: str) -> None:
        with self.loops(x.shape) as index:
            self.store(literal(0.0), place, self.flat(x.shape, index))
        (operand,) = x.operands
        with self.loops(operand.shape) as index:
            flat = self._position(x.positions, index)
            if batched(operand) and len(index) > x.positions.ndim:
                flat = self.plus(self.times(flat, self.length(BATCH)), index[-1])
            value = self.combined("add", self.load(place, flat), self._element(operand, index))
            self.store(value, place, flat)

    def _fill_join(self, x: Join, place: str) -> None:
        pieces, start, axis = iter(x.operands), 0, x.axis
        for gap in x.layout:
            piece = None if gap is not None else next(pieces)
            shape = (*x.shape[:axis], gap or 0, *x.shape[axis + 1 :])
            if piece is not None:
                shape = piece.shape
            with self.loops(shape) as index:
                value = literal(0.0) if piece is None else self._element(piece, index)
                there = [*index[:axis], self.plus(index[axis], start), *index[axis + 1 :]]
                self.store(value, place, self.flat(x.shape, there))
            start += shape[axis]

    def _summed(self, x: Repeated, place: str | None) -> str:
        """A sum into its place, or as a scalar."""
        found = sum_of(x)
        if found is None:
            return self._in_rows(x, place)
        if place is not None and found.innermost() in found.out:
            return self._added_in_memory(x, found, place)
        return self._added_in_register(x, found, place)

    def _added_in_memory(self, x: Array, found: Sum, place: str) -> str:
        """Row by row onto a whole row of the result."""
        inner, out = found.innermost(), found.out
        with self.loops(x.shape) as index:
            self.store(literal(NEUTRAL[found.function]), place, self.flat(x.shape, index))
        labels = [label for label in (*out, *found.lengths) if label != inner]
        labels = [*dict.fromkeys(labels), inner]
        with self.loops([found.lengths[label] for label in labels]) as loops:
            index_of = dict(zip(labels, loops, strict=True))
            flat = self.flat(x.shape, [index_of[label] for label in out])
            before = self.load(place, flat)
            self.store(self._one_more(found, before, index_of), place, flat)
        return ""

    def _added_in_register(self, x: Array, found: Sum, place: str | None) -> str:
        """Number by number into one variable."""
        inner, out = found.innermost(), found.out
        labels = sorted(set(found.lengths) - set(out), key=lambda x: (x == inner, x))
        with self.loops(x.shape) as kept:
            variable = self.variable(NEUTRAL[found.function])
            with self.loops([found.lengths[label] for label in labels]) as loops:
                index_of = dict(zip((*out, *labels), (*kept, *loops), strict=True))
                self.store(self._one_more(found, self.load(variable, 0), index_of), variable, 0)
            result = self.load(variable, 0)
            if place is not None:
                self.store(result, place, self.flat(x.shape, kept))
        return result

    def _one_more(self, found: Sum, before: str, index_of: Mapping[str, int | str]) -> str:
        term, *more = [
            self._element(x, [index_of[label] for label in labels]) for x, labels in found.factors
        ]
        for factor in more:
            term = self.line(f"fmul contract double {term}, {factor}")
        return self.combined(found.function, before, term)

    def _in_rows(self, x: Repeated, place: str | None) -> str:
        """A primitive of many operands that is no chain of one of two: all of them at once."""
        assert isinstance(x, Reduce)
        (operand,) = x.operands
        with self.loops(x.shape) as index:
            rows = [self._element(operand, [k, *index]) for k in range(operand.shape[0])]
            value = self.applied(x.op, rows)
            if place is not None:
                self.store(value, place, self.flat(x.shape, index))
        return value

    # --- the number of an instruction at an index ---

    def _computed(self, x: Array, index: Index) -> str:
        match x:
            case Map():
                return self.applied(x.op, [self._element(y, index) for y in x.operands])
            case Number():
                return literal(x.value)
            case Contract() | Total() | Reduce():
                return self._summed(x, None)
            case Leaf():
                return self._leaf(x, index)
            case Table():
                return self.load(self._table_name(x.numbers), self.flat(x.shape, index))
            case Slice():
                return self._slice(x, index)
            case Reshape():
                return self._at(x.operands[0], self.flat(x.shape, index))
            case Align():
                return self._align(x, index)
            case Expand():
                return self._element(x.operands[0], index)
            case Take():
                return self._take(x, index)
            case Series() | Final():
                return self._from_loop(x, index)
            case Scatter() | Join() | Stack() | Loop():
                raise AssertionError(f"{x} lies in memory")
        assert_never(x)

    def _leaf(self, x: Leaf, index: Index) -> str:
        if x.name == "n" and self.batch:
            return self.line("uitofp i64 %n to double")
        pointer, start = self.arguments[x.name]
        if batched(x):
            inside = self.product(x.shape[:-1])
            flat = self.plus(self.times(index[-1], inside), self.flat(x.shape[:-1], index[:-1]))
        else:
            flat = self.flat(x.shape, index)
        return self.load(pointer, self.plus(flat, start))

    def _table_name(self, table: Numbers) -> str:
        for name, known in self.tables.items():
            if known is table:
                return name
        name = f"@table{len(self.tables)}"
        self.tables[name] = table
        return name

    def _slice(self, x: Slice, index: Index) -> str:
        start_step = [(start, step) for start, _, step in x.slices]
        there = [
            self.plus(self.times(i, step), start)
            for i, (start, step) in zip(index, start_step, strict=True)
        ]
        return self._element(x.operands[0], there)

    def _align(self, x: Align, index: Index) -> str:
        (operand,) = x.operands
        there: list[int | str] = [0] * len(operand.shape)
        for axis, i in zip(x.axes, index, strict=True):
            if axis is not None:
                there[axis] = i
        return self._element(operand, there)

    def _take(self, x: Take, index: Index) -> str:
        flat = self._position(x.positions, index)
        if batched(x):
            flat = self.plus(self.times(flat, self.length(BATCH)), index[-1])
        return self._at(x.operands[0], flat)

    def _position(self, positions: Numbers, index: Index) -> int | str:
        flat = self.flat(positions.shape, index[: positions.ndim])
        address = self.address(self._table_name(positions), flat, "i64")
        return self.line(f"load i64, ptr {address}")
