"""The network view: a box per module, a line per weight.

A weight is a parameter that multiplies one value on its way into a box. Its line is blue and solid
where it is positive, orange and dashed where it is negative, and the wider the larger it is.
Whatever belongs to no box is drawn as in the computation graph.

Next: ``scene.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..telling.homes import Call
from ..telling.operands import is_linear, weighted
from ..telling.subject import Fact, Subject
from ..telling.text import columns, count
from ..value import Value
from .computation import operation, plate, rows
from .scene import Edge, Mark, Scene

LAYOUT = {"splines": "line", "outputorder": "edgesfirst", "ranksep": "2", "nodesep": "0.12"}


def boxes_named(subject: Subject, name: str) -> list[Call]:
    """The calls of the modules of a class, the outermost ones; ``ValueError`` if there are none."""
    boxes = _outermost(
        subject.top, lambda call: type(call.module).__name__.lower() == str(name).lower()
    )
    if not boxes:
        kinds = dict.fromkeys(type(call.module).__name__ for call in _within(subject.top))
        raise ValueError(
            f"collapse={name!r} names the class of the modules to draw as one box each; "
            + (f"what was called here is {', '.join(kinds)}." if kinds else "none was called here.")
        )
    return boxes


def boxes_within(subject: Subject, most: int | None) -> list[Call]:
    """The smallest modules of which a picture needs no more than ``most`` nodes; else none."""
    heights = _heights(subject.top)
    for height in range(heights[subject.top]):
        low = {call for call in heights if heights[call] <= height}
        boxes = _outermost(subject.top, low.__contains__)
        if most is None or len(boxes) + len(_free(subject, boxes)) <= most:
            return boxes
    return []


def _within(top: Call) -> Iterator[Call]:
    return (call for call in top.walk() if call.parent is not None)


def _outermost(top: Call, wanted: Callable[[Call], bool]) -> list[Call]:
    found, stack = [], list(reversed(top.calls))
    while stack:
        call = stack.pop()
        if wanted(call):
            found.append(call)
        else:
            stack.extend(reversed(call.calls))
    return found


def _heights(top: Call) -> dict[Call, int]:
    heights: dict[Call, int] = {}
    for call in reversed(list(top.walk())):
        heights[call] = 1 + max((heights[inner] for inner in call.calls), default=-1)
    return heights


def _box_of(subject: Subject, boxes: list[Call]) -> dict[Value, Call]:
    """For each value that is inside a box, which one."""
    chosen = set(boxes)
    inside: dict[Call, Call | None] = {}
    for call in subject.top.walk():
        around = inside[call.parent] if call.parent is not None else None
        inside[call] = call if call in chosen else around
    found = ((value, inside[fact.home]) for value, fact in subject.facts.items())
    return {value: box for value, box in found if box is not None}


def _free(subject: Subject, boxes: list[Call]) -> list[Fact]:
    """The values that are drawn besides the boxes; parameters show as lines, not as plates."""
    box_of = _box_of(subject, boxes)
    weights = {
        parent
        for value in box_of
        for parent in value.parents
        if subject.facts[parent].role == "parameter"
    }
    hidden = weights.union(box_of)
    return [fact for value, fact in subject.facts.items() if value not in hidden]


def network(subject: Subject, boxes: list[Call]) -> tuple[Scene, dict[Value, str]]:
    """The scene of a graph with these calls as boxes; the id of each value that is shown."""
    builder = _Builder(subject, boxes)
    scene = builder.build()
    ids = {fact.value: f"ag-{fact.key}" for fact in builder.free}
    ids |= {value: f"ag-{builder.keys[box]}" for box in boxes for value in box.results}
    return scene, ids


class _Builder:
    def __init__(self, subject: Subject, boxes: list[Call]) -> None:
        self.subject = subject
        self.boxes = boxes
        self.box_of = _box_of(subject, boxes)
        self.free = _free(subject, boxes)
        self.keys = {box: f"m{i}" for i, box in enumerate(boxes)}
        self.scene = Scene(subject.title, attributes=dict(LAYOUT))

    def build(self) -> Scene:
        nodes, shown = self.scene.top.nodes, {fact.value for fact in self.free}
        members: dict[Call, list[Value]] = {box: [] for box in self.boxes}
        for value, box in self.box_of.items():
            members[box].append(value)
        for fact in self.free:
            nodes.append(plate(self.subject, fact))
            if fact.value.op is not None:
                self.operation(fact, shown)
        units = [self.unit(box, members[box]) for box in self.boxes]
        for unit in units:  # of one width, so that columns have straight sides
            unit.width = max(round(6.3 * columns(u.name) + 4.4 * len(u.note)) for u in units) + 6
        nodes.extend(units)
        for box in self.boxes:
            self.lines(box, members[box])
        self.headings()
        self.scene.caption = self.subject.problem
        return self.scene

    def end(self, value: Value) -> str:
        """The node that a line from a value starts at."""
        box = self.box_of.get(value)
        return self.keys[box] if box is not None else self.subject.facts[value].key

    def is_parameter(self, value: Value) -> bool:
        return self.subject.facts[value].role == "parameter"

    def operation(self, fact: Fact, shown: set[Value]) -> None:
        """An operation outside of every box, as in the computation graph."""
        value, key, edges = fact.value, fact.key, self.scene.edges
        self.scene.top.nodes.append(operation(fact))
        edges.append(Edge(f"{key}o", key, f"e-{key}-out", "ag-edge ag-out"))
        for k, (parent, partial) in enumerate(zip(value.parents, value.partials, strict=True)):
            if parent in shown or parent in self.box_of:
                bare = {"arrowhead": "none"}
                edges.append(
                    Edge(
                        self.end(parent), f"{key}o", f"e-{key}-{k}", "ag-edge ag-in",
                        self.subject.number(partial), attributes=bare,
                    )
                )  # fmt: skip

    def unit(self, box: Call, members: list[Value]) -> Mark:
        """The box of a module, with the number it puts out."""
        trained = {
            parent
            for value in members
            for parent in (value, *value.parents)
            if self.is_parameter(parent)
        }
        results = list(dict.fromkeys(box.results))
        note: list[str] = []
        out: tuple[tuple[str, str], ...] = (("out", count(len(results), "value")),)
        if len(results) == 1:
            (result,) = results
            assert result.op is not None
            if not box.calls and trained:
                note.append("linear" if is_linear(result) else result.op.symbol)
            out = rows(self.subject, self.subject.facts[result])
        if trained:
            note.append(count(len(trained), "param"))
        return Mark(
            self.keys[box], "unit", "ag-unit", box.title, ", ".join(note), out,
            tooltip=f"{'.'.join(call.name for call in box.path)}: {box.about}",
        )  # fmt: skip

    def lines(self, box: Call, members: list[Value]) -> None:
        """The lines into a box, one per value or box that feeds it."""
        weights: dict[str, list[Value | None]] = {}
        for value in members:
            for parent, weight in weighted(value):
                outside = self.box_of.get(parent) is not box
                if outside and not self.is_parameter(parent):
                    known = weight is not None and self.is_parameter(weight)
                    weights.setdefault(self.end(parent), []).append(weight if known else None)
        for k, (tail, found) in enumerate(weights.items()):
            line = Edge(
                tail, self.keys[box], f"e-{self.keys[box]}-{k}", "ag-edge ag-weight",
                attributes={"arrowhead": "none", "tailport": "e", "headport": "w"},
            )  # fmt: skip
            weight = found[0]
            if len(found) == 1 and weight is not None:
                line.role = "positive" if weight.data >= 0 else "negative"
                line.classes += f" ag-{line.role}"
                line.attributes["penwidth"] = f"{0.3 + 1.9 * min(1.0, abs(weight.data)):.2f}"
                name = self.subject.facts[weight].full_name
                line.tooltip = f"{name} = {self.subject.number(weight.data)}"
            self.scene.edges.append(line)

    def headings(self) -> None:
        """A title above each column of boxes that stand side by side in one module."""
        columns: dict[Call, list[str]] = {}
        level = _levels(self.scene)
        for box in self.boxes:
            assert box.parent is not None
            columns.setdefault(box.parent, []).append(self.keys[box])
        inputs = [fact.key for fact in self.free if fact.role == "input"]
        titled = [("Inputs", inputs)]
        for call, keys in columns.items():
            side_by_side = len({level[key] for key in keys}) == 1
            title = call.title or type(call.module).__name__
            if side_by_side and call.module is not None:
                titled.append((title, keys))
        for i, (title, keys) in enumerate(titled):
            if keys:
                heading = f"h{i}"
                self.scene.top.nodes.append(Mark(heading, "heading", "ag-heading", title))
                self.scene.columns.append([heading, *keys])


def _levels(scene: Scene) -> dict[str, int]:
    """The longest way to each node, in lines."""
    level = {node.key: 0 for node in scene.nodes()}
    for _ in range(len(level)):  # as often as there are nodes in the longest way at most
        before = dict(level)
        for edge in scene.edges:
            level[edge.head] = max(level[edge.head], level[edge.tail] + 1)
        if level == before:
            break
    return level
