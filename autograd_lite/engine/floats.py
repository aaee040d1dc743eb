"""Numbers that the ``math`` module does not give, or not to the last digits: the values of some
primitives, and the local derivatives at points where a rule's formula has none (0/0, 0·∞).

Floats only: the table in ``ops.py`` knows how these functions are differentiated.

Next: ``special.py``.
"""

import math
import operator
import sys
from collections.abc import Sequence
from math import inf, nan
from typing import Any

LN2 = math.log(2.0)
SQRT_HALF = math.sqrt(0.5)
TWO_OVER_SQRT_PI = 2.0 / math.sqrt(math.pi)
SQRT_TAU = math.sqrt(math.tau)


def sigmoid(x: float) -> float:
    if x >= 0.0:
        return 1.0 / (1.0 + math.exp(-x))
    e = math.exp(x)
    return e / (1.0 + e)


def sech(x: float) -> float:
    e = math.exp(-math.fabs(x))
    return 2.0 * e / (1.0 + e * e)


def softplus(x: float) -> float:
    return maximum(x, 0.0) + math.log1p(math.exp(-math.fabs(x)))


def _difference(x: float, y: float) -> tuple[float, float]:
    """``x − y = d + error`` exactly (Knuth)."""
    d = x - y
    back = d - x
    error = (x - (d - back)) - (y + back)
    return d, error if error == error else 0.0


def share(x: float, y: float) -> float:
    """eˣ/(eˣ + eʸ), corrected for the rounding of x − y, which the tail would magnify."""
    d, error = _difference(x, y)
    z = sigmoid(d)
    return z + z * sigmoid(-d) * error


def exp_difference(x: float, y: float) -> float:
    """eˣ⁻ʸ, corrected for the rounding of x − y."""
    d, error = _difference(x, y)
    z = math.exp(d)
    return z + z * error if error else z  # ∞·0 where x is ∞


def split(x: float) -> tuple[float, float]:
    """``x = high + low`` with 26 bits each, so that products of the parts are exact (Veltkamp)."""
    if math.fabs(x) > 1e150:
        return x, 0.0
    c = 134217729.0 * x
    high = c - (c - x)
    return high, x - high


def gaussian(x: float, rate: float) -> float:
    """exp(−rate·x²); in the tails the rounding of x² would cost hundreds of ulps."""
    if not math.fabs(x) < 1e150:
        return math.exp(-rate * x * x)
    high, low = split(x)
    if low == 0.0:  # and at infinity, where 0·∞ would follow
        return math.exp(-rate * high * high)
    return math.exp(-rate * high * high) * math.exp(-rate * low * (x + high))


_SQRT_HALF_HIGH, _SQRT_HALF_LOW = split(SQRT_HALF)
_SQRT_HALF_REST = -4.833646656726457e-17  # √½ − float(√½)


def ndtr(x: float) -> float:
    """½·erfc(−x/√2), corrected for the rounding of x/√2, which the tail would magnify."""
    t = x * SQRT_HALF
    if not math.fabs(x) < 40.0:
        return 0.5 * math.erfc(-t)
    high, low = split(x)
    error = (high * _SQRT_HALF_HIGH - t) + high * _SQRT_HALF_LOW + low * _SQRT_HALF_HIGH
    error += low * _SQRT_HALF_LOW + x * _SQRT_HALF_REST
    return 0.5 * (math.erfc(-t) + TWO_OVER_SQRT_PI * gaussian(t, 1.0) * error)


def log_sigmoid(x: float) -> float:
    return -softplus(-x)


def softsign(x: float) -> float:
    return sign(x) if math.isinf(x) else x / (1.0 + math.fabs(x))


def silu(x: float) -> float:
    return -0.0 if x == -inf else x * sigmoid(x)


def gelu(x: float) -> float:
    return -0.0 if x == -inf else x * ndtr(x)


def direction(x: float, y: float) -> float:
    """x/√(x² + y²): the cosine of the angle from the first axis, also where the root overflows."""
    h = math.hypot(x, y)
    if math.isfinite(h):
        return x / h
    if math.isinf(x) or math.isinf(y):
        x, y = (sign(v) if math.isinf(v) else v * 0.0 for v in (x, y))
    return 0.5 * x / math.hypot(0.5 * x, 0.5 * y)


def pow(x: float, y: float) -> float:
    try:
        return math.pow(x, y)
    except ValueError:
        if x == 0.0:
            raise ZeroDivisionError("zero to a negative power") from None
        raise


def maximum(x: float, y: float) -> float:
    return x if x > y else y if y >= x else x + y  # x + y is NaN when either is


def minimum(x: float, y: float) -> float:
    return x if x < y else y if y <= x else x + y


def logaddexp(x: float, y: float) -> float:
    if x == y:
        return x + LN2
    return maximum(x, y) + math.log1p(math.exp(-math.fabs(x - y)))


def logsumexp(xs: Sequence[float]) -> float:
    top = largest(xs)
    if not math.isfinite(top):
        return top
    others = list(xs)
    others.remove(top)
    return top + math.log1p(math.fsum([math.exp(x - top) for x in others]))


def largest(xs: Sequence[float]) -> float:
    return nan if any(x != x for x in xs) else max(xs)


# Both are exact before the last rounding, so the order of the operands cannot change a bit.
if sys.version_info >= (3, 12):
    _sumprod = math.sumprod
else:

    def _sumprod(ws: Sequence[float], xs: Sequence[float]) -> float:
        return math.fsum(map(operator.mul, ws, xs))


def exact(xs: Sequence[float], ws: Sequence[float] = (), parts: int = 1) -> float:
    """Σ x, or Σ w·x, over ``parts``, where the way there overflows: 1e308 + 1e308 − 1e308."""
    from fractions import Fraction  # which is wanted seldom

    terms = map(Fraction, xs)
    total = sum(w * x for w, x in zip(map(Fraction, ws), terms, strict=False)) if ws else sum(terms)
    try:
        return float(total / parts)
    except OverflowError:
        return inf if total > 0 else -inf


def total(xs: Sequence[float]) -> float:
    try:
        return math.fsum(xs)
    except OverflowError:
        return exact(xs)


def prod(xs: Sequence[float]) -> float:
    z = math.prod(xs, start=1.0)
    if (z and math.isfinite(z)) or not all(map(math.isfinite, xs)):
        return z
    mantissa, exponent = 1.0, 0  # perhaps only the way to z has left the range of floats
    for x in xs:
        m, e = math.frexp(x)
        mantissa, more = math.frexp(mantissa * m)
        exponent += e + more
    return math.ldexp(mantissa, exponent)


def mean(xs: Sequence[float]) -> float:
    try:
        return math.fsum(xs) / len(xs)
    except OverflowError:
        return exact(xs, parts=len(xs))


def dot(ws: Sequence[float], xs: Sequence[float]) -> float:
    """Σ w·x; a last w without partner is a bias."""
    return _sumprod(ws, xs if len(ws) == len(xs) else (*xs, 1.0))


# --- whole numbers and signs ----------------------------------------------------------------------


def floor(x: float) -> float:
    return math.copysign(math.floor(x), x) if math.isfinite(x) else x


def ceil(x: float) -> float:
    return math.copysign(math.ceil(x), x) if math.isfinite(x) else x


def trunc(x: float) -> float:
    return math.copysign(math.trunc(x), x) if math.isfinite(x) else x


def rint(x: float) -> float:
    """The nearest whole number; of two the even one."""
    return math.copysign(round(x), x) if math.isfinite(x) else x


def xlogy(x: float, y: float) -> float:
    return (0.0 if y == y else y) if x == 0.0 else x * math.log(y)


def xlogy_edges(z: Any, x: float, y: float) -> tuple[float, float]:
    return nan, 0.0 if x == 0.0 else nan


def logit(x: float) -> float:
    if math.fabs(x - 0.5) < 0.25:
        return 2.0 * math.atanh(2.0 * x - 1.0)
    return math.log(x / (1.0 - x))


def step(x: float) -> float:
    return 1.0 if x > 0.0 else 0.0 if x <= 0.0 else x


def sign(x: float) -> float:
    return 1.0 if x > 0.0 else -1.0 if x < 0.0 else x


def split_evenly(z: Any, x: Any, y: Any) -> tuple[Any, Any]:
    return 0.5, 0.5


def pow_edges(z: float, x: float, y: float) -> tuple[float, float]:
    """As PyTorch has them: 0⁰ has slopes 0, and 0 raised to anything has no slope in y."""
    return (0.0 if y == 0.0 or y == inf else nan, 0.0) if x == 0.0 else (nan, nan)


def logsumexp_edges(z: float, xs: Sequence[float]) -> tuple[tuple[float, ...]]:
    largest = [x == z for x in xs]
    return (tuple(is_it / largest.count(True) for is_it in largest),)
