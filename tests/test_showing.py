"""What a cell's result is: text in a line or a small table, and HTML that stays what it is in the
dark, in an exported notebook, and in one that is not trusted."""

import random
import re
import xml.etree.ElementTree as ET
from functools import cache
from html.parser import HTMLParser

import pytest

from autograd_lite import Value, check_gradients, compile, diagnose, draw, explain, relu
from autograd_lite.diagnostics import Diagnosis, Finding
from autograd_lite.drawing import EngineError, engines
from autograd_lite.drawing.themes import DARK, LIGHT, told_apart
from autograd_lite.history import History
from autograd_lite.nn import LSTM, MLP, Layer, Module, Sequential, mse_loss
from autograd_lite.optim import SGD, Adam, Newton
from autograd_lite.plots import STYLES, Plot
from autograd_lite.showing.curves import Panel, curves
from autograd_lite.showing.frames import framed
from autograd_lite.showing.source import highlighted

HOSTILE = "</td></style><script>alert(1)</script><img src=x onerror=alert(2)>&'\"`"


def loss_and_model():
    """A network of which the first layer is dead."""
    random.seed(0)
    model = MLP(2, [4, 4, 1])
    for neuron in model.layers[0].neurons:
        neuron.b.data = -100.0
    rows = [[x / 5, 1.0] for x in range(-5, 5)]
    return mse_loss([model(row) for row in rows], [1.0] * 10), model


@cache
def results():
    """One of each kind, with hostile names where names are the user's."""
    loss, model = loss_and_model()
    x, y = Value(2.0, label=HOSTILE), Value(-3.0, label="y")
    z = x * y + x
    z.backward()
    validation = History([0.5, 0.4, 0.3], {"accuracy": [0.5, 0.5, 0.8]})
    found = {
        "value": z,
        "leaf": x,
        "history": History([0.41, 0.3, 0.22], {"accuracy": [0.5, 0.8, 0.9]}),
        "two histories": History([0.4, 0.3, 0.2], {HOSTILE: [0.5] * 3}, validation=validation),
        "module": model,
        "pass": model.trace([1.0, 2.0]),
        "program": compile(lambda v: v[0] * v[1], inputs=[[1.0, 2.0]]),
        "check": check_gradients(lambda v: v[HOSTILE] * relu(v["b"]), {HOSTILE: 1.0, "b": 0.0}),
        "diagnosis": diagnose(loss, model),
        "hostile finding": Diagnosis([Finding("dead unit", HOSTILE, HOSTILE)]),
        "healthy": Diagnosis([], "9 parameters"),
        "explanation": explain(z, x),
        "plot": Plot(lambda figure, style: figure.set_facecolor(style.ground), HOSTILE),
    }
    try:
        engines.choose("svg")
        found["drawing"] = draw(z)
    except EngineError:
        pass
    return found


def html_of(result):
    if hasattr(result, "_repr_mimebundle_"):
        return result._repr_mimebundle_()["text/html"]
    return result._repr_html_()


class Untrusted(HTMLParser):
    """The text that is left in a notebook without trust, and what in the HTML could run."""

    def __init__(self, html):
        super().__init__()
        self.text, self.inside, self.harm, self.images = "", [], [], []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.harm += [name for name in attributes if name.startswith("on")]
        self.harm += [tag] if tag in ("script", "iframe", "svg") else []
        if tag == "img":
            self.images.append(attributes["src"])
        else:
            hidden = (attributes.get("style") or "").startswith("display:none")
            self.inside.append("hidden" if hidden else tag)

    def handle_endtag(self, tag):
        self.inside.pop()

    def handle_data(self, data):
        if not {"style", "hidden"} & set(self.inside):
            self.text += data


@pytest.mark.parametrize("kind", results())
def test_html_is_harmless_and_says_what_it_is_about_without_its_style(kind):
    result = results()[kind]
    assert type(html_of(result)) is str  # marimo takes no other text
    found = Untrusted(html_of(result))
    assert (found.harm, found.inside) == ([], [])
    assert all(source.startswith("data:image/svg+xml;base64,") for source in found.images)
    said = {
        "value": "data−4grad1", "leaf": HOSTILE, "module": "layer22",
        "pass": "01, 21−", "program": "def value",
        "check": "kink", "diagnosis": "layer1, 4 of 4", "healthy": "No finding",
        "explanation": "the sum over 2 paths", "hostile finding": HOSTILE,
    }  # fmt: skip
    if kind in said:
        shown = said[kind].replace("layer22", "layer2Layer4 → 4relu20")
        assert shown in found.text
    else:
        assert found.images


def test_texts_are_short():
    text = {kind: repr(result) for kind, result in results().items()}
    assert text["history"] == "3 epochs, loss 0.41 → 0.22, accuracy 90 %"
    assert text["two histories"].endswith("validation loss 0.3, accuracy 80 %")
    assert text["healthy"] == "No finding. Looked at 9 parameters."
    assert text["check"].splitlines()[2].endswith("kink")
    assert text["explanation"].count("\n") == 3
    assert text["value"] == "Value(data=-4.0, grad=1.0)"
    assert repr(History()) == "0 epochs"
    assert repr(History([1.0], interrupted=True)) == "1 epoch, loss 1, interrupted"
    parameters = MLP(2, [4, 4, 1]).parameters()
    assert repr(SGD(parameters, 0.1)) == "SGD(37 parameters, learning_rate=0.1)"
    assert repr(Adam(parameters[:1])) == "Adam(1 parameter, learning_rate=0.001)"
    assert repr(Newton(abs, tolerance=0.5)) == "Newton(abs, tolerance=0.5)"
    assert text["pass"] == "<Pass of 2 → 4 → 4 → 1 values>"
    assert repr(SGD(parameters, 0.1, momentum=0.9)).endswith("learning_rate=0.1, momentum=0.9)")


def test_a_printed_module_is_micrograds_form_or_counts():
    tanh = MLP(2, [16, 16, 1], activation="tanh")
    assert repr(Layer(2, 2)) == "Layer of [ReLUNeuron(2), ReLUNeuron(2)]"
    assert repr(tanh.layers[0]) == "Layer of 16 TanhNeuron(2)"
    assert repr(tanh) == (
        "MLP of [Layer of 16 TanhNeuron(2), Layer of 16 TanhNeuron(16), "
        "Layer of 1 LinearNeuron(16)]"
    )
    assert repr(MLP(2, [2, 1])) == (
        "MLP of [Layer of [ReLUNeuron(2), ReLUNeuron(2)], Layer of [LinearNeuron(2)]]"
    )
    assert repr(MLP(2, [4] * 9)).startswith("MLP of [Layer of 4 ReLUNeuron(2), 7 Layer of 4 ReLU")
    masked = Layer(3, 4, mask=[[1, 1, 1], [1, 1, 1], [1, 1, 1], [0, 0, 1]])
    assert repr(masked) == "Layer of [ReLUNeuron(3), ReLUNeuron(3), ReLUNeuron(3), ReLUNeuron(1)]"
    deep = Sequential(MLP(2, [30, 30]), relu, Layer(30, 30))
    assert repr(deep) == (
        "Sequential of [MLP of [Layer of 30 ReLUNeuron(2), Layer of 30 LinearNeuron(30)], relu, "
        "Layer of 30 ReLUNeuron(30)]"
    )


def test_the_table_of_a_module_counts_every_parameter_once():
    class Mixed(Module):
        def __init__(self):
            self.scale = Value(1.0)
            self.inner = Layer(2, 3, activation="tanh")
            self.again = self.inner
            self.memory = LSTM(2, 2)
            self.W = [[Value(0.0), Value(0.0)], [Value(0.0), Value(0.0)]]

    model = Mixed()
    rows = re.findall(r"<tr>(.*?)</tr>", model._repr_html_())[1:]
    cells = [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in rows]
    assert cells[0] == ["", "Mixed", "scale 1, W 2 × 2", "", "5"]
    assert cells[1] == ["inner", "Layer", "2 → 3", "tanh", "9"]
    assert cells[2][:2] == ["memory.cell1", "LSTMCell"]
    assert [int(row[-1]) for row in cells] == [5, 9, 48, 62]
    assert len(model.parameters()) == 62


def test_findings_that_say_the_same_are_joined():
    loss, model = loss_and_model()
    found = diagnose(loss, model)
    assert len([finding for finding in found if finding.kind == "dead unit"]) >= 4
    assert str(found).startswith("dead unit: layer1, 4 of 4. relu has slope 0 for each of the 10")
    for neuron in model.layers[2].neurons:  # which the loss does not know
        neuron.w[0] = Value(1.0)
    joined = str(diagnose(loss, MLP(2, [4, 4, 1])))
    for line in ("layer1, 12 of 12", "layer2, 20 of 20", "layer3, 5 of 5"):
        assert f"disconnected parameter: {line}. " in joined
    one = str(diagnose(loss, model))
    assert "disconnected parameter: layer3.neuron1.w1. " in one
    assert "No finding" not in one


def test_what_a_healthy_diagnosis_looked_at():
    random.seed(1)
    model = MLP(2, [3, 1], activation="tanh")
    rows = [[x / 5, 0.3] for x in range(-5, 5)]
    few, many = (
        diagnose(mse_loss([model(row) for row in some], [1.0] * len(some)), model)
        for some in (rows[:3], rows)
    )
    assert re.fullmatch(
        r"No finding\. Looked at \d+ values, 13 parameters, 3 units with up to 10 samples\.",
        str(many),
    )
    assert "no unit, for which there have to be 8 samples" in str(few)


def test_a_picture_has_the_colours_of_both_themes():
    theme, codes = told_apart(LIGHT, DARK)
    for role, attributes in theme.items():
        for name, code in attributes.items():
            if code.startswith("#"):
                assert codes[code] == (
                    LIGHT[role][name],
                    {**LIGHT[role], **DARK.get(role, {})}[name],
                )
                near = zip(bytes.fromhex(code[1:]), bytes.fromhex(codes[code][0][1:]), strict=True)
                assert all(abs(a - b) <= 4 for a, b in near)
    light, dark = STYLES["light"], STYLES["dark"]
    assert len(light.classes + light.regions) == len(dark.classes + dark.regions)


def test_source_is_highlighted_and_none_of_it_lost():
    source = 'def f(x):\n    """é"""\n    return x <= 2  # 1 & 2\n'
    assert Untrusted(highlighted(source)).text == source
    assert Untrusted(highlighted("def (: '")).text == "def (: '"
    assert '<span class="k">return</span> x &lt;= <span class="n">2</span>' in highlighted(source)


@pytest.mark.parametrize(
    "values",
    [[1.0], [1.0, 1.0], [0.0, 0.0], [-1.0, 2.0], [1e9, 1e-9], [float("nan"), 1.0, float("inf")],
     [float("nan")]],
)  # fmt: skip
def test_curves_of_any_numbers_are_drawn(values):
    svg = curves([Panel(HOSTILE, [values, values[:1]])])
    assert HOSTILE[:20] in "".join(ET.fromstring(svg).itertext())
    assert not re.search(r"nan|inf\b", re.sub(r"infinite", "", svg))


def test_the_labels_of_curves_stand_around_them():
    names = ("loss", "accuracy")
    root = ET.fromstring(curves([Panel(name, [[40.0, 20.0, 12.5]] * 2) for name in names]))
    width, height = float(root.get("width")) / len(names), float(root.get("height"))
    for panel, name in zip(root.findall(".//{*}g"), names, strict=True):
        lines = [re.findall(r"[-.\d]+", path.get("d")) for path in panel.findall(".//{*}path")]
        grid = [[float(x) for x in line] for line in lines if len(line) == 3]  # M x y H x
        assert len(grid) == 3
        (left,), (right,) = {line[0] for line in grid}, {line[2] for line in grid}
        top, *_, bottom = sorted(line[1] for line in grid)
        assert 0 < left < right < width
        assert 0 < top < bottom < height
        found = {"".join(t.itertext()): t for t in panel.findall(".//{*}text")}
        beside = [t for t in found.values() if t.get("text-anchor") == "end" and t.get("y") != "15"]
        for label in beside:
            if float(label.get("y")) < bottom + 5:
                assert left - 10 <= float(label.get("x")) < left
        assert sum(float(label.get("y")) < bottom + 5 for label in beside) == 3
        for below in ("1", "3", "epoch"):
            assert bottom + 8 < float(found[below].get("y")) < height
        assert float(found["1"].get("x")) == left
        assert float(found["3"].get("x")) == right
        assert left < float(found["epoch"].get("x")) < right
        assert float(found[name].get("y")) < top


def test_mathml_says_what_the_tex_says():
    x, y = Value(2.0, label="x1"), Value(-3.0, label="y")
    one = y * x
    one.label = "b & <c>"
    three = one * x + 1e-9 * x
    for value, lines in ((one, 3), (three, 15)):
        found = explain(value, x)
        html = found._repr_html_()
        math = ET.fromstring(re.search(r"<math.*?</math>", html, re.DOTALL)[0])
        tex = found._repr_latex_()
        assert len(math.findall(".//mfrac")) == tex.count(r"\frac")
        assert len(math.findall(".//mtr")) == lines
        shown = "".join(math.find(".//mtable").itertext())
        assert "∂x1" in shown
        assert ("(−3)" in shown) == (r"\left(-3\right)" in tex)
    assert "b & <c>" in shown
    assert "(−3)" in shown
    assert "(1·10−9)" in shown
    both = x.sin().cos().tanh().exp() + x.cos().sin().tanh().exp()
    rows = [explain(both, x, digits=digits)._repr_html_().count("<mtr>") for digits in (4, 9)]
    assert rows == [7, 8]  # long products have a line each, or a cell would cut the second one


# --- in Chromium ----------------------------------------------------------------------------------

pytest.importorskip("playwright")


def page_of(bodies, attribute=""):
    return (
        f'<!DOCTYPE html><html lang="en"><title>t</title><body {attribute}>{bodies}</body></html>'
    )


GROUND = """img => { const c = document.createElement('canvas'); c.width = c.height = 40;
  const g = c.getContext('2d'); g.drawImage(img, 0, 0, 40, 40);
  return [...g.getImageData(20, 1, 1, 1).data].slice(0, 3).reduce((a, b) => a + b) / 3; }"""


@pytest.mark.browser
def test_results_fit_their_cell_and_have_no_faults_of_access(open_page):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    cells = "".join(f"<div>{html_of(result)}</div>" for result in results().values())
    page = open_page(page_of(f"<main><h1>Results</h1>{cells}</main>"))
    cut = "e => e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflowX !== 'auto'"
    those = "[...document.querySelectorAll('main > div, .autograd-lite')]"
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(f"{those}.filter({cut}).length") == 0
    assert page.evaluate("[...document.images].every((i) => i.naturalWidth > 20)")
    found = axe.Axe().run(page).response["violations"]
    assert [node["html"] for fault in found for node in fault["nodes"]] == []


HOSTS = {
    "data-jp-theme-light": ("true", "false"),
    "data-vscode-theme-kind": ("vscode-light", "vscode-dark"),
    **dict.fromkeys(("theme", "data-theme", "class"), ("light", "dark")),
}


@pytest.mark.browser
def test_results_are_dark_or_light_as_the_host_says_or_else_the_system(open_page):
    kinds = [kind for kind in ("history", "plot", "drawing") if kind in results()]
    page = open_page(page_of("".join(html_of(results()[kind]) for kind in kinds)))

    def grounds():
        page.evaluate("new Promise(requestAnimationFrame)")
        return {image.evaluate(GROUND) < 60 for image in page.locator("img").all()}

    for system in (False, True):
        page.emulate_media(color_scheme="dark" if system else "light")
        assert grounds() == {system}
        for attribute, values in HOSTS.items():
            dark = not system
            page.evaluate("a => document.body.setAttribute(...a)", [attribute, values[dark]])
            assert grounds() == {dark}
            page.evaluate("a => document.body.removeAttribute(a)", attribute)


@pytest.mark.browser
def test_the_stand_in_of_a_frame_hides_where_the_host_wraps_the_frame(open_page):
    from autograd_lite import step_through

    a = Value(2.0, label="a")
    html = step_through(a * 3)._repr_mimebundle_()["text/html"]
    wrapped = html.replace("<iframe", "<div><iframe").replace("</iframe>", "</iframe></div>")
    page = open_page(page_of(f"<div>{wrapped}</div><div>{html}</div>"))
    page.wait_for_function("document.querySelectorAll('iframe')[1].style.height !== ''")
    assert not any(found.is_visible() for found in page.locator(".autograd-lite-fallback").all())
    off = framed("t", "<p>page</p>", "<svg xmlns='http://www.w3.org/2000/svg'/>", "all", "text")
    assert (
        open_page(page_of(off.partition("<div")[2].join(["<div", ""])))
        .get_by_text("all")
        .is_visible()
    )
