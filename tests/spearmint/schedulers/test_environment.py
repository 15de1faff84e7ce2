from __future__ import annotations

from pathlib import Path

import pytest

from spearmint.errors import UserError
from spearmint.schedulers.environment import ROOT, environment, module_paths, without_password


def test_variables_of_a_file_are_added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INHERITED", "line 1\nline 2")
    file = tmp_path / "the 'env"
    file.write_text("PLAIN='a b'\nexport SHOWN=$PLAIN-c\nPYTHONPATH=rel\necho noise\n")
    found = environment(file)
    assert (found["PLAIN"], found["SHOWN"]) == ("a b", "a b-c")
    assert found["INHERITED"] == "line 1\nline 2"
    root, relative = found["PYTHONPATH"].split(":")
    assert (Path(root) / "spearmint").is_dir()
    assert Path(relative).is_absolute()


def test_without_a_file_only_module_paths_are_added(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "/a")
    monkeypatch.setenv("OTHER", "x")
    found = environment(None)
    assert (found["PYTHONPATH"], found["OTHER"]) == (f"{ROOT}:/a", "x")


def test_this_repository_comes_first_and_no_folder_twice() -> None:
    variables = {"PYTHONPATH": f"/a::{ROOT}:rel:/a"}
    assert module_paths(variables) == [str(ROOT), "/a", str(Path("rel").absolute())]
    assert module_paths({}) == [str(ROOT)]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("echo broken >&2\nreturn 3\n", "status 3: broken"),
        ("false\nreturn 1", r"status 1: \(no output\)"),
        ("if\n", "syntax error"),
    ],
)
def test_file_that_fails_is_an_error(tmp_path: Path, text: str, line: str) -> None:
    file = tmp_path / "env"
    file.write_text(text)
    with pytest.raises(UserError, match=line) as caught:
        environment(file)
    assert str(caught.value).startswith(f"environment-file: {file}: ")
    assert "\n" not in str(caught.value)


def test_only_an_address_with_a_password_is_left_out() -> None:
    kept = {"A": "mongodb://me:pw@host", "SPEARMINT_DB_ADDRESS": "mongodb://me@host:1"}
    assert without_password(kept) == kept
    hidden = {"A": "x", "SPEARMINT_DB_ADDRESS": "mongodb://me:pw@host:1"}
    assert without_password(hidden) == {"A": "x"}
    assert without_password({}) == {}
