"""Databases that the original tool wrote are read, and their experiments continue."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import Any

import pymongo
import pytest

from spearmint.testing.databases.documents import packed

pytestmark = pytest.mark.server
OBJECTIVE = """
    def main(job_id, params):
        return {"error": (params["x"] - 0.3) ** 2 + params["n"], "power": params["v"][1] - 0.1}
"""
VARIABLES = {
    "x": {"type": "FLOAT", "size": 1, "min": 0, "max": 1},
    "v": {"type": "FLOAT", "size": 20, "min": 0, "max": 1},
    "n": {"type": "INT", "size": 1, "min": 1, "max": 9},
    "act": {"type": "ENUM", "size": 1, "options": ["relu", "elu"]},
}
#: Seven complete jobs (one value is NaN), two broken ones, one whose process died long ago.
STATUSES = ["complete"] * 7 + ["broken"] * 2 + ["pending"]


def jobs_of_the_original(folder: str) -> list[dict[str, Any]]:
    began = time.time() - 3e7
    found = []
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    for number, status in enumerate(STATUSES, start=1):
        x, n = number / 11, float(number % 9 + 1)
        params = {
            "x": {"type": "float", "values": packed([x], [1])},
            "v": {"type": "float", "values": packed([(i * x) % 1 for i in range(20)], [20])},
            "n": {"type": "int", "values": packed([n], [1])},
            "act": {"type": "enum", "values": ["relu" if number % 2 else "elu"]},
        }
        job = {
            "id": number,
            "params": params,
            "expt_dir": folder,
            "tasks": ["error", "power"],
            "resource": "Main",
            "main-file": "objective.py",
            "language": "PYTHON",
            "status": status,
            "submit time": began + number,
            "start time": began + number + 1,
            "end time": None,
            "proc_id": process.pid,
        }
        if status == "complete":
            power = float("nan") if number == 7 else x - 0.1
            job |= {"values": {"error": (x - 0.3) ** 2 + n, "power": power}}
        if status != "pending":
            job["end time"] = began + number + 2
        found.append(job)
    return found


@pytest.mark.parametrize("chooser", ["default_chooser", "random_search"])
def test_experiment_of_the_original_is_continued(
    experiment: Any, mongo_address: str, chooser: str
) -> None:
    name = f"original-{chooser}"
    one = experiment(
        OBJECTIVE,
        variables=VARIABLES,
        tasks={"error": {"type": "OBJECTIVE"}, "power": {"type": "CONSTRAINT"}},
        database={"address": mongo_address, "name": name},
        chooser=chooser,
        max_finished_jobs=12,
    )
    with pymongo.MongoClient(mongo_address) as client:
        client[name]["test.jobs"].insert_many(jobs_of_the_original(str(one.folder)))
        state = {"error": {"hypers": {"ls": packed([1.0] * 23, [23]), "mean": 0.5}}}
        client[name]["test.hypers"].insert_one(state)
        text = one.run()
        client_jobs = list(client[name]["test.jobs"].find().sort("id"))
        client.drop_database(name)
    assert "resuming test: 10 jobs found" in text
    assert [job["id"] for job in client_jobs] == list(range(1, 13))
    assert [job["status"] for job in client_jobs] == [*STATUSES[:-1], *["complete"] * 3]
    assert [job["values"]["error"] for job in client_jobs[:7]] == [
        pytest.approx((number / 11 - 0.3) ** 2 + number + 1) for number in range(1, 8)
    ]
    continued = client_jobs[9]
    assert continued["values"]["error"] == pytest.approx((10 / 11 - 0.3) ** 2 + 2)
    assert type(client_jobs[11]["params"]["n"]["values"][0]) is int
    assert "the chooser failed" not in text
