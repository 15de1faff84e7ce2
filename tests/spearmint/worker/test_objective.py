from __future__ import annotations

import sys
from pathlib import Path

import pytest

from spearmint.errors import UserError
from spearmint.worker.objective import find, reason


@pytest.fixture(autouse=True)
def _modules_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "modules", dict(sys.modules))


def test_main_is_found_with_its_neighbours(tmp_path: Path) -> None:
    (tmp_path / "neighbour_x.py").write_text("VALUE = 5\n")
    code = "from neighbour_x import VALUE\nclass C: pass\ndef main(i, p): return VALUE\n"
    (tmp_path / "an é file.py").write_text(code)
    main = find(tmp_path, "an é file.py")
    assert main(1, {}) == 5
    assert sys.modules[main.__module__].C.__module__ == main.__module__


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("none.py", None, "expected a file in"),
        ("a.py", "x = 1", r"defines no main\(job_id, params\)"),
        ("b.py", "main = 3", "defines no main"),
        ("c.txt", "def main(i, p): pass", "expected a Python file"),
    ],
)
def test_main_that_is_not_there(tmp_path: Path, name: str, code: str | None, words: str) -> None:
    if code is not None:
        (tmp_path / name).write_text(code)
    with pytest.raises(UserError, match=words):
        find(tmp_path, name)


def test_no_file_outside_the_folder_is_run(tmp_path: Path) -> None:
    folder = tmp_path / "experiment"
    (folder / "inner").mkdir(parents=True)
    (tmp_path / "f.py").write_text("raise SystemExit('it was run')")
    for name in (str(tmp_path / "f.py"), "../f.py", "inner/../../f.py", "inner/../../../f.py"):
        with pytest.raises(UserError, match="expected a file inside"):
            find(folder, name)


def test_a_link_in_the_folder_is_followed(tmp_path: Path) -> None:
    folder = tmp_path / "experiment"
    folder.mkdir()
    (tmp_path / "shared.py").write_text("def main(i, p): return 7\n")
    (folder / "linked_x.py").symlink_to("../shared.py")
    assert find(folder, "linked_x.py")(1, {}) == 7


class Told(Exception):
    user_message = True


class Mute(Exception):
    def __str__(self) -> str:
        raise RuntimeError


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ValueError("a\n  b"), "ValueError: a b"),
        (Told("just this"), "just this"),
        (UserError("main-file: x"), "main-file: x"),
        (SystemExit(3), "SystemExit: the objective ended its process with 3"),
        (MemoryError(), "MemoryError at an unknown place"),
        (Mute(), "Mute at an unknown place"),
    ],
)
def test_reason_of_an_exception(error: BaseException, expected: str) -> None:
    assert reason(error) == expected
