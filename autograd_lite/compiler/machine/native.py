"""Running a program as machine code, by LLVM through the library llvmlite.

The NumPy form of a program costs about a microsecond per array operation, whatever its length;
machine code costs a few nanoseconds. Small batches and graphs of scalars gain most. Where a
program is mostly products of large matrices, the libraries below NumPy are quicker than plain
loops, so such calls go to them.

What is glossed over: the answer where arithmetic is undefined. The processor's flags tell that it
happened; the program's other form then decides.

Next: ``../batch.py``.
"""

from __future__ import annotations

import ctypes
import math
import platform
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib.util import find_spec
from typing import Any, NamedTuple

import numpy as np

from ...signatures import Vector
from ..arrays.instructions import (
    BATCH,
    Array,
    Contract,
    Numbers,
    Shape,
    lengths_of,
    reachable,
)
from ..arrays.tape import Tape
from .assemble import assembled
from .kernels import code_of
from .table import Table, table_of
from .writer import module_text

#: C's FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW, from <fenv.h> of Windows, and of Arm's and Intel's
#: Linux and macOS.
WINDOWS, ARM, INTEL = 0x1C, 0x07, 0x0D
#: Products of matrices with more multiplications than that go to NumPy.
LARGE = 4_000_000
#: Calls whose arrays hold more numbers than that are not kept for the next one.
KEPT = 1_000_000
#: And calls for so many numbers of samples, of each function.
SIZES = 8

#: What machine code is called with, and what it answers. A short run keeps Python's lock: to let go
#: of it takes 50 ns.
SHORT, LONG = (
    kind(ctypes.c_int32, ctypes.c_void_p) for kind in (ctypes.PYFUNCTYPE, ctypes.CFUNCTYPE)
)
#: Numbers that a short run makes at most: a tenth of a millisecond, where each is a sine.
FEW = 10_000

#: So many for any batch, and so many more for each sample.
Growing = tuple[int, int]


class EntryPoint(NamedTuple):
    """One function of a program: LLVM's text of it, and what there is to know about a call."""

    text: str
    results: Growing  # numbers,
    scratch: Growing  # in between,
    multiplications: Growing  # and in products of matrices
    made: Growing  # by all instructions
    straight: bool  # scalars one after the other
    tables: Sequence[Numbers] = ()  # that the code goes through


def count(growing: Growing, n: int) -> int:
    fixed, each = growing
    return fixed + n * each


def machine_code(
    results: Mapping[str, Sequence[Array]],
    arguments: Sequence[str],
    rows: Sequence[tuple[str, Sequence[str]]],
    batch: bool,
) -> Native:
    """Functions of a program in machine code; ``results`` holds the instructions of each.

    ``arguments`` are the names of the arrays that a call brings; ``rows`` those of the variables
    that are one number of an argument each. Raises ``ModuleNotFoundError`` where llvmlite is
    missing.
    """
    _need_llvmlite()
    pointers = {name: f"%argument{k}" for k, name in enumerate(arguments)}
    leaves = {name: (pointer, 0) for name, pointer in pointers.items()}
    for argument, names in rows:
        leaves.update({name: (pointers[argument], k) for k, name in enumerate(names)})
    return Native(
        {
            name: _function(xs, leaves, [*pointers.values()], batch, bool(rows))
            for name, xs in results.items()
        }
    )


def machine_code_of(tape: Tape, gradient: bool) -> Native:
    """The same for a tape: its value, and where there is one, its gradient with it.

    Raises ``ModuleNotFoundError`` where llvmlite is missing.
    """
    _need_llvmlite()
    entries = {"value": _through_tables(table_of(tape, False, _flags()))}
    if gradient:
        entries["value_and_grad"] = _through_tables(table_of(tape, True, _flags()))
    return Native(entries)


def _through_tables(table: Table) -> EntryPoint:
    made = len(table.code), 0
    scratch, results, tables = (table.values, 0), (table.results, 0), [table.code, table.constants]
    return EntryPoint(table.text, results, scratch, (0, 0), made, True, tables)


def _function(
    xs: Sequence[Array],
    leaves: Mapping[str, tuple[str, int]],
    pointers: list[str],
    batch: bool,
    straight: bool,
) -> EntryPoint:
    code = code_of(xs, leaves, batch)
    text = module_text(code, pointers, _flags())
    results, scratch = [x.shape for x in xs], [shape for _, shape in code.scratch]
    made, contracted = _work(xs)
    return EntryPoint(text, _numbers(results), _numbers(scratch), contracted, made, straight)


class Native:
    """The functions of a program in machine code, by name."""

    def __init__(self, entries: Mapping[str, EntryPoint]) -> None:
        self._entries = entries
        self.functions = {name: Function(entry) for name, entry in entries.items()}

    def __deepcopy__(self, memo: object) -> Native:
        return self  # never changes

    def __reduce__(self) -> tuple[Any, ...]:
        return _loaded, (self._entries, _flags())

    @property
    def text(self) -> str:
        """The modules that LLVM compiles, one for each function."""
        return "\n".join(entry.text for entry in self._entries.values())

    def compile(self) -> Native:
        """Itself, with the last function compiled; the value alone is, when it is first asked for.

        That would take a quarter of the time more, and a training never asks.
        """
        *_, function = self.functions.values()
        function.compile()
        return self


class Function:
    """A function in machine code; out of a pickle, it is compiled when it is first called."""

    def __init__(self, entry: EntryPoint) -> None:
        self._entry = entry
        self._run: Any = None
        # calls that nobody makes now: taken and given back in one step each, as threads need it
        self._idle: list[Call] = []

    def __call__(self, n: int, vector: Vector, arrays: Sequence[Vector]) -> Call | None:
        """What holds the results for n samples, until ``free``; None where another form answers."""
        try:
            call = self._idle.pop()
        except IndexError:
            call = None
        if call is None or call.n != n:
            if (call := self.prepared(n, [vector, *arrays])) is None:
                return None
        else:
            call.vector[...] = vector
            if arrays:  # zip(…, strict=True) takes 350 ns
                for x, numbers in zip(call.arrays, arrays, strict=True):
                    x[...] = numbers
        if call.run(call.place):
            self.free(call)
            return None
        return call

    def alone(self, vector: Vector) -> tuple[float, Vector] | None:
        """The first result and the others, where this is the only argument; None if not at once."""
        try:
            call = self._idle.pop()
        except IndexError:
            return None
        call.vector[...] = vector
        failed = call.run(call.place)
        answer = call.first.value, call.after_first.copy()
        self._idle.append(call)
        return None if failed else answer

    def free(self, call: Call) -> None:
        if call.size <= KEPT:
            self._idle.append(call)

    def prepared(self, n: int, arguments: Sequence[Vector]) -> Call | None:
        """A call with these numbers in arrays of its own; None where another form is quicker."""
        entry = self._entry
        if count(entry.multiplications, n) > LARGE:
            return None
        results, scratch = np.empty(count(entry.results, n)), np.empty(count(entry.scratch, n))
        arrays = [np.array(x, order="C") for x in arguments]
        run = self._run or self._compiled()
        return Call(run, n, arrays, results, scratch, entry.tables)

    def compile(self) -> None:
        if self._entry.multiplications[0] <= LARGE:
            self._compiled()

    def _compiled(self) -> Any:
        code = assembled(self._entry.text, self._entry.straight)
        fixed, each = self._entry.made
        kind = LONG if each or fixed > FEW else SHORT
        run: Any = kind(code.address("run"))
        run.code = code  # whoever runs it must hold it
        self._run = run
        return run


class Call:
    """A function with its arguments, its results and what lies in between, at fixed places."""

    def __init__(
        self, run: Any, n: int, arguments: list[Vector], results: Vector, scratch: Vector,
        tables: Sequence[Numbers],
    ) -> None:  # fmt: skip
        self.n, self.arguments, self.results = n, arguments, results
        self.first, self.after_first = ctypes.c_double.from_buffer(results.data), results[1:]
        self.vector, *self.arrays = arguments
        arrays = [*arguments, results, scratch, *tables]
        self.size = sum(x.size for x in arrays)
        # ``run`` is handed the place of this alone: ctypes takes 30 ns for an argument
        self._frame = np.array([n, *[x.ctypes.data for x in arrays]], dtype=np.int64), arrays
        # ``run(place)`` fills the results; it gives 0, unless another form has to answer
        self.run, self.place = run, ctypes.c_void_p(self._frame[0].ctypes.data)


def _need_llvmlite() -> None:
    if find_spec("llvmlite") is None:
        raise ModuleNotFoundError(
            "native=True compiles with llvmlite, which is not installed: "
            "pip install 'autograd_lite[native]', or leave native=True out."
        )


def _loaded(functions: Mapping[str, EntryPoint], flags: int) -> Native:
    """From a pickle: the flags are those of this machine, whose code is made on the first call."""
    _need_llvmlite()
    old, new = f"except(i32 {flags})", f"except(i32 {_flags()})"
    here = {name: f._replace(text=f.text.replace(old, new)) for name, f in functions.items()}
    return Native(here)


def _numbers(shapes: Iterable[Shape]) -> Growing:
    """How many there are in arrays of these shapes: for any batch, and per sample."""
    fixed = each = 0
    for shape in shapes:
        size = math.prod(n for n in shape if n != BATCH)
        fixed, each = (fixed, each + size) if BATCH in shape else (fixed + size, each)
    return fixed, each


def _work(results: Sequence[Array]) -> tuple[Growing, Growing]:
    """How many numbers are made, and how many products in products of matrices."""
    order = reachable(results)
    contracted = [
        tuple(lengths_of(x.operands, x.labels[:2]).values())
        for x in order if isinstance(x, Contract)
    ]  # fmt: skip
    return _numbers([*contracted, *[x.shape for x in order]]), _numbers(contracted)


def _flags() -> int:
    if sys.platform == "win32":
        return WINDOWS
    return ARM if platform.machine().lower() in ("arm64", "aarch64") else INTEL
