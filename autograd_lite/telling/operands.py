"""The operands of a node as its operation has them: in pairs where it weighs them.

Next: ``writing.py``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from typing import TypeVar

from .. import ops
from ..engine.node import terms
from ..value import Value

T = TypeVar("T")


def is_linear(node: Value) -> bool:
    """Whether a node is made without an activation: a neuron that ends in it is a linear one."""
    return node.op in (ops.dot, ops.add, ops.sum, ops.mul)


def paired(operands: Sequence[T]) -> list[tuple[T, T | None]]:
    """Weight and input of each term of a weighted sum; the bias, the last weight, has no input.

    >>> paired(["w1", "w2", "b", "x1", "x2"])
    [('w1', 'x1'), ('w2', 'x2'), ('b', None)]
    """
    pairs = len(operands) // 2
    weights, inputs = operands[: len(operands) - pairs], operands[len(operands) - pairs :]
    return [*zip(weights, inputs, strict=False), *((bias, None) for bias in weights[pairs:])]


def uses(operands: Sequence[Hashable]) -> list[int]:
    """Which use of it each operand is, from 1; 0 for an operand that occurs once.

    >>> uses(["x", "w", "x"])
    [1, 0, 2]
    """
    total, seen = Counter(operands), Counter[Hashable]()
    found = []
    for operand in operands:
        seen[operand] += 1
        found.append(seen[operand] if total[operand] > 1 else 0)
    return found


def weighted(node: Value) -> list[tuple[Value, Value | None]]:
    """The operands of a node, each with what it is multiplied by, if that is one value.

    >>> x, w, b = Value(2.0, label="x"), Value(3.0, label="w"), Value(1.0, label="b")
    >>> [(a.label, by and by.label) for a, by in weighted(x * w)]
    [('x', 'w'), ('w', 'x')]
    >>> [(a.label, by and by.label) for a, by in weighted(x + b)]
    [('x', None), ('b', None)]
    """
    parents = node.parents
    if node.op is ops.mul:
        return [(parents[0], parents[1]), (parents[1], parents[0])]
    if node.op is None or not node.op.weighted:
        return [(parent, None) for parent in parents]
    found: list[tuple[Value, Value | None]] = []
    for weight, x in terms(node):
        found += [(weight, None)] if x is None else [(x, weight), (weight, x)]
    return found
