"""Pictures of graphs: ``draw(value)``, ``draw(model, x)``, ``draw(function, …)``.

>>> from autograd_lite import Value
>>> from autograd_lite.draw import draw
>>> x, w = Value(2.0, label="x"), Value(-3.0, label="w")
>>> y = (x * w).tanh()
>>> y.backward()
>>> picture = draw(y)
>>> picture.ids[y]
'ag-n3'

``picture.save("graph.svg")`` writes it; a notebook shows it when it is the last line of a cell.

How it is made: ``calls.py`` finds out which module made which node, ``subject.py`` gathers what is
known of the values, ``computation.py`` or ``network.py`` lay out a scene, ``dot.py`` writes it as
DOT text in the colours of ``themes.py``, and ``engines.py`` has it drawn.

Next: ``drawer.py``.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from .drawer import GraphTooLarge, draw
from .drawing import Drawing
from .engines import EngineError
from .themes import THEMES

__all__ = ["THEMES", "Drawing", "EngineError", "GraphTooLarge", "draw"]


class _CallablePackage(ModuleType):
    """``autograd_lite.draw`` is this package *and* the function of that name.

    Importing a package sets its name on the parent, so one of the two would hide the other,
    whichever came last.
    """

    def __call__(self, *arguments: Any, **options: Any) -> Drawing:
        return draw(*arguments, **options)


sys.modules[__name__].__class__ = _CallablePackage
