r"""The table in LaTeX, for documentation: what a row computes, and its local derivatives.

>>> from autograd_lite import ops
>>> formula(ops.sigmoid)
'\\frac{e^{\\min\\left(x, 0\\right)}}{1 + e^{-\\left|x\\right|}}'
>>> slopes(ops.tanh)
['{\\operatorname{sech}\\left(x\\right)}^2']

Next: ``llvm.py``.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from typing import ClassVar

from ..engine.primitive import Primitive
from ..engine.symbols import partials
from .form import ATOM, COMPARISONS, PRODUCT, SUM, Language, Text, tree_of

COMMANDS = ("log", "sin", "cos", "tan", "sinh", "cosh", "tanh")


class Latex(Language):
    """LaTeX's commands; any other function by its name, upright."""

    name = "LaTeX"
    functions: ClassVar[Mapping[str, str]] = {
        **{name: rf"\{name}\left({{0}}\right)" for name in COMMANDS},
        "asin": r"\arcsin\left({0}\right)", "acos": r"\arccos\left({0}\right)",
        "atan": r"\arctan\left({0}\right)", "exp": "e^{{0}}", "exp2": "2^{{0}}",
        "expm1": r"\left(e^{{0}} - 1\right)", "log1p": r"\log\left(1 + {0}\right)",
        "log2": r"\log_2\left({0}\right)", "log10": r"\log_{10}\left({0}\right)",
        "logaddexp": r"\log\left(e^{{0}} + e^{{1}}\right)",
        "sqrt": r"\sqrt{{0}}", "cbrt": r"\sqrt[3]{{0}}", "abs": r"\left|{0}\right|",
        "square": "{{0}}^2", "pow": "{{0}}^{{1}}", "power": "{{0}}^{{1}}",
        "hypot": r"\sqrt{{{0}}^2 + {{1}}^2}", "direction": r"\frac{{0}}{\sqrt{{{0}}^2 + {{1}}^2}}",
        "one_minus_square": r"\left(1 - {{0}}^2\right)", "gaussian": r"e^{-{1}\,{{0}}^2}",
        "sigmoid": r"\sigma\left({0}\right)", "share": r"\sigma\left({0} - {1}\right)",
        "ndtr": r"\Phi\left({0}\right)", "log_sigmoid": r"\log\sigma\left({0}\right)",
        "floor": r"\left\lfloor {0} \right\rfloor", "ceil": r"\left\lceil {0} \right\rceil",
        "floor_divide": r"\left\lfloor \frac{{0}}{{1}} \right\rfloor", "mod": r"{0} \bmod {1}",
        "gamma": r"\Gamma\left({0}\right)", "lgamma": r"\log\left|\Gamma\left({0}\right)\right|",
        "digamma": r"\psi\left({0}\right)", "polygamma": r"\psi^{({1})}\left({0}\right)",
        "sinc_derivative": r"\operatorname{sinc}^{({1})}\left({0}\right)",
        "erfinv": r"\operatorname{erf}^{-1}\left({0}\right)",
        "log_ndtr": r"\log\Phi\left({0}\right)", "xlogy": r"{0} \log {1}",
        "maximum": r"\max\left({0}, {1}\right)", "minimum": r"\min\left({0}, {1}\right)",
        "where": r"\begin{cases}{1} & {0}\\{2} & \text{else}\end{cases}",
        "sum": r"\sum {0}", "prod": r"\prod {0}", "mean": r"\overline{{0}}",
        "held_max": r"\max {0}", "dot": r"{0} \cdot {1}", "logsumexp": r"\log \sum e^{{0}}",
        "inf": r"\infty", "nan": r"\text{NaN}",
    }  # fmt: skip

    def infix(self, operator: type[ast.operator], x: Text, y: Text) -> Text:
        if operator is ast.Div:
            return rf"\frac{{{x[0]}}}{{{y[0]}}}", ATOM
        if operator is ast.Add and y[1] == SUM:
            y = y[0], PRODUCT  # nothing is rounded here, so a sum may lean right
        text, strength = super().infix(operator, x, y)
        return text.replace(" * ", r" \cdot ") if strength == PRODUCT else text, strength

    def call(self, function: str, operands: Sequence[Text]) -> Text:
        if function in self.functions:
            return self.filled(self.functions[function], operands)
        name = function.replace("_", r"\_")
        return rf"\operatorname{{{name}}}\left({', '.join(x for x, _ in operands)}\right)", ATOM

    def filled(self, known: str, operands: Sequence[Text]) -> Text:
        """Only under an exponent does an operand need brackets: the others have some already."""
        raised = [rf"\left({x}\right)" if strength < ATOM else x for x, strength in operands]
        text = re.sub(r"\{\{(\d)\}\}(?=\^)", lambda m: f"{{{raised[int(m[1])]}}}", known)
        return re.sub(r"\{(\d)\}", lambda m: operands[int(m[1])][0], text), ATOM

    def comparison(self, operator: type[ast.cmpop]) -> str:
        sign = COMPARISONS[operator]
        return {"==": "=", "!=": r"\ne", "<=": r"\le", ">=": r"\ge"}.get(sign, sign)

    def literal(self, x: float) -> str:
        return f"{x:.6g}"


latex = Latex()


def formula(op: Primitive) -> str:
    """The value of a row: its form, or its sign where the form is one of cases."""
    names = {operand: (operand[0], ATOM) for operand in op.operands}
    if op.args and not op.form:
        return latex.printed(op, list(names.values()))[0]
    if op.arity and "where" not in op.form:
        return latex.written(tree_of(op), names)[0]
    if op.arity:
        return latex.call(op.name, list(names.values()))[0]
    return latex.printed(op, [[(f"x_{i}", ATOM) for i in "123"]] if op.form else [*names.values()])[
        0
    ]


def slopes(op: Primitive) -> list[str]:
    """The local derivatives of a row of one or two operands, one for each."""
    names = {operand: (operand, ATOM) for operand in ("z", *op.operands)}
    return [latex.written(ast.parse(text, mode="eval").body, names)[0] for text in partials(op)]
