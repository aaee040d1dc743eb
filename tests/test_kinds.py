"""A row made outside the package needs nothing but itself; a row tells ``help`` what it is."""

import doctest
import math
import pickle
import pydoc
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import test_ops
from compiled import FORMS, compile_in

import autograd_lite
from autograd_lite import Parameter, Value, compile, draw, gradient, nn, ops, step_through
from autograd_lite import steps as steps_of
from autograd_lite.compiler import build
from autograd_lite.engine import floats
from autograd_lite.engine.kinds import Nary, Unary, unary
from autograd_lite.engine.primitive import FAMILIES, TABLE
from autograd_lite.languages.latex import formula
from autograd_lite.languages.llvm import Formulas
from autograd_lite.languages.numpy import numpy
from autograd_lite.stepping.script import function_of, helpers

X = 0.7
# by 50-digit arithmetic: x·tanh(log(1 + eˣ)) and its two derivatives at X
MISH = 0.5611483776438518, 0.9687948682001858, 0.3539764156171280


def made(**row: Any) -> Unary:
    """Mish (Misra, 2019), as CONTRIBUTING makes a row."""
    from autograd_lite.ops import sech, sigmoid, softplus, square, tanh

    return unary(
        "mish",
        "Mish",
        lambda x: x * math.tanh(floats.softplus(x)),
        lambda z, x: (tanh(s := softplus(x)) + x * square(sech(s)) * sigmoid(x),),
        **row,
    )


def forget() -> None:
    TABLE.pop("mish", None)
    vars(autograd_lite).pop("mish", None)


@pytest.fixture
def mish() -> Iterator[Unary]:
    yield made(form="x * tanh(softplus(x))", domain=((-20.0, 20.0),))
    forget()


@pytest.fixture
def formless() -> Iterator[Unary]:
    yield made()
    forget()


# --- one row, and nothing else --------------------------------------------------------------------


def test_it_works_on_numbers_and_values_by_its_public_name(mish: Unary) -> None:
    assert autograd_lite.mish is mish  # type: ignore[attr-defined]
    assert mish(X) == pytest.approx(MISH[0], rel=1e-15)
    x = Value(X)
    y = mish(x)
    y.backward()
    assert (y.data, x.grad) == pytest.approx(MISH[:2], rel=1e-15)
    (first,) = gradient(y, [x])
    (second,) = gradient(first, [x])
    assert (first.data, second.data) == pytest.approx(MISH[1:], rel=1e-14)


def test_it_is_tested_to_the_last_digits_without_a_word(mish: Unary) -> None:
    test_ops.test_a_wrong_rule_is_caught(mish)
    test_ops.test_a_rule_with_a_wrong_derivative_is_caught(mish)


def test_it_is_an_activation_by_its_name(mish: Unary) -> None:
    random.seed(1)
    model = nn.MLP(2, [3, 1], activation="mish")
    random.seed(1)
    same = nn.MLP(2, [3, 1], activation=lambda x: x * x.softplus().tanh())
    assert model([0.5, -1.0]).data == pytest.approx(same([0.5, -1.0]).data, rel=1e-14)
    assert "MishNeuron(2)" in repr(model)


@pytest.mark.parametrize("native", [False, True], ids=["printed", "in machine code"])
@pytest.mark.parametrize("cost", [0.0, math.inf], ids=["straight", "arrays"])
def test_it_is_compiled(
    mish: Unary, cost: float, native: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if native:
        pytest.importorskip("llvmlite", reason="machine code needs llvmlite")
    monkeypatch.setattr(build, "OPERATION", cost)
    x = Parameter(X, label="x")
    program = compile(mish(x), native=native)
    monkeypatch.setattr(program, "_eagerly", None)  # it answers by itself
    value, slopes = program.value_and_grad([X])
    assert (value, *slopes) == pytest.approx(MISH[:2], rel=1e-14)
    assert ("np.tanh" in program.to_source()) == (cost == math.inf)
    if native:
        assert "@tanh(double" in program.to_source("llvm")


def test_it_is_compiled_for_a_batch(mish: Unary) -> None:
    X = np.linspace(-3.0, 3.0, 7)
    program = compile(lambda x: mish(x), inputs=[X], batch="each")
    np.testing.assert_allclose(program(X), [mish(x) for x in X.tolist()], rtol=1e-14)


def test_it_is_pickled_by_its_name(mish: Unary) -> None:
    assert pickle.loads(pickle.dumps(mish)) is mish
    y = pickle.loads(pickle.dumps(mish(Value(X))))
    assert (y.op, y.data) == (mish, pytest.approx(MISH[0]))


MINE = """
import math
from autograd_lite.engine import floats
from autograd_lite.engine.kinds import unary
from autograd_lite.ops import sech, sigmoid, softplus, square, tanh

mish = unary("mish", "Mish", lambda x: x * math.tanh(floats.softplus(x)),
             lambda z, x: (tanh(s := softplus(x)) + x * square(sech(s)) * sigmoid(x),),
             form="x * tanh(softplus(x))")
"""


def test_another_process_reads_it_once_it_has_the_row(mish: Unary, tmp_path: Path) -> None:
    """A pickle names the row; whoever reads it imports the module that makes it."""
    (tmp_path / "mine.py").write_text(MINE)
    (tmp_path / "y.pickle").write_bytes(pickle.dumps(mish(Value(X))))
    read = "y = pickle.load(open('y.pickle', 'rb')); y.backward(); print(y.parents[0].grad)"

    def run(program: str) -> subprocess.CompletedProcess[str]:
        paths = [str(tmp_path), str(Path(autograd_lite.__file__).parent.parent)]
        start = f"import pickle, sys; sys.path[:0] = {paths!r}; "
        return subprocess.run(
            [sys.executable, "-c", start + program], cwd=tmp_path, capture_output=True, text=True
        )

    assert float(run(f"import mine; {read}").stdout) == pytest.approx(MISH[1], rel=1e-15)
    assert run(read).stderr.splitlines()[-1] == (
        "LookupError: There is no primitive 'mish'. If a module of yours makes it, import that "
        "module first."
    )


def test_it_is_drawn_and_stepped(mish: Unary) -> None:
    x = Value(X, label="x")
    y = mish(x)
    y.label = "y"
    assert "Mish" in draw(y).to_dot()
    assert [step.math for step in steps_of(y)] == [
        "y = Mish(x) = Mish(0.7) = 0.5611",
        "dy/dy = 1",
        "dy/dx += dy/dy · ∂y/∂x = 1 × 0.9688 = 0.9688",
    ]
    assert function_of(mish, (1,)) in step_through(y).to_html()


@pytest.mark.browser
def test_a_page_computes_it(mish: Unary, browser: Any) -> None:
    source = function_of(mish, (1,))
    page = browser.new_page()
    z, slope = page.evaluate(
        f"() => {{ {helpers([source])}; const op = {source}, z = op.f([{X}]);"
        f" return [z, ...op.d(z, [{X}])]; }}"
    )
    page.close()
    assert (z, slope) == pytest.approx(MISH[:2], rel=1e-14)


def test_documentation_writes_it(mish: Unary) -> None:
    assert formula(mish) == (r"x \cdot \tanh\left(\operatorname{softplus}\left(x\right)\right)")
    shown = pydoc.plain(pydoc.render_doc(mish))
    assert "mish(x) = x * tanh(softplus(x))" in shown
    assert "∂mish/∂x = tanh(softplus(x)) + x * square(sech(softplus(x))) * sigmoid(x)" in shown


def test_without_a_form_it_works_where_nothing_is_printed(formless: Unary) -> None:
    x = Value(X, label="x")
    y = formless(x)
    (first,) = gradient(y, [x])
    assert (y.data, first.data) == pytest.approx(MISH[:2], rel=1e-15)
    assert "Mish" in draw(y).to_dot()
    assert formula(formless) == r"\operatorname{mish}\left(x\right)"


def test_a_language_that_needs_the_form_asks_for_it(formless: Unary) -> None:
    wanted = r"no (mish in \w+|machine code for mish)\. .*[Gg]ive the row a form, such as form="
    y = formless(Parameter(X))
    for write in (
        lambda: compile(y),
        lambda: numpy.applied(formless, [("x", 0)]),
        lambda: function_of(formless, (1,)),
        lambda: step_through(y).to_html(),
        lambda: Formulas().applied(formless, ["%x"]),
    ):
        with pytest.raises(NotImplementedError, match=wanted):
            write()


def length() -> Nary:
    return Nary(
        "length", "‖x‖", lambda xs: math.hypot(*xs), lambda z, xs: (tuple(x / z for x in xs),),
        form="hypot(hypot(xs[0], xs[1]), xs[2])",
    )  # fmt: skip


def second() -> Nary:
    """One slope is a number, one is computed, one is 0."""
    return Nary(
        "second", "x₂", lambda xs: xs[0] + xs[1] ** 2,
        lambda z, xs: ((1.0, 2.0 * xs[1], *[0.0] * (len(xs) - 2)),), form="xs[0] + square(xs[1])",
    )  # fmt: skip


def flat() -> Nary:
    return Nary(
        "flat", "⌊x⌋", lambda xs: math.floor(xs[0]), lambda z, xs: ((0.0,) * len(xs),),
        form="floor(xs[0])",
    )  # fmt: skip


@pytest.mark.parametrize("make", [length, second, flat])
@pytest.mark.parametrize("form", FORMS)
def test_a_row_of_many_operands_is_compiled(
    form: str, make: Callable[[], Nary], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Alone and for each row of an array."""
    op, compiled = make(), compile_in(form, monkeypatch)
    rows = [[Parameter(0.5 + i - 0.75 * j) for j in range(3)] for i in range(4)]
    for y in (op(rows[0]), ops.sum([op(row) for row in rows])):
        y.backward()
        program = compiled(y)
        value, slopes = program.value_and_grad(program.vector)
        assert value == pytest.approx(y.data, rel=1e-14)
        np.testing.assert_allclose(slopes, [p.grad for p in program.parameters], rtol=1e-13)
        for p in program.parameters:
            p.grad = 0.0


@pytest.mark.parametrize("form", FORMS)
def test_a_row_of_many_operands_without_a_form_is_refused(
    form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled = compile_in(form, monkeypatch)
    rows = [[Parameter(0.5 + i - 0.75 * j) for j in range(3)] for i in range(4)]
    bare = Nary("bare", "bare", lambda xs: xs[0], lambda z, xs: ((1.0, *[0.0] * (len(xs) - 1)),))
    with pytest.raises(NotImplementedError, match=r"no (bare in \w+|machine code for bare)\. "):
        compiled(ops.sum([bare(row) for row in rows]))


def test_the_table_holds_an_example_of_every_family() -> None:
    for name, make in FAMILIES.items():
        op = TABLE[name]
        assert (op.name, make(*op.args)) == (name, op)
    assert {op.name for op in TABLE.values() if op.args} == {*FAMILIES}


# --- what help shows ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ops.FUNCTIONS)
def test_a_row_documents_itself(name: str) -> None:
    op = getattr(ops, name)
    text = op.__doc__
    assert text.startswith(f"{name}(")
    for operand in op.operands if op.arity else ():
        assert f"∂{name}/∂{operand} = " in text
    if op.arity and op.form:
        assert f" = {op.form}\n" in text
    assert (f"real for {op.defined}\n" in text) == bool(op.defined)
    test = doctest.DocTestParser().get_doctest(text, {name: op}, name, None, None)
    assert len(test.examples) == 1
    assert doctest.DocTestRunner(verbose=False).run(test).failed == 0
    assert pydoc.render_doc(op)
