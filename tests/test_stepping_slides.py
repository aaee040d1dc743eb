"""Steps as slides: what is on each, that nothing moves, and the files."""

import re
import sys

import pytest
from test_stepping import lecture

from autograd_lite import Value, nn, step_through
from autograd_lite.drawing import EngineError
from autograd_lite.drawing.upright import places
from autograd_lite.stepping import page as page_module
from autograd_lite.stepping.slides import MOST, SIZE, SMALL, Shown, slides
from autograd_lite.telling.text import number

Image = pytest.importorskip("PIL.Image")


def square():
    y = Value(3.0, label="x") ** 2
    y.label = "y"
    return y


def plates(drawing):
    return {mark.key: dict(mark.rows) for mark in drawing.scene.nodes() if mark.rows}


def test_a_slide_shows_what_is_known_after_its_step():
    L, named = lecture()
    made = step_through(L)
    shown = Shown(made.walk, made.drawing)
    views = [shown.after(step) for step in made.steps]
    first, last = plates(views[0]), plates(views[-1])
    assert first["n2"] == {"data": "−6", "grad": "–"}
    assert first["n4"] == {"data": "?", "grad": "–"}
    L.backward()
    for name, node in named.items():
        id = made.walk.ids[node]
        assert last[id] == {"data": number(node.data), "grad": number(node.grad)}, name
    for step, view in zip(made.steps, views, strict=True):
        lit = {mark.key for mark in view.scene.nodes() if " " in mark.role
               and view.theme[mark.role].get("penwidth") in ("3", "4")}  # fmt: skip
        outs = {edge.removesuffix("-out") + "o" for edge in step.edges if edge.endswith("-out")}
        assert lit == {*step.nodes, *outs}
        thick = {edge.key for edge in view.scene.edges if edge.attributes.get("penwidth") == "2.8"}
        assert thick == {f"e-{edge}" for edge in step.edges}
    hidden = [sum("fontcolor" in edge.attributes for edge in view.scene.edges) for view in views]
    assert hidden == [4, 2] + [0] * 8
    assert plates(made.drawing) == plates(step_through(L).drawing), "the page's picture stays"


def test_the_broken_number_is_marked():
    x = Value(3.0, label="x")
    made = step_through(x * x, fault="overwrite")
    shown = Shown(made.walk, made.drawing)
    said = [plates(shown.after(step))["n0"]["broken"] for step in made.steps]
    assert said == ["–", "–", "3", "✗ 3", "✗ 3"]


def test_nothing_moves_from_slide_to_slide():
    made = step_through(nn.Neuron(2), [1.0, -2.0], expand=True)
    shown = Shown(made.walk, made.drawing)
    views = [shown.after(step) for step in made.steps]
    at = [places(view.to_svg()) for view in (views[0], views[-1])]
    assert len(at[0]) > 5
    for key, place in at[0].items():
        assert place == pytest.approx(at[1][key], abs=2.0), key


def test_every_kind_of_file(tmp_path, monkeypatch):
    made = step_through(square())
    try:
        drawn = list(slides(made.walk, made.steps, made.drawing))
    except EngineError as problem:
        pytest.skip(str(problem))
    assert [image.size for image in drawn] == [SIZE] * 3
    assert len({image.tobytes() for image in drawn}) == 3
    assert all(image.getpixel((0, 0)) == (255, 255, 255) for image in drawn)
    monkeypatch.setattr(page_module, "slides", lambda *_: iter(drawn))
    for suffix in ("gif", "webp"):
        with Image.open(made.save(tmp_path / f"steps.{suffix}")) as film:
            assert (film.n_frames, film.size, film.info["loop"]) == (3, SMALL, 0)
            assert film.convert("RGB").getpixel((0, 0)) == (255, 255, 255)
    pages = made.save(tmp_path / "steps.PDF").read_bytes()
    assert (pages[:5], len(re.findall(rb"/Type /Page\b", pages))) == (b"%PDF-", 3)
    folder = made.save(tmp_path / "pictures" / "*.png")
    assert folder == tmp_path / "pictures"
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["step-1.png", "step-2.png", "step-3.png"]
    with Image.open(folder / names[2]) as last:
        assert last.tobytes() == drawn[2].tobytes()


def test_what_is_no_slide_is_refused(tmp_path, monkeypatch):
    with pytest.raises(ValueError, match="Slides would show the answers"):
        step_through(square(), quiz="local").save(tmp_path / "quiz.pdf")
    large = step_through(nn.MLP(3, [8, 1])([1.0, 2.0, 3.0]), expand=True)
    assert len(large.steps) > MOST
    with pytest.raises(ValueError, match=r"slides are too many for one file, which holds 120"):
        large.save(tmp_path / "large.gif")
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(ImportError, match=r"pip install 'autograd_lite\[gif\]'"):
        step_through(square()).save(tmp_path / "new" / "*.png")
    assert list(tmp_path.iterdir()) == []
