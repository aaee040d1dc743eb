"""Compiled programs against other ways to the same loss and gradient, interleaved in one run.

    python -m pip install ".[bench]"
    python benchmarks/compiled.py        # prints the tables; peers that are missing are left out

One thread for each contender. The contenders take turns, so that a busy machine slows all of them
alike; a figure is the median over the rounds, in microseconds. Before any timing they must agree
on the loss and on the gradients, to 1e-12 relative (PyTorch and JAX compute in float64 too).
"""

# ruff: noqa: E402 - the number of threads must be known before NumPy is loaded

import os

for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[threads] = "1"
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

import argparse
import ctypes
import math
import platform
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from autograd_lite import Parameter, Value, compile, derived, nn, ops, topological_order
from autograd_lite.engine.primitive import Primitive
from autograd_lite.optim import SGD

Run = Callable[[], Any]  # gives the loss and the gradient
#: Scalars that XLA compiles in seconds; for 2,352 operations a quarter of an hour is too short.
FEW_FOR_XLA = 1000


def installed(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError:
        return None


torch, autograd, jax, micrograd, llvmlite = map(
    installed, ("torch", "autograd", "jax", "micrograd.nn", "llvmlite")
)
if torch:
    torch.set_num_threads(1)
if jax:
    jax.config.update("jax_enable_x64", True)


# --- timing ---------------------------------------------------------------------------------------


def medians(runs: Mapping[str, Run], seconds: float, rounds: int = 15) -> dict[str, float]:
    """Microseconds per run of each, in turns: every round gives each its share of the time."""
    repeats = {}
    for name, run in runs.items():
        run()
        start = time.perf_counter()
        run()
        once = max(time.perf_counter() - start, 1e-7)
        repeats[name] = max(1, int(seconds / len(runs) / rounds / once))
    taken: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            start = time.perf_counter()
            for _ in range(repeats[name]):
                run()
            taken[name].append((time.perf_counter() - start) / repeats[name] * 1e6)
            if repeats[name] == 1 and taken[name][-1] * rounds > 2e7 * seconds:
                break  # a contender that takes seconds gets one turn
    return {name: statistics.median(times) for name, times in taken.items()}


def must_agree(runs: Mapping[str, Run]) -> None:
    (_, first), *others = runs.items()
    loss, slopes = first()
    for name, run in others:
        other_loss, other_slopes = run()
        close = math.isclose(float(other_loss), loss, rel_tol=1e-12)
        scale = np.abs(slopes).max()
        if not close or np.abs(np.asarray(other_slopes) - slopes).max() > 1e-12 * scale:
            raise SystemExit(f"{name} does not agree with the compiled program")


# --- networks, in layers of (W, b) views of one flat vector ---------------------------------------


def layers_of(p: Any, sizes: list[int]) -> list[tuple[Any, Any]]:
    layers, at = [], 0
    for nin, nout in pairwise(sizes):
        bias, end = at + nin * nout, at + (nin + 1) * nout
        layers.append((p[at:bias].reshape(nout, nin), p[bias:end]))
        at = end
    return layers


def vector_loss(np: Any, kind: str, sizes: list[int], p: Any, X: Any, Y: Any) -> Any:
    """The loss in the array language of NumPy, PyTorch or JAX: what their users write."""
    A = X
    *hidden, (W, b) = layers_of(p, sizes)
    for V, c in hidden:
        A = np.maximum(A @ V.T + c, 0.0) if np is not torch else torch.relu(A @ V.T + c)
    Z = A @ W.T + b
    if kind == "moons":
        margin = 1.0 - Y * Z[:, 0]
        hinge = np.maximum(margin, 0.0) if np is not torch else torch.relu(margin)
        return hinge.sum() / len(X) + 1e-4 * (p @ p)
    if np is torch:
        return -(Y * torch.log_softmax(Z, 1)).sum() / len(X)
    Z = Z - np.max(Z, axis=1, keepdims=True)
    return -np.sum(Y * (Z - np.log(np.sum(np.exp(Z), axis=1, keepdims=True)))) / len(X)


def by_hand(kind: str, sizes: list[int], p: Any, X: Any, Y: Any) -> Run:
    """Loss and gradient in NumPy, the derivative worked out on paper."""
    n = len(X)
    gradient = np.empty_like(p)

    def run(p: Any = p) -> Any:
        layers, slopes = layers_of(p, sizes), layers_of(gradient, sizes)
        As = [X]
        for W, b in layers[:-1]:
            As.append(np.maximum(As[-1] @ W.T + b, 0.0))
        W, b = layers[-1]
        Z = As[-1] @ W.T + b
        if kind == "moons":
            margin = 1.0 - Y * Z[:, 0]
            loss = np.maximum(margin, 0.0).sum() / n + 1e-4 * (p @ p)
            delta = ((margin > 0) * (Y / -n))[:, None]
        else:
            Z = Z - Z.max(1, keepdims=True)
            E = np.exp(Z)
            S = E.sum(1, keepdims=True)
            loss = (np.log(S).sum() - np.vdot(Y, Z)) / n
            delta = (E / S - Y) / n
        for k in range(len(layers) - 1, -1, -1):
            dW, db = slopes[k]
            np.matmul(delta.T, As[k], out=dW)
            delta.sum(0, out=db)
            if k:
                delta = (delta @ layers[k][0]) * (As[k] > 0)
        return loss, gradient + 2e-4 * p if kind == "moons" else gradient

    return run


C = r"""
#include <string.h>
enum { I = 2, H = 16 };
/* moons: 2 -> 16 -> 16 -> 1, ReLU, hinge loss, weight decay; p = W1 b1 W2 b2 W3 b3 */
double moons(const double *p, const double *X, const double *Y, int n, double *g) {
    const double *W1 = p, *b1 = W1 + I * H, *W2 = b1 + H, *b2 = W2 + H * H, *W3 = b2 + H;
    double *dW1 = g, *db1 = dW1 + I * H, *dW2 = db1 + H, *db2 = dW2 + H * H, *dW3 = db2 + H;
    const int m = I * H + H + H * H + H + H + 1;
    double loss = 0, square = 0;
    memset(g, 0, m * sizeof(double));
    for (int s = 0; s < n; s++) {
        double a1[H], a2[H], d1[H], d2[H], score = W3[H];
        const double *x = X + I * s;
        for (int i = 0; i < H; i++) {
            double z = b1[i] + W1[I * i] * x[0] + W1[I * i + 1] * x[1];
            a1[i] = z > 0 ? z : 0;
        }
        for (int i = 0; i < H; i++) {
            double z = b2[i];
            for (int j = 0; j < H; j++) z += W2[H * i + j] * a1[j];
            a2[i] = z > 0 ? z : 0;
            score += W3[i] * a2[i];
        }
        double margin = 1 - Y[s] * score;
        if (margin <= 0) continue;
        loss += margin;
        double d3 = -Y[s] / n;
        for (int i = 0; i < H; i++) {
            dW3[i] += d3 * a2[i];
            d2[i] = a2[i] > 0 ? d3 * W3[i] : 0;
            db2[i] += d2[i];
            d1[i] = 0;
        }
        dW3[H] += d3;
        for (int i = 0; i < H; i++)
            for (int j = 0; j < H; j++) {
                dW2[H * i + j] += d2[i] * a1[j];
                d1[j] += d2[i] * W2[H * i + j];
            }
        for (int i = 0; i < H; i++) {
            double d = a1[i] > 0 ? d1[i] : 0;
            dW1[I * i] += d * x[0];
            dW1[I * i + 1] += d * x[1];
            db1[i] += d;
        }
    }
    for (int k = 0; k < m; k++) {
        square += p[k] * p[k];
        g[k] += 2e-4 * p[k];
    }
    return loss / n + 1e-4 * square;
}
"""


def in_c(p: Any, X: Any, Y: Any, folder: str) -> Run | None:
    compiler = shutil.which("cc")
    if compiler is None:
        return None
    library = Path(folder) / "moons.so"
    if not library.exists():
        source = library.with_suffix(".c")
        source.write_text(C, "utf-8")
        flags = ["-O3", "-march=native", "-ffast-math", "-shared", "-fPIC"]
        subprocess.run([compiler, *flags, str(source), "-o", str(library)], check=True)
    function = ctypes.CDLL(str(library)).moons
    function.restype = ctypes.c_double
    gradient = np.empty_like(p)
    arguments = [ctypes.c_void_p(array.ctypes.data) for array in (p, X, Y)]
    out = ctypes.c_void_p(gradient.ctypes.data)

    def run() -> Any:
        return function(*arguments, len(X), out), gradient

    return run


def network(kind: str, samples: int, folder: str, slow: bool) -> dict[str, Run]:
    """All contenders for one network and one batch; the compiled program comes first."""
    sizes = [2, 16, 16, 1] if kind == "moons" else [64, 64, 10]
    random.seed(1)
    model = nn.MLP(sizes[0], sizes[1:])
    rng = np.random.default_rng(0)
    if kind == "moons":
        X, Y = rng.normal(size=(samples, 2)), np.sign(rng.normal(size=samples))
        per_sample = moons_sample
    else:
        for w in model.parameters():
            w.data *= 0.2
        X, labels = rng.integers(0, 17, size=(samples, 64)) / 16.0, rng.integers(0, 10, samples)
        Y = np.eye(10)[labels]
        per_sample = softmax_sample
    loss = per_sample(model)
    program = compile(loss, inputs=[X, Y], batch="mean")
    p = program.vector
    runs: dict[str, Run] = {"compiled": lambda: program.value_and_grad(p, X, Y)}
    if llvmlite:
        native = compile(loss, inputs=[X, Y], batch="mean", native=True)
        runs["native"] = lambda: native.value_and_grad(p, X, Y)
    runs["hand NumPy"] = by_hand(kind, sizes, p, X, Y)
    if kind == "moons" and (c := in_c(p, X, Y, folder)):
        runs["hand C"] = c
    if torch:
        runs["torch eager"] = in_torch(kind, sizes, p, X, Y)
        if slow:
            torch.compiler.reset()
            runs["torch.compile"] = in_torch(kind, sizes, p, X, Y, fused=True)
    if jax:
        runs["jax.jit"] = in_jax(kind, sizes, p, X, Y)
    if autograd:
        runs["HIPS autograd"] = in_autograd(kind, sizes, p, X, Y)
    if slow and samples <= 100 and kind == "moons":
        runs["our eager"] = lambda: eagerly(program.parameters, loss, X, Y)
        if micrograd:
            runs["micrograd"] = in_micrograd(p, X, Y)
    return runs


def moons_sample(model: Any) -> Callable[[Any, Any], Value]:
    parameters = model.parameters()
    return lambda x, y: (1 + -y * model(x)).relu() + 1e-4 * ops.sum([w * w for w in parameters])


def softmax_sample(model: Any) -> Callable[[Any, Any], Value]:
    return lambda x, y: -ops.dot(y, derived.log_softmax(model(x)))


def eagerly(parameters: list[Value], f: Callable[[Any, Any], Value], X: Any, Y: Any) -> Any:
    for w in parameters:
        w.grad = 0.0
    y = ops.mean([f(x, target) for x, target in zip(X.tolist(), Y.tolist(), strict=True)])
    y.backward()
    return y.data, [w.grad for w in parameters]


def in_torch(kind: str, sizes: list[int], p: Any, X: Any, Y: Any, fused: bool = False) -> Run:
    """As its users write it, or with the forward and the backward pass by ``torch.compile``."""
    f = torch.compile(vector_loss) if fused else vector_loss
    tensors = [torch.tensor(array) for array in (p, X, Y)]
    tensors[0].requires_grad_()

    def run() -> Any:
        tensors[0].grad = None
        loss = f(torch, kind, sizes, *tensors)
        loss.backward()
        return loss.item(), tensors[0].grad.numpy()

    return run


def in_jax(kind: str, sizes: list[int], p: Any, X: Any, Y: Any) -> Run:
    f = jax.jit(jax.value_and_grad(lambda p, X, Y: vector_loss(jax.numpy, kind, sizes, p, X, Y)))
    arrays = [jax.numpy.asarray(array) for array in (p, X, Y)]
    return lambda: jax.block_until_ready(f(*arrays))


def in_autograd(kind: str, sizes: list[int], p: Any, X: Any, Y: Any) -> Run:
    numpy = import_module("autograd.numpy")
    f = autograd.value_and_grad(lambda p: vector_loss(numpy, kind, sizes, p, X, Y))
    return lambda: f(p)


def in_micrograd(p: Any, X: Any, Y: Any) -> Run:
    """The same weights in micrograd's network, neuron by neuron, as its demo uses it."""
    model = micrograd.MLP(2, [16, 16, 1])
    ordered = []
    for layer in model.layers:
        ordered += [w for neuron in layer.neurons for w in neuron.w]
        ordered += [neuron.b for neuron in layer.neurons]
    for w, number in zip(ordered, p.tolist(), strict=True):
        w.data = number

    def run() -> Any:
        model.zero_grad()
        scores = [model(x) for x in X.tolist()]
        losses = [(1 + -y * score).relu() for y, score in zip(Y.tolist(), scores, strict=True)]
        loss = sum(losses) * (1.0 / len(losses)) + 1e-4 * sum(w * w for w in ordered)
        loss.backward()
        return loss.data, [w.grad for w in ordered]

    return run


def training_step(samples: int) -> dict[str, Run]:
    """Loss, gradient and the update of SGD, compiled and by hand."""
    random.seed(1)
    model = nn.MLP(2, [16, 16, 1])
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(samples, 2)), np.sign(rng.normal(size=samples))
    steps: dict[str, Run] = {}
    for name, native in [("compiled", False), *([("native", True)] if llvmlite else [])]:
        program = compile(moons_sample(model), inputs=[X, Y], batch="mean", native=native)
        step = program.training(SGD(program.parameters, learning_rate=1e-6)).__enter__()
        steps[name] = partial(step, X, Y)
    p = program.vector
    gradient = by_hand("moons", [2, 16, 16, 1], p, X, Y)

    def hand() -> None:
        p.__isub__(1e-6 * gradient(p)[1])  # type: ignore[call-arg]

    return {**steps, "hand NumPy": hand}


# --- graphs without matrices ----------------------------------------------------------------------


def rosenbrock() -> Value:
    xs = [Parameter(math.sin(k)) for k in range(100)]
    return sum(100 * (b - a**2) ** 2 + (1 - a) ** 2 for a, b in pairwise(xs))  # type: ignore[return-value]


def three_bodies(steps: int = 30, dt: float = 0.01) -> Value:
    """Gravity: the figure of eight of Chenciner and Montgomery, by small steps."""
    places = [[0.97, -0.243], [-0.97, 0.243], [0.0, 0.0]]
    speeds = [[0.466, 0.432], [0.466, 0.432], [-0.932, -0.865]]
    x: Any = [[Parameter(v) for v in place] for place in places]
    u: Any = [[Parameter(v) for v in speed] for speed in speeds]
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
    return sum(a * a for place in x for a in place)  # type: ignore[no-any-return]


def lstm(steps: int = 20, width: int = 4) -> Value:
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
    return sum(v * v for v in h)  # type: ignore[return-value]


def mixture(samples: int = 100, components: int = 3, axes: int = 2) -> Value:
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
    return total  # type: ignore[no-any-return]


def scalars_in_jax(y: Value, program: Any) -> Run:
    """The same scalars one by one, each operation by its row's NumPy form on JAX's NumPy."""
    place = {x: k for k, x in enumerate(program.parameters)}
    order = topological_order(y)

    def applied(op: Primitive, operands: list[Any]) -> Any:
        operands = operands if op.arity else [jax.numpy.stack(operands)]
        space = {"np": jax.numpy, "math": math, **dict(zip(op.operands, operands, strict=True))}
        return eval(op.numpy_source, space)

    def f(p: Any) -> Any:
        numbers: dict[Value, Any] = {}
        for x in order:
            if x.op is None:
                numbers[x] = p[place[x]] if x in place else x.data
            else:
                numbers[x] = applied(x.op, [numbers[parent] for parent in x.parents])
        return numbers[y]

    both = jax.jit(jax.value_and_grad(f))
    p = jax.numpy.asarray(program.vector)
    return lambda: jax.block_until_ready(both(p))


def scalar_graph(make: Callable[[], Value]) -> tuple[Value, dict[str, Run]]:
    y = make()
    program = compile(y)
    p = program.vector

    def eager() -> Any:
        for x in program.parameters:
            x.grad = 0.0
        y.backward()
        return y.data, [x.grad for x in program.parameters]

    runs: dict[str, Run] = {"compiled": lambda: program.value_and_grad(p)}
    if llvmlite:
        native = compile(y, native=True)
        runs["native"] = lambda: native.value_and_grad(p)
    if jax and sum(x.op is not None for x in topological_order(y)) <= FEW_FOR_XLA:
        runs["jax.jit"] = scalars_in_jax(y, program)
    must_agree({**runs, "eager": eager})

    def build_and_differentiate() -> None:
        make().backward()

    return y, {**runs, "our eager": build_and_differentiate}


# --- the tables -----------------------------------------------------------------------------------


def table(title: str, rows: list[list[str]]) -> None:
    print(f"\n**{title}**\n")
    for k, row in enumerate(rows):
        print("| " + " | ".join(row) + " |")
        if k == 0:
            print("|" + "---|" * len(row))
    sys.stdout.flush()


def shown(x: float | None) -> str:
    return "–" if x is None else f"{x:,.1f}" if x < 100 else f"{x:,.0f}"


def networks(seconds: float, slow: bool) -> None:
    names = [
        "compiled",
        "native",
        "hand NumPy",
        "hand C",
        "torch eager",
        "torch.compile",
        "jax.jit",
        "HIPS autograd",
        "our eager",
        "micrograd",
    ]
    rows = [["loss and gradient, µs", *names, "compiled ÷ hand NumPy"]]
    cases = [("moons", n) for n in (1, 32, 100, 1000)] + [("softmax", n) for n in (32, 1797)]
    with tempfile.TemporaryDirectory() as folder:
        for kind, samples in cases:
            runs = network(kind, samples, folder, slow)
            must_agree(runs)
            found = medians(runs, seconds)
            net = "2-16-16-1, hinge loss" if kind == "moons" else "64-64-10, softmax"
            ratio = found["compiled"] / found["hand NumPy"]
            cells = [shown(found.get(name)) for name in names]
            rows.append([f"{net}, batch {samples}", *cells, f"{ratio:.2f}"])
    table("Networks", rows)


def steps(seconds: float) -> None:
    names = ["compiled", "native", "hand NumPy"]
    rows = [["training step with SGD, µs", *names, "compiled ÷ hand NumPy"]]
    for samples in (1, 32, 100, 1000):
        found = medians(training_step(samples), seconds)
        ratio = found["compiled"] / found["hand NumPy"]
        cells = [shown(found.get(name)) for name in names]
        rows.append([f"2-16-16-1, batch {samples}", *cells, f"{ratio:.2f}"])
    table("Training", rows)


def scalars(seconds: float) -> None:
    titles = ["operations", "compiled", "as", "times quicker", "native", "times", "our eager"]
    titles.append("jax.jit")
    rows = [["loss and gradient, µs", *titles]]
    for make in (rosenbrock, three_bodies, lstm, mixture):
        y, runs = scalar_graph(make)
        count = sum(x.op is not None for x in topological_order(y))
        found = medians(runs, seconds)
        a, c, b = found["compiled"], found.get("native"), found["our eager"]
        form = "floats" if "in floats" in repr(compile(y)) else "arrays"
        name = make.__name__.replace("_", " ")
        gained = f"{b / c:.0f}" if c else "–"
        cells = [shown(a), form, f"{b / a:.0f}", shown(c), gained, shown(b)]
        cells.append(shown(found.get("jax.jit")))
        rows.append([name, f"{count:,}", *cells])
    table("Graphs without matrices", rows)


def recurrence(nodes: int) -> Value:
    x: Any = Parameter(0.3)
    y: Any = Parameter(0.2)
    for _ in range(nodes // 6):
        x, y = (x * 0.99 + y * 0.01).sin(), x * y - 0.1
    return x * y  # type: ignore[no-any-return]


def moons_graph(nodes: int) -> Value:
    random.seed(1)
    model = nn.MLP(2, [16, 16, 1])
    samples = max(1, nodes // 69)
    data = [[random.gauss(0, 1), random.gauss(0, 1)] for _ in range(samples)]
    return ops.mean([(1 - model(x)).relu() for x in data])


def compiling(largest: int) -> None:
    rows = [["compiling", "operations", "seconds", "µs an operation", "peak MB", "a run, µs"]]
    if llvmlite:
        rows[0] += ["native, seconds", "a run, µs"]
    for make in (moons_graph, recurrence):
        for nodes in (10**4, 10**5, 10**6):
            if nodes > largest:
                break
            y = make(nodes)
            count = sum(x.op is not None for x in topological_order(y))
            cells = []
            for native in (False, True) if llvmlite else (False,):
                start = time.process_time()
                program = compile(y, native=native)
                program.value_and_grad(program.vector)
                taken = time.process_time() - start
                program_run = partial(program.value_and_grad, program.vector)
                cells += [f"{taken:.2f}", shown(medians({"": program_run}, 0.5)[""])]
                if not native:
                    del program, program_run
                    cells[1:1] = [f"{taken / count * 1e6:.0f}", peak(y) if nodes <= 10**5 else "–"]
            rows.append([make.__name__.replace("_", " "), f"{count:,}", *cells])
    table("Compile time, the first run included", rows)


def peak(y: Value) -> str:
    """Megabytes that compiling takes; tracing allocations takes several times as long."""
    tracemalloc.start()
    compile(y)
    found = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return f"{found / 1e6:.0f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=3.0, help="for each row")
    parser.add_argument("--only", choices=["networks", "training", "scalars", "compiling"])
    parser.add_argument("--quick", action="store_true", help="without the slow contenders")
    parser.add_argument(
        "--largest", type=int, default=10**5, help="graph in the table of compile time"
    )
    chosen = parser.parse_args()
    print(
        f"Python {platform.python_version()}, NumPy {np.__version__}, {platform.machine()}", end=""
    )
    for peer in (torch, jax):
        print(f", {peer.__name__} {peer.__version__}" if peer else "", end="")
    print()
    if chosen.only in (None, "networks"):
        networks(chosen.seconds, not chosen.quick)
    if chosen.only in (None, "training"):
        steps(chosen.seconds)
    if chosen.only in (None, "scalars"):
        scalars(chosen.seconds)
    if chosen.only in (None, "compiling"):
        compiling(chosen.largest)


if __name__ == "__main__":
    main()
