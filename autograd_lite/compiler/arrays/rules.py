"""The rules of the table in ``ops.py``, on arrays.

Each is read once, with Values, as ``gradient`` reads it; the small graph that comes out is then
written with arrays.

What is glossed over: the edges of ``ops.py`` (slopes where a formula is 0/0). They come out as
NaN, and the program then asks the eager engine, which knows them; see ``program.py``.

Next: ``turns.py``.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from ... import ops
from ...engine.groups import as_tuple
from ...engine.order import topological_order
from ...engine.primitive import Primitive
from ...engine.undefined import ieee_arithmetic
from ...value import Value
from .instructions import Array
from .maker import Arrays


class ArrayRule(NamedTuple):
    """The local derivatives of one primitive, as graphs over its operands and its result."""

    z: Value
    xs: tuple[Value, ...]
    partials: list[Value | float]
    order: list[Value]


@lru_cache(maxsize=1024)
def rule_of(op: Primitive, n: int) -> ArrayRule:
    z = Value(0.5)
    xs = tuple([Value(0.25 + 0.5 / (k + 2)) for k in range(n)])
    with ieee_arithmetic():
        groups = op.rule(z, *((xs,) if op.arity is None else xs))
    partials = [partial for group in groups for partial in as_tuple(group)]
    return ArrayRule(
        z, xs, partials, topological_order(*[x for x in partials if isinstance(x, Value)])
    )


def local_derivatives(
    arrays: Arrays, op: Primitive, z: Array, xs: tuple[Array, ...]
) -> list[Array | float]:
    """∂z/∂x for each operand: a float where it is constant."""
    if op is ops.mul:
        return [xs[1], xs[0]]
    rule = rule_of(op, len(xs))
    new: dict[Value, Array] = {rule.z: z, **dict(zip(rule.xs, xs, strict=True))}
    for node in rule.order:
        if node not in new:
            if node.op is None:
                new[node] = arrays.number(node.data)
            else:
                new[node] = arrays.map(node.op, *[new[x] for x in node.parents])
    return [new[x] if isinstance(x, Value) else x for x in rule.partials]


class Applied(NamedTuple):
    """An operation in a formula: on each row, or over that formula of all of them."""

    op: Primitive
    along: bool
    operands: tuple[Formula, ...]


#: "z" is the result, "x" the operand itself, "x0" a certain one.
Formula = str | float | Applied


@lru_cache(maxsize=1024)
def common_form(op: Primitive) -> Formula | None:
    """The derivative of a reduction, where each operand has the same formula; None if not.

    The operands of ``logsumexp`` have exp(x − max) / Σ exp(x − max) each; those of ``prod`` have
    no such form.
    """
    rules = rule_of(op, 2), rule_of(op, 3)
    forms = [_form(x, rule, k) for rule in rules for k, x in enumerate(rule.partials)]
    return forms[0] if all(form == forms[0] for form in forms) else None


def _form(partial: Value | float, rule: ArrayRule, k: int) -> Formula:
    if not isinstance(partial, Value):
        return partial
    if partial is rule.z or partial is rule.xs[k]:
        return "z" if partial is rule.z else "x"
    if partial.op is None:
        return f"x{rule.xs.index(partial)}" if partial in rule.xs else partial.data
    if partial.op.arity is None and len(partial.parents) == len(rule.xs):
        forms = [_form(x, rule, j) for j, x in enumerate(partial.parents)]
        if all(form == forms[0] for form in forms):
            return Applied(partial.op, True, (forms[0],))
    return Applied(partial.op, False, tuple([_form(x, rule, k) for x in partial.parents]))
