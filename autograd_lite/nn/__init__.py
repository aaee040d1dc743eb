"""Networks of Values: ``Module``, neurons, layers, and what they are trained with.

Next: ``module.py``.
"""

from .layers import MLP, Layer, Neuron
from .module import Module

__all__ = ["MLP", "Layer", "Module", "Neuron"]
