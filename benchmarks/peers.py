"""The graphs without matrices of ``compiled.py``, and what else computes values and gradients.

Each is handed to its peers as the same scalars: casadi, which prints C, ddx and heyoka, which
compile by LLVM; and written by hand in C (``by_hand.c``). C is compiled with ``-O3 -march=native``
and without ``-ffast-math``. What is timed is a call with arrays that stay where they are.
"""

from __future__ import annotations

import ctypes
import math
import random
import shutil
import subprocess
from collections.abc import Callable, Sequence
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from autograd_lite import Parameter, Value, ops, topological_order

Run = Callable[[], Any]  # gives the loss and the gradient
FLAGS = ["-O3", "-march=native", "-shared", "-fPIC"]


class Graph(NamedTuple):
    """A value, what it is differentiated by, and numbers that only the program by hand reads."""

    y: Value
    parameters: list[Parameter]
    data: Any = ()


def rosenbrock(n: int = 100) -> Graph:
    xs = [Parameter(math.sin(k)) for k in range(n)]
    terms = [100 * (b - a**2) ** 2 + (1 - a) ** 2 for a, b in pairwise(xs)]
    return Graph(sum(terms), xs)  # type: ignore[arg-type]


def three_bodies(steps: int = 30, dt: float = 0.01) -> Graph:
    """Gravity: the figure of eight of Chenciner and Montgomery, by small steps."""
    places = [[0.97, -0.243], [-0.97, 0.243], [0.0, 0.0]]
    speeds = [[0.466, 0.432], [0.466, 0.432], [-0.932, -0.865]]
    x: Any = [[Parameter(v) for v in place] for place in places]
    u: Any = [[Parameter(v) for v in speed] for speed in speeds]
    parameters = [v for row in [*x, *u] for v in row]
    for _ in range(steps):
        pull: Any = [[0.0, 0.0] for _ in range(3)]
        for i in range(3):
            for j in range(i):
                dx, dy = x[j][0] - x[i][0], x[j][1] - x[i][1]
                strength = (dx * dx + dy * dy) ** -1.5
                for body, sign in ((i, 1.0), (j, -1.0)):
                    pull[body][0] = pull[body][0] + sign * dx * strength
                    pull[body][1] = pull[body][1] + sign * dy * strength
        u = [
            [v + dt * a for v, a in zip(vs, pulls, strict=True)]
            for vs, pulls in zip(u, pull, strict=True)
        ]
        x = [
            [a + dt * v for a, v in zip(places, vs, strict=True)]
            for places, vs in zip(x, u, strict=True)
        ]
    return Graph(sum(a * a for place in x for a in place), parameters)  # type: ignore[arg-type]


def lstm(steps: int = 20, width: int = 4) -> Graph:
    """One cell, unrolled, written in × and + alone."""
    rng = random.Random(0)
    W = [[Parameter(rng.uniform(-0.5, 0.5)) for _ in range(width + 1)] for _ in range(4 * width)]
    b = [Parameter(0.1) for _ in range(4 * width)]
    h: Any = [0.0] * width
    c: Any = [0.0] * width
    for t in range(steps):
        x = [math.sin(t), *h]
        z = [
            sum((w * v for w, v in zip(row, x, strict=True)), bias)
            for row, bias in zip(W, b, strict=True)
        ]
        gates = [z[k * width : (k + 1) * width] for k in range(4)]
        c = [
            f.sigmoid() * cell + i.sigmoid() * g.tanh()
            for i, f, g, cell in zip(*gates[:3], c, strict=True)
        ]
        h = [o.sigmoid() * cell.tanh() for o, cell in zip(gates[3], c, strict=True)]
    return Graph(sum(v * v for v in h), [w for row in W for w in row] + b)  # type: ignore[arg-type]


def mixture(samples: int = 100, components: int = 3, axes: int = 2) -> Graph:
    """Minus the log-likelihood of a mixture of Gaussians."""
    rng = random.Random(0)
    data = [[rng.gauss(0, 1) for _ in range(axes)] for _ in range(samples)]
    means = [[Parameter(rng.gauss(0, 1)) for _ in range(axes)] for _ in range(components)]
    widths = [[Parameter(0.1) for _ in range(axes)] for _ in range(components)]
    weights = [Parameter(0.0) for _ in range(components)]
    norm = ops.logsumexp(weights)
    total: Any = 0.0
    for x in data:
        terms = []
        for k in range(components):
            term = weights[k] - norm
            for a in range(axes):
                z = (x[a] - means[k][a]) * (-widths[k][a]).exp()
                term = term - 0.5 * z * z - widths[k][a]
            terms.append(term)
        total = total - ops.logsumexp(terms)
    return Graph(total, [v for row in [*means, *widths] for v in row] + weights, data)


GRAPHS = (rosenbrock, three_bodies, lstm, mixture)


# --- the peers ------------------------------------------------------------------------------------


def installed(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError:
        return None


def translated(graph: Graph, symbols: Sequence[Any], other: Any) -> Any:
    """The value in the symbols of a library with functions ``exp``, ``log`` and ``tanh``."""
    found: dict[Value, Any] = dict(zip(graph.parameters, symbols, strict=True))
    binary = {
        "add": lambda x, y: x + y, "sub": lambda x, y: x - y, "mul": lambda x, y: x * y,
    }  # fmt: skip
    for node in topological_order(graph.y):
        if node in found:
            continue
        if node.op is None:
            found[node] = node.data
            continue
        xs, name = [found[x] for x in node.parents], node.op.name
        if name in binary:
            found[node] = binary[name](*xs)
        elif name == "neg":
            found[node] = -xs[0]
        elif name == "square":
            found[node] = xs[0] * xs[0]
        elif name == "power":
            (n,) = node.op.args
            found[node] = xs[0] * xs[0] if n == 2 else xs[0] ** n
        elif name == "sigmoid":
            found[node] = 1.0 / (1.0 + other.exp(-xs[0]))
        elif name == "logsumexp":
            found[node] = other.log(sum([other.exp(x) for x in xs[1:]], other.exp(xs[0])))
        else:
            found[node] = getattr(other, name)(*xs)
    return found[graph.y]


def numbers(graph: Graph) -> Any:
    return np.array([x.data for x in graph.parameters])


def in_c(graph: Graph, name: str, folder: str) -> Run | None:
    """By hand."""
    if shutil.which("cc") is None:
        return None
    library = Path(folder) / "by_hand.so"
    if not library.exists():
        source = Path(__file__).with_name("by_hand.c")
        subprocess.run(["cc", *FLAGS, str(source), "-o", str(library), "-lm"], check=True)
    function = getattr(ctypes.CDLL(str(library)), name)
    function.restype = ctypes.c_double
    arrays = [numbers(graph), np.empty(len(graph.parameters)), np.array(graph.data)]
    places = [ctypes.c_void_p(array.ctypes.data) for array in arrays]

    def run() -> Any:
        return function(*places), arrays[1]

    return run


def in_casadi(graph: Graph, name: str, folder: str, order: int = 1) -> Run | None:
    """Printed as C by casadi; its own gradient, or its Hessian's numbers that are not 0."""
    casadi = installed("casadi")
    if casadi is None or shutil.which("cc") is None:
        return None
    x = casadi.SX.sym("x", len(graph.parameters))
    y = translated(graph, casadi.vertsplit(x), casadi)
    wanted = [y, casadi.gradient(y, x)]
    if order == 2:
        wanted = [casadi.hessian(y, x)[0]]
    f = casadi.Function("f", [x], wanted)
    source, library = Path(folder) / f"{name}{order}.c", Path(folder) / f"{name}{order}.so"
    generator = casadi.CodeGenerator(source.name)
    generator.add(f)
    generator.generate(f"{folder}/")
    subprocess.run(["cc", *FLAGS, str(source), "-o", str(library), "-lm"], check=True)
    function = ctypes.CDLL(str(library)).f
    given = numbers(graph)
    answers = [np.empty(f.nnz_out(k)) for k in range(f.n_out())]
    sizes = [max(1, f.sz_iw()), max(1, f.sz_w())]
    work = [np.empty(sizes[0], np.int64), np.empty(sizes[1])]
    inputs = np.array([given.ctypes.data], np.uint64)
    outputs = np.array([a.ctypes.data for a in answers], np.uint64)
    places = [ctypes.c_void_p(a.ctypes.data) for a in (inputs, outputs, *work)]

    def run() -> Any:
        function(*places, 0)
        return answers

    run.memory = given, inputs, outputs, work  # type: ignore[attr-defined]  # stays as long
    return run


def in_ddx(graph: Graph) -> tuple[Run, Run] | None:
    """A bound call, and one of which the answers are read as well."""
    ddx = installed("ddx")
    if ddx is None:
        return None

    def model() -> Any:
        symbols = [ddx.var(f"x{k}") for k in range(len(graph.parameters))]
        return translated(graph, symbols, ddx)

    call: Any = ddx.equation(model).compile().buffer(numbers(graph))

    def run() -> Any:
        call()
        return call.value, call.jacobian

    return call, run


def in_heyoka(graph: Graph) -> Run | None:
    heyoka = installed("heyoka")
    if heyoka is None:
        return None
    symbols = heyoka.make_vars(*[f"x{k:03}" for k in range(len(graph.parameters))])
    y = translated(graph, symbols, heyoka)
    slopes = heyoka.diff_tensors([y], diff_args=symbols, diff_order=1).gradient
    f = heyoka.cfunc([y, *slopes], vars=symbols)
    given, answers = numbers(graph), np.empty(1 + len(symbols))

    def run() -> Any:
        f(given, outputs=answers)
        return answers[0], answers[1:]

    return run
