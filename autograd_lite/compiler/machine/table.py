"""Very long straight runs: a table of instructions, and one short loop that goes through it.

LLVM takes 100 µs for each operation of a straight run, and the run then reads its code from memory.
A run of a hundred thousand unlike operations is therefore left as numbers: of each instruction its
kind, and where its operands lie. The machine code knows each kind once. It is compiled in a few
hundredths of a second, whatever the length, and runs half as fast.

What is glossed over: loops and arrays, which have code of their own at any length.

Next: ``kept.py``.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from itertools import count
from math import isfinite
from typing import NamedTuple

import numpy as np

from ...engine.primitive import Primitive
from ...languages.llvm import literal
from ..arrays.instructions import Array, Leaf, Map, Number, Numbers
from .writer import Writer, begun, declared, ended

#: Instructions of a run that become a table.
LONG = 20_000
#: Operands of one instruction, of which each has lines of its own.
WIDE = 32

#: With each operand: None where it lies among the values; an infinity or NaN, which a choice may
#: hold, is part of the code.
Kind = tuple[Primitive, tuple[str | None, ...]]
NONE = [(None,) * k for k in range(WIDE + 1)]


class Table(NamedTuple):
    """LLVM's text of the loop, and what it goes through; ``values`` numbers lie in between."""

    text: str
    code: Numbers
    constants: Numbers
    values: int


def fits(order: Sequence[Array]) -> bool:
    """Whether these instructions are many scalars, and nothing else."""
    return len(order) > LONG and all(
        isinstance(x, Leaf | Number) or (isinstance(x, Map) and len(x.operands) <= WIDE)
        for x in order
    )


def table_of(
    order: Sequence[Array],
    results: Sequence[Array],
    sizes: Sequence[int],
    leaves: Mapping[str, int],
    flags: int,
) -> Table:
    """The table of a run; ``leaves`` says where each lies in the arguments, of these ``sizes``."""
    place: dict[Array, int] = {}
    constants = array("d")
    start = sum(sizes)
    for x in order:
        if isinstance(x, Leaf):
            place[x] = leaves[x.name]
        elif isinstance(x, Number):
            place[x] = start + len(constants)
            constants.append(x.value)
    at = first = start + len(constants)
    kinds: dict[Kind, int] = {}
    code = array("i")
    written: dict[Array, str] = {
        x: literal(x.value) for x in order if isinstance(x, Number) and not isfinite(x.value)
    }
    for x in order:
        if isinstance(x, Map):
            operands: Sequence[Array] = x.operands
            texts = tuple([written.get(y) for y in operands]) if written else NONE[len(operands)]
            code.append(kinds.setdefault((x.op, texts), len(kinds)))
            if written:
                operands = [y for y in operands if y not in written]
            code.extend([place[y] for y in operands])
            place[x] = at
            at += 1
    code.append(len(kinds))
    code.extend([place[y] for y in results])
    text = TableCode().module([*kinds], sizes, len(constants), first, len(results), flags)
    return Table(text, np.array(code, dtype=np.int32), np.array(constants, dtype=float), at)


class TableCode(Writer):
    """Writes a block for each kind of instruction, and the loop around them."""

    def module(
        self, kinds: Sequence[Kind], sizes: Sequence[int], constants: int, first: int, results: int,
        flags: int,
    ) -> str:  # fmt: skip
        """Arguments and constants come to the front of the values; then the code runs."""
        pointers = [f"%argument{k}" for k in range(len(sizes))]
        blocks, after = [], ["[%code, %go_on]"]
        for k, kind in enumerate(kinds):
            blocks += self._block_of(k, *kind)
            after.append(f"[%next{k}, %{self._block}]")
        places = [place.replace("%next", "%at").replace("%code", "%first_at") for place in after]
        jumps = " ".join(f"i32 {k}, label %kind{k}" for k in range(len(kinds)))
        lines = [
            *declared(self.called),
            "declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)",
            *begun([*pointers, "%out", "%values", "%code", "%constants"], flags),
            *_copied([*pointers, "%constants"], [*sizes, constants]),
            f"  %first_at = getelementptr double, ptr %values, i64 {first}",
            "  br label %next",
            "next:",
            f"  %pc = phi ptr {', '.join(after)}",
            f"  %at = phi ptr {', '.join(places)}",
            "  %kind = load i32, ptr %pc",
            f"  switch i32 %kind, label %copy [{jumps}]",
            *blocks,
            *_results(results),
            *ended(flags),
        ]
        return "\n".join(lines) + "\n"

    def _block_of(self, k: int, op: Primitive, written: Sequence[str | None]) -> list[str]:
        self.begin()
        self._block = f"kind{k}"
        places = count(1)
        operands = [self._operand(next(places)) if x is None else x for x in written]
        result = self.applied(op, operands)
        self.lines += [
            f"  store double {result}, ptr %at",
            f"  %next{k} = getelementptr i32, ptr %pc, i64 {next(places)}",
            f"  %at{k} = getelementptr double, ptr %at, i64 1",
            "  br label %next",
        ]
        return [f"kind{k}:", *self.lines]

    def _operand(self, i: int) -> str:
        place = self.line(f"load i32, ptr {self.address('%pc', i, 'i32')}")
        wide = self.line(f"zext i32 {place} to i64")
        return self.load("%values", wide)


def _copied(pointers: Sequence[str], sizes: Sequence[int]) -> list[str]:
    """All of these, one after the other, into the values."""
    lines, at = [], 0
    for k, (pointer, size) in enumerate(zip(pointers, sizes, strict=True)):
        lines += [
            f"  %to{k} = getelementptr double, ptr %values, i64 {at}",
            f"  call void @llvm.memcpy.p0.p0.i64(ptr %to{k}, ptr {pointer}, i64 {8 * size}, i1 0)",
        ]
        at += size
    return lines


def _results(number: int) -> list[str]:
    """What stands behind the code says where the results are; the first is NaN unless all are
    finite."""
    return [
        "copy:",
        "  %k = phi i64 [0, %next], [%more, %copy]",
        "  %mark = phi double [0.0, %next], [%marks, %copy]",
        "  %more = add i64 %k, 1",
        "  %from = getelementptr i32, ptr %pc, i64 %more",
        "  %which = load i32, ptr %from",
        "  %wide = zext i32 %which to i64",
        "  %there = getelementptr double, ptr %values, i64 %wide",
        "  %y = load double, ptr %there",
        "  %here = getelementptr double, ptr %out, i64 %k",
        "  store double %y, ptr %here",
        "  %none = fsub double %y, %y",
        "  %marks = fadd double %mark, %none",
        f"  %again = icmp ult i64 %more, {number}",
        "  br i1 %again, label %copy, label %done",
        "done:",
        "  %value = load double, ptr %out",
        "  %told = fsub double %value, %marks",
        "  store double %told, ptr %out",
    ]
