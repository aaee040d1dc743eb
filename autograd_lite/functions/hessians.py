"""Second derivatives in floats: where a graph bends, and by how much.

A node bends where its slope ∂node/∂x changes with the inputs:

    H = Σ over the bends (slope, x) of a node:  adjoint of the node · ∇x ⊗ ∇slope

``bends`` finds the three factors, ``push`` the rows ∇x and ∇slope, and most of them are short. No
row of H is a walk of its own: Rosenbrock's function of 100 numbers takes 1 ms instead of 10.

Next: ``trees.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from math import isfinite, nan
from typing import Any, TypeAlias

from .. import ops
from ..engine.arrays import is_array, np
from ..engine.given import Given
from ..engine.groups import as_tuple
from ..engine.kinds import Unary
from ..engine.node import groups
from ..engine.order import topological_order
from ..engine.primitive import Primitive
from ..engine.settle import slopes
from ..engine.steep import has_steep_places, is_shut
from ..engine.undefined import ieee_arithmetic
from ..graph import gradient
from ..value import Constant, Value
from .sweeps import SparseRow, pull, push
from .trees import zeros

#: A slope ∂node/∂x that is itself a node, the x, and the adjoint of the node.
Bend: TypeAlias = tuple[Value, Value, float]

#: A bend this small, of a node this small, may be what is left of one that the graph can tell: the
#: powers in it leave the range of floats before large factors come.
LEAST, SMALL = 1e-290, 1e-90

#: Outer products of so many entries are faster by BLAS than by a loop, so many at once.
LONG = 100
TOGETHER = 256


def bends(y: Value) -> list[Bend]:
    """Where the slopes of the nodes below y change with their operands, and how much y minds.

    >>> x = Value(3.0)
    >>> bends(2 * (x * x))
    [(Value(data=3.0, grad=0.0), Value(data=3.0, grad=0.0), 2.0), ...]
    """
    adjoints = {y: 1.0}  # of the nodes that something reaches
    found: list[Bend] = []
    with ieee_arithmetic():
        for node in reversed(topological_order(y)):
            op = node.op
            if op is None or node not in adjoints:
                continue
            adjoint, parents = adjoints[node], node.parents
            for parent, partial in zip(parents, node.partials, strict=True):
                if not is_shut(node, partial):
                    adjoints[parent] = adjoints.get(parent, 0.0) + adjoint * partial
            if isinstance(op, Unary):
                (x,) = parents
                curvature = second_derivative(op)
                if curvature is None:
                    continue
                bend = adjoint * curvature(node.data, x.data)
                if adjoint and abs(bend) < LEAST and 0.0 < abs(node.data) < SMALL:
                    bend = nan  # 2z³, for z = 1/x: it may have been lost on the way
                if adjoint != 0.0 or bend != 0.0:  # 0 · ∞ is NaN
                    found.append((x, x, bend))
            elif (adjoint or op.poles) and (isinstance(op, Given) or not linear(op)):
                slopes_ = (as_tuple(group) for group in slopes(op, node, *groups(node)))
                for slope, x in zip(chain.from_iterable(slopes_), parents, strict=False):
                    if changes(slope) and changes(x):
                        found.append((slope, x, adjoint))
    return found


def finite_bends(y: Value) -> tuple[list[Bend] | None, list[Value]]:
    """The bends, and the nodes whose rows they need, parents first.

    None where a slope or a bend is not finite: the graph knows what becomes of 0 · ∞.
    """
    if has_steep_places(topological_order(y)):
        return None, []
    found = bends(y)
    order = topological_order(*[node for slope, x, _ in found for node in (slope, x)])
    finite = all(map(isfinite, [factor for _, _, factor in found]))
    return (found if finite and not has_steep_places(order) else None), order


def changes(x: Value | float) -> bool:
    """Whether x can change with the inputs, as a float and a Constant cannot."""
    return isinstance(x, Value) and type(x) is not Constant


@lru_cache(maxsize=1024)
def linear(op: Primitive) -> bool:
    """Whether the local derivatives are fixed numbers, as those of + and Σ are."""
    sample = _sample(op)
    return not any(
        isinstance(slope, Value)
        for group in slopes(op, op.record(*sample), *sample)
        for slope in as_tuple(group)
    )


@lru_cache(maxsize=1024)
def second_derivative(op: Unary) -> Callable[[float, float], float] | None:
    """The function (z, x) → d²z/dx² of a unary primitive; None where it is 0 everywhere.

    Its rule is read with Values, differentiated, and printed as a function of floats, once.

    >>> from autograd_lite import ops
    >>> second_derivative(ops.exp)(2.5, 0.9), second_derivative(ops.relu)
    (2.5, None)
    """
    (x,) = _sample(op)
    z = op.record(x)
    (slope,) = slopes(op, z, x)
    (second,) = gradient(slope, [x]) if isinstance(slope, Value) else (Constant(0.0),)
    if type(second) is Constant and second.data == 0.0:
        return None
    names = {z: "z", x: "x"}
    lines: list[str] = []
    space: dict[str, Any] = {}
    for node in topological_order(second):
        if node in names:
            continue
        name = names[node] = f"v{len(names)}"
        if node.op is None:
            space[name] = node.data
            continue
        space[f"{node.op.name}_{name}"] = node.op.compute
        operands = ", ".join(
            f"({', '.join(names[x] for x in group)},)" if type(group) is tuple else names[group]
            for group in groups(node)
        )
        lines.append(f"    {name} = {node.op.name}_{name}({operands})\n")
    exec(f"def printed(z, x):\n{''.join(lines)}    return {names[second]}\n", space)
    printed = space["printed"]

    def curvature(z: float, x: float) -> float:
        try:
            found: float = printed(z, x)
            if found == found:  # not NaN, such as 0·∞ far out
                return found
        except (ArithmeticError, ValueError):
            pass
        return _second_derivative_at_a_pole(op, x)

    return curvature


def _second_derivative_at_a_pole(op: Unary, x: float) -> float:
    """By the graph, which knows the limits."""
    leaf = Value(x)
    with ieee_arithmetic():
        (slope,) = slopes(op, op.record(leaf), leaf)
    return gradient(slope, [leaf])[0].data if isinstance(slope, Value) else 0.0


def _sample(op: Primitive) -> tuple[Any, ...]:
    """Operands in the domain of a primitive, away from its kinks, one group each."""
    if op.arity is None:
        return tuple(tuple(map(Value, (0.3, 0.5, 0.7))) for _ in op.operands)
    return tuple(Value(low + 0.3 * (high - low)) for low, high in op.domain)


def hessian_matrix(y: Value, xs: Sequence[Value]) -> Any:
    """The matrix of the second derivatives ∂²y/∂x∂x', symmetric to the last bit.

    An array, or rows in lists, as ``zeros`` are.

    >>> x, w = Value(3.0), Value(4.0)
    >>> hessian_matrix(x * x * w, [x, w])
    [[8.0, 6.0], [6.0, 0.0]]
    """
    found, order = finite_bends(y)
    if found is None:
        return _symmetric([[d.data for d in gradient(dy, xs)] for dy in gradient(y, xs)])
    rows = push(order, {x: {j: 1.0} for j, x in enumerate(xs)})
    n = len(xs)
    matrix = zeros(n, n)
    longest = LONG if is_array(matrix) else n * n
    entries: dict[int, float] = {}
    long: list[tuple[SparseRow, SparseRow, float]] = []
    for slope, x, adjoint in found:
        if x not in rows or slope not in rows:
            continue
        across, down = rows[slope], rows[x]
        if len(across) * len(down) > longest:
            long.append((down, across, adjoint))
            continue
        for i, t in down.items():
            t *= adjoint
            i *= n
            for j, u in across.items():
                entries[i + j] = entries[i + j] + t * u if i + j in entries else t * u
    if is_array(matrix):
        matrix.flat[list(entries)] = list(entries.values())
        for start in range(0, len(long), TOGETHER):
            matrix += _sum_of_products(long[start : start + TOGETHER], n)
    else:
        for k, entry in entries.items():
            matrix[k // n][k % n] = entry
    return _symmetric(matrix)


def _symmetric(matrix: Any) -> Any:
    """The mean of a matrix and its transpose; halved first, as entries may be very large."""
    if is_array(matrix):
        return 0.5 * matrix + 0.5 * matrix.T
    columns = zip(*matrix, strict=True)
    return [
        [0.5 * x + 0.5 * y for x, y in zip(row, column, strict=True)]
        for row, column in zip(matrix, columns, strict=True)
    ]


def hessian_times(y: Value, along: Mapping[Value, float]) -> dict[Value, float]:
    """H·v, node by node: how the derivatives of y change along v, given per leaf.

    >>> x, w = Value(3.0), Value(4.0)
    >>> hessian_times(x * x * w, {x: 1.0, w: 10.0})[x]
    68.0
    """
    found, order = finite_bends(y)
    if found is None:
        order, moving = topological_order(y), {x: v for x, v in along.items() if v}
        change = ops.dot(tuple(moving.values()), gradient(y, tuple(moving)), Constant(0.0))
        return {x: d.data for x, d in zip(order, gradient(change, order), strict=True)}
    rows = push(order, {x: {0: v} if v else {} for x, v in along.items()})
    seeds: dict[Value, float] = {}
    for slope, x, adjoint in found:
        if rows.get(slope):
            seeds[x] = seeds.get(x, 0.0) + adjoint * rows[slope][0]
    return pull(seeds)


def _sum_of_products(pairs: Sequence[tuple[SparseRow, SparseRow, float]], n: int) -> Any:
    """Σ factor · down ⊗ across, as one product of matrices."""
    downs, acrosses = np.zeros((2, len(pairs), n))
    for k, (down, across, factor) in enumerate(pairs):
        downs[k, list(down)] = list(down.values())
        acrosses[k, list(across)] = list(across.values())
        acrosses[k] *= factor
    return downs.T @ acrosses
