"""A training that was recorded: its frames, its page in a real Chromium, its GIF."""

import base64
import io
import json
import random
import re
import sys

import numpy as np
import pytest

from autograd_lite import Parameter, Value, fit, logsumexp, step_through, tanh
from autograd_lite.datasets import moons
from autograd_lite.film import animation
from autograd_lite.film.ground import Line, Plane, Refused, ground_of
from autograd_lite.film.inside import players
from autograd_lite.film.page import data, frames_shown, page
from autograd_lite.film.scene import network_of, parts_of
from autograd_lite.nn import (
    LSTM,
    MLP,
    Layer,
    Neuron,
    Sequential,
    cross_entropy,
    hinge_loss,
    mse_loss,
)
from autograd_lite.optim import SGD
from autograd_lite.training import accuracy

HOSTILE = "</script><script>window.hacked=1</script><img src=x onerror=alert(1)>"


def trained(widths=(4, 1), epochs=6, name="accuracy", **options):
    random.seed(0)
    X, y = moons(20, seed=0)
    model = MLP(2, list(widths), activation="tanh")
    before = model.vector
    history = fit(
        model, X, y, loss=hinge_loss, optimiser=SGD(model.parameters(), 0.3), epochs=epochs,
        metrics={name: accuracy}, **{"record": True} | options,
    )  # fmt: skip
    return model, before, history


@pytest.mark.parametrize("batch_size", [None, 7])
def test_a_film_has_the_parameters_before_and_after_every_epoch(batch_size):
    model, before, history = trained(batch_size=batch_size)
    film = history.film
    assert film.epochs == list(range(7))
    assert np.array_equal(film.vectors[0], before)
    assert np.array_equal(film.vectors[-1], model.vector)
    assert not np.any(film.gradients[0])
    assert np.array_equal(film.gradients[-1], model.vector_grad)
    other = trained(batch_size=batch_size, compiled=True)[2].film
    assert other.epochs == film.epochs
    assert np.allclose(other.vectors, film.vectors, rtol=1e-9, atol=1e-12)
    assert np.allclose(other.gradients, film.gradients, rtol=1e-9, atol=1e-12)


def test_every_so_many_epochs_and_the_last():
    assert trained(record=4)[2].film.epochs == [0, 4, 6]
    assert trained(record=3)[2].film.epochs == [0, 3, 6]
    assert trained(epochs=0)[2].film.epochs == [0]
    assert trained(record=False)[2].film is None
    for wrong in (-1, "yes", 0.5):
        with pytest.raises(ValueError, match="record is True, or a number of epochs"):
            trained(record=wrong)


def test_a_sample_is_stepped_into_with_the_parameters_of_then():
    model, _, history = trained()
    now = model.vector
    for epoch in (0, 3, None):
        made = history.film.step_through(5, epoch)
        then = model.at(history.film.vectors[-1 if epoch is None else epoch])
        X, y = moons(20, seed=0)
        loss = hinge_loss([then(X[5].tolist())], [y[5].tolist()])
        assert made.walk.output.data == pytest.approx(loss.data, rel=1e-12)
    assert "W1[1,1]" in str(history.film.step_through(5, expand=True))
    assert np.array_equal(model.vector, now)


def test_a_plain_function_gets_its_numbers_back():
    w, b = Parameter(0.5, label="w"), Parameter(0.0, label="b")
    history = fit(
        lambda x: w * x + b, [0.0, 1.0, 2.0], [1.0, 3.0, 5.0], loss=mse_loss, epochs=5,
        optimiser=SGD([w, b], 0.1), record=True,
    )  # fmt: skip
    now = w.data, b.data
    film = history.film
    assert film.step_through(1, epoch=0).walk.output.data == pytest.approx((3.0 - 0.5) ** 2)
    assert (w.data, b.data) == now
    found = data(film, range(len(film)))
    assert found["network"] is None
    assert found["parts"] == ["w", "b"]
    assert len(found["line"]["points"]) == 3


def test_what_a_film_has_not():
    film = trained()[2].film
    for call, said in (
        (lambda: film.step_through(20), "the samples 0 to 19; got 20"),
        (lambda: film.step_through(0, epoch=7), "0, before the training, to 6; got 7"),
        (lambda: film.save("a.png"), r"'a.png' ends in neither"),
    ):
        with pytest.raises((IndexError, ValueError), match=said):
            call()


# --- what is seen of a model ----------------------------------------------------------------------


def test_a_network_is_layers_each_fed_by_the_one_before():
    masked = Layer(3, 2, mask=[[1, 0, 1], [0, 1, 0]])
    found = network_of(masked, masked.parameters())
    assert found.columns == [3, 2]
    assert [(w.start, w.end) for w in found.weights] == [(0, 0), (2, 0), (1, 1)]
    assert [masked.parameters()[w.place].label for w in found.weights] == [
        "neuron1.w1", "neuron1.w2", "neuron2.w1",
    ]  # fmt: skip
    for model in (
        Sequential(Layer(2, 3), tanh, Layer(2, 1)), LSTM(2, 2), Neuron(2), MLP(2, [60, 1])
    ):  # fmt: skip
        assert network_of(model, model.parameters()) is None
    lstm = LSTM(2, 2)
    assert [part.name for part in parts_of(lstm, lstm.parameters())] == ["cell1"]


def test_the_ground_shows_signs_classes_halves_and_lines():
    w = Parameter(1.0)
    vectors = [np.array([1.0]), np.array([-1.0])]
    square = [[0.0, 0.0], [1.0, 0.5]]
    plane = ground_of(lambda x: w * (x[0] - x[1]), square, [w], vectors, side=8)
    assert isinstance(plane, Plane)
    cells = plane.cells.reshape(2, 8, 8)
    assert cells[0, 0, 7] > 0 > cells[0, 7, 0]  # below right, above left
    assert np.array_equal(cells[0] > 0, cells[1] < 0)
    half = ground_of(
        lambda x: (w * 9 * x[0]).sigmoid(), [[-1.0, 0.0], [1.0, 0.0]], [w], vectors[:1]
    )
    assert half.cells.min() < 0 < half.cells.max()
    three = ground_of(lambda x: [w * x[0], w * x[1], w * 0.2], square, [w], vectors, side=8)
    assert (three.classes, set(three.cells.ravel().tolist())) == (3, {0, 1, 2})
    line = ground_of(lambda x: w * x, [0.0, 2.0], [w], vectors)
    assert isinstance(line, Line)
    assert line.values[1, 0] == -line.values[0, 0] == pytest.approx(0.24)
    for X, said in (
        ([[1.0, 2.0, 3.0]], "have 3 inputs"),
        ([[[1.0]]], "2 axes"),
        (["a"], "no rows"),
    ):
        with pytest.raises(Refused, match=said):
            ground_of(lambda x: w * x[0], X, [w], vectors)
    with pytest.raises(Refused, match="is not known"):
        ground_of(lambda x: w if x[0] > 0 else -w, square, [w], vectors)


def test_lines_are_scaled_by_the_largest_weight_of_all_and_the_steepest_slope_of_the_frame():
    film = trained()[2].film
    drawn = data(film, frames_shown(film))["network"]
    places = [line[3] for line in drawn["lines"]]
    assert drawn["most"] == np.abs(np.array(film.vectors)[:, places]).max()
    slopes = np.frombuffer(base64.b64decode(drawn["slopes"]), "i1").reshape(-1, len(places))
    assert np.abs(slopes[1:]).max(axis=1).tolist() == [127] * 6
    assert drawn["steepest"][0] == 0.0
    assert slopes[0].tolist() == [0] * len(places)


def test_a_long_film_is_thinned():
    film = trained(epochs=400, compiled=True)[2].film
    frames = frames_shown(film)
    assert (len(frames), frames[0], frames[-1]) == (150, 0, 400)
    assert max(np.diff(frames)) <= 3


def test_only_pages_with_pictures_may_show_data_as_such():
    x = Value(1.0, label="x")
    assert "img-src" not in step_through(x.tanh()).to_html()
    assert "img-src data:" in page(trained(epochs=1)[2].film)


def test_names_and_numbers_on_the_page_are_harmless():
    film = trained(name=HOSTILE)[2].film
    text = page(film)
    assert HOSTILE not in text
    assert "<img src=x" not in re.sub(r'alt="[^"]*"', "", text)
    found = json.loads(re.search(r'id="data">(.*?)</script>', text, re.DOTALL)[1])
    assert HOSTILE in found["curves"]
    assert set(re.findall(r"https?://[^\"' <]+", text)) <= {"http://www.w3.org/2000/svg"}


# --- the GIF --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["plane", "line", "neither"])
def test_a_gif_moves_and_ends_with_the_last_epoch(kind, tmp_path):
    Image = pytest.importorskip("PIL.Image")
    film = trained(epochs=2)[2].film
    if kind == "line":
        film.model, film.X = MLP(1, [2, 1]), [[0.0], [1.0]] * 10
        film.parameters = film.model.parameters()
        film.vectors = [film.model.vector * k for k in (0.0, 0.5, 1.0)]
    if kind == "neither":
        film.model = None
    path = film.save(tmp_path / "a.gif")
    image = Image.open(io.BytesIO(path.read_bytes()))
    assert (image.n_frames, image.size, image.info["loop"]) == (3, animation.SIZE, 0)
    frames = []
    for k in range(3):
        image.seek(k)
        frames.append(np.array(image.convert("RGB")))
    assert image.info["duration"] == 2000
    assert not np.array_equal(frames[0], frames[2])
    assert (frames[2] != 255).mean() > 0.01
    assert [file.name for file in tmp_path.iterdir()] == ["a.gif"]


@pytest.mark.parametrize("w", [(1, 0.5), (-1, -0.5), (1, -0.5), (-1, 0.5)])
def test_a_gif_has_the_boundary_and_the_numbers_where_they_belong(w, tmp_path):
    """A score that is a plane: dark pixels stand along its line of zeros, from edge to edge."""
    Image = pytest.importorskip("PIL.Image")
    film = trained(widths=(1,), epochs=1)[2].film
    film.model = Sequential(Layer(2, 1, nonlin=False))
    film.parameters = film.model.parameters()
    film.vectors = [np.array([*w, 0.0])] * 2
    plane = ground_of(film.model, film.X, film.parameters, film.vectors)
    with Image.open(film.save(tmp_path / "a.gif")) as image:
        frame = np.array(image.convert("L"), dtype=float)
    left, top, right, bottom = animation.GROUND
    dark = frame[top:bottom, left:right] < 70
    side = right - left
    ys = np.arange(0.03, 0.97, 0.01)
    xs = (-(plane.low[1] + ys * plane.size) * w[1] / w[0] - plane.low[0]) / plane.size
    inside = (xs > 0.03) & (xs < 0.97)
    assert inside.sum() > 20
    for x, y in zip(xs[inside] * side, (1 - ys[inside]) * side, strict=True):
        assert dark[int(y) - 1 : int(y) + 2, int(x) - 1 : int(x) + 2].any()
    left, top, right, bottom = animation.CURVE
    for y in (top, bottom):
        beside = frame[y - 6 : y + 7, left - 34 : left - 5]
        assert (beside < 200).sum() > 10
    assert (frame[:, 0:8] > 240).all()


def test_a_gif_without_pillow_names_the_extra(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "PIL", None)
    said = r"^A GIF is made with Pillow, .* Install it: pip install 'autograd_lite\[gif\]'$"
    with pytest.raises(ImportError, match=said):
        trained(epochs=1)[2].film.save(tmp_path / "a.gif")
    assert list(tmp_path.iterdir()) == []


# --- the page -------------------------------------------------------------------------------------

#: Of the middle of the plane, with its samples.
LIGHTNESS = """() => {
  const canvas = document.querySelector('#ground canvas'), { width, height } = canvas;
  const one = new OffscreenCanvas(1, 1).getContext('2d');
  one.drawImage(canvas, width * 0.4, height * 0.4, width * 0.2, height * 0.2, 0, 0, 1, 1);
  const [r, g, b] = one.getImageData(0, 0, 1, 1).data;
  return (r + g + b) / 3;
}"""
PIXELS = "id => document.querySelector(`#${id} canvas`).toDataURL()"


@pytest.mark.browser
def test_the_page_plays_a_training(open_page):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    history = trained()[2]
    view = open_page(page(history.film), viewport={"width": 1280, "height": 800})
    said = view.locator("#now")
    assert said.text_content().startswith("epoch 6   loss ")
    assert view.evaluate("document.documentElement.scrollHeight <= 800")
    view.locator("#play").click()  # at the end, and at once
    view.locator("#play").filter(has_text="Pause").wait_for()
    view.locator("#play").click()
    assert "Play" in view.locator("#play").text_content()
    seen = set()
    for epoch in range(7):
        view.locator("#slider").evaluate(
            f"s => {{ s.value = {epoch}; s.dispatchEvent(new Event('input')); }}"
        )
        seen.add(tuple(view.evaluate(PIXELS, id) for id in ("ground", "network", "curve")))
    assert len(seen) == 7
    view.keyboard.press("Home")
    assert said.text_content() == "before the training"
    assert view.locator("#bars b").first.text_content() == "–"
    view.keyboard.press("PageDown")
    assert f"loss {history.loss[0]:.4g}" in said.text_content()
    weights = view.evaluate(PIXELS, "network")
    view.locator("#slopes").click()
    assert view.evaluate(PIXELS, "network") != weights
    view.locator("#sample").fill("5")
    assert view.locator("#call").text_content() == "history.film.step_through(5, epoch=1)"
    x = moons(20, seed=0)[0][5]
    assert f"x1 = {x[0]:.4g}".replace("-", "−") in view.locator("#about").text_content()
    view.locator("#last").click()
    assert said.text_content().startswith("epoch 6   loss ")
    view.locator("#first").click()
    assert said.text_content() == "before the training"
    assert view.locator("#bars span:has(+ span)").all_text_contents() == ["layer1", "layer2"]
    light = view.evaluate(PIXELS, "ground")
    view.emulate_media(color_scheme="dark")
    view.locator("html.dark").wait_for()
    assert view.evaluate(PIXELS, "ground") != light
    assert view.evaluate(LIGHTNESS) < 100
    view.emulate_media(media="print")
    for _ in range(100):  # its policy lets a page evaluate no text of its own while it waits
        if view.evaluate(LIGHTNESS) > 160:  # of 255: paper is white
            break
        view.wait_for_timeout(20)
    assert view.evaluate(LIGHTNESS) > 160
    assert not view.locator("#play").is_visible()
    view.emulate_media(media="screen")
    assert axe.Axe().run(view).response["violations"] == []
    view.locator("#play").click()
    view.locator("#play").filter(has_text="Pause").wait_for()
    view.keyboard.press("End")
    assert "Play" in view.locator("#play").text_content()
    view.set_viewport_size({"width": 390, "height": 844})
    assert view.evaluate("document.documentElement.scrollWidth") == 390
    assert view.locator("#controls").evaluate("e => e.getBoundingClientRect().bottom < 200")


def picked(rows, classes):
    """A loss that indexes with the class, which no Value can be."""
    return sum(logsumexp(row) - row[k] for row, k in zip(rows, classes, strict=True))


def classes_of_three(loss):
    random.seed(0)
    model = MLP(2, [3, 3])
    X, y = [[0.0, 1.0], [1.0, -0.5], [-1.0, -1.0]] * 2, [0, 1, 2] * 2
    return fit(model, X, y, loss=loss, optimiser=SGD(model.parameters(), 0.5), epochs=3,
               record=True).film  # fmt: skip


def test_one_player_serves_all_targets_or_each_class_has_its_own():
    both = players(trained(epochs=1)[2].film)
    assert (len(both["pages"]), both["of"]) == (1, {"-1.0": 0, "1.0": 0})
    assert len(both["pages"][0]["parameters"]) == 17
    assert set(players(classes_of_three(cross_entropy))["of"].values()) == {0}
    each = players(classes_of_three(picked))
    assert each["of"] == {"0.0": 0, "1.0": 1, "2.0": 2}
    assert players(trained((24, 24, 1), epochs=1)[2].film) is None


@pytest.mark.browser
@pytest.mark.parametrize("loss", [hinge_loss, picked])
def test_a_sample_is_stepped_into_on_the_page_as_in_python(open_page, loss):
    film = trained()[2].film if loss is hinge_loss else classes_of_three(loss)
    view = open_page(page(film))
    view.locator("#slider").evaluate("s => { s.value = 2; s.dispatchEvent(new Event('input')); }")
    view.locator("#sample").fill("4")
    view.locator("#enter").click()
    inner = view.frame_locator("#inside iframe")
    inner.locator("#all summary").click()
    inner.locator("#all li").first.wait_for()
    said = inner.locator("#all li p").all_text_contents()
    assert said == [step.math for step in film.step_through(4, epoch=2).steps]


#: How far from its own middle each column of neurons stands, in shares of the height.
COLUMNS = """() => {
  const canvas = document.querySelector('#network canvas'), { width, height } = canvas;
  const pen = new OffscreenCanvas(width, height).getContext('2d');
  pen.drawImage(canvas, 0, 0);
  const { data } = pen.getImageData(0, 0, width, height);
  const pixel = (x, y) => data.slice(4 * (y * width + x), 4 * (y * width + x) + 4).join();
  const all = (x) => [...Array(height).keys()].filter((y) => pixel(x, y) !== pixel(0, 0));
  const ratio = width / canvas.getBoundingClientRect().width;
  return [0, 1, 2].map((k) => {
    const rows = all(Math.round(20 * ratio + (k * (width - 40 * ratio)) / 2));
    return (rows[0] + rows.at(-1)) / 2 / height - 0.5;
  });
}"""


@pytest.mark.browser
def test_each_layer_of_the_network_stands_in_the_middle(open_page):
    view = open_page(page(trained()[2].film), viewport={"width": 1280, "height": 800})
    assert np.abs(view.evaluate(COLUMNS)).max() < 0.01


#: Every path that is drawn, by the names of the calls that make it.
DRAWN = """<script>
const drawn = [];
for (const name of ['beginPath', 'moveTo', 'lineTo', 'rect', 'arc', 'fill']) {
  const was = CanvasRenderingContext2D.prototype[name];
  CanvasRenderingContext2D.prototype[name] = function (...at) {
    drawn.push(name === 'beginPath' ? '' : `${drawn.pop()}${name} `);
    was.apply(this, at);
  };
}
</script></head>"""
LINE = "lineTo "
MARKS = [f"moveTo {2 * LINE}fill ", "arc fill ", "rect fill ", f"moveTo {3 * LINE}fill "]


@pytest.mark.browser
def test_eight_classes_have_four_marks_in_turn(open_page):
    film = trained(epochs=1)[2].film
    w = Parameter(1.0)
    film.model = lambda x: [w * x[0] * k for k in range(8)]
    film.parameters, film.vectors = [w], [np.array([1.0])] * len(film)
    film.X, film.y = np.random.default_rng(0).normal(size=(8, 2)), np.arange(8)
    view = open_page(page(film).replace("</head>", DRAWN))
    view.evaluate("drawn.length = 0")
    view.locator("#first").click()
    drawn = view.evaluate("drawn")
    assert [path for path in drawn if path in MARKS] == 2 * MARKS


@pytest.mark.browser
def test_a_film_in_a_notebook_and_without_scripts(open_page):
    film = trained(epochs=2)[2].film
    html = film._repr_mimebundle_()["text/html"]
    host = open_page(f"<!DOCTYPE html><title>t</title><body class=dark><div>{html}</div>")
    host.wait_for_function("document.querySelector('iframe').style.height !== '560px'")
    assert not host.locator(".autograd-lite-fallback").is_visible()
    inner = host.frames[1]
    assert inner.locator("html.dark.framed").count() == 1
    assert not inner.locator("h1").is_visible()
    bottom = inner.locator("#one").evaluate("e => e.getBoundingClientRect().bottom")
    assert bottom < 610  # what marimo shows
    none = open_page(page(trained(epochs=0)[2].film))  # Ctrl-C came at once
    assert none.locator("#now").text_content() == "before the training"
    off = open_page(page(film), java_script_enabled=False)
    assert off.locator("#still img").is_visible()
    assert "epoch     2  loss" in off.locator("pre").text_content()
    assert not off.locator("#controls").is_visible()
