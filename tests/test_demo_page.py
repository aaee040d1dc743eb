"""The demo's page in a real browser: on a desk and on a phone, in light and in dark."""

import pytest

from autograd_lite import demo
from autograd_lite.film import inside

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inside, "MOST_VALUES", 0)  # no player: it takes a second to draw
        demo.run(folder, epochs=3, progress=False)
    return (folder / "demo.html").as_uri()


@pytest.fixture(
    scope="module",
    params=[(1280, "light"), (1280, "dark"), (390, "dark"), (320, "light")],
    ids=lambda param: f"{param[0]}-{param[1]}",
)
def page(request, browser, url):
    """The page, opened; ``page.complaints`` holds what the console said and what was asked for."""
    width, theme = request.param
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=theme)
    page = context.new_page()
    page.complaints, page.theme = [], theme
    page.on("console", lambda message: page.complaints.append(message.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on(
        "request",
        lambda r: r.url.startswith(("file:", "data:")) or page.complaints.append(r.url),
    )
    page.goto(url)
    yield page
    context.close()


def test_the_page_opens_without_a_complaint_and_without_a_network(page):
    assert page.complaints == []
    assert page.locator("h1").inner_text() == "A network learns two moons"
    assert page.locator("figure svg").count() == 4


def test_nothing_but_wide_pictures_scrolls_sideways(page):
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    clipped = page.evaluate(
        "[...document.querySelectorAll('h1, h2, p, dt, dd')]"
        ".filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.textContent)"
    )
    assert clipped == []


def test_the_pictures_follow_the_theme(page):
    background = page.evaluate(
        "getComputedStyle(document.querySelector('.network svg polygon')).fill"
    )
    assert background == {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 24, 28)"}[page.theme]
    colours = page.evaluate(
        "[...document.querySelectorAll('svg text, svg path')].map(e => getComputedStyle(e).fill)"
    )
    assert "" not in colours


def test_axe_finds_no_fault(page):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    faults = axe.Axe().run(page).response["violations"]
    assert [(fault["id"], fault["nodes"][0]["html"][:200]) for fault in faults] == []


def test_wide_pictures_can_be_scrolled_by_keyboard(page):
    figures = page.locator("figure[tabindex]").all()
    assert [figure.get_attribute("class") for figure in figures] == ["network", "neuron"]
    if page.viewport_size["width"] < 500:
        assert figures[0].evaluate("e => e.scrollWidth > e.clientWidth")
    for figure in figures:
        wide = figure.evaluate("e => e.scrollWidth > e.clientWidth")
        figure.focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(250)
        assert (figure.evaluate("e => e.scrollLeft") > 0) == wide
