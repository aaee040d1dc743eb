"""compile: write scalars, run matrices.

``compile(loss)`` freezes a graph of Values. Its alike nodes become arrays, its loops become axes,
its sums of products become matrix products; the result is a NumPy program, printed, that computes
the loss and its gradient. A graph without such loops becomes straight-line Python instead, or a
loop over plain numbers where its steps repeat; a large one, tables that a few lines go through.

The story, room by room: ``arrays/`` is the language between scalars and NumPy, its algebra and its
derivative; ``recover/`` freezes a graph and finds the loops that made it; ``write/`` prints a
program, ``machine/`` makes machine code of it. Above them stand ``batch.py`` (any number of
samples), ``program.py`` (running), ``bound.py`` (again and again), ``matrices.py`` (Hessians,
Jacobians), ``steps.py`` (training), ``eager.py`` (the last word on undefined arithmetic),
``numbers.py`` and ``outputs.py`` (what goes in and comes out), ``recorded.py`` (functions),
``jacobian.py`` (derivatives by the inputs) and ``build.py``, which says the stages: freeze,
recover, derive, write, run.

What is frozen: the graph. A branch that Python took while recording (``if x > 0``) stays taken
for all other numbers; write ``where(step(x), a, b)``, or ``relu``, ``maximum``, ``clip``, to keep
it open. A function that compares what depends on its inputs or parameters is refused; a graph does
not know what was compared. Numbers that were not declared as parameters or inputs stay what they
were.

Next: ``arrays/__init__.py``.
"""

from typing import TYPE_CHECKING

from ..engine.arrays import has_numpy

if TYPE_CHECKING or has_numpy():
    from .build import compile
    from .program import Program

    __all__ = ["Program", "compile"]
else:

    def compile(*args, **named):
        """``ImportError`` where NumPy still is not; a star import gets this far without it."""
        from ..engine import needs_numpy  # noqa: F401
        from .build import compile

        return compile(*args, **named)
