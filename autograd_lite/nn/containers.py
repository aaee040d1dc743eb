"""``Sequential`` and ``Residual``: modules made of modules, and of functions of what they give.

Next: ``cells.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from ..value import Value
from .module import Module

Step: TypeAlias = Callable[[Any], Any]


class Sequential(Module):
    """Modules and functions in a row: each takes what the one before it gives.

    Raises ``TypeError`` for what cannot be called.

    >>> import random
    >>> from autograd_lite import softmax
    >>> from autograd_lite.nn import Layer
    >>> random.seed(0)
    >>> model = Sequential(Layer(2, 4, activation="tanh"), Layer(4, 3, nonlin=False), softmax)
    >>> round(sum(p.data for p in model([0.5, -1.0])), 12), len(model.parameters())
    (1.0, 27)
    """

    def __init__(self, *layers: Step) -> None:
        for step in layers:
            if not callable(step):
                raise TypeError(
                    f"Sequential takes modules and functions, one after the other; got {step!r}."
                )
        self.layers = list(layers)
        self.label_parameters()

    def __call__(self, x: Any) -> Any:
        for step in self.layers:
            x = step(x)
        return x

    def __iter__(self) -> Iterator[Step]:
        return iter(self.layers)

    def __len__(self) -> int:
        return len(self.layers)

    def __getitem__(self, k: int) -> Step:
        return self.layers[k]

    def _parts(self) -> list[Step]:
        return self.layers


class Residual(Module):
    """``x + block(x)``, for a block that gives as many values as it takes (He et al., 2016).

    Raises ``ValueError`` where it does not.

    >>> [out.data for out in Residual(lambda x: [2 * v for v in x])([Value(1.0), Value(2.0)])]
    [3.0, 6.0]
    """

    def __init__(self, block: Step) -> None:
        self.block = block

    def __call__(self, x: Any) -> Any:
        out = self.block(x)
        rows = [[row] if isinstance(row, Value | int | float) else list(row) for row in (x, out)]
        if len(rows[0]) != len(rows[1]):
            raise ValueError(
                f"{self!r} adds what goes in to what comes out; got {len(rows[0])} values and "
                f"{len(rows[1])}. Give a block of one width."
            )
        added = [a + b for a, b in zip(*rows, strict=True)]
        return added[0] if isinstance(out, Value) else added

    def __repr__(self) -> str:
        return f"Residual of {getattr(self.block, '__name__', None) or repr(self.block)}"
