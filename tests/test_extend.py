"""An operation of one's own, with its rule: all that a row of the table can, and what it asks."""

import copy
import math
import pickle
from collections.abc import Iterator

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import (
    Parameter,
    Value,
    compile,
    draw,
    grad,
    gradient,
    hessian,
    jvp,
    nn,
    primitive,
    step_through,
    steps,
)
from autograd_lite.engine.primitive import TABLE


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    yield
    TABLE.own.clear()


def swirl(x: float) -> float:
    return math.sin(x) * math.exp(-x * x)


def ratio(x: float, y: float) -> float:
    return x / (1.0 + y * y)


SWIRL = "sin(x) * exp(-x * x)"
RATIO = "x / (1 + y * y)"


def swirl_rule(z, x):
    return (ag.cos(x) * ag.exp(-(x**2)) - 2 * x * z,)


def ratio_rule(z, x, y):
    return 1 / (1 + y * y), -2 * z * y / (1 + y * y)


def with_rules():
    return (
        primitive(swirl_rule, form=SWIRL, symbol="§")(swirl),
        primitive(ratio_rule, form=RATIO)(ratio),
    )


def by_hand(x, y):
    """The same of rows that are there."""
    return ((x.sin() * (-(x * x)).exp()) / (1.0 + y * y)) ** 2 + y


def own(swirl, ratio, x, y):
    return ratio(swirl(x), y) ** 2 + y


A, B = 0.4, 1.7


def test_values_and_derivatives_of_every_order():
    ops = with_rules()
    assert (ops[0](A), ops[1](A, B)) == (swirl(A), ratio(A, B))
    f, g = (lambda v: own(*ops, *v)), (lambda v: by_hand(*v))
    assert grad(f)([A, B]) == pytest.approx(grad(g)([A, B]), rel=1e-13)
    assert hessian(f)([A, B]) == pytest.approx(hessian(g)([A, B]), rel=1e-12)
    assert jvp(f, ([A, B],), ([1.0, 2.0],)) == pytest.approx(jvp(g, ([A, B],), ([1.0, 2.0],)))
    third = grad(grad(grad(lambda x: ops[0](x))))(A)
    assert third == pytest.approx(grad(grad(grad(lambda x: x.sin() * (-(x * x)).exp())))(A))
    x, y = Value(A), Value(B)
    own(*ops, x, y).backward()
    assert [x.grad, y.grad] == pytest.approx(grad(g)([A, B]), rel=1e-13)


@pytest.mark.parametrize("native", [False, True])
def test_programs(native):
    if native:
        pytest.importorskip("llvmlite", reason="machine code needs llvmlite")
    ops = with_rules()
    x, y = Parameter(A), Parameter(B)
    value, slopes = compile(own(*ops, x, y), native=native).value_and_grad([A, B])
    assert (value, *slopes) == pytest.approx(
        (by_hand(x, y).data, *grad(lambda v: by_hand(*v))([A, B])), rel=1e-13
    )
    X = np.linspace(-2.0, 2.0, 5)
    each = compile(lambda x: ops[0](x), inputs=[X], batch="each", native=native)
    np.testing.assert_allclose(each(X), [swirl(x) for x in X.tolist()], rtol=1e-13)


def test_it_is_told_copied_and_pickled():
    op, _ = with_rules()
    x = Value(A, label="x")
    y = op(x)
    y.label = "y"
    assert next(step.math for step in steps(y)) == f"y = §(x) = §(0.4) = {y.data:.4f}"
    assert "§" in draw(y).to_dot()
    assert "Math.sin" in step_through(y).to_html()
    for twin in (copy.deepcopy(y), pickle.loads(pickle.dumps(y))):
        assert twin.op is op
        twin.backward()
        assert twin.parents[0].grad == swirl_rule(swirl(A), A)[0]
    assert "∂swirl/∂x = cos(x) * exp(-pow(x, 2)) - 2 * x * z" in str(op.__doc__)
    assert ag.swirl is op  # type: ignore[attr-defined]
    assert nn.Neuron(1, activation="swirl")([2.0]).op is op


# --- rules of numbers -----------------------------------------------------------------------------


def test_a_rule_of_numbers_serves_for_first_derivatives_and_gives_no_zero():
    op = primitive(lambda z, x: ((math.cos(x) - 2 * x * math.sin(x)) * math.exp(-x * x),))(swirl)
    right = swirl_rule(swirl(A), A)[0]
    x = Value(A)
    y = op(x) * 3.0
    y.backward()
    (slope,) = gradient(y, [x])
    assert [x.grad, slope.data, grad(op)(A) * 3.0] == pytest.approx([3.0 * right] * 3, rel=1e-14)
    for second in (lambda: gradient(slope, [x]), lambda: hessian(op)(A), slope.backward):
        with pytest.raises(NotImplementedError, match=r"rule of swirl .* cos for math\.cos"):
            second()
    numbers_alone = (
        "The rule of swirl reads numbers alone (must be real number, not Value), so nobody knows "
        "how its slopes change. Write the rule with autograd_lite's functions: cos for math.cos or "
        "numpy.cos, where(step(x), a, b) for if x > 0."
    )
    with pytest.raises(NotImplementedError) as caught:
        slope.backward()
    assert str(caught.value) == numbers_alone
    with pytest.raises(NotImplementedError, match=r"no swirl in Python.*form="):
        compile(op(Parameter(A)))
    with pytest.raises(TypeError, match="need a rule that is more than numbers"):
        primitive(op.rule.rule, form=SWIRL)(swirl)


def leak(x: float) -> float:
    return x if x > 0.0 else 0.1 * x


@pytest.mark.parametrize(
    "rule",
    [
        lambda z, x: (1.0 if x > 0.0 else 0.1,),
        lambda z, x: (0.1 if x < 0.0 else 1.0,),
        lambda z, x: (0.1 if x == 0.5 else 1.0,),
        lambda z, x: (1.0 if x else 0.1,),
        lambda z, x: (np.exp(0.0 * x),),
        lambda z, x: (float(x > 0.0) * 0.9 + 0.1,),
    ],
)
def test_a_rule_that_asks_which_number_it_reads_is_one_of_numbers(rule):
    """A branch or NumPy would freeze what Python did at one point."""
    with pytest.raises(NotImplementedError, match="how its slopes change"):
        hessian(primitive(rule)(leak))(2.0)


def test_one_node_among_numbers_is_enough_to_need_slopes_that_change():
    def kinked(x: float, y: float) -> float:
        return max(x, 0.0) * y * y

    op = primitive(lambda z, x, y: (float(x > 0.0) * y * y, 2.0 * max(x, 0.0) * y))(kinked)
    for f in (lambda y: op(2.0, y), lambda x: op(x, 3.0)):
        with pytest.raises(NotImplementedError, match="how its slopes change"):
            hessian(f)(1.5)
        x = Value(1.5)
        (slope,) = gradient(f(x), [x])
        with pytest.raises(NotImplementedError, match="how its slopes change"):
            slope.backward()


def test_slopes_that_are_no_derivative_are_the_rules_affair():
    """Rounding that lets gradients through, as quantised networks have it."""

    def rounded(x: float) -> float:
        return round(x)  # an int

    x = Value(2.4)
    y = primitive(lambda z, x: (1,))(rounded)(x)
    y.backward()
    assert (y.data, type(y.data), y.partials, x.grad) == (2.0, float, (1.0,), 1.0)
    mixed = primitive(lambda z, x, y: (1, 2.0))(ratio)
    assert [*map(type, mixed(x, x).partials)] == [float, float]


# --- what is asked --------------------------------------------------------------------------------


def test_domain_and_places_without_a_value():
    def lowered(x: float) -> float:
        return math.log(x - 1.0)

    op = primitive(lambda z, x: (1 / (x - 1.0),), defined="x > 1", poles=True)(lowered)
    assert hessian(op)(3.0) == pytest.approx(-0.25)
    assert "lowered(2.0)" in str(op.__doc__)
    for x in (0.5, Value(0.5)):
        with pytest.raises(
            ValueError, match=r"lowered: no real answer at x = 0\.5; it needs x > 1"
        ):
            op(x)

    op = primitive(lambda z, x: (1 / (x - 1.0),))(lowered)
    with pytest.raises(ValueError, match="lowered") as caught:
        op(0.5)
    assert str(caught.value) == (
        "lowered: no real answer at x = 0.5; the operands have no such result."
    )

    def root(x: float) -> float:
        return math.sqrt(x)

    op = primitive(lambda z, x: (0.5 / math.sqrt(x),))(root)
    with pytest.raises(ValueError, match="rule of root") as caught:
        op(Value(0.0))
    start, _, end = str(caught.value).partition("division by zero")  # as Python says it
    assert start.removesuffix("float ") == "The rule of root has no answer at (0.0,): "
    assert end == ". Say the limit there with edges=lambda z, x: (...,)."
    op = primitive(lambda z, x: (0.5 / math.sqrt(x),), edges=lambda z, x: (math.inf,))(root)
    assert op(Value(0.0)).partials == (math.inf,)


@pytest.mark.parametrize(
    ("function", "domain"),
    [
        (math.sin, (-10.0, 10.0)),
        (math.log, (0.1, 10.0)),
        (math.atanh, (-0.9, 0.9)),
        (math.acosh, (1.1, 10.0)),
    ],
)
def test_a_domain_that_is_not_said_is_found(function, domain):
    def mine(x: float) -> float:
        return function(x)

    assert primitive(lambda z, x: (1.0,))(mine).domain == (domain,)


def nowhere(x: float) -> float:
    return math.nan


def of_three(x: float, y: float, z: float) -> float:
    return x


def of_any(*xs: float) -> float:
    return xs[0]


def text(x: float) -> str:
    return "x"


def nothing(x: float) -> None:
    pass


def tanh(x: float) -> float:
    return x


def softmax(x: float) -> float:
    return x


def backward(x: float) -> float:
    return x


def relabel(x: float) -> float:
    return x


RIGHT = lambda z, x: (1.0,)


TAKEN = "autograd_lite has {} already. Give your function another name."
WANTED = (
    "primitive(rule) takes the function of floats that computes the value; got {}. "
    "Write @primitive(lambda z, x: (...,)) over its def."
)
TUPLE = (
    "The rule of {} returns one local derivative per operand, in a tuple; got {}. Write lambda z, "
)
TOO_MANY = (
    "A primitive takes one or two numbers; {} -> float does not. Write a function of more with "
    "operations on Values: it needs no rule."
)
FORM = (
    "The form of swirl, {!r}, cannot be printed: {} A form has the operands x, numbers, + - * /, "
    "comparisons within where(), and functions of autograd_lite by name: pow(x, 2) for x ** 2, "
    "exp(x) for math.exp(x)."
)
LACKS = (
    'There is no {} in NumPy. Give the row a form, such as form="exp(x) / (1 + exp(x))", of '
    "functions that the table has."
)
INTERVAL = "domain has an interval for each operand of {}; got {}."


@pytest.mark.parametrize(
    ("rule", "function", "more", "kind", "said"),
    [
        (3.0, swirl, {}, TypeError,
         "primitive(rule) takes a rule, lambda z, x: (...,); got 3.0."),
        (ag.tanh, swirl, {}, TypeError,
         "primitive(rule) takes a rule, lambda z, x: (...,); got <primitive tanh>."),
        (swirl, 3.0, {}, TypeError, WANTED.format(3.0)),
        (swirl, Value(3.0), {}, TypeError, WANTED.format("Value(data=3.0, grad=0.0)")),
        (RIGHT, lambda x: x, {}, ValueError,
         "A primitive has the name of its function; '<lambda>' is none. Use def."),
        (RIGHT, tanh, {}, ValueError, TAKEN.format("'tanh'")),
        (RIGHT, softmax, {}, ValueError, TAKEN.format("'softmax'")),
        (RIGHT, backward, {}, ValueError, TAKEN.format("'backward'")),
        (RIGHT, of_three, {}, TypeError,
         TOO_MANY.format("of_three(x: float, y: float, z: float)")),
        (RIGHT, of_any, {}, TypeError, TOO_MANY.format("of_any(*xs: float)")),
        (RIGHT, text, {}, TypeError,
         "text(x) returns one real number; got the text 'x'. Convert it first: float(text)."),
        (RIGHT, nothing, {}, TypeError,
         "nothing(x) returns one real number; got None. Perhaps a function lacks its return "
         "statement."),
        (RIGHT, nowhere, {}, ValueError,
         "nowhere has no finite value in ((-10.0, 10.0),). Say where it has one: "
         "domain=((low, high),)."),
        (RIGHT, swirl, {"domain": (1, 2)}, ValueError,
         INTERVAL.format("swirl, ((low, high),)", "(1, 2)")),
        (ratio_rule, ratio, {"domain": ((1, 2), (2, 1))}, ValueError,
         INTERVAL.format("ratio, ((low, high), (low, high))", "((1, 2), (2, 1))")),
        (RIGHT, ratio, {}, TypeError, "…takes 2 positional arguments but 3 were given"),
        (lambda z, x: ag.cos(x), swirl, {}, TypeError,
         TUPLE.format("swirl", "-0.9996930420352065") + "x: (∂swirl/∂x,)."),
        (lambda z, x: (x, x), swirl, {}, TypeError,
         TUPLE.format("swirl", "2 in a tuple") + "x: (∂swirl/∂x,)."),
        (lambda z, x, y: (x,), ratio, {}, TypeError,
         TUPLE.format("ratio", "1 in a tuple") + "x, y: (∂ratio/∂x, ∂ratio/∂y,)."),
        (lambda z, x: ("a",), swirl, {}, TypeError,
         "Each local derivative of swirl is one real number; got the text 'a'. Convert it first: "
         "float(text)."),
        (RIGHT, relabel, {"form": "2 * x"}, ValueError,
         "The form of relabel is another function: at (-9.4,) '2 * x' is -18.8, "
         "and relabel -9.4."),
        (RIGHT, swirl, {"form": "sin(x"}, ValueError,
         "The form of swirl, 'sin(x', cannot be printed: …" + FORM.rpartition("{}")[2]),
        (RIGHT, swirl, {"form": "x**2"}, ValueError,
         FORM.format("x**2", "A form cannot say x ** 2.")),
        (RIGHT, swirl, {"form": "x and 2"}, ValueError,
         FORM.format("x and 2", "A form cannot say x and 2.")),
        (RIGHT, swirl, {"form": "math.sin(x)"}, ValueError,
         FORM.format("math.sin(x)", "A form cannot say math.sin(x).")),
        (RIGHT, swirl, {"form": "curl(x)"}, ValueError,
         FORM.format("curl(x)", LACKS.format("curl"))),
        (RIGHT, swirl, {"form": "swirl(x)"}, ValueError,
         FORM.format("swirl(x)", LACKS.format("swirl"))),
        (RIGHT, swirl, {"form": "sin(t)"}, ValueError,
         FORM.format("sin(t)", "A form cannot say t.")),
        (RIGHT, swirl, {"form": "exp(x, x)"}, ValueError,
         "The form of swirl, 'exp(x, x)', cannot be printed: …" + FORM.rpartition("{}")[2]),
        (lambda z, x: (math.exp(0.0 * x),), relabel, {"form": "x"}, TypeError,
         "A form is there for programs, and they need a rule that is more than numbers; that of "
         "relabel is none (must be real number, not Value). Write the rule with autograd_lite's "
         "functions: cos for math.cos or numpy.cos, where(step(x), a, b) for if x > 0."),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_said_to_the_word(rule, function, more, kind, said):
    """Where there is … Python speaks, each version in its own words."""
    with pytest.raises(kind) as caught:
        primitive(rule, **more)(function)
    start, gap, end = said.partition("…")
    message = str(caught.value)
    assert message.startswith(start), message
    assert message.endswith(end), message
    assert gap or message == said
    assert TABLE.own == {}


def test_a_function_that_takes_its_time_is_asked_seldom():
    asked = []

    def slow(x: float, y: float) -> float:
        asked.append((x, y))
        return x * y

    primitive(lambda z, x, y: (y, x), form="x * y")(slow)
    assert len(asked) <= 10
    assert len(set(asked)) == 5


def test_names_are_taken_once_but_a_cell_runs_again():
    first = primitive(RIGHT)(relabel)
    again = primitive(RIGHT)(relabel)
    assert (ag.relabel is again, again is first) == (True, False)  # type: ignore[attr-defined]

    def other(x: float) -> float:
        return x

    other.__name__ = "relabel"
    assert pickle.loads(pickle.dumps(again(Value(1.0)))).op is again
    with pytest.raises(ValueError, match="has that name") as caught:
        pickle.dumps(first(Value(1.0)))  # another may come back
    assert str(caught.value) == (
        "A pickle finds relabel by its name, and a function made since has that name now. Make "
        "the graph again; operations made in a loop need names of their own."
    )

    with pytest.raises(ValueError, match="already") as caught:
        primitive(RIGHT)(other)
    assert str(caught.value) == (
        "There is a primitive 'relabel' already, from test_extend.relabel; pickles find a "
        "primitive by its name. Give this function another one."
    )


def test_a_form_may_name_another_of_ones_own():
    with_rules()

    def twirl(x: float) -> float:
        return 2.0 * swirl(x)

    op = primitive(lambda z, x: (2.0 * ag.swirl(x) / ag.swirl(x),), form="2 * swirl(x)")(twirl)
    assert compile(lambda x: op(x), inputs=[A])(B) == pytest.approx(twirl(B))
