"""``Node``: the shape of a node, and how whoever is not in the hot loops reads it.

A node has one or two groups of operands, flat in its slots, with its local derivatives in the same
shape. ``value.Value`` is the class; nothing in ``engine/`` needs more of it than this.

Next: ``order.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import zip_longest
from typing import Any, Protocol, TypeAlias, TypeVar

from .primitive import Primitive


class Node(Protocol):
    """The slots of a node. A leaf has no ``op`` and no operands: ``_left`` is None."""

    op: Primitive | None
    _data: float
    _grad: float
    _label: Any  # a text, or a tuple of it and the call of a module that gave the node
    _left: Any  # a node or a tuple of nodes
    _right: Any  # the same, or None where there is one group
    _dleft: Any  # the derivatives with respect to _left, in its shape
    _dright: Any

    @property
    def grad(self) -> float: ...
    @grad.setter
    def grad(self, grad: float) -> None: ...
    @property
    def label(self) -> str: ...
    @label.setter
    def label(self, label: str) -> None: ...
    @property
    def parents(self) -> tuple[Any, ...]: ...
    @property
    def partials(self) -> tuple[float, ...]: ...

    def __init__(self, data: float, label: str = "") -> None: ...


N = TypeVar("N", bound=Node)
#: A module, weakly; its arguments by name, if any; and the others.
Call: TypeAlias = tuple[Callable[[], Any], Mapping[str, Any] | None, *tuple[Any, ...]]


def groups(node: Node) -> tuple[Any, ...]:
    """The groups of operands, as the rules take them: none, one or two.

    >>> from autograd_lite import Value, dot
    >>> x, w = Value(2.0), Value(3.0)
    >>> groups(x), groups(x * w) == (x, w), groups(dot([w], [x])) == ((w,), (x,))
    ((), True, True)
    """
    if node._left is None:
        return ()
    return (node._left,) if node._right is None else (node._left, node._right)


def give(
    node: Node, op: Primitive | None, left: Any, dleft: Any, right: Any = None, dright: Any = None
) -> None:
    """Make a node the result of an operation on these groups of operands."""
    node.op = op
    node._left, node._dleft = left, dleft
    node._right, node._dright = right, dright


def note_call(node: Node, *call: Any) -> None:
    """A module has given this node, in this call; a leaf that it handed through it has not made."""
    if node._left is not None:
        node._label = node.label, *call  # flat: each object more is work for the collector


def call_of(node: Node) -> Call | None:
    """The outermost call of a module that the node is a result of: module, named, arguments."""
    return node._label[1:] if type(node._label) is tuple else None


def terms(node: N) -> Iterator[tuple[N, N | None]]:
    """The pairs of weight and operand of a weighted sum; the bias comes last, with None.

    >>> from autograd_lite import Value, dot
    >>> w, x, b = Value(3.0, label="w"), Value(2.0, label="x"), Value(1.0, label="b")
    >>> [(weight.label, operand and operand.label) for weight, operand in terms(dot([w], [x], b))]
    [('w', 'x'), ('b', None)]
    """
    return zip_longest(node._left, node._right)
