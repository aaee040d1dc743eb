"""``Value``: a number that remembers how it was made, so that it can be differentiated.

Every operation makes a node which keeps three things: its number, its parents, and its local
derivatives, ∂node/∂parent, one per parent. ``backward()`` then walks the graph from the output
to the leaves and applies the chain rule on every edge: ``parent.grad += node.grad · partial``.

A node has one or two groups of operands, and a group is a Value or a tuple of Values: ``x`` of
``tanh(x)``; ``x`` and ``y`` of ``x * y``; ``ws`` and ``xs`` of ``dot(ws, xs)``. Groups and their
derivatives lie flat in its slots: two tuples more would double the time and the memory.

``x.tanh()`` is the function that ``of_one`` makes of the row ``ops.tanh``; ``tanh(x)`` finds it by
``x._apply``. What is glossed over: operations of many operands (``many.py``), and in ``engine/``
the walks, copies, what is no number, and arithmetic without a finite answer (``settle``).

Next: ``many.py``.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, TypeAlias

from . import derived, ops
from .engine import by_hand, comparisons, copies
from .engine.assignments import assignments
from .engine.comparisons import cut_off, recorded
from .engine.core import core, in_c, tell
from .engine.given import has_steps, stepwise, symbol_of, take_steps
from .engine.groups import as_tuple
from .engine.inputs import OPERANDS, REAL, real, real_grad, refused
from .engine.kinds import Binary, Unary, named, recorder
from .engine.order import operations_below, topological_order
from .engine.primitive import TABLE, Primitive
from .engine.settle import LARGEST, LOWEST, settle
from .engine.steep import adjoints_below, has_steep_places, pass_on
from .engine.updates import warn_of_update
from .protocols import Protocols

Operator: TypeAlias = "Callable[[Value, Operand], Value]"

_new: Any = core.Value.__new__ if core else object.__new__
_raised_to = lru_cache(maxsize=1024)(lambda n: of_one(ops.power(float(n))))  # of x ** n


# --- recording: one function per arity, since a general one would be five times slower ------------


@in_c
def of_one(op: Unary) -> Callable[[Value], Value]:
    """The function that applies ``op`` and records the node."""
    compute, rule, careful = op.compute, op.on_floats, op.careful  # the rule, for floats alone

    def record(x: Any) -> Any:
        try:
            data = x._data
        except AttributeError:  # tanh(1): a bare number gives a bare number
            return op.record(x)
        try:
            z = compute(data)
            (partial,) = rule(z, data)
            if not LOWEST <= z <= LARGEST or (careful and not LOWEST <= partial <= LARGEST):
                raise OverflowError
        except (ArithmeticError, ValueError):
            z, (partial,) = settle(op, Constant, x)  # ∞, NaN, a pole: the slow path decides
        node: Value = _new(Value)
        node._data = z
        node._grad = 0.0
        node._label = ""
        node.op = op
        node._left = x
        node._dleft = partial
        node._right = node._dright = None
        return node

    return named(record, op)


@in_c
def of_two(op: Binary, in_place: bool = False) -> Callable[[Value, Operand], Value]:
    """The function that applies ``op`` and records the node; numbers become Constants."""
    compute, rule, careful = op.compute, op.on_floats, op.careful

    def record(left: Value, right: Any) -> Value:
        if not isinstance(right, Value):
            if in_place:
                warn_of_update(left)
            right = operand(right)
            if right is NotImplemented:
                return right  # type: ignore[no-any-return]
        x = left._data
        y = right._data
        try:
            z = compute(x, y)
            dx, dy = rule(z, x, y)
            if not LOWEST <= z <= LARGEST or (careful and not LOWEST <= dx - dy <= LARGEST):
                raise OverflowError
        except (ArithmeticError, ValueError):
            z, (dx, dy) = settle(op, Constant, left, right)
        node: Value = _new(Value)
        node._data = z
        node._grad = 0.0
        node._label = ""
        node.op = op
        node._left = left
        node._right = right
        node._dleft = dx
        node._dright = dy
        return node

    return named(record, op)


def operators(op: Binary) -> tuple[Operator, Operator]:
    """An operator and its reflection, ``x ∘ y`` and ``y ∘ x``, from one row."""
    record = of_two(op)

    def reflected(self: Value, other: Any) -> Value:
        left = operand(other)
        return left if left is NotImplemented else record(left, self)

    return record, reflected


@in_c
def either(op: Binary) -> Callable[[Operand, Operand], Value]:
    """As ``of_two``, where the left operand may be the bare number: ``hypot(3.0, x)``."""
    record = of_two(op)
    return lambda left, right: record(as_value(left), right)


recorder.register(Unary, of_one)
recorder.register(Binary, either)


@in_c
class Value(Protocols):
    """A real number in a graph: ``data``, the ``grad`` that ``backward()`` gives it, a ``label``.

    A node of one's own names its parents and its local derivatives, ``Value(data, (a, b), (da,
    db))``, or a symbol, ``Value(data, (a, b), "*")``, and has a function assigned to ``_backward``.
    It has no second derivative, and no program; ``primitive`` makes operations that have both.

    Raises ``TypeError`` for anything but one real number.

    >>> x, w = Value(2.0, label="x"), Value(-3.0, label="w")
    >>> y = (x * w).tanh()
    >>> y.backward()
    >>> round(x.grad, 12), y
    (-7.3729642e-05, Value(data=-0.9999877116507956, grad=1.0))
    >>> (x * w).partials
    (-3.0, 2.0)
    """

    __slots__ = ("_data", "_dleft", "_dright", "_grad", "_label", "_left", "_right", "op")

    _data: float
    _label: Any  # a text, or a tuple of it and the call of a module that gave the node
    _left: Any  # a group, or None on a leaf
    _right: Any  # a group, or None where there is one
    _dleft: Any  # the derivatives with respect to _left, of the same shape
    _dright: Any
    _grad: float
    op: Primitive | None

    def __init__(
        self,
        data: float,
        children: str | Iterable[Value] | None = None,
        local_grads: str | Iterable[float] | None = None,
        label: str = "",
        _children: Iterable[Value] | None = None,
        _op: str = "",
    ) -> None:
        self._data = data if type(data) is float else real(data, f"{type(self).__name__} holds")
        self._grad = 0.0
        self._label = label
        self.op = None
        self._left = self._right = None
        if children is not None or local_grads is not None or _children is not None:
            by_hand.made(self, _children if children is None else children, local_grads, _op)

    @property
    def label(self) -> str:
        """What it is called in pictures and texts; assign another name."""
        label: str = self._label[0] if type(self._label) is tuple else self._label
        return label

    @label.setter
    def label(self, label: str) -> None:
        made = self._label
        self._label = (label, *made[1:]) if type(made) is tuple else label

    @property
    def data(self) -> float:
        """The number, always a Python float; assign to a leaf to change it (training does)."""
        if recorded:
            comparisons.read(self, "x.data")
        return self._data

    @data.setter
    def data(self, data: float) -> None:
        if recorded:
            cut_off(self, "A number assigned to x.data", "Give it to the function as x.")
        self._data = data if type(data) is float else real(data, "Value.data is")
        assignments.latest = object()  # last: whoever keeps numbers sees that they are old

    @property
    def grad(self) -> float:
        """What ``backward()`` has added to it; assign 0.0 to start again."""
        return self._grad

    @grad.setter
    def grad(self, grad: float) -> None:
        self._grad = grad if type(grad) is float else real_grad(grad)

    @property
    def parents(self) -> tuple[Value, ...]:
        """The operands, in order; ``x * x`` has two. Empty on a leaf."""
        return (*as_tuple(self._left), *as_tuple(self._right))

    @property
    def partials(self) -> tuple[float, ...]:
        """The local derivatives ∂self/∂parent, one per parent, as recorded in the forward pass."""
        if self._left is None:
            return ()
        if recorded:
            comparisons.read(self, "x.partials")
        left, right = self._left, as_tuple(self._right)
        dleft = tuple(self._dleft) if type(left) is tuple else (self._dleft,)
        return (*dleft, *as_tuple(self._dright)[: len(right)])

    def backward(self, gradient: float = 1.0) -> None:
        """Add ``gradient · dself/dleaf`` to the ``grad`` of every leaf below.

        Leaves accumulate over calls, the nodes between start afresh, so two calls give exactly
        twice the leaf gradients of one. Time and memory grow linearly with the graph.

        >>> x = Value(3.0)
        >>> y = x ** 3
        >>> y.backward(); y.backward(); x.grad
        54.0
        """
        gradient = real(gradient, "backward(gradient) takes")
        if recorded:
            cut_off(self, "The grad that backward() gives", "Write gradient(y, [x]) for it.")
        order = operations_below(self)  # whose grad is 0 now
        if stepwise.made and has_steps(order):
            self._grad += gradient
            return take_steps(order)
        if has_steep_places(order):
            for node, adjoint in adjoints_below(order, {self: gradient}).items():
                node._grad += adjoint
            return
        self._grad += gradient
        for node in reversed(order):
            adjoint = node._grad
            if adjoint == 0.0:  # contributes nothing
                continue
            left = node._left
            right = node._right
            if right is None:
                if type(left) is tuple:
                    if adjoint - adjoint != 0.0:  # it has overflowed on finite slopes
                        pass_on(node, adjoint)
                        continue
                    for parent, partial in zip(left, node._dleft):  # noqa: B905 - the hot loop
                        parent._grad += adjoint * partial
                elif partial := node._dleft:
                    left._grad += adjoint * partial
                elif adjoint - adjoint != 0.0:
                    pass_on(node, adjoint)
            elif type(left) is tuple:
                for parent, partial in zip(left, node._dleft):  # noqa: B905
                    parent._grad += adjoint * partial
                for parent, partial in zip(right, node._dright):  # noqa: B905
                    parent._grad += adjoint * partial
            else:
                left._grad += adjoint * node._dleft
                right._grad += adjoint * node._dright

    def zero_grad(self) -> None:
        """Set ``grad`` to 0 on this node and on every node below it."""
        for node in topological_order(self):
            node._grad = 0.0

    def detach(self) -> Value:
        """A new leaf with the same number and label, and no history."""
        return Value(comparisons.number_detached(self), label=self.label)

    def _apply(self, op: Primitive, *groups: Any) -> Value:
        """How a row is applied to operands of which this is one."""
        if op.recorder is None:
            op.recorder = recorder(op)
        return op.recorder(*groups)  # type: ignore[no-any-return]

    def __repr__(self) -> str:
        label = f", label={self.label!r}" if self.label else ""
        return f"{type(self).__name__}(data={self._data}, grad={self.grad}{label})"

    # --- operations, each generated from its row in the table ---

    __add__, __radd__ = operators(ops.add)
    __sub__, __rsub__ = operators(ops.sub)
    __mul__, __rmul__ = operators(ops.mul)
    __truediv__, __rtruediv__ = operators(ops.div)
    __mod__, __rmod__ = operators(ops.mod)
    __floordiv__, __rfloordiv__ = operators(ops.floor_divide)
    _pow, __rpow__ = operators(ops.pow)
    __neg__, __abs__ = of_one(ops.neg), of_one(ops.abs)
    __iadd__, __isub__ = of_two(ops.add, in_place=True), of_two(ops.sub, in_place=True)
    __imul__, __itruediv__ = of_two(ops.mul, in_place=True), of_two(ops.div, in_place=True)

    def __pow__(self, exponent: Operand) -> Value:
        """``x ** 3`` has one operand; ``x ** y`` with a Value y has two, and y gets a gradient."""
        return _raised_to(exponent)(self) if isinstance(exponent, REAL) else self._pow(exponent)

    def __pos__(self) -> Value:
        return self

    exp, exp2, expm1, sqrt, cbrt = map(of_one, (ops.exp, ops.exp2, ops.expm1, ops.sqrt, ops.cbrt))
    log, log2, log10, log1p = map(of_one, (ops.log, ops.log2, ops.log10, ops.log1p))
    square, reciprocal, sign, step = map(of_one, (ops.square, ops.reciprocal, ops.sign, ops.step))
    sin, cos, tan = map(of_one, (ops.sin, ops.cos, ops.tan))
    asin, acos, atan = map(of_one, (ops.asin, ops.acos, ops.atan))
    sinh, cosh, tanh, sech = map(of_one, (ops.sinh, ops.cosh, ops.tanh, ops.sech))
    asinh, acosh, atanh = map(of_one, (ops.asinh, ops.acosh, ops.atanh))
    sigmoid, softplus, log_sigmoid = map(of_one, (ops.sigmoid, ops.softplus, ops.log_sigmoid))
    softsign, relu, silu, gelu = map(of_one, (ops.softsign, ops.relu, ops.silu, ops.gelu))
    erf, erfc, ndtr = map(of_one, (ops.erf, ops.erfc, ops.ndtr))
    atan2, hypot, logaddexp, minimum, maximum = map(
        of_two, (ops.atan2, ops.hypot, ops.logaddexp, ops.minimum, ops.maximum)
    )
    xlogy, copysign = of_two(ops.xlogy), of_two(ops.copysign)
    fmod, remainder = of_two(ops.fmod), of_two(ops.remainder)
    leaky_relu, elu, clip = derived.leaky_relu, derived.elu, derived.clip

    # --- a Value behaves as its number where Python asks for one; among Values == is identity ---

    def __float__(self) -> float:
        return comparisons.number_taken(self, "float(x)")

    def __round__(self, digits: int | None = None) -> float:
        return round(comparisons.number_taken(self, "round(x)"), digits)

    def __bool__(self) -> bool:
        return self != 0.0

    def __format__(self, spec: str) -> str:
        return format(self._data, spec) if spec else str(self)

    __lt__, __le__ = map(comparisons.comparison, (operator.lt, operator.le))
    __gt__, __ge__ = map(comparisons.comparison, (operator.gt, operator.ge))
    __eq__, __ne__ = map(comparisons.equality, (operator.eq, operator.ne))
    __hash__ = object.__hash__

    __copy__, __deepcopy__, __reduce__ = copies.alone, copies.deep, copies.reduced

    # --- the names of micrograd and microgpt ---

    _prev = _children = parents
    _local_grads = partials
    _op = property(lambda self: symbol_of(self.op))
    _backward = property(by_hand.step_of, by_hand.set_step)


class Parameter(Value):
    """A leaf that training changes: a weight or a bias.

    It takes attributes of one's own, ``p.velocity = 0.0``, and so does a subclass of ``Value``. In
    every Value they would make an operation 11 % slower, and a node 16 bytes larger.
    """


@in_c
class Constant(Value):
    """A leaf made from a bare number met in an expression, such as the 2 in ``2 * x``."""

    __slots__ = ()


Operand: TypeAlias = Value | float  # what arithmetic takes


# A new row in ops.py is a method at once; those above are spelled out for readers and for mypy.
for _op in TABLE.values():
    if isinstance(_op, Unary) and not _op.args and not hasattr(Value, _op.name):
        setattr(Value, _op.name, of_one(_op))


@in_c
def as_value(x: object) -> Value:
    """A Value as it is; a bare number as a ``Constant``; ``TypeError`` for anything else."""
    return x if isinstance(x, Value) else Constant(real(x, OPERANDS))


@in_c
def as_values(xs: Iterable[Operand]) -> tuple[Value, ...]:
    """Values as they are, bare numbers as Constants."""
    return tuple([x if isinstance(x, Value) else as_value(x) for x in xs])


@in_c
def operand(x: object) -> Any:
    """A bare number as a ``Constant``; ``NotImplemented`` for a type that may know Values."""
    if type(x) is not float:
        if not isinstance(x, REAL):
            return as_value(x) if refused(x) else NotImplemented  # raises, and says what to write
        x = float(x)
    node = _new(Constant)
    node._data = x
    node._grad = 0.0
    node._label = ""
    node.op = node._left = node._right = None
    return node


# What the core in C has in its slots, and asks of this file.
tell(**{row.name: of_two(row) for row in (ops.add, ops.sub, ops.mul, ops.div, ops.pow)})
tell(neg=of_one(ops.neg), raised_to=_raised_to, warn=lambda node: warn_of_update(node))
