"""Fewer calls of C's functions for the same numbers: what machine code computes otherwise.

An ``exp`` costs as much as twenty multiplications, a ``pow`` as fifty, and slopes ask again for
what values had:

- a sigmoid and its slope are made of one e^−|x|, which keeps all digits in both tails;
- tanh is a continued fraction near 0 and made of e^−2|x| further out, in a third of C's time; its
  slope is (1 − t)(1 + t) while t has digits enough, and sech² further out;
- small powers of halves are products and roots; the slope of any other xʸ is y · xʸ/x, unless xʸ is
  so small that it has lost digits.

NumPy would compute both arms of such a choice, and gain nothing.

Next: ``writer.py``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache

from ... import ops
from ...engine import floats
from ...engine.kinds import Binary, Unary
from ...engine.primitive import Primitive
from ..arrays.instructions import Array, Body, Leaf, Loop, Map, Number, Series, reachable
from ..arrays.maker import Arrays

#: Up to here (1 − t)(1 + t) is right to 4 eps, an error of one ulp in t included.
ENOUGH = 0.75
#: Down to here a power has all its digits.
NORMAL = 1e-290
#: Powers up to this one are products.
LARGEST_PRODUCT = 6.0

#: Rows whose form is a choice of which one arm alone is to be computed.
BRANCHES = {"tanh_of_power", "tanh_slope", "power_below", "pow_below"}


class Ternary(Binary):
    """A row of three operands, which nobody calls."""

    arity = 3
    operands = ("x", "y", "z")  # type: ignore[assignment]
    __slots__ = ()


def unary(name: str, compute: Callable[..., float], form: str) -> Unary:
    return Unary(name, name, compute, lambda z, x: (math.nan,), form=form)


def binary(name: str, compute: Callable[..., float], form: str, *args: float) -> Binary:
    return Binary(name, name, compute, lambda z, x, y: (math.nan,) * 2, form=form, args=args)


# From e = e^−|x| as the last operand: σ(x), and its slope.
SIGMOID = binary("sigmoid_of_power", lambda x, e: (1.0 if x >= 0.0 else e) / (1.0 + e),
                 "where(x >= 0, 1, y) / (1 + y)")  # fmt: skip
SIGMOID_SLOPE = unary("slope_of_power", lambda e: e / ((1.0 + e) * (1.0 + e)),
                      "x / ((1 + x) * (1 + x))")  # fmt: skip
# Lambert's fraction x/(1 + x²/(3 + x²/(5 + …))), cut after 15; right to 1.5 ulp on both sides.
TANH = unary(
    "tanh_of_power",
    math.tanh,
    """where(abs(x) < 0.55,
    x * (1 - x * x * (675675 + x * x * (45045 + x * x * (594 + x * x)))
         / (2027025 + x * x * (945945 + x * x * (51975 + x * x * (630 + x * x))))),
    copysign((1 - exp(-2 * abs(x))) / (1 + exp(-2 * abs(x))), x))""",
)
# From t = tanh y and y.
TANH_SLOPE = binary(
    "tanh_slope", lambda t, y: ops.square.compute(ops.sech.compute(y)),
    f"""where(abs(x) < {ENOUGH}, (1 - x) * (1 + x),
    4 * exp(-2 * abs(y)) / ((1 + exp(-2 * abs(y))) * (1 + exp(-2 * abs(y)))))""",
)  # fmt: skip


@lru_cache(maxsize=1024)
def product(n: float) -> Unary | None:
    """A small power of halves from squares and a root: right to 3 ulp, in a fifth of the time.

    >>> [found and found.form for found in map(product, (3.0, -1.5, 0.3, 9.0))]
    ['x * (x * x)', '1 / (sqrt(x) * x)', None, None]
    """
    halves = abs(2.0 * n)
    if not halves.is_integer() or not 1.0 <= halves <= 2.0 * LARGEST_PRODUCT:
        return None
    factors, square = ["sqrt(x)"] if halves % 2.0 else [], "x"
    for bit in reversed(f"{int(halves) // 2:b}"):
        factors += [square] if bit == "1" else []
        square = f"({square} * {square})"
    form = " * ".join(factors)
    form = form if n > 0.0 else f"1 / ({form})"
    return unary("product", lambda x: floats.pow(x, n), form)


@lru_cache(maxsize=1024)
def power_below(n: float) -> Binary:
    """yⁿ from x = yⁿ⁺¹ and y."""
    form = f"where(abs(x) > {NORMAL!r}, x / y, pow(y, {n!r}))"
    return binary("power_below", lambda x, y: floats.pow(y, n), form, n)


# From x = yᶻ⁺¹, y and z.
POW_BELOW = Ternary(
    "pow_below", "pow_below", lambda x, y, z: floats.pow(y, z), lambda *_: (math.nan,) * 3,
    form=f"where(abs(x) > {NORMAL!r}, x / y, pow(y, z))",
)  # fmt: skip


def strengthened(arrays: Arrays, results: Sequence[Array]) -> list[Array]:
    """Instructions for the same results.

    >>> arrays = Arrays()
    >>> x = arrays.leaf("x", ())
    >>> y = arrays.map(ops.sigmoid, x)
    >>> [z] = strengthened(arrays, [y])
    >>> [a.op.name for a in reachable([z])[1:]]
    ['abs', 'neg', 'exp', 'sigmoid_of_power']
    """
    order = reachable(results)
    if not any(map(_worth_it, order)):
        return list(results)
    room = Room(arrays, order)
    room.rewrite(order)
    return [room.new[x] for x in results]


def _worth_it(x: Array) -> bool:
    if isinstance(x, Loop):
        return any(map(_worth_it, reachable(x.body.handed)))
    return isinstance(x, Map) and x.op.name in ("sigmoid", "tanh", "sech", "power", "pow")


class Room:
    """Instructions that are rewritten: those of a program, or of the turns of a loop in it."""

    def __init__(self, arrays: Arrays, order: Sequence[Array], outer: Room | None = None) -> None:
        self.arrays, self.outer = arrays, outer
        self.known = {(x.op, x.operands): x for x in order if isinstance(x, Map)}
        self.new: dict[Array, Array] = {}  # what became of each
        self.turns: dict[Array, Room] = {}  # of each loop
        self.rows: dict[Array, Array] = {}  # of a loop's leaves, the series that each is of
        self.more: dict[Array, Array] = {}  # leaves that come to them
        self.read: dict[Array, list[Array]] = {x: [] for x in order if isinstance(x, Loop)}
        for x in order:
            if isinstance(x, Series):
                self.read[x.operands[0]].append(x.of)

    def rewrite(self, order: Sequence[Array]) -> None:
        rewrites = {
            "sigmoid": self._sigmoid, "tanh": self._tanh, "square": self._slope,
            "power": self._power, "pow": self._pow,
        }  # fmt: skip
        for x in order:
            better = None
            if isinstance(x, Map) and x.op.name in rewrites:
                better = rewrites[x.op.name](x)
            self.new[x] = better or self._as_it_is(x)

    def _as_it_is(self, x: Array) -> Array:
        operands = tuple([self.new[y] for y in x.operands])
        match x:
            case Loop():
                return self._loop(x)
            case Series(operands=(loop,), of=of) if loop in self.turns:
                return self.arrays.series(self.new[loop], self.turns[loop].new[of])
            case Leaf() if self.outer:
                return self.arrays.leaf(x.name, x.shape)
            case Number() if self.outer:
                return self.arrays.number(x.value)
            case Map():
                return self.arrays.map(x.op, *operands)
        return self.arrays.again(x, operands)

    # --- loops: their turns are rewritten in a room of their own ---

    def _loop(self, x: Loop) -> Array:
        body, kept = x.body, self.read[x]
        leaves = [*body.carried, *body.outside, *body.series]
        order = reachable([*leaves, *body.handed, *kept])
        turn = self.turns[x] = Room(Arrays(), order, self)
        given = dict(zip(leaves, x.operands, strict=True))
        turn.rows = {leaf: given[leaf] for leaf in body.series}
        turn.rewrite(order)
        handed = [turn.new[y] for y in body.handed]
        needed = set(reachable([*handed, *[turn.new[y] for y in kept]]))
        series = {turn.new[leaf]: self.new[given[leaf]] for leaf in body.series} | turn.more
        series = {leaf: row for leaf, row in series.items() if leaf in needed}
        carried, outside = ([turn.new[y] for y in some] for some in (body.carried, body.outside))
        again = Body(body.turns, body.backwards, carried, outside, [*series], handed)
        others = [self.new[y] for y in x.operands[: len(carried) + len(outside)]]
        return self.arrays.loop(again, [*others, *series.values()])

    def _kept(self, op: Primitive, leaf: Array) -> Array | None:
        """What the turns of a loop before this one have made of a number that this one reads.

        Of a sigmoid it is the power that it is made of.
        """
        row = self.rows.get(leaf)
        if self.outer is None or not isinstance(row, Series):
            return None
        (loop,) = row.operands
        before = self.outer.turns[loop]
        made = before.known.get((op, (row.of,)))
        if made is None:
            return None
        of = before.small_power(before.new[row.of]) if op is ops.sigmoid else before.new[made]
        here = self.arrays.leaf(f"{op.name} of {leaf.index}", ())
        self.more[here] = self.outer.arrays.series(self.outer.new[loop], of)
        return here

    # --- what is better than a row's own form ---

    def _sigmoid(self, z: Map) -> Array:
        x = self.new[z.operands[0]]
        return self.arrays.map(SIGMOID, x, self.small_power(x))

    def _tanh(self, z: Map) -> Array:
        return self.arrays.map(TANH, self.new[z.operands[0]])

    def small_power(self, x: Array) -> Array:
        """e^−|x|, which is that of −x too."""
        while isinstance(x, Map) and x.op is ops.neg:
            (x,) = x.operands
        size = self.arrays.map(ops.abs, x)
        return self.arrays.map(ops.exp, self.arrays.map(ops.neg, size))

    def _slope(self, z: Map) -> Array | None:
        """sech², where that is the slope of a sigmoid or of a tanh."""
        (root,) = z.operands
        if not isinstance(root, Map) or root.op is not ops.sech:
            return None
        (x,) = root.operands
        if (t := self._made(ops.tanh, x)) is not None:
            return self.arrays.map(TANH_SLOPE, t, self.new[x])
        match x:
            case Map(op=ops.mul, operands=(Number(value=0.5), y)):
                e = self._kept(ops.sigmoid, y) or self.small_power(self.new[y])
            case _:
                e = self.small_power(self.arrays.map(ops.mul, self.arrays.number(2.0), self.new[x]))
        return self.arrays.map(ops.mul, self.arrays.number(4.0), self.arrays.map(SIGMOID_SLOPE, e))

    def _power(self, z: Map) -> Array | None:
        (n,) = z.op.args
        (x,) = z.operands
        if (of_squares := product(n)) is not None:
            return self.arrays.map(of_squares, self.new[x])
        for m in (n + 1.0, math.nextafter(n + 1.0, math.inf), math.nextafter(n + 1.0, -math.inf)):
            above = self._made(ops.power(m), x) if m - 1.0 == n else None
            if above is not None:
                return self.arrays.map(power_below(n), above, self.new[x])
        return None

    def _pow(self, z: Map) -> Array | None:
        x, exponent = z.operands
        match exponent:
            case Map(op=ops.sub, operands=(y, Number(value=1.0))):
                above = self.known.get((ops.pow, (x, y)))
                if above is not None and above in self.new:
                    known = self.new[above], self.new[x], self.new[exponent]
                    return self.arrays.map(POW_BELOW, *known)
        return None

    def _made(self, op: Primitive, x: Array) -> Array | None:
        """What the row makes of x, where that comes before."""
        z = self.known.get((op, (x,)))
        here = None if z is None else self.new.get(z)
        return here or self._kept(op, x)
