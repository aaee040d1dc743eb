"""Machine code between runs: kept once, trusted only where nobody else could have written it."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from autograd_lite import Parameter, compile
from autograd_lite.compiler.machine import assemble, kept

CODE = b"code" * 100
posix = pytest.mark.skipif(sys.platform == "win32", reason="files there have other permissions")


class Maker:
    """Makes the code, and counts how often."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> bytes:
        self.calls += 1
        return CODE


@pytest.fixture
def make() -> Maker:
    return Maker()


@pytest.fixture
def where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(kept.SWITCH, str(tmp_path / "kept"))
    return tmp_path / "kept"


def only_file(where: Path) -> Path:
    (path,) = where.iterdir()
    return path


def test_code_is_made_once_for_all_that_it_depends_on(where: Path, make: Maker) -> None:
    for depends in (("a", "b"), ("a", "b"), ("ab", ""), ("a", "b", ""), ("a", "b")):
        assert kept.kept(depends, make) == CODE
    assert make.calls == len(list(where.iterdir())) == 3


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def flipped(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1] + b"\xff")


def of_another_name(path: Path) -> None:
    kept.kept(["another"], lambda: b"another code")
    (other,) = [x for x in path.parent.iterdir() if x != path]
    os.replace(other, path)


def open_to_others(path: Path) -> None:
    path.chmod(0o666)


def folder_open_to_others(path: Path) -> None:
    path.parent.chmod(0o777)


def linked(path: Path) -> None:
    elsewhere = path.parent.parent / "elsewhere"
    os.replace(path, elsewhere)
    path.symlink_to(elsewhere)


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("spoil", [cut, empty, flipped, of_another_name, a_folder])
def test_spoilt_files_are_not_run(spoil: Callable[[Path], None], where: Path, make: Maker) -> None:
    kept.kept(["x"], make)
    spoil(only_file(where))
    assert kept.kept(["x"], make) == CODE
    assert make.calls == 2


@posix
@pytest.mark.parametrize("spoil", [open_to_others, folder_open_to_others, linked])
def test_what_others_may_write_is_not_run(
    spoil: Callable[[Path], None], where: Path, make: Maker
) -> None:
    kept.kept(["x"], make)
    spoil(only_file(where))
    assert kept.kept(["x"], make) == CODE
    assert make.calls == 2


def test_a_file_in_the_place_of_the_folder_is_left_alone(where: Path, make: Maker) -> None:
    where.write_text("mine")
    assert kept.kept(["x"], make) == kept.kept(["x"], make) == CODE
    assert (make.calls, where.read_text()) == (2, "mine")


def test_what_was_used_longest_ago_goes_first(
    where: Path, make: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "LIMIT", 4 * (len(CODE) + kept.DIGEST))
    for k in range(4):
        kept.kept([str(k)], make)
    where.mkdir(exist_ok=True)
    for k, path in enumerate(sorted(where.iterdir())):
        os.utime(path, (k, k))
    oldest = min(where.iterdir(), key=lambda path: path.stat().st_mtime)
    kept.kept(["more"], make)
    assert not oldest.exists()
    assert sum(path.stat().st_size for path in where.iterdir()) <= kept.LIMIT * 3 // 4


def test_nothing_is_kept_where_that_is_switched_off(
    monkeypatch: pytest.MonkeyPatch, make: Maker
) -> None:
    monkeypatch.setenv(kept.SWITCH, "off")
    assert kept.folder() is None
    assert kept.kept(["x"], make) == kept.kept(["x"], make) == CODE
    assert make.calls == 2


def test_the_folder_is_the_users_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(kept.SWITCH)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert kept.folder() == tmp_path / "autograd_lite"
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    assert kept.folder() == tmp_path / "autograd_lite" / "Cache"
    monkeypatch.setattr(sys, "platform", "darwin")
    assert kept.folder() == Path.home() / "Library" / "Caches" / "autograd_lite"


def test_a_program_is_compiled_once_and_when_it_is_asked_for(
    where: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("llvmlite", reason="machine code needs llvmlite")
    x = Parameter(0.5)
    first = compile(x.tanh() * x, native=True)
    assert len(list(where.iterdir())) == 1  # value and gradient, and nothing was called yet
    alone = first.value([0.3])
    assert len(list(where.iterdir())) == 2
    monkeypatch.setattr(assemble, "_compiled", None)
    again = compile(x.tanh() * x, native=True)
    value, slopes = again.value_and_grad([0.3])
    assert again.value([0.3]) == alone
    assert (value, slopes.tolist()) == (alone, first.value_and_grad([0.3])[1].tolist())
