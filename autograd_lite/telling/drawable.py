"""What can be drawn and stepped through, and what it computes from its inputs.

Next: ``subject.py``.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from ..engine.comparisons import Purpose, recording
from ..value import Value
from .again import remembered
from .homes import Trace, values_in, watch
from .lines import Lines
from .refusal import refusal_of
from .text import count

#: A result, several, a module or function that gives them for its inputs, or the error of an
#: operation that has no answer.
Drawable: TypeAlias = Value | Iterable[Value] | Callable[..., object] | Exception


def traced(
    what: object, inputs: Sequence[object], complete: bool = False, lines: bool = False
) -> tuple[Trace, dict[Value, str]]:
    """What was calculated by which module, and names for the inputs that have none.

    Unless it must be ``complete``, a function without an answer is traced as far as it went. The
    ``lines`` that made its values are known if asked for.
    """
    if isinstance(what, Exception):
        if complete:
            raise what
        refusal = refusal_of(what)
        if refusal is None:
            raise TypeError(
                f"The error of an operation without an answer can be drawn; this one, a "
                f"{type(what).__name__}, is none: {what}"
            )
        trace = remembered(refusal.node)
        trace.refusal = refusal
        if lines:
            follower = Lines()
            follower.stopped(what, refusal.node)
            trace.lines = follower.texts()
        return trace, {}
    if not callable(what):
        if inputs:
            raise TypeError(
                f"draw(value, …) takes no inputs; got a {type(what).__name__} and "
                f"{count(len(inputs), 'input')}. To draw several values, give a list."
            )
        return remembered(what), {}
    arguments = [_as_values(argument) for argument in inputs]
    with recording(values_in(arguments), Purpose.PICTURE):
        trace = watch(what, arguments, complete, lines)
    names = {
        value: name
        for argument, given in zip(arguments, _argument_names(what, arguments), strict=True)
        for value, name in _numbered(values_in(argument), given)
        if not value.label
    }
    return trace, names


def _as_values(argument: object) -> object:
    """The argument with Values in place of bare numbers."""
    if type(argument) is list:
        return list(map(_as_values, argument))
    if type(argument) is tuple:
        return tuple(map(_as_values, argument))
    if hasattr(argument, "tolist"):  # an array, or one of its numbers
        return _as_values(argument.tolist())
    return Value(argument) if type(argument) is int or type(argument) is float else argument


def _argument_names(function: Callable[..., object], arguments: list[object]) -> list[str]:
    """What the function calls its arguments."""
    try:
        bound = inspect.signature(function).bind(*arguments)
    except (TypeError, ValueError):  # some callables written in C have no signature
        return ["x"] * len(arguments)
    names: list[str] = []
    for name, value in bound.arguments.items():
        several = bound.signature.parameters[name].kind is inspect.Parameter.VAR_POSITIONAL
        names += _places(name, len(value)) if several else [name]
    return names


def _numbered(values: list[Value], name: str) -> list[tuple[Value, str]]:
    return list(zip(values, _places(name, len(values)), strict=True))


def _places(name: str, n: int) -> list[str]:
    """``xs`` of three are called x1, x2, x3; one is called what it is."""
    stem = name.removesuffix("s") if len(name) > 1 else name
    return [f"{stem}{i}" for i in range(1, n + 1)] if n > 1 else [name]
