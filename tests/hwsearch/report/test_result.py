"""One job as reports see it."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from hwsearch.budget import AtLeast
from hwsearch.experiment.settings import Settings
from hwsearch.report.result import Fate, Result, best_of

SETTINGS = Settings("run", "error", {"runtime": 2e-5})
PREDICTED = {
    "outcome": "trained",
    "epochs": 2,
    "predicted": {"runtime": {"value": 1.12e-5, "std_error": 4e-7, "unit": "s/image"}},
}
OLD_JOBS = json.loads(
    (Path(__file__).parents[1] / "measurements" / "old_jobs.json").read_text(encoding="utf-8")
)


def result(error=3.0, runtime=1e-5, settings=SETTINGS, **document):
    values = {"error": error, "runtime": 2e-5 - runtime}
    return Result.of({"id": 1, "status": "complete", "values": values} | document, settings)


@pytest.mark.parametrize(
    ("document", "fate"),
    [
        ({}, Fate.TRAINED),
        ({"measurements": {"outcome": "trained", "epochs": 2}}, Fate.TRAINED),
        ({"measurements": {"outcome": "stopped", "epochs": 2}}, Fate.STOPPED),
        ({"measurements": {"outcome": "measured"}}, Fate.MEASURED),
        ({"error": math.nan, "measurements": {"outcome": "measured"}}, Fate.NO_VALUE),
        ({"error": math.nan, "measurements": {"outcome": "rejected"}}, Fate.REJECTED),
        ({"error": math.nan, "reason": "rejected before training: x"}, Fate.REJECTED),
        ({"error": math.nan, "measurements": {"outcome": "diverged"}}, Fate.NO_VALUE),
        ({"error": math.nan, "measurements": {"outcome": "trained"}}, Fate.NO_VALUE),
        ({"runtime": math.nan}, Fate.NO_VALUE),
        ({"status": "broken", "reason": "rejected before training: x"}, Fate.BROKEN),
        ({"status": "pending"}, Fate.RUNNING),
        ({"status": "paused"}, Fate.PAUSED),
        ({"status": "paused", "ended": "not the best"}, Fate.ENDED),
        ({"status": None}, Fate.RUNNING),
        ({"runtime": math.nan, "measurements": PREDICTED}, Fate.UNMEASURED),
        (
            {"runtime": math.nan, "measurements": PREDICTED | {"outcome": "stopped"}},
            Fate.UNMEASURED,
        ),
        ({"runtime": math.nan, "measurements": PREDICTED | {"predicted": {}}}, Fate.NO_VALUE),
        (
            {"error": math.nan, "runtime": math.nan, "measurements": PREDICTED},
            Fate.NO_VALUE,
        ),
        ({"measurements": PREDICTED | {"metrics": {"runtime": {"value": 1e-5}}}}, Fate.TRAINED),
    ],
)
def test_fates(document, fate):
    assert result(**document).fate is fate


def test_a_network_that_was_not_measured_is_no_result_and_says_what_is_predicted():
    unmeasured = result(error=0.1, runtime=math.nan, measurements=PREDICTED)
    assert not unmeasured.feasible
    assert best_of([unmeasured], SETTINGS) is None
    assert unmeasured.cost("runtime") == "not measured (predicted 11.2 ± 0.4 µs/image)"
    assert unmeasured.reason == f"runtime {unmeasured.cost('runtime')}"
    again = Result.of(
        {"id": 1, "status": "complete", "values": {"error": 0.1}, "measurements": PREDICTED},
        Settings("run", "error", {"runtime": 1e-6}),
    )
    assert (again.fate, again.feasible) == (Fate.UNMEASURED, False)


def test_a_network_that_was_measured_after_its_training_says_so_if_it_is_over_the_budget():
    metrics = {"runtime": {"value": 2.5e-5, "std_error": 1e-7}, "error": {"value": 0.1}}
    over = result(error=0.1, runtime=2.5e-5, measurements=PREDICTED | {"metrics": metrics})
    assert (over.fate, over.feasible) == (Fate.TRAINED, False)
    assert over.reason == "trained before it was measured"
    assert over.cost("runtime") == "25.00 ± 0.10 µs/image"
    metrics["runtime"]["value"] = 1e-5
    within = result(error=0.1, measurements=PREDICTED | {"metrics": metrics})
    assert (within.feasible, within.reason) == (True, "")


def test_a_paused_job_is_no_result_and_says_how_far_it_is():
    done = {"progress": 0.125, "measurements": {"outcome": "paused", "epochs": 4}}
    paused = result(error=0.1, status="paused", **done)
    assert paused.reason == "paused after epoch 4, 12.5 % of its training"
    done["curve"] = [[0.1, 12.0], [0.125, 9.5]]
    paused = result(error=0.1, status="paused", **done)
    assert paused.reason == "paused after epoch 4, 12.5 % of its training: error 9.5 %"
    assert not paused.feasible
    assert best_of([paused], SETTINGS) is None
    assert result(reason="of the past", **done).reason == "of the past"
    ended = result(status="paused", ended="no\nuse", **done)
    assert ended.reason == "stopped after epoch 4, 12.5 % of its training: error 9.5 %; no use"


@pytest.mark.parametrize(
    ("name", "settings", "fate"),
    [
        ("trained", Settings("run", "error", {"power": 80.2}), Fate.TRAINED),
        ("rejected", Settings("run", "error", {"params": 200.0}), Fate.REJECTED),
        ("diverged", Settings("run", "error", {"params": 200.0}), Fate.NO_VALUE),
        ("broken", Settings("run", "error"), Fate.BROKEN),
    ],
)
def test_fates_of_old_jobs(name, settings, fate):
    assert Result.of(OLD_JOBS[name], settings).fate is fate


@pytest.mark.parametrize(
    ("runtime", "feasible"), [(1.9e-5, True), (2e-5, True), (2.1e-5, False), (math.nan, False)]
)
def test_on_the_bound_is_within_it(runtime, feasible):
    assert result(runtime=runtime).feasible is feasible


def test_values_are_as_measured_not_margins():
    assert result(runtime=1e-5).values == {"error": 3.0, "runtime": pytest.approx(1e-5)}
    measured = {"metrics": {"runtime": {"value": 1.5e-5}, "macs": {"value": 9}, "other": {}}}
    values = result(runtime=1e-5, measurements=measured).values
    assert values == {"error": 3.0, "runtime": 1.5e-5, "macs": 9.0}


@pytest.mark.parametrize(
    ("std_error", "uncertain"), [(1e-6, True), (1e-7, False), (0, False), (None, False)]
)
def test_uncertain_is_within_two_standard_errors(std_error, uncertain):
    measured = {"metrics": {"runtime": {"value": 1.9e-5, "std_error": std_error}}}
    one = result(measurements=measured)
    assert one.uncertain("runtime", 2e-5) is uncertain


def test_the_excess_is_that_of_the_worst_budget():
    settings = Settings("run", "macs", {"runtime": 2e-5, "error": 10.0})
    one = Result.of({"values": {"runtime": -1e-5, "error": -2.0}}, settings)
    assert one.excess(settings) == pytest.approx(0.5)
    assert result(runtime=1e-5).excess(SETTINGS) == 0.0
    assert Result.of({}, SETTINGS).excess(SETTINGS) is None


def test_the_best_has_the_lowest_known_objective():
    rejected = {"measurements": {"outcome": "rejected"}}
    results = [result(5.0), result(math.nan, **rejected), result(3.0), result(1.0, status="new")]
    assert best_of(results, SETTINGS) is results[2]
    assert best_of(results[1:2], SETTINGS) is None


def test_a_rejected_network_counts_if_its_objective_was_measured():
    settings = Settings("run", "runtime", {"error": 10.0})
    document = {"values": {"runtime": 1e-6, "error": None}, "measurements": {"outcome": "rejected"}}
    rejected = Result.of({"status": "complete"} | document, settings)
    assert best_of([rejected], settings) is rejected
    assert not rejected.feasible


def test_a_maximised_metric_and_a_lower_bound_are_shown_as_measured():
    settings = Settings("run", "val_auc", {"val_recall": AtLeast(0.9)}, maximize=True)
    jobs = [
        {"id": 1, "status": "complete", "values": {"val_auc": -0.8, "val_recall": 0.05}},
        {"id": 2, "status": "complete", "values": {"val_auc": -0.9, "val_recall": -0.45}},
    ]
    first, second = (Result.of(job, settings) for job in jobs)
    assert first.values == {"val_auc": 0.8, "val_recall": pytest.approx(0.95)}
    assert first.feasible
    assert not second.feasible
    assert second.excess(settings) == pytest.approx(0.5)
    assert first.excess(settings) == 0
    assert best_of([first, second], settings) is second
