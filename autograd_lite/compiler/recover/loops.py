"""Finding the loops that made a list of positions.

The operands of alike nodes were read by loops over samples, neurons, time. If the positions that
they read are ``start + i·p + j·q + …``, the loops are found again: their lengths are the axes of
an array, and the operand is a view of its source (a slice, a transposition, a broadcast) instead
of a gather.

>>> common_loops([(np.array([0, 0, 0, 2, 2, 2]), (4,)), (np.array([0, 1, 2, 0, 1, 2]), (3,))], 6)
(2, 3)

Next: ``sorting.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ..arrays.instructions import Numbers, Shape, Triple


class View(NamedTuple):
    """A rectangle of the source: one slice per axis, and the loop that runs along each axis.

    ``loops[a]`` is the loop over source axis a, None where the axis stands still. Where
    ``block`` is set, the source is read flat from ``block`` on, loops from slow to fast.
    """

    slices: tuple[Triple, ...]
    loops: tuple[int | None, ...]
    block: int | None = None


def common_loops(sequences: Sequence[tuple[Numbers, Shape]], n: int) -> Shape | None:
    """The lengths of nested loops, outermost first, in which all sequences are affine.

    Each sequence comes with the shape of its source: a run through a whole matrix counts as two
    loops. None where the sequences have no loops in common. One whose blocks come in no order, as
    the rows of a table of words, counts beside one that is affine.
    """
    cuts: set[int] = {n}
    finer: set[int] = set()
    all_found = [(*_cuts(sequence), sequence, shape) for sequence, shape in sequences]
    some_whole = any(whole for _, whole, _, _ in all_found)
    for found, whole, sequence, shape in all_found:
        if not whole and not some_whole:
            continue
        cuts.update(found)
        finer.update(_cuts_of_source(sequence, found, shape))
    return _lengths(cuts | finer) or _lengths(cuts)


def _cuts(sequence: Numbers) -> tuple[list[int], bool]:
    """Lengths of the blocks that repeat with a constant stride, small blocks first; if all do."""
    cuts: list[int] = []
    size = 1
    while len(sequence) > 1:
        steps = np.diff(sequence)
        breaks = np.flatnonzero(steps != steps[0])
        length = len(sequence) if len(breaks) == 0 else int(breaks[0]) + 1
        if len(sequence) % length:
            return cuts, False
        blocks = sequence.reshape(-1, length)
        if (blocks - blocks[:, :1] != blocks[0] - blocks[0, 0]).any():
            return cuts, False
        size *= length
        cuts.append(size)
        sequence = blocks[:, 0]
    return cuts, True


def _cuts_of_source(sequence: Numbers, cuts: list[int], shape: Shape) -> list[int]:
    """Where a run passes from one row of the source to the next."""
    found = []
    inner = 1
    for cut in cuts:
        length = cut // inner
        stride = int(sequence[inner] - sequence[0])
        for row in strides_of(shape):
            if 0 < stride < row < stride * length and row % stride == 0:
                found.append(inner * (row // stride))
        inner = cut
    return found


def _lengths(cuts: set[int]) -> Shape | None:
    lengths: list[int] = []
    inner = 1
    for cut in sorted(cuts):
        if cut % inner:
            return None
        if cut > inner:
            lengths.append(cut // inner)
        inner = cut
    return tuple(reversed(lengths))


def strides_of(shape: Shape) -> Shape:
    """The stride of each axis, in elements, of an array in C order.

    >>> strides_of((2, 3, 4))
    (12, 4, 1)
    """
    strides, stride = [], 1
    for n in reversed(shape):
        strides.append(stride)
        stride *= n
    return tuple(reversed(strides))


def strides_in(positions: Numbers) -> Shape | None:
    """The stride of each loop where the positions (one axis per loop) are affine, else None."""
    start = positions.flat[0]
    strides = []
    expected = np.asarray(start)
    for axis, n in enumerate(positions.shape):
        second = tuple([1 if a == axis else 0 for a in range(positions.ndim)])
        stride = int(positions[second] - start) if n > 1 else 1
        strides.append(stride)
        expected = expected[..., None] + stride * np.arange(n)
    return tuple(strides) if (expected == positions).all() else None


def view_of(positions: Numbers, shape: Shape) -> View | None:
    """The positions (one axis per loop, each longer than 1) as a view of a source of this shape."""
    strides = strides_in(positions)
    if strides is None or min(strides, default=1) <= 0:
        return None
    start = int(positions.flat[0])
    return _rectangle(start, strides, positions.shape, shape) or _block(
        start, strides, positions.shape
    )


def _rectangle(start: int, strides: Shape, lengths: Shape, shape: Shape) -> View | None:
    rows = strides_of(shape)
    corner = [start // row % n for row, n in zip(rows, shape, strict=True)]
    slices = [(at, at + 1, 1) for at in corner]
    loops: list[int | None] = [None] * len(shape)
    for loop, (stride, length) in enumerate(zip(strides, lengths, strict=True)):
        axis = next((a for a, row in enumerate(rows) if row <= stride and shape[a] > 1), None)
        if axis is None or stride % rows[axis] or loops[axis] is not None:
            return None
        step = stride // rows[axis]
        stop = corner[axis] + step * (length - 1) + 1
        if stop > shape[axis]:
            return None
        slices[axis] = (corner[axis], stop, step)
        loops[axis] = loop
    return View(tuple(slices), tuple(loops))


def _block(start: int, strides: Shape, lengths: Shape) -> View | None:
    slow_to_fast = sorted(range(len(strides)), key=lambda loop: -strides[loop])
    expected = 1
    for loop in reversed(slow_to_fast):
        if strides[loop] != expected:
            return None
        expected *= lengths[loop]
    return View((), tuple(slow_to_fast), start)
