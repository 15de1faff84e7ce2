"""Networks that are trained before they are measured, on the toy template of test_evaluate."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from hwsearch.evaluation import evaluate
from hwsearch.evaluation.deferring import could_be_best, predicted
from hwsearch.evaluation.job import Job
from hwsearch.experiment.settings import Settings
from hwsearch.measurements import Measurements, Outcome, Quantity
from tests.hwsearch.conftest import experiment_in
from tests.hwsearch.evaluation.test_evaluate import TEMPLATE, params

LIKELY = {"value": 0.9, "deviation": 0.02, "probability": 0.9994, "compared": 4}
SETTINGS = Settings(
    "run", "error", {"runtime": 1.0}, epochs=1, profile_time_limit=0.3, measure="needed"
)


@pytest.fixture(scope="module")
def experiment(tmp_path_factory):
    """A run with one measured network, the best one: its device is known."""
    found = experiment_in(tmp_path_factory.mktemp("run"), TEMPLATE)
    assert job(found, 1).measurements.best
    return found


def job(experiment, job_id, settings=SETTINGS, told=None, **given):
    experiment.save_settings(settings)
    template = experiment.load_template()
    return evaluate(experiment, settings, template, job_id, params(**given), 1.0, told)


def announce(experiment, value, optimize="error"):
    """Makes the best network so far one with this value."""
    best = experiment.best("run")
    experiment.save_best(replace(best, job=1, objective=value, optimize=optimize))


def test_a_network_that_cannot_be_the_best_is_not_measured(experiment, capsys):
    announce(experiment, -1.0)
    result = job(experiment, 2, told={"runtime": LIKELY}, units=2)
    found = result.measurements
    assert found.outcome is Outcome.TRAINED
    assert (found.profile, found.best, found.unmeasured) == (None, False, ("runtime",))
    assert found.predicted["runtime"].value == pytest.approx(0.1)
    assert found.predicted["runtime"].std_error == 0.02
    assert math.isnan(result.values["runtime"])
    answer = result.returned()
    assert answer["runtime"] is None
    assert answer["error"] == result.values["error"]
    assert "reason" not in answer
    assert Measurements.from_json(answer["measurements"]).unmeasured == ("runtime",)
    text = capsys.readouterr().out
    said = (
        "runtime: not measured yet; 100 ± 20 ms/image (budget 1 s/image) is predicted; the budget "
    )
    assert f"{said}is met with a probability above 99.9 %\n" in text
    assert "measured now" not in text


def test_a_network_that_could_be_the_best_is_measured_after_its_training(experiment, capsys):
    announce(experiment, 100.0)
    result = job(experiment, 3, told={"runtime": LIKELY}, units=4)
    found = result.measurements
    assert found.best
    assert not found.unmeasured
    assert found.predicted["runtime"].value == pytest.approx(0.1)
    assert result.returned()["runtime"] == 1.0 - found.metrics["runtime"].value > 0.9
    assert found.profile is not None
    assert found.seconds["measure"] > 0
    assert found.metrics["error"].value == result.values["error"]
    best = experiment.best("run")
    assert (best.job, best.metrics["runtime"]) == (3, found.metrics["runtime"])
    text = capsys.readouterr().out
    order = ["runtime: not measured yet", "training: 1 epoch", "measured now", "runtime: "]
    places = [text.index(words) for words in order[:3]]
    assert places == sorted(places)
    assert "best network so far" in text


def test_a_network_that_turns_out_over_the_budget_is_no_result(experiment):
    tight = replace(SETTINGS, constraints={"runtime": 1e-9})
    announce(experiment, 100.0)
    told = {"runtime": LIKELY | {"value": 1e-10}}
    result = job(experiment, 4, tight, told, units=5)
    assert result.values["runtime"] < 0
    assert math.isfinite(result.values["error"])
    assert result.measurements.outcome is Outcome.TRAINED
    assert not result.measurements.best
    assert experiment.best("run").job == 1


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, {}),
        ({}, {"runtime": LIKELY | {"probability": 0.985}}),
        ({}, {"runtime": LIKELY | {"compared": 3}}),
        ({"constraints": {"runtime": 1.0, "power": 1.0}}, {"runtime": LIKELY}),
        (
            {"constraints": {"runtime": 1.0, "power": 1.0}},
            dict.fromkeys(["runtime", "power"], LIKELY | {"probability": 0.9942}),
        ),
        (
            {"constraints": {"runtime": 1.0, "memory": 1.0}},
            dict.fromkeys(["runtime", "memory"], LIKELY),
        ),
        ({"measure": "all"}, {"runtime": LIKELY}),
        ({"hardware_models": "off"}, {"runtime": LIKELY}),
        ({"mixed_devices": True}, {"runtime": LIKELY}),
        ({"stop": "freeze-thaw"}, {"runtime": LIKELY}),
        ({"keep_models": 3}, {"runtime": LIKELY}),
        ({"repeats": 2}, {"runtime": LIKELY}),
        ({"sweep": {"runtime": [1.0, 2.0]}}, {"runtime": LIKELY}),
        ({"further_objectives": {"runtime": False}, "constraints": {}}, {"runtime": LIKELY}),
        ({"optimize": "runtime", "constraints": {"error": 9.0}}, {"runtime": LIKELY}),
    ],
)
def test_what_is_not_almost_certain_is_measured_first(experiment, changes, told):
    assert predicted(_job(experiment, replace(SETTINGS, **changes), told)) == {}


def test_what_is_almost_certain_is_trained_first(experiment):
    assert predicted(_job(experiment, SETTINGS, {"runtime": LIKELY})).keys() == {"runtime"}
    two = replace(SETTINGS, constraints={"runtime": 1.0, "power": 1.0, "params": 1e6})
    told = dict.fromkeys(["runtime", "power"], LIKELY)
    assert predicted(_job(experiment, two, told)).keys() == {"runtime", "power"}


def test_another_device_measures_first(experiment, monkeypatch):
    monkeypatch.setattr(
        "hwsearch.evaluation.deferring.known_device", lambda _: {"kind": "gpu", "name": "A100"}
    )
    assert predicted(_job(experiment, SETTINGS, {"runtime": LIKELY})) == {}


@pytest.mark.parametrize(
    ("values", "objective", "answer"),
    [
        ({"error": 5.0}, 5.0, True),
        ({"error": 5.01}, 5.0, False),
        ({"error": math.nan}, 5.0, False),
        ({}, 5.0, False),
        ({"error": 1.0, "training_time": 11.0}, 5.0, False),
        ({"error": 1.0, "training_time": 9.0}, 5.0, True),
    ],
)
def test_who_could_be_the_best(experiment, values, objective, answer):
    announce(experiment, objective)
    bounds = {"runtime": 1.0} | ({"training_time": 10.0} if "training_time" in values else {})
    one = _job(experiment, replace(SETTINGS, constraints=bounds), {})
    metrics = {name: Quantity(value) for name, value in values.items()}
    known = Measurements(metrics=metrics, predicted={"runtime": Quantity(0.1)})
    assert could_be_best(one, known) is answer
    # The earlier attempt of a job that was killed as the best one is no reason to skip it.
    itself = replace(one, id=1)
    assert could_be_best(itself, known) is (answer or values.get("error") == 5.01)
    # So is that of another run.
    other = replace(one, settings=replace(one.settings, experiment_name="other"))
    assert could_be_best(other, known) is (answer or values.get("error") == 5.01)


def test_more_of_a_maximised_metric_is_better(experiment):
    announce(experiment, 0.8, "val_accuracy")
    settings = replace(SETTINGS, optimize="val_accuracy", maximize=True)
    for value, answer in ((0.79, False), (0.8, True), (0.9, True)):
        known = Measurements(
            metrics={"val_accuracy": Quantity(value)}, predicted={"runtime": Quantity(0.1)}
        )
        assert could_be_best(_job(experiment, settings, {}), known) is answer


def _job(experiment, settings, told):
    return Job(experiment, settings, experiment.load_template(), 9, params(), 1.0, told)
