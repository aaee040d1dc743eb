"""The computation graph as a scene: every value a plate, every operation a circle or a pill.

An edge from an operand to an operation carries the local derivative, as the forward pass recorded
it; the chain rule multiplies what stands on the edges. ``x * x`` shows two edges.

Where a value enters a module there is a port, a small dot inside its box, through which the edge
is routed. Without ports Graphviz stacks layers diagonally: the picture of a 2-2-2 network is twice
as high.

Next: ``network.py``.
"""

from __future__ import annotations

from ..telling.homes import Call
from ..telling.subject import Subject
from ..telling.text import number
from ..telling.writing import PLATES
from ..value import Constant, Value
from .scene import Cluster, Edge, Node, Scene

CLASSES = {
    "input": "ag-value ag-input",
    "parameter": "ag-value ag-param",
    "constant": "ag-value ag-const",
    "intermediate": "ag-value ag-inter",
    "output": "ag-value ag-output",
}


def computation(subject: Subject) -> tuple[Scene, dict[Value, str]]:
    """The scene of what ``subject`` shows, and the id of each value's plate."""
    builder = _Builder(subject)
    occupied = {call for home in subject.home.values() for call in home.path}
    for call in subject.trace.top.walk():
        if call in occupied:
            builder.cluster(call)
    for value in subject.order:
        builder.add_value(value)
    for value in subject.order:
        if value.op is not None:
            builder.add_operands(value)
    builder.scene.columns = [[subject.key(value) for value in _entrances(subject)]]
    return builder.scene, {value: f"ag-{subject.key(value)}" for value in subject.order}


def plate(subject: Subject, value: Value) -> Node:
    """The plate of one value."""
    role, name = subject.role(value), subject.name(value)
    data = "–" if subject.hides_data else number(value.data)
    grad = number(value.grad) if subject.has_run_backward else "–"
    if isinstance(value, Constant) and not value.label:
        name = ""  # it would only repeat its data
    exact = role if subject.hides_data else f"{role}: data = {value.data!r}"
    if subject.has_run_backward:
        exact += f", grad = {value.grad!r}"
    full = subject.full_name(value)
    return Node(
        subject.key(value),
        role,
        CLASSES[role],
        name,
        rows=(("data", data), ("grad", grad)),
        tooltip=f"{full}, {exact}" if full else exact,
    )


def operation(subject: Subject, value: Value) -> Node:
    """The circle or pill of the operation that made a value."""
    assert value.op is not None
    symbol = value.op.symbol
    if value.op.name == "dot":  # a lone middle dot would say little
        symbol = "w·x + b" if len(value.parents) % 2 else "w·x"
    return Node(f"{subject.key(value)}o", "op", "ag-op", symbol, tooltip=value.op.name)


class _Builder:
    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.scene = Scene(subject.title)
        self.clusters: dict[Call, Cluster] = {subject.trace.top: self.scene.top}
        self.ports: dict[tuple[Value, Call], Edge] = {}  # the edge that leads to each port
        self.far: set[str] = set()  # the ports of values that may come from far away

    def cluster(self, call: Call) -> Cluster:
        """The box of a call."""
        if call not in self.clusters:
            assert call.parent is not None
            around = self.cluster(call.parent)
            made = Cluster(f"c{len(self.clusters)}", call.title, call.about)
            around.clusters.append(made)
            self.clusters[call] = made
        return self.clusters[call]

    def add_value(self, value: Value) -> None:
        """A plate, and the operation that made it."""
        subject, key = self.subject, self.subject.key(value)
        box = self.cluster(subject.home[value])
        box.nodes.append(plate(subject, value))
        if value.op is not None:
            box.nodes.append(operation(subject, value))
            self.scene.edges.append(Edge(f"{key}o", key, f"e-{key}-out", "ag-edge ag-out"))

    def add_operands(self, value: Value) -> None:
        """The edges into an operation, each with its local derivative."""
        subject, key = self.subject, self.subject.key(value)
        hidden = False
        for k, (parent, partial) in enumerate(zip(value.parents, value.partials, strict=True)):
            if parent not in subject.home:
                hidden = True
                continue
            label = number(partial)
            edge = Edge(
                self.tail(parent, value, f"e-{key}-{k}"), f"{key}o", f"e-{key}-{k}",
                "ag-edge ag-in", label, self.derivative(value, parent, label),
                attributes={"arrowhead": "none"},
            )  # fmt: skip
            if subject.home[value] in subject.home[parent].path[:-1] or (
                subject.home[value] is subject.trace.top and subject.home[parent].path
            ):
                edge.attributes["minlen"] = "2"  # room for plates beside the module it leaves
            if edge.tail in self.far:
                edge.attributes["weight"] = "3"  # a port close to its use keeps the box short
            self.scene.edges.append(edge)
        if hidden:
            self.more(f"{key}m", f"{key}o", subject.home[value], before=True)
        if value in subject.used_elsewhere:
            self.more(f"{key}u", key, subject.home[value], before=False)

    def derivative(self, value: Value, parent: Value, partial: str) -> str:
        names = self.subject.name(value), self.subject.name(parent)
        if not all(names):
            return f"local derivative {partial}"
        above, below = map(PLATES.bracketed, names)
        return f"∂{above}/∂{below} = {partial}"

    def tail(self, parent: Value, value: Value, edge: str) -> str:
        """Where an edge starts: at the operand, or at the port by which it enters the module."""
        subject, key = self.subject, self.subject.key(parent)
        inside = subject.home[value]
        if inside is subject.trace.top or inside in subject.home[parent].path:
            return key
        if (parent, inside) not in self.ports:
            name = f"p{len(self.ports)}"
            self.cluster(inside).nodes.append(
                Node(name, "port", "ag-port", tooltip=subject.full_name(parent))
            )
            lead = Edge(
                key, name, f"e-{name}", "ag-edge ag-lead",
                attributes={"arrowhead": "none", "minlen": "2"},
            )  # fmt: skip
            self.ports[parent, inside] = lead
            if subject.role(parent) == "parameter":  # shared by modules all over the picture
                self.far.add(name)
            self.scene.edges.append(lead)
        lead = self.ports[parent, inside]
        lead.classes += f" ag-{edge}"
        return lead.head

    def more(self, key: str, end: str, home: Call, before: bool) -> None:
        """Three dots where the graph goes on outside the picture."""
        self.cluster(home).nodes.append(
            Node(key, "more", "ag-more", "…", tooltip="the graph goes on here")
        )
        tail, head = (key, end) if before else (end, key)
        dashed = {"style": "dashed", "arrowhead": "none"}
        self.scene.edges.append(
            Edge(tail, head, f"e-{key}", "ag-edge ag-beyond", attributes=dashed)
        )


def _entrances(subject: Subject) -> list[Value]:
    """The leaves that belong below each other at the left end of the picture.

    They feed an operation whose result is needed at once. (A leaf that is needed later stands
    better, and is laid out far quicker, where it is needed.)
    """
    level: dict[Value, int] = {}
    for value in subject.order:
        level[value] = 1 + max((level[p] for p in value.parents if p in level), default=-1)
    needed_at_once = set(subject.outputs)
    for value in subject.order:
        if level[value] == 2:
            needed_at_once.update(value.parents)
    first = [
        parent
        for value in subject.order
        if level[value] == 1 and value in needed_at_once
        for parent in value.parents
        if parent in level and subject.home[parent] is subject.trace.top
    ]
    return list(dict.fromkeys(first))
