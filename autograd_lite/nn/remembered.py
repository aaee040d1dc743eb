"""The results of a module know the call that gave them, so that pictures of a loss show modules.

A result is marked in place of its label: nodes are no larger for it, and nothing is kept alive that
the graph does not hold, but the arguments, and the module not at all. Lists among these are kept as
they were: a result that is appended to one would know itself, and never be freed. Only the
outermost module marks; ``telling/again.py`` reads the mark, and calls it again to see what is
inside.

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
        module, now = ref(self), [as_it_is(x) for x in arguments]
        by_name = {name: as_it_is(x) for name, x in named.items()} if named else None
        for value in (result,) if type(result) is Value else _members(result):
            note_call(value, module, by_name, *now)
        return result

    return __call__


KEPT = frozenset((list, tuple, dict))


def as_it_is(x: Any) -> Any:
    """A list, a tuple or a dict of any depth with copies of the lists and dicts in it."""
    if type(x) is list or type(x) is tuple:
        return type(x)([as_it_is(y) if type(y) in KEPT else y for y in x])
    return {key: as_it_is(y) for key, y in x.items()} if type(x) is dict else x


def _members(result: object) -> Iterator[Value]:
    """The Values in lists and tuples of any depth: a state, a sequence."""
    if isinstance(result, Value):
        yield result
    elif isinstance(result, list | tuple):
        for member in result:
            yield from _members(member)
