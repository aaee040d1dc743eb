"""Printing array instructions as a NumPy program that a person can read.

Instructions that are read once are written into the line that reads them; the others get a name.
Names are those of textbooks: parameters ``W1, b1``, weighted sums ``z1``, what an activation makes
of them ``a1``, derivatives ``delta1`` (of z1), ``dW1``, ``da1``.

Next: ``scalars.py``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any, assert_never

from ... import ops
from ...engine.kinds import Where
from ...engine.primitive import Primitive
from ...languages.form import ATOM, PRODUCT, SIGN, Language, Text, bracket, is_arithmetic
from ...languages.numpy import numpy
from ..arrays.instructions import (
    VIEWS,
    Align,
    Array,
    Contract,
    Expand,
    Final,
    Join,
    Leaf,
    Loop,
    Map,
    Number,
    Numbers,
    Reduce,
    Reshape,
    Scatter,
    Series,
    Slice,
    Stack,
    Table,
    Take,
    Total,
    batched,
    reachable,
    readers_of,
    reordered,
)  # fmt: skip
from . import phrases
from .claims import Error, smooth_below
from .spelling import beside_arrays, outer, positive

#: Lines grow no longer than this by writing an instruction into the one that reads it.
WIDTH = 50


@lru_cache(maxsize=1024)
def hands_on(op: Primitive) -> bool:
    """Whether an infinity or a NaN among the operands comes out, whatever the others are."""
    return op is ops.sum or is_arithmetic(op)


def _hides(y: Array, x: Array) -> bool:
    """Whether y may be finite where its operand x is not."""
    if isinstance(y, Map) and y.op is ops.div:
        return y.operands[1] is x
    return isinstance(y, Map | Reduce) and not hands_on(y.op)


class Printer:
    """The body of a function: one line per named instruction, with its shape as a comment."""

    language: Language = numpy

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
        self.texts: dict[Array, Text] = {}  # of every instruction: its name, or an expression
        self._names: dict[Array, str] = {}
        self.variables: dict[Array, list[Array]] = {}  # what each adjoint is the derivative by
        for x, adjoint in adjoints.items():
            self.variables.setdefault(adjoint, []).append(x)
        loss = next(iter(outputs.values()))
        self._forward = set(reachable([loss]) if adjoints else self._order)
        self.readers = readers_of(self._order)
        self._hidden = self._hidden_contractions()
        self._unchecked = {x for x in self._hidden if not phrases.is_checked(x)}
        self.errors: list[Error] = []  # of layers in which the loss is smooth
        self.checks: list[str] = []  # names of numbers of which NumPy does not tell an overflow

    def print(self) -> list[str]:
        """The lines, each instruction after what it reads."""
        wanted = {x: name for name, x in self._outputs.items()}
        for x in self._order:
            self._write(x, wanted.get(x))
        for name, x in self._outputs.items():
            if self.texts[x][0] != name:  # an output that is a leaf, or two that are equal
                self.lines.append(f"{name} = {self._of_its_own(x, self.texts[x])}")
        return self.lines

    def _write(self, x: Array, name: str | None) -> None:
        """A line for x, unless it stays inside the line of its reader."""
        text = self._written(x)
        if isinstance(x, Leaf):
            self._names[x] = text[0]
        elif name is None and self.stays_inside(x, text):
            self.texts[x] = text
            return
        else:
            own = text[0] if name is None else self._of_its_own(x, text)
            self._names[x] = name = name or self.name(x)
            self.checks += [name] if x in self._unchecked else []
            self.lines.append(f"{name} = {own}{phrases.comment(x)}")
            self._note_error(x, name)
        self.texts[x] = (self._names[x], ATOM)

    def _of_its_own(self, x: Array, text: Text) -> str:
        """An output: whoever gets it may write into it."""
        return f"{bracket(text, ATOM)}.copy()" if phrases.is_shared(x) else text[0]

    def _note_error(self, x: Array, name: str) -> None:
        """Whether x is the error of a layer, of which there may be something to claim."""
        for z in self.variables.get(x, []) if name.startswith("delta") else ():
            if self._names.get(z, "")[:1] == "z" and z in self._smooth:
                own = z.shape[: len(z.shape) - batched(z)]
                self.errors.append(Error(self._names[z], name, own))

    @cached_property
    def _smooth(self) -> set[Array]:
        return smooth_below([x for x in self._order if x in self._forward], self.readers)

    # --- names ---

    def stays_inside(self, x: Array, text: Text) -> bool:
        readers = self.readers[x]
        if isinstance(x, Number | Table) or (isinstance(x, Align) and text[1] == ATOM):
            return True
        if self._is_parameter(x):  # it gets a name, as W1 or b1, at its last shape
            return isinstance(x, Slice) and [type(y) for y in readers] == [Reshape]
        if self.is_condition(x):  # products write it themselves
            return bool(readers) and all(
                isinstance(y, Map)
                and (y.op is ops.mul or (y.op is ops.div and y.operands[1] is not x))
                for y in readers
            )
        if len(readers) != 1 or len(text[0]) > WIDTH or x in self._unchecked:
            return False
        if x.shape and any(self._names.get(y, "x")[0] in "Wbz" for y in self.variables.get(x, [])):
            return isinstance(x, VIEWS)  # delta1, dW1 and db1 are worth a line
        if self._is_weighted_sum(x):  # z1, in both functions
            return False
        (reader,) = readers
        if isinstance(reader, Align) and len(self.readers[reader]) > 1:
            return False  # it would be written with each of those
        return not isinstance(reader, Map) or numpy.occurrences(reader.op) == 1

    def _hidden_contractions(self) -> set[Contract]:
        """Sums of products of which a later function may hide an overflow."""
        found = {x for x in self._forward if isinstance(x, Contract)}
        hidden: set[Array] = set()
        for x in reversed(self._order) if found else ():
            for y in self.readers.get(x, []):
                if y in self._forward and (y in hidden or _hides(y, x)):
                    hidden.add(x)
        return found & hidden

    def is_condition(self, x: Array) -> bool:
        """The slope of a ReLU: ``x > 0``. Steps in the value itself must let a NaN through."""
        return isinstance(x, Map) and x.op is ops.step and x not in self._forward

    def _is_parameter(self, x: Array) -> bool:
        while isinstance(x, Slice | Reshape):
            x = x.operands[0]
        if isinstance(x, Take) and reordered(x):
            x = x.operands[0]
        return isinstance(x, Leaf) and x.name == "p"

    def name(self, x: Array) -> str:
        named = [self._names[y] for y in self.variables.get(x, []) if y in self._names]
        if named:
            name = min(named, key=lambda name: (name[0] != "z", name))
            return self.fresh("delta" + name[1:] if name[0] == "z" else f"d{name}")
        if isinstance(x, Take) and reordered(x):
            return self.fresh("blocks")
        if self._is_parameter(x):
            reads_product = any(isinstance(y, Contract) for y in self._used_by(x))
            return self.numbered("W" if reads_product or len(x.shape) > 1 else "b")
        if isinstance(x, Map) and len(x.operands) == 1:
            name = self._names.get(x.operands[0], "")
            if name[:1] == "z" and x.op is not ops.neg:
                return self.fresh(f"a{name[1:]}")
        return self.numbered("z" if self._is_weighted_sum(x) else "v")

    def _is_weighted_sum(self, x: Array) -> bool:
        """Whether x is W @ a + b, or W @ a where nothing is added to it."""
        if x not in self._forward:
            return False
        if isinstance(x, Map) and x.op is ops.add:
            return any(map(self._weighs, x.operands))
        added = any(isinstance(y, Map) and y.op is ops.add for y in self.readers[x])
        return self._weighs(x) and not added

    def _weighs(self, x: Array) -> bool:
        """Whether x is a product of parameters with something else."""
        return isinstance(x, Contract) and sum(map(self._is_parameter, x.operands)) == 1

    def _used_by(self, x: Array) -> Iterable[Array]:
        for reader in self.readers.get(x, []):
            yield reader
            if isinstance(reader, VIEWS):
                yield from self._used_by(reader)

    def numbered(self, letter: str) -> str:
        while True:
            self._counts[letter] += 1
            name = f"{letter}{self._counts[letter]}"
            if name not in self._taken:
                self._taken.add(name)
                return name

    def fresh(self, name: str) -> str:
        if name in self._taken:
            return self.numbered(f"{name}_")
        self._taken.add(name)
        return name

    # --- expressions ---

    def _written(self, x: Array) -> Text:
        """The expression of x over the texts of its operands."""
        operands = [self.texts[y] for y in x.operands]
        match x:
            case Map():
                return self.map(x, operands)
            case Leaf():
                return x.name, ATOM
            case Number():
                return self.language.number(x.value)
            case Table():
                return self._table_name("C", x.numbers), ATOM
            case Reduce():
                return phrases.reduce_text(x, *operands)
            case Total():
                (operand,) = operands
                return phrases.total_text(x, operand)
            case Contract():
                left, right = operands
                hidden, forward = x in self._hidden, x in self._forward
                return phrases.contract_text(x, left, right, told=hidden, forward=forward)
            case Slice():
                return phrases.slice_text(x, *operands)
            case Reshape(shape=(), operands=(Slice(operands=(y,), slices=((at, _, _),)),)):
                return f"{bracket(self.texts[y], ATOM)}[{at}]", ATOM
            case Reshape():
                return phrases.reshape_text(x, *operands)
            case Align():
                return phrases.align_text(x, *operands)
            case Expand():
                return phrases.expand_text(x, *operands)
            case Take():
                return phrases.take_text(x, self._table_name("I", x.positions), *operands)
            case Scatter():
                return phrases.scatter_text(x, self._table_name("I", x.positions), *operands)
            case Join():
                return phrases.join_text(x, operands)
            case Stack():
                return phrases.stack_text(operands)
            case Loop() | Final() | Series():
                raise AssertionError(f"{x} stands in graphs of scalars")
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

    def map(self, x: Map, operands: Sequence[Text]) -> Text:
        if x.op is ops.mul:
            for k, operand in enumerate(x.operands):
                if self.is_condition(operand):
                    factor = bracket(operands[1 - k], PRODUCT)
                    return f"{factor} * {self._condition(operand)}", PRODUCT
            if x not in self._forward:
                match x.operands:
                    case (Align(axes=(0, None)), Align(axes=(None, 0))):
                        return outer(*operands)
                    case (Align(axes=(None, 0)), Align(axes=(0, None))):
                        return outer(operands[1], operands[0])
        if x.op is ops.div and self.is_condition(x.operands[0]):
            return f"{self._condition(x.operands[0])} / {bracket(operands[1], SIGN)}", PRODUCT
        if self.is_condition(x):
            return f"1.0 * {self._condition(x)}", PRODUCT
        language = self.language
        if x.shape:  # every number meets an array
            language = beside_arrays
            operands = [
                language.number(y.value) if isinstance(y, Number) else text
                for y, text in zip(x.operands, operands, strict=True)
            ]
        return language.applied(x.op, operands if x.op.arity else self._of_many(x.op, operands))

    def _condition(self, x: Array) -> str:
        (z,) = x.operands
        return positive(self.texts[z], in_array=bool(z.shape))

    def _of_many(self, op: Primitive, operands: Sequence[Text]) -> list[Any]:
        if isinstance(op, Where):
            return [list(operands)]
        rows = ", ".join(text for text, _ in operands)
        return [(f"np.stack(np.broadcast_arrays({rows}))", ATOM)]
