"""The page of all primitives, from the table: formula, slopes, domain, kinks, and a picture.

Kinks are found, not listed: places where the slope, or the value, is not that of both sides.
"""

import math
import re
from collections.abc import Iterator, Sequence

from sketch import sketch

from autograd_lite import Value, ops
from autograd_lite.engine.primitive import TABLE, Primitive
from autograd_lite.languages.latex import formula, slopes

HEAD = """# All primitives

Every rule of calculus that `autograd_lite` knows, as it stands in the table,
[`autograd_lite/ops.py`](../../autograd_lite/ops.py): the value, and the local derivatives, in
which $z$ is the value. Where a formula has none (0/0, 0·∞) the limit stands, if there is one.
Pictures show the function <span class="key-value">━━</span> and its derivative by $x$
<span class="key-slope">╍╍</span>; of two operands the second is 2.

## Functions
"""
HELPERS = """
## Helpers

Rows that stand for a sign, keep digits that another formula would lose, or belong to a family of
primitives with fixed numbers.
"""
#: The slopes of rows of many operands, whose rules are loops.
MANY = {
    "dot": [("w_i", "x_i"), ("x_i", "w_i")],
    "sum": [("x_i", "1")],
    "mean": [("x_i", r"\frac{1}{n}")],
    "prod": [("x_i", r"\prod_{j \ne i} x_j")],
    "logsumexp": [("x_i", "e^{x_i - z}")],
    "held_max": [("x_i", "0")],
}
NEAR, NEARER = 1e-6, 1e-12
#: Where a row is tried for kinks, by its number of operands.
PLACES = {
    1: [(-1.0,), (0.0,), (0.5,), (1.0,), (2.0,)],
    2: [(1.0, 1.0), (2.0, 2.0), (0.0, 0.0), (0.0, 1.0), (1.0, 0.0)],
}


def point(op: Primitive, *operands: float) -> tuple[float, ...] | None:
    """The value and the slopes there; None where there is no value."""
    xs = [Value(x) for x in operands]
    try:
        z = op(*xs)
    except (ValueError, ArithmeticError):
        return None
    return (z.data, *z.partials)


def alike(a: Sequence[float], b: Sequence[float]) -> bool:
    return all(
        x == y or abs(x - y) < 1e-3 * (1.0 + abs(x) + abs(y)) for x, y in zip(a, b, strict=True)
    )


def kinks(op: Primitive) -> Iterator[str]:
    """Where a slope is infinite, or not that of both sides, in words."""
    told: dict[str, list[str]] = {}
    for at in PLACES.get(op.arity or 0, ()):
        here, around = point(op, *at), [*beside(op, at, NEAR)]
        if here is None or all(alike(here, p) for p in around):
            continue
        jumps = any(not alike(here[:1], p[:1]) for p in beside(op, at, NEARER))
        own = " and ".join(number(x) for x in here[1:])
        what = f"the {'value jumps' if jumps else 'slope changes'}; there the slope is {own}"
        if len(at) == 1 and math.isinf(here[1]):
            what = f"the slope is {own}"
        told.setdefault(what, []).append(shown(at))
    for what, where in told.items():
        yield f"At {named(where)} {what}."


def beside(op: Primitive, at: Sequence[float], h: float) -> Iterator[tuple[float, ...]]:
    """The value and slopes a little to each side, where there are some."""
    for i in range(len(at)):
        for step in (-h, h):
            found = point(op, *(x + step * (k == i) for k, x in enumerate(at)))
            if found is not None:
                yield found


def number(x: float) -> str:
    return f"{x + 0.0:g}".replace("-", "−").replace("inf", "∞").replace("nan", "NaN")


def shown(at: Sequence[float]) -> str:
    return f"x = {number(at[0])}" if len(at) == 1 else f"({', '.join(map(number, at))})"


def named(where: list[str]) -> str:
    if {"(1, 1)", "(2, 2)"} <= set(where):
        where = ["x = y", *(place for place in where if len(set(re.findall(r"\d", place))) > 1)]
    return ", ".join(where).replace(", x =", ",")


def derivatives(op: Primitive) -> list[str]:
    """∂z/∂x = …, in LaTeX."""
    pairs = zip(op.operands, slopes(op), strict=True) if op.arity else MANY.get(op.name, ())
    return [rf"\frac{{\partial z}}{{\partial {x}}} = {slope}" for x, slope in pairs]


def about(op: Primitive) -> Iterator[str]:
    """What else the row says, one sentence each."""
    if op.defined:
        yield f"Real for {op.defined}."
    yield from kinks(op)
    if op.chooses:
        yield "A slope of 0 says that a piece is not chosen: nothing passes, whatever comes."
    if op.poles:
        yield "A slope may be infinite where the value is finite."


def entry(op: Primitive) -> str:
    title = op.name if not op.args else f"{op.name}({', '.join(f'{x:g}' for x in op.args)})"
    lines = [f"### `{title}`", "", "::::{div} primitive", ""]
    if op.arity:
        rest = (2.0,) * (op.arity - 1)
        picture = sketch(lambda x: point(op, x, *rest), window(op), title)
        lines += ["```{raw} html", picture, "```", ""]
    for text in (f"z = {formula(op)}", *derivatives(op)):
        lines += ["$$", text, "$$", ""]
    lines += [f"- {sentence}" for sentence in about(op)]
    if op.name in ops.FUNCTIONS:
        lines += ["", f"{{py:func}}`autograd_lite.{op.name}`"]
    return "\n".join([*lines, "::::", "", ""])


def window(op: Primitive) -> tuple[float, float]:
    """Where x is drawn: a little more than the domain, or from −4 to 4."""
    low, high = op.domain[0]
    return max(-4.0, low - 0.25), min(4.0, high + 0.25)


def primitives() -> str:
    public = [op for name, op in TABLE.items() if name in ops.FUNCTIONS]
    others = [op for op in TABLE.values() if op not in public]
    return HEAD + "".join(map(entry, public)) + HELPERS + "".join(map(entry, others))
