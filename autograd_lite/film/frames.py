"""``Frames``: the parameters after every epoch of a training, and the model as it was then.

Next: ``scene.py``.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..nn import Module
from ..signatures import Vector
from ..value import Parameter, Value


@dataclass(repr=False, eq=False)
class Frames:
    """What a training was, epoch by epoch.

    Frame 0 is the model before the training. A frame has the parameters after its epoch, and the
    gradient of the step that led there.
    """

    @property
    def title(self) -> str:
        """What it shows, in words."""
        return f"A training over {self.epochs[-1]:,} epochs"

    model: Callable[[Any], Any]
    loss: Callable[[list[Any], list[Any]], Value]
    X: list[Any]
    y: list[Any]
    parameters: list[Value]
    losses: Sequence[float]  # per epoch, those of the history
    metrics: dict[str, list[float]]
    epochs: list[int] = field(default_factory=list)  # of the frames
    vectors: list[Vector] = field(default_factory=list)  # the parameters of each frame
    gradients: list[Vector] = field(default_factory=list)  # 0 before the training

    def add(self, epoch: int, vector: Sequence[float], gradient: Sequence[float]) -> None:
        """One more frame, after so many epochs; numbers in the order of the parameters."""
        self.epochs.append(epoch)
        self.vectors.append(np.array(vector, dtype=float))
        self.gradients.append(np.array(gradient, dtype=float))

    def __len__(self) -> int:
        return len(self.epochs)

    def frame_of(self, epoch: int | None) -> int:
        """The number of the frame that is nearest to an epoch; None is the last.

        Raises ``ValueError`` for an epoch that was not trained.
        """
        last = self.epochs[-1]
        if epoch is None:
            return len(self) - 1
        if not 0 <= epoch <= last:
            raise ValueError(
                f"The film has the epochs 0, before the training, to {last}; got {epoch!r}."
            )
        return min(range(len(self)), key=lambda k: abs(self.epochs[k] - epoch))

    @contextmanager
    def at(self, epoch: int | None) -> Iterator[Callable[[Any], Any]]:
        """The model as it was, with parameters of its own.

        A function that is no ``Module`` reaches the parameters themselves: they get the numbers of
        then for as long as the context lasts.
        """
        numbers = self.vectors[self.frame_of(epoch)].tolist()
        if isinstance(self.model, Module):
            pairs = zip(self.parameters, numbers, strict=True)
            memo = {id(p): Parameter(x, label=p.label) for p, x in pairs}
            yield copy.deepcopy(self.model, memo)
            return
        before = [p.data for p in self.parameters]
        try:
            self._set(numbers)
            yield self.model
        finally:
            self._set(before)

    def _set(self, numbers: Sequence[float]) -> None:
        for parameter, number in zip(self.parameters, numbers, strict=True):
            parameter.data = number
