"""Optimisers on a bowl and against their formulas; minimisers on the textbook's functions."""

import math
from itertools import islice, pairwise

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import Value, optim
from autograd_lite.nn import MLP
from autograd_lite.optim import SGD, Adam, GradientDescent, Minimiser, Newton, NotFinite, Optimiser


def subclasses(base):
    return [kind for kind in vars(optim).values() if isinstance(kind, type) and base in kind.mro()]


OPTIMISERS = [kind for kind in subclasses(Optimiser) if kind is not Optimiser]
MINIMISERS = [kind for kind in subclasses(Minimiser) if kind is not Minimiser]


def rosenbrock(x):
    return 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2


# --- optimisers -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", OPTIMISERS)
def test_every_optimiser_finds_the_bottom_of_a_bowl(kind):
    x, y = Value(3.0), Value(-2.0)
    optimiser = kind([x, y], learning_rate=0.05)
    for _ in range(5000):  # Adagrad, the recipe in CONTRIBUTING, needs most of them
        optimiser.zero_grad()
        ((x - 1) ** 2 + 3 * (y + 1) ** 2 + x * y).backward()
        optimiser.step()
    # where 2(x − 1) + y = 0 and 6(y + 1) + x = 0
    assert (x.data, y.data) == pytest.approx((18 / 11, -14 / 11), abs=1e-3)


@pytest.mark.parametrize("kind", OPTIMISERS)
def test_every_rule_serves_a_flat_array_as_it_serves_floats(kind):
    rng = np.random.default_rng(0)
    start, slopes = rng.normal(size=4), rng.normal(size=(6, 4))
    parameters = [Value(x) for x in start]
    eager, flat, state = kind(parameters), start.copy(), {}
    for slope in slopes:
        for parameter, g in zip(parameters, slope, strict=True):
            parameter.grad = g
        eager.step()
        flat = kind(parameters).update(flat, slope, state)
    assert [p.data for p in parameters] == pytest.approx(flat.tolist(), rel=1e-14)
    assert not np.array_equal(flat, start)


@pytest.mark.parametrize("kind", OPTIMISERS)
def test_an_update_leaves_its_arguments_alone(kind):
    parameter, slope, state = np.ones(3), np.ones(3), {}
    rule = kind([Value(0.0)])
    rule.update(parameter, slope, state)
    rule.update(parameter, slope, state)
    assert parameter.tolist() == slope.tolist() == [1.0, 1.0, 1.0]


def test_momentum_gathers_as_in_pytorch():
    rule, state = SGD([Value(0.0)], learning_rate=0.1, momentum=0.5), {}
    x = rule.update(1.0, 1.0, state)
    assert x == pytest.approx(0.9)
    assert rule.update(x, 1.0, state) == pytest.approx(0.9 - 0.15)


def test_adam_by_hand():
    rule, state = Adam([Value(0.0)], learning_rate=0.1, betas=(0.5, 0.75), epsilon=0.0), {}
    x = rule.update(0.0, 2.0, state)
    assert x == pytest.approx(-0.1)  # the first step is the learning rate
    # m = 0.5·1 + 0.5·(−1) = 0 … (g = −1):  m = 0.25·2 − 0.5 = 0;  so the second does not move
    assert rule.update(x, -1.0, state) == pytest.approx(x, abs=1e-15)
    assert state["square"] == pytest.approx(0.75 * (0.25 * 4.0) + 0.25 * 1.0)


def test_adam_trains_a_network():
    import random

    random.seed(0)
    model = MLP(2, [4, 1], activation="tanh")
    table = [((0, 0), -1), ((0, 1), 1), ((1, 0), 1), ((1, 1), -1)]
    optimiser = Adam(model.parameters(), learning_rate=0.05)
    for _ in range(200):
        loss = sum((model(x) - y) ** 2 for x, y in table)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert loss.data < 0.01


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SGD([]), "got none"),
        (lambda: SGD([Value(1.0)], learning_rate=0.0), "learning_rate is positive; got 0.0"),
        (lambda: Adam([Value(1.0)], learning_rate=math.nan), "got nan"),
        (lambda: SGD([Value(1.0)], momentum=1.0), "momentum lies .* got 1.0"),
        (lambda: Adam([Value(1.0)], betas=(0.9, 1.0)), "betas .* got"),
        (lambda: Newton(rosenbrock, tolerance=-1.0), "tolerance is a length"),
    ],
)
def test_bad_settings(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize("kind", [SGD, Adam])
def test_a_rate_assigned_later_is_looked_at_too(kind):
    optimiser = kind([Value(1.0)])
    for rate, error in ((-0.1, ValueError), (math.nan, ValueError), ("1", TypeError)):
        with pytest.raises(error, match=r"learning_rate is a .*got"):
            optimiser.learning_rate = rate
        with pytest.raises(error, match=r"learning_rate is a .*got"):
            kind([Value(1.0)], rate)
    optimiser.learning_rate = 0.0  # as where a schedule ends
    with pytest.raises(TypeError, match="momentum is a number"):
        SGD([Value(1.0)], momentum=None)
    with pytest.raises(ValueError, match="epsilon is a finite number"):
        Adam([Value(1.0)], epsilon=-1.0)


@pytest.mark.parametrize("bad", [math.nan, math.inf, 1e300])
@pytest.mark.parametrize("kind", [lambda p: SGD(p, 1e10, momentum=0.5), lambda p: Adam(p, 0.1)])
def test_a_step_that_is_not_finite_moves_nothing(kind, bad):
    first, second = Value(1.0), Value(2.0, label="second")
    optimiser = kind([first, second])
    for gradient in (0.5, bad):
        first.grad, second.grad = 0.5, gradient
        before = [first.data, second.data], [dict(state) for state in optimiser._states]
        if gradient is bad:
            with pytest.raises(NotFinite, match=r"gradient of second is .* no parameter was moved"):
                optimiser.step()
            assert before == ([first.data, second.data], optimiser._states)
        else:
            optimiser.step()
            assert first.data != 1.0
    first.grad = second.grad = 0.5
    optimiser.step()  # and it goes on


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (MLP(1, [1]), r"takes a list of parameters, model.parameters\(\); got MLP"),
        (0.1, "got 0.1"),
        ([1.0], "not computed from others; got 1.0"),
        ([[Value(1.0)]], r"got \[Value"),
        ([Value(2.0) * 3], r"got Value\(data=6.0"),
    ],
)
def test_what_has_no_parameters_to_move_is_refused(parameters, message):
    with pytest.raises(TypeError, match=message):
        SGD(parameters)


def test_a_shared_parameter_moves_once():
    w = Value(1.0)
    optimiser = SGD([w, w], learning_rate=0.1)
    (w * w).backward()
    optimiser.step()
    assert w.data == 0.8


# --- minimisers -----------------------------------------------------------------------------------


def test_newton_on_the_textbook_quartic():
    path = Newton(lambda x: x**4 - 2 * x**2).path(2)
    assert list(islice(path, 5)) == [
        2.0,
        1.4545454545454546,
        1.1510467893775467,
        1.0253259289766978,
        1.0009084519430513,
    ]
    assert Newton(lambda x: x**4 - 2 * x**2).minimise(2) == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize("kind", MINIMISERS)
def test_every_minimiser_finds_the_bottom_of_a_bowl(kind):
    found = kind(lambda x: (x[0] - 1) ** 2 + 3 * (x[1] + 1) ** 2 + x[0] * x[1]).minimise([9, 9])
    np.testing.assert_allclose(found, [18 / 11, -14 / 11], atol=1e-8)
    assert kind(lambda x: x.exp() - x).minimise(1.0) == pytest.approx(0.0, abs=1e-8)


@pytest.mark.parametrize(
    ("method", "steps"), [(Newton(rosenbrock), 10), (GradientDescent(rosenbrock, 1e-2), 5000)]
)
def test_rosenbrock_from_the_usual_start(method, steps):
    found = method.minimise((-1.2, 1), max_steps=steps)
    np.testing.assert_allclose(found, [1.0, 1.0], atol=2e-2)
    if isinstance(method, Newton):
        np.testing.assert_allclose(found, [1.0, 1.0], rtol=1e-9)


def test_steepest_descent_always_descends_and_starts_afresh():
    method = GradientDescent(rosenbrock)
    first, second = (list(islice(method.path([-1.2, 1.0]), 50)) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    heights = [rosenbrock(x) for x in first]
    assert all(b < a for a, b in pairwise(heights))


def test_a_line_search_steps_back_from_where_the_function_is_undefined():
    assert GradientDescent(lambda x: x - ag.log(x)).minimise(5.0) == pytest.approx(1.0, abs=1e-7)
    assert GradientDescent(lambda x: 100 * x - ag.log(x)).minimise(1.0) == pytest.approx(0.01)


def test_steepest_descent_ends_where_rounding_lets_it_fall_no_further():
    method = GradientDescent(lambda x: (x - 0.1) ** 2 + ag.exp(x), tolerance=0.0)
    assert method.minimise(1.0) == pytest.approx(-0.27847036, abs=1e-7)


def test_what_newton_cannot_do_is_said():
    with pytest.raises(ArithmeticError, match=r"from 5\.0: the Hessian there has no inverse"):
        Newton(lambda x: 3 * x).minimise(5.0)
    with pytest.raises(ArithmeticError, match="has no inverse"):
        Newton(lambda x: x[0] ** 2 + x[1]).minimise([1.0, 1.0])
    with pytest.raises(ArithmeticError, match=r"Newton is near .* after 2 steps, and not yet"):
        Newton(rosenbrock).minimise([-1.2, 1.0], max_steps=2)


@pytest.mark.parametrize("start", [1.0, [1.0, 2.0]])
def test_a_function_without_a_lowest_point_is_an_error(start):
    with pytest.raises(ArithmeticError, match="length of the gradient is inf: f falls without end"):
        GradientDescent(lambda x: -np.dot(x, x)).minimise(start)


def test_a_path_ends_at_once_where_it_is_flat():
    start = np.array([1.0, 1.0])
    (only,) = Newton(rosenbrock).path(start)
    assert only is not start
    assert only.tolist() == [1.0, 1.0]
    assert GradientDescent(lambda x: x * x).minimise(0.0, max_steps=0) == 0.0
