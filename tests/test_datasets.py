"""Datasets: shapes, labels, seeds, and points that lie where the names say."""

import numpy as np
import pytest

from autograd_lite.datasets import circles, moons, spirals, xor

EVERY = pytest.mark.parametrize("make", [moons, circles, spirals, xor])


@EVERY
@pytest.mark.parametrize("n", [100, 7])
def test_shapes_types_and_finite(make, n):
    X, y = make(n)
    assert X.shape == (n, 2)
    assert y.shape == (n,)
    assert X.dtype == np.float64
    assert np.isfinite(X).all()


@EVERY
def test_the_seed_decides_the_points(make):
    X, y = make(40, seed=3)
    again_X, again_y = make(40, seed=3)
    other_X, _ = make(40, seed=4)
    assert np.array_equal(X, again_X)
    assert np.array_equal(y, again_y)
    assert not np.array_equal(X, other_X)


@EVERY
def test_classes_are_as_even_as_can_be_and_shuffled(make):
    _, y = make(60)
    counts = np.unique(y, return_counts=True)[1]
    assert counts.max() - counts.min() <= 1
    assert (np.diff(y) != 0).sum() > len(counts) + 5


@EVERY
def test_numpys_global_state_is_left_alone(make):
    np.random.seed(5)  # noqa: NPY002
    expected = np.random.random()  # noqa: NPY002
    np.random.seed(5)  # noqa: NPY002
    make(20)
    assert np.random.random() == expected  # noqa: NPY002


def test_moons_without_noise_lie_on_their_half_circles():
    X, y = moons(50, noise=0.0)
    upper, lower = X[y == -1], X[y == 1]
    assert np.hypot(*upper.T) == pytest.approx(np.ones(25))
    assert np.hypot(*(lower - [1.0, 0.5]).T) == pytest.approx(np.ones(25))
    assert upper[:, 1].min() >= 0.0
    assert lower[:, 1].max() <= 0.5


def test_circles_spirals_and_xor_lie_where_they_should():
    X, y = circles(40, noise=0.0, ratio=0.25)
    assert np.hypot(*X[y == 1].T) == pytest.approx(np.full(20, 0.25))
    assert np.hypot(*X[y == -1].T) == pytest.approx(np.ones(20))
    X, y = spirals(90, noise=0.0, classes=3)
    assert y.dtype.kind == "i"
    tips = [X[y == arm][np.hypot(*X[y == arm].T).argmax()] for arm in range(3)]
    assert np.sum(tips, axis=0) == pytest.approx(np.zeros(2))  # 120° from one to the next
    X, y = xor(80, noise=0.1)
    assert np.array_equal(y, -np.sign(X[:, 0] * X[:, 1]))


def test_noise_is_a_standard_deviation():
    clean, _ = moons(4000, noise=0.0, seed=1)
    noisy, _ = moons(4000, noise=0.25, seed=1)
    assert (noisy - clean).std() == pytest.approx(0.25, rel=0.05)


def test_the_number_of_points_may_come_from_an_array():
    assert len(moons(np.int64(10))[0]) == 10


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: moons(1), "2 or more; got 1"),
        (lambda: moons(10.5), "got 10.5"),
        (lambda: xor(3), "4 or more; got 3"),
        (lambda: moons(10, noise=-1.0), "noise is a standard deviation"),
        (lambda: circles(10, ratio=1.0), "between 0 and 1; got 1.0"),
        (lambda: spirals(10, classes=1), "at least two classes"),
    ],
)
def test_bad_arguments_are_named(call, said):
    with pytest.raises(ValueError, match=said):
        call()
