"""Which module made which node? Watch the modules at work.

While a function runs under ``watch``, Python's profiling hook reports every call; a call whose
``self`` is a module opens a ``Call``, and what is reachable from its result, but not from what it
was given, was made by it. Inner calls end first, so a node belongs to the innermost one. Values
need not know of modules for this, and when nobody watches it costs nothing.

What is glossed over: a value that a module neither received nor holds in an attribute, but found
in a global variable, is taken for its own work.

Next: ``again.py``.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from traceback import walk_tb
from types import FrameType
from typing import Protocol, TypeGuard

from ..engine.order import topological_order
from ..value import Value
from .lines import Lines
from .refusal import Refusal, refusal_of
from .text import clean


class ModuleLike(Protocol):
    """A network or a part of one, whoever wrote its class."""

    def named_parameters(self) -> Iterable[tuple[str, Value]]: ...
    def named_modules(self) -> Iterable[tuple[str, object]]: ...


@dataclass(eq=False)
class Call:
    """One call of a module, or (without parent) of the function that was watched."""

    module: object = None  # or the function, of the call without parent and of the rest
    name: str = ""  # "neuron2"; what the module is called in the one around it
    title: str = ""  # "Neuron 2"
    parent: Call | None = None
    given: set[Value] = field(default_factory=set)  # arguments; only ever asked for membership
    results: list[Value] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)

    @property
    def about(self) -> str:
        """What the module says of itself; a function would only tell its address."""
        return clean(repr(self.module), longest=80) if is_module(self.module) else self.name

    @property
    def path(self) -> list[Call]:
        """The calls around this one and itself, outermost first, without the watched function."""
        path = []
        call: Call | None = self
        while call is not None and call.parent is not None:
            path.append(call)
            call = call.parent
        return path[::-1]

    def walk(self) -> Iterator[Call]:
        """This call and all within it, outer before inner."""
        stack = [self]
        while stack:
            call = stack.pop()
            yield call
            stack.extend(reversed(call.calls))


@dataclass
class Trace:
    """What ``watch`` saw: the calls, and for each node the call that made it."""

    top: Call = field(default_factory=Call)
    owner: dict[Value, Call] = field(default_factory=dict)
    result: object = None
    lines: dict[Value, str] = field(default_factory=dict)  # that made them, where that is known
    refusal: Refusal | None = None  # where the function went no further; its node is the result

    def parameters(self) -> dict[Value, str]:
        """The parameters of all modules that were called, with their names."""
        found: dict[Value, str] = {}
        for call in self.top.walk():
            if is_module(call.module) and (call.parent is None or call.parent.module is None):
                for name, parameter in call.module.named_parameters():
                    found.setdefault(parameter, name)
        return found


def watch(
    function: Callable[..., object],
    arguments: Iterable[object],
    complete: bool = False,
    lines: bool = False,
) -> Trace:
    """Call the function and see which module makes which node.

    Where arithmetic without an answer stops it, the result is the node that could not be made,
    unless what is asked for must be ``complete``. The ``lines`` of the program are known where they
    are asked for.
    A profiler that was at work before goes on afterwards.

    >>> from autograd_lite.nn import MLP
    >>> x = [Value(1.0), Value(2.0)]
    >>> trace = watch(MLP(2, [2, 1]), [x])
    >>> [call.title for call in trace.top.walk()]
    ['', 'Layer 1', 'Neuron 1', 'Neuron 2', 'Layer 2', 'Neuron 1']
    """
    watcher = _Watcher()
    before = sys.getprofile()
    sys.setprofile(watcher)
    trace, follower = watcher.trace, Lines()
    try:
        with follower if lines else nullcontext():
            result = function(*arguments)
    except (ArithmeticError, ValueError) as error:
        sys.setprofile(before)
        trace.refusal = None if complete else refusal_of(error)
        if trace.refusal is None:
            raise
        result = trace.refusal.node
        watcher.stopped(error, trace.refusal.node)
        follower.stopped(error, trace.refusal.node)
    finally:
        sys.setprofile(before)
    trace.result, trace.lines = result, follower.texts()
    top = trace.top
    if is_module(function) and [call.module for call in top.calls] == [function]:
        top = trace.top = top.calls[0]
        top.parent, top.title = None, ""
    watcher.own(top, values_in(result))
    for call in top.walk():
        number_repetitions(call)
    _gather_the_rest(trace, function)
    return trace


def is_module(thing: object) -> TypeGuard[ModuleLike]:
    """Whether it is a network or a part of one: whether it can list its parameters and parts."""
    return all(
        callable(getattr(type(thing), method, None))
        for method in ("named_parameters", "named_modules")
    )


def values_in(thing: object) -> list[Value]:
    """The Values in nested lists, tuples, dicts and arrays."""
    found: list[Value] = []
    stack = [thing]
    while stack:
        item = stack.pop()
        if isinstance(item, Value):
            found.append(item)
        elif isinstance(item, dict):
            stack.extend(reversed(item.values()))
        elif isinstance(item, list | tuple):
            stack.extend(reversed(item))
        elif getattr(getattr(item, "dtype", None), "kind", "") == "O" and hasattr(item, "tolist"):
            stack.append(item.tolist())  # a NumPy array of Values
    return found


class _Watcher:
    """The profiling hook: Python calls it with every call and return of a Python function."""

    def __init__(self) -> None:
        self.trace = Trace()
        self.open: list[tuple[FrameType, Call, bool]] = []  # frame, call, whether it began there
        self.held: dict[Call, set[Value]] = {}
        self.names: dict[int, str] = {}
        self.ended: list[tuple[FrameType, Call]] = []  # those that gave nothing, inner ones first

    def __call__(self, frame: FrameType, event: str, result: object) -> None:
        if event == "call":
            code = frame.f_code
            if code.co_argcount and code.co_varnames[0] == "self":
                module = frame.f_locals.get("self")
                if is_module(module):
                    self._begin(frame, module)
        elif event == "return" and self.open and self.open[-1][0] is frame:
            _, call, began = self.open.pop()
            if began:
                self._end(call, result)
                self.ended += [(frame, call)] if result is None else []

    def _begin(self, frame: FrameType, module: ModuleLike) -> None:
        around = self.open[-1][1] if self.open else self.trace.top
        if around.module is module:  # ``super().__call__(x)``, a helper method
            self.open.append((frame, around, False))
            return
        if not self.open:
            self.names |= {id(part): name for name, part in module.named_modules()}
        path = clean(self.names.get(id(module), ""))
        name = path.rpartition(".")[2] or type(module).__name__
        given = set(values_in(list(frame.f_locals.values())))
        call = Call(module, name, title_of(name), around, given)
        # nodes it holds already, such as the state of a recurrent cell, are not its work either
        held = [value for value in values_in(list(vars(module).values())) if value.op is not None]
        self.held[call] = set(held)
        self.open.append((frame, call, True))

    def _end(self, call: Call, result: object) -> None:
        made = self.own(call, values_in(result))
        assert call.parent is not None
        if made or call.calls:
            call.parent.calls.append(call)

    def stopped(self, error: Exception, node: Value) -> None:
        """The calls that an error ended worked on the node that could not be made."""
        frames = {frame for frame, _ in walk_tb(error.__traceback__)}
        for frame, call in self.ended:
            if frame in frames and call.parent is not None:
                self.own(call, [node])
                if call not in call.parent.calls:
                    call.parent.calls.append(call)

    def own(self, call: Call, results: list[Value]) -> bool:
        """Note what a call made; whether that was anything."""
        owner, before = self.trace.owner, call.given | self.held.get(call, set())
        call.results = [value for value in results if value.op is not None]
        stack, made = list(call.results), False
        while stack:
            value = stack.pop()
            if value.op is not None and value not in owner and value not in before:
                owner[value] = call
                made = True
                stack.extend(value.parents)
        return made


def title_of(name: str) -> str:
    """A module's name as a heading.

    >>> title_of("neuron12"), title_of("encoder"), title_of("output_head"), title_of("MLP")
    ('Neuron 12', 'Encoder', 'Output head', 'MLP')
    """
    words = re.sub(r"(?<=[A-Za-z])(\d+)$", r" \1", name.replace("_", " ").strip())
    return words[:1].upper() + words[1:]


def number_repetitions(call: Call) -> None:
    """A module that is called again, as a recurrent cell is, gets a number each time."""
    total = Counter(id(inner.module) for inner in call.calls)
    seen: Counter[int] = Counter()
    for inner in call.calls:
        seen[id(inner.module)] += 1
        if total[id(inner.module)] > 1:
            inner.title += f" · call {seen[id(inner.module)]}"


def _gather_the_rest(trace: Trace, function: Callable[..., object]) -> None:
    """What a function makes of the results of its modules is a part of its own: the loss."""
    name = getattr(function, "__name__", "")
    if is_module(function) or not trace.top.calls or not name.isidentifier():
        return
    rest = Call(function, name, title_of(name), trace.top)
    before: set[Value] = set()  # what a module builds on
    order = topological_order(*values_in(trace.result))
    for value in reversed(order):
        call = trace.owner.get(value, trace.top)
        if value.op is not None and (call is not trace.top or value in before):
            before.update(value.parents)
        elif call is trace.top and value.op is not None:
            trace.owner[value] = rest
            rest.results.append(value)
    if rest.results:
        rest.results = [value for value in values_in(trace.result) if value in set(rest.results)]
        trace.top.calls.append(rest)


def homes(order: list[Value], owner: dict[Value, Call], top: Call) -> dict[Value, Call]:
    """The call in whose box each value is drawn.

    A node is at home where it was made. A leaf is at home where it is used, in the innermost call
    around all its uses that was not given it from outside.
    """
    home = {value: owner.get(value, top) for value in order if value.op is not None}
    for value in order:
        for parent in value.parents:
            if parent.op is None:
                here = home[value]
                home[parent] = _around(home[parent], here, top) if parent in home else here
    for value in order:
        call = home.setdefault(value, top)
        if value.op is None:
            for outer in reversed(call.path):  # innermost first
                if value in outer.given and outer.parent is not None:
                    home[value] = outer.parent
    return home


def _around(one: Call, other: Call, top: Call) -> Call:
    """The innermost call around both."""
    shared = top
    for a, b in zip(one.path, other.path, strict=False):
        if a is not b:
            break
        shared = a
    return shared
