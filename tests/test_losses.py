"""Losses and first weights: values and gradients against formulas, PyTorch's where it is there."""

import math
import random

import mpmath
import numpy as np
import pytest

from autograd_lite import Value, nn
from autograd_lite.nn import init
from autograd_lite.nn.losses import (
    binary_cross_entropy_with_logits,
    cross_entropy,
    hinge_loss,
    mse_loss,
)

SCORES = [0.3, -1.2, 2.5, -0.1, 40.0, -750.0]


def gradients(loss, scores, targets):
    values = [Value(score) for score in scores]
    result = loss(values, targets)
    result.backward()
    return result.data, [value.grad for value in values]


def test_mse_loss():
    value, grads = gradients(mse_loss, [1.0, 2.0, 4.0], [0.0, 4.0, 4.0])
    assert value == pytest.approx(5.0 / 3.0, rel=1e-15)
    assert grads == pytest.approx([2.0 / 3.0, -4.0 / 3.0, 0.0], rel=1e-15)


def test_mse_loss_of_rows_counts_number_by_number():
    rows = [[Value(1.0), Value(2.0)], [Value(3.0), Value(4.0)]]
    assert mse_loss(rows, [[1.0, 0.0], [3.0, 0.0]]).data == 5.0
    assert mse_loss(rows, np.array([[1.0, 0.0], [3.0, 0.0]])).data == 5.0


def test_hinge_loss_stops_at_the_margin():
    value, grads = gradients(hinge_loss, [0.5, 2.0, 0.5, -3.0], [1, 1, -1, -1])
    assert value == 0.5  # (0.5 + 0 + 1.5 + 0) / 4
    assert grads == [-0.25, 0.0, 0.25, 0.0]
    assert hinge_loss([Value(0.5)], np.array([1.0]), margin=2.0).data == 1.5


@pytest.mark.parametrize("score", SCORES)
@pytest.mark.parametrize("target", [0, 1, 0.25])
def test_binary_cross_entropy_keeps_its_digits(score, target):
    value, (grad,) = gradients(binary_cross_entropy_with_logits, [score], [target])
    with mpmath.workdps(60):
        s, t = mpmath.mpf(score), mpmath.mpf(target)
        p, q = 1 / (1 + mpmath.exp(-s)), 1 / (1 + mpmath.exp(s))
        true = -t * mpmath.log(p) - (1 - t) * mpmath.log(q)
        slope = p - t if target != 1 else -q
    assert value == pytest.approx(float(true), rel=4e-16, abs=0)
    assert grad == pytest.approx(float(slope), rel=1e-14, abs=0)


def test_binary_cross_entropy_of_value_targets_is_the_same_function():
    by_number = gradients(binary_cross_entropy_with_logits, [0.7, -0.3], [1, 0])
    by_value = gradients(binary_cross_entropy_with_logits, [0.7, -0.3], [Value(1.0), Value(0.0)])
    assert by_value[0] == pytest.approx(by_number[0], rel=1e-15)
    assert by_value[1] == pytest.approx(by_number[1], rel=1e-15)


@pytest.mark.parametrize(
    "row", [[0.1, -2.0, 1.5], [0.0, 0.0, 0.0], [45.0, 0.0, -3.0], [800.0, 0.0, -800.0]]
)
@pytest.mark.parametrize("target", [0, 1, 2])
def test_cross_entropy_keeps_its_digits(row, target):
    values = [Value(x) for x in row]
    loss = cross_entropy([values], [target])
    loss.backward()
    with mpmath.workdps(800):
        exps = [mpmath.exp(mpmath.mpf(x)) for x in row]
        p = [e / sum(exps) for e in exps]
        true = -mpmath.log(p[target])
        slopes = [p[i] - (i == target) for i in range(3)]
        true, slopes = float(true), [float(slope) for slope in slopes]
    assert loss.data == pytest.approx(true, rel=1e-15, abs=0)
    assert [v.grad for v in values] == pytest.approx(slopes, rel=1e-14, abs=0)


def test_cross_entropy_of_probabilities_is_that_of_the_classes():
    rows = [[0.3, -1.0, 2.0], [5.0, 0.0, 1.0]]
    by_class = cross_entropy(rows, [2, 1])
    one_hot = np.array([[0.0, 0.0, 1.0], [0.0, 1.0, 0.0]])
    assert cross_entropy(rows, one_hot) == pytest.approx(by_class, rel=1e-15)
    assert cross_entropy(rows[:1], [[0.25, 0.25, 0.5]]) == pytest.approx(
        sum(p * cross_entropy(rows[:1], [i]) for i, p in enumerate([0.25, 0.25, 0.5]))
    )
    with pytest.raises(ValueError, match="got 2 for a row of 3"):
        cross_entropy(rows, [[0.5, 0.5]] * 2)
    assert cross_entropy(rows, [Value(2.0), Value(1.0)]).data == by_class
    for number, error in ((0.5, ValueError), (3, ValueError), (None, TypeError)):
        with pytest.raises(error, match=f"class numbers.*got {number}"):
            cross_entropy(rows, [number, 1])
    with pytest.raises(ValueError, match=r"got 3\.0"):
        cross_entropy(rows, [Value(3.0), Value(1.0)])


def test_losses_agree_with_pytorch():
    torch = pytest.importorskip("torch")
    F = torch.nn.functional
    rng = random.Random(0)
    scores = [rng.gauss(0, 3) for _ in range(12)]
    bits = [float(rng.random() < 0.5) for _ in range(12)]
    classes = [rng.randrange(3) for _ in range(4)]
    ours = {
        "mse": gradients(mse_loss, scores, bits),
        "bce": gradients(binary_cross_entropy_with_logits, scores, bits),
        "ce": gradients(
            lambda xs, ys: cross_entropy([xs[i : i + 3] for i in range(0, 12, 3)], ys),
            scores,
            classes,
        ),
    }
    theirs = {
        "mse": lambda x: F.mse_loss(x, torch.tensor(bits, dtype=torch.float64)),
        "bce": lambda x: F.binary_cross_entropy_with_logits(
            x, torch.tensor(bits, dtype=torch.float64)
        ),
        "ce": lambda x: F.cross_entropy(x.reshape(4, 3), torch.tensor(classes)),
    }
    for name, (value, grads) in ours.items():
        x = torch.tensor(scores, dtype=torch.float64, requires_grad=True)
        loss = theirs[name](x)
        loss.backward()
        assert value == pytest.approx(loss.item(), rel=1e-13), name
        assert grads == pytest.approx(x.grad.tolist(), rel=1e-12, abs=1e-15), name


def test_floats_alone_give_a_float():
    assert mse_loss([1.0], [3.0]) == 4.0
    assert cross_entropy([[0.0, 0.0]], [1]) == pytest.approx(math.log(2.0))


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: mse_loss([1.0, 2.0], [1.0]), "2 predictions and 1 targets"),
        (lambda: hinge_loss([1.0], [0]), r"labels −1 and 1; got 0.*2 \* y - 1"),
        (lambda: binary_cross_entropy_with_logits([1.0], [-1]), r"from 0 to 1; got -1"),
        (lambda: cross_entropy([[1.0, 2.0]], [2]), "0 to 1 for rows of 2 logits; got 2"),
        (lambda: cross_entropy([[1.0, 2.0]], [0.5]), "got 0.5"),
        (lambda: cross_entropy([[1.0, 2.0]], [-1]), "got -1"),
    ],
)
def test_what_does_not_fit_is_a_clear_error(call, said):
    with pytest.raises(ValueError, match=said):
        call()


@pytest.mark.parametrize(
    "loss", [mse_loss, hinge_loss, binary_cross_entropy_with_logits, cross_entropy]
)
def test_a_loss_is_of_a_list_of_samples(loss):
    for predictions, targets in [(Value(1.0), 1.0), ([Value(1.0)], 1.0), (None, [1.0])]:
        with pytest.raises(TypeError, match=rf"{loss.__name__}\(\[prediction\], \[target\]\)"):
            loss(predictions, targets)


@pytest.mark.parametrize("loss", [hinge_loss, binary_cross_entropy_with_logits])
def test_a_column_of_targets_is_to_be_flattened(loss):
    with pytest.raises(TypeError, match=r"got \[1.0\].*give y.ravel\(\)"):
        loss([Value(1.0)], np.array([[1.0]]))


def test_cross_entropy_of_single_scores_says_what_to_use():
    with pytest.raises(TypeError, match="binary_cross_entropy_with_logits"):
        cross_entropy([Value(1.0)], [1])


@pytest.mark.parametrize(
    ("draw", "variance"),
    [(init.kaiming_uniform_, 2.0 / 400), (init.xavier_uniform_, 2.0 / 500)],
)
def test_first_weights_have_the_variance_of_their_layer(draw, variance):
    random.seed(0)
    model = nn.MLP(400, [100, 1])
    before = model.layers[0].neurons[0].w[0]
    model.layers[0].neurons[0].b.data = 3.0
    draw(model)
    weights = [w.data for neuron in model.layers[0].neurons for w in neuron.w]
    assert np.var(weights) == pytest.approx(variance, rel=0.03)
    assert np.mean(weights) == pytest.approx(0.0, abs=3e-3)
    assert model.layers[0].neurons[0].b.data == 0.0
    assert model.layers[0].neurons[0].w[0] is before  # the same parameter, another number


def test_a_class_that_cannot_be_adds_nothing_where_its_target_is_0():
    row = [Value(1.0), Value(-math.inf), Value(2.0)]
    by_number = cross_entropy([row], [0]).data
    assert cross_entropy([row], [[1, 0, 0]]).data == pytest.approx(by_number)
    loss = cross_entropy([row], [[1, 0, 0]])
    loss.backward()
    assert row[0].grad == pytest.approx(math.exp(1.0) / (math.exp(1.0) + math.exp(2.0)) - 1.0)
