"""What holds inside a ``with``: nested, after an exception, on one thread and not on another."""

import threading
from contextlib import ExitStack, contextmanager

import pytest

from autograd_lite import Value, gradient, log
from autograd_lite.engine.comparisons import (
    Purpose,
    comparisons,
    number_detached,
    recorded,
    recording,
)
from autograd_lite.engine.undefined import arithmetic, ieee_arithmetic

x, other = Value(-3.0, label="x"), Value(2.0, label="other")

#: How Python asks for the number of a Value.
ASKED = {
    "<": lambda x: x < 1.0, "<=": lambda x: x <= 1.0, ">": lambda x: x > 1.0,
    ">=": lambda x: x >= 1.0, "==": lambda x: x == 1.0, "!=": lambda x: x != 1.0,
    "bool": bool, "max": lambda x: max(0.5, x), "float": float,
    "round": lambda x: round(x, 1), "detach": lambda x: x.detach(),
}  # fmt: skip


@pytest.mark.parametrize("ask", ASKED.values(), ids=ASKED)
def test_whoever_asks_is_noted_by_the_innermost_alone(ask):
    with comparisons() as outer:
        ask(x)
        with comparisons() as inner:
            ask(other)
        assert inner == [other]
        with pytest.raises(ZeroDivisionError), comparisons():
            ask(other / 0.0)
        ask(x)
        assert outer == [x, x]
    ask(x)
    assert outer == [x, x]
    assert inner == [other]


def test_both_sides_of_a_comparison_are_noted_and_identity_is_none():
    with comparisons() as compared:
        assert x < other
        assert x != other
        assert {x: 1}[x] == 1
    assert compared == [x, other]


@pytest.mark.parametrize("inside", [False, True])
@pytest.mark.parametrize("values_only", [False, True])
def test_arithmetic_is_as_it_was_when_a_block_ends(inside, values_only):
    with ExitStack() as stack:
        if inside:
            stack.enter_context(ieee_arithmetic(values_only=not values_only))
        before = arithmetic.lenient, arithmetic.values_only
        with ieee_arithmetic(values_only):
            assert (arithmetic.lenient, arithmetic.values_only) == (True, values_only)
            with ieee_arithmetic():
                assert (arithmetic.lenient, arithmetic.values_only) == (True, False)
            assert (arithmetic.lenient, arithmetic.values_only) == (True, values_only)
        assert (arithmetic.lenient, arithmetic.values_only) == before
        with pytest.raises(ZeroDivisionError), ieee_arithmetic(values_only):
            1 / 0  # noqa: B018
        assert (arithmetic.lenient, arithmetic.values_only) == before
    assert (arithmetic.lenient, arithmetic.values_only) == (False, False)


@contextmanager
def beside(work):
    """Inside, another thread waits within a block of its own, or does what ``work`` does there."""
    barrier, found = threading.Barrier(2, timeout=20), []

    def run():
        try:
            work(barrier, found)
        except BaseException as error:
            found.append(error)
            barrier.abort()

    thread = threading.Thread(target=run)
    thread.start()
    barrier.wait()
    yield found
    barrier.wait()
    thread.join()


def test_threads_do_not_see_each_others_comparisons():
    def compares(barrier, found):
        with comparisons() as compared:
            assert other > 0.0
            barrier.wait()  # here the first thread compares
            barrier.wait()
            found += compared

    with comparisons() as mine:
        with beside(compares) as theirs:
            assert x < 0.0
        assert (mine, theirs) == ([x], [other])

    def asks(barrier, found):
        barrier.wait()  # here the first thread listens
        assert other > 0.0
        barrier.wait()

    with comparisons() as mine, beside(asks):
        assert x < 0.0
    assert mine == [x]


def test_threads_do_not_share_the_arithmetic():
    def is_lenient(barrier, found):
        with ieee_arithmetic():
            barrier.wait()
            barrier.wait()
            found.append(log(x).data)

    with beside(is_lenient) as found, pytest.raises(ValueError, match="no real answer"):
        log(x)
    assert len(found) == 1
    assert found[0] != found[0]

    def is_strict(barrier, found):
        barrier.wait()
        with pytest.raises(ValueError, match="no real answer"):
            log(x)
        found.append("raised")
        barrier.wait()

    with ieee_arithmetic(), beside(is_strict) as found:
        log(x)
    assert found == ["raised"]


def test_a_recording_holds_on_all_threads_and_ends():
    """A function may hand its work to a pool."""
    y = x * other

    def takes(barrier, found):
        barrier.wait()
        with pytest.raises(TypeError, match=r"float\(x\) takes a number out"):
            float(y)
        found.append(float(other))
        barrier.wait()

    with recording([x]), beside(takes) as found:
        pass
    assert (found, recorded) == ([2.0], {})


def test_recordings_nest_and_end_in_any_order():
    y, z = x * 2.0, other * 2.0
    first, second = recording([x]), recording([other])
    first.__enter__()
    with second:
        for taken in (y, z, y + z):
            with pytest.raises(TypeError):
                float(taken)
    assert float(z) == 4.0
    with pytest.raises(TypeError):
        float(y)
    second = recording([other])
    second.__enter__()
    first.__exit__(None, None, None)  # the outer one ends first, as on two threads
    assert float(y) == -6.0
    with pytest.raises(TypeError):
        float(z)
    second.__exit__(None, None, None)
    assert recorded == {}


#: What each purpose refuses of a node that depends on the arguments.
REFUSED = {
    "float(x)": (Purpose.PICTURE, float),
    "round(x)": (Purpose.PICTURE, round),
    "int(x)": (Purpose.PICTURE, int),
    "x.data": (Purpose.PICTURE, lambda y: y.data),
    "x.partials": (Purpose.PICTURE, lambda y: y.partials),
    "The grad that backward() gives": (Purpose.DERIVATIVE, lambda y: y.backward()),
    "A number assigned to x.data": (Purpose.DERIVATIVE, lambda y: setattr(y, "data", 1.0)),
    "x.detach()": (Purpose.PROGRAM, number_detached),
}


@pytest.mark.parametrize("purpose", Purpose)
@pytest.mark.parametrize("what", REFUSED)
def test_each_purpose_refuses_what_the_ones_before_it_refuse(purpose, what):
    least, act = REFUSED[what]
    argument = Value(0.5)
    with recording([argument], purpose):
        act(Value(0.5) * 2.0)  # nothing of the arguments is in it
        for node in (argument, argument * 2.0):
            if purpose >= least and not (what == "x.partials" and node is argument):
                with pytest.raises(TypeError) as caught:
                    act(node)
                assert str(caught.value).startswith(what)
                assert "test_comparisons.py, line " in str(caught.value)
            else:
                act(node)


def test_the_derivative_of_a_pole_leaves_arithmetic_strict():
    zero = Value(0.0)
    gradient(zero.sqrt(), [zero])
    assert (arithmetic.lenient, arithmetic.values_only) == (False, False)
