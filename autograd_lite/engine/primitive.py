"""``Primitive``: what a row of the table is, what it gives, and where it is found.

A row knows numbers and no Values. It computes floats itself; where an operand is no number, the
row asks that operand how it is applied (``_apply``), as NumPy's functions ask ``__array_ufunc__``.

Next: ``calls.py``.
"""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable, Iterator
from functools import cache
from types import CodeType, FunctionType
from typing import Any, ClassVar, TypeAlias

from . import calls
from .core import in_c
from .groups import as_tuple, data_of, mapped
from .ieee import ANSWERS, evaluate
from .inputs import REAL, real
from .undefined import all_finite, arithmetic, undefined

Rule: TypeAlias = Callable[..., tuple[Any, ...]]
Interval: TypeAlias = tuple[float, float]


def first_operand(groups: tuple[Any, ...]) -> Any:
    """The first operand that is no number: it knows how a row is applied to it."""
    for group in groups:
        for x in group if type(group) is tuple else (group,):
            if hasattr(x, "_apply"):
                return x
    return None


class Primitive:
    """One row of the table: a differentiable operation on real numbers.

    ======== =====================================================================
    name     what NumPy or PyTorch calls it; with ``args`` it is unique
    symbol   what pictures and texts show
    compute  floats → float; raises where there is no real answer
    rule     ``(z, *operands)`` → one local derivative each, for floats and Values
    defined  the condition for a real answer, for error messages
    edges    the local derivatives where the rule's formula has no value (0/0, 0·∞); a NaN
             among them leaves the formula's
    domain   where the tests sample each operand
    chooses  whether a slope of 0 means that a piece is not chosen, so that nothing passes there
    pointed  whether the edges are at a tip, where slopes are 0 by agreement and bend without limit
    poles    whether a slope may be infinite where the value is finite, without an error
    form     the value as an expression of other rows; none where every language has the function
    args     fixed numbers that belong to the operation (the 3 of ``x ** 3``)
    ======== =====================================================================

    ``on_floats`` is the same rule for floats alone: the rows that it names mean the functions they
    compute. ``square(sech(x))`` then calls two functions of floats, in half the time of two rows.
    Where one of them has no answer it raises, and the rule is read again with Values.

    Calling a row applies it: to floats it gives a float, with a Value among them a Value. Where
    there is no real answer, floats get the same message, and the same ∞ or NaN, as Values.

    >>> from autograd_lite.ops import tanh
    >>> tanh(0.0), tanh.rule(0.0, 0.0), tanh.on_floats(0.0, 0.0)
    (0.0, (1.0,), (1.0,))
    """

    arity: ClassVar[int | None]
    operands: ClassVar[tuple[str, ...]]
    weighted: ClassVar[bool] = False  # whether each operand of one group weighs one of the other

    maker: ClassVar[Any]  # of the function that calls a row of this kind

    # A function in the slot ``__call__`` is called without ``self``, and by the name of the row.
    __slots__ = (
        "__call__", "_on_floats", "args", "chooses", "compute", "defined", "domain",
        "edges", "form", "name", "pointed", "poles", "recorder", "rule", "symbol",
    )  # fmt: skip

    def __init__(
        self,
        name: str,
        symbol: str,
        compute: Callable[..., float],
        rule: Rule,
        *,
        form: str = "",
        domain: tuple[Interval, ...] = ((-10.0, 10.0),),
        defined: str = "",
        edges: Rule | None = None,
        chooses: bool = False,
        poles: bool = False,
        pointed: bool = False,
        args: tuple[float, ...] = (),
    ) -> None:
        self.name = name
        self.symbol = symbol
        self.compute = compute
        self.rule = rule
        self.form = form
        self.domain = domain
        self.defined = defined
        self.edges = edges
        self.chooses = chooses
        self.poles = poles
        self.pointed = pointed
        self.args = args
        self._on_floats: Rule | None = None
        #: How it is recorded; kept here by the operands' class, which knows.
        self.recorder: Callable[..., Any] | None = None
        self.__call__ = calls.titled(type(self).maker(self), name)

    def __repr__(self) -> str:
        return f"<primitive {self.name}{self.args or ''}>"

    def __reduce__(self) -> tuple[Any, ...]:
        if TABLE.own.get(self.name, self) is not self:
            raise ValueError(
                f"A pickle finds {self.name} by its name, and a function made since has that name "
                f"now. Make the graph again; operations made in a loop need names of their own."
            )
        return lookup, (self.name, self.args)

    def __deepcopy__(self, memo: object) -> Primitive:
        return self

    @property
    def on_floats(self) -> Rule:
        if self._on_floats is None:
            self._on_floats = _on_floats(self.rule)
        return self._on_floats

    @property
    def careful(self) -> bool:
        """Whether a slope that is not finite must be looked for, where the value is."""
        return self.poles or self.edges is not None

    def for_floats(self) -> Callable[..., Any]:
        """What floats call for this row in a rule: its function, where that takes the same."""
        return self.compute if self.arity else self

    # --- applied ---

    def record(self, *groups: Any) -> Any:
        """The operation on groups of operands: a node; where all are numbers, its number."""
        operand = groups[0] if hasattr(groups[0], "_apply") else first_operand(groups)
        if operand is None:
            return self.of_floats(*[mapped(self._number, group) for group in groups])
        result = NotImplemented
        try:
            result = operand._apply(self, *groups)
        finally:
            if result is NotImplemented:  # or an error, which names no function
                self._name_what_is_no_number(groups)
        return result

    def _name_what_is_no_number(self, groups: tuple[Any, ...]) -> None:
        members = groups if self.arity else [x for group in groups for x in as_tuple(group)]
        for x in members:
            if not hasattr(x, "_apply"):
                self._number(x)

    def _number(self, x: object) -> float:
        if isinstance(x, REAL):
            return float(x)
        call = f"{self.name}({', '.join(self.operands)})"
        return real(x, f"{call} takes" if self.arity else f"{call}, one by one, takes")

    def finite(self, *groups: object) -> float | None:
        """The value for floats, or None where there is no finite one."""
        try:
            z = float(self.compute(*groups))  # a sumprod of nothing is an int
        except (ArithmeticError, ValueError):
            return None
        return z if math.isfinite(z) else None

    def of_floats(self, *groups: object) -> float:
        """The value for floats, quickly where it is finite; else as ``answer``."""
        z = self.finite(*groups)
        return self.answer(*groups) if z is None else z

    def answer(self, *groups: object) -> float:
        """The value for operands of any kind: raises, or is ∞ or NaN, as arithmetic is at present.

        Infinities and NaN that come in as data flow as IEEE 754 says; finite operands without a
        finite answer raise ``ZeroDivisionError``, ``OverflowError`` or ``ValueError``.
        """
        data = [data_of(group) for group in groups]
        problem: Exception | None = None
        try:
            z = float(self.compute(*data))
        except (ArithmeticError, ValueError) as error:
            z, problem = self.ieee(*data), error
        if not math.isfinite(z) and all_finite(groups):
            z = self.ieee(*data)  # which may have an answer where only the way to it overflows
        try:
            if not (math.isfinite(z) or arithmetic.lenient) and all_finite(groups):
                raise undefined(self.name, self.operands, groups, self.defined, z, problem)
        finally:
            problem = None  # its traceback knows this frame: a circle, which would keep the graph
        return z

    def ieee(self, *groups: object) -> float:
        """The answer of IEEE 754, infinities and NaN included; it never raises.

        >>> from autograd_lite.ops import div, log, sqrt
        >>> log.ieee(0.0), div.ieee(-1.0, 0.0), sqrt.ieee(-1.0)
        (-inf, -inf, nan)
        """
        if self.name in ANSWERS:
            return ANSWERS[self.name](*groups)
        if self.form:
            return evaluate(self.form, dict(zip(self.operands, groups, strict=True)), TABLE)
        try:
            return float(self.compute(*groups))
        except OverflowError:
            return math.inf
        except (ArithmeticError, ValueError):
            return math.nan


# --- the table, and families of rows --------------------------------------------------------------


class Table(dict[str, Primitive]):
    """The rows by name. Those of ``own`` were made outside: they are found here, and not listed."""

    def __init__(self) -> None:
        self.own: dict[str, Primitive] = {}

    def __missing__(self, name: str) -> Primitive:
        return self.own[name]

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or name in self.own

    def get(self, name: str, default: Any = None) -> Any:
        return super().get(name, self.own.get(name, default))


TABLE = Table()
FAMILIES: dict[str, Callable[..., Primitive]] = {}


def lookup(name: str, args: tuple[float, ...] = ()) -> Primitive:
    """The row of a name, or the member of a family that its numbers choose.

    >>> lookup("tanh"), lookup("power", (3.0,))
    (<primitive tanh>, <primitive power(3.0,)>)
    """
    if name not in TABLE:
        raise LookupError(
            f"There is no primitive {name!r}. If a module of yours makes it, import that module "
            f"first."
        )
    return FAMILIES[name](*args) if args else TABLE[name]


@cache
def _printed() -> tuple[dict[str, Any], dict[str, Any]]:
    rows = {name: (op, op.compute, op.rule) for name, op in TABLE.items()}
    return rows, dict(FAMILIES)


@in_c
def is_printed(op: Primitive) -> bool:
    """Whether the core in C has printed this row: the table has it, as it was when it was loaded.

    >>> from autograd_lite.ops import power, tanh
    >>> is_printed(tanh), is_printed(power(5.0))
    (True, True)
    >>> is_printed(type(tanh)("tanh", "tanh", tanh.compute, tanh.rule))
    False
    """
    rows, families = _printed()
    if op.args:
        return op.name in families and op is families[op.name](*op.args)
    return (op, op.compute, op.rule) == rows.get(op.name)


# --- rules as floats read them --------------------------------------------------------------------


def _on_floats(rule: Rule) -> Rule:
    """The rule with the rows that it names replaced by the functions of floats they compute."""
    if not isinstance(rule, FunctionType):
        return rule
    known = rule.__globals__
    names = set(names_in(rule.__code__))
    if not all(name in known or hasattr(builtins, name) for name in names):
        return rule  # it names what is not there yet, or attributes: it is read as it stands
    floats = {name: _computed(known[name]) for name in names if name in known}
    return FunctionType(rule.__code__, floats, rule.__name__, rule.__defaults__, rule.__closure__)


def names_in(code: CodeType) -> Iterator[str]:
    """What a function looks up, functions and comprehensions within it included."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from names_in(constant)


def _computed(thing: Any) -> Any:
    if isinstance(thing, Primitive):
        return thing.for_floats()
    return (lambda *args: thing(*args).compute) if thing in FAMILIES.values() else thing
