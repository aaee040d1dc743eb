"""Module: parameters with and without their names."""

from autograd_lite import Constant, Parameter, Value
from autograd_lite.nn import MLP, Module


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
