"""Exercises on a branch that stays open in a program, on attention, and on letters by chance.

Next: ``../cli.py``.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from math import exp, sqrt
from typing import Any, TypeAlias

from .. import derived
from ..telling.text import number
from .judge import Case, Exercise, Mistake

Rows: TypeAlias = Sequence[Sequence[float]]


# --- written for one number, run for many ---------------------------------------------------------


def samples(rng: random.Random) -> Iterator[Case]:
    for _ in range(3):
        xs = [2.0, -4.0, *(round(rng.uniform(-5, 5), 1) or 1.0 for _ in range(3))]
        where = f"x is each of {', '.join(map(number, xs))} in one program"
        yield Case((xs,), where, "bend(x)")


def run_compiled(answer: Callable[..., Any], xs: list[float]) -> Any:
    """What a function of one number comes to as a program, for many."""
    from ..compiler import compile  # which needs NumPy; the other exercises do without

    return compile(answer, inputs=[[1.0]], batch="each")(xs)


def bent(x: float) -> float:
    return x * x if x > 0.0 else x / 2.0


# --- attention ------------------------------------------------------------------------------------


def looked_at(rng: random.Random) -> Iterator[Case]:
    """A query, and keys and values of a few letters, in rows of several widths."""
    for letters, width, said in ((2, 2, 1), (2, 1, 1), (3, 2, 2), (4, 4, 3), (5, 9, 2), (3, 4, 4)):

        def rows(count: int, length: int) -> list[list[float]]:
            return [[round(rng.uniform(-3, 3), 1) for _ in range(length)] for _ in range(count)]

        (q,) = rows(1, width)
        where = f"there are {letters} keys of {width} and {letters} values of {said} numbers"
        yield Case((q, rows(letters, width), rows(letters, said)), where, "attend(q, keys, values)")


def attended(
    scale: Callable[[int], float] = sqrt,
    weigh: Callable[[list[float]], Sequence[float]] = derived.softmax,
) -> Callable[..., list[float]]:
    """Σ pₜ·vₜ, with the scores q·kₜ divided by this of the width, and weighed so."""

    def outcome(q: Sequence[float], keys: Rows, values: Rows) -> list[float]:
        scores = [sum(a * b for a, b in zip(q, k, strict=True)) / scale(len(q)) for k in keys]
        weights = weigh(scores)
        return [
            sum(p * x for p, x in zip(weights, column, strict=True))
            for column in zip(*values, strict=True)
        ]

    return outcome


# --- letters by chance ----------------------------------------------------------------------------


def scores_and_temperatures(rng: random.Random) -> Iterator[Case]:
    yield Case(([0.0, 1.0], 1.0))
    yield Case(([2.0, -1.0, 0.5], 2.0))
    yield Case(([800.0, 799.0], 0.5))
    for letters in (1, 3, 4, 5):
        scores = [round(rng.uniform(-3, 3), 1) for _ in range(letters)]
        yield Case((scores, round(rng.uniform(0.2, 3.0), 1)))


def at_temperature(scores: Sequence[float], T: float) -> list[float]:
    return derived.softmax([s / T for s in scores])


EXERCISES = (
    Exercise(
        "bend",
        "bend",
        samples,
        lambda xs: [bent(x) for x in xs],
        hints=(
            "An if is decided once, while recording. where(condition, a, b) keeps both pieces.",
            "step(x) is 1 where x > 0 and 0 elsewhere: the condition.",
            "where(step(x), x * x, x / 2)",
        ),
        mistakes=(
            Mistake(
                lambda xs: [x * x for x in xs],
                "This is the piece for x > 0, for every x: the other one was not recorded.",
            ),
            Mistake(
                lambda xs: [x / 2.0 for x in xs],
                "This is the piece for x ≤ 0, for every x: the other one was not recorded.",
            ),
            Mistake(
                lambda xs: [x / 2.0 if x > 0.0 else x * x for x in xs],
                "The pieces are the wrong way round: x² belongs to x > 0.",
            ),
        ),
        run=run_compiled,
    ),
    Exercise(
        "attend",
        "attend",
        looked_at,
        attended(),
        hints=(
            "Three lines: scores, weights, answer. A score is q·k/√d, and d is len(q).",
            "weights = softmax(scores): autograd_lite.softmax takes a list of numbers.",
            "Entry j of the answer is the sum of weight · v[j] over all letters.",
        ),
        mistakes=(
            Mistake(
                attended(lambda d: 1.0), "The scores are not divided: it is q·k/√d, d = len(q)."
            ),
            Mistake(attended(float), "You divided by d. It is the root of it: q·k/√d."),
            Mistake(
                attended(weigh=lambda scores: scores),
                "These are the scores themselves as weights. Put them through softmax first.",
            ),
            Mistake(
                attended(weigh=lambda scores: [*map(exp, scores)]),
                "Your weights are eˢ, whose sum is not 1. Divide each by the sum of all.",
            ),
            Mistake(
                attended(weigh=lambda scores: [1.0 / len(scores)] * len(scores)),
                "You weigh all letters alike. How much each counts, its score says.",
            ),
        ),
    ),
    Exercise(
        "temperature",
        "temperature",
        scores_and_temperatures,
        at_temperature,
        hints=(
            "First divide every score by T, then make probabilities of them.",
            "A probability is eˢ divided by the sum of all eˢ, with s a score divided by T.",
            "e⁸⁰⁰ is too large. Take the largest score off all of them: no probability changes.",
        ),
        mistakes=(
            Mistake(
                lambda scores, T: at_temperature(scores, 1.0 / T),
                "You multiplied by T. A high temperature makes the scores smaller, and so alike.",
            ),
            Mistake(
                lambda scores, T: at_temperature(scores, 1.0),
                "These are the probabilities at T = 1. Divide the scores by T first.",
            ),
            Mistake(
                lambda scores, T: [p / T for p in at_temperature(scores, 1.0)],
                "You divided the probabilities, whose sum is not 1 any more. Divide the scores.",
            ),
            Mistake(
                lambda scores, T: [exp((s - max(scores)) / T) for s in scores],
                "Their sum is not 1: divide each by the sum of all.",
            ),
        ),
    ),
)
