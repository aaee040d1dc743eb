"""What documentation shows of each row, in LaTeX: text that no test can compute with.

It is kept in ``fixtures/latex.txt``; where a row or the printer is meant to change, write it again
with ``python tests/test_languages_latex.py`` and read the difference.
"""

from pathlib import Path

from autograd_lite.engine.primitive import FAMILIES, TABLE
from autograd_lite.languages.latex import formula, slopes

KEPT = Path(__file__).parent / "fixtures" / "latex.txt"
MEMBERS = [
    FAMILIES["power"](-0.5),
    FAMILIES["power"](-2.0),
    FAMILIES["polygamma"](3.0),
    FAMILIES["mills_tail"](2.0),
    FAMILIES["sinc_derivative"](2.0),
]


def shown() -> list[str]:
    return [
        f"{op.name}{op.args or ''}: {formula(op)}; {', '.join(slopes(op))}"
        for op in (*TABLE.values(), *MEMBERS)
    ]


def test_every_row_is_shown_as_it_was() -> None:
    assert shown() == KEPT.read_text("utf-8").splitlines()


if __name__ == "__main__":
    KEPT.write_text("\n".join(shown()) + "\n", "utf-8")
