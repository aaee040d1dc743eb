"""What a backward pass has to tell: not the ways to constants, and a branch of zeros only once.

Where a gradient is 0, as below a ReLU that is shut, every product beneath it is 0 too. Sixty-six
such steps teach no more than one.

Next: ``book.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..engine.steep import is_shut
from ..value import Constant, Value
from .sweep import below
from .walk import Walk, edges_of

Edges = dict[str, tuple[Value, float]]  # edge → (operand, local derivative)


@dataclass(frozen=True)
class Branch:
    """The edges below a node that pass nothing on, and the nodes that they start from."""

    nodes: list[Value]
    edges: Edges


class Ways:
    """The edges that a backward pass tells of, node by node, and its branches of zeros.

    >>> x = Value(-2.0, label="x")
    >>> y = (2 * x).relu() * 3
    >>> ways = Ways(Walk.of(y))
    >>> [list(edges) for edges in ways.told.values()]
    [[], [], ['n2-1'], ['n3-0'], [], ['n5-0']]
    """

    def __init__(self, walk: Walk, constants: bool = False) -> None:
        silent = set() if constants else _constant(walk.order)
        self.told: dict[Value, Edges] = {
            node: {
                edge: (operand, slope)
                for edge, (operand, slope) in edges_of(node, walk.ids[node]).items()
                if operand not in silent
            }
            for node in walk.order
        }
        self.branches: dict[Value, Branch] = {}  # by the node at the top
        self.merged: set[Value] = set()  # the nodes whose edges are told with a branch
        self._find(walk.order)

    def _find(self, order: Sequence[Value]) -> None:
        grads, users = below(order), dict[Value, list[Value]]()
        for node in order:
            for operand in node.parents:
                users.setdefault(operand, []).append(node)
        quiet = {
            node
            for node in order
            if self.told[node] and grads.grad(node) == 0.0 and _passes_nothing(node)
        }
        for top in reversed(order):
            if top not in quiet or top in self.merged:
                continue
            branch, ahead = Branch([], {}), [top]
            while ahead:
                node = ahead.pop()
                branch.nodes.append(node)
                branch.edges.update(self.told[node])
                for operand, _ in self.told[node].values():
                    led = quiet.issuperset(users[operand])  # to nowhere else
                    if led and operand in quiet and operand not in self.merged:
                        self.merged.add(operand)
                        ahead.append(operand)
            if len(branch.edges) > 1:  # one edge alone shows its product
                self.branches[top] = branch
                self.merged.add(top)


def _passes_nothing(node: Value) -> bool:
    """Whether 0 times each local derivative is 0: not where that is infinite."""
    return all(is_shut(node, slope) or 0.0 * slope == 0.0 for slope in node.partials)


def _constant(order: Sequence[Value]) -> set[Value]:
    """What is made of constants alone; nothing where the whole graph is."""
    found: set[Value] = set()
    for node in order:
        if isinstance(node, Constant) or (node.parents and found.issuperset(node.parents)):
            found.add(node)
    return set() if order[-1] in found else found
