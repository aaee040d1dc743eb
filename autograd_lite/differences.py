"""Difference quotients: the derivative as school defines it, to check the exact one against.

The step is a compromise. The central quotient (f(x + h) − f(x − h)) / 2h leaves out a term of the
order h², while the rounding of f(x ± h), of the order ε·f, is divided by h: the sum is least near
h = ∛ε, and then about ten of sixteen digits are right. ``plots.step_size`` draws it.

Next: ``transforms.py``.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from typing import NamedTuple

EPSILON = sys.float_info.epsilon


class Quotients(NamedTuple):
    """The slopes of a function at x, read off on both sides of it, and the step they used."""

    left: float
    right: float
    central: float
    step: float


def quotients(f: Callable[[float], float], x: float, step: float | None = None) -> Quotients:
    """The difference quotients of f at x, with a step of ∛ε·max(1, |x|) unless one is given.

    >>> quotients(lambda x: x * x, 3.0, step=0.5)
    Quotients(left=5.5, right=6.5, central=6.0, step=0.5)
    """
    if step is None:
        step = EPSILON ** (1 / 3) * max(1.0, abs(x))
    elif not (step > 0.0 and x - step < x < x + step):
        raise ValueError(f"The step must move {x!r} by a positive amount; got {step!r}.")
    above, below = x + step, x - step  # rounded; so divide by the distances they really have
    middle, high, low = f(x), f(above), f(below)
    return Quotients(
        left=(middle - low) / (x - below),
        right=(high - middle) / (above - x),
        central=(high - low) / (above - below),
        step=step,
    )


class Check(NamedTuple):
    """One derivative by two ways: ``verdict`` is "right", "kink" or "WRONG".

    "kink" means that the one-sided slopes differ and the analytic derivative lies between them.
    """

    name: str
    input: float
    analytic: float
    numeric: float
    error: float
    verdict: str

    @property
    def passed(self) -> bool:
        """Whether the two ways agree."""
        return self.verdict != "WRONG"


def check(
    name: str, f: Callable[[float], float], x: float, analytic: float, tolerance: float
) -> Check:
    """The analytic derivative of f at x against the quotients, relative to the larger of them.

    Rounding in f itself is allowed for: it shows where f is large and its slope is small.

    >>> check("x", lambda x: x * x, 3.0, 6.0, tolerance=1e-6).verdict
    'right'
    >>> check("x", lambda x: max(x, 0.0), 0.0, 0.0, tolerance=1e-6).verdict
    'kink'
    """
    left, right, central, step = quotients(f, x)
    error = abs(analytic - central)
    scale = max(abs(analytic), abs(central))
    allowed = tolerance * scale + 16 * EPSILON * (abs(f(x)) + 1.0) / step
    if analytic == central or (error <= allowed and math.isfinite(scale)):
        verdict = "right"
    else:
        verdict = "kink" if min(left, right) <= analytic <= max(left, right) else "WRONG"
    return Check(name, x, analytic, central, error, verdict)


class Report(tuple[Check, ...]):
    """The checks of one function; printed, a table.

    >>> print(Report([Check("x", 3.0, 6.0, 6.0, 0.0, "right")]))
    input                      analytic                 numeric      error  verdict
    x = 3                             6                       6          0  right
    """

    __slots__ = ()

    @property
    def passed(self) -> bool:
        """Whether every derivative agrees with its difference quotient."""
        return all(check.passed for check in self)

    def __str__(self) -> str:
        rows = [("input", "analytic", "numeric", "error", "verdict")]
        for name, x, analytic, numeric, error, verdict in self:
            numbers = (f"{analytic:.10g}", f"{numeric:.10g}", f"{error:.2g}")
            rows.append((f"{name} = {x:.6g}", *numbers, verdict))
        width = max(11, *(len(row[0]) for row in rows))
        return "\n".join(
            f"{row[0]:<{width}}{row[1]:>24}{row[2]:>24}{row[3]:>11}  {row[4]}" for row in rows
        )
