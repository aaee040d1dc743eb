"""A chain of 1,000,000 additions under the default recursion limit: is the cost linear?

    python -m pip install .
    python benchmarks/chain.py

Builds x + x₁ + x₂ + …, differentiates it and deletes it at three lengths, and prints the time
per node (median over the rounds, collector on and off) and the bytes per node.
"""

import argparse
import gc
import statistics
import sys
import time
import tracemalloc

from autograd_lite import Value

LENGTHS = (10_000, 100_000, 1_000_000)


def chain(length: int) -> tuple[Value, Value]:
    """The first leaf and the end of a chain of additions."""
    x = Value(1.0)
    y = x
    for _ in range(length):
        y = y + x
    return x, y


def timed(length: int, collector: bool) -> tuple[float, float, float]:
    """Seconds to build, to differentiate and to delete one chain."""
    gc.collect()
    (gc.enable if collector else gc.disable)()
    clock = time.perf_counter
    start = clock()
    x, y = chain(length)
    built = clock()
    y.backward()
    differentiated = clock()
    del y
    deleted = clock()
    gc.enable()
    if x.grad != length + 1:
        raise SystemExit(f"chain of {length}: the gradient is {x.grad}, not {length + 1}")
    return built - start, differentiated - built, deleted - differentiated


def bytes_per_node(length: int) -> float:
    """Memory of a chain, after ``backward()``, divided by its length."""
    gc.collect()
    tracemalloc.start()
    _, y = chain(length)
    y.backward()
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return size / length


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5, help="medians are over so many rounds")
    rounds = parser.parse_args().rounds
    print(f"Recursion limit {sys.getrecursionlimit()}, medians of {rounds} rounds\n")
    print("| additions | collector | build | backward | delete | together | against the first |")
    print("|--:|---|--:|--:|--:|--:|--:|")
    for collector in (True, False):
        first = None
        for length in LENGTHS:
            runs = [timed(length, collector) for _ in range(rounds)]
            parts = [statistics.median(part) / length * 1e9 for part in zip(*runs, strict=True)]
            together = statistics.median(map(sum, runs)) / length * 1e9
            first = first or together
            cells = [f"{ns:.0f} ns" for ns in [*parts, together]] + [f"{together / first:.2f}×"]
            print(f"| {length:,} | {'on' if collector else 'off'} | {' | '.join(cells)} |")
    print(f"\n{bytes_per_node(100_000):.0f} bytes per node, gradient included")


if __name__ == "__main__":
    main()
