from __future__ import annotations

from pathlib import Path

import pytest

from spearmint.schedulers.batch.command import NoAnswerError, output_of, run


def test_output_as_one_line() -> None:
    answer = run(["sh", "-c", "echo one; echo; echo '  two' >&2; exit 3"])
    assert (answer.status, answer.out, answer.line) == (3, "one\n\n", "two one")
    assert run(["sh", "-c", "exit 4"]).line == "no output, exit status 4"


def test_command_that_cannot_be_run_or_hangs_is_an_answer(tmp_path: Path) -> None:
    assert run([str(tmp_path / "none")]).status == -1
    assert "No such file" in run([str(tmp_path / "none")]).line
    hung = run(["sleep", "60"], timeout_s=0.1)
    assert (hung.status, hung.line) == (-1, "sleep did not finish within 0.1 s")


def test_folder_and_environment(tmp_path: Path) -> None:
    answer = run(["/bin/sh", "-c", "pwd; echo $A"], folder=tmp_path, environment={"A": "b"})
    assert answer.out == f"{tmp_path}\nb\n"


def test_output_of_a_command_that_fails_is_an_error(tmp_path: Path) -> None:
    assert output_of(["/bin/sh", "-c", "echo $A"], environment={"A": "b"}) == "b\n"
    with pytest.raises(NoAnswerError, match=r"^two one$"):
        output_of(["sh", "-c", "echo one; echo two >&2; exit 3"])
    with pytest.raises(NoAnswerError, match="No such file"):
        output_of([str(tmp_path / "none")])
