"""The worked examples that everybody learns from, to their last printed digit, and what they teach.

Networks of textbooks and tutorials: facts and figures are theirs, the programs are ours.
"""

import random
import re

import numpy as np
import pytest

from autograd_lite import Value, check_gradients, fit, hessian, sigmoid, value_and_grad
from autograd_lite import compile as compiled
from autograd_lite.nn import (
    MLP,
    Layer,
    Module,
    Sequential,
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    mse_loss,
)
from autograd_lite.optim import SGD, Adam, GradientDescent, Newton
from autograd_lite.stepping import steps, transcript, worked_example
from autograd_lite.training import accuracy

# --- two inputs, two hidden, two outputs: "a step by step backpropagation example" ----------------

INPUTS, TARGETS, BIASES, RATE = (0.05, 0.10), (0.01, 0.99), (0.35, 0.60), 0.5
WEIGHTS = (0.15, 0.20, 0.25, 0.30, 0.40, 0.45, 0.50, 0.55)


def two_by_two(w):
    """E = ½·Σ(t − o)², with the hidden and the output activations."""
    i1, i2 = INPUTS
    h = [sigmoid(w[0] * i1 + w[1] * i2 + BIASES[0]), sigmoid(w[2] * i1 + w[3] * i2 + BIASES[0])]
    o = [sigmoid(w[k] * h[0] + w[k + 1] * h[1] + BIASES[1]) for k in (4, 6)]
    error = sum(0.5 * (t - y) ** 2 for t, y in zip(TARGETS, o, strict=True))
    return error, h, o


def test_every_intermediate_number_of_the_example():
    w = [Value(x, label=f"w{k}") for k, x in enumerate(WEIGHTS, start=1)]
    error, h, o = two_by_two(w)
    assert [x.parents[0].data for x in h] == pytest.approx([0.3775, 0.3925], abs=1e-12)
    assert [x.data for x in h] == pytest.approx([0.593269992, 0.596884378], abs=5e-10)
    assert o[0].parents[0].data == pytest.approx(1.105905967, abs=5e-10)
    assert [x.data for x in o] == pytest.approx([0.75136507, 0.772928465], abs=5e-9)
    assert error.data == pytest.approx(0.298371109, abs=5e-10)
    error.backward()
    assert o[0].grad == pytest.approx(0.74136507, abs=5e-9)  # −(t − o)
    assert o[0].partials[0] == pytest.approx(0.186815602, abs=5e-10)  # o·(1 − o)
    assert o[0].parents[0].grad == pytest.approx(0.138498562, abs=5e-10)  # δ
    assert h[0].grad == pytest.approx(0.036350306, abs=5e-10)
    assert h[0].partials[0] == pytest.approx(0.241300709, abs=5e-10)
    assert [x.grad for x in w] == pytest.approx(
        [0.000438568, 0.000877135, 0.000497713, 0.000995425,
         0.082167041, 0.082667628, -0.022602540, -0.022740242], abs=5e-10,
    )  # fmt: skip


# what the example prints, in its order; its error after the step is judged below
PRINTED = (
    "0.593269992 0.596884378 1.105905967 0.75136507 0.772928465 0.274811083 0.023560026 "
    "0.298371109 0.74136507 0.186815602 0.082167041 0.138498562 0.35891648 0.408666186 0.511301270 "
    "0.561370121 0.055399425 -0.019049119 0.036350306 0.241300709 0.000438568 0.149780716 "
    "0.19956143 0.24975114 0.29950229"
)


def last_digit(printed):
    """What a unit of it is worth."""
    return 10.0 ** -len(printed.partition(".")[2])


@pytest.mark.parametrize("ready_made", [False, True])
def test_the_steps_show_every_number_of_the_example_at_nine_digits(ready_made):
    """To a unit of its last digit: the example multiplies numbers that are rounded already."""
    w = [Value(x, label=f"w{k}") for k, x in enumerate(WEIGHTS, start=1)]
    error, w = worked_example() if ready_made else (two_by_two(w)[0], w)
    listing = steps(error, learning_rate=RATE, parameters=w, digits=9)
    shown = re.findall(r"−?\d+\.\d+", transcript(listing))
    shown = {text.replace("−", "-") for text in shown if len(text.strip("−0.")) >= 8}
    assert len(PRINTED.split()) == 25
    for printed in PRINTED.split():
        agree = [
            text for text in shown
            if abs(float(text) - float(printed)) <= 1.01 * max(map(last_digit, (text, printed)))
        ]  # fmt: skip
        assert agree, printed


def descended(times, staged=False):
    """E and the outputs after so many steps; ``staged`` updates as the printed figures do."""
    program = compiled(lambda w: two_by_two(w)[0], inputs=[list(WEIGHTS)])
    w = np.array(WEIGHTS)
    for _ in range(times):
        slopes = program.gradient(w)
        if staged:  # the output layer first, and then the hidden one through its new weights
            above = np.concatenate([w[:4], (w - RATE * slopes)[4:]])
            slopes = np.concatenate([hidden_slopes(w, above), slopes[4:]])
        w = w - RATE * slopes
    error, _, o = two_by_two([Value(x) for x in w])
    return error.data, [x.data for x in o]


def hidden_slopes(w, above):
    """dE/dw1 … dE/dw4 at w, carried back through the output weights of ``above``: a mistake."""
    _, h, o = two_by_two([Value(x) for x in w])
    delta = np.array(
        [(y.data - t) * y.data * (1 - y.data) for y, t in zip(o, TARGETS, strict=True)]
    )
    back = above[4:].reshape(2, 2).T @ delta
    hidden = np.array([x.data for x in h])
    return np.outer(back * hidden * (1 - hidden), INPUTS).ravel()


def test_the_error_after_a_step_and_after_ten_thousand():
    assert descended(1)[0] == pytest.approx(0.29102777369359933, rel=1e-14)
    error, outputs = descended(10_000)
    assert error == pytest.approx(3.510187782978859e-05, rel=1e-11)
    assert outputs == pytest.approx([0.01591362044355068, 0.9840642735146238], rel=1e-12)


def test_what_tutorials_print_comes_from_weights_that_were_already_moved():
    """0.291027924 and 0.000035085 are the figures of a back-propagation through new weights."""
    assert f"{descended(1, staged=True)[0]:.9f}" == "0.291027924"
    error, outputs = descended(10_000, staged=True)
    assert f"{error:.9f}" == "0.000035085"
    assert [f"{x:.9f}" for x in outputs] == ["0.015912196", "0.984065734"]


# --- back-propagation in matrices, beside ours ----------------------------------------------------

ACTIVATIONS = {
    "tanh": (np.tanh, lambda z: 1.0 - np.tanh(z) ** 2),
    "sigmoid": (lambda z: 1 / (1 + np.exp(-z)), lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2),
    "relu": (lambda z: np.maximum(z, 0.0), lambda z: (z > 0.0).astype(float)),
    "linear": (lambda z: z, np.ones_like),
    "softplus": (lambda z: np.log1p(np.exp(z)), lambda z: 1 / (1 + np.exp(-z))),
}


def matrices(model):
    return [(layer.weights, layer.biases) for layer in model.layers]


def backpropagation(weights, names, X, Y):
    """The gradients of the batch mean of ½·|a − y|² by the four equations of back-propagation."""
    a, zs, activations = X.T, [], [X.T]
    for (W, b), name in zip(weights, names, strict=True):
        zs.append(W @ a + b[:, None])
        a = ACTIVATIONS[name][0](zs[-1])
        activations.append(a)
    delta, found = (a - Y.T) / len(X), []
    for k in reversed(range(len(weights))):
        delta = delta * ACTIVATIONS[names[k]][1](zs[k])
        found.append((delta @ activations[k].T, delta.sum(1)))
        delta = weights[k][0].T @ delta
    return found[::-1]


def loss_of(model, X, Y):
    rows = [model(x) for x in X.tolist()]
    rows = [row if isinstance(row, list) else [row] for row in rows]
    return mse_loss(rows, Y) * (0.5 * Y.shape[1])


@pytest.mark.parametrize("seed", range(12))
def test_any_stack_of_layers_agrees_with_matrices(seed):
    rng = random.Random(seed)
    sizes = [rng.randint(1, 5) for _ in range(rng.randint(2, 5))]
    names = [rng.choice(list(ACTIVATIONS)) for _ in sizes[1:]]
    model = MLP(sizes[0], sizes[1:], activation=names, rng=rng)
    data = np.random.default_rng(seed)
    n = int(data.integers(1, 6))
    X, Y = data.normal(size=(n, sizes[0])), data.normal(size=(n, sizes[-1]))
    loss_of(model, X, Y).backward()
    for layer, (dW, db) in zip(
        model.layers, backpropagation(matrices(model), names, X, Y), strict=True
    ):
        np.testing.assert_allclose(layer.weights_grad, dW, rtol=1e-12, atol=1e-14)
        np.testing.assert_allclose(layer.biases_grad, db, rtol=1e-12, atol=1e-14)


def test_layers_that_are_not_fully_connected_agree_with_matrices():
    mask = [[1, 0, 1], [0, 1, 1], [1, 1, 0], [0, 0, 1]]
    random.seed(0)
    model = Sequential(Layer(3, 4, activation="tanh", mask=mask), Layer(4, 2, activation="sigmoid"))
    data = np.random.default_rng(0)
    X, Y = data.normal(size=(5, 3)), data.normal(size=(5, 2))
    loss_of(model, X, Y).backward()
    (dW, db), _ = backpropagation(matrices(model), ["tanh", "sigmoid"], X, Y)
    np.testing.assert_allclose(model.layers[0].weights_grad, dW * mask, rtol=1e-12)
    np.testing.assert_allclose(model.layers[0].biases_grad, db, rtol=1e-12)


class Tied(Module):
    """An autoencoder whose decoder is the transpose of its encoder, of logits."""

    def __init__(self, wide, narrow, rng):
        self.encoder = Layer(wide, narrow, activation="sigmoid", rng=rng)
        self.decoder = Layer(narrow, wide, nonlin=False, rng=rng)
        for k, neuron in enumerate(self.decoder.neurons):
            neuron.w = [row.w[k] for row in self.encoder.neurons]

    def __call__(self, x):
        return self.decoder(self.encoder(x))


def test_shared_weights_get_the_sum_of_both_gradients():
    model = Tied(4, 2, random.Random(1))
    assert len(model.parameters()) == 4 * 2 + 2 + 4
    data = np.random.default_rng(1)
    X = data.normal(size=(3, 4))
    rows = [model(x) for x in X.tolist()]
    (mse_loss(rows, X) * 2.0).backward()
    W, b, c = model.encoder.weights, model.encoder.biases, model.decoder.biases
    weights = [(W, b), (W.T, c)]
    (dW1, db), (dW2, dc) = backpropagation(weights, ["sigmoid", "linear"], X, X)
    np.testing.assert_allclose(model.encoder.weights_grad, dW1 + dW2.T, rtol=1e-12)
    np.testing.assert_allclose(model.encoder.biases_grad, db, rtol=1e-12)
    np.testing.assert_allclose(model.decoder.biases_grad, dc, rtol=1e-12)


# --- two layers, ReLU and sigmoid, with cross-entropy ---------------------------------------------


def two_layer_loss(v, X, Y):
    """The loss at a vector of W1 (4×2), b1, W2 (1×4), b2, as tutorials lay them out."""
    model = MLP(2, [4, 1], activation="relu").at(v)
    logits = [model(x) for x in X.tolist()]
    return binary_cross_entropy_with_logits(logits, Y)


def two_layer_gradient(v, X, Y, slope):
    """Its gradient in matrices, with a slope of the hidden layer that is right or wrong."""
    rows = v[:12].reshape(4, 3)  # neuron by neuron: two weights and a bias
    W1, b1, w2, b2 = rows[:, :2], rows[:, 2], v[12:16], v[16]
    Z1 = W1 @ X.T + b1[:, None]
    A1 = np.maximum(Z1, 0.0)
    A2 = 1 / (1 + np.exp(-(w2 @ A1 + b2)))
    dZ2 = (A2 - Y) / len(X)
    dZ1 = np.outer(w2, dZ2) * slope(Z1, A1)
    hidden = np.concatenate([dZ1 @ X, dZ1.sum(1)[:, None]], axis=1)
    return np.concatenate([hidden.ravel(), A1 @ dZ2, [dZ2.sum()]])


def test_a_gradient_by_hand_is_judged():
    """Behind a ReLU 1 − A² is tanh's slope, which a widespread tutorial left in its place."""
    data = np.random.default_rng(3)
    X, Y = data.normal(size=(8, 2)), (data.random(8) < 0.5).astype(float)
    v = data.normal(size=17)

    def loss(v):
        return two_layer_loss(v, X, Y)

    def right(v):
        return two_layer_gradient(np.asarray(v), X, Y, lambda Z, A: (Z > 0).astype(float))

    def wrong(v):
        return two_layer_gradient(np.asarray(v), X, Y, lambda Z, A: 1.0 - A**2)

    np.testing.assert_allclose(right(v), value_and_grad(loss)(v)[1], rtol=1e-12, atol=1e-15)
    assert check_gradients(loss, v, gradient=right).passed
    with pytest.raises(AssertionError) as caught:
        check_gradients(loss, v, gradient=wrong)
    lines = [line for line in str(caught.value).splitlines() if line.strip().startswith("v[")]
    wrong_at = {k for k, line in enumerate(lines) if "WRONG" in line}
    assert len(lines) == 17
    assert len(wrong_at) >= 6
    assert max(wrong_at) < 12  # the hidden layer's; those of the output layer are right


# --- autoencoders, Newton, XOR, iris, digits ------------------------------------------------------

EIGHT = np.eye(8)


@pytest.mark.parametrize("kind", ["squares", "cross-entropy", "tied"])
def test_eight_patterns_go_through_three_neurons(kind):
    """The encoder of Ackley, Hinton and Sejnowski (1985): three bits are enough for eight."""
    rng = random.Random(4)
    if kind == "tied":
        model, loss = Tied(8, 3, rng), binary_cross_entropy_with_logits
    else:
        model = MLP(8, [3, 8], activation="sigmoid", output="sigmoid", rng=rng)
        loss = mse_loss if kind == "squares" else binary_cross_entropy
    optimiser = Adam(model.parameters(), 0.1)
    fit(model, EIGHT, EIGHT, loss=loss, optimiser=optimiser, epochs=800, compiled=True)
    out = np.array([[float(y) for y in model(x)] for x in EIGHT.tolist()])
    assert out.argmax(1).tolist() == list(range(8))
    encode = model.encoder if kind == "tied" else model.layers[0]
    codes = np.array([[float(a) for a in encode(x)] for x in EIGHT.tolist()])
    apart = np.linalg.norm(codes[:, None] - codes, axis=2) + 9.0 * EIGHT
    assert apart.min() > 0.2


def test_newton_on_a_small_network():
    """Newton's method on a network as a function of its parameters ends where the gradient does."""
    model = MLP(1, [2, 1], activation="tanh", rng=random.Random(0))
    X, y = np.linspace(-1.0, 1.0, 7), np.sin(2.0 * np.linspace(-1.0, 1.0, 7))

    def penalised(v):
        at = model.at(v)
        return mse_loss([at([x]) for x in X.tolist()], y) + 1e-2 * sum(p * p for p in v)

    near = GradientDescent(penalised, tolerance=1e-2).minimise(model.vector)
    path = list(Newton(penalised, tolerance=1e-12).path(near))
    model.vector = path[-1]
    sizes = [np.linalg.norm(value_and_grad(penalised)(v)[1]) for v in path]
    assert sizes[-1] < 1e-12 < 1e-3 < sizes[0]
    assert len(path) < 12  # from there the right digits double
    assert np.linalg.eigvalsh(hessian(penalised)(model.vector)).min() > 0.0


def test_xor_is_learnt():
    model = MLP(2, [3, 1], activation="tanh", rng=random.Random(0))
    X, y = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0.0, 1.0, 1.0, 0.0]
    fit(
        model, X, y, loss=binary_cross_entropy_with_logits,
        optimiser=Adam(model.parameters(), 0.1), epochs=300,
    )  # fmt: skip
    assert [model(x).data > 0 for x in X] == [False, True, True, False]


def test_iris_and_digits_are_learnt():
    sklearn = pytest.importorskip("sklearn.datasets", reason="scikit-learn is not installed")
    for load, hidden, least in [(sklearn.load_iris, 8, 0.95), (sklearn.load_digits, 32, 0.95)]:
        X, y = load(return_X_y=True)
        X = (X - X.mean(0)) / (X.std(0) + 1e-9)
        order = np.random.default_rng(0).permutation(len(X))
        cut = len(X) * 3 // 4
        train, test = order[:cut], order[cut:]
        model = MLP(X.shape[1], [hidden, int(y.max()) + 1], activation="tanh", rng=random.Random(0))
        for p in model.parameters():
            p.data *= 0.3
        fit(
            model, X[train], y[train], loss=cross_entropy, epochs=30, batch_size=32,
            optimiser=SGD(model.parameters(), 0.1, momentum=0.9), compiled=True,
        )  # fmt: skip
        predict = compiled(model, inputs=[X], batch="each")
        assert accuracy(predict(X[test]).tolist(), y[test].tolist()) >= least
