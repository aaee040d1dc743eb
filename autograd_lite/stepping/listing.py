"""The list of steps: what the forward and the backward pass do, one small thing at a time.

Forward, every operation computes its value and records its local derivatives. Then the seed: the
derivative of the output with respect to itself is 1. Then the chain rule on every edge, from the
output to the leaves: ``parent.grad += node.grad · ∂node/∂parent``. Nothing else ever happens.

The list is plain data. The terminal, the page, the notebook and the tests read it; none of them
looks at the graph. The numbers are kept beside the graph: its own ``grad`` attributes stay as
they are.

Next: ``descent.py``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from ..telling.formulas import change, derivative, formula, listed, product
from ..telling.text import number
from ..value import Value
from .walk import Walk, edges_of

#: A node with more operands than this takes one backward step that lists them.
MANY = 10

#: Such a step spells out no more than this many edges.
LONGEST_STEP = 40

#: The longest list made without being asked for it.
MAX_STEPS = 500


class TooManySteps(ValueError):
    """The list would be too long to follow; the message says how to look at a part."""


@dataclass(frozen=True)
class Step:
    """One step: three lines of text, and what a picture shows at it.

    ======= =====================================================================
    i       its number, from 1
    phase   forward, seed, backward; of a training step also update, again, result
    node    the id of the value that the step is about: n5
    title   what happens
    math    the formula, with names and with numbers
    note    what to notice
    nodes   the ids of all values that take part
    edges   the edges in use: n5-0 from the first operand of n5, n5-out to n5
    set     what changes: {"n5": {"data": 4.0}}
    reveal  local derivatives that become known: {"n5-0": 1.0}
    ======= =====================================================================
    """

    i: int
    phase: str
    node: str
    title: str
    math: str
    note: str
    nodes: tuple[str, ...] = ()
    edges: tuple[str, ...] = ()
    set: dict[str, dict[str, float]] = field(default_factory=dict)
    reveal: dict[str, float] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """The step as JSON has it: infinities and NaN, which JSON lacks, are text.

        >>> steps(Value(2.0, label="x") ** 2)[0].as_dict()["set"]
        {'n1': {'data': 4.0}}
        """
        return {key: _plain(value) for key, value in asdict(self).items()}

    def __str__(self) -> str:
        return "\n".join(filter(None, (self.title, self.math, self.note)))


def _plain(item: Any) -> Any:
    if isinstance(item, dict):
        return {key: _plain(value) for key, value in item.items()}
    if isinstance(item, float) and not math.isfinite(item):
        return "NaN" if item != item else "Infinity" if item > 0 else "-Infinity"
    return list(item) if isinstance(item, tuple) else item


def steps(
    what: Any,
    *inputs: Any,
    expand: bool = False,
    learning_rate: float | None = None,
    parameters: Iterable[Value] | None = None,
    max_steps: int | None = MAX_STEPS,
) -> list[Step]:
    """The steps of the forward and the backward pass through the graph of a Value.

    ``what`` may also be a module or a function, which is called on the inputs. ``expand`` writes
    weighted sums out in × and +. With a ``learning_rate``, a step of gradient descent on the
    ``parameters`` (or, where none are given, on every ``Parameter``) and a second forward pass
    follow; the Values stay as they are all the same. Raises ``TooManySteps`` beyond ``max_steps``
    (``None``: no limit), ``TypeError`` for anything but one Value, and ``ValueError`` where a
    leaf has changed since the graph was recorded.

    >>> a, b, c = Value(2.0, label="a"), Value(-3.0, label="b"), Value(10.0, label="c")
    >>> e = a * b; e.label = "e"
    >>> d = e + c; d.label = "d"
    >>> print(steps(d)[1])
    Forward: compute d
    d = e + c = −6 + 10 = 4
    Recorded local derivatives: ∂d/∂e = 1,  ∂d/∂c = 1
    >>> print(steps(d)[-1])
    Backward: from e to b
    ∂d/∂b += ∂d/∂e · ∂e/∂b = 1 × 2 = 2
    b.grad: 0 → 2
    """
    parameters = None if parameters is None else list(parameters)
    walk = Walk.of(what, *inputs, expand=expand, parameters=parameters or ())
    return steps_of(walk, learning_rate, parameters, max_steps)


def steps_of(
    walk: Walk,
    learning_rate: float | None = None,
    parameters: Iterable[Value] | None = None,
    max_steps: int | None = None,
) -> list[Step]:
    """The steps of a walk; see ``steps``."""
    from .descent import chosen, training_steps

    trained = chosen(walk, learning_rate, parameters)
    made = sum(node.op is not None for node in walk.order)
    total = made + 1 + sum(map(_backward_count, walk.order))
    total += (len(trained) + made + 1) if trained else 0
    if max_steps is not None and total > max_steps:
        raise TooManySteps(
            f"{total:,} steps (a graph of {len(walk.order):,} values) are more than anyone "
            f"follows; the limit is max_steps={max_steps}. Step through a part: give a value "
            f"nearer to the inputs (one neuron's output), compute the loss of one sample, or "
            f"leave expand=True out. max_steps=None lists them all."
        )
    book = Book(walk)
    for node in walk.order:
        if node.op is not None:
            book.forward(node)
    book.seed()
    for node in reversed(walk.order):
        book.backward(node)
    if learning_rate is not None:
        training_steps(book, learning_rate, trained)
    return book.steps


def _backward_count(node: Value) -> int:
    operands = len(node.parents)
    return operands if operands <= MANY else 1


class Book:
    """The steps so far, and the gradients so far."""

    def __init__(self, walk: Walk) -> None:
        self.walk = walk
        self.steps: list[Step] = []
        self.grads = dict.fromkeys(walk.order, 0.0)
        self.data = {node: node.data for node in walk.order}
        self.out = walk.names[walk.output]

    def add(self, phase: str, node: Value, title: str, math: str, note: str, **shown: Any) -> None:
        """One more step."""
        nodes = tuple(dict.fromkeys(self.walk.ids[v] for v in shown.pop("values", (node,))))
        shown["edges"] = tuple(shown.get("edges", ()))
        number = len(self.steps) + 1
        where = self.walk.ids[node]
        self.steps.append(Step(number, phase, where, title, math, note, nodes, **shown))

    def name(self, node: Value) -> str:
        return self.walk.names[node]

    def written(self, node: Value) -> str:
        """``d = e + c = −6 + 10 = 4``; what a name says already is not said twice."""
        name = self.name(node)
        symbols = formula(node, self.name)
        parts = [name, symbols, formula(node, lambda v: number(self.data[v]))]
        if _bare(symbols) == _bare(name):
            parts.remove(symbols)
        return " = ".join([*parts, number(self.data[node])])

    def forward(self, node: Value) -> None:
        """A value is computed, and its local derivatives are recorded."""
        where = self.walk.ids[node]
        partials = {edge: partial for edge, (_, partial) in edges_of(node, where).items()}
        recorded = [
            f"{self.walk.local(node, k)} = {number(partial)}"
            for k, partial in enumerate(partials.values())
        ]
        self.add(
            "forward",
            node,
            f"Forward: compute {self.name(node)}",
            self.written(node),
            f"Recorded local derivatives: {listed(recorded)}" if recorded else "",
            values=(*node.parents, node),
            edges=(*partials, f"{where}-out"),
            set={where: {"data": self.data[node]}},
            reveal=partials,
        )

    def seed(self) -> None:
        """The derivative of the output with respect to itself."""
        output, out = self.walk.output, self.out
        where = self.walk.ids[output]
        self.grads[output] = 1.0
        self.add(
            "seed",
            output,
            f"Backward: begin at {out}",
            f"{derivative(out, out)} = 1",
            f"{change(out, 'grad', 0.0, 1.0)} (how fast {out} changes with itself)",
            set={where: {"grad": 1.0}},
        )

    def backward(self, node: Value) -> None:
        """The chain rule on every edge of a node: a step each, or one step where they are many."""
        edges = edges_of(node, self.walk.ids[node])
        if len(edges) > MANY:
            self._backward_together(node, edges)
            return
        for k, (edge, (parent, partial)) in enumerate(edges.items()):
            math, before = self._chain_rule(node, k, parent, partial)
            after = self.grads[parent]
            several = " (gradients from several paths add up)" if before else ""
            self.add(
                "backward",
                parent,
                f"Backward: from {self.name(node)} to {self.name(parent)}",
                math,
                change(self.name(parent), "grad", before, after) + several,
                values=(node, parent),
                edges=(edge, f"{self.walk.ids[node]}-out"),
                set={self.walk.ids[parent]: {"grad": after}},
            )

    def _chain_rule(self, node: Value, k: int, parent: Value, partial: float) -> tuple[str, float]:
        """The formula of one edge, and the gradient before; the edge's share is added."""
        adjoint, before = self.grads[node], self.grads[parent]
        # As in Value.backward: a zero adjoint contributes nothing, even along an infinite slope.
        share = adjoint * partial if adjoint else 0.0
        self.grads[parent] += share
        chain = f"{derivative(self.out, self.name(node))} · {self.walk.local(node, k)}"
        left = derivative(self.out, self.name(parent))
        return f"{left} += {chain} = {product(adjoint, partial)} = {number(share)}", before

    def _backward_together(self, node: Value, edges: dict[str, tuple[Value, float]]) -> None:
        lines, several = [], False
        for k, (parent, partial) in enumerate(edges.values()):
            math, before = self._chain_rule(node, k, parent, partial)
            lines.append(math)
            several |= before != 0.0
        rest = len(lines) - LONGEST_STEP
        if rest > 0:
            lines[LONGEST_STEP:] = [f"… and {rest:,} more in the same way"]
        ids = self.walk.ids
        arrives = derivative(self.out, self.name(node))
        self.add(
            "backward",
            node,
            f"Backward: from {self.name(node)} to its {len(edges):,} operands",
            "\n".join(lines),
            f"{self.name(node)} passes {arrives} = {number(self.grads[node])} on, "
            f"times each local derivative"
            + (" (gradients from several paths add up)" if several else ""),
            values=(node, *[parent for parent, _ in edges.values()]),
            edges=(*edges, f"{ids[node]}-out"),
            set={ids[parent]: {"grad": self.grads[parent]} for parent, _ in edges.values()},
        )


def _bare(text: str) -> str:
    return text.translate(_PLAIN)


_PLAIN = str.maketrans({"×": "·", "÷": "/", " ": "", "(": "", ")": ""})


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
    ∂y/∂y = 1
    y.grad: 0 → 1 (how fast y changes with itself)
    <BLANKLINE>
    3 / 3
    Backward: from y to x
    ∂y/∂x += ∂y/∂y · ∂y/∂x = 1 × 6 = 6
    x.grad: 0 → 6
    """
    return "\n\n".join(f"{step.i} / {len(listing)}\n{step}" for step in listing)
