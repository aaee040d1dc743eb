"""A user's program: checkers must find no mistake in it, and the types that are asserted."""

from collections.abc import Sequence
from typing import Any, assert_type

import numpy as np
from numpy.typing import NDArray

import autograd_lite as ag
from autograd_lite import Value, compile, draw, fit, nn, steps
from autograd_lite.compiler import Program
from autograd_lite.drawing import Drawing
from autograd_lite.functions.checking import Report
from autograd_lite.nn.losses import cross_entropy, mse_loss
from autograd_lite.optim import SGD, Adam, Newton
from autograd_lite.stepping import Step
from autograd_lite.training import History

x, w = Value(2.0, label="x"), Value(-3.0)
xs = [x, w]
assert_type(x + 1, Value)
assert_type(2**x / w - x, Value)
assert_type((x * w).tanh().clip(0, 1), Value)
assert_type(ag.tanh(x), Value)
assert_type(ag.tanh(0.5), float)
assert_type(ag.hypot(3, x), Value)
assert_type(ag.dot(xs, [1.0, 2.0], w), Value)
assert_type(ag.dot([1.0], [2.0]), float)
assert_type(ag.where(x > 1, x, 0.0), Value)
assert_type(ag.where(True, 1.0, 0.0), float)
assert_type(ag.logsumexp(xs), Value)
assert_type(ag.softmax(xs), list[Value])
assert_type(ag.leaky_relu(-1.0), float)
ag.sum([x, 1.0]).backward()
assert_type(x.grad, float)
assert_type(ag.gradient(x * w, xs), list[Value])

assert_type(Value(6.0, (x, w), (3, 2))._prev, tuple[Value, ...])
product = Value(6.0, (x, w), "*", label="product")


def step_back() -> None:
    x.grad += w.data * product.grad


product._backward = step_back
product._backward()


@ag.primitive(lambda z, x: (ag.cos(x),), form="sin(x)")
def wave(x: float) -> float:
    return float(np.sin(x))


@ag.primitive(lambda z, x, y: (y, x))
def area(x: float, y: float) -> float:
    return x * y


assert_type(wave(x), Value)
assert_type(wave(1.0), float)
assert_type(area(x, 2.0), Value)
assert_type(area(1.0, 2.0), float)


class Line(nn.Module):
    def __init__(self) -> None:
        self.slope, self.offset = Value(1.0), Value(0.0)

    def __call__(self, x: float) -> Value:
        return self.slope * x + self.offset


model = nn.MLP(2, [4, 1], activation="tanh")
X, y = [[0.0, 1.0], [1.0, 0.0]], [1.0, -1.0]
optimiser = SGD(model.parameters(), learning_rate=0.1, momentum=0.9)
for _ in range(2):
    scores: list[Value] = [model(row) for row in X]
    loss = mse_loss(scores, y)
    assert_type(loss, Value)
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
mse_loss([model(row) for row in X], y).backward()
assert_type(mse_loss([0.5], [1.0]), float)
hinge = (1 - y[0] * model(X[0])).relu()
logits: list[Value] = nn.MLP(2, [3])(X[0])
ag.softmax(nn.MLP(2, [3])(X[0]))[0].backward()
assert_type(cross_entropy([logits], [2]), Value)
outputs, (h, c) = nn.LSTM(2, 3)(X)
assert_type(outputs, list[list[Value]])
assert_type(nn.detached((h, c)), tuple[list[list[Value]], list[list[Value]]])
assert_type(nn.GRUCell(2, 3)(X[0], outputs[0]), list[Value])
adam = Adam(model.parameters())
assert_type(fit(model, X, y, loss=mse_loss, optimiser=adam, epochs=1), History)
line = Line()
fit(line, [0.0, 1.0], [1.0, 3.0], loss=mse_loss, optimiser=SGD(line.parameters()), epochs=1)


def bowl(v: Sequence[Value]) -> Value:
    return v[0] ** 2 + v[0] * v[1] + v[1] ** 2


def norm(p: dict[str, Any]) -> Value:
    w: Value = p["w"]
    return w * w


assert_type(ag.grad(ag.sin)(1.0), float)
assert_type(ag.grad(ag.grad(ag.sin))(x), Value)
assert_type(ag.grad(bowl)([1.0, 2.0]), NDArray[np.float64])
assert_type(ag.value_and_grad(bowl)(np.ones(2)), tuple[float, NDArray[np.float64]])
assert_type(ag.hessian(bowl)([1.0, 2.0]), NDArray[np.float64])
assert_type(ag.jacobian(lambda v: [v[0] * v[1], v[1]])([1.0, 2.0]), NDArray[np.float64])
assert_type(ag.hvp(bowl)([1.0, 2.0], [1.0, 0.0]), NDArray[np.float64])
assert_type(ag.jvp(bowl, ([1.0, 2.0],), ([1.0, 0.0],)), tuple[float, float])
value, pullback = ag.vjp(bowl, [1.0, 2.0])
assert_type(value, float)
assert_type(ag.grad(lambda x: (x * x, "aux"), has_aux=True)(1.0), tuple[Any, Any])
assert_type(ag.grad(norm)({"w": 1.0, "b": [2.0]})["b"], Any)
assert_type(ag.hessian(norm)({"w": 1.0}), dict[str, Any])
assert_type(ag.check_gradients(bowl, [1.0, 2.0]), Report)
assert_type(Newton(bowl).minimise([1.0, 2.0]), NDArray[np.float64])

program = compile(x * w + x.exp())
assert_type(program, Program[float])
assert_type(program.value_and_grad([1.0, 2.0]), tuple[float, NDArray[np.float64]])
assert_type(program(), float)
assert_type(compile(bowl, inputs=[X], batch="each")(X), NDArray[np.float64])
assert_type(program.to_source(), str)
assert_type(draw(x * w), Drawing)
assert_type(draw(model, X[0]), Drawing)
assert_type(steps(x * w), list[Step])
