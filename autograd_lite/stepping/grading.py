"""Codes of quizzes, read and judged: what ``autograd-lite grade`` prints.

A code holds everything that was answered, and a checksum over it. So a code that was cut, mistyped
or edited is noticed. It is no proof: who reads the page's source can make one.

Next: ``picture.py``.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

START = "AGQ1."
_CODE = re.compile(r"AGQ1\.([\w\s>=-]*)\.\s*([0-9a-f]{16})(?![0-9a-f])")

NO_PROOF = "A code is no proof: it shows that nothing was changed in it, not who answered."


@dataclass(frozen=True)
class Work:
    """The work of one learner on one quiz."""

    name: str
    quiz: str  # its id: the same page has the same one
    title: str
    began: int  # in seconds, as Unix counts
    ended: int
    rows: list[tuple[str, str, list[str], int, str]]  # question, right, tries, hints, verdict

    @property
    def right(self) -> list[str]:
        return [label for label, _, _, _, verdict in self.rows if verdict == "right"]

    @property
    def at_once(self) -> int:
        """Right at the first try, without a hint."""
        return sum(
            v == "right" and len(tries) == 1 and not hints for _, _, tries, hints, v in self.rows
        )

    @property
    def missed(self) -> list[str]:
        """The questions that took more than one try, or were shown."""
        return [label for label, _, tries, _, v in self.rows if v != "right" or len(tries) > 1]


def checksum(text: str) -> str:
    """FNV-1a twice, as the page computes it.

    >>> checksum("a")
    'e40c292c85030ff6'
    """
    sums = []
    for start in (0x811C9DC5, 0x01000193):
        for byte in text.encode():
            start = ((start ^ byte) * 0x01000193) & 0xFFFFFFFF
        sums.append(f"{start:08x}")
    return "".join(sums)


def works(text: str) -> list[Work | None]:
    """The codes in a text, one after the other; None for one that is not as it was made."""
    found = list(_CODE.finditer(text))
    broken = text.count(START) - len(found)  # cut off
    return [_work(match[1], match[2]) for match in found] + [None] * broken


def _work(letters: str, given: str) -> Work | None:
    letters = re.sub(r"[\s>]|=$", "", letters)  # as mails break and quote lines
    try:
        text = base64.urlsafe_b64decode(letters + "=" * (-len(letters) % 4)).decode()
        if checksum(text) != given:
            return None
        quiz, title, name, began, ended, rows = json.loads(text)
    except (binascii.Error, ValueError):
        return None
    return Work(str(name), quiz, title, began, ended, [tuple(row) for row in rows])


def report(found: list[Work | None]) -> str:
    """A table of the works, what was missed most, and what a code does not prove."""
    lines: list[tuple[Any, ...]] = [("name", "right", "at once", "minutes", "quiz", "missed")]
    for work in found:
        if work is None:
            lines.append(("?", "–", "–", "–", "–", "CHANGED or cut after it was made"))
            continue
        minutes = f"{(work.ended - work.began) / 60:.0f}"
        right = f"{len(work.right)} / {len(work.rows)}"
        missed = "; ".join(work.missed) or "–"
        lines.append((work.name or "(no name)", right, work.at_once, minutes, work.quiz, missed))
    widths = [max(len(str(line[k])) for line in lines) for k in range(5)]
    table = [
        "  ".join([*(f"{cell!s:<{w}}" for cell, w in zip(line, widths, strict=False)), line[5]])
        for line in lines
    ]
    titles = dict.fromkeys(f"{work.quiz}: {work.title}" for work in found if work)
    most = Counter(label for work in found if work for label in work.missed).most_common(5)
    often = [f"Missed most: {'; '.join(f'{label} ({n})' for label, n in most)}"] if most else []
    return "\n".join([*table, "", *titles, *often, NO_PROOF])
