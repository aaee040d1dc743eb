"""A large graph of scalars as a few kinds of operations, and numbers that say who reads whom.

Line by line, a hundred thousand operations and their derivative are a text that Python's compiler
takes seconds for. But there are few kinds of operations. A tape holds each kind once, and of each
operation only the slots of its result and of its operands. A derivative needs no instructions
either: the rule of each kind gives the slopes of all edges, and along these edges adjoints add up.

    slots    constants, parameters, inputs, and then the results, level by level
    blocks   of each kind a table: a row of results, then a row for each operand
    edges    each z that reads an x on which the gradient depends, in the order of the blocks

A level is what reads only levels before it; in a level the results of one kind stand together.

What is glossed over: arrays and loops, which are short programs at any size; infinite constants
and operations of very many operands, whose graphs are written line by line.

Next: ``../recover/__init__.py``.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from itertools import accumulate, chain, count
from math import isfinite
from typing import NamedTuple

import numpy as np

from ...engine.primitive import Primitive
from .instructions import Array, Leaf, Map, Number, Numbers, reachable
from .maker import Code

#: More operands of one operation, or more kinds, are no tape.
MOST, KINDS = 32, 256

#: A primitive, and of each operand whether the gradient depends on it.
Kind = tuple[Primitive, tuple[bool, ...]]


class Tape(NamedTuple):
    """A graph, its parameters first among the arguments."""

    kinds: Sequence[Kind]
    blocks: Sequence[Numbers]  # for each kind
    constants: Numbers
    arguments: Sequence[tuple[str, int]]  # the name of each, and how many numbers it has
    first: int  # slot of a result
    bounds: Numbers  # slots at which levels begin, and the end of the last
    outputs: Sequence[int]  # slots

    @property
    def size(self) -> int:
        return int(self.bounds[-1])

    def edges(self) -> tuple[Numbers, Numbers]:
        """The slots of all z, and of the x that each reads."""
        pairs = [
            (block[0], block[r])
            for (_, wanted), block in zip(self.kinds, self.blocks, strict=True)
            for r, wants in enumerate(wanted, start=1) if wants
        ]  # fmt: skip
        z, x = zip(*pairs, strict=True) if pairs else ((), ())
        none = np.zeros(0, dtype=int)
        return np.concatenate([none, *z]), np.concatenate([none, *x])

    def groups(self) -> Numbers:
        """Rows of a kind, its first column in a level, the one behind its last, a result's slot.

        They can run in this order.
        """
        rows = []
        for k, block in enumerate(self.blocks):
            level = np.searchsorted(self.bounds, block[0], side="right")
            starts = np.flatnonzero(np.diff(level, prepend=-1))
            ends = np.append(starts[1:], len(level))
            rows.append(np.stack([np.full_like(starts, k), starts, ends, block[0, starts]], axis=1))
        groups = np.concatenate(rows)
        return groups[np.argsort(groups[:, 3])]


def tape_of(code: Code, gradient: bool, worth_it: Callable[[int, int], bool]) -> Tape | None:
    """The tape of a code in scalars, with its gradient or without; None of one that is no tape.

    ``worth_it`` is asked about the number of operations and of levels.
    """
    order = reachable(code.outputs) if code.rows else []
    if not worth_it(len(order), 1):
        return None
    depth = _depths(order)
    if not depth or not worth_it(sum(map(bool, depth.values())), max(depth.values())):
        return None
    numbers = {x.index: x.value for x in order if isinstance(x, Number)}
    if not all(map(isfinite, numbers.values())):
        return None  # they may be chosen; an infinity that is computed is an overflow here
    slot = dict(zip(numbers, count()))
    names = dict(zip(chain(*[row for _, row in code.rows]), count(len(slot))))
    slot.update((x.index, names[x.name]) for x in order if isinstance(x, Leaf))
    first = len(numbers) + len(names)
    wanted = {x.index for x in code.leaves} if gradient else set()
    kinds: dict[Kind, int] = {}
    kind, reads, depths = array("i"), array("i"), array("i")
    for x in order:
        if not isinstance(x, Map):
            continue
        operands = [y.index for y in x.operands]
        wants = tuple([y in wanted for y in operands])
        if True in wants:
            wanted.add(x.index)
        kind.append(kinds.setdefault((x.op, wants), len(kinds)))
        reads.extend([slot[y] for y in operands])
        slot[x.index] = first + len(depths)
        depths.append(depth[x.index])
    if not 0 < len(kinds) <= KINDS:
        return None
    outputs = [slot[y.index] for y in code.outputs]
    made = Made(np.array(kind), np.array(reads), np.array(depths), first)
    arguments = [(name, len(row)) for name, row in code.rows]
    constants = np.array([*numbers.values()], dtype=float)
    return made.tape(list(kinds), constants, arguments, outputs)


def _depths(order: Sequence[Array]) -> dict[int, int]:
    """The level of each instruction; none where some are no scalars, or have many operands."""
    depth: dict[int, int] = {}
    for x in order:
        if isinstance(x, Map) and len(x.operands) <= MOST:
            depth[x.index] = 1 + max([depth[y.index] for y in x.operands])
        elif isinstance(x, Leaf | Number):
            depth[x.index] = 0
        else:
            return {}
    return depth


class Made(NamedTuple):
    """Results in the order of the graph, which become levels."""

    kind: Numbers
    reads: Numbers  # one after the other
    depth: Numbers
    first: int

    def tape(
        self, kinds: Sequence[Kind], constants: Numbers, arguments: Sequence[tuple[str, int]],
        outputs: Sequence[int],
    ) -> Tape:  # fmt: skip
        order = np.lexsort((self.kind, self.depth))
        moved = np.empty(self.first + len(order), dtype=int)  # where each slot comes to stand
        moved[: self.first] = np.arange(self.first)
        moved[self.first + order] = np.arange(self.first, len(moved))
        reads = moved[self.reads]
        counts = np.array([len(wanted) for _, wanted in kinds])[self.kind]
        starts = np.cumsum(counts) - counts
        blocks = []
        for k, (_, wanted) in enumerate(kinds):
            nodes = order[self.kind[order] == k]
            rows = [reads[starts[nodes] + r] for r in range(len(wanted))]
            blocks.append(np.stack([moved[self.first + nodes], *rows]))
        sizes = np.bincount(self.depth)[1:].tolist()
        bounds = np.array([*accumulate(sizes, initial=self.first)])
        places = moved[list(outputs)].tolist()
        return Tape(kinds, blocks, constants, arguments, self.first, bounds, places)
