"""``draw``: the scene is the graph, its numbers, names and roles; budgets, focus, themes."""

import html
import random
import re
import xml.etree.ElementTree as ET

import pytest

import autograd_lite
from autograd_lite import Parameter, Value, ops
from autograd_lite.drawing import THEMES, Drawing, GraphTooLarge, draw, engines
from autograd_lite.drawing.themes import LIGHT, theme_of
from autograd_lite.drawing.upright import disorder, places
from autograd_lite.engine.order import topological_order
from autograd_lite.expand import expand
from autograd_lite.nn import MLP, Module, Neuron
from autograd_lite.telling.text import clean

SVG = "{http://www.w3.org/2000/svg}"
RUN = {}
for _name, _engine in engines.ENGINES.items():
    try:
        RUN[_name] = _engine.load()
    except engines._Unavailable:
        continue
every_engine = pytest.mark.parametrize(
    "engine", list(RUN) or [pytest.param("", marks=pytest.mark.skip)]
)


def neuron():
    """The neuron of the lecture: o = tanh(x1·w1 + x2·w2 + b)."""
    x1, x2 = Value(2.0, label="x1"), Value(0.0, label="x2")
    w1, w2 = Value(-3.0, label="w1"), Value(1.0, label="w2")
    b = Value(6.8813735870195432, label="b")
    o = (x1 * w1 + x2 * w2 + b).tanh()
    o.label = "o"
    return o, [w1, w2, b]


def nodes(drawing):
    return {node.key: node for node in drawing.scene.nodes()}


def groups(svg, kind):
    return [g for g in ET.fromstring(svg).iter(f"{SVG}g") if kind in g.get("class", "").split()]


# --- the picture is the graph ---


def test_a_plate_shows_name_data_and_grad():
    o, trained = neuron()
    o.backward()
    drawing = draw(o, parameters=trained)
    x1 = topological_order(o)[0]
    plate = nodes(drawing)[drawing.ids[x1].removeprefix("ag-")]
    assert (plate.name, plate.role) == ("x1", "input")
    assert plate.rows == (("data", "2"), ("grad", "−1.5"))
    assert [node.name for node in nodes(drawing).values() if node.role == "parameter"] == [
        "w1", "w2", "b",
    ]  # fmt: skip
    operations = [node.name for node in nodes(drawing).values() if node.role == "op"]
    assert operations == ["×", "×", "+", "+", "tanh"]


def test_no_gradient_is_a_dash_until_backward_has_run():
    o, _ = neuron()
    assert {node.rows[1][1] for node in nodes(draw(o)).values() if node.rows} == {"–"}
    o.backward()
    assert "–" not in {node.rows[1][1] for node in nodes(draw(o)).values() if node.rows}


def test_edges_carry_local_derivatives_and_keys():
    x = Value(3.0, label="x")
    drawing = draw(x * x)
    assert [(edge.key, edge.tail, edge.head, edge.label) for edge in drawing.scene.edges] == [
        ("e-n1-out", "n1o", "n1", ""),
        ("e-n1-0", "n0", "n1o", "3"),
        ("e-n1-1", "n0", "n1o", "3"),
    ]


def test_names_of_what_has_no_label():
    a, b = Value(2.0, label="a"), Value(3.0, label="b")
    y = ((a + b) * a - (a - (-b))) ** 2
    names = [node.name for node in nodes(draw(y)).values() if node.rows]
    assert names == ["a", "b", "a + b", "(a + b)·a", "−b", "a − (−b)", "", ""]
    assert [node.name for node in nodes(draw((2 * a).exp())).values() if node.rows] == [
        "", "a", "2·a", "exp(2·a)",
    ]  # fmt: skip
    assert draw(a * (a + -b)).scene.top.nodes[-2].name == "a·(a + (−b))"
    assert draw(a**3).scene.top.nodes[1].name == "a³"
    assert draw(ops.dot([a], [b], a)).scene.top.nodes[2].name == "a·b + a"


def test_a_drawing_is_a_snapshot():
    x = Value(1.0, label="x")
    drawing = draw(x.exp())
    before = drawing.to_dot()
    x.data, x.label = 5.0, "changed"
    assert drawing.to_dot() == before


def test_the_same_graph_gives_the_same_text():
    random.seed(3)
    net = MLP(2, [2, 2])
    text = draw(net, [1.0, 2.0]).to_dot()
    assert draw(net, [1.0, 2.0]).to_dot() == text
    assert "newrank=true" in text  # or Graphviz 14 loses edges between record shapes in clusters
    assert draw(neuron()[0]).to_dot() == draw(neuron()[0]).to_dot()


def test_what_cannot_be_drawn_is_named():
    with pytest.raises(TypeError, match="got a str"):
        draw("tanh")
    with pytest.raises(TypeError, match="which gave a NoneType"):
        draw(lambda: None)
    with pytest.raises(TypeError, match="give a list"):
        draw(Value(1.0), Value(2.0))
    with pytest.raises(TypeError, match=r"draw\(model, \[1.0, 2.0\]\)"):
        draw(Neuron(2))


class Odd(Module):
    """Does not say how many inputs it takes."""

    def __call__(self, x):
        return None


def chain(values):
    y = Value(1.0)
    for _ in range(values - 1):
        y = y.sin()
    return y


@pytest.mark.parametrize(
    ("call", "problem", "said"),
    [
        (lambda: draw(Value(1.0), 2.0, 3.0), TypeError, "got a Value and 2 inputs. To draw"),
        (lambda: draw([Value(1.0)], 2.0), TypeError, "got a list and 1 input. To draw"),
        (lambda: draw(3.0), TypeError, "gives them; got a float."),
        (lambda: draw(Odd(), 1.0), TypeError, "got Odd, which gave a NoneType."),
        (lambda: draw(Odd()), TypeError, "How many inputs Odd() takes is not known"),
        (lambda: draw(chain(201)), GraphTooLarge, "has 201 values, and a picture shows 200 (max"),
        (lambda: draw(chain(4), max_nodes=3), GraphTooLarge, "has 4 values, and a picture shows 3"),
        (lambda: draw(chain(2), max_nodes=1), GraphTooLarge, "has 2 values, and a picture shows 1"),
        (lambda: draw(chain(3), focus=(Value(7.0), 1)), ValueError,
         "focus=(value, radius): Value(data=7.0, grad=0.0) is not among the 3 values of the graph "
         "that is drawn. (With expand=True the nodes that are written out are new ones.)"),
        (lambda: draw(y := chain(3), focus=(y, -1)), ValueError, "grad=0.0), -1)."),
        (lambda: draw(chain(3), focus=(1, 2)), ValueError, "focus=(value, 3); got (1, 2)."),
        (lambda: draw(chain(3), collapse="Cell"), ValueError,
         "collapse='Cell' names the class of the modules to draw as one box each; none was called"),
        (lambda: draw(MLP(2, [1]), [1.0, 2.0], collapse="Cell"), ValueError,
         "one box each; what was called here is Layer, Neuron."),
        (lambda: theme_of({"weight": {}, "edges": {}}), ValueError,
         f"no role 'edges'; the roles are {', '.join(LIGHT)}."),
        (lambda: theme_of("neon"), ValueError, "no theme 'neon'; choose one of light, dark, or"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(call, problem, said):
    with pytest.raises(problem, match=re.escape(said)):
        call()


@pytest.mark.parametrize("values", [199, 200])
def test_200_values_are_drawn(values):
    assert len(draw(chain(values)).ids) == values
    assert len(draw(chain(3), max_nodes=3).ids) == 3


def test_one_output_that_has_run_backward_shows_gradients_everywhere():
    a, b = Value(2.0, label="a") * 3.0, Value(4.0) * 5.0
    b.backward()
    shown = [node.rows[1][1] for node in draw([a, b]).scene.nodes() if node.rows]
    assert shown == ["0", "0", "0", "5", "4", "1"]


def test_what_stands_under_the_pointer():
    o, _ = neuron()
    tips = {node.key: node.tooltip for node in draw(o).scene.nodes()}
    assert (tips["n0"], tips["n9"], tips["n9o"]) == (
        "x1, input: data = 2.0", f"o, output: data = {o.data!r}", "tanh")  # fmt: skip
    o.backward()
    drawing = draw(o, focus=(o.parents[0], 1))
    tips = {node.key: node.tooltip for node in drawing.scene.nodes()}
    total = o.parents[0].parents[0]
    assert tips["n0"] == f"x1·w1 + x2·w2, intermediate: data = -6.0, grad = {total.grad!r}"
    assert tips["n0m"] == "the graph goes on here"
    x = Value(3.0, label="x")
    twice = x * x
    twice.label = "y"
    assert [edge.tooltip for edge in draw(twice).scene.edges] == [
        "",
        "∂y/∂x₍₁₎ = 3",
        "∂y/∂x₍₂₎ = 3",
    ]
    nameless = (x + 1.0).tanh() * (x + 2.0).tanh()  # nor has its exponential a name
    assert (
        draw(nameless.exp()).scene.edges[-1].tooltip
        == f"local derivative {nameless.exp().data:.4g}"
    )
    net = draw(MLP(2, [1, 1]))
    assert [node.tooltip for node in net.scene.nodes() if node.role == "input"] == [
        "x1, input", "x2, input",
    ]  # fmt: skip
    assert [node.tooltip for node in net.scene.nodes() if node.role == "unit"] == [
        "layer1.neuron1: ReLUNeuron(2)", "layer2.neuron1: LinearNeuron(1)",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("weight", "width", "role"),
    [(0.0, "0.30", "positive"), (-0.0, "0.30", "positive"), (-1e-9, "0.30", "negative"),
     (0.99, "2.18", "positive"), (1.0, "2.20", "positive"), (-1.01, "2.20", "negative"),
     (-50.0, "2.20", "negative")],
)  # fmt: skip
def test_a_line_is_as_wide_as_its_weight_is_large_up_to_1(weight, width, role):
    neuron = Neuron(1)
    neuron.w[0].data = weight
    (line,) = draw(lambda x: neuron([x]), 2.0, collapse="Neuron").scene.edges
    assert (line.attributes["penwidth"], line.role) == (width, role)
    assert line.classes == f"ag-edge ag-weight ag-{role}"


class Nest(Module):
    """Modules in modules, so many deep."""

    def __init__(self, depth):
        self.inner = Nest(depth - 1) if depth else None
        self.w = Parameter(2.0)

    def __call__(self, x):
        return (self.inner(x) if self.inner else x) * self.w


def test_the_ground_of_boxes_darkens_down_to_the_third():
    picture = draw(lambda x: Nest(3)(x), 1.0)
    blocks = picture.to_dot().split("subgraph")[1:]
    assert len(blocks) == 4
    for depth, block in enumerate(blocks, start=1):
        assert f"ag-depth{depth}" in block
        assert LIGHT[f"module{min(depth, 3)}"]["fillcolor"] in block


def test_the_package_can_be_called_like_the_function():
    assert isinstance(autograd_lite.draw(Value(1.0)), Drawing)


# --- modules ---


def titles(cluster):
    return [[inner.title, *titles(inner)] for inner in cluster.clusters]


def test_each_module_is_a_box_with_ports():
    drawing = draw(MLP(2, [2, 1]), [1.0, 2.0])
    assert titles(drawing.scene.top) == [
        ["Layer 1", ["Neuron 1"], ["Neuron 2"]],
        ["Layer 2", ["Neuron 1"]],
    ]
    assert [node.name for node in drawing.scene.top.nodes] == ["x1", "x2"]
    first = drawing.scene.top.clusters[0].clusters[0]
    assert [node.name for node in first.nodes if node.role == "parameter"] == ["w1", "w2", "b"]
    assert sum(node.role == "port" for node in first.nodes) == 2
    leads = [edge for edge in drawing.scene.edges if "ag-lead" in edge.classes]
    assert len(leads) == 6
    keys = {edge.key for edge in drawing.scene.edges}
    for lead in leads:  # each names the edges that continue it
        led = [name for name in lead.classes.split() if name.startswith("ag-e-")]
        assert led
        assert {name.removeprefix("ag-") for name in led} <= keys


def test_expanded_nodes_stay_in_the_box_of_their_module():
    x = [Value(1.0, label="x1"), Value(2.0, label="x2")]
    drawing = draw(MLP(2, [2, 1]), x, expand=True)
    outside = [node.name for node in drawing.scene.top.nodes]
    assert outside == ["x1", "x2"]
    first = drawing.scene.top.clusters[0].clusters[0]
    names = [node.name for node in first.nodes if node.rows]
    assert names == ["w1", "w1·x1", "w2", "w2·x2", "w1·x1 + w2·x2", "b", "z1[1]", "a1[1]"]


def test_a_module_does_not_own_what_it_was_given():
    net = MLP(1, [1])
    a = Value(2.0, label="a")

    def prepared():
        return net([a * 3.0])

    names = [node.name for node in draw(prepared).scene.top.nodes if node.rows]
    assert names == ["a", "", "a·3"]  # "" is the 3


class Attention(Module):
    """Multiplies its inputs with each other: nothing in it is a weight."""

    def __call__(self, xs):
        return ops.dot(xs[:2], xs[2:])


def test_lines_that_are_no_weights_are_neutral():
    class Outer(Module):
        def __init__(self):
            self.part = Attention()

        def __call__(self, xs):
            return self.part(xs)

    drawing = draw(Outer(), [1.0, 2.0, 3.0, 4.0], collapse="Attention")
    lines = sorted((edge.tail, edge.role) for edge in drawing.scene.edges)
    assert lines == [("n0", "edge"), ("n1", "edge"), ("n2", "edge"), ("n3", "edge")]


class Twice(Module):
    """A user's module: shares a cell between calls, keeps a plain Value as parameter."""

    def __init__(self):
        self.cell = Neuron(1)
        self.gain = Value(2.0)

    def __call__(self, x):
        return self.cell([self.cell([x])]) * self.gain


def test_a_user_module_that_calls_a_part_twice():
    drawing = draw(Twice(), 3.0)
    assert titles(drawing.scene.top) == [["Cell · call 1"], ["Cell · call 2"]]
    top = [(node.name, node.role) for node in drawing.scene.top.nodes if node.rows]
    assert ("x", "input") in top
    assert ("gain", "parameter") in top
    assert ("cell.w1", "parameter") in top  # shared, so it is at home outside of both calls


def test_each_call_of_a_neuron_has_names_of_its_own():
    neuron = Neuron(2, activation="tanh")
    drawing = draw(lambda x: neuron([neuron(x), neuron(x)]), [1.0, 2.0], expand=True)
    names = [node.name for node in drawing.scene.nodes()]
    assert "w1·a1 + w2·a2" in names
    assert [name for name in names if name[:1] == "z"] == ["z1", "z2", "z3"]


def test_a_function_shows_the_modules_it_calls_and_the_rest_as_a_box():
    net = MLP(2, [2, 1])

    def loss():
        result = (net([1.0, 2.0]) - 0.5) ** 2
        result.backward()
        return result

    drawing = draw(loss)
    assert "0x" not in drawing.to_dot()  # an address would differ from run to run
    assert [title for title, *_ in titles(drawing.scene.top)] == ["MLP", "Loss"]
    assert "–" not in {node.rows[1][1] for node in nodes(drawing).values() if node.rows}


def test_watching_restores_the_profiler_and_survives_errors():
    import sys

    def profiler(frame, event, arg):
        return None

    sys.setprofile(profiler)
    try:
        with pytest.raises(ValueError, match="takes 2 inputs"):
            draw(MLP(2, [1]), [1.0, 2.0, 3.0])
        found = sys.getprofile()
    finally:
        sys.setprofile(None)
    assert found is profiler


# --- the network view ---


def test_collapsed_network_has_a_box_per_neuron_and_a_line_per_weight():
    random.seed(0)
    net = MLP(2, [3, 1], activation="tanh")
    drawing = draw(net, [1.0, 2.0], collapse="neuron")
    units = [node for node in drawing.scene.nodes() if node.role == "unit"]
    assert [(unit.name, unit.note) for unit in units] == [
        ("Neuron 1", "tanh, 3 params"),
        ("Neuron 2", "tanh, 3 params"),
        ("Neuron 3", "tanh, 3 params"),
        ("Neuron 1", "linear, 4 params"),
    ]
    lines = {edge.tooltip: edge for edge in drawing.scene.edges}
    weights = {name: w for name, w in net.named_parameters() if ".w" in name}
    assert len(drawing.scene.edges) == len(weights) == 9
    for name, w in weights.items():
        line = next(edge for tooltip, edge in lines.items() if tooltip.startswith(f"{name} ="))
        assert line.role == ("positive" if w.data >= 0 else "negative")
        assert line.attributes["penwidth"] == f"{0.3 + 1.9 * min(1, abs(w.data)):.2f}"
    heads = [node.name for node in drawing.scene.nodes() if node.role == "heading"]
    assert heads == ["Inputs", "Layer 1", "Layer 2"]
    assert [len(column) for column in drawing.scene.columns] == [3, 4, 2]


def test_expanded_weights_are_lines_too():
    net = MLP(2, [2, 1])
    plain = draw(net, [1.0, 2.0], collapse="Neuron")
    expanded = draw(net, [1.0, 2.0], collapse="Neuron", expand=True)
    assert [edge.tooltip for edge in expanded.scene.edges] == [
        edge.tooltip for edge in plain.scene.edges
    ]
    assert not any(value.op is ops.dot for value in expanded.ids)


def test_a_network_that_was_never_called_shows_its_weights_alone():
    drawing = draw(MLP(2, [2, 1]))
    assert {row for node in drawing.scene.nodes() for _, row in node.rows} == {"–"}
    assert len(drawing.scene.edges) == 6


def test_an_unknown_class_to_collapse_is_an_error():
    with pytest.raises(ValueError, match="what was called here is Layer, Neuron"):
        draw(MLP(2, [1]), [1.0, 2.0], collapse="Cell")
    with pytest.raises(ValueError, match="what was called here is Layer, Neuron"):
        draw(MLP(2, [1]), [1.0, 2.0], collapse=Neuron)


# --- budget and focus ---


def test_a_chain_of_100_000_nodes_is_too_large_and_no_recursion_error():
    x = value = Value(0.0)
    for _ in range(100_000):
        value = value + x
    with pytest.raises(GraphTooLarge, match=r"100,001 values.*collapse=.*focus=.*max_nodes=None"):
        draw(value)
    part = draw(value, focus=(value, 3))
    assert len(part.ids) == 5  # three steps down the chain, and x


def test_above_the_budget_modules_are_collapsed():
    drawing = draw(MLP(2, [16, 16, 1]), [1.0, 2.0])
    assert sum(node.role == "unit" for node in drawing.scene.nodes()) == 33
    layers = draw(MLP(2, [16, 16, 1]), [1.0, 2.0], max_nodes=20)
    assert sum(node.role == "unit" for node in layers.scene.nodes()) == 3
    with pytest.raises(GraphTooLarge):
        draw(MLP(2, [16, 16, 1]), [1.0, 2.0], max_nodes=2)
    assert len(draw(MLP(2, [24, 1]), [1.0, 2.0], max_nodes=None, expand=True).ids) > 200


def test_focus_shows_the_surroundings_and_where_the_graph_goes_on():
    o, _ = neuron()
    total = o.parents[0].parents[0]
    drawing = draw(o, focus=(total, 1))
    assert {value.data for value in drawing.ids} == {-6.0, 0.0, o.parents[0].data}
    assert sum(node.role == "more" for node in drawing.scene.nodes()) == 4
    with pytest.raises(ValueError, match="is not among the 10 values"):
        draw(o, focus=(Value(1.0), 1))
    with pytest.raises(ValueError, match=r"focus=\(value, 3\); got 3"):
        draw(o, focus=3)
    with pytest.raises(ValueError, match="choose one"):
        draw(o, focus=(o, 1), collapse="Neuron")
    with pytest.raises(GraphTooLarge, match="has 6 values"):
        draw(o, focus=(o, 3), max_nodes=5)


def test_expansion_leaves_leaves_alone():
    x = Value(3.0, label="x")
    x.grad = 7.0
    y = ops.sum([x]) * 2.0
    expand(y)
    assert (x.label, x.grad) == ("x", 7.0)


# --- themes ---


@pytest.mark.parametrize("name", THEMES)
def test_every_theme_draws(name):
    text = draw(neuron()[0], theme=name).to_dot()
    assert theme_of(name)["input"]["fillcolor"] in text


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("name", THEMES)
def test_every_theme_can_be_read(name):
    theme = theme_of(name)
    for role in ("input", "parameter", "constant", "intermediate", "output", "unit"):
        for text in ("name", "key", "data", "grad"):
            assert contrast(theme[text]["fontcolor"], theme[role]["fillcolor"]) >= 4.5, (role, text)
    assert contrast(theme["op"]["fontcolor"], theme["op"]["fillcolor"]) >= 4.5
    for ground in ("module1", "module2", "module3"):
        assert contrast(theme["edge"]["fontcolor"], theme[ground]["fillcolor"]) >= 4.5
        assert contrast(theme["graph"]["fontcolor"], theme[ground]["fillcolor"]) >= 4.5
    for role in ("heading", "more"):
        assert contrast(theme[role]["fontcolor"], theme["graph"]["bgcolor"]) >= 4.5


def test_a_theme_of_ones_own_goes_over_the_default():
    drawing = draw(Value(1.0), theme={"input": {"fillcolor": "#ABCDEF"}})
    assert drawing.theme["input"] == {**LIGHT["input"], "fillcolor": "#ABCDEF"}
    assert "rankdir=TB" in draw(Value(1.0), theme={"graph": {"rankdir": "TB"}}).to_dot()
    with pytest.raises(ValueError, match="no theme 'neon'; choose one of light, dark"):
        draw(Value(1.0), theme="neon")
    with pytest.raises(ValueError, match="no role 'weight'"):
        draw(Value(1.0), theme={"weight": {}})


# --- what the engines draw ---


@every_engine
def test_the_svg_has_the_nodes_and_edges_of_the_graph(engine, monkeypatch):
    monkeypatch.setenv(engines.VARIABLE, engine)
    o, _ = neuron()
    o.backward()
    drawing, order = draw(o), topological_order(o)
    svg = drawing.to_svg()
    plates = groups(svg, "ag-value")
    assert {g.get("id") for g in plates} == {drawing.ids[value] for value in order}
    assert len(plates) == len(order)
    assert len(groups(svg, "ag-op")) == sum(value.op is not None for value in order)
    assert len(groups(svg, "ag-in")) == sum(len(value.parents) for value in order)
    assert len(groups(svg, "ag-out")) == len(groups(svg, "ag-op"))
    root = ET.fromstring(svg)
    assert (root.get("role"), root.get("aria-label")) == ("img", "Computation graph of o")
    assert [element for element in root.iter() if element.tag == f"{SVG}a"] == []
    titles = [title.text for title in root.iter(f"{SVG}title")]
    assert "x1, input: data = 2.0, grad = -1.4999999999999993" in titles
    assert "∂(x1·w1)/∂x1 = −3" in titles
    text = "".join(ET.fromstring(svg).itertext())
    assert all(word in text for word in ("x1", "−1.5", "0.7071", "tanh"))
    if engines.ENGINES[engine].html:
        plate = next(g for g in plates if g.get("id") == "ag-n0")
        numbers = [t.text for t in plate.iter(f"{SVG}text") if t.get("class")]
        assert numbers == ["2", "−1.5"]


HOSTILE = [
    "<b>bold</b>", "a & b", 'say "hi"', "{left|right}", "back\\slash", r"\N \G \L \n", "tab\there",
    "two\nlines", "nul\x00", "bell\x07", "esc\x1b[31m", "\ud800 lone", "]]>", "<!-- x -->", "&amp;",
    "<<TABLE>>", "x" * 500, "\u202egnp.exe", "日本語 ∂ 🙂", "'; DROP", "\\",
]  # fmt: skip
OVERRIDES = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


class Named(Module):
    """A module that says a name of itself."""

    def __init__(self, name):
        self.name = name

    def __call__(self, x):
        return x * 2.0

    def __repr__(self):
        return self.name


@every_engine
def test_hostile_labels(engine, monkeypatch):
    monkeypatch.setenv(engines.VARIABLE, engine)
    assert len(HOSTILE) == 21
    drawing = draw(ops.sum([Value(1.0, label=label) for label in HOSTILE]))
    svg = drawing.to_svg()
    assert len(groups(svg, "ag-value")) == 22
    assert len(groups(svg, "ag-in")) == 21
    shown = "".join(ET.fromstring(svg).itertext())
    for text in ("<b>bold</b>", "a & b", 'say "hi"', "{left|right}", "back∖slash", "∖N ∖G ∖L ∖n"):
        assert text in shown
    for text in ("two lines", "nul\ufffd", "&amp;", "<<TABLE>>", "x" * 39 + "…", "日本語 ∂ 🙂"):
        assert text in shown
    assert "\ufffdgnp.exe" in shown
    assert not set(OVERRIDES) & set(svg)


class Parts(Module):
    """A module with a part of each name."""

    def __init__(self, names):
        for name in names:
            setattr(self, name, Named(name))

    def __call__(self, x):
        return ops.sum([part(x) for part in vars(self).values()])


def test_hostile_names_of_modules():
    names = [name.replace(".", "") for name in HOSTILE if name.strip()]
    svg = draw(Parts(names), 1.0, max_nodes=None).to_svg()
    boxes = ["".join(box.itertext()) for box in groups(svg, "ag-module")]
    assert len(boxes) == len(names)
    for name in names:
        shown = clean(name)
        assert any(shown[1:20].replace("_", " ") in text for text in boxes), name
        assert any(clean(name, longest=80) in text for text in boxes), name  # under the pointer
    assert not set(OVERRIDES) & set(svg)


@pytest.mark.parametrize(
    "hostile",
    ["<b>", "a & b", 'say "hi"', "{a|b}", r"\N \G", "nul\x00", "\ud800", OVERRIDES,
     "</title><script>", "--><!--", "]]>", "x" * 300],
)  # fmt: skip
def test_hostile_names_of_outputs_and_titles(hostile):
    """On the plate, for a reader of the screen, and as the title of the page."""

    def function(x):
        y = x * 2.0
        y.label = hostile
        return y

    function.__name__ = hostile
    picture = draw(function, 1.0)
    title = clean(f"Computation graph of {hostile}", longest=80)
    svg, page = picture.to_svg(), picture.to_html()
    assert ET.fromstring(svg).get("aria-label") == title
    assert html.unescape(re.search("<title>(.*?)</title>", page)[1]) == title
    assert "<script" not in page
    assert not set(OVERRIDES) & set(page)
    (output,) = groups(svg, "ag-output")
    assert clean(hostile) in "".join(output.itertext())
    y = function(Value(1.0))
    assert draw([y, y * 1.0]).scene.title == f"Computation graph of {clean(hostile)}".rstrip()


@pytest.mark.parametrize("name", THEMES)
def test_every_text_and_every_shape_has_the_colour_of_its_role(name):
    theme = theme_of(name)
    o, trained = neuron()
    o = o * 2.0 + o
    o.label = "o"
    o.backward()
    net = MLP(2, [2, 1])
    for i, parameter in enumerate(net.parameters()):
        parameter.data = (-0.5) ** i
    seen = set()
    for svg in (
        draw(o, parameters=trained, theme=name).to_svg(),
        draw(net, [1.0, -2.0], theme=name).to_svg(),
        draw(net, [1.0, -2.0], collapse="Neuron", theme=name).to_svg(),
        draw(o, focus=(o.parents[1], 1), theme=name).to_svg(),
    ):
        plates = {
            f"ag-{kind}": role
            for role, kind in (("input", "input"), ("parameter", "param"), ("constant", "const"),
                               ("intermediate", "inter"), ("output", "output"), ("unit", "unit"))
        }  # fmt: skip
        for group in ET.fromstring(svg).iter(f"{SVG}g"):
            classes = group.get("class", "").split()
            texts = [text for text in group.findall(f"{SVG}text") if (text.text or "").strip()]
            shapes = [e for e in group if e.tag.removeprefix(SVG) in ("path", "polygon", "ellipse")]

            def same(role, element, attribute="fill", key="fontcolor", classes=classes):
                given = element.get(attribute, "black")
                assert given.upper() == theme[role][key].upper(), (classes, role, attribute)
                seen.add((role, key))

            for kind, role in plates.items():
                if kind in classes:
                    same(role, shapes[0], key="fillcolor")
                    same(role, shapes[0], "stroke", "color")
                    numbers = [text for text in texts if text.get("class")]
                    words = [t for t in texts if t.text.strip() in ("data", "grad", "out")]
                    for text in texts:
                        if text in words or (text not in numbers and text is not texts[0]):
                            same("key", text)
                        elif text in numbers:
                            same("grad" if text.get("class") == "ag-grad" else "data", text)
                        else:
                            same("name", text)
            for kind, role in (("ag-op", "op"), ("ag-more", "more"), ("ag-heading", "heading"),
                               ("ag-edge", "edge"), ("ag-module", "graph")):  # fmt: skip
                if kind in classes:
                    for text in texts:
                        same(role, text)
            if "ag-op" in classes:
                same("op", shapes[0], key="fillcolor")
            for depth in (1, 2):
                if f"ag-depth{depth}" in classes:
                    same(f"module{depth}", shapes[0], key="fillcolor")
                    same(f"module{depth}", shapes[0], "stroke", "color")
            if "ag-edge" in classes:
                lines = ("positive", "negative")
                role = next((line for line in lines if f"ag-{line}" in classes), "edge")
                same(role, shapes[0], "stroke", "color")
            if "ag-port" in classes:
                same("port", shapes[0], key="fillcolor")
    fonts = ("name", "key", "data", "grad", "op", "edge", "graph", "more", "heading")
    assert {(role, "fontcolor") for role in fonts} <= seen
    assert {(role, "fillcolor") for role in (*plates.values(), "op", "port", "module2")} <= seen
    assert {("positive", "color"), ("negative", "color"), ("edge", "color")} <= seen


def test_a_place_is_the_middle_of_the_first_shape_of_a_part():
    drawn = """<svg xmlns="http://www.w3.org/2000/svg">
      <g id="ag-n0"><polygon points="0,-2 10,-2 10,4 0,4"/><path d="M90,90L99,99"/></g>
      <g id="ag-n1"><title>t</title><path d="M2,3C2,3 -4,9.5 8,9.5"/></g>
      <g id="graph0"><path d="M0,0L1,1"/></g><g id="ag-n2"/></svg>"""
    assert places(drawn.encode()) == {"n0": (5.0, 1.0), "n1": (2.0, 6.25)}


@pytest.mark.parametrize("engine", [name for name in ("dot", "pygraphviz") if name in RUN])
def test_a_plate_is_an_outline_a_rule_and_two_numbers_in_line(engine, monkeypatch):
    monkeypatch.setenv(engines.VARIABLE, engine)
    x = Value(2.0, label="x")
    for group in groups(draw(x * -1.5 + 1.0).to_svg(), "ag-value"):
        shapes = [e.tag.removeprefix(SVG) for e in group if not e.tag.endswith("text")]
        texts = [text.text.strip() for text in group.iter(f"{SVG}text")]
        named = "const" not in group.get("class")
        outlines = 2 if "ag-output" in group.get("class").split() else 1
        assert [s for s in shapes if s != "title"] == ["path"] * outlines + ["polygon"] * named
        assert texts[-4::2] == ["data", "grad"]
        xs = [float(p) for p in re.findall(r"(-?[\d.]+),", group.find(f"{SVG}path").get("d"))]
        for text in group.iter(f"{SVG}text"):
            if text.get("class"):  # a number: its right end in line
                assert text.get("text-anchor") == "end"
                assert float(text.get("x")) == pytest.approx(max(xs) - 7.2 - 1.5, abs=0.011)
            elif text.text.strip() in ("data", "grad"):
                assert float(text.get("x")) == pytest.approx(min(xs) + 7.2 + 1.5, abs=1.6)


@every_engine
@pytest.mark.parametrize("wrapped", [False, True])
def test_the_first_stands_above_the_second(engine, wrapped, monkeypatch):
    monkeypatch.setenv(engines.VARIABLE, engine)
    net = MLP(2, [2, 2])

    def loss():
        a, b = net([1.0, 2.0])
        return (a - 0.5) ** 2 + (b - 0.25) ** 2

    drawing = draw(loss) if wrapped else draw(net, [1.0, 2.0], expand=True)
    at = places(drawing.to_svg().encode())
    assert disorder(drawing.scene, at) == 0
    for cluster in drawing.scene.top.walk():
        boxes = [at[inner.key] for inner in cluster.clusters if "Neuron" in inner.title]
        assert boxes == sorted(boxes, key=lambda place: place[1])
        weights = [at[n.key] for n in cluster.nodes if n.role == "parameter" and n.name != "b"]
        assert weights == sorted(weights, key=lambda place: place[1])


@every_engine
def test_the_network_view_is_drawn(engine, monkeypatch):
    monkeypatch.setenv(engines.VARIABLE, engine)
    svg = draw(MLP(2, [4, 4, 1]), [1.0, 2.0], collapse="Neuron", theme="dark").to_svg()
    assert len(groups(svg, "ag-unit")) == 9
    assert len(groups(svg, "ag-weight")) == 8 + 16 + 4


def test_what_a_loss_adds_to_its_modules_is_a_part_of_its_own():
    net = MLP(2, [2, 1])

    def loss(x):
        return (net(x) - 1.0) ** 2 + sum(p * p for p in net.parameters())

    for collapse in ("Neuron", "Layer"):
        drawn = draw(loss, [1.0, 2.0], collapse=collapse).ids
        assert sum(value.op is ops.mul for value in drawn) == len(net.parameters())
