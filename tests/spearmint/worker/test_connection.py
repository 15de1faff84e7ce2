"""Objectives that close every descriptor of their process, as code that becomes a daemon does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from spearmint.database import connect
from spearmint.worker.connection import WorkerConnection
from spearmint.worker.job_spec import JobSpec

CLOSES = """
    import os, time

    def main(job_id, params):
        os.closerange({first}, 4096)
        kept = open("data-" + str(job_id), "w+")
        others = [open(os.devnull) for _ in range(20)]  # they get the numbers of the database's
        time.sleep({seconds})
        kept.write("the objective's")
        return {{"main": 1.0, "measurements": {{"nan": float("nan"), "list": [1, 2]}}}}
"""


@pytest.mark.parametrize("first", [0, 3])
def test_the_result_is_stored(experiment: Any, first: int) -> None:
    one = experiment(CLOSES.format(first=first, seconds=0), max_finished_jobs=2)
    one.run()
    for job in one.jobs():
        assert (job["status"], job["attempt"], job["values"]) == ("complete", 1, {"main": 1.0})
        assert job["measurements"]["list"] == [1, 2]
        assert (one.folder / f"data-{job['id']}").read_text() == "the objective's"


def test_the_lease_is_renewed(experiment: Any) -> None:
    one = experiment(CLOSES.format(first=3, seconds=600), max_finished_jobs=1, lease_time=2)
    child = one.start()
    one.wait_for((one.folder / "data-1").exists)
    child.kill()  # a controller would renew it too
    child.wait()
    before = one.jobs()[0]["lease"]
    one.wait_for(lambda: one.jobs()[0]["lease"] > before + 1)
    child = one.start("--max-time", "0.1")
    one.read_until(child, "resuming")
    child.terminate()
    one.finish(child, 143)


def test_the_result_is_stored_on_mongodb(experiment: Any, mongo_address: str) -> None:
    one = experiment(
        CLOSES.format(first=3, seconds=0),
        max_finished_jobs=1,
        database={"address": mongo_address, "name": "closes"},
    )
    one.run()
    assert one.jobs()[0]["values"] == {"main": 1.0}


def test_it_is_closed_unless_its_descriptors_belong_to_others(tmp_path: Path) -> None:
    address = f"sqlite:{tmp_path}/jobs.sqlite"
    with connect(address, "s") as store:
        store.add_job("e", {})
    spec = JobSpec(1, "e", str(tmp_path), "output", "f.py", ["main"], address, "s", 60.0)
    before = len(list(Path("/proc/self/fd").iterdir()))
    with WorkerConnection(spec) as connection:
        assert connection.is_whole()
        assert connection.claim("w") is not None
        assert connection.claim("w") is None
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_only_the_attempt_that_it_has_claimed_is_changed(tmp_path: Path) -> None:
    address = f"sqlite:{tmp_path}/jobs.sqlite"
    spec = JobSpec(1, "e", str(tmp_path), "output", "f.py", ["main"], address, "s", 60.0)
    with connect(address, "s") as store:
        store.add_job("e", {})
        with WorkerConnection(spec) as first, WorkerConnection(spec) as second:
            assert first.claim("w") is not None
            assert first.renew()
            assert first.update({"status": "new"})
            assert second.claim("w") is not None
            assert not first.renew()
            assert not first.update({"status": "complete"})
            assert second.update({"status": "complete"})
        (job,) = store.jobs("e")
    assert (job["status"], job["attempt"]) == ("complete", 2)
