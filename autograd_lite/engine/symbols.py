"""``Symbol``: an operand that writes down what is done to it.

A rule reads numbers and Values; read with symbols it tells its formula, in the syntax of forms.

Next: ``ieee.py``.
"""

from __future__ import annotations

from typing import Any

from .groups import as_tuple

SUM, PRODUCT, SIGN, ATOM = range(4)


class Symbol:
    """A text that grows: ``x * x + 1.0``.

    >>> x = Symbol("x")
    >>> -(x + 1.0) / x
    -(x + 1) / x
    """

    __slots__ = ("strength", "text")

    def __init__(self, text: str, strength: int = ATOM) -> None:
        self.text, self.strength = text, strength

    def __repr__(self) -> str:
        return self.text

    def _apply(self, op: Any, *operands: Any) -> Symbol:
        """A row on symbols: a call of its name, with the numbers that belong to it."""
        members = [x for group in operands for x in as_tuple(group)]
        inside = [_symbol(x).text for x in (*members, *op.args)]
        return Symbol(f"{op.name}({', '.join(inside)})")

    def __bool__(self) -> bool:
        raise TypeError("a rule cannot ask which number it reads")

    def __eq__(self, other: object) -> bool:
        return bool(self)

    __hash__ = object.__hash__

    def __abs__(self) -> Symbol:
        return Symbol(f"abs({self.text})")

    def __pow__(self, other: Any) -> Symbol:
        return Symbol(f"pow({self.text}, {_symbol(other).text})")

    def __rpow__(self, other: Any) -> Symbol:
        return Symbol(f"pow({_symbol(other).text}, {self.text})")

    def __pos__(self) -> Symbol:
        return self

    def __neg__(self) -> Symbol:
        return Symbol(f"-{_bracket(self, SIGN)}", SIGN)

    def __add__(self, other: Any) -> Symbol:
        return _infix(self, "+", other, SUM)

    def __radd__(self, other: Any) -> Symbol:
        return _infix(other, "+", self, SUM)

    def __sub__(self, other: Any) -> Symbol:
        return _infix(self, "-", other, SUM)

    def __rsub__(self, other: Any) -> Symbol:
        return _infix(other, "-", self, SUM)

    def __mul__(self, other: Any) -> Symbol:
        return _infix(self, "*", other, PRODUCT)

    def __rmul__(self, other: Any) -> Symbol:
        return _infix(other, "*", self, PRODUCT)

    def __truediv__(self, other: Any) -> Symbol:
        return _infix(self, "/", other, PRODUCT)

    def __rtruediv__(self, other: Any) -> Symbol:
        return _infix(other, "/", self, PRODUCT)


def partials(op: Any) -> list[str]:
    """The local derivatives of a row of one or two operands, as its rule states them.

    None where the rule reads numbers alone.

    >>> from autograd_lite import ops
    >>> partials(ops.tanh), partials(ops.div)
    (['square(sech(x))'], ['1 / y', '-z / y'])
    """
    try:
        found = op.rule(Symbol("z"), *map(Symbol, op.operands))
    except (AttributeError, TypeError):
        return []
    return [_symbol(partial).text for partial in found]


def _symbol(x: Any) -> Symbol:
    if isinstance(x, Symbol):
        return x
    short = f"{x:g}"
    return Symbol(short if float(short) == x else repr(x), SIGN if x < 0.0 else ATOM)


def _bracket(x: Symbol, least: int) -> str:
    return x.text if x.strength >= least else f"({x.text})"


def _infix(x: Any, sign: str, y: Any, strength: int) -> Symbol:
    left, right = _bracket(_symbol(x), strength), _bracket(_symbol(y), strength + (sign != "+"))
    return Symbol(f"{left} {sign} {right}", strength)
