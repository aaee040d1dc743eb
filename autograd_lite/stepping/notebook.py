"""The step-through as a cell's result: a live frame, and beneath it what stays without one.

The page goes into an ``<iframe srcdoc>``: the one way that works in a live notebook, in an
exported one opened offline, and several times on a page. Where a front end strips the frame (an
untrusted notebook) or runs no scripts, the picture and the transcript stand in its place. The
style rule hides them beside a live frame; a sanitiser strips frame and rule together.

Next: ``../plots.py``.
"""

from __future__ import annotations

import base64
import html

from .picture import slim

HEIGHT = 560  # until the page says how high it is

_STYLE = ".autograd-lite-frame+.autograd-lite-fallback{display:none}"


def bundle(title: str, page: str, svg: str, transcript: str, steps: int) -> dict[str, str]:
    """HTML with the page in a frame and what stays without one, and the transcript as text."""
    picture = base64.b64encode(slim(svg, ground=True).encode()).decode()
    page = page.replace("&", "&amp;").replace("'", "&#39;")
    title, text = html.escape(title), html.escape(transcript)
    frame = (
        f'<iframe class="autograd-lite-frame" title="{title}" width="100%" height="{HEIGHT}" '
        f'style="border:0;width:100%" '
        f"srcdoc='{page}'></iframe>"
    )
    fallback = (
        f'<div class="autograd-lite-fallback"><img alt="{title}" style="max-width:100%" '
        f'src="data:image/svg+xml;base64,{picture}"><details><summary>All {steps} '
        f"steps as text</summary><pre>{text}</pre></details></div>"
    )
    return {"text/html": f"<style>{_STYLE}</style>{frame}{fallback}", "text/plain": transcript}
