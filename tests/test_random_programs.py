"""5,000 random programs: shared nodes, repeated operands, every row of the table.

Each program is run by the engine and, in 50-digit arithmetic, by ``reference.py``, which takes
the derivative as a difference quotient: it knows neither rules nor graphs. Where PyTorch is
installed, the programs that it has functions for are run there too.

Those programs are tame. Wild ones go through every mode, which must agree; ``differential.py``
runs as many as one likes.
"""

import hashlib
import os
import random
import struct
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from shutil import which
from typing import Any

import differential
import modes
import pytest
from modes import sizes
from mpmath import mp
from programs import SLOPES, Program, Step, depending, on_values, wild
from reference import differences, formula, groups

from autograd_lite import Value, compile, draw, gradient, ops, topological_order
from autograd_lite.engine.primitive import TABLE, Primitive

COUNT = 5000
SHARDS = 10
SIZE = range(4, 24)  # operations in a program

#: Errors count relative to Σ|∏ local derivatives| over all paths, the size of what backward adds
#: up. The worst of the 5,000 is below a tenth of this; a factor of 1.000001 in a rule is 100,000
#: times above it.
TOLERANCE = 1e-11

FLAT = ("held_max", "sign", "step", "floor", "ceil", "trunc", "rint", "floor_divide")
OURS = ("masked", "or_zero")  # between rows and their slopes alone
CHOICE = [
    op
    for name, op in TABLE.items()
    if name not in FLAT + OURS  # the flat cut the program off its inputs
] + [ops.power(n) for n in (-1.0, 0.5, 2.0)]


def exactly(op: Primitive, operands: list[Any]) -> Any:
    return exact_function(op)(operands)


exact_function = cache(formula)


@cache
def program(seed: int) -> Program:
    """A program whose every step is far from kinks and poles, and cancels little."""
    choose = random.Random(seed)
    inputs = tuple(choose.uniform(-2, 2) for _ in range(choose.choice((1, 2, 2, 3))))
    memory, steps = list(inputs), []
    for _ in range(choose.choice(SIZE)):
        while True:
            step = random_step(choose, len(memory))
            z = harmless_result(step.op, [memory[i] for i in step.places])
            if z is not None:
                break
        memory.append(z)
        steps.append(step)
    used = {place for step in steps for place in step.places}
    loose_ends = [place for place in range(len(inputs), len(memory)) if place not in used]
    if len(loose_ends) > 1:
        steps.append(Step(ops.sum, tuple(loose_ends)))
    return Program("x" * len(inputs), (inputs,), tuple(steps))


def random_step(choose: random.Random, size: int) -> Step:
    op = choose.choice(CHOICE)
    arity = op.arity or (3 if op.name == "where" else choose.randint(2, 7))
    recent = [size - 1, size - 2] if size > 1 else [0]
    places = [choose.choice(recent) if choose.random() < 0.5 else choose.randrange(size)]
    while len(places) < arity:
        repeated = choose.random() < 0.25
        places.append(choose.choice(places) if repeated else choose.randrange(size))
    choose.shuffle(places)
    return Step(op, tuple(places))


def harmless_result(op: Primitive, operands: list[float]) -> float | None:
    """The value, unless rounding errors would be magnified here."""
    kinked = op.name in ("relu", "abs", "leaky_relu_with", "elu_with", "where", "cbrt", "clip_to")
    if kinked and min(abs(operands[0] - kink) for kink in (-1.0, 0.0, 2.0)) < 0.01:
        return None
    if op.name == "copysign" and min(map(abs, operands)) < 0.01:
        return None
    if op.name in ("mod", "fmod", "remainder") and jumps_near(*operands):
        return None
    if op.name in ("minimum", "maximum") and 0.0 < abs(operands[0] - operands[1]) < 0.01:
        return None
    try:
        node = op.record(*groups(op, list(map(Value, operands))))
    except (ArithmeticError, ValueError):
        return None
    partials = [abs(partial) for partial in node.partials]
    flow = sum(abs(x) * partial for x, partial in zip(operands, partials, strict=True))
    tame = 0.01 < abs(node.data) < 100.0 and max(partials) < 100.0 and flow < 20.0 * abs(node.data)
    return node.data if tame else None


def jumps_near(x: float, y: float) -> bool:
    """Whether x/y is close to a whole number, or to half of one."""
    return not 0.02 < (2.0 * x / y if y else 0.0) % 1.0 < 0.98


def differentiated(seed: int) -> tuple[Value, list[Value]]:
    leaves = list(map(Value, program(seed).inputs))
    output = program(seed).run(leaves, on_values)
    output.backward()
    return output, leaves


def seeds(shard: int) -> range:
    return range(shard, COUNT, SHARDS)


def error(found: Sequence[float], expected: Sequence[Any], sizes: Sequence[float]) -> float:
    """The worst error of a gradient."""
    triples = zip(found, expected, sizes, strict=True)
    return max(float(abs(got - true)) / max(size, 1e-20) for got, true, size in triples)


@pytest.mark.parametrize("shard", range(SHARDS))
def test_values_and_gradients_are_those_of_50_digit_arithmetic(shard):
    for seed in seeds(shard):
        output, leaves = differentiated(seed)
        with mp.workdps(50):
            run = program(seed).run
            exact = differences(lambda xs, run=run: run(xs, exactly), program(seed).inputs)
            assert abs(output.data - exact.value) <= TOLERANCE * abs(exact.value)
            grads = [leaf.grad for leaf in leaves]
            assert error(grads, exact.gradient, sizes(output, leaves)) < TOLERANCE, seed


@pytest.mark.parametrize("shard", range(SHARDS))
def test_gradient_agrees_with_backward(shard):
    """Not to the bit: ``gradient`` adds the paths with ``dot``, exactly before the last rounding,
    ``backward`` one after the other."""
    for seed in seeds(shard):
        output, leaves = differentiated(seed)
        found = [d.data for d in gradient(output, leaves)]
        grads = [leaf.grad for leaf in leaves]
        assert error(found, grads, sizes(output, leaves)) < 1e-14, seed


@pytest.mark.parametrize("seed", range(0, COUNT, 50))
def test_second_derivatives_are_those_of_50_digit_arithmetic(seed):
    """Σᵢ cᵢ ∂y/∂xᵢ, itself differentiated, is a row of the Hessian times c."""
    inputs = program(seed).inputs
    leaves = list(map(Value, inputs))
    output = program(seed).run(leaves, on_values)
    weights = [1.0, -0.5, 0.25][: len(leaves)]
    slope = ops.dot(weights, gradient(output, leaves))
    found = [d.data for d in gradient(slope, leaves)]

    def exact_slope(xs: Sequence[Any]) -> Any:
        partials = differences(lambda xs: program(seed).run(xs, exactly), xs).gradient
        return sum(weight * d for weight, d in zip(weights, partials, strict=True))

    with mp.workdps(120):
        exact = differences(exact_slope, inputs).gradient
        assert error(found, exact, sizes(slope, leaves)) < TOLERANCE


def digest(count: int) -> str:
    """Every bit of the values and gradients of the first programs, and the texts of some."""
    bits = hashlib.sha256()
    for seed in range(count):
        output, leaves = differentiated(seed)
        numbers = [output.data, *(leaf.grad for leaf in leaves)]
        numbers += [d.data for d in gradient(output, leaves)]
        bits.update(struct.pack(f"{len(numbers)}d", *numbers))
        if seed < 12:  # texts too, of what is drawn and compiled
            bits.update(draw(output).to_dot().encode())
            bits.update(compile(output).to_source().encode())
    return bits.hexdigest()


def test_the_same_program_gives_the_same_bits():
    assert digest(1000) == digest(1000)


@pytest.mark.parametrize("hash_seed", ["0", "1"])
def test_the_same_bits_in_another_process(hash_seed):
    """No set, no id and no hash decides the order of an addition."""
    here = Path(__file__).parent
    path = os.pathsep.join([str(here.parent), str(here)])
    printed = subprocess.run(
        [sys.executable, "-c", "import test_random_programs as t; print(t.digest(500))"],
        env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    assert printed.stdout.strip() == digest(500)


def test_the_programs_are_what_they_claim():
    """Shared nodes, repeated operands, n-ary nodes, and every row of the choice."""
    names, shared, repeated, wide = set(), 0, 0, 0
    for seed in range(COUNT):
        output, _ = differentiated(seed)
        order = topological_order(output)
        operations = [node for node in order if node.op]
        names |= {node.op for node in operations}
        uses = [parent for node in operations for parent in set(node.parents)]
        shared += len(uses) - len(set(uses))
        repeated += sum(len(set(node.parents)) < len(node.parents) for node in operations)
        wide += sum(len(node.parents) > 2 for node in operations)
    assert names == set(CHOICE)
    assert shared > 6 * COUNT
    assert min(repeated, wide) > 1.5 * COUNT


# --- every mode -----------------------------------------------------------------------------------

WILD = 120


@pytest.mark.parametrize("shard", range(4))
def test_every_mode_gives_the_same_numbers_or_the_same_refusal(shard):
    found, counts = differential.check(range(shard, WILD, 4))
    assert not found, "\n".join(str(differential.shrunk(one)) for one in found)
    assert counts["points"] > WILD // 2


@pytest.mark.parametrize("mode", ["transforms", "run_compiled", "javascript"])
def test_a_mode_that_is_wrong_is_found_and_its_program_made_small(mode, monkeypatch):
    if mode == "javascript" and not which("node"):
        pytest.skip("node is not installed")
    right = getattr(modes, mode)

    def changed(answer: Any) -> Any:
        if isinstance(answer, dict):
            return {key: changed(value) for key, value in answer.items()}
        if isinstance(answer, list):
            return [*map(changed, answer)]
        return answer * (1 + 1e-9) if isinstance(answer, float) else answer

    monkeypatch.setattr(modes, mode, lambda *given: changed(right(*given)))
    found, _ = differential.check(range(4))
    assert found
    assert mode != "transforms" or len(differential.shrunk(found[0]).program.steps) <= 2


@pytest.mark.skipif(not which("node"), reason="node is not installed")
def test_a_page_has_the_answers_where_only_the_way_to_them_leaves_the_range_of_floats():
    points = (1e155, 1e155, 0.0), (1e200, 1e-200, 1e200), (1e-200, 1e-200, 1e200), (2.0, 3.0, 4.0)
    product = Program("xxx", points, (Step(ops.prod, (0, 1, 2)),))
    tail = Program("x", ((1e300,), (50.0,)), (Step(TABLE["mills"], (0,)),))
    found = [[answer["value"] for answer in one] for one in modes.javascript([product, tail])]
    assert found == [[[0.0], [1e200], [1e-200], [24.0]], [[0.0], [0.0]]]


def test_wild_programs_are_what_they_claim():
    programs = list(map(wild, range(1000)))
    names, refused, special = set(), 0, 0
    for one in programs:
        names |= {step.op.name for step in one.steps}
        special += any(x == 0.0 or abs(x) > 1e100 or x != x for x in one.points[-1])
        refused += isinstance(modes.eager(one, one.points[-1])["value"], tuple)
        assert len(one.roles) + len(one.steps) - 1 in depending(one)
    assert names == set(TABLE) - set(SLOPES)
    assert special > 300
    assert 30 < refused < 300


# --- PyTorch --------------------------------------------------------------------------------------


def torch_function(torch: Any, op: Primitive) -> Callable[..., Any] | None:
    """What PyTorch calls the operation, or None where it has none."""
    special = {
        "add": torch.add,
        "leaky_relu_with": lambda x: torch.nn.functional.leaky_relu(x, *op.args),
        "elu_with": torch.nn.functional.elu,
        "clip_to": lambda x: torch.clip(x, *op.args),
        "silu": torch.nn.functional.silu,
        "gelu": torch.nn.functional.gelu,
        "softplus": lambda x: torch.nn.functional.softplus(x, threshold=700),
        "softsign": torch.nn.functional.softsign,
        "log_sigmoid": torch.nn.functional.logsigmoid,
        "ndtr": torch.special.ndtr,
        "power": lambda x: torch.pow(x, *op.args),
        "sum": lambda xs: torch.stack(xs).sum(),
        "prod": lambda xs: torch.stack(xs).prod(),
        "mean": lambda xs: torch.stack(xs).mean(),
        "logsumexp": lambda xs: torch.logsumexp(torch.stack(xs), 0),
        "where": lambda xs: torch.where(xs[0] != 0, xs[1], xs[2]),
        "dot": lambda ws, xs: (
            torch.stack(ws[: len(xs)]) @ torch.stack(xs) + (ws[-1] if len(ws) > len(xs) else 0.0)
        ),
    }
    if op.name in ("digamma", "polygamma", "remainder"):  # off by 1e-12; of whole numbers; ``%``
        return None
    return special.get(op.name) or getattr(torch, op.name, None)


@pytest.fixture(scope="module")
def torch():
    return pytest.importorskip("torch", reason="PyTorch is not installed")


def test_gradients_are_those_of_pytorch(torch):
    functions = {op: torch_function(torch, op) for op in (*CHOICE, ops.sum)}
    compared = 0
    for seed in range(COUNT):
        if not all(functions[step.op] for step in program(seed).steps):
            continue
        compared += 1
        output, leaves = differentiated(seed)
        inputs = [
            torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in program(seed).inputs
        ]
        result = program(seed).run(inputs, lambda op, xs: functions[op](*groups(op, xs)))
        theirs = torch.autograd.grad(result, inputs, allow_unused=True)
        expected = [0.0 if grad is None else grad.item() for grad in theirs]
        assert result.item() == pytest.approx(output.data, rel=TOLERANCE)
        grads = [leaf.grad for leaf in leaves]
        assert error(grads, expected, sizes(output, leaves)) < TOLERANCE, seed
    assert compared > COUNT // 20
