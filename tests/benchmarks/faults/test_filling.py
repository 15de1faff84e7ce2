from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.faults.filling import fill
from spearmint.database import connect
from tests.servers import mongo


def check(address: str) -> None:
    fill(address, "faults", "filled", 50)
    with connect(address, "faults") as store:
        jobs = store.jobs("filled")
        assert store.add_job("filled", {"params": {}}) == 51
    assert [job["id"] for job in jobs] == list(range(1, 51))
    assert {job["status"] for job in jobs} == {"complete"}
    points = {tuple(job["params"][name]["values"][0] for name in "xy") for job in jobs}
    assert len(points) == 50
    for job in jobs:
        x, y = (job["params"][name]["values"][0] for name in "xy")
        assert job["values"]["main"] == pytest.approx(x * x + y)


def test_sqlite(tmp_path: Path) -> None:
    check(f"sqlite:{tmp_path}/jobs.sqlite")


@pytest.mark.server
def test_mongodb(tmp_path: Path) -> None:
    if (why := mongo.missing()) and not mongo.required():
        pytest.skip(why)
    with mongo.started(tmp_path) as server:
        check(server.address)
