"""The page of the demo: one HTML document, complete in itself. Scripts run in its film alone.

Its pictures are drawn twice, in light and dark, and laid over each other: where they differ, and
they differ in colours alone, a CSS variable takes the place of the colour. So one copy of each
picture follows the reader's theme.

Next: ``../course/__init__.py``.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from importlib.resources import files
from itertools import count
from string import Template

from .. import __version__
from ..pictures import Picture
from ..stepping.document import document
from ..telling.text import number
from .learning import Example, Trained

COLOR = re.compile(r'((?:fill|stroke)(?:="|: ?))([^";]+)')

TITLE = "A network learns two moons – autograd_lite"

ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect "
    "width='32' height='32' rx='7' fill='%230072B2'/%3E%3Ctext x='16' y='24' font-size='24' "
    "text-anchor='middle' fill='white' font-family='serif' font-style='italic'%3E%E2%88%82%3C/text"
    "%3E%3C/svg%3E"
)

PROGRAM = """\
import random
from autograd_lite import fit
from autograd_lite.datasets import moons
from autograd_lite.nn import MLP, hinge_loss
from autograd_lite.optim import SGD
from autograd_lite.training import accuracy

X, y = moons(100, seed={seed})
random.seed({seed})
model = MLP(2, [16, 16, 1])
fit(model, X, y, loss=hinge_loss, optimiser=SGD(model.parameters(), 1.0), epochs={epochs},
    learning_rate=lambda epoch: 1.0 - 0.9 * epoch / {epochs},
    metrics={{"accuracy": accuracy}}, compiled=True, progress=True, record=True)
"""


def page(
    trained: Trained, example: Example, pictures: Mapping[str, Callable[[str], Picture]]
) -> str:
    """The document as text."""
    palette = Palette()
    history, film = trained.history, trained.history.film
    assert film is not None
    points = len(trained.X)
    right = round(points * trained.accuracy)
    shown = {name: palette.both(name, picture) for name, picture in pictures.items()}
    fields = {
        "parameters": len(trained.model.parameters()),
        "epochs": len(history.loss),
        "points": points,
        "right": right,
        "outcome": _outcome(right, points, trained.seconds),
        "first_loss": f"{history.loss[0]:.2g}",
        "last_loss": f"{history.loss[-1]:.2g}",
        "seconds": f"{trained.seconds:.2f}",
        "eager_seconds": f"{trained.eager_seconds:.2f}",
        "speedup": trained.speedup,
        "x1": number(example.x[0]),
        "x2": number(example.x[1]),
        "number": example.number,
        "slope": number(example.slope),
        "chain": _chain(example),
        "film": html.escape(film.to_html()),
        "boundary": shown["decision-boundary"],
        "curve": shown["loss-curve"],
        "network": shown["network"],
        "neuron": shown["neuron"],
        "program": html.escape(PROGRAM.format(seed=trained.seed, epochs=len(history.loss))),
        "seed": trained.seed,
        "version": __version__,
        "light": palette.css(0),
        "dark": palette.css(1),
    }
    style, body = (
        Template(files(__package__).joinpath(name).read_text("utf-8")).substitute(fields)
        for name in ("page.css", "page.html")
    )
    return document(TITLE, style, body, icon=ICON)


def _outcome(right: int, points: int, seconds: float) -> str:
    which = "all of them" if right == points else f"{right} of them"
    return f"After {seconds:.2f} seconds it puts {which} on their side."


def _chain(example: Example) -> str:
    """The chain rule for the first weight, with its numbers."""
    neuron, (x1, _) = example.neuron, example.x
    active = neuron(example.x).data > 0.0
    factors = [example.slope, 1.0 if active else 0.0, 1.0, 1.0, x1]
    product = example.slope * x1 if active else 0.0
    written = " × ".join(f"({number(x)})" if x < 0 else number(x) for x in factors)
    return f"{written} = <strong>{number(product)}</strong>."


class Palette:
    """The colours of the pictures on a page: each pair of light and dark has one CSS variable."""

    def __init__(self) -> None:
        self.variables: dict[tuple[str, str], str] = {}

    def both(self, name: str, picture: Callable[[str], Picture]) -> str:
        """The picture as one ``<svg>`` that takes its colours from the page."""
        light, dark = (_with_ids_of(name, picture(theme).to_svg()) for theme in ("light", "dark"))
        if COLOR.sub(r"\1", light) != COLOR.sub(r"\1", dark):
            raise ValueError(f"The picture {name!r} is not the same in light and dark.")
        others = iter(COLOR.findall(dark))
        return COLOR.sub(lambda found: found[1] + self.color(found[2], next(others)[1]), light)

    def color(self, light: str, dark: str) -> str:
        if light == dark:
            return light
        name = self.variables.setdefault((light, dark), f"--c{len(self.variables)}")
        return f"var({name})"

    def css(self, theme: int) -> str:
        return " ".join(f"{name}: {pair[theme]};" for pair, name in self.variables.items())


def _with_ids_of(name: str, svg: str) -> str:
    """The picture with ids of its own, numbered, so that several can share a page."""
    numbers = count(1)
    ids = {id: f"{name}-{next(numbers)}" for id in re.findall(r'\bid="([^"]+)"', svg)}
    for pattern in (r'(\bid=")([^"]+)', r'(href="#)([^"]+)', r"(url\(#)([^)]+)"):
        svg = re.sub(pattern, lambda found: found[1] + ids.get(found[2], found[2]), svg)
    return svg
