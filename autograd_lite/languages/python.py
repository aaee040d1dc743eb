"""The table in plain Python on floats: the functions of ``math`` and of ``engine/floats.py``.

A row's own function is called by its name, with all its digits; what has none is written out. A
call costs as much as the arithmetic of a sigmoid, so the few functions that recurrent cells call
all the time are written out too.

Next: ``javascript.py``.
"""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, ClassVar

from ..engine import floats, special
from ..engine.primitive import TABLE, Primitive, names_in
from .form import ATOM, Language, Text, bracket

MODULES = ("math", floats.__name__, special.__name__)


class Python(Language):
    """Plain Python; ``imports`` and ``helpers`` gather what the printed expressions call.

    >>> from autograd_lite import ops
    >>> python = Python()
    >>> python.applied(ops.relu, [("a", ATOM)])[0], python.applied(ops.tanh, [("a + b", 2)])[0]
    ('(0.0 if a <= 0.0 else a)', 'tanh(a + b)')
    >>> python.imports
    {'tanh'}
    """

    name = "Python"
    functions: ClassVar[Mapping[str, str]] = {
        "abs": "fabs", "where": "({1} if {0} else {2})",
        "relu": "(0.0 if {0} <= 0.0 else {0})", "clip_to": "min(max({0}, {1}), {2})",
        "sigmoid": "(1.0 / (1.0 + exp(-{0})) if {0} >= 0.0 else (e := exp({0})) / (1.0 + e))",
        "sech": "(2.0 * (e := exp(-fabs({0}))) / (1.0 + e * e))",
        "gaussian": "gaussian({0}, {1})",
        **{name: f"{name}({{0}}, {{1}})" for name in (
            "mills_tail", "polygamma", "sinc_derivative",
        )},
        "mod": "({0} % {1})", "floor_divide": "({0} // {1})",
        "inf": "math.inf", "nan": "math.nan",
    }  # fmt: skip

    def __init__(self) -> None:
        self.imports: set[str] = set()  # from math
        self.helpers: dict[str, str] = {}  # name -> source text, in order of need
        self._met: set[Primitive] = set()
        self.called: list[Callable[..., Any]] = []  # by what was printed last

    def applied(self, op: Primitive, operands: Sequence[Any]) -> Text:
        if op not in self._met:
            self._met.add(op)
            for function in needed(op):
                self.need(function)
        return super().applied(op, operands)

    def printed(self, op: Primitive, operands: Sequence[Any]) -> Text:
        if op.name not in self.functions and _has_a_name(op):
            return self._called(op, operands)
        return super().printed(op, operands)

    def call(self, function: str, operands: Sequence[Text]) -> Text:
        row = TABLE.get(function)
        if function not in self.functions and row is not None and _has_a_name(row):
            return self._called(row, operands)
        return super().call(function, operands)

    def filled(self, known: str, operands: Sequence[Text]) -> Text:
        for name in re.findall(r"\b[a-z]\w*(?=\(|$)", known):
            homes = [module for module in (special, math, floats) if hasattr(module, name)]
            self.called += [getattr(home, name) for home in homes[:1]]  # else one of Python's own
        return super().filled(known, operands)

    def literal(self, x: float) -> str:
        return repr(float(x))

    def _called(self, op: Primitive, operands: Sequence[Any]) -> Text:
        self.called.append(op.compute)
        inside = ", ".join(map(_in_a_row, operands))
        return f"{op.compute.__name__}({inside})", ATOM

    def need(self, function: Any) -> None:
        """Make the function known to the printed program, with whatever it calls."""
        name = function.__name__
        if function.__module__ == "math":
            self.imports.add(name)
        elif name not in self.helpers:
            self.helpers[name] = ""
            for used in names_in(function.__code__):
                found = function.__globals__.get(used)
                if callable(found):
                    self.need(found)
                elif isinstance(found, float | tuple):
                    shown = f"math.{found}" if found in (math.inf, math.nan) else repr(found)
                    self.helpers[used] = f"{used} = {shown}"
            self.helpers.pop(name)  # after what it needs
            self.helpers[name] = inspect.getsource(function)


@lru_cache(maxsize=4096)
def needed(op: Primitive) -> list[Callable[..., Any]]:
    """The functions of ``math`` and ``engine/floats.py`` that the row's text calls."""
    python = Python()
    many = [("x", ATOM)] * 3
    python.printed(op, [many if op.arity is None else ("x", ATOM) for _ in op.operands])
    return python.called


def _has_a_name(op: Primitive) -> bool:
    compute = op.compute
    return compute.__module__ in MODULES and compute.__name__.isidentifier()


def _in_a_row(operand: Text | Iterable[Text]) -> str:
    """A text, or a tuple of many."""
    if isinstance(operand, tuple):
        return str(operand[0])
    texts = [bracket(text, 0) for text in operand]
    return f"({', '.join(texts)}{',' * (len(texts) == 1)})"
