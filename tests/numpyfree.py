"""What works without NumPy: programs whose answers are those with it, lists for arrays.

``python tests/numpyfree.py`` runs them where NumPy cannot be imported and prints the answers.
"""

import json
import random
import sys
import tempfile
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.modules["numpy"] = None  # type: ignore[assignment] - as which an import finds nothing

import autograd_lite as ag
from autograd_lite import Value, course, datasets, nn, optim
from autograd_lite.training import accuracy

POINTS = json.loads(Path(__file__).with_name("fixtures").joinpath("moons.json").read_text("utf-8"))
X = [point[:2] for point in POINTS["points"][:24]]
Y = [float(point[2]) for point in POINTS["points"][:24]]

OPTIMISERS = [optim.SGD, optim.Adam, optim.AdamW, optim.RMSprop, optim.Adagrad]
TREE = {"w": [0.5, -2.0], "b": 3.0, "of": ([1.0, 2.0], (4.0, 0.25))}


def rosenbrock(x: Any) -> Any:
    return 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2


def of_tree(p: Any) -> Any:
    return p["w"][0] * p["w"][1] ** 2 * p["of"][0][1] + ag.sin(p["b"] * p["of"][1][0]) ** 2


def outputs(p: Any) -> Any:
    return {"row": [p["w"][0] * p["b"], p["w"][1], 2.0], "one": p["b"] ** 2}


def wide(x: Any) -> Any:
    return [ag.sum(x) * x[k % len(x)] for k in range(20)]


def network() -> nn.MLP:
    random.seed(0)
    return nn.MLP(2, [4, 1], activation="tanh")


def five_steps(kind: type[optim.Optimiser]) -> list[float]:
    x = Value(0.5), Value(-1.0)
    optimiser = kind(x, learning_rate=0.01)
    for _ in range(5):
        optimiser.zero_grad()
        rosenbrock(x).backward()
        optimiser.step()
    return [x[0].data, x[1].data]


def trained() -> Any:
    model = network()
    history = ag.fit(
        model, X, Y, loss=nn.hinge_loss, optimiser=optim.SGD(model.parameters(), 0.1, 0.9),
        epochs=3, batch_size=8, metrics={"accuracy": accuracy}, validation=(X[:5], Y[:5]),
    )  # fmt: skip
    return model.vector, str(history), history._repr_html_(), history.loss


def saved() -> Any:
    model, other = network(), nn.MLP(2, [4, 1], activation="tanh")
    with tempfile.TemporaryDirectory() as folder:
        text = model.save(Path(folder) / "weights.json").read_text("utf-8")
        other.load(Path(folder) / "weights.json")
    layer = nn.Layer(2, 2)
    layer.W = [[1.0, 2.0], [3.0, 4.0]]
    return text, other.vector, other.state_dict(), layer.W


def neuron() -> Value:
    x, w, b = Value(2.0, label="x"), Value(-3.0, label="w"), Value(6.5, label="b")
    o = (x * w + b).tanh()
    o.label = "o"
    o.backward()
    return o


#: By name: what gives the same with and without NumPy, to the last bit.
PROGRAMS: dict[str, Callable[[], Any]] = {
    "backward": lambda: [x.grad for x in ag.topological_order(neuron())],
    "grad": lambda: (ag.grad(rosenbrock)([0.1, 2.0]), ag.grad(rosenbrock)((0.1, 2.0))),
    "grad of numbers": lambda: ag.grad(lambda x, y: x * y**2, argnums=(0, 1))(2.0, 3.0),
    "grad of a tree": lambda: ag.value_and_grad(of_tree)(TREE),
    "grad of grad": lambda: ag.grad(lambda x: ag.sum(ag.grad(rosenbrock)([x, 2.0])))(0.5),
    "grad with a network": lambda: ag.grad(lambda v: network().at(v)([1.0, 2.0]))([0.1] * 17),
    "aux": lambda: ag.grad(lambda x: (x[0] ** 2, {"x": x}), has_aux=True)([1.0, 2.0]),
    "jacobian": lambda: ag.jacobian(wide)([0.1, 0.2, 0.3, 0.4]),
    "jacobian of a tree": lambda: ag.jacobian(outputs)(TREE),
    "jacobian of a number": lambda: ag.jacobian(lambda x: [x, ag.exp(x)])(0.5),
    "hessian": lambda: ag.hessian(rosenbrock)([0.1, 2.0]),
    "hessian of a tree": lambda: ag.hessian(of_tree)(TREE),
    "hessian of a number": lambda: ag.hessian(lambda x: x**3)(2.0),
    "hessian of rows": lambda: ag.hessian(lambda W: W[0][0] * W[1][1] ** 2)([[1.0, 2.0], [3, 4]]),
    "hessian at a pole": lambda: ag.hessian(lambda x: ag.sqrt(x[0]) + x[1] ** 2)([0.0, 1.0]),
    "nested hessian": lambda: ag.grad(lambda x: ag.hessian(rosenbrock)([x, 1.0])[0][0])(0.5),
    "jvp": lambda: ag.jvp(outputs, (TREE,), (TREE,)),
    "vjp": lambda: ag.vjp(wide, [0.1, 0.2])[1]([0.5] * 20),
    "hvp": lambda: (ag.hvp(rosenbrock)([0.1, 2.0], [1.0, 3.0]), ag.hvp(of_tree)(TREE, TREE)),
    "check_gradients": lambda: str(ag.check_gradients(of_tree, TREE)),
    "by hand": lambda: str(ag.check_gradients(lambda x: x * x, 2.0, gradient=lambda x: 2 * x)),
    **{f"5 steps of {kind.__name__}": lambda kind=kind: five_steps(kind) for kind in OPTIMISERS},
    "descent": lambda: [*islice(optim.GradientDescent(rosenbrock).path([0.0, 2.0]), 8)],
    "descent of a number": lambda: optim.GradientDescent(lambda x: (x - 3) ** 2).minimise(0.0),
    "Newton of a number": lambda: optim.Newton(lambda x: x**4 - 2 * x**2).minimise(2.0),
    "training": trained,
    "weights": saved,
    "recurrent": lambda: (random.seed(1), nn.LSTM(2, 3)(X[:4]))[1],
    "drawing": lambda: ag.draw(neuron()).to_svg(),
    "steps": lambda: [step.math for step in ag.steps(neuron())],
    "page": lambda: ag.step_through(neuron(), quiz=True).to_html(),
    "explain": lambda: str(ag.explain(o := neuron(), ag.topological_order(o)[0])),
    "diagnose": lambda: repr(ag.diagnose(nn.hinge_loss([*map(network(), X)], Y), network())),
    "exercises": lambda: [
        repr(course.check("double", lambda x: x + 2)),
        repr(course.check("chain", lambda a, b, c, f: (b * f, a * f, f, a * b + c))),
        repr(course.check("log_sum_exp", lambda zs: max(zs))),
        repr(course.check("gradients", lambda o: dict.fromkeys(ag.topological_order(o), 1.0))),
    ],
    "of each": lambda: ag.tanh([0.1, (0.2, 0.3)]),
}

#: The same but for rounding: sums in another order, sines by another library, noise of its own.
NEAR: dict[str, Callable[[], Any]] = {
    "Newton": lambda: optim.Newton(rosenbrock).minimise([0.0, 2.0]),
    "products of long rows": lambda: ag.hessian(lambda x: ag.sum(x) ** 4)([0.3] * 16),
    **{
        make.__name__: lambda make=make: sorted((*x, y) for x, y in rows(make(13, noise=0.0)))
        for make in (datasets.moons, datasets.circles, datasets.spirals, datasets.xor)
    },
}

#: What does not work without it, and says so.
REFUSED: dict[str, Callable[[], Any]] = {
    "compile": lambda: ag.compile(lambda x: x * x, inputs=[1.0]),
    "compiled": lambda: one_epoch(compiled=True),
    "record": lambda: one_epoch(record=True),
    "plots": lambda: ag.plots.decision_boundary(network(), X, Y),
    "exercises": lambda: course.check("delta", lambda *a: 0.0),
}


def rows(dataset: Any) -> Any:
    return zip(*map(plain, dataset), strict=True)


def one_epoch(**options: Any) -> Any:
    model = network()
    optimiser = optim.SGD(model.parameters(), 0.1)
    return ag.fit(model, X, Y, loss=nn.hinge_loss, optimiser=optimiser, epochs=1, **options)


def plain(x: Any) -> Any:
    """An answer in lists and numbers, as JSON keeps them."""
    if isinstance(x, Value):
        return x.data
    if isinstance(x, dict):
        return {key: plain(part) for key, part in x.items()}
    if hasattr(x, "tolist"):
        return plain(x.tolist())
    return [*map(plain, x)] if isinstance(x, list | tuple) else x


def message(program: Callable[[], Any]) -> str:
    try:
        program()
    except ImportError as error:
        return str(error)
    return ""


if __name__ == "__main__":
    exec("from autograd_lite import *")
    found = {name: plain(program()) for name, program in {**PROGRAMS, **NEAR}.items()}
    found |= {"refused": {name: message(program) for name, program in REFUSED.items()}}
    found |= {"noise": [plain(datasets.moons(30, seed=seed)) for seed in (1, 1, 2)]}
    del sys.modules["numpy"]  # as if it had been installed by now
    program = ag.compile(3.0 * Value(2.0))
    found |= {
        "installed": (program.value(program.vector), type(ag.grad(rosenbrock)([0.1, 2.0])).__name__)
    }
    print(json.dumps(found))
