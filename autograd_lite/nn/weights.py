"""The numbers of parameters as arrays: read, written, saved to a file, loaded from one.

Where NumPy is not, nested lists are in the place of arrays.

A *block* is a parameter, or a list or an array of them; nested lists are its axes. A ``None`` in it
is a place where a mask leaves no parameter: it reads as 0. Numbers are checked as a whole before
the first one is assigned, so that bad ones leave a model as it was. Files are never pickles, which
may run code: they are JSON, or safetensors, which other libraries read.

Next: ``forms.py``.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from .. import files
from ..engine.arrays import has_numpy, is_array, np
from ..engine.inputs import real
from ..value import Constant, Value

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Array: TypeAlias = NDArray[np.float64]

#: The numbers of a model by the names of its blocks.
State: TypeAlias = "dict[str, Array]"

FORMAT = "autograd_lite weights"  # what a file says of itself


class Unmatched(NamedTuple):
    """Names that a model and a state do not share."""

    missing: list[str]  # the model has them, the state has not
    unexpected: list[str]  # the state has them, the model has not


def is_parameter(value: object) -> bool:
    """Whether it is a leaf that training may move."""
    return isinstance(value, Value) and value.op is None and not isinstance(value, Constant)


# --- blocks and their numbers ---------------------------------------------------------------------


def shape(block: Any) -> tuple[int, ...] | None:
    """The axes of a block; None for what is no block, such as rows of different lengths.

    >>> row = [Value(1.0), Value(2.0)]
    >>> shape(row[0]), shape([row, row]), shape([row, row[:1]]), shape([])
    ((), (2, 2), None, None)
    """
    if is_parameter(block):
        return ()
    if not _has_entries(block) or len(block) == 0:
        return None
    first, *rest = map(shape, block)
    return None if first is None or any(x != first for x in rest) else (len(block), *first)


def numbers(block: Any, of: str = "data") -> Any:
    """The numbers of a block, or ``of="grad"`` its gradients, as an array of its shape.

    >>> numbers([[Value(1.0), None], [Value(2.0), Value(3.0)]])
    array([[1., 0.],
           [2., 3.]])
    """

    def read(item: Any) -> Any:
        if _has_entries(item):
            return [read(entry) for entry in item]
        return 0.0 if item is None else getattr(item, of)

    return np.array(read(block), dtype=float) if has_numpy() else read(block)


def checked(block: Any, given: ArrayLike, title: str) -> list[float]:
    """The given numbers in a row, one for each place of a block.

    Raises ``TypeError`` for what are no real numbers, ``ValueError`` for another shape and for
    anything but 0 where there is no parameter.
    """
    (came, row), (expected, places) = _in_a_row(given, title), (_axes(block), [*_flat(block)])
    if came != expected or len(row) != len(places):
        raise ValueError(f"{title} has the shape {expected}; got {came}.")
    for x, number in zip(places, row, strict=True):
        if x is None and number != 0.0:
            raise ValueError(f"{title} has no parameter where its mask is 0; got {number:g} there.")
    return row


def _in_a_row(given: Any, title: str) -> tuple[tuple[int, ...], list[float]]:
    """The axes of given numbers, and the numbers; ``TypeError`` for what are none."""
    if not has_numpy():
        return _axes(given), [real(x, f"{title} holds") for x in _flat(given)]
    array = np.asarray(given)
    if array.dtype.kind not in "fiu":
        raise TypeError(
            f"{title} takes real numbers; got an array of {array.dtype}. For a model whose "
            f"parameters are Values of yours write model.at(values)."
        )
    row: list[float] = array.astype(float).ravel().tolist()
    return array.shape, row


def _axes(block: Any) -> tuple[int, ...]:
    """The lengths of nested lists, as the first of each have them."""
    return (len(block), *_axes(block[0])) if _has_entries(block) and len(block) else ()


def assign(block: Any, row: Iterable[float], of: str = "data") -> None:
    """Give the parameters of a block their numbers, in a row that was ``checked``."""
    for x, number in zip(_flat(block), row, strict=True):
        if x is not None:
            setattr(x, of, number)


class Numbers:
    """A property of a module: the numbers of one of its blocks, which assigning gives others."""

    def __init__(self, block: Callable[[Any], Any], doc: str, of: str = "data") -> None:
        self.block, self.of, self.__doc__ = block, of, doc

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, module: Any, kind: type) -> Any:
        return self if module is None else numbers(self.block(module), self.of)

    def __set__(self, module: Any, given: ArrayLike) -> None:
        block = self.block(module)
        assign(block, checked(block, given, f"{type(module).__name__}.{self.name}"), self.of)


def load(blocks: Mapping[str, Any], state: Mapping[str, ArrayLike], strict: bool) -> Unmatched:
    """Give all blocks the numbers that a state has under their names, or none of them."""
    if not isinstance(state, Mapping):
        raise TypeError(f"A state is a dict of arrays by name; got a {type(state).__name__}.")
    unmatched = Unmatched(
        [name for name in blocks if name not in state],
        [name for name in state if name not in blocks],
    )
    if strict and any(unmatched):
        parts = zip(("it lacks ", "it has no place for "), unmatched, strict=True)
        told = "; ".join(said + _some(names) for said, names in parts if names)
        raise ValueError(
            f"The state does not fit the model: {told}. With strict=False what fits is loaded."
        )
    found = {name: checked(blocks[name], state[name], name) for name in blocks if name in state}
    given: dict[Value, float] = {}
    for name, row in found.items():
        for x, number in zip(_flat(blocks[name]), row, strict=True):
            if given.setdefault(x, number) != number and number == number:
                raise ValueError(
                    f"{name} shares a parameter that the state has already given another number: "
                    f"{given[x]!r}, and here {number!r}."
                )
    for name, row in found.items():
        assign(blocks[name], row)
    return unmatched


def _has_entries(item: Any) -> bool:
    return isinstance(item, list | tuple) or bool(getattr(item, "shape", ()))


def _flat(block: Any) -> Iterator[Any]:
    if _has_entries(block):
        for entry in block:
            yield from _flat(entry)
    else:
        yield block.item() if hasattr(block, "item") else block


def _some(names: Iterable[object], most: int = 5) -> str:
    """A few names, cut where they are long: they may come from a stranger's file."""
    names = list(names)
    told = ", ".join(repr(name)[:60] for name in names[:most])
    return told if len(names) <= most else f"{told} and {len(names) - most} more"


# --- files ----------------------------------------------------------------------------------------


def write(path: str | os.PathLike[str], state: State) -> Path:
    """Write a state to a ``.json`` or ``.safetensors`` file, which is there whole or not at all."""
    return files.write(path, _format(path).dump(state))


def read(path: str | os.PathLike[str]) -> State:
    """The state in a file; ``ValueError`` where it holds something else or is damaged."""
    form, content = _format(path), Path(path).read_bytes()
    try:
        return form.parse(content)
    except ImportError:
        raise
    except (Exception, RecursionError) as error:  # a stranger's file may break a parser anyhow
        why = str(error)[:200] or type(error).__name__
        raise ValueError(f"{Path(path).name} holds no weights that can be read: {why}.") from None


def _dump_json(state: State) -> str:
    for name, block in state.items():
        for number in _flat(block):
            if not abs(number) < float("inf"):
                raise ValueError(
                    f"{name} has the number {number}, which JSON cannot write. Save it as "
                    f".safetensors, or find out where it came from: autograd_lite.diagnose."
                )
    parameters = {name: x.tolist() if is_array(x) else x for name, x in state.items()}
    return json.dumps({"format": FORMAT, "parameters": parameters}, indent=1) + "\n"


def _parse_json(content: bytes) -> State:
    said = json.loads(content.decode(), object_pairs_hook=_distinct, parse_constant=_no_number)
    if not isinstance(said, dict) or said.get("format") != FORMAT:
        raise ValueError(f'it does not begin with "format": "{FORMAT}"')
    if not isinstance(said.get("parameters"), dict):
        raise ValueError("it has no parameters")
    parameters: State = said["parameters"]
    return {name: np.asarray(x) if has_numpy() else x for name, x in parameters.items()}


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice")
    return found


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number in JSON")


def _dump_safetensors(state: State) -> bytes:
    return bytes(_safetensors().save(state, metadata={"format": FORMAT}))


def _parse_safetensors(content: bytes) -> State:
    return dict(_safetensors().load(content))


def _safetensors() -> Any:
    try:
        import safetensors.numpy
    except ImportError:
        raise ImportError(
            "A .safetensors file needs the package safetensors: pip install "
            "'autograd_lite[safetensors]'. A .json file needs nothing."
        ) from None
    return safetensors.numpy


class _Format(NamedTuple):
    dump: Callable[[State], str | bytes]
    parse: Callable[[bytes], State]


FORMATS = {
    ".json": _Format(_dump_json, _parse_json),
    ".safetensors": _Format(_dump_safetensors, _parse_safetensors),
}


def _format(path: str | os.PathLike[str]) -> _Format:
    form = FORMATS.get(Path(path).suffix.lower())
    if form is None:
        raise ValueError(
            f"Weights are saved as .json or .safetensors; got {Path(path).name!r}. Give the file "
            f"one of these names."
        )
    return form
