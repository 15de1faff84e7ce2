"""How long searches took, also those that were killed."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from hwsearch.experiment import Experiment
from hwsearch.experiment.search_times import SearchTime, active_s, searches, timed


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
