"""Infinite slopes, tips, and what becomes of zero times infinity.

A slope of 0 has two meanings. Where a piece is not chosen (``relu``, ``clip``, ``where``, …), its
edge is shut: nothing passes, whatever comes. A zero that arithmetic made, times an infinite slope,
is NaN, as IEEE 754 has it; so is any other zero times NaN. The walks of finite slopes need not
ask; graphs with another slope are rare, and take the careful sweep below. So do those with a tip,
such as that of hypot at (0, 0): its slopes are 0 there by agreement, and theirs have no value.

Next: ``settle.py``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from .core import tell
from .node import N, Node


class _Steep:
    """Whether this process has ever made such a slope, or met a tip; else no graph is searched."""

    __slots__ = ("made",)

    def __init__(self) -> None:
        self.made = False

    def note(self, slopes: Iterable[float], tip: bool = False) -> None:
        """These slopes belong to a node from now on, perhaps at its tip."""
        self.made |= tip or not all(map(math.isfinite, slopes))


steep = _Steep()
tell(steep=steep)


def has_steep_places(order: Iterable[Node]) -> bool:
    """Whether a node among these has a slope that is infinite or NaN, or is at its tip.

    >>> from autograd_lite import Value
    >>> x = Value(0.0)
    >>> has_steep_places([x, x.sqrt()]), has_steep_places([x, x.sin()])
    (True, False)
    """
    return steep.made and any(map(_is_steep, order))


def _is_steep(node: Node) -> bool:
    partials = node.partials
    tip = node.op is not None and node.op.pointed and not any(partials)
    return tip or not all(map(math.isfinite, partials))


def is_shut(node: Node, slope: float) -> bool:
    """Whether a slope of this node is 0 because its piece was not chosen."""
    return slope == 0.0 and node.op is not None and node.op.chooses


def pass_on(node: Node, adjoint: float) -> None:
    """Add to the ``grad`` of each parent what an adjoint that is not finite becomes on its edge.

    For nodes of two operands the hot loop does not ask (4 % of its time): an adjoint that has
    overflowed meets the shut edge of a ``maximum`` as NaN in ``backward()``.
    """
    for parent, slope in zip(node.parents, node.partials, strict=True):
        if not is_shut(node, slope):
            parent.grad += adjoint * slope


def adjoints_below(order: Sequence[N], adjoints: dict[N, float]) -> dict[N, float]:
    """The adjoints of all nodes that something reaches, from those that are given.

    >>> from autograd_lite import Value
    >>> x = Value(-1.0)
    >>> y = x.relu(); z = y.sqrt()
    >>> adjoints_below([x, y, z], {z: 1.0}).get(y), adjoints_below([x, y, z], {z: 1.0}).get(x)
    (inf, None)
    """
    for node in reversed(order):
        if node.op is None or node not in adjoints:
            continue
        adjoint = adjoints[node]
        for parent, slope in zip(node.parents, node.partials, strict=True):
            if not is_shut(node, slope):
                adjoints[parent] = adjoints.get(parent, 0.0) + adjoint * slope
    return adjoints
