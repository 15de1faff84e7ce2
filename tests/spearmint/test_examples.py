"""Experiments in the original's form, run as their users do: python spearmint/main.py DIR."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from math import isnan
from pathlib import Path
from typing import Any

import pytest

from spearmint.config import load
from spearmint.database import connect
from spearmint.optimiser.best_jobs import best_observed, front_observed

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
#: Needs a batch system, and a database that its nodes reach.
ELSEWHERE = {"slurm"}
NAMES = sorted({path.name for path in EXAMPLES.iterdir() if path.is_dir()} - ELSEWHERE)


def run(folder: Path, address: str, status: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, str(ROOT / "spearmint" / "main.py"), str(folder)],
        cwd="/",
        env={**os.environ, "SPEARMINT_DB_ADDRESS": address},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status, done.stdout + done.stderr
    assert done.stderr == ""
    return done.stdout


def limit(config: dict[str, Any]) -> int:
    resources = config.get("resources", {"": config})
    return sum(resource["max-finished-jobs"] for resource in resources.values())


def copied(name: str, tmp_path: Path) -> tuple[Path, dict[str, Any]]:
    folder = tmp_path / name
    shutil.copytree(EXAMPLES / name, folder)
    return folder, json.loads((folder / "config.json").read_text())


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_example_runs_to_its_end(name: str, tmp_path: Path) -> None:
    folder, config = copied(name, tmp_path)
    address = f"sqlite:{tmp_path}/jobs.sqlite"
    text = run(folder, address)
    with connect(address) as store:
        jobs = store.jobs(config["experiment-name"])
        hypers = store.hypers(config["experiment-name"])
    if name == "paused":  # only trainings that came to their end count
        jobs = [job for job in jobs if job["status"] != "paused"]
        assert {job["attempt"] for job in jobs} == {config["stopping"]["segments"]}
        assert "paused at" in text
    else:
        assert [job["id"] for job in jobs] == list(range(1, len(jobs) + 1))
    assert len(jobs) == limit(config)
    assert {job["status"] for job in jobs} == {"complete"}
    tasks = load(folder).tasks
    if name == "two_objectives":
        front = front_observed(tasks, jobs)
        assert len(front) > 2
        ids = [line.split()[0] for line in text.splitlines()[-len(front) :]]
        assert ids == [str(job["id"]) for job in front]
        return
    best = best_observed(tasks, jobs)
    assert best is not None
    assert text.count("best observed: ") >= (1 if name == "paused" else len(jobs))
    assert f", in job {best['id']}\n" in text
    if config.get("chooser") != "random_search":
        assert hypers
        assert "expected best: " in text
    if name == "constrained":
        assert all(len(job["values"]) == 3 for job in jobs)
        assert best["values"]["inside"] >= 0
        assert not isnan(best["values"]["height"])
    if name == "resources":
        assert sorted(job["resource"] for job in jobs) == ["cpu"] * 4 + ["gpu"] * 3
        outputs = {job["resource"]: folder / "output" for job in jobs} | {"gpu": folder / "gpu"}
        for job in jobs:
            output = (outputs[job["resource"]] / f"{job['id']:08d}.out").read_text()
            assert f"on the {job['resource']}" in output


@pytest.mark.slow
@pytest.mark.server
def test_example_runs_on_a_mongodb_server(tmp_path: Path, mongo_address: str) -> None:
    folder, config = copied("noiseless", tmp_path)
    run(folder, mongo_address)
    with connect(mongo_address) as store:
        jobs = store.jobs(config["experiment-name"])
        store.drop(config["experiment-name"])
    address = f"sqlite:{tmp_path}/jobs.sqlite"
    run(folder, address)
    with connect(address) as store:
        same = store.jobs(config["experiment-name"])
    assert [job["params"] for job in jobs] == [job["params"] for job in same]
    assert [job["values"] for job in jobs] == [job["values"] for job in same]
