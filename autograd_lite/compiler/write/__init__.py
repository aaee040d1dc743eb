"""Programs as text: array instructions as NumPy, scalar ones as plain Python.

Next: ``spelling.py``.
"""
