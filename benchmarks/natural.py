"""A small transformer in plain operators, as a program for learners writes it, and a class for it.

``Slots`` is the engine that such programs bring along: data, grad, children and local gradients in
slots, 45 lines. ``training_step`` runs on it, and unchanged on any other class with the same
operators, ``exp``, ``log``, ``relu`` and ``backward``.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any


class Slots:
    """A number, its children, and the local gradients with respect to them."""

    __slots__ = ("children", "data", "grad", "local")

    def __init__(self, data: float, children: tuple[Any, ...] = (), local: tuple[float, ...] = ()):
        self.data, self.grad, self.children, self.local = data, 0.0, children, local

    def __add__(self, other: Any) -> Slots:
        other = other if isinstance(other, Slots) else Slots(other)
        return Slots(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other: Any) -> Slots:
        other = other if isinstance(other, Slots) else Slots(other)
        return Slots(self.data * other.data, (self, other), (other.data, self.data))

    def __pow__(self, n: float) -> Slots:
        return Slots(self.data**n, (self,), (n * self.data ** (n - 1),))

    def exp(self) -> Slots:
        z = math.exp(self.data)
        return Slots(z, (self,), (z,))

    def log(self) -> Slots:
        return Slots(math.log(self.data), (self,), (1.0 / self.data,))

    def relu(self) -> Slots:
        return Slots(max(0.0, self.data), (self,), (float(self.data > 0.0),))

    def __neg__(self) -> Slots:
        return self * -1.0

    def __sub__(self, other: Any) -> Slots:
        return self + (-other)

    def __truediv__(self, other: Any) -> Slots:
        return self * other**-1.0

    __radd__, __rmul__ = __add__, __mul__

    def backward(self) -> None:
        order: list[Slots] = []
        seen: set[Slots] = set()

        def visit(node: Slots) -> None:
            if node not in seen:
                seen.add(node)
                for child in node.children:
                    visit(child)
                order.append(node)

        visit(self)
        self.grad = 1.0
        for node in reversed(order):
            for child, local in zip(node.children, node.local, strict=True):
                child.grad += local * node.grad


# --- a transformer of one block over tokens, in scalars -------------------------------------------

LETTERS, WIDTH, HEADS, LENGTH = 27, 16, 4, 8
Matrix = list[list[Any]]


def weights(value: Callable[[float], Any], seed: int = 3) -> dict[str, Matrix]:
    draw = random.Random(seed).gauss
    shapes = {
        "token": (LETTERS, WIDTH), "place": (LENGTH, WIDTH), "out": (LETTERS, WIDTH),
        "query": (WIDTH, WIDTH), "key": (WIDTH, WIDTH), "value": (WIDTH, WIDTH),
        "mix": (WIDTH, WIDTH), "wide": (4 * WIDTH, WIDTH), "narrow": (WIDTH, 4 * WIDTH),
    }  # fmt: skip
    return {
        name: [[value(draw(0.0, 0.08)) for _ in range(columns)] for _ in range(rows)]
        for name, (rows, columns) in shapes.items()
    }


def linear(matrix: Matrix, x: Sequence[Any]) -> list[Any]:
    return [sum(w * xi for w, xi in zip(row, x, strict=True)) for row in matrix]


def normed(x: Sequence[Any]) -> list[Any]:
    scale = (sum(xi * xi for xi in x) * (1.0 / len(x)) + 1e-5) ** -0.5
    return [xi * scale for xi in x]


def softmax(logits: Sequence[Any]) -> list[Any]:
    top = max(x.data for x in logits)
    powers = [(x - top).exp() for x in logits]
    total = sum(powers)
    return [power / total for power in powers]


def attended(w: dict[str, Matrix], x: list[Any], keys: Matrix, values: Matrix) -> list[Any]:
    query, size = linear(w["query"], x), WIDTH // HEADS
    keys.append(linear(w["key"], x))
    values.append(linear(w["value"], x))
    heads: list[Any] = []
    for start in range(0, WIDTH, size):
        part = range(start, start + size)
        scores = [sum(query[i] * key[i] for i in part) * size**-0.5 for key in keys]
        shares = softmax(scores)
        heads += [sum(s * v[i] for s, v in zip(shares, values, strict=True)) for i in part]
    return linear(w["mix"], heads)


def loss(w: dict[str, Matrix], tokens: Sequence[int]) -> Any:
    """The mean surprise at the next token."""
    keys: Matrix = []
    values: Matrix = []
    surprises = []
    for place, (token, following) in enumerate(pairwise(tokens)):
        x = [a + b for a, b in zip(w["token"][token], w["place"][place], strict=True)]
        x = [a + b for a, b in zip(x, attended(w, normed(x), keys, values), strict=True)]
        wide = [h.relu() for h in linear(w["wide"], normed(x))]
        x = [a + b for a, b in zip(x, linear(w["narrow"], wide), strict=True)]
        surprises.append(-softmax(linear(w["out"], x))[following].log())
    return sum(surprises) * (1.0 / len(surprises))


def training_step(value: Callable[[float], Any]) -> Callable[[], list[float]]:
    """One step of Adam on one word of eight letters: forward, backward, update, zero."""
    w = weights(value)
    parameters = [p for matrix in w.values() for row in matrix for p in row]
    start = [p.data for p in parameters]
    tokens = [0, 5, 13, 13, 1, 9, 20, 2, 0]

    def run() -> list[float]:
        means, squares = [0.0] * len(parameters), [0.0] * len(parameters)
        for p, x in zip(parameters, start, strict=True):
            p.data = x  # every round does the same arithmetic
        y = loss(w, tokens)
        y.backward()
        for i, p in enumerate(parameters):
            means[i] = 0.9 * means[i] + 0.1 * p.grad
            squares[i] = 0.99 * squares[i] + 0.01 * p.grad**2
            p.data -= 0.01 * (means[i] / 0.1) / ((squares[i] / 0.01) ** 0.5 + 1e-8)
            p.grad = 0.0
        return [y.data, *(p.data for p in parameters[::97])]

    return run
