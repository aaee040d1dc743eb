"""The derivative of a program's outputs by its inputs, as a program of its own.

It is the sweep that gives the gradient by the parameters, once for each output, to other leaves;
what the sweeps have in common is computed once. A batch needs nothing more: no sample's outputs
depend on another's inputs, so the rows of one sample get the batch axis as any other code does.

What is glossed over: with many outputs and few inputs, the other order would take fewer sweeps.

Next: ``eager.py``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from .arrays.derive import derivative
from .arrays.maker import Code
from .recover.views import Input


def jacobian_code(code: Code, inputs: Sequence[Input]) -> Code:
    """The derivatives of each output by all numbers of all inputs, flat, one output after another.

    ``code`` is that of one sample, its outputs one number each.
    """
    arrays = code.arrays
    if code.rows:
        leaves = [arrays.leaf(name, ()) for _, names in code.rows[1:] for name in names]
    else:
        leaves = [arrays.leaf(x.name, x.shape) for x in inputs]
    slopes = [derivative(arrays, y, leaves) for y in code.outputs]
    flat = [slope[x] for slope in slopes for x in leaves]
    if code.rows:
        return code._replace(outputs=flat)
    flat = [arrays.reshape(x, (math.prod(x.shape),)) for x in flat]
    row = arrays.join(0, flat, (sum(math.prod(x.shape) for x in flat),))
    return code._replace(outputs=[row])
