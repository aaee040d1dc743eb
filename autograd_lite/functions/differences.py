"""Difference quotients: the derivative as school defines it, to check the exact one against.

The step is a compromise. The central quotient (f(x + h) − f(x − h)) / 2h leaves out a term of the
order h², while the rounding of f(x ± h), of the order ε·f, is divided by h: the sum is least near
h = ∛ε, and then about ten of sixteen digits are right. ``plots.step_size`` draws it. Near a pole,
or where f oscillates fast, h must be shorter; so a few steps are tried, until two agree.

Next: ``misuse.py``.
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


def quotients(f: Callable[[float], float], x: float, step: float) -> Quotients:
    """The difference quotients of f at x; ``ValueError`` for a step too short to leave x.

    >>> quotients(lambda x: x * x, 3.0, step=0.5)
    Quotients(left=5.5, right=6.5, central=6.0, step=0.5)
    """
    above, below = x + step, x - step  # rounded; so divide by the distances they really have
    if not below < x < above:
        raise ValueError(f"The step must move {x!r} by a positive amount; got {step!r}.")
    middle, high, low = f(x), f(above), f(below)
    return Quotients(
        left=(middle - low) / (x - below),
        right=(high - middle) / (above - x),
        central=(high - low) / (above - below),
        step=step,
    )


def settled(
    f: Callable[[float], float], x: float, tolerance: float = 1e-6
) -> tuple[Quotients, float]:
    """The quotients with the step at which the central one changes least, and that change.

    Steps become shorter from ∛ε·max(1, |x|) on, and the first that changes less than a tenth of
    the tolerance will do. Raises ``ValueError`` where f is not defined on both sides of x.

    >>> near_pole, change = settled(math.log, 1e-3)
    >>> round(near_pole.central, 3), near_pole.step
    (1000.0, 2.0184...e-07)
    """
    longest = EPSILON ** (1 / 3) * max(1.0, abs(x))
    best, least, last = None, math.inf, None
    for step in (longest / shorter for shorter in (1, 30, 900, 27000)):
        try:
            now = quotients(f, x, step)
        except (ArithmeticError, ValueError):  # undefined as far from x, or x does not move
            continue
        change = abs(now.central - last.central) if last else math.inf
        if best is None or change < least:
            best, least = (last or now), change
        if change <= 0.1 * tolerance * abs(now.central):
            break
        last = now
    if best is None:
        raise ValueError(
            f"There is no difference quotient at {x!r}: f is not defined on both sides of it."
        )
    return best, least


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
    (left, right, central, step), change = settled(f, x, tolerance)
    error = abs(analytic - central)
    scale = max(abs(analytic), abs(central))
    rounding = 16 * EPSILON * abs(f(x)) / step + (2 * change if change < math.inf else 0.0)
    if analytic == central or (error <= tolerance * scale + rounding and scale < math.inf):
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
