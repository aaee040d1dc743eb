"""Every notebook runs from top to bottom, and says what its committed copy says."""

import os
import sys
from pathlib import Path

import pytest

NOTEBOOKS = sorted((Path(__file__).parent.parent / "notebooks").glob("*.ipynb"))
ENVIRONMENT = {
    "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent.parent), *filter(None, sys.path)]),
    "AUTOGRAD_LITE_ENGINE": "auto",
}


def said(notebook):
    """What each cell printed or answered, pictures aside: engines place them differently."""
    return [
        [output.get("text") or output.get("data", {}).get("text/plain") for output in cell.outputs]
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]


def pictures(notebook):
    return [
        [sorted(output.get("data", {})) for output in cell.outputs]
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]


@pytest.mark.notebook
@pytest.mark.filterwarnings("default")  # what Jupyter's own packages warn of is theirs
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_and_says_what_is_committed(path, monkeypatch):
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    committed = nbformat.read(path, as_version=4)
    fresh = nbformat.read(path, as_version=4)
    client = nbclient.NotebookClient(
        fresh, timeout=120, kernel_name="python3", resources={"metadata": {"path": path.parent}},
        coalesce_streams=True,  # on a busy machine a print may arrive in two parts
    )  # fmt: skip
    client.execute()
    assert said(fresh) == said(committed)
    assert pictures(fresh) == pictures(committed)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_committed_as_it_ran(path):
    nbformat = pytest.importorskip("nbformat")
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    counts = [cell.execution_count for cell in notebook.cells if cell.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1))
    text = path.read_text("utf-8")
    assert "Traceback" not in text
    assert "/home/" not in text
    assert len(text) < 1_000_000


def test_there_are_notebooks():
    assert NOTEBOOKS[0].name == "01_value_neuron_draw.ipynb"
