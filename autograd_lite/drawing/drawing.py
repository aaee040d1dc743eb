"""``Drawing``: a picture that shows itself in a notebook and saves itself to a file.

It is a snapshot: the numbers are those of the moment of drawing. The engine runs only when the
picture is asked for, so that ``to_dot()`` works where nothing can draw.

Next: ``../stepping/__init__.py``.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from ..pictures import Picture
from ..showing.images import in_both
from ..telling.text import count
from ..value import Value
from . import engines
from .dot import digraph
from .scene import Scene
from .svg import finished
from .themes import Attributes, theme_of, told_apart
from .upright import disorder, places, turned

if TYPE_CHECKING:
    import graphviz

TURNS = 2  # how often a picture is drawn anew at most, to bring it into order


class Drawing(Picture):
    """A picture of a graph. A notebook shows it; ``save`` writes it; ``ids`` says what is where.

    >>> from autograd_lite import Value
    >>> from autograd_lite.drawing import draw
    >>> a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    >>> draw(a * b)
    <Drawing of 3 values; save it with .save("graph.svg")>
    """

    suffixes = (*Picture.suffixes, ".dot", ".html")

    def __init__(
        self, scene: Scene, ids: Mapping[Value, str], theme: dict[str, Attributes]
    ) -> None:
        self.scene = scene
        self.theme = theme
        #: The id of each value's plate in the SVG, ``ag-n5``; ``ag-n5o`` is its operation.
        self.ids = dict(ids)

    def to_graphviz(self) -> graphviz.Digraph:
        """The graph as an object of the ``graphviz`` package, to change or combine."""
        return digraph(self.scene, self.theme)

    def to_dot(self) -> str:
        """The picture as DOT text; needs no engine."""
        return str(self.to_graphviz().source)

    def to_svg(self) -> str:
        """The picture as one ``<svg>`` element; raises ``EngineError`` where nothing can draw."""
        return self._svg

    def to_png(self) -> bytes:
        """The picture as a PNG; raises ``EngineError`` where nothing can draw one."""
        return self._rendered("png")

    @cached_property
    def _svg(self) -> str:
        return finished(self._rendered("svg").decode(), self.scene)

    def _rendered(self, format: str) -> bytes:
        """What an engine makes of the scene, drawn a second time where it stands upside down."""
        engine = engines.choose(format)
        run = engine.load()

        def text(scene: Scene) -> str:
            return str(digraph(scene, self.theme, html=engine.html).source)

        scene = self.scene
        drawn = run(text(scene), "svg")
        at = places(drawn)
        for _ in range(TURNS):
            if not disorder(self.scene, at):
                break
            other = turned(scene, self.scene, at)
            redrawn = run(text(other), "svg")
            if disorder(self.scene, places(redrawn)) >= disorder(self.scene, at):
                break
            scene, drawn, at = other, redrawn, places(redrawn)
        return drawn if format == "svg" else run(text(scene), format)

    @cached_property
    def _following(self) -> str:
        if self.theme != theme_of("light"):
            return self.to_svg()
        theme, codes = told_apart(self.theme, theme_of("dark"))
        return in_both(Drawing(self.scene, self.ids, theme).to_svg(), codes)

    def to_html(self) -> str:
        """A page with the picture, complete in itself."""
        ground = self.theme["graph"]["bgcolor"]
        return (
            f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            f"<title>{html.escape(self.scene.title)}</title>\n"
            f"<style>body {{ margin: 0; background: {ground} }} svg {{ display: block; "
            f"margin: 1rem auto; max-width: 100%; height: auto }}</style>\n"
            f"</head>\n<body>\n{self.to_svg()}\n</body>\n</html>\n"
        )

    def _content(self, suffix: str) -> str | bytes:
        if suffix == ".dot":
            return self.to_dot()
        return self.to_html() if suffix == ".html" else super()._content(suffix)

    @property
    def title(self) -> str:
        """What the picture shows, in words."""
        return self.scene.title

    def __repr__(self) -> str:
        of = count(len(self.ids), "value")
        of += ", the last without an answer" if self.scene.caption else ""
        return f'<Drawing of {of}; save it with .save("graph.svg")>'
