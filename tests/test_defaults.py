"""What a call means that leaves something out: every default of what is public, in one table.

A default is a promise to whoever left it out. Where one is meant to change, write the table again
with ``python tests/test_defaults.py`` and say so in the CHANGELOG.
"""

import inspect
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

KEPT = Path(__file__).parent / "fixtures" / "defaults.txt"
PUBLIC = (
    "autograd_lite", "autograd_lite.nn", "autograd_lite.nn.init", "autograd_lite.nn.losses",
    "autograd_lite.optim", "autograd_lite.schedules", "autograd_lite.minimise",
    "autograd_lite.training", "autograd_lite.datasets", "autograd_lite.diagnostics",
    "autograd_lite.plots", "autograd_lite.compiler", "autograd_lite.demo",
    "autograd_lite.expression",
)  # fmt: skip


def public(module: Any) -> Iterator[tuple[str, Any]]:
    """What a module says is public; of one that says nothing, what it makes itself."""
    for name in getattr(module, "__all__", [n for n in vars(module) if n[0] != "_"]):
        thing = getattr(module, name)
        home = str(getattr(thing, "__module__", ""))
        if home == module.__name__ or ("__all__" in vars(module) and home.startswith(PUBLIC[0])):
            yield name, thing


def defaults(name: str, thing: Any) -> Iterator[tuple[str, str]]:
    """Of a function; of a class those of its own methods."""
    if inspect.isclass(thing):
        for method, made in vars(thing).items():
            function = inspect.unwrap(getattr(made, "__func__", made))
            if method == "__init__":  # in C the class alone knows them
                yield from left_out(name, function if inspect.isfunction(function) else thing)
            elif method[0] != "_" and not inspect.isclass(function):
                yield from left_out(f"{name}.{method}", function)
    else:
        yield from left_out(name, thing)


def left_out(name: str, function: Any) -> Iterator[tuple[str, str]]:
    if (
        inspect.isclass(function)
        or inspect.isfunction(function)
        or inspect.ismethoddescriptor(function)
    ):
        known = inspect.signature(function).parameters.values()
        left = [f"{p.name}={_shown(p.default)}" for p in known if p.default is not p.empty]
        if left:
            yield name, ", ".join(left)


def _shown(default: object) -> str:
    return "a function" if inspect.isfunction(default) else repr(default)


def table() -> list[str]:
    found: dict[str, str] = {}
    for module in map(import_module, PUBLIC):
        for name, thing in public(module):
            for said, values in defaults(name, thing):
                found.setdefault(said, values)
    return [f"{name}: {values}" for name, values in sorted(found.items())]


def test_no_default_changes_unseen() -> None:
    assert table() == KEPT.read_text("utf-8").splitlines()


if __name__ == "__main__":
    KEPT.write_text("\n".join(table()) + "\n", "utf-8")
