"""Modules that are alike and stand one after the other: the first in full, the others as one plate.

A layer of twelve neurons shows one of them, and "Neuron 2 … 12" for the rest. Alike are calls of
one class that made the same operations of as many operands in the same order; and what lies between
the hidden ones must not be shown, or the picture would go round in a circle.

Next: ``formulas.py``.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from ..value import Value
from .homes import Call
from .subject import Fact, Subject

#: So many alike are shown as they are.
FEW = 2


@dataclass(frozen=True, eq=False)
class Fold:
    """The first of some calls that are alike, the others, and the values within those."""

    key: str  # f0
    shown: Call
    others: list[Call]
    facts: list[Fact]

    @property
    def title(self) -> str:
        """The others, from the first to the last: Neuron 2 … 12."""
        first, last = self.others[0].title, self.others[-1].title
        words, _, number = last.rpartition(" ")
        return f"{first} … {number if first.startswith(words) else last}"

    @property
    def times(self) -> str:
        """How many there are in all."""
        return f"× {len(self.others) + 1}"


def folds(subject: Subject) -> list[Fold]:
    """What can be folded in a graph, outermost first.

    >>> from autograd_lite.nn import MLP
    >>> from autograd_lite.telling.homes import watch
    >>> from autograd_lite.telling.subject import subject_of
    >>> trace = watch(MLP(2, [12, 1]), [[Value(1.0), Value(2.0)]])
    >>> [(fold.title, fold.times) for fold in folds(subject_of(trace, [trace.result], ""))]
    [('Neuron 2 … 12', '× 12')]
    """
    within: dict[Call, list[Fact]] = {}
    for fact in subject.facts.values():
        for call in fact.home.path:
            within.setdefault(call, []).append(fact)
    found: list[Fold] = []
    stack = [subject.top]
    while stack:
        call = stack.pop()
        shown = call.calls
        for alike in _runs(call.calls, within, subject.outputs):
            facts = [fact for other in alike[1:] for fact in within[other]]
            if _is_convex(subject, {fact.value for fact in facts}):
                found.append(Fold(f"f{len(found)}", alike[0], alike[1:], facts))
                shown = [one for one in shown if one not in alike[1:]]
        stack += reversed(shown)
    return found


def _runs(
    calls: Iterable[Call], within: dict[Call, list[Fact]], outputs: list[Value]
) -> Iterator[list[Call]]:
    """Calls that are alike, in a row; the one that made the only output is like no other."""

    def form(call: Call) -> Hashable:
        made = [fact.value for fact in within[call]]
        if len(outputs) == 1 and outputs[0] in made:
            return call
        return type(call.module), tuple((node.op, len(node.parents)) for node in made)

    for _, run in groupby((call for call in calls if call in within), form):
        alike = list(run)
        if len(alike) > FEW:
            yield alike


def _is_convex(subject: Subject, hidden: set[Value]) -> bool:
    """Whether no way leads out of the hidden values and back."""
    beyond: set[Value] = set()  # what is made of hidden values, and is shown
    for value in subject.facts:
        after = not beyond.isdisjoint(value.parents)
        if value in hidden and after:
            return False
        if value not in hidden and (after or not hidden.isdisjoint(value.parents)):
            beyond.add(value)
    return True
