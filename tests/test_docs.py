"""The code of README, CONTRIBUTING and docs that is no doctest: commands, recipes, engines."""

import doctest
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograd_lite import cli

ROOT = Path(__file__).parent.parent
PAGES = [
    *(ROOT / name for name in ("README.md", "README.zh.md", "CONTRIBUTING.md")),
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "docs/howto").glob("*.md")),
    *sorted((ROOT / "docs/questions").glob("*.md")),
]
#: What runs the blocks of a kind: of ``python`` also doctest, and for JAX's page test_jax.py;
#: of ``sh``, which install and test, the continuous integration.
RUN = {"python", "{code-cell} python", "text", "diff", "sh", "{raw} html", "{toctree}"}


def blocks(path: Path) -> list[tuple[str, str]]:
    """The kind and the text of each fenced block."""
    text = path.read_text("utf-8")
    return re.findall(r"^ *```([^`\n]+)\n(.*?)^ *```$", text, re.M | re.S)


def programs(path: Path) -> str:
    """What is Python and no doctest, in one."""
    found = [text for kind, text in blocks(path) if kind == "python"]
    return "".join(text for text in found if not re.search("^ *>>>", text, re.M))


def test_no_block_is_of_a_kind_that_nothing_runs() -> None:
    found = {kind for path in PAGES for kind, _ in blocks(path)}
    assert len(found) > 4
    assert found <= RUN


OTHERS = [
    pytest.param(path, marks=() if "import jax" in programs(path) else pytest.mark.notebook)
    for path in PAGES
    if programs(path) and path.name != "jax.md"
]


@pytest.mark.parametrize("path", OTHERS, ids=lambda path: path.stem)
def test_what_is_no_doctest_runs_with_jax_where_it_asks_for_it(path: Path, tmp_path: Path) -> None:
    """After the doctests of its page; claims about JAX where it is installed."""
    program = programs(path)
    if "import jax" in program:
        pytest.importorskip("jax")
    else:
        program = doctest.script_from_examples(path.read_text("utf-8")) + program
    run(program, tmp_path)


def run(program: str, folder: Path, package: Path = ROOT) -> None:
    environment = {**os.environ, "PYTHONPATH": str(package), "JAX_PLATFORMS": "cpu"}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, cwd=folder
    )
    assert done.returncode == 0, done.stderr[-3000:]


COMMANDS = sorted(
    {
        line
        for path in PAGES
        for kind, text in blocks(path)
        if kind in ("text", "sh")
        for line in text.splitlines()
        if re.match("autograd-lite (draw|step|check) ", line)
    }
)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_runs(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(shlex.split(command)[1:]) in (0, None)


USES = """
import autograd_lite as ag
from autograd_lite import Value, draw, nn, ops, optim
from autograd_lite.drawing import themes
from autograd_lite.nn import containers

assert abs(ag.mish(1.0) - 0.8650983882673103) < 1e-15
assert abs(ag.grad(ag.mish)(1.0) - 1.0490362200997922) < 1e-14
assert nn.MLP(2, [3, 1], activation="mish")([1.0, 2.0]).data
gated = containers.Gated(nn.Layer(2, 2, nonlin=False))
assert len(gated.parameters()) == 6 and len(gated([1.0, 2.0])) == 2
w = Value(1.0, label="w")
(w * w).backward()
optim.SignSGD([w], 0.25).step()
assert w.data == 0.75
assert "#FBF3E4" in draw(w * w, theme="sepia").to_dot()
"""


def test_the_recipes_of_contributing_work(tmp_path: Path) -> None:
    """Each diff, put into a copy of the package, gives what it says."""
    copy = tmp_path / "autograd_lite"
    shutil.copytree(
        ROOT / "autograd_lite", copy, ignore=shutil.ignore_patterns("__pycache__", "*.so", "*.pyd")
    )
    diffs = [text for kind, text in blocks(ROOT / "CONTRIBUTING.md") if kind == "diff"]
    files = ["ops.py", "nn/containers.py", "optim.py", "drawing/themes.py"]
    for text, name in zip(diffs, files, strict=True):
        (copy / name).write_text(patched((copy / name).read_text("utf-8"), text), "utf-8")
    run(USES, tmp_path, tmp_path)


def patched(source: str, diff: str) -> str:
    """A line that goes gives its place to the next that comes; those before stay before it."""
    waiting: list[str] = []
    gone: list[str] = []
    for line in diff.splitlines():
        if line.startswith("-"):
            gone.append(line[1:])
        elif line.startswith("+") and gone:
            old = gone.pop(0)
            assert source.count(old + "\n") == 1, old
            source = source.replace(old, "\n".join([*waiting, line[1:]]))
            waiting = []
        elif line.startswith("+"):
            waiting.append(line[1:])
        else:
            assert line[1:] in source.splitlines(), line
    return source + "\n\n" + "\n".join(waiting) + "\n"
