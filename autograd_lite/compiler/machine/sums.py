"""What repeats a function over axes: contractions, totals, the largest; in one form.

Next: ``kernels.py``.
"""

from __future__ import annotations

from string import ascii_lowercase
from typing import NamedTuple

import numpy as np

from ...languages.llvm import REPEATS
from ..arrays.instructions import Array, Contract, Reduce, Total, lengths_of

#: Where a sum, a product, a search for the largest begin.
NEUTRAL = {"add": 0.0, "mul": 1.0, "maximum": -np.inf}
#: Kinds that repeat a function along axes.
Repeated = Contract | Total | Reduce


class Sum(NamedTuple):
    """What repeats a function over more axes than it keeps: a contraction, a total, a maximum."""

    function: str
    factors: list[tuple[Array, str]]  # with a label for each axis
    out: str  # the labels that it keeps
    lengths: dict[str, int]

    def innermost(self) -> str:
        """The label that least often jumps in memory, where the others would jump far."""
        names = [self.out, *[name for _, name in self.factors]]
        jumps = {label: sum(label in name[:-1] for name in names) for label in self.lengths}
        return min(self.lengths, key=lambda label: (jumps[label], self.lengths[label] == 1))


def sum_of(x: Repeated) -> Sum | None:
    """None for a primitive of many operands that is no chain of one of two."""
    function = "add"
    if isinstance(x, Contract):
        *names, out = x.labels
        factors = list(zip(x.operands, names, strict=True))
    else:
        (operand,) = x.operands
        axes = x.axes if isinstance(x, Total) else (0,)
        labels = ascii_lowercase[: len(operand.shape)]
        factors = [(operand, labels)]
        out = "".join(label for axis, label in enumerate(labels) if axis not in axes)
    if isinstance(x, Reduce):
        found = REPEATS.get(x.op.name)
        if found is None:
            return None
        function = found
    return Sum(function, factors, out, lengths_of(*zip(*factors, strict=True)))
