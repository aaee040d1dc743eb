"""Whether numbers that were read from Values still hold.

Next: ``comparisons.py``.
"""

from .core import in_c


@in_c
class Assignments:
    """Whoever keeps the numbers of Values asks here whether they still hold.

    ``latest`` is another object after every assignment to the ``data`` of a Value.
    """

    __slots__ = ("latest",)

    def __init__(self) -> None:
        self.latest = object()


assignments = Assignments()
