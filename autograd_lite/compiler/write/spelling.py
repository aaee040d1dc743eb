"""Two spellings of the same NumPy: one to be read, one to be run.

``W.T @ delta`` is how people write it; ``W.T.dot(delta)`` takes 0.3 µs for small matrices, where
the operator takes 0.9. The printer marks what has two spellings, and the marks give way to either:

    W.T @ delta                W.T.dot(delta)
    w[:, None] * d[None, :]    w[:, None].dot(d[None, :])
    delta.sum(1)               delta.dot(ones(n)), or np.add.reduce(delta, 1)
    d * (z > 0)                d * (z > number_0).astype(float)
    np.maximum(z, 0.0)         np.maximum(z, number_0), an array of one number: 0.3 µs, not 0.5
    with np.errstate(…):       with raising(): 0.25 µs, not 1.0

Next: ``phrases.py``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from contextvars import ContextVar, Token, copy_context
from functools import cache, lru_cache, partial
from typing import Any

import numpy as np

from ...languages.form import ATOM, PRODUCT, Text, bracket
from ...languages.numpy import NumPy

ERRSTATE = 'with np.errstate(over="raise", divide="raise", invalid="raise"):'


class Raising:
    """``np.errstate`` as it stands above, but that what it sets is worked out once for all.

    NumPy keeps it in a variable of the context, so each thread has its own.
    """

    variable: ContextVar[Any]
    settings: Any
    __slots__ = ("_before",)

    def __enter__(self) -> None:
        self._before: Token[Any] = self.variable.set(self.settings)

    def __exit__(self, *error: object) -> None:
        self.variable.reset(self._before)


def raising_errors() -> Callable[[], AbstractContextManager[None]]:
    """``Raising``, where it is seen which variable NumPy uses: in NumPy 1 it is none."""
    slow = partial(np.errstate, over="raise", divide="raise", invalid="raise", under="ignore")
    before = copy_context()
    with slow():
        within = copy_context()
    changed = [x for x in within if before.get(x) is not within[x]]
    if len(changed) != 1:
        return slow
    (Raising.variable,) = changed
    Raising.settings = within[Raising.variable]
    return Raising


#: What the spelling that runs calls besides NumPy.
KNOWN = {"ones": lru_cache(maxsize=8)(np.ones), "raising": raising_errors()}

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
        ("\ue00f", ".sum()", ".dot(ones(n))"), (ERRSTATE, ERRSTATE, "with raising():"),
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
