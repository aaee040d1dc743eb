"""``Given``: the operation of a node that was made by hand, and what stands for its derivatives.

What is given are numbers, at one point: nobody knows the value elsewhere, nor a second derivative.
Whoever asks gets an error, which names the door for operations with a rule. The local derivatives
are numbers, or a function takes the node's step of ``backward()`` in their place (``Stepwise``), or
nobody has given them (``Unknown``).

Next: ``by_hand.py``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeAlias

from .groups import data_of, number_of
from .kinds import recorder
from .node import Node, give
from .primitive import TABLE, Primitive
from .steep import is_shut, steep
from .undefined import arithmetic

#: What micrograd writes otherwise than by the row's name; of ``x ** 3`` it writes ``**3``.
ASCII = {"add": "+", "sub": "-", "mul": "*", "div": "/", "neg": "-", "pow": "**", "relu": "ReLU"}
#: Those that are shown by a better sign.
PRETTY = {"*": "mul", "-": "sub", "/": "div"}

REMEDY = (
    "Write its rule: @autograd_lite.primitive(lambda z, x: (...,)) over the function of floats "
    "that computes it."
)
CLOSE = 1e-9

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


# --- the operation --------------------------------------------------------------------------------


class Given(Primitive):
    """An operation known at one point: its value is ``here`` where its operands are ``at``.

    Raises ``NotImplementedError`` where it is asked for more.
    """

    arity = None
    operands = ("xs",)
    name = "made by hand"
    domain = ((-10.0, 10.0),)
    defined = ""
    edges = None
    chooses = poles = pointed = False
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
        away = [f"abs(xs[{k}] - {x!r})" for k, x in enumerate(self.at)]
        while len(away) > 1:  # in pairs: a tree that no printer finds too deep
            pairs = zip(away[::2], away[1::2], strict=False)
            away = [f"({a} + {b})" for a, b in pairs] + away[len(away) & ~1 :]
        return f"where({away[0]} == 0, {self.here!r}, nan)"

    def compute(self, xs: tuple[float, ...]) -> float:
        if not (arithmetic.values_only or _same(xs, self.at)):  # else nobody reads the value
            raise NotImplementedError(
                f"{self.symbol}: this node was made by hand where its parents were "
                f"{listed(self.at)}; they are {listed(xs)} now, and nobody knows what it is "
                f"there. Make the graph again. {REMEDY}"
            )
        return self.here

    def rule(self, z: object, xs: Sequence[Any]) -> tuple[Any, ...]:
        """The slopes, as products with a 1 of unknown slopes: nobody takes them for constants."""
        error = NotImplementedError(
            f"{self.symbol}: this node was made by hand, with numbers for its local derivatives, "
            f"so that nobody knows how they change. {REMEDY}"
        )
        known = Given("known", self.at, 1.0, Unknown(error)).record(xs)
        return (tuple([slope * known for slope in self.slopes]),)


def refuse_given(order: Iterable[Node]) -> None:
    """An error where one of these was made by hand: a program would repeat its number."""
    op = next((node.op for node in order if isinstance(node.op, Given)), None)
    if op is not None:
        raise NotImplementedError(
            f"{op.symbol}: a node was made by hand, and a program would need to know how it is "
            f'computed. {REMEDY} With form="..." every language can print it.'
        )


def _same(xs: Sequence[float], ys: Sequence[float]) -> bool:
    """Whether the numbers are the same; one NaN is as good as another."""
    return xs == ys or all(x == y or (x != x and y != y) for x, y in zip(xs, ys, strict=True))


def listed(numbers: Sequence[float]) -> str:
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
