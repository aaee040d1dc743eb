"""The graph itself, run again: slow, and right to the last verdict.

Where arithmetic in a program is undefined, or a slope is one of the edges that only the table
knows, the eager engine decides: it raises and names the operation, or it gives the answer.

Next: ``recorded.py``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..engine.groups import mapped
from ..engine.node import groups
from ..engine.order import topological_order
from ..value import Value


def run_again(
    outputs: Sequence[Value], data: Mapping[Value, float]
) -> tuple[list[Value], dict[Value, Value]]:
    """The outputs of the same graph, recorded with new numbers in its leaves, and its new leaves.

    Raises as recording does: ``log: no real answer at x = -1.0; it needs x > 0.``
    """
    new: dict[Value, Value] = {}
    order = topological_order(*outputs)
    for node in order:
        if node.op is None:
            new[node] = type(node)(data.get(node, node.data), node.label)
        else:
            renewed = [mapped(new.__getitem__, group) for group in groups(node)]
            new[node] = node.op.record(*renewed)
    return [new[y] for y in outputs], {x: new[x] for x in order if x.op is None}
