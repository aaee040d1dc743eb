"""files: the old file or the whole new one, and no trace of what went wrong."""

import errno
import os
from pathlib import Path

import pytest

from autograd_lite import files


@pytest.mark.parametrize("old", [None, b"old"])
@pytest.mark.parametrize(
    ("content", "found"),
    [("−1 ≤ σ\r\n", "−1 ≤ σ\r\n".encode()), (b"\x00\r\n\xff", b"\x00\r\n\xff"), ("", b"")],
)
def test_a_file_holds_what_was_written(tmp_path, content, found, old):
    path = tmp_path / "a.svg"
    if old is not None:
        path.write_bytes(old)
    for given in (path, str(path)):
        written = files.write(given, content)
        assert written == path
        assert isinstance(written, Path)
        assert path.read_bytes() == found
        assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("fails", ["open", "os.replace", "write"])
@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt, MemoryError])
def test_what_fails_leaves_the_old_file_and_no_other(tmp_path, monkeypatch, fails, error):
    path = tmp_path / "a.txt"
    path.write_text("old", "utf-8")

    def fail(*arguments, **_):
        if error is OSError:
            raise OSError(errno.ENOSPC, "No space left", str(arguments[0]))
        raise error

    content = "new"
    if fails == "write":  # a surrogate, which UTF-8 has not; after the file has been opened
        content, error = "\ud800", UnicodeEncodeError
    else:
        owner = files.os if "." in fails else files
        monkeypatch.setattr(owner, fails.split(".")[-1], fail, raising=False)
    with pytest.raises(error) as caught:
        files.write(path, content)
    assert path.read_text("utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]
    if error is OSError:
        assert (caught.value.filename, caught.value.errno) == (str(path), errno.ENOSPC)
        assert caught.value.strerror == "No space left"


def test_a_folder_that_is_not_there_is_named_by_the_path_that_was_given(tmp_path):
    path = tmp_path / "none" / "a.txt"
    with pytest.raises(FileNotFoundError) as caught:
        files.write(path, "new")
    assert caught.value.filename == str(path)


def test_a_file_of_the_temporary_name_belongs_to_another(tmp_path):
    path = tmp_path / "a.txt"
    theirs = tmp_path / f".a.txt.{os.getpid()}.tmp"
    theirs.write_text("theirs", "utf-8")
    with pytest.raises(FileExistsError):
        files.write(path, "new")
    assert theirs.read_text("utf-8") == "theirs"
    assert not path.exists()
