"""The answers of IEEE 754 where Python raises: ∞ at poles and beyond the largest float, else NaN.

Next: ``primitive.py``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from math import copysign, inf, nan
from typing import Any

from . import floats


def _total(
    f: Callable[..., float], pole: float = nan, at_pole: float = nan
) -> Callable[..., float]:
    """f, where it raises: ∞ where the result is too large, ``at_pole`` at the pole, else NaN."""

    def answer(*xs: float) -> float:
        try:
            return f(*xs)
        except OverflowError:
            return inf
        except (ArithmeticError, ValueError):
            return at_pole if xs[0] == pole else nan

    return answer


def _div(x: float, y: float) -> float:
    if y:
        return x / y
    return nan if not x or x != x else copysign(inf, x) * copysign(1.0, y)


def _pow(x: float, y: float) -> float:
    odd = math.fabs(y) < 2.0**53 and y % 2.0 == 1.0
    try:
        return math.pow(x, y)
    except OverflowError:
        return -inf if x < 0.0 and odd else inf
    except ValueError:
        return nan if x else copysign(inf, x) if odd else inf


def _dot(ws: Sequence[float], xs: Sequence[float]) -> float:
    if all(map(math.isfinite, (*ws, *xs))):
        return floats.exact((*xs, 1.0), ws)
    bias = ws[len(xs) :]
    return _sum([*[w * x for w, x in zip(ws, xs, strict=False)], *bias])


def _sum(xs: Sequence[float]) -> float:
    total = 0.0
    for x in xs:
        total += x
    return total


#: The functions that raise; all others of `math` and of `floats` have an answer everywhere.
ANSWERS: dict[str, Callable[..., float]] = {
    "acos": _total(math.acos), "acosh": _total(math.acosh), "asin": _total(math.asin),
    "atanh": lambda x: copysign(inf, x) if abs(x) == 1.0 else _total(math.atanh)(x),
    "cos": _total(math.cos), "cosh": _total(math.cosh), "div": _div, "dot": _dot,
    "exp": _total(math.exp), "exp2": _total(math.exp2), "expm1": _total(math.expm1),
    "floor_divide": lambda x, y: x // y if y else _div(x, y),
    "log": _total(math.log, 0.0, -inf), "log10": _total(math.log10, 0.0, -inf),
    "log1p": _total(math.log1p, -1.0, -inf), "log2": _total(math.log2, 0.0, -inf),
    "mean": lambda xs: _sum(xs) / len(xs), "pow": _pow, "sin": _total(math.sin),
    "sinh": lambda x: copysign(_total(math.sinh)(x), x), "sqrt": _total(math.sqrt), "sum": _sum,
    "tan": _total(math.tan),
}  # fmt: skip


def evaluate(form: str, operands: Mapping[str, object], rows: Mapping[str, Any]) -> float:
    """The form at these operands; a function that ``ANSWERS`` has not is a row, and asked for its.

    >>> evaluate("1 / x", {"x": -0.0}, {}), evaluate("exp(x) - exp(x)", {"x": 1e9}, {})
    (-inf, nan)
    """
    return float(eval(_code(form), {}, _Names(operands, rows)))


class _Names(dict[str, Any]):
    """What the names of a form mean."""

    def __init__(self, operands: Mapping[str, object], rows: Mapping[str, Any]) -> None:
        super().__init__(operands)
        self.rows = rows

    def __missing__(self, name: str) -> Any:
        if name in ("inf", "nan"):
            return float(name)
        if name == "where":
            return lambda condition, x, y: x if condition else y
        return ANSWERS[name] if name in ANSWERS else self.rows[name].ieee


@lru_cache(maxsize=1024)
def _code(form: str) -> Any:
    """The form compiled, with ``x / y`` as ``div(x, y)``, which has an answer at y = 0."""
    import ast  # takes a twentieth of the package's time of import, and is wanted seldom

    class Divisions(ast.NodeTransformer):
        def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
            self.generic_visit(node)
            if not isinstance(node.op, ast.Div):
                return node
            return ast.Call(ast.Name("div", ast.Load()), [node.left, node.right], [])

    tree = ast.fix_missing_locations(Divisions().visit(ast.parse(form, mode="eval")))
    return compile(tree, "<form>", "eval")
