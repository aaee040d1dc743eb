"""``fit``: show a model its data again and again, each time a step down the slope of the loss.

One epoch shows every sample once, in minibatches; each minibatch is one graph, differentiated once
and then dropped, or one run of a compiled program. What is glossed over: validation sets and
stopping early, which are a loop around ``fit`` with a few epochs at a time.

Next: ``samples.py``.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from numbers import Integral
from typing import Any, Literal, TypeAlias, TypeVar

from .engine.order import topological_order
from .engine.undefined import ieee_arithmetic
from .nn import Module
from .nn.pairs import Samples
from .optim import SEARCH, NotFinite, Optimiser
from .progress import bar
from .samples import Scale, scale, scaled, values_in
from .value import Value

FEW = 8  # predictions, with whose numbers a loss is looked at before it is compiled

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
    batch_size: int
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
    same numbers but for rounding. It is for losses that are a mean or a sum over samples, as those
    of ``nn.losses`` are; what knows several samples at once is refused. ``compiled="native"`` does
    it in machine code (``autograd_lite[native]``), several times as fast again on small batches.

    The optimiser goes on from what it remembers: ten fits of one epoch are one fit of ten.

    Raises ``ValueError`` for data that do not fit together and for an optimiser of another model,
    ``TypeError`` for what is not what it says above, ``ImportError`` for ``progress`` without tqdm.
    Where a loss or a slope is not finite it raises ``optim.NotFinite``, which is a ``ValueError``:
    it names the epoch, the learning rate and where in the graph it began, and the parameters are
    those of the last good step.

    >>> from autograd_lite.nn import Neuron
    >>> from autograd_lite.nn.losses import mse_loss
    >>> from autograd_lite.optim import SGD
    >>> line = Neuron(1, nonlin=False)
    >>> history = fit(line, [[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0], loss=mse_loss,
    ...               optimiser=SGD(line.parameters(), learning_rate=0.2), epochs=100)
    >>> f"slope {line.w[0]:.3f}, offset {line.b:.3f}, loss {history.loss[-1]:.6f}"
    'slope 2.000, offset 1.000, loss 0.000000'
    """
    _check_arguments(model, loss, optimiser, epochs, batch_size, learning_rate, metrics)
    inputs, targets = _as_lists(X, y)
    n = len(inputs)
    batches = _batches(n, batch_size, random.Random(seed))
    history = History(metrics={name: [] for name in metrics or {}})
    task = _Task(
        model, loss, optimiser, inputs, targets, batch_size=min(batch_size or n, n),
        predictions=[None] * n, predicts=bool(metrics),
        native=bool(compiled) and _is_native(compiled),
    )  # fmt: skip
    _note_unmoved(task)
    steps = _compiled if compiled else _eager
    with bar(epochs, progress) as advance, steps(task) as step:
        for epoch in range(epochs):
            if learning_rate is not None:
                optimiser.learning_rate = learning_rate(epoch)
            losses: list[float] = []
            with _naming(epoch, losses, optimiser):
                for batch in next(batches):
                    losses.append(step(batch) * len(batch))
            history.loss.append(math.fsum(losses) / n)
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
    if not len(predictions):
        raise ValueError("The accuracy of no predictions has no value; give at least one.")
    if len(predictions) != len(targets):
        raise ValueError(
            f"accuracy pairs each prediction with a target; got {len(predictions)} predictions "
            f"and {len(targets)} targets."
        )
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
        if not any(x.grad for x in task.optimiser.parameters):
            _check_read(batch_loss, task.optimiser)
        if not math.isfinite(batch_loss.data):
            raise NotFinite(_told(f"The loss is {batch_loss.data}.", batch_loss))
        try:
            task.optimiser.step()
        except NotFinite as error:
            raise NotFinite(_told(str(error), batch_loss)) from None
        for i, output in zip(batch, outputs, strict=True):
            task.predictions[i] = _numbers(output)
        return batch_loss.data

    yield step


@contextmanager
def _compiled(task: _Task) -> Iterator[BatchStep]:
    """Steps of a compiled program; the parameters get their numbers at the end."""
    import numpy as np

    from .compiler import compile
    from .compiler.numbers import array_of

    X, y = array_of(task.inputs, "X"), array_of(task.targets, "y")

    scales = _scales(task)
    inputs: list[Any] = [task.inputs, task.targets]
    if scaling := any(scale != (1.0, 1.0) for scale in scales.values()):
        inputs += [np.linspace(1.0, 2.0, len(X))] * 2

    def loss_of_a_sample(x: Any, y: Any, each: Any = None, once: Any = None) -> Value:
        prediction = task.model(x)
        loss = _one_value(task.loss([prediction], [y]))
        if not scaling:
            return loss
        mine = [*values_in(prediction), *values_in(x), *values_in(y)]
        return scaled(loss, mine, set(task.optimiser.parameters), each, once)

    _check_read(task.loss([task.model(task.inputs[0])], task.targets[:1]), task.optimiser)
    loss_of_a_sample.__name__ = "The loss of a sample"  # as messages of the compiler call it
    program = compile(
        loss_of_a_sample, inputs=inputs, batch="mean", native=task.native,
        parameters=task.optimiser.parameters,
    )  # fmt: skip
    with program.training(task.optimiser) as training:

        def step(batch: list[int]) -> float:
            n = len(batch)
            factors = [np.full(n, factor) for factor in scales[n]] if scaling else []
            try:
                loss = training(X[batch], y[batch], *factors)
                if math.isfinite(loss):
                    return loss
                said = f"The loss is {loss}."
            except NotFinite as error:
                said = str(error)
            training.write_back()
            outputs = [task.model(task.inputs[i]) for i in batch]  # the graph, to say where
            raise NotFinite(_told(said, task.loss(outputs, [task.targets[i] for i in batch])))

        if not task.predicts:
            yield step
            return
        shape = np.shape(_numbers(task.model(task.inputs[0])))  # rows, where each step has outputs

        def in_a_row(x: Any) -> Any:
            return np.array(task.model(x), dtype=object).ravel().tolist()

        forward = compile(
            in_a_row if len(shape) > 1 else task.model, inputs=[task.inputs], batch="each",
            native=task.native, parameters=program.parameters,
        )  # fmt: skip
        place = {x: k for k, x in enumerate(program.parameters)}
        chosen = [place[x] for x in forward.parameters]

        def predicting_step(batch: list[int]) -> float:
            rows = forward.value(training.vector[chosen], X[batch])
            predictions = rows.reshape(len(batch), *shape).tolist()
            for i, prediction in zip(batch, predictions, strict=True):
                task.predictions[i] = prediction
            return step(batch)

        yield predicting_step


def _is_native(compiled: bool | str) -> bool:
    if compiled not in (True, "native"):
        raise ValueError(f'compiled is True, False or "native"; got {compiled!r}.')
    return compiled == "native"


def _check_arguments(
    model: Any, loss: Any, optimiser: Any, epochs: Any, batch_size: Any, learning_rate: Any,
    metrics: Any,
) -> None:  # fmt: skip
    """Refuse what would fail in the middle, or train nothing."""
    if not callable(model):
        raise TypeError(f"fit takes a model, a function of one sample; got {model!r}.")
    if not callable(loss):
        raise TypeError(
            f"loss is a function of predictions and targets, such as mse_loss, hinge_loss or "
            f"cross_entropy of autograd_lite.nn; got {loss!r}."
        )
    if not isinstance(optimiser, Optimiser):
        raise TypeError(
            f"The optimiser knows its parameters, as SGD(model.parameters(), 0.1) does; got "
            f"{optimiser!r}."
        )
    if not isinstance(epochs, Integral) or epochs < 0:
        raise ValueError(f"epochs is a whole number, 0 or more; got {epochs!r}.")
    if batch_size is not None and not (isinstance(batch_size, Integral) and int(batch_size) >= 1):
        raise ValueError(
            f"batch_size is a number of samples, 1 or more, or None; got {batch_size!r}."
        )
    if not (learning_rate is None or callable(learning_rate)):
        raise TypeError(
            f"learning_rate is a function of the epoch; got {learning_rate!r}. A rate that stays "
            f"is the optimiser's."
        )
    if not (metrics is None or isinstance(metrics, Mapping)):
        raise TypeError(f'metrics have names, {{"accuracy": accuracy}}; got {metrics!r}.')
    for name, metric in (metrics or {}).items():
        if not callable(metric):
            raise TypeError(
                f"A metric is a function of predictions and targets; got {metric!r} as {name!r}."
            )


def _note_unmoved(task: _Task) -> None:
    """Tell the optimiser of parameters that took the place of its own, in whatever way they did.

    It moves some that the loss does not read, and does not move others of the model that it reads.
    """
    if not isinstance(task.model, Module):
        return
    mine, theirs = set(task.optimiser.parameters), set(task.model.parameters())
    if mine <= theirs or theirs <= mine:
        return
    outputs = [task.model(x) for x in task.inputs[: task.batch_size]]
    loss = _one_value(task.loss(outputs, task.targets[: task.batch_size]))
    read = set(topological_order(loss))
    if replaced := mine - theirs - read:
        for name, parameter in task.model.named_parameters():
            if parameter in read:
                task.optimiser.note_replaced(name, replaced, {parameter})


def _check_read(loss: Value, optimiser: Optimiser) -> None:
    if set(optimiser.parameters).isdisjoint(topological_order(loss)):
        raise ValueError(
            "The loss reads none of the optimiser's parameters: it belongs to another model. Make "
            "one from model.parameters()."
        )


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
    order = list(range(n))
    while True:
        if size is None:
            yield [order]
        else:
            shuffler.shuffle(order)
            yield [order[i : i + size] for i in range(0, n, size)]


@contextmanager
def _naming(epoch: int, losses: Sequence[float], optimiser: Optimiser) -> Iterator[None]:
    """What goes wrong in an epoch, because parameters ran away, says so.

    A ``ValueError`` before any step is about data or arguments, and stays as it is.
    """
    try:
        yield
    except (ArithmeticError, ValueError) as error:
        moved = epoch > 0 or len(losses) > 0
        if not moved and not isinstance(error, ArithmeticError):
            raise
        rate = optimiser.learning_rate
        advice = " If the parameters run away, try a smaller learning_rate." if moved else ""
        raise NotFinite(
            f"Training stopped in epoch {epoch}, at learning_rate {rate:g}: {error}{advice}"
        ) from (None if isinstance(error, NotFinite) else error)


def _told(what: str, loss: Value) -> str:
    """What is not finite, and where in the graph of the loss it began."""
    from .diagnostics import origin

    found = origin(loss)
    if found is None:
        return what
    return f"{what.removesuffix(SEARCH)} It began at {found.where}. {found.message}"


def _scales(task: _Task) -> dict[int, Scale]:
    """How the loss adds up over a batch, by its size; targets that it refuses are refused here.

    It gets Values with the numbers of a few predictions, and all targets.
    """
    n, size = len(task.inputs), task.batch_size
    few = [task.model(task.inputs[i]) for i in range(0, n, -(-n // FEW))]
    parameters = set(task.optimiser.parameters)
    found: dict[int, Scale] = {}

    def loss(predictions: Batch, targets: Batch) -> Value:
        return _one_value(task.loss(predictions, targets))

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
    if not _is_row(prediction):
        return prediction
    leaves = [_leaves_like(x) for x in prediction]
    if hasattr(prediction, "dtype"):
        import numpy as np

        return np.array(leaves, dtype=object)
    return leaves


def _numbers(output: Any) -> Any:
    """The numbers of one prediction, so that its graph can go."""
    return [_numbers(x) for x in output] if _is_row(output) else float(output)


def _is_row(x: Any) -> bool:
    return hasattr(x, "__len__")


def _largest(row: Sequence[Any]) -> int:
    return max(range(len(row)), key=lambda i: float(row[i]))
