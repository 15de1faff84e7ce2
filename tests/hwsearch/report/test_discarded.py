from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hwsearch.budget import AtLeast
from hwsearch.experiment.settings import Settings
from hwsearch.report.discarded import not_evaluated
from tests.hwsearch.measurements.records import ANY_JSON

BOUNDS: dict[str, Any] = {"params": 100.0, "power": 5.0, "macs": AtLeast(10.0)}
SETTINGS = Settings("run", "error", BOUNDS)


def test_candidates_are_counted_by_the_bounds_that_they_broke() -> None:
    over, below = {"params": -1.0, "macs": 3.0}, {"params": 0.0, "macs": -3.0}
    both = {"params": -5, "macs": -3}
    discarded = [{"values": values} for values in (over, below, over, both, over)]
    assert not_evaluated(discarded, SETTINGS) == [
        "3 candidates over the params budget were not evaluated",
        "1 candidate below the macs budget was not evaluated",
        "1 candidate over the params budget and below the macs budget was not evaluated",
    ]
    assert not_evaluated([], SETTINGS) == []
    assert not_evaluated([{"values": {"power": -1.0}}], SETTINGS) == []


def test_a_candidate_that_became_a_job_all_the_same_is_not_counted() -> None:
    first, second = {"n": {"values": [1]}}, {"n": {"values": [2]}}
    discarded = [{"params": params, "values": {"params": -1.0}} for params in (first, second)]
    jobs = [{"id": 1, "params": first}, {"id": 2}]
    assert not_evaluated(discarded, SETTINGS, jobs) == [
        "1 candidate over the params budget was not evaluated"
    ]
    assert not_evaluated([{"values": {"params": -1.0}}], SETTINGS, jobs) == [
        "1 candidate over the params budget was not evaluated"
    ]


def test_a_point_that_was_discarded_under_two_budgets_counts_once() -> None:
    points: list[Any] = [{"values": {"params": -1.0}, "params": {"x": x}} for x in (1, 2, 1)]
    assert not_evaluated(points, SETTINGS) == [
        "2 candidates over the params budget were not evaluated"
    ]


def test_those_that_were_predicted_are_only_probably_over() -> None:
    predicted: list[Any] = [
        {"values": {"params": 5.0}, "predictions": {"power": [-3.0, 0.5]}},
        {"values": {}, "predictions": {"power": [-9.0, 0.5]}},
        {"values": {"params": -5.0}, "predictions": {"power": [-3.0, 0.5]}},
        {"values": {}, "predictions": {"power": [3.0, 0.5], "params": [-3.0, 0.5]}},
        {"values": {}, "predictions": {"power": -3.0}},
    ]
    assert not_evaluated(predicted, SETTINGS) == [
        "2 candidates probably over the power budget were not evaluated",
        "1 candidate over the params budget was not evaluated",
    ]


@given(
    st.dictionaries(st.just("predictions"), ANY_JSON | st.dictionaries(st.just("power"), ANY_JSON))
)
def test_whatever_is_stored_as_predicted_it_is_counted_or_not(document: Any) -> None:
    assert len(not_evaluated([document], SETTINGS)) in {0, 1}


@given(st.dictionaries(st.just("values"), ANY_JSON | st.dictionaries(st.just("params"), ANY_JSON)))
def test_whatever_is_stored_it_is_counted_or_not(document: Any) -> None:
    assert len(not_evaluated([document], SETTINGS)) in {0, 1}
