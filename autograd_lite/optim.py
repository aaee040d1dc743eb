"""The rules by which optimisers step, each as PyTorch has it, with its defaults.

Each is one update, in plain operators, so that it serves a float and a flat array alike. The
minimisers of functions are found here too.

Next: ``schedules.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .minimise import GradientDescent, Minimiser, Newton
from .optimiser import NotFinite, Optimiser, State, T, clip_grad_norm_, clip_grad_value_, setting
from .value import Value

__all__ = [
    "SGD",
    "Adagrad",
    "Adam",
    "AdamW",
    "GradientDescent",
    "Minimiser",
    "Newton",
    "NotFinite",
    "Optimiser",
    "RMSprop",
    "clip_grad_norm_",
    "clip_grad_value_",
]


class SGD(Optimiser):
    """Gradient descent with momentum: v ← µ·v + g, w ← w − η·v.

    With ``nesterov`` the step is g + µ·v (Nesterov, 1983, as Sutskever et al., 2013, write it).
    ``weight_decay`` adds λ·w to the gradient, here and in the other rules.

    >>> w = Value(1.0)
    >>> optimiser = SGD([w], learning_rate=0.1)
    >>> (w * w).backward(); optimiser.step(); w.data
    0.8
    """

    def __init__(
        self,
        parameters: Iterable[Value],
        learning_rate: float = 0.001,
        momentum: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
    ) -> None:
        super().__init__(parameters, learning_rate)
        self.momentum = _fraction("momentum", momentum)
        self.weight_decay = setting("weight_decay", weight_decay)
        self.nesterov = nesterov
        if nesterov and not momentum:
            raise ValueError("nesterov looks ahead along the momentum; give momentum=0.9 or so.")

    def update(self, parameter: T, gradient: T, state: State) -> T:
        gradient = _decayed(gradient, parameter, self.weight_decay)
        if self.momentum:
            velocity: T = self.momentum * state.get("velocity", 0.0) + gradient
            state["velocity"] = velocity
            gradient = gradient + self.momentum * velocity if self.nesterov else velocity
        return parameter - self.learning_rate * gradient


class Adam(Optimiser):
    """Steps of about the learning rate, whatever the size of the gradients (Kingma, Ba, 2015).

    >>> w = Value(1.0)
    >>> optimiser = Adam([w], learning_rate=0.1)
    >>> (1000 * w).backward(); optimiser.step(); round(w.data, 9)
    0.9
    """

    def __init__(
        self,
        parameters: Iterable[Value],
        learning_rate: float = 0.001,
        betas: Sequence[float] = (0.9, 0.999),
        epsilon: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(parameters, learning_rate)
        if len(betas) != 2:
            raise ValueError(f"betas are two numbers from 0 to below 1; got {betas!r}.")
        self.betas = (_fraction("beta", betas[0]), _fraction("beta", betas[1]))
        self.epsilon = setting("epsilon", epsilon)
        self.weight_decay = setting("weight_decay", weight_decay)

    def update(self, parameter: T, gradient: T, state: State) -> T:
        gradient = _decayed(gradient, parameter, self.weight_decay)
        return parameter - self.learning_rate * self.direction(gradient, state)

    def direction(self, gradient: T, state: State) -> T:
        """The mean gradient in units of its spread, both corrected for their start at 0."""
        b1, b2 = self.betas
        t: int = state.get("step", 0) + 1
        m: T = b1 * state.get("mean", 0.0) + (1 - b1) * gradient
        v: T = b2 * state.get("square", 0.0) + (1 - b2) * gradient * gradient
        state.update(step=t, mean=m, square=v)
        spread: T = (v / (1 - b2**t)) ** 0.5 + self.epsilon
        return (m / (1 - b1**t)) / spread


class AdamW(Adam):
    """Adam with a decay of the weights that no gradient scales (Loshchilov, Hutter, 2019).

    >>> w = Value(1.0)
    >>> optimiser = AdamW([w], learning_rate=0.1, weight_decay=0.5)
    >>> optimiser.step(); w.data  # without a gradient
    0.95
    """

    def __init__(
        self,
        parameters: Iterable[Value],
        learning_rate: float = 0.001,
        betas: Sequence[float] = (0.9, 0.999),
        epsilon: float = 1e-8,
        weight_decay: float = 0.01,
    ) -> None:
        super().__init__(parameters, learning_rate, betas, epsilon, weight_decay)

    def update(self, parameter: T, gradient: T, state: State) -> T:
        kept = parameter * (1.0 - self.learning_rate * self.weight_decay)
        return kept - self.learning_rate * self.direction(gradient, state)


class RMSprop(Optimiser):
    """Gradients in units of their root mean square (Hinton, 2012), ``centered`` about their mean.

    >>> w = Value(1.0)
    >>> optimiser = RMSprop([w], learning_rate=0.1, alpha=0.75)
    >>> (1000 * w).backward(); optimiser.step(); round(w.data, 9)
    0.8
    """

    def __init__(
        self,
        parameters: Iterable[Value],
        learning_rate: float = 0.01,
        alpha: float = 0.99,
        epsilon: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
        centered: bool = False,
    ) -> None:
        super().__init__(parameters, learning_rate)
        self.alpha, self.momentum = _fraction("alpha", alpha), _fraction("momentum", momentum)
        self.epsilon = setting("epsilon", epsilon)
        self.weight_decay = setting("weight_decay", weight_decay)
        self.centered = centered

    def update(self, parameter: T, gradient: T, state: State) -> T:
        gradient = _decayed(gradient, parameter, self.weight_decay)
        spread: T = self.alpha * state.get("square", 0.0) + (1 - self.alpha) * gradient * gradient
        state["square"] = spread
        if self.centered:
            mean: T = self.alpha * state.get("mean", 0.0) + (1 - self.alpha) * gradient
            state["mean"] = mean
            spread = abs(spread - mean * mean)  # below 0 by rounding, where gradients are alike
        step: T = gradient / (spread**0.5 + self.epsilon)
        if self.momentum:
            step = self.momentum * state.get("velocity", 0.0) + step
            state["velocity"] = step
        return parameter - self.learning_rate * step


class Adagrad(Optimiser):
    """Steps shrink where gradients have been large (Duchi, Hazan, Singer, 2011).

    >>> w = Value(1.0)
    >>> optimiser = Adagrad([w], learning_rate=0.1)
    >>> (1000 * w).backward(); optimiser.step(); round(w.data, 9)
    0.9
    """

    def __init__(
        self,
        parameters: Iterable[Value],
        learning_rate: float = 0.01,
        learning_rate_decay: float = 0.0,
        weight_decay: float = 0.0,
        epsilon: float = 1e-10,
    ) -> None:
        super().__init__(parameters, learning_rate)
        self.learning_rate_decay = setting("learning_rate_decay", learning_rate_decay)
        self.weight_decay = setting("weight_decay", weight_decay)
        self.epsilon = setting("epsilon", epsilon)

    def update(self, parameter: T, gradient: T, state: State) -> T:
        gradient = _decayed(gradient, parameter, self.weight_decay)
        t: int = state.get("step", 0) + 1
        total: T = state.get("sum", 0.0) + gradient * gradient
        state.update(step=t, sum=total)
        rate = self.learning_rate / (1.0 + (t - 1) * self.learning_rate_decay)
        spread: T = total**0.5 + self.epsilon
        return parameter - rate * gradient / spread


def _fraction(name: str, x: float) -> float:
    if not setting(name, x) < 1.0:
        raise ValueError(f"{name} lies from 0 to below 1; got {x!r}.")
    return float(x)


def _decayed(gradient: T, parameter: T, weight_decay: float) -> T:
    """The gradient with that of ½·λ·w², which pulls every weight towards 0."""
    return gradient + weight_decay * parameter if weight_decay else gradient
