"""The arithmetic of the page: printed from the table, it agrees with Python on all of it."""

import itertools
import math
import random
import re

import pytest
from test_stepping import PAIRS, edgy

from autograd_lite import Value, ops
from autograd_lite.engine.primitive import TABLE
from autograd_lite.stepping.page import MOVING, PLAYER, repr_js
from autograd_lite.stepping.script import asset, function_of, helpers, program
from autograd_lite.stepping.walk import Walk
from autograd_lite.telling.text import number

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
    replay = part("numbers.js", "const PROGRAM", "const DIGITS")
    replay += asset("numbers.js")[asset("numbers.js").index("function forward") :]
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
              const N = replay(leaves);
              return data.nodes.map((id) => [String(N["d" + id]), String(N["g" + id])]);
            }}""",
            [data, leaves],
        )
        y.backward()
        for node, texts in zip(walk.order, answer, strict=True):
            value, grad = map(float, texts)
            assert agree(node.data, value), (kinds, node)
            assert agree(node.grad, grad), (kinds, node)


def part(name, begins, ends):
    """A part of a page's script, by the texts at its two ends."""
    text = asset(name)
    return text[text.index(begins) : text.index(ends)]


@pytest.mark.browser
@pytest.mark.parametrize("digits", [1, 2, 4, 9, 17])
def test_numbers_are_shown_as_python_shows_them(blank, digits):
    """Halves to the even digit, at every size; infinities and NaN."""
    rng = random.Random(digits)
    xs = [rng.choice([-1, 1]) * 10 ** rng.uniform(-8, 8) for _ in range(500)]
    xs += [math.ldexp(rng.randint(1, 2**53), rng.randint(-1074, 970)) for _ in range(300)]
    least, most = 10 ** (digits - 1), 10**digits - 1
    halves = [rng.randint(least, most) + 0.5 for _ in range(300)]  # between two of so many digits
    xs += halves + [-x * 10.0**n for x in halves for n in (1, 3, 9)]
    xs += [math.ldexp(x, -n) for x in halves for n in (1, 3, 9)]
    xs += [math.ldexp(2 * rng.randint(0, 2**20) + 1, -n) for n in range(1, 60) for _ in range(20)]
    for edge in (1e-4, 1e-5, most + 1.0, 10.0 * most, 1.0, most + 0.5, 0.99995, 99995.0):
        xs += [edge, math.nextafter(edge, 0.0), math.nextafter(edge, math.inf), -edge]
    xs += [0.0, -0.0, 5e-324, 1.7976931348623157e308, math.inf, -math.inf, math.nan]
    shown = part("numbers.js", "const DIGITS", "const signed")
    answer = blank.evaluate(
        f"(xs) => {{const data = {{digits: {digits}, longer: 9}}; {shown}"
        " return xs.map((x) => shown(Number(x))) }",
        [*map(repr_js, xs)],
    )
    wanted = [number(x, digits) for x in xs]
    assert [
        (x, text) for x, text, right in zip(xs, answer, wanted, strict=True) if text != right
    ] == []


SCRIPTS = (*PLAYER, *MOVING, "map.js", "quiz.js")

SPELLINGS = {
    "-0.25": -0.25, "−0.25": -0.25, "–0.25": -0.25, "+3": 3.0, ".5": 0.5, "5.": 5.0,
    "0,25": 0.25, "−1,5": -1.5, "3/4": 0.75, "−3/4": -0.75, "3/−4": -0.75, " 3 / 4 ": 0.75,
    "1,5/2": 0.75, "1e-3": 0.001, "1E3": 1000.0, "1e−07": 1e-7, "2.5×10^3": 2500.0,
    "2.5 × 10^−3": 0.0025, "2,5×10-3": 0.0025, "∞": math.inf, "−∞": -math.inf, "+∞": math.inf,
    "inf": math.inf, "-Inf": -math.inf, "INFINITY": math.inf, "-infinity": -math.inf,
    **dict.fromkeys(["two", "", "/", "3/", "/4", "1/2/3", "1,2,3", "1 2", "--1", "NaN"], math.nan),
}  # fmt: skip


@pytest.mark.browser
def test_the_quiz_reads_every_spelling_and_takes_one_per_cent(blank):
    code = part("quiz.js", "function read", "function verdict")
    answer = blank.evaluate(
        f"(all) => {{ {code} return all.map((text) => String(read(text.trim()))); }}", [*SPELLINGS]
    )
    for text, got in zip(SPELLINGS, map(float, answer), strict=True):
        assert agree(SPELLINGS[text], got), (text, got)
    sizes = [0.0, 5e-324, 1e-300, 1e-7, 0.01, 1.0, 3.0, 1234.5, 1e7, 1e300, math.inf]
    wanted = [sign * size for size in sizes for sign in (1.0, -1.0)]
    rows = [(w, w * factor, factor in (1.0, 1.005, 0.995) or w in (0.0, 5e-324, -5e-324))
            for w in wanted for factor in (1.0, 1.005, 0.995, 1.02, 0.98)
            if math.isfinite(w)]  # fmt: skip
    rows += [(w, given, False) for w in wanted if w for given in (-w, 0.0, math.nan)]
    rows += [(100.0, 101.0, True), (-100.0, -99.0, True), (100.0, 101.004, False)]  # the limit
    rows += [(w, 1.0, w == 1.0) for w in wanted] + [(0.0, 1e-300, False), (0.0, -0.0, True)]
    rows += [(math.nan, math.nan, True), (math.nan, 1.0, False), (math.nan, math.inf, False),
             (math.inf, math.inf, True), (-math.inf, -math.inf, True)]  # fmt: skip
    rows = [row for row in rows if abs(row[0]) != 5e-324 or row[0] == row[1]]
    given = [[repr_js(w), repr_js(x)] for w, x, _ in rows]
    told = blank.evaluate(
        f"(all) => {{ {code} return all.map(([w, x]) => isRight(Number(x), Number(w))); }}", given
    )
    assert [row for row, right in zip(rows, told, strict=True) if right != row[2]] == []


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
    assert not re.search(r"//(?!www.w3.org)", "".join(map(asset, SCRIPTS)))
    assert "❚❚ Pause" in player
    assert '"(prefers-color-scheme: dark)"' in asset("around.js", "autograd_lite.showing")
    style = asset("page.css")
    assert "/*" not in style
    assert "border:1px solid var(--line)" in style
