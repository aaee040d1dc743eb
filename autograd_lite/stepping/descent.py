"""A whole step of gradient descent: after the backward pass every parameter moves against its
gradient, and a second forward pass shows that the loss fell.

The second pass computes the recorded graph again at the new parameters. The Values themselves do
not change: it is a rehearsal.

Next: ``faults.py``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from .. import ops
from ..engine.groups import mapped
from ..engine.node import groups
from ..engine.undefined import ieee_arithmetic
from ..telling.formulas import bracketed
from ..value import Constant, Parameter, Value
from .book import Book
from .walk import Walk
from .words import ZERO, Known

TOO_SMALL = ", but too small to move it"


def trained_leaves(
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
    before = book.known(walk.output)
    book.trained, book.rate = parameters, learning_rate
    for node in walk.order:
        if node.op is not None:
            _forward_again(book, node)
    _result(book, before)


def _update(book: Book, parameter: Value, learning_rate: float) -> None:
    grad, before, words = book.total(parameter), book.known(parameter), book.words
    book.data[parameter] = before[1] - learning_rate * grad[1]
    after = book.known(parameter, again=True)
    name = bracketed(book.name(parameter))
    moved = f"{book.number(learning_rate)} × {words.number(*grad, signed=True)}"
    way = words.choice(before, after, "falls", "stays", "rises", "is lost")
    why = f"its gradient is {words.choice(grad, ZERO, 'positive', '0', 'negative', 'NaN')}"
    small = words.choice(grad, ZERO, TOO_SMALL, "", TOO_SMALL, "")
    why += words.choice(before, after, "", small, "", "")
    book.add(
        "update",
        parameter,
        f"Update: {book.name(parameter)} {way}, since {why}",
        f"{name} ← {name} − {moved} = {words.number(*after)}",
        book.change(parameter, "data", before, after),
        set={book.walk.ids[parameter]: {"data": after[1]}},
    )


def _forward_again(book: Book, node: Value) -> None:
    where, before = book.walk.ids[node], book.known(node)
    new, partials = recomputed(node, book.data)
    book.data[node] = new
    edges = {f"{where}-{k}": partial for k, partial in enumerate(partials)}
    book.add(
        "again",
        node,
        f"Forward again: compute {book.name(node)}",
        book.written(node, again=True),
        book.change(node, "data", before, book.known(node, again=True)),
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


def _result(book: Book, before: Known) -> None:
    walk, out, words = book.walk, book.out, book.words
    after = book.known(walk.output, again=True)
    ways = "fell", "did not change", "rose", "is lost"
    by = words.number("by", abs(after[1] - before[1]))
    notes = [
        f"{out} {ways[0]} by {by}; every parameter moved against its gradient",
        f"{out} {ways[1]}; the gradients are 0, or too small to matter",
        f"{out} {ways[2]} by {by}; the step was too long: try a smaller learning rate",
        f"{out} {ways[3]}; there is no number any more: look where NaN came from",
    ]
    numbers = (words.number(*known, longer=True) for known in (before, after))
    book.add(
        "result",
        walk.output,
        f"Result: {out} {words.choice(before, after, *ways)}",
        f"{bracketed(out)}: {' → '.join(numbers)}",
        words.choice(before, after, *notes),
        set={walk.ids[walk.output]: {"data": after[1]}},
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
    e1, e2 = 0.5 * (t1 - o1).square(), 0.5 * (t2 - o2).square()
    return named("E", named("e1", e1) + named("e2", e2)), weights
