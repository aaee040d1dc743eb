"""The book that a walk is kept in: its steps so far, and the numbers so far.

Each page is a ``Step``, three lines of text and what a picture shows at it. The numbers are kept
beside the graph: its own ``grad`` attributes stay as they are.

Next: ``descent.py``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field

from ..telling.formulas import LEGEND, change, formula, listed, product
from ..telling.plain import printable
from ..value import Value
from .sweep import NOTHING, Sweep
from .walk import Walk, edges_of

#: A node with more operands than this takes one backward step that lists them.
MANY = 10

#: Such a step spells out no more than this many edges.
LONGEST_STEP = 40

SEVERAL = " (gradients from several paths add up)"


@dataclass(frozen=True, repr=False)
class Step:
    """One step: three lines of text, and what a picture shows at it.

    ======= =====================================================================
    i       its number, from 1
    phase   forward, seed, backward; of a training step also update, again, result
    node    the id of the value that the step is about: n5
    title   what happens
    math    the formula, with names and with numbers
    note    what to notice
    nodes   the ids of all values that take part
    edges   the edges in use: n5-0 from the first operand of n5, n5-out to n5
    set     what changes: {"n5": {"data": 4.0}}
    reveal  local derivatives that become known: {"n5-0": 1.0}
    ======= =====================================================================
    """

    i: int
    phase: str
    node: str
    title: str
    math: str
    note: str
    nodes: tuple[str, ...] = ()
    edges: tuple[str, ...] = ()
    set: dict[str, dict[str, float]] = field(default_factory=dict)
    reveal: dict[str, float] = field(default_factory=dict)

    def as_dict(self) -> dict[str, object]:
        """The step as JSON has it: infinities and NaN, which JSON lacks, are text.

        >>> from autograd_lite.stepping import steps
        >>> steps(Value(2.0, label="x") ** 2)[0].as_dict()["set"]
        {'n1': {'data': 4.0}}
        """
        return {key: _plain(value) for key, value in asdict(self).items()}

    @property
    def text(self) -> str:
        """Its three lines. Printed, they are in plain letters where the terminal lacks a sign."""
        return "\n".join(filter(None, (self.title, self.math, self.note)))

    def __str__(self) -> str:
        return printable(self.text)

    def __repr__(self) -> str:
        fields = (f"{name}={value!r}" for name, value in vars(self).items())
        return printable(f"Step({', '.join(fields)})")


def _plain(item: object) -> object:
    if isinstance(item, dict):
        return {key: _plain(value) for key, value in item.items()}
    if isinstance(item, float) and not math.isfinite(item):
        return "NaN" if item != item else "Infinity" if item > 0 else "-Infinity"
    return list(item) if isinstance(item, tuple) else item


class Book:
    """The steps so far, and the gradients so far."""

    def __init__(self, walk: Walk) -> None:
        self.walk = walk
        self.steps: list[Step] = []
        self.sweep = Sweep(walk.order)
        self.data = {node: node.data for node in walk.order}
        self.out = walk.names[walk.output]
        self.number = walk.number

    def add(
        self,
        phase: str,
        node: Value,
        title: str,
        math: str,
        note: str,
        values: Sequence[Value] = (),
        edges: Iterable[str] = (),
        set: dict[str, dict[str, float]] | None = None,
        reveal: dict[str, float] | None = None,
    ) -> None:
        """One more step; where no ``values`` are given, the node alone takes part."""
        i, ids = len(self.steps) + 1, self.walk.ids
        nodes = tuple(dict.fromkeys(ids[value] for value in values or (node,)))
        shown = nodes, tuple(edges), set or {}, reveal or {}
        self.steps.append(Step(i, phase, ids[node], title, math, note, *shown))

    def name(self, node: Value) -> str:
        return self.walk.names[node]

    def written(self, node: Value) -> str:
        """``d = e + c = −6 + 10 = 4``; what a name says already is not said twice."""
        name = self.name(node)
        digits = self.walk.subject.digits
        symbols = formula(node, self.name, digits)
        parts = [name, symbols, formula(node, lambda v: self.number(self.data[v]), digits)]
        if _bare(symbols) == _bare(name):
            parts.remove(symbols)
        return " = ".join([*parts, self.number(self.data[node])])

    def change(self, node: Value, attribute: str, before: float, after: float) -> str:
        """``a.grad: 0 → 6``."""
        return change(self.name(node), attribute, before, after, self.walk.subject.digits)

    def forward(self, node: Value) -> None:
        """A value is computed, and its local derivatives are recorded."""
        where = self.walk.ids[node]
        partials = {edge: partial for edge, (_, partial) in edges_of(node, where).items()}
        recorded = [
            f"{local} = {self.number(partial)}"
            for local, partial in zip(self.walk.local(node), partials.values(), strict=True)
        ]
        self.add(
            "forward",
            node,
            f"Forward: compute {self.name(node)}",
            self.written(node),
            f"Recorded local derivatives: {listed(recorded)}" if recorded else "",
            values=(*node.parents, node),
            edges=(*partials, f"{where}-out"),
            set={where: {"data": self.data[node]}},
            reveal=partials,
        )

    def seed(self) -> None:
        """The derivative of the output with respect to itself."""
        output, out = self.walk.output, self.out
        where = self.walk.ids[output]
        self.add(
            "seed",
            output,
            f"Backward: begin at {out}",
            f"{self.walk.total(output)} = 1",
            f"{self.change(output, 'grad', 0.0, 1.0)} (how fast {out} changes with itself)"
            f". {LEGEND}",
            set={where: {"grad": 1.0}},
        )

    def backward(self, node: Value) -> None:
        """The chain rule on every edge of a node: a step each, or one step where they are many."""
        edges = edges_of(node, self.walk.ids[node])
        if len(edges) > MANY:
            self._backward_together(node, edges)
            return
        for (edge, (parent, partial)), local in zip(
            edges.items(), self.walk.local(node), strict=True
        ):
            before = self.sweep.grad(parent)
            math, remark = self._chain_rule(node, local, parent, partial)
            after = self.sweep.grad(parent)
            self.add(
                "backward",
                parent,
                f"Backward: from {self.name(node)} to {self.name(parent)}",
                math,
                self.change(parent, "grad", before, after) + remark,
                values=(node, parent),
                edges=(edge, f"{self.walk.ids[node]}-out"),
                set={self.walk.ids[parent]: {"grad": after}},
            )

    def _chain_rule(
        self, node: Value, local: str, parent: Value, partial: float
    ) -> tuple[str, str]:
        """The formula of one edge, and what to remark on it; the edge's share is added."""
        adjoint, before = self.sweep.grad(node), self.sweep.grad(parent)
        share = self.sweep.along(node, parent, partial)
        left, chain = self.walk.total(parent), f"{self.walk.total(node)} · {local}"
        factors = product(adjoint, partial, self.walk.subject.digits)
        math = f"{left} += {chain} = {factors} = {self.number(share)}"
        if share == 0.0 != adjoint * partial:
            return math, NOTHING
        return math, SEVERAL if before else ""

    def _backward_together(self, node: Value, edges: dict[str, tuple[Value, float]]) -> None:
        pairs = zip(edges.values(), self.walk.local(node), strict=True)
        rules = [self._chain_rule(node, local, *edge) for edge, local in pairs]
        lines = [math for math, _ in rules]
        remarks = dict.fromkeys(remark for _, remark in rules)
        rest = len(lines) - LONGEST_STEP
        if rest > 0:
            lines[LONGEST_STEP:] = [f"… and {rest:,} more in the same way"]
        ids = self.walk.ids
        self.add(
            "backward",
            node,
            f"Backward: from {self.name(node)} to its {len(edges):,} operands",
            "\n".join(lines),
            f"{self.name(node)} passes {self.walk.total(node)} = "
            f"{self.number(self.sweep.grad(node))} on, times each local derivative"
            f"{''.join(remarks)}",
            values=(node, *[parent for parent, _ in edges.values()]),
            edges=(*edges, f"{ids[node]}-out"),
            set={ids[parent]: {"grad": self.sweep.grad(parent)} for parent, _ in edges.values()},
        )


def _bare(text: str) -> str:
    return text.translate(_PLAIN)


_PLAIN = str.maketrans({"×": "·", "÷": "/", " ": "", "(": "", ")": ""})
