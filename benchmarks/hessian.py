"""The Hessian of Rosenbrock's function against HIPS autograd, PyTorch and JAX, in one run.

    python -m pip install ".[bench]"
    python benchmarks/hessian.py

Each library gets the function as its users write it: on arrays for theirs, in a loop over numbers
for ours. All run from the function and the point (nothing is traced before) except those in the
table's second part, which are compiled once and then called. They take turns, round by round, and
a figure is the median over the rounds. Before any timing every one must agree with the known
matrix to twelve digits.
"""

import argparse
import gc
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import autograd
import autograd.numpy
import numpy as np
import torch

import autograd_lite

try:
    import jax
except ImportError:
    jax = None

Run = Callable[[], Any]


def rosenbrock(x: Any) -> Any:
    """For autograd_lite: a loop over numbers."""
    return sum(100 * (x[i + 1] - x[i] ** 2) ** 2 + (1 - x[i]) ** 2 for i in range(len(x) - 1))


def rosenbrock_of_array(x: Any) -> Any:
    """For PyTorch, JAX and HIPS autograd: the same on arrays."""
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


def known(x: np.ndarray) -> np.ndarray:
    """The matrix as textbooks give it."""
    matrix = np.diag(-400 * x[:-1], 1)
    matrix += matrix.T
    matrix[0, 0] = 1200 * x[0] ** 2 - 400 * x[1] + 2
    matrix[-1, -1] = 200
    inner = np.arange(1, len(x) - 1)
    matrix[inner, inner] = 202 + 1200 * x[1:-1] ** 2 - 400 * x[2:]
    return matrix


def from_scratch(x: np.ndarray) -> dict[str, Run]:
    """What runs from the function and the point."""
    ours = autograd_lite.hessian(rosenbrock)
    hips = autograd.hessian(
        lambda x: autograd.numpy.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)
    )
    tensor = torch.tensor(x)
    functional = torch.func.hessian(rosenbrock_of_array)
    return {
        "autograd_lite.hessian": lambda: ours(x),
        "HIPS autograd.hessian": lambda: hips(x),
        "torch.func.hessian": lambda: functional(tensor),
        "torch.autograd.functional.hessian": lambda: torch.autograd.functional.hessian(
            rosenbrock_of_array, tensor
        ),
    }


def compiled_hessian(x: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """Ours, compiled: a program for the entries that are not fixed numbers, put in their places."""
    xs = [autograd_lite.Value(number) for number in x]
    rows = autograd_lite.hessian_graph(rosenbrock(xs), xs)
    is_fixed = np.array(
        [[isinstance(entry, autograd_lite.Constant) for entry in row] for row in rows]
    )
    fixed = np.array([[entry.data for entry in row] for row in rows]) * is_fixed
    i, j = np.nonzero(np.triu(~is_fixed))
    program = autograd_lite.compile([rows[a][b] for a, b in zip(i, j, strict=True)], inputs=[xs])

    def hessian(x: np.ndarray) -> np.ndarray:
        matrix = fixed.copy()
        matrix[i, j] = matrix[j, i] = program(x)
        return matrix

    return hessian


def compiled(x: np.ndarray) -> dict[str, Run]:
    """What was compiled before; the time is that of a call."""
    ours = compiled_hessian(x)
    runs: dict[str, Run] = {"compile(hessian_graph(...))": lambda: ours(x)}
    if jax is not None:
        jax.config.update("jax_enable_x64", True)
        call, point = jax.jit(jax.hessian(rosenbrock_of_array)), jax.numpy.asarray(x)
        runs["jax.jit(jax.hessian)"] = lambda: call(point).block_until_ready()
    return runs


def medians(runs: dict[str, Run], rounds: int, calls: int) -> dict[str, float]:
    """Seconds per call of each, the libraries in turn."""
    samples: dict[str, list[float]] = {name: [] for name in runs}
    for run in runs.values():
        run()
    for _ in range(rounds):
        for name, run in runs.items():
            gc.collect()
            start = time.perf_counter()
            for _ in range(calls):
                run()
            samples[name].append((time.perf_counter() - start) / calls)
    return {name: statistics.median(times) for name, times in samples.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=21, help="medians are over so many rounds")
    parser.add_argument("--calls", type=int, default=5, help="calls in a round")
    parser.add_argument("--sizes", type=int, nargs="+", default=[10, 100])
    options = parser.parse_args()
    versions = f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads"
    versions += f", JAX {jax.__version__}" if jax else ", JAX not installed"
    print(f"Python {sys.version.split()[0]}, {platform.machine()}, {os.cpu_count()} cores")
    print(f"{versions}; medians of {options.rounds} rounds of {options.calls} calls\n")
    for n in options.sizes:
        x = np.random.default_rng(0).normal(size=n)
        for title, runs in (("", from_scratch(x)), (", compiled before", compiled(x))):
            for name, run in runs.items():
                np.testing.assert_allclose(
                    np.asarray(run()), known(x), rtol=1e-12, atol=1e-10, err_msg=name
                )
            times = medians(runs, options.rounds, options.calls)
            first = next(iter(times.values()))
            print(f"| n = {n}{title} | time | against the first |\n|---|--:|--:|")
            for name, seconds in times.items():
                print(f"| {name} | {1e3 * seconds:.3f} ms | {seconds / first:.2f}× |")
            print()


if __name__ == "__main__":
    main()
