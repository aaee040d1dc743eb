"""A picture that is long and low, in two rows, as a line of text that goes on below.

Graphviz has one row. What an engine drew is cut between two columns, the right part is set below
the left one, and edges from one to the other go around the end of the row. It is done where the
whole is too small to be read on a laptop and is much larger then, and where no module's box would
be cut through.

Next: ``slopes.py``.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

SVG = "{http://www.w3.org/2000/svg}"
ROOM = 920.0, 368.0  # points: the player's box in a window of 1280 × 800
LEGIBLE = 0.6  # of the natural size
WORTH = 1.2  # times as large
LANE, TURN, APART = 6.0, 16.0, 14.0  # between lines; for their turns; between the rows
PAD = 4.0  # around the whole
ROUND = 4 / 3  # how far beyond a turn its control points are

Point = tuple[float, float]
_PAIR = re.compile(r"(-?[\d.]+),(-?[\d.]+)")


@dataclass
class Part:
    """A node or an edge, and where it is: left, top, right, bottom."""

    element: ET.Element
    box: tuple[float, float, float, float]


def in_rows(svg: str) -> str:
    """The picture in two rows where that pays, else as it is."""
    root = ET.fromstring(svg)
    graph = root.find(f"{SVG}g[@class='graph']")
    if graph is None or list(_parts(graph, "cluster")):
        return svg
    nodes = list(_parts(graph, "node"))
    whole = _scale(*_size(nodes))
    if whole >= LEGIBLE:
        return svg
    edges = list(_parts(graph, "edge"))
    tried = [_cut(at, nodes, edges) for at in _gaps(nodes)]
    best = max(filter(None, tried), key=lambda cut: cut.worth, default=None)
    if best is None or best.scale < WORTH * whole:
        return svg
    best.carry_out(root, graph)
    return ET.tostring(root, encoding="unicode")


@dataclass
class Cut:
    """Between two columns, at x: what goes below, and the edges that lead there."""

    x: float
    above: list[Part]
    below: list[Part]
    across: list[tuple[Part, list[Point], list[Point]]]  # the curves to the cut and from it

    def __post_init__(self) -> None:
        self.across.sort(key=lambda edge: edge[1][-1][1])
        self.turn = TURN + LANE * len(self.across)
        self.left = min(part.box[0] for part in self.above) + self.turn
        self.floor = max(part.box[3] for part in self.above) + APART / 2
        top = min(part.box[1] for part in self.below)
        self.shift = (
            self.left - self.x,
            self.floor + LANE * len(self.across) + APART / 2 - top,
        )
        self.right = max(self.x + self.turn, max(p.box[2] for p in self.below) + self.shift[0])
        self.top = min(part.box[1] for part in self.above)
        self.bottom = max(part.box[3] for part in self.below) + self.shift[1]
        self.scale = _scale(self.right - self.left + self.turn, self.bottom - self.top)
        self.worth = self.scale * 0.97 ** len(self.across)

    def carry_out(self, root: ET.Element, graph: ET.Element) -> None:
        """Move what goes below, lead the edges there, and give the sheet its new size."""
        by = f"translate({self.shift[0]:.1f},{self.shift[1]:.1f})"
        row = ET.SubElement(graph, f"{SVG}g", {"class": "row", "transform": by})
        for part in self.below:
            graph.remove(part.element)
            row.append(part.element)
        for lane, (edge, before, after) in enumerate(reversed(self.across)):
            self._lead(edge.element, before, after, lane, by)
        x, y = self.left - self.turn, self.top
        width, height = self.right - x, self.bottom - y
        sheet = graph.find(f"{SVG}polygon")
        if sheet is not None:
            x0, y0, x1, y1 = x - PAD, y - PAD, x + width + PAD, y + height + PAD
            sheet.set("points", f"{x0},{y0} {x1},{y0} {x1},{y1} {x0},{y1} {x0},{y0}")
        graph.set("transform", f"translate({PAD - x:.1f},{PAD - y:.1f})")
        size = width + 2 * PAD, height + 2 * PAD
        root.set("viewBox", f"0 0 {size[0]:.1f} {size[1]:.1f}")
        root.attrib |= {"width": f"{size[0]:.0f}pt", "height": f"{size[1]:.0f}pt"}

    def _lead(
        self, edge: ET.Element, before: list[Point], after: list[Point], lane: int, by: str
    ) -> None:
        """An edge to the end of its row, around it, back to the left, and on."""
        dx, dy = self.shift
        rest = [(x + dx, y + dy) for x, y in after]
        out, floor = self.turn * (lane + 1) / len(self.across), self.floor + LANE * lane
        back = self.turn * (len(self.across) - lane) / len(self.across)
        (end, start), (right, left) = (before[-1][1], rest[0][1]), (self.x, self.left)
        around = [(right + ROUND * out, end), (right + ROUND * out, floor), (right, floor)]
        returned = [(left - ROUND * back, floor), (left - ROUND * back, start), rest[0]]
        for shape in edge:
            if shape.tag == f"{SVG}path":
                curves = [_curve(before[1:] + around), f"L{left:.1f},{floor:.1f}"]
                curves += [_curve(returned + rest[1:])]
                first = before[0]
                shape.set("d", f"M{first[0]:.1f},{first[1]:.1f}{''.join(curves)}")
            elif _is_right_of(shape, self.x):
                shape.set("transform", by)


def _scale(width: float, height: float) -> float:
    return min(ROOM[0] / width, ROOM[1] / height)


def _size(parts: list[Part]) -> Point:
    lefts, tops, rights, bottoms = zip(*(part.box for part in parts), strict=True)
    return max(rights) - min(lefts), max(bottoms) - min(tops)


def _gaps(nodes: list[Part]) -> Iterator[float]:
    """The middle of each strip from top to bottom in which no node stands."""
    end = -float("inf")
    for left, right in sorted((part.box[0], part.box[2]) for part in nodes):
        if left > end > -float("inf"):
            yield (left + end) / 2
        end = max(end, right)


def _cut(x: float, nodes: list[Part], edges: list[Part]) -> Cut | None:
    """The cut at x; none where an edge crosses it more than once."""
    across, above, below = [], [], []
    for part in (*nodes, *edges):
        path = part.element.find(f"{SVG}path")
        if part.box[2] <= x:
            above.append(part)
        elif part.box[0] >= x:
            below.append(part)
        elif path is None:
            return None
        else:
            curves = _points(path.get("d", ""))
            crossings = [k for k in range(0, len(curves) - 3, 3) if _crosses(curves[k : k + 4], x)]
            if len(crossings) != 1:
                return None
            (k,) = crossings
            one, other = _parted(curves[k : k + 4], x)
            across.append((part, curves[:k] + one, other + curves[k + 4 :]))
    return Cut(x, above, below, across)


def _crosses(curve: list[Point], x: float) -> bool:
    return curve[0][0] <= x < curve[3][0]


def _parted(curve: list[Point], x: float) -> tuple[list[Point], list[Point]]:
    """A Bézier curve in two, at x, by de Casteljau's construction."""
    low, high = 0.0, 1.0
    for _ in range(40):
        t = (low + high) / 2
        levels = [curve]
        while len(levels[-1]) > 1:
            levels.append(
                [
                    ((1 - t) * a[0] + t * b[0], (1 - t) * a[1] + t * b[1])
                    for a, b in pairwise(levels[-1])
                ]
            )
        low, high = (t, high) if levels[-1][0][0] < x else (low, t)
    return [level[0] for level in levels], [level[-1] for level in reversed(levels)]


def _parts(graph: ET.Element, kind: str) -> Iterator[Part]:
    for group in graph.iterfind(f"{SVG}g"):
        if kind in group.get("class", "").split():
            lefts, tops, rights, bottoms = zip(*_boxes(group), strict=True)
            yield Part(group, (min(lefts), min(tops), max(rights), max(bottoms)))


def _boxes(group: ET.Element) -> Iterator[tuple[float, float, float, float]]:
    for shape in group:
        if shape.tag == f"{SVG}ellipse":
            cx, cy, rx, ry = (float(shape.get(name, 0)) for name in ("cx", "cy", "rx", "ry"))
            yield cx - rx, cy - ry, cx + rx, cy + ry
        elif points := _points(shape.get("d") or shape.get("points") or ""):
            xs, ys = zip(*points, strict=True)
            yield min(xs), min(ys), max(xs), max(ys)


def _is_right_of(shape: ET.Element, x: float) -> bool:
    points = _points(shape.get("points") or "") or [(float(shape.get("x", 0)), 0.0)]
    return min(point[0] for point in points) >= x


def _points(text: str) -> list[Point]:
    return [(float(x), float(y)) for x, y in _PAIR.findall(text)]


def _curve(points: Iterable[Point]) -> str:
    return "C" + " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
