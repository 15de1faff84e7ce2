"""Records of profiles."""

from __future__ import annotations

import dataclasses
import json
import math

import numpy as np
import pytest

from hwsearch.measurements import Quantity
from hwsearch.predicting.records import (
    NetworkRecord,
    repeatability,
    samples_of,
    script_hash,
)
from tests.hwsearch.predicting.samples import records


def again(record, value):
    return dataclasses.replace(record, quantities={"runtime": Quantity(value, 0.02 * value)})


def test_json():
    [record] = records(1)
    assert NetworkRecord.from_json(json.loads(json.dumps(record.to_json()))).to_json() == (
        record.to_json()
    )
    of_job = dataclasses.replace(record, run="r", job=3, settings={"meter": "auto"})
    again = NetworkRecord.from_json(json.loads(json.dumps(of_job.to_json())))
    assert (again.run, again.job, again.settings) == ("r", 3, {"meter": "auto"})
    assert NetworkRecord.from_json({}) is None
    assert NetworkRecord.from_json([]) is None


def test_profiles_of_equal_networks_are_one_sample():
    one, other = (again(record, 4.0) for record in records(2))
    found = samples_of([one, again(one, 6.0), other], "runtime")
    assert found.costs == (5.0, 4.0)
    assert found.errors == pytest.approx((0.02 / math.sqrt(2), 0.02))
    assert found.structures == (one.structure, other.structure)


def test_unusable_values_are_left_out():
    one, other = records(2)
    faulty = [again(one, math.nan), again(other, 0.0)]
    assert samples_of(faulty, "runtime").costs == ()
    assert samples_of([one], "energy").costs == ()


def test_repeatability():
    """Of 40 networks, each profiled twice with an error of 5 %."""
    rng = np.random.default_rng(0)
    twice = [again(one, math.exp(0.05 * rng.normal())) for one in records(40) * 2]
    assert repeatability(twice, "runtime") == pytest.approx(5.0, rel=0.25)
    assert math.isnan(repeatability(records(3), "runtime"))


def test_scripts_are_told_apart():
    assert script_hash("units = 3") != script_hash("units = 4")
    assert script_hash("# \udce9") == script_hash("# \udce9")
