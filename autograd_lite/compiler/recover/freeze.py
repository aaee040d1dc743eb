"""Freezing a graph: scalar nodes as numbers, sums written one way, alike nodes in one class.

Two things happen here, in one walk from the leaves up.

*Sums.* People write a weighted sum as a loop of ``+`` and ``×``, as ``sum`` of a list, or as
``dot``. All of them become one kind of node, ``LINEAR``: parts of the form Σ ± w·x or Σ ± x. A
product or a partial sum that nothing else reads disappears into it.

*Classes.* Two nodes are alike when they apply the same operation to operands that are alike. All
the ReLUs of a layer, for all samples, fall into one class: that is one array instruction.

What is glossed over: the order of addition, so results differ from the eager ones in last bits.

Next: ``ragged.py``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from math import nan
from typing import NamedTuple

from ... import ops
from ...engine.kinds import Binary
from ...engine.primitive import TABLE, Primitive
from ...value import Value
from .positions import CONSTANT, INPUT, Positions, positions_of, roles_of

LINEAR = "linear"  # in the class of a sum of parts
SUMS = frozenset({TABLE[name] for name in ("add", "sub", "sum")})

LATER = -1  # a sum that may grow has no class yet

#: Stands behind a row that tells 0 from −0: at 0 it divides 0 by 0, and the graph itself is asked.
UNLESS_ZERO = Binary(
    "unless_zero", "≠0", lambda x, y: x if y else nan,
    lambda z, x, y: (ops.where(y, 1.0, nan), 0.0), form="where(y != 0, x, y / y)",
)  # fmt: skip


@lru_cache(maxsize=1024)
def tells_zeros_apart(op: Primitive) -> bool:
    """Whether the row has another finite value at −0 than at 0, as atan2 has on its cut.

    >>> tells_zeros_apart(ops.atan2), tells_zeros_apart(ops.sqrt), tells_zeros_apart(ops.div)
    (True, False, False)
    """
    for xs in product((0.0, 1.0, -1.0), repeat=op.arity or 0):
        for k in [k for k, x in enumerate(xs) if x == 0.0]:
            some = {op.finite(*xs), op.finite(*xs[:k], -0.0, *xs[k + 1 :])}
            if len(some - {None}) == 2:
                return True
    return False


class Part(NamedTuple):
    """Σ sign·w·x, or Σ sign·x where there are no ws; one class for the ws, one for the xs.

    Lists that are ``shared`` with other parts are not to grow.
    """

    sign: int
    ws: list[int] | None
    xs: list[int]
    shared: bool = False


class Group(NamedTuple):
    """The nodes of a group of operands, cut after so many; the class of the first, if it is one.

    Of those behind the cut, the bias of a neuron, the parts of a sum and what names them.
    """

    nodes: list[int]
    alike: int | None
    others: list[Part]
    named: tuple[Hashable, ...]


#: The parts of a sum by what is alike in each: whether it has no ws, sign, the two classes.
Parts = dict[tuple[bool, int, int, int], Part]


@dataclass(frozen=True, slots=True, eq=False)
class Frozen:
    """A graph of numbered scalar nodes.

    ``op[i]`` is the primitive of node i, None of a leaf and of a sum; ``operands[i]`` are node
    numbers, ``parts[i]`` those of a sum; ``alike[i]`` is the class; ``data[i]`` the number of a
    leaf. Nodes that are ``gone`` became part of their only reader. ``at`` says which node a Value
    is. ``classes`` has the members of each class, in the order of the graph; operands' classes come
    before.
    """

    op: list[Primitive | None]
    operands: list[Sequence[int]]
    parts: dict[int, list[Part]]
    alike: list[int]
    data: list[float]
    gone: set[int]
    at: dict[Value, int]
    outputs: list[int]
    classes: dict[int, list[int]]

    def reads(self) -> int:
        """How many operands all nodes have together."""
        operands, gone = self.operands, self.gone
        plain = sum(map(len, operands)) - sum([len(operands[i]) for i in gone])
        return plain + sum(
            len(part.xs) * (1 if part.ws is None else 2)
            for i, parts in self.parts.items() if i not in gone for part in parts
        )  # fmt: skip

    def values(self, nodes: Iterable[int]) -> list[Value]:
        """The Values of these leaves."""
        nodes = [*nodes]
        wanted = set(nodes)
        leaves = {i: x for x, i in self.at.items() if i in wanted and x.op is None}
        return [leaves[i] for i in nodes]


def freeze(
    order: Sequence[Value],
    outputs: Sequence[Value],
    parameters: Iterable[Value],
    inputs: Sequence[Sequence[Value]] = (),
    given: Iterable[Value] = (),
    positions: Positions | None = None,
) -> Frozen:
    """The graph of these Values, leaves first, in numbered nodes.

    Those that are ``given`` are computed elsewhere, and leaves here. ``positions`` is the graph as
    numbers, where somebody has them already.
    """
    if positions is None:
        roles = roles_of(parameters, inputs)
        roles.update(dict.fromkeys(given, INPUT + len(inputs)))
        positions = positions_of(order, roles)
    return Freezer(order, positions, INPUT + len(inputs) + bool(given)).frozen(outputs)


class Freezer:
    """Freezes one node after the other, each after what it reads."""

    def __init__(self, order: Sequence[Value], positions: Positions, leaves: int) -> None:
        self.op: list[Primitive | None] = []
        self.operands: list[Sequence[int]] = []
        self.parts: dict[int, list[Part]] = {}
        self.alike: list[int] = []
        self.data: list[float] = []
        self.gone: set[int] = set()
        self._order, self._positions = order, positions
        self._start, self._pool = positions.start.tolist(), positions.pool.tolist()
        self._at: list[int] = []  # the node of each place in the order
        self._uses: list[int] = []
        self._unit_last: dict[int, bool] = {}  # sums: whether the last term is a sum itself
        self._dots: set[int] = set()  # sums of products that were made at once
        # running sums, without a class while they grow: to name all parts at each term would take
        # the square of their number
        self._growing: dict[int, Parts] = {}
        self._classes: dict[Hashable, int] = {leaf: leaf for leaf in range(leaves)}
        # by group, and the length of what is cut off: the inputs of a layer are read by each of its
        # neurons
        self._groups: dict[tuple[int, int], Group] = {}

    def frozen(self, outputs: Sequence[Value]) -> Frozen:
        place, append = self._positions.at, self._at.append
        _, operations, *columns, _, _ = self._positions
        columns.append(self._positions.uses([place[y] for y in outputs]))
        rows = zip(self._order, *[column.tolist() for column in columns], strict=True)
        for value, kind, left, right, uses in rows:
            op = operations[kind]
            if op is None:
                append(self._add(None, (), kind, value.data, uses))
            else:
                append(self._freeze(op, left, right, uses))
        self._settle([*self._growing])
        self._classes.clear()  # of nodes that are all unlike, a quarter of the memory
        at = dict(zip(self._order, self._at, strict=True))
        return Frozen(
            self.op, self.operands, self.parts, self.alike, self.data, self.gone, at,
            [at[y] for y in outputs], self._members(),
        )  # fmt: skip

    def _members(self) -> dict[int, list[int]]:
        found: defaultdict[int, list[int]] = defaultdict(list)
        for i, alike in enumerate(self.alike):
            if i not in self.gone:
                found[alike].append(i)
        return dict(sorted(found.items()))

    # --- one node ---

    def _add(
        self, op: Primitive | None, operands: Sequence[int], alike: int, data: float, uses: int
    ) -> int:
        self.op.append(op)
        self.operands.append(operands)
        self.alike.append(alike)
        self.data.append(data)
        self._uses.append(uses)
        return len(self.op) - 1

    def _class(self, key: Hashable) -> int:
        return self._classes.setdefault(key, len(self._classes))

    def _constant(self, data: float) -> int:
        return self._add(None, (), CONSTANT, data, 1)

    def _freeze(self, op: Primitive, left: int, right: int, uses: int) -> int:
        at = self._at
        if op is ops.dot:
            return self._dot(left, right, uses)
        if self._growing:
            self._settle_operands(op, left, right)
        if op in SUMS:
            return self._sum(op, left, right, uses)
        if op is ops.neg:
            return self._linear([self._term(at[left], -1)], uses)
        if op is ops.mean:
            nodes = self._nodes(left)
            total = self._linear([*map(self._term, nodes)], 1)
            return self._product(self._constant(1.0 / len(nodes)), total, uses)
        if op is ops.mul or op is ops.masked:  # which differ where the graph itself is asked
            return self._product(at[left], at[right], uses)
        operands = self._nodes(left) if left < -1 else [at[left]]
        if right >= 0:
            operands.append(at[right])
        kinds = tuple([self.alike[i] for i in operands])
        x = self._add(op, operands, self._class((op, kinds)), 0.0, uses)
        return self._unless_zero(x, [left, right]) if tells_zeros_apart(op) else x

    def _nodes(self, group: int) -> list[int]:
        """The nodes of a group of operands, which stands in the graph as −2, −3, …"""
        members = self._pool[self._start[-2 - group] : self._start[-1 - group]]
        return [*map(self._at.__getitem__, members)]

    def _unless_zero(self, x: int, places: list[int]) -> int:
        """Node x, NaN where an operand is a 0: programs do not know the sign of a sum of zeros."""
        for k in places:
            if k >= 0 and self._order[k].op is not None:
                pair = [x, self._at[k]]
                alike = self._class((UNLESS_ZERO, tuple([self.alike[i] for i in pair])))
                x = self._add(UNLESS_ZERO, pair, alike, 0.0, self._uses[x])
        return x

    def _product(self, x: int, y: int, uses: int) -> int:
        if self.alike[y] < self.alike[x]:
            x, y = y, x
        key = (ops.mul, (self.alike[x], self.alike[y]))
        return self._add(ops.mul, [x, y], self._class(key), 0.0, uses)

    # --- sums ---

    def _sum(self, op: Primitive, left: int, right: int, uses: int) -> int:
        at = self._at
        if op is ops.sum:
            return self._linear([*map(self._term, self._nodes(left))], uses)
        x = at[left]
        sign, w, y = self._term(at[right], 1 if op is ops.add else -1)
        unit = w is None and y in self._unit_last
        goes_on = not unit or (self._unit_last.get(x) and self.alike[x] != self.alike[y])
        if x in self._dots and w is not None:  # W x + r h, of which W x may be had for all steps
            goes_on = self._is_like_those_of(x, sign, w, y)
        if self._uses[x] == 1 and x in self._unit_last and goes_on:  # else it is y's like
            self.gone.add(x)  # the chain so far: its terms move here
            node = self._grown(self._taken(x), (sign, w, y), uses)
        else:
            self._settle([x])
            new = len(self.op)
            node = self._linear([self._term(x), (sign, w, y)], uses)
            if node < new:
                return node  # 0 + y, which is y itself
        if node in self._unit_last:
            self._unit_last[node] = unit
        return node

    def _is_like_those_of(self, x: int, sign: int, w: int, y: int) -> bool:
        """Whether a product is one more of those that the dot x sums."""
        alike, (first, *_) = self.alike, self.parts[x]
        if not first.ws or first.sign != sign:
            return False
        return (alike[w], alike[y]) == (alike[first.ws[0]], alike[first.xs[0]])

    def _term(self, x: int, sign: int = 1) -> tuple[int, int | None, int]:
        """±w·x where node x is a product read only here, ±x otherwise."""
        while self._uses[x] == 1:
            if self.op[x] is ops.mul:
                self.gone.add(x)
                w, x = self.operands[x]
                return sign, w, x
            parts = self.parts.get(x, ())
            if len(parts) != 1 or len(parts[0].xs) > 1 or parts[0].ws is not None:
                break
            self.gone.add(x)  # no more than a sign
            sign, x = sign * parts[0].sign, parts[0].xs[0]
        return sign, None, x

    def _linear(
        self,
        terms: list[tuple[int, int | None, int]],
        uses: int,
        parts: Parts | None = None,
    ) -> int:
        """A sum of these terms, and of the parts that are there already."""
        parts = {} if parts is None else parts
        self._put(terms, parts)
        return self._of_parts(parts, uses)

    def _put(self, terms: Iterable[tuple[int, int | None, int]], parts: Parts) -> None:
        """Each term into the part where its likes are."""
        alike = self.alike
        for sign, w, x in terms:
            if w is None:
                if alike[x] == CONSTANT and self.op[x] is None and self.data[x] == 0.0:
                    continue  # the 0 with which Python's sum starts
                key = (True, sign, -1, alike[x])
            else:
                key = (False, sign, alike[w], alike[x])
            part = parts.get(key)
            if part is None:
                part = parts[key] = Part(sign, None if w is None else [], [])
            elif part.shared:
                ws = None if part.ws is None else [*part.ws]
                part = parts[key] = Part(sign, ws, [*part.xs])
            if w is not None:
                part.ws.append(w)  # type: ignore[union-attr]
            part.xs.append(x)

    # --- running sums ---

    def _grown(self, parts: Parts, term: tuple[int, int | None, int], uses: int) -> int:
        """The sum with one term more; its class comes when it has stopped growing."""
        self._put([term], parts)
        node = self._add(None, (), LATER, 0.0, uses)
        self._unit_last[node] = False
        self._growing[node] = parts
        return node

    def _taken(self, x: int) -> Parts:
        """The parts of a sum whose terms move into another."""
        parts = self._growing.pop(x, None)
        if parts is not None:
            return parts
        alike = self.alike
        return {
            (ws is None, sign, -1 if ws is None else alike[ws[0]], alike[xs[0]]): part
            for part in self.parts.pop(x) for sign, ws, xs, _ in [part]
        }  # fmt: skip

    def _settle_operands(self, op: Primitive, left: int, right: int) -> None:
        """Operands have stopped growing, but for a sum that one more term is added to."""
        at = self._at
        if left < -1:
            self._settle(self._nodes(left))
            return
        if op is not ops.add and op is not ops.sub:
            self._settle((at[left],))
        if right >= 0:
            self._settle((at[right],))

    def _settle(self, nodes: Iterable[int]) -> None:
        for node in nodes:
            parts = self._growing.pop(node, None)
            if parts is not None:
                self._name_parts(node, parts)

    def _name_parts(self, node: int, parts: Parts) -> None:
        """The parts in order, and from them the class of the sum."""
        if len(parts) > 1:
            parts = dict(sorted(parts.items()))
        self.parts[node] = list(parts.values())
        self.alike[node] = self._class((LINEAR, names_of(parts)))

    def _of_parts(self, parts: Parts, uses: int) -> int:
        if len(parts) < 2:
            if not parts:
                return self._constant(0.0)
            (part,) = parts.values()
            if part.ws is None and part.sign == 1 and len(part.xs) == 1:
                x = part.xs[0]  # a sum of one term is that term
                self._uses[x] += uses - 1
                return x
        return self._sum_of(parts, uses)

    def _sum_of(self, parts: Parts, uses: int) -> int:
        node = self._add(None, (), LATER, 0.0, uses)
        self._unit_last[node] = False
        self._name_parts(node, parts)
        return node

    def _group(self, group: int, size: int) -> Group:
        """The nodes of a group, looked up once for all that share it."""
        found = self._groups.get((group, size))
        if found is None:
            nodes = self._nodes(group)
            self._settle(nodes)
            kinds = {*map(self.alike.__getitem__, nodes[:size])}
            parts: Parts = {}
            self._put([(1, None, b) for b in nodes[size:]], parts)
            parts = {key: part._replace(shared=True) for key, part in sorted(parts.items())}
            found = self._groups[group, size] = Group(
                nodes[:size], kinds.pop() if len(kinds) == 1 else None, list(parts.values()),
                names_of(parts),
            )  # fmt: skip
        return found

    def _dot(self, left: int, right: int, uses: int) -> int:
        size = self._start[-1 - right] - self._start[-2 - right]
        ws, cw, others, named = self._group(left, size)
        xs, cx, _, _ = self._group(right, size)
        if cw is None or cx is None:
            kind = self.alike.__getitem__
            terms = [
                (1, w, x) if kind(w) <= kind(x) else (1, x, w) for w, x in zip(ws, xs, strict=True)
            ]
            bias = [(1, None, b) for part in others for b in part.xs]
            return self._linear([*terms, *bias], uses)
        if cw > cx:  # the ordinary case, without a look at each term
            cw, cx, ws, xs = cx, cw, xs, ws
        alike = self._class((LINEAR, (((False, 1, cw, cx), size), *named)))
        node = self._add(None, (), alike, 0.0, uses)
        self._unit_last[node] = False
        self.parts[node] = [Part(1, ws, xs, shared=True), *others]
        self._dots.add(node)
        return node


def names_of(parts: Parts) -> tuple[Hashable, ...]:
    """What tells the class of a sum of these parts, which are in order."""
    return tuple([(key, len(part.xs)) for key, part in parts.items()])
