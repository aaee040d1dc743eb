"""``Value``: a number that remembers how it was made, so that it can be differentiated.

Every operation makes a node which keeps three things: its number, its parents, and its local
derivatives, ∂node/∂parent, one per parent. ``backward()`` then walks the graph from the output
to the leaves and applies the chain rule on every edge: ``parent.grad += node.grad · partial``.

A node has one or two groups of operands, and a group is a Value or a tuple of Values: ``x`` of
``tanh(x)``; ``x`` and ``y`` of ``x * y``; ``ws`` and ``xs`` of ``dot(ws, xs)``. The groups and
their derivatives lie flat in the node (``_left``, ``_right``, ``_dleft``, ``_dright``), one
object per operation: two tuples more would double the time and the memory. ``.parents`` and
``.partials`` are the public face.

Next: ``graph.py``.
"""

from __future__ import annotations

import math
import operator
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from numbers import Real
from threading import local
from typing import Any, TypeAlias, TypeVar

from . import ops

LARGEST = sys.float_info.max
LOWEST = -LARGEST
REAL: Any = (int, float, Real)  # the last for fractions and the like, found more slowly

Group: TypeAlias = "Value | tuple[Value, ...]"
Recorder = TypeVar("Recorder", bound=Callable[..., Any])
Operand: TypeAlias = "Value | float"


# --- recording: one function per arity, since a general one would be five times slower ------------

_new = object.__new__


def unary(op: ops.Unary) -> Callable[[Value], Value]:
    """The function that applies ``op`` and records the node."""
    compute, rule, careful = op.compute, ops.on_floats(op.rule), op.edges is not None

    def record(x: Any) -> Any:
        try:
            data = x._data
        except AttributeError:  # a bare number gives a bare number
            return of_number(op, number(x, f"{op.name}(x) takes"))
        try:
            z = compute(data)
            (partial,) = rule(z, data)
            if not LOWEST <= z <= LARGEST or (careful and partial != partial):
                raise OverflowError
        except (ArithmeticError, ValueError):
            z, (partial,) = settle(op, x)
        node = _new(Value)
        node._data = z
        node.grad = 0.0
        node.label = ""
        node.op = op
        node._left = x
        node._dleft = partial
        node._right = node._dright = None
        return node

    return _named(record, op)


def binary(op: ops.Binary) -> Callable[[Value, Any], Value]:
    """The function that applies ``op`` and records the node; numbers become Constants."""
    compute, rule, careful = op.compute, ops.on_floats(op.rule), op.edges is not None

    def record(left: Value, right: Any) -> Value:
        if not isinstance(right, Value):
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
            z, (dx, dy) = settle(op, left, right)
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

    return _named(record, op)


def nary(op: ops.Nary | ops.Dot) -> Callable[..., Value]:
    """The function that applies ``op`` to groups of operands and records the node."""
    compute, rule = op.compute, op.rule

    def record(
        left: tuple[Any, ...],
        right: tuple[Any, ...] | None = None,
        xs: tuple[float, ...] | None = None,  # the numbers of `left`
        ys: tuple[float, ...] | None = None,  # the numbers of `right`, and a 1 for a bias
    ) -> Value:
        try:
            if xs is None:
                xs = tuple([x._data for x in left])
            if right is not None and ys is None:
                ys = tuple([x._data for x in right])
                if len(right) < len(left):  # a bias is the weight of a 1
                    ys = (*ys, 1.0)
        except AttributeError:  # a bare number among them
            groups = (left,) if right is None else (left, right)
            return record(*[tuple(map(as_value, group)) for group in groups])  # type: ignore[arg-type]
        dright = None
        try:
            if ys is None:
                z = compute(xs)
                (dleft,) = rule(z, xs)
            else:
                z = compute(xs, ys)
                dleft, dright = rule(z, xs, ys)
            if not LOWEST <= z <= LARGEST:
                raise OverflowError
        except (ArithmeticError, ValueError):
            groups = (left,) if right is None else (left, right)
            z, partials = settle(op, *groups)
            dleft, dright = (*partials, None)[:2]
        node = _new(Value)
        node._data = z
        node.grad = 0.0
        node.label = ""
        node.op = op
        node._left = left
        node._right = right
        node._dleft = dleft
        node._dright = dright
        return node

    return _named(record, op)


def _named(record: Recorder, op: ops.Primitive) -> Recorder:
    """A recorder by its name, under which ``help`` shows it and ``pickle`` finds it."""
    record.__name__, record.__qualname__ = op.name, f"Value.{op.name}"
    record.__doc__ = f"{op.name}, as a node of the graph with its local derivatives."
    return record


def either(op: ops.Binary) -> Callable[[Any, Any], Value]:
    """As ``binary``, where the left operand may be the bare number: ``hypot(3.0, x)``."""
    record = binary(op)

    def apply(left: Any, right: Any) -> Value:
        return record(as_value(left), right)

    return apply


def operators(
    op: ops.Binary,
) -> tuple[Callable[[Value, Any], Value], Callable[[Value, Any], Value]]:
    """An operator and its reflection, ``x ∘ y`` and ``y ∘ x``, from one row."""
    record = binary(op)

    def reflected(self: Value, other: Any) -> Value:
        left = operand(other)
        return left if left is NotImplemented else record(left, self)

    return record, reflected


def comparison(compare: Callable[[float, float], bool]) -> Callable[[Value, Operand], bool]:
    """A comparison of numbers, noted where someone asks for ``comparisons``."""

    def apply(self: Value, other: Operand) -> bool:
        if _mode.compared is not None:
            _mode.compared += [x for x in (self, other) if isinstance(x, Value)]
        return compare(self._data, other._data if isinstance(other, Value) else other)

    return apply


ops.Unary.recorder = staticmethod(unary)
ops.Binary.recorder = staticmethod(either)
ops.Nary.recorder = ops.Dot.recorder = staticmethod(nary)


@lru_cache(maxsize=1024)
def raised_to(n: float) -> Callable[[Value], Value]:
    """The function that records ``x ** n`` for a number n."""
    return unary(ops.power(float(n)))


class Assignments:
    """Whoever keeps the numbers of Values asks here whether they still hold.

    ``latest`` is another object after every assignment to the ``data`` of a Value.
    """

    __slots__ = ("latest",)

    def __init__(self) -> None:
        self.latest = object()


assignments = Assignments()


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
    op: ops.Primitive | None

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
        if self._left is None:
            return ()
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

    def __pow__(self, exponent: Any) -> Value:
        """``x ** 3`` has one operand; ``x ** y`` with a Value y has two, and y gets a gradient."""
        return raised_to(exponent)(self) if isinstance(exponent, REAL) else self._pow(exponent)

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
    softsign, relu, silu, gelu = (
        unary(ops.softsign),
        unary(ops.relu),
        unary(ops.silu),
        unary(ops.gelu),
    )
    erf, erfc, ndtr = unary(ops.erf), unary(ops.erfc), unary(ops.ndtr)
    atan2, hypot, logaddexp = binary(ops.atan2), binary(ops.hypot), binary(ops.logaddexp)
    minimum, maximum = binary(ops.minimum), binary(ops.maximum)
    leaky_relu, elu, clip = ops.leaky_relu, ops.elu, ops.clip

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

    # --- copies and pickles, iterative, so that no graph is too deep ---

    def __copy__(self) -> Value:
        return _clone(self, lambda group: group)

    def __deepcopy__(self, memo: dict[int, Any]) -> Value:
        def copy_of(group: Any) -> Any:
            return tuple(map(copy_of, group)) if type(group) is tuple else memo[id(group)]

        for node in topological_order(self):
            if id(node) not in memo:
                memo[id(node)] = _clone(node, copy_of)
                memo.setdefault(id(memo), []).append(node)  # as `copy` does: ids stay taken
        return memo[id(self)]  # type: ignore[no-any-return]

    def __reduce__(self) -> tuple[Any, ...]:
        """Leaves keep their identity within one pickle; the nodes between travel as one list."""
        if self._left is None:
            return _new_leaf, (type(self), self._data, self.grad, self.label)
        order = topological_order(self)
        place = {node: i for i, node in enumerate(order)}

        def places(group: Any) -> Any:
            return tuple(map(places, group)) if type(group) is tuple else place[group]

        return _unpickle, ([
            node if node._left is None else (
                node.op, node._data, node.grad, node.label, places(node._left), node._dleft,
                None if node._right is None else places(node._right), node._dright,
            ) for node in order
        ],)  # fmt: skip

    # --- the names that lectures on micrograd use ---

    @property
    def _prev(self) -> tuple[Value, ...]:
        return self.parents

    @property
    def _op(self) -> str:
        return self.op.symbol if self.op else ""

    def _backward(self) -> None:
        """Apply the chain rule on the edges of this one node."""
        for parent, partial in zip(self.parents, self.partials, strict=True):
            parent.grad += self.grad * partial


# A new row in the table is a method at once; those above are spelled out for readers and for mypy.
for _op in ops.TABLE.values():
    if isinstance(_op, ops.Unary) and not _op.args and not hasattr(Value, _op.name):
        setattr(Value, _op.name, unary(_op))


class Parameter(Value):
    """A leaf that training changes: a weight or a bias."""

    __slots__ = ()


class Constant(Value):
    """A leaf made from a bare number met in an expression, such as the 2 in ``2 * x``."""

    __slots__ = ()


def topological_order(*outputs: Value) -> list[Value]:
    """Every node below the outputs, each once, parents before children, in a fixed order.

    Iterative: a chain of 1,000 nodes would overflow a recursive walk.

    >>> a, b = Value(1.0, label="a"), Value(2.0, label="b")
    >>> [node.label or node._op for node in topological_order(a * b + b)]
    ['a', 'b', '×', '+']
    """
    seen: set[Value] = set()
    walked: set[int] = set()  # groups of operands that are done, such as a layer's shared inputs
    order: list[Value] = []
    stack: list[Any] = list(reversed(outputs))
    append, push, pop, see = order.append, stack.append, stack.pop, seen.add
    while stack:
        node = pop()
        if node is None:  # everything below the next one has been appended
            append(pop())
        elif node is walked:  # the same, for a node with groups
            append(node := pop())
            walked.add(id(node._left))
            walked.add(id(node._right))
        elif node not in seen:
            see(node)
            left = node._left
            if left is None:
                append(node)
                continue
            push(node)
            right = node._right
            if type(left) is tuple:
                push(walked)
                if right is not None and id(right) not in walked:
                    stack.extend(reversed(right))
                if id(left) not in walked:
                    stack.extend(reversed(left))
            else:
                push(None)
                if right is not None:
                    push(right)
                push(left)
    return order


def operations_below(output: Value) -> list[Value]:
    """The nodes of ``topological_order(output)`` that have operands, each with ``grad`` set to 0.

    What ``backward`` walks: it needs no leaves, which are half of a graph, and no set. The zero
    is a float of this walk's own, so whoever holds it as its ``grad`` has been visited.

    >>> a = Value(3.0)
    >>> [node._op for node in operations_below((a * a + a).tanh())]
    ['×', '+', 'tanh']
    """
    zero = float("0")  # an object of its own; 0.0 would be shared
    walked = {id(None)}  # groups of operands that are done, such as a layer's inputs, or absent
    order: list[Value] = []
    stack: list[Any] = []
    append, push, pop = order.append, stack.append, stack.pop
    node: Any = output
    while node.op is not None:
        # Down, while an operand is left to visit; a node without such is done.
        if node.grad is not zero:
            node.grad = zero
            left = node._left
            right = node._right
            if type(left) is tuple:
                if id(left) in walked and id(right) in walked:  # as for most neurons
                    append(node)
                else:
                    push(node)
                    push(walked)
                    if id(right) not in walked:
                        stack.extend([x for x in reversed(right) if x.op is not None])
                    if id(left) not in walked:
                        stack.extend([x for x in reversed(left) if x.op is not None])
            elif left.op is not None and left.grad is not zero:
                push(node)
                push(None)
                if right is not None and right.op is not None:
                    push(right)
                node = left
                continue
            elif right is not None and right.op is not None and right.grad is not zero:
                push(node)
                push(None)
                node = right
                continue
            else:
                append(node)
        # Up again: None and `walked` stand above a node whose operands are done by now.
        while stack:
            node = pop()
            if node is None:
                append(pop())
            elif node is walked:
                append(node := pop())
                walked.add(id(node._left))
                walked.add(id(node._right))
            else:
                break
        else:
            break
    return order


def number(x: Any, claim: str) -> float:
    """``x`` as a float; ``TypeError`` (starting with ``claim``) unless it is one real number.

    >>> number(3, "Value holds")
    3.0
    >>> number([1, 2, 3], "Value holds")
    Traceback (most recent call last):
    TypeError: Value holds one real number; got a list of 3. Make one Value per number: ...
    """
    if isinstance(x, REAL):
        return float(x)
    if isinstance(x, Value):
        came, instead = "a Value", "Use it as it is, or take its number: value.data"
    elif isinstance(x, str | bytes):
        came, instead = f"the text {x!r}", "Convert it first: float(text)"
    elif isinstance(x, complex):
        came, instead = f"the complex number {x}", "Make one Value of x.real, one of x.imag"
    elif x is None:
        came, instead = "None", "Perhaps a function lacks its return statement"
    elif getattr(x, "shape", None) == ():
        came, instead = f"an array without axes ({type(x).__name__})", "Take its number: x.item()"
    elif hasattr(x, "__len__"):
        came = f"a {type(x).__name__} of {len(x)}"
        instead = "Make one Value per number: [Value(x) for x in ...]"
    else:
        came, instead = f"a {type(x).__name__}", "Convert it first: float(x)"
    raise TypeError(f"{claim} one real number; got {came}. {instead}.")


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
            if x is None or isinstance(x, str | bytes | complex | list | tuple | dict | set):
                return as_value(x)  # raises, with a message that says what to write
            return NotImplemented
        x = float(x)
    node = _new(Constant)
    node._data = x
    node.grad = 0.0
    node.label = ""
    node.op = node._left = node._right = None
    return node


def as_tuple(group: Any) -> tuple[Any, ...]:
    """A group of operands as a tuple, whatever its form."""
    return () if group is None else group if type(group) is tuple else (group,)


# --- where the ordinary path found no finite answer -----------------------------------------------


class _Mode(local):
    lenient = False  # undefined arithmetic gives ∞ or NaN instead of raising
    values_only = False  # nobody will ask the nodes being made for their slopes
    compared: list[Value] | None = None  # the Values that were compared, where someone asks


_mode = _Mode()


@contextmanager
def ieee_arithmetic(values_only: bool = False) -> Iterator[None]:
    """Inside, undefined arithmetic gives ∞ or NaN as in IEEE 754 instead of raising.

    Derivatives are built in it: where a value exists but its slope does not, the slope is the
    limit, such as ∞ for sqrt at 0.
    """
    before = _mode.lenient, _mode.values_only
    _mode.lenient, _mode.values_only = True, values_only
    try:
        yield
    finally:
        _mode.lenient, _mode.values_only = before


@contextmanager
def comparisons() -> Iterator[list[Value]]:
    """Inside, the Values that this thread compares gather in a list: Python may branch on them.

    >>> x = Value(-3.0)
    >>> with comparisons() as compared:
    ...     y = x if x > 0.0 else -x
    >>> compared
    [Value(data=-3.0, grad=0.0)]
    """
    before = _mode.compared
    _mode.compared = compared = list[Value]()
    try:
        yield compared
    finally:
        _mode.compared = before


def settle(op: ops.Primitive, *groups: Group) -> tuple[float, tuple[Any, ...]]:
    """The value and local derivatives where an operand, the value or a slope is not finite.

    Infinities and NaN that come in as data flow as IEEE 754 says; finite operands without a
    finite answer raise ``ZeroDivisionError``, ``OverflowError`` or ``ValueError``.
    """
    data = [data_of(group) for group in groups]
    problem: Exception | None = None
    try:
        z = op.compute(*data)
    except (ArithmeticError, ValueError) as error:
        z, problem = op.ieee(*data), error
    finite = all(math.isfinite(x._data) for group in groups for x in as_tuple(group))
    if finite and not math.isfinite(z) and not _mode.lenient:
        raise undefined(op, groups, z, problem) from None
    if _mode.values_only:
        return z, tuple(data)  # of the right shape, and read by nobody
    with ieee_arithmetic(values_only=True):
        partials = slopes(op, Constant(z), *[_constants(x) for x in data])
    return z, tuple(data_of(group) for group in partials)


def of_number(op: ops.Unary, x: float) -> float:
    """The operation on a bare number, with the verdict that a Value would get."""
    z = op.finite(x)
    return settle(op, Constant(x))[0] if z is None else z


def slopes(op: ops.Primitive, z: Value, *groups: Group) -> tuple[Any, ...]:
    """The local derivatives of a node as Values, one group each: its rule read with Values.

    Where the formula has no value though the operands have (0/0, 0·∞), the row's edges stand;
    where those are NaN, the formula: at 0² the slope in x has a value, and a derivative too.
    """
    partials = op.rule(z, *groups)
    if op.edges and any(_is_nan(x) for group in partials for x in as_tuple(group)):
        data = [data_of(group) for group in groups]
        if not any(_is_nan(x) for group in data for x in as_tuple(group)):
            return tuple(map(_mended, partials, op.edges(z._data, *data)))
    return partials


def _mended(partial: Any, edge: Any) -> Any:
    if type(partial) is tuple:
        return tuple(map(_mended, partial, edge))
    return edge if edge == edge else partial


def data_of(group: Any) -> Any:
    """The numbers of a group, in the same shape."""
    if type(group) is tuple:
        return tuple(map(data_of, group))
    return group._data if isinstance(group, Value) else group


def _constants(data: Any) -> Any:
    return tuple(map(Constant, data)) if type(data) is tuple else Constant(data)


def _is_nan(x: Any) -> bool:
    return (x._data != x._data) if isinstance(x, Value) else x != x


def undefined(
    op: ops.Primitive, groups: Sequence[Group], z: float, problem: Exception | None
) -> Exception:
    """The exception for an operation on real numbers that has no real answer."""
    came = ", ".join(
        f"{name} = {_shown(group)}" for name, group in zip(op.operands, groups, strict=True)
    )
    if isinstance(problem, OverflowError) or (problem is None and math.isinf(z)):
        return OverflowError(
            f"{op.name}: the result is too large for a float (1.8e308) at {came}. "
            f"Scale the operands down, or work with logarithms."
        )
    kind = ZeroDivisionError if isinstance(problem, ZeroDivisionError) else ValueError
    condition = f"it needs {op.defined}" if op.defined else "the operands have no such result"
    return kind(f"{op.name}: no real answer at {came}; {condition}.")


def _shown(group: Group) -> str:
    if type(group) is tuple:
        more = f", … ({len(group)} in all)" if len(group) > 6 else ""
        return f"({', '.join(map(_shown, group[:6]))}{more})"
    assert isinstance(group, Value)
    return f"{group._data!r} ({group.label})" if group.label else repr(group._data)


# --- copies ---------------------------------------------------------------------------------------


def _clone(node: Value, copy_of: Callable[[Any], Any]) -> Value:
    clone = _new_leaf(type(node), node._data, node.grad, node.label)
    if node._left is not None:
        clone.op = node.op
        clone._left = copy_of(node._left)
        clone._dleft = node._dleft
        clone._right = None if node._right is None else copy_of(node._right)
        clone._dright = node._dright
    return clone


def _new_leaf(kind: type[Value], data: float, grad: float, label: str) -> Value:
    leaf = kind(data, label)
    leaf.grad = grad
    return leaf


def _unpickle(records: list[Any]) -> Value:
    nodes: list[Value] = []

    def at(places: Any) -> Any:
        return tuple(map(at, places)) if type(places) is tuple else nodes[places]

    for record in records:
        if isinstance(record, Value):
            nodes.append(record)
            continue
        op, data, grad, label, left, dleft, right, dright = record
        node = _new_leaf(Value, data, grad, label)
        node.op, node._left, node._dleft, node._dright = op, at(left), dleft, dright
        node._right = None if right is None else at(right)
        nodes.append(node)
    return nodes[-1]
