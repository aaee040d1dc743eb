"""How a loss of a batch adds up over its samples: as their mean, as their sum, or not at all.

A compiled training runs what one sample adds to the loss, on matrices of all samples. So the graph
of the loss is taken apart, once, with Values in the place of the predictions: through sums and
constant factors down to terms, each of which may know one sample. What a sample has in the batch
has to be what it has alone, times one factor.

Next: ``progress.py``.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from . import ops
from .engine.given import refuse_given
from .engine.node import terms
from .engine.order import topological_order
from .value import Constant, Value

SEVERAL = -1  # the owner of what knows more than one sample
ALONE = 4  # so many at either end are looked at alone, and who adds up by other coefficients
CLOSE = 1e-9  # relative: coefficients that differ by rounding

ONE, MINUS_ONE = Constant(1.0), Constant(-1.0)

BatchLoss: TypeAlias = Callable[[list[Any], list[Any]], Value]
Computed: TypeAlias = Any  # the number of a computation: the same one wherever it is done again
Factors: TypeAlias = tuple[tuple[Computed, int], ...]  # with no sample, to the power 1 or −1
LossTerm: TypeAlias = tuple[Computed, Factors]  # what is computed, and what it is multiplied by


class Scale(NamedTuple):
    """The loss of a batch is ``each`` · the mean of what samples add + ``once`` · all the rest."""

    each: float
    once: float


class LossParts(NamedTuple):
    """The coefficients of the terms, by the sample that they know; without one, None."""

    of: Mapping[int | None, Mapping[LossTerm, float]]
    nodes: Mapping[Computed, Value]
    number: float  # the terms that are bare numbers


def scale(
    loss: BatchLoss,
    predictions: Sequence[Any],
    targets: Sequence[Any],
    parameters: Collection[Value],
) -> Scale:
    """How the loss of these samples is made of the losses of each; ``ValueError`` where it is not.

    All Values but the predictions and the parameters are numbers that stay.

    >>> p = [Value(1.0), Value(2.0)]
    >>> scale(lambda p, t: ops.mean([(a - b) ** 2 for a, b in zip(p, t)]), p, [0.0, 0.0], ())
    Scale(each=1.0, once=1.0)
    >>> scale(lambda p, t: ops.sum([(a - b) ** 2 for a, b in zip(p, t)]), p, [0.0, 0.0], ())
    Scale(each=2.0, once=1.0)
    >>> scale(lambda p, t: ops.maximum(p[0], p[-1]), p, [0.0, 0.0], ())
    Traceback (most recent call last):
    ValueError: A compiled training runs the loss sample by sample, and this one computes ...
    """
    n = len(predictions)
    leaves = [list(values_in(p)) for p in predictions]
    owners = {x: i for i, mine in enumerate(leaves) for x in mine}
    known: dict[Any, int] = {}
    batch = apart(loss(list(predictions), list(targets)), owners, parameters, known)
    each, once, numbers = [], [], [0.0]
    seen: set[tuple[float, ...]] = set()
    for i, mine in enumerate(leaves):
        coefficients = tuple(batch.of.get(i, {}).values())
        if min(i, n - 1 - i) < ALONE or coefficients not in seen or batch.number or any(numbers):
            seen.add(coefficients)
            y = loss([predictions[i]], [targets[i]])
            alone = apart(y, dict.fromkeys(mine, i), parameters, known)
            each += _ratio(batch.of.get(i, {}), alone.of.get(i, {}))
            once += _ratio(batch.of.get(None, {}), alone.of.get(None, {}))
            numbers.append(alone.number)
    share, rest = _one_of(each, 1.0 / n), _one_of(once, 1.0)
    found = Scale(_rounded(share * n), _rounded(rest))
    if not _close(batch.number, share * math.fsum(numbers)):
        raise _refused("adds a number that is not made of those of its samples")
    return found


def scaled(
    y: Value, mine: Iterable[Value], parameters: Collection[Value], each: Value, once: Value
) -> Value:
    """``each`` · what the sample, whose Values are ``mine``, adds to y + ``once`` · the rest."""
    parts = apart(y, dict.fromkeys(mine, 0), parameters, {})
    rest = [
        math.prod([parts.nodes[x] ** power for x, power in by], start=factor * parts.nodes[term])
        for (term, by), factor in parts.of.get(None, {}).items()
    ]
    return each * y + (once - each) * ops.sum(rest) if rest else each * y


def values_in(nested: Any) -> Iterator[Value]:
    """The Values in a prediction: itself, or those in lists or arrays."""
    if isinstance(nested, Value):
        yield nested
    elif hasattr(nested, "__len__") and not isinstance(nested, str):
        for item in nested:
            yield from values_in(item)


def apart(
    y: Value, owners: Mapping[Value, int], parameters: Collection[Value], known: dict[Any, int]
) -> LossParts:
    """The terms of y. Equal computations get equal numbers, by ``known``, in whatever graph."""
    owner: dict[Value, int | None] = {}
    key: Any
    alike: dict[Value, Computed] = {}
    order = topological_order(y)
    refuse_given(order)
    for node in order:
        if node in owners:
            owner[node], key = owners[node], id(node)
        elif node.op is not None:
            operands = node.parents
            owner[node] = _owner({owner[x] for x in operands})
            key = node.op.name, node.op.args, *[alike[x] for x in operands]
        else:
            owner[node] = None
            key = id(node) if node in parameters else ("number", node.data)
        alike[node] = known.setdefault(key, len(known))

    def rank(x: Value) -> int:
        """0 for a number that stays, 1 for what has no sample in it, 2 for what has."""
        if owner.get(x) is not None:
            return 2
        return int(x.op is not None or x in parameters)

    factors: dict[Value, dict[Factors, float]] = defaultdict(lambda: defaultdict(float))
    factors[y][()] = 1.0
    found: dict[int | None, dict[LossTerm, float]] = defaultdict(lambda: defaultdict(float))
    nodes: dict[Computed, Value] = {}
    number = 0.0
    while order:
        node = order.pop()
        mine = factors.pop(node, {})
        pieces = [] if node in owners or not mine else list(_pieces(node, rank))
        if node.op in (ops.mul, ops.div) and pieces and rank(pieces[0][0]) == 2:
            pieces = []  # a product of what has a sample in it is a term
        for x, power, operand in pieces:
            weight = 1.0
            more: Factors = ()
            if rank(x) == 0:
                weight = x.data**power
            elif rank(x) == 1:
                more = ((alike[x], power),)
                nodes[alike[x]] = x
            else:  # of a dot
                product = x * operand
                owner[product] = _owner({owner[x], owner[operand]})
                alike[product] = "×", alike[x], alike[operand]
                order.append(operand := product)
            for by, factor in mine.items():
                factors[operand][by + more] += factor * weight
        for by, factor in {} if pieces else mine.items():
            if owner[node] == SEVERAL:
                raise _refused(f"computes {node.op and node.op.name} of several samples")
            if rank(node) == 0 and not by:
                number += factor * node.data
            else:
                found[owner[node]][alike[node], by] += factor
                nodes[alike[node]] = node
    return LossParts(found, nodes, number)


def _pieces(node: Value, rank: Callable[[Value], int]) -> Iterator[tuple[Value, int, Value]]:
    """(x, power, operand) for each piece of node = Σ x^power · operand; none if it is no sum."""
    operands = node.parents
    if node.op in (ops.add, ops.sum):
        yield from ((ONE, 1, x) for x in operands)
    elif node.op is ops.sub:
        yield from ((ONE, 1, operands[0]), (MINUS_ONE, 1, operands[1]))
    elif node.op is ops.neg:
        yield MINUS_ONE, 1, operands[0]
    elif node.op is ops.mean:
        yield from ((Constant(float(len(operands))), -1, x) for x in operands)
    elif node.op is ops.div:
        yield operands[1], -1, operands[0]
    elif node.op is ops.mul or (node.op and node.op.weighted):
        pairs = [operands] if node.op is ops.mul else terms(node)
        for a, b in pairs:
            a, b = sorted((a, ONE if b is None else b), key=rank)
            yield a, 1, b


def _owner(owners: set[int | None]) -> int | None:
    owners.discard(None)
    return SEVERAL if len(owners) > 1 else next(iter(owners), None)


def _ratio(of_batch: Mapping[LossTerm, float], alone: Mapping[LossTerm, float]) -> list[float]:
    """What each coefficient of a sample in the batch is of that in its loss alone."""
    batch = {term: x for term, x in of_batch.items() if x}
    alone = {term: x for term, x in alone.items() if x}
    if batch.keys() != alone.keys():
        raise _refused("computes something else for a batch than for its samples")
    return [x / alone[term] for term, x in batch.items()]


def _one_of(ratios: Sequence[float], otherwise: float) -> float:
    if not all(_close(x, ratios[0]) for x in ratios):
        raise _refused("does not weigh all samples alike")
    return ratios[0] if ratios else otherwise


def _close(x: float, y: float) -> bool:
    return math.isclose(x, y, rel_tol=CLOSE, abs_tol=CLOSE)


def _rounded(x: float) -> float:
    return float(round(x)) if _close(x, round(x)) else x


def _refused(what: str) -> ValueError:
    return ValueError(
        f"A compiled training runs the loss sample by sample, and this one {what}: it is not a "
        f"mean or a sum over the samples. Leave compiled=False for it."
    )
