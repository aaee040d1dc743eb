"""Writes ``docs/primitives.md`` from the table: ``python docs/primitives.py``.

A test fails when the page and the table differ.
"""

from pathlib import Path

from autograd_lite import ops
from autograd_lite.engine.primitive import TABLE, Primitive
from autograd_lite.languages.latex import formula, slopes

PAGE = Path(__file__).with_suffix(".md")

HEAD = """# The primitives

Every rule of calculus that `autograd_lite` knows, printed from the table in
[`autograd_lite/ops.py`](../autograd_lite/ops.py) by `python docs/primitives.py`. In the local
derivatives $z$ is the value. Where a formula has none (0/0, 0·∞) the limit stands, if there is one.

| function | value | local derivatives | real for |
|---|---|---|---|
"""

MIDDLE = """
## Helpers

Rows that stand for a sign, keep digits that another formula would lose, or belong to a family of
primitives with fixed numbers.

| row | value | local derivatives | real for |
|---|---|---|---|
"""


def cell(text: str) -> str:
    """A formula as GitHub and Jupyter read it in a table: a bar would end the cell."""
    return f"${text}$".replace("|", r"\vert ")


def row(op: Primitive) -> str:
    name = op.name if not op.args else f"{op.name}{tuple(op.args)}".replace(",)", ")")
    pairs = zip(op.operands, slopes(op), strict=True) if op.arity else ()
    derived = [rf"\partial z/\partial {operand} = {slope}" for operand, slope in pairs]
    told = "<br>".join(map(cell, derived)) or "one per operand"
    return f"| `{name}` | {cell(formula(op))} | {told} | {op.defined} |\n"


def page() -> str:
    public = [op for name, op in TABLE.items() if name in ops.FUNCTIONS]
    others = [op for op in TABLE.values() if op not in public]
    return HEAD + "".join(map(row, public)) + MIDDLE + "".join(map(row, others))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
