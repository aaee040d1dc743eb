"""What machine code computes otherwise, with fewer calls: values and derivatives in 50 digits."""

import random
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import mpmath
import pytest

from autograd_lite import Parameter, Value, compile, gradient, ops

pytest.importorskip("llvmlite", reason="machine code needs llvmlite")

EPS = 2.0**-52
ANYWHERE = random.Random(0)
NEAR = [
    s * x for x in (1e-300, 1e-9, 0.1, 0.5, 0.549999, 0.550001, 0.9, 0.97, 1.1) for s in (1, -1)
]
AROUND = [0.0, *NEAR, *[ANYWHERE.uniform(-40.0, 40.0) for _ in range(40)], 300.0, -300.0]
ABOVE = [10.0 ** ANYWHERE.uniform(-30.0, 30.0) for _ in range(40)]


def sigmoid(x: Any) -> Any:
    return 1 / (1 + mpmath.exp(-x))


def power_and_slopes(n: float) -> Callable[[Any], list[Any]]:
    return lambda x: [x**n, n * x ** (n - 1), n * (n - 1) * x ** (n - 2)]


def bell(x: Any) -> Any:
    return sigmoid(x) * sigmoid(-x)


#: Of Values; what it is and its two derivatives in 50 digits; where.
ROWS: dict[str, tuple[Callable[[Any], Any], Callable[[Any], list[Any]], list[float]]] = {
    "tanh": (
        ops.tanh,
        lambda x: [mpmath.tanh(x), mpmath.sech(x) ** 2, -2 * mpmath.tanh(x) * mpmath.sech(x) ** 2],
        AROUND,
    ),
    "sigmoid": (
        ops.sigmoid, lambda x: [sigmoid(x), bell(x), -bell(x) * mpmath.tanh(x / 2)], AROUND
    ),
    "softplus": (
        ops.softplus, lambda x: [mpmath.log1p(mpmath.exp(x)), sigmoid(x), bell(x)], AROUND
    ),
    **{
        f"x ** {n}": (lambda x, n=n: x**n, power_and_slopes(mpmath.mpf(n)), ABOVE)
        for n in (-6.0, -1.5, 0.5, 5.5, 2.7, -0.3)
    },
}  # fmt: skip


def with_slopes(f: Callable[[Any], Any], x: Value) -> list[Value]:
    y = f(x)
    (slope,) = gradient(y, [x])
    return [y, slope, *gradient(slope, [x])]


@pytest.mark.parametrize("name", ROWS)
def test_values_and_two_derivatives(name: str) -> None:
    f, exact, points = ROWS[name]
    with mpmath.workdps(50):
        rights = [exact(mpmath.mpf(p)) for p in points]
    x = Value(0.5)
    one = compile(with_slopes(f, x), [x], native=True)
    many = compile(lambda x: with_slopes(f, x), [points], "each", native=True)
    for found in [one(p) for p in points], many(points):
        for p, gots, right in zip(points, found, rights, strict=True):
            for k, limit in enumerate((2 * EPS, 8 * EPS, 32 * EPS)):
                error = abs(mpmath.mpf(gots[k]) - right[k])
                assert error <= limit * abs(right[k]) or error < 1e-300, (p, k, gots[k], right[k])


@pytest.mark.parametrize("n", [1.7, -0.3, 7.5, -1.5])
def test_a_power_too_small_for_a_float_still_has_its_slope(n: float) -> None:
    x = Parameter(1.0)
    program = compile(x**n, native=True)
    for p in (1e-300, 1e-200, 5e-186, 1e-150, 1e-100, 1e-42, 1e-40, 1e40, 1e100):
        expected = attempt(lambda p=p: with_slopes(lambda x: x**n, Value(p))[1].data)
        assert attempt(lambda p=p: program.value_and_grad([p])[1][0]) == expected


def attempt(f: Callable[[], float]) -> Any:
    try:
        return pytest.approx(f(), rel=1e-12, abs=0.0)
    except (ArithmeticError, ValueError) as error:
        return type(error)


def test_slopes_call_no_function_of_c_that_their_values_have_called() -> None:
    x = Parameter(0.3)
    for y, calls in ((x.tanh(), {"exp": 3}), (x.sigmoid(), {"exp": 2}), (x**2.7, {"pow": 3})):
        text = compile(y, native=True).to_source("llvm")
        found = Counter(re.findall(r"call double @(\w+)\(", text))
        assert found == calls


def test_a_power_of_a_parameter_is_raised_once() -> None:
    x, y = Parameter(1.5), Parameter(2.7)
    program = compile(x**y, parameters=[x, y], native=True)
    for p in ([1.5, 2.7], [0.3, -4.5], [1e-200, 1.6], [3.0, 0.0]):
        a, b = (Value(v) for v in p)
        (a**b).backward()
        value, slopes = program.value_and_grad(p)
        assert value == pytest.approx((a**b).data, rel=1e-13, abs=0.0)
        assert slopes == pytest.approx([a.grad, b.grad], rel=1e-12, abs=0.0)
    found = re.findall(r"call double @pow\(", program.to_source("llvm"))
    assert len(found) == 3  # of the value; again with the slopes, where xʸ is next to 0 alone


def test_turns_of_a_loop_keep_what_their_slopes_need() -> None:
    x = Parameter(0.3)
    y: Any = x
    for _ in range(60):
        y = (3 * y + x).tanh() * (y - x).sigmoid() + (y * y + 1) ** -1.5 + (y * y + 2) ** 0.3
    y.backward()
    program = compile(y, native=True)
    value, (slope,) = program.value_and_grad([0.3])
    assert (value, slope) == (pytest.approx(y.data, rel=1e-13), pytest.approx(x.grad, rel=1e-12))
    both = program.to_source("llvm").rpartition("define i32 @run")[0].rpartition("@run")[2]
    found = Counter(re.findall(r"call double @(\w+)\(", both))
    # a sigmoid's, tanh's tail, its slope's; a power, its slope: in the loop, and in turns before it
    assert found["exp"] * 2 == found["pow"] * 3 > 0


def test_what_is_not_computed_raises_no_flag() -> None:
    x = Parameter(0.3)
    for y, p in ((x.tanh(), 1e200), (x**2.7, 0.0)):
        program = compile(y, native=True)
        program._both = None  # type: ignore[assignment, method-assign]  # it answers by itself
        assert program.value_and_grad([p]) == (y.op(p), 0.0)
