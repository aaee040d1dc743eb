"""The subject of a picture: which values are shown, their names and roles, where they belong.

Next: ``names.py``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from ..graph import expansion, topological_order
from ..value import Constant, Parameter, Value
from .homes import Call, Trace, homes
from .names import names_of
from .operands import is_weighted_sum
from .text import clean


@dataclass
class Subject:
    """A graph, or a part of one, with everything that a scene asks about its values."""

    title: str
    trace: Trace
    outputs: list[Value]
    order: list[Value]  # what is shown, parents before children
    home: dict[Value, Call]  # of what is shown
    names: dict[Value, str]
    parameters: dict[Value, str]  # what is trained, with its name in its module
    has_run_backward: bool
    hides_data: bool = False
    used_elsewhere: set[Value] = field(default_factory=set)  # by values that are not shown

    def __post_init__(self) -> None:
        self._keys = {value: f"n{i}" for i, value in enumerate(self.order)}
        self._outputs = set(self.outputs)

    def key(self, value: Value) -> str:
        """The name of a value in the scene."""
        return self._keys[value]

    def role(self, value: Value) -> str:
        """What a value is: the role in the theme."""
        if value.op is not None:
            return "output" if value in self._outputs else "intermediate"
        if isinstance(value, Parameter) or value in self.parameters:
            return "parameter"
        return "constant" if isinstance(value, Constant) else "input"

    def name(self, value: Value) -> str:
        """The name that the plate shows."""
        return self.names[value]

    def full_name(self, value: Value) -> str:
        """The name that holds outside the box of its module, too."""
        return clean(value.label or self.parameters.get(value, "")) or self.names[value]


def subject_of(
    trace: Trace,
    outputs: list[Value],
    title: str,
    parameters: Iterable[Value] = (),
    inputs: dict[Value, str] | None = None,
    expand: bool = False,
) -> Subject:
    """Everything there is to know about a graph before it is drawn; ``inputs`` have names."""
    trained = trace.parameters() | {value: value.label for value in parameters}
    given = {**_units(trace), **(inputs or {})}
    outputs = list(dict.fromkeys(outputs))
    if expand:
        new = expansion(*outputs)
        trace = _expanded(trace, new)
        outputs = list(dict.fromkeys(new[value] for value in outputs))
        given = {new.get(value, value): name for value, name in given.items()}
    order = topological_order(*outputs)
    home = homes(order, trace.owner, trace.top)
    for value, name in trained.items():
        if value in home and _agree(value.label, name):
            # inside the box of its module, the module's name need not be said again
            given[value] = name if home[value] is trace.top else name.rpartition(".")[2]
    return Subject(
        title,
        trace,
        outputs,
        order,
        home,
        names_of(order, given),
        trained,
        has_run_backward=any(value.grad != 0.0 for value in outputs),
    )


def _agree(label: str, name: str) -> bool:
    """Whether a parameter's label is its name in the module, or the end or the start of it."""
    return not label or f".{label}".endswith(f".{name}") or f".{name}".endswith(f".{label}")


def focused(subject: Subject, node: Value, radius: int) -> Subject:
    """The part of a graph within ``radius`` steps of one value, up or down.

    No step leads through a leaf: what else an input is used for is no surroundings of the value.
    """
    children: dict[Value, list[Value]] = {}
    for value in subject.order:
        for parent in value.parents:
            children.setdefault(parent, []).append(value)
    shown = {node}
    ring = [node]
    for _ in range(radius):
        around = [near for value in ring for near in value.parents]
        through = [value for value in ring if value.op is not None or value is node]
        around += [near for value in through for near in children.get(value, ())]
        ring = list(dict.fromkeys(value for value in around if value not in shown))
        shown.update(ring)
    return Subject(
        subject.title,
        subject.trace,
        subject.outputs,
        [value for value in subject.order if value in shown],
        {value: home for value, home in subject.home.items() if value in shown},
        subject.names,
        subject.parameters,
        subject.has_run_backward,
        used_elsewhere={
            value for value in shown if any(child not in shown for child in children.get(value, ()))
        },
    )


def _units(trace: Trace) -> dict[Value, str]:
    """Textbook names inside a neuron: ``z2`` for the weighted sum, ``a2`` for its activation."""
    names: dict[Value, str] = {}
    for call in trace.top.walk():
        if call.calls or len(call.results) != 1:
            continue
        (result,) = call.results
        numbers = re.findall(r"\d+$", call.name) or re.findall(r"· call (\d+)$", call.title)
        z = result
        if result.op is not None and result.op.arity == 1:
            (z,) = result.parents
        if not is_weighted_sum(z) or trace.owner.get(z) is not call:
            continue
        suffix = numbers[0] if numbers else ""  # of neuron2, or of the second call of one
        names |= {unit: f"{letter}{suffix}" for letter, unit in (("a", result), ("z", z))}
    return {value: name for value, name in names.items() if not value.label}


def _expanded(trace: Trace, new: dict[Value, Value]) -> Trace:
    """The same trace for the values that were put in place of others."""
    owner: dict[Value, Call] = {}
    for old, call in trace.owner.items():
        if old not in new:
            continue
        stop = {new[parent] for parent in old.parents}
        stack = [new[old]]
        while stack:
            value = stack.pop()
            if value.op is not None and value not in stop and value not in owner:
                owner[value] = call
                stack.extend(value.parents)
    for call in trace.top.walk():
        call.results = [new.get(value, value) for value in call.results]
        call.given = call.given | {new[value] for value in call.given if value in new}
    return Trace(trace.top, owner, trace.result)
