"""Arithmetic without a real answer: what to say of it, and where nothing is said.

Next: ``symbols.py``.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from os.path import dirname
from threading import local
from types import CodeType, FrameType
from typing import Any

from .groups import as_tuple, number_of

PACKAGE = dirname(dirname(__file__))


class _Arithmetic(local):
    lenient = False  # undefined arithmetic gives ∞ or NaN instead of raising
    values_only = False  # nobody will ask the nodes being made for their slopes


arithmetic = _Arithmetic()


@contextmanager
def ieee_arithmetic(values_only: bool = False) -> Iterator[None]:
    """Inside, undefined arithmetic gives ∞ or NaN as in IEEE 754 instead of raising.

    Derivatives are built in it: where a value exists but its slope does not, the slope is the
    limit, such as ∞ for sqrt at 0.
    """
    before = arithmetic.lenient, arithmetic.values_only
    arithmetic.lenient, arithmetic.values_only = True, values_only
    try:
        yield
    finally:
        arithmetic.lenient, arithmetic.values_only = before


def undefined(
    name: str,
    operands: Sequence[str],
    groups: Sequence[object],
    condition: str,
    z: float,
    problem: Exception | None,
) -> Exception:
    """The exception for an operation on real numbers that has no real answer.

    >>> undefined("log", ("x",), (0.0,), "x > 0", float("-inf"), ValueError())
    ValueError('log: no real answer at x = 0.0; it needs x > 0.')
    """
    pairs = zip(operands, groups, strict=True)
    came = ", ".join(f"{operand} = {_shown(group)}" for operand, group in pairs)
    arms = of_arms(name, len(operands)) if _where_is_near() else ""
    if isinstance(problem, OverflowError) or (problem is None and math.isinf(z)):
        return OverflowError(
            f"{name}: the result is too large for a float (1.8e308) at {came}. "
            f"Scale the operands down, or work with logarithms.{arms}"
        )
    kind = ZeroDivisionError if isinstance(problem, ZeroDivisionError) else ValueError
    condition = condition.replace("−", "-")  # as numbers have it in a message
    needed = f"it needs {condition}" if condition else "the operands have no such result"
    return kind(f"{name}: no real answer at {came}; {needed}.{arms}")


#: How ``undefined`` says it: the operation, its operands, what it needs.
_NO_ANSWER = re.compile(r"(\w+: no real answer at )(.*)(; it needs )([^.]*)(.*)")
_CAME = re.compile(r"(\w+) = (\S+?)( \([^()]*\))?(?:, |$)")


def by_names(message: str, names: Sequence[str]) -> str:
    """The message of ``undefined`` with the operands' names for x and y, of those at fault.

    >>> by_names("div: no real answer at x = 1.0, y = 0.0 (b); it needs y ≠ 0.", ("", "b·c"))
    'div: no real answer at b·c = 0.0; it needs b·c ≠ 0.'
    """
    said = _NO_ANSWER.fullmatch(message)
    if said is None:
        return message
    begins, came, then, needed, ends = said.groups()
    operands = _CAME.findall(came)
    given = {x: name for (x, _, _), name in zip(operands, names, strict=False) if name}
    items = [
        f"{given.get(x, x)} = {number}"
        for x, number, _ in operands
        if re.search(rf"\b{x}\b", needed)
    ]
    if not given or not items:
        return message
    needed = re.sub(r"\b[a-z]\b", lambda x: given.get(x[0], x[0]), needed)
    return f"{begins}{', '.join(items)}{then}{needed}{ends}"


#: What stands in an arm of where -> how it is written there, if not by name and with a 1.
SAFE = {
    "div": "x / where(c, y, 1.0)", "floor_divide": "x // where(c, y, 1.0)",
    "mod": "x % where(c, y, 1.0)", "pow": "where(c, x, 1.0) ** y", "power": "where(c, x, 1.0) ** n",
    **{name: f"{name}(where(c, x, 0.5))" for name in ("atanh", "erfinv", "logit")},
}  # fmt: skip


def of_arms(name: str, count: int) -> str:
    """What is said beside where an operation may be an arm of ``where``.

    >>> of_arms("sqrt", 1)
    ' where computes both of its arms: if this is one, write where(c, sqrt(where(c, x, 1.0)), 0.0).'
    """
    safe = SAFE.get(name) or f"{name}({'x, ' * (count - 1)}where(c, {'xy'[count - 1]}, 1.0))"
    return f" where computes both of its arms: if this is one, write where(c, {safe}, 0.0)."


def _where_is_near() -> bool:
    """Whether a function outside the package that is running calls ``where``."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        if not frame.f_code.co_filename.startswith(PACKAGE) and _reads(frame.f_code, "where"):
            return True
        frame = frame.f_back
    return False


def _reads(code: CodeType, name: str) -> bool:
    if name not in (*code.co_names, *code.co_varnames, *code.co_freevars):
        return False
    from dis import get_instructions  # an import names it too; for an error alone

    return any(i.argval == name for i in get_instructions(code) if i.opname.startswith("LOAD"))


def _shown(group: Any) -> str:
    if type(group) is tuple:
        more = f", … ({len(group)} in all)" if len(group) > 6 else ""
        return f"({', '.join(map(_shown, group[:6]))}{more})"
    label = getattr(group, "label", "")
    return f"{number_of(group)!r} ({label})" if label else repr(number_of(group))


def all_finite(groups: Sequence[object]) -> bool:
    """Whether every operand is a real number."""
    return all(math.isfinite(number_of(x)) for group in groups for x in as_tuple(group))
