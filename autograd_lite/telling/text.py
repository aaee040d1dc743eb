"""Text in pictures: labels are user text and made harmless, numbers are made short.

Graphviz reads its labels twice, once as DOT and once as HTML or record, and expands ``\\N`` and
``\\G`` in all of them; XML forbids most control characters. So a label is first *cleaned* (what
cannot be shown is replaced) and then *escaped*. The same escape serves every label kind: it also
covers the braces and bars of record labels.

Next: ``operands.py``.
"""

from __future__ import annotations

import operator
import re
import unicodedata

#: The longest label shown. What is longer is cut and ends in an ellipsis.
LONGEST_LABEL = 40

#: Significant digits of a number, where nobody asks for more or less.
DIGITS = 4

_ENTITIES = {ord(character): f"&#{ord(character)};" for character in "&<>\"'{|}"}
_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_INDEX = re.compile(r"\[\d+(,\d+)*\]$")
_UNSEEN = {"Cc", "Cs", "Cn"}  # control characters, lone surrogates, code points without character
LEFT_TO_RIGHT = "\u200e"  # a letter without a shape: what is beside it goes on to the right
_OVERRIDES = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # turn the rest of a line


def clean(label: object, longest: int = LONGEST_LABEL) -> str:
    """The label on one line, without anything Graphviz or XML would trip over.

    What reads from right to left stands between two marks that nobody sees: without them the signs
    and numbers beside it would change sides, and c = a × (−3) read (3−) × a = c.

    >>> clean("w\\n 1"), clean("a\\x00b"), clean(r"\\N"), clean("א")
    ('w 1', 'a\ufffdb', '∖N', '\\u200eא\\u200e')
    """
    text = " ".join(str(label)[: 4 * longest].replace(LEFT_TO_RIGHT, "").split())
    if len(text) > longest:
        text = text[: longest - 1] + "…"
    text = "".join(map(_shown, text))
    turns = any(unicodedata.bidirectional(character) in ("R", "AL", "AN") for character in text)
    return f"{LEFT_TO_RIGHT}{text}{LEFT_TO_RIGHT}" if turns else text


def columns(text: str) -> int:
    """How wide a text is, in letters: marks and accents take no room, an ideogram that of two.

    >>> columns("w1"), columns(clean("א")), columns("重み"), columns("e\u0301")
    (2, 1, 4, 1)
    """
    return sum(
        0 if unicodedata.category(character) in ("Mn", "Me", "Cf")
        else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )  # fmt: skip


def _shown(character: str) -> str:
    if character == "\\":
        return "∖"  # U+2216: Graphviz expands \N and \G even in tooltips
    if unicodedata.category(character) in _UNSEEN or character in _OVERRIDES:
        return "\ufffd"
    return character


def escape(text: str) -> str:
    """Cleaned text as it may stand in an HTML-like label, a record label or a tooltip.

    >>> escape("a < b & {c}")
    'a &#60; b &#38; &#123;c&#125;'
    """
    return text.translate(_ENTITIES)


def checked_digits(digits: int) -> int:
    """How many significant digits to show: 1 to 17, of which a float has no more.

    >>> checked_digits(0)
    Traceback (most recent call last):
    ValueError: digits= says how many significant digits numbers show, from 1 to 17; got 0.
    """
    said = "digits= says how many significant digits numbers show, from 1 to 17; got"
    try:
        whole = operator.index(digits)
    except TypeError:
        raise TypeError(f"{said} a {type(digits).__name__}.") from None
    if not 1 <= whole <= 17:
        raise ValueError(f"{said} {whole}.")
    return whole


def number(x: float, digits: int = DIGITS) -> str:
    """Four significant digits, or as many as are asked for, with a true minus sign.

    >>> number(-1.5), number(0.70710678), number(1e-7), number(float("-inf"))
    ('−1.5', '0.7071', '1e−07', '−∞')
    """
    if x != x:
        return "NaN"
    text = f"{x or 0.0:.{digits}g}"  # −0 would only raise questions
    return text.replace("inf", "∞").replace("-", "−")


def is_name(text: str) -> bool:
    """Whether a text reads as one name: an identifier, perhaps dotted, indexed or with subscripts.

    >>> [is_name(text) for text in ("w₁", "layer1.w2", "W1[2,3]", "x²", "a·b", "a[b]")]
    [True, True, True, False, False, False]
    """
    bare = text.replace(LEFT_TO_RIGHT, "").translate(_SUBSCRIPTS)
    parts = _INDEX.sub("", bare).split(".")
    return "·" not in text and all(part.isidentifier() for part in parts)


def in_parts(name: str) -> tuple[str, str, str] | None:
    """A letter, what stands above it, what below: the layer and the place; None for other names.

    >>> in_parts("a"), in_parts("w12"), in_parts("W[1,2]"), in_parts("z1[2]"), in_parts("loss")
    (('a', '', ''), ('w', '', '12'), ('W', '', '1,2'), ('z', '1', '2'), None)
    """
    if match := re.fullmatch(r"([A-Za-z])(\d*)(?:\[(\d+(?:,\d+)*)\])?", name):
        letter, digits, place = match.groups()
        return (letter, digits, place) if place else (letter, "", digits)
    return None


def in_pieces(label: str) -> list[str]:
    """The operands of a formula and the signs between them, where it has letters and numbers alone.

    >>> in_pieces("w·h2 + 0.5"), in_pieces("w"), in_pieces("loss·2")
    (['w', '·', 'h2', '+', '0.5'], [], [])
    """
    pieces = re.split(r"(·|/| \+ | − )", label)
    plain = all(in_parts(x) or re.fullmatch(r"\d+(\.\d+)?", x) for x in pieces[::2])
    return [piece.strip() for piece in pieces] if plain and len(pieces) > 1 else []


def count(n: int, noun: str) -> str:
    """A number of things.

    >>> count(1, "value"), count(100_001, "value")
    ('1 value', '100,001 values')
    """
    return f"{n:,} {noun}{'' if n == 1 else 's'}"
