"""Faults made from a source text: what ``inject.py`` puts into the package.

A line without a meaning of its own yields none: annotations, docstrings, ``TYPE_CHECKING``,
overloads, decorators, ``__slots__`` and ``__all__``, comments.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

COMPARED = {
    "<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==",
    "is": "is not", "is not": "is", "in": "not in", "not in": "in",
}  # fmt: skip
EXTREMES = {
    "min": "max", "max": "min", "minimum": "maximum", "maximum": "minimum",
    "any": "all", "all": "any", "floor": "ceil", "ceil": "floor",
}  # fmt: skip
SYMMETRIC = {*EXTREMES, "isinstance", "zip", "hypot", "add", "mul"}
IN_TEXT = [
    (r"(?<= )(<=|>=|<|>)(?= )", lambda m: COMPARED[m[0]]),
    (r"===", lambda m: "!=="), (r"!==", lambda m: "==="),
    (r"&&", lambda m: "||"), (r"\|\|", lambda m: "&&"),
    (r"(?<= )\+(?= )", lambda m: "-"), (r"(?<= )-(?= )", lambda m: "+"),
    (r"\b(min|max|floor|ceil)(?=\()", lambda m: EXTREMES[m[0]]),
    (r"\b(true|false)\b", lambda m: "false" if m[0] == "true" else "true"),
    (r"(?<![\w#&.%-])\d+(?![\w.])", lambda m: str(int(m[0]) + 1)),
    (r"(?<![\w#])\d*\.\d+(?!\w)", lambda m: repr(float(m[0]) * 1.005)),
]  # fmt: skip
NOWHERE = range(0)
PROSE = re.compile(r"[a-z]{2,} [a-z]{2,} [a-z]{2,}|\} [a-z]{2,} |[a-z] [a-z]+ \{")


@dataclass(frozen=True)
class Fault:
    """The text from ``start`` to ``end`` of a file becomes ``new``."""

    file: str
    kind: str
    line: int
    start: int
    end: int
    new: str
    before: str  # the lines that change, as they are
    after: str
    inside: bool  # a function, so that a test may reach its line
    reached_by: tuple[str, ...]  # the texts of the lines of its statement

    def applied(self, text: str) -> str:
        return text[: self.start] + self.new + text[self.end :]

    def shown(self) -> str:
        """A block of ``equivalents.txt``, but for the reason."""
        minus = [f"- {line.strip()}" for line in self.before.splitlines()]
        plus = [f"+ {line.strip()}" for line in self.after.splitlines()]
        return "\n".join([self.file, *minus, *plus])


class Source:
    """A text with its lines, and the faults cut out of it."""

    def __init__(self, file: str, text: str) -> None:
        self.file, self.text, self.lines = file, text, text.splitlines(keepends=True)
        self.starts = [0]
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line))

    def span(self, node: ast.AST) -> tuple[int, int]:
        """Where a node starts and ends, in characters (its columns count bytes)."""
        ends = []
        for line, column in (
            (node.lineno, node.col_offset),
            (node.end_lineno, node.end_col_offset),
        ):
            before = self.lines[line - 1].encode()[:column].decode()
            ends.append(self.starts[line - 1] + len(before))
        return ends[0], ends[1]

    def of(self, node: ast.AST) -> str:
        start, end = self.span(node)
        return self.text[start:end]

    def fault(self, kind: str, start: int, end: int, new: str, lines: range) -> Fault:
        line = self.text.count("\n", 0, start) + 1
        last = self.text.count("\n", 0, end) + 1
        first, stop = self.starts[line - 1], self.starts[last]
        changed = self.text[first:start] + new + self.text[end:stop]
        reached = tuple(self.lines[n - 1].strip() for n in lines)
        before = self.text[first:stop]
        return Fault(self.file, kind, line, start, end, new, before, changed, bool(lines), reached)


def faults_of(file: str, text: str) -> Iterator[Fault]:
    """Every fault of a file; a few may not be Python or change nothing, which `makes_sense` sees.

    >>> for fault in faults_of("step.py", "def step(x, at=0):\\n    return 1 if x >= at else 0"):
    ...     print(f"{fault.kind:10} {fault.after.strip()}")
    default    def step(x, at=1):
    default    def step(x, at=-1):
    condition  return 1 if not (x >= at) else 0
    branch     return 1 if (x >= at) and False else 0
    comparison return 1 if x > at else 0
    number     return 2 if x >= at else 0
    ...
    """
    source = Source(file, text)
    if file.endswith(".py"):
        yield from of_python(source, ast.parse(text), NOWHERE)
    else:
        yield from of_a_page(source)


def makes_sense(fault: Fault, text: str) -> bool:
    if not fault.file.endswith(".py"):
        return True
    try:
        return ast.dump(ast.parse(fault.applied(text))) != ast.dump(ast.parse(text))
    except SyntaxError:
        return False


def of_a_page(source: Source) -> Iterator[Fault]:
    """Faults of JavaScript, HTML and CSS: by text, outside comments."""
    for number, line in enumerate(source.lines, 1):
        start = source.starts[number - 1]
        if line.lstrip().startswith(("//", "/*", "*", "<!--")):
            continue
        code = line.partition(" // ")[0].rstrip()
        if not source.file.endswith(".css"):
            for pattern, new in IN_TEXT:
                for m in re.finditer(pattern, code):
                    yield source.fault("page", start + m.start(), start + m.end(), new(m), NOWHERE)
        if code.endswith(";") and not re.search(r"[{}]|const |let |import ", code):
            yield source.fault("page", start, start + len(code), "", NOWHERE)


def header(node: ast.stmt) -> range:
    """The lines of a statement without those of its body; of a function, the lines it runs."""
    body = getattr(node, "body", None)
    if isinstance(node, ast.FunctionDef):
        first = body[min(len(body) - 1, isinstance(body[0], ast.Expr))]
        return range(first.lineno, node.end_lineno + 1)
    end = max(node.lineno, body[0].lineno - 1) if body else node.end_lineno
    return range(node.lineno, end + 1)


def has_no_meaning(node: ast.AST, source: Source) -> object:
    """Whether no test could reach a fault in it."""
    if isinstance(node, ast.FunctionDef):
        return any("overload" in source.of(d) for d in node.decorator_list)
    if isinstance(node, ast.If):
        return re.search("TYPE_CHECKING|__name__|version_info|sys.platform", source.of(node.test))
    if isinstance(node, ast.Assign):
        return source.of(node.targets[0]) in ("__slots__", "__all__", "__match_args__")
    if isinstance(node, ast.keyword):
        # how much is kept, where tests sample a row, and that two lists made of one another are
        # as long as each other
        assertion = (node.arg, source.of(node.value)) == ("strict", "True")
        return assertion or node.arg in ("maxsize", "domain")
    if isinstance(node, ast.Assert):
        return True  # for type checkers
    if isinstance(node, ast.Raise) and node.exc:
        return source.of(node.exc).startswith("AssertionError")  # which nobody sees
    docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return docstring or isinstance(node, ast.Import | ast.ImportFrom)


def of_python(source: Source, node: ast.AST, lines: range) -> Iterator[Fault]:
    """Faults of a node and of what lies below it; ``lines``: its statement's, in a function."""
    if has_no_meaning(node, source):
        return
    if lines or isinstance(node, ast.FunctionDef):
        lines = header(node) if isinstance(node, ast.stmt) else lines
    yield from here(source, node, lines)
    if isinstance(node, ast.JoinedStr):
        return  # before Python 3.12 its parts do not know where they are
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns", "decorator_list", "bases"):
            continue
        if isinstance(node, ast.Call) and source.of(node.func) == "cast" and field == "args":
            value = value[1:]
        for child in value if isinstance(value, list) else [value]:
            a_default = field in ("defaults", "kw_defaults") and isinstance(child, ast.Constant)
            if isinstance(child, ast.AST) and not a_default:
                yield from of_python(source, child, lines)


def here(source: Source, node: ast.AST, lines: range) -> Iterator[Fault]:
    """Faults of this node alone."""

    def at(kind: str, what: ast.AST, new: str) -> Fault:
        return source.fault(kind, *source.span(what), new, lines)

    match node:
        case ast.Compare():
            for left, right in zip([node.left, *node.comparators], node.comparators, strict=False):
                start, end = source.span(left)[1], source.span(right)[0]
                if m := re.search(r"[<>=!]+|is not|is|not in|in", source.text[start:end]):
                    new = COMPARED[m[0]]
                    yield source.fault("comparison", start + m.start(), start + m.end(), new, lines)
        case ast.arguments():
            for default in [*node.defaults, *node.kw_defaults]:
                if isinstance(default, ast.Constant):
                    yield from (at("default", default, new) for new in nearby(default.value))
        case ast.If() | ast.IfExp():
            yield at("condition", node.test, f"not ({source.of(node.test)})")
            yield at("branch", node.test, f"({source.of(node.test)}) and False")
        case ast.comprehension():
            for test in node.ifs:
                yield at("condition", test, f"not ({source.of(test)})")
                yield at("branch", test, f"({source.of(test)}) or True")
        case ast.BoolOp():
            for k, dropped in enumerate(node.values):
                kept = [f"({source.of(v)})" for v in node.values if v is not dropped]
                word = " and " if isinstance(node.op, ast.And) else " or "
                yield at("branch" if k else "condition", node, f"({word.join(kept)})")
        case ast.Expr() | ast.AugAssign() | ast.Raise() | ast.Delete():
            if not isinstance(getattr(node, "value", None), ast.Yield | ast.YieldFrom):
                yield at("statement", node, "pass")
        case ast.Assign() if isinstance(node.targets[0], ast.Attribute | ast.Subscript):
            yield at("statement", node, "pass")
        case ast.Call() if source.of(node.func).split(".")[-1] not in SYMMETRIC:
            for a, b in zip(node.args, node.args[1:], strict=False):
                if not isinstance(a, ast.Starred) and not isinstance(b, ast.Starred):
                    (start, middle), (after, end) = source.span(a), source.span(b)
                    new = source.of(b) + source.text[middle:after] + source.of(a)
                    yield source.fault("arguments", start, end, new, lines)
        case ast.BinOp(op=ast.Sub() | ast.Div() | ast.Pow() | ast.FloorDiv()):
            (start, middle), (after, end) = source.span(node.left), source.span(node.right)
            new = f"({source.of(node.right)}){source.text[middle:after]}({source.of(node.left)})"
            yield source.fault("arguments", start, end, new, lines)
        case ast.Name(id=name) | ast.Attribute(attr=name) if name in EXTREMES:
            end = source.span(node)[1]
            yield source.fault("extreme", end - len(name), end, EXTREMES[name], lines)
        case ast.Constant(value=bool() | int() | float()):
            yield from (at("number", node, new) for new in nearby(node.value))
        case ast.JoinedStr() | ast.Constant(value=str()):
            yield from of_a_string(source, node, lines)


def nearby(value: object) -> list[str]:
    """Other values of a constant, as text."""
    match value:
        case bool():
            return [str(not value)]
        case int():
            return [str(value + 1), str(value - 1), *([f"-{value}"] if value > 1 else [])]
        case float() if value:
            return [repr(value * 1.005), f"-{value!r}"]
        case str() if value:
            return [repr(f"{value}_")]
    return []


def of_a_string(source: Source, node: ast.expr, lines: range) -> Iterator[Fault]:
    """Words and fields dropped from prose; numbers and signs changed in other texts."""
    start, end = source.span(node)
    text = source.text[start:end]
    if PROSE.search(text):
        words = list(re.finditer(r"(?<![\\{\w.])[^\W\d_]{3,}(?![\w}(]) ?", text))
        for m in [*words[len(words) // 2 :][:1], *words[-1:], *re.finditer(r"\{[^{}]+\}", text)]:
            yield source.fault("message", start + m.start(), start + m.end(), "", lines)
    elif re.search(r"[-+*/<>=;(){}]", text) and len(text) > 5:
        for pattern, new in IN_TEXT:
            for m in re.finditer(pattern, text):
                yield source.fault("text", start + m.start(), start + m.end(), new(m), lines)
