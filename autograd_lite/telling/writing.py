"""How operations are written for people: one table, read in two alphabets.

On a plate there is little room, ``x·w + b``; the formula of a step spells it out, ``x × w + b``. In
both an operation says once in what order its operands stand, and how tightly each of them has to
hold together there to do without brackets. What is not in the table is written by its symbol: the
``x`` of ``x²`` is filled in, any other symbol is called like a function.

>>> from autograd_lite import ops
>>> operands = [("a + 1", SUM), ("b", ATOM)]
>>> PLATES.write(ops.mul, operands), FORMULAS.write(ops.mul, operands)
(('(a + 1)·b', 2), ('(a + 1) × b', 2))

Next: ``names.py``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ..engine.primitive import Primitive
from ..value import Value
from .operands import paired
from .text import DIGITS, is_name, number

#: How tightly a text holds together.
ANY, SUM, PRODUCT, ATOM = range(4)

Written = tuple[str, int]  # a text, and how tightly it holds together

_NUMBER = re.compile(r"[\d.]+(e[−+]\d+)?|∞|NaN")
_X, _X_AND_Y = (re.compile(rf"(?<![A-Za-z])[{x}](?![A-Za-z])") for x in ("x", "xy"))  # not in exp
_BRACKETS = re.compile(r"\w*\([^()]*\)")  # the innermost, and whose they are
_EXPONENT = re.compile(r"(?<=[\w)\]])⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]+(·[⁰¹²³⁴⁵⁶⁷⁸⁹]+)?")
_WORD = re.compile(r"[\w.′'\[\]]+")  # not isidentifier(), which takes the dot of x·w for a letter


@dataclass(frozen=True)
class Alphabet:
    """What differs between the places where operations are written."""

    times: str
    over: str
    term: int  # how tightly the terms of a sum of many hold together
    longest: int  # a sum of more terms is shortened: a + b + c + … + z
    slots: Mapping[int | None, re.Pattern[str]]  # by arity: where operands stand in a symbol
    fixed: bool  # whether the fixed numbers of an operation are told: clip(x, 0, 1)
    whole: Callable[[str], object]  # whether a text needs no brackets anywhere
    forms: Mapping[str, Callable[[Operation], Written]]
    digits: int = DIGITS

    def write(self, op: Primitive, operands: Sequence[Written]) -> Written:
        """The operation applied to operands that are written already."""
        return self.forms.get(op.name, _by_symbol)(Operation(op, operands, self))

    def bracketed(self, text: str) -> str:
        """The text, in brackets unless it is one whole.

        >>> [PLATES.bracketed(text) for text in ("layer1.w2", "x·w", "w[0]", "2", "−2")]
        ['layer1.w2', '(x·w)', 'w[0]', '2', '(−2)']
        """
        return text if self.whole(text) else f"({text})"


@dataclass(frozen=True)
class Operation:
    """An operation and its operands on the way to being written in an alphabet."""

    op: Primitive
    operands: Sequence[Written]
    alphabet: Alphabet

    def first(self, at_least: int) -> str:
        """The first operand, where nothing stands before it: a negative one may stay as it is."""
        return self._operand(0, at_least, leads=True)

    def later(self, i: int, at_least: int) -> str:
        """An operand after a sign: a negative one needs brackets."""
        return self._operand(i, at_least, leads=False)

    def _operand(self, i: int, at_least: int, leads: bool) -> str:
        text, tightness = self.operands[i]
        bare = tightness >= at_least and (leads or not text.startswith("−"))
        return text if bare or at_least == ANY else f"({text})"

    def all(self, sign: str) -> str:
        """Every operand, with a sign between them."""
        return self._joined(sign, [self._operand(i, self.alphabet.term, i == 0) for i in self._row])

    def weighted_sum(self) -> str:
        """Weight times input for every pair, and the bias."""
        terms: list[str] = []
        for weight, x in paired(self._row):
            tight = self.alphabet.term if x is None else PRODUCT
            text = self._operand(weight, tight, leads=not terms)
            terms.append(text if x is None else text + self.alphabet.times + self.later(x, tight))
        return self._joined(" + ", terms)

    def call(self) -> str:
        """The symbol as the name of a function: ``tanh(a)``."""
        fixed = map(self.number, self.op.args) if self.alphabet.fixed else ()
        operands = self._joined(", ", [*(text for text, _ in self.operands), *fixed])
        return f"{self.op.symbol}({operands})"

    def number(self, x: float) -> str:
        """A fixed number of the operation."""
        return number(x, self.alphabet.digits)

    @property
    def _row(self) -> range:
        return range(len(self.operands))

    def _joined(self, sign: str, terms: list[str]) -> str:
        if len(terms) > self.alphabet.longest:
            terms = [*terms[:3], "…", terms[-1]]
        return sign.join(terms)


def _by_symbol(o: Operation) -> Written:
    slots, symbol = o.alphabet.slots.get(o.op.arity), o.op.symbol
    if symbol in _SIGNS and len(o.operands) == 2:  # of a node made by hand
        return _FORMS[_SIGNS[symbol]](o)
    if slots is None or not slots.search(symbol):
        return o.call(), ATOM
    return slots.sub(lambda slot: o.later("xy".index(slot[0]), ATOM), symbol), PRODUCT


_FORMS: dict[str, Callable[[Operation], Written]] = {
    "add": lambda o: (f"{o.first(SUM)} + {o.later(1, SUM)}", SUM),
    "sub": lambda o: (f"{o.first(SUM)} − {o.later(1, PRODUCT)}", SUM),
    "mul": lambda o: (o.first(PRODUCT) + o.alphabet.times + o.later(1, PRODUCT), PRODUCT),
    "div": lambda o: (o.first(PRODUCT) + o.alphabet.over + o.later(1, ATOM), PRODUCT),
    "neg": lambda o: (f"−{o.later(0, PRODUCT)}", SUM),
    "pow": lambda o: (f"{o.first(ATOM)}^{o.later(1, ATOM)}", PRODUCT),
    "sum": lambda o: (o.all(" + "), SUM),
    "dot": lambda o: (o.weighted_sum(), SUM),
    # their symbols are no whole: 1−x² is a difference, and e^−x² leaves out its number
    "one_minus_square": lambda o: (f"1 − {o.later(0, ATOM)}²", SUM),
    "gaussian": lambda o: (f"exp(−{_factor(o)}{o.later(0, ATOM)}²)", ATOM),
}

_SIGNS = {"+": "add", "−": "sub", "×": "mul", "÷": "div"}


def _factor(o: Operation) -> str:
    (c,) = o.op.args
    return "" if c == 1.0 else f"{o.number(c)}{o.alphabet.times}"


#: Forms for which only a formula has room; on a plate their symbol does.
_LONG_FORMS: dict[str, Callable[[Operation], Written]] = {
    "prod": lambda o: (o.all(o.alphabet.times), PRODUCT),
    "mean": lambda o: (f"({o.all(' + ')}){o.alphabet.over}{len(o.operands)}", PRODUCT),
    "abs": lambda o: (f"|{o.first(ANY)}|", ATOM),
    "exp_difference": lambda o: (f"exp({o.first(SUM)} − {o.later(1, PRODUCT)})", ATOM),
}

#: On the plates of a picture.
PLATES = Alphabet(
    "·", "/", ANY, 9, {1: _X}, False, lambda text: _WORD.fullmatch(text) or is_name(text), _FORMS
)

#: In the formulas of steps.
FORMULAS = Alphabet(
    " × ", " ÷ ", SUM, 6, {1: _X, 2: _X_AND_Y}, True,
    lambda text: is_name(text) or _NUMBER.fullmatch(text),
    {**_FORMS, **_LONG_FORMS},
)  # fmt: skip


def tightness(text: str) -> int:
    """How tightly a name or a number holds together in a formula.

    What is written in brackets is one whole, whatever it is; what stands between products,
    quotients and powers has to be a name or a number.

    >>> texts = ("w1", "3.5", "−3", "2·x", "exp(x)·w²", "(a + b)/c", "a^b", "a + b", "my loss")
    >>> [tightness(text) for text in texts] == [ATOM, ATOM] + [PRODUCT] * 5 + [ANY, ANY]
    True
    """
    if FORMULAS.whole(text):
        return ATOM
    before, flat = "", _EXPONENT.sub("", text.removeprefix("−"))
    while before != flat:
        before, flat = flat, _BRACKETS.sub("x", flat)
    factors = re.split("[·/^]", flat)
    return PRODUCT if all(is_name(x) or _NUMBER.fullmatch(x) for x in factors) else ANY


def sign(node: Value) -> str:
    """What the circle or the pill of the operation that made a node shows.

    >>> from autograd_lite import dot
    >>> x = Value(2.0)
    >>> sign(x * x), sign(x.tanh()), sign(dot([x], [x])), sign(dot([x], [x], x))
    ('×', 'tanh', 'w·x', 'w·x + b')
    """
    assert node.op is not None
    if node.op.weighted:  # a lone middle dot would say little
        return "w·x + b" if len(node.parents) % 2 else "w·x"
    return node.op.symbol
