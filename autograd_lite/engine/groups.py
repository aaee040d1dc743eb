"""Groups of operands: a node, or a tuple of nodes, as the ``ws`` and ``xs`` of ``dot``.

Next: ``inputs.py``.
"""

from collections.abc import Callable, Iterable
from typing import Any

from .core import in_c


def as_tuple(group: Any) -> tuple[Any, ...]:
    """A group as a tuple, whatever its form; that of a leaf, None, is empty.

    >>> as_tuple(None), as_tuple("x"), as_tuple(("x", "y"))
    ((), ('x',), ('x', 'y'))
    """
    return () if group is None else group if type(group) is tuple else (group,)


def mapped(f: Callable[[Any], Any], group: Any) -> Any:
    """f of each member, in the same shape.

    >>> mapped(abs, -1.0), mapped(abs, (-1.0, 2.0))
    (1.0, (1.0, 2.0))
    """
    return tuple(map(f, group)) if type(group) is tuple else f(group)


def is_node(x: Any) -> bool:
    """Whether x is a node, and so has a number of its own."""
    return hasattr(x, "_data")


def number_of(x: Any) -> Any:
    """The number of a node; what is no node is one already."""
    return getattr(x, "_data", x)


def data_of(group: Any) -> Any:
    """The numbers of a group, in the same shape."""
    return mapped(number_of, group)


@in_c
def numbers(nodes: Iterable[Any], *more: float) -> Any:
    """The numbers of nodes, and more, in the form in which the recorders of many take them."""
    return (*[x._data for x in nodes], *more)


def numbers_of(nodes: Iterable[Any]) -> list[float]:
    """The numbers of nodes, as they are now: several times as quick as ``x.data`` of each."""
    return [x._data for x in nodes]
