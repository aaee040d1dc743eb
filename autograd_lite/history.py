"""``History``: what a training saw, epoch by epoch.

Next: ``minibatches.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .telling.plain import printable

if TYPE_CHECKING:
    from .film import Film


@dataclass(repr=False)
class History:
    """What ``fit`` saw: per epoch the mean loss, each metric and the learning rate.

    Printed, it is one line; a notebook shows its curves.

    >>> History(loss=[0.41, 0.3, 0.22], metrics={"accuracy": [0.5, 0.8, 0.9]})
    3 epochs, loss 0.41 → 0.22, accuracy 90 %
    """

    loss: list[float] = field(default_factory=list)
    metrics: dict[str, list[float]] = field(default_factory=dict)
    learning_rate: list[float] = field(default_factory=list)
    validation: History | None = None  # loss and metrics of the validation data, after each epoch
    interrupted: bool = False  # by Ctrl-C
    film: Film | None = field(default=None, compare=False)  # of fit(record=True)

    def __repr__(self) -> str:
        epochs = len(self.loss)
        parts = [f"{epochs:,} epoch{'' if epochs == 1 else 's'}"]
        if self.loss:
            parts.append(f"loss {' → '.join(f'{x:.3g}' for x in self.loss[:: max(epochs - 1, 1)])}")
        parts += [_said(name, values) for name, values in self.metrics.items() if values]
        if self.validation and self.validation.loss:
            held_out = {"loss": self.validation.loss} | self.validation.metrics
            said = (_said(name, values) for name, values in held_out.items() if values)
            parts.append(f"validation {', '.join(said)}")
        return ", ".join([*parts, *["interrupted"] * self.interrupted]).replace("-", "−")

    def __str__(self) -> str:
        return printable(repr(self))

    def _repr_html_(self) -> str:
        """The curves of the loss and of the metrics, with those of the validation."""
        from .showing.curves import COLORS, Panel, curves
        from .showing.html import result
        from .showing.images import image, in_both

        mine = {"loss": self.loss} | self.metrics
        other = {} if self.validation is None else self.validation.metrics
        other = other | ({} if self.validation is None else {"loss": self.validation.loss})
        panels = [
            Panel(name, [values, *([other[name]] if other.get(name) else [])])
            for name, values in mine.items()
            if values
        ]
        if not panels:
            return result(repr(self))
        return result(image(in_both(curves(panels[:3]), COLORS), repr(self)))


def _said(name: str, values: Sequence[float]) -> str:
    """The last value of a metric: an accuracy in per cent."""
    return f"{name} {f'{100 * values[-1]:.3g} %' if name == 'accuracy' else f'{values[-1]:.3g}'}"
