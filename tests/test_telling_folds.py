"""Modules that are alike, folded: the picture, the steps, and the page, which unfolds them."""

import random
import re

import pytest
from test_stepping_page import OUTSIDE, is_visible, jump, text_of
from test_stepping_player import PLACES, PROJECTOR, told_by_page, within

from autograd_lite import draw, nn
from autograd_lite.stepping import TooManySteps, page, step_through, steps
from autograd_lite.stepping.slides import Shown
from autograd_lite.telling.drawable import traced
from autograd_lite.telling.folds import folds
from autograd_lite.telling.homes import values_in
from autograd_lite.telling.subject import subject_of


class Blocks(nn.Module):
    """Layers in a row, with something between two of them that is not of a module."""

    def __init__(self, sizes, between=False):
        self.layers = [nn.Layer(2, n, activation="tanh", rng=random.Random(n)) for n in sizes]
        self.between = between

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
            x = [v * 2.0 for v in x] if self.between else x
        return x[0] + x[1]


def mlp(*sizes):
    return nn.MLP(2, [*sizes], activation="tanh", rng=random.Random(1))


def recurrent(*xs):
    cell, h = nn.RNNCell(1, 2, rng=random.Random(2)), None
    for x in xs:
        h = cell([x], h)
    return h[0]


# what is called, its inputs, and what is folded
FOLDED = {
    "neurons": (mlp(12, 1), ([1.0, 2.0],), [("Neuron 2 … 12", "× 12")]),
    "two layers": (mlp(4, 3, 1), ([1.0, 2.0],), [("Neuron 2 … 4", "× 4"), ("Neuron 2 … 3", "× 3")]),
    "sizes": (mlp(3, 3, 3, 1), ([1.0, 2.0],), [("Neuron 2 … 3", "× 3")] * 3),
    "layers": (Blocks([2] * 6), ([1.0, 2.0],), [("Layer 1 2 … 6", "× 6")]),
    "between": (Blocks([2] * 6, between=True), ([1.0, 2.0],), []),
    "time": (recurrent, (1.0, 2.0, 3.0, 4.0, 5.0), [("RNNCell · call 3 … 4", "× 3")]),
    "few": (mlp(2, 2, 1), ([1.0, 2.0],), []),
}
every = pytest.mark.parametrize("name", FOLDED)


@every
def test_what_is_folded(name):
    f, inputs, wanted = FOLDED[name]
    trace, _ = traced(f, inputs)
    found = folds(subject_of(trace, values_in(trace.result), ""))
    assert [(fold.title.replace("Layer 2", "Layer 1 2"), fold.times) for fold in found] == wanted


@every
def test_the_picture_has_all_values_and_one_plate_for_many(name):
    f, inputs, wanted = FOLDED[name]
    whole, made = (draw(f, *inputs, fold=fold) for fold in (False, True))
    assert len(made.ids) == len(whole.ids)
    plates = [node for node in made.scene.nodes() if node.classes == "ag-unit ag-fold"]
    assert len(plates) == len(wanted)
    titles = [cluster.title for cluster in made.scene.top.walk()]
    assert sum("×" in title for title in titles) == len(wanted)
    for fold in plates:
        hidden = sum(id == f"ag-{fold.key}" for id in made.ids.values())
        assert f"{hidden} values in " in fold.tooltip
        ((_, out),) = fold.rows
        assert re.fullmatch(r"1 value|([2-9]|[1-9]\d+) values", out)
        ends = [edge for edge in made.scene.edges if fold.key in (edge.tail, edge.head)]
        assert {edge.tail == fold.key for edge in ends} == {True, False}
        assert len({(edge.tail, edge.head) for edge in ends}) == len(ends)
    keys = {node.key for node in made.scene.nodes()}
    assert all({edge.tail, edge.head} <= keys for edge in made.scene.edges)
    assert edges_of(made) <= edges_of(whole)


def edges_of(drawing):
    """The edges of the graph that a picture shows, alone or with others."""
    classes = [f"ag-{edge.key} {edge.classes}" for edge in drawing.scene.edges]
    return set(re.findall(r"ag-(e-n\d+-(?:\d+|out))(?= |$)", " ".join(classes)))


@every
@pytest.mark.parametrize("options", [{}, {"learning_rate": 0.1, "by": "node"}])
def test_steps_in_one_have_all_that_they_stand_for(name, options):
    f, inputs, wanted = FOLDED[name]
    whole, made = (steps(f, *inputs, fold=fold, **options) for fold in (False, True))
    assert [step.i for step in made] == list(range(1, len(made) + 1))
    together = [step for step in made if step.note.startswith("Modules that are alike")]
    assert len(made) < len(whole) if wanted else made == whole
    stood = sum(int(step.note.split(": ")[1].split()[0]) for step in together)
    assert len(made) - len(together) + stood == len(whole)
    for facts in (lambda step: step.set.items(), lambda step: step.reveal.items()):
        last = [dict(fact for step in listing for fact in facts(step)) for listing in (whole, made)]
        assert last[0].keys() == last[1].keys()
    for attribute in ("nodes", "edges"):
        used = [
            {name for step in listing for name in getattr(step, attribute)}
            for listing in (whole, made)
        ]
        assert used[0] == used[1]
    for step in together:
        assert len(step.math.split("\n")) <= 7


def test_outputs_are_folded_but_not_the_only_one():
    layer = nn.Layer(2, 5, activation="tanh", rng=random.Random(1))
    assert "Neuron 2 … 5" in draw(layer, [1.0, 2.0], fold=True).to_dot()
    stack = nn.MLP(1, [1] * 6, activation="tanh", output="tanh", rng=random.Random(1))
    scene = draw(stack, [1.0], fold=True).scene
    assert [cluster.title for cluster in scene.top.walk()][1::2] == ["Layer 1 × 5", "Layer 6"]
    assert [node.name for node in scene.nodes() if node.role == "unit"] == ["Layer 2 … 5"]


def test_much_is_folded_into_few_steps(monkeypatch):
    model = mlp(15, 1)
    with pytest.raises(TooManySteps, match="fold=True"):
        steps(model, [1.0, 2.0], max_steps=60)
    made = step_through(model, [1.0, 2.0], max_steps=60, fold=True)
    assert '<template id="unfolded">' in made.to_html()
    monkeypatch.setattr(page, "UNFOLDED", 60)  # of more values all are no picture to wait for
    assert "<template" not in step_through(model, [1.0, 2.0], fold=True).to_html()


def test_what_does_not_go_with_it():
    model = mlp(4, 1)
    for options, said in (({"fault": "overwrite"}, "fault="), ({"quiz": True}, "quiz=")):
        with pytest.raises(ValueError, match=said):
            step_through(model, [1.0, 2.0], fold=True, **options)
    with pytest.raises(ValueError, match="focus= and collapse="):
        draw(model, [1.0, 2.0], fold=True, collapse="Neuron")
    with pytest.raises(ValueError, match="give inputs"):
        draw(model, fold=True)


def test_slides_light_up_the_plate_of_many():
    made = step_through(mlp(3, 1), [1.0, 2.0], fold=True)
    shown, hidden = Shown(made.walk, made.drawing), {f.key for f in made.book.folds[0].facts}
    for step in made.steps:
        marks = {mark.key: mark for mark in shown.after(step).scene.nodes()}
        assert (marks["f0"].role != "unit") == (not hidden.isdisjoint(step.nodes))
        assert marks["f0"].rows == (("out", "2 values"),)


@pytest.mark.browser
def test_the_page_unfolds_and_folds_again(open_page):
    model = mlp(4, 1)
    whole, made = (step_through(model, [1.0, 2.0], fold=fold) for fold in (False, True))
    tab = open_page(made.to_html(), viewport=PROJECTOR, reduced_motion="reduce")
    assert told_by_page(tab) == [[s.title, s.math, s.note] for s in made.steps]
    together = next(step.i for step in made.steps if "in the same way" in step.title)
    jump(tab, together)
    assert "on" in tab.get_attribute("#ag-f0", "class").split()
    lit = tab.evaluate("[...document.querySelectorAll('.ag-edge.on')].length")
    assert lit == 4  # from each input to its port, and on
    for unfold in (lambda: tab.keyboard.press("u"), lambda: tab.click(".ag-fold")):
        unfold()
        assert not tab.locator(".ag-fold").count()
        assert tab.locator(".ag-value").count() == len(made.walk.order)
        first = next(s for s in whole.steps if s.title.endswith("z1[2]"))
        assert text_of(tab, "#count") == f"{first.i} / {len(whole.steps)}"
        assert text_of(tab, "#math") == first.math
        tab.keyboard.press("0")
        places = tab.evaluate(PLACES)
        assert [p for p in places["plates"] if not within(p, places["box"])] == []
        for _ in range(6):
            tab.keyboard.press("+")
        assert tab.evaluate(OUTSIDE) == []
        tab.click("#unfold")
        assert text_of(tab, "#count") == f"{together} / {len(made.steps)}"
    tab.click("#whatif summary")
    tab.fill("#field-n0", "0.25")
    moved = told_by_page(tab)
    assert len(moved) == len(made.steps)
    assert "in the same way" in moved[together - 1][0]
    tab.click("#unfold")
    assert len(told_by_page(tab)) == len(whole.steps)
    assert not is_visible(tab, "#edit")
