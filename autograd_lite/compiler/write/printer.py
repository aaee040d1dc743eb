"""Printing array instructions as a NumPy program that a person can read.

Instructions that are read once are written into the line that reads them; the others get a name.
Names are those of textbooks: parameters ``W1, b1``, weighted sums ``z1``, what an activation makes
of them ``a1``, derivatives ``delta1`` (of z1), ``dW1``, ``da1``.

Next: ``straight.py``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from ... import ops
from ..arrays.instructions import BATCH, Array, batched, reachable
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

VIEWS = frozenset({"slice", "reshape", "align"})
#: Lines grow no longer than this by writing an instruction into the one that reads it.
WIDTH = 50

ERRSTATE = 'with np.errstate(over="raise", divide="raise", invalid="raise"):'


class Printer:
    """The body of a function: one line per named instruction, with its shape as a comment."""

    def __init__(
        self,
        outputs: Mapping[str, Array],
        adjoints: Mapping[Array, Array],
        tables: dict[str, Any],
        taken: Iterable[str] = (),
    ) -> None:
        self.tables = tables  # name -> the fixed numbers that the lines refer to
        self.lines: list[str] = []
        self._tables_known = {id(table): name for name, table in tables.items()}
        self._taken = {*outputs, *taken}
        self._counts: Counter[str] = Counter()
        self._texts: dict[Array, Text] = {}  # of every instruction: its name, or an expression
        self._names: dict[Array, str] = {}
        self._of: dict[Array, list[Array]] = {}  # what each adjoint is the derivative by
        for x, adjoint in adjoints.items():
            self._of.setdefault(adjoint, []).append(x)
        loss = next(iter(outputs.values()))
        self._forward = set(reachable([loss] if adjoints else outputs.values()))
        self._readers: dict[Array, list[Array]] = {}
        order = reachable(outputs.values())
        for x in order:
            self._readers[x] = []
            for operand in x.operands:
                self._readers[operand].append(x)
        wanted = {x: name for name, x in outputs.items()}
        for x in order:
            self._write(x, wanted.get(x))
        for name, x in outputs.items():
            if self._texts[x][0] != name:  # an output that is a leaf, or two that are equal
                self.lines.append(f"{name} = {self._texts[x][0]}")

    def _write(self, x: Array, name: str | None) -> None:
        """A line for x, unless it stays inside the line of its reader."""
        text = self._written(x)
        if x.kind == "leaf":
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
        if x.kind in ("number", "table") or (x.kind == "align" and text[1] == ATOM):
            return True
        if self._is_parameter(x):  # it gets a name, as W1 or b1, at its last shape
            return x.kind == "slice" and [y.kind for y in readers] == ["reshape"]
        if self._is_condition(x):  # products write it themselves
            return bool(readers) and all(y.data is ops.mul for y in readers)
        if len(readers) != 1 or len(text[0]) > WIDTH:
            return False
        if x.shape and any(self._names.get(y, "x")[0] in "Wbz" for y in self._of.get(x, [])):
            return x.kind in VIEWS  # delta1, dW1 and db1 are worth a line
        return readers[0].kind != "map" or occurrences(readers[0].data) == 1

    def _is_condition(self, x: Array) -> bool:
        """The slope of a ReLU: ``x > 0``. Steps in the value itself must let a NaN through."""
        return x.kind == "map" and x.data is ops.step and x not in self._forward

    def _is_parameter(self, x: Array) -> bool:
        while x.kind in ("slice", "reshape"):
            x = x.operands[0]
        return x.kind == "leaf" and x.data == "p"

    def _name(self, x: Array) -> str:
        named = [self._names[y] for y in self._of.get(x, []) if y in self._names]
        if named:
            name = min(named, key=lambda name: (name[0] != "z", name))
            return self._fresh("delta" + name[1:] if name[0] == "z" else f"d{name}")
        if self._is_parameter(x):
            reads_product = any(y.kind == "contract" for y in self._used_by(x))
            return self._numbered("W" if reads_product or len(x.shape) > 1 else "b")
        if x.kind == "map" and len(x.operands) == 1:
            name = self._names.get(x.operands[0], "")
            if name[:1] == "z":
                return self._fresh(f"a{name[1:]}")
        if x.kind == "contract" or any(y.kind == "contract" for y in x.operands):
            return self._numbered("z")
        return self._numbered("v")

    def _used_by(self, x: Array) -> Iterable[Array]:
        for reader in self._readers.get(x, []):
            yield reader
            if reader.kind in VIEWS:
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
        return getattr(self, f"_{x.kind}")(x, *[self._texts[y] for y in x.operands])  # type: ignore[no-any-return]

    def _leaf(self, x: Array) -> Text:
        return x.data, ATOM

    def _number(self, x: Array) -> Text:
        return number(x.data)

    def _table(self, x: Array) -> Text:
        return self._table_name("C", x.data), ATOM

    def _table_name(self, letter: str, table: Any) -> str:
        name = self._tables_known.get(id(table))
        if name is None:
            k = 1
            while f"{letter}{k}" in self.tables or f"{letter}{k}" in self._taken:
                k += 1
            name = self._tables_known[id(table)] = f"{letter}{k}"
            self.tables[name] = table
        return name

    def _map(self, x: Array, *operands: Text) -> Text:
        if x.data is ops.mul:
            for k, operand in enumerate(x.operands):
                if self._is_condition(operand):
                    condition = f"({self._texts[operand.operands[0]][0]} > 0)"
                    return f"{bracket(operands[1 - k], PRODUCT)} * {condition}", PRODUCT
        if self._is_condition(x):
            return f"1.0 * ({operands[0][0]} > 0)", PRODUCT
        return applied(x.data, operands)

    def _reduce(self, x: Array, operand: Text) -> Text:
        if x.data is ops.held_max:
            return f"{bracket(operand, ATOM)}.max(0)", ATOM
        return filled(x.data, {"xs": operand})

    def _total(self, x: Array, operand: Text) -> Text:
        axes = "" if not x.shape else str(x.data[0] if len(x.data) == 1 else x.data)
        return f"{bracket(operand, ATOM)}.sum({axes})", ATOM

    def _contract(self, x: Array, a: Text, b: Text) -> Text:
        la, lb, out = x.data
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

    def _slice(self, x: Array, operand: Text) -> Text:
        slices = list(x.data)
        lengths = x.operands[0].shape
        while slices and slices[-1] == (0, lengths[len(slices) - 1], 1):
            slices.pop()
        shown = ", ".join(_slice_text(s, n) for s, n in zip(slices, lengths, strict=False))
        return f"{bracket(operand, ATOM)}[{shown}]", ATOM

    def _reshape(self, x: Array, operand: Text) -> Text:
        source = bracket(operand, ATOM)
        if x.operands[0].kind == "number":
            return f"np.full({_shape(x)}, {operand[0]})", ATOM
        if len(x.shape) == 1 and not (batched(x.operands[0]) and not batched(x)):
            return f"{source}.ravel()", ATOM
        if not x.shape:
            return f"{source}[{', '.join(['0'] * len(x.operands[0].shape))}]", ATOM
        return f"{source}.reshape({', '.join(map(_length, x.shape))})", ATOM

    def _align(self, x: Array, operand: Text) -> Text:
        source, axes = bracket(operand, ATOM), x.data
        kept = [axis for axis in axes if axis is not None]
        if kept == [1, 0]:
            source = f"{source}.T"
        elif kept != sorted(kept):
            source = f"{source}.transpose({', '.join(map(str, kept))})"
        if len(kept) < len(axes):
            source += f"[{', '.join('None' if axis is None else ':' for axis in axes)}]"
        return source, ATOM

    def _expand(self, x: Array, operand: Text) -> Text:
        function = "np.broadcast_to({1}, {0})" if x.operands[0].shape else "np.full({0}, {1})"
        return function.format(_shape(x), operand[0]), ATOM

    def _take(self, x: Array, operand: Text) -> Text:
        positions = self._table_name("I", x.data)
        if batched(x):
            return f"{bracket(operand, ATOM)}.reshape(-1, n)[{positions}]", ATOM
        return f"np.take({operand[0]}, {positions})", ATOM

    def _scatter(self, x: Array, operand: Text) -> Text:
        positions = self._table_name("I", x.data)
        function = "place" if len(np.unique(x.data)) == x.data.size else "scatter"
        return f"{function}({operand[0]}, {positions}, {_shape(x)})", ATOM

    def _join(self, x: Array, *operands: Text) -> Text:
        axis, layout = x.data
        texts = iter(operands)
        pieces = []
        for gap in layout:
            shape = (*x.shape[:axis], gap, *x.shape[axis + 1 :])
            pieces.append(next(texts)[0] if gap is None else f"np.zeros({_tuple(shape)})")
        more = f", axis={axis}" if axis else ""
        return f"np.concatenate([{', '.join(pieces)}]{more})", ATOM

    def _stack(self, x: Array, *operands: Text) -> Text:
        return f"np.stack([{', '.join(text for text, _ in operands)}])", ATOM


# --- shapes as text -------------------------------------------------------------------------------


def _slice_text(limits: tuple[int, int, int], n: int) -> str:
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
