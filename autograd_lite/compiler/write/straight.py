"""Straight-line Python for graphs without loops: one local variable per number, no arrays.

A NumPy call costs about a microsecond whatever its length, a line of Python on local floats 30 to
40 nanoseconds. A narrow, deep graph (a recurrence, an orbit, an unrolled cell) is therefore
quickest as plain assignments with the functions of ``math``, which run on Python floats.

The functions of ``math`` raise where there is no real answer, but ``+ − × ÷`` overflow silently.
Infinities that a later function would hide (tanh of ∞ is 1) are caught by one sum, the guard.

Next: ``claims.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import product, repeat
from math import isfinite

from ... import ops
from ...engine.primitive import Primitive
from ...languages.form import ATOM, Text, is_arithmetic
from ...languages.python import Python
from ..arrays.instructions import Array, Leaf, Map, Number, reachable
from .printer import Printer, hands_on

#: Where a function of floats shows whether it overflows in silence.
EXTREMES = (0.0, 1.0, -1.0, 5e-324, -5e-324, 1e200, -1e200, 1.7e308, -1.7e308)


class StraightPrinter(Printer):
    """Lines of Python on floats, and the helpers that they call."""

    def __init__(
        self,
        outputs: Mapping[str, Array],
        adjoints: Mapping[Array, Array],
        ys: Sequence[Array],
        taken: Iterable[str],
    ) -> None:
        self.language = self.python = Python()
        self._ys = ys
        super().__init__(outputs, adjoints, {}, taken)

    def print(self) -> list[str]:
        """The lines, and an error where a number has overflowed unseen."""
        lines = super().print()
        guard = [self.texts[x][0] for x in self._guarded()]
        for start in range(0, len(guard), 50):
            some = " + ".join(guard[start : start + 50])
            lines += [f"if not isfinite({some}):", '    raise OverflowError("a number overflowed")']
        return lines

    def _guarded(self) -> list[Array]:
        """Numbers that may overflow in silence, and which an operation reads that may hide it."""
        found: dict[Array, None] = {}
        for x in reachable(self._ys):
            if isinstance(x, Map) and not hands_on(x.op):
                hidden = x.operands[1:] if x.op is ops.div else x.operands
                found.update(dict.fromkeys(y for y in hidden if _may_overflow(y)))
        return list(found)

    def stays_inside(self, x: Array, text: Text) -> bool:
        if isinstance(x, Number):
            return True
        if self.is_condition(x):
            return super().stays_inside(x, text)
        if len(self.readers[x]) != 1 or len(text[0]) > 100:
            return False
        (reader,) = self.readers[x]
        if text[1] == ATOM and "(" not in text[0]:
            return True
        if not isinstance(reader, Map) or (not hands_on(reader.op) and _may_overflow(x)):
            return False  # the guard needs its name
        return written_once(reader.op)

    def name(self, x: Array) -> str:
        for variable in self.variables.get(x, []):
            if isinstance(variable, Leaf):
                return self.fresh(f"d{variable.name}")
        return self.numbered("v")

    def map(self, x: Map, operands: Sequence[Text]) -> Text:
        op = x.op
        if self.is_condition(x) and self.stays_inside(x, ("", ATOM)):
            # seen where two of them meet; other products write the condition themselves
            return f"(1.0 if {operands[0][0]} > 0.0 else 0.0)", ATOM
        if op is ops.mul:
            for k, operand in enumerate(x.operands):
                if self.is_condition(operand):
                    at = self.texts[operand.operands[0]][0]
                    return f"({operands[1 - k][0]} if {at} > 0.0 else 0.0)", ATOM
        return self.language.applied(op, operands if op.arity else [list(operands)])


@lru_cache(maxsize=1024)
def overflows(op: Primitive) -> bool:
    """Whether finite operands may give an infinity or a NaN without an error.

    >>> [overflows(op) for op in (ops.mul, ops.hypot, ops.exp, ops.leaky_relu_with(100.0))]
    [True, True, False, True]
    """
    if op in (ops.sum, ops.prod) or is_arithmetic(op, division=True):
        return True
    points = product(EXTREMES, repeat=op.arity or 2)
    return not all(map(_loud, repeat(op), points))


def _loud(op: Primitive, numbers: tuple[float, ...]) -> bool:
    """Whether the row's function has a finite value there, or raises."""
    try:
        if op.arity:
            return isfinite(op.compute(*numbers))
        return isfinite(op.compute(*[numbers + numbers[:1]] * len(op.operands)))
    except (ArithmeticError, ValueError):
        return True


@lru_cache(maxsize=1024)
def written_once(op: Primitive) -> bool:
    """Whether an operand may stand inside: it is written once, and its overflow comes out."""
    return op is ops.div or (hands_on(op) and Python().occurrences(op) == 1)


def _may_overflow(x: Array) -> bool:
    return isinstance(x, Map) and overflows(x.op)
