"""Backpropagation one step at a time: in the terminal, on a page, in a notebook.

>>> from autograd_lite import Value
>>> from autograd_lite.stepping import steps
>>> a, b = Value(2.0, label="a"), Value(-3.0, label="b")
>>> L = a * b; L.label = "L"
>>> for step in steps(L):
...     print(step.math)
L = a × b = 2 × (−3) = −6
dL/dL = 1
dL/da += dL/dL · ∂L/∂a = 1 × (−3) = −3
dL/db += dL/dL · ∂L/∂b = 1 × 2 = 2

Everything here reads one list. ``walk.py`` gives the nodes names, ``sweep.py`` the gradients,
``branches.py`` says what is worth a step, ``words.py`` how its numbers can be filled in anew,
``book.py`` writes the steps with the formulas of ``telling/``, ``folded.py`` makes one of those
that are alike, ``descent.py`` goes on to a step of gradient descent, and ``listing.py`` makes the
list. Its readers are ``terminal.py``, and ``page.py`` with ``notebook.py``: ``picture.py`` draws
what the page plays on, ``rows.py`` sets it in two rows, ``slopes.py`` says the rules of its edges,
``script.py`` prints the graph's arithmetic as JavaScript, so that it can compute. ``paths.py``
explains one gradient.

Next: ``walk.py``.
"""

from __future__ import annotations

from .book import Step
from .descent import worked_example
from .listing import MAX_STEPS, TooManySteps, steps, transcript
from .page import StepThrough, step_through
from .paths import Explanation, explain
from .terminal import show

__all__ = [
    "MAX_STEPS",
    "Explanation",
    "Step",
    "StepThrough",
    "TooManySteps",
    "explain",
    "show",
    "step_through",
    "steps",
    "transcript",
    "worked_example",
]
