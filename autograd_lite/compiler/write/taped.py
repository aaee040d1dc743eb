"""A tape as a program: one function for each kind of operation, and tables of who reads whom.

Where levels are wide, all results of a kind in a level are one NumPy operation on what they read,
and adjoints come down level by level. In a long thin graph each number would pay seven microseconds
for that, so it goes through a loop over plain floats, one after the other. The slopes of all edges
are NumPy's either way; they wait for nobody when all numbers are known.

What is glossed over: the names that a person gave, which lines of their own would show.

Next: ``claims.py``.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from ...engine.primitive import Primitive
from ...languages.form import ATOM
from ...languages.numpy import IN_JAX, SPECIAL, prelude
from ...languages.python import Python
from ..arrays.instructions import BATCH, Array, Instruction, Numbers
from ..arrays.maker import Arrays
from ..arrays.rules import local_derivatives
from ..arrays.tape import MOST, Tape
from .printer import Printer
from .spelling import ERRSTATE, to_be_read

#: So many operations are a tape, whatever their shape: below, lines of their own run two to four
#: times as fast as a loop.
LONG = 20_000
#: And fewer, if a level has so many of them: NumPy takes twice the time of lines there, at 200 the
#: same, at 1,000 a third, and is compiled in a fifth.
FEW, WIDE = 1_000, 80
#: Nanoseconds: NumPy for the results of a kind in a level, for what comes down to a level, for each
#: number of both; and for each number in the loops over floats. Measured on graphs of 3,000 to
#: 30,000 operations in levels of 10 to 500; both sides are equal at 50.
GROUP, LEVEL, ELEMENT, OPERATION = 2700.0, 4500.0, 40.0, 400.0

#: What operands are called.
NAMES = [*"xyabcuvw", *[f"x{k}" for k in range(9, MOST + 1)]]
#: Python's operators, and what they are as functions.
OPERATORS = {"x + y": "add", "x - y": "sub", "x * y": "mul", "x / y": "truediv", "-x": "neg"}

BY_LEVELS = '''
def forward(*arguments):
    """The numbers in all slots: constants, arguments, and level by level what is computed."""
    v = np.empty({size})
    v[:{first}] = np.concatenate([CONSTANTS, *[x.ravel() for x in arguments]])
    known = kinds()
    for k, start, end, slot in GROUPS.tolist():
        function, _, rows = known[k]
        v[slot : slot + end - start] = function(*v[rows[1:, start:end]])
    return v
'''
ONE_BY_ONE = '''
@cache
def steps():
    """Of each result, in order: its function, and its operands; -1 for no second, -2 for a list."""
    found = [None] * {results}
    for function, _, rows in kinds():
        for z, *xs in rows.T.tolist():
            pair = [*xs, -1][:2] if len(xs) < 3 else [xs, -2]
            found[z - {first}] = [function, *pair]
    return list(map(list, zip(*found)))


def forward(*arguments):
    """The numbers in all slots: constants, arguments, and one after the other what is computed."""
    v = CONSTANTS.tolist()
    for x in arguments:
        v += x
    append = v.append
    for f, x, y in zip(*steps()):
        append(f(v[x], v[y]) if y >= 0 else f(v[x]) if y == -1 else f(*[v[k] for k in x]))
    v = np.array(v)
    if not np.isfinite(v[{first}:]).all():
        raise OverflowError("a number overflowed")
    return v
'''
SLOPES = '''
def slopes(v):
    """∂z/∂x for each z that reads an x, kind by kind."""
    d, at = np.empty({edges}), 0
    for _, function, rows in kinds():
        for slope in function(*v[rows]):
            d[at : at + rows.shape[1]] = slope
            at += rows.shape[1]
    return d
'''
DOWN_THE_LEVELS = '''
def backward(v):
    """The derivative by each slot: level by level, the sum of what all that read it hand on."""
    g, d = np.zeros({size}), slopes(v)
    g[{output}] = 1.0
    for i, j, start, end in LEVELS.tolist():
        terms = g[Z[start:end]] * d[EDGES[start:end]]
        g[i:j] = np.bincount(X[start:end] - i, terms, j - i)
    return g[{wanted}]
'''
BACK_ONE_BY_ONE = '''
@cache
def edges():
    """Each z and the x that it reads, the last z first."""
    return Z.tolist(), X.tolist()


def backward(v):
    """The derivative by each slot: the sum of what all that read it hand on."""
    {errstate}
        d = slopes(v)
    g = [0.0] * {size}
    g[{output}] = 1.0
    for z, x, slope in zip(*edges(), d[EDGES].tolist()):
        g[x] += g[z] * slope
    return g[{wanted}]
'''
KINDS = '''
def kinds():
    """Of each kind its function, the slopes by its operands, a table: results, and each operand."""
    return [
{rows}
    ]
'''


def large(operations: int, levels: int) -> bool:
    """Whether a graph is better a tape than lines."""
    return operations >= LONG or operations >= max(FEW, WIDE * levels)


class Taped(NamedTuple):
    """What the functions of a tape's program call: helpers, and the tables they refer to."""

    helpers: Sequence[str]
    imports: Iterable[str]  # from math
    tables: dict[str, Numbers]
    by_levels: bool  # else in floats, one after the other


def taped(tape: Tape, gradient: bool) -> Taped | None:
    """The helpers of a program; None where a loop over floats needs a function that NumPy lacks."""
    by_levels = _by_levels(tape)
    slopes = [_slopes(k, *kind) for k, kind in enumerate(tape.kinds)]
    called = set(re.findall(r"\b\w+(?=\()", "\n".join(slopes)))
    python = Python()
    tables = {f"ROWS{k}": block for k, block in enumerate(tape.blocks)}
    tables["CONSTANTS"] = tape.constants
    if by_levels:
        tables["GROUPS"] = tape.groups()
        functions = [_of_arrays(k, *kind) for k, kind in enumerate(tape.kinds)]
        called.update(re.findall(r"\b\w+(?=\()", "\n".join(functions)))
        names = [f"f{k}" for k in range(len(functions))]
        helpers = [*prelude(called, jax=False)[1], *functions]
    elif called.isdisjoint([*SPECIAL, *IN_JAX]):
        names = [_of_floats(python, *kind) for kind in tape.kinds]
        helpers = [_imports(names), *python.helpers.values(), *prelude(called, jax=False)[1]]
    else:
        return None  # it would have two functions of one name
    fields: dict[str, object] = {
        "size": tape.size, "first": tape.first, "results": tape.size - tape.first,
        "errstate": ERRSTATE,
        "rows": "\n".join(f"        ({name}, d{k}, ROWS{k})," for k, name in enumerate(names)),
    }  # fmt: skip
    parts = [KINDS, BY_LEVELS if by_levels else ONE_BY_ONE]
    if gradient:
        parts += [SLOPES, DOWN_THE_LEVELS if by_levels else BACK_ONE_BY_ONE]
        z, x = tape.edges()
        first = len(tape.constants)
        fields |= {
            "edges": len(z), "output": tape.outputs[0],
            "wanted": f"{first}:{first + tape.arguments[0][1]}",
        }  # fmt: skip
        if by_levels:
            order, tables["LEVELS"] = _down(tape, x)
        else:
            order = np.argsort(-z, kind="stable")
        tables |= {"Z": z[order], "X": x[order], "EDGES": order}
    helpers += [*slopes, *[part.format(**fields) for part in parts]]
    return Taped(helpers, python.imports, tables, by_levels)


def _by_levels(tape: Tape) -> bool:
    results = tape.size - tape.first
    in_calls = GROUP * len(tape.groups()) + LEVEL * len(tape.bounds)
    return in_calls + ELEMENT * results < OPERATION * results


def _down(tape: Tape, x: Numbers) -> tuple[Numbers, Numbers]:
    """The edges by the level of their x, the last level first; and of each level, from which slot
    to which it has its x, from which edge to which it is read."""
    bounds = np.array([0, *tape.bounds])
    level = np.searchsorted(bounds, x, side="right") - 1
    ends = np.cumsum(np.bincount(level, minlength=len(bounds) - 1)[::-1])
    starts = np.append(0, ends[:-1])
    rows = np.stack([bounds[-2::-1], bounds[:0:-1], starts, ends], axis=1)
    return np.argsort(-level, kind="stable"), rows[starts < ends]


def _of_floats(python: Python, op: Primitive, wanted: Sequence[bool]) -> str:
    """A primitive as a function of floats.

    >>> from ... import ops
    >>> [_of_floats(Python(), op, [True] * op.arity) for op in (ops.mul, ops.sin, ops.square)]
    ['mul', 'sin', '(lambda x: x * x)']
    """
    operands = [(name, ATOM) for name in NAMES[: len(wanted)]]
    text, _ = python.applied(op, operands if op.arity else [operands])
    names = ", ".join(NAMES[: len(wanted)])
    alone = re.fullmatch(rf"([a-z]\w*)\({names}\)", text)
    return OPERATORS.get(text) or (alone[1] if alone else f"(lambda {names}: {text})")


def _imports(names: Iterable[str]) -> str:
    operators = sorted({name for name in names if name in OPERATORS.values()})
    more = f"\nfrom operator import {', '.join(operators)}" if operators else ""
    return f"from functools import cache{more}"


def _of_arrays(k: int, op: Primitive, wanted: Sequence[bool]) -> str:
    """A primitive as a function of arrays."""
    arrays = Arrays()
    xs = [arrays.leaf(name, (BATCH,)) for name in NAMES[: len(wanted)]]
    lines = _lines({"z": arrays.map(op, *xs)})
    return _function(f"f{k}", NAMES[: len(wanted)], [*lines, "return z"])


def _slopes(k: int, op: Primitive, wanted: Sequence[bool]) -> str:
    """Its derivatives by the operands on which the gradient depends, of arrays."""
    names = ["z", *NAMES[: len(wanted)]]
    results: dict[str, Array] = {}
    if any(wanted):
        arrays = Arrays()
        z, *xs = [arrays.leaf(name, (BATCH,)) for name in names]
        partials = local_derivatives(arrays, op, z, tuple(xs))
        for name, partial, wants in zip(names[1:], partials, wanted, strict=True):
            if wants:
                if not isinstance(partial, Instruction):
                    partial = arrays.number(partial)
                results[f"d{name}"] = partial
    return _function(f"d{k}", names, [*_lines(results), f"return [{', '.join(results)}]"])


def _lines(results: dict[str, Array]) -> list[str]:
    return Printer(results, {}, {}, NAMES).print() if results else []


def _function(name: str, arguments: Iterable[str], lines: Sequence[str]) -> str:
    body = textwrap.indent(to_be_read("\n".join(lines)), "    ")
    return f"def {name}({', '.join(arguments)}):\n{body}\n"
