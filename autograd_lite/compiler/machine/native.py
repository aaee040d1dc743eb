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
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import Any, NamedTuple

import numpy as np

from ...signatures import Vector
from ..arrays.instructions import BATCH, Array, Contract, lengths_of, reachable
from .assemble import assembled
from .kernels import code_of
from .writer import module_text

#: C's FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW, from <fenv.h> of Windows, and of Arm's and Intel's
#: Linux and macOS.
WINDOWS, ARM, INTEL = 0x1C, 0x07, 0x0D
#: Products of matrices with more multiplications than that go to NumPy.
LARGE = 4_000_000
#: ctypes passes 1,024 arguments; n and the result are two of them.
MOST_ARGUMENTS = 1_022


class EntryPoint(NamedTuple):
    """One function of a program: LLVM's text of it, and what there is to know about a call."""

    text: str
    results: int  # numbers,
    rows: bool  # for each sample or for all
    fixed: int  # multiplications in products of matrices, for any batch
    each: int  # and per sample
    straight: bool  # scalars one after the other


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
    if len(arguments) > MOST_ARGUMENTS:
        raise ValueError(
            f"native=True takes up to {MOST_ARGUMENTS - 1:,} inputs; got "
            f"{len(arguments) - 1:,}. Put numbers that belong together into one input, a list "
            f"of Values."
        )
    pointers = {name: f"%argument{k}" for k, name in enumerate(arguments)}
    leaves = {name: (pointer, 0) for name, pointer in pointers.items()}
    for argument, names in rows:
        leaves.update({name: (pointers[argument], k) for k, name in enumerate(names)})
    return Native(
        {
            name: _function(xs, leaves, [*pointers.values()], batch, bool(rows))
            for name, xs in results.items()
        },
        len(arguments),
    )


def _function(
    xs: Sequence[Array],
    leaves: Mapping[str, tuple[str, int]],
    pointers: list[str],
    batch: bool,
    straight: bool,
) -> EntryPoint:
    text = module_text(code_of(xs, leaves, batch), pointers, _flags())
    size = sum(math.prod(n for n in x.shape if n != BATCH) for x in xs)
    rows = any(BATCH in x.shape for x in xs)
    return EntryPoint(text, size, rows, *_multiplications(xs), straight)


class Native:
    """Functions of a program in machine code; out of a pickle, compiled when they are called."""

    def __init__(self, functions: Mapping[str, EntryPoint], arguments: int) -> None:
        self._functions, self._arguments = functions, arguments
        self._kind = ctypes.CFUNCTYPE(
            ctypes.c_int32, ctypes.c_int64, *[ctypes.c_char_p] * arguments, ctypes.c_void_p
        )
        self._ready: dict[str, Any] = {}

    def __deepcopy__(self, memo: object) -> Native:
        return self  # never changes

    def __reduce__(self) -> tuple[Any, ...]:
        return _loaded, (self._functions, self._arguments, _flags())

    @property
    def text(self) -> str:
        """The modules that LLVM compiles, one for each function."""
        return "\n".join(function.text for function in self._functions.values())

    def __call__(self, name: str, n: int, arguments: Sequence[Vector]) -> Vector | None:
        """All results in a row, for n samples; None where another form has to answer."""
        function = self._functions[name]
        if function.fixed + n * function.each > LARGE:
            return None
        run = self._ready.get(name) or self._compiled(name)
        size = function.results * (n if function.rows else 1)
        out = (ctypes.c_double * size)()
        # bytes cost less than an array's address, and lie in one piece
        failed = run(n, *[x.tobytes() for x in arguments], out)
        if failed or not math.isfinite(out[0]):  # which is NaN where another result is not finite
            return None
        return np.ndarray(size, float, out)  # type: ignore[arg-type]  # a buffer it is

    def compile(self) -> Native:
        """Itself, with all functions compiled that are ever to run."""
        for name, function in self._functions.items():
            if function.fixed <= LARGE:
                self._compiled(name)
        return self

    def _compiled(self, name: str) -> Any:
        function = self._functions[name]
        code = assembled(function.text, function.straight)
        run: Any = self._kind(code.address("run"))
        run.code = code  # whoever runs it must hold it
        self._ready[name] = run
        return run


def _need_llvmlite() -> None:
    if find_spec("llvmlite") is None:
        raise ModuleNotFoundError(
            "native=True compiles with llvmlite, which is not installed: "
            "pip install 'autograd_lite[native]', or leave native=True out."
        )


def _loaded(functions: Mapping[str, EntryPoint], arguments: int, flags: int) -> Native:
    """From a pickle: the flags are those of this machine, whose code is made on the first call."""
    _need_llvmlite()
    old, new = f"except(i32 {flags})", f"except(i32 {_flags()})"
    here = {name: f._replace(text=f.text.replace(old, new)) for name, f in functions.items()}
    return Native(here, arguments)


def _multiplications(results: Sequence[Array]) -> tuple[int, int]:
    """How many there are in products of matrices: for any batch, and per sample."""
    fixed = each = 0
    for x in reachable(results):
        if isinstance(x, Contract):
            lengths = lengths_of(x.operands, x.labels[:2])
            count = math.prod(n for n in lengths.values() if n != BATCH)
            if BATCH in lengths.values():
                each += count
            else:
                fixed += count
    return fixed, each


def _flags() -> int:
    if sys.platform == "win32":
        return WINDOWS
    return ARM if platform.machine().lower() in ("arm64", "aarch64") else INTEL
