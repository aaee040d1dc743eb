"""``Neuron``, ``Layer``, ``MLP``: a neuron is one ``dot`` node and an activation.

The signatures, the printed form and the random draws (``random.uniform(-1, 1)`` per weight,
neuron by neuron, biases 0) are micrograd's, so the same seed gives the same network; ``rng`` draws
them from a generator of one's own, ``random.Random(seed)``.

Next: ``containers.py``.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from numbers import Integral
from typing import Any, TypeAlias

from ..value import Operand, Parameter, Value
from .activations import Activation, activation_named
from .fast import Sample, Weights, read, weighted_sum
from .module import Module
from .passes import Pass as Pass
from .weights import Numbers

#: A list of Values, or the bare Value of a single neuron. How many there are a number says, which
#: no type can read; a union would call both ``score.relu()`` and ``logits[0]`` mistakes. So what is
#: done with it is not checked, as in PyTorch, until a name says more: ``score: Value = model(x)``.
Output: TypeAlias = Any


class Neuron(Module):
    """``activation(w · x + b)`` for ``nin`` inputs; linear where ``nonlin`` is False.

    >>> random.seed(0)
    >>> Neuron(2, activation="tanh")([1.0, -2.0]).data
    -0.33012978...
    """

    def __init__(
        self,
        nin: int,
        nonlin: bool = True,
        activation: str | Activation = "relu",
        rng: random.Random | None = None,
    ) -> None:
        nin = _size(nin, "nin")
        _check_nonlin(nonlin)
        draw = (rng or random).uniform
        self.w: list[Value] = Weights(Parameter(draw(-1, 1)) for _ in range(nin))
        self.b: Value = Parameter(0.0)
        self.nonlin = nonlin
        self.activation, self._activate = activation_named(activation if nonlin else "linear")
        self.label_parameters()

    def __call__(self, x: Sample) -> Value:
        return self.of(*read(x))

    def of(self, xs: tuple[Value, ...], numbers: tuple[float, ...]) -> Value:
        """The neuron of one sample as ``read``, which a layer does once for all its neurons."""
        w = self.w
        if len(xs) != len(w):
            raise ValueError(f"{self!r} takes {len(w)} inputs; got {len(xs)}.")
        z = weighted_sum(w, xs, numbers, self.b)  # w · x + b
        return z if self._activate is None else self._activate(z)

    def signals(self, x: Sample) -> tuple[Value, Value]:
        """The weighted input z = w · x + b, and the activation of it: one Value where linear."""
        z = weighted_sum(self.w, *read(x), self.b)
        return z, z if self._activate is None else self._activate(z)

    def __repr__(self) -> str:
        names = {"linear": "Linear", "relu": "ReLU"}
        return f"{names.get(self.activation, self.activation.title())}Neuron({len(self.w)})"

    def _summary(self) -> tuple[str, str]:
        return f"{len(self.w)} → 1", self.activation


class Layer(Module):
    """``nout`` neurons over the same ``nin`` inputs; called, it gives a list, or one bare Value.

    ``mask`` says which inputs each neuron sees, one row of ``nin`` truth values per neuron; a
    neuron has weights only for what it sees.

    >>> random.seed(0)
    >>> layer = Layer(3, 2, mask=[[1, 1, 0], [0, 1, 1]])
    >>> layer
    Layer of [ReLUNeuron(2), ReLUNeuron(2)]
    >>> [value.data for value in layer([1.0, 2.0, 3.0])]
    [1.7206613..., 0.0]
    """

    def __init__(
        self,
        nin: int,
        nout: int,
        nonlin: bool = True,
        activation: str | Activation = "relu",
        mask: Sequence[Sequence[object]] | None = None,
        rng: random.Random | None = None,
    ) -> None:
        self.nin = _size(nin, "nin")
        self._seen: list[list[int]] | None = None
        widths = [self.nin] * _size(nout, "nout")
        if mask is not None:
            shapes = [len(row) for row in mask]
            if shapes != [nin] * nout:
                raise ValueError(
                    f"The mask of a layer of {nin} inputs and {nout} neurons has {nout} rows of "
                    f"{nin}; got rows of {shapes}."
                )
            self._seen = [[i for i, seen in enumerate(row) if seen] for row in mask]
            widths = [len(seen) for seen in self._seen]
            if 0 in widths:
                raise ValueError(f"The mask leaves neuron {widths.index(0) + 1} without inputs.")
        self.neurons = [Neuron(width, nonlin, activation, rng) for width in widths]
        self.label_parameters()

    def __call__(self, x: Sample | Value) -> Output:
        xs, numbers = read((x,) if isinstance(x, Value) else x)
        if len(xs) != self.nin:
            raise ValueError(
                f"{self._title()} takes {self.nin} inputs; got {len(xs)}. Give one number or "
                f"Value per input."
            )
        if self._seen is None:
            out = [neuron.of(xs, numbers) for neuron in self.neurons]
        else:
            pairs = zip(self.neurons, self._seen, strict=True)
            out = [neuron([xs[i] for i in seen]) for neuron, seen in pairs]
        return out[0] if len(out) == 1 else out

    weights = Numbers(
        lambda self: self._matrix(),
        "The weights as a float64 array of nout × nin, 0 where a mask is; assign to set them.",
    )
    biases = Numbers(lambda self: [n.b for n in self.neurons], "The biases, one per neuron.")
    weights_grad = Numbers(
        lambda self: self._matrix(), "The gradients of ``weights``, likewise.", of="grad"
    )
    biases_grad = Numbers(
        lambda self: [n.b for n in self.neurons], "The gradients of ``biases``.", of="grad"
    )

    def signals(self, neuron: int, below: Sequence[Operand]) -> tuple[Value, Value]:
        """The weighted input of one neuron, and its activation."""
        return self.neurons[neuron].signals([below[i] for i in self.seen_by(neuron)])

    def seen_by(self, neuron: int) -> Sequence[int]:
        """The numbers of the inputs that a neuron sees: all, where there is no mask."""
        return range(self.nin) if self._seen is None else self._seen[neuron]

    def _matrix(self) -> list[list[Value | None]]:
        """One row of ``nin`` weights per neuron, with None for what a mask hides from it."""
        seen = self._seen or [list(range(self.nin))] * len(self.neurons)
        rows: list[list[Value | None]] = [[None] * self.nin for _ in self.neurons]
        for row, places, neuron in zip(rows, seen, self.neurons, strict=True):
            for place, w in zip(places, neuron.w, strict=True):
                row[place] = w
        return rows

    def _title(self) -> str:
        name = self.neurons[0].b.label.rpartition(".neuron")[0]
        return f"Layer {name} of {len(self.neurons)} neurons" if name else repr(self)

    def _parts(self) -> list[Neuron]:
        return self.neurons

    def _summary(self) -> tuple[str, str]:
        return f"{self.nin} → {len(self.neurons)}", self.neurons[0].activation


class MLP(Module):
    """Layers in a row: ``MLP(2, [16, 16, 1])`` has two hidden layers of 16 and one output.

    Hidden layers use ``activation``, the last one ``output``; a list has one for each layer.

    >>> random.seed(0)
    >>> model = MLP(2, [2, 1], activation="tanh")
    >>> model
    MLP of [Layer of [TanhNeuron(2), TanhNeuron(2)], Layer of [LinearNeuron(2)]]
    >>> len(model.parameters()), model.layers[0].neurons[1].w[0].label
    (9, 'layer1.neuron2.w1')
    """

    def __init__(
        self,
        nin: int,
        nouts: Sequence[int],
        activation: str | Activation | Sequence[str | Activation] = "relu",
        output: str | Activation = "linear",
        rng: random.Random | None = None,
    ) -> None:
        if not hasattr(nouts, "__len__") or len(nouts) == 0:
            raise ValueError(
                f"nouts lists the neurons of each layer, such as [16, 16, 1]; got {nouts!r}."
            )
        sizes = [nin, *nouts]
        activations: list[str | Activation]
        if isinstance(activation, str) or not isinstance(activation, Sequence):
            activations = [*[activation] * (len(nouts) - 1), output]
        else:
            activations = list(activation)
            if len(activations) != len(nouts) or output != "linear":
                raise ValueError(
                    f"A list of activations has one for each of the {len(nouts)} layers, the last "
                    f"instead of output=; got {activations!r}."
                )
        self.layers = [
            Layer(nin, nout, nonlin=chosen != "linear", activation=chosen, rng=rng)
            for nin, nout, chosen in zip(sizes, sizes[1:], activations, strict=False)
        ]
        self.label_parameters()

    def __call__(self, x: Sample | Value) -> Output:
        first, *rest = self.layers
        out = first(x)
        for layer in rest:
            out = layer(out)
        return out

    def trace(self, x: Sample) -> Pass:
        """One sample's way through the network, layer by layer, as textbooks write it.

        So are its Values labelled, for pictures and steps: ``z1[2]``, ``W1[2,3]``. What has a label
        of your own keeps it; ``label_parameters()`` gives parameters their names in the model back.

        >>> model = MLP(2, [2, 1], activation="sigmoid", output="sigmoid")
        >>> trace = model.trace([0.5, -1.0])
        >>> (trace.a[2][0] ** 2).backward()
        >>> len(trace.z[1]), trace.a[1][0].label, len(trace.delta[1])
        (2, 'a1[1]', 2)
        >>> from autograd_lite import steps
        >>> print(steps(trace.a[1][0])[0].math)
        z1[1] = W1[1,1] × x[1] + W1[1,2] × x[2] + b1[1] = ...
        """
        for name, parameter in self.named_parameters():
            if f".{parameter.label}".endswith(f".{name}"):  # nobody named it but a module
                parameter.label = ""
        trace = Pass(z={}, a={0: list(read(x)[0])})
        _label("x", trace.a[0])
        for number, layer in enumerate(self.layers, start=1):
            below = trace.a[number - 1]
            pairs = [layer.signals(k, below) for k in range(len(layer.neurons))]
            trace.z[number], trace.a[number] = (list(column) for column in zip(*pairs, strict=True))
            for k, row in enumerate(layer._matrix(), start=1):
                _label(f"W{number}", row, f"{k},")
            _label(f"b{number}", [neuron.b for neuron in layer.neurons])
            _label(f"z{number}", trace.z[number])
            _label(f"a{number}", trace.a[number])
        return trace

    def _parts(self) -> list[Layer]:
        return self.layers


def _label(name: str, values: Sequence[Value | None], row: str = "") -> None:
    """``name[1]``, ``name[2]``, … for the Values that have no label."""
    for k, value in enumerate(values, start=1):
        if value is not None and not value.label:
            value.label = f"{name}[{row}{k}]"


def _check_nonlin(nonlin: object) -> None:
    """Not a name: ``Layer(2, 2, "tanh")`` reads as a layer of tanh, and any text is true."""
    if isinstance(nonlin, str) or callable(nonlin):
        raise TypeError(
            f"nonlin, the argument before activation, is True or False; got {nonlin!r}. Write "
            f"activation={getattr(nonlin, '__name__', nonlin)!r}."
        )


def _size(n: int, name: str) -> int:
    if not isinstance(n, Integral) or n < 1:
        raise ValueError(f"{name} is the number of inputs or neurons, 1 or more; got {n!r}.")
    return int(n)
