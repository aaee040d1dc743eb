"""Matrices of derivatives by the parameters, and products with them, as graphs to be compiled.

A derivative is a graph, so its entries are outputs like any others: a Hessian is the list of those
that are not 0, each a Value. What does not change with the parameters or inputs is known already
and not computed again; of a Hessian the lower half is computed.

The graph of a batch is that of one sample. There the array form, which has all samples in it, is
derived a second time: a product H·v, and a Hessian is that of one unit vector after the other.

What is glossed over: products of a Jacobian with a vector take two sweeps over the graph, since
there is no sweep from the leaves up in it; zeros in the Hessian of a batch are computed.

Next: ``steps.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import ArrayLike

from .. import ops
from ..engine.order import topological_order
from ..graph import gradient
from ..signatures import Vector
from ..value import Constant, Value
from .arrays.derive import derivative
from .arrays.instructions import reachable
from .arrays.maker import Code
from .eager import run_again
from .recorded import Graph


class Anew(NamedTuple):
    """A graph recorded again, at the numbers that its leaves hold now."""

    outputs: list[Value]
    parameters: list[Value]
    inputs: list[Any]  # each nested lists in its shape

    @classmethod
    def of(cls, graph: Graph, parameters: Sequence[Value]) -> Anew:
        outputs, new = run_again(graph.outputs, {})
        inputs = [
            np.array([new.get(x, x) for x in a.leaves], dtype=object).reshape(a.shape).tolist()
            for a in graph.inputs
        ]
        return cls(outputs, [new.get(x, x) for x in parameters], inputs)


class Entries(NamedTuple):
    """Where a matrix is not 0, and the Value of each place."""

    shape: tuple[int, int]
    rows: list[int]
    columns: list[int]
    values: list[Value]
    symmetric: bool  # of which this is the lower half


def hessian_entries(graph: Anew) -> Entries:
    """The second derivatives of the only output.

    >>> from autograd_lite import Parameter
    >>> x, y = Parameter(3.0), Parameter(4.0)
    >>> found = hessian_entries(Anew([x * x * y + 2 * y], [x, y], []))
    >>> [(i, j, d.data) for i, j, d in zip(found.rows, found.columns, found.values)]
    [(0, 0, 8.0), (1, 0, 6.0)]
    """
    (y,) = graph.outputs
    xs = graph.parameters
    slopes = gradient(y, xs)
    rows = [gradient(slope, xs[: i + 1]) for i, slope in enumerate(slopes)]
    return _entries(rows, (len(xs), len(xs)), symmetric=True)


def jacobian_entries(graph: Anew) -> Entries:
    """The derivatives of each output."""
    rows = [gradient(y, graph.parameters) for y in graph.outputs]
    return _entries(rows, (len(rows), len(graph.parameters)), symmetric=False)


def _entries(rows: list[list[Value]], shape: tuple[int, int], symmetric: bool) -> Entries:
    found = [
        (i, j, entry)
        for i, row in enumerate(rows)
        for j, entry in enumerate(row)
        if not (type(entry) is Constant and entry.data == 0.0)
    ]
    rows_, columns, values = ([each[k] for each in found] for k in range(3))
    return Entries(shape, rows_, columns, values, symmetric)  # type: ignore[arg-type]


def hessian_times(graph: Anew) -> tuple[list[Value], list[Value]]:
    """H·v, and the leaves v."""
    (y,) = graph.outputs
    along = [Value(1.0) for _ in graph.parameters]
    return gradient(ops.dot(gradient(y, graph.parameters), along), graph.parameters), along


def times_jacobian(graph: Anew) -> tuple[list[Value], list[Value]]:
    """u·J, and the leaves u."""
    weights = [Value(1.0) for _ in graph.outputs]
    return gradient(ops.dot(graph.outputs, weights), graph.parameters), weights


def jacobian_times(graph: Anew) -> tuple[list[Value], list[Value]]:
    """J·v, and the leaves v: u·J·v is linear in u."""
    back, weights = times_jacobian(graph)
    along = [Value(1.0) for _ in graph.parameters]
    return gradient(ops.dot(back, along), weights), along


def hessian_times_code(code: Code) -> Code:
    """H·v of code for a batch: a program whose vector holds the parameters and then v."""
    arrays, (p,) = code.arrays, code.leaves
    (n,) = p.shape
    slopes = derivative(arrays, code.outputs[0], [p])[p]
    along, both = arrays.leaf("along", (n,)), arrays.leaf("p", (2 * n,))
    product = derivative(arrays, arrays.contract(slopes, along, ("i", "i", "")), [p])[p]
    new = {p: arrays.slice(both, ((0, n, 1),)), along: arrays.slice(both, ((n, 2 * n, 1),))}
    for x in reachable([product]):
        if x not in new:
            new[x] = arrays.again(x, tuple([new[operand] for operand in x.operands]))
    return code._replace(outputs=[new[product]], leaves=[both])


class Product(Protocol):
    """A program of one vector that holds the parameters and then another."""

    def value(self, vector: ArrayLike, *inputs: ArrayLike) -> Vector: ...


class Columns(NamedTuple):
    """The lower half of a Hessian, row by row, from its products with each unit vector."""

    product: Product

    def __str__(self) -> str:
        return str(self.product)

    def value(self, *arguments: ArrayLike) -> Vector:
        vector, *inputs = arguments
        n = np.size(vector)
        rows = [self.product.value(np.append(vector, along), *inputs) for along in np.eye(n)]
        return np.reshape(rows, (n, n))[np.tril_indices(n)]


def columns(product: Product, count: int) -> tuple[Entries, list[bool], Columns]:
    """All the entries of a Hessian, one column after the other."""
    rows, places = [x.tolist() for x in np.tril_indices(count)]
    entries = Entries((count, count), rows, places, [Constant(0.0)] * len(rows), symmetric=True)
    return entries, [True] * len(rows), Columns(product)


PRODUCTS = {"hvp": hessian_times, "vjp": times_jacobian, "jvp": jacobian_times}


MATRICES = {"hessian": hessian_entries, "jacobian": jacobian_entries}


class Computes(Protocol):
    """A program of several outputs."""

    def value(self, *arguments: ArrayLike) -> Vector: ...


class Matrix:
    """A matrix of derivatives as a function of the parameters' vector (and of inputs).

    ``matrix(vector)`` is an array. ``matrix.sparse(vector)`` is SciPy's ``csr_array``, for
    ``trust-constr`` and ``least_squares``; ``matrix.values(vector)`` the numbers at the places
    ``matrix.rows``, ``matrix.columns`` alone (the lower half of a Hessian), as cyipopt takes them.
    ``print(matrix.program)`` shows what computes the entries that vary.
    """

    def __init__(
        self,
        entries: Entries,
        vary: Sequence[bool],
        program: Computes | None,
        checked: Callable[[ArrayLike, tuple[ArrayLike, ...]], list[Vector]],
    ) -> None:
        self.shape, self.program, self._checked = entries.shape, program, checked
        self.rows, self.columns = np.array(entries.rows, int), np.array(entries.columns, int)
        self._varying = np.flatnonzero(vary)
        self._known = np.array([x.data for x in entries.values], dtype=float)
        below = np.flatnonzero((self.rows != self.columns) & entries.symmetric)
        # each place of the whole matrix, row by row, and the value that stands there
        rows, columns = (
            np.concatenate([a, b[below]])
            for a, b in ((self.rows, self.columns), (self.columns, self.rows))
        )
        where = np.concatenate([np.arange(len(self.rows)), below]).astype(int)
        order = np.lexsort((columns, rows))
        self._columns, self._where = columns[order], where[order]
        self._places = rows[order] * self.shape[1] + self._columns
        self._starts = np.searchsorted(rows[order], np.arange(self.shape[0] + 1))

    def __repr__(self) -> str:
        return (
            f"<Matrix {self.shape[0]}×{self.shape[1]}, {len(self._places)} entries not 0, "
            f"{len(self._varying)} to compute>"
        )

    def values(self, vector: ArrayLike, *inputs: ArrayLike) -> Vector:
        """The numbers at ``rows``, ``columns``."""
        arguments = self._checked(vector, inputs)
        found = self._known.copy()
        if self.program is not None:
            found[self._varying] = self.program.value(*arguments)
        return found

    def __call__(self, vector: ArrayLike, *inputs: ArrayLike) -> Vector:
        matrix = np.zeros(self.shape)
        matrix.ravel()[self._places] = self.values(vector, *inputs)[self._where]
        return matrix

    def sparse(self, vector: ArrayLike, *inputs: ArrayLike) -> Any:
        """The matrix as SciPy's, without its zeros."""
        from scipy.sparse import csr_array

        numbers = self.values(vector, *inputs)[self._where]
        return csr_array((numbers, self._columns, self._starts), shape=self.shape)


def varying(values: Sequence[Value], graph: Anew) -> list[bool]:
    """Which of these change with a parameter or an input."""
    leaves = {*graph.parameters, *_leaves(graph.inputs)}
    depends = dict.fromkeys(leaves, True)
    for node in topological_order(*values):
        if node.op is not None:
            depends[node] = any(depends.get(parent, False) for parent in node.parents)
    return [depends.get(x, False) for x in values]


def _leaves(nested: Any) -> list[Value]:
    if isinstance(nested, Value):
        return [nested]
    return [x for row in nested for x in _leaves(row)]
