from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from spearmint import processes
from spearmint.cleanup import main
from spearmint.control.search_lock import searched
from spearmint.worker.sealing import KEY_FILE

ROOT = Path(__file__).resolve().parents[2]


def cleanup(*arguments: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [str(ROOT / "cleanup.sh"), *arguments], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout, done.stderr


def add(one: Any, **fields: Any) -> None:
    with one.store as store:
        store.add_job("test", {"params": {}, **fields})
        store.add_job("other", {"params": {}})


def test_the_folder_of_hyperpower_is_accepted(experiment: Any) -> None:
    one = experiment(name="experiment/spearmint")
    add(one)
    status, out, _ = cleanup(str(one.folder.parent))
    assert status == 0
    assert "removed: test: 1 job and the state of the model" in out
    assert one.jobs() == []


def test_removes_the_key_of_the_databases_address(experiment: Any) -> None:
    one = experiment()
    add(one)
    key = one.folder / KEY_FILE
    key.write_bytes(b"x" * 32)
    status, out, _ = cleanup(str(one.folder))
    assert (status, out.splitlines()[-1], key.exists()) == (0, f"removed: {key}", False)


def test_removes_and_lists_its_own_files_only(experiment: Any) -> None:
    one = experiment(resources={"a": {}, "b": {"output-subdir": "out/b"}})
    add(one)
    for name in (
        "output/00000001.out",
        "output/mine.txt",
        "out/b/123456789.out",
        "out/b/00000002.pbs",
    ):
        path = one.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    (one.folder / "objective.py").unlink()
    status, out, _ = cleanup(str(one.folder))
    assert status == 0
    assert "removed: test: 1 job and the state of the model" in out
    assert "1 file; 1 other file stays" in out
    assert not (one.folder / "output" / "00000001.out").exists()
    assert (one.folder / "output" / "mine.txt").exists()
    assert not (one.folder / "out" / "b").exists()
    (one.folder / "objective.py").touch()
    with one.store as store:
        assert store.experiments() == ["other"]


def test_nothing_to_remove(experiment: Any) -> None:
    one = experiment(resources={"a": {}, "b": {"output-subdir": "b"}})
    (one.folder / "output").mkdir()
    (one.folder / "output" / "mine.txt").touch()
    status, out, _ = cleanup(str(one.folder))
    assert status == 0
    assert out.splitlines() == [
        "nothing to remove: test: no jobs in the database",
        f"nothing to remove: {one.folder}/output: no output of jobs; 1 other file stays",
        f"nothing to remove: {one.folder}/b: no such folder",
    ]


def test_running_experiment_is_left_alone(experiment: Any) -> None:
    one = experiment()
    add(one)
    with one.store as store:
        store.claim("test", 1, processes.identity() or "", 60)
    status, out, err = cleanup(str(one.folder))
    assert (status, out) == (2, "")
    assert "job 1 of test is running; stop it first" in err


def test_job_of_another_machine_is_left_alone_until_its_lease_has_run_out(experiment: Any) -> None:
    one = experiment()
    add(one)
    with one.store as store:
        store.claim("test", 1, "another-node/abc/1:5:5", 600)
    status, out, err = cleanup(str(one.folder))
    assert (status, out) == (2, "")
    assert err == "job 1 of test is running, on another machine; stop it first (Ctrl-C)\n"
    with one.store as store:
        store.beat("test", 1, 1, -1.0)
    assert cleanup(str(one.folder))[0] == 0


def test_search_between_two_jobs_is_left_alone(experiment: Any) -> None:
    one = experiment()
    add(one, controller=processes.identity())
    with one.store as store:
        store.claim("test", 1, f"{processes.host()}:999999999:1", 600)
        done = {"status": "complete", "values": {"main": 1.0}}
        assert store.update("test", 1, status="pending", attempt=1, changes=done)
    status, out, err = cleanup(str(one.folder))
    assert (status, out) == (2, "")
    assert err == f"test is being searched by the process {os.getpid()}; stop it first (Ctrl-C)\n"


def test_search_that_has_not_added_a_job_is_left_alone(experiment: Any) -> None:
    one = experiment()
    add(one)
    with searched(one.folder / "config.json"):
        status, out, err = cleanup(str(one.folder))
    assert (status, out) == (2, "")
    place = one.folder / "config.json"
    assert err == f"{place}: a search of it is running; stop it first (Ctrl-C)\n"
    assert len(one.jobs()) == 1


def test_library_that_is_not_installed(
    experiment: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    one = experiment()
    add(one)
    monkeypatch.delitem(sys.modules, "spearmint.processes")
    monkeypatch.delattr("spearmint.processes")
    monkeypatch.setitem(sys.modules, "psutil", None)
    assert main([str(one.folder)]) == 2
    assert capsys.readouterr().err == (
        f"psutil: not installed in {sys.executable}; "
        "requirements/install.sh installs it in .venv: use .venv/bin/python\n"
    )
    assert len(one.jobs()) == 1


@pytest.mark.parametrize("content", [None, "{", "[]", '{"tasks": 3}'])
def test_folder_that_is_not_an_experiment_is_refused(tmp_path: Path, content: str | None) -> None:
    (tmp_path / "output").mkdir()
    (tmp_path / "output" / "00000001.out").touch()
    if content is not None:
        (tmp_path / "config.json").write_text(content)
    status, out, err = cleanup(str(tmp_path))
    assert (status, out) == (2, "")
    assert "config.json" in err
    assert "Traceback" not in err
    assert (tmp_path / "output" / "00000001.out").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "the following arguments are required: DIR"),
        ([""], "argument DIR: got ''; expected a folder"),
        (["a" * 300], "DIR: got"),
        (["--all", "."], "--all: no such flag"),
    ],
)
def test_wrong_command_lines_remove_nothing(
    experiment: Any, arguments: list[str], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = experiment()
    add(one)
    monkeypatch.chdir(one.folder)
    status, out, err = cleanup(*arguments)
    assert (status, out) == (2, "")
    (line,) = err.splitlines()
    assert line.removeprefix("cleanup.sh: ").startswith(message)
    assert len(one.jobs()) == 1
