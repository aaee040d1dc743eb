"""Two spellings of the same NumPy: one to be read, one to be run.

``W.T @ delta`` is how people write it; ``W.T.dot(delta)`` takes 0.3 µs for small matrices, where
the operator takes 0.9. The printer marks what has two spellings, and the marks give way to either:

    W.T @ delta                W.T.dot(delta)
    w[:, None] * d[None, :]    w[:, None].dot(d[None, :])
    delta.sum(1)               delta.dot(ones(n)), or np.add.reduce(delta, 1)

Next: ``phrases.py``.
"""

from __future__ import annotations

from functools import cache, lru_cache

import numpy as np

from ...languages.form import ATOM, PRODUCT, Text, bracket

#: What the spelling that runs calls besides NumPy.
KNOWN = {"ones": lru_cache(maxsize=8)(np.ones)}


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
        ("\ue00a", " > 0", " > 0.0"),
        ("\ue00b", "", ""), ("\ue00c", " * ", ".dot("), ("\ue00d", "", ")"),
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


def total_of_samples(x: Text) -> Text:
    """Of each row, where overflows come out anyway."""
    return f"{bracket(x, ATOM)}\ue009", ATOM


def positive(x: Text) -> str:
    """1 where x > 0, else 0, for a product."""
    return f"({x[0]}\ue00a)"


def outer(column: Text, row: Text) -> Text:
    """Each of a column times each of a row, where overflows come out anyway."""
    return f"\ue00b{bracket(column, ATOM)}\ue00c{bracket(row, ATOM)}\ue00d", PRODUCT


def to_be_read(text: str) -> str:
    """
    >>> print(to_be_read(product(("W.T", ATOM), total(("x", ATOM), "1"), told=False)[0]))
    W.T @ x.sum(1)
    """
    for mark, read, _ in _spellings(False):
        text = text.replace(mark, read)
    return text


def to_be_run(text: str) -> str:
    """
    >>> print(to_be_run(product(("W.T", ATOM), total(("x", ATOM), ""), told=False)[0]))
    W.T.dot(np.add.reduce(x, None))
    """
    for mark, _, run in _spellings(dot_tells()):
        text = text.replace(mark, run)
    return text
