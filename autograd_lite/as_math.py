"""What Python's ``math`` has beside the table: ``import autograd_lite as math`` and go on.

Bare numbers get what ``math`` gives; a Value gets a graph. What counts or tests takes no part in a
graph: ``isnan(x)`` compares, and ``factorial`` wants a whole number.

What is glossed over: infinities flow, so ``sin(inf)`` is NaN here, and ``pow(0.0, -1.0)`` raises
``ZeroDivisionError`` as ``0.0 ** -1.0`` does; ``math`` has ``ValueError`` for both.

Next: ``protocols.py``.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable
from functools import reduce
from math import e, inf, nan, pi, tau
from types import SimpleNamespace
from typing import Any, Protocol, overload

from . import ops
from .engine.calls import put_into_one_list, titled
from .engine.comparisons import comparison
from .engine.groups import is_node
from .engine.inputs import REAL, each, is_many, listed, real, taken, whole
from .engine.kinds import Applies, Unary, V

__all__ = [
    "ceil", "comb", "dist", "e", "fabs", "factorial", "floor", "fma", "fmax", "fmin", "frexp",
    "fsum", "gcd", "hypot", "inf", "integer", "isclose", "isfinite", "isinf", "isnan", "isnormal",
    "isqrt", "issubnormal", "lcm", "ldexp", "log", "modf", "nan", "nextafter", "perm", "pi", "prod",
    "signbit", "sumprod", "tau", "trunc", "ulp",
]  # fmt: skip


# --- rows that math calls in more ways than one ---------------------------------------------------


class Rounding(Protocol):
    """The types of ``floor`` and its like."""

    @overload
    def __call__(self, x: Applies[V]) -> V: ...
    @overload
    def __call__(self, x: float) -> int: ...
    @overload
    def __call__(self, x: list[Any]) -> list[Any]: ...
    @overload
    def __call__(self, x: tuple[Any, ...]) -> tuple[Any, ...]: ...


def _rounding(op: Unary, to_int: Callable[[float], int], claim: str) -> Rounding:
    def rounded(x: Any) -> Any:
        if isinstance(x, REAL):
            return to_int(x)
        return each(rounded, x) if is_many(x) else op(x)

    rounded.__doc__ = f"""{claim}: of a bare number an int, to count and to index with.

    A Value gives a Value, which is flat between its jumps.

    >>> {op.name}(2.5)
    {to_int(2.5)}
    """
    return titled(rounded, op.name)


floor = _rounding(ops.floor, math.floor, "The largest whole number that is not above x")
ceil = _rounding(ops.ceil, math.ceil, "The smallest whole number that is not below x")
trunc = _rounding(ops.trunc, math.trunc, "What stands before the point")

_log, _hypot = ops.log.__call__, ops.hypot.__call__


@overload
def log(x: Applies[V], base: Applies[V] | float = ...) -> V: ...
@overload
def log(x: float, base: Applies[V]) -> V: ...
@overload
def log(x: float, base: float = ...) -> float: ...
@overload
def log(x: list[Any], base: Any = ...) -> list[Any]: ...
@overload
def log(x: tuple[Any, ...], base: Any = ...) -> tuple[Any, ...]: ...
def log(x: Any, base: Any = e) -> Any:
    """The natural logarithm, ∂log/∂x = 1/x for x > 0; with a base, log(x) / log(base).

    >>> log(1.0), log(8.0, 2.0)
    (0.0, 3.0)
    """
    if base is not e:
        return each(lambda one: log(one, base), x) if is_many(x) else log(x) / log(base)
    try:
        return _log(x)
    except OverflowError:
        if type(x) is not int:
            raise
    return math.log(x)  # of an int that is too large for a float


@overload
def hypot(x: Applies[V], y: Applies[V] | float = ..., *more: Applies[V] | float) -> V: ...
@overload
def hypot(x: float, y: Applies[V], *more: Applies[V] | float) -> V: ...
@overload
def hypot(x: float = ..., y: float = ..., *more: float) -> float: ...
@overload
def hypot(x: float, y: float, *more: Applies[V] | float) -> V: ...
def hypot(x: Any = 0.0, y: Any = 0.0, *more: Any) -> Any:
    """The length √(x² + y² + …) of a vector, whose slopes are its direction; at 0 they are 0.

    >>> hypot(3.0, 4.0), hypot(1.0, 2.0, 2.0)
    (5.0, 3.0)
    """
    if not more:
        return _hypot(x, y)
    if all(isinstance(z, REAL) for z in (x, y, *more)):
        return math.hypot(x, y, *more)
    return reduce(_hypot, more, _hypot(x, y))


@overload
def prod(xs: Iterable[Applies[V]], *, start: Applies[V] | float = ...) -> V: ...
@overload
def prod(xs: Iterable[float], *, start: float = ...) -> float: ...
@overload
def prod(xs: Iterable[Applies[Any] | float], *, start: Any = ...) -> Any: ...
def prod(xs: Any, *others: Any, start: Any = 1) -> Any:
    """The product, with each slope the product of the others; of whole numbers an int.

    >>> prod([1.5, 2.0]), prod([2, 3], start=4)
    (3.0, 24)
    """
    if others:
        raise TypeError(put_into_one_list("prod", len(others) + 1))
    xs = listed(xs, "prod", at_least=False)
    if xs and type(xs[0]) is int and all(type(x) is int for x in (*xs, start)):
        return math.prod(xs, start=start)
    return ops.prod.record(xs if type(start) is int and start == 1 else (start, *xs))


# --- functions of rows ----------------------------------------------------------------------------


def fabs(x: Any) -> Any:
    """|x|, as ``abs``.

    >>> fabs(-2)
    2.0
    """
    return ops.abs(taken(x, "fabs(x) takes"))


def fmax(x: Any, y: Any) -> Any:
    """The larger one; NaN only where both are.

    >>> fmax(1.0, nan)
    1.0
    """
    return _but_nan("fmax", ops.maximum, x, y)


def fmin(x: Any, y: Any) -> Any:
    """The smaller one; NaN only where both are.

    >>> fmin(1.0, nan)
    1.0
    """
    return _but_nan("fmin", ops.minimum, x, y)


def _but_nan(name: str, choose: Callable[[Any, Any], Any], x: Any, y: Any) -> Any:
    x, y = _number(x, f"{name}(x, y)"), _number(y, f"{name}(x, y)")
    return ops.where(isnan(x), y, ops.where(isnan(y), x, choose(x, y)))


def dist(p: Iterable[Any], q: Iterable[Any]) -> Any:
    """The distance of two points.

    >>> dist([1.0, 2.0], [4.0, 6.0])
    5.0
    """
    p, q = _numbers(p, "dist", 2), _numbers(q, "dist", 2)
    if len(p) != len(q):
        raise ValueError(
            f"dist(p, q) takes two points of one space; got {len(p)} and {len(q)} coordinates."
        )
    if all(isinstance(x, REAL) for x in (*p, *q)):
        return math.dist(p, q)
    return hypot(*[ops.sub(a, b) for a, b in zip(p, q, strict=True)])


def fsum(xs: Iterable[Any]) -> Any:
    """The sum, right to the last digit.

    >>> fsum([0.1] * 10)
    1.0
    """
    return ops.sum(_numbers(xs, "fsum"))


def sumprod(p: Iterable[Any], q: Iterable[Any]) -> Any:
    """The sum of the products, one of each pair.

    >>> sumprod([1.0, 2.0], [3.0, 4.0])
    11.0
    """
    p, q = _numbers(p, "sumprod", 2), _numbers(q, "sumprod", 2)
    if len(p) == len(q) and all(type(x) is int for x in (*p, *q)):
        return sum(a * b for a, b in zip(p, q, strict=True))
    return ops.dot(p, q)


def fma(x: Any, y: Any, z: Any) -> Any:
    """``x·y + z``, in one operation.

    >>> fma(2.0, 3.0, 4.0)
    10.0
    """
    x, y, z = [_number(operand, "fma(x, y, z)") for operand in (x, y, z)]
    return ops.dot([x], [y], z)


def modf(x: Any) -> tuple[Any, Any]:
    """What stands behind the point and what before it, both with the sign of x.

    >>> modf(-2.5)
    (-0.5, -2.0)
    """
    if isinstance(_number(x, "modf(x)"), REAL):
        return math.modf(x)
    return ops.fmod(x, 1.0), ops.trunc(x)


def frexp(x: Any) -> tuple[Any, int]:
    """m and k with x = m·2ᵏ and ½ ≤ |m| < 1.

    >>> frexp(10.0)
    (0.625, 4)
    """
    if isinstance(_number(x, "frexp(x)"), REAL):
        return math.frexp(x)
    _, k = math.frexp(float(x))
    return ldexp(x, -k), k


def ldexp(x: Any, k: int) -> Any:
    """x·2ᵏ.

    >>> ldexp(0.625, 4)
    10.0
    """
    k = whole(k, "ldexp(x, k) takes for k")
    if isinstance(_number(x, "ldexp(x, k)"), REAL):
        return math.ldexp(x, k)
    half = k // 2  # 2ᵏ alone may be too large for a float
    return ops.mul(ops.mul(x, math.ldexp(1.0, half)), math.ldexp(1.0, k - half))


def _number(x: Any, name: str) -> Any:
    return x if is_node(x) else real(x, f"{name} takes")


def _numbers(xs: Iterable[Any], name: str, lists: int = 1) -> list[Any]:
    xs = listed(xs, name, at_least=False, lists=lists)
    return [x if isinstance(x, int) else _number(x, f"{name}, one by one,") for x in xs]


# --- questions about the number: comparisons, and noted as such ----------------------------------


def isclose(a: Any, b: Any, *, rel_tol: float = 1e-9, abs_tol: float = 0.0) -> bool:
    """Whether two numbers are nearly equal.

    >>> isclose(0.1 + 0.2, 0.3)
    True
    """

    def close(x: float, y: float) -> bool:
        return math.isclose(x, y, rel_tol=rel_tol, abs_tol=abs_tol)

    return comparison(close)(_number(a, "isclose(a, b)"), _number(b, "isclose(a, b)"))


def _question(name: str, claim: str, test: Callable[[float], bool]) -> Callable[[Any], bool]:
    answer = comparison(lambda x, _: test(x))

    def ask(x: Any) -> bool:
        return answer(_number(x, f"{name}(x)"), 0.0)

    ask.__doc__ = claim
    return titled(ask, name)


SMALLEST = sys.float_info.min  # of the numbers with all their digits

isfinite = _question("isfinite", "Whether x is neither infinite nor NaN.", math.isfinite)
isinf = _question("isinf", "Whether x is ∞ or −∞.", math.isinf)
isnan = _question("isnan", "Whether x is NaN, which is no number.", math.isnan)
isnormal = _question(
    "isnormal", "Whether x has all its digits.", lambda x: SMALLEST <= math.fabs(x) < inf
)
issubnormal = _question(
    "issubnormal", "Whether x is so small that it has fewer digits.",
    lambda x: 0.0 < math.fabs(x) < SMALLEST,
)  # fmt: skip
signbit = _question(
    "signbit", "Whether x is negative, or −0.", lambda x: math.copysign(1.0, x) < 0.0
)


# --- of whole numbers, and of bare numbers alone --------------------------------------------------


def _counted(function: Callable[..., int]) -> Callable[..., int]:
    name = function.__name__

    def count(*xs: Any) -> int:
        return function(*[whole(x, f"{name} takes") for x in xs])

    count.__doc__ = function.__doc__
    return titled(count, name)


def _measured(function: Callable[..., float]) -> Callable[..., float]:
    name = function.__name__

    def measure(*xs: Any, **more: Any) -> float:
        return function(*[float(_number(x, name)) for x in xs], **more)

    measure.__doc__ = function.__doc__
    return titled(measure, name)


comb, factorial, gcd = _counted(math.comb), _counted(math.factorial), _counted(math.gcd)
isqrt, lcm, perm = _counted(math.isqrt), _counted(math.lcm), _counted(math.perm)
integer = SimpleNamespace(
    comb=comb, factorial=factorial, gcd=gcd, isqrt=isqrt, lcm=lcm, perm=perm
)  # as Python 3.15 groups them
nextafter, ulp = _measured(math.nextafter), _measured(math.ulp)
