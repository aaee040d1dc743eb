"""Hessians, Jacobians and products of compiled programs: those of the transforms, in every form."""

import copy
import pickle
import random
from collections.abc import Callable
from importlib.util import find_spec
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from compiled import loops, shapeless
from scipy import optimize, sparse

import autograd_lite as ag
from autograd_lite import Parameter, Value, compile, gradient, ops

in_machine_code = pytest.mark.skipif(
    not find_spec("llvmlite"), reason="machine code needs llvmlite"
)
forms = pytest.mark.parametrize("native", [False, pytest.param(True, marks=in_machine_code)])


def rosenbrock(x: Any) -> Any:
    return sum(100 * (b - a**2) ** 2 + (1 - a) ** 2 for a, b in pairwise(x))


def residuals(x: Any) -> list[Any]:
    return [x[0] * ops.exp(x[1]) - 2, ops.tanh(x[1] + x[2]), 3 * x[2], x[0] - x[1] ** 2]


def near(found: Any, right: Any) -> None:
    scale = 1.0 + np.abs(right).max(initial=0.0)
    np.testing.assert_allclose(found, right, rtol=1e-12, atol=1e-13 * scale)


@forms
@pytest.mark.parametrize("make", [shapeless, loops])
def test_random_graphs(
    make: Callable[[random.Random], tuple[Value, list[Value]]], native: bool
) -> None:
    for seed in range(1 if native else 4):
        rng = random.Random(seed)
        y, leaves = make(rng)
        leaves = leaves[:6]
        program = compile(y, parameters=leaves, native=native)
        slopes = gradient(y, leaves)
        right = np.array([[d.data for d in gradient(slope, leaves)] for slope in slopes])
        near(program.hessian(program.vector), right)
        along = np.array([rng.uniform(-1.0, 1.0) for _ in leaves])
        near(program.hvp(program.vector, along), right @ along)


@forms
def test_a_hessian_computes_what_varies_and_knows_the_rest(native: bool) -> None:
    xs = [Parameter(0.1 * k) for k in range(6)]
    program = compile(rosenbrock(xs), parameters=xs, native=native)
    matrix = program.hessian
    assert matrix is program.hessian
    assert repr(matrix) == "<Matrix 6×6, 16 entries not 0, 10 to compute>"
    assert "sparse" not in str(matrix.program)
    for p in (program.vector, np.linspace(-2.0, 2.0, 6)):
        right = ag.hessian(rosenbrock)(p)
        near(matrix(p), right)
        found = matrix.sparse(p)
        assert sparse.issparse(found)
        assert found.nnz == 16
        near(found.toarray(), right)
        near(matrix.values(p), right[matrix.rows, matrix.columns])
        assert (matrix.rows >= matrix.columns).all()


@forms
def test_jacobians_and_products(native: bool) -> None:
    xs = [Parameter(v) for v in (0.5, -1.0, 2.0)]
    program = compile(residuals(xs), parameters=xs, native=native)
    p = np.array([1.5, 0.25, -0.75])
    right = ag.jacobian(residuals)(p)
    near(program.parameter_jacobian(p), right)
    near(program.parameter_jacobian.sparse(p).toarray(), right)
    near(program.jvp(p, [1.0, 2.0, 3.0]), right @ [1.0, 2.0, 3.0])
    near(program.vjp(p, [1.0, 2.0, 3.0, 4.0]), right.T @ [1.0, 2.0, 3.0, 4.0])


def test_inputs_go_along_and_begin_with_what_the_leaves_hold() -> None:
    w, x = [Parameter(2.0), Parameter(3.0)], [Value(5.0), Value(7.0)]
    program = compile(x[0] * w[0] ** 3 + x[1] * w[0] * w[1], inputs=[x], parameters=w)
    matrix = program.hessian
    near(matrix([2.0, 3.0]), [[60.0, 7.0], [7.0, 0.0]])
    near(matrix([1.0, 3.0], [1.0, 2.0]), [[6.0, 2.0], [2.0, 0.0]])
    near(program.hvp([1.0, 3.0], [1.0, 10.0], [1.0, 2.0]), [26.0, 2.0])
    x[0].data = 1.0
    near(matrix([2.0, 3.0]), [[12.0, 7.0], [7.0, 0.0]])


def test_what_never_varies_takes_no_program() -> None:
    xs = [Parameter(1.0), Parameter(2.0)]
    matrix = compile(3 * xs[0] * xs[0] + xs[1], parameters=xs).hessian
    assert matrix.program is None
    near(matrix([4.0, 5.0]), [[6.0, 0.0], [0.0, 0.0]])
    with pytest.raises(ValueError, match="2 parameters"):
        matrix([1.0])


def test_undefined_arithmetic_is_told_by_name() -> None:
    x = Parameter(2.0, label="x")
    program = compile(x * ops.log(x), parameters=[x])
    with pytest.raises(ZeroDivisionError, match="div: no real answer"):
        program.hessian([0.0])
    near(program.hessian([4.0]), [[0.25]])


def test_copies_and_pickles_have_matrices_of_their_own() -> None:
    xs = [Parameter(1.0), Parameter(2.0)]
    program = compile(xs[0] ** 3 * xs[1], parameters=xs)
    right = program.hessian([1.0, 2.0])
    for twin in (copy.deepcopy(program), pickle.loads(pickle.dumps(program))):
        near(twin.hessian([1.0, 2.0]), right)


w = [Parameter(0.25 * k - 0.5) for k in range(6)]
SAMPLES = np.random.default_rng(0).normal(size=(5, 4))
OF_A_SAMPLE: dict[str, Callable[[Any], Value]] = {
    "neuron": lambda x: (w[3] * ops.dot(w[:3], x[:3]).tanh() - x[3]) ** 2,
    "hinge": lambda x: ops.relu(1 - x[3] * ops.dot(w[:4], x)) ** 2,
    "softmax": lambda x: ops.logsumexp([ops.dot(w[:4], x), w[4] * x[0], w[5] - w[0]]) - w[4] * x[0],
    "window": lambda x: ops.sum([ops.tanh(w[5] * x[k] + w[2] * x[k + 1]) for k in range(3)]),
    "products": lambda x: ops.prod([w[k] * x[k] - 1 for k in range(4)]) + ops.sin(w[4] * w[0]),
    "choice": lambda x: ops.maximum(w[0] * x[0], w[1] * x[1]) * w[2] / (1 + w[3] ** 2),
    "layers": lambda x: ops.sum(
        [ops.sigmoid(ops.dot(w[i : i + 2], [ops.sin(w[j] * x[j]) for j in (3, 0)])) for i in (0, 4)]
    ),
    "line": lambda x: ops.dot(w[:4], x),
}


@pytest.mark.parametrize(
    ("name", "native"),
    [*[(name, False) for name in OF_A_SAMPLE], pytest.param("hinge", True, marks=in_machine_code)],
)
def test_of_a_batch(name: str, native: bool) -> None:
    loss, once = OF_A_SAMPLE[name], ops.exp(w[1] * w[5]) if name in ("hinge", "line") else None
    for how, whole in (("mean", ops.mean), ("sum", ops.sum)):
        program = compile(loss, [SAMPLES], how, native, w, once)  # type: ignore[call-overload]
        y = whole([loss(x) for x in SAMPLES.tolist()])
        slopes = gradient(y if once is None else y + once, w)
        right = np.array([[d.data for d in gradient(slope, w)] for slope in slopes])
        twin = pickle.loads(pickle.dumps(program))
        near(twin.hessian(program.vector, SAMPLES), right)
        near(program.hessian.sparse(program.vector, SAMPLES).toarray(), right)
        along = np.arange(6.0)
        near(program.hvp(program.vector, along, SAMPLES.tolist()), right @ along)
        if not once:  # the graph answers
            product = program._beyond("hvp")
            product._value, product._failures, product._natively = None, (TypeError,), {}
            near(product.value(np.append(program.vector, along), SAMPLES), right @ along)


def test_undefined_arithmetic_in_a_batch_is_told_by_name() -> None:
    a, b = Parameter(2.0, label="a"), Parameter(1.0, label="b")
    program = compile(lambda x: ops.log(a * x) * b, [[1.0]], "mean", parameters=[a, b])
    near(program.hessian([2.0, 1.0], [1.0, 3.0]), [[-0.25, 0.5], [0.5, 0.0]])
    for call in (program.hessian, lambda p, x: program.hvp(p, [1.0, 1.0], x)):
        with pytest.raises(ValueError, match="log: no real answer"):
            call([0.0, 1.0], [1.0, 3.0])
    tip = compile(lambda x: ops.hypot(a * x, b * x), [[1.0]], "sum", parameters=[a, b])
    assert np.isnan(tip.hessian([0.0, 0.0], [1.0, 2.0])).all()
    for wrong in (
        lambda: program.hvp([1.0, 1.0], [1.0], [1.0]),
        lambda: program.hessian([1.0], [1.0]),
    ):
        with pytest.raises(ValueError, match="2 parameters"):
            wrong()
    with pytest.raises(TypeError, match="inputs are x"):
        program.hessian([1.0, 1.0])


def test_what_has_none_is_refused() -> None:
    x = Parameter(1.0)
    with pytest.raises(TypeError, match="2 outputs"):
        compile([x, x * x]).hessian  # noqa: B018
    with pytest.raises(TypeError, match="as one graph"):
        compile(lambda y: x * y, [[1.0]], "mean").parameter_jacobian  # noqa: B018
    with pytest.raises(TypeError, match='batch="mean"'):
        compile(lambda y: x * y, [[1.0]], "each").hessian  # noqa: B018


def test_scipy_takes_them() -> None:
    xs = [Parameter(v) for v in (-1.2, 1.0, 0.7)]
    program = compile(rosenbrock(xs), parameters=xs)
    found = optimize.minimize(
        program.value_and_grad, program.vector, jac=True, hess=program.hessian.sparse,
        method="trust-constr", options={"gtol": 1e-10},
    )  # fmt: skip
    np.testing.assert_allclose(found.x, 1.0, atol=1e-6)
    fit = compile([10 * (xs[1] - xs[0] ** 2), 1 - xs[0]], parameters=xs[:2])
    least = optimize.least_squares(fit.value, [-1.2, 1.0], jac=fit.parameter_jacobian)
    np.testing.assert_allclose(least.x, 1.0, atol=1e-8)
