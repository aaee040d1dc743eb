"""The backward pass one edge at a time, with the numbers of ``Value.backward``, beside the graph.

The graph's own ``grad`` attributes stay as they are.

Next: ``branches.py``.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..engine.steep import has_steep_places, is_shut
from ..value import Value

#: To remark where the numbers alone would say NaN.
NOTHING = " (nothing passes: its piece is not chosen, or nothing has arrived)"


class Sweep:
    """The gradients so far, from the output down; ``order`` has it last.

    >>> x = Value(3.0)
    >>> y = x * x
    >>> sweep = Sweep([x, y])
    >>> [sweep.along(y, x, slope) for slope in y.partials], sweep.grad(x)
    ([3.0, 3.0], 6.0)
    """

    def __init__(self, order: Sequence[Value]) -> None:
        self._steep = has_steep_places(order)
        self._grads = {order[-1]: 1.0}  # of what has been reached

    def grad(self, node: Value) -> float:
        return self._grads.get(node, 0.0)

    def along(self, node: Value, parent: Value, slope: float) -> float:
        """Pass on what an edge passes on: grad · slope, or nothing."""
        if node not in self._grads or (
            is_shut(node, slope) if self._steep else self._grads[node] == 0.0
        ):
            return 0.0
        share = self._grads[node] * slope
        self._grads[parent] = self.grad(parent) + share
        return share


def below(order: Sequence[Value]) -> Sweep:
    """The whole pass, over nodes in topological order.

    >>> x = Value(3.0)
    >>> below([x, x.square()]).grad(x)
    6.0
    """
    sweep = Sweep(order)
    for node in reversed(order):
        for parent, slope in zip(node.parents, node.partials, strict=True):
            sweep.along(node, parent, slope)
    return sweep
