"""A graph as it is, with the stretches of it that repeat as loops.

The nodes of one turn become the body of a loop; what they read of the turn before is carried from
turn to turn, what they read at a place of its own in every turn (a measurement, a weight for each
step) comes as a row. What stands outside the loops is written as it is.

Next: ``straight.py``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from ... import ops
from ...engine.groups import numbers_of
from ...value import Value
from ..arrays.instructions import Array, Body
from ..arrays.maker import Arrays, Code
from ..recover.freeze import Frozen, freeze
from ..recover.positions import Positions, positions_of
from ..recover.repeats import Repeat, repeats, waiting
from ..recover.views import Input
from .scalars import instruction, names_of

#: Which node of a turn, and how many turns ago.
Earlier = tuple[int, int]


class Graph(NamedTuple):
    """Values in an order, and what each of them is."""

    order: Sequence[Value]
    positions: Positions
    roles: dict[Value, int]

    @property
    def at(self) -> dict[Value, int]:
        """Where each stands."""
        return self.positions.at

    def is_fixed(self, k: int) -> bool:
        """Whether node k is a number that stays what it is."""
        return self.order[k].op is None and self.order[k] not in self.roles


def rolled(
    order: Sequence[Value],
    positions: Positions,
    roles: dict[Value, int],
    outputs: Sequence[Value],
    parameters: Sequence[Value],
    inputs: Sequence[Input],
    worth_it: Callable[[Frozen, int], bool],
) -> Code | None:
    """One instruction per scalar node, and loops; None where what repeats is not most of it.

    ``worth_it`` says of a turn, and of how many loops have one like it, whether it is better
    written in scalars than in arrays: a recurrence for each of many samples is one over arrays.
    """
    found = repeats(positions)
    if 2 * sum(x.period * x.turns for x in found) < len(order):
        order = [order[k] for k in waiting(positions).tolist()]
        positions = positions_of(order, roles)
        found = repeats(positions)
    graph = Graph(order, positions, roles)
    kinds = [positions.kind[x.start : x.start + x.period].tobytes() for x in found]
    times = Counter(kinds)
    turns = [
        turn for x, kind in zip(found, kinds, strict=True)
        if worth_it((turn := turn_of(graph, x, outputs)).frozen, times[kind])
    ]  # fmt: skip
    turns = [turn for turn in turns if turn.recurs()]
    if 2 * sum(x.at.period * x.at.turns for x in turns) < len(order):
        return None
    return Roller(graph, turns).code(outputs, parameters, inputs)


# --- one turn -------------------------------------------------------------------------------------


class Turn(NamedTuple):
    """One turn of a loop, frozen, as a stand-in for all of them."""

    at: Repeat
    values: Sequence[Value]  # the nodes of a turn
    carried: dict[Earlier, Value]  # what it reads of turns before
    rows: dict[int, Value]  # its own leaves that are others in every turn
    still: dict[int, Value]  # what all turns read alike, by its place
    outside: Sequence[int]  # places in the stretch that are read from outside
    loose: Sequence[Value]  # leaves in it that are
    frozen: Frozen

    def recurs(self) -> bool:
        """Whether a turn needs the one before, but for adding to a running sum."""
        real = {key: x for key, x in self.carried.items() if not self._adds(key)}
        while real:
            depends = set(real.values())
            for x in self.values:
                if x.op is not None and not depends.isdisjoint(x.parents):
                    depends.add(x)
            kept = {key: x for key, x in real.items() if self.values[key[0]] in depends}
            if len(kept) == len(real):
                return True
            real = kept
        return False

    def _adds(self, key: Earlier) -> bool:
        """Whether node q is what it was a turn ago, plus or minus something; and nobody else's."""
        q, back = key
        x, before = self.values[q], self.carried[key]
        if back > 1 or x.op not in (ops.add, ops.sub) or (q, 2) in self.carried:
            return False
        readers = [y for y in self.values if y.op is not None and before in y.parents]
        first, second = x.parents
        sums = first is before or (second is before and x.op is ops.add)
        return readers == [x] and sums and first is not second


def turn_of(graph: Graph, repeat: Repeat, outputs: Sequence[Value]) -> Turn:
    """The turn of which all that it reads of turns before lies in the stretch."""
    start, period, _, back = repeat
    first = start + back * period
    values = graph.order[first : first + period]
    carried: dict[Earlier, Value] = {}
    still: dict[int, Value] = {}
    for k in range(first, first + period):
        for x in graph.order[k].parents if graph.order[k].op is not None else ():
            j = graph.at[x]
            if j < start:
                still[j] = x
            elif j < first:
                turns_ago, q = divmod(j - start, period)
                carried[q, back - turns_ago] = x
    for q, ago in list(carried):
        for less in range(1, ago):  # handed on from one to the next
            carried.setdefault((q, less), graph.order[first - less * period + q])
    rows = {
        k: x
        for k, x in enumerate(values)
        if x.op is None and not (graph.is_fixed(first + k) and _same(graph, repeat, k))
    }
    read = _read_outside(graph, repeat, outputs)
    outside = [j for j in read if graph.order[j].op is not None]
    loose = [graph.order[j] for j in read if graph.order[j].op is None]
    for j in outside:
        turns, q = divmod(j - start, period)
        if turns == repeat.turns - 1:
            carried.setdefault((q, 1), graph.order[first - period + q])
    given = [*dict.fromkeys([*carried.values(), *rows.values()])]
    fixed = [x for j, x in still.items() if graph.is_fixed(j)]
    given += [x for j, x in still.items() if not graph.is_fixed(j)]
    handed = [values[q] for q, ago in carried if ago == 1]
    kept = [values[(j - start) % period] for j in outside]
    others = [x for x in values if x not in set(given)]
    frozen = freeze([*given, *fixed, *others], [*handed, *kept], (), given=given)
    return Turn(repeat, values, carried, rows, still, outside, loose, frozen)


def _same(graph: Graph, repeat: Repeat, k: int) -> bool:
    """Whether the fixed number at this place of a turn is the same in all of them."""
    numbers = np.array(_numbers(graph, repeat, k))
    bits = numbers.view(np.int64)
    return bool((bits == bits[0]).all())


def _numbers(graph: Graph, repeat: Repeat, k: int) -> list[float]:
    return numbers_of(graph.order[repeat.start + k : repeat.end : repeat.period])


def _read_outside(graph: Graph, repeat: Repeat, outputs: Sequence[Value]) -> list[int]:
    """The places in a stretch that are read from behind it."""
    positions, end = graph.positions, repeat.end
    later = [positions.read_from(end), np.array([graph.at[y] for y in outputs])]
    places = np.unique(np.concatenate(later))
    inside: list[int] = places[(places >= repeat.start) & (places < end)].tolist()
    return inside


# --- the whole ------------------------------------------------------------------------------------


class Roller:
    """Writes what is outside the loops, and each loop before the first that reads of it."""

    def __init__(self, graph: Graph, turns: Sequence[Turn]) -> None:
        self.graph, self.turns = graph, turns
        self.arrays = Arrays()
        self.new: dict[int, Array] = {}  # by node of what is outside
        self.given = {graph.order[j]: (turn, j) for turn in turns for j in turn.outside}
        self.loops: dict[int, tuple[Array, dict[Value, Array]]] = {}
        self.frozen = freeze((), (), ())

    def code(
        self, outputs: Sequence[Value], parameters: Sequence[Value], inputs: Sequence[Input]
    ) -> Code:
        order, needed = self._outside()
        self.frozen = frozen = freeze(
            order, [*outputs, *needed], parameters, [x.leaves for x in inputs], [*self.given]
        )
        numbers = [frozen.at[x] for x in parameters]
        names, packs = names_of(frozen, numbers, inputs)
        value_of = {frozen.at[x]: x for x in self.given}
        for i in sorted(set(range(len(frozen.op))) - frozen.gone):
            if i in names:
                self.new[i] = self.arrays.leaf(names[i], ())
            elif i in value_of:
                self.new[i] = self._from_loop(value_of[i])
            else:
                self.new[i] = instruction(frozen, self.arrays, i, self.new)
        row = [names[i] for i in numbers]
        return Code(
            arrays=self.arrays,
            outputs=[self.at(y) for y in outputs],
            leaves=[self.arrays.leaf(name, ()) for name in row],
            parameters=numbers,
            rows=[("p", row), *packs],
        )

    def _outside(self) -> tuple[list[Value], list[Value]]:
        """What is not in loops, with what comes of them at its place; and what loops read."""
        order, roles = self.graph.order, self.graph.roles
        outside = [x for x in order if x in roles]
        needed: list[Value] = []
        behind = 0
        for turn in self.turns:
            start, period, _, _ = turn.at
            outside += [x for x in order[behind:start] if x not in roles]
            outside += [order[j] for j in turn.outside]
            needed += [order[start + q - ago * period] for q, ago in self._read_first(turn)]
            needed += [*turn.still.values(), *turn.loose]
            for k in turn.rows:
                if not self.graph.is_fixed(start + k):
                    needed += order[start + k : turn.at.end : period]
            behind = turn.at.end
        outside += [x for x in order[behind:] if x not in roles]
        fixed = [x for x in needed if x.op is None and x not in roles]
        return [*dict.fromkeys([*fixed, *outside])], needed

    @staticmethod
    def _read_first(turn: Turn) -> list[Earlier]:
        """What is carried into the first turn; what is only handed on has no start."""
        read = {x for y in turn.values if y.op is not None for x in y.parents}
        oldest: dict[int, int] = {}
        for (q, ago), x in turn.carried.items():
            if x in read:
                oldest[q] = max(ago, oldest.get(q, 0))
        return [(q, ago) for q, ago in turn.carried if ago <= oldest.get(q, 0)]

    def at(self, x: Value) -> Array:
        return self.new[self.frozen.at[x]]

    def _from_loop(self, x: Value) -> Array:
        """A number that a loop has made: the last of its row, or one of those before."""
        turn, j = self.given[x]
        if turn.at.start not in self.loops:
            self.loops[turn.at.start] = self._loop(turn)
        loop, inside = self.loops[turn.at.start]
        turns, q = divmod(j - turn.at.start, turn.at.period)
        if turns == turn.at.turns - 1:
            return self.arrays.final(loop, [*turn.carried].index((q, 1)))
        row = self.arrays.series(loop, inside[turn.values[q]])
        return self.arrays.reshape(self.arrays.slice(row, ((turns, turns + 1, 1),)), ())

    def _loop(self, turn: Turn) -> tuple[Array, dict[Value, Array]]:
        """The loop, and what the nodes of a turn are in its body."""
        graph, (start, period, _, _) = self.graph, turn.at
        body, new = Arrays(), dict[int, Array]()
        still = [x for j, x in turn.still.items() if not graph.is_fixed(j)]
        leaves = {
            x: body.leaf(f"leaf{k}", ())
            for k, x in enumerate([*turn.carried.values(), *still, *turn.rows.values()])
        }
        for x, leaf in leaves.items():
            new[turn.frozen.at[x]] = leaf
        for i in sorted(set(range(len(turn.frozen.op))) - turn.frozen.gone):
            if i not in new:
                new[i] = instruction(turn.frozen, body, i, new)
        inside = {turn.values[q]: new[turn.frozen.at[turn.values[q]]] for q in self._made(turn)}
        handed = [
            inside[turn.values[q]] if ago == 1 else leaves[turn.carried[q, ago - 1]]
            for q, ago in turn.carried
        ]
        read = set(self._read_first(turn))
        zero = self.arrays.number(0.0)
        starts = [
            self.at(graph.order[start + q - ago * period]) if (q, ago) in read else zero
            for q, ago in turn.carried
        ]
        loop = self.arrays.loop(
            Body(
                turn.at.turns, False, [leaves[x] for x in turn.carried.values()],
                [leaves[x] for x in still], [leaves[x] for x in turn.rows.values()], handed,
            ),
            [*starts, *map(self.at, still), *[self._row(turn, k) for k in turn.rows]],
        )  # fmt: skip
        return loop, inside

    @staticmethod
    def _made(turn: Turn) -> list[int]:
        """The nodes of a turn that are handed on, or read from outside."""
        read = [(j - turn.at.start) % turn.at.period for j in turn.outside]
        return [*[q for q, ago in turn.carried if ago == 1], *read]

    def _row(self, turn: Turn, k: int) -> Array:
        """The leaf at this place of every turn: fixed numbers, or arguments."""
        start, period = turn.at[:2]
        if self.graph.is_fixed(start + k):
            return self.arrays.row(np.array(_numbers(self.graph, turn.at, k)))
        leaves = self.graph.order[start + k : turn.at.end : period]
        return self.arrays.stack([self.at(x) for x in leaves])
