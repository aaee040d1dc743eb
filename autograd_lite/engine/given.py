"""``Given``: the operation of a node that somebody makes by hand, as micrograd and microgpt do.

``Value(6.0, (a, b), (3.0, 2.0))`` states the number, the parents and the local derivatives.
``Value(6.0, (a, b), "*")`` leaves these to a function that is assigned to ``_backward``: it adds to
the parents' ``grad`` what the chain rule passes on to them from the node's own.

What is given are numbers, at one point: nobody knows the value elsewhere, nor a second derivative.
Whoever asks gets an error, which names the door for operations with a rule.

Next: ``copies.py``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, TypeAlias

from .groups import data_of, is_node, number_of
from .inputs import real
from .kinds import recorder
from .node import Node, give
from .primitive import TABLE, Primitive
from .steep import is_shut, steep
from .undefined import all_finite, arithmetic

#: What micrograd writes otherwise than by the row's name; of ``x ** 3`` it writes ``**3``.
ASCII = {"add": "+", "sub": "-", "mul": "*", "div": "/", "neg": "-", "pow": "**", "relu": "ReLU"}
PRETTY = {"*": "mul", "-": "sub", "/": "div"}

REMEDY = (
    "Write its rule: @autograd_lite.primitive(lambda z, x: (...,)) over the function of floats "
    "that computes it."
)
CLOSE = 1e-9
LARGEST_FORM = 1000  # operands

Step: TypeAlias = Callable[[], object]
Slopes: TypeAlias = "tuple[float, ...] | Stepwise | Unknown"


def symbol_of(op: Primitive | None) -> str:
    """The symbol that micrograd keeps in ``_op``, in ASCII; none on a leaf.

    >>> from autograd_lite import Value
    >>> x = Value(2.0)
    >>> [node._op for node in (x, x * x, x**3, x.relu(), x.tanh())]
    ['', '*', '**3', 'ReLU', 'tanh']
    """
    if op is None or isinstance(op, Given):
        return op.written if op else ""
    if op.name == "power":
        (n,) = op.args
        return f"**{int(n) if n.is_integer() else n}"
    return ASCII.get(op.name, op.name)


# --- the local derivatives where they are no tuple of numbers -------------------------------------


class Unknown:
    """Local derivatives that nobody has given: to read them is an error."""

    __slots__ = ("error",)

    def __init__(self, error: Exception) -> None:
        self.error = error

    def __iter__(self) -> Iterator[float]:
        raise type(self.error)(*self.error.args)  # a new one: a traceback would keep the graph


class Stepwise:
    """Local derivatives by the function that takes the node's step of ``backward()``.

    To know their numbers, which pictures and ``gradient`` need, the function is tried.
    """

    __slots__ = ("found", "node", "step")

    def __init__(self, node: Node, step: Step) -> None:
        self.node, self.step = node, step
        self.found: tuple[float, ...] | None = None

    def __iter__(self) -> Iterator[float]:
        if self.found is None:
            self.found = self._tried()
        return iter(self.found)

    def _tried(self) -> tuple[float, ...]:
        parents = self.node.parents
        kept = [(x, x.grad) for x in {self.node, *parents}]
        try:
            one, other = self._passed(1.0), self._passed(-3.0)
        finally:
            for x, grad in kept:
                x.grad = grad
        for x, slope in one.items():
            if not math.isclose(other[x], -3.0 * slope, rel_tol=CLOSE) and slope == slope:
                raise ValueError(
                    f"The _backward of {self.node!r} passes {slope} on for a grad of 1, and "
                    f"{other[x]} for one of -3: that is no local derivative times the grad. "
                    f"Only backward() can use such a function."
                )
        steep.note(one.values())
        return tuple([one.pop(x, 0.0) for x in parents])  # what is given twice gets all at once

    def _passed(self, grad: float) -> dict[Any, float]:
        for x in self.node.parents:
            x.grad = 0.0
        self.node.grad = grad
        self.step()
        return {x: x.grad for x in self.node.parents}


class _Stepwise:
    """Whether this process has ever made such a node, or one without local derivatives."""

    __slots__ = ("made",)

    def __init__(self) -> None:
        self.made = False


stepwise = _Stepwise()


def has_steps(order: Iterable[Node]) -> bool:
    """Whether a node among these has a ``_backward`` of its own; raises where one has no slopes."""
    if not stepwise.made:
        return False
    slopes = [node.op.slopes for node in order if isinstance(node.op, Given)]
    for unknown in slopes:
        if isinstance(unknown, Unknown):
            iter(unknown)
    return any(isinstance(x, Stepwise) for x in slopes)


def take_steps(order: Sequence[Node]) -> None:
    """The steps of ``backward()`` where some are functions, as ``adjoints_below`` takes them."""
    reached = {order[-1]}
    for node in reversed(order):
        if node not in reached:
            continue
        if isinstance(node.op, Given) and isinstance(node.op.slopes, Stepwise):
            node.op.slopes.step()
            reached.update(node.parents)
            continue
        for parent, slope in zip(node.parents, node.partials, strict=True):
            if not is_shut(node, slope):
                parent.grad += node.grad * slope
                reached.add(parent)


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


# --- the operation --------------------------------------------------------------------------------


class Given(Primitive):
    """An operation known at one point: its value is ``here`` where its operands are ``at``.

    Raises ``NotImplementedError`` where it is asked for more.
    """

    arity = None
    operands = ("xs",)
    name = "given"
    domain = ((-10.0, 10.0),)
    defined = ""
    edges = None
    chooses = poles = False
    args = ()
    __slots__ = ("at", "here", "slopes", "written")

    def __init__(self, written: str, at: tuple[float, ...], here: float, slopes: Slopes) -> None:
        self.written, self.at, self.here, self.slopes = written, at, here, slopes

    def __reduce__(self) -> tuple[Any, ...]:
        return Given, (self.written, self.at, self.here, self.slopes)

    @property
    def recorder(self) -> Callable[..., Any]:  # type: ignore[override]
        return recorder(self)  # a new one: it knows the operation, a circle

    @property
    def symbol(self) -> str:  # type: ignore[override]
        row = PRETTY.get(self.written)
        return TABLE[row].symbol if row else self.written or "f"

    @property
    def form(self) -> str:  # type: ignore[override]
        """For a page, which may move the operands: NaN wherever nothing is known."""
        if len(self.at) > LARGEST_FORM:
            return ""
        away = [f"abs(xs[{k}] - {x!r})" for k, x in enumerate(self.at)]
        while len(away) > 1:  # in pairs: a tree that no printer finds too deep
            pairs = zip(away[::2], away[1::2], strict=False)
            away = [f"({a} + {b})" for a, b in pairs] + away[len(away) & ~1 :]
        return f"where({away[0]} == 0, {self.here!r}, nan)"

    def compute(self, xs: tuple[float, ...]) -> float:
        if xs != self.at and not arithmetic.values_only:  # whose values nobody reads either
            raise NotImplementedError(
                f"{self.symbol}: this node was made by hand where its parents were "
                f"{_listed(self.at)}; they are {_listed(xs)} now, and nobody knows what it is "
                f"there. Make the graph again. {REMEDY}"
            )
        return self.here

    def rule(self, z: object, xs: Sequence[Any]) -> tuple[Any, ...]:
        """The slopes, as nodes on the operands: so that nobody takes them for constants."""
        error = NotImplementedError(
            f"{self.symbol}: this node was made by hand, with numbers for its local derivatives, "
            f"so that nobody knows how they change. {REMEDY}"
        )
        found = [Given(f"∂{self.symbol}", self.at, x, Unknown(error)) for x in self.slopes]
        stepwise.made = True
        return (tuple([op.record(xs) for op in found]),)


def refuse_given(order: Iterable[Node]) -> None:
    """An error where one of these was made by hand: a program would repeat its number."""
    op = next((node.op for node in order if isinstance(node.op, Given)), None)
    if op is not None:
        raise NotImplementedError(
            f"{op.symbol}: a node was made by hand, and a program would need to know how it is "
            f'computed. {REMEDY} With form="..." every language can print it.'
        )


def _listed(numbers: Sequence[float]) -> str:
    more = f", … ({len(numbers)} in all)" if len(numbers) > 6 else ""
    return f"({', '.join(map(repr, numbers[:6]))}{more})"


def attach(node: Node, parents: tuple[Any, ...], op: Given) -> None:
    """Make a leaf the result of this operation on these parents."""
    give(node, op, parents, op.slopes)
    stepwise.made |= type(op.slopes) is not tuple


def for_a_copy(op: Primitive | None) -> Primitive | None:
    """The operation, with numbers for what a function does: it knows the node it was made for."""
    if isinstance(op, Given) and type(op.slopes) is Stepwise:
        return Given(op.written, op.at, op.here, tuple(op.slopes))
    return op


def given_as(node: Node, parents: tuple[Any, ...]) -> Given:
    """The operation that gives the number and the slopes of this node, on other parents."""
    op = for_a_copy(node.op)
    slopes = op.slopes if isinstance(op, Given) else node.partials
    return Given(symbol_of(op), data_of(parents), number_of(node), slopes)


# --- made by hand ---------------------------------------------------------------------------------


def made(node: Any, children: Any, slopes: Any, symbol: str = "") -> None:
    """Give a new leaf these parents, with local derivatives, or with a symbol in their place.

    A symbol without parents says nothing, as in micrograd. Raises ``TypeError`` for parents that
    are no Values, ``ValueError`` unless there is one local derivative for each.
    """
    parents = _parents(children)
    if isinstance(slopes, str):
        slopes, symbol = (), slopes
    numbers = tuple([real(x, "A local derivative is") for x in slopes])
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
            f"{_listed(data_of(parents))}."
        )
    if any(map(math.isnan, slopes)):
        raise ValueError(
            f"A local derivative is NaN, though the parents are finite: {_listed(slopes)} at "
            f"{_listed(data_of(parents))}."
        )


def _missing(node: Any) -> Exception:
    return ValueError(
        f"A Value of {number_of(node)} has parents, and nobody has said its local derivatives. "
        f"Give one per parent, Value(data, (a, b), (da, db)), or assign the function that passes "
        f"the grad on: out._backward = ..."
    )
