"""What the optimiser gets of a job."""

from __future__ import annotations

import math

import pytest

from hwsearch.budget import AtLeast
from hwsearch.evaluation.job import Evaluation, job_seed, values_of
from hwsearch.experiment.settings import Settings
from hwsearch.measurements import Measurements, Outcome, Quantity


def known(**values: float) -> Measurements:
    return Measurements(metrics={name: Quantity(value) for name, value in values.items()})


def test_objectives_are_minimised_and_bounds_leave_room() -> None:
    settings = Settings(
        "run",
        "val_auc",
        {"power": 85.0, "val_recall": AtLeast(0.9)},
        maximize=True,
        further_objectives={"runtime": False, "val_precision": True},
    )
    values = values_of(settings, known(val_auc=0.8, power=80.0, val_recall=0.7, runtime=0.01))
    assert values == {
        "val_auc": -0.8,
        "runtime": 0.01,
        "val_precision": pytest.approx(math.nan, nan_ok=True),
        "power": 5.0,
        "val_recall": pytest.approx(-0.2),
    }


def test_a_trained_network() -> None:
    answer = Evaluation({"error": 3.0, "power": -2.0}, known(error=3.0)).returned()
    assert (answer.pop("error"), answer.pop("power")) == (3.0, -2.0)
    assert Measurements.from_json(answer.pop("measurements")).metrics["error"].value == 3.0
    assert answer == {}


def test_a_network_without_a_value_has_a_reason() -> None:
    measurements = Measurements(outcome=Outcome.DIVERGED)
    answer = Evaluation({"error": math.nan}, measurements, "training diverged").returned()
    assert math.isnan(answer["error"])
    assert answer["reason"] == "training diverged"


def test_a_cost_that_was_left_open_is_no_failure() -> None:
    measurements = Measurements(predicted={"power": Quantity(80.0, 1.0)})
    answer = Evaluation({"error": 3.0, "power": math.nan}, measurements).returned()
    assert (answer["error"], answer["power"]) == (3.0, None)


def test_a_paused_training_gives_only_what_is_known() -> None:
    paused = {"progress": 0.5, "curve": [[0.5, 3.0]]}
    values = {"error": math.nan, "power": 5.0}
    answer = Evaluation(values, Measurements(), "paused", paused).returned()
    assert set(answer) == {"paused", "power", "measurements"}
    assert answer["paused"] == paused


def test_seeds_of_jobs_and_runs_differ_and_fit_32_bits() -> None:
    seeds = {job_seed(seed, job) for seed in range(20) for job in range(20)}
    assert len(seeds) == 400
    assert 0 <= min(seeds) <= max(seeds) < 2**32
    assert job_seed(3, 4) == job_seed(3, 4)
