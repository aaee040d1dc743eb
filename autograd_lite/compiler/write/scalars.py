"""A graph as it is: one instruction per number, under the names that a person gave.

Next: ``rolled.py``.
"""

from __future__ import annotations

import keyword
import math
import re
from collections.abc import Mapping, Sequence
from itertools import chain

from ... import ops
from ...engine import floats
from ..arrays.instructions import Array
from ..arrays.maker import Arrays, Code
from ..recover.freeze import Frozen
from ..recover.positions import PARAMETER
from ..recover.views import Input

#: What programs call their parameters, lengths, results, modules and helpers, and what they call.
TAKEN = {
    "p", "n", "loss", "dp", "np", "math", "base64", "zlib", "print",
    "scatter", "place", "ones", "erf", "erfc", "unpacked", "value", "value_and_grad",
    "forward", "backward", "OUTPUTS",
    "float", "len", "max", "min", "OverflowError", *keyword.kwlist,
}  # fmt: skip


#: Terms of a sum that are added in pairs, and pairs of pairs.
LONG = 64


def reserved(name: str) -> bool:
    """Whether printed programs have a use for the name."""
    taken = name in TAKEN or name.startswith("number_")
    return taken or hasattr(math, name) or hasattr(floats, name)


def scalars(frozen: Frozen, inputs: Sequence[Input], chosen: Sequence[int] | None = None) -> Code:
    """One instruction per scalar node; the parameters in the graph's order, or in a chosen one."""
    arrays = Arrays()
    classes = frozen.classes
    parameters = list(classes.get(PARAMETER, []) if chosen is None else chosen)
    names, packs = names_of(frozen, parameters, inputs)
    new: dict[int, Array] = {}
    for i in sorted(chain.from_iterable(classes.values())):
        new[i] = arrays.leaf(names[i], ()) if i in names else instruction(frozen, arrays, i, new)
    row = [names[i] for i in parameters]
    return Code(
        arrays=arrays,
        outputs=[new[i] for i in frozen.outputs],
        leaves=[arrays.leaf(name, ()) for name in row],
        parameters=parameters,
        rows=[("p", row), *packs],
    )


def instruction(frozen: Frozen, arrays: Arrays, i: int, new: Mapping[int, Array]) -> Array:
    """Node i, of those that it reads."""
    op = frozen.op[i]
    if op is not None:
        return arrays.map(op, *[new[x] for x in frozen.operands[i]])
    if i not in frozen.parts:
        return arrays.number(frozen.data[i])
    signs, terms = [], []
    parts = frozen.parts[i]
    for part in sorted(parts, key=lambda part: -part.sign) if len(parts) > 1 else parts:
        for k, x in enumerate(part.xs):
            signs.append(part.sign)
            terms.append(
                new[x] if part.ws is None else arrays.map(ops.mul, new[part.ws[k]], new[x])
            )
    if len(terms) > LONG:
        count = signs.count(1)
        sums = [in_pairs(arrays, some) for some in (terms[:count], terms[count:]) if some]
        signs, terms = signs[:1] + signs[-1:], sums
    total = terms[0] if signs[0] > 0 else arrays.map(ops.neg, terms[0])
    for sign, term in zip(signs[1:], terms[1:], strict=False):
        total = arrays.map(ops.add if sign > 0 else ops.sub, total, term)
    return total


def in_pairs(arrays: Arrays, xs: Sequence[Array]) -> Array:
    """The sum, in which no term waits for all the others."""
    while len(xs) > 1:
        pairs = [arrays.map(ops.add, x, y) for x, y in zip(xs[::2], xs[1::2], strict=False)]
        xs = pairs + list(xs[len(pairs) * 2 :])
    return xs[0]


def names_of(
    frozen: Frozen, parameters: Sequence[int], inputs: Sequence[Input]
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

    for k, (i, leaf) in enumerate(zip(parameters, frozen.values(parameters), strict=True), start=1):
        names[i] = fresh(leaf.label, f"p{k}")
    packs = []
    for name, _, leaves in inputs:
        row = []
        for k, leaf in enumerate(leaves, start=1):
            row.append(fresh(leaf.label, f"{name}_{k}"))
            if leaf in frozen.at:
                names[frozen.at[leaf]] = row[-1]
        packs.append((name, row))
    return names, packs
