"""The table of primitives: every rule of calculus that autograd_lite knows, written once.

A row says what a primitive computes and what its local derivatives are. The same row is read by
floats (the eager engine), by Values (the derivative of a graph is a graph, so higher derivatives
come free), by the tests (each row against 50-digit arithmetic) and by the printers (pictures,
step texts, NumPy programs, the page's JavaScript). To add a primitive, add a row.

Glossary: ``z`` is the result, ``x`` and ``y`` are operands, ``xs`` and ``ws`` are tuples of
operands. A rule returns one local derivative per operand. Rules never ask ``if x > 0``: that
would freeze one branch into the graph of the derivative; they use ``step``, ``sign``, ``where``.

Next: ``value.py``.
"""

import math
import operator
from collections.abc import Sequence
from typing import Any

from .engine import floats
from .engine.floats import LN2, TWO_OVER_SQRT_PI
from .engine.primitive import TABLE, Binary, Dot, Unary, Where, binary, family, nary, unary

#: The functions of the table, public in `autograd_lite` too; the other rows are written with a sign
#: or help these.
# fmt: off
__all__ = [
    "abs",
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "cbrt",
    "cos",
    "cosh",
    "dot",
    "erf",
    "erfc",
    "exp",
    "exp2",
    "expm1",
    "gelu",
    "hypot",
    "log",
    "log1p",
    "log2",
    "log10",
    "log_sigmoid",
    "logaddexp",
    "logsumexp",
    "maximum",
    "mean",
    "minimum",
    "ndtr",
    "prod",
    "reciprocal",
    "relu",
    "sech",
    "sigmoid",
    "sign",
    "silu",
    "sin",
    "sinh",
    "softplus",
    "softsign",
    "sqrt",
    "square",
    "step",
    "sum",
    "tan",
    "tanh",
    "where",
]
# fmt: on

LOG2E = 1.0 / floats.LN2
LOG10E = 1.0 / math.log(10.0)
ONE_OVER_SQRT_TAU = 1.0 / math.sqrt(math.tau)
# --- the table ------------------------------------------------------------------------------------
# What rhymes is aligned: name, symbol, value, local derivatives.
# fmt: off

# rows that a rule refers to before they are made
pow: Binary; hypot: Binary; minimum: Binary; exp: Unary; log: Unary; sin: Unary; cos: Unary; sinh: Unary
cosh: Unary; tanh: Unary; sech: Unary; sqrt: Unary; square: Unary; sigmoid: Unary; ndtr: Unary; abs: Unary
sign: Unary; step: Unary; one_minus_square: Unary; share: Binary; direction: Binary; exp_difference: Binary; where: Where

# arithmetic
add        = binary("add",         "+",      operator.add,            lambda z, x, y: (1.0, 1.0),
                      numpy="{x} + {y}", js="{x} + {y}", latex="{x} + {y}")
sub        = binary("sub",         "−",      operator.sub,            lambda z, x, y: (1.0, -1.0),
                      numpy="{x} - {y}", js="{x} - {y}", latex="{x} - {y}")
mul        = binary("mul",         "×",      operator.mul,            lambda z, x, y: (y, x),
                      numpy="{x} * {y}", js="{x} * {y}", latex=r"{x} \cdot {y}")
div        = binary("div",         "÷",      operator.truediv,        lambda z, x, y: (1.0 / y, -z / y),
                      numpy="{x} / {y}", js="{x} / {y}", latex=r"\frac{{{x}}}{{{y}}}",
                      domain=((-10, 10), (-10, 10)), defined="y ≠ 0")
pow        = binary("pow",         "xʸ",     floats.pow,             lambda z, x, y: (y * pow(x, y - 1.0), z * log(x)),
                      numpy="np.power({x}, {y})", js="({x} === 1 ? 1 : Math.pow({x}, {y}))", latex="{{{x}}}^{{{y}}}", edges=floats.pow_edges,
                      domain=((0.01, 10), (-5, 5)), defined="x > 0, or a whole number y with x ≠ 0 where y < 0")
neg        = unary("neg",         "−",      operator.neg,            lambda z, x: (-1.0,),
                      numpy="-{x}", js="-{x}", latex="-{x}")
reciprocal = unary("reciprocal",  "1/x",    lambda x: 1.0 / x,       lambda z, x: (-z * z,),
                      js="1 / {x}", latex=r"\frac{{1}}{{{x}}}", domain=((-1e100, 1e100),), defined="x ≠ 0")
square     = unary("square",      "x²",     lambda x: x * x,         lambda z, x: (2.0 * x,),
                      js="{x} * {x}", latex="{{{x}}}^2", domain=((-1e150, 1e150),))
sqrt       = unary("sqrt",        "√",      math.sqrt,               lambda z, x: (0.5 / z,),
                      latex=r"\sqrt{{{x}}}", domain=((1e-300, 1e300),), defined="x ≥ 0")
cbrt       = unary("cbrt",        "∛",      math.cbrt,               lambda z, x: (1.0 / (3.0 * square(z)),),
                      latex=r"\sqrt[3]{{{x}}}", domain=((-1e300, 1e300),))

# exponentials and logarithms
exp        = unary("exp",         "exp",    math.exp,                lambda z, x: (z,),
                      latex="e^{{{x}}}", domain=((-745, 709),))
exp2       = unary("exp2",        "exp2",   math.exp2,               lambda z, x: (LN2 * z,),
                      js="Math.pow(2, {x})", latex="2^{{{x}}}", domain=((-1074, 1023),))
expm1      = unary("expm1",       "expm1",  math.expm1,              lambda z, x: (exp(x),),
                      latex="e^{{{x}}} - 1", domain=((-745, 709),))
log        = unary("log",         "log",    math.log,                lambda z, x: (1.0 / x,),
                      domain=((1e-300, 1e300),), defined="x > 0")
log2       = unary("log2",        "log2",   math.log2,               lambda z, x: (LOG2E / x,),
                      latex=r"\log_2\left({x}\right)", domain=((1e-300, 1e300),), defined="x > 0")
log10      = unary("log10",       "log10",  math.log10,              lambda z, x: (LOG10E / x,),
                      latex=r"\log_{{10}}\left({x}\right)", domain=((1e-300, 1e300),), defined="x > 0")
log1p      = unary("log1p",       "log1p",  math.log1p,              lambda z, x: (1.0 / (1.0 + x),),
                      latex=r"\log\left(1 + {x}\right)", domain=((-1 + 2**-53, 1e300),), defined="x > −1")
logaddexp  = binary("logaddexp",   "logaddexp", floats.logaddexp,       lambda z, x, y: (share(x, y), share(y, x)),
                      js="logaddexp({x}, {y})",
                      edges=floats.split_evenly, latex=r"\log\left(e^{{{x}}} + e^{{{y}}}\right)",
                      domain=((-200, 200), (-200, 200)))

# trigonometry
sin        = unary("sin",         "sin",    math.sin,                lambda z, x: (cos(x),), domain=((-1e6, 1e6),))
cos        = unary("cos",         "cos",    math.cos,                lambda z, x: (-sin(x),), domain=((-1e6, 1e6),))
tan        = unary("tan",         "tan",    math.tan,                lambda z, x: (1.0 + square(z),),
                      domain=((-1.57, 1.57),))
asin       = unary("asin",        "asin",   math.asin,               lambda z, x: (1.0 / sqrt(one_minus_square(x)),),
                      numpy="np.arcsin({x})", latex=r"\arcsin\left({x}\right)", domain=((-1, 1),),
                      defined="−1 ≤ x ≤ 1")
acos       = unary("acos",        "acos",   math.acos,               lambda z, x: (-1.0 / sqrt(one_minus_square(x)),),
                      numpy="np.arccos({x})", latex=r"\arccos\left({x}\right)", domain=((-1, 1),),
                      defined="−1 ≤ x ≤ 1")
atan       = unary("atan",        "atan",   math.atan,               lambda z, x: (1.0 / (1.0 + square(x)),),
                      numpy="np.arctan({x})", latex=r"\arctan\left({x}\right)", domain=((-1e150, 1e150),))
atan2      = binary("atan2",       "atan2",  math.atan2,              lambda z, x, y: (direction(y, x) / (h := hypot(x, y)), -direction(x, y) / h),
                      numpy="np.arctan2({x}, {y})", domain=((-1e50, 1e50), (-1e50, 1e50)), edges=lambda z, x, y: (0.0, 0.0))
hypot      = binary("hypot",       "hypot",  math.hypot,              lambda z, x, y: (direction(x, y), direction(y, x)),
                      edges=lambda z, x, y: (0.0, 0.0), latex=r"\sqrt{{{x}^2 + {y}^2}}", domain=((-1e50, 1e50), (-1e50, 1e50)))

# hyperbolic functions; 1 − tanh² loses every digit in the tails, sech² keeps them
sinh       = unary("sinh",        "sinh",   math.sinh,               lambda z, x: (cosh(x),),
                      domain=((-710, 710),))
cosh       = unary("cosh",        "cosh",   math.cosh,               lambda z, x: (sinh(x),),
                      domain=((-710, 710),))
tanh       = unary("tanh",        "tanh",   math.tanh,               lambda z, x: (square(sech(x)),),
                      domain=((-1000, 1000),))
sech       = unary("sech",        "sech",   floats.sech,            lambda z, x: (-z * tanh(x),),
                      domain=((-1000, 1000),), numpy="2 * np.exp(-np.abs({x})) / (1 + np.exp(-2 * np.abs({x})))",
                      js="1 / Math.cosh({x})")
asinh      = unary("asinh",       "asinh",  math.asinh,              lambda z, x: (1.0 / hypot(x, 1.0),),
                      numpy="np.arcsinh({x})", domain=((-1e150, 1e150),))
acosh      = unary("acosh",       "acosh",  math.acosh,              lambda z, x: ((1.0 / sqrt(x - 1.0)) * (1.0 / sqrt(x + 1.0)),),
                      numpy="np.arccosh({x})", domain=((1, 1e150),), defined="x ≥ 1")
atanh      = unary("atanh",       "atanh",  math.atanh,              lambda z, x: (1.0 / one_minus_square(x),),
                      numpy="np.arctanh({x})", domain=((-1, 1),), defined="−1 < x < 1")

# activations
sigmoid    = unary("sigmoid",     "σ",      floats.sigmoid,         lambda z, x: (0.25 * square(sech(0.5 * x)),),
                      numpy="np.exp(np.minimum({x}, 0)) / (1 + np.exp(-np.abs({x})))",
                      js="1 / (1 + Math.exp(-{x}))", latex=r"\sigma\left({x}\right)", domain=((-1000, 1000),))
softplus   = unary("softplus",    "softplus", floats.softplus,        lambda z, x: (sigmoid(x),),
                      numpy="np.maximum({x}, 0) + np.log1p(np.exp(-np.abs({x})))",
                      js="(Math.max({x}, 0) + Math.log1p(Math.exp(-Math.abs({x}))))", domain=((-1000, 1000),))
log_sigmoid = unary("log_sigmoid", "log σ",  lambda x: -floats.softplus(-x), lambda z, x: (sigmoid(-x),),
                      numpy="np.minimum({x}, 0) - np.log1p(np.exp(-np.abs({x})))",
                      js="(Math.min({x}, 0) - Math.log1p(Math.exp(-Math.abs({x}))))",
                      latex=r"\log\sigma\left({x}\right)", domain=((-1000, 1000),))
softsign   = unary("softsign",    "softsign", floats.softsign,        lambda z, x: (1.0 / square(1.0 + abs(x)),),
                      numpy="{x} / (1 + np.abs({x}))", js="(Math.abs({x}) === Infinity ? Math.sign({x}) : {x} / (1 + Math.abs({x})))", domain=((-1e150, 1e150),))
relu       = unary("relu",        "ReLU",   lambda x: 0.0 if x <= 0.0 else x, lambda z, x: (step(x),),
                      numpy="np.maximum({x}, 0)", js="Math.max({x}, 0)",
                      latex=r"\operatorname{{ReLU}}\left({x}\right)")
silu       = unary("silu",        "SiLU",   floats.silu,            lambda z, x: (sigmoid(x) * (1.0 + x * sigmoid(-x)),),
                      edges=lambda z, x: (step(x),),
                      numpy="{x} * (np.exp(np.minimum({x}, 0)) / (1 + np.exp(-np.abs({x}))))",
                      js="({x} === -Infinity ? 0 : {x} / (1 + Math.exp(-{x})))", latex=r"\operatorname{{SiLU}}\left({x}\right)",
                      domain=((-700, 700),))
gelu       = unary("gelu",        "GELU",   floats.gelu,            lambda z, x: (ndtr(x) + x * (ONE_OVER_SQRT_TAU * gaussian(0.5)(x)),),
                      edges=lambda z, x: (step(x),),
                      numpy="{x} * (0.5 * np.vectorize(math.erfc, [float])({x} * -np.sqrt(0.5)))",
                      js="({x} === -Infinity ? 0 : {x} * 0.5 * erfc({x} * -0.7071067811865476))",
                      latex=r"\operatorname{{GELU}}\left({x}\right)", domain=((-37, 20),))

# error functions
erf        = unary("erf",         "erf",    math.erf,                lambda z, x: (TWO_OVER_SQRT_PI * gaussian(1.0)(x),),
                      numpy="np.vectorize(math.erf, [float])({x})", js="erf({x})")
erfc       = unary("erfc",        "erfc",   math.erfc,               lambda z, x: (-TWO_OVER_SQRT_PI * gaussian(1.0)(x),),
                      numpy="np.vectorize(math.erfc, [float])({x})", js="erfc({x})", domain=((-10, 26),))
ndtr       = unary("ndtr",        "Φ",      floats.ndtr,            lambda z, x: (ONE_OVER_SQRT_TAU * gaussian(0.5)(x),),
                      numpy="0.5 * np.vectorize(math.erfc, [float])({x} * -np.sqrt(0.5))",
                      js="0.5 * erfc({x} * -0.7071067811865476)", latex=r"\Phi\left({x}\right)",
                      domain=((-37, 10),))

# kinks: relu'(0) = abs'(0) = step(0) = sign(0) = 0; ties of minimum and maximum split evenly
abs        = unary("abs",         "|x|",    math.fabs,               lambda z, x: (sign(x),),
                      latex=r"\left|{x}\right|")
sign       = unary("sign",        "sign",   floats.sign,            lambda z, x: (0.0,))
step       = unary("step",        "step",   floats.step,            lambda z, x: (0.0,),
                      numpy="np.heaviside({x}, 0.0)", js="({x} > 0 ? 1 : {x} <= 0 ? 0 : NaN)")
minimum    = binary("minimum",     "min",    floats.minimum,         lambda z, x, y: (0.5 - (h := 0.5 * sign(x - y)), 0.5 + h),
                      js="Math.min({x}, {y})", latex=r"\min\left({x}, {y}\right)", edges=floats.split_evenly)
maximum    = binary("maximum",     "max",    floats.maximum,         lambda z, x, y: (0.5 + (h := 0.5 * sign(x - y)), 0.5 - h),
                      js="Math.max({x}, {y})", latex=r"\max\left({x}, {y}\right)", edges=floats.split_evenly)

# many operands
dot = TABLE["dot"] = Dot("dot",       "·",      floats.dot,             lambda z, ws, xs: (xs, ws) if len(ws) == len(xs) else ((*xs, 1.0), ws[:-1]),
                      numpy="np.sum({ws} * {xs}, axis=0)", js="dot({ws}, {xs})", latex=r"{ws} \cdot {xs}")
sum        = nary("sum",         "Σ",      floats.total,           lambda z, xs: ((1.0,) * len(xs),),
                      numpy="np.sum({xs}, axis=0)", js="sum({xs})", latex=r"\sum {xs}")
mean       = nary("mean",        "mean",   floats.mean,            lambda z, xs: ((1.0 / len(xs),) * len(xs),),
                      numpy="np.mean({xs}, axis=0)", js="(sum({xs}) / {xs}.length)", latex=r"\overline{{{xs}}}")
prod       = nary("prod",        "Π",      lambda xs: math.prod(xs, start=1.0), lambda z, xs: (_others(xs),),
                      numpy="np.prod({xs}, axis=0)", js="{xs}.reduce((a, b) => a * b, 1)", latex=r"\prod {xs}")
logsumexp  = nary("logsumexp",   "logsumexp", floats.logsumexp,       lambda z, xs: (_shares(xs),),
                      numpy="np.logaddexp.reduce({xs}, axis=0)", js="logsumexp({xs})",
                      edges=floats.logsumexp_edges, latex=r"\log \sum e^{{{xs}}}", domain=((-30, 30),))
held_max  = nary("held_max",    "held max",   floats.largest,         lambda z, xs: ((0.0,) * len(xs),),
                      numpy="np.max({xs}, axis=0)", js="Math.max(...{xs})", latex=r"\max {xs}")
where = TABLE["where"] = Where("where",       "where",  lambda cxy: cxy[1] if cxy[0] else cxy[2], lambda z, cxy: ((0.0, where(cxy[0], 1.0, 0.0), where(cxy[0], 0.0, 1.0)),),
                      numpy="np.where({xs}[0] != 0, {xs}[1], {xs}[2])", js="({xs}[0] !== 0 ? {xs}[1] : {xs}[2])",
                      latex=r"\operatorname{{where}}\left({xs}\right)", domain=((-10, 10),) * 3)

# helpers of the rows above: they and their derivatives keep the digits that 1 − x², exp(−x²),
# sigmoid(x − y), 1/z − x²/z³ and exp(x − z) lose
one_minus_square = unary("one_minus_square", "1−x²",   lambda x: (1.0 - x) * (1.0 + x), lambda z, x: (-2.0 * x,),
                      numpy="(1 - {x}) * (1 + {x})", js="(1 - {x}) * (1 + {x})", latex="1 - {x}^2")
share      = binary("share",       "eˣ/(eˣ+eʸ)", floats.share,          lambda z, x, y: (h := z * share(y, x), -h),
                      numpy="np.exp(np.minimum({x} - {y}, 0)) / (1 + np.exp(-np.abs({x} - {y})))",
                      js="1 / (1 + Math.exp({y} - {x}))", latex=r"\sigma\left({x} - {y}\right)",
                      domain=((-200, 200), (-200, 200)))
direction  = binary("direction",   "x/√(x²+y²)", floats.direction, lambda z, x, y: ((v := direction(y, x)) * (q := v / hypot(x, y)), -z * q),
                      numpy="{x} / np.hypot({x}, {y})", js="direction({x}, {y})",
                      latex=r"\frac{{{x}}}{{\sqrt{{{x}^2 + {y}^2}}}}", defined="x ≠ 0 or y ≠ 0", domain=((-1e50, 1e50), (-1e50, 1e50)))
exp_difference = binary("exp_difference", "eˣ⁻ʸ",   floats.exp_difference,  lambda z, x, y: (z, -z),
                      numpy="np.exp({x} - {y})", js="Math.exp({x} - {y})", latex="e^{{{x} - {y}}}",
                      domain=((-300, 300), (-300, 300)))
# fmt: on


# families: one primitive for each choice of the fixed numbers
@family(example=(3.0,))
def power(n: float) -> Unary:
    """``x ** n`` for a number n: the exponent is not an operand, so no slope is asked of it."""
    shown = f"{n:g}".translate(str.maketrans("0123456789-.", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻·"))
    pow_ = math.pow if n >= 0.0 else floats.pow  # only a negative power has a pole
    slope = {0.0: lambda z, x: (0.0,), 1.0: lambda z, x: (1.0,), 2.0: lambda z, x: (2.0 * x,)}
    return Unary(
        "power",
        f"x{shown}",
        lambda x: pow_(x, n),
        slope.get(n, lambda z, x: (n * power(n - 1.0)(x),)),
        numpy=f"np.power({{x}}, {n!r})",
        js=f"Math.pow({{x}}, {n!r})",
        latex=f"{{{{{{x}}}}}}^{{{{{n:g}}}}}",
        args=(n,),
        domain=((-1e50, 1e50),),
        defined="x > 0, or a whole exponent with x ≠ 0 where it is negative",
    )


@family(example=(0.5,))
def gaussian(rate: float) -> Unary:
    """exp(−rate·x²)."""
    return Unary(
        "gaussian",
        "e^−x²",
        lambda x: floats.gaussian(x, rate),
        lambda z, x: (-2.0 * rate * x * z,),
        edges=lambda z, x: (0.0,),
        args=(rate,),
        numpy=f"np.exp(-{rate!r} * np.square({{x}}))",
        js=f"Math.exp(-{rate!r} * {{x}} * {{x}})",
        latex=f"e^{{{{-{rate:g} {{x}}^2}}}}",
        domain=((-26, 26),),
    )


@family(example=(0.01,))
def leaky_relu_with(slope: float) -> Unary:
    """x where x > 0, slope·x elsewhere."""
    return Unary(
        "leaky_relu_with",
        "leaky ReLU",
        lambda x: slope * x if x <= 0.0 else x,
        lambda z, x: (where(step(x), 1.0, slope),),
        args=(slope,),
        numpy=f"np.where({{x}} > 0, {{x}}, {slope!r} * {{x}})",
        js=f"({{x}} > 0 ? {{x}} : {slope!r} * {{x}})",
        latex=r"\operatorname{{LeakyReLU}}\left({x}\right)",
    )


@family(example=(1.0,))
def elu_with(alpha: float) -> Unary:
    """x where x > 0, alpha·(eˣ − 1) elsewhere."""
    return Unary(
        "elu_with",
        "ELU",
        lambda x: alpha * math.expm1(x) if x <= 0.0 else x,
        lambda z, x: (where(step(x), 1.0, alpha * exp(minimum(x, 0.0))),),
        args=(alpha,),
        numpy=f"np.where({{x}} > 0, {{x}}, {alpha!r} * np.expm1(np.minimum({{x}}, 0)))",
        js=f"({{x}} > 0 ? {{x}} : {alpha!r} * Math.expm1({{x}}))",
        domain=((-1000, 1000),),
        latex=r"\operatorname{{ELU}}\left({x}\right)",
    )


@family(example=(-1.0, 2.0))
def clip_to(low: float, high: float) -> Unary:
    """x kept between low and high."""
    return Unary(
        "clip_to",
        "clip",
        lambda x: low if x < low else high if x > high else x,
        lambda z, x: ((1.0 - step(low - x)) * (1.0 - step(x - high)),),
        args=(low, high),
        numpy=f"np.clip({{x}}, {low!r}, {high!r})".replace("inf", "np.inf"),
        js=f"Math.min(Math.max({{x}}, {low!r}), {high!r})".replace("inf", "Infinity"),
        latex=r"\operatorname{{clip}}\left({x}\right)",
    )


# --- what rules of many operands call ------------------------------------------------------------


def _others(xs: Sequence[Any]) -> tuple[Any, ...]:
    """For each operand the product of all the others, without a division (zeros are welcome)."""
    n = len(xs)
    before: list[Any] = [1.0] * n
    after: list[Any] = [1.0] * n
    for i in range(1, n):
        before[i] = xs[i - 1] if i == 1 else before[i - 1] * xs[i - 1]
        after[-1 - i] = xs[-i] if i == 1 else xs[-i] * after[-i]
    return tuple(
        a if i == 0 else b if i == n - 1 else b * a
        for i, (b, a) in enumerate(zip(before, after, strict=True))
    )


def _shares(xs: Sequence[Any]) -> tuple[Any, ...]:
    """exp(xᵢ) / Σ exp(xⱼ) for each operand; exp(xᵢ − z) would magnify the rounding of z."""
    top = held_max(xs)
    apply: Any = exp_difference.compute if type(top) is float else exp_difference  # half the time
    powers = [apply(x, top) for x in xs]
    total = sum(powers)
    return tuple(power / total for power in powers)
