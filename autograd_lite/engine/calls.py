"""How rows are called: one maker of plain functions for each kind.

A row's ``__call__`` is a function of its own name, so that a message about a call with wrong
arguments names it: ``tanh() missing 1 required positional argument: 'x'``.

Next: ``kinds.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from .inputs import listed

Function = TypeVar("Function", bound=Callable[..., Any])


def titled(call: Function, name: str) -> Function:
    call.__name__ = call.__qualname__ = name
    return call


def takes_one(op: Any) -> Callable[..., Any]:
    def call(x: Any) -> Any:
        if type(x) is float:
            return op.of_floats(x)
        return op.record(x) if op.recorder is None else op.recorder(x)

    return call


def takes_two(op: Any) -> Callable[..., Any]:
    def call(x: Any, y: Any, *others: Any) -> Any:
        if others:
            raise TypeError(_too_many(op.name, len(others) + 2))
        if isinstance(x, int | float) and isinstance(y, int | float):
            return op.of_floats(float(x), float(y))
        return op.record(x, y)

    return call


def takes_many(op: Any) -> Callable[..., Any]:
    def call(xs: Any, *others: Any) -> Any:
        if others:
            raise TypeError(put_into_one_list(op.name, len(others) + 1))
        return op.record(listed(xs, op.name, at_least=op.name not in ("sum", "prod")))

    return call


def takes_a_choice(op: Any) -> Callable[..., Any]:
    def call(condition: Any, x: Any, y: Any) -> Any:
        if getattr(condition, "shape", None) == ():  # what comparing NumPy's numbers gives
            condition = condition.item()
        return op.record((float(condition) if isinstance(condition, bool) else condition, x, y))

    return call


KNOWN = frozenset((list, tuple))  # about which there is nothing to ask


def takes_pairs(op: Any) -> Callable[..., Any]:
    def call(ws: Any, xs: Any, bias: Any = None) -> Any:
        ws = tuple(ws) if type(ws) in KNOWN else listed(ws, op.name, at_least=False, lists=2)
        xs = tuple(xs) if type(xs) in KNOWN else listed(xs, op.name, at_least=False, lists=2)
        if len(ws) != len(xs):
            raise ValueError(
                f"{op.name}(ws, xs) pairs each weight with one operand; got {len(ws)} weights and "
                f"{len(xs)} operands. Give two sequences of one length."
            )
        return op.record(ws if bias is None else (*ws, bias), xs)

    return call


# --- what is said of too many arguments, where Python's own words would not help ------------------

NESTED = ("minimum", "maximum", "logaddexp", "hypot")  # f(f(x, y), z) is that of three


def _too_many(name: str, given: int) -> str:
    nested = f" Nest the calls: {name}({name}(x, y), z)." if name in NESTED else ""
    return f"{name} takes two operands, {name}(x, y); got {given} arguments.{nested}"


def put_into_one_list(name: str, given: int) -> str:
    return (
        f"{name} takes its operands in one list, {name}([x, y]); got {given} arguments. Put them "
        f"into one list."
    )


def name_of(f: object) -> str:
    """Its own name, that of its row in the table or of what a partial calls, else of its class.

    >>> from functools import partial
    >>> from autograd_lite import tanh
    >>> [name_of(f) for f in (len, tanh, partial(pow, 2))]
    ['len', 'tanh', 'pow']
    """
    known = f.func if isinstance(f, partial) else f
    own = getattr(known, "__name__", None) or getattr(known, "name", None)
    return own if isinstance(own, str) else type(known).__name__
