"""The same as ``latex.py`` in MathML, which browsers typeset by themselves, offline too.

Next: ``plain.py``.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..showing.html import Markup, text
from . import text as texts
from .text import DIGITS, in_parts, in_pieces, is_name


def total(of: str, by: str) -> Markup:
    """The total derivative, over every path.

    >>> total("L", "a")
    '<mfrac><mrow><mi mathvariant="normal">d</mi><mi>L</mi></mrow><mrow><mi mathvariant="normal"...'
    """
    d = Markup('<mi mathvariant="normal">d</mi>')
    return _fraction(row(d, _bracketed(of)), row(d, _bracketed(by)))


def local(of: str, by: str, use: int = 0) -> Markup:
    """The local derivative, along one edge."""
    below = _bracketed(by)
    if use:
        below = Markup(f"<msub>{below}{bracketed(f'<mn>{use}</mn>')}</msub>")
    d = Markup('<mi mathvariant="normal">∂</mi>')
    return _fraction(row(d, _bracketed(of)), row(d, below))


def name(label: str) -> Markup:
    """A name: one letter with its number as a subscript, or a formula of such; other text upright.

    >>> name("w12"), name("<b>")
    ('<msub><mi>w</mi><mn>12</mn></msub>', '<mi>&lt;b&gt;</mi>')
    >>> name("w·x2")
    '<mrow><mi>w</mi><mo>·</mo><msub><mi>x</mi><mn>2</mn></msub></mrow>'
    >>> name("z1[2]")  # the layer stands above
    '<msubsup><mi>z</mi><mn>2</mn><mrow><mo stretchy="false">(</mo><mn>1</mn>...</msubsup>'
    """
    if pieces := in_pieces(label):
        return row(*(name(piece) if piece[0].isalpha() else _piece(piece) for piece in pieces))
    letter, above, below = in_parts(label) or ("", "", "")
    if above:
        layer = bracketed(f"<mn>{above}</mn>")
        return Markup(f"<msubsup><mi>{letter}</mi><mn>{below}</mn>{layer}</msubsup>")
    if below:
        return Markup(f"<msub><mi>{letter}</mi><mn>{below}</mn></msub>")
    return Markup(f"<mi>{text(label)}</mi>")


def number(x: float, digits: int = DIGITS) -> Markup:
    """A number, with a power of ten where it is large or small.

    >>> number(-1e-7)
    '<mrow><mn>−1</mn><mo>·</mo><msup><mn>10</mn><mn>−7</mn></msup></mrow>'
    """
    shown, _, power = texts.number(x, digits).partition("e")
    if not power:
        return Markup(f"<mn>{text(shown)}</mn>")
    exponent = str(int(power.replace("−", "-"))).replace("-", "−")
    return Markup(
        f"<mrow><mn>{shown}</mn><mo>·</mo><msup><mn>10</mn><mn>{exponent}</mn></msup></mrow>"
    )


def factor(x: float, digits: int = DIGITS) -> Markup:
    """A number in a product: in brackets where it has a sign or is a product itself."""
    shown = number(x, digits)
    return bracketed(shown) if x < 0 or shown.startswith("<mrow>") else shown


def row(*parts: str) -> Markup:
    return Markup(f"<mrow>{''.join(parts)}</mrow>")


def sign(operator: str) -> Markup:
    return Markup(f"<mo>{operator}</mo>")


def words(said: str) -> Markup:
    return Markup(f"<mtext>{text(said)}</mtext>")


def bracketed(part: str) -> Markup:
    """In brackets of one height, also beside what a browser takes to be tall."""
    left, right = (Markup(f'<mo stretchy="false">{bracket}</mo>') for bracket in "()")
    return row(left, part, right)


def aligned(lines: Iterable[tuple[str, str]]) -> Markup:
    """Equations below each other, what follows the left sides in line."""
    cells = "".join(
        f'<mtr><mtd style="text-align:right;padding:.2em 0">{left}</mtd>'
        f'<mtd style="text-align:left;padding:.2em 0">{right}</mtd></mtr>'
        for left, right in lines
    )
    return Markup(f'<mtable displaystyle="true">{cells}</mtable>')


def formula(body: str) -> Markup:
    """The whole. It has no TeX beside it, which a host that strips elements would typeset."""
    return Markup(f'<math display="block" style="text-align:left;width:fit-content">{body}</math>')


def _fraction(above: str, below: str) -> Markup:
    return Markup(f"<mfrac>{above}{below}</mfrac>")


def _piece(text: str) -> Markup:
    """A number or a sign in a formula."""
    return Markup(f"<mn>{text}</mn>") if text[0].isdigit() else sign(text)


def _bracketed(label: str) -> Markup:
    return name(label) if is_name(label) else bracketed(name(label))
