"""The table in LLVM's instructions: one scalar at a time.

A form is written instruction by instruction: an operation, a comparison and a choice, or a call of
C's mathematical library. Unlike a text, the result of a form is the name of a number.

Next: ``c.py``.
"""

from __future__ import annotations

import ast
import struct
from collections.abc import Sequence
from typing import Any

from ..engine.kinds import Where
from ..engine.primitive import TABLE, Primitive
from .form import tree_of

INFIX: dict[type[ast.operator], str] = {
    ast.Add: "fadd", ast.Sub: "fsub", ast.Mult: "fmul", ast.Div: "fdiv",
}  # fmt: skip
COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Gt: "ogt", ast.Lt: "olt", ast.GtE: "oge", ast.LtE: "ole", ast.Eq: "oeq", ast.NotEq: "une",
}  # fmt: skip
#: A row -> the function of doubles in C's library, or in LLVM.
FUNCTIONS = {
    **{name: name for name in (
        "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cbrt", "cos", "cosh", "erf",
        "erfc", "exp", "exp2", "expm1", "hypot", "log", "log10", "log1p", "log2", "pow", "sin",
        "sinh", "tan", "tanh",
    )},
    **{name: f"llvm.{name}.f64" for name in ("ceil", "copysign", "floor", "rint", "sqrt", "trunc")},
    "abs": "llvm.fabs.f64", "fmod": "fmod", "gamma": "tgamma", "lgamma": "lgamma",
    "remainder": "remainder",
}  # fmt: skip
#: A row of many operands -> the row of two that it repeats.
REPEATS = {"sum": "add", "prod": "mul", "held_max": "maximum"}
#: Sums may be added in any order, so that they use vector instructions.
FLAGS = {"add": "reassoc contract ", "mul": "contract "}


def literal(x: float) -> str:
    """A double as LLVM reads it, to the last bit."""
    return f"0x{struct.pack('>d', x).hex().upper()}"


class Formulas:
    """Writes scalar instructions; ``line`` takes one and gives its result a name.

    >>> from autograd_lite import ops
    >>> writer = Formulas()
    >>> writer.applied(ops.square, ["%x"]), writer.lines
    ('%v1', ['  %v1 = fmul double %x, %x'])
    """

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.called: set[tuple[str, int]] = set()  # C functions, with their number of operands
        self.known: dict[str, str] = {}  # what each line gave that this one comes after
        self._count = 0

    def name(self) -> str:
        self._count += 1
        return f"%v{self._count}"

    def line(self, text: str) -> str:
        """The number that it gives, computed once."""
        name = self.known.get(text)
        if name is None:
            name = self.known[text] = self.name()
            self.lines.append(f"  {name} = {text}")
        return name

    def applied(self, op: Primitive, operands: Sequence[str]) -> str:
        """The row on these doubles."""
        if op.name in (*REPEATS, "mean", "logsumexp"):
            return self._of_many(op.name, operands)
        group: Sequence[Any] = operands if op.arity else [operands]
        result = self._row(op, group)
        for x in operands if isinstance(op, Where) else ():
            result = self._computed_too(result, x)
        return result

    def combined(self, name: str, x: str, y: str) -> str:
        """A row of two operands, by its name, as one of a row of such."""
        if name in FLAGS:
            return self.line(f"f{name} {FLAGS[name]}double {x}, {y}")
        return self._row(TABLE[name], (x, y))

    def chosen(self, condition: str, x: str, y: str) -> str:
        return self.line(f"select i1 {condition}, double {x}, double {y}")

    def _computed_too(self, z: str, x: str) -> str:
        """z, but NaN where x has no finite answer: LLVM might leave out what z does not read."""
        if x.startswith("0x"):
            return z
        return self.line(f"fsub double {z}, {self.line(f'fsub double {x}, {x}')}")

    def _row(self, op: Primitive, operands: Sequence[Any]) -> str:
        if op.name in FUNCTIONS:
            return self._call(FUNCTIONS[op.name], *operands)
        if not op.form:
            raise NotImplementedError(
                f"There is no machine code for {op.name}. Leave native=True out, or give the row "
                f'a form, such as form="exp(x) / (1 + exp(x))", of functions that the table has.'
            )
        names = dict(zip(op.operands, operands, strict=True))
        result: str = self.written(tree_of(op), names)
        return result

    def _of_many(self, name: str, xs: Sequence[str]) -> str:
        if name == "mean":
            return self.line(f"fdiv double {self._of_many('sum', xs)}, {literal(len(xs))}")
        function = "logaddexp" if name == "logsumexp" else REPEATS[name]
        total = xs[0]
        for x in xs[1:]:
            total = self.combined(function, total, x)
        return total

    def _call(self, function: str, *xs: str) -> str:
        self.called.add((function, len(xs)))
        return self.line(f"call double @{function}({', '.join(f'double {x}' for x in xs)})")

    def written(self, tree: ast.expr, names: dict[str, Any]) -> Any:
        """The result of an expression, or the condition that it is."""
        match tree:
            case ast.Constant(value=int() | float() as x):
                return literal(x)
            case ast.Name(id=name):
                return names[name] if name in names else literal(float(name))
            case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=int() as place)):
                return names[name][place]
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as x)):
                return literal(-x)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self.line(f"fneg double {self.written(operand, names)}")
            case ast.BinOp(left=left, op=operator, right=right):
                x, y = self.written(left, names), self.written(right, names)
                return self.line(f"{INFIX[type(operator)]} double {x}, {y}")
            case ast.Compare(left=left, ops=[comparison], comparators=[right]):
                x, y = self.written(left, names), self.written(right, names)
                return self.line(f"fcmp {COMPARISONS[type(comparison)]} double {x}, {y}")
            case ast.Call(func=ast.Name(id="where"), args=args):
                return self.chosen(*[self.written(x, names) for x in args])
            case ast.Call(func=ast.Name(id=function), args=args):
                return self._row(TABLE[function], [self.written(x, names) for x in args])
        raise NotImplementedError(f"A form cannot say {ast.unparse(tree)}.")
