"""An explanation typeset: in TeX for who prints it, in MathML for who reads it in a browser.

What is said stands here once, as lines of sums of products; the two languages say how.

Next: ``paths.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, Protocol, TypeAlias

from ..showing.html import Markup
from ..telling import latex, mathml

#: The chain rule at the leaf is written with so many terms at most.
LONGEST_RULE = 6

#: So many products of numbers stand side by side in a browser, of so many letters together.
SIDE_BY_SIDE, WIDEST = 2, 80

#: What a factor is, in a language: a derivative or a number.
Factor: TypeAlias = Callable[[Any], str]
Product: TypeAlias = list[Factor]


class Way(Protocol):
    """A path from the output to the leaf, see ``paths.py``."""

    @property
    def names(self) -> tuple[str, ...]: ...
    @property
    def uses(self) -> tuple[int, ...]: ...
    @property
    def factors(self) -> tuple[float, ...]: ...


class Used(Protocol):
    """One use of the leaf."""

    @property
    def by(self) -> str: ...
    @property
    def which(self) -> int: ...
    @property
    def total(self) -> float: ...
    @property
    def local(self) -> float: ...


class Explained(Protocol):
    """What there is to typeset."""

    @property
    def output(self) -> str: ...
    @property
    def leaf(self) -> str: ...
    @property
    def gradient(self) -> float: ...
    @property
    def count(self) -> int: ...
    @property
    def digits(self) -> int: ...

    @property
    def paths(self) -> Sequence[Way]: ...
    @property
    def uses(self) -> Sequence[Used]: ...
    @property
    def rest(self) -> float: ...


class Line(NamedTuple):
    """One equation: a sum of products, and the sides that may be said on this line too."""

    terms: Sequence[Product | None]  # None stands for terms that are left out
    starts: bool = False  # whether the left side stands before it
    tall: bool = False  # whether each product has a line of its own
    left_out: str = ""  # what is said of the terms that are
    ends: bool = False  # whether the gradient stands after it


def lines_of(found: Explained) -> Iterator[Line | None]:
    """The lines of an explanation; None where the words *By the chain rule* stand."""
    digits = found.digits
    symbols: list[Product | None] = []
    numbers: list[Product | None] = []
    for path in found.paths:
        edges = zip(path.names, path.names[1:], path.uses, strict=False)
        symbols.append([_local(*edge) for edge in edges])
        numbers.append([_number(x, digits) for x in path.factors])
    if found.count > len(found.paths):
        symbols.append(None)
        numbers.append([_number(found.rest, digits)])
    yield Line(symbols, True, True, f"{found.count - len(found.paths):,}")
    yield Line(numbers)
    yield Line([], ends=True)
    if found.count == 1:
        return
    signs: list[Product | None] = []
    slopes: list[Product | None] = []
    for use in found.uses[:LONGEST_RULE]:
        edge, slope = _local(use.by, found.leaf, use.which), _number(use.local, digits)
        direct = use.by == found.output
        signs.append([edge] if direct else [_total(found.output, use.by), edge])
        slopes.append([slope] if direct else [_number(use.total, digits), slope])
    more = [None] if len(found.uses) > LONGEST_RULE else []
    yield None
    yield Line([*signs, *more], starts=True)
    yield Line([*slopes, *more], ends=True)


def _total(of: str, by: str) -> Factor:
    return lambda language: str(language.total(of, by))


def _local(of: str, by: str, use: int) -> Factor:
    return lambda language: str(language.local(of, by, use))


def _number(x: float, digits: int) -> Factor:
    return lambda language: str(language.factor(x, digits))


def in_tex(found: Explained) -> str:
    """The explanation in TeX, as a notebook and a paper take it."""
    left, gradient = (
        latex.total(found.output, found.leaf),
        latex.number(found.gradient, found.digits),
    )
    if not found.count or not found.paths[0].factors:
        return f"$${left} = {gradient}$$"
    rows = []
    for line in lines_of(found):
        if line is None:
            rows.append(r"&\text{By the chain rule:}")
            continue
        dots = r"\cdots"
        if line.left_out:
            more = line.left_out.replace(",", r"\,")
            dots = rf"\underbrace{{\cdots}}_{{{more}\text{{ more paths}}}}"
        products = [
            dots if term is None else r" \cdot ".join(factor(latex) for factor in term)
            for term in line.terms
        ]
        total = (" \\\\\n&\\quad + " if line.tall else " + ").join(products)
        sides = [*[total] * bool(total), *[gradient] * line.ends]
        rows.append(f"{f'{left} ' * line.starts}&= {' = '.join(sides)}")
    joined = " \\\\\n".join(rows)
    return f"$$\\begin{{aligned}}\n{joined}\n\\end{{aligned}}$$"


def in_mathml(found: Explained) -> Markup:
    """The same in MathML."""
    left = mathml.total(found.output, found.leaf)
    gradient = mathml.number(found.gradient, found.digits)
    equals, plus, dot = map(mathml.sign, ("=", "+", "·"))
    if not found.count or not found.paths[0].factors:
        return mathml.formula(mathml.row(left, equals, gradient))
    rows: list[tuple[str, str]] = []
    for line in lines_of(found):
        if line is None:
            rows.append(("", mathml.words("By the chain rule:")))
            continue
        dots: str = mathml.sign("⋯")
        if line.left_out:
            dots += mathml.words(f" ({line.left_out} more paths)")
        products = [
            dots if term is None else dot.join(factor(mathml) for factor in term)
            for term in line.terms
        ]
        end = equals + gradient if line.ends else ""
        letters = sum(map(len, filter(None, line.terms))) * (found.digits + 4)
        if line.tall or len(products) > SIDE_BY_SIDE or letters > WIDEST:
            rows.append((left if line.starts else "", mathml.row(equals, products[0])))
            rows += [("", mathml.row(mathml.words("\u2003"), plus, x)) for x in products[1:]]
            rows += [("", mathml.row(end))] * bool(end)
        else:
            total = equals + plus.join(products) if products else ""
            rows.append((left if line.starts else "", mathml.row(total, end)))
    return mathml.formula(mathml.aligned(rows))
