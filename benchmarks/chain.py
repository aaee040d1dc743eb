"""A chain of 1,000,000 additions under the default recursion limit: is the cost linear?

    python -m pip install .
    python benchmarks/chain.py

Builds x + x + x + …, differentiates it and deletes it at three lengths, and prints the time per
node (collector on, rare and off) and the bytes per node. The lengths take turns, round by round, so
that a busy machine slows all; a figure is the median over the rounds of 1,000,000 additions each.
"""

import argparse
import gc
import statistics
import sys
import time
import tracemalloc
from contextlib import nullcontext

from autograd_lite import Value, few_collections

LENGTHS = (10_000, 100_000, 1_000_000)
COLLECTOR = ("on", "few_collections()", "off")


def chain(length: int) -> tuple[Value, Value]:
    """The first leaf and the end of a chain of additions."""
    x = Value(1.0)
    y = x
    for _ in range(length):
        y = y + x
    return x, y


def seconds(length: int) -> tuple[float, float, float]:
    """How long it takes to build, to differentiate and to delete one chain."""
    clock = time.perf_counter
    start = clock()
    x, y = chain(length)
    built = clock()
    y.backward()
    differentiated = clock()
    del y
    deleted = clock()
    if x.grad != length + 1:
        raise SystemExit(f"chain of {length}: the gradient is {x.grad}, not {length + 1}")
    return built - start, differentiated - built, deleted - differentiated


def nanoseconds_per_node(length: int, collector: str) -> list[float]:
    """To build, to differentiate, to delete, and together; over chains of 10⁶ nodes in all."""
    gc.collect()
    (gc.disable if collector == "off" else gc.enable)()
    with few_collections() if collector == COLLECTOR[1] else nullcontext():
        runs = [seconds(length) for _ in range(LENGTHS[-1] // length)]
    gc.enable()
    parts = [sum(part) * 1e9 / LENGTHS[-1] for part in zip(*runs, strict=True)]
    return [*parts, sum(parts)]


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
    for collector in COLLECTOR:
        turns = [[nanoseconds_per_node(n, collector) for n in LENGTHS] for _ in range(rounds)]
        first = None
        for length, *runs in zip(LENGTHS, *turns, strict=True):
            row = [statistics.median(part) for part in zip(*runs, strict=True)]
            first = first or row[-1]
            cells = [f"{ns:.0f} ns" for ns in row] + [f"{row[-1] / first:.2f}×"]
            print(f"| {length:,} | {collector} | {' | '.join(cells)} |")
    print(f"\n{bytes_per_node(100_000):.0f} bytes per node, gradient included")


if __name__ == "__main__":
    main()
