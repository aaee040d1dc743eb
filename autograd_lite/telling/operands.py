"""The operands of a node as its operation has them: in groups, and in pairs where it weighs them.

Next: ``homes.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from ..value import Group, Value

T = TypeVar("T")


def groups_of(node: Value) -> tuple[Group, ...]:
    """The operands as the rules see them: a Value or a tuple of Values, once or twice."""
    return (node._left,) if node._right is None else (node._left, node._right)


def mapped(f: Callable[[Value], T], group: Group) -> T | tuple[T, ...]:
    """A group of the same shape with ``f`` of each operand.

    >>> mapped(lambda x: x.data, (Value(2.0), Value(3.0)))
    (2.0, 3.0)
    """
    return tuple(map(f, group)) if isinstance(group, tuple) else f(group)


def is_weighted_sum(node: Value) -> bool:
    """Whether a node is the sum of weights times inputs, of which ``paired`` tells the pairs.

    >>> from autograd_lite import dot
    >>> x = Value(2.0)
    >>> is_weighted_sum(dot([x], [x])), is_weighted_sum(x * x)
    (True, False)
    """
    return node.op is not None and node.op.name == "dot"


def is_linear(node: Value) -> bool:
    """Whether a node is made without an activation: a neuron that ends in it is a linear one."""
    return node.op is not None and node.op.name in ("dot", "add", "sum", "mul")


def paired(operands: Sequence[T]) -> list[tuple[T, T | None]]:
    """Weight and input of each term of a weighted sum; the bias, the last weight, has no input.

    >>> paired(["w1", "w2", "b", "x1", "x2"])
    [('w1', 'x1'), ('w2', 'x2'), ('b', None)]
    """
    pairs = len(operands) // 2
    weights, inputs = operands[: len(operands) - pairs], operands[len(operands) - pairs :]
    return [*zip(weights, inputs, strict=False), *((bias, None) for bias in weights[pairs:])]


def weighted(node: Value) -> list[tuple[Value, Value | None]]:
    """The operands of a node, each with what it is multiplied by, if that is one value.

    >>> x, w, b = Value(2.0, label="x"), Value(3.0, label="w"), Value(1.0, label="b")
    >>> [(a.label, by and by.label) for a, by in weighted(x * w)]
    [('x', 'w'), ('w', 'x')]
    >>> [(a.label, by and by.label) for a, by in weighted(x + b)]
    [('x', None), ('b', None)]
    """
    parents = node.parents
    if node.op is not None and node.op.name == "mul":
        return [(parents[0], parents[1]), (parents[1], parents[0])]
    if not is_weighted_sum(node):
        return [(parent, None) for parent in parents]
    found: list[tuple[Value, Value | None]] = []
    for weight, x in paired(parents):
        found += [(weight, None)] if x is None else [(x, weight), (weight, x)]
    return found
