"""The exercises of the notebooks: ``check`` runs the learner's own code and says what is wrong.

An answer is judged by what it does, never by how it is written: it is run on cases drawn at random
from a fixed seed, and its numbers are compared with those of this engine.

>>> def double(x):
...     return x + 2
>>> check("double", double)
✗ double: right in 1 of 8 cases.
At double(0) yours is 2 and should be 0.
Hint 1 of 2: Twice x is x + x.

Next: ``judge.py``.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from typing import Any

from . import calculus, curvature, descent, matrices, networks, numbers, programs, structures
from .judge import Exercise, Verdict, judged

__all__ = ["EXERCISES", "Exercise", "Verdict", "check"]

#: By name, in the order of the chapters.
EXERCISES: dict[str, Exercise] = {
    exercise.name: exercise
    for chapters in (
        numbers,
        networks,
        matrices,
        descent,
        calculus,
        curvature,
        structures,
        programs,
    )
    for exercise in chapters.EXERCISES
}


def check(name: str, answer: Callable[..., Any], hint: int = 1) -> Verdict:
    """Judge an answer, a function or a class, to the exercise of this name.

    The verdict shows itself in a notebook, and is true where all is right. ``hint=2`` gives one
    hint more. Raises ``ValueError`` for a name or a hint that is not there, ``TypeError`` for what
    cannot be called.

    >>> check("double", lambda x: 2 * x)
    ✓ double: right in all 8 cases.
    """
    if name not in EXERCISES:
        near = difflib.get_close_matches(str(name), EXERCISES, 1)
        meant = f' Did you mean "{near[0]}"?' if near else ""
        raise ValueError(
            f"There is no exercise {name!r}.{meant} There are: {', '.join(EXERCISES)}."
        )
    exercise = EXERCISES[name]
    if not callable(answer):
        raise TypeError(
            f'check takes what you wrote itself, without calling it: course.check("{name}", '
            f"{exercise.called}); got {type(answer).__name__}."
        )
    if hint not in range(1, len(exercise.hints) + 1):
        raise ValueError(f"{name} has hints 1 to {len(exercise.hints)}; got hint={hint!r}.")
    return judged(exercise, answer, hint)
