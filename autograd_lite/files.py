"""Writing files: whoever looks finds the old file or the whole new one, never a half.

Next: ``moving.py``.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def write(path: str | os.PathLike[str], content: str | bytes) -> Path:
    """Write the content (text as UTF-8) to a temporary name beside the path, then move it there.

    Raises ``OSError`` as ``open`` does; then no trace is left.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = write(Path(folder) / "note.txt", "done")
    ...     path.read_text(), len(list(path.parent.iterdir()))
    ('done', 1)
    """
    target = Path(path)
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        with open(temporary, "xb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
        os.replace(temporary, target)
    except FileExistsError:
        raise
    except BaseException as error:
        with suppress(OSError):
            temporary.unlink()
        if isinstance(error, OSError) and error.filename:  # that of the temporary file
            raise OSError(error.errno, error.strerror, str(target)) from None
        raise
    return target
