"""What a graph is called, for people: the table of operations, the facts of a picture."""

import contextlib
import html
import itertools
import math
import random
import re
from dataclasses import FrozenInstanceError, replace
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest

from autograd_lite import Value, derived, ops, topological_order
from autograd_lite.drawing import draw
from autograd_lite.engine.primitive import TABLE
from autograd_lite.nn import MLP
from autograd_lite.stepping import explain, step_through, steps, transcript, worked_example
from autograd_lite.stepping.walk import Walk
from autograd_lite.telling import formulas, latex, names
from autograd_lite.telling.formulas import LEGEND, formula, listed
from autograd_lite.telling.homes import Trace, is_module
from autograd_lite.telling.names import names_of
from autograd_lite.telling.operands import uses
from autograd_lite.telling.plain import plain
from autograd_lite.telling.rules import TAUGHT, rules
from autograd_lite.telling.subject import renamed, subject_of
from autograd_lite.telling.text import clean, columns, is_name, number
from autograd_lite.telling.writing import ATOM, FORMULAS, PLATES, SUM


def operands_of(op):
    """As many operands as the row takes, each a sum: its brackets show where it stands."""
    names = ["a + b", "c + d", "e + f", "g + h"][: op.arity or 4]
    return [(name, SUM) for name in names]


@pytest.mark.parametrize("alphabet", [PLATES, FORMULAS], ids=["plate", "formula"])
@pytest.mark.parametrize("op", TABLE.values(), ids=lambda op: op.name)
def test_every_row_is_written_with_all_its_operands(op, alphabet):
    operands = operands_of(op)
    text, _ = alphabet.write(op, operands)
    assert all(name in text for name, _ in operands)
    assert text.count("(") == text.count(")")


@pytest.mark.parametrize(
    ("op", "on_a_plate", "in_a_formula"),
    [
        (ops.add, "a + b + (−3)", "a + b + (−3)"),
        (ops.sub, "a + b − (−3)", "a + b − (−3)"),
        (ops.mul, "(a + b)·(−3)", "(a + b) × (−3)"),
        (ops.div, "(a + b)/(−3)", "(a + b) ÷ (−3)"),
        (ops.mean, "mean(a + b, −3)", "(a + b + (−3)) ÷ 2"),
        (ops.dot, "(a + b)·(−3)", "(a + b) × (−3)"),
    ],
    ids=lambda x: getattr(x, "name", ""),
)
def test_plates_and_formulas_have_signs_of_their_own(op, on_a_plate, in_a_formula):
    operands = [("a + b", SUM), ("−3", SUM)]
    assert PLATES.write(op, operands)[0] == on_a_plate
    assert FORMULAS.write(op, operands)[0] == in_a_formula


# --- a text, read back, has the number of what it names ---

RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻·", "0123456789-.", strict=True))
SIGNS = {"−": "-", "×": "*", "·": "*", "÷": "/", "^": "**", "∞": "inf", "NaN": "nan"}
CALLED = sorted((op for op in TABLE.values() if len(op.symbol) > 1 or op.symbol.isalpha()
                 or op.symbol in "√∛σΦΠ"), key=lambda op: -len(op.symbol))  # fmt: skip


def read_back(text, **named):
    """The number of a text on a plate or in a formula, by Python's own order of operations."""
    scope = {"inf": math.inf, "nan": math.nan, **named}
    for i, op in enumerate(CALLED):
        whole = rf"(?<![A-Za-z0-9_]){re.escape(op.symbol)}\("
        text = re.sub(whole, f"called{i}_(", text)
        several = op.arity is None and op.name != "where"
        scope[f"called{i}_"] = (lambda *xs, op=op: op(xs)) if several else op
    text = re.sub(r"\|([^|]*)\|", r"abs(\1)", text)
    text = re.sub("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+(·[⁰¹²³⁴⁵⁶⁷⁸⁹]+)?",
                  lambda m: f"**({''.join(RAISED[c] for c in m[0])})", text)  # fmt: skip
    for sign, python in SIGNS.items():
        text = text.replace(sign, python)
    return float(eval(text, scope))


ONE = [
    lambda v: -v, lambda v: v**2, lambda v: v**-1, lambda v: v**1.5, lambda v: v**12, abs,
    Value.square, Value.reciprocal, Value.tanh, Value.sqrt, Value.log_sigmoid, Value.relu,
    ops.one_minus_square, ops.gaussian(0.5), ops.gaussian(1.0),
]  # fmt: skip
TWO = [
    lambda a, b: a + b, lambda a, b: a - b, lambda a, b: a * b, lambda a, b: a / b,
    lambda a, b: a**b, lambda a, b: (-0.5) ** a, lambda a, b: a - 3, lambda a, b: -3 + a,
    lambda a, b: a * -2, lambda a, b: a / -4, ops.maximum, ops.exp_difference,
    lambda a, b: ops.where(a, b, a),
    lambda a, b: ops.sum([a, b, a]), lambda a, b: ops.mean([a, b]), lambda a, b: ops.prod([a, b]),
    lambda a, b: ops.dot([a, b], [b, a]), lambda a, b: ops.dot([a], [b], a),
]  # fmt: skip


def some_graph(rng):
    """Two to five operations on each other's results and on a, b, c."""
    pool = [Value(rng.choice([-3.0, -0.5, 0.25, 2.0]), label=label) for label in "abc"]
    for _ in range(rng.randint(2, 5)):
        near, any_one = rng.choice(pool[-3:]), rng.choice(pool)
        pool.append(rng.choice(ONE)(near) if rng.random() < 0.4 else rng.choice(TWO)(near, any_one))
    return pool[-1]


def test_a_name_and_a_formula_read_back_have_the_number_of_the_value(monkeypatch):
    monkeypatch.setattr(names, "LONGEST_DERIVED", math.inf)
    rng, read = random.Random(4), 0
    while read < 400:
        try:
            y = some_graph(rng)
        except (ArithmeticError, ValueError):
            continue
        named = names_of(topological_order(y))
        given = {x.label: x.data for x in named if x.label}
        for text in (named[y], formula(y, named.__getitem__)):
            if "…" in text or text.count("|") > 2:
                continue
            assert read_back(text, **given) == pytest.approx(y.data, rel=1e-12, abs=1e-12), text
            read += 1
        numbers = formula(y, lambda node: number(node.data))
        if all(float(f"{x.data:.4g}") == x.data for x in y.parents) and numbers.count("|") < 3:
            assert read_back(numbers) == pytest.approx(y.data, rel=1e-12, abs=1e-12), numbers


@pytest.mark.parametrize("x", [-2.0, -1e-7, -1.5e20, 0.5, 1e-300, -math.inf])
def test_a_negative_number_is_one_operand(x):
    a = Value(x)
    for y in (a - a * 0.5, a * a, a**2, -a, a.square(), ops.dot([a, a], [a, a], a), 2 - a):
        text = formula(y, lambda node: number(node.data))
        got = read_back(text)
        assert got == pytest.approx(y.data, rel=1e-12) or (got != got and y.data != y.data), text


# --- limits: at them, and one beyond ---


def test_a_label_is_cut_beyond_40_characters():
    assert [clean("x" * n) for n in (39, 40, 41)] == ["x" * 39, "x" * 40, "x" * 39 + "…"]
    assert clean(" a " * 40) == "a " * 19 + "a…"
    assert [len(clean("y" * n, longest=80)) for n in (79, 80, 81, 900)] == [79, 80, 80, 80]


@pytest.mark.parametrize("point", [*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0, 27, 0xD800])
def test_what_turns_a_line_or_cannot_be_shown_is_replaced(point):
    assert clean(f"a{chr(point)}b") == "a\ufffdb"


def test_a_derived_name_has_18_characters_at_most():
    def name(label):
        return names_of(topological_order(Value(1.0, label=label) * Value(2.0, label="w")))

    assert [[*name("x" * n).values()][-1] for n in (16, 17)] == ["x" * 16 + "·w", ""]


def test_a_long_sum_is_shortened():
    def written(alphabet, terms):
        return alphabet.write(ops.sum, [(f"x{i}", ATOM) for i in range(terms)])[0]

    for alphabet, most in ((PLATES, 9), (FORMULAS, 6)):
        assert written(alphabet, most) == " + ".join(f"x{i}" for i in range(most))
        assert written(alphabet, most + 1) == f"x0 + x1 + x2 + … + x{most}"
    xs = [Value(1.0, label="x") for _ in range(10)]
    named = [names_of(topological_order(ops.prod(xs[:n]))) for n in (9, 10)]
    assert [[*found.values()][-1] for found in named] == ["", ""]
    one_letter = [names_of(topological_order(ops.sum([xs[0]] * n))) for n in (5, 6)]
    assert [[*found.values()][-1] for found in one_letter] == ["x + x + x + x + x", ""]


def test_a_list_of_more_than_six_is_cut():
    assert listed(list("abcdef")) == "a,  b,  c,  d,  e,  f"
    assert listed(list("abcdefg")) == "a,  b,  c,  d,  e,  f,  … (7 in all)"


@pytest.mark.parametrize(
    ("x", "text"),
    [(-0.0, "0"), (-1e-320, "−1e−320"), (9999.5, "1e+04"), (9999.4, "9999"), (0.99995, "1"),
     (-1234.56, "−1235"), (1e-5, "1e−05"), (1e-4, "0.0001"), (math.nan, "NaN"), (-math.inf, "−∞")],
)  # fmt: skip
def test_numbers_have_four_digits_and_true_signs(x, text):
    assert number(x) == text


@pytest.mark.parametrize(
    ("digits", "third", "tanh"),
    [
        (1, "0.3", "0.3"),
        (9, "0.333333333", "0.321512738"),
        (17, f"{1 / 3:.17g}", f"{math.tanh(1 / 3):.17g}"),
    ],
)
def test_as_many_digits_as_are_asked_for_wherever_numbers_are_shown(digits, third, tanh):
    x = Value(1 / 3, label="x")
    y = derived.clip(x, 1 / 3, 1).tanh() + 1 / 3
    y.backward()
    slope = number(x.grad, digits)
    assert draw(y, digits=digits).to_svg().count(f">{third}<") >= 3  # x, clipped, constant
    said = transcript(steps(y, digits=digits, learning_rate=1 / 3, parameters=[x]))
    assert f"clip({third}, {third}, 1) = {third}" in said
    assert f"tanh({third}) = {tanh}\n" in said
    assert f"x.grad: 0 → {slope}\n" in said
    assert f"x ← x − {third} × {slope} = " in said
    page = step_through(y, digits=digits)
    assert f'"digits":{digits},' in page.to_html()
    assert f'class="ag-data">{third}<' in page.to_html()
    for text in (str(explain(y, x, digits=digits)), explain(y, x, digits=digits)._repr_latex_()):
        assert slope in text
    network = draw(MLP(1, [1]), [x], digits=digits, collapse="Neuron").to_svg()
    assert f">{third}<" in network


@pytest.mark.parametrize(
    ("digits", "problem"), [(0, ValueError), (18, ValueError), (4.0, TypeError), ("4", TypeError)]
)
def test_digits_are_1_to_17(digits, problem):
    x = Value(2.0)
    for show in (draw, steps, step_through, partial(explain, leaf=x)):
        with pytest.raises(problem, match="digits= says how many significant digits"):
            show(x * x, digits=digits)


def test_what_is_fixed_is_told_where_there_is_room():
    clipped = derived.clip(Value(2.0), -1, 1).op
    assert PLATES.write(clipped, [("a", ATOM)])[0] == "clip(a)"
    assert FORMULAS.write(clipped, [("a", ATOM)])[0] == "clip(a, −1, 1)"


def test_a_module_lists_its_parameters_and_its_parts():
    def having(*methods):
        return type("Thing", (), {method: lambda self: [] for method in methods})()

    assert is_module(having("named_parameters", "named_modules"))
    for methods in ((), ("named_parameters",), ("named_modules",)):
        assert not is_module(having(*methods))


def test_a_subject_is_finished_and_renaming_gives_another():
    x, w = Value(2.0, label="x"), Value(-3.0, label="w")
    product = x * w
    subject = subject_of(Trace(), [product.tanh()], "a neuron")
    other = renamed(subject, {product: "z"})
    assert [fact.name for fact in subject.facts.values()] == ["x", "w", "x·w", "tanh(x·w)"]
    assert [fact.name for fact in other.facts.values()] == ["x", "w", "z", "tanh(z)"]
    with pytest.raises(FrozenInstanceError):
        subject.facts[x].name = "input"
    assert replace(subject.facts[x], own_name="").full_name == "x"


def test_pictures_and_pages_keep_the_numbers_they_were_made_of():
    a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    product = a * b
    drawing, page, other = draw(product), step_through(product), step_through(product)
    before = drawing.to_dot(), page.to_html()
    a.data = 7.0
    assert (drawing.to_dot(), other.to_html()) == before


# --- the rule of an edge, as a learner knows it ---


SMOOTH = 0.4, 0.7, 0.3


def ruled(op, point=SMOOTH):
    """A node of a row at a point, and names with brackets and without."""
    shift = 1.0 if op.name == "acosh" else 0.0
    names = ("x", "a·b", "c (2)")
    values = [Value(x + shift, label=label) for label, x in zip(names, point, strict=True)]
    if op.name == "dot":
        node = ops.dot(values[:1], values[1:2], values[2])
    else:
        node = op.record(tuple(values)) if op.arity is None else op.record(*values[: op.arity])
    return node, {value: value.label for value in values} | {node: "z"}


#: How the words of a rule are read; the last two families are named by their derivatives.
WORDS = {
    ", else": " else",
    "½": "0.5",
    " = ": " == ",
    "≠": "!=",
    "≤": "<=",
    "⌊": "floor(",
    "⌋": ")",
}
KINKED = [name for name, forms in TAUGHT.items() if any(" if " in form for form in forms)]
UNREAD = ("mills_tail", "polygamma", "sinc_derivative", "sinc", "digamma")


@pytest.mark.parametrize(
    "op", [op for op in TABLE.values() if op.name not in UNREAD], ids=lambda op: op.name
)
def test_every_rule_read_back_has_the_number_of_the_slope(op):
    must_be_read_back(op, SMOOTH)


@pytest.mark.parametrize(
    "op", [op for op in TABLE.values() if op.name in KINKED], ids=lambda op: op.name
)
@pytest.mark.parametrize("x", [-1.5, -1.0, -0.0, 0.0, 0.7, 2.0, 2.5])
def test_the_words_of_a_rule_hold_on_both_sides_of_a_kink_and_at_it(op, x):
    must_be_read_back(op, (x, *SMOOTH[1:]))


def must_be_read_back(op, point):
    node, named = ruled(op, point)
    short = {"a·b": "p", "c (2)": "q"}
    known = {short.get(name, name): value.data for value, name in named.items()}
    known |= {"π": math.pi, "φ": lambda x: math.exp(-x * x / 2) / math.sqrt(math.tau)}
    for text, slope in zip(rules(node, named.get, 12), node.partials, strict=True):
        text = re.sub(r", (\S+) if", r" else \1 if", text)
        for word, python in {**short, **WORDS}.items():
            text = text.replace(word, python)
        assert read_back(text, **known) == pytest.approx(slope, rel=1e-8), text


@pytest.mark.parametrize(
    "label", ["сумма входов нейрона", "학습률", "重み (一)", "وزن", "क्षमता", "w" * 40]
)
def test_a_rule_is_told_in_any_script(label):
    x, w = Value(0.5, label=label), Value(0.3, label="w")
    y = x * w
    names = Walk.of(y).names
    whole = f"({label})" if " " in label else label
    assert rules(y, names.get) == ["w", names[x]]
    assert rules(x.sigmoid(), lambda v: label) == [f"{whole}·(1 − {whole})"]
    assert rules(x.tanh(), lambda v: label) == [f"1 − {whole}²"]


def test_a_rule_has_brackets_where_it_needs_them():
    a, b, c = (Value(x, label=label) for x, label in ((0.5, "a + b"), (-2.0, "−2"), (3.0, "c")))

    def told(value):
        return {a: "a + b", b: "−2", c: "c"}.get(value, "z + 1")

    assert rules(ops.prod([a, b, c]), told) == ["(−2)·c", "(a + b)·c", "(a + b)·(−2)"]
    assert rules(b.sigmoid(), told) == ["(z + 1)·(1 − (z + 1))"]
    assert rules(a**-2, told) == ["−2·(a + b)⁻³"]
    assert rules(b**3, told) == ["3·(−2)²"]


def test_a_rule_that_is_long_or_made_by_hand_is_told_by_its_number():
    x = Value(0.5, label="x")
    assert rules(Value(0.25, (x,), (1.25,)), lambda v: v.label) == ["1.25"]
    assert rules(ops.prod([x] * 6), lambda v: "w" * 40) == ["0.03125"] * 6
    assert rules(ops.mean([x] * 3), lambda v: v.label) == ["1/3"] * 3
    clipped = derived.clip(x, 0.123456789, 1).op
    assert rules(clipped(x), lambda v: "x", digits=9) == ["1 if 0.123456789 ≤ x ≤ 1, else 0"]


# --- two signs: d for what adds up over every path, ∂ for one edge ---


def graphs():
    """Graphs in which each sign could be taken for the other, with the leaves to train."""

    def named(value, label):
        value.label = label
        return value

    a, x, w = (Value(n, label=label) for n, label in ((2.0, "a"), (3.0, "x"), (-1.0, "a·b (2)")))
    diamond = named(a * named(a + 1, "b"), "L")
    twice = x * x + named(named(x * w, "p q").tanh(), "t") + w
    E, weights = worked_example()
    return [
        (diamond, [a]),
        (named(twice, "y"), [x, w]),
        (ops.dot([x] * 9, [w] * 9), [w]),
        (E, weights),
    ]


def told(value, leaves):
    """Everything that is said of a graph, and the same in LaTeX."""
    said = [
        transcript(steps(value, learning_rate=0.1, parameters=leaves)),
        str(draw(value).to_svg()),
    ]
    said += [str(step_through(value, quiz=quiz).to_html()) for quiz in (False, True)]
    explained = [explain(value, leaf) for leaf in leaves]
    return "\n".join([*said, *map(str, explained)]), "".join(e._repr_latex_() for e in explained)


@pytest.mark.parametrize(("value", "leaves"), graphs(), ids=["diamond", "twice", "dot", "2-2-2"])
def test_only_an_edge_has_a_local_derivative_and_only_the_output_a_total_one(value, leaves):
    """Take out the right ones, and none is left."""
    walk = Walk.of(value)
    edges = [
        (called[node], called[operand], use)
        for called in (walk.names, names_of(walk.order))  # of the steps, of a picture
        for node in walk.order
        for operand, use in zip(node.parents, uses(node.parents), strict=True)
    ]
    totals = [(walk.names[walk.output], name) for name in walk.names.values()]
    for text, signs, mark in zip(
        told(value, leaves), (formulas, latex), ("∂", "partial"), strict=True
    ):
        text = html.unescape(text).replace(LEGEND, "")
        right = {signs.local(*edge) for edge in edges} | {signs.total(*pair) for pair in totals}
        for sign in sorted(right, key=len, reverse=True):
            text = text.replace(sign, "")
        assert mark not in text
        assert not re.search(r"\bd[^\s<>]+/d\w|mathrm{d}", text)


def test_formulas_in_prose_follow_the_signs():
    """Wherever a text of ours adds to a derivative: dL/da += dL/db · ∂b/∂a, and the parts fit."""
    root, name = Path(__file__).parent.parent, r"(\([^()]+\)|\w+)"
    texts = [*root.glob("*.md"), *root.glob("docs/*.md"), *root.glob("notebooks/*.ipynb")]
    texts += root.glob("autograd_lite/**/*.py")
    lines = [line for path in texts for line in path.read_text("utf-8").split("\n")]
    chain_rule = re.compile(f"d{name}/d{name} \\+= d{name}/d{name} · ∂{name}/∂{name}")
    found = [line for line in lines if re.search(r"/\S+ \+= [d∂(]", line) and len(line) < 300]
    assert len(found) > 10
    for line in found:
        of, by, top, through, node, operand = chain_rule.search(line).groups()
        assert (of, through, by) == (top, node, re.sub("₍.₎", "", operand)), line


# --- scripts that go from right to left, and wide ones ---

LABELS = ["وزن", "خسارة 1", "משקל", "w-קלט", "重み", "학습률"]

#: Where the pieces of every text of a page or a picture are.
PLACES = """(pieces) => [...document.querySelectorAll("text, li p, li small, li b")].map((one) => {
  const range = document.createRange(), node = one.firstChild, text = one.textContent;
  const places = [];
  for (let at = 0; at < text.length;) {
    const piece = pieces.find((one) => text.startsWith(one, at)) ?? text[at];
    range.setStart(node, at);
    range.setEnd(node, at += piece.length);
    const box = range.getBoundingClientRect();
    if (piece.trim() && box.width) places.push([piece, box.top, box.left]);
  }
  return places;
})"""


@pytest.mark.browser
def test_formulas_go_from_left_to_right_in_every_script(browser):
    a, b, c, d, e, f = (Value(-2.0 - i, label=label) for i, label in enumerate(LABELS))
    y = (a * b + c * d).tanh() + e * a / f
    page = browser.new_page()
    for shown in (step_through(y).to_html(), draw(y).to_svg()):
        page.set_content(shown)
        page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        texts = page.evaluate(PLACES, [clean(label) for label in LABELS])
        assert {clean(label) for label in LABELS} <= {piece[0] for text in texts for piece in text}
        for text in texts:
            for (_, top, left), (piece, below, further) in pairwise(text):
                assert left <= further or below > top, (piece, text)
    page.close()


@pytest.mark.parametrize("label", LABELS)
def test_a_name_in_another_script_is_one_name(label):
    whole = " " not in label and "-" not in label
    assert is_name(clean(label)) == whole
    assert clean(clean(label)) == clean(label)
    assert formulas.total("L", clean(label)) == ("dL/d{}" if whole else "dL/d({})").format(
        clean(label)
    )
    assert columns(clean(label)) == len(label) * (2 if label > "一" else 1)


def test_a_formula_without_needless_brackets_says_what_was_computed():
    """Read as Python reads it: every operation on every two others."""
    a, b, c = (Value(x, label=n) for n, x in (("a", 1.5), ("b", 2.5), ("c", 0.75)))
    pairs = (
        lambda x, y: x + y, lambda x, y: x - y, lambda x, y: x * y, lambda x, y: x / y,
        lambda x, y: x**y, lambda x, y: -x, lambda x, y: x**2, lambda x, y: y.exp(),
    )  # fmt: skip
    for last, left, right in itertools.product(pairs, repeat=3):
        with contextlib.suppress(ValueError):  # a power of a negative number
            y = last(left(a, b), right(c, a))
            told = [step.math for step in steps(y) if step.phase == "forward"][-1].split(" = ")
            written = plain(told[1]).replace("^", "**")
            names = {"a": a.data, "b": b.data, "c": c.data, "exp": math.exp}
            if not re.search(r"\bv\d", written):
                assert eval(written, names) == pytest.approx(y.data, rel=1e-12), told[1]
                assert not re.fullmatch(r"\([\w*^/]+\) [+-] .*", written)
