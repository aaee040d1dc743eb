"""Operations of many operands, recorded as one node: ``dot``, ``sum``, ``logsumexp``, ``where``, …

A node of 50 operands costs little more than one of two, and 99 nodes are not made. The recorder is
the third of its kind, beside ``of_one`` and ``of_two``.

Next: ``graph.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import isfinite
from typing import Any

from .engine.core import core, in_c
from .engine.given import Given, attach
from .engine.groups import data_of
from .engine.kinds import Dot, Nary, Where, named, recorder
from .engine.settle import LARGEST, LOWEST, settle
from .value import Constant, Operand, Value, as_value

_new: Any = core.Value.__new__ if core else object.__new__


@in_c
def of_many(op: Nary | Where | Dot) -> Callable[..., Value]:
    """The function that applies ``op`` to groups of operands and records the node.

    >>> from autograd_lite.ops import prod
    >>> of_many(prod)((Value(2.0), Value(3.0), Value(4.0))).partials
    (12.0, 8.0, 6.0)
    """
    compute, rule, careful = op.compute, op.rule, op.careful

    def record(
        left: tuple[Any, ...],
        right: tuple[Any, ...] | None = None,
        xs: tuple[float, ...] | None = None,  # the numbers of `left`
        ys: tuple[float, ...] | None = None,  # the numbers of `right`, and a 1 for a bias
    ) -> Value:
        try:
            if xs is None:
                xs = tuple([x._data for x in left])
            if right is not None and ys is None:
                ys = tuple([x._data for x in right])
                if len(right) < len(left):  # a bias is the weight of a 1
                    ys = (*ys, 1.0)
        except AttributeError:  # a bare number among them
            groups = (left,) if right is None else (left, right)
            return record(*[tuple(map(as_value, group)) for group in groups])  # type: ignore[arg-type]
        dright = None
        try:
            if ys is None:
                z = compute(xs)
                (dleft,) = rule(z, xs)
            else:
                z = compute(xs, ys)
                dleft, dright = rule(z, xs, ys)
            if not LOWEST <= z <= LARGEST or (careful and not all(map(isfinite, dleft))):
                raise OverflowError
        except (ArithmeticError, ValueError):
            groups = (left,) if right is None else (left, right)
            z, partials = settle(op, Constant, *groups)
            dleft, dright = (*partials, None)[:2]
        node: Value = _new(Value)
        node._data = z
        node._grad = 0.0
        node._label = ""
        node.op = op
        node._left = left
        node._right = right
        node._dleft = dleft
        node._dright = dright
        return node

    return named(record, op)


def of_given(op: Given) -> Callable[[Iterable[Operand]], Value]:
    """The function that makes a node made by hand once more, on operands of the same numbers."""

    def record(xs: Iterable[Operand]) -> Value:
        parents = tuple(map(as_value, xs))
        node = Value(op.compute(data_of(parents)))
        attach(node, parents, op)
        return node

    return record


for _kind in (Nary, Where, Dot):
    recorder.register(_kind, of_many)
recorder.register(Given, of_given)
