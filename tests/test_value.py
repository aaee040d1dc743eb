"""Value: the numbers of the lectures, and the decisions on behaviour."""

import copy
import gc
import pickle
import threading

import numpy as np
import pytest

from autograd_lite import Value, gradient, topological_order


def test_micrograd_readme_expression():
    a, b = Value(-4.0), Value(2.0)
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    g.backward()
    assert g.data == pytest.approx(24.70408163265306, rel=1e-15)
    assert a.grad == pytest.approx(138.83381924198252, rel=1e-15)
    assert b.grad == pytest.approx(645.5772594752186, rel=1e-15)


def test_lecture_neuron():
    x1, x2 = Value(2.0, label="x1"), Value(0.0, label="x2")
    w1, w2 = Value(-3.0, label="w1"), Value(1.0, label="w2")
    b = Value(6.8813735870195432, label="b")
    o = (x1 * w1 + x2 * w2 + b).tanh()
    o.backward()
    assert o.data == pytest.approx(0.7071067811865476, rel=1e-15)
    grads = [x1.grad, w1.grad, x2.grad, w2.grad]
    assert grads == pytest.approx([-1.5, 1.0, 0.5, 0.0], rel=1e-14)


def test_repeated_operands_and_diamonds():
    a = Value(3.0)
    (a + a).backward()
    assert a.grad == 2.0
    a = Value(1.0)
    b = a + a
    (b + b).backward()
    assert a.grad == 4.0


def test_second_backward_doubles_the_leaves_exactly():
    x = Value(3.0)
    y = x**3
    y.backward()
    assert x.grad == 27.0
    y.backward()
    assert (x.grad, y.grad) == (54.0, 1.0)


def test_backward_differentiates_the_recorded_point():
    x = Value(3.0)
    y = x * x
    x.data = 100.0
    y.backward()
    assert x.grad == 6.0
    with pytest.raises(ValueError, match="changed its data"):
        gradient(y, [x])


def test_a_zero_adjoint_contributes_nothing_through_an_infinite_slope():
    x = Value(0.0)
    (0.0 * x.sqrt()).backward()
    assert x.grad == 0.0


@pytest.mark.parametrize(
    ("reflected", "expected"),
    [
        (lambda x: 2 + x, 5.0),
        (lambda x: 2 - x, -1.0),
        (lambda x: 2 * x, 6.0),
        (lambda x: 2 / x, 2 / 3),
        (lambda x: 2**x, 8.0),
        (lambda x: np.float64(2) * x, 6.0),
        (lambda x: np.float64(2) - x, -1.0),
        (lambda x: np.int64(2) / x, 2 / 3),
    ],
)
def test_reflected_operators(reflected, expected):
    result = reflected(Value(3.0))
    assert type(result) is Value
    assert result.data == expected


def test_arrays_of_values():
    a = np.array([Value(1.0), Value(2.0)])
    assert [v.data for v in a * Value(3)] == [3.0, 6.0]
    assert [v.data for v in Value(3) * np.array([1.0, 2.0])] == [3.0, 6.0]
    assert (a @ a).data == 5.0
    assert a.sum().data == 3.0
    assert [v.data for v in np.exp(a)] == [np.exp(1.0), np.exp(2.0)]
    for name in ("tanh", "log", "sqrt", "sin", "arctan", "arcsinh", "log1p", "expm1"):
        function = getattr(np, name)
        expected = function(np.array([1.0, 2.0]))
        np.testing.assert_allclose([v.data for v in function(a)], expected, rtol=1e-15)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ("3", r"got the text '3'.*float"),
        (None, "got None"),
        (3j, "complex"),
        ([1, 2, 3], "list of 3"),
        (np.array([1, 2]), "ndarray of 2"),
        (np.array(1.0), r"x\.item"),
        (Value(1.0), "value.data"),
        (object(), "object"),
    ],
)
def test_value_holds_one_real_number(bad, message):
    with pytest.raises(TypeError, match=message):
        Value(bad)
    x = Value(1.0)
    with pytest.raises(TypeError, match=message):
        x.data = bad
    assert x.data == 1.0


@pytest.mark.parametrize("bad", ["a", None, 3j, [1.0], (1.0,)])
def test_operators_name_what_came(bad):
    with pytest.raises(TypeError, match="one real number; got"):
        Value(1.0) + bad
    with pytest.raises(TypeError, match="one real number; got"):
        bad - Value(1.0)


@pytest.mark.parametrize(
    ("operation", "error", "message"),
    [
        (lambda x: x.log(), ValueError, r"log: .* x = -8\.0 \(p\); it needs x > 0"),
        (lambda x: x ** (1 / 3), ValueError, r"power: .*-8\.0"),
        (lambda x: x / 0, ZeroDivisionError, r"div: .*y = 0\.0"),
        (lambda x: (x + 8) ** -1, ZeroDivisionError, "power"),
        (lambda x: (-1000 * x).exp(), OverflowError, "too large"),
        (lambda x: 1e308 * x, OverflowError, "mul: .*too large"),
        (lambda x: x.sqrt(), ValueError, "x ≥ 0"),
        (lambda x: x.acosh(), ValueError, "x ≥ 1"),
    ],
)
def test_undefined_arithmetic_raises_where_it_happens(operation, error, message):
    with pytest.raises(error, match=message):
        operation(Value(-8.0, label="p"))


def test_a_value_behaves_as_its_number():
    v = Value(2.71828)
    assert f"{v:.3f}" == "2.718"
    assert (float(v), round(v, 2), round(v)) == (2.71828, 2.72, 3)
    assert (abs(-v)).data == 2.71828
    assert max([Value(1.0), v, Value(2.0)]) is v
    assert min(v, Value(9.0)) is v
    assert sum([v, v]).data == 2 * 2.71828
    assert v > 2
    assert v <= Value(3)
    assert v == v
    assert v != Value(2.71828)
    assert len({v, Value(2.71828)}) == 2


def test_repr():
    assert repr(Value(1.0)) == "Value(data=1.0, grad=0.0)"
    assert repr(Value(1, label="a")) == "Value(data=1.0, grad=0.0, label='a')"


def chain(length):
    x = Value(1.0)
    y = x
    for _ in range(length):
        y = y + x
    return x, y


def test_deep_chain_needs_no_recursion():
    x, y = chain(100_000)
    y.backward()
    assert x.grad == 100_001.0
    x.grad = 0.0
    assert gradient(y, [x])[0].data == 100_001.0
    assert "100001.0" in repr(y)
    for clone in (copy.deepcopy(y), pickle.loads(pickle.dumps(y))):
        leaf = topological_order(clone)[0]
        clone.backward()
        assert (leaf.grad, x.grad) == (100_001.0, 0.0)
    y.zero_grad()
    assert y.grad == 0.0


def test_copies_keep_sharing_between_leaves():
    x = Value(2.0, label="x")
    y, z = x * x, x + 1
    (y2, z2, x2) = copy.deepcopy((y, z, x))
    assert y2.parents == (x2, x2)
    assert z2.parents[0] is x2
    y3, x3 = pickle.loads(pickle.dumps((y, x)))
    assert y3.parents == (x3, x3)
    assert (y3.op, y3.partials, x3.label) == (y.op, y.partials, "x")
    assert copy.copy(y).parents == (x, x)


def test_a_freed_graph_leaves_nothing_to_the_cycle_collector():
    gc.collect()
    gc.disable()
    try:
        x, y = chain(1000)
        y.backward()
        (d,) = gradient(y * y, [x])
        del x, y, d
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_threads_differentiate_their_own_graphs():
    shared = Value(1.5)
    results = []

    def work(seed):
        for _ in range(20):
            x = Value(seed)
            y = x
            for _ in range(200):
                y = (y * shared).tanh() + x
            y.backward()
        results.append((seed, x.grad))

    threads = [threading.Thread(target=work, args=(seed / 8,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expected = []
    for seed in range(8):
        x = Value(seed / 8)
        y = x
        for _ in range(200):
            y = (y * shared).tanh() + x
        y.backward()
        expected.append((seed / 8, x.grad))
    assert sorted(results) == expected


def test_lecture_names():
    a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    e = a * b
    e.grad = 2.0
    e._backward()
    assert (a.grad, b.grad) == (-6.0, 4.0)
    assert (e._prev, e._op, a._op, a._prev) == ((a, b), "×", "", ())
