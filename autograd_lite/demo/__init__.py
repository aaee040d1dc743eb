"""``autograd-lite demo``: a network learns two moons, and a page tells what it has learnt.

Next: ``demo.py``.
"""

from .demo import run

__all__ = ["run"]
