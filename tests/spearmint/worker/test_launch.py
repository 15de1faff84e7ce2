from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from spearmint import lifecycle
from spearmint.database import Database, connect
from spearmint.errors import UserError
from spearmint.worker.job_spec import JobSpec
from spearmint.worker.launch import CANNOT_BEGIN, DONE, NO_DATABASE, NOT_MINE, STOPPED, evaluate

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Database]:
    with connect(f"sqlite:{tmp_path}/jobs.sqlite") as found:
        found.add_job("e", {"params": {"x": {"type": "float", "values": [0.25]}}})
        yield found


def spec(folder: Path, main_file: Any = "f.py", tasks: list[str] | None = None) -> JobSpec:
    address = f"sqlite:{folder}/jobs.sqlite"
    tasks = tasks or ["main"]
    return JobSpec(1, "e", str(folder), "output", main_file, tasks, address, "s", 60.0)


def run(
    spec: JobSpec, code: str = "from spearmint.worker.process import work; work()"
) -> tuple[int, str]:
    """The exit status of a worker's process, and what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", code], input=spec.to_json(), text=True, cwd=ROOT, check=False
    )
    return done.returncode, spec.output.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("body", "status", "expected", "printed"),
    [
        ("return p['x'] * 2", DONE, "complete", "--- job 1, attempt 1, "),
        ("raise ValueError('no data')", DONE, "broken", "Traceback"),
        (
            "class Full(Exception): machine_fault = True\n    raise Full('no space')",
            CANNOT_BEGIN,
            "new",
            "Full: no space\n",
        ),
        ("os.kill(os.getpid(), signal.SIGTERM); time.sleep(600)", STOPPED, "new", "x=0.25\n"),
        (
            "threading.Thread(target=time.sleep, args=(600,), name='T').start(); return 1",
            DONE,
            "complete",
            "threads left running by the objective were stopped: ['T']",
        ),
    ],
)
def test_exit_status_and_state_of_a_job(
    tmp_path: Path, store: Database, body: str, status: int, expected: str, printed: str
) -> None:
    code = f"import os, signal, threading, time\ndef main(i, p):\n    {body}\n"
    (tmp_path / "f.py").write_text(code)
    returned, text = run(spec(tmp_path))
    assert returned == status, text
    assert (store.job("e", 1) or {})["status"] == expected
    assert printed in text


PAUSABLE = """
def main(i, p, until):
    if until < 1:
        rest = {"progress": until, "curve": [[until, 5.0]]}
        return {"paused": rest, "power": 3.0, "measurements": {"device": "cpu"}}
    return {"main": 4.0, "power": 3.0, "measurements": {"epochs": 9}}
"""


def test_training_pauses_and_goes_on(tmp_path: Path, store: Database) -> None:
    (tmp_path / "f.py").write_text(PAUSABLE)
    one = spec(tmp_path, tasks=["main", "power"])
    assert store.update("e", 1, status="new", attempt=0, changes={"until": 0.5})
    assert run(one)[0] == DONE
    job = store.job("e", 1) or {}
    assert (job["status"], job["progress"], job["curve"]) == ("paused", 0.5, [[0.5, 5.0]])
    assert (job["values"], job["lease"]) == ({"power": 3.0}, None)
    assert job["earlier seconds"] > 0
    go_on = lifecycle.continued(1.0, "Main", "controller")
    assert store.update("e", 1, status="paused", attempt=1, changes=go_on)
    assert run(one)[0] == DONE
    job = store.job("e", 1) or {}
    assert (job["status"], job["values"]) == ("complete", {"main": 4.0, "power": 3.0})
    assert job["measurements"] == {"device": "cpu", "epochs": 9}


def test_objective_that_cannot_pause_ends_the_run(tmp_path: Path, store: Database) -> None:
    (tmp_path / "f.py").write_text("def main(i, p): return 1")
    assert store.update("e", 1, status="new", attempt=0, changes={"until": 0.5})
    assert run(spec(tmp_path))[0] == DONE
    job = store.job("e", 1) or {}
    assert (job["status"], job["stops"]) == ("broken", True)
    assert job["reason"] == (
        f"{tmp_path}/f.py: got main(job_id, params) with `stopping` in config.json; expected "
        "main(job_id, params, until), which can pause a training"
    )


EXPECTED = {"power": {"value": 2.0, "deviation": 0.1, "probability": 0.999, "compared": 4}}
TOLD = """
def main(i, p, expected=None):
    return {"main": 4.0, "power": None, "measurements": {"told": expected}}
"""


def test_job_is_told_what_is_expected_and_leaves_it_open(tmp_path: Path, store: Database) -> None:
    (tmp_path / "f.py").write_text(TOLD)
    assert store.update("e", 1, status="new", attempt=0, changes={"expected": EXPECTED})
    assert run(spec(tmp_path, tasks=["main", "power"]))[0] == DONE
    job = store.job("e", 1) or {}
    assert (job["status"], job["unmeasured"], job["reason"]) == ("complete", ["power"], None)
    assert job["values"]["main"] == 4.0
    assert math.isnan(job["values"]["power"])
    assert job["measurements"] == {"told": EXPECTED}


@pytest.mark.parametrize("stored", [None, 0])
def test_job_tells_when_candidates_may_be_checked(
    tmp_path: Path, store: Database, stored: int | None
) -> None:
    (tmp_path / "f.py").write_text(
        "from spearmint.database import connect\n"
        "def seen():\n"
        f"    with connect({spec(tmp_path).address!r}) as database:\n"
        "        return database.job('e', 1).get('ahead')\n"
        "def main(i, p, ahead=None):\n"
        "    told = [seen()]\n"
        "    for allowed in (True, False) if ahead else ():\n"
        "        ahead(allowed)\n"
        "        told.append(seen())\n"
        "    return {'main': 1.0, 'measurements': {'told': told}}\n"
    )
    assert store.update("e", 1, status="new", attempt=0, changes={"ahead": stored})
    assert run(spec(tmp_path))[0] == DONE
    job = store.job("e", 1) or {}
    assert job["measurements"] == {"told": [None] if stored is None else [0, 1, 0]}


def test_objective_need_not_tell_when_candidates_may_be_checked(
    tmp_path: Path, store: Database
) -> None:
    (tmp_path / "f.py").write_text("def main(i, p): return 1")
    assert store.update("e", 1, status="new", attempt=0, changes={"ahead": 0})
    assert run(spec(tmp_path))[0] == DONE
    assert (store.job("e", 1) or {})["status"] == "complete"


def test_objective_that_cannot_be_told_ends_the_run(tmp_path: Path, store: Database) -> None:
    (tmp_path / "f.py").write_text("def main(i, p): return 1")
    assert store.update("e", 1, status="new", attempt=0, changes={"expected": EXPECTED})
    assert run(spec(tmp_path))[0] == DONE
    job = store.job("e", 1) or {}
    assert (job["status"], job["stops"]) == ("broken", True)
    assert job["reason"] == (
        f"{tmp_path}/f.py: got main(job_id, params) with tell-main in config.json; expected "
        "main(job_id, params, expected=None)"
    )


@pytest.mark.parametrize("moment", ["before", "after"])
def test_sigterm_during_the_claim_requeues_the_job(
    tmp_path: Path, store: Database, moment: str
) -> None:
    code = f"""
import os, signal
from spearmint.database.sqlite import SQLiteDatabase
from spearmint.worker.process import work

claim = SQLiteDatabase.claim

def claim_and_receive(self, *arguments):
    if {moment == "before"}:
        os.kill(os.getpid(), signal.SIGTERM)
    claimed = claim(self, *arguments)
    os.kill(os.getpid(), signal.SIGTERM)
    return claimed

SQLiteDatabase.claim = claim_and_receive
work()
"""
    (tmp_path / "f.py").write_text("def main(i, p): return 1\n")
    returned, text = run(spec(tmp_path), code)
    job = store.job("e", 1) or {}
    assert (returned, job["status"], job["attempt"]) == (STOPPED, "new", 1), text
    assert job["reason"] == "stopped by SIGTERM"
    assert "Traceback" not in text


FIRST_SIGNAL = "os.kill(os.getpid(), signal.SIGTERM); time.sleep(600)"
MACHINES_FAULT = "class Full(Exception): machine_fault = True\n    raise Full"


@pytest.mark.parametrize(
    ("body", "status"), [(FIRST_SIGNAL, STOPPED), (MACHINES_FAULT, CANNOT_BEGIN)]
)
def test_sigterm_while_the_job_is_put_back_does_not_lose_it(
    tmp_path: Path, store: Database, body: str, status: int
) -> None:
    code = """
import os, signal
from spearmint import lifecycle
from spearmint.worker.process import work

requeue = lifecycle.requeue

def requeue_and_receive(reason):
    os.kill(os.getpid(), signal.SIGTERM)
    return requeue(reason)

lifecycle.requeue = requeue_and_receive
work()
"""
    (tmp_path / "f.py").write_text(f"import os, signal, time\ndef main(i, p):\n    {body}\n")
    returned, text = run(spec(tmp_path), code)
    assert (returned, (store.job("e", 1) or {})["status"]) == (status, "new"), text


def test_job_that_is_not_new_is_left_alone(tmp_path: Path, store: Database) -> None:
    claimed = store.claim("e", 1, "another worker", 600)
    returned, text = run(spec(tmp_path))
    assert returned == NOT_MINE
    assert text == "job 1 cannot be started: it does not exist or is not new\n"
    assert store.job("e", 1) == claimed


def test_result_of_a_lost_attempt_is_discarded(tmp_path: Path, store: Database) -> None:
    (tmp_path / "f.py").write_text(
        "from spearmint.database import connect\n"
        "def main(i, p):\n"
        f"    with connect('sqlite:{tmp_path}/jobs.sqlite') as store:\n"
        "        changes = {'status': 'new'}\n"
        "        assert store.update('e', 1, status='pending', attempt=1, changes=changes)\n"
        "    return 1\n"
    )
    returned, text = run(spec(tmp_path))
    assert returned == NOT_MINE
    assert text.endswith("attempt 1 no longer owns this job; its result was discarded\n")
    assert "values" not in (store.job("e", 1) or {})


def test_database_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "jobs.sqlite").write_text("not a database, but long enough for one" * 100)
    returned, text = run(spec(tmp_path))
    assert returned == NO_DATABASE
    assert "jobs.sqlite" in text
    assert "Traceback" not in text


def test_tasks_with_files_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "argv", list(sys.argv))
    (tmp_path / "one_x.py").write_text("def main(i, p): return {'a': i, 'c': 3}\n")
    (tmp_path / "two_x.py").write_text("def main(i, p): return float('nan')\n")
    files = {"a": "one_x.py", "b": "two_x.py", "c": "one_x.py"}
    values = evaluate(spec(tmp_path, files, ["a", "b", "c"]), {"id": 1, "params": {}}).values
    assert (values["a"], values["c"]) == (1.0, 3.0)
    assert values["b"] != values["b"]
    with pytest.raises(UserError, match="expected a file in"):
        evaluate(spec(tmp_path, "none.py", ["a"]), {"id": 1, "params": {}})


def test_result_waits_for_an_sqlite_file_that_was_moved_away(
    tmp_path: Path, store: Database
) -> None:
    (tmp_path / "f.py").write_text(
        "import os, threading\n"
        "def main(i, p):\n"
        "    os.rename('jobs.sqlite', 'away')\n"
        "    threading.Timer(1.0, os.rename, ('away', 'jobs.sqlite')).start()\n"
        "    return 0.125\n"
    )
    returned, text = run(spec(tmp_path))
    assert returned == DONE, text
    assert "was removed while in use" in text
    assert (store.job("e", 1) or {})["values"] == {"main": 0.125}


#: What a child of the objective does, its exit status, and what it prints.
CHILDREN = [
    ("sys.exit(7)", 7, ""),
    ("sys.exit()", 0, ""),
    ("sys.exit('no luck')", 1, "no luck"),
    ("return 999.0", 0, ""),
    ("return None", 0, ""),
    ("raise ValueError('of a child')", 1, "ValueError: of a child"),
    ("os.kill(os.getpid(), signal.SIGTERM); time.sleep(600)", -15, ""),
]


@pytest.mark.parametrize(("body", "ended", "printed"), CHILDREN)
def test_child_of_the_objective_does_not_speak_for_the_job(
    tmp_path: Path, store: Database, body: str, ended: int, printed: str
) -> None:
    (tmp_path / "f.py").write_text(
        "import os, signal, sys, time\n"
        "def main(i, p):\n"
        "    pid = os.fork()\n"
        "    if pid == 0:\n"
        f"        {body}\n"
        "    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])\n"
    )
    returned, text = run(spec(tmp_path))
    job = store.job("e", 1) or {}
    assert (returned, job["status"], job["values"]) == (DONE, "complete", {"main": ended}), text
    assert printed in text
    assert ("Traceback" in text) == ("raise" in body)


def test_child_of_the_main_files_import_does_not_speak_for_the_job(
    tmp_path: Path, store: Database
) -> None:
    (tmp_path / "f.py").write_text(
        "import os\npid = os.fork()\nif pid:\n    os.waitpid(pid, 0)\n"
        "def main(i, p):\n    return 1.0 if pid else 999.0\n"
    )
    run(spec(tmp_path))
    assert (store.job("e", 1) or {})["values"] == {"main": 1.0}


def test_pool_of_processes_ends_silently(tmp_path: Path, store: Database) -> None:
    (tmp_path / "f.py").write_text(
        "import multiprocessing as mp\n"
        "def main(i, p):\n"
        "    with mp.get_context('fork').Pool(2) as pool:\n"
        "        return sum(pool.map(abs, [-1, -2]))\n"
    )
    _, text = run(spec(tmp_path))
    assert (store.job("e", 1) or {})["values"] == {"main": 3.0}
    assert "Traceback" not in text


def test_signals_of_a_batch_system_are_not_inherited(tmp_path: Path, store: Database) -> None:
    (tmp_path / "f.py").write_text(
        "import os, signal\n"
        "def main(i, p):\n"
        "    pid = os.fork()\n"
        "    if pid == 0:\n"
        "        os._exit(int(signal.getsignal(signal.SIGUSR2) is not signal.SIG_DFL))\n"
        "    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])\n"
    )
    code = "import sys; sys.argv = ['-c', 'SGE 1', 'SIGUSR2']\n"
    run(spec(tmp_path), code + "from spearmint.worker.process import work; work()")
    assert (store.job("e", 1) or {})["values"] == {"main": 0.0}
