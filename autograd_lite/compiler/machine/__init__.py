"""Programs as machine code, by LLVM.

Next: ``formulas.py``.
"""
