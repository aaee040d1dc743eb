"""``Pass``: one sample's way through a network, layer by layer.

Next: ``layers.py``.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..value import Value


@dataclass(frozen=True, repr=False)
class Pass:
    """What a network made of one sample: by the number of the layer, from 1, a list of Values.

    ``z`` are the weighted inputs z = W·a + b, ``a`` the activations, ``a[0]`` the inputs. After
    ``backward()`` from a cost C, ``delta`` are the errors δ = dC/dz, for which
    δˡ = σ′(zˡ) ⊙ (Wˡ⁺¹)ᵀ·δˡ⁺¹ (Rumelhart, Hinton, Williams, 1986).
    """

    z: dict[int, list[Value]]
    a: dict[int, list[Value]]

    @property
    def delta(self) -> dict[int, list[float]]:
        return {number: [value.grad for value in values] for number, values in self.z.items()}

    def __repr__(self) -> str:
        return f"<Pass of {' → '.join(str(len(values)) for values in self.a.values())} values>"

    def _repr_html_(self) -> str:
        """A table of z, a and δ, layer by layer."""
        from ..showing.html import result, row_of, table

        rows = [
            (
                number,
                row_of(self.z.get(number, [])),
                row_of(values),
                row_of(self.delta.get(number, [])),
            )
            for number, values in self.a.items()
        ]
        return result(table(("layer", "z", "a", "δ = dC/dz"), rows, wide=[1, 2, 3]), scrolls="Pass")
