"""The list of steps: what the forward and the backward pass do, one small thing at a time.

Forward, every operation computes its value and records its local derivatives. Then the seed: the
derivative of the output with respect to itself is 1. Then the chain rule on every edge, from the
output to the leaves: ``parent.grad += node.grad · ∂node/∂parent``. Nothing else ever happens.

The list is plain data. The terminal, the page, the notebook and the tests read it; none of them
looks at the graph.

Next: ``keys.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..telling.folds import folds
from ..telling.plain import Text
from ..telling.text import DIGITS
from ..value import Value
from .beside import Beside
from .book import Book, Step
from .branches import Ways
from .descent import trained_leaves, training_steps
from .folded import in_one
from .verdicts import FAULTS
from .walk import Walk, Walkable

#: The longest list made without being asked for it.
MAX_STEPS = 500


class TooManySteps(ValueError):
    """The list would be too long to follow; the message says how to look at a part."""


def steps(
    what: Walkable,
    *inputs: object,
    expand: bool = False,
    learning_rate: float | None = None,
    parameters: Iterable[Value] | None = None,
    max_steps: int | None = MAX_STEPS,
    digits: int = DIGITS,
    constants: bool = False,
    by: str = "edge",
    fault: str | None = None,
    fold: bool = False,
) -> list[Step]:
    """The steps of the forward and the backward pass through the graph of a Value.

    ``what`` may also be a module or a function, which is called on the inputs. Where arithmetic
    without an answer stops it, the last step tells at which operation, and why; of the error that
    an operation raised, ``steps(error)``, too. (What goes on from there, a training step or a
    ``fault``, raises the error.) ``expand`` writes
    weighted sums out in × and +. With a ``learning_rate``, a step of gradient descent on the
    ``parameters`` (or, where none are given, on every ``Parameter``) and a second forward pass
    follow; the Values stay as they are all the same. Numbers show so many significant ``digits``,
    1 to 17. The backward pass goes ``by`` ``"edge"`` or by ``"node"``; it leaves out the ways to
    ``constants`` unless asked for them, and tells a branch whose gradient is 0 in one step.

    With ``fold`` one of several modules that are alike and stand one after the other, such as the
    neurons of a layer, is told in full, and the others in one step.

    A ``fault`` is one of five mistakes: ``"overwrite"``, ``"no_order"``, ``"no_zero_grad"``,
    ``"twice"``, ``"lost_sign"``. Then every backward step has two lines, the right one and that of
    a deliberately wrong engine, and the first wrong number is marked and explained.

    Raises ``TooManySteps`` beyond ``max_steps`` (``None``: no limit), ``TypeError`` for anything
    but one Value, and ``ValueError`` where a leaf has changed since the graph was recorded, for
    another ``by`` or ``fault``, or for a ``fault`` together with ``by="node"``, a training step or
    ``fold``.

    >>> a, b, c = Value(2.0, label="a"), Value(-3.0, label="b"), Value(10.0, label="c")
    >>> e = a * b; e.label = "e"
    >>> d = e + c; d.label = "d"
    >>> print(steps(d)[1])
    Forward: compute d
    d = e + c = −6 + 10 = 4
    Recorded local derivatives: ∂d/∂e = 1,  ∂d/∂c = 1
    >>> print(steps(d)[-1])
    Backward: from e to b
    dd/db += dd/de · ∂e/∂b = 1 × 2 = 2
    b.grad: 0 → 2
    """
    parameters = None if parameters is None else list(parameters)
    complete = learning_rate is not None or fault is not None
    walk = Walk.of(
        what,
        *inputs,
        expand=expand,
        parameters=parameters or (),
        digits=digits,
        complete=complete,
    )
    book = book_of(walk, learning_rate, parameters, max_steps, constants, by, fault, fold)
    return listed(book, max_steps)


def listed(book: Book, max_steps: int | None) -> list[Step]:
    """The steps of a book, with those that are folded in one."""
    if not book.folds:
        return book.steps
    found = list(in_one([entry for entry in book.entries if not entry.merged], book.folds))
    _check_size(book.walk, len(found), max_steps)
    return found


def book_of(
    walk: Walk,
    learning_rate: float | None = None,
    parameters: Iterable[Value] | None = None,
    max_steps: int | None = None,
    constants: bool = False,
    by: str = "edge",
    fault: str | None = None,
    fold: bool = False,
) -> Book:
    """The book of a walk; see ``steps``."""
    if fold and fault is not None:
        raise ValueError("fault= compares two passes edge by edge: leave fold= out.")
    if by not in ("edge", "node"):
        raise ValueError(f'The backward pass goes by="edge" or by="node"; got by={by!r}.')
    if walk.problem:
        _check_size(walk, sum(node.op is not None for node in walk.order), max_steps)
        return _up_to_there(walk, fold)
    trained = trained_leaves(walk, learning_rate, parameters)
    ways = Ways(walk, constants)
    made = sum(node.op is not None for node in walk.order)
    if fault is not None:
        _check_fault(fault, by, learning_rate)
        _check_size(walk, made + 4 + sum(map(len, ways.told.values())), max_steps)
        return Beside(walk, ways, fault)
    book = Book(walk, ways, by_node=by == "node")
    book.folds = folds(walk.subject) if fold else []
    backward = (len(edges) if len(edges) <= book.most else 1 for edges in ways.told.values())
    total = made + 1 + sum(backward)
    total += (len(trained) + made + 1) if trained else 0
    _check_size(walk, total, None if book.folds else max_steps)
    for node in walk.order:
        if node.op is not None:
            book.forward(node)
    book.seed()
    for node in reversed(walk.order):
        book.backward(node)
    if learning_rate is not None:
        training_steps(book, learning_rate, trained)
    return book


def _up_to_there(walk: Walk, fold: bool) -> Book:
    """The book of a forward pass that could not go on."""
    book = Book(walk, Ways(walk))
    book.folds = folds(walk.subject) if fold else []
    for node in walk.order[:-1]:
        if node.op is not None:
            book.forward(node)
    book.refused()
    return book


def _check_fault(fault: str, by: str, learning_rate: float | None) -> None:
    if fault not in FAULTS:
        known = ", ".join(f'"{name}" ({told.what})' for name, told in FAULTS.items())
        raise ValueError(f"There is no fault {fault!r}. The five are {known}.")
    if by != "edge" or learning_rate is not None:
        other = 'by="node"' if by != "edge" else "learning_rate="
        raise ValueError(f"fault= compares two backward passes, edge by edge: leave {other} out.")


def _check_size(walk: Walk, total: int, max_steps: int | None) -> None:
    if max_steps is not None and total > max_steps:
        raise TooManySteps(
            f"{total:,} steps (a graph of {len(walk.order):,} values) are more than anyone "
            f"follows; the limit is max_steps={max_steps}. Step through a part: give a value "
            f"nearer to the inputs (one neuron's output), compute the loss of one sample, or "
            f"leave expand=True out. fold=True tells modules that are alike in one, "
            f"max_steps=None lists all."
        )


def transcript(listing: Sequence[Step]) -> str:
    """All steps as text, numbered.

    >>> print(transcript(steps(Value(3.0, label="x") ** 2)))
    1 / 3
    Forward: compute y
    y = x² = 3² = 9
    Recorded local derivatives: ∂y/∂x = 6
    <BLANKLINE>
    2 / 3
    Backward: begin at y
    dy/dy = 1
    y.grad: 0 → 1 (how fast y changes with itself). Two signs: d for the total derivative,
    which adds up in grad; ∂ for the local one, of one edge.
    <BLANKLINE>
    3 / 3
    Backward: from y to x
    dy/dx += dy/dy · ∂y/∂x = 1 × 6 = 6
    x.grad: 0 → 6
    """
    told = (f"{step.i} / {len(listing)}\n" + step.text for step in listing)
    return Text("\n\n".join(told))
