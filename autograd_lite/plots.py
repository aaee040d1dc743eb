"""Plots: the boundary that a classifier has learnt, how its loss fell, and why a difference
quotient is no derivative.

Matplotlib draws them, through its objects alone: no window, no backend, nothing of ``pyplot``'s
global state is touched. It loads when a plot is first rendered. A ``Plot`` keeps what it shows, so
that it can be had in light and dark; a notebook shows it by itself.

To add a plot, write a function that returns ``Plot(paint)``, where ``paint(figure, style)`` draws.

Next: ``grammar.py``.
"""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, SupportsFloat, TypeAlias, runtime_checkable

from .engine.arrays import np
from .functions.differences import quotients, settled
from .pictures import Picture
from .showing.images import in_both
from .transforms import grad, vjp
from .value import Value

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import ArrayLike, NDArray

FONTS = "Helvetica, Arial, sans-serif"


@dataclass(frozen=True)
class Style:
    """The colours of a theme. Classes are told by colour and by marker."""

    ground: str
    text: str
    faint: str
    grid: str
    line: str
    classes: tuple[str, ...]
    regions: tuple[str, ...]


# blue, orange, green, purple: the colour-blind-safe set of Okabe and Ito, and pale forms of it
# fmt: off  - what rhymes is aligned
STYLES = {
    "light": Style(
        ground="#FFFFFF",
        text="#1F2933",
        faint="#5F6B75",
        grid="#E4E9ED",
        line="#0072B2",
        classes=("#D55E00", "#0072B2", "#00724F", "#8B4A7A"),
        regions=("#FBE6D6", "#DCEEFB", "#D9F2E6", "#F3E3EE"),
    ),
    "dark": Style(
        ground="#14181C",
        text="#E8EDF1",
        faint="#A9B4BD",
        grid="#2A3138",
        line="#56B4E9",
        classes=("#FF8A4C", "#56B4E9", "#2FC492", "#D896C4"),
        regions=("#3A2418", "#12324A", "#0F3A2C", "#37243A"),
    ),
}
# fmt: on


def _pairs() -> Iterator[tuple[str, str]]:
    """Each colour of the light theme with that of the dark one."""
    light, dark = (
        [
            style.ground, style.text, style.faint, style.grid, style.line,
            *style.classes, *style.regions,
        ]
        for style in (STYLES["light"], STYLES["dark"])
    )  # fmt: skip
    return zip(light, dark, strict=True)


MARKERS = ("^", "o", "s", "D")


@runtime_checkable
class Losses(Protocol):
    """A ``History``, or something else that knows the loss of each epoch."""

    @property
    def loss(self) -> Sequence[float]: ...


#: One or several outputs for the two coordinates of a point.
Scorer: TypeAlias = Callable[[list[float]], "SupportsFloat | Sequence[SupportsFloat]"]
Paint: TypeAlias = Callable[["Figure", Style], None]


class Plot(Picture):
    """A picture drawn by matplotlib that shows itself in a notebook and saves itself to a file.

    >>> loss_curve([1.0, 0.5, 0.25])
    <Plot: Loss over 3 epochs; save it with .save("plot.svg")>
    """

    def __init__(
        self,
        paint: Paint,
        title: str,
        size: tuple[float, float] = (5.4, 3.9),
        theme: str = "light",
    ) -> None:
        if theme not in STYLES:
            raise ValueError(f"There is no theme {theme!r}; choose one of {', '.join(STYLES)}.")
        self.paint, self.size, self.theme = paint, size, theme
        self._title = title

    @property
    def title(self) -> str:
        return self._title

    def in_theme(self, theme: str) -> Plot:
        """The same plot in another theme, ``"light"`` or ``"dark"``."""
        return Plot(self.paint, self.title, self.size, theme)

    def figure(self) -> Figure:
        """A new matplotlib ``Figure`` with the plot, to change or combine.

        Raises ``ImportError``, naming what to install, without matplotlib.
        """
        try:
            from matplotlib.figure import Figure
        except ImportError:
            raise ImportError(
                "Plots are drawn with matplotlib, which is not installed. Install it: "
                "pip install 'autograd_lite[demo]'"
            ) from None
        style = STYLES[self.theme]
        figure = Figure(figsize=self.size, layout="constrained", facecolor=style.ground)
        self.paint(figure, style)
        return figure

    def to_svg(self) -> str:
        """The plot as one ``<svg>`` element, the same text every time."""
        svg = self._rendered("svg").decode()
        svg = svg[svg.index("<svg") :].rstrip()
        svg = re.sub(r"\s*<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
        svg = re.sub(r"(font: [^;\"']*?px) [^;\"]*", rf"\1 {FONTS}", svg)
        label = html.escape(self.title)
        return svg.replace("<svg ", f'<svg role="img" direction="ltr" aria-label="{label}" ', 1)

    @property
    def _following(self) -> str:
        if self.theme != "light":
            return self.to_svg()
        return in_both(self.to_svg(), {light: (light, dark) for light, dark in _pairs()})

    def _rendered(self, format: str) -> bytes:
        figure = self.figure()
        import matplotlib

        buffer = io.BytesIO()
        metadata = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(format)
        with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "autograd_lite"}):
            figure.savefig(buffer, format=format, dpi=160, metadata=metadata)
        return buffer.getvalue()

    def __repr__(self) -> str:
        return f'<Plot: {self.title}; save it with .save("plot.svg")>'


def loss_curve(history: Losses | Sequence[float], theme: str = "light") -> Plot:
    """The loss over the epochs, and the accuracy below it where the history has one.

    ``history`` is what ``fit`` returns, or a list of losses. The scale is logarithmic where the
    loss fell by a factor of 30 or more. Raises ``ValueError`` for an empty history.
    """
    losses = list(map(float, history.loss if isinstance(history, Losses) else history))
    accuracies = getattr(history, "metrics", {}).get("accuracy")
    if not losses:
        raise ValueError("loss_curve draws the losses of at least one epoch; got none.")

    def paint(figure: Figure, style: Style) -> None:
        ratios = [3, 1] if accuracies else [1]
        axes = figure.subplots(len(ratios), sharex=True, squeeze=False, height_ratios=ratios)[:, 0]
        _curve(axes[0], losses, style, "loss", f"{losses[-1]:.2g}".replace("-", "−"))
        if min(losses) > 0.0 and max(losses) > 30.0 * min(losses):
            axes[0].set_yscale("log")
            axes[0].yaxis.set_major_formatter("{x:g}")
            axes[0].minorticks_off()
        elif not min(losses) < 0.0:
            axes[0].set_ylim(bottom=0.0)
        if accuracies:
            _curve(axes[1], accuracies, style, "accuracy", f"{100 * accuracies[-1]:.3g} %")
            axes[1].set_yticks([0.5, 1.0], ["50 %", "100 %"])
            axes[1].set_ylim(min(0.45, *accuracies) - 0.03, 1.1)
        axes[-1].set_xlabel("epoch", color=style.faint)
        axes[-1].locator_params("x", integer=True, min_n_ticks=1)

    return Plot(paint, f"Loss over {len(losses)} epochs", theme=theme)


def _curve(axes: Axes, values: Sequence[float], style: Style, name: str, last: str) -> None:
    _plain(axes, style)
    axes.set_ylabel(name, color=style.faint)
    epochs = range(1, len(values) + 1)
    axes.plot(epochs, values, color=style.line, linewidth=1.8, solid_joinstyle="round")
    axes.plot(epochs[-1], values[-1], "o", color=style.line, markersize=5, clip_on=False, zorder=5)
    axes.annotate(
        last,
        (epochs[-1], values[-1]),
        (7, 0),
        textcoords="offset points",
        color=style.text,
        va="center",
        annotation_clip=False,
    )
    axes.margins(x=0.02)


def decision_boundary(
    model: Scorer, X: ArrayLike, y: ArrayLike, theme: str = "light", steps: int = 60
) -> Plot:
    """Where in the plane the model says which class, with the points it was trained on.

    A model with one output says by its sign; the line is where the score is 0, the dashes are where
    it is −1 and 1. A model with several outputs says by the largest. The plane is sampled at
    ``steps × steps`` points. Raises ``ValueError`` for points that are not in the plane.
    """
    points, labels = np.asarray(X, dtype=float), np.asarray(y)
    if points.ndim != 2 or points.shape[1] != 2 or not 0 < len(points) == len(labels):
        raise ValueError(
            f"decision_boundary draws points in the plane, X of shape (n, 2) with n labels; got X "
            f"of shape {points.shape} and {len(labels)} labels."
        )
    low, high = points.min(axis=0), points.max(axis=0)
    room = 0.12 * max(high - low)
    across, up = (
        np.linspace(start - room, end + room, steps) for start, end in zip(low, high, strict=True)
    )
    scores = _scores(model, across, up)
    classes = sorted(set(labels.tolist()))

    def paint(figure: Figure, style: Style) -> None:
        axes = figure.subplots()
        _plain(axes, style)
        axes.set_aspect("equal")
        _regions(axes, across, up, scores, style)
        for i, name in enumerate(classes):
            chosen = points[labels == name]
            axes.scatter(
                chosen[:, 0],
                chosen[:, 1],
                s=30,
                color=style.classes[i % 4],
                marker=MARKERS[i % 4],
                edgecolor=style.ground,
                linewidth=0.7,
                label=f"class {name:g}".replace("-", "−"),
                zorder=3,
            )
        axes.legend(  # above, where it covers no point
            loc="lower left",
            bbox_to_anchor=(0.0, 1.0),
            ncols=4,
            frameon=False,
            labelcolor=style.text,
            handletextpad=0.2,
        )
        axes.set_xlabel("x1", color=style.faint)
        axes.set_ylabel("x2", color=style.faint)

    return Plot(paint, f"Decision boundary of a model and {len(points)} points", theme=theme)


def _scores(
    model: Scorer, across: NDArray[np.float64], up: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The outputs of the model over the grid, of shape (outputs, up, across)."""
    rows = [[model([x, y]) for x in across.tolist()] for y in up.tolist()]
    grid = np.array(
        [
            [[float(z) for z in out] if hasattr(out, "__iter__") else [float(out)] for out in row]
            for row in rows
        ]
    )
    return np.moveaxis(grid, 2, 0)


def _regions(
    axes: Axes,
    across: NDArray[np.float64],
    up: NDArray[np.float64],
    scores: NDArray[np.float64],
    style: Style,
) -> None:
    """The ground in the colours of the classes, and the lines between them."""
    if len(scores) > 1:
        best = scores.argmax(axis=0)
        edges = np.arange(len(scores) + 1) - 0.5
        colors = [style.regions[i % 4] for i in range(len(scores))]
        axes.contourf(across, up, best, levels=edges, colors=colors)
        return
    score = scores[0]
    far = 1.0 + float(np.abs(score).max())
    axes.contourf(across, up, score, levels=[-far, 0.0, far], colors=style.regions[:2])
    if score.min() < 0.0 < score.max():
        axes.contour(across, up, score, levels=[0.0], colors=[style.text], linewidths=1.8)
    margins = [level for level in (-1.0, 1.0) if score.min() < level < score.max()]
    if margins:
        axes.contour(
            across, up, score, levels=margins, colors=[style.faint], linewidths=0.9,
            linestyles="dashed",
        )  # fmt: skip


def step_size(f: Callable[[Value], Value | float], x: float, theme: str = "light") -> Plot:
    """How far difference quotients of f at x are from its derivative, for steps of every size.

    Long steps leave terms of the series out, short ones divide the rounding of f: the error has a
    valley, and the dot is a step near its bottom that was found without the derivative. f is a
    function of one number, as ``grad`` takes it. Raises ``ValueError`` where f is not defined on
    both sides of x.
    """
    exact = grad(f)(x)

    def value(t: float) -> float:
        return float(vjp(f, t)[0])

    *_, chosen, step = settled(value, x)
    found = []
    for size in (np.logspace(-15, 0, 121) * max(1.0, abs(x))).tolist():
        try:
            found.append(quotients(value, x, size))
        except (ArithmeticError, ValueError):  # undefined as far from x, or too near to tell apart
            continue

    def paint(figure: Figure, style: Style) -> None:
        axes = figure.subplots()
        _plain(axes, style)
        axes.loglog()
        axes.margins(x=0.03, y=0.12)
        forward = [(q.step, abs(q.right - exact)) for q in found]
        central = [(q.step, abs(q.central - exact)) for q in found]
        orange, blue = style.classes[0], style.line
        _error(axes, forward, orange, "--", "forward difference,\nerror ∝ h", (-14, 4), "right")
        _error(axes, central, blue, "-", "central difference,\nerror ∝ h²", (14, -12), "left")
        if chosen != exact:
            axes.plot(step, abs(chosen - exact), "o", color=blue, markersize=6)
        axes.text(
            0.04, 0.06, "short steps:\nrounding, error ∝ 1/h", color=style.faint,
            transform=axes.transAxes, va="bottom",
        )  # fmt: skip
        axes.set_xlabel("step h", color=style.faint)
        axes.set_ylabel("error of the slope", color=style.faint)

    title = f"Error of difference quotients at {x:g} against their step"
    return Plot(paint, title, theme=theme)


def _error(
    axes: Axes,
    points: Sequence[tuple[float, float]],
    color: str,
    dash: str,
    label: str,
    offset: tuple[float, float],
    side: str,
) -> None:
    """Errors over steps, named where the steps are long; an error of 0 has no logarithm."""
    points = [point for point in points if point[1] > 0.0]
    if not points:
        return
    axes.plot(*zip(*points, strict=True), dash, color=color, linewidth=1.6)
    at = points[-min(len(points), 24)]  # three decades below the longest step
    axes.annotate(label, at, offset, textcoords="offset points", color=color, ha=side, va="center")


def _plain(axes: Axes, style: Style) -> None:
    """Axes without a box: a light grid, quiet ticks."""
    axes.set_facecolor(style.ground)
    axes.grid(color=style.grid, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(colors=style.faint, length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
