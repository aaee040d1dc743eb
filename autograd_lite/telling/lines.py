"""Which line of the user's program made which node? Follow the lines of a function while it runs.

Python's tracing hook reports every line that begins. What can be reached by then, and could not be
before, the line before it has made. So nodes need not know of lines, and whoever does not step
through a function pays nothing.

What is glossed over: a node that a line hides in an object is taken for the work of the later line
that takes it out; and while a debugger is at work, which has the hook, no lines are known.

Next: ``refusal.py``.
"""

from __future__ import annotations

import ast
import linecache
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from os.path import dirname
from traceback import walk_tb
from types import FrameType
from typing import Any, TypeAlias

from ..engine.arrays import is_array
from ..value import Value
from .text import clean

#: A file and a line in it.
Place: TypeAlias = tuple[str, int]

DEEP = 3  # how far lists within lists and attributes are looked into,
LONG = 1000  # and how many members of each
LONGEST = 80  # letters of a line
MOST_LINES = 3  # of a statement that is shown as a whole


class Lines:
    """The hook: where each node was made, None for those that were there before."""

    def __init__(self) -> None:
        self.made: dict[Value, Place | None] = {}
        self._at: dict[FrameType, int] = {}  # the line that each function is at
        self._before = sys.gettrace()

    def __enter__(self) -> Lines:
        if self._before is None:
            sys.settrace(self._call)
        return self

    def __exit__(self, *_: object) -> None:
        if self._before is None:
            sys.settrace(None)

    def stopped(self, error: Exception, node: Value) -> None:
        """The line that an error came from worked on the node that could not be made."""
        frames = [(frame, line) for frame, line in walk_tb(error.__traceback__) if is_theirs(frame)]
        if frames:
            frame, line = frames[-1]
            self.made[node] = frame.f_code.co_filename, line

    def texts(self) -> dict[Value, str]:
        """The lines as they are shown, of the nodes of which they are known."""
        shown = {place: line_at(place) for place in dict.fromkeys(self.made.values()) if place}
        return {node: text for node, place in self.made.items() if place and (text := shown[place])}

    def _call(self, frame: FrameType, event: str, _: object) -> Any:
        if is_theirs(frame):
            outer = frame.f_back
            while outer is not None and outer not in self._at:
                outer = outer.f_back
            before = frame.f_globals if outer is None else None
            self._note([before, dict(frame.f_locals)], outer)
            self._at[frame] = frame.f_lineno
            return self._line
        return None

    def _line(self, frame: FrameType, event: str, result: object) -> Any:
        if event in ("line", "return"):
            self._note([dict(frame.f_locals), result], frame)
            self._at[frame] = frame.f_lineno
        if event == "return":
            del self._at[frame]
        return self._line

    def _note(self, things: object, frame: FrameType | None) -> None:
        """What can be reached now and is new was made at the line that a function was at."""
        place = (frame.f_code.co_filename, self._at[frame]) if frame is not None else None
        stack = list(_values(things, DEEP))
        while stack:
            node = stack.pop()
            if node.op is not None and node not in self.made:
                self.made[node] = place
                stack.extend(node.parents)


def _values(thing: Any, deep: int) -> Iterator[Value]:
    """The Values in a thing, in its members and attributes, and in theirs, to some depth."""
    if isinstance(thing, Value):
        yield thing
    elif deep >= 0:
        members: Iterable[Any] = ()
        if isinstance(thing, dict):
            members = list(thing.values())
        elif isinstance(thing, list | tuple):
            members = thing[:LONG]
        elif is_array(thing):
            members = thing.flat[:LONG] if thing.dtype == object else ()
        elif type(thing).__module__ not in sys.builtin_module_names:
            members = list(getattr(thing, "__dict__", {}).values())
        for member in members:
            yield from _values(member, deep - 1)


def is_theirs(frame: FrameType) -> bool:
    """Whether a frame runs what the user wrote, and no library.

    >>> is_theirs(sys._getframe())
    True
    """
    return not frame.f_code.co_filename.startswith(_others())


@cache
def _others() -> tuple[str, ...]:
    """Where the package and the libraries are."""
    import sysconfig  # for those alone who ask for lines

    libraries = map(sysconfig.get_path, ("stdlib", "purelib", "platlib"))
    return (dirname(dirname(__file__)), *libraries)


def line_at(place: Place) -> str:
    """A line with its number, or the statement that it is in where that is short; "" if unknown.

    >>> line_at(("<stdin>", 1))
    ''
    """
    file, number = place
    lines = linecache.getlines(file)
    if not 0 < number <= len(lines):
        return ""
    text = _short_statement("".join(lines), number) or lines[number - 1]
    return f"{number}: {clean(text, longest=LONGEST)}"


def _short_statement(source: str, number: int) -> str:
    """The statement around a line where it has several lines and not many."""
    try:
        tree = ast.parse(source)
    except SyntaxError:  # a cell with what only a notebook knows
        return ""
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt) and not hasattr(node, "body"):
            end = node.end_lineno or node.lineno
            if node.lineno <= number <= end and 1 < end - node.lineno + 1 <= MOST_LINES:
                return ast.unparse(node)
    return ""
