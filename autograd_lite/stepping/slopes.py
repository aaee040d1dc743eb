"""The local derivative of every edge, in symbols and in numbers, for a page that explains it.

Next: ``script.py``.
"""

from __future__ import annotations

import re

from ..telling.rules import rules
from ..value import Value
from .walk import Walk, edges_of
from .words import Parts, Words


def symbols(walk: Walk) -> dict[str, str]:
    """For each edge its local rule: ∂e/∂a = b.

    >>> a, b = Value(2.0, label="a"), Value(3.0, label="b")
    >>> y = (a * b).tanh(); y.label = "y"
    >>> list(symbols(Walk.of(y)).values())
    ['∂(a·b)/∂a = b', '∂(a·b)/∂b = a', '∂y/∂(a·b) = 1 − y²']
    """
    found: dict[str, str] = {}
    for node in walk.order:
        if node.op is not None:
            texts = rules(node, walk.names.__getitem__, walk.subject.digits)
            for edge, local, rule in zip(
                edges_of(node, walk.ids[node]), walk.local(node), texts, strict=True
            ):
                found[edge] = f"{local} = {rule}"
    return found


def numbers(walk: Walk, words: Words) -> dict[str, Parts]:
    """For each edge whose rule is more than a name or a number, the rule with numbers for names.

    >>> y = Value(0.5, label="x").tanh()
    >>> numbers(Walk.of(y), Words(digits=4))
    {'n1-0': ['1 − ', '(dn1', '²']}
    """
    found: dict[str, Parts] = {}
    for node in walk.order:
        if node.op is not None:
            for edge, text in zip(
                edges_of(node, walk.ids[node]), _marked(node, walk, words), strict=True
            ):
                parts = words.parts(text)
                if len(parts) > 1 and (parts[0], parts[-1]) != ("", ""):
                    found[edge] = parts
    return found


def _marked(node: Value, walk: Walk, words: Words) -> list[str]:
    names = {value: f"ꙮ{k}ꙮ" for k, value in enumerate((node, *node.parents))}  # like no name
    marks = {
        name: words.number(f"d{walk.ids[value]}", value.data, signed=True)
        for value, name in names.items()
    }
    texts = rules(node, names.__getitem__, words.digits)
    return [re.sub(r"ꙮ\d+ꙮ", lambda match: marks[match[0]], text) for text in texts]
