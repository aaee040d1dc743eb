"""The picture that a page plays on: that of ``draw``, made lean, with room for every number.

A plate has room for its widest number, and for a sign, all digits and an exponent: no number that
comes up while one plays with what-if reaches the word before it.
The page's own picture carries no tooltips (they would give the last step away) and no repeated
attributes; its dark colours come from the theme ``dark`` of the pictures.

Next: ``rows.py``.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from itertools import groupby

from ..drawing.computation import CLASSES, NONE, computation
from ..drawing.drawing import Drawing
from ..drawing.scene import Edge, Mark
from ..drawing.themes import theme_of
from ..telling.folds import Fold
from .book import Step
from .walk import Walk

SVG = "{http://www.w3.org/2000/svg}"
SPACE = "{http://www.w3.org/XML/1998/namespace}space"
FONT = "Helvetica,Arial,sans-serif"
TEXT = theme_of("light")["name"]["fontcolor"]
LINE_WIDTH = theme_of("light")["edge"]["penwidth"]
INHERITED = {"text-anchor": "start", "font-size": "10.00", "fill": TEXT.lower()}
GEOMETRY = {"d", "points", "x", "y", "cx", "cy", "rx", "ry", "font-size"}
BESIDE = len("−.e−05")  # characters of a number beside its digits
_NUMBER = re.compile(r"-?\d+\.\d+")


def drawing(
    walk: Walk, listing: Sequence[Step], gradients: bool, folds: Sequence[Fold] = ()
) -> Drawing:
    """The picture after the last step; ``gradients=False`` leaves them out, for a quiz.

    Where no gradient arrives, as at a constant, there is a dash.
    """
    scene, ids = computation(walk.subject, folds)
    scene.caption = ""  # the last step says it
    plates = {node.key: node for node in scene.nodes() if node.rows}
    for fact in walk.subject.facts.values():
        if fact.key in plates:
            _fill(walk, plates[fact.key], fact.data, listing, gradients)
    edges = {edge.key: edge for edge in scene.edges}
    for step in listing:
        for edge, slope in step.reveal.items():
            if f"e-{edge}" in edges:
                _label(edges[f"e-{edge}"], walk.number(slope))
    return Drawing(scene, ids, theme_of("light"))


def _fill(walk: Walk, plate: Mark, x: float, listing: Sequence[Step], gradients: bool) -> None:
    """The last numbers of a plate, and the room that the widest ones take."""
    data, grad, broken = NONE if plate.role == "refused" else walk.number(x), "–", "–"
    widest = walk.subject.digits + BESIDE
    for step in listing:
        change = step.set.get(plate.key, {})
        data = walk.number(change["data"]) if "data" in change else data
        if "grad" in change:
            grad, other = walk.number(change["grad"]), change.get("broken", change["grad"])
            broken = walk.number(other)
        widest = max(widest, len(data), len(grad), len(broken))
    plate.rows = (("data", data), ("grad", grad if gradients else "–"))
    if any(step.phase == "beside" for step in listing):
        plate.rows += (("broken", broken),)
    plate.tooltip = plate.name
    plate.width = max(plate.width, round(24 + 5.5 * widest))


def _label(edge: Edge, slope: str) -> None:
    edge.label, edge.tooltip = max(edge.label, slope, key=len), ""


def slim(svg: str, ground: bool = False) -> str:
    """The picture without tooltips and links, and without what its root can say once for all.

    ``ground=True`` keeps the sheet behind it and its size, for a picture that stands alone.

    >>> slim('<svg xmlns="http://www.w3.org/2000/svg"><g><title>t</title><g><a><text '
    ...      'font-size="10.00" x="1.00">a</text></a></g></g></svg>')
    '<svg xmlns="http://www.w3.org/2000/svg" font-size="10" ...><g><text x="1">a</text></g></svg>'
    """
    root = ET.fromstring(svg)
    for parent in list(root.iter()):
        parent[:] = [kept for child in parent for kept in _kept(child)]
        if parent.get("class") == "graph" and not ground:
            parent[:] = [child for child in parent if child.tag != f"{SVG}polygon"]
    for element in root.iter():
        _strip(element)
    if not ground:
        for attribute in ("width", "height"):
            root.attrib.pop(attribute, None)
    root.attrib.update(
        {"font-size": "10", "fill": TEXT, "font-family": FONT, "stroke-width": LINE_WIDTH}
    )
    return ET.tostring(root, encoding="unicode").replace(" />", "/>")


def _strip(element: ET.Element) -> None:
    """Take off an element what it inherits, and digits that nobody sees."""
    attributes = element.attrib
    if element.tag == f"{SVG}text":
        for attribute, usual in INHERITED.items():
            if attributes.get(attribute, "").lower() == usual:
                del attributes[attribute]
    else:
        element.text = None
    element.tail = None
    for attribute in ("font-family", SPACE):
        attributes.pop(attribute, None)
    if attributes.get("stroke-width") == LINE_WIDTH:
        del attributes["stroke-width"]
    for attribute in GEOMETRY & set(attributes):
        attributes[attribute] = _NUMBER.sub(
            lambda m: f"{float(m[0]):.1f}".removesuffix(".0"), attributes[attribute]
        )
    if "points" in attributes:  # a rule comes as a rectangle without height
        attributes["points"] = " ".join(point for point, _ in groupby(attributes["points"].split()))
    if element.tag == f"{SVG}path":  # a plate's straight sides come as curves
        attributes["d"] = straightened(attributes["d"])
    if "class" in attributes:
        attributes["class"] = re.sub(r"^(node|edge|cluster) (?=ag-)", "", attributes["class"])


def straightened(path: str) -> str:
    """The path with lines where the engine wrote curves that are none.

    >>> straightened("M0,0C0,0 9,0 9,0 9,2 8,3 7,3")
    'M0,0L9,0C9,2 8,3 7,3'
    """
    match = re.fullmatch(r"M([-\d.,]+)C([-\d., ]+)", path)
    points = match[2].split() if match else []
    if match is None or len(points) % 3:
        return path
    pieces, here = [f"M{match[1]}"], match[1]
    for first, second, end in zip(points[::3], points[1::3], points[2::3], strict=True):
        line = first == here and second == end
        pieces.append(f"L{end}" if line else f"C{first} {second} {end}")
        here = end
    return "".join(pieces)


def _kept(element: ET.Element) -> list[ET.Element]:
    """An element, or in place of a link and of the group around a link what is inside."""
    if element.tag in (f"{SVG}title", f"{SVG}desc"):
        return []
    link = element.tag == f"{SVG}a"
    if link or (element.tag == f"{SVG}g" and element.get("id", "").startswith("a_")):
        return [kept for child in element for kept in _kept(child)]
    if element.tag == f"{SVG}g" and "class" not in element.attrib and len(element) == 1:
        return [kept for child in element for kept in _kept(child)]
    return [element]


def dark_style() -> str:
    """The dark theme of the pictures as CSS, for screens: paper is light.

    >>> dark_style().splitlines()[1]
    ':where(.dark .ag-input){--f:#12324A;--l:#56B4E9}'
    """
    theme = theme_of("dark")
    roles = {**CLASSES, "op": "ag-op", "port": "ag-port", "unit": "ag-unit"}
    roles |= {f"module{depth}": f"ag-depth{depth}" for depth in (1, 2, 3)}
    rules = [
        f".{classes.split()[-1]}{{--f:{theme[role]['fillcolor']};--l:{theme[role]['color']}}}"
        for role, classes in roles.items()
    ]
    shape = ":is(path,ellipse,polygon)"
    rules += [
        f".ag-edge{{--l:{theme['edge']['color']}}}",
        f"svg g>{shape}{{stroke:var(--l)}}",
        f"svg g>{shape}:not([fill=none]){{fill:var(--f,var(--l))}}",
        ".ag-value>polygon{fill:var(--l)}",
        f".ag-module>text{{fill:{theme['graph']['fontcolor']}}}",
        f".ag-op>text{{fill:{theme['op']['fontcolor']}}}",
        f":is(.ag-value,.ag-unit)>text{{fill:{theme['name']['fontcolor']}}}",
        f":is(.ag-value,.ag-unit)>text[font-size]{{fill:{theme['key']['fontcolor']}}}",
        f".ag-value>.ag-data{{fill:{theme['data']['fontcolor']}}}",
        f".ag-value>.ag-grad{{fill:{theme['grad']['fontcolor']}}}",
        f".ag-edge>text{{fill:{theme['edge']['fontcolor']}}}",
    ]
    # without weight of their own (:where), so that what marks the active step wins
    rules = [re.sub(r"([^{}]+){", r":where(.dark \1){", rule) for rule in rules]
    return "\n".join(["@media screen{", *rules, "}"])
