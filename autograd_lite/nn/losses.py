"""What training makes small: losses over a batch, by default the mean over its samples.

Names and meanings are those of ``torch.nn.functional`` where it has them, ``reduction`` too: the
``"mean"`` or the ``"sum"`` of the entries, or with ``"none"`` a list of them. Written so that no
digit is lost where the network is sure of itself: −log p is never the logarithm of a rounded p.
Predictions and targets that differ in number are a ``ValueError`` everywhere.

Next: ``init.py``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from .. import derived, ops
from ..engine.groups import number_of
from ..engine.undefined import ieee_arithmetic
from ..value import Constant, Value, as_value
from .pairs import (
    Samples,
    check_row,
    classes,
    listed,
    loss,
    number_by_number,
    of_target,
    paired,
    reduced,
    target_number,
)

__all__ = [
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "cross_entropy",
    "hinge_loss",
    "huber_loss",
    "kl_div",
    "l1_loss",
    "mse_loss",
    "multi_margin_loss",
    "nll_loss",
]


# --- number by number: rows of several outputs count each number ----------------------------------


@loss
def mse_loss(predictions: Samples, targets: Samples, reduction: str = "mean") -> Any:
    """(prediction − target)².

    >>> mse_loss([Value(1.0), Value(2.0)], [0.0, 4.0]).data
    2.5
    >>> mse_loss([[1.0, 2.0], [3.0, 4.0]], [[1.0, 0.0], [0.0, 4.0]], reduction="none")
    [[0.0, 4.0], [9.0, 0.0]]
    """
    pairs = number_by_number("mse_loss", predictions, targets)
    return reduced("mse_loss", [ops.square(p - t) for p, t in pairs], reduction, predictions)


@loss
def l1_loss(predictions: Samples, targets: Samples, reduction: str = "mean") -> Any:
    """\\|prediction − target\\|, with the slope 0 where both are equal.

    >>> l1_loss([1.0, 2.0], [0.0, 4.0])
    1.5
    """
    pairs = number_by_number("l1_loss", predictions, targets)
    return reduced("l1_loss", [ops.abs(p - t) for p, t in pairs], reduction, predictions)


@loss
def huber_loss(
    predictions: Samples, targets: Samples, reduction: str = "mean", delta: float = 1.0
) -> Any:
    """½·d² for differences d up to ``delta`` in size, delta·(\\|d\\| − ½·delta) for others.

    From Huber, 1964. Raises ``ValueError`` for a delta that is not positive.

    >>> huber_loss([0.5, 3.0], [0.0, 0.0], reduction="none")
    [0.125, 2.5]
    """
    if not delta > 0.0:
        raise ValueError(f"huber_loss takes a positive delta; got {delta!r}.")

    def huber(difference: Any) -> Any:
        held = derived.clip(difference, -delta, delta)
        return held * (difference - 0.5 * held)

    pairs = number_by_number("huber_loss", predictions, targets)
    return reduced("huber_loss", [huber(p - t) for p, t in pairs], reduction, predictions)


@loss
def binary_cross_entropy(probabilities: Samples, targets: Samples, reduction: str = "mean") -> Any:
    """−t·log p − (1 − t)·log(1 − p) for probabilities p and targets t, both from 0 to 1.

    Of logits ``binary_cross_entropy_with_logits`` keeps the digits that a rounded p has lost.
    Raises ``ValueError`` for numbers outside 0 to 1, and for a p of 0 or 1 that excludes what its
    target says: that loss is infinite (PyTorch answers 100).

    >>> round(binary_cross_entropy([0.5, 0.9], [0, 1]), 6)
    0.399254
    """
    name = "binary_cross_entropy"
    pairs = number_by_number(name, probabilities, targets)
    entries = [_surprise_of_probability(p, t) for p, t in pairs]
    return reduced(name, entries, reduction, probabilities)


@loss
def binary_cross_entropy_with_logits(
    logits: Samples, targets: Samples, reduction: str = "mean"
) -> Any:
    """−t·log σ(s) − (1 − t)·log σ(−s) for targets t from 0 to 1, finite at any logit s.

    Raises ``ValueError`` for targets outside 0 to 1.

    >>> binary_cross_entropy_with_logits([Value(0.0), Value(-800.0)], [1, 1]).data
    400.346573590...
    """
    name = "binary_cross_entropy_with_logits"
    pairs = number_by_number(name, logits, targets)
    return reduced(name, [_surprise_of_logit(s, t) for s, t in pairs], reduction, logits)


@loss
def kl_div(log_probabilities: Samples, targets: Samples, reduction: str = "mean") -> Any:
    """t·(log t − x), how far probabilities t are from those whose logarithms x are predicted.

    ``"mean"`` counts each number, as in PyTorch; the divergence of a sample, which a row is, is
    that of ``"batchmean"`` (Kullback, Leibler, 1951). Raises ``ValueError`` for negative targets.

    >>> round(kl_div([[-0.7, -0.7]], [[0.5, 0.5]], reduction="batchmean"), 6)
    0.006853
    """
    pairs = number_by_number("kl_div", log_probabilities, targets)
    entries = [_divergence(x, t) for x, t in pairs]
    return reduced("kl_div", entries, reduction, log_probabilities, len(log_probabilities))


# --- sample by sample -----------------------------------------------------------------------------


@loss
def hinge_loss(
    scores: Samples, labels: Samples, margin: float = 1.0, reduction: str = "mean"
) -> Any:
    """Max-margin: relu(margin − label · score), for labels −1 and 1.

    It is 0 once every score has the sign of its label and at least the margin's size. Raises
    ``ValueError`` for other labels.

    >>> hinge_loss([Value(3.0), Value(0.5)], [1, -1]).data
    0.75
    """
    pairs = paired("hinge_loss", scores, labels)
    for _, label in pairs:
        if (x := target_number("hinge_loss", label)) not in (-1.0, 1.0):
            raise ValueError(
                f"hinge_loss takes the labels −1 and 1; got {x:g}. For classes 0 and 1 "
                f"write 2 * y - 1, or use binary_cross_entropy_with_logits."
            )
    return reduced("hinge_loss", [ops.relu(margin - t * s) for s, t in pairs], reduction)


@loss
def multi_margin_loss(
    rows: Samples, targets: Samples, margin: float = 1.0, reduction: str = "mean"
) -> Any:
    """Max-margin for classes: the mean over a row of relu(margin − x[target] + x[other]).

    The target itself counts 0 and is counted in the mean (Crammer, Singer, 2001, as PyTorch has
    it). Raises ``ValueError`` for a class number that the row does not have.

    >>> multi_margin_loss([[0.1, 2.0, 1.5]], [1])
    0.16666666666666666
    """
    name = "multi_margin_loss"

    def hinge(row: Sequence[Any], target: Any) -> Any:
        check_row(name, row, "For one score per sample use hinge_loss.")
        chosen = classes(name, row, target)
        right = of_target(row, chosen)
        others = [
            entry if its is False else ops.where(its, 0.0, entry)
            for its, entry in zip(chosen, [ops.relu(margin - right + x) for x in row], strict=True)
            if its is not True
        ]
        return ops.sum(others) / len(row)

    return reduced(name, [hinge(*pair) for pair in paired(name, rows, targets)], reduction)


@loss
def nll_loss(log_probabilities: Samples, targets: Samples, reduction: str = "mean") -> Any:
    """−row[target], a row of logarithms of probabilities, as ``log_softmax`` gives them.

    Raises ``ValueError`` for a class number that the row does not have.

    >>> nll_loss([[-0.5, -2.0], [-1.0, -0.25]], [0, 1])
    0.375
    """
    name = "nll_loss"

    def surprise(row: Sequence[Any], target: Any) -> Any:
        check_row(name, row, "For one probability per sample use binary_cross_entropy.")
        return -of_target(row, classes(name, row, target))

    pairs = paired(name, log_probabilities, targets)
    return reduced(name, [surprise(*pair) for pair in pairs], reduction)


@loss
def cross_entropy(
    logits: Samples, targets: Samples, reduction: str = "mean", expanded: bool = False
) -> Any:
    """−log softmax(row)[target], a row of logits and a class number per sample.

    A target may also be a row of probabilities, one per class, such as 0 and 1. Raises
    ``ValueError`` for a target that is neither. A compiled program takes class numbers too, where
    its targets are inputs.

    >>> cross_entropy([[Value(0.0), Value(0.0)], [Value(800.0), Value(0.0)]], [1, 1]).data
    400.346573590...

    ``expanded``, for pictures and steps, is −Σ y·log p, as textbooks have it: the graph holds the
    probabilities ``p[1]``, … of a softmax and ``y[1]``, …, of which 1 is that of the target; the
    gradient at the logits is p − y. Raises ``ValueError`` where a number on the way is 0 or
    infinite, as in the second row above.

    >>> z = [Value(1.0), Value(3.0)]
    >>> cross_entropy([z], [0], expanded=True).backward()
    >>> [x.grad for x in z]  # 0.119… − 1 and 0.880… − 0
    [-0.880797077..., 0.880797077...]
    """
    name, pairs = "cross_entropy", paired("cross_entropy", logits, targets)
    return reduced(name, [_surprise(row, t, expanded) for row, t in pairs], reduction)


# --- what one entry adds --------------------------------------------------------------------------


def _in_unit(name: str, what: str, x: Any, instead: str) -> float:
    """The number of x, which is looked at, from 0 to 1."""
    number = target_number(name, x)
    if not 0.0 <= number <= 1.0:
        raise ValueError(f"{name} takes {what} from 0 to 1; got {number:g}. {instead}")
    return number


def _surprise_of_probability(p: Any, target: Any) -> Any:
    """−log of the probability given to the target; what weighs 0 is left out."""
    name, logits = "binary_cross_entropy", "Of logits take binary_cross_entropy_with_logits."
    t = _in_unit(name, "targets", target, "For labels −1 and 1 write (y + 1) / 2.")
    x = _in_unit(name, "probabilities", p, logits)
    if (x == 0.0 and t > 0.0) or (x == 1.0 and t < 1.0):
        raise ValueError(
            f"{name} is infinite where the probability is {x:g} and the target {t:g}. {logits}"
        )
    if isinstance(target, Value) or 0.0 < t < 1.0:
        return -(target * ops.log(p) + (1.0 - target) * ops.log1p(-p))
    return -(ops.log(p) if t else ops.log1p(-p))


def _surprise_of_logit(logit: Any, target: Any) -> Any:
    """−log of the probability given to the target: softplus keeps the digits of 1 − σ."""
    _in_unit(
        "binary_cross_entropy_with_logits", "targets", target,
        "For labels −1 and 1 write (y + 1) / 2, or use hinge_loss.",
    )  # fmt: skip
    if not isinstance(target, Value) and target in (0, 1):
        return ops.softplus(-logit if target else logit)
    return target * ops.softplus(-logit) + (1.0 - target) * ops.softplus(logit)


def _divergence(x: Any, target: Any) -> Any:
    """t·(log t − x); 0 · log 0 is 0 here."""
    t = target_number("kl_div", target)
    if not t >= 0.0:
        raise ValueError(f"kl_div takes probabilities as targets, 0 or more; got {t:g}.")
    if isinstance(target, Value):
        return target * (ops.log(target) - x)
    return t * (ops.log(t) - x) if t else 0.0


def _surprise(row: Sequence[Any], target: Any, expanded: bool) -> Any:
    """log Σ e^(xⱼ − x_target): its terms are e⁰ = 1 and those that shrink as the row gets sure."""
    check_row(
        "cross_entropy", row, "For one logit per sample use binary_cross_entropy_with_logits."
    )
    if hasattr(target, "__len__"):
        if len(target) != len(row):
            raise ValueError(
                f"cross_entropy takes a probability per class; got {len(target)} for a row of "
                f"{len(row)} logits."
            )
        if expanded:
            return _in_steps(row, listed(target))
        pairs = zip(listed(target), derived.log_softmax(row), strict=True)
        told = [(t, x) for t, x in pairs if isinstance(t, Value) or t]  # 0 · log 0 is 0 here
        return -ops.dot([t for t, _ in told], [x for _, x in told])
    chosen = classes("cross_entropy", row, target)
    if expanded:
        return _in_steps(row, [its / ops.sum(chosen) for its in chosen])
    right = of_target(row, chosen)
    shifted = [0.0 if its is True else x - right for x, its in zip(row, chosen, strict=True)]
    return ops.logsumexp(shifted)


def _in_steps(row: Sequence[Any], target: Sequence[Any]) -> Any:
    """−Σ yₖ·log pₖ for pₖ = e^xₖ / Σ e^xⱼ, which have names."""
    with ieee_arithmetic():
        powers = [ops.exp(as_value(x)) for x in row]
        total = ops.sum(powers)
        p = _named("p", [power / total for power in powers])
    pairs = zip(_named("y", target), p, strict=True)
    told = [(t, x) for t, x in pairs if number_of(t) or number_of(x)]  # 0 · log 0 is 0 here
    if number_of(total) in (0.0, math.inf) or not all(number_of(x) for _, x in told):
        raise ValueError(
            "cross_entropy with expanded=True takes eˣ of each logit and the logarithm of each "
            "probability, and one of them is 0 or infinite here. Leave expanded=True out: then it "
            "takes the logits as they are."
        )
    loss = -ops.dot([t for t, _ in told], [ops.log(x) for _, x in told])
    return loss if any(isinstance(x, Value) for x in (*row, *target)) else loss.data


def _named(name: str, row: Sequence[Any]) -> list[Value]:
    values = [x if isinstance(x, Value) else Constant(x) for x in row]
    for k, value in enumerate(values, start=1):
        value.label = value.label or f"{name}[{k}]"
    return values
