"""Each kind of instruction but the primitives, as NumPy writes it.

Next: ``printer.py``.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...languages.form import ATOM, Text, bracket
from ...languages.numpy import numpy, transposed
from ..arrays.instructions import (
    BATCH,
    LARGEST,
    Align,
    Array,
    Contract,
    Expand,
    Join,
    Leaf,
    Map,
    Number,
    Reduce,
    Reshape,
    Scatter,
    Shape,
    Slice,
    Take,
    Total,
    Triple,
    batched,
)
from . import spelling


def reduce_text(x: Reduce, operand: Text) -> Text:
    if x.op is LARGEST:
        return f"{bracket(operand, ATOM)}.max(0)", ATOM
    return numpy.applied(x.op, [operand])


def total_text(x: Total, operand: Text, backward: bool) -> Text:
    """A sum; one of the backward pass is not hidden."""
    if backward and x.axes == (1,) and batched(x.operands[0]):
        return spelling.total_of_samples(operand)
    axes = "" if not x.shape else str(x.axes[0] if len(x.axes) == 1 else x.axes)
    return spelling.total(operand, axes)


def contract_text(x: Contract, a: Text, b: Text, told: bool) -> Text:
    """A sum of products; ``told`` says that NumPy must tell of an overflow, where it can."""
    la, lb, out = x.labels
    summed = [label for label in la if label in lb and label not in out]
    if not out and la == lb:
        return (f"np.vdot({a[0]}, {b[0]})", ATOM) if len(la) > 1 else spelling.product(a, b, told)
    if len(summed) == 1 and not set(la) & set(lb) & set(out) and max(len(la), len(lb)) <= 2:
        left, right = (la, a), (lb, b)
        if out and out[0] in lb:
            left, right = right, left
        k = summed[0]
        # rows of the left factor are what comes first in the result
        first = left[1] if left[0][-1] == k else transposed(left[1])
        second = right[1] if right[0][0] == k else transposed(right[1])
        return spelling.product(first, second, told)
    return f'np.einsum("{la},{lb}->{out}", {a[0]}, {b[0]})', ATOM


def is_checked(x: Contract) -> bool:
    """Whether NumPy tells of an overflow: in products of matrices it does, else it does not.

    What is glossed over: a product that its library shares out among threads. The flags of other
    processors are not seen, so an overflow to −∞ there which a ReLU then hides passes unnoticed;
    to look for it in every product would cost 4 µs each.
    """
    return spelling.is_product(contract_text(x, ("a", ATOM), ("b", ATOM), told=True)[0])


def slice_text(x: Slice, operand: Text) -> Text:
    slices = list(x.slices)
    lengths = x.operands[0].shape
    while slices and slices[-1] == (0, lengths[len(slices) - 1], 1):
        slices.pop()
    shown = ", ".join(_limits(s, n) for s, n in zip(slices, lengths, strict=False))
    return f"{bracket(operand, ATOM)}[{shown}]", ATOM


def reshape_text(x: Reshape, operand: Text) -> Text:
    source = bracket(operand, ATOM)
    if _is_bare(x.operands[0]):
        return f"np.full({_shape(x)}, {operand[0]})", ATOM
    if len(x.shape) == 1 and not (batched(x.operands[0]) and not batched(x)):
        return f"{source}.ravel()", ATOM
    if not x.shape:
        return f"{source}[{', '.join(['0'] * len(x.operands[0].shape))}]", ATOM
    return f"{source}.reshape({', '.join(map(_length, x.shape))})", ATOM


def _is_bare(x: Array) -> bool:
    """Whether x is one of Python's numbers: made of such, and of ``n``, the number of samples."""
    stack = [x]
    while stack:
        y = stack.pop()
        if isinstance(y, Map):
            stack += y.operands
        elif not (isinstance(y, Number) or (isinstance(y, Leaf) and y.name == "n")):
            return False
    return True


def align_text(x: Align, operand: Text) -> Text:
    source, axes = bracket(operand, ATOM), x.axes
    kept = [axis for axis in axes if axis is not None]
    if kept == [1, 0]:
        source = f"{source}.T"
    elif kept != sorted(kept):
        source = f"{source}.transpose({', '.join(map(str, kept))})"
    if len(kept) < len(axes):
        source += f"[{', '.join('None' if axis is None else ':' for axis in axes)}]"
    return source, ATOM


def expand_text(x: Expand, operand: Text) -> Text:
    function = "np.broadcast_to({1}, {0})" if x.operands[0].shape else "np.full({0}, {1})"
    return function.format(_shape(x), operand[0]), ATOM


def take_text(x: Take, positions: str, operand: Text) -> Text:
    if batched(x):
        return f"{bracket(operand, ATOM)}.reshape(-1, n)[{positions}]", ATOM
    if x.shape == x.operands[0].shape and len(x.shape) == 1:  # another order: 0.7 µs, not 2.2
        return f"{bracket(operand, ATOM)}[{positions}]", ATOM
    return f"np.take({operand[0]}, {positions})", ATOM


def scatter_text(x: Scatter, positions: str, operand: Text) -> Text:
    function = "place" if len(np.unique(x.positions)) == x.positions.size else "scatter"
    return f"{function}({operand[0]}, {positions}, {_shape(x)})", ATOM


def join_text(x: Join, operands: Sequence[Text]) -> Text:
    texts = iter(operands)
    pieces = []
    for gap in x.layout:
        if gap is None:
            pieces.append(next(texts)[0])
        else:
            shape = (*x.shape[: x.axis], gap, *x.shape[x.axis + 1 :])
            pieces.append(f"np.zeros({_tuple(shape)})")
    more = f", axis={x.axis}" if x.axis else ""
    return f"np.concatenate([{', '.join(pieces)}]{more})", ATOM


def stack_text(operands: Sequence[Text]) -> Text:
    return f"np.stack([{', '.join(text for text, _ in operands)}])", ATOM


# --- shapes as text -------------------------------------------------------------------------------


def _limits(limits: Triple, n: int) -> str:
    start, stop, step = limits
    if limits == (0, n, 1):
        return ":"
    text = f"{start or ''}:{'' if stop == n else stop}"
    return text if step == 1 else f"{text}:{step}"


def _length(n: int) -> str:
    return "n" if n == BATCH else str(n)


def _tuple(shape: Shape) -> str:
    return f"({', '.join(map(_length, shape))}{',' if len(shape) == 1 else ''})"


def _shape(x: Array) -> str:
    return _tuple(x.shape)


def comment(x: Array) -> str:
    return f"  # {_shape(x)}" if x.shape else ""
