"""What is said of a fault: what it is, why its first number is wrong, what a training would show.

And where it makes no difference on a graph, why not.

Next: ``beside.py``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from .faults import Graph


@dataclass(frozen=True)
class Fault:
    """The words for one fault; those in braces are filled in by ``beside.py``."""

    what: str
    why: str
    training: str
    again: tuple[str, str] = ("", "")  # title and note of the second pass, where there is one


FAULTS: Mapping[str, Fault] = {
    "overwrite": Fault(
        "= in place of +=",
        "{operand} has several uses, and each sends a share; = keeps the last one alone, and "
        "{before} is lost. Shares of several paths add up: +=.",
        "where a weight or a bias is used more than once (in a batch: by every sample), it learns "
        "from its last use alone, and the loss falls slowly, unevenly, or not at all.",
    ),
    "no_order": Fault(
        "no topological order",
        "{node} passed its gradient on when {adjoint} of it had arrived; the whole is {total}. In "
        "topological order all uses of a value come before it.",
        "plain chains of layers train well, so nobody notices; where paths part and meet again "
        "(a skip connection, a shared layer), what lies below gets wrong gradients.",
    ),
    "no_zero_grad": Fault(
        "gradients are not reset",
        "{grad} still held {before} from the pass before, and += adds to what is there. A training "
        "calls zero_grad() before every backward().",
        "each step goes along the sum of all gradients so far: the loss falls at first, then "
        "overshoots, swings ever wider, and often runs away.",
        (
            "Backward again: the second step of a training",
            "On the right zero_grad() was called; in the broken run it was forgotten. (The numbers "
            "forward stay here what they were.)",
        ),
    ),
    "twice": Fault(
        "a second backward() counts twice",
        "{grad} still held {before} of the first call, and so passes it on a second time. A leaf "
        "adds up over calls; every value above the leaves begins at 0 again.",
        "two losses on one graph, or one look too many, and the gradients are neither once nor "
        "twice what they should be: the deeper a weight lies, the more too large, as if every "
        "layer had a learning rate of its own.",
        (
            "backward() again, on the same graph",
            "Leaves keep their gradients, and will have twice as much; on the right all other "
            "values begin at 0 again, in the broken run they do not.",
        ),
    ),
    "lost_sign": Fault(
        "a sign is lost",
        "{local} is {slope}, and was taken for {lost}. All that comes through this edge has the "
        "wrong sign from here on.",
        "the weights below it climb while the others descend: the loss falls less than it "
        "should, stalls, or rises. check_gradients finds it at once.",
    ),
}


def no_difference(fault: str, graph: Graph) -> str:
    """Why the numbers are right in spite of the fault, on this graph at these numbers."""
    uses = Counter(edge.operand for edges in graph.edges.values() for edge in edges)
    between = [node for node in uses if graph.edges[node]]
    if not uses:
        return "There is no edge to go back along."
    if fault == "overwrite":
        if max(uses.values()) == 1:
            return (
                "No value is used twice here, so nothing is there yet when a share arrives: = and "
                "+= do the same. Use one twice, as in a·a, and it shows."
            )
        return (
            "Some values are used more than once here, but what = throws away is 0 at these "
            "numbers. At others it shows."
        )
    if fault == "no_order":
        if all(uses[node] == 1 for node in between):
            return (
                "No value between the output and the leaves is used twice here, so each is "
                "complete as soon as it is reached. Where paths part and meet again, it shows."
            )
        return (
            "Paths part and meet again here, but each value happens to be complete when its turn "
            "comes, or what it lacks is 0. On other graphs it shows."
        )
    if fault == "no_zero_grad":
        return "All gradients of the leaves are 0 here, so there is nothing to keep."
    if fault == "twice":
        if not between:
            return (
                "Nothing lies between the output and the leaves here, and leaves may add up. With "
                "a second operation it shows."
            )
        return "All gradients between the output and the leaves are 0 here: nothing is kept."
    return (
        "No local derivative that something passes through is negative here, so there is no sign "
        "to lose. Change the sign of a factor, or subtract, and it shows."
    )
