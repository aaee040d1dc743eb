"""The inputs of a program, and graphs recorded from functions.

A function is run once, with Values in the shape of one sample. What Python did on the way, it
did for that sample: ``if x > 0`` chose a branch, ``float(x)`` gave a number, and the program would
repeat both for every other sample. So f is recorded for a few samples, whose graphs must be alike.

Next: ``build.py``.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..value import Constant, Value, topological_order
from .recover import Input
from .source import reserved


def recorded_from(
    f: Callable[..., Any], examples: list[Any], batch: str | None
) -> tuple[Any, list[Input]]:
    """What f returns for Values in the shape of the examples (of one sample), and those Values."""
    names = list(inspect.signature(f).parameters)[: len(examples)]
    names += [f"x{k}" for k in range(len(names) + 1, len(examples) + 1)]
    for k, name in enumerate(names):
        while reserved(name) or name in names[:k]:
            name += "_"
        names[k] = name
    arrays = [np.asarray(example, dtype=float) for example in examples]
    if batch is None:
        return _recorded(f, names, arrays)
    for name, array in zip(names, arrays, strict=True):
        if not array.shape or not len(array):
            raise ValueError(
                f"Input {name} has samples along its first axis, one at least; got the shape "
                f"{array.shape}."
            )
    count = min(map(len, arrays))
    first, *others = [
        _recorded(f, names, [array[k] for array in arrays])
        for k in sorted({0, count // 3, count // 2, count - 1})
    ]
    if any(_anatomy(*other) != _anatomy(*first) for other in others):
        raise ValueError(
            f"{getattr(f, '__name__', 'The function')} does not record the same graph for every "
            f"sample: it branches on a Value, or takes the number out of one, and the program "
            f"would repeat what was done for the first sample. Write where(step(x), a, b), relu, "
            f"maximum or clip instead of `if x > 0`, and compute with the Values themselves."
        )
    return first


def _recorded(
    f: Callable[..., Any], names: list[str], arrays: list[NDArray[Any]]
) -> tuple[Any, list[Input]]:
    nested = [_nested(array) for array in arrays]
    return f(*nested), [input_of(name, x) for name, x in zip(names, nested, strict=True)]


def _nested(array: NDArray[Any]) -> Any:
    return [_nested(row) for row in array] if array.shape else Value(float(array))


def _anatomy(y: Any, inputs: list[Input]) -> list[Any]:
    """All of a graph but the numbers in its inputs and parameters."""
    if not isinstance(y, Value):
        return []
    position = {x: k for k, x in enumerate(x for row in inputs for x in row.leaves)}
    place: dict[Value, int] = {}
    found: list[Any] = []
    for x in topological_order(y):
        place[x] = len(place)
        if x.op is not None:
            found.append((x.op, [place[parent] for parent in x.parents]))
        elif x in position:
            found.append(("input", position[x]))
        else:
            found.append(("number", x.data) if isinstance(x, Constant) else x)
    return found


def input_of(name: str, nested: Any) -> Input:
    """An argument of the program, from a Value or nested lists of Values.

    Raises ``TypeError`` for anything else, ``ValueError`` for Values that were computed.

    >>> input_of("x", [[Value(1.0), Value(2.0)], [Value(3.0), Value(4.0)]]).shape
    (2, 2)
    """
    shape: list[int] = []
    leaves: list[Any] = [nested]
    while not all(isinstance(x, Value) for x in leaves):
        rows = not any(isinstance(x, (Value, str)) or not hasattr(x, "__len__") for x in leaves)
        if not rows or len({len(x) for x in leaves}) != 1:
            raise TypeError(
                f"Input {name} is a Value or nested lists of Values, all rows of one length."
            )
        shape.append(len(leaves[0]))
        leaves = [x for row in leaves for x in row]
    for x in leaves:
        if x.op is not None:
            raise ValueError(f"Input {name} holds {x!r}, which was computed; inputs are leaves.")
    return Input(name, tuple(shape), leaves)
