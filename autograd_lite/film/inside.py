"""From a film into one sample: its steps with the parameters of any epoch.

On the page there is one player for all samples and epochs, folded up small: all its numbers follow
from those of the leaves, and these the film has. Where the graph of a loss depends on the target,
as that of a class does, there is one for each kind of target.

Next: ``page.py``.
"""

from __future__ import annotations

import base64
import json
import re
import zlib
from contextlib import suppress
from typing import Any, NamedTuple

from ..drawing import EngineError
from ..nn import Module
from ..stepping import StepThrough, TooManySteps, step_through
from ..stepping.script import program
from ..value import Constant, Value
from .frames import Frames

MOST_VALUES = 450  # of a graph, for a player on the page
MOST_KINDS = 4  # of targets that are tried
MOST_BYTES = 500_000  # of all players together


class Inside(NamedTuple):
    """The steps of one sample, and which leaf of their graph is what."""

    made: StepThrough
    parameters: dict[str, int]  # leaf → place in the vector
    inputs: list[str | None]  # the leaf of each input, if the loss depends on it
    target: str | None


def stepped(film: Frames, sample: int, epoch: int | None = None, **options: Any) -> Inside:
    """The loss of one sample, step by step; raises as ``Film.step_through`` says."""
    if not 0 <= sample < len(film.X):
        raise IndexError(f"There are the samples 0 to {len(film.X) - 1}; got {sample!r}.")
    row, target = film.X[sample], film.y[sample]
    in_rows = hasattr(row, "__len__")
    named = [Value(x, label=f"x{i}") for i, x in enumerate(row if in_rows else [row], 1)]
    with film.at(epoch) as model:

        def run(y: Any) -> StepThrough:
            def loss(*inputs: Value) -> Value:
                return film.loss([model(list(inputs) if in_rows else inputs[0])], [y])

            return step_through(loss, *named, **options)

        made, y = _with_target(run, target)
        if model is film.model:
            with suppress(EngineError):  # then there is the text
                made.to_html()  # while the numbers are those of then
        copies: Any = model
        parts = (
            (film.model.parameters(), copies.parameters())
            if isinstance(film.model, Module)
            else (film.parameters, film.parameters)
        )
        of = dict(zip(*parts[::-1], strict=True))
    place, ids = {p: k for k, p in enumerate(film.parameters)}, made.walk.ids
    found = {ids[copy]: place[p] for copy, p in of.items() if copy in ids and p in place}
    return Inside(made, found, [ids.get(x) for x in named], ids.get(y) if y is not None else None)


def _with_target(run: Any, target: Any) -> tuple[StepThrough, Constant | None]:
    """The steps with the target under the name y, where the loss takes it as a Value."""
    if not hasattr(target, "__len__"):
        y = Constant(float(target), label="y")
        try:
            return run(y), y
        except (EngineError, TooManySteps):
            raise
        except (AttributeError, IndexError, TypeError, ValueError):
            pass  # it wants the number itself
    return run(target), None


def players(film: Frames) -> dict[str, Any] | None:
    """The players of a page, one for each kind of target, or None where they would be too large."""
    kinds = _kinds(film)
    pages: dict[str, dict[str, Any]] = {}
    of: list[int] = []
    size = 0
    try:
        for sample in kinds.values():
            inside = stepped(film, sample, max_steps=None)
            if len(inside.made.walk.order) > MOST_VALUES:
                return None
            made = program(inside.made.walk)
            others = set(inside.parameters) | {*inside.inputs, inside.target}
            fixed = [
                (fact.key, repr(fact.data))
                for fact in inside.made.walk.subject.facts.values()
                if fact.value.op is None and fact.key not in others
            ]
            key = json.dumps([made["nodes"], made["operations"], inside.target, fixed])
            if key not in pages:
                pages[key] = {
                    "page": folded(inside.made.to_html()),
                    "parameters": inside.parameters,
                    "inputs": inside.inputs,
                    "target": inside.target,
                }
                size += len(pages[key]["page"])
            of.append(list(pages).index(key))
    except (ArithmeticError, EngineError, TypeError, ValueError):
        return None
    if size > MOST_BYTES or (len(pages) > 1 and len(kinds) < len({kind_of(y) for y in film.y})):
        return None
    return {"pages": list(pages.values()), "of": dict(zip(kinds, of, strict=True))}


def _kinds(film: Frames) -> dict[str, int]:
    """Targets, and a sample that has each: all of a few classes, else some."""
    first: dict[str, int] = {}
    for sample, target in enumerate(film.y):
        first.setdefault(kind_of(target), sample)
    return dict(list(first.items())[:MOST_KINDS])


def folded(page: str) -> str:
    """A page made small, without the list of its steps, which it can write itself."""
    bare = re.sub(r"<ol>.*?</ol>", "<ol></ol>", page, flags=re.DOTALL)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return base64.b64encode(packer.compress(bare.encode()) + packer.flush()).decode()


def kind_of(target: Any) -> str:
    """By what the player of a target is found, which is its number where it has one."""
    return str(target if hasattr(target, "__len__") else float(target))
