"""A search from a template under a tight bound on the parameters: no job exceeds it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from spearmint.database import connect
from tests.environment import unmeasured

ROOT = Path(__file__).resolve().parents[1]
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
    flags = ["--max_finished_jobs", "5", "--seed", "2"]
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
    assert [job["status"] for job in jobs] == ["complete"] * 5
    assert all(7 * job["params"]["units"]["values"][0] + 2 <= 227 for job in jobs)
    assert discarded
    for one in discarded:
        assert one["values"] == {"params": 227 - (7 * one["params"]["units"]["values"][0] + 2)}
        assert one["values"]["params"] < 0
    subject = "1 candidate" if len(discarded) == 1 else f"{len(discarded)} candidates"
    verb = "was" if len(discarded) == 1 else "were"
    assert f"\n{subject} over the params budget {verb} not evaluated\n" in done.stdout
    assert "\n5 networks: 5 trained\n" in done.stdout

    # Another bound: the networks that broke the former one are candidates again.
    resumed = subprocess.run(
        [*command, "--resume", "--max_finished_jobs", "6", *bound[2:], "1000"],
        check=False,
        capture_output=True,
        text=True,
        env=unmeasured(),
    )
    assert resumed.returncode == 0, resumed.stdout + resumed.stderr
    assert "not evaluated" not in resumed.stdout
    assert "\n6 networks: 6 trained\n" in resumed.stdout
