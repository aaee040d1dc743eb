"""``program.bind()``: the same answers and verdicts, from arrays that stay where they are."""

import random
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest

from autograd_lite import Parameter, Value, compile, nn, ops
from autograd_lite.compiler import Program

pytestmark = pytest.mark.parametrize(
    "native",
    [
        False,
        pytest.param(
            True,
            marks=pytest.mark.skipif(
                not find_spec("llvmlite"), reason="machine code needs llvmlite"
            ),
        ),
    ],
)


def same(program: Program[Any], run: Any, vector: Any, *inputs: Any) -> None:
    run.vector[:] = vector
    for into, x in zip(run.inputs, inputs, strict=True):
        into[...] = x
    run()
    value, slopes = program.value_and_grad(vector, *inputs)
    assert (run.value, type(run.value)) == (value, float)
    np.testing.assert_array_equal(run.gradient, slopes)


def test_a_graph(native: bool) -> None:
    xs = [Parameter(0.5), Parameter(2.0)]
    program = compile(xs[0].exp() * xs[1] + xs[0], native=native)
    run = program.bind()
    assert np.isnan(run.value)
    assert np.isnan(run.gradient).all()
    for vector in ([0.5, 2.0], [-3.0, 0.25]):
        same(program, run, vector)
    other = program.bind()  # has arrays of its own
    other.vector[:] = 7.0
    run()
    assert run.value == program.value([-3.0, 0.25])


def test_inputs_begin_with_what_the_leaves_hold(native: bool) -> None:
    w, x = Parameter(3.0), [Value(1.0), Value(2.0)]
    program = compile(w * x[0] + x[1] * x[1], inputs=[x], native=native)
    run = program.bind()
    run()
    assert (run.value, run.gradient.tolist()) == (7.0, [1.0])
    same(program, run, [2.0], [5.0, 6.0])


def test_a_batch_keeps_its_number_of_samples(native: bool) -> None:
    random.seed(0)
    model = nn.MLP(2, [4, 1])
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(7, 2)), rng.normal(size=7)
    program = compile(lambda x, y: (model(x) - y) ** 2, [X, y], "mean", native=native)
    run = program.bind(X, y)
    same(program, run, program.vector, X, y)
    same(program, run, 2.0 * program.vector, X[::-1], 3.0 * y)
    with pytest.raises(TypeError, match="inputs are x, y; got 0 arrays"):
        program.bind()


def test_several_numbers_have_no_gradient(native: bool) -> None:
    xs = [Parameter(2.0), Parameter(3.0)]
    run = compile([xs[0] * xs[1], xs[1]], native=native).bind()
    run.vector[:] = 4.0, 5.0
    run()
    np.testing.assert_array_equal(run.value, [20.0, 5.0])
    with pytest.raises(TypeError, match="2 outputs"):
        run.gradient  # noqa: B018
    each = compile(lambda x: [x, x * xs[0]], [[1.0, 2.0, 3.0]], "each", native=native)
    rows = each.bind([1.0, 2.0, 3.0])
    rows()
    np.testing.assert_array_equal(rows.value, [[1.0, 2.0], [2.0, 4.0], [3.0, 6.0]])


def test_undefined_arithmetic_raises_as_ever_and_the_next_call_is_right(native: bool) -> None:
    x = Parameter(2.0, label="x")
    program = compile((x * 3.0).log(), native=native)
    run = program.bind()
    run.vector[:] = -1.0
    with pytest.raises(ValueError, match=r"log: no real answer at x = -3\.0"):
        run()
    same(program, run, [1.0])
    hidden = compile(ops.tanh(x * 5e307), native=native)  # overflows; tanh would hide it
    run = hidden.bind()
    run.vector = [10.0]
    with pytest.raises(OverflowError):
        run()


def test_what_is_written_as_a_vector_is_looked_at(native: bool) -> None:
    run = compile(Parameter(2.0) * 3.0, native=native).bind()
    with pytest.raises(TypeError, match="takes real numbers"):
        run.vector = ["2"]  # type: ignore[assignment]
    with pytest.raises(ValueError, match="1 parameter"):
        run.vector = [1.0, 2.0]
