"""``RNN``, ``LSTM``, ``GRU``: cells above each other, which step along a sequence.

Arguments and results are those of ``torch.nn`` for one sequence without a batch axis: a list of
rows, one per step. ``cells[0].weight_ih`` is ``weight_ih_l0`` there. A loss on the last output is
many to one, the sum or mean of losses on all of them many to many.

The graph is as long as the sequence, and ``backward()`` goes back through every step of it. To go
back through fewer, cut a long sequence into chunks, and hand ``detached(state)`` on to the next.

Next: ``pairs.py``.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, TypeAlias, TypeVar

from ..value import Constant, Value
from .activations import Activation
from .cells import Cell, GRUCell, LSTMCell, Numbers, RNNCell, Row, count, is_row, pair
from .module import Module

State = TypeVar("State")
Rows: TypeAlias = Iterable[Numbers]  # one per step, or one per layer


def detached(state: State) -> State:
    """The numbers of a state without its history, in constants: ``backward()`` ends there.

    It takes what a cell or a network gives: a row, a pair of rows, rows of several layers.

    >>> x = Value(3.0)
    >>> detached(([x * x], [x + 1.0]))
    ([Constant(data=9.0, grad=0.0)], [Constant(data=4.0, grad=0.0)])
    """
    cut: State = _detached(state)
    return cut


def _detached(state: Any) -> Any:
    if isinstance(state, Value):  # a constant, for a module may keep its state and not train it
        return Constant(state.detach().data, state.label)
    if isinstance(state, list | tuple):
        return type(state)(map(_detached, state))
    return _detached(state.tolist()) if hasattr(state, "tolist") else state


class Recurrent(Module):
    """What the three share: each cell steps along the states of the one below it."""

    kind: ClassVar[type[Cell]]
    cells: Sequence[Any]

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        rng: random.Random | None = None,
        bias: bool = True,
    ) -> None:
        widths = _widths(input_size, hidden_size, num_layers)
        self.cells = [self.kind(width, hidden_size, rng, bias) for width in widths]
        self.label_parameters()

    def _run(self, x: Any, states: Iterable[Any]) -> tuple[list[Row], list[Any]]:
        """The last cell's output at every step, and the last state of every cell."""
        rows, last = self._steps(x), []
        for cell, state in zip(self.cells, states, strict=True):
            outputs = []
            for row in rows:
                state = cell(row, state)
                outputs.append(state[0] if isinstance(state, tuple) else state)
            rows = outputs
            last.append(state)
        return rows, last

    def _steps(self, x: Any) -> list[Any]:
        if not hasattr(x, "__iter__"):
            raise TypeError(
                f"{self!r} takes a sequence, a list of rows of {self.cells[0].input_size}; got "
                f"{x!r}. For a single step write [x]."
            )
        if not (steps := list(x)):
            raise ValueError(f"{self!r} takes a sequence of 1 step or more; got an empty one.")
        return steps

    def _states(self, rows: Any, name: str = "h") -> list[Any]:
        """The states before the first step, one for each cell."""
        n = len(self.cells)
        if rows is None:
            return [None] * n
        if not is_row(rows) or len(rows) != n:
            came = f"{len(rows)} of them" if is_row(rows) else repr(rows)
            raise (ValueError if is_row(rows) else TypeError)(
                f"{self!r} takes as its state {name} a row for each layer, a list of {n}; got "
                f"{came}."
            )
        return list(rows)

    def _parts(self) -> Sequence[Any]:
        return self.cells


class RNN(Recurrent):
    """``num_layers`` of ``RNNCell``, stepping along a sequence.

    Called with a list of rows of ``input_size`` numbers, and a state, a row of ``hidden_size`` per
    layer (zeros where none is given), it gives the outputs of the last layer, a row per step, and
    the state after the last step. Where a row has one number, the bare number will do. ``bias`` is
    that of the cells. Raises
    ``ValueError`` for an empty sequence, for rows of another width and states of another number of
    layers, ``TypeError`` for what is no list of rows.

    >>> rnn = RNN(1, 3, num_layers=2)
    >>> outputs, state = rnn([0.5, -1.0, 2.0, 0.0])
    >>> len(outputs), len(outputs[0]), len(state), outputs[-1] == state[-1]
    (4, 3, 2, True)
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str | Activation = "tanh",
        rng: random.Random | None = None,
        bias: bool = True,
    ) -> None:
        widths = _widths(input_size, hidden_size, num_layers)
        self.cells = [RNNCell(width, hidden_size, nonlinearity, rng, bias) for width in widths]
        self.label_parameters()

    def __call__(self, x: Rows, state: Rows | None = None) -> tuple[list[Row], list[Row]]:
        return self._run(x, self._states(state))


class LSTM(Recurrent):
    """``num_layers`` of ``LSTMCell``, stepping along a sequence.

    As ``RNN``, but for the state, given and returned, which is a pair: h and c, each with a row of
    ``hidden_size`` per layer.

    >>> lstm = LSTM(2, 3)
    >>> outputs, (h, c) = lstm([[0.5, -1.0], [2.0, 0.0]])
    >>> more, (h, c) = lstm([[1.0, 1.0]], detached((h, c)))
    >>> len(outputs), len(h), len(c), len(c[0])
    (2, 1, 1, 3)
    """

    kind = LSTMCell

    def __call__(
        self, x: Rows, state: tuple[Rows, Rows] | None = None
    ) -> tuple[list[Row], tuple[list[Row], list[Row]]]:
        h, c = (None, None) if state is None else pair(self, state)
        states = zip(self._states(h), self._states(c, "c"), strict=True)
        outputs, last = self._run(x, states)
        return outputs, ([h for h, _ in last], [c for _, c in last])


class GRU(Recurrent):
    """``num_layers`` of ``GRUCell``, stepping along a sequence, called as ``RNN`` is.

    It learns to spell: each letter is the target of the step that has read the one before it.

    >>> from autograd_lite.nn import Layer, cross_entropy
    >>> from autograd_lite.optim import Adam
    >>> word, letters = "hello", "ehlo"
    >>> one_hot = {a: [float(a == b) for b in letters] for a in letters}
    >>> random.seed(0)
    >>> gru, head = GRU(4, 6), Layer(6, 4, nonlin=False)
    >>> adam = Adam(gru.parameters() + head.parameters(), 0.1)
    >>> for epoch in range(30):
    ...     outputs, state = gru([one_hot[letter] for letter in word[:-1]])
    ...     targets = [letters.index(letter) for letter in word[1:]]
    ...     loss = cross_entropy([head(row) for row in outputs], targets)
    ...     adam.zero_grad(); loss.backward(); adam.step()
    >>> spelt, state = "h", None
    >>> while len(spelt) < len(word):
    ...     outputs, state = gru([one_hot[spelt[-1]]], state)
    ...     spelt += max(zip(map(float, head(outputs[-1])), letters))[1]
    >>> spelt
    'hello'
    """

    kind = GRUCell

    def __call__(self, x: Rows, state: Rows | None = None) -> tuple[list[Row], list[Row]]:
        return self._run(x, self._states(state))


def _widths(input_size: int, hidden_size: int, num_layers: int) -> list[int]:
    """The width of what each cell steps along: the sequence's, then that of a state."""
    return [input_size, *[hidden_size] * (count(num_layers, "num_layers") - 1)]
