"""Expressions typed by a person, such as ``tanh(x1*w1 + b)``, made into Values. Never ``eval``.

Python's own parser reads the text into a tree; a walk then accepts what is listed here and nothing
else: numbers, names, ``+ - * / **``, and calls of the functions of the table. Whatever is wrong,
the error shows the text and points at the place.

Next: ``demo/__init__.py``.
"""

from __future__ import annotations

import ast
import difflib
import inspect
import math
import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from functools import partial, reduce
from typing import NoReturn

from . import derived, ops
from .engine.kinds import Binary, Nary, Unary
from .engine.primitive import TABLE
from .value import Operand, Parameter, Value, as_value

#: A parameter by its name: w, w1, b, bias, w_out …; any other name is an input.
PARAMETER = re.compile(r"(w|b|weight|bias)([\d_]\w*)?")

OPERATORS: dict[type[ast.AST], Callable[..., Operand]] = {
    ast.Add: ops.add,
    ast.Sub: ops.sub,
    ast.Mult: ops.mul,
    ast.Div: ops.div,
    ast.Pow: lambda x, y: x**y if isinstance(x, Value) else ops.pow(x, y),
    ast.USub: ops.neg,
    ast.UAdd: lambda x: x,
}

#: Operators that people write, and what stands for them here.
INSTEAD: dict[type[ast.AST], str] = {
    ast.BitXor: "A power is written **, as in x ** 2.",
    ast.FloorDiv: "Only / divides here.",
    ast.Mod: "The remainder has no useful slope.",
    ast.MatMult: "Write products with *.",
}

#: Functions whose further operands are fixed numbers, in which there is no slope.
FIXED = ("clip", "elu", "leaky_relu")

CONSTANTS = {"pi": math.pi}


class ExpressionError(ValueError):
    """A text that is no expression; the message shows it and points at the place."""

    def __init__(
        self, problem: str, text: str, line: int, start: int, end: int, hint: str = ""
    ) -> None:
        lines = text.splitlines() or [""]
        crop = max(0, start - 70)
        shown = lines[min(line, len(lines)) - 1][crop : crop + 100]
        start, end = start - crop, end - crop
        width = max(1, min(end, len(shown)) - start)
        message = f"{problem}\n  {shown}\n  {' ' * start}{'^' * width}"
        super().__init__(f"{message}\n{hint}" if hint else message)


def functions() -> dict[str, Callable[..., Operand]]:
    """What can be called: every function of the table, and ``max`` and ``min``, by name.

    >>> sorted(functions())[:5]
    ['abs', 'acos', 'acosh', 'asin', 'asinh']
    """
    listed: dict[str, Callable[..., Operand]] = {}
    written: tuple[object, ...] = tuple(OPERATORS.values())
    for name, row in (*TABLE.items(), *TABLE.own.items()):
        if row in written or name == "one_minus_square":
            continue  # written with a sign, or no function but a helper of other rows
        if isinstance(row, Unary | Binary) and not row.args:
            listed[name] = row
        elif isinstance(row, Nary) and name in ops.FUNCTIONS:
            listed[name] = partial(_of_all, row)
    listed |= {name: getattr(derived, name) for name in FIXED} | {"where": ops.where}
    listed |= {
        "max": lambda x, *others: reduce(ops.maximum, others, x),
        "min": lambda x, *others: reduce(ops.minimum, others, x),
    }
    return listed


def parse(text: str, values: Mapping[str, Operand]) -> tuple[Value, dict[str, Value]]:
    """The expression as a Value, and the Values of its names, in the order of ``values``.

    Names such as ``w1`` or ``b`` become a ``Parameter``, others a ``Value``, unless the name is
    given a Value already. Raises
    ``ExpressionError`` where the text is not an expression of what is listed above, for a name
    without a value, and where the arithmetic has no real answer.

    >>> y, names = parse("tanh(x*w + b)", {"x": 2.0, "w": -3.0, "b": 6.0})
    >>> y.backward()
    >>> y.data, names["x"].grad
    (0.0, -3.0)
    >>> parse("x + y.real", {"x": 1.0})
    Traceback (most recent call last):
    autograd_lite.expression.ExpressionError: An attribute (.real) cannot stand in an expression.
      x + y.real
          ^^^^^^
    """
    text = _clean(text)
    leaves = {
        name: given if isinstance(given, Value) else _leaf(name, given)
        for name, given in values.items()
    }
    reader = _Reader(text, leaves)
    return as_value(reader.read(_tree(text))), leaves


def _leaf(name: str, data: float) -> Value:
    return (Parameter if PARAMETER.fullmatch(name) else Value)(data, label=name)


def names_in(text: str) -> list[str]:
    """The names in an expression that need a value, each once, in order.

    >>> names_in("tanh(x1*w1 + x1*pi)")
    ['x1', 'w1']
    """
    tree = _tree(_clean(text))
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    found = [n for n in ast.walk(tree) if isinstance(n, ast.Name) and id(n) not in called]
    found.sort(key=lambda node: (node.lineno, node.col_offset))
    return list(dict.fromkeys(node.id for node in found if node.id not in CONSTANTS))


class _Reader:
    """Evaluates one tree bottom up, with a stack of its own: no expression is too deep."""

    def __init__(self, text: str, names: Mapping[str, Value]) -> None:
        self.text = text
        self.names = names
        self.functions = functions()

    def read(self, tree: ast.expr) -> Operand:
        done: dict[int, Operand] = {}
        for node in _children_first(tree, self.operands):
            done[id(node)] = self.value(node, [done.pop(id(x)) for x in self.operands(node)])
        return done[id(tree)]

    def operands(self, node: ast.expr) -> list[ast.expr]:
        """The parts to evaluate before the node; raises for a node that is not allowed."""
        if isinstance(node, ast.BinOp | ast.UnaryOp) and type(node.op) in OPERATORS:
            return [node.left, node.right] if isinstance(node, ast.BinOp) else [node.operand]
        if isinstance(node, ast.Call):
            self.check_call(node)
            return node.args
        if isinstance(node, ast.Name) or (
            isinstance(node, ast.Constant) and type(node.value) in (int, float)
        ):
            return []
        return self.refuse(node)

    def value(self, node: ast.expr, operands: list[Operand]) -> Operand:
        try:
            if isinstance(node, ast.Name):
                return self.named(node)
            if isinstance(node, ast.Constant):
                return self.constant(node)
            if isinstance(node, ast.Call):
                assert isinstance(node.func, ast.Name)
                return self.functions[node.func.id](*operands)
            assert isinstance(node, ast.BinOp | ast.UnaryOp)
            return OPERATORS[type(node.op)](*operands)
        except (ArithmeticError, TypeError, ValueError) as error:
            if isinstance(error, ExpressionError):
                raise
            raise self.error(str(error), node) from None

    def named(self, node: ast.Name) -> Operand:
        if node.id in self.names:
            return self.names[node.id]
        if node.id in CONSTANTS:
            return CONSTANTS[node.id]
        if node.id in self.functions:
            raise self.error(f"{node.id} is a function: call it, as in {node.id}(x).", node)
        raise self.error(f"{node.id} has no value. Give it one: {node.id}=1.5", node)

    def constant(self, node: ast.Constant) -> float:
        try:
            data = float(node.value)  # type: ignore[arg-type]
        except OverflowError:
            data = math.inf
        if math.isinf(data):
            raise self.error("This number is too large for a float (1.8e308).", node)
        return data

    def check_call(self, node: ast.Call) -> None:
        """Raise unless the call is of a known function, with as many operands as it takes."""
        if isinstance(node.func, ast.Attribute):
            self.refuse(node.func)
        if not isinstance(node.func, ast.Name):
            raise self.error("Only a function is called. A product needs its *.", node)
        name = node.func.id
        if name in self.names:
            raise self.error(f"{name} is a number, not a function. A product needs its *.", node)
        if name not in self.functions:
            close = difflib.get_close_matches(name, self.functions, n=3)
            hint = f"Did you mean {' or '.join(close)}?" if close else f"Known are {self.known()}."
            raise self.error(f"There is no function {name}.", node.func, hint)
        if node.keywords:
            raise self.error(f"{name} takes its operands without names.", node.keywords[0])
        parameters = inspect.signature(self.functions[name]).parameters.values()
        needed = [x.name for x in parameters if x.kind is x.POSITIONAL_OR_KEYWORD]
        optional = sum(x.default is not x.empty for x in parameters)
        more = any(x.kind is x.VAR_POSITIONAL for x in parameters)
        given = len(node.args)
        if given < max(1, len(needed) - optional) or (given > len(needed) and not more):
            shown = f"{name}({', '.join([*needed, *['…'] * more])})"
            raise self.error(f"{name} is written {shown}; operands given: {given}.", node)
        for fixed in node.args[1:] if name in FIXED else []:
            if any(isinstance(x, ast.Name) and x.id in self.names for x in ast.walk(fixed)):
                raise self.error(f"{name} takes a fixed number here: it has no slope in it.", fixed)

    def known(self) -> str:
        return ", ".join(sorted(self.functions))

    def refuse(self, node: ast.expr) -> NoReturn:
        if isinstance(node, ast.Attribute):
            raise self.error(f"An attribute (.{node.attr}) cannot stand in an expression.", node)
        if isinstance(node, ast.BinOp | ast.UnaryOp):
            hint = INSTEAD.get(type(node.op), "Known are + - * / **.")
            raise self.error(f"This operator is not one of an expression. {hint}", node)
        if isinstance(node, ast.Constant):
            what = f"{node.value!r} is not a real number."
        else:
            what = "An expression is made of numbers, names, + - * / ** and function calls."
        raise self.error(what, node)

    def error(self, problem: str, node: ast.expr | ast.keyword, hint: str = "") -> ExpressionError:
        line = self.text.splitlines()[node.lineno - 1].encode()
        start = len(line[: node.col_offset].decode())  # the tree counts in bytes
        same_line = node.end_lineno == node.lineno
        end = len(line[: node.end_col_offset].decode()) if same_line else len(line)
        return ExpressionError(problem, self.text, node.lineno, start, end, hint)


def _clean(text: str) -> str:
    """The text without space around it; bytes that were no text are shown as \\udc80."""
    return text.encode("utf-8", "backslashreplace").decode().strip()


def _of_all(row: Nary, *operands: Operand) -> Operand:
    result: Operand = row(operands)
    return result


def _children_first(
    tree: ast.expr, children: Callable[[ast.expr], list[ast.expr]]
) -> Iterator[ast.expr]:
    stack = [(tree, False)]
    while stack:
        node, ready = stack.pop()
        if ready:
            yield node
        else:
            stack.append((node, True))
            stack.extend((child, False) for child in reversed(children(node)))


def _tree(text: str) -> ast.expr:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python warns of 2(x); here that is an error below
            return ast.parse(text, mode="eval").body
    except SyntaxError as error:
        start = max(0, (error.offset or 1) - 1)
        end = (error.end_offset or 0) - 1 if error.end_lineno == error.lineno else start + 1
        problem = f"This is not an expression: {error.msg}." if text else "The expression is empty."
        raise ExpressionError(problem, text, error.lineno or 1, start, end) from None
    except (ValueError, MemoryError, RecursionError) as error:
        said = str(error) or type(error).__name__
        problem = f"This is not an expression that can be read: {said}."
        raise ExpressionError(problem, text, 1, 0, 1) from None
