"""Steps as slides: a PDF, pictures in a folder, an animated GIF or WebP.

The same engines draw as for every picture, once per step: numbers that are not known yet are there
without ink, so that nothing moves from slide to slide. Pillow puts picture and words together.

Next: ``page.py``.
"""

from __future__ import annotations

import copy
import io
import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from .. import moving
from ..drawing import engines
from ..drawing.computation import NONE
from ..drawing.drawing import Drawing
from ..drawing.scene import Scene
from ..drawing.themes import FONT, Attributes, theme_of
from ..moving import pillow
from ..telling.text import escape, number
from .book import Step
from .walk import Walk

if TYPE_CHECKING:
    from PIL.Image import Image

WHAT = "Slides are"  # says who needs Pillow
SIZE, SMALL = (1920, 1080), (1280, 720)  # of a slide, and of one that moves
EDGE, GAP = 60, 30  # pixels around everything, and between picture and words
LINE, SIGNS = 96, 88  # letters in a line of words, and of a formula
FORMATS = (*moving.FORMATS, ".png")
MOST = 120  # in one file; each takes 6 MB of memory until that is written
SECONDS, LAST = 2.5, 5.0  # how long a step stays, and the end
PALE = "#C3CDD6"
INK = {"forward": "#0063A0", "again": "#0063A0", "update": "#006F4C", "result": "#006F4C"}
BACKWARD = "#B93D00"
INK["refused"] = theme_of("light")["refused"]["color"]


def slides(walk: Walk, listing: Sequence[Step], drawing: Drawing) -> Iterator[Image]:
    """A picture per step, all of one size.

    Raises ``ImportError`` without Pillow, ``EngineError`` where nothing draws PNG.
    """
    imaging = pillow(WHAT)
    total = len(listing)
    words = [_opened(_words(step, total)) for step in listing]
    below = max(image.height for image in words)
    room = SIZE[0] - 2 * EDGE, SIZE[1] - 2 * EDGE - GAP - below
    shown = Shown(walk, drawing)
    for step, text in zip(listing, words, strict=True):
        picture = _opened(shown.after(step).to_png())
        scale = min(1.0, room[0] / picture.width, room[1] / picture.height)
        size = round(picture.width * scale), round(picture.height * scale)
        slide = imaging.new("RGB", SIZE, "#FFFFFF")
        at = (SIZE[0] - size[0]) // 2, EDGE + max(0, (room[1] - size[1]) // 2)
        slide.paste(picture.resize(size, imaging.Resampling.LANCZOS), at)
        slide.paste(text, (EDGE, SIZE[1] - EDGE - below))
        yield slide


def in_one(pictures: Iterator[Image], suffix: str, title: str) -> bytes:
    """All slides in one file: pages of a PDF, frames of a GIF or WebP, which are smaller."""
    images = list(pictures)
    if suffix != ".pdf":
        smooth = pillow(WHAT).Resampling.LANCZOS
        images = [image.resize(SMALL, smooth) for image in images]
    return moving.in_one(images, suffix, SECONDS, LAST, title=title)


def as_png(image: Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def _opened(png: bytes) -> Image:
    opened: Image = pillow(WHAT).open(io.BytesIO(png)).convert("RGB")
    return opened


class Shown:
    """The picture after each step, one after the other."""

    def __init__(self, walk: Walk, drawing: Drawing) -> None:
        self.walk, self.drawing = walk, drawing
        leaves = (node for node in walk.order if node.op is None)
        self.data = {walk.ids[leaf]: leaf.data for leaf in leaves}
        self.both: dict[str, tuple[float, float]] = {}  # gradients, right and broken
        self.slopes: set[str] = set()
        self.folded: dict[str, set[str]] = {}  # the ids of what a plate stands for, if for several
        for node, plate in drawing.ids.items():
            if plate != f"ag-{walk.ids[node]}":
                self.folded.setdefault(plate.removeprefix("ag-"), set()).add(walk.ids[node])

    def after(self, step: Step) -> Drawing:
        """The next step has been taken."""
        for id, change in step.set.items():
            if "data" in change:
                self.data[id] = change["data"]
            if "grad" in change:
                self.both[id] = change["grad"], change.get("broken", change["grad"])
        self.slopes |= step.reveal.keys()
        scene, theme = copy.deepcopy(self.drawing.scene), dict(self.drawing.theme)
        ink = INK.get(step.phase, BACKWARD)
        self._plates(scene, theme, step, ink)
        self._edges(scene, step, ink)
        return Drawing(scene, {}, theme)

    def _plates(self, scene: Scene, theme: dict[str, Attributes], step: Step, ink: str) -> None:
        digits = self.walk.subject.digits
        for mark in scene.nodes():
            id = mark.key.removesuffix("o")
            if mark.rows:
                good, bad = (
                    [number(x, digits) for x in self.both[id]] if id in self.both else ("–", "–")
                )
                data = number(self.data[id], digits) if id in self.data else "?"
                data = NONE if step.phase == "refused" and id == step.node else data
                wrong = "✗ " * (good != bad)
                said = {"data": data, "grad": good, "broken": f"{wrong}{bad}"}
                mark.rows = tuple((word, said.get(word, text)) for word, text in mark.rows)
                mark.width += 14 * (len(mark.rows) > 2)
                active = not self.folded.get(id, {id}).isdisjoint(step.nodes)
            else:
                active = f"{id}-out" in step.edges
            unknown = id in self.walk.ids.values() and id not in self.data
            if active or unknown:
                style = theme[mark.role] | ({"color": ink} if active else {"color": PALE})
                if active:
                    style["penwidth"] = "4" if id == step.node else "3"
                if not mark.rows:
                    style["fillcolor"] = style["color"]
                role = f"{mark.role} {mark.key}"
                theme[role], mark.role = style, role

    def _edges(self, scene: Scene, step: Step, ink: str) -> None:
        for edge in scene.edges:
            ids = {name[5:] for name in edge.classes.split() if name.startswith("ag-e-")}
            ids |= {edge.key.removeprefix("e-")}
            known = self.slopes | {f"{id}-out" for id in self.data}
            if ids & set(step.edges):
                edge.attributes |= {"color": ink, "penwidth": "2.8"}
            elif not ids & known:
                edge.attributes["color"] = PALE
            if edge.label and not ids & self.slopes:
                edge.attributes["fontcolor"] = theme_of("light")["graph"]["bgcolor"]


def _words(step: Step, total: int) -> bytes:
    """Title, formula and note as a picture, as wide as a slide allows."""
    ink = INK.get(step.phase, BACKWARD)
    rows = [
        _row(f"{step.i} / {total}   {step.title}", LINE - 14, 17, ink, bold=True),
        _row(step.math, SIGNS, 15, "#1F2933", face="Courier,monospace", bold=True),
        _row(step.note, LINE, 14, "#5B6770"),
    ]
    if step.line:
        rows.append(_row(step.line, SIGNS, 13, "#5B6770", face="Courier,monospace"))
    table = '<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="3">'
    label = f"<{table}{''.join(rows)}</TABLE>>"
    node = f'shape=plaintext margin="0" fontname="{FONT}" label={label}'
    return engines.render(f'digraph {{ graph [pad="0" margin="0"] w [{node}] }}', "png")


def _row(text: str, width: int, size: int, color: str, face: str = FONT, bold: bool = False) -> str:
    lines = [part for line in text.split("\n") for part in textwrap.wrap(line, width) or [""]]
    said = '<BR ALIGN="LEFT"/>'.join(map(escape, lines))
    said = f"<B>{said}</B>" if bold and text else said
    font = f'<FONT FACE="{face}" POINT-SIZE="{size}" COLOR="{color}">{said or " "}</FONT>'
    return f'<TR><TD ALIGN="LEFT" BALIGN="LEFT">{font}</TD></TR>'
