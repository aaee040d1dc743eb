"""A program's source in colours, read by Python's own tokenizer.

Next: ``frames.py``.
"""

from __future__ import annotations

import io
import keyword
import tokenize

from .html import Markup, text

KINDS = {tokenize.STRING: "s", tokenize.NUMBER: "n", tokenize.COMMENT: "c"}


def highlighted(source: str) -> Markup:
    """The source as ``<pre>``; text that Python cannot read comes without colours.

    >>> highlighted("return 2  # two")
    '<pre class="source"><span class="k">return</span> <span class="n">2</span>  <span class="c...'
    """
    lines = source.splitlines(keepends=True)
    parts: list[str] = []
    row, column = 1, 0

    def upto(end: tuple[int, int]) -> str:
        """The text from where we are to a place, which becomes where we are."""
        nonlocal row, column
        taken = ""
        while row < end[0]:
            taken += lines[row - 1][column:] if row <= len(lines) else ""
            row, column = row + 1, 0
        taken += lines[row - 1][column : end[1]] if row <= len(lines) else ""
        column = end[1]
        return taken

    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            kind = KINDS.get(token.type, "")
            if token.type == tokenize.NAME and keyword.iskeyword(token.string):
                kind = "k"
            if kind:
                parts.append(text(upto(token.start)))
                parts.append(f'<span class="{kind}">{text(upto(token.end))}</span>')
    except (tokenize.TokenError, SyntaxError):
        pass
    parts.append(text(upto((len(lines) + 1, 0))))
    return Markup(f'<pre class="source">{"".join(parts)}</pre>')
