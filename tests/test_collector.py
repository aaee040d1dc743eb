"""few_collections: fewer visits of the cycle collector, and everything back at the end."""

import contextlib
import copy
import gc
import pickle

import pytest

from autograd_lite import Value, compile, dot, few_collections, fit, grad, log, sqrt
from autograd_lite.nn import MLP, Neuron
from autograd_lite.nn.losses import mse_loss
from autograd_lite.optim import SGD


def collections_of(length):
    gc.collect()
    before = sum(generation["collections"] for generation in gc.get_stats())
    x = y = Value(1.0)
    for _ in range(length):
        y = y + x
    return sum(generation["collections"] for generation in gc.get_stats()) - before


def test_the_collector_runs_less_often():
    assert collections_of(50_000) >= 20
    with few_collections():
        assert collections_of(50_000) == 0
    with few_collections(every=10_000):
        assert 1 <= collections_of(50_000) <= 5


def test_the_threshold_comes_back():
    before = gc.get_threshold()
    with few_collections(), few_collections(5):
        assert gc.get_threshold()[0] == 100_000
    with pytest.raises(ZeroDivisionError), few_collections():
        Value(1.0) / 0.0
    assert gc.get_threshold() == before


def deep():
    x = Value(1.0, label="x")
    for _ in range(100):
        x = x * 1.5
    return x


def caught(program):
    with contextlib.suppress(ArithmeticError, ValueError, TypeError):
        program()


def diverges(compiled):
    line = Neuron(1, nonlin=False)
    with pytest.raises(ValueError, match="epoch"):
        fit(line, [[1.0], [2.0]], [1.0, 2.0], loss=mse_loss, compiled=compiled,
            optimiser=SGD(line.parameters(), 1e3), epochs=500)  # fmt: skip


def trained(loss=mse_loss, other=False, **more):
    model = MLP(1, [2, 1])
    optimiser = SGD(MLP(1, [1]).parameters() if other else model.parameters())
    arguments = {"X": [[1.0], [2.0]], "y": [1.0, 2.0], "epochs": 2} | more
    fit(model, arguments.pop("X"), arguments.pop("y"), loss=loss, optimiser=optimiser, **arguments)


def mean_root(predictions, targets):
    return sqrt(mse_loss(predictions, targets))


def root_of_nought(predictions, targets):
    return sqrt(0.0 * predictions[0]) + mse_loss(predictions, targets)


DROPPED = {
    "log of a negative number": lambda: caught(lambda: log(-deep())),
    "division by zero": lambda: caught(lambda: 1 / (0 * deep())),
    "overflow": lambda: caught(lambda: deep() * 1e308 * 1e308),
    "text": lambda: caught(lambda: deep() + "1"),
    "a dot that overflows": lambda: caught(lambda: dot([1e200 * deep()], [1e200 * deep()])),
    "a function that is undefined": lambda: caught(lambda: grad(lambda x: log(x * deep()))(-1.0)),
    "a deep copy": lambda: copy.deepcopy(deep()),
    "a copy": lambda: copy.copy(deep()),
    "a pickle": lambda: pickle.loads(pickle.dumps(deep())),
    "a network": lambda: copy.deepcopy(MLP(2, [4, 1]))([1.0, 2.0]).backward(),
    "a refused comparison": lambda: caught(
        lambda: compile(lambda x: x * deep() if x > 0 else x, inputs=[1.0])
    ),
    "a refused output": lambda: caught(lambda: compile([deep(), "1"])),
    "a refused input": lambda: caught(lambda: compile(deep(), inputs=[[deep()]])),
    "a compiled training": lambda: trained(compiled=True),
    "a loss that is not compiled": lambda: caught(lambda: trained(mean_root, compiled=True)),
    "a slope that is not finite": lambda: caught(lambda: trained(root_of_nought)),
    "a sample that is not a number": lambda: caught(
        lambda: trained(X=[[1.0], [float("nan")]], compiled=True)
    ),
    "an optimiser of another model": lambda: caught(lambda: trained(other=True)),
    "a copy of a model and its optimiser": lambda: copy.deepcopy(
        ((model := MLP(1, [2, 1])), SGD(model.parameters()))
    ),
    "a training that diverges": lambda: diverges(compiled=False),
    "a compiled training that diverges": lambda: diverges(compiled=True),
}


@pytest.mark.parametrize("program", DROPPED.values(), ids=DROPPED)
def test_graphs_are_freed_at_once_without_the_collector(program):
    program()  # what is made once and kept
    gc.collect()
    gc.disable()
    try:
        program()
        gc.set_debug(gc.DEBUG_SAVEALL)
        gc.collect()
        waiting = [x for x in gc.garbage if isinstance(x, Value)]
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()
    assert len(waiting) == 0


def test_a_collector_switched_off_stays_off():
    before = gc.get_threshold()
    gc.set_threshold(0)
    try:
        with few_collections():
            assert gc.get_threshold()[0] == 0
    finally:
        gc.set_threshold(*before)
