"""The gamma, normal and sinc functions on dense grids: where one way of computing meets the next.

``test_ops.py`` asks each row at a few places of its whole domain; a wrong coefficient of a series
shows only where its power counts.
"""

import math
from collections.abc import Callable, Iterator
from typing import Any

import mpmath
import pytest
from mpmath import mp, mpf
from reference import IN_MPMATH

from autograd_lite.engine import special

EPSILON = 2.0**-52


#: Where a function goes over to another way.
BORDERS = (-20.0, -6.0, -1.0, -0.3, 0.0, 0.5, 0.75, 1.0, 1.35, 1.5, 2.0, 2.5, 10.0, 20.0)


def steps(low: float, high: float, count: int) -> Iterator[float]:
    for k in range(count):
        yield low + (high - low) * (k + 0.381966) / count
    for border in BORDERS:
        yield from [x for x in (border - 0.007, border + 0.007) if low < x < high]


Case = tuple[Callable[[float], float], Callable[[Any], Any], tuple[float, float], int, float, float]
#: function, its reference, from where to where, points, error in ε of it, and beside it
CASES: dict[str, Case] = {
    "lgamma": (special.lgamma, IN_MPMATH["lgamma"], (-24.0, 26.0), 250, 2.0, 2.0),
    "lgamma near its zeros": (special.lgamma, IN_MPMATH["lgamma"], (0.6, 2.6), 120, 2.0, 0.0),
    "gamma": (special.gamma, mpmath.gamma, (-24.0, 26.0), 250, 2.0, 0.0),
    "gamma far out": (special.gamma, mpmath.gamma, (-169.0, 171.6), 60, 4.0, 0.0),
    "digamma": (special.digamma, mpmath.digamma, (-24.0, 14.0), 250, 2.0, 4.0),
    "digamma by its series": (special.digamma, mpmath.digamma, (10.0, 11.0), 60, 1.0, 0.0),
    "digamma near its zero": (special.digamma, mpmath.digamma, (1.0, 2.0), 100, 2.0, 0.0),
    **{
        f"polygamma {n}": (
            lambda x, n=n: special.polygamma(x, float(n)),
            lambda x, n=n: mpmath.polygamma(n, x),
            (-22.0, 24.0), 40, 4.0, 0.0,
        ) for n in (1, 2, 3)
    },
    **{
        f"mills_tail {n}": (
            lambda x, n=n: special.mills_tail(x, float(n)),
            lambda x, n=n: IN_MPMATH["mills_tail"](x, n) if n else IN_MPMATH["mills"](x),
            (-12.0, 9.0), 50, 4.0, 0.0,
        ) for n in (0, 1, 2, 4)
    },
    "log_ndtr": (
        special.log_ndtr,
        lambda x: mpmath.log1p(-mpmath.ncdf(-x)) if x > 0 else mpmath.log(mpmath.ncdf(x)),
        (-12.0, 9.0), 50, 2.0, 0.0,
    ),
    "erfinv": (special.erfinv, mpmath.erfinv, (-1.0, 1.0), 100, 2.0, 0.0),
    **{
        f"sinc_derivative {n}": (
            lambda x, n=n: special.sinc_derivative(x, float(n)),
            lambda x, n=n: IN_MPMATH["sinc_derivative"](x, n),
            (-5.0, 5.0), 50, 2.0, 4.0 * math.pi**n,
        ) for n in (1, 2, 3, 5)
    },
}  # fmt: skip


def worst(case: Case) -> tuple[float, float]:
    """The largest error, in parts of what is allowed, and where it is."""
    compute, exact, (low, high), count, relative, absolute = case
    found = (0.0, 0.0)
    with mp.workdps(25):
        for x in steps(low, high, count):
            right = exact(mpf(x))
            allowed = EPSILON * (relative * abs(right) + absolute)
            found = max(found, (float(abs(compute(x) - right) / allowed), x))
    return found


@pytest.mark.parametrize("name", CASES)
def test_it_is_right_on_every_step(name: str) -> None:
    error, x = worst(CASES[name])
    assert error <= 1.0, x


if __name__ == "__main__":
    import time

    for name, case in CASES.items():
        start = time.perf_counter()
        print(f"{name:24}{worst(case)} {time.perf_counter() - start:.2f} s")
