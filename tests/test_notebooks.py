"""Every notebook runs from top to bottom, and is committed as it was written: without outputs."""

import os
import re
import sys
from pathlib import Path

import pytest

from autograd_lite import course

FOLDER = Path(__file__).parent.parent / "notebooks"
NOTEBOOKS = sorted(FOLDER.rglob("*.ipynb"))
OURS = [path for path in NOTEBOOKS if path.parent == FOLDER]  # the others are translations
ENVIRONMENT = {
    "PYTHONPATH": os.pathsep.join([str(FOLDER.parent), *filter(None, sys.path)]),
    "AUTOGRAD_LITE_ENGINE": "auto",
}


def name_of(path):
    return path.relative_to(FOLDER).with_suffix("").as_posix()


@pytest.mark.notebook
@pytest.mark.filterwarnings("default")  # what Jupyter's own packages warn of is theirs
@pytest.mark.parametrize("path", OURS, ids=name_of)
def test_a_notebook_runs(path, monkeypatch):
    """Its cells assert what its text says; none raises or warns, and each check gives a verdict."""
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    notebook = nbformat.read(path, as_version=4)
    client = nbclient.NotebookClient(
        notebook, timeout=120, kernel_name="python3",
        resources={"metadata": {"path": path.parent}},
    )  # fmt: skip
    client.execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    assert [output.text for output in outputs if output.get("name") == "stderr"] == []
    checks = sum("course.check(" in cell.source for cell in notebook.cells if is_code(cell))
    shown = [output.data.get("text/plain", "") for output in outputs if "data" in output]
    assert sum(bool(re.match("[✗✓] ", text)) for text in shown) == checks


def is_code(cell):
    return cell.cell_type == "code"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name_of)
def test_a_notebook_is_committed_without_outputs(path):
    nbformat = pytest.importorskip("nbformat")
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if is_code(cell)]
    assert [cell for cell in code if cell.outputs or cell.execution_count] == []
    assert notebook.metadata.kernelspec.name == "python3"
    assert notebook.metadata.language_info == {"name": "python"}
    ids = [cell.id for cell in notebook.cells]
    assert ids == [f"cell-{k:02d}" for k in range(1, len(ids) + 1)]


CHAPTERS = [
    "00_start_here",
    "01_a_number_and_its_history",
    "02_any_graph",
    "03_two_neurons_by_hand",
    "04_the_2_2_2_network",
    "05_the_matrix_form",
    "06_relu_sigmoid_cross_entropy",
    "07_from_a_network_to_training",
    "08_when_gradients_go_wrong",
    "09_jacobians_and_products",
    "10_second_derivatives_and_newton",
    "11_through_time",
    "12_structure_is_free",
    "13_write_scalars_run_matrices",
    "14_a_gpt_in_scalars",
]


def test_the_chapters_are_there():
    assert [*map(name_of, OURS)] == CHAPTERS


@pytest.mark.parametrize("path", [path for path in NOTEBOOKS if path not in OURS], ids=name_of)
def test_a_translation_has_the_cells_of_its_chapter(path):
    """Code cell for code cell, so that it runs; between them other words, with the same digits."""
    nbformat = pytest.importorskip("nbformat")
    ours = nbformat.read(FOLDER / path.name, as_version=4).cells
    theirs = nbformat.read(path, as_version=4).cells
    assert [cell.cell_type for cell in theirs] == [cell.cell_type for cell in ours]
    for cell, translated in zip(ours, theirs, strict=True):
        assert (translated.source == cell.source) == is_code(cell)
        assert sorted(digits(translated.source)) == sorted(digits(cell.source))


def digits(text):
    """The decimals in it, of which a part may be bold."""
    return re.findall(r"\d+\.[\d*]+\d", text)


def test_the_chinese_readme_has_the_programs_of_the_english_one():
    def programs(name):
        return re.findall(r"^```.*?^```$", (FOLDER.parent / name).read_text("utf-8"), re.M | re.S)

    assert programs("README.zh.md") == programs("README.md")
    assert len(programs("README.md")) > 10


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name_of)
def test_links_between_chapters_lead_somewhere(path):
    links = re.findall(r"\]\(([^)#\s]+)\)", path.read_text("utf-8"))
    assert links
    assert [link for link in links if not (path.parent / link).is_file()] == []


def test_every_exercise_is_asked_in_one_chapter():
    asked = [
        name
        for path in OURS
        for name in re.findall(
            r"^ *\"course\.check\(\\\"(\w+)\\\", \w+\)\"$", path.read_text("utf-8"), re.M
        )
    ]
    assert asked == list(course.EXERCISES)
