"""A training to look at again: ``fit(..., record=True)`` makes a ``Film``, ``history.film``.

``frames.py`` keeps the parameters after every epoch, ``film.py`` shows them and steps into them.
``scene.py`` finds out what can be seen of a model: its units and weights, and ``ground.py`` what it
says of the plane or of the line. ``page.py`` makes of it a page with a slider over the epochs, and
``animation.py`` a GIF for slides.

Next: ``frames.py``.
"""

from .film import Film

__all__ = ["Film"]
