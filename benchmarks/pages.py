"""Pages of steps and of a film in Chromium: how large, how long to open, how long a step takes.

    python -m pip install ".[test]"
    python benchmarks/pages.py

Prints a table in Markdown. Opening is from the request to the end of the first drawing; a step is
its script, styles and layout, with nothing left for later; medians, and the slowest step of all.
The load of the machine is the first line, since the browser has processes of its own.
"""

import os
import random
import shutil
import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import Page, ViewportSize, sync_playwright

from autograd_lite import Parameter, Value, datasets, fit, step_through
from autograd_lite.nn import MLP, hinge_loss
from autograd_lite.optim import SGD
from autograd_lite.stepping import worked_example

ROUNDS = 5
WINDOW: ViewportSize = {"width": 1280, "height": 720}

OPENED = """() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(
  () => done(performance.now()))))"""

STEPS = """() => {
  const times = [], next = document.getElementById('next');
  while (next.getAttribute('aria-disabled') !== 'true') {
    const start = performance.now();
    next.click();
    document.body.offsetHeight;
    times.push(performance.now() - start);
  }
  return times;
}"""

FRAMES = """() => {
  const times = [], slider = document.getElementById('slider');
  for (let frame = 0; frame <= Number(slider.max); frame++) {
    const start = performance.now();
    slider.value = frame;
    slider.dispatchEvent(new Event('input'));
    for (const canvas of document.querySelectorAll('canvas'))
      canvas.getContext('2d').getImageData(0, 0, 1, 1);  // what was drawn is there
    times.push(performance.now() - start);
  }
  return times;
}"""


def neuron() -> Value:
    data = {"x1": 2.0, "w1": -3.0, "x2": 0.0, "w2": 1.0, "b": 6.8813735870195432}
    x1, w1, x2, w2, b = (
        (Value if name[0] == "x" else Parameter)(x, label=name) for name, x in data.items()
    )
    return (x1 * w1 + x2 * w2 + b).tanh()


def network(layers: list[int]) -> Value:
    random.seed(1)
    inputs = [Value(x, label=f"x{k}") for k, x in enumerate((1.0, -2.0, 0.5), start=1)]
    output = MLP(3, layers, activation="tanh")(inputs)
    assert isinstance(output, Value)
    return output


def of_steps(folder: Path, name: str, output: Value, expand: bool = False) -> Path:
    made = step_through(output, expand=expand, max_steps=None)
    count = f"{len(made.walk.order)} values, {len(made.steps)} steps"
    return made.save(folder / f"{name}, {count}.html")


def of_moons(folder: Path) -> Path:
    random.seed(0)
    X, y = datasets.moons(100, noise=0.1)
    model = MLP(2, [16, 16, 1], activation="tanh")
    film = fit(
        model, X, y, loss=hinge_loss, optimiser=SGD(model.parameters(), 0.5), epochs=100,
        compiled=True, record=True,
    ).film  # fmt: skip
    assert film is not None
    return film.save(folder / "film of moons, 100 epochs, 337 parameters.html")


def measured(page: Page, path: Path) -> tuple[float, list[float]]:
    """Milliseconds until the page stands, and those of each step or frame."""
    page.goto("about:blank")
    page.goto(path.as_uri())
    opened = page.evaluate(OPENED)
    return opened, page.evaluate(STEPS if page.locator("#next").count() else FRAMES)


def main() -> None:
    with tempfile.TemporaryDirectory() as name, sync_playwright() as driver:
        folder = Path(name)
        E, _ = worked_example()
        paths = [
            of_steps(folder, "neuron", neuron()),
            of_steps(folder, "2-2-2 network", E),
            of_steps(folder, "2-2-2 network in × and +", E, expand=True),
            of_steps(folder, "3-4-3-1 network in × and +", network([4, 3, 1]), expand=True),
            of_steps(folder, "3-9-6-1 network in × and +", network([9, 6, 1]), expand=True),
            of_moons(folder),
        ]
        found = os.environ.get("CHROMIUM") or shutil.which("chromium")
        browser = driver.chromium.launch(executable_path=found, args=["--no-sandbox"])
        page = browser.new_page(viewport=WINDOW)
        rows: dict[Path, list[tuple[float, list[float]]]] = {path: [] for path in paths}
        for _ in range(ROUNDS):  # in turns: a busy machine slows all
            for path in paths:
                rows[path].append(measured(page, path))
        load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
        print(f"Chromium {browser.version}, {os.cpu_count()} cores{load}\n")
        print("| page | size | opens | a step or frame | the slowest |\n|---|--:|--:|--:|--:|")
        for path, runs in rows.items():
            opened = statistics.median(opened for opened, _ in runs)
            steps = [statistics.median(times) for times in zip(*(t for _, t in runs), strict=True)]
            print(
                f"| {path.stem} | {path.stat().st_size / 1000:.0f} KB | {opened:.0f} ms "
                f"| {statistics.median(steps):.1f} ms | {max(steps):.1f} ms |"
            )
        browser.close()


if __name__ == "__main__":
    main()
