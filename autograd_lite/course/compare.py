"""Whether two outcomes are the same numbers, and what to say where they are not.

>>> difference([1.0, 2.0], [1.0, 3.0], 1e-9)
'yours is [1, 2] and should be [1, 3].'
>>> difference([1.0], [1.0, 3.0], 1e-9)
'yours has shape (1,) and should have shape (2,).'

Next: ``numbers.py``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..engine.groups import data_of
from ..telling.text import DIGITS, number
from ..value import Value

#: More numbers than this are told by their shape.
LISTED = 8

#: An argument takes no more characters than these.
LONGEST = 60


@dataclass(frozen=True)
class Raised:
    """An answer that raised: the error, and the learner's line."""

    error: Exception
    line: str

    def __str__(self) -> str:
        words = f"{type(self.error).__name__}: {self.error}".rstrip(": .")
        return f"yours raises {words}{f', in the line  {self.line}' if self.line else '.'}"


def difference(yours: Any, right: Any, tolerance: float) -> str:
    """What is wrong about an outcome, or nothing. A text is a complaint already."""
    if isinstance(yours, str | Raised):
        return str(yours)
    if yours is None:
        return "yours gives None. Is there a return?"
    if isinstance(right, Mapping):
        return _of_mappings(yours, right, tolerance)
    if isinstance(right, list) and right and not _is_number(right[0]):
        return _of_parts(yours, right, tolerance)
    if isinstance(right, str):
        return "" if not yours else f"yours gives {shown(yours)}."
    found = as_array(yours)
    if found is None:
        return f"yours gives {shown(yours)}, which is no number."
    wanted = np.asarray(right, float)
    if found.shape != wanted.shape:
        return f"yours has shape {found.shape} and should have shape {wanted.shape}."
    if np.allclose(found, wanted, rtol=tolerance, atol=tolerance * _size(wanted), equal_nan=True):
        return ""
    if wanted.ndim and wanted.size > LISTED:
        gap = np.abs(found - wanted)
        place = np.unravel_index(np.argmax(np.where(gap == gap, gap, np.inf)), wanted.shape)
        where = "".join(f"[{k}]" for k in place)
        return f"yours{where} is {_apart(found[place], wanted[place])}."
    return f"yours is {_apart(found, wanted)}."


def _apart(found: Any, wanted: Any) -> str:
    """Both, in as many digits as tell them apart."""
    pairs = [(shown(found, digits), shown(wanted, digits)) for digits in range(DIGITS, 18)]
    yours, right = next((pair for pair in pairs if pair[0] != pair[1]), pairs[-1])
    return f"{yours} and should be {right}"


def _of_mappings(yours: Any, right: Mapping[str, Any], tolerance: float) -> str:
    if not isinstance(yours, Mapping):
        return _not_found(yours, f"a dict of {', '.join(right)}")
    for name, wanted in right.items():
        if name not in yours:
            return f"{name} is missing."
        if problem := difference(yours[name], wanted, tolerance):
            return f"for {name} {problem}"
    return ""


def _of_parts(yours: Any, right: Sequence[Any], tolerance: float) -> str:
    if not isinstance(yours, list | tuple) or len(yours) != len(right):
        return _not_found(yours, f"{len(right)} parts")
    for k, (part, wanted) in enumerate(zip(yours, right, strict=True)):
        if problem := difference(part, wanted, tolerance):
            return f"in part {k} {problem}"
    return ""


def _not_found(yours: Any, wanted: str) -> str:
    return f"yours gives {told(yours)} and should give {wanted}."


def told(x: object) -> str:
    """The kind of a thing.

    >>> told([1, 2]), told({}), told(None)
    ('a list of 2', 'a dict', 'None')
    """
    parts = f" of {len(x)}" if isinstance(x, list | tuple) else ""
    return f"a {type(x).__name__}{parts}" if x is not None else "None"


def _is_number(x: object) -> bool:
    return isinstance(x, int | float | np.number)


def _size(numbers: Any) -> float:
    """What the numbers are measured by: a 0 among them is as good as its neighbours."""
    finite = np.abs(numbers[np.isfinite(numbers)])
    return float(finite.max()) if finite.size else 1.0


def as_array(x: Any) -> Any:
    """Numbers, or lists, arrays or Values of them, as an array; None for what is none."""
    try:
        return np.asarray(_plain(x), float)
    except (TypeError, ValueError):
        return None


def _plain(x: Any) -> Any:
    if isinstance(x, Value):
        return data_of(x)
    return [*map(_plain, x)] if isinstance(x, list | tuple) else x


def factor(outcomes: Sequence[Any], rights: Sequence[Any], tolerance: float) -> str:
    """What to say where all numbers are the right ones times one and the same factor."""
    found = [as_array(x) for x in outcomes]
    wanted = [as_array(x) for x in rights]
    if any(
        x is None or y is None or x.shape != y.shape for x, y in zip(found, wanted, strict=True)
    ):
        return ""
    ours, right = (np.concatenate([x.ravel() for x in xs]) for xs in (found, wanted))
    if not np.isfinite(ours).all() or not (right @ right):
        return ""
    by = float(ours @ right / (right @ right))
    if (
        by == 0.0
        or abs(by - 1.0) < 1e-3
        or not np.allclose(ours, by * right, rtol=max(tolerance, 1e-3), atol=0.0)
    ):
        return ""
    if abs(by + 1.0) < 1e-3:
        return "All your numbers are right but for the sign."
    return (
        f"All your numbers are {number(by)} times the right ones: a factor is missing, or too many."
    )


def shown(x: Any, digits: int = DIGITS) -> str:
    """An argument or an answer, in a few characters."""
    if isinstance(x, Value):
        return f"Value({number(data_of(x), digits)})"
    if callable(x):
        return "f"
    if isinstance(x, np.ndarray):
        return f"array of shape {x.shape}" if x.size > LISTED else shown(x.tolist(), digits)
    if isinstance(x, list | tuple):
        return f"[{', '.join(shown(one, digits) for one in x)}]"
    if isinstance(x, float | np.number):
        return number(float(x), digits)
    return repr(x) if len(repr(x)) < LONGEST else f"{repr(x)[:LONGEST]}…"
