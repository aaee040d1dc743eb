"""What documentation shows of rows, in LaTeX: text that no test can compute with.

It is kept in ``fixtures/latex.txt``; where a row or the printer is meant to change, write it again
with ``python tests/test_languages_latex.py`` and read the difference. A new row need not be there.
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


def shown() -> dict[str, str]:
    return {
        f"{op.name}{op.args or ''}": f"{formula(op)}; {', '.join(slopes(op))}"
        for op in (*TABLE.values(), *MEMBERS)
    }


def test_rows_are_shown_as_they_were() -> None:
    kept = dict(line.split(": ", 1) for line in KEPT.read_text("utf-8").splitlines())
    assert {name: text for name, text in shown().items() if name in kept} == kept


if __name__ == "__main__":
    KEPT.write_text("".join(f"{name}: {text}\n" for name, text in shown().items()), "utf-8")
