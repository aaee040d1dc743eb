"""Large graphs in machine code: a table of who reads whom, and one short loop that goes through it.

LLVM takes 100 µs for each operation of a straight run, and the run then reads its code from memory.
A tape is therefore left as numbers: for each operation a row of its kind, its slot, and those of
its operands; and from the last to the first another, for what it hands on to their adjoints. The
machine code knows each kind twice, forward and backward. It is compiled in a few hundredths of a
second, whatever the length, and runs half as fast.

What is glossed over: infinite constants, arrays and loops, which have code of their own at any
length.

Next: ``kept.py``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import compress
from typing import NamedTuple

import numpy as np

from ... import ops
from ...engine.primitive import Primitive
from ...languages.llvm import literal
from ..arrays.instructions import Array, Instruction, Map, Number, Numbers, reachable
from ..arrays.maker import Arrays
from ..arrays.rules import local_derivatives
from ..arrays.tape import Kind, Tape
from .strength import strengthened
from .writer import Writer, begun, declared, ended

#: Operations of a graph that become tables: until here code of their own is there in a third of a
#: second.
LONG = 2_000


def large(operations: int, levels: int) -> bool:
    """Whether a graph is better a table than code of its own."""
    return operations >= LONG


class Table(NamedTuple):
    """LLVM's text of the loop, and what it goes through; ``values`` numbers lie in between."""

    text: str
    code: Numbers
    constants: Numbers
    values: int
    results: int


def table_of(tape: Tape, gradient: bool, flags: int) -> Table:
    """The tables of a tape's value, or of that and its gradient."""
    kinds = tape.kinds
    code, results, size = [_rows(dict(enumerate(tape.blocks)), 1)], [*tape.outputs], tape.size
    backward: list[Kind] = []
    if gradient:
        some = [any(wanted) for _, wanted in kinds]
        backward = [*compress(kinds, some)]
        code.append(_rows(dict(enumerate(compress(tape.blocks, some), len(kinds))), -1))
        first = size + len(tape.constants)
        results += range(first, first + tape.arguments[0][1])
        size *= 2
    code.append(np.array([len(kinds) + len(backward), *results], dtype=np.int32))
    text = TableCode().module(tape, backward, len(results), flags)
    return Table(text, np.concatenate(code), tape.constants, size, len(results))


def _rows(blocks: Mapping[int, Numbers], direction: int) -> Numbers:
    """Of each operation the number of its block, its slot, and those of its operands.

    By slots, upwards or downwards.

    >>> _rows({7: np.array([[3, 4], [0, 1]]), 8: np.array([[5], [3], [4]])}, -1).tolist()
    [8, 5, 3, 4, 7, 4, 1, 7, 3, 0]
    """
    slots = np.concatenate([np.zeros(0, int), *[block[0] for block in blocks.values()]])
    widths = [np.full(block.shape[1], 1 + len(block)) for block in blocks.values()]
    width = np.concatenate([np.zeros(0, int), *widths])
    order = np.argsort(direction * slots)
    starts = np.empty_like(slots)
    starts[order] = np.cumsum(width[order]) - width[order]
    code = np.empty(width.sum(), dtype=np.int32)
    for number, block in blocks.items():
        here, starts = np.split(starts, [block.shape[1]])
        code[here] = number
        for k, row in enumerate(block, start=1):
            code[here + k] = row
    return code


class TableCode(Writer):
    """Writes a block for each kind of instruction, and the loop around them."""

    def module(self, tape: Tape, backward: Sequence[Kind], results: int, flags: int) -> str:
        """Constants and arguments come to the front of the values; then the code runs."""
        pointers = [f"%argument{k}" for k in range(len(tape.arguments))]
        sizes = [len(tape.constants), *[size for _, size in tape.arguments]]
        blocks, places = [], ["[%code, %go_on]"]
        for k, (op, wanted) in enumerate([*tape.kinds, *backward]):
            self.begin()
            self._block = f"kind{k}"
            if k < len(tape.kinds):
                self._forward(op, len(wanted))
            else:
                self._backward(op, wanted)
            after = self.line(f"getelementptr i32, ptr %pc, i64 {len(wanted) + 2}")
            blocks += [f"kind{k}:", *self.lines, "  br label %next"]
            places.append(f"[{after}, %{self._block}]")
        jumps = " ".join(f"i32 {k}, label %kind{k}" for k in range(len(places) - 1))
        lines = [
            *declared(self.called),
            "declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)",
            "declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)",
            *begun([*pointers, "%out", "%values", "%code", "%constants"], flags),
            *_copied(["%constants", *pointers], sizes),
            *(_seeded(tape.size, tape.outputs[0]) if backward else ()),
            "  br label %next",
            "next:",
            f"  %pc = phi ptr {', '.join(places)}",
            "  %kind = load i32, ptr %pc",
            f"  switch i32 %kind, label %copy [{jumps}]",
            *blocks,
            *_results(results),
            *ended(flags),
        ]
        return "\n".join(lines) + "\n"

    def _forward(self, op: Primitive, n: int) -> None:
        arrays, slots = Arrays(), self._slots(n)
        xs = [arrays.leaf(f"x{k}", ()) for k in range(n)]
        known = {x: self.load("%values", slot) for x, slot in zip(xs, slots[1:], strict=True)}
        (z,) = self._computed(arrays, [arrays.map(op, *xs)], known)
        self.store(z, "%values", slots[0])

    def _backward(self, op: Primitive, wanted: Sequence[bool]) -> None:
        """To the adjoint of each operand, that of the result times the local derivative."""
        arrays, slots = Arrays(), self._slots(len(wanted))
        names = ["z", *[f"x{k}" for k in range(len(wanted))]]
        z, *xs = [arrays.leaf(name, ()) for name in names]
        known = {x: self.load("%values", slot) for x, slot in zip([z, *xs], slots, strict=True)}
        adjoint = arrays.leaf("adjoint", ())
        known[adjoint] = self.load("%adjoints", slots[0])
        partials = local_derivatives(arrays, op, z, tuple(xs))
        terms, to = [], []
        for partial, slot, wants in zip(partials, slots[1:], wanted, strict=True):
            if wants and partial != 0.0:
                if not isinstance(partial, Instruction):
                    partial = arrays.number(partial)
                terms.append(arrays.map(ops.mul, partial, adjoint))
                to.append(slot)
        for slot, term in zip(to, self._computed(arrays, terms, known), strict=True):
            total = self.name()
            self.lines.append(f"  {total} = fadd double {self.load('%adjoints', slot)}, {term}")
            self.store(total, "%adjoints", slot)

    def _slots(self, n: int) -> list[str]:
        """Those of the result and of the operands."""
        places = [self.address("%pc", k, "i32") for k in range(1, n + 2)]
        slots = [self.line(f"load i32, ptr {place}") for place in places]
        return [self.line(f"zext i32 {slot} to i64") for slot in slots]

    def _computed(self, arrays: Arrays, xs: Sequence[Array], known: dict[Array, str]) -> list[str]:
        xs = strengthened(arrays, xs)
        for x in reachable(xs):
            if isinstance(x, Number):
                known[x] = literal(x.value)
            elif isinstance(x, Map):
                known[x] = self.applied(x.op, [known[y] for y in x.operands])
        return [known[x] for x in xs]


def _seeded(size: int, output: int) -> list[str]:
    """The adjoints, behind the values: 1 of the output, 0 of all others."""
    return [
        f"  %adjoints = getelementptr double, ptr %values, i64 {size}",
        f"  call void @llvm.memset.p0.i64(ptr %adjoints, i8 0, i64 {8 * size}, i1 0)",
        f"  %seed = getelementptr double, ptr %adjoints, i64 {output}",
        "  store double 1.0, ptr %seed",
    ]


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
