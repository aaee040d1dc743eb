"""Recurrent cells beside NumPy by hand: the last state's squares, and the gradient.

    python benchmarks/recurrent.py                  # 20 steps of widths 4, 16 and 32
    python benchmarks/recurrent.py --steps 100

By hand means: W x of all steps in one product, the slopes of the gates all at once, one product
for the gradient of each matrix. Processor time in µs, the least of many runs; both agree to 1e-9.
"""

import argparse
import random
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from autograd_lite import compile, nn

INPUTS = 2
Answer = tuple[float, Any]


def matrices(p: Any, gates: int, width: int) -> Iterator[Any]:
    """W and its bias, for x and for h, of a flat vector in PyTorch's order of gates."""
    for columns in (INPUTS, width):
        weights, p = np.split(p, [gates * width * columns])
        bias, p = np.split(p, [gates * width])
        yield weights.reshape(-1, columns)
        yield bias


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def gradient(dx: Any, dh: Any, x: Any, h: Any) -> Any:
    """Of both matrices and both biases, from the slopes of what they give at all steps."""
    dx, dh = dx.reshape(-1, dx.shape[-1]), dh.reshape(-1, dh.shape[-1])
    rows = x.reshape(-1, x.shape[-1]), h.reshape(-1, h.shape[-1])
    parts = [dx.T @ rows[0], dx.sum(0), dh.T @ rows[1], dh.sum(0)]
    return np.concatenate([part.ravel() for part in parts])


def rnn(p: Any, x: Any, width: int) -> Answer:
    Wx, bx, Wh, bh = matrices(p, 1, width)
    steps, samples, _ = x.shape
    z, h = x @ Wx.T + (bx + bh), np.zeros((steps + 1, samples, width))
    for t in range(steps):
        np.tanh(z[t] + h[t] @ Wh.T, out=h[t + 1])
    d, dh, slope = np.empty_like(z), 2 * h[-1] / samples, 1 - h[1:] ** 2
    for t in reversed(range(steps)):
        np.multiply(dh, slope[t], out=d[t])
        dh = d[t] @ Wh
    return (h[-1] ** 2).sum() / samples, gradient(d, d, x, h[:-1])


def lstm(p: Any, x: Any, width: int) -> Answer:
    Wx, bx, Wh, bh = matrices(p, 4, width)
    steps, samples, _ = x.shape
    i, f, g, o = [slice(k * width, (k + 1) * width) for k in range(4)]
    z, gates = x @ Wx.T + (bx + bh), np.empty((steps, samples, 4 * width))
    h, c = np.zeros((2, steps + 1, samples, width))
    tanh = np.empty((steps, samples, width))
    for t in range(steps):
        a, y = z[t] + h[t] @ Wh.T, gates[t]
        y[:, : 2 * width], y[:, g], y[:, o] = (
            sigmoid(a[:, : 2 * width]), np.tanh(a[:, g]), sigmoid(a[:, o])
        )  # fmt: skip
        c[t + 1] = y[:, f] * c[t] + y[:, i] * y[:, g]
        np.tanh(c[t + 1], out=tanh[t])
        np.multiply(y[:, o], tanh[t], out=h[t + 1])
    slope = gates * (1 - gates)
    slope[:, :, g] = 1 - gates[:, :, g] ** 2
    d, dh, dc, curve = np.empty_like(gates), 2 * h[-1] / samples, 0.0, 1 - tanh**2
    for t in reversed(range(steps)):
        y, e = gates[t], d[t]
        dc = dc + dh * y[:, o] * curve[t]
        e[:, i], e[:, f], e[:, g], e[:, o] = dc * y[:, g], dc * c[t], dc * y[:, i], dh * tanh[t]
        e *= slope[t]
        dh, dc = e @ Wh, dc * y[:, f]
    return (h[-1] ** 2).sum() / samples, gradient(d, d, x, h[:-1])


def gru(p: Any, x: Any, width: int) -> Answer:
    Wx, bx, Wh, bh = matrices(p, 3, width)
    steps, samples, _ = x.shape
    r, z, n = [slice(k * width, (k + 1) * width) for k in range(3)]
    a, gates = x @ Wx.T + bx, np.empty((steps, samples, 2 * width))
    h, new, of_h = np.zeros((steps + 1, samples, width)), *np.empty((2, steps, samples, width))
    for t in range(steps):
        u, y = h[t] @ Wh.T + bh, gates[t]
        y[...] = sigmoid(a[t, :, : 2 * width] + u[:, : 2 * width])
        of_h[t] = u[:, n]
        np.tanh(a[t, :, n] + y[:, r] * of_h[t], out=new[t])
        h[t + 1] = new[t] + y[:, z] * (h[t] - new[t])
    slope, curve, apart = gates * (1 - gates), 1 - new**2, h[:-1] - new
    dx, du, dh = np.empty_like(a), np.empty_like(a), 2 * h[-1] / samples
    for t in reversed(range(steps)):
        y, e = gates[t], dx[t]
        e[:, n] = dh * (1 - y[:, z]) * curve[t]
        e[:, r], e[:, z] = e[:, n] * of_h[t], dh * apart[t]
        e[:, : 2 * width] *= slope[t]
        du[t], du[t, :, n] = e, e[:, n] * y[:, r]
        dh = dh * y[:, z] + du[t] @ Wh
    return (h[-1] ** 2).sum() / samples, gradient(dx, du, x, h[:-1])


KINDS: dict[Any, Callable[[Any, Any, int], Answer]] = {nn.RNN: rnn, nn.LSTM: lstm, nn.GRU: gru}


def least(run: Callable[[], object], seconds: float = 0.3) -> float:
    """The processor time of the quickest of many runs, in µs."""
    taken: list[float] = []
    while sum(taken) < seconds:
        start = time.process_time()
        run()
        taken.append(time.process_time() - start)
    return 1e6 * min(taken)


def flat(nested: Sequence[Any]) -> list[Any]:
    return [x for row in nested for x in (flat(row) if isinstance(row, Sequence) else [row])]


def beside(kind: Any, width: int, steps: int, batch: int) -> str:
    model = kind(INPUTS, width, rng=random.Random(0))
    X = np.random.default_rng(0).normal(size=(batch or 1, steps, INPUTS))
    cell = model.cells[0]
    order = flat([cell.weight_ih, cell.bias_ih, cell.weight_hh, cell.bias_hh])

    def loss(x: Any) -> Any:
        return sum(h * h for h in model(x)[0][-1])

    start = time.process_time()
    how: dict[str, Any] = {"batch": "mean", "inputs": [X]} if batch else {"inputs": [X[0]]}
    program = compile(loss, parameters=order, **how)
    compiling = time.process_time() - start
    p, x, by_step = program.vector, X if batch else X[0], X.swapaxes(0, 1).copy()
    ours, theirs = program.value_and_grad(p, x), KINDS[kind](p, by_step, width)
    assert np.isclose(ours[0], theirs[0], rtol=1e-9)
    assert np.allclose(ours[1], theirs[1], rtol=1e-9, atol=1e-12)
    runs = [lambda: program.value_and_grad(p, x), lambda: KINDS[kind](p, by_step, width)] * 2
    times = [least(run) for run in runs]
    a, b = min(times[::2]), min(times[1::2])
    cells = [kind.__name__, str(width), str(batch or "–"), f"{a:,.0f}", f"{b:,.0f}"]
    return " | ".join([*cells, f"{a / b:.2f}", f"{compiling:.2f}"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=20)
    steps = parser.parse_args().steps
    print("| cell | width | batch | compiled | NumPy by hand | ratio | compiling, s |")
    print("|---|" + "--:|" * 6)
    for kind in KINDS:
        for width in (4, 16, 32):
            for batch in (0, 32):
                print(f"| {beside(kind, width, steps, batch)} |", flush=True)


if __name__ == "__main__":
    main()
