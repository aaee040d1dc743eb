"""Typed expressions: what they mean, and that whatever is wrong is shown where it is."""

import math
import warnings

import pytest

import autograd_lite as ag
from autograd_lite.engine.kinds import Unary
from autograd_lite.engine.primitive import TABLE
from autograd_lite.expression import ExpressionError, functions, names_in, parse
from autograd_lite.value import Parameter

GIVEN = {"x1": 2.0, "w1": -3.0, "x2": 0.0, "w2": 1.0, "b": 6.8813735870195432}


def number(text, **values):
    return parse(text, values)[0].data


def test_the_lecture_neuron():
    y, names = parse("tanh(x1*w1 + x2*w2 + b)", GIVEN)
    y.backward()
    assert y.data == pytest.approx(0.7071067811865476, rel=1e-15)
    slopes = {name: value.grad for name, value in names.items()}
    assert slopes == pytest.approx({"x1": -1.5, "w1": 1.0, "x2": 0.5, "w2": 0.0, "b": 0.5})


def test_weights_and_biases_are_parameters_and_labelled():
    given = dict.fromkeys(["w", "w1", "w_out", "b", "b2", "bias", "x", "batch", "weigh"], 1.0)
    _, names = parse("x", given)
    parameters = [name for name, value in names.items() if isinstance(value, Parameter)]
    assert parameters == ["w", "w1", "w_out", "b", "b2", "bias"]
    assert all(value.label == name for name, value in names.items())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2 + 3*4 - 10/4", 11.5),
        ("-2**2", -4.0),
        ("2**-1", 0.5),
        ("2**3**2", 512.0),
        ("+x - -x", 6.0),
        ("x**2 + 2**x", 17.0),
        ("(-x)**3", -27.0),
        ("max(x, 5, 4) + min(x, 1)", 6.0),
        ("max(x)", 3.0),
        ("abs(-x)", 3.0),
        ("sum(x, 1, 2) * mean(x, 1)", 12.0),
        ("prod(x, x, 2)", 18.0),
        ("logsumexp(x, x)", 3.0 + math.log(2.0)),
        ("where(x - 3, 10, 20)", 20.0),
        ("clip(x, -1, 2.5)", 2.5),
        ("leaky_relu(-x, 0.5)", -1.5),
        ("elu(x)", 3.0),
        ("atan2(x, 0)", math.pi / 2),
        ("sin(pi/2)", 1.0),
        ("(x +\n 1)", 4.0),
        ("  x  ", 3.0),
        ("0x10 + 1_000 + 1e2", 1116.0),
        ("x  # a comment", 3.0),
    ],
)
def test_values(text, expected):
    assert number(text, x=3.0) == pytest.approx(expected, rel=1e-15)


def test_a_name_of_ones_own_goes_before_a_constant():
    assert number("pi", pi=3.0) == 3.0


def test_a_power_with_a_number_has_one_operand():
    assert len(parse("x**3", {"x": 2.0})[0].parents) == 1


def test_every_function_of_the_table_is_known_and_differentiates():
    offered = functions()
    for name in ("exp", "tanh", "relu", "gelu", "hypot", "maximum", "logaddexp"):
        assert name in offered
    assert set(offered) <= {*dir(ag), *TABLE.own, "max", "min"}
    assert {"add", "held_max", "power", "or_zero", "share", "erfinv_slope"}.isdisjoint(offered)
    for name, row in TABLE.items():
        if isinstance(row, Unary) and name in offered:
            low, high = row.domain[0]
            x = 0.5 * (max(low, -1.0) + min(high, 1.5))
            y, names = parse(f"{name}(x)", {"x": x})
            y.backward()
            assert (y.data, names["x"].grad) == (row(x), row.rule(row(x), x)[0]), name


def test_a_long_chain_needs_no_recursion():
    assert number(" + ".join(["x"] * 900), x=1.0) == 900.0


# what is wrong, what the error says and hints at, and the place at which it points
MADE = "An expression is made of numbers, names, + - * / ** and function calls."
SIGN = "This operator is not one of an expression. "
UNNAMED = "This part has no name, so nothing can use it. Write it d = …"
PARTS = "The parts of an expression are written d = a*b; L = d + c."
KNOWN = f"Known are {', '.join(sorted(functions()))}."
WRONG = [
    ("x1 + qqq(3)", "There is no function qqq.\n" + KNOWN, "     ^^^"),
    ("x1 + tahn(3)", "There is no function tahn.\nDid you mean tan or tanh or atan?", "     ^^^^"),
    ("x1 + x9", "x9 has no value. Give it one: x9=1.5", "     ^^"),
    ("2 * x1.real", "An attribute (.real) cannot stand in an expression.", "    ^^^^^^^"),
    (
        "__import__('os').system('ls')",
        "An attribute (.system) cannot stand in an expression.",
        "^^^^^^^^^^^^^^^^^^^^^^^",
    ),
    ("open('f')", "There is no function open.\n" + KNOWN, "^^^^"),
    ("x1^2", SIGN + "A power is written **, as in x ** 2.", "^^^^"),
    ("x1 // 2", SIGN + "Only / divides here.", "^^^^^^^"),
    ("x1 % 2", SIGN + "The remainder has no useful slope.", "^^^^^^"),
    ("~x1", SIGN + "Known are + - * / **.", "^^^"),
    ("not x1", SIGN + "Known are + - * / **.", "^^^^^^"),
    ("x1 < 2", MADE, "^^^^^^"),
    ("x1 and x2", MADE, "^^^^^^^^^"),
    ("1 + [x1]", MADE, "    ^^^^"),
    ("x1 if x2 else 1", MADE, "^^^^^^^^^^^^^^^"),
    ("lambda: 3", MADE, "^^^^^^^^^"),
    ("(x := 3)", MADE, " ^^^^^^"),
    ("f'{x1}'", MADE, "^^^^^^^"),
    ("tanh(*x1)", MADE, "     ^^^"),
    ("1 + True", "True is not a real number.", "    ^^^^"),
    ("2j", "2j is not a real number.", "^^"),
    ("x1 * 'a'", "'a' is not a real number.", "     ^^^"),
    ("x1 * 1e999", "This number is too large for a float (1.8e308).", "     ^^^^^"),
    ("2(x1)", "Only a function is called. A product needs its *.", "^^^^^"),
    ("x1(3)", "x1 is a number, not a function. A product needs its *.", "^^^^^"),
    ("1 + tanh", "tanh is a function: call it, as in tanh(x).", "    ^^^^"),
    ("tanh(x=1)", "tanh takes its operands without names.", "     ^^^"),
    ("atan2(y=1, x=2)", "atan2 takes its operands without names.", "      ^^^"),
    ("1 + tanh()", "tanh is written tanh(x); operands given: 0.", "    ^^^^^^"),
    ("atan2(x1)", "atan2 is written atan2(x, y); operands given: 1.", "^^^^^^^^^"),
    ("tanh(x1, 2)", "tanh is written tanh(x); operands given: 2.", "^^^^^^^^^^^"),
    ("max()", "max is written max(x, …); operands given: 0.", "^^^^^"),
    ("clip(x1, 0, x2)", "clip takes a fixed number here: it has no slope in it.", "            ^^"),
    ("1 + log(-x1)", "log: no real answer at -x1 = -2.0; it needs -x1 > 0.", "    ^^^^^^^^"),
    ("1 / x2", "div: no real answer at x2 = 0.0; it needs x2 ≠ 0.", "^^^^^^"),
    ("1 + 1/0", "div: no real answer at x = 1.0, y = 0.0; it needs y ≠ 0.", "    ^^^"),
    (
        "1e200 * 1e200 * x1",
        "mul: the result is too large for a float (1.8e308) at x = 1e+200, y = 1e+200. Scale the "
        "operands down, or work with logarithms.",
        "^^^^^^^^^^^^^",
    ),
    (
        "(-8)**(1/3)",
        "pow: no real answer at x = -8.0, y = 0.3333333333333333; it needs x > 0, or a whole "
        "number y with x ≠ 0 where y < 0.",
        "^^^^^^^^^^^",
    ),
    ("", "The expression is empty.", "^"),
    ("x1 +", "This is not an expression: …", None),
    ("(x1", "This is not an expression: '(' was never closed.", "^"),
    ("w1/(x1 - 2)", "div: no real answer at x1 - 2 = 0.0; it needs x1 - 2 ≠ 0.", "^^^^^^^^^^^"),
    (
        "w1**0.5",
        "power: no real answer at w1 = -3.0; it needs w1 > 0, or a whole exponent with w1 ≠ 0 "
        "where it is negative.",
        "^^^^^^^",
    ),
    (
        "w1**(x1/4)",
        "pow: no real answer at w1 = -3.0, x1/4 = 0.5; it needs w1 > 0, or a whole number x1/4 "
        "with w1 ≠ 0 where x1/4 < 0.",
        "^^^^^^^^^^",
    ),
    ("1; 2", UNNAMED, "^"),
    ("d = x1; tanh(d); d", UNNAMED, "        ^^^^^^^"),
    ("d = e = x1", PARTS, "^^^^^^^^^^"),
    ("d, e = x1", PARTS, "^^^^^^^^^"),
    ("d += x1", PARTS, "^^^^^^^"),
    ("d: int = 3", PARTS, "^^^^^^^^^^"),
    ("import os", PARTS, "^^^^^^^^^"),
    ("d = q9; d", "q9 has no value. Give it one: q9=1.5", "    ^^"),
    ("d + 1; d = 2", UNNAMED, "^^^^^"),
    ("d = d + 1", "d has no value. Give it one: d=1.5", "    ^"),
    ("# nothing", "The expression is empty.", "^"),
    ("\x00", "This is not an expression…", None),
    ("\udc80", "This is not an expression: …", None),
    ("ä + x9", "ä has no value. Give it one: ä=1.5", "^"),
    ("abs(x1) + ä", "ä has no value. Give it one: ä=1.5", "          ^"),
    ("x1 @ 2", SIGN + "Write products with *.", "^^^^^^"),
    ("clip(x1, x2)", "clip is written clip(x, low, high); operands given: 2.", "^" * 12),
    ("clip(x1, x2, 1)", "clip takes a fixed number here: it has no slope in it.", "         ^^"),
    ("elu(x1, 2*w1)", "elu takes a fixed number here: it has no slope in it.", "        ^^^^"),
    ("where(x1, 2)", "where is written where(condition, x, y); operands given: 2.", "^" * 12),
    ("elu(x1, 1, 2)", "elu is written elu(x, alpha); operands given: 3.", "^" * 13),
    ("sum()", "sum is written sum(…); operands given: 0.", "^^^^^"),
    ("tanh.x(1)", "An attribute (.x) cannot stand in an expression.", "^^^^^^"),
    ("pow(-8, x9)", "x9 has no value. Give it one: x9=1.5", "        ^^"),
    ("one_minus_square(x1)", "There is no function one_minus_square.\n" + KNOWN, "^" * 16),
]


@pytest.mark.parametrize(("text", "said", "caret"), WRONG, ids=[repr(row[0]) for row in WRONG])
def test_errors_point_at_the_place(text, said, caret):
    with pytest.raises(ExpressionError) as caught:
        parse(text, GIVEN)
    message = str(caught.value)
    lines = message.splitlines()
    problem, _, hint = said.partition("\n")
    if said.endswith("…"):  # Python says why
        assert lines[0].startswith(said[:-1])
    else:
        assert [lines[0], *lines[3:]] == [problem, *([hint] if hint else [])]
    pointing = [i for i, line in enumerate(lines) if line.strip("^ ") == "" and "^" in line]
    assert pointing, message
    if caret is not None:
        assert lines[pointing[0]] == "  " + caret
        assert lines[pointing[0] - 1] == "  " + text


@pytest.mark.parametrize("column", [1, 69, 70, 71, 72, 250])
def test_a_line_is_cropped_70_before_the_place_and_is_100_long(column):
    text = "(" + " " * (column - 1) + "foo" + " " * 200 + ")"
    with pytest.raises(ExpressionError) as caught:
        parse(text, GIVEN)
    crop = max(0, column - 70)
    _, shown, caret = str(caught.value).split("\n")
    assert shown == "  " + text[crop : crop + 100]
    assert caret == "  " + " " * (column - crop) + "^^^"


def test_a_place_that_goes_on_beyond_the_line_is_marked_to_its_end():
    with pytest.raises(ExpressionError) as caught:
        parse("x1 + (\nlog(\n-x1))", GIVEN)
    assert str(caught.value).endswith("\n  log(\n  ^^^^")
    with pytest.raises(ExpressionError) as caught:
        parse("log(" + " " * 150 + "-x1)", GIVEN)
    assert str(caught.value).split("\n")[2] == "  " + "^" * 100


def test_the_caret_finds_its_line_and_a_long_line_is_cropped():
    with pytest.raises(ExpressionError) as caught:
        parse("(x1 +\n  foo)", GIVEN)
    assert str(caught.value).endswith("  foo)\n    ^^^")
    with pytest.raises(ExpressionError) as caught:
        parse(" + ".join(["x1"] * 200 + ["x9"]), GIVEN)
    shown, caret = str(caught.value).splitlines()[1:]
    assert len(shown) <= 102
    assert shown[caret.index("^") :] == "x9"


@pytest.mark.parametrize("text", ["(" * 5000 + "x1", "-" * 50_000 + "x1", "9" * 5000])
def test_what_pythons_parser_gives_up_on_is_an_error_too(text):
    with pytest.raises(ExpressionError, match=r"not an expression.*: \w"):
        parse(text, GIVEN)


def test_names_in():
    assert names_in("tanh(x2*w1 + x2) + b * pi") == ["x2", "w1", "b"]


def test_names_are_normalised_as_python_does():
    assert number("ﬁ + 1", fi=1.0) == 2.0
    assert names_in("ﬁ") == ["fi"]


@pytest.mark.parametrize("text", ["x1²", "10² * x1", "½ * x1", "x1 − 1"])
def test_a_sign_is_not_taken_for_the_digits_it_resembles(text):
    with pytest.raises(ExpressionError, match="not an expression: invalid "):
        parse(text, GIVEN)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        *((text, "A product needs its *, as in 2*x.") for text in ("2x1", "x1 x2", "(x1)x2")),
        ("x1²", "A power is typed **, as in x**2."), ("x1⁻¹", "A power is typed **, as in x**2."),
        ("x1 − 1", "A minus is typed -."), ("2·x1", "A product is typed *."),
        ("2×x1", "A product is typed *."), ("x1÷2", "A quotient is typed /."),
        ("√x1", "A root is typed sqrt(x)."), ("½*x1", "A half is typed 1/2."),
        ("x1 +", ""), ("for x1 in x2", ""), ("(x1", ""),
    ],
)  # fmt: skip
def test_how_to_type_what_people_write_by_hand(text, hint):
    with pytest.raises(ExpressionError) as caught:
        parse(text, GIVEN)
    assert str(caught.value).split("\n")[3:] == [hint] * bool(hint)


def test_parts_have_names_and_the_last_one_is_the_result():
    given = {"a": 2.0, "b": -3.0, "c": 10.0}
    for text in ("d = a*b; L = d + c", "d = a*b\nL = d + c  # done", "d = a*b; L = d + c;"):
        L, names = parse(text, given)
        L.backward()
        assert (L.data, L.label, list(names)) == (4.0, "L", [*"abcdL"])
        assert [value.grad for value in names.values()] == [-3.0, 2.0, 1.0, 1.0, 1.0]
    assert parse("d = a*b; d + c", given)[0].label == ""
    assert number("x = 2; x = x*x; x*x") == 16.0
    assert number("w = 2*pi; w/π") == 2.0
    assert isinstance(parse("w = 2*pi; w", {})[1]["w"], Parameter)
    assert parse("y = x", {"x": 1.0})[0].label == "x"  # it has a name already
    assert names_in("d = a*b; L = d + c*pi + a") == ["a", "b", "c"]
    assert names_in("d = d + 1") == ["d"]


def test_no_warning_of_the_parser_gets_out():
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        with pytest.raises(ExpressionError, match="made of numbers"):
            parse("1if x1 else 2", GIVEN)  # Python warns: invalid decimal literal
    assert seen == []


def test_the_caret_counts_characters_not_bytes():
    with pytest.raises(ExpressionError) as caught:
        parse("ä * äöü", {"ä": 1.0})
    assert str(caught.value).endswith("\n  ä * äöü\n      ^^^")
