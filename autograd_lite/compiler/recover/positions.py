"""A graph as numbers: where in its order the operands of each node stand.

A Value is found in a dict; in a graph of a million each look is a walk through memory that no cache
holds. So each node is looked up once, here, and what reads the graph after that reads numbers.

Next: ``freeze.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from typing import Any, NamedTuple

import numpy as np

from ...engine.order import columns
from ...engine.primitive import Primitive
from ...value import Value
from ..arrays.instructions import Numbers

# Classes of leaves. Constants come first, then parameters: the order of a product's factors.
CONSTANT, PARAMETER, INPUT = 0, 1, 2


def roles_of(
    parameters: Iterable[Value], inputs: Iterable[Sequence[Value]] = ()
) -> dict[Value, int]:
    """The class of each leaf that is no fixed number."""
    roles = dict.fromkeys(parameters, PARAMETER)
    for k, leaves in enumerate(inputs, start=INPUT):
        roles.update(dict.fromkeys(leaves, k))
    return roles


class Positions(NamedTuple):
    """A graph as numbers: the kind of each node, and where in the order its operands stand.

    ``at`` says where each Value stands; ``operations`` has the primitive of each kind, None where
    the kind is the class of a leaf. Where a node reads a group of others, its side holds −2 for
    the first group, −3 for the second: the inputs of a layer are one group, which all of its
    neurons read. The members of group g lie in ``pool``, from ``start[g]`` on. −1 is no operand.
    """

    at: dict[Value, int]
    operations: list[Primitive | None]
    kind: Numbers
    left: Numbers
    right: Numbers
    start: Numbers
    pool: Numbers

    def read_from(self, k: int) -> Numbers:
        """The places of what the nodes from k on read."""
        side = np.unique(np.concatenate([self.left[k:], self.right[k:]]))
        return np.concatenate([side[side >= 0], self.members(-2 - side[side < -1])])

    def members(self, groups: Numbers) -> Numbers:
        """The members of these groups, one group after the other."""
        first, widths = self.start[groups], self.widths(groups)
        before = np.cumsum(widths) - widths
        found: Numbers = self.pool[np.repeat(first - before, widths) + np.arange(widths.sum())]
        return found

    def widths(self, groups: Numbers) -> Numbers:
        """How many members these groups have."""
        found: Numbers = self.start[groups + 1] - self.start[groups]
        return found

    def uses(self, outputs: Iterable[int]) -> Numbers:
        """How many times each node is read; an output is read from outside as well."""
        uses = np.zeros(len(self.kind), dtype=np.int64)
        times = np.zeros(len(self.start) - 1, dtype=np.int64)
        for side in (self.left, self.right):
            uses += np.bincount(side[side >= 0], minlength=len(uses))
            times += np.bincount(-2 - side[side < -1], minlength=len(times))
        many = np.repeat(times, np.diff(self.start))
        uses += np.bincount(self.pool, many, len(uses)).astype(np.int64)
        for y in outputs:
            uses[y] += 2
        return uses

    def edges(self, low: int = 0, high: int | None = None) -> tuple[Numbers, Numbers]:
        """Each reader from low to high, and what it reads."""
        readers, read = [], []
        for side in (self.left[low:high], self.right[low:high]):
            one, many = np.flatnonzero(side >= 0), np.flatnonzero(side < -1)
            groups = -2 - side[many]
            readers += [one, np.repeat(many, self.widths(groups))]
            read += [side[one], self.members(groups)]
        return np.concatenate(readers) + low, np.concatenate(read)


def positions_of(order: Sequence[Value], roles: Mapping[Value, int]) -> Positions:
    """The graph in this order as numbers; a node with a role is a leaf, whatever made it."""
    at: dict[Any, int] = dict(zip(order, range(len(order)), strict=True))
    made, *sides = columns(order)
    for k in [at[x] for x in roles if x.op is not None]:
        made[k] = sides[0][k] = sides[1][k] = None
    operations: list[Primitive | None] = [None] * (1 + max(roles.values(), default=CONSTANT))
    kinds = {op: k for k, op in enumerate(dict.fromkeys(made), start=len(operations))}
    operations += kinds
    kind = np.array([kinds[op] for op in made], dtype=np.int64)
    leaves = np.flatnonzero(kind == kinds.get(None)).tolist()
    kind[leaves] = [roles.get(order[k], CONSTANT) for k in leaves]
    groups = {id(x): x for side in sides for x in side if type(x) is tuple}
    group = dict(zip(groups, count(-2, -1), strict=False))
    at[None] = -1
    left, right = [
        np.array([group[id(x)] if type(x) is tuple else at[x] for x in side], dtype=np.int64)
        for side in sides
    ]
    del at[None]
    start = np.cumsum([0, *map(len, groups.values())])
    pool = np.array([at[x] for members in groups.values() for x in members], dtype=np.int64)
    return Positions(at, operations, kind, left, right, start, pool)
