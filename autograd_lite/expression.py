"""Expressions typed by a person, such as ``tanh(x1*w1 + b)``, made into Values. Never ``eval``.

A walk through the trees that ``grammar.py`` makes of the text accepts what is listed here and
nothing else: numbers, names, ``+ - * / **``, and calls of the functions of the table. Whatever is
wrong, the error shows the text and points at the place.

Next: ``demo/__init__.py``.
"""

from __future__ import annotations

import ast
import difflib
import inspect
import math
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial, reduce
from typing import NoReturn

from . import derived, ops
from .engine.kinds import Binary, Nary, Unary
from .engine.primitive import TABLE
from .engine.undefined import by_names
from .grammar import ExpressionError, cleaned, error_at, statements
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

CONSTANTS = {"pi": math.pi, "π": math.pi}


def functions() -> dict[str, Callable[..., Operand]]:
    """What can be called: every public function of the table, those of one's own, max and min.

    >>> sorted(functions())[:5]
    ['abs', 'acos', 'acosh', 'asin', 'asinh']
    """
    listed: dict[str, Callable[..., Operand]] = {}
    for name in (*ops.FUNCTIONS, "pow", *TABLE.own):
        row = TABLE[name]
        if isinstance(row, Unary | Binary):
            listed[name] = row
        elif isinstance(row, Nary):
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
    without a value, and where the arithmetic has no real answer. Names that the text gives to its
    parts are among those that come back.

    >>> y, names = parse("tanh(x*w + b)", {"x": 2.0, "w": -3.0, "b": 6.0})
    >>> y.backward()
    >>> y.data, names["x"].grad
    (0.0, -3.0)
    >>> parse("d = x*w; L = d + 1", {"x": 2.0, "w": -3.0})
    (Value(data=-5.0, grad=0.0, label='L'), {...'d': Value(data=-6.0, grad=0.0, label='d')...})
    >>> parse("x + y.real", {"x": 1.0})
    Traceback (most recent call last):
    autograd_lite.grammar.ExpressionError: An attribute (.real) cannot stand in an expression.
      x + y.real
          ^^^^^^
    """
    text = cleaned(text)
    leaves = {
        name: given if isinstance(given, Value) else _leaf(name, given)
        for name, given in values.items()
    }
    reader = _Reader(text, leaves)
    result: Operand = 0.0
    for name, tree in statements(text):
        result = reader.read(tree)
        if name:
            result = leaves[name] = _named(name, result)
    return as_value(result), leaves


def _leaf(name: str, data: float) -> Value:
    return (Parameter if PARAMETER.fullmatch(name) else Value)(data, label=name)


def _named(name: str, result: Operand) -> Value:
    """The result of a part, with its name; a number is a leaf, and a value may have a name."""
    if not isinstance(result, Value):
        return _leaf(name, result)
    result.label = result.label or name
    return result


def names_in(text: str) -> list[str]:
    """The names in an expression that need a value, each once, in order.

    >>> names_in("tanh(x1*w1 + x1*pi)")
    ['x1', 'w1']
    >>> names_in("d = a*b; d + c")
    ['a', 'b', 'c']
    """
    found: dict[str, None] = {}
    given = set(CONSTANTS)
    for name, tree in statements(cleaned(text)):
        called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
        names = [n for n in ast.walk(tree) if isinstance(n, ast.Name) and id(n) not in called]
        names.sort(key=lambda node: (node.lineno, node.col_offset))
        found |= dict.fromkeys(node.id for node in names if node.id not in given)
        given.add(name)
    return list(found)


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
            raise self.error(self.told(error, node), node) from None

    def told(self, error: Exception, node: ast.expr) -> str:
        """What an operation says, its operands by what was typed: for ``1/x`` it needs x ≠ 0."""
        typed = [
            (ast.get_source_segment(self.text, operand) or "")
            if any(isinstance(part, ast.Name) for part in ast.walk(operand))
            else ""
            for operand in self.operands(node)
        ]
        return by_names(str(error), typed)

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
            close = [k for k in self.functions if k in TABLE and TABLE[k].symbol == name]
            close = close or difflib.get_close_matches(name, self.functions, n=3)
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
        return error_at(problem, self.text, node, hint)


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
