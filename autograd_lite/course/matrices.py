"""Exercises in matrices: errors that go back, back-propagation of layers, ReLU and cross-entropy.

Next: ``descent.py``.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

from .. import ops
from ..engine.arrays import np
from ..transforms import grad
from .judge import Case, Exercise, Mistake


def generator(rng: random.Random) -> np.random.Generator:
    return np.random.default_rng(rng.randrange(2**32))


def sigma(z: Any) -> Any:
    return 1.0 / (1.0 + np.exp(-z))


# --- one layer, and layers in a row ---------------------------------------------------------------


def errors_above(rng: random.Random) -> Iterator[Case]:
    """W, δ and z of layers from two neurons to one, three to two and so on, and of square ones."""
    draw = generator(rng)
    for above, below in ((1, 2), (2, 2), (2, 3), (3, 3), (4, 1), (3, 2)):
        arrays = (
            draw.normal(size=(above, below)),
            draw.normal(size=above),
            draw.normal(size=below),
        )
        yield Case(tuple(array.round(2) for array in arrays))


def error_below(W: Any, delta: Any, z: Any) -> Any:
    """δ below is the gradient by z of δ · W·σ(z)."""
    return grad(lambda z: delta @ (W @ ops.sigmoid(z)))(z)


def networks(rng: random.Random) -> Iterator[Case]:
    """Weights and biases of a few layers, an input and a target."""
    draw = generator(rng)
    for sizes in ((1, 1), (2, 1), (2, 2, 2), (3, 3, 3), (3, 4, 2), (2, 3, 3, 1)):
        pairs = zip(sizes[1:], sizes, strict=False)
        Ws = [draw.normal(size=shape).round(2) for shape in pairs]
        bs = [draw.normal(size=size).round(2) for size in sizes[1:]]
        x, y = draw.normal(size=sizes[0]).round(2), draw.uniform(size=sizes[-1]).round(2)
        where = f"the layers have {' → '.join(map(str, sizes))} neurons"
        yield Case((Ws, bs, x, y), where, "backpropagation(Ws, bs, x, y)")


def cost(Ws: Any, bs: Any, x: Any, y: Any) -> Any:
    """C = ½·|a − y|² of σ layers."""
    a = x
    for W, b in zip(Ws, bs, strict=True):
        a = ops.sigmoid(W @ a + b)
    return 0.5 * ((a - y) ** 2).sum()


def gradients(*arguments: Any) -> list[Any]:
    return [list(part) for part in grad(cost, (0, 1))(*arguments)]


def by_hand(slopes: bool = True, turned: bool = True) -> Callable[..., list[list[Any]]]:
    """The four equations, but for the slopes of hidden layers, or for the transpose of W."""

    def outcome(Ws: Any, bs: Any, x: Any, y: Any) -> list[list[Any]]:
        activations = [x]
        for W, b in zip(Ws, bs, strict=True):
            activations.append(sigma(W @ activations[-1] + b))
        a = activations[-1]
        delta = (a - y) * a * (1 - a)
        dWs: list[Any] = []
        dbs: list[Any] = []
        for W, below in zip(reversed(Ws), reversed(activations[:-1]), strict=True):
            dWs.insert(0, np.outer(delta, below))
            dbs.insert(0, delta)
            square = W.shape[0] == W.shape[1]
            delta = (W.T if turned or not square else W) @ delta
            delta = delta * (below * (1 - below) if slopes else 1.0)
        return [dWs, dbs]

    return outcome


# --- ReLU, sigmoid, cross-entropy, over a batch ---------------------------------------------------


def behind_a_relu(rng: random.Random) -> Iterator[Case]:
    draw = generator(rng)
    yield Case((np.array([1.0, 2.0, 3.0]), np.array([-1.0, 0.5, 2.0])))
    yield Case((np.array([1.0, -2.0]), np.array([0.0, 3.0])))
    for shape in ((1, 4), (3, 2), (4, 5), (2, 2)):
        yield Case((draw.normal(size=shape).round(2), draw.normal(size=shape).round(2)))


def relu_backward(dA: Any, Z: Any) -> Any:
    return grad(lambda Z: (dA * ops.relu(Z)).sum())(Z)


def logits(rng: random.Random) -> Iterator[Case]:
    for z in (0.0, 2.0, -3.0, 30.0, -40.0, 800.0, -800.0, round(rng.uniform(-5, 5), 1)):
        for y in (0.0, 1.0):
            yield Case((z, y))


def cross_entropy(z: float, y: float) -> Any:
    """−log σ(z) where y is 1, −log(1 − σ(z)) where it is 0."""
    return ops.softplus(-z if y else z)


def batches(rng: random.Random) -> Iterator[Case]:
    draw = generator(rng)
    for inputs, hidden, samples in ((2, 1, 1), (2, 4, 3), (3, 4, 8), (2, 2, 5), (2, 4, 4)):
        arrays = {
            "W1": draw.normal(size=(hidden, inputs)),
            "b1": draw.normal(size=(hidden, 1)),
            "W2": draw.normal(size=(1, hidden)),
            "b2": draw.normal(size=(1, 1)),
        }
        X, Y = draw.normal(size=(inputs, samples)), draw.integers(0, 2, size=(1, samples)) + 0.0
        where = f"W1 is {hidden} × {inputs} and X {inputs} × {samples}"
        yield Case((arrays, X, Y), where, "two_layers(p, X, Y)")


def batch_loss(p: Any, X: Any, Y: Any) -> Any:
    """The mean of the cross-entropies of σ(W2·relu(W1·X + b1) + b2), a column per sample."""
    Z2 = p["W2"] @ ops.relu(p["W1"] @ X + p["b1"]) + p["b2"]
    return (ops.softplus(Z2) - Y * Z2).sum() / X.shape[1]


def in_matrices(slope: Callable[[Any, Any], Any], mean: bool = True) -> Callable[..., Any]:
    """The gradients by hand, with a slope of the hidden layer, and as a mean or a sum."""

    def outcome(p: Any, X: Any, Y: Any) -> dict[str, Any]:
        Z1 = p["W1"] @ X + p["b1"]
        A1 = np.maximum(Z1, 0.0)
        dZ2 = (sigma(p["W2"] @ A1 + p["b2"]) - Y) / (X.shape[1] if mean else 1)
        dZ1 = p["W2"].T @ dZ2 * slope(Z1, A1)
        return {
            "W1": dZ1 @ X.T,
            "b1": dZ1.sum(axis=1, keepdims=True),
            "W2": dZ2 @ A1.T,
            "b2": dZ2.sum(axis=1, keepdims=True),
        }

    return outcome


TANH = "This is 1 − A², the slope of tanh. Behind a ReLU it is 1 where Z > 0, else 0."

EXERCISES = (
    Exercise(
        "delta",
        "delta_below",
        errors_above,
        error_below,
        hints=(
            "Two factors: what comes back through the weights, and the slope of σ at z.",
            "Neuron j feels every δ above by its weight: Σ W[k, j]·δ[k], which is W.T @ δ.",
            "With a = σ(z) the slope is a·(1 − a), entry by entry: W.T @ delta * a * (1 - a).",
        ),
        mistakes=(
            Mistake(lambda W, delta, z: W.T @ delta, "The slope of σ at z is missing: a·(1 − a)."),
            Mistake(
                lambda W, delta, z: W.T @ delta * z * (1 - z),
                "z·(1 − z) is not the slope: it is a·(1 − a) with a = σ(z).",
            ),
        ),
    ),
    Exercise(
        "backpropagation",
        "backpropagation",
        networks,
        gradients,
        hints=(
            "Forward: keep x and every a. Backward: begin with δ = (a − y)·a·(1 − a).",
            "In a layer dW = np.outer(δ, a below), db = δ; then δ below = W.T @ δ · a·(1 − a).",
            "Return two lists, those of dW and of db, the first layer first.",
        ),
        mistakes=(
            Mistake(
                by_hand(slopes=False),
                "In the hidden layers the slope of σ is missing, a·(1 − a).",
            ),
            Mistake(
                by_hand(turned=False),
                "Back through a layer leads W.T, not W. The shape of a square W cannot tell.",
            ),
            Mistake(
                lambda *args: [part[::-1] for part in by_hand()(*args)],
                "The numbers are right, but the last layer comes first.",
            ),
        ),
    ),
    Exercise(
        "cross_entropy",
        "cross_entropy",
        logits,
        cross_entropy,
        hints=(
            "−log σ(z) for y = 1 and −log(1 − σ(z)) for y = 0. What becomes of 1 − σ(z) at z = 40?",
            "−log(1 − σ(z)) = log(1 + eᶻ), and −log σ(z) = log(1 + eᶻ) − z.",
            "log(1 + eᶻ) = max(z, 0) + log1p(exp(−|z|)): the exponent is never positive.",
        ),
        mistakes=(
            Mistake(
                lambda z, y: cross_entropy(z, 1 - y),
                "y is the wrong way round: y = 1 is σ(z).",
            ),
        ),
    ),
    Exercise(
        "relu_backward",
        "relu_backward",
        behind_a_relu,
        relu_backward,
        hints=(
            "What does a nudge of Z do where Z is negative, and where it is positive?",
            "dA passes where Z > 0, and nothing passes elsewhere: dA * (Z > 0).",
        ),
        mistakes=(
            Mistake(lambda dA, Z: dA * (1 - np.maximum(Z, 0) ** 2), TANH),
            Mistake(lambda dA, Z: dA * (1 - np.tanh(Z) ** 2), TANH),
            Mistake(
                lambda dA, Z: dA * np.maximum(Z, 0),
                "You multiplied by the ReLU itself. Its slope is 1 where Z > 0.",
            ),
            Mistake(
                lambda dA, Z: dA * (Z >= 0),
                "Right but at Z = 0, the kink. By convention the slope there is 0: Z > 0.",
            ),
        ),
    ),
    Exercise(
        "two_layers",
        "two_layers",
        batches,
        grad(batch_loss),
        hints=(
            "dZ2 = (A2 − Y)/m: the slopes of σ and of the cross-entropy cancel. m is X.shape[1].",
            "dW2 = dZ2 @ A1.T, db2 = dZ2.sum(axis=1, keepdims=True), dZ1 = W2.T @ dZ2 * (Z1 > 0).",
            'Return {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}, shaped as the parameters.',
        ),
        mistakes=(
            Mistake(in_matrices(lambda Z, A: 1 - A**2), TANH),
            Mistake(
                in_matrices(lambda Z, A: Z > 0, mean=False),
                "This is the gradient of the sum over the samples. For their mean divide by m.",
            ),
            Mistake(
                in_matrices(lambda Z, A: 1.0),
                "From A1 down to Z1 the slope of the ReLU is missing.",
            ),
        ),
    ),
)
