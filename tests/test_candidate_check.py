"""Searches from a template under tight bounds that are known before a network becomes a job."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from hwsearch.measurements import Quantity
from hwsearch.predicting.features import Structure
from hwsearch.predicting.records import NetworkRecord
from hwsearch.predicting.store import Store
from spearmint.database import connect
from tests.environment import unmeasured

ROOT = Path(__file__).resolve().parents[1]
#: The line of a report about the time.
TIME = r"^time: .* s: networks .* s \(training .* s, .*\), starting and choosing .* s$"
TEMPLATE = """
import keras
import numpy as np

rng = np.random.default_rng(0)
x = rng.normal(size=(64, 4)).astype("float32")
y = (x[:, 0] > 0).astype(int)
model = keras.Sequential([keras.Input((4,))])
model.add(
    keras.layers.Dense(HYPERPARAM{"type": "INT", "token": "units", "min": 1, "max": 64}, "relu")
)
model.add(keras.layers.Dense(2, "softmax"))
rate = HYPERPARAM{"type": "FLOAT", "token": "rate", "min": 0.01, "max": 0.3}
model.compile(keras.optimizers.SGD(rate), "sparse_categorical_crossentropy")
model.fit(x, y, batch_size=32, epochs=1, validation_split=0.5)
"""


@pytest.mark.slow
def test_no_job_is_over_a_computed_budget(tmp_path: Path) -> None:
    folder = tmp_path / "it's é"
    (folder / "keras_model").mkdir(parents=True)
    (folder / "keras_model/network_def.py").write_text(TEMPLATE, encoding="utf-8")
    command = [sys.executable, str(ROOT / "gener_experiment.py"), "--experiment", str(folder)]
    flags = ["--max_finished_jobs", "3", "--seed", "2"]
    bound = ["--optimize", "error", "--constraint", "params", "--constraint_val"]
    done = subprocess.run(
        [*command, *flags, *bound, "227"],
        check=False,
        capture_output=True,
        text=True,
        env=unmeasured(),
    )
    assert done.returncode == 0, done.stdout + done.stderr

    # 7 * 32 + 2 = 226: half of all networks. Without the check, some of these would be jobs.
    document = json.loads((folder / "spearmint/config.json").read_text(encoding="utf-8"))
    run = document["experiment-name"]
    with connect(f"sqlite:{folder}/mongodb/spearmint.sqlite") as store:
        jobs, discarded = store.jobs(run), store.discarded(run)
    assert [job["status"] for job in jobs] == ["complete"] * 3
    assert all(7 * job["params"]["units"]["values"][0] + 2 <= 227 for job in jobs)
    assert discarded
    for one in discarded:
        assert one["values"] == {"params": 227 - (7 * one["params"]["units"]["values"][0] + 2)}
        assert one["values"]["params"] < 0
    subject = "1 candidate" if len(discarded) == 1 else f"{len(discarded)} candidates"
    verb = "was" if len(discarded) == 1 else "were"
    assert f"\n{subject} over the params budget {verb} not evaluated\n" in done.stdout
    assert "\n3 networks: 3 trained\n" in done.stdout
    assert re.search(TIME, done.stdout, re.MULTILINE)

    # Another bound: the networks that broke the former one are candidates again.
    resumed = subprocess.run(
        [*command, "--resume", "--max_finished_jobs", "4", *bound[2:], "1000"],
        check=False,
        capture_output=True,
        text=True,
        env=unmeasured(),
    )
    assert resumed.returncode == 0, resumed.stdout + resumed.stderr
    assert "not evaluated" not in resumed.stdout
    assert "\n4 networks: 4 trained\n" in resumed.stdout
    assert re.search(TIME, resumed.stdout, re.MULTILINE)
    starts = json.loads((folder / "tmp/searches.json").read_text(encoding="utf-8"))["searches"]
    summary = json.loads((folder / "tmp/summary.json").read_text(encoding="utf-8"))
    total = sum(start["seconds"] for start in starts)
    assert len(starts) == 2
    assert summary["seconds"]["total"] == total > summary["seconds"]["networks"]


@pytest.mark.slow
def test_hardware_models_keep_networks_over_a_measured_budget_from_becoming_jobs(
    tmp_path: Path,
) -> None:
    from hwsearch.network_records import platform_here

    (tmp_path / "keras_model").mkdir()
    (tmp_path / "keras_model/network_def.py").write_text(TEMPLATE, encoding="utf-8")
    # By these profiles, a batch takes a microsecond per parameter. That is not true here, so that
    # the measured networks differ from the predicted ones.
    store = Store(tmp_path / "tmp/hardware")
    for units in range(1, 25):
        params = 7.0 * units + 2.0
        cost = Quantity((1.0 + 0.02 * (-1) ** units) * 1e-6 * params / 32, 0.0)
        known = {"batch": 32.0, "params": params}
        structure = Structure(**{field.name: 0.0 for field in fields(Structure)} | known)
        record = NetworkRecord(platform_here(), structure, f"{units:064}", "", {"runtime": cost})
        store.keep(record)
    command = [sys.executable, str(ROOT / "gener_experiment.py"), "--experiment", str(tmp_path)]
    flags = ["--max_finished_jobs", "4", "--seed", "2", "--profile_time_limit", "0.3"]
    flags += ["--measure", "needed"]
    bound = ["--optimize", "error", "--constraint", "runtime", "--constraint_val", "7.1us"]
    done = subprocess.run(
        [*command, *flags, *bound],
        check=False,
        capture_output=True,
        text=True,
        env=unmeasured(),
    )
    assert done.returncode in {0, 1}, done.stdout + done.stderr
    document = json.loads((tmp_path / "spearmint/config.json").read_text(encoding="utf-8"))
    assert document["candidate-check"]["first-job"] == 2
    assert document["candidate-check"]["tell-main"]
    run = document["experiment-name"]
    with connect(f"sqlite:{tmp_path}/mongodb/spearmint.sqlite") as database:
        jobs, discarded = database.jobs(run), database.discarded(run)
    assert [job["status"] for job in jobs] == ["complete"] * 4
    assert "predictions" not in jobs[0], "the first job shows the device"
    for one in [*jobs[1:], *discarded]:
        mean, deviation = one["predictions"]["runtime"]
        assert mean < 7.1e-6
        assert deviation > 0.0
    assert discarded
    assert all(one["predictions"]["runtime"][0] < 0 for one in discarded)
    assert "probably over the runtime budget" in done.stdout
    for job in jobs:
        found = job["measurements"]
        measured_last = "runtime" in found.get("predicted", {}) and "runtime" in found["metrics"]
        allows = bool(found.get("epochs")) and not measured_last
        assert job["ahead"] == (job["attempt"] if allows else 0), "not while it is measured"
