"""The right and a broken backward pass side by side, on one graph.

At every edge there are two lines: what is right there, and what the broken run does. The first
number that is wrong is marked and explained.

Next: ``listing.py``.
"""

from __future__ import annotations

import math
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from ..telling.formulas import bracketed, change, owner
from ..value import Constant, Value
from .book import Book, Step
from .branches import Ways
from .faults import WRONG, Edge, Gradients, Graph, WayBack
from .verdicts import FAULTS, no_difference
from .walk import Walk

LISTED = 8  # gradients at the end, at most
MARK = "✗"


@dataclass(frozen=True)
class Sum:
    """What a run does at an edge: the node's gradient, the slope, the operand's gradient."""

    adjoint: float
    slope: float
    before: float
    after: float


@dataclass(frozen=True)
class Pair:
    """An edge in both runs, in the order of the broken one."""

    edge: Edge
    right: Sum
    broken: Sum
    differs: bool


def compared(graph: Graph, fault: str) -> Iterator[Pair]:
    """Each edge as the broken run uses it, beside what is right.

    >>> x = Value(3.0)
    >>> graph = Graph.of({x: {}, x * x: {"first": (x, 3.0), "second": (x, 3.0)}})
    >>> [(pair.right.after, pair.broken.after) for pair in compared(graph, "overwrite")]
    [(3.0, 3.0), (6.0, 3.0)]
    """
    slopes = {edge.name: edge.slope for edges in graph.edges.values() for edge in edges}
    good, size = begun(graph, fault), dict.fromkeys(graph.edges, 0.0)
    for edge, broken in used(WRONG[fault], graph, graph.zeros()):
        operand, slope, adjoint = edge.operand, slopes[edge.name], graph.found[edge.node]
        before = good[operand]
        good[operand] += adjoint * slope
        size[operand] += abs(before) + abs(adjoint * slope)
        right = Sum(adjoint, slope, before, good[operand])
        yield Pair(edge, right, broken, not alike(right.after, broken.after, size[operand]))


def used(way_back: WayBack, graph: Graph, grad: Gradients) -> Iterator[tuple[Edge, Sum]]:
    """The edges of a way back, with what each did."""
    edge: Edge | None = None
    met = 0.0, 0.0
    for following in chain(way_back(graph, grad), [None]):
        if edge is not None:
            yield edge, Sum(met[0], edge.slope, met[1], grad[edge.operand])
        if following is not None:
            met = grad[following.node], grad[following.operand]
        edge = following


def begun(graph: Graph, fault: str) -> Gradients:
    """The gradients at which the right run begins: those of leaves add up over two calls."""
    leaves = [node for node in graph.edges if node.op is None]
    return graph.zeros() | {leaf: graph.found[leaf] for leaf in leaves if fault == "twice"}


def alike(a: float, b: float, size: float) -> bool:
    """In another order a sum may be rounded otherwise; that is no fault."""
    room = 1e-12 * size if size < math.inf else 0.0
    return math.isclose(a, b, rel_tol=1e-9, abs_tol=room) or (a != a and b != b)


class Beside(Book):
    """The book of both runs. A step sets ``grad``, what is right, and ``broken`` where it differs.

    >>> a = Value(3.0, label="a")
    >>> walk = Walk.of(a * a)
    >>> print(Beside(walk, Ways(walk), "overwrite").first)
    ✗ First wrong number: a.grad is 3 and should be 6
    right   dy/da += dy/dy · ∂y/∂a₍₂₎ = 1 × 3 = 3;  a.grad: 3 → 6
    broken  dy/da  = dy/dy · ∂y/∂a₍₂₎ = 1 × 3 = 3;  a.grad: 3 → 3
    Why: a has several uses, and each sends a share; = keeps the last one alone, and 3 is lost.
    Shares of several paths add up: +=.
    In training: where a weight or a bias is used more than once ...
    """

    def __init__(self, walk: Walk, ways: Ways, fault: str) -> None:
        super().__init__(walk, ways)
        self.fault, self.told = fault, FAULTS[fault]
        self.graph = Graph.of(ways.told)
        self.pairs = list(compared(self.graph, fault))
        self.reached = {self.walk.output: None} | {pair.edge.operand: None for pair in self.pairs}
        self.first: Step | None = None  # at which the runs differ
        for node in walk.order:
            if node.op is not None:
                self.forward(node)
        self.seed()
        if self.told.again[0]:
            self._again()
        for pair in self.pairs:
            self._pair(pair)
        self._result()

    def _again(self) -> None:
        """The first pass is right in both; then what they keep of it."""
        output, found = self.walk.output, self.graph.found
        math_ = "\n".join(
            self._gradients({node: (found[node], found[node]) for node in self.reached})
        )
        title = "Backward, the first time: right in both"
        edges = [pair.edge.name for pair in self.pairs]
        self._add(output, title, math_, "", edges, {x: (found[x], found[x]) for x in self.reached})
        kept = self.graph.zeros()
        next(WRONG[self.fault](self.graph, kept), None)
        begun_ = begun(self.graph, self.fault)
        sums = {node: (begun_[node], kept[node]) for node in self.reached}
        title, note = self.told.again
        self._add(output, title, f"{self.walk.total(output)} = 1", note, [], sums)

    def _pair(self, pair: Pair) -> None:
        edge, name = pair.edge, self.name(pair.edge.operand)
        right, broken = map(self.number, (pair.right.after, pair.broken.after))
        title, note = f"Backward: from {self.name(edge.node)} to {name}", "The same in both."
        wrong = f"{owner(name)}.grad is {broken} and should be {right}"
        first = pair.differs and self.first is None
        if first:
            title = f"{MARK} First wrong number: {wrong}"
            note = f"Why: {self._why(pair)}\nIn training: {self.told.training}"
        elif pair.differs:
            title, note = f"{MARK} {title}", f"{wrong}."
        lines = self._line("right ", "+=", edge, pair.right)
        sign = " =" if self.fault == "overwrite" else "+="
        lines += "\n" + self._line("broken", sign, edge, pair.broken)
        ends = {
            edge.node: (pair.right.adjoint, pair.broken.adjoint),
            edge.operand: (pair.right.after, pair.broken.after),
        }
        out = f"{self.walk.ids[edge.node]}-out"
        self._add(
            edge.operand,
            title,
            lines,
            note,
            [edge.name, out],
            ends,
            (edge.node, edge.operand),
            made=edge.node,
        )
        if first:
            self.first = self.steps[-1]

    def _line(self, run: str, sign: str, edge: Edge, done: Sum) -> str:
        chain_ = f"{self.walk.total(edge.node)} · {self._local(edge)}"
        factors = f"{self.number(done.adjoint)} × {bracketed(self.number(done.slope))}"
        share = self.number(done.adjoint * done.slope)
        moved = change(
            self.name(edge.operand), "grad", self.number(done.before), self.number(done.after)
        )
        total = self.walk.total(edge.operand)
        return f"{run}  {total} {sign} {chain_} = {factors} = {share};  {moved}"

    def _local(self, edge: Edge) -> str:
        return self.walk.local(edge.node)[int(edge.name.rpartition("-")[2])]

    def _why(self, pair: Pair) -> str:
        edge, right, broken = pair.edge, pair.right, pair.broken
        name, number = self.name(edge.operand), self.number
        return self.told.why.format(
            operand=name,
            node=self.name(edge.node),
            grad=f"{owner(name)}.grad",
            before=number(broken.before),
            adjoint=number(broken.adjoint),
            total=number(right.adjoint),
            local=self._local(edge),
            slope=number(right.slope),
            lost=number(broken.slope),
        )

    def _result(self) -> None:
        ends = {self.walk.output: (1.0, 1.0)}
        wrong: dict[Value, None] = {}
        for pair in self.pairs:
            node = pair.edge.operand
            ends[node] = pair.right.after, pair.broken.after
            wrong.pop(node, None)
            wrong |= {node: None} if pair.differs else {}
        leaves = {x: ends[x] for x in ends if x.op is None and not isinstance(x, Constant)}
        shown = leaves or ends
        count = sum(node in wrong for node in shown)
        if self.first is None:
            title = f"Result: here the fault ({self.told.what}) makes no difference"
            note = no_difference(self.fault, self.graph)
        else:
            title = f"Result: {count} of {len(shown)} gradients are wrong ({self.told.what})"
            note = f"In training: {self.told.training}"
        order = sorted(shown, key=lambda node: node not in wrong)
        math_ = "\n".join(self._gradients({node: shown[node] for node in order}, wrong))
        self._add(self.walk.output, title, math_, note, [], {})

    def _gradients(
        self, ends: dict[Value, tuple[float, float]], wrong: Container[Value] = ()
    ) -> list[str]:
        """Lines such as ``dL/da = 6;  broken: 3 ✗``, of not too many."""
        lines = [
            f"{self.walk.total(node)} = {self.number(good)}"
            + (f";  broken: {self.number(bad)} {MARK}" if node in wrong else "")
            for node, (good, bad) in ends.items()
        ]
        more = [f"… and {len(lines) - LISTED:,} more"] if len(lines) > LISTED + 1 else []
        return lines[:LISTED] + more if more else lines

    def _add(
        self,
        node: Value,
        title: str,
        math: str,
        note: str,
        edges: list[str],
        ends: Mapping[Value, tuple[float, float]],
        values: tuple[Value, ...] = (),
        made: Value | None = None,
    ) -> None:
        """A step that shows both runs."""
        changes = {
            self.walk.ids[value]: {"grad": good}
            if same(good, bad)
            else {"grad": good, "broken": bad}
            for value, (good, bad) in ends.items()
        }
        self.add("beside", node, title, math, note, values, edges, changes, made=made)


def same(a: float, b: float) -> bool:
    return a == b or (a != a and b != b)
