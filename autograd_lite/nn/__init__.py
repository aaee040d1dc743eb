"""Networks of Values: ``Module``, neurons, layers, and what they are trained with.

Next: ``weights.py``.
"""

from . import init, losses
from .cells import GRUCell, LSTMCell, RNNCell
from .containers import Residual, Sequential
from .layers import MLP, Layer, Neuron
from .losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    hinge_loss,
    huber_loss,
    kl_div,
    l1_loss,
    mse_loss,
    multi_margin_loss,
    nll_loss,
)
from .module import Module
from .recurrent import GRU, LSTM, RNN, detached

__all__ = [
    "GRU",
    "LSTM",
    "MLP",
    "RNN",
    "GRUCell",
    "LSTMCell",
    "Layer",
    "Module",
    "Neuron",
    "RNNCell",
    "Residual",
    "Sequential",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "cross_entropy",
    "detached",
    "hinge_loss",
    "huber_loss",
    "init",
    "kl_div",
    "l1_loss",
    "losses",
    "mse_loss",
    "multi_margin_loss",
    "nll_loss",
]
