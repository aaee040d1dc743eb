"""What textbooks write for the error of a last layer, as a comment where a program computes it.

For cross-entropy that is ``ŷ − y``, a sigmoid or a softmax less the target. The program computes it
in another way: a difference of two numbers near 1 has lost the digits of a network that is sure of
itself. So the claim stands beside the line:

    delta2 = v2 / n * a2 - t / n * v5  # (n,): (sigmoid(z2) - t) / n

Whether it holds is found out by running the lines on random numbers. All that lies between z and
the loss is analytic in z (``SMOOTH``), and two such functions that agree around a point are one.

What is glossed over: targets that are no inputs, but numbers in the graph; rows of targets that do
not sum to 1.

Next: ``source.py``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ... import ops
from ..arrays.instructions import LARGEST, WHERE, Array, Map, Numbers, Reduce, Shape

#: Analytic operations. The largest number is held, and what it is taken from does not depend on it.
SMOOTH = frozenset({
    ops.add, ops.sub, ops.mul, ops.div, ops.neg, ops.reciprocal, ops.square, ops.exp, ops.expm1,
    ops.exp_difference, ops.log, ops.log1p, ops.logaddexp, ops.share, ops.sigmoid, ops.log_sigmoid,
    ops.softplus, ops.sech, ops.tanh, ops.sum, ops.mean, ops.logsumexp, LARGEST,
})  # fmt: skip

#: How many samples a batch has in the two trials.
SIZES = (5, 7)

#: What stands in the names of a function after it has run on these arguments.
Run = Callable[[Mapping[str, Numbers]], Mapping[str, Any]]


class Guess(NamedTuple):
    """One kind of ``ŷ − y``: as text, for which shapes of z and of y, random y, the difference."""

    written: str
    fits: Callable[[Shape, Shape], bool]
    targets: Callable[[np.random.Generator, Shape, int], Numbers]  # the last: how many classes
    difference: Callable[[Any, Any], Any]


def _softmax(z: Any) -> Any:
    powers = np.exp(z)
    return powers / powers.sum(0)


def _rows(rng: np.random.Generator, shape: Shape, classes: int) -> Numbers:
    rows = rng.exponential(size=shape)
    rows /= rows.sum(-1, keepdims=True)
    return rows


def _one_hot(y: Any, classes: int) -> Any:
    return np.equal.outer(np.arange(classes), y)


GUESSES = [
    Guess(
        "sigmoid({}) - {}", lambda z, y: z == y,
        lambda rng, shape, k: rng.uniform(size=shape), lambda z, y: 1.0 / (1.0 + np.exp(-z)) - y,
    ),
    Guess(
        "softmax({}) - {}", lambda z, y: z == y and len(z) == 1,
        _rows, lambda z, y: _softmax(z) - y,
    ),
    Guess(
        "softmax({}) - {}.T", lambda z, y: z == y[::-1] and len(z) == 2,
        _rows, lambda z, y: _softmax(z) - y.T,
    ),
    Guess(
        "softmax({}) - one_hot({})", lambda z, y: z[1:] == y and len(z) > 0,
        lambda rng, shape, k: 1.0 * rng.integers(k, size=shape),
        lambda z, y: _softmax(z) - _one_hot(y, len(z)),
    ),
]  # fmt: skip


class Error(NamedTuple):
    """A weighted input, the derivative by it, and the shape of a sample's: names in a function."""

    z: str
    delta: str
    shape: Shape


def smooth_below(order: Sequence[Array], readers: Mapping[Array, Sequence[Array]]) -> set[Array]:
    """The instructions in which the last one is analytic; ``order`` has what leads to it."""
    on_the_way, smooth = set(order), set[Array]()
    for x in reversed(order):
        above = [y for y in readers[x] if y in on_the_way]
        if all(y in smooth and _is_analytic(y, x) for y in above):
            smooth.add(x)
    return smooth


def _is_analytic(y: Array, x: Array) -> bool:
    """Whether y is an analytic function of its operand x."""
    if isinstance(y, Map) and y.op is WHERE:
        return y.operands[0] is not x
    return not isinstance(y, Map | Reduce) or y.op in SMOOTH


def claims(
    run: Run, errors: Iterable[Error], arguments: Mapping[str, Numbers], batch: bool
) -> dict[str, str]:
    """``ŷ − y`` for each error that is a multiple of it, by the error's name.

    The arguments have the shapes that the program's have; of a batch they are one sample.

    >>> def run(given):
    ...     z, t = given["p"], given["t"]
    ...     return {"z1": z, "t": t, "delta1": 2.0 / (1.0 + np.exp(-z)) - 2.0 * t}
    >>> shapes = {"p": np.zeros(3), "t": np.zeros(3)}
    >>> claims(run, [Error("z1", "delta1", (3,))], shapes, batch=False)
    {'delta1': '2 * (sigmoid(z1) - t)'}
    """
    found = {}
    for error in errors:
        for y, numbers in arguments.items():
            own = numbers.shape[1:] if batch else numbers.shape
            for guess in GUESSES:
                if y != "p" and guess.fits(error.shape, own):
                    factor = _factor(guess, run, error, y, arguments, batch)
                    if factor is not None:
                        found[error.delta] = factor.replace("…", guess.written.format(error.z, y))
    return found


def _factor(
    guess: Guess, run: Run, error: Error, y: str, arguments: Mapping[str, Numbers], batch: bool
) -> str | None:
    """What the error is of the difference, ``(…) / n``, if it is a multiple in both trials."""
    rng, factors = np.random.default_rng(0), []
    for n in SIZES:
        shapes = {
            name: (n, *x.shape[1:]) if batch and name != "p" else x.shape
            for name, x in arguments.items()
        }
        given: dict[str, Numbers] = {name: rng.normal(size=shape) for name, shape in shapes.items()}
        given[y] = guess.targets(rng, shapes[y], *error.shape[:1] or (1,))
        try:
            with np.errstate(all="ignore"):
                names = run(given)
                difference = guess.difference(names[error.z], names[y])
                factor = float(
                    np.vdot(names[error.delta], difference) / np.vdot(difference, difference)
                )
        except (ArithmeticError, ValueError):  # the loss has no answer there
            return None
        size = np.abs(factor * difference).max()
        if not (factor and np.abs(names[error.delta] - factor * difference).max() <= 1e-9 * size):
            return None
        factors.append(factor)
    return _written(factors)


def _written(factors: Sequence[float]) -> str | None:
    """The factors of the two trials around ``…``.

    >>> [_written(factors) for factors in ([1, 1], [1 / 5, 1 / 7], [2 / 15, 2 / 21], [1, 2])]
    ['…', '(…) / n', '0.666667 * (…) / n', None]
    """
    one, other = factors
    by_samples = [factor * n for factor, n in zip(factors, SIZES, strict=True)]
    if math.isclose(one, other):
        factor, over = one, ""
    elif math.isclose(*by_samples):
        factor, over = by_samples[0], " / n"
    else:
        return None
    if math.isclose(factor, 1.0):
        return f"(…){over}" if over else "…"
    return f"{factor:.6g} * (…){over}"
