"""Programs as people write them after lectures on micrograd and microgpt, run as they are.

Each program is written for a class of values, and runs with ours and with the small engine below,
which has the other arithmetic: closures for every operation, a - b as a + (-b), a / b as a * b**-1.
The numbers that come out must be the same.
"""

import copy
import itertools
import math
import pickle
import random
import warnings
from collections.abc import Callable
from typing import Any

import graphviz
import numpy as np
import pytest

from autograd_lite import Parameter, Value

PROGRAMS: list[Callable[..., Any]] = []


def program(function: Callable[..., Any]) -> Callable[..., Any]:
    PROGRAMS.append(function)
    return function


class Plain:
    """An engine of the usual kind; its nodes know a function that takes their step back."""

    def __init__(self, data, children=(), local_grads=(), label=""):
        self.data, self.grad, self.label = data, 0.0, label
        self._prev = self._children = tuple(children)
        self._op, self._local_grads = "", ()
        if isinstance(local_grads, str):
            self._op = local_grads
        else:
            self._local_grads = local_grads
        self._backward = self._pass_on

    def _pass_on(self):
        for child, slope in zip(self._children, self._local_grads, strict=True):
            child.grad += slope * self.grad

    def _node(self, data, op, *pairs):
        out = Plain(data, [x for x, _ in pairs], [slope for _, slope in pairs])
        out._op = op
        return out

    def __add__(self, other):
        other = other if isinstance(other, Plain) else Plain(other)
        return self._node(self.data + other.data, "+", (self, 1.0), (other, 1.0))

    def __mul__(self, other):
        other = other if isinstance(other, Plain) else Plain(other)
        return self._node(self.data * other.data, "*", (self, other.data), (other, self.data))

    def __pow__(self, n):
        return self._node(self.data**n, f"**{n}", (self, n * self.data ** (n - 1)))

    def relu(self):
        return self._node(max(self.data, 0.0), "ReLU", (self, float(self.data > 0)))

    def tanh(self):
        t = math.tanh(self.data)
        return self._node(t, "tanh", (self, 1 - t * t))

    def exp(self):
        return self._node(math.exp(self.data), "exp", (self, math.exp(self.data)))

    def log(self):
        return self._node(math.log(self.data), "log", (self, 1 / self.data))

    def backward(self):
        order, seen = [], set()

        def visit(node):
            if node not in seen:
                seen.add(node)
                for child in node._prev:
                    visit(child)
                order.append(node)

        visit(self)
        self.grad = 1.0
        for node in reversed(order):
            node._backward()

    __radd__, __rmul__ = __add__, __mul__

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + (-other)

    def __rsub__(self, other):
        return (-self) + other

    def __truediv__(self, other):
        return self * other**-1

    def __rtruediv__(self, other):
        return other * self**-1

    def __repr__(self):
        return f"Value(data={self.data}, grad={self.grad})"


def numbers(values):
    return [v.data for v in values] + [v.grad for v in values]


# --- the engine by itself -------------------------------------------------------------------------


@program
def an_expression_with_everything(V):
    a, b = V(-3.0), V(1.5)
    c = a * b + b**3 - a / b
    c += c * 2 + (a - b).relu() + 1
    c += 1 + c + (-a) + 3 * (b - a).relu()
    d = (c - a) ** 2 / 7.0
    d += 10.0 / c + 2 - b
    d.backward()
    return [d.data, a.grad, b.grad]


@program
def a_neuron_by_hand(V):
    """Step by step, without backward()."""
    x1, x2 = V(2.0, label="x1"), V(0.5, label="x2")
    w1, w2, b = V(-3.0, label="w1"), V(1.0, label="w2"), V(6.7, label="b")
    x1w1 = x1 * w1
    x1w1.label = "x1*w1"
    x2w2 = x2 * w2
    n = x1w1 + x2w2 + b
    n.label = "n"
    o = n.tanh()
    o.grad = 1.0
    o._backward()
    n._backward()
    for node in n._prev:
        node._backward()
    for node in (x1w1, x2w2):
        node._backward()
    assert b.grad == n.grad == pytest.approx(1 - o.data**2, rel=1e-9)
    return numbers([x1, x2, w1, w2])


@program
def tanh_in_pieces(V):
    x = V(0.8814)
    e = (2 * x).exp()
    o = (e - 1) / (e + 1)
    o.backward()
    assert o.data == pytest.approx(math.tanh(0.8814), rel=1e-14)
    return [o.data, x.grad]


@program
def operations_with_closures(V):
    """As the lecture makes its operations: a node, then the function that takes its step."""

    def times(self, other):
        other = other if isinstance(other, V) else V(other)
        out = V(self.data * other.data, (self, other), "*")

        def _backward():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out._backward = _backward
        return out

    def sin(self):
        out = V(math.sin(self.data), (self,), "sin")

        def _backward():
            self.grad += math.cos(self.data) * out.grad

        out._backward = _backward
        return out

    a, b = V(0.7), V(-1.2)
    y = times(sin(times(a, b)), a) + times(b, b) * 2.0
    y.backward()
    assert (y._prev[0]._op, y._prev[0]._prev[0]._op) == ("*", "sin")
    p, q = math.cos(0.7 * -1.2), math.sin(0.7 * -1.2)
    assert (a.grad, b.grad) == pytest.approx((p * -1.2 * 0.7 + q, p * 0.7 * 0.7 + 4 * -1.2))
    return [y.data, a.grad, b.grad]


@program
def nodes_with_local_grads(V):
    def add(a, b):
        return V(a.data + b.data, (a, b), (1, 1))

    def mul(a, b):
        return V(a.data * b.data, (a, b), (b.data, a.data))

    def log(a):
        return V(math.log(a.data), (a,), (1 / a.data,))

    a, b = V(2.0), V(3.5)
    y = log(add(mul(a, b), mul(a, a)))
    y.backward()
    assert a.grad == pytest.approx((3.5 + 4.0) / (7.0 + 4.0), rel=1e-15)
    return [y.data, a.grad, b.grad]


@program
def a_backward_pass_of_ones_own(V):
    """Over ``_children`` and ``_local_grads``, with a set of what was visited."""
    a, b = V(1.5), V(-0.5)
    y = (a * b + a).exp() * b + (a * a).relu()
    order, visited, stack = [], set(), [(y, False)]
    while stack:
        v, done = stack.pop()
        if done:
            order.append(v)
        elif v not in visited:
            visited.add(v)
            stack.append((v, True))
            stack += [(child, False) for child in v._children]
    grads = dict.fromkeys(order, 0.0)
    grads[y] = 1
    for v in reversed(order):
        for child, slope in zip(v._children, v._local_grads, strict=True):
            grads[child] += slope * grads[v]
    y.backward()
    assert (grads[a], grads[b]) == (a.grad, b.grad)
    return [len(order), a.grad, b.grad]


@program
def a_picture_of_ones_own(V):
    """Nodes and edges by ``_prev`` and ``_op``, with graphviz and ids."""

    def trace(root):
        nodes, edges = set(), set()

        def build(v):
            if v not in nodes:
                nodes.add(v)
                for child in v._prev:
                    edges.add((child, v))
                    build(child)

        build(root)
        return nodes, edges

    a, b = V(2.0, label="a"), V(-3.0, label="b")
    L = (a * b + b**2).tanh() + a
    L.label = "L"
    L.backward()
    nodes, edges = trace(L)
    dot = graphviz.Digraph(format="svg", graph_attr={"rankdir": "LR"})
    for n in nodes:
        uid = str(id(n))
        label = f"{{ {n.label} | data {n.data:.4f} | grad {n.grad:.4f} }}"
        dot.node(name=uid, label=label, shape="record")
        if n._op:
            dot.node(name=uid + n._op, label=n._op)
            dot.edge(uid + n._op, uid)
    for n1, n2 in edges:
        dot.edge(str(id(n1)), str(id(n2)) + n2._op)
    assert dot.source.count("->") == len(edges) + 5
    return [len(nodes), len(edges), sorted(n._op for n in nodes)]


@program
def gradients_without_zero_grad(V):
    w = V(0.5)
    grads = []
    for _ in range(3):
        ((w * 3 - 1) ** 2).backward()
        grads.append(w.grad)
    assert grads == pytest.approx([3.0, 6.0, 9.0])
    w.grad = 0
    (w * 2).backward()
    return [*grads, w.grad]


@program
def slopes_by_finite_differences(V):
    def f(numbers):
        x, y, z = leaves = [V(t) for t in numbers]
        out = ((x * y).tanh() + z.exp() / (x**2 + 1)).log() - (y - z) ** 3
        return out, leaves

    start = [0.8, 1.3, -0.4]
    out, leaves = f(start)
    out.backward()
    h = 1e-6
    for i, leaf in enumerate(leaves):
        up, down = start.copy(), start.copy()
        up[i] += h
        down[i] -= h
        slope = (f(up)[0].data - f(down)[0].data) / (2 * h)
        assert leaf.grad == pytest.approx(slope, rel=1e-7)
    return numbers(leaves)


@program
def what_python_does_with_numbers(V):
    """max by data, sorting, formats, truth of comparisons, sums that start at 0 or at a Value."""
    xs = [V(t) for t in (3.0, -1.0, 2.0)]
    top = max(x.data for x in xs)
    first, *_ = sorted(xs, key=lambda x: x.data)
    total = sum(x * x for x in xs) + sum((x for x in xs), V(0.0))
    total.backward()
    text = f"{total.data:.3f} {first!r}"
    assert text == "18.000 Value(data=-1.0, grad=-1.0)"
    assert xs.index(first) == 1
    assert V(3.0) not in xs
    return [top, first.data, *numbers(xs)]


# --- models ---------------------------------------------------------------------------------------


def mlp(V, sizes, seed):
    """Neuron, Layer and MLP as the lecture writes them, on any class of values."""
    draw = random.Random(seed)

    class Neuron:
        def __init__(self, nin, nonlin):
            self.w = [V(draw.uniform(-1, 1)) for _ in range(nin)]
            self.b = V(0)
            self.nonlin = nonlin

        def __call__(self, x):
            act = sum((wi * xi for wi, xi in zip(self.w, x, strict=True)), self.b)
            return getattr(act, self.nonlin)() if self.nonlin else act

        def parameters(self):
            return [*self.w, self.b]

    class MLP:
        def __init__(self, nonlin="tanh", last="tanh"):
            kinds = [nonlin] * (len(sizes) - 2) + [last]
            self.layers = [
                [Neuron(nin, kind) for _ in range(nout)]
                for nin, nout, kind in zip(sizes, sizes[1:], kinds, strict=False)
            ]

        def __call__(self, x):
            for layer in self.layers:
                x = [neuron(x) for neuron in layer]
            return x[0] if len(x) == 1 else x

        def parameters(self):
            return [p for layer in self.layers for n in layer for p in n.parameters()]

        def zero_grad(self):
            for p in self.parameters():
                p.grad = 0

    return MLP


@program
def four_points(V):
    xs = [[2.0, 3.0, -1.0], [3.0, -1.0, 0.5], [0.5, 1.0, 1.0], [1.0, 1.0, -1.0]]
    ys = [1.0, -1.0, -1.0, 1.0]
    n = mlp(V, [3, 4, 4, 1], seed=1)()
    losses = []
    for _ in range(15):
        ypred = [n(x) for x in xs]
        loss = sum((yout - ygt) ** 2 for ygt, yout in zip(ys, ypred, strict=True))
        n.zero_grad()
        loss.backward()
        for p in n.parameters():
            p.data += -0.05 * p.grad
        losses.append(loss.data)
    assert losses[-1] < 0.2 * losses[0]
    return [*losses, *numbers(n.parameters())]


@program
def a_checkpoint(V):
    """A copy of a model goes its own way."""
    model = mlp(V, [1, 3, 1], seed=4)()

    def train(model, steps):
        for _ in range(steps):
            loss = sum((model([x]) - math.sin(x)) ** 2 for x in (-1.0, 0.0, 2.0))
            model.zero_grad()
            loss.backward()
            for p in model.parameters():
                p.data -= 0.1 * p.grad
        return loss.data

    train(model, 3)
    saved = copy.deepcopy(model)
    before = [p.data for p in saved.parameters()]
    further = train(model, 5)
    assert [p.data for p in saved.parameters()] == before
    assert train(saved, 5) == further
    return [further, *numbers(model.parameters())]


@program
def a_margin(V):
    draw = random.Random(2)
    X = [[draw.gauss(0, 1), draw.gauss(0, 1)] for _ in range(12)]
    y = [1 if a * b > 0 else -1 for a, b in X]
    model = mlp(V, [2, 6, 1], seed=3)("relu", None)
    losses = []
    for k in range(12):
        batch = draw.sample(range(12), 8)
        scores = [model([V(t) for t in X[i]]) for i in batch]
        hinge = [(1 + -y[i] * s).relu() for i, s in zip(batch, scores, strict=True)]
        data_loss = sum(hinge) * (1.0 / len(hinge))
        loss = data_loss + 1e-4 * sum(p * p for p in model.parameters())
        accuracy = sum((y[i] > 0) == (s.data > 0) for i, s in zip(batch, scores, strict=True)) / 8
        model.zero_grad()
        loss.backward()
        for p in model.parameters():
            p.data -= (1.0 - 0.9 * k / 12) * 0.3 * p.grad
        losses += [loss.data, accuracy]
    return [*losses, *numbers(model.parameters())]


@program
def a_line_by_least_squares(V):
    xs = [0.0, 1.0, 2.0, 3.0, 4.0]
    ys = [1.1, 2.9, 5.2, 7.1, 8.8]
    w, b = V(0.0), V(0.0)
    for _ in range(400):
        loss = sum((w * x + b - y) ** 2 for x, y in zip(xs, ys, strict=True)) / len(xs)
        w.grad = b.grad = 0.0
        loss.backward()
        for p in (w, b):
            p.data -= 0.1 * p.grad
    slope, offset = np.polyfit(xs, ys, 1)
    assert (w.data, b.data) == pytest.approx((slope, offset), rel=1e-6)
    return [w.data, b.data]


@program
def a_logistic_regression(V):
    X = [[0.5, 1.0], [1.5, -0.5], [-1.0, 0.3], [-0.4, -1.2], [0.9, 0.8]]
    y = [1, 1, 0, 0, 1]
    w, b = [V(0.1), V(-0.2)], V(0.0)
    losses = []
    for _ in range(20):
        loss = 0
        for x, t in zip(X, y, strict=True):
            z = sum(wi * xi for wi, xi in zip(w, x, strict=True)) + b
            p = 1 / (1 + (-z).exp())
            loss += -(p.log() if t else (1 - p).log())
        loss = loss / len(X)
        for q in (*w, b):
            q.grad = 0.0
        loss.backward()
        velocity = {q: -0.5 * q.grad for q in (*w, b)}
        for q, step in velocity.items():
            q.data += step
        losses.append(loss.data)
    assert losses[0] == pytest.approx(0.66, abs=0.05)
    return [*losses, *numbers([*w, b])]


@program
def a_recurrent_network(V):
    draw = random.Random(5)
    n = 3
    Wx = [V(draw.uniform(-1, 1)) for _ in range(n)]
    Wh = [[V(draw.uniform(-1, 1)) for _ in range(n)] for _ in range(n)]
    Wy = [V(draw.uniform(-1, 1)) for _ in range(n)]
    series = [math.sin(0.5 * t) for t in range(9)]
    h = [V(0.0)] * n
    loss = V(0.0)
    for x, target in itertools.pairwise(series):
        h = [(Wx[i] * x + sum(Wh[i][j] * h[j] for j in range(n))).tanh() for i in range(n)]
        loss += (sum(Wy[i] * h[i] for i in range(n)) - target) ** 2
    loss.backward()
    return [loss.data, *numbers([*Wx, *(w for row in Wh for w in row), *Wy])]


def softmax(logits):
    max_val = max(v.data for v in logits)
    exps = [(v - max_val).exp() for v in logits]
    total = sum(exps)
    return [e / total for e in exps]


@program
def a_convolution_with_pooling(V):
    """The largest of a window is found by its data; the edges of the picture are bare zeros."""
    draw = random.Random(11)
    kernels = [[V(draw.gauss(0.0, 0.5)) for _ in range(3)] for _ in range(2)]
    out = [V(draw.gauss(0.0, 0.5)) for _ in range(2)]
    signals = [([0, 1, 2, 1, 0, 0], 1.0), ([1, 0, 0, 0, 1, 2], -1.0), ([2, 1, 0, 1, 2, 1], 1.0)]
    parameters = [*kernels[0], *kernels[1], *out]
    losses = []
    for _ in range(15):
        loss = 0
        for signal, y in signals:
            padded = [0, *signal, 0]
            score = 0
            for kernel, weight in zip(kernels, out, strict=True):
                maps = [
                    sum(k * x for k, x in zip(kernel, padded[i : i + 3], strict=True)).relu()
                    for i in range(len(signal))
                ]
                pooled = [max(maps[i : i + 2], key=lambda v: v.data) for i in range(0, 6, 2)]
                score += weight * (sum(pooled) / len(pooled))
            loss = loss + (score - y) ** 2
        for p in parameters:
            p.grad = 0
        loss.backward()
        for p in parameters:
            p.data += -0.05 * p.grad
        losses.append(loss.data)
    assert losses[-1] < losses[0]
    return [*losses, *numbers(parameters)]


@program
def a_policy_by_reinforcement(V):
    """Three arms, sampled by their probabilities; the reward is a bare number."""
    draw = random.Random(2)
    preferences, baseline = [V(0.0), V(0.0), V(0.0)], 0.0
    chosen = []
    for _ in range(200):
        p = softmax(preferences)
        arm = draw.choices(range(3), weights=[x.data for x in p])[0]
        reward = draw.gauss((0.2, 1.0, 0.5)[arm], 0.1)
        loss = -(reward - baseline) * p[arm].log()
        baseline += 0.1 * (reward - baseline)
        for x in preferences:
            x.grad = 0.0
        loss.backward()
        for x in preferences:
            x.data -= 0.4 * x.grad
        chosen.append(float(arm))
    assert chosen[-50:].count(1.0) > 40
    return [*chosen, *numbers(preferences)]


@program
def a_table_of_bigrams(V):
    words = ["emma", "ava", "mia"]
    chars = [".", *sorted(set("".join(words)))]
    itos = dict(enumerate(chars))
    stoi = {s: i for i, s in itos.items()}
    W = [[V(0.0) for _ in chars] for _ in chars]
    pairs = [
        (stoi[a], stoi[b])
        for w in words
        for a, b in zip(f".{w}", f"{w}.", strict=True)
    ]  # fmt: skip
    losses = []
    for _ in range(6):
        loss = sum(-softmax(W[a])[b].log() for a, b in pairs) / len(pairs)
        for row in W:
            for p in row:
                p.grad = 0.0
        loss.backward()
        for row in W:
            for p in row:
                p.data -= 10.0 * p.grad
        losses.append(loss.data)
    assert losses[0] == pytest.approx(math.log(len(chars)), rel=1e-12)
    return [*losses, *numbers([w for row in W for w in row])]


@program
def a_small_gpt(V):
    """Embeddings, RMS norms, attention over scalars, a ReLU block, Adam with lists m and v."""
    draw = random.Random(7)
    n_embd, n_head, block, vocab = 4, 2, 4, 5
    head_dim = n_embd // n_head

    def matrix(nout, nin, std=0.3):
        return [[V(draw.gauss(0, std)) for _ in range(nin)] for _ in range(nout)]

    state = {
        "wte": matrix(vocab, n_embd), "wpe": matrix(block, n_embd), "lm": matrix(vocab, n_embd),
        **{name: matrix(n_embd, n_embd) for name in ("wq", "wk", "wv", "wo")},
        "fc1": matrix(4 * n_embd, n_embd), "fc2": matrix(n_embd, 4 * n_embd),
    }  # fmt: skip
    params = [p for mat in state.values() for row in mat for p in row]

    def linear(x, w):
        return [sum(wi * xi for wi, xi in zip(wo, x, strict=True)) for wo in w]

    def rmsnorm(x):
        ms = sum(xi * xi for xi in x) / len(x)
        scale = (ms + 1e-5) ** -0.5
        return [xi * scale for xi in x]

    def gpt(token, pos, keys, values):
        x = [t + p for t, p in zip(state["wte"][token], state["wpe"][pos], strict=True)]
        x = rmsnorm(x)
        residual, x = x, rmsnorm(x)
        q, k, v = (linear(x, state[name]) for name in ("wq", "wk", "wv"))
        keys.append(k)
        values.append(v)
        attended = []
        for h in range(n_head):
            s = slice(h * head_dim, (h + 1) * head_dim)
            scores = [
                sum(a * b for a, b in zip(q[s], k[s], strict=True)) / head_dim**0.5 for k in keys
            ]
            weights = softmax(scores)
            for j in range(head_dim):
                attended.append(sum(w * v[s][j] for w, v in zip(weights, values, strict=True)))
        x = [a + b for a, b in zip(linear(attended, state["wo"]), residual, strict=True)]
        residual, x = x, rmsnorm(x)
        x = [xi.relu() for xi in linear(x, state["fc1"])]
        x = [a + b for a, b in zip(linear(x, state["fc2"]), residual, strict=True)]
        return linear(x, state["lm"])

    m, v = [0.0] * len(params), [0.0] * len(params)
    tokens, losses = [0, 3, 1, 4, 2], []
    for step in range(2):
        keys, values, terms = [], [], []
        for pos in range(block):
            probs = softmax(gpt(tokens[pos], pos, keys, values))
            terms.append(-probs[tokens[pos + 1]].log())
        loss = (1 / block) * sum(terms)
        loss.backward()
        losses.append(loss.data)
        grads = [p.grad for p in params]
        for i, p in enumerate(params):
            m[i] = 0.9 * m[i] + 0.1 * p.grad
            v[i] = 0.95 * v[i] + 0.05 * p.grad**2
            m_hat, v_hat = m[i] / (1 - 0.9 ** (step + 1)), v[i] / (1 - 0.95 ** (step + 1))
            p.data -= 0.01 * m_hat / (v_hat**0.5 + 1e-8)
            p.grad = 0
    assert losses[1] < losses[0]
    return [*losses, *grads]


@pytest.mark.parametrize("run", PROGRAMS, ids=lambda run: run.__name__)
def test_a_program_gives_the_numbers_of_a_plain_engine(run: Callable[..., Any]) -> None:
    ours, plain = run(Value), run(Plain)
    for a, b in zip(ours, plain, strict=True):
        assert a == (b if isinstance(b, list) else pytest.approx(b, rel=1e-11, abs=1e-13))


# --- what a plain engine would let pass, or has not -----------------------------------------------


def test_a_method_of_ones_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put on the class afterwards; made of methods that are there, or of a node."""

    def swish(self):
        return self / (1 + (-self).exp())

    def cube(self):
        return Value(self.data**3, (self,), (3 * self.data**2,))

    monkeypatch.setattr(Value, "swish", swish, raising=False)
    monkeypatch.setattr(Value, "cube", cube, raising=False)
    x = Value(1.5)
    (x.swish() + x.cube()).backward()
    s = 1 / (1 + math.exp(-1.5))
    assert x.grad == pytest.approx(s + 1.5 * s * (1 - s) + 3 * 1.5**2, rel=1e-14)


class Named(Value):
    """A class of its own, with attributes, a counter, and operations that give the class back."""

    made = 0

    def __init__(self, data, children=(), _op="", label="", unit="1"):
        super().__init__(data, children, _op, label)
        self.unit = unit
        Named.made += 1

    def __mul__(self, other):
        other = other if isinstance(other, Value) else Named(other)
        out = Named(self.data * other.data, (self, other), "*", unit=f"{self.unit}·s")

        def _backward():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out._backward = _backward
        return out

    def __repr__(self):
        return f"{self.data} {self.unit}"


def test_a_class_of_ones_own() -> None:
    Named.made = 0
    v = Named(3.0, unit="m", label="v")
    d = v * 2.0 * v
    assert (str(d), Named.made, type(v + v), d._op) == ("18.0 m·s·s", 4, Value, "*")
    (d.tanh() + d * v).backward()
    assert v.grad == pytest.approx(4 * 3 / math.cosh(18) ** 2 + 6 * 9, rel=1e-14)


def test_attributes_of_ones_own_on_parameters() -> None:
    """Momentum and second moments on the parameter itself, against lists of them."""
    start = [0.5, -1.0]
    params, plain = [Parameter(t) for t in start], start.copy()
    for p in params:
        p.m, p.v = 0.0, 0.0  # type: ignore[attr-defined]
    m, v = [0.0, 0.0], [0.0, 0.0]
    for _ in range(5):
        a, b = params
        loss = (a * b - 2) ** 2 + a * a
        for p in params:
            p.grad = 0.0
        loss.backward()
        a, b = plain
        grads = [2 * (a * b - 2) * b + 2 * a, 2 * (a * b - 2) * a]
        for i, (p, g) in enumerate(zip(params, grads, strict=True)):
            p.m = 0.9 * p.m + 0.1 * p.grad  # type: ignore[attr-defined]
            p.v = 0.99 * p.v + 0.01 * p.grad**2  # type: ignore[attr-defined]
            p.data -= 0.1 * p.m / (p.v**0.5 + 1e-8)  # type: ignore[attr-defined]
            m[i], v[i] = 0.9 * m[i] + 0.1 * g, 0.99 * v[i] + 0.01 * g**2
            plain[i] -= 0.1 * m[i] / (v[i] ** 0.5 + 1e-8)
    assert [p.data for p in params] == pytest.approx(plain, rel=1e-12)
    for twin in (copy.deepcopy(params), pickle.loads(pickle.dumps(params))):
        assert [p.m for p in twin] == [p.m for p in params]  # type: ignore[attr-defined]
    with pytest.raises(AttributeError, match="velocity"):
        Value(1.0).velocity = 0.0  # type: ignore[attr-defined]


UPDATES = [
    "w -= 0.1 * w.grad", "w += -0.1 * w.grad", "w -= w.grad / 10", "w -= rate(k) * w.grad",
    "w *= 1 - 0.1 * 0.01", "w /= 1.01", "ws[0] -= 0.1 * ws[0].grad",
    "for p in ws: p -= numpy.float64(0.1) * p.grad",
]  # fmt: skip


@pytest.mark.parametrize("update", UPDATES)
@pytest.mark.parametrize("label", ["", "w1"])
def test_an_update_that_makes_a_node_is_said_once_where_it_stands(update: str, label: str) -> None:
    w = Value(3.0, label=label)
    names = {"w": w, "ws": [w], "numpy": np, "rate": lambda k: 0.1 / (k + 1)}
    code = compile(f"(w * w).backward()\n{update}\n", "training.py", "exec")
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("default")
        for names["k"] in range(4):
            exec(code, names)
    (one,) = said
    assert (one.category, one.filename, one.lineno) == (UserWarning, "training.py", 2)
    name = label or "w"
    assert f"Write {name}.data -= rate * {name}.grad." in str(one.message)


def test_other_updates_in_place_are_no_steps_of_training() -> None:
    x = Value(3.0)
    total = x * 1.0
    total += 1.0
    total *= 2
    total.backward()
    x.data -= 0.1 * x.grad
    x.grad = 0.0
    x += 1.0  # it has no gradient
    assert (x.data, total.data) == (3.8, 8.0)
