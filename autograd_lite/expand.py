"""Operations of many operands written out in × and +, one node each, as on paper.

Next: ``extend.py``.
"""

from __future__ import annotations

from collections.abc import Sequence

from . import ops
from .engine.groups import mapped
from .engine.kinds import Binary
from .engine.node import groups, terms
from .engine.order import topological_order
from .engine.undefined import ieee_arithmetic
from .value import Constant, Value


def expand(y: Value) -> Value:
    """The same graph with each ``dot``, ``sum``, ``mean`` and ``prod`` written out in × and +.

    Leaves are the same objects, new nodes carry the numbers and gradients of what they replace.

    >>> w, x, b = Value(2.0), Value(3.0), Value(1.0)
    >>> [node._op for node in topological_order(expand(ops.dot([w], [x], b))) if node.op]
    ['*', '+']
    """
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
    if node.op is ops.dot:
        pairs = [(new[w], None if x is None else new[x]) for w, x in terms(node)]
        summands = [w if x is None else _with_grad(w * x, node.grad) for w, x in pairs]
        result = _chain(ops.add, summands, node.grad)
    elif node.op is ops.sum:
        result = _chain(ops.add, _operands(node, new), node.grad)
    elif node.op is ops.mean:
        n = len(node.parents)
        result = _chain(ops.add, _operands(node, new), node.grad / n) / n
    elif node.op is ops.prod:
        result = _chain(ops.mul, _operands(node, new), node.grad)
    elif all(new[parent] is parent for parent in node.parents):
        return node
    else:
        assert node.op is not None
        with ieee_arithmetic():
            result = node.op.record(*[mapped(new.__getitem__, group) for group in groups(node)])
    if all(result is not new[parent] for parent in node.parents):  # the sum of one is that one
        result.label, result.grad = node.label, node.grad
    return result


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
