"""Minimisers: what walks a function downhill, a step at a time, to where it is flat.

A ``Minimiser`` (``GradientDescent``, ``Newton``) knows the function itself, as the textbook does:
it may ask for f elsewhere (a line search) and for second derivatives.

Next: ``training.py``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from operator import mul
from typing import Any, overload

from .engine.arrays import has_numpy, is_array, np
from .engine.calls import name_of
from .engine.inputs import REAL, is_many
from .functions.recording import Recording
from .signatures import FloatSequence, NumberFunction, Point, Vector
from .transforms import grad, hessian, vjp

DESCENT = 1e-4  # of the descent that the slope promises, a step has to give this part (Armijo)
SHRINK = 0.5


class Minimiser:
    """Walks a function of a number or a vector downhill; a subclass gives ``step``.

    f is plain, as ``grad`` takes it, of a number or an array; where NumPy is not, of a number or
    a list of them, and so are the points. A point counts as flat where the gradient is no longer
    than ``tolerance``. Raises ``ValueError`` where f does not depend on its argument.

    >>> class Halfway(Minimiser):
    ...     def step(self, x, slope):
    ...         return x - 0.25 * slope
    >>> list(Halfway(lambda x: (x - 3) ** 2, tolerance=0.5).path(1.0))
    [1.0, 2.0, 2.5, 2.75]
    """

    def __init__(self, f: NumberFunction, tolerance: float = 1e-8) -> None:
        if not tolerance >= 0.0:
            raise ValueError(f"tolerance is a length, 0 or more; got {tolerance!r}.")
        self.f, self.tolerance = f, tolerance

    def __repr__(self) -> str:
        return f"{type(self).__name__}({name_of(self.f)}, tolerance={self.tolerance:g})"

    def step(self, x: Point, slope: Point) -> Point:
        """The point after x, where the gradient is ``slope``."""
        raise NotImplementedError

    def restart(self) -> None:
        """Forget the steps of the path before: a new one begins."""

    @overload
    def path(self, start: float) -> Iterator[float]: ...
    @overload
    def path(self, start: FloatSequence) -> Iterator[Vector]: ...
    def path(self, start: Any) -> Iterator[Any]:
        """The points from ``start`` on, until one is flat or no step leads further."""
        x = _point(start)
        self.restart()
        slope_at = grad(self.f)
        while True:
            yield x
            slope = slope_at(x)
            length = math.sqrt(_dot(slope, slope))
            if length == 0.0:
                self._ask_whether_f_depends(x)
            if length <= self.tolerance:
                return
            if not length < math.inf:
                raise ArithmeticError(
                    f"{type(self).__name__} came to {x}, where the length of the gradient is "
                    f"{length}: f falls without end, or has no slope there. Start elsewhere."
                )
            before, x = x, self.step(x, slope)
            if _same(before, x):
                return

    def _ask_whether_f_depends(self, x: Point) -> None:
        """``ValueError`` where the gradient is 0 because f knows nothing of x."""
        call = Recording(self.f, (x,), 0)
        if call.leaves and not call.depends:
            raise ValueError(
                f"{type(self).__name__} cannot minimise {name_of(self.f)}: f does not depend on "
                f"its argument at {x}. The usual reason is a model that f builds again, with new "
                f"parameters, or reads from elsewhere; f has to compute with the numbers it is "
                f"given."
            )

    @overload
    def minimise(self, start: float, max_steps: int = ...) -> float: ...
    @overload
    def minimise(self, start: FloatSequence, max_steps: int = ...) -> Vector: ...
    def minimise(self, start: Any, max_steps: int = 1000) -> Any:
        """The last point of the path. Raises ``ArithmeticError`` if it has not ended by then."""
        x = start
        for step, x in enumerate(self.path(start)):
            if step > max_steps:
                raise ArithmeticError(
                    f"{type(self).__name__} is near {x} after {max_steps} steps, and not yet "
                    f"where it is flat. Allow more max_steps, a larger tolerance, or start "
                    f"elsewhere."
                )
        return x


class GradientDescent(Minimiser):
    """Steepest descent: along −∇f, with a step halved until f falls enough (Armijo's rule).

    Every step tries the double of the last one first. Where f is undefined it does not fall.

    >>> path = GradientDescent(lambda x: (x - 3) ** 2).path(0.0)
    >>> list(path)
    [0.0, 3.0]
    """

    def restart(self) -> None:
        self.step_size = SHRINK

    def step(self, x: Point, slope: Point) -> Point:
        here = self._value(x)
        descent = _dot(slope, slope)
        self.step_size /= SHRINK
        while True:
            there: Point = _moved(x, self.step_size, slope)
            if _same(there, x):
                return x
            if self._value(there) < here - DESCENT * self.step_size * descent:
                return there
            self.step_size *= SHRINK

    def _value(self, x: Point) -> float:
        try:
            return float(vjp(self.f, x)[0])
        except (ArithmeticError, ValueError):
            return math.inf


class Newton(Minimiser):
    """Newton's method: x ← x − H⁻¹∇f, which doubles the right digits with each step near its end.

    It looks for a flat point, and a saddle is one. Raises ``ArithmeticError`` where the Hessian
    has no inverse.

    >>> path = Newton(lambda x: x ** 4 - 2 * x ** 2).path(2.0)
    >>> [next(path) for _ in range(5)]
    [2.0, 1.4545454545454546, 1.1510467893775467, 1.0253259289766978, 1.0009084519430513]
    """

    def step(self, x: Point, slope: Point) -> Point:
        curvature = hessian(self.f)(x)
        try:
            move = _solved(curvature, slope)
        except (ZeroDivisionError, ValueError):  # as which NumPy's LinAlgError counts
            raise ArithmeticError(
                f"Newton's method has no next step from {x}: the Hessian there has no inverse. "
                f"Start elsewhere, or use GradientDescent."
            ) from None
        there: Point = _moved(x, 1.0, move)
        return there


# --- points: numbers, arrays, or lists where NumPy is not -----------------------------------------


def _point(start: Any) -> Any:
    """A number, an array or a list, from what was given for one."""
    if isinstance(start, dict):
        raise TypeError(
            "A minimiser walks through numbers and arrays; got a dict. Give one array, and let f "
            "cut it into parts."
        )
    if isinstance(start, REAL):
        return float(start)
    if has_numpy():
        return float(start) if np.ndim(start) == 0 else np.array(start, dtype=float)
    if any(map(is_many, start)):
        raise TypeError(
            "Without NumPy a minimiser walks through numbers and lists of numbers; got a list of "
            "lists. Give one list, and let f cut it into parts."
        )
    return [*map(float, start)]


def _same(x: Any, y: Any) -> bool:
    return np.array_equal(x, y) if is_array(x) else bool(x == y)


def _dot(x: Any, y: Any) -> float:
    if isinstance(x, list):
        return float(sum(map(mul, x, y)))
    return float(np.vdot(x, y) if is_array(x) else x * y)


def _moved(x: Any, size: float, along: Any) -> Any:
    if isinstance(x, list):
        return [a - size * b for a, b in zip(x, along, strict=True)]
    return x - size * along


def _solved(matrix: Any, right: Any) -> Any:
    """The x of matrix · x = right: of numbers, of arrays of any axes, of lists."""
    if is_array(right):
        square = np.reshape(matrix, (right.size, right.size))
        return np.linalg.solve(square, np.ravel(right)).reshape(right.shape)
    return _eliminated(matrix, right) if isinstance(right, list) else right / matrix


def _eliminated(matrix: list[list[float]], right: list[float]) -> list[float]:
    """By Gauss's elimination, each time with the largest pivot of the column.

    >>> _eliminated([[0.0, 2.0], [4.0, 1.0]], [6.0, 7.0])
    [1.0, 3.0]
    """
    n = len(right)
    rows = [[*row, y] for row, y in zip(matrix, right, strict=True)]
    for k in range(n):
        rows[k:] = sorted(rows[k:], key=lambda row: -abs(row[k]))
        pivot = rows[k]
        for row in rows[k + 1 :]:
            row[:] = _moved(row, row[k] / pivot[k], pivot)
    found = [0.0] * n
    for k in reversed(range(n)):
        found[k] = (rows[k][n] - _dot(rows[k][:n], found)) / rows[k][k]
    return found
