"""Random operations with errors in the middle: does memory stay level, and does nothing crash?

    python tests/stress.py 1000000                    # operations
    PYTHONMALLOC=malloc valgrind python tests/stress.py 100000

Prints the blocks that Python has allocated after each tenth; what grows without end leaks. Made are
subclasses, circles, copies, pickles, nodes by hand with functions of their own, objects that fail
when they are asked for a number, and nodes that make others while they are freed.
"""

import copy
import gc
import pickle
import random
import sys
import warnings
from collections.abc import Callable
from typing import Any

import autograd_lite as al
from autograd_lite import Parameter, Value, dot, gradient
from autograd_lite.engine.comparisons import comparisons, recording

ERRORS = ArithmeticError, ValueError, TypeError, RuntimeError, AttributeError, NotImplementedError


class Mine(Value):
    pass


class Loud(Value):
    def __del__(self) -> None:
        Value(1.0) + self.data


class Odd:
    def __radd__(self, x: object) -> str:
        return "added"

    def __float__(self) -> float:
        raise RuntimeError("no number")


def circle(x: Value) -> Value:
    mine = Mine(x.data * 0.3)
    mine.below, mine.above = x, mine * 2.0  # type: ignore[attr-defined]
    return mine


def by_hand(x: Value, y: Value) -> Value:
    out = Value(0.5, (x, y), "+")

    def step() -> None:
        x.grad += out.grad

    out._backward = step
    out.backward()
    return out


def changed(x: Value, to: Any) -> None:
    x.label = "changed"
    x.grad = to
    x.data = to


def compared(x: Value, y: Value) -> Value:
    with comparisons():
        return x if x < y or x >= 2 or x == 0.5 else y


def taken(x: Value) -> float:
    with recording([x]):
        return float(x * 2)


def initialised(x: Value) -> Value:
    x.__init__(2.0)  # type: ignore[misc]
    return x


ODD_ONES = [1, 2.5, "x", None, 10**400, Odd(), float("inf"), 1e308, True]

#: Each makes something of two Values and of one of the odd ones.
OPERATIONS: list[Callable[[Value, Value, Any], Any]] = [
    lambda x, y, odd: x + odd,
    lambda x, y, odd: (x - y) * odd,
    lambda x, y, odd: x**odd,
    lambda x, y, odd: x / 0,
    lambda x, y, odd: (x * 0 - 1).log(),
    lambda x, y, odd: x.sqrt(),
    lambda x, y, odd: abs(-x) % 3 // 2 + al.atan2(x, y) + al.hypot(x, 2.0),
    lambda x, y, odd: x.gamma().softplus(),
    lambda x, y, odd: x.maximum(),
    lambda x, y, odd: dot([x, y, 2.0], [y, 1.0, x], odd),
    lambda x, y, odd: al.softmax([x, y, odd])[0],
    lambda x, y, odd: al.prod([x, y * 0.001, 1.0]) + al.mean([x, y]),
    lambda x, y, odd: al.where(x > 0, x, odd),
    lambda x, y, odd: x.backward(odd),
    lambda x, y, odd: gradient((x * 0.01).tanh(), [x])[0],
    lambda x, y, odd: circle(x),
    lambda x, y, odd: Loud(0.25) * x,
    lambda x, y, odd: by_hand(x, y),
    lambda x, y, odd: Value(0.5, (x, odd), (1.0, 2.0)),
    lambda x, y, odd: Value(odd, "label"),
    lambda x, y, odd: copy.copy(x),
    lambda x, y, odd: copy.deepcopy(x),
    lambda x, y, odd: pickle.loads(pickle.dumps(x)),
    lambda x, y, odd: changed(x, odd),
    lambda x, y, odd: compared(x, y),
    lambda x, y, odd: taken(x),
    lambda x, y, odd: initialised(x),
    lambda x, y, odd: (x.parents, x.partials, x.op, repr(x), Parameter(odd)),
]


def work(count: int, rng: random.Random) -> None:
    pool = [Value(1.0)]
    for _ in range(count):
        try:
            z = rng.choice(OPERATIONS)(rng.choice(pool), rng.choice(pool), rng.choice(ODD_ONES))
        except ERRORS:
            z = None
        good = isinstance(z, Value) and abs(z._data) < 1e6
        pool.append(z if good else Value(rng.gauss(0, 1)))
        if len(pool) > 40:
            pool = rng.sample(pool, 8)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    rng, each = random.Random(1), int(sys.argv[1]) // 10
    print(f"in C: {al.engine.accelerated}; {len(OPERATIONS)} kinds of operations")
    for part in range(1, 11):
        work(each, rng)
        gc.collect()
        gc.collect()
        print(part * each, "operations", sys.getallocatedblocks(), "blocks", flush=True)
