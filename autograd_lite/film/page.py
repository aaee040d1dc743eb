"""A film as one page: a slider over the epochs, and what changes with them.

The page is a file of ``assets/``, filled in. Numbers stand in it as text in base 64, with as many
bits as can be seen: a training of moons takes about half a megabyte for a hundred epochs.

Next: ``animation.py``.
"""

from __future__ import annotations

import base64
import html
from collections.abc import Sequence
from importlib.resources import files
from string import Template
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..showing.curves import COLORS, Panel, curves
from ..showing.frames import framed
from ..showing.images import image, in_both
from ..stepping.document import document
from ..stepping.script import asset
from ..telling.text import number
from .frames import Frames
from .ground import Line, Plane, Refused, ground_of
from .inside import kind_of, players
from .scene import Network, network_of, norms, parts_of

SCRIPTS = ("pictures.js", "sample.js", "film.js")  # in this order

MOST_FRAMES = 150  # on a page; of a longer film those at even distances
MOST_NUMBERS = 100_000  # parameters of all frames together; more, and there are fewer frames
MOST_SAMPLES = 1000  # drawn as points
MOST_LINES = 100  # of the list of epochs


def page(film: Frames) -> str:
    """The page, complete in itself."""
    few = max(20, MOST_NUMBERS // max(len(film.parameters), 1))
    shown = frames_shown(film, min(MOST_FRAMES, few))
    template = Template(files(__package__).joinpath("assets/film.html").read_text("utf-8"))
    body = template.substitute(
        title=html.escape(film.title),
        picture=image(in_both(picture(film), COLORS), film.title),
        transcript=html.escape(transcript(film)),
        total=len(shown) - 1,
    )
    around = asset("around.js", "autograd_lite.showing")
    scripts = [around, *(asset(name, __package__) for name in SCRIPTS)]
    style = asset("film.css", __package__)
    return document(film.title, style, body, data(film, shown), scripts, images=True)


def in_frame(film: Frames) -> str:
    """The page in a frame, and the curves and the numbers where there is no frame."""
    drawn = in_both(picture(film), COLORS)
    return framed(film.title, page(film), drawn, "The epochs as text", transcript(film))


def frames_shown(film: Frames, most: int = MOST_FRAMES) -> list[int]:
    """The frames that are shown: all, or those at even distances, the first and the last too."""
    return spread(len(film), most)


def spread(n: int, most: int) -> list[int]:
    """So many of n places at most, at even distances, the first and the last among them."""
    count = min(n, most)
    return sorted({round(k * (n - 1) / max(count - 1, 1)) for k in range(count)})


def picture(film: Frames) -> str:
    """The curves over the epochs as an ``<svg>``."""
    named = {"loss": film.losses} | film.metrics
    panels = [Panel(name, [values]) for name, values in named.items() if values]
    return curves(panels[:3] or [Panel("loss", [[]])])


def transcript(film: Frames) -> str:
    """What a reader of text gets: the numbers, epoch by epoch."""
    named = {"loss": film.losses} | film.metrics
    return "\n".join(
        f"epoch {k + 1:>5}  {'  '.join(f'{name} {number(xs[k])}' for name, xs in named.items())}"
        for k in spread(len(film.losses), MOST_LINES)
    )


def data(film: Frames, shown: Sequence[int]) -> dict[str, Any]:
    """All that the page's script reads."""
    vectors = [film.vectors[k] for k in shown]
    gradients = [film.gradients[k] for k in shown]
    parts = parts_of(film.model, film.parameters)
    network = network_of(film.model, film.parameters)
    inside = players(film)
    found: dict[str, Any] = {
        "epochs": [film.epochs[k] for k in shown],
        "curves": {
            name: [finite(x) for x in values]
            for name, values in ({"loss": film.losses} | film.metrics).items()
        },
        "parts": [part.name for part in parts],
        "norms": [[finite(x) for x in row] for row in norms(gradients, parts)],
        "network": network and drawn_network(network, vectors, gradients),
        "players": inside,
    }
    if network or inside:
        found["vectors"] = packed(np.array(vectors).astype("<f4"))
    try:
        ground = ground_of(film.model, film.X, film.parameters, vectors)
        found |= seen(ground, film)
    except Refused as reason:
        found["refused"] = str(reason)
    return found


def drawn_network(
    network: Network,
    vectors: Sequence[NDArray[np.float64]],
    gradients: Sequence[NDArray[np.float64]],
) -> dict[str, Any]:
    """Where weights are in the vectors, and gradients as parts of the largest of their frame."""
    places = [weight.place for weight in network.weights]
    values = np.nan_to_num(np.array(vectors)[:, places])
    slopes = np.nan_to_num(np.array(gradients)[:, places])
    most = float(np.abs(values).max()) or 1.0
    steepest = np.abs(slopes).max(axis=1)
    parts = slopes / np.where(steepest > 0.0, steepest, 1.0)[:, None]
    return {
        "columns": network.columns,
        "lines": [[*weight] for weight in network.weights],
        "most": most,
        "steepest": [finite(x) for x in steepest.tolist()],
        "slopes": packed(np.round(parts * 127).astype("i1")),
    }


def seen(ground: Plane | Line, film: Frames) -> dict[str, Any]:
    """The ground, and the samples on it."""
    samples = range(0, len(film.X), -(-len(film.X) // MOST_SAMPLES))
    if isinstance(ground, Line):
        return {
            "line": {
                "low": ground.low,
                "size": ground.size,
                "values": packed(ground.values.astype("<f4")),
                "points": [[k, x_of(film.X[k]), target_of(film.y[k])] for k in samples],
            },
            "kinds": [kind_of(film.y[k]) for k in samples],
        }
    targets = [target_of(film.y[k]) for k in samples]
    classes = sorted(set(targets))
    return {
        "plane": {
            "low": ground.low,
            "size": ground.size,
            "side": ground.side,
            "classes": ground.classes,
            "names": [number(x) for x in classes],
            "cells": packed(ground.cells),
            "points": [
                [k, *(float(f"{x:.9g}") for x in film.X[k]), classes.index(target)]
                for k, target in zip(samples, targets, strict=True)
            ],
        },
        "kinds": [kind_of(film.y[k]) for k in samples],
    }


def x_of(x: Any) -> float:
    return float(x[0] if hasattr(x, "__len__") else x)


def target_of(y: Any) -> float:
    """A target as one number: that of the class where it is a row of scores."""
    if not hasattr(y, "__len__"):
        return float(y)
    return float(y[0]) if len(y) == 1 else float(np.argmax(y))


def packed(array: NDArray[Any]) -> str:
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


def finite(x: float) -> float | None:
    """A number for JSON, with the digits that can be seen."""
    return float(f"{x:.6g}") if np.isfinite(x) else None
