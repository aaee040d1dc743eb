"""What a value is called in pictures and texts.

Its label, or a number for a constant, or, where that is short enough to help, how it was made:
``x1·w1``, ``a + b``, ``tanh(n)``. Anything longer has no name; its plate shows numbers alone.

Next: ``lines.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..value import Constant, Value
from .text import DIGITS, clean, columns, number
from .writing import ATOM, PLATES, SUM, Written

#: The longest derived name: ``w1·x1 + w2·x2 + b`` just fits.
LONGEST_DERIVED = 18


def names_of(
    order: Iterable[Value], given: Mapping[Value, str] | None = None, digits: int = DIGITS
) -> dict[Value, str]:
    """A name for each value, parents before children; "" where none would help.

    ``given`` are names that go before everything else; ``digits`` are those of numbers in names.

    >>> x, w = Value(2.0, label="x"), Value(-3.0, label="w")
    >>> xw = x * w
    >>> y = (xw + 1).tanh()
    >>> names_of(y.parents[0].parents + y.parents + (y,), {xw: ""})[y]
    ''
    >>> from autograd_lite.graph import topological_order
    >>> list(names_of(topological_order(y)).values())
    ['x', 'w', 'x·w', '1', 'x·w + 1', 'tanh(x·w + 1)']
    """
    names: dict[Value, Written] = {}
    for value in order:
        name = clean(given[value]) if given and value in given else clean(value.label)
        if name:
            names[value] = name, ATOM if PLATES.whole(name) else SUM
        elif isinstance(value, Constant):
            names[value] = number(value.data, digits), SUM if value.data < 0 else ATOM
        elif value.op is None or (given and value in given):
            names[value] = "", ATOM
        else:
            names[value] = _derived(value, names)
    return {value: name for value, (name, _) in names.items()}


def _derived(value: Value, names: Mapping[Value, Written]) -> Written:
    assert value.op is not None
    operands = [names.get(parent, ("", ATOM)) for parent in value.parents]
    if len(operands) > PLATES.longest or not all(name for name, _ in operands):
        return "", ATOM
    name, tightness = PLATES.write(value.op, operands)
    return (name, tightness) if columns(name) <= LONGEST_DERIVED else ("", ATOM)
