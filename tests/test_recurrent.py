"""Recurrent networks: values and every slope are those of back-propagation through time, written by
hand in NumPy, and those of PyTorch."""

import copy
import pickle
import random
import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from autograd_lite import Constant, Parameter, Value, compile, dot, draw, fit, jacobian, mean, steps
from autograd_lite.nn import (
    GRU,
    LSTM,
    RNN,
    GRUCell,
    Layer,
    LSTMCell,
    Module,
    RNNCell,
    cross_entropy,
    detached,
    init,
    mse_loss,
)
from autograd_lite.optim import SGD, Adam

KINDS = {
    "tanh": (RNN, RNNCell, {}),
    "relu": (RNN, RNNCell, {"nonlinearity": "relu"}),
    "lstm": (LSTM, LSTMCell, {}),
    "gru": (GRU, GRUCell, {}),
}
NAMES = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


def numbers(x: Any, what: str = "data") -> np.ndarray:
    """The numbers, or the slopes, of lists of lists of Values."""
    return np.vectorize(lambda value: getattr(value, what), otypes=[float])(np.array(x, object))


def close(a: Any, b: Any) -> None:
    np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12)


# --- by hand: one layer as a step, and the step back; a state is a tuple of rows ------------------


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


def rnn_step(a, b, s, relu):
    z = a + b
    return (np.maximum(z, 0.0) if relu else np.tanh(z),), z


def rnn_back(ds, a, b, s, z, relu):
    dz = ds[0] * ((z > 0.0) if relu else 1.0 - np.tanh(z) ** 2)
    return dz, dz, (0.0,)


def lstm_step(a, b, s):
    i, f, g, o = np.split(a + b, 4)
    i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
    c = f * s[1] + i * g
    return (o * np.tanh(c), c), (i, f, g, o, np.tanh(c))


def lstm_back(ds, a, b, s, kept):
    i, f, g, o, t = kept
    dh, dc = ds
    dc = dc + dh * o * (1.0 - t**2)
    dz = np.concatenate([
        dc * g * i * (1.0 - i), dc * s[1] * f * (1.0 - f),
        dc * i * (1.0 - g**2), dh * t * o * (1.0 - o),
    ])  # fmt: skip
    return dz, dz, (0.0, dc * f)


def gru_step(a, b, s):
    (ar, az, an), (br, bz, bn) = np.split(a, 3), np.split(b, 3)
    r, z = sigmoid(ar + br), sigmoid(az + bz)
    n = np.tanh(an + r * bn)
    return ((1.0 - z) * n + z * s[0],), (r, z, n, bn)


def gru_back(ds, a, b, s, kept):
    r, z, n, bn = kept
    (dh,) = ds
    dn = dh * (1.0 - z) * (1.0 - n**2)
    dr = dn * bn * r * (1.0 - r)
    dz = dh * (s[0] - n) * z * (1.0 - z)
    return np.concatenate([dr, dz, dn]), np.concatenate([dr, dz, dn * r]), (dh * z,)


BY_HAND = {
    "tanh": (lambda *x: rnn_step(*x, relu=False), lambda *x: rnn_back(*x, relu=False)),
    "relu": (lambda *x: rnn_step(*x, relu=True), lambda *x: rnn_back(*x, relu=True)),
    "lstm": (lstm_step, lstm_back),
    "gru": (gru_step, gru_back),
}


@dataclass
class Case:
    """A network, a sequence, the states before it, and how much each output counts in the loss."""

    kind: str
    net: Any
    x: np.ndarray
    states: list[np.ndarray]  # h, or h and c: a row per layer
    dy: np.ndarray
    dstates: list[np.ndarray]

    @property
    def names(self) -> tuple[str, ...]:
        return NAMES if self.net.cells[0].bias else NAMES[:2]

    def weights(self) -> list[dict[str, np.ndarray]]:
        return [{name: numbers(getattr(c, name)) for name in self.names} for c in self.net.cells]


@dataclass
class Found:
    outputs: Any
    states: list[Any]
    dx: Any
    dstates: list[Any]
    dweights: list[dict[str, Any]] = field(default_factory=list)


def case(kind: str, width: int, hidden: int, layers: int, length: int, bias: bool = True) -> Case:
    network, _, options = KINDS[kind]
    random.seed(length)
    rng = np.random.default_rng(length)
    net = network(width, hidden, layers, bias=bias, **options)
    rows = 2 if kind == "lstm" else 1
    return Case(
        kind, net, rng.normal(size=(length, width)),
        [rng.normal(size=(layers, hidden)) for _ in range(rows)], rng.normal(size=(length, hidden)),
        [rng.normal(size=(layers, hidden)) for _ in range(rows)],
    )  # fmt: skip


def ours(case: Case) -> Found:
    x = [[Value(v) for v in row] for row in case.x]
    states = [[[Value(v) for v in row] for row in rows] for rows in case.states]
    outputs, last = case.net(x, tuple(states) if len(states) == 2 else states[0])
    last = list(last) if len(states) == 2 else [last]
    counts = np.concatenate([case.dy.ravel(), *(d.ravel() for d in case.dstates)]).tolist()
    values = [v for rows in (outputs, *last) for row in rows for v in row]
    case.net.zero_grad()
    dot(values, counts).backward()
    return Found(
        numbers(outputs), [numbers(rows) for rows in last], numbers(x, "grad"),
        [numbers(rows, "grad") for rows in states],
        [{name: numbers(getattr(c, name), "grad") for name in case.names} for c in case.net.cells],
    )  # fmt: skip


def by_hand(case: Case) -> Found:
    step, back = BY_HAND[case.kind]
    rows, tape, last = case.x, [], []
    for k, w in enumerate(case.weights()):
        state, kept = tuple(s[k] for s in case.states), []
        for x in rows:
            a = w["weight_ih"] @ x + w.get("bias_ih", 0.0)
            b = w["weight_hh"] @ state[0] + w.get("bias_hh", 0.0)
            after, inner = step(a, b, state)
            kept.append((x, a, b, state, inner, after[0]))
            state = after
        rows = np.array([entry[-1] for entry in kept])
        tape.append(kept)
        last.append(state)
    outputs, dy, dweights, dfirst = rows, case.dy, [], []
    for k, w in reversed(list(enumerate(case.weights()))):
        ds, dx = [d[k] for d in case.dstates], []
        total = {name: np.zeros_like(w[name]) for name in case.names}
        for (x, a, b, state, inner, _), dout in zip(reversed(tape[k]), reversed(dy), strict=True):
            da, db, beside = back((ds[0] + dout, *ds[1:]), a, b, state, inner)
            total["weight_ih"] += np.outer(da, x)
            total["weight_hh"] += np.outer(db, state[0])
            for name, slope in zip(case.names[2:], (da, db), strict=False):
                total[name] += slope
            dx.append(w["weight_ih"].T @ da)
            ds = [w["weight_hh"].T @ db + beside[0], *beside[1:]]
        dy = np.array(dx[::-1])
        dweights.insert(0, total)
        dfirst.insert(0, ds)
    parts = range(len(case.states))
    return Found(
        outputs, [np.array([s[p] for s in last]) for p in parts], dy,
        [np.array([ds[p] for ds in dfirst]) for p in parts], dweights,
    )  # fmt: skip


def by_pytorch(case: Case) -> Found:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    kind = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU}.get(case.kind, torch.nn.RNN)
    first, layers = case.net.cells[0], len(case.net.cells)
    options = KINDS[case.kind][2] | {"bias": case.net.cells[0].bias}
    net = kind(first.input_size, first.hidden_size, layers, dtype=torch.float64, **options)
    with torch.no_grad():
        for k, w in enumerate(case.weights()):
            for name in case.names:
                getattr(net, f"{name}_l{k}").copy_(torch.tensor(w[name]))
    x = torch.tensor(case.x, requires_grad=True)
    states = [torch.tensor(s, requires_grad=True) for s in case.states]
    outputs, last = net(x, tuple(states) if len(states) == 2 else states[0])
    last = last if len(states) == 2 else [last]
    loss = (outputs * torch.tensor(case.dy)).sum()
    for s, d in zip(last, case.dstates, strict=True):
        loss = loss + (s * torch.tensor(d)).sum()
    loss.backward()
    return Found(
        outputs.detach().numpy(), [s.detach().numpy() for s in last], x.grad.numpy(),
        [s.grad.numpy() for s in states],
        [{n: getattr(net, f"{n}_l{k}").grad.numpy() for n in case.names} for k in range(layers)],
    )  # fmt: skip


@pytest.mark.parametrize("reference", [by_hand, by_pytorch])
@pytest.mark.parametrize(
    "sizes", [(3, 4, 1, 6), (2, 3, 3, 4), (1, 1, 2, 3), (4, 2, 1, 1), (3, 2, 2, 3, False)]
)
@pytest.mark.parametrize("kind", KINDS)
def test_values_and_every_slope(kind, sizes, reference):
    one = case(kind, *sizes)
    found, right = ours(one), reference(one)
    close(found.outputs, right.outputs)
    close(found.dx, right.dx)
    for mine, theirs in zip(
        found.states + found.dstates, right.states + right.dstates, strict=True
    ):
        close(mine, theirs)
    for mine, theirs in zip(found.dweights, right.dweights, strict=True):
        assert set(mine) == set(theirs)
        for name, slopes in mine.items():
            close(slopes, theirs[name])


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_a_cell_loads_what_one_of_pytorch_has_learnt_and_does_the_same(kind, bias):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    _, kind_of_cell, options = KINDS[kind]
    options = options | {"bias": bias}
    theirs = getattr(torch.nn, kind_of_cell.__name__)(3, 2, dtype=torch.float64, **options)
    mine = kind_of_cell(3, 2, **options)
    mine.load_state_dict(theirs.state_dict())
    x, h, c = np.random.default_rng(0).normal(size=(3, 3))
    states = (h[:2], c[:2])
    for state in (None, states if kind == "lstm" else h[:2]):
        given = state if state is None else torch.tensor(np.array(state))
        after = theirs(torch.tensor(x), tuple(given) if isinstance(state, tuple) else given)
        for a, b in zip(mine(x, state), after, strict=True):
            close(numbers(a), b.detach().numpy())


def test_a_network_takes_the_weights_of_every_layer_from_pytorch():
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    theirs = torch.nn.LSTM(2, 3, num_layers=2, dtype=torch.float64)
    mine, state = LSTM(2, 3, num_layers=2), theirs.state_dict()
    mine.load_state_dict(
        {f"cell{k + 1}.{name}": state[f"{name}_l{k}"] for k in range(2) for name in NAMES}
    )
    x = np.random.default_rng(0).normal(size=(4, 2))
    close(numbers(mine(x)[0]), theirs(torch.tensor(x))[0].detach().numpy())


@pytest.mark.parametrize("kind", KINDS)
def test_a_network_is_its_cells_step_by_step(kind):
    """Without a state it begins with zeros; what is given may be arrays."""
    one = case(kind, 2, 3, 2, 4)
    outputs, last = one.net(one.x)
    rows = list(one.x)
    zeros = np.zeros((2, 3))
    again, _ = one.net(one.x.tolist(), (zeros, zeros) if kind == "lstm" else zeros)
    assert numbers(outputs).tolist() == numbers(again).tolist()
    for k, cell in enumerate(one.net.cells):
        state, found = None, []
        for row in rows:
            state = cell(row, state)
            found.append(state[0] if kind == "lstm" else state)
        rows = found
        ends = [part[k] for part in last] if kind == "lstm" else last[k]
        assert numbers(state).tolist() == numbers(ends).tolist()
    assert numbers(rows).tolist() == numbers(outputs).tolist()


@pytest.mark.parametrize("kind", KINDS)
def test_where_the_width_is_one_bare_numbers_will_do(kind):
    network, _, options = KINDS[kind]
    net = network(1, 1, **options)
    rows = numbers(net([[0.5], [Value(-1.0)]])[0])
    assert rows.shape == (2, 1)
    for x in ([0.5, -1.0], [Value(0.5), -1], np.array([0.5, -1.0]), (v for v in (0.5, -1.0))):
        assert numbers(net(x)[0]).tolist() == rows.tolist()
    cell = net.cells[0]
    state = (0.25, Value(0.5)) if kind == "lstm" else 0.25
    as_rows = ([0.25], [0.5]) if kind == "lstm" else [0.25]
    assert numbers(cell(2.0, state)).tolist() == numbers(cell([2.0], as_rows)).tolist()


# --- weights --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_first_weights_are_uniform_within_one_over_the_root_of_the_state(kind):
    network, _, options = KINDS[kind]
    random.seed(3)
    net = network(2, 9, 2, **options)
    drawn = [p.data for p in net.parameters()]
    random.seed(3)
    assert drawn == [random.uniform(-1 / 3, 1 / 3) for _ in drawn]
    of_its_own = network(2, 9, 2, **options, rng=random.Random(3))
    assert of_its_own.vector.tolist() == drawn
    assert 0.32 < max(drawn) < 1 / 3
    units = {"lstm": 4, "gru": 3}.get(kind, 1) * 9
    for cell, width in zip(net.cells, (2, 9), strict=True):
        shapes = [numbers(getattr(cell, name)).shape for name in NAMES]
        assert shapes == [(units, width), (units, 9), (units,), (units,)]
    assert len(drawn) == units * (2 + 9 + 2) + units * (9 + 9 + 2)


def test_cells_keep_their_weights_where_those_of_neurons_are_drawn():
    model = Last(LSTM(2, 3))
    cells, head = model.net.vector, model.head.vector
    init.xavier_uniform_(model)
    assert model.net.vector.tolist() == cells.tolist()
    assert not np.any(model.head.vector[:-1] == head[:-1])
    with pytest.raises(ValueError, match=r"^LSTM of \[LSTMCell\(2, 3\)\] has no neurons"):
        init.kaiming_uniform_(model.net)


def test_parameters_are_called_what_pytorch_calls_them():
    net = GRU(2, 1, num_layers=2)
    names = [name for name, _ in net.named_parameters()]
    assert names == [p.label for p in net.parameters()]
    assert names[:4] == [f"cell1.weight_ih[{i},{k}]" for i in (1, 2) for k in (1, 2)]
    assert names[6:12] == [f"cell1.{name}" for name in WEIGHTS_OF_THE_STATE]
    assert list(net.state_dict()) == [f"cell{k}.{name}" for k in (1, 2) for name in NAMES]
    wide = [name for name, _ in RNNCell(12, 12).named_parameters()]
    assert len(set(wide)) == len(wide) == 12 * (12 + 12 + 2)


WEIGHTS_OF_THE_STATE = [
    "weight_hh[1,1]", "weight_hh[2,1]", "weight_hh[3,1]", "bias_ih1", "bias_ih2", "bias_ih3",
]  # fmt: skip


def test_a_network_is_a_function_of_its_parameters():
    net, x = LSTM(1, 2), [0.5, -1.0, 2.0]
    vector = net.vector + 0.25
    moved = numbers(net.at(vector)(x)[0])
    assert not np.allclose(moved, numbers(net(x)[0]))
    net.vector = vector
    assert moved.tolist() == numbers(net(x)[0]).tolist()


def test_weights_are_read_as_of_an_array_or_of_lists():
    W = LSTMCell(2, 3).weight_hh
    assert W[5, 2] is W[5][2] is W[-7, -1]
    assert W.shape == np.array(W, dtype=object).shape == (12, 3)
    assert list(W.ravel()) == [w for row in W for w in row]


@pytest.mark.parametrize("kind", KINDS)
def test_changed_weights_are_seen_at_once_and_copies_have_their_own(kind):
    one = case(kind, 2, 2, 1, 3)
    (cell,) = one.net.cells
    close(ours(one).outputs, by_hand(one).outputs)
    for place in (cell.weight_ih[1], cell.weight_hh[0], cell.bias_ih, cell.bias_hh):
        place[1].data += 0.5
        close(ours(one).outputs, by_hand(one).outputs)
        place[0] = Parameter(0.25)
        close(ours(one).outputs, by_hand(one).outputs)
    before = ours(one).outputs
    for other in (copy.deepcopy(one.net), pickle.loads(pickle.dumps(one.net))):
        assert numbers(other(one.x)[0]).tolist() == numbers(one.net(one.x)[0]).tolist()
        other.cells[0].bias_ih[0].data = 9.0
        assert ours(one).outputs.tolist() == before.tolist()
    cell.weight_ih = [[Parameter(1.0), Parameter(2.0)] for _ in cell.weight_ih]
    close(ours(one).outputs, by_hand(one).outputs)


@pytest.mark.parametrize("name", NAMES)
def test_weights_of_another_shape_are_refused(name):
    shorter = GRUCell(2, 2)
    setattr(shorter, name, getattr(shorter, name)[:4])
    with pytest.raises(ValueError, match=r"^GRUCell\(2, 2\) needs 6 rows of 2 weights there"):
        shorter([1.0, 2.0])
    if name.startswith("weight"):
        wider = GRUCell(2, 2)
        getattr(wider, name)[3].append(Parameter(1.0))
        with pytest.raises(ValueError, match=r"rows of \[2, 2, 2, 3, 2, 2\]"):
            wider([1.0, 2.0])
    else:
        without = GRUCell(2, 2, bias=False)
        getattr(without, name).append(Parameter(1.0))
        with pytest.raises(ValueError, match="and 0 biases; it has 1 biases, and rows of"):
            without([1.0, 2.0])


# --- truncated back-propagation -------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_a_detached_state_has_the_same_numbers_and_nothing_goes_back_beyond_it(kind):
    one = case(kind, 2, 3, 2, 4)
    early = [[Value(v) for v in row] for row in one.x]
    _, state = one.net(early)
    one.net.zero_grad()
    outputs, _ = one.net(one.x, detached(state))
    dot([v for row in outputs for v in row], one.dy.ravel().tolist()).backward()
    assert not numbers(early, "grad").any()
    one.states = [numbers(part) for part in (state if kind == "lstm" else [state])]
    one.dstates = [np.zeros((2, 3)) for _ in one.states]
    right = by_hand(one)
    close(numbers(outputs), right.outputs)
    for cell, slopes in zip(one.net.cells, right.dweights, strict=True):
        for name in NAMES:
            close(numbers(getattr(cell, name), "grad"), slopes[name])


def test_a_state_that_a_module_keeps_is_not_trained():
    class Keeps(Module):
        def __init__(self):
            self.lstm, self.state = LSTM(1, 2), None

        def __call__(self, x):
            outputs, state = self.lstm(x, self.state)
            self.state = detached(state)
            return outputs[-1]

    model = Keeps()
    model([1.0, 2.0])
    first = model.state
    model([3.0])
    assert model.parameters() == model.lstm.parameters()
    assert numbers(first).tolist() != numbers(model.state).tolist()


def test_what_is_detached_keeps_its_form():
    x = Value(2.0, label="x")
    cut = detached((x, [x * x, 1.5], np.array([x, 3.0 * x])))
    assert isinstance(cut, tuple)
    (first, second, third) = cut
    assert type(first) is Constant
    assert (first.data, first.label, first.parents) == (2.0, "x", ())
    assert [type(v) for v in second] == [Constant, float]
    assert [v.data for v in third] == [2.0, 6.0]


# --- training, compiled and not -------------------------------------------------------------------


class Last(Module):
    """Many to one: a number for a sequence."""

    def __init__(self, net):
        self.net, self.head = net, Layer(net.cells[0].hidden_size, 1, nonlin=False)

    def __call__(self, x):
        outputs, _ = self.net(x)
        return self.head(outputs[-1])


class Every(Last):
    """Many to many: a row of two logits for every step."""

    def __init__(self, net):
        self.net, self.head = net, Layer(net.cells[0].hidden_size, 2, nonlin=False)

    def __call__(self, x):
        return [self.head(row) for row in self.net(x)[0]]


def sequences_loss(predictions, targets):
    return mean([cross_entropy(p, t) for p, t in zip(predictions, targets, strict=True)])


def the_largest(predictions, targets):
    return float(np.max(predictions))


@pytest.mark.parametrize("kind", KINDS)
def test_compiled_training_is_the_eager_one(kind):
    network, _, options = KINDS[kind]
    rng = np.random.default_rng(0)
    X = rng.normal(size=(5, 3, 2))
    for model, loss, y in (
        (Last, mse_loss, rng.normal(size=5)),
        (Every, sequences_loss, rng.integers(0, 2, size=(5, 3))),
    ):
        histories, trained = [], []
        for compiled in (False, True):
            random.seed(1)
            made = model(network(2, 3, 2, **options))
            history = fit(
                made, X, y, loss=loss, optimiser=SGD(made.parameters(), 0.05), epochs=3,
                compiled=compiled, metrics={"largest": the_largest},
            )  # fmt: skip
            histories.append((history.loss, history.metrics["largest"]))
            trained.append(made.vector)
        close(*histories)
        close(*trained)
        assert histories[0][0][-1] < histories[0][0][0]


@pytest.mark.parametrize("native", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_compiled_sequences_and_jacobians_are_the_eager_ones(kind, native):
    if native:
        pytest.importorskip("llvmlite")
    one = case(kind, 2, 3, 1, 4)
    one.states = [0.0 * s for s in one.states]
    one.dstates = [0.0 * s for s in one.dstates]
    program = compile(lambda x: one.net(x)[0][-1], inputs=[one.x + 1.0], native=native)
    slopes = numbers(jacobian(lambda x: one.net(x)[0][-1])(one.x))
    close(program(one.x), numbers(one.net(one.x)[0][-1]))
    close(program.jacobian(one.x), slopes)
    for k, row in enumerate(slopes):
        one.dy = np.zeros((4, 3))
        one.dy[-1, k] = 1.0
        close(by_hand(one).dx, row)


@pytest.mark.parametrize(("network", "word"), [(RNN, "backpropagation"), (LSTM, "gradient")])
def test_a_network_learns_to_spell(network, word):
    letters = sorted(set(word))
    one_hot = {a: [float(a == b) for b in letters] for a in letters}
    random.seed(0)
    net, head = network(len(letters), 6), Layer(6, len(letters), nonlin=False)
    optimiser = Adam(net.parameters() + head.parameters(), 0.1)
    for _ in range(30):
        outputs, _ = net([one_hot[a] for a in word[:-1]])
        loss = cross_entropy([head(h) for h in outputs], [letters.index(a) for a in word[1:]])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    spelt, state = word[0], None
    while len(spelt) < len(word):
        (h,), state = net([one_hot[spelt[-1]]], state)
        spelt += letters[int(np.argmax(numbers(head(h))))]
    assert spelt == word


# --- pictures and steps ---------------------------------------------------------------------------


def test_pictures_and_steps_name_what_they_show():
    net = RNN(1, 1)
    text = draw(net, [0.5, -1.0]).to_dot()
    for said in ("Cell 1 · call 1", "Cell 1 · call 2", "cell1.weight_hh", "cell1.bias_ih"):
        assert said in text
    y = net.cells[0](0.5)[0]
    label = net.cells[0].weight_ih[0][0].label
    assert label.startswith("cell1.weight_ih")
    assert any(label in step.math for step in steps(y))


# --- what is refused ------------------------------------------------------------------------------

ROW, ROWS, EMPTY = [1.0, 2.0], [[1.0, 2.0], [3.0, 4.0]], np.zeros((0, 2))
REFUSED = [
    (lambda: RNNCell(2, 3)([1.0]), r"RNNCell(2, 3) takes a row of 2 as its input; got 1."),
    (lambda: RNNCell(2, 3)(1.0), "RNNCell(2, 3) takes a row of 2 as its input; got 1."),
    (lambda: GRUCell(2, 3)([*ROW, 3]), "GRUCell(2, 3) takes a row of 2 as its input; got 3."),
    (lambda: RNNCell(2, 3)(ROW, ROW), "RNNCell(2, 3) takes a row of 3 as its state h; got 2."),
    (lambda: LSTMCell(2, 2)(ROW, (ROW, [1])), "takes a row of 2 as its state c; got 1."),
    (lambda: LSTMCell(2, 2)(ROW, ([1], ROW)), "takes a row of 2 as its state h; got 1."),
    (lambda: RNN(2, 3)([]), "RNN of [RNNCell(2, 3)] takes a sequence of 1 step or more; got an e"),
    (lambda: LSTM(2, 3)(EMPTY), "LSTM of [LSTMCell(2, 3)] takes a sequence of 1 step or more"),
    (lambda: GRU(2, 3)(ROW), "GRUCell(2, 3) takes a row of 2 as its input; got 1."),
    (lambda: GRU(2, 3)([ROW, [1.0]]), "GRUCell(2, 3) takes a row of 2 as its input; got 1."),
    (
        lambda: GRU(2, 2)(ROWS, ROW),
        "takes as its state h a row for each layer, a list of 1; got 2 of",
    ),
    (lambda: GRU(2, 2, 2)(ROWS, ROW), "GRUCell(2, 2) takes a row of 2 as its state h; got 1."),
    (
        lambda: LSTM(2, 2)(ROWS, ([ROW], ROWS)),
        "its state c a row for each layer, a list of 1; got 2 of",
    ),
    (lambda: RNN(0, 2), "input_size is a whole number, 1 or more; got 0."),
    (lambda: GRUCell(2, 1.0), "hidden_size is a whole number, 1 or more; got 1.0."),
    (lambda: LSTM(2, 2, 0), "num_layers is a whole number, 1 or more; got 0."),
    (lambda: RNN(2, 2, nonlinearity="swish"), "no activation 'swish'"),
]
OF_THE_WRONG_KIND = [
    (lambda: RNNCell(2, 3)(ROWS), "RNNCell(2, 3) takes one row of 2 as its input; got 2 rows."),
    (
        lambda: RNNCell(2, 3)([1.0, ROW]),
        "RNNCell(2, 3) takes one row of 2 as its input; got 2 rows",
    ),
    (
        lambda: RNNCell(2, 3)(np.array(ROWS)),
        "got 2 rows. For a sequence use RNN, LSTM or GRU; for several call it with one after the "
        "other.",
    ),
    (lambda: RNNCell(2, 3)(None), "got None"),
    (lambda: RNNCell(2, 3)([None, 1.0]), "got None"),
    (lambda: RNNCell(2, 3)("ab"), "got the text 'a'"),
    (lambda: GRUCell(2, 2)(ROW, (ROW, ROW)), "as its state h; got 2 rows. A pair of rows is the"),
    (lambda: LSTMCell(2, 3)(ROW, [1, 2, 3]), "LSTMCell(2, 3) takes the pair (h, c) as its state"),
    (lambda: LSTMCell(2, 3)(ROW, Value(1)), "the pair (h, c) as its state; got Value(data=1.0"),
    (lambda: LSTM(2, 2)(ROWS, [ROW]), "the pair (h, c) as its state; got 1 of them."),
    (lambda: GRU(2, 3)(0.5), "GRU of [GRUCell(2, 3)] takes a sequence, a list of rows of 2; got 0"),
    (lambda: GRU(2, 3)(Value(0.5)), "takes a sequence, a list of rows of 2; got Value(data=0.5"),
    (lambda: GRU(2, 3)([ROWS, ROWS]), "one row of 2 as its input; got 2 rows."),
    (
        lambda: GRU(2, 2)(ROWS, 0.5),
        "its state h a row for each layer, a list of 1; got 0.5.",
    ),
]


@pytest.mark.parametrize(
    ("act", "error", "said"),
    [(act, ValueError, said) for act, said in REFUSED]
    + [(act, TypeError, said) for act, said in OF_THE_WRONG_KIND],
)
def test_what_does_not_fit_is_refused_by_name(act, error, said):
    with pytest.raises(error, match=re.escape(said)):
        act()


def test_each_says_what_it_is():
    assert repr(RNN(2, 3, 2)) == "RNN of [RNNCell(2, 3), RNNCell(3, 3)]"
    assert repr(RNNCell(2, 3, "relu")) == "RNNCell(2, 3, nonlinearity='relu')"
    assert repr(RNNCell(2, 3, "relu", bias=False)) == (
        "RNNCell(2, 3, bias=False, nonlinearity='relu')"
    )
    assert repr(LSTM(1, 2)) == "LSTM of [LSTMCell(1, 2)]"
