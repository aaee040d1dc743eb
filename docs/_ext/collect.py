"""Brings what is written elsewhere in the project into the site, when a build begins.

A page keeps its text; its links to files of the project become links to their pages, and a link to
what is not there ends the build.
"""

import json
import re
import shutil
from os.path import relpath
from pathlib import Path
from posixpath import normpath
from typing import Any

from functions import functions, plain
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from table import primitives

DOCS = Path(__file__).parent.parent
ROOT = DOCS.parent
FOLDERS = ("course", "project", "tour")  # made here, and ignored by git

#: Of a file of the project, its page, as a path in ``docs/``.
PAGES = {
    "README.md": "tour/index.md",
    "README.zh.md": "tour/zh.md",
    "CONTRIBUTING.md": "project/contributing.md",
    "CHANGELOG.md": "project/changelog.md",
    "benchmarks/README.md": "project/benchmarks.md",
}
#: What is printed here, and what it is to those who link to it from elsewhere.
PRINTED = {"docs/primitives.md": "reference/primitives.md"}

LINK = re.compile(r"(\]\()([^)#\s:]+)(#[^)\s]*)?(\))")


def sources() -> dict[str, str]:
    """What is collected: a path in the project, and that in ``docs/``."""
    notebooks = [
        path for path in sorted((ROOT / "notebooks").rglob("*")) if path.is_file()
        and path.suffix in (".ipynb", ".gif", ".png", ".svg", ".csv", ".json")
        and ".ipynb_checkpoints" not in path.parts
    ]  # fmt: skip
    found = {path.relative_to(ROOT).as_posix(): path for path in notebooks}
    return PAGES | {name: name.replace("notebooks/", "course/", 1) for name in found}


def led(text: str, source: str, page: str, pages: dict[str, str]) -> str:
    """The text with its links as they are from the page."""

    def link(match: re.Match[str]) -> str:
        before, target, anchor, after = match.groups()
        file = normpath(f"{Path(source).parent.as_posix()}/{target}")
        if not (ROOT / file).exists():
            raise ExtensionError(f"{source}: a link to {target}, which is not there.")
        home = pages.get(file) or file.removeprefix("docs/")
        if home == file:  # no page: the file itself
            home = f"../{file}"
        way = Path(relpath(home, Path(page).parent)).as_posix()
        return f"{before}{way}{anchor or ''}{after}"

    return LINK.sub(link, text)


def collect(app: Sphinx) -> None:
    found = sources()
    pages = found | PRINTED
    made = {
        "reference/functions.md": functions().encode(),
        "reference/primitives.md": primitives().encode(),
    }
    for source, page in found.items():
        content = (ROOT / source).read_bytes()
        if page.endswith(".md"):
            content = led(content.decode(), source, page, pages).encode()
        elif page.endswith(".ipynb"):
            notebook = json.loads(content)
            for cell in notebook["cells"]:
                if cell["cell_type"] == "markdown":
                    cell["source"] = led("".join(cell["source"]), source, page, pages)
            content = json.dumps(notebook, indent=1).encode()
        made[page] = content
    for path in [path for folder in FOLDERS for path in (DOCS / folder).rglob("*.*")]:
        if path.relative_to(DOCS).as_posix() not in made:
            path.unlink()
    for page, content in made.items():
        path = DOCS / page
        if not path.exists() or path.read_bytes() != content:  # else Sphinx reads it again
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


def block(app: Sphinx, name: str, source: list[str]) -> None:
    """A doctest ends with an empty line, which nobody needs to see."""
    source[0] = re.sub(r"\n\n( *```\n)", r"\n\1", source[0])


def docstring(*event: Any) -> None:
    *_, lines = event
    lines[:] = plain(lines)


def listing(app: Sphinx, name: str, template: str, context: dict[str, Any], *_: object) -> None:
    """A page of source: its links back miss where a module is documented under several names."""
    if name.startswith("_modules/") and "body" in context:
        context["body"] = re.sub('<a class="viewcode-back".*?</a>', "", context["body"])


def play(app: Sphinx, problem: Exception | None) -> None:
    """The page with Python in it, where ``docs/play`` was built."""
    if problem is None and app.builder.format == "html" and (DOCS / "play" / "build").is_dir():
        shutil.copytree(DOCS / "play" / "build", Path(app.outdir) / "play", dirs_exist_ok=True)


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("builder-inited", collect)
    app.connect("source-read", block)
    app.connect("autodoc-process-docstring", docstring)
    app.connect("html-page-context", listing)
    app.connect("build-finished", play)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
