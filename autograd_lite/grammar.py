"""The text of an expression as trees, one for each part, or an error that points at the place.

Python's own parser reads it: parts are separated by ``;`` or a new line, and all but the last have
a name, ``d = a*b; L = d + c``. What may stand in a part is the business of ``expression.py``.

Next: ``expression.py``.
"""

from __future__ import annotations

import ast
import keyword
import re
import warnings

#: Signs that people write by hand, and how they are typed.
TYPED = {
    "−": "A minus is typed -.", "×": "A product is typed *.", "·": "A product is typed *.",
    "÷": "A quotient is typed /.", "½": "A half is typed 1/2.", "√": "A root is typed sqrt(x).",
    **dict.fromkeys("⁰¹²³⁴⁵⁶⁷⁸⁹", "A power is typed **, as in x**2."),
}  # fmt: skip

#: A number, a name or a bracket, and at once the next factor: 2x, x y, (a + b)c.
UNSIGNED_PRODUCT = re.compile(r"\d[^\W\d]|[\w)] +[\w(]|\)\w")


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


def statements(text: str) -> list[tuple[str, ast.expr]]:
    """Each part's name and its tree; the last part may do without a name.

    >>> [name for name, _ in statements("d = a*b; L = d + c")]
    ['d', 'L']
    """
    parts: list[tuple[str, ast.expr]] = []
    body = _tree(text).body
    if not body:
        raise ExpressionError("The expression is empty.", text, 1, 0, 1)
    for statement in body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=tree):
                parts.append((name, tree))
            case ast.Expr(value=tree):
                if statement is not body[-1]:
                    problem = "This part has no name, so nothing can use it. Write it d = …"
                    raise error_at(problem, text, tree)
                parts.append(("", tree))
            case _:
                problem = "The parts of an expression are written d = a*b; L = d + c."
                raise error_at(problem, text, statement)
    return parts


def _tree(text: str) -> ast.Module:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python warns of 2(x); here that is an error below
            return ast.parse(text)
    except SyntaxError as error:
        start = max(0, (error.offset or 1) - 1)
        end = (error.end_offset or 0) - 1 if error.end_lineno == error.lineno else start + 1
        problem = f"This is not an expression: {error.msg}."
        raise ExpressionError(problem, text, error.lineno or 1, start, end, _hint(text)) from None
    except (ValueError, MemoryError, RecursionError) as error:
        said = str(error) or type(error).__name__
        problem = f"This is not an expression that can be read: {said}."
        raise ExpressionError(problem, text, 1, 0, 1) from None


def _hint(text: str) -> str:
    """How to type what Python's parser does not know."""
    for character in text:
        if character in TYPED:
            return TYPED[character]
    if any(map(keyword.iskeyword, re.findall(r"\w+", text))) or not UNSIGNED_PRODUCT.search(text):
        return ""
    return "A product needs its *, as in 2*x."


def error_at(
    problem: str, text: str, node: ast.expr | ast.stmt | ast.keyword, hint: str = ""
) -> ExpressionError:
    """An error that points at a part of the text."""
    line = text.splitlines()[node.lineno - 1].encode()
    start = len(line[: node.col_offset].decode())  # the tree counts in bytes
    same_line = node.end_lineno == node.lineno
    end = len(line[: node.end_col_offset].decode()) if same_line else len(line)
    return ExpressionError(problem, text, node.lineno, start, end, hint)


def cleaned(text: str) -> str:
    """The text without space around it; bytes that were no text are shown as \\udc80."""
    return text.encode("utf-8", "backslashreplace").decode().strip()
