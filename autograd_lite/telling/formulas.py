"""How a step reads: formulas with names, formulas with numbers, the chain rule on one edge.

Two derivatives have two signs: ``dL/da`` is the total one, over every path, which accumulates in
``a.grad``; ``∂b/∂a`` is the local one, along one edge. So ``dL/da += dL/db · ∂b/∂a``.

Two rules keep the formulas true: a negative number after an operator stands in brackets, and so
does a name that is not an identifier (``dL/d(a·b)``).

Next: ``rules.py``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from ..value import Value
from .text import DIGITS, number
from .writing import FORMULAS, tightness

#: Said once to whoever follows the steps.
LEGEND = (
    "Two signs: d for the total derivative, which adds up in grad; "
    "∂ for the local one, of one edge."
)

#: A sentence lists no more than this.
LONGEST_LIST = 6

Shown = Callable[[Value], str]


def bracketed(text: str) -> str:
    """The text as an operand after an operator, under an exponent or after a d or ∂.

    >>> [bracketed(text) for text in ("a", "layer1.w2", "a·b", "3.5", "−3", "w (2)")]
    ['a', 'layer1.w2', '(a·b)', '3.5', '(−3)', '(w (2))']
    """
    return FORMULAS.bracketed(text)


def total(of: str, by: str) -> str:
    """How ``of`` changes with ``by``, over every path.

    >>> total("L", "a"), total("x·w + b", "2")
    ('dL/da', 'd(x·w + b)/d(2)')
    """
    return f"d{owner(of)}/d{owner(by)}"


def local(of: str, by: str, use: int = 0) -> str:
    """How a node changes with one operand, the others held; ``use`` tells one used twice apart.

    >>> local("b", "a"), local("y", "x", use=2), local("y", "a·b", use=1)
    ('∂b/∂a', '∂y/∂x₍₂₎', '∂y/∂(a·b)₍₁₎')
    """
    return f"∂{owner(of)}/∂{owner(by)}{f'₍{use}₎'.translate(_LOWERED) if use else ''}"


_LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def owner(name: str) -> str:
    """The name as what a d, a ∂ or a dot belongs to; a number is bracketed too: ∂y/∂(2).

    >>> owner("a"), owner("a·b"), owner("0.5")
    ('a', '(a·b)', '(0.5)')
    """
    return f"({name})" if name[:1].isdigit() else bracketed(name)


def product(a: float, b: float, digits: int = DIGITS) -> str:
    """a × b with the second in brackets where it is negative.

    >>> product(-2.0, -3.0), product(1.0, 0.5)
    ('−2 × (−3)', '1 × 0.5')
    """
    return f"{number(a, digits)} × {bracketed(number(b, digits))}"


def formula(node: Value, shown: Shown, digits: int = DIGITS) -> str:
    """The operation that made a node, its operands written by ``shown``.

    ``digits`` are those of the operation's own numbers, as in ``clip(x, 0, 1)``.

    >>> from autograd_lite import dot
    >>> a, b = Value(-2.0, label="a"), Value(-3.0, label="b")
    >>> names, numbers = (lambda v: v.label), (lambda v: number(v.data))
    >>> [formula(v, names) for v in (a * b, a**3, a.tanh(), abs(a), dot([a], [b], b))]
    ['a × b', 'a³', 'tanh(a)', '|a|', 'a × b + b']
    >>> [formula(v, numbers) for v in (a * b, a**3, a.tanh(), abs(a), -a)]
    ['−2 × (−3)', '(−2)³', 'tanh(−2)', '|−2|', '−(−2)']
    """
    assert node.op is not None
    operands = [(text, tightness(text)) for text in map(shown, node.parents)]
    return replace(FORMULAS, digits=digits).write(node.op, operands)[0]


def listed(items: Sequence[str]) -> str:
    """The items in a row; of many the first ones and how many there are.

    >>> listed(["a", "b"]), listed(list("abcdefgh"))
    ('a,  b', 'a,  b,  c,  d,  e,  f,  … (8 in all)')
    """
    more = [f"… ({len(items):,} in all)"] if len(items) > LONGEST_LIST else []
    return ",  ".join([*items[:LONGEST_LIST], *more])


def change(name: str, attribute: str, before: str, after: str) -> str:
    """How a number of a value changes; the gradient of a weighted input has a name, δ = dC/dz.

    >>> change("a", "grad", "0", "6"), change("a·b", "data", "1", "−0.5")
    ('a.grad: 0 → 6', '(a·b).data: 1 → −0.5')
    >>> change("z1[2]", "grad", "0", "6")
    'δ1[2] = z1[2].grad: 0 → 6'
    """
    error = f"δ{name[1:]} = " if attribute == "grad" and _WEIGHTED_INPUT.fullmatch(name) else ""
    return f"{error}{owner(name)}.{attribute}: {before} → {after}"


_WEIGHTED_INPUT = re.compile(r"z\d+\[\d+\]")  # that of a layer and a neuron
