"""A graph made ready for telling: every node in order, with an id and a name of its own.

Ids are ``n0``, ``n1``, … in topological order, the same that pictures use: the plate of ``n5`` is
``ag-n5``, the edge from its first operand ``ag-e-n5-0``. In a step that edge is ``n5-0``.

Names are those of the pictures. Where a picture leaves a plate without a name, or gives it a
formula for one, a text needs a short name all the same: v1, v2, … as in the textbooks' traces. The
picture of the steps then shows it too.

Next: ``words.py``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import count
from typing import TypeAlias

from ..engine.order import recomputed
from ..telling import formulas
from ..telling.drawable import traced
from ..telling.operands import uses
from ..telling.subject import Fact, Subject, renamed, subject_of
from ..telling.text import DIGITS, clean, columns, is_name, number
from ..value import Constant, Value

#: One result, a module or function that gives it for its inputs, or the error that stopped it.
Walkable: TypeAlias = Value | Callable[..., object] | Exception

#: A longer name that was made from a formula gives way to v1, v2, …
LONGEST_NAME = 9


@dataclass(frozen=True)
class Walk:
    """The nodes below ``output``, parents before children, with ids and names."""

    output: Value
    order: list[Value]
    ids: dict[Value, str]
    names: dict[Value, str]
    subject: Subject  # what a picture of it needs

    @classmethod
    def of(
        cls,
        what: Walkable,
        *inputs: object,
        expand: bool = False,
        parameters: Iterable[Value] = (),
        digits: int = DIGITS,
        complete: bool = False,
    ) -> Walk:
        """The walk through the graph of a Value, or of what a module or function gives.

        Unless it must be ``complete``, it ends where a function could not go on; the error that
        says so will do too. Raises ``TypeError`` unless there is one Value, ``ValueError`` where a
        leaf has changed since the graph was recorded: its steps would mix two points.

        >>> x = Value(3.0, label="x")
        >>> list(Walk.of((x * x + 1).exp()).names.values())
        ['x', 'x·x', '1', 'x·x + 1', 'y']
        """
        known = isinstance(what, Value | Exception) or callable(what)
        if known:
            trace, given = traced(what, inputs, complete, lines=True)
            output = trace.result
        if not known or not isinstance(output, Value):
            came = output if callable(what) else what
            raise TypeError(
                f"Steps lead to one Value; got a {type(came).__name__}. Give the result of a "
                f"computation, such as the loss; of a list one element: outputs[0]."
            )
        title = _title(what, output)
        subject = subject_of(trace, [output], title, parameters, given, expand, digits=digits)
        _check_recorded(subject.facts)
        subject = _named(subject)
        ids = {node: fact.key for node, fact in subject.facts.items()}
        return cls(subject.outputs[0], list(subject.facts), ids, _unique(subject), subject)

    def number(self, x: float) -> str:
        """A number with as many digits as these steps show."""
        return self.subject.number(x)

    @property
    def problem(self) -> str:
        """Why the last value could not be computed; nothing where it was."""
        return self.subject.refusal.told(self.names) if self.subject.refusal else ""

    def total(self, node: Value) -> str:
        """How the output changes with a node: dL/da."""
        return formulas.total(self.names[self.output], self.names[node])

    def local(self, node: Value) -> list[str]:
        """How a node changes with each of its operands: ∂b/∂a."""
        of, parents = self.names[node], node.parents
        return [
            formulas.local(of, self.names[parent], use)
            for parent, use in zip(parents, uses(parents), strict=True)
        ]


def _title(what: object, output: Value) -> str:
    name = clean(output.label) or (getattr(what, "__name__", "") if callable(what) else "")
    return clean(f"Computation graph{f' of {name}' if name else ''}", longest=80)


def _check_recorded(order: Iterable[Value]) -> None:
    for node, now in recomputed(tuple(order)).items():
        assert node.op is not None
        raise ValueError(
            f"A leaf below {node!r} has changed its data since the graph was recorded: "
            f"{node.op.name} gave {number(node.data)} then, {number(now)} now. Compute it again "
            f"after the change (or step through it before the optimiser's step)."
        )


def _named(subject: Subject) -> Subject:
    """v1, v2, … where the picture has no name or a long one, and ``y`` for an output without.

    dy/dv3 reads better than dy/d(x1·w1 + x2·w2).
    """
    facts, last = subject.facts.values(), subject.facts[subject.outputs[0]]
    total = Counter(fact.full_name for fact in facts)
    named = last if subject.refusal is None else None  # what comes after it has the name y
    nameless = [fact for fact in facts if fact is not named and _needs_a_name(fact, total)]
    taken = {fact.name for fact in set(facts).difference(nameless)}
    fresh = (name for i in count(1) if (name := f"v{i}") not in taken)
    given = {
        fact.value: fact.symbol or fact.name
        for fact in facts
        if clean(fact.value.label) or is_name(fact.name)
    }
    if named and not is_name(named.full_name) and not clean(named.value.label):
        free = [name for name in ("y", "L", "out") if name not in taken]
        given[named.value] = free[0] if free else next(fresh)
    return renamed(subject, given | {fact.value: next(fresh) for fact in nameless})


def _needs_a_name(fact: Fact, total: Mapping[str, int]) -> bool:
    name, node = fact.full_name, fact.value
    formula = node.op is not None and not clean(node.label) and not is_name(name)
    return not name or (formula and (columns(name) > LONGEST_NAME or total[name] > 1))


def _unique(subject: Subject) -> dict[Value, str]:
    """Names that occur twice, qualified: by the module, ``layer2.neuron1.w1``, or ``w (2)``.

    Numbers may repeat, as they do on paper.
    """
    names = {node: fact.symbol or fact.full_name for node, fact in subject.facts.items()}
    free = {node for node in names if isinstance(node, Constant) and not clean(node.label)}
    total = Counter(name for node, name in names.items() if node not in free)
    seen: Counter[str] = Counter()
    for node, name in names.items():
        if node in free or total[name] == 1:
            continue
        path = subject.facts[node].home.path
        calls = [call.name for call in path]
        if len(calls) > 1 and calls[0] == type(path[0].module).__name__:
            del calls[0]  # "MLP", when the network is called by a loss function
        around = ".".join(calls)
        if not name.startswith(f"{around}."):  # a parameter's name may say it all
            name = f"{around}.{name}" if calls else name
        seen[name] += 1
        names[node] = name if seen[name] == 1 else f"{name} ({seen[name]})"
    return names


def edges_of(node: Value, identifier: str) -> dict[str, tuple[Value, float]]:
    """Edge → (parent, local derivative), one for each operand; ``x * x`` has two."""
    pairs = zip(node.parents, node.partials, strict=True)
    return {f"{identifier}-{k}": pair for k, pair in enumerate(pairs)}
