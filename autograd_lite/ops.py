"""The table of primitives: every rule of calculus that autograd_lite knows, written once.

A row says what a primitive computes and what its local derivatives are. The same row is read by
floats (the eager engine), by Values (the derivative of a graph is a graph, so higher derivatives
come free), by the tests (each row against 50-digit arithmetic) and by the printers in
``languages/`` (compiled programs, pages, documentation). To add a primitive, add a row.

Glossary: ``z`` is the result, ``x`` and ``y`` are operands, ``xs`` and ``ws`` are tuples of
operands. A rule returns one local derivative per operand, and of ``xs`` a tuple of them. Rules never
ask ``if x > 0``: that would freeze one branch into the graph of the derivative; they use ``step``,
``sign``, ``where``. ``form``: the value as an expression, for languages that do not know the function
by name. ``defined``: where it is real, for messages. ``domain``: where the tests sample it, no limit
of use. ``edges``: the slopes where the rule is 0/0 or 0·∞. ``chooses``: a slope of 0 says that a piece
is not chosen. ``pointed``: the edges are at a tip. ``poles``: a slope may be infinite.
``engine/primitive.py`` has the full list.

Next: ``derived.py``.
"""

import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

from .engine import floats, special
from .engine.floats import LN2, TWO_OVER_SQRT_PI
from .engine.groups import data_of
from .engine.inputs import check_finite
from .engine.kinds import Binary, Unary, Where, binary, choice, dotted, family, nary, unary
from .engine.special import SQRT_PI_HALVES

# fmt: off
#: The functions of the table; the other rows are written with a sign, or help these.
__all__ = [  # noqa: RUF022 - by kind, as below
    "reciprocal", "square", "sqrt", "cbrt", "exp", "exp2", "expm1", "log2", "log10", "log1p",
    "logaddexp", "sin", "cos", "tan", "asin", "acos", "atan", "atan2", "degrees", "radians", "sinc",
    "sinh", "cosh", "tanh", "sech", "asinh", "acosh", "atanh", "sigmoid", "softplus", "log_sigmoid",
    "softsign", "relu", "silu", "gelu", "erf", "erfc", "ndtr", "log_ndtr", "erfinv", "gamma",
    "lgamma", "digamma", "logit", "xlogy", "abs", "sign", "step", "minimum", "maximum", "copysign",
    "rint", "fmod", "remainder", "dot", "sum", "mean", "logsumexp", "where",
]
#: With those that Python's math calls in more ways than one, which ``as_math.py`` does.
FUNCTIONS = (*__all__, "log", "hypot", "floor", "ceil", "trunc", "prod")

# rows that a rule refers to before they are made
pow: Binary; hypot: Binary; minimum: Binary; exp: Unary; log: Unary; sin: Unary; cos: Unary; sinh: Unary
cosh: Unary; tanh: Unary; sech: Unary; sqrt: Unary; square: Unary; sigmoid: Unary; ndtr: Unary; abs: Unary
sign: Unary; step: Unary; rint: Unary; digamma: Unary; mills: Unary; erfinv_slope: Unary; copysign: Binary
floor_divide: Binary; one_minus_square: Unary; share: Binary; direction: Binary; exp_difference: Binary; where: Where

LOG2E, LOG10E, ONE_OVER_SQRT_TAU = 1.0 / LN2, 1.0 / math.log(10.0), 1.0 / math.sqrt(math.tau)
MANY_TIMES = (-1e6, 1e6), (0.01, 10)
NO_POLE = "x that is not 0, −1, −2, …"
TO_DEGREES, TO_RADIANS = 180.0 / math.pi, math.pi / 180.0

# --- the table: name, symbol, value on floats, local derivatives; then what not every row needs ---

# arithmetic
add         = binary("add",         "+",   operator.add,      lambda z, x, y: (1.0, 1.0),       form="x + y")
sub         = binary("sub",         "−",   operator.sub,      lambda z, x, y: (1.0, -1.0),      form="x - y")
mul         = binary("mul",         "×",   operator.mul,      lambda z, x, y: (y, x),           form="x * y")
div         = binary("div",         "÷",   operator.truediv,  lambda z, x, y: (1.0 / y, -z / y), form="x / y", defined="y ≠ 0", poles=True)
pow         = binary("pow",         "xʸ",  floats.pow,        lambda z, x, y: (y * pow(x, y - 1.0), z * log(x)), edges=floats.pow_edges,
                     domain=((0.01, 10), (-5, 5)), defined="x > 0, or a whole number y with x ≠ 0 where y < 0", poles=True)
neg         = unary("neg",          "−",   operator.neg,      lambda z, x: (-1.0,),             form="-x")
reciprocal  = unary("reciprocal",   "1/x", lambda x: 1.0 / x, lambda z, x: (-z * z,),           form="1 / x", domain=((-1e100, 1e100),), defined="x ≠ 0", poles=True)
square      = unary("square",       "x²",  lambda x: x * x,   lambda z, x: (2.0 * x,),          form="x * x", domain=((-1e150, 1e150),))
sqrt        = unary("sqrt",         "√",   math.sqrt,         lambda z, x: (0.5 / z,),          domain=((1e-300, 1e300),), defined="x ≥ 0")
cbrt        = unary("cbrt",         "∛",   math.cbrt,         lambda z, x: (1.0 / (3.0 * square(z)),), domain=((-1e300, 1e300),))

# exponentials and logarithms
exp         = unary("exp",          "exp",   math.exp,        lambda z, x: (z,),                domain=((-745, 709),))
exp2        = unary("exp2",         "exp2",  math.exp2,       lambda z, x: (LN2 * z,),          domain=((-1074, 1023),))
expm1       = unary("expm1",        "expm1", math.expm1,      lambda z, x: (exp(x),),           domain=((-745, 709),))
log         = unary("log",          "log",   math.log,        lambda z, x: (1.0 / x,),          domain=((1e-300, 1e300),), defined="x > 0", poles=True)
log2        = unary("log2",         "log2",  math.log2,       lambda z, x: (LOG2E / x,),        domain=((1e-300, 1e300),), defined="x > 0", poles=True)
log10       = unary("log10",        "log10", math.log10,      lambda z, x: (LOG10E / x,),       domain=((1e-300, 1e300),), defined="x > 0", poles=True)
log1p       = unary("log1p",        "log1p", math.log1p,      lambda z, x: (1.0 / (1.0 + x),),  domain=((-1 + 2**-53, 1e300),), defined="x > −1", poles=True)
logaddexp   = binary("logaddexp",   "logaddexp", floats.logaddexp, lambda z, x, y: (share(x, y), share(y, x)), edges=floats.split_evenly,
                     form=f"where(x == y, x + {LN2!r}, maximum(x, y) + log1p(exp(-abs(x - y))))", domain=((-200, 200), (-200, 200)))

# trigonometry
sin         = unary("sin",          "sin",   math.sin,        lambda z, x: (cos(x),),           domain=((-1e6, 1e6),))
cos         = unary("cos",          "cos",   math.cos,        lambda z, x: (-sin(x),),          domain=((-1e6, 1e6),))
tan         = unary("tan",          "tan",   math.tan,        lambda z, x: (1.0 + square(z),),  domain=((-1.57, 1.57),))
asin        = unary("asin",         "asin",  math.asin,       lambda z, x: (1.0 / sqrt(one_minus_square(x)),),  domain=((-1, 1),), defined="−1 ≤ x ≤ 1")
acos        = unary("acos",         "acos",  math.acos,       lambda z, x: (-1.0 / sqrt(one_minus_square(x)),), domain=((-1, 1),), defined="−1 ≤ x ≤ 1")
atan        = unary("atan",         "atan",  math.atan,       lambda z, x: (1.0 / (1.0 + square(x)),), domain=((-1e150, 1e150),))
atan2       = binary("atan2",       "atan2", math.atan2,      lambda z, x, y: (direction(y, x) / (h := hypot(x, y)), -direction(x, y) / h),
                     edges=lambda z, x, y: (0.0, 0.0), pointed=True, domain=((-1e50, 1e50), (-1e50, 1e50)))
hypot       = binary("hypot",       "hypot", math.hypot,      lambda z, x, y: (direction(x, y), direction(y, x)),
                     edges=lambda z, x, y: (0.0, 0.0), pointed=True, domain=((-1e50, 1e50), (-1e50, 1e50)))
degrees     = unary("degrees",      "degrees", math.degrees,  lambda z, x: (TO_DEGREES,),       form=f"{TO_DEGREES!r} * x")
radians     = unary("radians",      "radians", math.radians,  lambda z, x: (TO_RADIANS,),       form=f"{TO_RADIANS!r} * x")
sinc        = unary("sinc",         "sinc",  special.sinc,    lambda z, x: (sinc_derivative(1.0)(x),), domain=((-1e6, 1e6),))

# hyperbolic functions; 1 − tanh² loses every digit in the tails, sech² keeps them (so does σ's slope)
sinh        = unary("sinh",         "sinh",  math.sinh,       lambda z, x: (cosh(x),),          domain=((-710, 710),))
cosh        = unary("cosh",         "cosh",  math.cosh,       lambda z, x: (sinh(x),),          domain=((-710, 710),))
tanh        = unary("tanh",         "tanh",  math.tanh,       lambda z, x: (square(sech(x)),),  domain=((-1000, 1000),))
sech        = unary("sech",         "sech",  floats.sech,     lambda z, x: (-z * tanh(x),),     domain=((-1000, 1000),),
                    form="2 * exp(-abs(x)) / (1 + exp(-2 * abs(x)))")
asinh       = unary("asinh",        "asinh", math.asinh,      lambda z, x: (1.0 / hypot(x, 1.0),), domain=((-1e150, 1e150),))
acosh       = unary("acosh",        "acosh", math.acosh,      lambda z, x: ((1.0 / sqrt(x - 1.0)) * (1.0 / sqrt(x + 1.0)),),
                    domain=((1, 1e150),), defined="x ≥ 1")
atanh       = unary("atanh",        "atanh", math.atanh,      lambda z, x: (1.0 / one_minus_square(x),), domain=((-1, 1),), defined="−1 < x < 1")

# activations
sigmoid     = unary("sigmoid",      "σ",     floats.sigmoid,  lambda z, x: (0.25 * square(sech(0.5 * x)),), domain=((-1000, 1000),),
                    form="exp(minimum(x, 0)) / (1 + exp(-abs(x)))")
softplus    = unary("softplus",     "softplus", floats.softplus, lambda z, x: (sigmoid(x),),    domain=((-1000, 1000),),
                    form="maximum(x, 0) + log1p(exp(-abs(x)))")
log_sigmoid = unary("log_sigmoid",  "log σ", floats.log_sigmoid, lambda z, x: (sigmoid(-x),),   domain=((-1000, 1000),),
                    form="minimum(x, 0) - log1p(exp(-abs(x)))")
softsign    = unary("softsign",     "softsign", floats.softsign, lambda z, x: (1.0 / square(1.0 + abs(x)),), domain=((-1e150, 1e150),),
                    form="x / (1 + abs(x))")
relu        = unary("relu",         "ReLU",  lambda x: 0.0 if x <= 0.0 else x, lambda z, x: (step(x),), form="maximum(x, 0)", chooses=True)
silu        = unary("silu",         "SiLU",  floats.silu,     lambda z, x: (sigmoid(x) * (1.0 + x * sigmoid(-x)),), edges=lambda z, x: (step(x),),
                    form="x * sigmoid(x)", domain=((-700, 700),))
gelu        = unary("gelu",         "GELU",  floats.gelu,     lambda z, x: (ndtr(x) + x * (ONE_OVER_SQRT_TAU * gaussian(0.5)(x)),), edges=lambda z, x: (step(x),),
                    form="x * ndtr(x)", domain=((-37, 20),))

# error functions
erf         = unary("erf",          "erf",   math.erf,        lambda z, x: (TWO_OVER_SQRT_PI * gaussian(1.0)(x),))
erfc        = unary("erfc",         "erfc",  math.erfc,       lambda z, x: (-TWO_OVER_SQRT_PI * gaussian(1.0)(x),), domain=((-10, 26),))
ndtr        = unary("ndtr",         "Φ",     floats.ndtr,     lambda z, x: (ONE_OVER_SQRT_TAU * gaussian(0.5)(x),), domain=((-37, 10),),
                    form="0.5 * erfc(x * -sqrt(0.5))")
log_ndtr    = unary("log_ndtr",     "log Φ", special.log_ndtr, lambda z, x: (mills(x),),        domain=((-1e5, 37),),
                    form="where(x > 0, log1p(-ndtr(-x)), log(ndtr(x)))")
erfinv      = unary("erfinv",       "erf⁻¹", special.erfinv,  lambda z, x: (erfinv_slope(x),),  domain=((-1, 1),), defined="−1 < x < 1")

# the gamma function, and its logarithm with all derivatives
gamma       = unary("gamma",        "Γ",     special.gamma,   lambda z, x: (z * digamma(x),),   domain=((-19, 171),), defined=NO_POLE, poles=True)
lgamma      = unary("lgamma",       "log Γ", special.lgamma,  lambda z, x: (digamma(x),),       domain=((-19, 1e100),), defined=NO_POLE, poles=True)
digamma     = unary("digamma",      "ψ",     special.digamma, lambda z, x: (polygamma(1.0)(x),), domain=((-19, 1e50),), defined=NO_POLE, poles=True)

# probabilities
logit       = unary("logit",        "logit", floats.logit,    lambda z, x: (1.0 / x + 1.0 / (1.0 - x),), poles=True, domain=((0, 1),), defined="0 < x < 1",
                    form="where(abs(x - 0.5) < 0.25, 2 * atanh(2 * x - 1), log(x / (1 - x)))")
xlogy       = binary("xlogy",       "x log y", floats.xlogy,  lambda z, x, y: (log(y), x / y),  edges=floats.xlogy_edges, poles=True,
                     form="where(x == 0, where(y == y, 0, y), x * log(y))", domain=((-1e50, 1e50), (1e-50, 1e50)), defined="y > 0, or x = 0")

# kinks: relu'(0) = abs'(0) = step(0) = sign(0) = 0; ties of minimum and maximum split evenly
abs         = unary("abs",          "|x|",   math.fabs,       lambda z, x: (sign(x),))
sign        = unary("sign",         "sign",  floats.sign,     lambda z, x: (0.0,),              form="where(x > 0, 1, where(x < 0, -1, x))", chooses=True)
step        = unary("step",         "step",  floats.step,     lambda z, x: (0.0,),              form="where(x > 0, 1, where(x <= 0, 0, x))", chooses=True)
minimum     = binary("minimum",     "min",   floats.minimum,  lambda z, x, y: (0.5 - (h := 0.5 * sign(x - y)), 0.5 + h), edges=floats.split_evenly,
                     form="where(x < y, x, where(y <= x, y, x + y))", chooses=True)
maximum     = binary("maximum",     "max",   floats.maximum,  lambda z, x, y: (0.5 + (h := 0.5 * sign(x - y)), 0.5 - h), edges=floats.split_evenly,
                     form="where(x > y, x, where(y >= x, y, x + y))", chooses=True)

copysign    = binary("copysign",    "copysign", math.copysign, lambda z, x, y: (sign(x) * copysign(1.0, y), 0.0), chooses=True)

# whole numbers and remainders, flat or straight between their jumps
floor       = unary("floor",        "floor", floats.floor,    lambda z, x: (0.0,), chooses=True)
ceil        = unary("ceil",         "ceil",  floats.ceil,     lambda z, x: (0.0,), chooses=True)
trunc       = unary("trunc",        "trunc", floats.trunc,    lambda z, x: (0.0,), chooses=True)
rint        = unary("rint",         "rint",  floats.rint,     lambda z, x: (0.0,), chooses=True)
floor_divide = binary("floor_divide", "//",  operator.floordiv, lambda z, x, y: (0.0, 0.0), chooses=True, defined="y ≠ 0", domain=MANY_TIMES,
                     form="rint((x - fmod(x, y)) / y) - where(sign(fmod(x, y)) * sign(y) < 0, 1, 0)")
mod         = binary("mod",         "%",     operator.mod,    lambda z, x, y: (1.0, -floor_divide(x, y)), chooses=True, poles=True, defined="y ≠ 0", domain=MANY_TIMES,
                     form="where(sign(fmod(x, y)) * sign(y) < 0, fmod(x, y) + y, fmod(x, y))")
fmod        = binary("fmod",        "fmod",  math.fmod,       lambda z, x, y: (1.0, -rint((x - z) / y)), chooses=True, poles=True, defined="y ≠ 0", domain=MANY_TIMES)
remainder   = binary("remainder",   "remainder", math.remainder, lambda z, x, y: (1.0, -rint(x / y - z / y)), chooses=True, poles=True, defined="y ≠ 0", domain=MANY_TIMES,
                     form="where(abs(fmod(x, 2 * y)) <= abs(y) - abs(fmod(x, 2 * y)), fmod(x, 2 * y), where(abs(fmod(x, 2 * y)) - abs(y) < "
                     "abs(y) - (abs(fmod(x, 2 * y)) - abs(y)), fmod(x, 2 * y) - copysign(y, x), fmod(x, 2 * y) - copysign(y, x) - copysign(y, x)))")

# many operands; a last w without a partner is a bias; held_max is a shift, and has no slope on purpose;
# where has one group, condition, x and y, and is called where(condition, x, y)
dot         = dotted("dot",         "·",     floats.dot,      lambda z, ws, xs: (xs, ws) if len(ws) == len(xs) else ((*xs, 1.0), ws[:-1]))
sum         = nary("sum",           "Σ",     floats.total,    lambda z, xs: ((1.0,) * len(xs),))
mean        = nary("mean",          "mean",  floats.mean,     lambda z, xs: ((1.0 / len(xs),) * len(xs),))
prod        = nary("prod",          "Π",     floats.prod,     lambda z, xs: (_others(xs),), poles=True)
logsumexp   = nary("logsumexp",     "logsumexp", floats.logsumexp, lambda z, xs: (_shares(xs),), edges=floats.logsumexp_edges, domain=((-30, 30),))
held_max    = nary("held_max",      "held max", floats.largest, lambda z, xs: ((0.0,) * len(xs),), chooses=True)
where       = choice("where",       "where", lambda cxy: cxy[1] if cxy[0] else cxy[2], lambda z, cxy: ((0.0, where(cxy[0], 1.0, 0.0), where(cxy[0], 0.0, 1.0)),),
                     form="where(xs[0] != 0, xs[1], xs[2])", domain=((-10, 10),) * 3, chooses=True)

# how gradient multiplies with a slope that chooses: where it is 0 nothing passes, neither ∞ nor NaN
masked      = binary("masked",      "×",     lambda x, y: x * y if x else 0.0, lambda z, x, y: (y, x), form="where(x == 0, 0, x * y)", chooses=True, poles=True)

# helpers of the rows above: they and their derivatives keep the digits that 1 − x², exp(−x²),
# sigmoid(x − y), 1/z − x²/z³ and exp(x − z) lose
or_zero     = unary("or_zero",      "x or 0", lambda x: x if x == x else 0.0, lambda z, x: (1.0,), form="where(x == x, x, 0)")
one_minus_square = unary("one_minus_square", "1−x²", lambda x: (1.0 - x) * (1.0 + x), lambda z, x: (-2.0 * x,), form="(1 - x) * (1 + x)")
share       = binary("share",       "eˣ/(eˣ+eʸ)", floats.share, lambda z, x, y: (h := z * share(y, x), -h), form="sigmoid(x - y)", domain=((-200, 200), (-200, 200)))
direction   = binary("direction",   "x/√(x²+y²)", floats.direction, lambda z, x, y: ((v := direction(y, x)) * (q := v / hypot(x, y)), -z * q),
                     form="x / hypot(x, y)", defined="x ≠ 0 or y ≠ 0", poles=True, domain=((-1e50, 1e50), (-1e50, 1e50)))
mills       = unary("mills",        "φ/Φ",   special.mills,   lambda z, x: (-z * mills_tail(1.0)(x),), edges=lambda z, x: (step(x) - 1.0,), domain=((-5, 37),),
                    form=f"{ONE_OVER_SQRT_TAU!r} * exp(-0.5 * square(x)) / ndtr(x)")
erfinv_slope = unary("erfinv_slope", "½√π/e^−z²", special.erfinv_slope, lambda z, x: (2.0 * erfinv(x) * square(z),), domain=((-1, 1),), defined="−1 < x < 1",
                    form=f"{SQRT_PI_HALVES!r} * exp(square(erfinv(x)))")
exp_difference = binary("exp_difference", "eˣ⁻ʸ", floats.exp_difference, lambda z, x, y: (z, -z), form="exp(x - y)", domain=((-300, 300), (-300, 300)))


# --- families: one primitive for each choice of the fixed numbers ---------------------------------

RAISED = str.maketrans("0123456789-.", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻·")


@family(example=(3.0,))
def power(n: float) -> Unary:
    """``x ** n`` for a number n: the exponent is not an operand, so no slope is asked of it."""
    shown = f"x{n:g}".translate(RAISED)
    pow_ = math.pow if n >= 0.0 else floats.pow  # only a negative power has a pole
    slope = {0.0: lambda z, x: (0.0,), 1.0: lambda z, x: (1.0,), 2.0: lambda z, x: (2.0 * x,)}.get(n, lambda z, x: (n * power(n - 1.0)(x),))
    return Unary("power", shown, lambda x: pow_(x, n), slope, form=f"pow(x, {n!r})", args=(n,), domain=((-1e50, 1e50),), poles=True,
                 chooses=n == 0.0, defined="x > 0, or a whole exponent with x ≠ 0 where it is negative")


@family(example=(1.0,))
def polygamma(n: float) -> Unary:
    """The n-th derivative of ψ, for n ≥ 1."""
    special.check_order(n)
    return Unary("polygamma", f"ψ⁽{n:g}⁾".translate(RAISED), lambda x: special.polygamma(x, n), lambda z, x: (polygamma(n + 1.0)(x),),
                 args=(n,), domain=((-19, 1e50),), defined=NO_POLE, poles=True)


@family(example=(1.0,))
def mills_tail(n: float) -> Unary:
    """n·Iₙ/Iₙ₋₁, where Iₙ is the n-th integral of φ up to x and I₀ is Φ: φ/Φ + x for n = 1."""
    special.check_order(n)
    above: Callable[[Any], Any] = mills if n == 1.0 else lambda x: (n - 1.0) / mills_tail(n - 1.0)(x)  # z − x
    slope = lambda z, x: (where(step(x), n - z * above(x), z * (mills_tail(n + 1.0)(x) - z)),)
    return Unary("mills_tail", f"{n:g}·I/I", lambda x: special.mills_tail(x, n), slope, edges=lambda z, x: (step(x),), args=(n,),
                 domain=((-5, 10),))  # to the left its second derivative loses digits, as x²


@family(example=(1.0,))
def sinc_derivative(n: float) -> Unary:
    """The n-th derivative of sin(πx)/(πx)."""
    special.check_order(n)
    return Unary("sinc_derivative", f"sinc⁽{n:g}⁾".translate(RAISED), lambda x: special.sinc_derivative(x, n),
                 lambda z, x: (sinc_derivative(n + 1.0)(x),), args=(n,), domain=((-1e3, 1e3),))


@family(example=(0.5,))
def gaussian(rate: float) -> Unary:
    """exp(−rate·x²)."""
    return Unary("gaussian", "e^−x²", lambda x: floats.gaussian(x, rate), lambda z, x: (-2.0 * rate * x * z,), edges=lambda z, x: (0.0,),
                 form=f"exp({-rate!r} * square(x))", args=(rate,), domain=((-26, 26),))


@family(example=(0.01,))
def leaky_relu_with(slope: float) -> Unary:
    """x where x > 0, slope·x elsewhere."""
    check_finite(slope, "The slope of leaky_relu")
    return Unary("leaky_relu_with", "leaky ReLU", lambda x: slope * x if x <= 0.0 else x, lambda z, x: (where(step(x), 1.0, slope),),
                 form=f"where(x > 0, x, {slope!r} * x)", chooses=True, args=(slope,))


@family(example=(1.0,))
def elu_with(alpha: float) -> Unary:
    """x where x > 0, alpha·(eˣ − 1) elsewhere."""
    check_finite(alpha, "The alpha of elu")
    return Unary("elu_with", "ELU", lambda x: alpha * math.expm1(x) if x <= 0.0 else x,
                 lambda z, x: (where(step(x), 1.0, alpha * exp(minimum(x, 0.0))),),
                 form=f"where(x > 0, x, {alpha!r} * expm1(minimum(x, 0)))", chooses=True, args=(alpha,), domain=((-1000, 1000),))


@family(example=(-1.0, 2.0))
def clip_to(low: float, high: float) -> Unary:
    """x kept between low and high."""
    return Unary("clip_to", "clip", lambda x: low if x < low else high if x > high else x,
                 lambda z, x: ((1.0 - step(low - x)) * (1.0 - step(x - high)),),
                 form=f"minimum(maximum(x, {low!r}), {high!r})", chooses=True, args=(low, high))

# fmt: on


# --- what rules of many operands call ------------------------------------------------------------


def _others(xs: Sequence[Any]) -> tuple[Any, ...]:
    """For each operand the product of all the others, without a division (zeros are welcome)."""
    n = len(xs)
    before: list[Any] = [1.0] * n
    after: list[Any] = [1.0] * n
    for i in range(1, n):
        before[i] = xs[i - 1] if i == 1 else before[i - 1] * xs[i - 1]
        after[-1 - i] = xs[-i] if i == 1 else xs[-i] * after[-i]
    others = tuple(
        a if i == 0 else b if i == n - 1 else b * a
        for i, (b, a) in enumerate(zip(before, after, strict=True))
    )
    numbers = others if type(others[-1]) is float else data_of(others)
    if 0.0 in numbers and 0.0 not in data_of(xs):  # too small on the way alone
        return tuple(prod((*xs[:i], *xs[i + 1 :])) for i in range(n))
    return others


def _shares(xs: Sequence[Any]) -> tuple[Any, ...]:
    """exp(xᵢ) / Σ exp(xⱼ) for each operand; exp(xᵢ − z) would magnify the rounding of z."""
    top = held_max(xs)
    apply: Any = exp_difference.compute if type(top) is float else exp_difference  # no row: quicker
    powers = [apply(x, top) for x in xs]
    total = sum(powers)
    return tuple(power / total for power in powers)
