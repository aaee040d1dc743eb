"""Programs as machine code, by LLVM.

Next: ``strength.py``.
"""
