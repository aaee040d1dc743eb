"""A wrong number in what a language writes of a row is caught: each one, in every language.

The numbers of a row's form, the fixed ones of a family, and those in a language's own entry are
changed a little, one by one; what comes out must then differ from the row. LaTeX is text alone.
"""

import ast
import ctypes
import itertools
import math
import random
import re
import runpy
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from programs import NO_MACHINE_CODE

from autograd_lite import ops
from autograd_lite.compiler.machine.assemble import assembled
from autograd_lite.engine import floats, special
from autograd_lite.engine.kinds import Where
from autograd_lite.engine.primitive import TABLE, Primitive
from autograd_lite.languages.form import ATOM, Language
from autograd_lite.languages.javascript import JavaScript, helpers
from autograd_lite.languages.llvm import Formulas
from autograd_lite.languages.numpy import HELPERS, IN_JAX, SPECIAL, NumPy, prelude
from autograd_lite.languages.python import Python
from autograd_lite.stepping.page import repr_js

TOLERANCE = 1e-12  # relative: so far a language agrees with the row
Point = tuple[float, ...]
#: Where a form underflows and the row does not; the program then asks the eager engine.
UNDERFLOWS = {("log_ndtr", "LLVM"): "Φ is 0 to the left of −38"}
FAR = {
    "gamma": [-300.5, -301.5],  # where it is 0, with one sign or the other
    "silu": [-710.0],  # a number, though exp(710) is none
}
NAMES = "x", "y", "z"

# row, language or "any", place of the number in its text, change -> why nobody can tell
UNSEEN = {
    ("step", "any", 2, "up"): "x ≤ 0.001 is only asked where x > 0 has been answered",
    ("elu_with", "any", 2, "up"): "min(x, 0.001) is only read where x ≤ 0",
    ("sigmoid", "Python", 2, "up"): "both branches are right near 0; they differ far out",
    ("sigmoid", "Python", 2, "down"): "both branches are right near 0; they differ far out",
    ("log_ndtr", "LLVM", 0, "up"): "both branches are right near 0; they differ far out",
    ("log_ndtr", "LLVM", 0, "down"): "both branches are right near 0; they differ far out",
    ("logit", "any", 0, "up"): "both branches are right near their border",
    ("logit", "any", 0, "down"): "both branches are right near their border",
    ("logit", "any", 1, "up"): "both branches are right near their border",
    ("logit", "any", 1, "down"): "both branches are right near their border",
    ("mills_tail", "NumPy", 0, "up"): "an order is a whole number",
    ("mills_tail", "Python", 0, "up"): "an order is a whole number",
    ("sinc_derivative", "NumPy", 0, "up"): "an order is a whole number",
    ("sinc_derivative", "Python", 0, "up"): "an order is a whole number",
    ("mod", "LLVM", 0, "down"): "a product of signs is −1, 0 or 1",
    ("floor_divide", "LLVM", 0, "down"): "a product of signs is −1, 0 or 1",
    ("remainder", "any", 0, "down"): "no point is so close to the border of a period",
    ("remainder", "any", 1, "down"): "no point is so close to the border of a period",
}


class Change(NamedTuple):
    place: int
    direction: str
    old: str
    new: Any  # what is written: a row, or a text


def changes(old: float) -> Iterator[tuple[str, float]]:
    step = abs(old) / 1000 or 0.001
    yield "up", old + step
    yield "down", old - step


# --- the numbers of a row, and of a language's entry for it ---------------------------------------


def with_form(op: Primitive, form: str, args: tuple[float, ...]) -> Primitive:
    return type(op)(op.name, op.symbol, op.compute, op.rule, form=form, args=args)


def changed_rows(op: Primitive) -> Iterator[Change]:
    """The row with another number in its form; then with another among its fixed numbers."""
    tree = ast.parse(op.form or "0", mode="eval")
    indices = {node.slice for node in ast.walk(tree) if isinstance(node, ast.Subscript)}
    numbers = [
        node for node in ast.walk(tree) if isinstance(node, ast.Constant) and node not in indices
    ]
    numbers.sort(key=lambda node: node.col_offset)
    for place, number in enumerate(numbers if op.form else ()):
        old = float(str(number.value))
        for direction, new in changes(old):
            number.value = new
            yield Change(
                place, direction, f"{old} of form", with_form(op, ast.unparse(tree), op.args)
            )
        number.value = old
    for k, old in enumerate(op.args):
        for direction, new in changes(old):
            args = (*op.args[:k], new, *op.args[k + 1 :])
            yield Change(k, direction, f"{old} of args", with_form(op, op.form, args))


NUMBER = re.compile(r"(?<![\w.{=])\d+(?:\.\d+)?(?![\w.}]|\{)")  # no name's, no place's, no axis=0


def changed_texts(text: str) -> Iterator[Change]:
    """A text with another number."""
    for place, match in enumerate(NUMBER.finditer(text)):
        for direction, new in changes(float(match[0])):
            changed = f"{text[: match.start()]}({new!r}){text[match.end() :]}"
            yield Change(place, direction, f"{match[0]} of {text}", changed)


def operands(op: Primitive, texts: Sequence[Any], row: Callable[[Any], Any]) -> list[Any]:
    if op.arity:
        return list(texts[: op.arity])
    return [list(texts)] if isinstance(op, Where) else [row(texts)]


def text_in(language: Language, op: Primitive) -> str:
    texts = [(name, ATOM) for name in NAMES]
    return language.applied(op, operands(op, texts, lambda _: ("[x, y, z]", ATOM)))[0]


def changed(kind: type[Language], op: Primitive) -> list[tuple[Change, str]]:
    """Each change that shows in the text of the row, with the text."""
    unchanged = text_in(kind(), op)
    found = [(change, text_in(kind(), change.new)) for change in changed_rows(op)]
    for change in changed_texts(kind.functions.get(op.name, "")):
        functions = {**kind.functions, op.name: change.new}
        found.append((change, text_in(type("Other", (kind,), {"functions": functions})(), op)))
    return [(change, text) for change, text in found if text != unchanged]


# --- what a text gives, in each language ----------------------------------------------------------


def in_numpy(texts: Sequence[str], points: Sequence[Point], _: Any) -> list[list[float]]:
    space: dict[str, Any] = {"np": np, "math": math}
    exec("\n".join(prelude(set(NumPy.functions), jax=False)[1]), space)
    functions = [eval(f"lambda x, y, z: {text}", space) for text in texts]
    with np.errstate(all="ignore"):
        return [[float(f(*map(np.float64, point))) for point in points] for f in functions]


def in_python(texts: Sequence[str], points: Sequence[Point], _: Any) -> list[list[float]]:
    space: dict[str, Any] = {"math": math, **vars(math), **vars(floats), **vars(special)}
    functions = [eval(f"lambda x, y, z: {text}", space) for text in texts]

    def answer(f: Callable[..., float], point: Point) -> float:
        try:
            return f(*point)
        except (ArithmeticError, ValueError):
            return math.nan

    return [[answer(f, point) for point in points] for f in functions]


def in_javascript(texts: Sequence[str], points: Sequence[Point], browser: Any) -> list[list[float]]:
    page = browser.new_page()
    found = page.evaluate(
        """([helpers, sources, points]) => sources.map((source) => {
          const f = new Function("x", "y", "z", `${helpers}; return ${source}`);
          return points.map((point) => String(f(...point.map(Number))));
        })""",
        [helpers(texts), list(texts), [[repr_js(x) for x in point] for point in points]],
    )
    page.close()
    return [[float(text) for text in row] for row in found]


def llvm_function(op: Primitive, name: str) -> tuple[list[str], set[tuple[str, int]]]:
    """The row as a function, and the functions of C that it calls."""
    writer = Formulas()
    group = operands(op, [f"%{x}" for x in NAMES], list)
    result = writer.applied(op, group if op.arity else group[0])
    head = f"define double @{name}(double %x, double %y, double %z) {{"
    return [head, *writer.lines, f"  ret double {result}", "}"], writer.called


def changed_in_llvm(op: Primitive) -> list[tuple[Change, Primitive]]:
    unchanged, _ = llvm_function(op, "f")
    found = [(change, change.new) for change in changed_rows(op)]
    return [(change, row) for change, row in found if llvm_function(row, "f")[0] != unchanged]


def in_llvm(rows: Sequence[Primitive], points: Sequence[Point], _: Any) -> list[list[float]]:
    pytest.importorskip("llvmlite", reason="machine code needs llvmlite")
    lines, called = [], set()
    for k, row in enumerate(rows):
        text, names = llvm_function(row, f"f{k}")
        lines += text
        called |= names
    for name, count in called:
        lines.append(f"declare double @{name}({', '.join(['double'] * count)})")
    code = assembled("\n".join(lines) + "\n")
    kind = ctypes.CFUNCTYPE(*[ctypes.c_double] * 4)
    functions = [kind(code.address(f"f{k}")) for k in range(len(rows))]
    return [[f(*point) for point in points] for f in functions]


# --- the tests ------------------------------------------------------------------------------------


def points_of(op: Primitive) -> list[Point]:
    """Corners of every kind, and places within the domain; three numbers each, read or not."""
    width = op.arity or 3
    special = [0.0, 1.0, -1.0, 0.5, 2.0, 1e-8, -1e-8, 30.0, -30.0, math.inf, -math.inf, math.nan]
    anywhere = random.Random(op.name)
    domain = (op.domain * 3)[:width]
    inside = [[anywhere.uniform(max(a, -40.0), min(b, 40.0)) for a, b in domain] for _ in range(20)]
    special += FAR.get(op.name, [])
    corners = [*itertools.product(special if width < 3 else special[:7], repeat=width)]
    return [tuple([*point, 1.0, 1.0][:3]) for point in (*corners, *inside)]


def value_of(op: Primitive, point: Point) -> float:
    group: Any = point[: op.arity] if op.arity else (point,)
    z = op.finite(*group)
    return op.ieee(*group) if z is None else z


def agree(x: float, y: float) -> bool:
    return x == y or (x != x and y != y) or abs(x - y) <= TOLERANCE * max(abs(x), 1e-300)


KINDS: dict[str, type[Language]] = {"NumPy": NumPy, "Python": Python, "JavaScript": JavaScript}
RUN: dict[str, Callable[..., list[list[float]]]] = {
    "NumPy": in_numpy, "Python": in_python, "JavaScript": in_javascript, "LLVM": in_llvm,
}  # fmt: skip


@cache
def cases(language: str) -> dict[str, list[tuple[Change, Any]]]:
    """The rows in whose text a number can be changed."""
    found = {}
    for op in TABLE.values():
        if op.name == "dot" or (language == "LLVM" and op.name in NO_MACHINE_CODE):
            continue  # of two groups, and without a number anywhere; or not there
        else:
            kind = KINDS.get(language)
            found[op.name] = changed(kind, op) if kind else changed_in_llvm(op)
    return {name: some for name, some in found.items() if some}


CASES = [
    pytest.param(
        language,
        name,
        id=f"{language} {name}",
        marks=[pytest.mark.browser] if language == "JavaScript" else [],
    )
    for language in RUN
    for name in cases(language)
]


def unnoticed(
    op: Primitive,
    language: str,
    changed: Sequence[tuple[Change, Any]],
    points: Sequence[Point],
    found: list[list[float]],
) -> list[Change]:
    """The changes that leave every answer what it was; without one, all finite ones are right."""
    unchanged, *answers = found
    expected = [value_of(op, point) for point in points]
    right = [k for k, (x, y) in enumerate(zip(expected, unchanged, strict=True)) if agree(x, y)]
    for k, (point, x) in enumerate(zip(points, expected, strict=True)):
        if (op.name, language) in UNDERFLOWS and math.isinf(unchanged[k]):
            continue
        if all(map(math.isfinite, (*point, x))):
            assert k in right, f"{op.name}{point} is {x}; it says {unchanged[k]}"
    return [
        change
        for (change, _), answer in zip(changed, answers, strict=True)
        if all(agree(answer[k], expected[k]) for k in right)
    ]


@pytest.mark.parametrize(("language", "name"), CASES)
def test_a_wrong_number_is_caught(language: str, name: str, request: pytest.FixtureRequest) -> None:
    """A thousandth more or less in any one number (or, for 0, ±0.001) shows in some answer."""
    op, changed = TABLE[name], cases(language)[name]
    texts = [text_in(KINDS[language](), op) if language in KINDS else op]
    browser = request.getfixturevalue("browser") if language == "JavaScript" else None
    points = points_of(op)
    found = RUN[language]([*texts, *[text for _, text in changed]], points, browser)
    unseen = unnoticed(op, language, changed, points, found)
    there = {(change.place, change.direction) for change, _ in changed}
    excused = {
        (place, direction)
        for row, where, place, direction in UNSEEN
        if row == name and where in ("any", language) and (place, direction) in there
    }
    assert {(change.place, change.direction) for change in unseen} == excused, unseen


@pytest.mark.browser
def test_a_clipped_zero_keeps_its_sign_on_a_page(browser: Any) -> None:
    """As in Python, whose sqrt has a slope of ∞ at 0, and of −∞ at −0."""
    zeros = (0.0, -0.0)
    for low, high in itertools.product(zeros, zeros):
        op = ops.clip_to(low, high)
        reciprocal = f"1 / ({text_in(JavaScript(), op)})"
        (found,) = in_javascript([reciprocal], [(x, 0.0, 0.0) for x in zeros], browser)
        assert found == [math.copysign(math.inf, op.of_floats(x)) for x in zeros]


def test_a_wrong_number_in_a_helper_of_numpy_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, source in HELPERS.items():
        *start, code = source.rpartition('"""\n')
        for change in changed_texts(code):
            monkeypatch.setitem(HELPERS, name, "".join([*start, change.new]))
            op = TABLE[name]
            points = points_of(op)
            (answers,) = in_numpy([text_in(NumPy(), op)], points, None)
            expected = [value_of(op, point) for point in points]
            assert not all(map(agree, answers, expected)), change
        monkeypatch.setitem(HELPERS, name, source)
        (answers,) = in_numpy([text_in(NumPy(), op)], points, None)
        assert all(map(agree, answers, expected))


def test_every_number_of_a_form_is_written_in_some_language() -> None:
    """No number of a row is left out above: what no language reads, nobody needs to state."""
    read = {
        (name, change.place)
        for language in RUN
        for name, some in cases(language).items()
        for change, _ in some
        if change.old.endswith("of form")
    }
    stated = {
        (op.name, change.place)
        for op in TABLE.values()
        for change in changed_rows(op)
        if change.old.endswith("of form")
    }
    assert stated == read
    assert len(stated) > 30


# --- the page of documentation ---

DOCS = Path(__file__).parent.parent / "docs"


def test_the_page_of_primitives_is_printed_from_the_table():
    made = runpy.run_path(str(DOCS / "primitives.py"))["page"]()
    assert made == (DOCS / "primitives.md").read_text("utf-8"), "run: python docs/primitives.py"


def test_what_there_is_no_machine_code_for_is_refused_by_name() -> None:
    for name, op in TABLE.items():
        group = [f"%{x}" for x in NAMES][: op.arity or 3]
        if name in NO_MACHINE_CODE:
            with pytest.raises(NotImplementedError, match="There is no machine code for"):
                Formulas().applied(op, group)
        elif name != "dot":
            Formulas().applied(op, group)


def test_what_jax_lacks_is_computed_by_the_printed_functions() -> None:
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    names = {*(set(SPECIAL) & set(vars(special))), *IN_JAX}
    imports, functions = prelude(names, jax=True)
    space: dict[str, Any] = {"math": math, "np": jax.numpy}
    exec("\n".join([*imports, *functions]), space)
    xs = [-1e5, -745.5, -38.4, -20.3, -6.2, -3.0, -1.1, -1.0, -0.3, -1e-3, 0.1, 0.7, 1.0, 2.0, 5.5]
    xs += [1e-3, 20.0, 36.0, 1e8, math.inf, -math.inf]
    for name in sorted(names):
        of_order = name in ("mills_tail", "polygamma", "sinc_derivative")
        for more in [(1.0,), (2.0,), (3.0,)] if of_order else [()]:
            expected = np.array([_quiet(getattr(special, name), x, *more) for x in xs])
            got = np.asarray(space[name](jax.numpy.asarray(xs), *more))
            known = np.isfinite(expected)  # where a row has no answer, JAX may have its own
            np.testing.assert_allclose(got[known], expected[known], 1e-12, 1e-300, err_msg=name)


def _quiet(f: Callable[..., float], *x: float) -> float:
    try:
        return f(*x)
    except (ArithmeticError, ValueError):
        return math.nan
