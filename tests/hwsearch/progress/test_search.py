"""A search as it is known while it runs."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from hwsearch.experiment.settings import Settings
from hwsearch.progress.search import Search


def test_the_jobs_of_earlier_starts_are_read_once(search, jobs) -> None:
    jobs.add(1, 3.0, 9e-6, 0.95)
    search.begin()
    jobs.add(2, 1.0, 9e-6, 0.95)
    search.begin()
    assert list(search.results) == [1]


def test_the_best_is_under_every_budget(search, jobs) -> None:
    assert search.best is None
    for job_id, error, runtime, auc in ((1, 9, 9e-6, 0.95), (2, 1, 1e-5, 0.95), (3, 1, 9e-6, 0.8)):
        jobs.add(job_id, float(error), runtime, auc)
        search.finish(job_id)
    assert search.best is search.results[1]
    jobs.add(4, 2.0, 9e-6, 0.9)
    assert search.finish(4) is search.best
    # Of equal ones the first is the best, in whatever order they are read.
    jobs.add(0, 2.0, 9e-6, 0.9)
    assert search.finish(0) is search.best


def test_a_job_that_the_database_lost(search) -> None:
    assert search.finish(9) is None
    assert search.results == {}


def test_the_expected_network_is_in_the_users_units(search, expected_event) -> None:
    found = search.expect(expected_event())
    assert found is search.expected
    assert found.values == pytest.approx({"error": 2.5, "runtime": 9.5e-6, "val_auc": 0.91})
    assert found.hyperparameters == {
        "learning_rate": pytest.approx(0.3162, rel=1e-3),
        "act": "relu",
    }
    assert found.spread["runtime"] == 2e-7


def test_what_is_maximised_has_its_own_sign(search, template, expected_event) -> None:
    settings = replace(search.settings, maximize=True)
    other = Search(settings, template, list, lambda _: None)
    event = expected_event() | {"values": {"error": -0.9}, "spread": {}}
    found = other.expect(event)
    assert found.values["error"] == 0.9
    assert math.isnan(found.values["runtime"])
    assert math.isnan(found.spread["error"])


def test_the_expected_network_has_the_costs_that_were_measured(
    search, jobs, expected_event
) -> None:
    jobs.add(1, 2.4, 9.1e-6, 0.97)
    search.finish(1)
    assert search.expect(expected_event()).values["runtime"] == pytest.approx(9.5e-6)
    event = expected_event()
    measured = jobs.add(2, 2.4, 9.2e-6, 0.97)["measurements"]
    measured["hyperparameters"] = search.template.active_values(event["params"])
    search.finish(2)
    found = search.expect(event)
    assert found.values == pytest.approx({"error": 2.5, "runtime": 9.2e-6, "val_auc": 0.91})
    assert found.spread == pytest.approx({"error": 0.3, "runtime": 5e-8, "val_auc": 0.02})


def test_a_metric_that_can_be_counted_is_not_predicted(search, template, expected_event) -> None:
    other = Search(Settings("run", "error", {"params": 900.0}), template, list, lambda _: None)
    event = expected_event() | {"values": {"error": 2.5, "params": 100.0}}
    found = other.expect(event | {"spread": {"error": 0.3, "params": 12.0}})
    assert math.isnan(found.values["params"])
    found = other.expect(event | {"spread": {"error": 0.3}})  # a candidate that was counted
    assert found.values["params"] == 800.0
