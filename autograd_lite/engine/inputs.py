"""What may become a Value: one real number.

Next: ``needs_numpy.py``.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable
from numbers import Real
from typing import Any, TypeVar

from .groups import is_node

T = TypeVar("T")

REAL: Any = (int, float, Real)  # the last for fractions and the like, found more slowly
OPERANDS = "An operation on Values takes"  # as `real` says it


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
    came, instead = told(x)
    raise TypeError(f"{claim} one real number; got {came}. {instead}.")


def real_grad(x: object) -> float:
    """What is assigned to ``grad``, as a float; None, as it is written elsewhere, says what to do.

    >>> real_grad(None)
    Traceback (most recent call last):
    TypeError: Value.grad is one real number; got None. Write x.grad = 0.0, or zero_grad() of ...
    """
    if x is None:
        raise TypeError(
            "Value.grad is one real number; got None. Write x.grad = 0.0, or zero_grad() of the "
            "Value, of the model or of the optimiser."
        )
    return real(x, "Value.grad is")


def told(x: object) -> tuple[str, str]:
    """What came instead of a number, and what to write instead of it.

    >>> told(None), told({"a": 1.0})[0]
    (('None', 'Perhaps a function lacks its return statement'), 'a dict of 1')
    """
    if is_node(x):
        return "a Value", "Use it as it is, or take its number: value.data"
    if isinstance(x, str | bytes):
        return f"the text {str(x)!r}", "Convert it first: float(text)"
    if isinstance(x, complex):
        return f"the complex number {x}", "Make one Value of x.real, one of x.imag"
    if x is None:
        return "None", "Perhaps a function lacks its return statement"
    if getattr(x, "shape", None) == ():
        return f"an array without axes ({type(x).__name__})", "Take its number: x.item()"
    if hasattr(x, "__len__"):
        instead = "Make one Value per number: [Value(x) for x in ...]"
        return f"{_kind(x)} of {len(x)}", instead
    if isinstance(x, Iterable):
        return _kind(x), "Make a list of it: list(x)"
    return _kind(x), "Convert it first: float(x)"


def _kind(x: object) -> str:
    name = type(x).__name__
    return f"{'an' if name[0] in 'aeioAEIO' else 'a'} {name}"


def taken(x: Any, claim: str) -> Any:
    """A number, a Value, or many of them, as it is; ``TypeError`` as ``real`` for anything else.

    >>> taken([1.0, 2.0], "tanh(x) takes")
    [1.0, 2.0]
    """
    if is_many(x):
        for one in x if isinstance(x, list | tuple) else x.flat:
            taken(one, claim)
    elif not is_node(x):
        real(x, claim)
    return x


def whole(x: object, claim: str) -> int:
    """``x`` as an int; ``TypeError`` (starting with ``claim``) unless it is a whole number."""
    try:
        return operator.index(x)  # type: ignore[arg-type]
    except TypeError:
        came = told(x)[0]
    raise TypeError(f"{claim} whole numbers; got {came}. Convert it first: int(x).")


def refused(x: object) -> bool:
    """Whether Python should not ask the other operand's type: it is no number and knows none."""
    return x is None or isinstance(x, str | bytes | complex | list | tuple | dict | set)


def listed(xs: Iterable[T], name: str, at_least: bool, lists: int = 1) -> tuple[T, ...]:
    """The operands of an operation on many, ``at_least`` one of them where it needs one."""
    if (
        type(xs) is not list
        and type(xs) is not tuple
        and (isinstance(xs, str | bytes | dict) or not isinstance(xs, tuple | Iterable))
    ):
        call = f"{name}([x, y])" if lists == 1 else f"{name}([v, w], [x, y])"
        many = "a list" if lists == 1 else "two lists"
        raise TypeError(f"{name} takes {many} of operands, {call}; got {told(xs)[0]}.")
    xs = tuple(xs)
    if at_least and not xs:
        raise ValueError(f"{name} of nothing has no value; give at least one operand.")
    return xs


def fixed(x: Any, name: str, function: str) -> float:
    """A number that belongs to an operation, and so gets no gradient."""
    if is_node(x):
        raise TypeError(
            f"{function}: {name} is a fixed number and would get no gradient; got a Value. Give "
            f"its number, {name}.data, or write the formula out with where, minimum and maximum."
        )
    return real(x, f"{function}: {name} is")


def check_finite(x: float, what: str) -> None:
    """Raise ``ValueError`` unless a fixed number of an operation is finite."""
    if not math.isfinite(x):
        raise ValueError(f"{what} is a finite number; got {x}.")


# --- many at once ---------------------------------------------------------------------------------


def is_many(x: Any) -> bool:
    """Whether a function of one number is applied to each: a list, a tuple, an array."""
    return isinstance(x, list | tuple) or (hasattr(x, "flat") and hasattr(x, "__setitem__"))


def each(function: Callable[[Any], Any], xs: Any) -> Any:
    """A list of a list, a tuple of a tuple, an array of an array: of floats, or of Values.

    >>> each(abs, [-1.0, (2.0, -3.0)])
    [1.0, (2.0, 3.0)]
    """
    if isinstance(xs, list | tuple):
        kind = list if isinstance(xs, list) else tuple
        return kind(each(function, x) if is_many(x) else function(x) for x in xs)
    out = xs.astype(object)
    for k, x in enumerate(xs.flat):
        out.flat[k] = function(x)
    held = any(is_node(x) for x in out.flat)
    return (out if held else out.astype(float))[()]  # of no axes the one that it holds
