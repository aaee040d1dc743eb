"""Compiled programs where numbers are infinite, NaN, too large, or zero with a sign."""

import builtins
import contextlib
import io
import math
import random
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import product
from typing import Any

import numpy as np
import pytest
from compiled import FORMS, compile_in

import autograd_lite as ag
from autograd_lite import Parameter, Value, compile, ops
from autograd_lite.compiler import Program
from autograd_lite.compiler.eager import by_inputs, by_parameters
from autograd_lite.compiler.machine import kernels
from autograd_lite.compiler.recorded import graph_of
from autograd_lite.compiler.write.source import READABLE
from autograd_lite.engine.primitive import TABLE, Primitive

inf, nan = math.inf, math.nan
GRID = (-inf, -1.0, -0.0, 0.0, 1.0, inf, nan)


@pytest.fixture(params=FORMS)
def compiled(request: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Program]:
    return compile_in(request.param, monkeypatch)


def outcome(run: Callable[[], Any]) -> str:
    """The numbers, 12 digits of each; or the error in its words."""
    try:
        numbers = run()
    except (ArithmeticError, ValueError) as error:
        return f"{type(error).__name__}: {error}"
    return ", ".join(f"{x + 0.0:.12g}" for x in numbers)  # a zero without its sign


def eagerly(op: Primitive, point: tuple[float, ...]) -> list[float]:
    xs = [Value(x) for x in point]
    z = angle(op, xs)
    z.backward()
    return [z.data, *[x.grad for x in xs]]


def compiledly(program: Program, point: tuple[float, ...]) -> list[float]:
    value, slopes = program.value_and_grad(point)
    return [value, *slopes.tolist()]


@cache
def expected(op: Primitive) -> list[tuple[tuple[float, ...], str]]:
    """Points of the grid, and what the graph says there of the angle of the row's value."""
    size = op.arity or 2 * len(op.operands) + (op.name == "where")
    every = list(product(GRID, repeat=min(size, 2)))
    draw = random.Random(op.name)
    some = [tuple(draw.choices(GRID, k=size)) for _ in range(16)] if size > 1 else every
    return [(x, outcome(lambda x=x: eagerly(op, x))) for x in some]


def angle(op: Primitive, xs: Any) -> Value:
    """It shows an infinity in a finite number, which a program need not ask the graph about."""
    if op.arity is None:
        cut = len(xs) // len(op.operands)
        xs = [tuple(xs[k * cut : (k + 1) * cut]) for k in range(len(op.operands))]
    return ops.atan(op.record(*xs))


@pytest.mark.parametrize("compiled", FORMS[:3], indirect=True)  # machine code is of rows alike
@pytest.mark.parametrize("op", TABLE.values(), ids=lambda op: op.name)
def test_every_row_on_the_grid_as_the_graph_has_it(
    op: Primitive, compiled: Callable[..., Program]
) -> None:
    ps = [Parameter(1.5 if op.name == "acosh" else 0.5) for _ in expected(op)[0][0]]
    try:
        program = compiled(angle(op, ps), parameters=ps)
    except NotImplementedError as error:
        pytest.skip(str(error))  # no machine code for the row, or for its slope
    for point, right in expected(op):
        assert outcome(lambda x=point: compiledly(program, x)) == right, point


def some(every: Sequence[Any], form: str, count: int) -> Sequence[Any]:
    """Another part of them for each form; fewer for machine code, which takes its time to make."""
    start = FORMS.index(form)
    return every[start :: len(every) // (count // 4 if "machine code" in form else count)]


# --- arithmetic, to the bit -----------------------------------------------------------------------

SIGNS: list[tuple[Callable[[Any, Any], Any], tuple[float, ...]]] = [  # and numbers beside x
    (lambda x, y: x - y, ()), (lambda x, y: x * y, (0.0, -0.0, 1.0, -1.0, 2.0)),
    (lambda x, y: -x * y, (0.0, -0.0, 3.0)), (lambda x, y: x / (2.0 + abs(y)), (0.0, 1.0)),
    (lambda x, y: y / (1.0 + abs(x)), (0.0, -0.0, 1.0)), (lambda x, y: -(y - x), (1.0,)),
    (lambda x, y: y * (x * 2.0) ** 3, (-0.0, 1.0)), (lambda x, y: y + -x, (-1.0,)),
]  # fmt: skip


def signed(x: Any) -> Iterator[Value]:
    """Two operations on x and a number or x itself; the angle with the left tells −0 from 0.

    But for numbers 0 that are added, whose rows in the table of identities say that it is lost.
    """
    for (first, numbers), (second, others) in product(SIGNS, SIGNS):
        for a, b in product((x, *numbers), (x, *others)):
            yield ops.atan2(second(first(x, a), b), -1.0)


@pytest.mark.parametrize("batch", [None, "each"])
def test_the_sign_of_a_zero_is_that_of_the_graph(
    compiled: Callable[..., Program], batch: str | None, request: pytest.FixtureRequest
) -> None:
    def f(x: Any) -> Sequence[Value]:
        return some(list(signed(x)), request.node.callspec.params["compiled"], 200)

    at = [0.0, -0.0, 2.0, -2.0]
    program = compiled(f, inputs=[at if batch else 1.0], batch=batch)
    rows = program(at) if batch else np.array([program(x) for x in at])
    right = [[z.data for z in f(Value(x))] for x in at]
    np.testing.assert_allclose(rows, right, rtol=1e-15)


# --- what overflows, and what would hide it -------------------------------------------------------

OVERFLOWS: dict[str, tuple[Callable[[Any, Any], Value], float]] = {
    "x * y": (lambda x, y: x * y, 1e200),
    "x + y": (lambda x, y: x + y, 1.7e308),
    "x − y": (lambda x, y: x - -y, 1.7e308),
    "x / y": (lambda x, y: x / (1.0 / y), 1e200),
    "x²": (lambda x, y: ops.square(x), 1e200),
    "x³": (lambda x, y: x**3, 1e200),
    "xʸ": (lambda x, y: x**y, 1e10),
    "e^x": (lambda x, y: ops.exp(x), 800.0),
    "2^x": (lambda x, y: ops.exp2(x), 1100.0),
    "expm1": (lambda x, y: ops.expm1(x), 800.0),
    "sinh": (lambda x, y: ops.sinh(x), 800.0),
    "cosh": (lambda x, y: ops.cosh(x), 800.0),
    "hypot": (lambda x, y: ops.hypot(x, y), 1.7e308),
    "dot": (lambda x, y: ops.dot([x, y], [y, x], 1.0), 1e200),
    "sum": (lambda x, y: ops.sum([x, y, x]), 1e308),
    "prod": (lambda x, y: ops.prod([x, y, 2.0]), 1e200),
    "leaky ReLU": (lambda x, y: ag.leaky_relu(-x, slope=100.0), 1e307),
}
HIDES: dict[str, Callable[[Value], Value]] = {
    "tanh": ops.tanh, "atan": ops.atan, "1 / z": lambda z: 1.0 / z, "σ": ops.sigmoid,
    "exp(−z²)": lambda z: ops.exp(-abs(z)), "sech": ops.sech, "softsign": ops.softsign,
    "erf": ops.erf, "step": ops.step, "sign": ops.sign, "clip": lambda z: ag.clip(z, -1.0, 1.0),
    "minimum": lambda z: ops.minimum(abs(z), 1.0), "maximum": lambda z: ops.maximum(-abs(z), 1.0),
    "where": lambda z: ops.where(z, 1.0, 2.0), "not chosen": lambda z: ops.where(0.0, z, 2.0),
    "ReLU": lambda z: ops.relu(-abs(z)), "z⁰": lambda z: z**0.0, "z⁻¹": lambda z: z**-1,
    "1ᶻ": lambda z: 1.0**z, "ndtr": ops.ndtr, "0 · step": lambda z: 0.0 * ops.step(z),
    "atan2": lambda z: ops.atan2(1.0, z), "softmax": lambda z: ag.softmax([z, 1.0])[0],
}  # fmt: skip
PAIRS = random.Random(0).sample(pairs := list(product(OVERFLOWS, HIDES)), len(pairs))


def test_what_overflows_raises_whatever_would_hide_it(
    compiled: Callable[..., Program], request: pytest.FixtureRequest
) -> None:
    x, y = Parameter(1.5, label="x"), Parameter(1.25, label="y")
    for over, hide in some(PAIRS, request.node.callspec.id, 64):
        f, large = OVERFLOWS[over]
        x.data, y.data = 1.5, 1.25
        program = compiled(HIDES[hide](f(x, y)), parameters=[x, y])
        for at in (large, -large):
            x.data, y.data = at, large
            right = outcome(lambda f=f, hide=hide: [HIDES[hide](f(x, y)).data])
            assert at < 0 or "too large" in right, over
            for run in (program, lambda p=program: p.value_and_grad(p.vector)[0]):
                came = outcome(lambda run=run: [run()])  # which may add what `where` computes
                assert came.startswith(right), (over, hide, at)


def test_each_of_many_places_is_guarded(compiled: Callable[..., Program]) -> None:
    """A program that looked at the first few places, or at the last, would answer."""
    xs = [Parameter(1.5, label=f"x{k}") for k in range(40)]
    kinds = [lambda x: ops.log(x).tanh(), lambda x: (x * 1e200).atan(), lambda x: 1.0 ** (1.0 / x)]
    for f in (
        lambda: ops.sum([kinds[k % 3](x) for k, x in enumerate(xs)]),
        lambda: ops.sum([ops.log(x).tanh() for x in xs]),
        lambda: ops.sum([ops.where(0.0, ops.exp(x), x) for x in xs]),
    ):
        program = compiled(f(), parameters=xs)
        for x in xs:
            for bad in (0.0, 1e300):
                x.data = bad
                right = outcome(lambda f=f: [f().data])
                assert outcome(lambda p=program: [p()]) == right
                assert outcome(lambda p=program: [p.value_and_grad(p.vector)[0]]) == right
            x.data = 1.5


# --- printed sources ------------------------------------------------------------------------------


def run_by_itself(source: str) -> Any:
    """What the source prints where nothing else is known."""
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(builtins.compile(source, "program.py", "exec"), {"__name__": "__main__"})
    return eval(printed.getvalue(), {"array": np.array, "np": np, "nan": nan, "inf": inf})


@pytest.mark.parametrize("form", FORMS[:2])
@pytest.mark.parametrize("numbers", [GRID, (-5e-324, 1.7976931348623157e308, -1e16, 1e22)])
def test_printed_sources_have_all_kinds_of_numbers(
    form: str, numbers: tuple[float, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the text, among the parameters, the inputs and the tables; no warning, no other name."""
    compiled = compile_in(form, monkeypatch)
    for number in numbers:
        p = Parameter(number, label="p")
        leaf = Value(number)
        for f in (
            lambda p=p, n=number: ops.where(p, 1.0, ops.atan(p) * n),
            lambda p=p, n=number: ops.minimum(p, 1.0) + ag.clip(p, -math.inf, max(n, 1.0)),
            lambda p=p, n=number: ops.where(n, 1.0, p) + ops.dot([p] * 9, [n, *range(8)]),
            lambda p=p, leaf=leaf: ops.minimum(p, leaf) - ops.step(p - 1.0),
            lambda p=p, n=number: ops.where(0.0, ops.maximum(p, n), 2.0) * ops.step(p),
        ):
            try:
                y = f()
            except (ArithmeticError, ValueError):
                continue  # no number, and so no program at these numbers
            program = compiled(y, parameters=[p])
            right = program.value_and_grad(program.vector)
            if abs(number) == 1.0 or number == 0.0 or number in (1e22, -1e16):
                value, slopes = run_by_itself(program.to_source())
                np.testing.assert_allclose([value, *slopes], [right[0], *right[1]], rtol=1e-7)


# --- the graph's own answer, where a program has none ---------------------------------------------


@pytest.mark.parametrize("batch", ["mean", "sum", "each"])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_the_answer_of_the_graph_is_that_of_the_program(batch: str, count: int) -> None:
    """Value, gradient and Jacobian, sample by sample, as the program in arrays has them."""
    draw = np.random.default_rng(count)
    w, b, idle = Parameter(0.5), Parameter(-0.25), Parameter(7.0)
    examples = [draw.normal(size=(5, *shape)) for shape in [(), (2,), (2, 2)][:count]]

    def f(*xs: Any) -> Value:
        flat = [x for x_ in xs for x in np.ravel(np.array(x_, dtype=object))]
        return ops.sum([w.tanh() * x * x + b * x * (k + 1) for k, x in enumerate(flat)]) + w * b

    parameters = [w, b, idle]
    names = [(), ("x",), ("x", "y"), ("x", "y", "z")][count]
    given = eval(f"lambda {', '.join(names)}: f({', '.join(names)})", {"f": f})
    graph = graph_of(given, examples, batch, parameters)
    program = compile(given, inputs=examples, batch=batch, parameters=parameters)
    for size in (1, 2, 5):
        arrays = [x[:size] * 1.5 for x in examples]
        vector = np.array([0.75, 0.5, 3.0])
        value, slopes = by_parameters(graph, parameters, vector, arrays, batch != "each")
        if batch == "each":
            np.testing.assert_allclose(value.ravel(), program.value(vector, *arrays), rtol=1e-13)
            assert value.shape == (size, 1)
        else:
            right = program.value_and_grad(vector, *arrays)
            np.testing.assert_allclose(value, [right[0]], rtol=1e-13)
            np.testing.assert_allclose(slopes, right[1], rtol=1e-13, atol=1e-15)
        program.vector = vector
        rows, none = by_inputs(graph, parameters, vector, arrays, True)
        jacobian = program.jacobian(*arrays)
        scale = size if batch == "mean" else 1  # a mean counts each sample as its share
        flat = [np.reshape(j, (size, -1)) for j in (jacobian if count > 1 else [jacobian])]
        np.testing.assert_allclose(
            rows.reshape(size, -1), scale * np.concatenate(flat, axis=1), rtol=1e-12
        )
        assert none.shape == (0,)


# --- limits: one less, as many, one more ----------------------------------------------------------


@pytest.mark.parametrize("count", [READABLE - 1, READABLE, READABLE + 1])
@pytest.mark.parametrize("last", [0.1, -0.0, inf])
def test_tables_of_numbers_are_read_back_from_the_text(count: int, last: float) -> None:
    """Written out up to a size, if all are finite; packed beyond it."""
    p, numbers = Parameter(2.0), [*(np.arange(count - 1) / 3.0), last]
    terms = [ops.minimum(p * (k + 1.0), number) for k, number in enumerate(numbers)]
    program = compile(ops.sum(terms), parameters=[p])
    text = program.to_source()
    assert ("unpacked(" in text) == (count > READABLE or last == inf)
    value, slopes = run_by_itself(text)
    right = [min(2.0 * (k + 1.0), number) for k, number in enumerate(numbers)]
    assert value == program() == pytest.approx(sum(right), rel=1e-13)
    np.testing.assert_allclose(slopes, program.value_and_grad([2.0])[1], rtol=1e-7)


@pytest.mark.parametrize("form", FORMS[2:])
def test_machine_code_in_functions_of_any_length(
    form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What one function computes and another reads goes by memory."""
    compiled = compile_in(form, monkeypatch)
    x, y = Parameter(0.5), Parameter(-1.5)
    shared = (x * y).tanh()
    z = ops.sum([shared * k + (x + 0.1 * k).sin() * y for k in range(4)]) / (1.0 + shared**2)
    z.backward()
    for length in range(1, 24):
        monkeypatch.setattr(kernels, "BODY", length)
        value, slopes = compiled(z, parameters=[x, y]).value_and_grad([0.5, -1.5])
        np.testing.assert_allclose([value, *slopes], [z.data, x.grad, y.grad], rtol=1e-13)


#: Rows through which no NaN, or no infinity, passes: what asks the graph must do so before them.
NAN_STOPS: dict[str, Callable[[Value], Any]] = {
    "copysign": lambda z: ops.copysign(1.0, z),
    "where": lambda z: ops.where(z, 2.0, 3.0),
    "copysign of sech": lambda z: ops.copysign(1.0, ops.sech(z)),
    "pow": lambda z: z**0,
    "remainder": lambda z: ops.remainder(1.0, z),
}
ASKS: dict[str, Callable[[Value], Any]] = {
    "atan2": lambda x: ops.atan2(x, x.relu()),
    "copysign": lambda x: ops.copysign(0.5, x),
    "erfinv": lambda x: ops.erfinv(1.0 + x),
    "digamma": lambda x: ops.digamma(x),
    "polygamma": lambda x: ops.polygamma(3.0)(x),
    "lgamma": lambda x: ops.lgamma(1.25 + x),
}


@pytest.mark.parametrize("hides", NAN_STOPS)
@pytest.mark.parametrize("asks", ASKS)
def test_nothing_hides_that_the_graph_must_be_asked(
    compiled: Callable[..., Program], asks: str, hides: str
) -> None:
    x = Parameter(-0.5)
    try:
        program = compiled(NAN_STOPS[hides](ASKS[asks](x)))
    except NotImplementedError:
        pytest.skip(f"no machine code for {asks}")
    for point in (-0.5, 0.0, -0.0, -1.0, -2.0, 5e-324, 1e308):

        def eager(point: float = point) -> list[float]:
            leaf = Value(point)
            y = NAN_STOPS[hides](ASKS[asks](leaf))
            y.backward()
            return [y.data, leaf.grad]

        told = outcome(lambda p=point: compiledly(program, (p,)))
        assert told.partition(" where computes")[0] == outcome(eager)
