"""explain: paths, their exact number, the largest first, text and LaTeX."""

import math
import re
from itertools import pairwise

import pytest
from test_stepping import HOSTILE, lecture

from autograd_lite import Value, nn, ops
from autograd_lite.stepping import explain, worked_example


def test_one_path():
    L, named = lecture()
    assert str(explain(L, named["a"])) == (
        "dL/da = 6, the sum over 1 path:\n  ∂L/∂d · ∂d/∂e · ∂e/∂a = −2 × 1 × (−3) = 6"
    )


def test_the_paths_sum_to_the_gradient():
    E, weights = worked_example()
    E.backward()
    for weight in weights[:4]:
        explanation = explain(E, weight)
        assert explanation.count == len(explanation.paths) == 2
        assert explanation.gradient == weight.grad
        assert math.fsum(path.product for path in explanation.paths) == pytest.approx(weight.grad)
        assert explanation.rest == pytest.approx(0.0, abs=1e-18)


def test_the_largest_paths_come_first_and_the_others_are_counted():
    model = nn.MLP(2, [5, 5, 1], activation="tanh")
    x = Value(0.7, label="x")
    loss = (model([x, 0.2]) - 1) ** 2
    everything = explain(loss, x, max_paths=1000)
    assert everything.count == len(everything.paths) == 25
    sizes = [abs(path.product) for path in everything.paths]
    assert all(a >= b * (1 - 1e-12) for a, b in pairwise(sizes))
    some = explain(loss, x, max_paths=4)
    assert some.paths == everything.paths[:4]
    assert some.rest == pytest.approx(sum(path.product for path in everything.paths[4:]))
    assert "21 other paths, contributing less each" in str(some)
    assert r"21\text{ more paths}" in some._repr_latex_()


@pytest.mark.parametrize("paths", [9, 10, 11, 12])
def test_ten_paths_are_listed(paths):
    x = Value(1.0, label="x")
    found = explain(ops.sum([x * float(i) for i in range(paths)]), x)
    assert (found.count, len(found.paths)) == (paths, min(paths, 10))
    assert [path.product for path in found.paths] == [float(i) for i in range(paths)][::-1][:10]
    beyond = {11: "1 other path, contributing less each: 0 together",
              12: "2 other paths, contributing less each: 1 together"}  # fmt: skip
    assert ("other path" in str(found)) == (paths > 10)
    assert beyond.get(paths, "") in str(found)
    assert (r"\underbrace" in found._repr_latex_()) == (paths > 10)
    numbers = found._repr_latex_().split("\n&= ")[1]
    assert len(numbers.split(" + ")) == min(paths, 11)  # those listed, and the rest as one


def test_what_the_other_paths_give_together_may_be_no_number():
    x = Value(1.0, label="x")
    infinite = [x * slope for slope in (math.inf, -math.inf, 1.0)]
    assert math.isnan(explain(ops.sum(infinite), x, max_paths=2).rest)


def test_a_number_of_paths_beyond_counting():
    x = Value(1.0, label="x")
    y = x
    for _ in range(400):
        y = y * 0.5 + y * 0.5
    explanation = explain(y, x, max_paths=2)
    assert explanation.count == 2**400
    assert explanation.gradient == 1.0
    assert explanation.paths[0].product == 0.5**400


def test_repeated_operands_are_told_apart():
    x = Value(3.0, label="x")
    y = x * x
    y.label = "y"
    text = str(explain(y, x))
    assert "∂y/∂x₍₁₎ = 3" in text
    assert "∂y/∂x₍₂₎ = 3" in text


def test_flat_infinite_and_undefined_slopes():
    x = Value(0.0, label="x")
    y = x.sqrt() * 0.0 + x * math.nan
    explanation = explain(y, x)
    assert explanation.count == 2
    assert len(explanation.paths) == 2
    assert explain(ops.relu(Value(-1.0)) * 2, Value(0.0)).gradient == 0.0


def test_the_chain_rule_at_the_leaf_and_two_signs():
    a = Value(2.0, label="a")
    b = a + 1
    b.label = "b"
    L = a * b
    L.label = "L"
    assert str(explain(L, a)) == (
        "dL/da = 5, the sum over 2 paths:\n"
        "  ∂L/∂a = 3\n"
        "  ∂L/∂b · ∂b/∂a = 2 × 1 = 2\n"
        "By the chain rule: dL/da = ∂L/∂a + dL/db · ∂b/∂a = 3 + 2 × 1 = 5"
    )
    assert (
        explain(L, a)
        ._repr_latex_()
        .endswith(
            r"\frac{\mathrm{d}L}{\mathrm{d}a} &= \frac{\partial L}{\partial a}"
            r" + \frac{\mathrm{d}L}{\mathrm{d}b} \cdot \frac{\partial b}{\partial a} \\"
            "\n&= 3 + 2 \\cdot 1 = 5\n\\end{aligned}$$"
        )
    )
    ends = {6: " + 8 × (−1) = −33", 7: " + 7 × (−1) + … = −35"}  # no more than six terms
    for uses, end in ends.items():
        y = sum(-a * i for i in range(8, 8 - uses, -1))
        assert str(explain(y, a)).endswith(end)
        assert (r" + \cdots = -35" in explain(y, a)._repr_latex_()) == (uses == 7)


def test_no_path_and_the_output_itself():
    L, named = lecture()
    assert str(explain(L, Value(1.0, label="q"))) == "dL/dq = 0: L does not depend on q."
    assert str(explain(L, L)) == "dL/dL = 1: it is the output itself."
    assert explain(L, L)._repr_latex_() == r"$$\frac{\mathrm{d}L}{\mathrm{d}L} = 1$$"
    assert explain(named["a"], L).count == 0


def test_latex():
    L, named = lecture()
    text = explain(L, named["a"])._repr_latex_()
    assert r"\frac{\mathrm{d}L}{\mathrm{d}a} &= \frac{\partial L}{\partial d} \cdot" in text
    assert r"\left(-2\right) \cdot 1 \cdot \left(-3\right)" in text
    assert "chain rule" not in text  # along one path it would say the same again
    tiny = explain(Value(1e-7, label="w") * 2, Value(0.0))
    assert tiny._repr_latex_().startswith("$$")


@pytest.mark.parametrize("label", HOSTILE)
def test_hostile_labels_are_no_commands(label):
    x = Value(2.0, label=label)
    text = explain(x * 3 + x, x)._repr_latex_()
    assert text.count("$$") == 2
    assert len(re.findall(r"(?<!\\)\$", text)) == 4
    assert text.count(r"\begin{") == text.count(r"\end{aligned}") == 1
    commands = set(re.findall(r"\\[A-Za-z]+", text))
    assert commands <= {
        r"\begin", r"\end", r"\frac", r"\partial", r"\mathrm", r"\left", r"\right", r"\quad",
        r"\cdot", r"\backslash", r"\lt", r"\gt", r"\vert", r"\wedge", r"\sim", r"\lbrack",
        r"\rbrack", r"\times", r"\text",
    }  # fmt: skip
    assert "<" not in text
    depth = 0
    for brace in re.findall(r"(?<!\\)[{}]", text.replace(r"\\", "")):
        depth += 1 if brace == "{" else -1
        assert depth >= 0
    assert depth == 0


def test_wrong_input():
    with pytest.raises(TypeError, match="got a float as the leaf"):
        explain(Value(1.0), 2.0)
    with pytest.raises(TypeError, match="got a float"):
        explain(1.0, Value(2.0))
    with pytest.raises(ValueError, match="at least 1"):
        explain(Value(1.0), Value(2.0), max_paths=0)


@pytest.mark.parametrize("uses", [1, 2, 3, 7])
def test_both_sums_end_in_the_gradient_however_many_lines_they_take(uses):
    x = Value(3.0, label="x")
    found = explain(sum(x * i for i in range(2, 2 + uses)) + 0.5 * x, x)
    number = f"{found.gradient:g}"
    ends = 1 if found.count == 1 else 2
    assert found._repr_latex_().count(f"= {number}") == ends
    assert found._repr_html_().count(f"<mo>=</mo><mn>{number}</mn></mrow>") == ends
