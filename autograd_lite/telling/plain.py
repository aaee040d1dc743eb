"""The signs of mathematics in plain letters, for terminals and files that know no others.

Python's own ``print`` fails where an encoding lacks a character: − and ∂ in cp1252 or GBK, on
Windows or in a pipe, and all of them in ASCII.

Next: ``../showing/__init__.py``.
"""

from __future__ import annotations

import codecs
import re
import sys
from typing import TextIO

PLAIN = str.maketrans(
    {"∂": "del ", "₍": "(", "₎": ")", "−": "-", "×": "*", "·": "*", "÷": "/", "→": "->",
     "←": "<-", "σ": "sigma", "…": "...", "√": "sqrt", "∛": "cbrt", "∞": "inf", "Φ": "Phi",
     "φ": "phi", "ψ": "psi", "Γ": "Gamma", "π": "pi", "Σ": "sum", "Π": "prod", "–": "-", "′": "'",
     "≤": "<=", "≥": ">=", "≠": "!=", "≈": "~", "½": "1/2", "Δ": "d", "█": "#",
     **dict(zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True))}
)  # fmt: skip
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻·", "0123456789-.")
_EXPONENT = re.compile(r"[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+(·[⁰¹²³⁴⁵⁶⁷⁸⁹]+)?")


def plain(text: str) -> str:
    """The text with its signs spelt out.

    >>> plain("∂y/∂x₍₁₎ = 2 × x⁻⁰·⁵ → −3")
    'del y/del x(1) = 2 * x^-0.5 -> -3'
    """
    text = _EXPONENT.sub(lambda e: "^" + e[0].translate(_RAISED), text)
    return text.replace("∂ ", "del ").translate(PLAIN)


def printable(text: str, stream: TextIO | None = None) -> str:
    """The text as a stream can show it, all plain where it lacks a sign; standard output if None.

    >>> import io
    >>> printable("−3 · x²", io.TextIOWrapper(io.BytesIO(), encoding="cp1252"))
    '-3 * x^2'
    """
    encoding = getattr(stream or sys.stdout, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return plain(text).encode(encoding, "replace").decode(encoding)
    return text


class Text(str):
    """A text that ``print`` can show anywhere: in plain letters where standard output lacks a sign.

    It is a text like any other, and equal to it.

    >>> Text("−3") == "−3", print(Text("2 × (−3)"))
    2 × (−3)
    (True, None)
    """

    __slots__ = ()

    def __str__(self) -> str:
        return printable(self[:])


def spelt_out(error: UnicodeError) -> tuple[str, int]:
    """What ``codecs`` calls for characters that an encoding lacks: plain letters, or escapes.

    >>> "−é".encode("ascii", SPELT_OUT)
    b'-\\\\xe9'
    """
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = plain(error.object[error.start : error.end])
    return text.encode("ascii", "backslashreplace").decode(), error.end


#: The name of this way out of an error, as ``stream.reconfigure(errors=…)`` takes it.
SPELT_OUT = "autograd_lite.spelt_out"
codecs.register_error(SPELT_OUT, spelt_out)
