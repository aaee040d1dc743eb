"""fit: the same numbers as the loop written out, batches, schedules, history, the bar."""

import math
import random
import sys

import numpy as np
import pytest

from autograd_lite import Value, nn
from autograd_lite.datasets import moons, spirals
from autograd_lite.nn.losses import cross_entropy, hinge_loss, mse_loss
from autograd_lite.optim import SGD, Adam
from autograd_lite.training import accuracy, fit


def network(seed=0, sizes=(4, 1)):
    random.seed(seed)
    return nn.MLP(2, list(sizes))


def test_fit_is_the_loop_written_out():
    X, y = moons(20)
    fitted, written = network(), network()
    history = fit(fitted, X, y, loss=hinge_loss, optimiser=SGD(fitted.parameters(), 0.1), epochs=3)
    losses = []
    for _ in range(3):
        loss = hinge_loss([written(list(map(float, row))) for row in X], y)
        losses.append(loss.data)
        written.zero_grad()
        loss.backward()
        for p in written.parameters():
            p.data -= 0.1 * p.grad
    assert history.loss == losses
    assert [p.data for p in fitted.parameters()] == [p.data for p in written.parameters()]


def test_moons_are_learnt():
    X, y = moons(100, seed=1)
    model = network(1, (16, 16, 1))
    history = fit(
        model,
        X,
        y,
        loss=hinge_loss,
        optimiser=SGD(model.parameters(), 1.0),
        epochs=60,
        learning_rate=lambda epoch: 1.0 - 0.9 * epoch / 60,
        metrics={"accuracy": accuracy},
    )
    assert history.metrics["accuracy"][-1] == 1.0
    assert history.loss[-1] < 0.1 * history.loss[0]
    assert history.learning_rate[0] == 1.0
    assert history.learning_rate[-1] == pytest.approx(1.0 - 0.9 * 59 / 60)


def test_classes_are_learnt_by_cross_entropy_in_minibatches():
    X, y = spirals(60, classes=3, turns=0.25)
    model = network(0, (12, 3))
    history = fit(
        model,
        X,
        y,
        loss=cross_entropy,
        optimiser=SGD(model.parameters(), 0.3, momentum=0.8),
        epochs=30,
        batch_size=10,
        metrics={"accuracy": accuracy},
    )
    assert history.metrics["accuracy"][-1] > 0.9
    assert history.loss[-1] < 0.5 * history.loss[0]


def seen_by(batch_size, seed, epochs=2, n=7):
    """The samples in the order in which fit shows them, batch by batch."""
    batches = []

    def loss(predictions, targets):
        batches.append([int(t) for t in targets])
        return mse_loss(predictions, targets)

    model = nn.Neuron(1)
    X = [[float(i)] for i in range(n)]
    fit(
        model,
        X,
        list(range(n)),
        loss=loss,
        optimiser=SGD(model.parameters(), 1e-6),
        epochs=epochs,
        batch_size=batch_size,
        seed=seed,
    )
    return batches


def test_minibatches_show_every_sample_once_per_epoch_in_a_seeded_order():
    batches = seen_by(3, seed=1)
    assert [len(batch) for batch in batches] == [3, 3, 1, 3, 3, 1]
    first, second = ([i for batch in epoch for i in batch] for epoch in (batches[:3], batches[3:]))
    assert sorted(first) == sorted(second) == list(range(7))
    assert first != second
    assert batches == seen_by(3, seed=1)
    assert batches != seen_by(3, seed=2)


def test_without_a_batch_size_the_order_stays():
    assert seen_by(None, seed=5) == [list(range(7))] * 2


def test_the_mean_loss_weighs_a_smaller_last_batch_by_its_size():
    model = nn.Neuron(1, nonlin=False)
    for parameter in model.parameters():
        parameter.data = 0.0
    X, y = [[0.0]] * 3, [1.0, 2.0, 3.0]
    history = fit(
        model,
        X,
        y,
        loss=mse_loss,
        optimiser=SGD(model.parameters(), 1e-300),
        epochs=1,
        batch_size=2,
    )
    assert history.loss == pytest.approx([(1.0 + 4.0 + 9.0) / 3])


def test_shuffling_leaves_pythons_global_random_alone():
    random.seed(3)
    expected = random.random()
    random.seed(3)
    model = nn.Module()
    model.w = nn.Neuron(1).w[0]  # draws once
    random.seed(3)
    fit(
        lambda x: model.w * x[0],
        [[1.0]] * 4,
        [1.0] * 4,
        loss=mse_loss,
        optimiser=SGD([model.w], 0.1),
        epochs=2,
        batch_size=2,
    )
    assert random.random() == expected


@pytest.mark.parametrize("batch_size", [None, 8])
@pytest.mark.parametrize(
    "optimiser", [lambda ps: SGD(ps, 0.2, momentum=0.5), lambda ps: Adam(ps, 0.02)]
)
def test_compiled_steps_are_the_eager_ones(batch_size, optimiser):
    X, y = moons(30)
    histories, weights = [], []
    for compiled in (False, True):
        model = network(2, (6, 1))
        histories.append(
            fit(
                model,
                X,
                y,
                loss=hinge_loss,
                optimiser=optimiser(model.parameters()),
                epochs=10,
                batch_size=batch_size,
                learning_rate=lambda epoch: 0.1 / (1 + epoch),
                compiled=compiled,
            )
        )
        weights.append([p.data for p in model.parameters()])
    assert histories[1].loss == pytest.approx(histories[0].loss, rel=1e-9)
    assert weights[1] == pytest.approx(weights[0], rel=1e-9)
    assert histories[0].learning_rate == histories[1].learning_rate


@pytest.mark.parametrize(
    "chosen",
    [
        lambda model, scale: model.layers[1].parameters(),
        lambda model, scale: [neuron.b for neuron in model.layers[0].neurons],
        lambda model, scale: [*model.parameters(), scale],
        lambda model, scale: [*model.parameters(), Value(3.0)],
    ],
    ids=["a layer", "biases", "a Value too", "one that nothing reads"],
)
def test_compiled_steps_move_what_the_optimiser_has(chosen):
    X, y = moons(30)
    ends = []
    for compiled in (False, True):
        model, scale = network(2, (4, 1)), Value(0.7)
        optimiser = SGD(chosen(model, scale), 0.2, momentum=0.5)
        fit(
            lambda x, model=model, scale=scale: scale * model(x),
            X,
            y,
            loss=hinge_loss,
            optimiser=optimiser,
            epochs=5,
            metrics={"accuracy": accuracy},
            compiled=compiled,
        )
        ends.append([p.data for p in (*model.parameters(), scale)])
    assert ends[1] == pytest.approx(ends[0], rel=1e-9)
    assert ends[0] != [p.data for p in (*network(2, (4, 1)).parameters(), Value(0.7))]


def test_classes_can_be_compiled_as_rows_of_probabilities():
    X, classes = spirals(30, classes=3)
    losses = []
    for y, compiled in ((classes, False), (np.eye(3)[classes], False), (np.eye(3)[classes], True)):
        model = network(1, (5, 3))
        optimiser = SGD(model.parameters(), 0.1)
        history = fit(
            model, X, y, loss=cross_entropy, optimiser=optimiser, epochs=5, compiled=compiled
        )
        losses.append(history.loss)
    assert losses[1] == pytest.approx(losses[0], rel=1e-12)
    assert losses[2] == pytest.approx(losses[0], rel=1e-12)


@pytest.mark.parametrize("outputs", [1, 3])
def test_metrics_of_compiled_training_are_the_eager_ones(outputs):
    X, classes = spirals(30, classes=3)
    targets = np.eye(3)[classes] if outputs == 3 else np.where(classes > 0, 1.0, -1.0)
    seen = []
    for compiled in (False, True, "native"):
        model = network(1, (5, outputs))
        history = fit(
            model,
            X,
            targets,
            loss=cross_entropy if outputs == 3 else hinge_loss,
            optimiser=SGD(model.parameters(), 0.5),
            epochs=6,
            batch_size=8,
            metrics={"accuracy": accuracy, "size": lambda rows, _: np.abs(rows).sum()},
            compiled=compiled,
        )
        seen.append(history.metrics)
    assert len(set(seen[0]["accuracy"])) > 1  # it learns
    for metrics in seen[1:]:
        assert metrics["accuracy"] == seen[0]["accuracy"]
        assert metrics["size"] == pytest.approx(seen[0]["size"], rel=1e-9)


def test_accuracy():
    assert accuracy([1.5, -0.2, 0.4, -1.0], [1, -1, -1, 1]) == 0.5
    assert accuracy([1.5, -0.2], [1, 0]) == 1.0
    for kind in (np.float32, np.int64):
        assert accuracy(np.array([1, -1], dtype=kind), [1, 1]) == 0.5
    assert accuracy([[0.2, 0.1], [0.2, 0.3]], np.array([0, 0])) == 0.5
    assert accuracy([[0.2, 0.1], [0.2, 0.3]], [[1.0, 0.0], [1.0, 0.0]]) == 0.5


@pytest.mark.parametrize(
    ("X", "y", "more", "said"),
    [
        ([[1.0]], [1.0, 2.0], {}, "1 samples and 2 targets"),
        ([], [], {}, "at least one sample"),
        ([[1.0]], [1.0], {"batch_size": 0}, "batch_size .* got 0"),
        ([[float("nan")]], [1.0], {}, "loss is nan in epoch 0.*first_non_finite"),
    ],
)
def test_what_cannot_be_fitted_is_a_clear_error(X, y, more, said):
    model = nn.Neuron(1)
    with pytest.raises(ValueError, match=said):
        fit(model, X, y, loss=mse_loss, optimiser=SGD(model.parameters(), 0.1), epochs=1, **more)


@pytest.mark.parametrize("compiled", [False, True, "native"])
def test_a_loss_that_is_not_finite_leaves_the_model_as_it_was(compiled):
    model = network(2, (3, 1))
    before = [p.data for p in model.parameters()]
    X, y = moons(10)
    X[7, 1] = math.nan
    with pytest.raises(ValueError, match="loss is nan"):
        fit(model, X, y, loss=mse_loss, optimiser=SGD(model.parameters(), 0.1), compiled=compiled)
    assert [p.data for p in model.parameters()] == before


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"X": None}, "samples and targets as lists or arrays; got None"),
        ({"y": 3.0}, "as lists or arrays; got 3.0"),
        ({"optimiser": SGD}, r"as SGD\(model.parameters\(\), 0.1\) does; got <class"),
        ({"optimiser": SGD(nn.Neuron(1).parameters())}, "belongs to another model"),
        ({"epochs": 1.5}, "epochs is a whole number, 0 or more; got 1.5"),
        ({"epochs": -1}, "got -1"),
        ({"learning_rate": 0.1}, "is a function of the epoch; got 0.1. A rate that stays is the"),
        ({"metrics": [accuracy]}, r'metrics have names, {"accuracy": accuracy}; got \[<function'),
        ({"loss": lambda ps, ts: 1.5}, r"gives one Value; got 1.5. Use the predictions as they"),
        ({"loss": lambda ps, ts: None}, "gives one Value; got None"),
        ({"loss": lambda ps, ts: ps}, r"gives one Value; got \[Value"),
    ],
)
def test_what_is_no_argument_of_fit_is_named(wrong, said, compiled):
    model = nn.Neuron(1, nonlin=False)
    arguments = {"X": [[1.0], [2.0]], "y": [1.0, 2.0], "loss": mse_loss, "epochs": 1}
    arguments |= {"optimiser": SGD(model.parameters(), 0.1), "compiled": compiled} | wrong
    with pytest.raises((TypeError, ValueError), match=said):
        fit(model, arguments.pop("X"), arguments.pop("y"), **arguments)


def test_the_size_of_a_batch_may_come_from_an_array():
    model = nn.Neuron(1)
    optimiser = SGD(model.parameters(), 0.1)
    fit(model, [[1.0]] * 4, [1.0] * 4, loss=mse_loss, optimiser=optimiser, batch_size=np.int64(2))


def test_the_bar_shows_loss_and_metrics(capsys):
    pytest.importorskip("tqdm")
    model = nn.Neuron(1)
    history = fit(
        model,
        [[1.0]],
        [1.0],
        loss=mse_loss,
        optimiser=SGD(model.parameters(), 0.1),
        epochs=3,
        metrics={"accuracy": accuracy},
        progress=True,
    )
    out, err = capsys.readouterr()
    assert out == ""
    assert f"3/3  loss {history.loss[-1]:.4f}  accuracy" in err


def test_without_progress_nothing_is_written(capsys):
    model = nn.Neuron(1)
    fit(model, [[1.0]], [1.0], loss=mse_loss, optimiser=SGD(model.parameters(), 0.1), epochs=1)
    assert capsys.readouterr() == ("", "")


def test_progress_without_tqdm_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm", None)
    model = nn.Neuron(1)
    optimiser = SGD(model.parameters(), 0.1)
    with pytest.raises(ImportError, match=r"autograd_lite\[demo\]"):
        fit(model, [[1.0]], [1.0], loss=mse_loss, optimiser=optimiser, epochs=1, progress=True)
