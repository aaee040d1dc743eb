"""Kinks, poles, ties, infinities and NaN: one readable table of what the engine answers there.

Where PyTorch is installed each row is compared with it; the last column says where and why the
two differ (and is wrong, which a test notices, if they do not).
"""

import math
from itertools import product
from typing import Any

import pytest

import autograd_lite as ag
from autograd_lite import Value, derived, gradient, ops
from autograd_lite.engine.kinds import Nary
from autograd_lite.engine.primitive import TABLE
from autograd_lite.engine.steep import steep
from autograd_lite.engine.undefined import ieee_arithmetic

inf, nan = math.inf, math.nan
GAMMA = 0.5772156649015329  # Euler's
ALL0 = ((0, 0), (0, 0))
ALLNAN = ((nan, nan), (nan, nan))
SAME = ""  # as PyTorch, all three
ALONE = None  # not compared with PyTorch

# Why PyTorch answers otherwise
NONE = "PyTorch has no such function"
ROUNDS = "PyTorch: 0 · ∞ inside the formula gives NaN"
ELU = "PyTorch's second derivative is the one from the right; here the mean of both sides"
NAN_STAYS = "PyTorch puts a slope of 0 or 1 where the value is NaN"
AS_BEFORE = "as PyTorch to 2.13; later ones, 2.15 among them, have 0"
FLAT = "the slope in y is held at 0 there, so its own slopes are 0; PyTorch: NaN"

# fmt: off
# aligned, to be read by columns: operation, operands, value, slopes, second derivatives, PyTorch
EDGES: list[tuple[Any, ...]] = [
    # kinks
    ("relu",           (0,),          0,           (0,),           ((0,),),          SAME),
    ("abs",            (0,),          0,           (0,),           ((0,),),          SAME),
    ("sign",           (0,),          0,           (0,),           ((0,),),          SAME),
    ("step",           (0,),          0,           (0,),           ((0,),),          NONE),
    ("leaky_relu",     (0,),          0,           (0.01,),        ((0,),),          SAME),
    ("elu",            (0,),          0,           (1,),           ((0.5,),),        ELU),
    ("softsign",       (0,),          0,           (1,),           ((0,),),          SAME),
    ("clip(-1, 2)",    (-1,),         -1,          (1,),           ((0,),),          AS_BEFORE),
    ("clip(-1, 2)",    (2,),          2,           (1,),           ((0,),),          AS_BEFORE),
    ("clip(-1, 2)",    (inf,),        2,           (0,),           ((0,),),          SAME),
    ("clip(-1, 2)",    (nan,),        nan,         (nan,),         ((0,),),          NAN_STAYS),
    # ties
    ("maximum",        (1, 1),        1,           (0.5, 0.5),     ALL0,             SAME),
    ("minimum",        (1, 1),        1,           (0.5, 0.5),     ALL0,             SAME),
    ("maximum",        (0.0, -0.0),   0,           (0.5, 0.5),     ALL0,             SAME),
    ("maximum",        (inf, inf),    inf,         (0.5, 0.5),     ALL0,             SAME),
    ("minimum",        (inf, 1),      1,           (0, 1),         ALL0,             SAME),
    ("maximum",        (nan, 1),      nan,         (nan, nan),     ALL0,             NAN_STAYS),
    ("minimum",        (1, nan),      nan,         (nan, nan),     ALL0,             NAN_STAYS),
    ("where",          (0, 3, 4),     4,           (0, 0, 1),      ((0, 0, 0),) * 3, SAME),
    ("where",          (-1, 3, 4),    3,           (0, 1, 0),      ((0, 0, 0),) * 3, SAME),
    ("where",          (nan, 3, 4),   3,           (0, 1, 0),      ((0, 0, 0),) * 3, SAME),
    # powers: x ** n with a number n …
    ("x ** 0",         (0,),          1,           (0,),           ((0,),),          SAME),
    ("x ** 0.5",       (0,),          0,           (inf,),         ((-inf,),),       SAME),
    ("x ** 1",         (0,),          0,           (1,),           ((0,),),          SAME),
    ("x ** 1.5",       (0,),          0,           (0,),           ((inf,),),        SAME),
    ("x ** 2",         (0,),          0,           (0,),           ((2,),),          SAME),
    ("x ** 3",         (0,),          0,           (0,),           ((0,),),          SAME),
    ("x ** 3",         (-8,),         -512,        (192,),         ((-48,),),        SAME),
    ("x ** -1",        (inf,),        0,           (0,),           ((0,),),          SAME),
    ("x ** 0",         (nan,),        1,           (0,),           ((0,),),          SAME),
    # … and x ** y with a Value y
    ("pow",            (0, 0),        1,           (0, 0),         ALL0,             FLAT),
    ("pow",            (0, 0.5),      0,           (inf, 0),       ((-inf, nan), (0, 0)), FLAT),
    ("pow",            (0, 1),        0,           (1, 0),         ((0, 1), (0, 0)), FLAT),
    ("pow",            (0, 1.5),      0,           (0, 0),         ((inf, 0), (0, 0)), FLAT),
    ("pow",            (0, 2),        0,           (0, 0),         ((2, 0), (0, 0)), FLAT),
    ("pow",            (-8, 2),       64,          (-16, nan),     ((2, nan), (nan, nan)), SAME),
    ("pow",            (-8, 3),       -512,        (192, nan),     ((-48, nan), (nan, nan)), SAME),
    ("pow",            (-8, -1),      -0.125, (-1 / 64, nan), ((-1 / 256, nan), (nan, nan)), SAME),
    ("pow",            (1, inf),      1,           (inf, 0),       ((inf, nan), (nan, 0)), SAME),
    ("pow",            (inf, -1),     0,           (0, nan),       ((0, nan), (nan, nan)), SAME),
    ("pow",            (-inf, 2),     inf,         (-inf, nan),    ((2, nan), (nan, nan)), SAME),
    # roots, logarithms and inverse functions where their domain ends
    ("sqrt",           (0,),          0,           (inf,),         ((-inf,),),       SAME),
    ("sqrt",           (-0.0,),       0,           (-inf,),        ((inf,),),        SAME),
    ("cbrt",           (0,),          0,           (inf,),         ((nan,),),        NONE),
    ("asin",           (1,),          math.pi / 2, (inf,),         ((inf,),),        SAME),
    ("asin",           (-1,),         -math.pi / 2, (inf,),        ((-inf,),),       SAME),
    ("acos",           (1,),          0,           (-inf,),        ((-inf,),),       SAME),
    ("acosh",          (1,),          0,           (inf,),         ((-inf,),),       SAME),
    ("hypot",          (0, 0),        0,           (0, 0),         ALLNAN,           ROUNDS),
    ("hypot",          (0, -2),       2,           (0, -1),        ((0.5, 0), (0, 0)), SAME),
    ("atan2",          (0, 0),        0,           (0, 0),         ALLNAN,           SAME),
    ("prod",           (0, 3, 2), 0,   (6, 0, 0),      ((0, 2, 3), (2, 0, 0), (3, 0, 0)), SAME),
    ("prod",           (0, 0, 2), 0,   (0, 0, 0),      ((0, 2, 0), (2, 0, 0), (0, 0, 0)), SAME),
    # infinities that come in as data
    ("exp",            (-inf,),       0,           (0,),           ((0,),),          SAME),
    ("exp",            (inf,),        inf,         (inf,),         ((inf,),),        SAME),
    ("log",            (inf,),        inf,         (0,),           ((0,),),          SAME),
    ("sqrt",           (inf,),        inf,         (0,),           ((0,),),          SAME),
    ("reciprocal",     (inf,),        0,           (0,),           ((0,),),          SAME),
    ("sin",            (inf,),        nan,         (nan,),         ((nan,),),        SAME),
    ("atan",           (inf,),        math.pi / 2, (0,),           ((nan,),),        SAME),
    ("asinh",          (-inf,),       -inf,        (0,),           ((0,),),          ROUNDS),
    ("tanh",           (inf,),        1,           (0,),           ((0,),),          SAME),
    ("tanh",           (-1000,),      -1,          (0,),           ((0,),),          SAME),
    ("sigmoid",        (-inf,),       0,           (0,),           ((0,),),          SAME),
    ("sigmoid",        (1000,),       1,           (0,),           ((0,),),          SAME),
    ("softplus",       (inf,),        inf,         (1,),           ((0,),),          SAME),
    ("softplus",       (-inf,),       0,           (0,),           ((0,),),          SAME),
    ("log_sigmoid",    (-inf,),       -inf,        (1,),           ((0,),),          SAME),
    ("log_sigmoid",    (-1000,),      -1000,       (1,),           ((0,),),          SAME),
    ("softsign",       (inf,),        1,           (0,),           ((nan,),),        ROUNDS),
    ("relu",           (-inf,),       0,           (0,),           ((0,),),          SAME),
    ("silu",           (inf,),        inf,         (1,),           ((0,),),          ROUNDS),
    ("silu",           (-inf,),       0,           (0,),           ((0,),),          ROUNDS),
    ("gelu",           (inf,),        inf,         (1,),           ((0,),),          ROUNDS),
    ("gelu",           (-inf,),       0,           (0,),           ((0,),),          ROUNDS),
    ("erf",            (inf,),        1,           (0,),           ((0,),),          ROUNDS),
    ("erfc",           (-inf,),       2,           (0,),           ((0,),),          ROUNDS),
    ("ndtr",           (-inf,),       0,           (0,),           ((0,),),          ROUNDS),
    ("add",            (inf, -inf),   nan,         (1, 1),         ALL0,             SAME),
    ("mul",            (inf, 0),      nan,         (0, inf),       ((0, 1), (1, 0)), SAME),
    ("div",            (1, inf),      0,           (0, 0),         ALL0,             SAME),
    ("hypot",          (inf, 1),      inf,         (1, 0),         ALL0,             ROUNDS),
    ("hypot",          (-inf, -inf),  inf,         (-(0.5**0.5),) * 2, ALL0,         ROUNDS),
    ("atan2",          (1, inf),      0,           (0, 0),         ALL0,             ROUNDS),
    ("logaddexp",      (inf, 1),      inf,         (1, 0),         ALL0,             ROUNDS),
    ("logaddexp",      (inf, inf),    inf,         (0.5, 0.5),     ALL0,             ROUNDS),
    ("logaddexp",      (-inf, -inf),  -inf,        (0.5, 0.5),     ALL0,             ROUNDS),
    ("logaddexp",      (1000, 0),     1000,        (1, 0),         ALL0,             ROUNDS),
    ("logsumexp",      (-inf, -inf),  -inf,        (0.5, 0.5),     ALL0,             ROUNDS),
    ("logsumexp",      (inf, 1),      inf,         (1, 0),         ALL0,             ROUNDS),
    ("logsumexp",      (1000, -1000), 1000,        (1, 0),         ALL0,             SAME),
    ("logsumexp",      (5,),          5,           (1,),           ((0,),),          SAME),
    ("softmax[0]",     (1000, 1000),  0.5,         (0.25, -0.25),  ALL0,             SAME),
    ("softmax[0]",     (1000, -1000), 1,           (0, 0),         ALL0,             SAME),
    ("softmax[0]",     (-inf, 1),     0,           (0, 0),         ALL0,             SAME),
    ("log_softmax[0]", (-1000, 1000), -2000,       (1, -1),        ALL0,             SAME),
    ("log_softmax[0]", (-inf, 1),     -inf,        (1, -1),        ALL0,             SAME),
    ("sum",            (inf, -inf),   nan,         (1, 1),         ALL0,             SAME),
    # rounding is flat, remainders are straight; a jump belongs to the piece at its right
    ("floor",          (2,),          2,           (0,),           ((0,),),          ALONE),
    ("floor",          (-0.5,),       -1,          (0,),           ((0,),),          ALONE),
    ("floor",          (-inf,),       -inf,        (0,),           ((0,),),          ALONE),
    ("ceil",           (0.5,),        1,           (0,),           ((0,),),          ALONE),
    ("trunc",          (-1.5,),       -1,          (0,),           ((0,),),          ALONE),
    ("rint",           (0.5,),        0,           (0,),           ((0,),),          ALONE),
    ("rint",           (1.5,),        2,           (0,),           ((0,),),          ALONE),
    ("rint",           (inf,),        inf,         (0,),           ((0,),),          ALONE),
    ("floor_divide",   (-7, 2),       -4,          (0, 0),         ALL0,             ALONE),
    ("floor_divide",   (-5, inf),     -1,          (0, 0),         ALL0,             ALONE),
    ("mod",            (7, 2),        1,           (1, -3),        ALL0,             ALONE),
    ("mod",            (-7, 2),       1,           (1, 4),         ALL0,             ALONE),
    ("mod",            (7, -2),       -1,          (1, 4),         ALL0,             ALONE),
    ("mod",            (6, 2),        0,           (1, -3),        ALL0,             ALONE),
    ("mod",            (5, inf),      5,           (1, 0),         ALL0,             ALONE),
    ("mod",            (-5, inf),     inf,         (1, 1),         ALL0,             ALONE),
    ("mod",            (inf, 5),      nan,         (1, nan),       ALL0,             ALONE),
    ("fmod",           (-7, 2),       -1,          (1, 3),         ALL0,             ALONE),
    ("fmod",           (5, inf),      5,           (1, 0),         ALL0,             ALONE),
    ("remainder",      (7, 4),        -1,          (1, -2),        ALL0,             ALONE),
    ("remainder",      (6, 4),        -2,          (1, -2),        ALL0,             ALONE),
    ("remainder",      (2, 4),        2,           (1, 0),         ALL0,             ALONE),
    ("remainder",      (5e-324, 5e-324), 0,        (1, -1),        ALL0,             ALONE),
    ("remainder",      (1.75e308, 1e308), -2.5e307, (1, -2),       ALL0,             ALONE),
    ("copysign",       (-2, 3),       2,           (-1, 0),        ALL0,             ALONE),
    ("copysign",       (2, -0.0),     -2,          (-1, 0),        ALL0,             ALONE),
    ("copysign",       (0, -1),       0,           (0, 0),         ALL0,             ALONE),
    # the gamma and normal functions, sinc, logarithms with a factor
    ("xlogy",          (0, 0),        0,           (-inf, 0),      ((0, inf), (0, 0)), ALONE),
    ("xlogy",          (0, 2),        0,           (math.log(2), 0), ((0, 0.5), (0.5, 0)), ALONE),
    ("xlogy",          (0, nan),      nan,         (nan, nan),     ((0, nan), (nan, nan)), ALONE),
    ("sinc",           (0,),          1,           (0,),           ((-math.pi**2 / 3,),), ALONE),
    ("sinc",           (inf,),        0,           (0,),           ((0,),),          ALONE),
    ("logit",          (0.5,),        0,           (4,),           ((0,),),          ALONE),
    ("gamma",          (5,),          24,          (36.14682404236321,), ((59.7531212855894,),),
                                                                                     ALONE),
    ("gamma",          (inf,),        inf,         (inf,),         ((nan,),),        ALONE),
    ("lgamma",         (1,),          0,           (-GAMMA,),      ((math.pi**2 / 6,),), ALONE),
    ("lgamma",         (2,),          0,           (1 - GAMMA,),   ((math.pi**2 / 6 - 1,),), ALONE),
    ("lgamma",         (inf,),        inf,         (inf,),         ((0,),),          ALONE),
    ("digamma",        (inf,),        inf,         (0,),           ((0,),),          ALONE),
    ("log_ndtr",       (-inf,),       -inf,        (inf,),         ((-1,),),         ALONE),
    ("log_ndtr",       (inf,),        0,           (0,),           ((0,),),          ALONE),
    ("log_ndtr",       (-30,),        -454.3212439563432, (30.033259667433677,),
                                                                 ((-0.9988962284881099,),), ALONE),
    ("erfinv",         (0,),          0,           (math.sqrt(math.pi) / 2,), ((0,),), ALONE),
    # NaN that comes in as data
    ("relu",           (nan,),        nan,         (nan,),         ((0,),),          NAN_STAYS),
    ("sigmoid",        (nan,),        nan,         (nan,),         ((nan,),),        SAME),
    ("mul",            (nan, 2),      nan,         (2, nan),       ((0, 1), (1, 0)), SAME),
    ("logsumexp",      (nan, 1),      nan,         (nan, nan),     ((nan, nan),) * 2, SAME),
    ("hypot",          (nan, inf),    inf,         (nan, nan),     ((nan, nan),) * 2, SAME),
]

RAISES: list[tuple[str, tuple[float, ...], type[Exception]]] = [
    ("log",        (0,),               ValueError),
    ("log",        (-1,),              ValueError),
    ("log1p",      (-1,),              ValueError),
    ("sqrt",       (-1,),              ValueError),
    ("asin",       (1.1,),             ValueError),
    ("atanh",      (1,),               ValueError),
    ("acosh",      (0.9,),             ValueError),
    ("pow",        (-8, 1 / 3),        ValueError),
    ("x ** 0.5",   (-1,),              ValueError),
    ("pow",        (0, -1),            ZeroDivisionError),
    ("x ** -1",    (0,),               ZeroDivisionError),
    ("div",        (1, 0),             ZeroDivisionError),
    ("div",        (0, 0),             ZeroDivisionError),
    ("reciprocal", (0,),               ZeroDivisionError),
    ("exp",        (710,),             OverflowError),
    ("cosh",       (-711,),            OverflowError),
    ("mul",        (1e200, 1e200),     OverflowError),
    ("add",        (1.7e308, 1.7e308), OverflowError),
    ("square",     (1e200,),           OverflowError),
    ("x ** 3",     (1e200,),           OverflowError),
    ("pow",        (1e200, 3),         OverflowError),
    ("prod",       (1e200, 1e200),     OverflowError),
    ("sum",        (1.7e308, 1.7e308), OverflowError),
    ("mod",        (1, 0),             ZeroDivisionError),
    ("floor_divide", (1, 0),           ZeroDivisionError),
    ("fmod",       (1, 0),             ValueError),
    ("remainder",  (1, 0),             ValueError),
    ("gamma",      (0,),               ValueError),
    ("gamma",      (-3,),              ValueError),
    ("gamma",      (172,),             OverflowError),
    ("lgamma",     (-1,),              ValueError),
    ("digamma",    (0,),               ValueError),
    ("xlogy",      (1, 0),             ValueError),
    ("logit",      (0,),               ValueError),
    ("logit",      (1.5,),             ValueError),
    ("erfinv",     (1,),               ValueError),
]
# fmt: on


def operation(name: str) -> Any:
    """What a name in the table calls, as a function of operands."""
    if name.startswith("x ** "):
        return lambda x: x ** float(name.removeprefix("x ** "))
    if name.endswith("[0]"):
        return lambda *xs: getattr(ag, name.removesuffix("[0]"))(xs)[0]
    if name.startswith("clip"):
        return lambda x: derived.clip(x, -1.0, 2.0)
    if name == "where":
        return ops.where
    op = TABLE.get(name) or getattr(ag, name)
    return (lambda *xs: op(xs)) if isinstance(op, Nary) else op


def differentiated(name: str, operands: tuple[float, ...]) -> tuple[Any, ...]:
    xs = [Value(x) for x in operands]
    z = operation(name)(*xs)
    z.backward()
    slopes = gradient(z, xs)
    assert same(tuple(x.grad for x in xs), tuple(d.data for d in slopes))
    return (
        z.data,
        tuple(x.grad for x in xs),
        tuple(tuple(dd.data for dd in gradient(d, xs)) for d in slopes),
    )


def same(a: Any, b: Any, rel: float = 2e-15) -> bool:
    """Equal numbers, tuple by tuple; NaN is NaN, and 0 is 0 whatever its sign."""
    if isinstance(a, tuple):
        return len(a) == len(b) and all(map(same, a, b))
    return (a != a and b != b) or math.isclose(a, b, rel_tol=rel)


def row_id(row: tuple[Any, ...]) -> str:
    return f"{row[0]} at {', '.join(map(str, row[1]))}"


@pytest.mark.parametrize("row", EDGES, ids=row_id)
def test_edges(row):
    name, operands, *expected, _ = row
    assert same(differentiated(name, operands), tuple(expected))


@pytest.mark.parametrize("row", RAISES, ids=row_id)
def test_no_real_answer(row):
    name, operands, error = row
    with pytest.raises(error, match=r"(no real answer|too large).* at .*= "):
        operation(name)(*map(Value, operands))


@pytest.mark.parametrize("row", [row for row in RAISES if "**" not in row[0]], ids=row_id)
def test_bare_numbers_get_the_same_verdict(row):
    name, operands, error = row
    with pytest.raises(error, match=r"(no real answer|too large).* at .*= "):
        operation(name)(*map(float, operands))


@pytest.mark.parametrize("row", EDGES, ids=row_id)
def test_bare_numbers_get_the_same_value(row):
    name, operands, expected, *_ = row
    numbers = tuple(map(float, operands))
    result = operation(name)(*numbers)
    assert type(result) is float
    assert same(result, float(expected))


# --- the whole grid -------------------------------------------------------------------------------

GRID = (-inf, -1.0, -0.0, 0.0, 1.0, inf, nan)


def of_a_direction(x: float, y: float) -> tuple[float, float]:
    """x and y over their hypotenuse; infinities count before all else, and the origin has none."""
    if math.inf in (abs(x), abs(y)):
        x, y = (math.copysign(abs(v) == inf, v) for v in (x, y))
    h = math.hypot(x, y)
    return (x / h, y / h) if h else (0.0, 0.0)


def of_an_angle(x: float, y: float) -> tuple[float, float]:
    square = x * x + y * y
    return (y / square, -x / square) if 0.0 < square < inf else (0.0, 0.0)


def of_a_choice(x: float, y: float) -> tuple[float, float]:
    """Where the larger one is chosen; a tie is shared."""
    return (0.5, 0.5) if x == y else (float(x > y), float(x < y))


def of_softmax(x: float, y: float) -> tuple[float, float]:
    if x == y or inf in (abs(x), abs(y)):
        return of_a_choice(x, y)
    return 1.0 / (1.0 + math.exp(y - x)), 1.0 / (1.0 + math.exp(x - y))


def of_a_power(x: float, y: float) -> tuple[float, float]:
    """y·x^(y−1) and x^y·log x; 0 raised to anything has no slope in y, and to 0 none at all."""
    if x == 0.0 and y >= 0.0:
        return (ops.pow.ieee(x, y - 1.0) * y if 0.0 < y < inf else 0.0), 0.0
    return y * ops.pow.ieee(x, y - 1.0), ops.pow.ieee(x, y) * ops.log.ieee(x)


def of_an_activation(inside: Any) -> Any:
    return lambda x: (0.0 if x == -inf else 1.0 if x == inf else inside(x),)


#: Each row that has edges: its value by another road, and its slopes; NaN makes all of them NaN.
LIMITS: dict[str, tuple[Any, Any]] = {
    "pow": (math.pow, of_a_power),
    "logaddexp": (lambda x, y: x + math.log(2) if x == y else max(x, y) + softplus(-abs(x - y)),
                  of_softmax),
    "logsumexp": (lambda x, y: ops.logaddexp.compute(x, y), of_softmax),
    "hypot": (math.hypot, of_a_direction),
    "atan2": (math.atan2, of_an_angle),
    "maximum": (max, of_a_choice),
    "minimum": (min, lambda x, y: of_a_choice(-x, -y)),
    "silu": (lambda x: -0.0 if x == -inf else x * sigma(x),
             of_an_activation(lambda x: sigma(x) * (1.0 + x * sigma(-x)))),
    "gelu": (lambda x: -0.0 if x == -inf else x * phi(x),
             of_an_activation(lambda x: phi(x) + x * density(x))),
    "mills": (lambda x: inf if x == -inf else ratio(x),
              lambda x: (-1.0 if x == -inf else 0.0 if x == inf else -ratio(x) * (x + ratio(x)),)),
    "mills_tail": (lambda x: 0.0 if x == -inf else x + ratio(x),
                   of_an_activation(lambda x: 1.0 - ratio(x) * (x + ratio(x)))),
    "xlogy": (lambda x, y: 0.0 if x == 0.0 and y == y else x * ops.log.ieee(y),
              lambda x, y: (ops.log.ieee(y), 0.0 if x == 0.0 and y == y else ops.div.ieee(x, y))),
    "gaussian": (lambda x: math.exp(-x * x / 2),
                 lambda x: (0.0 if abs(x) == inf else -x * math.exp(-x * x / 2),)),
}  # fmt: skip


def sigma(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x))


def phi(x: float) -> float:
    return 0.5 * math.erfc(-x / math.sqrt(2.0))


def density(x: float) -> float:
    return math.exp(-x * x / 2.0) / math.sqrt(math.tau)


def ratio(x: float) -> float:
    return density(x) / phi(x)


def softplus(x: float) -> float:
    return math.log1p(math.exp(x))


@pytest.mark.parametrize("name", [op.name for op in TABLE.values() if op.edges])
def test_the_whole_grid_of_a_row_with_edges(name: str) -> None:
    """From backward(), gradient() and bare numbers alike; and by another road, if there is one."""
    op, (value, slopes) = TABLE[name], LIMITS.get(name, (None, None))
    for point in product(GRID, repeat=op.arity or 2):
        xs = [Value(x) for x in point]
        groups = [tuple(xs)] if op.arity is None else xs
        numbers = [point] if op.arity is None else point
        if all(map(math.isfinite, point)) and not math.isfinite(op.ieee(*numbers)):
            with pytest.raises((ZeroDivisionError, ValueError), match="no real answer"):
                op.record(*groups)
            continue
        z = op.record(*groups)
        z.backward()
        came = (z.data, *[x.grad for x in xs])
        found = (z.data, *[d.data for d in gradient(z, xs)])
        right = (value(*point), *slopes(*point)) if value else came
        if nan in point and name not in ("pow", "xlogy"):  # the same object
            right = (inf if name == "hypot" and inf in map(abs, point) else nan, *[nan] * len(xs))
        assert same(came, right), point
        assert same(found, right), point
        assert str(op(*numbers)) == str(z.data), point  # the sign of a zero included
        if z.data == 0.0 and name in ("pow", "hypot", "atan2", "silu", "gelu", "gaussian"):
            assert math.copysign(1.0, z.data) == math.copysign(1.0, value(*point)), point


@pytest.mark.parametrize("op", TABLE.values(), ids=lambda op: op.name)
def test_every_infinite_slope_is_noted(op: Any) -> None:
    """Wherever it comes up first: only then do walks look out for zero times infinity."""
    size = op.arity or 3
    far = (0.0, -0.0, 0.5, 1.0, -1.0, 1e-320, 1e-160, 1e200, inf)
    before = steep.made
    try:
        for point in product(far, repeat=min(size, 2)):
            xs = [Value(x) for x in (*point, 1.0)[:size]]
            steep.made = False
            try:
                z = op.record(*([tuple(xs)] * len(op.operands) if op.arity is None else xs))
            except (ArithmeticError, ValueError):
                continue
            assert steep.made or inf not in map(abs, z.partials), point
    finally:
        steep.made = before or steep.made


@pytest.mark.parametrize(
    ("ws", "xs", "right"),
    [
        ((1e200, 1e200), (1e200, -1e200), 0.0),  # exact, though each product is too large
        ((1e200, 1e200, 3.0), (1e200, -1e200), 3.0),
        ((1e200, 1.0), (1e200, 1.0), inf),
        ((-1e200, 1.0, 5.0), (1e200, 1.0), -inf),
        ((inf, 1e200), (1.0, 1e200), inf),
        ((inf, 1.0), (0.0, 1.0), nan),
        ((nan, 1e200, 1.0), (1.0, 1e200), nan),
        ((1.0, -inf), (1.0,), -inf),
    ],
)
def test_a_dot_is_exact_where_it_is_finite(ws: Any, xs: Any, right: float) -> None:
    assert same(ops.dot.ieee(ws, xs), right)
    with ieee_arithmetic():
        assert same(ops.dot(ws[: len(xs)], [Value(x) for x in xs], *ws[len(xs) :]).data, right)


def test_of_equal_operands_the_last_is_the_answer() -> None:
    """As NumPy has it, which a zero with a sign shows."""
    for x, y in ((0.0, -0.0), (-0.0, 0.0)):
        for choose in (ops.maximum, ops.minimum):
            assert str(choose(x, y)) == str(choose(Value(x), y).data) == str(y)


# --- PyTorch --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def torch():
    return pytest.importorskip("torch", reason="PyTorch is not installed")


def torch_operation(torch: Any, name: str) -> Any:
    functional = torch.nn.functional
    named = {
        "cbrt": None,
        "clip(-1, 2)": lambda x: torch.clip(x, -1.0, 2.0),
        "elu": functional.elu,
        "gelu": functional.gelu,
        "leaky_relu": functional.leaky_relu,
        "log_sigmoid": functional.logsigmoid,
        "log_softmax[0]": lambda *xs: torch.log_softmax(torch.stack(xs), 0)[0],
        "logsumexp": lambda *xs: torch.logsumexp(torch.stack(xs), 0),
        "ndtr": torch.special.ndtr,
        "prod": lambda *xs: torch.stack(xs).prod(),
        "silu": functional.silu,
        "softmax[0]": lambda *xs: torch.softmax(torch.stack(xs), 0)[0],
        "softplus": functional.softplus,
        "softsign": functional.softsign,
        "step": None,
        "sum": lambda *xs: torch.stack(xs).sum(),
        "where": lambda c, x, y: torch.where(c != 0, x, y),
    }
    if name in named:
        return named[name]
    return operation(name) if name.startswith("x ** ") else getattr(torch, name)


@pytest.mark.parametrize("row", EDGES, ids=row_id)
def test_pytorch_agrees_or_the_table_says_why_not(torch, row):
    name, operands, *ours, difference = row
    if difference is ALONE:
        pytest.skip("this row is not compared with PyTorch")
    function = torch_operation(torch, name)
    assert (function is None) == (difference is NONE)
    if function is None:
        return
    xs = [torch.tensor(float(x), dtype=torch.float64, requires_grad=True) for x in operands]
    z = function(*xs)

    def slopes(y: Any) -> tuple[Any, ...]:
        if y is None or not y.requires_grad:
            return (None,) * len(xs)
        return torch.autograd.grad(y, xs, create_graph=True, allow_unused=True)

    def numbers(ds: Any) -> tuple[float, ...]:
        return tuple(0.0 if d is None else d.item() for d in ds)

    first = slopes(z)
    theirs = (z.item(), numbers(first), tuple(numbers(slopes(d)) for d in first))
    if difference == AS_BEFORE:
        assert same(theirs, tuple(ours)) or same(theirs, (ours[0], (0,), ours[2])), theirs
    else:
        assert same(theirs, tuple(ours)) != bool(difference), theirs
