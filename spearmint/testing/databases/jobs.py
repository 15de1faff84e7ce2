"""Tests of jobs: ids, claims, leases and compare-and-set."""

from __future__ import annotations

import time
from typing import Any

import pytest

from spearmint.database import Database
from spearmint.testing.databases.fixtures import (
    EXPERIMENT,
    DatabaseFixtures,
    add,
    claim,
    complete,
    job_of,
)


class JobTests(DatabaseFixtures):
    """The life of a job, method by method."""

    def test_empty_database(self, db: Database) -> None:
        assert db.jobs(EXPERIMENT) == []
        assert db.jobs(EXPERIMENT, "new") == []
        assert db.job(EXPERIMENT, 1) is None
        assert db.claim(EXPERIMENT, 1, "w", 60.0) is None
        assert db.beat(EXPERIMENT, 1, 1, 60.0) is False
        assert db.update(EXPERIMENT, 1, status="new", attempt=0, changes={"x": 1}) is False
        assert db.expired(EXPERIMENT) == []
        assert db.hypers(EXPERIMENT) == {}
        assert db.experiments() == []
        db.drop(EXPERIMENT)
        assert db.experiments() == []

    def test_add_job_numbers_jobs_and_sets_the_databases_own_fields(self, db: Database) -> None:
        job = {"params": {}, "submit time": 12.5, "status": "broken", "id": 77, "attempt": 5}
        assert [db.add_job(EXPERIMENT, job) for _ in range(3)] == [1, 2, 3]
        own = {"id": 2, "status": "new", "attempt": 0, "worker": None, "lease": None}
        assert db.job(EXPERIMENT, 2) == {"params": {}, "submit time": 12.5} | own
        assert job["id"] == 77, "the argument was changed"

    def test_job_is_added_only_under_the_next_id(self, db: Database) -> None:
        assert not db.add_next_job(EXPERIMENT, {"n": 0}, 2)
        assert db.add_next_job(EXPERIMENT, {"n": 1, "status": "broken"}, 1)
        assert not db.add_next_job(EXPERIMENT, {"n": 2}, 1)
        assert not db.add_next_job(EXPERIMENT, {"n": 3}, 3)
        assert db.add_next_job(EXPERIMENT, {"n": 4}, 2)
        assert db.add_job(EXPERIMENT, {"n": 5}) == 3
        jobs = db.jobs(EXPERIMENT)
        assert [(job["id"], job["n"], job["status"]) for job in jobs] == [
            (1, 1, "new"),
            (2, 4, "new"),
            (3, 5, "new"),
        ]

    def test_jobs_are_ordered_and_filtered(self, db: Database) -> None:
        add(db, 12)
        for job_id in (11, 3):
            claim(db, job_id)
        complete(db, 3)
        assert [job["id"] for job in db.jobs(EXPERIMENT)] == list(range(1, 13))
        assert [job["id"] for job in db.jobs(EXPERIMENT, "pending")] == [11]
        assert [job["id"] for job in db.jobs(EXPERIMENT, "complete")] == [3]
        new = [job["id"] for job in db.jobs(EXPERIMENT, "new")]
        assert new == [1, 2, *range(4, 11), 12]
        assert db.jobs(EXPERIMENT, "broken") == []
        assert db.jobs(EXPERIMENT)[2] == db.job(EXPERIMENT, 3)

    def test_hundreds_of_jobs(self, db: Database) -> None:
        add(db, 250)  # more than a driver may fetch at once: MongoDB's first batch has 101
        assert [job["id"] for job in db.jobs(EXPERIMENT)] == list(range(1, 251))

    @pytest.mark.parametrize("status", ["", "NEW", "done", None])
    def test_unknown_status_is_refused(self, db: Database, status: Any) -> None:
        add(db)
        with pytest.raises(ValueError, match=r"\S"):
            db.update(EXPERIMENT, 1, status="new", attempt=0, changes={"status": status})
        with pytest.raises(ValueError, match=r"\S"):
            db.update(EXPERIMENT, 1, status=status, attempt=0, changes={})
        if status is not None:
            with pytest.raises(ValueError, match=r"\S"):
                db.jobs(EXPERIMENT, status)
        assert job_of(db)["status"] == "new"

    # -- claims and leases ---------------------------------------------------------------------

    def test_claim(self, db: Database) -> None:
        add(db, 2)
        before = time.time() - self.clock_tolerance_s
        job = claim(db)
        assert before <= job["start time"] <= time.time() + self.clock_tolerance_s
        assert (job["status"], job["attempt"], job["worker"]) == ("pending", 1, "worker-1")
        assert job["lease"] == pytest.approx(job["start time"] + 60.0)
        assert job == db.job(EXPERIMENT, 1)
        assert db.claim(EXPERIMENT, 1, "worker-2", 60.0) is None
        assert db.job(EXPERIMENT, 1) == job
        assert job_of(db, 2)["status"] == "new"

    @pytest.mark.parametrize("status", ["complete", "broken"])
    def test_finished_jobs_cannot_be_claimed(self, db: Database, status: str) -> None:
        add(db)
        claim(db)
        assert complete(db, status=status)
        assert db.claim(EXPERIMENT, 1, "w", 60.0) is None
        assert job_of(db)["attempt"] == 1

    def test_paused_job_is_claimed_again_once_it_is_new(self, db: Database) -> None:
        add(db, 2)
        claim(db)
        pause = {"status": "paused", "progress": 0.25, "curve": [[0.125, 3.0], [0.25, 2.5]]}
        assert db.update(EXPERIMENT, 1, status="pending", attempt=1, changes=pause)
        job = job_of(db)
        assert {key: job[key] for key in pause} == pause
        assert job["lease"] is None
        assert [job["id"] for job in db.jobs(EXPERIMENT, "paused")] == [1]
        assert db.claim(EXPERIMENT, 1, "w", 60.0) is None
        assert db.expired(EXPERIMENT) == []
        go_on = {"status": "new", "until": 0.5}
        assert db.update(EXPERIMENT, 1, status="paused", attempt=1, changes=go_on)
        assert not db.update(EXPERIMENT, 1, status="paused", attempt=1, changes=go_on)
        assert claim(db)["attempt"] == 2
        assert job_of(db, 2)["status"] == "new"

    def test_expired_leases(self, db: Database) -> None:
        add(db, 4)
        claim(db, 1, -0.5)
        claim(db, 2, 600.0)
        claim(db, 3, -600.0)
        expired = db.expired(EXPERIMENT)
        assert [job["id"] for job in expired] == [1, 3]
        assert expired[0] == db.job(EXPERIMENT, 1)
        assert complete(db, 3), "an expired claim is valid until the job is requeued"
        assert [job["id"] for job in db.expired(EXPERIMENT)] == [1]

    def test_beat_renews_only_a_claim_that_is_held(self, db: Database) -> None:
        add(db)
        assert db.beat(EXPERIMENT, 1, 0, 600.0) is False
        claim(db, lease_s=-1.0)
        assert db.beat(EXPERIMENT, 1, 2, 600.0) is False
        assert len(db.expired(EXPERIMENT)) == 1
        assert db.beat(EXPERIMENT, 1, 1, 600.0) is True
        assert db.expired(EXPERIMENT) == []
        assert job_of(db)["lease"] > time.time() + 300.0 - self.clock_tolerance_s
        assert complete(db)
        assert db.beat(EXPERIMENT, 1, 1, 600.0) is False
        assert job_of(db)["lease"] is None

    def test_late_worker_of_an_earlier_attempt_is_rejected(self, db: Database) -> None:
        add(db)
        first = claim(db, lease_s=-1.0)
        requeue = {"status": "new", "reason": "lost"}
        attempt = first["attempt"]
        assert db.update(EXPERIMENT, 1, status="pending", attempt=attempt, changes=requeue)
        second = db.claim(EXPERIMENT, 1, "worker-2", 60.0)
        assert second is not None
        assert second["attempt"] == 2
        assert not complete(db, attempt=1, values={"error": 1.0})
        assert not db.beat(EXPERIMENT, 1, 1, 600.0)
        assert complete(db, attempt=2, values={"error": 2.0})
        assert not complete(db, attempt=2, values={"error": 3.0})
        job = job_of(db)
        assert (job["values"], job["worker"], job["attempt"]) == ({"error": 2.0}, "worker-2", 2)

    def test_brief_jobs_lack_their_measurements_alone(self, db: Database) -> None:
        db.add_job(EXPERIMENT, {"kept": [1], "measurements": {"power": 1.0}})
        add(db)
        for job_id in (1, 2):
            whole = db.jobs(EXPERIMENT)
            assert whole[0]["measurements"] == {"power": 1.0}
            expected = [{k: v for k, v in job.items() if k != "measurements"} for job in whole]
            assert db.brief_jobs(EXPERIMENT) == expected
            claim(db, job_id)

    # -- updates -------------------------------------------------------------------------------

    def test_update_replaces_whole_fields_and_keeps_the_others(self, db: Database) -> None:
        db.add_job(EXPERIMENT, {"kept": [1, 2], "measurements": {"power": 1.0, "runtime": 2.0}})
        changes = {"measurements": {"power": 3.0}, "new field": None}
        assert db.update(EXPERIMENT, 1, status="new", attempt=0, changes=changes)
        job = job_of(db)
        assert job["kept"] == [1, 2]
        assert job["measurements"] == {"power": 3.0}
        assert job["new field"] is None
        assert job["status"] == "new"

    def test_update_compares_status_and_attempt(self, db: Database) -> None:
        add(db)
        before = claim(db)
        wrong = [("new", 1), ("complete", 1), ("pending", 0), ("pending", 2)]
        for status, attempt in wrong:
            changes = {"x": 1}
            assert not db.update(EXPERIMENT, 1, status=status, attempt=attempt, changes=changes)
        assert not db.update(EXPERIMENT, 2, status="pending", attempt=1, changes={"x": 1})
        assert db.job(EXPERIMENT, 1) == before
        assert db.update(EXPERIMENT, 1, status="pending", attempt=1, changes={"x": 1})
        assert db.job(EXPERIMENT, 1) == before | {"x": 1}

    def test_update_without_changes_still_compares(self, db: Database) -> None:
        add(db)
        assert db.update(EXPERIMENT, 1, status="new", attempt=0, changes={}) is True
        assert db.update(EXPERIMENT, 1, status="new", attempt=0, changes={}) is True
        assert db.update(EXPERIMENT, 1, status="new", attempt=1, changes={}) is False

    @pytest.mark.parametrize("field", ["id", "attempt", "lease"])
    def test_update_refuses_the_databases_own_fields(self, db: Database, field: str) -> None:
        add(db)
        with pytest.raises(ValueError, match=field):
            db.update(EXPERIMENT, 1, status="new", attempt=0, changes={field: 3})

    @pytest.mark.parametrize(
        ("status", "held"), [("pending", True), ("new", False), ("broken", False)]
    )
    def test_a_lease_ends_with_its_claim(self, db: Database, status: str, held: bool) -> None:
        add(db)
        claim(db)
        assert complete(db, status=status)
        assert (job_of(db)["lease"] is not None) == held
