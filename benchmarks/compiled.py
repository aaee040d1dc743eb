"""Compiled programs against other ways to the same loss and gradient, interleaved in one run.

    python -m pip install ".[bench]"
    python benchmarks/compiled.py        # prints the tables; peers that are missing are left out

One thread for each contender. The contenders take turns, so that a busy machine slows all of them
alike; a figure is the median over the rounds, in microseconds of processor time. Before any timing
they must agree on the loss and on the gradients, to 1e-12 relative (PyTorch and JAX compute in
float64 too).
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
from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import peers
from peers import Graph, Run, installed

from autograd_lite import Parameter, Value, compile, derived, nn, ops, topological_order
from autograd_lite.engine.primitive import Primitive
from autograd_lite.languages.form import ATOM
from autograd_lite.languages.numpy import NumPy
from autograd_lite.optim import SGD

#: Scalars that XLA compiles in seconds; for 2,352 operations a quarter of an hour is too short.
FEW_FOR_XLA = 1000


torch, autograd, jax, micrograd, llvmlite = map(
    installed, ("torch", "autograd", "jax", "micrograd.nn", "llvmlite")
)
if torch:
    torch.set_num_threads(1)
if jax:
    jax.config.update("jax_enable_x64", True)


# --- timing ---------------------------------------------------------------------------------------


def medians(runs: Mapping[str, Run], seconds: float, rounds: int = 15) -> dict[str, float]:
    """Microseconds of the processor per run of each, in turns, each with its share of a round."""
    repeats = {}
    for name, run in runs.items():
        run()
        start = time.process_time()
        run()
        once = max(time.process_time() - start, 1e-7)
        repeats[name] = max(1, int(seconds / len(runs) / rounds / once))
    taken: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            start = time.process_time()
            for _ in range(repeats[name]):
                run()
            taken[name].append((time.process_time() - start) / repeats[name] * 1e6)
            if repeats[name] == 1 and taken[name][-1] * rounds > 2e7 * seconds:
                break  # a contender that takes seconds gets one turn
    return {name: statistics.median(times) for name, times in taken.items()}


def must_agree(runs: Mapping[str, Run]) -> None:
    (_, first), *others = runs.items()
    loss, slopes = first()
    for name, run in others:
        other_loss, other_slopes = run()
        close = math.isclose(float(np.ravel(other_loss)[0]), loss, rel_tol=1e-12)
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


def lean_moons(p: Any, X: Any, Y: Any) -> Run:
    """The same as an expert writes it who knows the network, the batch and NumPy's costs.

    No check, no error state; every array is made once and used again, sums are products with ones.
    """
    n = len(X)
    g = np.empty(337)
    dW1, dW2 = g[:32].reshape(16, 2), g[48:304].reshape(16, 16)
    db1, db2, dW3, db3 = g[32:48], g[304:320], g[320:336], g[336:]
    Z1, Z2, D1, D2 = (np.empty((n, 16)) for _ in range(4))
    on1, on2 = np.empty((2, n, 16), bool)
    ones = np.ones(n)

    def run() -> Any:
        W1, W2, W3 = p[:32].reshape(16, 2), p[48:304].reshape(16, 16), p[320:336]
        np.dot(X, W1.T, out=Z1)
        np.add(Z1, p[32:48], out=Z1)
        np.maximum(Z1, 0.0, out=Z1)
        np.dot(Z1, W2.T, out=Z2)
        np.add(Z2, p[304:320], out=Z2)
        np.maximum(Z2, 0.0, out=Z2)
        margin = Z2.dot(W3)
        margin += p[336]
        margin *= Y
        np.subtract(1.0, margin, out=margin)
        on = margin > 0.0
        loss = margin.dot(on) / n + 1e-4 * p.dot(p)
        delta = on * Y
        delta *= -1.0 / n
        np.dot(delta, Z2, out=dW3)
        db3[0] = delta.dot(ones)
        np.multiply(delta[:, None], W3, out=D2)
        np.multiply(D2, np.greater(Z2, 0.0, out=on2), out=D2)
        np.dot(D2.T, Z1, out=dW2)
        np.dot(ones, D2, out=db2)
        np.dot(D2, W2, out=D1)
        np.multiply(D1, np.greater(Z1, 0.0, out=on1), out=D1)
        np.dot(D1.T, X, out=dW1)
        np.dot(ones, D1, out=db1)
        np.add(g, 2e-4 * p, out=g)
        return loss, g

    return run


def leanest_moons(p: Any, X: Any, Y: Any) -> Run:
    """And as one who has timed each call: ``out=`` where it pays, numbers as arrays.

    In NumPy 2.4 ``np.maximum(z, 0.0, out=z)`` takes 1.7 µs, ``np.maximum(z, zero)`` 0.3.
    """
    n = len(X)
    g = np.empty(337)
    dW1, dW2 = g[:32].reshape(16, 2), g[48:304].reshape(16, 16)
    db1, db2, dW3, db3 = g[32:48], g[304:320], g[320:336], g[336:]
    Z1, Z2, D1, D2 = (np.empty((16, n)) for _ in range(4))
    zero, one, decay, share = (np.array(x) for x in (0.0, 1.0, 2e-4, -1.0 / n))
    ones = np.ones(n)

    def run() -> Any:
        W1, W2, W3 = p[:32].reshape(16, 2), p[48:304].reshape(16, 16), p[320:336]
        W1.dot(X.T, Z1)
        np.add(Z1, p[32:48, None], Z1)
        A1 = np.maximum(Z1, zero)
        W2.dot(A1, Z2)
        np.add(Z2, p[304:320, None], Z2)
        A2 = np.maximum(Z2, zero)
        margin = W3.dot(A2)
        margin += p[336]
        margin *= Y
        margin = one - margin
        on = (margin > zero).astype(float)
        loss = margin.dot(on) / n + 1e-4 * p.dot(p)
        delta = on * Y
        delta *= share
        A2.dot(delta, dW3)
        db3[0] = delta.dot(ones)
        W3[:, None].dot(delta[None, :], D2)
        delta2 = D2 * (zero < Z2).astype(float)
        delta2.dot(A1.T, dW2)
        delta2.dot(ones, db2)
        W2.T.dot(delta2, D1)
        delta1 = D1 * (zero < Z1).astype(float)
        delta1.dot(X, dW1)
        delta1.dot(ones, db1)
        np.add(g, decay * p, g)
        return loss, g

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
    bound = program.bind(X, Y)
    runs: dict[str, Run] = {
        "compiled": lambda: program.value_and_grad(p, X, Y),
        "bound": lambda: (bound(), bound.value, bound.gradient)[1:],
    }
    if llvmlite:
        native = compile(loss, inputs=[X, Y], batch="mean", native=True)
        runs["native"] = lambda: native.value_and_grad(p, X, Y)
    runs["hand NumPy"] = by_hand(kind, sizes, p, X, Y)
    if kind == "moons":
        runs["lean NumPy"] = lean_moons(p, X, Y)
        runs["leanest NumPy"] = leanest_moons(p, X, Y)
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


def scalars_in_jax(y: Value, program: Any) -> Run:
    """The same scalars one by one, each operation by its row's NumPy form on JAX's NumPy."""
    place = {x: k for k, x in enumerate(program.parameters)}
    order = topological_order(y)

    def applied(op: Primitive, operands: list[Any]) -> Any:
        operands = operands if op.arity else [jax.numpy.stack(operands)]
        space = {"np": jax.numpy, "math": math, **dict(zip(op.operands, operands, strict=True))}
        return eval(NumPy().applied(op, [(name, ATOM) for name in op.operands])[0], space)

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


def scalar_graph(make: Callable[[], Graph], folder: str) -> tuple[Value, dict[str, Run]]:
    """All contenders for one graph; native programs, as their peers, with arrays that stay."""
    graph, name = make(), make.__name__
    y = graph.y
    program = compile(y, parameters=graph.parameters)
    p = program.vector

    def eager() -> Any:
        for x in program.parameters:
            x.grad = 0.0
        y.backward()
        return y.data, [x.grad for x in program.parameters]

    runs: dict[str, Run] = {"compiled": lambda: program.value_and_grad(p)}
    unread: dict[str, Run] = {}  # bound calls, timed without reading what they made
    if llvmlite:
        native = compile(y, native=True, parameters=graph.parameters)
        unread["bound"] = bound = native.bind()
        runs["native"] = lambda: native.value_and_grad(p)
        runs["bound"] = lambda: (bound(), bound.value, bound.gradient)[1:]
    if ddx := peers.in_ddx(graph):
        unread["ddx"], runs["ddx"] = ddx
    others = {
        "hand C": peers.in_c(graph, name, folder),
        "casadi": peers.in_casadi(graph, name, folder),
        "heyoka": peers.in_heyoka(graph),
    }
    runs.update({name: run for name, run in others.items() if run})
    if jax and sum(x.op is not None for x in topological_order(y)) <= FEW_FOR_XLA:
        runs["jax.jit"] = scalars_in_jax(y, program)
    must_agree({**runs, "eager": eager})

    def build_and_differentiate() -> None:
        make().y.backward()

    return y, {**runs, **unread, "our eager": build_and_differentiate}


# --- the tables -----------------------------------------------------------------------------------


def table(title: str, rows: list[list[str]]) -> None:
    print(f"\n**{title}**\n")
    for k, row in enumerate(rows):
        print("| " + " | ".join(row) + " |")
        if k == 0:
            print("|" + "---|" * len(row))
    sys.stdout.flush()


def shown(x: float | None, digits: int = 1) -> str:
    return "–" if x is None else f"{x:,.{digits}f}" if x < 100 else f"{x:,.0f}"


def networks(seconds: float, slow: bool, rounds: int) -> None:
    names = [
        "compiled",
        "bound",
        "native",
        "hand NumPy",
        "lean NumPy",
        "leanest NumPy",
        "hand C",
        "torch eager",
        "torch.compile",
        "jax.jit",
        "HIPS autograd",
        "our eager",
        "micrograd",
    ]
    ratios = [
        ("compiled", "hand NumPy"), ("native", "hand NumPy"), ("compiled", "lean NumPy"),
        ("bound", "lean NumPy"), ("compiled", "leanest NumPy"),
    ]  # fmt: skip
    rows = [["loss and gradient, µs", *names, *[f"{a} ÷ {b}" for a, b in ratios]]]
    cases = [("moons", n) for n in (1, 32, 100, 1000)] + [("softmax", n) for n in (32, 1797)]
    with tempfile.TemporaryDirectory() as folder:
        for kind, samples in cases:
            runs = network(kind, samples, folder, slow)
            must_agree(runs)
            found = medians(runs, seconds, rounds)
            net = "2-16-16-1, hinge loss" if kind == "moons" else "64-64-10, softmax"
            cells = [shown(found.get(name)) for name in names]
            cells += [ratio(found, *pair) for pair in ratios]
            rows.append([f"{net}, batch {samples}", *cells])
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
    names = [
        "compiled",
        "native",
        "bound",
        "hand C",
        "casadi",
        "ddx",
        "heyoka",
        "jax.jit",
        "our eager",
    ]
    rows = [["loss and gradient, µs", "operations", *names, "bound ÷ C", "bound ÷ ddx"]]
    with tempfile.TemporaryDirectory() as folder:
        for make in peers.GRAPHS:
            y, runs = scalar_graph(make, folder)
            count = sum(x.op is not None for x in topological_order(y))
            found = medians(runs, seconds)
            cells = [f"{count:,}", *[shown(found.get(name), 2) for name in names]]
            cells += [ratio(found, "bound", peer) for peer in ("hand C", "ddx")]
            rows.append([make.__name__.replace("_", " "), *cells])
    table("Graphs without matrices", rows)


def calls(seconds: float) -> None:
    """What a call costs beside its arithmetic, and what a Hessian does."""
    x, y = Parameter(2.0), Parameter(3.0)
    graph = Graph(x * y + x, [x, y])
    program = compile(graph.y, native=True, parameters=graph.parameters)
    p = program.vector
    runs: dict[str, Run] = {
        "ours, value_and_grad": lambda: program.value_and_grad(p),
        "ours, bound": program.bind(),
    }
    if ddx := peers.in_ddx(graph):
        runs["ddx, bound"], _ = ddx
    found = medians(runs, seconds)
    rows = [["one call, µs", "µs"], *[[f"x·y + x: {k}", shown(v, 2)] for k, v in found.items()]]
    with tempfile.TemporaryDirectory() as folder:
        for n in (10, 100):
            graph = peers.rosenbrock(n)
            matrix = compile(graph.y, native=True, parameters=graph.parameters).hessian
            p = peers.numbers(graph)
            runs = {
                "ours, bound": matrix.program.bind(),  # type: ignore[union-attr]
                "ours, as an array": lambda matrix=matrix, p=p: matrix(p),
                "ours, as SciPy's": lambda matrix=matrix, p=p: matrix.sparse(p),
            }
            if casadi := peers.in_casadi(graph, f"hessian{n}", folder, order=2):
                ours, theirs = matrix.sparse(p).data, casadi()[0]
                if np.abs(np.sort(ours) - np.sort(theirs)).max() > 1e-10:
                    raise SystemExit("casadi does not agree with the compiled Hessian")
                runs["casadi, C"] = casadi
            for k, v in medians(runs, seconds).items():
                rows.append([f"Hessian of Rosenbrock, {n} variables: {k}", shown(v, 2)])
    table("Calls", rows)


def ratio(found: Mapping[str, float], ours: str, theirs: str) -> str:
    return f"{found[ours] / found[theirs]:.2f}" if {ours, theirs} <= found.keys() else "–"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=3.0, help="for each row")
    parser.add_argument("--rounds", type=int, default=15, help="of the networks")
    parser.add_argument("--only", choices=["networks", "training", "scalars", "calls"])
    parser.add_argument("--quick", action="store_true", help="without the slow contenders")
    chosen = parser.parse_args()
    print(
        f"Python {platform.python_version()}, NumPy {np.__version__}, {platform.machine()}", end=""
    )
    for peer in (torch, jax):
        print(f", {peer.__name__} {peer.__version__}" if peer else "", end="")
    print()
    if chosen.only in (None, "networks"):
        networks(chosen.seconds, not chosen.quick, chosen.rounds)
    if chosen.only in (None, "training"):
        steps(chosen.seconds)
    if chosen.only in (None, "scalars"):
        scalars(chosen.seconds)
    if chosen.only in (None, "calls") and llvmlite:
        calls(chosen.seconds)


if __name__ == "__main__":
    main()
