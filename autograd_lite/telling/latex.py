"""Names, numbers and derivatives in LaTeX: labels are user text, and nothing in them is a command.

Next: ``mathml.py``.
"""

from __future__ import annotations

import re

from . import text
from .text import DIGITS, in_parts, in_pieces, is_name

_CHARACTERS = {
    "\\": r"\backslash ", "∖": r"\backslash ", "{": r"\{", "}": r"\}", "$": r"\$", "%": r"\%",
    "&": r"\&", "#": r"\#", "_": r"\_", "^": r"\wedge ", "~": r"\sim ", "<": r"\lt ", ">": r"\gt ",
    " ": r"\ ", "·": r"{\cdot}", "×": r"{\times}", "−": "-", "'": "{'}", '"': "{''}",
    "`": r"{`}", "|": r"\vert ", "[": r"\lbrack ", "]": r"\rbrack ",
}  # fmt: skip


def total(of: str, by: str) -> str:
    r"""The total derivative, over every path, as in ``formulas.total``.

    >>> total("L", "a")
    '\\frac{\\mathrm{d}L}{\\mathrm{d}a}'
    """
    return rf"\frac{{\mathrm{{d}}{_bracketed(of)}}}{{\mathrm{{d}}{_bracketed(by)}}}"


def local(of: str, by: str, use: int = 0) -> str:
    r"""The local derivative, along one edge, as in ``formulas.local``.

    >>> local("y", "x", use=2)
    '\\frac{\\partial y}{\\partial {x}_{(2)}}'
    """
    below = rf"{{{_bracketed(by)}}}_{{({use})}}" if use else _bracketed(by)
    return rf"\frac{{\partial {_bracketed(of)}}}{{\partial {below}}}"


def name(label: str) -> str:
    r"""A name: one letter with its number as a subscript, or a formula of such; other text upright.

    >>> name("w12"), name("loss"), name(r"\def"), name("w·x2")
    ('w_{12}', '\\mathrm{loss}', '\\mathrm{\\backslash def}', 'w \\cdot x_{2}')
    >>> name("W[1,2]"), name("z1[2]")  # the layer stands above
    ('W_{1,2}', 'z^{(1)}_{2}')
    """
    if pieces := in_pieces(label):
        signs = {"·": r"\cdot", "−": "-"}
        return " ".join(name(x) if x[0].isalpha() else signs.get(x, x) for x in pieces)
    if parts := in_parts(label):
        letter, above, below = parts
        return letter + (f"^{{({above})}}" if above else "") + (f"_{{{below}}}" if below else "")
    shown = "".join(_CHARACTERS.get(character, character) for character in label)
    return rf"\mathrm{{{shown}}}"


def _bracketed(label: str) -> str:
    return name(label) if is_name(label) else rf"\left({name(label)}\right)"


def number(x: float, digits: int = DIGITS) -> str:
    r"""A number, with a power of ten where it is large or small.

    >>> number(-1e-7), number(float("inf"))
    ('-1 \\cdot 10^{-7}', '\\infty ')
    """
    shown = text.number(x, digits).replace("−", "-")
    shown = shown.replace("∞", r"\infty ").replace("NaN", r"\mathrm{NaN}")
    return re.sub(r"e([-+]\d+)", lambda m: rf" \cdot 10^{{{int(m[1])}}}", shown)


def factor(x: float, digits: int = DIGITS) -> str:
    r"""A number in a product: in brackets where it has a sign or is a product itself.

    >>> factor(-2.0), factor(0.5)
    ('\\left(-2\\right)', '0.5')
    """
    shown = number(x, digits)
    return rf"\left({shown}\right)" if x < 0 or "cdot" in shown else shown
