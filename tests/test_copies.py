"""Copies and pickles: every slot of every node, and nothing shared that should not be."""

import copy
import math
import pickle
from functools import partial

import pytest

from autograd_lite import Constant, Parameter, Value, compile, gradient, ops, topological_order
from autograd_lite.engine.comparisons import Purpose, recording
from autograd_lite.engine.given import Stepwise
from autograd_lite.engine.groups import as_tuple

PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)
CLONES = {"deepcopy": copy.deepcopy} | {
    f"pickle {n}": lambda x, n=n: pickle.loads(pickle.dumps(x, n)) for n in PROTOCOLS
}


class Measured(Value):
    """A Value with slots and a dictionary of its own."""

    __slots__ = ("__dict__", "unit")


def every_kind_of_node():
    """One graph: one, two and many operands, a bias, families, edges, nodes made by hand."""
    a, w = Value(0.5, label="a"), Parameter(-1.5, label="w")
    measured = Measured(2.0)
    measured.unit, measured.moments = "km", [a]
    by_hand = Value(3.0, (a, w), (math.inf, -0.0), label="made")
    by_step = Value(0.75, (a, a), "+")
    by_step._backward = lambda: setattr(a, "grad", a.grad + 2.0 * by_step.grad)
    total = ops.dot([w, a], [measured, by_hand], Constant(-0.0)) + ops.dot([a], [w])
    edge = (a - 0.5).sqrt() * Value(math.inf, label="far")
    y = ops.sum([total.tanh(), a**3, a.clip(-1, 1), ops.where(a, w, by_step), w - a, edge])
    y.backward()
    for k, node in enumerate(topological_order(y)):
        node.grad = math.ldexp(k, -3)
    y.label = "loss"
    return y


def facts(node, place):
    """All slots of a node, its operands by their places in the walk; numbers to the bit."""
    slopes = node.op.slopes if isinstance(getattr(node.op, "slopes", None), Stepwise) else None
    return {
        "kind": type(node), "label": node.label, "grad": repr(node.grad),
        "data": repr(node._data), "op": (node._op, getattr(node.op, "args", ())),
        "left": [place[x] for x in as_tuple(node._left)], "groups": type(node._left) is tuple,
        "right": [place[x] for x in as_tuple(node._right)], "none": node._right is None,
        "slopes": [*map(repr, node.partials)], "own": getattr(node, "unit", None),
        "stepwise": slopes is not None,
    }  # fmt: skip


def all_facts(y):
    order = topological_order(y)
    place = {node: k for k, node in enumerate(order)}
    return [facts(node, place) for node in order]


@pytest.mark.parametrize("clone_of", CLONES.values(), ids=CLONES)
def test_a_copy_is_the_original_in_every_slot_of_every_node(clone_of):
    y = every_kind_of_node()
    before = all_facts(y)
    clone = clone_of(y)
    assert all_facts(y) == before
    assert [fact | {"stepwise": False} for fact in before] == all_facts(clone)  # it knew `a`
    assert not set(topological_order(y)) & set(topological_order(clone))
    (old,), (new,) = ([x for x in topological_order(z) if type(x) is Measured] for z in (y, clone))
    assert new.moments is not old.moments
    assert new.moments == [x for x in topological_order(clone) if x.label == "a"]


def test_a_copy_alone_stands_on_the_same_operands():
    y = every_kind_of_node()
    place = {node: k for k, node in enumerate(topological_order(y))}
    for node in [*place]:
        clone = copy.copy(node)
        assert clone is not node
        assert facts(clone, place) == facts(node, place) | {"stepwise": False}


@pytest.mark.parametrize("clone_of", CLONES.values(), ids=CLONES)
def test_what_a_copied_graph_does_is_its_own(clone_of):
    x = Value(0.5)
    y = (x * x).tanh()
    clone = clone_of(y)
    (leaf,) = (node for node in topological_order(clone) if node.op is None)
    clone.backward()
    assert (x.grad, y.grad, leaf.grad) == (0.0, 0.0, gradient(y, [x])[0].data)
    leaf.data = 7.0
    assert x.data == 0.5


class Holder:
    """Something whose copy copies Values that nobody else holds, as wrappers do."""

    def __init__(self, number):
        self.number = number

    def __deepcopy__(self, memo):
        new = Holder(self.number)
        new.value = copy.deepcopy(Value(self.number) * 2.0, memo)
        return new


def test_copies_of_temporaries_share_nothing():
    """The id of one that is gone may be that of the next: `copy` remembers objects by their ids."""
    copies = copy.deepcopy([Holder(float(k)) for k in range(100)])
    assert [holder.value.data for holder in copies] == [2.0 * k for k in range(100)]
    leaves = [x for holder in copies for x in holder.value.parents]
    assert len(set(leaves)) == 200
    memo = {}
    made = [copy.deepcopy(Value(float(k)).exp(), memo) for k in range(100)]
    assert [y.parents[0].data for y in made] == [*map(float, range(100))]


def test_one_memo_is_one_copy():
    x = Value(2.0)
    y, z = x * x, x.exp()
    memo = {}
    first, second = copy.deepcopy(y, memo), copy.deepcopy(z, memo)
    assert second.parents[0] is first.parents[0] is memo[id(x)]
    assert copy.deepcopy(x, memo) is memo[id(x)]


@pytest.mark.parametrize(
    "taken", [copy.copy, copy.deepcopy, pickle.dumps, partial(pickle.dumps, protocol=0)]
)
@pytest.mark.parametrize("purpose", Purpose)
def test_a_copy_of_an_argument_is_cut_off_from_a_recording(taken, purpose):
    x, other = Value(2.0), Value(3.0)
    with recording([x], purpose):
        taken(other * other)
        for node in (x, x * x):
            if purpose == Purpose.PICTURE or (taken is copy.copy and node is not x):
                taken(node)
                continue
            with pytest.raises(TypeError, match=r"A copy is cut off .* Use the Value itself, or x"):
                taken(node)
    taken(x)


def test_a_program_is_a_copy_of_its_own_parameters():
    x = Parameter(2.0, label="x")
    program = copy.deepcopy(compile(x * x))
    program.backward()
    assert (x.grad, program.parameters[0].grad, program.parameters[0].label) == (0.0, 4.0, "x")
