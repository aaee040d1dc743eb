"""What training makes small: losses over a batch, each the mean over its samples.

Names and meanings are those of ``torch.nn.functional`` where it has them. Written so that no
digit is lost where the network is sure of itself: −log p is never the logarithm of a rounded p.

Next: ``init.py``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from numbers import Real
from typing import Any, TypeAlias, overload

from .. import derived, ops
from ..engine.groups import number_of
from ..value import Operand, Value

# One entry per sample, a number or a row of them; an array of NumPy is such a Collection too. Of
# Values a loss is a Value, of floats alone a float, of both a Value. Values come first: what a
# model gives may be Any, and a checker that cannot choose takes the first.
ValueSamples: TypeAlias = Collection[Value | Sequence[Value]]
FloatSamples: TypeAlias = Collection[float | Sequence[float]]
Samples: TypeAlias = Collection[Operand | Sequence[Operand]]


@overload
def mse_loss(predictions: ValueSamples, targets: Samples) -> Value: ...
@overload
def mse_loss(predictions: FloatSamples, targets: FloatSamples) -> float: ...  # type: ignore[overload-overlap]
@overload
def mse_loss(predictions: Samples, targets: Samples) -> Value: ...
def mse_loss(predictions: Samples, targets: Samples) -> Value | float:
    """The mean of (prediction − target)²; rows of several outputs count number by number.

    Raises ``ValueError`` where predictions and targets differ in number.

    >>> mse_loss([Value(1.0), Value(2.0)], [0.0, 4.0]).data
    2.5
    """
    pairs = _pairs("mse_loss", predictions, targets, flat=True)
    loss: Value | float = ops.mean(
        [ops.square(prediction - target) for prediction, target in pairs]
    )
    return loss


@overload
def hinge_loss(scores: ValueSamples, labels: Samples, margin: float = ...) -> Value: ...
@overload
def hinge_loss(scores: FloatSamples, labels: FloatSamples, margin: float = ...) -> float: ...  # type: ignore[overload-overlap]
@overload
def hinge_loss(scores: Samples, labels: Samples, margin: float = ...) -> Value: ...
def hinge_loss(scores: Samples, labels: Samples, margin: float = 1.0) -> Value | float:
    """Max-margin: the mean of relu(margin − label · score), for labels −1 and 1.

    It is 0 once every score has the sign of its label and at least the margin's size. Raises
    ``ValueError`` for other labels.

    >>> hinge_loss([Value(3.0), Value(0.5)], [1, -1]).data
    0.75
    """
    pairs = _pairs("hinge_loss", scores, labels)
    for _, label in pairs:
        if (x := _target("hinge_loss", label)) not in (-1.0, 1.0):
            raise ValueError(
                f"hinge_loss takes the labels −1 and 1; got {x:g}. For classes 0 and 1 "
                f"write 2 * y - 1, or use binary_cross_entropy_with_logits."
            )
    loss: Value | float = ops.mean([ops.relu(margin - label * score) for score, label in pairs])
    return loss


@overload
def binary_cross_entropy_with_logits(logits: ValueSamples, targets: Samples) -> Value: ...
@overload
def binary_cross_entropy_with_logits(logits: FloatSamples, targets: FloatSamples) -> float: ...  # type: ignore[overload-overlap]
@overload
def binary_cross_entropy_with_logits(logits: Samples, targets: Samples) -> Value: ...
def binary_cross_entropy_with_logits(logits: Samples, targets: Samples) -> Value | float:
    """The mean of −t·log σ(s) − (1 − t)·log σ(−s) for targets t from 0 to 1, finite at any logit.

    Raises ``ValueError`` for targets outside 0 to 1.

    >>> binary_cross_entropy_with_logits([Value(0.0), Value(-800.0)], [1, 1]).data
    400.346573590...
    """
    pairs = _pairs("binary_cross_entropy_with_logits", logits, targets)
    loss: Value | float = ops.mean([_binary_surprise(logit, target) for logit, target in pairs])
    return loss


@overload
def cross_entropy(logits: ValueSamples, targets: Samples) -> Value: ...
@overload
def cross_entropy(logits: FloatSamples, targets: FloatSamples) -> float: ...  # type: ignore[overload-overlap]
@overload
def cross_entropy(logits: Samples, targets: Samples) -> Value: ...
def cross_entropy(logits: Samples, targets: Samples) -> Value | float:
    """The mean of −log softmax(row)[target], a row of logits and a class number per sample.

    A target may also be a row of probabilities, one per class, such as 0 and 1. Raises
    ``ValueError`` for a target that is neither. A compiled program takes class numbers too, where
    its targets are inputs.

    >>> cross_entropy([[Value(0.0), Value(0.0)], [Value(800.0), Value(0.0)]], [1, 1]).data
    400.346573590...
    """
    pairs = _pairs("cross_entropy", logits, targets)
    loss: Value | float = ops.mean([_surprise(row, target) for row, target in pairs])
    return loss


def _binary_surprise(logit: Any, target: Any) -> Any:
    """−log of the probability given to the target: softplus keeps the digits of 1 − σ."""
    if not 0.0 <= (x := _target("binary_cross_entropy_with_logits", target)) <= 1.0:
        raise ValueError(
            f"binary_cross_entropy_with_logits takes targets from 0 to 1; got {x:g}. "
            f"For labels −1 and 1 write (y + 1) / 2, or use hinge_loss."
        )
    if not isinstance(target, Value) and target in (0, 1):
        return ops.softplus(-logit if target else logit)
    return target * ops.softplus(-logit) + (1.0 - target) * ops.softplus(logit)


def _surprise(row: Sequence[Any], target: Any) -> Any:
    """log Σ e^(xⱼ − x_target): its terms are e⁰ = 1 and those that shrink as the row gets sure."""
    if isinstance(row, Value | int | float):
        raise TypeError(
            "cross_entropy takes a row of logits per sample; got one number. For one logit per "
            "sample use binary_cross_entropy_with_logits."
        )
    if hasattr(target, "__len__"):
        if len(target) != len(row):
            raise ValueError(
                f"cross_entropy takes a probability per class; got {len(target)} for a row of "
                f"{len(row)} logits."
            )
        pairs = zip(_numbers(target), derived.log_softmax(row), strict=True)
        told = [(t, x) for t, x in pairs if isinstance(t, Value) or t]  # 0 · log 0 is 0 here
        return -ops.dot([t for t, _ in told], [x for _, x in told])
    number = number_of(target) if isinstance(target, Value) else target
    if not isinstance(number, Real) or number not in range(len(row)):
        raise (ValueError if isinstance(number, Real) else TypeError)(
            f"cross_entropy takes class numbers as targets, 0 to {len(row) - 1} for rows of "
            f"{len(row)} logits; got {number!r}."
        )
    if isinstance(target, Value):
        return _surprise_of_class(row, target)
    right = row[int(target)]
    return ops.logsumexp([0.0 if i == target else x - right for i, x in enumerate(row)])


def _surprise_of_class(row: Sequence[Any], target: Value) -> Any:
    """The same for a class number that a program is given later: it chooses by a mask.

    The division is by the number of classes that it names, 1, so that a number that is no class
    is no answer, in a program too.
    """
    chosen = [1.0 - abs(ops.sign(target - i)) for i in range(len(row))]
    right = ops.sum([ops.where(mask, x, 0.0) for mask, x in zip(chosen, row, strict=True)])
    return ops.logsumexp([x - right for x in row]) / ops.sum(chosen)


def _pairs(
    loss: str, outputs: Samples, targets: Samples, flat: bool = False
) -> list[tuple[Any, Any]]:
    for items in (outputs, targets):
        if not hasattr(items, "__len__"):
            raise TypeError(
                f"{loss} takes a list of predictions and a list of targets; got {items!r}. For "
                f"one sample write {loss}([prediction], [target])."
            )
    if flat:
        outputs, targets = _flat(outputs), _flat(targets)
    if len(outputs) != len(targets):
        raise ValueError(
            f"{loss} pairs each prediction with a target; got {len(outputs)} predictions and "
            f"{len(targets)} targets."
        )
    return list(zip(outputs, _numbers(targets), strict=True))


def _target(loss: str, target: Any) -> float:
    if hasattr(target, "__len__"):
        raise TypeError(
            f"{loss} takes one number per sample as the target; got {target!r}. Where y is an "
            f"array of rows with one number each, give y.ravel()."
        )
    return number_of(target) if isinstance(target, Value) else float(target)  # looked at, no more


def _flat(items: Iterable[Any]) -> list[Any]:
    """Rows written one after the other; a sequence of numbers as it is."""
    flat: list[Any] = []
    for item in items:
        flat.extend(item if hasattr(item, "__len__") else [item])
    return flat


def _numbers(items: Any) -> Any:
    """A NumPy array as a list of Python numbers."""
    return items.tolist() if hasattr(items, "tolist") else items
