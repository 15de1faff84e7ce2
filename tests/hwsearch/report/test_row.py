"""One job as a row of its run's table."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsearch.experiment.settings import Settings
from hwsearch.measurements import Measurements
from hwsearch.report.columns import of_task
from hwsearch.report.row import State, of_network, of_tasks
from hwsearch.template import Template
from tests.hwsearch.measurements.records import ANY_JSON, MEASUREMENTS

NAN = math.nan
SETTINGS = Settings("run", "error", {"power": 85.0})
OLD_JOBS = json.loads(
    (Path(__file__).parents[1] / "measurements" / "old_jobs.json").read_text(encoding="utf-8")
)
UNMEASURED = {
    "values": {"error": 3.0, "power": NAN},
    "measurements": {"outcome": "trained", "predicted": {"power": {"value": 80, "std_error": 2}}},
}
TASKS = [of_task("branin", objective=True), of_task("disc", objective=False)]
ANY_JOB = st.fixed_dictionaries(
    {},
    optional={
        "status": st.sampled_from(["complete", "broken", "pending"]) | ANY_JSON,
        "measurements": st.builds(Measurements.to_json, MEASUREMENTS) | ANY_JSON,
        "params": st.dictionaries(
            st.text(), ANY_JSON | st.fixed_dictionaries({"values": ANY_JSON})
        ),
        "values": st.dictionaries(
            st.sampled_from(["error", "power", "branin", "disc"]), st.floats() | ANY_JSON
        )
        | ANY_JSON,
    }
    | dict.fromkeys(["id", "reason", "limit", "submit time", "start time", "end time"], ANY_JSON),
)


@pytest.mark.parametrize(
    ("document", "state"),
    [
        ({"status": "new"}, State.WAITING),
        ({"status": "paused"}, State.PAUSED),
        ({"status": "paused", "ended": "not the best"}, State.ENDED),
        ({"status": "pending"}, State.RUNNING),
        ({"status": "broken", "reason": "x"}, State.BROKEN),
        ({"values": {"error": 3.0, "power": 5.0}}, State.TRAINED),
        ({"measurements": {"outcome": "stopped"}}, State.STOPPED),
        ({"values": {"power": -5.0}, "measurements": {"outcome": "rejected"}}, State.REJECTED),
        ({"values": {"power": 5.0}, "measurements": {"outcome": "diverged"}}, State.DIVERGED),
        ({"values": {}, "measurements": {"outcome": "out of memory"}}, State.OUT_OF_MEMORY),
        ({"values": {"error": NAN, "power": NAN}, "limit": "job-timeout"}, State.OVER_LIMIT),
        ({"values": {"error": NAN, "power": 1.0}}, State.NO_VALUE),
        (UNMEASURED, State.UNMEASURED),
    ],
)
def test_states_of_networks(document, state):
    job = {"id": 1, "status": "complete", "values": {"error": 3.0, "power": 5.0}} | document
    assert of_network(job, SETTINGS, None).state is state


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("trained", State.TRAINED),
        ("rejected", State.REJECTED),
        ("diverged", State.DIVERGED),
        ("broken", State.BROKEN),
    ],
)
def test_states_of_old_jobs(name, state):
    row = of_network(OLD_JOBS[name], Settings("run", "error", {"params": 200.0}), None)
    assert row.state is state
    assert row.hyperparameters
    assert row.running_s > 0


def test_values_are_as_people_read_them():
    settings = Settings("run", "val_auc", {"power": 85.0}, maximize=True)
    job = {
        "id": 7,
        "status": "complete",
        "values": {"val_auc": -0.9, "power": 5.0},
        "measurements": {"metrics": {"power": {"value": 80.0, "std_error": 0.5}}},
        "submit time": 10.0,
        "start time": 12.5,
        "end time": 20.0,
        "suggestion seconds": 0.25,
    }
    row = of_network(job, settings, None)
    assert row.values == {"val_auc": 0.9, "power": 80.0}
    assert row.std_errors == {"power": 0.5}
    assert row.feasible
    assert (row.waiting_s, row.running_s, row.suggesting_s) == (2.5, 7.5, 0.25)


def test_hyperparameters_are_those_of_the_script():
    template = Template.parse(
        'x = HYPERPARAM{"type": "INT", "token": "u", "min": 1, "max": 9, "transform": "X2"}'
    )
    params = {"u": {"type": "int", "values": [4]}}
    job = {"id": 1, "status": "complete", "params": params}
    assert of_network(job, SETTINGS, template).hyperparameters == {"u": 8}
    assert of_network(job, SETTINGS, None).hyperparameters == {"u": 4}
    measured = job | {"measurements": {"hyperparameters": {"u": 16}}}
    assert of_network(measured, SETTINGS, template).hyperparameters == {"u": 16}
    other = job | {"params": {"v": {"values": [4]}}}  # from before a change of the template
    assert of_network(other, SETTINGS, template).hyperparameters == {"v": 4}


def test_a_job_of_spearmints_own_form():
    job = {
        "id": 1,
        "status": "complete",
        "values": {"branin": 0.5, "disc": 2.0},
        "params": {
            "x": {"type": "float", "values": [0.25]},
            "v": {"type": "int", "values": [1, 2]},
            "off": {"type": "int", "values": [1], "active": False},
        },
    }
    row = of_tasks(job, TASKS)
    assert row.values == {"branin": 0.5, "disc": 2.0}
    assert row.hyperparameters == {"x": 0.25, "v[0]": 1, "v[1]": 2}
    assert (row.state, row.feasible) == (State.COMPLETE, True)
    over = of_tasks(job | {"values": {"branin": 0.5, "disc": -1.0}}, TASKS)
    assert (over.state, over.feasible) == (State.COMPLETE, False)
    unknown = of_tasks(job | {"values": {"branin": NAN, "disc": 2.0}}, TASKS)
    assert (unknown.state, unknown.feasible) == (State.NO_VALUE, False)


def test_a_single_task_may_be_one_number():
    single = [of_task("main", objective=True, negated=True)]
    row = of_tasks({"id": 1, "status": "complete", "values": 3.5}, single)
    assert row.values == {"main": -3.5}
    assert row.feasible


@given(ANY_JOB)
def test_no_document_fails(job):
    for row in (of_network(job, SETTINGS, None), of_tasks(job, TASKS)):
        assert row.reason.isprintable()
        assert isinstance(row.state, State)
