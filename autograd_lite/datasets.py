"""Small problems in the plane to try a network on: moons, circles, spirals, XOR.

Each function gives ``X``, an array of points of shape ``(n, 2)``, and ``y``, an array of ``n``
labels, in shuffled order. Two classes are labelled −1 and 1, as the hinge loss wants them; spirals,
of which there may be many, 0, 1, 2, …, as cross-entropy does. The same seed gives the same points.
Where NumPy is not, ``X`` is a list of pairs and ``y`` a list; noise and order are then those of
Python's ``random``, and the points not the same as with NumPy.

Next: ``diagnostics.py``.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from numbers import Integral
from typing import TYPE_CHECKING, Any, TypeAlias

from .engine.arrays import has_numpy, np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Points: TypeAlias = "NDArray[np.float64]"
Labels: TypeAlias = "NDArray[np.float64] | NDArray[np.int64]"
Dataset: TypeAlias = "tuple[Points, Labels]"

#: A point at t, or the points at all of an array, by the functions of ``math`` or of NumPy.
Curve: TypeAlias = Callable[[Any, Any], tuple[Any, Any]]


def moons(n: int = 100, noise: float = 0.1, seed: int = 0) -> Dataset:
    """Two half circles, hooked into each other; labels −1 (above) and 1 (below).

    Raises ``ValueError`` for fewer than two points, and for a noise (its standard deviation) that
    is negative or not finite.

    >>> X, y = moons(100)
    >>> X.shape, sorted(set(y.tolist())), int(sum(y))
    ((100, 2), [-1.0, 1.0], 0)
    """
    above, below = _sizes(n, 2)
    upper = _points(_circle, 0.0, math.pi, above)
    lower = _points(lambda m, t: (1.0 - m.cos(t), 0.5 - m.sin(t)), 0.0, math.pi, below)
    return _finish([upper, lower], [-1.0, 1.0], noise, seed)


def circles(n: int = 100, noise: float = 0.05, seed: int = 0, ratio: float = 0.5) -> Dataset:
    """A circle of radius ``ratio`` (label 1) inside one of radius 1 (label −1).

    Raises ``ValueError`` as ``moons`` does, and for a ratio that is not between 0 and 1.

    >>> X, y = circles(60, noise=0.0)
    >>> sorted({round(float(r), 9) for r in np.hypot(*X[y == 1].T)})
    [0.5]
    """
    if not 0.0 < ratio < 1.0:
        raise ValueError(f"ratio is the inner radius, between 0 and 1; got {ratio!r}.")
    outside, inside = _sizes(n, 2)
    outer = _points(_circle, 0.0, 2.0 * math.pi, outside, endpoint=False)
    inner = _points(
        lambda m, t: (ratio * m.cos(t), ratio * m.sin(t)), 0.0, 2.0 * math.pi, inside,
        endpoint=False,
    )  # fmt: skip
    return _finish([outer, inner], [-1.0, 1.0], noise, seed)


def spirals(
    n: int = 150, noise: float = 0.02, seed: int = 0, classes: int = 3, turns: float = 0.75
) -> Dataset:
    """Spiral arms around the origin, ``turns`` long; labels 0, 1, …, ``classes − 1`` (integers).

    Raises ``ValueError`` as ``moons`` does, for fewer than two classes, and for infinite turns.

    >>> X, y = spirals(90, classes=3)
    >>> np.bincount(y).tolist()
    [30, 30, 30]
    """
    if not isinstance(classes, Integral) or classes < 2:
        raise ValueError(f"classes is the number of spirals, 2 or more; got {classes!r}.")
    if not math.isfinite(turns):
        raise ValueError(f"turns is a finite number of times around; got {turns!r}.")

    def at(arm: int) -> Curve:
        def spiral(m: Any, along: Any) -> tuple[Any, Any]:
            angle = 2.0 * math.pi * (turns * along + arm / classes)
            return along * m.cos(angle), along * m.sin(angle)

        return spiral

    arms = [_points(at(arm), 0.05, 1.0, size) for arm, size in enumerate(_sizes(n, classes))]
    return _finish(arms, list(range(classes)), noise, seed)


def xor(n: int = 100, noise: float = 0.2, seed: int = 0) -> Dataset:
    """A cloud at each corner (±1, ±1): label 1 where the signs differ, −1 where they agree.

    Raises ``ValueError`` as ``moons`` does, and for fewer than four points.

    >>> X, y = xor(40, noise=0.0)
    >>> sorted({(*point, label) for point, label in zip(X.tolist(), y.tolist())})
    [(-1.0, -1.0, -1.0), (-1.0, 1.0, 1.0), (1.0, -1.0, 1.0), (1.0, 1.0, -1.0)]
    """
    corners = [[-1.0, -1.0], [-1.0, 1.0], [1.0, 1.0], [1.0, -1.0]]
    clouds = [[corner] * size for corner, size in zip(corners, _sizes(n, 4), strict=True)]
    return _finish(clouds, [-1.0, 1.0, -1.0, 1.0], noise, seed)


def _sizes(n: int, parts: int) -> list[int]:
    """``n`` points over ``parts`` parts, as evenly as whole numbers allow."""
    if not isinstance(n, Integral) or n < parts:
        raise ValueError(f"n is the number of points, {parts} or more; got {n!r}.")
    return [n // parts + (part < n % parts) for part in range(parts)]


def _circle(m: Any, t: Any) -> tuple[Any, Any]:
    return m.cos(t), m.sin(t)


def _points(curve: Curve, start: float, stop: float, size: int, endpoint: bool = True) -> Any:
    """So many points of a curve, at even distances of its parameter."""
    if has_numpy():
        return np.column_stack(curve(np, np.linspace(start, stop, size, endpoint=endpoint)))
    step = (stop - start) / max(size - endpoint, 1)
    return [[*curve(math, start + k * step)] for k in range(size)]


def _finish(parts: Sequence[Any], labels: Sequence[float], noise: float, seed: int) -> Dataset:
    """All parts with their labels as one set: noise added, order shuffled."""
    if not 0.0 <= noise < math.inf:
        raise ValueError(f"noise is a standard deviation, finite and 0 or more; got {noise!r}.")
    return (_in_arrays if has_numpy() else _in_lists)(parts, labels, noise, seed)


def _in_arrays(parts: Sequence[Any], labels: Sequence[float], noise: float, seed: int) -> Dataset:
    numbers = np.random.default_rng(seed)
    X = np.concatenate(parts)
    y = np.repeat(np.array(labels), [len(part) for part in parts])
    order = numbers.permutation(len(X))
    return (X + noise * numbers.standard_normal(X.shape))[order], y[order]


def _in_lists(parts: Sequence[Any], labels: Sequence[float], noise: float, seed: int) -> Any:
    numbers = random.Random(seed)
    pairs = [(point, label) for part, label in zip(parts, labels, strict=True) for point in part]
    numbers.shuffle(pairs)
    X = [[x + noise * numbers.gauss(0.0, 1.0) for x in point] for point, _ in pairs]
    return X, [label for _, label in pairs]
