"""A forward pass that failed: the operation that has no answer, as a node on its operands.

The error's traceback knows both, so that nothing is kept while all goes well.

Next: ``homes.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from traceback import walk_tb

from ..engine.groups import mapped
from ..engine.primitive import Primitive
from ..engine.undefined import by_names, ieee_arithmetic
from ..value import Constant, Value, as_value
from .text import clean

LONGEST = 500  # letters of a message, which has labels in it


@dataclass(frozen=True, eq=False)
class Refusal:
    """The node that could not be made, with ∞ or NaN for its number, and why not."""

    node: Value
    message: str

    def told(self, names: Mapping[Value, str]) -> str:
        """The message with the operands' names for x and y."""
        known = ("" if type(x) is Constant else names.get(x, "") for x in self.node.parents)
        return clean(by_names(self.message, list(known)), longest=LONGEST)


def refusal_of(error: BaseException) -> Refusal | None:
    """What the arithmetic behind an error refused; None where it is another error.

    >>> try:
    ...     (Value(2.0, label="a") * Value(-3.0, label="b")).log()
    ... except ValueError as error:
    ...     refused = refusal_of(error)
    >>> refused.node.parents[0].data, refused.told({refused.node.parents[0]: "a·b"})
    (-6.0, 'log: no real answer at a·b = -6.0; it needs a·b > 0.')
    """
    cause: BaseException | None = error
    while cause is not None:
        frames = [frame for frame, _ in walk_tb(cause.__traceback__)]
        if frames and frames[-1].f_code is Primitive.answer.__code__:
            op, groups = frames[-1].f_locals["self"], frames[-1].f_locals["groups"]
            with ieee_arithmetic():
                node = op.record(*[mapped(as_value, group) for group in groups])
            return Refusal(node, str(cause))
        cause = cause.__cause__ or cause.__context__
    return None
