"""What an engine drew, made ready for a page.

Engines agree on the structure of their SVG and on little else. Here the picture becomes one
small ``<svg>`` element that any page can hold: with a role and a name for readers of the screen,
with names instead of DOT keys in the titles that appear under the pointer, and with the numbers of
a plate marked ``ag-data`` and ``ag-grad``, their right ends in line in whatever font the page has.

Next: ``drawing.py``.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

from .scene import Mark, Scene

SVG = "{http://www.w3.org/2000/svg}"
INSET = 0.1 * 72 + 1.5  # of the numbers from the right side of a plate: its margin, the padding

ET.register_namespace("", SVG[1:-1])
ET.register_namespace("xlink", "http://www.w3.org/1999/xlink")


def finished(svg: str, scene: Scene) -> str:
    """The ``<svg>`` element of an engine's output, improved as the module says."""
    root = ET.fromstring(svg)
    root.set("role", "img")
    root.set("aria-label", scene.title)
    root.set("direction", "ltr")  # on a page from right to left, text would start at its end
    plates = {f"ag-{node.key}": node for node in scene.nodes() if node.rows}
    tooltips = {f"ag-{node.key}": node.tooltip or node.name for node in scene.nodes()}
    tooltips |= {f"ag-{edge.key}": edge.tooltip for edge in scene.edges}
    tooltips |= {f"ag-{cluster.key}": cluster.tooltip for cluster in scene.top.walk()}
    for group in root.iter(f"{SVG}g"):
        id = group.get("id", "")
        title = group.find(f"{SVG}title")
        if title is not None:
            title.text = tooltips.get(id) or None
            if title.text is None:
                group.remove(title)
        if id in plates:
            _mark_numbers(group, plates[id])
    _lighten(root)
    return ET.tostring(root, encoding="unicode")


def _lighten(root: ET.Element) -> None:
    """Leave out what the titles and the root say now; it is a fifth of the size.

    Engines wrap what has a tooltip in ``<g><a>``, and name the font on every text.
    """
    for parent in list(root.iter()):
        flat: list[ET.Element] = []
        for child in parent:
            link = child.find(f"{SVG}a") if child.get("id", "").startswith("a_") else None
            flat.extend([child] if link is None else link)
        parent[:] = flat
        parent.tail = "\n" if parent.tag == f"{SVG}g" else None
        if not (parent.text or "").strip():
            parent.text = None
    texts = list(root.iter(f"{SVG}text"))
    fonts = {text.get("font-family", "") for text in texts}
    if len(fonts) == 1:
        root.set("font-family", fonts.pop())
        for text in texts:
            text.attrib.pop("font-family", None)


def _mark_numbers(group: ET.Element, plate: Mark) -> None:
    """Give a plate's numbers their class, and pin their right ends where they are in columns."""
    texts = list(group.iter(f"{SVG}text"))
    pairs = texts[-2 * len(plate.rows) :]
    if len(pairs) < 2 * len(plate.rows):
        return  # record labels: the word and the number are one text
    right = _right_side(group)
    for (word, _), text in zip(plate.rows, pairs[1::2], strict=True):
        text.set("class", f"ag-{word}")
        if right is not None and text.get("text-anchor") == "start":
            text.set("text-anchor", "end")
            text.set("x", f"{right - INSET:.2f}")


def _right_side(group: ET.Element) -> float | None:
    """The x of the right side of the innermost outline."""
    for shape in group.iter():
        if shape.tag in (f"{SVG}path", f"{SVG}polygon"):
            points = shape.get("d") or shape.get("points") or ""
            return max(float(x) for x in re.findall(r"(-?[\d.]+),", points))
    return None
