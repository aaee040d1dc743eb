"""The derivatives of programs by their inputs: those of the engine, in every form."""

import math
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from compiled import FORMS, compile_in, loops, shapeless, substituted

import autograd_lite as ag
from autograd_lite import Parameter, Value, compile, grad, jacobian, nn, ops, topological_order
from autograd_lite.compiler import Program

w = Parameter(3.0)


@pytest.fixture(params=FORMS)
def compiled(request: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Program]:
    return compile_in(request.param, monkeypatch)


def expected_rows(outputs: list[Value], leaves: list[Value]) -> list[list[float]]:
    rows = []
    for y in outputs:
        for x in leaves:
            x.grad = 0.0
        y.backward()
        rows.append([x.grad for x in leaves])
    return rows


@pytest.mark.parametrize("make", [shapeless, loops])
def test_random_graphs(
    make: Callable[[random.Random], tuple[Value, list[Value]]], compiled: Callable[..., Program]
) -> None:
    for seed in range(12):
        rng = random.Random(seed)
        y, leaves = make(rng)
        rng.shuffle(leaves)
        first, rest = leaves[: len(leaves) // 2], leaves[len(leaves) // 2 :]
        outputs = [y, *rng.choices(topological_order(y), k=2)]
        for what, shape in ((y, ()), (outputs, (3,))):
            program = compiled(what, inputs=[first, rest], parameters=[])
            slopes = program.jacobian()
            rows = np.array(expected_rows(outputs[: math.prod(shape)], leaves))
            rows = rows.reshape(*shape, len(leaves))
            for found, right in zip(slopes, np.split(rows, [len(first)], axis=-1), strict=True):
                assert found.shape == right.shape
                scale = 1.0 + np.abs(right).max(initial=0.0)
                np.testing.assert_allclose(found, right, rtol=1e-11, atol=1e-11 * scale)


@pytest.mark.parametrize("form", ["arrays", "arrays in machine code"])
@pytest.mark.parametrize("make", [shapeless, loops])
def test_random_functions_of_a_sample(
    make: Callable[[random.Random], tuple[Value, list[Value]]],
    form: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compiled = compile_in(form, monkeypatch)
    for seed in range(8):
        rng = random.Random(seed)
        y, leaves = make(rng)
        inputs = leaves[: max(1, len(leaves) // 2)]
        other = rng.choice(topological_order(y))
        X = [[x.data * rng.uniform(0.9, 1.1) for x in inputs] for _ in range(rng.choice([1, 2, 7]))]

        def f(xs: Any, y: Value = y, inputs: list[Value] = inputs) -> Value:
            return substituted(y, dict(zip(inputs, xs, strict=True)))

        def both(xs: Any, f: Any = f, other: Value = other, inputs: Any = inputs) -> list[Any]:
            return [f(xs), substituted(other, dict(zip(inputs, xs, strict=True))), 2.0]

        own = np.array([grad(f)(x) for x in X], dtype=float)
        for batch, right in (("sum", own), ("mean", own / len(X)), ("each", own)):
            found = compiled(f, inputs=[X], batch=batch).gradient(X)
            np.testing.assert_allclose(found, right, rtol=1e-10, atol=1e-10)
        rows = np.array([jacobian(lambda xs: both(xs)[:2])(x) for x in X], dtype=float)
        found = compiled(both, inputs=[X], batch="each").jacobian(X)
        assert found.shape == (len(X), 3, len(inputs))
        np.testing.assert_allclose(found[:, :2], rows, rtol=1e-10, atol=1e-10)
        assert not found[:, 2].any()


def test_shapes(compiled: Callable[..., Program]) -> None:
    assert compiled(lambda x: w * x * x, inputs=[2.0]).gradient(5.0) == 30.0
    a, b = compiled(lambda x, y: x * y[0] + w * y[1], inputs=[2.0, [1.0, 1.0]]).gradient(
        5.0, [7, 9]
    )
    assert (float(a), b.tolist()) == (7.0, [5.0, 3.0])
    matrix = compiled(lambda A: ops.sum([x * x for row in A for x in row]), inputs=[np.eye(2)])
    assert matrix.gradient([[1.0, 2.0], [3.0, 4.0]]).tolist() == [[2.0, 4.0], [6.0, 8.0]]
    x = Value(2.0)
    graph = compiled([x * w, x], inputs=[x])
    assert (graph.jacobian().tolist(), graph.jacobian(7.0).tolist()) == ([3.0, 1.0], [3.0, 1.0])


def test_the_parameters_count_with_the_numbers_that_they_hold(
    compiled: Callable[..., Program],
) -> None:
    a, b = Parameter(2.0), Parameter(5.0)
    program = compiled(lambda x: (b * x).sin() + a * x, inputs=[0.0], parameters=[a, b])
    assert program.gradient(0.0) == 7.0
    program.vector = [1.0, 3.0]
    assert program.gradient(0.0) == 4.0


def test_a_term_that_counts_once_has_no_slope_by_the_inputs() -> None:
    program = compile(lambda x: w * x, inputs=[[1.0]], batch="sum", once=w * w)
    assert program.gradient([1.0, 2.0]).tolist() == [3.0, 3.0]


def test_the_slopes_of_a_network(compiled: Callable[..., Program]) -> None:
    random.seed(1)
    model = nn.MLP(3, [4, 2], activation="tanh")
    X = np.random.default_rng(0).normal(size=(3, 3))
    one = compiled(lambda x: model(x), inputs=[X[0]])
    rows = np.array([jacobian(model)(x) for x in X], dtype=float)
    np.testing.assert_allclose(one.jacobian(X[1]), rows[1], rtol=1e-12)
    for name in ("x", "p", "n", "y"):
        f = eval(f"lambda {name}: model({name})", {"model": model})
        np.testing.assert_allclose(
            compile(f, inputs=[X], batch="each").jacobian(X), rows, rtol=1e-12, atol=1e-15
        )


def test_the_graph_has_the_last_word(compiled: Callable[..., Program]) -> None:
    program = compiled(lambda x: [x.log() * w, x.sqrt() + x], inputs=[1.0])
    with pytest.raises(ValueError, match=r"log: no real answer at x = -1\.0"):
        program.jacobian(-1.0)
    assert program.jacobian(math.inf).tolist() == [0.0, 1.0]
    kink = compiled(lambda x: ag.hypot(x[0], x[1]), inputs=[[1.0, 1.0]])
    assert kink.gradient([0.0, 0.0]).tolist() == [0.0, 0.0]
    assert kink.gradient([3.0, 4.0]) == pytest.approx([0.6, 0.8])


def test_scipy_solves_with_the_jacobian() -> None:
    optimize = pytest.importorskip("scipy.optimize")
    program = compile(
        lambda v: [v[0] ** 2 + v[1] ** 2 - 5.0, v[0] * v[1] - 2.0], inputs=[[1.0, 1.0]]
    )
    found = optimize.root(program, [3.0, 0.5], jac=program.jacobian)
    np.testing.assert_allclose(found.x, [2.0, 1.0], rtol=1e-8)


def test_errors_say_what_came() -> None:
    x = Value(2.0)
    with pytest.raises(TypeError, match=r"2 outputs\. program\.jacobian has a row for each"):
        compile(lambda x: [x, x * x], inputs=[1.0]).gradient(1.0)
    with pytest.raises(TypeError, match=r"no inputs; value_and_grad .* inputs=\[x\]"):
        compile(x * x).gradient()
    with pytest.raises(ValueError, match=r"Input x has the shape \(2,\); got \(3,\)"):
        compile(lambda x: x[0] * x[1], inputs=[[1.0, 2.0]]).gradient([1.0, 2.0, 3.0])
