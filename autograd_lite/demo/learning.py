"""A network learns two moons: the training, how long it took, and one point to look at.

Next: ``report.py``.
"""

from __future__ import annotations

import random
import statistics
import time
from dataclasses import dataclass

from ..datasets import Labels, Points, moons
from ..nn import MLP, Neuron, hinge_loss
from ..optim import SGD
from ..training import History, accuracy, fit
from ..value import Value

LEARNING_RATE = 1.0


@dataclass
class Trained:
    """A network after training, and what it was trained on and with."""

    model: MLP
    X: Points
    y: Labels
    history: History
    accuracy: float
    seed: int
    seconds: float  # of the whole training, compilation included
    eager_seconds: float  # what as many steps would take without the compiler

    @property
    def speedup(self) -> str:
        """How many times as long the training would take without the compiler."""
        return f"{self.eager_seconds / self.seconds:.2g}"


def train(seed: int, epochs: int, progress: bool = True) -> Trained:
    """Moons, ``MLP(2, [16, 16, 1])``, and ``epochs`` compiled steps down the hinge loss."""
    X, y = moons(100, seed=seed)
    random.seed(seed)
    model = MLP(2, [16, 16, 1])
    eager_seconds = epochs * seconds_of_an_eager_step(model, X, y)
    start = time.perf_counter()
    history = fit(
        model,
        X,
        y,
        loss=hinge_loss,
        optimiser=SGD(model.parameters(), LEARNING_RATE),
        epochs=epochs,
        learning_rate=lambda epoch: LEARNING_RATE * (1.0 - 0.9 * epoch / epochs),
        metrics={"accuracy": accuracy},
        compiled=True,
        progress=progress,
        record=True,
    )
    seconds = time.perf_counter() - start
    right = accuracy([model(x) for x in X.tolist()], y.tolist())
    return Trained(model, X, y, history, right, seed, seconds, eager_seconds)


def seconds_of_an_eager_step(model: MLP, X: Points, y: Labels) -> float:
    """What one step costs when its graph is built and walked: the median of five."""
    rows = X.tolist()
    times = []
    for _ in range(5):
        start = time.perf_counter()
        hinge_loss([model(x) for x in rows], y.tolist()).backward()
        times.append(time.perf_counter() - start)
    model.zero_grad()
    return statistics.median(times)


@dataclass
class Example:
    """One point on its way through the network: where it lies and which neuron is looked at."""

    x: list[float]
    label: float
    number: int  # of the neuron, in the first layer, from 1
    neuron: Neuron
    slope: float  # of the network's score, in the output of the neuron


def example_of(trained: Trained) -> Example:
    """A point, and the neuron of the first layer on which its score depends most."""
    model = trained.model
    x = trained.X[0].tolist()
    hidden = model.layers[0](x)
    score = model.layers[2](model.layers[1](hidden))
    assert isinstance(hidden, list)
    assert isinstance(score, Value)
    score.backward()
    at = max(range(len(hidden)), key=lambda i: abs(hidden[i].data * hidden[i].grad))
    neuron = model.layers[0].neurons[at]
    return Example(x, float(trained.y[0]), at + 1, neuron, hidden[at].grad)
