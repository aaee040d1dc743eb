"""The bar that ``fit(progress=True)`` shows: how far the training is, with its latest numbers.

In a notebook it is one output that is updated in place, so that an export has it once. In a
terminal it is one line, never wider than that. Where the output goes to a file there is none.

Next: ``datasets.py``.
"""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias

Advance: TypeAlias = Callable[[Mapping[str, Sequence[float]]], None]

#: Who shows a state: the epochs that are done, those there are, the numbers, the seconds.
Show: TypeAlias = Callable[[int, int, list[str], float], None]

BLOCKS, PAUSE = 24, 0.1  # the bar at its widest; seconds between two states that are shown


@contextmanager
def bar(epochs: int, shown: bool) -> Iterator[Advance]:
    """A function to call after each epoch with what was seen so far, by name: it moves the bar.

    Where no bar is shown it does nothing.

    >>> with bar(1, shown=False) as advance:
    ...     advance({"loss": [0.5]})
    """
    show, finish = _place() if shown else (None, None)
    if show is None or finish is None:
        yield lambda seen: None
        return
    start = last = time.monotonic()
    state: tuple[int, list[str]] = (0, [])

    def advance(seen: Mapping[str, Sequence[float]]) -> None:
        nonlocal last, state
        state = state[0] + 1, [f"{name} {values[-1]:.4f}" for name, values in seen.items()]
        now = time.monotonic()
        if now - last >= PAUSE:
            last = now
            show(state[0], epochs, state[1], now - start)

    show(0, epochs, [], 0.0)
    try:
        yield advance
    finally:
        show(*(state[0], epochs, state[1]), time.monotonic() - start)
        finish()


def line(done: int, epochs: int, said: Sequence[str], seconds: float, width: int) -> str:
    """The state in one line of at most ``width`` characters; the loss, said first, goes last.

    >>> line(36, 80, ["loss 0.2200", "accuracy 0.9000"], 3.0, 80)
    ' 45% |██████████▊             | 36/80  loss 0.2200  accuracy 0.9000  00:03'
    >>> line(36, 80, ["loss 0.2200", "accuracy 0.9000"], 3.0, 40)
    ' 45% |██████▎       | 36/80  loss 0.2200'
    """
    share = done / epochs if epochs else 1.0
    percent, count = f"{100 * share:3.0f}%", f"{done}/{epochs}"
    clock = f"{int(seconds) // 60:02}:{int(seconds) % 60:02}"
    for shown in ([*said, clock], *(list(said[:k]) for k in range(len(said), 0, -1))):
        for blocks in (BLOCKS, width - len("  ".join([f"{percent} || {count}", *shown]))):
            text = "  ".join([f"{percent} |{_blocks(share, blocks)}| {count}", *shown])
            if 8 <= blocks <= BLOCKS and len(text) <= width:
                return text
    return "  ".join([count, *said[:1]])[:width]


def _blocks(share: float, blocks: int) -> str:
    """The bar, to an eighth of a block."""
    eighths = round(8 * max(blocks, 0) * share)
    full = "█" * (eighths // 8) + " ▏▎▍▌▋▊▉"[eighths % 8].strip()
    return full.ljust(blocks)


def _place() -> tuple[Show | None, Callable[[], None] | None]:
    """Where a bar can be seen, and what is to be done there at the end."""
    if "IPython" in sys.modules:
        from IPython import get_ipython

        if getattr(get_ipython(), "kernel", None) is not None:
            return _notebook()
    marimo = sys.modules.get("marimo")
    if marimo is not None and marimo.running_in_notebook():
        return _shown_as_html(lambda text, html: marimo.output.replace(marimo.Html(html)))
    if sys.stderr is not None and sys.stderr.isatty():
        return _terminal(sys.stderr)
    return None, None


def _terminal(stream: Any) -> tuple[Show, Callable[[], None]]:
    longest = 0

    def show(done: int, epochs: int, said: list[str], seconds: float) -> None:
        nonlocal longest
        text = line(done, epochs, said, seconds, shutil.get_terminal_size().columns - 1)
        try:
            text.encode(stream.encoding or "utf-8")
        except UnicodeError:
            text = "".join("#" if "█" <= x <= "▏" else x if x.isascii() else "?" for x in text)
        stream.write(f"\r{text.ljust(longest)}")
        stream.flush()
        longest = len(text)

    def finish() -> None:
        stream.write("\n")
        stream.flush()

    return show, finish


def _notebook() -> tuple[Show, Callable[[], None]]:
    import IPython.display

    display: Any = IPython.display.display
    handle: Any = None

    def put(text: str, html: str) -> None:
        nonlocal handle
        bundle = {"text/plain": text, "text/html": html}
        if handle is None:
            handle = display(bundle, raw=True, display_id=True)
        else:
            handle.update(bundle, raw=True)

    return _shown_as_html(put)


def _shown_as_html(put: Callable[[str, str], object]) -> tuple[Show, Callable[[], None]]:
    from .showing.html import bar_of, result

    def show(done: int, epochs: int, said: list[str], seconds: float) -> None:
        words = "  ".join([f"{done} / {epochs}", *said, f"{seconds:.0f} s"])
        text = line(done, epochs, said, seconds, width=120)
        put(text, result(bar_of(done, epochs, words)))

    return show, lambda: None
