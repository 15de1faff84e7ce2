"""The record of a profile: a JSON round trip, and odd documents."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsearch.measurements import Flag, Latency, ProfileRecord, Quantity
from tests.hwsearch.measurements.records import ANY_JSON, PROFILES


@given(PROFILES)
def test_round_trip(profile):
    text = json.dumps(profile.to_json(), allow_nan=False)
    assert repr(ProfileRecord.from_json(json.loads(text))) == repr(profile)


def test_one_form_of_a_quantity_everywhere():
    quantity = Quantity(50.0, 1.0, 3.0, 9, "W", "nvml")
    document = ProfileRecord({"power": quantity}, idle_power=quantity).to_json()
    assert document["quantities"]["power"] == document["idle_power"] == quantity.to_json()


@pytest.mark.parametrize("document", [None, 3, "x", []])
def test_what_is_not_an_object_is_not_a_profile(document):
    assert ProfileRecord.from_json(document) is None
    assert Latency.from_json(document) is None


def test_odd_parts_are_unknown():
    profile = ProfileRecord.from_json(
        {"windows": [[1.0, 2.0], [1.0], "x"], "flags": ["x"], "latency": {"runs": "many"}}
    )
    assert profile is not None
    assert profile.windows == ((1.0, 2.0),)
    assert profile.flags == (Flag("", ""),)
    assert profile.latency is not None
    assert profile.latency.runs == 0


@given(st.dictionaries(st.sampled_from(list(ProfileRecord().to_json())), ANY_JSON))
def test_no_json_fails(document):
    profile = ProfileRecord.from_json(document)
    assert profile is not None
    json.dumps(profile.to_json(), allow_nan=False)


def test_the_earlier_key_of_load_periods_is_read():
    assert ProfileRecord.from_json({"groups": 8}).load_periods == 8
    assert ProfileRecord.from_json({"load_periods": 9}).load_periods == 9
