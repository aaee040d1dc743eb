"""NumPy, without which all but ``compile``, plots and films do: who computes with it says ``np``.

``np`` is imported when a name of it is first asked for. What came is looked at without it, as an
array that came has brought it along; what goes out is an array where NumPy is, lists where not.

Next: ``undefined.py``.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from math import prod
from typing import TYPE_CHECKING, Any

from .groups import is_node

__all__ = ["along_axes", "has_numpy", "is_array", "np", "quiet"]

if TYPE_CHECKING:
    import numpy as np
else:

    class _NumPy:
        """NumPy, one name after the other; ``ImportError`` with what to do where it is not."""

        def __getattr__(self, name):
            from .needs_numpy import numpy

            found = self.__dict__[name] = getattr(numpy, name)
            return found

    np = _NumPy()


def is_array(x: object) -> bool:
    """Whether x is an array of NumPy.

    >>> is_array([1.0, 2.0]), is_array(np.zeros(2))
    (False, True)
    """
    return isinstance(x, getattr(sys.modules.get("numpy"), "ndarray", ()))


def has_numpy() -> bool:
    """Whether NumPy can be imported, or is already."""
    return sys.modules.get("numpy") is not None or _can_be_imported()


@cache  # in vain it takes as long as a small gradient
def _can_be_imported() -> bool:
    try:
        import numpy  # noqa: F401
    except ModuleNotFoundError:
        return False
    return True


def along_axes(row: Sequence[Any], shape: tuple[int, ...]) -> Any:
    """Floats as a float64 array, Values as an array of objects, without axes the only one.

    Lists, where NumPy is not.

    >>> along_axes([1.0, 2.0, 3.0, 4.0], (2, 2)), along_axes([1.0], ())
    (array([[1., 2.],
           [3., 4.]]), 1.0)
    """
    if not shape:
        return row[0] if is_node(row[0]) else float(row[0])
    if has_numpy():
        in_floats = set(map(type, row)) <= {float} or not any(map(is_node, row))
        return np.array(row, dtype=float if in_floats else object).reshape(shape)
    first, *rest = shape
    size = prod(rest)
    return [along_axes(row[k * size : (k + 1) * size], tuple(rest)) for k in range(first)]


def quiet() -> AbstractContextManager[Any]:
    """Inside, NumPy warns of no arithmetic; nothing where nobody has loaded it."""
    numpy = sys.modules.get("numpy")
    return nullcontext() if numpy is None else numpy.errstate(all="ignore")
