"""The graph itself, run again: slow, and right to the last verdict.

Where arithmetic in a program is undefined, or a slope is one of the edges that only the table
knows, the eager engine decides: it raises and names the operation, or it gives the answer.

Next: ``recorded.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from .. import ops
from ..engine.groups import mapped
from ..engine.node import groups
from ..engine.order import topological_order
from ..engine.undefined import of_arms
from ..graph import gradient as gradient_of
from ..ops import where
from ..signatures import Vector
from ..value import Value
from .recorded import Graph


def by_parameters(
    graph: Graph,
    parameters: Sequence[Value],
    vector: Vector,
    arrays: Sequence[Vector],
    gradient: bool,
) -> tuple[Vector, Vector]:
    """The value of the graph, sample by sample in a batch, and its gradient if that is wanted."""
    rows = []
    slopes = np.zeros(len(parameters))
    data: Mapping[Value, float] = {}
    for data in numbers_of_samples(graph, parameters, vector, arrays):
        y, slope = _once(graph.outputs, data, parameters, gradient)
        rows.append(y)
        slopes = _sum(slopes, slope)
    if graph.batch not in ("mean", "sum"):
        return np.array(rows if graph.batch else rows[0]), slopes
    whole = ops.sum if graph.batch == "sum" else ops.mean
    total = whole.of_floats(tuple([y for (y,) in rows]))
    if graph.batch == "mean":
        slopes /= len(rows)
    if graph.once is not None:
        (more,), slope = _once([graph.once], data, parameters, gradient)
        total, slopes = ops.add.of_floats(total, more), _sum(slopes, slope)
    return np.array([total]), slopes


def _sum(slopes: Vector, more: Vector) -> Vector:
    """As slopes are added in a graph: an overflow is no error."""
    with np.errstate(all="ignore"):
        return slopes + more


def _once(
    outputs: Sequence[Value],
    data: Mapping[Value, float],
    parameters: Sequence[Value],
    gradient: bool,
) -> tuple[list[float], Vector]:
    outputs, new = run_again(outputs, data)
    if gradient:
        outputs[0].backward()
    slopes = [new[x].grad if x in new else 0.0 for x in parameters]
    return [y.data for y in outputs], np.array(slopes)


def by_inputs(
    graph: Graph,
    parameters: Sequence[Value],
    vector: Vector,
    arrays: Sequence[Vector],
    gradient: bool,
) -> tuple[Vector, Vector]:
    """The derivatives of every output by every number of the inputs, in rows; no other gradient."""
    leaves = [x for argument in graph.inputs for x in argument.leaves]
    slopes = []
    for data in numbers_of_samples(graph, parameters, vector, arrays):
        outputs, new = run_again(graph.outputs, data)
        for y in outputs:
            for x in new.values():
                x.grad = 0.0
            y.backward()
            slopes += [new[x].grad if x in new else 0.0 for x in leaves]
    return np.array(slopes), np.zeros(0)


def by_products(
    graph: Graph,
    parameters: Sequence[Value],
    vector: Vector,
    arrays: Sequence[Vector],
    gradient: bool,
) -> tuple[Vector, Vector]:
    """H·v of a batch; the vector holds the parameters and then v."""
    n = len(parameters) // 2
    xs, along = parameters[:n], vector[n:].tolist()
    data: Mapping[Value, float] = {}
    total = np.zeros(n)
    for data in numbers_of_samples(graph, xs, vector[:n], arrays):
        total = _sum(total, _product(graph.outputs[0], data, xs, along))
    if graph.batch == "mean":
        total /= len(arrays[0])
    if graph.once is not None:
        total = _sum(total, _product(graph.once, data, xs, along))
    return total, np.zeros(0)


def _product(
    y: Value, data: Mapping[Value, float], parameters: Sequence[Value], along: Sequence[float]
) -> Vector:
    (y,), new = run_again([y], data)
    xs = [new.get(x, x) for x in parameters]
    slope = ops.dot(gradient_of(y, xs), along)
    return np.array([x.data for x in gradient_of(slope, xs)])


def numbers_of_samples(
    graph: Graph, parameters: Sequence[Value], vector: Vector, arrays: Sequence[Vector]
) -> Iterator[Mapping[Value, float]]:
    """The numbers of all leaves, for each sample of a batch, or for the only one."""
    data = dict(zip(parameters, vector.tolist(), strict=True))
    for sample in range(len(arrays[0]) if graph.batch else 1):
        for argument, array in zip(graph.inputs, arrays, strict=True):
            numbers = array[sample] if graph.batch else array
            data.update(zip(argument.leaves, numbers.ravel().tolist(), strict=True))
        yield data


def run_again(
    outputs: Sequence[Value], data: Mapping[Value, float]
) -> tuple[list[Value], dict[Value, Value]]:
    """The outputs of the same graph, recorded with new numbers in its leaves, and its new leaves.

    Raises as recording does: ``log: no real answer at x = -1.0; it needs x > 0.``
    """
    new: dict[Value, Value] = {}
    order = topological_order(*outputs)
    for node in order:
        if node.op is None:
            new[node] = type(node)(data.get(node, node.data), node.label)
        else:
            renewed = [mapped(new.__getitem__, group) for group in groups(node)]
            try:
                new[node] = node.op.record(*renewed)
            except (ArithmeticError, ValueError) as error:
                if any(each.op is where for each in order) and "where" not in str(error):
                    error.args = (f"{error}{of_arms(node.op.name, len(node.op.operands))}",)
                raise
    return [new[y] for y in outputs], {x: new[x] for x in order if x.op is None}
