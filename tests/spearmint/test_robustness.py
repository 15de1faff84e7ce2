"""Jobs and controllers that die, hang or misbehave, and controllers that share an experiment."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from spearmint import processes
from tests.servers import mongo
from tests.spearmint.objectives import WAITING


def test_job_of_a_killed_controller_finishes_and_the_next_continues(
    experiment: Any,
) -> None:
    one = experiment(WAITING)
    first = one.start()
    one.wait_for((one.folder / "began 1").exists)
    first.kill()
    first.wait()
    (job,) = one.jobs()
    assert job["status"] == "pending"
    second = one.start()
    one.read_until(second, "resuming test: 1 job found")
    (one.folder / "go").touch()
    one.finish(second)
    jobs = one.jobs()
    assert [job["id"] for job in jobs] == [1, 2, 3]
    assert [job["status"] for job in jobs] == ["complete"] * 3
    assert [job["attempt"] for job in jobs] == [1, 1, 1], "the job that ran was left to its end"


def test_new_job_of_a_killed_controller_is_run(experiment: Any) -> None:
    one = experiment()
    with one.store as store:
        gone = f"{processes.host()}:999999999:1"
        job = {"params": {"x": {"type": "float", "values": [0.5]}}, "controller": gone}
        store.add_job("test", {**job, "submit time": time.time(), "resource": "Main"})
    one.run()
    jobs = one.jobs()
    assert [job["id"] for job in jobs] == [1, 2, 3]
    assert jobs[0]["values"] == {"main": 0.5}


def test_killed_worker_is_retried_then_given_up(experiment: Any) -> None:
    one = experiment(
        """
        import os, signal
        def main(job_id, params):
            print("attempt", flush=True)
            if job_id == 1 or not os.path.exists("once"):
                if job_id == 2:
                    open("once", "w").close()
                os.kill(os.getpid(), signal.SIGKILL)
            return 1.0
        """
    )
    text = one.run()
    first, second, third = one.jobs()
    assert (first["status"], first["attempt"], first["lost"]) == ("broken", 3, 3)
    assert "killed by SIGKILL" in first["reason"]
    assert "given up after 3 attempts" in first["reason"]
    assert (second["status"], second["attempt"], second["lost"]) == ("complete", 2, 1)
    assert (third["status"], third["attempt"]) == ("complete", 1)
    assert "retrying job 1: its process ended before storing a result: killed by SIGKILL" in text
    assert one.output(1).count("attempt 3") == 1
    assert one.output(1).splitlines().count("attempt") == 3


def test_halted_worker_loses_its_lease(experiment: Any) -> None:
    one = experiment(WAITING, lease_time=1.0)
    child = one.start()
    there = one.folder / "began 1"
    one.wait_for(lambda: there.exists() and there.read_text())
    pid = int(there.read_text())
    os.kill(pid, signal.SIGSTOP)
    one.wait_for(lambda: one.jobs()[0]["attempt"] == 2)
    (one.folder / "go").touch()
    text = one.finish(child)
    assert "retrying job 1: no heartbeat from its worker for 1 s" in text
    jobs = one.jobs()
    assert [job["status"] for job in jobs] == ["complete"] * 3
    assert jobs[0]["lost"] == 1
    one.wait_for(lambda: not Path(f"/proc/{pid}").exists())


def test_worker_whose_code_holds_pythons_lock_is_not_assumed_dead(experiment: Any) -> None:
    one = experiment(
        """
        import ctypes
        def main(job_id, params):
            ctypes.PyDLL(None).usleep(900_000)
            ctypes.PyDLL(None).usleep(900_000)
            return 1.0
        """,
        lease_time=0.4,
        max_finished_jobs=1,
    )
    one.run()
    (job,) = one.jobs()
    assert (job["status"], job["attempt"]) == ("complete", 1)


def test_result_of_a_lost_attempt_is_discarded(experiment: Any) -> None:
    one = experiment(WAITING, lease_time=600)
    child = one.start("--max-finished-jobs", "1")
    one.wait_for((one.folder / "began 1").exists)
    with one.store as store:
        job = store.job("test", 1)
        changes = {"status": "complete", "values": {"main": -1.0}, "end time": time.time()}
        assert store.update("test", 1, status="pending", attempt=job["attempt"], changes=changes)
    (one.folder / "go").touch()
    one.finish(child)
    one.wait_for(lambda: "its result was discarded" in one.output(1))
    (job,) = one.jobs()
    assert job["values"] == {"main": -1.0}


def test_controllers_share_an_experiment(experiment: Any) -> None:
    one = experiment(max_finished_jobs=18, max_concurrent=3)
    children = [one.start("--seed", "1") for _ in range(3)]
    for child in children:
        one.finish(child)
    jobs = one.jobs()
    assert [job["id"] for job in jobs] == list(range(1, 19))
    assert {(job["status"], job["attempt"]) for job in jobs} == {("complete", 1)}
    assert len({job["values"]["main"] for job in jobs}) == 18, "no point is tried twice"
    for job in jobs:
        assert one.output(job["id"]).count("--- job") == 1


def test_ids_of_five_digits(experiment: Any) -> None:
    one = experiment(max_finished_jobs=4)
    with one.store as store:
        store.add_job("test", {"params": {"x": {"type": "float", "values": [0.5]}}})
        (job,) = store.jobs("test")
        done = {"status": "complete", "values": {"main": 0.5}, "attempt": 1}
        store.drop("test")
        store.restore("test", [{**job, "id": 9998, **done}])
    children = [one.start() for _ in range(2)]
    for child in children:
        one.finish(child)
    jobs = one.jobs()
    assert [job["id"] for job in jobs] == [9998, 9999, 10_000, 10_001]
    assert [job["status"] for job in jobs] == ["complete"] * 4
    assert "x=" in one.output(10_001)


ODD = """
    import ctypes, os, subprocess, sys, threading, time
    import numpy as np

    def main(job_id, params):
        return CASES[job_id - 1]()

    def raises(): raise KeyError("läuft nicht")
    def leaves(): sys.exit(7)
    def no_memory(): raise MemoryError
    def none(): return None
    def gone(): os._exit(9)
    def crashes(): ctypes.string_at(0)
    def prints():
        print("ünïcödé ☃ \\ud800")
        print("err", file=sys.stderr)
        ctypes.CDLL(None).puts(b"from C")
        ctypes.CDLL(None).fflush(None)
        os.write(1, b"raw\\n")
        subprocess.run(["echo", "from a child"])
        return 1
    def closes():
        sys.stdout.close()
        return 2
    def forks():
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        threading.Thread(target=time.sleep, args=(600,)).start()
        if os.fork() == 0:
            time.sleep(600)
        return 3
    def elsewhere():
        os.chdir("/")
        sys.path.clear()
        return 4
    def nan(): return float("nan")

    CASES = [raises, leaves, no_memory, none, gone, crashes, prints, closes, forks, elsewhere, nan]
"""


def test_odd_objectives(experiment: Any) -> None:
    one = experiment(ODD, max_finished_jobs=11, max_concurrent=4)
    text = one.run()
    by_id = {job["id"]: job for job in one.jobs()}
    reasons = {i: by_id[i].get("reason") or "" for i in by_id}
    assert [by_id[i]["status"] for i in range(1, 7)] == ["broken"] * 6
    assert [by_id[i]["status"] for i in range(7, 12)] == ["complete"] * 5
    assert reasons[1] == "KeyError: 'läuft nicht'"
    assert reasons[2] == "SystemExit: the objective ended its process with 7"
    assert reasons[3].startswith("MemoryError at ")
    assert reasons[4].startswith("main returned None")
    assert "exit status 9" in reasons[5]
    assert "SIGSEGV" in reasons[6]
    assert "Segmentation fault" in one.output(6)
    for words in ("ünïcödé ☃ \\ud800", "err", "from C", "raw", "from a child"):
        assert words in one.output(7)
    assert [by_id[i]["values"]["main"] for i in (8, 9, 10)] == [2, 3, 4]
    assert by_id[11]["values"]["main"] != by_id[11]["values"]["main"]
    for i in range(1, 7):
        assert f"job {i} broken: " in text


def test_no_process_is_left_behind(experiment: Any) -> None:
    one = experiment(
        """
        import os, subprocess, sys, time
        def main(job_id, params):
            child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
            open(f"pids-{job_id}", "w").write(f"{os.getpid()} {os.getppid()} {child.pid}")
            return 1.0
        """
    )
    one.run()
    pids = [int(pid) for i in (1, 2, 3) for pid in (one.folder / f"pids-{i}").read_text().split()]
    one.wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids))


def test_workers_draw_different_random_numbers(experiment: Any) -> None:
    one = experiment(
        """
        import random
        import numpy as np
        def main(job_id, params):
            return {"main": np.random.rand(), "measurements": {"r": random.random()}}
        """,
        preload=["numpy"],
    )
    one.run()
    jobs = one.jobs()
    assert len({job["values"]["main"] for job in jobs}) == 3
    assert len({job["measurements"]["r"] for job in jobs}) == 3


def test_main_file_that_is_named_like_a_module(experiment: Any) -> None:
    one = experiment(main_file="random.py", max_finished_jobs=1)
    (one.folder / "random.py").write_text("import random\ndef main(i, p): return 3\n")
    (one.folder / "objective.py").unlink()
    one.run()
    assert one.jobs()[0]["values"] == {"main": 3.0}


def test_preload_that_fails_or_starts_threads(experiment: Any) -> None:
    one = experiment(preload=["no_such_module", "threaded"], max_finished_jobs=2)
    (one.folder / "threaded.py").write_text(
        "import threading, time\n"
        "threading.Thread(target=time.sleep, args=(600,), daemon=True).start()\n"
    )
    env = {"environment_file": "env"}
    two = experiment(name="b", preload=["threaded"], max_finished_jobs=2, **env)
    (two.folder / "threaded.py").write_text((one.folder / "threaded.py").read_text())
    (two.folder / "env").write_text(f"PYTHONPATH='{two.folder}'\n")
    text = one.run()
    assert "preload: cannot import no_such_module" in text
    assert "each worker imports the modules itself" in two.run()
    assert [job["status"] for job in two.jobs()] == ["complete"] * 2


@pytest.mark.server
@pytest.mark.slow
@pytest.mark.usefixtures("mongo_address")  # it skips or fails if there is no server
def test_database_server_that_is_unavailable_for_a_while(experiment: Any, tmp_path: Path) -> None:
    folder = tmp_path / "mongod"
    folder.mkdir()
    port = mongo.free_port()
    one = experiment(WAITING, database={"address": f"127.0.0.1:{port}"})
    with mongo.started(folder, port):
        child = one.start("--max-finished-jobs", "2")
        one.wait_for((one.folder / "began 1").exists)
    (one.folder / "go").touch()
    one.wait_for(lambda: "the result waits for the database" in one.output(1))
    one.read_until(child, "waiting for the database")
    with mongo.started(folder, port):
        one.finish(child)
        jobs = one.jobs()
    assert [(job["status"], job["attempt"]) for job in jobs] == [("complete", 1)] * 2


def test_job_ended_from_outside_by_sigterm_is_given_up(experiment: Any) -> None:
    one = experiment(
        """
        import os, signal, time
        def main(job_id, params):
            if job_id == 1:
                os.kill(os.getpid(), signal.SIGTERM)
                time.sleep(600)
            return 1.0
        """
    )
    text = one.run()
    first, *others = one.jobs()
    assert (first["status"], first["attempt"], first["lost"]) == ("broken", 3, 3)
    assert "SIGTERM, which this run has not sent" in first["reason"]
    assert [job["status"] for job in others] == ["complete"] * 2
    assert text.count("retrying job 1: its process ended after requeueing the job: ") == 2


def test_output_folder_that_is_replaced_by_a_file(experiment: Any) -> None:
    one = experiment(
        """
        import os, shutil
        def main(job_id, params):
            if job_id == 2:
                shutil.rmtree("output")
                open("output", "w").close()
            return 1.0
        """,
        max_finished_jobs=5,
    )
    text = one.run(status=1)
    assert [job["status"] for job in one.jobs()] == ["complete", "complete", "new"]
    assert "stopped: job 3 could not begin, 5 times in a row" in text
    assert "File exists" in text
    (one.folder / "output").unlink()
    one.run()
    assert [job["status"] for job in one.jobs()] == ["complete"] * 5
    assert all("lost" not in job for job in one.jobs())


def test_worker_of_a_killed_fork_server_is_still_supervised(experiment: Any) -> None:
    one = experiment(
        """
        import os, signal, time
        def main(job_id, params):
            if job_id == 1 and not os.path.exists("once"):
                open("once", "w").close()
                os.kill(os.getppid(), signal.SIGKILL)
                while not os.path.exists("second"):
                    time.sleep(0.02)
                os.kill(os.getpid(), signal.SIGKILL)
            open("second", "w").close()
            return 1.0
        """,
        max_concurrent=2,
        max_finished_jobs=6,
    )
    one.run()
    assert [job["status"] for job in one.jobs()] == ["complete"] * 6
