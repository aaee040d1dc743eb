"""A film as an animated GIF, for slides, drawn with Pillow.

Everything is drawn at twice its size and made smaller, since Pillow draws no smooth edges.

Next: ``film.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from ..moving import in_one, pillow
from ..plots import STYLES
from ..telling.text import number
from .frames import Frames
from .ground import Line, Plane, Refused, ground_of
from .page import frames_shown, target_of
from .scene import Network, network_of

if TYPE_CHECKING:
    from PIL.Image import Image

Box: TypeAlias = tuple[float, float, float, float]  # left, top, right, bottom

SIZE, TWICE = (880, 480), 2
GROUND, NETWORK, CURVE = (16, 48, 432, 464), (456, 60, 856, 320), (490, 350, 856, 450)
MOST_FRAMES, SECONDS, LAST = 60, 8.0, 2.0  # of a GIF; its length, and how long its end stays
COLORS = 96  # the same in every frame
STYLE = STYLES["light"]
STRONG = ("#F2B48B", "#8FC3E8")  # where the model is surest, of two classes


def gif(film: Frames) -> bytes:
    """The frames as a GIF that runs for ever; raises ``ImportError`` without Pillow."""
    pillow("A GIF is")
    shown = frames_shown(film, MOST_FRAMES)
    vectors = [film.vectors[k] for k in shown]
    network = network_of(film.model, film.parameters)
    try:
        ground = ground_of(film.model, film.X, film.parameters, vectors)
    except Refused:
        ground = None
    painter = Painter(film, ground, network, vectors)
    drawn = [painter.frame(k, film.epochs[frame]) for k, frame in enumerate(shown)]
    return in_one(drawn, ".gif", SECONDS / len(drawn), LAST, COLORS)


class Painter:
    """Draws frames; what is the same in all of them it works out once."""

    def __init__(
        self,
        film: Frames,
        ground: Plane | Line | None,
        network: Network | None,
        vectors: Sequence[Any],
    ) -> None:
        from PIL import Image, ImageDraw, ImageFont

        self._image, self._draw = Image, ImageDraw
        self.film, self.ground, self.network = film, ground, network
        self.font = ImageFont.load_default(13 * TWICE)
        self.title = ImageFont.load_default(17 * TWICE)
        places = [weight.place for weight in network.weights] if network else []
        self.weights = np.nan_to_num(np.array(vectors)[:, places])
        self.most = float(np.abs(self.weights).max(initial=0.0)) or 1.0
        targets = [target_of(y) for y in film.y]
        self.classes = sorted(set(targets))
        self.points = [
            (*(x if hasattr(x, "__len__") else (x,)), target)
            for x, target in zip(film.X, targets, strict=True)
        ]

    def frame(self, k: int, epoch: int) -> Image:
        """The k-th of the frames."""
        self.canvas = self._image.new("RGB", (SIZE[0] * TWICE, SIZE[1] * TWICE), STYLE.ground)
        self.pen = self._draw.Draw(self.canvas)
        self._text((16, 14), self._words(epoch), self.title)
        if isinstance(self.ground, Plane):
            self._plane(self.ground, k)
        elif isinstance(self.ground, Line):
            self._line(self.ground, k)
        if self.network:
            self._network(self.network, k)
        alone = self.ground is None and self.network is None
        self._curve((60, 60, 850, 430) if alone else CURVE, epoch)
        return self.canvas.reduce(TWICE)

    def _words(self, epoch: int) -> str:
        if epoch == 0:
            return "before the training"
        named = {"loss": self.film.losses} | self.film.metrics
        said = [f"{name} {number(values[epoch - 1])}" for name, values in named.items()]
        return "    ".join([f"epoch {epoch}", *said[:3]]).replace("−", "-")

    def _text(
        self, at: tuple[float, float], text: str, font: Any = None, anchor: str = "la"
    ) -> None:
        place = (at[0] * TWICE, at[1] * TWICE)
        fill = STYLE.text if font else STYLE.faint
        self.pen.text(place, text, fill=fill, font=font or self.font, anchor=anchor)

    def _plane(self, plane: Plane, k: int) -> None:
        side = plane.side
        cells = plane.cells[k].reshape(side, side)[::-1]
        image = self._image.fromarray(_palette(plane.classes)[cells.astype(np.uint8)])
        left, top, right, bottom = (x * TWICE for x in GROUND)
        smooth = self._image.Resampling
        size = (right - left, bottom - top)
        self.canvas.paste(
            image.resize(size, smooth.NEAREST if plane.classes else smooth.BICUBIC), (left, top)
        )
        if not plane.classes:
            self._boundary(cells.astype(float), left, top, size[0] / side)
        for x, y, target in self.points:
            across = left + (x - plane.low[0]) / plane.size * size[0]
            up = bottom - (y - plane.low[1]) / plane.size * size[1]
            self._mark(across, up, self.classes.index(target))

    def _boundary(self, cells: Any, left: float, top: float, step: float) -> None:
        """Where the score changes its sign, between two neighbours of the grid."""
        above = cells > 0
        mixed = above[:-1, :-1] * 1 + above[1:, :-1] + above[:-1, 1:] + above[1:, 1:]
        for j, i in np.argwhere((mixed > 0) & (mixed < 4)).tolist():
            corners = [(j, i), (j, i + 1), (j + 1, i + 1), (j + 1, i)]
            crossings = []
            for a, b in zip(corners, [*corners[1:], corners[0]], strict=True):
                one, other = cells[a], cells[b]
                if (one > 0) != (other > 0):
                    t = one / (one - other)
                    across, down = a[1] + t * (b[1] - a[1]), a[0] + t * (b[0] - a[0])
                    crossings.append((left + (across + 0.5) * step, top + (down + 0.5) * step))
            for start, end in zip(crossings[::2], crossings[1::2], strict=False):
                self.pen.line([start, end], fill=STYLE.text, width=2 * TWICE)

    def _mark(self, x: float, y: float, kind: int) -> None:
        r = 4 * TWICE
        fill, edge = STYLE.classes[kind % 4], STYLE.ground
        if kind % 2:
            self.pen.ellipse((x - r, y - r, x + r, y + r), fill, edge, TWICE)
        else:
            self.pen.polygon([(x, y - r), (x + r, y + r), (x - r, y + r)], fill, edge, TWICE)

    def _line(self, line: Line, k: int) -> None:
        left, top, right, bottom = (x * TWICE for x in GROUND)
        ys = [target for *_, target in self.points]
        low, high = min(ys), max(ys)
        room = 0.2 * ((high - low) or 1.0)

        def place(x: float, y: float) -> tuple[float, float]:
            share = (y - low + room) / (high - low + 2 * room)
            across = left + (x - line.low) / line.size * (right - left)
            return across, float(np.clip(bottom - share * (bottom - top), top, bottom))

        xs = np.linspace(line.low, line.low + line.size, line.values.shape[1])
        for x, target in self.points:
            self._mark(*place(x, target), 1)
        curve = [place(x, y) for x, y in zip(xs, line.values[k].tolist(), strict=True)]
        self.pen.line(curve, fill=STYLE.classes[0], width=3 * TWICE, joint="curve")

    def _network(self, network: Network, k: int) -> None:
        left, top, right, bottom = (x * TWICE for x in NETWORK)
        columns, tallest = network.columns, max(network.columns)

        def place(column: int, unit: int) -> tuple[float, float]:
            down = unit + 0.5 + (tallest - columns[column]) / 2
            across = left + column * (right - left) / (len(columns) - 1)
            return across, top + down * (bottom - top) / tallest

        order = np.argsort(np.abs(self.weights[k]))  # the largest on top
        for i in order.tolist():
            weight, share = network.weights[i], self.weights[k, i] / self.most
            color = _mixed(STYLE.classes[1] if share > 0 else STYLE.classes[0], abs(share))
            ends = [place(weight.column - 1, weight.start), place(weight.column, weight.end)]
            self.pen.line(ends, fill=color, width=max(1, round(5 * TWICE * abs(share))))
        r = min(8.0, 0.36 * (bottom - top) / TWICE / tallest) * TWICE
        for column, units in enumerate(columns):
            for x, y in (place(column, unit) for unit in range(units)):
                self.pen.ellipse((x - r, y - r, x + r, y + r), STYLE.ground, STYLE.faint, TWICE)

    def _curve(self, box: Box, epoch: int) -> None:
        left, top, right, bottom = (x * TWICE for x in box)
        losses = np.nan_to_num(np.array(self.film.losses or [0.0]), posinf=0.0, neginf=0.0)
        low, high = min(0.0, float(losses.min())), float(losses.max())
        xs = left + np.arange(len(losses)) / max(len(losses) - 1, 1) * (right - left)
        ys = bottom - (losses - low) / ((high - low) or 1.0) * (bottom - top)
        for y, at in ((top, high), (bottom, low)):
            self.pen.line([(left, y), (right, y)], fill=STYLE.grid, width=TWICE)
            self._text((box[0] - 6, y / TWICE), f"{at:.2g}", anchor="rm")
        self._text(((box[0] + box[2]) / 2, box[3] + 4), "loss, epoch by epoch", anchor="ma")
        points = list(zip(xs.tolist(), ys.tolist(), strict=True))
        if len(points) > 1:
            self.pen.line(points, fill=STYLE.grid, width=2 * TWICE, joint="curve")
        if epoch > 1:
            self.pen.line(points[:epoch], fill=STYLE.line, width=2 * TWICE, joint="curve")
        if epoch:
            x, y = points[epoch - 1]
            r = 4 * TWICE
            self.pen.ellipse((x - r, y - r, x + r, y + r), STYLE.line)


def _rgb(code: str) -> Any:
    return np.array([int(code[k : k + 2], 16) for k in (1, 3, 5)])


def _mixed(code: str, share: float) -> tuple[int, ...]:
    """A colour on the ground, the paler the smaller the share."""
    strength = 0.2 + 0.8 * share
    mixed = _rgb(code) * strength + _rgb(STYLE.ground) * (1.0 - strength)
    return tuple(int(x) for x in mixed)


def _palette(classes: int) -> Any:
    """The colour of each byte: a class, or a step to one side of the boundary."""
    colors = np.zeros((256, 3), dtype=np.uint8)
    for byte in range(256):
        step = byte if byte < 128 else byte - 256
        side = int(step > 0)
        if classes:
            colors[byte] = _rgb(STYLE.regions[byte % 4])
        else:
            share = min(1.0, abs(step) / 127)
            colors[byte] = _rgb(STYLE.regions[side]) * (1 - share) + _rgb(STRONG[side]) * share
    return colors
