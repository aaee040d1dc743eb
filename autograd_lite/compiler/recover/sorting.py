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
    Constants have no source: their table holds the numbers.
    """

    source: Array | None
    table: Numbers


class Term(NamedTuple):
    """±Σ w·x over the columns of the tables, or ±Σ x where there is no w."""

    sign: int
    w: Slot | None
    x: Slot

    @property
    def slots(self) -> tuple[Slot, ...]:
        return (self.x,) if self.w is None else (self.w, self.x)

    def select(self, rows: slice | Numbers, columns: slice | Numbers) -> Term:
        w, x = [
            slot and Slot(slot.source, slot.table[rows, :][:, columns]) for slot in (self.w, self.x)
        ]
        assert x is not None
        return Term(self.sign, w, x)


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
    terms that are added the second may be the one: a position beside a word that comes again.
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
    return np.lexsort([entry[3] for entry in reversed(ranked)])


def _columns(slot: Slot) -> list[tuple[Array, Numbers]]:
    """The first of many columns, each of a pair."""
    assert slot.source is not None
    width = slot.table.shape[1]
    return [(slot.source, slot.table[:, k]) for k in range(width if width == 2 else 1)]


def parameter_order(
    frozen: Frozen, classes: dict[int, list[int]], farther: bool = False
) -> list[int]:
    """Parameters used in the same places stand together, in the order of the graph.

    To look ``farther`` tells apart what makes queries, keys and values, by where those are read.
    """
    used: dict[int, list[int]] = {i: [] for i in classes.get(PARAMETER, [])}
    reader: dict[int, int] = {}  # the last of each
    for place, (members, rows) in enumerate(_all_places(frozen, classes)):
        if frozen.alike[rows[0][0]] == PARAMETER:
            for i in sorted(_found(rows)):
                used[i].append(place)
            if farther:
                for member, row in zip(members, rows, strict=False):
                    reader.update(dict.fromkeys(row, member))
    blocks = sorted(used, key=lambda i: used[i])  # stable: graph order within a block
    if not farther:
        return blocks
    read: dict[int, list[int]] = {member: [] for member in reader.values()}
    for place, (_, rows) in enumerate(_all_places(frozen, classes)):
        for i in _found(rows) & read.keys():
            read[i].append(place)
    return sorted(blocks, key=lambda i: (used[i], read[reader[i]] if i in reader else []))


def _found(rows: Iterable[Sequence[int]]) -> set[int]:
    """The nodes in these rows, many of which are one and the same list."""
    return set(chain.from_iterable({id(row): row for row in rows}.values()))


def _all_places(
    frozen: Frozen, classes: dict[int, list[int]]
) -> Iterator[tuple[list[int], list[Sequence[int]]]]:
    """The members of each class, and what they read at a place: a row of each, or one of all."""
    for members in classes.values():
        for rows in _places(frozen, members):
            yield members, rows


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
