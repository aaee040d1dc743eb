"""``Training``: an optimiser's steps on the vector of a program, in which no Value is touched.

Next: ``numbers.py``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike

from ..signatures import Vector
from ..value import Value


class Updating(Protocol):
    """An optimiser: its ``update`` is written in plain operators, so it takes an array."""

    parameters: list[Value]

    def update(self, parameter: Vector, gradient: Vector, state: dict[str, Any]) -> Vector: ...

    # its memory as that of a flat vector, and back; what to say of gradients that are not finite
    def gathered(self, parameters: Sequence[Value]) -> dict[str, Any]: ...
    def scatter(self, parameters: Sequence[Value], state: dict[str, Any]) -> None: ...
    def not_finite(self, gradients: Sequence[float]) -> Exception: ...


class Trained(Protocol):
    """A program of one number."""

    parameters: list[Value]
    vector: Any

    def value_and_grad(self, vector: ArrayLike, *inputs: ArrayLike) -> tuple[float, Vector]: ...


class Training:
    """Steps of an optimiser on the flat ``vector`` of a program's parameters."""

    def __init__(
        self, program: Trained, optimiser: Updating, max_norm: float | None = None
    ) -> None:
        self.vector, self._max_norm = program.vector, max_norm
        self._program, self._optimiser = program, optimiser
        self._state = optimiser.gathered(program.parameters)
        self._zeros = np.zeros(len(self.vector))
        self.gradient = self._zeros  # that of the last step

    def __call__(self, *inputs: ArrayLike) -> float:
        """The loss, before the step that it takes."""
        y, gradient = self._program.value_and_grad(self.vector, *inputs)
        if math.isfinite(y):  # else the step would destroy what was learnt
            if self._max_norm is not None and math.isfinite(norm := _length(gradient)):
                gradient = gradient * min(self._max_norm / (norm + 1e-6), 1.0)
            state = self._state.copy()
            with np.errstate(all="ignore"):
                moved = self._optimiser.update(self.vector, gradient, state)
                finite = self._are_finite(gradient, moved, *state.values())
            if not finite:
                of = dict(zip(self._program.parameters, gradient.tolist(), strict=True))
                slopes = [of[x] for x in self._optimiser.parameters]
                raise self._optimiser.not_finite(slopes)
            self.vector, self.gradient, self._state = moved, gradient, state
        return y

    def write_back(self) -> None:
        """Give the parameters their numbers and the optimiser its memory."""
        self._program.vector = self.vector
        self._optimiser.scatter(self._program.parameters, self._state)

    def _are_finite(self, *arrays: Any) -> bool:
        dot = self._zeros.dot  # 0 · ∞ is NaN; a quarter of the time of isfinite(x).all()
        for x in arrays:
            if type(x) is np.ndarray and x.shape:
                if dot(x) != 0.0:
                    return False
            elif isinstance(x, float) and not math.isfinite(x):
                return False
        return True


def _length(vector: Vector) -> float:
    with np.errstate(over="ignore"):
        length = float(np.sqrt(vector.dot(vector)))
    return length if math.isfinite(length) else math.hypot(*vector.tolist())  # slow, never too soon
