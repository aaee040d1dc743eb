"""Finding a stretch of a graph that repeats: the steps of a recurrence, written out by a loop.

The nodes of a graph come in an order. From one turn of a loop to the next, each node has the same
operation, and each operand is either the same node or one that stands a turn further on. Both can
be seen for all nodes at once, so a million steps take NumPy's time, not Python's.

Next: ``loops.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from ..arrays.instructions import Numbers
from .positions import Positions

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


def waiting(graph: Positions) -> Numbers:
    """Another order, in which what is made of leaves stands next to what reads it first.

    A walk down from the last step of b + w·x + u·h meets b + w·x first: all of these, the last
    step's to begin with, come before the first h.
    """
    n = len(graph.kind)
    reader, read = graph.edges()
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
    moves = []
    for side in sides:
        as_a_turn, moved = _moved(graph, side, period)
        alike &= as_a_turn
        moves.append(moved)
    # and what moves in one turn moves in the next
    steady = alike[period:] & alike[:-period]
    for moved in moves:
        steady &= moved[period:] == moved[:-period]
    ends = np.flatnonzero(np.diff(np.concatenate([[False], steady, [False]])))
    if not len(ends):
        return None
    longest = int(np.argmax(ends[1::2] - ends[::2]))
    start, end = int(ends[2 * longest]), int(ends[2 * longest + 1]) + 2 * period
    return _cut(graph, low + start, low + end, period)


def _moved(graph: Positions, side: Numbers, period: int) -> tuple[Numbers, Numbers]:
    """How far from what its like in the turn before reads each node reads, and if as turns do.

    Of groups that move as turns do a number says which of the members moved; 0 is none.
    """
    before, now = side[:-period], side[period:]
    moved = now - before
    as_a_turn: Numbers = (moved == 0) | (moved == period)
    many = np.flatnonzero((before < -1) & (now < -1) & (moved != 0))
    if len(many):
        size = len(graph.start)
        pairs, which = np.unique(
            (-2 - before[many]) * size - 2 - now[many], return_inverse=True
        )  # as many as there are layers, where nodes are as many as neurons
        fine, number = _moved_members(graph, pairs // size, pairs % size, period)
        as_a_turn[many], moved[many] = fine[which], number[which]
    return as_a_turn, moved


def _moved_members(
    graph: Positions, before: Numbers, now: Numbers, period: int
) -> tuple[Numbers, Numbers]:
    """Of pairs of groups: whether all members stood still or moved by a turn, and which did."""
    width, width_before = graph.widths(now), graph.widths(before)
    fine, number = np.zeros(len(now), dtype=bool), np.zeros(len(now), dtype=np.int64)
    for some in np.unique(width):
        those = np.flatnonzero((width == some) & (width_before == some))
        moved = graph.members(now[those]) - graph.members(before[those])
        moved = moved.reshape(len(those), some)
        fine[those] = ((moved == 0) | (moved == period)).all(1)
        patterns = {np.zeros(some, dtype=bool).tobytes(): 0}
        number[those] = [patterns.setdefault(row.tobytes(), len(patterns)) for row in moved != 0]
    return fine, number


def _cut(graph: Positions, start: int, end: int, period: int) -> Repeat | None:
    """The stretch in whole turns, cut where least goes from one turn to the next."""
    if end - start < period * TURNS:
        return None
    _, before = graph.edges(start, start + period)
    readers, read = graph.edges(start + period, start + 2 * period)
    still = read[read == before]
    if len(still) and still.max() >= start:  # it was made in the first turn
        return _cut(graph, int(still.max()) + 1, end, period)
    moved = read != before
    pairs = zip(read[moved].tolist(), readers[moved].tolist(), strict=True)
    last = dict(sorted(pairs))  # who reads each node last
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
