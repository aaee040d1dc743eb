"""The gradient doctor: each illness is found, named and placed, and the healthy are left alone."""

import math
import random

import pytest

from autograd_lite import Value, dot, ops, sqrt
from autograd_lite.diagnostics import (
    BROKEN,
    Diagnosis,
    Finding,
    diagnose,
    first_non_finite,
    origin,
)
from autograd_lite.nn import MLP, Layer, Module, Neuron, mse_loss

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
    assert str(diagnosis).startswith("No finding. Looked at ")


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


@pytest.mark.parametrize("samples", [7, 8, 9])
def test_units_are_judged_by_eight_samples_or_more(samples):
    model = model_of([4, 1], seed=5)
    model.layers[0].neurons[2].b.data = -50.0
    expected = [("dead unit", "layer1.neuron3")] if samples >= 8 else []
    assert found(diagnose(loss_of(model, XS[:samples]), model)) == expected


def unit_with_slope(slope, activation="tanh"):
    """A neuron whose activation has this part of its slope at 0, for every sample."""
    neuron = Neuron(1, activation=activation)
    neuron.w[0].data = 0.0
    neuron.b.data = math.atanh(math.sqrt(1.0 - slope)) if activation == "tanh" else slope
    return neuron


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_saturated_is_less_than_a_twentieth_of_the_slope_at_0(sign):
    for slope, expected in ((0.05 * (1 - 1e-9), 1), (0.05 * (1 + 1e-9), 0), (0.9, 0)):
        neuron = unit_with_slope(slope)
        loss = sign * dot([1.0] * 9, [neuron([x / 9]) for x in range(9)])
        kinds = [kind for kind, _ in found(diagnose(loss, neuron))]
        assert kinds == ["saturated unit"] * expected


def test_one_sample_on_the_slope_is_enough():
    neuron = unit_with_slope(0.5)
    neuron.w[0].data = 100.0
    xs = [0.0, *range(1, 9)]
    assert found(diagnose(mse_loss([neuron([x]) for x in xs], xs), neuron)) == []
    assert found(diagnose(mse_loss([neuron([x]) for x in xs[1:]], xs[1:]), neuron)) != []


@pytest.mark.parametrize(
    ("activation", "bias", "kind"),
    [
        ("erf", 4.0, ["saturated unit"]), ("erfc", 4.0, ["saturated unit"]), ("erfc", 0.1, []),
        ("sqrt", 1e4, []), ("log", 1e4, []), ("reciprocal", 1e4, []), ("square", 5.0, []),
    ],
)  # fmt: skip
def test_whatever_the_slope_at_0_is_a_unit_has_its_verdict(activation, bias, kind):
    neuron = unit_with_slope(bias, activation)
    loss = mse_loss([neuron([x]) for x in range(9)], range(9))
    assert [kind for kind, _ in found(diagnose(loss, neuron))] == kind


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
    with pytest.raises(
        TypeError,
        match=r"^diagnose\(loss, model\) takes a Value and a Module; got a MLP and a Value\.$",
    ):
        diagnose(model, model([1.0, 2.0]))


# --- layers whose gradients are a given part of the steepest one's --------------------------------


class Layers(Module):
    """Linear layers side by side, each with its factor in the sum: all slopes are that factor."""

    def __init__(self, factors, widths=(1, 1)):
        self.factors = factors
        self.parts = [Layer(1, width, nonlin=False) for width in widths]

    def loss(self):
        outs = [layer([1.0]) for layer in self.parts]
        rows = [[out] if isinstance(out, Value) else out for out in outs]
        return sum(f * dot([1.0] * len(r), r) for f, r in zip(self.factors, rows, strict=True))


@pytest.mark.parametrize("widths", [(1, 1), (7, 1), (1, 9), (4, 5)])
@pytest.mark.parametrize("scale", [1.0, -1.0, 1e-250, 1e300])
def test_vanishing_is_less_than_a_ten_thousandth_whatever_the_width_sign_and_scale(scale, widths):
    for part, expected in ((1e-4 * (1 - 1e-9), ["part1"]), (1e-4 * (1 + 1e-9), []), (1.0, [])):
        model = Layers([part * scale, scale], widths)
        verdict = found(diagnose(model.loss(), model))
        assert verdict == [("vanishing gradient", name) for name in expected]


def test_a_layer_that_no_gradient_reaches_vanishes_unless_none_has_any():
    assert found(diagnose((model := Layers([0.0, 2.0])).loss(), model)) == [
        ("vanishing gradient", "part1")
    ]
    assert found(diagnose((model := Layers([0.0, 0.0])).loss(), model)) == []


def test_beside_a_gradient_that_is_infinite_none_vanishes():
    model = Layers([1.0, 1.0])
    for p in model.parts[0].parameters():
        p.data = 0.0
    loss = sqrt(model.parts[0]([1.0])) + model.parts[1]([1.0])
    assert [kind for kind, _ in found(diagnose(loss, model))] == ["gradient not finite"]


@pytest.mark.parametrize("activation", ["relu", "tanh", "gelu", "erfc"])
@pytest.mark.parametrize("shift", [0.0, -9.0, 9.0])
def test_a_loss_and_its_negative_have_the_same_findings(activation, shift):
    model = model_of([3, 3, 1], activation=activation)
    for neuron in model.layers[0].neurons[:2]:
        neuron.b.data = shift
    loss = loss_of(model)
    assert found(diagnose(-loss, model)) == found(diagnose(loss, model))


# --- names ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "name"),
    [
        (1, "sum(w 1)"),
        (4, "sum(w 1, 2, 3, 4)"),
        (5, "sum(w 1, 2, 3, 4, …)"),
    ],
)
def test_a_node_without_a_label_is_named_by_its_operands_and_no_more_than_four(count, name):
    operands = [Value(float(k), label="w" if k == 1 else "") for k in range(1, count + 1)]
    operands[0].data = -math.inf
    node = ops.sum(operands)
    operands[0].data = 1.0  # so that the sum itself is the first
    assert first_non_finite(node) is node
    verdict = origin(node)
    assert (verdict.kind, verdict.where) == ("not finite", name)
    assert verdict.message == "Its number is -inf. Its operands are finite."


def test_an_origin_is_what_it_is():
    assert origin(Value(1.0) * 2.0) is None
    where = origin(Value(math.nan) * 2.0)
    assert where.where == "an input without a label"
    assert where.message == "Its number is nan. It came in as data."
    gradient = origin(sqrt(Value(0.0, label="w")))
    assert (gradient.kind, gradient.where) == ("gradient not finite", "w")


def dead(neuron):
    neuron.b.data = -9.0
    return mse_loss([neuron([x / 9]) for x in range(9)], range(9))


def vanishing(model):
    return model.loss()


def replaced(neuron):
    y = neuron([1.0])
    neuron.b = Value(1.0)
    return y


def steep(neuron):
    neuron.w[0].data = 0.0
    return neuron([1.0])


@pytest.mark.parametrize(
    ("model", "loss", "said"),
    [
        (
            Neuron(1),
            dead,
            "dead unit: ReLUNeuron(1). relu has slope 0 for each of the 9 samples, so no gradient "
            "reaches its weights and it cannot recover. Try a smaller learning rate, another seed, "
            "or leaky_relu.",
        ),
        (
            unit_with_slope(0.04),
            lambda neuron: mse_loss([neuron([x / 9]) for x in range(9)], range(9)),
            "saturated unit: TanhNeuron(1). tanh is flat for each of the 9 samples (slope under "
            "5 % of that at 0), so it learns slowly. Try smaller first weights, or inputs scaled "
            "to about 1.",
        ),
        (
            Layers([2e-5, 0.5]),
            vanishing,
            "vanishing gradient: part1. Its gradients are about 2e-05, those of the steepest layer "
            "0.5: it hardly learns. Try fewer layers, another activation, or the first weights of "
            "nn.init.",
        ),
        (
            Neuron(1),
            replaced,
            "disconnected parameter: b. The loss does not depend on it: it was replaced after the "
            "forward pass, made a plain number on the way (by .data or float), or is never used.",
        ),
        (
            Neuron(1, activation="sqrt"),
            steep,
            "gradient not finite: dot(w1 0, b 0, 1). The gradient is inf from here on down: the "
            "value of the operation above it exists here, its slope does not.",
        ),
    ],
)
def test_findings_say_what_where_why_and_what_to_try(model, loss, said):
    assert str(diagnose(loss(model), model)) == said


@pytest.mark.parametrize("kind", [*BROKEN, "saturated unit", "vanishing gradient"])
def test_a_result_shows_what_stops_learning_in_another_colour(kind):
    html = Diagnosis([Finding(kind, "layer1", "What it means.")])._repr_html_()
    tone = "bad" if kind in BROKEN else "unsure"
    assert f'<b class="{tone}">{kind}</b>' in html
    assert html.count("<b class=") == 1
