"""A user's mistakes: checkers must find one in each line that ends with "error"."""

import autograd_lite as ag
from autograd_lite import Value, compile, draw, fit, nn, steps
from autograd_lite.nn.losses import mse_loss
from autograd_lite.optim import SGD


def misspelt_import() -> None:
    from autograd_lite import gard  # error

    print(gard)


x = Value(2.0)
ag.hessain(lambda v: v)  # error
x.tahn()  # error
x + "1"  # error
Value("1")  # error
Value(6.0, x)  # error
Value(6.0, (x, 2.0), (2.0, 3.0))  # error
Value(6.0, (x, x), (x, x))  # error
ag.primitive(3.0)  # error
ag.tanh("1")  # error
ag.tanh(x).data.backward()  # error
ag.tanh(1.0).backward()  # error
ag.clip(x, 0.0)  # error
ag.clip(x, x, 1.0)  # error
ag.dot([x], ["1"])  # error
ag.gradient(x * x, x)  # error
ag.grad(lambda v: [v, v])  # error
ag.grad(ag.sin)("1")  # error
ag.grad(ag.sin)(1.0).backward()  # error
compile(x * x).value_and_gard([1.0])  # error
compile(x * x, batch="median")  # error
compile(x * x)().backward()  # error
draw(x, max_node=10)  # error
draw(x).safe("x.svg")  # error
print(steps(x)[0].maths)  # error
model = nn.MLP(2, [4, 1], activaton="tanh")  # error
SGD(model.parameters(), momentun=0.9)  # error
mse_loss([x], 1.0)  # error
fit(model, [[1.0, 2.0]], [1.0], loss=mse_loss)  # error
