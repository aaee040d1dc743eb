"""The subject of a picture: which values are shown, their names and roles, where they belong.

Next: ``folds.py``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from ..engine.order import topological_order
from ..expand import expansion
from ..value import Constant, Parameter, Value
from .homes import Call, Trace, homes
from .names import names_of, symbols_of
from .refusal import Refusal
from .text import DIGITS, checked_digits, clean, number

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Fact:
    """What there is to say of one value."""

    value: Value  # for its operation, its operands and its local derivatives
    key: str  # n5; the values are numbered, parents before children
    role: str  # in the theme: input, parameter, constant, intermediate, output or refused
    name: str  # on its plate
    own_name: str  # its label, or what its module calls it from outside; "" where nobody does
    home: Call  # in whose box it is drawn
    data: float
    grad: float
    used_elsewhere: bool = False  # by values that are not shown
    symbol: str = ""  # W1[2,3]; what a book calls a weight that its module calls layer1.neuron2.w3
    line: str = ""  # of the user's program that made it, where that is known

    @property
    def full_name(self) -> str:
        """The name that holds outside the box of its module, too."""
        return self.own_name or self.name


@dataclass(frozen=True)
class Subject:
    """A graph, or a part of one, with everything that a picture or a text says of its values."""

    title: str
    top: Call
    outputs: list[Value]
    facts: dict[Value, Fact]  # of what is shown, parents before children
    has_run_backward: bool
    hides_data: bool = False  # where the inputs were made up
    digits: int = DIGITS
    refusal: Refusal | None = None  # of the last value, which could not be computed

    @property
    def problem(self) -> str:
        """Why the last value could not be computed; nothing where it was."""
        names = {value: fact.full_name for value, fact in self.facts.items()}
        return self.refusal.told(names) if self.refusal else ""

    def number(self, x: float) -> str:
        """A number with as many digits as this picture shows."""
        return number(x, self.digits)


def subject_of(
    trace: Trace,
    outputs: list[Value],
    title: str,
    parameters: Iterable[Value] = (),
    inputs: dict[Value, str] | None = None,
    expand: bool = False,
    hides_data: bool = False,
    digits: int = DIGITS,
) -> Subject:
    """Everything there is to say of a graph; ``inputs`` have names.

    >>> x, w = Value(2.0, label="x"), Value(-3.0, label="w")
    >>> y = (x * w).tanh()
    >>> facts = subject_of(Trace(), [y], "a neuron", parameters=[w]).facts
    >>> [(fact.key, fact.role, fact.name) for fact in facts.values()]
    [('n0', 'input', 'x'), ('n1', 'parameter', 'w'), ('n2', 'intermediate', 'x·w'),
     ('n3', 'output', 'tanh(x·w)')]
    """
    trained = trace.parameters() | {value: value.label for value in parameters}
    given = {**_units(trace), **(inputs or {})}
    outputs, digits = list(dict.fromkeys(outputs)), checked_digits(digits)
    symbols = symbols_of(topological_order(*outputs))
    if expand:
        new = expansion(*outputs)
        trace = _expanded(trace, new)
        outputs = list(dict.fromkeys(new[value] for value in outputs))
        given = {new.get(value, value): name for value, name in given.items()}
    refused = trace.refusal and trace.refusal.node
    order = topological_order(*outputs)
    home = homes(order, trace.owner, trace.top)
    for value, name in trained.items():
        if value in home and _agree(value.label, name):
            # inside the box of its module, the module's name need not be said again
            given[value] = name if home[value] is trace.top else name.rpartition(".")[2]
    names, shown = names_of(order, given, digits), set(outputs)
    facts = {
        value: Fact(
            value,
            key=f"n{i}",
            role="refused" if value is refused else _role(value, value in trained, value in shown),
            name=names[value],
            own_name=clean(value.label or trained.get(value, "")),
            home=home[value],
            data=value.data,
            grad=value.grad,
            symbol=symbols.get(value, ""),
            line=trace.lines.get(value, ""),
        )
        for i, value in enumerate(order)
    }
    run = any(value.grad != 0.0 for value in outputs)
    return Subject(title, trace.top, outputs, facts, run, hides_data, digits, trace.refusal)


def _role(value: Value, trained: bool, last: bool) -> str:
    if value.op is not None:
        return "output" if last else "intermediate"
    if trained or isinstance(value, Parameter):
        return "parameter"
    return "constant" if isinstance(value, Constant) else "input"


def renamed(subject: Subject, given: Mapping[Value, str]) -> Subject:
    """The same subject with the names that follow from the given ones, as in ``names_of``."""
    names = names_of(subject.facts, given, subject.digits)
    facts = {value: replace(fact, name=names[value]) for value, fact in subject.facts.items()}
    return replace(subject, facts=facts)


def _agree(label: str, name: str) -> bool:
    """Whether a parameter's label is its name in the module, or the end or the start of it."""
    return not label or f".{label}".endswith(f".{name}") or f".{name}".endswith(f".{label}")


def focused(subject: Subject, node: Value, radius: int) -> Subject:
    """The part of a graph within ``radius`` steps of one value, up or down.

    No step leads through a leaf: what else an input is used for is no surroundings of the value.
    """
    children: dict[Value, list[Value]] = {}
    for value in subject.facts:
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
    kept = [fact for value, fact in subject.facts.items() if value in shown]
    facts = {
        fact.value: replace(
            fact,
            key=f"n{i}",
            used_elsewhere=not shown.issuperset(children.get(fact.value, ())),
        )
        for i, fact in enumerate(kept)
    }
    return replace(subject, facts=facts)


def _units(trace: Trace) -> dict[Value, str]:
    """Textbook names inside a neuron: ``z2`` for the weighted sum, ``a2`` for its activation.

    In a layer that is one of several they are ``z1[2]`` and ``a1[2]``, as in ``MLP.trace``.
    """
    names: dict[Value, str] = {}
    for call in trace.top.walk():
        if call.calls or len(call.results) != 1:
            continue
        (result,) = call.results
        numbers = re.findall(r"\d+$", call.name) or re.findall(r"· call (\d+)$", call.title)
        z = result
        if result.op is not None and result.op.arity == 1:
            (z,) = result.parents
        if z.op is None or not z.op.weighted or trace.owner.get(z) is not call:
            continue
        suffix = numbers[0] if numbers else ""  # of neuron2, or of the second call of one
        layer = re.fullmatch(r"layer(\d+)", call.parent.name) if call.parent else None
        if layer and suffix:
            suffix = f"{layer[1]}[{suffix}]"
        names |= {unit: f"{letter}{suffix}" for letter, unit in (("a", result), ("z", z))}
    return {value: name for value, name in names.items() if not value.label}


def _expanded(trace: Trace, new: dict[Value, Value]) -> Trace:
    """The same trace for the values that were put in place of others."""
    for call in trace.top.walk():
        call.results = [new.get(value, value) for value in call.results]
        call.given = call.given | {new[value] for value in call.given if value in new}
    refusal = trace.refusal and Refusal(new[trace.refusal.node], trace.refusal.message)
    owner, lines = _handed_on(trace.owner, new), _handed_on(trace.lines, new)
    return Trace(trace.top, owner, trace.result, lines, refusal)


def _handed_on(facts: Mapping[Value, T], new: Mapping[Value, Value]) -> dict[Value, T]:
    """What is known of some values, for all that was put in the place of each."""
    found: dict[Value, T] = {}
    for old, fact in facts.items():
        if old not in new:
            continue
        stop = {new[parent] for parent in old.parents}
        stack = [new[old]]
        while stack:
            value = stack.pop()
            if value.op is not None and value not in stop and value not in found:
                found[value] = fact
                stack.extend(value.parents)
    return found
