"""Whether a derivative is right: the exact one against the limit of difference quotients.

A check says what can be seen and no more. Where rounding hides the slope, or f waves too fast for
any step, it "cannot tell"; that no slope is there, at a kink or a jump, is an answer of its own.

Next: ``misuse.py``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal, NamedTuple, TypeAlias

from ..engine.arrays import quiet
from ..engine.groups import number_of
from ..engine.inputs import real
from ..value import Value
from .arguments import Arguments
from .differences import NOTHING, Ladder, Limit, Rounded, all_exponents, jumps, limit
from .sweeps import EPSILON, rounding

#: A function of a row of numbers: its value, and how far rounding may have moved that.
RoundedOfMany: TypeAlias = Callable[[Sequence[float]], tuple[float, float]]

#: So many steps are enough to show that a slope is right.
SOME = 4

#: How many times the error of the limit a disagreement has to be to count as one.
SURE = 4.0


#: Verdicts that say something for or against the derivative.
TONES: dict[str, Literal["good", "bad"]] = {"right": "good", "WRONG": "bad"}


class Check(NamedTuple):
    """One derivative by two ways, and what is to be said of it.

    ============= ============================================================================
    right         they agree to within the tolerance, relative to the larger one
    WRONG         they do not, by several times what the quotients may be off
    kink          the slopes on the two sides differ, the analytic one is between them, or NaN
    jump          the function jumps there, and has no slope
    cannot tell   rounding, or waves too fast for any step, hide the slope
    ============= ============================================================================

    A slope of 0 is right where the quotients are 0 to within the tolerance of those on either side,
    or where the function is flat.
    """

    name: str
    input: float
    analytic: float
    numeric: float
    error: float
    verdict: str

    @property
    def passed(self) -> bool:
        """Whether nothing speaks against the analytic derivative."""
        return self.verdict != "WRONG"


def check(name: str, f: Rounded, x: float, analytic: float, tolerance: float) -> Check:
    """The analytic derivative of f at x against the limit of its difference quotients.

    A few steps show that it is right; before anything else is said, all are tried.

    >>> check("x", lambda x: (x * x, 0.0), 3.0, 6.0, tolerance=1e-6).verdict
    'right'
    >>> check("x", lambda x: (max(x, 0.0), 0.0), 0.0, 0.0, tolerance=1e-6).verdict
    'kink'
    """
    numeric, verdict = math.nan, ""
    for exponents in _tries(x):
        numeric, verdict = _judged(Ladder(f, x, exponents), analytic, tolerance)
        if verdict == "right" or (verdict != "cannot tell" and len(exponents) > SOME):
            break
    return Check(name, x, analytic, numeric, abs(analytic - numeric), verdict)


def _tries(x: float) -> Iterator[list[int]]:
    """Some steps at a time where most functions show their slope, then all."""
    own = math.frexp(x)[1] if x else 0
    for longest in (own - 6, own - 16):
        yield [longest - 2 * i for i in range(SOME)]
    yield all_exponents(x)
    if x == 0.0:  # which has no scale
        yield [*range(-NOTHING, NOTHING - 1, -4)]


def _judged(ladder: Ladder, analytic: float, tolerance: float) -> tuple[float, str]:
    """The numeric derivative and the verdict, as far as these steps show."""
    left, right = limit(ladder.left, 1), limit(ladder.right, 1)
    if jumps(ladder.left) or jumps(ladder.right):
        return math.nan, "jump"
    if left and right and _differ(left, right, tolerance):
        low, high = sorted((left, right))
        slack = tolerance * abs(analytic)
        below, above = low.value - low.error - slack, high.value + high.error + slack
        none_told = below <= analytic <= above or math.isnan(analytic)
        return 0.5 * (low.value + high.value), "kink" if none_told else "WRONG"
    found = limit(ladder.across, 2) if ladder.across else left or right
    if found is None:
        return math.nan, "cannot tell"
    verdict = _compared(analytic, found, ladder, tolerance)
    if verdict == "right" and left and right and not _alike(left, right, ladder, found.step):
        verdict = "cannot tell"
    return found.value, verdict


def _differ(left: Limit, right: Limit, tolerance: float) -> bool:
    """Whether the slopes of the two sides are surely not the same."""
    size = max(abs(left.value), abs(right.value))
    gap = abs(left.value - right.value)
    return gap > max(SURE * (left.error + right.error), tolerance * size if size < math.inf else 0)


def _beside(ladder: Ladder, step: float) -> float:
    """The steeper one of the two quotients beside x, with this step."""
    return max(abs(move.slope.value) for move in ladder.sides if move.step == step)


def _alike(left: Limit, right: Limit, ladder: Ladder, step: float) -> bool:
    """Whether the slopes of the two sides come together: those of √|x| at 0 are −∞ and ∞."""
    return not abs(left.value - right.value) > 0.5 * _beside(ladder, step)


def _compared(analytic: float, found: Limit, ladder: Ladder, tolerance: float) -> str:
    if math.isinf(found.value) or not math.isfinite(analytic):
        return "right" if analytic == found.value else "WRONG"
    error = abs(analytic - found.value)
    scale = max(abs(analytic), abs(found.value))
    if analytic == 0.0 and error <= found.error:
        scale = _beside(ladder, found.step) or 1.0
    if max(error, found.error) <= tolerance * scale:
        return "right"
    if error > max(tolerance * scale, SURE * found.error) and not _is_hidden(ladder):
        return "WRONG"
    return "cannot tell"


def _is_hidden(ladder: Ladder) -> bool:
    """Whether f moves, but never by more than rounding on the way to its value could explain.

    So it is with sin(10²⁰·x): no step is short enough, and the values look like noise.
    """
    heights = [(abs(move.height), move.rounding) for move in ladder.sides]
    moves = any(height > 16.0 * EPSILON * ladder.largest for height, _ in heights)
    return moves and not any(height > 4.0 * rounding for height, rounding in heights)


class Report(tuple[Check, ...]):
    """The checks of one function; printed, a table.

    >>> Report([Check("x", 3.0, 6.0, 6.0, 0.0, "right")])
    input                      analytic                 numeric      error  verdict
    x = 3                             6                       6          0  right
    """

    __slots__ = ()

    @property
    def passed(self) -> bool:
        """Whether nothing speaks against any derivative."""
        return all(check.passed for check in self)

    def __str__(self) -> str:
        rows = [("input", "analytic", "numeric", "error", "verdict")]
        for name, x, analytic, numeric, error, verdict in self:
            numbers = (_shown(analytic, 10), _shown(numeric, 10), _shown(error, 2))
            rows.append((f"{name} = {_shown(x, 6)}", *numbers, verdict))
        width = max(11, *(len(row[0]) for row in rows))
        return "\n".join(
            f"{row[0]:<{width}}{row[1]:>24}{row[2]:>24}{row[3]:>11}  {row[4]}" for row in rows
        )

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """The table, with the verdicts in colours."""
        from ..showing.html import result, table, verdict

        rows = [
            (
                check.name, _shown(check.input, 6), _shown(check.analytic, 10),
                _shown(check.numeric, 10), _shown(check.error, 2),
                verdict(check.verdict, TONES.get(check.verdict, "unsure")),
            )
            for check in self
        ]  # fmt: skip
        head = ("input", "at", "analytic", "numeric", "error", "verdict")
        return result(table(head, rows, numbers=range(1, 5)), scrolls="Derivatives")


def report(
    arguments: Arguments, at: RoundedOfMany, slopes: Sequence[float], tolerance: float
) -> Report:
    """The checks of the slopes of a function, one per number of its arguments."""
    inputs = [leaf.data for leaf in arguments.leaves]

    def along(i: int) -> Rounded:
        return lambda x: at([*inputs[:i], x, *inputs[i + 1 :]])

    return Report(
        check(name, along(i), inputs[i], slope, tolerance)
        for i, (name, slope) in enumerate(zip(arguments.names(), slopes, strict=True))
    )


def plainly(arguments: Arguments) -> RoundedOfMany:
    """f at other numbers: of Values, which tell how they are rounded, else of plain numbers."""

    def run(kind: Callable[[float], Any], row: Sequence[float]) -> Any:
        with quiet():
            return arguments.f(*arguments.filled([*map(kind, row)]), **arguments.named)

    kind: Callable[[float], Any] = Value
    try:
        run(kind, [leaf.data for leaf in arguments.leaves])
    except (AttributeError, TypeError, ValueError):
        kind = float

    def at(row: Sequence[float]) -> tuple[float, float]:
        y = run(kind, row)
        if isinstance(y, Value):
            return float(number_of(y)), rounding(y)
        y = y.item() if getattr(y, "shape", None) == () else y
        return real(y, "f returns"), math.nan

    return at


def _shown(x: float, digits: int) -> str:
    return f"{x + 0.0:.{digits}g}"  # −0 would only raise questions
