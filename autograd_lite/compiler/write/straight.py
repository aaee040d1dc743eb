"""Straight-line Python for graphs without loops: one local variable per number, no arrays.

A NumPy call costs about a microsecond whatever its length, a line of Python on local floats 30 to
40 nanoseconds. A narrow, deep graph (a recurrence, an orbit, an unrolled cell) is therefore
quickest as plain assignments with the functions of ``math``, which run on Python floats.

The functions of ``math`` raise where there is no real answer, but ``+ − × ÷`` overflow silently.
Infinities that a later function would hide (tanh of ∞ is 1) are caught by one sum, the guard.

Next: ``source.py``.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ... import ops
from ...engine import floats
from ..arrays.instructions import Array, Leaf, Map, Number, reachable
from .brackets import ATOM, PRODUCT, SIGN, Text, applied, bracket, filled, number
from .printer import Printer

#: Primitives whose function in the table is a lambda, and two that recurrent cells call all the
#: time (a call costs as much as their arithmetic), as Python expressions.
FORMS: dict[str, Callable[..., Text]] = {
    "sigmoid": lambda x: (
        f"(1.0 / (1.0 + exp(-{x})) if {x} >= 0.0 else (e := exp({x})) / (1.0 + e))",
        ATOM,
    ),
    "sech": lambda x: (f"2.0 * (e := exp(-fabs({x}))) / (1.0 + e * e)", PRODUCT),
    "reciprocal": lambda x: (f"1.0 / {x}", PRODUCT),
    "square": lambda x: (f"{x} * {x}", PRODUCT),
    "relu": lambda x: (f"(0.0 if {x} <= 0.0 else {x})", ATOM),
    "one_minus_square": lambda x: (f"(1.0 - {x}) * (1.0 + {x})", PRODUCT),
    "log_sigmoid": lambda x: (f"-softplus(-{x})", SIGN),
    "power": lambda x, n: (f"pow({x}, {n})", ATOM),
    "gaussian": lambda x, rate: (f"gaussian({x}, {rate})", ATOM),
    "leaky_relu_with": lambda x, slope: (f"({slope} * {x} if {x} <= 0.0 else {x})", ATOM),
    "elu_with": lambda x, alpha: (f"({alpha} * expm1({x}) if {x} <= 0.0 else {x})", ATOM),
    "clip_to": lambda x, low, high: (f"min(max({x}, {low}), {high})", ATOM),
    "direction": lambda x, y: (f"{x} / hypot({x}, {y})", PRODUCT),
    "where": lambda c, x, y: (f"({x} if {c} else {y})", ATOM),
}
NEEDED: dict[str, list[Any]] = {
    "sigmoid": [math.exp], "sech": [math.exp, math.fabs],
    "log_sigmoid": [floats.softplus], "power": [floats.pow],
    "gaussian": [floats.gaussian], "elu_with": [math.expm1], "direction": [math.hypot],
}  # fmt: skip
#: Operations that hand an infinity or a NaN on to their result, whatever the other operand is.
HANDS_ON = frozenset(
    {ops.add, ops.sub, ops.mul, ops.neg, ops.square, ops.sum, ops.one_minus_square}
)
OVERFLOWS = HANDS_ON | {ops.div, ops.reciprocal, ops.prod}
#: Operations that are written with their operands in them once.
ONCE = HANDS_ON - {ops.square, ops.one_minus_square} | {ops.div}


class StraightPrinter(Printer):
    """Lines of Python on floats, and the helpers that they call."""

    def __init__(
        self,
        outputs: Mapping[str, Array],
        adjoints: Mapping[Array, Array],
        ys: Sequence[Array],
        taken: Iterable[str],
    ) -> None:
        self.imports: set[str] = set()  # from math
        self.helpers: dict[str, str] = {}  # name -> source text, in order of need
        self._ys = ys
        super().__init__(outputs, adjoints, {}, taken)

    def print(self) -> list[str]:
        """The lines, and an error where a number has overflowed unseen."""
        lines = super().print()
        guard = [self._texts[x][0] for x in self._guarded()]
        for start in range(0, len(guard), 50):
            some = " + ".join(guard[start : start + 50])
            lines += [f"if not isfinite({some}):", '    raise OverflowError("a number overflowed")']
        return lines

    def _guarded(self) -> list[Array]:
        """Numbers that may overflow in silence, and which an operation reads that may hide it."""
        found: dict[Array, None] = {}
        for x in reachable(self._ys):
            if isinstance(x, Map) and x.op not in HANDS_ON:
                hidden = x.operands[1:] if x.op is ops.div else x.operands
                found.update(dict.fromkeys(y for y in hidden if _overflows(y)))
        return list(found)

    def _stays_inside(self, x: Array, text: Text) -> bool:
        if isinstance(x, Number):
            return True
        if self._is_condition(x):
            return super()._stays_inside(x, text)
        if len(self._readers[x]) != 1 or len(text[0]) > 100:
            return False
        (reader,) = self._readers[x]
        if text[1] == ATOM and "(" not in text[0]:
            return True
        op = reader.op if isinstance(reader, Map) else None
        if op not in HANDS_ON and _overflows(x):
            return False  # the guard needs its name
        return op in ONCE

    def _name(self, x: Array) -> str:
        for variable in self._of.get(x, []):
            if isinstance(variable, Leaf):
                return self._fresh(f"d{variable.name}")
        return self._numbered("v")

    def _map(self, x: Map, operands: Sequence[Text]) -> Text:
        op = x.op
        if self._is_condition(x) and self._stays_inside(x, ("", ATOM)):
            # seen where two of them meet; other products write the condition themselves
            return f"(1.0 if {operands[0][0]} > 0.0 else 0.0)", ATOM
        if op is ops.mul:
            for k, operand in enumerate(x.operands):
                if self._is_condition(operand):
                    at = self._texts[operand.operands[0]][0]
                    return f"({operands[1 - k][0]} if {at} > 0.0 else 0.0)", ATOM
        if op in (ops.add, ops.sub, ops.mul, ops.div, ops.neg):
            return applied(op, operands)
        texts = [bracket(text, ATOM) for text in operands]
        if op.name in FORMS:
            for function in NEEDED.get(op.name, []):
                self._need(function)
            return FORMS[op.name](*texts, *[number(x)[0] for x in op.args])
        if (
            op.compute.__module__ in ("math", floats.__name__)
            and op.compute.__name__.isidentifier()
        ):
            self._need(op.compute)
            inside = ", ".join(text for text, _ in operands)
            if op.arity is None:
                inside = f"({inside}{',' * (len(operands) == 1)})"
            return f"{op.compute.__name__}({inside})", ATOM
        text, _ = (
            applied(op, operands) if op.arity is None
            else filled(op, dict(zip(op.operands, operands, strict=True)))
        )  # fmt: skip
        return f"float({text})", ATOM

    def _need(self, function: Any) -> None:
        """Make the function known to the printed program, with whatever it calls."""
        name = function.__name__
        if function.__module__ == "math":
            self.imports.add(name)
        elif name not in self.helpers:
            self.helpers[name] = ""
            for used in _globals_of(function.__code__):
                found = getattr(floats, used, None)
                if callable(found):
                    self._need(found)
                elif isinstance(found, float):
                    shown = repr(found) if math.isfinite(found) else f"math.{found}"
                    self.helpers[used] = f"{used} = {shown}"
            self.helpers.pop(name)  # after what it needs
            self.helpers[name] = inspect.getsource(function)


def _overflows(x: Array) -> bool:
    return isinstance(x, Map) and x.op in OVERFLOWS


def _globals_of(code: Any) -> Iterable[str]:
    """The names that a function looks up, those of comprehensions in it included."""
    yield from code.co_names
    for constant in code.co_consts:
        if hasattr(constant, "co_names"):
            yield from _globals_of(constant)
