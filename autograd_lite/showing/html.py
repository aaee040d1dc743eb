"""The parts that results are shown with: plates, tables, verdicts. All text is escaped here.

A style sheet comes with every result, since each may be the only one in a notebook.

Next: ``images.py``.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Literal, TypeAlias

Tone: TypeAlias = Literal["good", "bad", "unsure"]


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def text(content: object) -> Markup:
    """Content as HTML: escaped, unless it is markup.

    >>> text("<b>"), text(Markup("<b>"))
    ('&lt;b&gt;', '<b>')
    """
    return content if isinstance(content, Markup) else Markup(html.escape(str(content)))


def asset(name: str) -> str:
    """A file of ``assets/``."""
    return files(__package__).joinpath("assets", name).read_text("utf-8")


@cache
def style() -> str:
    """The style sheet, in a few lines."""
    css = re.sub(r"/\*.*?\*/\s*", "", asset("results.css"), flags=re.DOTALL)
    return re.sub(r"\s*([{};,]|:(?= ))\s*", r"\1", css).strip()


def result(*parts: object, scrolls: str = "") -> str:
    """What a notebook shows: the parts in the style of results, as a ``str`` (marimo insists).

    What may be wider than its cell has a name, by which it is reached with the keyboard.
    """
    body = "".join(map(text, parts))
    reached = f' tabindex="0" role="group" aria-label="{text(scrolls)}"' if scrolls else ""
    return f'<div class="autograd-lite"{reached}><style>{style()}</style>{body}</div>'


def table(
    head: Sequence[object],
    rows: Iterable[Sequence[object]],
    foot: Sequence[object] = (),
    numbers: Iterable[int] = (),
    wide: Iterable[int] = (),
    stacks: bool = False,
) -> Markup:
    """A table; ``numbers`` are the columns whose right ends are in line, ``wide`` may break.

    One that ``stacks`` puts wide cells below the others on a phone.

    >>> table(["a"], [["<"], [2.0]])
    '<table><thead><tr><th>a</th></tr></thead><tbody><tr><td>&lt;</td></tr><tr><td>2.0</td>...'
    """
    classes = dict.fromkeys(numbers, ' class="number"') | dict.fromkeys(wide, ' class="wide"')

    def row(cells: Sequence[object], tag: str) -> str:
        inside = (
            f"<{tag}{classes.get(i, '')}>{text(cell)}</{tag}>" for i, cell in enumerate(cells)
        )
        return f"<tr>{''.join(inside)}</tr>"

    body = "".join(row(cells, "td") for cells in rows)
    below = f"<tfoot>{row(foot, 'td')}</tfoot>" if foot else ""
    kind = ' class="stacks"' if stacks else ""
    return Markup(
        f"<table{kind}><thead>{row(head, 'th')}</thead><tbody>{body}</tbody>{below}</table>"
    )


def short(x: Any) -> str:
    """A number, or a Value, in four digits with a true minus sign.

    >>> short(-0.123456), short(-0.0)
    ('−0.1235', '0')
    """
    text = f"{x:.4g}"
    return "0" if text == "-0" else text.replace("-", "−").replace("inf", "∞").replace("nan", "NaN")


def row_of(numbers: Sequence[Any], most: int = 12) -> str:
    """Numbers in a row, or the first of them.

    >>> row_of([1.0, -0.5]), row_of([0.0] * 3, most=2)
    ('1, −0.5', '0, 0, …')
    """
    return ", ".join([*map(short, numbers[:most]), *["…"] * (len(numbers) > most)])


def verdict(word: object, tone: Tone) -> Markup:
    """A word on a ground that says whether it is good."""
    return Markup(f'<b class="{tone}">{text(word)}</b>')


def plate(name: object, rows: Iterable[tuple[object, object]], below: object = "") -> Markup:
    """A value as pictures show it: its name, a rule, its numbers; and what there is to say of it.

    What it needs of style stands with it, so that it looks the same in a notebook without trust.
    """
    lines = "".join(
        f'<tr><td style="opacity:.75;text-align:left;padding:0 14px 0 0">{text(word)}</td>'
        f'<td class="number" style="text-align:right;padding:0">{text(number)}</td></tr>'
        for word, number in rows
    )
    head = f'<div style="font-weight:600;border-bottom:1px solid">{text(name)}</div>'
    said = f'<div style="opacity:.75">{text(below)}</div>' if below else ""
    return Markup(
        '<div style="display:inline-block;border:1px solid;border-radius:8px;padding:4px 12px;'
        f'max-width:100%;overflow-wrap:anywhere">{head if name else ""}'
        f'<table style="margin:2px 0;border-collapse:collapse">{lines}</table>{said}</div>'
    )


def bar_of(done: int, of: int, words: str) -> Markup:
    """How far something is, with what there is to say of it."""
    return Markup(
        f'<progress value="{done}" max="{max(of, 1)}" aria-label="epochs"></progress> '
        f'<span style="white-space:pre-wrap">{text(words)}</span>'
    )


def folded(summary: object, inside: object) -> Markup:
    """What opens at a click."""
    return Markup(f"<details><summary>{text(summary)}</summary>{text(inside)}</details>")


def either(styled: object, bare: str) -> Markup:
    """The first where the style sheet counts; where it was taken away, the second as plain text."""
    return Markup(
        f'<div class="styled" style="display:none">{text(styled)}</div>'
        f'<pre class="bare">{text(bare)}</pre>'
    )
