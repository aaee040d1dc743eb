"""A training to look at again: ``fit(..., record=True)`` makes a ``Film``, ``history.film``.

``frames.py`` keeps the parameters after every epoch, ``film.py`` shows and saves them.
``scene.py`` finds out what can be seen of a model: its units and weights, and ``ground.py`` what it
says of the plane or of the line. ``inside.py`` steps into one sample. ``page.py`` makes of it all a
page with a slider over the epochs, and ``animation.py`` a GIF for slides.

Next: ``frames.py``.
"""

from ..engine import needs_numpy as needs_numpy  # first: it says so where NumPy is not
from .film import Film

__all__ = ["Film"]
