r"""The table in LaTeX, for documentation: what a row computes, and its local derivatives.

>>> from autograd_lite import ops
>>> formula(ops.sigmoid)
'\\frac{e^{\\min\\left(x, 0\\right)}}{1 + e^{-\\left|x\\right|}}'
>>> slopes(ops.tanh)
['\\left(\\operatorname{sech}\\left(x\\right)\\right)^2']

Next: ``llvm.py``.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import ClassVar

from ..engine.primitive import Primitive
from ..engine.symbols import partials
from .form import ATOM, PRODUCT, SUM, Language, Text, tree_of

COMMANDS = (
    "exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "arcsin", "arccos", "arctan",
)  # fmt: skip


class Latex(Language):
    """LaTeX's commands; any other function by its name, upright."""

    name = "LaTeX"
    functions: ClassVar[Mapping[str, str]] = {
        **{name: rf"\{name}\left({{0}}\right)" for name in COMMANDS},
        "asin": r"\arcsin\left({0}\right)", "acos": r"\arccos\left({0}\right)",
        "atan": r"\arctan\left({0}\right)", "exp": "e^{{0}}", "exp2": "2^{{0}}",
        "sqrt": r"\sqrt{{0}}", "cbrt": r"\sqrt[3]{{0}}", "abs": r"\left|{0}\right|",
        "log2": r"\log_2\left({0}\right)", "log10": r"\log_{10}\left({0}\right)",
        "square": r"\left({0}\right)^2", "pow": r"\left({0}\right)^{{1}}",
        "maximum": r"\max\left({0}, {1}\right)", "minimum": r"\min\left({0}, {1}\right)",
        "where": r"\begin{cases}{1} & {0}\\{2} & \text{else}\end{cases}",
        "sum": r"\sum {0}", "prod": r"\prod {0}", "mean": r"\overline{{0}}",
        "held_max": r"\max {0}", "dot": r"{0} \cdot {1}", "logsumexp": r"\log \sum e^{{0}}",
        "inf": r"\infty", "nan": r"\text{NaN}",
    }  # fmt: skip

    def infix(self, operator: type[ast.operator], x: Text, y: Text) -> Text:
        if operator is ast.Div:
            return rf"\frac{{{x[0]}}}{{{y[0]}}}", PRODUCT
        text, strength = super().infix(operator, x, y)
        return text.replace(" * ", r" \cdot ") if strength == PRODUCT else text, strength

    def call(self, function: str, operands: list[Text]) -> Text:  # type: ignore[override]
        if function in self.functions:
            return self.filled(self.functions[function], [(x, ATOM) for x, _ in operands])
        name = function.replace("_", r"\_")
        return rf"\operatorname{{{name}}}\left({', '.join(x for x, _ in operands)}\right)", ATOM

    def literal(self, x: float) -> str:
        return f"{x:.6g}"


latex = Latex()


def formula(op: Primitive) -> str:
    """The value of a row, its form written out."""
    names = {operand: (operand[0], ATOM) for operand in op.operands}
    if op.form or op.arity is not None:
        return latex.written(tree_of(op), names)[0]
    return latex.applied(op, list(names.values()))[0]


def slopes(op: Primitive) -> list[str]:
    """The local derivatives of a row of one or two operands, one for each."""
    names = {operand: (operand, ATOM) for operand in ("z", *op.operands)}
    return [latex.written(ast.parse(text, mode="eval").body, names)[0] for text in partials(op)]


__all__ = ["SUM", "Latex", "formula", "latex", "slopes"]
