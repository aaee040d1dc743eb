"""``import autograd_lite as math``: every public name of Python's ``math``, on floats and Values.

Floats get what ``math`` gives, to the last digits or better, and errors of its types; what differs
on purpose is listed. On Values the number is the same, and the slopes are those of the function.
"""

import inspect
import math
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import mpmath
import numpy as np
import pytest
from mpmath import mp

import autograd_lite as ag
from autograd_lite import Value, as_math, compile, derived, grad, gradient, hessian, ops
from autograd_lite.engine.ieee import evaluate
from autograd_lite.engine.primitive import TABLE

NAMES = [name for name in dir(math) if not name.startswith("_")]
FUNCTIONS = [name for name in NAMES if callable(getattr(math, name))]
POINTS = [
    0.0, -0.0, 0.25, 0.5, 1.0, -1.0, 1.5, 2.0, -2.5, 3.0, 7.25, -30.0, 170.5, 709.5, 1e-8, -1e-8,
    1e-300, 5e-324, 1e16, -1e16, 1e300, math.inf, -math.inf, math.nan, 0, 1, 5, -3, True,
]  # fmt: skip

# --- floats ---------------------------------------------------------------------------------------

#: What takes something else than one number or two.
ARGUMENTS: dict[str, list[tuple[Any, ...]]] = {
    "comb": [(5, 2), (10, 0), (3, 5), (-1, 2), (2.5, 1)],
    "dist": [([1.0, 2.0], [4.0, 6.0]), ((1,), (1,)), ([], []), ([1.0], [1.0, 2.0])],
    "factorial": [(0,), (5,), (-1,), (2.5,)],
    "fma": [(2.0, 3.0, 4.0), (1e308, 2.0, -1e308), (0.1, 10.0, -1.0)],
    "fsum": [([0.1] * 10,), ([],), ((1, 2),), ([1e16, 1.0, -1e16],), ([1e308, 1e308, -1e308],)],
    "gcd": [(12, 18), (), (0, 5), (7,), (2.0, 4)],
    "hypot": [(), (3.0,), (3.0, 4.0), (1.0, 2.0, 2.0), (1e200, 1e200, 1e200), (3, 4, 12)],
    "isclose": [(1.0, 1.0 + 1e-10), (1.0, 1.1), (math.inf, math.inf), (math.nan, math.nan)],
    "isqrt": [(10,), (0,), (-1,), (2.0,)],
    "lcm": [(4, 6), (), (0, 5)],
    "ldexp": [(0.75, 3), (1.0, -1074), (1.0, 2000), (0.0, 5), (math.inf, 2), (1.0, 0.5)],
    "log": [(8.0, 2.0), (8, 2), (10**400,), (10**400, 10), (0.0,), (-1.0,), (0,), (2.0, 1.0)],
    "nextafter": [(1.0, 2.0), (0.0, -1.0), (math.inf, 0.0)],
    "perm": [(5, 2), (5,), (3, 5), (-1, 1)],
    "pow": [(2.0, 0.5), (0.0, 0.0), (-8.0, 3.0), (-8.0, 0.5), (2, 10), (1e200, 2.0)],
    "prod": [([1.5, 2.0],), ([2, 3, 4],), ([],), ((2.0,),)],
    "sumprod": [([1.0, 2.0], [3.0, 4.0]), ([1, 2], [3, 4]), ([], []), ([1.0], [1.0, 2.0])],
}  # fmt: skip

#: Name, condition on the arguments: what is otherwise here, as the module says.
OTHERWISE: list[tuple[str, Callable[..., bool]]] = [
    # infinities flow as IEEE 754 says
    ("cos sin tan", lambda x: math.isinf(x)),
    ("fmod remainder", lambda x, y: math.isinf(x) or math.isnan(x) or math.isnan(y)),
    ("atanh", lambda x: math.isinf(x)),
    ("acos asin acosh sqrt log log2 log10 log1p gamma", lambda x, *_: x == -math.inf),
    ("acos asin", lambda x: x == math.inf),
    # as 0.0 ** -1.0 has it
    ("pow", lambda x, y: x == 0.0 and y < 0.0),
    ("fsum", lambda xs: 1e308 in xs),  # the answer exists: math overflows on the way
]


def arguments(name: str) -> Iterator[tuple[Any, ...]]:
    yield from ARGUMENTS.get(name, [])
    if name in ARGUMENTS and name not in ("pow", "hypot"):
        return
    count = len(inspect.signature(getattr(math, name)).parameters) if name != "hypot" else 2
    yield from product(POINTS, repeat=count)


def outcome(function: Callable[..., Any], given: tuple[Any, ...]) -> Any:
    try:
        return function(*given)
    except (ArithmeticError, ValueError, TypeError) as error:
        return type(error)


def alike(a: Any, b: Any) -> bool:
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(map(alike, a, b))
    if isinstance(a, type) or isinstance(b, type) or isinstance(a, bool | int):
        return a == b and type(a) is type(b)
    return (a != a and b != b) or a == b


def as_good(name: str, got: Any, theirs: Any, given: tuple[Any, ...]) -> bool:
    """The same; or, of floats, no farther from the truth than theirs."""
    if alike(got, theirs):
        return True
    if not (isinstance(got, float) and isinstance(theirs, float) and math.isfinite(theirs)):
        return False
    if name == "lgamma":
        with mp.workdps(50):
            true = mpmath.loggamma(given[0]).real
    elif name == "gamma":
        with mp.workdps(50):
            true = mpmath.gamma(given[0])
    else:
        return abs(got - theirs) <= math.ulp(theirs)
    return bool(abs(got - true) <= max(abs(theirs - true), math.ulp(theirs)))


def test_every_name_is_there() -> None:
    assert [name for name in NAMES if not hasattr(ag, name)] == []
    assert all(getattr(ag, name) == getattr(math, name) for name in ("e", "inf", "pi", "tau"))
    assert math.isnan(ag.nan)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_floats_get_what_math_gives(name: str) -> None:
    ours, theirs = getattr(ag, name), getattr(math, name)
    otherwise = [condition for names, condition in OTHERWISE if name in names.split()]
    compared = 0
    for given in arguments(name):
        if any(condition(*given) for condition in otherwise):
            continue
        got, expected = outcome(ours, given), outcome(theirs, given)
        assert as_good(name, got, expected, given), (given, got, expected)
        compared += 1
    assert compared >= 3


def test_what_overflows_on_the_way_has_an_answer() -> None:
    assert ag.fsum([1e308, 1e308, -1e308]) == 1e308
    assert ag.dot([1e200, 1e200], [1e200, -1e200]) == 0.0
    assert ag.dot([1e200, 1e200, 3.0], [1e200, -1e200, 1.0], 4.0) == 7.0
    assert ag.dot([Value(1e300), Value(-1e300)], [1e300, 1e300]).data == 0.0
    assert ag.prod([1e200, 1e200, 1e-300]) == pytest.approx(1e100, rel=1e-15)
    assert ag.prod([1e-200, 1e-200, 1e200, 1e200]) == pytest.approx(1.0, rel=1e-15)
    for call in (lambda: ag.dot([1e200], [1e200]), lambda: ag.prod([1e200, 1e200])):
        with pytest.raises(OverflowError, match="too large for a float"):
            call()


def test_a_product_is_one_node_whatever_numbers_are_in_it() -> None:
    x = Value(3.0)
    for factors in ([2, x], [x, 2], [2, 4, x, 1.5]):
        y = ag.prod(factors)
        assert (y.op, len(y.parents)) == (ag.ops.prod, len(factors))


@pytest.mark.parametrize("factors", [[1e200, 1e-200, 1e200, 1e-200], [1e-160, 1e-160, 1e160, 3.0]])
def test_slopes_of_products_that_overflow_on_the_way(factors: list[float]) -> None:
    xs = list(map(Value, factors))
    y = ag.prod(xs)
    y.backward()
    with mp.workdps(40):
        true = [float(mpmath.fprod(factors[:k] + factors[k + 1 :])) for k in range(4)]
    assert [x.grad for x in xs] == pytest.approx(true, rel=1e-15)
    assert [d.data for d in gradient(y, xs)] == [x.grad for x in xs]


def test_sums_of_integers_count() -> None:
    xs = list(range(10))
    assert xs[ag.floor(2.5)] == 2
    assert xs[ag.prod([2, 3])] == 6
    assert list(range(ag.ceil(1.5))) == [0, 1]
    assert type(ag.prod([2.0, 3])) is float
    x, y = Value(2.0), Value(3.0)
    assert ag.prod([x, y]).parents == (x, y)
    assert [parent.data for parent in ag.prod([x, y], start=5).parents] == [5.0, 2.0, 3.0]


# --- Values ---------------------------------------------------------------------------------------

SMOOTH: dict[str, tuple[float, ...]] = {
    "acos": (0.3,), "acosh": (1.7,), "asin": (0.3,), "asinh": (0.3,), "atan": (0.3,),
    "atan2": (0.3, -1.2), "atanh": (0.3,), "cbrt": (2.0,), "copysign": (0.3, -2.0), "cos": (0.3,),
    "cosh": (0.3,), "degrees": (0.3,), "dist": (1.0, 2.5), "erf": (0.3,), "erfc": (0.3,),
    "exp": (0.3,), "exp2": (0.3,), "expm1": (0.3,), "fabs": (-0.3,), "floor": (2.3,),
    "ceil": (2.3,), "trunc": (-2.3,), "fma": (1.5, 2.5, 3.5), "fmod": (-7.3, 2.2),
    "fmax": (0.3, 0.7), "fmin": (0.3, 0.7),
    "fsum": (1.5, 2.5), "gamma": (3.7,), "hypot": (0.3, 0.7, 1.1), "ldexp": (0.7,),
    "lgamma": (-2.3,), "log": (0.3, 5.0), "log10": (0.3,), "log1p": (0.3,), "log2": (0.3,),
    "modf": (-2.3,), "pow": (1.3, 2.4), "prod": (1.5, 2.5, 3.5), "radians": (0.3,),
    "remainder": (7.3, 2.2), "sin": (0.3,), "sinh": (0.3,), "sqrt": (0.3,),
    "sumprod": (1.5, 2.5, 3.5, 4.5), "tan": (0.3,), "tanh": (0.3,), "frexp": (10.3,),
}  # fmt: skip
FLAT = {"comb", "factorial", "gcd", "isqrt", "lcm", "perm"}  # of whole numbers
#: What tells of a number: 3.15 knows the last three.
TELL = {
    "isclose",
    "isfinite",
    "isinf",
    "isnan",
    "nextafter",
    "ulp",
    "isnormal",
    "issubnormal",
    "signbit",
}
NEWER = {"fma", "sumprod", "fmax", "fmin", "isnormal", "issubnormal", "signbit"}  # than Python 3.11


def called(name: str, module: Any) -> Callable[..., Any]:
    """The function of single numbers."""
    f = getattr(module, name)
    shaped: dict[str, Callable[..., Any]] = {
        "dist": lambda x, y: f([x, 1.0], [2.0, y]),
        "frexp": lambda x: f(x)[0],
        "fsum": lambda *xs: f(xs),
        "ldexp": lambda x: f(x, 3),
        "modf": lambda x: f(x)[0],
        "prod": lambda *xs: f(xs),
        "sumprod": lambda a, b, c, d: f([a, b], [c, d]),
    }
    return shaped.get(name, f)


def test_every_function_is_tested_on_values() -> None:
    assert {*SMOOTH, *FLAT, *TELL} - NEWER == {*FUNCTIONS} - NEWER
    assert {*SMOOTH, *FLAT, *TELL} >= {*FUNCTIONS}


@pytest.mark.parametrize("name", SMOOTH)
def test_a_value_has_the_same_number_and_the_slopes(name: str) -> None:
    point = SMOOTH[name]
    f = called(name, ag)
    xs = list(map(Value, point))
    y = f(*xs)
    assert type(y) is Value
    assert y.data == f(*point)
    y.backward()
    for k, x in enumerate(xs):
        h = 1e-6
        up, down = (f(*point[:k], point[k] + step, *point[k + 1 :]) for step in (h, -h))
        assert x.grad == pytest.approx((up - down) / (2 * h), rel=1e-7, abs=1e-7)


@pytest.mark.parametrize("name", sorted(FLAT))
def test_what_counts_wants_whole_numbers(name: str) -> None:
    with pytest.raises(TypeError, match=f"{name} takes whole numbers; got a Value.*int"):
        getattr(ag, name)(Value(3.0), *[2] * (name == "comb"))


def test_questions_are_answered_and_noted() -> None:
    assert (ag.isnan(Value(math.nan)), ag.isinf(Value(1.0)), ag.isfinite(Value(1.0))) == (
        True, False, True,
    )  # fmt: skip
    assert ag.isclose(Value(1.0), 1.0 + 1e-12)
    least = sys.float_info.min
    assert [ag.isnormal(least), ag.issubnormal(least)] == [True, False]
    numbers = (0.0, -0.0, 1.0, -1e-310, 1e-310, math.inf, math.nan)
    assert [ag.isnormal(x) for x in numbers] == [False, False, True, False, False, False, False]
    assert [ag.issubnormal(x) for x in numbers] == [False, False, False, True, True, False, False]
    assert [ag.signbit(x) for x in numbers[:6]] == [False, True, False, True, False, False]
    assert ag.ulp(Value(1.0)) == math.ulp(1.0)
    assert ag.nextafter(Value(1.0), 2.0) == math.nextafter(1.0, 2.0)
    with pytest.raises(ValueError, match="compar"):
        compile(lambda x: x if ag.isfinite(x) else -x, inputs=[1.0])
    with pytest.raises(TypeError, match="takes a number out"):
        grad(lambda x: ag.ulp(x) * x)(1.0)


def test_a_program_for_math_goes_on_as_it_is() -> None:
    program = """
    def normal_cdf(x, mean=0.0, sd=1.0):
        return 0.5 * (1.0 + math.erf((x - mean) / (sd * math.sqrt(2.0))))

    def black_scholes(s, k, t, r, v):
        d1 = (math.log(s / k) + (r + v * v / 2) * t) / (v * math.sqrt(t))
        d2 = d1 - v * math.sqrt(t)
        return s * normal_cdf(d1) - k * math.exp(-r * t) * normal_cdf(d2)

    def wrapped(x):
        return math.sin(math.radians(x % 360.0)) * math.fabs(math.remainder(x, math.tau))
    """
    theirs, ours = {"math": math}, {"math": ag}
    for space in (theirs, ours):
        exec(inspect.cleandoc(program), space)
    point = (100.0, 95.0, 0.5, 0.03, 0.2)
    assert ours["black_scholes"](*point) == theirs["black_scholes"](*point)
    delta, *_ = grad(ours["black_scholes"], argnums=(0, 4))(*point)
    d1 = (math.log(100 / 95) + (0.03 + 0.02) * 0.5) / (0.2 * math.sqrt(0.5))
    assert delta == pytest.approx(0.5 * (1 + math.erf(d1 / math.sqrt(2))), rel=1e-14)
    assert ours["wrapped"](-800.0) == theirs["wrapped"](-800.0)
    assert ours["wrapped"](Value(-800.0)).data == theirs["wrapped"](-800.0)


# --- operators, and what NumPy asks for -----------------------------------------------------------


def test_remainders_are_those_of_python() -> None:
    choose = random.Random(1)
    for _ in range(500):
        x, y = choose.uniform(-50, 50), choose.choice([1.0, -1.0]) * choose.uniform(0.01, 9)
        assert (Value(x) % y).data == (x % Value(y)).data == ops.mod(x, y) == x % y
        assert (Value(x) // y).data == (x // Value(y)).data == ops.floor_divide(x, y) == x // y
        assert tuple(z.data for z in divmod(Value(x), y)) == divmod(x, y)
        assert tuple(z.data for z in divmod(x, Value(y))) == divmod(x, y)
        a, b = Value(x), Value(y)
        (a % b).backward()
        assert (a.grad, b.grad) == (1.0, -(x // y))
    assert grad(lambda x: (x % 2.0) * x)(3.5) == 5.0
    assert hessian(lambda x: x[0] ** 2 % x[1])([3.5, 2.0]).tolist() == [[2.0, 0.0], [0.0, 0.0]]


def test_a_printed_remainder_is_exact_where_twice_or_half_its_period_is_not() -> None:
    row = ops.remainder
    ends = (5e-324, 1e-323, 1.5e-323, 1e308, 1.7e308, -1.7e308, 3.0, -2.0, 2.5)
    for x, y in product(ends, ends):
        assert evaluate(row.form, {"x": x, "y": y}, TABLE) == math.remainder(x, y)


def test_a_name_of_numpy_documents_itself_by_ours() -> None:
    ours = {"arcsin": "asin", "arctan2": "atan2", "fabs": "abs", "deg2rad": "radians"}
    for theirs, name in ours.items():
        assert getattr(Value, theirs).__doc__ == f"autograd_lite.{name} of it."


def test_python_takes_a_value_for_a_number() -> None:
    x = Value(-2.5)
    assert (int(x), round(x), float(x)) == (-2, -2, -2.5)
    for function in (math.floor, math.ceil, math.trunc):
        rounded = function(x)
        assert (rounded.data, rounded.partials) == (function(-2.5), (0.0,))
    assert grad(lambda x: x * math.floor(x))(2.5) == 2.0
    with pytest.raises(TypeError, match="takes a number out"):
        grad(lambda x: x * int(x))(2.5)


def test_numpy_takes_an_array_of_values() -> None:
    data = [0.3, 0.7, 0.2]
    a, b = np.array(list(map(Value, data))), np.array(data)
    for function in (
        np.std, np.var, np.mean, np.sum, np.prod, np.ptp, np.floor, np.ceil, np.trunc, np.rint,
        np.conjugate, np.degrees, np.radians, np.deg2rad, np.rad2deg, np.fabs, np.arcsin,
        lambda x: np.fmod(x, 0.25), lambda x: np.mod(x, 0.25), lambda x: x // 0.25,
        lambda x: 1.0 % x, lambda x: np.arctan2(x, x[::-1]), lambda x: np.vdot(x, x),
        np.arctanh, np.linalg.norm,
    ):  # fmt: skip
        np.testing.assert_allclose(np.array(function(a), float), function(b), rtol=1e-15)
    np.std(a).backward()
    mean, deviation = np.mean(b), np.std(b)
    np.testing.assert_allclose([x.grad for x in a], (b - mean) / (3 * deviation), rtol=1e-14)


# --- functions of one number take many ------------------------------------------------------------

ONE = [name for name in ops.FUNCTIONS if ops.__dict__[name].arity == 1 and name != "acosh"]


@pytest.mark.parametrize("name", [*ONE, "leaky_relu", "elu"])
def test_a_function_of_one_number_takes_many(name: str) -> None:
    f = getattr(ag, name)
    x, y = Value(0.3), Value(0.6)
    numbers = [f(0.3), f(0.6)]
    assert f([0.3, 0.6]) == numbers
    assert f((0.3, [0.6])) == (numbers[0], [numbers[1]])
    many = f([x, (y, 0.3)])
    assert type(many) is list
    assert type(many[1]) is tuple
    assert [many[0].data, many[1][0].data, many[1][1]] == [*numbers, numbers[0]]
    floats = f(np.array([[0.3, 0.6]]))
    assert (type(floats), floats.dtype, floats.shape) == (np.ndarray, np.dtype(float), (1, 2))
    assert floats.tolist() == [list(map(float, numbers))]
    values = f(np.array([[x, y]]))
    assert (values.dtype, values.shape) == (np.dtype(object), (1, 2))
    assert [z.data for z in values.flat] == numbers
    assert f(np.array(0.3)) == numbers[0]  # an array without axes gives what it holds
    assert f([]) == []
    assert f(np.array([])).shape == (0,)


def test_slopes_go_through_lists_and_arrays() -> None:
    assert grad(lambda v: ag.sum(ag.tanh(list(v))))([0.0, 0.0]).tolist() == [1.0, 1.0]
    assert grad(lambda v: np.sum(ag.exp(v)))(np.array([0.0, 1.0])).tolist() == [1.0, math.e]
    assert ag.log([Value(8.0)], 2)[0].data == 3.0
    assert ag.clip(np.array([0.0, 5.0]), 1.0, None).tolist() == [1.0, 5.0]


# --- messages -------------------------------------------------------------------------------------

WRONG: dict[str, tuple[Any, ...]] = {
    "nothing": (), "seven": (1.0,) * 7, "text": ("a",), "None": (None,), "complex": (1j,),
    "texts in lists": ([[1.0], ["a"]],), "dict": ({"a": 1.0},), "object": (object(),),
    "Value and text": (Value(1.0), "a"), "Value and None": (Value(1.0), None),
    "list and None": ([1.0], None), "array of texts": (np.array(["a"]),),
}  # fmt: skip
OF_ANY_NUMBER = {"hypot", "gcd", "lcm"}
CALLED = sorted(
    name
    for name in {*ops.FUNCTIONS, *derived.__all__, *as_math.__all__, "pow"}
    if callable(getattr(ag, name))
)
INTERNALS = (
    "__call__", "Unary", "Nary", "Binary", "NoneType", "_data", "_left", "object is not", "with(",
)  # fmt: skip


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_call_names_the_function(kind: str) -> None:
    """Whatever came, the message names what was called, and nothing of the inside."""
    for name in CALLED:
        if name in OF_ANY_NUMBER and kind in ("nothing", "seven"):
            continue
        with pytest.raises((ArithmeticError, TypeError, ValueError)) as caught:
            getattr(ag, name)(*WRONG[kind])
        message = str(caught.value)
        assert name in message, message
        assert not [word for word in INTERNALS if word in message], message


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: ag.sum(Value(1.0), Value(2.0)), "sum([x, y])"),
        (lambda: ag.prod(1.0, 2.0), "prod([x, y])"),
        (lambda: ag.softmax(1.0, 2.0), "softmax([x, y])"),
        (lambda: ag.maximum(1, 2, 3), "maximum(maximum(x, y), z)"),
        (lambda: ag.tanh(1.0, 2.0), "tanh() takes 1 positional argument but 2 were given"),
        (lambda: ag.tanh(x for x in [1.0]), "got a generator. Make a list of it: list(x)."),
        (lambda: ag.tanh(y=1.0), "tanh() got an unexpected keyword argument 'y'"),
        (lambda: ag.clip(Value(3.0), "a", 2.0), "clip: low is one real number; got the text 'a'"),
        (lambda: ag.dot([1.0], 2.0), "dot takes two lists of operands, dot([v, w], [x, y])"),
    ],
)
def test_messages_say_what_to_write(call: Callable[[], Any], said: str) -> None:
    with pytest.raises(TypeError) as caught:
        call()
    assert said in str(caught.value)


def root(x: Any) -> Any:
    return ag.sqrt(x)


def beforehand(x: Any) -> Any:
    arm = ag.sqrt(x)
    return ag.where(x > 0, arm, 0.0)


ARMS = "where computes both of its arms"


@pytest.mark.parametrize(
    ("f", "x", "safe"),
    [
        (lambda x: ag.where(x > 0, ag.sqrt(x), 0.0), -1.0, "sqrt(where(c, x, 1.0))"),
        (lambda x: ag.where(x > 0, root(x), 0.0), -1.0, "sqrt(where(c, x, 1.0))"),
        (beforehand, -1.0, "sqrt(where(c, x, 1.0))"),
        (lambda x: ag.where(x > 0, 1.0 / x, 0.0), 0.0, "x / where(c, y, 1.0)"),
        (lambda x: ag.where(x < 1, x.atanh(), 0.0), 3.0, "atanh(where(c, x, 0.5))"),
        (lambda x: ag.where(x < 9, ag.exp(x), 0.0), 999.0, "exp(where(c, x, 1.0))"),
    ],
)
def test_an_arm_of_where_without_an_answer(f: Callable[[Any], Any], x: float, safe: str) -> None:
    with pytest.raises((ArithmeticError, ValueError)) as caught:
        grad(f)(x)
    assert f"{ARMS}: if this is one, write where(c, {safe}, 0.0)." in str(caught.value)


def test_the_remedy_for_an_arm_of_where_works_and_is_said_near_where_alone() -> None:
    def remedied(x: Any) -> Any:
        return ag.where(x > 0, ag.sqrt(ag.where(x > 0, x, 1.0)), 0.0)

    assert [grad(remedied)(x) for x in (-1.0, 4.0)] == [0.0, 0.25]
    program = compile(lambda x: ag.where(ag.step(x), ag.sqrt(x), 0.0), inputs=[1.0])
    with pytest.raises(ValueError, match=ARMS):  # of the graph, whoever runs the program
        program(-1.0)
    with pytest.raises(ValueError, match=r"it needs x ≥ 0\.$"):
        root(-1.0)


def test_a_signature_is_that_of_the_call() -> None:
    for name, shown in (("tanh", "(x"), ("hypot", "(x"), ("prod", "(xs"), ("atan2", "(x")):
        assert str(inspect.signature(getattr(ag, name))).startswith(shown)


def test_the_names_load_no_numpy() -> None:
    program = (
        "import autograd_lite as math, sys; math.tanh([math.e]); print('numpy' in sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "False"
