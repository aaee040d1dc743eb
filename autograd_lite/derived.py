"""Functions that are no rows themselves: they are written with rows, and so need no rule.

Next: ``as_math.py``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, overload

from . import ops
from .engine.calls import put_into_one_list
from .engine.groups import is_node
from .engine.inputs import fixed, listed, real, taken
from .engine.kinds import Applies, V

__all__ = ["clip", "elu", "leaky_relu", "log_softmax", "softmax"]

# Signatures: a Value gives a Value, a float a float. From a list of both, [x, 1.0], mypy infers no
# V, and the last one is for that.


@overload
def leaky_relu(x: Applies[V], slope: float = ...) -> V: ...
@overload
def leaky_relu(x: float, slope: float = ...) -> float: ...
def leaky_relu(x: Any, slope: float = 0.01) -> Any:
    """``x`` where x > 0, ``slope·x`` elsewhere.

    >>> leaky_relu(-2.0), leaky_relu(-2.0, slope=0.5)
    (-0.02, -1.0)
    """
    return ops.leaky_relu_with(fixed(slope, "slope", "leaky_relu"))(taken(x, "leaky_relu(x) takes"))


@overload
def elu(x: Applies[V], alpha: float = ...) -> V: ...
@overload
def elu(x: float, alpha: float = ...) -> float: ...
def elu(x: Any, alpha: float = 1.0) -> Any:
    """``x`` where x > 0, ``alpha·(eˣ − 1)`` elsewhere.

    >>> elu(2.0), elu(-1000.0)
    (2.0, -1.0)
    """
    return ops.elu_with(fixed(alpha, "alpha", "elu"))(taken(x, "elu(x) takes"))


@overload
def clip(x: Applies[V], low: float | None, high: float | None) -> V: ...
@overload
def clip(x: float, low: float | None, high: float | None) -> float: ...
def clip(x: Any, low: float | None, high: float | None) -> Any:
    """``x`` kept between the numbers ``low`` and ``high``; the slope is 1 inside, ends included.

    ``None`` for a bound is none.

    >>> clip(5.0, -1.0, 2.0), clip(5.0, 6.0, None)
    (2.0, 6.0)
    """
    low = -math.inf if low is None else fixed(low, "low", "clip")
    high = math.inf if high is None else fixed(high, "high", "clip")
    if not low <= high:
        raise ValueError(f"clip(x, low, high) needs low ≤ high; got low = {low}, high = {high}.")
    return ops.clip_to(low, high)(taken(x, "clip(x, low, high) takes"))


@overload
def softmax(xs: Iterable[Applies[V]]) -> list[V]: ...
@overload
def softmax(xs: Iterable[float]) -> list[float]: ...
@overload
def softmax(xs: Iterable[Applies[V] | float]) -> list[V]: ...
@overload
def softmax(xs: Iterable[Applies[Any] | float]) -> list[Any]: ...
def softmax(xs: Iterable[Any], *others: Any) -> list[Any]:
    """The probabilities eˣ / Σ eˣ, one per operand, for logits of any size.

    >>> softmax([1000.0, 1000.0])
    [0.5, 0.5]
    """
    powers = [ops.exp(x) for x in _below_zero("softmax", xs, others)]
    total = ops.sum(powers)
    return [power / total for power in powers]


@overload
def log_softmax(xs: Iterable[Applies[V]]) -> list[V]: ...
@overload
def log_softmax(xs: Iterable[float]) -> list[float]: ...
@overload
def log_softmax(xs: Iterable[Applies[V] | float]) -> list[V]: ...
@overload
def log_softmax(xs: Iterable[Applies[Any] | float]) -> list[Any]: ...
def log_softmax(xs: Iterable[Any], *others: Any) -> list[Any]:
    """The logarithms of ``softmax(xs)``, finite where the probabilities underflow.

    >>> log_softmax([0.0, -1000.0])
    [0.0, -1000.0]
    """
    xs = _below_zero("log_softmax", xs, others)
    total = ops.logsumexp(xs)
    return [x - total for x in xs]


def _below_zero(name: str, xs: Iterable[Any], others: tuple[Any, ...]) -> list[Any]:
    """The logits less the largest one, which is held: no probability depends on it."""
    if others:
        raise TypeError(put_into_one_list(name, len(others) + 1))
    xs = [
        x if is_node(x) else real(x, f"{name}(xs), one by one, takes")
        for x in listed(xs, name, at_least=True)
    ]
    top = ops.held_max(xs)
    return [x - top for x in xs]
