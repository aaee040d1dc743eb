"""How an answer is judged: run on every case, compared, and where it is wrong, understood.

An exercise knows the right numbers and those of the mistakes that people make. An answer whose
numbers are those of a mistake in every case gets the hint that belongs to it.

Next: ``compare.py``.
"""

from __future__ import annotations

import random
import traceback
from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..engine.arrays import quiet
from ..showing.html import Markup, result, text, verdict
from ..telling.plain import printable
from .compare import Raised, difference, factor, shown

DEEP = (
    "Python allows only so many calls within calls. Where a function calls itself for every "
    "operand, a long graph needs more: use a loop, with a list as your own stack."
)


@dataclass(frozen=True)
class Mistake:
    """A wrong way that many went: what comes out of it, and what to say."""

    outcome: Callable[..., Any]
    hint: str


@dataclass(frozen=True)
class Case:
    """What an answer is called with, and what there is to say of it."""

    arguments: tuple[Any, ...]
    where: str = ""  # what the names in it mean
    call: str = ""  # how the call is written, where the arguments say it badly


def applied(answer: Callable[..., Any], *arguments: Any) -> Any:
    return answer(*arguments)


@dataclass(frozen=True)
class Exercise:
    """What is asked: ``run`` makes an outcome of an answer and a case, ``right`` the right one."""

    name: str
    called: str  # the name that the learner's function has
    cases: Callable[[random.Random], Iterable[Case]]
    right: Callable[..., Any]
    hints: tuple[str, ...]
    mistakes: tuple[Mistake, ...] = ()
    run: Callable[..., Any] = applied
    tolerance: float = 1e-9

    def drawn(self) -> list[Case]:
        """The cases, the same ones every time."""
        return list(self.cases(random.Random(self.name)))


@dataclass(frozen=True, repr=False)
class Verdict:
    """What came of a check: true where every case is right. Prints as text; HTML in a notebook."""

    name: str
    right: int
    of: int
    problem: str = ""  # of the first case that is not right
    hints: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        return self.right == self.of

    def __bool__(self) -> bool:
        return self.passed

    @property
    def text(self) -> str:
        count = f"all {self.of}" if self.passed else f"{self.right} of {self.of}"
        lines = [f"{'✓' if self.passed else '✗'} {self.name}: right in {count} cases."]
        return "\n".join([*lines, *filter(None, [self.problem]), *self.hints])

    def __repr__(self) -> str:
        return printable(self.text)

    def _repr_html_(self) -> str:
        first, *others = self.text.splitlines()
        mark = verdict("right" if self.passed else "not yet", "good" if self.passed else "bad")
        rows = [Markup(f"<div>{text(line)}</div>") for line in others]
        return result(Markup(f"<div>{mark} {text(first[2:])}</div>"), *rows, scrolls="Verdict")


def judged(exercise: Exercise, answer: Callable[..., Any], hint: int) -> Verdict:
    """The verdict on an answer, with so many hints where it is not right."""
    cases = exercise.drawn()
    outcomes = [outcome(exercise, answer, case) for case in cases]
    rights = [exercise.right(*deepcopy(case.arguments)) for case in cases]
    wrong = [
        difference(ours, right, exercise.tolerance)
        for ours, right in zip(outcomes, rights, strict=True)
    ]
    right = wrong.count("")
    if right == len(cases):
        return Verdict(exercise.name, right, len(cases))
    first = next(k for k, problem in enumerate(wrong) if problem)
    problem = f"At {said(exercise, cases[first])} {wrong[first]}"
    understood = known(exercise, cases, outcomes) or factor(outcomes, rights, exercise.tolerance)
    count = len(exercise.hints)
    hints = [f"Hint {k} of {count}: {exercise.hints[k - 1]}" for k in range(1, hint + 1)]
    if understood:  # which takes the place of the first hint
        hints = [understood, *(hints if hint > 1 else [])]
    return Verdict(exercise.name, right, len(cases), problem, tuple(hints))


def outcome(exercise: Exercise, answer: Callable[..., Any], case: Case) -> Any:
    """What an answer makes of a case, on copies: it may write into its arguments."""
    try:
        with quiet():
            return exercise.run(answer, *deepcopy(case.arguments))
    except Exception as error:  # whatever the learner's code does is an answer
        return Raised(error, own_line(error))


def own_line(error: Exception) -> str:
    """The last line of the learner's that was run: outside this package and its libraries."""
    frames = traceback.extract_tb(error.__traceback__)
    here = str(Path(__file__).parent.parent)
    outside = [frame for frame in frames if not frame.filename.startswith(here)]
    own = [frame for frame in outside if frame.filename == outside[0].filename]
    return own[-1].line or "" if own else ""


def known(exercise: Exercise, cases: Sequence[Case], outcomes: Sequence[Any]) -> str:
    """The hint of the mistake whose numbers these are, in every case."""
    if any(isinstance(one, Raised) and isinstance(one.error, RecursionError) for one in outcomes):
        return DEEP
    for mistake in exercise.mistakes:
        theirs = (mistake.outcome(*deepcopy(case.arguments)) for case in cases)
        if not any(
            difference(ours, other, exercise.tolerance)
            for ours, other in zip(outcomes, theirs, strict=True)
        ):
            return mistake.hint
    return ""


def said(exercise: Exercise, case: Case) -> str:
    """``slope(f, 3), where f(x) = x³,``"""
    where = f", where {case.where}," if case.where else ""
    call = case.call or f"{exercise.called}({', '.join(map(shown, case.arguments))})"
    return f"{call}{where}"
