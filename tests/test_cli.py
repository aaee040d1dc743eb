"""The command line: what it prints, which files it writes, how it fails."""

import argparse
import html
import io
import math
import os
import re
import shlex
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from autograd_lite import __version__, cli, ops
from autograd_lite.demo import demo
from autograd_lite.demo.report import PROGRAM, Palette, _outcome
from autograd_lite.drawing import EngineError
from autograd_lite.engine import kinds, primitive
from autograd_lite.film import inside
from autograd_lite.nn import MLP
from autograd_lite.telling.text import number

US = "autograd-lite: "
NO_VALUE = " gives no value to a name. Write it like x1=2, and the expression in quotation marks.\n"
NO_NUMBER = "The value of x is a number, such as 1.5, 1/3 or pi; got '{}'."
NEURON = ["tanh(x1*w1 + x2*w2 + b)", "x1=2", "w1=-3", "x2=0", "w2=1", "b=6.8813735870195432"]


def run(capsys, *arguments):
    code = cli.main(list(arguments))
    return code, *capsys.readouterr()


# --- draw -----------------------------------------------------------------------------------------


def test_draw_writes_the_picture_and_prints_the_gradients(capsys, tmp_path):
    path = tmp_path / "neuron.svg"
    code, out, err = run(capsys, "draw", *NEURON, "-o", str(path))
    assert (code, err) == (0, "")
    assert "tanh(x1*w1 + x2*w2 + b) = 0.7071" in out
    rows = re.findall(r"(\w+) += (\S+) +gradient (\S+)", out)
    assert rows == [
        ("x1", "2", "−1.5"),
        ("w1", "−3", "1"),
        ("x2", "0", "0.5"),
        ("w2", "1", "0"),
        ("b", "6.881", "0.5"),
    ]
    lines = out.splitlines()[1:6]
    assert lines[0] == "  x1 = 2       gradient −1.5"
    assert {line.index("=") for line in lines} == {5}
    assert {line.index("gradient") for line in lines} == {15}
    assert out.endswith(f"{path}\n")
    texts = [element.text for element in ET.parse(path).iter("{http://www.w3.org/2000/svg}text")]
    assert {"x1", "−1.5", "0.7071", "tanh"} <= set(texts)
    assert os.listdir(tmp_path) == ["neuron.svg"]  # nothing temporary is left


def test_draw_without_a_file_writes_one_of_a_new_name(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for i, name in enumerate(("graph.svg", "graph-2.svg", "graph-3.svg"), start=1):
        code, out, err = run(capsys, "draw", "x*w", "x=2", "w=-3")
        assert (code, err) == (0, "")
        assert out.splitlines() == [
            "x*w = −6", "  x = 2    gradient −3", "  w = −3   gradient 2", "", name,
        ]  # fmt: skip
        assert len(os.listdir(tmp_path)) == i
        assert "−6" in (tmp_path / name).read_text("utf-8")
    code, out, err = run(capsys, "draw", "x*w", "x=2", "w=-3", "-o", "-")
    assert (code, err, len(os.listdir(tmp_path))) == (0, "", 3)
    assert out.startswith("digraph")
    assert "−6" in out


def test_parts_of_an_expression_and_numbers_that_are_calculated(capsys, tmp_path):
    path = str(tmp_path / "x.dot")
    out = run(capsys, "draw", "d = a*b; L = d + c", "a=2", "b=-6/2", "c=10", "-o", path)[1]
    assert out.splitlines()[:6] == [
        "L = 4", "  a = 2    gradient −3", "  b = −3   gradient 2", "  c = 10   gradient 1",
        "  d = −6   gradient 1", "",
    ]  # fmt: skip
    out = run(capsys, "step", "d = a*b; L = d + c", "a=2", "b=-3", "c=10")[1]
    assert "dL/da += dL/dd · ∂d/∂a = 1 × (−3) = −3\n" in out
    assert "verdict" in run(capsys, "check", "d = a*b; L = d + c", "a=2", "b=-3", "c=10")[1]
    out = run(capsys, "draw", "x*w", "x=2*pi", "w=1/3", "--digits", "9", "-o", path)[1]
    assert "x = 6.28318531    gradient 0.333333333\n" in out
    assert "2.0943951" in (tmp_path / "x.dot").read_text("utf-8")
    assert "= 2.0943951\n" in run(capsys, "step", "x*w", "x=2*pi", "w=1/3", "--digits", "9")[1]


def test_no_zero_has_a_sign(capsys, tmp_path):
    path = tmp_path / "x.svg"
    for expression, x in (("0*-3", []), ("x*-3", ["x=0"]), ("x*3", ["x=-0"])):
        out = run(capsys, "draw", expression, *x, "-o", str(path))[1]
        assert f"{expression} = 0\n" in out
        assert not re.search(
            r"[−-]0(?![.\d]*[1-9])\b", out + path.read_text("utf-8").split("<g", 1)[0]
        )
        assert "-0.0," not in path.read_text("utf-8")
        assert "−0" not in run(capsys, "step", expression, *x)[1]
        assert not x or "-0 " not in run(capsys, "check", expression, *x)[1]
    assert "-0 " not in run(capsys, "check", "x*w", "x=-0", "w=-3")[1]


@pytest.mark.parametrize(
    "arguments",
    [
        ["draw", "-o", "{}", "x*w", "x=2", "w=-3"],
        ["draw", "x*w", "-o", "{}", "x=2", "w=-3"],
        ["draw", "x*w", "x=2", "--theme", "dark", "w=-3", "--output", "{}"],
    ],
)
def test_options_may_stand_anywhere(capsys, tmp_path, arguments):
    path = tmp_path / "graph.dot"
    code, out, _ = run(capsys, *[text.format(path) for text in arguments])
    assert code == 0
    assert "w = −3   gradient 2" in out
    assert path.read_text("utf-8").startswith("digraph")


@pytest.mark.parametrize("expression", ["-x", "-x*2", "-(x)", "-2*x"])
def test_an_expression_may_begin_with_a_minus(capsys, expression):
    assert run(capsys, "draw", expression, "x=3", "-o", "-")[0] == 0


def test_the_theme_is_that_of_the_picture(capsys):
    light = run(capsys, "draw", "x*x", "x=2", "-o", "-")[1]
    dark = run(capsys, "draw", "x*x", "x=2", "-o", "-", "--theme", "dark")[1]
    assert light != dark
    assert "#FFFFFF" not in dark


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["draw", "x + y", "x=1"], US + "y has no value. Give it one: y=1.5\n  x + y\n      ^\n"),
        (["draw", "x + foo(x)", "x=1"], "There is no function foo.\n  x + foo(x)\n      ^^^\n"),
        (
            ["draw", "x.real", "x=1"],
            US + "An attribute (.real) cannot stand in an expression.\n  x.real\n  ^^^^^^\n",
        ),
        (["draw", "x", "x=two"], US + NO_NUMBER.format("two") + "\n"),
        (["draw", "x", "x="], US + NO_NUMBER.format("") + "\nThe expression is empty.\n  \n  ^\n"),
        (
            ["draw", "x", "x=1/0"],
            US
            + NO_NUMBER.format("1/0")
            + "\ndiv: no real answer at x = 1.0, y = 0.0; it needs y ≠ 0.\n  1/0\n  ^^^\n",
        ),
        (
            ["draw", "d = x; d", "x=1", "d=2"],
            US + "d has a value, and the expression gives it another one.\n",
        ),
        (
            ["check", "1/x", "x=0"],
            US + "div: no real answer at x = 0.0; it needs x ≠ 0.\n  1/x\n  ^^^\n",
        ),
        (["draw", "x", "x=1", "--digits", "18"], "from 1 to 17; got 18"),
        (["step", "x", "x=1", "--digits", "0"], "whole number, 1 or more; got '0'"),
        (["draw", "x", "x=1", "x=2"], US + "x is given twice.\n"),
        (["draw", "x", "x=1", "z=2"], US + "z has a value and does not occur in the expression.\n"),
        (
            ["draw", "x", "1=2"],
            US + "'1=2'" + NO_VALUE,
        ),
        (
            ["draw", "x", "*", "y"],
            US + "'*'" + NO_VALUE,
        ),
        (
            ["draw", "x", "for=2"],
            US + "'for=2'" + NO_VALUE,
        ),
        (
            ["check", "log(x)", "x=-1"],
            US + "log: no real answer at x = -1.0; it needs x > 0.\n  log(x)\n  ^^^^^^\n",
        ),
        (
            ["draw", "x", "x=1", "-o", "x.bmp"],
            "A drawing is saved as .svg, .png, .pdf, .dot, .html; the name 'x.bmp' ends in",
        ),
        (
            ["draw", "x", "x=1", "-o", "no/such/x.svg"],
            US + "There is no folder no/such to write x.svg into.\n",
        ),
        (
            ["draw", " + ".join(["x"] * 300), "x=1"],
            "300 values, and a picture shows 200",
        ),
        (
            ["draw", "x", "x=1", "--theme", "neon"],
            "no theme 'neon'; choose one of light, dark",
        ),
        (["draw"], "the following arguments are required: expression"),
        (["draw", "x", "x=1", "--size"], "unrecognized arguments: --size"),
        (["step", "x", "x=1", "--quiz"], US + "The quiz is a page: add -o quiz.html.\n"),
        (
            ["step", "x", "x=1", "--seed", "1"],
            US + "--seed draws numbers for a page: add -o steps.html.\n",
        ),
        (
            ["step", "x", "x=1", "--quiz", "--asks", "all", "-o", "x.html"],
            "There is no quiz 'all'. The four are",
        ),
        (
            ["draw", "σ(x)", "x=1"],
            US + "There is no function σ.\n  σ(x)\n  ^\nDid you mean sigmoid?\n",
        ),
        (["step", "x", "x=1", "--fault", "typo"], "There is no fault 'typo'. The five are"),
        (["step", "x", "x=1", "--by", "leaf"], 'The backward pass goes by="edge" or by="node"'),
        (
            ["step", "x", "x=1", "-o", "x.svg"],
            "A step-through is saved as a page, .html, or as slides: .pdf, .gif, .webp",
        ),
        (
            ["step", "x", "x=1", "-o", "no/such/x.html"],
            US + "There is no folder no/such to write x.html into.\n",
        ),
        (
            ["step", "*".join(["x"] * 300), "x=1"],
            "898 steps (a graph of 300 values)",
        ),
        (
            ["check", "1 + 2"],
            US + "There is no name in '1 + 2', so no gradient to check.\n",
        ),
        (["check", "x * y"], US + "x has no value. Give it one: x=1.5\n  x * y\n  ^\n"),
        (
            ["check", "x.y", "x=1"],
            US + "An attribute (.y) cannot stand in an expression.\n  x.y\n  ^^^\n",
        ),
        (["paint"], "invalid choice"),
        ([], "the following arguments are required: COMMAND"),
        (["demo", "--epochs", "0"], "whole number, 1 or more; got '0'"),
        (["demo", "--seed", "-1"], "whole number, 0 or more; got '-1'"),
        (["demo", "x=1"], "unrecognized arguments: x=1"),
    ],
    ids=lambda row: " ".join(row)[:30] if isinstance(row, list) else "",
)
def test_what_is_wrong_is_said_and_the_exit_code_is_2(capsys, arguments, said):
    code, out, err = run(capsys, *arguments)
    assert code == 2
    assert err == said if said.startswith(US) else said in err
    assert out == ""


def test_a_missing_engine_is_exit_code_1(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("AUTOGRAD_LITE_ENGINE", "dot")
    code, _, err = run(capsys, "draw", "x", "x=1", "-o", str(tmp_path / "x.svg"))
    assert code == 1
    assert "autograd_lite[viz]" in err
    assert run(capsys, "draw", "x", "x=1", "-o", "-")[0] == 0  # DOT text needs no engine
    assert run(capsys, "demo", "--output", str(tmp_path / "demo"))[0] == 1
    assert not (tmp_path / "demo").exists()


@pytest.mark.skipif(os.name != "posix", reason="pipes break in this way on POSIX alone")
def test_a_reader_who_has_had_enough_is_exit_code_1_and_no_complaint():
    command = [sys.executable, "-m", "autograd_lite", "step", " + ".join(["x"] * 100), "x=1"]
    started = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    started.stdout.close()
    with started.stderr as errors:
        assert errors.read() == b""
    assert started.wait() == 1


def test_exit_codes_of_what_a_command_raises(capsys, monkeypatch):
    def raising(problem):
        def run_it(arguments):
            raise problem

        return run_it

    for problem, code, said in (
        (KeyboardInterrupt(), 130, ""), (BrokenPipeError(), 1, ""),
        (cli.UsageError("so"), 2, "autograd-lite: so\n"),
        (AssertionError("wrong"), 1, "autograd-lite: wrong\n"),
        (OSError("full"), 1, "autograd-lite: full\n"),
        (ImportError("none"), 1, "autograd-lite: none\n"),
        (EngineError("none"), 1, "autograd-lite: none\n"), (SystemExit("odd"), 2, ""),
        (SystemExit(3), 3, ""), (SystemExit(None), 2, ""),
    ):  # fmt: skip
        monkeypatch.setitem(cli.COMMANDS, "check", (cli.check_arguments, raising(problem)))
        assert run(capsys, "check", "x", "x=1") == (code, "", said), problem
    monkeypatch.setitem(cli.COMMANDS, "check", (cli.check_arguments, raising(RuntimeError("bug"))))
    with pytest.raises(RuntimeError, match="bug"):  # a fault of ours is not hidden
        cli.main(["check", "x", "x=1"])


@pytest.mark.parametrize(("option", "least"), [("--epochs", 1), ("--seed", 0)])
def test_whole_numbers_begin_at_their_least_one(capsys, monkeypatch, tmp_path, option, least):
    seen = []
    monkeypatch.setattr(demo, "run", lambda *arguments, say: seen.append(arguments))
    monkeypatch.setattr("autograd_lite.demo.run", demo.run)
    for text in (str(least - 1), "-1", "1.5", "", "²", "1e3"):
        assert run(capsys, "demo", option, text)[0] == 2
    assert seen == []
    for count in (least, least + 1):
        assert run(capsys, "demo", option, str(count), "--output", str(tmp_path))[0] == 0
        seed, epochs = seen.pop()[1:]
        assert (epochs if option == "--epochs" else seed) == count
    assert run(capsys, "demo")[0] == 0
    folder, seed, epochs = seen.pop()
    assert (str(folder), seed, epochs) == ("autograd-lite-demo", 1, 100)


HELP = """
where the page and its pictures go (%(default)s) | of the points and weights (1)
steps of training (100)
light or dark (%(default)s)
an .svg, .png, .pdf, .html or .dot file, or - for DOT text; without it graph.svg, or graph-2.svg \
where that is there already
an .html file, or slides as .pdf, .gif or .webp; without it the steps are shown here
a page that asks for the gradients; needs -o
the right and a broken backward pass side by side: overwrite (= in place of +=), no_order, \
no_zero_grad, twice, lost_sign
what the quiz asks for: gradients, local, forward, order (%(default)s)
draws other numbers for the names, for a page
what a backward step is: an edge, or a node (%(default)s) | steps into the constants too
a text or a table with the codes in it, as they came
of each number, at most (%(default)s) | of each number, at most (%(default)s)
such as 'tanh(x1*w1 + b)' or 'd = a*b; L = d + c', in quotation marks
such as 'tanh(x1*w1 + b)' or 'd = a*b; L = d + c', in quotation marks
such as 'tanh(x1*w1 + b)' or 'd = a*b; L = d + c', in quotation marks
a number for each name in it, such as 1.5, 1/3 or pi
a number for each name in it, such as 1.5, 1/3 or pi
a number for each name in it, such as 1.5, 1/3 or pi
"""


def test_what_help_says():
    said = []
    for describe, _ in cli.COMMANDS.values():
        parser = argparse.ArgumentParser()
        describe(parser)
        said += [action.help for action in parser._actions[1:]]
    assert sorted(said) == sorted(re.split(r" \| |\n", HELP.strip()))
    parser = cli._parser()
    assert parser.description == (
        "Scalar reverse-mode automatic differentiation, from the command line."
    )
    assert parser.epilog.startswith("For example:  autograd-lite draw 'tanh(")
    assert parser.epilog.endswith(" -o neuron.svg")


def test_the_example_of_the_help_is_the_neuron_of_the_lecture():
    assert shlex.split(cli.LECTURE_NEURON) == NEURON


def test_version_and_help(capsys):
    assert run(capsys, "--version")[:2] == (0, f"autograd-lite {__version__}\n")
    code, out, _ = run(capsys, "--help")
    assert code == 0
    for name in cli.COMMANDS:
        assert name in out
        assert run(capsys, name, "--help")[0] == 0


def test_python_dash_m_and_a_terminal_that_knows_only_ascii(tmp_path):
    environment = os.environ | {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    environment["PYTHONPATH"] = os.pathsep.join([str(Path(cli.__file__).parent.parent), *sys.path])
    command = [sys.executable, "-m", "autograd_lite", "draw", "-x", "x=3", "-o", "-"]
    done = subprocess.run(command, capture_output=True, env=environment, check=False)
    assert done.returncode == 0
    assert "−3" in done.stdout.decode()  # DOT is UTF-8 everywhere
    command[-1] = str(tmp_path / "x.dot")
    done = subprocess.run(command, capture_output=True, env=environment, check=False)
    assert done.returncode == 0
    assert b"-x = -3\n  x = 3   gradient -1\n" in done.stdout.replace(b"\r", b"")


@pytest.mark.parametrize("errors", ["strict", "surrogateescape", "backslashreplace"])
@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "gbk", "utf-8"])
def test_signs_are_spelt_out_where_a_stream_lacks_them(monkeypatch, tmp_path, errors, encoding):
    out, err = io.BytesIO(), io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(out, encoding, errors))
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(err, encoding, errors))
    assert cli.main(["draw", "-x", "x=3", "-o", str(tmp_path / "x.dot")]) == 0
    assert cli.main(["check", "1/x", "x=0"]) == 2
    sys.stderr.flush()
    minus = "−" if encoding == "utf-8" else "-"
    unequal = "≠" if encoding in ("utf-8", "gbk") else "!="
    assert f"-x = {minus}3" in out.getvalue().decode(encoding)
    assert f"it needs x {unequal} 0." in err.getvalue().decode(encoding)


# --- step -----------------------------------------------------------------------------------------


def test_step_prints_every_step_where_nobody_can_press_a_key(capsys):
    code, out, err = run(capsys, "step", *NEURON)
    assert (code, err) == (0, "")
    assert out.startswith("1 / 15\nForward: compute x1·w1\nx1·w1 = 2 × (−3) = −6\n")
    assert "dy/dx1 += dy/d(x1·w1) · ∂(x1·w1)/∂x1 = 0.5 × (−3) = −1.5\n" in out


def test_step_shows_a_fault_beside_what_is_right(capsys):
    code, out, err = run(capsys, "step", "y = a*a", "a=3", "--fault", "overwrite")
    assert (code, err) == (0, "")
    assert "First wrong number: a.grad is 3 and should be 6\nright   dy/da += " in out


def test_step_goes_by_node_and_into_constants(capsys, tmp_path):
    def told(*options):
        code, out, err = run(capsys, "step", "y = a*b*3", "a=2", "b=5", *options)
        assert (code, err) == (0, "")
        return re.findall("Backward: (.*)", out)

    assert told() == ["begin at y", "from y to a·b", "from a·b to a", "from a·b to b"]
    assert told("--constants")[1:3] == ["from y to a·b", "from y to 3"]
    assert told("--by", "node") == ["begin at y", "from y to a·b", "from a·b to its 2 operands"]
    assert told("--by", "node", "--constants")[1] == "from y to its 2 operands"
    path = tmp_path / "steps.html"
    assert run(capsys, "step", "y = a*b", "a=2", "b=5", "--by", "node", "-o", str(path))[0] == 0
    assert "from y to its 2 operands" in path.read_text(encoding="utf-8")


def test_step_writes_a_page(capsys, tmp_path):
    path = tmp_path / "neuron.html"
    assert run(capsys, "step", *NEURON, "-o", str(path)) == (0, f"{path}\n", "")
    assert "0.5 × (−3) = −1.5" in path.read_text(encoding="utf-8")
    assert run(capsys, "step", "y = a*a", "a=3", "--fault", "overwrite", "-o", str(path))[0] == 0
    assert "First wrong number: a.grad is 3 and should be 6" in path.read_text(encoding="utf-8")
    assert run(capsys, "step", *NEURON, "--quiz", "-o", str(path))[0] == 0
    assert "Quiz:" in path.read_text(encoding="utf-8")


# --- check ----------------------------------------------------------------------------------------


def test_check_compares_each_gradient(capsys):
    code, out, err = run(capsys, "check", *NEURON)
    assert (code, err) == (0, "")
    rows = [line.split() for line in out.splitlines()[1:]]
    assert [row[0] for row in rows] == ["x1", "w1", "x2", "w2", "b"]
    assert [float(row[3]) for row in rows] == pytest.approx([-1.5, 1.0, 0.5, 0.0, 0.5])
    assert [float(row[4]) for row in rows] == pytest.approx([-1.5, 1.0, 0.5, 0.0, 0.5], abs=1e-8)
    assert {row[-1] for row in rows} == {"right"}


def test_check_knows_a_kink(capsys):
    code, out, _ = run(capsys, "check", "relu(x)", "x=0")
    assert code == 0
    assert out.split()[-1] == "kink"


@pytest.mark.parametrize(
    ("expression", "x", "verdict"),
    [("sqrt(x)", "0", "right"), ("step(x)", "0", "jump"), ("x * x", "inf", "cannot tell")],
)
def test_where_no_quotient_on_both_sides_has_a_limit(capsys, expression, x, verdict):
    code, out, _ = run(capsys, "check", expression, f"x={x}")
    assert (code, out.rstrip().endswith(f"  {verdict}")) == (0, True)


def test_check_fails_where_a_rule_is_wrong(capsys, monkeypatch):
    wrong = kinds.Unary("tanh", "tanh", math.tanh, lambda z, x: (1.01 * ops.square(ops.sech(x)),))
    monkeypatch.setitem(primitive.TABLE, "tanh", wrong)
    code, out, err = run(capsys, "check", "tanh(x)", "x=0.5")
    assert (code, out) == (1, "")
    assert "The gradient of tanh(x) is wrong" in err
    assert "WRONG" in err


# --- demo -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """The demo as a user gets it: its folder, and what the program knows of the training."""
    pytest.importorskip("matplotlib")
    try:
        demo._check_tools()
    except (EngineError, ImportError) as problem:
        pytest.skip(str(problem))
    folder = tmp_path_factory.mktemp("demo") / "new" / "folder"
    said = []
    trained = demo.run(folder, progress=False, say=said.append)
    return folder, trained, "\n".join(said)


def test_the_demo_learns_every_point(written):
    _, trained, said = written
    assert trained.accuracy == trained.history.metrics["accuracy"][-1] == 1.0
    assert trained.history.loss[-1] < 0.05 * trained.history.loss[0]
    assert isinstance(trained.model, MLP)
    assert len(trained.model.parameters()) == 337
    assert "100 % of the points" in said
    assert 0.0 < trained.seconds < trained.eager_seconds
    assert f"100 steps took {trained.seconds:.2f} s" in said
    assert f"it would be {trained.eager_seconds:.2f} s, {trained.speedup} times as long" in said


def test_the_demo_writes_a_page_and_its_pictures(written):
    folder, _, said = written
    names = ["decision-boundary.svg", "demo.html", "loss-curve.svg", "network.svg", "neuron.svg"]
    assert sorted(os.listdir(folder)) == names
    for name in names:
        if name.endswith(".svg"):
            assert ET.parse(folder / name).getroot().tag.endswith("svg")
            assert name in said
    assert (folder / "demo.html").resolve().as_uri() in said


def test_the_page_is_complete_in_itself(written):
    folder = written[0]
    whole = (folder / "demo.html").read_text("utf-8")
    page = re.sub(r'srcdoc="[^"]*"', "", whole)
    assert page.count("<svg ") == 4
    assert "100 of 100" in page
    assert "$" not in page
    assert "<script" not in page
    film = html.unescape(re.search(r'srcdoc="([^"]*)"', whole)[1])
    assert film.startswith("<!DOCTYPE html>")
    assert "history.film.step_through" in film
    assert 300_000 < len(film.encode()) < 1_000_000  # a hundred epochs, and the player of a point
    links = set(re.findall(r'(?:src|href)="([^"#][^"]*)"', page))
    assert all(link.startswith("data:") for link in links), links
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    uses = set(re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', page))
    assert {a or b for a, b in uses} <= set(ids)
    assert len(whole) < 1_200_000


def test_the_page_and_what_is_said_have_the_numbers_of_the_training(written):
    folder, trained, said = written
    page = re.sub(r"\s+", " ", (folder / "demo.html").read_text("utf-8"))
    losses, seconds, eager = trained.history.loss, trained.seconds, trained.eager_seconds
    example = demo.example_of(trained)
    x1, x2 = example.x
    assert trained.speedup == f"{eager / seconds:.2g}"
    for text in (
        "A network of 337 numbers", "100 times it is told", "<dd>100 of 100</dd>",
        f"<dd>{losses[0]:.2g} → {losses[-1]:.2g}</dd>", "<dt>parameters</dt><dd>337</dd>",
        f"<dd>{seconds:.2f} s</dd>", f"After {seconds:.2f} seconds it puts all of them on their",
        f"{seconds:.2f} seconds; node by node it would be {eager:.2f} seconds, ",
        f"seconds, {trained.speedup} times as long",
        f"({number(x1)}, {number(x2)})", f"This is neuron {example.number} of the first layer",
        f"{number(example.slope)}. So the gradient of w1 is", f"autograd_lite {__version__}:",
        "demo --seed 1 --epochs 100",
    ):  # fmt: skip
        assert text in page, text
    falls = "  →  ".join(f"{losses[i]:.3g}" for i in (0, 24, 49, 74, 99))
    assert f"The loss: {falls}; 100 % of the points are on their side." in said
    assert "MLP(2, [16, 16, 1]), 337 parameters." in said
    assert f"{trained.speedup} times as long (from five steps, measured just now)" in said
    pictures = "decision-boundary.svg, loss-curve.svg, network.svg, neuron.svg"
    assert f"Its pictures:  {pictures}, in {folder}" in said
    assert _outcome(99, 100, 1.234) == "After 1.23 seconds it puts 99 of them on their side."
    # the neuron on which the score of the first point depends most, and how much
    hidden = trained.model.layers[0](example.x)
    score = trained.model.layers[2](trained.model.layers[1](hidden))
    trained.model.zero_grad()
    score.backward()
    shares = [abs(h.data * h.grad) for h in hidden]
    assert example.number == 1 + shares.index(max(shares))
    assert example.slope == hidden[example.number - 1].grad
    assert (example.x, example.label) == (trained.X[0].tolist(), trained.y[0])


def test_the_page_has_every_colour_in_light_and_dark(written):
    page = (written[0] / "demo.html").read_text("utf-8")
    used = set(re.findall(r"var\((--c\d+)\)", page))
    light, dark = (set(re.findall(r"(--c\d+): ", part)) for part in page.split("@media", 2)[:2])
    assert used
    assert used == light == dark


def test_the_chain_rule_on_the_page_is_the_gradient_in_the_picture(written):
    folder = written[0]
    page = (folder / "demo.html").read_text("utf-8")
    factors, product = re.search(r'class="sum">(.*?) = <strong>(.*?)</strong>', page).groups()
    numbers = [float(x.strip("()").replace("−", "-")) for x in factors.split(" × ")]
    expected = 1.0
    for x in numbers:
        expected *= x
    assert float(product.replace("−", "-")) == pytest.approx(expected, rel=1e-3)
    assert product in (folder / "neuron.svg").read_text("utf-8")


def test_the_program_on_the_page_is_what_was_run(written):
    trained = written[1]
    program = PROGRAM.format(seed=trained.seed, epochs=len(trained.history.loss))
    assert html.escape(program) in (written[0] / "demo.html").read_text("utf-8")
    names = {}
    exec(program.replace("progress=True", "progress=False"), names)
    weights = [parameter.data for parameter in names["model"].parameters()]
    assert weights == [parameter.data for parameter in trained.model.parameters()]


def test_the_demo_says_at_once_what_is_missing(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr(demo.importlib.util, "find_spec", lambda name: None)
    code, _, err = run(capsys, "demo", "--output", str(tmp_path / "demo"))
    assert code == 1
    assert err == (
        "autograd-lite: The demo needs matplotlib. Install what it draws with: "
        "pip install 'autograd_lite[demo]'\n"
    )


def test_a_picture_that_differs_in_more_than_its_colours_is_refused():
    class Changing:
        def __init__(self, theme):
            self.theme = theme

        def to_svg(self):
            return f'<svg><path fill="#{self.theme}"/><text>{self.theme}</text></svg>'

    with pytest.raises(ValueError, match="picture 'odd' is not the same in light and dark"):
        Palette().both("odd", Changing)


def test_demo_by_command_with_its_options(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setattr(inside, "MOST_VALUES", 0)  # no player: it takes a second to draw
    folder = tmp_path / "here"
    code, out, err = run(capsys, "demo", "--output", str(folder), "--seed", "7", "--epochs", "3")
    assert code == 0
    assert "3/3  loss" in err
    assert "file://" in out
    page = (folder / "demo.html").read_text("utf-8")
    assert "--seed 7 --epochs 3" in page
    assert "of them on their side" in page
