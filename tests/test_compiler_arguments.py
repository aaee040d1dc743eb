"""What goes into a program and comes out of it: orders, numbers, batches, copies, refusals."""

import copy
import io
import math
import pickle
import random
import threading
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from compiled import FORMS, compile_in, loops, shapeless

import autograd_lite as ag
from autograd_lite import Parameter, Value, compile, datasets, fit, nn, ops
from autograd_lite.compiler import Program
from autograd_lite.compiler.write import spelling
from autograd_lite.nn.losses import mse_loss
from autograd_lite.optim import SGD

w = Parameter(3.0, label="w")


@pytest.fixture(params=FORMS)
def compiled(request: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Program]:
    return compile_in(request.param, monkeypatch)


# --- the order of what was given is the program's ---


@pytest.mark.parametrize("make", [shapeless, loops])
def test_parameters_in_the_order_given(
    make: Callable[[random.Random], tuple[Value, list[Value]]], compiled: Callable[..., Program]
) -> None:
    for seed in range(15):
        rng = random.Random(seed)
        y, leaves = make(rng)
        given = [*leaves, Parameter(0.5)]  # one that nothing reads
        rng.shuffle(given)
        program = compiled(y, parameters=given)
        assert program.parameters == given
        for x in given:
            x.grad = 0.0
        y.backward()
        value, slopes = program.value_and_grad([x.data for x in given])
        right = np.array([x.grad for x in given])
        scale = 1.0 + np.abs(right).max()
        assert value == pytest.approx(y.data, rel=1e-11, abs=1e-11)
        np.testing.assert_allclose(slopes, right, rtol=1e-11, atol=1e-11 * scale)


def test_a_module_in_its_own_order_has_the_same_matrices(compiled: Callable[..., Program]) -> None:
    random.seed(3)
    model = nn.MLP(2, [3, 1], activation="tanh")
    X, y = datasets.moons(20, noise=0.1)
    given = model.parameters()
    program = compiled(
        lambda x, t: mse_loss([model(x)], [t]), inputs=[X, y], batch="mean", parameters=given
    )
    (loss := mse_loss([model(x) for x in X.tolist()], y.tolist())).backward()
    value, slopes = program.value_and_grad([x.data for x in given], X, y)
    assert value == pytest.approx(loss.data, rel=1e-12)
    np.testing.assert_allclose(slopes, [x.grad for x in given], rtol=1e-10, atol=1e-14)
    for line in ("blocks = p[I1]", "z1 = W1 @ x + b1[:, None]  # (3, n)"):
        assert line in str(program)
    space: dict[str, Any] = {}
    exec(program.to_source(), space)  # the printed program has that order too
    assert space["value"](program.vector, X, y) == pytest.approx(value)


def test_an_order_that_fits_costs_nothing() -> None:
    xs = [Value(0.1 * k) for k in range(40)]
    y = ops.sum([(a - b) ** 2 for a, b in pairwise(xs)])
    program, same = compile(y), compile(y, parameters=xs)
    assert str(same) == str(program)
    assert "np.take" not in str(same)


def test_inputs_in_the_order_given(compiled: Callable[..., Program]) -> None:
    a, b, c = Value(1.0), Value(2.0), Value(3.0)
    program = compiled(a - 10 * b + 100 * c, inputs=[c, [b, a]])
    assert program(3.0, [2.0, 1.0]) == 281.0
    assert compiled(lambda z, y, x: x - 10 * y + 100 * z, inputs=[0.0, 0.0, 0.0])(3, 2, 1) == 281.0


def test_scipy_gets_the_order_given() -> None:
    optimize = pytest.importorskip("scipy.optimize")
    a, b = Value(1.0), Value(5.0)
    program = compile((b - 2) ** 2 + 10 * (a - 3) ** 2, parameters=[a, b])
    found = optimize.minimize(program.value_and_grad, [0.0, 0.0], jac=True)
    np.testing.assert_allclose(found.x, [3.0, 2.0], rtol=1e-4)


# --- a batch is the sum or the mean of the values, whatever the spelling ---

SPELLINGS: list[Callable[[Any], Value]] = [
    lambda x: 0.5 * (x * w + w * w),
    lambda x: (x * w + w * w) / 2,
    lambda x: 0.5 * x * w + w * (0.5 * w),
    lambda x: -(-(x + w) * w / 2.0),
    lambda x: ops.mean([x * w, w * w]),
    lambda x: ops.dot([x, w], [w, w]) * 0.5,
    lambda x: (x * w + w * w) - (w * x + w * w) * 0.5,
]


@pytest.mark.parametrize("form", ["arrays", "arrays in machine code"])
@pytest.mark.parametrize("f", SPELLINGS)
def test_spellings(f: Callable[[Any], Value], form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = compile_in(form, monkeypatch)
    X = [0.5, -1.5, 2.0]
    for batch, total in (("sum", 3.0), ("mean", 1.0)):
        program = compiled(f, inputs=[X], batch=batch)
        value, slopes = program.value_and_grad([2.0], X)
        assert value == pytest.approx(total * (2.0 * 1.0 / 3 + 4.0) / 2, rel=1e-13)
        assert slopes[0] == pytest.approx(total * (1.0 / 3 + 4.0) / 2, rel=1e-13)


def test_a_function_without_a_sample_in_it_counts_as_often() -> None:
    for batch, right in (("sum", 27.0), ("mean", 9.0)):
        program = compile(lambda x: w * w, inputs=[[1.0]], batch=batch)
        assert program([5.0, 6.0, 7.0]) == right
        assert program.value_and_grad([2.0], [5.0, 6.0, 7.0])[1] == [right * 4 / 9]


@pytest.mark.parametrize("once", [lambda: w * w, w * w, lambda: [w * w][0] * 1.0])
def test_a_term_that_counts_once(once: Any) -> None:
    X = [1.0, 2.0, 6.0]
    for batch, right in (("sum", (27.0 + 3.0 + 9.0)), ("mean", (9.0 + 1.0 + 9.0))):
        program = compile(lambda x: w * x + 1.0, inputs=[X], batch=batch, once=once)
        assert program(X) == pytest.approx(right, rel=1e-14)
        slope = 6.0 + (9.0 if batch == "sum" else 3.0)
        assert program.value_and_grad([3.0], X)[1] == pytest.approx(slope)
        assert program([math.inf]) == math.inf


def test_a_penalty_within_the_loss_of_fit_counts_once() -> None:
    trained = []
    for compiled in (False, True, "native"):
        random.seed(1)
        model = nn.MLP(2, [3, 1], activation="tanh")

        def loss(predictions: Sequence[Any], targets: Any, model: nn.MLP = model) -> Value:
            return mse_loss(predictions, targets) + 0.1 * ops.sum(
                [p * p for p in model.parameters()]
            )

        X, y = datasets.moons(10, noise=0.1)
        optimiser = SGD(model.parameters(), 0.1)
        history = fit(
            model, X, y, loss=loss, optimiser=optimiser, epochs=3, batch_size=4, compiled=compiled
        )
        trained.append([*history.loss, *[p.data for p in model.parameters()]])
    np.testing.assert_allclose(trained[1], trained[0], rtol=1e-12)
    np.testing.assert_allclose(trained[2], trained[0], rtol=1e-12)


# --- numbers, and what is none ---


def test_constants_among_the_outputs(compiled: Callable[..., Program]) -> None:
    assert compiled(lambda x: [x, 3.0], inputs=[1.0])(2.0).tolist() == [2.0, 3.0]
    assert compiled([w * w, 3, Fraction(1, 2), True, np.float32(0.5)])().tolist() == [
        9,
        3,
        0.5,
        1,
        0.5,
    ]
    program = compile(lambda x: (1, w * x), inputs=[[1.0, 2.0]], batch="each")
    assert program([1.0, 2.0]).tolist() == [[1.0, 3.0], [1.0, 6.0]]
    assert compiled(np.array(w * w))() == 9.0
    assert np.isnan(compiled([w, math.nan])()[1])


def test_numbers_of_all_kinds(compiled: Callable[..., Program]) -> None:
    program = compiled(lambda x: w * x[0] + x[1], inputs=[[1, 2]])
    for x in (
        [2, 1],
        (2.0, True),
        np.array([2, 1], dtype=np.uint8),
        [Fraction(2), 1],
        np.array([2, 1], dtype=np.float32),
        [np.float64(2.0), 1],
        range(2, 0, -1),
    ):
        assert program(x) == 7.0
    assert program.value([Fraction(1, 2)], [2, 1]) == 2.0


def test_inputs_that_fitted_once_vouch_for_no_others() -> None:
    program = compile(lambda x, y: w * x[0] * y, inputs=[[[1.0, 2.0]], [1.0]], batch="sum")
    X, Y = np.ones((3, 2)), np.ones(3)
    for inputs, error in (
        ([X], TypeError), ([X, Y, Y], TypeError), ([X, None], TypeError), ([None, Y], TypeError),
        ([X, Y[:2]], ValueError), ([X[:, :1], Y], ValueError), ([X.T, Y], ValueError),
        ([X[:0], Y[:0]], ValueError), ([Y, X], ValueError), ([X, Y[None]], ValueError),
    ):  # fmt: skip
        assert program.value_and_grad([2.0], X, Y)[0] == 6.0
        for call in (program.value, program.value_and_grad):
            with pytest.raises(error):
                call([2.0], *inputs)
    for some in ([X[:2], Y[:2]], [X[::2], Y.tolist()[:2]], [X[:2].astype(np.float32), Y[:2]]):
        assert program.value([2.0], *some) == 4.0
        assert program.value([2.0], X, Y) == 6.0


def test_a_gradient_is_an_array_of_its_own(compiled: Callable[..., Program]) -> None:
    ws = [Parameter(0.5 * k) for k in range(6)]
    losses: list[tuple[Callable[..., Any], list[Any]]] = [
        (lambda: ops.dot(ws, [1.0, 2.0, 4.0, 8.0, 16.0, 32.0]), []),
        (lambda: ops.dot(ws[:3], [1.0, 2.0, 4.0]) + ops.dot(ws[3:], [8.0, 16.0, 32.0]), []),
        (lambda x: ops.dot(ws, x), [np.arange(6.0)]),
        (lambda x: ops.dot(ws, x[1:]), [np.arange(7.0)]),
        (lambda x: sum(ops.dot(ws[k : k + 2], x) for k in (0, 2, 4)), [np.arange(2.0)]),
        (lambda: 0.5 * ops.sum([w * w for w in ws]), []),
    ]
    for loss, inputs in losses:
        program = compiled(loss, inputs=inputs, parameters=ws)
        vector, given = program.vector, [x.copy() for x in inputs]
        for _ in range(2):
            _, gradient = program.value_and_grad(vector, *inputs)
            first = gradient.copy()
            gradient[:] = math.nan
            assert np.array_equal(vector, program.vector)
            assert all(map(np.array_equal, given, inputs))
            assert np.array_equal(program.value_and_grad(vector, *inputs)[1], first)


WRONG = {
    "text": ("2.0", "text '2.0'. Convert it first: float(text)"),
    "none": (None, "None"),
    "complex": (2j, "2j"),
    "value": (Value(2.0), "value.data"),
    "dict": ({"a": 1.0}, "a dict of 1"),
    "date": (np.datetime64("2020-01-01"), "one real number; got"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_what_is_no_number_is_refused(kind: str, compiled: Callable[..., Program]) -> None:
    came, words = WRONG[kind]
    program = compiled(lambda x, y: w * x * y, inputs=[1.0, 1.0])
    row = compiled(lambda x: w * x[0] * x[1], inputs=[[1.0, 2.0]])
    batch = compile(lambda x: w * x, inputs=[[1.0]], batch="sum")
    for call in (
        lambda: program(1.0, came),
        lambda: row([1.0, came]),
        lambda: batch([1.0, came]),
        lambda: row.value([came], [1.0, 2.0]),
        lambda: row.value_and_grad([came], [1.0, 2.0]),
        lambda: row.jacobian([1.0, came]),
        lambda: compiled(lambda x: x, inputs=[came]),
        lambda: compile(lambda x: x, inputs=[[1.0, came]], batch="each"),
    ):
        with pytest.raises(TypeError) as caught:
            call()
        assert words.partition(". ")[2] in str(caught.value)
        assert words.partition(". ")[0] in str(caught.value)
    if kind == "value":
        return
    for what in (lambda x: [x, came], lambda x: came, lambda x: [came]):
        with pytest.raises(TypeError, match=r"one real number; got|takes a Value"):
            compiled(what, inputs=[1.0])


X = [[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
REMEDIES: list[tuple[Callable[[], Any], type, list[str]]] = [
    (lambda: compile(abs, inputs=1.0), TypeError, ["inputs=[x]", "got 1.0"]),
    (lambda: compile(w * w, parameters=w), TypeError, ["parameters=[x]"]),
    (lambda: compile(w * w, inputs="w"), TypeError, ["inputs=[x]"]),
    (lambda: compile(nn.MLP(2, [1]), X), TypeError, ["MLP", "inputs=[X]", 'batch="each"']),
    (lambda: compile(lambda x, y: x * y, inputs=[1.0]), TypeError, ["'y'", "inputs="]),
    (lambda: compile(lambda x: 3.0, inputs=[1.0]), TypeError, ["3.0", "x.data", "Value(3.0)"]),
    (lambda: compile(lambda x: None, inputs=[1.0]), TypeError, ["None", "return"]),
    (lambda: compile(lambda x: {"a": x}, inputs=[1.0]), TypeError, ["dict"]),
    (lambda: compile([[w], [w]]), TypeError, ["for row in rows", "reshape(2, -1)"]),
    (lambda: compile(lambda x: w, inputs=[X], once=w), TypeError, ["once=", '"mean"']),
    (lambda: compile(abs, inputs=[X], batch="each", once=w), TypeError, ["once=", '"sum"']),
    (lambda: compile(abs, [[1.0]], "sum", once=[w, w]), TypeError, ["once=", "got 2"]),
    (lambda: compile(abs, [[1.0]], "sum", once="w"), TypeError, ["text 'w'"]),
    (lambda: compile(lambda x: [x[0], w], [X], "sum"), TypeError, ['batch="each"']),
    (lambda: compile(lambda x: x[0], [X])([[1.0], [2.0, 3.0]]), ValueError, ["lengths"]),
    (lambda: compile(lambda x: x if w > 0 else -x, [1.0]), ValueError, ["parameters", "where(s"]),
    (lambda: compile(abs, [[1.0]], "sum", once=lambda: max(w, 1.0)), ValueError, ["parameters"]),
    (lambda: compile(lambda x: [a - max(x) for a in x], [X[0]]), ValueError, ["inputs", "softmax"]),
]  # fmt: skip


@pytest.mark.parametrize(("make", "error", "words"), REMEDIES)
def test_errors_name_the_remedy(make: Callable[[], Any], error: type, words: list[str]) -> None:
    with pytest.raises(error) as caught:
        make()
    assert all(word in str(caught.value) for word in words), caught.value


def test_a_matrix_for_a_function_of_one_sample_is_told_of_batches() -> None:
    with pytest.raises(TypeError, match="rows") as caught:
        compile(nn.MLP(2, [1]), inputs=[X])
    assert caught.value.__notes__ == [
        'Where the first axis of an input counts samples, write batch="each" (or "mean", "sum").'
    ]


# --- the verdict of the graph, also on inputs that are one number ---


@pytest.mark.parametrize("at", [-1.0, 0.0, math.inf, -math.inf, math.nan, 1e200])
def test_a_bare_input_gets_the_verdict_of_the_graph(
    at: float, compiled: Callable[..., Program]
) -> None:
    for f in (
        lambda x: x.log(),
        lambda x: ops.maximum(1.0, x * x),
        lambda x: (x - x) * w + x,
        lambda x: ops.where(ops.step(x), 1 / x, x * 2),
    ):
        try:
            right: Any = f(Value(at)).data
        except (ArithmeticError, ValueError) as error:
            right = error
        batch = compile(f, inputs=[[1.0]], batch="each")
        for call in (
            lambda f=f: compiled(f, inputs=[1.0])(at),
            lambda f=f: compiled(lambda x, Y: f(x) + Y[0][0], inputs=[1.0, [[0.0]]])(at, [[0.0]]),
            lambda f=f, batch=batch: batch([1.0, at])[1],
        ):
            if isinstance(right, Exception):
                with pytest.raises(type(right)) as caught:
                    call()
                assert str(caught.value) == str(right)
            else:
                np.testing.assert_allclose(call(), right, rtol=1e-15)


def test_overflow_that_a_later_function_would_hide(compiled: Callable[..., Program]) -> None:
    xs = [Parameter(1.0) for _ in range(8)]
    rows = [xs[:4], xs[4:]]

    def tanhs(k: int) -> list[Value]:
        return [x.tanh() for x in xs[k : k + 2]]

    for f in (
        lambda: ops.hypot(xs[0], xs[1]).tanh(),
        lambda: ops.maximum(1.0, -ops.hypot(xs[0], xs[1])),
        lambda: ops.minimum(1.0, xs[0] * xs[1]),
        lambda: ops.where(ops.step(xs[2]), 1.0, xs[0] * xs[1]),
        lambda: ops.step(-xs[2]) * (xs[0] * xs[1]),
        lambda: ops.relu(ops.leaky_relu_with(100.0)(-xs[0])),
        lambda: ag.clip(xs[0] - -xs[1], -1.0, 1.0),
        lambda: ops.sum([ops.sum([x * x for x in row]).tanh() for row in rows]),
        lambda: ops.sum([ops.dot(row, rows[0]).tanh() for row in rows]),
        lambda: 1.0 / (1.0 + ops.sum(xs)),
        lambda: 1.0 / ops.sum([ops.dot(xs[k : k + 2], tanhs(k + 4)) for k in (0, 2)]),
    ):
        for x in xs:
            x.data = 1.0
        program = compiled(f(), parameters=xs)
        for x in xs:
            x.data = 1.7e308
        with pytest.raises(OverflowError) as right:
            f()
        for run in (program, program.backward):
            with pytest.raises(OverflowError) as caught:
                run()
            assert str(caught.value) == str(right.value)


@pytest.mark.parametrize("state", ["ignore", "raise"])
@pytest.mark.parametrize("kept", ["in a variable", "elsewhere, as in NumPy 1"])
def test_the_state_of_errors_is_that_of_the_program(
    state: Any, kept: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As its text has it, however the caller's stands, which stays as it was; in a thread too."""
    if "elsewhere" in kept:
        monkeypatch.setattr(spelling, "copy_context", dict)
        monkeypatch.setattr(spelling, "STATE", spelling.state_of_errors())
        assert spelling.STATE is None
    program = compile(lambda x: -ops.relu(w * x), inputs=[[1.0]], batch="sum")
    results: list[Any] = []

    def run() -> None:
        with np.errstate(all=state):
            before = np.geterr()
            small, _ = program.value_and_grad([5e-324], [0.5])
            try:
                large: object = program.value_and_grad([-1e308], [100.0])
            except OverflowError as error:
                large = str(error)
            results.append((small, large, np.geterr() == before))

    thread = threading.Thread(target=run)
    run(), thread.start(), thread.join()
    (small, large, same), *others = results
    assert (small, same, others) == (0.0, True, [results[0]])
    assert large.startswith("mul: the result is too large for a float (1.8e308) at x = -1e+308 (w)")


@pytest.mark.parametrize("choose", [ops.maximum, ops.minimum])
def test_a_small_slope_beside_a_choice_keeps_its_digits(
    choose: Callable[..., Value], compiled: Callable[..., Program]
) -> None:
    for x, y in ((3.0, 2.0), (2.0, 3.0)):
        a, b = Parameter(x), Parameter(y)
        for z in (
            choose(a, b) + 1e-17 * b + 1e-17 * a,
            1e-17 * b + 1e-17 * a + choose(a, b),
            1e-17 * b - (choose(a, b) - 1e-17 * a),
            ops.sum([choose(a, b), 1e-17 * b, 1e-17 * a]),
        ):
            a.grad = b.grad = 0.0
            z.backward()
            slopes = compiled(z, parameters=[a, b]).value_and_grad([x, y])[1]
            np.testing.assert_allclose(slopes, [a.grad, b.grad], rtol=1e-14)
            assert 0.0 < np.abs(slopes).min() < 1e-16


def test_numbers_are_multiplied_where_their_product_is_one() -> None:
    a = Parameter(1e300)
    assert compile(1e-200 * (1e-200 * a))() == pytest.approx(1e-100)
    assert compile(0.5 * (4.0 * a))() == 2e300


# --- copies ---


COPIES = {
    "pickle": lambda x: pickle.loads(pickle.dumps(x)),
    "oldest pickle": lambda x: pickle.loads(pickle.dumps(x, 2)),
    "deepcopy": copy.deepcopy,
}


@pytest.mark.parametrize("how", COPIES)
def test_a_copy_computes_the_same(how: str, compiled: Callable[..., Program]) -> None:
    random.seed(2)
    model = nn.MLP(2, [3, 1], activation="tanh")
    X, y = datasets.moons(6, noise=0.1)
    for arguments, given in (
        ({"what": w**2}, ()),
        ({"what": [w, w * 2.0, 3.0]}, ()),
        ({"what": lambda x: (w * x).log(), "inputs": [2.0]}, (3.0,)),
        ({"what": lambda x, t: (model(x) - t) ** 2, "inputs": [X, y], "batch": "mean",
          "once": w * w, "parameters": [w, *model.parameters()]}, (X, y)),
        ({"what": model, "inputs": [X], "batch": "each"}, (X,)),
    ):  # fmt: skip
        program = compiled(**arguments)
        program(*given)
        copied = COPIES[how](program)
        assert type(copied) is Program
        np.testing.assert_array_equal(copied(*given), program(*given))
        assert str(copied) == str(program)
        if not np.shape(program(*given)):
            copied.backward(*given)
            assert all(p.grad == 0.0 for p in model.parameters())
            np.testing.assert_array_equal(
                copied.value_and_grad(copied.vector, *given)[1],
                program.value_and_grad(program.vector, *given)[1],
            )
        if given:
            for slopes in (copied.jacobian(*given),):
                np.testing.assert_equal(slopes, program.jacobian(*given))
    with pytest.raises(ValueError, match="log: no real answer"):
        COPIES[how](compiled(lambda x: (w * x).log(), inputs=[2.0]))(-3.0)


def test_a_copy_with_its_model_shares_the_parameters() -> None:
    model = nn.MLP(2, [3, 1])
    program = compile(model, inputs=[[1.0, 2.0]], parameters=model.parameters())
    for how in COPIES.values():
        again, copied = how((model, program))
        assert copied.parameters == again.parameters()
        again.parameters()[-1].data += 5.0
        assert copied([1.0, 2.0]) == again([1.0, 2.0]).data != program([1.0, 2.0])


def test_a_deep_graph_is_pickled_once() -> None:
    x = y = Value(0.5)
    for _ in range(20_000):
        y = y.sin() + x
    program = compile([y, y * 2.0, x])
    file = io.BytesIO()
    pickle.dump(program, file)
    assert file.tell() < 8_000_000
    file.seek(0)
    np.testing.assert_array_equal(pickle.load(file)(), program())
