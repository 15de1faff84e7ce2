"""A job that is paused and continued, as the optimiser sees it."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from hwsearch.evaluation import evaluate
from hwsearch.evaluation.segments import curve
from hwsearch.experiment.settings import Settings
from hwsearch.measurements import Measurements, Outcome
from hwsearch.network.fitting.train_result import TrainResult

TEMPLATE = '''"""A toy that trains for eight epochs."""
import keras
import numpy as np

rng = np.random.default_rng(0)
x = rng.normal(size=(96, 4)).astype("float32")
y = (x[:, 0] > 0).astype(int)
units = HYPERPARAM{"type": "INT", "token": "units", "min": 1, "max": 64}
model = keras.Sequential(
    [keras.Input((4,)), keras.layers.Dense(units, "relu"), keras.layers.Dense(2, "softmax")]
)
model.compile("sgd", "sparse_categorical_crossentropy", run_eagerly=True)
model.fit(x, y, batch_size=16, epochs=8, **more)
'''
SETTINGS = Settings("run", "error", {"params": 100.0}, stop="freeze-thaw")


class Toy:
    """Evaluates jobs of the toy."""

    def __init__(self, prepared):
        self._prepared = prepared
        self.experiment = None

    def __call__(self, until, job_id=7, more="{}", settings=SETTINGS, units=4):
        if self.experiment is None:
            self.experiment = self._prepared(TEMPLATE.replace("**more", f"**{more}"))
        experiment = self.experiment
        experiment.save_settings(settings)
        params = {"units": [units]}
        return evaluate(experiment, settings, experiment.load_template(), job_id, params, until)


@pytest.fixture
def job(prepared):
    return Toy(prepared)


def test_a_job_in_segments_ends_as_one_in_one_piece(job, capsys):
    first = job(1 / 8)
    returned = first.returned()
    assert returned["paused"]["progress"] == 1 / 8
    [[share, value]] = returned["paused"]["curve"]
    assert share == 1 / 8
    assert 0 <= value <= 100
    assert set(returned) == {"paused", "params", "measurements"}  # no error yet
    assert returned["params"] == 100 - (5 * 4 + 2 * 5)
    assert (first.measurements.outcome, first.measurements.epochs) == (Outcome.PAUSED, 1)
    assert "measure" in first.measurements.seconds
    states = job.experiment.paused
    assert [path.name for path in states.iterdir()] == ["00000007.state"]

    capsys.readouterr()
    second = job(1 / 2)
    assert "the training continues after epoch 1 of 8" in capsys.readouterr().out
    points = second.paused["curve"]
    assert [point[0] for point in points] == [1 / 8, 2 / 8, 3 / 8, 4 / 8]
    assert points[0][1] == value
    took = [found.paused["took"] for found in (first, second)]
    assert [one["share"] for one in took] == [1 / 8, 3 / 8]
    assert took[0]["once"] == first.measurements.seconds["measure"]
    assert took[1]["once"] == 0, "it was measured before"
    trained = [one.measurements.seconds["train"] for one in (first, second)]
    assert 0 < took[0]["training"] < trained[0], "the first step of a process is no part of it"
    assert 0 < took[1]["training"] < trained[1]
    assert points == sorted(points, key=lambda point: -point[1])  # the best epoch so far
    assert second.measurements.metrics["params"] == first.measurements.metrics["params"]
    known = first.measurements.seconds
    assert second.measurements.seconds["measure"] == known["measure"]
    assert second.measurements.seconds["train"] > known["train"]
    assert second.measurements.seconds["build"] > known["build"]
    assert all(seconds >= 0 for seconds in second.measurements.seconds.values())

    again = job(1 / 4)  # which it has passed
    assert again.paused["curve"] == second.paused["curve"]
    assert "took" not in again.paused, "it has trained nothing"
    assert "epoch 5" not in capsys.readouterr().out

    last = job(1.0)
    assert last.paused == {}
    assert not list(states.iterdir())
    whole = job(1.0, job_id=7)
    assert last.values == whole.values
    assert last.measurements.history == whole.measurements.history
    assert len(last.measurements.history["loss"]) == 8
    assert last.measurements.outcome is Outcome.TRAINED
    time_s = last.measurements.metrics["training_time"].value
    assert time_s > second.measurements.seconds["train"] / 2
    assert Measurements.from_json(first.returned()["measurements"]).outcome is Outcome.PAUSED


def test_a_lost_state_is_trained_again(job):
    before = job(1 / 4)
    job.experiment.paused.joinpath("00000007.state").write_bytes(b"damaged")
    after = job(1 / 2)
    assert after.paused["curve"][:2] == before.paused["curve"]
    assert len(after.paused["curve"]) == 4
    other = job(1 / 4, units=5)  # the state is that of another script
    assert other.measurements.epochs == 2


@pytest.mark.parametrize(
    ("more", "settings", "reason"),
    [
        ('{"validation_freq": 4}', SETTINGS, "validation_freq of fit"),
        ("{}", replace(SETTINGS, paused_size=2**10), "its state is larger than 0.0009766 MiB"),
        (
            "{}",
            Settings("run", "params", {"error": 60.0}, stop="freeze-thaw"),
            "params does not follow from a training",
        ),
    ],
)
def test_a_training_that_is_not_paused_says_why(job, capsys, more, settings, reason):
    found = job(1 / 8, more=more, settings=settings)
    assert found.paused == {}
    assert found.measurements.epochs == 8
    [note] = [one for one in found.measurements.notes if "not paused" in one]
    assert note.startswith(f"this training is not paused: {reason}")
    assert capsys.readouterr().out.count(note) == 1


def test_without_the_setting_nothing_is_paused(job):
    found = job(1 / 8, settings=replace(SETTINGS, stop="off"))
    assert (found.paused, found.measurements.epochs) == ({}, 8)


def test_a_network_over_a_bound_is_rejected_in_its_first_segment(job):
    found = job(1 / 8, settings=replace(SETTINGS, constraints={"params": 5.0}))
    assert found.measurements.outcome is Outcome.REJECTED
    assert found.paused == {}


def test_the_time_limit_counts_all_segments(job, capsys):
    limited = replace(SETTINGS, train_timeout=1e-6)
    job(1 / 4)
    found = job(1.0, settings=limited)
    assert found.measurements.epochs == 3
    assert "in epoch 3" in found.reason or found.measurements.outcome is Outcome.STOPPED


def test_a_curve_is_in_the_objective_s_values():
    result = TrainResult(history={"error": [math.nan, 4.0, 5.0], "val_auc": [0.5, 0.7, 0.6]})
    assert curve(SETTINGS, result, 4) == [[0.5, 4.0], [0.75, 4.0]]
    settings = Settings("run", "val_auc", {}, maximize=True)
    assert curve(settings, result, 4) == [[0.25, -0.5], [0.5, -0.7], [0.75, -0.7]]
    assert curve(replace(settings, last_epoch=True), result, 4)[2] == [0.75, -0.6]
