"""The page of the reference on functions of numbers and Values, printed from their sources.

A row of the table is an object, of which ``autodoc`` would see no types; they stand in the
overloads of its class. Those of the functions in ``derived.py`` and ``as_math.py`` stand before
them.
"""

import ast
import inspect
import re
from functools import cache
from pathlib import Path
from types import ModuleType

import autograd_lite as ag
from autograd_lite import as_math, derived
from autograd_lite.engine import kinds
from autograd_lite.engine.primitive import Primitive

HEAD = """# Functions

Every function is in `autograd_lite`, takes numbers and Values, and gives a number where all are
numbers; what takes one number takes lists, tuples and arrays of them too, and gives the same. Those
of Python's `math` are here by its names, so that `import autograd_lite as math` may take its place.
Formulas, slopes and pictures: [all primitives](primitives.md).

```{eval-rst}
.. currentmodule:: autograd_lite
"""
#: What the overloads say with type variables, for readers.
MANY = re.compile(r"\(x: (list|tuple|numpy)")  # said once, in the head
SAID = ("Applies[V]", "Value"), ("Applies[Any]", "Value"), ("Gridded", "numpy.ndarray")


@cache
def tree(module: ModuleType) -> ast.Module:
    return ast.parse(Path(module.__file__ or "").read_text("utf-8"))


def definitions(body: ast.AST, name: str) -> list[ast.FunctionDef]:
    return [x for x in ast.walk(body) if isinstance(x, ast.FunctionDef) and x.name == name]


def signatures(name: str) -> list[str]:
    """How it is called: every overload, or the one definition."""
    function = getattr(ag, name)
    if isinstance(function, Primitive):
        home: ast.AST = class_of(kinds, type(function).__name__)
        called = definitions(home, "__call__")
    elif name in ("floor", "ceil", "trunc"):
        called = definitions(class_of(as_math, "Rounding"), "__call__")
    else:
        called = definitions(tree(derived if name in derived.__all__ else as_math), name)
    overloads = [x for x in called if any("overload" in ast.unparse(d) for d in x.decorator_list)]
    if not called:  # made by another function: no types of its own
        return [re.sub(": 'Any'|'", "", f"{name}{inspect.signature(function)}")]
    texts = [written(name, x) for x in overloads or called]
    return list(dict.fromkeys(text for text in texts if not MANY.search(text)))


def class_of(module: ModuleType, name: str) -> ast.ClassDef:
    return next(x for x in tree(module).body if isinstance(x, ast.ClassDef) and x.name == name)


def written(name: str, function: ast.FunctionDef) -> str:
    arguments = function.args
    if arguments.args and arguments.args[0].arg == "self":
        arguments.args.pop(0)
    text = f"{name}({ast.unparse(arguments)}) -> {ast.unparse(function.returns or ast.Name('Any'))}"
    for ours, said in SAID:
        text = text.replace(ours, said)
    return re.sub(r"\bV\b", "Value", text)


def entry(name: str) -> str:
    first, *others = signatures(name)
    lines = [f".. py:function:: {first}", *(f"                 {other}" for other in others), ""]
    told = plain((inspect.getdoc(getattr(ag, name)) or "").split("\n"))
    return "\n".join([*lines, *(f"   {line}".rstrip() for line in told)])


def plain(docstring: list[str]) -> list[str]:
    """A docstring for Sphinx: what is indented keeps its lines, and |x| is no substitution.

    The file to read next is of the source.
    """
    text = re.sub(r"\n\nNext: ``.*?``\.$", "", "\n".join(docstring).rstrip())
    text = re.sub(r"(?<!::)\n\n(?=    [^ >])", "\n\n::\n\n", text)
    return [*re.sub(r"\|(\w+)\|", r"\|\1\|", text).split("\n"), ""]


def constant(name: str) -> str:
    return f".. py:data:: {name}\n   :type: float\n   :value: {getattr(ag, name)!r}\n"


def functions() -> str:
    names = [*ag.ops.__all__, *derived.__all__, *as_math.__all__]
    parts = [
        constant(name) if isinstance(getattr(ag, name), float) else entry(name)
        for name in names if callable(getattr(ag, name)) or isinstance(getattr(ag, name), float)
    ]  # fmt: skip
    whole = ", ".join(f"``{name}``" for name in vars(as_math.integer))
    parts.append(f".. py:data:: integer\n\n   {whole} of Python's ``math``, for whole numbers.\n")
    return HEAD + "\n\n" + "\n\n".join(parts) + "\n```\n"
