"""``draw``: from whatever can be drawn to a ``Drawing``.

Next: ``computation.py``.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from contextlib import suppress

from ..engine.order import topological_order
from ..telling.drawable import Drawable, traced
from ..telling.folds import folds
from ..telling.homes import Call, ModuleLike, is_module, values_in
from ..telling.subject import Subject, focused, subject_of
from ..telling.text import DIGITS, clean, count
from ..value import Value
from .computation import computation
from .drawing import Drawing
from .network import boxes_named, boxes_within, network
from .themes import Theme, theme_of


class GraphTooLarge(ValueError):
    """There are more values than a picture can show; the message names the ways out."""


def draw(
    what: Drawable,
    *inputs: object,
    expand: bool = False,
    collapse: str | None = None,
    focus: tuple[Value, int] | None = None,
    parameters: Iterable[Value] = (),
    theme: str | Theme = "light",
    max_nodes: int | None = 200,
    digits: int = DIGITS,
    fold: bool = False,
) -> Drawing:
    """A picture of a computation.

    ``what`` is a Value, a list of Values, or a module or function, which is called on the inputs;
    then each module that takes part is a box, and bare numbers among the inputs become Values.

    ========== ===================================================================================
    expand     write ``dot``, ``sum``, ``mean`` and ``prod`` out in × and +
    collapse   the class of the modules to draw as one box each, ``"Neuron"`` or ``"Layer"``
    focus      ``(value, radius)``: only what is at most so many steps from that value
    parameters plain Values which are trained, so that they look like it
    theme      ``"light"``, ``"dark"``, or a dict such as ``{"input": {"fillcolor": "#FFFFFF"}}``
    fold       of modules that are alike, such as the neurons of a layer, one in full and "× 12"
    max_nodes  the budget; above it modules are collapsed, and where there are none it is an error
    digits     significant digits of the numbers, from 1 to 17; under the pointer all are shown
    ========== ===================================================================================

    A model without inputs is drawn as a network of its weights alone. Of a function that arithmetic
    without an answer stops, what there was is drawn, up to the operation that failed, and why; of
    the error that it raised, too: ``draw(error)``. Raises ``GraphTooLarge`` above the budget,
    ``TypeError`` where there is nothing to draw.

    >>> from autograd_lite.nn import MLP
    >>> draw(MLP(2, [2, 1]), [1.0, 2.0], expand=True)
    <Drawing of 25 values; save it with .save("graph.svg")>
    """
    style = theme_of(theme)
    made_up = () if inputs else _made_up(what)
    trace, names = traced(what, inputs or made_up, complete=bool(made_up))
    outputs = values_in(trace.result)
    if not outputs:
        raise TypeError(
            f"draw(…) takes a Value, a list of Values, or a module or function that gives them; "
            f"got {_described(what, trace.result)}."
        )
    if focus is None and not trace.top.calls:  # before anything slow: the graph may be huge
        _check_budget(len(topological_order(*outputs)), max_nodes)
    title = _title(what, outputs)
    subject = subject_of(
        trace, outputs, title, parameters, names, expand, hides_data=bool(made_up), digits=digits
    )
    boxes: list[Call] = []
    folded = folds(subject) if fold else []
    shown = len(subject.facts) - sum(len(one.facts) for one in folded)
    if fold and (made_up or focus is not None or collapse is not None):
        raise ValueError(
            "fold= shows one of several modules with its values: give inputs, draw(model, x, "
            "fold=True), and leave focus= and collapse= out."
        )
    if focus is not None:
        if collapse is not None:
            raise ValueError("focus= shows every value of a part, collapse= none: choose one.")
        subject = focused(subject, *_checked(focus, subject))
        _check_budget(len(subject.facts), max_nodes)
    elif collapse is not None:
        boxes = boxes_named(subject, collapse)
    elif made_up or not _fits(shown, max_nodes):
        boxes = boxes_within(subject, max_nodes)
        if not boxes:
            _check_budget(len(subject.facts), max_nodes)
    return Drawing(*(network(subject, boxes) if boxes else computation(subject, folded)), style)


def _made_up(what: object) -> tuple[list[float], ...]:
    """Inputs for a module that cannot do without: any numbers, which are not shown."""
    return ([0.5] * _inputs_wanted(what),) if is_module(what) and _lacks_inputs(what) else ()


def _lacks_inputs(module: ModuleLike) -> bool:
    if callable(module):
        with suppress(TypeError):
            inspect.signature(module).bind()
            return False
    return True


def _inputs_wanted(module: ModuleLike) -> int:
    """How many inputs a module takes, if it or its first layer says so."""
    for _, part in module.named_modules():
        if isinstance(width := getattr(part, "nin", None), int):
            return width
    raise TypeError(
        f"How many inputs {module!r} takes is not known; give them: draw(model, [1.0, 2.0])."
    )


def _fits(nodes: int, max_nodes: int | None) -> bool:
    return max_nodes is None or nodes <= max_nodes


def _check_budget(nodes: int, max_nodes: int | None) -> None:
    if not _fits(nodes, max_nodes):
        raise GraphTooLarge(
            f"The graph has {count(nodes, 'value')}, and a picture shows {max_nodes:,} "
            f"(max_nodes). Draw each module as one box: draw(model, x, collapse='Neuron'), which "
            f"draw(model, x) does by itself where that is enough. Or draw what surrounds one "
            f"value: focus=(value, 3). Or draw it all, slowly: max_nodes=None."
        )


def _checked(focus: object, subject: Subject) -> tuple[Value, int]:
    match focus:
        case (Value() as node, int(radius)) if radius >= 0:
            if node in subject.facts:
                return node, radius
            raise ValueError(
                f"focus=(value, radius): {node!r} is not among the "
                f"{count(len(subject.facts), 'value')} of the graph that is drawn. (With "
                f"expand=True the nodes that are written out are new ones.)"
            )
    raise ValueError(f"focus takes a Value and a radius, focus=(value, 3); got {focus!r}.")


def _title(what: object, outputs: list[Value]) -> str:
    """What the picture shows, for those who do not see it."""
    names = ", ".join(clean(value.label) for value in outputs[:3] if value.label)
    of = f" of {names}" if names else ""
    if callable(what):
        of = f" of {getattr(what, '__name__', '') or type(what).__name__}"
    return clean(f"Computation graph{of}", longest=80)


def _described(what: object, result: object) -> str:
    if not callable(what):
        return f"a {type(what).__name__}"
    return f"{getattr(what, '__name__', type(what).__name__)}, which gave a {type(result).__name__}"
