"""The language between scalars and NumPy: its instructions, its algebra and its derivative.

Next: ``instructions.py``.
"""
