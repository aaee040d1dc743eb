"""fit: the same numbers as the loop written out, batches, schedules, history, the bar."""

import contextlib
import copy
import math
import random
import re
import sys

import numpy as np
import pytest

import autograd_lite
from autograd_lite import Value, nn, samples
from autograd_lite.datasets import moons, spirals
from autograd_lite.nn.losses import cross_entropy, hinge_loss, mse_loss
from autograd_lite.optim import SGD, Adagrad, Adam, AdamW, NotFinite, Optimiser, RMSprop
from autograd_lite.training import accuracy, fit


def network(seed=0, sizes=(4, 1)):
    random.seed(seed)
    return nn.MLP(2, list(sizes))


def fits(X=((1.0,), (2.0,)), y=(1.0, 2.0), **more):
    line = nn.Neuron(1, nonlin=False)
    arguments = {"model": line, "loss": mse_loss, "optimiser": SGD(line.parameters()), "epochs": 1}
    arguments |= more
    return fit(arguments.pop("model"), X, y, **arguments)


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


@pytest.mark.parametrize(
    "chosen",
    [
        lambda model: model.parameters()[::-1],
        lambda model: model.layers[1].parameters(),
        lambda model: random.Random(1).sample(model.parameters(), 9),
        lambda model: [Value(5.0), *model.parameters()[::-1], Value(6.0)],
    ],
    ids=["backwards", "a layer", "some", "more"],
)
def test_metrics_of_compiled_training_know_the_order_of_the_parameters(chosen):
    X, y = moons(20)
    seen = []
    for compiled in (False, True, "native"):
        model = network(1, (3, 1))
        history = fit(
            lambda x, model=model: model(x), X, y, loss=mse_loss, epochs=3, batch_size=7,
            optimiser=Adam(chosen(model), 0.1), compiled=compiled,
            metrics={"mean": lambda p, _: np.mean(p), "last": lambda p, _: p[-1]},
        )  # fmt: skip
        seen.append([*history.metrics["mean"], *history.metrics["last"], *history.loss])
    assert seen[1] == pytest.approx(seen[0], rel=1e-9)
    assert seen[2] == pytest.approx(seen[0], rel=1e-9)


def test_accuracy():
    assert accuracy([1.5, -0.2, 0.4, -1.0], [1, -1, -1, 1]) == 0.5
    assert accuracy([1.5, -0.2], [1, 0]) == 1.0
    for kind in (np.float32, np.int64):
        assert accuracy(np.array([1, -1], dtype=kind), [1, 1]) == 0.5
    assert accuracy([[0.2, 0.1], [0.2, 0.3]], np.array([0, 0])) == 0.5
    assert accuracy([[0.2, 0.1], [0.2, 0.3]], [[1.0, 0.0], [1.0, 0.0]]) == 0.5
    assert accuracy([(0.5, 1.0)], np.array([[0.0, 1.0]])) == 1.0
    assert accuracy([Value(2.0), [Value(1.0), Value(3.0)]], [1, 1]) == 1.0


def test_a_score_of_0_stands_for_no():
    tiny = math.ulp(0.0)
    for score, label in ((0.0, -1), (-0.0, -1), (-tiny, -1), (tiny, 1), (0.0, 0), (tiny, 0.5)):
        assert accuracy([score], [label]) == 1.0
        assert accuracy([score], [1 if label <= 0 else -1]) == 0.0
    for row, first in (([2.0, 2.0], 0), ([1.0, 2.0, 2.0], 1), ([2.0], 0)):  # of equals the first
        assert [accuracy([row], [k]) for k in range(len(row))] == [
            k == first for k in range(len(row))
        ]
        assert accuracy([row], [[float(k == first) for k in range(len(row))]]) == 1.0


@pytest.mark.parametrize(
    ("X", "y", "more", "said"),
    [
        ([[1.0]], [1.0, 2.0], {}, "1 samples and 2 targets"),
        ([], [], {}, "at least one sample"),
        ([[1.0]], [1.0], {"batch_size": 0}, "batch_size .* got 0"),
        ([[1.0]], [1.0], {"batch_size": -1, "compiled": True}, "batch_size .* got -1"),
        ([[1.0]], [1.0], {"batch_size": 2.0, "compiled": True}, r"batch_size .* got 2\.0"),
        ([[1.0]], [1.0], {"batch_size": "2"}, "batch_size .* got '2'"),
        ([[1.0], [1.0, 2.0]], [1.0, 2.0], {"compiled": True}, "X has rows of different lengths"),
        ([[1.0]], [1.0], {"compiled": "numpy"}, "is True, False or \"native\"; got 'numpy'"),
        ([[float("nan")]], [1.0], {}, "epoch 0.*loss is nan.* an input .*as data"),
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
        ({"epochs": 1.5}, "epochs is a whole number, 0 or more; got 1.5"),
        ({"loss": lambda ps, ts: None}, "gives one Value; got None"),
        ({"loss": lambda ps, ts: ps}, r"gives one Value; got \[Value"),
    ],
)
def test_what_is_no_argument_of_fit_is_named(wrong, said, compiled):
    with pytest.raises((TypeError, ValueError), match=said):
        fits(compiled=compiled, **wrong)


def test_a_branch_of_a_compiled_loss_is_called_the_loss_of_a_sample():
    def branches(predictions, targets):
        return autograd_lite.mean(
            [p if p > t else 2.0 * t - p for p, t in zip(predictions, targets, strict=True)]
        )

    with pytest.raises(
        ValueError, match=r"^The loss of a sample compares .* depends on its inputs"
    ):
        fits(loss=branches, compiled=True)


@pytest.mark.parametrize("n", [1, 2, 6, 7])
def test_batches_are_of_their_size_but_for_the_last(n):
    for size in sorted({1, 2, n - 1, n, n + 1, 100} - {0}):
        for kind in (int, np.int64):
            batches = seen_by(kind(size), seed=1, epochs=1, n=n)
            assert batches == seen_by(size, seed=1, epochs=1, n=n)
            assert [len(b) for b in batches] == [size] * (n // size) + [n % size] * (n % size > 0)
            assert sorted(i for batch in batches for i in batch) == list(range(n))


def test_what_is_left_out_has_its_value():
    def history(**more):
        random.seed(0)
        line = nn.Neuron(1, nonlin=False)
        return fit(line, [[1.0], [2.0], [4.0]], [1.0, -2.0, 3.0], loss=mse_loss, batch_size=2,
                   optimiser=SGD(line.parameters(), 0.01), **more)  # fmt: skip

    assert history() == history(
        epochs=100, seed=0, metrics=None, learning_rate=None, compiled=False, progress=False
    )
    assert len(history().loss) == len(history().learning_rate) == 100
    assert history(seed=1).loss != history().loss


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("epochs", [0, 1, 2, np.int64(2)])
def test_a_history_has_an_entry_per_epoch(epochs, compiled):
    model = network(2)
    before, asked, rates = [p.data for p in model.parameters()], [], iter([0.5, 0.25])

    def rate(epoch):
        asked.append((epoch, len(asked)))
        return next(rates)

    history = fit(
        model, [[1.0, 2.0], [0.0, 1.0]], [1.0, 2.0], loss=mse_loss, epochs=epochs,
        optimiser=SGD(model.parameters()), learning_rate=rate, compiled=compiled, batch_size=1,
        metrics={"accuracy": accuracy, "count": lambda p, t: len(p)},
    )  # fmt: skip
    assert asked == [(k, k) for k in range(epochs)]
    assert history.learning_rate == [0.5, 0.25][:epochs]
    assert len(history.loss) == len(history.metrics["accuracy"]) == epochs
    assert history.metrics["count"] == [2] * epochs
    assert ([p.data for p in model.parameters()] == before) == (epochs == 0)


@pytest.mark.parametrize("where", ["loss", "metric", "rate", "step"])
@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_no_bar_is_left_open(where, error, capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    model, calls = nn.Neuron(1, nonlin=False), []

    def breaks(place, result):
        def function(*args):
            calls.append(place)
            if place == where and calls.count(place) == 2:
                raise error(place)
            return result(*args)

        return function

    optimiser = SGD(model.parameters(), 0.1)
    optimiser.step = breaks("step", optimiser.step)
    ended = contextlib.nullcontext() if error is KeyboardInterrupt else pytest.raises(error)
    with ended:  # Ctrl-C gives the history so far
        fit(model, [[1.0]], [1.0], loss=breaks("loss", mse_loss), optimiser=optimiser, epochs=3,
            metrics={"a": breaks("metric", accuracy)}, progress=True,
            learning_rate=breaks("rate", lambda epoch: 0.1))  # fmt: skip
    shown = capsys.readouterr().err
    assert re.search(r"1/3  loss \d\.\d{4}  a \d\.0000  00:00\n$", shown)
    assert "2/3" not in shown


def test_without_progress_nothing_is_written(capsys):
    model = nn.Neuron(1)
    fit(model, [[1.0]], [1.0], loss=mse_loss, optimiser=SGD(model.parameters(), 0.1), epochs=1)
    assert capsys.readouterr() == ("", "")


# --- training keeps its word: state, losses that are no mean, numbers that run away ---------------

WAYS = [False, True, "native"]


class Averaging(Optimiser):
    """A rule of one's own, which remembers numbers and what all parameters have alike."""

    def update(self, parameter, gradient, state):
        state["t"] = state.get("t", 0) + 1
        state["start"] = state.get("start", parameter)
        state["by"] = "root"
        pull = parameter - state["start"]
        return parameter - self.learning_rate * (gradient + 0.01 * pull) / state["t"] ** 0.5


STATEFUL = {
    "momentum": lambda p: SGD(p, 0.1, momentum=0.9, nesterov=True, weight_decay=0.01),
    "adamw": lambda p: AdamW(p, 0.05),
    "rmsprop": lambda p: RMSprop(p, 0.01, momentum=0.5, centered=True),
    "adagrad": lambda p: Adagrad(p, 0.1, learning_rate_decay=0.1),
    "averaging": lambda p: Averaging(p, 0.1),
}


def losses_of(epochs, make, ways):
    X, y = moons(24, noise=0.1)
    model = network(0, (4, 1))
    optimiser = make(model.parameters()[::-1])  # in an order of its own
    for n, compiled in zip(epochs, ways, strict=True):
        history = fit(model, X, y, loss=mse_loss, optimiser=optimiser, epochs=n, compiled=compiled)
    return [history.loss[-1], *[p.data for p in model.parameters()]]


@pytest.mark.parametrize("ways", [[False] * 6, [True] * 6, WAYS * 2], ids=str)
@pytest.mark.parametrize("make", STATEFUL.values(), ids=STATEFUL)
def test_many_fits_are_one_fit(make, ways):
    once = losses_of([6], make, [False])
    assert losses_of([1] * 6, make, ways) == pytest.approx(once, rel=1e-10)


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt])
def test_what_was_learnt_before_an_exception_is_kept(error, compiled):
    X, y = moons(10)

    def trained(epochs, **more):
        model = network(0, (3, 1))
        optimiser = Adam(model.parameters(), 0.05)
        arguments = {"loss": mse_loss, "optimiser": optimiser, "epochs": epochs} | more
        raised = more and error is not KeyboardInterrupt  # which gives the history so far
        with pytest.raises(error) if raised else contextlib.nullcontext():
            fit(model, X, y, compiled=compiled, **arguments)
        states = [x for state in optimiser.state_dict()["memory"] for x in state.values()]
        return [p.data for p in model.parameters()] + states

    def third(epoch):
        if epoch == 3:
            raise error
        return 0.05

    expected = trained(3)
    assert trained(9, learning_rate=third) == pytest.approx(expected, rel=1e-12)
    counted = iter(range(9))
    stops = {"a": lambda p, t: third(next(counted) + 1)}
    assert trained(9, metrics=stops) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("compiled", [False, True])
def test_at_a_rate_of_0_nothing_moves(compiled):
    model = network(0, (3, 1))
    before = [p.data for p in model.parameters()]
    history = fit(model, [[1.0, 2.0]], [1.0], loss=mse_loss, epochs=3, compiled=compiled,
                  optimiser=SGD(model.parameters(), 0.1, momentum=0.9),
                  learning_rate=lambda epoch: 0.0)  # fmt: skip
    assert [p.data for p in model.parameters()] == before
    assert history.learning_rate == [0.0] * 3


def test_a_memory_that_a_program_cannot_continue_is_refused():
    model = network()
    optimiser = SGD(model.parameters())
    optimiser._states[0]["velocity"] = 1.0
    with pytest.raises(ValueError, match="remembers 'velocity' for some parameters"):
        fit(model, [[1.0, 2.0]], [1.0], loss=mse_loss, optimiser=optimiser, compiled=True)


def squares(predictions, targets):
    return [(p - t) ** 2 for p, t in zip(predictions, targets, strict=True)]


def decay(model):
    return 0.05 * autograd_lite.sum([w * w for w in model.parameters()])


def written_in_a_loop(predictions, targets):
    total = Value(0.0)
    for square in squares(predictions, targets):
        total += square
    return total / 3.0


LOSSES = {
    "a sum": lambda m, p, t: autograd_lite.sum(squares(p, t)),
    "python's sum": lambda m, p, t: sum(squares(p, t)),
    "a sum and a decay": lambda m, p, t: autograd_lite.sum(squares(p, t)) + decay(m),
    "a sum less a decay": lambda m, p, t: autograd_lite.sum(squares(p, t)) - decay(m),
    "a sum less twice a decay": lambda m, p, t: -(decay(m) / 0.5 - sum(squares(p, t))),
    "a mean and a decay": lambda m, p, t: mse_loss(p, t) + decay(m),
    "a decay per sample": lambda m, p, t: sum(s + decay(m) for s in squares(p, t)),
    "a loop": lambda m, p, t: written_in_a_loop(p, t),
    "by n - 1": lambda m, p, t: autograd_lite.sum(squares(p, t)) / max(len(p) - 1, 1),
    "a dot": lambda m, p, t: autograd_lite.dot(*[[a - b for a, b in zip(p, t, strict=True)]] * 2),
    "numbers": lambda m, p, t: autograd_lite.sum(
        [(1.0 - a * b) for a, b in zip(p, t, strict=True)]
    ),
    "a weight that is trained": lambda m, p, t: m.layers[1].neurons[0].b * mse_loss(p, t),
    "a sum so weighed": lambda m, p, t: sum(squares(p, t)) / m.layers[1].neurons[0].w[0],
    "weighed by what is trained": lambda m, p, t: (
        autograd_lite.exp(-m.layers[1].neurons[0].b) * mse_loss(p, t) + m.layers[1].neurons[0].b
    ),
    "array": lambda m, p, t: np.mean((np.array(p, dtype=object) - np.array(t)) ** 2),
    "half": lambda m, p, t: 0.5 * -(-mse_loss(p, t) - mse_loss(p, t)),
}


@pytest.mark.parametrize("batch_size", [None, 3])  # the last batch is of one
@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
def test_compiled_sums_and_means_are_the_eager_ones(loss, batch_size):
    X, y = moons(10, noise=0.1)
    results = []
    for compiled in WAYS:
        model = network(3, (3, 1))
        history = fit(
            model, X, y, loss=lambda p, t, model=model: loss(model, p, t), epochs=3,
            optimiser=SGD(model.parameters(), 0.01), batch_size=batch_size, compiled=compiled,
        )  # fmt: skip
        results.append([*history.loss, *[p.data for p in model.parameters()]])
    assert results[1] == pytest.approx(results[0], rel=1e-9)
    assert results[2] == pytest.approx(results[0], rel=1e-9)


COUPLED = {
    "the largest": lambda p, t: autograd_lite.maximum(*squares(p, t)[:2]),
    "a root of a mean": lambda p, t: autograd_lite.sqrt(mse_loss(p, t)),
    "a clipped mean": lambda p, t: autograd_lite.minimum(mse_loss(p, t), 1e6),
    "neighbours": lambda p, t: mse_loss(p, t) + (p[0] - p[-1]) ** 2,
    "the worst alone": lambda p, t: autograd_lite.sum(sorted(squares(p, t), key=float)[-2:]),
    "the first weighs more": lambda p, t: mse_loss(p, t) + squares(p, t)[0],
    "other targets": lambda p, t: mse_loss(p, t[::-1]),
    "targets less their mean": lambda p, t: mse_loss(p, [x - sum(t) / len(t) for x in t]),
    "a number of the batch": lambda p, t: mse_loss(p, t) + len(p),
    "a product": lambda p, t: p[0] * p[-1],
}


KNOWS_PLACES = {
    "the first has another target": lambda p, t: mse_loss(p, [t[-1], *t[1:]]),
    "the last has another target": lambda p, t: mse_loss(p, [*t[:-1], t[0]]),
    "a neighbour's target": lambda p, t: mse_loss(p, [t[-1], *t[:-1]]),
    "the last weighs less": lambda p, t: autograd_lite.dot(
        [1.0] * (len(p) - 1) + [0.5], squares(p, t)
    ),
    "one in the middle weighs more": lambda p, t: autograd_lite.dot(
        [1.0 + (k == len(p) // 2) for k in range(len(p))], squares(p, t)
    ),
    "the last is another loss": lambda p, t: autograd_lite.mean(
        [*squares(p[:-1], t[:-1]), abs(p[-1] - t[-1])]
    ),
    "the last alone": lambda p, t: squares(p, t)[-1],
}


@pytest.mark.parametrize("loss", KNOWS_PLACES.values(), ids=KNOWS_PLACES)
@pytest.mark.parametrize("n", [2, 3, 7, 8, 9, 17])
def test_losses_that_know_the_place_of_a_sample_are_refused(loss, n):
    with pytest.raises(ValueError, match="sample by sample"):
        samples.scale(loss, [Value(0.1 * k) for k in range(n)], [k / 7 for k in range(n)], ())


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 7, 8, 9, 16, 17])
def test_how_a_loss_adds_up_is_read_for_any_number_of_samples(n):
    w = Value(3.0)
    p, t = [Value(0.1 * k) for k in range(n)], [k / 7 for k in range(n)]
    for loss, expected in {
        mse_loss: (1, 1),
        lambda p, t: autograd_lite.sum(squares(p, t)): (n, 1),
        lambda p, t: autograd_lite.sum(squares(p, t)) / 4: (n, 1),  # and so for one alone
        lambda p, t: 3 * mse_loss(p, t) + w * w: (1, 1),
        lambda p, t: sum(squares(p, t)) / (len(p) ** 2) + w / len(p): (1 / n, 1 / n),
        lambda p, t: autograd_lite.sum([2.0 - 0.3 * x for x in squares(p, t)]) - w: (n, 1),
        lambda p, t: w * 0.0 + mse_loss(p, t): (1, 1),
        lambda p, t: w * w + 3.0: (1, 1),  # and nothing of the samples
        lambda p, t: w / autograd_lite.exp(w) * mse_loss(p, t) - 5.0: (1, 1),
    }.items():
        assert samples.scale(loss, p, t, {w}) == pytest.approx(expected, rel=1e-12)
    tenths = samples.scale(lambda p, t: sum(squares(p, t)) * 0.1, p, t, ())
    assert tenths.each == n  # and not nearly


@pytest.mark.parametrize("place", [0, 1, 2, 3, -4, -3, -2, -1])
def test_the_samples_at_either_end_are_looked_at_alone(place):
    def loss(p, t):
        targets = list(t)
        targets[place % len(t)] = t[len(t) // 2]
        return mse_loss(p, targets)

    with pytest.raises(ValueError, match="something else for a batch than for its samples"):
        samples.scale(loss, [Value(0.1 * k) for k in range(17)], [k / 7 for k in range(17)], ())


def test_coefficients_may_differ_by_rounding_and_no_more():
    p, t = [Value(0.5), Value(2.0), Value(3.0)], [1.0, 2.0, 4.0]
    for by, taken in ((0.0, True), (9e-10, True), (1.1e-9, False), (-1.1e-9, False), (0.5, False)):

        def loss(p, t, by=by):
            weights = [1.0 + by, 1.0, 1.0] if len(p) > 1 else [1.0]
            return autograd_lite.dot(weights, squares(p, t))

        if taken:
            assert samples.scale(loss, p, t, ()).each == pytest.approx(3.0, rel=1e-8)
        else:
            with pytest.raises(ValueError, match="does not weigh all samples alike"):
                samples.scale(loss, p, t, ())


def test_numbers_of_samples_may_add_up_to_0():
    p, t = [Value(0.1 * k) for k in range(9)], [1.0] * 4 + [-8.0] + [1.0] * 4
    for loss in (mse_loss, lambda p, t: sum(p) / len(p) - autograd_lite.mean([*map(Value, t)])):
        assert samples.scale(loss, p, t, ()) == pytest.approx((1.0, 1.0), rel=1e-15)


@pytest.mark.parametrize("loss", COUPLED.values(), ids=COUPLED)
def test_losses_that_know_several_samples_are_refused(loss):
    X, y = [[0.5, 1.0], [1.0, -2.0], [0.25, 3.0]], [1.0, -0.5, 2.0]
    model = network(3, (3, 1))
    before = [p.data for p in model.parameters()]
    with pytest.raises(ValueError, match=r"mean or a sum over the samples.*compiled=False"):
        fit(model, X, y, loss=loss, optimiser=SGD(model.parameters()), compiled=True)
    assert [p.data for p in model.parameters()] == before


@pytest.mark.parametrize("compiled", [True, "native"])
def test_class_numbers_are_compiled(compiled):
    X, y = spirals(30, classes=3, turns=0.25)
    results = []
    for way in (False, compiled):
        model = network(0, (5, 3))
        history = fit(
            model, X, y, loss=cross_entropy, optimiser=Adam(model.parameters(), 0.05), epochs=4,
            batch_size=8, compiled=way, metrics={"accuracy": accuracy},
        )  # fmt: skip
        results.append([*history.loss, *history.metrics["accuracy"]])
    assert results[1] == pytest.approx(results[0], rel=1e-9)


@pytest.mark.parametrize("compiled", WAYS)
@pytest.mark.parametrize(
    ("loss", "bad", "said"),
    [
        (cross_entropy, 7, "class numbers .* got 7"),
        (cross_entropy, 0.5, "class numbers .* got 0.5"),
        (hinge_loss, 0, "labels −1 and 1; got 0"),
        (cross_entropy, None, "got None"),
    ],
)
def test_a_bad_target_anywhere_is_refused(loss, bad, said, compiled):
    X = [[float(i), 1.0] for i in range(9)]
    y = [1, 1, 1, 1, bad, 1, 1, 1, 1]
    model = network(0, (2,) if loss is cross_entropy else (1,))
    with pytest.raises((ValueError, TypeError), match=said):
        fit(model, X, y, loss=loss, optimiser=SGD(model.parameters()), compiled=compiled)


@pytest.mark.parametrize("compiled", WAYS)
@pytest.mark.parametrize("make", [SGD, lambda p, r: SGD(p, r, momentum=0.9)])
def test_divergence_names_epoch_rate_and_remedy(make, compiled):
    model = nn.Neuron(1, nonlin=False)
    optimiser = make(model.parameters(), 1e3)
    with pytest.raises(
        NotFinite, match=r"epoch \d+, at learning_rate 1000: .*smaller learning_rate"
    ):
        fit(model, [[1.0], [2.0]], [1.0, 2.0], loss=mse_loss, optimiser=optimiser, epochs=500,
            compiled=compiled)  # fmt: skip
    assert all(math.isfinite(p.data) for p in model.parameters())


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize(("batch_size", "epoch"), [(1, 0), (None, 1)])
def test_the_second_step_may_be_the_one_too_far(batch_size, epoch, compiled):
    """A ValueError before any step is about the data; after one the parameters ran away."""

    def loss(predictions, targets):
        return autograd_lite.mean([autograd_lite.log(2.0 - p) for p in predictions])

    for start, error, said in (
        (
            1.0,
            NotFinite,
            f"Training stopped in epoch {epoch}, at learning_rate 2: log: no real answer at x = "
            "-3.0; it needs x > 0. If the parameters run away, try a smaller learning_rate.",
        ),
        (3.0, ValueError, "log: no real answer at x = -1.0; it needs x > 0."),
    ):
        model = nn.Neuron(1, nonlin=False)
        model.w[0].data = start
        optimiser = SGD(model.parameters(), 2.0)
        with pytest.raises(error, match=f"^{re.escape(said)}$") as caught:
            fit(model, [[1.0]] * 5, [0.0] * 5, loss=loss, optimiser=optimiser, epochs=2,
                batch_size=batch_size, compiled=compiled)  # fmt: skip
        assert type(caught.value) is error


def test_arithmetic_that_is_undefined_later_is_named_and_chained():
    model = nn.Neuron(1, nonlin=False)
    model.w[0].data = 1.0

    def loss(predictions, targets):
        return autograd_lite.mean([autograd_lite.log(2.0 - p) for p in predictions])

    with pytest.raises(NotFinite, match=r"epoch [1-9].*log: no real answer") as caught:
        fit(model, [[1.0]], [1.0], loss=loss, optimiser=SGD(model.parameters(), 0.3), epochs=9)
    assert isinstance(caught.value.__cause__, ValueError)


@pytest.mark.parametrize("compiled", WAYS)
def test_a_slope_that_is_not_finite_moves_nothing_and_is_traced(compiled):
    model = nn.Neuron(1, nonlin=False)
    model.w[0].data = 0.0
    optimiser = Adam(model.parameters(), 0.1)

    def loss(predictions, targets):
        return autograd_lite.mean([autograd_lite.sqrt(p) for p in predictions])

    with pytest.raises(
        NotFinite, match=r"epoch 0.*gradient of .* is (inf|nan).*It began at"
    ) as caught:
        fit(model, [[1.0], [2.0]], [1.0, 2.0], loss=loss, optimiser=optimiser, compiled=compiled)
    assert "diagnose" not in str(caught.value)
    assert [p.data for p in model.parameters()] == [0.0, 0.0]
    assert optimiser._states == [{}, {}]


@pytest.mark.parametrize("compiled", WAYS)
@pytest.mark.parametrize(
    ("rate", "error"), [(-1.0, ValueError), (math.nan, ValueError), (math.inf, ValueError),
                        ("0.1", TypeError), (None, TypeError), (Value(0.1), TypeError)],
)  # fmt: skip
def test_rates_of_a_schedule_that_are_none_are_refused(rate, error, compiled):
    model = nn.Neuron(1)
    with pytest.raises(error, match=r"learning_rate is a"):
        fit(model, [[1.0]], [1.0], loss=mse_loss, optimiser=SGD(model.parameters()), epochs=2,
            learning_rate=lambda epoch: rate if epoch else 0.0, compiled=compiled)  # fmt: skip


def test_the_accuracy_of_nothing_is_refused():
    with pytest.raises(ValueError, match="no predictions"):
        accuracy([], [])
    with pytest.raises(ValueError, match="got 1 predictions and 2 targets"):
        accuracy([1.0], [1.0, 0.0])


# --- an optimiser that does not move what the loss reads ------------------------------------------


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("wrapped", [False, True])
def test_an_optimiser_of_another_model_is_refused(wrapped, compiled):
    model = network()
    optimiser = SGD(model.parameters(), 0.1)
    trained = copy.deepcopy(model)
    with pytest.raises(ValueError, match=r"none of the optimiser's parameters.*another model"):
        fit((lambda x: trained(x)) if wrapped else trained, [[1.0, 2.0]], [1.0], loss=mse_loss,
            optimiser=optimiser, compiled=compiled)  # fmt: skip


@pytest.mark.parametrize("compiled", [False, True])
def test_one_whose_gradients_are_all_0_is_not(compiled):
    model = network()
    for p in model.parameters():
        p.data = -1.0  # each ReLU is off
    history = fit(model, [[1.0, 2.0]], [1.0], loss=mse_loss, epochs=2, compiled=compiled,
                  optimiser=SGD(model.layers[0].parameters(), 0.1))  # fmt: skip
    assert history.loss == [4.0, 4.0]
    temperature = Value(2.0)
    fit(model, [[1.0, 2.0]], [1.0], optimiser=SGD([temperature], 0.1), epochs=1, compiled=compiled,
        loss=lambda p, t: mse_loss([temperature * x for x in p], t))  # fmt: skip
    assert temperature.data == pytest.approx(2.0 - 0.1 * 2 * (-2.0 - 1.0) * -1.0)


def new_layer(model):
    model.layers[1] = nn.Layer(4, 1)


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize(
    "change",
    [
        new_layer,
        lambda model: setattr(model.layers[1].neurons[0], "b", Value(1.0)),
        lambda model: model.layers[1].neurons[0].w.__setitem__(0, Value(1.0)),
    ],
)
def test_parameters_that_were_replaced_are_warned_of(change, compiled):
    model = network()
    optimiser = SGD(model.parameters(), 0.1)
    change(model)
    with pytest.warns(UserWarning, match=r"layer2.neuron1.* does not move. .*model.parameters\(\)"):
        fit(model, [[1.0, 2.0]], [1.0], loss=mse_loss, optimiser=optimiser, compiled=compiled,
            epochs=2)  # fmt: skip


@pytest.mark.parametrize(
    "chosen",
    [
        lambda model, more: [*model.parameters(), more],
        lambda model, more: model.layers[1].parameters(),
        lambda model, more: [*model.layers[1].parameters(), more],
    ],
    ids=["more", "fewer", "both"],
)
def test_a_choice_of_parameters_is_not_warned_of(chosen):
    model, scale = network(), Value(1.0)
    fit(model, [[1.0, 2.0]], [1.0], optimiser=SGD(chosen(model, scale), 0.1), epochs=1,
        loss=lambda p, t: mse_loss([scale * x for x in p], t))  # fmt: skip


# --- messages, word for word ----------------------------------------------------------------------


SAID = [
    (
        lambda: accuracy([], []),
        ValueError,
        "The accuracy of no predictions has no value; give at least one.",
    ),
    (
        lambda: accuracy([1.0], [1.0, 0.0]),
        ValueError,
        "accuracy pairs each prediction with a target; got 1 predictions and 2 targets.",
    ),
    (
        lambda: fits(compiled="numpy"),
        ValueError,
        "compiled is True, False or \"native\"; got 'numpy'.",
    ),
    (
        lambda: fits(model=3.0),
        TypeError,
        "fit takes a model, a function of one sample; got 3.0.",
    ),
    (
        lambda: fits(loss="mse"),
        TypeError,
        "loss is a function of predictions and targets, such as mse_loss, hinge_loss or "
        "cross_entropy of autograd_lite.nn; got 'mse'.",
    ),
    (
        lambda: fits(optimiser=0.1),
        TypeError,
        "The optimiser knows its parameters, as SGD(model.parameters(), 0.1) does; got 0.1.",
    ),
    (
        lambda: fits(epochs=-1),
        ValueError,
        "epochs is a whole number, 0 or more; got -1.",
    ),
    (
        lambda: fits(batch_size=0),
        ValueError,
        "batch_size is a number of samples, 1 or more, or None; got 0.",
    ),
    (
        lambda: fits(learning_rate=0.1),
        TypeError,
        "learning_rate is a function of the epoch; got 0.1. A rate that stays is the optimiser's.",
    ),
    (
        lambda: fits(metrics=[0.5]),
        TypeError,
        'metrics have names, {"accuracy": accuracy}; got [0.5].',
    ),
    (
        lambda: fits(metrics={"right": 1.0}),
        TypeError,
        "A metric is a function of predictions and targets; got 1.0 as 'right'.",
    ),
    (
        lambda: fits(optimiser=SGD([Value(1.0)])),
        ValueError,
        "The loss reads none of the optimiser's parameters: it belongs to another model, or "
        "numbers were taken out on the way, by float(x) or x.data. Make the optimiser from "
        "model.parameters(), and compute with the predictions as they are.",
    ),
    (
        lambda: fits(loss=lambda p, t: 1.5),
        TypeError,
        "loss(predictions, targets) gives one Value; got 1.5. Use the predictions as they "
        "are, without float(x) or x.data, and add up what is a list.",
    ),
    (
        lambda: fits(X="ab"),
        TypeError,
        "fit takes samples and targets as lists or arrays; got 'ab'.",
    ),
    (
        lambda: fits(y=[1.0]),
        ValueError,
        "fit takes one target per sample, and at least one sample; got 2 samples and 1 targets.",
    ),
    (
        lambda: fits(loss=lambda p, t: autograd_lite.sqrt(mse_loss(p, t)), compiled=True),
        ValueError,
        "A compiled training runs the loss sample by sample, and this one computes sqrt of "
        "several samples: it is not a mean or a sum over the samples. Leave compiled=False "
        "for it.",
    ),
    (
        lambda: fits(loss=lambda p, t: mse_loss(p, t) + (p[0] - 1) ** 2, compiled=True),
        ValueError,
        "A compiled training runs the loss sample by sample, and this one computes something "
        "else for a batch than for its samples: it is not a mean or a sum over the samples. "
        "Leave compiled=False for it.",
    ),
    (
        lambda: fits(
            loss=lambda p, t: autograd_lite.dot([1.0, 2.0], p) if len(p) > 1 else p[0],
            compiled=True,
        ),
        ValueError,
        "A compiled training runs the loss sample by sample, and this one does not weigh all "
        "samples alike: it is not a mean or a sum over the samples. Leave compiled=False for "
        "it.",
    ),
    (
        lambda: fits(loss=lambda p, t: mse_loss(p, t) + len(p), compiled=True),
        ValueError,
        "A compiled training runs the loss sample by sample, and this one adds a number that "
        "is not made of those of its samples: it is not a mean or a sum over the samples. "
        "Leave compiled=False for it.",
    ),
]


@pytest.mark.parametrize(("call", "error", "said"), SAID)
def test_messages_say_what_came_why_and_what_to_write(call, error, said):
    with pytest.raises(error, match=f"^{re.escape(said)}$"):
        call()


# --- validation, callbacks, clipping, Ctrl-C ------------------------------------------------------


def half_and_half():
    X, y = moons(60, noise=0.1)
    random.seed(0)
    return nn.MLP(2, [4, 1], activation="tanh"), (X[:40], y[:40]), (X[40:], y[40:])


@pytest.mark.parametrize("compiled", [False, True])
def test_validation_is_the_loss_of_data_that_do_not_train(compiled):
    model, (X, y), held_out = half_and_half()
    loss = lambda p, t: autograd_lite.mean([(1 - a * b).relu() for a, b in zip(p, t, strict=True)])
    seen = []

    def look(history):
        out = [model(x) for x in held_out[0].tolist()]
        seen.append((loss(out, held_out[1].tolist()).data, accuracy(out, held_out[1].tolist())))

    history = fit(
        model, X, y, loss=loss, optimiser=SGD(model.parameters(), 0.2), epochs=4, batch_size=16,
        metrics={"accuracy": accuracy}, validation=held_out, callback=look, compiled=compiled,
    )  # fmt: skip
    assert history.validation.loss == pytest.approx([value for value, _ in seen], rel=1e-12)
    assert history.validation.metrics["accuracy"] == [right for _, right in seen]
    assert (len(history.loss), history.interrupted) == (4, False)
    again, _, _ = half_and_half()
    plain = fit(
        again, X, y, loss=loss, optimiser=SGD(again.parameters(), 0.2), epochs=4, batch_size=16,
        compiled=compiled,
    )  # fmt: skip
    assert plain.loss == history.loss
    assert plain.validation is None


@pytest.mark.parametrize("compiled", [False, True])
def test_a_callback_may_stop_and_may_change_the_model(compiled):
    model, (X, y), _ = half_and_half()
    numbers = []

    def callback(history):
        numbers.append(model.vector)
        if len(history.loss) == 2:
            model.vector = np.zeros(len(model.vector))
        return len(history.loss) == 3

    history = fit(
        model, X, y, loss=hinge_loss, optimiser=SGD(model.parameters(), 0.1), epochs=9,
        callback=callback, compiled=compiled,
    )  # fmt: skip
    assert len(history.loss) == len(history.learning_rate) == 3
    assert history.loss[2] == 1.0  # of a model whose parameters are all 0
    assert not np.array_equal(numbers[0], numbers[1])
    assert model.vector.tolist() == numbers[2].tolist()


@pytest.mark.parametrize("compiled", [False, True])
def test_gradients_are_clipped_as_pytorch_does(compiled):
    line, far = nn.Neuron(1, nonlin=False), [[3.0], [4.0]]
    line.vector = [1.0, 0.0]
    fit(
        line, far, [100.0, 100.0], loss=mse_loss, optimiser=SGD(line.parameters(), 1.0), epochs=1,
        max_norm=0.5, compiled=compiled,
    )  # fmt: skip
    slopes = np.array([sum(2 * (a - 100.0) * a for a in (3.0, 4.0)), 2 * (7.0 - 200.0)]) / 2
    slopes *= 0.5 / (np.linalg.norm(slopes) + 1e-6)
    np.testing.assert_allclose(line.vector, [1.0, 0.0] - slopes, rtol=1e-12)


def test_a_gradient_too_long_for_its_square_is_clipped_too():
    line = nn.Neuron(1, nonlin=False)
    for compiled in (False, True):
        line.vector = [1.0, 0.0]
        fit(
            line, [[1.0]], [0.0], loss=lambda p, t: p[0] * 1e160, max_norm=1.0, epochs=1,
            optimiser=SGD(line.parameters(), 1.0), compiled=compiled,
        )  # fmt: skip
        np.testing.assert_allclose(line.vector, [1.0 - 0.5**0.5, -(0.5**0.5)], rtol=1e-12)


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("place", ["model", "loss", "parameters"])
def test_ctrl_c_leaves_a_whole_step_and_the_history(compiled, place, monkeypatch):
    model, (X, y), _ = half_and_half()
    optimiser = SGD(model.parameters(), 0.1, momentum=0.9)
    steps = []

    def interrupt(history):
        steps.append(model.vector.tolist())
        if len(history.loss) < 3:
            return
        if place == "model":
            raise KeyboardInterrupt
        if place == "parameters" and not compiled:
            setter = Value.data.__set__
            left = iter(range(5))

            def assign(self, number):
                if next(left, None) is None and not caught:
                    caught.append(True)
                    raise KeyboardInterrupt
                setter(self, number)

            caught = []
            monkeypatch.setattr(Value, "data", property(Value.data.__get__, assign))

    def loss(p, t):
        if len(steps) == 3 and place != "parameters":
            raise KeyboardInterrupt
        return hinge_loss(p, t)

    epochs = 4 if place == "parameters" and compiled else 9
    history = fit(
        model, X, y, loss=loss, optimiser=optimiser, epochs=epochs, callback=interrupt,
        compiled=compiled,
    )  # fmt: skip
    monkeypatch.undo()
    if compiled and place != "model":  # a compiled loss is asked no more
        assert not history.interrupted
        return
    assert history.interrupted
    assert len(history.loss) == 3
    assert model.vector.tolist() == steps[2]
    assert [state["velocity"] for state in optimiser.state_dict()["memory"]]


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ({"validation": [[1.0]]}, r"validation is a pair \(X, y\)"),
        ({"validation": ([[1.0]], 3.0)}, "as lists or arrays"),
        ({"callback": "stop"}, "callback is a function of the history"),
        ({"max_norm": "1"}, "max_norm is a number"),
    ],
)
def test_what_is_no_validation_callback_or_norm_is_said(how, told):
    line = nn.Neuron(1, nonlin=False)
    with pytest.raises(TypeError, match=told):
        fit(line, [[1.0]], [1.0], loss=mse_loss, optimiser=SGD(line.parameters()), **how)
