"""Other numbers for the leaves of a walk, drawn from a seed: so that every learner has his own.

Next: ``grading.py``.
"""

from __future__ import annotations

import math
import random
from dataclasses import replace

from ..engine.groups import mapped
from ..engine.node import groups
from ..value import Constant, Value
from .sweep import below
from .walk import Walk

ATTEMPTS = 200
LARGEST, SMALLEST = 1000.0, 0.01  # numbers and gradients that a hand still calculates


def drawn(walk: Walk, seed: int) -> tuple[Walk, dict[Value, Value]]:
    """The same walk at other numbers, and its nodes by those they stand for. Constants stay.

    A whole number gives way to a whole one, from −4 to 4, any other to one with a decimal, from
    −2 to 2. Raises ``ValueError`` where no such numbers have a value.

    >>> x = Value(3.0, label="x")
    >>> walk, _ = drawn(Walk.of(x * x), seed=1)
    >>> [node.data for node in walk.order]
    [-2.0, 4.0]
    """
    draw, best, most = random.Random(seed), None, -1
    for _ in range(ATTEMPTS):
        try:
            new = _again(walk, draw)
        except (ArithmeticError, ValueError):  # no real answer there
            continue
        if not all(abs(node.data) <= LARGEST for node in new.values()):
            continue
        grads = below(list(new.values()))
        told = sum(SMALLEST <= abs(grads.grad(node)) <= LARGEST for node in new.values())
        if told > most:
            best, most = new, told
        if told == len(new):
            break
    if best is None:
        raise ValueError(
            f"Of {ATTEMPTS} draws for seed={seed} none had a value everywhere in this graph. Leave "
            f"seed= out, and build the graph at numbers of your own."
        )
    return _moved(walk, best), best


def _again(walk: Walk, draw: random.Random) -> dict[Value, Value]:
    """The graph once more."""
    new: dict[Value, Value] = {}
    for node in walk.order:
        if node.op is not None:
            new[node] = node.op.record(*[mapped(new.__getitem__, group) for group in groups(node)])
        elif isinstance(node, Constant):
            new[node] = node
        else:
            whole = node.data == int(node.data) if math.isfinite(node.data) else False
            choices = range(-4, 5) if whole else [i / 10 for i in range(-20, 21)]
            new[node] = type(node)(float(draw.choice([x for x in choices if x])), label=node.label)
    return new


def _moved(walk: Walk, new: dict[Value, Value]) -> Walk:
    facts = {
        new[node]: replace(fact, value=new[node], data=new[node].data)
        for node, fact in walk.subject.facts.items()
    }
    outputs = [new[node] for node in walk.subject.outputs]
    return Walk(
        new[walk.output],
        [new[node] for node in walk.order],
        {new[node]: id for node, id in walk.ids.items()},
        {new[node]: name for node, name in walk.names.items()},
        replace(walk.subject, facts=facts, outputs=outputs),
    )
