"""few_collections: fewer visits of the cycle collector, and everything back at the end."""

import gc

import pytest

from autograd_lite import Value, few_collections


def collections_of(length):
    gc.collect()
    before = sum(generation["collections"] for generation in gc.get_stats())
    x = y = Value(1.0)
    for _ in range(length):
        y = y + x
    return sum(generation["collections"] for generation in gc.get_stats()) - before


def test_the_collector_runs_less_often():
    assert collections_of(50_000) >= 20
    with few_collections():
        assert collections_of(50_000) == 0
    with few_collections(every=10_000):
        assert 1 <= collections_of(50_000) <= 5


def test_the_threshold_comes_back():
    before = gc.get_threshold()
    with few_collections(), few_collections(5):
        assert gc.get_threshold()[0] == 100_000
    with pytest.raises(ZeroDivisionError), few_collections():
        Value(1.0) / 0.0
    assert gc.get_threshold() == before


def test_a_collector_switched_off_stays_off():
    before = gc.get_threshold()
    gc.set_threshold(0)
    try:
        with few_collections():
            assert gc.get_threshold()[0] == 0
    finally:
        gc.set_threshold(*before)
