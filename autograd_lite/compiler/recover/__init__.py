"""From scalars to arrays: alike nodes, the loops that made them, and the views that they read.

Next: ``positions.py``.
"""
