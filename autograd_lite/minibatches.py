"""Steps of a training, one per minibatch: by a graph each, or by a program that is compiled once.

Next: ``samples.py``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple, TypeAlias, TypeVar

from .engine.arrays import is_array, np
from .engine.order import topological_order
from .engine.undefined import ieee_arithmetic
from .optimiser import SEARCH, NotFinite, Optimiser, clip_grad_norm_
from .samples import Scale, scale, scaled, values_in
from .value import Value

FEW = 8  # predictions, with whose numbers a loss is looked at before it is compiled

Row = TypeVar("Row")  # of X: what the model takes
Batch: TypeAlias = list[Any]  # what this model gives for samples, or what y holds for them
Loss: TypeAlias = Callable[[Batch, Batch], Value]
Model: TypeAlias = Callable[[Row], Value | Sequence[Value]]


class Steps(NamedTuple):
    """What a training does, whichever way it computes."""

    step: Callable[[list[int]], float]  # the loss of a minibatch, before the step that it takes
    predict: Callable[[Batch], Batch]  # numbers for samples, by the parameters as they are now
    shown: Callable[[], AbstractContextManager[None]]  # inside, others may look and change them
    numbers: Callable[[], tuple[Sequence[float], Sequence[float]]]  # parameters, their gradients


@dataclass(frozen=True)
class Task:
    """What a training takes its steps with; ``predictions`` are noted on the way."""

    model: Model[Any]
    loss: Loss
    optimiser: Optimiser
    inputs: Batch
    targets: Batch
    batch_size: int
    predictions: Batch
    predicts: bool  # whether somebody will read them
    native: bool
    max_norm: float | None


@contextmanager
def eager(task: Task) -> Iterator[Steps]:
    """Steps that build a graph and walk it back; they note the predictions."""

    def step(batch: list[int]) -> float:
        outputs = [task.model(task.inputs[i]) for i in batch]
        batch_loss = one_value(task.loss(outputs, [task.targets[i] for i in batch]))
        task.optimiser.zero_grad()
        batch_loss.backward()
        if not any(x.grad for x in task.optimiser.parameters):
            check_read(batch_loss, task.optimiser)
        if not math.isfinite(batch_loss.data):
            raise NotFinite(told(f"The loss is {batch_loss.data}.", batch_loss))
        try:
            if task.max_norm is not None:
                clip_grad_norm_(task.optimiser.parameters, task.max_norm)
            task.optimiser.step()
        except NotFinite as error:
            raise NotFinite(told(str(error), batch_loss)) from None
        for i, output in zip(batch, outputs, strict=True):
            task.predictions[i] = numbers(output)
        return batch_loss.data

    def parameters_now() -> tuple[list[float], list[float]]:
        parameters = task.optimiser.parameters
        return [p.data for p in parameters], [p.grad for p in parameters]

    def predict(rows: Batch) -> Batch:
        return [numbers(task.model(x)) for x in rows]

    yield Steps(step, predict, nullcontext, parameters_now)


@contextmanager
def compiled(task: Task) -> Iterator[Steps]:
    """Steps of a compiled program; the parameters get their numbers at the end."""
    from .compiler import compile
    from .compiler.numbers import array_of

    X, y = array_of(task.inputs, "X"), array_of(task.targets, "y")

    scales = _scales(task)
    inputs: list[Any] = [task.inputs, task.targets]
    if scaling := any(scale != (1.0, 1.0) for scale in scales.values()):
        inputs += [np.linspace(1.0, 2.0, len(X))] * 2

    def loss_of_a_sample(x: Any, y: Any, each: Any = None, once: Any = None) -> Value:
        prediction = task.model(x)
        loss = one_value(task.loss([prediction], [y]))
        if not scaling:
            return loss
        mine = [*values_in(prediction), *values_in(x), *values_in(y)]
        return scaled(loss, mine, set(task.optimiser.parameters), each, once)

    check_read(task.loss([task.model(task.inputs[0])], task.targets[:1]), task.optimiser)
    loss_of_a_sample.__name__ = "The loss of a sample"  # as messages of the compiler call it
    program = compile(
        loss_of_a_sample, inputs=inputs, batch="mean", native=task.native,
        parameters=task.optimiser.parameters,
    )  # fmt: skip
    with program.training(task.optimiser, task.max_norm) as training:

        def step(batch: list[int]) -> float:
            n = len(batch)
            if task.predicts:
                predictions = predict(X[batch])
            factors = [np.full(n, factor) for factor in scales[n]] if scaling else []
            try:
                loss = training(X[batch], y[batch], *factors)
                said = "" if math.isfinite(loss) else f"The loss is {loss}."
            except NotFinite as error:
                said = str(error)
            if said:
                training.write_back()
                outputs = [task.model(task.inputs[i]) for i in batch]  # the graph, to say where
                raise NotFinite(told(said, task.loss(outputs, [task.targets[i] for i in batch])))
            if task.predicts:
                for i, prediction in zip(batch, predictions, strict=True):
                    task.predictions[i] = prediction
            return loss

        @cache
        def forward() -> tuple[Any, list[int], tuple[int, ...]]:
            """The model as a program, its parameters among the training's, a prediction's shape."""
            shape = np.shape(numbers(task.model(task.inputs[0])))  # rows: outputs of each step

            def in_a_row(x: Any) -> Any:
                return np.array(task.model(x), dtype=object).ravel().tolist()

            made = compile(
                in_a_row if len(shape) > 1 else task.model, inputs=[task.inputs], batch="each",
                native=task.native, parameters=program.parameters,
            )  # fmt: skip
            place = {x: k for k, x in enumerate(program.parameters)}
            return made, [place[x] for x in made.parameters], shape

        def predict(rows: Any) -> Batch:
            made, chosen, shape = forward()
            found = made.value(training.vector[chosen], rows)
            answers: Batch = found.reshape(len(rows), *shape).tolist()
            return answers

        def parameters_now() -> tuple[list[float], list[float]]:
            return training.vector.tolist(), training.gradient.tolist()

        @contextmanager
        def shown() -> Iterator[None]:
            training.write_back()
            yield
            training.vector = program.vector

        yield Steps(step, predict, shown, parameters_now)


def check_read(loss: Value, optimiser: Optimiser) -> None:
    if set(optimiser.parameters).isdisjoint(topological_order(loss)):
        raise ValueError(
            "The loss reads none of the optimiser's parameters: it belongs to another model, or "
            "numbers were taken out on the way, by float(x) or x.data. Make the optimiser from "
            "model.parameters(), and compute with the predictions as they are."
        )


def one_value(loss: Any) -> Value:
    if not isinstance(loss, Value):
        raise TypeError(
            f"loss(predictions, targets) gives one Value; got {loss!r}. Use the predictions as "
            f"they are, without float(x) or x.data, and add up what is a list."
        )
    return loss


def told(what: str, loss: Value) -> str:
    """What is not finite, and where in the graph of the loss it began."""
    from .diagnostics import origin

    found = origin(loss)
    if found is None:
        return what
    return f"{what.removesuffix(SEARCH)} It began at {found.where}. {found.message}"


def _scales(task: Task) -> dict[int, Scale]:
    """How the loss adds up over a batch, by its size; targets that it refuses are refused here.

    It gets Values with the numbers of a few predictions, and all targets.
    """
    n, size = len(task.inputs), task.batch_size
    few = [task.model(task.inputs[i]) for i in range(0, n, -(-n // FEW))]
    parameters = set(task.optimiser.parameters)
    found: dict[int, Scale] = {}

    def loss(predictions: Batch, targets: Batch) -> Value:
        return one_value(task.loss(predictions, targets))

    with ieee_arithmetic():
        for start in range(0, n, size):
            targets = task.targets[start : start + size]
            predictions = [_leaves_like(few[i % len(few)]) for i in range(len(targets))]
            if len(targets) in found:
                loss(predictions, targets)
            else:
                found[len(targets)] = scale(loss, predictions, targets, parameters)
    return found


def _leaves_like(prediction: Any) -> Any:
    """The same numbers in Values of their own."""
    if isinstance(prediction, Value):
        return Value(prediction.data)
    if not is_row(prediction):
        return prediction
    leaves = [_leaves_like(x) for x in prediction]
    return np.array(leaves, dtype=object) if is_array(prediction) else leaves


def numbers(output: Any) -> Any:
    """The numbers of one prediction, so that its graph can go."""
    return [numbers(x) for x in output] if is_row(output) else float(output)


def is_row(x: Any) -> bool:
    return hasattr(x, "__len__")
