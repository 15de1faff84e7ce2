"""best.json: a round trip, the form of older versions, and odd documents."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsearch.budget import AtLeast
from hwsearch.experiment.best_network import BestNetwork
from tests.hwsearch.measurements.records import ANY_JSON, COUNTS, NUMBERS, OBJECTS, QUANTITIES

#: As version b99f762 wrote it.
OLD = {
    "experiment": "hyperpower-20261125-173055",
    "job": 8,
    "optimize": "error",
    "objective": 18.75,
    "values": {"error": 18.75, "params": 142.0, "runtime": 0.9999791979631834},
    "test_error": 30.0,
    "model": "tmp/best_model.keras",
    "script": "tmp/00000008_keras_net.py",
    "hyperparameters": {"units": 8, "act": "relu", "rate": 0.01},
    "seed": 3026431988,
    "metrics": {
        "params": {
            "value": 58.0,
            "unit": "parameters",
            "std_error": 0.0,
            "std": 0.0,
            "samples": 1,
            "source": "computed from the model",
        }
    },
}


@given(
    st.builds(
        BestNetwork,
        run=st.text(),
        job=COUNTS,
        optimize=st.text(),
        objective=st.floats(allow_nan=False, allow_infinity=False),
        values=st.dictionaries(st.text(), NUMBERS, max_size=3),
        test_error=NUMBERS,
        model=st.none() | st.text(min_size=1),
        weights=st.none() | st.text(min_size=1),
        loading=st.text(),
        script=st.text(),
        hyperparameters=OBJECTS,
        seed=st.none() | COUNTS,
        metrics=st.dictionaries(st.text(), QUANTITIES, max_size=3),
        folds=COUNTS,
        change=COUNTS,
        objects=st.text(),
        versions=st.dictionaries(st.text(), st.text(), max_size=2),
        requirements=st.lists(st.text(), max_size=2).map(tuple),
    )
)
def test_round_trip(best):
    before = replace(best, job=best.job + 1).without_files()
    if best.job % 2:
        best = replace(best, previous=before)
    text = json.dumps(best.to_json(), allow_nan=False)
    assert repr(BestNetwork.from_json(json.loads(text))) == repr(best)


def test_the_file_of_an_older_version_is_read_whole():
    best = BestNetwork.from_json(OLD)
    assert best is not None
    assert best.to_json() == {
        **OLD,
        "former_job": None,
        "weights": None,
        "loading": "",
        "folds": 0,
        "change": 0,
        "objects": "",
        "versions": {},
        "requirements": [],
        "former_loading": "",
        "former_objects": "",
    }


@pytest.mark.parametrize("key", ["experiment", "job", "objective"])
def test_without_run_job_or_objective_it_is_none(key):
    assert BestNetwork.from_json({name: OLD[name] for name in OLD if name != key}) is None


@given(ANY_JSON | st.fixed_dictionaries({}, optional=dict.fromkeys(OLD, ANY_JSON)))
def test_no_json_fails(document):
    BestNetwork.from_json(document)


@pytest.mark.parametrize(
    ("bounds", "misses"),
    [
        ({}, False),
        ({"params": 58.0}, False),
        ({"params": 57.0}, True),
        ({"params": AtLeast(59.0)}, True),
        ({"power": 85.0}, True),  # which was not measured
    ],
)
def test_whether_it_misses_a_bound(bounds, misses):
    assert BestNetwork.from_json(OLD).misses(bounds) == misses
