"""What type checkers see: the real types in a user's program, and an error for each mistake."""

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PROGRAM, MISTAKES = HERE / "typed_user.py", HERE / "typed_mistakes.py"


def mypy_errors(*files: Path) -> set[tuple[str, int]]:
    if find_spec("mypy") is None:
        pytest.skip("mypy is not installed: pip install 'autograd_lite[dev]'")
    command = [sys.executable, "-m", "mypy", "--strict", "--output=json", "--follow-imports=silent"]
    run = subprocess.run(
        [*command, *map(str, files)], cwd=HERE.parent, capture_output=True, text=True
    )
    assert run.returncode in (0, 1), run.stderr
    found = map(json.loads, run.stdout.splitlines())
    return {(Path(x["file"]).name, x["line"]) for x in found if x["severity"] == "error"}


def pyright_errors(*files: Path) -> set[tuple[str, int]]:
    if find_spec("pyright") is None:
        pytest.skip("pyright is not installed: pip install 'autograd_lite[dev]'")
    command = [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable]
    run = subprocess.run(
        [*command, *map(str, files)], cwd=HERE.parent, capture_output=True, text=True
    )
    assert run.returncode in (0, 1), run.stderr
    found = json.loads(run.stdout)["generalDiagnostics"]
    return {
        (Path(x["file"]).name, x["range"]["start"]["line"] + 1)
        for x in found
        if x["severity"] == "error"
    }


@pytest.mark.parametrize("errors", [mypy_errors, pyright_errors])
def test_the_types_of_a_users_program_are_the_real_ones(errors) -> None:
    lines = MISTAKES.read_text("utf-8").splitlines()
    expected = {(MISTAKES.name, i) for i, line in enumerate(lines, 1) if line.endswith("# error")}
    assert errors(PROGRAM, MISTAKES) == expected


def test_the_users_program_runs() -> None:
    """What it asserts of types is what happens: no type is promised that does not come."""
    run = subprocess.run(
        [sys.executable, "-W", "error", str(PROGRAM)],
        cwd=HERE.parent,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
