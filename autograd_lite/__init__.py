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
from typing import TYPE_CHECKING, Any

from . import ops
from .graph import expand, gradient, topological_order

# `abs` and `sum` are exported too, but not by `*`: they would hide Python's own
from .ops import abs as abs
from .ops import (
    acos,
    acosh,
    asin,
    asinh,
    atan,
    atan2,
    atanh,
    cbrt,
    clip,
    cos,
    cosh,
    dot,
    elu,
    erf,
    erfc,
    exp,
    exp2,
    expm1,
    gelu,
    hypot,
    leaky_relu,
    log,
    log1p,
    log2,
    log10,
    log_sigmoid,
    log_softmax,
    logaddexp,
    logsumexp,
    maximum,
    mean,
    minimum,
    ndtr,
    prod,
    reciprocal,
    relu,
    sech,
    sigmoid,
    sign,
    silu,
    sin,
    sinh,
    softmax,
    softplus,
    softsign,
    sqrt,
    square,
    step,
    tan,
    tanh,
    where,
)
from .ops import sum as sum
from .value import Constant, Parameter, Value

if TYPE_CHECKING:
    from . import compiler as compiler
    from . import datasets as datasets
    from . import diagnostics as diagnostics
    from . import nn as nn
    from . import optim as optim
    from . import plots as plots
    from . import training as training
    from .compiler import compile as compile
    from .diagnostics import diagnose as diagnose
    from .drawing import draw as draw
    from .engine.collector import few_collections as few_collections
    from .stepping import explain as explain
    from .stepping import step_through as step_through
    from .stepping import steps as steps
    from .training import fit as fit
    from .transforms import check_gradients as check_gradients
    from .transforms import grad as grad
    from .transforms import hessian as hessian
    from .transforms import hessian_graph as hessian_graph
    from .transforms import hvp as hvp
    from .transforms import jacobian as jacobian
    from .transforms import jvp as jvp
    from .transforms import value_and_grad as value_and_grad
    from .transforms import vjp as vjp

__version__ = "0.1.0"

# what `*` imports, and what type checkers take for exported
# fmt: off
__all__ = [
    "Constant", "Parameter", "Value", "acos", "acosh", "asin", "asinh", "atan", "atan2",
    "atanh", "cbrt", "clip", "cos", "cosh", "dot", "elu", "erf", "erfc", "exp", "exp2",
    "expand", "expm1", "gelu", "gradient", "hypot", "leaky_relu", "log", "log1p", "log2",
    "log10", "log_sigmoid", "log_softmax", "logaddexp", "logsumexp", "maximum", "mean",
    "minimum", "ndtr", "prod", "reciprocal", "relu", "sech", "sigmoid", "sign", "silu", "sin",
    "sinh", "softmax", "softplus", "softsign", "sqrt", "square", "step", "tan", "tanh",
    "topological_order", "where",
]
# fmt: on

#: What loads on first use: name → module. A name equal to its module's is the module itself.
_LAZY: dict[str, str] = {
    "compile": "compiler",
    "compiler": "compiler",
    "datasets": "datasets",
    "diagnose": "diagnostics",
    "diagnostics": "diagnostics",
    "draw": "drawing",
    "fit": "training",
    "nn": "nn",
    "optim": "optim",
    "plots": "plots",
    "steps": "stepping",
    "step_through": "stepping",
    "explain": "stepping",
    "few_collections": "engine.collector",
    "training": "training",
    "grad": "transforms",
    "value_and_grad": "transforms",
    "jacobian": "transforms",
    "hessian": "transforms",
    "hessian_graph": "transforms",
    "vjp": "transforms",
    "jvp": "transforms",
    "hvp": "transforms",
    "check_gradients": "transforms",
}


def __getattr__(name: str) -> Any:
    if name in ops.TABLE and hasattr(ops, name):  # a row that the list above does not spell out
        return getattr(ops, name)
    if name not in _LAZY:
        raise AttributeError(f"module 'autograd_lite' has no attribute {name!r}")
    module = import_module(f".{_LAZY[name]}", __name__)
    found = module if name == _LAZY[name] else getattr(module, name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_LAZY})
