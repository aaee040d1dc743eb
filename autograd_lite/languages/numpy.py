"""The table in NumPy, and in jax.numpy, which has the same names.

Answers are those of IEEE 754; nothing raises.

Next: ``python.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from .form import ATOM, PRODUCT, SIGN, Language, Text, bracket

HELPERS = {
    "sech": '''
def sech(x):
    """1 / cosh x, with all its digits in the tails."""
    e = np.exp(-np.abs(x))
    return 2.0 * e / (1.0 + e * e)
''',
}
ERF = """
erf, erfc = np.vectorize(math.erf, [float]), np.vectorize(math.erfc, [float])
"""
ERF_IN_JAX = "from jax.scipy.special import erf, erfc"


class NumPy(Language):
    """NumPy's names, and the helpers that a printed program brings along.

    >>> from autograd_lite import ops
    >>> NumPy().applied(ops.sigmoid, [("a + b", 2)])[0]
    'np.exp(np.minimum(a + b, 0)) / (1 + np.exp(-np.abs(a + b)))'
    """

    name = "NumPy"
    functions: ClassVar[Mapping[str, str]] = {
        **{name: f"np.{name}" for name in (
            "abs", "cbrt", "cos", "cosh", "exp", "exp2", "expm1", "hypot", "log", "log10", "log1p",
            "log2", "logaddexp", "maximum", "minimum", "reciprocal", "sign", "sin", "sinh", "sqrt",
            "square", "tan", "tanh", "where",
        )},
        **{f"a{name}": f"np.arc{name}" for name in (
            "cos", "cosh", "sin", "sinh", "tan", "tan2", "tanh",
        )},
        "pow": "np.power", "clip_to": "np.clip", "step": "np.heaviside({0}, 0.0)",
        "sum": "np.sum({0}, axis=0)", "mean": "np.mean({0}, axis=0)",
        "prod": "np.prod({0}, axis=0)", "held_max": "np.max({0}, axis=0)",
        "logsumexp": "np.logaddexp.reduce({0}, axis=0)",
        "erf": "erf", "erfc": "erfc", "sech": "sech",
        "inf": "np.inf", "nan": "np.nan",
    }  # fmt: skip


numpy = NumPy()


def matmul(a: Text, b: Text) -> Text:
    return f"{bracket(a, SIGN)} @ {bracket(b, ATOM)}", PRODUCT


def transposed(x: Text) -> Text:
    text = bracket(x, ATOM)
    return (text[:-2] if text.endswith(".T") else f"{text}.T"), ATOM
