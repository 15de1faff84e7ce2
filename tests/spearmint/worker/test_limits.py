"""Real workers whose objectives take too long, use too much memory, or print too much."""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from spearmint import processes

ROOT = Path(__file__).parents[3]
#: The reasons of jobs that exceed a limit.
TOO_LONG = "ended: it took longer than job-timeout, 1 s"
TOO_BIG = "ended: it used more memory than job-memory, 300 MiB"
#: Writes the numbers of the job's processes, then does what a hanging training does.
BEGIN = """
    import ctypes, json, os, pathlib, signal, subprocess, sys, time

    def main(job_id, params):
        child = subprocess.Popen(["sleep", "900"])
        own = subprocess.Popen(["sleep", "901"], start_new_session=True)
        numbers = [os.getpid(), child.pid, own.pid]
        pathlib.Path(f"{job_id}.pids").write_text(json.dumps(numbers))
        print("begun", flush=True)
"""
HANGS = {
    "asleep": "time.sleep(900)",
    "holding Python's lock": "ctypes.PyDLL(None).sleep(900)",
    "ignoring signals": "signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 32)); time.sleep(900)",
    "catching everything": """
        while True:
            try:
                time.sleep(900)
            except BaseException:
                pass""",
    "without descriptors": "os.closerange(3, 4096); time.sleep(900)",
    "waiting for its children": "os.waitpid(-1, 0)",
}


def gone(experiment: Any, job_id: int = 1) -> bool:
    """Whether no process of a job is left."""
    numbers = json.loads((experiment.folder / f"{job_id}.pids").read_text())
    return all(processes.identity(number) is None for number in numbers)


@pytest.mark.parametrize("how", HANGS)
def test_a_job_that_hangs_is_ended_with_its_children(how: str, experiment: Any) -> None:
    one = experiment(f"{BEGIN}        {HANGS[how]}\n", max_finished_jobs=1, job_timeout=1)
    text = one.run(status=1)
    (job,) = one.jobs()
    assert (job["status"], job["reason"], job["attempt"]) == ("complete", TOO_LONG, 1)
    assert job["limit"] == "job-timeout"
    assert math.isnan(job["values"]["main"])
    assert f"; {TOO_LONG}\n" in text
    assert "begun" in one.output(1)
    assert one.output(1).endswith(f"{TOO_LONG}\n")
    one.wait_for(lambda: gone(one))


def test_the_search_goes_on_and_never_repeats_the_job(experiment: Any) -> None:
    one = experiment(
        "import time\ndef main(i, p):\n    time.sleep(900 if i == 2 else 0)\n    return 1.0\n",
        max_finished_jobs=4,
        job_timeout=2,
    )
    one.run()
    jobs = one.jobs()
    assert [job["attempt"] for job in jobs] == [1, 1, 1, 1]
    assert [math.isnan(job["values"]["main"]) for job in jobs] == [False, True, False, False]
    assert len({job["params"]["x"]["values"][0] for job in jobs}) == 4


def test_a_job_within_its_limits_is_not_disturbed(experiment: Any) -> None:
    one = experiment(
        """
        import os

        def main(job_id, params):
            if os.fork() == 0:
                os._exit(0)
            os.wait()
            try:
                os.wait()  # the watcher is no child
            except ChildProcessError:
                return 1.0
        """,
        job_timeout=600,
        job_memory="8GiB",
    )
    one.run()
    assert [job["values"] for job in one.jobs()] == [{"main": 1.0}] * 3


MEMORY = {
    "the worker": "hoard = bytearray(os.urandom(1)) * 400_000_000; time.sleep(900)",
    "its children together": """
        code = "x = bytearray(b'x') * 120_000_000; import time; time.sleep(900)"
        for _ in range(3):
            subprocess.Popen([sys.executable, "-c", code])
        time.sleep(900)""",
}


@pytest.mark.parametrize("who", MEMORY)
def test_a_job_that_uses_too_much_memory(who: str, experiment: Any) -> None:
    one = experiment(f"{BEGIN}        {MEMORY[who]}\n", max_finished_jobs=1, job_memory="300MiB")
    text = one.run(status=1)
    (job,) = one.jobs()
    assert (job["status"], job["reason"], job["attempt"]) == ("complete", TOO_BIG, 1)
    assert job["limit"] == "job-memory"
    assert f"; {TOO_BIG}\n" in text
    one.wait_for(lambda: gone(one))


@pytest.mark.skipif(
    not Path("/proc/self/smaps_rollup").exists(), reason="the system does not tell shared memory"
)
def test_memory_that_processes_share_counts_once(experiment: Any) -> None:
    one = experiment(
        """
        import os, time

        def main(job_id, params):
            shared = bytearray(b"x") * 150_000_000
            children = []
            for _ in range(4):
                pid = os.fork()
                if pid == 0:
                    time.sleep(2)
                    os._exit(0)
                children.append(pid)
            for pid in children:
                os.waitpid(pid, 0)
            return float(len(shared))
        """,
        max_finished_jobs=1,
        job_memory="300MiB",
    )
    one.run()
    assert one.jobs()[0]["values"] == {"main": 150_000_000.0}


def test_a_result_that_waits_for_the_database_is_not_lost(experiment: Any) -> None:
    one = experiment(
        """
        import fcntl, os, sqlite3, subprocess, sys, time

        CODE = '''
        import sqlite3, sys, time
        connection = sqlite3.connect(sys.argv[1], isolation_level=None)
        connection.execute("BEGIN EXCLUSIVE")
        print("locked", flush=True)
        time.sleep(12)
        '''

        def main(job_id, params):
            lines = "\\n".join(line.strip() for line in CODE.strip().splitlines())
            command = [sys.executable, "-c", lines, "jobs.sqlite"]
            locker = subprocess.Popen(
                command, stdout=subprocess.PIPE, text=True, start_new_session=True
            )
            assert locker.stdout.readline() == "locked\\n"
            return 5.0
        """,
        max_finished_jobs=1,
        job_timeout=8,
    )
    one.run()
    assert one.jobs()[0]["values"] == {"main": 5.0}


def test_the_watcher_ends_with_its_worker(experiment: Any) -> None:
    one = experiment(f"{BEGIN}        time.sleep(900)\n", max_finished_jobs=1, job_timeout=600)
    child = one.start()
    one.read_until(child, "suggested")
    (job,) = one.wait_for(lambda: one.jobs("pending"))
    worker = psutil.Process(int(job["worker"].split(":")[1]))
    server = worker.parent()
    assert server is not None
    watchers = [
        process
        for process in psutil.process_iter()
        if process.pid not in {worker.pid, server.pid, *descendants(worker)}
        and folder_of(process) == str(one.folder)
    ]
    assert len(watchers) == 1
    worker.kill()
    one.wait_for(lambda: not watchers[0].is_running())
    child.send_signal(signal.SIGINT)
    child.communicate(timeout=240)


#: Prints how often a watcher was not recognised, from its start until it ends its job.
RECOGNISED = """
import os, signal, time
import psutil
from spearmint.worker import limits
from spearmint.worker.descendants import adopt, children
from spearmint.worker.job_spec import JobSpec

def is_watching(process):
    try:
        return not any("overrun" in part for part in process.cmdline())
    except psutil.ZombieProcess:  # on a busy machine, it may have ended its job by now
        return False


adopt()
spec = JobSpec(1, "e", ".", "output", "f.py", ["main"], "sqlite:x", "s", 60.0, timeout_s=0.01)
missed = 0
for _ in range(50):
    read, write = os.pipe()
    worker = os.fork()
    if worker == 0:
        os.setsid()
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # where the end of the job is told
        watcher = limits.Watcher.start(spec)
        os.write(write, b"x")
        watcher.begin(1)  # a moment later, this process may be ended
        time.sleep(900)
    os.read(read, 1)
    (watcher,) = children() - {worker}
    process = psutil.Process(watcher)
    recognised = True
    while recognised and is_watching(process):
        recognised = all(limits.is_watcher(watcher) for _ in range(50))
    missed += not recognised and process.status() != psutil.STATUS_ZOMBIE
    for pid in (watcher, worker):
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    os.close(read)
    os.close(write)
print(missed)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has subreapers")
def test_a_watcher_is_recognised_in_the_moment_in_which_it_ends_its_job(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-"],  # its command must not have the names in it that are looked for
        input=RECOGNISED,
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,  # the process that ends the job opens its database
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "0\n", "")


def descendants(process: psutil.Process) -> list[int]:
    return [child.pid for child in process.children(recursive=True)]


def folder_of(process: psutil.Process) -> str | None:
    try:
        return process.cwd()
    except psutil.Error:
        return None


def test_output_is_bounded_and_its_ends_are_kept(experiment: Any) -> None:
    one = experiment(
        """
        import subprocess, sys

        def main(job_id, params):
            print("the beginning")
            line = "x" * 99 + "\\n"
            for _ in range(100):
                sys.stdout.write(line * 5_000)
            subprocess.run(["sh", "-c", "yes from a child | head -c 50000000"])
            print("the end")
            return 1.0
        """,
        max_finished_jobs=1,
    )
    one.run()
    # What a process wrote last is in the file soon after its job has ended.
    deadline = time.monotonic() + 120
    while not (text := one.output(1)).endswith("the end\n") and time.monotonic() < deadline:
        time.sleep(0.1)
    assert len(text) <= 10 * 2**20
    assert "the beginning" in text
    assert text.endswith("the end\n")
    assert "bytes left out: more than output-limit]" in text
