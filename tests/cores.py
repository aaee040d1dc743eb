"""Both cores in one process, and random programs on which they must agree in every bit.

    python tests/cores.py 100000        # programs; --seed for others

A program computes with every row and family of the table, operators, numbers on either side,
edges such as infinities and subnormals, nodes made by hand and primitives of one's own; half of
them where undefined arithmetic has an answer. What is compared: the order of the nodes, values,
slopes, gradients, second derivatives, and whatever an error says.
"""

import argparse
import importlib
import math
import os
import random
import struct
import sys
import warnings
from collections.abc import Callable
from contextlib import nullcontext
from itertools import pairwise
from types import ModuleType
from typing import Any

import autograd_lite as in_c
from autograd_lite.engine import core

PARTS = "extend", "nn", "engine.undefined", "engine.comparisons", "engine.given", "engine.order"


def load_in_python() -> ModuleType:
    """The package once more, with the core in Python; ``sys.modules`` stays as it was."""

    def ours() -> dict[str, ModuleType]:
        return {name: m for name, m in sys.modules.items() if name.split(".")[0] == in_c.__name__}

    before, wanted = ours(), os.environ.get("AUTOGRAD_LITE_PURE")
    for name in before:
        del sys.modules[name]
    os.environ["AUTOGRAD_LITE_PURE"] = "1"
    try:
        package = importlib.import_module(in_c.__name__)
        for part in PARTS:  # what loads later would come from the other one
            importlib.import_module(f"{in_c.__name__}.{part}")
        package.primitive  # noqa: B018 - found lazily, and then kept
        return package
    finally:
        for name in ours():
            del sys.modules[name]
        sys.modules.update(before)
        del os.environ["AUTOGRAD_LITE_PURE"]
        if wanted is not None:
            os.environ["AUTOGRAD_LITE_PURE"] = wanted


def both() -> tuple[ModuleType, ModuleType]:
    """The package with each core."""
    assert core.accelerated, "the core in C is not built, or was built of other rows"
    for part in PARTS:
        importlib.import_module(f"{in_c.__name__}.{part}")
    return load_in_python(), in_c


# --- random programs ------------------------------------------------------------------------------

TABLE = in_c.engine.primitive.TABLE
ROWS = {n: [r for r in TABLE if TABLE[r].arity == n and not TABLE[r].args] for n in (1, 2, None)}
MANY = [name for name in ROWS[None] if name not in ("dot", "where")]
EDGES = [0.0, -0.0, 1.0, -1.0, 0.5, 2.0, 3, 1e-300, 1e300, -1e300, 5e-324, math.inf, -math.inf,
         math.nan, 710.0, -745.0, 1e8, 36.0, -38.0, 1.7e308]  # fmt: skip
POWERS = [0, 1, 2, 3, -1, -2, 0.5, -0.5, 1.7, 2.0, True, -0.0, math.inf]
FAMILIES: dict[str, Callable[[Any, Any, float], Any]] = {
    "leaky_relu": lambda al, x, n: al.leaky_relu(x, n), "elu": lambda al, x, n: al.elu(x, n),
    "clip": lambda al, x, n: al.clip(x, -n, n), "softmax": lambda al, x, n: al.softmax([x, n])[0],
    "gaussian": lambda al, x, n: al.ops.gaussian(n)(x),
    "polygamma": lambda al, x, n: al.ops.polygamma(float(math.ceil(n)))(x),
    "sinc_derivative": lambda al, x, n: al.ops.sinc_derivative(float(math.ceil(n)))(x),
    "mills_tail": lambda al, x, n: al.ops.mills_tail(float(math.ceil(n)))(x),
}  # fmt: skip

Step = tuple[str, str, list[Any], Any]


def program(seed: int) -> tuple[list[float], list[Step]]:
    """The numbers of the leaves, and steps: kind, name, operands (places or numbers), a number."""
    rng = random.Random(seed)
    edgy = seed % 2 == 1

    def number() -> float:
        return rng.choice(EDGES) if edgy and rng.random() < 0.4 else rng.gauss(0, 3)

    leaves = [number() for _ in range(rng.randint(1, 5))]
    steps: list[Step] = []
    for count in range(len(leaves), len(leaves) + rng.randint(1, 12)):

        def node(count: int = count) -> str:
            return f"v{rng.choice((rng.randrange(count), count - 1))}"

        def any_(node: Callable[[], str] = node) -> Any:
            return node() if rng.random() < 0.7 else rng.choice((number(), rng.randint(-3, 3)))

        pair = rng.sample((node(), any_()), 2)
        draw = rng.random()
        if draw < 0.25:
            steps.append(("operator", rng.choice("+-*/%"), pair, rng.random() < 0.1))
        elif draw < 0.5:
            steps.append(("row", rng.choice(ROWS[1]), [node()], None))
        elif draw < 0.58:
            steps.append(("power", "", [node()], rng.choice((*POWERS, rng.gauss(0, 3)))))
        elif draw < 0.72:
            steps.append(("row", rng.choice(ROWS[2]), pair, None))
        elif draw < 0.80:
            many = [any_() for _ in range(rng.randint(0, 5))]
            steps.append(("many", rng.choice(MANY), [*many, node()], None))
        elif draw < 0.87:
            n = rng.randint(0, 20)
            groups = [any_() for _ in range(n)], [any_() for _ in range(n)]
            steps.append(("dot", "", [*groups], node() if rng.random() < 0.6 else None))
        elif draw < 0.90:
            steps.append(("where", "", [any_(), node(), any_()], None))
        elif draw < 0.95:
            steps.append(("family", rng.choice([*FAMILIES]), [node()], rng.uniform(0.1, 3)))
        elif draw < 0.98:
            steps.append(("hand", rng.choice(("numbers", "step")), [node(), node()], number()))
        else:
            steps.append(("own", rng.choice(("one", "two")), pair, None))
    return leaves, steps


def own_rows(al: Any) -> dict[str, Any]:
    """Primitives of one's own: one that can be differentiated again, one of numbers alone."""

    def own_one(x: float) -> float:
        return 0.1 * x + math.tanh(x)

    def own_two(x: float, y: float) -> float:
        return x * math.exp(y)

    return {
        "one": al.primitive(lambda z, x: (0.1 + al.square(al.sech(x)),))(own_one),
        "two": al.primitive(lambda z, x, y: (math.exp(y), x * math.exp(y)))(own_two),
    }


def applied(al: Any, own: dict[str, Any], step: Step, at: Callable[[Any], Any]) -> Any:
    kind, name, operands, more = step
    if kind == "dot":
        ws, xs = ([at(x) for x in group] for group in operands)
        return al.dot(ws, xs, None if more is None else at(more))
    xs = [at(x) for x in operands]
    if kind == "operator":
        x, y = xs
        if more:  # in place
            if name == "+":
                x += y
            elif name == "-":
                x -= y
            elif name == "*":
                x *= y
            else:
                x /= y
            return x
        return {"+": lambda: x + y, "-": lambda: x - y, "*": lambda: x * y, "/": lambda: x / y,
                "%": lambda: x % y}[name]()  # fmt: skip
    if kind == "row":
        return getattr(al, name)(*xs)
    if kind == "power":
        return xs[0] ** more
    if kind == "many":
        return al.engine.primitive.TABLE[name](xs)
    if kind == "where":
        return al.where(*xs)
    if kind == "family":
        return FAMILIES[name](al, xs[0], more)
    if kind == "own":
        return own[name](*xs[: 1 + (name == "two")])
    return by_hand(al, name, *xs, more)


def by_hand(al: Any, how: str, x: Any, y: Any, slope: float) -> Any:
    if how == "numbers":
        return al.Value(0.5 * x.data, (x, y), (0.5, slope))
    out = al.Value(x.data + y.data, (x, y), "+")

    def step() -> None:
        x.grad += out.grad
        y.grad += out.grad

    out._backward = step
    return out


def bits(numbers: list[float]) -> bytes:
    """Of all NaN the same."""
    return struct.pack(f"{len(numbers)}d", *[x if x == x else math.nan for x in numbers])


def run(al: Any, own: dict[str, Any], leaves: list[float], steps: list[Step]) -> list[Any]:
    """All that a program shows."""
    values = [al.Value(x) for x in leaves]
    shown: list[Any] = []

    def at(x: Any) -> Any:
        return values[int(x[1:])] if isinstance(x, str) else x

    def attempt(make: Callable[[], Any]) -> Any:
        try:
            return make()
        except (ArithmeticError, ValueError, TypeError, NotImplementedError) as error:
            shown.append(f"{type(error).__name__}: {error}")
            return None

    for step in steps:
        made = attempt(lambda step=step: applied(al, own, step, at))
        values.append(made if isinstance(made, al.Value) else al.Value(made or 1.5))
    y = values[-1]
    attempt(lambda: y.backward(0.7))
    order = al.topological_order(y)
    shown.append([node._op for node in order])
    for node in order:
        shown.append(bits([node.data, *(attempt(lambda n=node: n.partials) or ()), node.grad]))
    inputs = values[: len(leaves)]
    first = attempt(lambda: al.gradient(y, inputs)) or []
    shown.append(bits([x.data for x in first]))
    for x in first:
        attempt(x.backward)
    shown.append(bits([x.grad for x in inputs]))
    shown.append([(a < b, a == b.data, a >= 0.5) for a, b in pairwise(values)])
    return shown


def differing(count: int, first: int = 0) -> list[str]:
    """The programs on which the cores differ, with what each shows."""
    cores = both()
    own = [own_rows(al) for al in cores]
    found = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for seed in range(first, first + count):
            leaves, steps = program(seed)
            shown = []
            for al, rows in zip(cores, own, strict=True):
                undefined = al.engine.undefined.ieee_arithmetic
                with undefined() if seed % 4 >= 2 else nullcontext():
                    shown.append(run(al, rows, leaves, steps))
            if shown[0] != shown[1]:
                pairs = [p for p in zip(*shown, strict=False) if p[0] != p[1]]
                found.append(f"program {seed}: {leaves} {steps}: {pairs[:2]}")
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("count", type=int)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    differ = differing(arguments.count, arguments.seed)
    print(*differ[:5], f"{len(differ)} of {arguments.count} programs differ", sep="\n")
    sys.exit(bool(differ))
