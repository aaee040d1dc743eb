"""Exercises on networks written out in scalars: two neurons in a row, and the 2-2-2 network.

Next: ``matrices.py``.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import partial
from math import exp
from typing import Any

from .. import ops
from ..transforms import grad
from .judge import Case, Exercise, Mistake
from .numbers import numbers

INPUTS, TARGETS, BIASES = (0.05, 0.10), (0.01, 0.99), (0.35, 0.60)
WEIGHTS = (0.15, 0.20, 0.25, 0.30, 0.40, 0.45, 0.50, 0.55)


def sigma(z: float) -> float:
    return 1.0 / (1.0 + exp(-z))


# --- two neurons in a row -------------------------------------------------------------------------


def activations(rng: random.Random) -> Iterator[Case]:
    for a in (0.5, 0.9, *(round(rng.uniform(0.05, 0.95), 2) for _ in range(6))):
        yield Case((a,))


def two_neurons(x: Any, y: Any, w1: Any, b1: Any, w2: Any, b2: Any) -> Any:
    """E = ½·(a2 − y)² of a2 = σ(w2·a1 + b2), a1 = σ(w1·x + b1)."""
    a1 = ops.sigmoid(w1 * x + b1)
    a2 = ops.sigmoid(w2 * a1 + b2)
    return 0.5 * (a2 - y) ** 2


def backwards(
    x: float, y: float, w1: float, b1: float, w2: float, b2: float, forget: str = ""
) -> tuple[float, float, float, float]:
    """dE/dw1, dE/db1, dE/dw2, dE/db2, with one factor forgotten."""
    a1 = sigma(w1 * x + b1)
    a2 = sigma(w2 * a1 + b2)
    delta2 = (a2 - y) * (1.0 if forget == "slope 2" else a2 * (1.0 - a2))
    delta1 = delta2 * (1.0 if forget == "w2" else w2)
    delta1 *= 1.0 if forget == "slope 1" else a1 * (1.0 - a1)
    return delta1 * x, delta1, delta2 * (x if forget == "a1" else a1), delta2


def forgetting(what: str, hint: str) -> Mistake:
    return Mistake(partial(backwards, forget=what), hint)


# --- two inputs, two hidden, two outputs ----------------------------------------------------------


def weights(rng: random.Random) -> Iterator[Case]:
    yield Case((list(WEIGHTS),))
    for _ in range(7):
        yield Case(([round(rng.uniform(-1, 1), 2) for _ in WEIGHTS],))


def weights_and_rates(rng: random.Random) -> Iterator[Case]:
    for case in weights(rng):
        yield Case((*case.arguments, 0.5))


def error(w: Any) -> Any:
    """E = ½·Σ(t − a)² of the worked example, at eight weights; its inputs and biases stay."""
    h = [_unit(w[k : k + 2], INPUTS, BIASES[0]) for k in (0, 2)]
    o = [_unit(w[k : k + 2], h, BIASES[1]) for k in (4, 6)]
    return sum(0.5 * (t - a) ** 2 for t, a in zip(TARGETS, o, strict=True))


def _unit(w: Any, below: Any, bias: float) -> Any:
    return ops.sigmoid(w[0] * below[0] + w[1] * below[1] + bias)


def descended(w: list[float], rate: float, staged: bool = False) -> list[float]:
    """The weights after a step; ``staged`` goes back through output weights that have moved."""
    slopes = grad(error)(w)
    after = [x - rate * slope for x, slope in zip(w, slopes, strict=True)]
    if not staged:
        return after
    h = [float(_unit(w[k : k + 2], INPUTS, BIASES[0])) for k in (0, 2)]
    o = [float(_unit(w[k : k + 2], h, BIASES[1])) for k in (4, 6)]
    delta = [(a - t) * a * (1 - a) for a, t in zip(o, TARGETS, strict=True)]
    for j in (0, 1):
        back = (delta[0] * after[4 + j] + delta[1] * after[6 + j]) * h[j] * (1 - h[j])
        for i in (0, 1):
            after[2 * j + i] = w[2 * j + i] - rate * back * INPUTS[i]
    return after


EXERCISES = (
    Exercise(
        "sigmoid_slope",
        "sigmoid_slope",
        activations,
        lambda a: a * (1 - a),
        hints=(
            "You are given a = σ(z) already, not z. The slope of σ can be said by a alone.",
            "σ′(z) = σ(z)·(1 − σ(z)), and σ(z) is a.",
        ),
        mistakes=(
            Mistake(
                lambda a: sigma(a) * (1 - sigma(a)),
                "You took σ of a. But a is σ(z) already: no exp is needed any more.",
            ),
            Mistake(lambda a: 1 - a * a, "This is the slope of tanh, 1 − a². Here a = σ(z)."),
        ),
    ),
    Exercise(
        "two_neurons",
        "two_neurons",
        numbers(6),
        grad(two_neurons, (2, 3, 4, 5)),
        hints=(
            "Forward first: z1, a1, z2, a2. Then backward, from E: dE/da2 = a2 − y.",
            "δ2 = dE/dz2 = (a2 − y)·a2·(1 − a2). With it dE/dw2 = δ2·a1 and dE/db2 = δ2.",
            "δ1 = dE/dz1 = δ2·w2·a1·(1 − a1). With it dE/dw1 = δ1·x and dE/db1 = δ1.",
        ),
        mistakes=(
            forgetting("w2", "From z2 down to a1 leads the slope w2. It is missing in δ1."),
            forgetting(
                "slope 1", "From a1 down to z1 leads the slope of σ, a1·(1 − a1). It is missing."
            ),
            forgetting(
                "slope 2", "From a2 down to z2 leads the slope of σ, a2·(1 − a2). It is missing."
            ),
            forgetting("a1", "w2 is multiplied by a1, not by x. So dE/dw2 = δ2·a1."),
            Mistake(
                lambda *numbers: (*backwards(*numbers)[2:], *backwards(*numbers)[:2]),
                "All four are right, but in another order: dE/dw1, dE/db1, dE/dw2, dE/db2.",
            ),
        ),
    ),
    Exercise(
        "error",
        "error",
        weights,
        error,
        hints=(
            "h1 = σ(0.05·w1 + 0.10·w2 + 0.35) and h2 = σ(0.05·w3 + 0.10·w4 + 0.35).",
            "o1 = σ(w5·h1 + w6·h2 + 0.60) and o2 = σ(w7·h1 + w8·h2 + 0.60).",
            "E = ½·(0.01 − o1)² + ½·(0.99 − o2)².",
        ),
    ),
    Exercise(
        "descend",
        "descend",
        weights_and_rates,
        descended,
        hints=(
            "All eight gradients first, all at the old weights. Then all eight steps.",
            "w − rate·dE/dw, for each. autograd_lite.grad(error)(w) has the eight gradients.",
        ),
        mistakes=(
            Mistake(
                lambda w, rate: descended(w, rate, staged=True),
                "These are the numbers that articles print: w1 … w4 went back through w5 … w8 that "
                "had moved already. A gradient belongs to one point: find all eight first.",
            ),
            Mistake(lambda w, rate: descended(w, -rate), "You walk uphill: it is w − rate·dE/dw."),
            Mistake(
                lambda w, rate: grad(error)(w),
                "These are the gradients. Asked are the new weights.",
            ),
        ),
    ),
)
