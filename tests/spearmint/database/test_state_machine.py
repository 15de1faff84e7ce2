"""Random sequences of calls on a store, beside a dictionary that says what must come out."""

from __future__ import annotations

import copy
import time
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from spearmint.database import STATUSES, Database
from tests.spearmint.database.workers import Place

EXPERIMENTS = ("a", "a.jobs", "$b")
experiments = st.sampled_from(EXPERIMENTS)
ids = st.integers(1, 4)
attempts = st.integers(0, 3)
statuses = st.sampled_from(STATUSES)
leases = st.sampled_from([-1000.0, 1000.0])
fields = st.dictionaries(
    st.sampled_from(["values", "reason", "worker", "x.y"]),
    st.integers(0, 9) | st.dictionaries(st.sampled_from(["error", "$p"]), st.floats(0, 1)),
)


class StoreAndModel(RuleBasedStateMachine):
    """Leases are far in the past or the future: their sign says which has ended."""

    def __init__(self, db: Database) -> None:
        super().__init__()
        self.db = db
        for name in EXPERIMENTS:
            db.drop(name)
        self.jobs: dict[str, dict[int, dict[str, Any]]] = {name: {} for name in EXPERIMENTS}
        self.kept: dict[str, dict[str, Any]] = {}

    @rule(name=experiments, document=fields)
    def add_job(self, name: str, document: dict[str, Any]) -> None:
        job_id = len(self.jobs[name]) + 1
        assert self.db.add_job(name, document) == job_id
        own = {"id": job_id, "status": "new", "attempt": 0, "worker": None, "lease": None}
        self.jobs[name][job_id] = copy.deepcopy(document) | own

    @rule(name=experiments, job_id=ids, lease=leases)
    def claim(self, name: str, job_id: int, lease: float) -> None:
        claimed = self.db.claim(name, job_id, "w", lease)
        job = self.jobs[name].get(job_id)
        if job is None or job["status"] != "new":
            assert claimed is None
            return
        assert claimed is not None
        job |= {"status": "pending", "attempt": job["attempt"] + 1, "worker": "w", "lease": lease}
        job["start time"] = claimed["start time"]
        assert self.comparable(claimed) == job

    @rule(name=experiments, job_id=ids, attempt=attempts, lease=leases)
    def beat(self, name: str, job_id: int, attempt: int, lease: float) -> None:
        job = self.jobs[name].get(job_id, {})
        held = (job.get("status"), job.get("attempt")) == ("pending", attempt)
        assert self.db.beat(name, job_id, attempt, lease) == held
        if held:
            job["lease"] = lease

    @rule(
        name=experiments,
        job_id=ids,
        expected=st.none() | st.tuples(statuses, attempts),
        changes=fields,
        becomes=st.none() | statuses,
    )
    def update(
        self,
        name: str,
        job_id: int,
        expected: tuple[str, int] | None,
        changes: dict[str, Any],
        becomes: str | None,
    ) -> None:
        job = self.jobs[name].get(job_id, {"status": "new", "attempt": 0})
        status, attempt = expected or (job["status"], job["attempt"])
        changes = changes | ({} if becomes is None else {"status": becomes})
        if job["status"] == "new" and becomes == "pending":
            return  # a claim does that
        done = self.db.update(name, job_id, status=status, attempt=attempt, changes=changes)
        assert done == (
            job_id in self.jobs[name] and (status, attempt) == (job["status"], job["attempt"])
        )
        if done:
            job |= copy.deepcopy(changes)
            if job["status"] != "pending":
                job["lease"] = None

    @rule(name=experiments, hypers=fields)
    def save_hypers(self, name: str, hypers: dict[str, Any]) -> None:
        self.db.save_hypers(name, hypers)
        self.kept[name] = copy.deepcopy(hypers)

    @rule(name=experiments)
    def drop(self, name: str) -> None:
        self.db.drop(name)
        self.jobs[name] = {}
        self.kept.pop(name, None)

    @rule()
    def reconnect(self) -> None:
        self.db.close()

    @invariant()
    def agrees(self) -> None:
        for name, jobs in self.jobs.items():
            expected = list(jobs.values())
            assert [self.comparable(job) for job in self.db.jobs(name)] == expected
            late = [
                job["id"]
                for job in expected
                if job["status"] == "pending" and (job["lease"] is None or job["lease"] < 0)
            ]
            assert [job["id"] for job in self.db.expired(name)] == late
            assert self.db.hypers(name) == self.kept.get(name, {})
        named = {name for name, jobs in self.jobs.items() if jobs} | self.kept.keys()
        assert self.db.experiments() == sorted(named)

    @staticmethod
    def comparable(job: dict[str, Any]) -> dict[str, Any]:
        if job["lease"] is None:
            return job
        # 2026 is about 1.8e9 s: anything near is told apart by the sign of the lease it got.
        return job | {"lease": 1000.0 if job["lease"] > time.time() else -1000.0}


@pytest.mark.slow
def test_store_agrees_with_a_dictionary(place: Place) -> None:
    with place.open() as db:
        run_state_machine_as_test(
            lambda: StoreAndModel(db),
            settings=settings(max_examples=30, stateful_step_count=25),
        )
