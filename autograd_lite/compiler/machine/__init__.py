"""Programs as machine code, by LLVM.

Next: ``writer.py``.
"""
