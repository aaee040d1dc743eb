"""Which module made which node of a graph that is there: as if it had been watched."""

import copy
import gc
import pickle
import random
import weakref
from typing import Any

import pytest

from autograd_lite import Parameter, Value, draw, steps, topological_order
from autograd_lite.nn import GRU, MLP, LSTMCell, Module, Neuron, Residual, Sequential
from autograd_lite.telling.again import remembered
from autograd_lite.telling.homes import Trace, values_in, watch


class Line(Module):
    def __init__(self) -> None:
        self.w, self.b = Parameter(2.0), Parameter(1.0)
        self.calls = 0

    def __call__(self, x: Any, scale: float = 1.0) -> Any:
        self.calls += 1
        return self.w * x * scale + self.b


class Twice(Module):
    """A module within a module, called twice, by name and by place."""

    def __init__(self) -> None:
        self.line = Line()

    def __call__(self, x: Any) -> Any:
        return self.line(self.line(x), scale=2.0).tanh()


class Memory(Module):
    """It keeps what it gave."""

    def __init__(self) -> None:
        self.w, self.h = Parameter(0.5), 0.0

    def __call__(self, x: Any) -> Any:
        self.h: Any = (self.w * self.h + x).tanh()
        return self.h


class Chance(Module):
    def __init__(self) -> None:
        self.w = Parameter(1.0)

    def __call__(self, x: Any) -> Any:
        return self.w * x if random.random() < 0.5 else self.w + x


def cases() -> dict[str, Any]:
    rng = random.Random(3)
    model, gru, cell = MLP(2, [3, 2], rng=rng), GRU(1, 2, rng=rng), LSTMCell(2, 2, rng=rng)
    twice = Twice()
    row = Sequential(MLP(2, [2, 2], rng=rng), Residual(MLP(2, [2, 2], rng=rng)))
    x = [Value(0.5, label="p"), Value(-1.0, label="q")]
    return {
        "network": lambda: sum(z * z for z in model(x)),
        "one output": lambda: model(x)[1] + 1.0,
        "the same sample": lambda: model(x)[0] * model(x)[1] + model(x)[0],
        "samples": lambda: sum(model([t, 1.0])[0] for t in (1.0, 2.0, 3.0)),
        "bare numbers": lambda: Neuron.__call__(model.layers[0].neurons[0], [1.0, 2.0]) * 2.0,
        "sequence": lambda: sum(gru([[0.1], [0.2], [0.3]])[0][-1]),
        "cell": lambda: sum(cell(x, (x, x))[0]),
        "containers": lambda: sum(row(x)),
        "twice": lambda: twice(x[0]) * twice(x[1]),
    }


def told(trace: Trace) -> tuple[list[str], list[list[str]]]:
    """The titles of the calls, and those of the way to each node's, in the order of the graph."""
    titles = [call.title for call in trace.top.walk()]
    graph = topological_order(*values_in(trace.result))
    owners = [trace.owner.get(node, trace.top) for node in graph if node.op is not None]
    return titles, [[call.title for call in owner.path] for owner in owners]


@pytest.mark.parametrize("name", cases())
def test_a_graph_that_is_there_knows_what_one_that_is_watched_knows(name: str) -> None:
    loss = cases()[name]
    titles, paths = told(remembered(loss()))
    watched_titles, watched_paths = told(watch(loss, []))
    assert titles == [title for title in watched_titles if title != "<lambda>"]
    assert paths == watched_paths
    assert len(titles) > 1


def test_names_and_boxes_are_those_of_the_function() -> None:
    model = MLP(2, [2, 1], activation="tanh", rng=random.Random(0))
    x = [Value(1.0, label="x1"), Value(2.0, label="x2")]

    def loss(x: list[Value]) -> Value:
        return (model(x) - 1.0) ** 2

    built = loss(x)
    for text in ("cluster", "Neuron 2", "z1[2]"):
        assert text in draw(built).to_dot()
    ours, theirs = (steps(*what)[0] for what in ((built,), (loss, x)))
    assert (ours.title, ours.math, ours.note) == (theirs.title, theirs.math, theirs.note)
    assert ours.math.startswith("z1[1] = ")


def test_a_label_and_the_call_stand_side_by_side() -> None:
    line = Line()
    y = line(2.0)
    assert y.label == ""
    y.label = "y"
    assert y.label == "y"
    assert [call.title for call in remembered(y + 1.0).top.walk()] == ["", "Line"]
    for twin in (copy.copy(y), copy.deepcopy(y), pickle.loads(pickle.dumps(y))):
        assert (twin.label, twin.data) == ("y", 5.0)


def test_to_look_changes_nothing() -> None:
    line, memory = Line(), Memory()
    y = line(2.0) + memory(1.0) * memory(2.0)
    state, held = random.getstate(), memory.h
    titles = [call.title for call in remembered(y).top.walk()]
    assert titles == ["", "Line"]  # the other one has something else in mind by now
    assert (line.calls, memory.h is held, random.getstate() == state) == (1, True, True)


def test_what_cannot_be_made_again_has_no_box() -> None:
    random.seed(1)
    chance = Chance()
    ys = [chance(float(k)) for k in range(20)]
    assert 0 < len(remembered(ys).top.calls) < 20
    gone = Line()(2.0)
    gc.collect()
    assert remembered(gone).top.calls == []


def test_a_module_that_holds_its_result_is_freed_at_once() -> None:
    gc.collect()
    gc.disable()
    try:
        memory = Memory()
        memory(1.0)
        gone = weakref.ref(memory)
        del memory
        assert gone() is None
    finally:
        gc.enable()


def test_a_leaf_that_is_handed_through_is_nobodys_work() -> None:
    class Same(Module):
        def __call__(self, x: Any) -> Any:
            return x

    x = Value(1.0, label="x")
    assert Same()(x) is x
    assert type(x._label) is str


def test_a_module_that_fails_lets_the_next_be_known() -> None:
    line = Line()
    with pytest.raises(TypeError):
        line("text")
    assert [call.title for call in remembered(line(1.0)).top.walk()] == ["", "Line"]
