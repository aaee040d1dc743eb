"""What may become a Value: one real number.

Next: ``undefined.py``.
"""

from __future__ import annotations

from collections.abc import Iterable
from numbers import Real
from typing import Any, SupportsFloat, TypeVar

from .groups import is_node

T = TypeVar("T")

REAL: Any = (int, float, Real)  # the last for fractions and the like, found more slowly


def real(x: object, claim: str) -> float:
    """``x`` as a float; ``TypeError`` (starting with ``claim``) unless it is one real number.

    >>> real(3, "Value holds")
    3.0
    >>> real([1, 2, 3], "Value holds")
    Traceback (most recent call last):
    TypeError: Value holds one real number; got a list of 3. Make one Value per number: ...
    """
    if isinstance(x, REAL):
        return float(x)
    if is_node(x):
        came, instead = "a Value", "Use it as it is, or take its number: value.data"
    elif isinstance(x, str | bytes):
        came, instead = f"the text {x!r}", "Convert it first: float(text)"
    elif isinstance(x, complex):
        came, instead = f"the complex number {x}", "Make one Value of x.real, one of x.imag"
    elif x is None:
        came, instead = "None", "Perhaps a function lacks its return statement"
    elif getattr(x, "shape", None) == ():
        came, instead = f"an array without axes ({type(x).__name__})", "Take its number: x.item()"
    elif hasattr(x, "__len__"):
        came = f"a {type(x).__name__} of {len(x)}"
        instead = "Make one Value per number: [Value(x) for x in ...]"
    else:
        came, instead = f"a {type(x).__name__}", "Convert it first: float(x)"
    raise TypeError(f"{claim} one real number; got {came}. {instead}.")


def refused(x: object) -> bool:
    """Whether Python should not ask the other operand's type: it is no number and knows none."""
    return x is None or isinstance(x, str | bytes | complex | list | tuple | dict | set)


def listed(xs: Iterable[T], name: str, at_least: bool) -> tuple[T, ...]:
    """The operands of an operation on many, ``at_least`` one of them where it needs one."""
    if type(xs) is not tuple and not isinstance(xs, Iterable):
        raise TypeError(
            f"{name} takes a list of operands, {name}([x, y]); got a {type(xs).__name__}."
        )
    xs = tuple(xs)
    if at_least and not xs:
        raise ValueError(f"{name} of nothing has no value; give at least one operand.")
    return xs


def fixed(x: SupportsFloat, name: str) -> float:
    """A number that belongs to an operation, and so gets no gradient."""
    if is_node(x):
        raise TypeError(
            f"{name} is a fixed number and would get no gradient; got a Value. Give its number, "
            f"{name}.data, or write the formula out with where, minimum and maximum."
        )
    return float(x)
