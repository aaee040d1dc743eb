"""The algebra of array instructions: one row for each identity, read from left to right.

In a claim, ``c`` and ``d`` are numbers, ``x`` is none, ``a`` and ``b`` are anything; ``total`` is
a sum over axes, ``contract`` one of products, ``largest`` the greatest row. The rows of an
operation are tried in their order; what the first that fits writes is simplified in turn.

What is glossed over: what is regrouped differs in last bits. Where a row does more than that, it
says so: ``0 + x`` is 0 where x is −0.

Next: ``maker.py``.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import partial, reduce
from typing import NamedTuple, Protocol

from ... import ops
from ...engine.primitive import Primitive
from ...ops import add, div, exp, exp_difference, log, mul, neg, square, sub
from .instructions import (
    BATCH,
    LARGEST,
    Array,
    Contract,
    Expand,
    Map,
    Number,
    Reduce,
    Shape,
    Total,
)

LABELS = "ijklmnopqrstuvwxyz"


class Maker(Protocol):
    """What a row writes its right side with: ``Arrays``."""

    def number(self, x: float) -> Array: ...
    def map(self, op: Primitive, *xs: Array) -> Array: ...
    def reduce(self, op: Primitive, x: Array) -> Array: ...
    def total(self, x: Array, axes: Iterable[int]) -> Array: ...
    def contract(self, a: Array, b: Array, labels: tuple[str, str, str]) -> Array: ...
    def expand(self, x: Array, shape: Shape) -> Array: ...


#: The right side of a claim, or None where its left side is not what came.
Rewrite = Callable[..., "Array | None"]


class Identity(NamedTuple):
    """One row: what it claims, which rows it stands among, how the right side is made."""

    claim: str
    of: Hashable  # a primitive, the name and the numbers of one of a family, or a kind
    numbers: list[tuple[bool, bool]] | None
    rewrite: Rewrite
    but: str = ""  # what the claim does not cover


# --- the left sides -------------------------------------------------------------------------------


def negated(x: Array) -> Array | None:
    """The a of −a."""
    return x.operands[0] if isinstance(x, Map) and x.op is neg else None


def scaled(x: Array) -> tuple[Number, Array] | None:
    """The c and the a of c·a."""
    if isinstance(x, Map) and x.op is mul:
        c, a = x.operands
        return (c, a) if isinstance(c, Number) else None
    return None


def inverted(x: Array) -> Array | None:
    """The a of 1/a."""
    if isinstance(x, Map) and x.op is div:
        one, a = x.operands
        return a if isinstance(one, Number) and one.value == 1.0 else None
    return None


def below_largest(x: Array) -> bool:
    """Whether x is a − max(a), along the first axis."""
    if isinstance(x, Map) and x.op is sub:
        a, top = x.operands
        return isinstance(top, Reduce) and top.op is LARGEST and top.operands[0] is a
    return False


# --- the right sides of more than a line ----------------------------------------------------------


def times(make: Maker, c: Number, d: Number, a: Array) -> Array | None:
    """(c·d)·a, where c·d has all digits of a float."""
    cd = c.value * d.value
    enough = sys.float_info.min <= abs(cd) < math.inf
    return make.map(mul, make.number(cd), a) if enough else None


def total_of_copies(make: Maker, x: Array, axes: Sequence[int]) -> Array | None:
    if not isinstance(x, Expand) or x.operands[0].shape or BATCH in x.shape:
        return None
    count = math.prod([x.shape[axis] for axis in axes])
    rest = tuple([n for axis, n in enumerate(x.shape) if axis not in axes])
    return make.expand(make.map(mul, make.number(float(count)), x.operands[0]), rest)


def total_of_contraction(make: Maker, x: Array, axes: Sequence[int]) -> Array | None:
    if not isinstance(x, Contract):
        return None
    la, lb, out = x.labels
    kept = "".join(label for axis, label in enumerate(out) if axis not in axes)
    a, b = x.operands
    return make.contract(a, b, (la, lb, kept))


def total_of_products(make: Maker, x: Array, axes: Sequence[int]) -> Array | None:
    if not isinstance(x, Map) or x.op is not mul or len(axes) != len(x.shape):
        return None
    a, b = x.operands
    labels = LABELS[: len(axes)]
    return make.contract(a, b, (labels, labels, "")) if a.shape == b.shape else None


def shifted_logsumexp(make: Maker, x: Array) -> Array:
    top = make.reduce(LARGEST, x)  # np.logaddexp.reduce takes ten times as long
    powers = make.map(exp_difference, x, top)
    return make.map(add, top, make.map(log, make.total(powers, (0,))))


# --- the table ------------------------------------------------------------------------------------

# Which operands are numbers, the first and the last; HERE that does not matter.
CX, XC, XX = [(True, False)], [(False, True)], [(False, False)]
ANY = [*CX, *XC, *XX, (True, True)]
HERE = None

# fmt: off
IDENTITIES = [
    # numbers stand in front, and are as few as can be
    Identity("x * c = c * x",                         mul,                  XC,   lambda m, x, c: m.map(mul, c, x)),
    Identity("1 * x = x",                             mul,                  CX,   lambda m, c, x: x if c.value == 1.0 else None),
    Identity("-1 * x = -x",                           mul,                  CX,   lambda m, c, x: m.map(neg, x) if c.value == -1.0 else None),
    Identity("c * (d * a) = (c * d) * a",             mul,                  CX,   lambda m, c, x: (s := scaled(x)) and times(m, c, *s)),
    Identity("c * -a = -c * a",                       mul,                  CX,   lambda m, c, x: (a := negated(x)) and m.map(mul, m.number(-c.value), a)),
    Identity("0 + x = x",                             add,                  CX,   lambda m, c, x: x if c.value == 0.0 else None, but="the sign of 0"),
    Identity("x + 0 = x",                             add,                  XC,   lambda m, x, c: x if c.value == 0.0 else None, but="the sign of 0"),
    Identity("0 - x = -x",                            sub,                  CX,   lambda m, c, x: m.map(neg, x) if c.value == 0.0 else None, but="the sign of 0"),
    Identity("x - 0 = x",                             sub,                  XC,   lambda m, x, c: x if c.value == 0.0 else None),
    Identity("x / 1 = x",                             div,                  XC,   lambda m, x, c: x if c.value == 1.0 else None),

    # so are signs and divisions
    Identity("x + x = 2 * x",                         add,                  XX,   lambda m, x, y: m.map(mul, m.number(2.0), x) if x is y else None),
    Identity("x + -a = x - a",                        add,                  XX,   lambda m, x, y: (a := negated(y)) and m.map(sub, x, a)),
    Identity("-a + x = x - a",                        add,                  XX,   lambda m, y, x: (a := negated(y)) and m.map(sub, x, a)),
    Identity("x - -a = x + a",                        sub,                  XX,   lambda m, x, y: (a := negated(y)) and m.map(add, x, a)),
    Identity("-(-a) = a",                             neg,                  XX,   lambda m, x: negated(x)),
    Identity("-(c * a) = -c * a",                     neg,                  XX,   lambda m, x: (s := scaled(x)) and m.map(mul, m.number(-s[0].value), s[1])),
    Identity("x * (1 / a) = x / a",                   mul,                  XX,   lambda m, x, y: (a := inverted(y)) and m.map(div, x, a)),
    Identity("(1 / a) * x = x / a",                   mul,                  XX,   lambda m, y, x: (a := inverted(y)) and m.map(div, x, a)),

    # many operands, two at a time
    Identity("sum(a, b, x) = a + b + x",              ops.sum,              ANY,  lambda m, *xs: reduce(partial(m.map, add), xs)),
    Identity("prod(a, b, x) = a * b * x",             ops.prod,             ANY,  lambda m, *xs: reduce(partial(m.map, mul), xs)),
    Identity("mean(a, b, x) = 1 / 3 * sum(a, b, x)",  ops.mean,             ANY,  lambda m, *xs: m.map(mul, m.number(1.0 / len(xs)), m.map(ops.sum, *xs))),

    # what NumPy does quicker: np.power takes ten times as long as products
    Identity("a ** 1 = a",                            ("power", 1.0),       ANY,  lambda m, a: a),
    Identity("a ** 2 = square(a)",                    ("power", 2.0),       ANY,  lambda m, a: m.map(square, a)),
    Identity("a ** 3 = a * square(a)",                ("power", 3.0),       ANY,  lambda m, a: m.map(mul, a, m.map(square, a))),
    Identity("a ** -1 = 1 / a",                       ("power", -1.0),      ANY,  lambda m, a: m.map(div, m.number(1.0), a)),
    Identity("exp_difference(a, b) = exp(a - b)",     exp_difference,       ANY,  lambda m, a, b: m.map(exp, m.map(sub, a, b)) if a.shape or b.shape else None),

    # along the first axis
    Identity("reduce_sum(x) = total(x)",              (Reduce, ops.sum),    HERE, lambda m, x: m.total(x, (0,))),
    Identity("largest(x - largest(x)) = 0",           (Reduce, LARGEST),    HERE, lambda m, x: m.number(0.0) if below_largest(x) else None),
    Identity("logsumexp(x) = largest(x) + log(total(exp_difference(x, largest(x))))", (Reduce, ops.logsumexp), HERE, shifted_logsumexp),

    # sums of less
    Identity("total(expand(x)) = 3 * x",              Total,                HERE, total_of_copies),
    Identity("total(c * a) = c * total(a)",           Total,                HERE, lambda m, x, axes: (s := scaled(x)) and m.map(mul, s[0], m.total(s[1], axes))),
    Identity("total(-a) = -total(a)",                 Total,                HERE, lambda m, x, axes: (a := negated(x)) and m.map(neg, m.total(a, axes))),
    Identity("total(outer(a, b)) = total(a) * b",     Total,                HERE, total_of_contraction),
    Identity("total(a * b) = contract(a, b)",         Total,                HERE, total_of_products),
    Identity("contract(c * a, b) = c * contract(a, b)", Contract,           HERE, lambda m, x, y, labels: (s := scaled(x)) and m.map(mul, s[0], m.contract(s[1], y, labels))),
    Identity("contract(a, c * b) = c * contract(a, b)", Contract,           HERE, lambda m, x, y, labels: (s := scaled(y)) and m.map(mul, s[0], m.contract(x, s[1], labels))),
]
# fmt: on


def _by_left_side() -> dict[Hashable, tuple[Rewrite, ...]]:
    found: dict[Hashable, tuple[Rewrite, ...]] = {}
    for row in IDENTITIES:
        keys = [row.of] if row.numbers is None else [(row.of, *pair) for pair in row.numbers]
        for key in keys:
            found[key] = (*found.get(key, ()), row.rewrite)
    return found


#: The right sides that an operation may have: a look into one dict, then few rows to try.
REWRITES = _by_left_side()
