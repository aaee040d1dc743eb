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
from os.path import basename, dirname
from threading import local
from typing import Any

from .groups import is_node, number_of
from .inputs import REAL
from .node import Node
from .order import topological_order

PACKAGE = dirname(dirname(__file__))


class _Noted(local):
    compared: list[Any] | None = None  # the Values that were compared, where someone asks
    arguments: tuple[Collection[Any], ...] = ()  # of the functions that this thread records
    inputs: tuple[Collection[Any], ...] = ()  # those of programs, which are given others later


noted = _Noted()


class _Recordings:
    """How many functions all threads record now: a look costs less than one at ``noted``."""

    __slots__ = ("count",)

    def __init__(self) -> None:
        self.count = 0


recordings = _Recordings()


def comparison(compare: Callable[[float, float], bool]) -> Callable[[Any, object], bool]:
    """A comparison of numbers, noted where someone asks for ``comparisons``."""

    def apply(self: Any, other: Any) -> bool:
        if noted.compared is not None:
            noted.compared += [x for x in (self, other) if is_node(x)]
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
    """Inside, the Values that this thread compares gather in a list: Python may branch on them.

    >>> from autograd_lite import Value
    >>> x = Value(-3.0)
    >>> with comparisons() as compared:
    ...     y = x if x > 0.0 else -x
    >>> compared
    [Value(data=-3.0, grad=0.0)]
    """
    before = noted.compared
    noted.compared = compared = list[Any]()
    try:
        yield compared
    finally:
        noted.compared = before


@contextmanager
def recording(arguments: Collection[Any], *, program: bool = False) -> Iterator[None]:
    """Inside, no number may be taken out of a Value that depends on these.

    In a ``program`` they get other numbers later, so that nothing may be detached either.

    >>> from autograd_lite import Value
    >>> x = Value(-3.0)
    >>> with recording([x]):
    ...     float(x * x)
    Traceback (most recent call last):
    TypeError: float(x) takes a number out of the function that is being recorded, ...
    """
    before = noted.arguments, noted.inputs
    noted.arguments = (*noted.arguments, set(arguments))
    if program:
        noted.inputs = (*noted.inputs, set(arguments))
    recordings.count += 1
    try:
        yield
    finally:
        recordings.count -= 1
        noted.arguments, noted.inputs = before


def number_taken(node: Node, how: str) -> float:
    """The number of a node; ``TypeError`` where that would cut it out of a recording."""
    if recordings.count and _depends(node, noted.arguments):
        raise TypeError(_cut(how))
    return float(number_of(node))


def number_detached(node: Node) -> float:
    """The number of a node that is to be cut off on purpose; no program could follow that."""
    if recordings.count and _depends(node, noted.inputs):
        raise TypeError(
            f"x.detach() would freeze the number that an input has now{_place()[0]}. Leave it out, "
            f"or give the number as an input of its own."
        )
    return float(number_of(node))


def _depends(node: Node, arguments: tuple[Collection[Any], ...]) -> bool:
    if not arguments:
        return False
    below = set(topological_order(node))
    return any(not below.isdisjoint(those) for those in arguments)


def data_read(node: Node) -> float:
    """``x.data``, which the package itself may read: it knows what it does."""
    if sys._getframe(2).f_code.co_filename.startswith(PACKAGE):
        return float(number_of(node))
    return number_taken(node, "x.data")


def _cut(how: str) -> str:
    """What is said where a number would leave a recording, with the line that takes it."""
    place, line = _place()
    called = re.search(r"\bmath\.(\w+)\(", line)
    instead = f"autograd_lite.{called[1]} for math.{called[1]}" if called else (
        "autograd_lite.sin and its like for math.sin, np.array(…, dtype=object) for arrays"
    )  # fmt: skip
    return (
        f"{how} takes a number out of the function that is being recorded, and the derivative "
        f"would not know of it{place}. Write {instead}, or x.detach() where the cut is meant."
    )


def _place() -> tuple[str, str]:
    """The line outside the package that is running, in words and as it stands."""
    import linecache  # reads files; for an error alone

    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(PACKAGE):
        frame = frame.f_back
    name, number = frame.f_code.co_filename, frame.f_lineno
    line = linecache.getline(name, number).strip()
    return f" ({basename(name)}, line {number}{f': {line}' if line else ''})", line
