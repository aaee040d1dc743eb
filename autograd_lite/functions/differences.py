"""Difference quotients: the derivative as school defines it, and how far it can be trusted.

The step is a compromise. The central quotient (f(x + h) − f(x − h)) / 2h leaves out a term of the
order h², while the rounding of f(x ± h), of the order ε·f, is divided by h. ``plots.step_size``
draws it. Nobody knows beforehand which h is best: near a pole, or where f oscillates fast, it is
short. So a ladder of steps is tried, and Richardson's extrapolation takes the leading term out of
each pair of neighbours (Ridders, 1982; a quotient's change from pair to pair bounds its error). A
slope counts only where no shorter step gainsays it by more than rounding could.

Next: ``checking.py``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple, TypeAlias

from .sweeps import EPSILON, SMALLEST

#: A function of one number: its value, and how far rounding may have moved that (NaN: unknown).
Rounded: TypeAlias = Callable[[float], tuple[float, float]]


NOTHING = -500  # from 0 no shorter step is of use: its square would underflow


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


class Slope(NamedTuple):
    """A difference quotient: its step, and how far rounding may have moved it."""

    step: float
    value: float
    rounding: float


class Move(NamedTuple):
    """How far a function goes between two places at this distance, and how that is rounded."""

    step: float
    distance: float
    height: float
    rounding: float

    @property
    def slope(self) -> Slope:
        value = self.height / self.distance  # may overflow: ∞ says nothing
        return Slope(self.step, value, self.rounding / self.distance + EPSILON * abs(value))


class Point(NamedTuple):
    """A function at one place."""

    x: float
    value: float
    rounding: float


class Ladder:
    """How f moves to the left of x, to its right, and across it, from long steps to short.

    Steps that lead to where f is not defined are left out, on the side where they do.
    """

    def __init__(self, f: Rounded, x: float, exponents: Sequence[int]) -> None:
        self.left: list[Move] = []
        self.right: list[Move] = []
        self.across: list[Move] = []
        self.largest = 0.0  # of the values that were met
        self.known = True  # how they are rounded
        middle = self._point(f, x)
        for exponent in exponents if middle else ():
            step = math.ldexp(1.0, exponent)
            below, above = self._point(f, x - step), self._point(f, x + step)
            for moves, low, high in (
                (self.left, below, middle), (self.right, middle, above),
                (self.across, below, above),
            ):  # fmt: skip
                if low and high and low.x < high.x:
                    height, rounding = high.value - low.value, high.rounding + low.rounding
                    moves.append(Move(step, high.x - low.x, height, rounding))
        if middle and not self.known:
            self._allow_for(self._grain(middle))

    def _point(self, f: Rounded, x: float) -> Point | None:
        """f at x, or None where it is not defined there."""
        if not math.isfinite(x):
            return None
        try:
            value, rounding = f(x)
        except (ArithmeticError, ValueError):
            return None
        if not math.isfinite(value):
            return None
        self.known &= rounding == rounding
        self.largest = max(self.largest, abs(value))
        own = EPSILON * abs(value) + SMALLEST  # that of the last operation at least
        return Point(x, value, max(own, rounding))

    def _grain(self, middle: Point) -> float:
        """The shortest way that f goes, if over shorter steps it goes none: what it resolves.

        What is not small beside f, and the ways it goes about x, is no rounding, but a tread of a
        stair: half precision rounds x, and f, to a thousandth.
        """
        heights = [abs(move.height) for move in self.sides]
        grain = min((height for height in heights if height), default=0.0)
        ways = [abs(move.height) for move in self.sides if move.step <= abs(middle.x)]
        small = grain <= 8e-3 * max(abs(middle.value), *ways, 0.0)
        return grain if 0.0 in heights and small else 0.0

    def _allow_for(self, grain: float) -> None:
        for moves in (self.left, self.right, self.across):
            moves[:] = [move._replace(rounding=move.rounding + grain) for move in moves]

    @property
    def sides(self) -> list[Move]:
        return self.left + self.right


def all_exponents(x: float) -> list[int]:
    """Powers of two for steps around 1 and around x, down to the shortest that leaves x."""
    own = math.frexp(x)[1]
    shortest = max(own - 53, -1074) if x else NOTHING
    longest = min(max(own, 0) + 64, 1023)
    around_x = range(shortest, own + 11, 2) if x else ()
    around_1 = range(-54 + shortest % 2, longest + 1, 2)
    wanted = {*around_x, *around_1, *range(shortest, -54, 16)}
    return sorted((e for e in wanted if shortest <= e <= longest), reverse=True)


class Limit(NamedTuple):
    """What quotients tend to as the step becomes short, how far off that may be, and the step."""

    value: float
    error: float
    step: float


def limit(moves: Sequence[Move], order: int) -> Limit | None:
    """The limit of quotients whose error is of this order in the step; None if none can be seen.

    >>> def rounded(x):
    ...     return math.sin(x), 0.0
    >>> ladder = Ladder(rounded, 0.0, all_exponents(0.0))
    >>> limit(ladder.across, order=2).value
    1.0
    """
    slopes = [move.slope for move in moves]
    power = _power(slopes)
    if power:
        end = math.copysign(math.inf, slopes[-1].value) if power > 0.0 else 0.0
        return Limit(end, 0.0, slopes[-1].step)
    better = [_extrapolated(long, short, order) for long, short in pairwise(slopes)]
    errors = [abs(one.value - next_.value) + next_.rounding for one, next_ in pairwise(better)]
    for error, i in sorted(zip(errors, range(1, len(better)), strict=True)):
        found, shorter = better[i], better[i + 1 :]
        if shorter and all(
            abs(s.value - found.value) <= 2.0 * (error + s.rounding) for s in shorter
        ):
            return Limit(found.value, error, found.step)
    return None


def _extrapolated(long: Slope, short: Slope, order: int) -> Slope:
    """Two quotients without the term of this order, in which they differ most."""
    weight = (long.step / short.step) ** order - 1.0
    value = short.value + (short.value - long.value) / weight
    return Slope(short.step, value, short.rounding + (short.rounding + long.rounding) / weight)


def _power(slopes: Sequence[Slope]) -> float | None:
    """The p where the quotients of the shortest steps h go as h⁻ᵖ, as those of √x at 0 with p = ½.

    Not 0, as for a slope, nor 1, as for a jump.
    """
    seen = slopes[-7:]
    if len(seen) < 7 or any(abs(s.value) <= 4.0 * s.rounding for s in seen):
        return None
    if len({s.value > 0.0 for s in seen}) > 1:
        return None
    powers = [
        math.log(short.value / long.value) / math.log(long.step / short.step)
        for long, short in pairwise(seen)
    ]
    steady = max(powers) - min(powers) < 0.05
    return powers[-1] if steady and max(powers) < 0.98 and abs(powers[-1]) > 0.02 else None


def jumps(moves: Sequence[Move]) -> bool:
    """Whether f goes from its value at x to another one over the shortest steps."""
    shortest = moves[-3:]
    heights = [move.height for move in shortest]
    return (
        len(heights) == 3
        and all(abs(move.height) > 8.0 * move.rounding for move in shortest)
        and max(heights) - min(heights) <= 0.01 * max(map(abs, heights))
    )


def settled(f: Callable[[float], float], x: float) -> Quotients:
    """The quotients with the step whose central one is nearest to their limit.

    Raises ``ValueError`` where f is not defined on both sides of x, or shows no slope.

    >>> near_pole = settled(math.log, 1e-3)
    >>> round(near_pole.central, 3)
    1000.0
    """
    across = Ladder(lambda t: (f(t), math.nan), x, all_exponents(x)).across
    found = limit(across, order=2)
    if found is None:
        raise ValueError(
            f"There is no difference quotient at {x!r}: f is not defined on both sides of it, or "
            f"no step shows its slope."
        )
    slopes = [move.slope for move in across]
    best = min(slopes, key=lambda s: abs(s.value - found.value) + s.rounding)
    return quotients(f, x, best.step)
