"""A forward pass that fails: the picture, the steps and the page of what there was, and why."""

import io
import math

import pytest
from test_drawing import nodes
from test_stepping import HOSTILE
from test_stepping_page import OUTSIDE, plate, text_of

from autograd_lite import Parameter, Value, cli, draw, exp, log, nn, ops
from autograd_lite.stepping import show, step_through, steps
from autograd_lite.telling.drawable import traced
from autograd_lite.telling.refusal import refusal_of


class Broken(nn.Module):
    """A module of a module: what failed has its box."""

    def __init__(self):
        self.layer = nn.Layer(1, 1, nonlin=False)
        self.layer.parameters()[0].data = -2.0

    def __call__(self, x):
        return self.layer([x]).sqrt()


def logarithm(a, b):
    e = a * b
    unused = a + b  # is no part of it
    return e.log() + unused


def sum_of_powers(x):
    return ops.sum([x, x**300, 10.0 ** (x * x)])


# what is called, its inputs, the formula of the last step, what it says, how many values there are
FAILING = {
    "log": (
        logarithm, (2.0, -3.0), "log(a·b) = log(−6)",
        "log: no real answer at a·b = -6.0; it needs a·b > 0.", 4,
    ),
    "division": (
        lambda x: 1 / (x - x), (3.0,), "1/(x − x) = 1 ÷ 0",
        "div: no real answer at x − x = 0.0; it needs x − x ≠ 0.", 4,
    ),
    "overflow": (
        lambda x: exp(x * x), (100.0,), "exp(x·x) = exp(1e+04)",
        "exp: the result is too large for a float (1.8e308) at x = 10000.0. Scale the operands "
        "down, or work with logarithms.", 3,
    ),
    "power": (
        sum_of_powers, (30.0,), "x³⁰⁰ = 30³⁰⁰",
        "power: the result is too large for a float (1.8e308) at x = 30.0. Scale the operands "
        "down, or work with logarithms.", 2,
    ),
    "arm": (
        lambda x: ops.where(ops.step(x), log(x), 0.0), (-1.0,), "log(x) = log(−1)",
        "log: no real answer at x = -1.0; it needs x > 0. where computes both of its arms: if this "
        "is one, write where(c, log(where(c, x, 1.0)), 0.0).", 2,
    ),
    "module": (
        Broken(), (3.0,), "√(z1) = √(−6)",
        "sqrt: no real answer at z1 = -6.0; it needs z1 ≥ 0.", 5,
    ),
    "no Value": (lambda x: log(-1.0) * x, (1.0,), "log(−1) = log(−1)",
                 "log: no real answer at x = -1.0; it needs x > 0.", 2),
}  # fmt: skip
failing = pytest.mark.parametrize("name", FAILING)


@failing
def test_the_last_step_says_at_which_operation_and_why(name):
    f, inputs, formula, said, values = FAILING[name]
    listing = steps(f, *inputs)
    last = listing[-1]
    assert [step.phase for step in listing[:-1]] == ["forward"] * (len(listing) - 1)
    assert (last.phase, last.math.removeprefix("v1 = "), last.note) == ("refused", formula, said)
    assert last.title.startswith("✗ Forward stops: ")
    assert last.edges[-1] == f"{last.node}-out"
    with pytest.raises((ArithmeticError, ValueError)) as problem:
        f(*[Value(x, label=label) for x, label in zip(inputs, "ab", strict=False)])
    assert steps(problem.value)[-1].phase == "refused"
    assert len(draw(problem.value).ids) == values


@failing
def test_the_picture_marks_it_and_says_why(name):
    f, inputs, _, said, values = FAILING[name]
    made = draw(f, *inputs)
    assert len(made.ids) == values
    assert made.scene.caption.split(": ")[0] == said.split(": ")[0]
    assert repr(made).startswith(f"<Drawing of {values} values, the last without an answer;")
    (mark,) = [node for node in nodes(made).values() if node.role == "refused"]
    assert mark.rows == (("data", "✗"), ("grad", "–"))
    assert {edge.label for edge in made.scene.edges if edge.head == f"{mark.key}o"} == {""}
    written = " ".join(made.to_svg().split())
    assert "✗ " in written
    assert "1.8e308" in written or "it needs" in written.replace("\u00a0", " ")


def test_made_up_inputs_fail_as_an_error():
    class Logarithms(nn.Module):
        def __init__(self):
            self.layer = nn.Layer(1, 1, nonlin=False)
            self.layer.parameters()[0].data = -2.0

        def __call__(self, x):
            return self.layer(x).log()

    with pytest.raises(ValueError, match="log: no real answer"):
        draw(Logarithms())
    trace, _ = traced(Logarithms(), [[1.0]])
    assert trace.refusal is not None
    with pytest.raises(ValueError, match="log: no real answer"):
        traced(Logarithms(), [[1.0]], complete=True)


def test_a_module_that_failed_has_its_box():
    scene = draw(Broken(), 3.0).scene
    assert [cluster.title for cluster in scene.top.walk()] == ["", "Layer", "Neuron 1"]
    plates = {node.name: node for node in scene.nodes()}
    assert plates["√(z1)"].role == "refused"
    scene = draw(lambda x: Broken()(x), 3.0).scene
    titles = [cluster.title for cluster in scene.top.walk()]
    assert titles == ["", "Broken", "Layer", "Neuron 1"]
    (outer,) = scene.top.clusters
    assert "refused" in [node.role for node in outer.nodes]
    (unit,) = [
        n
        for n in draw(lambda x: Broken()(x), 3.0, collapse="Broken").scene.nodes()
        if n.role == "unit"
    ]
    assert unit.rows[0] == ("data", "✗")


@pytest.mark.parametrize(
    "options", [{"fault": "overwrite"}, {"learning_rate": 0.1}, {"quiz": True}, {"seed": 1}]
)
def test_what_goes_on_from_there_raises_the_error(options):
    with pytest.raises(ValueError, match=r"^log: no real answer"):
        step_through(logarithm, 2.0, -3.0, **options)


def test_other_errors_stay_what_they_are():
    def wrong(x):
        raise ValueError("of my own")

    for f in (wrong, lambda x: math.log(-1.0), lambda x: [x][1]):
        with pytest.raises((ValueError, IndexError)) as problem:
            draw(f, 1.0)
        assert refusal_of(problem.value) is None
    with pytest.raises(TypeError, match=r"without an answer can be drawn; .* of my own"):
        draw(ValueError("of my own"))

    def told(x):
        try:
            return log(x)
        except ValueError as error:
            raise ValueError("This loss needs a positive x.") from error

    assert steps(told, -1.0)[-1].note == "log: no real answer at x = -1.0; it needs x > 0."


def test_a_label_breaks_nothing_out_of_the_message():
    for label in (*HOSTILE, "a b", "W1[2,3]"):
        with pytest.raises(ValueError, match="log") as problem:
            Value(-1.0, label=label).log()
        made = draw(problem.value)
        for said in (steps(problem.value)[-1].note, made.scene.caption):
            assert said.startswith("log: no real answer at ")
            assert not {"\x1b", "\x00", "\n", "\\", "\u202e"}.intersection(said)
    made.to_svg()
    assert said == "log: no real answer at W1[2,3] = -1.0; it needs W1[2,3] > 0."


def test_what_is_alike_below_it_is_folded():
    model = nn.MLP(2, [12, 1], activation="tanh")
    listing = steps(lambda x: (model([x, x]) - 100.0).log(), 1.0, fold=True)
    assert listing[2].title == "Forward: Neuron 2 … 12, in the same way"
    assert listing[-1].phase == "refused"


def test_a_failed_pass_leaves_nothing_behind():
    w = Parameter(-1.0, label="w")
    kept = w.data, w.grad
    first = steps(lambda: log(w) * 2.0)
    assert (w.data, w.grad) == kept
    w.data = 2.0
    assert [step.phase for step in steps(lambda: log(w) * 2.0)][:2] == ["forward"] * 2
    assert len(first) == 1


def test_expressions(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    given = ["d = a*b; log(d) + 1", "a=2", "b=-3"]
    error = "autograd-lite: log: no real answer at d = -6.0; it needs d > 0.\n"
    assert cli.main(["step", *given]) == 2
    out, err = capsys.readouterr()
    assert "log(d) = log(−6)\nlog: no real answer at d = -6.0; it needs d > 0.\n" in out
    assert err.startswith(error)
    for command, file in (("draw", "graph.svg"), ("step", "steps.html")):
        assert cli.main([command, *given, *["-o", file] * (command == "step")]) == 2
        out, err = capsys.readouterr()
        assert out == f"{file}\n"
        assert err.startswith(error)
        assert (tmp_path / file).stat().st_size > 1000
    assert cli.main(["step", *given, "--quiz", "-o", "quiz.html"]) == 2
    assert not (tmp_path / "quiz.html").exists()


def test_in_a_terminal(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    output = Terminal()
    show(steps(logarithm, 2.0, -3.0), output, Terminal("\n\nq\n"))
    assert "\033[1;31m✗ Forward stops" in output.getvalue()


@pytest.mark.browser
def test_the_page(open_page):
    made = step_through(logarithm, 2.0, -3.0)
    page = open_page(made.to_html(), viewport={"width": 1280, "height": 720}, color_scheme="dark")
    last = made.steps[-1]
    assert plate(page, last.node) == ("?", "–")
    page.keyboard.press("End")
    for selector, text in (("#title", last.title), ("#math", last.math), ("#note", last.note)):
        assert text_of(page, selector) == text
    assert text_of(page, "#phase") == "refused"
    assert plate(page, last.node) == ("✗", "–")
    opacity = "id => getComputedStyle(document.getElementById(id)).opacity"
    assert page.evaluate(opacity, f"ag-{last.node}") == "1"
    stroke = "id => getComputedStyle(document.querySelector(`#${id} path`)).stroke"
    assert page.evaluate(stroke, f"ag-{last.node}") == "rgb(255, 138, 128)"
    page.click("#whatif summary")
    assert text_of(page, "#effect").startswith("log(a·b) has no answer here.")
    (b,) = (id for node, id in made.walk.ids.items() if made.walk.names[node] == "b")
    answered = "Forward: log(a·b) has an answer here"
    for x, title, number in (("-2", last.title, "✗"), ("3", answered, "1.792")):
        page.fill(f"#field-{b}", x)
        assert text_of(page, "#title") == title
        assert plate(page, last.node) == (number, "–")
    assert text_of(page, "#phase") == "forward"
    assert text_of(page, "#math") == "log(a·b) = log(6) = 1.792"
    page.click("#reset")
    assert text_of(page, "#math") == last.math
    assert page.evaluate(OUTSIDE) == []
