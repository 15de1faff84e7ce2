"""Evaluations that rejected a network before its job ran again."""

from __future__ import annotations

from typing import Any

from hwsearch.report.rejections import Rejection, rejections_of

REJECTED = {
    "bounds": {"runtime": 1e-5},
    "start time": 100.0,
    "end time": 103.0,
    "measurements": {"outcome": "rejected", "seconds": {"measure": 2.0}},
}


def job(*earlier: Any) -> dict[str, Any]:
    return {"id": 1, "start time": 200.0, "end time": 209.0, "earlier": list(earlier)}


def test_a_rejection_counts_once_its_job_runs_again():
    assert rejections_of(job(REJECTED)) == (Rejection(100.0, 103.0, {"measure": 2.0}),)
    waits = job(REJECTED) | {"start time": 100.0, "end time": 103.0}
    assert rejections_of(waits) == (), "its document still has these times"


def test_what_is_no_rejection_does_not_count():
    trained = REJECTED | {"measurements": {"outcome": "trained"}}  # in `earlier seconds`
    only_values = {"bounds": {"runtime": 1e-5}, "values": {"runtime": 0.0}}
    backwards = REJECTED | {"end time": 99.0}
    assert rejections_of(job(trained, only_values, backwards, None, "x")) == ()
    assert rejections_of({"id": 1, "earlier": "x"}) == rejections_of({"id": 1}) == ()
