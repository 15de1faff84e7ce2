from pathlib import Path

from spearmint.schedulers.command import ask


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
