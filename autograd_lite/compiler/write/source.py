"""The text of a whole program: imports, helpers, two functions, the fixed numbers they refer to.

Next: ``../machine/__init__.py``.
"""

from __future__ import annotations

import base64
import re
import textwrap
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

import numpy as np

from ...languages.numpy import prelude
from ..arrays.derive import Results
from ..arrays.instructions import Numbers
from ..arrays.maker import Code
from ..arrays.tape import tape_of
from ..recover.views import Input
from .claims import Error, claims
from .printer import Printer
from .spelling import ERRSTATE, STATE_IS_SET, to_be_read
from .straight import StraightPrinter
from .taped import large, taped

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

UNPACKED = '''
def unpacked(shape, kind, text):
    """An array from its bytes, which were compressed and written as text."""
    return np.frombuffer(zlib.decompress(base64.b85decode(text)), dtype=kind).reshape(shape)
'''


class Function(NamedTuple):
    """One function of the program; the lines before ``start`` need no check of arithmetic."""

    name: str
    arguments: Sequence[str]
    claim: str
    setup: Sequence[str]
    lines: Sequence[str]
    result: str
    checks: Sequence[str] = ()  # names of numbers of which NumPy does not tell an overflow
    errors: Sequence[Error] = ()  # of which there may be something to claim


class ProgramText(NamedTuple):
    """The functions of a program, the helpers that they call, the fixed numbers they refer to."""

    functions: Sequence[Function]
    tables: Mapping[str, Numbers]
    imports: Sequence[str] = ()  # from math
    helpers: Sequence[str] = ()
    straight: bool = False

    def body(self, xp: str, spelled: Callable[[str], str] = to_be_read) -> str:
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
        if not self.straight:
            called = set(re.findall(r"\b\w+(?=\()", code))
            more, functions_called = prelude(called, jax)
            imports += more
            helpers += functions_called
        parts = ["\n".join(imports), *helpers, *functions]
        text = "\n\n\n".join(part.strip("\n") for part in parts if part) + "\n"
        return text if self.straight else spelled(text)  # floats have one spelling

    def _function(self, f: Function, xp: str) -> str:
        lines = [*f.setup, *f.lines, f"return {f.result}"]
        checked = " or ".join(f"not np.isfinite({name}).all()" for name in f.checks)
        if xp == "numpy" and (not self.straight or any("np." in line for line in f.lines)):
            below = ERRSTATE if self.straight else STATE_IS_SET
            lines = [*f.setup, below, *[f"    {line}" for line in f.lines]]
            if checked:
                lines += [f"if {checked}:", '    raise OverflowError("a number overflowed")']
            lines.append(f"return {f.result}")
        body = textwrap.indent("\n".join([f'"""{f.claim}"""', *lines]), "    ")
        return f"def {f.name}({', '.join(f.arguments)}):\n{body}\n"

    def claiming(self, claim: str) -> ProgramText:
        """The text with this said of its functions."""
        return self._replace(functions=[f._replace(claim=claim) for f in self.functions])

    def _with_claims(self, arguments: Mapping[str, Numbers]) -> ProgramText:
        """The text with what its lines claim, as a comment."""
        f = self.functions[-1]
        if not f.errors:
            return self
        space: dict[str, Any] = dict(self.tables)
        trial = f._replace(name="trial", result="locals()")
        exec(self._replace(functions=[trial]).body("numpy"), space)
        found = claims(
            lambda given: space["trial"](**given), f.errors, arguments, batch=bool(f.setup)
        )
        lines = []
        for line in f.lines:
            claim = found.get(line.partition(" = ")[0])
            lines.append(f"{line}{': ' if '  # ' in line else '  # '}{claim}" if claim else line)
        return self._replace(functions=[*self.functions[:-1], f._replace(lines=lines)])

    def whole(self, xp: str, arguments: Mapping[str, Numbers], short: bool = False) -> str:
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
        body = self._with_claims(arguments).body(xp)
        if unpack:
            body = body.replace("import math\n", "import base64\nimport math\nimport zlib\n", 1)
            tables.insert(0, UNPACKED)
        flat = ".ravel().tolist()" if self.straight else ""
        call = f"{self.functions[-1].name}({', '.join(f'{name}{flat}' for name in arguments)})"
        if tables:
            body += "\n\n" + "\n\n".join(table.strip() for table in tables) + "\n"
        main = textwrap.indent("\n".join([*given, f"print({call})"]), "    ")
        return f'{body}\n\nif __name__ == "__main__":\n{main}\n'


def array_text(code: Code, results: Results, inputs: Sequence[Input], batch: bool) -> ProgramText:
    """The program in arrays: its value, and where there is a gradient, that with its value."""
    setup = [f"n = {inputs[0].name}.shape[0]"] if batch else []
    for name, shape, _ in inputs if batch else ():
        if len(shape) == 1:
            setup.append(f"{name} = {name}.T  # samples along the last axis")
        elif shape:
            setup.append(f"{name} = np.moveaxis({name}, 0, -1)  # samples along the last axis")
    tables: dict[str, Numbers] = {}
    arguments = ["p", *[x.name for x in inputs]]
    taken = {*arguments, "n", "np", "math"}
    name = "loss" if results.gradient is not None else "ys" if "y" in arguments else "y"
    names = {name: code.outputs[0]}
    printer = Printer(names, {}, tables, taken)
    lines = printer.print()
    functions = [Function("value", arguments, VALUE, setup, lines, name, printer.checks)]
    if results.gradient is not None:
        both = {**names, "dp": results.gradient[0]}
        printer = Printer(both, results.adjoints, tables, taken)
        lines, result = printer.print(), f"{name}, dp"
        functions.append(
            Function(
                "value_and_grad", arguments, BOTH, setup, lines, result, printer.checks,
                printer.errors,
            )
        )  # fmt: skip
    return ProgramText(functions, tables)


def straight_text(code: Code, results: Results) -> ProgramText:
    """The program in floats."""
    ys, rows = code.outputs, dict(code.rows)
    taken = set(chain.from_iterable(rows.values()))
    setup = [f"{_row(names)} = {argument}" for argument, names in rows.items() if names]
    if results.gradient is None:
        outputs = {f"y{k}": y for k, y in enumerate(ys, start=1)}
        result = _row(outputs)
    else:
        outputs = {"loss": ys[0]}
        result = "loss"
    tables: dict[str, Numbers] = {}
    printers = [StraightPrinter(outputs, {}, tables, taken)]
    functions = [Function("value", [*rows], VALUE, setup, printers[0].print(), result)]
    if results.gradient is not None:
        slopes = [f"d{name}" for name in rows["p"]]
        both = {**outputs, **dict(zip(slopes, results.gradient, strict=True))}
        printers.append(StraightPrinter(both, results.adjoints, tables, taken))
        lines, result = printers[1].print(), f"loss, {_row(slopes)}"
        functions.append(Function("value_and_grad", [*rows], BOTH, setup, lines, result))
    imports = sorted({"isfinite"}.union(*[printer.python.imports for printer in printers]))
    helpers = {name: text for printer in printers for name, text in printer.python.helpers.items()}
    return ProgramText(functions, tables, imports, list(helpers.values()), straight=True)


def taped_text(code: Code, gradient: bool) -> ProgramText | None:
    """The program that goes through a tape, where that is worth it."""
    tape = tape_of(code, gradient, large)
    if tape is None or (below := taped(tape, gradient)) is None:
        return None
    arguments, tables = [name for name, _ in tape.arguments], below.tables
    lines = [f"v = forward({', '.join(arguments)})"]
    if gradient:
        loss = f"float(v[{tape.outputs[0]}])"
        both = [*lines, "g = backward(v)"], f"{loss}, g"
        functions = [
            Function("value", arguments, VALUE, [], lines, loss),
            Function("value_and_grad", arguments, BOTH, [], *both),
        ]
    else:
        tables["OUTPUTS"] = np.array(tape.outputs)
        lines.append("y = v[OUTPUTS]")
        functions = [Function("value", arguments, VALUE, [], lines, "y")]
    imports = sorted(below.imports)
    return ProgramText(functions, tables, imports, below.helpers, straight=not below.by_levels)


def _row(names: Iterable[str]) -> str:
    return f"[{', '.join(names)}]"


def _table(name: str, numbers: Numbers) -> str:
    """An assignment that makes the array, readable where it is short."""
    if numbers.size <= READABLE and np.isfinite(numbers).all():
        return f"{name} = np.array({numbers.tolist()})"
    packed = base64.b85encode(zlib.compress(numbers.tobytes())).decode()
    chunks = "\n".join(f'    "{packed[i : i + 88]}"' for i in range(0, len(packed), 88))
    return f'{name} = unpacked(\n    {numbers.shape}, "{numbers.dtype.str}",\n{chunks},\n)'
