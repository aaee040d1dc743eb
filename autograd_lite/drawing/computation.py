"""The computation graph as a scene: every value a plate, every operation a circle or a pill.

An edge from an operand to an operation carries the local derivative, as the forward pass recorded
it; the chain rule multiplies what stands on the edges. ``x * x`` shows two edges.

Where a value enters a module there is a port, a small dot inside its box, through which the edge
is routed. Without ports Graphviz stacks layers diagonally: the picture of a 2-2-2 network is twice
as high.

Next: ``network.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..telling.folds import Fold
from ..telling.formulas import local
from ..telling.homes import Call
from ..telling.operands import uses
from ..telling.subject import Fact, Subject
from ..telling.text import columns, count
from ..telling.writing import sign
from ..value import Constant, Value
from .scene import Cluster, Edge, Mark, Scene

NONE = "✗"  # in place of a number that does not exist

CLASSES = {
    "input": "ag-value ag-input",
    "parameter": "ag-value ag-param",
    "constant": "ag-value ag-const",
    "intermediate": "ag-value ag-inter",
    "output": "ag-value ag-output",
    "refused": "ag-value ag-refused",
}


def computation(subject: Subject, folds: Sequence[Fold] = ()) -> tuple[Scene, dict[Value, str]]:
    """The scene of what ``subject`` shows, and the id of each value's plate.

    What is folded has one plate together; lines to it have no local derivatives.
    """
    builder = _Builder(subject, folds)
    facts = [fact for fact in subject.facts.values() if fact.value not in builder.folded]
    occupied = {call for fact in facts for call in fact.home.path}
    for call in subject.top.walk():
        if call in occupied:
            builder.cluster(call)
    for fact in facts:
        builder.add_value(fact)
    for fold in folds:
        builder.add_fold(fold)
    for fact in facts:
        if fact.value.op is not None:
            builder.add_operands(fact)
    builder.scene.columns = [[fact.key for fact in _entrances(subject)]]
    builder.scene.caption = subject.problem
    ids = {fact.value: f"ag-{fact.key}" for fact in facts}
    return builder.scene, ids | {value: f"ag-{fold.key}" for value, fold in builder.folded.items()}


def plate(subject: Subject, fact: Fact) -> Mark:
    """The plate of one value."""
    name = fact.name
    if isinstance(fact.value, Constant) and not fact.value.label:
        name = ""  # it would only repeat its data
    # + 0.0 makes 0 of −0, which would only raise questions
    exact = fact.role if subject.hides_data else f"{fact.role}: data = {fact.data + 0.0!r}"
    if subject.has_run_backward:
        exact += f", grad = {fact.grad + 0.0!r}"
    if fact.role == "refused":
        exact = subject.problem
    return Mark(
        fact.key,
        fact.role,
        CLASSES[fact.role],
        name,
        rows=rows(subject, fact),
        tooltip=f"{fact.full_name}, {exact}" if fact.full_name else exact,
    )


def rows(subject: Subject, fact: Fact) -> tuple[tuple[str, str], ...]:
    """The numbers on a plate, dashes for those that are not known, a mark where there is none."""
    data = NONE if fact.role == "refused" else subject.number(fact.data)
    return (
        ("data", "–" if subject.hides_data else data),
        ("grad", subject.number(fact.grad) if subject.has_run_backward else "–"),
    )


def operation(fact: Fact) -> Mark:
    """The circle or pill of the operation that made a value."""
    op = fact.value.op
    assert op is not None
    return Mark(f"{fact.key}o", "op", "ag-op", sign(fact.value), tooltip=op.name)


@dataclass(frozen=True)
class _Source:
    """What an edge starts at: the plate of a value, or of what is folded."""

    key: str
    home: Call
    name: str
    shared: bool = False  # by modules all over the picture


class _Builder:
    def __init__(self, subject: Subject, folds: Sequence[Fold] = ()) -> None:
        self.subject = subject
        self.scene = Scene(subject.title)
        self.clusters: dict[Call, Cluster] = {subject.top: self.scene.top}
        self.folded = {fact.value: fold for fold in folds for fact in fold.facts}
        self.titles = {fold.shown: f"{fold.shown.title} {fold.times}" for fold in folds}
        self.merged: dict[tuple[str, str], Edge] = {}  # from and to what is folded
        self.ports: dict[tuple[_Source, Call], Edge] = {}  # the edge that leads to each port
        self.far: set[str] = set()  # the ports of values that may come from far away

    def cluster(self, call: Call) -> Cluster:
        """The box of a call."""
        if call not in self.clusters:
            assert call.parent is not None
            around = self.cluster(call.parent)
            title = self.titles.get(call, call.title)
            made = Cluster(f"c{len(self.clusters)}", title, call.about)
            around.clusters.append(made)
            self.clusters[call] = made
        return self.clusters[call]

    def add_value(self, fact: Fact) -> None:
        """A plate, and the operation that made it."""
        key, box = fact.key, self.cluster(fact.home)
        box.nodes.append(plate(self.subject, fact))
        if fact.value.op is not None:
            box.nodes.append(operation(fact))
            self.scene.edges.append(Edge(f"{key}o", key, f"e-{key}-out", "ag-edge ag-out"))

    def add_fold(self, fold: Fold) -> None:
        """The plate of what is folded, and the edges into it."""
        assert fold.shown.parent is not None
        inside = self.cluster(fold.shown.parent)
        out = count(sum(len(call.results) for call in fold.others), "value")
        about = f"{fold.others[0].about}, {count(len(fold.facts), 'value')} in {fold.title}"
        inside.nodes.append(
            Mark(
                fold.key, "unit", "ag-unit ag-fold", fold.title, "alike", (("out", out),), about,
                width=round(6.3 * columns(fold.title)) + 40,
            )
        )  # fmt: skip
        for fact in fold.facts:
            for k, operand in enumerate(fact.value.parents):
                parent = self.subject.facts.get(operand)
                if parent is not None and self.folded.get(operand) is not fold:
                    self.merge(parent, fold.key, fold.shown.parent, f"e-{fact.key}-{k}")

    def merge(self, parent: Fact, head: str, inside: Call, key: str) -> None:
        """An edge from or to what is folded, which stands for several."""
        source = self.source(parent)
        tail = self.tail(source, inside, key)
        if (tail, head) in self.merged:
            self.merged[tail, head].classes += f" ag-{key}"
            return
        self.merged[tail, head] = edge = Edge(
            tail, head, f"e-{tail}-{head}", f"ag-edge ag-in ag-{key}",
            attributes={"arrowhead": "none"},
        )  # fmt: skip
        self.scene.edges.append(edge)

    def source(self, parent: Fact) -> _Source:
        fold = self.folded.get(parent.value)
        if fold is None:
            shared = parent.role == "parameter"
            return _Source(parent.key, parent.home, parent.full_name, shared)
        assert fold.shown.parent is not None
        return _Source(fold.key, fold.shown.parent, fold.title)

    def add_operands(self, fact: Fact) -> None:
        """The edges into an operation, each with its local derivative."""
        value, key = fact.value, fact.key
        hidden = False
        operands = zip(value.parents, value.partials, uses(value.parents), strict=True)
        for k, (operand, partial, use) in enumerate(operands):
            parent = self.subject.facts.get(operand)
            if parent is None:
                hidden = True
            elif operand in self.folded:
                self.merge(parent, f"{key}o", fact.home, f"e-{key}-{k}")
            else:
                slope = "" if fact.role == "refused" else self.subject.number(partial)
                self.add_operand(fact, parent, f"e-{key}-{k}", slope, use)
        if hidden:
            self.more(f"{key}m", f"{key}o", fact.home, before=True)
        if fact.used_elsewhere:
            self.more(f"{key}u", key, fact.home, before=False)

    def add_operand(self, fact: Fact, parent: Fact, key: str, partial: str, use: int) -> None:
        """The edge from an operand into an operation."""
        edge = Edge(
            self.tail(self.source(parent), fact.home, key), f"{fact.key}o", key, "ag-edge ag-in",
            partial, _derivative(fact.name, parent.name, use, partial),
            attributes={"arrowhead": "none"},
        )  # fmt: skip
        if fact.home in parent.home.path[:-1] or (
            fact.home is self.subject.top and parent.home.path
        ):
            edge.attributes["minlen"] = "2"  # room for plates beside the module it leaves
        if edge.tail in self.far:
            edge.attributes["weight"] = "3"  # a port close to its use keeps the box short
        self.scene.edges.append(edge)

    def tail(self, parent: _Source, inside: Call, edge: str) -> str:
        """Where an edge starts: at the operand, or at the port by which it enters the module."""
        if inside is self.subject.top or inside in parent.home.path:
            return parent.key
        if (parent, inside) not in self.ports:
            name = f"p{len(self.ports)}"
            self.cluster(inside).nodes.append(Mark(name, "port", "ag-port", tooltip=parent.name))
            lead = Edge(
                parent.key, name, f"e-{name}", "ag-edge ag-lead",
                attributes={"arrowhead": "none", "minlen": "2"},
            )  # fmt: skip
            self.ports[parent, inside] = lead
            if parent.shared:
                self.far.add(name)
            self.scene.edges.append(lead)
        lead = self.ports[parent, inside]
        lead.classes += f" ag-{edge}"
        return lead.head

    def more(self, key: str, end: str, home: Call, before: bool) -> None:
        """Three dots where the graph goes on outside the picture."""
        self.cluster(home).nodes.append(
            Mark(key, "more", "ag-more", "…", tooltip="the graph goes on here")
        )
        tail, head = (key, end) if before else (end, key)
        dashed = {"style": "dashed", "arrowhead": "none"}
        self.scene.edges.append(
            Edge(tail, head, f"e-{key}", "ag-edge ag-beyond", attributes=dashed)
        )


def _derivative(of: str, by: str, use: int, partial: str) -> str:
    """What an edge says under the pointer."""
    if not partial:
        return ""
    if not (of and by):
        return f"local derivative {partial}"
    return f"{local(of, by, use)} = {partial}"


def _entrances(subject: Subject) -> list[Fact]:
    """The leaves that belong below each other at the left end of the picture.

    They feed an operation whose result is needed at once. (A leaf that is needed later stands
    better, and is laid out far quicker, where it is needed.)
    """
    facts, level = subject.facts, dict[Value, int]()
    for value in facts:
        level[value] = 1 + max((level[p] for p in value.parents if p in level), default=-1)
    needed_at_once = set(subject.outputs)
    for value in facts:
        if level[value] == 2:
            needed_at_once.update(value.parents)
    first = [
        facts[parent]
        for value in facts
        if level[value] == 1 and value in needed_at_once
        for parent in value.parents
        if parent in facts and facts[parent].home is subject.top
    ]
    return list(dict.fromkeys(first))
