"""Two checkouts of autograd_lite in one process, in turns, beside a second copy of the first.

    python benchmarks/versions.py OLD NEW          # folders, each with an autograd_lite/ in it
    python benchmarks/versions.py OLD NEW moons    # some workloads alone

A figure is the median over the rounds of the ratio new ÷ old, and in brackets that of the minima;
*noise* is the same for the second copy of the old. The collector is on, and runs before each turn.
Nothing needs to be installed but what the checkouts import.
"""

import gc
import importlib
import json
import math
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROUNDS = 21
MOONS = Path(__file__).parent.parent / "tests" / "fixtures" / "moons.json"
POINTS = [tuple(point) for point in json.loads(MOONS.read_text("utf-8"))["points"]]

Run = Callable[[], object]


def hinge(ag: Any, model: Any) -> Any:
    scores = [model([ag.Value(x1), ag.Value(x2)]) for x1, x2, _ in POINTS]
    return sum((1 + -y * s).relu() for (_, _, y), s in zip(POINTS, scores, strict=True)) * 0.01


def network(ag: Any) -> Any:
    random.seed(1337)
    return ag.nn.MLP(2, [16, 16, 1])


def moons(ag: Any) -> Run:
    model = network(ag)
    parameters = model.parameters()

    def run() -> None:
        loss = hinge(ag, model)
        model.zero_grad()
        loss.backward()
        for p in parameters:
            p.data -= 1e-9 * p.grad

    return run


def products(ag: Any) -> Run:
    draw = random.Random(0)
    pairs = [(draw.uniform(-1, 1), draw.uniform(-1, 1)) for _ in range(20_000)]

    def run() -> None:
        total = 0.0
        for a, b in [(ag.Value(a), ag.Value(b)) for a, b in pairs]:
            total = a * b + total
        total.backward()

    return run


def random_graph(ag: Any) -> Run:
    def run() -> None:
        draw = random.Random(1)
        nodes = [ag.Value(draw.uniform(-1, 1)) for _ in range(100)]
        for _ in range(20_000):
            i, j = draw.randrange(len(nodes)), draw.randrange(len(nodes))
            nodes.append(nodes[i] + nodes[j] if draw.random() < 0.5 else nodes[i] * 0.5)
        nodes[-1].backward()

    return run


def readme_expression(ag: Any) -> Run:
    def run() -> None:
        for _ in range(500):
            a, b = ag.Value(-4.0), ag.Value(2.0)
            c, d = a + b, a * b + b**3
            c += c + 1
            c += 1 + c + (-a)
            d += d * 2 + (b + a).relu()
            d += 3 * d + (b - a).relu()
            f = (c - d) ** 2
            (f / 2.0 + 10.0 / f).backward()

    return run


def multiply(ag: Any) -> Run:
    x, y = ag.Value(2.0), ag.Value(3.0)
    return lambda: [x * y for _ in range(20_000)]


def tanh(ag: Any) -> Run:
    x = ag.Value(0.3)
    return lambda: [x.tanh() for _ in range(20_000)]


def gradient(ag: Any) -> Run:
    def run() -> None:
        xs = [ag.Value(0.1 * i) for i in range(200)]
        ag.gradient(sum((x * x).tanh() + x.exp() * x for x in xs), xs)

    return run


def lstm_loss(ag: Any) -> Any:
    random.seed(0)
    gates = [[ag.Parameter(random.uniform(-1, 1)) for _ in range(3)] for _ in range(4)]
    h = c = 0.0
    for t in range(20):
        i, f, o, u = (w[0] * math.sin(t) + w[1] * h + w[2] for w in gates)
        c = f.sigmoid() * c + i.sigmoid() * u.tanh()
        h = o.sigmoid() * c.tanh()
    return (h - 0.5) ** 2


def compile_moons(ag: Any) -> Run:
    loss = hinge(ag, network(ag))
    return lambda: ag.compile(loss)


def compile_lstm(ag: Any) -> Run:
    loss = lstm_loss(ag)
    return lambda: ag.compile(loss)


def run_moons(ag: Any) -> Run:
    program = ag.compile(hinge(ag, network(ag)))
    return lambda: [program.value_and_grad(program.vector) for _ in range(50)]


def run_lstm(ag: Any) -> Run:
    program = ag.compile(lstm_loss(ag))
    return lambda: [program.value_and_grad(program.vector) for _ in range(200)]


WORKLOADS = (
    moons, products, random_graph, readme_expression, multiply, tanh, gradient, compile_moons,
    compile_lstm, run_moons, run_lstm,
)  # fmt: skip


def versions(folder: Path, old: Path, new: Path) -> dict[str, Any]:
    """The packages under names of their own; they import their own files by relative names."""
    sys.path.insert(0, str(folder))
    found = {}
    for name, checkout in {"old": old, "again": old, "new": new}.items():
        (folder / f"ag_{name}").symlink_to((checkout / "autograd_lite").resolve())
        found[name] = importlib.import_module(f"ag_{name}")
    return found


def compared(packages: dict[str, Any], workload: Callable[[Any], Run]) -> str:
    runs = {name: workload(ag) for name, ag in packages.items()}
    for run in runs.values():
        run()
    times: dict[str, list[float]] = {name: [] for name in runs}
    names = list(runs)
    for k in range(ROUNDS):
        for name in names[k % 3 :] + names[: k % 3]:
            gc.collect()
            start = time.perf_counter()
            runs[name]()
            times[name].append(time.perf_counter() - start)

    def ratio(name: str) -> str:
        rounds = zip(times[name], times["old"], strict=True)
        median = statistics.median(a / b for a, b in rounds)
        return f"{median:.3f} ({min(times[name]) / min(times['old']):.3f})"

    old = 1e3 * statistics.median(times["old"])
    return f"{old:8.2f} ms   new ÷ old {ratio('new')}   noise {ratio('again')}"


if __name__ == "__main__":
    old, new, *chosen = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        packages = versions(Path(folder), Path(old), Path(new))
        print(f"Python {sys.version.split()[0]}, collector on")
        for workload in WORKLOADS:
            if not chosen or workload.__name__ in chosen:
                print(f"{workload.__name__:18}", compared(packages, workload), flush=True)
