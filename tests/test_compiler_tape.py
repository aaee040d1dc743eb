"""Large graphs of scalars as tapes: by levels in NumPy, or one number after the other."""

import math
import pickle
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from compiled import TAPES, compile_in, shapeless

import autograd_lite as ag
from autograd_lite import Parameter, Value, compile, ops
from autograd_lite.compiler import Program
from autograd_lite.compiler.arrays import tape
from autograd_lite.compiler.write import scalars, taped

#: A line that only such a program has.
TOLD = {"by levels": "in GROUPS.tolist():", "one by one": "in zip(*steps()):"}


@pytest.fixture(params=TAPES)
def compiled(request: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Program]:
    """``compile``; the program has that form, or the test fails."""
    compiles = compile_in(request.param, monkeypatch)

    def checked(*given: Any, **named: Any) -> Program:
        program = compiles(*given, **named)
        assert TOLD[request.param] in str(program)
        return program

    return checked


def layered(width: int, depth: int) -> Value:
    """Levels of unlike operations, each node of two of the level before."""
    rng = random.Random(0)
    row: list[Any] = [Parameter(rng.uniform(-1, 1)) for _ in range(width)]
    for _ in range(depth):
        pairs = [(rng.choice(row), rng.choice(row)) for _ in row]
        row = [rng.choice([x * y, x - y, x.sin(), ops.maximum(x, y)]) for x, y in pairs]
    return ops.sum(row)


def thin(n: int) -> Value:
    rng = random.Random(0)
    nodes: list[Any] = [Parameter(0.3), Parameter(-0.4)]
    for _ in range(n):
        x, y = nodes[-1], nodes[-1 - rng.randrange(2)]
        nodes.append(rng.choice([x * y + 0.5, x.sin(), (x - y).cos(), 0.5 * (x + y)]))
    return nodes[-1]  # type: ignore[no-any-return]


def printed(program: Program) -> Any:
    """What the printed program answers at the numbers of the leaves, alone in a namespace."""
    space: dict[str, Any] = {"__name__": "alone"}
    exec(program.to_source(), space)
    p = program.vector
    return space["value_and_grad"](p if "GROUPS" in space else p.tolist())


def agrees(program: Program, y: Value) -> None:
    """The program, what it prints and its copy answer as the graph does."""
    y.backward()
    slopes = [x.grad for x in program.parameters]
    restored = pickle.loads(pickle.dumps(program))
    at = program.vector
    for value, found in (
        program.value_and_grad(at), printed(program), restored.value_and_grad(at)
    ):  # fmt: skip
        assert value == pytest.approx(y.data, rel=1e-12, abs=1e-300)
        assert np.asarray(found) == pytest.approx(slopes, rel=1e-12, abs=1e-12)
    assert program() == pytest.approx(y.data, rel=1e-12, abs=1e-300)


@pytest.mark.parametrize("form", TAPES)
@pytest.mark.parametrize("seed", range(8))
def test_random_graphs(form: str, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    y, leaves = shapeless(random.Random(seed))
    agrees(compile_in(form, monkeypatch)(y, parameters=leaves), y)


@pytest.mark.parametrize(
    ("y", "form"),
    [
        (layered(500, 5), "by levels"), (layered(100, 12), None), (thin(500), None),
        (layered(150, 30), "by levels"), (thin(2500), "one by one"),
    ],
    ids=["wide", "narrow", "few", "many, wide", "many, thin"],
)  # fmt: skip
def test_a_tape_is_what_is_large_or_wide(
    y: Value, form: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taped, "LONG", 3_000)
    program = compile(y)
    assert [name for name, line in TOLD.items() if line in str(program)] == [form] * bool(form)
    agrees(program, y)


def test_on_jax_nothing_is_put_into_arrays() -> None:
    program = compile(layered(500, 5))
    assert not [line for line in program.to_source("jax.numpy").splitlines() if "] = " in line]


EDGES: dict[str, tuple[Callable[[Any, Any], Any], tuple[float, float]]] = {
    "log of a negative number in the middle": (lambda x, y: ops.tanh(ops.log(x * y)), (1.0, -1.0)),
    "division by zero": (lambda x, y: ops.atan((x + y) / (x - y)), (1.0, 1.0)),
    "an overflow that tanh hides": (lambda x, y: ops.tanh(x * y * x), (1e200, -1e200)),
    "an overflow that comes out": (lambda x, y: ops.exp(x * y), (30.0, 30.0)),
    "0 times infinity in a slope": (lambda x, y: y * ops.sqrt(x), (0.0, 0.0)),
    "a piece that is not chosen": (lambda x, y: ops.relu(-ops.sqrt(x)) + y, (0.0, 2.0)),
    "both arms of a choice": (lambda x, y: ops.where(ops.step(x), ops.log(x), y), (-1.0, 2.0)),
    "a tip": (lambda x, y: ops.abs(x) + ops.maximum(x, y) + ops.relu(y), (0.0, 0.0)),
    "a cut that tells 0 from -0": (lambda x, y: ops.atan2(x - y, -1.0 - x * x), (-0.0, 0.0)),
    "infinite, and no overflow": (lambda x, y: ops.atan(x) * y, (math.inf, 2.0)),
    "not a number": (lambda x, y: ops.maximum(x, 0.0) * y, (math.nan, 2.0)),
}


def outcome(run: Callable[[], tuple[float, Any]]) -> str:
    try:
        value, slopes = run()
    except (ArithmeticError, ValueError) as error:
        return f"{type(error).__name__}: {error}"
    return ", ".join(f"{x + 0.0:.12g}" for x in (value, *slopes))


@pytest.mark.parametrize("edge", EDGES)
def test_edges_are_those_of_the_graph(edge: str, compiled: Callable[..., Program]) -> None:
    f, point = EDGES[edge]
    xs = [Parameter(1.5), Parameter(1.25)]
    program = compiled(f(*xs) + 0.5 * xs[0], parameters=xs)

    def eagerly() -> tuple[float, list[float]]:
        x, y = map(Value, point)
        z = f(x, y) + 0.5 * x
        z.backward()
        return z.data, [x.grad, y.grad]

    expected = outcome(eagerly)
    assert outcome(lambda: program.value_and_grad(point)) == expected
    if "Error" in expected:
        assert outcome(lambda: (program.value(point), [])) == expected


def test_derivatives_of_many_kinds(compiled: Callable[..., Program]) -> None:
    p = [Parameter(0.7), Parameter(-0.2)]

    def f(forward: Any, v: Any) -> Value:  # the names of helpers and of their variables
        return ops.tanh(p[0] * forward[0] + v * forward[1]) * ops.exp(p[1] * v) + ops.sin(v)

    given = [0.3, -0.8], 0.9
    program = compiled(f, inputs=given)
    for found, expected in zip(
        program.gradient(*given), ag.grad(lambda a, b: f(a, b), (0, 1))(*given), strict=True
    ):
        assert found == pytest.approx(np.array(expected, dtype=float), rel=1e-12)

    def g(q: Any) -> Any:
        return ops.tanh(q[0] * 0.3 + 0.9 * -0.8) * ops.exp(q[1] * 0.9) + math.sin(0.9)

    at = [0.7, -0.2]
    hessian = np.array(ag.hessian(g)(at), dtype=float)
    assert program.hessian(at, *given) == pytest.approx(hessian, rel=1e-12)
    assert program.hvp(at, [1.0, 2.0], *given) == pytest.approx(hessian @ [1.0, 2.0], rel=1e-12)


def test_several_outputs_and_parameters_that_nothing_reads(
    compiled: Callable[..., Program],
) -> None:
    x, unread = Parameter(2.0), Parameter(5.0)
    program = compiled([x * x, ops.sin(x), x], parameters=[unread, x])
    assert program().tolist() == pytest.approx([4.0, math.sin(2.0), 2.0])
    assert program.jacobian is not None
    alone = compiled(x * ops.sin(x), parameters=[unread, x])
    assert alone.value_and_grad([5.0, 2.0])[1][0] == 0.0


def test_what_is_no_tape(monkeypatch: pytest.MonkeyPatch) -> None:
    """Constants that are infinite; many operands; and in a loop, functions that NumPy lacks."""
    x = Parameter(0.5)
    many = ops.logsumexp([x * k for k in range(tape.MOST + 1)])
    for y, lines in (
        (ops.maximum(x * x, -math.inf), TAPES), (many, TAPES), (ops.lgamma(x) * x, ["one by one"])
    ):  # fmt: skip
        for form in TAPES:
            program = compile_in(form, monkeypatch)(y)
            assert (TOLD[form] in str(program)) == (form not in lines)
            agrees(program, y)
            x.grad = 0.0


def test_operations_of_many_operands(compiled: Callable[..., Program]) -> None:
    xs = [Parameter(math.sin(k)) for k in range(tape.MOST)]
    y = ops.logsumexp(xs) * ops.prod([1.5 + x for x in xs[:20]]) + ops.dot(xs[:9], xs[9:18])
    agrees(compiled(y), y)


def test_a_long_sum_is_no_chain(monkeypatch: pytest.MonkeyPatch) -> None:
    xs = [Parameter(math.sin(k)) for k in range(3 * scalars.LONG)]
    y = ops.sum([x * x if k % 3 else -x for k, x in enumerate(xs)])
    program = compile_in("by levels", monkeypatch)(y)
    (line,) = [line for line in str(program).splitlines() if line.startswith("LEVELS")]
    assert line.count("[") < 16
    agrees(program, y)
