"""How long compiling takes, what memory it needs, and what of it is kept for the next run.

    python benchmarks/compile_time.py                       # graphs of up to 100,000 operations
    python benchmarks/compile_time.py --largest 1000000     # minutes, and gigabytes for the Values

Processor time, recording excluded; the peak of memory is what tracemalloc sees in a second compile.
Machine code is compiled twice in a folder of its own: the second time it is there already.
"""

import argparse
import math
import os
import random
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np
from peers import lstm

from autograd_lite import Parameter, Value, compile, datasets, derived, nn, ops, topological_order
from autograd_lite.optim import SGD


def running_sum(n: int) -> Value:
    """A loss that is summed over the steps of a recurrence: no term is like another."""
    a, b, x = Parameter(0.9), Parameter(0.1), Parameter(0.3)
    y: Any = x
    total: Any = 0.0
    for _ in range(n // 6):
        y = (a * y + b).sin()
        total = total + (y - 0.5) * y
    return total  # type: ignore[no-any-return]


def recurrence(n: int) -> Value:
    x: Any = Parameter(0.3)
    y: Any = Parameter(0.2)
    for _ in range(n // 6):
        x, y = (x * 0.99 + y * 0.01).sin(), x * y - 0.1
    return x * y  # type: ignore[no-any-return]


def random_graph(n: int) -> Value:
    """Nothing repeats; all of the nodes are needed."""
    rng = random.Random(0)
    nodes: list[Any] = [Parameter(rng.uniform(-1, 1)) for _ in range(10)]
    while len(nodes) < n * 2 / 3:  # three operations for two nodes
        x, y = nodes[-1], nodes[-1 - rng.randrange(min(len(nodes), 1000))]
        made = rng.randrange(4)
        nodes.append(
            x * y if made == 0 else x.cos() if made == 1
            else (x - y).sin() if made == 2 else 0.5 * (x + y)
        )  # fmt: skip
    return sum(nodes[-10:])  # type: ignore[return-value]


def random_levels(n: int) -> Value:
    """Nothing repeats; fifty levels, of which each node reads the one before."""
    rng = random.Random(0)
    row: list[Any] = [Parameter(rng.uniform(-1, 1)) for _ in range(n // 75)]
    for _ in range(50):  # three operations for two nodes
        pairs = [(x, rng.choice(row)) for x in row]
        made = [rng.randrange(4) for _ in row]
        row = [
            x * y if kind == 0 else x.cos() if kind == 1
            else (x - y).sin() if kind == 2 else 0.5 * (x + y)
            for (x, y), kind in zip(pairs, made, strict=True)
        ]  # fmt: skip
    return ops.sum(row)


def moons(n: int) -> Value:
    random.seed(1)
    model = nn.MLP(2, [16, 16, 1])
    data = [[random.gauss(0, 1), random.gauss(0, 1)] for _ in range(max(1, n // 69))]
    return ops.mean([(1 - model(x)).relu() for x in data])


def kinetics(steps: int, dt: float = 0.05) -> Value:
    """Three substances that turn into each other, by Runge and Kutta; measured each 8 steps."""
    rates: list[Any] = [Parameter(k) for k in (0.5, 0.3, 0.1)]
    y: list[Any] = [Parameter(x) for x in (1.0, 0.0, 0.0)]

    def change(y: list[Any]) -> list[Any]:
        flows = [k * x for k, x in zip(rates, y, strict=True)]
        return [flows[k - 1] - flows[k] for k in range(3)]

    def moved(by: float, along: list[Any]) -> list[Any]:
        return [x + by * q for x, q in zip(y, along, strict=True)]

    loss: Any = 0.0
    for t in range(steps):
        first = change(y)
        second = change(moved(dt / 2, first))
        third = change(moved(dt / 2, second))
        fourth = change(moved(dt, third))
        rows = zip(first, second, third, fourth, strict=True)
        y = moved(dt / 6, [p + 2 * q + 2 * r + s for p, q, r, s in rows])
        if t % 8 == 7:
            loss = loss + (y[0] - math.exp(-0.1 * t)) ** 2 + (y[2] - 0.2) ** 2
    return loss  # type: ignore[no-any-return]


def gpt(positions: int, width: int = 16, heads: int = 4, letters: int = 27) -> Value:
    """One layer, written position by position: each attends to itself and to those before."""
    rng = random.Random(0)

    def matrix(rows: int, columns: int) -> list[list[Parameter]]:
        return [[Parameter(rng.gauss(0, 0.2)) for _ in range(columns)] for _ in range(rows)]

    def linear(W: Any, x: Any) -> Any:
        return [sum(w * v for w, v in zip(row, x, strict=True)) for row in W]

    def normed(x: Any) -> Any:
        scale = (sum(v * v for v in x) / len(x) + 1e-5) ** -0.5
        return [v * scale for v in x]

    word, place, head = matrix(letters, width), matrix(positions, width), matrix(letters, width)
    Q, K, V, out = [matrix(width, width) for _ in range(4)]
    up, down = matrix(4 * width, width), matrix(width, 4 * width)
    text = [rng.randrange(letters) for _ in range(positions + 1)]
    size = width // heads
    keys: list[Any] = []
    values: list[Any] = []
    losses = []
    for t in range(positions):
        x = normed([a + b for a, b in zip(word[text[t]], place[t], strict=True)])
        q, k, v = [linear(W, normed(x)) for W in (Q, K, V)]
        keys.append(k)
        values.append(v)
        mixed = []
        for h in range(0, width, size):
            logits = [
                sum(a * b for a, b in zip(q[h : h + size], k[h : h + size], strict=True))
                / size**0.5
                for k in keys
            ]
            weights = derived.softmax(logits)
            for j in range(h, h + size):
                mixed.append(sum(w * v[j] for w, v in zip(weights, values, strict=True)))
        x = [a + b for a, b in zip(linear(out, mixed), x, strict=True)]
        more = linear(down, [v.relu() for v in linear(up, normed(x))])
        logits = linear(head, [a + b for a, b in zip(more, x, strict=True)])
        losses.append(ops.logsumexp(logits) - logits[text[t + 1]])
    return sum(losses) / positions  # type: ignore[return-value]


def training(native: bool) -> None:
    """Twenty steps of the moons network from scratch, set-up included."""
    random.seed(0)
    X, y = [np.asarray(a) for a in datasets.moons(100, noise=0.1)]
    model = nn.MLP(2, [16, 16, 1])

    def loss(x: Any, target: Any) -> Any:
        return (1 - target * model(x)).relu()

    program = compile(loss, inputs=[X, y], batch="mean", native=native)
    with program.training(SGD(program.parameters, learning_rate=0.1)) as step:
        for _ in range(20):
            step(X, y)


def seconds(run: Callable[[], object]) -> float:
    start = time.process_time()
    run()
    return time.process_time() - start


def peak(run: Callable[[], object]) -> int:
    tracemalloc.start()
    run()
    found = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return found


def row(name: str, y: Value) -> list[str]:
    count = sum(x.op is not None for x in topological_order(y))
    taken = seconds(lambda: compile(y))
    cells = [name, f"{count:,}", f"{taken:.3f}", f"{taken / count * 1e6:.1f}"]
    cells.append(f"{peak(lambda: compile(y)) / count:,.0f}")
    for _ in range(2 if find_spec("llvmlite") else 0):
        taken = seconds(lambda: compile(y, native=True))
        cells += [f"{taken:.3f}", f"{taken / count * 1e6:.1f}"]
    return cells


def table(rows: list[list[str]]) -> None:
    for k, cells in enumerate(rows):
        print("| " + " | ".join(cells) + " |", flush=True)
        if k == 0:
            print("|---|" + "--:|" * (len(cells) - 1))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--largest", type=int, default=100_000, help="operations")
    largest = parser.parse_args().largest
    compile(moons(1000)), compile(recurrence(1000))  # what is worked out once in a process
    head = ["compiling", "operations", "seconds", "µs an operation", "bytes an operation"]
    if find_spec("llvmlite"):
        head += ["native, seconds", "µs an operation", "kept, seconds", "µs an operation"]
    rows = [head]
    with tempfile.TemporaryDirectory() as folder:
        os.environ["AUTOGRAD_LITE_CACHE"] = os.path.join(folder, "kept")
        for make in (running_sum, recurrence, random_graph, random_levels, moons):
            for n in (10**3, 10**4, 10**5, 10**6):
                if n <= largest:
                    rows.append(row(make.__name__.replace("_", " "), make(n)))
        rows.append(row("LSTM, 20 steps", lstm().y))
        rows.append(row("kinetics, 80 steps", kinetics(80)))
        rows.append(row("GPT, 8 positions", gpt(8)))
        table(rows)
        names = ["compiled"] + ["native", "native, kept"] * bool(find_spec("llvmlite"))
        taken = [seconds(lambda k=k: training(k > 0)) for k in range(len(names))]  # type: ignore[misc]
        shown = [f"{name} {1e3 * s:.1f} ms" for name, s in zip(names, taken, strict=True)]
        print(f"\n20 steps of the moons network, set-up included: {', '.join(shown)}")


if __name__ == "__main__":
    main()
