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

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from math import nan
from typing import Any, NamedTuple

from ... import ops
from ...engine.kinds import Binary
from ...engine.primitive import TABLE, Primitive
from ...value import Value

LINEAR = "linear"  # in the class of a sum of parts
SUMS = frozenset({TABLE[name] for name in ("add", "sub", "sum")})

# Classes of leaves. Constants come first, then parameters: the order of a product's factors.
CONSTANT, PARAMETER, INPUT = 0, 1, 2
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
    """The nodes of a group of operands, cut after so many; the class of the first, if it is one."""

    nodes: list[int]
    others: list[int]
    alike: int | None


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
        leaves = {i: x for x, i in self.at.items() if x.op is None}
        return [leaves[i] for i in nodes]


def freeze(
    order: Sequence[Value],
    outputs: Sequence[Value],
    parameters: Iterable[Value],
    inputs: Sequence[Sequence[Value]] = (),
    given: Iterable[Value] = (),
) -> Frozen:
    """The graph of these Values, leaves first, in numbered nodes.

    Those that are ``given`` are computed elsewhere, and leaves here.
    """
    roles = roles_of(parameters, inputs)
    roles.update(dict.fromkeys(given, INPUT + len(inputs)))
    computed = [x for x in order if x not in roles] if given else order
    uses = _count_uses(computed, outputs)
    freezer = Freezer(INPUT + len(inputs) + bool(given))
    for value in order:
        role = roles.get(value)
        if role is None:
            freezer.freeze(value, uses[value])
        else:
            freezer.leaf(value, role, uses[value])
    return freezer.frozen(outputs)


def roles_of(
    parameters: Iterable[Value], inputs: Iterable[Sequence[Value]] = ()
) -> dict[Value, int]:
    """The class of each leaf that is no fixed number."""
    roles = dict.fromkeys(parameters, PARAMETER)
    for k, leaves in enumerate(inputs, start=INPUT):
        roles.update(dict.fromkeys(leaves, k))
    return roles


class Freezer:
    """Freezes one Value after the other, each after what it reads."""

    def __init__(self, leaves: int) -> None:
        self.op: list[Primitive | None] = []
        self.operands: list[Sequence[int]] = []
        self.parts: dict[int, list[Part]] = {}
        self.alike: list[int] = []
        self.data: list[float] = []
        self.gone: set[int] = set()
        self.at: dict[Value, int] = {}
        self._uses: list[int] = []
        self._unit_last: dict[int, bool] = {}  # sums: whether the last term is a sum itself
        self._sums: dict[int, Parts] = {}  # sums that may grow, or become part of another
        # running sums, without a class while they grow: to name all parts at each term would take
        # the square of their number
        self._growing: set[int] = set()
        self._classes: dict[Hashable, int] = {leaf: leaf for leaf in range(leaves)}
        # by where its tuple is, which the graph keeps there, and the length of what is cut off: the
        # inputs of a layer are read by each of its neurons
        self._groups: dict[tuple[int, int], Group] = {}

    def frozen(self, outputs: Iterable[Value]) -> Frozen:
        self._settle(list(self._growing))
        return Frozen(
            self.op, self.operands, self.parts, self.alike, self.data, self.gone, self.at,
            [self.at[y] for y in outputs], self._members(),
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

    def leaf(self, value: Value, role: int, uses: int) -> None:
        self.at[value] = self._add(None, (), role, value._data, uses)

    def freeze(self, value: Value, uses: int) -> None:
        op, at = value.op, self.at
        if op is None:
            self.leaf(value, CONSTANT, uses)
            return
        left, right = value._left, value._right
        if op is ops.dot:
            size = len(right)
            at[value] = self._dot(self._group(left, size), self._group(right, size), uses)
            return
        if self._growing:
            self._settle_operands(op, left, right)
        if op in SUMS:
            at[value] = self._sum(op, left, right, uses)
        elif op is ops.neg:
            at[value] = self._linear([self._term(at[left], -1)], uses)
        elif op is ops.mean:
            total = self._linear([self._term(at[x]) for x in left], 1)
            at[value] = self._product(self._constant(1.0 / len(left)), total, uses)
        elif op is ops.mul or op is ops.masked:  # which differ where the graph itself is asked
            at[value] = self._product(at[left], at[right], uses)
        else:
            operands = [at[x] for x in (left if type(left) is tuple else (left,))]
            if right is not None:
                operands.append(at[right])
            kinds = tuple([self.alike[i] for i in operands])
            x = self._add(op, operands, self._class((op, kinds)), 0.0, uses)
            at[value] = self._unless_zero(x, value) if tells_zeros_apart(op) else x

    def _unless_zero(self, x: int, value: Value) -> int:
        """Node x, NaN where an operand is a 0: programs do not know the sign of a sum of zeros."""
        for parent in value.parents:
            if parent.op is not None:
                pair = [x, self.at[parent]]
                alike = self._class((UNLESS_ZERO, tuple([self.alike[i] for i in pair])))
                x = self._add(UNLESS_ZERO, pair, alike, 0.0, self._uses[x])
        return x

    def _product(self, x: int, y: int, uses: int) -> int:
        if self.alike[y] < self.alike[x]:
            x, y = y, x
        key = (ops.mul, (self.alike[x], self.alike[y]))
        return self._add(ops.mul, [x, y], self._class(key), 0.0, uses)

    # --- sums ---

    def _sum(self, op: Primitive, left: Any, right: Any, uses: int) -> int:
        at = self.at
        if op is ops.sum:
            return self._linear([self._term(at[x]) for x in left], uses)
        x = at[left]
        sign, w, y = self._term(at[right], 1 if op is ops.add else -1)
        unit = w is None and y in self._unit_last
        goes_on = not unit or (self._unit_last.get(x) and self.alike[x] != self.alike[y])
        if self._uses[x] == 1 and x in self._unit_last and goes_on:  # else it is y's like
            self.gone.add(x)  # the chain so far: its terms move here
            node = self._grown(self._sums.pop(x), (sign, w, y), uses)
            self._growing.discard(x)
        else:
            self._settle([x])
            new = len(self.op)
            node = self._linear([self._term(x), (sign, w, y)], uses)
            if node < new:
                return node  # 0 + y, which is y itself
        if node in self._sums:
            self._unit_last[node] = unit
        return node

    def _term(self, x: int, sign: int = 1) -> tuple[int, int | None, int]:
        """±w·x where node x is a product read only here, ±x otherwise."""
        while self._uses[x] == 1:
            if self.op[x] is ops.mul:
                self.gone.add(x)
                w, x = self.operands[x]
                return sign, w, x
            parts = self._sums.get(x, {})
            part = next(iter(parts.values()), None)
            if part is None or len(parts) > 1 or len(part.xs) > 1 or part.ws is not None:
                break
            self.gone.add(x)  # no more than a sign
            sign, x = sign * part.sign, part.xs[0]
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
                part = parts.get(key)
                if part is None:
                    part = parts[key] = Part(sign, None, [])
            else:
                key = (False, sign, alike[w], alike[x])
                part = parts.get(key)
                if part is None:
                    part = parts[key] = Part(sign, [], [])
                elif part.shared:
                    part = parts[key] = Part(sign, [*part.ws], [*part.xs])  # type: ignore[misc]
                part.ws.append(w)  # type: ignore[union-attr]
            part.xs.append(x)

    # --- running sums ---

    def _grown(self, parts: Parts, term: tuple[int, int | None, int], uses: int) -> int:
        """The sum with one term more; its class comes when it has stopped growing."""
        self._put([term], parts)
        node = self._add(None, (), LATER, 0.0, uses)
        self._sums[node] = parts
        self._unit_last[node] = False
        self._growing.add(node)
        return node

    def _settle_operands(self, op: Primitive, left: Any, right: Any) -> None:
        """Operands have stopped growing, but for a sum that one more term is added to."""
        at = self.at
        if type(left) is tuple:
            self._settle([at[x] for group in (left, right or ()) for x in group])
            return
        if op is not ops.add and op is not ops.sub:
            self._settle((at[left],))
        if right is not None:
            self._settle((at[right],))

    def _settle(self, nodes: Iterable[int]) -> None:
        for node in nodes:
            if node in self._growing:
                self._growing.discard(node)
                self._name_parts(node, self._sums[node])

    def _name_parts(self, node: int, parts: Parts) -> None:
        """The parts in order, and from them the class of the sum."""
        if len(parts) > 1:
            parts = dict(sorted(parts.items()))
        self.parts[node] = list(parts.values())
        self._sums[node] = parts
        shape = tuple([(key, len(part.xs)) for key, part in parts.items()])
        self.alike[node] = self._class((LINEAR, shape))

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

    def _group(self, group: tuple[Value, ...], size: int) -> Group:
        """The nodes of a group, looked up once for all that share it."""
        found = self._groups.get((id(group), size))
        if found is None:
            nodes = [*map(self.at.__getitem__, group)]
            self._settle(nodes)
            nodes, others = nodes[:size], nodes[size:]
            kinds = {*map(self.alike.__getitem__, nodes)}
            found = Group(nodes, others, kinds.pop() if len(kinds) == 1 else None)
            self._groups[id(group), size] = found
        return found

    def _dot(self, left: Group, right: Group, uses: int) -> int:
        bias = [(1, None, b) for b in left.others]
        cw, cx, ws, xs = left.alike, right.alike, left.nodes, right.nodes
        if cw is not None and cx is not None:  # the ordinary case, without a look at each term
            if cw > cx:
                cw, cx, ws, xs = cx, cw, xs, ws
            parts: Parts = {(False, 1, cw, cx): Part(1, ws, xs, shared=True)}
            if bias:
                self._put(bias, parts)
            return self._sum_of(parts, uses)
        kind = self.alike.__getitem__
        pairs = [
            (1, w, x) if kind(w) <= kind(x) else (1, x, w) for w, x in zip(ws, xs, strict=True)
        ]
        return self._linear([*pairs, *bias], uses)


def _count_uses(order: Sequence[Value], outputs: Sequence[Value]) -> dict[Value, int]:
    """How many times each node is read; an output is read from outside as well."""
    plain: list[Any] = [*outputs, *outputs]
    shared: list[Any] = []
    for value in order:
        left, right = value._left, value._right
        some = shared if type(left) is tuple else plain
        if left is not None:
            some.append(left)
        if right is not None:
            some.append(right)
    uses = Counter(plain)
    times = Counter(map(id, shared))
    for where, group in {id(group): group for group in shared}.items():
        for x in group:
            uses[x] += times[where]
    return uses
