"""``llms.txt``: the site for language models, as https://llmstxt.org proposes.

It links to the pages' sources, which are Markdown; ``llms-full.txt`` is what a program is written
with, in one file: the tour, the how-tos, the questions, and every public name with its docstring.
"""

import inspect
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from functions import signatures
from sphinx.application import Sphinx

import autograd_lite as ag

HEAD = """# autograd_lite

> Scalar reverse-mode automatic differentiation for Python: `Value` is a number that remembers how
> it was made, `backward()` gives every derivative, the derivative of a graph is a graph, to any
> order, and `compile` turns scalar loops into NumPy programs of matrices or machine code.

- `from autograd_lite import Value`; functions for numbers and Values are in `autograd_lite`, by the
  names of Python's `math` (`sin`, `log`, `tanh`, …), with `relu`, `where(step(x), a, b)`, `dot`, …
- `y.backward()` adds to `x.grad`; `gradient(y, [x])` returns derivatives as Values; `grad(f)`,
  `hessian(f)`, `jacobian(f)` take functions of numbers, lists, arrays, dicts.
- Networks: `nn.MLP(2, [16, 1], activation="tanh")`, `optim.Adam(model.parameters(), 0.01)`, `fit`.
- Inside what is recorded write no `math.sin(x)`, no `float(x)`, and for `compile` no `if x > 0`:
  each is an error that says what to write.
- All in one file: [llms-full.txt](llms-full.txt)
"""
PARTS = {
    "Tour": ("tour/",), "How to": ("howto/", "stepping", "extend", "jax"),
    "Questions": ("questions/",), "Reference": ("reference/functions",),
    "Course": ("course/",), "Optional": ("compared", "project/"),
}  # fmt: skip
ROOMS = ("transforms", "nn", "optim", "training", "datasets", "compiler", "drawing", "stepping")


def written(app: Sphinx, problem: Exception | None) -> None:
    if problem is None and app.builder.format == "html":
        for name, text in (("llms.txt", links(app)), ("llms-full.txt", whole(app))):
            (Path(app.outdir) / name).write_text(text, "utf-8", newline="\n")


def links(app: Sphinx) -> str:
    lines = [HEAD]
    for part, starts in PARTS.items():
        lines += [f"## {part}", ""]
        for name in sorted(app.env.found_docs):
            if name.startswith(starts):
                source = f"_sources/{name}{Path(app.env.doc2path(name)).suffix}.txt"
                lines.append(f"- [{app.env.titles[name].astext()}]({source})")
        lines.append("")
    return "\n".join(lines)


def whole(app: Sphinx) -> str:
    names = sorted(app.env.found_docs)
    pages = [name for part in ("tour/index", "howto/", "extend", "questions/") for name in names
             if name.startswith(part) and not name.endswith("howto/index")]  # fmt: skip
    texts = [Path(app.env.doc2path(name)).read_text("utf-8") for name in pages]
    return "\n\n".join([HEAD, *texts, "# Every public name", *entries()]) + "\n"


def entries() -> Iterator[str]:
    for name in ag.__all__:
        thing = getattr(ag, name)
        if callable(thing):
            heading = signatures(name) if name in FUNCTIONS else [called(name, thing)]
            yield told(f"autograd_lite.{heading[0]}", thing)
    for room in ROOMS:
        module = import_module(f"autograd_lite.{room}")
        for name in getattr(module, "__all__", [*filter(str.islower, vars(module))]):
            thing = getattr(module, name)
            if callable(thing) and name not in ag.__all__ and thing.__doc__:
                yield told(f"autograd_lite.{room}.{called(name, thing)}", thing)


FUNCTIONS = {*ag.ops.__all__, *ag.derived.__all__, *ag.as_math.__all__}


def called(name: str, thing: object) -> str:
    try:
        return f"{name}{inspect.signature(thing)}".replace("'", "")  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return name


def told(heading: str, thing: object) -> str:
    return f"## {heading}\n\n{inspect.getdoc(thing)}"


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("build-finished", written)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
