"""Steps in a terminal: a key for the next one, another for the previous, a number, q.

Where nobody can press a key, because input or output is not a terminal, every step is printed;
where keys come only in lines, Enter ends each of them.

Next: ``typeset.py``.
"""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from collections.abc import Sequence
from typing import TextIO

from ..telling.formulas import LEGEND
from ..telling.plain import printable
from .book import Step
from .keys import SENT, Key, keys
from .listing import transcript

_COLOURS = {
    "forward": "36",  # cyan
    "seed": "33",
    "backward": "33",  # yellow
    "beside": "33",
    "update": "35",
    "again": "36",
    "result": "32",
    "refused": "31",
}
_PROMPTS = ("Enter next, ? keys, q quits", "? keys")  # the longest that fits
_HELP = f"""
  Enter, space, Right, Down, Page Down   the next step
  p, Left, Up, Page Up                   the previous one
  Home, End                              the first, the last
  12 and Enter                           step 12
  q                                      leave

{LEGEND}"""

#: What letters stand for.
_LETTERS = {"n": "next", "p": "previous", "b": "previous", "h": "?", "q": "end"}


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
    last = len(listing) - 1
    at, text = 0, _screen(listing[0])
    with keys(keyboard) as key:
        while True:
            _print(text, output)
            command = _ask(output, keyboard, key, _prompt(at + 1, last + 1))
            if command == "end" or (command == "enter" and at == last):
                return
            to = _moved(command, at, last)
            at = at if to is None else to
            text = _screen(listing[at]) if to is not None else _told(command, last + 1)


def _prompt(i: int, total: int) -> str:
    """What it says while it waits; a number that is typed has room on the same line."""
    place, room = f"[{i}/{total}]", shutil.get_terminal_size().columns - len(str(total))
    fits = [text for said in _PROMPTS if len(text := f"{place} {said}: ") < room]
    return fits[0] if fits else f"{place} "


def _fitted(text: str) -> str:
    """The lines as wide as the terminal, broken between words."""
    width = shutil.get_terminal_size().columns
    lines = (
        textwrap.wrap(line, width, subsequent_indent="  ", break_on_hyphens=False) or [""]
        for line in text.split("\n")
    )
    return "\n".join(part for parts in lines for part in parts)


def _moved(command: str, at: int, last: int) -> int | None:
    """Where a command leads; None for one that leads nowhere."""
    if command.isdecimal():
        return int(command) - 1 if 1 <= int(command) <= last + 1 else None
    ways = {"enter": at + 1, "next": at + 1, "previous": at - 1, "first": 0, "last": last}
    return min(max(ways[command], 0), last) if command in ways else None


def _told(command: str, total: int) -> str:
    if command == "?":
        return _fitted(_HELP)
    return _fitted(f"{command!r} is none of: Enter, p, a number from 1 to {total}, ?, q.")


def _ask(output: TextIO, keyboard: TextIO, key: Key | None, prompt: str) -> str:
    """A command: the name of a key, or a number."""
    _print(prompt, output, end="")
    output.flush()
    try:
        command = _pressed(key, output, len(prompt)) if key else _line(keyboard, output)
    except KeyboardInterrupt:
        _print("", output)
        return "end"
    return _LETTERS.get(command.lower(), command)


def _pressed(key: Key, output: TextIO, width: int) -> str:
    """One key, or the digits of a number up to Enter; then the prompt's line is empty again."""
    digits = ""
    while True:
        pressed = key()
        if pressed.isascii() and pressed.isdigit():
            digits += pressed
            echo = pressed
        elif pressed == "erase" and digits:
            digits = digits[:-1]
            echo = "\b \b"
        else:
            break
        _print(echo, output, end="")
        output.flush()
    _print(f"\r{' ' * (width + len(digits))}\r", output, end="")
    if digits and pressed == "enter":
        return digits
    return "previous" if pressed == "erase" else pressed


def _line(keyboard: TextIO, output: TextIO) -> str:
    line = keyboard.readline()
    if not line:  # the end of the input: Ctrl-D
        _print("", output)
        return "end"
    return SENT.get(line.strip(), line.strip()) or "enter"


def _screen(step: Step) -> str:
    line = step.line and f"line {step.line}"
    title, math, note, line = map(_fitted, (step.title, step.math, step.note, line))
    if "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb":
        title = _in_ink(f"1;{_COLOURS[step.phase]}", title)
        math = _in_ink("1", math)
        note, line = _in_ink("2", note), _in_ink("2", line)
    return "\n" + "\n".join(filter(None, (title, math, note, line)))


def _in_ink(code: str, text: str) -> str:
    """Line by line, as pagers want it."""
    return "\n".join(f"\033[{code}m{line}\033[0m" if line else "" for line in text.split("\n"))


def _print(text: str, output: TextIO, end: str = "\n") -> None:
    print(printable(text, output), file=output, end=end)
