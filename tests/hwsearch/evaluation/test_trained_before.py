"""Networks that were trained and not measured, and are measured without another training."""

from __future__ import annotations

import contextlib
import sys
from dataclasses import replace

import numpy as np
import pytest

from hwsearch.evaluation import evaluate, trained_before
from hwsearch.evaluation.before_training import measure
from hwsearch.evaluation.job import Job
from hwsearch.experiment.settings import Settings
from hwsearch.measurements import Outcome
from hwsearch.network.network import Network
from tests.hwsearch.conftest import experiment_in
from tests.hwsearch.evaluation.test_evaluate import TEMPLATE, params

LIKELY = {"runtime": {"value": 0.9, "deviation": 0.02, "probability": 0.9994, "compared": 4}}
SETTINGS = Settings(
    "run", "error", {"runtime": 1.0}, epochs=2, profile_time_limit=0.3, measure="needed"
)
OTHER_BOUNDS = replace(SETTINGS, constraints={"runtime": 2.0})


@pytest.fixture(scope="module")
def experiment(tmp_path_factory):
    """A run with one measured network: its device is known."""
    found = experiment_in(tmp_path_factory.mktemp("run"), TEMPLATE)
    job(found, 1)
    return found


@pytest.fixture
def worse(experiment):
    """A best network that every other one is better than."""
    experiment.save_best(replace(experiment.best("run"), job=1, objective=100.0))


@pytest.fixture
def better(experiment):
    """A best network that no other one is better than."""
    experiment.save_best(replace(experiment.best("run"), job=1, objective=-1.0))


def job(experiment, job_id, settings=SETTINGS, told=None):
    """Evaluates a job, whose network no other one has: else it would not be measured."""
    experiment.save_settings(settings)
    template = experiment.load_template()
    return evaluate(experiment, settings, template, job_id, params(job_id % 7), 1.0, told)


class Killed(BaseException):
    """The end of a process, as far as a test can have one."""


def die_late(network, job, later):
    """Measures as ever before a training, and ends the process in place of measuring after it."""
    if later:
        return measure(network, job, later)
    raise Killed


def names(experiment):
    return {path.name for path in experiment.unmeasured.iterdir()}


def test_under_other_bounds_a_network_is_measured_and_not_trained_again(experiment, better, capsys):
    first = job(experiment, 2, told=LIKELY)
    assert first.measurements.unmeasured == ("runtime",)
    assert names(experiment) == {"00000002.state"}
    experiment.save_best(replace(experiment.best("run"), objective=100.0))
    capsys.readouterr()
    again = job(experiment, 2, OTHER_BOUNDS)
    text = capsys.readouterr().out
    assert "trained before: 2 epochs; its training is not repeated" in text
    assert "training: " not in text
    found = again.measurements
    assert (found.outcome, found.best, found.unmeasured) == (Outcome.TRAINED, True, ())
    assert again.values["error"] == first.values["error"]
    assert again.values["runtime"] == 2.0 - found.metrics["runtime"].value > 0
    assert found.history == first.measurements.history
    assert found.metrics["training_time"] == first.measurements.metrics["training_time"]
    assert found.seconds["train"] == first.measurements.seconds["train"]
    assert found.seconds["build"] > first.measurements.seconds["build"]
    assert not names(experiment)
    assert experiment.best("run").job == 2


def test_the_network_is_the_one_that_was_trained(experiment, better):
    first = job(experiment, 3, told=LIKELY)
    one = Job(experiment, SETTINGS, experiment.load_template(), 3, params(3))
    network = Network.from_script(one.script, one.seed, SETTINGS.seed, scored=True)
    untrained = network.model.get_weights()
    assert trained_before.trained_before(one, network) is not None
    assert not np.array_equal(network.model.get_weights()[0], untrained[0])
    assert network.validation_error() == first.values["error"]
    other = replace(one, settings=replace(SETTINGS, measure="all"))
    assert trained_before.trained_before(other, network) is None
    other = replace(one, settings=replace(SETTINGS, epochs=3))
    assert trained_before.trained_before(other, network) is None, "it was trained otherwise"
    one.script.write_text(one.script.read_text() + "\n")
    assert trained_before.trained_before(one, network) is None, "it is another network"


def test_a_job_that_is_killed_before_its_late_measurement_does_not_train_again(
    experiment, worse, capsys, monkeypatch
):
    with monkeypatch.context() as now:
        now.setattr(sys.modules[evaluate.__module__], "measure", die_late)
        with pytest.raises(Killed):
            job(experiment, 4, told=LIKELY)
    assert "measured now" in capsys.readouterr().out
    result = job(experiment, 4, told=LIKELY)
    text = capsys.readouterr().out
    assert "training: " not in text
    assert "measured now" in text
    assert result.measurements.epochs == 2
    assert result.measurements.best
    assert "00000004.state" not in names(experiment)


def test_a_network_that_cannot_be_the_best_any_more_stays_unmeasured(experiment, better, capsys):
    job(experiment, 5, told=LIKELY)
    again = job(experiment, 5, told=LIKELY)
    assert again.returned()["runtime"] is None
    assert "measured now" not in capsys.readouterr().out
    assert "00000005.state" in names(experiment)


def test_a_network_that_turns_out_over_the_new_bounds_keeps_its_error(experiment, better):
    first = job(experiment, 6, told=LIKELY)
    tight = replace(SETTINGS, constraints={"runtime": 1e-9})
    again = job(experiment, 6, tight)
    assert again.values["runtime"] < 0
    assert again.values["error"] == first.values["error"]
    assert not again.measurements.best


def test_without_its_file_a_network_is_trained_again(experiment, better, capsys):
    job(experiment, 7, told=LIKELY)
    experiment.unmeasured.joinpath("00000007.state").write_bytes(b"damaged")
    again = job(experiment, 7, OTHER_BOUNDS)
    assert "training: 2 epochs" in capsys.readouterr().out.rpartition("script: ")[2]
    assert again.measurements.metrics["runtime"].value > 0


def test_a_full_disk_only_costs_another_training(experiment, better, capsys, monkeypatch):
    experiment.unmeasured.mkdir(exist_ok=True)
    for path in experiment.unmeasured.iterdir():
        path.unlink()
    experiment.unmeasured.rmdir()
    experiment.unmeasured.write_text("no folder")
    try:
        result = job(experiment, 5, told=LIKELY)  # which is never measured here
    finally:
        with contextlib.suppress(OSError):
            experiment.unmeasured.unlink()
    assert result.measurements.unmeasured == ("runtime",)
    assert "note: the trained network is not kept to be measured later: " in capsys.readouterr().out
