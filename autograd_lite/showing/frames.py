"""A whole page as a cell's result: a live frame, and beneath it what stays without one.

The page goes into an ``<iframe srcdoc>``: the one way that works in a live notebook, in an
exported one opened offline, and several times on a page. Where a front end strips the frame (a
notebook without trust) or runs no scripts, a picture and text stand in its place. Beside a live
frame a style rule hides them; where a host wraps the frame, the page's script does, ``around.js``.

Next: ``../pictures.py``.
"""

from __future__ import annotations

from .html import text
from .images import image

HEIGHT = 560  # until the page says how high it is

_STYLE = ".autograd-lite-frame+.autograd-lite-fallback{display:none}"


def framed(title: str, page: str, picture: str, summary: str, transcript: str) -> str:
    """The page in a frame; without one the picture, an SVG, and the transcript, folded."""
    page = page.replace("&", "&amp;").replace("'", "&#39;")
    frame = (
        f'<iframe class="autograd-lite-frame" title="{text(title)}" width="100%" height="{HEIGHT}" '
        f'style="border:0;width:100%" allow="fullscreen" '
        f"srcdoc='{page}'></iframe>"
    )
    fallback = (
        f'<div class="autograd-lite-fallback">{image(picture, title)}<details>'
        f"<summary>{text(summary)}</summary><pre>{text(transcript)}</pre></details></div>"
    )
    return f"<style>{_STYLE}</style>{frame}{fallback}"
