"""The bar of ``fit(progress=True)``: where it is shown, how it moves, and what it says."""

import contextlib
import io
import itertools
import re
import sys
import types

import IPython.display
import pytest

from autograd_lite import progress
from autograd_lite.progress import bar, line

SEEN = [{"loss": [1.0] * k + [0.125], "accuracy": [1 - k / 4]} for k in range(4)]


class Terminal(io.StringIO):
    """A stream that says it is a terminal, of whatever encoding."""

    encoding = "utf-8"

    def isatty(self):
        return True


@pytest.fixture
def terminal(monkeypatch):
    monkeypatch.setattr(progress, "PAUSE", 0.0)
    return Terminal()


def run(stream=None):
    """Four epochs, with the stream as the standard error, if there is one."""
    with contextlib.redirect_stderr(stream or sys.stderr), bar(4, shown=True) as advance:
        for seen in SEEN:
            advance(seen)


def test_in_a_terminal_it_moves_once_an_epoch_and_shows_the_latest_numbers(terminal, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    run(terminal)
    states = [state.rstrip() for state in terminal.getvalue().split("\r")[1:]]
    assert re.fullmatch(r"  0% \| {24}\| 0/4  00:00", states[0])
    last = r"100% \|█{24}\| 4/4  loss 0\.1250  accuracy 0\.2500  00:\d\d"
    assert re.fullmatch(last, states[-1])
    assert terminal.getvalue().endswith("\n")
    assert terminal.getvalue().count("\n") == 1


@pytest.mark.parametrize("columns", [120, 80, 60, 40, 25, 12])
def test_it_fits_the_terminal_and_keeps_the_loss(terminal, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", str(columns))
    run(terminal)
    states = terminal.getvalue().removesuffix("\n").split("\r")
    assert all(len(state) < columns for state in states)
    assert ("loss 0.1250" in states[-1]) == (columns >= 25)
    assert ("accuracy" in states[-1]) == (columns >= 60)


def test_no_line_is_wider_than_it_may_be_and_what_is_done_is_said():
    names = [["loss 0.1250", "accuracy 0.2500"], ["loss 1.0000"], []]
    for done, said, width in itertools.product((0, 3, 4), names, range(5, 120, 3)):
        text = line(done, 4, said, 61.0, width)
        assert len(text) <= width
        assert f"{done}/4" in text
        assert width < 16 or not said or said[0] in text


def test_a_terminal_without_blocks_gets_signs(terminal, monkeypatch):
    monkeypatch.setattr(Terminal, "encoding", "ascii")
    run(terminal)
    assert f"|{'#' * 24}| 4/4" in terminal.getvalue()
    assert terminal.getvalue().isascii()


def test_in_a_pipe_and_where_no_bar_is_wanted_nothing_is_said(capsys):
    run()
    with bar(4, shown=False) as advance:
        advance(SEEN[0])
    assert capsys.readouterr() == ("", "")


def test_in_a_notebook_one_output_is_updated(monkeypatch, capsys):
    shown, updates = [], []

    class Handle:
        def update(self, bundle, raw):
            updates.append(bundle)

    def display(bundle, raw, display_id):
        assert raw
        assert display_id is True
        shown.append(bundle)
        return Handle()

    monkeypatch.setattr(progress, "PAUSE", 0.0)
    monkeypatch.setattr(IPython, "get_ipython", lambda: types.SimpleNamespace(kernel=object()))
    monkeypatch.setattr(IPython.display, "display", display)
    run()
    assert len(shown) == 1
    assert len(updates) == 5
    assert updates[-1]["text/plain"].startswith(f"100% |{'█' * 24}| 4/4  loss 0.1250")
    assert '<progress value="4" max="4"' in updates[-1]["text/html"]
    assert "4 / 4  loss 0.1250  accuracy 0.2500" in updates[-1]["text/html"]
    assert capsys.readouterr() == ("", "")


def test_in_marimo_the_output_of_the_cell_is_replaced(monkeypatch, capsys):
    shown = []
    output = types.SimpleNamespace(replace=shown.append)
    marimo = types.SimpleNamespace(running_in_notebook=lambda: True, output=output, Html=str)
    monkeypatch.setattr(progress, "PAUSE", 0.0)
    monkeypatch.setitem(sys.modules, "marimo", marimo)
    run()
    assert len(shown) == 6
    assert "4 / 4  loss 0.1250" in shown[-1]
    assert capsys.readouterr() == ("", "")


def test_states_that_nobody_could_read_are_skipped(terminal, monkeypatch):
    monkeypatch.setattr(progress, "PAUSE", 60.0)
    run(terminal)
    assert terminal.getvalue().count("\r") == 2  # the first and the last
