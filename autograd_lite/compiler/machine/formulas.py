"""The table's formulas as LLVM instructions: one scalar at a time.

Each row of ``ops.py`` has a NumPy form such as ``np.maximum({x}, 0) + np.log1p(...)``. It is
parsed, and every operation in it written as LLVM has it: an instruction, a comparison and a
choice, or a call of C's mathematical library. A new row needs nothing here unless it uses a
function of NumPy that no row before it has used.

Next: ``llvm.py``.
"""

from __future__ import annotations

import ast
import struct
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from ...engine.floats import LN2
from ...engine.primitive import Primitive
from ..arrays.instructions import WHERE

INFIX = {ast.Add: "fadd", ast.Sub: "fsub", ast.Mult: "fmul", ast.Div: "fdiv"}
COMPARE = {ast.Gt: "ogt", ast.NotEq: "une"}
#: NumPy's name -> C's, of functions of doubles.
IN_C = {
    **{name: name for name in (
        "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "cbrt", "sin", "cos", "tan",
        "sinh", "cosh", "tanh", "hypot", "erf", "erfc",
    )},
    "sqrt": "llvm.sqrt.f64", "abs": "llvm.fabs.f64", "power": "pow", "arctan2": "atan2",
    **{f"arc{name}": f"a{name}" for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")},
}  # fmt: skip
#: NumPy's functions along an axis, and the function of two operands that each repeats.
REPEATS = {"sum": "add", "prod": "multiply", "max": "maximum"}


def literal(x: float) -> str:
    """A double as LLVM reads it, to the last bit."""
    return f"0x{struct.pack('>d', x).hex().upper()}"


class Formulas:
    """Writes scalar instructions; ``line`` takes one and gives its result a name."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.called: set[tuple[str, int]] = set()  # C functions, with their number of operands
        self._count = 0

    def name(self) -> str:
        self._count += 1
        return f"%v{self._count}"

    def line(self, text: str) -> str:
        name = self.name()
        self.lines.append(f"  {name} = {text}")
        return name

    def applied(self, op: Primitive, operands: Sequence[str]) -> str:
        """The primitive on these doubles."""
        groups = [list(operands)] if op.arity is None else operands
        result: str = self._written(_tree(op), dict(zip(op.operands, groups, strict=True)))
        for x in operands if op is WHERE else ():
            result = self._computed_too(result, x)
        return result

    def _computed_too(self, z: str, x: str) -> str:
        """z, but NaN where x has no finite answer: LLVM might leave out what z does not read."""
        if x.startswith("0x"):
            return z
        return self.line(f"fsub double {z}, {self.line(f'fsub double {x}, {x}')}")

    def combined(self, function: str, x: str, y: str) -> str:
        """``np.maximum`` and its like on two doubles."""
        match function:
            case "add" | "multiply":
                flags = "reassoc contract" if function == "add" else "contract"
                return self.line(f"f{function[:3]} {flags} double {x}, {y}")
            case "maximum" | "minimum":
                other = self.chosen(
                    self._compared("oge" if function == "maximum" else "ole", y, x),
                    y,
                    self.line(f"fadd double {x}, {y}"),
                )  # NaN when either is
                return self.chosen(
                    self._compared("ogt" if function == "maximum" else "olt", x, y), x, other
                )
        raise KeyError(function)

    def chosen(self, condition: str, x: str, y: str) -> str:
        return self.line(f"select i1 {condition}, double {x}, double {y}")

    def _compared(self, how: str, x: str, y: str) -> str:
        return self.line(f"fcmp {how} double {x}, {y}")

    def _call(self, function: str, *xs: str) -> str:
        self.called.add((function, len(xs)))
        return self.line(f"call double @{function}({', '.join(f'double {x}' for x in xs)})")

    def _written(self, tree: Any, names: dict[str, Any]) -> Any:
        """The result of an expression, or the condition that it is."""
        match tree:
            case ast.Constant(value=(int() | float()) as number):
                return literal(number)
            case ast.Attribute():  # np.inf
                return literal(float(tree.attr))
            case ast.Name():
                return names[tree.id]
            case ast.Subscript(slice=ast.Constant(value=int() as place)):
                return names["xs"][place]
            case ast.UnaryOp():
                return self.line(f"fneg double {self._written(tree.operand, names)}")
            case ast.BinOp():
                x, y = self._written(tree.left, names), self._written(tree.right, names)
                return self.line(f"{INFIX[type(tree.op)]} double {x}, {y}")
            case ast.Compare():
                x, y = self._written(tree.left, names), self._written(tree.comparators[0], names)
                return self._compared(COMPARE[type(tree.ops[0])], x, y)
        function = _function(tree.func)
        xs = [self._written(x, names) for x in tree.args]
        if function in IN_C:
            return self._call(IN_C[function], *xs)
        if function in REPEATS:
            return self._repeated(REPEATS[function], xs[0])
        if function in ("maximum", "minimum"):
            return self.combined(function, *xs)
        write = getattr(self, f"_np_{function}", None)
        if write is None:
            raise NotImplementedError(
                f"There is no machine code for np.{function} yet. Leave native=True out, or add "
                f"the function to compiler/formulas.py."
            )
        return write(*xs)

    def _repeated(self, function: str, xs: Sequence[str]) -> str:
        total = xs[0]
        for x in xs[1:]:
            total = self.combined(function, total, x)
        return total

    # --- NumPy's functions that C has not ---

    def _np_square(self, x: str) -> str:
        return self.line(f"fmul double {x}, {x}")

    def _np_reciprocal(self, x: str) -> str:
        return self.line(f"fdiv double {literal(1.0)}, {x}")

    def _np_where(self, condition: str, x: str, y: str) -> str:
        return self.chosen(condition, x, y)

    def _np_sign(self, x: str) -> str:
        return self.chosen(
            self._compared("ogt", x, literal(0.0)),
            literal(1.0),
            self.chosen(self._compared("olt", x, literal(0.0)), literal(-1.0), x),
        )

    def _np_heaviside(self, x: str, at_zero: str) -> str:
        at_zero = self.chosen(self._compared("oeq", x, literal(0.0)), at_zero, x)  # or NaN
        below = self.chosen(self._compared("olt", x, literal(0.0)), literal(0.0), at_zero)
        return self.chosen(self._compared("ogt", x, literal(0.0)), literal(1.0), below)

    def _np_clip(self, x: str, low: str, high: str) -> str:
        return self.combined("minimum", self.combined("maximum", x, low), high)

    def _np_logaddexp(self, x: str, y: str) -> str:
        gap = self._call(IN_C["abs"], self.line(f"fsub double {x}, {y}"))
        rest = self._call("log1p", self._call("exp", self.line(f"fneg double {gap}")))
        equal = self.line(f"fadd double {x}, {literal(LN2)}")  # infinities among them
        apart = self.line(f"fadd double {self.combined('maximum', x, y)}, {rest}")
        return self.chosen(self._compared("oeq", x, y), equal, apart)

    def _np_mean(self, xs: Sequence[str]) -> str:
        return self.line(f"fdiv double {self._repeated('add', xs)}, {literal(len(xs))}")

    def _np_logaddexp_reduce(self, xs: Sequence[str]) -> str:
        total = xs[0]
        for x in xs[1:]:
            total = self._np_logaddexp(total, x)
        return total


def repeated_by(op: Primitive) -> str:
    """The function of NumPy that a primitive of many operands is, such as ``max``, or ""."""
    tree = _tree(op)
    return _function(tree.func) if isinstance(tree, ast.Call) else ""


def _function(tree: Any) -> str:
    """``exp`` of ``np.exp``, ``logaddexp_reduce``, and ``erf`` of ``np.vectorize(math.erf, …)``."""
    if isinstance(tree, ast.Call):
        return _function(tree.args[0])
    if isinstance(tree.value, ast.Attribute):
        return f"{tree.value.attr}_{tree.attr}"
    return str(tree.attr)


@lru_cache(maxsize=1024)
def _tree(op: Primitive) -> Any:
    return ast.parse(op.numpy_source, mode="eval").body
