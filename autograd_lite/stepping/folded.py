"""The steps of what is folded, told in one: of twelve neurons that are alike the first says it all.

Next: ``descent.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from ..telling.folds import Fold
from .book import Entry, Step

#: A step of what is folded spells out no more lines than this.
LINES = 6

#: How its texts are made, here and on the page.
TITLES = {
    "forward": "Forward: {title}, in the same way",
    "backward": "Backward: {title}, in the same way",
    "update": "Update: {title}, in the same way",
    "again": "Forward again: {title}, in the same way",
}
MORE = "… and {count} more"
NOTE = "Modules that are alike: {count} steps in one"


def in_one(entries: Sequence[Entry], folds: Sequence[Fold]) -> Iterator[Step]:
    """The steps, with one in place of all that follow each other within a fold."""
    folded = {fact.key: fold for fold in folds for fact in fold.facts}
    i = 0
    for (fold, phase), run in groupby(
        entries, lambda entry: (folded.get(entry.about), entry.step.phase)
    ):
        listed = [entry.step for entry in run]
        for step in [together(fold, phase, listed)] if fold else listed:
            i += 1
            yield Step(**{**vars(step), "i": i})


def together(fold: Fold, phase: str, listed: Sequence[Step]) -> Step:
    """One step of several."""
    lines = [line for step in listed for line in step.math.split("\n")]
    if len(lines) > LINES + 1:
        lines[LINES:] = [MORE.format(count=len(lines) - LINES)]
    changes: dict[str, dict[str, float]] = {}
    for step in listed:
        for id, change in step.set.items():
            changes.setdefault(id, {}).update(change)
    return Step(
        0,
        phase,
        listed[-1].node,
        TITLES[phase].format(title=fold.title),
        "\n".join(lines),
        NOTE.format(count=len(listed)),
        tuple(dict.fromkeys(node for step in listed for node in step.nodes)),
        tuple(dict.fromkeys(edge for step in listed for edge in step.edges)),
        changes,
        {edge: slope for step in listed for edge, slope in step.reveal.items()},
        listed[0].line,
    )
