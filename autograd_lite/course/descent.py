"""Exercises on training: walks, batches, an epoch; and on quotients, overflow and long gradients.

Next: ``calculus.py``.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from math import cos, exp, hypot, inf, log
from typing import Any

from .. import ops
from ..telling.text import number
from ..transforms import grad
from .judge import Case, Exercise, Mistake

# --- a walk ---------------------------------------------------------------------------------------

SLOPES: dict[str, Callable[[float], float]] = {
    "slope(w) = 2·(w − 4)": lambda w: 2 * (w - 4),
    "slope(w) = w³": lambda w: w**3,
    "slope(w) = cos w": cos,
}


def walks(rng: random.Random) -> Iterator[Case]:
    for said, slope in SLOPES.items():
        for steps in (1, 3, 0):
            w, rate = round(rng.uniform(-2, 2), 1) or 1.0, rng.choice((0.1, 0.25, 0.5))
            call = f"walk(slope, {number(w)}, {rate}, {steps})"
            yield Case((slope, w, rate, steps), said, call)


def walked(
    slope: Callable[[float], float], w: float, rate: float, steps: int, fresh: bool = True
) -> list[float]:
    """The places of a walk down a slope, which is asked at each of them, or once."""
    places = [w]
    for _ in range(steps):
        places.append(places[-1] - rate * slope(places[-1] if fresh else w))
    return places


# --- batches --------------------------------------------------------------------------------------


def shuffled(rng: random.Random) -> Iterator[Case]:
    for n, p in ((6, 2), (7, 3), (5, 1), (4, 4), (3, 10), (9, 4), (8, 5)):
        yield Case((rng.sample(range(n), n), p))


def cut(order: Sequence[int], p: int, by: int = 0) -> list[list[int]]:
    return [list(order[k : k + p]) for k in range(0, len(order), by or p)]


# --- an epoch of single samples -------------------------------------------------------------------


def samples(rng: random.Random) -> Iterator[Case]:
    for n in (1, 2, 3, 5, 2, 4):
        xs, ys = ([round(rng.uniform(-2, 2), 1) for _ in range(n)] for _ in range(2))
        yield Case((round(rng.uniform(-1, 1), 1), round(rng.uniform(-1, 1), 1), xs, ys, 0.1))


def squared_error(w: Any, b: Any, x: float, y: float) -> Any:
    return (w * x + b - y) ** 2


slopes = grad(squared_error, (0, 1))


def epoch(
    w: float, b: float, xs: Sequence[float], ys: Sequence[float], rate: float, late: bool = False
) -> list[float]:
    """A step for each sample; ``late`` asks for the slope of b where w has moved already."""
    for x, y in zip(xs, ys, strict=True):
        dw, db = slopes(w, b, x, y)
        w = w - rate * dw
        b = b - rate * (slopes(w, b, x, y)[1] if late else db)
    return [w, b]


def one_step(
    w: float, b: float, xs: Sequence[float], ys: Sequence[float], rate: float, mean: bool = True
) -> list[float]:
    """One step for all samples, by the mean of their slopes, or by the sum."""
    pairs = [slopes(w, b, x, y) for x, y in zip(xs, ys, strict=True)]
    share = rate / (len(pairs) if mean else 1)
    return [w - share * sum(dw for dw, _ in pairs), b - share * sum(db for _, db in pairs)]


# --- what goes wrong ------------------------------------------------------------------------------

SMOOTH: dict[str, Callable[[Any], Any]] = {
    "f(x) = sin x": ops.sin,
    "f(x) = x³ − 2x": lambda x: x**3 - 2 * x,
    "f(x) = 1/x": lambda x: 1 / x,
    "f(x) = eˣ": ops.exp,
}


def smooth(rng: random.Random) -> Iterator[Case]:
    for said, f in SMOOTH.items():
        for x in (1.0, round(rng.uniform(1.5, 3.0), 1)):
            yield Case((f, x), said, f"central(f, {number(x)})")


def exponents(rng: random.Random) -> Iterator[Case]:
    for zs in ([0.0, 0.0], [1.0, 2.0, 3.0], [5.0], [1000.0, 999.0], [-1000.0, -1001.0, -1000.5]):
        yield Case((zs,))
    for n in (2, 4):
        yield Case(([round(rng.uniform(-900, 900), 1) for _ in range(n)],))


def naive(zs: Sequence[float]) -> float:
    total = sum(exp(z) if z < 709.78 else inf for z in zs)  # where doubles end
    return log(total) if total else -inf


def gradients(rng: random.Random) -> Iterator[Case]:
    yield Case(([3.0, 4.0], 1.0))
    yield Case(([0.3, -0.4], 1.0))
    for n, size, longest in ((1, 5, 2.0), (3, 9, 5.0), (4, 1, 8.0), (2, 30, 1.5), (3, 2, 2.0)):
        yield Case(([round(rng.uniform(-size, size), 1) for _ in range(n)], longest))


def clipped(
    gradient: Sequence[float], longest: float, always: bool = False, length: Any = hypot
) -> list[float]:
    size = length(*gradient)
    return [x * longest / size if always or size > longest else x for x in gradient]


EXERCISES = (
    Exercise(
        "walk",
        "walk",
        walks,
        walked,
        hints=(
            "Begin with places = [w]. A step leads from the last place to the next one.",
            "The next place is w − rate·slope(w), with the slope at the place where you are.",
            "for _ in range(steps): w = w - rate * slope(w); places.append(w)",
        ),
        mistakes=(
            Mistake(
                lambda slope, w, rate, steps: walked(slope, w, -rate, steps),
                "You walk uphill: it is w − rate·slope(w).",
            ),
            Mistake(
                partial(walked, fresh=False),
                "Every step uses the slope at the start. Ask for it anew at each place.",
            ),
            Mistake(
                lambda *args: walked(*args)[1:],
                "All steps are right. But the list begins with w itself, the start.",
            ),
            Mistake(
                lambda *args: walked(*args)[-1],
                "This is the last place. Asked is the list of all of them.",
            ),
        ),
    ),
    Exercise(
        "batches",
        "batches",
        shuffled,
        cut,
        hints=(
            "The first batch is order[0:p], the second order[p:2p], and so on.",
            "range(0, len(order), p) has the places where batches begin. A slice may end too late.",
        ),
        mistakes=(
            Mistake(
                lambda order, p: [batch for batch in cut(order, p) if len(batch) == p],
                "The last samples are left out where p does not divide their number.",
            ),
            Mistake(
                lambda order, p: cut(order, p, by=1),
                "Your batches overlap: the next one begins where the last one ends, p further.",
            ),
            Mistake(
                lambda order, p: cut(range(len(order)), p),
                "You cut 0, 1, 2, … The samples come in the order that order says.",
            ),
        ),
    ),
    Exercise(
        "epoch",
        "epoch",
        samples,
        epoch,
        hints=(
            "For each sample: the error e = w·x + b − y, then one step of w and of b.",
            "The slopes of e² are 2·e·x by w and 2·e by b. Both belong to the w and b before.",
            "for x, y in zip(xs, ys): e = w*x + b - y; w, b = w - rate*2*e*x, b - rate*2*e",
        ),
        mistakes=(
            Mistake(
                one_step,
                "This is one step for all samples, by their mean: full batch. Asked are as many "
                "steps as samples, each from where the last one led.",
            ),
            Mistake(
                partial(one_step, mean=False),
                "This is one step by the sum over all samples. Asked is a step for each.",
            ),
            Mistake(
                partial(epoch, late=True),
                "w has moved already when you ask for the slope of b. Find both, then move both.",
            ),
            Mistake(
                lambda w, b, xs, ys, rate: epoch(w, b, xs, ys, rate / 2),
                "The slope of e² is 2·e·x by w and 2·e by b: the 2 is missing.",
            ),
        ),
    ),
    Exercise(
        "central",
        "central",
        smooth,
        lambda f, x: grad(f)(x),
        hints=(
            "Step to both sides, f(x + h) − f(x − h). How far apart are the two places?",
            "(f(x + h) − f(x − h)) / 2h. Which h? Too long truncates, too short rounds.",
            "h = 1e-5: it leaves out about 10⁻¹⁰, and rounds by about 10⁻¹¹.",
        ),
        tolerance=1e-9,
    ),
    Exercise(
        "log_sum_exp",
        "log_sum_exp",
        exponents,
        ops.logsumexp,
        hints=(
            "e to the power of 1000 is too large for a float, and e to −1000 is 0 in a float.",
            "Take the largest out: m + log(Σ exp(z − m)), with m = max(zs).",
        ),
        mistakes=(
            Mistake(
                naive,
                "exp(1000) is ∞, and exp(−1000) is 0, whose logarithm is −∞. Take the largest z "
                "out first.",
            ),
            Mistake(
                lambda zs: float(ops.logsumexp(zs)) - max(zs),
                "You took the largest z out, and did not put it back: m + log(…).",
            ),
            Mistake(max, "This is the largest of them. The others count too, if they are near."),
        ),
    ),
    Exercise(
        "clip",
        "clip",
        gradients,
        clipped,
        hints=(
            "The length is the root of the sum of squares. What is to be done if it is small?",
            "Multiply every entry by longest / length, so that their ratios stay.",
        ),
        mistakes=(
            Mistake(
                lambda gradient, longest: [max(-longest, min(x, longest)) for x in gradient],
                "You clipped each entry by itself. That turns the gradient: one factor for all.",
            ),
            Mistake(
                partial(clipped, always=True),
                "A gradient that is short enough stays as it is. Yours makes it longer.",
            ),
            Mistake(
                partial(clipped, length=lambda *gradient: sum(map(abs, gradient))),
                "The length is √(Σg²), not the sum of the sizes.",
            ),
        ),
    ),
)
