"""A small picture of a function and its derivative, as SVG in the colours of the page."""

from collections.abc import Callable
from html import escape
from itertools import pairwise

WIDE, HIGH, SAMPLES = 240, 150, 120
Point = tuple[float, float]


def sketch(
    f: Callable[[float], tuple[float, ...] | None], window: tuple[float, float], title: str
) -> str:
    """Both as lines over the window; nothing where there is no value."""
    low, high = window
    xs = [low + (high - low) * (k + 0.5) / SAMPLES for k in range(SAMPLES)]  # beside the kinks
    answers = [f(x) for x in xs]
    found = sorted(abs(y) for answer in answers if answer for y in answer[:2] if y == y)
    if not found:
        return ""
    usual = found[int(0.85 * (len(found) - 1))]
    top = max(1.2, 1.1 * (found[-1] if found[-1] < 4.0 * usual else usual))

    def place(x: float, y: float) -> Point:
        return (x - low) / (high - low) * WIDE, (1.0 - y / top) * HIGH / 2.0

    lines = [
        path([None if a is None else place(x, a[which]) for x, a in zip(xs, answers, strict=True)])
        for which in (0, 1)
    ]
    zero, middle = place(0.0, 0.0)
    unit = f"{top / 1.2:.2g}"
    return (
        f'<svg class="sketch" viewBox="-4 -4 {WIDE + 8} {HIGH + 8}" role="img">'
        f"<title>{escape(title)} and its derivative</title>"
        f'<path class="axes" d="M0 {middle:.1f}H{WIDE}M{zero:.1f} 0V{HIGH}"/>'
        f'<path class="ticks" d="{ticks(place, low, high, top)}"/>'
        f'<text x="{zero + 4:.1f}" y="{place(0, float(unit))[1] + 3:.1f}">{unit}</text>'
        f'<text x="{WIDE - 2}" y="{middle - 4:.1f}" text-anchor="end">x</text>'
        f'<path class="slope" d="{lines[1]}"/><path class="value" d="{lines[0]}"/></svg>'
    )


def ticks(place: Callable[[float, float], Point], low: float, high: float, top: float) -> str:
    """A mark on the x axis at every whole number, and one on the y axis."""
    whole = [k for k in range(-4, 5) if k and low <= k <= high]
    marks = [f"M{place(k, 0)[0]:.1f} {place(k, 0)[1] - 2:.1f}v4" for k in whole]
    zero, height = place(0.0, float(f"{top / 1.2:.2g}"))
    return "".join([*marks, f"M{zero - 2:.1f} {height:.1f}h4"])


def path(points: list[Point | None]) -> str:
    """The line through the points, broken where there is none and where it jumps."""
    inside = [p if p and abs(p[1]) < 1e4 else None for p in points]
    rises = [b[1] - a[1] if a and b else 0.0 for a, b in pairwise([None, *inside, None])]
    text, drawn = "", False
    for k, now in enumerate(inside):
        if now is None:
            drawn = False
            continue
        rise, around = abs(rises[k]), max(abs(rises[max(k - 1, 0)]), abs(rises[k + 1]))
        pole = rise > HIGH and rises[k] * rises[k + 1] < 0.0
        jumps = pole or (rise > 6.0 and rise > 4.0 * around)
        text += f"{'L' if drawn and not jumps else 'M'}{now[0]:.0f} {clipped(now[1]):.1f}"
        drawn = True
    return text


def clipped(y: float) -> float:
    return min(max(y, -HIGH), 2.0 * HIGH)
