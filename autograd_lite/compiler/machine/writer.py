"""LLVM code below the arrays: memory, whole numbers, loops, and the text of a module.

Lengths and indices are Python's whole numbers where they are known while printing, and names of
LLVM's where they are not (the number of samples, the turn of a loop).

The code is made as text. ``llvmlite.ir`` takes 9 to 18 µs to build and print an instruction; as
text it takes 2, all that decides what to write included.

Next: ``sums.py``.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import NamedTuple, Protocol

from ...engine.primitive import Primitive
from ...languages.form import tree_of
from ...languages.llvm import Formulas, literal
from ..arrays.instructions import BATCH, Numbers, Shape
from .strength import BRANCHES

Index = Sequence["int | str"]

#: LLVM makes vectors of shorter loops too, with lanes that nobody reads where the length does not
#: fit: they divide 0 by 0, and the flags say that arithmetic was undefined.
SHORT_LOOP, FITTING = 16, (2, 4, 8)


class WrittenBody(NamedTuple):
    """The lines of a body, and the names of the arrays that it reads or writes."""

    lines: list[str]
    pointers: set[str]


class Writer(Formulas):
    """Writes the lines of one function body after the other."""

    def __init__(self) -> None:
        super().__init__()
        self.scalar_loops = 0  # that are to have no vectors
        self.begin()

    def begin(self) -> None:
        """A new body: nothing of the one before is known in it."""
        self.lines, self.known = [], {}
        self._variables: list[str] = []  # on the stack, made on entry
        self._pointers: set[str] = set()  # that the body reads or writes
        self._block = "entry"

    def body(self) -> WrittenBody:
        """The body written last."""
        return WrittenBody(["entry:", *self._variables, *self.lines, "  ret void"], self._pointers)

    # --- memory ---

    def variable(self, start: float) -> str:
        """A number on the stack."""
        name = self.name()
        self._variables.append(f"  {name} = alloca double")
        self.store(literal(start), name, 0)
        return name

    def load(self, pointer: str, flat: int | str) -> str:
        name, address = self.name(), self.address(pointer, flat)
        self.lines.append(f"  {name} = load double, ptr {address}")  # what is there may change
        return name

    def store(self, x: str, pointer: str, flat: int | str) -> None:
        self.lines.append(f"  store double {x}, ptr {self.address(pointer, flat)}")

    def address(self, pointer: str, flat: int | str, kind: str = "double") -> str:
        self._pointers.add(pointer)
        return (
            pointer if flat == 0 else self.line(f"getelementptr {kind}, ptr {pointer}, i64 {flat}")
        )

    # --- whole numbers: Python's where they are known, LLVM's where not ---

    def length(self, n: int | str) -> int | str:
        return "%n" if n == BATCH else n

    def arithmetic(self, name: str, x: int | str, y: int | str) -> int | str:
        if isinstance(x, int) and isinstance(y, int):
            return {"mul": x * y, "add": x + y, "udiv": x // (y or 1), "urem": x % (y or 1)}[name]
        if name == "mul" and 1 in (x, y):
            return y if x == 1 else x
        if name == "add" and 0 in (x, y):
            return y if x == 0 else x
        if name == "mul" and 0 in (x, y):
            return 0
        return self.line(f"{name} i64 {x}, {y}")

    def plus(self, x: int | str, y: int | str) -> int | str:
        return self.arithmetic("add", x, y)

    def times(self, x: int | str, y: int | str) -> int | str:
        return self.arithmetic("mul", x, y)

    def product(self, shape: Shape) -> int | str:
        size: int | str = 1
        for n in shape:
            size = self.times(size, self.length(n))
        return size

    def flat(self, shape: Shape, index: Index) -> int | str:
        flat: int | str = 0
        for n, i in zip(shape, index, strict=True):
            flat = self.plus(self.times(flat, self.length(n)), i)
        return flat

    # --- loops ---

    @contextmanager
    def loop(self, n: int | str) -> Iterator[int | str]:
        if n == 1:
            yield 0
            return
        i, following, again = self.name(), self.name(), self.name()
        head, end = f"loop{i[2:]}", f"end{i[2:]}"
        before, self._block = self._block, head
        phi = len(self.lines) + 2
        self.lines += [f"  br label %{head}", f"{head}:", ""]
        yield i
        self.lines[phi] = f"  {i} = phi i64 [0, %{before}], [{following}, %{self._block}]"
        self.lines += [
            f"  {following} = add nuw nsw i64 {i}, 1",
            f"  {again} = icmp ult i64 {following}, {self.length(n)}",
            f"  br i1 {again}, label %{head}, label %{end}{self._without_vectors(n, phi)}",
            f"{end}:",
        ]
        self._block = end

    def _without_vectors(self, n: int | str, start: int) -> str:
        """What the end of a loop says where lanes beyond its length would divide."""
        divides = any(" = fdiv " in line for line in self.lines[start:])
        if not (isinstance(n, int) and BATCH < n < SHORT_LOOP and n not in FITTING and divides):
            return ""
        self.scalar_loops += 1
        return f", !llvm.loop !{self.scalar_loops}"

    def branch(self, condition: str, *arms: Callable[[], str]) -> str:
        """The number of the first arm, or where the condition is false of the second."""
        k, known = self.name()[2:], self.known
        names, ends = (f"near{k}", f"far{k}"), []
        self.lines.append(f"  br i1 {condition}, label %near{k}, label %far{k}")
        for name, arm in zip(names, arms, strict=True):
            self.known, self._block = known.copy(), name
            self.lines.append(f"{name}:")
            ends.append(f"[{arm()}, %{self._block}]")
            self.lines.append(f"  br label %then{k}")
        self.known, self._block = known, f"then{k}"
        self.lines.append(f"then{k}:")
        return self.line(f"phi double {', '.join(ends)}")

    def applied(self, op: Primitive, operands: Sequence[str]) -> str:
        if op.name not in BRANCHES:
            return super().applied(op, operands)
        names = dict(zip(op.operands, operands, strict=True))
        match tree_of(op):
            case ast.Call(args=[condition, near, far]):
                return self.branch(
                    self.written(condition, names),
                    lambda: self.written(near, names),
                    lambda: self.written(far, names),
                )
        raise AssertionError(f"{op.name} is no choice")

    @contextmanager
    def turns(
        self, n: int, starts: Sequence[str]
    ) -> Iterator[tuple[int | str, list[str], list[str]]]:
        """A loop, what it carries, and a list for what it hands on: known behind it as well."""
        before = self._block
        carried, handed = [self.name() for _ in starts], list[str]()
        with self.loop(n) as turn:
            at = len(self.lines)
            self.lines += [""] * len(starts)
            yield turn, carried, handed
            for k, (x, start, following) in enumerate(zip(carried, starts, handed, strict=True)):
                pairs = f"[{start}, %{before}], [{following}, %{self._block}]"
                self.lines[at + k] = f"  {x} = phi double {pairs}"

    @contextmanager
    def loops(self, lengths: Sequence[int]) -> Iterator[list[int | str]]:
        with ExitStack() as loops:
            yield [loops.enter_context(self.loop(n)) for n in lengths]


# --- modules --------------------------------------------------------------------------------------


class Bodies(Protocol):
    """What a module is made of; see ``kernels.KernelCode``."""

    called: set[tuple[str, int]]
    tables: dict[str, Numbers]
    scratch: list[tuple[str, Shape]]
    bodies: list[WrittenBody]
    scalar_loops: int


def module_text(code: Bodies, pointers: Sequence[str], flags: int) -> str:
    """A module of one function, ``i32 run(frame)``.

    The frame holds n, then the addresses of the arguments, of the results, and of memory for what
    lies in between. It returns 0, or something else where another form has to answer: one of the
    processor's flags was set, or a result is not finite. To the bodies all arrays are arguments
    that overlap no others, so that LLVM may use vector instructions.
    """
    place = {x: k for k, x in enumerate([*pointers, "%out", *[x for x, _ in code.scratch]])}
    lines, calls = declared(code.called), []
    lines += [_constant(name, table) for name, table in code.tables.items()]
    for k, body in enumerate(code.bodies):
        # its own arrays only: with all of them the time grew as the square of their number
        read = sorted(body.pointers & place.keys(), key=place.__getitem__)
        taken = ", ".join(["i64 %n", *[f"ptr noalias {x}" for x in read]])
        lines.append(f"define internal void @body{k}({taken}) noinline {{")
        lines += [*body.lines, "}"]
        calls.append(f"  call void @body{k}({', '.join(['i64 %n', *[f'ptr {x}' for x in read]])})")
    lines += [
        *begun([*pointers, "%out", "%scratch"], flags),
        *_layout(code.scratch),
        *calls,
        *ended(flags),
        '!0 = !{!"llvm.loop.vectorize.enable", i1 false}',
        *[f"!{k} = distinct !{{!{k}, !0}}" for k in range(1, code.scalar_loops + 1)],
    ]
    return "\n".join(lines) + "\n"


def declared(called: Iterable[tuple[str, int]]) -> list[str]:
    """The functions of C that are called, with the number of their operands."""
    lines = ["declare i32 @feclearexcept(i32)", "declare i32 @fetestexcept(i32)"]
    for name, count in sorted(called):
        lines.append(f"declare double @{name}({', '.join(['double'] * count)}) #0")
    # nobuiltin: LLVM knows that pow(x, 0) is 1, and would not compute x, nor set its flags
    return [*lines, "attributes #0 = { nobuiltin nounwind willreturn memory(none) }"]


def begun(pointers: Sequence[str], flags: int) -> list[str]:
    """The beginning of ``run``, to the block ``go_on``: what the frame holds, and clean flags."""
    return [
        "define i32 @run(ptr %frame) {",
        *_loaded(pointers),
        # to look at flags takes 3 ns, to clear them 50
        f"  %before = call i32 @fetestexcept(i32 {flags})",
        "  %clean = icmp eq i32 %before, 0",
        "  br i1 %clean, label %go_on, label %clear",
        "clear:",
        f"  %cleared = call i32 @feclearexcept(i32 {flags})",
        "  br label %go_on",
        "go_on:",
    ]


def ended(flags: int) -> list[str]:
    """The end of ``run``: whether the flags or the first result tell of something undefined."""
    return [
        f"  %flags = call i32 @fetestexcept(i32 {flags})",
        "  %first = load double, ptr %out",
        "  %marked = fcmp uno double %first, %first",
        "  %failed = select i1 %marked, i32 -1, i32 %flags",
        "  ret i32 %failed",
        "}",
    ]


def _loaded(pointers: Sequence[str]) -> Iterator[str]:
    """What the frame holds."""
    yield "  %n = load i64, ptr %frame"
    for k, pointer in enumerate(pointers, start=1):
        yield f"  %place{k} = getelementptr ptr, ptr %frame, i64 {k}"
        yield f"  {pointer} = load ptr, ptr %place{k}"


def _layout(scratch: Sequence[tuple[str, Shape]]) -> Iterator[str]:
    """The arrays in between, one after the other."""
    at: int | str = 0
    for k, (pointer, shape) in enumerate(scratch):
        yield f"  {pointer} = getelementptr double, ptr %scratch, i64 {at}"
        size = math.prod(n for n in shape if n != BATCH)
        if BATCH in shape:
            yield f"  %each{k} = mul i64 %n, {size}"
        yield f"  %after{k} = add i64 {at}, {f'%each{k}' if BATCH in shape else size}"
        at = f"%after{k}"


def _constant(name: str, table: Numbers) -> str:
    kind, numbers = "i64", map(str, table.ravel().tolist())
    if table.dtype.kind == "f":
        kind, numbers = "double", map(literal, table.ravel().tolist())
    body = ", ".join(f"{kind} {x}" for x in numbers)
    return f"{name} = private constant [{table.size} x {kind}] [{body}]"
