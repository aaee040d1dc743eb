"""Optimisers: what steps parameters against their gradients.

An ``Optimiser`` (``SGD``, ``Adam``) trains a model: it knows parameters and the gradients that
``backward()`` left on them. Each is one update rule, in plain operators, so that it serves a float
and a flat array alike. The minimisers of functions are found here too.

Next: ``minimise.py``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TypeVar

from .minimise import GradientDescent, Minimiser, Newton
from .value import Value

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["SGD", "Adam", "GradientDescent", "Minimiser", "Newton", "Optimiser"]

#: A parameter of the eager engine, or the flat vector of them all in a compiled program.
T = TypeVar("T", float, "NDArray[np.float64]")


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

    def update(self, parameter: T, gradient: T, state: dict[str, Any]) -> T:
        """The parameter after one step; a float gives a float, an array an array."""
        raise NotImplementedError

    def step(self) -> None:
        """Move every parameter once, by its ``grad``."""
        update = self.update
        for parameter, state in zip(self.parameters, self._states, strict=True):
            parameter.data = update(parameter.data, parameter.grad, state)

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

    def update(self, parameter: T, gradient: T, state: dict[str, Any]) -> T:
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

    def update(self, parameter: T, gradient: T, state: dict[str, Any]) -> T:
        b1, b2 = self.betas
        t: int = state.get("step", 0) + 1
        m: T = b1 * state.get("mean", 0.0) + (1 - b1) * gradient
        v: T = b2 * state.get("square", 0.0) + (1 - b2) * gradient * gradient
        state.update(step=t, mean=m, square=v)
        spread: T = (v / (1 - b2**t)) ** 0.5 + self.epsilon
        return parameter - self.learning_rate * (m / (1 - b1**t)) / spread
