"""Walks, the derivative as a graph, and graphs written out."""

import math
from itertools import product

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from autograd_lite import (
    Constant,
    Parameter,
    Value,
    derived,
    expand,
    gradient,
    ops,
    topological_order,
)
from autograd_lite.engine.groups import as_tuple, mapped
from autograd_lite.engine.kinds import Binary
from autograd_lite.engine.primitive import TABLE
from autograd_lite.engine.steep import has_steep_places

# --- topological_order ----------------------------------------------------------------------------


def test_parents_come_first_and_each_node_once():
    x, y = Value(2.0), Value(3.0)
    shared = x * y
    top = ops.sum([shared, shared, x]) + shared
    order = topological_order(top)
    assert len(order) == len(set(order)) == 5
    place = {node: i for i, node in enumerate(order)}
    assert all(place[parent] < place[node] for node in order for parent in node.parents)
    assert order == topological_order(top)


def test_several_outputs_share_one_walk():
    x = Value(2.0)
    a, b = x.exp(), x.sin()
    assert topological_order(a, b, a) == [x, a, b]
    assert topological_order() == []


def test_a_walk_leaves_no_mark_that_hides_a_node_from_the_next():
    x = Value(2.0)
    y = x * x
    assert topological_order(y) == topological_order(y) == [x, y]
    assert topological_order(x) == [x]


# --- gradient -------------------------------------------------------------------------------------


def slope(y, x):
    return gradient(y, [x])[0]


def test_diamonds_and_repeated_operands():
    x, y = Value(2.0), Value(-3.0)
    a = x * y
    z = a * a + ops.prod([a, a, x]) + ops.dot([a, x], [a, a], a)
    # z = 2x²y² + x³y² + x²y + xy
    assert [d.data for d in gradient(z, [x, y])] == [
        4 * 2 * 9 + 3 * 4 * 9 + 2 * 2 * -3 - 3,
        4 * 4 * -3 + 2 * 8 * -3 + 4 + 2,
    ]


def test_unused_inputs_inner_nodes_and_the_output_itself():
    x, unused = Value(2.0), Value(5.0)
    inner = x * x
    y = inner.exp()
    of_unused, of_inner, of_y, of_x, again = gradient(y, [unused, inner, y, x, x])
    assert (of_unused.data, of_y.data) == (0.0, 1.0)
    assert of_inner.data == y.data
    assert of_x.data == again.data == 4.0 * y.data


def test_a_leaf_is_its_own_derivative():
    x = Value(2.0)
    assert slope(x, x).data == 1.0
    assert slope(x, Value(2.0)).data == 0.0


def test_the_leaves_come_in_any_iterable():
    x, w = Value(3.0), Value(4.0)
    for xs in [(x, w), iter([x, w]), {x: "x", w: "w"}]:
        assert [d.data for d in gradient(x * w, xs)] == [4.0, 3.0]


def test_grads_stay_as_they_are():
    x = Value(2.0)
    y = x.exp() * x
    x.grad = y.grad = 7.0
    slope(slope(y, x), x)
    assert (x.grad, y.grad) == (7.0, 7.0)


def test_any_order():
    x = Value(0.7)
    y = x.sin()
    for expected in (math.cos, lambda t: -math.sin(t), lambda t: -math.cos(t), math.sin):
        y = slope(y, x)
        assert y.data == pytest.approx(expected(0.7), rel=1e-15)
    x = Value(-1.5)
    y = x**5
    for n, factor in ((4, 5), (3, 20), (2, 60), (1, 120), (0, 120)):
        y = slope(y, x)
        assert y.data == factor * (-1.5) ** n
    assert slope(y, x).data == 0.0


def test_eighth_derivative_of_tanh():
    """T' = 1 − T² by hand, as polynomials in T."""
    polynomial = [0.0, 1.0]
    for _ in range(8):
        derived = [k * c for k, c in enumerate(polynomial)][1:]
        polynomial = [
            (derived[k] if k < len(derived) else 0.0) - (derived[k - 2] if k >= 2 else 0.0)
            for k in range(len(derived) + 2)
        ]
    x = Value(0.3)
    y = x.tanh()
    for _ in range(8):
        y = slope(y, x)
    expected = sum(c * math.tanh(0.3) ** k for k, c in enumerate(polynomial))
    assert y.data == pytest.approx(expected, rel=1e-12)


def test_the_derivative_of_backward_through_a_derivative():
    x = Value(2.0)
    d = slope(x**3, x)
    d.backward()
    assert x.grad == 12.0


def test_a_factor_of_zero_times_an_infinite_slope_is_not_a_number():
    x = Value(0.0)
    for y in [0.0 * x.sqrt(), 2.0 * (0.0 * x.sqrt()), x * 0.0 + x.sqrt() * 0.0]:
        assert math.isnan(gradient(y, [x])[0].data)  # as backward() has it


def test_sums_over_paths_are_dot_nodes():
    """The compiler makes matrix products of them."""
    x = Value(2.0)
    d = slope(ops.dot([Value(3.0), Value(4.0)], [x.exp(), x.exp()]), x)
    assert d.op is ops.dot


def test_a_derivative_is_as_short_as_on_paper():
    """No factor of 1, no sum of one term, no product with −1: each would be a node for nothing."""
    x, w = Value(2.0, label="x"), Value(3.0, label="w")

    def written(y):
        return [node._op or node.label or node.data for node in topological_order(slope(y, x))]

    assert slope(x * w, x) is w
    assert slope(x, x).data == slope(x + w, x).data == 1.0
    for y, on_paper in [
        (w * x + w, ["w"]),
        (-(x * w), [1.0, "-", "w", "*"]),
        (w - x.exp(), [1.0, "-", "x", "exp", "*"]),
        (x.sin(), ["x", "cos"]),
        (x + x, [1.0, "sum"]),
        (x.sin() + x * w, [1.0, "w", "x", "cos", "dot"]),
        (ops.prod([x, w, w]), ["w", "*"]),
    ]:
        assert written(y) == on_paper
    adjoint, partial = slope(x.exp() + x.exp().sin(), x).parents[:2]
    assert (adjoint._op, partial.data) == ("cos", 1.0)  # weights are the adjoints


def test_a_deep_graph():
    x = Value(1.0)
    y = x
    for _ in range(20_000):
        y = y * x
    assert slope(y, x).data == 20_001.0


def test_a_leaf_that_changed_is_an_error_only_where_it_matters():
    x, w = Value(2.0), Value(3.0)
    y = x * w + w.exp()
    x.data = 5.0
    with pytest.raises(ValueError, match=r"changed its data.*\(2\.0 then, 5\.0 now"):
        gradient(y, [w])


@pytest.mark.parametrize(
    ("y", "xs", "message"),
    [
        (Value(1.0), Value(1.0), r"write gradient\(y, \[x\]\)"),
        (3.0, [Value(1.0)], r"takes Values; got 3\.0"),
        (Value(1.0), [Value(1.0), "x"], "takes Values; got 'x'"),
    ],
)
def test_wrong_input(y, xs, message):
    with pytest.raises(TypeError, match=message):
        gradient(y, xs)


# --- expand ---------------------------------------------------------------------------------------


def test_expand_writes_sums_and_products_out():
    ws = [Parameter(w) for w in (0.5, -1.0)]
    xs = [Value(2.0), Value(3.0)]
    bias = Parameter(0.25)
    y = ops.dot(ws, xs, bias).tanh() * ops.sum(xs) + ops.mean(xs) * ops.prod(xs)
    y.label = "loss"
    y.backward()
    leaves = [*ws, *xs, bias]
    grads = [leaf.grad for leaf in leaves]
    plain = expand(y)
    names = {node.op.name for node in topological_order(plain) if node.op}
    assert names == {"mul", "add", "tanh", "div"}
    assert (plain.data, plain.grad, plain.label) == (y.data, 1.0, "loss")
    assert set(leaves) < set(topological_order(plain))
    inner = {node: node.grad for node in topological_order(plain) if node.op}
    for leaf in leaves:
        leaf.grad = 0.0
    plain.backward()
    assert [leaf.grad for leaf in leaves] == pytest.approx(grads, rel=1e-15)
    assert all(node.grad == pytest.approx(grad, rel=1e-15) for node, grad in inner.items())


def every_operation_of_many(n):
    """Operations on 1 to n operands, all Values or some bare numbers or one Value twice."""
    for size in range(1, n + 1):
        xs = [Value(0.5 + 0.75 * k) for k in range(size)]
        ws = [Parameter(1.5 - k) for k in range(size)]
        for last in (xs[-1], xs[0], 3.0, Value(0.0)):
            group = [*xs[:-1], last]
            if not all(isinstance(x, float) for x in group):
                yield from ((op(group), op.name) for op in (ops.sum, ops.mean, ops.prod))
            yield ops.dot(ws, group), "dot"
            yield ops.dot(ws, group, Value(0.25)), "dot with a bias"
    yield ops.dot([], [], Value(0.25)), "a bias alone"


def test_gradients_of_what_is_written_out_are_those_of_its_own_backward():
    for node, name in every_operation_of_many(6):
        y = 2.0 * node
        y.zero_grad()
        y.backward(1.5)
        plain = expand(y)
        order = topological_order(plain)
        stored = [x.grad for x in order]
        assert not {x.op for x in order} & {ops.dot, ops.sum, ops.mean, ops.prod}
        for x in order:
            x.grad = 0.0
        plain.backward(1.5)
        assert [x.grad for x in order] == pytest.approx(stored, rel=4e-16, abs=0.0), name
        inner = [x.grad for x in order if x.op]
        assert inner == [g for x, g in zip(order, stored, strict=True) if x.op], name  # to the bit
        assert plain.data == pytest.approx(y.data, rel=1e-15)


def written_out_in_another_order():
    """Graphs that have an answer, though one of their written-out parts has not."""
    tenths = [Value(0.1), Value(0.2), Value(0.3)]
    total = ops.sum(tenths)  # 0.6, and 0.6000000000000001 step by step
    yield ops.sqrt(0.6 - total), 0.0
    yield Value(total.data**2, (total,), (2.0 * total.data,)), 0.36
    yield ops.sum([Value(1e308), Value(1e308), Value(-1e308)]), 1e308
    yield ops.mean([Value(1e308), Value(1e308)]), 1e308
    yield ops.sum([ops.mean([Value(1.5e308), Value(1.5e308)]), Value(-1e308)]), 5e307


def test_what_is_written_out_exists_wherever_its_argument_does():
    for y, number in written_out_in_another_order():
        leaves = [x for x in topological_order(y) if x.op is None]
        y.zero_grad()
        y.backward()
        slopes = [x.grad for x in leaves]
        plain = expand(y)
        assert (plain.data, plain.grad) == (y.data, 1.0)
        assert y.data == pytest.approx(number, rel=1e-15)
        for x in leaves:
            x.grad = 0.0
        plain.backward()
        assert [x.grad for x in leaves] == slopes


def test_a_node_without_local_derivatives_is_written_out_too():
    total = ops.sum([Value(0.1), Value(0.2), Value(0.3)])
    plain = expand(Value(2.0, (total,), "f"))
    assert (plain.data, plain._op) == (2.0, "f")
    assert plain.parents[0].data == 0.1 + 0.2 + 0.3
    with pytest.raises(ValueError, match="nobody has said its local derivatives"):
        plain.backward()


def test_expand_leaves_alone_what_has_nothing_to_write_out():
    x = Value(2.0)
    y = (x * x).exp()
    assert expand(y) is y
    assert expand(x) is x


# --- identities -----------------------------------------------------------------------------------

ordinary = st.floats(-5.0, 5.0)
several = st.lists(ordinary, min_size=1, max_size=6)

#: The same examples in every run, however busy the machine is.
repeatably = settings(derandomize=True, deadline=None)


def close(a, b, scale=1.0):
    assert a == pytest.approx(b, rel=1e-13, abs=1e-13 * scale)


@repeatably
@given(ordinary, ordinary, ordinary)
def test_the_derivative_is_linear(x, a, b):
    v = Value(x)
    f, g = v.sin(), v.exp()
    left = slope(a * f + b * g, v).data
    close(left, a * slope(f, v).data + b * slope(g, v).data, scale=abs(a) + abs(b) * 200)


@repeatably
@given(ordinary)
def test_product_quotient_and_chain(x):
    v = Value(x)
    f, g = v.sin(), v.square() + 1.0
    df, dg = math.cos(x), 2 * x
    close(slope(f * g, v).data, df * g.data + f.data * dg, scale=30)
    close(slope(f / g, v).data, (df * g.data - f.data * dg) / g.data**2)
    close(slope(g.log().exp(), v).data, dg, scale=10)


@repeatably
@given(st.floats(-50, 50))
def test_functions_that_are_one_another(x):
    v = Value(x)
    for f, g in [
        (v.sigmoid(), 0.5 + 0.5 * (0.5 * v).tanh()),
        (v.softplus(), ops.logaddexp(v, 0.0)),
        (v.softplus() - (-v).softplus(), v),
        (v.log_sigmoid(), -(-v).softplus()),
        (v.relu(), ops.maximum(v, 0.0) if x else v.relu()),
        (abs(v), ops.maximum(v, -v) if x else abs(v)),
        (v.silu(), v * v.sigmoid()),
        (v.gelu(), v * v.ndtr()),
        (v.ndtr(), 0.5 * (-v / math.sqrt(2.0)).erfc()),
        (v.sech(), 1.0 / v.cosh()),
        (v.sin().square() + v.cos().square(), v * 0.0 + 1.0),
    ]:
        close(f.data, g.data, scale=50)
        close(slope(f, v).data, slope(g, v).data, scale=50)
        close(slope(slope(f, v), v).data, slope(slope(g, v), v).data, scale=50)


@repeatably
@given(ordinary, ordinary)
def test_euler_on_homogeneous_functions(x, y):
    """x·∂f/∂x + y·∂f/∂y is f for hypot, 0 for atan2."""
    assume(math.hypot(x, y) > 1e-6)
    a, b = Value(x), Value(y)
    for f, degree in ((a.hypot(b), 1.0), (a.atan2(b), 0.0)):
        fa, fb = gradient(f, [a, b])
        close(x * fa.data + y * fb.data, degree * f.data, scale=5)


@repeatably
@given(several, st.floats(-1000, 1000))
def test_softmax_is_a_distribution_and_shifts_do_not_matter(xs, shift):
    values = [Value(x) for x in xs]
    p = derived.softmax(values)
    close(sum(q.data for q in p), 1.0)
    close(sum(d.data for d in gradient(p[0], values)), 0.0)
    close(derived.softmax([x + shift for x in xs]), [q.data for q in p], scale=1e3)
    close([d.data for d in gradient(ops.logsumexp(values), values)], [q.data for q in p])
    close([q.data for q in derived.log_softmax(values)], [math.log(q.data) for q in p], scale=10)
    close(ops.logsumexp([x + shift for x in xs]), ops.logsumexp(xs) + shift, scale=1e3)


@repeatably
@given(several)
def test_many_operands_are_the_binary_ones_repeated(xs):
    values = [Value(x) for x in xs]
    total, product = values[0], values[0]
    for value in values[1:]:
        total, product = total + value, product * value
    size = max(1.0, *map(abs, xs)) ** len(xs)
    for wide, narrow in ((ops.sum(values), total), (ops.prod(values), product)):
        close(wide.data, narrow.data, size)
        ours, theirs = gradient(wide, values), gradient(narrow, values)
        close([d.data for d in ours], [d.data for d in theirs], size)
    squares = ops.dot(values, values)
    close(squares.data, sum(x * x for x in xs), 100)
    assert [d.data for d in gradient(squares, values)] == [2.0 * x for x in xs]


@repeatably
@given(several)
def test_the_hessian_is_symmetric(xs):
    values = [Value(x) for x in xs]
    y = (ops.prod(values) * 0.01).sin() + ops.logsumexp(values) + ops.dot(values, values).sqrt()
    rows = [[d.data for d in gradient(g, values)] for g in gradient(y, values)]
    assume(all(math.isfinite(d) for row in rows for d in row))
    for i, row in enumerate(rows):
        close(row, [other[i] for other in rows], scale=max(map(abs, row)) + 1.0)


def a_point(op):
    """Operands of ordinary size within the row's domain, in groups."""
    shares = (0.3, 0.45, 0.55)
    low_high = [op.domain[min(k, len(op.domain) - 1)] for k in range(3)]
    xs = [max(low, -3.0) + s * (min(high, 3.0) - max(low, -3.0))
          for s, (low, high) in zip(shares, low_high, strict=True)]  # fmt: skip
    if op.arity is None:
        return [tuple(xs)] * len(op.operands)
    return xs[: op.arity]


def to_second_order(y, xs):
    slopes = gradient(y, xs)
    return [d.data for d in slopes], [dd.data for d in slopes for dd in gradient(d, xs)]


@pytest.mark.parametrize("op", TABLE.values(), ids=lambda op: op.name)
def test_a_leaf_that_changed_by_one_ulp_is_an_error_or_changes_nothing(op):
    """Whatever gradient() answers is what a graph recorded after the change would give."""
    point = a_point(op)
    flat = [x for group in point for x in as_tuple(group)]

    def graph(xs):
        left = iter(xs)
        return op.record(*[mapped(lambda _: next(left), group) for group in point])

    for k, towards in product(range(len(flat)), (math.inf, -math.inf)):
        xs = [Value(x) for x in flat]
        y = graph(xs)
        xs[k].data = math.nextafter(flat[k], towards)
        afresh = [Value(x.data) for x in xs]
        right = to_second_order(graph(afresh), afresh)
        try:
            came = to_second_order(y, xs)
        except ValueError as error:
            came = str(error)
            assert (y.data, y.partials) != (graph(afresh).data, graph(afresh).partials)
        assert came == right or "changed its data" in came


def test_constants_have_a_role_of_their_own():
    x = Value(2.0)
    y = 3 * x
    constant = y.parents[0]
    assert type(constant) is Constant
    assert gradient(y, [x, constant])[1].data == 2.0


def test_a_changed_leaf_is_an_error_where_only_higher_derivatives_would_tell():
    x = Value(1.0)
    y = x.sin()
    x.data = -1.0  # the slope, cos x, is the same; its slope is not
    with pytest.raises(ValueError, match=r"changed its data.*\(0\.84.* then, -0\.84.* now"):
        gradient(y, [x])


@pytest.mark.parametrize(
    "choose",
    [
        ops.relu,
        ops.clip_to(0.0, 1.0),
        lambda x: ops.where(ops.step(x), x, 1e-300),
    ],
    ids=["relu", "clip", "where"],
)
def test_an_adjoint_that_has_overflowed_does_not_pass_what_is_not_chosen(choose):
    """Nor does it in ``backward()``, whose loop looks out for it where a slope is 0."""

    def steep(x):
        return (choose(x) + 1e-300) * 1e200 * 1e200

    x = Value(-1.0)
    y = steep(x)
    y.backward()
    assert x.grad == gradient(y, [x])[0].data == 0.0
    x = Value(0.5)
    y = ((x * 1e-300) ** 2.0 * 0.0 + 1e-300) * 1e200 * 1e200
    y.backward()
    assert math.isnan(x.grad)  # a zero that arithmetic made


@pytest.mark.parametrize(
    "shut",
    [
        lambda p: ops.relu(p - 1.0),
        lambda p: derived.clip(p, 3.0, 4.0),
        lambda p: ops.maximum(p, 5.0),
        lambda p: ops.where(0.0, p, 2.0),
    ],
    ids=["relu", "clip", "maximum", "where"],
)
@pytest.mark.parametrize("zero", [lambda p, q: p * q, lambda p, _: p - p, lambda p, _: p * p])
@pytest.mark.parametrize("first", [True, False])
def test_what_is_shut_on_one_way_is_open_on_another(shut, zero, first):
    """There a zero that arithmetic made meets the infinite slope of √x."""
    x, q = Value(0.0), Value(0.0)
    p = ops.sqrt(x)
    y = shut(p) + zero(p, q) if first else zero(p, q) + shut(p)
    y.backward()
    assert math.isnan(x.grad)
    assert math.isnan(slope(y, x).data)


def test_a_changed_leaf_is_an_error_where_some_slopes_bend_and_others_do_not():
    op = Binary("shifted", "", lambda x, y: x + math.sin(y), lambda z, x, y: (1.0, ops.cos(y)))
    x, y = Value(3.0), Value(1.0)
    z = op(x, y)
    y.data = -1.0
    with pytest.raises(ValueError, match="changed its data"):
        gradient(z, [x, y])


def test_a_tip_is_where_all_slopes_are_zero():
    """One that is not zero tells the direction: its graph is walked as any other."""
    x, y, zero = Value(3.0), Value(0.0), Value(0.0)
    away, tip = ops.hypot(x, y), ops.hypot(y, zero)
    assert has_steep_places([y, zero, tip])
    assert not has_steep_places([x, y, away])
