"""Exercises on structure: a weight that is used at every step, gates, a shared kernel, a mask.

Next: ``programs.py``.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from math import exp, tanh
from operator import mul

from .. import derived, ops
from ..transforms import grad
from ..value import Value
from .judge import Case, Exercise, Mistake
from .numbers import numbers

# --- along a sequence -----------------------------------------------------------------------------


def weights_and_sequences(rng: random.Random) -> Iterator[Case]:
    """w, and the inputs of one step, two, three and more."""
    for steps in (1, 2, 3, 3, 5, 8):
        xs = [round(rng.uniform(-1, 1), 1) for _ in range(steps)]
        yield Case((round(rng.uniform(-1.5, 1.5), 1) or 0.5, xs))


def last_state(w: Value, xs: Sequence[float]) -> Value:
    """The last h of h = tanh(w·h + x), which begins at 0."""
    h = 0.0 * w
    for x in xs:
        h = ops.tanh(w * h + x)
    return h


def back_through_time(w: float, xs: Sequence[float], forget: str = "") -> float:
    """dh/dw by hand, with something forgotten."""
    states = [0.0]
    for x in xs:
        states.append(tanh(w * states[-1] + x))
    delta, total = 1.0, 0.0
    for h, before in zip(states[:0:-1], states[-2::-1], strict=True):
        delta *= 1.0 if forget == "slopes" else 1.0 - h * h
        total += delta * (h if forget == "before" else before)
        if forget == "earlier":
            break
        delta *= 1.0 if forget == "w" else w
    return total


def sigma(z: float) -> float:
    return 1.0 / (1.0 + exp(-z))


def lstm(
    i: float, f: float, g: float, o: float, c: float,
    squeeze: Callable[[float], float] = tanh,
    candidate: Callable[[float], float] = tanh,
) -> tuple[float, float]:  # fmt: skip
    """h and c of one unit after a step, from the weighted inputs of its gates."""
    after = sigma(f) * c + sigma(i) * candidate(g)
    return sigma(o) * squeeze(after), after


# --- weights that are shared, numbers that are hidden ---------------------------------------------


def signals(rng: random.Random) -> Iterator[Case]:
    """A kernel, a signal, and the gradient by each output."""
    for kernel, length in ((1, 3), (2, 3), (3, 3), (3, 6), (2, 8)):

        def drawn(count: int) -> list[float]:
            return [round(rng.uniform(-2, 2), 1) for _ in range(count)]

        yield Case((drawn(kernel), drawn(length), drawn(length - kernel + 1)))


def convolved(w: Sequence[Value], x: Sequence[float], dy: Sequence[float]) -> Value:
    """Σ dy[i]·y[i] for y[i] = Σ w[k]·x[i + k], whose gradient by w is asked for."""
    rows = [ops.dot(w, x[i : i + len(w)]) for i in range(len(dy))]
    return ops.dot(rows, dy)


def kernel_gradient(w: Sequence[float], x: Sequence[float], dy: Sequence[float]) -> list[float]:
    return list(grad(lambda w: convolved(w, x, dy))(w))


def scores_and_masks(rng: random.Random) -> Iterator[Case]:
    """Scores, some of which are hidden, never all."""
    yield Case(([1.0, 2.0], [True, False]))
    yield Case(([0.0, 0.0, 0.0], [True, True, False]))
    yield Case(([-3.0, -2.0, 5.0], [True, True, False]))
    for count in (3, 4, 5, 6):
        mask = [rng.random() < 0.6 for _ in range(count)]
        mask[rng.randrange(count)] = True
        mask[mask.index(True) - 1] = False
        yield Case(([round(rng.uniform(-3, 3), 1) for _ in range(count)], mask))


def masked(scores: Sequence[float], mask: Sequence[bool]) -> list[float]:
    """The softmax of those that are shown; 0 for the others."""
    shown = iter(derived.softmax([s for s, m in zip(scores, mask, strict=True) if m]))
    return [next(shown) if m else 0.0 for m in mask]


EXERCISES = (
    Exercise(
        "through_time",
        "through_time",
        weights_and_sequences,
        lambda w, xs: grad(last_state)(w, xs),
        hints=(
            "Forward: keep every h, the first is 0. Backward: begin with δ = 1 at the last h.",
            "At each step from the last: δ *= 1 − h², then add δ · (the h before), then δ *= w.",
            "The answer is the sum of what each step adds. At the first step that is 0: h₀ = 0.",
        ),
        mistakes=(
            Mistake(
                partial(back_through_time, forget="earlier"),
                "This is the share of the last step alone. w was used at every step before, too: "
                "go on with δ·w.",
            ),
            Mistake(
                partial(back_through_time, forget="slopes"),
                "The slopes of tanh are missing: 1 − h².",
            ),
            Mistake(
                partial(back_through_time, forget="w"),
                "From one step to the one before leads the slope w. It is missing in δ.",
            ),
            Mistake(
                partial(back_through_time, forget="before"),
                "w is multiplied by the h of the step before, not by that which it makes.",
            ),
        ),
    ),
    Exercise(
        "lstm_step",
        "lstm_step",
        numbers(5),
        lstm,
        hints=(
            "First the new cell: c′ = σ(f)·c + σ(i)·tanh(g). Then h = σ(o)·tanh(c′).",
            "Three gates are squeezed by σ: i, f and o. g is no gate, and is squeezed by tanh.",
            "Return two numbers, h and c′, in this order.",
        ),
        mistakes=(
            Mistake(
                lambda i, f, g, o, c: lstm(f, i, g, o, c),
                "i and f are the wrong way round: f is how much of the old c is kept.",
            ),
            Mistake(
                partial(lstm, squeeze=lambda c: c),
                "h is σ(o)·tanh(c′): the tanh is missing.",
            ),
            Mistake(
                partial(lstm, candidate=sigma),
                "g is what is written, not a gate: tanh(g), not σ(g).",
            ),
            Mistake(lambda *z: lstm(*z)[::-1], "Both are right, but h comes first, then c′."),
        ),
    ),
    Exercise(
        "kernel_gradient",
        "kernel_gradient",
        signals,
        kernel_gradient,
        hints=(
            "w[k] is used in every y[i], each time by x[i + k]. Each use has a share.",
            "dL/dw[k] is the sum over i of dy[i] · x[i + k].",
        ),
        mistakes=(
            Mistake(
                lambda w, x, dy: [dy[0] * x[k] for k in range(len(w))],
                "This is the share of y[0] alone. w is used for every y: add up.",
            ),
            Mistake(
                lambda w, x, dy: kernel_gradient(w, x, dy)[::-1],
                "The numbers are right, but in reverse: w[k] meets x[i + k].",
            ),
            Mistake(
                lambda w, x, dy: [s / len(dy) for s in kernel_gradient(w, x, dy)],
                "You took the mean of the shares. A gradient is their sum.",
            ),
        ),
    ),
    Exercise(
        "masked_softmax",
        "masked_softmax",
        scores_and_masks,
        masked,
        hints=(
            "Those that are hidden get 0. The others have the sum 1 among themselves.",
            "A hidden score counts as −∞, whose exponential is 0. Then softmax as always.",
        ),
        mistakes=(
            Mistake(
                lambda scores, mask: derived.softmax([*map(mul, scores, mask)]),
                "You multiplied the scores by the mask. A score of 0 is not hidden: e⁰ is 1.",
            ),
            Mistake(
                lambda scores, mask: [*map(mul, derived.softmax(scores), mask)],
                "The hidden ones are 0, but they have taken their share: the sum is not 1 now.",
            ),
            Mistake(
                lambda scores, mask: derived.softmax(scores),
                "This is the softmax of all. Hide those whose mask is False.",
            ),
            Mistake(
                lambda scores, mask: masked(scores, [not m for m in mask]),
                "The mask is the wrong way round: True is shown.",
            ),
        ),
    ),
)
