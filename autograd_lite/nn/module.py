"""``Module``: anything with parameters. It finds them by walking its own attributes.

Next: ``activations.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..value import Constant, Value


class Module:
    """A part of a network: assign parameters and modules to attributes, define ``__call__``.

    Lists, tuples and dicts of them count too; a parameter that two modules share counts once.

    >>> class Line(Module):
    ...     def __init__(self):
    ...         self.slope, self.offset = Value(2.0), Value(1.0)
    ...     def __call__(self, x):
    ...         return self.slope * x + self.offset
    >>> [name for name, parameter in Line().named_parameters()]
    ['slope', 'offset']
    """

    def parameters(self) -> list[Value]:
        """The leaves that training changes, each once, in the order of the attributes."""
        # Every training step asks for them, so no names are made: four times faster.
        found: dict[Value, None] = {}
        seen: set[int] = set()  # a module may know the one it is in
        stack: list[Any] = [self]
        while stack:
            item = stack.pop()
            if isinstance(item, Value):
                if _is_parameter(item):
                    found[item] = None
            elif isinstance(item, HOLDERS) and id(item) not in seen:
                seen.add(id(item))
                entries = vars(item) if isinstance(item, Module) else item
                values = entries.values() if isinstance(entries, dict) else entries
                stack.extend(reversed(values))
        return list(found)

    def named_parameters(self) -> Iterator[tuple[str, Value]]:
        """Name and parameter, such as ``("layer1.neuron2.w3", …)``: the third weight there."""
        for name, found in _walk(self, "", set()):
            if isinstance(found, Value):
                yield name, found

    def named_modules(self) -> Iterator[tuple[str, Module]]:
        """Name and module, this one (named ``""``) first, then those inside, outer before inner."""
        for name, found in _walk(self, "", set()):
            if isinstance(found, Module):
                yield name, found

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to 0."""
        for parameter in self.parameters():
            parameter.grad = 0.0

    def label_parameters(self) -> None:
        """Give every parameter its name as its label, for pictures and texts."""
        for name, parameter in self.named_parameters():
            parameter.label = name

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


#: What parameters are looked for in. Made once: it is a quarter of the time of ``parameters()``.
HOLDERS = (Module, dict, list, tuple)


def _is_parameter(value: Value) -> bool:
    return value.op is None and not isinstance(value, Constant)


def _walk(item: Any, name: str, seen: set[int]) -> Iterator[tuple[str, Any]]:
    """Every module and parameter in an attribute, each once, with its first name."""
    if not isinstance(item, (Value, *HOLDERS)) or id(item) in seen:
        return
    seen.add(id(item))
    if isinstance(item, Value):
        if _is_parameter(item):
            yield name, item
    elif isinstance(item, Module):
        yield name, item
        prefix = f"{name}." if name else ""
        for attribute, value in vars(item).items():
            yield from _walk(value, prefix + attribute, seen)
    elif isinstance(item, dict):
        for key, value in item.items():
            yield from _walk(value, f"{name}.{key}", seen)
    else:
        for i, value in enumerate(item, start=1):
            yield from _walk(value, f"{name.removesuffix('s')}{i}", seen)
