"""Rows of different lengths, made equally long: causal attention becomes a matrix with a mask.

Written out position by position, the softmax of position i runs over i + 1 logits. Rows that differ
in length have nothing else alike: no array holds them, nor anything that is computed from them. So
each row is filled up with the logits that the longest has beyond its end, of its own query; what is
filled in is masked by −∞, of which the exponential is 0.

A row is a ``logsumexp`` or a ``held_max`` of many; what is done to each of its members, the sums of
those, and the sums that they weigh are found by their readers. What is filled in is computed by the
program, and read by nobody; should its arithmetic be undefined, the graph itself answers, as ever.

Next: ``repeats.py``.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from functools import partial
from operator import is_
from typing import Any, NamedTuple

from ... import ops
from ...engine.groups import as_tuple, mapped
from ...engine.kinds import Binary
from ...engine.node import groups
from ...engine.order import columns
from ...engine.primitive import Primitive
from ...value import Constant, Value

#: Rows begin at one of these.
TOPS = frozenset({ops.held_max, ops.logsumexp})
#: A logit plus the 0 or −∞ of a mask; among sums it would be taken apart with its terms.
MASKED = Binary(
    "masked_logit", "+", lambda x, y: x + y, lambda z, x, y: (1.0, 0.0), form="x + y"
)  # fmt: skip
#: Filling up makes no more than so many members of one.
MOST = 4
#: From a member down to what differs from row to row there are no more steps than that.
DEEP = 12


class Stand:
    """Stands where a node stood, with other operands; it has no number."""

    __slots__ = ("_data", "_left", "_right", "op")

    def __init__(self, op: Primitive, *groups: Any) -> None:
        self.op, self._data = op, 0.0
        self._left, self._right = groups if len(groups) > 1 else (*groups, None)

    @property
    def parents(self) -> tuple[Any, ...]:
        return (*as_tuple(self._left), *(() if self._right is None else as_tuple(self._right)))


class Row(NamedTuple):
    """A row, and what is computed from it: the same for all rows but for its length."""

    top: Value
    vectors: list[list[Value]]  # its members, and what is done to each
    steps: list[Hashable]  # how each vector and each number was made
    scalars: list[Value]  # the top, and sums of vectors
    weighed: dict[
        Value, tuple[int, Value, list[Value]]
    ]  # by their first: which vector, sum, others

    @property
    def key(self) -> Hashable:
        return self.top.op, tuple(self.steps), frozenset(self.weighed)


def filled(order: Sequence[Value], outputs: Sequence[Value]) -> tuple[list[Any], list[Any]] | None:
    """The graph with such rows equally long, in an order, and its outputs; None without such."""
    tops = [x for x in order if x.op in TOPS]
    if len({len(x.parents) for x in tops}) < 3:
        return None
    readers = readers_in(order)
    families: defaultdict[Hashable, list[Row]] = defaultdict(list)
    for top in tops:
        row = row_of(top, readers)
        if row is not None and row.weighed:
            families[row.key].append(row)
    new: dict[Value, Any] = {}
    for rows in families.values():
        longest = max(rows, key=lambda row: len(row.vectors[0]))
        lengths = [len(row.vectors[0]) for row in rows]
        if min(lengths) < max(lengths) and MOST * sum(lengths) >= len(rows) * max(lengths):
            changed = [as_long(row, longest) for row in rows]
            if None not in changed:
                new.update(pair for row in changed if row for pair in row.items())
    return rebuilt(outputs, new) if new else None


def readers_in(order: Sequence[Value]) -> dict[Value, list[Value]]:
    """Who reads each node, in this order."""
    readers: defaultdict[Value, list[Value]] = defaultdict(list)
    for x, _, left, right in zip(order, *columns(order), strict=True):
        if type(left) is tuple:
            for parent in dict.fromkeys((*left, *(right or ()))):
                readers[parent].append(x)
        elif left is not None:
            readers[left].append(x)
            if right is not None and right is not left:
                readers[right].append(x)
    return readers


# --- what is computed from a row ------------------------------------------------------------------


def row_of(top: Value, readers: dict[Value, list[Value]]) -> Row | None:
    """All that follows from a row, up to the sums of others that it weighs."""
    row = Row(top, [list(top.parents)], [], [top], {})
    for k, vector in enumerate(row.vectors):  # which grows
        for reader in readers[vector[0]]:
            if reader in row.scalars:
                continue
            if (each := _each(row, k, reader, readers)) is not None:
                row.vectors.append(each)
            elif (total := _total(vector, reader, readers)) is not None:
                row.steps.append(("sum", k))
                row.scalars.append(total)
            elif (weighed := _weighed(vector, reader, readers)) is not None:
                total, others = weighed
                row.weighed[others[0]] = k, total, others
            else:
                return None
        if len(row.vectors) > DEEP:
            return None
    return row


def _each(row: Row, k: int, first: Value, readers: dict[Value, list[Value]]) -> list[Value] | None:
    """What is done to each member as it is to the first: with the row's numbers, or fixed ones."""
    vector, parents = row.vectors[k], first.parents
    step: list[Hashable] = []
    for x in parents:
        if x is vector[0]:
            step.append("member")
        elif x in row.scalars:
            step.append(row.scalars.index(x))
        elif x.op is None and isinstance(x, Constant) and first.op is not ops.add:
            step.append(("number", x.data))
        else:
            return None
    if first.op is None or first.op.arity is None:
        return None
    found = [first]
    for x in vector[1:]:
        same = [y for y in readers[x] if y.op is first.op and _like(y, x, first, vector[0])]
        if not same:
            return None
        found.append(same[0])
    row.steps.append((k, first.op, tuple(step)))
    return found


def _like(y: Value, x: Value, first: Value, at: Value) -> bool:
    """Whether y is to x what ``first`` is to ``at``."""
    for a, b in zip(y.parents, first.parents, strict=True):
        same = a is b or (a is x and b is at)
        numbers = isinstance(a, Constant) and isinstance(b, Constant) and a.data == b.data
        if not same and not numbers:
            return False
    return True


def _total(vector: list[Value], reader: Value, readers: dict[Value, list[Value]]) -> Value | None:
    """The sum of a vector."""
    if reader.op is ops.sum:
        return reader if list(reader.parents) == vector else None
    return _chain(reader, [partial(is_, y) for y in vector], readers)


def _weighed(
    vector: list[Value], reader: Value, readers: dict[Value, list[Value]]
) -> tuple[Value, list[Value]] | None:
    """The sum of others, each times a member of the vector; and those others."""
    if reader.op is ops.dot:
        left, right = map(list, groups(reader))
        weighed = right if left == vector else left
        return (reader, weighed) if vector in (left, right) and len(left) == len(right) else None
    if reader.op is not ops.mul:
        return None
    for following in readers[reader]:
        others: list[Value] = []
        total = _chain(following, [partial(_is_weighed, others, y) for y in vector], readers)
        if total is not None and others[0] in reader.parents:
            return total, others
    return None


def _is_weighed(others: list[Value], y: Value, x: Value) -> bool:
    """Whether x is y times another, which is noted."""
    if x.op is not ops.mul or y not in x.parents:
        return False
    others.append(x.parents[0] if x.parents[1] is y else x.parents[1])
    return True


def _chain(
    first: Value, tests: list[Callable[[Value], bool]], readers: dict[Value, list[Value]]
) -> Value | None:
    """The end of ((0 + a) + b) + c, from its first sum on, where a, b, c pass the tests."""
    if first.op is not ops.add:
        return None
    x, y = first.parents
    if isinstance(x, Constant) and x.data == 0.0:
        x, y = y, x
    if not (isinstance(y, Constant) and y.data == 0.0 and tests[0](x)):
        return None
    for test in tests[1:]:
        sums = [z for z in readers[first] if z.op is ops.add and z.parents[0] is first]
        following = next((z for z in sums if test(z.parents[1])), None)
        if following is None:
            return None
        first = following
    return first


# --- as long as another ---------------------------------------------------------------------------


def as_long(row: Row, longest: Row) -> dict[Value, Any] | None:
    """What stands in place of the nodes of a row that is filled up to the length of the longest."""
    members, others = row.vectors[0], longest.vectors[0]
    for first, (_, _, found) in row.weighed.items():
        if found != longest.weighed[first][2][: len(found)]:
            return None
    more: list[Any] = []
    if len(members) < len(others):
        own = differences(others[0], members[0], DEEP)
        if own is None:
            return None
        done: dict[tuple[Value, int], Any] = {}  # without it the graph below is walked as a tree
        more = [substituted(x, own, DEEP, done) for x in others[len(members) :]]
    shown, hidden = Constant(0.0), Constant(-math.inf)
    logits = [Stand(MASKED, x, shown) for x in members] + [Stand(MASKED, x, hidden) for x in more]
    vectors = [logits]
    scalars = [Stand(row.top.op, tuple(logits))]  # type: ignore[arg-type]
    for step in row.steps:
        match step:
            case "sum", int(k):
                scalars.append(Stand(ops.sum, tuple(vectors[k])))
            case int(k), Primitive() as op, tuple(operands):
                vectors.append([Stand(op, *_given(operands, x, scalars)) for x in vectors[k]])
    new: dict[Value, Any] = dict(zip(row.scalars, scalars, strict=True))
    for before, after in zip(row.vectors[1:], vectors[1:], strict=True):
        new.update(zip(before, after, strict=False))
    for first, (k, total, _) in row.weighed.items():
        new[total] = Stand(ops.dot, tuple(vectors[k]), tuple(longest.weighed[first][2]))
    return new


def _given(operands: Iterable[Any], member: Any, scalars: list[Stand]) -> Iterator[Any]:
    for operand in operands:
        match operand:
            case "member":
                yield member
            case int(k):
                yield scalars[k]
            case ("number", float(x)):
                yield Constant(x)


def differences(a: Value, b: Value, deep: int) -> dict[Value, Value] | None:
    """What stands in b where a has something else, up to nodes that read something in common."""
    if a is b:
        return {}
    if a.op is not b.op or deep == 0 or a.op is None:
        return None
    pairs = list(zip(a.parents, b.parents, strict=False))
    if len(a.parents) != len(b.parents):
        return None
    if any(x is y and not isinstance(x, Constant) for x, y in pairs):
        return {x: y for x, y in pairs if x is not y}
    found: dict[Value, Value] = {}
    for x, y in pairs:
        if x is y or (isinstance(x, Constant) and isinstance(y, Constant) and x.data == y.data):
            continue
        below = differences(x, y, deep - 1)
        if below is None:
            return None
        found |= below
    return found


def substituted(
    x: Value, own: dict[Value, Value], deep: int, done: dict[tuple[Value, int], Any]
) -> Any:
    """x with others in place of some nodes that it reads, not far below; ``done`` remembers."""
    if x in own:
        return own[x]
    if x.op is None or deep == 0:
        return x
    if (x, deep) not in done:
        operands = [substituted(parent, own, deep - 1, done) for parent in x.parents]
        same = all(new is old for new, old in zip(operands, x.parents, strict=True))
        given = iter(operands)
        done[x, deep] = (
            x if same else Stand(x.op, *[mapped(lambda _: next(given), g) for g in groups(x)])
        )
    return done[x, deep]


def rebuilt(outputs: Sequence[Value], new: dict[Value, Any]) -> tuple[list[Any], list[Any]] | None:
    """The graph of what stands in place of nodes; None where something would read itself."""
    done: dict[Any, Any] = {}
    entered: set[Any] = set()
    stack: list[Any] = list(outputs)
    while stack:
        x = stack[-1]
        if x in done:
            stack.pop()
            continue
        node = new.get(x, x)
        left, right = node._left, node._right
        if left is None:  # a leaf, as half of all
            done[stack.pop()] = x
            continue
        if type(left) is tuple:
            operands = (*left, *(right or ()))
        else:
            operands = (left,) if right is None else (left, right)
        below = [y for y in operands if y not in done]
        if not below:
            stack.pop()
            changed = node is not x or any(done[y] is not y for y in operands)
            below = [mapped(done.__getitem__, group) for group in groups(node)] if changed else []
            done[x] = Stand(node.op, *below) if changed else x
        elif x in entered:
            return None
        else:
            entered.add(x)
            stack += below
    return [*dict.fromkeys(done.values())], [done[y] for y in outputs]
