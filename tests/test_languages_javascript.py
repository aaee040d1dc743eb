"""What a page computes is what Python computes, for every row and every order of a family."""

import itertools
import json
import math
import subprocess
from collections.abc import Iterator
from shutil import which

import pytest
from test_stepping_script import RUN, agree, in_python, sizes_of

from autograd_lite.engine.primitive import FAMILIES, TABLE, Primitive
from autograd_lite.languages.javascript import helpers
from autograd_lite.stepping.page import repr_js
from autograd_lite.stepping.script import function_of

inf, nan = math.inf, math.nan
#: Halves and wholes of both signs, both sides of where a function goes over to another way.
NUMBERS = [
    -3.5, -2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 3.5, 4.5, 0.0, -0.0, 1.0, -1.0, 2.0, -2.0, 3.0, 7.0, 9.0,
    10.0, 10.7, 11.0, 19.6, 20.5, 36.0, 41.0, -0.31, -6.2, -20.3, -35.7, 1e8, -1e8, 1e154, 1e300,
    -1e300, 1e-300, 0.3, 0.73, 1.2, -0.9, 0.9999, 1e-9, inf, -inf, nan,
]  # fmt: skip
FEW = [-2.5, -1.0, 0.0, 0.5, 3.0, 1e300, inf, -inf, nan]
ORDERS = [
    FAMILIES[name](n)
    for name in ("polygamma", "mills_tail", "sinc_derivative")
    for n in (2.0, 3.0, 4.0, 7.0)
]


def points_of(op: Primitive) -> list[tuple[float, ...]]:
    width = sum(sizes_of(op))
    if width == 1:
        return [(x,) for x in NUMBERS]
    if width == 2:
        return [*itertools.product(NUMBERS[::2], NUMBERS), *itertools.product(FEW, FEW)]
    cancels = [(x, x, 0.0, 0.0, x, -x, 0.0)[:width] for x in (1e200, 1e300)]  # of a dot: 0
    return cancels + [tuple(FEW[(k + 2 * i * j + j) % len(FEW)] for j in range(width))
                      for k in range(len(FEW)) for i in range(3)]  # fmt: skip


def on_pages(rows: list[Primitive]) -> Iterator[tuple[Primitive, tuple[float, ...], list[float]]]:
    """Each row at each point: the value and the slopes, in Node."""
    sources = [function_of(op, sizes_of(op)) for op in rows]
    points = [points_of(op) for op in rows]
    asked = [
        [helpers([source, "slopes_of()"]), source, [[*map(repr_js, point)] for point in some]]
        for source, some in zip(sources, points, strict=True)
    ]
    read = "JSON.parse(require('fs').readFileSync(0, 'utf8'))"
    program = f"process.stdout.write(JSON.stringify({read}.map({RUN})))"
    command = ["node", "-e", program]
    ran = subprocess.run(
        command, input=json.dumps(asked), capture_output=True, encoding="utf-8", check=True
    )
    for op, some, answers in zip(rows, points, json.loads(ran.stdout), strict=True):
        for point, answer in zip(some, answers, strict=True):
            yield op, point, [*map(float, answer)]


@pytest.mark.skipif(not which("node"), reason="node is not installed")
def test_every_row_and_every_order_agrees_with_python() -> None:
    """Where Python refuses, no finite number is shown."""
    wrong = []
    for op, point, (value, *slopes) in on_pages([*TABLE.values(), *ORDERS]):
        expected = in_python(op, point)
        if expected is None:
            right = not math.isfinite(value) or not all(map(math.isfinite, slopes))
        else:
            right = all(map(agree, expected, (value, *slopes)))
        if not right:
            wrong.append((op.name, op.args, point, expected, (value, *slopes)))
    assert not wrong, f"{len(wrong)}: {wrong[:20]}"
