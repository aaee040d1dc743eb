"""Printed forms of modules: micrograd's, and where that is too long, what is alike is counted.

Next: ``remembered.py``.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence

#: A form is as micrograd's up to so many characters.
LONGEST = 80


def listed(title: str, parts: Sequence[str], short: Iterable[str] = (), longest: int = 0) -> str:
    """A module and the forms of what it is made of; ``short`` has those for a form too long.

    >>> listed("Layer", ["ReLUNeuron(2)"] * 2, longest=LONGEST)
    'Layer of [ReLUNeuron(2), ReLUNeuron(2)]'
    >>> listed("Layer", ["ReLUNeuron(2)"] * 16)
    'Layer of 16 ReLUNeuron(2)'
    """
    full = f"{title} of [{', '.join(parts)}]"
    if len(full) <= longest:
        return full
    runs = [(form, len([*same])) for form, same in itertools.groupby(short or parts)]
    if len(runs) == 1:
        return f"{title} of {runs[0][1]} {runs[0][0]}"
    return f"{title} of [{', '.join(form if n == 1 else f'{n} {form}' for form, n in runs)}]"
