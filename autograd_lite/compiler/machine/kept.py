"""Machine code kept between runs, in a folder of the user's own.

A file is named by a hash of all that its code depends on, and begins with a checksum of that name
and the code. It is written under another name and moved, so nobody reads half of one. On Linux and
macOS a folder or a file that others may write to, or own, is left alone: whoever can change the
code can run what they like. What cannot be read or written is compiled, as if nothing were kept.

The environment variable ``AUTOGRAD_LITE_CACHE`` names another folder, or says ``off``.

Next: ``assemble.py``.
"""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

SWITCH = "AUTOGRAD_LITE_CACHE"
#: Bytes in the folder; those used longest ago go first. A program takes 3 to 200 kB.
LIMIT = 64_000_000
DIGEST = sha256().digest_size


def folder() -> Path | None:
    """Where code is kept: None where it is not to be."""
    chosen = os.environ.get(SWITCH)
    if chosen is not None:
        return None if chosen.lower() in ("", "0", "off") else Path(chosen)
    home = Path(os.path.expanduser("~"))
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA")
        return (Path(local) if local else home / "AppData/Local") / "autograd_lite/Cache"
    if sys.platform == "darwin":
        return home / "Library/Caches/autograd_lite"
    given = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(given) if os.path.isabs(given) else home / ".cache") / "autograd_lite"


def kept(depends: Iterable[str], make: Callable[[], bytes]) -> bytes:
    """The code that ``make`` gives, from the folder if it has been made before."""
    where = folder()
    if where is None:
        return make()
    name = sha256("\0".join(depends).encode()).hexdigest()
    with suppress(OSError):
        where.mkdir(mode=0o700, parents=True, exist_ok=True)
        if _is_ours(os.lstat(where), stat.S_ISDIR):
            found = _read(where / name, name)
            return found if found is not None else _written(where, name, make())
    return make()


def _is_ours(status: os.stat_result, kind: Callable[[int], bool]) -> bool:
    if sys.platform == "win32":  # a folder of the user's own there is closed to others
        return kind(status.st_mode)
    others = status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return kind(status.st_mode) and status.st_uid == os.geteuid() and not others


def _checksum(name: str, code: bytes) -> bytes:
    return sha256(name.encode() + code).digest()


def _read(path: Path, name: str) -> bytes | None:
    """The code in a file; None where there is none, or none to be trusted."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    try:
        with os.fdopen(os.open(path, flags | getattr(os, "O_NONBLOCK", 0)), "rb") as file:
            status = os.fstat(file.fileno())
            if not _is_ours(status, stat.S_ISREG) or status.st_size > LIMIT:
                return None
            checksum, code = file.read(DIGEST), file.read()
    except OSError:
        return None
    if checksum != _checksum(name, code):
        return None
    with suppress(OSError):
        os.utime(path)  # used last
    return code


def _written(where: Path, name: str, code: bytes) -> bytes:
    """The code, which is in the folder from now on, if it can be."""
    with suppress(OSError):
        handle, temporary = tempfile.mkstemp(dir=where)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(_checksum(name, code) + code)
            os.replace(temporary, where / name)
        except OSError:
            os.unlink(temporary)
            raise
        _trim(where)
    return code


def _trim(where: Path) -> None:
    """Delete what was used longest ago, half-written files too, until a quarter is free again."""
    files = []
    for entry in os.scandir(where):
        with suppress(OSError):  # another process trims as well
            status = entry.stat(follow_symlinks=False)
            files.append((status.st_mtime, status.st_size, entry.path))
    size = sum(entry[1] for entry in files)
    if size <= LIMIT:
        return
    for _, freed, path in sorted(files):
        with suppress(OSError):
            os.unlink(path)
        size -= freed
        if size <= LIMIT * 3 // 4:
            return
