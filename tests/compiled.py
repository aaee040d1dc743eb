"""For the tests of the compiler: its forms, and random graphs, shapeless or made by loops."""

import math
import random
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

from autograd_lite import Parameter, Value, compile, derived, ops, topological_order
from autograd_lite.compiler import Program, build
from autograd_lite.compiler.machine import kernels, table
from autograd_lite.compiler.write import taped

FORMS = ["arrays", "straight", "arrays in machine code", "straight in machine code"]
#: What large graphs of scalars become.
TAPES = ["by levels", "one by one"]


def compile_in(form: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Program]:
    """``compile``, to programs of this form as long as the patch lasts."""
    monkeypatch.setattr(build, "OPERATION", math.inf if "arrays" in form else 0.0)
    if form in TAPES:
        monkeypatch.setattr(taped, "LONG", 0)
        monkeypatch.setattr(table, "LONG", 0)
        monkeypatch.setattr(taped, "OPERATION", math.inf if form == "by levels" else 0.0)
    if "machine code" not in form:
        return compile
    pytest.importorskip("llvmlite")
    monkeypatch.setattr(kernels, "BODY", 20)  # several functions even for small graphs
    return partial(compile, native=True)


TAME: list[Callable[[Any], Any]] = [
    ops.tanh, ops.sin, ops.cos, ops.sigmoid, ops.relu, ops.softplus, ops.square, ops.abs,
    ops.atan, ops.gelu, ops.silu, ops.sech, ops.step, ops.sign, ops.softsign, ops.erf,
    lambda x: derived.leaky_relu(x), lambda x: derived.elu(x), lambda x: derived.clip(x, -0.5, 0.7),
    lambda x: ops.exp(ops.tanh(x)), lambda x: ops.log(1.5 + ops.square(x)), lambda x: -x,
    lambda x: ops.sqrt(0.5 + ops.square(x)), lambda x: x**3 * 0.1, lambda x: 1 / (2 + ops.abs(x)),
]  # fmt: skip
PAIRS: list[Callable[[Any, Any], Any]] = [
    lambda x, y: x + y, lambda x, y: x - y, lambda x, y: x * y, lambda x, y: x / (2 + ops.abs(y)),
    ops.maximum, ops.minimum, ops.hypot, ops.atan2, ops.logaddexp,
    lambda x, y: (0.5 + ops.abs(x)) ** ops.tanh(y), lambda x, y: ops.where(ops.step(x), x, y),
]  # fmt: skip
GROUPS: list[Callable[[list[Any]], Any]] = [
    ops.sum, ops.mean, ops.logsumexp, sum,
    lambda xs: ops.prod([ops.tanh(x) for x in xs]),
    lambda xs: derived.softmax(xs)[0], lambda xs: ops.dot(xs, list(reversed(xs))),
]  # fmt: skip


def shapeless(rng: random.Random) -> tuple[Value, list[Value]]:
    """Any operation on any nodes made so far: diamonds, repeated operands, constants."""
    leaves: list[Value] = [Parameter(rng.uniform(-1, 1)) for _ in range(rng.randint(1, 5))]
    nodes: list[Any] = [*leaves, rng.choice([1.0, -2.0, 0.5])]
    for _ in range(rng.randint(1, 25)):
        kind = rng.random()
        if kind < 0.35:
            nodes.append(rng.choice(TAME)(rng.choice(nodes)))
        elif kind < 0.8:
            nodes.append(rng.choice(PAIRS)(rng.choice(nodes), rng.choice(nodes)))
        else:
            nodes.append(rng.choice(GROUPS)([rng.choice(nodes) for _ in range(rng.randint(1, 4))]))
    y = sum(rng.sample(nodes, min(3, len(nodes)))) + 0.0 * leaves[0]
    return y, leaves


def _each(f: Callable[..., Any], *arrays: Any) -> Any:
    out = np.empty(np.broadcast(*arrays).shape, dtype=object)
    for index, operands in zip(np.ndindex(out.shape), np.broadcast(*arrays), strict=True):
        out[index] = f(*operands)
    return out


def _chain(xs: Any) -> Any:
    total = xs[0]
    for x in xs[1:]:
        total = total + x
    return total


def loops(rng: random.Random) -> tuple[Value, list[Value]]:
    """Arrays of Values, operated on element by element, contracted, cut, turned and picked."""
    sizes = [rng.randint(1, 4) for _ in range(3)]
    leaves: list[Value] = []

    def fresh(shape: tuple[int, ...], constant: bool = False) -> Any:
        out = np.empty(shape, dtype=object)
        for index in np.ndindex(shape):
            x: Any = rng.uniform(-1, 1)
            if not constant:
                x = Parameter(x)
                leaves.append(x)
            out[index] = x
        return out

    def a_shape() -> tuple[int, ...]:
        return tuple(rng.choice(sizes) for _ in range(rng.randint(1, 3)))

    pool = [fresh(a_shape()) for _ in range(2)]
    for _ in range(rng.randint(2, 8)):
        x = rng.choice(pool)
        kind = rng.randrange(9)
        if kind == 0:
            pool.append(_each(rng.choice(TAME), x))
        elif kind == 1:
            others = [y for y in pool if _fits(x.shape, y.shape)]
            pool.append(_each(rng.choice(PAIRS), x, rng.choice(others)))
        elif kind == 2:
            other = fresh(x.shape[rng.randint(0, x.ndim) :], constant=rng.random() < 0.5)
            pool.append(_each(rng.choice(PAIRS), x, other))
        elif kind == 3 and x.ndim:
            rows = x.reshape(-1, x.shape[-1])
            w = fresh((rng.choice(sizes), x.shape[-1]))
            bias = rng.random() < 0.5
            out = np.empty((len(rows), len(w)), dtype=object)
            for i, row in enumerate(rows):
                for j, weights in enumerate(w):
                    out[i, j] = ops.dot(list(weights), list(row), 0.5 if bias else None)
            pool.append(out)
        elif kind == 4 and x.ndim:
            total = rng.choice([*GROUPS, _chain])
            rows = np.moveaxis(x, rng.randrange(x.ndim), -1)
            out = np.empty(rows.shape[:-1], dtype=object)
            for index in np.ndindex(out.shape):
                out[index] = total(list(rows[index]))
            pool.append(out)
        elif kind == 5 and x.ndim:
            axis = rng.randrange(x.ndim)
            pool.append(np.moveaxis(x, axis, 0)[rng.randrange(x.shape[axis]) :])
        elif kind == 6:
            pool.append(x.T)
        elif kind == 7:
            pool.append(
                x.ravel()[np.array([rng.randrange(x.size) for _ in range(rng.choice(sizes))])]
            )
        elif kind == 8 and x.ndim:
            pool.append(x[::-1] if rng.random() < 0.5 else x[::2])
    chosen = [rng.choice(pool), pool[-1]]
    y = sum(sum(array.ravel().tolist()) for array in chosen)
    return y + 0.0 * leaves[0], leaves


def _fits(a: tuple[int, ...], b: tuple[int, ...]) -> bool:
    return all(m == n or 1 in (m, n) for m, n in zip(reversed(a), reversed(b), strict=False))


def substituted(y: Value, values: dict[Value, Any]) -> Value:
    """The graph recorded again, with other Values in place of some leaves."""
    new: dict[Value, Any] = dict(values)

    def renewed(group: Any) -> Any:
        return tuple(new[x] for x in group) if type(group) is tuple else new[group]

    for node in topological_order(y):
        if node not in new:
            groups = (node._left,) if node._right is None else (node._left, node._right)
            new[node] = node.op.record(*map(renewed, groups)) if node.op else node
    return new[y]  # type: ignore[no-any-return]
