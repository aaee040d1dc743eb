"""``Run``: a program whose numbers lie at fixed places, to be called again and again.

What a call costs beside its arithmetic is Python's: arguments to look at, answers to make. Here
both are done once. In machine code 0.2 µs are left, where the ordinary call takes one.

Next: ``matrices.py``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from ..signatures import Point, Vector
from .machine.native import Call
from .numbers import flat_of

Y = TypeVar("Y", bound=Point)


class Run(Generic[Y]):
    """A program with its own arrays: write numbers into them, call it, read what it made of them.

    ``vector`` holds the parameters and ``inputs`` the arrays of the inputs; after a call ``value``
    and ``gradient`` hold the answers, which the next call overwrites: copy what is to stay. Before
    the first they are NaN. Each thread needs a run of its own.

    A call raises what ``program.value_and_grad`` raises.

    >>> from autograd_lite import Value, compile
    >>> x, y = Value(3.0), Value(4.0)
    >>> run = compile(x * y + x).bind()
    >>> run()
    >>> run.value, run.gradient
    (15.0, array([5., 3.]))
    >>> run.vector[1] = 0.0
    >>> run()
    >>> run.value, run.gradient
    (3.0, array([1., 3.]))
    """

    __slots__ = (
        "_arguments", "_call", "_code", "_gradient", "_no_gradient", "_otherwise", "_place",
        "_results", "_value", "inputs",
    )  # fmt: skip

    def __init__(
        self,
        arguments: Sequence[Vector],
        results: Vector,
        shape: tuple[int, ...],
        call: Call | None,
        otherwise: Callable[[Sequence[Vector]], None],
        no_gradient: str,
    ) -> None:
        """The value has this shape, and what follows it in the results is the gradient.

        ``otherwise`` fills the results where there is no machine code, or none that answers;
        ``no_gradient`` says why there is none.
        """
        self._arguments, self._results, self._otherwise = arguments, results, otherwise
        self._call = call  # holds what the machine code reads
        self._code: Any = call and call.run
        self._place: Any = call and call.place
        size = math.prod(shape)
        self._value, self._gradient = results[:size].reshape(shape), results[size:]
        self._no_gradient = no_gradient
        self.inputs = tuple(arguments[1:])
        results.fill(np.nan)

    def __call__(self) -> None:
        """Compute with the numbers that the arrays hold now."""
        if self._code is None or self._code(self._place):
            self._otherwise(self._arguments)

    @property
    def vector(self) -> Vector:
        """The parameters, in the order of ``program.parameters``."""
        return self._arguments[0]

    @vector.setter
    def vector(self, vector: ArrayLike) -> None:
        self._arguments[0][:] = flat_of(vector, len(self.vector))

    @property
    def value(self) -> Y:
        """What the last call made: a number, or an array where there are several."""
        value: Any = self._value if self._value.shape else self._value.item()
        answer: Y = value
        return answer

    @property
    def gradient(self) -> Vector:
        """What the last call made, in the order of the parameters."""
        if self._no_gradient:
            raise TypeError(self._no_gradient)
        return self._gradient
