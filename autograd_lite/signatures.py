"""What stands in the signatures of more than one room: vectors, and functions of them.

A number gives a number and a vector gives a vector: ``grad(f)(2.0)`` is a float, ``grad(f)([1.0,
2.0])`` an array. Where a Value is given the answer is Values, so that it can be differentiated
again. Type checkers read it here, so that they know what a derivative is and where it is misused.

What is glossed over: inside the call of an outer transform answers are Values for plain floats
too. There a Value serves as its float, and code that needs its graph gives a Value.

Next: ``functions/__init__.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar, overload

from .value import Operand, Value

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

K = TypeVar("K")

#: An array of floats. NumPy's types do not count axes: a matrix is one too.
Vector: TypeAlias = "NDArray[np.float64]"

#: An array of Values (and of what stands between them), as ``dtype=object`` makes it.
ValueArray: TypeAlias = "NDArray[np.object_]"

#: Where a function is evaluated: at a number, or at a vector.
Point: TypeAlias = "float | Vector"

#: What may be given for a vector, without a Value in it; and with Values.
FloatSequence: TypeAlias = "Sequence[float] | NDArray[np.floating[Any] | np.integer[Any]]"
ValueSequence: TypeAlias = "Sequence[Operand] | ValueArray"

#: What holds numbers and vectors, to any depth.
Tree: TypeAlias = dict[Any, Any] | list[Any] | tuple[Any, ...]

#: Plain functions, by what they return: one number, several, or either.
NumberFunction: TypeAlias = Callable[..., Operand]
VectorFunction: TypeAlias = "Callable[..., FloatSequence | ValueSequence]"
PlainFunction: TypeAlias = "Callable[..., Operand | FloatSequence | ValueSequence | Tree]"

#: The same, with auxiliary data beside what is differentiated.
NumberAndAux: TypeAlias = Callable[..., tuple[Operand, Any]]
PlainAndAux: TypeAlias = "Callable[..., tuple[Operand | FloatSequence | ValueSequence | Tree, Any]]"


class Derivative(Protocol):
    """A derivative in the shape of the argument: a gradient, a Hessian, a product with one."""

    @overload
    def __call__(self, x: float, /, *others: Any, **named: Any) -> float: ...
    @overload
    def __call__(self, x: Value, /, *others: Any, **named: Any) -> Value: ...
    @overload
    def __call__(self, x: FloatSequence, /, *others: Any, **named: Any) -> Vector: ...
    @overload
    def __call__(self, x: ValueSequence, /, *others: Any, **named: Any) -> ValueArray: ...
    @overload
    def __call__(self, x: dict[K, Any], /, *others: Any, **named: Any) -> dict[K, Any]: ...
    @overload
    def __call__(self, x: Tree, /, *others: Any, **named: Any) -> Any: ...


class ValueAndDerivative(Protocol):
    """A function's value and its derivative in the shape of the argument."""

    @overload
    def __call__(self, x: float, /, *others: Any, **named: Any) -> tuple[float, float]: ...
    @overload
    def __call__(self, x: Value, /, *others: Any, **named: Any) -> tuple[Value, Value]: ...
    @overload
    def __call__(self, x: FloatSequence, /, *others: Any, **named: Any) -> tuple[float, Vector]: ...
    @overload
    def __call__(
        self, x: ValueSequence, /, *others: Any, **named: Any
    ) -> tuple[Value, ValueArray]: ...
    @overload
    def __call__(
        self, x: dict[K, Any], /, *others: Any, **named: Any
    ) -> tuple[Any, dict[K, Any]]: ...
    @overload
    def __call__(self, x: Tree, /, *others: Any, **named: Any) -> tuple[Any, Any]: ...


class Jacobian(Protocol):
    """The derivative of several numbers: an array, whatever the argument."""

    @overload
    def __call__(self, x: float | FloatSequence, /, *others: Any, **named: Any) -> Vector: ...
    @overload
    def __call__(self, x: Value | ValueSequence, /, *others: Any, **named: Any) -> ValueArray: ...
    @overload
    def __call__(self, x: Tree, /, *others: Any, **named: Any) -> Any: ...
