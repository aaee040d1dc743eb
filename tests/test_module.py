"""Module: parameters with and without their names; neurons never compute with old numbers."""

import copy
import pickle
import threading
from fractions import Fraction

import numpy as np
import pytest

from autograd_lite import Constant, Parameter, Value, compile, dot, ops, tanh
from autograd_lite.nn import MLP, Layer, Module, Neuron, mse_loss
from autograd_lite.optim import SGD, Adam
from autograd_lite.training import fit


def test_parameters_are_those_of_named_parameters():
    shared = MLP(2, [3, 1])
    model = Module()
    model.first = {"a": shared, "b": [Parameter(1.0), (Value(2.0), shared)], "c": "text"}
    model.again = shared.layers[0]
    model.not_trained = [Constant(3.0), Value(1.0) * 2]
    model.last = Value(4.0)
    assert model.parameters() == [p for _, p in model.named_parameters()]
    assert len(model.parameters()) == (2 + 1) * 3 + (3 + 1) + 3
    for parameter in model.parameters():
        parameter.grad = 1.0
    model.zero_grad()
    assert {parameter.grad for parameter in model.parameters()} == {0.0}


def test_a_module_may_know_the_one_it_is_in():
    outer, inner = Module(), Module()
    outer.weight, outer.inner = Parameter(1.0), inner
    inner.weight, inner.outer = Parameter(2.0), outer
    assert [p.data for p in outer.parameters()] == [1.0, 2.0]
    assert [name for name, _ in outer.named_parameters()] == ["weight", "inner.weight"]
    assert [name for name, _ in outer.named_modules()] == ["", "inner"]


def test_activations_are_functions_of_one_number():
    for name in ("relu", "tanh", "leaky_relu", "elu", "sech", "linear"):
        Neuron(1, activation=name)([0.5])
    for name in ("clip", "softmax", "hypot", "dot", "gradient", "where", "data"):
        with pytest.raises(ValueError, match=f"no activation '{name}'. Choose one of elu"):
            Neuron(1, activation=name)


def test_a_row_made_elsewhere_is_an_activation(monkeypatch):
    cube = ops.Unary("cube", "x³", lambda x: x * x * x, lambda z, x: (3.0 * x * x,))
    monkeypatch.setitem(ops.TABLE, "cube", cube)
    neuron = Neuron(1, activation="cube")
    y, w = neuron([2.0]), neuron.w[0]
    y.backward()
    assert y.data == (2.0 * w.data) ** 3
    assert w.grad == pytest.approx(3.0 * (2.0 * w.data) ** 2 * 2.0)


def test_the_activations_that_the_message_names_are_there():
    with pytest.raises(ValueError, match="no activation") as refused:
        Neuron(1, activation="swish")
    named = str(refused.value).partition("one of ")[2].partition(", or give")[0].split(", ")
    assert {"elu", "gelu", "linear", "relu", "sigmoid", "tanh"} <= set(named)
    for name in named:
        Neuron(1, activation=name)([0.5])


def test_an_activation_is_a_name_or_a_function():
    for activation in (None, 3):
        with pytest.raises(TypeError, match=rf'got {activation}. For none at all write "linear"'):
            MLP(2, [2, 1], activation=activation)


def test_the_sizes_of_a_network_are_a_list_of_whole_numbers():
    network = MLP(np.int64(2), [np.int64(3), 1])
    assert str(network) == str(MLP(2, [3, 1]))
    for sizes in (1, [], None):
        with pytest.raises(ValueError, match="nouts lists the neurons of each layer, such as "):
            MLP(2, sizes)
    for sizes in ([0], [1.0], [2, -1]):
        with pytest.raises(ValueError, match="nout is the number of inputs or neurons, 1 or more"):
            MLP(2, sizes)


@pytest.mark.parametrize(
    ("x", "said"),
    [
        (None, r"got None\. For a single input write \[x\]"),
        (1.5, r"got 1\.5\. For a single input write \[x\]"),
        (
            [[1.0, 2.0], [3.0, 4.0]],
            r"got rows\. For several samples write \[model\(x\) for x in X\]",
        ),
        (np.ones((3, 2)), r"got rows\. For several samples write \[model\(x\) for x in X\]"),
        (["1.5", 2.0], r"got the text '1\.5'"),
        ([None, 2.0], "got None"),
    ],
)
def test_what_is_not_one_sample_is_refused(x, said):
    for part in (MLP(2, [2, 1]), Layer(2, 2), Neuron(2)):
        with pytest.raises(TypeError, match=said):
            part(x)


# --- a neuron keeps the numbers of its weights between two samples, until any are assigned --------


def sign_of(x):
    """An activation of the user's own."""
    return x.sign()


def linear(nin):
    return Neuron(nin, nonlin=False)


def check(neuron):
    """The neuron's value and slopes are those of the numbers that its weights hold now."""
    x = (0.5, -2.0, 3.0)[: len(neuron.w)]
    w = [float(value) for value in neuron.w]
    z = neuron(x)
    assert z.data == dot(w, x, float(neuron.b))
    assert z.partials == (*x, 1.0, *w)


def test_assigned_weights_are_seen_at_once():
    neuron = linear(2)
    check(neuron)
    for parameter in neuron.parameters():
        for number in (7.0, 3, -0.5):
            parameter.data = number
            check(neuron)
        parameter.data -= 0.25
        check(neuron)


def test_a_weight_that_was_refused_changes_nothing():
    neuron = linear(1)
    check(neuron)
    with pytest.raises(TypeError):
        neuron.b.data = "1"
    check(neuron)


def test_neurons_may_share_a_weight():
    first, second = linear(2), linear(2)
    second.w = (first.w[1], second.w[0])
    for number in (2.0, 3.0):
        first.w[1].data = number
        check(first)
        check(second)


def test_weights_may_be_replaced():
    neuron = linear(2)
    check(neuron)
    neuron.w = (Parameter(5.0), neuron.w[0])
    check(neuron)
    neuron.b = Value(4.0)
    check(neuron)
    neuron.w = [Value(2.0) * 3.0, Value(1.0)]  # the first is a node with operands
    check(neuron)
    neuron.w[0].data = 11.0
    check(neuron)
    neuron.w, neuron.b = (0.5, 2), 1.0  # bare numbers
    check(neuron)
    assert [type(parent) for parent in neuron([1.0, 1.0]).parents[:3]] == [Constant] * 3


@pytest.mark.parametrize("optimiser", [SGD, Adam])
def test_neurons_see_the_steps_of_optimisers(optimiser):
    neuron = linear(3)
    steps = optimiser(neuron.parameters(), learning_rate=0.1)
    for _ in range(3):
        before = [p.data for p in neuron.parameters()]
        neuron([1.0, 2.0, 3.0]).backward()
        steps.step()
        assert [p.data for p in neuron.parameters()] != before
        check(neuron)


def test_neurons_see_what_compiled_programs_write_back():
    neuron = linear(2)
    program = compile(neuron([1.0, 2.0]))
    check(neuron)
    program.vector = program.vector + 1.0
    check(neuron)
    before = neuron.b.data
    sgd = SGD(neuron.parameters())
    fit(neuron, [[1.0, 2.0]], [3.0], loss=mse_loss, optimiser=sgd, epochs=2, compiled=True)
    assert neuron.b.data != before
    check(neuron)


@pytest.mark.parametrize("clone_of", [copy.deepcopy, lambda n: pickle.loads(pickle.dumps(n))])
def test_clones_have_numbers_of_their_own(clone_of):
    neuron = linear(2)
    check(neuron)
    neuron.b.data = 3.0  # what the neuron keeps is old by now
    clone = clone_of(neuron)
    check(clone)
    clone.w[0].data = 17.0
    check(neuron)
    check(clone)
    neuron.b.data = 19.0
    check(clone)
    assert not set(neuron.parameters()) & set(clone.parameters())
    assert neuron([1.0, 2.0]).data != clone([1.0, 2.0]).data


@pytest.mark.parametrize("activation", ["relu", "tanh", "leaky_relu", "linear", tanh, sign_of])
def test_a_pickled_network_computes_the_same(activation):
    model = MLP(2, [3, 1], activation=activation)
    optimiser = SGD(model.parameters(), momentum=0.5)
    model([1.0, -2.0]).backward()
    optimiser.step()
    clone, steps = pickle.loads(pickle.dumps((model, optimiser)))
    assert str(clone) == str(model)
    assert clone([1.0, -2.0]).data == model([1.0, -2.0]).data
    assert steps.parameters == clone.parameters()


def test_a_shallow_copy_shares_the_weights():
    neuron = linear(2)
    twin = copy.copy(neuron)
    check(twin)
    neuron.w[0].data = 17.0
    check(twin)
    twin.b = Parameter(5.0)
    check(twin)
    check(neuron)


def test_threads_see_their_own_assignments():
    neurons = [linear(3) for _ in range(4)]
    failures = []

    def train(neuron):
        try:
            for step in range(2_000):
                neuron.w[step % 3].data = float(step)
                check(neuron)
        except AssertionError as failure:
            failures.append(failure)

    threads = [threading.Thread(target=train, args=(neuron,)) for neuron in neurons]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def test_numbers_assigned_while_they_are_read_are_read_again():
    neuron = linear(1)
    w = neuron.w[0]

    class Meddler(Value):  # as another thread might, between the reads of two weights
        @property
        def _data(self):
            w.data = 5.0
            return 0.0

        @_data.setter
        def _data(self, data):
            pass

    neuron.b = Meddler(0.0)
    assert w.data != 5.0
    neuron([1.0])
    check(neuron)


def test_a_neuron_asked_while_a_weight_is_assigned_keeps_nothing_old():
    neuron = linear(1)

    class Asks(Fraction):
        def __float__(self):
            neuron([1.0])
            return 5.0

    neuron.b.data = Asks(5)
    check(neuron)
