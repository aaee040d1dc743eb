"""``Picture``: how a result that can be seen shows itself in a notebook and saves itself to a file.

A kind of picture says how it is drawn and what it can be saved as; the rest is the same for all.

Next: ``files.py``.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar

from .files import write


class Picture(ABC):
    """A picture of one kind, such as a ``Drawing`` or a ``Plot``.

    >>> from autograd_lite.plots import loss_curve
    >>> loss_curve([1.0, 0.5, 0.25]).save("loss.jpeg")
    Traceback (most recent call last):
    ValueError: A plot is saved as .svg, .png, .pdf; the name 'loss.jpeg' ends in none of them.
    """

    suffixes: ClassVar[tuple[str, ...]] = (".svg", ".png", ".pdf")

    @abstractmethod
    def to_svg(self) -> str:
        """The picture as one ``<svg>`` element."""

    @property
    def title(self) -> str:
        """What the picture shows, in words."""
        raise NotImplementedError

    @property
    def _following(self) -> str:
        """The picture, in the colours of the place where it is shown."""
        return self.to_svg()

    @abstractmethod
    def _rendered(self, format: str) -> bytes:
        """The picture in a format such as ``"png"``, straight from what draws it."""

    def _content(self, suffix: str) -> str | bytes:
        """What a file with this ending holds; the ending is one of ``suffixes``."""
        if suffix == ".svg":
            return f'<?xml version="1.0" encoding="UTF-8"?>\n{self.to_svg()}\n'
        return self._rendered(suffix[1:])

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the picture in the format that the name ends in, one of ``suffixes``.

        The file appears complete or not at all. Raises ``ValueError`` for another ending, and
        what the picture raises where nothing can draw it.
        """
        target = Path(path)
        suffix = target.suffix.lower()
        if suffix not in self.suffixes:
            raise ValueError(
                f"A {type(self).__name__.lower()} is saved as {', '.join(self.suffixes)}; the name "
                f"{target.name!r} ends in none of them."
            )
        return write(target, self._content(suffix))

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """What a notebook shows. Never raises: where nothing draws, it is text and the remedy.

        An image as wide as the cell at most, light or dark as the notebook is. A notebook without
        trust, and one exported, show it too.
        """
        from .showing.html import result
        from .showing.images import image

        try:
            shown = result(image(self._following, self.title))
            bundle = {"text/html": shown, "image/svg+xml": self.to_svg()}  # which LaTeX can have
            return bundle | {"text/plain": repr(self)}
        except Exception as problem:
            return {"text/plain": f"{self!r}\n{problem}"}
