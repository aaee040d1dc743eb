"""Why is this gradient what it is? Because of the paths: ``explain(value, leaf)``.

Every path from the output down to the leaf contributes the product of the local derivatives on
its edges, and the gradient is the sum over all paths. Backpropagation gets the same sum without
listing them, and it has to: a graph of a thousand nodes may have more paths than there are atoms.
It is the chain rule at the leaf, ``dL/da = ∂L/∂a + dL/db · ∂b/∂a``: what every use of it adds.
So the list is capped, and best first: going up from the leaf, every node keeps the few largest
products that lead down from it, which its own slopes and its operands' lists give. In the same
way the paths are counted, all of them, exactly.

Next: ``quizzes.py``.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator
from dataclasses import dataclass

from ..engine.steep import is_shut
from ..showing.html import either, result
from ..telling.formulas import bracketed, local, product, total
from ..telling.operands import uses
from ..telling.plain import Text
from ..telling.text import DIGITS, checked_digits, clean, number
from ..telling.text import count as counted
from ..value import Value
from .sweep import NOTHING, Sweep, below
from .typeset import LONGEST_RULE, in_mathml, in_tex
from .walk import Walk

MAX_PATHS = 10


@dataclass(frozen=True)
class Path:
    """One way from the output to the leaf."""

    names: tuple[str, ...]  # of the values on it, the output first
    uses: tuple[int, ...]  # on each edge, which use of an operand that is used more than once
    factors: tuple[float, ...]  # the local derivatives on its edges
    product: float  # what it contributes to the gradient

    @property
    def derivatives(self) -> tuple[str, ...]:
        """∂L/∂d, ∂d/∂e, …"""
        return tuple(map(local, self.names, self.names[1:], self.uses))


@dataclass(frozen=True)
class Use:
    """One use of the leaf, by a value above it."""

    by: str  # the value, as it is called
    which: int  # of several uses by the same value
    total: float  # the derivative of the output with respect to that value
    local: float  # and of that value with respect to the leaf, along this edge


@dataclass(frozen=True)
class Explanation:
    """A gradient as a sum over paths. Prints as text; a notebook typesets it."""

    output: str
    leaf: str
    gradient: float  # the sum over all paths
    count: int  # of all paths, exactly
    paths: tuple[Path, ...]  # those that contribute most, the largest first
    uses: tuple[Use, ...]  # of the leaf: what the chain rule sums over, nearest to the output first
    digits: int = DIGITS  # that numbers show

    @property
    def rest(self) -> float:
        """What the paths that are not listed contribute together."""
        products = [path.product for path in self.paths]
        try:
            return self.gradient - math.fsum(products)
        except (OverflowError, ValueError):  # too large on the way, or ∞ − ∞
            return self.gradient - sum(products)

    def __str__(self) -> str:
        return str(self.text)

    @property
    def text(self) -> str:
        """One line per path. Printed, it is in plain letters where the terminal lacks a sign."""
        left = total(self.output, self.leaf)
        if not self.count:
            return Text(f"{left} = 0: {self.output} does not depend on {self.leaf}.")
        if not self.paths[0].factors:
            return Text(f"{left} = 1: it is the output itself.")
        found = self._number(self.gradient)
        lines = [f"{left} = {found}, the sum over {counted(self.count, 'path')}:"]
        for path in self.paths:
            first, *others = map(self._number, path.factors)
            numbers = " × ".join([first, *map(bracketed, others)])
            if others:
                numbers += f" = {self._number(path.product)}"
            if path.product == 0.0 != math.prod(path.factors):
                numbers += NOTHING
            lines.append(f"  {' · '.join(path.derivatives)} = {numbers}")
        if self.count > len(self.paths):
            left_out = counted(self.count - len(self.paths), "other path")
            rest = self._number(self.rest)
            lines.append(f"  {left_out}, contributing less each: {rest} together")
        if self.count > 1:
            lines.append(f"By the chain rule: {left} = {self._rule()} = {found}")
        return Text("\n".join(lines))

    __repr__ = __str__

    def _number(self, x: float) -> str:
        return number(x, self.digits)

    def _rule(self) -> str:
        """``∂L/∂a + dL/db · ∂b/∂a = 3 + 2 × 1``: what each use of the leaf adds."""
        signs, numbers = [], []
        for use in self.uses[:LONGEST_RULE]:
            edge = local(use.by, self.leaf, use.which)
            direct = use.by == self.output
            signs.append(edge if direct else f"{total(self.output, use.by)} · {edge}")
            numbers.append(
                self._number(use.local) if direct else product(use.total, use.local, self.digits)
            )
        more = ["…"] if len(self.uses) > LONGEST_RULE else []
        numbers[1:] = [f"({text})" if text[0] == "−" else text for text in numbers[1:]]
        return f"{' + '.join([*signs, *more])} = {' + '.join([*numbers, *more])}"

    def _repr_latex_(self) -> str:
        return in_tex(self)

    def _repr_html_(self) -> str:
        """Typeset, in what a browser reads offline; without style sheets it is the text."""
        return result(either(in_mathml(self), str(self)), scrolls="Sum over paths")


def explain(
    value: Value, leaf: Value, max_paths: int = MAX_PATHS, digits: int = DIGITS
) -> Explanation:
    """Why dvalue/dleaf is what it is: every path as a product of local derivatives, and their sum.

    Of more than ``max_paths`` paths, those that contribute most are listed, and the others are
    counted and summed. Time grows linearly with the graph. Numbers have so many significant
    ``digits``. Raises ``TypeError`` for anything but Values, ``ValueError`` for less than one path.

    >>> a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    >>> L = (a * b + a) * -2; L.label = "L"
    >>> explain(L, a)
    dL/da = 4, the sum over 2 paths:
      ∂L/∂(a·b + a) · ∂(a·b + a)/∂(a·b) · ∂(a·b)/∂a = −2 × 1 × (−3) = 6
      ∂L/∂(a·b + a) · ∂(a·b + a)/∂a = −2 × 1 = −2
    By the chain rule:
    dL/da = dL/d(a·b + a) · ∂(a·b + a)/∂a + dL/d(a·b) · ∂(a·b)/∂a = −2 × 1 + (−2 × (−3)) = 4
    """
    if not isinstance(leaf, Value):
        raise TypeError(
            f"explain(value, leaf) takes two Values; got a {type(leaf).__name__} as the leaf."
        )
    if max_paths < 1:
        raise ValueError(f"max_paths is at least 1; got {max_paths!r}.")
    walk = Walk.of(value, digits=digits)
    paths, best = _below(walk, leaf, max_paths)
    name = walk.names[walk.output]
    if walk.output not in paths:
        return Explanation(name, clean(leaf.label) or "the leaf", 0.0, 0, (), (), digits)
    found = [_path(walk, leaf, best, rank) for rank in range(len(best[walk.output]))]
    sweep = below(walk.order)
    return Explanation(
        name, walk.names[leaf], sweep.grad(leaf), paths[walk.output], tuple(found),
        tuple(_uses(walk, leaf, sweep)), checked_digits(digits),
    )  # fmt: skip


# The best paths below a node, best first: (|product|, which operand, which of its best paths).
Best = list[tuple[float, int, int]]


def _below(walk: Walk, leaf: Value, most: int) -> tuple[dict[Value, int], dict[Value, Best]]:
    """For each node above the leaf how many paths lead down to it, and the best of them."""
    paths: dict[Value, int] = {}
    best: dict[Value, Best] = {}
    for node in walk.order:
        if node is leaf:
            paths[node], best[node] = 1, [(1.0, 0, 0)]
            continue
        edges = [(k, parent) for k, parent in enumerate(node.parents) if parent in paths]
        if edges:
            partials = node.partials
            paths[node] = sum(paths[parent] for _, parent in edges)
            ways = (
                (0.0 if is_shut(node, partials[k]) else _size(partials[k] * size), k, rank)
                for k, parent in edges
                for rank, (size, _, _) in enumerate(best[parent])
            )
            best[node] = heapq.nsmallest(most, ways, key=lambda way: (-way[0], *way[1:]))
    return paths, best


def _size(product: float) -> float:
    """The size of a product; what is not a number comes first."""
    return abs(product) if product == product else math.inf


def _uses(walk: Walk, leaf: Value, sweep: Sweep) -> Iterator[Use]:
    """Every use of the leaf, by the values nearest to the output first."""
    for node in reversed(walk.order):
        operands = zip(node.parents, uses(node.parents), node.partials, strict=True)
        for parent, which, slope in operands:
            if parent is leaf:
                yield Use(walk.names[node], which, sweep.grad(node), slope)


def _path(walk: Walk, leaf: Value, best: dict[Value, Best], rank: int) -> Path:
    """The path of a rank among the best ones of the output."""
    node = walk.output
    names, which, factors = [walk.names[node]], [], []
    sweep = Sweep(walk.order)
    while node is not leaf:
        _, k, rank = best[node][rank]
        parents, slope = node.parents, node.partials[k]
        which.append(uses(parents)[k])
        factors.append(slope)
        sweep.along(node, parents[k], slope)
        node = parents[k]
        names.append(walk.names[node])
    return Path(tuple(names), tuple(which), tuple(factors), sweep.grad(leaf))
