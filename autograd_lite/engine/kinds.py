"""The kinds of rows: how each is called, registered, and described by ``help``.

Next: ``node.py``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from functools import lru_cache, singledispatch
from typing import TYPE_CHECKING, Any, Protocol, SupportsFloat, TypeVar, overload

from . import calls
from .inputs import each, is_many
from .primitive import FAMILIES, TABLE, Primitive

V = TypeVar("V")
V_co = TypeVar("V_co", covariant=True)
Recorder = TypeVar("Recorder", bound=Callable[..., Any])


class Applies(Protocol[V_co]):
    """An operand that knows how a row is applied to it; for a Value the result is a Value."""

    def _apply(self, op: Primitive, *groups: Any) -> V_co: ...


class Gridded(Protocol):
    """A NumPy array, or what behaves as one."""

    @property
    def flat(self) -> Any: ...
    def astype(self, dtype: Any, /) -> Any: ...


class Unary(Primitive):
    """A primitive of one operand, ``x``; a list, a tuple or an array of them gives the same."""

    arity = 1
    operands = ("x",)
    maker = staticmethod(calls.takes_one)
    __slots__ = ()

    if TYPE_CHECKING:

        @overload
        def __call__(self, x: Applies[V]) -> V: ...
        @overload
        def __call__(self, x: float) -> float: ...
        @overload
        def __call__(self, x: list[Any]) -> list[Any]: ...
        @overload
        def __call__(self, x: tuple[Any, ...]) -> tuple[Any, ...]: ...
        @overload
        def __call__(self, x: Gridded) -> Any: ...
        def __call__(self, x: Any) -> Any: ...

    def record(self, *groups: Any) -> Any:
        (x,) = groups
        return each(self, x) if is_many(x) else super().record(x)


class Binary(Primitive):
    """A primitive of two operands, ``x`` and ``y``."""

    arity = 2
    operands = ("x", "y")
    maker = staticmethod(calls.takes_two)
    __slots__ = ()

    if TYPE_CHECKING:

        @overload
        def __call__(self, x: Applies[V], y: Applies[V] | float) -> V: ...
        @overload
        def __call__(self, x: float, y: Applies[V]) -> V: ...
        @overload
        def __call__(self, x: float, y: float) -> float: ...
        def __call__(self, x: Any, y: Any) -> Any: ...


class Nary(Primitive):
    """A primitive of one group of operands, ``xs``; its rule gives one tuple of derivatives."""

    arity = None
    operands = ("xs",)
    maker = staticmethod(calls.takes_many)
    __slots__ = ()

    if TYPE_CHECKING:

        @overload  # first: it is what a checker takes where it cannot choose
        def __call__(self, xs: Iterable[Applies[V]]) -> V: ...
        @overload
        def __call__(self, xs: Iterable[float]) -> float: ...
        @overload
        def __call__(self, xs: Iterable[Applies[V] | float]) -> V: ...
        @overload  # for mypy, which infers no V from the list [x, 1.0]
        def __call__(self, xs: Iterable[Applies[Any] | float]) -> Any: ...
        def __call__(self, xs: Any) -> Any: ...


class Where(Primitive):
    """The choice between two operands by a third: ``xs`` are the condition and the two."""

    arity = None
    operands = ("xs",)
    maker = staticmethod(calls.takes_a_choice)
    __slots__ = ()

    def for_floats(self) -> Callable[..., Any]:
        return lambda condition, x, y: self.compute((condition, x, y))

    if TYPE_CHECKING:

        @overload
        def __call__(
            self, condition: Applies[V], x: Applies[V] | float, y: Applies[V] | float
        ) -> V: ...
        @overload
        def __call__(self, condition: SupportsFloat, x: Applies[V], y: Applies[V] | float) -> V: ...
        @overload
        def __call__(self, condition: SupportsFloat, x: float, y: Applies[V]) -> V: ...
        @overload
        def __call__(self, condition: SupportsFloat, x: float, y: float) -> float: ...
        def __call__(self, condition: Any, x: Any, y: Any) -> Any: ...


class Dot(Primitive):
    """The weighted sum: two groups, ``ws`` and ``xs``; a last ``w`` without partner is a bias."""

    arity = None
    operands = ("ws", "xs")
    maker = staticmethod(calls.takes_pairs)
    weighted = True
    __slots__ = ()

    if TYPE_CHECKING:

        @overload
        def __call__(
            self, ws: Iterable[Applies[V]], xs: Iterable[Applies[V]], bias: Applies[V] | None = None
        ) -> V: ...
        @overload
        def __call__(
            self, ws: Iterable[float], xs: Iterable[float], bias: float | None = None
        ) -> float: ...
        @overload
        def __call__(
            self,
            ws: Iterable[Applies[V] | float],
            xs: Iterable[Applies[V] | float],
            bias: Applies[V] | float | None = None,
        ) -> V: ...
        @overload  # for mypy, as above
        def __call__(
            self,
            ws: Iterable[Applies[Any] | float],
            xs: Iterable[Applies[Any] | float],
            bias: Applies[Any] | float | None = None,
        ) -> Any: ...
        def __call__(self, ws: Iterable[Any], xs: Iterable[Any], bias: Any = None) -> Any: ...


# --- rows of the table ----------------------------------------------------------------------------


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


def dotted(name: str, *row: Any, **more: Any) -> Dot:
    TABLE[name] = op = Dot(name, *row, **more)
    return op


def choice(name: str, *row: Any, **more: Any) -> Where:
    TABLE[name] = op = Where(name, *row, **more)
    return op


def family(example: tuple[float, ...]) -> Callable[[Callable[..., Unary]], Callable[..., Unary]]:
    """Primitives that differ in fixed numbers; the table holds the ``example``."""

    def register(make: Callable[..., Unary]) -> Callable[..., Unary]:
        member = lru_cache(maxsize=1024)(make)
        FAMILIES[make.__name__] = member
        TABLE[make.__name__] = member(*example)
        return member

    return register


@singledispatch
def recorder(op: Primitive) -> Callable[..., Any]:
    """The function that records rows of this kind; whoever has a class of nodes registers it."""
    raise NotImplementedError(f"There is no way to record a {type(op).__name__}.")


def named(record: Recorder, op: Primitive) -> Recorder:
    """A recorder by its name, under which ``help`` shows it and ``pickle`` finds it."""
    record.__name__, record.__qualname__ = op.name, f"Value.{op.name}"
    record.__doc__ = f"{op.name} as a node; help(autograd_lite.{op.name}) tells its formula."
    return record


# --- what help shows ------------------------------------------------------------------------------


class _Documented:
    """``__doc__`` of a class as it stands, and of each row what the row says of itself."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __get__(self, op: Primitive | None, kind: type[Primitive]) -> str:
        return self.text if op is None else described(op)


class _Signature:
    """The signature of a row is that of the function that calls it, less what that refuses."""

    def __get__(self, op: Primitive | None, kind: type[Primitive]) -> Any:
        if op is None:
            raise AttributeError("__signature__")
        from inspect import signature  # for help alone

        call = signature(op.__call__)
        return call.replace(
            parameters=[p for p in call.parameters.values() if p.kind is not p.VAR_POSITIONAL]
        )


for _kind in (Unary, Binary, Nary, Where, Dot):
    setattr(_kind, "__signature__", _Signature())  # noqa: B010 - the same
    setattr(_kind, "__doc__", _Documented(_kind.__doc__ or ""))  # noqa: B010 - mypy knows only str


def described(op: Primitive) -> str:
    """What ``help`` shows of a row: its value, local derivatives, domain, and a doctest.

    >>> from autograd_lite.ops import log
    >>> print(described(log).split("\\n\\n")[1])
        ∂log/∂x = 1 / x
        real for x > 0
    """
    from .symbols import partials  # for help alone

    many = op.arity is None
    operands = "condition, x, y" if isinstance(op, Where) else ", ".join(op.operands)
    name = f"{op.name}({operands})"
    facts = [f"{name} = {op.form}"] if op.form and not many else []
    if not many and (slopes := partials(op)):
        pairs = zip(op.operands, slopes, strict=True)
        facts += [f"∂{op.name}/∂{operand} = {slope}" for operand, slope in pairs]
        if any("z" in slope for slope in slopes):
            facts.append(f"where z is the value, {name}")
    if op.defined:
        facts.append(f"real for {op.defined}")
    example = _example(op)
    taken = "a number or of a Value" if op.arity == 1 else "numbers or of Values"
    told = "".join(f"\n    {fact}" for fact in facts)
    return f"""{name}, of {taken}.{told and chr(10)}{told}

>>> {example}
{eval(example, {op.name: op})!r}"""


def _example(op: Primitive) -> str:
    """A call of the row with numbers at which it has a value."""
    if op.arity:
        inside = [tuple(low + (high - low) * k / 8 for low, high in op.domain) for k in range(9)]
        tried = (xs[: op.arity] for xs in [(0.5, 2.0), (2.0, 3.0), *inside])
        xs = next(xs for xs in tried if math.isfinite(op.ieee(*xs)))
        return f"{op.name}({', '.join(map(repr, xs))})"
    arguments = {Where: "True, 2.0, 3.0", Dot: "[1.0, 2.0], [3.0, 4.0]"}
    return f"{op.name}({arguments.get(type(op), '[1.0, 2.0, 3.0]')})"
