"""Where the ordinary path found no finite answer: infinities, poles, and the edges of rules.

Next: ``assignments.py``.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from typing import Any

from .groups import as_tuple, data_of, mapped, number_of
from .primitive import TABLE, Primitive
from .steep import steep
from .undefined import arithmetic, ieee_arithmetic

LARGEST = sys.float_info.max
LOWEST = -LARGEST


def settle(
    op: Primitive, constant: Callable[[float], Any], *groups: Any
) -> tuple[float, tuple[Any, ...]]:
    """The value and local derivatives where an operand, the value or a slope is not finite.

    ``constant`` makes the leaves with which the rule is read. Raises as ``Primitive.answer``.
    """
    z = op.answer(*groups)
    data = [data_of(group) for group in groups]
    if arithmetic.values_only:
        return z, tuple(data)  # of the right shape, and read by nobody
    with ieee_arithmetic(values_only=True):
        partials = slopes(op, constant(z), *[mapped(constant, x) for x in data])
    slopes_ = tuple(data_of(group) for group in partials)
    steep.note(_members(slopes_), tip=op.pointed)
    return z, slopes_


def slopes(op: Primitive, z: Any, *groups: Any) -> tuple[Any, ...]:
    """The local derivatives of a node as Values, one group each: its rule read with Values.

    Where the formula has no value though the operands have (0/0, 0·∞), the row's edges stand;
    where those are NaN, the formula: at 0² the slope in x has a value, and a derivative too. At a
    tip the slope is 0 by agreement, but the formula's own slopes stay: NaN, no second derivative.
    """
    partials = op.rule(z, *groups)
    if op.edges and any(map(_is_nan, _members(partials))):
        data = [data_of(group) for group in groups]
        if op.pointed and all(map(math.isfinite, _members(data))):
            return tuple(map(TABLE["or_zero"].record, partials))
        if not any(map(_is_nan, _members(data))):
            return tuple(map(_mended, partials, op.edges(number_of(z), *data)))
    return partials


def _members(groups: Any) -> list[Any]:
    return [x for group in groups for x in as_tuple(group)]


def _mended(partial: Any, edge: Any) -> Any:
    if type(partial) is tuple:
        return tuple(map(_mended, partial, edge))
    return edge if edge == edge else partial


def _is_nan(x: Any) -> bool:
    return bool((z := number_of(x)) != z)
