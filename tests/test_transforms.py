"""Derivatives of functions: known results, random programs, nesting, shapes, bad input."""

import collections
import copy
import math
import pickle
import random
import threading
from functools import partial
from typing import NamedTuple

import mpmath
import numpy as np
import pytest
import scipy.optimize

import autograd_lite as ag
from autograd_lite import Value, derived, gradient, ops
from autograd_lite.engine.kinds import Unary
from autograd_lite.engine.primitive import TABLE
from autograd_lite.functions import differences, hessians
from autograd_lite.transforms import (
    check_gradients,
    grad,
    hessian,
    hessian_graph,
    hvp,
    jacobian,
    jvp,
    value_and_grad,
    vjp,
)


def rosenbrock(x):
    return sum(100 * (x[i + 1] - x[i] ** 2) ** 2 + (1 - x[i]) ** 2 for i in range(len(x) - 1))


def goldstein_price(x, y):
    left = 19 - 14 * x + 3 * x**2 - 14 * y + 6 * x * y + 3 * y**2
    right = 18 - 32 * x + 12 * x**2 + 48 * y - 36 * x * y + 27 * y**2
    return (1 + (x + y + 1) ** 2 * left) * (30 + (2 * x - 3 * y) ** 2 * right)


def sphere(x):
    return sum(t * t for t in x)


# --- published results ----------------------------------------------------------------------------


def test_goldstein_price():
    assert value_and_grad(goldstein_price, (0, 1))(1.0, 1.0) == (1876.0, (-5376.0, 8064.0))


def test_rosenbrock():
    value, slope = value_and_grad(rosenbrock)([0.0, 2.0])
    assert (value, slope.tolist()) == (401.0, [-2.0, 400.0])


@pytest.mark.parametrize("n", [2, 10, 60])
def test_rosenbrock_against_scipy(n):
    x = np.random.default_rng(n).normal(size=n)
    np.testing.assert_allclose(grad(rosenbrock)(x), scipy.optimize.rosen_der(x), rtol=1e-12)
    np.testing.assert_allclose(
        hessian(rosenbrock)(x), scipy.optimize.rosen_hess(x), rtol=1e-12, atol=1e-12
    )
    v = np.arange(n) - 1.0
    np.testing.assert_allclose(
        hvp(rosenbrock)(x, v), scipy.optimize.rosen_hess_prod(x, v), rtol=1e-10, atol=1e-10
    )


def test_third_derivative():
    def f(x):
        return ag.exp(ag.sin(x))

    mpmath.mp.dps = 50
    for x in (-2.0, 0.3, 1.0, 2.5):
        exact = float(mpmath.diff(lambda t: mpmath.exp(mpmath.sin(t)), x, 3))
        assert grad(grad(grad(f)))(x) == pytest.approx(exact, rel=1e-12)


def test_a_power_and_its_derivatives_down_to_zero():
    f, found = lambda x: x**5, []
    for _ in range(7):
        found.append(f(2.0))
        f = grad(f)
    assert found == [32.0, 80.0, 160.0, 240.0, 240.0, 120.0, 0.0]


# --- agreement of the ways ------------------------------------------------------------------------

UNARY = [
    ops.sin, ops.cos, ops.tanh, ops.sigmoid, ops.softplus, ops.square, ops.exp, ops.atan,
    ops.asinh, ops.erf, ops.gelu, ops.silu, ops.neg, ops.sech, lambda x: ops.log(1.5 + ops.cos(x)),
    lambda x: ops.sqrt(1 + x * x), lambda x: x**3,
]  # fmt: skip
BINARY = [
    ops.add, ops.sub, ops.mul, ops.logaddexp, ops.atan2, ops.hypot,
    lambda x, y: x / (2 + ops.sin(y)), lambda x, y: (1 + x * x) ** y,
]  # fmt: skip
NARY = [
    ops.sum, ops.mean, ops.prod, ops.logsumexp, lambda xs: ops.dot(xs[:2], xs[-2:], xs[0]),
    lambda xs: derived.softmax(xs)[0],
]  # fmt: skip


def random_program(seed):
    """A function R^n → R of random operations, each squashed so that nothing explodes."""
    n = random.Random(seed).randint(1, 4)

    def f(x):
        draw = random.Random(seed + 1)
        values = [*x, ops.sin(x[0]) + 1.0]
        for _ in range(draw.randint(2, 8)):
            pick = [draw.choice(values) for _ in range(3)]
            kind = draw.random()
            if kind < 0.45:
                new = draw.choice(UNARY)(pick[0])
            elif kind < 0.8:
                new = draw.choice(BINARY)(pick[0], pick[1])
            else:
                new = draw.choice(NARY)(pick)
            values.append(new if -3.0 < new < 3.0 else ops.sin(new))
        return values[-1] * values[-2] + values[draw.randrange(len(values))]

    draw = random.Random(seed + 2)
    return f, [draw.uniform(-2.0, 2.0) for _ in range(n)]


@pytest.mark.parametrize("block", range(10))
def test_hessians_of_random_programs(block):
    """1,000 in all: symmetric, and as central differences of the gradient and hessian_graph say."""
    unknown = 0
    for seed in range(100 * block, 100 * block + 100):
        f, x = random_program(seed)
        n = len(x)
        matrix = hessian(f)(x)
        xs = [Value(t) for t in x]
        graph = hessian_graph(f(xs), xs)
        by_graph = np.array([[entry.data for entry in row] for row in graph])
        for one in (matrix, by_graph):
            assert np.array_equal(one, one.T, equal_nan=True)
        if np.isnan(matrix).any():  # hypot of x − x and x − x, at its tip
            np.testing.assert_allclose(matrix, by_graph)
            unknown += 1
            continue
        scale = 1.0 + abs(by_graph).max()
        np.testing.assert_allclose(matrix, by_graph, rtol=1e-9, atol=1e-11 * scale)

        g, h = grad(f), 1e-5
        for j in range(n):
            above, below = ([*x[:j], x[j] + d, *x[j + 1 :]] for d in (h, -h))
            column = (g(above) - g(below)) / (2 * h)
            np.testing.assert_allclose(matrix[:, j], column, rtol=1e-4, atol=2e-5 * scale)

        v = np.random.default_rng(seed).normal(size=n)
        np.testing.assert_allclose(hvp(f)(x, v), matrix @ v, rtol=1e-9, atol=1e-10 * scale)
    assert unknown <= 1


@pytest.mark.parametrize("seed", range(100))
def test_jvp_and_vjp_are_each_others_transpose(seed):
    programs = [random_program(3 * seed + i)[0] for i in range(3)]
    draw = np.random.default_rng(seed)
    x, u, v = draw.uniform(-2, 2, 4), draw.normal(size=4), draw.normal(size=3)

    def f(x):
        return [program(x) for program in programs]

    y, pullback = vjp(f, x)
    y_again, along = jvp(f, (x,), (u,))
    (back,) = pullback(v)
    assert (y == y_again).all()
    assert v @ along == pytest.approx(back @ u, rel=1e-9, abs=1e-9)
    matrix = jacobian(f)(x)
    np.testing.assert_allclose(matrix @ u, along, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(v @ matrix, back, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("seed", range(20))
def test_nested_transforms_agree_with_the_flat_ones(seed):
    f, x = random_program(seed)
    u = list(np.random.default_rng(seed).normal(size=len(x)))
    matrix = hessian(f)(x)
    close = {"rtol": 1e-9, "atol": 1e-9 * (1 + abs(matrix).max())}
    np.testing.assert_allclose(jacobian(grad(f))(x), matrix, **close)
    np.testing.assert_allclose(jvp(grad(f), (x,), (u,))[1], matrix @ u, **close)
    np.testing.assert_allclose(vjp(grad(f), x)[1](u)[0], matrix @ u, **close)
    np.testing.assert_allclose(grad(lambda x: jvp(f, (x,), (u,))[1])(x), matrix @ u, **close)
    third = jacobian(hvp(f))(x, u)
    np.testing.assert_allclose(third, jacobian(lambda x: hessian(f)(x) @ u)(x), **close)
    np.testing.assert_allclose(jacobian(lambda u: hvp(f)(x, u))(u), matrix, **close)
    np.testing.assert_allclose(jacobian(lambda v: vjp(f, x)[1](v)[0])(1.0), grad(f)(x), **close)
    pullback = vjp(f, x)[1]
    np.testing.assert_allclose(jacobian(lambda v: pullback(v)[0])(1.0), grad(f)(x), **close)


@pytest.mark.parametrize("op", [op for op in TABLE.values() if op.arity == 1])
def test_printed_second_derivatives_are_those_of_the_rule(op):
    """Every unary row of the table: over its domain, at 0 and far out."""
    (low, high) = op.domain[0]
    far = [0.0, 1e308, -1e308, math.inf, -math.inf]
    for x in [*far, *np.linspace(low, high, 11).tolist()]:
        try:
            leaf = Value(x)
            y = op.record(leaf)
        except (ArithmeticError, ValueError):
            continue
        expected = gradient(gradient(y, [leaf])[0], [leaf])[0].data
        found = hessians.hessian_matrix(y, [leaf])[0][0]
        assert found == pytest.approx(expected, rel=1e-13, nan_ok=True), x


def test_second_derivatives_of_the_table_are_tested_against_50_digits():
    """``test_ops.py`` does it for every row; here the transforms on the rows."""
    mpmath.mp.dps = 50
    for name in ("exp", "sin", "tanh", "atan", "asinh", "log1p", "erf", "sqrt"):
        exact = float(mpmath.diff(getattr(mpmath, name), mpmath.mpf(0.75), 2))
        assert hessian(TABLE[name])(0.75) == pytest.approx(exact, rel=1e-14)
        assert grad(grad(TABLE[name]))(0.75) == pytest.approx(exact, rel=1e-14)


# --- nesting --------------------------------------------------------------------------------------


def test_perturbations_are_not_confused():
    assert grad(lambda x: x * grad(lambda y: x + y)(1.0))(1.0) == 1.0
    assert grad(lambda x: x * grad(lambda y: x * y)(1.0))(2.0) == 4.0
    assert grad(lambda x: grad(lambda y: x * y)(x))(3.0) == 1.0
    assert grad(lambda x: x * hessian(lambda y: x * y * y)(x))(3.0) == 12.0
    assert grad(lambda x: jvp(lambda y: x * y, (x,), (1.0,))[1])(3.0) == 1.0
    assert grad(lambda x: hvp(lambda y: x * y * y)(x, x))(3.0) == 12.0


def test_answers_are_floats_outermost_and_values_within():
    seen = []

    def f(x):
        inner = grad(lambda y: y * y)(x)
        seen.append(inner)
        return inner * x

    outer = grad(f)(3.0)
    assert (type(outer), outer) == (float, 12.0)
    assert type(seen[0]) is Value
    x = Value(3.0)
    slope = grad(lambda t: t**3)(x)
    (second,) = gradient(slope, [x])
    assert (slope.data, second.data) == (27.0, 18.0)
    v = Value(2.0)
    (by_v,) = gradient(hvp(lambda t: t**3)(3.0, v), [v])
    assert by_v.data == 18.0
    (by_v,) = gradient(jvp(lambda t: t**3, (3.0,), (v,))[1], [v])
    assert by_v.data == 27.0


def test_after_an_exception_the_outermost_level_is_outermost():
    def broken(x):
        raise RuntimeError("on purpose")

    with pytest.raises(RuntimeError, match="on purpose"):
        grad(broken)(1.0)
    assert type(grad(lambda x: x * x)(1.0)) is float


def test_threads_nest_each_on_their_own():
    results = []
    inside, other = threading.Event(), threading.Event()

    def slow(x):
        inside.set()
        assert other.wait(10)
        return x * x

    thread = threading.Thread(target=lambda: results.append(grad(slow)(3.0)))
    thread.start()
    assert inside.wait(10)
    results.append(grad(lambda x: x**3)(2.0))
    other.set()
    thread.join()
    assert [(type(x), x) for x in results] == [(float, 12.0), (float, 6.0)]


def test_no_gradient_is_left_on_what_a_function_closes_over():
    w = Value(5.0, label="w")
    assert grad(lambda x: w * x)(2.0) == 5.0
    assert hessian(lambda x: w * x * x)(2.0) == 10.0
    assert w.grad == 0.0


# --- shapes ---------------------------------------------------------------------------------------


def test_shapes_of_gradients():
    def f(x, c, y):
        return c * (x[0] * x[1] + y)

    x, y = [2.0, 3.0], 5.0
    assert grad(f)(x, 10, y).tolist() == [30.0, 20.0]
    assert grad(f, argnums=2)(x, 10, y) == 10.0
    assert grad(f, argnums=-1)(x, 10, y) == 10.0
    by_x, by_y = grad(f, argnums=(0, 2))(x, 10, y)
    assert (by_x.tolist(), by_x.dtype, by_y) == ([30.0, 20.0], np.float64, 10.0)
    assert grad(f, argnums=[0])(x, 10, y)[0].tolist() == [30.0, 20.0]
    for vector in ([1, 2], (1.0, 2.0), np.array([1, 2]), np.array([1.0, 2.0], dtype=np.float32)):
        assert grad(sphere)(vector).tolist() == [2.0, 4.0]


def test_a_function_receives_what_was_given():
    kinds = []
    for x in ([1.0], (1.0,), np.array([1.0])):
        grad(lambda x: kinds.append(type(x)) or x[0])(x)
    assert kinds == [list, tuple, np.ndarray]
    assert grad(lambda x: (100 * (x[1:] - x[:-1] ** 2) ** 2).sum())(np.ones(3)).tolist() == [0] * 3


def test_other_arguments_stay_as_they_are():
    seen = []
    grad(lambda x, *rest: seen.append(rest) or x)(1.0, "text", None, {"a": 1})
    assert seen == [("text", None, {"a": 1})]


def test_shapes_of_jacobians():
    assert jacobian(lambda x: x * x)(3.0) == 6.0
    assert jacobian(lambda x: [x, x * x])(3.0).tolist() == [1.0, 6.0]
    assert jacobian(sphere)([1.0, 2.0]).tolist() == [2.0, 4.0]
    assert jacobian(lambda x: x)([1.0, 2.0]).tolist() == [[1.0, 0.0], [0.0, 1.0]]
    assert jacobian(lambda x: [])([1.0, 2.0]).shape == (0, 2)
    tall = jacobian(lambda x: np.array([x[0], x[0] * x[1], x[1], 7.0]))(np.array([2.0, 3.0]))
    assert tall.tolist() == [[1.0, 0.0], [3.0, 2.0], [0.0, 1.0], [0.0, 0.0]]
    by_x, by_y = jacobian(lambda x, y: [x[0] * y, x[1]], argnums=(0, 1))([1.0, 2.0], 3.0)
    assert (by_x.tolist(), by_y.tolist()) == ([[3.0, 0.0], [0.0, 1.0]], [1.0, 0.0])


def test_shapes_of_hessians():
    assert hessian(lambda x: x**3)(2.0) == 12.0
    (xx, xy), (yx, yy) = hessian(lambda x, y: x[0] * x[1] * y**2, argnums=(0, 1))([2.0, 3.0], 5.0)
    assert xx.tolist() == [[0.0, 25.0], [25.0, 0.0]]
    assert (xy.tolist(), yx.tolist(), yy) == ([30.0, 20.0], [30.0, 20.0], 12.0)


def test_shapes_of_products():
    def f(x, y):
        return [x[0] * y, x[1] * y, y * y]

    x, y = [2.0, 3.0], 5.0
    value, pullback = vjp(f, x, y)
    assert value.tolist() == [10.0, 15.0, 25.0]
    by_x, by_y = pullback([1.0, 0.0, 2.0])
    assert (by_x.tolist(), by_y) == ([5.0, 0.0], 22.0)
    value, along = jvp(f, (x, y), ([1.0, 0.0], 2.0))
    assert along.tolist() == [9.0, 6.0, 20.0]
    product = hvp(lambda x, y: x[0] * y * y, argnums=(0, 1))(x, y, ([1.0, 0.0], 2.0))
    assert (product[0].tolist(), product[1]) == ([20.0, 0.0], 18.0)


class Line(NamedTuple):
    slope: object
    offset: object


def test_answers_have_the_structure_of_the_argument():
    """Against the same function of one vector, cut by hand."""

    def f(p):
        (a, b), c = p["layers"]
        return np.sum(p["W"] @ p["W"]) * a + b**2 * c.slope[1] * c.offset + p["b"] * a

    p = {
        "W": np.array([[1.0, 2.0], [3.0, 4.0]]),
        "layers": ([5.0, 6.0], Line([7.0, 8.0], 9.0)),
        "b": 10,
    }

    def flat(v):
        return f({"W": v[:4].reshape(2, 2), "layers": (v[4:6], Line(v[6:8], v[8])), "b": v[9]})

    v = np.array([1.0, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    g, h, u = grad(flat)(v), hessian(flat)(v), np.arange(10.0)

    def assert_parts(found, row, shape=()):
        assert type(found) is dict
        assert [*found] == ["W", "layers", "b"]
        pair, line = found["layers"]
        assert (type(found["layers"]), type(line)) == (tuple, Line)
        whole = row.reshape(*shape, 10)
        for part, where, own in (
            (found["W"], slice(4), (2, 2)), (pair, slice(4, 6), (2,)),
            (line.slope, slice(6, 8), (2,)), (line.offset, 8, ()), (found["b"], 9, ()),
        ):  # fmt: skip
            expected = whole[..., where].reshape(shape + own)
            np.testing.assert_allclose(part, expected, rtol=1e-12)
            assert np.shape(part) == expected.shape
            assert type(part) is (np.ndarray if expected.ndim else float)

    def cut(row):
        return {"W": row[:4].reshape(2, 2), "layers": (row[4:6], (row[6:8], row[8])), "b": row[9]}

    assert_parts(grad(f)(p), g)
    value, slopes = value_and_grad(f)(p)
    assert value == flat(v)
    assert_parts(slopes, g)
    assert_parts(jacobian(f)(p), g)
    assert_parts(vjp(f, p)[1](1.0)[0], g)
    assert jvp(f, (p,), (cut(u),))[1] == pytest.approx(g @ u)
    assert_parts(hvp(f)(p, cut(u)), h @ u)
    blocks = hessian(f)(p)
    assert_parts(blocks["W"], h[:4].reshape(2, 2, 10), (2, 2))
    assert_parts(blocks["layers"][1].offset, h[8])
    both = grad(lambda k, p: k * f(p), argnums=(1, 0))(3.0, p)
    assert_parts(both[0], 3.0 * g)
    assert both[1] == value
    outputs = jacobian(lambda p: {"y": p["W"] * p["b"], "z": [p["b"], f(p)]})(p)
    assert outputs["y"]["W"].tolist() == (10 * np.eye(4)).reshape(2, 2, 2, 2).tolist()
    assert outputs["y"]["b"].tolist() == p["W"].tolist()
    assert outputs["z"]["b"].tolist() == [1.0, 5.0]
    nested = grad(lambda t: grad(f)({**p, "b": t})["layers"][0][0])(10.0)
    assert nested == 1.0


def test_containers_keep_their_kind():
    ordered = collections.OrderedDict(b=1.0, a=2.0)
    counted = collections.defaultdict(list, w=3.0)
    g = grad(lambda p, q: p["a"] * p["b"] + q["w"], argnums=(0, 1))(ordered, counted)
    assert g == (collections.OrderedDict(b=2.0, a=1.0), {"w": 1.0})
    assert g[1].default_factory is list
    kinds = []
    grad(lambda p: kinds.append((type(p), type(p["w"]), type(p["n"]))) or 0.0)(
        collections.OrderedDict(w=(1.0, 2.0), n=Line(1.0, 2.0))
    )
    assert kinds == [(collections.OrderedDict, tuple, Line)]
    assert grad(lambda p: 1.0)({}) == {}
    assert grad(lambda x: np.array(x * x))(3.0) == 6.0


def test_auxiliary_data_is_handed_on():
    def f(x, k=1.0):
        return k * x**2, {"twice": 2 * x, "list": [x, "text"], "array": np.array([x, 1.0])}

    def told(aux):
        return aux["twice"], aux["list"], aux["array"].tolist(), type(aux["twice"])

    plain = (4.0, [2.0, "text"], [2.0, 1.0], float)
    slope, aux = grad(f, has_aux=True)(2.0, k=3.0)
    assert (slope, told(aux)) == (12.0, plain)
    (value, aux), slope = value_and_grad(f, has_aux=True)(2.0, k=3.0)
    assert (value, slope, told(aux)) == (12.0, 12.0, plain)
    slope, aux = jacobian(f, has_aux=True)(2.0, k=3.0)
    assert (slope, told(aux)) == (12.0, plain)
    second, aux = hessian(f, has_aux=True)(2.0, k=3.0)
    assert (second, told(aux)) == (6.0, plain)
    value, pullback, aux = vjp(f, 2.0, k=3.0, has_aux=True)
    assert (value, pullback(1.0), told(aux)) == (12.0, (12.0,), plain)
    value, along, aux = jvp(f, (2.0,), (10.0,), k=3.0, has_aux=True)
    assert (value, along, told(aux)) == (12.0, 120.0, plain)
    assert grad(lambda x: grad(lambda y: (y**3, y**2), has_aux=True)(x)[1])(3.0) == 6.0
    with pytest.raises(TypeError, match=r"returns a pair, \(value, aux\); sphere returned a Value"):
        grad(sphere, has_aux=True)([2.0])


# --- functions that depend on little --------------------------------------------------------------


def test_constants_and_ignored_arguments_have_derivative_zero():
    assert value_and_grad(lambda x: 7)(1.0) == (7.0, 0.0)
    assert grad(lambda x: np.float64(7))([1.0, 2.0]).tolist() == [0.0, 0.0]
    assert grad(lambda x: Value(7.0))(1.0) == 0.0
    assert grad(lambda x, y: x * x, argnums=1)(3.0, 4.0) == 0.0
    assert grad(lambda x: x)(3.0) == 1.0
    assert grad(grad(lambda x: 2 * x))(3.0) == 0.0
    assert grad(lambda x: grad(lambda y: 7)(x))(3.0) == 0.0
    for f in (lambda x: 7, lambda x: x[0], lambda x: 2 * x[0] + x[1]):
        assert hessian(f)([1.0, 2.0]).tolist() == [[0.0, 0.0], [0.0, 0.0]]
        assert hvp(f)([1.0, 2.0], [1.0, 1.0]).tolist() == [0.0, 0.0]
    assert jacobian(lambda x: [1, x[0]])([1.0, 2.0]).tolist() == [[0.0, 0.0], [1.0, 0.0]]
    assert jvp(lambda x: 7, (1.0,), (1.0,)) == (7.0, 0.0)
    assert vjp(lambda x: 7, 1.0)[1](1.0) == (0.0,)
    assert vjp(lambda x: [x[0], x[0]], [2.0, 3.0])[1]([1.0, 10.0])[0].tolist() == [11.0, 0.0]
    assert grad(sphere)([]).shape == (0,)


def test_poles_give_the_limit():
    assert grad(ag.sqrt)(0.0) == math.inf
    assert math.isnan(grad(lambda x: 0.0 * x.sqrt())(0.0))
    assert hessian(ag.sqrt)(0.0) == -math.inf
    matrix = hessian(lambda x: x[0] ** 1.5 + x[1] ** 2)([0.0, 3.0])
    assert matrix.tolist() == [[math.inf, 0.0], [0.0, 2.0]]
    assert math.isnan(hessian(lambda x: 0.0 * x.sqrt() + x * x)(0.0))
    assert hessian(lambda x: x.relu() + abs(x))(0.0) == 0.0


def test_no_way_along_a_pole_meets_no_pole():
    def f(x):
        return x[0].sqrt() + x[1] ** 2

    at, along = [0.0, 3.0], [0.0, 1.0]
    assert jvp(f, (at,), (along,)) == (9.0, 6.0)
    assert jvp(f, (at,), ([1.0, 0.0],)) == (9.0, math.inf)
    assert hvp(f)(at, along).tolist() == [0.0, 2.0]


NOWHERE = [[math.nan, math.nan], [math.nan, math.nan]]


@pytest.mark.parametrize(
    ("f", "expected"),
    [
        (lambda v: ag.hypot(v[0], v[1]), NOWHERE),
        (lambda v: ag.hypot(v[0], v[1]) ** 2, NOWHERE),  # 2·I, which no walk over the parts can see
        (lambda v: v[0] * ag.hypot(v[0], v[1]), NOWHERE),
        (lambda v: ag.atan2(v[0], v[1]), NOWHERE),
        (lambda v: ag.relu(ag.hypot(v[0], v[1]) - 1.0), [[0.0, 0.0], [0.0, 0.0]]),  # shut
        (
            lambda v: ag.where(ag.step(v[0]), ag.atan2(v[0], v[1]), v[1] ** 2),
            [[0.0, 0.0], [0.0, 2.0]],
        ),
    ],
)
def test_second_derivatives_at_a_tip_are_the_same_in_every_mode(f, expected):
    at, units = [0.0, 0.0], np.eye(2).tolist()
    xs = [Value(x) for x in at]
    slopes = gradient(f(xs), xs)
    twice = []
    for slope in slopes:
        for x in xs:
            x.grad = 0.0
        slope.backward()
        twice.append([x.grad for x in xs])
    for found in (
        hessian(f)(at),
        jacobian(grad(f))(at),
        [[entry.data for entry in row] for row in hessian_graph(f(xs), xs)],
        [hvp(f)(at, u) for u in units],
        [jvp(grad(f), (at,), (u,))[1] for u in units],
        [vjp(grad(f), at)[1](u)[0] for u in units],
        [grad(lambda v, i=i: grad(f)(v)[i])(at) for i in range(2)],
        twice,
    ):
        np.testing.assert_array_equal(found, expected)
    assert grad(f)(at).tolist() == [0.0, 0.0]


def test_a_derivative_that_was_recorded_at_a_tip_is_right_elsewhere():
    """The agreement that it is 0 there is not frozen into the graph."""
    xs = [Value(0.0), Value(0.0)]
    program = ag.compile(gradient(ag.hypot(*xs), xs), inputs=[xs])
    assert program([3.0, 4.0]).tolist() == [0.6, 0.8]


# --- bad input ------------------------------------------------------------------------------------


@pytest.mark.parametrize("transform", [grad, value_and_grad, hessian])
def test_a_list_where_a_number_is_needed(transform):
    def pair(x):
        return [x, x]

    with pytest.raises(TypeError, match=r"pair returned a vector of 2\. Use jacobian"):
        transform(pair)(1.0)
    with pytest.raises(TypeError, match="returned a vector of 1"):
        transform(lambda x: np.array([x]))(1.0)


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        (None, r"f returns one real number; got None\. Perhaps a function lacks its return"),
        ("7", "got the text '7'"),
        (1j, "complex"),
        ([None], r"What f returned holds at \[0\] one real number; got None"),
        ({"a": [1.0, "7"]}, r'holds at \["a"\]\[1\] one real number; got the text'),
        ((x for x in [1.0]), r"What f returns is a generator.*list\(x\)"),
    ],
)
def test_a_function_that_returns_no_numbers(returned, message):
    def f(x):
        return returned

    with pytest.raises(TypeError, match=message):
        jacobian(f)(1.0)


@pytest.mark.parametrize("argument", ["text", None, 1j, object(), ["a"], np.array(["a"])])
def test_arguments_that_hold_no_numbers(argument):
    with pytest.raises(TypeError, match=r"^Argument x(\[0\])? holds one real number; got"):
        grad(lambda x: 1.0)(argument)


@pytest.mark.parametrize("argument", [(x for x in [1.0]), {1.0}, range(2), {"a": 1.0}.values()])
def test_arguments_that_are_gone_through_once_or_have_no_places(argument):
    for given, path in ((argument, "p"), ({"w": [argument]}, r'p\["w"\]\[0\]')):
        with pytest.raises(TypeError, match=rf"^Argument {path} is a .*: write list\(x\)"):
            grad(lambda p: 1.0)(given)


@pytest.mark.parametrize(
    ("argument", "path"),
    [
        ({"w": [1.0, None]}, r'p\["w"\]\[1\]'),
        ([{"w": 1.0}, {3: (1.0, "2")}], r"p\[1\]\[3\]\[1\]"),
        (Line([1.0], 2j), r"p\.offset"),
        ({"w": np.array([[1.0, 2.0], [3.0, None]])}, r'p\["w"\]\[1, 1\]'),
    ],
)
@pytest.mark.parametrize("transform", [grad, value_and_grad, jacobian, hessian])
def test_what_is_no_number_in_a_structure_is_named_by_the_way_to_it(transform, argument, path):
    with pytest.raises(TypeError, match=rf"^Argument {path} holds one real number; got"):
        transform(lambda p: 1.0)(argument)


@pytest.mark.parametrize("argnums", [1, -2, (0, 3)])
def test_arguments_that_are_not_there(argnums):
    with pytest.raises(ValueError, match="called with 1 positional argument"):
        grad(lambda *xs: xs[0], argnums)(1.0)


@pytest.mark.parametrize("transform", [grad, value_and_grad, jacobian, hessian, hvp])
def test_the_argument_comes_later(transform):
    name = transform.__name__
    for x in (
        2.0,
        2,
        1,
        -2,
        [1.0, 2.0],
        (0, 1),
        np.ones(2),
        np.float64(2.0),
        {"w": 1.0},
        "x",
        None,
    ):
        with pytest.raises(TypeError, match=rf"write {name}\(f\)\(.+ is argnums"):
            transform(lambda x: x, x)
    with pytest.raises(TypeError, match=rf"write {name}\(f\)\(2\.0, 3\.0, 4\.0\)"):
        transform(lambda x, y, z: x, 2.0, 3.0, 4.0)
    with pytest.raises(TypeError, match=rf"{name} knows no argnum; it takes argnums"):
        transform(lambda x: x, argnum=0)
    with pytest.raises(TypeError, match=rf"A function comes first, {name}\(f\)\(x\); got Value"):
        transform(Value(2.0))


def test_vjp_and_jvp_take_a_function_first_and_hvp_a_vector_last():
    with pytest.raises(TypeError, match=r"A function comes first, vjp\(f, x\); got 2\.0"):
        vjp(2.0, lambda x: x)
    with pytest.raises(TypeError, match=r"A function comes first, jvp"):
        jvp(2.0, (1.0,), (1.0,))
    with pytest.raises(TypeError, match=r"hvp\(f\)\(x, v\) takes a vector v last"):
        hvp(lambda x: x)(1.0)


@pytest.mark.parametrize("argnums", [(0, 0), (1, -1)])
def test_an_argument_is_named_once(argnums):
    with pytest.raises(ValueError, match="names each argument once"):
        grad(lambda x, y: x * y, argnums)(2.0, 3.0)


def test_jvp_takes_tuples():
    for given in [(1.0, (1.0,)), ((1.0,), 1.0), (np.ones(2), np.ones(2))]:
        with pytest.raises(TypeError, match=r"jvp\(f, \(x,\), \(u,\)\) takes a tuple"):
            jvp(lambda x: x, *given)


def test_vectors_of_the_wrong_size():
    _, pullback = vjp(lambda x: [x[0], x[1]], [1.0, 2.0])
    with pytest.raises(ValueError, match="output has its shape, a vector of 2; got a vector of 3"):
        pullback([1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match="one bare number; got a vector of 1"):
        vjp(lambda x: x, 1.0)[1]([1.0])
    with pytest.raises(ValueError, match="argument 0 has its shape, a vector of 2; got one bare"):
        jvp(sphere, ([1.0, 2.0],), (1.0,))
    with pytest.raises(ValueError, match="one tangent per argument: 1; got 2"):
        jvp(sphere, ([1.0, 2.0],), (1.0, 2.0))
    with pytest.raises(ValueError, match="a vector of 2; got a vector of 1"):
        hvp(sphere)([1.0, 2.0], [1.0])
    with pytest.raises(TypeError, match="got the text"):
        hvp(sphere)([1.0, 2.0], [1.0, "2"])


# --- size -----------------------------------------------------------------------------------------


def deep(x, length=100_000):
    for _ in range(length // 2):
        x = 0.99999 * ops.sin(x)
    return x


def test_a_deep_function_needs_no_recursion():
    x = 0.5
    slope, curvature = grad(deep)(x), hvp(deep)(x, 1.0)
    assert jvp(deep, (x,), (1.0,))[1] == pytest.approx(slope, rel=1e-9)
    leaf = Value(x)
    (graph,) = gradient(deep(leaf), [leaf])
    assert graph.data == pytest.approx(slope, rel=1e-9)
    graph.backward()
    assert leaf.grad == pytest.approx(curvature, rel=1e-9)


def test_a_hessian_runs_the_function_once():
    runs = []

    def f(x):
        runs.append(len(x))
        return rosenbrock(x)

    hessian(f)(np.ones(100))
    assert runs == [100]


def test_rows_stay_short_where_the_hessian_is_sparse(monkeypatch):
    """1,000 inputs: no row of a node below a bend holds more than the three that meet there."""
    longest = []
    push = hessians.push

    def watched(order, seeds):
        rows = push(order, seeds)
        longest.append(max(map(len, rows.values())))
        return rows

    monkeypatch.setattr(hessians, "push", watched)
    hessian(rosenbrock)(np.ones(1000))
    assert longest == [2]


def test_dense_hessians_take_the_same_values_by_matrix_products():
    def f(x):
        return ag.log(1 + sphere(x)) * ag.tanh(sum(x)) + ag.logsumexp(x)

    x = np.random.default_rng(0).normal(size=30)
    xs = [Value(t) for t in x]
    by_graph = [[entry.data for entry in row] for row in hessian_graph(f(xs), xs)]
    np.testing.assert_allclose(hessian(f)(x), by_graph, rtol=1e-10, atol=1e-12)


def test_a_hessian_with_few_inputs_and_many_operations_is_linear_in_them():
    """A root of a sum of 5,000 squares: pairs of operations would be 12 million."""
    ts = np.linspace(0, 1, 5_000).tolist()

    def f(x):
        return ag.sum([(x[0] * t + x[1] - t * t) ** 2 for t in ts]).sqrt()

    matrix = hessian(f)([1.0, 0.5])
    assert np.linalg.eigvalsh(matrix).min() > 0


# --- others ---------------------------------------------------------------------------------------


def test_scipy_takes_them_as_they_are():
    x0 = np.array([-1.2, 1.0])
    found = scipy.optimize.minimize(value_and_grad(rosenbrock), x0, jac=True, method="BFGS")
    np.testing.assert_allclose(found.x, [1.0, 1.0], atol=1e-5)
    for second in ({"hess": hessian(rosenbrock)}, {"hessp": hvp(rosenbrock)}):
        found = scipy.optimize.minimize(
            value_and_grad(rosenbrock), x0, jac=True, method="trust-ncg", **second
        )
        np.testing.assert_allclose(found.x, [1.0, 1.0], atol=1e-5)
    root = scipy.optimize.root(
        lambda x: [float(t) for t in circle_and_line(x)], [1.0, 0.5], jac=jacobian(circle_and_line)
    )
    np.testing.assert_allclose(root.x, [math.sqrt(0.5)] * 2)


def circle_and_line(x):
    return [x[0] ** 2 + x[1] ** 2 - 1, x[0] - x[1]]


def test_numpy_works_on_the_arrays_that_a_function_receives():
    x, matrix = np.array([0.5, 2.0]), np.array([[1.0, 2.0], [3.0, 4.0]])
    assert grad(np.tanh)(0.5) == pytest.approx(1 - math.tanh(0.5) ** 2, rel=1e-15)
    assert jacobian(lambda x: matrix @ x)(x).tolist() == matrix.tolist()
    assert jacobian(np.cumsum)(x).tolist() == [[1.0, 0.0], [1.0, 1.0]]
    assert hessian(lambda x: x @ matrix @ x)(x).tolist() == (matrix + matrix.T).tolist()
    np.testing.assert_allclose(grad(np.linalg.norm)(x), x / np.linalg.norm(x))
    np.testing.assert_allclose(grad(lambda x: np.mean(np.exp(x)))(x), np.exp(x) / 2)


def test_a_hessian_compiles():
    xs = [Value(t) for t in (0.5, -1.0, 2.0)]
    rows = hessian_graph(rosenbrock(xs), xs)
    program = ag.compile([entry for row in rows for entry in row], inputs=[xs])
    x = np.array([-1.2, 1.0, 0.3])
    np.testing.assert_allclose(program(x).reshape(3, 3), hessian(rosenbrock)(x), rtol=1e-13)


def test_modules_are_functions_too():
    random.seed(0)
    model = ag.nn.MLP(3, [4, 2], activation="tanh")
    x = [0.1, -0.2, 0.3]
    check_gradients(lambda x: model(x)[0] * model(x)[1], x)
    assert jacobian(model)(x).shape == (2, 3)
    assert all(p.grad == 0.0 for p in model.parameters())


def test_sweeps_take_leaves_of_any_kind():
    w, x = ag.Parameter(3.0), Value(2.0)
    y = w * x * x
    assert hessians.hessian_matrix(y, [w, x]) == [[0.0, 4.0], [4.0, 6.0]]
    assert hessians.hessian_times(y, {w: 1.0, x: 10.0})[w] == 40.0


# --- check_gradients ------------------------------------------------------------------------------


def test_right_gradients_pass_and_report():
    report = check_gradients(lambda x, y: x[0] * y + x[1] ** 3, [2.0, 3.0], 1e5)
    assert [line.name for line in report] == ["x[0]", "x[1]", "y"]
    assert report.passed
    assert str(report).count("right") == 3


@pytest.mark.parametrize("x", [1e-8, 1.0, 1e8])
def test_large_and_small_inputs_pass(x):
    check_gradients(lambda x: x**2 + 3 * x, x)
    check_gradients(lambda x: 1e6 + 1e-3 * x, x)


def test_a_kink_is_called_so():
    (line,) = check_gradients(lambda x: ag.relu(x), 0.0)
    assert (line.verdict, line.analytic, line.numeric) == ("kink", 0.0, 0.5)


def test_wrong_gradients_raise_with_the_report():
    wrong = Unary("wrong", "w", math.sin, lambda z, x: (1.0001 * ops.cos(x),))

    def model(x, y):
        return wrong.record(x) + y

    for f, name in ((ops.tanh, "tanh"), (partial(ops.hypot, 3.0), "hypot")):
        with pytest.raises(AssertionError, match=f"The gradient of {name} is wrong"):
            check_gradients(f, 0.5, gradient=lambda x: 3.0)
    with pytest.raises(AssertionError, match=r"gradient of model is wrong:\n") as caught:
        check_gradients(model, 1.0, 2.0)
    *_, first, second = str(caught.value).splitlines()
    assert (first.split()[:3], first.split()[-1]) == (["x", "=", "1"], "WRONG")
    assert second.split()[-1] == "right"
    assert check_gradients(model, 1.0, 2.0, tolerance=1e-3).passed


def on_a_thread(work):
    found = []
    thread = threading.Thread(target=lambda: found.append(outcome(work)))
    thread.start()
    thread.join()
    if isinstance(found[0], Exception):
        raise found[0]
    return found[0]


def outcome(work):
    try:
        return work()
    except TypeError as error:
        return error


def into_zeros(v):
    out = np.zeros(2)
    out[0] = v[0] ** 2
    return out[0] * v[1]


@pytest.mark.parametrize(
    ("f", "x", "told"),
    [
        (math.sin, 1.0, r"float\(x\) takes a number out .* autograd_lite\.sin"),
        (lambda x: x * math.exp(x), 3.0, r"Write autograd_lite\.exp for math\.exp"),
        (lambda x: x * float(x), 3.0, r"test_transforms\.py, line \d+: .*x \* float\(x\)"),
        (lambda x: x * round(x), 3.2, r"^round\(x\) takes"),
        (lambda x: x * x.data, 3.0, r"^x\.data takes .* x\.detach\(\) where the cut is meant"),
        (into_zeros, [2.0, 3.0], r"dtype=object"),
        (lambda v: np.array([v[0], v[1]], dtype=float).sum(), [2.0, 3.0], r"dtype=object"),
        (lambda x: grad(lambda y: y * float(x))(x), 2.0, r"^float\(x\) takes"),
        (lambda x: x * on_a_thread(lambda: float(x)), 3.0, r"^float\(x\) takes"),
        (lambda x: (x * x).partials[0] * x, 3.0, r"^x\.partials takes"),
        (lambda x: x * copy.copy(x), 3.0, r"A copy is cut off .*test_transforms\.py, line"),
        (lambda x: x * copy.deepcopy(x * x), 3.0, "A copy is cut off"),
        (lambda x: x * pickle.loads(pickle.dumps(x)), 3.0, r"A copy .* x\.detach\(\)"),
        (lambda x: (x * x).backward() or x * x.grad, 3.0, r"backward\(\) .* gradient\(y, \[x\]\)"),
        (lambda x: setattr(x, "data", 5.0) or x * x, 3.0, r"assigned to x\.data"),
    ],
)
@pytest.mark.parametrize("transform", [grad, value_and_grad, jacobian, hessian])
def test_a_number_never_leaves_a_recording_in_silence(transform, f, x, told):
    with pytest.raises(TypeError, match=told):
        transform(f)(x)
    y = Value(3.0) * 2.0
    assert float(y) * y.data == 36.0  # afterwards, and outside, a number taken is a number


@pytest.mark.parametrize("show", [ag.draw, ag.steps])
def test_what_is_drawn_or_stepped_through_has_all_of_its_numbers_in_the_graph(show):
    for f in (lambda x: x * float(x), lambda x: x * x.data, lambda x: x * math.sin(x)):
        with pytest.raises(TypeError, match="takes a number out of the function"):
            show(f, 3.0)
    show(lambda x: (x * x).backward() or print(f"{x:.2f}", x) or x * x, 3.0)


def test_numbers_that_do_not_depend_on_the_arguments_may_be_taken():
    w = Value(2.0)
    assert grad(lambda x: x * float(w * w) + x.detach() * x)(3.0) == 4.0 + 3.0


def test_a_value_equals_the_number_that_it_holds():
    x, other = Value(1.0), Value(1.0)
    assert x == 1.0
    assert x == 1
    assert x != 2.0
    assert x in (2.0, 1.0)
    assert x != other
    assert x == x
    assert [bool(Value(0.0)), bool(x)] == [False, True]
    assert len({x, other}) == 2
    assert value_and_grad(lambda x: 1.0 if x == 0 else ag.sin(x) / x)(0.0) == (1.0, 0.0)
    assert value_and_grad(lambda x: x * 3 if x in (1.0, 2.0) else x)(1.0) == (3.0, 3.0)
    assert grad(lambda x: x * 2 if x else x * 3)(0.0) == 3.0


@pytest.mark.parametrize("inner", [
    lambda w: grad(lambda s: ag.sin(w * s))(0.5),
    lambda w: value_and_grad(lambda s: ag.sin(w * s))(0.5)[1],
    lambda w: jacobian(lambda s: [ag.sin(w * s)])(0.5)[0],
    lambda w: jvp(lambda s: ag.sin(w * s), (0.5,), (1.0,))[1],
    lambda w: vjp(lambda s: ag.sin(w * s), 0.5)[1](1.0)[0],
])  # fmt: skip
@pytest.mark.parametrize("on_a_thread", [False, True])
def test_values_of_the_outer_world_count(inner, on_a_thread):
    """d/dw of d/ds sin(w·s) = cos(w·s) − w·s·sin(w·s), for w a leaf that no transform knows."""
    w, found = Value(2.0), []
    work = threading.Thread(target=lambda: found.append(inner(w)))
    if on_a_thread:
        work.start()
        work.join()
    else:
        work.run()
    found[0].backward()
    assert w.grad == pytest.approx(math.cos(1.0) - math.sin(1.0))


def test_a_second_derivative_of_the_outer_world_counts_too():
    w = Value(2.0)
    hessian(lambda s: ag.sin(w * s))(0.5).backward()
    assert w.grad == pytest.approx(-2 * 2.0 * math.sin(1.0) - 4.0 * 0.5 * math.cos(1.0))
    w.grad = 0.0
    hvp(lambda s: ag.sin(w * s))(0.5, 1.0).backward()
    assert w.grad == pytest.approx(-2 * 2.0 * math.sin(1.0) - 4.0 * 0.5 * math.cos(1.0))


def test_bare_numbers_give_bare_numbers():
    assert type(grad(lambda x: x * x)(3.0)) is float
    assert type(grad(lambda x: x * grad(lambda y: y * y)(2.0))(3.0)) is float
    inner = []
    grad(lambda x: inner.append(grad(lambda y: y * y)(2.0)) or x)(3.0)
    assert type(inner[0]) is float


def test_names_of_functions_that_do_not_tell_theirs():
    assert [line.name for line in check_gradients(lambda *xs: xs[0] * xs[1], 1.0, 2.0)] == [
        "args[0]",
        "args[1]",
    ]


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (ag.log, 1e-3),
        (ag.log, 1e-6),
        (lambda x: 1 / x, -1e-4),
        (lambda x: ag.sin(1e6 * x), 0.3),
        (lambda x: ag.exp(50 * x), 1.0),
        (lambda x: (x - 1) ** 2, 1.0),
        (lambda x: x**3, 0.0),
    ],
)
def test_the_step_is_short_where_it_must_be(f, x):
    assert check_gradients(f, x).passed


def off_by(error):
    """x itself, with a slope that is off by so much, relative to itself."""
    return Unary("off", "off", lambda t: t, lambda z, t: (1.0 + error,)).record


def verdicts(f, *args, **options):
    """The verdicts in the order of the inputs; WRONG if any is, which raises."""
    try:
        return [line.verdict for line in check_gradients(f, *args, **options)]
    except AssertionError as error:
        return [line.rsplit("  ", 1)[-1].strip() for line in str(error).splitlines()[2:]]


SMOOTH = {
    "sin": lambda u: ag.sin(u + 0.3),
    "exp": ag.exp,
    "square": lambda u: u * u + u,
    "pole": lambda u: 1 / (u + 2),
    "line": lambda u: 3 * u + 1,
    "line through 0": lambda u: 0.7 * u,
    "log": lambda u: ag.log(u + 3),
    "cancels": lambda u: (u + 1000.0) ** 2 - 1e6,
    "net": lambda u: ag.tanh(2 * ag.tanh(1.5 * u + 0.1) - 1),
}


@pytest.mark.parametrize("name", SMOOTH)
def test_a_slope_is_judged_alike_at_every_scale_of_f_and_of_x(name):
    g = SMOOTH[name]
    for height in (1e-200, 1.0, 1e100):
        for width in (1e-100, 1.0, 1e8):
            for u in (1.0, -1e-5) if width != 1.0 else (-0.7, 0.0):

                def f(x, error=0.0, height=height, width=width):
                    return off_by(error)(height * g(x / width))

                where = (height, width, u)
                assert verdicts(f, u * width) == ["right"], where
                assert verdicts(lambda x, f=f: f(x, 1e-5), u * width) == ["WRONG"], where


@pytest.mark.parametrize("width", [1e-100, 1e8, 1e100])
def test_zero_has_no_scale_of_its_own(width):
    for error, verdict in ((0.0, "right"), (1e-5, "WRONG"), (-1e-3, "WRONG")):
        f = lambda x, error=error: off_by(error)(ag.exp(x / width))
        assert verdicts(f, 0.0) == [verdict]


@pytest.mark.parametrize(
    "op", [op for op in TABLE.values() if op.name not in ("where", "held_max")]
)
def test_no_right_rule_is_called_wrong_and_no_wrong_one_right(op):
    """Over the domain of each row; where rounding hides the slope the verdict says so."""
    draw, seen = random.Random(op.name), set()
    for _ in range(2):
        if op.arity:
            xs, cut = [draw.uniform(low, high) for low, high in op.domain], tuple
        else:
            groups_, n = len(op.operands), 3
            xs = [draw.uniform(*op.domain[0]) for _ in range(groups_ * n)]
            cut = lambda v, n=n: [tuple(v[i : i + n]) for i in range(0, len(v), n)]
        for error in (0.0, 1e-3):
            f = lambda *v, e=error, cut=cut: off_by(e)(op.record(*cut(v)))
            found = verdicts(f, *xs)
            slopes = grad(f, range(len(xs)))(*xs)
            seen |= {(error, v) for v, slope in zip(found, slopes, strict=True) if slope}
    assert seen <= {
        (0.0, "right"), (0.0, "cannot tell"), (1e-3, "WRONG"), (1e-3, "cannot tell")
    }  # fmt: skip


@pytest.mark.parametrize(
    ("verdict", "g"),
    [
        ("kink", abs),
        ("kink", ag.relu),
        ("kink", lambda u: ag.maximum(u, -0.5 * u) + 1),
        ("kink", lambda u: abs(u) + ag.sin(u)),
        ("jump", ag.step),
        ("jump", lambda u: ag.where(ag.step(u), u + 1, u * u)),
        ("jump", lambda u: 1e-3 * ag.sign(u) - u),
    ],
)
def test_kinks_and_jumps_are_told_at_every_scale(verdict, g):
    for height in (1e-200, 1e8):
        for x in (1e-100, 0.0, -1.3):
            width = abs(x) or 1.0
            assert verdicts(lambda t: height * g((t - x) / width), x) == [verdict], (height, x)  # noqa: B023


def test_a_slope_that_is_none_of_a_kinks_is_wrong():
    assert verdicts(abs, 0.0, gradient=lambda x: 2.0) == ["WRONG"]
    assert verdicts(abs, 0.0, gradient=lambda x: -1.0) == ["kink"]
    assert verdicts(lambda x: ag.sqrt(x * x), 0.0) == ["kink"]  # NaN: no slope is told
    assert verdicts(lambda x: ag.hypot(x, 0.0), 0.0) == ["kink"]
    assert verdicts(lambda x: abs(x) ** 0.5, 0.0) == ["kink"]
    assert verdicts(lambda x: abs(x - 1e-9), 0.0) == ["right"]  # near, and not at it
    assert verdicts(lambda x: ag.softplus(1e6 * x) / 1e6, 0.0) == ["right"]  # bends, and has none


@pytest.mark.parametrize(
    ("verdict", "f", "x"),
    [
        ("WRONG", lambda x: 1e9 + x - 0.5 * x.detach(), 1.0),
        ("WRONG", lambda x: 1e30 + x - 0.5 * x.detach(), 1.0),
        ("cannot tell", lambda x: 1e40 + x - 0.5 * x.detach(), 1.0),
        ("cannot tell", lambda x: 1e30 + x, 1.0),
        ("right", lambda x: 1e9 + x - 1e9, 1.0),
        ("WRONG", lambda x: x.detach(), 3.0),
        ("WRONG", lambda x: x - x.detach(), 3.0),
        ("right", lambda x: 0.0 * x + 7.0, 3.0),
        ("right", lambda x: ag.relu(x) * x, -3.0),
        ("right", ag.cos, 0.0),
        ("right", lambda x: ag.sin(1e6 * x), 1.0),
        ("cannot tell", lambda x: ag.sin(1e14 * x), 1.0),
        ("cannot tell", lambda x: ag.sin(1e20 * x), 1.0),
        ("right", lambda x: ag.sin(1e30 * x), 0.0),
        ("right", lambda x: 1 / x, 1e-12),
        ("cannot tell", lambda x: 1 / x, 1e-300),
        ("right", ag.log, 1e-300),
        ("cannot tell", ag.log, 5e-324),
        ("right", lambda x: x**1.5, 0.0),
        ("right", ag.sqrt, 0.0),
        ("WRONG", lambda x: off_by(-1.0)(ag.sqrt(x + 1e-30)), 0.0),
        ("right", ag.cbrt, 0.0),
        ("right", ag.acos, 1.0),
        ("cannot tell", lambda x: ag.exp(-x), 744.0),
        ("cannot tell", lambda x: x * math.nan, 1.0),
    ],
)
def test_what_a_check_can_tell(verdict, f, x):
    assert verdicts(f, x) == [verdict]


def test_quotients_of_a_straight_line_are_exact_on_all_sides():
    draw = random.Random(0)
    for _ in range(200):
        x, step = draw.uniform(-1, 1) * 10 ** draw.uniform(-9, 9), 2.0 ** draw.randint(-20, 20)
        if x - step < x < x + step:
            assert differences.quotients(lambda t: -4.0 * t, x, step)[:3] == (-4.0,) * 3


@pytest.mark.parametrize(
    ("f", "slope"),
    [
        (np.sin, np.cos),
        (np.exp, np.exp),
        (lambda x: x * x + x, lambda x: 2.0 * x + 1.0),
        (lambda x: x + np.float32(1e4), lambda x: 1.0),
        (lambda x: np.sin(x) * np.exp(x) + 3, lambda x: np.exp(x) * (np.sin(x) + np.cos(x))),
    ],
)
def test_a_function_of_single_precision_is_not_called_wrong(f, slope):
    """What it resolves is seen in its values: shorter steps than that go nowhere."""

    def single(x):
        return float(f(np.float32(x)))

    for x in (-1.7, -0.6, 0.3, 1.1, 1.9):
        right, off = ((lambda t, k=k: k * float(slope(t))) for k in (1.0, 1.1))
        assert verdicts(single, x, gradient=right)[0] in ("right", "cannot tell"), x
        assert verdicts(single, x, gradient=off) == ["WRONG"], x


def test_what_has_no_quotient_is_said():
    for call, said in (
        (lambda: differences.quotients(abs, 1.0, 1e-17),
         "The step must move 1.0 by a positive amount; got 1e-17."),
        (lambda: differences.settled(math.log, 0.0),
         "There is no difference quotient at 0.0: f is not defined on both sides of it, or no "
         "step shows its slope."),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=r"quotient|step") as caught:
            call()
        assert str(caught.value) == said


def test_gradients_written_by_hand():
    def f(p, k=1.0):
        return k * p["w"][0] * math.sin(p["w"][1]) + p["b"] ** 2

    def by_hand(p, k=1.0):
        (a, b) = p["w"]
        return {"w": [k * math.sin(b), k * a * math.cos(b)], "b": 2 * p["b"]}

    p = {"w": [2.0, 3.0], "b": 0.5}
    report = check_gradients(f, p, gradient=by_hand, k=3.0)
    assert [line.name for line in report] == ['p["w"][0]', 'p["w"][1]', 'p["b"]']
    assert [line.verdict for line in report] == ["right"] * 3
    wrong = lambda p: {**by_hand(p), "b": 2.001 * p["b"]}
    assert verdicts(f, p, gradient=wrong) == ["right", "right", "WRONG"]
    assert verdicts(lambda x, y: x * y, 2.0, 3.0, gradient=lambda x, y: (y, x)) == ["right"] * 2
    assert verdicts(ag.tanh, 0.5, gradient=lambda x: 1 - math.tanh(x) ** 2) == ["right"]
    matrix = np.array([[2.0, 1.0], [0.0, 3.0]])
    norm = lambda x: np.linalg.norm(np.linalg.solve(matrix, x)) ** 2  # of no Values
    slope_of = lambda x: 2 * np.linalg.solve(matrix.T, np.linalg.solve(matrix, x))
    x = np.array([1.0, 2.0])
    assert verdicts(norm, x, gradient=slope_of) == ["right"] * 2
    assert verdicts(norm, x, gradient=lambda x: 1.001 * slope_of(x)) == ["WRONG"] * 2
    assert verdicts(math.floor, 3.0, gradient=lambda x: 0.0) == ["jump"]
    assert verdicts(math.floor, 3.2, gradient=lambda x: 0.0) == ["right"]
    offset = lambda x: float(1e11 + float(x) - 1e11)  # rounds where nobody looks
    assert verdicts(offset, 1.0, gradient=lambda x: 1.0) == ["right"]
    assert verdicts(offset, 1.0, gradient=lambda x: 1.1) == ["WRONG"]
    with pytest.raises(
        TypeError, match=r"gradient= is a function, to be called as f is; got a list"
    ):
        check_gradients(norm, x, gradient=[1.0, 2.0])
    with pytest.raises(ValueError, match=r"gradient of argument 0 has its shape, a vector of 2"):
        check_gradients(norm, x, gradient=lambda x: 1.0)


@pytest.mark.parametrize("kind", [np.float16, np.float32])
def test_a_right_slope_of_a_function_in_few_digits_is_never_wrong(kind):
    for f, slope in (
        (np.sin, math.cos), (np.exp, math.exp), (np.square, lambda x: 2.0 * x),
        (np.reciprocal, lambda x: -1.0 / x**2),
    ):  # fmt: skip
        for x in (-2.9, -1.3, 0.2, 1.7, 2.99):
            rounded = lambda x, f=f: f(kind(x))
            assert set(verdicts(rounded, x, gradient=slope)) <= {"right", "cannot tell"}
            assert verdicts(math.floor, 10.0 * x + 0.3, gradient=lambda x: 0.0) == ["right"]


def test_no_false_alarms_and_no_missed_ones():
    for seed in range(20):
        f, x = random_program(seed)
        assert check_gradients(f, x).passed
        wrong = Unary("w", "w", lambda t: t, lambda z, t: (1.001,)).record
        with pytest.raises(AssertionError, match="WRONG"):
            check_gradients(lambda x, f=f, wrong=wrong: wrong(f(x) + x[0]), x)


def test_arguments_by_name_are_handed_on():
    def f(x, k=2.0, *, shift=0.0):
        return k * x**2 + shift * x

    assert grad(f)(3.0, k=5.0) == 30.0
    assert value_and_grad(f)(3.0, shift=1.0) == (21.0, 13.0)
    assert jacobian(f)(3.0, k=5.0) == 30.0
    assert hessian(f)(3.0, k=5.0) == 10.0
    assert hvp(f)(3.0, 1.0, k=5.0) == 10.0
    assert vjp(f, 3.0, k=5.0)[1](1.0) == (30.0,)
    assert jvp(f, (3.0,), (1.0,), k=5.0) == (45.0, 30.0)


def test_numpys_integers_name_arguments_and_arrays_without_axes_are_numbers():
    assert grad(lambda x, y: 2 * x + 3 * y, argnums=np.array([0, 1])[1])(2.0, 2.0) == 3.0
    assert grad(lambda x, y: 2 * x + 3 * y, argnums=(np.int64(1), 0))(2.0, 2.0) == (3.0, 2.0)
    assert grad(lambda x: x * x)(np.array(3.0)) == 6.0
    assert grad(lambda x, y: x * y)(3.0, np.array(2.0)) == 2.0


def test_nothing_passes_a_shut_edge_in_second_derivatives_either():
    """Of what is not chosen the slopes may bend without limit, from above and from below."""
    for f, x in [
        (lambda x: ops.relu(x) ** 1.5, -1.0),
        (lambda x: derived.clip(ops.cbrt(x), 0.5, 2.0), -math.inf),
        (lambda x: ops.relu(1.0 - (1.0 + x**1.5)), 0.0),
    ]:
        leaf = Value(x)
        (slope,) = gradient(f(leaf), [leaf])
        assert gradient(slope, [leaf])[0].data == 0.0
        assert hessian(f)(x) == hvp(f)(x, 1.0) == grad(grad(f))(x) == 0.0
    zero = Value(0.0)
    x = Value(0.0)
    (slope,) = gradient(zero * x**1.5, [x])
    assert math.isnan(gradient(slope, [x])[0].data)  # a zero that arithmetic made
    assert math.isnan(hessian(lambda v: v[1] * v[0] ** 1.5)([0.0, 0.0])[0, 0])


def test_beside_what_is_not_chosen_a_nan_does_not_matter():
    """elu chooses by where, and minimum stands below the arm that is not chosen."""
    f = derived.elu
    x = Value(math.nan)
    (slope,) = gradient(f(x), [x])
    assert gradient(slope, [x])[0].data == hessian(f)(math.nan) == grad(grad(f))(math.nan) == 0.0
