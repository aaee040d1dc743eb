"""Exercises on numbers and graphs: slopes, local derivatives, orders, an engine of one's own.

Next: ``networks.py``.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

from ..engine.order import topological_order
from ..stepping.faults import Graph, WayBack, no_order, overwrite, right
from ..telling.text import number
from ..transforms import grad
from ..value import Value
from .compare import told
from .judge import Case, Exercise, Mistake

# --- a number and its history ---------------------------------------------------------------------

FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "f(x) = 3x² − 4x + 5": lambda x: 3 * x**2 - 4 * x + 5,
    "f(x) = x³": lambda x: x**3,
    "f(x) = 1/x": lambda x: 1 / x,
    "f(x) = 7 − 2x": lambda x: 7 - 2 * x,
}


def doubles(rng: random.Random) -> Iterator[Case]:
    for x in (0.0, 2.0, -1.5, *(rng.uniform(-9, 9) for _ in range(5))):
        yield Case((x,))


def slopes(rng: random.Random) -> Iterator[Case]:
    for said, f in FUNCTIONS.items():
        for x in (3.0, -1.0, rng.uniform(1.0, 2.0)):
            yield Case((f, x), said)


def numbers(count: int, cases: int = 8) -> Callable[[random.Random], Iterator[Case]]:
    """Cases of so many small numbers with a decimal or two."""

    def drawn(rng: random.Random) -> Iterator[Case]:
        for _ in range(cases):
            yield Case(tuple(round(rng.uniform(-3, 3), 1) or 0.5 for _ in range(count)))

    return drawn


def lecture(a: Any, b: Any, c: Any, f: Any) -> Any:
    return (a * b + c) * f


# --- any graph ------------------------------------------------------------------------------------


#: The numbers at the leaves, and operations on earlier numbers by their places.
Operations: TypeAlias = Sequence[tuple[str, int, int]]
Expression: TypeAlias = tuple[Sequence[float], Operations]

SPECIAL = {"+": "add", "*": "mul"}
NAMES = "abcdefghijklmnopqrstuvwxyz"
FIRST: list[Expression] = [
    ([2.0, -3.0], [("*", 0, 1)]),
    ([3.0], [("+", 0, 0)]),
    ([2.0, -3.0, 10.0], [("*", 0, 1), ("*", 3, 2), ("+", 3, 4)]),
]
#: Past what Python lets calls nest, and not past what Python in a browser can free.
LONG: Expression = ([1.0], [("+", k, 0) for k in range(1500)])


def expressions(call: str) -> Callable[[random.Random], Iterator[Case]]:
    """Small ones first, then random ones in which numbers are used again and again."""

    def drawn(rng: random.Random) -> Iterator[Case]:
        for leaves, operations in FIRST + [_expression(rng) for _ in range(9)]:
            output = NAMES[len(leaves) + len(operations) - 1]
            where = in_words(leaves, operations)
            yield Case((leaves, operations), where, call.format(output))

    return drawn


def _expression(rng: random.Random) -> Expression:
    leaves = [round(rng.uniform(-2, 2), 1) or 1.0 for _ in range(rng.randint(1, 3))]
    operations = []
    for made in range(len(leaves), len(leaves) + rng.randint(2, 6)):
        operations.append((rng.choice("+*"), made - 1, rng.randrange(made)))
    return leaves, operations


def expressions_and_a_chain(rng: random.Random) -> Iterator[Case]:
    yield from expressions("order({})")(rng)
    yield Case(LONG, "y = x + x + x + … is a chain of 1,500 sums", "order(y)")


def in_words(leaves: Sequence[float], operations: Operations) -> str:
    """What an expression says.

    >>> in_words([2.0, -3.0], [("*", 0, 1)])
    'a = 2, b = −3, c = a·b'
    """
    given = [f"{name} = {number(x)}" for name, x in zip(NAMES, leaves, strict=False)]
    made = [
        f"{name} = {NAMES[i]}{'·' if sign == '*' else ' + '}{NAMES[j]}"
        for name, (sign, i, j) in zip(NAMES[len(leaves) :], operations, strict=False)
    ]
    return ", ".join(given + made)


def built(
    kind: Callable[[float], Any], leaves: Sequence[float], operations: Operations
) -> list[Any]:
    """All numbers of an expression, made by a class; the last one is its output."""
    made = [kind(x) for x in leaves]
    for sign, i, j in operations:
        made.append(made[i] + made[j] if sign == "+" else made[i] * made[j])
    return made


def labelled(*expression: Any) -> list[Value]:
    values = built(Value, *expression)
    for value, name in zip(values, NAMES, strict=False):
        value.label = name
    return values


def complaint_about(order: Callable[..., Any], *expression: Any) -> str:
    """What is wrong with an order: any will do in which operands come first."""
    output = labelled(*expression)[-1]
    found = order(output)
    if not isinstance(found, list | tuple) or not all(isinstance(x, Value) for x in found):
        return f"yours gives {told(found)} and should give a list of Values."
    places = {node: place for place, node in enumerate(found)}
    for node in topological_order(output):
        if node not in places:
            return f"{_name(node)} is missing in your list."
    for place, node in enumerate(found):
        if places[node] != place:
            return f"{_name(node)} is in your list more than once."
        for operand in node.parents:
            if places.get(operand, len(found)) > place:
                return f"{_name(node)} comes before {_name(operand)}, of which it is made."
    return ""


def _name(node: Value) -> str:
    return node.label or "one of the sums"


def gradients_in(answer: Callable[..., Any], *expression: Any) -> list[Any] | str:
    """The gradients that a function puts into a dict, for all numbers of the expression."""
    values = labelled(*expression)
    found = answer(values[-1])
    if not isinstance(found, dict):
        return f"yours gives {told(found)} and should give a dict, node → gradient."
    for node in topological_order(values[-1]):
        if node not in found:
            return f"{_name(node)} is missing in your dict."
    return [found.get(node, 0.0) for node in values]


def gradients_by(way_back: WayBack) -> Callable[..., list[float]]:
    """The gradients of all numbers of an expression, by a right or a wrong way back."""

    def outcome(*expression: Any) -> list[float]:
        values = built(Value, *expression)
        graph = Graph.of({node: _edges(node) for node in topological_order(values[-1])})
        gradients = graph.zeros()
        for _ in way_back(graph, gradients):
            pass
        return [gradients.get(node, 0.0) for node in values]

    return outcome


def _edges(node: Value) -> dict[str, tuple[Value, float]]:
    pairs = zip(node.parents, node.partials, strict=True)
    return {f"{id(node)}-{k}": pair for k, pair in enumerate(pairs)}


def engine_used(kind: Callable[[float], Any], *expression: Any) -> list[float] | str:
    """The gradients of all numbers of an expression made by a class, and its number."""
    values = built(kind, *expression)
    if values[-1] is None:
        return nothing_made(expression[1])
    values[-1].backward()
    return [*(value.grad for value in values), values[-1].data]


def nothing_made(operations: Operations) -> str:
    """What to say where the last of them gives None."""
    sign = operations[-1][0]
    return f"yours gives None for a {sign} b. Does __{SPECIAL[sign]}__ return a new number?"


def engine_by(way_back: WayBack) -> Callable[..., list[float]]:
    """The same by a right or a wrong way back."""
    return lambda *expression: [
        *gradients_by(way_back)(*expression),
        built(float, *expression)[-1],
    ]


LOST = (
    "These are the numbers of = where += belongs: a number that is used twice gets two shares, and "
    "yours keeps the last one alone."
)
EARLY = (
    "These are the numbers of a backward pass without a topological order: a node passed its "
    "gradient on before all of it had arrived."
)

EXERCISES = (
    Exercise(
        "double",
        "double",
        doubles,
        lambda x: 2 * x,
        hints=("Twice x is x + x.", "return 2 * x"),
        mistakes=(Mistake(lambda x: x * x, "This is x times x. Twice x is x + x."),),
    ),
    Exercise(
        "slope",
        "slope",
        slopes,
        lambda f, x: grad(f)(x),
        hints=(
            "Nudge x by a little h. How far does f move?",
            "How far f moves, divided by h, is how fast it moves.",
            "(f(x + h) − f(x)) / h, with a small h such as 0.000001.",
        ),
        mistakes=(Mistake(lambda f, x: f(x), "This is f itself: how high it is, not how steep."),),
        tolerance=1e-3,
    ),
    Exercise(
        "product",
        "product",
        numbers(2),
        lambda a, b: built(Value, (a, b), [("*", 0, 1)])[2].partials,
        hints=(
            "There are two of them: ∂c/∂a and ∂c/∂b, in this order.",
            "Nudge a by h: (a + h)·b is a·b + h·b. So c moves b times as far as a.",
        ),
        mistakes=(
            Mistake(
                lambda a, b: (a, b),
                "They are the wrong way round: a nudge of a is multiplied by b.",
            ),
            Mistake(lambda a, b: (1.0, 1.0), "These are those of a sum. This is a product."),
        ),
    ),
    Exercise(
        "chain",
        "chain",
        numbers(4),
        lambda *abcf: grad(lecture, (0, 1, 2, 3))(*abcf),
        hints=(
            "L = d·f, d = e + c, e = a·b. Start at L with 1, and go back one operation at a time.",
            "dL/dd is f. The sum hands it on unchanged: dL/de and dL/dc are f too.",
            "dL/da = dL/de · ∂e/∂a = f · b.",
        ),
        mistakes=(
            Mistake(
                lambda a, b, c, f: (b, a, 1.0, a * b + c),
                "That is how d changes with a, b and c. From d to L there is one more edge, f.",
            ),
            Mistake(
                lambda a, b, c, f: (f, f, f, a * b + c),
                "From e to a and b there is one more edge each: ∂e/∂a and ∂e/∂b.",
            ),
        ),
    ),
    Exercise(
        "order",
        "order",
        expressions_and_a_chain,
        lambda *expression: "",
        hints=(
            "Append a node when all its parents are in the list already, and never twice.",
            "A stack of your own: push a node again below its parents; then they are done first.",
            "Python allows only so many calls within calls: a chain of 3,000 needs a loop.",
        ),
        run=complaint_about,
    ),
    Exercise(
        "gradients",
        "gradients",
        expressions("gradients({})"),
        gradients_by(right),
        hints=(
            "Begin with 0.0 for every node of topological_order(output), and 1.0 for the output.",
            "Go through the order from its end. A node adds grad[node] · partial to each parent.",
            "for parent, partial in zip(node.parents, node.partials): grad[parent] += …",
        ),
        mistakes=(Mistake(gradients_by(overwrite), LOST), Mistake(gradients_by(no_order), EARLY)),
        run=gradients_in,
    ),
    Exercise(
        "engine",
        "Number",
        expressions("Number(…), {}.backward()"),
        engine_by(right),
        hints=(
            "A result keeps its parents and its local derivatives: 1, 1 of x + y, and y, x of x·y.",
            "backward() sorts the graph, sets its own grad to 1, and goes back through the order.",
            "parent.grad += node.grad * partial. With = a number used twice loses a share.",
        ),
        mistakes=(Mistake(engine_by(overwrite), LOST), Mistake(engine_by(no_order), EARLY)),
        run=engine_used,
    ),
)
