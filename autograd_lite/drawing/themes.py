"""Themes: a theme is data, role → DOT attributes, and nothing else.

The roles are the rows of ``LIGHT``. A theme says only where it differs from it; so does the dict
that ``draw(value, theme={...})`` takes. Each role has a cue besides its colour (the weight, the
dashes or the doubling of the border), so that pictures also read in print and to the colour-blind.
To add a theme, add a dict to ``THEMES``; a test draws one graph with every theme there.

The roles of text (``name``, ``key``, ``data``, ``grad``) style parts of a plate and know
``fontcolor`` and ``fontsize`` alone.

Next: ``engines.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

Attributes: TypeAlias = dict[str, str]
Theme: TypeAlias = Mapping[str, Mapping[str, str]]

FONT = "Helvetica,Arial,sans-serif"

# what rhymes is aligned
# fmt: off
LIGHT: Theme = {
    "graph":        {"bgcolor": "#FFFFFF", "fontname": FONT, "fontsize": "11",
                     "fontcolor": "#46535E", "nodesep": "0.2", "ranksep": "0.3", "pad": "0.15"},
    "node":         {"fontname": FONT, "fontsize": "10", "fontcolor": "#1F2933",
                     "margin": "0.1,0.03"},
    "edge":         {"fontname": FONT, "fontsize": "9", "fontcolor": "#8A4B00",
                     "color": "#6B7883", "arrowsize": "0.55", "penwidth": "1.1"},
    # values, one plate each
    "input":        {"fillcolor": "#DCEEFB", "color": "#0072B2", "penwidth": "1.4"},
    "parameter":    {"fillcolor": "#FDEBC8", "color": "#A35F00", "penwidth": "2.4"},
    "constant":     {"fillcolor": "#F2F2F2", "color": "#6E6E6E", "penwidth": "1.2",
                     "style": "rounded,filled,dashed"},
    "intermediate": {"fillcolor": "#FFFFFF", "color": "#5B6770", "penwidth": "1.1"},
    "output":       {"fillcolor": "#D9F2E6", "color": "#00724F", "penwidth": "1.8",
                     "peripheries": "2"},
    "refused":      {"fillcolor": "#FBE3E0", "color": "#B3261E", "penwidth": "2.4",
                     "style": "rounded,filled,dashed"},
    # the text on a plate
    "name":         {"fontcolor": "#1F2933"},
    "key":          {"fontcolor": "#5F6B75", "fontsize": "8"},
    "data":         {"fontcolor": "#1F2933"},
    "grad":         {"fontcolor": "#A33C00"},
    # operations: a circle, or a pill where the symbol is longer than one character
    "op":           {"fillcolor": "#46535E", "color": "#46535E", "fontcolor": "#FFFFFF"},
    # modules, by depth, and where a value enters one
    "module1":      {"fillcolor": "#F5F7F9", "color": "#C3CDD6"},
    "module2":      {"fillcolor": "#EAEFF3", "color": "#C3CDD6"},
    "module3":      {"fillcolor": "#DFE7ED", "color": "#C3CDD6"},
    "port":         {"fillcolor": "#6B7883", "color": "#6B7883"},
    # the collapsed network: a box per module, a line per weight
    "unit":         {"fillcolor": "#FFFFFF", "color": "#A35F00", "penwidth": "2.4"},
    "heading":      {"fontcolor": "#46535E", "fontsize": "13"},
    "positive":     {"color": "#0072B2", "style": "solid"},
    "negative":     {"color": "#D55E00", "style": "dashed"},
    # a picture of a part: there is more of the graph here
    "more":         {"fontcolor": "#5F6B75", "fontsize": "13"},
}

DARK: Theme = {
    "graph":        {"bgcolor": "#14181C", "fontcolor": "#B4C0CA"},
    "node":         {"fontcolor": "#E8EDF1"},
    "edge":         {"fontcolor": "#F2B25C", "color": "#84919C"},
    "input":        {"fillcolor": "#12324A", "color": "#56B4E9"},
    "parameter":    {"fillcolor": "#3D2F12", "color": "#E69F00"},
    "constant":     {"fillcolor": "#2A2F34", "color": "#A0A8AF"},
    "intermediate": {"fillcolor": "#20272D", "color": "#8D9AA5"},
    "output":       {"fillcolor": "#0F3A2C", "color": "#2FC492"},
    "refused":      {"fillcolor": "#42201D", "color": "#FF8A80"},
    "name":         {"fontcolor": "#F2F5F7"},
    "key":          {"fontcolor": "#A9B4BD"},
    "data":         {"fontcolor": "#E8EDF1"},
    "grad":         {"fontcolor": "#FFA06B"},
    "op":           {"fillcolor": "#8FA1B0", "color": "#8FA1B0", "fontcolor": "#10151A"},
    "module1":      {"fillcolor": "#191E23", "color": "#3B4650"},
    "module2":      {"fillcolor": "#1E242A", "color": "#3B4650"},
    "module3":      {"fillcolor": "#242B32", "color": "#3B4650"},
    "port":         {"fillcolor": "#84919C", "color": "#84919C"},
    "unit":         {"fillcolor": "#20272D", "color": "#E69F00"},
    "heading":      {"fontcolor": "#B4C0CA"},
    "positive":     {"color": "#56B4E9"},
    "negative":     {"color": "#FF8A4C"},
    "more":         {"fontcolor": "#A9B4BD"},
}
# fmt: on

#: The themes that have a name.
THEMES: dict[str, Theme] = {"light": LIGHT, "dark": DARK}


def told_apart(
    light: Theme, dark: Theme
) -> tuple[dict[str, Attributes], dict[str, tuple[str, str]]]:
    """The light theme with a code of its own for each pair of colours, and code → (light, dark).

    A picture drawn with it can be given the colours of either. A code differs from the colour by
    so little that nobody sees it.
    """
    codes: dict[str, tuple[str, str]] = {}
    theme = {role: dict(attributes) for role, attributes in light.items()}
    for role, attributes in theme.items():
        for name, color in attributes.items():
            if not color.startswith("#"):
                continue
            pair = color, dark[role][name]
            code = int(color[1:], 16)
            code -= code == 0xFFFFFF  # which Graphviz would call white
            while codes.setdefault(f"#{code:06X}", pair) != pair:
                code -= 1
            attributes[name] = f"#{code:06X}"
    return theme, codes


def theme_of(theme: str | Theme) -> dict[str, Attributes]:
    """A complete theme: the named one, or the given dict merged over the default.

    Raises ``ValueError`` for a name that is not in ``THEMES`` and for a role that does not exist.

    >>> theme_of({"input": {"fillcolor": "#FFFFFF"}})["input"]["color"]
    '#0072B2'
    """
    if isinstance(theme, str):
        if theme not in THEMES:
            raise ValueError(
                f"There is no theme {theme!r}; choose one of {', '.join(THEMES)}, or give a dict "
                f"such as {{'input': {{'fillcolor': '#FFFFFF'}}}}."
            )
        theme = THEMES[theme]
    unknown = sorted(set(theme) - set(LIGHT))
    if unknown:
        raise ValueError(f"A theme has no role {unknown[0]!r}; the roles are {', '.join(LIGHT)}.")
    return {role: {**LIGHT[role], **theme.get(role, {})} for role in LIGHT}
