"""The step-through as a cell's result: a live frame, and beneath it what stays without one.

The page goes into an ``<iframe srcdoc>``: the one way that works in a live notebook, in an
exported one opened offline, and several times on a page. Where a front end strips the frame (an
untrusted notebook) or runs no scripts, the picture and the transcript stand in its place. The
style rule hides them beside a live frame; a sanitiser strips frame and rule together.

Next: ``../cli.py``.
"""

from __future__ import annotations

import base64
import html
from typing import TYPE_CHECKING

from ..drawing.engines import EngineError
from .picture import slim

if TYPE_CHECKING:
    from .page import StepThrough

HEIGHT = 560  # until the page says how high it is

_STYLE = ".autograd-lite-frame+.autograd-lite-fallback{display:none}"


def bundle(steps: StepThrough) -> dict[str, str]:
    """HTML with the frame and its fallback, and the transcript as text."""
    text = str(steps)
    try:
        page = steps.to_html().replace("&", "&amp;").replace("'", "&#39;")
        picture = base64.b64encode(slim(steps.drawing.to_svg(), ground=True).encode()).decode()
    except EngineError as problem:
        return {"text/plain": f"{problem}\n\n{text}"}
    title, transcript = html.escape(steps.title), html.escape(text)
    frame = (
        f'<iframe class="autograd-lite-frame" title="{title}" width="100%" height="{HEIGHT}" '
        f'style="border:0;width:100%" '
        f"srcdoc='{page}'></iframe>"
    )
    fallback = (
        f'<div class="autograd-lite-fallback"><img alt="{title}" style="max-width:100%" '
        f'src="data:image/svg+xml;base64,{picture}"><details><summary>All {len(steps.steps)} '
        f"steps as text</summary><pre>{transcript}</pre></details></div>"
    )
    return {"text/html": f"<style>{_STYLE}</style>{frame}{fallback}", "text/plain": text}
