"""A database with a password, and jobs on each cluster: nothing keeps or shows the password."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.servers.ferretdb import PASSWORD, QUOTED, USER, FerretDB

pytestmark = [pytest.mark.server, pytest.mark.usefixtures("ferretdb_server")]
ROOT = Path(__file__).resolve().parents[3]
SECRETS = (PASSWORD.encode(), QUOTED.encode())
#: An objective that writes down its environment, and runs until there is a file "go".
OBJECTIVE = """
    import os, pathlib, time

    def main(job_id, params):
        pathlib.Path(f"environment {job_id}").write_text(str(dict(os.environ)))
        while not pathlib.Path("go").exists():
            time.sleep(0.05)
        return float(params["x"][0])
"""
#: What each batch system tells about its jobs.
QUEUES = {"SLURM": ["scontrol", "show", "job", "--details"], "SGE": ["qstat", "-j", "*"]}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[FerretDB]:
    found = FerretDB(tmp_path / "server")
    yield found
    found.stop()


def start(one: Any, server: FerretDB, *flags: str) -> Any:
    address = f"mongodb://{USER}:{QUOTED}@{server.address}/?authSource=spearmint"
    one.started.append(
        subprocess.Popen(
            [sys.executable, str(ROOT / "spearmint" / "main.py"), *flags, str(one.folder)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "SPEARMINT_DB_ADDRESS": address},
        )
    )
    return one.started[-1]


def files_with_it(*folders: Path) -> list[Path]:
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return [path for path in files if has_it(path.read_bytes())]


def has_it(content: bytes) -> bool:
    return any(secret in content for secret in SECRETS)


def command_lines() -> bytes:
    found = b""
    for process in psutil.process_iter(["cmdline"]):
        found += "\0".join(process.info["cmdline"] or []).encode("utf-8", "surrogateescape")
    return found


def memory_has_it(process: psutil.Process) -> bool:
    """Whether the memory of a process has the password somewhere."""
    with Path(f"/proc/{process.pid}/mem").open("rb", 0) as memory:
        for line in Path(f"/proc/{process.pid}/maps").read_text().splitlines():
            place, rights = line.split()[:2]
            low, high = (int(end, 16) for end in place.split("-"))
            if not rights.startswith("rw") or "/dev/shm" in line:
                continue
            memory.seek(low)
            try:
                content = memory.read(high - low)
            except OSError:
                continue
            if has_it(content):
                return True
    return False


@pytest.mark.parametrize("system", ["SLURM", "SGE"])
def test_no_batch_system_knows_the_password(
    system: str, experiment: Any, batch_environ: Callable[[str], Any], server: FerretDB
) -> None:
    cluster = batch_environ(system)
    passed_on = {"SLURM": "--export=ALL", "SGE": "-V"}[system]
    one = experiment(OBJECTIVE, scheduler=system, scheduler_args=passed_on, max_finished_jobs=1)
    child = start(one, server, "--debug")
    one.wait_for((one.folder / "environment 1").exists)
    queue = subprocess.run(QUEUES[system], capture_output=True, check=True)
    assert b"hp1-test" in queue.stdout
    shown = queue.stdout + command_lines()
    assert files_with_it(one.folder, cluster.folder) == []
    (one.folder / "go").touch()
    text = one.finish(child)
    assert not has_it(shown + text.encode())
    assert files_with_it(one.folder) == []
    assert "done: the requested job is finished" in text


def test_ray_does_not_know_the_password(experiment: Any, ray: Any, server: FerretDB) -> None:
    args = shlex.join(ray.arguments)
    one = experiment(OBJECTIVE, scheduler="RAY", scheduler_args=args, max_finished_jobs=1)
    child = start(one, server, "--debug")
    one.wait_for((one.folder / "environment 1").exists)
    head = psutil.Process(ray.daemons.running["ray"].pid)
    of_ray = [
        process
        for process in head.children(recursive=True)
        if "gcs_server" in process.name() or "raylet" in process.name()
    ]
    assert len(of_ray) == 2
    # The actor, with all that was sent to it, is in the memory of the first.
    assert [process.name() for process in of_ray if memory_has_it(process)] == []
    assert not [process.pid for process in ray.actors() if memory_has_it(process)]
    assert files_with_it(one.folder, ray.folder) == []
    assert not has_it(command_lines())
    (one.folder / "go").touch()
    assert not has_it(one.finish(child).encode())
