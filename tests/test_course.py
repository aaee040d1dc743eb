"""The exercises judge code by what it does: right, nearly right, wrong and raising answers."""

import math
import re

import numpy as np
import pytest

from autograd_lite import Value, course, grad, hessian, step, topological_order, where
from autograd_lite.course.compare import difference, factor
from autograd_lite.course.networks import error

# --- answers as learners write them ---------------------------------------------------------------


def sigma(z):
    return 1 / (1 + np.exp(-z))


def chain(a, b, c, f):
    d = a * b + c
    return f * b, f * a, f, d


def chain_without_f(a, b, c, f):
    return b, a, 1, a * b + c


def order(output):
    done, stack, found = set(), [output], []
    while stack:
        node = stack.pop()
        waiting = [parent for parent in node.parents if parent not in done]
        if node in done:
            continue
        if waiting:
            stack += [node, *waiting]
        else:
            done.add(node)
            found.append(node)
    return found


def order_that_calls_itself(output):
    found = {}

    def visit(node):
        if node not in found:
            for parent in node.parents:
                visit(parent)
            found[node] = True

    visit(output)
    return list(found)


def order_of_discovery(output):
    found, seen = [output], {output}
    for node in found:
        for parent in node.parents:
            if parent not in seen:
                seen.add(parent)
                found.append(parent)
    return found[::-1]


def gradients(output):
    order = topological_order(output)
    grad = dict.fromkeys(order, 0.0)
    grad[output] = 1.0
    for node in reversed(order):
        for parent, partial in zip(node.parents, node.partials, strict=True):
            grad[parent] += grad[node] * partial
    return grad


def gradients_that_overwrite(output):
    grad = {output: 1.0}
    for node in reversed(topological_order(output)):
        for parent, partial in zip(node.parents, node.partials, strict=True):
            grad[parent] = grad[node] * partial
    return grad


def gradients_in_no_order(output):
    """Depth first: what is used twice is passed on after its first share, and never again."""
    grad, done, ahead = dict.fromkeys(topological_order(output), 0.0), set(), [output]
    grad[output] = 1.0
    while ahead:
        node = ahead.pop(0)
        if node not in done:
            done.add(node)
            for parent, partial in zip(node.parents, node.partials, strict=True):
                grad[parent] += grad[node] * partial
                ahead.append(parent)
    return grad


class Number:
    """The class of the lectures, with closures."""

    def __init__(self, data, parents=()):
        self.data, self.grad, self.parents = data, 0.0, parents
        self.step = lambda: None

    def __add__(self, other):
        out = Number(self.data + other.data, (self, other))

        def step():
            self.grad += out.grad
            other.grad += out.grad

        out.step = step
        return out

    def __mul__(self, other):
        out = Number(self.data * other.data, (self, other))

        def step():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out.step = step
        return out

    def backward(self):
        self.grad = 1.0
        for node in reversed(order(self)):
            node.step()


class NumberThatOverwrites(Number):
    def __add__(self, other):
        out = NumberThatOverwrites(self.data + other.data, (self, other))

        def step():
            self.grad = out.grad
            other.grad = out.grad

        out.step = step
        return out

    def __mul__(self, other):
        out = NumberThatOverwrites(self.data * other.data, (self, other))

        def step():
            self.grad = other.data * out.grad
            other.grad = self.data * out.grad

        out.step = step
        return out


class NumberInNoOrder(Number):
    """Its ``backward`` follows the edges from each node at once, first come, first served."""

    __add__ = lambda self, other: NumberInNoOrder.made(
        self, other, 1.0, 1.0, self.data + other.data
    )
    __mul__ = lambda self, other: NumberInNoOrder.made(
        self, other, other.data, self.data, self.data * other.data
    )

    @classmethod
    def made(cls, left, right, dleft, dright, data):
        out = cls(data, (left, right))
        out.partials = dleft, dright
        return out

    def backward(self):
        self.grad = 1.0
        reached = [self]
        for node in reached:
            for parent, partial in zip(node.parents, getattr(node, "partials", ()), strict=True):
                parent.grad += node.grad * partial
                if parent not in reached:
                    reached.append(parent)


def two_neurons(x, y, w1, b1, w2, b2, back=None, slopes=(1, 1), below=None):
    a1 = sigma(w1 * x + b1)
    a2 = sigma(w2 * a1 + b2)
    delta2 = (a2 - y) * (a2 * (1 - a2)) ** slopes[1]
    delta1 = delta2 * (back or w2) * (a1 * (1 - a1)) ** slopes[0]
    return delta1 * x, delta1, delta2 * (below or a1), delta2


def half_squares(w, half=0.5):
    h1 = sigma(w[0] * 0.05 + w[1] * 0.1 + 0.35)
    h2 = sigma(w[2] * 0.05 + w[3] * 0.1 + 0.35)
    o1 = sigma(w[4] * h1 + w[5] * h2 + 0.6)
    o2 = sigma(w[6] * h1 + w[7] * h2 + 0.6)
    return half * (0.01 - o1) ** 2 + half * (0.99 - o2) ** 2


def descend(w, rate):
    return np.array(w) - rate * grad(error)(w)


def descend_in_stages(w, rate):
    """As articles do: the output weights move, and the others go back through the new ones."""
    w = np.array(w)
    x, t = np.array([0.05, 0.1]), np.array([0.01, 0.99])
    W1, W2 = w[:4].reshape(2, 2), w[4:].reshape(2, 2)
    h = sigma(W1 @ x + 0.35)
    o = sigma(W2 @ h + 0.6)
    delta2 = (o - t) * o * (1 - o)
    W2 = W2 - rate * np.outer(delta2, h)
    delta1 = W2.T @ delta2 * h * (1 - h)
    W1 = W1 - rate * np.outer(delta1, x)
    return [*W1.ravel(), *W2.ravel()]


def delta_below(W, delta, z):
    a = sigma(z)
    return W.T @ delta * a * (1 - a)


def backpropagation(Ws, bs, x, y, back=lambda W: W.T, slope=lambda a: a * (1 - a)):
    activations = [x]
    for W, b in zip(Ws, bs, strict=True):
        activations.append(sigma(W @ activations[-1] + b))
    a = activations.pop()
    delta = (a - y) * a * (1 - a)
    dWs, dbs = [], []
    for W in Ws[::-1]:
        a = activations.pop()
        dWs = [np.outer(delta, a), *dWs]
        dbs = [delta, *dbs]
        delta = back(W) @ delta * slope(a) if activations else delta
    return dWs, dbs


def two_layers(p, X, Y, slope=lambda Z, A: Z > 0, over=True):
    m = X.shape[1] if over else 1
    Z1 = p["W1"] @ X + p["b1"]
    A1 = np.maximum(Z1, 0)
    A2 = sigma(p["W2"] @ A1 + p["b2"])
    dZ2 = (A2 - Y) / m
    dZ1 = p["W2"].T @ dZ2 * slope(Z1, A1)
    return {
        "W1": dZ1 @ X.T, "b1": dZ1.sum(axis=1, keepdims=True),
        "W2": dZ2 @ A1.T, "b2": dZ2.sum(axis=1, keepdims=True),
    }  # fmt: skip


def flat_biases(p, X, Y):
    found = two_layers(p, X, Y)
    return found | {"b1": found["b1"].ravel()}


def walk(slope, w, rate, steps):
    places = [w]
    for _ in range(steps):
        places.append(places[-1] - rate * slope(places[-1]))
    return places


def walk_blindly(slope, w, rate, steps):
    return [w - k * rate * slope(w) for k in range(steps + 1)]


def batches(order, p):
    return [order[k : k + p] for k in range(0, len(order), p)]


def epoch(w, b, xs, ys, rate, late=False):
    for x, y in zip(xs, ys, strict=True):
        dw = 2 * (w * x + b - y) * x
        db = 2 * (w * x + b - y)
        w -= rate * dw
        b -= rate * (2 * (w * x + b - y) if late else db)
    return w, b


def full_batch(w, b, xs, ys, rate):
    errors = w * np.array(xs) + b - ys
    return w - rate * np.mean(2 * errors * xs), b - rate * np.mean(2 * errors)


def central(f, x, h=1e-5):
    return (f(x + h) - f(x - h)) / (2 * h)


def log_sum_exp(zs):
    m = max(zs)
    return m + np.log(sum(np.exp(z - m) for z in zs))


def clip(gradient, longest):
    length = np.linalg.norm(gradient)
    return gradient if length <= longest else np.array(gradient) * longest / length


class Dual:
    """A number and how fast it moves; ``product`` says how a product does."""

    product = staticmethod(lambda a, b: a.slope * b.data + a.data * b.slope)

    def __init__(self, data, slope):
        self.data, self.slope = data, slope

    def __add__(self, other):
        return type(self)(self.data + other.data, self.slope + other.slope)

    def __mul__(self, other):
        return type(self)(self.data * other.data, self.product(self, other))


class DualTimesSlopes(Dual):
    product = staticmethod(lambda a, b: a.slope * b.slope)


class DualOfOneTerm(Dual):
    product = staticmethod(lambda a, b: a.slope * b.data)


class DualTheOtherWay(Dual):
    product = staticmethod(lambda a, b: a.slope * a.data + b.slope * b.data)


class DualOfNothing(Dual):
    def __add__(self, other):
        pass

    __mul__ = __add__


class DualRaises(Dual):
    __add__ = __mul__ = lambda self, other: 1 // 0


def multiplications(sizes, first=1):
    matrices = [np.ones(shape) for shape in zip(sizes[1:], sizes, strict=False)]
    found = []
    for chain in (matrices, [J.T for J in matrices[::-1]]):
        columns = chain[0].shape[1]
        found.append(sum(J.size * columns for J in chain[first:]))
    return found


def layer_back(x, W, v, back=lambda W: W.T, slope=lambda a: 1 - a**2):
    delta = v * slope(np.tanh(W @ x))
    return back(W) @ delta, delta[:, None] * x


def square_as_it_is(W):
    return W if W.shape[0] == W.shape[1] else W.T


def square_turned(x, W, v):
    down, dW = layer_back(x, W, v)
    return down, square_as_it_is(dW).T if dW.shape[0] == dW.shape[1] else dW


def newton_step(f, x, sign=1):
    return np.array(x) - sign * np.linalg.inv(hessian(f)(x)) @ grad(f)(x)


def hessian_times(f, x, v):
    return grad(lambda x: sum(g * a for g, a in zip(grad(f)(x), v, strict=True)))(x)


def hessian_times_nearly(f, x, v, h=1e-6):
    x, v = np.array(x), np.array(v)
    return (grad(f)(x + h * v) - grad(f)(x)) / h


def momentum(slope, w, rate, mu, steps, new=1.0):
    places, v = [w], 0.0
    for _ in range(steps):
        v = mu * v + new * slope(w)
        w = w - rate * v
        places.append(w)
    return places


def through_time(w, xs, slope=lambda h: 1 - h * h, back=lambda w: w, steps=99, late=False):
    hs = [0.0]
    for x in xs:
        hs.append(np.tanh(w * hs[-1] + x))
    delta, total = 1.0, 0.0
    for h, before in [*zip(hs[1:], hs[:-1], strict=True)][::-1][:steps]:
        delta *= slope(h)
        total += delta * (h if late else before)
        delta *= back(w)
    return total


def lstm_step(i, f, g, o, c, written=np.tanh, shown=np.tanh):
    after = sigma(f) * c + sigma(i) * written(g)
    return sigma(o) * shown(after), after


def kernel_gradient(w, x, dy):
    return [sum(d * x[i + k] for i, d in enumerate(dy)) for k in range(len(w))]


def masked_softmax(scores, mask):
    return softmax([s if m else -np.inf for s, m in zip(scores, mask, strict=True)])


def bend(x):
    return where(step(x), x * x, x / 2)


def bend_by_if(x):
    return x * x if x > 0 else x / 2


def softmax(scores):
    powers = [np.exp(s - max(scores)) for s in scores]
    return [power / sum(powers) for power in powers]


def attend(q, keys, values, scale=np.sqrt, weigh=softmax):
    weights = weigh([np.dot(q, k) / scale(len(q)) for k in keys])
    return [np.dot(weights, column) for column in zip(*values, strict=True)]


def raises(*arguments):
    return 1 // 0


class Unfinished:
    def __init__(self, data):
        self.data = data

    def __mul__(self, other):
        self.data * other.data


class Raises:
    def __init__(self, data):
        self.data = data


# name -> right, then (answer, what the verdict says) of nearly right and wrong ones
ANSWERS = {
    "double": (lambda x: x + x, [(lambda x: x * x, "x times x"), (lambda x: x + 2, "1 of 8")]),
    "slope": (
        lambda f, x: (f(x + 1e-5) - f(x - 1e-5)) / 2e-5,
        [
            (lambda f, x: f(x + 1e-4) - f(x), "0.0001 times"),
            (lambda f, x: f(x), "f itself"),
            (lambda f, x: (f(x + 1.0) - f(x)) / 1.0, "Hint 1 of 3"),
        ],
    ),
    "product": (
        lambda a, b: [b, a],
        [
            (lambda a, b: (a, b), "wrong way round"),
            (lambda a, b: (1, 1), "those of a sum"),
            (lambda a, b: b, "shape () and should have shape (2,)"),
        ],
    ),
    "chain": (
        chain,
        [
            (chain_without_f, "one more edge, f"),
            (lambda a, b, c, f: (f, f, f, a * b + c), "∂e/∂a and ∂e/∂b"),
            (lambda *x: tuple(-y for y in chain(*x)), "the sign"),
        ],
    ),
    "order": (
        order,
        [
            (order_that_calls_itself, "12 of 13"),
            (order_that_calls_itself, "calls within calls"),
            (order_of_discovery, "comes before"),
            (lambda y: [y], "is missing in your list"),
            (lambda y: 2 * order(y), "more than once"),
            (lambda y: y, "should give a list of Values"),
        ],
    ),
    "gradients": (
        gradients,
        [
            (gradients_that_overwrite, "numbers of = where"),
            (gradients_in_no_order, "without a topological order"),
            (lambda y: {y: 1.0}, "missing in your dict"),
            (lambda y: 1.0, "gives a float"),
        ],
    ),
    "engine": (
        Number,
        [
            (NumberThatOverwrites, "numbers of = where"),
            (NumberInNoOrder, "without a topological order"),
            (lambda x: x, "has no attribute 'backward'"),
            (Unfinished, "Does __mul__ return a new number?"),
        ],
    ),
    "sigmoid_slope": (
        lambda a: a - a * a,
        [(lambda a: sigma(a) * (1 - sigma(a)), "is σ(z) already"), (lambda a: 1 - a**2, "tanh")],
    ),
    "two_neurons": (
        two_neurons,
        [
            (lambda *x: two_neurons(*x, back=1), "slope w2"),
            (lambda *x: two_neurons(*x, slopes=(0, 1)), "From a1 down to z1"),
            (lambda *x: two_neurons(*x, slopes=(1, 0)), "From a2 down to z2"),
            (lambda *x: two_neurons(*x, below=x[0]), "by a1, not by x"),
            (lambda *x: np.roll(two_neurons(*x), 2), "in another order"),
            (lambda *x: two_neurons(*x)[::-1], "Hint 1"),
            (lambda *x: two_neurons(*x)[0], "should have shape (4,)"),
        ],
    ),
    "error": (
        half_squares,
        [(lambda w: half_squares(w, 1.0), "2 times"), (lambda w: 0.29837, "should be 0.298371")],
    ),
    "descend": (
        descend,
        [
            (descend_in_stages, "articles print"),
            (lambda w, rate: descend(w, -rate), "uphill"),
            (lambda w, rate: (np.array(w) - descend(w, rate)) / rate, "These are the gradients"),
            (lambda w, rate: w, "Hint 1"),
        ],
    ),
    "delta": (
        delta_below,
        [
            (lambda W, delta, z: W.T @ delta, "slope of σ at z"),
            (lambda W, delta, z: W.T @ delta * (z - z**2), "z·(1 − z) is not the slope"),
            (lambda W, delta, z: W @ delta * sigma(z) * (1 - sigma(z)), "yours raises ValueError"),
        ],
    ),
    "backpropagation": (
        backpropagation,
        [
            (
                lambda *x: backpropagation(
                    *x, back=lambda W: W.T if W.shape[0] != W.shape[1] else W
                ),
                "W.T, not W",
            ),
            (lambda *x: backpropagation(*x, slope=lambda a: 1), "slope of σ is missing"),
            (lambda *x: [part[::-1] for part in backpropagation(*x)], "last layer comes first"),
            (lambda *x: backpropagation(*x)[0], "should give 2 parts"),
        ],
    ),
    "relu_backward": (
        lambda dA, Z: np.where(Z > 0, dA, 0),
        [
            (lambda dA, Z: dA * (Z >= 0), "the kink"),
            (lambda dA, Z: dA * (1 - np.maximum(Z, 0) ** 2), "tanh"),
            (lambda dA, Z: dA / np.cosh(Z) ** 2, "tanh"),
            (lambda dA, Z: np.where(Z > 0, dA * Z, 0), "by the ReLU itself"),
            (lambda dA, Z: dA, "Hint 1"),
        ],
    ),
    "cross_entropy": (
        lambda z, y: max(z, 0) - z * y + np.log1p(np.exp(-abs(z))),
        [
            (
                lambda z, y: -(y * np.log(sigma(z)) + (1 - y) * np.log(1 - sigma(z))),
                "1 − σ(z) at z = 40",
            ),
            (lambda z, y: max(z, 0) - z * (1 - y) + np.log1p(np.exp(-abs(z))), "wrong way round"),
        ],
    ),
    "two_layers": (
        two_layers,
        [
            (lambda *x: two_layers(*x, slope=lambda Z, A: 1 - A**2), "tanh"),
            (lambda *x: two_layers(*x, over=False), "divide by m"),
            (lambda *x: two_layers(*x, slope=lambda Z, A: 1), "slope of the ReLU is missing"),
            (flat_biases, "for b1 yours has shape"),
            (lambda *x: {}, "W1 is missing"),
        ],
    ),
    "walk": (
        walk,
        [
            (walk_blindly, "the slope at the start"),
            (lambda f, w, rate, steps: walk(f, w, -rate, steps), "uphill"),
            (lambda *x: walk(*x)[1:], "begins with w itself"),
            (lambda *x: walk(*x)[-1], "This is the last place"),
            (lambda *x: walk(*x)[::-1], "At walk(slope, "),
        ],
    ),
    "batches": (
        batches,
        [
            (lambda order, p: batches(order[: len(order) // p * p], p), "left out"),
            (lambda order, p: [order[k : k + p] for k in range(len(order))], "overlap"),
            (lambda order, p: batches(sorted(order), p), "You cut 0, 1, 2"),
            (lambda order, p: iter(batches(order, p)), "gives a list_iterator and should give 3"),
        ],
    ),
    "epoch": (
        epoch,
        [
            (full_batch, "full batch"),
            (lambda *x: epoch(*x, late=True), "w has moved already"),
            (
                lambda w, b, xs, ys, rate: full_batch(w, b, xs, ys, rate * len(xs)),
                "the sum over all samples",
            ),
            (lambda w, b, xs, ys, rate: epoch(w, b, xs, ys, rate / 2), "the 2 is missing"),
            (lambda w, b, xs, ys, rate: (w, b), "Hint 1"),
        ],
    ),
    "central": (
        central,
        [
            (lambda f, x: 2 * central(f, x), "2 times"),
            (lambda f, x: (f(x + 1e-8) - f(x)) / 1e-8, "Hint 1"),
            (lambda f, x: central(f, x, 1e-3), "Hint 1"),
            (lambda f, x: central(f, x, 1e-10), "Hint 1"),
        ],
    ),
    "log_sum_exp": (
        log_sum_exp,
        [
            (lambda zs: np.log(np.sum(np.exp(zs))), "exp(1000) is ∞"),
            (lambda zs: log_sum_exp(zs) - max(zs), "put it back"),
            (max, "The others count too"),
            (lambda zs: math.log(sum(map(math.exp, zs))), "yours raises OverflowError"),
        ],
    ),
    "clip": (
        clip,
        [
            (lambda g, longest: np.clip(g, -longest, longest), "one factor for all"),
            (lambda g, longest: np.array(g) * longest / np.linalg.norm(g), "makes it longer"),
            (
                lambda g, longest: (
                    g if sum(map(abs, g)) <= longest else np.array(g) * longest / sum(map(abs, g))
                ),
                "√(Σg²)",
            ),
        ],
    ),
    "dual": (
        Dual,
        [
            (DualTimesSlopes, "You multiplied the slopes"),
            (DualOfOneTerm, "belongs a·ḃ"),
            (DualTheOtherWay, "multiplied by b, and that of b by a"),
            (DualOfNothing, "Does __mul__ return a new number?"),
        ],
    ),
    "multiplications": (
        multiplications,
        [
            (lambda sizes: multiplications(sizes)[::-1], "from the right, then from the left"),
            (lambda sizes: multiplications(sizes, first=0), "One too many in each"),
            (lambda sizes: sum(multiplications(sizes)), "should have shape (2,)"),
        ],
    ),
    "layer_back": (
        layer_back,
        [
            (lambda *x: layer_back(*x, slope=lambda a: 1.0), "slope of tanh is missing"),
            (lambda *x: layer_back(*x, back=square_as_it_is), "W.T, not W"),
            (square_turned, "rows and columns exchanged"),
            (lambda *x: layer_back(*x)[::-1], "what is handed down, then what is kept"),
            (lambda *x: layer_back(*x)[0], "should give 2 parts"),
        ],
    ),
    "newton_step": (
        newton_step,
        [
            (lambda f, x: newton_step(f, x, sign=-1), "wrong sign"),
            (lambda f, x: np.array(x) - grad(f)(x) / np.diag(hessian(f)(x)), "solve H·s = ∇f"),
            (lambda f, x: np.array(x) - newton_step(f, x), "the place after it"),
            (lambda f, x: np.array(x) - grad(f)(x), "gradient descent"),
        ],
    ),
    "hessian_times": (
        hessian_times,
        [
            (lambda f, x, v: hessian_times_nearly(f, x, v) * 1e-6, "1e−06 times"),
            (lambda f, x, v: np.diag(hessian(f)(x)) * v, "entry by entry"),
            (lambda f, x, v: np.dot(hessian_times(f, x, v), v), "v·H·v, one number"),
            (lambda f, x, v: grad(f)(x) @ v, "how f changes along v"),
        ],
    ),
    "momentum": (
        momentum,
        [
            (
                lambda slope, w, rate, mu, steps: momentum(slope, w, rate, 0, steps),
                "without momentum",
            ),
            (
                lambda s, w, rate, mu, n: momentum(s, w, rate, mu, n, 1 - mu),
                "the mean (1 − mu)·slope",
            ),
            (lambda *x: momentum(*x)[1:], "begins with w itself"),
        ],
    ),
    "through_time": (
        through_time,
        [
            (lambda w, xs: through_time(w, xs, steps=1), "last step alone"),
            (lambda w, xs: through_time(w, xs, slope=lambda h: 1), "slopes of tanh"),
            (lambda w, xs: through_time(w, xs, back=lambda w: 1), "leads the slope w"),
            (lambda w, xs: through_time(w, xs, late=True), "the h of the step before"),
            (lambda w, xs: through_time(w, xs) + 1, "Hint 1"),
        ],
    ),
    "lstm_step": (
        lstm_step,
        [
            (lambda i, f, g, o, c: lstm_step(f, i, g, o, c), "how much of the old c is kept"),
            (lambda *z: lstm_step(*z, shown=lambda c: c), "the tanh is missing"),
            (lambda *z: lstm_step(*z, written=sigma), "not a gate"),
            (lambda *z: lstm_step(*z)[::-1], "h comes first"),
        ],
    ),
    "kernel_gradient": (
        kernel_gradient,
        [
            (lambda w, x, dy: kernel_gradient(w, x, dy[:1]), "y[0] alone"),
            (lambda w, x, dy: kernel_gradient(w, x, dy)[::-1], "in reverse"),
            (lambda w, x, dy: np.array(kernel_gradient(w, x, dy)) / len(dy), "their sum"),
        ],
    ),
    "masked_softmax": (
        masked_softmax,
        [
            (lambda s, m: softmax(np.array(s) * m), "is not hidden: e⁰ is 1"),
            (lambda s, m: np.array(softmax(s)) * m, "the sum is not 1 now"),
            (lambda s, m: softmax(s), "softmax of all"),
            (lambda s, m: masked_softmax(s, [not x for x in m]), "wrong way round"),
        ],
    ),
    "bend": (
        bend,
        [
            (bend_by_if, "yours raises ValueError: bend_by_if compares"),
            (lambda x: x * x, "piece for x > 0, for every x"),
            (lambda x: x / 2, "piece for x ≤ 0, for every x"),
            (lambda x: where(step(-x), x * x, x / 2), "wrong way round"),
        ],
    ),
    "attend": (
        attend,
        [
            (lambda *x: attend(*x, scale=lambda d: 1), "not divided"),
            (lambda *x: attend(*x, scale=lambda d: d), "the root of it"),
            (lambda *x: attend(*x, weigh=lambda scores: scores), "scores themselves"),
            (lambda *x: attend(*x, weigh=np.exp), "whose sum is not 1"),
            (lambda q, keys, values: np.mean(values, axis=0), "all letters alike"),
            (lambda q, keys, values: softmax(np.dot(keys, q)), "should have shape"),
        ],
    ),
    "temperature": (
        lambda scores, T: softmax([s / T for s in scores]),
        [
            (lambda scores, T: softmax([s * T for s in scores]), "You multiplied by T"),
            (lambda scores, T: np.array(softmax(scores)) / T, "divided the probabilities"),
            (lambda scores, T: softmax(scores), "at T = 1"),
            (lambda scores, T: [math.exp(s / T) for s in scores], "yours is [1, 2.718]"),
            (lambda scores, T: np.exp((np.array(scores) - max(scores)) / T), "Their sum is not 1"),
        ],
    ),
}


@pytest.mark.parametrize("name", course.EXERCISES)
def test_an_answer_is_judged_by_what_it_does(name):
    right, others = ANSWERS[name]
    verdict = course.check(name, right)
    assert verdict, verdict
    assert re.fullmatch(rf"✓ {name}: right in all \d+ cases\.", verdict.text)
    told = []
    for answer, says in others:
        verdict = course.check(name, answer)
        assert not verdict
        assert says in verdict.text
        assert 1 <= len(verdict.hints) <= 1, "one hint at first"
        told.append(verdict.text)
    for mistake in course.EXERCISES[name].mistakes:
        assert any(mistake.hint in text for text in told), "nobody makes this mistake"
    verdict = course.check(name, {"engine": Raises, "dual": DualRaises}.get(name, raises))
    assert verdict.right == 0
    assert "yours raises" in verdict.text


@pytest.mark.parametrize("name", course.EXERCISES)
def test_every_hint_can_be_asked_for_and_every_mistake_is_none_of_the_others(name):
    exercise = course.EXERCISES[name]
    most = len(exercise.hints)
    verdict = course.check(name, lambda *arguments: None, hint=most)
    assert [hint.partition(": ")[2] for hint in verdict.hints] == list(exercise.hints)
    for mistake in exercise.mistakes:
        outcomes = [mistake.outcome(*case.arguments) for case in exercise.drawn()]
        rights = [exercise.right(*case.arguments) for case in exercise.drawn()]
        assert any(map(difference, outcomes, rights, [1e-6] * len(rights)))
        fitting = [
            other.hint
            for other in exercise.mistakes
            if not any(
                difference(ours, other.outcome(*case.arguments), exercise.tolerance)
                for ours, case in zip(outcomes, exercise.drawn(), strict=True)
            )
        ]
        assert fitting == [mistake.hint]


def test_hints_are_whole_sentences_and_every_gap_is_filled():
    for exercise in course.EXERCISES.values():
        for said in (*exercise.hints, *(mistake.hint for mistake in exercise.mistakes)):
            assert said == said.strip()
            assert not re.search(r"  | [.,;:?!](?!\w)|\( | \)", said), said


def test_answers_of_nothing_but_0_are_no_multiple_of_the_right_ones():
    assert factor([[0.0, 0.0], 0.0], [[1.0, 2.0], 3.0], 1e-6) == ""
    assert "-2" in factor([[-2.0, -4.0]], [[1.0, 2.0]], 1e-6).replace("−", "-")


def test_the_line_of_the_error_is_the_learners_own():
    """The innermost of the learner's file: neither the check's, nor a library's below it."""
    verdict = course.check("double", raises)
    assert verdict.problem.endswith("modulo by zero, in the line  return 1 // 0")
    verdict = course.check("delta", lambda W, delta, z: inverse(W))
    assert verdict.problem.endswith("must be square, in the line  return np.linalg.inv(W)")


def inverse(W):
    return np.linalg.inv(W)


def test_an_answer_may_write_into_its_arguments():
    def delta(W, delta, z):
        found = delta_below(W, delta, z)
        W *= 2.0
        delta += 1.0
        return found

    assert course.check("delta", delta)


def test_a_difference_of_gradients_is_near_enough():
    assert course.check("hessian_times", hessian_times_nearly)


def test_values_and_arrays_are_numbers_too():
    assert course.check("double", lambda x: Value(2 * x))
    assert course.check("product", lambda a, b: np.array([b, a]))
    assert course.check("double", lambda x: str(x)).text.count("which is no number") == 0
    assert "no number" in course.check("double", lambda x: {"x": x}).text


def test_numbers_that_differ_late_are_shown_with_the_digits_that_tell():
    said = course.check("double", lambda x: 2 * x + 1e-7).problem
    assert said == "At double(0) yours is 1e−07 and should be 0."
    said = difference([1.0, 2.0000001], [1.0, 2.0], 1e-9)
    assert said == "yours is [1, 2.0000001] and should be [1, 2]."


def test_a_verdict_in_a_notebook():
    shown = course.check("double", lambda x: "<b>")._repr_html_()
    assert "&lt;b&gt;" in shown
    assert "<b>" not in shown.replace('<b class="', "")
    assert ">not yet</b> double: right in 0 of 8 cases" in shown
    shown = course.check("double", lambda x: 2 * x)._repr_html_()
    assert ">right</b> double: right in all 8 cases" in shown


def test_what_cannot_be_checked_is_refused():
    with pytest.raises(ValueError, match=r'There is no exercise \'slop\'. Did you mean "slope"\?'):
        course.check("slop", raises)
    with pytest.raises(TypeError, match=r'course.check\("slope", slope\); got float'):
        course.check("slope", 3.0)
    with pytest.raises(ValueError, match="double has hints 1 to 2; got hint=3"):
        course.check("double", raises, hint=3)
