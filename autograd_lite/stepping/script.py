"""The arithmetic of a graph as JavaScript, printed from the table of primitives.

A page can then compute the graph again at other numbers. Nothing is written a second time: a
row's value is its form, and its local derivatives are its own rule, read with Values. What comes
out of that is a graph of primitives, and each of those has a form again:

>>> from autograd_lite import ops
>>> print(function_of(ops.tanh, (1,)))
{f:a=>Math.tanh(a[0]),d:(z,a)=>{const t1=2 * Math.exp(-Math.abs(a[0])) / ...,t2=t1 * t1;return[t2]}}

``f`` takes the operands in one flat array, ``d`` the result too, and gives one derivative each.

Next: ``document.py``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from ..engine.groups import as_tuple
from ..engine.node import groups
from ..engine.order import topological_order
from ..engine.primitive import Primitive
from ..engine.undefined import ieee_arithmetic
from ..languages.form import ATOM
from ..languages.javascript import helpers, javascript, literal, slim, written
from ..value import Value
from .walk import Walk

Sizes = tuple[int, ...]  # how many operands each group has


def program(walk: Walk) -> dict[str, Any]:
    """The graph as data: which operation makes each node of which operands, and the operations.

    >>> x = Value(2.0, label="x")
    >>> made = program(Walk.of(x * x + x))
    >>> made["nodes"]
    {'n1': [0, ['n0', 'n0']], 'n2': [1, ['n1', 'n0']]}
    >>> made["operations"][1]
    '{f:a=>a[0] + a[1],d:(z,a)=>[1,1]}'
    """
    kinds: dict[tuple[Primitive, Sizes], int] = {}
    nodes: dict[str, list[Any]] = {}
    for node in walk.order:
        if node.op is None:
            continue
        sizes = tuple(len(as_tuple(group)) for group in groups(node))
        kind = kinds.setdefault((node.op, sizes), len(kinds))
        nodes[walk.ids[node]] = [kind, [walk.ids[parent] for parent in node.parents]]
    operations = [function_of(op, sizes) for op, sizes in kinds]
    return {
        "nodes": nodes,
        "operations": operations,
        "helpers": helpers([*operations, "slopes_of()"]),
    }


def function_of(op: Primitive, sizes: Sizes) -> str:
    """One operation as a JavaScript object: value, derivatives, those at edges, does it choose."""
    groups = _groups(op, sizes)
    operands = [(_group_text(group, sizes), ATOM) for group in groups]
    value, _ = javascript.applied(op, operands)
    parts = [f"f:a=>{value}", f"d:{_derivatives(op, op.rule, groups)}"]
    if op.chooses:
        parts.append("c:1")
    if op.edges is not None:
        name = op.edges.__name__
        if name in written():
            parts.append(f"e:(z,a)=>{name}(z,{'a' if op.arity is None else '...a'})")
        else:
            parts.append(f"e:{_derivatives(op, op.edges, groups)}")
    return f"{{{','.join(parts)}}}"


def _groups(op: Primitive, sizes: Sizes) -> list[Any]:
    """Operands to read a rule with: Values that stand for a[0], a[1], …"""
    flat = [Value(0.5, label=f"a[{i}]") for i in range(sum(sizes))]
    if op.arity is not None:
        return flat
    ends = [sum(sizes[: i + 1]) for i in range(len(sizes))]
    return [tuple(flat[end - size : end]) for end, size in zip(ends, sizes, strict=True)]


def _group_text(group: Any, sizes: Sizes) -> str:
    if type(group) is not tuple:
        return str(group.label)
    if len(sizes) == 1:
        return "a"
    first = 0 if not group else int(group[0].label[2:-1])
    return f"a.slice({first},{first + len(group)})"


def _derivatives(op: Primitive, rule: Any, groups: list[Any]) -> str:
    with ieee_arithmetic(values_only=True):
        partials = rule(Value(0.5, label="z"), *groups)
    flat = [partial for group in partials for partial in as_tuple(group)]
    texts: dict[Value, str] = {}
    lines: list[str] = []
    for node in topological_order(*[x for x in flat if isinstance(x, Value)]):
        if node.op is None:
            texts[node] = node.label or literal(node.data)
            continue
        texts[node] = f"t{len(lines) + 1}"
        lines.append(f"{texts[node]}={_expression(node, texts)}")
    result = ",".join(texts[x] if isinstance(x, Value) else literal(x) for x in flat)
    if not lines:
        return f"(z,a)=>[{result}]"
    return f"(z,a)=>{{const {','.join(lines)};return[{result}]}}"


def _expression(node: Value, texts: Mapping[Value, str]) -> str:
    """A node of names and literals: nothing needs brackets but a sign."""
    op = node.op
    assert op is not None

    def text(group: Any) -> Any:
        if type(group) is not tuple:
            return texts[group], ATOM
        if op.form:  # which picks its operands one by one
            return [(texts[x], ATOM) for x in group]
        return f"[{','.join(texts[x] for x in group)}]", ATOM

    return javascript.applied(op, [text(group) for group in groups(node)])[0]


def asset(name: str, package: str = __package__) -> str:
    """A file of ``assets/`` without its comments and its indentation, to keep pages small."""
    text = files(package).joinpath("assets", name).read_text(encoding="utf-8")
    if name.endswith(".js"):
        return slim(text)
    text = re.sub(r"/\*.*?\*/\s*", "", text, flags=re.DOTALL)
    text = re.sub(r" ?([{};,]|:(?= ))\s*", r"\1", text).replace(";}", "}")
    return re.sub(r"^[ \t]+|\n(?=\n)", "", text, flags=re.MULTILINE).strip()
