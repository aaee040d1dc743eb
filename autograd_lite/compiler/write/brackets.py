"""Expressions as text: operations on operands, with brackets only where they are needed.

A text comes with its strength, that of its weakest operator: SUM, PRODUCT, SIGN or ATOM.

Next: ``printer.py``.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from ... import ops
from ...engine.primitive import Primitive
from ..arrays.instructions import SECH2, WHERE

SUM, PRODUCT, SIGN, ATOM = 1, 2, 3, 4
INFIX = {ops.add: ("+", SUM), ops.sub: ("-", SUM), ops.mul: ("*", PRODUCT), ops.div: ("/", PRODUCT)}

Text = tuple[str, int]


def number(x: float) -> Text:
    """A literal; infinities by name, negative numbers in brackets where a sign would mislead."""
    if not math.isfinite(x):
        name = "np.nan" if x != x else "np.inf"
        return (f"-{name}", SIGN) if x == -math.inf else (name, ATOM)
    return repr(x), SIGN if math.copysign(1.0, x) < 0 else ATOM


def bracket(text: Text, least: int) -> str:
    return text[0] if text[1] >= least else f"({text[0]})"


def matmul(a: Text, b: Text) -> Text:
    return f"{bracket(a, SIGN)} @ {bracket(b, ATOM)}", PRODUCT


def transposed(x: Text) -> Text:
    text = bracket(x, ATOM)
    return (text[:-2] if text.endswith(".T") else f"{text}.T"), ATOM


def applied(op: Primitive, operands: Sequence[Text]) -> Text:
    """The operation on these operands: infix where Python has a sign for it."""
    if op in INFIX:
        sign, strength = INFIX[op]
        x, y = operands
        right = strength + 1 if op in (ops.sub, ops.div, ops.mul) else strength
        return f"{bracket(x, strength)} {sign} {bracket(y, right)}", strength
    if op is ops.neg:
        return f"-{bracket(operands[0], SIGN)}", SIGN
    if op is WHERE:
        return f"np.where({operands[0][0]} != 0, {operands[1][0]}, {operands[2][0]})", ATOM
    if op.arity is None:
        return filled(
            op,
            {"xs": (f"np.stack(np.broadcast_arrays({', '.join(x for x, _ in operands)}))", ATOM)},
        )
    return filled(op, dict(zip(op.operands, operands, strict=True)))


def filled(op: Primitive, operands: Mapping[str, Text]) -> Text:
    """The row's NumPy form with its operands filled in, in brackets only where they need them."""
    form, strength = _form(op)

    def fill(match: re.Match[str]) -> str:
        alone = form[match.start() - 1 : match.start()] in "(, " and match[2] in "),"
        lonely = alone and form[: match.start()].rstrip()[-1:] in ("(", ",")
        return bracket(operands[match[1]], SUM if lonely else ATOM) + match[2]

    return re.sub(r"\{(\w+)\}(.?)", fill, form), strength


@lru_cache(maxsize=1024)
def _form(op: Primitive) -> Text:
    if op is SECH2:
        return "sech2({x})", ATOM
    form = re.sub(r"np\.vectorize\(math\.(\w+), \[float\]\)", r"\1", op.numpy)
    tree: Any = ast.parse(form.format(**dict.fromkeys(op.operands, "x")), mode="eval").body
    if isinstance(tree, ast.BinOp):
        return form, SUM if isinstance(tree.op, ast.Add | ast.Sub) else PRODUCT
    return form, SIGN if isinstance(tree, ast.UnaryOp) else ATOM


@lru_cache(maxsize=1024)
def occurrences(op: Primitive) -> int:
    """How often the form writes the operand that it writes most often."""
    if op is ops.step:
        return 2  # it stays inside each of its readers
    return max(op.numpy.count(f"{{{operand}}}") for operand in op.operands)
