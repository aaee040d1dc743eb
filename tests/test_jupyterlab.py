"""A chapter of the course in a real JupyterLab: untrusted, as it came, then run, dark and light.

It starts a server and takes half a minute, so it runs only where JUPYTERLAB is set:
``JUPYTERLAB=1 pytest -m browser tests/test_jupyterlab.py``.
"""

import os
import socket
import subprocess
import sys
import time
import urllib.request
import warnings
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parent.parent
NOTEBOOK = "01_a_number_and_its_history.ipynb"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif("JUPYTERLAB" not in os.environ, reason="JUPYTERLAB is not set: slow"),
]


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """The address of a JupyterLab with the notebook, and with settings of its own."""
    pytest.importorskip("jupyterlab")
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    folder = tmp_path_factory.mktemp("lab")
    notebook = nbformat.read(CHECKOUT / "notebooks" / NOTEBOOK, as_version=4)
    with pytest.MonkeyPatch.context() as patched, warnings.catch_warnings():
        warnings.simplefilter("default")  # what Jupyter's own packages warn of is theirs
        patched.setenv("PYTHONPATH", str(CHECKOUT))
        nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    nbformat.write(notebook, folder / NOTEBOOK)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {
        "PYTHONPATH": str(CHECKOUT),
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
    }
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}",
        "--ip=127.0.0.1", "--IdentityProvider.token=", f"--ServerApp.root_dir={folder}",
    ]  # fmt: skip
    with open(folder / "log", "wb") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(120):
            try:
                urllib.request.urlopen(f"{address}/api", timeout=5).close()
                break
            except OSError:
                time.sleep(0.5)
        else:
            pytest.fail((folder / "log").read_text(errors="replace")[-2000:])
        yield address
    finally:
        server.terminate()
        server.wait(20)


def frames(page):
    return [frame for frame in page.frames if frame.parent_frame and frame.url == "about:srcdoc"]


def test_the_notebook_in_jupyterlab(browser, lab, tmp_path):
    context = browser.new_context(viewport={"width": 1300, "height": 900})
    page = context.new_page()
    page.set_default_timeout(60_000)
    # a workspace of its own, or a restored tab answers the selectors first
    page.goto(f"{lab}/lab/workspaces/auto-x/tree/{NOTEBOOK}?reset")
    picture = page.locator(".autograd-lite-fallback img").first
    picture.scroll_into_view_if_needed()
    picture.wait_for()  # not trusted yet: picture and transcript
    assert page.locator(".autograd-lite-frame").count() == 0
    assert picture.evaluate("e => e.naturalWidth") > 300
    plain, typeset = (
        page.locator(".autograd-lite pre").first,
        page.locator(".autograd-lite math").first,
    )
    plain.scroll_into_view_if_needed()
    plain.wait_for()  # of an explanation the text
    assert page.locator(".autograd-lite math").count() == 0

    page.locator(".jp-Notebook").press("Escape")
    page.get_by_text("Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    live = page.locator(".autograd-lite-frame").first
    live.wait_for()
    live.scroll_into_view_if_needed()
    page.wait_for_function("document.querySelector('.autograd-lite-frame').style.height !== ''")
    assert not page.locator(".autograd-lite-fallback").first.is_visible()
    typeset.scroll_into_view_if_needed()
    assert not plain.is_visible()
    frame = frames(page)[0]
    frame.locator("#next").click()
    assert frame.locator("#count").text_content() == "2 / 10"
    assert frame.locator("html.dark").count() == 0
    page.evaluate("document.body.setAttribute('data-jp-theme-light', 'false')")
    frame.locator("html.dark").wait_for()
    play(page)
    context.close()


def play(page):
    """The quiz, up to the code at its end, in the dark and then in the light."""
    there = page.locator("iframe[title^=Quiz]")
    there.scroll_into_view_if_needed()
    quiz = page.frame_locator("iframe[title^=Quiz]")
    quiz.locator("html.dark").wait_for()
    form, card = quiz.locator("#form"), quiz.locator("#card")
    while not form.is_visible():
        quiz.locator("#next").click()
    quiz.locator("#answer").fill("1234")
    quiz.locator("#check").click()
    assert quiz.locator("#verdict").text_content().startswith("Wrong")
    page.evaluate("document.body.setAttribute('data-jp-theme-light', 'true')")
    quiz.locator("html:not(.dark)").wait_for()
    while not card.is_visible():
        quiz.locator("#hint" if form.is_visible() else "#next").click()
    assert quiz.locator("#code").input_value().startswith("AGQ1.")
    inside, button = there.bounding_box(), quiz.locator("#copy").bounding_box()
    assert button["y"] + button["height"] < inside["y"] + inside["height"]
