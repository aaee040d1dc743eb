"""What a value is called in pictures and texts.

Its label, or a number for a constant, or, where that is short enough to help, how it was made:
``x1·w1``, ``a + b``, ``tanh(n)``. Anything longer has no name; its plate shows numbers alone.

Next: ``lines.py``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from ..engine.node import groups
from ..value import Constant, Value
from .text import DIGITS, clean, columns, number
from .writing import ATOM, PLATES, SUM, Written

#: The longest derived name: ``w1·x1 + w2·x2 + b`` just fits.
LONGEST_DERIVED = 18

#: What a network calls its weights and biases.
_PLACE = re.compile(r"layer(\d+)\.neuron(\d+)\.(?:w(\d+)|b)")


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


def symbols_of(order: Iterable[Value]) -> dict[Value, str]:
    """``W1[2,3]`` and ``b1[2]``, as in ``MLP.trace``, for ``layer1.neuron2.w3`` and ``.b``.

    Not where a layer has a mask, and the third weight need not be that of the third input: its
    units have other inputs. And not for two networks, which have a layer1 each.

    >>> from autograd_lite import topological_order
    >>> from autograd_lite.nn import MLP
    >>> list(symbols_of(topological_order(MLP(2, [1])([Value(3.0), Value(4.0)]))).values())
    ['W1[1,1]', 'W1[1,2]', 'b1[1]']
    """
    layers: dict[str, dict[str, list[Value]]] = {}  # the weighted sums of each unit
    for z in order:
        if z.op is not None and z.op.weighted:
            places = filter(None, (_PLACE.fullmatch(w.label) for w in groups(z)[0]))
            for layer, unit in {place.group(1, 2) for place in places}:
                layers.setdefault(layer, {}).setdefault(unit, []).append(z)
    names: dict[Value, str] = {}
    for units in layers.values():
        inputs = {frozenset(map(_inputs, sums)) for sums in units.values()}
        rows = [{groups(z)[0] for z in sums} for sums in units.values()]
        if len(inputs) == 1 == max(map(len, rows)):
            for w in (w for (row,) in rows for w in row):
                if place := _PLACE.fullmatch(w.label):
                    layer, unit, k = place.groups()
                    names[w] = f"W{layer}[{unit},{k}]" if k else f"b{layer}[{unit}]"
    return names


def _inputs(z: Value) -> tuple[float, ...]:
    """What a weighted sum is taken of; two constants of the same number are the same."""
    return tuple(x.data if isinstance(x, Constant) else id(x) for x in groups(z)[1])
