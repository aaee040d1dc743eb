"""From LLVM's text to machine code in memory, by the library llvmlite.

Loops over arrays take the passes that make vector instructions of them. A straight run of scalars
needs none: what is computed twice is computed once already, and the passes took three quarters of
the time without making it any quicker.

Next: ``native.py``.
"""

from __future__ import annotations

import ctypes
import sys
from functools import cache
from typing import Any

from .kept import kept

#: Straight runs whose text is longer than that are compiled with the quick allocator of registers:
#: a fifth of the time, and code that runs up to half as long again.
LONG = 4_000_000


class Loaded:
    """Machine code in memory, which goes when nobody holds this."""

    def __init__(self, code: bytes) -> None:
        import llvmlite.binding as llvm

        self._engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), _machine(2))
        self._engine.add_object_file(llvm.ObjectFileRef.from_data(code))
        self._engine.finalize_object()

    def address(self, name: str) -> int:
        found: int = self._engine.get_function_address(name)
        return found


def assembled(text: str, straight: bool = False) -> Loaded:
    """The functions of a module; one that is ``straight`` has no loops worth a thought."""
    import llvmlite
    import llvmlite.binding as llvm

    _with_functions_of_c(text)
    machine = llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()
    version = llvmlite.__version__, ".".join(map(str, llvm.llvm_version_info))
    level = 2 if not straight else 1 if len(text) <= LONG else 0
    made = "straight" if straight else "loops", str(level), llvm.get_process_triple()
    return Loaded(kept((*machine, *version, *made, text), lambda: _compiled(text, straight, level)))


def _compiled(text: str, straight: bool, level: int) -> bytes:
    import llvmlite.binding as llvm

    machine = _machine(level)
    module = llvm.parse_assembly(text)
    if not straight:
        # Unrolling whole loops, level 3, takes twenty times as long to compile for little.
        choice = llvm.create_pipeline_tuning_options(speed_level=2)
        choice.loop_vectorization, choice.loop_unrolling = True, False
        passes = llvm.create_pass_builder(machine, choice)
        passes.getModulePassManager().run(module, passes)
    code: bytes = machine.emit_object(module)
    return code


def _machine(level: int) -> Any:
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return llvm.Target.from_default_triple().create_target_machine(
        cpu=llvm.get_host_cpu_name(),
        features=llvm.get_host_cpu_features().flatten(),
        opt=level,
        jit=True,
    )


@cache
def _known(name: str) -> None:
    import llvmlite.binding as llvm

    c = ctypes.CDLL("ucrtbase")
    llvm.add_symbol(name, ctypes.cast(getattr(c, name), ctypes.c_void_p).value)


def _with_functions_of_c(text: str) -> None:
    """On Windows LLVM is told where C's functions are; elsewhere it finds them in the process."""
    if sys.platform != "win32":
        return
    for line in text.splitlines():
        name = line.partition("@")[2].partition("(")[0]
        if line.startswith("declare") and not name.startswith("llvm."):
            _known(name)
