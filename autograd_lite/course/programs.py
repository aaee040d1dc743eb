"""Exercises on programs and on the GPT: attention, and letters by chance.

Next: ``../cli.py``.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from math import exp, sqrt
from typing import TypeAlias

from .. import derived
from .judge import Case, Exercise, Mistake

Rows: TypeAlias = Sequence[Sequence[float]]


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
