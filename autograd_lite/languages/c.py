"""The table in C, for the engine's twin in C: ``python -m autograd_lite.languages.c`` writes it.

A row's value and slopes are no forms here but the very functions that Python's engine calls, so
that the bits are the same: they are run on operands that write down, as C, what is done to them. A
comparison is a fork: the function is run once for each answer, and the ends become ``if`` and
``else``. What raises in Python (1/0, the log of 0) is an infinity or a NaN in C, about which the
engine asks Python. A row with a loop is left out; the engine calls its functions of Python.

Next: ``../signatures.py``.
"""

from __future__ import annotations

import builtins
import math
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import BuiltinFunctionType, FunctionType, SimpleNamespace
from typing import Any

from ..engine import core, floats, special
from ..engine.inputs import check_finite
from ..engine.kinds import Binary, Unary
from ..engine.primitive import FAMILIES, TABLE, Primitive

HEADER = Path(core.__file__).parent / "c" / "rows.h"

#: The functions of Python's ``math`` that are C's own of that name.
SAME = """
exp exp2 expm1 log log2 log10 log1p sqrt cbrt sin cos tan asin acos atan atan2 sinh cosh tanh asinh
acosh atanh erf erfc fabs floor ceil trunc fmod remainder copysign
"""
#: Those that are Python's own, or that compilers would replace by others: see ``kernels.h``.
OTHERS = {"hypot": "python_hypot", "pow": "library_pow"}


class Fork(Exception):
    """A comparison whose answer is open."""


class Run:
    """One run of a function: its statements, and the answers to its comparisons."""

    now: Run

    def __init__(self, answers: tuple[bool, ...]) -> None:
        self.answers = answers
        self.asked: dict[str, bool] = {}
        self.names: dict[str, str] = {}  # of what is computed: text -> variable
        self.since = 0  # how many were there at the last comparison

    def named(self, text: str) -> Double:
        return Double(self.names.setdefault(text, f"t{len(self.names)}"))

    def answer(self, condition: str) -> bool:
        if condition not in self.asked:
            if len(self.asked) == len(self.answers):
                raise Fork(condition)
            self.asked[condition] = self.answers[len(self.asked)]
            self.since = len(self.names)
        return self.asked[condition]

    def statements(self) -> list[str]:
        """Those since the last comparison."""
        return [f"double {name} = {text};" for text, name in self.names.items()][self.since :]


def call(name: str) -> Callable[..., Double]:
    return lambda *xs: Run.now.named(f"{name}({', '.join(map(written, xs))})")


def infix(sign: str, reflected: bool = False) -> Any:
    def apply(x: Double, y: Any) -> Double:
        left, right = (y, x) if reflected else (x, y)
        return Run.now.named(f"{written(left)} {sign} {written(right)}")

    return apply


def compared(sign: str) -> Any:
    return lambda x, y: Run.now.answer(f"{written(x)} {sign} {written(y)}")


class Double:
    """An operand that writes down what is done to it."""

    def __init__(self, text: str) -> None:
        self.text = text

    __add__, __radd__ = infix("+"), infix("+", True)
    __sub__, __rsub__ = infix("-"), infix("-", True)
    __mul__, __rmul__ = infix("*"), infix("*", True)
    __truediv__, __rtruediv__ = infix("/"), infix("/", True)
    __mod__, __floordiv__, __round__ = call("python_mod"), call("python_floordiv"), call("rint")
    __lt__, __le__, __gt__, __ge__ = map(compared, ("<", "<=", ">", ">="))
    __eq__, __ne__ = compared("=="), compared("!=")
    __hash__ = object.__hash__

    def __neg__(self) -> Double:
        return Run.now.named(f"-{self.text}")

    def __bool__(self) -> bool:
        return Run.now.answer(f"{self.text} != 0.0")

    def __format__(self, spec: str) -> str:
        return self.text


def written(x: Any) -> str:
    if isinstance(x, Double):
        return x.text
    x = float(x)
    if math.isfinite(x):
        return repr(x)
    return "NAN" if x != x else "INFINITY" if x > 0 else "-INFINITY"


MATH = SimpleNamespace(
    **{name: call(name) for name in SAME.split()},
    **{name: call(text) for name, text in OTHERS.items()},
    degrees=lambda x: x * (180.0 / math.pi),
    radians=lambda x: x * (math.pi / 180.0),
    isinf=lambda x: Run.now.answer(f"isinf({written(x)})"),
    isfinite=lambda x: Run.now.answer(f"isfinite({written(x)})"),
    inf=math.inf, nan=math.nan,
)  # fmt: skip


# --- functions of floats, as functions of what is written down ------------------------------------


def rewritten(thing: Any) -> Any:
    """A thing that a row names, for operands that write."""
    if isinstance(thing, BuiltinFunctionType) and thing.__module__ == "math":
        return getattr(MATH, thing.__name__, thing)
    if isinstance(thing, Primitive):
        return rewritten(thing.for_floats()) if thing.arity else thing.for_floats()
    if any(thing is family for family in FAMILIES.values()):
        return lambda *args: rewritten(rewritten(thing.__wrapped__)(*args).compute)
    if thing is math:
        return MATH
    if thing is floats:
        return SimpleNamespace(**globals_of(vars(floats)))
    if thing is special:
        return SimpleNamespace(**dict.fromkeys(vars(special), left))
    if thing is check_finite:
        return lambda *_: None
    if not isinstance(thing, FunctionType):
        return thing
    if thing.__module__ == special.__name__:
        return left
    if thing.__module__ == floats.__name__ and thing.__annotations__.get("return") is float:
        return lambda *xs: call(helper(thing))(*xs)
    return reading(thing)


def left(*_: Any) -> Any:
    raise LookupError("special.py has loops")


def reading(function: FunctionType) -> Any:
    """The function itself, which means by its names what is written down."""
    if function.__module__ not in (floats.__name__, TABLE["add"].rule.__module__):
        return function
    cells = tuple(type(c)(rewritten(c.cell_contents)) for c in function.__closure__ or ())
    known = globals_of(function.__globals__)
    return FunctionType(function.__code__, known, function.__name__, None, cells or None)


KNOWN: dict[int, dict[str, Any]] = {}


def globals_of(names: Mapping[str, Any]) -> dict[str, Any]:
    """The names of a module with their new meanings."""
    known = KNOWN.get(id(names))
    if known is None:
        known = KNOWN[id(names)] = {"__builtins__": builtins}
        known |= {name: rewritten(thing) for name, thing in names.items() if name[:2] != "__"}
    return known


def body(make: Callable[[], Any], answers: tuple[bool, ...] = ()) -> list[str]:
    """The statements of a function from here on."""
    Run.now = run = Run(answers)
    try:
        results = make()
    except Fork as fork:
        yes, no = (body(make, (*answers, answer)) for answer in (True, False))
        if yes == no:
            return [*run.statements(), *yes]
        inside = [[f"    {line}" for line in lines] for lines in (yes, no)]
        return [*run.statements(), f"if ({fork}) {{", *inside[0], "} else {", *inside[1], "}"]
    last = [f"out[{i}] = {written(x)};" for i, x in enumerate(results)]
    return [*run.statements(), *last]


HELPERS: dict[str, str] = {}  # the functions of floats.py that rows use, in the order of C


def helper(function: FunctionType) -> str:
    """The name of the C function that is one of ``floats.py``; printed where it is first met."""
    name = f"floats_{function.__name__}"
    if name not in HELPERS:
        outer = Run.now
        names = function.__code__.co_varnames[: function.__code__.co_argcount]
        lines = body(lambda: [reading(function)(*map(Double, names))])
        text = "\n".join(f"    {line}" for line in needed(lines)).replace("out[0] =", "return")
        parameters = ", ".join(f"double {x}" for x in names)
        HELPERS[name] = f"static double\n{name}({parameters})\n{{\n{text}\n}}\n"
        Run.now = outer
    return name


def needed(lines: list[str]) -> list[str]:
    """Without the variables that nothing reads."""
    while True:
        words = re.findall(r"\bt\d+\b", " ".join(lines))
        unread = {word for word in words if words.count(word) == 1}
        kept = [line for line in lines if not set(re.findall(r"double (t\d+)", line)) & unread]
        if len(kept) == len(lines):
            return lines
        lines = kept


def row(name: str, make: Callable[..., Primitive]) -> str:
    """The C function of one row: the value and its slopes."""

    def run() -> list[Any]:
        op = make(*map(Double, "ab"))
        operands = [*map(Double, op.operands)]
        z = rewritten(op.compute)(*operands)
        return [z, *rewritten(op.rule)(z, *operands)]

    lines = needed(body(run))
    words = set(re.findall(r"[A-Za-z_]\w*", " ".join(lines)))
    heads = [f"double {x} = in[{i}];" for i, x in enumerate("xy") if x in words]
    heads += [f"double {x} = args[{i}];" for i, x in enumerate("ab") if x in words]
    text = "\n".join(f"    {line}" for line in [*heads, *lines])
    head = f"row_{name}(const double *args, const double *in, double *out)"
    return f"static void\n{head}\n{{\n{text}\n}}\n"


def rows() -> Iterator[tuple[str, Primitive, Callable[..., Primitive], str]]:
    """Name in C, row, what makes it of fixed numbers, the number that it is for or NAN."""
    for name, op in TABLE.items():
        if isinstance(op, Unary | Binary) and not op.args:
            yield name, op, lambda *_, op=op: op, "NAN"
        elif isinstance(op, Unary):
            make: Any = rewritten(FAMILIES[name].__wrapped__)  # type: ignore[attr-defined]
            if name == "power":  # the table has slopes of its own for these
                for n in (0.0, 1.0, 2.0):
                    yield f"power_{n:.0f}", op, lambda *_, n=n, make=make: make(n), repr(n)
            yield name, op, lambda *xs, op=op, make=make: make(*xs[: len(op.args)]), "NAN"


def printed() -> str:
    """The header: a function for each row, and the list of them.

    >>> "row_tanh(const double *args, const double *in, double *out)" in printed()
    True
    """
    HELPERS.clear()
    functions, entries = [], []
    for name, op, make, only in rows():
        try:
            functions.append(row(name, make))
        except (TypeError, LookupError) as error:
            functions.append(f"/* {name} stays in Python: {error}. */\n")
        else:
            entries.append(f'    {{"{op.name}", row_{name}, {only}}},')
    return "\n".join([
        "/* Written by languages/c.py from the table in ops.py. */\n",
        f"#define ROWS {core.fingerprint()}u\n",
        *HELPERS.values(), *functions,
        "static const Printed PRINTED[] = {", *entries, "    {NULL, NULL, 0.0},", "};\n",
    ])  # fmt: skip


if __name__ == "__main__":
    HEADER.write_text(printed(), "utf-8")
