"""``w -= rate * w.grad``: a step of training that is none, and what to write instead.

Next: ``given.py``.
"""

import warnings

from .node import Node


def warn_of_update(node: Node) -> None:
    """Warn where a number is added, in place, to a leaf that has a gradient: a step of training.

    The name would stand for a new node on top of the leaf: the leaf keeps its number, and each
    step makes the graph longer.
    """
    if node.op is None and node.grad:
        name = node.label or "w"
        warnings.warn(
            f"{name} -= ... (or +=) makes a new node on top of the leaf, which keeps its number; "
            f"the graph grows with each such step, and a model does not learn. Write "
            f"{name}.data -= rate * {name}.grad.",
            stacklevel=3,
        )
