"""The terminal reader: keys, pipes, colours, encodings."""

import io
import os
import re
import sys
import threading

import pytest

from autograd_lite import Value
from autograd_lite.stepping import explain, keys, show, step_through, steps, transcript
from autograd_lite.telling.formulas import LEGEND


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
    assert "[1/4] Enter next, ? keys, q quits: " in text


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


def test_a_narrow_terminal_breaks_lines_between_words(monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    long = steps(sum(Value(x, label=f"a long name {x}") * x for x in range(1, 30)))
    text = session(long, "?\nz\n101\n\n")
    bare = re.sub(r"\033\[[\d;]*m", "", text)
    assert "[1/145] ? keys: " in bare  # a number has room on the same line
    assert "  Enter, space, Right, Down, Page Down\n  the next step\n" in bare
    assert max(len(line) for line in bare.split("\n") if "keys: " not in line) <= 40
    assert not re.search(r"\d\n *\.\d|−\n", bare)  # no number is broken
    assert all(line.count("\033") in (0, 2) for line in text.split("\n"))
    monkeypatch.setenv("COLUMNS", "12")
    assert "[1/145] \n" in session(long, "")


def test_a_wrong_key_is_explained(listing, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    assert "'99' is none of: Enter, p, a number from 1 to 4, ?, q." in session(listing, "99\nq\n")


def test_letters_names_and_help_on_lines(listing, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")

    def at(keys):
        return [int(i) for i in re.findall(r"\[(\d+)/4\]", session(listing, keys))]

    assert at("n\nN\nP\n\x1b[C\n\x1b[F\n\x1b[H\n") == [1, 2, 3, 2, 3, 4, 1]
    for question in ("?\n", "h\n"):
        text = session(listing, question)
        assert "Home, End                              the first, the last\n" in text
        assert text.replace("\n  ", " ").count(LEGEND) == 1
        assert len(shown(text)) == 1  # the step is not shown again


# --- real terminals ---


@pytest.fixture
def terminal():
    """The two ends of a pseudo-terminal: the user's, as a number, and the program's."""
    pty = pytest.importorskip("pty", reason="no pseudo-terminals on this system")
    user, program = pty.openpty()
    with open(program) as keyboard:
        yield user, keyboard
    os.close(user)


def pressed(terminal, listing, typed: str, *, ready: bool = True) -> str:
    user, keyboard = terminal
    if ready:  # or the system itself takes keys typed ahead for a line to be edited
        pytest.importorskip("tty").setcbreak(keyboard)
    os.write(user, typed.encode())
    screen = Terminal()
    show(listing, screen, keyboard)
    return screen.getvalue()


RIGHT, LEFT, UP, DOWN = "\x1b[C", "\x1b[D", "\x1b[A", "\x1b[B"
PAGE_UP, PAGE_DOWN, HOME, END = "\x1b[5~", "\x1b[6~", "\x1b[H", "\x1b[F"


def test_keys_of_a_terminal_need_no_enter(listing, terminal, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")

    def at(*typed):
        text = pressed(terminal, listing, "".join(typed) + "q")
        return [int(i) for i in re.findall(r"\[(\d+)/4\]", text)]

    assert at(RIGHT, DOWN, PAGE_DOWN, LEFT, UP, PAGE_UP) == [1, 2, 3, 4, 3, 2, 1]
    assert at(END, RIGHT, " ", HOME, LEFT) == [1, 4, 4, 4, 1, 1]  # arrows do not leave
    assert at("\x1bOC\x1bOD\x1bOF\x1bOH\x1b[4~\x1b[1~") == [1, 2, 1, 4, 1, 4, 1]
    assert at("n\r \x7f", "p") == [1, 2, 3, 4, 3, 2]
    assert at("3\r", "12\x7f\r", "4\n\n") == [1, 3, 1, 4]  # Enter on the last step leaves
    assert at("3", RIGHT, "\x7f") == [1, 2, 1]  # a number without Enter is none
    assert at("?", "é", "\x1b[Z", "2\r") == [1, 1, 1, 1, 2]


def test_a_terminal_is_left_as_it_was(listing, terminal, monkeypatch):
    termios = pytest.importorskip("termios")
    monkeypatch.setenv("NO_COLOR", "1")
    _, keyboard = terminal
    before = termios.tcgetattr(keyboard)
    assert pressed(terminal, listing, "q", ready=False).endswith(" \r")  # no prompt is left
    assert termios.tcgetattr(keyboard) == before
    monkeypatch.setattr("autograd_lite.stepping.terminal._told", lambda *told: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        pressed(terminal, listing, "?", ready=False)
    assert termios.tcgetattr(keyboard) == before


def test_the_end_of_the_input_alt_and_a_lone_esc(listing, terminal, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    assert len(shown(pressed(terminal, listing, "n\x04"))) == 2
    assert r"'\x1bx' is none of" in pressed(terminal, listing, "\x1bxq")
    monkeypatch.setattr(keys, "PATIENCE", 0.0)
    later = threading.Timer(0.1, lambda: os.write(terminal[0], b"q"))
    later.start()
    assert r"'\x1b' is none of" in pressed(terminal, listing, "\x1b")
    later.join()


@pytest.mark.parametrize(
    ("typed", "name"),
    [("\xe0M", "next"), ("\xe0K", "previous"), ("\x00G", "first"), ("\xe0O", "last"),
     ("\xe0\x85", ""), ("\r", "enter"), ("\b", "erase"), ("\x1a", "end"), ("q", "q"), ("é", "é")],
)  # fmt: skip
def test_keys_on_windows(typed, name):
    waiting = iter(typed)
    assert keys.windows_key(waiting.__next__) == name
    assert list(waiting) == []
    with pytest.raises(KeyboardInterrupt):
        keys.windows_key(iter("\x03").__next__)


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
    results += [part for step in steps(y) for part in (step.title, step.math, step.note, step.text)]
    for result in [*results, transcript(steps(y)), explain(y, x).text]:
        print(result)
    sys.stdout.flush()
    text = raw.getvalue().decode(encoding)
    assert (" · ∂(x·x)/∂x₍₂₎ = " in text) == (encoding == "utf-8")
    assert (" * del (x*x)/del x(2) = " in text) == (encoding != "utf-8")
    assert "?" not in text
    assert "∂" in steps(y)[0].text  # whatever is printed
    assert "∂" in explain(y, x).text


@pytest.mark.parametrize(
    ("n", "plain"), [(2, "x^2"), (4, "x^4"), (-1, "x^-1"), (-0.5, "x^-0.5"), (12, "x^12")]
)
def test_exponents_in_plain_signs(n, plain):
    raw = io.BytesIO()
    output = io.TextIOWrapper(raw, encoding="ascii", newline="\n")
    show(steps(Value(4.0, label="x") ** n * Value(2.0, label="b")), output, io.StringIO())
    output.flush()
    assert f" {plain} * b = " in raw.getvalue().decode("ascii")
