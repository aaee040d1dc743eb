"""Exercises on training: walks down a slope, batches, an epoch of single samples.

Next: ``../cli.py``.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from math import cos
from typing import Any

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
)
