"""The book that a walk is kept in: its steps so far, and the numbers so far.

Each page is a ``Step``, three lines of text and what a picture shows at it. The numbers are kept
beside the graph: its own ``grad`` attributes stay as they are.

Next: ``folded.py``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field

from ..telling.folds import Fold
from ..telling.formulas import LEGEND, change, formula, listed
from ..telling.plain import Text, printable
from ..value import Value
from .branches import Branch, Edges, Ways
from .sweep import NOTHING, Sweep
from .walk import Walk, edges_of
from .words import ZERO, Known, Parts, Words

#: A node with more operands than this takes one backward step that lists them.
MANY = 10

#: Such a step spells out no more than this many edges.
LONGEST_STEP = 40

SEVERAL = " (gradients from several paths add up)"

#: The title, the formula and the note of a step that tells of a whole branch.
BRANCH = (
    "Backward: nothing passes below {name}",
    "{total} = 0",
    "0 times any local derivative is 0: {count} edges in one step",
)


@dataclass(frozen=True, repr=False)
class Step:
    """One step: three lines of text, the line of the program, and what a picture shows at it.

    ======= =====================================================================
    i       its number, from 1
    phase   forward, seed, backward; of a training step also update, again, result; refused
    node    the id of the value that the step is about: n5
    title   what happens
    math    the formula, with names and with numbers
    note    what to notice
    nodes   the ids of all values that take part
    edges   the edges in use: n5-0 from the first operand of n5, n5-out to n5
    set     what changes: {"n5": {"data": 4.0}}
    reveal  local derivatives that become known: {"n5-0": 1.0}
    line    the line of the program at work, with its number, where a function is stepped through
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
    line: str = ""

    def __post_init__(self) -> None:
        for name in ("title", "math", "note", "line"):  # to be printed alone, too
            object.__setattr__(self, name, Text(getattr(self, name)))

    def as_dict(self) -> dict[str, object]:
        """The step as JSON has it: infinities and NaN, which JSON lacks, are text.

        >>> from autograd_lite.stepping import steps
        >>> steps(Value(2.0, label="x") ** 2)[0].as_dict()["set"]
        {'n1': {'data': 4.0}}
        """
        return {key: _plain(value) for key, value in asdict(self).items()}

    @property
    def text(self) -> str:
        """Its lines. Printed, they are in plain letters where the terminal lacks a sign."""
        line = self.line and f"line {self.line}"
        return Text("\n".join(filter(None, (self.title, self.math, self.note, line))))

    def __str__(self) -> str:
        return str(self.text)

    def __repr__(self) -> str:
        fields = (f"{name}={value!r}" for name, value in vars(self).items())
        return printable(f"Step({', '.join(fields)})")


def _plain(item: object) -> object:
    if isinstance(item, dict):
        return {key: _plain(value) for key, value in item.items()}
    if isinstance(item, float) and not math.isfinite(item):
        return "NaN" if item != item else "Infinity" if item > 0 else "-Infinity"
    return list(item) if isinstance(item, tuple) else item


@dataclass(frozen=True)
class Entry:
    """A step, and its texts as a page fills them in."""

    step: Step
    parts: tuple[Parts, ...] = ()  # of title, formula and note; none of a whole branch
    merged: bool = False  # the step tells of an edge that is told with its branch
    about: str = ""  # the id of the value whose making it tells of, or of the one it changes


class Book:
    """The steps so far, and the gradients so far.

    Every edge has an entry, since its step may be told at other numbers; ``steps`` are those that
    are told at the numbers of now.
    """

    def __init__(self, walk: Walk, ways: Ways, by_node: bool = False) -> None:
        self.walk, self.ways = walk, ways
        self.most = 1 if by_node else MANY  # edges that have a step each
        self.entries: list[Entry] = []
        self.sweep = Sweep(walk.order)
        self.data = {node: node.data for node in walk.order}
        self.out = walk.names[walk.output]
        self.number = walk.number
        self.words = Words(walk.subject.digits)
        self.trained: list[Value] = []  # by a step of gradient descent,
        self.rate = 0.0  # with this learning rate
        self.folds: list[Fold] = []  # whose steps are told in one
        self._count = 0

    @property
    def steps(self) -> list[Step]:
        return [entry.step for entry in self.entries if not entry.merged]

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
        merged: bool = False,
        whole: bool = False,
        made: Value | None = None,
    ) -> None:
        """One more step; where no ``values`` are given, the node alone takes part.

        It tells of how a node was ``made``, whose line it has.
        """
        ids, words, texts = self.walk.ids, self.words, (title, math, note)
        nodes = tuple(dict.fromkeys(ids[value] for value in values or (node,)))
        shown = nodes, tuple(edges), set or {}, reveal or {}
        self._count += not merged
        title, math, note = map(words.plain, texts)
        line = self.walk.subject.facts[made].line if made is not None else ""
        step = Step(self._count, phase, ids[node], title, math, note, *shown, line)
        parts = () if whole else tuple(map(words.parts, texts))
        about = ids[node if made is None else made]
        self.entries.append(Entry(step, parts, merged, about))

    def name(self, node: Value) -> str:
        return self.walk.names[node]

    def known(self, node: Value, again: bool = False) -> Known:
        """The data of a node, or what it is in the second forward pass, with its key."""
        return f"{'D' if again else 'd'}{self.walk.ids[node]}", self.data[node]

    def total(self, node: Value) -> Known:
        """The gradient of a node when everything has arrived, with its key."""
        return f"g{self.walk.ids[node]}", self.sweep.grad(node)

    def written(self, node: Value, again: bool = False) -> str:
        """``d = e + c = −6 + 10 = 4``; what a name says already is not said twice."""
        result = self.words.number(*self.known(node, again))
        return f"{self._unsolved(node, again)} = {result}"

    def _unsolved(self, node: Value, again: bool = False) -> str:
        name, words = self.name(node), self.words
        symbols = formula(node, self.name, words.digits)
        parts = [name, symbols, words.formula(node, lambda v: self.known(v, again))]
        if _bare(symbols) == _bare(name):
            parts.remove(symbols)
        return " = ".join(parts)

    def change(self, node: Value, attribute: str, before: Known, after: Known) -> str:
        """``a.grad: 0 → 6``."""
        number = self.words.number
        return change(self.name(node), attribute, number(*before), number(*after))

    def forward(self, node: Value) -> None:
        """A value is computed, and its local derivatives are recorded."""
        where = self.walk.ids[node]
        partials = {edge: partial for edge, (_, partial) in edges_of(node, where).items()}
        recorded = [
            f"{local} = {self.words.number(f's{edge}', partial)}"
            for local, (edge, partial) in zip(self.walk.local(node), partials.items(), strict=True)
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
            made=node,
        )

    def refused(self) -> None:
        """The last value cannot be computed, and why."""
        node = self.walk.output
        self.add(
            "refused",
            node,
            f"✗ Forward stops: {self.name(node)} has no answer",
            self._unsolved(node),
            self.walk.problem,
            values=(*node.parents, node),
            edges=(*edges_of(node, self.walk.ids[node]), f"{self.walk.ids[node]}-out"),
            made=node,
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
            f"{self.change(output, 'grad', ZERO, (f'g{where}', 1.0))} "
            f"(how fast {out} changes with itself). {LEGEND}",
            set={where: {"grad": 1.0}},
        )

    def backward(self, node: Value) -> None:
        """The chain rule on every edge of a node: a step each, or one step where they are many.

        A branch of zeros has one step, at the node at its top.
        """
        edges = self.ways.told[node]
        merged = node in self.ways.merged
        if node in self.ways.branches:
            self._backward_branch(node, self.ways.branches[node])
        if len(edges) > self.most:
            self._backward_together(node, edges, merged)
            return
        for edge, (parent, _) in edges.items():
            before = self.sweep.grad(parent)
            math, remark = self._chain_rule(node, edge)
            after = self.sweep.grad(parent)
            changed = self.change(parent, "grad", (f"b{edge}", before), (f"a{edge}", after))
            self.add(
                "backward",
                parent,
                f"Backward: from {self.name(node)} to {self.name(parent)}",
                math,
                changed + self.words.remarks({edge: remark}),
                values=(node, parent),
                edges=(edge, f"{self.walk.ids[node]}-out"),
                set={self.walk.ids[parent]: {"grad": after}},
                merged=merged,
                made=node,
            )

    def _chain_rule(self, node: Value, edge: str) -> tuple[str, str]:
        """The formula of one edge, and what to remark on it; the edge's share is added."""
        parent, partial = self.ways.told[node][edge]
        local = self.walk.local(node)[int(edge.rpartition("-")[2])]
        (key, adjoint), before = self.total(node), self.sweep.grad(parent)
        share = self.sweep.along(node, parent, partial)
        left, chain = self.walk.total(parent), f"{self.walk.total(node)} · {local}"
        number = self.words.number
        factors = f"{number(key, adjoint)} × {number(f's{edge}', partial, signed=True)}"
        math = f"{left} += {chain} = {factors} = {number(f'h{edge}', share)}"
        if share == 0.0 != adjoint * partial:
            return math, NOTHING
        return math, SEVERAL if before else ""

    def _backward_together(self, node: Value, edges: Edges, merged: bool) -> None:
        rules = {edge: self._chain_rule(node, edge) for edge in edges}
        lines = [math for math, _ in rules.values()]
        remarks = self.words.remarks({edge: remark for edge, (_, remark) in rules.items()})
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
            f"{self.words.number(*self.total(node))} on, times each local derivative{remarks}",
            values=(node, *[parent for parent, _ in edges.values()]),
            edges=(*edges, f"{ids[node]}-out"),
            set={ids[parent]: {"grad": self.sweep.grad(parent)} for parent, _ in edges.values()},
            merged=merged,
            made=node,
        )

    def _backward_branch(self, top: Value, branch: Branch) -> None:
        count, ids = len(branch.edges), self.walk.ids
        facts = {"name": self.name(top), "total": self.walk.total(top), "count": count}
        title, math, note = (text.format(**facts) for text in BRANCH)
        reached = [operand for operand, _ in branch.edges.values()]
        self.add(
            "backward",
            top,
            title,
            math,
            note,
            values=(top, *reached),
            edges=(*branch.edges, *(f"{ids[node]}-out" for node in branch.nodes)),
            set={ids[operand]: {"grad": self.sweep.grad(operand)} for operand in reached},
            whole=True,
            made=top,
        )


def _bare(text: str) -> str:
    return text.translate(_PLAIN)


_PLAIN = str.maketrans({"×": "·", "÷": "/", " ": "", "(": "", ")": ""})
