"""Optimisers: each is one update rule, in plain operators, so that it serves a float and an array.

Next: ``training.py``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .value import Value


class Optimiser:
    """Steps parameters against their gradients; a subclass gives the rule, ``update``.

    ``update(parameter, gradient, state)`` returns the new parameter; ``state`` is a dict of its
    own per parameter (or one for a whole flat vector), which starts empty.
    """

    def __init__(self, parameters: Iterable[Value], learning_rate: float) -> None:
        self.parameters = list(parameters)
        if not self.parameters:
            raise ValueError("An optimiser needs parameters; got none. Give model.parameters().")
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
