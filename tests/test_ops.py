"""The table of primitives against 50-digit arithmetic: values, first and second derivatives.

A new row is found and tested as it stands: see ``reference.py`` for what it is compared with.
``python tests/test_ops.py`` prints the worst error of every row.
"""

import copy
import math
import pickle
import random
import sys
import zlib
from collections.abc import Iterator
from functools import cache
from itertools import product
from typing import Any, NamedTuple

import mpmath
import pytest
from mpmath import mp, mpf
from reference import Jet, Kink, formula, groups, jet, value

from autograd_lite import Value, gradient, ops
from autograd_lite.engine.kinds import Dot, Unary
from autograd_lite.engine.primitive import TABLE, Primitive

EPS = sys.float_info.epsilon
SMALLEST = sys.float_info.min  # of the normal numbers: below it floats have fewer digits

#: value in units of the last place; first and second derivative in eps, relative
GOALS = {"value": 4.0, "first": 8.0, "second": 32.0}

# More members of the families than the one in the table. The exponents are whole or dyadic, so
# that n − 1 is exact: rounding that of 1/3 costs up to |log x|/4 eps.
MEMBERS = [
    *[ops.power(n) for n in (-2.0, -1.0, 0.0, 0.5, 1.0, 1.75, 2.0, 7.0)],
    ops.gaussian(1.0),
    ops.leaky_relu_with(0.3),
    ops.elu_with(0.3),
    ops.clip_to(-math.inf, 0.5),
]
HELD = TABLE["held_max"]  # the one row whose slopes are not its derivative: they are 0
ROWS = [op for op in (*TABLE.values(), *MEMBERS) if op is not HELD]


def title(op: Primitive) -> str:
    return " ".join([op.name, *(f"{x:g}" for x in op.args)])


# --- where to look --------------------------------------------------------------------------------


def spread(low: float, high: float) -> list[float]:
    """Ordinary, log-spaced and extreme points between two ends, both included."""
    anywhere = random.Random(1)
    found = {low, high, 0.0, 0.5, 1.0, 2.0, 5e-324, SMALLEST}
    found |= {10.0**k for k in (*range(-20, 21, 2), *range(-300, 301, 60))}
    found |= {10.0 ** anywhere.uniform(-3, 3) for _ in range(25)}
    found |= {-x for x in found}
    found |= {anywhere.uniform(low, high) for _ in range(25)}
    if max(abs(low), abs(high)) < 100.0:  # and close to the ends
        for k in (8, 20, 40, 50):
            found |= {low + 2.0**-k, high - 2.0**-k}
    return sorted({float(x) for x in found if low <= x <= high})


def points(op: Primitive) -> list[tuple[float, ...]]:
    domain = op.domain
    if op.arity == 1:
        return [(x,) for x in spread(*domain[0])]
    if op.arity is None and len(domain) == 1:
        domain *= 7 if isinstance(op, Dot) else 4
    anywhere = random.Random(zlib.crc32(op.name.encode()))
    choices = [[x for x in spread(*ends) if abs(x) >= 1e-300 or x == 0.0] for ends in domain]
    inside = [tuple(anywhere.uniform(*ends) for ends in domain) for _ in range(30)]
    return inside + [tuple(map(anywhere.choice, choices)) for _ in range(40)]


class Truth(NamedTuple):
    point: tuple[float, ...]
    value: Any  # NaN where there is no real answer
    jet: Jet | None  # None where there is no derivative


@cache
def truths(op: Primitive) -> list[Truth]:
    return [truth(op, point) for point in points(op)]


@cache
def truth(op: Primitive, point: tuple[float, ...]) -> Truth:
    function = formula(op)
    try:
        z = value(function, point)
    except (ZeroDivisionError, ValueError):
        z = mp.nan
    if isinstance(z, mpmath.mpc) or not mpmath.isfinite(z):
        return Truth(point, mp.nan, None)
    try:
        return Truth(point, z, jet(function, point))
    except Kink:
        return Truth(point, z, None)


# --- how far off ----------------------------------------------------------------------------------


class Error(NamedTuple):
    size: float
    kind: str  # a key of GOALS
    entry: Any  # which derivative: the place of an operand, or of two
    point: tuple[float, ...]
    got: float
    true: float

    @property
    def too_large(self) -> bool:
        return not self.size <= GOALS[self.kind]


def distance(kind: str, got: float, true: Any, scale: Any = 0) -> float:
    """The error, in units of what the kind is measured in."""
    nearest = float(true)
    if got == nearest or not math.isfinite(nearest):
        return 0.0 if got == nearest else math.inf
    scale = max(abs(true), scale, SMALLEST)
    return float(
        abs(mpf(got) - true) / (math.ulp(float(scale)) if kind == "value" else EPS * scale)
    )


def errors(op: Primitive, true: Truth, known: Primitive | None = None) -> Iterator[Error]:
    """How far the engine is off at one point; ``known`` is the right row, if ``op`` is a mutant."""
    leaves = [Value(x) for x in true.point]
    try:
        z = op.record(*groups(op, leaves))
    except (ArithmeticError, ValueError):
        z = None
    has_answer = not mpmath.isnan(true.value) and math.isfinite(float(true.value))
    assert has_answer == (z is not None), f"{op}{true.point} is {true.value}; the engine says {z}"
    if z is None:
        return

    def compared(kind: str, entry: Any, got: float, expected: Any) -> Error:
        size = distance(kind, got, expected)
        if not size <= GOALS[kind]:
            scale = scale_near_a_root(known or op, true, kind, entry)
            size = distance(kind, got, expected, scale)
        return Error(size, kind, entry, true.point, got, float(expected))

    yield compared("value", None, z.data, true.value)
    if true.jet is None:
        return
    for i, got in enumerate(z.partials):
        yield compared("first", i, got, true.jet.gradient[i])
    for i, d in enumerate(gradient(z, leaves)):
        assert d.data == z.partials[i]
        for j, dd in enumerate(gradient(d, leaves[i:]), start=i):
            yield compared("second", (i, j), dd.data, true.jet.hessian[i, j])


def scale_near_a_root(op: Primitive, true: Truth, kind: str, entry: Any) -> Any:
    """What an error is relative to, if not to the true number itself: the exceptions.

    Next to a root of a function (SiLU' at −1.28, GELU'' at ±1.41, atan2's ∂²/∂x∂y at x = y) no
    formula in floats has relative accuracy. So if the quantity changes its sign when an operand
    moves by an eighth (of itself, or of 1 if that is more), its largest value there counts.
    And logsumexp's ∂²/∂xᵢ² = pᵢ − pᵢ² has lost 1 − pᵢ where pᵢ rounds to 1 (a form that keeps it
    needs all the others summed for each operand, O(n²)): errors of its row count relative to pᵢ.
    And dot, which before Python 3.12 rounds each product, counts relative to Σ |w·x|.
    """
    if op is ops.dot and kind == "value":
        ws, xs = groups(op, true.point)
        return sum(abs(mpf(w) * x) for w, x in zip(ws, (*xs, 1.0), strict=True))
    if op.name == "logsumexp" and kind == "second":
        return entry_of(true, "first", entry[0])
    around = [entry_of(true, kind, entry)]
    for i, sign in product(range(len(true.point)), (1, -1)):
        x = true.point[i] + sign * max(abs(true.point[i]), 1.0) / 8
        moved = truth(op, (*true.point[:i], x, *true.point[i + 1 :]))
        around.append(entry_of(moved, kind, entry))
    around = [x for x in around if x is not None]
    return max(map(abs, around)) if min(around) <= 0 <= max(around) else 0


def entry_of(true: Truth, kind: str, entry: Any) -> Any:
    if kind == "value":
        return None if mpmath.isnan(true.value) else true.value
    if true.jet is None:
        return None
    return true.jet.gradient[entry] if kind == "first" else true.jet.hessian[entry]


def worst(op: Primitive) -> dict[str, Error]:
    found: dict[str, Error] = {}
    for true in truths(op):
        for error in errors(op, true):
            if error.kind not in found or error.size > found[error.kind].size:
                found[error.kind] = error
    return found


# --- the tests ------------------------------------------------------------------------------------


@pytest.mark.parametrize("op", ROWS, ids=title)
def test_a_row_is_right_to_the_last_digits(op):
    found = worst(op)
    assert set(found) == set(GOALS), "no point of the domain has derivatives"
    assert not [error for error in found.values() if error.too_large]


def test_the_held_maximum_has_slopes_0_on_purpose():
    """Softmax subtracts its largest operand as if it were a constant: no probability depends on
    it, so the slopes that the row leaves out would cancel anyway."""
    for true in truths(HELD):
        z = HELD.record(*groups(HELD, list(map(Value, true.point))))
        assert (z.data, z.partials) == (true.value, (0.0,) * 4)


def ordinary(op: Primitive) -> list[Truth]:
    """The same points, numbers of ordinary size first."""
    return sorted(truths(op), key=lambda true: abs(math.log10(abs(true.point[0]) or 1e-9)))


def scaled(op: Primitive, place: int, change: Any) -> Primitive:
    """The same row, its rule wrong in one place."""

    def rule(z: Any, *operands: Any) -> Any:
        flat, shape = [], []
        for group in op.rule(z, *operands):
            shape.append(len(group) if isinstance(group, tuple) else None)
            flat += group if isinstance(group, tuple) else [group]
        x = [x for group in operands for x in (group if isinstance(group, tuple) else (group,))]
        flat[place] = change(flat[place], x[place])
        left = iter(flat)
        return tuple(
            next(left) if n is None else tuple(next(left) for _ in range(n)) for n in shape
        )

    return mutant(op, rule=rule)


def mutant(op: Primitive, **changes: Any) -> Primitive:
    new = object.__new__(type(op))
    for slot in Primitive.__slots__:
        setattr(new, slot, getattr(op, slot))
    new.recorder = new._on_floats = None
    for slot, change in changes.items():
        setattr(new, slot, change)
    return new


def is_caught(wrong: Primitive, op: Primitive) -> bool:
    """Whether the check of the row notices; the first point usually does."""
    try:
        return any(
            error.too_large for true in ordinary(op) for error in errors(wrong, true, known=op)
        )
    except AssertionError:
        return True


@pytest.mark.parametrize("op", ROWS, ids=title)
def test_a_wrong_rule_is_caught(op):
    """A factor of 1.000001 in any one slope (or, on a slope of 0, as much added) is noticed."""
    assert is_caught(mutant(op, compute=lambda *x: op.compute(*x) * 1.000001), op)
    for place in range(len(truths(op)[0].point)):
        constant_0 = all(true.jet is None or true.jet.gradient[place] == 0 for true in truths(op))
        factor = (lambda d, x: d + 1e-6) if constant_0 else (lambda d, x: d * 1.000001)
        assert is_caught(scaled(op, place, factor), op), f"slope {place}"


@pytest.mark.parametrize("op", ROWS, ids=title)
def test_a_rule_with_a_wrong_derivative_is_caught(op):
    """A slope that is right as a number but wrong as a function: only the second derivative of
    the row can tell."""

    def change(d: Any, x: Any) -> Any:
        return d if isinstance(x, float) else d + 1e-3 * (x - x.data)

    for place in range(len(truths(op)[0].point)):
        assert is_caught(scaled(op, place, change), op), f"slope {place}"


LOG_COSH = {
    "compute": lambda x: math.log(math.cosh(x)),
    "rule": lambda z, x: (ops.tanh(x),),
    "form": "log(cosh(x))",
    "domain": ((1.0, 300.0),),
}


def log_cosh(**changes: Any) -> Primitive:
    row = {**LOG_COSH, **changes}
    return Unary("log_cosh", "log cosh", row.pop("compute"), row.pop("rule"), **row)


def test_a_new_row_needs_no_word_here():
    test_a_row_is_right_to_the_last_digits(log_cosh())
    with pytest.raises(AssertionError):
        test_a_row_is_right_to_the_last_digits(
            log_cosh(rule=lambda z, x: (ops.tanh(x) * 1.000001,))
        )
    with pytest.raises(LookupError, match=r"mpmath has no log_cosh\. Give the row a form"):
        test_a_row_is_right_to_the_last_digits(log_cosh(form=""))


TEXTBOOK = {
    "sech": lambda x: mpmath.sech(x),
    "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
    "softplus": lambda x: mpmath.log(1 + mpmath.exp(x)),
    "log_sigmoid": lambda x: -mpmath.log(1 + mpmath.exp(-x)),
    "softsign": lambda x: x / (1 + abs(x)),
    "silu": lambda x: x / (1 + mpmath.exp(-x)),
    "gelu": lambda x: x * mpmath.ncdf(x),
    "ndtr": lambda x: mpmath.ncdf(x),
    "relu": lambda x: (x + abs(x)) / 2,
    "step": lambda x: mpf(x > 0),
    "elu_with": lambda x: x if x > 0 else mpmath.exp(x) - 1,
    "leaky_relu_with": lambda x: x if x > 0 else mpf(0.01) * x,
    "clip_to": lambda x: sorted((mpf(-1), x, mpf(2)))[1],
    "gaussian": lambda x: mpmath.exp(-(x**2) / 2),
    "power": lambda x: x * x * x,
    "one_minus_square": lambda x: 1 - x**2,
    "share": lambda x, y: mpmath.exp(x) / (mpmath.exp(x) + mpmath.exp(y)),
    "logaddexp": lambda x, y: mpmath.log(mpmath.exp(x) + mpmath.exp(y)),
    "hypot": lambda x, y: mpmath.sqrt(x**2 + y**2),
    "direction": lambda x, y: x / mpmath.sqrt(x**2 + y**2),
}


@pytest.mark.parametrize("name", TEXTBOOK)
def test_a_template_is_the_textbook_definition(name):
    """The rows that NumPy has no function for: their template is what they are compared with."""
    op = TABLE[name]
    for x, y in product((-7.5, -0.3, 0.25, 1.5, 4.0), (-1.25, 3.0)):
        with mp.workdps(60):
            operands = [mpf(x), mpf(y)][: op.arity]
            expected = TEXTBOOK[name](*operands)
            assert abs(formula(op)(operands) - expected) <= mpf(10) ** -50 * max(abs(expected), 1)


@pytest.mark.parametrize("order", range(7))
def test_polygamma_of_any_order_and_sign(order: int) -> None:
    """Of order 0 it is digamma; left of −20 both are reflected."""
    polygamma = ops.polygamma(order) if order else ops.digamma
    for x in (-33.25, -20.25, -19.75, -7.3, -2.5, -0.3, -0.01, 0.02, 0.7, 5.0, 30.0):
        right = mpmath.polygamma(order, mpf(x))
        assert abs(polygamma(x) - right) <= 1e-13 * abs(right)


@pytest.mark.parametrize("order", [1, 2, 5, 20])
def test_polygamma_ends_where_floats_end(order: int) -> None:
    """Far out it is 0; it is refused where it is too large itself, and not a power on the way."""
    for x in (1e-160, 1e-150, -1e-150, 1e-60, -1e-60, 1e-14, -1e-14, 1e60, 1e154, 1e155, 1e300):
        terms = mpf(x) ** -order / order, mpf(x) ** (-order - 1) * (0.5 if x > 1.0 else 1.0)
        right = float(-((-1) ** order) * mpmath.factorial(order) * sum(terms[x < 1.0 :]))
        if math.isinf(right):
            with pytest.raises(OverflowError, match="polygamma: the result is too large"):
                ops.polygamma(order)(x)
        else:
            assert ops.polygamma(order)(x) == pytest.approx(right, rel=1e-13, abs=1e-320)


def somewhere(op: Primitive) -> tuple[float, ...]:
    return next(true.point for true in ordinary(op) if true.jet)


@pytest.mark.parametrize("op", ROWS, ids=title)
def test_a_row_travels_as_its_name(op):
    assert pickle.loads(pickle.dumps(op)) is copy.deepcopy(op) is op
    z = op.record(*groups(op, list(map(Value, somewhere(op)))))
    assert pickle.loads(pickle.dumps(z)).op is op


@pytest.mark.parametrize("op", ROWS, ids=title)
def test_floats_in_float_out(op):
    operands = groups(op, somewhere(op))
    if isinstance(op, Dot):
        operands = (operands[0][:-1], operands[1], operands[0][-1])  # the bias by itself
    elif op is ops.where:
        (operands,) = operands
    z = op(*operands)
    assert type(z) is float
    assert z == op.record(*groups(op, list(map(Value, somewhere(op))))).data


def print_table() -> None:
    print("| operation | points | value (ulp) | first (eps) | second (eps) |")
    print("|---|--:|--:|--:|--:|")
    for op in ROWS:
        found = worst(op)
        sizes = " | ".join(f"{found[kind].size:.2f}" if kind in found else "–" for kind in GOALS)
        flag = "".join(f" ← {error}" for error in found.values() if error.too_large)
        print(f"| {title(op)} | {len(truths(op))} | {sizes} |{flag}")


if __name__ == "__main__":
    print_table()


@pytest.mark.parametrize("x", [math.inf, -math.inf, math.nan])
@pytest.mark.parametrize("family", [ops.leaky_relu_with, ops.elu_with])
def test_a_slope_that_belongs_to_an_operation_is_finite(family: Any, x: float) -> None:
    with pytest.raises(ValueError, match="is a finite number; got"):
        family(x)
