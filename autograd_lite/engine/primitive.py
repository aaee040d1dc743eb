"""``Primitive``: what a row of the table is, how it is applied, and where it is found.

A row knows numbers and no Values. It computes floats itself; where an operand is no number, the
row asks that operand how it is applied (``_apply``), as NumPy's functions ask ``__array_ufunc__``.

Next: ``node.py``.
"""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from types import CodeType, FunctionType
from typing import Any, ClassVar, Protocol, TypeAlias, TypeVar, overload

from .groups import as_tuple, data_of, mapped
from .inputs import listed, number
from .undefined import all_finite, arithmetic, undefined

Rule: TypeAlias = Callable[..., tuple[Any, ...]]
Interval: TypeAlias = tuple[float, float]

V = TypeVar("V")
V_co = TypeVar("V_co", covariant=True)

FUNCTIONS_OF_LATEX = frozenset({"exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh"})


class Applies(Protocol[V_co]):
    """An operand that knows how a row is applied to it; for a Value the result is a Value."""

    def _apply(self, op: Primitive, *groups: Any) -> V_co: ...


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
    numpy    the value as a NumPy expression; answers as IEEE 754 does, never raises
    js       the value as a JavaScript expression
    latex    the value in LaTeX
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

    __slots__ = (
        "_ieee", "_on_floats", "args", "compute", "defined", "domain",
        "edges", "js", "latex", "name", "numpy", "recorder", "rule", "symbol",
    )  # fmt: skip

    def __init__(
        self,
        name: str,
        symbol: str,
        compute: Callable[..., float],
        rule: Rule,
        *,
        numpy: str = "",
        js: str = "",
        latex: str = "",
        domain: tuple[Interval, ...] = ((-10.0, 10.0),),
        defined: str = "",
        edges: Rule | None = None,
        args: tuple[float, ...] = (),
    ) -> None:
        operands = ", ".join(f"{{{operand}}}" for operand in self.operands)
        command = rf"\{name}" if name in FUNCTIONS_OF_LATEX else rf"\operatorname{{{name}}}"
        self.name = name
        self.symbol = symbol
        self.compute = compute
        self.rule = rule
        self.numpy = numpy or f"np.{name}({operands})"
        self.js = js or f"Math.{name}({operands})"
        self.latex = latex or rf"{command}\left({operands}\right)"
        self.domain = domain
        self.defined = defined
        self.edges = edges
        self.args = args
        self._ieee: Callable[..., Any] | None = None
        self._on_floats: Rule | None = None
        #: How it is recorded; kept here by the operands' class, which knows.
        self.recorder: Callable[..., Any] | None = None

    def __repr__(self) -> str:
        return f"<primitive {self.name}{self.args or ''}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return lookup, (self.name, self.args)

    def __deepcopy__(self, memo: object) -> Primitive:
        return self

    @property
    def on_floats(self) -> Rule:
        if self._on_floats is None:
            self._on_floats = _on_floats(self.rule)
        return self._on_floats

    # --- applied ---

    def record(self, *groups: Any) -> Any:
        """The operation on groups of operands: a node; where all are numbers, its number."""
        operand = next(
            (x for group in groups for x in as_tuple(group) if hasattr(x, "_apply")), None
        )
        if operand is None:
            claim = f"{self.name}({', '.join(self.operands)}) takes"
            return self._of_floats(*[mapped(lambda x: number(x, claim), group) for group in groups])
        result = operand._apply(self, *groups)
        if result is NotImplemented:
            types = ", ".join(type(group).__name__ for group in groups)
            raise TypeError(f"{self.name} takes numbers and Values; got {types}.")
        return result

    def finite(self, *groups: Any) -> float | None:
        """The value for floats, or None where there is no finite one."""
        try:
            z = float(self.compute(*groups))  # a sumprod of nothing is an int
        except (ArithmeticError, ValueError):
            return None
        return z if math.isfinite(z) else None

    def _of_floats(self, *groups: Any) -> float:
        z = self.finite(*groups)
        return self.answer(*groups) if z is None else z

    def answer(self, *groups: Any) -> float:
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
        if not (math.isfinite(z) or arithmetic.lenient) and all_finite(groups):
            raise undefined(self.name, self.operands, groups, self.defined, z, problem) from None
        return z

    @property
    def numpy_source(self) -> str:
        """The NumPy form with the operands by their names.

        >>> from autograd_lite.ops import relu
        >>> relu.numpy_source
        'np.maximum(x, 0)'
        """
        return self.numpy.format(**{name: name for name in self.operands})

    def ieee(self, *operands: Any) -> float:
        """The answer of IEEE 754, infinities and NaN included, from the row's NumPy form.

        >>> from autograd_lite.ops import div, log, sqrt
        >>> log.ieee(0.0), div.ieee(-1.0, 0.0), sqrt.ieee(-1.0)
        (-inf, -inf, nan)
        """
        import numpy as np  # only where the ordinary path found no real answer

        if self._ieee is None:
            self._ieee = eval(
                f"lambda {', '.join(self.operands)}: {self.numpy_source}", {"np": np, "math": math}
            )
        with np.errstate(all="ignore"):
            return float(self._ieee(*map(np.asarray, operands)))


class Unary(Primitive):
    """A primitive of one operand, ``x``."""

    arity = 1
    operands = ("x",)
    __slots__ = ()

    @overload
    def __call__(self, x: Applies[V]) -> V: ...
    @overload
    def __call__(self, x: float) -> float: ...
    def __call__(self, x: Any) -> Any:
        if type(x) is float:
            return self._of_floats(x)
        return self.record(x) if self.recorder is None else self.recorder(x)


class Binary(Primitive):
    """A primitive of two operands, ``x`` and ``y``."""

    arity = 2
    operands = ("x", "y")
    __slots__ = ()

    @overload
    def __call__(self, x: Applies[V], y: Applies[V] | float) -> V: ...
    @overload
    def __call__(self, x: float, y: Applies[V]) -> V: ...
    @overload
    def __call__(self, x: float, y: float) -> float: ...
    def __call__(self, x: Any, y: Any) -> Any:
        if isinstance(x, int | float) and isinstance(y, int | float):
            return self._of_floats(float(x), float(y))
        return self.record(x, y)


class Nary(Primitive):
    """A primitive of one group of operands, ``xs``; its rule gives one tuple of derivatives."""

    arity = None
    operands = ("xs",)
    __slots__ = ()

    @overload
    def __call__(self, xs: Iterable[Applies[V]]) -> V: ...
    @overload
    def __call__(self, xs: Iterable[float]) -> float: ...
    @overload
    def __call__(self, xs: Iterable[Applies[V] | float]) -> V | float: ...
    def __call__(self, xs: Any) -> Any:
        return self.record(listed(xs, self.name, at_least=self.name not in ("sum", "prod")))


class Where(Primitive):
    """The choice between two operands by a third: ``xs`` are the condition and the two."""

    arity = None
    operands = ("xs",)
    __slots__ = ()

    def __call__(self, condition: Any, x: Any, y: Any) -> Any:
        """``x`` where the condition is true (not 0), else ``y``; the condition has no slope.

        >>> from autograd_lite import where
        >>> where(2.0 > 1.0, 10.0, 20.0)
        10.0
        """
        if getattr(condition, "shape", None) == ():  # what comparing NumPy's numbers gives
            condition = condition.item()
        return self.record((float(condition) if isinstance(condition, bool) else condition, x, y))


class Dot(Primitive):
    """The weighted sum: two groups, ``ws`` and ``xs``; a last ``w`` without partner is a bias."""

    arity = None
    operands = ("ws", "xs")
    weighted = True
    __slots__ = ()

    def __call__(self, ws: Sequence[Any], xs: Sequence[Any], bias: Any = None) -> Any:
        ws = tuple(ws) if bias is None else (*ws, bias)
        xs = tuple(xs)
        if len(ws) - len(xs) != (bias is not None):
            weights = len(ws) - (bias is not None)
            raise ValueError(
                f"dot(ws, xs) pairs each weight with one operand; got {weights} weights and "
                f"{len(xs)} operands. Give two sequences of one length."
            )
        return self.record(ws, xs)

    def ieee(self, ws: Sequence[float], xs: Sequence[float]) -> float:
        return super().ieee(ws, xs if len(ws) == len(xs) else (*xs, 1.0))


# --- the table, and families of rows --------------------------------------------------------------

TABLE: dict[str, Primitive] = {}
FAMILIES: dict[str, Callable[..., Primitive]] = {}


def lookup(name: str, args: tuple[float, ...] = ()) -> Primitive:
    """The row of a name, or the member of a family that its numbers choose.

    >>> lookup("tanh"), lookup("power", (3.0,))
    (<primitive tanh>, <primitive power(3.0,)>)
    """
    return FAMILIES[name](*args) if args else TABLE[name]


def unary(name: str, *row: Any, **more: Any) -> Unary:
    TABLE[name] = op = Unary(name, *row, **more)
    return op


def binary(name: str, *row: Any, **more: Any) -> Binary:
    more = {"domain": ((-10.0, 10.0), (-10.0, 10.0)), **more}
    TABLE[name] = op = Binary(name, *row, **more)
    return op


def nary(name: str, *row: Any, **more: Any) -> Nary:
    TABLE[name] = op = Nary(name, *row, **more)
    return op


def family(example: tuple[float, ...]) -> Callable[[Callable[..., Unary]], Callable[..., Unary]]:
    """Primitives that differ in fixed numbers; the table holds the ``example``."""

    def register(make: Callable[..., Unary]) -> Callable[..., Unary]:
        member = lru_cache(maxsize=1024)(make)
        FAMILIES[make.__name__] = member
        TABLE[make.__name__] = member(*example)
        return member

    return register


# --- rules as floats read them --------------------------------------------------------------------


def _on_floats(rule: Rule) -> Rule:
    """The rule with the rows that it names replaced by the functions of floats they compute."""
    if not isinstance(rule, FunctionType):
        return rule
    known = rule.__globals__
    names = set(_names_in(rule.__code__))
    if not all(name in known or hasattr(builtins, name) for name in names):
        return rule  # it names what is not there yet, or attributes: it is read as it stands
    floats = {name: _computed(known[name]) for name in names if name in known}
    return FunctionType(rule.__code__, floats, rule.__name__, rule.__defaults__, rule.__closure__)


def _names_in(code: CodeType) -> Iterator[str]:
    """What a function looks up, functions and comprehensions within it included."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names_in(constant)


def _computed(thing: Any) -> Any:
    if isinstance(thing, Unary | Binary):
        return thing.compute
    if isinstance(thing, Where):
        return lambda condition, x, y: thing.compute((condition, x, y))
    return (lambda *args: thing(*args).compute) if thing in FAMILIES.values() else thing
