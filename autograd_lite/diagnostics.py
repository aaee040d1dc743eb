"""The gradient doctor: why does this network not learn?

``diagnose(loss, model)`` reads the graph of a loss, as large as the batch was, and says what it
finds: where numbers stopped being finite, units that are dead or saturated for every sample, layers
that the gradient does not reach, parameters with no way to the loss. It changes nothing.

What is glossed over: thresholds. They are stated below, and a finding is a reason to look, no more.

Next: ``telling/__init__.py``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

from .engine.node import groups
from .engine.order import topological_order
from .engine.primitive import Primitive
from .functions.sweeps import pull
from .nn import Layer, Module, Neuron
from .value import Value

#: A unit is judged by so many samples, or not at all: for one point, half of all ReLUs are off.
SAMPLES = 8

#: Saturated: no sample has a slope of more than this part of the activation's slope at 0.
SATURATED = 0.05

#: Kinds of finding with which nothing is learnt; the others make it slow.
BROKEN = ("not finite", "gradient not finite", "dead unit", "disconnected parameter")

#: Vanishing: a layer's gradients are smaller than this part of the largest layer's.
VANISHING = 1e-4


class Finding(NamedTuple):
    """What is wrong, where it is, and what it means."""

    kind: str
    where: str
    message: str


class Diagnosis(tuple[Finding, ...]):
    """The findings; empty where all is well. Printed, one to a line, and equal ones joined.

    ``looked_at`` says of what it is the diagnosis, ``names`` those of all units and parameters.

    >>> Diagnosis([Finding("dead unit", "layer1.neuron2", "ReLU gives 0.")])
    dead unit: layer1.neuron2. ReLU gives 0.
    >>> units = [f"layer1.neuron{i}" for i in (1, 2, 3)]
    >>> Diagnosis([Finding("dead unit", unit, "ReLU gives 0.") for unit in units], "", units)
    dead unit: layer1, 3 of 3. ReLU gives 0.
    >>> Diagnosis([], "9 parameters")
    No finding. Looked at 9 parameters.
    """

    looked_at: str
    names: Sequence[str]

    def __new__(
        cls, findings: Iterable[Finding] = (), looked_at: str = "", names: Sequence[str] = ()
    ) -> Diagnosis:
        made = super().__new__(cls, findings)
        made.looked_at, made.names = looked_at, names
        return made

    def __str__(self) -> str:
        lines = [f"{kind}: {where}. {message}" for kind, where, message in self._joined()]
        return "\n".join(lines) or self._nothing()

    __repr__ = __str__

    def _nothing(self) -> str:
        return f"No finding.{f' Looked at {self.looked_at}.' if self.looked_at else ''}"

    def _joined(self) -> list[Finding]:
        """One finding for all that say the same of parts of one module."""
        alike: dict[tuple[str, str], list[str]] = {}
        for kind, where, message in self:
            alike.setdefault((kind, message), []).append(where)
        return [
            Finding(kind, place, message)
            for (kind, message), places in alike.items()
            for place in _together(places, self.names)
        ]

    def _repr_html_(self) -> str:
        from .showing.html import result, table, verdict

        if not self:
            return result(verdict("No finding", "good"), self._nothing().partition(".")[2])
        rows = [
            (verdict(kind, "bad" if kind in BROKEN else "unsure"), where, message)
            for kind, where, message in self._joined()
        ]
        return result(
            table(("finding", "where", "what it means"), rows, wide=[2], stacks=True),
            scrolls="Findings",
        )


def _together(places: Sequence[str], names: Sequence[str]) -> Iterator[str]:
    """Places in one module as ``layer1, 3 of 4``: the outermost of which it is all, or the next."""
    by_module: dict[str, list[str]] = {}
    for place in places:
        parts, found = place.split("."), set(places)
        inner = [".".join(parts[:i]) for i in range(1, len(parts))]
        kin = [name for name in names if name.count(".") == len(parts) - 1]
        whole = (
            module
            for module in inner
            if all(name in found for name in kin if name.startswith(f"{module}."))
        )
        by_module.setdefault(next(whole, inner[-1] if inner else ""), []).append(place)
    for module, found_there in by_module.items():
        total = sum(
            name.startswith(f"{module}.") and name.count(".") == found_there[0].count(".")
            for name in names
        )
        if len(found_there) == 1 or not module or not total:
            yield from found_there
        else:
            yield f"{module}, {len(found_there)} of {total}"


def diagnose(loss: Value, model: Module) -> Diagnosis:
    """What is wrong with the gradients of ``loss`` in the parameters of ``model``.

    The loss is that of a batch. Gradients that ``backward()`` has left stay as they are.

    >>> from autograd_lite.nn import MLP, mse_loss
    >>> import random; random.seed(0)
    >>> model = MLP(1, [3, 1])
    >>> model.layers[0].neurons[1].b.data = -100.0
    >>> xs = [x / 5 for x in range(-5, 5)]
    >>> print(diagnose(mse_loss([model([x]) for x in xs], xs), model))
    dead unit: layer1.neuron2. relu has slope 0 for each of the 10 samples, so no gradient ...
    """
    if not isinstance(loss, Value) or not isinstance(model, Module):
        raise TypeError(
            f"diagnose(loss, model) takes a Value and a Module; got a {type(loss).__name__} and a "
            f"{type(model).__name__}."
        )
    adjoints = pull({loss: 1.0})
    graph = topological_order(loss)
    units = {neuron: name for name, neuron in _neurons(model)}
    slopes = _activation_slopes(list(units), loss)
    findings = [
        *_not_finite(loss, adjoints),
        *_disconnected(model, adjoints, set(graph)),
        *_units(units, slopes),
        *_vanishing(model, adjoints),
    ]
    parameters = [name for name, _ in model.named_parameters()]
    judged = [len(found) for found in slopes.values() if len(found) >= SAMPLES]
    said = [_counted(len(graph), "value"), _counted(len(parameters), "parameter")]
    if judged:
        said.append(f"{_counted(len(judged), 'unit')} with up to {max(judged):,} samples")
    elif slopes:
        said.append(f"no unit, for which there have to be {SAMPLES} samples")
    return Diagnosis(findings, ", ".join(said), [*units.values(), *parameters])


def _counted(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def first_non_finite(y: Value) -> Value | None:
    """The first node below y whose number is infinite or NaN: its operands are all finite.

    >>> x = Value(math.inf, label="x")
    >>> first_non_finite((x * 2 + 1).tanh()) is x
    True
    """
    return next((node for node in topological_order(y) if not math.isfinite(node.data)), None)


def origin(loss: Value) -> Finding | None:
    """Where the loss, or else its gradient, stopped being finite; None where both are.

    >>> w = Value(0.0, label="w")
    >>> origin((w.sqrt() - 1.0) ** 2).where
    'w'
    """
    return next(_not_finite(loss, pull({loss: 1.0})), None)


def _not_finite(loss: Value, adjoints: dict[Value, float]) -> Iterator[Finding]:
    node = first_non_finite(loss)
    if node is not None:
        came = "It came in as data." if node.op is None else "Its operands are finite."
        yield Finding("not finite", _name(node), f"Its number is {node.data}. {came}")
        return
    for node in reversed(topological_order(loss)):
        if not math.isfinite(adjoints.get(node, 0.0)):
            yield Finding(
                "gradient not finite",
                _name(node),
                f"The gradient is {adjoints[node]} from here on down: the value of the operation "
                f"above it exists here, its slope does not.",
            )
            return


def _disconnected(
    model: Module, adjoints: dict[Value, float], graph: set[Value]
) -> Iterator[Finding]:
    for name, parameter in model.named_parameters():
        if parameter not in graph:
            yield Finding(
                "disconnected parameter",
                name,
                "The loss does not depend on it: it was replaced after the forward pass, made a "
                "plain number on the way (by .data or float), or is never used.",
            )


Slopes: TypeAlias = dict[Neuron, list[tuple[float, float]]]  # there, and at 0, for each sample


def _units(names: dict[Neuron, str], slopes: Slopes) -> Iterator[Finding]:
    """Neurons whose activation hands back next to nothing, whatever the sample."""
    for neuron, name in names.items():
        found = slopes.get(neuron, [])
        if len(found) < SAMPLES:
            continue
        largest = max(abs(slope) for slope, _ in found)
        at_zero = abs(found[0][1])
        if largest == 0.0:
            yield Finding(
                "dead unit",
                name,
                f"{neuron.activation} has slope 0 for each of the {len(found)} samples, so no "
                f"gradient reaches its weights and it cannot recover. Try a smaller learning "
                f"rate, another seed, or leaky_relu.",
            )
        elif largest < SATURATED * at_zero:
            yield Finding(
                "saturated unit",
                name,
                f"{neuron.activation} is flat for each of the {len(found)} samples (slope under "
                f"{100 * SATURATED:g} % of that at 0), so it learns slowly. Try smaller first "
                f"weights, or inputs scaled to about 1.",
            )


def _activation_slopes(neurons: list[Neuron], loss: Value) -> Slopes:
    """For each neuron and sample the slope of its activation, there and at 0."""
    of_bias = {neuron.b: neuron for neuron in neurons}
    sums: dict[Value, Neuron] = {}
    slopes: Slopes = {}
    for node in topological_order(loss):
        if node.op is None:
            continue
        if node.op.weighted and (neuron := of_bias.get(groups(node)[0][-1])):
            sums[node] = neuron
        elif node.op.arity == 1 and (neuron := sums.get(node.parents[0])):
            slopes.setdefault(neuron, []).append((node.partials[0], _slope_at_zero(node.op)))
    return slopes


def _slope_at_zero(op: Primitive) -> float:
    """0 where there is none, as of the square root: such a unit is never called saturated."""
    try:
        slope: float = op.rule(op.compute(0.0), 0.0)[0]
    except (ArithmeticError, ValueError):
        return 0.0
    return slope if math.isfinite(slope) else 0.0


def _vanishing(model: Module, adjoints: dict[Value, float]) -> Iterator[Finding]:
    sizes = {
        name: math.hypot(*[adjoints.get(p, 0.0) for p in found]) / math.sqrt(len(found))
        for name, layer in model.named_modules()
        if isinstance(layer, Layer) and (found := layer.parameters())
    }
    largest = max(sizes.values(), default=0.0)
    for name, size in sizes.items():
        if size < VANISHING * largest < math.inf:
            yield Finding(
                "vanishing gradient",
                name,
                f"Its gradients are about {size:.1g}, those of the steepest layer {largest:.1g}: "
                f"it hardly learns. Try fewer layers, another activation, or the first weights of "
                f"nn.init.",
            )


def _neurons(model: Module) -> list[tuple[str, Neuron]]:
    modules = model.named_modules()  # the model itself has no name
    return [(name or str(found), found) for name, found in modules if isinstance(found, Neuron)]


def _name(node: Value) -> str:
    if node.label:
        return node.label
    if node.op is None:
        return "an input without a label"
    operands = ", ".join(
        f"{parent.label or ''} {parent.data:.4g}".strip() for parent in node.parents[:4]
    )
    more = ", …" if len(node.parents) > 4 else ""
    return f"{node.op.name}({operands}{more})"
