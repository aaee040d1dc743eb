"""What looks like training and is none: ``w -= rate * w.grad``, a leaf that was replaced.

Next: ``given.py``.
"""

import warnings
from threading import Lock
from typing import Any, Protocol
from weakref import WeakSet

from .node import Node


def warn_of_update(node: Node) -> None:
    """Warn where a number changes, in place, a leaf that has a gradient: a step of training.

    The name would stand for a new node on top of the leaf: the leaf keeps its number, and each
    step makes the graph longer.
    """
    if node.op is None and node.grad:
        name = node.label or "w"
        warnings.warn(
            f"{name} -= ... (or +=, *=, /=) makes a new node on the leaf, which keeps its number; "
            f"the graph grows with each such step, and a model does not learn. Write "
            f"{name}.data -= rate * {name}.grad.",
            stacklevel=3,
        )


class Mover(Protocol):
    """Whoever moves leaves, as an optimiser does."""

    def note_replaced(self, name: str, old: set[Any], new: set[Any]) -> None: ...


_movers: WeakSet[Mover] = WeakSet()  # all that live
_changing = Lock()  # threads make optimisers too


def hear_of_replaced(mover: Mover) -> None:
    """From now on the mover hears where new leaves come to a place of leaves in a module."""
    with _changing:
        _movers.add(mover)


def tell_of_replaced(name: str, old: set[Any], new: set[Any]) -> None:
    """Tell all of the ``new`` leaves where ``old`` ones were."""
    with _changing:
        movers = list(_movers)
    for mover in movers:
        mover.note_replaced(name, old, new)
