"""Curves over the epochs, drawn without a library: what a ``History`` shows.

Next: ``source.py``.
"""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from typing import NamedTuple

from .html import short

WIDTH, HEIGHT = 360, 170
LEFT, RIGHT, TOP, BOTTOM = 46, 12, 24, 26
LINE, HELD_OUT, SOFT, TEXT, GRID = "#0072B2", "#D55E00", "#5F6B75", "#1F2933", "#E4E9ED"
GROUND = "#FFFFFF"
LONGEST = 24  # of a name: beside it is the legend

#: Those, and the colours of a dark place in their stead: see ``images.in_both``.
COLORS = {
    light: (light, dark)
    for light, dark in [
        (LINE, "#56B4E9"), (HELD_OUT, "#FF8A4C"), (SOFT, "#A9B4BD"),
        (TEXT, "#E8EDF1"), (GRID, "#2A3138"), (GROUND, "#14181C"),
    ]
}  # fmt: skip


class Panel(NamedTuple):
    """One plot: its name and its curves, over 1, 2, 3, …; the second is that of held-out data."""

    name: str
    curves: Sequence[Sequence[float]]


def curves(panels: Sequence[Panel]) -> str:
    """The panels side by side as one ``<svg>``."""
    width = WIDTH * len(panels)
    inside = "".join(
        f'<g transform="translate({WIDTH * i} 0)">{_panel(panel)}</g>'
        for i, panel in enumerate(panels)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{HEIGHT}" '
        f'viewBox="0 0 {width} {HEIGHT}" font-family="Helvetica,Arial,sans-serif" font-size="11">'
        f'<rect width="{width}" height="{HEIGHT}" rx="8" fill="{GROUND}"/>{inside}</svg>'
    )


def _panel(panel: Panel) -> str:
    seen = [y for curve in panel.curves for y in curve if math.isfinite(y)]
    low, high, log = _scale(seen)
    most = max(map(len, panel.curves))
    parts = [f'<text x="{LEFT}" y="15" font-weight="600" fill="{TEXT}">{_text(panel.name)}</text>']
    for share in (0.0, 0.5, 1.0):
        y = TOP + (HEIGHT - TOP - BOTTOM) * (1.0 - share)
        at = low + share * (high - low)
        label = short(float(f"{10.0**at if log else at:.3g}"))
        parts.append(
            f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="{GRID}"/>'
            f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end" fill="{SOFT}">{label}</text>'
        )
    parts += [
        f'<text x="{LEFT}" y="{HEIGHT - 9}" fill="{SOFT}">1</text>',
        f'<text x="{WIDTH - RIGHT}" y="{HEIGHT - 9}" text-anchor="end" fill="{SOFT}">{most:,}'
        f"</text>",
        f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 9}" text-anchor="middle" '
        f'fill="{SOFT}">epoch</text>',
    ]
    for curve, color, dash in zip(
        panel.curves, (LINE, HELD_OUT), ("", ' stroke-dasharray="5 3"'), strict=False
    ):
        parts.append(_curve(curve, most, (low, high, log), color, dash))
    if len(panel.curves) > 1:
        parts.append(
            f'<text x="{WIDTH - RIGHT}" y="15" text-anchor="end" fill="{SOFT}">'
            f'<tspan fill="{LINE}">—</tspan> training  '
            f'<tspan fill="{HELD_OUT}">--</tspan> validation</text>'
        )
    return "".join(parts)


def _scale(seen: Sequence[float]) -> tuple[float, float, bool]:
    """The range, and whether it is one of logarithms: where a curve falls by far."""
    if not seen:
        return 0.0, 1.0, False
    low, high = min(seen), max(seen)
    if low > 0.0 and high > 30.0 * low:
        return math.log10(low), math.log10(high), True
    low = min(low, 0.0)
    return (low, high, False) if high > low else (low, low + 1.0, False)


def _curve(
    curve: Sequence[float], most: int, scale: tuple[float, float, bool], color: str, dash: str
) -> str:
    low, high, log = scale
    points: list[str] = []
    pen = "M"
    for i, y in enumerate(curve):
        if not math.isfinite(y):
            pen = "M"
            continue
        across = LEFT + (WIDTH - LEFT - RIGHT) * (i / (most - 1) if most > 1 else 0.5)
        share = ((math.log10(y) if log else y) - low) / (high - low)
        up = TOP + (HEIGHT - TOP - BOTTOM) * (1.0 - share)
        points.append(f"{pen}{across:.1f} {up:.1f}")
        pen = "L"
        last = (across, up)
    if not points:
        return ""
    dot = f'<circle cx="{last[0]:.1f}" cy="{last[1]:.1f}" r="3" fill="{color}"/>'
    line = f'<path d="{"".join(points)}" fill="none" stroke="{color}" stroke-width="1.8"{dash}/>'
    return line + dot


def _text(name: str) -> str:
    printable = "".join(c if c.isprintable() else "\ufffd" for c in name[:LONGEST])
    return html.escape(printable)
