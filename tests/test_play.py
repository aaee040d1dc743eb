"""The page that runs Python: what Python does for it, and the page itself, without a network."""

import importlib.util
import json
import re
import shutil
import time
from pathlib import Path

import pytest
from serving import served

import autograd_lite
from autograd_lite.expression import functions

FOLDER = Path(__file__).parent.parent / "docs" / "play"
BUILD = FOLDER / "build"
EXAMPLES = {x["name"]: x for x in json.loads((FOLDER / "examples.json").read_text("utf-8"))}


def loaded(name):
    spec = importlib.util.spec_from_file_location(f"play_{name}", FOLDER / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


page = loaded("page")

# --- what Python does, in any Python --------------------------------------------------------------

ONE = [name for name in functions() if name not in ("where", "clip", "elu", "leaky_relu")]
TEXTS = [
    "d = a*b; L = tanh(d + c)",
    "k = 2; m = pi*k; a*m - b",
    "s = a; t = +s; s*t",
    "max(a, b, c) - min(a, b) + sum(a, b, c)*mean(a, b) + prod(a, b) + logsumexp(a, b)",
    "where(a, b, c) + clip(a, -1, 1) + elu(b) + leaky_relu(c, 0.1)",
    "ag = a + b; y = ag**2; y + 3",
    "2*3",
    "pi = a*2; pi + b",
]  # fmt: skip


def outcome(result):
    """The number of a result, and the slopes of its leaves by name."""
    result.backward()
    order = autograd_lite.topological_order(result)
    return result.data, {x.label: x.grad for x in order if x.op is None and x.label}


@pytest.mark.parametrize("text", TEXTS)
def test_the_same_as_python(text, monkeypatch):
    """The copied program makes the same graph: numbers, slopes, names, kinds."""
    numbers = {name: x for name, x in {"a": 0.4, "b": -1.5, "c": 2.0}.items() if name in text}
    numbers = {name: numbers[name] for name in page.names_in(text)}
    shown = []
    monkeypatch.setattr(autograd_lite, "step_through", lambda y, **told: shown.append((y, told)))
    exec(page.as_python(text, numbers, {"quiz": "local"}), {})
    [(ours, told)] = shown
    theirs = page.parse(text, numbers)[0]
    assert told == {"quiz": "local"}
    for one, other in zip(*map(autograd_lite.topological_order, (ours, theirs)), strict=True):
        assert one.op == other.op
        assert (one.label, one.data) == (other.label, other.data)
        assert one.op is not None or isinstance(one, type(other)) or not other.label
    assert outcome(ours) == outcome(theirs)


@pytest.mark.parametrize("name", ONE)
def test_every_function_goes_into_a_program(name, monkeypatch):
    """Written as a call of the module that has it, with the operands that it takes."""
    shown = []
    monkeypatch.setattr(autograd_lite, "step_through", lambda y: shown.append(y.data))
    for text in (f"{name}(a)", f"{name}(a, b)"):
        for a in (0.5, 2.5):
            try:
                wanted = page.parse(text, {"a": a, "b": 1.5})[0].data
            except page.ExpressionError:
                continue
            exec(page.as_python(text, {"a": a, "b": 1.5}, {}), {})
            assert shown.pop() == wanted
            return
    pytest.fail("there is no operand that it takes")


@pytest.mark.parametrize(
    ("text", "given", "numbers"),
    [
        ("d = a*b; d + c", {}, {"a": "2", "b": "-3", "c": "1"}),
        ("d = a*b; d + c", {"b": "1/3"}, {"a": "2", "b": "0.3333333333333333", "c": "1"}),
        ("a + log(b)", {}, {"a": "2", "b": "3"}),
        ("asin(x)", {}, {"x": "0.5"}),
        ("acosh(x)*log(y)", {}, {"x": "2", "y": "3"}),
    ],
)
def test_names_without_a_number_get_one(text, given, numbers):
    reply = page.expression(text, given)
    assert "error" not in reply
    assert reply["values"] == numbers


def test_other_numbers_are_those_of_the_page():
    first, again, other = (page.expression("a*b + c", {}, seed=seed) for seed in (1, 1, 2))
    assert first["values"] == again["values"] != other["values"]
    fixed = page.expression("a*b + c", first["values"])
    assert fixed["html"] == first["html"]


@pytest.mark.parametrize(
    ("text", "values", "said", "drawn"),
    [
        ("log(x)", {"x": "-1"}, r"log: no real answer at x = -1", True),
        ("a*", {}, r"not an expression", False),
        ("a*b", {"a": "two"}, r"The value of a is a number, such as 1\.5", False),
        ("__import__('os')", {}, r"There is no function __import__", False),
    ],
)
def test_what_is_wrong_is_told(text, values, said, drawn):
    reply = page.expression(text, values)
    assert re.search(said, reply["error"])
    assert ("html" in reply) is drawn
    assert "page.py" not in str(reply)
    assert "return parse" not in str(reply)


def test_a_cell_shows_what_a_notebook_shows():
    notebook = page.Notebook()
    assert notebook.run("import sys\nx = 2\nprint(x); print('warn', file=sys.stderr)\nx + 1") == (
        [{"kind": "text", "text": "2\n"}, {"kind": "warning", "text": "warn\n"},
         {"kind": "result", "text": "3"}],
        3,
    )  # fmt: skip
    shown, _ = notebook.run("from autograd_lite import Value, draw\ndisplay(x)\ndraw(Value(x) * 3)")
    assert [output["kind"] for output in shown] == ["result", "html"]
    [wrong], _ = notebook.run("def f(x):\n    return 1 / x\n\nf(0)")
    assert wrong["kind"] == "error"
    assert wrong["text"].splitlines()[1] == '  File "<cell 3>", line 4, in <module>'
    assert wrong["text"].endswith("ZeroDivisionError: division by zero")
    [wrong], _ = notebook.run("x =")
    assert wrong["text"].endswith("SyntaxError: invalid syntax")


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_runs(name):
    example = EXAMPLES[name]
    asked = {"what": "program", "code": example["code"]} if "code" in example else {
        "what": "expression", "text": example["text"], "values": example["values"]}  # fmt: skip
    reply = json.loads(page.answer(json.dumps(asked)))
    assert "error" not in reply
    assert "error" not in [output["kind"] for output in reply.get("outputs", ())]
    assert "html" in reply or reply["outputs"]


def test_the_build_has_every_file_of_the_folder():
    build = loaded("build")
    own = {file.name for file in FOLDER.iterdir() if file.is_file()}
    assert own - set(build.OWN) == {"build.py", "README.md"}
    text = (FOLDER / "index.html").read_text("utf-8")
    views = re.findall(r'<option value="([a-z]\S*)"', text)
    assert views == list(page.VIEWS)


# --- the page, in Chromium, without a network -----------------------------------------------------


def built():
    if not (BUILD / "versions.txt").exists():
        pytest.skip("the page is not built: python docs/play/build.py")
    return BUILD


@pytest.fixture(scope="module")
def server():
    with served(built()) as address:
        yield address


#: Whether the browser keeps the folder's files.
ACTIVE = "async () => Boolean((await navigator.serviceWorker.getRegistration())?.active)"
#: Whether the browser keeps the memory of a Python that has started; and how it loses it.
KEPT = "async () => Boolean(await caches.match(new URL('memory', location)))"
FORGET = "async () => Promise.all((await caches.keys()).map("
FORGET += "async name => (await caches.open(name)).delete(new URL('memory', location))))"


class Site:
    """The page, loaded, and from then on cut off; it reports what its console says."""

    def __init__(self, browser, address, **options):
        self.problems = []
        self.context = browser.new_context(viewport={"width": 1280, "height": 800}, **options)
        self.page = self.context.new_page()
        self.page.on("console", lambda message: self.note(message.type, message.text))
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        start = time.perf_counter()
        self.page.goto(address)
        self.ready()
        self.seconds = time.perf_counter() - start
        self.page.wait_for_function(ACTIVE)
        self.context.set_offline(True)

    def note(self, kind, text):
        if kind in ("error", "warning"):
            self.problems.append(text)

    def ready(self):
        self.page.locator("html[data-state=ready]").wait_for(timeout=120_000)

    @property
    def player(self):
        return self.page.frame_locator("#frame")

    def open(self, link):
        """What the link shows, where it is another one than before."""
        self.page.evaluate("link => { location.hash = link }", link)
        self.settle()

    def settle(self):
        self.page.wait_for_timeout(50)  # so that the request is under way
        self.ready()
        self.page.wait_for_timeout(50)
        if self.page.locator("#frame").is_visible():
            self.player.locator("html.live").wait_for()

    def link(self):
        return self.page.evaluate("location.hash")

    def numbers(self):
        return {field.get_attribute("name"): field.input_value()
                for field in self.page.locator("#numbers input").all()}  # fmt: skip


@pytest.fixture(scope="module")
def site(browser, server):
    opened = Site(browser, server, permissions=["clipboard-read", "clipboard-write"])
    print(f"the first picture after {opened.seconds:.1f} s")
    yield opened
    opened.context.close()
    assert opened.problems == []


@pytest.mark.browser
def test_the_readmes_example_is_there_at_once(site):
    site.open("#")
    assert site.page.locator("#code").input_value() == "o = tanh(x1*w1 + x2*w2 + b)"
    assert site.player.locator("#picture .ag-value").count() == 10
    site.player.locator("#last").click()
    assert "−1.5" in site.player.locator("#ag-n0").text_content()  # of x1


@pytest.mark.browser
@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_shows_something_without_a_network(site, name):
    site.open(f"#x={name}")
    assert site.page.locator("#problem").is_hidden()
    assert site.page.locator(".output-error").count() == 0
    assert site.page.locator("#frame").is_visible() or site.page.locator(".output").count() > 0


@pytest.mark.browser
def test_grad_hessian_and_a_training(site):
    site.open("#x=grad")
    said = site.page.locator(".output-text").inner_text()
    assert [float(x) for x in re.findall(r"-?\d+\.?\d*", said)] == [-2, 400, -798, 0, 0, 200]
    site.open("#x=fit")
    assert "60 epochs" in site.page.locator(".output-html img").get_attribute("alt")


@pytest.mark.browser
def test_type_and_draw_and_move_a_number_and_open_the_link_again(site, browser, server):
    site.open("#x=neuron")
    site.page.locator("#code").fill("d = p*q; L = tanh(d + b)")
    site.page.keyboard.press("Enter")
    site.settle()
    assert site.numbers() == {"p": "2", "q": "-3", "b": "6.881373587019543"}  # b was there
    assert site.player.locator("#picture .ag-value").count() == 6
    site.page.locator("#numbers [name=b]").fill("13/2")
    site.page.keyboard.press("Enter")
    site.settle()
    site.player.locator("#whatif summary").click()
    site.player.get_by_label("p", exact=True).fill("2.25")
    assert site.numbers() == {"p": "2.25", "q": "-3", "b": "6.5"}
    site.player.locator("#next").click()
    site.player.locator("#next").click()
    link = site.link()
    assert link == "#e=d%20=%20p*q;%20L%20=%20tanh(d%20+%20b)&n=p:2.25,q:-3,b:6.5&step=3"

    site.open("#x=mlp")
    site.open(link)
    assert site.link() == link
    assert site.numbers() == {"p": "2.25", "q": "-3", "b": "6.5"}
    assert site.player.locator("#count").inner_text() == "3 / 9"
    assert "−6.75" in site.player.locator("#picture").text_content()


@pytest.mark.browser
def test_moved_numbers_of_a_program_are_in_its_link(site):
    site.open("#x=loop")
    site.player.locator("#whatif summary").click()
    site.player.get_by_label("r", exact=True).fill("2.5")
    assert site.link().startswith("#x=loop&n=r:2.5")
    link = site.link()
    site.open("#x=small")
    site.open(link)
    assert site.link() == link
    assert "r = 2.5" in site.player.locator("#changed").inner_text()


@pytest.mark.browser
def test_a_quiz_is_played_through(site):
    site.open("#e=L%20=%20a*w&n=a:2,w:-3&view=quiz-gradients")
    player = site.player
    assert player.locator("#quiz").is_hidden()
    for answer in ("-3", "2"):
        while player.locator("#form").is_hidden():
            player.locator("#next").click()
        player.locator("#answer").fill(answer)
        player.locator("#check").click()
    assert player.locator("#sum").inner_text().startswith("2 of 2 right, 2 at the first try")
    assert player.locator("#code").input_value().startswith("AGQ1.")


@pytest.mark.browser
def test_broken_runs_copies_and_the_embedded_page(site):
    site.open("#x=two-uses&view=fault-overwrite")
    site.player.locator("#jump").click()
    assert "broken" in site.player.locator("#picture").text_content()
    for button, has in (
        ("#python", 'fault="overwrite"'),
        ("#link", "#x=two-uses&view=fault-overwrite"),
        ("#embed", '&amp;embed"'),
    ):
        site.page.locator(button).click()
        site.page.locator(f"{button}:text('Copied')").wait_for()
        assert has in site.page.evaluate("navigator.clipboard.readText()")
    site.open("#x=two-uses&embed")
    assert site.page.locator("#form").is_hidden()
    assert site.page.locator("#whole").get_attribute("href").endswith("#x=two-uses")
    frame = site.page.locator("#frame").bounding_box()
    assert frame["height"] > 700


@pytest.mark.browser
def test_a_program_of_a_link_waits_for_a_click_and_can_be_stopped(site):
    site.open("#p=print(6*7)")
    assert site.page.locator("#trust").is_visible()
    assert site.page.locator(".output").count() == 0
    site.page.locator("#draw").click()
    site.settle()
    assert site.page.locator(".output").inner_text().strip() == "42"
    site.page.locator("#code").fill("while True: pass")
    site.page.locator("#draw").click()
    site.page.locator("#stop").click()
    site.page.locator("#problem:has-text('stopped')").wait_for()
    site.ready()
    site.open("#x=small")
    assert site.player.locator("#picture .ag-value").count() > 0


@pytest.mark.browser
def test_random_numbers_are_others_in_a_python_that_starts_anew(site):
    site.page.wait_for_function(KEPT)
    said = []
    for code in ("import random; random.random()", "while True: pass") * 2:
        site.page.locator("#code").fill(code)
        site.page.locator("#draw").click()
        if "while" in code:
            site.page.locator("#stop").click()
            site.page.locator("#problem:has-text('stopped')").wait_for()
            site.ready()
        else:
            site.settle()
            said.append(float(site.page.locator(".output").inner_text()))
    assert said[0] != said[1]


@pytest.mark.browser
@pytest.mark.parametrize("remembers", [True, False])
def test_a_second_visit_needs_no_network(browser, remembers):
    """Nor does Python's memory have to be there: it is started from its files then."""
    with served(built()) as address:
        first = Site(browser, address)
        first.page.wait_for_function(KEPT)
        if not remembers:
            first.page.evaluate(FORGET)
        first.page.close()
    first.page = first.context.new_page()
    first.page.goto(f"{address}#e=p*2&n=p:4")
    first.settle()
    assert "8" in first.player.locator("#picture").text_content()
    first.context.close()


@pytest.mark.browser
def test_a_new_build_is_shown_at_once_and_the_old_one_dropped(browser, tmp_path):
    build, files = loaded("build"), tmp_path / "play"
    shutil.copytree(built(), files)
    with served(files) as address:
        old = Site(browser, address)
        old.page.wait_for_function(KEPT)
        for name in build.OWN:
            shutil.copyfile(FOLDER / name, files / name)
        with (files / "play.js").open("a") as script:
            script.write("document.title = 'New';")
        build.stamp(files)
        old.context.set_offline(False)
        for _ in range(2):
            old.page.reload()
            old.ready()
            assert old.page.title() == "New"
        version = (files / "built.txt").read_text()
        old.page.wait_for_function(
            "async version => (await caches.keys()).every(name => name.endsWith(version))",
            arg=version,
        )
        old.context.close()


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [(1280, 800), (390, 844)])
def test_it_fits_and_axe_finds_no_fault(site, scheme, size):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    site.page.set_viewport_size(dict(zip(("width", "height"), size, strict=True)))
    site.page.emulate_media(color_scheme=scheme)
    for link in ("#x=neuron", "#e=log(x)&n=x:-1", "#x=grad"):
        site.open(link)
        assert axe.Axe().run(site.page).response["violations"] == []
        assert site.page.evaluate("document.documentElement.scrollWidth") <= size[0]
        if link == "#x=neuron":
            play = site.player.locator("#play").bounding_box()
            assert play["y"] + play["height"] <= size[1]
