"""Compiling takes time in proportion to the graph: steps of work are counted, not seconds."""

import random
import sys
from collections.abc import Callable
from typing import Any

import pytest

from autograd_lite import Parameter, Value, compile, derived, ops, topological_order
from autograd_lite.compiler.recover.freeze import freeze


def running_sum(n: int) -> Value:
    """Terms that are all unlike: each has one step of a recurrence more in it."""
    x: Any = Parameter(0.3)
    total: Any = 0.0
    for _ in range(n):
        x = (0.9 * x + 0.1).sin()
        total = total + x * x
    return total  # type: ignore[no-any-return]


def alternating_sum(n: int) -> Value:
    x: Any = Parameter(0.3)
    total: Any = 0.0
    for k in range(n):
        x = x.sin()
        total = total + x if k % 3 else total - x * x
    return total  # type: ignore[no-any-return]


def random_graph(n: int) -> Value:
    rng = random.Random(0)
    nodes: list[Any] = [Parameter(rng.uniform(-1, 1)) for _ in range(10)]
    for _ in range(4 * n):
        x, y = nodes[-1 - rng.randrange(10)], nodes[-1]
        nodes.append(rng.choice([x + y, x * y, x - y, y.sin(), (x * y).tanh()]))
    return sum(nodes[-10:])  # type: ignore[return-value]


def attended(layers: int) -> Value:
    """Positions that look at those before; each entry of a layer reads all of the one below."""
    W = [[Parameter(0.1 * (i - j)) for i in range(3)] for j in range(3)]
    keys: list[Any] = []
    total: Any = 0.0
    for k in range(4):
        x: list[Any] = [Parameter(0.1 * k), Parameter(0.2), Parameter(0.3)]
        for _ in range(layers):
            x = [ops.dot(w, x) for w in W]
        keys.append(x[0])
        weights = derived.softmax([x[1] * key for key in keys])
        total = total + ops.dot(weights, keys).tanh()
    return total  # type: ignore[no-any-return]


def work(run: Callable[[], object]) -> int:
    """How many lines of Python run: a turn of a loop counts one at least."""
    count = 0

    def trace(frame: Any, event: str, arg: Any) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        run()
    finally:
        sys.settrace(before)
    return count


def frozen(y: Value) -> int:
    order = topological_order(y)
    return work(lambda: freeze(order, [y], [x for x in order if isinstance(x, Parameter)]))


def compiled(y: Value) -> int:
    return work(lambda: compile(y))


@pytest.mark.parametrize(
    ("stage", "make", "n"),
    [
        (frozen, running_sum, 100), (frozen, alternating_sum, 100), (compiled, running_sum, 25),
        (compiled, random_graph, 25),
    ],
)  # fmt: skip
def test_work_grows_with_the_graph(
    stage: Callable[[Value], int], make: Callable[[int], Value], n: int
) -> None:
    compile(make(n))  # what is worked out once for each operation
    assert stage(make(8 * n)) < 9 * stage(make(n))


def test_what_a_longer_row_reads_is_walked_as_a_graph() -> None:
    """And not as the tree of all its paths, of which each layer makes three times as many."""
    compile(attended(1))
    assert compiled(attended(8)) < 3 * compiled(attended(4))
