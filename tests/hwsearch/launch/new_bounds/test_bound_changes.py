"""What stored jobs are worth under other bounds."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsearch.budget import AtLeast, Bound
from hwsearch.errors import UserError
from hwsearch.experiment.settings import Settings
from hwsearch.launch.new_bounds.bound_changes import revisions

NAN = math.nan
BEFORE = Settings("run", "error", {"power": 85.0})


def under(constraints: dict[str, Bound], before: Settings = BEFORE) -> Settings:
    former = [*before.former_constraints, before.to_json()["constraints"]]
    return replace(before, constraints=constraints, former_constraints=former)


def job(job_id: int, error: float, power: float, **more: Any) -> dict[str, Any]:
    """As an evaluation under 85 W leaves it; NaN = rejected."""
    metrics = {"power": {"value": power, "std_error": 0.5}, "params": {"value": 1000}}
    if not math.isnan(error):
        metrics["error"] = {"value": error}
        metrics["val_auc"] = {"value": 1 - error / 100}
    rejected = f"rejected before training: power {power:.1f} ± 0.5 W is over the budget of 85 W"
    return {
        "id": job_id,
        "status": "complete",
        "attempt": 1,
        "tasks": ["error", "power"],
        "params": {"units": {"type": "int", "values": [job_id]}},
        "values": {"error": error, "power": 85.0 - power},
        "reason": rejected if math.isnan(error) else None,
        "start time": 10.0,
        "end time": 20.0,
        "measurements": {
            "outcome": "rejected" if math.isnan(error) else "trained",
            "metrics": metrics,
        },
        **more,
    }


def revised(jobs: list[dict[str, Any]], settings: Settings) -> list[dict[str, Any]]:
    """The jobs after the revision."""
    changes = {entry.job["id"]: entry.changes for entry in revisions(jobs, settings)}
    return [{**one, **changes.get(one["id"], {})} for one in jobs]


def unmeasured(job_id: int, error: float, predicted: float, **more: Any) -> dict[str, Any]:
    """A job whose network was trained first, and not measured."""
    found = job(job_id, error, NAN, unmeasured=["power"], expected={"power": {"value": 5.0}})
    del found["measurements"]["metrics"]["power"]
    found["measurements"]["predicted"] = {"power": {"value": predicted, "std_error": 2.0}}
    return found | more


def test_unmeasured_networks_run_again_if_they_could_be_the_best() -> None:
    jobs = [
        job(1, 3.0, 60.0),
        job(2, 2.0, 80.0),
        unmeasured(3, 2.5, 50.0),
        unmeasured(4, 3.5, 50.0),
    ]
    _, _, could, cannot = revised(jobs, under({"power": 70.0}))
    assert (could["status"], could["unmeasured"], could["expected"]) == ("new", None, None)
    assert could["reason"] == (
        "runs again: its network was not measured, but could be the best under the new bounds"
    )
    assert could["earlier"][0]["values"]["error"] == 2.5
    assert could["earlier seconds"] == jobs[2]["end time"] - jobs[2]["start time"] > 0
    assert cannot["status"] == "complete"
    assert cannot["expected"] == {"power": {"value": 5.0}}
    # The best one of the looser bound is still better than both.
    assert revisions(jobs, under({"power": 90.0}))[-1].job["id"] == 2
    waiting = {"id": 5, "status": "new", "tasks": ["error", "power"], "expected": {"power": {}}}
    (revision,) = revisions([waiting], under({"power": 70.0}))
    assert revision.changes == {"expected": None}, "it is of the former bound"


def test_a_tighter_bound_trains_nothing_again() -> None:
    jobs = [job(1, 3.0, 60.0), job(2, 2.0, 80.0), job(3, NAN, 90.0)]
    first, second, third = revised(jobs, under({"power": 70.0}))
    assert first["values"] == {"error": 3.0, "power": 10.0}
    assert second["values"] == {"error": 2.0, "power": -10.0}
    assert {first["status"], second["status"], third["status"]} == {"complete"}
    assert third["values"]["power"] == -20.0
    assert third["reason"] == (
        "rejected before training: power 90.0 ± 0.5 W is over the budget of 70 W"
    )
    assert second["bounds"] == {"power": 70.0}
    assert second["earlier"] == [{"bounds": {"power": 85.0}, "values": jobs[1]["values"]}]
    assert third["earlier"][0]["reason"].endswith("over the budget of 85 W")
    assert second["measurements"] is jobs[1]["measurements"]


def test_unmeasured_networks_that_are_probably_over_the_new_bounds_keep_their_errors() -> None:
    jobs = [job(1, 3.0, 60.0), unmeasured(2, 2.5, 70.0), unmeasured(3, 2.5, 80.0)]  # both ± 2 W
    _, near, far = revised(jobs, under({"power": 66.0}))
    assert (near["status"], far["status"]) == ("new", "complete")
    assert far["values"]["error"] == 2.5
    exact = unmeasured(2, 2.5, 50.0)
    exact["measurements"]["predicted"]["power"]["std_error"] = 0.0
    assert revised([jobs[0], exact], under({"power": 66.0}))[1]["status"] == "new"


def test_what_was_expected_of_a_rejected_network_is_of_the_former_bounds() -> None:
    told = {"power": {"value": 1.0, "deviation": 0.1, "probability": 0.999, "compared": 9}}
    jobs = [job(1, 9.0, 60.0), job(2, NAN, 90.0, expected=told)]
    _, again = revised(jobs, under({"power": 95.0}))
    assert (again["status"], again["expected"]) == ("new", None)


def test_a_looser_bound_runs_what_is_inside_now_the_most_promising_first() -> None:
    jobs = [job(1, 9.0, 60.0), job(2, NAN, 90.0), job(3, NAN, 99.0), job(8, 2.0, 84.0)]
    jobs.append(job(7, NAN, 94.0))
    after = revised(jobs, under({"power": 95.0}))
    assert [one["status"] for one in after] == ["complete", "new", "complete", "complete", "new"]
    again = after[1]
    assert again["values"] is None
    assert again["measurements"] is None
    assert again["earlier"] == [
        {
            "bounds": {"power": 85.0},
            **{
                key: jobs[1][key]
                for key in ("values", "reason", "measurements", "start time", "end time")
            },
        }
    ]
    assert after[4]["rank"] < again["rank"] < 0, "job 7 resembles job 8, which is better"


def test_another_metric_that_was_measured_can_be_bounded() -> None:
    jobs = [job(1, 3.0, 60.0), job(2, NAN, 90.0)]
    settings = under({"val_auc": AtLeast(0.98), "params": 2000.0})
    first, second = revised(jobs, settings)
    assert first["tasks"] == ["error", "val_auc", "params"]
    assert first["values"] == {"error": 3.0, "val_auc": pytest.approx(-0.01), "params": 1000.0}
    assert second["status"] == "new", "power is not bounded any more"
    assert second["tasks"] == first["tasks"]


def test_a_metric_that_trained_networks_lack_is_refused() -> None:
    jobs = [job(number, 3.0, 60.0) for number in range(1, 8)]
    with pytest.raises(UserError) as caught:
        revisions(jobs, under({"runtime": 1e-3}))
    assert str(caught.value) == (
        "--constraint: got 'runtime', which was not measured in jobs 1, 2, 3, 4, 5, ... of run; "
        "expected a metric that all trained networks have, or a fresh run without --resume"
    )
    rejected = [job(1, NAN, 90.0)]
    assert revised(rejected, under({"runtime": 1e-3}))[0]["status"] == "new"


def test_documents_of_older_versions_have_margins_only() -> None:
    one = job(1, 3.0, 60.0)
    one["measurements"] = {"epochs": 3}
    settings = under({"power": 70.0})
    [after] = revised([one], settings)
    assert after["values"] == {"error": 3.0, "power": 10.0}
    [again] = revised([after], under({"power": 50.0}, settings))
    assert again["values"] == {"error": 3.0, "power": -10.0}
    assert [entry["bounds"]["power"] for entry in again["earlier"]] == [85.0, 70.0]


def test_unfinished_and_broken_jobs_only_get_the_new_tasks() -> None:
    jobs = [
        {"id": 1, "status": "new", "params": {}, "tasks": ["error", "power"]},
        {"id": 2, "status": "broken", "params": {}, "tasks": ["error", "power"]},
        {"id": 3, "status": "new", "params": {}},
    ]
    found = revisions(jobs, under({"params": 5.0}))
    assert [(one.job["id"], one.changes) for one in found] == [
        (1, {"tasks": ["error", "params"]}),
        (2, {"tasks": ["error", "params"]}),
    ]


def paused(job_id: int, power: float, **more: Any) -> dict[str, Any]:
    """A training of 85 W's search that is paused."""
    one = job(job_id, NAN, power, status="paused", reason=None, values={"power": 85.0 - power})
    one["measurements"]["outcome"] = "paused"
    return {**one, **more}


def test_a_paused_training_ends_if_it_is_over_the_new_bounds_and_is_judged_anew_inside() -> None:
    jobs = [paused(1, 80.0), paused(2, 60.0, ended="it hardly becomes the best")]
    settings = under({"power": 70.0})
    first, second = tight = revised(jobs, settings)
    assert first["values"] == {"power": -10.0}
    assert first["ended"] == "power 80.0 ± 0.5 W is over the budget of 70 W"
    assert (second["status"], second["values"]) == ("paused", {"power": 10.0})
    assert second["ended"] is None
    assert revisions(tight, settings) == []
    assert revised(tight, under({"power": 90.0}, settings))[0]["ended"] is None
    assert revised(jobs, replace(settings, unaware=True))[0]["ended"] is None


def test_an_ended_training_is_judged_anew_under_a_bound_that_it_cannot_know_yet() -> None:
    ended = paused(1, 60.0, ended="it hardly becomes the best")
    settings = under({"power": 85.0, "val_auc": AtLeast(0.9)})
    again = revised([ended], settings)
    assert (again[0]["status"], again[0]["ended"]) == ("paused", None)
    assert again[0]["values"] == ended["values"]
    assert revisions(again, settings) == []
    # It ends under these bounds, which the same call leaves alone, and other ones do not.
    once_more = [{**again[0], "ended": "it hardly becomes the best"}]
    assert revisions(once_more, settings) == []
    other = under({"power": 85.0, "val_auc": AtLeast(0.5)}, settings)
    assert revised(once_more, other)[0]["ended"] is None


def test_a_training_that_failed_stays_a_failure() -> None:
    one = job(1, NAN, 60.0)
    one["measurements"]["outcome"] = "diverged"
    one["reason"] = "training diverged: loss is NaN in epoch 1"
    [after] = revised([one], under({"power": 70.0}))
    assert math.isnan(after["values"]["error"])
    assert after["values"]["power"] == 10.0
    assert (after["status"], after["reason"]) == ("complete", one["reason"])


@given(
    st.lists(
        st.tuples(st.floats(0, 100) | st.just(NAN), st.floats(1, 200), st.booleans()), max_size=8
    ),
    st.lists(st.floats(1, 200), min_size=1, max_size=3),
)
def test_repeating_a_revision_changes_nothing(rows: list[Any], bounds: list[float]) -> None:
    """After a crash in the middle, the same call completes what was begun."""
    jobs = [job(number, error, power) for number, (error, power, _) in enumerate(rows, 1)]
    settings = BEFORE
    for bound in bounds:
        settings = under({"power": bound}, settings)
        done = revised(jobs, settings)
        half = [
            new if reached else old
            for old, new, (_, _, reached) in zip(jobs, done, rows, strict=True)
        ]
        assert repr(_without_rank(revised(half, settings))) == repr(_without_rank(done))
        assert revisions(done, settings) == []
        jobs = done


def _without_rank(jobs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{key: value for key, value in one.items() if key != "rank"} for one in jobs]
