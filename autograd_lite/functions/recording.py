"""``Recording``: one call of a plain function, recorded as a graph from its inputs to its outputs.

A transform such as ``grad`` gets a function and its arguments. ``Recording`` puts Values in the
place of the arguments' numbers, runs the function, and knows how to hand back derivatives in the
structure of the arguments.

**Nesting.** In ``grad(lambda x: x * grad(lambda y: x * y)(x))`` the inner derivative is x, and the
outer one has to see that. So where an argument is a Value already, or the function reaches any
other Value, such as a network's parameters, answers are Values with a graph. And the y of the inner
function must not be the x of the outer one, though it has its number: it is a node of its own,
``x ** 1``, through which the outer transform finds its way to x.

Next: ``differences.py``.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from operator import index
from typing import Any, NamedTuple, SupportsIndex, TypeAlias

import numpy as np

from .. import ops
from ..engine.comparisons import recording
from ..engine.groups import number_of
from ..engine.inputs import REAL, real
from ..engine.order import topological_order
from ..graph import gradient
from ..value import Constant, Value
from . import sweeps
from .trees import Each, Number, Tree, any_value, array, in_floats, item, number, row_like, tree_of

Argnums: TypeAlias = SupportsIndex | Sequence[SupportsIndex]


_same = ops.power(1.0)


class Given(Value):
    """A leaf that stands for a bare number given to a transform.

    While the function runs (``active``), a transform within it has to see the leaf; afterwards it
    stands for nothing outside.
    """

    __slots__ = ("active",)

    def __init__(self, data: float, label: str = "") -> None:
        super().__init__(data, label)
        self.active = False


Given.__name__ = "Value"  # as which it shows itself


def _is_bare(leaf: Value) -> bool:
    """Whether a leaf stands for a bare number and nothing else."""
    return type(leaf) is Constant or (isinstance(leaf, Given) and not leaf.active)


class Variable(NamedTuple):
    """A differentiated argument: its position, its structure, and its places among the leaves."""

    position: int
    tree: Tree
    places: slice


class Recording:
    """``f(*args, **named)``, recorded; ``leaves`` are the numbers of what ``argnums`` names.

    With ``has_aux`` f returns a pair, of which the second part is handed on. Raises ``TypeError``
    where a structure holds anything but numbers, ``ValueError`` for an argument that is not there.
    """

    def __init__(
        self,
        f: Callable[..., object],
        args: Sequence[object],
        argnums: Argnums,
        named: Mapping[str, object] | None = None,
        has_aux: bool = False,
    ) -> None:
        self.f, self.args, self.named, self.has_aux = f, list(args), named or {}, has_aux
        self.several = not isinstance(argnums, SupportsIndex)
        self.leaves: list[Value] = []
        self.variables: list[Variable] = []
        self.nested = False
        for position in _positions(argnums, len(args)):
            self._add(position)
        returned, self._aux = self._run(self.leaves)
        self.output, found = tree_of(returned, f"What {name_of(f)} returns")
        self.outputs: list[Value] = [self._output(x, i) for i, x in enumerate(found)]
        self.nested |= self._reaches_others()

    def _add(self, position: int) -> None:
        start = len(self.leaves)
        path = f"argument {position}"
        try:
            tree, row = tree_of(self.args[position], path)
            self.leaves += [self._leaf(x, tree, i, path) for i, x in enumerate(row)]
        except TypeError:  # once more, with the name that f gives it; to ask f takes a while
            path = f"Argument {self._name(position)}"
            tree, row = tree_of(self.args[position], path)
            self.leaves[start:] = [self._leaf(x, tree, i, path) for i, x in enumerate(row)]
        self.variables.append(Variable(position, tree, slice(start, len(self.leaves))))

    def _leaf(self, x: object, tree: Tree, i: int, path: str) -> Value:
        if type(x) is float:
            return Given(x)
        if isinstance(x, Value):
            self.nested = True
            return _same(x)
        return Given(number(x, tree, i, path))

    def _run(self, leaves: Sequence[Value]) -> tuple[Any, Any]:
        """What f returns for these leaves, and the auxiliary part of it."""
        args = list(self.args)
        for position, tree, places in self.variables:
            args[position] = tree.filled(leaves[places])
        given = [leaf for leaf in leaves if isinstance(leaf, Given)]
        with recording(leaves):
            for leaf in given:
                leaf.active = True
            try:
                returned = self.f(*args, **self.named)
            finally:
                for leaf in given:
                    leaf.active = False
        if not self.has_aux:
            return returned, None
        if not (isinstance(returned, tuple | list) and len(returned) == 2):
            raise TypeError(
                f"With has_aux=True f returns a pair, (value, aux); {name_of(self.f)} returned "
                f"a {type(returned).__name__}."
            )
        value, aux = returned
        return value, aux

    def _reaches_others(self) -> bool:
        """Whether an output depends on a Value that is none of the arguments."""
        own = set(self.leaves)
        return any(
            node.op is None and node not in own and not _is_bare(node)
            for node in topological_order(*self.outputs)
        )

    def _output(self, x: object, i: int) -> Value:
        if isinstance(x, Value):
            return x
        if isinstance(x, REAL):
            return Constant(float(x))
        place = [*self.output.names("")][i]
        where = f"{name_of(self.f)} returns" if not place else f"What f returned holds at {place}"
        return Constant(real(x, where))

    # --- what came in and went out, as the user wrote it ---

    def single(self, asker: str) -> Value:
        """The only output; ``TypeError`` where f returned anything but one number."""
        if not isinstance(self.output, Number):
            raise TypeError(
                f"{asker}(f) differentiates a function that returns one number; "
                f"{name_of(self.f)} returned {self.output}. Use jacobian(f), or sum them up."
            )
        return self.outputs[0]

    @property
    def depends(self) -> bool:
        """Whether an output depends on a number of the arguments."""
        return not set(self.leaves).isdisjoint(topological_order(*self.outputs))

    def at(self, inputs: Sequence[float]) -> float:
        """f's value with other numbers in the place of the leaves."""
        return float(number_of(self._run([Given(x) for x in inputs])[0]))

    def names(self) -> list[str]:
        """What to call each leaf: ``x``, or ``x[0]``, ``x[1]``, … of a vector."""
        return [name for v in self.variables for name in v.tree.names(self._name(v.position))]

    def _name(self, position: int) -> str:
        """What f calls an argument."""
        try:
            parameters = list(inspect.signature(self.f).parameters.values())
        except (TypeError, ValueError):  # some functions written in C do not tell
            parameters = []
        known = [p.name for p in parameters if p.kind is not p.VAR_POSITIONAL]
        return known[position] if position < len(known) else f"args[{position}]"

    def answer(self, derivatives: Any) -> Any:
        """Derivatives, one per leaf along the last axis, in the structure of the arguments."""
        return self._cut(array(derivatives))

    def matrix(self, rows: Any) -> Any:
        """One row per output, one column per leaf: the structure of the output, of such ones."""
        return self.output.cut(np.moveaxis(rows, 0, -1), self._by_leaves)

    def blocks(self, matrix: Any) -> Any:
        """One row and one column per leaf: the structure of the arguments, twice."""
        return self._cut(np.moveaxis(matrix, 0, -1), self._by_leaves)

    def _by_leaves(self, part: Any) -> Any:
        """The first axis, which is that of the leaves, as the structure of the arguments."""
        return self._cut(np.moveaxis(part, 0, -1))

    def _cut(self, row: Any, each: Each = item) -> Any:
        parts = [variable.tree.cut(row[..., variable.places], each) for variable in self.variables]
        return tuple(parts) if self.several else parts[0]

    def value(self) -> Any:
        """What f returned; in floats unless nested."""
        return self.shaped(self.outputs if self.nested else [y.data for y in self.outputs])

    @property
    def aux(self) -> Any:
        """What f returned beside its value; in floats unless nested."""
        return self._aux if self.nested else in_floats(self._aux)

    def shaped(self, values: Sequence[Any]) -> Any:
        """One number per output, in the structure of what f returned."""
        return self.output.cut(array(values))

    def like_inputs(self, tangents: Sequence[object]) -> list[Any]:
        """A tangent per argument as a flat list, one number per leaf."""
        if len(tangents) != len(self.variables):
            raise ValueError(
                f"There is one tangent per argument: {len(self.variables)}; got {len(tangents)}."
            )
        row: list[Any] = []
        for (position, tree, _), tangent in zip(self.variables, tangents, strict=True):
            row += row_like(tree, tangent, f"The tangent of argument {position}")
        return row

    def like_output(self, v: object) -> list[Any]:
        """Weights of the outputs, one number each."""
        return row_like(self.output, v, "The vector for the output")

    # --- derivatives: floats, or Values where the call is nested, so that no type says which ---

    def pull(self, weights: Sequence[Any]) -> list[Any]:
        """The derivatives of Σ weight · output, one per leaf."""
        if self.nested or any_value(weights):
            one = len(weights) == 1 and type(weights[0]) is float and weights[0] == 1.0
            total = self.outputs[0] if one else ops.dot.record(tuple(self.outputs), tuple(weights))
            return list(gradient(total, self.leaves))
        seeds: dict[Value, float] = {}
        for output, weight in zip(self.outputs, weights, strict=True):
            seeds[output] = seeds.get(output, 0.0) + weight
        found = sweeps.pull(seeds)
        return [found.get(leaf, 0.0) for leaf in self.leaves]

    def push(self, tangents: Sequence[Any]) -> list[Any]:
        """The derivatives of the outputs along a direction."""
        if self.nested or any_value(tangents):
            # vᵀJ is linear in v, and its derivative along the tangents gives J·u: a vjp of a vjp
            v = [Given(1.0) for _ in self.outputs]
            slopes = gradient(ops.dot.record(tuple(v), tuple(self.outputs)), self.leaves)
            return list(gradient(ops.dot.record(tuple(slopes), tuple(tangents)), v))
        seeds = {leaf: {0: t} if t else {} for leaf, t in zip(self.leaves, tangents, strict=True)}
        rows = sweeps.push(topological_order(*self.outputs), seeds)
        return [rows.get(output, {}).get(0, 0.0) for output in self.outputs]

    def jacobian(self) -> Any:
        """One row per output, one column per leaf."""
        if self.nested:
            rows = array([gradient(output, self.leaves) for output in self.outputs])
            return rows.reshape(len(self.outputs), len(self.leaves))
        matrix = np.zeros((len(self.outputs), len(self.leaves)))
        if len(self.outputs) <= len(self.leaves):
            for i, output in enumerate(self.outputs):
                found = sweeps.pull({output: 1.0})
                matrix[i] = [found.get(leaf, 0.0) for leaf in self.leaves]
            return matrix
        seeds = {leaf: {j: 1.0} for j, leaf in enumerate(self.leaves)}
        rows = sweeps.push(topological_order(*self.outputs), seeds)
        for i, output in enumerate(self.outputs):
            row = rows.get(output, {})
            matrix[i, list(row)] = list(row.values())
        return matrix


def _positions(argnums: Argnums, count: int) -> list[int]:
    """``argnums`` as a list; negative ones count from the end, as everywhere in Python."""
    wanted = [argnums] if isinstance(argnums, SupportsIndex) else list(argnums)
    for position in wanted:
        if not (isinstance(position, SupportsIndex) and -count <= index(position) < count):
            raise ValueError(
                f"argnums names argument {position!r}, but f was called with {count} positional "
                f"arguments (numbered from 0)."
            )
    positions = [index(position) % count for position in wanted]
    if len(set(positions)) < len(positions):
        raise ValueError(f"argnums names each argument once; got {argnums!r}.")
    return positions


def name_of(f: Callable[..., object]) -> str:
    return getattr(f, "__name__", type(f).__name__)
