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

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .. import ops
from ..engine.calls import name_of
from ..engine.comparisons import recording
from ..engine.groups import number_of
from ..engine.inputs import REAL, real
from ..engine.order import topological_order
from ..graph import gradient
from ..value import Constant, Value
from . import sweeps
from .arguments import Argnums, Arguments, Given
from .trees import Number, any_value, cut, in_floats, row_like, tree_of, zeros


def _is_bare(leaf: Value) -> bool:
    """Whether a leaf stands for a bare number and nothing else."""
    return type(leaf) is Constant or (isinstance(leaf, Given) and not leaf.active)


class Recording(Arguments):
    """``f(*args, **named)``, recorded; ``leaves`` are the numbers of what ``argnums`` names.

    With ``has_aux`` f returns a pair, of which the second part is handed on. Raises as
    ``Arguments``, and ``TypeError`` where f returns anything but numbers.
    """

    def __init__(
        self,
        f: Callable[..., object],
        args: Sequence[object],
        argnums: Argnums,
        named: Mapping[str, object] | None = None,
        has_aux: bool = False,
    ) -> None:
        super().__init__(f, args, argnums, named)
        self.has_aux = has_aux
        returned, self._aux = self._run(self.leaves)
        self.output, found = tree_of(returned, f"What {name_of(f)} returns")
        self.outputs: list[Value] = [self._output(x, i) for i, x in enumerate(found)]
        self.nested |= self._reaches_others()

    def _run(self, leaves: Sequence[Value]) -> tuple[Any, Any]:
        """What f returns for these leaves, and the auxiliary part of it."""
        args = self.filled(leaves)
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

    def at(self, inputs: Sequence[float]) -> tuple[float, float]:
        """f's value with other numbers in the place of the leaves, and how rounded it is."""
        y = self._run([Given(x) for x in inputs])[0]
        return float(number_of(y)), sweeps.rounding(y) if isinstance(y, Value) else 0.0

    def matrix(self, rows: Any) -> Any:
        """One row per output, one column per leaf: the structure of the output, of such ones."""
        return self.output.made(lambda place, shape: self.beside(rows, place, shape))

    def value(self) -> Any:
        """What f returned; in floats unless nested."""
        return self.shaped(self.outputs if self.nested else [y.data for y in self.outputs])

    @property
    def aux(self) -> Any:
        """What f returned beside its value; in floats unless nested."""
        return self._aux if self.nested else in_floats(self._aux)

    def shaped(self, values: Sequence[Any]) -> Any:
        """One number per output, in the structure of what f returned."""
        return cut(self.output, values)

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
            return [gradient(output, self.leaves) for output in self.outputs]
        matrix = zeros(len(self.outputs), len(self.leaves))
        if len(self.outputs) <= len(self.leaves):
            for i, output in enumerate(self.outputs):
                found = sweeps.pull({output: 1.0})
                matrix[i] = [found.get(leaf, 0.0) for leaf in self.leaves]
            return matrix
        seeds = {leaf: {j: 1.0} for j, leaf in enumerate(self.leaves)}
        rows = sweeps.push(topological_order(*self.outputs), seeds)
        for i, output in enumerate(self.outputs):
            line = matrix[i]
            for j, slope in rows.get(output, {}).items():
                line[j] = slope
        return matrix
