"""Small problems in the plane to try a network on: moons, circles, spirals, XOR.

Each function gives ``X``, an array of points of shape ``(n, 2)``, and ``y``, an array of ``n``
labels, in shuffled order. Two classes are labelled −1 and 1, as the hinge loss wants them; spirals,
of which there may be many, 0, 1, 2, …, as cross-entropy does. The same seed gives the same points.

Next: ``diagnostics.py``.
"""

from __future__ import annotations

from numbers import Integral
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Points: TypeAlias = NDArray[np.float64]
Labels: TypeAlias = NDArray[np.float64] | NDArray[np.int64]
Dataset: TypeAlias = tuple[Points, Labels]


def moons(n: int = 100, noise: float = 0.1, seed: int = 0) -> Dataset:
    """Two half circles, hooked into each other; labels −1 (above) and 1 (below).

    Raises ``ValueError`` for fewer than two points, and for a noise (its standard deviation) that
    is negative or not finite.

    >>> X, y = moons(100)
    >>> X.shape, sorted(set(y.tolist())), int(sum(y))
    ((100, 2), [-1.0, 1.0], 0)
    """
    above, below = (np.linspace(0.0, np.pi, size) for size in _sizes(n, 2))
    upper = np.column_stack([np.cos(above), np.sin(above)])
    lower = np.column_stack([1.0 - np.cos(below), 0.5 - np.sin(below)])
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
    outer, inner = (
        radius * _on_circle(np.linspace(0.0, 2.0 * np.pi, size, endpoint=False))
        for radius, size in zip([1.0, ratio], _sizes(n, 2), strict=True)
    )
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
    if not np.isfinite(turns):
        raise ValueError(f"turns is a finite number of times around; got {turns!r}.")
    arms = []
    for arm, size in enumerate(_sizes(n, classes)):
        along = np.linspace(0.05, 1.0, size)
        angle = 2.0 * np.pi * (turns * along + arm / classes)
        arms.append(along[:, np.newaxis] * _on_circle(angle))
    return _finish(arms, list(range(classes)), noise, seed)


def xor(n: int = 100, noise: float = 0.2, seed: int = 0) -> Dataset:
    """A cloud at each corner (±1, ±1): label 1 where the signs differ, −1 where they agree.

    Raises ``ValueError`` as ``moons`` does, and for fewer than four points.

    >>> X, y = xor(40, noise=0.0)
    >>> sorted({(*point, label) for point, label in zip(X.tolist(), y.tolist())})
    [(-1.0, -1.0, -1.0), (-1.0, 1.0, 1.0), (1.0, -1.0, 1.0), (1.0, 1.0, -1.0)]
    """
    corners = np.array([(-1.0, -1.0), (-1.0, 1.0), (1.0, 1.0), (1.0, -1.0)])
    clouds = [
        np.tile(corner, (size, 1)) for corner, size in zip(corners, _sizes(n, 4), strict=True)
    ]
    return _finish(clouds, [-1.0, 1.0, -1.0, 1.0], noise, seed)


def _sizes(n: int, parts: int) -> list[int]:
    """``n`` points over ``parts`` parts, as evenly as whole numbers allow."""
    if not isinstance(n, Integral) or n < parts:
        raise ValueError(f"n is the number of points, {parts} or more; got {n!r}.")
    return [n // parts + (part < n % parts) for part in range(parts)]


def _on_circle(angle: Points) -> Points:
    return np.column_stack([np.cos(angle), np.sin(angle)])


def _finish(
    parts: list[Points], labels: list[float] | list[int], noise: float, seed: int
) -> Dataset:
    """All parts with their labels as one set: noise added, order shuffled."""
    if not 0.0 <= noise < np.inf:
        raise ValueError(f"noise is a standard deviation, finite and 0 or more; got {noise!r}.")
    random = np.random.default_rng(seed)
    X = np.concatenate(parts)
    y = np.repeat(np.array(labels), [len(part) for part in parts])
    order = random.permutation(len(X))
    return (X + noise * random.standard_normal(X.shape))[order], y[order]
