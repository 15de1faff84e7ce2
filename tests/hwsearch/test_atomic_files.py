"""Writing whole files."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from hwsearch.atomic_files import create_json, write_atomic, write_json, write_json_after


def test_bytes_and_text_as_given(tmp_path: Path) -> None:
    path = tmp_path / 'a "b" é.txt'
    write_atomic(path, "x\r\né")
    assert path.read_bytes() == "x\r\né".encode()
    write_atomic(path, b"\0")
    assert path.read_bytes() == b"\0"
    assert list(tmp_path.iterdir()) == [path]


def test_permissions_are_the_users_usual(tmp_path: Path) -> None:
    (tmp_path / "usual").touch()
    write_atomic(tmp_path / "ours", "x")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_a_failure_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "folder"
    path.mkdir()
    (path / "kept").touch()
    with pytest.raises(OSError):  # noqa: PT011 - which one depends on the system
        write_atomic(path, "x")
    assert list(tmp_path.iterdir()) == [path]
    assert list(path.iterdir()) == [path / "kept"]


@pytest.mark.parametrize("number", [1e-7, 0.1 + 0.2, 5e-324, 2**53])
def test_json_numbers_come_back_exactly(tmp_path: Path, number: float) -> None:
    write_json(tmp_path / "a.json", {"é": number})
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8")) == {"é": number}


def test_a_file_for_which_there_is_no_room_is_named(tmp_path: Path) -> None:
    code = (
        "import resource, sys\n"
        "from hwsearch.atomic_files import write_atomic\n"
        "unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (10, unlimited[1]))\n"
        "try:\n"
        "    write_atomic(sys.argv[1], b'x' * 100)\n"
        "except OSError as error:\n"
        "    print(error.filename)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)\n"
    )
    path = tmp_path / "a.json"
    path.write_text("old")
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == (f"{path}\n", "")
    assert [file.name for file in tmp_path.iterdir()] == ["a.json"]
    assert path.read_text() == "old"


@pytest.mark.parametrize("links", [True, False])
def test_a_file_is_created_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    if not links:
        monkeypatch.setattr(Path, "hardlink_to", refuse)
    path = tmp_path / "a b.json"
    assert create_json(path, {"a": 1})
    assert not create_json(path, {"a": 2})
    assert json.loads(path.read_text()) == {"a": 1}
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_cannot_be_created(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        create_json(tmp_path / "no folder" / "a.json", 1)


def test_json_about_files_comes_after_them(tmp_path: Path) -> None:
    path, place, stale = (tmp_path / name for name in ("about.json", "model", "stale"))
    new = tmp_path / "new"
    new.write_text("new")
    stale.write_text("old")
    write_json_after(path, {"model": 2}, {place: new, stale: None})
    assert json.loads(path.read_text()) == {"model": 2}
    assert place.read_text() == "new"
    assert sorted(tmp_path.iterdir()) == [path, place]
    with pytest.raises(FileNotFoundError):
        write_json_after(path, {"model": 3}, {place: tmp_path / "none"})
    assert json.loads(path.read_text()) == {"model": 2}
    assert sorted(tmp_path.iterdir()) == [path, place]
