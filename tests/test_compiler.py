"""compile: right for every graph; the matrices of textbooks; batches; the eager verdicts."""

import builtins
import gc
import linecache
import math
import random
import subprocess
import sys
import traceback
from collections.abc import Callable
from contextlib import nullcontext, suppress
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from compiled import FORMS, compile_in, loops, shapeless, substituted
from programs import NO_MACHINE_CODE, NO_SLOPE_IN_MACHINE_CODE

from autograd_lite import (
    Parameter,
    Value,
    compile,
    derived,
    gradient,
    nn,
    ops,
    topological_order,
    value_and_grad,
)
from autograd_lite.compiler import Program
from autograd_lite.engine.primitive import TABLE, Primitive
from autograd_lite.optim import SGD, Adam
from autograd_lite.value import as_value

w = Parameter(3.0)

MODES = pytest.mark.parametrize("form", FORMS)


@pytest.fixture
def mode(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "compile", compile_in(form, monkeypatch))


def agrees(y: Value, program: Any = None, *inputs: Any, tolerance: float = 1e-11) -> None:
    """The program gives the value and the gradient of the eager engine, without its help."""
    program = program or compile(y)
    for x in program.parameters:
        x.grad = 0.0
    y.backward()
    expected = np.array([x.grad for x in program.parameters])
    value, slopes = program.value_and_grad(program.vector, *inputs)
    scale = 1.0 + np.nanmax(np.abs(expected), initial=0.0)
    np.testing.assert_allclose(slopes, expected, rtol=tolerance, atol=tolerance * scale)
    assert value == pytest.approx(y.data, rel=tolerance, abs=tolerance)
    assert program(*inputs) == pytest.approx(y.data, rel=tolerance, abs=tolerance)


def without_help(program: Any) -> Any:
    def complain(*_: Any, **__: Any) -> None:
        raise AssertionError("the program asked the eager engine")

    program._eagerly = complain
    return program


# --- every graph ---


@MODES
@pytest.mark.parametrize("make", [shapeless, loops])
@pytest.mark.usefixtures("mode")
def test_random_graphs(
    make: Callable[[random.Random], tuple[Value, list[Value]]],
    form: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    helped = []
    eagerly = Program._eagerly
    monkeypatch.setattr(
        Program, "_eagerly", lambda *given, **more: helped.append(1) or eagerly(*given, **more)
    )
    for seed in range(40 if "machine code" in form else 400):
        y, _ = make(random.Random(seed))
        try:
            agrees(y)
        except AssertionError as error:
            error.add_note(f"seed {seed}")
            raise
    assert len(helped) < 5  # edges of the table, such as hypot at (0, 0), and nothing else


@MODES
@pytest.mark.parametrize("op", TABLE.values(), ids=str)
@pytest.mark.usefixtures("mode")
def test_every_primitive(op: Primitive, form: str) -> None:
    rng = random.Random(op.name)

    def operand(k: int) -> Value:
        low, high = op.domain[min(k, len(op.domain) - 1)]
        low, high = max(low, -3.0), min(high, 3.0)
        return Parameter(rng.uniform(low + 0.01 * (high - low), high - 0.01 * (high - low)))

    nodes = []
    for _ in range(5):
        if op.arity is None:
            groups = [tuple(operand(k) for k in range(3)) for _ in op.operands]
            nodes.append(op.record(*groups))
        else:
            nodes.append(op.record(*[operand(k) for k in range(op.arity)]))
    weights = [1.0, -0.5, 2.0, 0.25, 1.5]
    if "machine code" in form and op.name in NO_MACHINE_CODE | NO_SLOPE_IN_MACHINE_CODE:
        with pytest.raises(NotImplementedError, match="no machine code"):  # for it, or its slope
            compile(sum(nodes))
        return
    y = sum(w * node for w, node in zip(weights, nodes, strict=True))
    agrees(
        y, without_help(compile(y)), tolerance=1e-13 if op.name not in ("ndtr", "gelu") else 1e-12
    )


@MODES
@pytest.mark.usefixtures("mode")
def test_second_derivatives_are_graphs_like_any_other() -> None:
    xs = [Parameter(x) for x in (0.3, -0.7, 1.1)]
    y = sum(100 * (b - a * a) ** 2 + (1 - a).tanh() ** 2 for a, b in pairwise(xs))
    slopes = gradient(y, xs)
    rows = [gradient(slope, xs) for slope in slopes]
    flat = [x for row in rows for x in row]
    program = compile(flat)
    assert set(program.parameters) == set(xs)
    np.testing.assert_allclose(program(), [x.data for x in flat], rtol=1e-12)
    agrees(flat[0])


@MODES
@pytest.mark.usefixtures("mode")
def test_shapes_that_are_easily_forgotten() -> None:
    a, b, unused = Parameter(2.0), Parameter(-3.0), Parameter(5.0)
    agrees(a * a + a * b * a)
    agrees(a + a)
    agrees(a)
    agrees((a + 0.0) * 1.0 - (-b))
    agrees(ops.dot([a, a, b], [a, b, a], unused * 0.0))
    agrees(ops.sum([a, a, a, b]) * ops.prod([a, a, b]))
    agrees(ops.logsumexp([a, 1.0, b]) + ops.mean([a]))
    agrees(ops.where(a > b, a, b) * b)
    agrees(derived.clip(a, 0.5, math.inf) * derived.clip(b, -math.inf, 1.0))
    agrees(ops.relu(ops.relu(a)))
    agrees(ops.relu(ops.relu(a) + ops.relu(b)))
    assert compile(a * 0.0 + 3.0)() == 3.0


@MODES
@pytest.mark.usefixtures("mode")
def test_graphs_of_next_to_nothing() -> None:
    x, unread = Value(2.0), Value(7.0)
    constant = compile(as_value(3.0))
    assert (constant(), constant.parameters) == (3.0, [])
    assert constant.value_and_grad([])[1].shape == (0,)
    program = compile(x, inputs=[[x, unread]])
    assert program([5.0, 0.0]) == 5.0
    assert compile([x, x, as_value(4.0), x * x])().tolist() == [2.0, 2.0, 4.0, 4.0]
    assert compile([x * unread])().tolist() == [14.0]


def rnn(steps: int, width: int) -> Value:
    random.seed(0)
    cell = nn.Layer(width + 1, width, activation="tanh")
    h: list[Any] = [0.0] * width
    for t in range(steps):
        h = cell([math.sin(t), *h])
    return ops.sum(h)


@MODES
@pytest.mark.usefixtures("mode")
def test_shared_weights_unrolled() -> None:
    agrees(rnn(6, 3))


@MODES
@pytest.mark.usefixtures("mode")
def test_a_sum_that_goes_on_leaves_the_inputs_of_its_layer_as_they_are() -> None:
    h = [Parameter(0.1 * k).tanh() for k in range(1, 5)]
    first, second = nn.Layer(4, 2, activation="linear")(h)
    agrees((first + Parameter(0.3) * h[1]) * second, tolerance=1e-12)


@MODES
@pytest.mark.usefixtures("mode")
def test_masked_layers() -> None:
    random.seed(3)
    layer = nn.Layer(3, 3, mask=[[1, 0, 1], [1, 1, 0], [1, 1, 1]], activation="tanh")
    agrees(ops.sum([y for k in range(4) for y in layer([0.1 * k, 0.5, -k])]))


# --- the matrices of textbooks ---


def moons(samples: int, inputs: Any = None) -> tuple[nn.MLP, Callable[[], Value], Any, Any]:
    random.seed(1)
    model = nn.MLP(2, [16, 16, 1])
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(samples, 2)), np.sign(rng.normal(size=samples))

    def loss(xs: Any = None, ys: Any = None) -> Value:
        xs, ys = X.tolist() if xs is None else xs, y.tolist() if ys is None else ys
        losses = [(1 + -yi * model(xi)).relu() for xi, yi in zip(xs, ys, strict=True)]
        decay = 1e-4 * sum(p * p for p in model.parameters())
        return sum(losses) * (1.0 / len(losses)) + decay

    return model, loss, X, y


BACKWARD = ["delta2 @ a1.T", "W2.T @ delta2 * (z1 > 0)", "delta1.sum(1)"]


def test_a_network_of_scalars_becomes_the_matrices_of_textbooks() -> None:
    _, loss, _, _ = moons(20)
    y = loss()
    program = without_help(compile(y))
    agrees(y, program)
    for line in ["z2 = W2 @ a1 + b2[:, None]  # (16, 20)", "np.maximum(z1, 0.0)", *BACKWARD]:
        assert line in str(program)
    assert "np.take" not in str(program)


@pytest.mark.parametrize("kind", [nn.RNN, nn.LSTM, nn.GRU])
@pytest.mark.parametrize("width", [4, 16])
def test_a_step_of_a_cell_is_one_product(kind: type[nn.RNN], width: int) -> None:
    """Its gates lie in blocks: nothing is gathered, and W x is had for all steps at once."""
    model = kind(2, width, rng=random.Random(0))
    X = np.random.default_rng(0).normal(size=(5, 6, 2))
    program = compile(lambda x: ops.sum(model(x)[0][-1]), inputs=[X], batch="mean")
    text = str(program)
    assert not [x for x in ("[I", "np.take", "place(") if x in text]
    value = text[: text.index("def value_and_grad")]
    assert (value.count(" @ "), value.count("ik,jkn->ijn")) == (5, 1)
    expected = [float(ops.sum(model(x)[0][-1])) for x in X.tolist()]
    assert math.isclose(program.value(program.vector, X), np.mean(expected), rel_tol=1e-12)


def test_slopes_of_a_matrix_are_one_product_for_all_steps() -> None:
    model = nn.LSTM(2, 16, rng=random.Random(0))
    y = ops.sum(model(np.sin(np.arange(12)).reshape(6, 2).tolist())[0][-1])
    program = compile(y)
    assert str(program).count("np.stack(") == 2
    agrees(y, program)


def test_loops_of_plus_and_times_are_matrices_too() -> None:
    weights = [[Parameter(0.1 * i - 0.2 * j) for j in range(4)] for i in range(5)]
    rows = np.random.default_rng(0).normal(size=(7, 4)).tolist()
    total: Any = None
    for x in rows:
        for ws in weights:
            z = ws[0] * x[0]
            for a, b in zip(ws[1:], x[1:], strict=True):
                z = z + a * b
            total = z if total is None else total + z
    squares = sum((w * w for ws in weights for w in ws), 0.0)
    program = without_help(compile(total * squares.tanh()))
    agrees(total * squares.tanh(), program)
    assert "C1.sum(0) @ W1.sum(0)" in str(program)  # Σᵢⱼ (W Cᵀ)ᵢⱼ, without the product
    assert "p @ p" in str(program)


def test_the_graph_of_a_gradient_holds_the_same_matrices() -> None:
    model, loss, _, _ = moons(12)
    slopes = gradient(loss(), model.parameters())
    program = without_help(compile(slopes))
    for piece in ["z1 = W1 @ C1.T + b1[:, None]", "W2.T @ v"]:
        assert piece in str(program)
    np.testing.assert_allclose(program(), [x.data for x in slopes], rtol=1e-11, atol=1e-16)


def test_one_sample_recorded_runs_a_batch_of_any_size() -> None:
    model, loss, X, y = moons(20)

    def one(x: Any, y: Any) -> Value:
        return (1 + -y * model(x)).relu() + 1e-4 * sum(p * p for p in model.parameters())

    program = without_help(compile(one, inputs=[X, y], batch="mean"))
    for line in ["z2 = W2 @ a1 + b2[:, None]  # (16, n)", *BACKWARD]:
        assert line in str(program)
    whole = compile(loss())
    assert program.parameters == whole.parameters
    value, slopes = program.value_and_grad(program.vector, X, y)
    expected = whole.value_and_grad(whole.vector)
    assert value == pytest.approx(expected[0], rel=1e-13)
    np.testing.assert_allclose(slopes, expected[1], rtol=1e-12, atol=1e-15)
    few = [program(X[k : k + 7], y[k : k + 7]) for k in (0, 7, 14)]
    assert (7 * few[0] + 7 * few[1] + 6 * few[2]) / 20 == pytest.approx(value, rel=1e-13)
    added = compile(
        lambda x, y: (1 + -y * model(x)).relu(), inputs=[X, y], batch="sum",
        once=lambda: 1e-4 * sum(p * p for p in model.parameters()),
    )  # fmt: skip
    decay = 1e-4 * sum(p.data**2 for p in model.parameters())
    assert added(X, y) - decay == pytest.approx(20 * (value - decay), rel=1e-13)


def by_hand(logits: Any, targets: Any) -> Any:
    """Cross-entropy as tutorials write it."""
    terms = [
        -(t * z.sigmoid().log() + (1 - t) * (1 - z.sigmoid()).log())
        for z, t in zip(logits, targets, strict=True)
    ]
    return sum(terms)


BINARY = nn.losses.binary_cross_entropy_with_logits
LOSSES: list[tuple[Any, int, str, str, str | None]] = [
    # of one sample, outputs, targets, batch, what the last error is said to be
    (BINARY, 1, "number", "mean", "(sigmoid(z2) - t) / n"),
    (BINARY, 1, "number", "sum", "sigmoid(z2) - t"),
    (BINARY, 3, "row", "mean", "0.333333 * (sigmoid(z2) - t) / n"),
    (by_hand, 1, "number", "mean", "(sigmoid(z2) - t) / n"),
    (
        lambda zs, ts: nn.losses.binary_cross_entropy([z.sigmoid() for z in zs], ts),
        1, "number", "sum", "sigmoid(z2) - t",
    ),
    (lambda zs, ts: 5 * nn.cross_entropy([zs], [ts]), 3, "row", "sum", "5 * (softmax(z2) - t)"),
    (
        lambda zs, ts: nn.cross_entropy([zs], ts),
        3, "class", "mean", "(softmax(z2) - one_hot(t)) / n",
    ),
    (
        lambda zs, ts: nn.nll_loss([derived.log_softmax(zs)], ts),
        3, "class", "sum", "softmax(z2) - one_hot(t)",
    ),
    # somewhere else they are not that: to look at random numbers would not tell
    (lambda zs, ts: BINARY([derived.clip(zs[0], -99.0, 99.0)], ts), 1, "number", "mean", None),
    (lambda zs, ts: BINARY(zs, ts) + (zs[0] - 99.0).relu(), 1, "number", "mean", None),
    (lambda zs, ts: ops.where(zs[0], BINARY(zs, ts), 0.0), 1, "number", "mean", None),
    (nn.hinge_loss, 1, "sign", "mean", None),
    (nn.mse_loss, 1, "number", "mean", None),
    (lambda zs, ts: BINARY(zs, ts) * (1 + ts[0]), 1, "number", "mean", None),
]  # fmt: skip


@pytest.mark.parametrize(("loss", "width", "kind", "batch", "said"), LOSSES)
def test_the_error_of_a_last_layer_is_said_as_in_textbooks(
    loss: Any, width: int, kind: str, batch: Any, said: str | None
) -> None:
    rng = np.random.default_rng(1)
    model = nn.MLP(2, [3, width], activation="tanh", rng=random.Random(0))
    X, rows = rng.normal(size=(6, 2)), rng.dirichlet(np.ones(3), size=6)
    T = {
        "number": rows[:, 0], "row": rows, "class": np.arange(6) % 3.0,
        "sign": np.sign(rows[:, 0] - 0.3),
    }[kind]  # fmt: skip

    def one(x: Any, t: Any) -> Value:
        z = model(x)
        return loss(z if width > 1 else [z], t if kind == "row" else [t])

    text = str(compile(one, inputs=[X, T], batch=batch))
    (line,) = [line for line in text.splitlines() if line.strip().startswith("delta2 = ")]
    assert line.partition("  # ")[2] == f"({'3, ' * (width > 1)}n{',' * (width == 1)})" + (
        f": {said}" if said else ""
    )
    assert "delta1 = " in text
    assert text.count("sigmoid(z1)") == text.count("softmax(z1)") == 0
    assert {"z1 = ", "z2 = "} <= {line.strip()[:5] for line in text.split("def ")[-2].splitlines()}


def test_the_error_of_a_list_of_samples_is_said_too() -> None:
    rng = np.random.default_rng(1)
    model = nn.MLP(2, [5, 3], activation="tanh", rng=random.Random(0))
    X, classes = rng.normal(size=(20, 2)), np.arange(20) % 3
    for targets, said in ((np.eye(3)[classes], "ts.T"), (1.0 * classes, "one_hot(ts)")):
        program = compile(
            lambda xs, ts: nn.cross_entropy([model(x) for x in xs], ts), inputs=[X, targets]
        )
        assert f"# (3, 20): 0.05 * (softmax(z2) - {said})\n" in program.to_source()


def random_graph(rng: random.Random) -> tuple[Value, list[Value]]:
    """Its output, and some of its leaves to be the inputs."""
    y, leaves = rng.choice([shapeless, loops])(rng)
    return y, rng.sample(leaves, rng.randint(1, max(1, len(leaves) // 2)))


def samples_of(inputs: list[Value], rng: random.Random) -> list[list[float]]:
    return [[x.data * rng.uniform(0.9, 1.1) for x in inputs] for _ in range(rng.choice([1, 2, 9]))]


@pytest.mark.parametrize("form", ["arrays", "arrays in machine code"])
@pytest.mark.usefixtures("mode")
def test_random_functions_of_a_sample() -> None:
    for seed in range(40):
        rng = random.Random(seed)
        y, inputs = random_graph(rng)

        def f(xs: Any, y: Value = y, inputs: list[Value] = inputs) -> Value:
            return substituted(y, dict(zip(inputs, xs, strict=True)))

        X = samples_of(inputs, rng)
        agrees(ops.mean([f(x) for x in X]), compile(f, inputs=[X], batch="mean"), X)


@pytest.mark.parametrize("form", ["arrays", "arrays in machine code"])
@pytest.mark.usefixtures("mode")
def test_every_other_number_of_a_sample() -> None:
    ws = [Parameter(0.1 * k) for k in range(6)]

    def f(x: Any) -> Value:
        a = [(w * x).tanh() for w in ws]
        return ops.sum(a) + ops.sum([z.exp() for z in a[1::2]])

    X = [0.5, -1.5, 2.0, 0.1]
    agrees(ops.mean([f(x) for x in X]), compile(f, inputs=[X], batch="mean"), X)


@pytest.mark.parametrize("form", ["arrays", "arrays in machine code"])
@pytest.mark.usefixtures("mode")
def test_random_functions_give_a_row_for_each_sample() -> None:
    for seed in range(40):
        rng = random.Random(seed)
        y, inputs = random_graph(rng)
        nodes = [y, *rng.choices(topological_order(y), k=rng.randint(1, 4))]

        def f(xs: Any, nodes: list[Value] = nodes, inputs: list[Value] = inputs) -> Any:
            new = dict(zip(inputs, map(as_value, xs), strict=True))
            rows = [substituted(node, new) for node in nodes]
            return rows if len(rows) > 2 else rows[0]

        X = samples_of(inputs, rng)
        expected = [[y.data for y in f(x)] if len(nodes) > 2 else f(x).data for x in X]
        program = without_help(compile(f, inputs=[X], batch="each"))
        rows = program(X)
        assert rows.shape == np.shape(expected)
        np.testing.assert_allclose(rows, expected, rtol=1e-11, atol=1e-13)


def test_a_network_predicts_a_batch_of_any_size() -> None:
    random.seed(3)
    for outputs in (1, 3):
        model = nn.MLP(2, [4, outputs], activation="tanh")
        X = np.random.default_rng(0).normal(size=(9, 2))
        program = without_help(compile(model, inputs=[X[:2]], batch="each"))
        rows = [model(x) for x in X.tolist()]
        expected = np.array(rows, dtype=float)
        np.testing.assert_allclose(program(X), expected, rtol=1e-13)
        np.testing.assert_allclose(program(X[:1]), expected[:1], rtol=1e-13)
        doubled = program.value(2 * program.vector, X)
        program.vector = 2 * program.vector
        np.testing.assert_array_equal(doubled, program(X))
    assert "# (n, 3)" in str(program)


def test_rows_are_arrays_of_their_own() -> None:
    X = np.array([[1.0, 2.0], [3.0, 4.0]])
    for f in (lambda x: x, lambda x: x[0], lambda x: [w, w], lambda x: w * 2.0):
        program = compile(f, inputs=[X], batch="each")
        program(X)[...] = 0.0
        assert X[0, 0] == 1.0


def test_a_row_that_is_not_finite_comes_from_the_graph() -> None:
    program = compile(lambda x: [(w * x).log(), x], inputs=[[1.0]], batch="each")
    expected = [[math.log(6.0), 2.0], [math.nan, math.nan], [math.inf, math.inf]]
    np.testing.assert_allclose(program([2.0, math.nan, math.inf]), expected, rtol=1e-15)
    with pytest.raises(ValueError, match=r"log: no real answer at x = -3\.0"):
        program([2.0, -1.0])


@pytest.mark.parametrize("how", ["mean", "sum"])
def test_a_batch_gives_the_mean_or_the_sum_of_the_values(how: str) -> None:
    X = [0.5, -1.5, 2.0]
    n = 1 if how == "mean" else len(X)

    def one(x: Any) -> Value:
        return 2.0 * ((w * x) ** 2 + w * w) - (w - (x * w).tanh() * 3.0) + x

    program = without_help(compile(one, inputs=[X], batch=how))
    each = [2.0 * (3.0 * x) ** 2 + 3.0 * math.tanh(3.0 * x) + x for x in X]
    rest = 2.0 * 9.0 - 3.0
    assert program(X) == pytest.approx((sum(each) / 3 + rest) * n, rel=1e-13)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: w * x if x > 0.0 else w,
        lambda x: w if (w * x).tanh() >= 2.0 else x,
        lambda x: ops.where(w <= x, w, x),
        lambda x: w * max(x, 0.0),
        lambda x: w if x == 1.0 else x,
        lambda x: x if x in (0, 1) else w,
        lambda x: w * x if x else w,
        lambda x: sorted([w * x, w])[0],
        lambda x: np.maximum(np.array([x]), np.array([w]))[0],
    ],
    ids=["if", "computed", "where", "max", "equal", "in", "truth", "sorted", "numpy"],
)
def test_a_branch_that_would_freeze_is_refused(f: Callable[[Any], Value]) -> None:
    for given in [{"inputs": [1.0]}, {"inputs": [[1.0, 1.0, 2.0]], "batch": "mean"}]:
        with pytest.raises(ValueError, match=r"compares \w+\(data=.*depends on its inputs"):
            compile(f, **given)


@pytest.mark.parametrize("kind", [Value, Parameter])
@pytest.mark.parametrize(
    "number",
    [float, round, math.sin, lambda p: p.data, lambda p: p.detach(), lambda p: (p * p).data],
)
def test_the_number_of_a_parameter_does_not_freeze(kind: type[Value], number: Any) -> None:
    p, other = kind(2.0), Parameter(1.0)
    given: dict[str, Any] = {"parameters": [p]} if kind is Value else {}
    with pytest.raises(ValueError, match=r"takes its number; it depends on its parameters"):
        compile(lambda x: x * number(p) + p, inputs=[1.0], **given)
    assert compile(lambda x: x * number(p) + other, inputs=[1.0], parameters=[other])(0.0) == 1.0


@pytest.mark.parametrize(
    "f",
    [
        lambda x: w * x.data,
        lambda x: x * Value(2.0),
        lambda x: (w, w * x.data),
        lambda x: np.array([w * x, x] if x.data > 0.0 else [x, w * x]),
    ],
)
def test_a_number_that_would_freeze_is_refused(f: Callable[[Any], Any]) -> None:
    for X in ([1.0, -1.0, 2.0], [1.0] * 50 + [-1.0] + [1.0] * 20):
        told = "same graph for every sample|^x.data takes a number out"
        with pytest.raises((ValueError, TypeError), match=told):
            compile(f, inputs=[X], batch="each")


@pytest.mark.parametrize(
    ("row", "odd", "other", "met"),
    [
        (0, [77.0, 2.0], [-9.0, 99.0], True),
        (4, [77.0, 2.0], [-9.0, 99.0], True),
        (7, [77.0, 2.0], [-9.0, 99.0], True),
        (1, [77.0, -9.0], [1.0, 99.0], True),
        (6, [0.5, 77.0], [-9.0, 2.0], True),
        (6, [77.0, 2.0], [-9.0, 99.0], False),
    ],
    ids=["first", "in the middle", "last", "smallest", "largest", "neither"],
)
def test_a_sample_that_is_read_otherwise_is_met_where_a_number_is_extreme(
    row: int, odd: list[float], other: list[float], met: bool
) -> None:
    def f(x: Any) -> Value:
        return ops.sin(x[0]) if "77.0" in str(x) else x[0] * w

    X = [[1.0, 2.0] for _ in range(8)]
    X[row], X[5] = odd, other
    with pytest.raises(ValueError, match="same graph for every sample") if met else nullcontext():
        compile(f, inputs=[X], batch="each")


@pytest.mark.parametrize("batch", [None, "sum"])
def test_a_function_gets_arrays_and_lists_as_grad_gives_them(batch: str | None) -> None:
    def steps(x: Any) -> Value:
        return ops.sum((x[1:] - x[:-1]) ** 2)

    def twice(x: Any) -> Value:
        return ops.mean(x + x)  # of lists: one behind the other

    for f, x in ((steps, np.array([1.0, 2.0, 4.0])), (twice, [1.0, 2.0, 4.0])):
        given = x if batch is None else [x] if isinstance(x, list) else x[None]
        program = compile(f, inputs=[given], batch=batch)
        assert program(given) == pytest.approx(value_and_grad(f)(x)[0], rel=1e-15)


@MODES
@pytest.mark.usefixtures("mode")
def test_parameters_of_ones_own_choice() -> None:
    x, v, unread = Value(2.0), Parameter(5.0), Value(7.0)
    y = (w * x * v).tanh() + w
    slopes = gradient(y, [w, x, v])
    for chosen, expected in [
        ([x], [slopes[1]]),
        ([w, v], [slopes[0], slopes[2]]),
        ([unread, v, v], [0.0, slopes[2]]),
        ([], []),
    ]:
        program = without_help(compile(y, parameters=chosen))
        assert set(program.parameters) == set(chosen)
        value, found = program.value_and_grad(program.vector)
        assert value == pytest.approx(y.data, rel=1e-15)
        by = dict(zip(program.parameters, found, strict=True))
        assert [by[p] for p in dict.fromkeys(chosen)] == pytest.approx(list(map(float, expected)))


def test_a_value_of_its_own_is_a_number() -> None:
    def f(xs: Any) -> Value:
        total = Value(0.0)
        for x in xs:
            total += w * x
        return total

    X = np.arange(6.0).reshape(3, 2)
    assert compile(f, inputs=[X], batch="sum")(X) == pytest.approx(w.data * X.sum())


def test_other_comparisons_are_welcome() -> None:
    def f(x: Any) -> Value:
        return w * x if fixed > 2.0 and Value(1.0) < fixed else x

    fixed = Value(4.0)
    assert compile(f, inputs=[2.0])(5.0) == 15.0
    assert compile(lambda x: x if w > 2.0 else -x, inputs=[2.0], parameters=[])(5.0) == 5.0
    assert compile(lambda x: w * x if x == x and x != w else x, inputs=[2.0])(5.0) == 15.0
    x = Value(2.0)
    assert compile(max(w * x, x), inputs=[x])(5.0) == 15.0  # which branch, a graph does not know


@MODES
@pytest.mark.usefixtures("mode")
@pytest.mark.parametrize(
    "name", ["p", "n", "np", "loss", "y", "sech", "exp", "C1", "W1", "v1", "max"]
)
def test_an_input_may_have_any_name(name: str) -> None:
    f = eval(
        f"lambda {name}, p_: (w * {name}).tanh() ** 2 + derived.clip(p_ * {name}, 0.0, 9.0).exp()"
    )
    program = without_help(compile(f, inputs=[0.5, 0.25]))
    expected = f(Value(0.5), Value(0.25))
    w.grad = 0.0
    expected.backward()
    value, slopes = program.value_and_grad(program.vector, 0.5, 0.25)
    assert value == pytest.approx(expected.data, rel=1e-14)
    assert slopes == pytest.approx([w.grad], rel=1e-14)


@MODES
@pytest.mark.usefixtures("mode")
@pytest.mark.parametrize("label", ["p", "exp", "max", "softplus", "class", "a b", "w²", "w１"])
def test_a_parameter_may_have_any_label(label: str) -> None:
    x, w1 = Parameter(0.5, label=label), Parameter(0.75, label="w1")
    agrees(derived.clip(x, -1.0, 2.0).exp() * ops.softplus(x) * ops.sign(x) * w1)


def test_inputs_without_names_of_their_own_get_some() -> None:
    program = compile(lambda x3, *x2: x3 * ops.dot(x2, [w, 2.0]), inputs=[1.0, 2.0, 3.0])
    assert program(5.0, 7.0, 11.0) == 5.0 * (7.0 * w.data + 22.0)
    assert compile(lambda x, y: x * y, inputs=np.array([1.0, 2.0]))(5.0, 7.0) == 35.0


@pytest.mark.parametrize("name", ["y", "ys", "p", "n", "C1", "len"])
def test_an_input_of_a_batch_may_have_any_name(name: str) -> None:
    f = eval(f"lambda {name}, b: ops.dot([w, 2.0, 0.5], {name}).square() * b")
    X, b = np.arange(12.0).reshape(4, 3), np.arange(4.0)
    program = without_help(compile(f, inputs=[X, b], batch="sum"))
    assert program(X, b) == pytest.approx(sum(f(x, y).data for x, y in zip(X, b, strict=True)))
    rows = eval(f"lambda {name}, b: [w * x for x in {name}]")
    assert compile(rows, inputs=[X[0], 0.0])(X[1], 0.0) == pytest.approx(w.data * X[1])


def test_new_numbers_for_the_inputs_of_a_graph() -> None:
    _, loss, X, y = moons(6)
    xs, ys = [[Value(x) for x in row] for row in X.tolist()], [Value(y) for y in y.tolist()]
    recorded = loss(xs, ys)
    program = without_help(compile(recorded, inputs=[xs, ys]))
    assert program() == pytest.approx(recorded.data, rel=1e-13)
    other = np.random.default_rng(5).normal(size=X.shape)
    assert program(other, -y) == pytest.approx(loss(other.tolist(), (-y).tolist()).data, rel=1e-13)


def test_log_softmax_of_a_batch() -> None:
    random.seed(2)
    model = nn.Layer(3, 4, activation="linear")
    X = np.random.default_rng(1).normal(size=(5, 3))

    def loss(xs: Any) -> Value:
        return ops.mean([-derived.log_softmax(model(x))[k % 4] for k, x in enumerate(xs)])

    agrees(y := loss(X.tolist()), without_help(compile(y)))

    def one(x: Any, hot: Any) -> Value:
        return -ops.dot(hot, derived.log_softmax(model(x)))

    hot = np.eye(4)[np.arange(5) % 4]
    program = without_help(compile(one, inputs=[X, hot], batch="mean"))
    value, slopes = program.value_and_grad(program.vector, X, hot)
    assert value == pytest.approx(y.data, rel=1e-13)
    y.backward()
    np.testing.assert_allclose(
        slopes, [x.grad / 2 for x in program.parameters], rtol=1e-11, atol=1e-15
    )


def test_attention_within_a_batch() -> None:
    random.seed(4)
    query, key = nn.Layer(2, 3, activation="linear"), nn.Layer(2, 3, activation="tanh")

    def one(sequence: Any) -> Value:
        qs, ks = [query(x) for x in sequence], [key(x) for x in sequence]
        scores = [[ops.dot(q, k) for k in ks] for q in qs]
        return ops.sum([ops.logsumexp(row) * 0.3 for row in scores])

    X = np.random.default_rng(1).normal(size=(6, 4, 2))
    program = without_help(compile(one, inputs=[X], batch="mean"))
    y = ops.mean([one(x) for x in X.tolist()])
    y.backward()
    value, slopes = program.value_and_grad(program.vector, X)
    assert value == pytest.approx(y.data, rel=1e-13)
    np.testing.assert_allclose(slopes, [x.grad for x in program.parameters], rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("samples", [3, 5])
def test_rows_of_a_batch_are_summed_along_themselves(samples: int) -> None:
    """Not along the samples, of which there may be as many as a row has entries."""
    rng = random.Random(0)
    W, b = [
        [[Parameter(rng.gauss(0, 0.5)) for _ in range(3)] for _ in range(rows)] for rows in (3, 4)
    ]

    def one(rows: Any) -> Any:
        total: Any = 0.0
        for x, shift in zip(rows, b, strict=True):
            x = [u + v for u, v in zip(x, shift, strict=True)]
            size = (ops.dot(x, x) + 1.0) ** -0.5
            total = total + sum(ops.dot(w, [v * size for v in x]).tanh() for w in W)
        return total

    X = np.random.default_rng(0).normal(size=(samples, 4, 3))
    program = without_help(compile(one, inputs=[X], batch="sum"))
    agrees(ops.sum([one(x) for x in X.tolist()]), program, X)


# --- the verdict on undefined arithmetic ---


@MODES
@pytest.mark.usefixtures("mode")
def test_undefined_arithmetic_raises_what_the_graph_raises() -> None:
    x = Parameter(2.0, label="x")
    for f, at in [
        (lambda x: x.log(), -1.0),
        (lambda x: 1 / x, 0.0),
        (lambda x: x.exp().tanh(), 800.0),
        (lambda x: (x * x * x).tanh(), 1e200),
        (lambda x: 1 / (x * x), 1e200),
        (lambda x: ops.sum([(x * k).sqrt() for k in range(1, 5)]), -1.0),
        (lambda x: ops.where(ops.step(x), 1 / x, 5.0), 0.0),  # also where nothing reads it
        (lambda x: ops.where(ops.step(x), x * 2.0, x * x), 1e200),
        (lambda x: (1 / x) ** 0.0 + 1.0 ** (1 / x), 0.0),
    ]:
        x.data = 2.0
        program = compile(f(x))
        x.data = at
        with pytest.raises((ArithmeticError, ValueError)) as expected:
            f(x)
        for run in (program, lambda p=program, at=at: p.value_and_grad([at])):
            with pytest.raises(type(expected.value)) as got:
                run()
            assert str(got.value) == str(expected.value)


@MODES
@pytest.mark.usefixtures("mode")
def test_edges_and_infinite_data_as_in_the_graph() -> None:
    x, y = Parameter(1.0), Parameter(2.0)
    for f, at in [
        (lambda: x.sqrt() + y, (0.0, 1.0)),
        (lambda: ops.hypot(x, y), (0.0, 0.0)),
        (lambda: ops.maximum(x, y) ** 2, (3.0, 3.0)),
        (lambda: ops.sigmoid(x) * y, (-math.inf, 1.0)),
        (lambda: ops.logsumexp([x, y, 1.0]), (-math.inf, 0.0)),
        (lambda: x * y, (math.nan, 1.0)),
        (lambda: y * ops.step(x), (math.nan, 1.0)),
        (lambda: ops.where(ops.step(x), x, y * y), (1.0, math.nan)),
        (lambda: x + 1.0 ** (y * y), (1.0, math.nan)),
        (lambda: 1e308 * x + 1e308 * y, (0.1, 0.1)),
        (lambda: ops.atan2(x + 0.0, y), (-0.0, -1.0)),  # what tells 0 from −0
        (lambda: ops.atan2(x + x, y - y - 1.0), (-0.0, -0.0)),
        (lambda: ops.copysign(y, x - x), (1.0, 3.0)),
    ]:
        x.data, y.data = 1.0, 0.5
        program = compile(f())
        x.data, y.data = at
        loss = f()
        x.grad = y.grad = 0.0
        loss.backward()
        where = {x: 0, y: 1}
        value, slopes = program.value_and_grad([at[where[p]] for p in program.parameters])
        np.testing.assert_allclose(value, loss.data, rtol=1e-15)
        np.testing.assert_allclose(slopes, [p.grad for p in program.parameters], rtol=1e-15)


def test_slopes_by_the_inputs_mind_the_sign_of_a_zero_too() -> None:
    program = compile(lambda x: ops.copysign(x, x - x - 0.0 * x), inputs=[[1.0]], batch="each")
    for x in (2.0, -2.0):
        leaf = Value(x)
        y = ops.copysign(leaf, leaf - leaf - 0.0 * leaf)
        y.backward()
        assert (program([x]), program.jacobian([x])) == (y.data, leaf.grad)


def test_what_depends_on_no_sample_counts_for_each() -> None:
    w = Parameter(0.5)
    program = compile(lambda x: w / 1.0, inputs=[[1.0]], batch="sum")
    value, slopes = program.value_and_grad([0.5], [1.0, 2.0, 3.0])
    assert (value, *slopes) == (1.5, 3.0)


def test_values_that_add_up_to_too_much_are_refused_as_by_the_graph() -> None:
    w = Parameter(1.0)
    rows = [1e308, 1e308]
    total = compile(lambda x: w * x, inputs=[rows], batch="sum")
    with pytest.raises(OverflowError, match="sum: the result is too large"):
        total(rows)
    assert compile(lambda x: w * x, inputs=[rows], batch="mean")(rows) == 1e308


def test_a_batch_names_the_operation_too() -> None:
    w = Parameter(1.0, label="w")
    program = compile(lambda x: (w * x).log() + w * w, inputs=[[1.0]], batch="sum")
    assert program.value_and_grad([2.0], [1.0, 3.0])[0] == pytest.approx(math.log(12.0) + 8.0)
    with pytest.raises(ValueError, match=r"log: no real answer at x = -2\.0"):
        program.value_and_grad([2.0], [1.0, -1.0])
    value, slopes = program.value_and_grad([2.0], [1.0, math.inf])
    assert value == math.inf
    assert math.isnan(slopes[0])  # the slope of log is 0 at ∞, and that of w·x is ∞


# --- what people do with a program ---


def test_backward_adds_to_the_leaves_as_a_graph_does() -> None:
    a, b = Value(2.0), Value(-3.0)
    program = compile(a * b + b.exp())
    program.backward()
    program.backward()
    (y := a * b + b.exp()).backward()
    assert a.grad == pytest.approx(3 * -3.0)
    assert b.grad == pytest.approx(3 * (2.0 + math.exp(-3.0)))
    a.data = 4.0
    assert program() == pytest.approx(y.data - 6.0)


@pytest.mark.parametrize("make", [lambda p: SGD(p, 0.1, momentum=0.9), lambda p: Adam(p, 0.05)])
def test_training_steps_the_flat_vector_and_writes_back(make: Callable[..., Any]) -> None:
    results = []
    for compiled in (False, True):
        model, loss, _, _ = moons(8)
        optimiser = make(model.parameters())
        if compiled:
            with suppress(KeyboardInterrupt), compile(loss()).training(optimiser) as step:
                for _ in range(5):
                    step()
                raise KeyboardInterrupt
        else:
            for _ in range(5):
                optimiser.zero_grad()
                loss().backward()
                optimiser.step()
        results.append([p.data for p in model.parameters()])
    np.testing.assert_allclose(results[0], results[1], rtol=1e-9)


def test_training_with_another_model_is_refused() -> None:
    x = Parameter(1.0)
    with (
        pytest.raises(ValueError, match="not the same"),
        compile(x * x).training(SGD([Parameter(1.0)])),
    ):
        pass


def test_scipy_minimises_a_program() -> None:
    optimize = pytest.importorskip("scipy.optimize")
    xs = [Value(x) for x in np.linspace(-1, 1, 6)]
    y = sum(100 * (b - a * a) ** 2 + (1 - a) ** 2 for a, b in pairwise(xs))
    program = compile(y)
    found = optimize.minimize(program.value_and_grad, program.vector, jac=True, method="BFGS")
    program.vector = found.x
    np.testing.assert_allclose([x.data for x in xs], 1.0, rtol=1e-4)


@MODES
@pytest.mark.usefixtures("mode")
def test_the_printed_program_runs_by_itself(tmp_path: Any) -> None:
    _, loss, _, _ = moons(3)
    a = Parameter(0.5)
    for y in (loss(), (a.sigmoid() * a.gelu() + ops.logsumexp([a, 1.0, a * a])).tanh()):
        program = compile(y)
        file = tmp_path / "program.py"
        file.write_text(program.to_source(), "utf-8")
        run = [sys.executable, "-I", str(file)]
        out = subprocess.run(run, capture_output=True, text=True, check=True).stdout
        numbers = eval(out, {"array": np.array, "np": np})
        value, slopes = program.value_and_grad(program.vector)
        np.testing.assert_allclose(numbers[0], value, rtol=1e-7)
        np.testing.assert_allclose(np.array(numbers[1]), slopes, rtol=1e-7, atol=1e-8)
        builtins.compile(str(program), "printed", "exec")


def test_frames_of_a_program_show_in_tracebacks() -> None:
    x = Parameter(1.0)
    program = compile(ops.sum([(x * k).log() for k in range(1, 100)]))
    try:
        program._value(None)
    except TypeError:
        assert "p" in traceback.format_exc().split("compiled program")[1].splitlines()[1]

    file = program._file
    for _ in linecache.cache:  # as traceback does, which the collector may interrupt
        program = None  # type: ignore[assignment]
        gc.collect()
    other = compile(x.log())
    assert other._file in linecache.cache
    assert file not in linecache.cache


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda x: compile([]), TypeError, "takes a Value"),
        (lambda x: compile(lambda: None), TypeError, "got None"),
        (lambda x: compile(x * x, batch="mean"), TypeError, "one sample"),
        (lambda x: compile(lambda: x * x, batch="mean"), TypeError, "needs inputs="),
        (lambda x: compile(lambda a: [a], inputs=[[1.0]], batch="sum"), TypeError, "one Value"),
        (lambda x: compile(abs, inputs=[[1.0]], batch="max"), ValueError, '"sum" or "each"'),
        (lambda x: compile(lambda a: [a, x], [[1.0]], "mean"), TypeError, 'batch="each"'),
        (lambda x: compile(abs, [[1.0]], "each").backward([1.0]), TypeError, '"mean" or "sum"'),
        (lambda x: compile(x * x, inputs=[x * 2]), ValueError, "inputs are leaves"),
        (lambda x: compile(x * x, inputs=[x, x]), ValueError, "two places"),
        (lambda x: compile(x * x, parameters=[x * x]), TypeError, "neither computed nor inputs"),
        (lambda x: compile(x * x, [x], parameters=[x]), TypeError, "neither computed nor inputs"),
        (lambda x: compile(x * x, inputs=["x"]), TypeError, "nested lists of Values"),
        (lambda x: compile(x * x, inputs=[[[x], []]]), TypeError, "rows of one length"),
        (lambda x: compile(lambda a: a, inputs=[[]], batch="sum"), ValueError, "first axis"),
        (lambda x: compile(x * x)(1.0), TypeError, "got 1 arrays"),
        (lambda x: compile(x * x).value_and_grad([1.0, 2.0]), ValueError, "1 parameters"),
        (lambda x: compile([x, x * x]).value_and_grad([1.0]), TypeError, "2 outputs"),
        (lambda x: compile(x * x).to_source("cupy"), ValueError, "knows"),
        (lambda x: compile(abs, inputs=[[1.0]], batch="sum")([[1.0]]), ValueError, "samples,"),
    ],
)  # fmt: skip
def test_errors_say_what_came(make: Callable[..., Any], error: type, message: str) -> None:
    with pytest.raises(error, match=message):
        make(Parameter(2.0))


def test_the_printed_program_runs_on_jax(tmp_path: Any) -> None:
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    _, hinge, _, _ = moons(6)
    xs = [Parameter(0.1 * k) for k in range(6)]
    picked = ops.sum([xs[(k * k) % 6].gelu() * xs[(3 * k + 1) % 6].tanh() for k in range(200)])
    random.seed(2)
    softmax = ops.mean([-derived.log_softmax(nn.Layer(2, 3)([0.1, k]))[k % 3] for k in range(4)])
    for y in (hinge(), picked, softmax):
        program = compile(y)
        space: dict[str, Any] = {"__name__": "printed"}
        exec(program.to_source(xp="jax.numpy"), space)
        value, slopes = space["value_and_grad"](jax.numpy.asarray(program.vector))
        expected = program.value_and_grad(program.vector)
        assert float(value) == pytest.approx(expected[0], rel=1e-13)
        np.testing.assert_allclose(np.asarray(slopes), expected[1], rtol=1e-12, atol=1e-15)
        jitted = jax.jit(space["value_and_grad"])(program.vector)
        np.testing.assert_allclose(np.asarray(jitted[1]), expected[1], rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize(
    ("f", "told"),
    [
        (lambda x: x if float(x) > 0 else -x, r"^float\(x\) takes a number out"),
        (lambda x: x * x.data, r"^x\.data takes a number out"),
        (lambda x: x * round(x), r"^round\(x\) takes a number out"),
        (lambda x: x * x.detach(), r"^x\.detach\(\) would freeze the number"),
        (lambda x: x * math.sin(x), r"autograd_lite\.sin for math\.sin"),
    ],
)
@pytest.mark.parametrize("batch", [None, "mean"])
def test_no_number_of_an_input_is_frozen(f: Any, told: str, batch: str | None) -> None:
    with pytest.raises(TypeError, match=told):
        compile(f, inputs=[2.0] if batch is None else [[2.0, 3.0]], batch=batch)


@pytest.mark.parametrize("twice", [lambda y: y + y, lambda y: 3.0 * y - y, lambda y: sum([y, y])])
def test_a_sum_whose_terms_are_shared_is_split_once(twice):
    """Sixty doublings have as many terms as there are grains of sand, and sixty sums."""

    def loss(x):
        y = p * x + p * p
        for _ in range(60):
            y = twice(y)
        return y

    p = Parameter(0.5)
    program = compile(loss, inputs=[[1.0, 3.0]], batch="mean")
    value, gradient = program.value_and_grad(program.vector, [1.0, 3.0])
    assert (value, *gradient) == (2.0**60 * 1.25, 2.0**60 * 3.0)
