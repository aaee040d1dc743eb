"""What Python, NumPy and notebooks ask of a number by names of their own: ``int``, ``np.std``.

``Value`` inherits these methods. They add nothing to the graph's ways, and so stand apart. NumPy's
functions on arrays of objects call methods: ``np.arcsin(a)`` asks each member for ``arcsin``.

Next: ``value.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from . import ops
from .engine.comparisons import number_taken
from .engine.primitive import Primitive

N = TypeVar("N", bound="Protocols")

SIGNS = "+−×÷"  # of operations that are written between their operands
MOST = 6  # operands that are listed


def asked(op: Primitive) -> Callable[..., Any]:
    """A row as a method."""

    def method(self: Any, *others: Any) -> Any:
        return op(self, *others)

    method.__doc__ = f"autograd_lite.{op.name} of it."
    return method


def _written(op: Primitive, operands: Sequence[str]) -> str:
    """An operation in a line: ``a × b``, ``tanh(n)``, ``dot(w1, w2, x1, x2)``."""
    if len(operands) == 2 and op.symbol in SIGNS:
        return f"{operands[0]} {op.symbol} {operands[1]}"
    shown = [*operands[:MOST], "…"] if len(operands) > MOST else [*operands]
    return f"{op.name}({', '.join([*shown, *map(str, op.args)])})"


class Protocols:
    """The methods by which Python and NumPy treat a Value as the number that it is.

    What rounds stays in the graph, flat, but for ``int``, which takes the number out.

    >>> from autograd_lite import Value
    >>> import math
    >>> int(Value(2.5)), math.floor(Value(2.5)), math.floor(Value(2.5)).partials
    (2, Value(data=2.0, grad=0.0), (0.0,))
    """

    __slots__ = ()

    def __int__(self) -> int:
        return int(number_taken(self, "int(x)"))  # type: ignore[arg-type]

    __floor__, __ceil__, __trunc__ = asked(ops.floor), asked(ops.ceil), asked(ops.trunc)

    def __divmod__(self, other: Any) -> tuple[Any, Any]:
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> tuple[Any, Any]:
        return other // self, other % self

    # --- NumPy ---

    arcsin, arccos, arctan = asked(ops.asin), asked(ops.acos), asked(ops.atan)
    arcsinh, arccosh, arctanh = asked(ops.asinh), asked(ops.acosh), asked(ops.atanh)
    arctan2, fabs = asked(ops.atan2), asked(ops.abs)
    deg2rad, rad2deg = asked(ops.radians), asked(ops.degrees)

    # --- notebooks ---

    def _repr_html_(self: Any) -> str:
        """A plate, as in the pictures: the numbers, and what it was made from."""
        from .showing.html import plate, result, short

        name = self.label or type(self).__name__
        numbers = [("data", short(self)), ("grad", short(self.grad))]
        operands = [x.label or short(x) for x in self.parents]
        made = "" if self.op is None else f"= {_written(self.op, operands)}"
        return result(plate(name, numbers, made))

    def conjugate(self: N) -> N:
        """The Value itself, as it is real; ``np.std`` and ``np.vdot`` ask for it."""
        return self
