"""The table of primitives in other languages: one dict each. No other file knows a foreign name.

A row states its value once, as a form such as ``exp(minimum(x, 0)) / (1 + exp(-abs(x)))``. A
language says how it writes the functions that it has; every other function is a row again, and
written by its form. So a new row speaks all languages.

Next: ``form.py``.
"""
