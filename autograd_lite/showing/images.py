"""Pictures as results: an SVG inside ``<img>``, which no notebook strips and no cell cuts off.

A picture in a page does not see the page's style. It hears whether the page is light or dark, and
has the colours of both.

Next: ``curves.py``.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping

from .html import Markup, text


def image(svg: str, title: str) -> Markup:
    """The picture as one element, no wider than its place, with its title for who cannot see it."""
    data = base64.b64encode(svg.encode()).decode()
    return Markup(
        f'<img alt="{text(title)}" style="max-width:100%;height:auto" '
        f'src="data:image/svg+xml;base64,{data}">'
    )


def in_both(svg: str, codes: Mapping[str, tuple[str, str]]) -> str:
    """The picture with two colours for each code in it: in a light place, and in a dark one.

    >>> in_both('<svg><g fill="#ffffff"/></svg>', {"#FFFFFF": ("#FFFFFF", "#14181C")})
    '<svg><style>:root{--c0:#FFFFFF}@media (prefers-color-scheme:dark){:root{--c0:#14181C}}</sty...'
    """
    names = {code.lower(): f"--c{i}" for i, code in enumerate(codes)}

    def replaced(match: re.Match[str]) -> str:
        name = names.get(match[0].lower())
        return f"var({name})" if name else match[0]

    def rules(place: int) -> str:
        pairs = zip(names.values(), codes.values(), strict=True)
        return f":root{{{';'.join(f'{name}:{colors[place]}' for name, colors in pairs)}}}"

    style = f"<style>{rules(0)}@media (prefers-color-scheme:dark){{{rules(1)}}}</style>"
    head, body = svg[: svg.index(">") + 1], svg[svg.index(">") + 1 :]
    return head + style + re.sub(r"#[0-9A-Fa-f]{6}\b", replaced, body)
