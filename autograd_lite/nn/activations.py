"""Activations by name: any row of the table with one operand will do, or a function of one's own.

Next: ``fast.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from .. import derived, ops
from ..engine.calls import name_of
from ..engine.kinds import Unary
from ..engine.primitive import TABLE
from ..value import Value

Activation: TypeAlias = Callable[[Value], Value]

#: Functions of one operand that are not a row themselves: their other arguments have defaults.
DERIVED: dict[str, Activation] = {"elu": derived.elu, "leaky_relu": derived.leaky_relu}

#: The rows that networks are usually made with, for the message that lists the choice.
USUAL = (
    ops.gelu, ops.relu, ops.sigmoid, ops.silu, ops.sin, ops.softplus, ops.softsign, ops.tanh,
)  # fmt: skip


def activation_named(activation: str | Activation) -> tuple[str, Activation | None]:
    """The name and the function of an activation; the function of "linear" is None.

    Raises ``ValueError`` for a name that no function of one number has, ``TypeError`` for what is
    neither a name nor a function.

    >>> name, tanh = activation_named("tanh")
    >>> name, tanh(Value(0.0)), activation_named("linear")
    ('tanh', Value(data=0.0, grad=0.0), ('linear', None))
    """
    if not isinstance(activation, str):
        if not callable(activation):
            raise TypeError(
                f"An activation is a name or a function of one Value; got {activation!r}. For "
                f'none at all write "linear".'
            )
        return name_of(activation), activation
    if activation == "linear":
        return activation, None
    function = DERIVED.get(activation) or _row_named(activation)
    if function is None:
        known = ", ".join(sorted(["linear", *DERIVED, *(row.name for row in USUAL)]))
        raise ValueError(
            f"There is no activation {activation!r}. Choose one of {known}, or give a function "
            f"of one Value."
        )
    return activation, function


def _row_named(name: str) -> Activation | None:
    """A row of one operand and no fixed numbers, by its method, which is quicker than the row."""
    row = TABLE.get(name)
    if not isinstance(row, Unary) or row.args:
        return None
    method: Activation = getattr(Value, name, row)  # a row made outside the package has no method
    return method
