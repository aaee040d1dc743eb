"""From one sample to a batch of any size: what depends on the sample gets one axis more.

The function was written, and recorded, for one sample. The batch axis comes last, so that the
matrices are those of the graph recorded with all samples: ``W @ x`` becomes ``W @ X``.

Next: ``program.py``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from .. import ops
from ..engine.order import topological_order
from ..value import Constant, Value
from .arrays.instructions import (
    BATCH,
    Align,
    Array,
    Contract,
    Expand,
    Final,
    Join,
    Leaf,
    Loop,
    Map,
    Number,
    Reduce,
    Reshape,
    Scatter,
    Series,
    Shape,
    Slice,
    Stack,
    Table,
    Take,
    Total,
    batched,
    reachable,
)  # fmt: skip
from .arrays.maker import Arrays, Code
from .recover.views import Input

LABEL = "n"  # of the batch axis in contractions


def split(y: Value, inputs: Iterable[Value]) -> tuple[Value, Value]:
    """y = each + once, where ``once`` has no sample in it (a weight decay, for instance).

    >>> x, w = Value(2.0), Value(3.0)
    >>> each, once = split(w * x + 0.5 * w**2, [x])
    >>> each.data, once.data
    (6.0, 4.5)
    """
    depends = depending(inputs, [y])
    order = topological_order(y)
    factors = {y: 1.0}  # how often y has each term; a term that is shared is met once
    for x in reversed(order):
        if x in factors and x in depends and (terms := _terms(x)):
            factor = factors.pop(x)
            for times, term in terms:
                factors[term] = factors.get(term, 0.0) + factor * times
    each: list[Value] = []
    once: list[Value] = []
    for x in order:
        if x in factors:
            part = x if factors[x] == 1.0 else factors[x] * x
            (each if x in depends else once).append(part)
    return ops.sum(each) if each else Constant(0.0), ops.sum(once) if once else Constant(0.0)


def _terms(x: Value) -> list[tuple[float, Value]]:
    """What x is a sum of, each term with its factor; nothing where x is no sum."""
    parents = x.parents
    if x.op in (ops.add, ops.sum):
        return [(1.0, term) for term in parents]
    if x.op is ops.sub:
        return [(1.0, parents[0]), (-1.0, parents[1])]
    if x.op is ops.neg:
        return [(-1.0, parents[0])]
    if x.op is ops.mul and isinstance(parents[0], Constant):
        return [(parents[0].data, parents[1])]
    if x.op is ops.mul and isinstance(parents[1], Constant):
        return [(parents[1].data, parents[0])]
    return []


def depending(inputs: Iterable[Value], outputs: Iterable[Value]) -> set[Value]:
    """The inputs, and all below the outputs that is computed from them."""
    found = set(inputs)
    for node in topological_order(*outputs):
        if not found.isdisjoint(node.parents):
            found.add(node)
    return found


def for_samples(code: Code, inputs: Iterable[Input], how: str) -> Code:
    """The code of one sample for any number of them: the mean, the sum, or a row for each."""
    arrays, names = code.arrays, {x.name for x in inputs}
    if how == "each":
        (y,) = code.outputs
        return code._replace(outputs=[_in_rows(arrays, y, names)])
    each, once = code.outputs
    return code._replace(outputs=[_over_batch(arrays, each, once, names, how)])


def _over_batch(arrays: Arrays, each: Array, once: Array, inputs: set[str], how: str) -> Array:
    """The mean or the sum of ``each`` over the samples, plus ``once``."""
    each = _for_samples(arrays, each, inputs)
    if batched(each):
        total = arrays.total(each, (0,))
        each = arrays.map(ops.div, total, arrays.leaf("n", ())) if how == "mean" else total
    elif how == "sum":
        each = arrays.map(ops.mul, arrays.leaf("n", ()), each)
    return arrays.map(ops.add, each, once)


def _in_rows(arrays: Arrays, y: Array, inputs: set[str]) -> Array:
    """``y``, a scalar or a vector, for every sample: the samples come along the first axis."""
    y = _repeated(arrays, _for_samples(arrays, y, inputs), y.shape)
    return arrays.align(y, (1, 0)) if len(y.shape) > 1 else y


def _for_samples(arrays: Arrays, y: Array, inputs: set[str]) -> Array:
    """``y`` with a batch axis, if it depends on the inputs."""
    new: dict[Array, Array] = {}
    for x in reachable([y]):
        operands = [new[operand] for operand in x.operands]
        if isinstance(x, Leaf) and x.name in inputs:
            new[x] = arrays.leaf(x.name, (*x.shape, BATCH))
        elif any(map(batched, operands)):
            new[x] = _with_batch(arrays, x, operands)
        else:
            new[x] = x
    return new[y]


def _with_batch(arrays: Arrays, x: Array, operands: list[Array]) -> Array:
    first = operands[0]
    match x:
        case Map():
            return arrays.map(x.op, *[_beside(arrays, operand) for operand in operands])
        case Reduce():
            return arrays.reduce(x.op, first)
        case Total():
            return arrays.total(first, x.axes)
        case Contract():
            la, lb, out = x.labels
            la, lb = la + LABEL * batched(first), lb + LABEL * batched(operands[1])
            return arrays.contract(first, operands[1], (la, lb, out + LABEL))
        case Slice():
            return arrays.slice(first, x.slices)
        case Reshape():
            return arrays.reshape(first, (*x.shape, BATCH))
        case Align():
            return arrays.align(first, (*x.axes, len(first.shape) - 1))
        case Expand():
            return arrays.expand(first, (*x.shape, BATCH))
        case Take():
            return arrays.take(first, x.positions)
        case Stack():
            return arrays.stack([_repeated(arrays, o, x.shape[1:]) for o in operands])
        case Join():
            rows = iter([
                _repeated(arrays, new, old.shape)
                for new, old in zip(operands, x.operands, strict=True)
            ])  # fmt: skip
            pieces = [next(rows) if gap is None else gap for gap in x.layout]
            return arrays.join(x.axis, pieces, (*x.shape, BATCH))
        case Scatter():
            return arrays.scatter(first, x.positions, (*x.shape, BATCH))
        case Leaf() | Number() | Table():
            raise AssertionError(f"{x} reads no sample")
        case Loop() | Final() | Series():
            raise AssertionError(f"{x} stands in graphs without samples")
        case _:
            assert_never(x)


def _repeated(arrays: Arrays, x: Array, shape: Shape) -> Array:
    """An array of this shape with a batch axis, even if all samples are alike."""
    return arrays.expand(_beside(arrays, x), (*shape, BATCH))


def _beside(arrays: Arrays, x: Array) -> Array:
    """An array without a batch axis, ready to stand beside one with it."""
    if batched(x) or not x.shape:
        return x
    return arrays.align(x, (*range(len(x.shape)), None))
