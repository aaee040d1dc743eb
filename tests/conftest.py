"""What several test files share: a real Chromium, and no machine code of an earlier run."""

import os
import shutil
from pathlib import Path

import pytest

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
ADDRESS = "http://page.test/"

os.environ["AUTOGRAD_LITE_CACHE"] = "off"

collect_ignore = ["typed_user.py", "typed_mistakes.py"]  # for type checkers: see test_typing.py


@pytest.fixture(scope="session")
def browser():
    """Headless Chromium: ``CHROMIUM``, the system's, or the one that Playwright installed."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as driver:
        found = os.environ.get("CHROMIUM") or shutil.which("chromium")
        if found is None and not Path(driver.chromium.executable_path).exists():
            pytest.skip("there is no Chromium; apt or playwright can install chromium")
        launched = driver.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture
def open_page(browser):
    """Open HTML text in a page of its own.

    The test fails where the page asks for anything else, or its console reports a problem that
    does not contain ``allowed``.
    """
    contexts, problems = [], []

    def open_(html, *, headers=None, allowed=None, **options):
        context = browser.new_context(**options)
        contexts.append(context)

        def answer(route):
            if route.request.url == ADDRESS:
                route.fulfill(body=html, headers={"content-type": "text/html", **(headers or {})})
            else:
                problems.append(route.request.url)
                route.abort()

        def note(message):
            if message.type in ("error", "warning") and (
                allowed is None or allowed not in message.text
            ):
                problems.append(message.text)

        context.route("**/*", answer)
        page = context.new_page()
        page.on("console", note)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(ADDRESS)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert not problems
