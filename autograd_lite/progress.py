"""The bar that ``fit(progress=True)`` shows, drawn by tqdm, with the latest loss and metrics.

Next: ``datasets.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TypeAlias

Advance: TypeAlias = Callable[[Mapping[str, Sequence[float]]], None]

BAR = "{percentage:3.0f}% |{bar:24}| {n_fmt}/{total_fmt}  {desc}  {elapsed}"  # tqdm's form


@contextmanager
def bar(epochs: int, shown: bool) -> Iterator[Advance]:
    """A function to call after each epoch with what was seen so far, by name: it moves the bar.

    Where no bar is shown it does nothing. Raises ``ImportError`` for a bar without tqdm.

    >>> with bar(1, shown=False) as advance:
    ...     advance({"loss": [0.5]})
    """
    if not shown:
        yield lambda seen: None
        return
    try:
        from tqdm import tqdm
    except ImportError:
        raise ImportError(
            "fit(progress=True) draws its bar with tqdm, which is not installed. Install it "
            "(pip install 'autograd_lite[demo]') or leave progress=False."
        ) from None
    with tqdm(total=epochs, unit="epoch", bar_format=BAR, dynamic_ncols=True) as drawn:

        def advance(seen: Mapping[str, Sequence[float]]) -> None:
            latest = "  ".join(f"{name} {values[-1]:.4f}" for name, values in seen.items())
            drawn.set_description_str(latest, refresh=False)
            drawn.update()

        yield advance
