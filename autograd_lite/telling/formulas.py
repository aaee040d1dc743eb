"""How a step reads: formulas with names, formulas with numbers, the chain rule on one edge.

Two rules keep the formulas true: a negative number after an operator stands in brackets, and so
does a name that is not an identifier (``∂L/∂(a·b)``).

Next: ``listing.py``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from ..value import Value
from .text import number

#: A formula with more terms than this is shortened: w1 × x1 + w2 × x2 + w3 × x3 + … + b.
LONGEST_FORMULA = 6

#: A sentence lists no more than this.
LONGEST_LIST = 6

_INFIX = {"add", "sub", "mul", "div"}
_OPERAND = re.compile(r"(?<![A-Za-z])[xy](?![A-Za-z])")  # the x of "x²", and not that of "exp"
_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_NUMBER = re.compile(r"[\d.]+(e[−+]\d+)?|∞|NaN")

Shown = Callable[[Value], str]


def bracketed(text: str) -> str:
    """The text as an operand after an operator, under an exponent or after a ∂.

    >>> [bracketed(text) for text in ("a", "layer1.w2", "a·b", "3.5", "−3", "w (2)")]
    ['a', 'layer1.w2', '(a·b)', '3.5', '(−3)', '(w (2))']
    """
    return text if is_name(text) or _NUMBER.fullmatch(text) else f"({text})"


def is_name(text: str) -> bool:
    """Whether a text reads as one name: an identifier, perhaps dotted or with subscripts.

    >>> [is_name(text) for text in ("w₁", "layer1.w2", "x²", "a·b")]
    [True, True, False, False]
    """
    parts = text.translate(_SUBSCRIPTS).split(".")
    return "·" not in text and all(part.isidentifier() for part in parts)


def derivative(of: str, by: str) -> str:
    """∂of/∂by.

    >>> derivative("L", "a"), derivative("x·w + b", "2")
    ('∂L/∂a', '∂(x·w + b)/∂(2)')
    """
    return f"∂{owner(of)}/∂{owner(by)}"


def owner(name: str) -> str:
    """The name as what a ∂ or a dot belongs to; a number is bracketed too: ∂y/∂(2).

    >>> owner("a"), owner("a·b"), owner("0.5")
    ('a', '(a·b)', '(0.5)')
    """
    return f"({name})" if name[:1].isdigit() else bracketed(name)


def product(a: float, b: float) -> str:
    """a × b with the second in brackets where it is negative.

    >>> product(-2.0, -3.0), product(1.0, 0.5)
    ('−2 × (−3)', '1 × 0.5')
    """
    return f"{number(a)} × {bracketed(number(b))}"


def formula(node: Value, shown: Shown) -> str:
    """The operation that made a node, its operands written by ``shown``.

    >>> from autograd_lite import dot
    >>> a, b = Value(-2.0, label="a"), Value(-3.0, label="b")
    >>> names, numbers = (lambda v: v.label), (lambda v: number(v.data))
    >>> [formula(v, names) for v in (a * b, a**3, a.tanh(), abs(a), dot([a], [b], b))]
    ['a × b', 'a³', 'tanh(a)', '|a|', 'a × b + b']
    >>> [formula(v, numbers) for v in (a * b, a**3, a.tanh(), abs(a), -a)]
    ['−2 × (−3)', '(−2)³', 'tanh(−2)', '|−2|', '−(−2)']
    """
    op = node.op
    assert op is not None
    plain = [shown(parent) for parent in node.parents]
    tight = [bracketed(text) for text in plain]
    if op.name in _INFIX:
        return f"{_first(plain[0])} {op.symbol} {tight[1]}"
    if op.name == "sum":
        return _joined(" + ", [_first(plain[0]), *tight[1:]]) if plain else "0"
    if op.name == "prod":
        return _joined(" × ", [_first(plain[0]), *tight[1:]]) if plain else "1"
    if op.name == "mean":
        return f"({_joined(' + ', [_first(plain[0]), *tight[1:]])}) ÷ {len(plain)}"
    if op.name == "dot":
        return _weighted_sum(plain, tight)
    if op.name == "neg":
        return f"−{tight[0]}"
    if op.name == "pow":
        return f"{tight[0]}^{tight[1]}"
    if op.name == "gaussian":
        return f"exp(−{number(op.args[0])} × {tight[0]}²)"
    if op.name == "exp_difference":
        return f"exp({_first(plain[0])} − {tight[1]})"
    if op.arity and _OPERAND.search(op.symbol):
        operands = plain if op.symbol.startswith("|") else tight
        return _OPERAND.sub(lambda match: operands["xy".index(match[0])], op.symbol)
    return f"{op.symbol}({_joined(', ', [*plain, *map(number, op.args)])})"


def _first(text: str) -> str:
    """The first operand needs no brackets where it is a number, not even a negative one."""
    return text if _NUMBER.fullmatch(text.removeprefix("−")) else bracketed(text)


def _weighted_sum(plain: Sequence[str], tight: Sequence[str]) -> str:
    """The terms of a ``dot``; a weight without a partner, the last one, is the bias."""
    pairs = len(plain) // 2
    first, weights, inputs = plain[:1], tight[: len(tight) - pairs], tight[len(tight) - pairs :]
    terms = [f"{w} × {x}" for w, x in zip(weights, inputs, strict=False)]
    terms += weights[pairs:]
    if first and terms:
        terms[0] = _first(first[0]) + terms[0].removeprefix(tight[0])
    return _joined(" + ", terms) or "0"


def _joined(sign: str, terms: Sequence[str]) -> str:
    if len(terms) > LONGEST_FORMULA:
        terms = [*terms[:3], "…", terms[-1]]
    return sign.join(terms)


def ordinal(i: int) -> str:
    """1st, 2nd, 3rd, 4th, …

    >>> [ordinal(i) for i in (1, 2, 3, 4, 11, 22)]
    ['1st', '2nd', '3rd', '4th', '11th', '22nd']
    """
    ending = "th" if i % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(i % 10, "th")
    return f"{i}{ending}"


def listed(items: Sequence[str]) -> str:
    """The items in a row; of many the first ones and how many there are.

    >>> listed(["a", "b"]), listed(list("abcdefgh"))
    ('a,  b', 'a,  b,  c,  d,  e,  f,  … (8 in all)')
    """
    more = [f"… ({len(items):,} in all)"] if len(items) > LONGEST_LIST else []
    return ",  ".join([*items[:LONGEST_LIST], *more])


def change(name: str, attribute: str, before: float, after: float) -> str:
    """How a number of a value changes.

    >>> change("a", "grad", 0.0, 6.0), change("a·b", "data", 1.0, -0.5)
    ('a.grad: 0 → 6', '(a·b).data: 1 → −0.5')
    """
    return f"{owner(name)}.{attribute}: {number(before)} → {number(after)}"
