"""The text of a whole program: imports, helpers, two functions, the fixed numbers they refer to.

Next: ``formulas.py``.
"""

from __future__ import annotations

import base64
import keyword
import math
import re
import textwrap
import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...engine import floats
from ..arrays.derive import derivative
from ..arrays.instructions import Array
from ..arrays.maker import Arrays
from ..recover.freeze import PARAMETER, Frozen
from ..recover.views import Input
from .printer import ERRSTATE, Printer
from .straight import StraightPrinter, scalars

VALUE = "The value at the parameters p, a flat vector."
BOTH = "The value at the parameters p, and its gradient in the same order."

#: Tables of up to so many numbers are printed as they are, longer ones packed.
READABLE = 64

SCATTER = '''
def scatter(x, positions, shape):
    """Zeros of this shape, with x added at these positions of the flattened array."""
    out = np.zeros(shape)
    np.add.at(out.reshape(-1, *x.shape[positions.ndim :]), positions, x)
    return out
'''
SCATTER_JAX = '''
def scatter(x, positions, shape):
    """Zeros of this shape, with x added at these positions of the flattened array."""
    rest = x.shape[positions.ndim :]
    return np.zeros(shape).reshape(-1, *rest).at[positions].add(x).reshape(shape)
'''
PLACE = '''
def place(x, positions, shape):
    """Zeros of this shape, with x at these positions, all different, of the flattened array."""
    out = np.zeros(shape)
    out.reshape(-1, *x.shape[positions.ndim :])[positions] = x
    return out
'''
SECH2 = '''
def sech2(x):
    """1 / cosh² x, the slope of tanh, with all its digits in the tails."""
    e = np.exp(-2.0 * np.abs(x))
    return 4.0 * e / np.square(1.0 + e)
'''
ERF = """
erf, erfc = np.vectorize(math.erf, [float]), np.vectorize(math.erfc, [float])
"""


UNPACKED = '''
def unpacked(shape, kind, text):
    """An array from its bytes, which were compressed and written as text."""
    return np.frombuffer(zlib.decompress(base64.b85decode(text)), dtype=kind).reshape(shape)
'''


#: What programs call their parameters, lengths, results, modules and helpers, and what they call.
TAKEN = {
    "p", "n", "loss", "dp", "np", "math", "base64", "zlib", "print",
    "scatter", "place", "sech2", "erf", "erfc", "unpacked", "value", "value_and_grad",
    "float", "len", "max", "min", "OverflowError", *keyword.kwlist,
}  # fmt: skip


def reserved(name: str) -> bool:
    """Whether printed programs have a use for the name."""
    return name in TAKEN or hasattr(math, name) or hasattr(floats, name)


#: What each function of a program computes, as instructions.
Results = dict[str, Sequence[Array]]


class Function(NamedTuple):
    """One function of the program; the lines before ``start`` need no check of arithmetic."""

    name: str
    arguments: Sequence[str]
    claim: str
    setup: Sequence[str]
    lines: Sequence[str]
    result: str


class ProgramText(NamedTuple):
    """The functions of a program, the helpers that they call, the fixed numbers they refer to."""

    functions: Sequence[Function]
    tables: Mapping[str, NDArray[Any]]
    imports: Sequence[str] = ()  # from math
    helpers: Sequence[str] = ()
    straight: bool = False

    def body(self, xp: str) -> str:
        """Imports, helpers and functions; the tables must be added."""
        functions = [self._function(f, xp) for f in self.functions]
        code = "\n".join(functions)
        helpers = list(self.helpers)
        imports = ["from __future__ import annotations", "", "import math"]
        if self.imports:
            imports.append(f"from math import {', '.join(sorted(self.imports))}")
        imports += ["", f"import {xp} as np"]
        jax = xp != "numpy"
        if "scatter(" in code:
            helpers.append(SCATTER_JAX if jax else SCATTER)
        if "place(" in code:
            helpers.append(SCATTER_JAX.replace("scatter", "place") if jax else PLACE)
        if "sech2(" in code:
            helpers.append(SECH2)
        if not self.straight and re.search(r"\berfc?\(", code):
            if jax:
                imports.append("from jax.scipy.special import erf, erfc")
            else:
                helpers.insert(0, ERF)
        numbers = [helper for helper in helpers if not helper.lstrip().startswith("def ")]
        helpers = [helper for helper in helpers if helper not in numbers]
        parts = ["\n".join(imports), "\n".join(numbers), *helpers, *functions]
        return "\n\n\n".join(part.strip("\n") for part in parts if part) + "\n"

    def _function(self, f: Function, xp: str) -> str:
        lines = [*f.setup, *f.lines, f"return {f.result}"]
        if xp == "numpy" and (not self.straight or any("np." in line for line in f.lines)):
            lines = [*f.setup, ERRSTATE, *[f"    {line}" for line in f.lines], lines[-1]]
        body = textwrap.indent("\n".join([f'"""{f.claim}"""', *lines]), "    ")
        return f"def {f.name}({', '.join(f.arguments)}):\n{body}\n"

    def whole(self, xp: str, arguments: Mapping[str, NDArray[Any]], short: bool = False) -> str:
        """A file that runs by itself: the body, its tables, and a call with these arguments.

        Where it is to be short, long arguments give way to arrays of one number.
        """
        tables = [_table(name, numbers) for name, numbers in self.tables.items()]
        given = []
        for name, numbers in arguments.items():
            if short and numbers.size > READABLE:
                given.append(f"{name} = np.full({numbers.shape}, 0.5)  # or any other numbers")
            else:
                given.append(_table(name, numbers))
        unpack = any("unpacked(" in line for line in tables + given)
        body = self.body(xp)
        if unpack:
            body = body.replace("import math\n", "import base64\nimport math\nimport zlib\n", 1)
            tables.insert(0, UNPACKED)
        flat = ".ravel().tolist()" if self.straight else ""
        call = f"{self.functions[-1].name}({', '.join(f'{name}{flat}' for name in arguments)})"
        if tables:
            body += "\n\n" + "\n\n".join(table.strip() for table in tables) + "\n"
        main = textwrap.indent("\n".join([*given, f"print({call})"]), "    ")
        return f'{body}\n\nif __name__ == "__main__":\n{main}\n'


def array_text(
    arrays: Arrays, ys: Sequence[Array], p: Array, inputs: Sequence[Input], batch: str | None,
    single: bool,
) -> tuple[ProgramText, Results]:  # fmt: skip
    """The program in arrays: its value, and for one output its value and gradient."""
    setup = [f"n = len({inputs[0].name})"] if batch else []
    if batch:
        for name, shape, _ in inputs:
            if len(shape) == 1:
                setup.append(f"{name} = {name}.T  # samples along the last axis")
            elif shape:
                setup.append(f"{name} = np.moveaxis({name}, 0, -1)  # samples along the last axis")
    tables: dict[str, NDArray[Any]] = {}
    arguments = ["p", *[x.name for x in inputs]]
    names = {"loss" if single else "ys" if "y" in arguments else "y": ys[0]}
    taken = {*arguments, "n", "np", "math"}
    lines = Printer(names, {}, tables, taken).print()
    functions = [Function("value", arguments, VALUE, setup, lines, *names)]
    results: Results = {"value": ys}
    if single:
        adjoints = derivative(arrays, ys[0], [p])
        both = {**names, "dp": adjoints[p]}
        lines = Printer(both, adjoints, tables, taken).print()
        result = f"{next(iter(names))}, dp"
        functions.append(Function("value_and_grad", arguments, BOTH, setup, lines, result))
        results["value_and_grad"] = list(both.values())
    return ProgramText(functions, tables), results


def straight_text(
    frozen: Frozen, inputs: Sequence[Input], single: bool
) -> tuple[ProgramText, Results, dict[str, tuple[int, int]], list[int]]:
    """The program in floats; where its variables come from; its parameters' nodes in their order.

    A variable comes from an argument, counted from p on, and has a place in it.
    """
    arrays = Arrays()
    names, packs = _float_names(frozen, inputs)
    ys, parameters = scalars(frozen, arrays, names)
    chosen = [names[i] for i in parameters]
    setup = [f"{_row(row)} = {pack}" for pack, row in [("p", chosen), *packs] if row]
    outputs = _output_names(ys, single)
    printer = StraightPrinter(outputs, {}, ys, names.values())
    arguments = ["p", *[x.name for x in inputs]]
    result = _result(outputs, single)
    functions = [Function("value", arguments, VALUE, setup, printer.print(), result)]
    printers = [printer]
    results: Results = {"value": ys}
    if single:
        leaves = [arrays.leaf(name, ()) for name in chosen]
        adjoints = derivative(arrays, ys[0], leaves)
        both = {
            **outputs,
            **{f"d{name}": adjoints[x] for name, x in zip(chosen, leaves, strict=True)},
        }
        printer = StraightPrinter(both, adjoints, ys, names.values())
        printers.append(printer)
        results["value_and_grad"] = [*ys, *[adjoints[x] for x in leaves]]
        result = f"{next(iter(outputs))}, {_row([f'd{name}' for name in chosen])}"
        functions.append(
            Function("value_and_grad", arguments, BOTH, setup, printer.print(), result)
        )
    imports = sorted({"isfinite"}.union(*[printer.imports for printer in printers]))
    helpers: dict[str, str] = {}
    for printer in printers:
        helpers.update(printer.helpers)
    text = ProgramText(functions, {}, imports, list(helpers.values()), straight=True)
    rows = [chosen, *[row for _, row in packs]]
    places = {name: (k, i) for k, row in enumerate(rows) for i, name in enumerate(row)}
    return text, results, places, parameters


def _output_names(ys: Sequence[Array], single: bool) -> dict[str, Array]:
    return {"loss": ys[0]} if single else {f"y{k}": y for k, y in enumerate(ys, start=1)}


def _result(names: Iterable[str], single: bool) -> str:
    return ", ".join(names) if single else f"[{', '.join(names)}]"


def _row(names: Sequence[str]) -> str:
    return f"[{', '.join(names)}]"


def _float_names(
    frozen: Frozen, inputs: Sequence[Input]
) -> tuple[dict[int, str], list[tuple[str, list[str]]]]:
    """A name for every leaf that is an argument: its label where that is a good one."""
    names: dict[int, str] = {}
    taken = {x.name for x in inputs}

    def fresh(label: str, otherwise: str) -> str:
        good = re.fullmatch(r"(?![dvy])[a-zA-Z]\w{0,15}", label, re.ASCII)
        name = label if good and label not in taken and not reserved(label) else otherwise
        while name in taken:
            name += "_"
        taken.add(name)
        return name

    values = {i: x for x, i in frozen.at.items() if x.op is None}
    for i in frozen.classes().get(PARAMETER, []):
        names[i] = fresh(values[i].label, f"p{len(names) + 1}")
    packs = []
    for name, _, leaves in inputs:
        row = []
        for k, leaf in enumerate(leaves, start=1):
            row.append(fresh(leaf.label, f"{name}_{k}"))
            if leaf in frozen.at:
                names[frozen.at[leaf]] = row[-1]
        packs.append((name, row))
    return names, packs


def _table(name: str, numbers: NDArray[Any]) -> str:
    """An assignment that makes the array, readable where it is short."""
    if numbers.size <= READABLE and np.isfinite(numbers).all():
        return f"{name} = np.array({numbers.tolist()})"
    packed = base64.b85encode(zlib.compress(numbers.tobytes())).decode()
    chunks = "\n".join(f'    "{packed[i : i + 88]}"' for i in range(0, len(packed), 88))
    return f'{name} = unpacked(\n    {numbers.shape}, "{numbers.dtype.str}",\n{chunks},\n)'
