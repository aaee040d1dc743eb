"""Walking a graph, and differentiating it into another graph.

``gradient(y, xs)`` runs the chain rule as ``Value.backward`` does, but with Values: each adjoint
is a node, each local derivative is the rule of the node's primitive read with Values. What comes
out is a graph, so it can be drawn, compiled, and differentiated again, to any order.

What is glossed over: numbers. The derivative is that of the recorded point, as with ``backward``;
a leaf whose ``data`` was changed since then is an error here, since its rules would mix two points.

Next: ``transforms.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from . import ops
from .value import (
    Constant,
    Value,
    as_tuple,
    as_value,
    data_of,
    ieee_arithmetic,
    slopes,
    topological_order,
)

__all__ = ["expand", "gradient", "topological_order"]


def gradient(y: Value, xs: Sequence[Value]) -> list[Value]:
    """The derivatives ∂y/∂x, one per x, each a Value with a graph of its own.

    An x on which y does not depend gives 0. ``grad`` attributes stay as they are. Raises
    ``ValueError`` when a leaf has changed its ``data`` since the graph was recorded.

    >>> x = Value(3.0)
    >>> (dy,) = gradient(x ** 3, [x])
    >>> (d2y,) = gradient(dy, [x])
    >>> dy.data, d2y.data
    (27.0, 18.0)
    """
    if isinstance(xs, Value):
        raise TypeError("gradient(y, xs) takes a list of Values; write gradient(y, [x]).")
    xs = list(xs)
    for value in (y, *xs):
        if not isinstance(value, Value):
            raise TypeError(f"gradient(y, xs) takes Values; got {value!r}, which has no graph.")
    order = topological_order(y)
    wanted = _depending_on(xs, order)
    terms: dict[Value, list[tuple[Value, Any]]] = {y: [(Constant(1.0), 1.0)]}
    adjoints: dict[Value, Value] = {}
    with ieee_arithmetic():
        for node in reversed(order):
            if node not in wanted or node not in terms:
                continue
            adjoints[node] = adjoint = _accumulate(terms.pop(node))
            if node.op is None:
                continue
            for parent, partial in zip(node.parents, local_derivatives(node), strict=True):
                fixed = type(partial) in (float, Constant)
                if parent in wanted and not (fixed and data_of(partial) == 0.0):
                    terms.setdefault(parent, []).append((adjoint, partial))
    return [adjoints[x] if x in adjoints else Constant(0.0) for x in xs]


def local_derivatives(node: Value) -> tuple[Any, ...]:
    """∂node/∂parent for each parent: floats where constant, else Values with a graph."""
    assert node.op is not None
    groups = (node._left,) if node._right is None else (node._left, node._right)
    partials = slopes(node.op, node, *groups)
    flat = tuple(partial for group in partials for partial in as_tuple(group))
    for now, recorded in zip(flat, node.partials, strict=True):
        current = data_of(now)
        if current != recorded and current == current:
            raise ValueError(
                f"A leaf below {node!r} has changed its data since the graph was recorded "
                f"(slope {recorded} then, {current} now). Build the graph again after the change."
            )
    return flat


def _depending_on(xs: Sequence[Value], order: list[Value]) -> set[Value]:
    """The nodes through which a path to one of the xs leads, the xs included (membership only)."""
    found = set(xs)
    for node in order:
        if node.op is not None and not found.isdisjoint(node.parents):
            found.add(node)
    return found


def _accumulate(terms: list[tuple[Value, Any]]) -> Value:
    """Σ adjoint · partial, as one node: a product, a sum or a ``dot``."""
    plain = [adjoint for adjoint, partial in terms if type(partial) is float and partial == 1.0]
    if len(plain) == len(terms):
        total: Value = plain[0] if len(plain) == 1 else ops.sum(plain)
        return total
    if len(terms) == 1:
        return _product(*terms[0])
    adjoints, partials = zip(*terms, strict=True)
    result: Value = ops.dot(adjoints, [as_value(partial) for partial in partials])
    return result


def _product(adjoint: Value, partial: Any) -> Value:
    if type(partial) is float and partial == -1.0:
        return -adjoint
    if isinstance(adjoint, Constant) and adjoint.data == 1.0:
        return as_value(partial)
    return adjoint * as_value(partial)


def expand(y: Value) -> Value:
    """The same graph with each ``dot``, ``sum``, ``mean`` and ``prod`` written out in × and +.

    Leaves are the same objects, new nodes carry the numbers and gradients of what they replace.

    >>> w, x, b = Value(2.0), Value(3.0), Value(1.0)
    >>> [node._op for node in topological_order(expand(ops.dot([w], [x], b))) if node.op]
    ['×', '+']
    """
    return expansion(y)[y]


def expansion(*outputs: Value) -> dict[Value, Value]:
    """What ``expand`` puts in place of each node below the outputs; itself where nothing changed.

    >>> w, x = Value(2.0), Value(3.0)
    >>> y = ops.dot([w], [x])
    >>> new = expansion(y)
    >>> new[x] is x, new[y]._op
    (True, '×')
    """
    new: dict[Value, Value] = {}
    for node in topological_order(*outputs):
        new[node] = node if node.op is None else _written_out(node, new)
    return new


def _written_out(node: Value, new: dict[Value, Value]) -> Value:
    assert node.op is not None
    name = node.op.name
    left = tuple(new[x] for x in as_tuple(node._left))
    right = tuple(new[x] for x in as_tuple(node._right))
    if name == "dot":
        products = [w * x for w, x in zip(left, right, strict=False)]
        for product in products:
            product.grad = node.grad
        result = _chain(ops.add, [*products, *left[len(right) :]], node.grad)
    elif name == "sum":
        result = _chain(ops.add, left, node.grad)
    elif name == "mean":
        result = _chain(ops.add, left, node.grad / len(left)) / len(left)
    elif name == "prod":
        result = _chain(ops.mul, left, node.grad)
    else:
        if all(new[parent] is parent for parent in node.parents):
            return node
        with ieee_arithmetic():
            result = node.op.record(*([left] if type(node._left) is tuple else left), *right)
    if result not in left:  # the sum of one term is that term
        result.label, result.grad = node.label, node.grad
    return result


def _chain(op: ops.Binary, terms: Sequence[Value], grad: float) -> Value:
    """((a ∘ b) ∘ c) ∘ …, each node with the gradient that the chain rule gives it."""
    if not terms:
        return Constant(1.0 if op is ops.mul else 0.0)
    nodes = [terms[0]]
    for term in terms[1:]:
        nodes.append(op(nodes[-1], term))
    for node in reversed(nodes[1:]):
        node.grad = grad
        grad *= node.partials[0]
    return nodes[-1]
