"""Datasets: shapes, labels, seeds, and points that lie where the names say."""

import re

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


# --- without noise: equally spaced, over the full extent ------------------------------------------


def angles(points):
    """The angles of points around the origin, from the smallest up, from 0 to a full turn."""
    return np.sort(np.arctan2(points[:, 1], points[:, 0]) % (2 * np.pi))


@pytest.mark.parametrize("n", [2, 3, 4, 5, 50, 51])
def test_moons_are_half_circles_from_end_to_end(n):
    X, y = moons(n, noise=0.0)
    upper, lower = X[y == -1], [1.0, 0.5] - X[y == 1]
    assert (len(upper), len(lower)) == (n - n // 2, n // 2)
    for half in (upper, lower):
        assert np.hypot(*half.T) == pytest.approx(np.ones(len(half)))
        assert angles(half) == pytest.approx(np.linspace(0.0, np.pi, len(half)))


@pytest.mark.parametrize("n", [2, 3, 4, 5, 40, 41])
def test_circles_go_round_once_and_end_before_their_start(n):
    X, y = circles(n, noise=0.0, ratio=0.25)
    for label, radius, size in ((-1, 1.0, n - n // 2), (1, 0.25, n // 2)):
        circle = X[y == label]
        assert np.hypot(*circle.T) == pytest.approx(np.full(size, radius))
        assert angles(circle) == pytest.approx(2 * np.pi * np.arange(size) / size)


@pytest.mark.parametrize("classes", [2, 3, 5])
@pytest.mark.parametrize("turns", [0.75, 2.0, -0.25, 0.0])
def test_spirals_grow_evenly_while_they_turn(classes, turns):
    X, y = spirals(classes * 30 + 1, noise=0.0, classes=classes, turns=turns)
    assert y.dtype.kind == "i"
    for k in range(classes):
        arm = X[y == k]
        assert len(arm) == 30 + (k == 0)
        radius = np.hypot(*arm.T)
        arm, radius = arm[radius.argsort()], np.sort(radius)
        assert radius == pytest.approx(np.linspace(0.05, 1.0, len(arm)))
        angle = 2 * np.pi * (k / classes + turns * radius)
        assert arm == pytest.approx(radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1))


@pytest.mark.parametrize("n", [4, 5, 6, 7, 8, 40])
def test_xor_has_a_cloud_at_each_corner(n):
    X, y = xor(n, noise=0.0)
    assert np.abs(X).tolist() == np.ones((n, 2)).tolist()
    assert np.array_equal(y, -X[:, 0] * X[:, 1])
    counts = np.unique(X, axis=0, return_counts=True)[1]
    assert len(counts) == 4
    assert counts.max() - counts.min() <= 1


@pytest.mark.parametrize(
    ("short", "long"),
    [
        (moons, lambda: moons(n=100, noise=0.1, seed=0)),
        (circles, lambda: circles(n=100, noise=0.05, seed=0, ratio=0.5)),
        (spirals, lambda: spirals(n=150, noise=0.02, seed=0, classes=3, turns=0.75)),
        (xor, lambda: xor(n=100, noise=0.2, seed=0)),
    ],
)
def test_what_is_left_out_has_its_value(short, long):
    for ours, theirs in zip(short(), long(), strict=True):
        assert np.array_equal(ours, theirs)


# --- noise ----------------------------------------------------------------------------------------


@EVERY
def test_noise_is_normal_and_knows_neither_point_nor_axis(make):
    clean, labels = make(6000, noise=0.0)
    noisy, again = make(6000, noise=0.25)
    assert np.array_equal(labels, again)
    noise = (noisy - clean) / 0.25
    close = 5 / np.sqrt(6000)  # five standard deviations of a mean of 6000
    assert noise.mean(0) == pytest.approx([0, 0], abs=close)
    assert (noise**2).mean(0) == pytest.approx([1, 1], abs=2 * close)
    assert (noise**4).mean(0) == pytest.approx([3, 3], abs=10 * close)  # as a normal one's
    by = np.column_stack([noise, clean - clean.mean(0), labels - labels.mean()])
    correlation = np.corrcoef(by.T)[:2] - np.eye(2, 5)
    assert np.abs(correlation).max() < close
    next_one = np.corrcoef(noise[:-1].T, noise[1:].T)[:2, 2:]
    assert np.abs(next_one).max() < close
    same_point = make(6000, noise=0.5)[0] - clean
    assert same_point == pytest.approx(2 * (noisy - clean))


@EVERY
def test_the_order_is_shuffled_by_the_seed(make):
    (X, y), (other, labels) = make(60, noise=0.0), make(60, noise=0.0, seed=1)
    assert not np.array_equal(X, other)
    rows, others = (np.column_stack(data).tolist() for data in ((X, y), (other, labels)))
    assert sorted(rows) == sorted(others)


# --- limits ---------------------------------------------------------------------------------------


def test_the_number_of_points_may_come_from_an_array():
    for ours, theirs in zip(moons(np.int64(10)), moons(10), strict=True):
        assert np.array_equal(ours, theirs)
    assert np.array_equal(spirals(9, classes=np.int64(3))[0], spirals(9, classes=3)[0])


@pytest.mark.parametrize(
    ("make", "least"),
    [(moons, 2), (circles, 2), (xor, 4), (spirals, 3), (lambda n: spirals(n, classes=5), 5)],
)
def test_there_is_a_point_for_each_part(make, least):
    for n in (least, least + 1):
        X, _ = make(n, noise=0.0) if make in (moons, circles, xor) else make(n)
        assert len(X) == n
    for n in (least - 1, 0, -1):
        with pytest.raises(ValueError, match=f"number of points, {least} or more; got {n}"):
            make(n)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: moons(10.5), "got 10.5"),
        (lambda: moons(10, noise=-1e-300), "noise is a standard deviation, .* got -1e-300"),
        (lambda: xor(10, noise=np.nan), "got nan"),
        (lambda: spirals(10, noise=np.inf), "got inf"),
        (lambda: circles(10, ratio=1.0), "between 0 and 1; got 1.0"),
        (lambda: circles(10, ratio=0.0), "between 0 and 1; got 0.0"),
        (lambda: circles(10, ratio=np.nan), "got nan"),
        (lambda: spirals(10, classes=1), "number of spirals, 2 or more; got 1"),
        (lambda: spirals(10, classes=2.5), "got 2.5"),
        (lambda: spirals(10, turns=np.nan), "turns is a finite number .* got nan"),
        (lambda: spirals(10, turns=-np.inf), "got -inf"),
    ],
)
def test_bad_arguments_are_named(call, said):
    with pytest.raises(ValueError, match=said):
        call()


def test_a_ratio_up_to_its_limits():
    for ratio in (np.nextafter(0.0, 1.0), np.nextafter(1.0, 0.0)):
        X, y = circles(4, noise=0.0, ratio=ratio)
        assert np.hypot(*X[y == 1].T).tolist() == [ratio, ratio]


# --- messages, word for word ----------------------------------------------------------------------

SAID = [
    (
        lambda: moons(1),
        ValueError,
        "n is the number of points, 2 or more; got 1.",
    ),
    (
        lambda: xor(4.0),
        ValueError,
        "n is the number of points, 4 or more; got 4.0.",
    ),
    (
        lambda: moons(noise=-1.0),
        ValueError,
        "noise is a standard deviation, finite and 0 or more; got -1.0.",
    ),
    (
        lambda: circles(ratio=1.0),
        ValueError,
        "ratio is the inner radius, between 0 and 1; got 1.0.",
    ),
    (
        lambda: spirals(classes=1),
        ValueError,
        "classes is the number of spirals, 2 or more; got 1.",
    ),
    (
        lambda: spirals(turns=np.inf),
        ValueError,
        "turns is a finite number of times around; got inf.",
    ),
]


@pytest.mark.parametrize(("call", "error", "said"), SAID)
def test_messages_say_what_came_why_and_what_to_write(call, error, said):
    with pytest.raises(error, match=f"^{re.escape(said)}$"):
        call()
