"""The core in C against the one in Python, which says what is right."""

import copy
import gc
import inspect
import math
import os
import pickle
import re
import subprocess
import sys
import threading
import weakref
from collections.abc import Iterator
from pathlib import Path

import cores
import numpy as np
import pytest

import autograd_lite as al
from autograd_lite import Constant, Parameter, Value, dot, gradient, ops
from autograd_lite.engine import core
from autograd_lite.engine.primitive import FAMILIES, TABLE
from autograd_lite.languages import c

CHECKOUT = Path(__file__).parent.parent
in_c = pytest.mark.skipif(not core.accelerated, reason="the core in C is not built")


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """No other test knows the rows that programs make for themselves."""
    yield
    TABLE.own.clear()


def run(program: str, **environment: str) -> str:
    """What a program prints in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=CHECKOUT, capture_output=True, text=True,
        env={**os.environ, "AUTOGRAD_LITE_PURE": "", **environment},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


# --- which core -----------------------------------------------------------------------------------


def test_the_printed_rows_are_those_of_the_table() -> None:
    """``python -m autograd_lite.languages.c`` writes them again."""
    assert c.HEADER.read_text("utf-8") == c.printed()


def test_rows_with_loops_alone_stay_in_python() -> None:
    named = {*re.findall(r'^    \{"(\w+)", row_', c.printed(), re.MULTILINE)}
    scalar = {name for name, op in TABLE.items() if op.arity}
    loops = "sinc log_ndtr erfinv gamma lgamma digamma mills erfinv_slope polygamma mills_tail"
    assert scalar - named == {*loops.split(), "sinc_derivative"}
    assert named >= {*FAMILIES} - scalar.difference(named)


@in_c
def test_the_environment_turns_it_off() -> None:
    program = "import autograd_lite; print(autograd_lite.engine.accelerated)"
    assert [run(program, AUTOGRAD_LITE_PURE=text) for text in ("", "0", "1")] == [
        "True", "True", "False",
    ]  # fmt: skip


@in_c
def test_a_core_of_other_rows_is_not_used() -> None:
    """As after a change of the table without a build: its numbers would be the old ones."""
    program = """
from pathlib import Path
read = Path.read_bytes
Path.read_bytes = lambda file: read(file).replace(b"LN2 * z", b"LN2 * z * 1.0"){more}
import autograd_lite
print(autograd_lite.engine.accelerated, autograd_lite.Value(1.0).exp2())"""
    assert run(program.replace("{more}", "")) == "False Value(data=2.0, grad=0.0)"
    other_sources = program.replace("LN2 * z", "static").replace("{more}", "")
    assert run(other_sources).startswith("False")
    ends = program.replace('b"LN2 * z", b"LN2 * z * 1.0"', r'b"\n", b"\r\n"').replace("{more}", "")
    assert run(ends).startswith("True")


@in_c
def test_the_class_is_the_same_to_look_at() -> None:
    python = cores.load_in_python()
    for name in ("Value", "Parameter", "Constant"):
        ours, theirs = getattr(al, name), getattr(python, name)
        assert {*dir(ours)} >= {*dir(theirs)} - {"__slots__"}
        assert (ours.__doc__, ours.__module__) == (theirs.__doc__, theirs.__module__)
        one, other = inspect.signature(ours), inspect.signature(theirs)
        assert [*one.parameters] == [*other.parameters]
    for name in ("tanh", "maximum"):
        ours, theirs = getattr(Value, name), getattr(python.Value, name)
        assert (ours.__doc__, ours.__qualname__) == (theirs.__doc__, theirs.__qualname__)
        assert str(inspect.signature(ours)).count(",") == len(TABLE[name].operands) - 1


# --- the same numbers and words -------------------------------------------------------------------


@in_c
def test_random_programs_show_the_same_bits_and_messages() -> None:
    """``python tests/cores.py 100000`` runs as many as one likes."""
    assert cores.differing(1500) == []


CALLS = {
    "no number": "al.Value()", "a list": "al.Value([1.0])", "text": "x + 'a'",
    "too large": "x * 10**400",
    "too large a leaf": "al.Value(10**400)", "too many": "x.tanh(1)", "too few": "x.maximum()",
    "two for one": "al.Value.tanh(x, x)", "a label to delete": "delattr(x, 'label')",
    "data to delete": "delattr(x, 'data')", "data": "setattr(x, 'data', None)",
    "no grad": "setattr(x, 'grad', None)", "text as grad": "setattr(x, 'grad', 'a')",
    "grad to delete": "delattr(x, 'grad')",
    "modulus": "pow(x, 2, 3)", "gradient": "x.backward('a')", "gradients": "x.backward(1, 2)",
    "by name": "x.backward(grad=1)", "compared": "x < 'a'", "a graph": "al.topological_order(1)",
    "no attribute": "x.nothing", "power": "x ** None", "dot": "al.dot([x], ['a'])",
    "sum": "al.sum([x, None])", "hand": "al.Value(1.0, (1,), (2.0,))", "one": "al.Value(1.0, x)",
    "nobody's slopes": "al.Value(1.0, (x,)).backward()", "none": "al.where(x, None, 1.0)",
}  # fmt: skip


@in_c
def test_errors_have_the_same_words() -> None:
    said = []
    for package in cores.both():
        texts = {}
        for name, call in CALLS.items():
            with pytest.raises((TypeError, ValueError, OverflowError, AttributeError)) as caught:
                eval(call, {"al": package, "x": package.Value(2.0, label="x")})
            texts[name] = f"{caught.type.__name__}: {caught.value}"
        said.append(texts)
    assert said[0] == said[1]


@in_c
def test_pickles_go_from_one_core_to_the_other() -> None:
    program = """
import pickle, sys
from autograd_lite import Parameter, Value, dot
w, x = Parameter(2.0, label="w"), Value(3.0)
w.velocity = 0.5
y = dot([w, x], [x, 1.0], w).tanh() * w.maximum(x) + Value(1.0, (w,), (4.0,))
sys.stdout.write(pickle.dumps((y, w, Value.tanh, Value(1.0).tanh)).hex())"""
    loaded = """
import pickle
from autograd_lite import topological_order
y, w, tanh, bound = pickle.loads(bytes.fromhex("{}"))
y.backward(0.3)
print([(x, x.partials, x.label, type(x)) for x in topological_order(y)], vars(w), bound())
"""
    seen = {
        run(loaded.format(run(program, AUTOGRAD_LITE_PURE=made)), AUTOGRAD_LITE_PURE=read)
        for made in "01"
        for read in "01"
    }
    assert len(seen) == 1


# --- memory ---------------------------------------------------------------------------------------

chain = """
import gc, sys, weakref
from autograd_lite import Parameter, Value, dot, nn
x = Value(1.0)
y = x
for _ in range(200_000):
    y = y * 1.0 + x
"""


@in_c
def test_no_graph_is_too_deep_and_none_is_the_collectors_work() -> None:
    program = (
        chain
        + """
before = len(gc.get_objects())
y.backward()
print(y.data, x.grad, any(map(gc.is_tracked, (y, x, y.parents[0]))), before < 50_000)
del y
"""
    )
    assert run(program) == "200001.0 200001.0 False True"


@in_c
def test_a_node_takes_80_bytes() -> None:
    program = """
import tracemalloc
from autograd_lite import Value
x = Value(1.0)
y = x + x
tracemalloc.start()
for _ in range(100_000):
    y = y + x
print(round(tracemalloc.get_traced_memory()[0] / 100_000))"""
    assert run(program) == "80"


class Cell(Value):
    pass


def test_circles_are_collected() -> None:
    """A subclass that holds a node above it, a step that knows its node, a list of results.

    In C once there was a step: before it the collector knows subclasses, and no node above them.
    """

    class Held:
        pass

    def circles() -> "list[weakref.ref[Held]]":
        seen = [Held() for _ in range(3)]
        cell = Cell(2.0)
        cell.above, cell.held = cell * 3.0, seen[0]
        x = Value(1.0)
        node = Value(2.0, (x, x), "+")
        held = seen[1]
        node._backward = lambda: (held, node)
        context = [0.1]
        model = al.nn.MLP(1, [1])
        model.held = seen[2]
        context.append(model(context))
        return [weakref.ref(x) for x in seen]

    circles()
    assert [gone() for gone in (circles(), gc.collect())[0]] == [None] * 3


@in_c
def test_steps_of_ones_own_make_nodes_known_to_the_collector() -> None:
    """A step on the result of a row knows it: the first such graph stays, and no more."""
    program = """
import gc, sys
from autograd_lite import Value
def made():
    x = Value(1.0)
    y = x * 2.0
    y._backward = lambda: y
    return (y + 1.0).data
for _ in range(100):
    made()
gc.collect()
before = sys.getallocatedblocks()
for _ in range(1000):
    made()
gc.collect()
print(sys.getallocatedblocks() - before < 500)"""
    assert run(program) == "True"


def test_weak_references_are_for_parameters_and_subclasses() -> None:
    for kind in (Parameter, Cell):
        x = kind(1.0)
        gone = weakref.ref(x)
        y = x * 2.0
        del x
        assert gone() is not None
        del y
        assert gone() is None
    with pytest.raises(TypeError, match="weak reference"):
        weakref.ref(Value(1.0))


def test_a_subclass_that_makes_nodes_while_it_is_freed() -> None:
    freed = []

    class Loud(Value):
        def __del__(self) -> None:
            freed.append((Value(1.0) + self.data).data)

    y = Value(1.0)
    for k in range(3000):
        y = (Loud(0.5) if k % 3 == 0 else y) * y
    del y
    assert freed == [1.5] * 1000


def test_an_error_in_the_middle_leaves_no_trace() -> None:
    """Of a walk that was cut short too: a mark that stays would hide a node from the next one."""
    x, y = Value(-1.0), Value(3.0)
    for _ in range(100):
        for bad in (
            lambda: y / 0,
            lambda: (x * y).log(),
            lambda: dot([y], ["a"]),
            lambda: y + None,
        ):
            with pytest.raises((ArithmeticError, ValueError, TypeError)):
                bad()
    z = x * y
    z.backward()
    assert (x.grad, y.grad) == (3.0, -1.0)


@in_c
def test_no_memory_is_an_error_and_no_crash() -> None:
    _testcapi = pytest.importorskip("_testcapi")
    if not hasattr(_testcapi, "set_nomemory") or sys.version_info >= (3, 12):
        pytest.skip("3.12 and later crash by themselves, with the core in Python too")
    program = """
import gc, pickle, _testcapi
from autograd_lite import Parameter, Value, dot, topological_order, where
gc.disable()
x, y, big = Value(2.0), Parameter(3.0), Value(1.0)
for _ in range(300):
    big = big * x
def programs():
    yield lambda: x * y + 2.0
    yield lambda: (x ** 3.0).tanh() - abs(-x)
    yield lambda: dot([x, 1.0], [y, x], x)
    yield lambda: where(x, y, 1.0)
    yield lambda: big.backward()
    yield lambda: topological_order(big)
    yield lambda: Value(1.0, (x, y), (2.0, 3.0))
    yield lambda: setattr(x, "label", "a") or x.label
    yield lambda: (x < y, x == 2, x.partials, (x * y).partials)
    yield lambda: (x / y).log()
failed = 0
for program in programs():
    program()
    for start in range(60):
        _testcapi.set_nomemory(start, start + 1 + start % 3)
        try:
            program()
        except MemoryError:
            failed += 1
        except Exception:
            pass
        finally:
            _testcapi.remove_mem_hooks()
z = x * y
z.backward()
big.backward()
print(failed > 20, z.data, len(topological_order(big)))"""
    assert run(program) == "True 6.0 302"


def test_undefined_arithmetic_is_nothing_that_numpy_hears_of() -> None:
    """It looks at the processor's flags after a loop; Python raises before it divides by 0."""
    zero = Value(0.0)
    assert np.sqrt(np.array([zero]))[0].partials == (math.inf,)  # a warning is an error
    with pytest.raises(ZeroDivisionError):
        np.array([zero]) ** -1


def test_threads_share_leaves_and_free_each_others_graphs() -> None:
    x, results, errors = Parameter(1.5), [], []

    def work(seed: int) -> None:
        try:
            for k in range(60):
                y = x
                for _ in range(30):
                    y = (y * 0.5 + seed).tanh() + dot([x, y], [y, 1.0])
                results.append(y)
                if k % 3 == 0:
                    results.clear()
                gradient(y, [x])
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    (x * x).backward()
    assert math.isfinite(x.grad)


def test_kinds_and_copies() -> None:
    x = Cell(2.0)
    x.unit = "km"
    y = copy.deepcopy(x * Constant(3.0))
    assert [type(parent) for parent in y.parents] == [Cell, Constant]
    assert (y.parents[0].unit, pickle.loads(pickle.dumps(y)).data) == ("km", 6.0)
    assert type(ops.power(2.0)(x)) is Value
