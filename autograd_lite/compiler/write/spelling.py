"""Two spellings of the same NumPy: one to be read, one to be run.

``W.T @ delta`` is how people write it; ``W.T.dot(delta)`` takes 0.3 µs for small matrices, where
the operator takes 0.9. The printer marks what has two spellings, and the marks give way to either:

    W.T @ delta                W.T.dot(delta)
    w[:, None] * d[None, :]    w[:, None].dot(d[None, :])
    delta.sum(1)               delta.dot(ones(n)), or np.add.reduce(delta, 1)
    d * (z > 0)                d * (z > number_0).astype(float)
    np.maximum(z, 0.0)         np.maximum(z, number_0), an array of one number: 0.3 µs, not 0.5
    (delta @ a).ravel()        [delta.dot(a)], where arrays are joined
    with np.errstate(…):       if True:, and ``raising`` around the function

Next: ``phrases.py``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextvars import ContextVar, copy_context
from functools import cache, lru_cache
from typing import Any

import numpy as np

from ...languages.form import ATOM, PRODUCT, Text, bracket
from ...languages.numpy import NumPy

#: How NumPy is told to raise, and the mark of that line where ``raising`` does.
STATE_IS_SET = "\ue010"
ERRSTATE = 'with np.errstate(over="raise", divide="raise", invalid="raise"):'


def state_of_errors() -> tuple[ContextVar[Any], Any] | None:
    """The variable of the context that NumPy reads, and what it holds under ``ERRSTATE``.

    None in NumPy 1, where it is no such variable.
    """
    before = copy_context()
    with np.errstate(over="raise", divide="raise", invalid="raise", under="ignore"):
        under = copy_context()
    changed = [x for x in under if before.get(x) is not under[x]]
    return (changed[0], under[changed[0]]) if len(changed) == 1 else None


STATE = state_of_errors()


def raising(f: Callable[..., Any]) -> Callable[..., Any]:
    """f under ``ERRSTATE``, whatever holds outside: 0.2 µs a call; to work it out anew takes 1."""
    if STATE is None:
        return f
    variable, state = STATE
    enter, leave = variable.set, variable.reset

    def run(*arguments: Any) -> Any:
        outside = enter(state)
        try:
            return f(*arguments)
        finally:
            leave(outside)

    return run


#: What the spelling that runs calls besides NumPy.
KNOWN = {"ones": lru_cache(maxsize=8)(np.ones)}

#: How a number is written that meets an array: in letters of its own, one for each.
LETTERS = {ord(c): 0xE100 + k for k, c in enumerate("0123456789.e-+")}
_DIGITS = {letter: c for c, letter in LETTERS.items()}
_NUMBER = re.compile(f"[{chr(min(_DIGITS))}-{chr(max(_DIGITS))}]+")


class BesideArrays(NumPy):
    """NumPy where every number of a form meets an array."""

    def literal(self, x: float) -> str:
        return super().literal(x).translate(LETTERS)


beside_arrays = BesideArrays()
ZERO = beside_arrays.literal(0.0)


@cache
def dot_tells() -> bool:
    """Whether NumPy tells of an overflow in ``dot``, as it does from 2.3 on; in ``@`` it does."""
    with np.errstate(over="raise"):
        try:
            np.full(1, 1e300).dot(np.full(1, 1e300))
        except FloatingPointError:
            return True
    return False


def _spellings(told: bool) -> list[tuple[str, str, str]]:
    """A mark, how it reads, how it runs; the marks of a product are as long as its sign."""
    return [
        ("\ue000", "", ""), ("\ue001", " @ ", ".dot("), ("\ue002", "", ")"),
        ("\ue003", "", ""), ("\ue004", " @ ", ".dot(" if told else " @ "),
        ("\ue005", "", ")" if told else ""),
        ("\ue006", "", "np.add.reduce("), ("\ue007", ".sum(", ", "), ("\ue008", "", "None"),
        ("\ue009", ".sum(1)", ".dot(ones(n))"),
        ("\ue00a", " > 0)", f" > {ZERO}).astype(float)"), ("\ue00b", " > 0)", " > 0.0)"),
        ("\ue00c", "", ""), ("\ue00d", " * ", ".dot("), ("\ue00e", "", ")"),
        ("\ue00f", ".sum()", ".dot(ones(n))"),
        ("\ue011", "", "["), ("\ue012", ".ravel()", "]"),
        (STATE_IS_SET, ERRSTATE, "if True:" if STATE else ERRSTATE),
    ]  # fmt: skip


def product(x: Text, y: Text, told: bool) -> Text:
    """A product of matrices; ``told`` says that NumPy must tell of an overflow in it."""
    begin, times, end = "\ue003\ue004\ue005" if told else "\ue000\ue001\ue002"
    return f"{begin}{bracket(x, ATOM)}{times}{bracket(y, ATOM)}{end}", PRODUCT


def is_product(text: str) -> bool:
    return "\ue001" in text or "\ue004" in text


def total(x: Text, axes: str) -> Text:
    axes = axes or "\ue008"
    return f"\ue006{bracket(x, ATOM)}\ue007{axes})", ATOM


def total_of_samples(x: Text, rows: bool) -> Text:
    """Of each row, or of the only one, where overflows come out anyway."""
    return bracket(x, ATOM) + ("\ue009" if rows else "\ue00f"), ATOM


def in_a_row(x: Text) -> str:
    """A scalar as one of the arrays that are joined."""
    return f"\ue011{bracket(x, ATOM)}\ue012"


def positive(x: Text, in_array: bool) -> str:
    """1 where x > 0, else 0, for a product."""
    return f"({x[0]}" + ("\ue00a" if in_array else "\ue00b")


def outer(column: Text, row: Text) -> Text:
    """Each of a column times each of a row, where overflows come out anyway."""
    return f"\ue00c{bracket(column, ATOM)}\ue00d{bracket(row, ATOM)}\ue00e", PRODUCT


def to_be_read(text: str) -> str:
    """
    >>> print(to_be_read(product(("W.T", ATOM), total(("x", ATOM), "1"), told=False)[0]))
    W.T @ x.sum(1)
    """
    for mark, read, _ in _spellings(False):
        text = text.replace(mark, read)
    return text.translate(_DIGITS)


def to_be_run(text: str) -> tuple[str, dict[str, Any]]:
    """With what its names stand for.

    >>> text, known = to_be_run(product(("W.T", ATOM), total(("x", ATOM), ""), told=False)[0])
    >>> print(text)
    W.T.dot(np.add.reduce(x, None))
    >>> text, known = to_be_run(f"d * {positive(('z', ATOM), in_array=True)}")
    >>> text, known["number_0"]
    ('d * (z > number_0).astype(float)', array(0.))
    """
    for mark, _, run in _spellings(dot_tells()):
        text = text.replace(mark, run)
    names: dict[str, str] = {}
    text = _NUMBER.sub(lambda found: names.setdefault(found[0], f"number_{len(names)}"), text)
    numbers = {name: np.array(float(x.translate(_DIGITS))) for x, name in names.items()}
    return text, {**KNOWN, **numbers}
