"""The terminal reader: keys, pipes, colours, encodings."""

import io
import re
import sys

import pytest

from autograd_lite import Value
from autograd_lite.stepping import explain, show, step_through, steps, transcript


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def listing():
    x = Value(3.0, label="x")
    y = x * x
    y.label = "y"
    return steps(y)


def session(listing, keys: str) -> str:
    screen = Terminal()
    show(listing, screen, Terminal(keys))
    return screen.getvalue()


def shown(text: str) -> list[str]:
    return [line.split("[")[0] for line in text.splitlines() if line.startswith(("For", "Back"))]


def test_a_pipe_gets_every_step(listing):
    output = io.StringIO()
    show(listing, output, Terminal("q\n"))
    assert output.getvalue() == transcript(listing) + "\n"
    output = Terminal()
    show(listing, output, io.StringIO("q\n"))
    assert output.getvalue() == transcript(listing) + "\n"


def test_keys(listing, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    text = session(listing, "\n4\np\nq\n")
    assert shown(text) == [
        "Forward: compute y",
        "Backward: begin at y",
        "Backward: from y to x",
        "Backward: from y to x",
    ]
    assert "\033" not in text
    assert "[1/4] Enter next · p previous · a number jumps · q quits" in text


def test_numbers_and_p_stay_within_the_list(listing, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")

    def at(keys):
        return [int(i) for i in re.findall(r"\[(\d+)/4\]", session(listing, keys))]

    assert at("p\n\np\np\nq\n") == [1, 1, 2, 1, 1]
    assert at("1\n4\nb\nB\n0\n5\nQ\n") == [1, 1, 4, 3, 2, 2, 2]


def test_enter_on_the_last_step_and_the_end_of_the_input_leave(listing, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    assert len(shown(session(listing, "\n" * 20))) == 4
    assert len(shown(session(listing, ""))) == 1
    assert len(shown(session(listing, "p\np\n"))) == 3


def test_a_wrong_key_is_explained(listing, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    assert "'99' is none of: Enter, p, a number from 1 to 4, q." in session(listing, "99\nq\n")


def test_colours(listing, monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert "\033[1;36mForward: compute y\033[0m" in session(listing, "q\n")
    monkeypatch.setenv("TERM", "dumb")
    assert "\033" not in session(listing, "q\n")


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_encodings_without_the_signs_of_mathematics(listing, encoding):
    raw = io.BytesIO()
    output = io.TextIOWrapper(raw, encoding=encoding, newline="\n")
    show(listing, output, io.StringIO())
    output.flush()
    text = raw.getvalue().decode(encoding)
    expected = (
        "dy/dx += dy/dy · ∂y/∂x₍₁₎ = "
        if encoding == "utf-8"
        else "dy/dx += dy/dy * del y/del x(1) = "
    )
    assert expected in text


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "gbk", "latin-1", "utf-8"])
def test_what_is_printed_can_be_printed_anywhere(monkeypatch, encoding):
    x = Value(3.0, label="x")
    y = (x * x).sqrt() - 1 / x**0.5 + x.sigmoid()
    raw = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(raw, encoding=encoding, newline="\n"))
    results = [*steps(y), steps(y), explain(y, x), [explain(y, x)], step_through(y)]
    for result in results:
        print(result)
    sys.stdout.flush()
    text = raw.getvalue().decode(encoding)
    assert (" · ∂(x·x)/∂x₍₂₎ = " in text) == (encoding == "utf-8")
    assert (" * del (x*x)/del x(2) = " in text) == (encoding != "utf-8")
    assert "?" not in text
    assert "∂" in steps(y)[0].text  # whatever is printed
    assert "∂" in explain(y, x).text


@pytest.mark.parametrize(
    ("n", "plain"), [(2, "2"), (4, "4"), (-1, "-1"), (-0.5, "-0.5"), (12, "12")]
)
def test_exponents_in_plain_signs(n, plain):
    raw = io.BytesIO()
    output = io.TextIOWrapper(raw, encoding="ascii", newline="\n")
    show(steps(Value(4.0, label="x") ** n * Value(2.0, label="b")), output, io.StringIO())
    output.flush()
    assert f"(x^{plain}) * b = " in raw.getvalue().decode("ascii")
