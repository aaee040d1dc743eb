"""Graphs that repeat become loops, of any number of turns, with the answers of the graph itself."""

import math
import random
from collections.abc import Callable
from importlib.util import find_spec
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from autograd_lite import Parameter, Value, compile, nn, ops, topological_order
from autograd_lite.compiler import Program, build
from autograd_lite.compiler.recover import repeats

NATIVE = [False, *([True] if find_spec("llvmlite") else [])]


def logistic(n: int) -> Value:
    """Every turn reads a parameter and what the turn before handed on."""
    r, x = Parameter(3.7), Parameter(0.3)
    y: Any = x
    for _ in range(n):
        y = r * y * (1 - y)
    return y  # type: ignore[no-any-return]


def fit(n: int) -> Value:
    """Measurements that differ from turn to turn, and a running sum of unlike terms."""
    a, b, x = Parameter(0.9), Parameter(0.1), Parameter(0.3)
    y: Any = x
    total: Any = 0.0
    for t in range(n):
        y = (a * y + b).sin()
        total = total + (y - math.cos(t)) ** 2
    return total  # type: ignore[no-any-return]


def delayed(n: int) -> Value:
    """What was made three turns ago."""
    xs: list[Any] = [Parameter(0.1), Parameter(0.2), Parameter(0.3)]
    for _ in range(n):
        xs.append((xs[-1] * xs[-3] + 0.5).tanh())
    return xs[-1] + xs[-2]  # type: ignore[no-any-return]


def driven(n: int) -> Value:
    """A parameter of its own for every turn, and turns of which the last reads some again."""
    ws = [Parameter(math.sin(k)) for k in range(n)]
    y: Any = Parameter(0.5)
    ys = []
    for w in ws:
        y = (y * 0.5 + w).sigmoid() - w * y
        ys.append(y)
    return y * ys[n // 2] + ys[3].exp()  # type: ignore[no-any-return]


def two_loops(n: int) -> Value:
    """The second starts from what the first one made."""
    a, x = Parameter(0.8), Parameter(0.3)
    y: Any = x
    for _ in range(n):
        y = (a * y).sin() + 0.1
    z: Any = y * y
    for _ in range(n):
        z = ops.maximum(z * a, 0.2 - z) * y
    return z + y  # type: ignore[no-any-return]


def cell(n: int) -> Value:
    """Two units that read each other: a walk down meets the bias of the last turn first."""
    b = [Parameter(0.1), Parameter(-0.2)]
    w = [[Parameter(0.3), Parameter(-0.4)], [Parameter(0.5), Parameter(0.6)]]
    h: list[Any] = [0.0, 0.0]
    for t in range(n):
        x = math.sin(t)
        h = [(b[k] + x * b[1 - k] + w[k][0] * h[0] + w[k][1] * h[1]).tanh() for k in range(2)]
    return h[0] * h[1]  # type: ignore[no-any-return]


def remembering(n: int) -> Value:
    """Every turn reads what the first one made, beside a parameter."""
    a = Parameter(0.9)
    y: Any = Parameter(0.3)
    made: list[Any] = []
    for _ in range(n):
        y = (a * y).sin()
        made.append(y)
        y = y + a * made[0]
    return y  # type: ignore[no-any-return]


RECURRENCES = [logistic, fit, delayed, driven, two_loops, cell, remembering]


def halved(n: int) -> Value:
    """Turn t reads what turn t/2 made: the one place moves with every second turn only."""
    w = Parameter(0.3), Parameter(0.4)
    xs: list[Any] = [Parameter(0.2).sin()]
    for t in range(n):
        xs.append(ops.dot(w, [xs[t // 2], xs[t]]).sin())
    return xs[-1]  # type: ignore[no-any-return]


def has_loops(program: Program[Any]) -> bool:
    return "    for " in str(program)


def must_agree(y: Value, program: Program[Any]) -> None:
    for x in topological_order(y):
        x.grad = 0.0
    y.backward()
    value, slopes = program.value_and_grad(program.vector)
    expected = np.array([x.grad for x in program.parameters])
    assert math.isclose(value, y.data, rel_tol=1e-12)
    assert math.isclose(program.value(program.vector), y.data, rel_tol=1e-12)
    assert np.abs(slopes - expected).max() <= 1e-12 * np.abs(expected).max()


@pytest.mark.parametrize("native", NATIVE)
@pytest.mark.parametrize("make", RECURRENCES)
def test_loops_give_what_the_graph_gives(make: Callable[[int], Value], native: bool) -> None:
    y = make(150)
    program = compile(y, native=native)
    assert has_loops(program)
    must_agree(y, program)


def test_what_moves_with_every_second_turn_is_no_loop() -> None:
    y = halved(300)
    program = compile(y)
    assert not has_loops(program)
    must_agree(y, program)


def test_a_recurrence_for_each_of_many_samples_is_one_over_arrays() -> None:
    model = nn.RNN(2, 4, rng=random.Random(0))
    samples = np.sin(np.arange(480)).reshape(6, 40, 2).tolist()
    y = ops.sum([h for x in samples for h in model(x)[0][-1]])
    program = compile(y)
    assert not has_loops(program)
    assert str(program).count("W2 @ ") == 2 * 39
    must_agree(y, program)


@pytest.mark.parametrize("make", [logistic, fit, delayed, two_loops])
def test_a_program_is_as_long_for_any_number_of_turns(make: Callable[[int], Value]) -> None:
    shorter, longer = [len(compile(make(n))._text.body("numpy")) for n in (130, 260)]
    assert shorter == longer < 3000


def test_a_loop_is_one_that_people_write() -> None:
    body = str(compile(logistic(500))).partition("def value_and_grad")[0]
    assert "for _ in range(500):\n        v1 = p1 * u1 * (1.0 - u1)\n        u1 = v1\n" in body


def test_what_does_not_depend_on_the_turn_before_becomes_arrays() -> None:
    x = [Parameter(math.sin(k)) for k in range(200)]
    y = ops.sum([a.sin() * b for a, b in pairwise(x)])
    total: Any = 0.0
    for a, b in pairwise(x):
        total = total + 100 * (b - a**2) ** 2
    for program in (compile(y), compile(total)):
        assert "in arrays" in repr(program)


@pytest.mark.parametrize("native", NATIVE)
def test_arithmetic_without_an_answer_is_refused_as_in_the_graph(native: bool) -> None:
    x, a = Parameter(2.0, label="x"), Parameter(0.9)
    y: Any = x
    for _ in range(150):
        y = (a * y + 1.0).log() + 1.0
    program = compile(y, native=native)
    assert has_loops(program)
    program.value([2.0, 0.9])
    with pytest.raises(ValueError, match="log: no real answer"):
        program.value_and_grad([2.0, -1.0])


@pytest.mark.parametrize("native", NATIVE)
def test_an_overflow_that_is_hidden_is_not_passed_over(native: bool) -> None:
    y: Any = Parameter(0.5)
    for _ in range(150):
        c = Parameter(2.0)
        y = (y * c * c).tanh() + 0.1
    program = compile(y, native=native)
    assert has_loops(program)
    at = program.vector
    program.value(at)
    at[70] = 1e200
    with pytest.raises(OverflowError):
        program.value(at)


@pytest.mark.parametrize("native", NATIVE)
def test_outputs_and_inputs_of_any_turn(native: bool) -> None:
    inputs = [Value(math.sin(k)) for k in range(150)]
    y: Any = Parameter(0.3)
    ys = []
    for x in inputs:
        y = (y * 0.9 + x).tanh()
        ys.append(y)
    chosen = [ys[2], ys[149], ys[70], ys[149]]
    program = compile(chosen, inputs=[inputs], native=native)
    assert has_loops(program)
    at = [math.cos(k) for k in range(150)]
    slopes = program.jacobian(at)
    values = program(at)
    for x, number in zip(inputs, at, strict=True):
        x.data = number
    again = compile(chosen, inputs=[inputs])
    np.testing.assert_allclose(values, again(), rtol=1e-12)
    assert slopes.shape == (4, 150)
    for k, h in [(2, 1e-6), (60, 1e-6)]:
        up, down = [[*at[:k], at[k] + step, *at[k + 1 :]] for step in (h, -h)]
        about = (program(up) - program(down)) / (2 * h)
        np.testing.assert_allclose(slopes[:, k], about, atol=1e-8)


STEPS = ["add", "sub", "mul", "sin", "tanh", "relu", "div", "maximum", "sum", "dot", "where", "neg"]


def applied(name: str, x: Any, y: Any, z: Any) -> Any:
    match name:
        case "add":
            return x + y
        case "sub":
            return x - y
        case "mul":
            return x * y
        case "neg":
            return -x
        case "div":
            return x / (2 + ops.square(y))
        case "maximum":
            return ops.maximum(x, y)
        case "sum":
            return ops.sum([x, y, z])
        case "dot":
            return ops.dot([x, y], [z, x])
        case "where":
            return ops.where(ops.step(x), y, z)
    return getattr(ops, name)(x)


def wild(seed: int) -> Value:
    """A recurrence of some states, with delays, rows of numbers and of parameters, and sums."""
    rng = random.Random(seed)
    turns = rng.randrange(14, 30)
    parameters: list[Any] = [Parameter(rng.uniform(-1, 1)) for _ in range(rng.randrange(1, 4))]
    own = [Parameter(rng.uniform(-1, 1)) for _ in range(turns)] if rng.random() < 0.6 else None
    moving: Callable[[int], int] = rng.choice(
        [lambda t: t, lambda t: turns - 1 - t, lambda t: t // 2, lambda t: t % 2, lambda t: 3 * t]
    )
    first = [Parameter(0.3), Value(0.0), parameters[0]]
    states: list[Any] = [rng.choice(first) for _ in range(rng.randrange(1, 4))]
    steps = [(rng.choice(STEPS), rng.random(), rng.random(), rng.random()) for _ in range(8)]
    delay, total = rng.choice([1, 1, 2, 3]), rng.choice([None, 0.0])
    past: list[Any] = [states[0]] * 3
    for t in range(turns):
        pool = [*states, *parameters, Value(math.sin(t)), past[-delay], Value(0.5)]
        pool += [own[moving(t) % turns]] if own else []
        for name, a, b, c in steps:
            x, y, z = pool[-1 - int(5 * a)], pool[int(b * len(pool))], pool[int(c * len(pool))]
            pool.append(applied(name, x, y, z))
        states = [ops.tanh(x) for x in pool[-len(states) :]]
        past.append(states[0])
        total = None if total is None else total + states[0] * states[-1]
    return states[0] + 2 * states[-1] + (0.0 if total is None else total)  # type: ignore[no-any-return]


def test_random_recurrences(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "NODES", 40)
    monkeypatch.setattr(repeats, "NODES", 40)
    loops = 0
    for seed in range(60):
        y = wild(seed)
        program = compile(y)
        loops += has_loops(program)
        must_agree(y, program)
    assert loops >= 20
