"""The numbers that micrograd's README and demo notebook publish, reached by the same programs."""

import json
import random
from pathlib import Path

import pytest

from autograd_lite import Value
from autograd_lite.nn import MLP

MOONS = json.loads((Path(__file__).parent / "fixtures" / "moons.json").read_text("utf-8"))

# Step of the training loop -> loss before the update, training accuracy.
PUBLISHED = {
    0: (0.8958441028683222, 0.50),
    1: (1.7235905336972022, 0.81),
    99: (0.010978370135492717, 1.00),
}


def loss_and_accuracy(model: MLP) -> tuple[Value, float]:
    """Max-margin loss with an L2 penalty, written as the demo notebook writes it."""
    pairs = [(label, model([Value(x1), Value(x2)])) for x1, x2, label in MOONS["points"]]
    margins = [(1 + -label * score).relu() for label, score in pairs]
    data_loss = sum(margins) * (1.0 / len(margins))
    penalty = 1e-4 * sum(p * p for p in model.parameters())
    right = sum((label > 0) == (score.data > 0) for label, score in pairs)
    return data_loss + penalty, right / len(pairs)


def test_the_published_training_on_moons() -> None:
    random.seed(1337)
    model = MLP(2, [16, 16, 1])
    assert len(model.parameters()) == 337
    history = []
    for step in range(100):
        loss, accuracy = loss_and_accuracy(model)
        history.append((loss.data, accuracy))
        model.zero_grad()
        loss.backward()
        learning_rate = 1.0 - 0.9 * step / 100
        for parameter in model.parameters():
            parameter.data -= learning_rate * parameter.grad
    for step, (loss, accuracy) in PUBLISHED.items():
        assert history[step] == (pytest.approx(loss, rel=1e-9), accuracy), f"step {step}"


def test_the_same_seed_draws_the_same_weights() -> None:
    """One ``random.uniform(-1, 1)`` per weight, neuron by neuron; biases start at 0, undrawn."""
    random.seed(1337)
    model = MLP(3, [2, 1])
    random.seed(1337)
    for layer in model.layers:
        for neuron in layer.neurons:
            assert [w.data for w in neuron.w] == [random.uniform(-1, 1) for _ in neuron.w]
            assert neuron.b.data == 0.0


def test_the_expression_of_the_readme() -> None:
    a, b = Value(-4.0), Value(2.0)
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    g.backward()
    assert g.data == pytest.approx(24.70408163265306, rel=1e-15)
    assert a.grad == pytest.approx(138.83381924198252, rel=1e-15)
    assert b.grad == pytest.approx(645.5772594752186, rel=1e-15)


def test_the_neuron_of_the_lecture() -> None:
    x1, x2 = Value(2.0, label="x1"), Value(0.0, label="x2")
    w1, w2 = Value(-3.0, label="w1"), Value(1.0, label="w2")
    o = (x1 * w1 + x2 * w2 + Value(6.8813735870195432, label="b")).tanh()
    o.backward()
    assert o.data == pytest.approx(0.7071067811865476, rel=1e-15)
    slopes = [leaf.grad for leaf in (x1, w1, x2, w2)]
    assert slopes == pytest.approx([-1.5, 1.0, 0.5, 0.0], rel=1e-15)
