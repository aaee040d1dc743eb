"""The bar of ``fit(progress=True)``: how it moves, and what it says."""

import re

import pytest

from autograd_lite.progress import bar

pytest.importorskip("tqdm")


def test_the_bar_moves_once_an_epoch_and_shows_the_latest_numbers(capsys):
    with bar(4, shown=True) as advance:
        for epoch in range(4):
            advance({"loss": [1.0] * epoch + [0.125], "accuracy": [0.5] * epoch + [1 - epoch / 4]})
    out, err = capsys.readouterr()
    assert out == ""
    states = [state for state in err.split("\r") if state.strip()]
    assert re.fullmatch(r"  0% \|[^|]{24}\| 0/4    00:00", states[0].rstrip())
    last = r"100% \|█{24}\| 4/4  loss 0\.1250  accuracy 0\.2500  00:\d\d"
    assert re.fullmatch(last, states[-1].rstrip())


def test_no_bar_says_nothing(capsys):
    with bar(4, shown=False) as advance:
        advance({"loss": [1.0]})
    assert capsys.readouterr() == ("", "")
