"""Imported before NumPy by what cannot do without it: where it is not, this says what to do.

Next: ``arrays.py``.
"""

__all__ = ["numpy"]

try:
    import numpy
except ModuleNotFoundError:  # what else goes wrong, NumPy says itself
    raise ImportError(
        "compile, plots, the film of a training and the exercises on matrices need NumPy, which is "
        'not installed: pip install numpy, or, in Pyodide, await micropip.install("numpy"). All '
        "else works without it, with lists for arrays: fit without compiled and record, draw.",
        name="numpy",
    ) from None
