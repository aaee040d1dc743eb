"""Optimisers: what steps parameters against their gradients, and what walks a function downhill.

An ``Optimiser`` (``SGD``, ``Adam``) trains a model: it knows parameters and the gradients that
``backward()`` left on them. Each is one update rule, in plain operators, so that it serves a float
and a flat array alike.

A ``Minimiser`` (``GradientDescent``, ``Newton``) knows the function itself, as the textbook does:
it may ask for f elsewhere (a line search) and for second derivatives.

Next: ``training.py``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from .transforms import grad, hessian, vjp
from .value import Value


class Optimiser:
    """Steps parameters against their gradients; a subclass gives the rule, ``update``.

    ``update(parameter, gradient, state)`` returns the new parameter; ``state`` is a dict of its
    own per parameter (or one for a whole flat vector), which starts empty.
    """

    def __init__(self, parameters: Iterable[Value], learning_rate: float = 0.01) -> None:
        if not isinstance(parameters, Iterable):
            raise TypeError(
                f"An optimiser takes a list of parameters, model.parameters(); got {parameters!r}."
            )
        found = list(parameters)
        if not found:
            raise ValueError("An optimiser needs parameters; got none. Give model.parameters().")
        for x in found:
            if not isinstance(x, Value) or x.op is not None:
                raise TypeError(
                    f"An optimiser moves Values that were not computed from others; got {x!r}."
                )
        self.parameters = list(dict.fromkeys(found))  # one that is shared moves once
        if not learning_rate > 0.0:
            raise ValueError(f"learning_rate is positive; got {learning_rate!r}.")
        self.learning_rate = learning_rate
        self._states: list[dict[str, Any]] = [{} for _ in self.parameters]

    def update(self, parameter: Any, gradient: Any, state: dict[str, Any]) -> Any:
        """The parameter after one step; a float gives a float, an array an array."""
        raise NotImplementedError

    def step(self) -> None:
        """Move every parameter once, by its ``grad``."""
        update = self.update
        for parameter, state in zip(self.parameters, self._states, strict=True):
            parameter.data = update(parameter._data, parameter.grad, state)

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to 0."""
        for parameter in self.parameters:
            parameter.grad = 0.0


class SGD(Optimiser):
    """Gradient descent with momentum, as PyTorch defines it: v ← µ·v + g, w ← w − η·v.

    >>> w = Value(1.0)
    >>> optimiser = SGD([w], learning_rate=0.1)
    >>> (w * w).backward(); optimiser.step(); w.data
    0.8
    """

    def __init__(
        self, parameters: Iterable[Value], learning_rate: float = 0.01, momentum: float = 0.0
    ) -> None:
        super().__init__(parameters, learning_rate)
        if not 0.0 <= momentum < 1.0:
            raise ValueError(f"momentum lies from 0 to below 1; got {momentum!r}.")
        self.momentum = momentum

    def update(self, parameter: Any, gradient: Any, state: dict[str, Any]) -> Any:
        if self.momentum:
            gradient = self.momentum * state.get("velocity", 0.0) + gradient
            state["velocity"] = gradient
        return parameter - self.learning_rate * gradient


class Adam(Optimiser):
    """Steps of about the learning rate, whatever the size of the gradients (Kingma, Ba, 2015).

    >>> w = Value(1.0)
    >>> optimiser = Adam([w], learning_rate=0.1)
    >>> (1000 * w).backward(); optimiser.step(); round(w.data, 9)
    0.9
    """

    def __init__(
        self,
        parameters: Iterable[Value],
        learning_rate: float = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        epsilon: float = 1e-8,
    ) -> None:
        super().__init__(parameters, learning_rate)
        if not all(0.0 <= beta < 1.0 for beta in betas):
            raise ValueError(f"betas are two numbers from 0 to below 1; got {betas!r}.")
        self.betas, self.epsilon = betas, epsilon

    def update(self, parameter: Any, gradient: Any, state: dict[str, Any]) -> Any:
        b1, b2 = self.betas
        state["step"] = t = state.get("step", 0) + 1
        state["mean"] = m = b1 * state.get("mean", 0.0) + (1 - b1) * gradient
        state["square"] = v = b2 * state.get("square", 0.0) + (1 - b2) * gradient * gradient
        spread = (v / (1 - b2**t)) ** 0.5 + self.epsilon
        return parameter - self.learning_rate * (m / (1 - b1**t)) / spread


# --- minimisers of a function ---------------------------------------------------------------------

DESCENT = 1e-4  # of the descent that the slope promises, a step has to give this part (Armijo)
SHRINK = 0.5


class Minimiser:
    """Walks a function of a number or a vector downhill; a subclass gives ``step``.

    f is plain, as ``grad`` takes it. A point counts as flat where the gradient is no longer than
    ``tolerance``.
    """

    def __init__(self, f: Callable[[Any], Any], tolerance: float = 1e-8) -> None:
        if not tolerance >= 0.0:
            raise ValueError(f"tolerance is a length, 0 or more; got {tolerance!r}.")
        self.f, self.tolerance = f, tolerance

    def step(self, x: Any, slope: Any) -> Any:
        """The point after x, where the gradient is ``slope``."""
        raise NotImplementedError

    def path(self, start: Any) -> Iterator[Any]:
        """The points from ``start`` on, until one is flat or no step leads further."""
        x = float(start) if np.ndim(start) == 0 else np.array(start, dtype=float)
        slope_at = grad(self.f)
        while True:
            yield x
            slope = slope_at(x)
            with np.errstate(over="ignore"):
                length = np.linalg.norm(slope)
            if length <= self.tolerance:
                return
            if not length < math.inf:
                raise ArithmeticError(
                    f"{type(self).__name__} came to {x}, where the length of the gradient is "
                    f"{length}: f falls without end, or has no slope there. Start elsewhere."
                )
            before, x = x, self.step(x, slope)
            if np.array_equal(before, x):
                return

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

    def path(self, start: Any) -> Iterator[Any]:
        self.step_size = SHRINK
        return super().path(start)

    def step(self, x: Any, slope: Any) -> Any:
        here = self._value(x)
        descent = float(np.dot(slope, slope))
        self.step_size /= SHRINK
        while True:
            there = x - self.step_size * slope
            if np.array_equal(there, x):
                return x
            if self._value(there) < here - DESCENT * self.step_size * descent:
                return there
            self.step_size *= SHRINK

    def _value(self, x: Any) -> float:
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

    def step(self, x: Any, slope: Any) -> Any:
        curvature = hessian(self.f)(x)
        try:
            if isinstance(x, float):
                return x - slope / curvature
            return x - np.linalg.solve(curvature, slope)
        except (ZeroDivisionError, np.linalg.LinAlgError):
            raise ArithmeticError(
                f"Newton's method has no next step from {x}: the Hessian there has no inverse. "
                f"Start elsewhere, or use GradientDescent."
            ) from None
