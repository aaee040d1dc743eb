"""First weights by the width of the layer, so that signals neither fade nor explode with depth.

Layers are made with micrograd's draw, uniform on (−1, 1), which suits small networks. These
functions draw the weights of a made network again, as layers do from Python's ``random`` or from
``rng``, and set the biases to 0; recurrent cells keep theirs. Names as in ``torch.nn.init``. A
module without neurons is a ``ValueError``.

Next: ``../optimiser.py``.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable

from .layers import Layer, Neuron
from .module import Module


def kaiming_uniform_(module: Module, rng: random.Random | None = None) -> None:
    """He's draw, for ReLU: uniform with the variance 2 / inputs, neuron by neuron.

    >>> random.seed(0)
    >>> neuron = Neuron(600)
    >>> kaiming_uniform_(neuron)
    >>> max(abs(w.data) for w in neuron.w) <= math.sqrt(6 / 600)
    True
    """
    _draw(module, lambda inputs, outputs: 2.0 / inputs, rng)


def xavier_uniform_(module: Module, rng: random.Random | None = None) -> None:
    """Glorot's draw, for tanh and sigmoid: uniform with the variance 2 / (inputs + neurons).

    >>> random.seed(0)
    >>> layer = Layer(500, 100, activation="tanh")
    >>> xavier_uniform_(layer)
    >>> max(abs(w.data) for w in layer.neurons[0].w) <= math.sqrt(6 / 600)
    True
    """
    _draw(module, lambda inputs, outputs: 2.0 / (inputs + outputs), rng)


def _draw(module: Module, variance: Callable[[int, int], float], rng: random.Random | None) -> None:
    """Weights uniform on ±√(3 · variance) in every neuron; ``outputs`` is its layer's width."""
    modules = [found for _, found in module.named_modules()]
    neurons = [found for found in modules if isinstance(found, Neuron)]
    if not neurons:
        raise ValueError(f"{module!r} has no neurons, whose weights are drawn here.")
    layers = [found for found in modules if isinstance(found, Layer)]
    width = {neuron: len(layer.neurons) for layer in layers for neuron in layer.neurons}
    for neuron in neurons:
        bound = math.sqrt(3.0 * variance(len(neuron.w), width.get(neuron, 1)))
        for w in neuron.w:
            w.data = (rng or random).uniform(-bound, bound)
        neuron.b.data = 0.0
