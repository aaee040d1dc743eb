"""Finding a stretch of a graph that repeats: the steps of a recurrence, written out by a loop.

The nodes of a graph come in an order. From one turn of a loop to the next, each node has the same
operation, and each operand is either the same node or one that stands a turn further on. Both can
be seen for all nodes at once, so a million steps take NumPy's time, not Python's.

Next: ``loops.py``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import Any, NamedTuple

import numpy as np

from ...engine.order import columns
from ...value import Value
from ..arrays.instructions import Numbers
from .freeze import CONSTANT

#: Fewer turns, or fewer nodes in all of them, stay as they are.
TURNS, NODES = 8, 400
#: No turn may read what was made so many turns before.
BACK = 8
#: Nodes so few operations above the leaves may wait until they are read.
SHALLOW = 12
#: Where a period is looked for, and in how many nodes that follow each other alike.
SAMPLE, ALIKE = 40_000, (4, 24, 150, 900)


class Repeat(NamedTuple):
    """``turns`` of ``period`` nodes each, from ``start`` on; what is read is ``back`` turns old."""

    start: int
    period: int
    turns: int
    back: int

    @property
    def end(self) -> int:
        return self.start + self.period * self.turns


class Positions(NamedTuple):
    """A graph as numbers: the kind of each node, and where in the order its operands stand.

    The operands of nodes of many lie in ``group``, those of node i from ``first[i]`` on.
    """

    kind: Numbers
    left: Numbers
    right: Numbers
    first: Numbers
    group: Numbers

    def operands(self, i: int) -> Numbers:
        """The places of what node i reads."""
        pair = np.array([self.left[i], self.right[i]])
        return np.concatenate([pair[pair >= 0], self.group[self.first[i] : self.first[i + 1]]])


def positions_of(order: Sequence[Value], roles: Mapping[Value, int]) -> Positions:
    """The graph in this order as numbers; leaves of one role are of one kind."""
    at: dict[Value | None, int] = dict(zip(order, range(len(order)), strict=True))
    at[None] = -1
    kinds: defaultdict[object, int] = defaultdict(
        count(1 + max(roles.values(), default=0)).__next__
    )
    operations, lefts, rights = columns(order)
    first, group = _groups_of(at, lefts, rights)
    leaf = kinds[None]
    kind = np.array([kinds[op] for op in operations])
    leaves = np.flatnonzero(kind == leaf).tolist()
    kind[leaves] = [roles.get(order[k], CONSTANT) for k in leaves]
    left, right = np.array([at[x] for x in lefts]), np.array([at[x] for x in rights])
    return Positions(kind, left, right, first, group)


def _groups_of(
    at: Mapping[Value | None, int], lefts: list[Any], rights: list[Any]
) -> tuple[Numbers, Numbers]:
    """Of nodes of many: where each one's operands begin, and all of them; their sides are cleared.

    A group that many nodes share is looked up once.
    """
    places: dict[int, int] = {}
    pool: list[int] = []
    start, width, reader = [], [], []
    for k in [k for k, x in enumerate(lefts) if type(x) is tuple]:
        for some in (lefts[k], rights[k]) if rights[k] is not None else (lefts[k],):
            found = places.get(id(some))
            if found is None:
                found = places[id(some)] = len(pool)
                pool += [at[x] for x in some]
            start.append(found)
            width.append(len(some))
            reader.append(k)
        lefts[k] = rights[k] = None
    widths = np.array(width, dtype=np.int64)
    first = np.zeros(len(lefts) + 1, dtype=np.int64)
    np.add.at(first, np.array(reader, dtype=np.int64) + 1, widths)
    behind = np.cumsum(widths)
    inside = np.repeat(np.array(start, dtype=np.int64) - (behind - widths), widths)
    group = np.array(pool, dtype=np.int64)[inside + np.arange(len(inside))]
    return np.cumsum(first), group


def waiting(graph: Positions) -> Numbers:
    """Another order, in which what is made of leaves stands next to what reads it first.

    A walk down from the last step of b + w·x + u·h meets b + w·x first: all of these, the last
    step's to begin with, come before the first h.
    """
    n = len(graph.kind)
    widths = np.diff(graph.first)
    readers = np.repeat(np.arange(n), widths)
    pairs = [(np.flatnonzero(side >= 0), side[side >= 0]) for side in (graph.left, graph.right)]
    reader, read = [np.concatenate(x) for x in zip(*pairs, (readers, graph.group), strict=True)]
    height = np.zeros(n, dtype=np.int64)
    for _ in range(SHALLOW + 1):
        before = height.copy()
        np.maximum.at(height, reader, before[read] + 1)
    shallow = height <= SHALLOW
    own = turn = np.where(shallow, n, np.arange(n))
    inside = shallow[read]
    reader, read = reader[inside], read[inside]
    for _ in range(SHALLOW + 1):
        before, turn = turn, own.copy()
        np.minimum.at(turn, read, np.where(shallow[reader], before[reader], reader))
    found: Numbers = np.lexsort((np.arange(n), turn))
    return found


def repeats(graph: Positions) -> list[Repeat]:
    """The longest stretch that repeats, and those before it and behind it, in their order."""
    return sorted(_within(graph, 0, len(graph.kind)))


def _within(graph: Positions, low: int, high: int) -> Iterator[Repeat]:
    stack = [(low, high)]
    while stack:
        low, high = stack.pop()
        if high - low < NODES:
            continue
        longest = None
        for period in _periods(graph.kind[low:high]):
            repeat = _longest(graph, low, high, period)
            if repeat and (longest is None or _covers(repeat) > 1.1 * _covers(longest)):
                longest = repeat
        if longest is not None:
            yield longest
            stack += [(low, longest.start), (longest.end, high)]


def _covers(repeat: Repeat) -> int:
    return repeat.period * repeat.turns


def _periods(kind: Numbers) -> list[int]:
    """How far apart stretches of equal kinds most often are, shortest first."""
    middle = max(0, (len(kind) - SAMPLE) // 2)
    sample = kind[middle : middle + SAMPLE].astype(np.uint64)
    found = set()
    with np.errstate(over="ignore"):
        hashes, length = sample * np.uint64(0x9E3779B97F4A7C15), 1
        for alike in ALIKE:
            while length < alike and len(hashes) > length:
                # a hash of twice as many nodes from two of half as many
                hashes = (hashes[:-length] ^ (hashes[:-length] >> np.uint64(29))) * np.uint64(
                    0xBF58476D1CE4E5B9
                ) + hashes[length:]
                length *= 2
            by_hash = np.argsort(hashes, kind="stable")
            same = hashes[by_hash[1:]] == hashes[by_hash[:-1]]
            apart = (by_hash[1:] - by_hash[:-1])[same]
            if len(apart):
                found.add(int(np.bincount(apart).argmax()))
    return sorted(found)


def _longest(graph: Positions, low: int, high: int, period: int) -> Repeat | None:
    """The longest stretch with this period."""
    if high - low < period * TURNS:
        return None
    kind, *sides = [x[low:high] for x in (graph.kind, graph.left, graph.right)]
    alike = kind[period:] == kind[:-period]
    moved = [side[period:] - side[:-period] for side in sides]
    for move in moved:
        alike &= (move == 0) | (move == period)
    alike &= _alike_in_groups(graph, low, high, period)
    # and what moves in one turn moves in the next
    steady = alike[period:] & alike[:-period]
    for move in moved:
        steady &= move[period:] == move[:-period]
    ends = np.flatnonzero(np.diff(np.concatenate([[False], steady, [False]])))
    if not len(ends):
        return None
    longest = int(np.argmax(ends[1::2] - ends[::2]))
    start, end = int(ends[2 * longest]), int(ends[2 * longest + 1]) + 2 * period
    return _cut(graph, low + start, low + end, period)


def _alike_in_groups(graph: Positions, low: int, high: int, period: int) -> Numbers:
    """Of each node, whether a group of its operands has moved as a turn does."""
    first, n = graph.first, high - low - period
    width = np.diff(first[low : high + 1])
    found: Numbers = width[period:] == width[:-period]
    wide = np.flatnonzero(found & (width[:n] > 0))
    counts = width[wide]
    inside = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    here, there = [np.repeat(first[low + wide + by], counts) + inside for by in (0, period)]
    moved = graph.group[there] - graph.group[here]
    found[np.repeat(wide, counts)[(moved != 0) & (moved != period)]] = False
    return found


def _cut(graph: Positions, start: int, end: int, period: int) -> Repeat | None:
    """The stretch in whole turns, cut where least goes from one turn to the next."""
    if end - start < period * TURNS:
        return None
    readers, read = [], []
    for i in range(start + period, start + 2 * period):
        operands = graph.operands(i)
        before = graph.operands(i - period)
        readers += [i] * int((operands != before).sum())
        read += operands[operands != before].tolist()
        still = operands[operands == before]
        if len(still) and still.max() >= start:  # it was made in the first turn
            return _cut(graph, int(still.max()) + 1, end, period)
    last = dict(sorted(zip(read, readers, strict=True)))  # who reads each node last
    crossings = np.zeros(period + 1, dtype=np.int64)
    back = 0
    for j, i in last.items():
        turns, rest = divmod(i - j, period)
        back = max(back, turns + 1)
        a = (j + 1 - start) % period
        b = a + rest
        crossings[0] += turns
        crossings[a] += 1
        crossings[min(b, period)] -= 1
        if b > period:
            crossings[0] += 1
            crossings[b - period] -= 1
    start += int(np.cumsum(crossings[:period]).argmin())
    turns = (end - start) // period
    if turns < max(TURNS, back + 4) or turns * period < NODES or back > BACK:
        return None
    return Repeat(start, period, turns, back)
