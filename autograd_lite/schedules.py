"""Schedules of the learning rate: plain functions of the epoch, counted from 0, for ``fit``.

Whatever takes a number and gives one will do; these are the three that are used most.

Next: ``minimise.py``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeAlias

Schedule: TypeAlias = Callable[[int], float]


def step(learning_rate: float, every: int, factor: float = 0.1) -> Schedule:
    """The rate, times ``factor`` after each ``every`` epochs.

    >>> [step(1.0, every=2, factor=0.5)(epoch) for epoch in range(5)]
    [1.0, 1.0, 0.5, 0.5, 0.25]
    """
    if every < 1:
        raise ValueError(f"every is a number of epochs, 1 or more; got {every!r}.")
    return lambda epoch: learning_rate * factor ** (epoch // every)


def cosine(learning_rate: float, epochs: int, lowest: float = 0.0) -> Schedule:
    """Half a cosine wave from the rate down to ``lowest``, which stays (Loshchilov, Hutter, 2017).

    >>> [round(cosine(1.0, epochs=4)(epoch), 3) for epoch in range(6)]
    [1.0, 0.854, 0.5, 0.146, 0.0, 0.0]
    """
    if epochs < 1:
        raise ValueError(f"epochs is the length of the wave, 1 or more; got {epochs!r}.")
    height = 0.5 * (learning_rate - lowest)
    return lambda epoch: lowest + height * (1.0 + math.cos(math.pi * min(epoch / epochs, 1.0)))


def warm_up(epochs: int, then: float | Schedule) -> Schedule:
    """Up to a rate in equal steps, one per epoch; ``then`` is that rate, or a schedule of it.

    >>> [warm_up(4, then=1.0)(epoch) for epoch in range(6)]
    [0.25, 0.5, 0.75, 1.0, 1.0, 1.0]
    >>> [round(warm_up(2, then=cosine(1.0, epochs=2))(epoch), 3) for epoch in range(5)]
    [0.5, 1.0, 1.0, 0.5, 0.0]
    """
    if epochs < 1:
        raise ValueError(f"epochs is the length of the warm-up, 1 or more; got {epochs!r}.")
    after = then if callable(then) else lambda epoch: then
    return lambda epoch: (
        after(0) * (epoch + 1) / epochs if epoch < epochs else after(epoch - epochs)
    )
