"""Derivatives of plain functions: how a call is recorded, and how it is differentiated in floats.

Next: ``sweeps.py``.
"""
