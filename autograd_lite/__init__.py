"""Scalar reverse-mode automatic differentiation: ``Value``, its graph, and what is built on them.

>>> from autograd_lite import Value
>>> a, b = Value(2.0, label="a"), Value(-3.0, label="b")
>>> L = (a * b + 10) * -2
>>> L.backward()
>>> a.grad, b.grad
(6.0, -4.0)

What draws, compiles or transforms loads when it is first used: ``import autograd_lite`` is quick.

Next: ``ops.py``, the table of primitives.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from . import as_math as as_math
from . import derived as derived
from . import many as many  # the rows of many operands learn here how they are recorded
from . import ops as ops
from .as_math import *
from .derived import *
from .engine.order import topological_order
from .engine.primitive import TABLE as _TABLE
from .expand import expand
from .graph import gradient
from .ops import *
from .value import Constant, Parameter, Value

if TYPE_CHECKING:
    from . import course, datasets, nn, optim, plots
    from .compiler import compile
    from .diagnostics import diagnose
    from .drawing import draw
    from .engine.collector import few_collections
    from .extend import primitive
    from .stepping import explain, step_through, steps
    from .training import fit
    from .transforms import (
        check_gradients,
        grad,
        hessian,
        hessian_graph,
        hvp,
        jacobian,
        jvp,
        value_and_grad,
        vjp,
    )
else:
    #: What loads on first use: name → module. A name equal to its module's is the module itself.
    _LAZY = {
        name: module
        for module, names in {
            "compiler": "compile",
            "course": "course",
            "datasets": "datasets",
            "diagnostics": "diagnose",
            "drawing": "draw",
            "engine.collector": "few_collections",
            "extend": "primitive",
            "nn": "nn",
            "optim": "optim",
            "plots": "plots",
            "stepping": "explain step_through steps",
            "training": "fit",
            "transforms": "check_gradients grad hessian hessian_graph hvp jacobian jvp "
            "value_and_grad vjp",
        }.items()
        for name in names.split()
    }

    def __getattr__(name):
        if name in _LAZY:
            module = import_module(f".{_LAZY[name]}", __name__)
            found = module if name == _LAZY[name] else getattr(module, name)
        elif (row := _TABLE.get(name)) is None or row.args:  # a row that no list spells out
            raise AttributeError(f"module 'autograd_lite' has no attribute {name!r}")
        else:
            return row  # and may be made anew
        globals()[name] = found
        return found

    def __dir__():
        return sorted({*__all__, *_HIDING, "__version__"})


__version__ = "0.1.0"

_HIDING = ("abs", "pow", "sum")  # public, but in no list: they would hide Python's own
# fmt: off
__all__ = [
    "Constant", "Parameter", "Value", "check_gradients", "compile", "course", "datasets",
    "diagnose", "draw", "expand", "explain", "few_collections", "fit", "grad", "gradient",
    "hessian", "hessian_graph", "hvp", "jacobian", "jvp", "nn", "optim", "plots", "primitive",
    "step_through", "steps", "topological_order", "value_and_grad", "vjp",
]
# fmt: on
__all__ += ops.__all__
__all__ += derived.__all__
__all__ += as_math.__all__
__all__.remove("abs")
__all__.remove("sum")
