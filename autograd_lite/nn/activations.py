"""Activations by name: any function of one number will do, a row of the table or a user's own.

Next: ``layers.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any

from .. import ops
from ..value import Value

Activation = Callable[[Value], Value]


def activation_named(activation: str | Activation) -> tuple[str, Activation | None]:
    """The name and the function of an activation; the function of "linear" is None.

    Raises ``ValueError`` for a name that no function of one number has, ``TypeError`` for what is
    neither a name nor a function.
    """
    if not isinstance(activation, str):
        if not callable(activation):
            raise TypeError(
                f"An activation is a name or a function of one Value; got {activation!r}. For "
                f'none at all write "linear".'
            )
        return getattr(activation, "__name__", type(activation).__name__), activation
    if activation == "linear":
        return activation, None
    function = getattr(Value, activation, None)
    if function is None or not _takes_one_number(getattr(ops, activation, None)):
        known = ", ".join(sorted({"elu", "leaky_relu", "linear"} | ACTIVATIONS))
        raise ValueError(
            f"There is no activation {activation!r}. Choose one of {known}, or give a function "
            f"of one Value."
        )
    return activation, function


def _takes_one_number(f: Any) -> bool:
    """A unary primitive, or a function whose other arguments have defaults, as ``leaky_relu``."""
    if not isinstance(f, FunctionType):
        return isinstance(f, ops.Unary)
    return f.__code__.co_varnames[0] == "x" and f.__code__.co_argcount == 1 + len(
        f.__defaults__ or ()
    )


ACTIVATIONS = {"gelu", "relu", "sigmoid", "silu", "sin", "softplus", "softsign", "tanh"}
