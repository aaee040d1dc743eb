"""A scene and a theme as DOT text.

A plate is an HTML-like label: a table of the bold name, a rule, and the numbers, aligned right.
For engines that read no such labels it is a record instead; see ``engines.py``.

``newrank=true`` is needed: without it Graphviz 14 loses edges between clusters. Colours have six
digits, since Graphviz 2.43 refuses three.

Next: ``themes.py``.
"""

from __future__ import annotations

import textwrap
from itertools import pairwise
from typing import TYPE_CHECKING

from ..telling.text import escape
from .scene import Cluster, Edge, Mark, Scene
from .themes import Attributes

if TYPE_CHECKING:
    import graphviz

SOLID = {"style": "filled", "fixedsize": "true", "margin": "0"}
PARTS_OF_A_PLATE = ("name", "key", "data", "grad")
WIDEST = 72  # letters of a line below the picture
NO_BREAK = "&#160;"  # a space that keeps its width, between a word and its number
KEY = 24  # points for the words on a plate
NARROWEST = 27  # points for its numbers, so that most plates agree in width


def digraph(scene: Scene, theme: dict[str, Attributes], html: bool = True) -> graphviz.Digraph:
    """The scene in the classes of the ``graphviz`` package; ``.source`` is the DOT text."""
    import graphviz

    graph = graphviz.Digraph("autograd")
    layout = {"rankdir": "LR", "newrank": "true", "tooltip": escape(scene.title)}
    graph.attr("graph", **{**layout, **theme["graph"], **scene.attributes})
    graph.attr("node", **theme["node"])
    graph.attr("edge", **theme["edge"])
    _fill(graph, scene.top, theme, html, depth=0)
    for keys in scene.columns:
        with graph.subgraph() as column:
            column.attr(rank="same")
            for above, below in pairwise(keys):
                column.edge(above, below, style="invis", minlen="0")
    for edge in scene.edges:
        graph.edge(edge.tail, edge.head, **_edge(edge, theme))
    if scene.caption:  # after the clusters, which would have its place and colour too
        clauses = f"✗ {scene.caption}".replace("; ", ";\n").splitlines()
        lines = [line for clause in clauses for line in textwrap.wrap(clause, WIDEST)]
        color = theme["refused"]["color"]
        graph.attr(label="\n".join(map(escape, lines)), labelloc="b", fontcolor=color)
    return graph


def _fill(
    graph: graphviz.Digraph, cluster: Cluster, theme: dict[str, Attributes], html: bool, depth: int
) -> None:
    for node in cluster.nodes:
        graph.node(node.key, **_node(node, theme, html))
    for inner in cluster.clusters:
        with graph.subgraph(name=f"cluster_{inner.key}") as box:
            attributes = {"style": "rounded,filled", "labeljust": "l", "margin": "9"}
            attributes |= theme[f"module{min(depth + 1, 3)}"]
            box.attr(
                id=f"ag-{inner.key}",
                label=escape(inner.title),
                tooltip=escape(inner.tooltip),
                **{"class": f"ag-module ag-depth{depth + 1}"},
                **attributes,
            )
            _fill(box, inner, theme, html, depth + 1)


def _node(node: Mark, theme: dict[str, Attributes], html: bool) -> Attributes:
    style = theme[node.role]
    tooltip = escape(node.tooltip or node.name) or " "
    common = {"id": f"ag-{node.key}", "class": node.classes, "tooltip": tooltip}
    if node.rows:
        shape = _table(node, theme, style) if html else _record(node)
        return {**common, **shape, **style}
    shape = {
        "op": lambda: _operation(node.name),
        "port": lambda: {**SOLID, "shape": "circle", "width": "0.07", "height": "0.07"},
    }.get(
        node.role.partition(" ")[0], lambda: {"shape": "plaintext", "width": "0.1", "height": "0.1"}
    )()
    return {**common, "label": escape(node.name), **shape, **style}


def _operation(symbol: str) -> Attributes:
    """A circle, or a pill wide enough for its text."""
    if len(symbol) == 1:
        return {**SOLID, "shape": "circle", "width": "0.27", "height": "0.27", "fontsize": "13"}
    width = f"{max(0.34, 0.16 + 0.075 * len(symbol)):.2f}"
    pill = {"shape": "box", "style": "rounded,filled", "width": width, "height": "0.25"}
    return {**SOLID, **pill, "fontsize": "10"}


def _table(node: Mark, theme: dict[str, Attributes], style: Attributes) -> Attributes:
    name, key, data, grad = ({**{"fontcolor": ""}, **theme[part]} for part in PARTS_OF_A_PLATE)
    note = f" {_font(key, escape(node.note))}" if node.note else ""
    title = f"<B>{_font(name, escape(node.name))}</B>{note}"
    room = max(NARROWEST, node.width - KEY)
    rows = [f'<TR><TD COLSPAN="2">{title}</TD></TR><HR/>'] if node.name else []
    rows += [
        f'<TR><TD ALIGN="LEFT">{_font(key, word + NO_BREAK)}</TD>'
        f'<TD ALIGN="RIGHT" WIDTH="{room}">{_font(grad if word == "grad" else data, text)}'
        f"</TD></TR>"
        for word, text in node.rows
    ]
    table = '<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1.5">'
    return {
        "label": f"<{table}{''.join(rows)}</TABLE>>",
        "shape": "box",
        "style": "filled" if node.role == "unit" else "rounded,filled",
    }


def _font(part: Attributes, text: str) -> str:
    size = f' POINT-SIZE="{part["fontsize"]}"' if "fontsize" in part else ""
    return f'<FONT COLOR="{part["fontcolor"]}"{size}>{text}</FONT>'


def _record(node: Mark) -> Attributes:
    title = " ".join(filter(None, (escape(node.name), escape(node.note))))
    fields = [title] if title else []
    fields += [f"{word} {text}" for word, text in node.rows]
    return {"label": "|".join(fields), "shape": "Mrecord", "style": "filled"}


def _edge(edge: Edge, theme: dict[str, Attributes]) -> Attributes:
    attributes = {"id": f"ag-{edge.key}", "class": edge.classes, **edge.attributes}
    if edge.role != "edge":
        attributes |= theme[edge.role]
    if edge.label:
        attributes["label"] = edge.label
    if edge.tooltip:
        attributes["tooltip"] = attributes["labeltooltip"] = escape(edge.tooltip)
    return attributes
