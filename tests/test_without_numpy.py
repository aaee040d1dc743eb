"""Without NumPy the same numbers come out, in lists; what needs it says so."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpyfree import NEAR, PROGRAMS, REFUSED, plain

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def without():
    run = subprocess.run(
        [sys.executable, "-m", "tests.numpyfree"], cwd=HERE.parent, capture_output=True, text=True
    )
    assert run.stderr == ""
    return json.loads(run.stdout)


@pytest.mark.parametrize("name", PROGRAMS)
def test_answers_are_those_with_numpy(name, without):
    with_it = json.loads(json.dumps(plain(PROGRAMS[name]())))
    assert without[name] == with_it


@pytest.mark.parametrize("name", NEAR)
def test_answers_are_those_with_numpy_but_for_rounding(name, without):
    np.testing.assert_allclose(without[name], plain(NEAR[name]()), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", REFUSED)
def test_what_needs_numpy_says_so(name, without):
    assert "need NumPy, which is not installed: pip install numpy" in without["refused"][name]


def test_noise_is_as_large_as_with_numpy_and_the_seed_decides_it(without):
    (X, y), again, (other, _) = without["noise"]
    assert [X, y] == again
    assert other != X
    assert sorted(set(y)) == [-1.0, 1.0]
    outward = [np.hypot(*x) - 1 for x, label in zip(X, y, strict=True) if label < 0]
    assert 0.05 < np.std(outward) < 0.2


def test_what_is_installed_in_the_meantime_is_found(without):
    assert without["installed"] == [6.0, "ndarray"]


def test_what_works_without_numpy_does_not_load_it():
    program = """
import sys
import autograd_lite as ag
from autograd_lite import nn, optim
ag.grad(ag.sin)(1.0), ag.hessian(ag.sin)(1.0), optim.Newton(ag.cosh).minimise(1.0)
model = nn.MLP(2, [1])
optimiser = optim.SGD(model.parameters())
ag.fit(model, [[1.0, 2.0]], [1.0], loss=nn.mse_loss, optimiser=optimiser, epochs=1)
ag.diagnose(model([1.0, 2.0]), model), ag.step_through(model([1.0, 2.0])), ag.datasets, ag.plots
ag.course.check("double", abs)
assert "numpy" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], cwd=HERE.parent, check=True)
