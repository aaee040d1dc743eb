"""Programs in machine code: that it is what answers, and that nothing else changes.

``test_compiler.py`` runs its graphs, primitives and verdicts in machine code too.
"""

import copy
import importlib.util
import math
import pickle
import random
import threading
import weakref
from typing import Any

import numpy as np
import pytest
from compiled import GROUPS, PAIRS, TAME, compile_in

from autograd_lite import Parameter, Value, compile, derived, nn, ops
from autograd_lite.compiler import Program
from autograd_lite.compiler.machine import native, table
from autograd_lite.engine.kinds import Unary
from autograd_lite.nn.losses import hinge_loss
from autograd_lite.optim import SGD
from autograd_lite.training import fit

pytest.importorskip("llvmlite", reason="machine code needs llvmlite")


def alone(program: Program) -> Program:
    """The program, which fails where its machine code gives no answer."""

    def complain(*_: Any, **__: Any) -> None:
        raise AssertionError("another form was asked")

    program._value = program._value_and_grad = program._eagerly = complain  # type: ignore[method-assign]
    return program


@pytest.mark.parametrize("length", [3, 6, 15])
def test_no_lane_divides_beyond_the_end_of_a_short_row(
    length: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    compile = compile_in("arrays in machine code", monkeypatch)
    xs = [Parameter(1.0 + k) for k in range(length)]
    program = alone(compile(ops.sum([1 / (x * x) / (2.0 + x) for x in xs])))
    value, _ = program.value_and_grad(program.vector)
    assert value == pytest.approx(sum(x.data**-2 / (2.0 + x.data) for x in xs))


def test_a_long_run_as_a_table_has_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    compile = compile_in("straight in machine code", monkeypatch)
    a, b = Parameter(0.4), Parameter(-0.7)

    def f(xs: Any, y: Any) -> Value:
        nodes = [g(x * a + b) for g, x in zip(TAME, [*xs, y] * 9, strict=False)]
        pairs = [g(x, y) for g, x, y in zip(PAIRS * 2, nodes, nodes[1:], strict=False)]
        groups = [g(nodes[k : k + 3]) for k, g in enumerate(GROUPS)]
        return ops.sum([*pairs, *groups]) + 2.5 / (y - a) + 0.0

    given = [0.3, -0.2, 0.9], 0.1
    expected = alone(compile(f, inputs=given))
    monkeypatch.setattr(table, "LONG", 0)
    program = compile(f, inputs=given)
    assert "switch" in program.to_source("llvm")
    assert "switch" not in expected.to_source("llvm")
    restored = pickle.loads(pickle.dumps(program))
    for p in ([0.4, -0.7], [-1.3, 2.1]):
        value, slopes = expected.value_and_grad(p, *given)
        for found in (alone(program), alone(restored)):
            assert found.value(p, *given) == value == found.value_and_grad(p, *given)[0]
            assert found.value_and_grad(p, *given)[1].tolist() == slopes.tolist()
    with pytest.raises(ZeroDivisionError):
        compile(f, inputs=given).value_and_grad([0.1, -0.7], *given)


def network(activation: str = "relu") -> tuple[nn.MLP, Any]:
    random.seed(5)
    model = nn.MLP(2, [8, 8, 1], activation=activation)
    return (
        model,
        lambda x, y: (
            (1 - y * model(x)).relu() + 1e-3 * sum((w * w for w in model.parameters()), 0.0)
        ),
    )


@pytest.mark.parametrize("samples", [1, 2, 3, 17, 200])
@pytest.mark.parametrize("activation", ["relu", "tanh", "gelu"])
def test_a_batch_of_any_size_as_in_numpy(samples: int, activation: str) -> None:
    _, loss = network(activation)
    rng = np.random.default_rng(samples)
    X, y = rng.normal(size=(samples, 2)), np.sign(rng.normal(size=samples))
    in_numpy = compile(loss, inputs=[X, y], batch="mean")
    in_machine_code = alone(compile(loss, inputs=[X, y], batch="mean", native=True))
    p = in_numpy.vector
    expected, slopes = in_numpy.value_and_grad(p, X, y)
    value, found = in_machine_code.value_and_grad(p, X, y)
    assert value == pytest.approx(expected, rel=1e-13)
    np.testing.assert_allclose(found, slopes, rtol=1e-11, atol=1e-14)
    assert in_machine_code(X, y) == pytest.approx(expected, rel=1e-13)


def test_arrays_need_not_lie_in_one_piece() -> None:
    _, loss = network()
    X = np.asfortranarray(np.random.default_rng(0).normal(size=(20, 4)))[::2, 1:3]
    y = np.resize([1.0, -1.0], 30)[::3]
    program = alone(compile(loss, inputs=[X, y], batch="mean", native=True))
    p = np.repeat(program.vector, 2)[::2]
    value = program.value_and_grad(p, X, y)[0]
    assert value == program.value_and_grad(p.copy(), X.copy(), y.copy())[0]


def test_after_an_error_the_next_call_is_right() -> None:
    x = Parameter(2.0, label="x")
    program = compile((x * 3.0).log(), native=True)
    with pytest.raises(ValueError, match=r"log: no real answer at x = -3\.0"):
        program.value_and_grad([-1.0])
    assert alone(program).value_and_grad([1.0]) == (pytest.approx(np.log(3.0)), [1.0])


def test_threads_share_a_program() -> None:
    _, loss = network("tanh")
    rng = np.random.default_rng(3)
    data = [(rng.normal(size=(n, 2)), np.sign(rng.normal(size=n))) for n in range(1, 9)]
    program = alone(compile(loss, inputs=list(data[0]), batch="mean", native=True))
    p = program.vector
    expected = [program.value_and_grad(p, *arrays) for arrays in data]
    wrong: list[int] = []

    def work(k: int) -> None:
        for _ in range(200):
            value, slopes = program.value_and_grad(p, *data[k])
            if value != expected[k][0] or (slopes != expected[k][1]).any():
                wrong.append(k)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_code_stays_while_anyone_runs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    engines = []

    def assembled(*args: Any, make: Any = native.assembled) -> Any:
        engines.append(made := make(*args))
        return made

    program = compile(Parameter(2.0).tanh(), native=True)
    monkeypatch.setattr(native, "assembled", assembled)
    machine_code = program._plan.native
    assert machine_code is not None
    value = machine_code.functions["value"]
    run = value._compiled()  # two threads may make the first call at once
    value._compiled()
    first, _ = map(weakref.ref, engines)
    engines.clear()
    assert first() is not None
    del run
    assert first() is None


def test_a_deep_copy_has_parameters_of_its_own() -> None:
    x = Parameter(2.0)
    program = alone(compile(x * x, native=True))
    assert program() == 4.0
    twin = copy.deepcopy(program)
    x.data = 3.0
    assert (program(), twin()) == (9.0, 4.0)


def test_products_of_large_matrices_go_to_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    _, loss = network()
    X, y = np.ones((4, 2)), np.ones(4)
    program = compile(loss, inputs=[X, y], batch="mean", native=True)
    expected = program.value_and_grad(program.vector, X, y)[0]
    monkeypatch.setattr(native, "LARGE", 2_000)
    alone(program).value_and_grad(program.vector, X, y)
    monkeypatch.setattr(native, "LARGE", 100)
    program = alone(compile(loss, inputs=[X, y], batch="mean", native=True))
    with pytest.raises(AssertionError, match="another form"):
        program.value_and_grad(program.vector, X, y)
    assert expected > 0.0


def test_a_gradient_of_no_parameters_is_not_written() -> None:
    program = alone(compile(lambda x: x * x, inputs=[[1.0]], batch="sum", native=True))
    value, slopes = program.value_and_grad([], [1.0, 2.0])
    assert (value, slopes.shape) == (5.0, (0,))
    assert "getelementptr double, ptr %out" not in program.to_source("llvm")


def test_a_list_of_outputs() -> None:
    xs = [Parameter(0.1 * k) for k in range(5)]
    ys = [x * y for x in xs for y in xs] + [ops.logsumexp(xs), xs[0] + 1.0]
    program = alone(compile(ys, native=True))
    np.testing.assert_allclose(program(), [y.data for y in ys], rtol=1e-15)


def test_bounds_may_be_infinite() -> None:
    x = Parameter(-2.0)
    program = alone(
        compile(derived.clip(x, 0.5, math.inf) * derived.clip(x, -math.inf, 1.0), native=True)
    )
    assert program.value_and_grad([-2.0]) == (-1.0, [0.5])


def test_training_gives_the_same_network() -> None:
    found = []
    for compiled in (True, "native"):
        model, _ = network()
        rng = np.random.default_rng(1)
        X = rng.normal(size=(40, 2))
        y = np.sign(X[:, 0] * X[:, 1])
        fit(
            model, X, y, loss=hinge_loss, optimiser=SGD(model.parameters(), 0.1),
            epochs=20, batch_size=16, compiled=compiled,
        )  # fmt: skip
        found.append([w.data for w in model.parameters()])
    np.testing.assert_allclose(*found, rtol=1e-9)


def test_its_text_is_what_llvm_compiles() -> None:
    from llvmlite import binding

    x = Parameter(0.5)
    program = compile(x.sinh() * x, native=True)
    text = program.to_source("llvm")
    assert "call double @sinh(double" in text
    assert "and machine code" in repr(program)
    for function in text.split("declare i32 @feclearexcept")[1:]:
        binding.parse_assembly("declare i32 @feclearexcept" + function).verify()


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    x = Value(1.0)
    with pytest.raises(ValueError, match="native=True"):
        compile(x * x).to_source("llvm")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(native, "find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'autograd_lite\[native\]'"):
        compile(x * x, native=True)


def test_a_function_that_nobody_wrote_in_machine_code() -> None:
    x = Value(0.5)
    i0 = Unary("i0", "I₀", math.gamma, lambda z, x: (1.0,))  # math has it, C names it otherwise
    with pytest.raises(NotImplementedError, match="no machine code for i0"):
        compile(i0.record(x), native=True)


def test_more_inputs_than_a_foreign_function_has_arguments() -> None:
    xs = [Value(0.5) for _ in range(1_030)]
    program = alone(compile(ops.sum(xs), inputs=xs, native=True))
    assert program(*[2.0] * 1_030) == 2_060.0


def test_flags_that_others_left_set_are_no_verdict() -> None:
    x = Parameter(2.0)
    program = alone(compile(x * x, native=True))
    program.value_and_grad([1.0])
    assert math.isnan(float("inf") * float("0"))  # sets the flag of what is undefined
    assert program.value_and_grad([3.0]) == (9.0, [6.0])


def test_an_array_that_was_returned_stays_as_it_is() -> None:
    xs = [Parameter(2.0), Parameter(3.0)]
    program = alone(compile(xs[0] * xs[1], native=True))
    rows = [program.value_and_grad(np.array(p))[1] for p in ([1.0, 2.0], [3.0, 4.0], [5.0, 6.0])]
    np.testing.assert_array_equal(rows, [[2.0, 1.0], [4.0, 3.0], [6.0, 5.0]])
    many = alone(compile([x * x for x in xs], native=True))
    values = [many.value(np.array(p)) for p in ([1.0, 2.0], [3.0, 4.0])]
    np.testing.assert_array_equal(values, [[1.0, 4.0], [9.0, 16.0]])


def test_a_pickle_for_another_machine_asks_for_the_flags_of_this_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    program = compile(Parameter(2.0).log(), native=True)
    packed = pickle.dumps(program)
    assert pickle.loads(packed).to_source("llvm") == program.to_source("llvm")
    for flags in (native.WINDOWS, native.ARM, native.INTEL):
        monkeypatch.setattr(native, "_flags", lambda flags=flags: flags)
        assert f"fetestexcept(i32 {flags})" in pickle.loads(packed).to_source("llvm")


def test_without_llvmlite_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native, "find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError) as caught:
        compile(Parameter(1.0) * 2.0, native=True)
    assert str(caught.value) == (
        "native=True compiles with llvmlite, which is not installed: "
        "pip install 'autograd_lite[native]', or leave native=True out."
    )
