"""The right and a broken backward pass side by side, against wrong engines of another make."""

import math
import random

import pytest
from test_stepping import lecture
from test_stepping_page import OUTSIDE

from autograd_lite import Value, ops, step_through, steps
from autograd_lite.nn import MLP
from autograd_lite.stepping import TooManySteps, transcript
from autograd_lite.stepping.verdicts import FAULTS
from autograd_lite.telling.text import number

# --- deliberately wrong engines, on nodes of their own --------------------------------------------


class Node:
    """As a beginner writes it: a number, a gradient, and whom it came from with which slope."""

    def __init__(self, name, ways):
        self.name, self.ways, self.grad = name, ways, 0.0


def nodes_of(order, ids):
    """The graph once more; constants stay out."""
    made = {}
    for value in order:
        pairs = zip(value.parents, value.partials, strict=True)
        made[value] = Node(ids[value], [(made[parent], slope) for parent, slope in pairs])
    return [*made.values()]


def run(nodes, order=None, put=lambda old, share: old + share, slope_of=lambda node, slope: slope):
    """A pass from the last node on; what it writes, one by one: whose gradient, what it is then."""
    nodes[-1].grad = 1.0
    for node in order or nodes[::-1]:
        for operand, slope in node.ways:
            operand.grad = put(operand.grad, node.grad * slope_of(node, slope))
            yield operand.name, operand.grad


def reset(nodes):
    for node in nodes:
        node.grad = 0.0


def traces(fault, nodes):
    """What the right and the broken run write."""
    right = list(run(nodes))
    leaves = [node for node in nodes if not node.ways]
    between = [node for node in nodes if node.ways]
    if fault == "overwrite":
        reset(nodes)
        return right, list(run(nodes, put=lambda old, share: share))
    if fault == "no_zero_grad":  # what the first pass left is still there
        reset(between)
        return right, list(run(nodes))
    if fault == "twice":
        broken = list(run(nodes))
        reset(nodes)
        list(run(nodes))
        reset(between)
        assert all(math.isfinite(leaf.grad) for leaf in leaves)
        return list(run(nodes)), broken
    if fault == "lost_sign":
        reset(nodes)
        used = []

        def forgetful(node, slope):
            if slope < 0 and node.grad != 0 and not used:
                used.append(node)
                return abs(slope)
            return slope

        return right, list(run(nodes, slope_of=forgetful))
    assert fault == "no_order"
    whole = {node.name: node.grad for node in nodes}
    queue, at = [nodes[-1]], 0
    while at < len(queue):
        queue += [x for x in dict.fromkeys(x for x, _ in queue[at].ways) if x not in queue]
        at += 1
    reset(nodes)
    broken, sums, right = list(run(nodes, order=queue)), dict.fromkeys(whole, 0.0), []
    for node in queue:
        for operand, slope in node.ways:
            sums[operand.name] += whole[node.name] * slope
            right.append((operand.name, sums[operand.name]))
    return right, broken


def first_wrong(fault, nodes):
    """Which write is wrong first: its number, whose gradient, what it is, what it should be."""
    for i, ((name, good), (other, bad)) in enumerate(zip(*traces(fault, nodes), strict=True)):
        assert name == other
        if not math.isclose(good, bad, rel_tol=1e-9, abs_tol=1e-12):
            return i, name, bad, good
    return None


def random_graph(seed):
    """Sums, products, differences and curves of three leaves; every other one has shortcuts."""
    draw = random.Random(seed)
    values = [Value(draw.uniform(-2, 2), label=f"x{i}") for i in range(3)]
    for i in range(draw.randint(1, 7)):
        a, b = draw.choices(values, k=2)
        value = draw.choice([a * b, a + b, a - b, a.tanh()])
        if seed % 2:
            value = draw.choice([values[-1] * draw.choice(values[-3:]), values[-1].tanh() + a])
        value.label = f"v{i}"
        values.append(value)
    return values[-1]


@pytest.mark.parametrize("fault", FAULTS)
def test_the_first_wrong_number_is_that_of_another_wrong_engine(fault):
    found = 0
    for seed in range(40):
        output = random_graph(seed)
        made = step_through(output, fault=fault, constants=True)
        wanted = first_wrong(fault, nodes_of(made.walk.order, made.walk.ids))
        book = made.fault
        if wanted is None:
            assert book.first is None
            assert "makes no difference" in made.steps[-1].title
            continue
        found += 1
        i, name, bad, good = wanted
        at = [pair.differs for pair in book.pairs].index(True)
        assert (at, book.first.node) == (i, name), seed
        change = book.first.set[name]
        assert math.isclose(change["broken"], bad, rel_tol=1e-9)
        assert math.isclose(change["grad"], good, rel_tol=1e-9)
        assert [step for step in made.steps if "First wrong number" in step.title] == [book.first]
    assert 8 < found < 40, "of random graphs some show a fault and some do not"


@pytest.mark.parametrize("fault", FAULTS)
def test_the_right_run_ends_at_the_gradients_of_backward(fault):
    for seed in range(8):
        output = random_graph(seed)
        made = step_through(output, fault=fault, constants=True)
        output.backward()
        ends = {id: change["grad"] for step in made.steps for id, change in step.set.items()
                if "grad" in change}  # fmt: skip
        for node, id in made.walk.ids.items():
            times = 2 if fault == "twice" and node.op is None else 1
            if id in ends:
                assert math.isclose(ends[id], times * node.grad, rel_tol=1e-9, abs_tol=1e-12)


# --- what is said ---------------------------------------------------------------------------------


def residual():
    """s is used on a short way and on a long one."""
    a, b, c = Value(2.0, label="a"), Value(-3.0, label="b"), Value(10.0, label="c")
    s = a * b
    s.label = "s"
    t = s * c
    t.label = "t"
    y = s + t
    y.label = "y"
    return y


SAID = {  # fault: (what, title, why), on s + s·c
    "overwrite": (
        "= in place of +=",
        "s.grad is 10 and should be 11",
        "s has several uses, and each sends a share; = keeps the last one alone, and 1 is lost.",
    ),
    "no_order": (
        "no topological order",
        "a.grad is −3 and should be −33",
        "s passed its gradient on when 1 of it had arrived; the whole is 11.",
    ),
    "no_zero_grad": (
        "gradients are not reset",
        "c.grad is −12 and should be −6",
        "c.grad still held −6 from the pass before, and += adds to what is there.",
    ),
    "twice": (
        "a second backward() counts twice",
        "s.grad is 12 and should be 1",
        "s.grad still held 11 of the first call, and so passes it on a second time.",
    ),
    "lost_sign": (
        "a sign is lost",
        "c.grad is 6 and should be −6",
        "∂t/∂c is −6, and was taken for 6.",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_first_wrong_number_is_explained(fault):
    made = step_through(residual(), fault=fault)
    what, title, why = SAID[fault]
    first = made.fault.first
    assert first.title == f"✗ First wrong number: {title}"
    assert first.note.startswith(f"Why: {why}")
    assert "\nIn training: " in first.note
    assert str(made) == transcript(steps(residual(), fault=fault))
    assert f"\n✗ First wrong number: {title}\nright   d" in str(made)
    assert "\nbroken  d" in str(made)
    assert made.steps[-1].title.endswith(f"gradients are wrong ({what})")
    assert "✗" in made.steps[-1].math
    begins = [step for step in made.steps if step.math == "dy/dy = 1"]
    assert len(begins) == (2 if fault in ("no_zero_grad", "twice") else 1)


def zero():
    x, y = Value(0.0, label="x"), Value(0.0, label="y")
    return (x * y) * 1.0


def in_order():
    x = Value(2.0, label="x")
    s = x * x
    return s.exp() + s.tanh()


HARMLESS = [
    ("overwrite", lambda: lecture()[0], "No value is used twice here"),
    ("overwrite", lambda: zero() + zero().parents[0] * 0.0, "No value is used twice here"),
    ("no_order", lambda: lecture()[0], "No value between the output and the leaves is used twice"),
    ("no_order", in_order, "each value happens to be complete when its turn comes"),
    ("no_zero_grad", zero, "All gradients of the leaves are 0 here"),
    ("twice", lambda: Value(2.0) * Value(3.0), "Nothing lies between the output and the leaves"),
    ("twice", lambda: zero() * 0.0, "All gradients between the output and the leaves are 0"),
    ("lost_sign", lambda: Value(2.0) * Value(3.0), "there is no sign to lose"),
    *((fault, lambda: Value(2.0), "There is no edge to go back along.") for fault in FAULTS),
]


@pytest.mark.parametrize(("fault", "graph", "reason"), HARMLESS)
def test_a_fault_that_makes_no_difference_says_why(fault, graph, reason):
    made = step_through(graph(), fault=fault)
    assert made.fault.first is None
    assert (
        made.steps[-1].title == f"Result: here the fault ({FAULTS[fault].what}) makes no difference"
    )
    assert reason in made.steps[-1].note
    assert "✗" not in str(made)


def test_a_shut_edge_and_an_infinite_slope_are_no_fault():
    """0 · ∞ on an edge that a ReLU shuts passes nothing, in both runs."""
    x = Value(-1.0, label="x")
    for fault in ("overwrite", "no_order", "lost_sign"):
        made = step_through(ops.sqrt(x.relu()) + x, fault=fault)
        assert made.fault.first is None, fault
        assert "NaN" not in str(made)


def test_a_sign_is_lost_where_it_counts():
    """Not where nothing arrives: there a − b is multiplied by 0."""
    a, b, z, p, q = (
        Value(x, label=name) for x, name in zip((5, 1, 0, 2, -3), "abzpq", strict=True)
    )
    made = step_through(p * q + (a - b) * z, fault="lost_sign")
    assert made.fault.first.title == "✗ First wrong number: p.grad is 3 and should be −3"


def test_a_long_list_and_a_large_graph():
    w = [Value(float(i + 1), label=f"w{i}") for i in range(12)]
    made = step_through(ops.sum([x * x for x in w]), fault="no_zero_grad")
    assert made.steps[-1].title.startswith("Result: 12 of 12")
    assert made.steps[-1].math.endswith("\n… and 4 more")
    with pytest.raises(TooManySteps, match="a graph of"):
        steps(MLP(8, [16, 16, 1])([1.0] * 8), fault="overwrite")


def test_an_unknown_fault_names_the_five():
    x = Value(2.0)
    for call in (steps, step_through):
        with pytest.raises(ValueError, match="There is no fault 'none'") as error:
            call(x * x, fault="none")
        assert all(f'"{fault}"' in str(error.value) for fault in FAULTS)
    with pytest.raises(ValueError, match=r'leave by="node" out'):
        steps(x * x, fault="twice", by="node")
    with pytest.raises(ValueError, match=r"leave learning_rate= out"):
        steps(x * x, fault="twice", learning_rate=0.1, parameters=[x])
    with pytest.raises(ValueError, match="A quiz asks for right numbers"):
        step_through(x * x, fault="twice", quiz=True)


# --- the page -------------------------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.parametrize("fault", ["no_order", "twice"])
def test_the_page_shows_both_runs(open_page, fault):
    made = step_through(residual(), fault=fault)
    page = open_page(made.to_html(), viewport={"width": 1280, "height": 720})
    ids, both = made.walk.ids.values(), dict.fromkeys(made.walk.ids.values(), ("–", "–"))
    for step in made.steps:
        for id, change in step.set.items():
            if "grad" in change:
                both[id] = tuple(
                    map(number, (change["grad"], change.get("broken", change["grad"])))
                )
        shown = page.evaluate(
            """ids => ids.map((id) => [".ag-grad", ".ag-broken", ".ag-broken.wrong"].map(
              (part) => document.querySelector(`#ag-${id} ${part}`)?.textContent ?? null))""",
            [*ids],
        )
        wanted = [[*both[id], both[id][1] if both[id][0] != both[id][1] else None] for id in ids]
        assert shown == wanted, step.title
        assert page.locator("#title").text_content() == step.title
        lines = page.locator("#math").inner_text().splitlines()
        assert lines == step.math.splitlines()
        assert page.locator("#text.first").count() == (step == made.fault.first)
        if step.phase == "beside":
            kinds = page.locator("#math div").evaluate_all("all => all.map((e) => e.className)")
            begin = [line.split(" ")[0] for line in lines]
            assert kinds == [word if word in ("right", "broken") else "" for word in begin]
            assert page.eval_on_selector("#text", "e => e.scrollHeight - e.clientHeight") <= 1
        page.keyboard.press("ArrowRight")
    page.click("#jump")
    assert page.locator("#count").text_content().split(" / ")[0] == str(made.fault.first.i)
    assert page.locator("#whatif").is_hidden()
    assert page.evaluate(OUTSIDE) == []
    before = page.locator("#math").inner_text()
    page.keyboard.press("e")  # why the right gradient is what it is
    first = made.fault.first.node
    (total,) = (made.walk.total(node) for node, id in made.walk.ids.items() if id == first)
    assert page.locator("#title").text_content().startswith(f"{total} = ")
    assert page.locator("#math .broken").count() == 0
    page.keyboard.press("Escape")
    assert page.locator("#math").inner_text() == before
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.eval_on_selector("#text", "e => e.scrollHeight - e.clientHeight") <= 1
    page.set_content(step_through(lecture()[0], fault="overwrite").to_html())
    assert page.locator("#jump").is_hidden()
