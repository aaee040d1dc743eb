"""The step-through as a cell's result: its page in a frame, and picture and words without one.

Next: ``../plots.py``.
"""

from __future__ import annotations

from ..showing.frames import framed
from .picture import slim


def bundle(title: str, page: str, svg: str, transcript: str, steps: int) -> dict[str, str]:
    """HTML with the page in a frame and what stays without one, and the transcript as text."""
    picture = slim(svg, ground=True)
    shown = framed(title, page, picture, f"All {steps} steps as text", transcript)
    return {"text/html": shown, "text/plain": transcript}
