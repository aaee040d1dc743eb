"""Two cores: the modules of Python, which are what one reads, and ``c/``, the same in C.

The core in C is used where it was built for the rows of this checkout; ``AUTOGRAD_LITE_PURE=1`` in
the environment turns it off. Both do the same, to the last bit and to the last word of a message:
random programs hold them against each other. What has a twin in C says ``@in_c``. A Python without
the interpreter's lock has the core in Python alone: the one in C says that it needs the lock.

Next: ``groups.py``.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")

PACKAGE = Path(__file__).parent.parent
ROWS = PACKAGE / "ops.py", PACKAGE / "engine" / "floats.py"  # of which rows.h is printed
SOURCES = PACKAGE / "engine" / "c"  # they are in a checkout, and in no wheel


def fingerprint(files: Iterable[Path] = ROWS) -> int:
    """A number that is another one when the files are others, whatever ends their lines."""
    number = 0
    for file in sorted(files):
        number = zlib.crc32(file.read_bytes().replace(b"\r\n", b"\n"), number)
    return number


def _built() -> Any:
    """The core in C; None where it is not wanted, not there, or built of other files than these."""
    if os.environ.get("AUTOGRAD_LITE_PURE", "") not in ("", "0"):
        return None
    try:
        from ._core import core  # type: ignore[import-not-found]
    except ImportError:
        return None
    sources = [*SOURCES.glob("*.[ch]")]
    same = fingerprint() == core.ROWS and (not sources or fingerprint(sources) == core.SOURCES)
    return core if same else None


core: Any = _built()
accelerated: bool = core is not None


def tell(**things: Any) -> None:
    """Tell the core in C of what it asks of Python."""
    if core:
        core.connect(**things)


def in_c(made: T) -> T:
    """A function or a class; where the core in C is used, its twin of the same name.

    A class in C does in C what is hot, and has its other methods from the class in Python. The twin
    knows what it stands for, and asks it about all that is rare.

    >>> in_c(len) is len  # which has no twin
    True
    """
    tell(**{made.__name__: made})  # type: ignore[attr-defined]
    twin: Any = getattr(core, made.__name__, None)  # type: ignore[attr-defined]
    if twin is None:
        return made
    if isinstance(made, type):
        for base in reversed([kind for kind in made.__mro__ if kind not in twin.__mro__]):
            for name, thing in vars(base).items():
                if name not in vars(twin) and name not in ("__slots__", "__dict__", "__weakref__"):
                    setattr(twin, name, thing)
        twin.__doc__ = made.__doc__
    result: T = twin
    return result
