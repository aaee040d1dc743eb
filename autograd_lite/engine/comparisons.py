"""Who compares Values while a function is recorded: Python may branch on what it learns.

Next: ``copies.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import local
from typing import Any

from .groups import number_of


class _Noted(local):
    compared: list[Any] | None = None  # the Values that were compared, where someone asks


_noted = _Noted()


def comparison(compare: Callable[[float, float], bool]) -> Callable[[Any, object], bool]:
    """A comparison of numbers, noted where someone asks for ``comparisons``."""

    def apply(self: Any, other: Any) -> bool:
        if _noted.compared is not None:
            _noted.compared += [x for x in (self, other) if hasattr(x, "_data")]
        return compare(number_of(self), number_of(other))

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
    before = _noted.compared
    _noted.compared = compared = list[Any]()
    try:
        yield compared
    finally:
        _noted.compared = before
