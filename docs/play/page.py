"""What the page asks of Python: an expression's steps, a program's results, a cell's.

It runs in the browser (see ``worker.js``), and as well in any Python. Everything comes and goes as
JSON. Expressions are parsed, never evaluated; a program runs as a notebook's cell does.
"""

from __future__ import annotations

import ast
import contextlib
import io
import json
import linecache
import traceback
from collections.abc import Callable, Mapping
from functools import reduce
from itertools import chain, count, cycle

from autograd_lite import Value
from autograd_lite.cli import UsageError, number_of
from autograd_lite.engine.kinds import Nary
from autograd_lite.engine.primitive import TABLE
from autograd_lite.expression import CONSTANTS, PARAMETER, names_in, parse
from autograd_lite.grammar import ExpressionError, cleaned, statements
from autograd_lite.stepping import StepThrough, step_through
from autograd_lite.telling.refusal import refusal_of

#: Numbers for names that were given none.
GUESSES = (2.0, -3.0, 1.0, 0.5, -1.0, 1.5)

#: What else is tried where the arithmetic has no answer at these.
MILDER: tuple[Callable[[float], float], ...] = (abs, lambda x: abs(x) / 4, lambda x: 1 + abs(x))

#: What the views ask of ``step_through``.
VIEWS: dict[str, dict[str, str]] = {
    "steps": {},
    **{f"quiz-{kind}": {"quiz": kind} for kind in ("gradients", "local", "forward", "order")},
    **{
        f"fault-{name}": {"fault": name}
        for name in ("overwrite", "no_order", "no_zero_grad", "twice", "lost_sign")
    },
}


def answer(request: str) -> str:
    """The reply to a request, both as JSON: ``{"what": "expression" | "program" | "cell", …}``."""
    asked = json.loads(request)
    what = {"expression": expression, "program": program, "cell": cell}[asked.pop("what")]
    return json.dumps(what(**asked))


# --- an expression --------------------------------------------------------------------------------


def expression(
    text: str, values: Mapping[str, str], view: str = "steps", seed: int | None = None
) -> dict[str, object]:
    """The page of an expression, its names with their numbers, and the same as a program.

    Names without a number get one, and with a ``seed`` all get others. What is wrong comes back as
    ``error``; where an operation has no answer there is a page too, of what there was until then.
    """
    try:
        given = {name: number_of(name, written) for name, written in values.items()}
        result, numbers = _computed(text, given)
        if isinstance(result, ExpressionError):
            shown = step_through(result)
            return {**_page(shown), "values": _written(numbers), "error": str(result)}
        shown = step_through(result, seed=seed, **VIEWS[view])
        for fact in shown.walk.subject.facts.values():  # those that the seed has drawn
            if fact.value.label in numbers:
                numbers[fact.value.label] = fact.data
        python = as_python(text, numbers, VIEWS[view])
        return {**_page(shown), "values": _written(numbers), "python": python, "views": True}
    except (ExpressionError, UsageError, ValueError) as problem:
        return {"error": str(problem)}


def _page(shown: StepThrough) -> dict[str, object]:
    return {"html": shown.to_html(), "title": shown.title}


def _written(numbers: Mapping[str, float]) -> dict[str, str]:
    return {name: repr(x).removesuffix(".0") for name, x in numbers.items()}


def _computed(
    text: str, given: Mapping[str, float]
) -> tuple[Value | ExpressionError, dict[str, float]]:
    """The expression at these numbers, or the operation that has no answer; and all numbers."""
    names = names_in(text)
    guesses = dict(zip(names, cycle(GUESSES)))
    refused: list[tuple[ExpressionError, dict[str, float]]] = []
    for milder in (float, *MILDER):
        numbers = {name: given.get(name, milder(guesses[name])) for name in names}
        try:
            return parse(text, numbers)[0], numbers
        except ExpressionError as problem:
            if refusal_of(problem) is None:
                raise
            below = problem.__traceback__ and problem.__traceback__.tb_next
            refused.append((problem.with_traceback(below), numbers))  # no line of ours in the steps
    return refused[0]


# --- the same as a program ------------------------------------------------------------------------


def as_python(text: str, numbers: Mapping[str, float], told: Mapping[str, str]) -> str:
    """A program that shows the same: the numbers, the parts with their names, ``step_through``.

    >>> print(as_python("d = a*w; tanh(d)", {"a": 2.0, "w": -3.0}, {}))
    import autograd_lite as ag
    <BLANKLINE>
    a = ag.Value(2.0, label="a")
    w = ag.Parameter(-3.0, label="w")
    d = a * w
    d.label = "d"
    y = ag.tanh(d)
    <BLANKLINE>
    ag.step_through(y)
    """
    parts = statements(cleaned(text))
    made = parse(text, numbers)[1]
    taken = {*numbers, *(name for name, _ in parts)}
    ag, y = _free("ag", taken), _free("y", taken)
    lines = [f"import autograd_lite as {ag}", ""]
    lines += [f"{name} = {_leaf(ag, name, repr(x))}" for name, x in numbers.items()]
    known = set(numbers)
    for name, tree in parts:
        is_number = known.isdisjoint(x.id for x in ast.walk(tree) if isinstance(x, ast.Name))
        right = ast.unparse(_Qualified(ag, known).visit(tree))
        lines.append(f"{name or y} = {_leaf(ag, name, right) if is_number else right}")
        if name and not is_number and made[name].label == name:
            lines.append(f"{name}.label = {_quoted(name)}")
        known.add(name)
    options = "".join(f", {key}={_quoted(word)}" for key, word in told.items())
    return "\n".join([*lines, "", f"{ag}.step_through({parts[-1][0] or y}{options})"])


def _leaf(ag: str, name: str, number: str) -> str:
    kind = "Parameter" if PARAMETER.fullmatch(name) else "Value"
    return f"{ag}.{kind}({number}, label={_quoted(name)})" if name else f"{ag}.Value({number})"


def _free(name: str, taken: set[str]) -> str:
    return next(x for x in chain([name], (f"{name}{i}" for i in count(1))) if x not in taken)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


class _Qualified(ast.NodeTransformer):
    """Functions by the module that has them, with their operands as it takes them."""

    def __init__(self, module: str, values: set[str]) -> None:
        self.module = module
        self.values = values

    def of_module(self, name: str) -> ast.Attribute:
        return ast.Attribute(ast.Name(self.module), name)

    def visit_Name(self, node: ast.Name) -> ast.expr:
        is_constant = node.id in CONSTANTS and node.id not in self.values
        return self.of_module("pi") if is_constant else node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        assert isinstance(node.func, ast.Name)
        name, operands = node.func.id, [self.visit(operand) for operand in node.args]
        if name in ("max", "min"):
            function = self.of_module(f"{name}imum")
            return reduce(lambda x, y: ast.Call(function, [x, y], []), operands)
        if isinstance(TABLE.get(name), Nary):
            operands = [ast.List(operands)]
        return ast.Call(self.of_module(name), operands, [])


# --- programs and cells ---------------------------------------------------------------------------


def program(code: str, view: str = "steps") -> dict[str, object]:
    """A program of its own: the page of the Value that it ends with, or what it shows."""
    notebook = Notebook()
    outputs, result = notebook.run(code)
    reply: dict[str, object] = {"outputs": outputs, "views": isinstance(result, Value)}
    try:
        if isinstance(result, Value):
            result = step_through(result, **VIEWS[view])
        if isinstance(result, StepThrough):
            return {**reply, **_page(result), "outputs": outputs[:-1]}
    except ValueError as problem:  # too many steps
        return {**reply, "error": str(problem)}
    return reply


def cell(code: str) -> dict[str, object]:
    """A cell of a notebook, after those that were run before it."""
    return {"outputs": NOTEBOOK.run(code)[0]}


class Notebook:
    """Cells that share their names; each gives what it prints, and what its last line is."""

    def __init__(self) -> None:
        self.outputs: list[dict[str, str]] = []
        self.names: dict[str, object] = {"__name__": "__main__", "display": self.display}
        self.cells = 0

    def run(self, code: str) -> tuple[list[dict[str, str]], object]:
        """What the cell shows, in order, and the value of its last line, or None."""
        self.outputs = []
        self.cells += 1
        name = f"<cell {self.cells}>"
        linecache.cache[name] = (len(code), None, code.splitlines(keepends=True), name)
        result = None
        with (
            contextlib.redirect_stdout(_Stream(self, "text")),
            contextlib.redirect_stderr(_Stream(self, "warning")),
        ):
            try:
                result = self.value_of(ast.parse(code, name), name)
                if result is not None:
                    self.display(result)
            except BaseException as problem:
                self.outputs.append({"kind": "error", "text": _told(problem)})
        return self.outputs, result

    def value_of(self, tree: ast.Module, name: str) -> object:
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, name, "exec"), self.names)
        if not isinstance(last, ast.Expr):
            return None
        return eval(compile(ast.Expression(last.value), name, "eval"), self.names)

    def display(self, *results: object) -> None:
        """Show each as a notebook does: as HTML, a picture, or text."""
        self.outputs += map(_shown, results)

    def write(self, kind: str, text: str) -> None:
        if self.outputs and self.outputs[-1]["kind"] == kind:
            self.outputs[-1]["text"] += text
        else:
            self.outputs.append({"kind": kind, "text": text})


class _Stream(io.TextIOBase):
    def __init__(self, notebook: Notebook, kind: str) -> None:
        self.notebook = notebook
        self.kind = kind

    def write(self, text: str) -> int:
        if text:
            self.notebook.write(self.kind, text)
        return len(text)


def _shown(result: object) -> dict[str, str]:
    bundle = getattr(result, "_repr_mimebundle_", dict)()
    for kind, attribute in (("text/html", "_repr_html_"), ("image/svg+xml", "_repr_svg_")):
        found = bundle.get(kind) or getattr(result, attribute, str)()
        if found:
            return {"kind": {"text/html": "html", "image/svg+xml": "svg"}[kind], "text": found}
    return {"kind": "result", "text": bundle.get("text/plain") or repr(result)}


def _told(problem: BaseException) -> str:
    """The traceback, of which only the lines of cells are of use."""
    told = traceback.TracebackException.from_exception(problem)
    ours = [frame for frame in told.stack if frame.filename.startswith("<cell")]
    told.stack = traceback.StackSummary.from_list(ours)
    return "".join(told.format(chain=False)).rstrip()


NOTEBOOK = Notebook()
