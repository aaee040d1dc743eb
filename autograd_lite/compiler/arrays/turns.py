"""The derivative of a loop over scalars: a loop that runs the other way.

Each turn of it takes the adjoints of what was handed on, and gives those of what was carried in.
Scalars from outside were read in every turn, so their adjoints add up from turn to turn. The
numbers of the forward turns that it reads were kept, in rows.

Next: ``derive.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import reduce

from ... import ops
from .instructions import Array, Body, Instruction, Loop, Map, Number, reachable
from .maker import Arrays
from .rules import local_derivatives


def through_turns(
    arrays: Arrays,
    loop: Loop,
    finals: Mapping[int, Array],
    rows: Mapping[Array, Array],
    wanted: set[Array],
) -> Iterator[tuple[Array, Array]]:
    """Operands of the loop, each with a term of its adjoint.

    ``finals`` and ``rows`` are the adjoints of what it handed on at last, and of what it had turn
    by turn.
    """
    body = loop.body
    leaves = [*body.carried, *body.outside, *body.series]
    given = dict(zip(leaves, loop.operands, strict=True))
    moving = _moving(body, rows, {leaf for leaf, x in given.items() if x in wanted})
    turn = BackwardTurn(arrays, loop, moving)
    for x, adjoints in rows.items():
        turn.add(x, turn.leaf(adjoints))
    carried = [leaf in moving for leaf in body.carried]
    handed = {k: turn.back.leaf(f"adjoint{k}", ()) for k, moves in enumerate(carried) if moves}
    for k, adjoint in handed.items():
        turn.add(body.handed[k], adjoint)
    turn.sweep(reachable([*body.handed, *rows]))
    added = [x for x in body.outside if x in turn.terms]
    sums = [turn.back.leaf(f"sum{k}", ()) for k in range(len(added))]
    zero = arrays.number(0.0)
    other = turn.loop(
        starts=[finals.get(k, zero) for k in handed] + [zero] * len(added),
        carried=[*handed.values(), *sums],
        handed=[turn.total(body.carried[k]) for k in handed]
        + [turn.back.map(ops.add, s, turn.total(x)) for s, x in zip(sums, added, strict=True)],
        rows=[turn.total(x) for x in body.series if x in turn.terms],
    )
    for k, x in enumerate([*[body.carried[k] for k in handed], *added]):
        yield given[x], arrays.final(other, k)
    for x in body.series:
        if x in turn.terms:
            yield given[x], arrays.series(other, turn.total(x))


def _moving(body: Body, rows: Mapping[Array, Array], moving: set[Array]) -> set[Array]:
    """What depends on these leaves, in any turn."""
    order = reachable([*body.handed, *rows])
    while True:
        for x in order:
            if not moving.isdisjoint(x.operands):
                moving.add(x)
        pairs = zip(body.carried, body.handed, strict=True)
        more = {leaf for leaf, x in pairs if x in moving} - moving
        if not more:
            return moving
        moving |= more


class BackwardTurn:
    """A turn backwards, on its way: instructions of a body to come, and the adjoints so far."""

    def __init__(self, arrays: Arrays, loop: Loop, moving: set[Array]) -> None:
        self.arrays, self._loop, self._moving = arrays, loop, moving
        self.back = Arrays()
        self.terms: dict[Array, list[Array]] = {}
        body = loop.body
        operands = loop.operands[len(body.carried) :]
        self._outside = dict(zip(body.outside, operands, strict=False))
        self._rows = dict(zip(body.series, operands[len(body.outside) :], strict=True))
        self._known: dict[Array, Array] = {}  # numbers of the forward turn
        self._scalars: dict[Array, Array] = {}  # leaves of this turn, and what they stand for
        self._series: dict[Array, Array] = {}

    def leaf(self, row: Array) -> Array:
        """The number of this turn in a row."""
        leaf = self.back.leaf(f"row{len(self._series)}", ())
        self._series[leaf] = row
        return leaf

    def known(self, x: Array) -> Array:
        """A number that the forward turn had."""
        found = self._known.get(x)
        if found is None:
            if isinstance(x, Number):
                found = self.back.number(x.value)
            elif x in self._outside:
                found = self.back.leaf(f"outside{x.index}", ())
                self._scalars[found] = self._outside[x]
            elif x in self._rows:
                found = self.leaf(self._rows[x])
            else:
                found = self.back.leaf(f"kept{x.index}", ())
            self._known[x] = found
        return found

    def add(self, x: Array, adjoint: Array) -> None:
        if x in self._moving:
            self.terms.setdefault(x, []).append(adjoint)

    def total(self, x: Array) -> Array:
        terms = self.terms.get(x, [self.back.number(0.0)])
        return reduce(lambda a, b: self.back.map(ops.add, a, b), terms)

    def sweep(self, order: Sequence[Array]) -> None:
        """The chain rule, from what is handed on to what is carried."""
        for z in reversed(order):
            if z in self.terms and isinstance(z, Map):
                adjoint = self.total(z)
                xs = tuple([self.known(x) for x in z.operands])
                partials = local_derivatives(self.back, z.op, self.known(z), xs)
                for x, partial in zip(z.operands, partials, strict=True):
                    if x in self._moving and partial != 0.0:
                        if not isinstance(partial, Instruction):
                            partial = self.back.number(partial)
                        first, second = sorted(
                            (adjoint, partial), key=lambda x: not isinstance(x, Number)
                        )
                        self.add(x, self.back.map(ops.mul, first, second))

    def loop(
        self,
        starts: Sequence[Array],
        carried: Sequence[Array],
        handed: Sequence[Array],
        rows: Sequence[Array],
    ) -> Array:
        """The loop of such turns; it reads no more than it needs."""
        needed = set(reachable([*handed, *rows]))
        for x, leaf in self._known.items():
            found = isinstance(leaf, Number) or leaf in self._scalars or leaf in self._series
            if leaf in needed and not found:
                self._series[leaf] = self.arrays.series(self._loop, x)
        outside = {leaf: x for leaf, x in self._scalars.items() if leaf in needed}
        series = {leaf: x for leaf, x in self._series.items() if leaf in needed}
        body = self._loop.body
        other = Body(body.turns, not body.backwards, carried, [*outside], [*series], handed)
        return self.arrays.loop(other, [*starts, *outside.values(), *series.values()])
