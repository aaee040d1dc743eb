"""From the points to the page: train, draw, write.

Everything here is what a user of the library would write: a dataset, a model, ``fit``, two plots,
two drawings. ``page.py`` then puts them on one page.

Next: ``page.py``.
"""

from __future__ import annotations

import importlib.util
import random
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ..datasets import Labels, Points, moons
from ..drawing import draw, engines
from ..files import write
from ..nn import MLP, Neuron, hinge_loss
from ..optim import SGD
from ..plots import decision_boundary, loss_curve
from ..telling.text import count
from ..training import History, accuracy, fit
from ..value import Value

LEARNING_RATE = 1.0


class Picture(Protocol):
    """What a ``Plot`` and a ``Drawing`` have in common."""

    def to_svg(self) -> str: ...
    def save(self, path: Path) -> Path: ...


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
    score.backward()
    at = max(range(len(hidden)), key=lambda i: abs(hidden[i].data * hidden[i].grad))
    neuron = model.layers[0].neurons[at]
    return Example(x, float(trained.y[0]), at + 1, neuron, hidden[at].grad)


def pictures(trained: Trained, example: Example) -> dict[str, Callable[[str], Picture]]:
    """The pictures by name; each is a function of the theme."""
    boundary = decision_boundary(trained.model, trained.X, trained.y)
    curve = loss_curve(trained.history)
    model, neuron = trained.model, example.neuron

    def network(x1: Value, x2: Value) -> Value:
        model.zero_grad()
        score: Value = model([x1, x2])
        score.backward()
        return score

    def neuron_alone(x1: Value, x2: Value) -> Value:
        neuron.zero_grad()
        a = neuron([x1, x2])
        a.backward(example.slope)
        return a

    return {
        "decision-boundary": boundary.in_theme,
        "loss-curve": curve.in_theme,
        "network": lambda theme: draw(network, *example.x, collapse="Neuron", theme=theme),
        "neuron": lambda theme: draw(neuron_alone, *example.x, expand=True, theme=theme),
    }


def run(
    output: Path,
    seed: int = 1,
    epochs: int = 100,
    progress: bool = True,
    say: Callable[[str], None] = lambda text: None,
) -> Trained:
    """Train, and write the page and its pictures into the folder ``output``.

    Raises ``ImportError`` and ``EngineError``, before any training, where a tool is missing.
    """
    from .page import page

    _check_tools()
    output.mkdir(parents=True, exist_ok=True)
    say("Two moons, 100 points. The network: MLP(2, [16, 16, 1]), 337 parameters.\n")
    trained = train(seed, epochs, progress)
    example = example_of(trained)
    made = pictures(trained, example)
    for name, picture in made.items():
        picture("light").save(output / f"{name}.svg")
    write(output / "demo.html", page(trained, example, made))
    loss = trained.history.loss
    shown = sorted({i * (epochs - 1) // 4 for i in range(5)})
    falls = "  →  ".join(f"{loss[i]:.3g}" for i in shown)
    say(f"\nThe loss: {falls}; {100 * trained.accuracy:.3g} % of the points are on their side.")
    say(
        f"{count(epochs, 'step')} took {trained.seconds:.2f} s, compilation included; without the "
        f"compiler it would be {trained.eager_seconds:.2f} s, {trained.speedup} times as long "
        f"(from five steps, measured just now).\n"
    )
    say(f"The page:      {(output / 'demo.html').resolve().as_uri()}")
    say(f"Its pictures:  {', '.join(f'{name}.svg' for name in made)}, in {output}")
    return trained


def _check_tools() -> None:
    """Say at once, not after the training, what is not installed."""
    missing = [name for name in ("matplotlib", "tqdm") if importlib.util.find_spec(name) is None]
    if missing:
        raise ImportError(
            f"The demo needs {' and '.join(missing)}. Install what it draws with: "
            f"pip install 'autograd_lite[demo]'"
        )
    engines.choose("svg")
