"""Straight-line Python for graphs without loops: one local variable per number, no arrays.

A NumPy call costs about a microsecond whatever its length, a line of Python on local floats 30 to
40 nanoseconds. A narrow, deep graph (a recurrence, an orbit, an unrolled cell) is therefore
quickest as plain assignments with the functions of ``math``, which run on Python floats.

The functions of ``math`` raise where there is no real answer, but ``+ − × ÷`` overflow silently.
Infinities that a later function would hide (tanh of ∞ is 1) are caught by one sum, the guard.

Next: ``taped.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import product, repeat
from math import isfinite
from typing import NamedTuple

from ... import ops
from ...engine.primitive import Primitive
from ...languages.form import ATOM, Text, is_arithmetic
from ...languages.python import Python
from ..arrays.instructions import (
    Array,
    Body,
    Final,
    Join,
    Leaf,
    Loop,
    Map,
    Number,
    Numbers,
    Reshape,
    Series,
    Slice,
    Stack,
    Table,
    reachable,
    readers_of,
)
from .printer import Printer, hands_on

#: Where a function of floats shows whether it overflows in silence.
EXTREMES = (0.0, 1.0, -1.0, 5e-324, -5e-324, 1e200, -1e200, 1.7e308, -1.7e308)


#: Kinds that get no line of their own; and those that loops leave.
INSIDE, OF_LOOPS = (Number, Table, Slice, Final, Series), (Final, Series)


class StraightPrinter(Printer):
    """Lines of Python on floats, and the helpers that they call."""

    def __init__(
        self,
        outputs: Mapping[str, Array],
        adjoints: Mapping[Array, Array],
        tables: dict[str, Numbers],
        taken: Iterable[str],
    ) -> None:
        self.language = self.python = Python()
        super().__init__(outputs, adjoints, tables, taken)
        self.guards: list[str] = []  # sums of what loops have to guard
        self._tapes: dict[Array, Tape] = {}  # by loop

    def print(self) -> list[str]:
        """The lines, and an error where a number has overflowed unseen."""
        lines = super().print()
        guard = [self.texts[x][0] for x in _guarded(self._order, self._forward)] + self.guards
        for start in range(0, len(guard), 50):
            some = " + ".join(guard[start : start + 50])
            lines += [f"if not isfinite({some}):", '    raise OverflowError("a number overflowed")']
        return lines

    def stays_inside(self, x: Array, text: Text) -> bool:
        if isinstance(x, INSIDE):
            return True
        if x.shape:
            return False
        if self.is_condition(x):
            return super().stays_inside(x, text)
        if len(self.readers[x]) != 1 or len(text[0]) > 100:
            return False
        (reader,) = self.readers[x]
        if text[1] == ATOM and "(" not in text[0]:
            return True
        if not isinstance(reader, Map) or (not hands_on(reader.op) and _may_overflow(x)):
            return False  # the guard needs its name
        return written_once(reader.op)

    def name(self, x: Array) -> str:
        for variable in self.variables.get(x, []):
            if isinstance(variable, Leaf):
                return self.fresh(f"d{variable.name}")
        return self.numbered("v")

    def map(self, x: Map, operands: Sequence[Text]) -> Text:
        op = x.op
        if op is ops.step and self.is_condition(x) and self.stays_inside(x, ("", ATOM)):
            # seen where two of them meet; other products write the condition themselves
            return f"(1.0 if {operands[0][0]} > 0.0 else 0.0)", ATOM
        if op is ops.mul:
            for k, operand in enumerate(x.operands):
                if self.is_condition(operand):
                    at = self.texts[operand.operands[0]][0]
                    return f"({operands[1 - k][0]} if {at} > 0.0 else 0.0)", ATOM
        return self.language.applied(op, operands if op.arity else [list(operands)])

    # --- rows of numbers, and loops ---

    def _write(self, x: Array, name: str | None) -> None:
        if isinstance(x, Map) and not x.shape:  # nearly all
            text = self.map(x, [self.texts[y] for y in x.operands])
            if name or not self.stays_inside(x, text):
                name = name or self.name(x)
                self.lines.append(f"{name} = {text[0]}")
                text = name, ATOM
            self.texts[x] = text
        elif isinstance(x, Loop):
            self._loop(x)
        else:
            super()._write(x, None if isinstance(x, OF_LOOPS) else name)

    def _written(self, x: Array) -> Text:
        match x:
            case Final(operands=(loop,), which=which):
                return self._tapes[loop].carried[which], ATOM
            case Series():
                return self._row(x), ATOM
            case Stack():
                return _listed(self.texts[y][0] for y in x.operands), ATOM
            case Table():
                return f"{super()._written(x)[0]}.tolist()", ATOM
            case Join():
                return self._joined(x), ATOM
            case Slice():
                return f"{self.texts[x.operands[0]][0]}[{_limits(x)}]", ATOM
            case Reshape(shape=(), operands=(Slice(operands=(row,), slices=((at, _, _),)),)):
                return self._element(row, at), ATOM
            case Reshape(operands=(y,)):
                return (self.texts[y][0] if y.shape else f"[{self.texts[y][0]}]"), ATOM
            case Map():
                return self._in_rows(x), ATOM
        return super()._written(x)

    def _row(self, x: Series) -> str:
        """A column of a tape as a list, from the first turn to the last."""
        tape = self._tapes[x.operands[0]]
        turned = f"reversed({tape.name})" if tape.backwards else tape.name
        return f"[row[{tape.columns[x]}] for row in {turned}]"

    def _element(self, row: Array, at: int) -> str:
        if isinstance(row, Series):
            (loop,) = row.operands
            tape = self._tapes[loop]
            return f"{tape.name}[{-1 - at if tape.backwards else at}][{tape.columns[row]}]"
        return f"{self.texts[row][0]}[{at}]"

    def _joined(self, x: Join) -> str:
        pieces = iter(x.operands)
        return " + ".join(
            self.texts[next(pieces)][0] if gap is None else f"[0.0] * {gap}" for gap in x.layout
        )

    def _in_rows(self, x: Map) -> str:
        names = [self.numbered("s") for _ in x.operands]
        inside, _ = self.language.applied(x.op, [(name, ATOM) for name in names])
        rows = ", ".join(self.texts[y][0] for y in x.operands)
        return f"[{inside} for {', '.join(names)} in zip({rows})]"

    def _loop(self, loop: Loop) -> None:
        """The lines of a loop; what it carries keeps its names when it has ended."""
        body, turn = loop.body, Turn(self, loop)
        starts, count = loop.operands, len(loop.body.carried)
        outside, rows = starts[count:], starts[count + len(body.outside) :]
        for leaf, x in zip(body.outside, outside, strict=False):
            turn.texts[leaf] = self.texts[x]
        carried = [turn.variable(leaf, "u") for leaf in body.carried]
        names = [turn.variable(leaf, "s") for leaf in body.series]
        kept = [x for x in self.readers[loop] if isinstance(x, Series)]
        tape = Tape(self.fresh("tape"), body.backwards, carried, {x: k for k, x in enumerate(kept)})
        self._tapes[loop] = tape
        lines = turn.lines_of([x.of for x in kept], tape.name)
        if kept:
            self.lines.append(f"{tape.name} = []")
        self.lines += [
            f"{name} = {self.texts[x][0]}" for name, x in zip(carried, starts, strict=False)
        ]
        if turn.guard:
            self.lines.append(f"{turn.guard} = 0.0")
            self.guards.append(turn.guard)
        self.lines.append(f"for {self._rows_of(body, names, rows)}:")
        self.lines += [f"    {line}" for line in lines]

    def _rows_of(self, body: Body, names: Sequence[str], rows: Sequence[Array]) -> str:
        """What a loop runs over: its rows, those of one tape together."""
        tapes: dict[str, list[str]] = {}
        lists = []
        for name, x in zip(names, rows, strict=True):
            if isinstance(x, Series):
                tape = self._tapes[x.operands[0]]
                source = tape.name if body.backwards == tape.backwards else f"reversed({tape.name})"
                columns = tapes.setdefault(source, ["_"] * len(tape.columns))
                columns[tape.columns[x]] = name
            else:
                text = self.texts[x][0]
                lists.append((name, f"reversed({text})" if body.backwards else text))
        pairs = [(_tuple(names), source) for source, names in tapes.items()] + lists
        if not pairs:
            return f"_ in range({body.turns})"
        targets, sources = map(", ".join, zip(*pairs, strict=True))
        return f"{targets} in {sources if len(pairs) == 1 else f'zip({sources})'}"


class Tape(NamedTuple):
    """What a loop has left: a list with a row for each turn, and the names of what it carries."""

    name: str
    backwards: bool
    carried: Sequence[str]
    columns: dict[Array, int]


class Turn(StraightPrinter):
    """The lines of one turn, among the names of the function."""

    def __init__(self, around: StraightPrinter, loop: Loop) -> None:
        self._loop_body = loop.body
        wanted = [x.of for x in around.readers[loop] if isinstance(x, Series)]
        self._results = list(dict.fromkeys([*loop.body.handed, *wanted]))
        super().__init__({"": self._results[0]}, {}, around.tables, [])
        self.language = self.python = around.python
        self._order = reachable(self._results)
        self.readers = readers_of(self._order)
        self._taken, self._counts = around._taken, around._counts
        self._tables_known = around._tables_known
        self._forward = set(self._order) if loop in around._forward else set()
        self.guard = ""

    def variable(self, leaf: Array, letter: str) -> str:
        name = self.numbered(letter)
        self.texts[leaf] = (name, ATOM)
        return name

    def lines_of(self, kept: Sequence[Array], tape: str) -> list[str]:
        """What is computed, kept, and handed on."""
        results = set(self._results)
        for x in self._order:
            if not isinstance(x, Leaf):
                self._write(x, self.name(x) if x in results and not isinstance(x, Number) else None)
        guarded = [self.texts[x][0] for x in _guarded(self._order, self._forward)]
        if guarded:
            self.guard = self.fresh("guard")
            self.lines.append(f"{self.guard} += {' + '.join(guarded)}")
        if kept:
            self.lines.append(f"{tape}.append({_tuple(self.texts[x][0] for x in kept)})")
        pairs = zip(self._loop_body.carried, self._loop_body.handed, strict=True)
        moves = [(self.texts[a][0], self.texts[b][0]) for a, b in pairs if a is not b]
        if moves:
            left, right = map(", ".join, zip(*moves, strict=True))
            self.lines.append(f"{left} = {right}")
        return self.lines or ["pass"]


def _guarded(order: Iterable[Array], forwards: set[Array]) -> list[Array]:
    """Numbers that may overflow in silence, and which an operation reads that may hide it."""
    found: dict[Array, None] = {}
    for x in order:
        if x in forwards and isinstance(x, Map) and not hands_on(x.op):
            hidden = x.operands[1:] if x.op is ops.div else x.operands
            found.update(dict.fromkeys(y for y in hidden if _may_overflow(y)))
    return list(found)


def _tuple(texts: Iterable[str]) -> str:
    first, *others = texts
    return f"({first}, {', '.join(others)})" if others else f"({first},)"


def _listed(texts: Iterable[str]) -> str:
    return f"[{', '.join(texts)}]"


def _limits(x: Slice) -> str:
    ((start, stop, _),) = x.slices
    return f"{start}:{stop}"


@lru_cache(maxsize=1024)
def overflows(op: Primitive) -> bool:
    """Whether finite operands may give an infinity or a NaN without an error.

    >>> [overflows(op) for op in (ops.mul, ops.hypot, ops.exp, ops.leaky_relu_with(100.0))]
    [True, True, False, True]
    """
    if op in (ops.sum, ops.prod) or is_arithmetic(op, division=True):
        return True
    points = product(EXTREMES, repeat=op.arity or 2)
    return not all(map(_loud, repeat(op), points))


def _loud(op: Primitive, numbers: tuple[float, ...]) -> bool:
    """Whether the row's function has a finite value there, or raises."""
    try:
        if op.arity:
            return isfinite(op.compute(*numbers))
        return isfinite(op.compute(*[numbers + numbers[:1]] * len(op.operands)))
    except (ArithmeticError, ValueError):
        return True


@lru_cache(maxsize=1024)
def written_once(op: Primitive) -> bool:
    """Whether an operand may stand inside: it is written once, and its overflow comes out."""
    return op is ops.div or (hands_on(op) and Python().occurrences(op) == 1)


def _may_overflow(x: Array) -> bool:
    return isinstance(x, Final | Reshape) or (isinstance(x, Map) and overflows(x.op))
