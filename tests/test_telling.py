"""What a graph is called, for people: the table of operations, the facts of a picture."""

from dataclasses import FrozenInstanceError, replace

import pytest

from autograd_lite import Value, derived, ops
from autograd_lite.drawing import draw
from autograd_lite.engine.primitive import TABLE
from autograd_lite.stepping import step_through
from autograd_lite.telling.homes import Trace
from autograd_lite.telling.subject import renamed, subject_of
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


def test_what_is_fixed_is_told_where_there_is_room():
    clipped = derived.clip(Value(2.0), -1, 1).op
    assert PLATES.write(clipped, [("a", ATOM)])[0] == "clip(a)"
    assert FORMULAS.write(clipped, [("a", ATOM)])[0] == "clip(a, −1, 1)"


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
