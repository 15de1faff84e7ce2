"""run_tool.sh as a user runs it: databases, exit statuses, and that nothing is left behind."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from spearmint.database import connect
from tests.environment import unmeasured
from tests.servers import mongo
from tests.small_template import TEMPLATE

ROOT = Path(__file__).resolve().parents[1]
# A bound that is known after the training needs no measuring and no process that checks candidates.
BOUND = ["--constraint", "training_time", "--constraint_val", "1h"]
FLAGS = ["--optimize", "error", *BOUND, "--epochs", "1"]

pytestmark = [pytest.mark.slow]


@pytest.fixture
def experiment(tmp_path: Path) -> Path:
    folder = tmp_path / "an experiment's folder"
    (folder / "keras_model").mkdir(parents=True)
    (folder / "keras_model" / "network_def.py").write_text(TEMPLATE, encoding="utf-8")
    return folder


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """The tests' own, with a `mongod` on PATH: a real one, or the tests' server in its place."""
    if reason := mongo.missing():
        if mongo.required():
            pytest.fail(reason)
        pytest.skip(reason)
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "mongod").symlink_to(mongo.executable())
    return unmeasured() | {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}


def command(experiment: Path, *flags: str) -> list[str]:
    return [str(ROOT / "run_tool.sh"), "--experiment", str(experiment), *FLAGS, *flags]


def run(argv: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        argv, env=environment, capture_output=True, text=True, check=False, timeout=280
    )


def mongods_of(experiment: Path) -> list[str]:
    """Command lines of running servers whose files lie under the experiment."""
    found = []
    for process in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            line = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if process.name.isdigit() and str(experiment / "mongodb") in line and "port" in line:
                found.append(line)
    return found


def experiment_name(experiment: Path) -> str:
    config = json.loads((experiment / "spearmint" / "config.json").read_text(encoding="utf-8"))
    return str(config["experiment-name"])


@contextlib.contextmanager
def statuses(experiment: Path) -> Iterator[list[str]]:
    """Statuses of the jobs, read after the run from its own files by a server of ours."""
    with mongo.started(experiment / "mongodb") as server:
        database = connect(server.address)
        try:
            yield [job["status"] for job in database.jobs(experiment_name(experiment))]
        finally:
            database.close()


@pytest.mark.server
def test_mongod_is_started_kept_and_stopped(experiment: Path, environment: dict[str, str]) -> None:
    done = run(command(experiment, "--max_finished_jobs", "1"), environment)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^database: mongod on 127\.0\.0\.1:\d+", done.stdout, re.MULTILINE)
    assert "Best network under the budget" in done.stdout
    assert mongods_of(experiment) == []

    done = run(command(experiment, "--max_finished_jobs", "2", "--resume"), environment)
    assert done.returncode == 0, done.stdout + done.stderr
    with statuses(experiment) as found:
        assert found == ["complete"] * 2


@pytest.mark.server
@pytest.mark.parametrize(("sent", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_stops_what_it_started_and_keeps_results(
    experiment: Path, environment: dict[str, str], sent: signal.Signals, status: int
) -> None:
    process = subprocess.Popen(
        command(experiment, "--max_finished_jobs", "1000"),
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        process_group=0,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("job 1: "):
            break
    os.killpg(process.pid, sent)  # as a terminal does
    rest = process.stdout.read()
    process.stdout.close()
    assert process.wait(timeout=120) == status, rest
    assert "Traceback" not in rest
    assert mongods_of(experiment) == []
    with statuses(experiment) as found:
        assert found[0] == "complete"
        assert "pending" not in found


@pytest.mark.server
def test_files_in_use_by_the_mongod_of_a_killed_run(
    experiment: Path, environment: dict[str, str]
) -> None:
    (experiment / "mongodb").mkdir()
    with mongo.started(experiment / "mongodb") as left_behind:
        done = run(command(experiment, "--max_finished_jobs", "1"), environment)
        assert left_behind.process.poll() is None
    assert done.returncode == 2
    assert f"kill {left_behind.process.pid}" in done.stderr
    assert not (experiment / "spearmint").exists()


def test_sqlite_without_a_mongod(experiment: Path) -> None:
    folders = [
        folder
        for folder in os.environ["PATH"].split(os.pathsep)
        if not (Path(folder) / "mongod").exists()
    ]
    done = run(
        command(experiment, "--max_finished_jobs", "1"),
        unmeasured() | {"PATH": os.pathsep.join(folders)},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    database = connect(f"sqlite:{experiment / 'mongodb' / 'spearmint.sqlite'}")
    assert [job["status"] for job in database.jobs(experiment_name(experiment))] == ["complete"]
    database.close()


def test_a_mistake_of_the_user_is_one_line_and_status_2(tmp_path: Path) -> None:
    done = run(command(tmp_path / "nowhere"), unmeasured())
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "nowhere" in done.stderr


@pytest.mark.parametrize("script", ["run_tool.sh", "cleanup.sh"])
def test_a_link_to_it_and_cdpath(tmp_path: Path, script: str) -> None:
    link = tmp_path / "a link"
    link.symlink_to(ROOT / script)
    for program, cwd in ((str(link), tmp_path), (f"{ROOT.name}/{script}", ROOT.parent)):
        done = subprocess.run(
            [program, "--help"],
            cwd=cwd,
            env=os.environ | {"CDPATH": str(ROOT.parent)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith("usage: ")


def test_an_optimised_cost_gets_no_constraint_of_the_example() -> None:
    done = run([str(ROOT / "run_tool.sh"), "--optimize=runtime"], dict(os.environ))
    assert done.returncode == 2
    assert done.stderr.startswith("--optimize: got 'runtime' without a constraint; expected e.g.")
