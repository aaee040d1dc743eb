"""The arithmetic of the page: printed from the table, it agrees with Python on all of it."""

import itertools
import math
import random

import pytest
from test_stepping import PAIRS, edgy

from autograd_lite import Value, ops
from autograd_lite.engine.primitive import TABLE
from autograd_lite.stepping.page import repr_js
from autograd_lite.stepping.script import asset, function_of, helpers, program
from autograd_lite.stepping.walk import Walk

CORNERS = [0.0, 1.0, -1.0, 0.5, 2.0, -2.0, 1e-8, -1e-8, 30.0, -30.0]
BEYOND = [math.inf, -math.inf, math.nan]

# At infinite operands IEEE 754 leaves these to choice, and Python and JavaScript differ.
FINITE_ONLY = {"pow", "atan2", "exp_difference"}

RUN = """([helpers, source, points]) => {
  const [operation, slopes_of] = new Function(`${helpers}; return [${source}, slopes_of]`)();
  return points.map((point) => {
    const operands = point.map(Number), z = operation.f(operands);
    return [z, ...slopes_of(operation, z, operands)].map(String);
  });
}"""


def sizes_of(op):
    if op.arity:
        return (1,) * op.arity
    return {"dot": (4, 3), "where": (3,)}.get(op.name, (5,))


def sampled(op):
    """Points of the whole domain, near zero and far out, and corners of every kind."""
    rng = random.Random(op.name)
    width = sum(sizes_of(op))
    domain = (list(op.domain) * width)[:width]

    def one(low, high):
        if rng.random() < 0.5:
            return rng.uniform(low, high)
        size = math.exp(rng.uniform(-20.0, math.log(max(abs(low), abs(high)))))
        return min(max(rng.choice([-1, 1]) * size, low), high)

    points = [[one(low, high) for low, high in domain] for _ in range(60)]
    special = CORNERS if op.name in FINITE_ONLY else CORNERS + BEYOND
    if width <= 2:
        return points + [list(point) for point in itertools.product(special, repeat=width)]
    return points + [[rng.choice(special) for _ in range(width)] for _ in range(60)]


def in_python(op, point):
    """The value and the local derivatives, or None where the operation is undefined."""
    values, sizes = [Value(x) for x in point], sizes_of(op)
    groups = values if op.arity else [tuple(values[: sizes[0]])]
    if len(sizes) == 2 and not op.arity:
        groups.append(tuple(values[sizes[0] :]))
    try:
        node = op.record(*groups)
    except (ArithmeticError, ValueError):
        return None
    return [node.data, *node.partials]


def agree(python, script):
    if python == script or (python != python and script != script):
        return True
    return abs(python - script) <= 1e-12 * abs(python) or abs(python - script) < 1e-300


@pytest.fixture(scope="module")
def blank(browser):
    page = browser.new_page()
    yield page
    page.close()


@pytest.mark.browser
@pytest.mark.parametrize("op", TABLE.values(), ids=list(TABLE))
def test_value_and_slopes_agree_with_python(op, blank):
    source = function_of(op, sizes_of(op))
    points = [point for point in sampled(op) if in_python(op, point) is not None]
    assert len(points) > 40
    asked = [[repr_js(x) for x in point] for point in points]
    answers = blank.evaluate(RUN, [helpers([source, "slopes_of()"]), source, asked])
    for point, answer in zip(points, answers, strict=True):
        expected = in_python(op, point)
        got = [float(text) for text in answer]
        assert all(map(agree, expected, got)), (point, expected, got)
        assert len(expected) == len(got)


@pytest.mark.browser
def test_helpers_are_accurate(blank):
    """The functions that are written in JavaScript, to 1e-13."""
    rng = random.Random(2)
    for name, low, high in (("erf", -6, 6), ("erfc", -5, 26)):
        points = [rng.uniform(low, high) for _ in range(300)] + [0.0, 1e-300, 2.0, -2.0, 5.9]
        script = blank.evaluate(
            f"(xs) => {{ {helpers([name + '(1)'])}; return xs.map({name}) }}", points
        )
        for x, got in zip(points, script, strict=True):
            assert got == pytest.approx(getattr(math, name)(x), rel=1e-13, abs=0)
    for name, compute in (("sum", math.fsum), ("logsumexp", ops.logsumexp.compute)):
        lists = [[rng.gauss(0, 10 ** rng.randint(0, 8)) for _ in range(50)] for _ in range(50)]
        script = blank.evaluate(
            f"(lists) => {{ {helpers([name + '([1])'])}; return lists.map({name}) }}", lists
        )
        for xs, got in zip(lists, script, strict=True):
            assert got == pytest.approx(compute(xs), rel=1e-13, abs=0)


@pytest.mark.browser
def test_a_replay_passes_on_what_backward_passes_on(blank):
    """Slopes of 0, 1, ∞ and NaN, and edges that are shut, two after each other."""
    source = asset("what_if.js")
    replay = source[source.index("function replay") : source.index("const recorded")]
    for kinds in PAIRS:
        y, _ = edgy(*kinds)
        walk = Walk.of(y)
        made = program(walk)
        data = {"program": made["nodes"], "nodes": list(walk.ids.values()), "output": walk.ids[y]}
        leaves = {id: repr_js(node.data) for node, id in walk.ids.items() if node.op is None}
        operations = ",".join(made["operations"])
        answer = blank.evaluate(
            f"""([data, leaves]) => {{
              {made["helpers"]}
              const OPERATIONS = [{operations}];
              {replay}
              for (const id in leaves) leaves[id] = Number(leaves[id]);
              const {{ value, grad }} = replay(leaves);
              return data.nodes.map((id) => [String(value[id]), String(grad[id])]);
            }}""",
            [data, leaves],
        )
        y.backward()
        for node, texts in zip(walk.order, answer, strict=True):
            value, grad = map(float, texts)
            assert agree(node.data, value), (kinds, node)
            assert agree(node.grad, grad), (kinds, node)


def test_a_program_names_what_it_needs():
    x = Value(0.5, label="x")
    made = program(Walk.of(ops.ndtr(x) + ops.dot([x], [x])))
    assert [line.split("(")[0] for line in made["helpers"].splitlines() if "function" in line] == [
        f"function {name}" for name in ("slopes_of", "sum", "halves", "dot", "bell", "erf", "erfc")
    ]
    assert made["nodes"] == {
        "n1": [0, ["n0"]],
        "n2": [1, ["n0", "n0"]],
        "n3": [2, ["n1", "n2"]],
    }


def test_assets_lose_comments_and_keep_texts():
    player = asset("player.js")
    assert "//" not in player
    assert "❚❚ Pause" in player
    assert '"(prefers-color-scheme: dark)"' in player
    style = asset("page.css")
    assert "/*" not in style
    assert "border:1px solid var(--line)" in style
