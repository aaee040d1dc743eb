"""Random programs through every mode: do all give the same numbers, or the same refusal?

    python tests/differential.py 5000             seeds 0 to 4999, on all processors
    python tests/differential.py 1 --seed 123     one program, with its text

Exit status 1 where two modes disagree; each disagreement is shrunk and printed as a program.
"""

import argparse
import multiprocessing
import os
import sys
import time
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from importlib.util import find_spec
from shutil import which
from typing import Any, NamedTuple

import modes
import numpy as np
from compiled import TAPES
from modes import Answer, Answers, agree, attempt, excused
from programs import Program, has_machine_code, smaller, wild

from autograd_lite import ops
from autograd_lite.compiler.recover.freeze import tells_zeros_apart

ALL = -1  # points at once
CHUNK = 50  # programs of one process of Node's
NATIVE = 8  # one program in so many is compiled to machine code: eight times the time of the rest
NESTED = 4  # and one in so many goes through transforms of transforms
JAX = 16  # and one in so many is printed for JAX, which compiles each operation that is new to it


class Found(NamedTuple):
    """Two answers that differ."""

    mode: str
    asked: str
    program: Program
    point: int
    expected: Answer
    got: Answer
    seed: int | None = None

    @property
    def kind(self) -> str:
        return f"{self.mode}, {self.asked}"

    def __str__(self) -> str:
        return (
            f"{self.kind}: expected {self.expected}, got {self.got} (seed {self.seed})\n"
            f"{self.program.source(self.point)}"
        )


def compared(
    mode: str, program: Program, point: int, expected: Answers, got: Answers
) -> Iterator[Found]:
    """What was answered otherwise than expected."""
    for asked, answer in got.items():
        right = expected.get(asked)
        if right is not None and not agree(right, answer):
            yield Found(mode, asked, program, point, right, answer)


def each_mode(
    program: Program, references: list[Answers], native: bool, deep: bool, jax: bool
) -> Iterator[Found]:
    """Every mode but JavaScript, at every point."""
    for k, point in enumerate(program.points):
        right = references[k]
        more = {"slopes": right["graph slopes"]} if "graph slopes" in right else {}
        yield from compared("gradient", program, k, right, more)
        found = modes.transforms(program, point)
        if deep:
            found |= modes.nested(program, point)
        for mode, answers in found.items():
            yield from compared(mode, program, k, right, answers)
    for form in ("straight", "arrays", TAPES[len(program.steps) % 2]):
        for machine in (False, True) if native else (False,):
            yield from compiled(program, references, form, machine)
    if set("x") <= set(program.roles):
        yield from batches(program, references, native)
    if jax:
        yield from on_jax(program, references)


def compiled(
    program: Program, references: list[Answers], form: str, native: bool
) -> Iterator[Found]:
    mode = f"{form}{' in machine code' if native else ''}"
    made, _ = modes.compiled(program, form, native)
    for k, point in enumerate(program.points):
        x = [point[i] for i in program.places("px")]
        yield from compared(mode, program, k, references[k], modes.run_compiled(made, x))
        yield from compared(mode, program, k, references[k], modes.value_alone(made, x))


def on_jax(program: Program, references: list[Answers]) -> Iterator[Found]:
    made = modes.compiled(program, "arrays")
    for k, expected, got in modes.in_jax(program, made):
        if not isinstance(references[k]["value"], tuple):
            yield from compared("JAX", program, k, expected, got)


def batches(program: Program, references: list[Answers], native: bool) -> Iterator[Found]:
    """All points at once: as samples, which share the parameters."""
    good = [k for k, right in enumerate(references) if not isinstance(right["value"], tuple)]
    if not good:
        return
    wanted = program.places("px")
    inputs = [wanted.index(k) for k in program.places("x")]
    for machine in (False, True) if native else (False,):
        each, rows = modes.batch(program, "each", machine)
        some = [rows[k] for k in good]
        mode = f"batch{' in machine code' if machine else ''}"
        values, slopes = each(some).tolist(), each.jacobian(some).tolist()
        for k, value, slope in zip(good, values, slopes, strict=True):
            right = references[k]
            full = list(right["slopes"])
            for i, d in zip(inputs, slope, strict=True):
                full[i] = d
            yield from compared(mode, program, k, right, {"value": [value], "slopes": full})
        for k in set(range(len(rows))) - set(good):
            got = {}
            with attempt(got, "value"):
                got["value"] = each([rows[k]]).tolist()
            yield from compared(mode, program, k, references[k], got)
        total, _ = modes.batch(program, "sum", machine)
        yield from summed(f"{mode}, summed", program, references, good, total, some)


def summed(
    mode: str, program: Program, references: list[Answers], good: list[int], total: Any, rows: Any
) -> Iterator[Found]:
    """A batch that is summed up, at the points that have a value."""
    wanted = program.places("px")
    parameters = [wanted.index(k) for k in program.places("p")]
    expected: Answers = {}
    with attempt(expected, "value", "slopes"):
        values = [references[k]["value"][0] for k in good]
        slopes = [[references[k]["slopes"][i] for i in parameters] for k in good]
        expected["value"] = [ops.sum.of_floats(tuple(values))]
        with np.errstate(all="ignore"):
            expected["slopes"] = np.sum(slopes, axis=0).tolist()
    got: Answers = {}
    with attempt(got, "value", "slopes"):
        y, slope = total.value_and_grad(total.vector, rows)
        got.update(value=[y], slopes=slope.tolist())
    yield from compared(mode, program, ALL, expected, got)


def in_javascript(
    programs: Sequence[Program], references: Sequence[list[Answers]]
) -> Iterator[Found]:
    """On a page, where nothing raises."""
    answers = modes.javascript(programs)
    for program, rights, points in zip(programs, references, answers, strict=True):
        for k, (right, got) in enumerate(zip(rights, points, strict=True)):
            if not isinstance(right["value"], tuple):
                yield from compared("JavaScript", program, k, right, got)


def judged(found: Iterator[Found], counts: Counter[str]) -> Iterator[Found]:
    """Those that neither rounding nor the range of floats explains."""
    for one in found:
        some = one.program.points if one.point == ALL else [one.program.points[one.point]]
        why = excused(one.program, some, one.asked, one.expected, one.got)
        rows = {op for op, _ in one.program.steps}
        told_apart = ops.floor_divide in rows or any(map(tells_zeros_apart, rows))
        if one.mode in ("JavaScript", "JAX") and told_apart:
            why = why or "zeros"  # sums there do not know the sign of a zero, and nothing raises
        if one.mode == "JAX" and modes.differs_on_jax(one.program, some, one.expected, one.got):
            why = why or "zeros"
        if why:
            counts[f"excused: {why}"] += 1
        else:
            yield one


def check(
    seeds: Sequence[int], native: int = NATIVE, nested: int = NESTED, jax: int = JAX
) -> tuple[list[Found], Counter[str]]:
    """The disagreements of these programs."""
    warnings.simplefilter("error")
    programs = [wild(seed) for seed in seeds]
    references = [[modes.eager(p, point) for point in p.points] for p in programs]
    counts: Counter[str] = Counter(programs=len(programs))
    counts["points"] += sum(len(p.points) for p in programs)
    counts["refused"] += sum(isinstance(r["value"], tuple) for rs in references for r in rs)
    found: list[Found] = []
    for seed, program, right in zip(seeds, programs, references, strict=True):
        machine = seed % native == 0 and has_machine_code(program) and bool(find_spec("llvmlite"))
        printed = seed % jax == 0 and bool(find_spec("jax"))
        every = each_mode(program, right, machine, seed % nested == 0, printed)
        try:
            found += [one._replace(seed=seed) for one in judged(every, counts)]
        except Exception as error:
            crash = f"crash {type(error).__name__}: {error}"[:150]
            found.append(Found(crash, "", program, ALL, [], [], seed))
    if which("node"):
        found += [
            one._replace(seed=seeds[programs.index(one.program)])
            for one in judged(in_javascript(programs, references), counts)
        ]
    return found, counts


def shrunk(one: Found) -> Found:
    """The smallest program found in which the same two modes disagree in the same way."""

    def again(program: Program) -> Found | None:
        try:
            rights = [modes.eager(program, point) for point in program.points]
            native = "machine code" in one.mode
            every = each_mode(program, rights, native, "of grad" in one.mode, one.mode == "JAX")
            found = judged(every, Counter())
            if one.mode == "JavaScript":
                found = judged(in_javascript([program], [rights]), Counter())
            same = (x._replace(seed=one.seed) for x in found)
            return next((x for x in same if x.kind == one.kind), None)
        except Exception as error:
            if one.mode.startswith("crash " + type(error).__name__):
                return one._replace(program=program)
            return None

    best = one if one.point == ALL else again(one.program.at(one.point)) or one
    for _ in range(20):
        better = next((x for x in map(again, smaller(best.program)) if x), None)
        if better is None:
            return best
        best = better
    return best


def main() -> int:
    os.environ["AUTOGRAD_LITE_CACHE"] = "off"  # of no program is there another run
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("count", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--native", type=int, default=NATIVE, help="one in so many to machine code")
    parser.add_argument("--nested", type=int, default=NESTED, help="one in so many, nested")
    parser.add_argument("--jax", type=int, default=JAX, help="one in so many, printed for JAX")
    parser.add_argument("--show", type=int, default=3, help="programs to show of each kind")
    given = parser.parse_args()
    for mode, there in {
        "JavaScript: node": which("node"),
        "machine code: llvmlite": find_spec("llvmlite"),
        "JAX: jax": find_spec("jax"),
    }.items():
        if not there:
            print(f"left out, {mode} is not installed")
    start = time.perf_counter()
    seeds = range(given.seed, given.seed + given.count)
    chunks = [seeds[k : k + CHUNK] for k in range(0, len(seeds), CHUNK)]
    counts: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    with multiprocessing.Pool(given.jobs) as pool:
        some = partial(check, native=given.native, nested=given.nested, jax=given.jax)
        for found, more in pool.imap_unordered(some, chunks):
            counts += more
            for one in found:
                kinds[one.kind] += 1
                if kinds[one.kind] <= given.show:
                    print(shrunk(one), flush=True)
            if given.count > 10_000:
                print(dict(counts), dict(kinds), flush=True)
    print(dict(counts), f"{time.perf_counter() - start:.0f} s")
    print(f"{kinds.total()} disagreements", dict(kinds))
    return 1 if kinds else 0


if __name__ == "__main__":
    sys.exit(main())
