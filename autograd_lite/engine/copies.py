"""Copies and pickles of a node and of all below it: iterative, so that no graph is too deep.

What a subclass adds to its instances is copied too; its ``__init__`` is not asked, as in ``copy``.

Next: ``floats.py``.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from .comparisons import cut_off
from .core import core
from .given import Given, for_a_copy
from .groups import mapped
from .node import N, Node, give
from .order import topological_order
from .primitive import Primitive

COPY = "A copy", "Use the Value itself, or x.detach() where the cut is meant."
_new: Callable[[Any], Any] = core.Value.__new__ if core else object.__new__
SLOTS = frozenset(Node.__annotations__)  # of every node; whatever else an instance has is its own


def alone(node: N) -> N:
    """A copy of the node itself, on the same operands: what ``copy.copy`` gives."""
    if node._left is None:
        cut_off(node, *COPY)
    clone = _clone(node, lambda operand: operand)
    _give(clone, _own(node))
    return clone


def deep(output: N, memo: dict[int, Any]) -> N:
    """A copy of the node and of all below it: what ``copy.deepcopy`` gives."""
    cut_off(output, *COPY)
    order = [node for node in topological_order(output) if id(node) not in memo]
    for node in order:
        memo[id(node)] = _clone(node, lambda operand: memo[id(operand)])
        memo.setdefault(id(memo), []).append(node)  # as `copy` does: ids stay taken
    for node in order:  # once all clones are there: an attribute may know the output
        if own := _own(node):
            _give(memo[id(node)], copy.deepcopy(own, memo))
    copied: N = memo[id(output)]
    return copied


def reduced(output: N) -> tuple[Any, ...]:
    """What ``pickle`` keeps: leaves by their identity, the nodes between in one list."""
    cut_off(output, *COPY)
    if output._left is None:
        leaf = (type(output), output._data, output._grad, output.label)
        return _leaf, leaf, _own(output) or None, None, None, _give
    order = topological_order(output)
    place = {node: i for i, node in enumerate(order)}
    return _restored, ([
        node if node._left is None else (
            type(node), *_operation(node), node._data, node._grad, node.label,
            mapped(place.get, node._left),
            None if node._right is None else mapped(place.get, node._right), node._dright,
            _own(node),
        ) for node in order
    ],)  # fmt: skip


def _restored(records: list[Any]) -> Node:
    nodes: list[Node] = []
    at = nodes.__getitem__
    for record in records:
        if isinstance(record, tuple):
            kind, op, dleft, data, grad, label, left, right, dright, own = record
            node = _leaf(kind, data, grad, label)
            right = None if right is None else mapped(at, right)
            give(node, op, mapped(at, left), dleft, right, dright)
            _give(node, own)
            nodes.append(node)
        else:
            nodes.append(record)
    return nodes[-1]


def _clone(node: N, copy_of: Callable[[Any], Any]) -> N:
    clone = _leaf(type(node), node._data, node._grad, node.label)
    if node._left is not None:
        op, dleft = _operation(node)
        right = None if node._right is None else mapped(copy_of, node._right)
        give(clone, op, mapped(copy_of, node._left), dleft, right, node._dright)
    return clone


def _operation(node: Node) -> tuple[Primitive | None, Any]:
    op = for_a_copy(node.op)
    return op, op.slopes if isinstance(op, Given) else node._dleft


def _leaf(kind: type[N], data: float, grad: float, label: str) -> N:
    leaf: N = _new(kind)
    leaf._data, leaf._grad, leaf._label = data, grad, label
    leaf.op = leaf._left = leaf._right = None
    return leaf


@lru_cache(maxsize=64)
def _adds(kind: type) -> bool:
    """Whether instances may have more than the slots of every node."""
    slots = {name for base in kind.__mro__ for name in base.__dict__.get("__slots__", ())}
    return kind.__dictoffset__ != 0 or not slots <= SLOTS


def _own(node: Node) -> dict[str, Any]:
    """What an instance has besides the slots of every node, in its ``__dict__`` and its slots."""
    if not _adds(type(node)):
        return {}
    state: Any = object.__getstate__(node)
    attributes, slots = state if isinstance(state, tuple) else (state, {})
    own = {name: x for name, x in slots.items() if name not in SLOTS}
    return own | attributes if attributes else own


def _give(node: Node, own: Mapping[str, Any]) -> None:
    for name, x in own.items():
        object.__setattr__(node, name, x)
