"""Module: parameters with and without their names; neurons never compute with old numbers."""

import copy
import operator
import pickle
import random
import re
import threading
from fractions import Fraction

import numpy as np
import pytest

from autograd_lite import Constant, Parameter, Value, compile, dot, leaky_relu, tanh
from autograd_lite.engine.kinds import Unary
from autograd_lite.engine.primitive import TABLE
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
    cube = Unary("cube", "x³", lambda x: x * x * x, lambda z, x: (3.0 * x * x,))
    monkeypatch.setitem(TABLE, "cube", cube)
    neuron = Neuron(1, activation="cube")
    neuron.w[0].data = 0.5
    y = neuron([3.0])
    y.backward()
    assert (y.data, neuron.w[0].grad) == (1.5**3, 3.0 * 1.5**2 * 3.0)


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


def test_a_row_given_as_activation_shows_its_name():
    assert repr(Neuron(2, activation=tanh)) == "TanhNeuron(2)"
    assert repr(Neuron(2, activation=leaky_relu)) == "Leaky_ReluNeuron(2)"


def test_an_activation_is_called_by_what_name_it_has():
    class Squash:
        def __call__(self, x):
            return x / (1 + abs(x))

    class Named(Squash):
        name = "gentle"

    class Numbered(Squash):
        name = 3

    for activation, name in ((Squash(), "Squash"), (Named(), "Gentle"), (Numbered(), "Numbered")):
        neuron = Neuron(1, activation=activation)
        neuron.w[0].data = 3.0
        assert repr(neuron) == f"{name}Neuron(1)"
        assert neuron([1.0]).data == 0.75
    assert repr(Neuron(1, nonlin=False, activation="tanh")) == "LinearNeuron(1)"
    assert repr(Neuron(2, activation="relu")) == "ReLUNeuron(2)"
    assert repr(MLP(1, [2, 1], activation="tanh", output="sigmoid")).endswith(
        "Layer of [SigmoidNeuron(2)]]"
    )


@pytest.mark.parametrize("activation", ["tanh", tanh])
@pytest.mark.parametrize("make", [lambda a: Layer(3, 2, a), lambda a: Neuron(2, a)])
def test_an_activation_in_the_place_of_nonlin_is_refused(make, activation):
    with pytest.raises(TypeError, match=r"nonlin.* True or False.*Write activation="):
        make(activation)


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
    with pytest.warns(UserWarning, match=r"Neuron.w .* computed Value"):
        neuron.w = [Value(2.0) * 3.0, Value(1.0)]
    check(neuron)
    neuron.w[0].data = 11.0
    check(neuron)
    neuron.w, neuron.b = (Constant(0.5), Constant(2.0)), Constant(1.0)  # not to be trained
    check(neuron)
    assert neuron.parameters() == []


REPLACED = {
    "a number": lambda n: setattr(n, "b", 0.5),
    "a whole number": lambda n: setattr(n, "b", 0),
    "a list": lambda n: setattr(n, "w", [1.0, 2.0]),
    "a tuple with one number": lambda n: setattr(n, "w", (n.w[0], 2.0)),
    "an array": lambda n: setattr(n, "w", np.array([1.0, 2.0])),
    "a weight": lambda n: n.w.__setitem__(0, 2.0),
    "more weights": lambda n: n.w.extend([1.0]),
}


@pytest.mark.parametrize("replace", REPLACED.values(), ids=REPLACED)
def test_numbers_where_parameters_were_are_refused(replace):
    neuron = linear(2)
    before = neuron.parameters()
    with pytest.raises(TypeError, match=r"bare number .* would not be trained.*p\.data = "):
        replace(neuron)
    assert neuron.parameters() == before
    check(neuron)


COMPUTED = {
    "a bias": lambda n: setattr(n, "b", n.b - 0.1),
    "a list": lambda n: setattr(n, "w", [w - 0.1 * w.grad for w in n.w]),
    "a weight": lambda n: n.w.__setitem__(0, n.w[0] * 2),
}


@pytest.mark.parametrize("replace", COMPUTED.values(), ids=COMPUTED)
def test_computed_values_where_parameters_were_are_warned_of(replace):
    neuron = linear(2)
    with pytest.warns(
        UserWarning, match=r"no optimiser finds or moves.*p\.data -= rate \* p\.grad"
    ) as warned:
        replace(neuron)
    assert [warning.filename for warning in warned] == [__file__]
    check(neuron)


def test_a_number_in_a_list_of_ones_own_is_refused_when_it_is_used():
    neuron, ours = linear(2), [Parameter(2.0), Parameter(3.0)]
    neuron.w = ours
    ours[0] = 5.0
    with pytest.raises(TypeError, match=r"got 5\.0, which would not be trained"):
        neuron([1.0, 1.0])


def test_what_was_no_parameter_may_become_anything():
    class Cell(Module):
        def __init__(self):
            self.w, self.state, self.mixed = Value(0.5), 0.0, [Value(1.0), 3]

    cell = Cell()
    cell.state = cell.w * cell.state
    cell.state = 0.0
    cell.mixed = [cell.mixed[0], 4]
    cell.w = None
    assert len(cell.parameters()) == 1


# --- parameters in arrays ------------------------------------------------------------------------


class Arrays(Module):
    def __init__(self):
        self.w = np.array([[Value(0.5), Value(1.0)], [Value(-1.0), Constant(2.0)]], dtype=object)
        self.seen = np.array([1.0, 2.0])
        self.blocks = np.array([Neuron(1), None], dtype=object)
        self.b = np.array(Value(3.0), dtype=object)

    def __call__(self, x):
        return self.w[0, 0] * x + self.b[()] + self.w[1, 0]


def test_parameters_in_arrays_are_found_and_named_by_their_places():
    model = Arrays()
    names = [name for name, _ in model.named_parameters()]
    assert names == ["w[1,1]", "w[1,2]", "w[2,1]", "blocks[1].w1", "blocks[1].b", "b"]
    assert [x for _, x in model.named_parameters()] == model.parameters()
    model.label_parameters()
    assert model.w[1, 0].label == "w[2,1]"
    assert [name for name, _ in model.named_modules()] == ["", "blocks[1]"]


def nested(rng, depth):
    """Lists, tuples, dicts and arrays in each other, with parameters and neurons at the end."""
    if not depth:
        return rng.choice([Parameter(1.0), Neuron(1)])
    entries = [nested(rng, depth - 1) for _ in range(rng.choice([1, 2, 12]))]
    as_array = np.empty(len(entries), dtype=object)
    as_array[:] = entries
    return rng.choice([entries, tuple(entries), dict(enumerate(entries)), as_array, entries])


def test_no_two_parameters_have_one_name():
    for seed in range(60):
        model = Module()
        model.w, model.neurons = (nested(random.Random(seed + k), 1 + seed % 3) for k in (0, 99))
        names = [name for name, _ in model.named_parameters()]
        assert len(set(names)) == len(names) == len(model.parameters())


def test_lists_of_lists_are_named_as_arrays_are():
    model = Module()
    model.weights = [[Parameter(1.0), Parameter(2.0)], [Parameter(3.0)]]
    model.layers = [Neuron(1), [Neuron(1), (Neuron(1),)], [[np.array([Value(1.0)])]]]
    model.w2 = [Parameter(1.0), Parameter(2.0)]
    assert [name for name, _ in model.named_parameters()] == [
        *("weights[1,1]", "weights[1,2]", "weights[2,1]"),
        *("layer1.w1", "layer1.b", "layers[2,1].w1", "layers[2,1].b"),
        *("layers[2,2,1].w1", "layers[2,2,1].b", "layers[3,1,1][1]"),
        *("w2[1]", "w2[2]"),  # w21 would be the 21st of w
    ]
    assert list(model.state_dict())[:2] == ["weight1", "weight2"]  # rows of another length


IN_PLACE = {
    "-=": lambda m: operator.isub(m.w, 0.1),
    "+=": lambda m: operator.iadd(m.w, [0.1, 0.2]),
    "*=": lambda m: operator.imul(m.w, 0.9),
    "/=": lambda m: operator.itruediv(m.w, 2.0),
}


@pytest.mark.parametrize("change", IN_PLACE.values(), ids=IN_PLACE)
def test_an_array_of_parameters_that_is_computed_in_place_is_warned_of(change):
    model = Arrays()
    with pytest.warns(UserWarning, match=r"Arrays.w held a parameter, .*p\.data -= rate"):
        model.w = change(model)  # as model.w -= 0.1 does it
    model = Arrays()
    model.w = model.w
    model.seen += 1.0
    model.state = np.array([Constant(0.0), Constant(1.0)])
    model.state += model.w[0]
    model.state += model.state
    assert model.state[0].data == 2.0 * model.w[0, 0].data


def test_parameters_in_arrays_are_trained_and_copied():
    model = Arrays()
    fit(model, [1.0, 2.0], [0.0, 1.0], loss=mse_loss, optimiser=SGD(model.parameters()), epochs=3)
    assert model.w[0, 0].data != 0.5
    for clone_of in (copy.deepcopy, clone_by_pickle):
        clone = clone_of(model)
        assert [p.data for p in clone.parameters()] == [p.data for p in model.parameters()]
        assert set(clone.parameters()).isdisjoint(model.parameters())


# --- the weights are a list, as in micrograd -----------------------------------------------------


def test_the_weights_are_a_list():
    neuron = linear(2)
    first, second, bias = neuron.parameters()
    assert isinstance(neuron.w, list)
    assert neuron.w + [neuron.b] == [first, second, bias]  # noqa: RUF005 - as lectures write it
    assert [neuron.b] + neuron.w == [bias, first, second]  # noqa: RUF005
    assert neuron.w[1:] == [second]
    assert str(neuron.w) == str([first, second])


def clone_by_pickle(thing):
    return pickle.loads(pickle.dumps(thing))


@pytest.mark.parametrize("prepared", [lambda model: model, copy.deepcopy, clone_by_pickle])
@pytest.mark.parametrize(
    "make",
    [
        lambda: linear(2),
        lambda: Layer(2, 3, nonlin=False),
        lambda: Layer(2, 2, nonlin=False, mask=[[1, 0], [1, 1]]),
        lambda: MLP(2, [4], activation="tanh"),
    ],
    ids=["neuron", "layer", "masked layer", "network"],
)
def test_a_weight_put_into_the_list_is_used_at_once(make, prepared):
    model = make()
    model([10.0, 100.0])
    model = prepared(model)
    *_, (_, neuron) = model.named_modules()  # the last one
    neuron.b.data = 1.0
    for w in ([Value(2.0), Constant(3.0)], [Parameter(4.0), Value(5.0)]):
        neuron.w[0] = w[0]
        model([10.0, 100.0])
        neuron.w[1] = w[1]
        out = model([10.0, 100.0])
        z = out if isinstance(out, Value) else out[-1]
        assert z.data == 10.0 * float(w[0]) + 100.0 * float(w[1]) + 1.0
        assert [x.data for x in z.parents[:2]] == list(map(float, w))
        assert z.parents[:2] == tuple(w)


CHANGES = {
    "__setitem__": lambda w: w.__setitem__(slice(0, 2), [Parameter(7.0)]),
    "__delitem__": lambda w: w.__delitem__(0),
    "__iadd__": lambda w: w.__iadd__([Parameter(7.0)]),
    "__imul__": lambda w: w.__imul__(2),
    "append": lambda w: w.append(Parameter(7.0)),
    "clear": lambda w: w.clear(),
    "extend": lambda w: w.extend([Parameter(7.0), Parameter(8.0)]),
    "insert": lambda w: w.insert(0, Parameter(7.0)),
    "pop": lambda w: w.pop(0),
    "remove": lambda w: w.remove(w[0]),
    "reverse": lambda w: w.reverse(),
    "sort": lambda w: w.sort(key=float),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_every_change_of_the_list_is_seen(change):
    neuron = linear(3)
    for w, number in zip(neuron.w, (3.0, 1.0, 2.0), strict=True):
        w.data = number
    check(neuron)
    before = list(neuron.w)
    change(neuron.w)
    assert list(neuron.w) != before
    x = [0.5, -2.0, 3.0, 4.0, 5.0, 6.0][: len(neuron.w)]
    z = neuron(x)
    assert z.parents[: len(x)] == tuple(neuron.w)
    assert z.data == dot([w.data for w in neuron.w], x, neuron.b.data)


def test_half_a_change_is_seen_too():
    neuron = linear(1)
    check(neuron)

    def breaks_off():
        yield Parameter(7.0)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        neuron.w.extend(breaks_off())
    assert len(neuron.w) == 2
    check(neuron)


def test_no_change_of_a_list_is_forgotten():
    reads = {"copy", "__reversed__"}
    assert {*dir(list)} - {*dir(tuple)} - reads == set(CHANGES)


def test_a_list_of_ones_own_is_the_truth_too():
    neuron, ours = linear(2), [Parameter(2.0), Parameter(3.0)]
    neuron.w = ours
    check(neuron)
    ours[0] = Parameter(5.0)
    check(neuron)
    assert neuron.w is ours


def test_neurons_may_share_their_list():
    first, second = linear(2), linear(2)
    first.b.data, second.b.data = 1.0, 2.0
    second.w = first.w
    for number in (3.0, 4.0):
        first.w[0] = Parameter(number)
        check(first)
        check(second)


def test_a_layer_says_which_neuron_has_another_number_of_weights():
    layer = Layer(2, 2)
    layer([1.0, 2.0])
    layer.neurons[1].w.append(Parameter(1.0))
    with pytest.raises(ValueError, match=r"ReLUNeuron\(3\) takes 3 inputs; got 2"):
        layer([1.0, 2.0])


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


@pytest.mark.parametrize("clone_of", [copy.deepcopy, clone_by_pickle])
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
    assert type(clone.w) is type(neuron.w)  # as quick as it was
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


# --- messages, word for word ----------------------------------------------------------------------

SAID = [
    (
        lambda: Neuron(1, activation=3),
        TypeError,
        "An activation is a name or a function of one Value; got 3. For none at all write "
        '"linear".',
    ),
    (
        lambda: Neuron(1, activation="swish"),
        ValueError,
        "There is no activation 'swish'. Choose one of elu, gelu, leaky_relu, linear, relu, "
        "sigmoid, silu, sin, softplus, softsign, tanh, or give a function of one Value.",
    ),
    (
        lambda: Neuron(0),
        ValueError,
        "nin is the number of inputs or neurons, 1 or more; got 0.",
    ),
    (
        lambda: Layer(2, 1.5),
        ValueError,
        "nout is the number of inputs or neurons, 1 or more; got 1.5.",
    ),
    (
        lambda: Layer(2, 2, "tanh"),
        TypeError,
        "nonlin, the argument before activation, is True or False; got 'tanh'. Write "
        "activation='tanh'.",
    ),
    (
        lambda: Layer(2, 2, mask=[[1, 1], [1]]),
        ValueError,
        "The mask of a layer of 2 inputs and 2 neurons has 2 rows of 2; got rows of [2, 1].",
    ),
    (
        lambda: Layer(2, 2, mask=[[1, 1], [0, 0]]),
        ValueError,
        "The mask leaves neuron 2 without inputs.",
    ),
    (
        lambda: MLP(2, []),
        ValueError,
        "nouts lists the neurons of each layer, such as [16, 16, 1]; got [].",
    ),
    (
        lambda: Neuron(2)([1.0]),
        ValueError,
        "ReLUNeuron(2) takes 2 inputs; got 1.",
    ),
    (
        lambda: Layer(2, 2)([1.0]),
        ValueError,
        "Layer of [ReLUNeuron(2), ReLUNeuron(2)] takes 2 inputs; got 1. Give one number or "
        "Value per input.",
    ),
    (
        lambda: MLP(2, [2, 1])([1.0]),
        ValueError,
        "Layer layer1 of 2 neurons takes 2 inputs; got 1. Give one number or Value per input.",
    ),
    (
        lambda: Neuron(2)(1.5),
        TypeError,
        "A neuron, a layer and a network take one sample, a list of numbers or Values; got "
        "1.5. For a single input write [x].",
    ),
    (
        lambda: Neuron(2)([[1.0, 2.0]]),
        TypeError,
        "A neuron, a layer and a network take one sample, a list of numbers or Values; got "
        "rows. For several samples write [model(x) for x in X].",
    ),
    (
        lambda: setattr(Neuron(1), "b", 0.5),
        TypeError,
        "Neuron.b held a parameter, and the bare number 0.5 would not be trained. To set the "
        "number of a parameter p write p.data = 0.5, for a new one Parameter(0.5).",
    ),
    (
        lambda: setattr(Neuron(1), "b", Value(1.0) - 0.5),
        UserWarning,
        "Neuron.b held a parameter, and becomes a computed Value (−), which no optimiser "
        "finds or moves. To change the number of a parameter p write p.data = ..., as in "
        "p.data -= rate * p.grad.",
    ),
    (
        lambda: Neuron(1).w.append(2.0),
        TypeError,
        "The list of weights held a parameter, and the bare number 2.0 would not be trained. "
        "To set the number of a parameter p write p.data = 2.0, for a new one Parameter(2.0).",
    ),
    (
        lambda: Neuron(1).at([1.0]),
        ValueError,
        "Neuron has 2 parameters; got a vector of 1.",
    ),
]


@pytest.mark.parametrize(("call", "error", "said"), SAID)
def test_messages_say_what_came_why_and_what_to_write(call, error, said):
    with pytest.raises(error, match=f"^{re.escape(said)}$"):
        call()
