"""Why is this gradient what it is? Because of the paths: ``explain(value, leaf)``.

Every path from the output down to the leaf contributes the product of the local derivatives on
its edges, and the gradient is the sum over all paths. Backpropagation gets the same sum without
listing them, and it has to: a graph of a thousand nodes may have more paths than there are atoms.
It is the chain rule at the leaf, ``dL/da = ∂L/∂a + dL/db · ∂b/∂a``: what every use of it adds.
So the list is capped, and best first: going up from the leaf, every node keeps the few largest
products that lead down from it, which its own slopes and its operands' lists give. In the same
way the paths are counted, all of them, exactly.

Next: ``picture.py``.
"""

from __future__ import annotations

import heapq
import math
import re
from dataclasses import dataclass

from ..engine.steep import is_shut
from ..telling.formulas import bracketed, local, total
from ..telling.operands import uses
from ..telling.text import clean, is_name, number
from ..telling.text import count as counted
from ..value import Value
from .sweep import NOTHING, Sweep, below
from .walk import Walk

MAX_PATHS = 10

#: The chain rule at the leaf is written with so many terms at most.
LONGEST_RULE = 6


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
class Explanation:
    """A gradient as a sum over paths. Prints as text; a notebook typesets it."""

    output: str
    leaf: str
    gradient: float  # the sum over all paths
    count: int  # of all paths, exactly
    paths: tuple[Path, ...]  # those that contribute most, the largest first
    rule: str  # the chain rule at the leaf, in signs and in numbers

    @property
    def rest(self) -> float:
        """What the paths that are not listed contribute together."""
        products = [path.product for path in self.paths]
        try:
            return self.gradient - math.fsum(products)
        except (OverflowError, ValueError):  # too large on the way, or ∞ − ∞
            return self.gradient - sum(products)

    def __str__(self) -> str:
        left = total(self.output, self.leaf)
        if not self.count:
            return f"{left} = 0: {self.output} does not depend on {self.leaf}."
        if not self.paths[0].factors:
            return f"{left} = 1: it is the output itself."
        lines = [f"{left} = {number(self.gradient)}, the sum over {counted(self.count, 'path')}:"]
        for path in self.paths:
            numbers = " × ".join(
                number(factor) if i == 0 else bracketed(number(factor))
                for i, factor in enumerate(path.factors)
            )
            if len(path.factors) > 1:
                numbers += f" = {number(path.product)}"
            if path.product == 0.0 != math.prod(path.factors):
                numbers += NOTHING
            lines.append(f"  {' → '.join(path.names)}")
            lines.append(f"    {' · '.join(path.derivatives)} = {numbers}")
        if self.count > len(self.paths):
            left_out = counted(self.count - len(self.paths), "other path")
            lines.append(f"  {left_out}, contributing less each: {number(self.rest)} together")
        if self.count > 1:
            lines.append(f"By the chain rule: {left} = {self.rule} = {number(self.gradient)}")
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_latex_(self) -> str:
        left = _fraction(r"\mathrm{d}", self.output, self.leaf)
        if not self.count or not self.paths[0].factors:
            return f"$${left} = {_latex_number(self.gradient)}$$"
        symbols, numbers = [], []
        for path in self.paths:
            edges = zip(path.names, path.names[1:], path.uses, strict=False)
            symbols.append(r" \cdot ".join(_fraction(r"\partial ", *edge) for edge in edges))
            numbers.append(r" \cdot ".join(map(_factor, path.factors)))
        if self.count > len(self.paths):
            more = f"{self.count - len(self.paths):,}".replace(",", r"\,")
            symbols.append(rf"\underbrace{{\cdots}}_{{{more}\text{{ more paths}}}}")
            numbers.append(_factor(self.rest))
        rows = [
            rf"{left} &= " + " \\\\\n&\\quad + ".join(symbols),
            "&= " + " + ".join(numbers),
            f"&= {_latex_number(self.gradient)}",
        ]
        joined = " \\\\\n".join(rows)
        return f"$$\\begin{{aligned}}\n{joined}\n\\end{{aligned}}$$"


def explain(value: Value, leaf: Value, max_paths: int = MAX_PATHS) -> Explanation:
    """Why dvalue/dleaf is what it is: every path as a product of local derivatives, and their sum.

    Of more than ``max_paths`` paths, those that contribute most are listed, and the others are
    counted and summed. Time grows linearly with the graph. Raises ``TypeError`` for anything but
    Values, ``ValueError`` for less than one path.

    >>> a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    >>> L = (a * b + a) * -2; L.label = "L"
    >>> explain(L, a)
    dL/da = 4, the sum over 2 paths:
      L → a·b + a → a·b → a
        ∂L/∂(a·b + a) · ∂(a·b + a)/∂(a·b) · ∂(a·b)/∂a = −2 × 1 × (−3) = 6
      L → a·b + a → a
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
    walk = Walk.of(value)
    paths, best = _below(walk, leaf, max_paths)
    name = walk.names[walk.output]
    if walk.output not in paths:
        return Explanation(name, clean(leaf.label) or "the leaf", 0.0, 0, (), "")
    found = [_path(walk, leaf, best, rank) for rank in range(len(best[walk.output]))]
    sweep = below(walk.order)
    return Explanation(
        name, walk.names[leaf], sweep.grad(leaf), paths[walk.output], tuple(found),
        _rule(walk, leaf, sweep),
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


def _rule(walk: Walk, leaf: Value, sweep: Sweep) -> str:
    """``∂L/∂a + dL/db · ∂b/∂a = 3 + 2 × 1``: what each use of the leaf adds, nearest first."""
    signs, numbers = [], []
    for node in reversed(walk.order):
        if leaf not in node.parents:
            continue
        for parent, edge, slope in zip(node.parents, walk.local(node), node.partials, strict=True):
            if parent is leaf:
                grad = number(sweep.grad(node))
                signs.append(edge if node is walk.output else f"{walk.total(node)} · {edge}")
                numbers.append(
                    number(slope) if node is walk.output else f"{grad} × {bracketed(number(slope))}"
                )
    if len(signs) > LONGEST_RULE:
        signs[LONGEST_RULE:], numbers[LONGEST_RULE:] = ["…"], ["…"]
    numbers[1:] = [f"({text})" if text[0] == "−" else text for text in numbers[1:]]
    return f"{' + '.join(signs)} = {' + '.join(numbers)}"


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


# --- LaTeX: labels are user text, and nothing in them may act as a command ------------------------

_LATEX = {
    "\\": r"\backslash ", "∖": r"\backslash ", "{": r"\{", "}": r"\}", "$": r"\$", "%": r"\%",
    "&": r"\&", "#": r"\#", "_": r"\_", "^": r"\wedge ", "~": r"\sim ", "<": r"\lt ", ">": r"\gt ",
    " ": r"\ ", "·": r"{\cdot}", "×": r"{\times}", "−": "-", "'": "{'}", '"': "{''}",
    "`": r"{`}", "|": r"\vert ", "[": r"\lbrack ", "]": r"\rbrack ",
}  # fmt: skip


def latex_name(name: str) -> str:
    r"""A name in LaTeX: one letter with its number as a subscript, any other text upright.

    >>> latex_name("w12"), latex_name("loss"), latex_name(r"\def")
    ('w_{12}', '\\mathrm{loss}', '\\mathrm{\\backslash def}')
    """
    if match := re.fullmatch(r"([A-Za-z])(\d*)", name):
        letter, digits = match.groups()
        return f"{letter}_{{{digits}}}" if digits else letter
    text = "".join(_LATEX.get(character, character) for character in name)
    return rf"\mathrm{{{text}}}"


def _fraction(sign: str, of: str, by: str, use: int = 0) -> str:
    above, below = map(_bracketed, (of, by))
    told_apart = rf"{{{below}}}_{{({use})}}" if use else below
    return rf"\frac{{{sign}{above}}}{{{sign}{told_apart}}}"


def _bracketed(name: str) -> str:
    return latex_name(name) if is_name(name) else rf"\left({latex_name(name)}\right)"


def _latex_number(x: float) -> str:
    text = number(x).replace("−", "-").replace("∞", r"\infty ").replace("NaN", r"\mathrm{NaN}")
    return re.sub(r"e([-+]\d+)", lambda m: rf" \cdot 10^{{{int(m[1])}}}", text)


def _factor(x: float) -> str:
    text = _latex_number(x)
    return rf"\left({text}\right)" if x < 0 or "cdot" in text else text
