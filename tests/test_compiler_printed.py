"""What programs look like, line by line, since people read them.

They are kept in ``fixtures/printed.txt``. Where a change of the compiler is meant to change what
it writes, write them again with ``python tests/test_compiler_printed.py`` and read the difference.
"""

import math
import random
import re
from collections.abc import Callable
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

import pytest

import autograd_lite as ag
from autograd_lite import Parameter, compile, ops
from autograd_lite.compiler import Program, build
from autograd_lite.nn import MLP, GRUCell
from autograd_lite.nn.losses import binary_cross_entropy_with_logits, cross_entropy, mse_loss

KEPT = Path(__file__).parent / "fixtures" / "printed.txt"
Numbers = list[Any]


def row(n: int, start: float = 0.25) -> Numbers:
    return [Parameter(start + 0.125 * k) for k in range(n)]


def rows(m: int, n: int) -> list[Numbers]:
    return [row(n, 0.25 * k) for k in range(m)]


def flat(rows: list[Numbers]) -> Numbers:
    return [*chain.from_iterable(rows)]


def each(xs: Numbers) -> Any:
    return ops.sum([ops.sin(x) for x in xs])


def network(activation: str = "relu", last: int = 3) -> MLP:
    random.seed(0)
    return MLP(2, [4, last], activation=activation)


X, T, Y = [[0.5, -1.0], [1.5, 2.0]], [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]], [0.0, 1.0]


# --- straight lines -------------------------------------------------------------------------------


def arithmetic() -> Program:
    """What is read once stands inside, what could hide an overflow has a name."""
    a, b = Parameter(0.5, label="a"), Parameter(2.0, label="b")
    return compile(ops.log(a * b) + (a - b) / (a * a + 1.0) - 2.0 ** -(a - 1.0) * (b - (a - 3.0)))


def branches() -> Program:
    a, b = Parameter(0.5, label="a"), Parameter(2.0, label="b")
    return compile(
        ops.relu(a - b) * ops.relu(a + b) + ops.where(ops.step(a), -b, ops.maximum(a, b))
    )


def powers() -> Program:
    a, b = Parameter(0.5, label="a"), Parameter(2.0, label="b")
    c = ops.tanh(-a) / -b
    return compile(c**3 - c**-0.5 * (c / a) / b + a**b + ops.hypot(a, 1e200 * b))


def long_sum() -> Program:
    return compile(ops.sum([x * y for x, y in zip(row(13), row(13, 9.0), strict=True)]))


def taken_names() -> Program:
    labels = ("p", "v1", "x y", "loss", "np", "w", "w", "2a", "lambda", "dw")
    a, b, c, *rest = [Parameter(0.5, label=label) for label in labels]
    return compile(ops.exp(a * b) * ops.exp(a * b) + c * ops.prod(rest))


def recurrent_cell() -> Program:
    random.seed(1)
    cell = GRUCell(1, 1)
    return compile(lambda x, h: cell([x], [h])[0], inputs=[0.5, 0.25])


def inputs_and_a_parameter() -> Program:
    w = Parameter(0.5, label="w")
    return compile(lambda x, y: ops.exp(x[0] * y) / w + x[1], inputs=[[0.5, 1.5], 2.0])


STRAIGHT = (
    arithmetic, branches, powers, long_sum, taken_names, recurrent_cell, inputs_and_a_parameter,
)  # fmt: skip


# --- arrays ---------------------------------------------------------------------------------------


def classifier() -> Program:
    model = network()
    return compile(lambda x, t: cross_entropy([model(x)], [t]), inputs=[X, T], batch="mean")


def regression_with_decay() -> Program:
    model = network("tanh", 1)
    decay = 0.01 * ops.sum([w * w for w in model.parameters()])
    return compile(
        lambda x, y: mse_loss([model(x)], [y]), inputs=[X, Y], batch="sum", once=lambda: decay
    )


def logits_each() -> Program:
    model = network("sigmoid", 1)
    return compile(
        lambda x, y: binary_cross_entropy_with_logits([model(x)], [y]), inputs=[X, Y], batch="each"
    )


def network_on_parameters_alone() -> Program:
    model = network("gelu")
    return compile(ops.logsumexp(model([0.5, -1.0])))


def product_and_bias() -> Program:
    W, b, x = rows(3, 4), row(3), row(4, 2.0)
    return compile(ops.sum([ops.tanh(ops.dot(w, x, c)) for w, c in zip(W, b, strict=True)]))


def matrices() -> Program:
    A, B = rows(2, 3), rows(3, 4)
    return compile(each([ops.dot(a, b) for a in A for b in zip(*B, strict=True)]))


def parameters_out_of_order() -> Program:
    W, b = rows(3, 2), row(3)
    y = ops.sum([ops.tanh(ops.dot(w, [0.5, 2.0], c)) for w, c in zip(W, b, strict=True)])
    order = [p for w, c in zip(W, b, strict=True) for p in (c, *w)]
    return compile(y, parameters=order)


def columns() -> Program:
    """A rectangle read down, every second column."""
    A = rows(3, 6)
    down = [ops.exp(A[i][j]) for j in range(0, 6, 2) for i in range(3)]
    return compile(ops.logsumexp(down) + each(flat(A)), parameters=flat(A))


def a_corner() -> Program:
    A = rows(4, 5)
    corner = [A[i][j] for i in (1, 2) for j in (2, 3, 4)]
    return compile(each(flat(A)) * ops.logsumexp(corner), parameters=flat(A))


def one_column_and_one_row() -> Program:
    A = rows(3, 4)
    return compile(
        ops.logsumexp([a[1] for a in A]) * ops.logsumexp(A[2]) - ops.logsumexp(A[0][1:3]),
        parameters=flat(A),
    )


def a_run_across_rows() -> Program:
    """A block of the flat array that is no rectangle of it."""
    A = rows(4, 5)
    pairs = zip(flat(A)[3:15], flat(A)[5:17], strict=True)
    return compile(
        ops.sum([ops.logsumexp(a) for a in A]) + ops.sum([x * y for x, y in pairs]),
        parameters=flat(A),
    )


def neighbours_in_a_plane() -> Program:
    A = rows(3, 4)
    across = [A[i][j + 1] - A[i][j] for i in range(3) for j in range(3)]
    down = [A[i + 1][j] - A[i][j] for j in range(4) for i in range(2)]
    return compile(each(across) + ops.sum(list(map(ops.square, down))), parameters=flat(A))


def a_turned_product() -> Program:
    A = rows(3, 4)
    v = row(3, 2.0)
    turned = [ops.dot(v, column) for column in zip(*A, strict=True)]
    return compile(each(turned), parameters=[*v, *flat(A)])


def differences() -> Program:
    x = row(7)
    return compile(ops.sum([ops.square(b - a) for a, b in pairwise(x)]))


def windows(length: int) -> Program:
    x, k = row(length + 4), row(length, -1.0)
    return compile(each([ops.dot(k, x[i : i + length]) for i in range(5)]))


def three_overlapping_windows() -> Program:
    return windows(3)


def as_many_windows_as_are_written_out() -> Program:
    return windows(8)


def more_windows_than_are_written_out() -> Program:
    return windows(9)


def backwards_and_picked() -> Program:
    x = row(6)
    turned = [a * b for a, b in zip(x, reversed(x), strict=True)]
    return compile(each(turned) + ops.sum([ops.exp(x[k]) for k in (3, 1, 4, 1, 5, 2)]))


def outer_product() -> Program:
    x, y = row(3), row(4, 2.0)
    return compile(each([a * b for a in x for b in y]))


def rows_reduced() -> Program:
    A = rows(3, 4)
    found = [each(list(map(f, A))) for f in (ops.prod, ops.mean, ops.logsumexp)]
    return compile(ops.sum(found), parameters=flat(A))


def columns_reduced() -> Program:
    A = rows(3, 4)
    found = [[f(a) for a in zip(*A, strict=True)] for f in (ops.sum, ops.logsumexp)]
    return compile(each(found[0]) + each(found[1]), parameters=flat(A))


def three_axes() -> Program:
    A = [rows(3, 4) for _ in range(2)]
    w = row(3, 5.0)
    along = [ops.dot(w, column) for plane in A for column in zip(*plane, strict=True)]
    return compile(each(along), parameters=[*w, *flat(flat(A))])


def an_attention() -> Program:
    Q, K, V = rows(2, 3), rows(4, 3), rows(4, 3)
    found = []
    for q in Q:
        weights = ag.softmax([ops.dot(q, k) / math.sqrt(3.0) for k in K])
        found += [ops.dot(weights, [v[j] for v in V]) for j in range(3)]
    return compile(each(found), parameters=flat(Q + K + V))


def pairs_of_points() -> Program:
    P = rows(4, 2)
    return compile(
        ops.sum([1.0 / ops.hypot(p[0] - q[0], p[1] - q[1])
                 for i, p in enumerate(P) for q in P[:i]])
    )  # fmt: skip


def constants() -> Program:
    x = row(4)
    table = [0.5, -1.5, 2.25, 8.0]
    return compile(each([a * c + 3.0 for a, c in zip(x, table, strict=True)]) - 1e-3 * each(x))


def shared_kinks() -> Program:
    x, y = row(4, -0.25), row(4, 0.5)
    kinked = [ops.relu(a) * ops.relu(b) + ops.abs(a) - ops.maximum(a, b)
              for a, b in zip(x, y, strict=True)]  # fmt: skip
    return compile(each(kinked))


def samples_that_are_matrices() -> Program:
    w = row(3)
    X = [[[0.5, 1.5, -1.0], [2.0, 0.25, 1.0]]] * 2
    return compile(lambda x: ops.tanh(ops.dot(w, x[0]) * ops.dot(w, x[1])), inputs=[X], batch="sum")


ARRAYS = (
    classifier, regression_with_decay, logits_each, network_on_parameters_alone, product_and_bias,
    matrices, parameters_out_of_order, columns, a_corner, one_column_and_one_row,
    a_run_across_rows, neighbours_in_a_plane, a_turned_product, differences,
    three_overlapping_windows, as_many_windows_as_are_written_out,
    more_windows_than_are_written_out, backwards_and_picked,
    outer_product, rows_reduced, columns_reduced, three_axes, an_attention, pairs_of_points,
    constants, shared_kinks, samples_that_are_matrices,
)  # fmt: skip


FOR_JAX = (backwards_and_picked, samples_that_are_matrices)


def printed(make: Callable[[], Program], monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(build, "OPERATION", math.inf if make in ARRAYS else 0.0)
    program = make()
    texts = [program.to_source(xp) for xp in ("numpy", *["jax.numpy"] * (make in FOR_JAX))]
    bodies = [text.rpartition("if __name__")[0] for text in texts]
    return re.sub(r"\n{2,}", "\n", "".join(bodies))


def kept() -> dict[str, str]:
    parts = re.split(r"^=== (\w+)\n", KEPT.read_text("utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.mark.parametrize("make", [*STRAIGHT, *ARRAYS], ids=lambda make: make.__name__)
def test_a_program_is_printed_to_the_letter(
    make: Callable[[], Program], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert printed(make, monkeypatch) == kept()[make.__name__]


if __name__ == "__main__":
    with pytest.MonkeyPatch.context() as patch:
        texts = [f"=== {f.__name__}\n{printed(f, patch)}" for f in (*STRAIGHT, *ARRAYS)]
    KEPT.write_text("".join(texts), "utf-8")
