"""The table in JavaScript, for the pages that compute.

``functions.js`` has what ``Math`` lacks; a page takes along only what it calls.

Next: ``latex.py``.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import ClassVar

from .form import ATOM, COMPARISONS, SIGN, Language, Text, bracket


class JavaScript(Language):
    """JavaScript's names, and those of ``functions.js``.

    >>> from autograd_lite import ops
    >>> JavaScript().applied(ops.sech, [("a[0]", 5)])[0]
    '2 * Math.exp(-Math.abs(a[0])) / (1 + Math.exp(-2 * Math.abs(a[0])))'
    """

    name = "JavaScript"
    functions: ClassVar[Mapping[str, str]] = {
        **{name: f"Math.{name}" for name in (
            "abs", "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cbrt", "cos",
            "cosh", "exp", "expm1", "hypot", "log", "log10", "log1p", "log2", "sign", "sin", "sinh",
            "sqrt", "tan", "tanh", "floor", "ceil", "trunc",
        )},
        **{name: name for name in (
            "copysign", "digamma", "direction", "dot", "erf", "erfc", "erfinv", "erfinv_slope",
            "floor_divide", "gamma", "lgamma", "logaddexp", "log_ndtr", "logsumexp", "maximum",
            "mean", "mills", "mills_tail", "minimum", "mod", "polygamma", "pow", "prod",
            "remainder", "rint", "sinc", "sinc_derivative", "sum",
        )},
        "fmod": "({0} % {1})",
        "clip_to": "({0} < {1} ? {1} : {0} > {2} ? {2} : {0})",
        "held_max": "Math.max(...{0})",
        "exp2": "Math.pow(2, {0})", "where": "({0} ? {1} : {2})",
        "inf": "Infinity", "nan": "NaN",
        # what grows has limits: ∞/∞ and 0·∞ are not asked for
        "softsign": "(Math.abs({0}) === Infinity ? Math.sign({0}) : {0} / (1 + Math.abs({0})))",
        "silu": "({0} === -Infinity ? -0 :"
        " {0} * Math.exp(Math.min({0}, 0)) / (1 + Math.exp(-Math.abs({0}))))",
        "gelu": "({0} === -Infinity ? -0 : {0} * 0.5 * erfc({0} * -0.7071067811865476))",
    }  # fmt: skip

    def comparison(self, operator: type[ast.cmpop]) -> str:
        return {"==": "===", "!=": "!=="}.get(COMPARISONS[operator], COMPARISONS[operator])

    def negative(self, x: Text) -> Text:
        return f"-{bracket(x, ATOM)}", SIGN  # -- would count down

    def literal(self, x: float) -> str:
        return repr(x).removesuffix(".0")


javascript = JavaScript()


def literal(x: float) -> str:
    """A number in JavaScript; a negative one in brackets, since −2 ** 2 is an error there.

    >>> literal(0.1), literal(2.0), literal(-3.0), literal(float("inf"))
    ('0.1', '2', '(-3)', 'Infinity')
    """
    text, _ = javascript.number(x)
    return f"({text})" if math.copysign(1.0, x) < 0.0 else text


def helpers(sources: Iterable[str]) -> str:
    """The functions of ``functions.js`` that the sources call, and those which these call.

    >>> helpers(["f:a=>Math.exp(a[0])"])
    ''
    >>> [line.split("(")[0] for line in helpers(["logaddexp(1,2)"]).splitlines()][0]
    'function logaddexp'
    """
    wanted: dict[str, str] = {}
    ahead = list(sources)
    while ahead:
        for name in _called(ahead.pop()):
            if name not in wanted:
                wanted[name] = written()[name]
                ahead.append(wanted[name])
    return "\n".join(source for name, source in written().items() if name in wanted)


def _called(source: str) -> Sequence[str]:
    return [name for name in re.findall(r"(?<![.\w])(\w+)\(", source) if name in written()]


@cache
def written() -> dict[str, str]:
    """The functions of ``functions.js`` by name."""
    text = slim(files(__package__).joinpath("functions.js").read_text(encoding="utf-8"))
    parts = re.split(r"^(?=function )", text, flags=re.MULTILINE)
    return {part.split("(")[0].removeprefix("function "): part.strip() for part in parts[1:]}


# Text in quotes, which stays as it is; or a sign and the spaces around it, which go.
_TEXT = re.compile(
    r"""("[^"\n]*"|'[^'\n]*'|`[^`]*`)| *([=<>?:{},;()&|*])(?! *[/]) *| (!==?|[-+/%]) (?![-+/])"""
)


def slim(text: str) -> str:
    """A script without its comments and its indentation, to keep pages small.

    >>> slim("// adds\\nfunction add(x, y) {\\n  return x + y;\\n}")
    'function add(x,y){return x+y}'
    """
    text = re.sub(r"^\s*//.*\n", "", text, flags=re.MULTILINE)
    text = _TEXT.sub(lambda m: m[1] or m[2] or m[3], text)
    text = re.sub(r"^[ \t]+|\n(?=\n)", "", text, flags=re.MULTILINE).strip()
    return re.sub(r"([{(\[;,])\n(?!function )", r"\1", text).replace(";}", "}")
