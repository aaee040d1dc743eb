"""Builds the engine's core in C with a wheel, where there is a compiler.

Where there is none, or ``AUTOGRAD_LITE_PURE=1`` asks for it, the wheel is one of Python alone, for
every platform, and the engine runs in Python. The core is left in the checkout too, so that its
tests run on what was built. (Hatchling, since such a wheel then has the right name by itself:
setuptools' ``optional`` extension leaves the platform's name on a wheel without the core.)
"""

import os
import runpy
import shutil
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from setuptools import Distribution, Extension
from setuptools.command.build_ext import build_ext
from setuptools.errors import BaseError, CCompilerError

ENGINE = Path("autograd_lite", "engine")
FLAGS = {"msvc": ["/O2", "/fp:precise"]}  # bits are promised: no sum of a product is fused
OTHERS = ["-O2", "-g0", "-ffp-contract=off"]


class Build(build_ext):
    def build_extension(self, extension: Extension) -> None:
        extension.extra_compile_args = FLAGS.get(self.compiler.compiler_type, OTHERS)
        super().build_extension(extension)


def built(root: Path, folder: str) -> Path:
    """The core, in a folder; raises where there is no compiler."""
    source = root / ENGINE / "c"
    number = runpy.run_path(str(root / ENGINE / "core.py"))["fingerprint"](source.glob("*.[ch]"))
    extension = Extension(
        "_core", [str(source / "core.c")], define_macros=[("SOURCES", f"{number}u")]
    )
    command = Build(Distribution({"name": "autograd_lite", "ext_modules": [extension]}))
    command.build_lib = command.build_temp = folder
    command.ensure_finalized()
    command.run()
    return Path(command.get_ext_fullpath("_core"))


class CustomBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    folder = ""  # where the core was built

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name != "wheel" or os.environ.get("AUTOGRAD_LITE_PURE", "") not in ("", "0"):
            return
        self.folder = tempfile.mkdtemp()
        try:
            core = built(Path(self.root), self.folder)
        except (BaseError, CCompilerError, OSError) as error:
            print(f"The core in C was not built ({error}); Python's is used.", file=sys.stderr)
            return
        with suppress(OSError):  # a checkout that cannot be written to
            here = Path(self.root) / ENGINE / core.name
            here.unlink(missing_ok=True)  # not written over: a process may run it
            shutil.copy(core, here)
        build_data["pure_python"] = False
        build_data["infer_tag"] = True
        build_data["force_include"][str(core)] = (ENGINE / core.name).as_posix()

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
