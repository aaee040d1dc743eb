"""What can be seen of a model: its units and weights, where it is layers in a row, and its parts.

Next: ``ground.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..nn import Layer, Module
from ..signatures import Vector
from ..value import Value

#: A network is drawn with so many weights and so many units in a layer at most.
MOST_WEIGHTS, MOST_UNITS = 3000, 48


class Weight(NamedTuple):
    """A line of the picture: from a unit of one column to a unit of the next."""

    column: int  # where it ends; column 0 are the inputs
    start: int
    end: int
    place: int  # of its parameter in the vector


class Network(NamedTuple):
    """The picture of layers in a row."""

    columns: list[int]  # how many units each has
    weights: list[Weight]


def network_of(model: Callable[..., Any], parameters: Sequence[Value]) -> Network | None:
    """The network that a model is, if it is layers, each fed by the one before; else None.

    >>> from autograd_lite.nn import MLP
    >>> model = MLP(2, [3, 1])
    >>> network = network_of(model, model.parameters())
    >>> network.columns, network.weights[-1]
    ([2, 3, 1], Weight(column=2, start=2, end=0, place=11))
    """
    if not isinstance(model, Module):
        return None
    layers = [module for _, module in model.named_modules() if isinstance(module, Layer)]
    widths = [layer.nin for layer in layers[:1]] + [len(layer.neurons) for layer in layers]
    fits = all(layer.nin == width for layer, width in zip(layers, widths, strict=False))
    place = {parameter: k for k, parameter in enumerate(parameters)}
    found = [
        Weight(column, start, end, place[w])
        for column, layer in enumerate(layers, 1)
        for end, neuron in enumerate(layer.neurons)
        for start, w in zip(layer.seen_by(end), neuron.w, strict=True)
        if w in place
    ]
    small = len(found) <= MOST_WEIGHTS and max(widths, default=0) <= MOST_UNITS
    return Network(widths, found) if layers and fits and small and found else None


class Part(NamedTuple):
    """Parameters that belong together, such as those of a layer."""

    name: str
    places: list[int]


def parts_of(model: Callable[..., Any], parameters: Sequence[Value]) -> list[Part]:
    """The parameters by the part of the model that they are in, in their order.

    >>> from autograd_lite.nn import MLP
    >>> model = MLP(2, [3, 1])
    >>> [(part.name, len(part.places)) for part in parts_of(model, model.parameters())]
    [('layer1', 9), ('layer2', 4)]
    """
    names = {p: p.label for p in parameters}
    if isinstance(model, Module):
        names |= {p: name for name, p in model.named_parameters()}
    places: dict[str, list[int]] = {}
    for k, parameter in enumerate(parameters):
        name = names[parameter] or "parameters"
        places.setdefault(name.partition(".")[0].partition("[")[0], []).append(k)
    return [Part(name, found) for name, found in places.items()]


def norms(gradients: Sequence[Vector], parts: Sequence[Part]) -> list[list[float]]:
    """For each frame and part the length of its gradient."""
    return [
        [float(np.linalg.norm(gradient[part.places])) for part in parts] for gradient in gradients
    ]
