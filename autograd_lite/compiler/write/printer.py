"""Printing array instructions as a NumPy program that a person can read.

Instructions that are read once are written into the line that reads them; the others get a name.
Names are those of textbooks: parameters ``W1, b1``, weighted sums ``z1``, what an activation makes
of them ``a1``, derivatives ``delta1`` (of z1), ``dW1``, ``da1``.

Next: ``straight.py``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import assert_never

import numpy as np

from ... import ops
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
    Numbers,
    Reduce,
    Reshape,
    Scatter,
    Slice,
    Stack,
    Table,
    Take,
    Total,
    Triple,
    batched,
    reachable,
    readers_of,
)  # fmt: skip
from .brackets import (
    ATOM,
    PRODUCT,
    Text,
    applied,
    bracket,
    filled,
    matmul,
    number,
    occurrences,
    transposed,
)

#: Lines grow no longer than this by writing an instruction into the one that reads it.
WIDTH = 50

ERRSTATE = 'with np.errstate(over="raise", divide="raise", invalid="raise"):'


class Printer:
    """The body of a function: one line per named instruction, with its shape as a comment."""

    def __init__(
        self,
        outputs: Mapping[str, Array],
        adjoints: Mapping[Array, Array],
        tables: dict[str, Numbers],
        taken: Iterable[str] = (),
    ) -> None:
        self.tables = tables  # name -> the fixed numbers that the lines refer to
        self.lines: list[str] = []
        self._outputs = outputs
        self._order = reachable(outputs.values())
        self._tables_known = {id(table): name for name, table in tables.items()}
        self._taken = {*outputs, *taken}
        self._counts: Counter[str] = Counter()
        self._texts: dict[Array, Text] = {}  # of every instruction: its name, or an expression
        self._names: dict[Array, str] = {}
        self._of: dict[Array, list[Array]] = {}  # what each adjoint is the derivative by
        for x, adjoint in adjoints.items():
            self._of.setdefault(adjoint, []).append(x)
        loss = next(iter(outputs.values()))
        self._forward = set(reachable([loss]) if adjoints else self._order)
        self._readers = readers_of(self._order)

    def print(self) -> list[str]:
        """The lines, each instruction after what it reads."""
        wanted = {x: name for name, x in self._outputs.items()}
        for x in self._order:
            self._write(x, wanted.get(x))
        for name, x in self._outputs.items():
            if self._texts[x][0] != name:  # an output that is a leaf, or two that are equal
                self.lines.append(f"{name} = {self._texts[x][0]}")
        return self.lines

    def _write(self, x: Array, name: str | None) -> None:
        """A line for x, unless it stays inside the line of its reader."""
        text = self._written(x)
        if isinstance(x, Leaf):
            self._names[x] = text[0]
        elif name is None and self._stays_inside(x, text):
            self._texts[x] = text
            return
        else:
            self._names[x] = name = name or self._name(x)
            self.lines.append(f"{name} = {text[0]}{_comment(x)}")
        self._texts[x] = (self._names[x], ATOM)

    # --- names ---

    def _stays_inside(self, x: Array, text: Text) -> bool:
        readers = self._readers[x]
        if isinstance(x, Number | Table) or (isinstance(x, Align) and text[1] == ATOM):
            return True
        if self._is_parameter(x):  # it gets a name, as W1 or b1, at its last shape
            return isinstance(x, Slice) and [type(y) for y in readers] == [Reshape]
        if self._is_condition(x):  # products write it themselves
            return bool(readers) and all(isinstance(y, Map) and y.op is ops.mul for y in readers)
        if len(readers) != 1 or len(text[0]) > WIDTH:
            return False
        if x.shape and any(self._names.get(y, "x")[0] in "Wbz" for y in self._of.get(x, [])):
            return isinstance(x, VIEWS)  # delta1, dW1 and db1 are worth a line
        (reader,) = readers
        return not isinstance(reader, Map) or occurrences(reader.op) == 1

    def _is_condition(self, x: Array) -> bool:
        """The slope of a ReLU: ``x > 0``. Steps in the value itself must let a NaN through."""
        return isinstance(x, Map) and x.op is ops.step and x not in self._forward

    def _is_parameter(self, x: Array) -> bool:
        while isinstance(x, Slice | Reshape):
            x = x.operands[0]
        return isinstance(x, Leaf) and x.name == "p"

    def _name(self, x: Array) -> str:
        named = [self._names[y] for y in self._of.get(x, []) if y in self._names]
        if named:
            name = min(named, key=lambda name: (name[0] != "z", name))
            return self._fresh("delta" + name[1:] if name[0] == "z" else f"d{name}")
        if self._is_parameter(x):
            reads_product = any(isinstance(y, Contract) for y in self._used_by(x))
            return self._numbered("W" if reads_product or len(x.shape) > 1 else "b")
        if isinstance(x, Map) and len(x.operands) == 1:
            name = self._names.get(x.operands[0], "")
            if name[:1] == "z":
                return self._fresh(f"a{name[1:]}")
        if isinstance(x, Contract) or any(isinstance(y, Contract) for y in x.operands):
            return self._numbered("z")
        return self._numbered("v")

    def _used_by(self, x: Array) -> Iterable[Array]:
        for reader in self._readers.get(x, []):
            yield reader
            if isinstance(reader, VIEWS):
                yield from self._used_by(reader)

    def _numbered(self, letter: str) -> str:
        while True:
            self._counts[letter] += 1
            name = f"{letter}{self._counts[letter]}"
            if name not in self._taken:
                self._taken.add(name)
                return name

    def _fresh(self, name: str) -> str:
        if name in self._taken:
            return self._numbered(f"{name}_")
        self._taken.add(name)
        return name

    # --- expressions ---

    def _written(self, x: Array) -> Text:
        """The expression of x over the texts of its operands."""
        operands = [self._texts[y] for y in x.operands]
        match x:
            case Map():
                return self._map(x, operands)
            case Leaf():
                return x.name, ATOM
            case Number():
                return number(x.value)
            case Table():
                return self._table_name("C", x.numbers), ATOM
            case Reduce():
                return _reduce(x, *operands)
            case Total():
                return _total(x, *operands)
            case Contract():
                return _contract(x, *operands)
            case Slice():
                return _slice(x, *operands)
            case Reshape():
                return _reshape(x, *operands)
            case Align():
                return _align(x, *operands)
            case Expand():
                return _expand(x, *operands)
            case Take():
                return _take(x, self._table_name("I", x.positions), *operands)
            case Scatter():
                return _scatter(x, self._table_name("I", x.positions), *operands)
            case Join():
                return _join(x, operands)
            case Stack():
                return f"np.stack([{', '.join(text for text, _ in operands)}])", ATOM
        assert_never(x)

    def _table_name(self, letter: str, table: Numbers) -> str:
        name = self._tables_known.get(id(table))
        if name is None:
            k = 1
            while f"{letter}{k}" in self.tables or f"{letter}{k}" in self._taken:
                k += 1
            name = self._tables_known[id(table)] = f"{letter}{k}"
            self.tables[name] = table
        return name

    def _map(self, x: Map, operands: Sequence[Text]) -> Text:
        if x.op is ops.mul:
            for k, operand in enumerate(x.operands):
                if self._is_condition(operand):
                    condition = f"({self._texts[operand.operands[0]][0]} > 0)"
                    return f"{bracket(operands[1 - k], PRODUCT)} * {condition}", PRODUCT
        if self._is_condition(x):
            return f"1.0 * ({operands[0][0]} > 0)", PRODUCT
        return applied(x.op, operands)


# --- one function per kind ------------------------------------------------------------------------


def _reduce(x: Reduce, operand: Text) -> Text:
    if x.op is LARGEST:
        return f"{bracket(operand, ATOM)}.max(0)", ATOM
    return filled(x.op, {"xs": operand})


def _total(x: Total, operand: Text) -> Text:
    axes = "" if not x.shape else str(x.axes[0] if len(x.axes) == 1 else x.axes)
    return f"{bracket(operand, ATOM)}.sum({axes})", ATOM


def _contract(x: Contract, a: Text, b: Text) -> Text:
    la, lb, out = x.labels
    summed = [label for label in la if label in lb and label not in out]
    if not out and la == lb:
        return (f"np.vdot({a[0]}, {b[0]})", ATOM) if len(la) > 1 else matmul(a, b)
    if len(summed) == 1 and not set(la) & set(lb) & set(out) and max(len(la), len(lb)) <= 2:
        left, right = (la, a), (lb, b)
        if out and out[0] in lb:
            left, right = right, left
        k = summed[0]
        # rows of the left factor are what comes first in the result
        first = left[1] if left[0][-1] == k else transposed(left[1])
        second = right[1] if right[0][0] == k else transposed(right[1])
        return matmul(first, second)
    return f'np.einsum("{la},{lb}->{out}", {a[0]}, {b[0]})', ATOM


def _slice(x: Slice, operand: Text) -> Text:
    slices = list(x.slices)
    lengths = x.operands[0].shape
    while slices and slices[-1] == (0, lengths[len(slices) - 1], 1):
        slices.pop()
    shown = ", ".join(_slice_text(s, n) for s, n in zip(slices, lengths, strict=False))
    return f"{bracket(operand, ATOM)}[{shown}]", ATOM


def _reshape(x: Reshape, operand: Text) -> Text:
    source = bracket(operand, ATOM)
    if isinstance(x.operands[0], Number):
        return f"np.full({_shape(x)}, {operand[0]})", ATOM
    if len(x.shape) == 1 and not (batched(x.operands[0]) and not batched(x)):
        return f"{source}.ravel()", ATOM
    if not x.shape:
        return f"{source}[{', '.join(['0'] * len(x.operands[0].shape))}]", ATOM
    return f"{source}.reshape({', '.join(map(_length, x.shape))})", ATOM


def _align(x: Align, operand: Text) -> Text:
    source, axes = bracket(operand, ATOM), x.axes
    kept = [axis for axis in axes if axis is not None]
    if kept == [1, 0]:
        source = f"{source}.T"
    elif kept != sorted(kept):
        source = f"{source}.transpose({', '.join(map(str, kept))})"
    if len(kept) < len(axes):
        source += f"[{', '.join('None' if axis is None else ':' for axis in axes)}]"
    return source, ATOM


def _expand(x: Expand, operand: Text) -> Text:
    function = "np.broadcast_to({1}, {0})" if x.operands[0].shape else "np.full({0}, {1})"
    return function.format(_shape(x), operand[0]), ATOM


def _take(x: Take, positions: str, operand: Text) -> Text:
    if batched(x):
        return f"{bracket(operand, ATOM)}.reshape(-1, n)[{positions}]", ATOM
    return f"np.take({operand[0]}, {positions})", ATOM


def _scatter(x: Scatter, positions: str, operand: Text) -> Text:
    function = "place" if len(np.unique(x.positions)) == x.positions.size else "scatter"
    return f"{function}({operand[0]}, {positions}, {_shape(x)})", ATOM


def _join(x: Join, operands: Sequence[Text]) -> Text:
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


# --- shapes as text -------------------------------------------------------------------------------


def _slice_text(limits: Triple, n: int) -> str:
    start, stop, step = limits
    if limits == (0, n, 1):
        return ":"
    text = f"{start or ''}:{'' if stop == n else stop}"
    return text if step == 1 else f"{text}:{step}"


def _length(n: int) -> str:
    return "n" if n == BATCH else str(n)


def _tuple(shape: tuple[int, ...]) -> str:
    return f"({', '.join(map(_length, shape))}{',' if len(shape) == 1 else ''})"


def _shape(x: Array) -> str:
    return _tuple(x.shape)


def _comment(x: Array) -> str:
    return f"  # {_shape(x)}" if x.shape else ""
