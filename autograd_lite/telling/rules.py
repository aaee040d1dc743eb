"""The local derivatives of an operation in symbols, as a learner knows them: ``a·(1 − a)`` for σ.

The rules of the table are written so that no digit is lost in the tails, 0.25·sech(0.5·x)² for σ.
Where a textbook writes another form, that one stands here; any other rule is read with the names.

Next: ``latex.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..engine.given import Given
from ..engine.groups import as_tuple, mapped
from ..engine.node import groups
from ..engine.order import topological_order
from ..engine.undefined import ieee_arithmetic
from ..value import Value
from .text import DIGITS, number
from .writing import ATOM, PLATES, PRODUCT, SUM, Written

#: A longer rule helps nobody; then its number is told.
LONGEST_RULE = 100

#: One form per operand, or for many operands one for all. z is the value, x and y are the operands
#: (or x the one in question of n), {0} and {1} the fixed numbers of the operation.
TAUGHT: Mapping[str, tuple[str, ...]] = {
    "div": ("1/{y}", "−{x}/{y}²"),
    "reciprocal": ("−1/{x}²",),
    "sqrt": ("1/(2·{z})",),
    "exp2": ("{z}·log(2)",),
    "log2": ("1/({x}·log(2))",),
    "log10": ("1/({x}·log(10))",),
    "logaddexp": ("exp({x} − {z})", "exp({y} − {z})"),
    "acos": ("−1/√(1 − {x}²)",),
    "atan2": ("{y}/({x}² + {y}²)", "−{x}/({x}² + {y}²)"),
    "hypot": ("{x}/{z}", "{y}/{z}"),
    "degrees": ("180/π",),
    "radians": ("π/180",),
    "tanh": ("1 − {z}²",),
    "sech": ("−{z}·tanh({x})",),
    "asinh": ("1/√({x}² + 1)",),
    "acosh": ("1/√({x}² − 1)",),
    "sigmoid": ("{z}·(1 − {z})",),
    "log_sigmoid": ("1 − σ({x})",),
    "relu": ("1 if {x} > 0, else 0",),
    "leaky_relu_with": ("1 if {x} > 0, else {0}",),
    "elu_with": ("1 if {x} > 0, else {z} + {0}",),
    "clip_to": ("1 if {0} ≤ {x} ≤ {1}, else 0",),
    "silu": ("σ({x}) + {z}·(1 − σ({x}))",),
    "gelu": ("Φ({x}) + {x}·φ({x})",),
    "ndtr": ("φ({x})",),
    "log_ndtr": ("φ({x})/Φ({x})",),
    "erf": ("2/√(π)·exp(−{x}²)",),
    "erfc": ("−2/√(π)·exp(−{x}²)",),
    "erfinv": ("√(π)/2·exp({z}²)",),
    "logit": ("1/({x}·(1 − {x}))",),
    "minimum": ("1 if {x} < {y}, ½ if {x} = {y}, else 0", "1 if {y} < {x}, ½ if {x} = {y}, else 0"),
    "maximum": ("1 if {x} > {y}, ½ if {x} = {y}, else 0", "1 if {y} > {x}, ½ if {x} = {y}, else 0"),
    "where": ("0", "1 if {x} ≠ 0, else 0", "1 if {x} = 0, else 0"),
    "mod": ("1", "−⌊{x}/{y}⌋"),
    "mean": ("1/{n}",),
    "logsumexp": ("exp({x} − {z})",),
    "share": ("{z}·(1 − {z})", "−{z}·(1 − {z})"),
}


def rules(node: Value, name: Callable[[Value], str], digits: int = DIGITS) -> list[str]:
    """For each operand of a node its local derivative in symbols.

    >>> a, b = Value(0.5, label="a"), Value(2.0, label="b·c")
    >>> [rules(node, lambda v: v.label or "y") for node in (a * b, a.sigmoid(), b.tanh(), b**3)]
    [['b·c', 'a'], ['y·(1 − y)'], ['1 − y²'], ['3·(b·c)²']]
    """
    assert node.op is not None
    forms = TAUGHT.get(node.op.name)
    found = _taught(node, forms, name, digits) if forms else _read(node, name, digits)
    slopes = [number(slope, digits) for slope in node.partials]
    return [
        text if 0 < len(text) <= LONGEST_RULE else slope
        for text, slope in zip(found, slopes, strict=True)
    ]


def _taught(
    node: Value, forms: tuple[str, ...], name: Callable[[Value], str], digits: int
) -> list[str]:
    assert node.op is not None
    z, names = PLATES.bracketed(name(node)), [PLATES.bracketed(name(x)) for x in node.parents]
    fixed = [number(x, digits) for x in node.op.args]
    if len(forms) == len(names):
        x, y = names[0], names[min(1, len(names) - 1)]
        return [form.format(*fixed, z=z, x=x, y=y, n=len(names)) for form in forms]
    (form,) = forms
    return [form.format(*fixed, z=z, x=x, n=len(names)) for x in names]


def _read(node: Value, name: Callable[[Value], str], digits: int) -> list[str]:
    """The rule of the table, read with Values that bear the names."""
    assert node.op is not None
    stand_in: dict[Value, Value] = {}

    def named(value: Value) -> Value:
        return stand_in.setdefault(value, Value(value.data))

    with ieee_arithmetic():
        partials = node.op.rule(named(node), *[mapped(named, group) for group in groups(node)])
    flat = [partial for group in partials for partial in as_tuple(group)]
    written: dict[Value, Written] = {}
    for value, stand in stand_in.items():
        text = name(value)
        written[stand] = text, ATOM if PLATES.whole(text) else SUM
    for part in topological_order(*[x for x in flat if isinstance(x, Value)]):
        if isinstance(part.op, Given):  # the rule has no symbols, only this number
            return [""] * len(flat)
        if part in written:
            continue
        if part.op is None:
            written[part] = number(part.data, digits), PRODUCT if part.data < 0 else ATOM
        else:
            written[part] = PLATES.write(part.op, [written[parent] for parent in part.parents])
    return [
        written[partial][0] if isinstance(partial, Value) else number(partial, digits)
        for partial in flat
    ]
