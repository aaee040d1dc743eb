"""What is to be computed: Values, and bare numbers beside them; and what is neither.

Next: ``jacobian.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set

import numpy as np

from ..engine.inputs import real
from ..value import Constant, Value


def outputs_of(recorded: object) -> Value | list[Value]:
    """What is to be computed: a Value, or a list of them, where bare numbers are constants.

    >>> outputs_of([Value(2.0), 3])
    [Value(data=2.0, grad=0.0), Constant(data=3.0, grad=0.0)]
    """
    if getattr(recorded, "shape", None) == () and hasattr(recorded, "item"):
        recorded = recorded.item()  # NumPy's array of one Value, without axes
    if isinstance(recorded, Value):
        return recorded
    what = "An output of compile is a Value or"
    if not isinstance(recorded, Iterable) or isinstance(recorded, str | bytes | Mapping | Set):
        came = repr(real(recorded, what))  # which refuses all but numbers
        raise TypeError(
            f"compile takes a Value, a list of Values, or a function that returns such; got "
            f"{came}, which does not know how it was computed. Use the Values as they are, without "
            f"float(x) or x.data; a constant is Value({came})."
        )
    found = list(recorded)
    if any(isinstance(y, list | tuple | np.ndarray) for y in found):
        raise TypeError(
            f"compile takes a list of Values; got rows, {len(found)} of them. Write "
            f"[y for row in rows for y in row], and give the answer that shape: "
            f"program().reshape({len(found)}, -1)."
        )
    if not any(isinstance(y, Value) for y in found):
        raise TypeError(
            f"compile takes a Value, a list of Values, or a function that returns such; got "
            f"{recorded!r}."
        )
    return [y if isinstance(y, Value) else Constant(real(y, what)) for y in found]


def one_of(recorded: Value | list[Value], batch: str = "once") -> Value:
    """The only output that a batch takes a mean or a sum of, or that counts ``once``."""
    if isinstance(recorded, Value):
        return recorded
    if batch == "once":
        raise TypeError(f"once= is one Value, or a function of nothing; got {len(recorded)}.")
    raise TypeError(
        f'batch="{batch}" takes a function that returns one Value; got a list of '
        f'{len(recorded)}. With batch="each" such a list is a row for each sample.'
    )
