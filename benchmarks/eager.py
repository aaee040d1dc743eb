"""The eager engine against micrograd 0.1.0: the same programs, timed in turn in one process.

    python -m pip install ".[bench]"
    python benchmarks/eager.py            # prints the tables of benchmarks/README.md

Every workload builds a graph, differentiates it and drops it. The engines, micrograd and ours with
either core, take turns, round by round, so that a busy machine slows all; a figure is the median
over the rounds of the process's own time, and the ratio is the median of the rounds' ratios. A turn
is two runs from a clean heap, and the second is timed: in a loop the collector, which is on, also
meets what the run before has left. Before any timing the engines must agree on the workload's value
and gradients to nine digits.
"""

import argparse
import gc
import json
import math
import platform
import random
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import micrograd.engine
import micrograd.nn
from natural import training_step

CHECKOUT = Path(__file__).parent.parent
sys.path.insert(0, str(CHECKOUT / "tests"))
import cores  # noqa: E402 - beside the tests that hold the two against each other

MOONS = CHECKOUT / "tests" / "fixtures" / "moons.json"
POINTS = [tuple(point) for point in json.loads(MOONS.read_text("utf-8"))["points"]]
ENGINES = "micrograd", "ours in Python", "ours in C"

Run = Callable[[], list[float]]  # does the work once; returns numbers to compare
Run1 = Callable[[float], float]


# --- the workloads, each written once for any class of values -------------------------------------


def moons_step(value: Any, model: Any, forward: Callable[[list[Any]], Any]) -> Run:
    """One step of micrograd's demo: 100 samples, forward, backward, update of 337 parameters."""
    start = [p.data for p in model.parameters()]

    def run() -> list[float]:
        parameters = model.parameters()
        for p, data in zip(parameters, start, strict=True):
            p.data = data  # every round does the same arithmetic
        scores = [forward([value(x1), value(x2)]) for x1, x2, _ in POINTS]
        margins = [(1 + -y * s).relu() for (_, _, y), s in zip(POINTS, scores, strict=True)]
        loss = sum(margins) * (1.0 / len(margins)) + 1e-4 * sum(p * p for p in parameters)
        model.zero_grad()
        loss.backward()
        for p in parameters:
            p.data -= 0.1 * p.grad
        return [loss.data, *(p.data for p in parameters)]

    return run


def seeded_mlp(package: Any) -> Any:
    random.seed(1337)
    return package.MLP(2, [16, 16, 1])


def plain_forward(model: Any) -> Callable[[list[Any]], Any]:
    """The network with × and + alone, neuron by neuron, as micrograd writes it."""
    *hidden, last = [[(n.w, n.b) for n in layer.neurons] for layer in model.layers]

    def activation(w: Sequence[Any], b: Any, x: Sequence[Any]) -> Any:
        return sum((wi * xi for wi, xi in zip(w, x, strict=True)), b)

    def forward(x: list[Any]) -> Any:
        for layer in hidden:
            x = [activation(w, b, x).relu() for w, b in layer]
        return activation(*last[0], x)

    return forward


def sum_of_products(value: Any, size: int = 50_000) -> Run:
    """x₁w₁ + x₂w₂ + …, added from the left: a graph as deep as it is long."""
    draw = random.Random(1)
    numbers = [(draw.uniform(-1, 1), draw.uniform(-1, 1)) for _ in range(size)]

    def run() -> list[float]:
        xs = [value(x) for x, _ in numbers]
        ws = [value(w) for _, w in numbers]
        total = xs[0] * ws[0]
        for x, w in zip(xs[1:], ws[1:], strict=True):
            total = total + x * w
        total.backward()
        return [total.data, xs[0].grad, ws[-1].grad]

    return run


def shared_graph(value: Any, size: int = 100_000, leaves: int = 1_000) -> Run:
    """A random graph: +, × and ReLU of any two earlier nodes; what nobody used is added up."""
    draw = random.Random(2)
    data = [draw.uniform(-1, 1) for _ in range(leaves)]
    program: list[tuple[str, int, int]] = []
    unused = set(range(leaves))
    while len(data) + len(unused) < size:
        i, j = draw.randrange(len(data)), draw.randrange(len(data))
        op = draw.choice("+*")
        result = data[i] + data[j] if op == "+" else data[i] * data[j]
        if abs(result) > 2:  # keep the numbers ordinary
            op, result = "relu", max(data[i], 0.0)
        program.append((op, i, j))
        unused -= {i} if op == "relu" else {i, j}
        unused.add(len(data))
        data.append(result)
    ends = sorted(unused)
    start = data[:leaves]

    def run() -> list[float]:
        nodes = [value(x) for x in start]
        append = nodes.append
        for op, i, j in program:
            if op == "+":
                append(nodes[i] + nodes[j])
            elif op == "*":
                append(nodes[i] * nodes[j])
            else:
                append(nodes[i].relu())
        total = nodes[ends[0]]
        for i in ends[1:]:
            total = total + nodes[i]
        total.backward()
        return [total.data, *(node.grad for node in nodes[:leaves])]

    return run


def readme_expression(value: Any, times: int = 5_000) -> Run:
    """The example of micrograd's README, from scratch, 5,000 times over."""

    def once() -> list[float]:
        a, b = value(-4.0), value(2.0)
        c = a + b
        d = a * b + b**3
        c += c + 1
        c += 1 + c + (-a)
        d += d * 2 + (b + a).relu()
        d += 3 * d + (b - a).relu()
        e = c - d
        f = e**2
        g = f / 2.0
        g += 10.0 / f
        g.backward()
        return [g.data, a.grad, b.grad]

    return lambda: [once() for _ in range(times)][-1]


def added_to_micrograd() -> type:
    """micrograd's class, with the two functions that it lacks written in its own manner."""
    theirs = micrograd.engine.Value

    def function(name: str, value: Run1, slope: Run1) -> None:
        def method(self: Any) -> Any:
            out = theirs(value(self.data), (self,), name)

            def _backward() -> None:
                self.grad += slope(self.data) * out.grad

            out._backward = _backward
            return out

        setattr(theirs, name, method)

    function("exp", math.exp, math.exp)
    function("log", math.log, lambda x: 1.0 / x)
    return theirs


def workloads() -> list[tuple[str, list[Run]]]:
    """Name, and the runs of the engines, in the order of ENGINES."""
    theirs, engines = added_to_micrograd(), cores.both()
    their_model = seeded_mlp(micrograd.nn)
    models = [seeded_mlp(package.nn) for package in engines]
    ours = [package.Value for package in engines]
    values, pairs = [theirs, *ours], [*zip(ours, models, strict=True)]
    their_step = moons_step(theirs, their_model, their_model)
    with_dot = [moons_step(value, model, model) for value, model in pairs]
    plain = [moons_step(value, model, plain_forward(model)) for value, model in pairs]
    return [
        ("moons step, one `dot` per neuron", [their_step, *with_dot]),
        ("moons step, × and + alone", [their_step, *plain]),
        ("a small transformer, natural code", [*map(training_step, values)]),
        ("sum of 50,000 products", [*map(sum_of_products, values)]),
        ("random graph of 100,000 nodes", [*map(shared_graph, values)]),
        ("README expression, 5,000 times", [*map(readme_expression, values)]),
    ]


# --- measuring ------------------------------------------------------------------------------------


def seconds(run: Run) -> float:
    """The time of a run that follows another, as in a loop: what that one left is still there."""
    gc.collect()
    run()
    start = time.process_time()
    run()
    return time.process_time() - start


def check_agreement(name: str, runs: list[Run]) -> None:
    expected, *others = [run() for run in runs]
    for engine, numbers in zip(ENGINES[1:], others, strict=True):
        for x, y in zip(expected, numbers, strict=True):
            if not math.isclose(x, y, rel_tol=1e-9, abs_tol=1e-12):
                raise SystemExit(f"{name}: micrograd says {x!r}, {engine} {y!r}")


def time_table(rounds: int) -> None:
    print("| workload | micrograd | ours in Python | ratio | ours in C | ratio |")
    print("|---|" + "--:|" * 5)
    for name, runs in workloads():
        check_agreement(name, runs)
        print(f"| {name} | {' | '.join(timed(runs, rounds))} |", flush=True)


def timed(runs: list[Run], rounds: int) -> Iterator[str]:
    """The cells of a row: milliseconds of each, and how many times as fast ours are."""
    taken: list[list[float]] = [[] for _ in runs]
    for _ in range(rounds):
        for run, times in zip(runs, taken, strict=True):
            times.append(seconds(run))
    for times in taken:
        yield f"{1e3 * statistics.median(times):,.1f} ms"
        if times is not taken[0]:
            ratios = [slow / fast for slow, fast in zip(taken[0], times, strict=True)]
            yield f"**{statistics.median(ratios):.1f}×**"


def bytes_per_node(value: Any, count: int = 20_000) -> float:
    """Memory that one product of two existing values takes, its number included."""
    x, w = value(2.0), value(3.0)
    nodes = [None] * count
    gc.collect()
    tracemalloc.start()
    for i in range(count):
        nodes[i] = x * w
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return size / count


def left_to_collector(value: Any, count: int = 1_000) -> float:
    """Objects per operation that only the cycle collector frees, once the graph is dropped."""
    gc.collect()
    gc.disable()
    x = total = value(0.5)
    for _ in range(count):
        total = total * x
    total.backward()
    del x, total
    found = gc.collect()
    gc.enable()
    return found / count


def memory_table() -> None:
    engines = [micrograd.engine.Value, *(package.Value for package in cores.both())]
    print(f"| | {' | '.join(ENGINES)} |")
    print("|---|" + "--:|" * len(ENGINES))
    size = " | ".join(f"{bytes_per_node(value):,.0f}" for value in engines)
    left = " | ".join(f"{left_to_collector(value):.1f}" for value in engines)
    print(f"| bytes per binary node | {size} |")
    print(f"| objects per operation left to the cycle collector | {left} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=7, help="medians are over so many rounds")
    rounds = parser.parse_args().rounds
    # micrograd's backward() calls itself once per level of the graph; ours needs no such line.
    sys.setrecursionlimit(1_000_000)
    print(f"Python {platform.python_version()}, {platform.machine()}, medians of {rounds} rounds\n")
    time_table(rounds)
    print()
    memory_table()


if __name__ == "__main__":
    main()
