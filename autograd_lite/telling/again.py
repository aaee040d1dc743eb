"""Which module made which node of a graph that is there? Its modules are called once more.

The results of a module know the call that gave them. What it gives again has the shape that is in
the graph: the two are laid upon one another node by node, and what was watched the second time is
known of the first. A module that computes otherwise now, by chance or by what it counts, gets no
box.

Next: ``drawable.py``.
"""

from __future__ import annotations

import contextlib
import copy
import io
import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..engine.node import call_of
from ..engine.order import topological_order
from ..value import Constant, Value
from .homes import Trace, is_module, number_repetitions, values_in, watch


def remembered(what: object) -> Trace:
    """What modules did in the graph of a Value, or of several, as ``watch`` would have seen it.

    >>> from autograd_lite.nn import MLP
    >>> model = MLP(2, [2, 1])
    >>> loss = (model([1.0, 2.0]) - 1.0) ** 2
    >>> [call.title for call in remembered(loss).top.walk()]
    ['', 'MLP', 'Layer 1', 'Neuron 1', 'Neuron 2', 'Layer 2', 'Neuron 1']
    """
    trace = Trace(result=what)
    order = topological_order(*values_in(what))
    calls: dict[tuple[int, ...], list[Value]] = {}  # and the results of each
    for node in reversed(order):
        if call := call_of(node):
            calls.setdefault(tuple(map(id, call)), []).append(node)
    for results in calls.values():
        while results and results[0] not in trace.owner:
            found = _call_again(trace, results)
            results = [node for node in results[1:] if node not in found]
    number_repetitions(trace.top)
    return trace


def _call_again(trace: Trace, results: list[Value]) -> dict[Value, Value]:
    """Note what a call made: the first of these results, and all others that fit beside it."""
    module, named, *arguments = call_of(results[0]) or (None, None)
    again = _watched(module and module(), arguments, named or {})
    twins: dict[Value, Value] = {}  # of what was made again, in the graph
    for result in results:
        fits = (_laid(made, result, twins) for made in values_in(again.result))
        twins |= next((more for more in fits if more is not None), {})
        if not twins:
            return {}
    originals = _originals(again, module and module())
    for inner in again.top.walk():
        inner.module = originals.get(id(inner.module), inner.module)
        inner.results = [twins[value] for value in inner.results if value in twins]
        inner.given = {twins.get(value, value) for value in inner.given}
    for made, inner in again.owner.items():
        if made in twins:
            trace.owner.setdefault(twins[made], inner)
    for inner in again.top.calls:
        inner.parent = trace.top
    trace.top.calls[:0] = again.top.calls  # those of later results came first
    return {there: made for made, there in twins.items()}


def _watched(module: Any, arguments: Sequence[Any], named: Mapping[str, Any]) -> Trace:
    """The call of a copy that shares its parameters, so that whatever it counts stays as it is."""
    if module is None:  # it is gone
        return Trace()
    state = random.getstate()
    try:
        shared = {id(value): value for value in values_in(list(_attributes(module)))}
        twin = copy.deepcopy(module, shared)
        with contextlib.redirect_stdout(io.StringIO()):
            return watch(lambda: twin(*arguments, **named), [], complete=True)
    except Exception:  # a picture is drawn, with or without boxes
        return Trace()
    finally:
        random.setstate(state)


def _originals(again: Trace, module: Any) -> dict[int, Any]:
    """The parts of the module by the identity of their copies."""
    parts: dict[int, Any] = {}
    for call in again.top.calls:
        twins = call.module.named_modules() if is_module(call.module) else ()
        pairs = zip(twins, module.named_modules(), strict=False)
        parts |= {id(twin): part for (_, twin), (_, part) in pairs}
    return parts


def _attributes(module: Any) -> Iterator[Any]:
    for _, part in module.named_modules():
        yield from vars(part).values()


def _laid(made: Value, there: Value, before: Mapping[Value, Value]) -> dict[Value, Value] | None:
    """Which node below ``there`` each one below ``made`` is; None where the two differ."""
    twins: dict[Value, Value] = {}
    stack = [(made, there)]
    while stack:
        new, old = stack.pop()
        known = twins.get(new) or before.get(new)
        if known is not None:
            if known is not old:
                return None
        elif new is old or (type(new) is Constant and type(old) is Constant):
            twins[new] = old
        elif new.op is not None and new.op is old.op and len(new.parents) == len(old.parents):
            twins[new] = old
            stack.extend(zip(new.parents, old.parents, strict=True))
        else:
            return None
    return twins
