"""What is special about local jobs; test_conformance.py has the rest."""

from __future__ import annotations

import errno
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from spearmint import processes
from spearmint.config import parse
from spearmint.errors import UserError
from spearmint.schedulers import Ended, local
from spearmint.schedulers.environment import environment
from spearmint.schedulers.local import LocalScheduler
from spearmint.testing.schedulers import Harness
from spearmint.worker.launch import CANNOT_BEGIN, NOT_MINE

CHILD = """
    subprocess.Popen(["sleep", "600"])
    print("BEGAN", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def harness(tmp_path: Path) -> Iterator[Harness]:
    found = Harness(tmp_path / "a folder", local.init, patience_s=240.0)
    yield found
    found.close()


@pytest.fixture
def with_preload(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Makes schedulers that preload a module with this code."""

    def make(code: str) -> LocalScheduler:
        (harness.folder / "preloaded.py").write_text(code)
        variables = environment(None)
        variables["PYTHONPATH"] += f":{harness.folder}"
        harness.init = lambda *_: LocalScheduler(["preloaded"], variables, harness.folder)
        made = harness.scheduler()
        assert isinstance(made, LocalScheduler)
        return made

    return make


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def group_exists(number: int) -> bool:
    try:
        os.killpg(number, 0)
    except ProcessLookupError:
        return False
    return True


def test_descriptions_of_ends(harness: Harness) -> None:
    scheduler = harness.scheduler()
    spec = harness.spec("return p['x'] * 2")
    first, second = (scheduler.submit(spec) for _ in range(2))
    ends = {harness.end_of(scheduler, proc_id) for proc_id in (first, second)}
    descriptions = {(end.description, end.excused) for end in ends}
    assert descriptions == {("exit status 0", False), (f"exit status {NOT_MINE}", True)}
    killed = harness.spec("os.kill(os.getpid(), 9)")
    proc_id = scheduler.submit(killed)
    end = harness.end_of(scheduler, proc_id)
    why = "killed by SIGKILL (kill -9, or the system was out of memory)"
    assert end == Ended(proc_id, why, status=-9)


def test_stop_kills_what_ignores_sigterm(harness: Harness) -> None:
    scheduler = harness.scheduler()
    spec = harness.spec("""
        import signal
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        print("BEGAN", flush=True)
        time.sleep(600)
    """)
    proc_id = scheduler.submit(spec)
    pid = harness.wait_until_began(spec)["worker"].split(":")[1]
    scheduler.stop(0.3)
    harness.wait_until_gone(int(pid))
    assert harness.end_of(scheduler, proc_id).description.startswith("killed by SIGKILL")
    assert harness.job(spec)["status"] == "pending", "what becomes of it is the controller's to say"


def test_stop_before_the_fork_server_is_ready(harness: Harness) -> None:
    scheduler = harness.scheduler()
    spec = harness.spec("time.sleep(600)")
    proc_id = scheduler.submit(spec)
    scheduler.stop(240.0)
    assert harness.has_ended(scheduler, proc_id)
    assert scheduler.notices() == []


def test_stop_reaches_the_children_of_a_worker_whose_fork_server_is_dead(
    harness: Harness,
) -> None:
    scheduler = harness.scheduler()
    spec = harness.spec(CHILD)
    scheduler.submit(spec)
    worker = int(harness.wait_until_began(spec)["worker"].split(":")[1])
    os.kill(parent_of(worker), signal.SIGKILL)
    scheduler.stop(240.0)
    # The new parent of killed processes may take its time to reap them.
    harness.wait_for(lambda: not group_exists(worker), "the group of the worker ends")


def test_workers_outlive_a_killed_fork_server(harness: Harness) -> None:
    scheduler = harness.scheduler()
    spec = harness.spec("""
        print("BEGAN", flush=True)
        while not os.path.exists("go"):
            time.sleep(0.05)
        return 1
    """)
    proc_id = scheduler.submit(spec)
    worker = int(harness.wait_until_began(spec)["worker"].split(":")[1])
    os.kill(parent_of(worker), signal.SIGKILL)
    (harness.folder / "go").touch()
    assert harness.end_of(scheduler, proc_id).description == "unknown exit status"
    assert harness.job(spec)["status"] == "complete"
    (notice,) = scheduler.notices()
    assert notice == (
        "the process that starts workers ended: killed by SIGKILL (kill -9, or the system was out "
        "of memory); starting another one"
    )
    again = harness.spec("return 2")
    harness.end_of(scheduler, scheduler.submit(again))
    assert harness.job(again)["values"] == {"main": 2.0}


def test_worker_that_cannot_begin_says_why(harness: Harness) -> None:
    scheduler = harness.scheduler()
    spec = harness.spec("return 1")
    spec.output.parent.rmdir()
    spec.output.parent.touch()
    end = harness.end_of(scheduler, scheduler.submit(spec))
    assert (end.status, end.excused) == (CANNOT_BEGIN, False)
    assert end.last_output_line.startswith("cannot begin: [Errno 17] File exists: ")
    assert (harness.job(spec)["status"], harness.job(spec)["attempt"]) == ("new", 0)


def test_preload_that_ends_its_process_is_an_error(
    harness: Harness, with_preload: Callable[..., Any]
) -> None:
    scheduler = with_preload("import os; print('bad luck', flush=True); os._exit(5)\n")
    scheduler.submit(harness.spec("return 1"))
    line = r"^preload: the process that imports preloaded ended: exit status 5: bad luck$"
    with pytest.raises(UserError, match=line):
        harness.wait_for(scheduler.poll, "an error")


def test_preload_that_fails_is_a_notice(harness: Harness, with_preload: Callable[..., Any]) -> None:
    scheduler = with_preload("raise SystemExit('no\\nluck')\n")
    spec = harness.spec("return 1")
    harness.end_of(scheduler, scheduler.submit(spec))
    (notice,) = scheduler.notices()
    assert notice == (
        "preload: cannot import preloaded, each job tries it again: SystemExit: no luck"
    )
    assert harness.job(spec)["status"] == "complete"


def test_preload_that_starts_a_thread_is_a_notice(
    harness: Harness, with_preload: Callable[..., Any]
) -> None:
    code = "import threading, time\n"
    code += "threading.Thread(target=time.sleep, args=(600,), daemon=True).start()\n"
    scheduler = with_preload(code)
    spec = harness.spec("print('BEGAN', os.getppid()); return 1")
    proc_id = scheduler.submit(spec)
    assert harness.end_of(scheduler, proc_id).description == "exit status 0"
    (notice,) = scheduler.notices()
    assert notice.endswith("; each worker imports the modules itself")
    assert harness.job(spec)["status"] == "complete"


@pytest.mark.parametrize(
    ("address", "module"), [("sqlite:x", "sqlite"), ("a.db", "sqlite"), ("host:1", "mongodb")]
)
def test_the_databases_module_is_preloaded(address: str, module: str, tmp_path: Path) -> None:
    config = parse(
        {
            "main-file": "f.py",
            "variables": {"x": {"type": "INT", "min": 0, "max": 1}},
            "database": {"address": address},
            "preload": ["json"],
        },
        environ={},
    )
    scheduler = local.init(config.resources[0], config)
    assert scheduler._server.modules == [f"spearmint.database.{module}", "json"]


def test_worker_leads_a_group_of_its_own(harness: Harness) -> None:
    scheduler = harness.scheduler()
    spec = harness.spec("print('BEGAN', os.getpid(), os.getpgid(0), flush=True); time.sleep(600)")
    scheduler.submit(spec)
    identity = harness.wait_until_began(spec)["worker"]
    _, pid, group = harness.output(spec)[harness.output(spec).index("BEGAN") :].split()[:3]
    assert pid == group == identity.split(":")[1]
    assert processes.is_alive(identity)


def test_process_that_cannot_be_started_is_no_fault_of_the_job(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    scheduler = harness.scheduler()
    spec = harness.spec("return 1")
    with monkeypatch.context() as patch:
        patch.setattr("subprocess.Popen", refuse)
        scheduler.start()
        proc_id = scheduler.submit(spec)
    (end,) = scheduler.poll()
    why = "cannot start a process: Resource temporarily unavailable"
    assert (end.proc_id, end.status, end.last_output_line) == (proc_id, CANNOT_BEGIN, why)
    assert harness.end_of(scheduler, scheduler.submit(spec)).status == 0


def test_no_temporary_folder_is_needed(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", "/no/such/folder")
    scheduler = harness.scheduler()
    spec = harness.spec("return 1")
    assert harness.end_of(scheduler, scheduler.submit(spec)).status == 0
