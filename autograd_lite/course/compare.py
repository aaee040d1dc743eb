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
from math import inf, isfinite, isnan, prod
from operator import mul
from typing import Any, NamedTuple

from ..engine.arrays import along_axes, is_array
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
    found, wanted = numbers_in(yours), numbers_in(right)
    if found is None or wanted is None:
        return f"yours gives {shown(yours)}, which is no number."
    if found.shape != wanted.shape:
        return f"yours has shape {found.shape} and should have shape {wanted.shape}."
    if _close(found.row, wanted.row, tolerance, tolerance * _size(wanted.row)):
        return ""
    if wanted.shape and len(wanted.row) > LISTED:
        gaps = [abs(x - y) for x, y in zip(found.row, wanted.row, strict=True)]
        k = max(range(len(gaps)), key=lambda k: inf if isnan(gaps[k]) else gaps[k])
        return f"yours{_place(k, wanted.shape)} is {_apart(found.row[k], wanted.row[k])}."
    return f"yours is {_apart(along_axes(*found), along_axes(*wanted))}."


def _close(found: Sequence[float], wanted: Sequence[float], relative: float, least: float) -> bool:
    """Whether all are the same to within a part of what is wanted, and a least distance."""
    return all(
        x == y or (isnan(x) and isnan(y)) or abs(x - y) <= least + relative * abs(y) < inf
        for x, y in zip(found, wanted, strict=True)
    )


def _place(k: int, shape: tuple[int, ...]) -> str:
    """The k-th place of an array as one writes it, ``[1][0]``."""
    places = [k // prod(shape[axis + 1 :]) % n for axis, n in enumerate(shape)]
    return "".join(f"[{place}]" for place in places)


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
    return isinstance(x, int | float) or getattr(x, "shape", None) == ()


def _size(numbers: Sequence[float]) -> float:
    """What the numbers are measured by: a 0 among them is as good as its neighbours."""
    return max((abs(x) for x in numbers if isfinite(x)), default=1.0)


class Numbers(NamedTuple):
    """The numbers of an outcome in a row, and its axes."""

    row: list[float]
    shape: tuple[int, ...]


def numbers_in(x: Any) -> Numbers | None:
    """Numbers, or lists, arrays or Values of them; None for what is none.

    >>> numbers_in([[1, 2], (3.0, Value(4.0))])
    Numbers(row=[1.0, 2.0, 3.0, 4.0], shape=(2, 2))
    >>> numbers_in([[1, 2], [3]]), numbers_in({})
    (None, None)
    """
    if isinstance(x, list | tuple | range) or (is_array(x) and x.ndim):
        parts = [*map(numbers_in, x)]
        shapes = {part and part.shape for part in parts}
        if None in shapes or len(shapes) > 1:
            return None
        row = [number for part in parts if part for number in part.row]
        return Numbers(row, (len(parts), *(shapes.pop() or () if shapes else ())))
    try:
        return Numbers([float(data_of(x))], ())
    except (TypeError, ValueError):
        return None


def factor(outcomes: Sequence[Any], rights: Sequence[Any], tolerance: float) -> str:
    """What to say where all numbers are the right ones times one and the same factor."""
    ours: list[float] = []
    right: list[float] = []
    for found, wanted in zip(map(numbers_in, outcomes), map(numbers_in, rights), strict=True):
        if found is None or wanted is None or found.shape != wanted.shape:
            return ""
        ours += found.row
        right += wanted.row
    length = sum(map(mul, right, right))
    if not all(map(isfinite, ours)) or not length:
        return ""
    by = sum(map(mul, ours, right)) / length
    if (
        by == 0.0
        or abs(by - 1.0) < 1e-3
        or not _close(ours, [by * x for x in right], max(tolerance, 1e-3), 0.0)
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
    if is_array(x):
        return f"array of shape {x.shape}" if x.size > LISTED else shown(x.tolist(), digits)
    if isinstance(x, list | tuple):
        return f"[{', '.join(shown(one, digits) for one in x)}]"
    if isinstance(x, float) or getattr(x, "shape", None) == ():
        return number(float(x), digits)
    return repr(x) if len(repr(x)) < LONGEST else f"{repr(x)[:LONGEST]}…"
