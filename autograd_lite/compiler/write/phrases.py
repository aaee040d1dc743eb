"""Each kind of instruction but the primitives, as NumPy writes it.

Next: ``printer.py``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ...languages.form import ATOM, PRODUCT, SIGN, Text, bracket
from ...languages.numpy import numpy, transposed
from ..arrays.instructions import (
    BATCH,
    LARGEST,
    VIEWS,
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
    Table,
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


def total_text(x: Total, operand: Text) -> Text:
    """A sum; one over samples is the value, or an adjoint, so that nothing hides its overflow."""
    *rows, last = x.operands[0].shape
    if last == BATCH and x.axes == (len(rows),) and len(rows) <= 1:
        return spelling.total_of_samples(operand, rows=bool(rows))
    axes = "" if not x.shape else str(x.axes[0] if len(x.axes) == 1 else x.axes)
    return spelling.total(operand, axes)


def contract_text(x: Contract, a: Text, b: Text, told: bool, forward: bool = True) -> Text:
    """A sum of products; ``told`` says that NumPy must tell of an overflow, where it can.

    With a vector, ``w @ A`` takes 0.2 to 0.5 µs less than ``A.T @ w``, which the backward pass
    keeps: people know ``W.T @ delta``.
    """
    la, lb, out = x.labels
    summed = [label for label in la if label in lb and label not in out]
    if not out and la == lb:
        return (f"np.vdot({a[0]}, {b[0]})", ATOM) if len(la) > 1 else spelling.product(a, b, told)
    if len(summed) == 1 and not set(la) & set(lb) & set(out) and max(len(la), len(lb)) <= 2:
        left, right = (la, a), (lb, b)
        if out and out[0] in lb:
            left, right = right, left
        k = summed[0]
        if forward and len(out) == 1 and left[0][0] == k:
            left, right = right, left
        # rows of the left factor are what comes first in the result
        first = left[1] if left[0][-1] == k else transposed(left[1])
        second = right[1] if right[0][0] == k else transposed(right[1])
        return spelling.product(first, second, told)
    return (
        _products_in_a_row(x, a, b)
        or _product_of_blocks(x, a, b, told)
        or (f'np.einsum("{la},{lb}->{out}", {a[0]}, {b[0]})', ATOM)
    )


def _products_in_a_row(x: Contract, a: Text, b: Text) -> Text | None:
    """A product of matrices for each number of a first axis: ``@`` takes a third of einsum's time.

    >>> from ..arrays.maker import Arrays
    >>> arrays = Arrays()
    >>> q, k = arrays.leaf("q", (4, 8, 3)), arrays.leaf("k", (4, 8, 3))
    >>> contract_text(arrays.contract(q, k, ("hid", "htd", "hit")), ("q", ATOM), ("k", ATOM), True)
    ('q @ k.transpose(0, 2, 1)', 3)
    """
    la, lb, out = x.labels
    if not (len(la) == len(lb) == len(out) == 3 and la[0] == lb[0] == out[0]):
        return None
    left, right = (la[1:], a), (lb[1:], b)
    if out[1] in right[0]:
        left, right = right, left
    (k,) = set(left[0]) - {out[1]}
    if k not in right[0] or out[2] not in right[0] or k in out:
        return None
    first = left[1] if left[0] == out[1] + k else _turned(left[1])
    second = right[1] if right[0] == k + out[2] else _turned(right[1])
    return f"{bracket(first, SIGN)} @ {bracket(second, ATOM)}", PRODUCT


def _turned(x: Text) -> Text:
    return f"{bracket(x, ATOM)}.transpose(0, 2, 1)", ATOM


def _product_of_blocks(x: Contract, a: Text, b: Text, told: bool) -> Text | None:
    """One product of matrices, of axes that stand together on both sides as if they were one."""
    la, lb, out = x.labels
    summed = "".join(label for label in la if label in lb)
    if not summed or set(summed) & set(out) or summed not in lb:
        return None
    rows, columns = la.replace(summed, ""), lb.replace(summed, "")
    ends = la in (rows + summed, summed + rows) and lb in (summed + columns, columns + summed)
    if not ends or not rows or not columns:
        return None
    left = _flat(x.operands[0], la, a, summed, rows)
    right = _flat(x.operands[1], lb, b, summed, columns)
    if out == rows + columns:
        first = left if la.endswith(summed) else transposed(left)
        second = right if lb.startswith(summed) else transposed(right)
    elif out == columns + rows:
        first = right if lb.endswith(summed) else transposed(right)
        second = left if la.startswith(summed) else transposed(left)
    else:
        return None
    product = spelling.product(first, second, told)
    if len(out) == 2:
        return product
    return f"({product[0]}).reshape({', '.join(map(_length, x.shape))})", ATOM


def _flat(x: Array, labels: str, text: Text, summed: str, others: str) -> Text:
    """An operand as a matrix: what is summed over as one axis, the rest as another."""
    if len(labels) == 2:
        return text
    lengths = dict(zip(labels, x.shape, strict=True))
    sizes = [
        "-1" if BATCH in (some := [lengths[label] for label in group]) else str(math.prod(some))
        for group in ((summed, others) if labels.startswith(summed) else (others, summed))
    ]
    return f"{bracket(text, ATOM)}.reshape({', '.join(sizes)})", ATOM


def is_checked(x: Contract) -> bool:
    """Whether NumPy tells of an overflow: in products of matrices it does, else it does not.

    What is glossed over: a product that its library shares out among threads. The flags of other
    processors are not seen, so an overflow to −∞ there which a ReLU then hides passes unnoticed;
    to look for it in every product would cost 4 µs each.
    """
    text = contract_text(x, ("a", ATOM), ("b", ATOM), told=True)[0]
    return spelling.is_product(text) or " @ " in text


def is_shared(x: Array) -> bool:
    """Whether its numbers lie in an argument or in a table, or several of them at one place."""
    while x.shape and isinstance(x, (*VIEWS, Expand)):
        (y,) = x.operands
        if isinstance(x, Expand):
            return bool(y.shape)
        x = y
    return isinstance(x, Leaf | Table) and bool(x.shape)


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
    rows = iter(zip(x.operands, operands, strict=True))
    pieces = []
    for gap in x.layout:
        if gap is None:
            y, (text, _) = next(rows)
            one = isinstance(y, Reshape) and not y.operands[0].shape and text.endswith(".ravel()")
            pieces.append(spelling.in_a_row((text[:-8], ATOM)) if one else text)
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
