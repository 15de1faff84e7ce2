"""How long searches took, also those that were killed."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from hwsearch.experiment import Experiment
from hwsearch.experiment.search_times import (
    SearchTime,
    active_s,
    covered_s,
    searches,
    timed,
    whole_s,
)


def test_each_start_is_kept(tmp_path: Path) -> None:
    experiment = Experiment(tmp_path)
    experiment.tmp.mkdir()
    assert searches(experiment) == []
    with timed(experiment):
        (running,) = searches(experiment)
        assert math.isnan(running.seconds), "a kill at this moment leaves it so"
    with pytest.raises(KeyboardInterrupt), timed(experiment):
        raise KeyboardInterrupt
    first, second = searches(experiment)
    assert first.began_s == running.began_s <= second.began_s
    assert first.seconds >= 0.0 <= second.seconds


def test_a_killed_search_lasted_until_the_last_that_is_known_of_it() -> None:
    found = [SearchTime(10.0, math.nan), SearchTime(50.0, 5.0), SearchTime(90.0, math.nan)]
    assert active_s(found, [math.nan, 3.0, 30.0, 20.0, 51.0]) == 20.0 + 5.0
    assert active_s(found, [30.0, 100.0]) == 20.0 + 5.0 + 10.0, "the last one is still active"
    assert math.isnan(active_s([], [1.0]))


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"searches": 3}', '{"searches": [3, {"began": "x"}]}', "[" * 10**5]
)
def test_a_faulty_file_says_nothing(text: str, tmp_path: Path) -> None:
    experiment = Experiment(tmp_path)
    experiment.tmp.mkdir()
    experiment.searches_file.write_text(text)
    assert searches(experiment) == []


def test_overlapping_spans_count_once() -> None:
    assert covered_s([(5.0, 7.0), (0.0, 4.0), (1.0, 2.0), (3.0, 6.0), (9.0, 10.0)]) == 8.0
    assert covered_s([]) == 0.0


@pytest.mark.parametrize(
    ("found", "jobs_s", "whole"),
    [([SearchTime(10.0, 6.0)], 4.0, 9.0), ([SearchTime(10.0, 6.0)], 7.0, 10.0), ([], 4.0, 7.0)],
)
def test_a_run_takes_at_least_as_long_as_its_jobs(
    found: list[SearchTime], jobs_s: float, whole: float
) -> None:
    assert whole_s(found, [12.0], jobs_s, 3.0) == whole


def test_the_time_of_a_run_may_be_unknown() -> None:
    assert math.isnan(whole_s([], [12.0], math.nan, 3.0))
