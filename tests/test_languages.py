"""Languages: the page of documentation that is printed from the table."""

import runpy
from pathlib import Path

DOCS = Path(__file__).parent.parent / "docs"


def test_the_page_of_primitives_is_printed_from_the_table():
    made = runpy.run_path(str(DOCS / "primitives.py"))["page"]()
    assert made == (DOCS / "primitives.md").read_text("utf-8"), "run: python docs/primitives.py"
