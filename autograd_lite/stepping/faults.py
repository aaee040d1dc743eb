"""Five wrong ways to go back through a graph, of a few lines each, and the right one.

Each gets the graph and the gradients so far, yields every edge before it uses it, and adds to the
gradients. They are wrong on purpose: they show why the right one reads as it does, ``+=``, from the
output down in topological order, from zeros.

>>> x = Value(3.0)
>>> y = x * x
>>> graph = Graph.of({x: {}, y: {"first": (x, 3.0), "second": (x, 3.0)}})
>>> for way_back in (right, overwrite):
...     grad = graph.zeros()
...     edges = list(way_back(graph, grad))
...     print(grad[x])
6.0
3.0

Next: ``verdicts.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from ..engine.steep import has_steep_places, is_shut
from ..value import Value
from .branches import Edges
from .sweep import below

Gradients: TypeAlias = dict[Value, float]


@dataclass(frozen=True)
class Edge:
    """From a node down to one of its operands."""

    name: str
    node: Value
    operand: Value
    slope: float  # the local derivative


@dataclass(frozen=True)
class Graph:
    """The edges below each node, operands before what is made of them; the output comes last."""

    edges: dict[Value, list[Edge]]
    output: Value
    found: Gradients  # by the right way back

    @classmethod
    def of(cls, told: Mapping[Value, Edges]) -> Graph:
        """The edges that pass something on: none that a ReLU shuts, none that nothing reaches."""
        order, reached = list(told), {list(told)[-1]}
        steep, sweep = has_steep_places(order), below(order)
        edges: dict[Value, list[Edge]] = {node: [] for node in order}
        for node in reversed(order):
            for name, (operand, slope) in told[node].items() if node in reached else ():
                if not (steep and is_shut(node, slope)):
                    edges[node].append(Edge(name, node, operand, slope))
                    reached.add(operand)
        return cls(edges, order[-1], {node: sweep.grad(node) for node in order})

    def zeros(self) -> Gradients:
        """Where a backward pass begins: 1 for the output, 0 for all others."""
        return dict.fromkeys(self.edges, 0.0) | {self.output: 1.0}


WayBack: TypeAlias = Callable[[Graph, Gradients], Iterator[Edge]]


def right(graph: Graph, grad: Gradients) -> Iterator[Edge]:
    """A value passes its gradient on when all of it has arrived."""
    for node in reversed(graph.edges):
        for edge in graph.edges[node]:
            yield edge
            grad[edge.operand] += grad[node] * edge.slope


def overwrite(graph: Graph, grad: Gradients) -> Iterator[Edge]:
    """``=`` for ``+=``: what arrives replaces what was there."""
    for node in reversed(graph.edges):
        for edge in graph.edges[node]:
            yield edge
            grad[edge.operand] = grad[node] * edge.slope


def no_order(graph: Graph, grad: Gradients) -> Iterator[Edge]:
    """First reached, first to pass on, whether all has arrived or not."""
    reached, seen = [graph.output], {graph.output}
    for node in reached:  # which grows meanwhile
        for edge in graph.edges[node]:
            yield edge
            grad[edge.operand] += grad[node] * edge.slope
            if edge.operand not in seen:
                seen.add(edge.operand)
                reached.append(edge.operand)


def no_zero_grad(graph: Graph, grad: Gradients) -> Iterator[Edge]:
    """The second backward pass of a training: the leaves keep what the first one left."""
    grad |= {node: graph.found[node] for node in graph.edges if node.op is None}
    yield from right(graph, grad)


def twice(graph: Graph, grad: Gradients) -> Iterator[Edge]:
    """The second of two calls of ``backward()``: all but the output keep what the first left."""
    grad |= graph.found | {graph.output: 1.0}
    yield from right(graph, grad)


def lost_sign(graph: Graph, grad: Gradients) -> Iterator[Edge]:
    """One local derivative, the first negative one that counts, loses its minus sign."""
    lost = False
    for node in reversed(graph.edges):
        for edge in graph.edges[node]:
            if not lost and edge.slope < 0.0 != grad[node]:
                lost, edge = True, replace(edge, slope=-edge.slope)
            yield edge
            grad[edge.operand] += grad[node] * edge.slope


#: By the names that ``step_through(..., fault=)`` takes.
WRONG: Mapping[str, WayBack] = {
    made.__name__: made for made in (overwrite, no_order, no_zero_grad, twice, lost_sign)
}
