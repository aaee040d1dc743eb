"""``Value``: a number that remembers how it was made, so that it can be differentiated.

Every operation makes a node which keeps three things: its number, its parents, and its local
derivatives, ∂node/∂parent, one per parent. ``backward()`` then walks the graph from the output
to the leaves and applies the chain rule on every edge: ``parent.grad += node.grad · partial``.

A node has one or two groups of operands, and a group is a Value or a tuple of Values: ``x`` of
``tanh(x)``; ``x`` and ``y`` of ``x * y``; ``ws`` and ``xs`` of ``dot(ws, xs)``. The groups and
their derivatives lie flat in the node (``_left``, ``_right``, ``_dleft``, ``_dright``): two tuples
more would double the time and the memory. ``.parents`` and ``.partials`` are the public face.

What is glossed over: operations of many operands (``many.py``), and in ``engine/`` the walks,
copies, what is no number (``inputs``), and arithmetic without a finite answer (``settle``).

Next: ``graph.py``.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeAlias, TypeVar

from . import derived, ops
from .engine import copies
from .engine.assignments import assignments
from .engine.comparisons import comparison
from .engine.groups import as_tuple
from .engine.inputs import REAL, number, refused
from .engine.kinds import Binary, Unary, recorder
from .engine.order import operations_below, topological_order
from .engine.primitive import TABLE, Primitive
from .engine.settle import LARGEST, LOWEST, settle
from .engine.updates import warn_of_update

Operand: TypeAlias = "Value | float"
Operator: TypeAlias = "Callable[[Value, Any], Value]"
Recorder = TypeVar("Recorder", bound=Callable[..., Any])

_new = object.__new__
_raised_to = lru_cache(maxsize=1024)(lambda n: unary(ops.power(float(n))))  # the recorder of x ** n


# --- recording: one function per arity, since a general one would be five times slower ------------


def unary(op: Unary) -> Callable[[Value], Value]:
    """The function that applies ``op`` and records the node."""
    compute, rule, careful = op.compute, op.on_floats, op.edges is not None

    def record(x: Any) -> Any:
        try:
            data = x._data
        except AttributeError:  # a bare number gives a bare number
            return op.record(x)
        try:
            z = compute(data)
            (partial,) = rule(z, data)
            if not LOWEST <= z <= LARGEST or (careful and partial != partial):
                raise OverflowError
        except (ArithmeticError, ValueError):
            z, (partial,) = settle(op, Constant, x)
        node = _new(Value)
        node._data = z
        node.grad = 0.0
        node.label = ""
        node.op = op
        node._left = x
        node._dleft = partial
        node._right = node._dright = None
        return node

    return named(record, op)


def binary(op: Binary, in_place: bool = False) -> Callable[[Value, Any], Value]:
    """The function that applies ``op`` and records the node; numbers become Constants."""
    compute, rule, careful = op.compute, op.on_floats, op.edges is not None

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
            if not LOWEST <= z <= LARGEST or (careful and (dx != dx or dy != dy)):
                raise OverflowError
        except (ArithmeticError, ValueError):
            z, (dx, dy) = settle(op, Constant, left, right)
        node = _new(Value)
        node._data = z
        node.grad = 0.0
        node.label = ""
        node.op = op
        node._left = left
        node._right = right
        node._dleft = dx
        node._dright = dy
        return node

    return named(record, op)


def operators(op: Binary) -> tuple[Operator, Operator]:
    """An operator and its reflection, ``x ∘ y`` and ``y ∘ x``, from one row."""
    record = binary(op)

    def reflected(self: Value, other: Any) -> Value:
        left = operand(other)
        return left if left is NotImplemented else record(left, self)

    return record, reflected


def named(record: Recorder, op: Primitive) -> Recorder:
    """A recorder by its name, under which ``help`` shows it and ``pickle`` finds it."""
    record.__name__, record.__qualname__ = op.name, f"Value.{op.name}"
    record.__doc__ = f"{op.name} as a node; help(autograd_lite.{op.name}) tells its formula."
    return record


def either(op: Binary) -> Callable[[Any, Any], Value]:
    """As ``binary``, where the left operand may be the bare number: ``hypot(3.0, x)``."""
    record = binary(op)
    return lambda left, right: record(as_value(left), right)


recorder.register(Unary, unary)
recorder.register(Binary, either)


class Value:
    """A real number in a graph: ``data``, the ``grad`` that ``backward()`` gives it, a ``label``.

    Raises ``TypeError`` for anything but one real number.

    >>> x, w = Value(2.0, label="x"), Value(-3.0, label="w")
    >>> y = (x * w).tanh()
    >>> y.backward()
    >>> round(x.grad, 12), y
    (-7.3729642e-05, Value(data=-0.9999877116507956, grad=1.0))
    >>> (x * w).partials
    (-3.0, 2.0)
    """

    __slots__ = ("_data", "_dleft", "_dright", "_left", "_right", "grad", "label", "op")

    _data: float
    _left: Any  # a Group, or None on a leaf
    _right: Any  # a Group, or None where there is one group
    _dleft: Any  # the derivatives with respect to _left, of the same shape
    _dright: Any
    grad: float
    label: str
    op: Primitive | None

    def __init__(self, data: float, label: str = "") -> None:
        self._data = data if type(data) is float else number(data, f"{type(self).__name__} holds")
        self.grad = 0.0
        self.label = label
        self.op = None
        self._left = self._right = None

    @property
    def data(self) -> float:
        """The number, always a Python float; assign to a leaf to change it (training does)."""
        return self._data

    @data.setter
    def data(self, data: float) -> None:
        self._data = data if type(data) is float else number(data, "Value.data is")
        assignments.latest = object()  # last: whoever reads the old number knows it to be old

    @property
    def parents(self) -> tuple[Value, ...]:
        """The operands, in order; ``x * x`` has two. Empty on a leaf."""
        return (*as_tuple(self._left), *as_tuple(self._right))

    @property
    def partials(self) -> tuple[float, ...]:
        """The local derivatives ∂self/∂parent, one per parent, as recorded in the forward pass."""
        if self._left is None:
            return ()
        left, right = as_tuple(self._left), as_tuple(self._right)
        return (*as_tuple(self._dleft)[: len(left)], *as_tuple(self._dright)[: len(right)])

    def backward(self, gradient: float = 1.0) -> None:
        """Add ``gradient · ∂self/∂leaf`` to the ``grad`` of every leaf below.

        Leaves accumulate over calls, the nodes between start afresh, so two calls give exactly
        twice the leaf gradients of one. Time and memory grow linearly with the graph.

        >>> x = Value(3.0)
        >>> y = x ** 3
        >>> y.backward(); y.backward(); x.grad
        54.0
        """
        gradient = number(gradient, "backward(gradient) takes")
        order = operations_below(self)
        self.grad += gradient
        for node in reversed(order):
            adjoint = node.grad
            if adjoint == 0.0:  # contributes nothing, even where a partial is infinite
                continue
            left = node._left
            right = node._right
            if type(left) is tuple:
                for parent, partial in zip(left, node._dleft):  # noqa: B905 - the hot loop
                    parent.grad += adjoint * partial
                if right is not None:
                    for parent, partial in zip(right, node._dright):  # noqa: B905
                        parent.grad += adjoint * partial
            else:
                left.grad += adjoint * node._dleft
                if right is not None:
                    right.grad += adjoint * node._dright

    def zero_grad(self) -> None:
        """Set ``grad`` to 0 on this node and on every node below it."""
        for node in topological_order(self):
            node.grad = 0.0

    def detach(self) -> Value:
        """A new leaf with the same number and label, and no history.

        >>> Value(2.0, label="x").detach().parents
        ()
        """
        return Value(self._data, label=self.label)

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
    _pow, __rpow__ = operators(ops.pow)
    __neg__ = unary(ops.neg)
    __abs__ = unary(ops.abs)
    __iadd__, __isub__ = binary(ops.add, in_place=True), binary(ops.sub, in_place=True)

    def __pow__(self, exponent: Any) -> Value:
        """``x ** 3`` has one operand; ``x ** y`` with a Value y has two, and y gets a gradient."""
        return _raised_to(exponent)(self) if isinstance(exponent, REAL) else self._pow(exponent)

    def __pos__(self) -> Value:
        return self

    exp, exp2, expm1 = unary(ops.exp), unary(ops.exp2), unary(ops.expm1)
    log, log2, log10, log1p = unary(ops.log), unary(ops.log2), unary(ops.log10), unary(ops.log1p)
    sqrt, cbrt = unary(ops.sqrt), unary(ops.cbrt)
    square, reciprocal = unary(ops.square), unary(ops.reciprocal)
    sin, cos, tan = unary(ops.sin), unary(ops.cos), unary(ops.tan)
    asin, acos, atan = unary(ops.asin), unary(ops.acos), unary(ops.atan)
    sinh, cosh, tanh = unary(ops.sinh), unary(ops.cosh), unary(ops.tanh)
    asinh, acosh, atanh = unary(ops.asinh), unary(ops.acosh), unary(ops.atanh)
    sech, sign, step = unary(ops.sech), unary(ops.sign), unary(ops.step)
    sigmoid, softplus, log_sigmoid = unary(ops.sigmoid), unary(ops.softplus), unary(ops.log_sigmoid)
    softsign, relu, silu = unary(ops.softsign), unary(ops.relu), unary(ops.silu)
    gelu, erf, erfc, ndtr = unary(ops.gelu), unary(ops.erf), unary(ops.erfc), unary(ops.ndtr)
    atan2, hypot, logaddexp = binary(ops.atan2), binary(ops.hypot), binary(ops.logaddexp)
    minimum, maximum = binary(ops.minimum), binary(ops.maximum)
    leaky_relu, elu, clip = derived.leaky_relu, derived.elu, derived.clip

    # NumPy calls these methods for np.arcsin(array of Values) and its like.
    arcsin, arccos, arctan, arctan2 = asin, acos, atan, atan2
    arcsinh, arccosh, arctanh = asinh, acosh, atanh

    # --- a Value behaves as its number where Python asks for one; == and hash are identity ---

    def __float__(self) -> float:
        return self._data

    def __round__(self, digits: int | None = None) -> float:
        return round(self._data, digits)

    def __format__(self, spec: str) -> str:
        return format(self._data, spec) if spec else str(self)

    __lt__, __le__ = comparison(operator.lt), comparison(operator.le)
    __gt__, __ge__ = comparison(operator.gt), comparison(operator.ge)

    __copy__, __deepcopy__, __reduce__ = copies.alone, copies.deep, copies.reduced

    # --- the names that lectures on micrograd use ---

    _prev = parents

    @property
    def _op(self) -> str:
        return self.op.symbol if self.op else ""

    def _backward(self) -> None:
        """Apply the chain rule on the edges of this one node."""
        for parent, partial in zip(self.parents, self.partials, strict=True):
            parent.grad += self.grad * partial


class Parameter(Value):
    """A leaf that training changes: a weight or a bias."""

    __slots__ = ()


class Constant(Value):
    """A leaf made from a bare number met in an expression, such as the 2 in ``2 * x``."""

    __slots__ = ()


# A new row in the table is a method at once; those above are spelled out for readers and for mypy.
for _op in TABLE.values():
    if isinstance(_op, Unary) and not _op.args and not hasattr(Value, _op.name):
        setattr(Value, _op.name, unary(_op))


def as_value(x: Any) -> Value:
    """A Value as it is; a bare number as a ``Constant``; ``TypeError`` for anything else.

    >>> as_value(2)
    Constant(data=2.0, grad=0.0)
    """
    return x if isinstance(x, Value) else Constant(number(x, "An operation on Values takes"))


def operand(x: Any) -> Any:
    """A bare number as a ``Constant``; ``NotImplemented`` for a type that may know Values."""
    if type(x) is not float:
        if not isinstance(x, REAL):
            return as_value(x) if refused(x) else NotImplemented  # raises, and says what to write
        x = float(x)
    node = _new(Constant)
    node._data = x
    node.grad = 0.0
    node.label = ""
    node.op = node._left = node._right = None
    return node
