"""What the table's rows should give, to 50 digits, without knowing a single rule of calculus.

The value of a row is its form read with mpmath: a second statement of the same function, so a new
row is tested without a word written here. The derivatives are finite differences of that value, at
so many digits that nothing is lost: the definition of a derivative rather than another set of
rules.
"""

from collections.abc import Callable, Sequence
from itertools import combinations
from types import SimpleNamespace
from typing import Any

import mpmath
from mpmath import mp, mpf

from autograd_lite.engine.kinds import Dot
from autograd_lite.engine.primitive import TABLE, Primitive

Function = Callable[[Sequence[Any]], Any]

#: What a row computes, where mpmath has it by another name or none; other rows have a form.
IN_MPMATH: dict[str, Any] = {
    "abs": mpmath.fabs,
    "cbrt": lambda x: mpmath.sign(x) * mpmath.cbrt(abs(x)),
    "copysign": lambda x, y: abs(x) if y >= 0 else -abs(x),  # mpmath has no −0
    "dot": lambda ws, xs: sum(w * x for w, x in zip(ws, xs, strict=True)),
    "exp2": lambda x: mpf(2) ** x,
    "floor_divide": lambda x, y: mpmath.floor(x / y),
    "fmod": lambda x, y: mpmath.sign(x) * modulo(abs(x), abs(y)),
    "held_max": max,
    "inf": mpf("inf"),
    "lgamma": lambda x: mpmath.loggamma(x).real,
    "log2": lambda x: mpmath.log(x) / mpmath.log(2),
    "logaddexp": lambda x, y: logsumexp((x, y)),  # the form rounds log 2
    "maximum": max,
    "mean": lambda xs: sum(xs) / len(xs),
    "mills": lambda x: mpmath.npdf(x) / mpmath.ncdf(x),
    "mills_tail": lambda x, n: mills_tail(x, n),
    "minimum": min,
    "mod": lambda x, y: modulo(x, y),
    "polygamma": lambda x, n: mpmath.polygamma(int(n), x),
    "pow": mpmath.power,
    "prod": mpmath.fprod,
    "remainder": lambda x, y: x - y * mpmath.nint(x / y),
    "rint": mpmath.nint,
    "sinc": mpmath.sincpi,
    "sinc_derivative": lambda x, n: sinc_derivative(x, int(n)),
    "sum": sum,
    "trunc": lambda x: mpmath.sign(x) * mpmath.floor(abs(x)),
    "where": lambda condition, x, y: x if condition else y,
}


def logsumexp(xs: Sequence[Any]) -> Any:
    return mpmath.log(sum(map(mpmath.exp, xs)))


def modulo(x: Any, y: Any) -> Any:
    return x % y if y else x / y  # which raises


def mills_tail(x: Any, n: Any) -> Any:
    """From φ/Φ by the recurrence of the integrals, with the digits that it loses to the left."""
    with mp.workdps(mp.dps + 20 * int(n)):
        k = mpmath.npdf(x) / mpmath.ncdf(x)
        for i in range(int(n)):
            k = x + (i / k if i else k)
    return +k


def sinc_derivative(x: Any, n: int) -> Any:
    """The mean of cos(πxt) for t from 0 to 1, differentiated term by term, or by its recurrence."""
    pi = mpmath.pi
    if abs(x) > 0.01:
        with mp.workdps(mp.dps + 10 * n):
            z = mpmath.sincpi(x)
            for k in range(1, n + 1):
                z = (pi ** (k - 1) * mpmath.sin(pi * x + k * pi / 2) - k * z) / x
        return +z
    k = (n + 1) // 2
    term = (-1) ** k * pi ** (2 * k) * x ** (2 * k - n) / (2 * k + 1)
    total = term * 0
    while abs(term) > mpf(10) ** -mp.dps * abs(total):
        total += term
        k += 1
        term *= -((pi * x) ** 2) * (2 * k - 1) / ((2 * k + 1) * (2 * k - n) * (2 * k - n - 1))
    return total


class _Names(dict):  # type: ignore[type-arg]
    """The names of a form: functions of mpmath, and rows by their own forms."""

    def __missing__(self, name: str) -> Any:
        if name in IN_MPMATH:
            return IN_MPMATH[name]
        if name == "logsumexp":
            return logsumexp
        if name in TABLE and TABLE[name].form:
            return lambda *xs: in_mpmath(TABLE[name], xs)
        found = getattr(mpmath, name, None)
        if found is None:
            raise LookupError(
                f"mpmath has no {name}. Give the row a form of functions that it has, or say in "
                f"tests/reference.py what {name} is in mpmath."
            )
        return found


def in_mpmath(op: Primitive, operands: Sequence[Any]) -> Any:
    """The form of a row at these operands, its numbers taken for what they are."""
    if op.name in IN_MPMATH and op.args:
        return IN_MPMATH[op.name](*operands, *op.args)
    form = op.form or f"{op.name}({', '.join(op.operands)})"
    return eval(form, {}, _Names(zip(op.operands, operands, strict=True)))


def groups(op: Primitive, xs: Sequence[Any]) -> tuple[Any, ...]:
    """A flat list of operands in the shape that the row's rule takes."""
    if isinstance(op, Dot):
        split = (len(xs) + 1) // 2  # of an odd number one is the bias
        return tuple(xs[:split]), tuple(xs[split:])
    return (tuple(xs),) if op.arity is None else tuple(xs)


def formula(op: Primitive) -> Function:
    """The row's value as a function of a flat list of mpmath numbers."""

    def value(xs: Sequence[Any]) -> Any:
        parts = groups(op, xs)
        if isinstance(op, Dot) and len(xs) % 2:
            parts = parts[0], (*parts[1], mpf(1))
        return in_mpmath(op, parts)

    return value


class Kink(ArithmeticError):
    """The function has no derivative here: tests/test_edges.py says what the engine answers."""


class Jet(SimpleNamespace):
    """A value, its gradient (one entry per operand) and its Hessian ({(i, j): entry}, i ≤ j)."""

    value: Any
    gradient: list[Any]
    hessian: dict[tuple[int, int], Any]

    def entries(self) -> list[Any]:
        return [*self.gradient, *self.hessian.values()]


def jet(f: Function, xs: Sequence[float], order: int = 2) -> Jet:
    """Value, gradient and Hessian of ``f``, right to 20 digits or more.

    Differences with steps of 10⁻³⁰ times the operand, at 150 digits; when all entries come out
    the same at 300 digits, they are right. Where a function has grown flat (1 − tanh(1000) is
    10⁻⁸⁶⁸) they do not, or are 0: a 0 is only believed at 1,200 digits. Raises ``Kink``.
    """
    previous = None
    for digits in (150, 300, 1200):
        with mp.workdps(digits):
            found = _differences(f, [mpf(x) for x in xs], order)
        if previous and all(map(_same, previous.entries(), found.entries())):
            break
        previous = found
    return found


def value(f: Function, xs: Sequence[float]) -> Any:
    """The value of ``f`` to 60 digits or more."""
    with mp.workdps(120):
        return f([mpf(x) for x in xs])


def differences(f: Function, xs: Sequence[float]) -> Jet:
    """Value and gradient of a function that is smooth and of ordinary size; quick."""
    at = [mpf(x) for x in xs]
    h = mpf(10) ** (-mp.dps // 3)
    gradient = []
    for i, x in enumerate(at):
        up, down = f([*at[:i], x + h, *at[i + 1 :]]), f([*at[:i], x - h, *at[i + 1 :]])
        gradient.append((up - down) / (2 * h))
    return Jet(value=f(at), gradient=gradient, hessian={})


def _same(a: Any, b: Any) -> bool:
    return b != 0 and abs(a - b) <= abs(b) * mpf(10) ** -20


def _differences(f: Function, xs: list[Any], order: int) -> Jet:
    at_zero = mpf(10) ** (-165 if len(xs) == 1 else -30)  # x³ has a slope of exactly 0 there
    steps = [abs(x) * mpf(10) ** -30 or at_zero for x in xs]

    def at(*moves: tuple[int, int]) -> Any:
        moved = list(xs)
        for i, direction in moves:
            moved[i] += direction * steps[i]
        return f(moved)

    center = at()
    up = [at((i, 1)) for i in range(len(xs))]
    down = [at((i, -1)) for i in range(len(xs))]
    if any(isinstance(z, mpmath.mpc) for z in (*up, *down)):
        raise Kink("the domain ends here")
    gradient = []
    hessian: dict[tuple[int, int], Any] = {}
    for i, h in enumerate(steps):
        right, left = (up[i] - center) / h, (center - down[i]) / h
        suspicious = abs(right - left) > mpf(10) ** -9 * max(abs(right), abs(left))
        if suspicious or abs(up[i] - down[i]) > mpf(10) ** -9 * max(abs(up[i]), abs(down[i])):
            _insist_on_smoothness(f, xs, i, h, up[i] - down[i], right - left)
        gradient.append((right + left) / 2)
        if order == 2:
            hessian[i, i] = (right - left) / h
    if order == 2:
        for i, j in combinations(range(len(xs)), 2):
            corners = at((i, 1), (j, 1)) - at((i, 1), (j, -1)) - at((i, -1), (j, 1))
            hessian[i, j] = (corners + at((i, -1), (j, -1))) / (4 * steps[i] * steps[j])
    return Jet(value=center, gradient=gradient, hessian=hessian)


def _insist_on_smoothness(f: Function, xs: list[Any], i: int, h: Any, rise: Any, bend: Any) -> None:
    """Raise ``Kink`` unless the rise of f and the bend of its slope shrink with the step."""
    h /= 1000
    up, down = (f([*xs[:i], xs[i] + step, *xs[i + 1 :]]) for step in (h, -h))
    if abs(up - down) > abs(rise) / 100 or abs(up - 2 * f(xs) + down) > abs(bend) * h / 10:
        raise Kink("a jump, or left and right slope differ")
