"""Nodes made by hand, and the names that code for micrograd and microgpt asks of a node.

``Value(6.0, (a, b), (3.0, 2.0))`` states the number, the parents and the local derivatives.
``Value(6.0, (a, b), "*")`` leaves these to a function that is assigned to ``_backward``: it adds to
the parents' ``grad`` what the chain rule passes on to them from the node's own.

Next: ``copies.py``.
"""

from __future__ import annotations

import math
from functools import partial
from typing import Any

from .given import Given, Step, Stepwise, Unknown, attach, listed, symbol_of
from .groups import data_of, is_node, number_of
from .inputs import real
from .node import Node
from .steep import steep
from .undefined import all_finite, arithmetic


def made(node: Any, children: Any, slopes: Any, symbol: str = "") -> None:
    """Give a new leaf these parents, with local derivatives, or with a symbol in their place.

    In place of the parents may stand the leaf's label. A symbol without parents says nothing, as in
    micrograd. Raises ``TypeError`` for parents that are no Values, ``ValueError`` unless there is
    one local derivative for each.
    """
    if isinstance(children, str):
        node.label, children = children, ()
    parents = _parents(() if children is None else children)
    if isinstance(slopes, str):
        slopes, symbol = (), slopes
    numbers = _numbers(() if slopes is None else slopes)
    if len(numbers) != len(parents) and numbers:
        raise ValueError(
            f"Value(data, children, local_grads) takes one local derivative per child; got "
            f"{len(parents)} children and {len(numbers)} local derivatives."
        )
    if not parents:
        return
    if numbers and isinstance(children, set | frozenset):
        raise TypeError(
            "The children are a set, which has no order: nobody knows whose local derivative is "
            "the first. Give a tuple: (a, b)."
        )
    _check(node, parents, numbers)
    slopes = numbers or Unknown(_missing(node))
    attach(node, parents, Given(symbol, data_of(parents), number_of(node), slopes))


def _numbers(slopes: Any) -> tuple[float, ...]:
    try:
        slopes = tuple(slopes)
    except TypeError:
        raise TypeError(
            f"The third argument of Value is a tuple of local derivatives, one per parent, or a "
            f"symbol; got {slopes!r}. Write (x,) for the one number x."
        ) from None
    return tuple([real(x, "A local derivative is") for x in slopes])


def _parents(children: Any) -> tuple[Any, ...]:
    if is_node(children):
        raise TypeError("The parents of a Value come in a tuple; write (x,) for the one Value x.")
    try:
        parents = tuple(children)
    except TypeError:
        raise TypeError(
            f"The second argument of Value is its label or a tuple of its parents; got "
            f"{children!r}."
        ) from None
    for x in parents:
        if not is_node(x):
            raise TypeError(
                f"The parents of a Value are Values; got {x!r} among them. A number gets no "
                f"gradient: leave it out, or make it a Value."
            )
    return parents


def _check(node: Any, parents: tuple[Any, ...], slopes: tuple[float, ...]) -> None:
    """As arithmetic: finite operands have a finite value, or there is an error where it is made."""
    steep.note(slopes)
    if arithmetic.lenient or not all_finite(parents):
        return
    if not math.isfinite(number_of(node)):
        raise ValueError(
            f"A Value made by hand is {number_of(node)}, though its parents are finite: "
            f"{listed(data_of(parents))}."
        )
    if any(map(math.isnan, slopes)):
        raise ValueError(
            f"A local derivative is NaN, though the parents are finite: {listed(slopes)} at "
            f"{listed(data_of(parents))}."
        )


def _missing(node: Any) -> Exception:
    return ValueError(
        f"A Value of {number_of(node)} has parents, and nobody has said its local derivatives. "
        f"Give one per parent, Value(data, (a, b), (da, db)), or assign the function that passes "
        f"the grad on: out._backward = ..."
    )


# --- what micrograd's names give -----------------------------------------------------------------


def step_of(node: Node) -> Step:
    """What takes the chain rule's step on the edges of this one node: micrograd's ``_backward``."""
    slopes = node.op.slopes if isinstance(node.op, Given) else None
    return slopes.step if isinstance(slopes, Stepwise) else partial(_step, node)


def _step(node: Node) -> None:
    for parent, slope in zip(node.parents, node.partials, strict=True):
        parent.grad += node.grad * slope


def set_step(node: Node, step: Step) -> None:
    """Let this function take the step, instead of the local derivatives."""
    if not callable(step):
        raise TypeError(f"_backward is a function of nothing; got a {type(step).__name__}.")
    if node.op is None:
        raise TypeError(
            "A leaf has no parents to which _backward could pass its grad on. Name them when the "
            'node is made: out = Value(data, (a, b), "+").'
        )
    known = data_of(node.parents), number_of(node)
    attach(node, node.parents, Given(symbol_of(node.op), *known, Stepwise(node, step)))
