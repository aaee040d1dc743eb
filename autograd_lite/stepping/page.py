"""``step_through``: the steps as one self-contained page, to save or to show in a notebook.

The page is a file of ``assets/``, filled in: the picture, the steps' words as a list that can be
read without JavaScript, what each step changes as JSON, and the scripts. It loads nothing.

Next: ``notebook.py``.
"""

from __future__ import annotations

import html
import os
from collections.abc import Iterable, Sequence
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

from ..drawing.drawing import Drawing
from ..drawing.engines import EngineError
from ..files import write
from ..telling.text import DIGITS
from ..value import Constant, Value
from .beside import Beside
from .book import BRANCH, SEVERAL, Book, Entry, Step
from .document import document, safe_json
from .draws import drawn
from .folded import LINES, MORE, NOTE, TITLES
from .grading import checksum
from .listing import MAX_STEPS, book_of, listed, transcript
from .notebook import bundle
from .picture import dark_style, drawing, slim
from .quizzes import FORM, QUIZZES, kind_of, masked, question
from .rows import in_rows
from .script import asset, program
from .slides import FORMATS, MOST, as_png, in_one, slides
from .slopes import numbers, symbols
from .sweep import NOTHING
from .walk import Walk, Walkable

#: The scripts of every page, in the order in which they build upon each other.
PLAYER = ("numbers.js", "picture.js", "view.js", "host.js", "story.js", "player.js")

#: And those of a page that may give its answers away.
MOVING = ("what_if.js", "edit.js", "explain.js")

#: The picture of more values has a map.
LARGE = 60

#: The picture of more values is not there to be unfolded.
UNFOLDED = 200

#: Of a page with a fault.
JUMP = '<button type="button" id="jump">✗ First wrong</button>'


def step_through(
    what: Walkable,
    *inputs: object,
    expand: bool = False,
    learning_rate: float | None = None,
    parameters: Iterable[Value] | None = None,
    quiz: bool | str = False,
    max_steps: int | None = MAX_STEPS,
    digits: int = DIGITS,
    constants: bool = False,
    by: str = "edge",
    fault: str | None = None,
    seed: int | None = None,
    fold: bool = False,
) -> StepThrough:
    """A page that steps through the forward and the backward pass; see ``steps``.

    A ``quiz`` asks for ``"gradients"`` (or ``True``), ``"local"`` derivatives, the values
    ``"forward"``, or the ``"order"`` of the backward pass, and ends with a code for the teacher. A
    ``seed`` draws other numbers for the leaves. With a ``fault`` every plate shows what is right
    and what the broken run has. With ``fold`` the page can also unfold what is folded, of up to 200
    values. Raises what ``steps`` raises, and ``ValueError`` for a quiz of another kind, or with a
    fault or a fold, or for a seed for which no numbers have a value.

    >>> a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    >>> step_through(a * b)
    <StepThrough of 4 steps; save it with .save("steps.html")>
    """
    parameters = None if parameters is None else list(parameters)
    kind = kind_of(quiz)
    complete = bool(kind or fault or seed is not None or learning_rate is not None)
    walk = Walk.of(
        what,
        *inputs,
        expand=expand,
        parameters=parameters or (),
        digits=digits,
        complete=complete,
    )
    if seed is not None:
        walk, new = drawn(walk, seed)
        parameters = parameters and [new[leaf] for leaf in parameters if leaf in new]
    if kind and fault is not None:
        raise ValueError("A quiz asks for right numbers: leave fault= out, or quiz=.")
    if kind and fold:
        raise ValueError("A quiz asks for every number: leave fold= out, or quiz=.")
    book = book_of(walk, learning_rate, parameters, max_steps, constants, by, fault, fold)
    return StepThrough(book, listed(book, max_steps), kind)


class StepThrough:
    """The steps of one graph. A notebook shows the player; ``save`` writes it; ``print`` lists it.

    It is a snapshot: what happens to the Values later does not change it.
    """

    def __init__(self, book: Book, listing: Sequence[Step], quiz: str = "") -> None:
        self.book = book
        self.walk = book.walk
        self.steps = list(listing)
        self.quiz = quiz
        name = book.out
        self.fault = book if isinstance(book, Beside) else None
        self.title = f"{name}, forward and backward, step by step"
        if quiz:
            self.title = f"Quiz: {name}, {QUIZZES[quiz]}"
        if self.fault:
            self.title = f"{name}, right and with a fault: {self.fault.told.what}"
        if self.walk.problem:
            self.title = f"Forward, step by step, up to {name}, which has no answer"

    @cached_property
    def drawing(self) -> Drawing:
        """The picture after the last step."""
        return drawing(self.walk, self.steps, gradients=not self.quiz, folds=self.book.folds)

    def to_html(self) -> str:
        """The page; raises ``EngineError`` where nothing can draw its picture."""
        return self._html

    @cached_property
    def _html(self) -> str:
        made = program(self.walk)
        template = Template(files(__package__).joinpath("assets/page.html").read_text("utf-8"))
        body = template.substitute(
            title=html.escape(self.title),
            map='<svg id="map" aria-hidden="true" hidden></svg>' if self._is_large else "",
            unfolded=self._unfolded,
            picture=slim(self._picture),
            quiz=FORM if self.quiz else JUMP if self.fault else "",
            total=len(self.steps),
            summary=f"All {len(self.steps)} steps as text",
            transcript="\n".join(map(_item, self._told)),
        )
        style = "".join([*map(asset, self._styles), dark_style()])
        data = self._data(made["nodes"])
        return document(self.title, style, body, data, self._scripts(made))

    @property
    def _picture(self) -> str:
        made = [self.walk.ids[node] for node in self.walk.order if node.op is not None]
        return masked(in_rows(self.drawing.to_svg()), self.quiz, made)

    @property
    def _unfolded(self) -> str:
        """The picture of all, which waits until it is asked for."""
        if not self.book.folds or len(self.walk.order) > UNFOLDED:
            return ""
        svg = drawing(self.walk, self.book.steps, gradients=True).to_svg()
        return f'<template id="unfolded">{slim(in_rows(svg))}</template>'

    @property
    def _told(self) -> list[Step]:
        return [question(step, self.quiz) for step in self.steps] if self.quiz else self.steps

    @property
    def _is_large(self) -> bool:
        return len(self.walk.order) > LARGE

    @property
    def _styles(self) -> list[str]:
        own = ["quiz.css"] if self.quiz else ["beside.css"] * bool(self.fault)
        own += ["refused.css"] * bool(self.walk.problem)
        return ["page.css", *["map.css"] * self._is_large, *own]

    def _scripts(self, made: dict[str, Any]) -> list[str]:
        """The player, and what the page is for; to move numbers would give a quiz away."""
        own = ["quiz.js"] if self.quiz else ["beside.js", "explain.js"] if self.fault else MOVING
        own = ["what_if.js", "refused.js"] if self.walk.problem else own
        own = [*own, "fold.js"] if self.book.folds else own
        files = [*PLAYER, *["map.js"] * self._is_large, *own]
        operations = f"const OPERATIONS = [{','.join(made['operations'])}];"
        around = asset("around.js", "autograd_lite.showing")
        return [operations, made["helpers"], around, *map(asset, files), "start();"]

    def _data(self, nodes: dict[str, Any]) -> dict[str, object]:
        walk, ids = self.walk, self.walk.ids
        leaves = [fact for fact in walk.subject.facts.values() if fact.value.op is None]
        knobs = [
            leaf for leaf in leaves if leaf.value.label or not isinstance(leaf.value, Constant)
        ]
        data: dict[str, object] = {
            "nodes": list(ids.values()),
            "names": {ids[node]: name for node, name in walk.names.items()},
            "output": ids[walk.output],
            "digits": walk.subject.digits,
            "longer": self.book.words.longer,
            "leaves": {leaf.key: repr_js(leaf.data) for leaf in leaves},
            "knobs": [leaf.key for leaf in knobs or leaves],
            "totals": {ids[node]: walk.total(node) for node in walk.order},
            "rules": symbols(walk),
            "inside": numbers(walk, self.book.words),
            "program": nodes,
            "steps": [_template(entry) for entry in self.book.entries if entry.parts],
            "branch": BRANCH,
            "remarks": [SEVERAL, NOTHING],
        }
        lines = {fact.key: fact.line for fact in walk.subject.facts.values() if fact.line}
        if lines:
            data["lines"] = lines
        if self.book.folds:
            data["folds"] = [
                [fold.key, fold.title, [fact.key for fact in fold.facts]]
                for fold in self.book.folds
            ]
            data["inOne"] = [TITLES, LINES, MORE, NOTE]
        if self.quiz:
            asked = safe_json([self.quiz, data["names"], data["leaves"], nodes])
            data["quiz"] = {"kind": self.quiz, "id": checksum(asked)[:8]}
        if self.fault:
            first = self.fault.first
            data["first"] = first.i - 1 if first else -1
            data["beside"] = [_both(step) for step in self.steps]
        if self.book.trained:
            trained = {ids[node]: None for node in self.book.trained}
            data["training"] = {"rate": self.book.rate, "parameters": list(trained)}
        return data

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the page, ``.html``, or slides: ``.pdf``, ``.gif``, ``.webp``, ``"folder/*.png"``.

        There is a slide per step; the folder is made where there is none. A file appears complete
        or not at all. Raises ``ValueError`` for another ending, for slides of a quiz, or for too
        many in one file, ``EngineError`` where nothing can draw the pictures, ``ImportError`` for
        slides without Pillow.
        """
        target = Path(path)
        suffix = target.suffix.lower()
        if suffix in (".html", ".htm"):
            return write(target, self.to_html())
        if suffix not in FORMATS or (suffix == ".png" and target.name != "*.png"):
            raise ValueError(
                f"A step-through is saved as a page, .html, or as slides: .pdf, .gif, .webp, or "
                f'"folder/*.png", a picture per step. The name {target.name!r} does not end in one '
                f"of these. The text alone is print(step_through(…))."
            )
        if self.quiz:
            raise ValueError("A quiz is a page: save it as .html. Slides would show the answers.")
        if suffix != ".png" and len(self.steps) > MOST:
            raise ValueError(
                f"{len(self.steps)} slides are too many for one file, which holds {MOST}. Save "
                f'"folder/*.png", or step through a part, or by="node".'
            )
        images = slides(self.walk, self.steps, self.drawing)
        if suffix != ".png":
            return write(target, in_one(images, suffix, self.title))
        for i, image in enumerate(images, 1):
            target.parent.mkdir(exist_ok=True)
            write(target.with_name(f"step-{i:0{len(str(len(self.steps)))}}.png"), as_png(image))
        return target.parent

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """What a notebook shows. Never raises: without an engine it is text, and the remedy."""
        text = self._text
        try:
            return bundle(self.title, self.to_html(), self._picture, text, len(self.steps))
        except EngineError as problem:
            return {"text/plain": f"{problem}\n\n{text}"}

    def __str__(self) -> str:
        return str(self._text)

    @property
    def _text(self) -> str:
        return transcript(self._told)

    def __repr__(self) -> str:
        of = f"{len(self.steps)} steps{', the last without an answer' * bool(self.walk.problem)}"
        return f'<StepThrough of {of}; save it with .save("steps.html")>'


def _template(entry: Entry) -> list[object]:
    """What a page needs to tell a step at other numbers."""
    return [entry.step.phase, entry.step.node, entry.step.edges, entry.parts]


def _both(step: Step) -> dict[str, list[str]]:
    """The gradients that a step changes: what is right, and what the broken run has."""
    return {
        id: [repr_js(change["grad"]), repr_js(change.get("broken", change["grad"]))]
        for id, change in step.set.items()
        if "grad" in change
    }


def _item(step: Step) -> str:
    title, math, note = (html.escape(text) for text in (step.title, step.math, step.note))
    line = f"<code>{html.escape(step.line)}</code>" if step.line else ""
    return f"<li><b>{title}</b><p>{math}</p><small>{note}</small>{line}</li>"


def repr_js(x: float) -> str:
    """A number for JavaScript's ``Number``: every digit, ``Infinity`` and ``NaN`` included."""
    return "NaN" if x != x else repr(x).replace("inf", "Infinity")
