"""Operations of many operands written out in × and +, one node each, as on paper.

Next: ``extend.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

from . import ops
from .engine.given import Given, attach, given_as
from .engine.groups import mapped
from .engine.inputs import told
from .engine.kinds import Binary
from .engine.node import groups, terms
from .engine.order import topological_order
from .engine.undefined import ieee_arithmetic
from .value import Constant, Value


def expand(y: Value) -> Value:
    """The same graph with each ``dot``, ``sum``, ``mean`` and ``prod`` written out in × and +.

    Leaves are the same objects, new nodes carry the numbers and gradients of what they replace.
    What overflows only when it is written out, such as 1e308 + 1e308 − 1e308, stays one node.

    >>> w, x, b = Value(2.0), Value(3.0), Value(1.0)
    >>> [node._op for node in topological_order(expand(ops.dot([w], [x], b))) if node.op]
    ['*', '+']
    """
    if not isinstance(y, Value):
        raise TypeError(f"expand(y) takes a Value, which has a graph; got {told(y)[0]}.")
    return expansion(y)[y]


def expansion(*outputs: Value) -> dict[Value, Value]:
    """What ``expand`` puts in place of each node below the outputs; itself where nothing changed.

    >>> w, x = Value(2.0), Value(3.0)
    >>> y = ops.dot([w], [x])
    >>> new = expansion(y)
    >>> new[x] is x, new[y]._op
    (True, '*')
    """
    new: dict[Value, Value] = {}
    for node in topological_order(*outputs):
        new[node] = node if node.op is None else _written_out(node, new)
    return new


def _written_out(node: Value, new: dict[Value, Value]) -> Value:
    with ieee_arithmetic():
        result = _in_steps(node, new)
        if result is None or _lost(node, result):
            result = _on_new_operands(node, new)
    if all(result is not new[parent] for parent in node.parents):  # the sum of one is that one
        result.label, result.grad = node.label, node.grad
    return result


def _lost(node: Value, result: Value) -> bool:
    """Whether rounding took the answer away: √(mean of x² − mean²) of equal x, for instance."""
    return isfinite(node.data) and not isfinite(result.data)


def _on_new_operands(node: Value, new: dict[Value, Value]) -> Value:
    """The same operation; where rounding took its answer away, a node with the same numbers."""
    assert node.op is not None
    parents = tuple(_operands(node, new))
    if parents == node.parents:
        return node
    if not isinstance(node.op, Given):
        operands = [mapped(new.__getitem__, group) for group in groups(node)]
        result: Value = node.op.record(*operands)
        if not _lost(node, result):
            return result
    result = Value(node.data)
    attach(result, parents, given_as(node, parents))
    return result


def _in_steps(node: Value, new: dict[Value, Value]) -> Value | None:
    """An operation of many operands as a chain of such of two."""
    if node.op is ops.dot:
        pairs = [(new[w], None if x is None else new[x]) for w, x in terms(node)]
        summands = [w if x is None else _with_grad(w * x, node.grad) for w, x in pairs]
        return _chain(ops.add, summands, node.grad)
    if node.op is ops.sum:
        return _chain(ops.add, _operands(node, new), node.grad)
    if node.op is ops.mean:
        n = len(node.parents)
        result = _chain(ops.add, _operands(node, new), node.grad * (1.0 / n)) / n
        result.parents[1].grad = node.grad * result.partials[1]
        return result
    if node.op is ops.prod:
        return _chain(ops.mul, _operands(node, new), node.grad)
    return None


def _operands(node: Value, new: dict[Value, Value]) -> list[Value]:
    return [new[parent] for parent in node.parents]


def _with_grad(node: Value, grad: float) -> Value:
    node.grad = grad
    return node


def _chain(op: Binary, operands: Sequence[Value], grad: float) -> Value:
    """((a ∘ b) ∘ c) ∘ …, each node with the gradient that the chain rule gives it."""
    if not operands:
        return Constant(1.0 if op is ops.mul else 0.0)
    nodes = [operands[0]]
    for operand in operands[1:]:
        nodes.append(op(nodes[-1], operand))
    for node in reversed(nodes[1:]):
        node.grad = grad
        grad *= node.partials[0]
    return nodes[-1]
