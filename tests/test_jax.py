"""The page about JAX, run as it stands: many devices, by hand and by itself, and exported."""

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

if not find_spec("jax"):
    pytest.skip("JAX is not installed", allow_module_level=True)

ROOT = Path(__file__).parent.parent
CHECKS = """
def same(found, *arguments):
    for ours, theirs in zip(program.value_and_grad(*arguments), found, strict=True):
        np.testing.assert_allclose(np.asarray(theirs), ours, rtol=1e-12, atol=1e-15)

assert len(jax.devices()) == 8
same((loss, gradient), p, X, y)
same((same_loss, same_gradient), p, X, y)
same((few_loss, few_gradient), p, X[:5], y[:5])
text = by_hand.lower(*arguments).compile().as_text()
assert text.count(" all-reduce(") == 1 and " all-gather(" not in text
"""


def run(*command: str) -> str:
    environment = {
        **os.environ,
        "PYTHONPATH": f"{ROOT}{os.pathsep}{os.environ.get('PYTHONPATH', '')}",
        "JAX_PLATFORMS": "cpu",
    }
    done = subprocess.run(
        [sys.executable, *command], env=environment, capture_output=True, text=True, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def test_the_page(tmp_path: Path) -> None:
    """Eight devices: one message for a gradient right to 1e-12, and an export for any batch."""
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "docs/jax.md").read_text("utf-8"), re.S)
    assert len(blocks) == 4
    script = tmp_path / "page.py"
    script.write_text("".join([*blocks, CHECKS]), "utf-8")
    run(str(script))


@pytest.mark.skipif(not find_spec("flatbuffers"), reason="exports are written with flatbuffers")
def test_an_export_runs_where_the_package_is_not(tmp_path: Path) -> None:
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "docs/jax.md").read_text("utf-8"), re.S)
    file = tmp_path / "loss.hlo"
    script = tmp_path / "page.py"
    keep = f"""
open({str(file)!r}, "wb").write(exported.serialize())
np.savez({str(file)!r} + ".npz", p=p, X=X, y=y, gradient=program.value_and_grad(p, X, y)[1])
"""
    script.write_text("".join([blocks[0], blocks[3], keep]), "utf-8")
    run(str(script))
    elsewhere = f"""
import sys, jax, numpy as np
from jax import export
jax.config.update("jax_enable_x64", True)
given = np.load({str(file)!r} + ".npz")
loss, gradient = export.deserialize(open({str(file)!r}, "rb").read()).call(
    given["p"], given["X"], given["y"]
)
np.testing.assert_allclose(gradient, given["gradient"], rtol=1e-12, atol=1e-15)
assert "autograd_lite" not in sys.modules
"""
    run("-c", elsewhere)


@pytest.mark.skipif(
    os.environ.get("JAX_PROCESSES") != "1",
    reason="two processes take half a minute: JAX_PROCESSES=1",
)
def test_two_processes_train_as_one_does() -> None:
    assert "of 2 differ by" in run("docs/jax_processes.py")
