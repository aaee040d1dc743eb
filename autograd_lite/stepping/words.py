"""Texts with numbers in them, which a page can fill in anew when a number is moved.

While a text is written, a mark stands in it for each number, and for each word that two numbers
decide. Read as ``plain`` it is the text at the numbers of now, as ``parts`` what a page needs.

>>> words = Words(digits=4)
>>> text = f"y = {words.number('dn0', -2.0)} × {words.number('dn1', -3.0, signed=True)}"
>>> words.plain(text)
'y = −2 × (−3)'
>>> words.parts(text)
['y = ', 'dn0', ' × ', '(dn1', '']

Next: ``sweep.py``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TypeAlias

from ..telling.formulas import bracketed, formula
from ..telling.text import number
from ..value import Value

#: Code points without a character, which no label has: ``clean`` takes them out.
START, END = "\ufdd0", "\ufdd1"

_MARK = re.compile(f"{START}(\\d+){END}")

#: The key under which a page knows a number, and the number now.
Known: TypeAlias = tuple[str, float]

#: Text, slot, text, slot, …, text. The slot of a number is its key, after ``(`` where a negative
#: one stands in brackets, after ``!`` where it is shown longer; that of remarks is ``?`` and the
#: edges; that of a word is two keys and the texts for when the second number is less, equal,
#: greater, and where one of them is NaN.
Parts: TypeAlias = list[object]

ZERO: Known = ("0", 0.0)


class Words:
    """The numbers and the words that stand for marks; ``digits`` are those that numbers show."""

    def __init__(self, digits: int) -> None:
        self.digits = digits
        self.longer = max(9, digits)  # a step of training moves little
        self._slots: list[tuple[str, object]] = []  # the text now, and what a page needs

    def number(self, key: str, x: float, *, signed: bool = False, longer: bool = False) -> str:
        """A mark for a number; ``signed`` puts a negative one in brackets."""
        text = number(x, self.longer if longer else self.digits)
        slot = f"{'(' * signed}{'!' * longer}{key}"
        return self._mark(bracketed(text) if signed else text, slot)

    def choice(self, x: Known, to: Known, less: str, equal: str, more: str, lost: str) -> str:
        """A mark for one of four texts: which, the way from one number to another decides."""
        (left, a), (right, b) = x, to
        texts = less, equal, more, lost
        now = lost if a != a or b != b else equal if a == b else less if b < a else more
        return self._mark(self.plain(now), [left, right, *map(self.parts, texts)])

    def remarks(self, found: Mapping[str, str]) -> str:
        """A mark for what there is to remark on some edges, each remark once."""
        return self._mark("".join(dict.fromkeys(found.values())), f"?{' '.join(found)}")

    def _mark(self, text: str, slot: object) -> str:
        self._slots.append((text, slot))
        return f"{START}{len(self._slots) - 1}{END}"

    def plain(self, text: str) -> str:
        """The text at the numbers of now."""
        return _MARK.sub(lambda mark: self._slots[int(mark[1])][0], text)

    def parts(self, text: str) -> Parts:
        """The text as a page fills it in."""
        pieces: Parts = list(_MARK.split(text))
        pieces[1::2] = [self._slots[int(str(i))][1] for i in pieces[1::2]]
        return pieces

    def formula(self, node: Value, known: Callable[[Value], Known]) -> str:
        """The operation that made a node, with numbers for its operands: ``−2 × (−3)``.

        It is written twice, as if all of them were positive and as if all were negative: so it is
        known where a negative one needs brackets.

        >>> a, b = Value(-2.0, label="a"), Value(-3.0, label="b")
        >>> words = Words(4)
        >>> text = words.formula(a * b, lambda v: (v.label, v.data))
        >>> words.plain(text), words.parts(text)
        ('−2 × (−3)', ['', 'a', ' × ', '(b', ''])
        """
        places = {operand: f"..{k}.." for k, operand in enumerate(node.parents)}  # like no number

        def row(sign: str) -> list[str]:
            text = formula(node, lambda v: sign + places[v], self.digits)
            return re.split(rf"{sign}\.\.(\d+)\.\.", text)

        plus, minus = row(""), row("−")
        text, closed = "", ""
        for between, other, which in zip(plus[::2], minus[::2], [*plus[1::2], ""], strict=True):
            opened = "(" * (other.removeprefix(closed) != between)
            text, closed = text + between, ")" * len(opened)
            if which:
                text += self.number(*known(node.parents[int(which)]), signed=bool(opened))
        return text
