"""``Film``: a training to look at again, on a page, in a GIF, or step by step at any epoch.

Next: ``../history.py``.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ..files import write
from ..stepping import StepThrough
from . import animation, page
from .frames import Frames
from .inside import stepped


class Film(Frames):
    """A training, frame by frame. A notebook shows it; ``save`` writes it, as a page or as a GIF.

    Frame 0 is the model before the training. A frame has the parameters after its epoch, and the
    gradient of the step that led there.

    >>> from autograd_lite import fit
    >>> from autograd_lite.nn import Neuron, mse_loss
    >>> from autograd_lite.optim import SGD
    >>> line = Neuron(1, nonlin=False)
    >>> film = fit(line, [[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0], loss=mse_loss, epochs=9,
    ...            optimiser=SGD(line.parameters(), 0.2), record=True).film
    >>> film
    <Film of 9 epochs; save it with .save("training.html")>
    >>> film.step_through(2, epoch=4)
    <StepThrough of ... steps; save it with .save("steps.html")>
    """

    def step_through(self, sample: int, epoch: int | None = None, **options: Any) -> StepThrough:
        """The loss of one sample, step by step, with the parameters as they were after an epoch.

        Without one, after the last. ``options`` are those of ``autograd_lite.step_through``. Raises
        ``IndexError`` for a sample that there is none of, and what ``step_through`` raises.
        """
        return stepped(self, sample, epoch, **options).made

    def to_html(self) -> str:
        """The page, complete in itself."""
        return page.page(self)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write it to a file: a page where the name ends in .html, frames for slides in .gif.

        The file appears complete or not at all. Raises ``ValueError`` for another ending, and
        ``ImportError``, naming what to install, for a GIF without Pillow.
        """
        target = Path(path)
        suffix = target.suffix.lower()
        if suffix in (".html", ".htm"):
            return write(target, self.to_html())
        if suffix == ".gif":
            return write(target, animation.gif(self))
        raise ValueError(
            f"A film is saved as .html or .gif; the name {target.name!r} ends in neither."
        )

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """What a notebook shows: the page in a frame; without one the curves and the numbers."""
        return {"text/html": page.in_frame(self), "text/plain": repr(self)}

    def __repr__(self) -> str:
        epochs = self.epochs[-1]
        noun = "epoch" if epochs == 1 else "epochs"
        return f'<Film of {epochs:,} {noun}; save it with .save("training.html")>'
