"""Pictures that follow each other, in one file: an animated GIF or WebP, the pages of a PDF.

Pillow puts them together, and is asked for only where somebody wants such a file.

Next: ``drawing/__init__.py``.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL.Image import Image

#: What can hold several pictures, and what Pillow calls it.
FORMATS = {".pdf": "PDF", ".gif": "GIF", ".webp": "WebP"}

NEARLY = 248  # of 255: what is nearly white is white in a GIF


def pillow(what: str) -> ModuleType:
    """``PIL.Image``, to make such a thing with; raises ``ImportError`` that names the extra."""
    try:
        from PIL import Image
    except ImportError:
        raise ImportError(
            f"{what} made with Pillow, which is not installed. Install it: "
            "pip install 'autograd_lite[gif]'"
        ) from None
    return Image


def in_one(
    pictures: Sequence[Image],
    suffix: str,
    seconds: float,
    last: float,
    colors: int = 255,
    title: str = "",
) -> bytes:
    """Pictures of one size in one file; each stays for some seconds, the last one longer.

    The frames of a GIF share the ``colors`` of its last picture: a picture that comes again is
    the same to the last pixel, and only what moves takes room.

    >>> from PIL import Image
    >>> blue, red = Image.new("RGB", (4, 4), "blue"), Image.new("RGB", (4, 4), "red")
    >>> in_one([blue, red], ".gif", 0.5, 2.0)[:6]
    b'GIF89a'
    """
    times = [round(1000 * seconds)] * (len(pictures) - 1) + [round(1000 * last)]
    moving: dict[str, Any] = {"duration": times, "loop": 0}
    options: dict[str, Any] = {
        ".pdf": {"resolution": 144.0, "quality": 88, "title": title},
        ".gif": moving | {"optimize": False},
        ".webp": moving | {"quality": 85},
    }[suffix]
    first, *others = _of_few_colors(pictures, colors) if suffix == ".gif" else pictures
    out = io.BytesIO()
    first.save(out, FORMATS[suffix], save_all=True, append_images=others, **options)
    return out.getvalue()


def _of_few_colors(pictures: Sequence[Image], colors: int) -> list[Image]:
    image = pillow("A GIF is")
    palette = pictures[-1].quantize(colors, image.Quantize.MAXCOVERAGE)
    shades = palette.getpalette() or []
    for k in range(0, len(shades), 3):
        if min(shades[k : k + 3]) >= NEARLY:
            shades[k : k + 3] = [255, 255, 255]
    palette.putpalette(shades)
    return [picture.quantize(palette=palette, dither=image.Dither.NONE) for picture in pictures]
