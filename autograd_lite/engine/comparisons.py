"""Who compares Values, or takes a number out of them, while a function is recorded.

What Python does with a number leaves no trace in the graph: a branch stays as it was taken, and the
derivative of ``x * math.sin(x)`` would be sin x. So comparisons are noted where someone asks, and a
number that depends on what is being differentiated cannot be taken.

Next: ``updates.py``.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from enum import IntEnum
from os.path import basename, dirname
from threading import local
from types import FrameType
from typing import Any

from .core import tell
from .groups import is_node, number_of
from .inputs import REAL
from .node import Node
from .order import topological_order

PACKAGE = dirname(dirname(__file__))


class Purpose(IntEnum):
    """What a function is recorded for; each refuses what the ones before it refuse, and more."""

    PICTURE = 0  # no number is taken out of a Value that depends on the arguments
    DERIVATIVE = 1  # nor may it be copied, changed, or given a ``grad``, which is a number
    PROGRAM = 2  # nor detached, since the arguments get other numbers later


class _Noted(local):
    compared: list[Any] | None = None  # the Values whose numbers Python used, where someone asks


noted = _Noted()

#: Who asks for comparisons now, on whatever threads: where nobody does, nothing is noted.
watching: dict[object, None] = {}

#: The functions that are recorded now, on whatever threads they work: purpose and arguments.
recorded: dict[object, tuple[Purpose, set[Any]]] = {}

tell(recorded=recorded, watching=watching)


def note(*compared: object) -> None:
    """These are compared."""
    if noted.compared is not None:
        noted.compared += [x for x in compared if is_node(x)]


def comparison(compare: Callable[[float, float], bool]) -> Callable[[Any, object], bool]:
    """A comparison of numbers, noted where someone asks for ``comparisons``."""

    def apply(self: Any, other: Any) -> bool:
        if watching:
            note(self, other)
        return compare(number_of(self), number_of(other))

    return apply


def equality(compare: Callable[[float, float], bool]) -> Callable[[Any, Any], bool]:
    """A comparison with a bare number; two Values are equal where they are the same one."""
    as_numbers = comparison(compare)

    def apply(self: Any, other: Any) -> bool:
        return as_numbers(self, other) if isinstance(other, REAL) else NotImplemented

    return apply


@contextmanager
def comparisons() -> Iterator[list[Any]]:
    """Inside, the Values gather whose numbers this thread compares or takes: it may branch on them.

    >>> from autograd_lite import Value
    >>> x = Value(-3.0)
    >>> with comparisons() as compared:
    ...     y = x if x > 0.0 else -x
    >>> compared
    [Value(data=-3.0, grad=0.0)]
    """
    before, mark = noted.compared, object()
    noted.compared = compared = list[Any]()
    watching[mark] = None
    try:
        yield compared
    finally:
        noted.compared = before
        del watching[mark]


@contextmanager
def recording(arguments: Collection[Any], purpose: Purpose = Purpose.DERIVATIVE) -> Iterator[None]:
    """Inside, no number may be taken out of a Value that depends on these.

    >>> from autograd_lite import Value
    >>> x = Value(-3.0)
    >>> with recording([x]):
    ...     float(x * x)
    Traceback (most recent call last):
    TypeError: float(x) takes a number out of the function that is being recorded, ...
    """
    mark = object()
    recorded[mark] = purpose, set(arguments)
    try:
        yield
    finally:
        del recorded[mark]


def number_taken(node: Node, how: str) -> float:
    """The number of a node; ``TypeError`` where that would cut it out of a recording."""
    if recorded and _depends(node, Purpose.PICTURE):
        raise TypeError(_cut(how))
    return _noted_number(node)


def number_detached(node: Node) -> float:
    """The number of a node that is to be cut off on purpose; no program could follow that."""
    if recorded and _depends(node, Purpose.PROGRAM):
        raise TypeError(
            f"x.detach() would freeze the number that an input has now{_place()[0]}. Leave it out, "
            f"or give the number as an input of its own."
        )
    return _noted_number(node)


def _noted_number(node: Node) -> float:
    if noted.compared is not None:
        noted.compared.append(node)
    return float(number_of(node))


def read(node: Node, how: str) -> None:
    """``x.data`` and its kin are read; the package itself may, for it knows what it does."""
    if not sys._getframe(2).f_code.co_filename.startswith(PACKAGE):
        number_taken(node, how)


def cut_off(node: Node, what: str, instead: str) -> None:
    """Refuse what would lose the path to the arguments of a recorded function."""
    if recorded and _depends(node, Purpose.DERIVATIVE):
        raise TypeError(
            f"{what} is cut off from the function that is being recorded, and the derivative "
            f"would not know of it{_place()[0]}. {instead}"
        )


def _depends(node: Node, purpose: Purpose) -> bool:
    """Whether a node depends on arguments of what is recorded for this purpose or beyond."""
    known = [arguments for reason, arguments in list(recorded.values()) if reason >= purpose]
    if not known:
        return False
    below = set(topological_order(node))
    return any(not below.isdisjoint(arguments) for arguments in known)


def _cut(how: str) -> str:
    """What is said where a number would leave a recording, with the line that takes it."""
    place, line = _place()
    called = re.search(r"\bmath\.(\w+)\(", line)
    instead = f"autograd_lite.{called[1]} for math.{called[1]}" if called else (
        "autograd_lite.sin and its like for math.sin, np.array(…, dtype=object) for arrays"
    )  # fmt: skip
    return (
        f"{how} takes a number out of the function that is being recorded, and the derivative "
        f"would not know of it{place}. Write {instead}; x.detach() where the cut is meant; and for "
        f"an operation of your own @autograd_lite.primitive(rule) over a function of floats."
    )


def _place() -> tuple[str, str]:
    """The line that the user wrote and that is running, in words and as it stands."""
    import linecache  # reads files; for an error alone
    import sysconfig

    libraries = tuple(map(sysconfig.get_path, ("stdlib", "purelib", "platlib")))
    outer = list[FrameType]()
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if not frame.f_code.co_filename.startswith(PACKAGE):
            outer.append(frame)
        frame = frame.f_back
    theirs = (frame for frame in outer if not frame.f_code.co_filename.startswith(libraries))
    frame = next(theirs, outer[0])
    name, number = frame.f_code.co_filename, frame.f_lineno
    line = linecache.getline(name, number).strip()
    return f" ({basename(name)}, line {number}{f': {line}' if line else ''})", line
