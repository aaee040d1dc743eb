"""Training a small transformer on names of differing length, compiling included.

    python benchmarks/names.py               # 1,000 steps of each form, and 100 of the eager engine
    python benchmarks/names.py --eager 1000

One layer, four heads, width 16, up to 8 positions, 27 letters: 4,064 parameters, one name a step,
Adam. The eager engine records each name anew. *padded* is one program of the longest name, in which
what lies behind the end has the weight 0; *by length* is a program for each length, of one flat
vector. Machine code is compiled in a folder of its own, so none was there before. All forms must
agree in their first losses before anything is told.
"""

import argparse
import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from itertools import pairwise
from typing import Any

import numpy as np

from autograd_lite import Parameter, Value, compile, derived, ops
from autograd_lite.optim import Adam

WIDTH, HEADS, LENGTH, LETTERS = 16, 4, 8, 27
NAMES = """
    ada alan anna annika barbara bo carl cleo david dora edsger edith emil emmy ernst eva felix
    fritz george grace hanna hedy henri hugo ida irene isaac jo john julia karen klara kurt leo
    lise lotte maria mary max mia niels nora olga otto paula pia radia rosa ruth sofia sonja
    tim tove ursula uta vera viktor wanda yuri zoe
"""

Matrix = Sequence[Sequence[Any]]


def model() -> dict[str, list[list[Parameter]]]:
    draw = random.Random(3).gauss
    shapes = {
        "word": (WIDTH, LETTERS), "place": (LENGTH, WIDTH), "head": (LETTERS, WIDTH),
        "query": (WIDTH, WIDTH), "key": (WIDTH, WIDTH), "value": (WIDTH, WIDTH),
        "mix": (WIDTH, WIDTH), "up": (4 * WIDTH, WIDTH), "down": (WIDTH, 4 * WIDTH),
    }  # fmt: skip
    return {
        name: [[Parameter(draw(0, 0.1)) for _ in range(columns)] for _ in range(rows)]
        for name, (rows, columns) in shapes.items()
    }


def linear(matrix: Matrix, x: Sequence[Any]) -> list[Any]:
    return [sum(w * v for w, v in zip(row, x, strict=True)) for row in matrix]


def normed(x: Sequence[Any]) -> list[Any]:
    scale = (sum(v * v for v in x) / len(x) + 1e-5) ** -0.5
    return [v * scale for v in x]


def added(x: Sequence[Any], y: Sequence[Any]) -> list[Any]:
    return [a + b for a, b in zip(x, y, strict=True)]


def logits(w: dict[str, Any], letters: Sequence[Sequence[Any]]) -> Iterator[list[Any]]:
    """What is expected after each position, from what stands for its letter."""
    keys: list[Any] = []
    values: list[Any] = []
    for letter, place in zip(letters, w["place"], strict=False):
        x = normed(added(letter, place))
        query, key, value = [linear(w[name], normed(x)) for name in ("query", "key", "value")]
        keys.append(key)
        values.append(value)
        mixed: list[Any] = []
        for start in range(0, WIDTH, WIDTH // HEADS):
            part = range(start, start + WIDTH // HEADS)
            scores = [sum(query[i] * k[i] for i in part) / len(part) ** 0.5 for k in keys]
            shares = derived.softmax(scores)
            mixed += [sum(s * v[i] for s, v in zip(shares, values, strict=True)) for i in part]
        x = added(linear(w["mix"], mixed), x)
        wide = [v.relu() for v in linear(w["up"], normed(x))]
        yield linear(w["head"], added(linear(w["down"], wide), x))


def recorded(w: dict[str, Any], tokens: Sequence[int]) -> Value:
    """The mean surprise at the next letter, for the eager engine."""
    letters = [[row[token] for row in w["word"]] for token in tokens[:-1]]
    surprises = [
        ops.logsumexp(expected) - expected[token]
        for expected, token in zip(logits(w, letters), tokens[1:], strict=True)
    ]
    return sum(surprises) / len(surprises)  # type: ignore[return-value]


def of_rows(w: dict[str, Any]) -> Callable[..., Value]:
    """The same of letters that are rows with one 1, each position with its weight."""

    def loss(here: Matrix, following: Matrix, weights: Sequence[Any]) -> Value:
        found = logits(w, [linear(w["word"], row) for row in here])
        surprises = [
            weight * (ops.logsumexp(expected) - ops.dot(expected, row))
            for expected, row, weight in zip(found, following, weights, strict=True)
        ]
        return ops.sum(surprises)

    return loss


def tokens_of(name: str) -> list[int]:
    return [0, *[ord(letter) - 96 for letter in name], 0]


def rows_of(tokens: Sequence[int], length: int) -> list[np.ndarray[Any, Any]]:
    """Inputs of a program for so many positions."""
    here, following, weights = np.zeros((length, LETTERS)), np.zeros((length, LETTERS)), []
    for place, (token, after) in enumerate(pairwise(tokens)):
        here[place, token] = following[place, after] = 1.0
        weights.append(1.0 / (len(tokens) - 1))
    return [here, following, np.array(weights + [0.0] * (length - len(weights)))]


def parameters_of(w: dict[str, Any]) -> list[Parameter]:
    return [p for matrix in w.values() for row in matrix for p in row]


Steps = Iterator[float]  # the loss of each


def eager(words: list[list[int]]) -> Steps:
    w = model()
    optimiser = Adam(parameters_of(w), learning_rate=0.01)
    for tokens in words:
        y = recorded(w, tokens)
        optimiser.zero_grad()
        y.backward()
        optimiser.step()
        yield y.data


def padded(words: list[list[int]], native: bool) -> Steps:
    w = model()
    parameters = parameters_of(w)
    examples = rows_of(words[0], LENGTH)
    program = compile(of_rows(w), inputs=examples, parameters=parameters, native=native)
    with program.training(Adam(parameters, learning_rate=0.01)) as step:
        for tokens in words:
            yield step(*rows_of(tokens, LENGTH))


def by_length(words: list[list[int]], native: bool) -> Steps:
    w = model()
    parameters = parameters_of(w)
    optimiser = Adam(parameters, learning_rate=0.01)
    programs: dict[int, Any] = {}
    vector = np.array([p.data for p in parameters])
    state: dict[str, Any] = {}
    for tokens in words:
        rows = rows_of(tokens, length := len(tokens) - 1)
        if length not in programs:
            programs[length] = compile(
                of_rows(w), inputs=rows, parameters=parameters, native=native
            )
        y, gradient = programs[length].value_and_grad(vector, *rows)
        vector = optimiser.update(vector, gradient, state)
        yield y


def timed(steps: Steps) -> tuple[list[float], float, float]:
    """The losses, the processor time of all steps, and of one step at the end."""
    losses, marks = [], [time.process_time()]
    for loss in steps:
        losses.append(loss)
        marks.append(time.process_time())
    late = (marks[-1] - marks[len(marks) // 2]) / (len(marks) - 1 - len(marks) // 2)
    return losses, marks[-1] - marks[0], late


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--eager", type=int, default=100, help="steps of the eager engine")
    given = parser.parse_args()
    draw, names = random.Random(0), NAMES.split()
    words = [tokens_of(draw.choice(names)) for _ in range(max(given.steps, given.eager))]
    forms: dict[str, Steps] = {"eager": eager(words[: given.eager])}
    for native in (False, True) if find_spec("llvmlite") else (False,):
        kind = "native, " if native else "compiled, "
        forms[f"{kind}padded"] = padded(words[: given.steps], native)
        forms[f"{kind}by length"] = by_length(words[: given.steps], native)
    expected: list[float] = []
    print("| form | steps | seconds in all | a step, ms | compiling, s | last losses |")
    print("|---|--:|--:|--:|--:|--:|")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["AUTOGRAD_LITE_CACHE"] = os.path.join(folder, "kept")
        for name, steps in forms.items():
            losses, seconds, step = timed(steps)
            expected = expected or losses
            both = min(50, len(losses), len(expected))
            np.testing.assert_allclose(losses[:both], expected[:both], rtol=1e-9)
            rest = "" if name == "eager" else f"{seconds - step * len(losses):.2f}"
            last = np.mean(losses[-100:])
            row = [name, f"{len(losses):,}", f"{seconds:.2f}", f"{1e3 * step:.3f}", rest]
            print("| " + " | ".join([*row, f"{last:.3f}"]) + " |", flush=True)


if __name__ == "__main__":
    main()
