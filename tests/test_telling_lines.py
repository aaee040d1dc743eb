"""The line of the program that made a value: in functions, methods, loops; in steps and pages."""

import random
import sys

import numpy
import pytest
from test_stepping_page import jump, text_of

from autograd_lite import Parameter, Value, nn
from autograd_lite.stepping import step_through, steps
from autograd_lite.telling.drawable import traced

w = [Parameter(0.5, label="w1"), Parameter(-1.0, label="w2")]
before = w[0] * 2.0
random.seed(1)
model = nn.MLP(2, [2, 1], activation="tanh")


class Mine:
    def go(self, x):
        self.h = x * w[0]  # kept
        return self.h.tanh()  # given


def inner(x):
    y = x + 1  # inside
    return y * y  # square


def everything(a, b):
    e = a * b  # e
    d = e - inner(  # d
        a
    )
    s = sum(wi * xi for wi, xi in zip(w, [a, b], strict=True))  # sum
    p = model([a, b])  # model
    hs = [h.sigmoid() for h in (e, d)]  # list
    for h in hs:
        p = p + h  # loop
    m = Mine().go(a)
    return p * s + before + m  # end


def test_each_value_knows_its_line():
    trace, _ = traced(everything, (2.0, -3.0), lines=True)
    of = {}
    for node, line in trace.lines.items():
        of.setdefault(line.partition("# ")[2] or line.partition(": ")[2], []).append(node._op)
    assert {line: sorted(ops) for line, ops in of.items()} == {
        "e": ["*"], "inside": ["+"], "square": ["*"], "d = e - inner(a)": ["-"],
        "sum": ["*", "*", "+", "+"], "model": ["dot", "dot", "dot", "tanh", "tanh"],
        "list": ["sigmoid"] * 2, "loop": ["+"] * 2, "kept": ["*"], "given": ["tanh"],
        "end": ["*", "+", "+"],
    }  # fmt: skip
    assert before not in trace.lines
    assert sys.gettrace() is None


def test_steps_forward_and_backward_have_the_line_of_the_operation():
    first = inner.__code__.co_firstlineno
    lines = [f"{first + 1}: y = x + 1  # inside", f"{first + 2}: return y * y  # square"]
    lines = [line.replace("  #", " #") for line in lines]
    listing = steps(inner, 2.0)
    assert [step.line for step in listing] == [*lines, "", lines[1], lines[1], lines[0]]
    assert listing[0].text.endswith(f"\nline {lines[0]}")
    together = steps(inner, 2.0, by="node")
    assert [step.line for step in together[3:]] == [lines[1], lines[0]]
    broken = steps(inner, 2.0, fault="overwrite")
    assert [step.line for step in broken[3:6]] == [lines[1], lines[1], lines[0]]
    trained = steps(lambda: inner(w[0]), learning_rate=0.1)
    assert {step.line for step in trained if step.phase in ("update", "again", "result")} == {""}
    assert {step.line for step in steps(inner(Value(2.0)))} == {""}  # nobody watched


def test_what_is_written_out_has_the_line_of_what_it_replaces():
    lines = {step.line for step in steps(lambda x: model([x, x]), 1.0, expand=True)}
    (line,) = lines - {""}
    assert "expand=True" in line


def test_the_line_that_failed():
    def fails(x):
        y = x - 3.0
        return y.log()

    assert steps(fails, 1.0)[-1].line.endswith(": return y.log()")
    with pytest.raises(ValueError, match="log") as problem:
        fails(Value(1.0))
    assert steps(problem.value)[-1].line.endswith(": return y.log()")


def test_a_debugger_stays_at_work_and_sources_may_be_missing():
    seen = []

    def debugger(frame, event, argument):
        seen.append(event)

    sys.settrace(debugger)
    try:
        listing = steps(inner, 2.0)
        kept = sys.gettrace()
    finally:
        sys.settrace(None)
    assert kept is debugger
    assert seen
    assert {step.line for step in listing} == {""}
    made = {}
    exec("def f(x):\n    return x * x", made)
    assert {step.line for step in steps(made["f"], 2.0)} == {""}
    with pytest.raises(ZeroDivisionError):
        steps(lambda x: 1 // 0, 2.0)
    assert sys.gettrace() is None


def test_things_of_the_user_are_asked_for_nothing():
    """No attribute that a class works out is read, of which some warn or take long."""

    class Shy:
        def __getattr__(self, name):
            raise AssertionError(name)

    def f(x):
        shy, array = Shy(), numpy.array([x * 2.0, None])  # in an array
        return array[0] + 1.0 if shy else x

    assert "in an array" in step_through(f, Value(1.0, label="x")).steps[0].line


@pytest.mark.browser
def test_the_page_shows_the_line(open_page):
    made = step_through(everything, 2.0, -3.0)
    page = open_page(made.to_html(), viewport={"width": 390, "height": 844})
    for step in made.steps[:30:6] + made.steps[-3:]:
        jump(page, step.i)
        assert text_of(page, "#line") == step.line
    assert page.locator("#all li code").first.text_content() == made.steps[0].line
    page.keyboard.press("e")
    assert text_of(page, "#line") == ""
