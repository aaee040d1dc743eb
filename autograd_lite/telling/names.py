"""What a value is called in pictures and texts.

Its label, or a number for a constant, or, where that is short enough to help, how it was made:
``x1·w1``, ``a + b``, ``tanh(n)``. Anything longer has no name; its plate shows numbers alone.

Next: ``computation.py``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from ..value import Constant, Value
from .text import clean, number

#: The longest derived name: ``w1·x1 + w2·x2 + b`` just fits.
LONGEST = 18

SUM, PRODUCT, ATOM = range(3)  # how tightly a name holds together
_INFIX = {"add": (" + ", SUM), "sub": (" − ", SUM), "mul": ("·", PRODUCT), "div": ("/", PRODUCT)}
_OPERAND = re.compile(r"(?<![a-z])x(?![a-z])")  # the x of "x²", and not that of "exp"


def names_of(order: Iterable[Value], given: Mapping[Value, str] | None = None) -> dict[Value, str]:
    """A name for each value, parents before children; "" where none would help.

    ``given`` are names that go before everything else.

    >>> x, w = Value(2.0, label="x"), Value(-3.0, label="w")
    >>> xw = x * w
    >>> y = (xw + 1).tanh()
    >>> names_of(y.parents[0].parents + y.parents + (y,), {xw: ""})[y]
    ''
    >>> from autograd_lite.graph import topological_order
    >>> list(names_of(topological_order(y)).values())
    ['x', 'w', 'x·w', '1', 'x·w + 1', 'tanh(x·w + 1)']
    """
    names: dict[Value, tuple[str, int]] = {}
    for value in order:
        name = clean(given[value]) if given and value in given else clean(value.label)
        if name:
            names[value] = name, ATOM if is_word(name) else SUM
        elif isinstance(value, Constant):
            names[value] = number(value.data), SUM if value.data < 0 else ATOM
        elif value.op is None or (given and value in given):
            names[value] = "", ATOM
        else:
            names[value] = _derived(value, names)
    return {value: name for value, (name, _) in names.items()}


def is_word(name: str) -> bool:
    """Whether a name needs no brackets: letters, digits, dots (and primes and indices).

    ``isidentifier`` would not do: it takes the middle dot of ``x·w`` for a letter.

    >>> is_word("layer1.w2"), is_word("x·w"), is_word("a + b")
    (True, False, False)
    """
    return re.fullmatch(r"[\w.′'\[\]]+", name) is not None


def _derived(value: Value, names: Mapping[Value, tuple[str, int]]) -> tuple[str, int]:
    assert value.op is not None
    operands = [names.get(parent, ("", ATOM)) for parent in value.parents]
    if len(operands) > 9 or not all(name for name, _ in operands):
        return "", ATOM
    name, tightness = _written(value.op.name, value.op.symbol, operands)
    return (name, tightness) if len(name) <= LONGEST else ("", ATOM)


def _written(op: str, symbol: str, operands: list[tuple[str, int]]) -> tuple[str, int]:
    def text(i: int, at_least: int) -> str:
        name, tightness = operands[i]
        bare = tightness >= at_least and not (i and name.startswith("−"))
        return name if bare else f"({name})"

    if op in _INFIX:
        sign, tightness = _INFIX[op]
        right = tightness if op in ("add", "mul") else tightness + 1
        return f"{text(0, tightness)}{sign}{text(1, right)}", tightness
    if op == "neg":
        return f"−{text(0, PRODUCT)}", SUM
    if op == "sum":
        return " + ".join(name for name, _ in operands), SUM
    if op == "dot":
        return _weighted_sum(operands), SUM
    if op == "pow":
        return f"{text(0, ATOM)}^{text(1, ATOM)}", PRODUCT
    if len(operands) == 1 and _OPERAND.search(symbol):
        return _OPERAND.sub(lambda _: text(0, ATOM), symbol), PRODUCT
    return f"{symbol}({', '.join(name for name, _ in operands)})", ATOM


def _weighted_sum(operands: list[tuple[str, int]]) -> str:
    """The terms of a ``dot``; a weight without a partner, the last one, is the bias."""
    pairs = len(operands) // 2
    weights, inputs = operands[: len(operands) - pairs], operands[len(operands) - pairs :]
    terms = [
        "·".join(name if tight >= PRODUCT else f"({name})" for name, tight in pair)
        for pair in zip(weights, inputs, strict=False)
    ]
    return " + ".join(terms + [name for name, _ in weights[pairs:]])
