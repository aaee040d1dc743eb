"""``Language``: how a row's form is printed, with brackets only where they are needed.

A form is an expression in Python's syntax: the operands by name, numbers, ``+ - * /``, comparisons
within ``where``, and functions. A text comes with its strength, that of its weakest operator.

Next: ``numpy.py``.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, ClassVar, TypeAlias

from ..engine.kinds import Where
from ..engine.primitive import TABLE, Primitive

MOST = 4096  # patterns, and trees, that are kept

CHOICE, COMPARISON, SUM, PRODUCT, SIGN, ATOM = range(6)

#: A text and its strength.
Text: TypeAlias = tuple[str, int]

#: A form printed once: a template, which operand goes where and the strength it needs there, and
#: the strength of the whole.
Pattern: TypeAlias = tuple[str, list[tuple[int, int]], int]

OPERATORS: dict[type[ast.operator], tuple[str, int]] = {
    ast.Add: ("+", SUM), ast.Sub: ("-", SUM), ast.Mult: ("*", PRODUCT), ast.Div: ("/", PRODUCT),
}  # fmt: skip
COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Gt: ">", ast.Lt: "<", ast.GtE: ">=", ast.LtE: "<=", ast.Eq: "==", ast.NotEq: "!=",
}  # fmt: skip


@lru_cache(maxsize=MOST)
def tree_of(op: Primitive) -> ast.expr:
    """The form of a row as a tree; of a row without one, the call of its name.

    >>> from autograd_lite import ops
    >>> ast.unparse(tree_of(ops.share)), ast.unparse(tree_of(ops.exp))
    ('sigmoid(x - y)', 'exp(x)')
    """
    return ast.parse(op.form or f"{op.name}({', '.join(op.operands)})", mode="eval").body


def is_arithmetic(op: Primitive, *, division: bool = False) -> bool:
    """Whether the form is made of ``+ - *`` alone, which hand an infinity or a NaN on.

    >>> from autograd_lite import ops
    >>> [is_arithmetic(op) for op in (ops.one_minus_square, ops.div, ops.tanh)]
    [True, False, False]
    """
    parts = ast.BinOp, ast.UnaryOp, ast.Name, ast.Constant, ast.expr_context, ast.unaryop
    allowed = (*parts, ast.Add, ast.Sub, ast.Mult, *([ast.Div] if division else []))
    return all(isinstance(node, allowed) for node in ast.walk(tree_of(op)))


def bracket(text: Text, least: int) -> str:
    """The text, in brackets where it is weaker than that.

    >>> bracket(("a + b", SUM), PRODUCT), bracket(("a + b", SUM), SUM)
    ('(a + b)', 'a + b')
    """
    return text[0] if text[1] >= least else f"({text[0]})"


class Language:
    """A printer of forms; a subclass says in ``functions`` what its language has.

    An entry is a name, or a template whose operands are ``{0}``, ``{1}``, …
    """

    name: ClassVar[str]
    functions: ClassVar[Mapping[str, str]]
    _patterns: ClassVar[dict[Primitive, Pattern]]

    def __init_subclass__(cls) -> None:
        cls._patterns = {}

    def applied(self, op: Primitive, operands: Sequence[Any]) -> Text:
        """The row on operands, a text each; one of many operands takes a text or a list of them.

        Raises ``NotImplementedError`` where the language has no such function and the row no form.
        """
        if op.arity is None:
            return self.printed(op, operands)
        template, places, strength = self._patterns.get(op) or self.pattern(op)
        texts = []
        for k, least in places:
            text, its_strength = operands[k]
            texts.append(text if its_strength >= least else f"({text})")
        return template % tuple(texts), strength

    def printed(self, op: Primitive, operands: Sequence[Any]) -> Text:
        """The row on operands, from its form or from its entry."""
        if op.name in self.functions and not isinstance(op, Where):
            return self.call(op.name, [*operands, *map(self.number, op.args)])
        return self.written(tree_of(op), dict(zip(op.operands, operands, strict=True)))

    def written(self, tree: ast.expr, names: Mapping[str, Any]) -> Text:
        """A tree whose names are these texts."""
        match tree:
            case ast.Constant(value=int() | float() as x):
                return self.number(x)
            case ast.Name(id=name) if name in names or name in ("inf", "nan"):
                return names[name] if name in names else self.number(float(name))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self.negative(self.written(operand, names))
            case ast.BinOp(left=left, op=operator, right=right) if type(operator) in OPERATORS:
                return self.infix(
                    type(operator), self.written(left, names), self.written(right, names)
                )
            case ast.Compare(left=left, ops=[operator], comparators=[right]):
                sides = [bracket(self.written(side, names), SUM) for side in (left, right)]
                return f" {self.comparison(type(operator))} ".join(sides), COMPARISON
            case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=int() as at)):
                group = names[name]
                return group[at] if isinstance(group, list) else (f"{group[0]}[{at}]", ATOM)
            case ast.Call(func=ast.Name(id=function), args=args):
                return self.call(function, [self.written(x, names) for x in args])
        raise NotImplementedError(f"A form cannot say {ast.unparse(tree)}.")

    def infix(self, operator: type[ast.operator], x: Text, y: Text) -> Text:
        """Operators of equal strength go from left to right: 1e-17 + (1 - 1) keeps its brackets."""
        sign, strength = OPERATORS[operator]
        return f"{bracket(x, strength)} {sign} {bracket(y, strength + 1)}", strength

    def negative(self, x: Text) -> Text:
        return f"-{bracket(x, SIGN)}", SIGN

    def call(self, function: str, operands: Sequence[Text]) -> Text:
        """A function by its name in the language, or by the form of its row."""
        known = self.functions.get(function)
        if known is not None:
            return self.filled(known, operands)
        row = TABLE.get(function)
        if row is None or not row.form:
            raise NotImplementedError(self.lacks(function))
        return self.written(tree_of(row), dict(zip(row.operands, operands, strict=True)))

    def filled(self, known: str, operands: Sequence[Text]) -> Text:
        """A name with its operands, or a template with its own."""
        if "{" not in known:
            return f"{known}({', '.join(text for text, _ in operands)})", ATOM

        def fill(match: re.Match[str]) -> str:
            alone = match[1] in ("(", ", ") and match[3] in (")", ",")
            return f"{match[1]}{bracket(operands[int(match[2])], CHOICE if alone else ATOM)}"

        return re.sub(r"(, |.|^)\{(\d)\}(?=(.|$))", fill, known), ATOM

    def pattern(self, op: Primitive) -> Pattern:
        """A row of one or two operands as a template, printed once.

        To print the form anew would make the compilation of a recurrence a quarter slower.

        >>> from autograd_lite import ops
        >>> from autograd_lite.languages.numpy import numpy
        >>> numpy.pattern(ops.softsign)
        ('%s / (1.0 + np.abs(%s))', [(0, 3), (0, 0)], 3)
        """
        language = type(self)()
        weak = [_opened(_with_places(language, op, strength)[0]) for strength in range(ATOM)]
        text, strength = _with_places(language, op, ATOM)
        least = [
            sum(some > few for some in opened)
            for *opened, few in zip(*weak, _opened(text), strict=True)
        ]
        places = [int(place) for place in _PLACE.findall(text)]
        template = _PLACE.sub("%s", text.replace("%", "%%"))
        if len(self._patterns) >= MOST:  # powers of any number may come
            self._patterns.clear()
        self._patterns[op] = template, list(zip(places, least, strict=True)), strength
        return self._patterns[op]

    def occurrences(self, op: Primitive) -> int:
        """How often the operand that is written most often is written; 1 for many operands.

        >>> from autograd_lite import ops
        >>> from autograd_lite.languages.numpy import numpy
        >>> numpy.occurrences(ops.tanh), numpy.occurrences(ops.sigmoid)
        (1, 2)
        """
        if op.arity is None:
            return 1
        _, places, _ = self._patterns.get(op) or self.pattern(op)
        written = [k for k, _ in places]
        return max(map(written.count, written), default=0)

    def comparison(self, operator: type[ast.cmpop]) -> str:
        return COMPARISONS[operator]

    def number(self, x: float) -> Text:
        """A literal, in brackets where its sign would mislead."""
        if math.isfinite(x):
            return self.literal(x), SIGN if math.copysign(1.0, x) < 0.0 else ATOM
        name = self.functions["nan" if x != x else "inf"]
        return (f"-{name}", SIGN) if x == -math.inf else (name, ATOM)

    def literal(self, x: float) -> str:
        return repr(x)

    def lacks(self, function: str) -> str:
        return (
            f"There is no {function} in {self.name}. Give the row a form, such as "
            f'form="exp(x) / (1 + exp(x))", of functions that the table has.'
        )


_PLACE = re.compile("\0(.)")


def _with_places(language: Language, op: Primitive, strength: int) -> Text:
    return language.printed(op, [(f"\0{k}", strength) for k in range(len(op.operands))])


def _opened(text: str) -> list[int]:
    """Of each place of an operand, how many brackets open right before it."""
    starts = [place.start() for place in _PLACE.finditer(text)]
    return [at - len(text[:at].rstrip("(")) for at in starts]
