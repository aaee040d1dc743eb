"""Derivatives of functions: what takes a Python function and gives back another one.

The functions are plain: of numbers (``f(x, y)``), of lists and arrays (``f([x0, x1])``), and of
dicts, lists and tuples of those. ``grad(f)``, ``jacobian(f)``, ``hessian(f)`` are called as
f is, and answer in the structure of the argument: a float for a number, a float64 array for an
array or a list of numbers (where NumPy is not installed a list, nested for a matrix). Only the
arguments named by ``argnums`` are differentiated; the others, and those given by name, reach f
untouched.

>>> from math import pi
>>> from autograd_lite import sin
>>> grad(sin)(pi), grad(grad(grad(sin)))(pi)
(-1.0, 1.0)

**A vector-Jacobian product**, step by step. The function

    f(x₁, x₂, x₃) = (x₁·x₂, x₂ + x₃²),  R³ → R²,    has    J = | x₂  x₁  0   |
                                                                | 0   1   2x₃ |

Reverse mode never makes J. It is given a vector v of R² (how much each output matters) and goes
through the graph once, from the outputs to the inputs, for vᵀJ: an answer in R³, the size of the
input. The rows of J are the products with (1, 0) and (0, 1), and a gradient is the case R³ → R¹
with v = 1. Forward mode goes the other way: given a direction u of R³ it finds J·u in R².

>>> def f(x):
...     return [x[0] * x[1], x[1] + x[2] ** 2]
>>> y, pullback = vjp(f, [2.0, 3.0, 4.0])
>>> y
array([ 6., 19.])
>>> (x_bar,) = pullback([1.0, 10.0])  # 1·(3, 2, 0) + 10·(0, 1, 8)
>>> x_bar
array([ 3., 12., 80.])
>>> jacobian(f)([2.0, 3.0, 4.0])
array([[3., 2., 0.],
       [0., 1., 8.]])
>>> jvp(f, ([2.0, 3.0, 4.0],), ([1.0, 0.0, 1.0],))
(array([ 6., 19.]), array([3., 8.]))

**They nest**, to any order: inside the call of an outer transform an inner one answers with
Values, so that its answer can be differentiated again. At the outermost level no graph is made
but that of f: ``functions/`` finds the numbers.

What is glossed over: ``math``. Its functions take the float out of a Value, and what f makes of it
looks like a constant. Write ``sin(x)`` with autograd_lite's (or NumPy's) sin, or ``x.sin()``;
``check_gradients`` finds where it was forgotten.

Next: ``compiler/__init__.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, TypeAlias, overload

from . import ops
from .engine.calls import name_of
from .engine.groups import number_of
from .functions.arguments import Argnums, Arguments
from .functions.checking import Report, plainly, report
from .functions.hessians import hessian_matrix, hessian_times
from .functions.misuse import callable_given, guarded
from .functions.recording import Recording
from .functions.trees import any_value
from .graph import gradient
from .signatures import (
    Derivative,
    FloatSequence,
    Jacobian,
    NumberAndAux,
    NumberFunction,
    PlainAndAux,
    PlainFunction,
    ValueAndDerivative,
    Vector,
    VectorFunction,
)
from .value import Value

__all__ = [
    "check_gradients",
    "grad",
    "hessian",
    "hessian_graph",
    "hvp",
    "jacobian",
    "jvp",
    "value_and_grad",
    "vjp",
]

# Signatures: the shape of an answer is that of the argument, as ``signatures`` says it. Which
# argument it is, ``argnums`` may say while the program runs, and then no type can.

Floats: TypeAlias = "Sequence[float | FloatSequence]"  # one number or vector per argument
Pullback: TypeAlias = Callable[[object], tuple[Any, ...]]  # one gradient per argument


@overload
def grad(
    f: NumberFunction, argnums: Literal[0] = ..., has_aux: Literal[False] = ...
) -> Derivative: ...
@overload
def grad(
    f: NumberFunction, argnums: Argnums, has_aux: Literal[False] = ...
) -> Callable[..., Any]: ...
@overload
def grad(
    f: NumberAndAux, argnums: Argnums = ..., *, has_aux: Literal[True]
) -> Callable[..., tuple[Any, Any]]: ...
@guarded
def grad(f: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False) -> Any:
    """The function that gives the gradient of f: a float for a number, an array for a vector.

    A dict gives a dict, a list or tuple that holds more than numbers gives its like; without NumPy
    a vector gives a list, here and in the other transforms. ``argnums`` says which positional
    arguments to differentiate; several give a tuple. With ``has_aux`` f returns (value, aux), and
    the answer is (gradient, aux). Raises ``TypeError`` unless f returns one number, and for what
    is no number in an argument.

    >>> grad(lambda x, y: x * y ** 2, argnums=(0, 1))(2.0, 3.0)
    (9.0, 12.0)
    >>> grad(lambda p: p["w"][0] * p["w"][1] + p["b"])({"w": [2.0, 3.0], "b": 1.0})
    {'w': array([3., 2.]), 'b': 1.0}
    """

    def evaluate(*args: Any, **named: object) -> Any:
        call = Recording(f, args, argnums, named, has_aux)
        call.single("grad")
        return _with_aux(call, call.answer(call.pull([1.0])))

    return evaluate


@overload
def value_and_grad(
    f: NumberFunction, argnums: Literal[0] = ..., has_aux: Literal[False] = ...
) -> ValueAndDerivative: ...
@overload
def value_and_grad(
    f: NumberFunction, argnums: Argnums, has_aux: Literal[False] = ...
) -> Callable[..., tuple[Any, Any]]: ...
@overload
def value_and_grad(
    f: NumberAndAux, argnums: Argnums = ..., *, has_aux: Literal[True]
) -> Callable[..., tuple[Any, Any]]: ...
@guarded
def value_and_grad(f: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False) -> Any:
    """The function that gives f's value and its gradient, as ``scipy.optimize`` with ``jac=True``.

    With ``has_aux`` f returns (value, aux), and the answer is ((value, aux), gradient). Raises as
    ``grad`` does.

    >>> value_and_grad(lambda x: x ** 3)(2.0)
    (8.0, 12.0)
    >>> value_and_grad(lambda x: (x ** 3, "aux"), has_aux=True)(2.0)
    ((8.0, 'aux'), 12.0)
    """

    def evaluate(*args: Any, **named: object) -> tuple[Any, Any]:
        call = Recording(f, args, argnums, named, has_aux)
        call.single("grad")
        return _with_aux(call, call.value()), call.answer(call.pull([1.0]))

    return evaluate


@overload
def jacobian(
    f: NumberFunction, argnums: Literal[0] = ..., has_aux: Literal[False] = ...
) -> Derivative: ...
@overload
def jacobian(
    f: VectorFunction, argnums: Literal[0] = ..., has_aux: Literal[False] = ...
) -> Jacobian: ...
@overload
def jacobian(
    f: PlainFunction, argnums: Argnums, has_aux: Literal[False] = ...
) -> Callable[..., Any]: ...
@overload
def jacobian(
    f: PlainAndAux, argnums: Argnums = ..., *, has_aux: Literal[True]
) -> Callable[..., tuple[Any, Any]]: ...
@guarded
def jacobian(f: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False) -> Any:
    """The function that gives the matrix ∂f_i/∂x_j, one row per output and one column per input.

    Where f returns one number there are no rows, only the gradient; where an argument is one
    number there are no columns. Arrays give the axes of the output, then those of the input; a
    dict of outputs gives a dict, of such answers. With ``has_aux`` the answer is (Jacobian, aux).

    >>> jacobian(lambda x: [x[0] * x[1], x[0] + x[1], x[1] ** 2])([2.0, 3.0])
    array([[3., 2.],
           [1., 1.],
           [0., 6.]])
    """

    def evaluate(*args: Any, **named: object) -> Any:
        call = Recording(f, args, argnums, named, has_aux)
        return _with_aux(call, call.matrix(call.jacobian()))

    return evaluate


@overload
def hessian(
    f: NumberFunction, argnums: Literal[0] = ..., has_aux: Literal[False] = ...
) -> Derivative: ...
@overload
def hessian(
    f: NumberFunction, argnums: Argnums, has_aux: Literal[False] = ...
) -> Callable[..., Any]: ...
@overload
def hessian(
    f: NumberAndAux, argnums: Argnums = ..., *, has_aux: Literal[True]
) -> Callable[..., tuple[Any, Any]]: ...
@guarded
def hessian(f: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False) -> Any:
    """The function that gives the matrix of second derivatives of f; symmetric to the last bit.

    f runs once. The time depends on how many inputs meet in the same operation, not on their
    number alone. Several ``argnums`` give a tuple of tuples of blocks, a dict gives a dict of dicts
    of them; the block of two arrays has the axes of both. With ``has_aux`` the answer is
    (Hessian, aux). Raises as ``grad`` does.

    >>> hessian(lambda x: x[0] ** 2 * x[1])([3.0, 4.0])
    array([[8., 6.],
           [6., 0.]])
    """

    def evaluate(*args: Any, **named: object) -> Any:
        call = Recording(f, args, argnums, named, has_aux)
        y, xs = call.single("hessian"), call.leaves
        matrix = hessian_graph(y, xs) if call.nested else hessian_matrix(y, xs)
        return _with_aux(call, call.blocks(matrix))

    return evaluate


@overload
def vjp(
    f: NumberFunction, *primals: float | FloatSequence, has_aux: Literal[False] = ..., **named: Any
) -> tuple[float, Pullback]: ...
@overload
def vjp(
    f: VectorFunction, *primals: float | FloatSequence, has_aux: Literal[False] = ..., **named: Any
) -> tuple[Vector, Pullback]: ...
@overload
def vjp(
    f: PlainFunction, *primals: object, has_aux: Literal[False] = ..., **named: Any
) -> tuple[Any, Pullback]: ...
@overload
def vjp(
    f: PlainAndAux, *primals: object, has_aux: Literal[True], **named: Any
) -> tuple[Any, Pullback, Any]: ...
def vjp(f: Callable[..., Any], *primals: object, has_aux: bool = False, **named: Any) -> Any:
    """f's value, and the function that takes v to vᵀJ: a tuple, one gradient per argument.

    The graph is kept: every call of that function is one more walk from the outputs to the inputs.
    Arguments by name are f's own. With ``has_aux`` f returns (value, aux), and aux is the third of
    the answers. Raises ``ValueError`` where v has not the structure of the output.

    >>> y, pullback = vjp(lambda x, y: x * y, 2.0, 3.0)
    >>> y, pullback(1.0), pullback(10.0)
    (6.0, (3.0, 2.0), (30.0, 20.0))
    """
    callable_given(f, "vjp(f, x)")
    call = Recording(f, primals, range(len(primals)), named, has_aux)

    def pullback(v: object) -> tuple[Any, ...]:
        found: tuple[Any, ...] = call.answer(call.pull(call.like_output(v)))
        return found

    return (call.value(), pullback, call.aux) if has_aux else (call.value(), pullback)


@overload
def jvp(
    f: NumberFunction,
    primals: Floats,
    tangents: Floats,
    has_aux: Literal[False] = ...,
    **named: Any,
) -> tuple[float, float]: ...
@overload
def jvp(
    f: VectorFunction,
    primals: Floats,
    tangents: Floats,
    has_aux: Literal[False] = ...,
    **named: Any,
) -> tuple[Vector, Vector]: ...
@overload
def jvp(
    f: PlainFunction,
    primals: Sequence[object],
    tangents: Sequence[object],
    has_aux: Literal[False] = ...,
    **named: Any,
) -> tuple[Any, Any]: ...
@overload
def jvp(
    f: PlainAndAux,
    primals: Sequence[object],
    tangents: Sequence[object],
    has_aux: Literal[True],
    **named: Any,
) -> tuple[Any, Any, Any]: ...
def jvp(
    f: Callable[..., Any],
    primals: Sequence[object],
    tangents: Sequence[object],
    has_aux: bool = False,
    **named: Any,
) -> Any:
    """f's value, and J·u: the derivative along the direction ``tangents``, one per argument.

    One walk from the inputs to the outputs. Arguments by name are f's own; with ``has_aux`` f
    returns (value, aux), and aux is the third of the answers. Raises ``ValueError`` where a tangent
    has not the structure of its argument.

    >>> jvp(lambda x, y: x * y, (2.0, 3.0), (1.0, 10.0))
    (6.0, 23.0)
    """
    callable_given(f, "jvp(f, (x,), (u,))")
    for entries in (primals, tangents):
        if not isinstance(entries, tuple | list):
            raise TypeError(
                f"jvp(f, (x,), (u,)) takes a tuple of f's arguments and one of their tangents; got "
                f"{entries!r}."
            )
    call = Recording(f, tuple(primals), range(len(primals)), named, has_aux)
    along = call.shaped(call.push(call.like_inputs(tangents)))
    return (call.value(), along, call.aux) if has_aux else (call.value(), along)


@overload
def hvp(f: NumberFunction, argnums: Literal[0] = ...) -> Derivative: ...
@overload
def hvp(f: NumberFunction, argnums: Argnums) -> Callable[..., Any]: ...
@guarded
def hvp(f: NumberFunction, argnums: Argnums = 0) -> Any:
    """The function (x, v) → H·v, for a price of a few gradients: the Hessian is never made.

    v comes last, after f's own arguments, as ``scipy.optimize`` wants its ``hessp``; with several
    ``argnums`` it is a tuple. Raises as ``grad`` and ``jvp`` do.

    >>> hvp(lambda x: x[0] ** 2 * x[1])([3.0, 4.0], [1.0, 10.0])
    array([68.,  6.])
    """

    def evaluate(*args_and_v: Any, **named: object) -> Any:
        if len(args_and_v) < 2:
            raise TypeError("hvp(f)(x, v) takes a vector v last, of the structure of x.")
        *args, v = args_and_v
        call = Recording(f, tuple(args), argnums, named)
        y = call.single("hvp")
        along = call.like_inputs(v if call.several else (v,))
        if call.nested or any_value(along):
            change = ops.dot.record(tuple(gradient(y, call.leaves)), tuple(along))
            return call.answer(gradient(change, call.leaves))
        found = hessian_times(y, dict(zip(call.leaves, along, strict=True)))
        return call.answer([found.get(x, 0.0) for x in call.leaves])

    return evaluate


def _with_aux(call: Recording, answer: Any) -> Any:
    """The answer, and with it what f returned beside its value where it was said to."""
    return (answer, call.aux) if call.has_aux else answer


def hessian_graph(y: Value, xs: Sequence[Value]) -> list[list[Value]]:
    """The rows ∂²y/∂x∂x' as Values: a graph, to be drawn, compiled or differentiated again.

    All rows share the graph of the gradient, and each walks only what lies below its own entry;
    what stands below the diagonal is the node above it.

    >>> x, w = Value(3.0), Value(4.0)
    >>> [[entry.data for entry in row] for row in hessian_graph(x * x * w, [x, w])]
    [[8.0, 6.0], [6.0, 0.0]]
    """
    rows: list[list[Value]] = []
    for i, slope in enumerate(gradient(y, xs)):
        rows.append([row[i] for row in rows] + gradient(slope, xs[i:]))
    return rows


def check_gradients(
    f: Callable[..., Any],
    *args: object,
    tolerance: float = 1e-6,
    gradient: Callable[..., object] | None = None,
    **named: Any,
) -> Report:
    """Compare the gradient of f with difference quotients, one report line per input.

    ``gradient`` is one that was written by hand: called as f is, it gives its answer in the
    structure of the argument, or a tuple, one per argument. Then f may be of plain numbers. Raises
    ``AssertionError``, with the report as its message, where a slope is WRONG: off by more than
    ``tolerance``, relative to itself, and by more than the quotients can be. What else a line may
    say, ``Check`` tells.

    >>> print(check_gradients(lambda x, y: x * y, 2.0, 3.0))
    input                      analytic                 numeric      error  verdict
    x = 2                             3                       3 ...  right
    y = 3                             2                       2 ...  right
    >>> check_gradients(lambda x: x ** 3, 2.0, gradient=lambda x: 3 * x)
    Traceback (most recent call last):
    AssertionError: The gradient of <lambda> is wrong: ...
    """
    callable_given(f, "check_gradients(f, x)")
    if gradient is None:
        call = Recording(f, args, range(len(args)), named)
        found = report(call, call.at, _slopes(call), tolerance)
    else:
        if not callable(gradient):
            raise TypeError(
                f"gradient= is a function, to be called as f is; got a {type(gradient).__name__}."
            )
        answer = gradient(*args, **named)
        by_hand = Arguments(f, args, range(len(args)), named)
        parts: Any = (answer,) if len(args) == 1 else answer
        slopes = map(number_of, by_hand.like_inputs(parts, "gradient"))
        found = report(by_hand, plainly(by_hand), [*slopes], tolerance)
    if not found.passed:
        raise AssertionError(f"The gradient of {name_of(f)} is wrong:\n{found}")
    return found


def _slopes(call: Recording) -> list[float]:
    y = call.single("check_gradients")
    return [slope.data for slope in gradient(y, call.leaves)]
