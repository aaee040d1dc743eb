"""Modules made of modules, passes layer by layer, chance from a generator of one's own."""

import random

import numpy as np
import pytest

from autograd_lite import Value, fit, tanh
from autograd_lite.nn import MLP, Layer, Neuron, Residual, Sequential, init, mse_loss
from autograd_lite.optim import SGD


def numbers(model):
    return model.vector.tolist()


def test_sequential_is_the_layers_one_after_the_other():
    random.seed(0)
    model = MLP(3, [4, 2], activation="tanh")
    row = Sequential(*model.layers)
    x = [0.1, -0.2, 0.3]
    assert [out.data for out in row(x)] == [out.data for out in model(x)]
    assert row.parameters() == model.parameters()
    assert (len(row), row[0], list(row)) == (2, model.layers[0], model.layers)
    plain = Sequential(Layer(3, 2, nonlin=False), lambda xs: [tanh(x) for x in xs], sum)
    assert isinstance(plain(x), Value)
    assert repr(plain).startswith(
        "Sequential of [Layer of [LinearNeuron(3), LinearNeuron(3)], <lam"
    )
    with pytest.raises(TypeError, match=r"modules and functions.*got 'tanh'"):
        Sequential(Layer(2, 2), "tanh")


def test_a_residual_block_adds_and_trains():
    random.seed(1)
    block = Residual(Layer(2, 2, activation="tanh"))
    xs = [Value(0.5), Value(-1.0)]
    out, inner = block(xs), block.block([0.5, -1.0])
    assert [y.data for y in out] == [x.data + z.data for x, z in zip(xs, inner, strict=True)]
    neuron = Neuron(1)
    assert Residual(neuron)([2.0]).data == 2.0 + neuron([2.0]).data  # width 1 gives a bare Value
    with pytest.raises(ValueError, match="got 3 values and 2"):
        Residual(Layer(3, 2))([1.0, 2.0, 3.0])
    model = Sequential(block, Layer(2, 1, nonlin=False))
    X, y = [[0.1, 0.2], [0.3, -0.4], [0.5, 0.9]], [0.1, -0.1, 0.4]
    optimiser = SGD(model.parameters(), 0.1)
    eager = fit(model, X, y, loss=mse_loss, optimiser=optimiser, epochs=5).loss
    compiled = fit(model, X, y, loss=mse_loss, optimiser=optimiser, epochs=5, compiled=True).loss
    assert compiled[-1] < compiled[0] < eager[0]


@pytest.mark.parametrize("activation", ["sigmoid", "elu", tanh, "linear"])
@pytest.mark.parametrize("nouts", [[3, 2], [1, 1], [4, 3, 1]])
def test_a_pass_has_the_errors_of_the_textbooks(activation, nouts):
    """δˡ = σ′(zˡ) ⊙ (Wˡ⁺¹)ᵀ·δˡ⁺¹, dC/dW = δ·aᵀ, dC/db = δ, read off a pass."""
    random.seed(2)
    model = MLP(2, nouts, activation=activation, output="tanh")
    trace = model.trace([0.3, -0.7])
    plain = model([0.3, -0.7])
    outputs = plain if isinstance(plain, list) else [plain]
    assert [a.data for a in trace.a[len(nouts)]] == [y.data for y in outputs]
    assert [x.data for x in trace.a[0]] == [0.3, -0.7]
    mse_loss(trace.a[len(nouts)], [0.1] * nouts[-1]).backward()
    for number, layer in enumerate(model.layers, start=1):
        delta = np.array(trace.delta[number])
        below = np.array([a.data for a in trace.a[number - 1]])
        np.testing.assert_allclose(layer.weights_grad, np.outer(delta, below), rtol=1e-13)
        np.testing.assert_allclose(layer.biases_grad, delta, rtol=1e-13)
        if number < len(nouts):
            slopes = [
                1.0 if a is z else a.op and _slope(a, z)
                for a, z in zip(trace.a[number], trace.z[number], strict=True)
            ]
            above = model.layers[number].weights.T @ trace.delta[number + 1]
            np.testing.assert_allclose(delta, np.array(slopes) * above, rtol=1e-12)
    labels = [value.label for value in trace.z[1]]
    assert labels == [f"z1[{k}]" for k in range(1, nouts[0] + 1)]
    assert [x.label for x in trace.a[0]] == ["x[1]", "x[2]"]
    names = {
        model.layers[0].neurons[-1].w[1]: f"W1[{nouts[0]},2]",
        model.layers[0].neurons[0].b: "b1[1]",
    }
    assert {x: x.label for x in names} == names


@pytest.mark.parametrize("model", [Layer(2, 2), Sequential(MLP(2, [2, 1]), Layer(1, 1))])
def test_each_labels_its_parameters_with_their_names_in_it(model):
    assert [p.label for p in model.parameters()] == [name for name, _ in model.named_parameters()]


def _slope(a, z):
    (partial,) = [p for parent, p in zip(a.parents, a.partials, strict=True) if parent is z]
    return partial


def test_a_pass_of_a_masked_layer_sees_what_the_layer_sees():
    model = MLP(2, [2, 1])
    model.layers[0] = Layer(2, 2, mask=[[1, 0], [1, 1]])
    trace = model.trace([0.3, -0.7])
    assert [a.data for a in trace.a[2]] == [model([0.3, -0.7]).data]


def test_a_list_of_activations_has_one_for_each_layer():
    model = MLP(2, [3, 3, 1], activation=["tanh", "sigmoid", "softplus"])
    assert [layer.neurons[0].activation for layer in model.layers] == [
        "tanh",
        "sigmoid",
        "softplus",
    ]
    for wrong in (["tanh", "relu"], ["tanh"] * 4, []):
        with pytest.raises(ValueError, match="one for each of the 3 layers"):
            MLP(2, [3, 3, 1], activation=wrong)
    with pytest.raises(ValueError, match="instead of output="):
        MLP(2, [1], activation=["tanh"], output="relu")


def test_chance_comes_from_a_generator_where_one_is_given():
    random.seed(7)
    drawn = [numbers(MLP(2, [3, 1])), numbers(Layer(2, 2)), numbers(Neuron(4))]
    state = random.getstate()
    rng = random.Random(7)
    given = [
        numbers(m) for m in (MLP(2, [3, 1], rng=rng), Layer(2, 2, rng=rng), Neuron(4, rng=rng))
    ]
    assert given == drawn
    model = MLP(2, [3, 1])
    for draw in (init.kaiming_uniform_, init.xavier_uniform_):
        draw(model, random.Random(3))
        first = numbers(model)
        draw(model, random.Random(3))
        assert numbers(model) == first
        draw(model, random.Random(4))
        assert numbers(model) != first
    random.setstate(state)


def test_a_long_form_is_shortened_in_its_parts_too():
    inner = Sequential(*[Layer(2, 2) for _ in range(3)])
    outer = Sequential(inner, *[Layer(2, 2) for _ in range(12)])
    parts = "Sequential of 3 Layer of 2 ReLUNeuron(2), 12 Layer of 2 ReLUNeuron(2)"
    assert repr(outer) == f"Sequential of [{parts}]"
