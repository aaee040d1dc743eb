"""The results of a module know the call that gave them, so that pictures of a loss show modules.

A result is marked in place of its label: nodes are no larger for it, and nothing is kept alive that
the graph does not hold, but the list of arguments, and the module not at all. Only the outermost
module marks; ``telling/again.py`` reads the mark, and calls it again to see what is inside.

Next: ``module.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any
from weakref import ref

from ..engine.node import note_call
from ..value import Value


class _Outermost:
    """Whether a module is at work. Of two threads one may go without marks, and no more."""

    __slots__ = ("works",)

    def __init__(self) -> None:
        self.works = False


outermost = _Outermost()


def remembered(call: Callable[..., Any]) -> Callable[..., Any]:
    """The ``__call__`` of a module, whose results know of it."""

    @wraps(call)
    def __call__(self: Any, *arguments: Any, **named: Any) -> Any:
        if outermost.works:
            return call(self, *arguments, **named)
        outermost.works = True
        try:
            result = call(self, *arguments, **named)
        finally:
            outermost.works = False
        for value in (result,) if type(result) is Value else _members(result):
            note_call(value, ref(self), named or None, *arguments)
        return result

    return __call__


def _members(result: object) -> Iterator[Value]:
    """The Values in lists and tuples of any depth: a state, a sequence."""
    if isinstance(result, Value):
        yield result
    elif isinstance(result, list | tuple):
        for member in result:
            yield from _members(member)
