"""Optimisers on a bowl and against their formulas; minimisers on the textbook's functions."""

import json
import math
import re
from itertools import islice, pairwise

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import Parameter, Value, optim, schedules
from autograd_lite.nn import MLP, Neuron
from autograd_lite.nn.losses import mse_loss
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
    if kind is optim.AdamW:
        optimiser.weight_decay = 0.0  # it moves the bottom
    for k in range(5000):  # Adagrad needs most of them
        optimiser.learning_rate = 0.05 * (1.0 - k / 5000)  # for RMSprop, which else never rests
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


# The rules of PyTorch, in closed form and not as recurrences: what a step has taken from each
# gradient so far. The numbers are the defaults that PyTorch's documentation states.


def sgd_by_sums(gradients, lr=0.001, momentum=0.0):
    t = len(gradients)
    return -lr * sum(g * sum(momentum**j for j in range(t - s)) for s, g in enumerate(gradients))


def adam_by_sums(gradients, lr=0.001, betas=(0.9, 0.999), eps=1e-8):
    moved = np.zeros_like(gradients[0])
    for t in range(1, len(gradients) + 1):
        past = np.array(gradients[:t])
        m, v = (
            np.average(x, axis=0, weights=beta ** np.arange(t - 1, -1, -1.0))
            for x, beta in zip((past, past**2), betas, strict=True)
        )
        moved -= lr * m / (np.sqrt(v) + eps)
    return moved


def adagrad_by_sums(gradients, lr=0.01, eps=1e-10):
    past = np.array(gradients)
    return -lr * np.sum(past / (np.sqrt(np.cumsum(past**2, axis=0)) + eps), axis=0)


def rmsprop_by_sums(gradients, lr=0.01, alpha=0.99, eps=1e-8):
    moved = np.zeros_like(gradients[0])
    for t in range(1, len(gradients) + 1):
        weights = (1.0 - alpha) * alpha ** np.arange(t - 1, -1, -1.0)
        moved -= lr * gradients[t - 1] / (np.sqrt(weights @ gradients[:t] ** 2) + eps)
    return moved


RULES = [
    (optim.Adagrad, adagrad_by_sums, {}, {}),
    (optim.Adagrad, adagrad_by_sums, {"epsilon": 1e-3}, {"eps": 1e-3}),
    (optim.RMSprop, rmsprop_by_sums, {}, {}),
    (optim.RMSprop, rmsprop_by_sums, {"alpha": 0.5, "epsilon": 0.1}, {"alpha": 0.5, "eps": 0.1}),
    (SGD, sgd_by_sums, {}, {}),
    (SGD, sgd_by_sums, {"learning_rate": 0.3}, {"lr": 0.3}),
    (SGD, sgd_by_sums, {"learning_rate": 0.1, "momentum": 0.9}, {"lr": 0.1, "momentum": 0.9}),
    (Adam, adam_by_sums, {}, {}),
    (Adam, adam_by_sums, {"learning_rate": 0.3}, {"lr": 0.3}),
    (
        Adam,
        adam_by_sums,
        {"betas": (0.5, 0.75), "epsilon": 0.1},
        {"betas": (0.5, 0.75), "eps": 0.1},
    ),
    (Adam, adam_by_sums, {"betas": (0.0, 0.999)}, {"betas": (0.0, 0.999)}),
]


# The rules with settings that couple step and weights have no closed form: here they are as their
# papers write them, on arrays, with the defaults of PyTorch as numbers.


def sgd(w, g, t, s, lr=0.001, mu=0.0, wd=0.0, nesterov=False):
    g = g + wd * w
    s["v"] = g if t == 1 else mu * s["v"] + g
    return w - lr * (g + mu * s["v"] if nesterov else s["v"])


def adam(w, g, t, s, lr=0.001, wd=0.0, decoupled=False):
    g = g if decoupled else g + wd * w
    w = w - lr * wd * w if decoupled else w
    s["m"] = 0.9 * s.get("m", 0.0) + 0.1 * g
    s["v"] = 0.999 * s.get("v", 0.0) + 0.001 * g**2
    return w - lr * (s["m"] / (1 - 0.9**t)) / (np.sqrt(s["v"] / (1 - 0.999**t)) + 1e-8)


def rmsprop(w, g, t, s, lr=0.01, alpha=0.99, wd=0.0, mu=0.0, centered=False):
    g = g + wd * w
    s["v"] = alpha * s.get("v", 0.0) + (1 - alpha) * g**2
    s["m"] = alpha * s.get("m", 0.0) + (1 - alpha) * g
    spread = np.sqrt(np.abs(s["v"] - s["m"] ** 2)) if centered else np.sqrt(s["v"])
    s["b"] = mu * s.get("b", 0.0) + g / (spread + 1e-8)
    return w - lr * s["b"]


def adagrad(w, g, t, s, lr=0.01, lr_decay=0.0, wd=0.0):
    g = g + wd * w
    s["v"] = s.get("v", 0.0) + g**2
    return w - lr / (1 + (t - 1) * lr_decay) * g / (np.sqrt(s["v"]) + 1e-10)


#: The rule, its reference, our settings, the reference's, PyTorch's.
COUPLED = [
    (SGD, sgd, {"weight_decay": 0.1}, {"wd": 0.1}, {"weight_decay": 0.1}),
    (
        SGD, sgd, {"learning_rate": 0.05, "momentum": 0.9, "nesterov": True, "weight_decay": 0.01},
        {"lr": 0.05, "mu": 0.9, "nesterov": True, "wd": 0.01},
        {"lr": 0.05, "momentum": 0.9, "nesterov": True, "weight_decay": 0.01},
    ),
    (Adam, adam, {"weight_decay": 0.1}, {"wd": 0.1}, {"weight_decay": 0.1}),
    (optim.AdamW, adam, {}, {"wd": 0.01, "decoupled": True}, {}),
    (
        optim.AdamW, adam, {"learning_rate": 0.1, "weight_decay": 0.2},
        {"lr": 0.1, "wd": 0.2, "decoupled": True}, {"lr": 0.1, "weight_decay": 0.2},
    ),
    (optim.RMSprop, rmsprop, {}, {}, {}),
    (
        optim.RMSprop, rmsprop,
        {"alpha": 0.9, "momentum": 0.8, "centered": True, "weight_decay": 0.1},
        {"alpha": 0.9, "mu": 0.8, "centered": True, "wd": 0.1},
        {"alpha": 0.9, "momentum": 0.8, "centered": True, "weight_decay": 0.1},
    ),
    (optim.Adagrad, adagrad, {}, {}, {}),
    (
        optim.Adagrad, adagrad, {"learning_rate_decay": 0.1, "weight_decay": 0.1},
        {"lr_decay": 0.1, "wd": 0.1}, {"lr_decay": 0.1, "weight_decay": 0.1},
    ),
]  # fmt: skip


def descent(step):
    """50 steps on a steep valley from one point, where ``step(w, gradient)`` gives the next."""
    w = np.array([1.5, -0.5, 2.0])
    for t in range(1, 51):
        w = step(w, np.array([20.0 * w[0], np.sin(w[1]) + w[2], 0.1 * w[2] ** 3]), t)
    return w


def by_ours(kind, ours):
    parameters = [Value(0.0) for _ in range(3)]
    optimiser = kind(parameters, **ours)

    def step(w, g, t):
        for x, number, slope in zip(parameters, w, g, strict=True):
            x.data, x.grad = number, slope
        optimiser.step()
        return np.array([x.data for x in parameters])

    return descent(step)


@pytest.mark.parametrize(("kind", "reference", "ours", "theirs", "_"), COUPLED)
def test_fifty_steps_are_those_of_the_papers(kind, reference, ours, theirs, _):
    state = {}
    expected = descent(lambda w, g, t: reference(w, g, t, state, **theirs))
    np.testing.assert_allclose(by_ours(kind, ours), expected, rtol=1e-11)


@pytest.mark.parametrize(("kind", "_", "ours", "__", "theirs"), COUPLED)
def test_fifty_steps_are_pytorchs(kind, _, ours, __, theirs):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    x = torch.zeros(3, dtype=torch.float64, requires_grad=True)
    optimiser = getattr(torch.optim, kind.__name__)([x], **theirs)

    def step(w, g, t):
        with torch.no_grad():
            x.copy_(torch.tensor(w))
        x.grad = torch.tensor(g)
        optimiser.step()
        return x.detach().numpy().copy()

    np.testing.assert_allclose(by_ours(kind, ours), descent(step), rtol=1e-10)


@pytest.mark.parametrize("max_norm", [0.5, 5.0, 5.1])
def test_clipping_is_pytorchs(max_norm):
    parameters = [Value(0.0), Value(0.0), Value(0.0)]
    for x, slope in zip(parameters, (3.0, -4.0, 0.0), strict=True):
        x.grad = slope
    assert optim.clip_grad_norm_(parameters, max_norm) == 5.0
    factor = min(1.0, max_norm / (5.0 + 1e-6))
    assert [x.grad for x in parameters] == pytest.approx([3.0 * factor, -4.0 * factor, 0.0])
    optim.clip_grad_value_(parameters, 1.0)
    assert [x.grad for x in parameters] == pytest.approx(
        [min(3.0 * factor, 1.0), max(-4.0 * factor, -1.0), 0.0]
    )
    parameters[2].grad = math.inf
    before = [x.grad for x in parameters]
    with pytest.raises(NotFinite, match="norm of the gradients is inf; none was scaled"):
        optim.clip_grad_norm_(parameters, 1.0)
    assert [x.grad for x in parameters] == before


@pytest.mark.parametrize("kind", OPTIMISERS)
def test_a_state_goes_through_json_and_on(kind):
    def trained(steps, optimiser, parameters):
        for k in steps:
            for j, x in enumerate(parameters):
                x.grad = math.sin(k + j)
            optimiser.step()
        return [x.data for x in parameters]

    whole = [Value(1.0), Value(2.0)]
    expected = trained(range(8), kind(whole, learning_rate=0.1), whole)
    first = [Value(1.0), Value(2.0)]
    optimiser = kind(first, learning_rate=0.1)
    numbers = trained(range(5), optimiser, first)
    state = json.loads(json.dumps(optimiser.state_dict()))
    second = [Value(x) for x in numbers]
    again = kind(second)
    again.load_state_dict(state)
    assert trained(range(5, 8), again, second) == expected
    before = again.state_dict()
    for wrong, told in [
        ({**state, "kind": "Another"}, "state of 'Another'"),
        ({**state, "memory": state["memory"][:1]}, "2 parameters; the state remembers 1"),
        ({**state, "memory": None}, "remembers None"),
        ({**state, "memory": [{"x": "1"}, {}]}, "finite numbers"),
        ({**state, "memory": [{"x": math.nan}, {}]}, "finite numbers"),
        ({**state, "settings": {}}, "The settings are learning_rate"),
        ({**state, "settings": {**state["settings"], "learning_rate": -1.0}}, "learning_rate is"),
        ([], "state of None"),
    ]:
        with pytest.raises(ValueError, match=told):
            again.load_state_dict(wrong)
    assert again.state_dict() == before


def test_schedules_are_pytorchs():
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    lr_scheduler = torch.optim.lr_scheduler
    optimiser = torch.optim.SGD([torch.zeros(1)], lr=0.3)
    for ours, theirs in [
        (schedules.step(0.3, 3, 0.5), lambda o: lr_scheduler.StepLR(o, 3, 0.5)),
        (
            schedules.cosine(0.3, 9, 0.01),
            lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, 9, 0.01),
        ),
    ]:
        optimiser.param_groups[0].update(lr=0.3, initial_lr=0.3)
        scheduler = theirs(optimiser)
        for epoch in range(9):
            assert ours(epoch) == pytest.approx(scheduler.get_last_lr()[0], rel=1e-12)
            optimiser.step()
            scheduler.step()


@pytest.mark.parametrize("length", [1, 2, 3, 7])
def test_schedules_are_their_formulas(length):
    for k in range(20):
        assert schedules.step(3.0, length)(k) == pytest.approx(3.0 * 0.1 ** (k // length))
        assert schedules.step(3.0, length, 0.5)(k) == 3.0 / 2 ** (k // length)
        for lowest in (0.0, 0.25):
            height = math.cos(math.pi * min(k, length) / length / 2) ** 2
            expected = lowest + (3.0 - lowest) * height
            more = {"lowest": lowest} if lowest else {}
            assert schedules.cosine(3.0, length, **more)(k) == pytest.approx(expected, abs=1e-12)
        rising = min(k + 1, length) / length
        assert schedules.warm_up(length, 3.0)(k) == pytest.approx(3.0 * rising)
        after = schedules.warm_up(length, schedules.step(3.0, 2, 0.5))(k)
        assert after == pytest.approx(3.0 * rising / 2 ** (max(k - length, 0) // 2))


def test_schedules_refuse_what_has_no_length():
    for make in (lambda: schedules.step(1.0, 0), lambda: schedules.cosine(1.0, 0),
                 lambda: schedules.warm_up(0, 1.0)):  # fmt: skip
        with pytest.raises(ValueError, match="1 or more; got 0"):
            make()


def slopes_of_all_sizes(steps=12):
    return np.random.default_rng(0).normal(size=(steps, 4)) * [1e-7, 1e-2, 1.0, 1e6]


def moved_by(kind, ours, gradients):
    parameters = [Value(0.0) for _ in gradients[0]]
    optimiser = kind(parameters, **ours)
    for row in gradients:
        for parameter, g in zip(parameters, row, strict=True):
            parameter.grad = g
        optimiser.step()
    return [p.data for p in parameters]


@pytest.mark.parametrize(("kind", "by_sums", "ours", "theirs"), RULES)
def test_steps_are_those_that_pytorch_documents(kind, by_sums, ours, theirs):
    gradients = slopes_of_all_sizes()
    for steps in (1, 2, 3, 12):
        expected = by_sums(gradients[:steps], **theirs)
        np.testing.assert_allclose(moved_by(kind, ours, gradients[:steps]), expected, rtol=1e-12)


def test_steps_are_pytorchs():
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    gradients = slopes_of_all_sizes()
    for kind, _, ours, theirs in RULES:
        x = torch.zeros(4, dtype=torch.float64, requires_grad=True)
        optimiser = getattr(torch.optim, kind.__name__)([x], **theirs)
        for row in gradients:
            x.grad = torch.tensor(row)
            optimiser.step()
        np.testing.assert_allclose(moved_by(kind, ours, gradients), x.tolist(), rtol=1e-12)


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


TINY, NEARLY_ONE = math.ulp(0.0), math.nextafter(1.0, 0.0)
W = [Value(1.0)]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SGD([]), "got none"),
        (lambda: SGD(W, learning_rate=0.0), "learning_rate is positive; got 0.0"),
        (lambda: SGD(W, learning_rate=-TINY), "learning_rate is a finite number, 0 or more"),
        (lambda: Adam(W, learning_rate=math.nan), "got nan"),
        (lambda: Adam(W, learning_rate=math.inf), "got inf"),
        (lambda: SGD(W, momentum=1.0), "momentum lies from 0 to below 1; got 1.0"),
        (lambda: SGD(W, momentum=-TINY), "momentum is a finite number, 0 or more; got -"),
        (lambda: Adam(W, betas=(0.9, 1.0)), "beta lies from 0 to below 1; got 1.0"),
        (lambda: Adam(W, betas=(1.0, 0.9)), "beta lies from 0 to below 1; got 1.0"),
        (lambda: SGD(W, nesterov=True), "along the momentum; give momentum=0.9"),
        (lambda: optim.RMSprop(W, alpha=1.0), "alpha lies from 0 to below 1"),
        (lambda: optim.Adagrad(W, weight_decay=-TINY), "weight_decay is a finite number"),
        (lambda: optim.clip_grad_norm_(W, -TINY), "max_norm is a finite number"),
        (lambda: optim.clip_grad_value_(W, math.nan), "clip_value is a finite number"),
        (lambda: Adam(W, betas=(0.9,)), "betas are two"),
        (lambda: Adam(W, betas=(0.9, 0.9, 0.9)), "betas are two"),
        (lambda: Adam(W, betas=(0.9, -TINY)), "beta is a finite number, 0 or more"),
        (lambda: Adam(W, epsilon=-TINY), "epsilon is a finite number, 0 or more"),
        (lambda: Adam(W, epsilon=math.inf), "epsilon is a finite number, 0 or more; got inf"),
        (lambda: Newton(rosenbrock, tolerance=-TINY), "tolerance is a length, 0 or more; got -"),
        (lambda: Newton(rosenbrock, tolerance=math.nan), "tolerance is a length"),
    ],
)
def test_bad_settings(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_settings_up_to_their_limits():
    for rate in (TINY, 1, 1.7e308, np.float32(0.5)):
        assert SGD(W, learning_rate=rate, momentum=NEARLY_ONE).learning_rate == rate
        assert type(SGD(W, rate).learning_rate) is float
    assert Adam(W, betas=(0, NEARLY_ONE), epsilon=0).epsilon == 0.0
    assert SGD(W, momentum=0).momentum == Newton(rosenbrock, tolerance=0).tolerance == 0
    for wrong in (True, "0.1", None, 1j, Value(1.0), [0.1]):
        with pytest.raises(TypeError, match=r"learning_rate is a number, such as 0\.01; got"):
            SGD(W, learning_rate=wrong)


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


def test_a_number_that_is_not_finite_may_stand_anywhere_in_what_is_remembered():
    class Counting(Optimiser):
        def update(self, parameter, gradient, state):
            state["seen"] = state.get("seen", 0.0) + 1e308
            return parameter - self.learning_rate * gradient

    w = Value(1.0)
    optimiser = Counting([w])
    w.grad = 1.0
    optimiser.step()
    after = w.data
    with pytest.raises(NotFinite):
        optimiser.step()
    assert (w.data, optimiser._states) == (after, [{"seen": 1e308}])


@pytest.mark.parametrize("bad", [math.nan, math.inf])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_gradient_that_is_not_finite_is_refused_whatever_a_rule_makes_of_it(bad, place):
    class Signs(Optimiser):
        def update(self, parameter, gradient, state):
            return parameter - self.learning_rate * (1.0 if gradient > 0 else -1.0)

    parameters = [Value(1.0) for _ in range(3)]
    for x in parameters:
        x.grad = 1.0
    parameters[place].grad = bad
    assert Signs(parameters).learning_rate == 0.001
    with pytest.raises(NotFinite, match=f"parameter {place + 1} of 3 is {bad}"):
        Signs(parameters).step()
    assert [x.data for x in parameters] == [1.0] * 3


def test_a_parameter_without_a_memory_is_no_parameter_of_a_step():
    optimiser = SGD([Value(1.0)])
    optimiser.parameters.append(Value(1.0))
    with pytest.raises(ValueError, match="shorter"):
        optimiser.step()


def test_the_gradient_that_is_largest_is_named():
    parameters = [Value(1.0), Value(1.0, label="b"), Value(1.0)]
    optimiser = SGD(parameters, 0.5)
    for gradients, said in (
        ([1.0, -math.inf, 2.0], "The gradient of b is -inf; no parameter was moved. autograd_lite"),
        (
            [1.0, 2.0, math.nan],
            r"^The gradient of parameter 3 of 3 is nan; no parameter was moved. "
            r"autograd_lite.diagnose\(loss, model\) says where in the graph it began.$",
        ),
        ([math.nan, 2.0, math.inf], "The gradient of parameter 1 of 3 is nan; no parameter"),
        ([1.0, 2.0, -3.0], "parameter 3 of 3 is -3, too large for a step with learning_rate 0.5;"),
        ([1.0, 3.0, -2.0], "b is 3, too large for a step .*Try a smaller learning_rate.$"),
    ):
        with pytest.raises(NotFinite, match=said):
            raise optimiser.not_finite(gradients)


def test_a_memory_of_some_parameters_alone_is_not_that_of_a_flat_vector():
    optimiser = SGD(parameters := [Value(1.0), Value(2.0)])
    optimiser._states[1]["velocity"] = 1.0
    said = (
        "The optimiser remembers 'velocity' for some parameters and not for all, so a compiled "
        "program cannot continue with it. Give each state the same names."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(said)}$"):
        optimiser.gathered(parameters)


def test_memory_goes_to_a_flat_vector_and_back():
    parameters = [Value(float(k)) for k in range(3)]
    optimiser = Adam(parameters)
    states = [{"step": 2, "mean": float(k), "square": 0.5} for k in range(3)]
    optimiser._states = [dict(state) for state in states]
    flat = optimiser.gathered(parameters[::-1])
    assert flat["mean"].tolist() == [2.0, 1.0, 0.0]
    assert (flat["step"], flat["square"]) == (2, 0.5)
    optimiser.scatter(parameters[::-1], flat)
    assert optimiser._states == states


# --- parameters that were replaced after the optimiser was made -----------------------------------


def put(attribute, value):
    return lambda model: setattr(model.layers[0].neurons[0], attribute, value)


REPLACED = {
    "a bias": put("b", Parameter(1.0)),
    "a Value": put("b", Value(1.0)),
    "weights": put("w", [Parameter(1.0), Parameter(2.0)]),
    "a weight": lambda model: model.layers[0].neurons[0].w.__setitem__(1, Value(1.0)),
    "one weight more": lambda model: model.layers[0].neurons[0].w.append(Value(1.0)),
}


@pytest.mark.parametrize("change", REPLACED.values(), ids=REPLACED)
def test_an_optimiser_warns_once_of_a_parameter_that_it_does_not_move(change):
    model = MLP(2, [2, 1])
    optimiser, other = SGD(model.parameters()), SGD(MLP(2, [1]).parameters())
    change(model)
    other.step()
    SGD(model.parameters()).step()
    said = re.escape(
        "got a new parameter after this optimiser was made, which it does not move. Make the "
        "optimiser again, from model.parameters()."
    )
    with pytest.warns(UserWarning, match=rf"^(Neuron\.[bw]|The list of weights) {said}$") as warned:
        optimiser.step()
    assert [warning.filename for warning in warned] == [__file__]
    optimiser.step()


def test_an_optimiser_of_what_was_there_and_no_more_hears_of_one_more():
    neuron = MLP(2, [1]).layers[0].neurons[0]
    optimiser = SGD(list(neuron.w))
    neuron.w.append(Parameter(1.0))
    with pytest.warns(UserWarning, match="does not move"):
        optimiser.step()


def test_parameters_may_change_places():
    model = MLP(2, [2, 1])
    first, second = model.layers[0].neurons
    optimiser = SGD(model.parameters())
    first.b, second.b = second.b, first.b
    first.w = first.w[::-1]
    first.w.reverse()
    optimiser.step()
    second.b = None
    first.w[0] = Parameter(1.0)
    optimiser.parameters.append(first.w[0])
    optimiser._states.append({})
    optimiser.step()


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


def steps_of(f, start, n=200):
    """x, the gradient there, and the size of the step taken from it, along a path."""
    path = list(islice(GradientDescent(f, tolerance=0.0).path(start), n))
    for x, there in pairwise(path):
        slope = np.asarray(ag.grad(f)(x))
        k = np.argmax(np.abs(slope))
        size = (np.ravel(x)[k] - np.ravel(there)[k]) / np.ravel(slope)[k]
        yield x, slope, 2.0 ** round(math.log2(size)), there


HILLS = {
    "rosenbrock": (rosenbrock, [-1.2, 1.0]),
    "a narrow bowl": (lambda x: 50 * x[0] ** 2 + x[1] ** 2, [1.0, 30.0]),
    "a wide bowl": (lambda x: 1e-3 * x * x, 3.0),
    "a steep bowl": (lambda x: 1e5 * x * x, 3.0),
    "a quartic": (lambda x: x**4 - x, 2.0),
    "a logarithm": (lambda x: 20 * x - ag.log(x), 1.0),
}


@pytest.mark.parametrize(("f", "start"), HILLS.values(), ids=HILLS)
def test_every_step_is_the_longest_that_armijos_rule_accepts(f, start):
    def value(x):
        try:
            return float(f(x))
        except ValueError:
            return math.inf

    last = 0.5
    for x, slope, size, there in steps_of(f, start):
        assert np.array_equal(there, x - size * slope)

        def promised(s, x=x, slope=slope):
            return value(x) - 1e-4 * s * np.sum(slope * slope)

        assert value(there) < promised(size)
        tried = 2.0 * last
        assert size <= tried
        while tried > size:
            assert not value(x - tried * slope) < promised(tried)
            tried /= 2
        last = size


@pytest.mark.parametrize(("part", "size"), [(0.9e-4, 0.5), (1.1e-4, 1.0)])
def test_armijos_part_is_a_ten_thousandth(part, size):
    bend = 2.0 - 2.0 * part  # a step of 1 gives this part of what the slope promises
    (step,) = islice(steps_of(lambda x: 0.5 * bend * x * x, 1.0, n=2), 1)
    assert step[2] == size


def test_a_path_ends_where_the_gradient_is_as_short_as_the_tolerance():
    def f(x):
        return 0.5 * x * x  # whose gradient is x

    for kind in MINIMISERS:
        assert list(kind(f, tolerance=0.25).path(0.25)) == [0.25]
        assert len(list(kind(f, tolerance=0.25).path(math.nextafter(0.25, 1.0)))) == 2
        assert kind(f).tolerance == 1e-8
    for tolerance, points in ((5.0, 1), (4.999, 2)):
        path = Newton(lambda x: 0.5 * np.dot(x, x), tolerance).path([3.0, 4.0])
        assert len(list(path)) == points


class Walk(Minimiser):
    """One down, whatever the slope."""

    def step(self, x, slope):
        return x - 1.0


def test_steps_are_counted():
    def f(x):
        return 0.5 * (x - 3) ** 2  # flat at 3

    for n in (0, 1, 5):
        assert Walk(f).minimise(3.0 + n, max_steps=n) == 3.0
    for n in (1, 5):
        with pytest.raises(ArithmeticError, match=rf"near 3\.0 after {n - 1} steps"):
            Walk(f).minimise(3.0 + n, max_steps=n - 1)
    assert Walk(f).minimise(1003.0) == 3.0
    with pytest.raises(ArithmeticError, match=r"near 3\.0 after 1000 steps"):
        Walk(f).minimise(1004.0)


def test_a_step_over_the_edge_of_floats_is_too_long():
    assert GradientDescent(lambda x: ag.exp(x * x)).minimise(3.0) == pytest.approx(0.0, abs=1e-8)


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


@pytest.mark.parametrize("method", [Newton, GradientDescent])
@pytest.mark.parametrize("start", [1.0, [1.0, 2.0]])
def test_a_function_that_does_not_depend_on_its_argument_is_not_minimised(method, start):
    def builds_its_model(p):
        return mse_loss([Neuron(1)([1.0])], [2.0])

    for f in (builds_its_model, lambda p: 7.0, lambda p: Value(3.0) * 2):
        with pytest.raises(ValueError, match=r"f does not depend on its argument at .* a model"):
            method(f).minimise(start)
    flat = method(lambda p: 0.0 * ag.sum(p) if isinstance(p, list | np.ndarray) else 0.0 * p)
    assert np.array_equal(flat.minimise(start), start)


@pytest.mark.parametrize("method", [Newton, GradientDescent])
def test_arrays_of_any_shape_are_minimised(method):
    goal = np.array([[1.0, -2.0], [3.0, 0.5]])
    found = method(lambda W: np.sum((W - goal) ** 2)).minimise(np.zeros((2, 2)))
    np.testing.assert_allclose(found, goal, atol=1e-7)
    with pytest.raises(TypeError, match="numbers and arrays; got a dict"):
        method(lambda p: p["w"]).minimise({"w": 1.0})


# --- messages, word for word ----------------------------------------------------------------------

SAID = [
    (
        lambda: SGD(0.1),
        TypeError,
        "An optimiser takes a list of parameters, model.parameters(); got 0.1.",
    ),
    (
        lambda: SGD([]),
        ValueError,
        "An optimiser needs parameters; got none. Give model.parameters().",
    ),
    (
        lambda: SGD([1.0]),
        TypeError,
        "An optimiser moves Values that were not computed from others; got 1.0.",
    ),
    (
        lambda: SGD(W, 0.0),
        ValueError,
        "learning_rate is positive; got 0.0.",
    ),
    (
        lambda: SGD(W, "1"),
        TypeError,
        "learning_rate is a number, such as 0.01; got '1'.",
    ),
    (
        lambda: SGD(W, -1.0),
        ValueError,
        "learning_rate is a finite number, 0 or more; got -1.0.",
    ),
    (
        lambda: SGD(W, momentum=1.0),
        ValueError,
        "momentum lies from 0 to below 1; got 1.0.",
    ),
    (
        lambda: Adam(W, betas=(0.9, 1.0)),
        ValueError,
        "beta lies from 0 to below 1; got 1.0.",
    ),
    (
        lambda: Adam(W, betas=(0.9,)),
        ValueError,
        "betas are two numbers from 0 to below 1; got (0.9,).",
    ),
    (
        lambda: SGD(W, nesterov=True),
        ValueError,
        "nesterov looks ahead along the momentum; give momentum=0.9 or so.",
    ),
    (
        lambda: optim.clip_grad_norm_([Value(1.0)], -1.0),
        ValueError,
        "max_norm is a finite number, 0 or more; got -1.0.",
    ),
    (
        lambda: SGD(W).load_state_dict(Adam(W).state_dict()),
        ValueError,
        "This is the state of 'Adam'; SGD has its own.",
    ),
    (
        lambda: SGD(W).load_state_dict(SGD([Value(1.0), Value(2.0)]).state_dict()),
        ValueError,
        "The optimiser has 1 parameters; the state remembers 2.",
    ),
    (
        lambda: schedules.step(1.0, 0),
        ValueError,
        "every is a number of epochs, 1 or more; got 0.",
    ),
    (
        lambda: schedules.cosine(1.0, 0),
        ValueError,
        "epochs is the length of the wave, 1 or more; got 0.",
    ),
    (
        lambda: schedules.warm_up(0, 1.0),
        ValueError,
        "epochs is the length of the warm-up, 1 or more; got 0.",
    ),
    (
        lambda: Adam(W, epsilon=math.nan),
        ValueError,
        "epsilon is a finite number, 0 or more; got nan.",
    ),
    (
        lambda: Newton(abs, tolerance=-1.0),
        ValueError,
        "tolerance is a length, 0 or more; got -1.0.",
    ),
    (
        lambda: Newton(lambda x: 3 * x).minimise(5.0),
        ArithmeticError,
        "Newton's method has no next step from 5.0: the Hessian there has no inverse. Start "
        "elsewhere, or use GradientDescent.",
    ),
    (
        lambda: Walk(lambda x: x).minimise(0.0, max_steps=2),
        ArithmeticError,
        "Walk is near -3.0 after 2 steps, and not yet where it is flat. Allow more max_steps,"
        " a larger tolerance, or start elsewhere.",
    ),
    (
        lambda: GradientDescent(lambda x: -x * x).minimise(1.0),
        ArithmeticError,
        "GradientDescent came to 7.992315703209888e+153, where the length of the gradient is "
        "inf: f falls without end, or has no slope there. Start elsewhere.",
    ),
]


@pytest.mark.parametrize(("call", "error", "said"), SAID)
def test_messages_say_what_came_why_and_what_to_write(call, error, said):
    with pytest.raises(error, match=f"^{re.escape(said)}$"):
        call()
