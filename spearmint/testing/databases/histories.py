"""Random sequences of calls, compared with a model of the database in a dictionary."""

from __future__ import annotations

import copy
import time
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from spearmint.database import STATUSES, Database
from spearmint.testing.databases.fixtures import SETTINGS, DatabaseFixtures

EXPERIMENTS = ("a", "a.jobs", "$b")
#: Jobs of each experiment at the start: most calls then concern a job that exists.
JOBS = 2

_experiments = st.sampled_from(EXPERIMENTS)
_ids = st.integers(1, JOBS + 1)
_attempts = st.integers(0, 2)
_statuses = st.sampled_from(STATUSES)
# Far in the past or in the future, so that the sign tells which leases have expired.
_leases = st.sampled_from([-1e6, 1e6])
_fields = st.dictionaries(
    st.sampled_from(["values", "reason", "worker", "x.y"]),
    st.integers(0, 9) | st.dictionaries(st.sampled_from(["error", "$p"]), st.floats(0, 1)),
)


class HistoryTests(DatabaseFixtures):
    """The contract as a whole."""

    def test_random_calls(self, db: Database) -> None:
        run_state_machine_as_test(
            type("DatabaseUnderTest", (DatabaseAndModel,), {"db": db}),
            settings=settings(**SETTINGS, max_examples=30, stateful_step_count=25),
        )


class DatabaseAndModel(RuleBasedStateMachine):
    """A database and a dictionary that must agree after every call.

    Attributes:
        db: The database, set in a subclass.
    """

    db: Database

    def __init__(self) -> None:
        super().__init__()
        for name in EXPERIMENTS:
            self.db.drop(name)
        self.jobs: dict[str, dict[int, dict[str, Any]]] = {name: {} for name in EXPERIMENTS}
        self.hypers: dict[str, dict[str, Any]] = {}
        for name in EXPERIMENTS * JOBS:
            self._add_job(name, {})

    @rule(name=_experiments, document=_fields)
    def add_job(self, name: str, document: dict[str, Any]) -> None:
        """Adds a job."""
        self._add_job(name, document)

    def _add_job(self, name: str, document: dict[str, Any]) -> None:
        job_id = len(self.jobs[name]) + 1
        assert self.db.add_job(name, document) == job_id
        own = {"id": job_id, "status": "new", "attempt": 0, "worker": None, "lease": None}
        self.jobs[name][job_id] = copy.deepcopy(document) | own

    @rule(name=_experiments, job_id=_ids, lease=_leases)
    def claim(self, name: str, job_id: int, lease: float) -> None:
        """Claims a job that may not exist or may not be new."""
        claimed = self.db.claim(name, job_id, "w", lease)
        job = self.jobs[name].get(job_id)
        if job is None or job["status"] != "new":
            assert claimed is None
            return
        assert claimed is not None
        job |= {"status": "pending", "attempt": job["attempt"] + 1, "worker": "w", "lease": lease}
        job["start time"] = claimed["start time"]
        assert _comparable(claimed) == job

    @rule(name=_experiments, job_id=_ids, attempt=_attempts, lease=_leases)
    def beat(self, name: str, job_id: int, attempt: int, lease: float) -> None:
        """Renews a lease that may not be held."""
        job = self.jobs[name].get(job_id, {})
        held = (job.get("status"), job.get("attempt")) == ("pending", attempt)
        assert self.db.beat(name, job_id, attempt, lease) == held
        if held:
            job["lease"] = lease

    @rule(
        name=_experiments,
        job_id=_ids,
        expected=st.none() | st.tuples(_statuses, _attempts),
        changes=_fields,
        becomes=st.none() | _statuses,
    )
    def update(
        self,
        name: str,
        job_id: int,
        expected: tuple[str, int] | None,
        changes: dict[str, Any],
        becomes: str | None,
    ) -> None:
        """Changes a job, with the right status and attempt or with others."""
        job = self.jobs[name].get(job_id, {"status": "new", "attempt": 0})
        status, attempt = expected or (job["status"], job["attempt"])
        changes = changes | ({} if becomes is None else {"status": becomes})
        if job["status"] == "new" and becomes == "pending":
            return  # only a claim does that
        done = self.db.update(name, job_id, status=status, attempt=attempt, changes=changes)
        assert done == (
            job_id in self.jobs[name] and (status, attempt) == (job["status"], job["attempt"])
        )
        if done:
            job |= copy.deepcopy(changes)
            if job["status"] != "pending":
                job["lease"] = None

    @rule(name=_experiments, hypers=_fields)
    def save_hypers(self, name: str, hypers: dict[str, Any]) -> None:
        """Stores hyper-parameters."""
        self.db.save_hypers(name, hypers)
        self.hypers[name] = copy.deepcopy(hypers)

    @rule(name=st.just(EXPERIMENTS[-1]))
    def drop(self, name: str) -> None:
        """Drops one of the experiments; the others last long enough for something to happen."""
        self.db.drop(name)
        self.jobs[name] = {}
        self.hypers.pop(name, None)

    @rule()
    def close(self) -> None:
        """Closes the connection."""
        self.db.close()

    @invariant()
    def agrees(self) -> None:
        """All that can be read is as in the model."""
        for name, jobs in self.jobs.items():
            expected = list(jobs.values())
            assert [_comparable(job) for job in self.db.jobs(name)] == expected
            late = [
                job["id"]
                for job in expected
                if job["status"] == "pending" and (job["lease"] is None or job["lease"] < 0)
            ]
            assert [job["id"] for job in self.db.expired(name)] == late
            assert self.db.hypers(name) == self.hypers.get(name, {})
        named = {name for name, jobs in self.jobs.items() if jobs} | self.hypers.keys()
        assert self.db.experiments() == sorted(named)


def _comparable(job: dict[str, Any]) -> dict[str, Any]:
    """The job with the duration of its lease in the place of the time at which it expires."""
    if job["lease"] is None:
        return job
    return job | {"lease": 1e6 if job["lease"] > time.time() else -1e6}
