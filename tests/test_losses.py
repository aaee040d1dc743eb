"""Losses and first weights: values and gradients against formulas, PyTorch's where it is there."""

import math
import random
import re

import mpmath
import numpy as np
import pytest

from autograd_lite import Value, compile, nn, softmax, steps, topological_order
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


def softplus(x):
    return np.logaddexp(0.0, x)


def log_softmax(rows):
    return rows - np.logaddexp.reduce(rows, axis=1, keepdims=True)


def margins(rows, y):
    right = rows[np.arange(len(rows)), y][:, None]
    return (np.maximum(1.0 - right + rows, 0.0).sum(1) - 1.0) / rows.shape[1]


RNG = np.random.default_rng(5)
NUMBERS, ROWS = RNG.normal(0, 3, 12), RNG.normal(0, 3, (4, 3))
BITS, CLASSES = (RNG.random(12) < 0.5).astype(float), np.array([2, 0, 1, 1])
SHARES = np.exp(log_softmax(RNG.normal(0, 2, (4, 3))))

#: Loss, predictions, targets, its entries by NumPy, and PyTorch's name where it is another.
LOSSES = {
    "mse": (nn.mse_loss, NUMBERS, BITS, lambda p, t: (p - t) ** 2),
    "mse rows": (nn.mse_loss, ROWS, SHARES, lambda p, t: (p - t) ** 2),
    "l1": (nn.l1_loss, NUMBERS, BITS, lambda p, t: np.abs(p - t)),
    "huber": (
        nn.huber_loss, NUMBERS, BITS,
        lambda p, t: np.where(np.abs(p - t) <= 1, (p - t) ** 2 / 2, np.abs(p - t) - 0.5),
    ),
    "bce": (
        nn.binary_cross_entropy, 1 / (1 + np.exp(-NUMBERS)), BITS,
        lambda p, t: -(t * np.log(p) + (1 - t) * np.log1p(-p)),
    ),
    "bce rows": (
        nn.binary_cross_entropy, 1 / (1 + np.exp(-ROWS)), SHARES,
        lambda p, t: -(t * np.log(p) + (1 - t) * np.log1p(-p)),
    ),
    "logits": (
        nn.binary_cross_entropy_with_logits, NUMBERS, BITS,
        lambda s, t: t * softplus(-s) + (1 - t) * softplus(s),
    ),
    "logits rows": (
        nn.binary_cross_entropy_with_logits, ROWS, SHARES,
        lambda s, t: t * softplus(-s) + (1 - t) * softplus(s),
    ),
    "large logits": (
        nn.binary_cross_entropy_with_logits, np.array([1000.0, -1000.0, 1000.0]),
        np.array([1.0, 1.0, 0.25]), lambda s, t: t * softplus(-s) + (1 - t) * softplus(s),
    ),
    "classes": (
        nn.cross_entropy, ROWS, CLASSES, lambda s, y: -log_softmax(s)[np.arange(4), y]
    ),
    "large rows": (
        nn.cross_entropy, np.array([[1000.0, 0.0, -1000.0], [0.0, 1000.0, 1000.0]]),
        np.array([2, 1]), lambda s, y: -log_softmax(s)[np.arange(2), y],
    ),
    "shares": (nn.cross_entropy, ROWS, SHARES, lambda s, t: -(t * log_softmax(s)).sum(1)),
    "nll": (nn.nll_loss, log_softmax(ROWS), CLASSES, lambda x, y: -x[np.arange(4), y]),
    "margins": (nn.multi_margin_loss, ROWS, CLASSES, margins),
    "kl": (nn.kl_div, log_softmax(ROWS), SHARES, lambda x, t: t * (np.log(t) - x)),
    "hinge": (nn.hinge_loss, NUMBERS, 2 * BITS - 1, lambda s, t: np.maximum(1 - t * s, 0)),
}  # fmt: skip


def taken(loss, predictions, targets, **how):
    """The value of a loss and its gradient, eager."""
    flat = [Value(x) for x in predictions.ravel()]
    rows = np.array(flat, dtype=object).reshape(predictions.shape).tolist()
    result = loss(rows, targets, **how)
    result.backward()
    return result.data, np.reshape([x.grad for x in flat], predictions.shape)


@pytest.mark.parametrize("name", LOSSES)
def test_every_loss_is_its_formula_in_every_reduction(name):
    loss, predictions, targets, formula = LOSSES[name]
    entries = formula(predictions, targets)
    for reduction, expected in [("mean", entries.mean()), ("sum", entries.sum())]:
        value, slopes = taken(loss, predictions, targets, reduction=reduction)
        assert value == pytest.approx(expected, rel=1e-13)
        program = compile(
            lambda p, t, how=reduction: loss(p, t, reduction=how),
            inputs=[predictions, targets.astype(float)],
        )
        assert program(predictions, targets) == pytest.approx(value, rel=1e-13)
        by_inputs, _ = program.gradient(predictions, targets)
        np.testing.assert_allclose(by_inputs, slopes, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(loss(predictions, targets, reduction="none"), entries, rtol=1e-12)
    assert loss(predictions, targets) == loss(predictions, targets, reduction="mean")
    with pytest.raises(ValueError, match=r'"mean", "sum" or "none".*got \'avg\''):
        loss(predictions, targets, reduction="avg")


@pytest.mark.parametrize("name", [name for name in LOSSES if name != "hinge"])
@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.filterwarnings("ignore:reduction. 'mean' divides")  # PyTorch, of kl_div
def test_losses_agree_with_pytorch(name, reduction):
    torch = pytest.importorskip("torch")
    loss, predictions, targets, _ = LOSSES[name]
    theirs = getattr(torch.nn.functional, loss.__name__)
    x = torch.tensor(predictions, requires_grad=True)
    expected = theirs(x, torch.tensor(targets), reduction=reduction)
    expected.backward()
    value, slopes = taken(loss, predictions, targets, reduction=reduction)
    assert value == pytest.approx(expected.item(), rel=1e-12)
    np.testing.assert_allclose(slopes, x.grad.numpy(), rtol=1e-12, atol=1e-14)


def test_what_an_infinite_loss_would_be_is_refused():
    for p, t in [(0.0, 1.0), (1.0, 0.0), (1.0, 0.5)]:
        with pytest.raises(
            ValueError, match=r"^binary_cross_entropy is infinite where .*with_logits"
        ):
            nn.binary_cross_entropy([p], [t])
    assert nn.binary_cross_entropy([0.0, 1.0], [0.0, 1.0]) == 0.0
    for p, t in [(1.5, 1.0), (-0.5, 1.0), (math.nan, 1.0), (0.5, 2.0)]:
        with pytest.raises(ValueError, match="from 0 to 1; got"):
            nn.binary_cross_entropy([p], [t])
    program = compile(nn.binary_cross_entropy, inputs=[[0.5], [1.0]])
    for p in (1.5, -0.5):  # the checks of the eager loss are not in the program; arithmetic is
        with pytest.raises(ValueError, match="no real answer"):
            program([p], [1.0])


def test_a_divergence_is_that_of_a_sample_by_batchmean():
    samples = nn.kl_div(log_softmax(ROWS), SHARES, reduction="batchmean")
    assert samples == pytest.approx(nn.kl_div(log_softmax(ROWS), SHARES, reduction="sum") / 4)
    assert nn.kl_div([[math.log(0.5), -math.inf]], [[1.0, 0.0]], "sum") == math.log(2.0)
    with pytest.raises(ValueError, match="0 or more; got -1"):
        nn.kl_div([[0.0]], [[-1.0]])
    with pytest.raises(ValueError, match='"none", "batchmean" too; got \'avg\''):
        nn.kl_div([[0.0]], [[1.0]], reduction="avg")
    with pytest.raises(ValueError, match="got 'batchmean'"):
        mse_loss([1.0], [1.0], reduction="batchmean")


def test_settings_of_losses():
    assert nn.huber_loss([10.0, 1.0], [0.0, 0.0], "none", delta=2.0) == [18.0, 0.5]
    with pytest.raises(ValueError, match="positive delta; got 0"):
        nn.huber_loss([1.0], [0.0], delta=0.0)
    assert nn.multi_margin_loss([[1.0, 0.5]], [0], margin=0.25) == 0.0
    assert nn.multi_margin_loss([[1.0, 0.5]], [0], margin=2.0) == 0.75
    for loss in (nn.nll_loss, nn.multi_margin_loss):
        with pytest.raises(TypeError, match="a row of one number per class"):
            loss([Value(1.0)], [0])
        with pytest.raises(ValueError, match="0 to 1 for rows of 2; got 2"):
            loss([[1.0, 2.0]], [2])


def test_floats_alone_give_a_float():
    assert mse_loss([1.0], [3.0]) == 4.0
    assert cross_entropy([[0.0, 0.0]], [1]) == pytest.approx(math.log(2.0))


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: mse_loss([1.0, 2.0], [1.0]), "2 predictions and 1 targets"),
        (lambda: hinge_loss([1.0], [0]), r"labels −1 and 1; got 0.*2 \* y - 1"),
        (lambda: binary_cross_entropy_with_logits([1.0], [-1]), r"from 0 to 1; got -1"),
        (lambda: cross_entropy([[1.0, 2.0]], [2]), "0 to 1 for rows of 2; got 2"),
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


@pytest.mark.parametrize("loss", [hinge_loss])
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


@pytest.mark.parametrize(
    ("draw", "squared_bound"),
    [
        (init.kaiming_uniform_, lambda inputs, outputs: 6 / inputs),
        (init.xavier_uniform_, lambda inputs, outputs: 6 / (inputs + outputs)),
    ],
)
def test_first_weights_fill_their_range_wherever_the_neuron_is(draw, squared_bound):
    random.seed(0)
    model = nn.Module()
    model.alone = nn.Neuron(300)
    model.masked = nn.Layer(300, 2, mask=[[1] * 300, [1] * 200 + [0] * 100])
    model.parts = {"a": [nn.MLP(300, [40, 1])]}
    first, last = model.parts["a"][0].layers
    places = [
        (model.alone, 300, 1),
        (model.masked.neurons[0], 300, 2),
        (model.masked.neurons[1], 200, 2),
        (first.neurons[39], 300, 40),
        (last.neurons[0], 40, 1),
    ]
    for p in model.parameters():
        p.data = 9.0
    draw(model)
    for neuron, inputs, outputs in places:
        bound = math.sqrt(squared_bound(inputs, outputs))
        sizes = np.array([w.data for w in neuron.w]) / bound
        assert len(sizes) == inputs
        assert -1 <= sizes.min() < -0.8
        assert 0.8 < sizes.max() <= 1
        assert neuron.b.data == 0.0


def test_a_class_that_cannot_be_adds_nothing_where_its_target_is_0():
    row = [Value(1.0), Value(-math.inf), Value(2.0)]
    by_number = cross_entropy([row], [0]).data
    assert cross_entropy([row], [[1, 0, 0]]).data == pytest.approx(by_number)
    loss = cross_entropy([row], [[1, 0, 0]])
    loss.backward()
    assert row[0].grad == pytest.approx(math.exp(1.0) / (math.exp(1.0) + math.exp(2.0)) - 1.0)


# --- cross-entropy as softmax and −log p ----------------------------------------------------------


def expanded(rows, targets, **how):
    return cross_entropy(rows, targets, expanded=True, **how)


@pytest.mark.parametrize("targets", [CLASSES, SHARES, np.eye(3)[CLASSES]])
@pytest.mark.parametrize("scale", [1.0, 30.0, 200.0])
def test_expanded_cross_entropy_is_the_same_function(targets, scale):
    rows = scale * ROWS / np.abs(ROWS).max()
    for reduction in ("mean", "sum"):
        value, slopes = taken(cross_entropy, rows, targets, reduction=reduction)
        found, by_parts = taken(expanded, rows, targets, reduction=reduction)
        assert found == pytest.approx(value, rel=1e-12, abs=1e-12)
        np.testing.assert_allclose(by_parts, slopes, rtol=1e-12, atol=1e-12)
    entries = expanded(rows.tolist(), targets, reduction="none")
    assert [type(x) for x in entries] == [float] * 4
    assert entries == pytest.approx(cross_entropy(rows.tolist(), targets, reduction="none"))
    if scale == 1.0:
        program = compile(expanded, inputs=[rows, targets.astype(float)])
        assert program(rows, targets) == pytest.approx(cross_entropy(rows, targets), rel=1e-12)
        by_inputs, _ = program.gradient(rows, targets)
        np.testing.assert_allclose(4 * by_inputs, slopes, rtol=1e-12)  # those of the sum


def test_expanded_cross_entropy_of_what_is_no_number_is_none():
    assert math.isnan(expanded([[math.nan, 1.0]], [1]))


def test_expanded_cross_entropy_shows_probabilities_and_that_the_slope_is_p_less_y():
    z = [Value(x, label=f"z[{k}]") for k, x in enumerate([1.0, 3.0, 2.0], start=1)]
    loss = expanded([z], [2])
    loss.backward()
    graph = {v.label: v for v in topological_order(loss) if v.label}
    names = [f"{letter}[{k}]" for letter in "zpy" for k in (1, 2, 3)]
    assert sorted(graph) == sorted(names)
    p, y = ([graph[f"{letter}[{k}]"].data for k in (1, 2, 3)] for letter in "py")
    assert p == pytest.approx(softmax([1.0, 3.0, 2.0]), rel=1e-15)
    assert y == [0.0, 0.0, 1.0]
    assert [x.grad for x in z] == pytest.approx(np.subtract(p, y), rel=1e-14)
    texts = [step.math for step in steps(loss)]
    assert any(text.startswith("p[3] = exp(z[3]) ÷ v1 = 7.389 ÷ 30.19 = 0.2447") for text in texts)
    own = Value(1.0, label="certain")
    expanded([z[:2]], [[own, 0.0]])
    assert own.label == "certain"


@pytest.mark.parametrize("row", [[0.0, 800.0], [0.0, -800.0], [-800.0, -800.0], [-800.0, 0.0]])
@pytest.mark.parametrize("target", [0, [0.5, 0.5]])
@pytest.mark.parametrize("wrap", [float, Value])
def test_expanded_cross_entropy_refuses_what_it_rounds_to_0_or_infinity(row, target, wrap):
    values = [wrap(x) for x in row]
    assert math.isfinite(float(cross_entropy([values], [target])))
    if row == [0.0, -800.0] and target == 0:  # what is rounded counts nothing
        assert float(expanded([values], [target])) == 0.0
        return
    with pytest.raises(ValueError, match="Leave expanded=True out: then it takes the logits"):
        expanded([values], [target])


# --- messages, word for word ----------------------------------------------------------------------

SAID = [
    (
        lambda: mse_loss(1.0, [1.0]),
        TypeError,
        "mse_loss takes a list of predictions and a list of targets; got 1.0. For one sample "
        "write mse_loss([prediction], [target]).",
    ),
    (
        lambda: mse_loss([1.0, 2.0], [1.0]),
        ValueError,
        "mse_loss pairs each prediction with a target; got 2 predictions and 1 targets.",
    ),
    (
        lambda: hinge_loss([1.0], [0]),
        ValueError,
        "hinge_loss takes the labels −1 and 1; got 0. For classes 0 and 1 write 2 * y - 1, or"
        " use binary_cross_entropy_with_logits.",
    ),
    (
        lambda: binary_cross_entropy_with_logits([1.0], [-1]),
        ValueError,
        "binary_cross_entropy_with_logits takes targets from 0 to 1; got -1. For labels −1 "
        "and 1 write (y + 1) / 2, or use hinge_loss.",
    ),
    (
        lambda: nn.binary_cross_entropy([0.5], [-1]),
        ValueError,
        "binary_cross_entropy takes targets from 0 to 1; got -1. For labels −1 and 1 write "
        "(y + 1) / 2.",
    ),
    (
        lambda: nn.binary_cross_entropy([1.5], [1]),
        ValueError,
        "binary_cross_entropy takes probabilities from 0 to 1; got 1.5. Of logits take "
        "binary_cross_entropy_with_logits.",
    ),
    (
        lambda: hinge_loss([1.0], [[1.0]]),
        TypeError,
        "hinge_loss takes one number per sample as the target; got [1.0]. Where y is an array"
        " of rows with one number each, give y.ravel().",
    ),
    (
        lambda: cross_entropy([1.0], [0]),
        TypeError,
        "cross_entropy takes a row of one number per class and sample; got one number. For one "
        "logit per sample use binary_cross_entropy_with_logits.",
    ),
    (
        lambda: cross_entropy([[1.0, 2.0]], [2]),
        ValueError,
        "cross_entropy takes class numbers as targets, 0 to 1 for rows of 2; got 2.",
    ),
    (
        lambda: cross_entropy([[1.0, 2.0]], [None]),
        TypeError,
        "cross_entropy takes class numbers as targets, 0 to 1 for rows of 2; got None.",
    ),
    (
        lambda: cross_entropy([[1.0, 2.0]], [[1.0]]),
        ValueError,
        "cross_entropy takes a probability per class; got 1 for a row of 2 logits.",
    ),
]


@pytest.mark.parametrize(("call", "error", "said"), SAID)
def test_messages_say_what_came_why_and_what_to_write(call, error, said):
    with pytest.raises(error, match=f"^{re.escape(said)}$"):
        call()
