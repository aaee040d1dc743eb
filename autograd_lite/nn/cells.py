"""``RNNCell``, ``LSTMCell``, ``GRUCell``: one step of a recurrent network, from state to state.

Names, formulas, the order of the gates and the layout of the weights are those of ``torch.nn``, for
one sample without a batch axis: what is said of those cells holds for these, and their numbers may
be carried over. Each gate of each unit is two ``dot`` nodes, of the input and of the state.

Next: ``recurrent.py``.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable
from numbers import Integral
from typing import Any, ClassVar, TypeAlias

from .. import ops
from ..value import Operand, Parameter, Value
from .activations import Activation, activation_named
from .fast import Weights, read, weighted_sum
from .module import Module

Row: TypeAlias = list[Value]
Numbers: TypeAlias = Operand | Iterable[Operand]  # a row; where the width is 1, a bare number too
Read: TypeAlias = tuple[tuple[Value, ...], tuple[float, ...]]  # what ``read`` makes of a row

INPUT = "its input"  # in messages


class Matrix(list[Weights]):
    """Rows of weights, with entries as an array has them: ``weight_ih[0, 1]`` beside ``[0][1]``.

    By ``dtype``, ``shape`` and ``ravel`` it is an array to ``Module`` and to whoever reads it.
    """

    dtype = object

    @property
    def shape(self) -> tuple[int, int]:
        return len(self), len(self[0]) if self else 0

    def ravel(self) -> Row:
        return [w for row in self for w in row]

    def __getitem__(self, place: Any) -> Any:
        return self[place[0]][place[1]] if isinstance(place, tuple) else super().__getitem__(place)


class Cell(Module):
    """What the three share: weights, drawn uniform on ±1/√hidden_size, and the sums of a gate.

    ``weight_ih`` has a row of ``input_size`` weights for each unit of each gate, gate by gate,
    ``weight_hh`` one of ``hidden_size``; ``bias_ih`` and ``bias_hh`` have one number for each, and
    none where ``bias`` is False.
    """

    gates: ClassVar[int] = 1

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        rng: random.Random | None = None,
        bias: bool = True,
    ) -> None:
        self.input_size = count(input_size, "input_size")
        self.hidden_size = count(hidden_size, "hidden_size")
        self.bias = bias
        bound = 1.0 / math.sqrt(self.hidden_size)
        n, draw = self.gates * self.hidden_size, (rng or random).uniform

        def drawn(length: int) -> Weights:
            return Weights(Parameter(draw(-bound, bound)) for _ in range(length))

        self.weight_ih = Matrix(drawn(self.input_size) for _ in range(n))
        self.weight_hh = Matrix(drawn(self.hidden_size) for _ in range(n))
        self.bias_ih: list[Value] = drawn(n if bias else 0)
        self.bias_hh: list[Value] = drawn(n if bias else 0)
        self.label_parameters()

    def _state(self, row: Numbers | None, name: str = "h") -> Read:
        width = self.hidden_size
        return self._row([0.0] * width if row is None else row, width, f"its state {name}")

    def _row(self, x: Any, width: int, what: str) -> Read:
        try:
            row = read(x if hasattr(x, "__iter__") else (x,))
        except TypeError:
            if not is_row(x) or not any(map(is_row, x)):
                raise  # it says which number is none
            advice = (
                "For a sequence use RNN, LSTM or GRU; for several call it with one after the other."
                if what == INPUT
                else "A pair of rows is the state of an LSTMCell."
            )
            raise TypeError(
                f"{self!r} takes one row of {width} as {what}; got {len(x)} rows. {advice}"
            ) from None
        if len(row[0]) != width:
            raise ValueError(f"{self!r} takes a row of {width} as {what}; got {len(row[0])}.")
        return row

    def _sums_of_input(self, x: Numbers) -> Row:
        """``weight_ih · x + bias_ih``, for each unit of each gate."""
        return self._sums(self.weight_ih, self.bias_ih, self._row(x, self.input_size, INPUT))

    def _sums_of_state(self, h: Read) -> Row:
        """``weight_hh · h + bias_hh``, for each unit of each gate."""
        return self._sums(self.weight_hh, self.bias_hh, h)

    def _sums(self, weights: Matrix, biases: list[Value], row: Read) -> Row:
        xs, numbers = row
        widths = [len(xs)] * (self.gates * self.hidden_size)
        wanted = len(widths) if self.bias else 0
        if (found := list(map(len, weights))) != widths or len(biases) != wanted:
            raise ValueError(
                f"{self!r} needs {len(widths)} rows of {len(xs)} weights there, and {wanted} "
                f"biases; it has {len(biases)} biases, and rows of {found}."
            )
        if not self.bias:
            return [ops.dot(w, xs) for w in weights]
        return [weighted_sum(w, xs, numbers, b) for w, b in zip(weights, biases, strict=True)]

    def _by_gate(self, sums: Row) -> list[Row]:
        n = self.hidden_size
        return [sums[k : k + n] for k in range(0, len(sums), n)]

    def __repr__(self) -> str:
        without = "" if self.bias else ", bias=False"
        return f"{type(self).__name__}({self.input_size}, {self.hidden_size}{without})"


class RNNCell(Cell):
    """One step of Elman's network (1990): h′ = tanh(W_ih x + b_ih + W_hh h + b_hh).

    Called with a row of ``input_size`` numbers and a state, a row of ``hidden_size`` (zeros where
    none is given), it gives the next state. ``nonlinearity`` is "tanh", "relu" or any other
    activation; ``bias=False`` leaves b_ih and b_hh out, here and in the other two. Raises
    ``ValueError`` for a row of another width, ``TypeError`` for what is none.

    >>> random.seed(0)
    >>> cell = RNNCell(2, 1)
    >>> h = cell([1.0, -2.0])
    >>> h = cell([0.5, 0.0], h)
    >>> h
    [Value(data=-0.0094784..., grad=0.0)]
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        nonlinearity: str | Activation = "tanh",
        rng: random.Random | None = None,
        bias: bool = True,
    ) -> None:
        super().__init__(input_size, hidden_size, rng, bias)
        self.nonlinearity, self._activate = activation_named(nonlinearity)

    def __call__(self, x: Numbers, state: Numbers | None = None) -> Row:
        h = self._state(state)
        sums = [a + b for a, b in zip(self._sums_of_input(x), self._sums_of_state(h), strict=True)]
        return sums if self._activate is None else list(map(self._activate, sums))

    def __repr__(self) -> str:
        chosen = "" if self.nonlinearity == "tanh" else f", nonlinearity={self.nonlinearity!r}"
        return f"{super().__repr__()[:-1]}{chosen})"


class LSTMCell(Cell):
    """One step of long short-term memory: c′ = σ(f) c + σ(i) tanh(g), h′ = σ(o) tanh(c′).

    The gates i, f, g, o are, in this order, W_ih x + b_ih + W_hh h + b_hh (Hochreiter and
    Schmidhuber, 1997, with the forget gate f of Gers, Schmidhuber and Cummins, 2000). Called with a
    row of ``input_size`` numbers and a state, the pair ``(h, c)`` of rows of ``hidden_size`` (zeros
    where none is given), it gives the next pair. Raises as ``RNNCell`` does.

    >>> random.seed(0)
    >>> cell = LSTMCell(2, 1)
    >>> h, c = cell([1.0, -2.0])
    >>> h, c = cell([0.5, 0.0], (h, c))
    >>> h, c
    ([Value(data=0.4612787..., grad=0.0)], [Value(data=0.9001581..., grad=0.0)])
    """

    gates = 4

    def __call__(self, x: Numbers, state: tuple[Numbers, Numbers] | None = None) -> tuple[Row, Row]:
        h, c = (None, None) if state is None else pair(self, state)
        before, (cells, _) = self._state(h), self._state(c, "c")
        sums = zip(self._sums_of_input(x), self._sums_of_state(before), strict=True)
        i, f, g, o = self._by_gate([a + b for a, b in sums])
        i, f, o = ([gate.sigmoid() for gate in gates] for gates in (i, f, o))
        g = [gate.tanh() for gate in g]
        after = [f * c + i * g for i, f, g, c in zip(i, f, g, cells, strict=True)]
        return [o * c.tanh() for o, c in zip(o, after, strict=True)], after


class GRUCell(Cell):
    """One step of a gated recurrent unit: h′ = (1 − z) n + z h, n = tanh(x_n + r h_n).

    The gates r, z, n lie in this order; r and z are σ(W_ih x + b_ih + W_hh h + b_hh), x_n is
    W_ih x + b_ih, and h_n is W_hh h + b_hh (Cho and others, 2014; r comes after the weights, as in
    PyTorch). Called with a row of ``input_size`` numbers and a state, a row of ``hidden_size``
    (zeros where none is given), it gives the next state. Raises as ``RNNCell`` does.

    >>> random.seed(0)
    >>> cell = GRUCell(2, 1)
    >>> h = cell([1.0, -2.0])
    >>> h = cell([0.5, 0.0], h)
    >>> h
    [Value(data=0.0699039..., grad=0.0)]
    """

    gates = 3

    def __call__(self, x: Numbers, state: Numbers | None = None) -> Row:
        h = self._state(state)
        xr, xz, xn = self._by_gate(self._sums_of_input(x))
        hr, hz, hn = self._by_gate(self._sums_of_state(h))
        r = [(a + b).sigmoid() for a, b in zip(xr, hr, strict=True)]
        z = [(a + b).sigmoid() for a, b in zip(xz, hz, strict=True)]
        n = [(a + r * b).tanh() for a, b, r in zip(xn, hn, r, strict=True)]
        return [n + z * (h - n) for n, z, h in zip(n, z, h[0], strict=True)]  # (1 − z) n + z h


def count(n: int, name: str) -> int:
    """``n`` as an int; ``ValueError`` unless it is a whole number, 1 or more."""
    if not isinstance(n, Integral) or n < 1:
        raise ValueError(f"{name} is a whole number, 1 or more; got {n!r}.")
    return int(n)


def is_row(x: object) -> bool:
    """Whether x is a list or an array rather than a number."""
    return hasattr(x, "__len__") and not isinstance(x, str)


def pair(module: Module, state: Any) -> tuple[Any, Any]:
    """The two parts of an LSTM's state; ``TypeError`` where there are not two."""
    if not is_row(state) or len(state) != 2:
        came = f"{len(state)} of them" if is_row(state) else repr(state)
        raise TypeError(f"{module!r} takes the pair (h, c) as its state; got {came}.")
    h, c = state
    return h, c
