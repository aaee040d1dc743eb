"""Copies and pickles of a node and of all below it: iterative, so that no graph is too deep.

Next: ``floats.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .groups import mapped
from .node import N
from .order import topological_order


def alone(node: N) -> N:
    """A copy of the node itself, on the same operands: what ``copy.copy`` gives."""
    return _clone(node, lambda operand: operand)


def deep(output: N, memo: dict[int, Any]) -> N:
    """A copy of the node and of all below it: what ``copy.deepcopy`` gives."""
    for node in topological_order(output):
        if id(node) not in memo:
            memo[id(node)] = _clone(node, lambda operand: memo[id(operand)])
            memo.setdefault(id(memo), []).append(node)  # as `copy` does: ids stay taken
    copied: N = memo[id(output)]
    return copied


def reduced(output: N) -> tuple[Any, ...]:
    """What ``pickle`` keeps: leaves by their identity, the nodes between in one list."""
    if output._left is None:
        return _leaf, (type(output), output._data, output.grad, output.label)
    order = topological_order(output)
    place = {node: i for i, node in enumerate(order)}
    return _restored, (type(output), [
        node if node._left is None else (
            node.op, node._data, node.grad, node.label,
            mapped(place.get, node._left), node._dleft,
            None if node._right is None else mapped(place.get, node._right), node._dright,
        ) for node in order
    ],)  # fmt: skip


def _restored(kind: type[N], records: list[Any]) -> N:
    nodes: list[N] = []
    at = nodes.__getitem__
    for record in records:
        if isinstance(record, tuple):
            op, data, grad, label, left, dleft, right, dright = record
            node = _leaf(kind, data, grad, label)
            node.op, node._left, node._dleft, node._dright = op, mapped(at, left), dleft, dright
            node._right = None if right is None else mapped(at, right)
            nodes.append(node)
        else:
            nodes.append(record)
    return nodes[-1]


def _clone(node: N, copy_of: Callable[[Any], Any]) -> N:
    clone = _leaf(type(node), node._data, node.grad, node.label)
    if node._left is not None:
        clone.op = node.op
        clone._left = mapped(copy_of, node._left)
        clone._dleft = node._dleft
        clone._right = None if node._right is None else mapped(copy_of, node._right)
        clone._dright = node._dright
    return clone


def _leaf(kind: type[N], data: float, grad: float, label: str) -> N:
    leaf = kind(data, label)
    leaf.grad = grad
    return leaf
