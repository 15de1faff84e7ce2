"""`python hyperpower.py --calibrate`."""

from __future__ import annotations

import json

import pytest

import hyperpower
from hwsearch.experiment import Experiment

TEMPLATE = """
import keras
import numpy as np

kind = HYPERPARAM{"type": "ENUM", "token": "kind", "options": ["plain", "fails"]}
units = HYPERPARAM{"type": "INT", "token": "units", "min": 1, "max": 100}
x_train, y_train = np.zeros((40, 2), "float32"), np.arange(40) % 2
x_test, y_test, batch_size = x_train, y_train, 8
model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(units), keras.layers.Dense(2)])
model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
if kind == "fails":
    raise RuntimeError("this kind cannot be built")
"""


@pytest.fixture
def experiment(tmp_path):
    made = Experiment(tmp_path / "an experiment")
    made.template.parent.mkdir(parents=True)
    made.template.write_text(TEMPLATE, encoding="utf-8")
    return made


def run(capsys, *arguments):
    status = hyperpower.run([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_a_share_becomes_a_bound(experiment, capsys):
    status, out, err = run(
        capsys,
        "--calibrate",
        experiment.folder,
        "--metrics",
        "params",
        "--share",
        25,
        "--samples",
        20,
    )
    assert status == 0
    found = json.loads(out)["params"]
    assert found == json.loads(experiment.calibration_file.read_text())["params"]
    below = sum(value < found["bound"] for value in found["samples"])
    assert below / len(found["samples"]) == pytest.approx(0.25, abs=0.1)
    assert "network 20/20" in err
    assert "10 networks could not be measured:" in err
    assert "10 times: keras_model/network_def.py:12: RuntimeError: this kind cannot be built" in err
    assert not list(experiment.tmp.glob("*.py"))


def test_the_same_seed_gives_the_same_networks(experiment, capsys):
    flags = ("--calibrate", experiment.folder, "--metrics", "macs", "--share", 50, "--samples", 6)
    outs = [
        json.loads(run(capsys, *flags, "--seed", seed)[1])["macs"]["samples"] for seed in (1, 1, 2)
    ]
    assert outs[0] == outs[1] != outs[2]


def test_measured_metrics_and_a_share_each(experiment, capsys):
    status, out, _ = run(
        capsys, "--calibrate", experiment.folder, "--metrics", "runtime", "params",
        "--share", 50, 90, "--samples", 4,
    )  # fmt: skip
    assert status == 0
    found = json.loads(out)
    assert found["runtime"]["share"] == 50
    assert found["params"]["share"] == 90
    assert all(value > 0 for value in found["runtime"]["samples"])


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--metrics", "error", "--share", 30), "error: got a share"),
        (("--metrics", "speed", "--share", 30), "metric: got 'speed'"),
        (("--metrics", "params", "--share", 100), "got 100%; expected above 0%"),
        (("--metrics", "params", "--share", 1, 2), "got 2 for 1 metrics"),
        (("--metrics", "params", "--share", 30, "--samples", 1), "--samples: got 1"),
        (("--metrics", "params", "--share", 30, "--seed", -1), "--seed: got -1"),
    ],
)
def test_faults_are_one_line_and_status_2(flags, said, experiment, capsys):
    status, out, err = run(capsys, "--calibrate", experiment.folder, *flags)
    assert (status, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1


def test_no_network_at_all_is_a_fault(experiment, capsys):
    experiment.template.write_text("raise OSError('no data')\n" + TEMPLATE, encoding="utf-8")
    status, _, err = run(
        capsys,
        "--calibrate",
        experiment.folder,
        "--metrics",
        "params",
        "--share",
        30,
        "--samples",
        3,
    )
    assert status == 2
    assert "none of 3 random networks could be measured; 3 times: " in err.splitlines()[-1]


def test_no_experiment_is_a_fault(tmp_path, capsys):
    status, _, err = run(capsys, "--calibrate", tmp_path / "x", "--metrics", "params", "--share", 3)
    assert status == 2
    assert "no such folder" in err
