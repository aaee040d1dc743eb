"""What is said to who calls a transform in another way than it is meant.

``grad(f)`` is a function, so the argument comes later: ``grad(f)(2.0)``. Written too early it would
be taken for ``argnums``, and the mistake would show itself far from where it was made, or never.

Next: ``../transforms.py``.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from operator import index
from typing import Any, SupportsIndex

from ..engine.inputs import REAL


def guarded(transform: Callable[..., Any]) -> Callable[..., Any]:
    """The transform ``t(f, argnums, …)``, which answers a call of another form with the right one.

    >>> guarded(lambda f, argnums=0: f)(abs, argnum=1)
    Traceback (most recent call last):
    TypeError: <lambda> knows no argnum; it takes argnums: <lambda>(f, argnums=...).
    """
    name = transform.__name__
    _, *options = inspect.signature(transform).parameters

    @wraps(transform)
    def checked(f: Any, *given: Any, **named: Any) -> Any:
        callable_given(f, f"{name}(f)(x)")
        for option in named:
            if option not in options:
                known = ", ".join(f"{known}=..." for known in options)
                raise TypeError(
                    f"{name} knows no {option}; it takes {' and '.join(options)}: "
                    f"{name}(f, {known})."
                )
        chosen = named.get("argnums", given[0] if given else 0)
        if not is_argnums(chosen) or len(given) > len(options) or _too_many(f, chosen):
            came = ", ".join(map(_short, given or (chosen,)))
            raise TypeError(
                f"{name}(f) is a function, to be called with the arguments of f: write "
                f"{name}(f)({came}). What stands beside f is argnums, the numbers of the "
                f"arguments to differentiate, from 0 on; got {_short(chosen)}."
            )
        return transform(f, *given, **named)

    return checked


def is_argnums(x: Any) -> bool:
    """Whether x is a position, or several of them."""
    if isinstance(x, SupportsIndex):
        return not isinstance(x, bool) and getattr(x, "ndim", 0) == 0
    return isinstance(x, list | tuple | range) and all(map(is_argnums, x))


def callable_given(f: object, use: str) -> None:
    """``TypeError`` where a transform, used like this, got no function."""
    if not callable(f):
        raise TypeError(
            f"A function comes first, {use}; got {_short(f)}. Of a Value that is there already, "
            f"gradient(y, [x]) is the derivative."
        )


def _too_many(f: Callable[..., Any], argnums: Any) -> bool:
    """Whether f cannot have so many arguments, as in ``grad(f, 2)`` for the slope at 2."""
    wanted = [*map(index, [argnums] if isinstance(argnums, SupportsIndex) else argnums)]
    if not any(wanted):
        return False
    try:
        parameters = inspect.signature(f).parameters.values()
    except (TypeError, ValueError):  # some functions written in C do not tell
        return False
    if any(p.kind is p.VAR_POSITIONAL for p in parameters):
        return False
    count = sum(p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) for p in parameters)
    return not all(-count <= position < count for position in wanted)


def _short(x: object) -> str:
    """A number as it stands; what is long by its kind."""
    text = repr(x)
    return text if isinstance(x, REAL) or len(text) <= 40 else f"a {type(x).__name__}"
