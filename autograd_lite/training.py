"""``fit``: show a model its data again and again, each time a step down the slope of the loss.

One epoch shows every sample once, in minibatches; each minibatch is one graph, differentiated once
and then dropped, or one run of a compiled program. What is glossed over: validation sets and
stopping early, which are a loop around ``fit`` with a few epochs at a time.

Next: ``progress.py``.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from numbers import Integral
from typing import Any, Literal, TypeAlias, TypeVar

from .nn import Module
from .nn.losses import Samples
from .optim import Optimiser
from .progress import bar
from .value import Value

Row = TypeVar("Row")  # of X: what the model takes
Batch: TypeAlias = list[Any]  # what this model gives for samples, or what y holds for them
Loss: TypeAlias = Callable[[Batch, Batch], Value]
Metric: TypeAlias = Callable[[Batch, Batch], float]
Model: TypeAlias = Callable[[Row], Value | Sequence[Value]]
BatchStep: TypeAlias = Callable[[list[int]], float]


@dataclass
class History:
    """What ``fit`` saw: per epoch the mean loss, each metric and the learning rate."""

    loss: list[float] = field(default_factory=list)
    metrics: dict[str, list[float]] = field(default_factory=dict)
    learning_rate: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class _Task:
    """What a training takes its steps with; ``predictions`` are noted on the way."""

    model: Model[Any]
    loss: Loss
    optimiser: Optimiser
    inputs: Batch
    targets: Batch
    predictions: Batch
    predicts: bool  # whether somebody will read them
    native: bool


def fit(
    model: Model[Row],
    X: Iterable[Row],
    y: Iterable[object],
    *,
    loss: Loss,
    optimiser: Optimiser,
    epochs: int = 100,
    batch_size: int | None = None,
    learning_rate: Callable[[int], float] | None = None,
    metrics: Mapping[str, Metric] | None = None,
    seed: int = 0,
    compiled: bool | Literal["native"] = False,
    progress: bool = False,
) -> History:
    """Train the model in place and return the history.

    ``X`` holds a row of inputs per sample, ``y`` the targets, as arrays or lists.
    ``loss(predictions, targets)`` gives a Value for a batch, a metric a number. Without a
    ``batch_size`` each epoch is one step over all samples; with one, the samples are shuffled in
    every epoch, by ``seed``. ``learning_rate(epoch)`` is a schedule, asked before each epoch,
    counted from 0; without one the optimiser's rate stays. Loss and metrics are those of the
    predictions made on the way, before each step. ``progress`` shows a bar, drawn by tqdm.

    ``compiled`` runs the same steps as a program of matrices, each about 100 times as fast, to the
    same numbers but for rounding. It is for losses that are a mean over samples, as those of
    ``nn.losses`` are. ``compiled="native"`` does it in machine code (``autograd_lite[native]``),
    several times as fast again on small batches.

    Raises ``ValueError`` for data that do not fit together, for an optimiser of another model and
    for a loss that is not finite, ``TypeError`` for what is not what it says above, ``ImportError``
    for ``progress`` without tqdm.

    >>> from autograd_lite.nn import Neuron
    >>> from autograd_lite.nn.losses import mse_loss
    >>> from autograd_lite.optim import SGD
    >>> line = Neuron(1, nonlin=False)
    >>> history = fit(line, [[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0], loss=mse_loss,
    ...               optimiser=SGD(line.parameters(), learning_rate=0.2), epochs=100)
    >>> f"slope {line.w[0]:.3f}, offset {line.b:.3f}, loss {history.loss[-1]:.6f}"
    'slope 2.000, offset 1.000, loss 0.000000'
    """
    _check_arguments(model, optimiser, epochs, learning_rate, metrics)
    inputs, targets = _as_lists(X, y)
    batches = _batches(len(inputs), batch_size, random.Random(seed))
    history = History(metrics={name: [] for name in metrics or {}})
    task = _Task(
        model, loss, optimiser, inputs, targets, predictions=[None] * len(inputs),
        predicts=bool(metrics), native=bool(compiled) and _is_native(compiled),
    )  # fmt: skip
    steps = _compiled if compiled else _eager
    with bar(epochs, progress) as advance, steps(task) as step:
        for epoch in range(epochs):
            if learning_rate is not None:
                optimiser.learning_rate = learning_rate(epoch)
            total = 0.0
            for batch in next(batches):
                batch_loss = step(batch)
                _check_finite(batch_loss, epoch)
                total += batch_loss * len(batch)
            history.loss.append(total / len(inputs))
            history.learning_rate.append(optimiser.learning_rate)
            for name, metric in (metrics or {}).items():
                history.metrics[name].append(metric(task.predictions, targets))
            advance({"loss": history.loss} | history.metrics)
    return history


def accuracy(predictions: Samples, targets: Samples) -> float:
    """The part that is right, 0 to 1: by the sign for scores, by the largest for rows of logits.

    A score above 0 stands for a target above 0, so labels −1 and 1 and targets 0 and 1 both do.

    >>> accuracy([0.3, -2.0, -0.1], [1, -1, 1])
    0.6666666666666666
    >>> accuracy([[0.1, 0.9], [2.0, 1.0]], [1, 0]), accuracy([[0.1, 0.9]], [[1.0, 0.0]])
    (1.0, 0.0)
    """
    right = 0
    pairs: Iterable[tuple[Any, Any]] = zip(predictions, targets, strict=True)
    for prediction, target in pairs:
        if _is_row(prediction):
            right += _largest(prediction) == (_largest(target) if _is_row(target) else target)
        else:
            right += (prediction > 0) == (target > 0)
    return right / len(targets)


@contextmanager
def _eager(task: _Task) -> Iterator[BatchStep]:
    """Steps that build a graph and walk it back; they note the predictions."""

    def step(batch: list[int]) -> float:
        outputs = [task.model(task.inputs[i]) for i in batch]
        batch_loss = _one_value(task.loss(outputs, [task.targets[i] for i in batch]))
        task.optimiser.zero_grad()
        batch_loss.backward()
        if math.isfinite(batch_loss.data):
            task.optimiser.step()
        for i, output in zip(batch, outputs, strict=True):
            task.predictions[i] = _numbers(output)
        return batch_loss.data

    yield step


@contextmanager
def _compiled(task: _Task) -> Iterator[BatchStep]:
    """Steps of a compiled program; the parameters get their numbers at the end."""
    import numpy as np

    from .compiler import compile

    X, y = np.array(task.inputs, dtype=float), np.array(task.targets, dtype=float)

    def loss_of_a_sample(x: Any, y: Any) -> Value:
        return _one_value(task.loss([task.model(x)], [y]))

    program = compile(
        loss_of_a_sample, inputs=[task.inputs, task.targets], batch="mean", native=task.native,
        parameters=task.optimiser.parameters,
    )  # fmt: skip
    with program.training(task.optimiser) as training:

        def step(batch: list[int]) -> float:
            return training(X[batch], y[batch])

        if not task.predicts:
            yield step
            return
        forward = compile(
            task.model, inputs=[task.inputs], batch="each", native=task.native,
            parameters=program.parameters,
        )  # fmt: skip
        place = {x: k for k, x in enumerate(program.parameters)}
        chosen = [place[x] for x in forward.parameters]

        def predicting_step(batch: list[int]) -> float:
            rows = forward.value(training.vector[chosen], X[batch])
            for i, row in zip(batch, rows.tolist(), strict=True):
                task.predictions[i] = row
            return step(batch)

        yield predicting_step


def _is_native(compiled: bool | str) -> bool:
    if compiled not in (True, "native"):
        raise ValueError(f'compiled is True, False or "native"; got {compiled!r}.')
    return compiled == "native"


def _check_arguments(
    model: Any, optimiser: Any, epochs: Any, learning_rate: Any, metrics: Any
) -> None:
    """Refuse what would fail in the middle, or train nothing."""
    if not isinstance(optimiser, Optimiser):
        raise TypeError(
            f"The optimiser knows its parameters, as SGD(model.parameters(), 0.1) does; got "
            f"{optimiser!r}."
        )
    if isinstance(model, Module) and not set(model.parameters()) & set(optimiser.parameters):
        raise ValueError(
            "The optimiser has none of the model's parameters: it belongs to another model. Make "
            "one from model.parameters()."
        )
    if not isinstance(epochs, Integral) or epochs < 0:
        raise ValueError(f"epochs is a whole number, 0 or more; got {epochs!r}.")
    if not (learning_rate is None or callable(learning_rate)):
        raise TypeError(
            f"learning_rate is a function of the epoch; got {learning_rate!r}. A rate that stays "
            f"is the optimiser's."
        )
    if not (metrics is None or isinstance(metrics, Mapping)):
        raise TypeError(f'metrics have names, {{"accuracy": accuracy}}; got {metrics!r}.')


def _one_value(loss: Any) -> Value:
    if not isinstance(loss, Value):
        raise TypeError(
            f"loss(predictions, targets) gives one Value; got {loss!r}. Use the predictions as "
            f"they are, without float(x) or x.data, and add up what is a list."
        )
    return loss


def _as_lists(X: Any, y: Any) -> tuple[list[Any], list[Any]]:
    """Arrays as lists: rows of Python floats make graphs quicker than NumPy's scalars."""
    for data in (X, y):
        if not hasattr(data, "__iter__") or isinstance(data, str):
            raise TypeError(f"fit takes samples and targets as lists or arrays; got {data!r}.")
    inputs = X.tolist() if hasattr(X, "tolist") else list(X)
    targets = y.tolist() if hasattr(y, "tolist") else list(y)
    if len(inputs) != len(targets) or not inputs:
        raise ValueError(
            f"fit takes one target per sample, and at least one sample; got {len(inputs)} samples "
            f"and {len(targets)} targets."
        )
    return inputs, targets


def _batches(n: int, size: int | None, shuffler: random.Random) -> Iterator[list[list[int]]]:
    """For each epoch the sample numbers of its batches."""
    if size is not None and not (isinstance(size, Integral) and size >= 1):
        raise ValueError(f"batch_size is a number of samples, 1 or more, or None; got {size!r}.")
    order = list(range(n))
    while True:
        if size is None:
            yield [order]
        else:
            shuffler.shuffle(order)
            yield [order[i : i + size] for i in range(0, n, size)]


def _check_finite(loss: float, epoch: int) -> None:
    if not math.isfinite(loss):
        raise ValueError(
            f"The loss is {loss} in epoch {epoch}: the data or a parameter is not finite. "
            f"autograd_lite.diagnostics.first_non_finite(loss) finds where it began."
        )


def _numbers(output: Any) -> Any:
    """The numbers of one prediction, so that its graph can go."""
    return [float(x) for x in output] if _is_row(output) else float(output)


def _is_row(x: Any) -> bool:
    return hasattr(x, "__len__")


def _largest(row: Sequence[Any]) -> int:
    return max(range(len(row)), key=lambda i: float(row[i]))
