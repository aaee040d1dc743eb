"""``fit``: show a model its data again and again, each time a step down the slope of the loss.

One epoch shows every sample once, in minibatches; each minibatch is one graph, differentiated once
and then dropped, or one run of a compiled program.

Next: ``film/__init__.py``.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from numbers import Integral
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from . import minibatches
from .engine.order import topological_order
from .history import History as History
from .minibatches import Batch, Loss, Model, Row, Task, is_row, one_value
from .nn import Module
from .nn.pairs import Samples
from .optimiser import NotFinite, Optimiser, setting
from .progress import bar
from .value import Value

if TYPE_CHECKING:
    from .film import Film

Metric: TypeAlias = Callable[[Batch, Batch], float]


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
    validation: tuple[Iterable[Row], Iterable[object]] | None = None,
    callback: Callable[[History], object] | None = None,
    max_norm: float | None = None,
    seed: int = 0,
    compiled: bool | Literal["native"] = False,
    progress: bool = False,
    record: bool | int = False,
) -> History:
    """Train the model in place and return the history.

    ``X`` holds a row of inputs per sample, ``y`` the targets, as arrays or lists.
    ``loss(predictions, targets)`` gives a Value for a batch, a metric a number. Without a
    ``batch_size`` each epoch is one step over all samples; with one, the samples are shuffled in
    every epoch, by ``seed``. ``learning_rate(epoch)`` is a schedule, asked before each epoch,
    counted from 0; without one the optimiser's rate stays. ``max_norm`` clips the gradient of each
    step. Loss and metrics are those of the predictions made on the way, before each step.
    ``progress`` shows a bar, in a notebook and in a terminal.

    ``validation`` is an X and a y on which loss and metrics are taken after each epoch. Then
    ``callback(history)`` is called, which may save the model, change it, or stop the training by
    giving True. So does Ctrl-C: the history so far comes back, the model is that of a whole step.

    ``record`` keeps the parameters of every epoch, or of every so many, in ``history.film``, which
    shows the training as a page with a slider, saves it, and steps into a sample at any epoch.

    ``compiled`` runs the same steps as a program of matrices, each about 100 times as fast, to the
    same numbers but for rounding. It is for losses that are a mean or a sum over samples, as those
    of ``nn.losses`` are; what knows several samples at once is refused. ``compiled="native"`` does
    it in machine code (``autograd_lite[native]``), several times as fast again on small batches.

    The optimiser goes on from what it remembers: ten fits of one epoch are one fit of ten.

    Raises ``ValueError`` for data that do not fit together and for an optimiser of another model,
    ``TypeError`` for what is not what it says above.
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
    _check_arguments(model, loss, optimiser, epochs, batch_size, learning_rate, metrics, callback)
    metrics = metrics or {}
    inputs, targets = _as_lists(X, y)
    n = len(inputs)
    task = Task(
        model, loss, optimiser, inputs, targets, batch_size=min(batch_size or n, n),
        predictions=[None] * n, predicts=bool(metrics),
        native=bool(compiled) and _is_native(compiled),
        max_norm=None if max_norm is None else setting("max_norm", max_norm),
    )  # fmt: skip
    held_out = None if validation is None else _as_lists(*_pair(validation))
    history = History(metrics={name: [] for name in metrics})
    every = _every(record)
    film = history.film = _film(task, history) if every else None
    if held_out:
        history.validation = History(metrics={name: [] for name in metrics})
    _note_unmoved(task)
    batches = _batches(n, batch_size, random.Random(seed))
    ways = minibatches.compiled if compiled else minibatches.eager
    with bar(epochs, progress) as advance, _until_interrupted(history), ways(task) as steps:
        if film is not None:
            film.add(0, steps.numbers()[0], [0.0] * len(optimiser.parameters))
        for epoch in range(epochs):
            if learning_rate is not None:
                optimiser.learning_rate = learning_rate(epoch)
            losses: list[float] = []
            with _naming(epoch, losses, optimiser):
                for batch in next(batches):
                    losses.append(steps.step(batch) * len(batch))
                if held_out and history.validation:
                    predictions = steps.predict(held_out[0])
                    as_values = list(map(_values, predictions))
                    history.validation.loss.append(one_value(loss(as_values, held_out[1])).data)
                    _measure(history.validation, metrics, predictions, held_out[1])
            history.loss.append(math.fsum(losses) / n)
            history.learning_rate.append(optimiser.learning_rate)
            _measure(history, metrics, task.predictions, targets)
            advance({"loss": history.loss} | history.metrics)
            if film is not None and (epoch + 1 == epochs or (epoch + 1) % every == 0):
                film.add(epoch + 1, *steps.numbers())
            if callback is not None:
                with steps.shown():
                    if callback(history):
                        break
    return history


def _every(record: object) -> int:
    """Of how many epochs one is recorded; 0 for none."""
    if not isinstance(record, Integral) or record < 0:
        raise ValueError(f"record is True, or a number of epochs, 1 or more; got {record!r}.")
    return int(record)


def _film(task: Task, history: History) -> Film:
    from .film import Film

    return Film(
        task.model, task.loss, task.inputs, task.targets, task.optimiser.parameters, history.loss,
        history.metrics,
    )  # fmt: skip


def _measure(
    history: History, metrics: Mapping[str, Metric], predictions: Batch, targets: Batch
) -> None:
    for name, metric in metrics.items():
        history.metrics[name].append(metric(predictions, targets))


@contextmanager
def _until_interrupted(history: History) -> Iterator[None]:
    """Ctrl-C ends what is inside; how far it came is in the history."""
    try:
        yield
    except KeyboardInterrupt:
        history.interrupted = True


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
        if is_row(prediction):
            right += _largest(prediction) == (_largest(target) if is_row(target) else target)
        else:
            right += (prediction > 0) == (target > 0)
    return right / len(targets)


def _is_native(compiled: bool | str) -> bool:
    if compiled not in (True, "native"):
        raise ValueError(f'compiled is True, False or "native"; got {compiled!r}.')
    return compiled == "native"


def _check_arguments(
    model: Any, loss: Any, optimiser: Any, epochs: Any, batch_size: Any, learning_rate: Any,
    metrics: Any, callback: Any,
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
    if not (callback is None or callable(callback)):
        raise TypeError(f"callback is a function of the history so far; got {callback!r}.")
    for name, metric in (metrics or {}).items():
        if not callable(metric):
            raise TypeError(
                f"A metric is a function of predictions and targets; got {metric!r} as {name!r}."
            )


def _note_unmoved(task: Task) -> None:
    """Tell the optimiser of parameters that took the place of its own, in whatever way they did.

    It moves some that the loss does not read, and does not move others of the model that it reads.
    """
    if not isinstance(task.model, Module):
        return
    mine, theirs = set(task.optimiser.parameters), set(task.model.parameters())
    if mine <= theirs or theirs <= mine:
        return
    outputs = [task.model(x) for x in task.inputs[: task.batch_size]]
    loss = one_value(task.loss(outputs, task.targets[: task.batch_size]))
    read = set(topological_order(loss))
    if replaced := mine - theirs - read:
        for name, parameter in task.model.named_parameters():
            if parameter in read:
                task.optimiser.note_replaced(name, replaced, {parameter})


def _pair(validation: Any) -> tuple[Any, Any]:
    if not isinstance(validation, tuple | list) or len(validation) != 2:
        raise TypeError(
            f"validation is a pair (X, y) of samples and targets; got {validation!r:.60}."
        )
    X, y = validation
    return X, y


def _values(prediction: Any) -> Any:
    """Numbers as Values, as which a loss gets predictions."""
    return list(map(_values, prediction)) if is_row(prediction) else Value(prediction)


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


def _largest(row: Sequence[Any]) -> int:
    return max(range(len(row)), key=lambda i: float(row[i]))
