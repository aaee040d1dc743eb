"""Predictions beside targets, checked; and one number of a batch made of the losses of each.

Next: ``losses.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from numbers import Real
from typing import Any, Literal, Protocol, TypeAlias, overload

from .. import ops
from ..engine.groups import number_of
from ..value import Operand, Value

# One entry per sample, a number or a row of them; an array of NumPy is such a Collection too. Of
# Values a loss is a Value, of floats alone a float, of both a Value. Values come first: what a
# model gives may be Any, and a checker that cannot choose takes the first.
ValueSamples: TypeAlias = Collection[Value | Sequence[Value]]
FloatSamples: TypeAlias = Collection[float | Sequence[float]]
Samples: TypeAlias = Collection[Operand | Sequence[Operand]]

One: TypeAlias = Literal["mean", "sum", "batchmean"]


class Loss(Protocol):
    """A loss of a batch: one number, or with ``reduction="none"`` a list of one per entry."""

    @property
    def __name__(self) -> str: ...
    @overload
    def __call__(
        self, predictions: ValueSamples, targets: Samples, reduction: One = ..., **settings: float
    ) -> Value: ...
    @overload
    def __call__(  # type: ignore[overload-overlap]  # an empty batch is of both kinds
        self,
        predictions: FloatSamples,
        targets: FloatSamples,
        reduction: One = ...,
        **settings: float,
    ) -> float: ...
    @overload
    def __call__(
        self, predictions: Samples, targets: Samples, reduction: One = ..., **settings: float
    ) -> Value: ...
    @overload
    def __call__(
        self,
        predictions: Samples,
        targets: Samples,
        reduction: Literal["none"],
        **settings: float,
    ) -> list[Any]: ...


def loss(function: Callable[..., Any]) -> Loss:
    """The function itself, with the types that all losses share."""
    return function


def reduced(
    name: str, entries: list[Any], reduction: str, like: Iterable[Any] = (), samples: int = 0
) -> Any:
    """The mean or the sum of the entries, or with "none" all of them, in rows where ``like`` has.

    "batchmean", where the number of ``samples`` is given, is the sum divided by it.
    """
    if reduction == "mean":
        return ops.mean(entries)
    if reduction == "sum":
        return ops.sum(entries)
    if reduction == "none":
        each = iter(entries)
        rows = [
            [next(each) for _ in row] if hasattr(row, "__len__") else next(each) for row in like
        ]
        return rows or entries
    if reduction == "batchmean" and samples:
        return ops.sum(entries) / samples
    known = '"mean", "sum" or "none"' + (', "batchmean" too' if samples else "")
    raise ValueError(f"{name} takes reduction={known}; got {reduction!r}.")


def paired(name: str, outputs: Samples, targets: Samples) -> list[tuple[Any, Any]]:
    """A pair for each sample. Raises ``TypeError`` for no lists, ``ValueError`` for two lengths."""
    for items in (outputs, targets):
        if not hasattr(items, "__len__"):
            raise TypeError(
                f"{name} takes a list of predictions and a list of targets; got {items!r}. For "
                f"one sample write {name}([prediction], [target])."
            )
    if len(outputs) != len(targets):
        raise ValueError(
            f"{name} pairs each prediction with a target; got {len(outputs)} predictions and "
            f"{len(targets)} targets."
        )
    return list(zip(listed(outputs), listed(targets), strict=True))


def number_by_number(name: str, outputs: Samples, targets: Samples) -> list[tuple[Any, Any]]:
    """A pair for each number, of rows that are written one after the other."""
    if hasattr(outputs, "__len__") and hasattr(targets, "__len__"):
        outputs, targets = _flat(outputs), _flat(targets)
    return paired(name, outputs, targets)


def target_number(name: str, target: Any) -> float:
    """The number of a target, which is looked at and no more."""
    if hasattr(target, "__len__"):
        raise TypeError(
            f"{name} takes one number per sample as the target; got {target!r}. Where y is an "
            f"array of rows with one number each, give y.ravel()."
        )
    return number_of(target) if isinstance(target, Value) else float(target)


def check_row(name: str, row: Any, instead: str) -> None:
    """Refuse a single number where a row of one per class is meant."""
    if isinstance(row, Value | int | float):
        raise TypeError(
            f"{name} takes a row of one number per class and sample; got one number. {instead}"
        )


def classes(name: str, row: Sequence[Any], target: Any) -> list[Any]:
    """For each class of a row whether it is the target: True or False.

    A class number that is a Value may be another when a program runs, and then they are Values.
    """
    number = number_of(target) if isinstance(target, Value) else target
    if not isinstance(number, Real) or number not in range(len(row)):
        raise (ValueError if isinstance(number, Real) else TypeError)(
            f"{name} takes class numbers as targets, 0 to {len(row) - 1} for rows of {len(row)}; "
            f"got {number!r}."
        )
    if isinstance(target, Value):
        return [1.0 - abs(ops.sign(target - i)) for i in range(len(row))]
    return [i == number for i in range(len(row))]


def of_target(row: Sequence[Any], chosen: Sequence[Any]) -> Any:
    """The entry of a row that is the target, by its ``classes``.

    Of Values it is divided by the number of classes that are chosen, 1, so that what names no
    class is no answer, in a program too.
    """
    for x, its in zip(row, chosen, strict=True):
        if its is True:
            return x
    entry = ops.sum([ops.where(mask, x, 0.0) for mask, x in zip(chosen, row, strict=True)])
    return entry / ops.sum(chosen)


def listed(items: Any) -> Any:
    """A NumPy array as a list of Python numbers."""
    return items.tolist() if hasattr(items, "tolist") else items


def _flat(items: Iterable[Any]) -> list[Any]:
    """Rows written one after the other; a sequence of numbers as it is."""
    flat: list[Any] = []
    for item in items:
        flat.extend(item if hasattr(item, "__len__") else [item])
    return flat
