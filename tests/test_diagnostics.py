"""The gradient doctor: each illness is found, named and placed, and the healthy are left alone."""

import math
import random

import pytest

from autograd_lite import Value, sqrt
from autograd_lite.diagnostics import diagnose, first_non_finite
from autograd_lite.nn import MLP, Layer, Module, mse_loss

XS = [[x / 5, 1.0 - x / 7] for x in range(-5, 5)]


def model_of(sizes, seed=0, **more):
    random.seed(seed)
    return MLP(2, sizes, **more)


def loss_of(model, xs=XS):
    return mse_loss([model(x) for x in xs], [0.5] * len(xs))


def found(diagnosis):
    return [(kind, where) for kind, where, _ in diagnosis]


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid", "gelu", "leaky_relu"])
def test_a_healthy_network_has_no_finding(activation):
    model = model_of([4, 1], seed=5, activation=activation)
    diagnosis = diagnose(loss_of(model), model)
    assert found(diagnosis) == []
    assert str(diagnosis) == "No finding."


def test_a_dead_unit_is_named():
    model = model_of([4, 1], seed=5)
    model.layers[0].neurons[2].b.data = -50.0
    diagnosis = diagnose(loss_of(model), model)
    assert found(diagnosis) == [("dead unit", "layer1.neuron3")]
    assert "slope 0 for each of the 10 samples" in str(diagnosis)


@pytest.mark.parametrize(("activation", "bias"), [("tanh", 9.0), ("sigmoid", -9.0)])
def test_a_saturated_unit_is_named(activation, bias):
    model = model_of([4, 1], seed=5, activation=activation)
    model.layers[0].neurons[0].b.data = bias
    assert found(diagnose(loss_of(model), model)) == [("saturated unit", "layer1.neuron1")]


def test_units_are_not_judged_by_a_few_samples():
    model = model_of([4, 1], seed=5)
    model.layers[0].neurons[2].b.data = -50.0
    assert found(diagnose(loss_of(model, XS[:7]), model)) == []


def test_vanishing_gradients_are_placed():
    model = model_of([3] * 12 + [1], activation="sigmoid")
    kinds = found(diagnose(loss_of(model), model))
    assert ("vanishing gradient", "layer1") in kinds
    assert ("vanishing gradient", "layer12") not in kinds
    assert {kind for kind, _ in kinds} == {"vanishing gradient"}


def test_disconnected_parameters_are_named():
    class Detour(Module):
        def __init__(self):
            self.first, self.spare = Layer(2, 2, activation="tanh"), Value(1.0)
            self.last = Layer(2, 1, nonlin=False)

        def __call__(self, x):
            return self.last([value.data for value in self.first(x)])

    random.seed(0)
    model = Detour()
    names = [where for kind, where in found(diagnose(loss_of(model), model))
             if kind == "disconnected parameter"]  # fmt: skip
    assert names == [n for n, _ in model.named_parameters() if not n.startswith("last")]


def test_the_first_number_that_is_not_finite():
    x = Value(math.inf, label="x")
    y = x * 0.5
    assert first_non_finite(y + 1.0) is x
    assert first_non_finite(Value(1.0) + 1.0) is None
    z = Value(1.0, label="big") * math.inf
    assert first_non_finite(z.tanh()) is z.parents[1]
    model = Module()
    assert found(diagnose(y + 1.0, model)) == [("not finite", "x")]


def test_a_gradient_that_is_not_finite_is_placed_where_it_begins():
    model = Module()
    model.w = Value(0.0, label="w")
    root = sqrt(model.w * 3.0)
    ((kind, where, message),) = diagnose(root + 1.0, model)
    assert (kind, where) == ("gradient not finite", "mul(w 0, 3)")
    assert "inf" in message


def test_nothing_is_changed():
    model = model_of([4, 1])
    loss = loss_of(model)
    loss.backward()
    before = [p.grad for p in model.parameters()]
    diagnose(loss, model)
    assert [p.grad for p in model.parameters()] == before


def test_the_loss_comes_first():
    model = MLP(2, [1])
    with pytest.raises(TypeError, match="takes a Value and a Module; got a MLP and a Value"):
        diagnose(model, model([1.0, 2.0]))
