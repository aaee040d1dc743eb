"""Quizzes: what each kind asks for, and what must not be seen before it is answered.

The questions themselves are asked by the page, ``assets/quiz.js``. Here is what stands on it, and
beside it, without scripts: the picture and the list of steps, with nothing given away.

Next: ``draws.py``.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Collection, Mapping
from dataclasses import replace

from .book import Step

#: What a quiz asks for, by the name that ``step_through(..., quiz=)`` takes.
QUIZZES: Mapping[str, str] = {
    "gradients": "the gradient after each backward step",
    "local": "the local derivative on each edge",
    "forward": "the value of each operation",
    "order": "the order of the backward pass",
}

SVG = "{http://www.w3.org/2000/svg}"

FORM = """<div id="quiz" hidden>
<form id="form" autocomplete="off">
<label for="answer" id="question"></label>
<input id="answer" inputmode="decimal">
<button id="check">Check</button>
<span id="choices"></span>
<button type="button" id="hint">Hint</button>
</form>
<p><span id="verdict" role="status"></span></p>
<p id="sofar"><span id="score"></span> <button type="button" id="result" hidden>Result</button></p>
<dialog id="card" aria-labelledby="card-title">
<h2 id="card-title">Result</h2>
<p id="sum"></p>
<table id="mistakes"></table>
<p><label for="name">Your name</label> <input id="name" maxlength="60"></p>
<p><label for="code">The code for your teacher</label>
<textarea id="code" rows="4" readonly></textarea></p>
<p><small>It holds your answers and the time they took. It is no proof of who gave them.</small></p>
<form method="dialog"><button type="button" id="copy">Copy the code</button>
<button>Close</button> <button type="button" id="again">Start again</button></form>
</dialog>
</div>"""


def kind_of(quiz: bool | str) -> str:
    """The kind of a quiz, ``""`` for none; ``True`` asks for gradients.

    Raises ``ValueError`` for another kind.

    >>> kind_of(True), kind_of(False), kind_of("local")
    ('gradients', '', 'local')
    """
    kind = {True: "gradients", False: ""}.get(quiz, quiz) if isinstance(quiz, bool) else quiz
    if kind and kind not in QUIZZES:
        known = ", ".join(f'"{name}" ({asks})' for name, asks in QUIZZES.items())
        raise ValueError(f"There is no quiz {quiz!r}. The four are {known}.")
    return str(kind)


def question(step: Step, kind: str) -> Step:
    """A step as text, without what a quiz of this kind asks for, and without what tells it."""
    head, *more = step.math.split(" = ")  # symbols, numbers, the value
    if step.phase == "backward" and kind == "order":
        return replace(step, title="Backward: who is next?", math="", note="")
    if step.phase == "backward":
        if kind == "gradients" and len(step.set) != 1:
            return step
        note = f"{step.note.rpartition(' → ')[0]} → ?" if kind == "gradients" else ""
        return replace(step, math=f"{head} = ?", note=note)
    if step.phase == "forward" and kind == "forward":
        return replace(step, math=" = ".join([head, *more[:-2], "?"]), note="")
    if step.phase == "forward" and kind == "local":
        return replace(step, note="")
    return step


def masked(svg: str, kind: str, made: Collection[str]) -> str:
    """The picture with ? for the numbers that are asked for; ``made`` are the ids of operations.

    >>> plate = '<g id="ag-n1"><text class="ag-data">6</text></g>'
    >>> masked(f'<svg xmlns="http://www.w3.org/2000/svg">{plate}</svg>', "forward", ["n1"])
    '<svg xmlns="http://www.w3.org/2000/svg"><g id="ag-n1"><text class="ag-data">?</text></g></svg>'
    """
    if kind not in ("forward", "local"):
        return svg
    root, plates = ET.fromstring(svg), {f"ag-{id}" for id in made}
    for group in root.iter(f"{SVG}g"):
        classes = (group.get("class") or "").split()
        for text in group.findall(f"{SVG}text"):
            shared = (text.text or "").startswith("data ")  # one text for the word and the number
            number = shared or "ag-data" in (text.get("class") or "").split()
            if kind == "forward" and group.get("id") in plates and number:
                text.text = "data ?" if shared else "?"
            if "ag-in" in classes:
                text.text = "?"
    return ET.tostring(root, encoding="unicode")
