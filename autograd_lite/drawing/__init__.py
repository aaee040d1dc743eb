"""Pictures of graphs: ``draw(value)``, ``draw(model, x)``, ``draw(function, …)``.

>>> from autograd_lite import Value
>>> from autograd_lite.drawing import draw
>>> x, w = Value(2.0, label="x"), Value(-3.0, label="w")
>>> y = (x * w).tanh()
>>> y.backward()
>>> picture = draw(y)
>>> picture.ids[y]
'ag-n3'

``picture.save("graph.svg")`` writes it; a notebook shows it when it is the last line of a cell.

How it is made: ``telling/`` knows the names, roles and homes of the values, ``computation.py`` or
``network.py`` lays them out as a scene (``scene.py``), ``dot.py`` writes that as DOT text in the
colours of ``themes.py``, and ``engines.py`` has it drawn, once more where it came out upside down
(``upright.py``). ``svg.py`` makes the picture ready for a page; ``drawing.py`` shows and saves it.

Next: ``drawer.py``.
"""

from __future__ import annotations

from .drawer import GraphTooLarge, draw
from .drawing import Drawing
from .engines import EngineError
from .themes import THEMES

__all__ = ["THEMES", "Drawing", "EngineError", "GraphTooLarge", "draw"]
