"""``Optimiser``: what steps parameters against their gradients, by a rule that a subclass gives.

It knows parameters and the gradients that ``backward()`` left on them, moves all of them or none,
and remembers for each what its rule keeps. A compiled program hands it all parameters as one flat
vector instead, and takes its memory along.

Next: ``optim.py``.
"""

from __future__ import annotations

import inspect
import math
import warnings
from collections.abc import Iterable, Mapping, Sequence
from math import isfinite
from numbers import Real
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from .engine.arrays import np
from .engine.updates import hear_of_replaced
from .value import Value

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: A parameter of the eager engine, or the flat vector of them all in a compiled program.
T = TypeVar("T", float, "NDArray[np.float64]")

#: What an optimiser remembers, by name: of one parameter, or of a flat vector of all.
State: TypeAlias = dict[str, Any]


#: What helps whoever has the graph.
SEARCH = " autograd_lite.diagnose(loss, model) says where in the graph it began."


class NotFinite(ArithmeticError, ValueError):
    """A step of training met a number that is infinite or NaN, and moved no parameter.

    >>> from autograd_lite.optim import SGD
    >>> w = Value(1.0, label="w")
    >>> w.grad = math.inf
    >>> SGD([w]).step()
    Traceback (most recent call last):
    autograd_lite.optimiser.NotFinite: The gradient of w is inf; no parameter was moved. ...
    """


class Optimiser:
    """Steps parameters against their gradients; a subclass gives the rule, ``update``.

    ``update(parameter, gradient, state)`` returns the new parameter; ``state`` is a dict of its
    own per parameter (or one for a whole flat vector), which starts empty. What it holds is
    replaced and not changed in place, so that a step that fails can be taken back.

    >>> class Plain(Optimiser):
    ...     def update(self, parameter, gradient, state):
    ...         return parameter - self.learning_rate * gradient
    >>> w = Value(1.0)
    >>> (w * w).backward(); Plain([w], learning_rate=0.25).step(); w.data
    0.5
    """

    def __init__(self, parameters: Iterable[Value], learning_rate: float = 0.001) -> None:
        if not isinstance(parameters, Iterable):
            raise TypeError(
                f"An optimiser takes a list of parameters, model.parameters(); got {parameters!r}."
            )
        found = list(parameters)
        if not found:
            raise ValueError("An optimiser needs parameters; got none. Give model.parameters().")
        for x in found:
            if not isinstance(x, Value) or x.op is not None:
                raise TypeError(
                    f"An optimiser moves Values that were not computed from others; got {x!r}."
                )
        self.parameters = list(dict.fromkeys(found))  # one that is shared moves once
        self.learning_rate = learning_rate
        if not self.learning_rate > 0.0:
            raise ValueError(f"learning_rate is positive; got {learning_rate!r}.")
        self._states: list[State] = [{} for _ in self.parameters]
        self._unmoved: dict[Value, str] = {}  # new ones where ours were, and that place
        hear_of_replaced(self)

    @property
    def learning_rate(self) -> float:
        """How far a step goes, 0 or more; assign to change it (schedules do)."""
        return self._learning_rate

    @learning_rate.setter
    def learning_rate(self, rate: float) -> None:
        self._learning_rate = setting("learning_rate", rate)

    def update(self, parameter: T, gradient: T, state: State) -> T:
        """The parameter after one step; a float gives a float, an array an array."""
        raise NotImplementedError

    def step(self) -> None:
        """Move every parameter once, by its ``grad``; all of them or none.

        Raises ``NotFinite`` where a gradient, or what a step would make of one, is not finite.
        """
        if self._unmoved:
            self._warn_of_unmoved()
        states = [state.copy() for state in self._states]
        moved = [
            self.update(parameter.data, parameter.grad, state)
            for parameter, state in zip(self.parameters, states, strict=True)
        ]
        if not (
            all(map(isfinite, moved))
            and all(isfinite(x.grad) for x in self.parameters)
            and all(isfinite(x) for state in states for x in state.values() if type(x) is float)
        ):
            raise self.not_finite([x.grad for x in self.parameters])
        before = [parameter.data for parameter in self.parameters], self._states
        try:
            self._move(moved, states)
        except BaseException:  # Ctrl-C, between two of them
            self._move(*before)
            raise

    def _move(self, numbers: list[float], states: list[State]) -> None:
        for parameter, number in zip(self.parameters, numbers, strict=True):
            parameter.data = number
        self._states = states

    def not_finite(self, gradients: Sequence[float]) -> NotFinite:
        """The error for gradients, one per parameter, with which no step can be made."""
        sizes = [abs(x) if x == x else math.inf for x in gradients]
        k = sizes.index(max(sizes))
        name = self.parameters[k].label or f"parameter {k + 1} of {len(sizes)}"
        came = f"The gradient of {name} is {gradients[k]:g}"
        if isfinite(gradients[k]):
            return NotFinite(
                f"{came}, too large for a step with learning_rate {self.learning_rate:g}; no "
                f"parameter was moved. Try a smaller learning_rate."
            )
        return NotFinite(f"{came}; no parameter was moved.{SEARCH}")

    def note_replaced(self, name: str, old: set[Value], new: set[Value]) -> None:
        """Hear that in the place ``name`` of a model, where ``old`` parameters were, ``new`` ones
        are: if the optimiser moves those that were there, its next step warns of others."""
        mine = set(self.parameters)
        if old <= mine or (old - new) & mine:
            self._unmoved |= dict.fromkeys(new - mine, name)

    def _warn_of_unmoved(self) -> None:
        names = {name for x, name in self._unmoved.items() if x not in set(self.parameters)}
        self._unmoved = {}
        if names:
            warnings.warn(
                f"{', '.join(sorted(names))} got a new parameter after this optimiser was made, "
                f"which it does not move. Make the optimiser again, from model.parameters().",
                stacklevel=3,
            )

    # --- the memory of all parameters as arrays, for a compiled program ---

    def gathered(self, parameters: Sequence[Value]) -> State:
        """The memory as one state for a flat vector of these parameters, in their order."""
        if self._unmoved:
            self._warn_of_unmoved()
        of = dict(zip(self.parameters, self._states, strict=True))
        states = [of[x] for x in parameters]
        names = {name for state in states for name in state}
        for name in names:
            if not all(name in state for state in states):
                raise ValueError(
                    f"The optimiser remembers {name!r} for some parameters and not for all, so a "
                    f"compiled program cannot continue with it. Give each state the same names."
                )
        return {name: _together([state[name] for state in states]) for name in names}

    def scatter(self, parameters: Sequence[Value], state: State) -> None:
        """Take over the state of a flat vector of these parameters as the memory of each."""
        memory: dict[Value, State] = {x: {} for x in parameters}
        for name, kept in state.items():
            rows = kept.tolist() if getattr(kept, "shape", ()) else [kept] * len(parameters)
            for x, number in zip(parameters, rows, strict=True):
                memory[x][name] = number
        self._states = [memory[x] for x in self.parameters]

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to 0."""
        for parameter in self.parameters:
            parameter.grad = 0.0

    # --- what goes into a file, beside the weights ---

    def state_dict(self) -> State:
        """The settings, and what is remembered of each parameter, as numbers for JSON.

        >>> from autograd_lite.optim import SGD
        >>> optimiser = SGD([Value(1.0)], 0.1, momentum=0.9)
        >>> optimiser.step()
        >>> optimiser.state_dict()["memory"]
        [{'velocity': 0.0}]
        """
        return {
            "kind": type(self).__name__,
            "settings": {name: getattr(self, name) for name in self._settings()},
            "memory": [dict(state) for state in self._states],
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on as the optimiser of which ``state_dict()`` this is.

        Raises ``ValueError`` for the state of another kind, of another number of parameters, or
        one that is damaged; then nothing has changed.
        """
        kind, memory, settings = (
            state.get(name) if isinstance(state, Mapping) else None
            for name in ("kind", "memory", "settings")
        )
        if kind != type(self).__name__:
            raise ValueError(f"This is the state of {kind!r}; {type(self).__name__} has its own.")
        if not isinstance(memory, list) or len(memory) != len(self.parameters):
            raise ValueError(
                f"The optimiser has {len(self.parameters)} parameters; the state remembers "
                f"{len(memory) if isinstance(memory, list) else repr(memory)}."
            )
        if not isinstance(settings, Mapping) or set(settings) != set(self._settings()):
            raise ValueError(
                f"The settings are {', '.join(self._settings())}; the state has {settings!r}."
            )
        numbers = [x for entry in memory for x in (entry.values() if entry else ())]
        if not all(isinstance(x, Real) and isfinite(x) for x in numbers):
            raise ValueError("What is remembered of a parameter are finite numbers by name.")
        fresh = type(self)(self.parameters, **settings)  # it refuses settings that are none
        vars(self).update({name: vars(fresh)[name] for name in vars(fresh)})
        self._states = [dict(entry) for entry in memory]

    def __repr__(self) -> str:
        usual = inspect.signature(type(self)).parameters
        chosen = (
            f", {name}={getattr(self, name)!r}"
            for name in self._settings()
            if name == "learning_rate" or getattr(self, name, None) != usual[name].default
        )
        count = len(self.parameters)
        noun = "parameter" if count == 1 else "parameters"
        return f"{type(self).__name__}({count:,} {noun}{''.join(chosen)})"

    def _settings(self) -> list[str]:
        """The names of the arguments of its class but the parameters."""
        return list(inspect.signature(type(self)).parameters)[1:]


def setting(name: str, x: Any) -> float:
    """A finite number, 0 or more, as the settings of an optimiser are.

    >>> setting("learning_rate", float("nan"))
    Traceback (most recent call last):
    ValueError: learning_rate is a finite number, 0 or more; got nan.
    """
    if not isinstance(x, Real) or isinstance(x, bool):
        raise TypeError(f"{name} is a number, such as 0.01; got {x!r}.")
    if not 0.0 <= (number := float(x)) < math.inf:
        raise ValueError(f"{name} is a finite number, 0 or more; got {x!r}.")
    return number


def _together(kept: list[Any]) -> Any:
    """What all parameters remember: as one thing where it is the same, else as an array."""
    first = kept[0]
    return first if all(x == first for x in kept) else np.array(kept)


# --- gradients that are too large -----------------------------------------------------------------


def clip_grad_norm_(parameters: Iterable[Value], max_norm: float) -> float:
    """Scale all gradients so that their norm is at most ``max_norm``; returns what it was.

    As PyTorch does, by max_norm / (norm + 1e-6); between ``backward()`` and ``step()``. Raises
    ``NotFinite`` where a gradient is not finite, and then leaves all as they are.

    >>> x, y = Value(3.0), Value(4.0)
    >>> (x * x / 2 + y * y / 2).backward()
    >>> clip_grad_norm_([x, y], 1.0), round(x.grad, 6), round(y.grad, 6)
    (5.0, 0.6, 0.8)
    """
    found = list(parameters)
    norm = math.hypot(*[x.grad for x in found])
    if not isfinite(norm):
        raise NotFinite(f"The norm of the gradients is {norm:g}; none was scaled.{SEARCH}")
    factor = setting("max_norm", max_norm) / (norm + 1e-6)
    if factor < 1.0:
        for x in found:
            x.grad *= factor
    return norm


def clip_grad_value_(parameters: Iterable[Value], clip_value: float) -> None:
    """Keep every gradient between −clip_value and clip_value.

    >>> x = Value(1.0)
    >>> (10 * x).backward(); clip_grad_value_([x], 2.0); x.grad
    2.0
    """
    limit = setting("clip_value", clip_value)
    for x in parameters:
        x.grad = min(max(x.grad, -limit), limit)
