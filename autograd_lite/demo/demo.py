"""From the points to the page: train, draw, write.

Everything here is what a user of the library would write: a dataset, a model, ``fit``, two plots,
two drawings. ``learning.py`` trains, and ``report.py`` puts what came out on one page.

Next: ``learning.py``.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path

from ..drawing import draw, engines
from ..files import write
from ..pictures import Picture
from ..plots import decision_boundary, loss_curve
from ..telling.text import count
from ..value import Value
from .learning import Example, Trained, example_of, train
from .report import page


def pictures(trained: Trained, example: Example) -> dict[str, Callable[[str], Picture]]:
    """The pictures by name; each is a function of the theme."""
    boundary = decision_boundary(trained.model, trained.X, trained.y)
    curve = loss_curve(trained.history)
    model, neuron = trained.model, example.neuron

    def network(x1: Value, x2: Value) -> Value:
        model.zero_grad()
        score = model([x1, x2])
        assert isinstance(score, Value)
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
    if importlib.util.find_spec("matplotlib") is None:
        raise ImportError(
            "The demo needs matplotlib. Install what it draws with: "
            "pip install 'autograd_lite[demo]'"
        )
    engines.choose("svg")
