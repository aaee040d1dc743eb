"""``Program``: a frozen graph as source text, and what runs it.

Next: ``bound.py``.
"""

from __future__ import annotations

import itertools
import linecache
import math
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache, cached_property
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np
from numpy import ndarray, vdot
from numpy.typing import ArrayLike

from ..engine.groups import numbers_of
from ..signatures import Point, Vector
from ..value import Value
from .bound import Run
from .machine.native import Native
from .matrices import Matrix
from .numbers import FLOAT, array_of, flat_of
from .recorded import Graph
from .steps import Training, Updating
from .write.source import ProgramText
from .write.spelling import raising, to_be_run

Y = TypeVar("Y", bound=Point)  # the value: one number, or an array of them

_numbers = itertools.count(1)
_gone: list[str] = []  # files of programs that are no more


class Plan(NamedTuple):
    """All that was found out about a graph: what ``compile`` hands to ``Program``."""

    graph: Graph
    parameters: Sequence[Value]  # in the order of the flat vector
    straight: bool  # in floats, one after the other
    text: Callable[[], ProgramText]
    in_arrays: Callable[[], ProgramText] | None  # the same in arrays, for other libraries
    native: Native | None  # in machine code, where that was asked for
    eagerly: Callable[..., tuple[Vector, Vector]]  # what the graph itself answers
    by_inputs: Callable[[], Program[Any]] | None  # the derivatives of the outputs by the inputs
    beyond: Callable[[str], Any] | None  # second derivatives, matrices and products, by name


class Program(Generic[Y]):
    """A compiled graph. ``print(program)`` shows its source.

    Some of its operators run under other names, for which NumPy takes less time: ``W.dot(x)`` for
    ``W @ x``.

    ``program()`` computes the value with the numbers that the leaves hold now;
    ``program.backward()`` also adds the gradients to the leaves, as ``Value.backward`` does;
    ``program.value_and_grad(vector)`` takes the parameters as one flat array, in the order of
    ``program.parameters``, and is what ``scipy.optimize.minimize(..., jac=True)`` wants. Each
    takes new arrays for the inputs, if there are any; ``program.gradient`` and ``program.jacobian``
    have the derivatives by those. Programs can be copied and pickled.

    Undefined arithmetic raises what the graph would raise, naming the operation.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self.parameters: list[Value] = list(plan.parameters)
        self._shape = (len(self.parameters),)
        self._fitted: list[tuple[int, ...]] | None = None  # the shapes of inputs that fit last
        self._zeros = np.zeros(self._shape)
        self._natively = plan.native.functions if plan.native else {}
        self._no_gradient = _no_gradient(plan.graph)
        lean = "value_and_grad" in self._natively and not plan.graph.inputs
        self._lean = self._natively["value_and_grad"].alone if lean else None
        self._by_inputs: Program[Vector] | None = None  # made when it is first asked for
        self._more: dict[str, Any] = {}  # and so are these
        if not plan.native:
            _ = self._value if self._no_gradient else self._value_and_grad

    @cached_property
    def _text(self) -> ProgramText:
        return self._plan.text()

    @cached_property
    def _value(self) -> Callable[..., Any]:
        return self._function("value")

    @cached_property
    def _value_and_grad(self) -> Callable[..., Any]:
        return self._function("value_and_grad")

    @cached_property
    def _failures(self) -> tuple[type[Exception], ...]:
        """What undefined arithmetic raises: math's functions know a ValueError, NumPy does not."""
        return (ArithmeticError, *([ValueError] if self._text.straight else []))

    @cached_property
    def _file(self) -> str:
        """The name under which tracebacks show the source, while the program is there."""
        file, read = f"<compiled program {next(_numbers)}>", self._text.body("numpy")
        linecache.cache[file] = (len(read), None, read.splitlines(keepends=True), file)
        while _gone:
            linecache.cache.pop(_gone.pop(), None)
        # not at once: who walks the cache, as tracebacks do, may be what the collector interrupts
        weakref.finalize(self, _gone.append, file)
        return file

    def _function(self, name: str) -> Callable[..., Any]:
        """A function of the source, which is compiled when it is first asked for."""
        body, known = to_be_run(self._text.body("numpy", spelled=str))
        starts = [body.find(f"\ndef {f.name}(") + 1 for f in self._text.functions]
        places = zip(starts, [*starts[1:], len(body)], self._text.functions, strict=True)
        start, end = next((start, end) for start, end, f in places if f.name == name)
        if not self._text.straight:
            _keep_memory()
        space: dict[str, Any] = {**known, **self._text.tables}
        exec(compile(body[: starts[0]], self._file, "exec"), space)
        lines = "\n" * body.count("\n", 0, start)  # those above, for tracebacks
        exec(compile(lines + body[start:end], self._file, "exec"), space)
        found: Callable[..., Any] = space[name]
        return _of_lists(found) if self._text.straight else raising(found)

    def __reduce__(self) -> tuple[Any, ...]:
        """A copy, or what comes out of a pickle, is the same plan, loaded anew."""
        return type(self), (self._plan,)

    def __str__(self) -> str:
        return self._text.whole("numpy", self._recorded(), short=True)

    def __repr__(self) -> str:
        names = [f"{a.name} {a.shape}" for a in self._plan.graph.inputs]
        inputs = f", inputs {', '.join(names)}" if names else ""
        form = "floats" if self._plan.straight else "arrays"
        if self._plan.native:
            form += " and machine code"
        return (
            f"<Program in {form}, of {len(self._plan.graph.order)} nodes, {len(self.parameters)} "
            f"parameters{inputs}>"
        )

    def _repr_html_(self) -> str:
        """One line, and folded beneath it the source that runs."""
        from ..showing.html import folded, result
        from ..showing.source import highlighted

        return result(folded(repr(self), highlighted(str(self))), scrolls="Program")

    def to_source(self, xp: str = "numpy") -> str:
        """The program as a file that runs by itself, on ``numpy`` or on ``jax.numpy``.

        On JAX it is always in arrays: floats with branches cannot be traced by ``jax.jit``. Nothing
        raises there: answers are those of IEEE 754, NaN or an infinity where the program itself
        asks the graph, as it does for the slope at a tip; ``where`` or ``copysign`` may hide them.
        With "llvm" it is the code that LLVM compiles, of a program with ``native=True``.
        """
        if xp == "llvm" and self._plan.native:
            return self._plan.native.text
        if xp not in ("numpy", "jax.numpy"):
            raise ValueError(
                f'to_source(xp) knows "numpy", "jax.numpy", and, of a program with native=True, '
                f'"llvm"; got {xp!r}.'
            )
        text = self._text
        if xp != "numpy" and self._plan.straight and self._plan.in_arrays:
            text = self._plan.in_arrays()
        return text.whole(xp, self._recorded())

    def _recorded(self) -> dict[str, Vector]:
        """All arguments, with the numbers that the leaves hold now."""
        arguments = {"p": self.vector}
        for a in self._plan.graph.inputs:
            numbers = np.array(numbers_of(a.leaves), dtype=float).reshape(a.shape)
            arguments[a.name] = numbers[None] if self._plan.graph.batch else numbers
        return arguments

    @property
    def vector(self) -> Vector:
        """The numbers that the parameters hold now, in one new array."""
        return np.array(numbers_of(self.parameters), dtype=float)

    @vector.setter
    def vector(self, vector: ArrayLike) -> None:
        for x, number in zip(self.parameters, self._flat(vector).tolist(), strict=True):
            x.data = number

    def __call__(self, *inputs: ArrayLike) -> Y:
        """The value with the numbers that the parameters hold now; see ``value``."""
        return self.value(self.vector, *inputs)

    def value(self, vector: ArrayLike, *inputs: ArrayLike) -> Y:
        """The value at these parameters; an array where there are several outputs or samples."""
        flat, arrays = self._flat(vector), self._arrays(inputs)
        if native := self._natively.get("value"):
            call = native(self._samples(arrays), flat, arrays)
            if call is not None:
                y = self._answer(call.results, arrays)
                native.free(call)
                return y
        try:
            y = self._value(flat, *arrays)
            if math.isfinite(y) if self._plan.graph.single else np.isfinite(y).all():
                return self._answer(y, arrays)
        except self._failures:
            pass
        return self._eagerly(flat, arrays, gradient=False)[0]

    def value_and_grad(self, vector: ArrayLike, *inputs: ArrayLike) -> tuple[float, Vector]:
        """The value at these parameters, and its gradient as an array in the same order."""
        flat: Any = vector
        plain = type(flat) is ndarray and flat.dtype is FLOAT and flat.shape == self._shape
        if (
            self._lean is not None and plain and not inputs
            and (answer := self._lean(flat)) is not None
        ):  # fmt: skip
            return answer  # after 1 µs in all, not 1.7
        if self._no_gradient:
            raise TypeError(self._no_gradient)
        flat, arrays = flat if plain else self._flat(flat), self._arrays(inputs)
        if native := self._natively.get("value_and_grad"):
            call = native(self._samples(arrays), flat, arrays)
            if call is not None:
                both = call.results.item(0), call.after_first.copy()
                native.free(call)
                return both
        return self._both(flat, arrays)

    def _both(self, flat: Vector, arrays: list[Vector]) -> tuple[float, Vector]:
        """The value and the gradient without machine code."""
        try:
            y, gradient = self._value_and_grad(flat, *arrays)
            gradient = np.asarray(gradient, dtype=float)
            # 0 · ∞ is NaN; a third of the time of isfinite(x).all()
            if math.isfinite(y) and vdot(self._zeros, gradient) == 0.0:
                return float(y), gradient
        except self._failures:
            pass
        y, gradient = self._eagerly(flat, arrays, gradient=True)
        return float(y), gradient

    def bind(self, *inputs: ArrayLike) -> Run[Y]:
        """The program with arrays of its own, for a loop: see ``Run``.

        They begin with the numbers that the leaves hold now, or with these inputs; a batch keeps
        the number of samples that these have.

        >>> from autograd_lite import compile
        >>> run = compile(lambda x: x.exp(), inputs=[[0.0]], batch="each").bind([0.0, 0.0])
        >>> run.inputs[0][:] = 0.0, 1.0
        >>> run()
        >>> run.value
        array([1.        , 2.71828183])
        """
        arrays = [np.array(x, order="C") for x in self._arrays(inputs)]
        arguments = [self.vector, *arrays]
        name = "value" if self._no_gradient else "value_and_grad"
        native, n = self._natively.get(name), self._samples(arrays)
        call = native.prepared(n, arguments) if native else None
        graph = self._plan.graph
        shape = (n, *graph.shape) if graph.batch == "each" else graph.shape
        if call:
            arguments, results = call.arguments, call.results
        else:
            slopes = 0 if self._no_gradient else len(self.parameters)
            results = np.empty(math.prod(shape) + slopes)

        def otherwise(arguments: Sequence[Vector]) -> None:
            vector, *arrays = arguments
            if self._no_gradient:
                results[:] = np.ravel(self.value(vector, *arrays))
            else:
                results[0], results[1:] = self._both(vector, arrays)

        return Run(arguments, results, shape, call, otherwise, self._no_gradient)

    def gradient(self, *inputs: ArrayLike) -> Any:
        """The gradient by the inputs, as an array in the shape of the input; several, several.

        Of a batch it has a row for each sample, which is 1/n of that sample's own in a mean.

        >>> from autograd_lite import compile
        >>> compile(lambda x: x[0] ** 2 * x[1], inputs=[[1.0, 1.0]]).gradient([3.0, 5.0])
        array([30.,  9.])
        """
        if self._plan.graph.shape:
            raise TypeError(
                f"A gradient is that of one number; this program has "
                f"{len(self._plan.graph.outputs)} outputs. program.jacobian has a row for each."
            )
        return self.jacobian(*inputs)

    def jacobian(self, *inputs: ArrayLike) -> Any:
        """The derivative of every output by every number of the input, one axis after the other.

        >>> from autograd_lite import compile
        >>> compile(lambda x: [x[0] * x[1], x[1]], inputs=[[1.0, 1.0]]).jacobian([3.0, 5.0])
        array([[5., 3.],
               [0., 1.]])
        """
        graph = self._plan.graph
        if self._plan.by_inputs is None or not graph.inputs:
            raise TypeError(
                "This program has no inputs; value_and_grad has the gradient by the parameters. "
                "compile(..., inputs=[x]) makes leaves inputs."
            )
        self._by_inputs = self._by_inputs or self._plan.by_inputs()
        rows = self._by_inputs(*inputs)
        if graph.batch == "mean":
            rows = rows / len(rows)
        axes = (*rows.shape[:-1], *graph.shape)
        ends = np.cumsum([len(x.leaves) for x in graph.inputs])[:-1]
        parts = np.split(rows.reshape(*axes, -1), ends, axis=-1)
        slopes = [
            part.reshape((*axes, *x.shape))[()] for part, x in zip(parts, graph.inputs, strict=True)
        ]
        return slopes[0] if len(slopes) == 1 else tuple(slopes)

    @property
    def hessian(self) -> Matrix:
        """The second derivatives by the parameters: ``program.hessian(vector)``; see ``Matrix``.

        Inputs come behind the vector. Of a batch's mean or sum a product is computed per column.

        >>> from autograd_lite import Parameter, compile
        >>> x, y = Parameter(3.0), Parameter(4.0)
        >>> program = compile(x * x * y + y)
        >>> program.hessian([3.0, 4.0])
        array([[8., 6.],
               [6., 0.]])
        >>> program.hessian
        <Matrix 2×2, 3 entries not 0, 2 to compute>
        >>> mean = compile(lambda a: (a * x) ** 2, inputs=[[0.0]], batch="mean", parameters=[x])
        >>> mean.hessian([3.0], [1.0, 2.0])
        array([[5.]])
        """
        return self._matrix("hessian")

    @property
    def parameter_jacobian(self) -> Matrix:
        """The derivatives of each output by each parameter; see ``Matrix``.

        >>> from autograd_lite import Parameter, compile
        >>> x, y = Parameter(3.0), Parameter(4.0)
        >>> compile([x * y, y]).parameter_jacobian([3.0, 4.0])
        array([[4., 3.],
               [0., 1.]])
        """
        return self._matrix("jacobian")

    def hvp(self, vector: ArrayLike, along: ArrayLike, *inputs: ArrayLike) -> Vector:
        """The Hessian times a vector, without the Hessian."""
        return self._product("hvp", vector, along, inputs)

    def jvp(self, vector: ArrayLike, along: ArrayLike, *inputs: ArrayLike) -> Vector:
        """How the outputs change where the parameters move along a vector."""
        return self._product("jvp", vector, along, inputs)

    def vjp(self, vector: ArrayLike, weights: ArrayLike, *inputs: ArrayLike) -> Vector:
        """The gradient of the outputs' sum with these weights."""
        return self._product("vjp", vector, weights, inputs)

    def _product(
        self, what: str, vector: ArrayLike, along: ArrayLike, inputs: tuple[ArrayLike, ...]
    ) -> Vector:
        if what not in self._more:
            self._more[what] = self._beyond(what)
        program: Program[Vector] = self._more[what]
        flat, arrays = self._flat(vector), self._arrays(inputs)
        if self._plan.graph.batch:
            other = flat_of(along, len(self.parameters))
            return program.value(np.concatenate([flat, other]), *arrays)
        return program.value(flat, along, *arrays)

    def _matrix(self, what: str) -> Matrix:
        if what not in self._more:
            entries, vary, program = self._beyond(what)
            self._more[what] = Matrix(entries, vary, program, self._checked)
        matrix: Matrix = self._more[what]
        return matrix

    def _beyond(self, what: str) -> Any:
        """What the plan makes of the graph anew."""
        if what in ("hessian", "hvp") and self._no_gradient:
            raise TypeError(self._no_gradient)
        if self._plan.beyond is None or (self._plan.graph.batch and what not in ("hessian", "hvp")):
            raise TypeError(
                "This program is of a batch, or of derivatives by inputs. Compile the loss over "
                "all its samples, as one graph."
            )
        return self._plan.beyond(what)

    def _checked(self, vector: ArrayLike, inputs: tuple[ArrayLike, ...]) -> list[Vector]:
        return [self._flat(vector), *self._arrays(inputs)]

    def backward(self, *inputs: ArrayLike) -> float:
        """The value; adds the gradients to ``grad`` of the parameters, as ``Value.backward``."""
        y, gradient = self.value_and_grad(self.vector, *inputs)
        for x, slope in zip(self.parameters, gradient.tolist(), strict=True):
            x.grad += slope
        return y

    @contextmanager
    def training(self, optimiser: Updating, max_norm: float | None = None) -> Iterator[Training]:
        """``with program.training(optimiser) as step``: each ``step(*inputs)`` gives the loss.

        The optimiser steps one flat vector and goes on from what it remembers; no Value is touched
        until the end, where numbers and memory are written back, also on an error and on Ctrl-C.
        A loss that is not finite is given without a step; ``max_norm`` clips each gradient.

        Raises ``ValueError`` where the optimiser's parameters are not the program's, and what the
        optimiser raises for a gradient that is not finite.
        """
        if set(optimiser.parameters) != set(self.parameters):
            raise ValueError(
                f"The optimiser has {len(optimiser.parameters)} parameters, the program "
                f"{len(self.parameters)}, and they are not the same. Make the optimiser from "
                f"program.parameters, or compile with parameters=optimiser.parameters."
            )
        step = Training(self, optimiser, max_norm)
        try:
            yield step
        finally:
            step.write_back()

    # --- arguments ---

    def _flat(self, vector: ArrayLike) -> Vector:
        return flat_of(vector, len(self.parameters))

    def _arrays(self, inputs: tuple[ArrayLike, ...]) -> list[Vector]:
        plain: list[Any] = list(inputs)
        if plain and self._fitted == [
            x.shape for x in plain if type(x) is ndarray and x.dtype is FLOAT
        ]:
            return plain
        graph = self._plan.graph
        if not inputs and not graph.batch:
            return [
                np.array(numbers_of(x.leaves), dtype=float).reshape(x.shape) for x in graph.inputs
            ]
        if len(inputs) != len(graph.inputs):
            names = ", ".join(x.name for x in graph.inputs) or "none"
            raise TypeError(f"The program's inputs are {names}; got {len(inputs)} arrays.")
        arrays = [array_of(x, a.name) for a, x in zip(graph.inputs, inputs, strict=True)]
        samples = arrays[0].shape[:1] if graph.batch else ()
        none = graph.batch is not None and samples in ((), (0,))
        for argument, array in zip(graph.inputs, arrays, strict=True):
            if none or array.shape != samples + argument.shape:
                expected = graph.expects(argument)
                raise ValueError(
                    f"Input {argument.name} has the shape {expected}; got {array.shape}."
                )
        self._fitted = [array.shape for array in arrays]
        return arrays

    def _answer(self, y: Any, arrays: list[Vector]) -> Y:
        """The value in its shape, from whatever form it was computed in."""
        graph = self._plan.graph
        shaped: Any
        if graph.batch == "each":
            shaped = np.array(y, dtype=float).reshape(self._samples(arrays), *graph.shape)
        else:
            shaped = np.array(y, dtype=float) if graph.shape else float(np.ravel(y)[0])
        answer: Y = shaped  # as `compile` says of the graph's shape
        return answer

    def _samples(self, arrays: list[Vector]) -> int:
        return len(arrays[0]) if self._plan.graph.batch else 1

    # --- where the program cannot answer ---

    def _eagerly(self, vector: Vector, arrays: list[Vector], gradient: bool) -> tuple[Y, Vector]:
        """The answer of the graph itself, sample by sample in a batch; or what it raises."""
        plan = self._plan
        y, slopes = plan.eagerly(plan.graph, self.parameters, vector, arrays, gradient)
        return self._answer(y, arrays), slopes


def _of_lists(f: Callable[..., Any]) -> Callable[..., Any]:
    """f, which takes lists of floats, for arrays."""
    return lambda *arrays: f(*[array.ravel().tolist() for array in arrays])


@cache
def _keep_memory() -> None:
    """Let the C library keep the memory of arrays that are freed, as the next call wants it again.

    GNU's gives back what is free at the end of the heap, from 128 KB on, and takes it again page by
    page: 190 page faults a call of a small network with 1,000 samples, 560 µs instead of 150. It
    learns from the first large block that is freed how much to keep: twice that.
    """
    np.empty(2_000_000)


def _no_gradient(graph: Graph) -> str:
    """Why there is none, where there is none."""
    if graph.single:
        return ""
    if graph.batch:
        came = 'a row for each sample. Compile with batch="mean" or "sum"'
    else:
        came = f"{len(graph.outputs)} outputs. Compile one of them"
    return f"A gradient is that of one number; this program has {came}."
