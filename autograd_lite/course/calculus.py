"""Exercises on Jacobians and their products: dual numbers, the order of brackets, one layer back.

Next: ``curvature.py``.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

from .. import ops
from ..engine.arrays import np
from ..transforms import vjp
from ..value import Value
from .judge import Case, Exercise, Mistake
from .matrices import generator
from .numbers import Operations, built, expressions, nothing_made

# --- forward mode ---------------------------------------------------------------------------------


def directions(rng: random.Random) -> Iterator[Case]:
    """Expressions, and how fast each of their leaves moves."""
    for case in expressions("Dual(…), {}.slope")(rng):
        leaves, operations = case.arguments
        moves = [1.0, *(rng.choice((0.0, 1.0, 2.0, -1.0)) for _ in leaves[1:])]
        names = ", ".join("abc"[: len(leaves)])
        slopes = ", ".join(f"{x:g}" for x in moves).replace("-", "−")
        where = f"{case.where}, and the slopes of {names} are {slopes}"
        yield Case((leaves, operations, moves), where, case.call)


def duals_used(
    kind: Callable[[float, float], Any], leaves: Any, operations: Operations, moves: Any
) -> list[float] | str:
    """The slopes of all numbers of an expression made by a class, and its number."""
    slopes = iter(moves)
    made = built(lambda x: kind(x, next(slopes)), leaves, operations)
    if made[-1] is None:
        return nothing_made(operations)
    return [*(one.slope for one in made), made[-1].data]


def forward(leaves: Any, operations: Operations, moves: Any) -> list[float]:
    values = built(Value, leaves, operations)
    slopes = dict(zip(values, moves, strict=False))
    for node in values[len(moves) :]:
        pairs = zip(node.parents, node.partials, strict=True)
        slopes[node] = sum(partial * slopes[parent] for parent, partial in pairs)
    return [*slopes.values(), values[-1].data]


def forward_by(
    rule: Callable[[float, float, float, float], float],
) -> Callable[..., list[float]]:
    """The same with another rule for products: of a, b and their slopes."""

    def outcome(leaves: Any, operations: Operations, moves: Any) -> list[float]:
        numbers, slopes = built(float, leaves, operations), list(moves)
        for sign, i, j in operations:
            moved = rule(numbers[i], numbers[j], slopes[i], slopes[j])
            slopes.append(slopes[i] + slopes[j] if sign == "+" else moved)
        return [*slopes, numbers[-1]]

    return outcome


# --- a chain of matrices --------------------------------------------------------------------------


def chains(rng: random.Random) -> Iterator[Case]:
    yield Case(([100, 50, 20, 1],))
    for n in (2, 3, 3, 4, 5):
        yield Case(([rng.randint(1, 30) for _ in range(n + 1)],))


def multiplications(sizes: Sequence[int]) -> list[int]:
    """Those of J_k···J_1 from the right and from the left, where J_l is sizes[l] × sizes[l − 1]."""
    pairs = [a * b for a, b in pairwise(sizes)]
    return [sizes[0] * sum(pairs[1:]), sizes[-1] * sum(pairs[:-1])]


def of_all(sizes: Sequence[int]) -> list[int]:
    pairs = [a * b for a, b in pairwise(sizes)]
    return [sizes[0] * sum(pairs), sizes[-1] * sum(pairs)]


# --- one layer back -------------------------------------------------------------------------------


def layers(rng: random.Random) -> Iterator[Case]:
    draw = generator(rng)
    for n, m in ((1, 1), (2, 3), (2, 2), (3, 2), (3, 3)):
        shapes = (n, (m, n), m)
        yield Case(tuple(draw.normal(size=shape).round(2) for shape in shapes))


def layer_back(x: Any, W: Any, v: Any) -> list[Any]:
    return list(vjp(lambda x, W: ops.tanh(W @ x), x, W)[1](v))


def by_hand(
    x: Any, W: Any, v: Any, slope: bool = True, turned: bool = True, outer: bool = True
) -> list[Any]:
    """The same by hand, but for the slope of tanh, the transpose of W, or the order of dW."""
    delta = v * (1 - np.tanh(W @ x) ** 2) if slope else v
    square = W.shape[0] == W.shape[1]
    return [
        (W.T if turned or not square else W) @ delta,
        np.outer(delta, x) if outer or not square else np.outer(x, delta),
    ]


EXERCISES = (
    Exercise(
        "dual",
        "Dual",
        directions,
        forward,
        hints=(
            "Each operation makes a new Dual: its data of the data, its slope by the rule.",
            "A sum moves with ȧ + ḃ: Dual(self.data + other.data, self.slope + other.slope).",
            "A product moves with ȧ·b + a·ḃ: self.slope * other.data + self.data * other.slope.",
        ),
        mistakes=(
            Mistake(
                forward_by(lambda a, b, da, db: da * db),
                "You multiplied the slopes. A product moves with ȧ·b + a·ḃ.",
            ),
            Mistake(
                forward_by(lambda a, b, da, db: da * b),
                "In a product both may move: to ȧ·b belongs a·ḃ.",
            ),
            Mistake(
                forward_by(lambda a, b, da, db: da * a + db * b),
                "In a product the slope of a is multiplied by b, and that of b by a.",
            ),
        ),
        run=duals_used,
    ),
    Exercise(
        "multiplications",
        "multiplications",
        chains,
        multiplications,
        hints=(
            "J of layer l is sizes[l] × sizes[l − 1]. The first matrix costs nothing by itself.",
            "From the right every product has sizes[0] columns: sizes[0]·sizes[l]·sizes[l − 1].",
            "From the left every product has sizes[-1] rows, and it begins with the last J.",
        ),
        mistakes=(
            Mistake(
                lambda sizes: multiplications(sizes)[::-1],
                "Both are right, but in another order: from the right, then from the left.",
            ),
            Mistake(
                of_all,
                "One too many in each: the walk begins with a matrix that is there, J₁ or the last "
                "one, and multiplies it by the others.",
            ),
        ),
    ),
    Exercise(
        "layer_back",
        "layer_back",
        layers,
        layer_back,
        hints=(
            "Back through tanh first: δ = v · (1 − tanh²(W·x)), entry by entry.",
            "Then through W·x: what is handed down is W.T @ δ.",
            "And dW[k, j] is δ[k]·x[j]: np.outer(δ, x). Return both.",
        ),
        mistakes=(
            Mistake(
                partial(by_hand, slope=False),
                "The slope of tanh is missing: 1 − tanh²(W·x), for each output.",
            ),
            Mistake(
                partial(by_hand, turned=False),
                "Back through a layer leads W.T, not W. The shape of a square W cannot tell.",
            ),
            Mistake(
                partial(by_hand, outer=False),
                "dW has its rows and columns exchanged: row k belongs to output k.",
            ),
            Mistake(
                lambda x, W, v: layer_back(x, W, v)[::-1],
                "Both are right, but in another order: what is handed down, then what is kept.",
            ),
        ),
    ),
)
