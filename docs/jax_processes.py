"""A network trained on JAX by two processes, each with half of the samples, and by one.

    python docs/jax_processes.py

Each process has one device. Where there are several machines, each runs one process, with the
address of the first instead of 127.0.0.1. The processes never load autograd_lite: they get the
text of the program.
"""

import json
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

PROCESSES, STEPS, RATE = 2, 100, 0.5


def work(folder: Path, number: int, count: int, port: int) -> None:
    """One process: its share of the samples, a hundred steps, the parameters it ends with."""
    import jax
    import numpy as np
    from jax.sharding import Mesh, NamedSharding, PartitionSpec

    jax.config.update("jax_platforms", "cpu")
    jax.config.update("jax_enable_x64", True)
    if count > 1:
        jax.config.update("jax_cpu_collectives_implementation", "gloo")
        jax.distributed.initialize(f"127.0.0.1:{port}", count, number)
    printed: dict = {}
    exec((folder / "program.py").read_text("utf-8"), printed)
    value_and_grad = printed["value_and_grad"]
    given = np.load(folder / "data.npz")
    mesh = Mesh(np.array(jax.devices()), ("data",))
    whole, spread = (NamedSharding(mesh, PartitionSpec(*axes)) for axes in ((), ("data",)))
    mine = slice(number * len(given["X"]) // count, (number + 1) * len(given["X"]) // count)
    X, y = (
        jax.make_array_from_process_local_data(spread, given[name][mine]) for name in ("X", "y")
    )
    p = jax.make_array_from_process_local_data(whole, given["p"])
    step = jax.jit(lambda p, X, y: p - RATE * value_and_grad(p, X, y)[1], out_shardings=whole)
    for _ in range(STEPS):
        p = jax.block_until_ready(step(p, X, y))
    assert "autograd_lite" not in sys.modules
    found = np.asarray(p.addressable_data(0)).tolist()
    (folder / f"{count}-{number}.json").write_text(json.dumps(found), "utf-8")


def run(folder: Path, count: int) -> list[list[float]]:
    """So many processes at once."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    started = [
        subprocess.Popen([sys.executable, __file__, str(folder), str(k), str(count), str(port)])
        for k in range(count)
    ]
    codes = [process.wait() for process in started]
    if any(codes):
        raise SystemExit("a process failed")
    return [json.loads((folder / f"{count}-{k}.json").read_text("utf-8")) for k in range(count)]


def main() -> None:
    import random

    import numpy as np

    from autograd_lite import compile, nn

    random.seed(0)
    model = nn.MLP(2, [8, 1])
    X = np.random.default_rng(0).normal(size=(64, 2))
    y = np.sign(X[:, 0] * X[:, 1])
    program = compile(lambda x, y: (1 - y * model(x)).relu(), inputs=[X, y], batch="mean")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "program.py").write_text(program.to_source(xp="jax.numpy"), "utf-8")
        np.savez(folder / "data.npz", X=X, y=y, p=program.vector)
        (alone,) = run(folder, 1)
        together = run(folder, PROCESSES)
    before, after = (program.value(np.array(p), X, y) for p in (program.vector, alone))
    difference = max(np.abs(np.subtract(p, alone)).max() for p in together)
    print(f"loss {before:.4f} to {after:.4f} in {STEPS} steps; parameters of one process")
    print(f"and of {PROCESSES} differ by {difference:.1e}")
    if difference > 1e-12:
        raise SystemExit("they are not the same")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        work(Path(sys.argv[1]), *map(int, sys.argv[2:]))
    else:
        main()
