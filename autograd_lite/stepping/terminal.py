"""Steps in a terminal: Enter for the next one, p for the previous, a number, q.

Where nobody can press a key, because input or output is not a terminal, every step is printed.

Next: ``typeset.py``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TextIO

from ..telling.plain import printable
from .book import Step
from .listing import transcript

_COLOURS = {
    "forward": "36",  # cyan
    "seed": "33",
    "backward": "33",  # yellow
    "update": "35",
    "again": "36",
    "result": "32",
}
_HELP = "Enter next · p previous · a number jumps · q quits"


def show(
    listing: Sequence[Step], output: TextIO | None = None, keyboard: TextIO | None = None
) -> None:
    """Show the steps one by one, or all of them where there is no terminal.

    The environment variable ``NO_COLOR`` switches colours off.
    """
    output = output or sys.stdout
    keyboard = keyboard or sys.stdin
    if not (output.isatty() and keyboard.isatty()):
        _print(transcript(listing), output)
        return
    at = 0
    while True:
        _print(_screen(listing[at]), output)
        key = _ask(output, keyboard, f"[{at + 1}/{len(listing)}] {_HELP}: ")
        if key == "q" or (key == "" and at == len(listing) - 1):
            return
        at = _next(key, at, len(listing), output)


def _next(key: str, at: int, total: int, output: TextIO) -> int:
    if key == "":
        return at + 1
    if key in ("p", "b"):
        return max(0, at - 1)
    if key.isdecimal() and 1 <= int(key) <= total:
        return int(key) - 1
    _print(f"{key!r} is none of: Enter, p, a number from 1 to {total}, q.", output)
    return at


def _ask(output: TextIO, keyboard: TextIO, prompt: str) -> str:
    _print(prompt, output, end="")
    output.flush()
    try:
        line = keyboard.readline()
    except KeyboardInterrupt:
        line = ""
    if not line:  # the end of the input: Ctrl-D
        _print("", output)
        return "q"
    return line.strip().lower()


def _screen(step: Step) -> str:
    title, math, note = step.title, step.math, step.note
    if "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb":
        title = f"\033[1;{_COLOURS[step.phase]}m{title}\033[0m"
        math = "\n".join(f"\033[1m{line}\033[0m" for line in math.split("\n"))
        note = f"\033[2m{note}\033[0m" if note else ""
    return "\n" + "\n".join(filter(None, (title, math, note)))


def _print(text: str, output: TextIO, end: str = "\n") -> None:
    print(printable(text, output), file=output, end=end)
