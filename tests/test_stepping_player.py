"""The page as a lecture needs it, in a real Chromium: what is on the screen, keys, links."""

import functools
import random
import re

import pytest
from test_stepping import lecture
from test_stepping_page import OUTSIDE, host, is_visible, jump, plate, text_of

from autograd_lite import Parameter, Value, gradient, nn
from autograd_lite.nn.losses import cross_entropy
from autograd_lite.stepping import explain, step_through, steps
from autograd_lite.stepping.sweep import NOTHING

PROJECTOR = {"width": 1280, "height": 720}
LAPTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}


def textbook_network():
    """Two inputs, two hidden neurons, two outputs, written in × and +."""
    data = (0.15, 0.20, 0.25, 0.30, 0.40, 0.45, 0.50, 0.55)
    w = [Parameter(x, label=f"w{i}") for i, x in enumerate(data, start=1)]
    i1, i2 = Value(0.05, label="i1"), Value(0.10, label="i2")
    b1, b2 = Parameter(0.35, label="b1"), Parameter(0.60, label="b2")
    h1, h2 = (w[0] * i1 + w[1] * i2 + b1).sigmoid(), (w[2] * i1 + w[3] * i2 + b1).sigmoid()
    o1, o2 = (w[4] * h1 + w[5] * h2 + b2).sigmoid(), (w[6] * h1 + w[7] * h2 + b2).sigmoid()
    E = 0.5 * (0.01 - o1) ** 2 + 0.5 * (0.99 - o2) ** 2
    E.label = "E"
    return E


LECTURE = {"x1": 2.0, "x2": 0.0, "w1": -3.0, "w2": 1.0}


def neuron():
    x1, x2, w1, w2 = (Value(x, label=name) for name, x in LECTURE.items())
    o = (x1 * w1 + x2 * w2 + Value(6.8813735870195432, label="b")).tanh()
    o.label = "o"
    return o


def softmax_network():
    random.seed(1)
    model = nn.MLP(2, [3])
    return cross_entropy([model([Value(1.0, label="x1"), Value(2.0, label="x2")])], [1])


@functools.cache
def page_of(name):
    random.seed(0)
    return {
        "lecture": lambda: step_through(lecture()[0]),
        "neuron": lambda: step_through(neuron()),
        "textbook": lambda: step_through(textbook_network()),
        "softmax": lambda: step_through(softmax_network()),
        "deep": lambda: step_through(
            lambda a, b: nn.MLP(2, [4, 3, 1], activation="tanh")([a, b]), 1.0, -2.0, expand=True
        ),
    }[name]()


PLACES = """() => {
  const at = (element) => {
    const { left, top, right, bottom } = element.getBoundingClientRect();
    return [left, top, right, bottom];
  };
  const all = (selector) => [...document.querySelectorAll(selector)].map(at);
  const controls = '#controls :is(button, input, select), #lens button:not([hidden])';
  const box = at(document.getElementById('picture'));
  return { box, plates: all('.ag-value'), lit: all('.ag-value.on'), controls: all(controls) };
}"""


def within(inner, outer, slack=0.5):
    return (inner[0] >= outer[0] - slack and inner[1] >= outer[1] - slack
            and inner[2] <= outer[2] + slack and inner[3] <= outer[3] + slack)  # fmt: skip


@pytest.mark.browser
@pytest.mark.parametrize(
    ("name", "window"),
    [("textbook", LAPTOP), ("softmax", LAPTOP), ("textbook", PROJECTOR), ("deep", PROJECTOR),
     ("lecture", PHONE), ("textbook", PHONE)],
)  # fmt: skip
def test_it_opens_whole_with_its_controls(open_page, name, window):
    page = open_page(page_of(name).to_html(), viewport=window)
    places = page.evaluate(PLACES)
    screen = [0, 0, window["width"], window["height"]]
    assert within(places["box"], screen)
    assert [p for p in places["plates"] if not within(p, places["box"])] == []
    assert [p for p in places["controls"] if not within(p, screen)] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= window["width"]
    largest = max(p[2] for p in places["plates"]) - min(p[0] for p in places["plates"])
    tallest = max(p[3] for p in places["plates"]) - min(p[1] for p in places["plates"])
    box = places["box"]
    assert largest > 0.8 * (box[2] - box[0]) or tallest > 0.8 * (box[3] - box[1])


@pytest.mark.browser
@pytest.mark.parametrize("name", ["textbook", "softmax"])
def test_picture_and_sliders_are_on_the_screen_together(open_page, name):
    page = open_page(page_of(name).to_html(), viewport=PROJECTOR)
    page.click("#whatif summary")
    page.wait_for_function("document.getElementById('picture').clientHeight < 360")
    places = page.evaluate(PLACES)
    assert places["box"][3] - places["box"][1] > 200
    for selector in ("#picture", "#knobs .knob", "#effect", "#reset", "#text", "#controls"):
        spot = page.locator(selector).first.bounding_box()
        assert spot["y"] >= 0
        assert spot["y"] + spot["height"] <= 720


@pytest.mark.browser
@pytest.mark.parametrize(("window", "zoomed"), [(PROJECTOR, True), (PHONE, False)])
def test_both_ends_of_the_active_edge_are_in_view(open_page, window, zoomed):
    page = open_page(page_of("textbook").to_html(), viewport=window, reduced_motion="reduce")
    if zoomed:
        for _ in range(6):
            page.keyboard.press("+")
    steps = len(page_of("textbook").steps) - 1
    press = "document.getElementById('next').click()"
    walk = f"n => [...Array(n)].map(() => {{ {press}; return ({PLACES})(); }})"
    for places in page.evaluate(walk, steps):
        assert len(places["lit"]) > 0
        assert [p for p in places["lit"] if not within(p, places["box"])] == []


SCALE = "document.querySelector('#picture svg').getBoundingClientRect().width"


@pytest.mark.browser
def test_zoom_by_buttons_keys_wheel_and_drag(open_page):
    page = open_page(page_of("textbook").to_html(), viewport=LAPTOP)
    whole = page.evaluate(SCALE)
    for larger, smaller in (("+", "-"), ("#in", "#out")):
        for act in (larger, smaller):
            page.click(act) if act[0] == "#" else page.keyboard.press(act)
            if act == larger:
                assert page.evaluate(SCALE) == pytest.approx(1.25 * whole, rel=0.01)
        assert page.evaluate(SCALE) == pytest.approx(whole, rel=0.01)
    page.keyboard.press("-")  # never smaller than whole
    assert page.evaluate(SCALE) == pytest.approx(whole, rel=0.01)
    spot = page.locator("#ag-n8").bounding_box()
    x, y = spot["x"] + spot["width"] / 2, spot["y"] + spot["height"] / 2
    page.mouse.move(x, y)
    page.mouse.wheel(0, -800)  # what is under the pointer stays there
    assert page.evaluate(SCALE) > 2 * whole
    spot = page.locator("#ag-n8").bounding_box()
    assert abs(spot["x"] + spot["width"] / 2 - x) < 3
    before = page.evaluate(
        "[box.scrollLeft, box.scrollTop]".replace("box", "document.getElementById('picture')")
    )
    page.mouse.down()
    page.mouse.move(x - 60, y - 5, steps=4)
    page.mouse.up()
    after = page.evaluate("document.getElementById('picture').scrollLeft")
    assert after - before[0] == pytest.approx(60, abs=5)
    page.keyboard.press("0")
    assert page.evaluate(SCALE) == pytest.approx(whole, rel=0.01)
    assert page.evaluate("document.getElementById('picture').scrollLeft") == 0


@pytest.mark.browser
def test_two_fingers_zoom(open_page):
    page = open_page(page_of("textbook").to_html(), viewport=PHONE, has_touch=True)
    whole = page.evaluate(SCALE)
    page.evaluate("""() => {
      const box = document.getElementById('picture');
      const send = (type, pointerId, clientX) => box.dispatchEvent(new PointerEvent(type, {
        pointerId, clientX, clientY: 200, bubbles: true, button: type === 'pointerdown' ? 0 : -1,
      }));
      box.setPointerCapture = () => {};  // these fingers are none that a browser knows
      send('pointerdown', 7, 150); send('pointerdown', 8, 200);
      send('pointermove', 8, 250); send('pointermove', 7, 100);
      send('pointerup', 7, 100); send('pointerup', 8, 250);
    }""")
    assert page.evaluate(SCALE) == pytest.approx(3 * whole, rel=0.02)


@pytest.mark.browser
def test_a_large_picture_opens_whole_and_the_first_step_comes_nearer(open_page):
    page = open_page(page_of("deep").to_html(), viewport=PROJECTOR, reduced_motion="reduce")
    assert page.locator(".ag-value").count() > 60
    whole = page.evaluate(SCALE)
    assert not is_visible(page, "#map")
    page.keyboard.press("PageDown")
    assert page.evaluate(SCALE) > 1.2 * whole
    assert is_visible(page, "#map")
    assert page.locator("#map rect").count() == page.locator(".ag-value").count() + 1
    assert page.eval_on_selector_all("#map .on", "all => all.map(e => e.id.slice(4))") == [
        *map(str, sorted(page_of("deep").steps[1].nodes, key=lambda n: int(n[1:])))
    ]
    covered = """(n) => [...Array(n)].map(() => {
      document.getElementById('next').click();
      const map = document.getElementById('map').getBoundingClientRect();
      return [...document.querySelectorAll('.ag-value.on')].filter((plate) => {
        const at = plate.getBoundingClientRect();
        return at.right > map.left && at.left < map.right
          && at.bottom > map.top && at.top < map.bottom;
      }).length;
    })"""
    page.set_viewport_size({"width": 800, "height": 720})
    steps = len(page_of("deep").steps)
    assert set(page.evaluate(covered, steps - 2)) == {0}  # the map makes way
    page.set_viewport_size(PROJECTOR)
    jump(page, 2)
    spot = page.locator("#map").bounding_box()
    page.mouse.move(spot["x"] + spot["width"] - 3, spot["y"] + 3)
    page.mouse.down()
    page.mouse.up()
    left = (
        "(e => [e.scrollLeft, e.scrollWidth - e.clientWidth])(document.getElementById('picture'))"
    )
    at, most = page.evaluate(left)
    assert at == pytest.approx(most, abs=2)
    page.keyboard.press("0")
    assert not is_visible(page, "#map")
    page.keyboard.press("PageDown")  # who wants it whole keeps it whole
    assert page.evaluate(SCALE) == pytest.approx(whole, rel=0.01)


@pytest.mark.browser
def test_a_notebook_keeps_its_wheel(open_page):
    page = open_page(host(page_of("lecture"), body='style="height:3000px"'))
    frame = page.frames[1]
    page.wait_for_function("document.querySelector('iframe').style.height !== ''")
    spot = page.locator("iframe").bounding_box()
    page.mouse.move(spot["x"] + 300, spot["y"] + 100)
    before = frame.evaluate(SCALE)
    page.mouse.wheel(0, -200)
    assert frame.evaluate(SCALE) == before
    page.keyboard.down("Control")
    page.mouse.wheel(0, -50)
    page.keyboard.up("Control")
    frame.wait_for_function(f"{SCALE} > {before} * 1.2")


@pytest.mark.browser
def test_keys_of_a_lecture(open_page):
    page = open_page(page_of("lecture").to_html(), viewport=PROJECTOR)

    def at():
        return int(text_of(page, "#count").split(" / ")[0])

    for focus in ("#slider", "#next", "#picture"):  # clickers work wherever the focus is
        page.focus(focus)
        for key, there in (("PageDown", 2), ("PageDown", 3), ("PageUp", 2), ("PageUp", 1)):
            page.keyboard.press(key)
            assert at() == there
    page.keyboard.press("End")
    assert at() == 10
    page.keyboard.press("?")
    assert is_visible(page, "#keys")
    page.keyboard.press("Home")  # not behind the list of keys
    assert at() == 10
    page.keyboard.press("Escape")
    assert not is_visible(page, "#keys")
    page.keyboard.press("f")
    page.wait_for_function("document.fullscreenElement?.id === 'player'")
    places = page.evaluate(PLACES)
    assert [p for p in places["plates"] if not within(p, places["box"])] == []
    page.keyboard.press("f")
    page.wait_for_function("!document.fullscreenElement")


@pytest.mark.browser
def test_speed(open_page):
    page = open_page(page_of("lecture").to_html())
    page.clock.install(time=0)
    page.clock.pause_at(1000)
    page.select_option("#speed", "2")
    page.click("#play")
    page.clock.run_for(599)
    assert text_of(page, "#count") == "1 / 10"
    page.clock.run_for(601)
    assert text_of(page, "#count") == "3 / 10"
    page.select_option("#speed", "0.5")
    page.clock.run_for(2399)
    assert text_of(page, "#count") == "3 / 10"
    page.clock.run_for(1)
    assert text_of(page, "#count") == "4 / 10"


@pytest.mark.browser
def test_the_address_says_the_step(open_page):
    page = open_page(page_of("lecture").to_html())
    assert page.evaluate("location.hash") == ""
    page.keyboard.press("ArrowRight")
    assert page.evaluate("location.hash") == "#step=2"
    jump(page, 9)
    assert page.evaluate("location.hash") == "#step=9"
    page.evaluate("location.hash = '#step=7'")
    page.wait_for_function("document.getElementById('count').textContent === '7 / 10'")
    page.reload()
    assert text_of(page, "#count") == "7 / 10"
    page.evaluate("location.hash = '#step=700'")  # as far as there is
    page.wait_for_function("document.getElementById('count').textContent === '10 / 10'")
    assert page.evaluate("history.length") <= 4  # a step is no place to go back to


# --- from the moved numbers -----------------------------------------------------------------------

NUMBER = re.compile(r"(?<![\w.])−?(?:\d+(?:\.\d+)?(?:e[−+]\d+)?|∞)|NaN")


def gated(data):
    """Branches that open and close: which steps are told depends on the numbers."""
    x, w, b, v = (Parameter(n, label=name) for n, name in zip(data, "xwbv", strict=True))
    shut = ((w * x + b).relu() * v + (x - 1.0).relu() * w).tanh()
    y = shut * x + x.abs() * w.sigmoid() + b / (1.0 + x * x)
    y.label = "y"
    return y


def told_by_page(page):
    """Title, formula and note of every step, by Next."""
    return page.evaluate("""() => {
      const $ = (id) => document.getElementById(id), all = [];
      $('first').click();
      for (let k = 0; k < 9999; k++) {  // a page that broke has no last step
        all.push(['title', 'math', 'note'].map((id) => $(id).textContent));
        if ($('next').getAttribute('aria-disabled') === 'true') return all;
        $('next').click();
      }
      return [];
    }""")


@pytest.mark.browser
def test_the_page_tells_branches_of_zeros_as_python_does(open_page):
    x = Value(-1.0, label="x")
    shared = (x * 2.0).tanh()
    shut = x * 3.0
    y = (-(shared * x + shut).exp()).relu() * 3.0 + shared + shut.relu()
    page = open_page(step_through(y).to_html(), reduced_motion="reduce")
    assert told_by_page(page) == [[s.title, s.math, s.note] for s in steps(y)]


def move(page, data):
    page.evaluate(
        """(data) => data.forEach((x, i) => {
          const field = document.querySelectorAll('.knob input[type=number]')[i];
          field.value = x;
          field.oninput();
        })""",
        data,
    )


def split(text):
    """What stands between the numbers, and the numbers; brackets are those of the sign."""
    between = re.sub(r"\((−[^()]*)\)", r"\1", text)
    plain = NUMBER.sub("#", between)
    found = [n.replace("−", "-").replace("∞", "inf") for n in NUMBER.findall(between)]
    return plain, list(map(float, found))


def in_order(page):
    return page.eval_on_selector_all(".knob label", "all => all.map(e => e.textContent)")


@pytest.mark.browser
@pytest.mark.parametrize("rate", [None, 0.1])
def test_the_steps_go_on_from_the_moved_numbers(open_page, rate):
    """Which steps, which words, which numbers: those of Python at these numbers, to 1e-12."""
    rng = random.Random(4)
    start = (0.5, 2.0, -1.0, 3.0)
    long = open_page(step_through(gated(start), learning_rate=rate, digits=17).to_html())
    short = open_page(step_through(gated(start), learning_rate=rate).to_html())
    names, counts = in_order(long), set()
    for turn in range(4):
        data = dict(zip("xwbv", [rng.uniform(-3, 3) for _ in range(4)], strict=True))
        counts.add(len(steps(gated(data.values()), learning_rate=rate)))
        for page, digits in ((long, 17),) if turn % 2 else ((short, 4),):
            move(page, [repr(data[name]) for name in names])
            expected = steps(gated(data.values()), learning_rate=rate, digits=digits)
            came = told_by_page(page)
            assert len(came) == len(expected)
            for step, texts in zip(expected, came, strict=True):
                wanted = (step.title, step.math, step.note)
                if digits == 4:
                    assert tuple(texts) == wanted
                for text, right in zip(texts, wanted, strict=True):
                    assert split(text)[0] == split(right)[0]
                    assert split(text)[1] == pytest.approx(split(right)[1], rel=1e-12, abs=1e-15)
    assert len(counts) > 1
    long.click("#all summary")  # the list is written when the browser says that it is open
    written = "n => document.querySelectorAll('#all li').length === n"
    long.wait_for_function(written, arg=len(came))
    items = long.locator("#all li").all_inner_texts()
    assert items[-1].split("\n")[0] == came[-1][0]


@pytest.mark.browser
def test_a_moved_number_keeps_the_place_and_says_so(open_page):
    page = open_page(page_of("lecture").to_html())
    jump(page, 9)
    page.click("#whatif summary")
    page.fill("#field-n1", "4")
    assert text_of(page, "#phase") == "what if"
    page.click("#previous")
    assert text_of(page, "#count") == "8 / 10"
    assert text_of(page, "#changed") == "b = 4"
    assert text_of(page, "#math") == "dL/dc += dL/dd · ∂d/∂c = −2 × 1 = −2"
    page.click("#next")
    assert text_of(page, "#math") == "dL/da += dL/de · ∂e/∂a = −2 × 4 = −8"
    page.click("#reset")
    assert text_of(page, "#math") == "dL/da += dL/de · ∂e/∂a = −2 × (−3) = 6"
    assert text_of(page, "#changed") == ""


@pytest.mark.browser
def test_what_the_pass_has_not_reached_is_pale_and_has_no_gradient(open_page):
    made = page_of("textbook")
    page = open_page(made.to_html())
    seed = next(step.i for step in made.steps if step.phase == "seed")
    look = """() => [...document.querySelectorAll('.ag-value')].map((plate) => [
      plate.id.slice(3), plate.querySelector('.ag-grad').textContent,
      getComputedStyle(plate).opacity])"""
    for step in made.steps[seed - 1 :: 4]:
        jump(page, step.i)
        reached = {id for s in made.steps[: step.i] for id in s.set if "grad" in s.set[id]}
        for id, grad, opacity in page.evaluate(look):
            assert (grad != "–") == (id in reached)
            assert opacity == ("1" if id in reached or id in step.nodes else "0.6")


# --- numbers on plates ----------------------------------------------------------------------------


@pytest.mark.browser
def test_no_number_leaves_its_plate_in_200_random_moves(open_page):
    """Of every size, on every leaf, with the two passes that follow; measured."""
    page = open_page(page_of("neuron").to_html(), viewport=LAPTOP)
    rng = random.Random(3)
    leaves = page.locator(".knob").count()
    moves = [
        [rng.randrange(leaves), rng.choice([-1, 1]) * 10 ** rng.uniform(-7, 7)] for _ in range(200)
    ]
    found, widest = page.evaluate(
        f"""(moves) => {{
          const fields = document.querySelectorAll('.knob input[type=number]'), found = [];
          let widest = 0;
          for (const [i, x] of moves) {{
            fields[i].value = x;
            fields[i].oninput();
            found.push(...({OUTSIDE})());
            for (const text of document.querySelectorAll('.ag-data, .ag-grad'))
              widest = Math.max(widest, text.textContent.length);
          }}
          return [found, widest];
        }}""",
        moves,
    )
    assert found == []
    assert widest >= len("−1.234e−05")


@pytest.mark.browser
def test_a_number_is_changed_on_its_plate(open_page):
    page = open_page(page_of("lecture").to_html(), viewport=PROJECTOR, reduced_motion="reduce")
    for typed, keys, then in (
        ("3", ["Enter"], "3"),
        ("−0,5", ["Enter"], "−0.5"),
        ("7", ["Escape"], "−0.5"),
        ("not a number", ["Enter"], "−0.5"),
        ("1e-3", ["Tab"], "0.001"),
    ):
        page.click("#ag-n0 .ag-data")
        assert page.evaluate("document.activeElement.id") == "edit"
        spot, at = (page.locator(x).bounding_box() for x in ("#edit", "#ag-n0"))
        assert at["x"] <= spot["x"]
        assert spot["x"] + spot["width"] <= at["x"] + at["width"] + 1
        number_ = page.locator("#ag-n0 .ag-data").bounding_box()
        middles = [box["y"] + box["height"] / 2 for box in (spot, number_)]
        assert abs(middles[0] - middles[1]) < 1.5
        page.keyboard.type(typed)
        for key in keys:
            page.keyboard.press(key)
        assert not is_visible(page, "#edit")
        assert plate(page, "n0")[0] == then
    assert page.input_value("#field-n0") == "0.001"
    assert text_of(page, "#title") == "a: 2 → 0.001"
    page.keyboard.press("End")
    assert text_of(page, "#math") == "dL/db += dL/de · ∂e/∂b = −2 × 0.001 = −0.002"
    page.click("#ag-n6 .ag-data")  # what is computed is not typed
    assert not is_visible(page, "#edit")


@pytest.mark.browser
def test_on_a_phone_the_fields_and_their_numbers_are_whole(open_page):
    page = open_page(page_of("neuron").to_html(), viewport=PHONE, reduced_motion="reduce")
    page.click("#ag-n0 .ag-data", force=True)  # of a picture that is as wide as the screen
    assert is_visible(page, "#edit")
    assert page.locator("#edit").bounding_box()["x"] > page.locator("#stage").bounding_box()["x"]
    page.keyboard.press("Escape")
    page.click("#whatif summary")
    assert page.eval_on_selector("#knobs", "e => e.scrollWidth <= e.clientWidth")


# --- why ------------------------------------------------------------------------------------------


SETTLED = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


def lit(page):
    return set(page.eval_on_selector_all("#picture .on", "all => all.map(e => e.id)"))


def name_of(page, id):
    """Where the name of a plate stands: a spot to click that is no number."""
    return page.locator(f"#ag-{id} text").first


@pytest.mark.browser
def test_a_plate_shows_its_sum_of_paths(open_page):
    x, w = Value(2.0, label="x"), Value(-3.0, label="w")
    h = x * w
    h.label = "h"
    y = h * x + w.relu()
    y.label = "y"
    page = open_page(step_through(y).to_html(), viewport=PROJECTOR, reduced_motion="reduce")
    name_of(page, "n0").click()
    assert text_of(page, "#phase") == "why"
    assert text_of(page, "#title") == "dy/dx = −12, the sum over 2 paths"
    assert text_of(page, "#math") == (
        "∂y/∂(h·x) · ∂(h·x)/∂h · ∂h/∂x = 1 × 2 × (−3) = −6\n∂y/∂(h·x) · ∂(h·x)/∂x = 1 × (−6) = −6"
    )
    assert text_of(page, "#note") == "dy/dx = −6 + (−6) = −12"
    paths = {"ag-n0", "ag-n2", "ag-n3", "ag-n5", "ag-n2o", "ag-n3o", "ag-n5o"}
    used = ["n2-0", "n2-out", "n3-0", "n3-1", "n3-out", "n5-0", "n5-out"]
    edges = {f"ag-e-{edge}" for edge in used}
    assert lit(page) == paths | edges
    name_of(page, "n1").click()
    assert "∂y/∂(ReLU(w)) · ∂(ReLU(w))/∂w = 1 × 0 = 0" in text_of(page, "#math")
    page.keyboard.press("Escape")
    assert text_of(page, "#phase") == "forward"
    page.keyboard.press("End")
    page.keyboard.press("e")
    assert text_of(page, "#phase") == "why"
    page.keyboard.press("ArrowLeft")
    assert text_of(page, "#phase") == "backward"


@pytest.mark.browser
def test_paths_beyond_the_listed_ones_are_summed(open_page):
    x = Value(0.5, label="x")
    y = x
    for _ in range(4):
        y = y * 1.5 + y.tanh()  # 16 paths, of which 8 are told
    page = open_page(step_through(y, digits=12).to_html(), viewport=PROJECTOR)
    name_of(page, "n0").click()
    *told, rest = text_of(page, "#math").replace("−", "-").split("\n")
    assert len(told) == 8
    assert "… and 8 more paths: " in rest
    parts = [float(line.rpartition(" = ")[2]) for line in told]
    parts.append(float(re.search(r": (\S+) together", rest)[1]))
    assert sum(parts) == pytest.approx(gradient(y, [x])[0].data, rel=1e-10)
    assert min(parts) > 0


def steep():
    """A path that is shut below an infinite slope contributes nothing, and so comes last."""
    x = Value(0.0, label="x")
    y = (x.sqrt() - 1.0).relu() + x
    y.label = "y"
    return y


@pytest.mark.browser
@pytest.mark.parametrize("make", [textbook_network, steep])
def test_the_sum_is_that_of_explain(open_page, make):
    """Every leaf of a network; those with many paths too."""
    E = make()
    made = step_through(E, digits=17)
    page = open_page(made.to_html(), viewport=PROJECTOR)
    for node in made.walk.order:
        if node.op is None and node.label:
            right = explain(E, node, max_paths=8)
            name_of(page, made.walk.ids[node]).dispatch_event("click", spot(page, made, node))
            title, math = text_of(page, "#title"), text_of(page, "#math")
            assert split(title)[1][0] == pytest.approx(right.gradient, rel=1e-12)
            lines = [line for line in math.split("\n") if not line.startswith("…")]
            assert len(lines) == len(right.paths)
            for line, path in zip(lines, right.paths, strict=True):
                numbers = split(" = ".join(line.split(" = ")[1:]))[1]
                assert numbers[-1] == pytest.approx(path.product, rel=1e-12)
                assert line.split(" = ")[0] == " · ".join(path.derivatives)


def spot(page, made, node):
    box = name_of(page, made.walk.ids[node]).bounding_box()
    return {"clientX": box["x"] + 2, "clientY": box["y"] + 2, "bubbles": True}


@pytest.mark.browser
def test_an_edge_shows_its_rule_in_symbols_and_numbers(open_page):
    x = Value(-2.0, label="x")
    z = x * Value(3.0, label="w")
    z.label = "z"
    s = z.sigmoid()
    s.label = "s"
    y = s + z
    y.label = "y"
    page = open_page(step_through(y).to_html(), viewport=PROJECTOR, reduced_motion="reduce")
    page.click("#ag-n3o")
    assert text_of(page, "#title") == "How s changes with z"
    assert text_of(page, "#math") == "∂s/∂z = s·(1 − s) = 0.002473·(1 − 0.002473) = 0.002467"
    assert text_of(page, "#note") == "s passes dy/ds · ∂s/∂z = 1 × 0.002467 = 0.002467 on"
    page.evaluate(SETTLED)  # the words take more room now
    x, y = page.evaluate("""() => {
      const path = document.querySelector('#ag-e-n2-0 path');
      const { x, y } = path.getPointAtLength(3).matrixTransform(path.getScreenCTM());
      return [x, y + 4];  // beside it: a line is thin
    }""")
    page.mouse.click(x, y)
    assert text_of(page, "#math") == "∂z/∂x = w = 3"
    assert lit(page) == {"ag-n0", "ag-n2", "ag-n2o", "ag-e-n2-0", "ag-e-n2-out"}
    page.click("#ag-n2o")
    assert text_of(page, "#math") == "∂z/∂x = w = 3\n∂z/∂w = x = −2"
    page.click("#whatif summary")
    page.fill("#field-n1", "0.5")
    page.click("#ag-n2o")
    assert text_of(page, "#math") == "∂z/∂x = w = 0.5\n∂z/∂w = x = −2"


@pytest.mark.browser
def test_an_edge_that_passes_nothing_says_so(open_page):
    u = Value(-2.0, label="x").relu()
    u.label = "u"
    y = u.sqrt()  # of infinite slope
    y.label = "y"
    page = open_page(step_through(y).to_html(), viewport=PROJECTOR, reduced_motion="reduce")
    page.click("#ag-n1o")
    assert text_of(page, "#note") == f"u passes dy/du · ∂u/∂x = ∞ × 0 = 0 on{NOTHING}"


@pytest.mark.browser
def test_a_quiz_explains_nothing(open_page):
    page = open_page(step_through(lecture()[0], quiz=True).to_html(), viewport=PROJECTOR)
    name_of(page, "n0").click()
    page.keyboard.press("e")
    assert text_of(page, "#phase") == "forward"


def test_sizes_of_pages():
    assert len(page_of("neuron").to_html().encode()) < 60_000
    assert len(page_of("textbook").walk.order) == 43
    assert len(page_of("textbook").to_html().encode()) < 150_000
