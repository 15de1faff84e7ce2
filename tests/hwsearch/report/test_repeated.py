"""The ranking of networks that were trained again."""

from __future__ import annotations

import math

import pytest

from hwsearch.experiment import Settings
from hwsearch.measurements import Measurements, Quantity
from hwsearch.measurements.repeat import Repeat
from hwsearch.report.repeated import differ, mean, repeated
from hwsearch.report.result import Fate, Result

SETTINGS = Settings("run", "error")


def result(job, searched, *errors, name="error"):
    repeats = tuple(Repeat(seed, metrics={name: error}) for seed, error in enumerate(errors))
    metrics = {name: Quantity(searched)}
    measurements = Measurements(metrics=metrics, repeats=repeats)
    return Result(job, Fate.TRAINED, {name: searched}, True, measurements=measurements)


def test_the_mean_ranks_not_the_luck_of_the_search():
    results = [
        result(1, 2.0, 4.0, 4.1, 3.9),
        result(2, 2.5, 3.0, 3.2, math.nan),
        result(3, 2.6, 3.1, 2.8, 2.95),
        result(4, 9.0),
    ]
    assert repeated(SETTINGS, results) == [
        "error of 3 more trainings with other seeds (mean ± standard error of the mean)",
        "  job 3  2.95 ± 0.09 %  2.6 % in the search",
        "  job 2  3.10 ± 0.10 %  2.5 % in the search; 1 of 3 trainings diverged; no certain "
        "difference to job 3",
        "  job 1  4.00 ± 0.06 %  2 % in the search; worse than job 3",
    ]
    assert repeated(SETTINGS, [result(4, 9.0)]) == []


def test_the_highest_mean_of_a_maximised_metric_is_first():
    settings = Settings("run", "val_auc", maximize=True)
    lines = repeated(
        settings, [result(1, 0.9, 0.7, name="val_auc"), result(2, 0.8, 0.8, name="val_auc")]
    )
    assert lines[1].startswith("  job 2  0.8  0.8 in the search")
    assert lines[2].endswith("too few trainings for a comparison with job 2")


def test_what_chance_explains():
    assert differ([1.0, 1.1, 0.9], [3.0, 3.1, 2.9]) is True
    assert differ([1.0, 1.4, 0.6], [1.3, 1.7, 0.9]) is False
    assert differ([1.0], [2.0, 3.0]) is None
    assert differ([1.0, 1.0], [1.0, 1.0]) is False
    assert differ([1.0, 1.0], [2.0, 2.0]) is True


def test_the_standard_error_of_the_mean():
    value, error = mean([1.0, 3.0, math.nan, 5.0])
    assert value == 3.0
    assert error == pytest.approx(2 / math.sqrt(3))
    assert math.isnan(mean([2.0])[1])
    assert math.isnan(mean([math.nan])[0])
