"""``Recording``: one call of a plain function, recorded as a graph from its inputs to its outputs.

A transform such as ``grad`` gets a function and its arguments. ``Recording`` puts Values in the
place of the arguments' numbers, runs the function, and knows how to hand back derivatives in the
shape of the arguments: a float for a number, an array for a list or an array.

**Nesting.** In ``grad(lambda x: x * grad(lambda y: x * y)(x))`` the inner derivative is x, and the
outer one has to see that. So where an argument is a Value already, or the function reaches any
other Value, such as a network's parameters, answers are Values with a graph. And the y of the inner
function must not be the x of the outer one, though it has its number: it is a node of its own,
``x ** 1``, through which the outer transform finds its way to x.

Next: ``differences.py``.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import index
from typing import Any, NamedTuple, SupportsIndex, TypeAlias

import numpy as np

from .. import ops
from ..engine.comparisons import recording
from ..engine.groups import number_of
from ..engine.inputs import real
from ..engine.order import topological_order
from ..graph import gradient
from ..value import Constant, Value
from . import sweeps

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
    """A differentiated argument: its position, and where its numbers lie among the leaves."""

    position: int
    kind: type
    where: int | slice


class Recording:
    """``f(*args)``, recorded; ``leaves`` are the numbers of the arguments that ``argnums`` names.

    Raises ``TypeError`` for what is neither a number nor a vector of numbers, ``ValueError`` for
    an argument that is not there or has more than one axis.
    """

    def __init__(
        self,
        f: Callable[..., object],
        args: Sequence[object],
        argnums: Argnums,
        named: Mapping[str, object] | None = None,
    ) -> None:
        self.f, self.args, self.named = f, [_without_axes(x) for x in args], named or {}
        self.several = not isinstance(argnums, SupportsIndex)
        self.leaves: list[Value] = []
        self.variables: list[Variable] = []
        self.nested = False
        for position in _positions(argnums, len(args)):
            self._add(position)
        returned = self._run(self.leaves)
        self.scalar = _is_real_number(returned)
        found = [returned] if self.scalar else _entries(returned, "What f returned")
        self.outputs: list[Value] = [self._output(output) for output in found]
        self.nested |= self._reaches_others()

    def _add(self, position: int) -> None:
        argument, start = self.args[position], len(self.leaves)
        if _is_real_number(argument):
            self.leaves.append(self._leaf(argument))
            self.variables.append(Variable(position, float, start))
            return
        entries = _entries(argument, f"Argument {position}")
        self.leaves += [self._leaf(entry) for entry in entries]
        where = slice(start, len(self.leaves))
        self.variables.append(Variable(position, type(argument), where))

    def _leaf(self, x: object) -> Value:
        if type(x) is float:
            return Given(x)
        if isinstance(x, Value):
            self.nested = True
            return _same(x)
        return Given(real(x, "An argument holds"))

    def _run(self, leaves: Sequence[Value]) -> Any:
        args = list(self.args)
        for position, kind, where in self.variables:
            value: Any = leaves[where]
            if kind is np.ndarray:
                value = np.array(value, dtype=object)
            elif kind is tuple:
                value = tuple(value)
            args[position] = value
        given = [leaf for leaf in leaves if isinstance(leaf, Given)]
        with recording(leaves):
            for leaf in given:
                leaf.active = True
            try:
                return self.f(*args, **self.named)
            finally:
                for leaf in given:
                    leaf.active = False

    def _reaches_others(self) -> bool:
        """Whether an output depends on a Value that is none of the arguments."""
        own = set(self.leaves)
        return any(
            node.op is None and node not in own and not _is_bare(node)
            for node in topological_order(*self.outputs)
        )

    def _output(self, x: object) -> Value:
        return x if isinstance(x, Value) else Constant(real(x, f"{name_of(self.f)} returns"))

    # --- what came in and went out, as the user wrote it ---

    def single(self, asker: str) -> Value:
        """The only output; ``TypeError`` where f returned a vector."""
        if not self.scalar:
            raise TypeError(
                f"{asker}(f) differentiates a function that returns one number; "
                f"{name_of(self.f)} returned {len(self.outputs)}, in a list or array. "
                f"Use jacobian(f), or sum them up."
            )
        return self.outputs[0]

    def at(self, inputs: Sequence[float]) -> float:
        """f's value with other numbers in the place of the leaves."""
        return float(number_of(self._run([Given(x) for x in inputs])))

    def names(self) -> list[str]:
        """What to call each leaf: ``x``, or ``x[0]``, ``x[1]``, … of a vector."""
        try:
            parameters = list(inspect.signature(self.f).parameters.values())
        except (TypeError, ValueError):  # some functions written in C do not tell
            parameters = []
        known = [p.name for p in parameters if p.kind is not p.VAR_POSITIONAL]
        names: list[str] = []
        for position, _, where in self.variables:
            name = known[position] if position < len(known) else f"args[{position}]"
            if isinstance(where, int):
                names.append(name)
            else:
                names += [f"{name}[{i}]" for i in range(where.stop - where.start)]
        return names

    def answer(self, derivatives: Any) -> Any:
        """Derivatives, one (or one column) per leaf, in the shape of the arguments."""
        derivatives = array(derivatives)
        parts = [_item(derivatives[..., variable.where]) for variable in self.variables]
        return tuple(parts) if self.several else parts[0]

    def value(self) -> Any:
        """What f returned; in floats unless nested."""
        return self.shaped(self.outputs if self.nested else [y.data for y in self.outputs])

    def shaped(self, values: Sequence[Any]) -> Any:
        """One number per output, in the shape of what f returned."""
        return values[0] if self.scalar else array(values)

    def like_inputs(self, tangents: Sequence[object]) -> list[Any]:
        """A tangent per argument as a flat list, one number per leaf."""
        if len(tangents) != len(self.variables):
            raise ValueError(
                f"There is one tangent per argument: {len(self.variables)}; got {len(tangents)}."
            )
        flat: list[Any] = []
        for (position, _, where), tangent in zip(self.variables, tangents, strict=True):
            size = None if isinstance(where, int) else where.stop - where.start
            flat += _matching(tangent, size, f"argument {position}")
        return flat

    def like_output(self, v: object) -> list[Any]:
        """Weights of the outputs, one number each."""
        return _matching(v, None if self.scalar else len(self.outputs), "the output")

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
            return array([gradient(output, self.leaves) for output in self.outputs])
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


def array(values: Any) -> Any:
    """Floats as a float64 array, Values as an array of objects."""
    if isinstance(values, np.ndarray):
        return values
    made = np.array(values, dtype=object)
    return made if any_value(made.flat) else made.astype(float)


def any_value(values: Iterable[object]) -> bool:
    """Whether there is a Value among them."""
    return any(isinstance(value, Value) for value in values)


def _without_axes(x: object) -> object:
    """An array without axes as the number that it holds."""
    return x.item() if isinstance(x, np.ndarray) and x.ndim == 0 else x


def _is_real_number(x: object) -> bool:
    """Whether x stands for one number, as an array without axes does."""
    return not isinstance(x, list | tuple | np.ndarray) or getattr(x, "ndim", 1) == 0


def _entries(vector: Any, title: str) -> list[Any]:
    """The numbers of a list, a tuple or an array with one axis."""
    entries: list[Any] = vector.tolist() if isinstance(vector, np.ndarray) else list(vector)
    deeper = next((x for x in entries if isinstance(x, list | tuple | np.ndarray)), None)
    if deeper is not None:
        raise ValueError(
            f"{title} has more than one axis; derivatives are for numbers and vectors. "
            f"Flatten it: x.ravel() of an array, or one list of numbers."
        )
    return entries


def _matching(vector: Any, size: int | None, title: str) -> list[Any]:
    """A vector of the given size (None: a bare number) as a list."""
    if _is_real_number(vector):
        entries, came = [vector], None
    else:
        entries = _entries(vector, f"The vector for {title}")
        came = len(entries)
    if came != size:
        shapes = ["one bare number" if n is None else f"a vector of {n}" for n in (size, came)]
        raise ValueError(f"The vector for {title} has its shape, {shapes[0]}; got {shapes[1]}.")
    return [
        x if isinstance(x, Value) else real(x, f"The vector for {title} holds") for x in entries
    ]


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


def _item(part: Any) -> Any:
    return part.item() if part.ndim == 0 else part


def name_of(f: Callable[..., object]) -> str:
    return getattr(f, "__name__", type(f).__name__)
