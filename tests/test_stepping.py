"""The list of steps: its exact texts, its numbers, the names it gives, the training step."""

import itertools
import json
import math
import random
import time

import pytest

import autograd_lite
from autograd_lite import Constant, Parameter, Value, logsumexp, nn, ops
from autograd_lite.engine.primitive import TABLE
from autograd_lite.stepping import (
    TooManySteps,
    explain,
    step_through,
    steps,
    transcript,
    worked_example,
)
from autograd_lite.telling.text import number

# Labels that try to break out of text, JSON, HTML, SVG, DOT and LaTeX.
HOSTILE = [
    "<script>window.hacked=1</script>",
    "</script><script>window.hacked=1</script>",
    "<!--<script>",
    "]]>",
    "\"><img src=x onerror='window.hacked=1'>",
    "' onmouseover='window.hacked=1",
    "a\"b'c`d",
    "&lt;b&gt;&amp;&#60;",
    "\\N\\G\\L\\",
    "{a|b}",
    "a\nb\tc",
    "\x00\x1b[31m\x7f",
    "\ud800",
    "\u202egnp.exe",
    "$\\href{javascript:alert(1)}{x}$",
    "\\end{aligned}$$",
    "%s %d {0} ${x}",
    "日本語 🙂",
    "w" * 300,
    "   ",
    "__proto__",
]


def lecture() -> tuple[Value, dict[str, Value]]:
    a, b, c, f = (
        Value(data, label=label)
        for label, data in (("a", 2.0), ("b", -3.0), ("c", 10.0), ("f", -2.0))
    )
    e = a * b
    e.label = "e"
    d = e + c
    d.label = "d"
    L = d * f
    L.label = "L"
    return L, {"a": a, "b": b, "c": c, "d": d, "e": e, "f": f, "L": L}


def final_state(listing) -> dict[str, dict[str, float]]:
    state: dict[str, dict[str, float]] = {}
    for step in listing:
        for node, change in step.set.items():
            state.setdefault(node, {}).update(change)
    return state


def test_the_exact_texts():
    L, _ = lecture()
    listing = steps(L)
    assert [step.phase for step in listing] == ["forward"] * 3 + ["seed"] + ["backward"] * 6
    assert [step.i for step in listing] == list(range(1, 11))
    assert str(listing[1]) == (
        "Forward: compute d\n"
        "d = e + c = −6 + 10 = 4\n"
        "Recorded local derivatives: ∂d/∂e = 1,  ∂d/∂c = 1"
    )
    assert str(listing[8]) == (
        "Backward: from e to a\ndL/da += dL/de · ∂e/∂a = −2 × (−3) = 6\na.grad: 0 → 6"
    )
    assert listing[3].math == "dL/dL = 1"


def test_only_a_gradient_that_was_not_zero_adds_up():
    x = Value(3.0, label="x")
    y = x * x
    y.label = "y"
    first, second = steps(y)[-2:]
    assert first.math == "dy/dx += dy/dy · ∂y/∂x₍₁₎ = 1 × 3 = 3"
    assert first.note == "x.grad: 0 → 3"
    assert second.note == "x.grad: 3 → 6 (gradients from several paths add up)"


def test_ids_and_edges_are_those_of_pictures():
    L, named = lecture()
    step = steps(L)[1]
    assert (step.node, step.nodes) == ("n4", ("n2", "n3", "n4"))
    assert step.edges == ("n4-0", "n4-1", "n4-out")
    assert step.set == {"n4": {"data": 4.0}}
    assert step.reveal == {"n4-0": 1.0, "n4-1": 1.0}
    back = steps(L)[-1]
    assert (back.node, back.nodes, back.edges) == ("n1", ("n2", "n1"), ("n2-1", "n2-out"))
    picture = autograd_lite.draw(L)
    assert picture.ids[named["d"]] == "ag-n4"


def test_the_function_is_found_where_people_look_for_it():
    assert autograd_lite.steps is steps


@pytest.mark.parametrize("expand", [False, True])
def test_the_last_set_of_each_node_is_what_the_engine_computes(expand):
    model = nn.MLP(3, [4, 2, 1], activation="tanh")
    x = [Value(data) for data in (0.5, -1.0, 2.0)]
    loss = (model(x) - 1.0) ** 2 + logsumexp(x) + ops.prod(x) + ops.mean(x)
    if expand:
        loss = autograd_lite.expand(loss)
    listing = steps(loss, constants=True)
    assert all(node.grad == 0.0 for node in autograd_lite.topological_order(loss))
    loss.backward()
    state = final_state(listing)
    for i, node in enumerate(autograd_lite.topological_order(loss)):
        assert state[f"n{i}"]["grad"] == node.grad
        if node.op is not None:
            assert state[f"n{i}"]["data"] == node.data
            partials = {f"n{i}-{k}": partial for k, partial in enumerate(node.partials)}
            assert partials in [step.reveal for step in listing]


#: An edge of every kind of slope; the last one is shut: its piece is not chosen.
EDGES = {
    "0": lambda v: v * 0.0,
    "1": lambda v: v * 1.0,
    "-2": lambda v: v * -2.0,
    "inf": lambda v: v * math.inf,
    "nan": lambda v: v * math.nan,
    "shut": lambda v: ops.where(Value(0.0), v, 1.0),
}
PAIRS = list(itertools.product(EDGES, repeat=2))


def edgy(outer, inner):
    """y = outer(inner(x)) + x: x is reached by way of two edges and of one."""
    x = Value(3.0, label="x")
    y = EDGES[outer](EDGES[inner](x)) + x
    y.label = "y"
    return y, x


def same(a, b):
    return a == b or (a != a and b != b)


@pytest.mark.parametrize("kinds", PAIRS, ids="-".join)
def test_slopes_of_every_kind_give_what_backward_gives(kinds):
    y, x = edgy(*kinds)
    listing, explanation = steps(y, constants=True), explain(y, x)
    y.backward()
    state = final_state(listing)
    for i, node in enumerate(autograd_lite.topological_order(y)):
        assert same(state.get(f"n{i}", {}).get("grad", 0.0), node.grad)
    assert same(explanation.gradient, x.grad)
    assert same(math.fsum(path.product for path in explanation.paths), x.grad)
    for step in listing:
        if step.phase == "backward" and "nothing passes below" not in step.title:
            # the line is true, or says why it is not
            _, numbers, share = step.math.split(" = ")
            adjoint, slope = (
                {"∞": math.inf, "−∞": -math.inf, "NaN": math.nan}.get(x)
                or float(x.replace("−", "-"))
                for x in numbers.replace("(", "").replace(")", "").split(" × ")
            )
            assert (share == number(adjoint * slope)) == ("nothing passes" not in step.note), step


def test_gradients_of_the_graph_stay_as_they_are():
    L, named = lecture()
    L.backward()
    before = {name: value.grad for name, value in named.items()}
    steps(L, learning_rate=0.1, parameters=[named["a"]])
    assert {name: value.grad for name, value in named.items()} == before


def test_every_primitive_reads_well():
    for op in TABLE.values():
        points = [Value(1.6 if op.name == "acosh" else 0.6, label=letter) for letter in "abc"]
        node = op([points[0]], [points[1]], points[2]) if op.name == "dot" else (
            op(points) if op.arity is None and op.name != "where" else op(*points[: op.arity])
        )  # fmt: skip
        first = steps(node)[0]
        assert first.math.endswith(f" = {node.data:.4g}".replace("-", "−")), first.math
        assert "a" in first.math
        assert first.math.count("(") == first.math.count(")")


@pytest.mark.parametrize(
    ("make", "math"),
    [
        (lambda a, b: a - b, "y = a − b = −2 − (−3) = 1"),
        (lambda a, b: a / b, "y = a ÷ b = −2 ÷ (−3) = 0.6667"),
        (lambda a, b: -a, "y = −a = −(−2) = 2"),
        (lambda a, b: a**3, "y = a³ = (−2)³ = −8"),
        (lambda a, b: abs(a), "y = |a| = |−2| = 2"),
        (lambda a, b: 1e-7 * b, "y = 1e−07 × b = 1e−07 × (−3) = −3e−07"),
        (lambda a, b: a.relu(), "y = ReLU(a) = ReLU(−2) = 0"),
        (lambda a, b: a.clip(-1, 1), "y = clip(a, −1, 1) = clip(−2, −1, 1) = −1"),
        (lambda a, b: ops.dot([a, b], [b, b], a),
         "y = a × b + b × b + a = −2 × (−3) + (−3) × (−3) + (−2) = 13"),
        (lambda a, b: ops.mean([a, b]), "y = (a + b) ÷ 2 = (−2 + (−3)) ÷ 2 = −2.5"),
        (lambda a, b: ops.sum([a] * 7),
         "y = a + a + a + … + a = −2 + (−2) + (−2) + … + (−2) = −14"),
        (lambda a, b: ops.logsumexp([a, b]), "y = logsumexp(a, b) = logsumexp(−2, −3) = −1.687"),
    ],
)  # fmt: skip
def test_formulas(make, math):
    y = make(Value(-2.0, label="a"), Value(-3.0, label="b"))
    y.label = "y"
    assert steps(y)[0].math == math


def test_names_are_brackets_numbers_or_letters():
    x = Value(2.0, label="x 1")
    y = (x * 3).tanh()
    texts = transcript(steps(y))
    assert "∂((x 1)·3)/∂(x 1) = 3" in texts
    assert "∂((x 1)·3)/∂(3) = 2" in texts
    deep = ((Value(1.0) * Value(2.0) + Value(3.0)) * Value(4.0)).exp().log()
    names = [step.title.removeprefix("Forward: compute ") for step in steps(deep)[:5]]
    assert names[-1] == "y"
    assert len(set(names)) == 5


def test_names_that_occur_twice_are_qualified():
    one, other = Value(1.0, label="w"), Value(2.0, label="w")
    y = one * other
    y.label = "y"
    assert steps(y)[0].math == "y = w × (w (2)) = 1 × 2 = 2"

    class Two(nn.Module):
        def __init__(self):
            self.encoder, self.decoder = nn.Layer(2, 2), nn.Layer(2, 1)

        def __call__(self, x):
            return self.decoder(self.encoder(x))

    model = Two()
    titles = [step.title for step in steps(model, [1.0, 2.0]) if step.phase == "forward"]
    assert "Forward: compute encoder.neuron1.z1" in titles
    assert "Forward: compute decoder.neuron1.z1" in titles

    def loss(inputs):
        return model(inputs) ** 2

    titles = [step.title for step in steps(loss, [1.0, 2.0], expand=True)]
    assert "Forward: compute decoder.neuron1.z1" in titles  # not Two.decoder…
    assert "Forward: compute v1" in titles  # not encoder.neuron1.w1·x1, of which there are two


def test_a_network_has_the_names_of_textbooks():
    """z, a, W and b of a layer and a neuron; after a trace δ and x as well."""
    model = nn.MLP(2, [2, 1], activation="tanh", output="sigmoid")

    def written(what, *inputs):
        listing = steps(what, *inputs)
        return [step.title.removeprefix("Forward: compute ") for step in listing[:6]], listing

    names = ["z1[1]", "a1[1]", "z1[2]", "a1[2]", "z2[1]", "a2[1]"]
    found, listing = written(model, [0.5, -1.0])
    assert found == names
    assert listing[2].math.startswith("z1[2] = W1[2,1] × x1 + W1[2,2] × x2 + b1[2] = ")
    trace = model.trace([0.5, -1.0])
    found, listing = written(trace.a[2][0])
    assert found == names
    sums = "z2[1] = W2[1,1] × a1[1] + W2[1,2] × a1[2] + b2[1] = "
    assert listing[4].math.startswith(sums)
    trace.a[2][0].backward()
    notes = {step.note for step in listing if step.title.startswith("Backward: from a")}
    assert notes == {
        f"δ{layer}[{k}] = z{layer}[{k}].grad: 0 → {number(delta)}"
        for layer, deltas in trace.delta.items()
        for k, delta in enumerate(deltas, start=1)
    }
    assert listing[2].math.startswith("z1[2] = W1[2,1] × x[1] + W1[2,2] × x[2] + b1[2] = ")
    model.label_parameters()
    assert model.layers[0].neurons[0].w[0].label == "layer1.neuron1.w1"


def test_a_weight_has_no_place_in_a_matrix_where_a_mask_or_a_second_network_hides_it():
    masked = nn.Sequential(nn.Layer(2, 2, mask=[[0, 1], [1, 0]]), nn.Neuron(2))
    assert " layer1.neuron1.w1 × x2 + " in steps(masked, [0.5, -1.0])[0].math
    one, other = nn.MLP(1, [1]), nn.MLP(1, [1])
    names = step_through(lambda x: one(x) + other(x), [3.0]).walk.names.values()
    assert {"layer1.neuron1.w1", "layer1.neuron1.w1 (2)"} <= set(names)


def test_a_weight_has_its_place_where_its_network_is_gone_and_where_it_is_used_twice():
    made = nn.MLP(2, [2, 1])([0.5, -1.0])  # the network itself is kept by nobody
    assert "W1[2,1]" in step_through(made).walk.names.values()
    model = nn.MLP(2, [2, 1])
    twice = step_through(lambda x, y: model([x, y]) - model([y, x]), 0.5, -1.0)
    assert {"W1[2,1]", "b2[1]"} <= set(twice.walk.names.values())


def test_arguments_that_are_as_many_as_one_likes_are_numbered():
    made = steps(lambda *xs: xs[0] * xs[1], 2.0, 3.0)
    assert made[0].math == "y = x1 × x2 = 2 × 3 = 6"
    assert steps(lambda *x: x[0].exp(), 0.0)[0].math == "y = exp(x) = exp(0) = 1"


def test_the_plate_of_a_weight_has_the_name_that_the_words_have():
    model = nn.MLP(2, [2, 1])
    seen = {mark.name for mark in step_through(model, [0.5, -1.0]).drawing.scene.nodes()}
    assert {"W1[2,1]", "b1[2]", "W2[1,2]", "z1[2]"} <= seen


def test_a_trace_leaves_labels_of_ones_own():
    model, x = nn.MLP(2, [2, 1]), Value(0.5, label="age")
    nn.Sequential(model)
    assert model.layers[1].neurons[0].b.label == "layer1.layer2.neuron1.b"
    model.layers[0].neurons[0].w[0].label = "slope"
    trace = model.trace([x, 2.0])
    assert steps(trace.z[1][0])[0].math.startswith("z1[1] = slope × age + W1[1,2] × x[2] + b1[1]")
    assert model.layers[1].neurons[0].b.label == "b2[1]"


@pytest.mark.parametrize("operands", [9, 10, 11, 40, 41])
def test_more_than_ten_operands_take_one_step_and_more_than_forty_are_cut(operands):
    y = ops.sum([Value(float(i), label=f"x{i}") for i in range(operands)])
    backward = [step for step in steps(y) if step.phase == "backward"]
    assert len(backward) == (operands if operands <= 10 else 1)
    lines = [line for step in backward for line in step.math.split("\n")]
    shown = [f"dy/dx{i} += dy/dy · ∂y/∂x{i} = 1 × 1 = 1" for i in range(min(operands, 40))]
    assert lines == shown + ["… and 1 more in the same way"] * (operands > 40)


def test_one_step_for_many_says_that_gradients_add_up():
    x = Value(2.0, label="x")
    assert "add up" in steps(ops.sum([x] * 11))[-1].note
    assert "add up" not in steps(ops.sum([Value(2.0) for _ in range(11)]))[-1].note
    assert steps(ops.sum([x] * 11))[-1].set == {"n0": {"grad": 11.0}}


def test_many_operands_take_one_step():
    ws = [Parameter(0.1 * i, label=f"w{i}") for i in range(60)]
    y = ops.dot(ws, [1.0] * 60)
    y.label = "y"
    forward, _, backward = steps(y)
    assert forward.math == (
        "y = w0 × 1 + w1 × 1 + w2 × 1 + … + w59 × 1 = 0 × 1 + 0.1 × 1 + 0.2 × 1 + … + 5.9 × 1 = 177"
    )
    assert forward.note.endswith("… (120 in all)")
    assert backward.title == "Backward: from y to its 60 operands"
    assert backward.math.count("\n") == 40
    assert backward.math.endswith("… and 20 more in the same way")
    assert len(backward.set) == 60
    assert steps(y, constants=True)[-1].title == "Backward: from y to its 120 operands"
    assert len(steps(y, expand=True)) == 60 + 59 + 1 + 60 + 2 * 59


def backward_edges(listing):
    """The edges that backward steps tell of, in order."""
    backward = [step for step in listing if step.phase == "backward"]
    return [edge for step in backward for edge in step.edges if not edge.endswith("-out")]


def test_no_step_goes_to_a_constant_unless_asked_for():
    E, _ = worked_example()
    order = autograd_lite.topological_order(E)
    fixed = {f"n{i}" for i, node in enumerate(order) if isinstance(node, Constant)}
    told, all_told = steps(E), steps(E, constants=True)
    assert told[0].math.startswith("z1 = w1 × x1 + w2 × x2 + b1 = 0.15 × 0.05")
    assert len(fixed) == 4
    assert not fixed & {node for step in told[20:] for node in step.set}
    assert fixed <= set(final_state(all_told))
    assert len(all_told) - len(told) == 4
    made = (Value(2.0, label="x") + 1.0) * (Constant(2.0) + Constant(3.0)).exp()
    assert [step.title.split(" to ")[1] for step in steps(made)[-2:]] == ["x + 1", "x"]
    whole = Constant(2.0, label="c") * Constant(3.0)
    assert len(steps(whole)) == 4  # where all is constant, it is what the pass is about


@pytest.mark.parametrize("seed", [15, 39, 42, 49, 55])
def test_a_branch_of_zeros_is_told_in_one_step(seed):
    """Every edge once, every number that of the engine, no zero told twice."""
    rng = random.Random(seed)
    pool = [Value(rng.uniform(-1, 1), label=f"x{i}") for i in range(4)]
    for _ in range(25):
        a, b = rng.sample(pool, 2)
        pool.append(rng.choice([a * b, a + b, (a - 1.0).relu(), a.relu(), a * a]))
    y = ops.sum(pool[-5:])
    listing, plain = steps(y), steps(y, by="node", constants=True)
    branches = [step for step in listing if "nothing passes below" in step.title]
    assert branches
    edges = backward_edges(listing)
    assert len(edges) == len(set(edges))
    assert set(edges) <= set(backward_edges(plain))
    y.backward()
    grads = {f"n{i}": node.grad for i, node in enumerate(autograd_lite.topological_order(y))}
    for told in (listing, plain):
        state = final_state(told)
        assert all(state[id]["grad"] == grads[id] for id in state if "grad" in state[id])
    for step in branches:
        assert grads[step.node] == 0.0
        assert step.math.endswith(" = 0")
        assert f"{len(backward_edges([step]))} edges in one step" in step.note
        assert len(backward_edges([step])) > 1
    tops = {edge.split("-")[0] for step in branches for edge in step.edges}
    for step in listing:  # what else starts from a gradient of 0 is one edge, which says so
        if step.phase == "backward" and step not in branches:
            source = step.edges[0].split("-")[0]
            assert source not in tops
            assert grads[source] != 0.0 or len(backward_edges([step])) == 1


def test_a_branch_below_an_infinite_slope_is_told():
    x = Value(0.0, label="x")
    y = (x.sqrt() * x) * 0.0
    y.label = "y"
    assert "0 × ∞ = NaN" in transcript(steps(y))


def test_by_node():
    L, _ = lecture()
    backward = [step for step in steps(L, by="node") if step.phase == "backward"]
    assert [step.title for step in backward] == [
        f"Backward: from {name} to its 2 operands" for name in "Lde"
    ]
    assert backward[0].math == (
        "dL/dd += dL/dL · ∂L/∂d = 1 × (−2) = −2\ndL/df += dL/dL · ∂L/∂f = 1 × 4 = 4"
    )
    assert steps(L.tanh(), by="node")[-5:][1].title == "Backward: from y to L"
    with pytest.raises(ValueError, match="by='path'"):
        steps(L, by="path")


def test_infinity_and_nan():
    x, y = Value(math.inf, label="x"), Value(math.nan, label="y")
    z = x * 0.5 + y
    z.label = "z"
    texts = transcript(steps(z))
    assert "= ∞ × 0.5 = ∞" in texts
    assert "∞ + NaN = NaN" in texts
    dumped = json.dumps([step.as_dict() for step in steps(z)], allow_nan=False)
    assert '"Infinity"' in dumped
    flat = Value(0.0, label="x").sqrt() * 0.0
    flat.label = "z"
    assert "0 × ∞ = NaN" in steps(flat)[-1].math


@pytest.mark.parametrize("label", HOSTILE)
def test_hostile_labels_stay_on_their_line(label):
    x = Value(2.0, label=label)
    y = x * Value(3.0, label=label)
    y.label = label
    for step in steps(y):
        assert not any(ord(c) < 32 or 0xD800 <= ord(c) < 0xE000 for c in step.math + step.note)
        assert len(step.title) < 150
        json.loads(json.dumps(step.as_dict()))
    transcript(steps(y)).encode()


def test_too_many_steps_say_how_to_look_at_a_part():
    x = Value(1.0)
    for _ in range(300):
        x = x * 1.001
    with pytest.raises(TooManySteps, match=r"601 steps .*max_steps=500.*one neuron's output"):
        steps(x)
    with pytest.raises(TooManySteps, match=r"901 steps"):
        steps(x, constants=True)
    assert len(steps(x, max_steps=None)) == 601
    assert len(steps(x, max_steps=601)) == 601


@pytest.mark.parametrize("unary", [248, 249, 250])
def test_the_limit_is_500_steps(unary):
    x = Value(0.5)
    y = x * x
    for _ in range(unary - 1):
        y = y.sin()
    total = 3 + 2 * (unary - 1) + 1  # 498, 500, 502
    assert len(steps(y, max_steps=total)) == total
    with pytest.raises(TooManySteps, match=f"{total} steps"):
        steps(y, max_steps=total - 1)
    if total > 500:
        with pytest.raises(TooManySteps, match="max_steps=500"):
            steps(y)
    else:
        assert len(steps(y)) == total


@pytest.mark.parametrize(("label", "name"), [("abcd", "abcd·efgh"), ("abcde", "v1")])
def test_a_formula_of_more_than_nine_characters_is_no_name(label, name):
    product = Value(2.0, label=label) * Value(3.0, label="efgh")
    assert steps(product.tanh())[0].title == f"Forward: compute {name}"


def test_the_time_to_refuse_a_graph_grows_with_its_size_and_no_faster():
    def seconds(size: int) -> float:
        x = Value(1.0)
        for _ in range(size):
            x = x * 1.001
        start = time.process_time()
        with pytest.raises(TooManySteps):
            steps(x)
        return time.process_time() - start

    short, long = (min(seconds(size) for _ in range(3)) for size in (500, 4000))
    assert long < 20 * short  # 8 times as many values; 36 when it was quadratic


def test_the_limit_counts_the_training_step_too():
    E, weights = worked_example()
    options = {"learning_rate": 0.5, "parameters": weights}
    assert len(steps(E, **options, max_steps=72)) == 72
    with pytest.raises(TooManySteps, match="72 steps"):
        steps(E, **options, max_steps=71)


def test_wrong_input():
    with pytest.raises(TypeError, match=r"got a list.*outputs\[0\]"):
        steps([Value(1.0)])
    with pytest.raises(TypeError, match="got a float"):
        steps(2.0)
    with pytest.raises(TypeError, match="got a list"):
        steps(nn.MLP(2, [2, 2]), [1.0, 2.0])
    w = Value(2.0, label="w")
    y = w * 3
    w.data = 5.0
    with pytest.raises(ValueError, match="mul gave 6 then, 15 now"):
        steps(y)


# --- a step of gradient descent ---


def test_the_classic_worked_example():
    E, weights = worked_example()
    assert E.data == pytest.approx(0.298371109, abs=5e-10)
    listing = steps(E, learning_rate=0.5, parameters=weights)
    phases = [step.phase for step in listing]
    order = ["forward", "seed", "backward", "update", "again", "result"]
    assert list(dict.fromkeys(phases)) == order
    updates = {step.title.split()[1]: step for step in listing if step.phase == "update"}
    assert updates["w5"].math == "w5 ← w5 − 0.5 × 0.08217 = 0.3589"
    assert updates["w7"].math == "w7 ← w7 − 0.5 × (−0.0226) = 0.5113"
    moved = {f"w{i}": updates[f"w{i}"].set.popitem()[1]["data"] for i in (1, 2, 3, 4, 5, 6, 7, 8)}
    published = [0.149780716, 0.19956143, 0.24975114, 0.29950229,
                 0.35891648, 0.408666186, 0.511301270, 0.561370121]  # fmt: skip
    assert list(moved.values()) == pytest.approx(published, abs=6e-9)
    assert listing[-1].set["n" + str(len(autograd_lite.topological_order(E)) - 1)]["data"] == (
        pytest.approx(0.291027774, abs=5e-10)
    )
    assert weights[0].data == 0.15  # a rehearsal


def test_a_training_step_is_what_sgd_does():
    model = nn.MLP(2, [3, 1], activation="tanh")

    def loss():
        return (model([0.5, -0.25]) - 1.0) ** 2

    listing = steps(loss(), learning_rate=0.05)
    optimiser = autograd_lite.optim.SGD(model.parameters(), learning_rate=0.05)
    loss().backward()
    optimiser.step()
    after = next(iter(listing[-1].set.values()))["data"]
    assert after == pytest.approx(loss().data, rel=1e-14)
    assert listing[-1].title.endswith("fell")


def test_training_needs_parameters():
    L, named = lecture()
    with pytest.raises(ValueError, match="Parameters"):
        steps(L, learning_rate=0.1)
    for rate in (0.0, -1.0, math.inf, math.nan):
        with pytest.raises(ValueError, match="positive and finite"):
            steps(L, learning_rate=rate)
    with pytest.raises(TypeError, match="give learning_rate="):
        steps(L, parameters=[named["a"]])
    listing = steps(L, learning_rate=100.0, parameters=iter([named["a"], Value(1.0)]))
    assert [step.title for step in listing if step.phase == "update"] == [
        "Update: a falls, since its gradient is positive"
    ]
    assert isinstance(Constant(1.0), Value)


WAYS = {math.inf: "falls, since its gradient is positive",
        2.0: "falls, since its gradient is positive",
        1e-30: "stays, since its gradient is positive, but too small to move it",
        0.0: "stays, since its gradient is 0",
        -1e-30: "stays, since its gradient is negative, but too small to move it",
        -2.0: "rises, since its gradient is negative",
        math.nan: "is lost, since its gradient is NaN"}  # fmt: skip


@pytest.mark.parametrize("slope", WAYS)
def test_the_sentence_agrees_with_the_sign_of_the_gradient(slope):
    w = Parameter(1.0, label="w")
    y = w * slope
    y.label = "y"
    listing = steps(y, learning_rate=0.25)
    (update,) = [step for step in listing if step.phase == "update"]
    assert update.title == f"Update: w {WAYS[slope]}"
    moved = update.set["n0"]["data"]
    assert same(moved, 1.0 - 0.25 * slope)
    assert update.math.endswith(f" = {number(moved)}")
    assert update.note == f"w.data: 1 → {number(moved)}"
    end, before, after = listing[-1], y.data, moved * slope
    way = "fell" if after < before else "did not change" if after == before else "is lost"
    assert end.title == f"Result: y {way}"
    assert end.note.startswith(f"y {way} by 1; every" if slope == 2.0 else f"y {way}")
    assert same(end.set["n2"]["data"], after)


def test_a_step_too_long_is_told():
    w = Parameter(1.0, label="w")
    y = w * w
    y.label = "y"
    assert steps(y, learning_rate=2.0)[-1].note == (
        "y rose by 8; the step was too long: try a smaller learning rate"
    )
    assert steps(y, learning_rate=1.0)[-1].title == "Result: y did not change"
