"""Exercises on second derivatives: Newton's step, H·v, and a walk that rolls.

Next: ``structures.py``.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from .. import ops
from ..engine.arrays import np
from ..telling.text import number
from ..transforms import grad, hessian, hvp
from .descent import SLOPES
from .judge import Case, Exercise, Mistake

#: Functions of lists, and how many numbers these hold.
BENT: dict[str, tuple[Callable[[Any], Any], int]] = {
    "f(x) = 3·x0² + x0·x1 + x1² − 4·x0": (
        lambda x: 3 * x[0] ** 2 + x[0] * x[1] + x[1] ** 2 - 4 * x[0],
        2,
    ),
    "f(x) = (1 − x0)² + 10·(x1 − x0²)²": (
        lambda x: (1 - x[0]) ** 2 + 10 * (x[1] - x[0] ** 2) ** 2,
        2,
    ),
    "f(x) = exp(x0) + x0·x1·x2 + x1⁴ + x2²": (
        lambda x: ops.exp(x[0]) + x[0] * x[1] * x[2] + x[1] ** 4 + x[2] ** 2,
        3,
    ),
}


def places(call: str, of: int) -> Callable[[random.Random], Iterator[Case]]:
    """Functions, each with so many lists of numbers."""

    def drawn(rng: random.Random) -> Iterator[Case]:
        for said, (f, size) in BENT.items():
            for _ in range(2):
                lists = [[_far(rng) for _ in range(size)] for _ in range(of)]
                names = ", ".join(f"[{', '.join(map(number, one))}]" for one in lists)
                yield Case((f, *lists), said, call.format(names))

    return drawn


def _far(rng: random.Random) -> float:
    """A number that is not near 0."""
    return round(rng.choice((-1, 1)) * rng.uniform(0.5, 2.0), 1)


def newton(f: Callable[[Any], Any], x: Any, sign: float = 1.0, crossed: bool = True) -> Any:
    """The place after a step; uphill, or with the diagonal of the Hessian alone."""
    H, slope = hessian(f)(x), grad(f)(x)
    step = np.linalg.solve(H, slope) if crossed else slope / np.diag(H)
    return np.array(x) - sign * step


# --- a walk that rolls ----------------------------------------------------------------------------


def rolls(rng: random.Random) -> Iterator[Case]:
    for said, slope in SLOPES.items():
        for steps in (3, 5):
            w, mu = round(rng.uniform(-2, 2), 1) or 1.0, rng.choice((0.5, 0.9))
            yield Case(
                (slope, w, 0.1, mu, steps),
                said,
                f"momentum(slope, {number(w)}, 0.1, {mu}, {steps})",
            )


def rolled(
    slope: Callable[[float], float], w: float, rate: float, mu: float, steps: int,
    share: Callable[[float], float] = lambda mu: 1.0,
) -> list[float]:  # fmt: skip
    """The places of a walk; each slope counts by its share in the velocity."""
    walk, v = [w], 0.0
    for _ in range(steps):
        v = mu * v + share(mu) * slope(walk[-1])
        walk.append(walk[-1] - rate * v)
    return walk


EXERCISES = (
    Exercise(
        "newton_step",
        "newton_step",
        places("newton_step(f, {})", of=1),
        newton,
        hints=(
            "Newton's step s makes the slope of the parabola 0: ∇f + H·s = 0.",
            "np.linalg.solve(H, g) is H⁻¹·g. Take it off x.",
            "np.array(x) - np.linalg.solve(hessian(f)(x), grad(f)(x))",
        ),
        mistakes=(
            Mistake(partial(newton, sign=-1.0), "The step has the wrong sign: x − H⁻¹·∇f."),
            Mistake(
                partial(newton, crossed=False),
                "You divided each slope by its own curvature. Where inputs meet, the others count "
                "too: solve H·s = ∇f.",
            ),
            Mistake(
                lambda f, x: np.array(x) - newton(f, x),
                "This is the step H⁻¹·∇f. Asked is the place after it.",
            ),
            Mistake(
                lambda f, x: np.array(x) - grad(f)(x),
                "This is a step of gradient descent. Newton's asks the curvature how far to go.",
            ),
        ),
    ),
    Exercise(
        "hessian_times",
        "hessian_times",
        places("hessian_times(f, {})", of=2),
        lambda f, x, v: hvp(f)(x, v),
        hints=(
            "How does the gradient change if x moves a little along v?",
            "(∇f(x + h·v) − ∇f(x)) / h, with h = 1e-6. Or exactly:",
            "grad(lambda x: sum(g * a for g, a in zip(grad(f)(x), v)))(x)",
        ),
        mistakes=(
            Mistake(
                lambda f, x, v: np.diag(hessian(f)(x)) * v,
                "You multiplied entry by entry with the diagonal. H·v has a sum in each entry.",
            ),
            Mistake(
                lambda f, x, v: np.dot(v, hvp(f)(x, v)),
                "This is v·H·v, one number: the curvature along v. Asked is H·v.",
            ),
            Mistake(
                lambda f, x, v: np.dot(grad(f)(x), v),
                "This is ∇f·v, how f changes along v. Take its gradient, with v as it is.",
            ),
        ),
        tolerance=1e-4,
    ),
    Exercise(
        "momentum",
        "momentum",
        rolls,
        rolled,
        hints=(
            "Two numbers go along: the place w and the velocity v, which is 0 at first.",
            "v = mu * v + slope(w), then w = w - rate * v, then append w.",
        ),
        mistakes=(
            Mistake(
                lambda slope, w, rate, mu, steps: rolled(slope, w, rate, 0.0, steps),
                "This is the walk without momentum. Where is v carried from step to step?",
            ),
            Mistake(
                partial(rolled, share=lambda mu: 1.0 - mu),
                "You took the mean (1 − mu)·slope. Here the slope counts in full: mu·v + slope.",
            ),
            Mistake(
                lambda *args: rolled(*args)[1:],
                "All steps are right. But the list begins with w itself, the start.",
            ),
        ),
    ),
)
