"""``primitive``: the door for an operation of one's own, with its rule.

A row made here is what a row of ``ops.py`` is: it takes numbers and Values, its derivative is a
graph, it is compiled, drawn, stepped and pickled. What ``ops.py`` can trust is asked here: that
there is a local derivative for each operand, that numbers come out, that the form says what the
function does.

A rule that calls ``math`` can be read with numbers alone. It serves for first derivatives, and its
slopes become nodes whose own slopes nobody knows: a second derivative is an error, and no zero.

Next: ``engine/__init__.py``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from inspect import Parameter, signature
from typing import Any, Protocol, overload

from . import derived
from .engine.given import Given, Unknown
from .engine.groups import is_node, number_of
from .engine.ieee import evaluate
from .engine.inputs import real
from .engine.kinds import Binary, Unary
from .engine.primitive import TABLE, Interval, Primitive, Rule
from .engine.symbols import Symbol
from .languages.form import ATOM
from .languages.javascript import javascript
from .languages.numpy import numpy
from .value import Value

__all__ = ["primitive"]

#: Where a function is tried that does not say its domain, and the places in an interval.
INTERVALS: tuple[Interval, ...] = ((-10.0, 10.0), (0.1, 10.0), (-0.9, 0.9), (1.1, 10.0))
PLACES = (0.03, 0.68), (0.3, 0.3), (0.52, 0.97), (0.68, 0.03), (0.97, 0.52)  # of two operands
CLOSE = 1e-6

#: Where the function of each row made here was defined, so that a notebook's cell may run again.
HOMES: dict[str, tuple[str, str]] = {}


class Maker(Protocol):
    """What ``primitive(rule)`` is: it takes the function, of one number or of two."""

    @overload
    def __call__(self, compute: Callable[[float], float]) -> Unary: ...
    @overload
    def __call__(self, compute: Callable[[float, float], float]) -> Binary: ...


def primitive(
    rule: Rule,
    *,
    form: str = "",
    symbol: str = "",
    domain: Sequence[Interval] = (),
    defined: str = "",
    edges: Rule | None = None,
    chooses: bool = False,
    poles: bool = False,
) -> Maker:
    """Make a function of one or two floats an operation on Values, by its local derivatives.

    ``rule`` takes the value ``z`` and the operands, and returns one local derivative per operand,
    in a tuple. Written with autograd_lite's functions (``cos`` for ``math.cos``, ``where`` for
    ``if``) it can itself be differentiated. ``form`` is the value as an expression of them: with it
    programs and pages compute the operation too. ``symbol`` is what pictures show; ``domain`` has
    an interval per operand, where the function is tried; the others are those of a row of
    ``ops.py`` (``autograd_lite.engine.primitive.Primitive``).

    Raises ``TypeError`` or ``ValueError`` where the pieces do not fit, and for a name that is
    taken; a function may be defined again, as when a notebook's cell runs again.

    >>> from autograd_lite import Value, gradient, primitive, sech, square
    >>> @primitive(lambda z, x: (0.1 + square(sech(x)),), form="0.1 * x + tanh(x)")
    ... def leaky_tanh(x: float) -> float:
    ...     return 0.1 * x + math.tanh(x)
    >>> x = Value(0.0)
    >>> (slope,) = gradient(leaky_tanh(x), [x])
    >>> slope.data, leaky_tanh(0.0), leaky_tanh
    (1.1, 0.0, <primitive leaky_tanh>)
    """
    if not callable(rule) or isinstance(rule, Primitive):
        raise TypeError(f"primitive(rule) takes a rule, lambda z, x: (...,); got {rule!r}.")

    def make(compute: Any) -> Any:
        name, arity = _name(compute), _arity(compute)
        kind, operands = (Unary, ("x",)) if arity == 1 else (Binary, ("x", "y"))
        values, slopes = Computed(name, operands, compute), Slopes(name, operands, rule)
        slopes.has_edges = edges is not None
        op = kind(
            name, symbol or name, values, slopes, form=form, defined=defined, poles=poles,
            domain=_domain(name, values, domain), chooses=chooses,
            edges=Slopes(name, operands, edges) if edges else None,
        )  # fmt: skip
        _try(op, slopes)
        HOMES[name] = compute.__module__, compute.__qualname__
        TABLE.own[name] = op
        return op

    return make


# --- the function and the rule, with what they give asked for -------------------------------------


class Computed:
    """The function; what it gives is one real number."""

    def __init__(self, name: str, operands: tuple[str, ...], function: Callable[..., Any]) -> None:
        self.function, self.operands = function, operands
        self.claim = f"{name}({', '.join(operands)}) returns"

    def __call__(self, *xs: float) -> float:
        z = self.function(*xs)
        return z if type(z) is float else real(z, self.claim)


class Slopes:
    """The rule; what it gives are numbers for numbers, one for each operand."""

    has_edges = False

    def __init__(self, name: str, operands: tuple[str, ...], rule: Rule) -> None:
        self.name, self.operands, self.rule = name, operands, rule
        self.__name__ = ""  # no function that a page has
        self.unreadable = ""  # why it reads numbers alone
        try:
            self.rule(*map(Symbol, ("z", *operands)))
        except Exception as error:
            self.unreadable = str(error).replace("Symbol", "Value") or repr(error)

    def __call__(self, z: Any, *operands: Any) -> tuple[Any, ...]:
        if self.unreadable and any(map(is_node, operands)):
            return self._as_nodes(z, operands)
        found = self.rule(z, *operands)
        if type(found) is not tuple or len(found) != len(operands):
            came = f"{len(found)} in a tuple" if isinstance(found, tuple) else repr(found)
            wanted = ", ".join(f"∂{self.name}/∂{x}" for x in self.operands)
            raise TypeError(
                f"The rule of {self.name} returns one local derivative per operand, in a tuple; "
                f"got {came}. Write lambda z, {', '.join(self.operands)}: ({wanted},)."
            )
        if all(type(x) is float for x in found):
            return found
        claim = f"Each local derivative of {self.name} is"
        return tuple([x if is_node(x) or type(x) is Symbol else real(x, claim) for x in found])

    def _as_nodes(self, z: Any, operands: tuple[Any, ...]) -> tuple[Any, ...]:
        """The slopes as nodes with unknown slopes of their own: nobody takes them for constants."""
        numbers = tuple(map(number_of, operands))
        try:
            found = self(number_of(z), *numbers)
        except (ArithmeticError, ValueError) as error:
            if self.has_edges:
                return (math.nan,) * len(operands)
            raise ValueError(
                f"The rule of {self.name} has no answer at {numbers}: {error}. Say the limit there "
                f"with edges=lambda z, {', '.join(self.operands)}: (...,)."
            ) from None
        unknown = NotImplementedError(
            f"The rule of {self.name} reads numbers alone ({self.unreadable}), so nobody knows how "
            f"its slopes change. {READABLE}"
        )
        slopes = [Given(f"∂{self.name}", numbers, x, Unknown(unknown)) for x in found]
        return tuple([op.record(operands) for op in slopes])


READABLE = (
    "Write the rule with autograd_lite's functions: cos for math.cos or numpy.cos, "
    "where(step(x), a, b) for if x > 0."
)


# --- what is asked of them when they come ---------------------------------------------------------


def _name(compute: Any) -> str:
    if is_node(compute) or not callable(compute) or isinstance(compute, Primitive):
        raise TypeError(
            f"primitive(rule) takes the function of floats that computes the value; got "
            f"{compute!r}. Write @primitive(lambda z, x: (...,)) over its def."
        )
    name: str = getattr(compute, "__name__", "")
    if not name.isidentifier():
        raise ValueError(f"A primitive has the name of its function; {name!r} is none. Use def.")
    if name not in TABLE.own and (name in TABLE or hasattr(Value, name) or name in derived.__all__):
        raise ValueError(f"autograd_lite has {name!r} already. Give your function another name.")
    if name in TABLE.own and HOMES[name] != (compute.__module__, compute.__qualname__):
        raise ValueError(
            f"There is a primitive {name!r} already, from {'.'.join(HOMES[name])}; pickles find a "
            f"primitive by its name. Give this function another one."
        )
    return name


def _arity(compute: Any) -> int:
    """How many operands the function takes: its parameters that have no default."""
    known = signature(compute).parameters.values()
    plain = [p for p in known if p.default is Parameter.empty]
    positional = Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD
    if len(plain) not in (1, 2) or any(p.kind not in positional for p in plain):
        raise TypeError(
            f"A primitive takes one or two numbers; {compute.__name__}{signature(compute)} does "
            f"not. Write a function of more with operations on Values: it needs no rule."
        )
    return len(plain)


def _domain(name: str, values: Computed, domain: Sequence[Interval]) -> tuple[Interval, ...]:
    """Intervals in which the function has a value; they are tried out where none are given."""
    n = len(values.operands)
    candidates = [tuple(domain)] if domain else [(interval,) * n for interval in INTERVALS]
    try:
        fits = len(candidates[0]) == n and all(low < high for low, high in candidates[0])
    except TypeError:
        fits = False
    if not fits:
        raise ValueError(
            f"domain has an interval for each operand of {name}, {_intervals(n)}; got {domain!r}."
        )
    best = 0
    for candidate in candidates:
        finite = sum(_value(values, xs) is not None for xs in _samples(candidate))
        if finite > best:
            best, chosen = finite, candidate
        if best == len(PLACES):
            break
    if not best:
        raise ValueError(
            f"{name} has no finite value in {candidates[0]}. Say where it has one: "
            f"domain={_intervals(n)}."
        )
    return chosen


def _intervals(n: int) -> str:
    return "((low, high),)" if n == 1 else "((low, high), (low, high))"


def _samples(domain: tuple[Interval, ...]) -> list[tuple[float, ...]]:
    """Few, since the function may take its time."""
    pairs = [zip(domain, places, strict=False) for places in PLACES]
    return [tuple([low + p * (high - low) for (low, high), p in pair]) for pair in pairs]


def _value(values: Computed, xs: tuple[float, ...]) -> float | None:
    try:
        z = values(*xs)
    except (ArithmeticError, ValueError):
        return None
    return z if math.isfinite(z) else None


def _try(op: Primitive, slopes: Slopes) -> None:
    """Ask the rule and the form at the samples of the domain."""
    if op.form:
        _try_to_print(op)
        if slopes.unreadable:
            raise TypeError(
                f"A form is there for programs, and they need a rule that is more than numbers; "
                f"that of {op.name} is none ({slopes.unreadable}). {READABLE}"
            )
    for xs in _samples(op.domain):
        z = op.finite(*xs)
        if z is None:
            continue
        with suppress(ArithmeticError, ValueError):  # a pole, or a place for edges
            op.rule(z, *xs)
        if op.form:
            form = evaluate(op.form, dict(zip(op.operands, xs, strict=True)), TABLE)
            if not math.isclose(form, z, rel_tol=CLOSE, abs_tol=CLOSE):
                raise ValueError(
                    f"The form of {op.name} is another function: at {xs} {op.form!r} is {form!r}, "
                    f"and {op.name} {z!r}."
                )


def _try_to_print(op: Primitive) -> None:
    operands = [(name, ATOM) for name in op.operands]
    try:
        for language in (numpy, javascript):
            language.applied(op, operands)
        evaluate(op.form, dict.fromkeys(op.operands, 0.5), TABLE)
    except (SyntaxError, NotImplementedError, LookupError, TypeError, ValueError) as error:
        raise ValueError(
            f"The form of {op.name}, {op.form!r}, cannot be printed: {error} A form has the "
            f"operands {', '.join(op.operands)}, numbers, + - * /, comparisons within where(), and "
            f"functions of autograd_lite by name: pow(x, 2) for x ** 2, exp(x) for math.exp(x)."
        ) from None
