from __future__ import annotations

from pathlib import Path

import pytest

from spearmint.schedulers.batch.command import Unanswered, ask, told


def test_what_a_command_says_is_one_line() -> None:
    answer = ask(["sh", "-c", "echo one; echo; echo '  two' >&2; exit 3"])
    assert (answer.status, answer.out, answer.said) == (3, "one\n\n", "two one")
    assert ask(["sh", "-c", "exit 4"]).said == "nothing, and ended with status 4"


def test_command_that_cannot_be_run_or_says_nothing_is_an_answer(tmp_path: Path) -> None:
    assert ask([str(tmp_path / "none")]).status == -1
    assert "No such file" in ask([str(tmp_path / "none")]).said
    hung = ask(["sleep", "60"], patience_s=0.1)
    assert (hung.status, hung.said) == (-1, "sleep gave no answer within 0.1 s")


def test_command_runs_where_and_with_what_it_is_told(tmp_path: Path) -> None:
    answer = ask(["/bin/sh", "-c", "pwd; echo $A"], folder=tmp_path, environment={"A": "b"})
    assert answer.out == f"{tmp_path}\nb\n"


def test_what_ended_well_is_told_and_all_else_is_no_answer(tmp_path: Path) -> None:
    assert told(["/bin/sh", "-c", "echo $A"], environment={"A": "b"}) == "b\n"
    with pytest.raises(Unanswered, match=r"^two one$"):
        told(["sh", "-c", "echo one; echo two >&2; exit 3"])
    with pytest.raises(Unanswered, match="No such file"):
        told([str(tmp_path / "none")])
