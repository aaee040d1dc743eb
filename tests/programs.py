"""Random programs over the whole table, as data: what the tests of agreement run in every mode.

A ``Program`` is a list of leaves, the numbers that they take at a few points, and steps: which row
is applied to which places. It prints itself as Python that can be pasted and run. ``wild``
programs hold special numbers, ties, masks before poles, members of every family; some of their
points are refused, and all modes have to refuse them. Those of ``test_random_programs.py`` are
tame.
"""

import math
import random
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

from reference import groups

from autograd_lite import Value, ops
from autograd_lite.engine.kinds import Where
from autograd_lite.engine.primitive import FAMILIES, TABLE, Primitive
from autograd_lite.value import as_value

inf, nan = math.inf, math.nan

SPECIAL = (
    0.0, -0.0, 1.0, -1.0, 2.0, -2.0, 0.5, 3.0, inf, -inf, nan, 1e300, -1e300, 1e-300, -1e-300,
    1e154, 1e155, 5e-324, 710.0, -745.5, 36.0, 1e8, 1.7e308,
)  # fmt: skip
MILD = (0.0, -0.0, 1.0, -1.0, 2.0, 0.5)


class Step(NamedTuple):
    op: Primitive
    places: tuple[int, ...]  # of the operands, among the leaves and the results so far


class Program(NamedTuple):
    """``roles``: a letter for each leaf: a parameter, an input ``x``, or a constant number."""

    roles: str
    points: tuple[tuple[float, ...], ...]  # the numbers of all leaves; inputs alone differ
    steps: tuple[Step, ...]

    @property
    def inputs(self) -> tuple[float, ...]:
        return self.points[0]

    def run(self, leaves: Sequence[Any], apply: Callable[[Primitive, list[Any]], Any]) -> Any:
        memory = list(leaves)
        for op, places in self.steps:
            memory.append(apply(op, [memory[i] for i in places]))
        return memory[-1]

    def places(self, role: str) -> list[int]:
        return [k for k, letter in enumerate(self.roles) if letter in role]

    def at(self, point: int) -> "Program":
        """The program with this point alone."""
        return self._replace(points=(self.points[point],))

    def leaves(self, point: Sequence[float], kind: Callable[[float], Any] = Value) -> list[Any]:
        """A leaf of its own for each parameter and input; constants are bare numbers."""
        return [x if role == "c" else kind(x) for x, role in zip(point, self.roles, strict=True)]

    def source(self, point: int = 0) -> str:
        """Python that runs by itself."""
        names = [f"{role}{k}" for k, role in enumerate(self.roles)]
        lines = ["from math import inf, nan", "from autograd_lite import Value, ops", ""]
        for name, x in zip(names, self.points[point], strict=True):
            lines.append(f"{name} = {x!r}" if name[0] == "c" else f"{name} = Value({x!r})")
        for k, (op, places) in enumerate(self.steps, start=1):
            names.append(f"v{k}")
            lines.append(f"v{k} = {_call(op, [names[i] for i in places])}")
        wanted = ", ".join(names[k] for k in self.places("px"))
        lines += ["", f"{names[-1]}.backward()", f"print({names[-1]}, [{wanted}])", ""]
        return "\n".join(lines)


def on_values(op: Primitive, operands: list[Any]) -> Value:
    """The row as a node, also where all operands are bare numbers."""
    if not any(isinstance(x, Value) for x in operands):
        operands = [*map(as_value, operands)]
    return op.record(*groups(op, operands))  # type: ignore[no-any-return]


def _call(op: Primitive, operands: list[str]) -> str:
    row = f"ops.{op.name}" if not op.args else f"ops.{op.name}({', '.join(map(repr, op.args))})"
    if op.arity or isinstance(op, Where):
        return f"{row}({', '.join(operands)})"
    texts = [f"({', '.join(group)},)" for group in groups(op, operands)]
    return f"{row}.record({', '.join(texts)})"


#: What C's library has not, and no form is good enough for: native=True is refused.
NO_MACHINE_CODE = {
    "digamma", "erfinv", "erfinv_slope", "mills_tail", "polygamma", "sinc", "sinc_derivative",
}  # fmt: skip
NO_SLOPE_IN_MACHINE_CODE = {"gamma", "lgamma", "mills"}


def has_machine_code(program: Program) -> bool:
    names = {step.op.name for step in program.steps}
    return not names & (NO_MACHINE_CODE | NO_SLOPE_IN_MACHINE_CODE)


SLOPES = ("masked", "or_zero", "erfinv_slope")  # rows that stand in slopes alone
DERIVATIVES = ("mills_tail", "polygamma", "sinc_derivative")  # the n-th, each from the one before


# --- rows, chosen so that what is rare in a program is not rare among them ------------------------


def member(choose: random.Random, name: str) -> Primitive:
    """A row, or a member of a family with numbers of its own."""
    if name not in FAMILIES:
        return TABLE[name]
    example = TABLE[name].args
    for _ in range(20):
        args = tuple(_number(choose, x) for x in example)
        try:
            op = FAMILIES[name](*args)
            if name == "clip_to" and not args[0] <= args[1]:
                continue  # refused where it is made
            if name == "gaussian" and not 0.0 < args[0] < inf:
                continue  # a row for slopes, with numbers of the table
            if name in DERIVATIVES and args[0] not in (0.0, 1.0, 2.0, 3.0):
                continue
        except (ArithmeticError, ValueError, TypeError):
            continue
        return op
    return TABLE[name]


def _number(choose: random.Random, example: float) -> float:
    some = (example, 0.0, 1.0, 2.0, 3.0, -1.0, -2.0, 0.5, -0.5, 1.5, 100.0, -0.0)
    return choose.choice((*some, inf, -inf)) if choose.random() < 0.1 else choose.choice(some)


@cache
def _kinds() -> tuple[list[str], list[str], list[str]]:
    names = [name for name in TABLE if name not in SLOPES]
    chooses = [name for name in names if TABLE[name].chooses]
    edged = [name for name in names if TABLE[name].defined or TABLE[name].edges]
    return names, chooses, edged


def row(choose: random.Random) -> Primitive:
    names, chooses, edged = _kinds()
    arithmetic = ["add", "sub", "mul", "div", "neg", "dot", "sum"]
    kind = choose.random()
    some = chooses if kind < 0.2 else edged if kind < 0.4 else arithmetic if kind < 0.6 else names
    return member(choose, choose.choice(some))


def operands_of(choose: random.Random, op: Primitive, size: int) -> tuple[int, ...]:
    """Recent results more often than others, and the same one twice now and then."""
    arity = op.arity or (3 if isinstance(op, Where) else choose.choice((1, 2, 2, 3, 4, 5)))
    recent = [size - 1, size - 2] if size > 1 else [0]
    places = [choose.choice(recent) if choose.random() < 0.7 else choose.randrange(size)]
    while len(places) < arity:
        repeated = choose.random() < 0.2
        places.append(choose.choice(places) if repeated else choose.randrange(size))
    choose.shuffle(places)
    return tuple(places)


# --- wild programs --------------------------------------------------------------------------------


def wild(seed: int) -> Program:
    """Any row at any number: most points have a value, some a refusal, in every mode the same."""
    choose = random.Random(seed)
    while True:
        program = _wild(choose)
        if program is not None:
            return program


def _wild(choose: random.Random) -> Program | None:
    count = choose.choice((1, 2, 2, 3, 3, 4))
    roles = "".join(choose.choice("ppxxxc") for _ in range(count))
    if "x" not in roles:
        roles += "x"
    points = tuple(_points(choose, roles))
    memories: list[list[Any]] = [list(point) for point in points]
    steps: list[Step] = []
    for _ in range(choose.choice((1, 2, 3, 3, 4, 5, 6, 8, 10))):
        step, results = _accepted(choose, memories)
        steps.append(step)
        for memory, z in zip(memories, results, strict=True):
            memory.append(z)
    used = {place for step in steps for place in step.places}
    size = len(roles)
    loose = [place for place in range(size, size + len(steps)) if place not in used]
    if len(loose) > 1:
        steps.append(Step(choose.choice((ops.sum, ops.sum, ops.prod)), tuple(loose)))
    program = Program(roles, points, tuple(steps))
    return program if set(depending(program)) & set(program.places("px")) else None


def _points(choose: random.Random, roles: str) -> Iterator[tuple[float, ...]]:
    fixed = [_leaf(choose, [], choose.random() * 0.5) for _ in roles]
    for k in range(choose.choice((2, 3))):
        wildness = 0.15 if k == 0 else choose.choice((0.3, 0.7, 1.0))
        point: list[float] = []
        for x, role in zip(fixed, roles, strict=True):
            point.append(_leaf(choose, point, wildness) if role == "x" else x)
        yield tuple(point)


def _leaf(choose: random.Random, others: Sequence[float], wildness: float) -> float:
    if choose.random() < wildness:
        if others and choose.random() < 0.3:
            return choose.choice(others)  # a tie
        return choose.choice(SPECIAL if choose.random() < 0.4 else MILD)
    return choose.uniform(-2.0, 2.0)


def _accepted(choose: random.Random, memories: list[list[Any]]) -> tuple[Step, list[Any]]:
    """A step, drawn again a few times where it would be refused or NaN at a point."""
    for _ in range(12):
        op = row(choose)
        step = Step(op, operands_of(choose, op, len(memories[0])))
        results = [_number_of(step, memory) for memory in memories]
        news = [
            z is None or z != z
            for z, memory in zip(results, memories, strict=True)
            if memory[-1] is not None and not any(memory[i] != memory[i] for i in step.places)
        ]
        if not any(news) or choose.random() < 0.15:
            break
    return step, results


def _number_of(step: Step, memory: list[Any]) -> float | None:
    """The number of the step; None where it, or one before it, was refused."""
    if any(x is None for x in memory):
        return None
    try:
        return float(step.op.record(*groups(step.op, [memory[i] for i in step.places])))
    except (ArithmeticError, ValueError):
        return None


def depending(program: Program) -> list[int]:
    """The places that the last one is computed from."""
    found = {len(program.roles) + len(program.steps) - 1}
    for k in reversed(range(len(program.steps))):
        if len(program.roles) + k in found:
            found.update(program.steps[k].places)
    return sorted(found)


# --- what a program refuses -----------------------------------------------------------------------


def refusals(program: Program, point: Sequence[float]) -> set[tuple[str, str]]:
    """All operations without an answer: which one is met first is a matter of the order."""
    found = set()
    memory = list(point)
    for op, places in program.steps:
        operands = groups(op, [memory[i] for i in places])
        try:
            memory.append(op.of_floats(*operands))
        except (ArithmeticError, ValueError) as error:
            found.add(reason(error))
            memory.append(op.ieee(*operands))
    return found


def reason(error: BaseException) -> tuple[str, str]:
    """The type of an error, and the operation that its message names."""
    return type(error).__name__, str(error).partition(":")[0]


# --- smaller programs -----------------------------------------------------------------------------


def smaller(program: Program) -> Iterator[Program]:
    """Programs with a step, a leaf or an operand less, and with simpler numbers."""
    size, count = len(program.roles), len(program.steps)
    for end in range(1, count):
        yield _tidy(program._replace(steps=program.steps[:end]))
    for k in range(count):
        for place in dict.fromkeys(program.steps[k].places):
            yield _tidy(_without(program, size + k, place))
    for k, (op, places) in enumerate(program.steps):
        if op.arity is None and not isinstance(op, Where) and len(places) > 1:
            for i in range(len(places)):
                fewer = Step(op, places[:i] + places[i + 1 :])
                steps = (*program.steps[:k], fewer, *program.steps[k + 1 :])
                yield _tidy(program._replace(steps=steps))
    (first, *_) = program.points
    for k, x in enumerate(first):
        short = round(x, 1) if abs(x) < 1e9 else 0.0
        for simple in (0.0, 1.0, -1.0, 2.0, short):
            if len(repr(simple)) < len(repr(x)):
                points = tuple((*point[:k], simple, *point[k + 1 :]) for point in program.points)
                yield program._replace(points=points)


def _without(program: Program, gone: int, instead: int) -> Program:
    def moved(place: int) -> int:
        place = instead if place == gone else place
        return place - (place > gone)

    steps = [
        Step(op, tuple(map(moved, places)))
        for k, (op, places) in enumerate(program.steps, start=len(program.roles))
        if k != gone
    ]
    return program._replace(steps=tuple(steps))


def _tidy(program: Program) -> Program:
    """Without the leaves and steps that nothing reads."""
    if not program.steps:
        return program
    kept = depending(program)
    place = {old: new for new, old in enumerate(kept)}
    size = len(program.roles)
    leaves = [k for k in kept if k < size]
    steps = [program.steps[k - size] for k in kept if k >= size]
    return Program(
        "".join(program.roles[k] for k in leaves),
        tuple(tuple(point[k] for k in leaves) for point in program.points),
        tuple(Step(op, tuple(place[i] for i in places)) for op, places in steps),
    )
