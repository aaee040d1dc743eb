"""The table in NumPy, and in jax.numpy, which has the same names.

Answers are those of IEEE 754; nothing raises.

Next: ``python.py``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar

from ..engine import special
from .form import ATOM, Language, Text, bracket
from .python import Python

HELPERS = {
    "sech": '''
def sech(x):
    """1 / cosh x, with all its digits in the tails."""
    e = np.exp(-np.abs(x))
    return 2.0 * e / (1.0 + e * e)
''',
}
#: Functions of floats that NumPy lacks -> what JAX has of them.
SPECIAL = {
    **{name: f"from jax.scipy.special import {name}" for name in (
        "digamma", "erf", "erfc", "erfinv", "gamma",
    )},
    "lgamma": "from jax.scipy.special import gammaln as lgamma",
    "fori_loop": "from jax.lax import fori_loop",
}  # fmt: skip
IN_JAX = {
    "sinc_derivative": '''
def sinc_derivative(x, n):
    """The n-th derivative of sin(πx)/(πx): a series around 0, a recurrence further out."""
    n, near = int(n), np.abs(x) < 0.5 + 0.25 * n
    small, large = np.where(near, x, 0.0), np.where(near, 1.0, x)
    series = 0.0
    for k in range(40 + n, (n + 1) // 2 - 1, -1):
        c = (-1.0) ** k * math.pi ** (2 * k) / ((2 * k + 1) * math.factorial(2 * k - n))
        series = series + c * small ** (2 * k - n)
    turns = large - 2.0 * np.rint(0.5 * large)
    near_zero = np.where(np.abs(turns) > 0.5, np.copysign(1.0, turns) - turns, turns)
    sin, cos = np.sin(math.pi * near_zero), np.sin(math.pi * (0.5 - np.abs(turns)))
    waves = [sin, cos, -sin, -cos]
    z = waves[0] / (math.pi * large)
    for k in range(1, n + 1):
        z = (math.pi ** (k - 1) * waves[k % 4] - k * z) / large
    return np.where(near, series, np.where(np.isinf(x), 0.0, z))
''',
    "sinc": """
def sinc(x):
    return sinc_derivative(x, 0)
""",
    "mills": """
def mills(x):
    return mills_tail(x, 0)
""",
    "polygamma": '''
def polygamma(x, n):
    """ψ⁽ⁿ⁾(x): n + 20 steps up, Bernoulli's series there; left of 0 by the slopes of π·cot πx."""
    n = int(n)
    y, factorial = np.where(x < 0.0, 1.0 - x, x), math.factorial
    z = y + (n + 20.0)
    total = factorial(n - 1) * z**-n + 0.5 * factorial(n) * z ** (-n - 1.0)
    for k, b in enumerate((1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6), start=1):
        c = factorial(2 * k + n - 1) / factorial(2 * k)
        total = total + b * c * z ** (-n - 2.0 * k)
    for k in range(n + 20):
        total = total + factorial(n) * (y + k) ** (-n - 1.0)
    turns = x - np.rint(x)
    cot, powers = np.sin(math.pi * (0.5 - np.abs(turns))) / np.sin(math.pi * turns), [0.0, 1.0]
    for _ in range(n):
        slope = [k * a for k, a in enumerate(powers)][1:]
        powers = [-(a + b) for a, b in zip([*slope, 0.0, 0.0], [0.0, 0.0, *slope])]
    turned = total + math.pi ** (n + 1) * sum(a * cot**k for k, a in enumerate(powers))
    return np.where(x < 0.0, -turned, total * (-1.0) ** (n + 1))
''',
    "mills_tail": '''
def mills_tail(x, n):
    """n·I(n)/I(n − 1), where I(n) is the n-th integral of φ; left of −1 by a continued fraction."""
    n, last = int(n), int(n) + 415
    far, near = np.where(x < -1.0, x, -1.0), np.where(x < -1.0, 0.0, x)
    a = far - 1.0 / np.hypot(far, 2.0 * math.sqrt(last))
    k = 0.5 * (a + np.hypot(a, 2.0 * math.sqrt(last + 1.0)))
    steps = last - max(n, 1) + 1
    tail = fori_loop(0, steps, lambda i, k: (last - i) / (k - far), np.where(x == -np.inf, 0.0, k))
    k = np.exp(-0.5 * near * near) / (1.2533141373155003 * erfc(-0.7071067811865476 * near))
    for i in range(n):
        k = near + (i / k if i else k)
    return np.where(x < -1.0, tail if n else tail - far, k)
''',
    "log_ndtr": '''
def log_ndtr(x):
    """log Φ(x), in three pieces that keep their digits."""
    left, right = np.minimum(x, -1.0), np.maximum(x, 0.0)
    tail = -0.5 * left * left - np.log(2.5066282746310007 * mills_tail(left, 0))
    middle = np.log(0.5 * erfc(-0.7071067811865476 * np.clip(x, -1.0, 0.0)))
    rest = np.log1p(-0.5 * erfc(0.7071067811865476 * right))
    return np.where(x > 0.0, rest, np.where(x > -1.0, middle, np.where(x == -np.inf, x, tail)))
''',
}
NEEDED_IN_JAX = {
    "sinc": ["sinc_derivative"],
    **{name: ["mills_tail", "erfc", "fori_loop"] for name in ("mills", "mills_tail", "log_ndtr")},
}
EACH = '''
def each(f):
    """f on arrays; where it raises or overflows, as a function of NumPy's does."""

    def number(*x):
        try:
            y = f(*x)
        except (ArithmeticError, ValueError):
            return np.log(-1.0)  # NaN, or the error that np.errstate asks for
        if math.isinf(y) and all(map(math.isfinite, x)):
            return np.copysign(np.exp(1000.0), y)  # and here an infinity
        return y

    return np.vectorize(number, [float])
'''


def prelude(called: set[str], jax: bool) -> tuple[list[str], list[str]]:
    """The imports and the functions that a program of these calls brings along.

    >>> prelude({"exp", "erf"}, jax=True)
    (['from jax.scipy.special import erf'], [])
    """
    helpers = [text for name, text in HELPERS.items() if name in called]
    wanted = {name for name in (*SPECIAL, *IN_JAX) if name in called}
    if jax:
        for name, needed in NEEDED_IN_JAX.items():
            wanted.update(needed if name in wanted else ())
        imports = [text for name, text in SPECIAL.items() if name in wanted]
        return imports, [*helpers, *[text for name, text in IN_JAX.items() if name in wanted]]
    python = Python()
    lines = []
    for name in sorted(wanted):
        function = getattr(special, name, None) or getattr(math, name)
        python.need(function)
        lines.append(f"{name} = each({'math.' * (function.__module__ == 'math')}{name})")
    if wanted:
        helpers += [*python.helpers.values(), EACH, "\n".join(lines)]
    return [], helpers


class NumPy(Language):
    """NumPy's names, and the helpers that a printed program brings along.

    >>> from autograd_lite import ops
    >>> NumPy().applied(ops.sigmoid, [("a + b", 2)])[0]
    'np.exp(np.minimum(a + b, 0.0)) / (1.0 + np.exp(-np.abs(a + b)))'
    """

    name = "NumPy"
    functions: ClassVar[Mapping[str, str]] = {
        **{name: f"np.{name}" for name in (
            "abs", "cbrt", "cos", "cosh", "exp", "exp2", "expm1", "hypot", "log", "log10", "log1p",
            "log2", "logaddexp", "maximum", "minimum", "reciprocal", "sign", "sin", "sinh", "sqrt",
            "square", "tan", "tanh", "where", "floor", "ceil", "trunc", "rint", "fmod", "mod",
            "floor_divide", "copysign", "degrees", "radians",
        )},
        **{f"a{name}": f"np.arc{name}" for name in (
            "cos", "cosh", "sin", "sinh", "tan", "tan2", "tanh",
        )},
        "pow": "np.power", "clip_to": "np.clip", "step": "np.heaviside({0}, 0.0)",
        "sum": "np.sum({0}, axis=0)", "mean": "np.mean({0}, axis=0)",
        "prod": "np.prod({0}, axis=0)", "held_max": "np.max({0}, axis=0)",
        "logsumexp": "np.logaddexp.reduce({0}, axis=0)",
        **{name: name for name in (
            "digamma", "erf", "erfc", "erfinv", "gamma", "lgamma", "log_ndtr", "mills",
            "sech", "sinc",
        )},
        **{name: f"{name}({{0}}, {{1}})" for name in (
            "mills_tail", "polygamma", "sinc_derivative",
        )},
        "inf": "np.inf", "nan": "np.nan",
    }  # fmt: skip

    def literal(self, x: float) -> str:
        return repr(float(x))  # a whole number takes 0.1 µs more


numpy = NumPy()


def transposed(x: Text) -> Text:
    text = bracket(x, ATOM)
    return (text[:-2] if text.endswith(".T") else f"{text}.T"), ATOM
