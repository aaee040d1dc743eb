"""The site as it was built: nothing is missing, no link is dead, nothing asks another host.

``python -m sphinx -W --keep-going -b html docs docs/_build/html`` builds it, and ``SITE`` names
another place.
"""

import importlib
import json
import os
import re
import zlib
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from serving import served

import autograd_lite
from autograd_lite.engine.primitive import TABLE

ROOT = Path(__file__).parent.parent
SITE = Path(os.environ.get("SITE", ROOT / "docs/_build/html"))
BUILT = SITE / "objects.inv"
pytestmark = [
    pytest.mark.site,
    pytest.mark.skipif(not BUILT.exists(), reason=f"there is no site in {SITE}; build it first"),
]
MODULES = ("compiler", "course", "datasets", "drawing", "film", "nn", "optim", "plots", "stepping")
EXAMPLES = {
    example["name"] for example in json.loads((ROOT / "docs/play/examples.json").read_text("utf-8"))
}
ASKING = {"script": "src", "img": "src", "iframe": "src", "source": "src", "link": "href"}


class Page(HTMLParser):
    """What an HTML file refers to, and the places in it that can be referred to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.asked: list[str] = []
        self.places: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.places |= {given[name] for name in ("id", "name") if name in given}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if tag in ASKING and ASKING[tag] in given:
            self.asked.append(given[ASKING[tag]])


@cache
def page(path: Path) -> Page:
    return Page(path.read_text("utf-8"))


def pages() -> list[Path]:
    return [path for path in SITE.rglob("*.html") if "play" not in path.relative_to(SITE).parts]


def documented() -> set[str]:
    """The names in the site's inventory."""
    content = BUILT.read_bytes()
    body = zlib.decompress(content.split(b"\n", 4)[4]).decode()
    return {line.split(" ", 1)[0] for line in body.splitlines() if " py:" in line}


def public() -> set[str]:
    names = {f"autograd_lite.{name}" for name in autograd_lite.__all__}
    for module in MODULES:
        room = importlib.import_module(f"autograd_lite.{module}")
        listed = getattr(room, "__all__", ())
        names |= {f"autograd_lite.{module}.{name}" for name in listed}
    return names


def test_every_public_name_has_its_place_in_the_reference() -> None:
    found = documented()
    shown = {name.rpartition(".")[2] for name in found}  # compile is documented under one name
    missing = {name for name in public() if name not in found}
    assert {name for name in missing if name.rpartition(".")[2] not in shown} == set()
    assert {name for name in missing if name.count(".") == 1} == set()


def test_every_primitive_has_its_formula_its_slopes_and_its_picture() -> None:
    text = (SITE / "reference/primitives.html").read_text("utf-8")
    sections = {re.sub("<.*?>", "", part).partition("#")[0]: part for part in text.split("<h3>")}
    for name, op in TABLE.items():
        (title,) = [found for found in sections if re.fullmatch(rf"{name}(\(.*\))?", found)]
        assert sections[title].count('<div class="math">') >= 1 + (op.arity or 0), name
        drawn = re.findall('<path class="(?:value|slope)" d="M[^"]{20,}"', sections[title])
        assert len(drawn) == (2 if op.arity else 0), name


def test_nothing_asks_another_host() -> None:
    asked = {target for path in pages() for target in page(path).asked}
    assert len(asked) > 10
    assert {target for target in asked if re.match("(https?:)?//", target)} == set()
    styles = [path.read_text("utf-8") for path in SITE.rglob("*.css")]
    assert [hit for text in styles for hit in re.findall(r"url\([\"']?(?:https?:)?//", text)] == []


def test_no_link_is_dead() -> None:
    dead = set()
    for path in pages():
        for link in page(path).links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                assert re.fullmatch("https://[a-z0-9.-]+", f"{parts.scheme}://{parts.netloc}"), link
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if target.is_dir():
                target /= "index.html"
            lost = not target.exists()
            if not lost and parts.fragment and target.suffix == ".html":
                lost = unquote(parts.fragment) not in page(target).places
            if parts.path == "play/index.html":  # built or not; its examples have names
                lost = parts.fragment[2:] not in {"", *EXAMPLES}
            if lost and link != "#":
                dead.add((path.relative_to(SITE).as_posix(), link))
    assert dead == set()


def test_what_is_for_language_models_leads_to_text() -> None:
    links = re.findall(r"\]\(([^)]+)\)", (SITE / "llms.txt").read_text("utf-8"))
    assert len(links) > 20
    assert [link for link in links if not (SITE / link).is_file()] == []
    whole = (SITE / "llms-full.txt").read_text("utf-8")
    functions = [name for name in autograd_lite.__all__ if callable(getattr(autograd_lite, name))]
    assert [name for name in functions if f"\n## autograd_lite.{name}(" not in whole] == []


def test_it_stays_small() -> None:
    files = [path for path in SITE.rglob("*") if path.is_file() and ".doctrees" not in path.parts]
    assert sum(path.stat().st_size for path in files) < 40e6


LOOKS = {
    "light": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light"},
}
SHOWN = [
    "index", "tour/index", "course/01_a_number_and_its_history", "howto/index", "howto/big_graphs",
    "questions/nan",
    "reference/primitives", "reference/functions", "reference/nn", "compared",
]  # fmt: skip


@pytest.mark.parametrize("look", LOOKS)
def test_pages_open_without_a_complaint_and_fit(browser: Any, look: str) -> None:
    """No error on the console, no request beyond the files, nothing wider than the window."""
    tab = browser.new_context(**LOOKS[look]).new_page()
    said: list[str] = []
    tab.on("console", lambda m: said.append(m.text) if m.type in ("error", "warning") else None)
    tab.on("pageerror", lambda error: said.append(str(error)))
    tab.on("request", lambda request: said.append(request.url))
    for name in SHOWN:
        tab.goto((SITE / f"{name}.html").as_uri())
        own = ("file:", "data:", "blob:", "about:")
        assert [text for text in said if not text.startswith(own)] == [], name
        width = tab.evaluate("document.documentElement.scrollWidth")
        assert width <= LOOKS[look]["viewport"]["width"], name
        theme = tab.evaluate("document.documentElement.dataset.theme")
        assert theme == ("dark" if look == "dark" else "light")
    tab.context.close()


# --- cells that run in the page -------------------------------------------------------------------


def live(path: Path) -> list[str]:
    """The cells that a chapter tags."""
    cells = json.loads(path.read_text("utf-8"))["cells"]
    return ["".join(x["source"]) for x in cells if "live" in x["metadata"].get("tags", ())]


BOOK = ROOT / "notebooks"
COURSE = {path.relative_to(BOOK).with_suffix("").as_posix(): path for path in BOOK.rglob("*.ipynb")}
LIVE = {name: live(path) for name, path in sorted(COURSE.items()) if live(path)}


def test_a_translation_has_the_live_cells_of_its_chapter() -> None:
    assert len(LIVE) > 5
    for name in LIVE:
        if f"zh/{name}" in COURSE:
            assert LIVE[f"zh/{name}"] == LIVE[name]


@pytest.fixture(scope="module")
def tab(browser: Any) -> Iterator[Any]:
    """A tab of its own, at the site, served from this machine; it has to come without errors."""
    with served(SITE) as address:
        context = browser.new_context(base_url=address)
        opened, problems = context.new_page(), []
        opened.on("pageerror", lambda error: problems.append(str(error)))
        yield opened
        context.close()
    assert problems == []


@pytest.mark.parametrize("name", LIVE)
def test_every_live_cell_of_a_chapter_runs(tab: Any, name: str) -> None:
    """The last one's button runs them all, in order; exercises give their verdicts."""
    tab.goto(f"course/{name}.html")
    cells, button = tab.locator(".cell.tag_live"), tab.locator(".live-bar button").last
    button.click()
    tab.locator(".live-bar button:text-matches('■')").wait_for()
    tab.locator(".live-bar button:text-matches('■')").wait_for(state="detached", timeout=240_000)
    assert tab.locator(".output-error, .output-warning").all_inner_texts() == []
    assert cells.count() == cells.locator(".cell_output").count() == len(LIVE[name])
    checks = sum("course.check(" in cell for cell in LIVE[name])
    assert cells.get_by_role("group", name="Verdict").count() == checks


def test_a_live_cell_is_edited_and_run_again(tab: Any) -> None:
    tab.goto("course/01_a_number_and_its_history.html")
    cells = tab.locator(".cell.tag_live")
    source, run = cells.locator("pre[contenteditable]").first, cells.locator(".live-bar button")
    source.fill("def f(x):\n    return 2 * x\n\nf(21.0)")
    source.press("Shift+Enter")
    cells.first.locator(".output-result:text('42.0')").wait_for(timeout=120_000)
    source.fill("1/0")
    run.nth(1).click()
    cells.nth(1).locator(".output-result").wait_for()
    assert tab.locator(".output-error").count() == 0  # what has run does not run again
    run.first.click()
    assert "ZeroDivisionError" in tab.locator(".output-error").inner_text()
