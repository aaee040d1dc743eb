"""Putting things in order: members of a class, terms of a sum, parameters of the vector.

Loops can be found only in positions that are in order, and all three orders are ours to choose.

Next: ``views.py``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np

from ..arrays.instructions import Array, Numbers
from .freeze import Frozen
from .positions import PARAMETER


class Slot(NamedTuple):
    """What the members of a class read at one place: a source, and a row of positions each.

    The table has one column where one operand is read, one per term where a sum runs over them.
    Constants have no source: their table holds the numbers, and which leaves they are comes beside.
    """

    source: Array | None
    table: Numbers
    leaves: Numbers | None = None

    def select(self, rows: slice | Numbers, columns: slice | Numbers) -> Slot:
        leaves = None if self.leaves is None else self.leaves[rows, :][:, columns]
        return Slot(self.source, self.table[rows, :][:, columns], leaves)


class Term(NamedTuple):
    """±Σ w·x over the columns of the tables, or ±Σ x where there is no w."""

    sign: int
    w: Slot | None
    x: Slot

    @property
    def slots(self) -> tuple[Slot, ...]:
        return (self.x,) if self.w is None else (self.w, self.x)

    def select(self, rows: slice | Numbers, columns: slice | Numbers) -> Term:
        w = None if self.w is None else self.w.select(rows, columns)
        return Term(self.sign, w, self.x.select(rows, columns))


def sorted_columns(term: Term) -> Term:
    """The terms of sums in the order of the positions that the first sum reads."""
    keys = [slot.table[0] for slot in reversed(term.slots) if slot.source is not None]
    if term.x.table.shape[1] == 1 or not keys:
        return term
    order = np.lexsort(keys)
    return term if (np.diff(order) == 1).all() else term.select(slice(None), order)


def sorted_by_reading(slots: list[Slot]) -> Numbers:
    """An order of the members in which what they read is regular.

    A slot that reads every number of its source once comes first: the array then has the order of
    its source, and that operand is the source itself. Next one that reads no number twice. Of two
    terms that are added the second may be the one: a position beside a word that comes again. What
    reads the same numbers has the order of the constants that it reads, the same for all neurons.
    """
    ranked = []
    columns = [x for slot in slots if slot.source is not None for x in _columns(slot)]
    for rank, (source, head) in enumerate(columns):
        repeats = bool((np.bincount(head) > 1).any())
        whole = not repeats and len(head) == math.prod(source.shape)
        ranked.append((not whole, repeats, rank, head))
    if not ranked:
        return np.arange(len(slots[0].table))
    ranked.sort(key=lambda entry: entry[:3])
    fixed = [slot.leaves[:, 0] for slot in slots if slot.leaves is not None]
    return np.lexsort([*fixed, *[entry[3] for entry in reversed(ranked)]])


def _columns(slot: Slot) -> list[tuple[Array, Numbers]]:
    """The first of many columns, each of a pair."""
    assert slot.source is not None
    width = slot.table.shape[1]
    return [(slot.source, slot.table[:, k]) for k in range(width if width == 2 else 1)]


def parameter_order(
    frozen: Frozen, classes: dict[int, list[int]], farther: bool = False
) -> list[int]:
    """Parameters used in the same places stand together, in the order of the graph.

    To look ``farther`` tells apart what becomes of them: queries, keys and values of attention, the
    gates of a recurrent cell.
    """
    used: dict[int, list[int]] = {i: [] for i in classes.get(PARAMETER, [])}
    for place, rows in enumerate(_all_places(frozen, classes)):
        if frozen.alike[rows[0][0]] == PARAMETER:
            for i in sorted(_found(rows)):
                used[i].append(place)
    if not farther:
        return sorted(used, key=lambda i: used[i])  # stable: graph order within a block
    last = last_reading(frozen, classes)
    return sorted(used, key=lambda i: (used[i], last[i]))


def last_reading(frozen: Frozen, classes: dict[int, list[int]]) -> Numbers:
    """A number for each node, which puts side by side what is read last at the same place.

    And among those what is read by nodes that are themselves read at the same place, and so on: the
    rows of W for the three gates that pass a sigmoid stand together, and each gate's do.
    """
    n, place = len(frozen.op), 0
    last = np.full(n, np.iinfo(np.int64).min)
    for members in reversed(classes.values()):
        _, rank = np.unique(last[members], return_inverse=True)
        for rows in _places(frozen, members):
            place -= 1
            table = table_of(rows)
            table = table.reshape(len(members), -1)  # one row of all, or a row of each
            np.maximum.at(last, table, (place * n + rank)[:, None])
    return last


def table_of(rows: Sequence[Sequence[int]]) -> Numbers:
    """The rows as a table; those that are one and the same list are read once.

    >>> table_of([row := [1, 2], [3, 4], row]).tolist()
    [[1, 2], [3, 4], [1, 2]]
    """
    distinct = {id(row): row for row in rows}
    if len(distinct) == len(rows):
        return np.array(rows)
    place = dict(zip(distinct, range(len(distinct)), strict=True))
    return np.array([*distinct.values()])[[place[id(row)] for row in rows]]


def _found(rows: Iterable[Sequence[int]]) -> set[int]:
    """The nodes in these rows, many of which are one and the same list."""
    return set(chain.from_iterable({id(row): row for row in rows}.values()))


def _all_places(frozen: Frozen, classes: dict[int, list[int]]) -> Iterator[list[Sequence[int]]]:
    """What the members of each class read at a place: a row of each, or one of all."""
    for members in classes.values():
        yield from _places(frozen, members)


def _places(frozen: Frozen, members: list[int]) -> Iterator[list[Sequence[int]]]:
    """What the members of a class read at each place where one of them reads something."""
    if members[0] not in frozen.parts:
        for column in zip(*[frozen.operands[i] for i in members], strict=True):
            yield [column]
        return
    for parts in zip(*[frozen.parts[i] for i in members], strict=True):
        if parts[0].ws is not None:
            yield [part.ws for part in parts if part.ws is not None]
        if parts[0].ws is None and len(parts[0].xs) == 2:
            yield [part.xs[:1] for part in parts]
            yield [part.xs[1:] for part in parts]
        else:
            yield [part.xs for part in parts]
