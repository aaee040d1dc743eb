"""Causal attention, written out position by position, becomes matrices with a mask."""

import math
import random
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest

from autograd_lite import Parameter, Value, compile, derived, ops, topological_order
from autograd_lite.compiler.recover.ragged import filled

WIDTH, HEADS = 4, 2


def weights(rng: random.Random) -> list[list[Parameter]]:
    return [[Parameter(rng.gauss(0, 0.5)) for _ in range(WIDTH)] for _ in range(WIDTH)]


def in_loops(ws: Any, xs: Any) -> Any:
    return sum(w * x for w, x in zip(ws, xs, strict=True))


def in_nodes(ws: Any, xs: Any) -> Any:
    return ops.dot(ws, xs)


def softmax(logits: list[Any]) -> list[Any]:
    total = ops.logsumexp(logits)
    return [(x - total).exp() for x in logits]


def attention(
    xs: list[list[Any]], W: list[Any], dot: Callable[..., Any], probabilities: Callable[..., Any]
) -> list[list[Any]]:
    """Several heads; each position looks at itself and at those before."""
    rows, size = [], WIDTH // HEADS
    keys: list[Any] = []
    values: list[Any] = []
    for x in xs:
        q, k, v = [[dot(row, x) for row in w] for w in W]
        keys.append(k)
        values.append(v)
        out = []
        for h in range(0, WIDTH, size):
            head = slice(h, h + size)
            weights = probabilities([dot(q[head], k[head]) * size**-0.5 for k in keys])
            out += [dot(weights, [v[j] for v in values]) for j in range(h, h + size)]
        rows.append([a + b for a, b in zip(x, out, strict=True)])
    return rows


def loss(
    positions: int,
    dot: Callable[..., Any] = in_loops,
    probabilities: Callable[..., Any] = derived.softmax,
    layers: int = 1,
) -> Value:
    rng = random.Random(3)
    xs: list[list[Any]] = [
        [Parameter(rng.gauss(0, 1)) for _ in range(WIDTH)] for _ in range(positions)
    ]
    for _ in range(layers):
        xs = attention(xs, [weights(rng) for _ in range(3)], dot, probabilities)
    return sum(x.tanh() for row in xs for x in row)  # type: ignore[return-value]


def must_agree(y: Value, native: bool = False) -> str:
    program = compile(y, native=native)
    for x in topological_order(y):
        x.grad = 0.0
    y.backward()
    value, slopes = program.value_and_grad(program.vector)
    expected = np.array([x.grad for x in program.parameters])
    assert math.isclose(value, y.data, rel_tol=1e-12)
    assert np.abs(slopes - expected).max() <= 1e-12 * np.abs(expected).max()
    return program._text.body("numpy")


@pytest.mark.parametrize(
    ("dot", "probabilities", "native"),
    [
        (in_loops, derived.softmax, False), (in_nodes, derived.softmax, False),
        (in_nodes, softmax, False), (in_loops, softmax, find_spec("llvmlite") is not None),
    ],
)  # fmt: skip
def test_attention_is_one_product_with_a_mask(
    dot: Callable[..., Any], probabilities: Callable[..., Any], native: bool
) -> None:
    text = must_agree(loss(6, dot, probabilities), native)
    assert f"# ({HEADS}, 6, 6)" in text
    assert "np.take" not in text


def test_programs_are_as_long_for_any_number_of_positions() -> None:
    lengths = [len(must_agree(loss(n, layers=2)).splitlines()) for n in (5, 9)]
    assert lengths[0] == lengths[1] < 130


def test_samples_have_their_own_attention() -> None:
    rng = random.Random(5)
    W = [weights(rng) for _ in range(3)]

    def f(x: Any) -> Any:
        return sum(v.tanh() for row in attention(x, W, in_loops, derived.softmax) for v in row)

    X = np.random.default_rng(0).normal(size=(3, 5, WIDTH))
    program = compile(f, inputs=[X], batch="mean")
    one = [f([[Value(v) for v in row] for row in x]) for x in X.tolist()]
    mean = ops.mean(one)
    mean.backward()
    value, slopes = program.value_and_grad(program.vector, X)
    assert math.isclose(value, mean.data, rel_tol=1e-12)
    np.testing.assert_allclose(slopes, [x.grad for x in program.parameters], atol=1e-13)


def test_what_is_fed_back_is_left_as_it_is() -> None:
    """The value of a position is what the position before came to: none can come earlier."""
    w = Parameter(0.3)
    xs: list[Any] = [Parameter(0.5)]
    for _ in range(6):
        logits = [xs[-1] * x for x in xs]
        xs.append(sum(p * x for p, x in zip(derived.softmax(logits), xs, strict=True)) + w)
    y = xs[-1]
    assert filled(topological_order(y), [y]) is None
    must_agree(y)


def test_rows_of_two_lengths_are_left_as_they_are() -> None:
    y = loss(2)
    assert filled(topological_order(y), [y]) is None
    assert "inf" not in must_agree(y)


def test_rows_read_elsewhere_and_rows_of_other_shapes() -> None:
    rng = random.Random(7)
    queries, keys = [
        [[Parameter(rng.gauss(0, 1)) for _ in range(3)] for _ in range(7)] for _ in "qk"
    ]
    total: Any = 0.0
    for i, q in enumerate(queries):
        shown = keys[: i // 2 + 1]
        p = derived.softmax([in_loops(q, k) for k in shown])
        total = total + p[0] * p[-1] + in_loops(p, [k[0] for k in shown]).sin()
    must_agree(total)


def test_undefined_arithmetic_is_what_the_graph_says() -> None:
    y = loss(4)
    program = compile(y)
    at = 1e200 * program.vector
    for x, number in zip(program.parameters, at.tolist(), strict=True):
        x.data = number
    with pytest.raises(OverflowError):
        program.value(at)
