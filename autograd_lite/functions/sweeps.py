"""First derivatives in floats: walks over a recorded graph that leave no graph behind.

``graph.gradient`` answers with a graph. Where only numbers are asked for, the partials which the
nodes recorded are enough, and a walk costs a tenth of that:

- ``pull``: from the outputs to the leaves, the chain rule of ``backward()``;
- ``push``: from the leaves to the outputs, along several directions at once. A row holds the
  derivatives that are not zero, so a node pays only for the inputs on which it depends.

What is glossed over: order. Sums run in the order of the walks, not of ``graph.gradient``, so the
last bits of the two may differ.

Next: ``hessians.py``.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from ..engine.order import topological_order
from ..engine.steep import adjoints_below, has_steep_places, is_shut
from ..value import Value

EPSILON = sys.float_info.epsilon
SMALLEST = 5e-324  # what underflow leaves out

#: Derivatives along directions: number of the direction → derivative, where it is not zero.
SparseRow: TypeAlias = dict[int, float]


def pull(seeds: Mapping[Value, float]) -> dict[Value, float]:
    """The derivatives of Σ seed · node with respect to every node below.

    >>> x = Value(3.0)
    >>> pull({x * x: 1.0, x + 1: 10.0})[x]
    16.0
    """
    adjoints = dict(seeds)
    order = topological_order(*seeds)
    if has_steep_places(order):
        return adjoints_below(order, adjoints)
    for node in reversed(order):
        adjoint = adjoints.get(node, 0.0)
        if node._left is None or adjoint == 0.0:
            continue
        overflowed = adjoint - adjoint != 0.0  # it is infinite or NaN
        for parent, partial in zip(node.parents, node.partials, strict=True):
            if overflowed and is_shut(node, partial):
                continue
            adjoints[parent] = adjoints.get(parent, 0.0) + adjoint * partial
    return adjoints


def rounding(y: Value) -> float:
    """How far rounding may have moved y: that of every node below it, as it comes through.

    To first order, and with one unit in the last place per operation.

    >>> x = Value(1.0)
    >>> rounding(x + 1e9 - 1e9), rounding(x)
    (2.2...e-07, 0.0)
    """
    moved = (
        (EPSILON * abs(node.data) + SMALLEST) * abs(adjoint)
        for node, adjoint in pull({y: 1.0}).items()
        if node.op is not None
    )
    return math.fsum(move for move in moved if move < math.inf)


def push(order: Sequence[Value], seeds: Mapping[Value, SparseRow]) -> dict[Value, SparseRow]:
    """The rows of the nodes in ``order`` (parents first), from those of the leaves.

    >>> x, y = Value(3.0), Value(4.0)
    >>> z = x * y + x
    >>> push(topological_order(z), {x: {0: 1.0}, y: {1: 1.0}})[z]
    {0: 5.0, 1: 3.0}
    """
    rows = dict(seeds)
    steep = has_steep_places(order)
    for node in order:
        left = node._left
        if left is None or node in seeds:
            continue
        if steep or type(left) is tuple:
            row: SparseRow = {}
            for parent, partial in zip(node.parents, node.partials, strict=True):
                passes = not is_shut(node, partial) if steep else partial
                if passes and parent in rows:
                    _add(row, rows[parent], partial)
            if row:
                rows[node] = row
            continue
        right = node._right
        if left in rows and (partial := node._dleft):
            row = {j: partial * t for j, t in rows[left].items()}
            if right is not None and right in rows and (partial := node._dright):
                _add(row, rows[right], partial)
            rows[node] = row
        elif right is not None and right in rows and (partial := node._dright):
            rows[node] = {j: partial * t for j, t in rows[right].items()}
    return rows


def _add(row: SparseRow, other: SparseRow, factor: float) -> None:
    for j, t in other.items():
        row[j] = row[j] + factor * t if j in row else factor * t
