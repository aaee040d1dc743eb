"""Fewer calls of C's functions for the same numbers: what machine code computes otherwise.

An ``exp`` costs as much as twenty multiplications, a ``pow`` as fifty, and slopes ask again for
what values had:

- a sigmoid and its slope are made of one e^−|x|, which keeps all digits in both tails;
- tanh is a continued fraction near 0 and made of e^−2|x| further out, in a third of C's time; its
  slope is (1 − t)(1 + t) while t has digits enough, and sech² further out;
- small powers of halves are products and roots; the slope of any other xⁿ is n · xⁿ/x, unless xⁿ is
  so small that it has lost digits.

NumPy would compute both arms of such a choice, and gain nothing.

Next: ``writer.py``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from ... import ops
from ...engine import floats
from ...engine.kinds import Binary, Unary
from ...engine.primitive import Primitive
from ..arrays.instructions import Array, Map, Number, reachable
from ..arrays.maker import Arrays

#: Up to here (1 − t)(1 + t) is right to 4 eps, an error of one ulp in t included.
ENOUGH = 0.75
#: Down to here a power has all its digits.
NORMAL = 1e-290
#: Powers up to this one are products.
LARGEST_PRODUCT = 6.0

#: Rows whose form is a choice of which one arm alone is to be computed.
BRANCHES = {"tanh_of_power", "tanh_slope", "power_below"}


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
    maps = {(x.op, x.operands): x for x in order if isinstance(x, Map) and x.op.arity == 1}
    if not any(rewriter(x) for x in maps.values()):
        return list(results)
    new: dict[Array, Array] = {}
    for x in order:
        rewrite = rewriter(x)
        better = rewrite(arrays, x, maps, new) if rewrite and isinstance(x, Map) else None
        new[x] = better or arrays.again(x, tuple([new[y] for y in x.operands]))
    return [new[x] for x in results]


Known = Mapping[tuple[Primitive, tuple[Array, ...]], Array]
#: Makes an instruction for another, from those that are known and what became of each.
Rewrite = Callable[[Arrays, Map, Known, Mapping[Array, Array]], "Array | None"]


def rewriter(x: Array) -> Rewrite | None:
    if not isinstance(x, Map):
        return None
    return REWRITES.get(x.op.name)


def sigmoid(arrays: Arrays, z: Map, known: Known, new: Mapping[Array, Array]) -> Array:
    x = new[z.operands[0]]
    return arrays.map(SIGMOID, x, small_power(arrays, x))


def tanh(arrays: Arrays, z: Map, known: Known, new: Mapping[Array, Array]) -> Array:
    return arrays.map(TANH, new[z.operands[0]])


def small_power(arrays: Arrays, x: Array) -> Array:
    """e^−|x|, which is that of −x too."""
    while isinstance(x, Map) and x.op is ops.neg:
        (x,) = x.operands
    return arrays.map(ops.exp, arrays.map(ops.neg, arrays.map(ops.abs, x)))


def slope(arrays: Arrays, z: Map, known: Known, new: Mapping[Array, Array]) -> Array | None:
    """sech², where that is the slope of a sigmoid or of a tanh."""
    (root,) = z.operands
    if not isinstance(root, Map) or root.op is not ops.sech:
        return None
    (x,) = root.operands
    match x:
        case Map(op=ops.mul, operands=(Number(value=0.5), y)) if (ops.sigmoid, (y,)) in known:
            e = small_power(arrays, new[y])
            return arrays.map(ops.mul, arrays.number(4.0), arrays.map(SIGMOID_SLOPE, e))
    t = known.get((ops.tanh, (x,)))
    return arrays.map(TANH_SLOPE, new[t], new[x]) if t is not None and t in new else None


def power(arrays: Arrays, z: Map, known: Known, new: Mapping[Array, Array]) -> Array | None:
    (n,) = z.op.args
    if (of_squares := product(n)) is not None:
        return arrays.map(of_squares, new[z.operands[0]])
    for m in (n + 1.0, math.nextafter(n + 1.0, math.inf), math.nextafter(n + 1.0, -math.inf)):
        above = known.get((ops.power(m), z.operands)) if m - 1.0 == n else None
        if above is not None and above in new:
            return arrays.map(power_below(n), new[above], new[z.operands[0]])
    return None


REWRITES: dict[str, Rewrite] = {
    "sigmoid": sigmoid, "tanh": tanh, "square": slope, "power": power
}  # fmt: skip
