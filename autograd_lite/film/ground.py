"""What a model says, frame by frame: of every point of the plane, or along a line.

The model runs as a compiled program, for all points at once.

Next: ``inside.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..compiler import compile
from ..signatures import Vector
from ..value import Value

SIDE = 40  # points of the plane along each axis
ALONG = 96  # points of the line
MARGIN = 0.12  # around the samples, of the larger extent

#: A score is shown as one of so many steps to either side of the boundary.
STEPS = 127


class Plane(NamedTuple):
    """Scores over a square, one row after the other from below, for each frame."""

    low: tuple[float, float]
    size: float
    side: int
    cells: NDArray[np.int8]  # (frames, side · side): a score, or the number of a class
    classes: int  # 0: scores, whose sign decides


class Line(NamedTuple):
    """A curve over a stretch, for each frame."""

    low: float
    size: float
    values: NDArray[np.float32]  # (frames, ALONG)


class Refused(ValueError):
    """Why there is nothing to be seen; the message says it."""


def ground_of(
    model: Callable[[Any], Any],
    X: Sequence[Any],
    parameters: Sequence[Value],
    vectors: Sequence[Vector],
    side: int = SIDE,
) -> Plane | Line:
    """What the model says of the plane or of the line; raises ``Refused`` for other samples."""
    points = _points(X)
    width = points.shape[1]
    if width not in (1, 2):
        raise Refused(f"The samples have {width} inputs; a picture has room for one or two.")
    low, high = points.min(axis=0), points.max(axis=0)
    room = MARGIN * (float((high - low).max()) or 1.0)
    size = float((high - low).max()) + 2.0 * room
    low = (low + high) / 2.0 - size / 2.0
    if width == 1:
        grid = np.linspace(low[0], low[0] + size, ALONG)[:, None]
    else:
        axes = [start + size * (np.arange(side) + 0.5) / side for start in low]
        grid = np.stack([axis.ravel() for axis in np.meshgrid(*axes)], axis=1)
    scores = _scores(model, grid, hasattr(X[0], "__len__"), parameters, vectors)
    if width == 1:
        return Line(float(low[0]), size, scores[:, :, 0].astype(np.float32))
    corner = float(low[0]), float(low[1])
    if scores.shape[2] > 1:
        cells = scores.argmax(axis=2).astype(np.int8)
        return Plane(corner, size, side, cells, scores.shape[2])
    return Plane(corner, size, side, _steps(scores[:, :, 0]), 0)


def _points(X: Sequence[Any]) -> NDArray[np.float64]:
    try:
        points = np.array([row if hasattr(row, "__len__") else [row] for row in X], dtype=float)
    except (TypeError, ValueError):
        raise Refused("The samples are no rows of numbers of one length.") from None
    if points.ndim != 2:
        raise Refused(f"The samples have {points.ndim - 1} axes; a picture has room for a row.")
    return points


def _scores(
    model: Callable[[Any], Any],
    grid: NDArray[np.float64],
    in_rows: bool,
    parameters: Sequence[Value],
    vectors: Sequence[Vector],
) -> NDArray[np.float64]:
    """The outputs, of shape (frames, points, outputs)."""
    given = grid if in_rows else grid[:, 0]
    try:
        program: Any = compile(model, inputs=[given], batch="each")
        place = {parameter: k for k, parameter in enumerate(parameters)}
        chosen = [place[parameter] for parameter in program.parameters]
        with np.errstate(all="ignore"):
            found = [program.value(vector[chosen], given) for vector in vectors]
    except (ArithmeticError, KeyError, TypeError, ValueError) as problem:
        raise Refused(f"What the model says of other points is not known: {problem}") from None
    return np.array(found, dtype=float).reshape(len(vectors), len(grid), -1)


def _steps(scores: NDArray[np.float64]) -> NDArray[np.int8]:
    """Scores as steps from the boundary: 0, or a half where all are probabilities."""
    finite = np.nan_to_num(scores, posinf=1e300, neginf=-1e300)
    middle = 0.5 if finite.min() >= 0.0 and finite.max() <= 1.0 else 0.0
    apart = np.abs(finite - middle)
    most = max(float(np.quantile(apart, 0.8)), 1e-9)
    signed = np.clip((finite - middle) / most, -1.0, 1.0) * STEPS
    return np.where(signed < 0.0, np.floor(signed), np.ceil(signed)).astype(np.int8)
