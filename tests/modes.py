"""One program in every mode: what each answers, and whether two answers are the same.

``eager`` is the reference: ``backward()`` and twice ``gradient``. An answer is a flat list of
floats, or the error that was raised, as its type and the operation that it names.
"""

import json
import math
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from fractions import Fraction
from functools import cache
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
import pytest
from compiled import compile_in
from mpmath import mp
from programs import Program, on_values, reason, refusals
from reference import formula, groups

from autograd_lite import (
    Parameter,
    Value,
    compile,
    grad,
    gradient,
    hessian,
    hvp,
    jvp,
    ops,
    topological_order,
    value_and_grad,
)
from autograd_lite.engine.groups import data_of
from autograd_lite.engine.node import groups as node_groups
from autograd_lite.engine.primitive import Primitive
from autograd_lite.engine.steep import is_shut
from autograd_lite.engine.undefined import ieee_arithmetic
from autograd_lite.languages.javascript import helpers
from autograd_lite.stepping import script

Answer = list[float] | tuple[str, str]  # or a refusal
#: What was asked ("value", "slopes", "curvature") -> what was answered.
Answers = dict[str, Answer]

EPSILON = sys.float_info.epsilon
SMALLEST = math.ulp(0.0)
TOLERANCE = 1e-12


@contextmanager
def attempt(answers: Answers, *asked: str) -> Iterator[None]:
    """What is raised inside is the answer to what was asked."""
    try:
        yield
    except (ArithmeticError, ValueError) as error:
        for name in asked:
            answers.setdefault(name, reason(error))


def flat(x: Any) -> list[float]:
    return [float(v) for v in np.asarray(x, dtype=object).ravel()]


# --- the reference --------------------------------------------------------------------------------


def eager(program: Program, point: Sequence[float]) -> Answers:
    answers: Answers = {}
    leaves = program.leaves(point)
    wanted = [leaves[k] for k in program.places("px")]
    with attempt(answers, "value", "slopes", "curvature"):
        y = program.run(leaves, on_values)
        answers["value"] = [y.data]
        y.backward()
        answers["slopes"] = [x.grad for x in wanted]
        first = gradient(y, wanted)
        answers["graph slopes"] = [d.data for d in first]
        answers["curvature"] = [d.data for slope in first for d in gradient(slope, wanted)]
    return answers


# --- derivatives of functions ---------------------------------------------------------------------


def function(program: Program, point: Sequence[float]) -> Callable[[Sequence[Any]], Any]:
    """The program as a function of the list of its parameters and inputs."""
    places = program.places("px")

    def f(v: Sequence[Any]) -> Any:
        leaves = list(point)
        for k, x in zip(places, v, strict=True):
            leaves[k] = x
        return program.run(leaves, on_values)

    return f


def transforms(program: Program, point: Sequence[float]) -> dict[str, Answers]:
    f = function(program, point)
    x = [point[k] for k in program.places("px")]
    unit = np.eye(len(x)).tolist()
    found: dict[str, Answers] = {name: {} for name in ("grad", "jvp", "hessian", "hvp")}
    with attempt(found["grad"], "value", "slopes"):
        y, slopes = value_and_grad(f)(x)
        found["grad"].update(value=[y], slopes=flat(slopes))
    with attempt(found["jvp"], "value", "slopes"):
        pairs = [jvp(f, (x,), (u,)) for u in unit]
        found["jvp"].update(value=[pairs[0][0]], slopes=[d for _, d in pairs])
    with attempt(found["hessian"], "curvature"):
        found["hessian"]["curvature"] = flat(hessian(f)(x))
    with attempt(found["hvp"], "curvature"):
        found["hvp"]["curvature"] = flat([hvp(f)(x, u) for u in unit])
    return found


def nested(program: Program, point: Sequence[float]) -> dict[str, Answers]:
    """Transforms of transforms."""
    f = function(program, point)
    x = [point[k] for k in program.places("px")]
    found: dict[str, Answers] = {"grad of grad": {}, "jvp of grad": {}}
    with attempt(found["grad of grad"], "curvature"):
        found["grad of grad"]["curvature"] = flat(
            [grad(lambda v, i=i: grad(f)(v)[i])(x) for i in range(len(x))]
        )
    with attempt(found["jvp of grad"], "curvature"):
        rows = [jvp(lambda v: list(grad(f)(v)), (x,), (u,))[1] for u in np.eye(len(x)).tolist()]
        found["jvp of grad"]["curvature"] = flat(np.array(rows, dtype=object).T)
    return found


# --- compiled -------------------------------------------------------------------------------------


def recorded(program: Program, point: Sequence[float]) -> tuple[Any, list[Value]]:
    """The graph at a point that it may be refused at."""
    leaves = program.leaves(point, Parameter)
    with ieee_arithmetic():
        y = program.run(leaves, on_values)
    return y, [leaves[k] for k in program.places("px")]


class Compiled(NamedTuple):
    program: Any
    helped: list[int]  # one for each time that the graph itself was asked


def compiled(program: Program, form: str, native: bool = False) -> Compiled:
    """The program of all leaves, recorded at its first point."""
    y, leaves = recorded(program, program.points[0])
    with pytest.MonkeyPatch.context() as patch:
        made = compile_in(form, patch)(y, parameters=leaves, native=native)
    helped: list[int] = []
    made._eagerly = lambda *given, eagerly=made._eagerly, **more: (
        helped.append(1) or eagerly(*given, **more)
    )
    return Compiled(made, helped)


def run_compiled(made: Any, x: Sequence[float]) -> Answers:
    answers: Answers = {}
    with attempt(answers, "value", "slopes"):
        y, slopes = made.value_and_grad(x)
        answers.update(value=[y], slopes=slopes.tolist())
    return answers


def value_alone(made: Any, x: Sequence[float]) -> Answers:
    answers: Answers = {}
    with attempt(answers, "value"):
        answers["value"] = [made.value(x)]
    return answers


def batch(program: Program, how: str, native: bool = False) -> Any:
    """The program of one sample: its inputs are the sample, its parameters what they are."""
    places = program.places("x")
    leaves = program.leaves(program.points[0], Parameter)
    parameters = [leaves[k] for k in program.places("p")]
    rows = [[point[k] for k in places] for point in program.points]

    def f(xs: Sequence[Any]) -> Any:
        mine = list(leaves)
        for k, x in zip(places, xs, strict=True):
            mine[k] = x
        return program.run(mine, on_values)

    with ieee_arithmetic():
        return compile(f, inputs=[rows], batch=how, parameters=parameters, native=native), rows


def in_jax(program: Program, made: Compiled) -> Iterator[tuple[int, Answers, Answers]]:
    """What the printed program answers on JAX at each point, beside the program's own answers.

    Nothing raises there: NaN stands where the program itself raises, or asks the graph; of
    inputs that are NaN it may say anything.
    """
    import jax

    jax.config.update("jax_enable_x64", True)
    space: dict[str, Any] = {"__name__": "printed"}
    exec(made.program.to_source(xp="jax.numpy"), space)
    for k, point in enumerate(program.points):
        x = [point[i] for i in program.places("px")]
        asked = len(made.helped)
        expected = run_compiled(made.program, x)
        got: Answers = {}
        with attempt(got, "value", "slopes"):  # numbers alone are worked out in Python
            y, slopes = space["value_and_grad"](jax.numpy.asarray(x, dtype=float))
            got.update(value=flat(y), slopes=flat(slopes))
        helped = len(made.helped) > asked
        if helped and any(map(math.isnan, x)):
            continue
        if helped:
            got = {name: _or_nan(answer, expected[name]) for name, answer in got.items()}
        yield k, expected, got


def _or_nan(got: Answer, expected: Answer) -> Answer:
    """What is expected, in place of NaN, an infinity or a refusal."""
    if isinstance(got, tuple) or isinstance(expected, tuple):
        return expected
    return [x if math.isfinite(x) else y for x, y in zip(got, expected, strict=True)]


def differs_on_jax(
    program: Program, points: Sequence[Sequence[float]], a: Answer, b: Answer
) -> bool:
    """Whether JAX may differ: subnormal numbers are zeros there, and the sign of a zero is any;
    ``direction`` divides by an infinite hypot, where the program itself asks the graph."""
    if not isinstance(a, tuple) and not isinstance(b, tuple):
        pairs = [(x, y) for x, y in zip(a, b, strict=True) if not _close(x, y)]
        if all(math.isinf(x) and x == -y for x, y in pairs):
            return True
    nodes = set()
    for point in points:
        leaves = program.leaves(point)
        y = program.run(leaves, on_values)
        slopes = gradient(y, [leaves[k] for k in program.places("px")])
        nodes.update(topological_order(y, *slopes))
    numbers = [x for node in nodes for x in (node.data, *node.partials)]
    return any(0.0 < abs(x) < sys.float_info.min for x in numbers) or any(
        node.op is ops.direction and math.isinf(math.hypot(*(x.data for x in node.parents)))
        for node in nodes
    )


# --- JavaScript -----------------------------------------------------------------------------------

REPLAY = r"""
const read = (x) => typeof x === "string" ? Number(x) : x;
const told = (x) => Object.is(x, -0) ? "-0" : Number.isFinite(x) ? x : String(x);
const { programs, operations, helpers, replay } = JSON.parse(require("fs").readFileSync(0, "utf8"));
const run = new Function("programs", "read", "told", helpers + `
const OPERATIONS = [${operations.join(",")}];
let data, PROGRAM, BACK;
${replay}
return programs.map((one) => {
  data = one.data;
  PROGRAM = Object.entries(data.program);
  BACK = [...PROGRAM].reverse();
  return one.points.map((point) => {
    const leaves = Object.fromEntries(Object.entries(point).map(([id, x]) => [id, read(x)]));
    const N = replay(leaves);
    return { value: told(N["d" + data.output]), slopes: one.wanted.map((id) => told(N["g" + id])) };
  });
});`);
process.stdout.write(JSON.stringify(run(programs, read, told)));
"""


@cache
def replay() -> str:
    """The functions by which the page of steps computes: forward and backward from these leaves."""
    text = script.asset("numbers.js")
    found = re.search(r"function forward\(.*(?=\nfunction train\()", text, re.DOTALL)
    assert found
    return found[0]


def javascript(programs: Sequence[Program]) -> list[list[Answers]]:
    """What a page would show, for each program and each of its points."""
    kinds: dict[Any, int] = {}
    sent = []
    for program in programs:
        nodes = {}
        size = len(program.roles)
        for k, (op, places) in enumerate(program.steps, start=size):
            sizes = (1,) * op.arity if op.arity else tuple(map(len, groups(op, places)))
            kind = kinds.setdefault((op, sizes), len(kinds))
            nodes[f"n{k}"] = [kind, [f"n{i}" for i in places]]
        ids = [f"n{k}" for k in range(size + len(program.steps))]
        sent.append({
            "data": {"program": nodes, "nodes": ids, "output": ids[-1]},
            "points": [
                {f"n{k}": _in_javascript(x) for k, x in enumerate(p)} for p in program.points
            ],
            "wanted": [f"n{k}" for k in program.places("px")],
        })  # fmt: skip
    operations = [_printed(op, sizes) for op, sizes in kinds]
    message = {
        "programs": sent,
        "operations": operations,
        "helpers": helpers([*operations, "slopes_of()", replay()]),
        "replay": replay(),
    }
    command = ["node", "-e", REPLAY]
    ran = subprocess.run(
        command, input=json.dumps(message), capture_output=True, text=True, check=True
    )
    return [
        [{"value": [float(p["value"])], "slopes": [float(x) for x in p["slopes"]]} for p in points]
        for points in json.loads(ran.stdout)
    ]


def _in_javascript(x: float) -> str:
    return repr(x).replace("inf", "Infinity").replace("nan", "NaN")


_printed = cache(script.function_of)


# --- agreement ------------------------------------------------------------------------------------


def agree(a: Answer, b: Answer) -> bool:
    """Equal to 1e-12 of each number, or the same refusal."""
    if isinstance(a, tuple) or isinstance(b, tuple):
        return a == b
    return len(a) == len(b) and all(map(_close, a, b))


def _close(a: float, b: float) -> bool:
    """Relative to the numbers; of those that are subnormal few digits are known."""
    scale = max(abs(a), abs(b))
    within = TOLERANCE * scale if scale > sys.float_info.min else scale
    return a == b or (a != a and b != b) or abs(a - b) <= within < math.inf


def excused(
    program: Program, points: Sequence[Sequence[float]], asked: str, a: Answer, b: Answer
) -> str:
    """Why two answers that differ are both right; empty where one is wrong.

    The answers are those of a point, or sums over some.
    """
    if isinstance(a, tuple) and isinstance(b, tuple):
        return "order" if {a, b} <= set().union(*(refusals(program, p) for p in points)) else ""
    spreads = [Spread(program, point) for point in points]
    if isinstance(a, tuple) or isinstance(b, tuple):
        return "rounding" if any(spread.refusals(asked) for spread in spreads) else ""
    scales = [spread.scale(asked) for spread in spreads]
    if None in scales:
        return "rounding"
    if any(_product_leaves_range(program, point) for point in points):
        return "range"
    if any(_reads_sign_of_nan(program, point) for point in points):
        return "sign of NaN"
    if len(points) > 1:  # summed up, and of the slopes only some
        terms = [abs(spread.answers[0]["value"][0]) for spread in spreads]
        slack = sum(s[0] for s in scales) + len(terms) * EPSILON * sum(terms)
        return "sum" if asked == "slopes" or abs(a[0] - b[0]) <= slack else ""
    (scale,), (point,) = scales, points
    triples = zip(a, b, scale, strict=True)
    differ = [(x, y) for x, y, s in triples if not (_close(x, y) or abs(x - y) <= s)]
    if asked == "curvature" and differ and _is_asymmetric(a, b):
        return "asymmetry"
    if not differ or asked == "value":
        return "" if differ else "rounding"
    tiny = any(0.0 < abs(x) < sys.float_info.min for x in point)
    far = tiny or asked == "curvature" or all(any(map(_extreme, pair)) for pair in differ)
    if far and leaves_range(program, point, asked):
        return "range"
    cancel = not any(map(math.isfinite, chain.from_iterable(differ)))
    return "infinities" if cancel and infinities_cancel(program, point, asked) else ""


def _is_asymmetric(a: list[float], b: list[float]) -> bool:
    """Whether ∂²/∂x∂y and ∂²/∂y∂x are different, and what is wrong is either, or their mean.

    They are where a slope is held at an edge: of ``x ** y`` at x = 0 the slope in y is 0, and does
    not change, while that in x changes with y. ``hessian`` has the mean of both.
    """
    n = math.isqrt(len(a))
    rows = np.array(a).reshape(n, n)
    other = np.array(b).reshape(n, n)
    with np.errstate(all="ignore"):
        either = [rows, rows.T, 0.5 * rows + 0.5 * rows.T]
    same = [np.isclose(other, x, rtol=1e-9, atol=0.0, equal_nan=True) for x in either]
    return bool((same[0] | same[1] | same[2]).all())


def infinities_cancel(program: Program, point: Sequence[float], asked: str) -> bool:
    """Whether a derivative is a sum over paths of which some are ∞, others −∞ or 0·∞.

    ``(0 + 1) · ∞`` is infinite where ``0·∞ + ∞`` is NaN, and forward and reverse distribute
    otherwise.
    """
    leaves = program.leaves(point)
    wanted = [leaves[k] for k in program.places("px")]
    y = program.run(leaves, on_values)
    outputs = [y] if asked == "slopes" else gradient(y, wanted)
    return any(_both_signs(output) for output in outputs)


def _both_signs(output: Value) -> bool:
    parts = {output: (1.0, 0.0, False)}  # terms of each sign, and whether some are 0
    for node in reversed(topological_order(output)):
        if node not in parts:
            continue
        plus, minus, zero = parts[node]
        if math.inf == plus == minus or math.isnan(plus - minus):
            return True
        for parent, partial in zip(node.parents, node.partials, strict=True):
            if is_shut(node, partial):
                continue
            if (zero and math.isinf(partial)) or (partial == 0.0 and math.inf in (plus, minus)):
                return True
            terms = (plus, minus) if partial >= 0.0 else (minus, plus)
            more = [abs(partial) * term if term else 0.0 for term in terms]
            before = parts.get(parent, (0.0, 0.0, False))
            lost = zero or before[2] or not any(more)
            parts[parent] = (before[0] + more[0], before[1] + more[1], lost)
    return False


def _extreme(x: float) -> bool:
    """Whether an overflow or an underflow may have come in between."""
    return not 1e-150 < abs(x) < math.inf


def leaves_range(program: Program, point: Sequence[float], name: str) -> bool:
    """Whether a derivative leaves the range of floats on its way, though its factors are in it.

    A product of finite slopes may overflow, or underflow, in one order of multiplication and not
    in another: 1e200 · 1e200 · 0 is NaN from the left and 0 from the right.
    """
    leaves = program.leaves(point)
    wanted = [leaves[k] for k in program.places("px")]
    y = program.run(leaves, on_values)
    outputs = gradient(y, wanted)
    if name == "curvature":
        outputs += [d for slope in gradient(y, wanted) for d in gradient(slope, wanted)]
    nodes = (node for node in topological_order(*outputs) if node.op is not None)
    return (
        any(map(_leaves_range, nodes))
        or any(map(_adjoints_leave_range, [y, *outputs]))
        or any(_tangents_leave_range([y, *outputs], x) for x in wanted)
    )


def _product_leaves_range(program: Program, point: Sequence[float]) -> bool:
    """Whether a product of many is a float in some orders alone; ``prod`` finds such an order.

    What is printed multiplies as the program does: 1e-300 · 1e-300 · 1e300 is 0 from the left.
    """
    y = program.run(program.leaves(point), on_values)
    for node in topological_order(y):
        if node.op is ops.prod:
            small = [x.data for x in node.parents if abs(x.data) < 1.0]
            if all(small) and abs(math.prod(small)) < 1e-307 < abs(node.data):
                return True
    return False


def _reads_sign_of_nan(program: Program, point: Sequence[float]) -> bool:
    """Whether the sign of a NaN decides, which arithmetic may set as it likes (IEEE 754, 6.3)."""
    y = program.run(program.leaves(point), on_values)
    return any(
        node.op is ops.copysign and math.isnan(node.parents[1].data)
        for node in topological_order(y)
    )


def _leaves_range(node: Value) -> bool:
    xs = [x.data for x in node.parents]
    if node.op is None or not all(map(math.isfinite, xs)):
        return False
    if math.isfinite(node.data):
        if all(xs) and not all(map(math.isfinite, node.partials)):
            return True  # the square of a divisor
        return (
            abs(node.data) < sys.float_info.min
            and node.op.name in ("mul", "div", "prod", "dot", "square", "power", "pow")
            and all(xs)
        )
    try:
        node.op.compute(*map(data_of, node_groups(node)))
    except OverflowError:
        return True
    except (ArithmeticError, ValueError):
        return False
    return True


def _tangents_leave_range(outputs: Sequence[Value], x: Value) -> bool:
    """As ``jvp`` and ``hessian`` multiply, from this leaf on."""
    tangents = {x: 1.0}
    for node in topological_order(*outputs):
        edges = zip(node.parents, node.partials, strict=True)
        pairs = [(tangents[parent], slope) for parent, slope in edges if parent in tangents]
        if not pairs:
            continue
        tangents[node] = total = sum(t * d for t, d in pairs)
        if any(_is_lost(t, d) for t, d in pairs) or (
            not math.isfinite(total) and all(map(math.isfinite, chain.from_iterable(pairs)))
        ):
            return True
    return False


def _is_lost(t: float, d: float) -> bool:
    """Whether two numbers other than 0 have a product that is none, or hardly one."""
    return bool(t and d) and math.isfinite(t) and math.isfinite(d) and abs(t * d) < 1e-307


def _adjoints_leave_range(y: Value) -> bool:
    """As ``backward()`` multiplies."""
    adjoints = {y: 1.0}
    for node in reversed(topological_order(y)):
        adjoint = adjoints.get(node, 0.0)
        for parent, partial in zip(node.parents, node.partials, strict=True):
            product = adjoint * partial
            finite = math.isfinite(adjoint) and math.isfinite(partial)
            if _is_lost(adjoint, partial) or (finite and not math.isfinite(product)):
                return True
            adjoints[parent] = adjoints.get(parent, 0.0) + product
    return False


def sizes(output: Value, leaves: Sequence[Value]) -> list[float]:
    """For each leaf Σ |∏ local derivatives| over the paths to it: the scale of its rounding."""
    size = dict.fromkeys(topological_order(output), 0.0)
    size[output] = 1.0
    for node in reversed(topological_order(output)):
        for parent, partial in zip(node.parents, node.partials, strict=True):
            size[parent] += size[node] * abs(partial) if partial else 0.0
    return [size.get(leaf, 0.0) for leaf in leaves]


class Spread:
    """How much rounding may change the answers of a program.

    Each result of a step is moved by an ulp or so, of the numbers that went into it, unless all of
    its arithmetic is exact; the answers are asked for again. What varies with that is not
    determined by the program, and modes which round otherwise may differ by so much.
    """

    RUNS = 12

    def __init__(self, program: Program, point: Sequence[float]) -> None:
        self.program, self.point = program, point
        rng = np.random.default_rng(7)
        self.answers = [eager_moved(program, point, rng) for _ in range(self.RUNS)]

    def refusals(self, name: str) -> bool:
        """Whether some of the runs refuse, and others do not."""
        kinds = {isinstance(a.get(name), tuple) for a in self.answers}
        return len(kinds) > 1

    def scale(self, name: str) -> list[float] | None:
        """The spread of each number; None where some runs refuse."""
        name = {"graph slopes": "slopes"}.get(name, name)
        found = [a.get(name) for a in self.answers]
        if any(isinstance(x, tuple) for x in found):
            return None
        table = np.array(found, dtype=float)
        with np.errstate(all="ignore"):
            finite = np.isfinite(table)
            mixed = finite.any(0) & ~finite.all(0)
            spread = np.where(finite.all(0), np.ptp(np.where(finite, table, 0.0), axis=0), 0.0)
            spread[mixed] = math.inf
            return (100.0 * spread + self.paths(name)).tolist()

    def paths(self, name: str) -> Any:
        """1e-12 of what each derivative is the sum of: the sizes of all paths."""
        if name == "value":
            return 0.0
        leaves = self.program.leaves(self.point)
        wanted = [leaves[k] for k in self.program.places("px")]
        y = self.program.run(leaves, on_values)
        outputs = [y] if name == "slopes" else gradient(y, wanted)
        found = [sizes(output, wanted) for output in outputs]
        return TOLERANCE * np.nan_to_num(found, nan=0.0).ravel()


def eager_moved(program: Program, point: Sequence[float], rng: Any) -> Answers:
    answers: Answers = {}
    leaves = program.leaves(point)
    wanted = [leaves[k] for k in program.places("px")]
    size: dict[int, float] = {}  # of the terms that a sum was made of

    def ulps() -> float:
        return float(rng.choice((-2, -1, 1, 2))) * EPSILON

    def tilted(x: Any) -> Any:
        """The same number, with other slopes: those of each edge are rounded by themselves."""
        if not isinstance(x, Value) or not math.isfinite(x.data):
            return x
        y = x + ulps() * (x - x.data) if x.data else x * (1.0 + ulps())
        kept.append(y)
        size[id(y)] = size.get(id(x), abs(x.data))
        return y

    def apply(op: Primitive, operands: list[Any]) -> Any:
        operands = [*map(tilted, operands)]
        z = on_values(op, operands)
        terms = _terms(op, operands, size)
        total = float(sum(map(abs, terms), 0.0)) if terms else abs(z.data)
        if math.isfinite(z.data):
            total = min(total, 1e308)
            exact = _exact(op, operands, z.data, total)
            if not exact:
                z = z + ulps() * total
            if abs(z.data) < sys.float_info.min and not exact:
                z = z + float(rng.choice((-1, 1))) * SMALLEST
        size[id(z)] = total
        kept.append(z)
        return z

    kept: list[Any] = []
    with attempt(answers, "value", "slopes", "curvature"):
        y = program.run(leaves, apply)
        answers["value"] = [y.data]
        y.backward()
        answers["slopes"] = [x.grad for x in wanted]
        answers["curvature"] = [
            d.data for slope in gradient(y, wanted) for d in gradient(slope, wanted)
        ]
    return answers


def _terms(op: Primitive, operands: list[Any], size: Mapping[int, float]) -> list[float]:
    """What a sum adds up, those of a sum of sums included."""
    xs = [float(getattr(x, "data", x)) for x in operands]
    if op.name == "dot":
        ws, rest = groups(op, xs)
        return [w * x for w, x in zip(ws, (*rest, 1.0), strict=False)]
    if op.name in ("add", "sub", "sum", "neg", "mean"):
        sizes = [size.get(id(x), abs(v)) for x, v in zip(operands, xs, strict=True)]
        return [s / len(xs) if op.name == "mean" else s for s in sizes]
    return []


def _exact(op: Primitive, operands: list[Any], z: float, total: float) -> bool:
    """Whether the value has no rounding error, in any order of addition."""
    xs = [float(getattr(x, "data", x)) for x in operands]
    if not all(map(math.isfinite, (*xs, z, total))):
        return True
    if op.chooses and op.name not in ("leaky_relu_with", "elu_with"):
        return True
    if op.name in ("add", "sub", "sum", "neg", "dot"):
        terms = map(Fraction, xs)
        if op.name == "dot":
            ws, rest = groups(op, [*terms])
            terms = (w * x for w, x in zip(ws, (*rest, Fraction(1)), strict=False))
        return sum(map(abs, terms)) == Fraction(total)
    if re.search(r"\d\.\d{6}", op.form or ""):
        return False  # the numbers of its form are rounded
    try:
        with mp.workdps(60):
            return bool(formula(op)([mp.mpf(x) for x in xs]) == z)
    except (ArithmeticError, ValueError, TypeError, LookupError):
        return False
