"""What keeps the engine right and quick, a file for each duty.

``primitive.py`` and ``kinds.py`` say what a row of the table is, ``node.py`` what a node looks
like, ``order.py`` how a graph is walked, ``settle.py`` what holds where arithmetic has no finite
answer; the others are smaller. None of them knows the class ``Value``. So imports go one way, and
``value.py`` reads as what it is. ``core.py`` says where C does the same.

Next: ``core.py``.
"""

from .core import accelerated as accelerated
