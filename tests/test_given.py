"""Nodes made by hand, with numbers or functions for their local derivatives."""

import copy
import math
import pickle

import numpy as np
import pytest

from autograd_lite import (
    Parameter,
    Value,
    compile,
    draw,
    expand,
    explain,
    fit,
    gradient,
    hessian,
    jvp,
    nn,
    step_through,
    steps,
    topological_order,
)
from autograd_lite.engine.steep import steep
from autograd_lite.optim import SGD
from autograd_lite.stepping.script import function_of


def by_numbers(x, y):
    return Value(x.data * y.data, (x, y), (y.data, x.data))


def by_step(x, y):
    out = Value(x.data * y.data, (x, y), "*")

    def _backward():
        x.grad += y.data * out.grad
        y.grad += x.data * out.grad

    out._backward = _backward
    return out


def overridden(x, y):
    """The product of the table, whose step is another function."""
    out = x * y

    def _backward():
        x.grad += y.data * out.grad
        y.grad += x.data * out.grad

    out._backward = _backward
    return out


@pytest.fixture(params=[by_numbers, by_step, overridden], ids=lambda f: f.__name__)
def mul(request):
    return request.param


def f(mul, a, b):
    """A graph in which nodes made by hand lie above and below others, and share operands."""
    p = mul(a, b)
    return mul(p, p) + (mul(p.tanh(), a) * b).exp()


A, B = 0.7, -1.3


def slopes(y, *leaves):
    y.backward()
    return [x.grad for x in leaves]


def right():
    a, b = Value(A), Value(B)
    return slopes(f(lambda x, y: x * y, a, b), a, b)


def test_backward_adds_the_same_slopes_each_time(mul):
    a, b = Value(A), Value(B)
    y = f(mul, a, b)
    assert slopes(y, a, b) == pytest.approx(right(), rel=1e-14)
    once = [a.grad, b.grad]
    assert slopes(y, a, b) == [2 * grad for grad in once]


def test_first_derivatives_in_every_mode(mul):
    a, b = Value(A), Value(B)
    y = f(mul, a, b)
    assert [x.data for x in gradient(y, [a, b])] == pytest.approx(right(), rel=1e-14)
    assert (a.grad, b.grad) == (0.0, 0.0)  # to try a function leaves no trace


def test_a_derivative_of_numbers_is_refused_and_no_zero(mul):
    a, b = Value(A), Value(B)
    first, _ = gradient(f(mul, a, b), [a, b])
    for second in (lambda: gradient(first, [a]), first.backward):
        with pytest.raises(NotImplementedError, match=r"@autograd_lite\.primitive"):
            second()
    assert (a.grad, b.grad) == (0.0, 0.0)
    with pytest.raises(NotImplementedError, match=r"@autograd_lite\.primitive"):
        hessian(lambda x: Value(3.0, (x,), (2.0,)) ** 2)(1.5)


def test_jvp_and_hessian_of_what_lies_apart(mul):
    assert jvp(lambda x: Value(3.0, (x,), (2.0,)) ** 2, (1.5,), (1.0,)) == (9.0, 12.0)
    a, b = Value(A), Value(B)
    (first,) = gradient(mul(a, a) + b**3, [b])
    assert gradient(first, [b])[0].data == pytest.approx(6 * B)


def test_copies_and_pickles_hold_numbers(mul):
    y = f(mul, Value(A), Value(B))
    for again in (copy.deepcopy, lambda y: pickle.loads(pickle.dumps(y))):
        twin = again(y)
        leaves = [x for x in topological_order(twin) if x.op is None]
        assert slopes(twin, *leaves) == pytest.approx(right(), rel=1e-14)
    node = mul(Value(A), Value(B))
    alone = copy.copy(node)
    assert (alone.parents, alone.partials) == (node.parents, (B, A))
    assert expand(node) is node


def test_it_is_told(mul):
    a, b = Value(2.0, label="a"), Value(3.0, label="b")
    m = mul(mul(a, b), a)
    m.label = "m"
    name, numbers = ("f(a, b)", "f(2, 3)") if mul is by_numbers else ("a·b", "2 × 3")
    assert next(step.math for step in steps(m)) == f"{name} = {numbers} = 6"
    assert "dm/da = 12, the sum over 2 paths:" in str(explain(m, a))
    assert name in draw(m).to_dot()
    assert "abs(a[0] - 6)".replace("abs", "Math.abs") in step_through(m).to_html()


def test_its_symbol_is_shown_as_it_was_written():
    a = Value(2.0)
    clipped = Value(1.0, (a,), "clip")
    clipped._backward = lambda: None
    dot = draw(clipped).to_dot()
    assert "label=clip" in dot
    assert 'tooltip="made by hand"' in dot


def test_a_program_says_why_not(mul):
    a, b = Parameter(A), Parameter(B)
    with pytest.raises(NotImplementedError, match=r"made by hand.*primitive.*form="):
        compile(mul(a, b) + a)
    with pytest.raises(NotImplementedError, match="made by hand"):
        compile(lambda x: Value(1.0, (x,), (1.0,)), inputs=[np.ones(3)], batch="each")


def test_a_compiled_training_says_why_not():
    model = nn.MLP(1, [1])

    def loss(predictions, targets):
        pairs = list(zip(predictions, targets, strict=True))
        slopes = [2.0 * (p.data - t) for p, t in pairs]
        return Value(sum((p.data - t) ** 2 for p, t in pairs), predictions, slopes)

    optimiser = SGD(model.parameters(), 0.01)
    history = fit(model, [[1.0], [2.0]], [1.0, 2.0], loss=loss, optimiser=optimiser, epochs=2)
    assert history.loss[1] < history.loss[0]
    with pytest.raises(NotImplementedError, match="made by hand"):
        fit(model, [[1.0]], [1.0], loss=loss, optimiser=optimiser, epochs=2, compiled=True)


def test_a_page_of_many_operands_is_no_book():
    xs = [Value(float(i)) for i in range(1500)]
    wide = Value(3.0, xs, [1.0] * 1500)
    source = function_of(wide.op, (1500,))
    assert len(source) < 150 * 1500


def test_other_numbers_are_refused():
    a, b = Value(A), Value(B)
    y = by_numbers(a, b).exp()
    a.data = 2.0
    with pytest.raises(NotImplementedError, match=r"\(0\.7, -1\.3\); they are \(2\.0, -1\.3\) now"):
        gradient(y, [a])


def test_a_long_chain():
    x = y = Value(1.0)
    for _ in range(20_000):
        y = by_step(Value(y.data, (y,), (1.0,)), x) if _ % 100 == 0 else Value(y.data, (y,), (1.0,))
    assert slopes(y, x) == [201.0]
    twin = pickle.loads(pickle.dumps(copy.deepcopy(y)))
    assert topological_order(twin)[0].data == 1.0


# --- what comes in --------------------------------------------------------------------------------


def test_the_spellings_of_micrograd_and_microgpt():
    a, b = Value(2.0), Value(3.0)
    assert (
        Value(2.0, "a").label == Value(2.0, label="a").label == Value(2.0, (), "", "a").label == "a"
    )
    leaf = Value(2.0, (), "+")
    assert (leaf.op, leaf._prev, leaf._children, leaf._local_grads, leaf._op) == (
        None,
        (),
        (),
        (),
        "",
    )
    node = Value(5.0, (a, b), (1, 1))
    assert (node._children, node._local_grads, node._op) == ((a, b), (1.0, 1.0), "")
    node = Value(5.0, _children=(a, b), _op="+")
    assert (node._prev, node._op, node.label) == ((a, b), "+", "")
    assert Value(5.0, children=[a, b], local_grads=[1, 1], label="s").label == "s"
    assert Value(5.0, (a, b), np.array([1.0, 1.0])).partials == (1.0, 1.0)
    assert Value(5.0, {a, b}, "+").parents in ((a, b), (b, a))
    powers = [a**3, a**-1, a**0.5, a**b, a - b, a / b, -a, a.relu(), a.tanh(), a.exp()]
    assert [x._op for x in powers] == [
        "**3", "**-1", "**0.5", "**", "-", "/", "-", "ReLU", "tanh", "exp",
    ]  # fmt: skip


x = Value(2.0)


@pytest.mark.parametrize(
    ("arguments", "kind", "said"),
    [
        ((8.0, x), TypeError, r"write \(x,\)"),
        ((8.0, 3.0), TypeError, r"its label or a tuple of its parents; got 3\.0"),
        ((8.0, (x, 2.0)), TypeError, r"are Values; got 2\.0 among them"),
        ((8.0, (x,), (1.0, 2.0)), ValueError, "got 1 children and 2 local derivatives"),
        ((8.0, (), (1.0,)), ValueError, "got 0 children and 1 local derivatives"),
        ((8.0, (x,), (x,)), TypeError, "value.data"),
        ((8.0, (x,), 1.0), TypeError, r"a tuple of local derivatives.*got 1\.0"),
        ((8.0, None, (1.0,)), ValueError, "got 0 children"),
        ((8.0, (x,), (math.nan,)), ValueError, r"local derivative is NaN, .*: \(nan\) at \(2\.0\)"),
        ((math.inf, (x,), (1.0,)), ValueError, r"inf, though its parents are finite: \(2\.0\)"),
        ((8.0, {x}, (1.0,)), TypeError, r"a set, which has no order"),
    ],
)
def test_what_makes_no_node(arguments, kind, said):
    with pytest.raises(kind, match=said):
        Value(*arguments)


def test_infinities_flow_as_data():
    x = Value(math.inf)
    assert math.isnan(Value(math.nan, (x,), (math.nan,)).partials[0])
    zero = Value(0.0)
    root = Value(0.0, (zero,), (math.inf,))
    assert slopes(root * 2.0, zero) == [math.inf]


def test_what_is_not_chosen_shuts_its_edge_above_a_step_too(mul):
    a, b = Value(-1.0), Value(3.0)
    y = mul(b, a.relu().sqrt()) + mul(b, b)  # whose slope is 0 times infinity times b
    assert slopes(y, a, b) == [0.0, 6.0]


def test_without_slopes_there_is_no_derivative_and_nothing_is_half_done(monkeypatch):
    monkeypatch.setattr(steep, "made", False)
    a = Value(2.0, label="a")
    b = Value(0.0)
    y = (Value(8.0, (a, b)) + a) * a
    for use in (
        y.backward,
        lambda: gradient(y, [a]),
        lambda: draw(y),
        lambda: y.parents[0].parents[0].partials,
    ):
        with pytest.raises(ValueError, match=r"out\._backward = "):
            use()
    assert (a.grad, b.grad) == (0.0, 0.0)
    with pytest.raises(TypeError, match="A leaf has no parents"):
        a._backward = lambda: None
    with pytest.raises(TypeError, match="a function of nothing"):
        y._backward = 3.0


def test_a_function_that_is_no_chain_rule_serves_backward_alone():
    """Such as one that clips the gradient, and one that sets it where it should add."""
    a = Value(2.0)
    out = Value(2.0, (a,), "clip")

    def _backward():
        a.grad += max(-0.5, min(0.5, out.grad))

    out._backward = _backward
    assert slopes(Value(6.0, (out,), (3.0,)), a) == [0.5]
    with pytest.raises(
        ValueError,
        match=r"of Value\(data=2\.0, grad=3\.0\) passes 0\.5 on .* 1, and -0\.5 for one of -3",
    ):
        gradient(out, [a])
    assert a.grad == 0.5

    out._backward = lambda: setattr(a, "grad", out.grad)
    assert slopes(out + out, a) == [2.0]
    assert slopes(out * 1.0, a) == [1.0]


class Measured(Value):
    def __init__(self, data, children=(), _op="", unit="m"):
        super().__init__(data, children, _op)
        self.unit = unit

    def __add__(self, other):
        out = Measured(self.data + other.data, (self, other), "+", unit=self.unit)

        def _backward():
            self.grad += out.grad
            other.grad += out.grad

        out._backward = _backward
        return out


def test_a_subclass_keeps_what_is_its_own():
    a, b = Measured(2.0, unit="km"), Measured(3.0)
    y = a + b
    z = y * y
    assert slopes(z, a, b) == [10.0, 10.0]
    for again in (copy.copy, copy.deepcopy, lambda y: pickle.loads(pickle.dumps(y))):
        twin = again(y)
        assert (type(twin), twin.unit, twin.parents[0].unit) == (Measured, "km", "km")


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 1001])
def test_the_form_of_a_node_made_by_hand_knows_one_point(count):
    xs = [Value(float(k)) for k in range(count)]
    form = Value(5.0, xs, "f").op.form
    names = {"abs": abs, "nan": math.nan, "where": lambda c, x, y: x if c else y}
    at = [x.data for x in xs]
    assert eval(form, names | {"xs": at}) == 5.0
    for k in {0, count // 2, count - 1}:
        moved = [*at[:k], at[k] - 1e-9, *at[k + 1 :]]
        assert math.isnan(eval(form, names | {"xs": moved}))


@pytest.mark.parametrize(("bend", "straight"), [(0.9e-9, True), (1.1e-9, False), (-1e-6, False)])
def test_a_step_is_straight_to_nine_digits(bend, straight):
    x = Value(2.0)
    out = Value(6.0, (x,), "f")

    def step():
        x.grad += 3.0 * out.grad * (1.0 + (bend if out.grad < 0.0 else 0.0))

    out._backward = step
    if straight:
        assert out.partials == (3.0,)
    else:
        with pytest.raises(ValueError, match="no local derivative times the grad"):
            _ = out.partials
    assert (x.grad, out.grad) == (0.0, 0.0)
