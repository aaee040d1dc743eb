"""One key at a time from a terminal: arrows, Page Down, letters, without Enter.

POSIX sends a key as a sequence of characters, Windows as a character that says "what follows is a
key" and its code. Here both have the names ``enter``, ``next``, ``previous``, ``first``, ``last``,
``erase`` and ``end`` (of the input); any other key is its character.

Next: ``terminal.py``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

#: What a key sends, on a terminal in its normal or its application mode.
SENT = {
    "\r": "enter", "\n": "enter", " ": "next", "\x7f": "erase", "\b": "erase",
    "\x04": "end", "\x1a": "end",  # Ctrl-D, and on Windows Ctrl-Z
    **{f"\x1b{mode}{key}": name for mode in "[O" for key, name in (
        ("A", "previous"), ("B", "next"), ("C", "next"), ("D", "previous"),
        ("H", "first"), ("F", "last"))},
    **{f"\x1b[{code}~": name for code, name in (
        (1, "first"), (7, "first"), (4, "last"), (8, "last"), (5, "previous"), (6, "next"))},
}  # fmt: skip

#: What follows \x00 or \xe0 on Windows: arrows, Home, End, Page Up, Page Down.
CODES = {
    "H": "previous", "K": "previous", "I": "previous", "P": "next", "M": "next", "Q": "next",
    "G": "first", "O": "last",
}  # fmt: skip

#: How long the rest of a sequence may take, in seconds; a lone Esc is a key too.
PATIENCE = 0.1

Key = Callable[[], str]


def windows_key(read: Callable[[], str]) -> str:
    """The next key, of which ``read`` gives one character at a time, as ``msvcrt.getwch`` does.

    >>> windows_key(iter("\\xe0M").__next__), windows_key(iter("q").__next__)
    ('next', 'q')
    """
    character = read()
    if character in "\x00\xe0":
        return CODES.get(read(), "")
    if character == "\x03":
        raise KeyboardInterrupt
    return SENT.get(character, character)


if sys.platform == "win32":
    import msvcrt

    @contextmanager
    def keys(keyboard: TextIO) -> Iterator[Key | None]:
        """While it lasts, what waits for a key and says its name; None where only lines come."""
        yield (lambda: windows_key(msvcrt.getwch)) if keyboard is sys.stdin else None

else:
    import select
    import termios
    import tty

    @contextmanager
    def keys(keyboard: TextIO) -> Iterator[Key | None]:
        """While it lasts, what waits for a key and says its name; None where only lines come."""
        try:
            number = keyboard.fileno()
            before = termios.tcgetattr(number)
        except (OSError, ValueError, termios.error):
            yield None
            return
        try:
            tty.setcbreak(number, termios.TCSANOW)  # keys typed ahead are not lost
            yield lambda: _key(number)
        finally:
            termios.tcsetattr(number, termios.TCSANOW, before)

    def _key(number: int) -> str:
        sent = _byte(number)
        if sent == b"\x1b":
            while select.select([number], [], [], PATIENCE)[0]:
                sent += _byte(number)
                if len(sent) > 2 and 0x40 <= sent[-1] <= 0x7E:  # the last byte of a sequence
                    break
                if len(sent) == 2 and sent[1:] not in b"[O":  # Alt and a key
                    break
        for lead in (b"\xc0", b"\xe0", b"\xf0"):  # a character beyond ASCII has up to 4 bytes
            sent += _byte(number) if sent[:1] >= lead else b""
        text = sent.decode("utf-8", "replace")
        return SENT.get(text, text) if text else "end"

    def _byte(number: int) -> bytes:
        try:
            return os.read(number, 1)
        except OSError:  # the terminal is gone
            return b""
