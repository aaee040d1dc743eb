"""Walking a graph, and differentiating it into another graph.

``gradient(y, xs)`` runs the chain rule as ``Value.backward`` does, but with Values: each adjoint
is a node, each local derivative the rule of the node's primitive read with Values. What comes out
is a graph, so it can be drawn, compiled, and differentiated again.

What is glossed over: numbers. The derivative is that of the recorded point, as with ``backward``; a
leaf whose ``data`` was changed since then is an error, since the rules would mix two points.

Next: ``expand.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import isfinite
from typing import Any

from . import ops
from .engine.groups import as_tuple, number_of
from .engine.node import groups
from .engine.order import recomputed, topological_order
from .engine.settle import slopes
from .engine.steep import has_steep_places, is_shut
from .engine.undefined import ieee_arithmetic
from .value import Constant, Value, as_value


def gradient(y: Value, xs: Sequence[Value]) -> list[Value]:
    """The derivatives dy/dx, one per x, each a Value with a graph of its own.

    An x on which y does not depend gives 0. ``grad`` attributes stay as they are. Raises
    ``ValueError`` when a leaf has changed its ``data`` since the graph was recorded.

    >>> x = Value(3.0)
    >>> (dy,) = gradient(x ** 3, [x])
    >>> (d2y,) = gradient(dy, [x])
    >>> dy.data, d2y.data
    (27.0, 18.0)
    """
    if isinstance(xs, Value) or not isinstance(xs, Iterable):
        raise TypeError("gradient(y, xs) takes a list of Values; write gradient(y, [x]).")
    for value in (y, *(xs := list(xs))):
        if not isinstance(value, Value):
            raise TypeError(f"gradient(y, xs) takes Values; got {value!r}, which has no graph.")
    order = topological_order(y)
    wanted = _depending_on(xs, order)
    terms: dict[Value, list[tuple[Value, Any]]] = {y: [(Constant(1.0), 1.0)]}
    adjoints: dict[Value, Value] = {}
    steep = has_steep_places(order)
    shut: set[Value] = set()  # nodes to which only edges lead whose piece is not chosen
    stale = recomputed(order)
    with ieee_arithmetic():  # a slope may be ∞ where the value is finite: sqrt at 0
        for node in reversed(order):
            if node not in wanted or node not in terms:
                continue
            adjoints[node] = adjoint = _accumulate(terms.pop(node))
            if node.op is None:
                continue
            guarded = node.op.chooses or node in shut
            for parent, partial in zip(node.parents, _local_derivatives(node, stale), strict=True):
                slope = number_of(partial)
                closed = guarded and is_shut(node, slope)
                absent = slope == 0.0 and type(partial) in (float, Constant)
                if parent not in wanted or (absent and (closed or not steep)):
                    continue  # in a steep graph an arithmetical 0 times ∞ is NaN
                if not (closed or node in shut):
                    shut.discard(parent)
                elif parent not in terms:
                    shut.add(parent)
                term = adjoint, partial
                if guarded:
                    term = _term(node, adjoint, partial, node in shut)
                terms.setdefault(parent, []).append(term)
    return [adjoints[x] if x in adjoints else Constant(0.0) for x in xs]


def _term(node: Value, adjoint: Value, partial: Any, shut: bool) -> tuple[Value, Any]:
    """What an edge adds to an adjoint, as the factors of a product.

    Where a piece is not chosen nothing passes, of whatever order: not from above, by a slope that
    chooses, and not from below, by the slopes that follow, or by theirs.
    """
    assert node.op is not None
    if shut and (not isfinite(number_of(partial)) or _bends(node, partial)):
        return ops.masked(adjoint, as_value(partial)), 1.0
    if node.op.chooses and isinstance(partial, Value) and not _is_one(adjoint):
        return ops.masked(partial, adjoint), 1.0
    return adjoint, partial


def _bends(node: Value, partial: Any) -> bool:
    """Whether a slope is computed: neither a number nor an operand, as those of ``dot`` are."""
    return isinstance(partial, Value) and partial.op is not None and partial not in node.parents


def _local_derivatives(node: Value, stale: Mapping[Value, float]) -> tuple[Any, ...]:
    """∂node/∂parent for each parent: floats where constant, else Values with a graph."""
    assert node.op is not None
    partials = slopes(node.op, node, *groups(node))
    flat = tuple(partial for group in partials for partial in as_tuple(group))
    pairs = [*zip(node.partials, map(number_of, flat), strict=True)]
    if stale and any(isinstance(x, Value) for x in flat):  # equal slopes may bend otherwise
        pairs += [(x.data, stale[x]) for x in (node, *node.parents) if x in stale]
    for recorded, now in pairs:
        if now != recorded and now == now:
            raise ValueError(
                f"A leaf below {node!r} has changed its data since the graph was recorded "
                f"({recorded} then, {now} now). Build the graph again after the change."
            )
    return flat


def _depending_on(xs: Sequence[Value], order: list[Value]) -> set[Value]:
    """The nodes through which a path to one of the xs leads, the xs included."""
    found = set(xs)
    for node in order:
        if node.op is not None and not found.isdisjoint(node.parents):
            found.add(node)
    return found


def _accumulate(terms: list[tuple[Value, Any]]) -> Value:
    """Σ adjoint · partial, as one node: a product, a sum or a ``dot``."""
    plain = [adjoint for adjoint, partial in terms if type(partial) is float and partial == 1.0]
    if len(plain) == len(terms):
        return plain[0] if len(plain) == 1 else ops.sum(plain)
    if len(terms) == 1:
        return _product(*terms[0])
    adjoints, partials = zip(*terms, strict=True)
    result: Value = ops.dot(adjoints, [as_value(partial) for partial in partials])
    return result


def _product(adjoint: Value, partial: Any) -> Value:
    if type(partial) is float and partial == -1.0:
        return -adjoint
    if _is_one(adjoint):
        return as_value(partial)
    return adjoint * as_value(partial)


def _is_one(adjoint: Value) -> bool:
    return isinstance(adjoint, Constant) and adjoint.data == 1.0
