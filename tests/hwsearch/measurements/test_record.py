"""The record of a job's results: a JSON round trip, old documents, and odd ones."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsearch.measurements import Measurements, Outcome
from tests.hwsearch.measurements.records import ANY_JSON, MEASUREMENTS

#: Jobs as version b99f762, which kept no outcome, wrote them; under the names of their outcomes.
OLD_JOBS = json.loads(Path(__file__).with_name("old_jobs.json").read_text(encoding="utf-8"))
KEYS = list(OLD_JOBS["trained"]["measurements"])


@given(MEASUREMENTS)
def test_round_trip(measurements):
    text = json.dumps(measurements.to_json(), allow_nan=False)
    again = Measurements.from_json(json.loads(text))
    if measurements.outcome is None and measurements.epochs:  # as in an old document
        measurements = replace(measurements, outcome=Outcome.TRAINED)
    assert repr(again) == repr(measurements)  # NaN does not equal itself


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("trained", Outcome.TRAINED),
        ("rejected", Outcome.REJECTED),
        ("diverged", Outcome.DIVERGED),
        ("broken", None),
    ],
)
def test_the_outcome_of_an_old_job(name, outcome):
    assert Measurements.of_job(OLD_JOBS[name]).outcome is outcome


def test_an_old_job_is_read_whole():
    job = OLD_JOBS["trained"]
    old, new = job["measurements"], Measurements.of_job(job)
    assert new.script == "tmp/00000003_keras_net.py"
    assert new.hyperparameters == old["hyperparameters"]
    assert new.metrics["power"].value == old["metrics"]["power"]["value"]
    assert math.isnan(new.metrics["power"].std_error)
    assert new.metrics["runtime"].std_error == old["metrics"]["runtime"]["std_error"]
    assert new.profile.quantities["power"].value == old["profile"]["quantities"]["power"]["mean"]
    assert new.profile.idle_power.value == old["profile"]["idle_power"]["mean"]
    assert new.profile.latency.p99_s == old["profile"]["latency"]["p99_s"]
    assert new.profile.flags[0].kind == "busy"
    assert new.training_memory.value == old["training_memory"]["value"]
    assert new.history["error"] == tuple(old["history"]["error"])
    assert (new.epochs, new.best, new.test_error) == (2, True, 70.0)
    written = new.to_json()
    assert written.keys() == {"outcome", *old}
    assert repr(Measurements.from_json(written)) == repr(new)


def test_what_a_rejected_job_has_not_is_left_out():
    written = Measurements.of_job(OLD_JOBS["rejected"]).to_json()
    assert written["outcome"] == "rejected"
    assert not {"epochs", "history", "profile", "best", "test_error"} & written.keys()


def test_a_diverged_job_has_null_for_nan():
    written = Measurements.of_job(OLD_JOBS["diverged"]).to_json()
    assert written["metrics"]["error"]["value"] is None
    assert written["history"]["error"] == [None]


@pytest.mark.parametrize("outcome", Outcome)
def test_a_stored_outcome_counts_more_than_the_reason(outcome):
    document = {"outcome": outcome.value, "epochs": 1}
    reason = "rejected before training: power 97.5 W is over the budget of 85 W"
    assert Measurements.from_json(document, reason).outcome is outcome


@given(
    ANY_JSON | st.fixed_dictionaries({}, optional=dict.fromkeys([*KEYS, "outcome"], ANY_JSON)),
    ANY_JSON,
)
def test_no_json_fails(document, reason):
    measurements = Measurements.from_json(document, reason)
    json.dumps(measurements.to_json(), allow_nan=False)


@given(st.sampled_from(list(OLD_JOBS)), st.data())
def test_no_edited_job_fails(name, data):
    """One value, at any depth, replaced by any other."""
    job = json.loads(json.dumps(OLD_JOBS[name]))
    place = job
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = data.draw(st.sampled_from(keys))
        deeper = isinstance(place[key], dict | list) and place[key]
        if not deeper or data.draw(st.booleans()):
            place[key] = data.draw(ANY_JSON)
            break
        place = place[key]
    json.dumps(Measurements.of_job(job).to_json(), allow_nan=False)
