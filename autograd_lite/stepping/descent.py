"""A whole step of gradient descent: after the backward pass every parameter moves against its
gradient, and a second forward pass shows that the loss fell.

The second pass computes the recorded graph again at the new parameters. The Values themselves do
not change: it is a rehearsal.

Next: ``listing.py``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from .. import ops
from ..engine.groups import mapped
from ..engine.node import groups
from ..engine.undefined import ieee_arithmetic
from ..telling.formulas import bracketed
from ..telling.text import number
from ..value import Constant, Parameter, Value
from .book import Book
from .walk import Walk


def chosen(
    walk: Walk, learning_rate: float | None, parameters: Iterable[Value] | None
) -> list[Value]:
    """The leaves that the training step moves.

    Raises ``ValueError`` where there is nothing to train, ``TypeError`` for parameters without a
    learning rate.
    """
    if learning_rate is None:
        if parameters is not None:
            raise TypeError("parameters= says what a training step moves; give learning_rate= too.")
        return []
    if not 0.0 < learning_rate < math.inf:
        raise ValueError(f"learning_rate is positive and finite; got {learning_rate!r}.")
    leaves = [node for node in walk.order if node.op is None]
    if parameters is None:
        found: list[Value] = [leaf for leaf in leaves if isinstance(leaf, Parameter)]
    else:
        present = set(leaves)
        found = [leaf for leaf in dict.fromkeys(parameters) if leaf in present]
    if not found:
        raise ValueError(
            "A training step moves parameters, and the graph has none of them. Make the weights "
            "Parameters (autograd_lite.Parameter(0.4, label='w')), or name the leaves to move: "
            "parameters=[w, b]."
        )
    return found


def training_steps(book: Book, learning_rate: float, parameters: list[Value]) -> None:
    """Append the updates, the second forward pass and its result."""
    walk = book.walk
    for parameter in parameters:
        _update(book, parameter, learning_rate)
    before = walk.output.data
    for node in walk.order:
        if node.op is not None:
            _forward_again(book, node)
    _result(book, before)


def _update(book: Book, parameter: Value, learning_rate: float) -> None:
    grad, old = book.sweep.grad(parameter), parameter.data
    new = book.data[parameter] = old - learning_rate * grad
    name = bracketed(book.name(parameter))
    moved = f"{book.number(learning_rate)} × {bracketed(book.number(grad))}"
    way = _way(old, new, "falls", "stays", "rises", "is lost")
    why = f"its gradient is {_way(grad, 0.0, 'positive', '0', 'negative', 'NaN')}"
    if new == old and grad:
        why += ", but too small to move it"
    book.add(
        "update",
        parameter,
        f"Update: {book.name(parameter)} {way}, since {why}",
        f"{name} ← {name} − {moved} = {book.number(new)}",
        book.change(parameter, "data", old, new),
        set={book.walk.ids[parameter]: {"data": new}},
    )


def _way(x: float, to: float, down: str, level: str, up: str, lost: str) -> str:
    """Which of the words fits the way from x to another number; NaN leads nowhere."""
    if x != x or to != to:
        return lost
    return level if to == x else down if to < x else up


def _forward_again(book: Book, node: Value) -> None:
    where = book.walk.ids[node]
    new, partials = recomputed(node, book.data)
    book.data[node] = new
    edges = {f"{where}-{k}": partial for k, partial in enumerate(partials)}
    book.add(
        "again",
        node,
        f"Forward again: compute {book.name(node)}",
        book.written(node),
        book.change(node, "data", node.data, new),
        values=(*node.parents, node),
        edges=(*edges, f"{where}-out"),
        set={where: {"data": new}},
        reveal=edges,
    )


def recomputed(node: Value, data: dict[Value, float]) -> tuple[float, tuple[float, ...]]:
    """What a node would be, and its local derivatives, if its operands had this data."""
    assert node.op is not None
    operands = [mapped(lambda x: Constant(data[x]), group) for group in groups(node)]
    with ieee_arithmetic():
        again = node.op.record(*operands)
    return again.data, again.partials


def _result(book: Book, before: float) -> None:
    walk, out = book.walk, book.out
    after = book.data[walk.output]
    digits = max(9, walk.subject.digits)  # a step of training moves little
    way = _way(before, after, "fell", "did not change", "rose", "is lost")
    by = f" by {book.number(abs(after - before))}" if way in ("fell", "rose") else ""
    advice = {
        "fell": "every parameter moved against its gradient",
        "rose": "the step was too long: try a smaller learning rate",
        "did not change": "the gradients are 0, or too small to matter",
        "is lost": "there is no number any more: look where NaN came from",
    }[way]
    book.add(
        "result",
        walk.output,
        f"Result: {out} {way}",
        f"{bracketed(out)}: {number(before, digits)} → {number(after, digits)}",
        f"{out} {way}{by}; {advice}",
        set={walk.ids[walk.output]: {"data": after}},
    )


def worked_example() -> tuple[Value, list[Value]]:
    """The loss and the eight weights of a classic worked example of backpropagation.

    Two inputs, two hidden neurons, two outputs, all sigmoid, and half the squared error; each
    layer shares one bias. The example moves the weights alone, not the biases.

    >>> from autograd_lite.stepping import steps
    >>> E, weights = worked_example()
    >>> steps(E, learning_rate=0.5, parameters=weights)[-1].math
    'E: 0.298371109 → 0.291027774'
    """

    def leaf(kind: type[Value], label: str, data: float) -> Value:
        return kind(data, label=label)

    def named(label: str, value: Value) -> Value:
        value.label = label
        return value

    w1, w2, w3, w4, w5, w6, w7, w8 = weights = [
        leaf(Parameter, f"w{i}", data)
        for i, data in enumerate((0.15, 0.2, 0.25, 0.3, 0.4, 0.45, 0.5, 0.55), start=1)
    ]
    x1, x2 = leaf(Value, "x1", 0.05), leaf(Value, "x2", 0.1)
    b1, b2 = leaf(Parameter, "b1", 0.35), leaf(Parameter, "b2", 0.6)
    t1, t2 = leaf(Constant, "t1", 0.01), leaf(Constant, "t2", 0.99)

    def neuron(i: str, ws: list[Value], xs: list[Value], bias: Value) -> Value:
        return named(f"a{i}", named(f"z{i}", ops.dot(ws, xs, bias)).sigmoid())

    h1, h2 = neuron("1", [w1, w2], [x1, x2], b1), neuron("2", [w3, w4], [x1, x2], b1)
    o1, o2 = neuron("3", [w5, w6], [h1, h2], b2), neuron("4", [w7, w8], [h1, h2], b2)
    e1, e2 = (t1 - o1).square(), (t2 - o2).square()
    return named("E", 0.5 * (named("e1", e1) + named("e2", e2))), weights
