"""Single faults, one at a time, in a copy of the checkout: which does the suite notice?

    python tests/inject.py --room engine --count 60 --seed 1
    python tests/inject.py --room compiler/batch.py --kinds comparison,number

A room is a part of a path inside the package. Faults are made from the source, by kinds, and drawn
by the seed in equal shares. Each is tried against the tests that reach its line, quick ones first,
in a process forked from one that has loaded the libraries ("ran out" is one that was stopped, as a
loop without end is); what reaches what is traced once per test file and kept. Survivors are printed
as in ``equivalents.txt``, which holds those that a person judged to change nothing that anyone can
see: paste the block there, and add why after ``=`` (``+ *`` stands for all faults of a line).

Not mutmut 3, cosmic-ray 8 or mutatest 3: none breaks the lambdas of a table, a message by a word
and the pages' JavaScript alike.
"""

import argparse
import contextlib
import hashlib
import importlib.util
import json
import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import islice, zip_longest
from pathlib import Path
from queue import SimpleQueue

import pytest
from faults import Fault, faults_of, makes_sense

CHECKOUT = Path(__file__).parent.parent
DEFAULTS = "tests/test_defaults.py"  # reads what no line of a function runs
KEPT = Path(tempfile.gettempdir()) / f"autograd_lite-reached-{sys.version_info[1]}"
TOLD = 10  # so that a code of pytest is no code of a process that broke
LOADED = "ignore:Module already imported:pytest.PytestAssertRewriteWarning"
WARM = ["pytest", "numpy", "hypothesis", "mpmath", "scipy.optimize", "llvmlite.binding"]
CORE = (
    "value ops edges graph kinds identities given comparisons copies micrograd_parity messages"
    " as_math extend random_programs"
)
PROGRAMS = (
    "compiler compiler_arguments compiler_edges compiler_jacobian native messages random_programs"
)
LISTS = [  # take the place of arrays there
    "course/compare.py", "datasets.py", "engine/arrays.py", "functions/hessians.py",
    "functions/recording.py", "functions/trees.py", "minibatches.py", "minimise.py",
    "nn/module.py", "nn/weights.py",
]  # fmt: skip
# Part of a path -> the test files that count, by their names without test_; a test file named
# after a part of the path, and the doctests of the file itself, always do.
TESTS = {
    "engine": CORE, "value.py": CORE, "graph.py": CORE,
    "many.py": CORE, "derived.py": CORE, "protocols.py": CORE,
    "ops.py": f"{CORE} languages", "expand.py": f"{CORE} telling stepping",
    "engine/copies": "module compiler_arguments", "engine/comparisons": "compiler transforms",
    "compiler": PROGRAMS, "compiler/steps": "training", "compiler/recorded": "given",
    "identities.py": "identities",
    "languages": f"languages {PROGRAMS} stepping_script drawing", "languages/c.py": "core",
    "files.py": "drawing stepping plots cli module", "signatures.py": "transforms compiler",
    "history": "training showing",
    "functions": "transforms compiler_jacobian messages", "transforms.py": "messages",
    "as_math": "messages", "extend": "messages kinds",
    "engine/updates": "module optim value",
    "nn": "module losses training weights containers recurrent", "schedules": "optim",
    "nn/module": "optim", "nn/layers": "stepping", "grammar": "expression cli",
    "optimiser": "optim training messages", "minibatches": "training",
    "minimise": "optim messages", "progress": "training", "samples": "training compiler_arguments",
    "telling": "drawing stepping stepping_explain messages",
    "pictures": "drawing plots", "demo": "demo_page cli", "drawing/dot": "telling_refusal",
    "stepping/assets": "stepping_page stepping_player", "stepping/document": "film demo_page",
    "assets/fold": "telling_folds", "assets/beside": "stepping_faults",
    **dict.fromkeys(LISTS, "without_numpy"),
}  # fmt: skip


def files_for(file: str) -> list[str]:
    """The test files that count for a file of the package."""
    parts = set(file.removeprefix("autograd_lite/").replace(".", "/").split("/"))
    parts -= {"stepping"} if "assets" in parts else set()
    names = {n for part, some in TESTS.items() if part in file for n in some.split()}
    found = [
        f"tests/{test.name}"
        for test in sorted((CHECKOUT / "tests").iterdir())
        if test.suffix == ".md" or test.name.startswith("test_")
        if {stem := test.stem.removeprefix("test_"), stem.split("_")[0]} & (names | parts)
    ]
    return [*found, file] if file.endswith(".py") else found


def key(line: str) -> str:
    return hashlib.md5(line.encode()).hexdigest()[:8]


class Tracer:
    """A plugin of pytest: which test reaches which line, how long it takes, whether it passes."""

    def __init__(self, root: Path) -> None:
        self.inside = f"{root / 'autograd_lite'}{os.sep}"
        self.root, self.lines, self.calls, self.process = root, {}, {}, False
        self.tests, self.reached, self.shared = [], {}, set()  # fixtures that start processes
        sys.addaudithook(self.heard)

    def heard(self, event, arguments):
        self.process = self.process or event == "subprocess.Popen"

    def enters(self, frame, event, argument):
        code = frame.f_code
        if not code.co_filename.startswith(self.inside):
            return None
        self.calls[code] = self.calls.get(code, 0) + 1  # enough is enough: hot functions stay quick
        seen = self.lines.setdefault(code.co_filename, {})
        return None if self.calls[code] > 40 else self.line_of(seen)

    def line_of(self, seen):
        def line(frame, event, argument):
            seen[frame.f_lineno] = count = seen.get(frame.f_lineno, 0) + 1
            frame.f_trace_lines = count < 400
            return line

        return line

    def pytest_runtest_logreport(self, report):
        if report.when == "call":
            self.passed = report.passed

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef):
        before, self.process = self.process, False
        try:
            return (yield)
        finally:
            if self.process and fixturedef.scope == "module":
                self.shared.add(fixturedef.argname)
            self.process = self.process or before

    def pytest_runtest_protocol(self, item):
        self.lines, self.calls, self.passed = {}, {}, False
        self.process = not self.shared.isdisjoint(item.fixturenames)
        self.start = time.perf_counter()
        threading.settrace(self.enters)
        sys.settrace(self.enters)

    def pytest_runtest_logfinish(self, nodeid):
        sys.settrace(None)
        threading.settrace(None)
        seconds = time.perf_counter() - self.start
        number = len(self.tests)
        self.tests.append([nodeid, round(seconds, 3), self.passed, self.process])
        for file, lines in self.lines.items():
            keys = self.keys(Path(file))
            for k in {keys[n - 1] for n in lines if n <= len(keys)}:
                self.reached[Path(file).relative_to(self.root).as_posix()][k].append(number)

    def keys(self, path: Path) -> list[str]:
        """The lines of a file, in short; all are noted, so that a new line is known as such."""
        keys = [key(line.strip()) for line in path.read_text("utf-8").splitlines()]
        self.reached.setdefault(path.relative_to(self.root).as_posix(), {k: [] for k in keys})
        return keys

    def pytest_sessionfinish(self):
        for path in (self.root / "autograd_lite").rglob("*.py"):
            self.keys(path)


class Chosen:
    """A plugin of pytest: these tests alone, in this order."""

    def __init__(self, tests: list[str]) -> None:
        self.order = {test: k for k, test in enumerate(tests)}

    def pytest_collection_modifyitems(self, items):
        for test in self.order.keys() - {item.nodeid for item in items}:
            self.order[whole(test)] = self.order[test]  # the fault is in the name of the test
        places = {id(item): self.order.get(item.nodeid) for item in items}
        for item in items:
            if places[id(item)] is None:
                places[id(item)] = self.order.get(whole(item.nodeid))
        items[:] = sorted(
            (item for item in items if places[id(item)] is not None),
            key=lambda item: places[id(item)],
        )


def whole(test: str) -> str:
    """The function of a test, without the parameters in its name."""
    return test.split("[")[0] + "[…]" if "[" in test else test


def run(root: Path, files: list[str], tests: list[str] | None, answer: Path | None = None) -> None:
    """Run pytest in a copy; the child's work. Trace it, and write what it finds to ``answer``."""
    os.setsid() if hasattr(os, "setsid") else None
    threading.Thread(target=end_with_parent, args=(os.getppid(),), daemon=True).start()
    os.chdir(root)
    os.environ |= {"PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "" if answer else "1"}
    os.environ["AUTOGRAD_LITE_PURE"] = "1"  # faults of Python are no faults of the core in C
    sys.dont_write_bytecode = answer is None
    sys.path[:0] = [str(root), str(root / "tests")]
    said = os.open(root / "said.txt", os.O_RDWR | os.O_CREAT | os.O_TRUNC)
    for stream in (0, 1, 2):
        os.dup2(said, stream)
    plugin = Tracer(root) if answer else Chosen(tests or [])
    options = ["-q", "-m", "", "-p", "no:cacheprovider", "-W", LOADED]
    options += [] if answer else ["-x"]
    code = pytest.main([*options, *files], plugins=[plugin])
    if answer:
        answer.write_text(json.dumps({"tests": plugin.tests, "reached": plugin.reached}), "utf-8")
    os._exit(TOLD + code)


def end_with_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def fork(timeout: float, *arguments: object) -> int | None:
    """The exit code of a child, or None where it was stopped."""
    child = context.Process(target=run, args=arguments)
    child.start()
    child.join(timeout)
    late = child.is_alive()
    with contextlib.suppress(OSError):  # the child and what it started: servers, browsers
        os.killpg(child.pid, signal.SIGKILL) if hasattr(os, "killpg") else child.kill()
    child.join()
    return None if late else child.exitcode


def copy(where: Path) -> Path:
    """What git would commit of this checkout, as it stands."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        cwd=CHECKOUT, check=True, capture_output=True, encoding="utf-8",
    ).stdout.splitlines()  # fmt: skip
    for name in listed:
        if (CHECKOUT / name).is_file():
            (where / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(CHECKOUT / name, where / name)
    return where


def reach(file: str, root: Path) -> dict:
    """What each test of a test file reaches: traced once for each text of the test file."""
    digest = hashlib.sha256((root / file).read_bytes()).hexdigest()[:16]
    kept = KEPT / f"{file.replace('/', '.')}-{digest}.json"
    if not kept.exists():
        KEPT.mkdir(exist_ok=True)
        print(f"tracing {file}", file=sys.stderr, flush=True)
        fork(1200, root, [file], None, kept)
        if not kept.exists():
            raise RuntimeError(f"{file} cannot be run:\n{(root / 'said.txt').read_text('utf-8')}")
    return json.loads(kept.read_text("utf-8"))


def chosen(fault: Fault, root: Path, seconds: float) -> tuple[list[str], bool]:
    """The tests that reach the fault, quick ones first, and whether its line is known to them."""
    reached, others = {}, {}
    for file in [*files_for(fault.file), *([DEFAULTS] if fault.kind == "default" else [])]:
        found = reach(file, root)
        lines, keys = found["reached"].get(fault.file, {}), [key(x) for x in fault.reached_by]
        hit = {number for k in keys for number in lines.get(k, ())}
        if file == DEFAULTS or any(k not in lines for k in keys):  # newer than the trace
            hit = set(range(len(found["tests"])))
        for number, (test, cost, passed, process) in enumerate(found["tests"]):
            if passed:
                (reached if number in hit else others)[test] = cost + 1000 * (number not in hit)
                if process and number not in hit:
                    reached[test] = cost + 1000  # it may reach the line in the process it starts
    known = any(cost < 1000 for cost in reached.values())
    some = reached if known and fault.inside else others | reached
    total, tests = 0.0, []
    for test, cost in sorted(some.items(), key=lambda t: t[1]):
        total += cost % 1000
        if total < seconds:
            tests.append(test)
    return tests, known or not fault.inside


def attempt(fault: Fault, roots: SimpleQueue, seconds: float) -> tuple[Fault, str, float]:
    """Put the fault into a copy, run the tests, take it out."""
    root, start = roots.get(), time.perf_counter()
    path = root / fault.file
    right = path.read_text("utf-8")
    try:
        tests, known = chosen(fault, root, seconds)
        path.write_text(fault.applied(right), "utf-8")
        os.utime(path, (time.time(), time.time() + 7))  # no compiled file may pass for this text
        files = list(dict.fromkeys(test.split("::")[0] for test in tests))
        code = fork(4 * seconds + 30, root, files, tests) if tests else TOLD
        if code == 1:
            raise RuntimeError((root / "said.txt").read_text("utf-8"))
        word = "noticed" if code != TOLD else "survived" if known else "not reached"
        word = "ran out" if code is None else word
    finally:
        path.write_text(right, "utf-8")
        roots.put(root)
    return fault, word, time.perf_counter() - start


def drawn(room: str, kinds: list[str], count: int, seed: int) -> list[Fault]:
    """Faults of the room, in equal shares of the kinds, without those judged equivalent."""
    blocks = (CHECKOUT / "tests" / "equivalents.txt").read_text("utf-8").split("\n\n")
    same = {block.split("\n=")[0].strip() for block in blocks}
    by_kind: dict[str, list[Fault]] = {}
    for path in sorted((CHECKOUT / "autograd_lite").rglob("*.*")):
        name = path.relative_to(CHECKOUT).as_posix()
        if room in name and path.suffix in (".py", ".js"):
            for fault in faults_of(name, path.read_text("utf-8")):
                judged = {fault.shown(), fault.shown().split("\n+")[0] + "\n+ *"} & same
                if not judged and (not kinds or fault.kind in kinds):
                    by_kind.setdefault(fault.kind, []).append(fault)
    for faults in by_kind.values():
        random.Random(seed).shuffle(faults)
    turns = (f for turn in zip_longest(*by_kind.values()) for f in turn if f is not None)
    sound = (f for f in turns if makes_sense(f, (CHECKOUT / f.file).read_text("utf-8")))
    return list(islice(sound, count))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--room", default="", help="a part of a path inside the package")
    parser.add_argument("--kinds", default="", help="kinds of faults, by commas; all by default")
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=60, help="of tests for one fault")
    asked = parser.parse_args()
    faults = drawn(asked.room, [k for k in asked.kinds.split(",") if k], asked.count, asked.seed)
    words: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(asked.jobs) as pool:
        roots: SimpleQueue[Path] = SimpleQueue()
        for job in range(asked.jobs):
            roots.put(root := copy(Path(folder).resolve() / str(job)))
        for file in dict.fromkeys(test for fault in faults for test in files_for(fault.file)):
            reach(file, root)
        tries = (pool.submit(attempt, fault, roots, asked.seconds) for fault in faults)
        for done in list(tries):
            fault, word, seconds = done.result()
            words[word] += 1
            print(f"{word:11} {seconds:5.1f} s  {fault.kind:10} {fault.file}:{fault.line}")
            if word != "noticed":
                print(f"{fault.shown()}\n")
            sys.stdout.flush()
    print(f"noticed {words['noticed']} of {len(faults)}", dict(words))


if __name__ == "__main__":
    context = multiprocessing.get_context("forkserver" if hasattr(os, "fork") else "spawn")
    context.set_forkserver_preload([name for name in WARM if importlib.util.find_spec(name)])
    main()
