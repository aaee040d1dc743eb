"""The language between scalars and NumPy, and its derivative.

Next: ``instructions.py``.
"""
