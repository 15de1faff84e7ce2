"""Predictions of jobs from the other jobs."""

from __future__ import annotations

import numpy as np

from spearmint.analysis import analyse
from tests.spearmint.analysis.searches import problem


def test_each_job_is_predicted_from_the_others(jobs, found):
    fit = found["f"]["fit"]
    assert fit["jobs"] == [job["id"] for job in jobs]
    assert fit["measured"] == [job["values"]["f"] for job in jobs]
    np.testing.assert_allclose(fit["predicted"], fit["measured"], atol=0.2)
    assert all(np.less_equal(fit["low"], fit["predicted"]))
    assert all(np.less_equal(fit["predicted"], fit["high"]))


def test_a_job_is_not_predicted_from_itself(jobs):
    moved = [dict(job) for job in jobs]
    moved[7] = moved[7] | {"values": moved[7]["values"] | {"f": 30.0}}
    fit = analyse(problem(), moved)["f"]["fit"]
    assert fit["measured"][7] == 30.0
    assert fit["predicted"][7] < 10


def test_broken_and_pending_jobs_and_infinite_values(jobs):
    params = jobs[0]["params"]
    more = [
        *jobs,
        {"id": 100, "status": "broken", "params": params},
        {"id": 101, "status": "pending", "params": params},
        {
            "id": 102,
            "status": "complete",
            "params": params,
            "values": {"f": float("inf"), "c": 0, "works": 0},
        },
    ]
    fit = analyse(problem(), more)["f"]["fit"]
    assert fit["jobs"][-1] == 102
    assert np.isfinite(fit["predicted"]).all()
