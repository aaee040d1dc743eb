"""Numbers from outside: what a program takes as an argument, and what it refuses.

Next: ``outputs.py``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..engine.arrays import np
from ..engine.groups import is_node
from ..engine.inputs import real
from ..signatures import Vector

FLOAT = np.dtype(float)


def array_of(x: Any, name: str) -> Vector:
    """``x``, a number or nested lists or arrays of numbers, as an array of floats.

    Raises ``TypeError`` for text, None, complex numbers and Values, ``ValueError`` for rows of
    different lengths: NumPy reads "2" as 2, None as NaN, and forgets the graph of a Value.

    >>> array_of([[1, 2]], "x")
    array([[1., 2.]])
    >>> array_of(["2"], "x")
    Traceback (most recent call last):
    TypeError: x takes real numbers, each one real number; got the text '2'. Convert it first: ...
    """
    if type(x) is np.ndarray and x.dtype is FLOAT:
        return x
    try:
        array = np.asarray(x)
    except ValueError:
        raise ValueError(f"{name} has rows of different lengths; got {x!r}.") from None
    if array.dtype.kind in "fiub":
        return array.astype(float, copy=False)
    members = np.asarray(x, dtype=object)  # as they came: of [1.0, "2"] NumPy makes two texts
    numbers = [_real(member, name) for member in members.ravel().tolist()]
    return np.array(numbers, dtype=float).reshape(members.shape)


def flat_of(vector: Any, count: int) -> Vector:
    """The numbers of so many parameters. Raises ``ValueError`` for any other shape."""
    flat = array_of(vector, "The vector of parameters")
    if flat.shape != (count,):
        raise ValueError(
            f"The program has {count} parameters in one flat array; got the shape {flat.shape}. "
            f"Start from program.vector."
        )
    return flat


def listed(given: Any, name: str, of: str) -> list[Any]:
    """What was given for an argument of ``compile`` that is a list.

    >>> listed(2.0, "inputs", "examples")
    Traceback (most recent call last):
    TypeError: inputs= is a list of examples; got 2.0. Write inputs=[x] for one.
    """
    if given is None:
        return []
    if not isinstance(given, Iterable) or isinstance(given, str | bytes):
        raise TypeError(f"{name}= is a list of {of}; got {given!r}. Write {name}=[x] for one.")
    return list(given)


def _real(x: Any, name: str) -> float:
    if is_node(x):
        raise TypeError(
            f"{name} takes numbers, and a program gives numbers: the graph of {x!r} would end "
            f"here. Where that is meant, give its number: value.data."
        )
    return real(x, f"{name} takes real numbers, each")
