"""The walks beneath the transforms: floats are the graph's, whatever the blocks and directions."""

import math
import re
from itertools import pairwise, product

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import Constant, Value, gradient, hessian_graph, ops
from autograd_lite.engine.kinds import Binary
from autograd_lite.engine.order import topological_order
from autograd_lite.functions import hessians, sweeps, trees
from autograd_lite.functions.checking import Check, Report
from autograd_lite.functions.differences import all_exponents

GRAPHS = {
    "a square": lambda x: x[0] * x[0],
    "products": lambda x: x[0] * x[1] * x[0] / (1.5 + x[2] * x[1]),
    "bends on bends": lambda x: ops.sin(x[0] * ops.exp(0.3 * x[1])) ** 3 - ops.tanh(x[2]),
    "many at once": lambda x: ops.logsumexp([a * b for a, b in product(x, x)]) * ops.sum(x),
    "means and products": lambda x: ops.prod(x) * ops.mean([a * a for a in x]),
    "dots": lambda x: ops.dot(x, [a * x[0] for a in x], x[1]) * ops.dot([2.0] * 3, x),
    "one that is not used": lambda x: x[2] ** 3,
    "straight": lambda x: 3.0 * x[0] - x[1],
    "two of one": lambda x: ops.hypot(x[0], x[0]) * ops.atan2(x[1], x[2]) + ops.maximum(*x[:2]),
    "a constant": lambda x: Constant(2.0),
    "an input": lambda x: x[1],
    "a root at 0": lambda x: ops.sqrt(x[0] - 0.7) + x[1] * x[1],
    "a shut root": lambda x: ops.sqrt(ops.relu(-x[0])) + x[1] * x[0] * x[2],
    "a bend without end, times nought": lambda x: (
        ops.prod([(x[0] - 0.7) ** 1.5, x[1] % x[1]]) * x[2]
    ),
    "nought times infinity": lambda x: ops.sqrt(x[0] - 0.7) * 0.0 + x[1] ** 2,
}
X = [0.7, -1.3, 0.4]


@pytest.fixture(params=GRAPHS.values(), ids=GRAPHS)
def graph(request):
    xs = [Value(t) for t in X]
    return request.param(xs), xs


def numbers(rows):
    return [[entry.data for entry in row] for row in rows]


def same(ours, theirs):
    np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-13)


SIZES = [(64, 0, 1), *product([0], [0, 1, 2, 3, 100], [1, 2, 3, 256])]


@pytest.mark.parametrize(("small", "long", "together"), SIZES)
def test_a_hessian_is_the_graphs_whatever_the_sizes_of_blocks(
    graph, small, long, together, monkeypatch
):
    y, xs = graph
    monkeypatch.setattr(trees, "SMALL", small)
    monkeypatch.setattr(hessians, "LONG", long)
    monkeypatch.setattr(hessians, "TOGETHER", together)
    matrix = np.array(hessians.hessian_matrix(y, xs))
    same(matrix, numbers(hessian_graph(y, xs)))
    np.testing.assert_array_equal(matrix, matrix.T)


@pytest.mark.parametrize("v", [[1.0, 0.0, 0.0], [0.0, 0.0, -2.0], [0.5, -1.0, 3.0], [0.0] * 3])
def test_a_hessian_times_a_direction_is_its_product_at_every_leaf(graph, v):
    y, xs = graph
    found = hessians.hessian_times(y, dict(zip(xs, v, strict=True)))
    slopes = [t * dy for t, dy in zip(v, gradient(y, xs), strict=True) if t]  # where it goes
    same(
        [found.get(x, 0.0) for x in xs],
        [d.data for d in gradient(Constant(0.0) + ops.sum(slopes), xs)],
    )


def test_both_walks_give_the_gradient_of_the_graph(graph):
    y, xs = graph
    expected = [d.data for d in gradient(y, xs)]
    pulled = sweeps.pull({y: 1.0})
    same([pulled.get(x, 0.0) for x in xs], expected)
    rows = sweeps.push(topological_order(y), {x: {j: 1.0} for j, x in enumerate(xs)})
    same([rows.get(y, {}).get(j, 0.0) for j in range(3)], expected)


def test_a_row_holds_what_is_not_0():
    xs = [Value(t) for t in X]
    y = ops.dot([xs[0] * 0.0, xs[1], xs[2] * 1.0], [1.0, 0.0, 2.0])
    assert sweeps.push(topological_order(y), {xs[0]: {0: 1.0}, xs[2]: {2: 5.0}})[y] == {2: 10.0}
    apart = xs[0] * 2.0
    rows = sweeps.push(topological_order(apart), {xs[1]: {1: 1.0}})
    assert apart not in rows
    for pair in ((xs[0], 2.0), (2.0, xs[0])):  # where only one operand moves
        node = ops.mul(*pair) if isinstance(pair[0], Value) else pair[0] * pair[1]
        assert sweeps.push(topological_order(node), {xs[0]: {7: 3.0}})[node] == {7: 6.0}


def test_walks_start_from_several_nodes_and_between():
    x, y = Value(3.0), Value(4.0)
    middle = x * y
    z = middle * middle + x
    found = sweeps.pull({z: 1.0, middle: 10.0, x: 100.0})
    assert (found[middle], found[x], found[y]) == (34.0, 1.0 + 34.0 * 4.0 + 100.0, 34.0 * 3.0)
    rows = sweeps.push(topological_order(z), {middle: {0: 1.0}, x: {1: 1.0}})  # middle held
    assert rows[z] == {0: 24.0, 1: 1.0}


def test_a_bend_is_a_slope_that_changes():
    x, w = Value(3.0), Value(4.0)
    assert hessians.bends(x + 2.0 * w - ops.sum([x, w])) == []
    assert hessians.bends(0.0 * (x * x)) == []  # nothing minds
    ((slope, operand, adjoint),) = hessians.bends(5.0 * ops.exp(x))
    assert (slope, operand) == (x, x)
    assert adjoint == 5.0 * math.exp(3.0)
    pairs = [(s, o, a) for s, o, a in hessians.bends(x * w)]
    assert pairs == [(w, x, 1.0), (x, w, 1.0)]


def test_a_bend_that_is_lost_on_the_way_is_asked_of_the_graph():
    """2z³ of 1/x is 0 for z = 1e-142, and the factors behind it are as large."""

    def f(x):
        return ops.reciprocal(ops.power(100.0)(ops.log2(x[0])))

    right = 1.254430851411893e-157  # by mpmath
    assert ag.hessian(f)([1e8])[0][0] == pytest.approx(right, rel=1e-12)
    assert ag.hvp(f)([1e8], [1.0])[0] == pytest.approx(right, rel=1e-12)


@pytest.mark.parametrize("x", [0.0, 1e-200, 1e200, -1e200, 20.0, -800.0])
def test_second_derivatives_far_out_are_those_of_the_graph(x):
    for op in (
        ops.tanh,
        ops.sigmoid,
        ops.gelu,
        ops.softplus,
        ops.erf,
        ops.atan,
        ops.asinh,
        ops.cbrt,
    ):
        leaf = Value(x)
        y = op(leaf)
        expected = gradient(gradient(y, [leaf])[0], [leaf])[0].data
        for found in (
            hessians.hessian_matrix(y, [leaf])[0][0],
            hessians.hessian_times(y, {leaf: 1.0})[leaf],
            ag.hessian(op)(x),
        ):
            assert found == pytest.approx(expected, rel=1e-13, nan_ok=True)


def test_a_row_may_bend_in_one_operand_alone():
    mixed = Binary(
        "mixed", "⊛", lambda x, y: x * x + 3.0 * y, lambda z, x, y: (2.0 * x, 3.0),
        domain=((-1.0, 1.0), (-1.0, 1.0)),
    )  # fmt: skip
    x, y = Value(0.5), Value(2.0)
    z = mixed(x, y) * 5.0
    assert hessians.hessian_matrix(z, [x, y]) == [[10.0, 0.0], [0.0, 0.0]]
    assert hessians.hessian_times(z, {x: 2.0, y: 3.0})[x] == 20.0
    assert not hessians.linear(mixed)
    assert hessians.linear(ops.add)


@pytest.mark.parametrize("weight", [1.0, -1.0, 2.0, 0.0])
def test_a_pullback_takes_any_weight(weight):
    w = Value(3.0)
    for f in (lambda x: x * x * x, lambda x: w * x * x):  # without other Values, and with
        slope = float(ag.grad(f)(2.0))
        for v in (weight, Value(weight)):
            (pulled,) = ag.vjp(f, 2.0)[1](v)
            assert float(pulled) == weight * slope
    program = ag.compile(lambda v: ag.vjp(lambda x: x**3, 2.0)[1](v)[0], inputs=[1.0])
    assert program(weight) == weight * 12.0


def test_numbers_and_values_may_stand_side_by_side():
    """Among weights, directions and what a function hands out beside its value."""
    f = lambda x: ag.sin(x[0]) * x[1]
    w = 2.0
    for mixed in ([w, 3.0], [3.0, w]):

        def along(w, mixed=mixed):
            return ag.jvp(f, ([0.3, 0.7],), ([w if v == 2.0 else v for v in mixed],))[1]

        def pulled(w, mixed=mixed):
            pull = ag.vjp(lambda x: [f(x), x[0] * x[1]], [0.3, 0.7])[1]
            return pull([w if v == 2.0 else v for v in mixed])[0][0]

        for g in (along, pulled):
            assert ag.grad(g)(w) == pytest.approx(g(w + 1.0) - g(w), rel=1e-12)  # linear in w

    def beside(x):
        return x * x, np.array([x, 3.0], dtype=object)

    (_, aux), _ = ag.value_and_grad(beside, has_aux=True)(2.0)
    assert (aux.dtype, aux.tolist()) == (np.dtype(float), [2.0, 3.0])
    texts = ag.grad(lambda x: (x * x, np.array([[x], ["x"]], dtype=object)), has_aux=True)(2.0)[1]
    assert texts.tolist() == [[2.0], ["x"]]


def test_a_report_is_a_table_with_columns_in_line():
    rows = [
        Check("x", 3.0, 6.0, 6.0, 0.0, "right"),
        Check("w[12]", -1.2345678e-7, 1.0 / 3.0, 0.25, 1.0 / 12.0, "WRONG"),
    ]
    assert str(Report(rows)).splitlines() == [
        "input                               analytic                 numeric      error  verdict",
        "x = 3                                      6                       6          0  right",
        "w[12] = -1.23457e-07            0.3333333333                    0.25      0.083  WRONG",
    ]
    assert str(Report(rows[:1])).splitlines()[1] == (
        "x = 3                             6                       6          0  right"
    )


@pytest.mark.parametrize("x", [1.0, -3e5, 0.1, 1e-12, 1e-200, 1e200, 1e308, 5e-324])
def test_steps_go_from_the_last_digit_of_x_to_far_beyond_it_and_beyond_1(x):
    exponents = all_exponents(x)
    assert exponents == sorted(set(exponents), reverse=True)
    assert 2.0 ** exponents[-1] == math.ulp(x)
    own = math.frexp(x)[1]
    around_x = [e for e in exponents if e <= own + 10]
    around_1 = [e for e in exponents if e >= -54]
    for some, most in ((around_x, min(own + 10, 1023)), (around_1, min(max(own, 0) + 64, 1023))):
        assert some[0] >= most - 1
        assert all(a - b <= 2 for a, b in pairwise(some))
    assert all(a - b <= 16 for a, b in pairwise(exponents))


@pytest.mark.parametrize("frequency", [1e18, 1e22, 1e30])
@pytest.mark.parametrize("wave", [lambda u, x: ag.cos(u) * x, lambda u, x: ag.exp(ag.sin(u))])
def test_waves_that_no_step_resolves_are_not_called_wrong(wave, frequency):
    for x in (1.0, 0.3, 123.456):
        (line,) = ag.check_gradients(lambda x: wave(frequency * x, x), x)
        assert line.verdict == "cannot tell", x


def test_a_slope_of_what_moves_by_rounding_alone_is_wrong():
    @ag.primitive(lambda z, x: (0.5,))
    def flat(x: float) -> float:
        return 1.0 + 2e-16 * math.sin(x)

    for x in (1.0, 0.3):
        with pytest.raises(AssertionError, match=r"0\.5  WRONG"):
            ag.check_gradients(flat, x)


def test_a_weight_of_1_that_is_a_value_counts():
    slope = ag.grad(lambda w: ag.vjp(ag.sin, 0.5)[1](w)[0])
    assert slope(1.0) == pytest.approx(math.cos(0.5), rel=1e-15)
    nested = ag.grad(lambda x: ag.grad(ag.sin)(x) * x)  # where it is a number
    assert nested(0.5) == pytest.approx(math.cos(0.5) - 0.5 * math.sin(0.5), rel=1e-15)


@pytest.mark.parametrize(
    ("verdict", "tone"),
    [("right", "good"), ("WRONG", "bad"), ("kink", "unsure"), ("cannot tell", "unsure")],
)
def test_a_report_shows_verdicts_in_colours_and_numbers_in_columns(verdict, tone):
    html = Report([Check("x[0]", 3.0, 6.5, 0.25, 6.25, verdict)])._repr_html_()
    cells = re.findall(r"<t[hd]\b[^>]*>(.*?)</t[hd]>", html)
    head = ["input", "at", "analytic", "numeric", "error", "verdict"]
    row = ["x[0]", "3", "6.5", "0.25", "6.2", f'<b class="{tone}">{verdict}</b>']
    assert cells == head + row
