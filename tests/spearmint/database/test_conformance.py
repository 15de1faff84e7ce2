"""What every store must do, method by method."""

from __future__ import annotations

import math
import time
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spearmint.database import Database, DatabaseError
from spearmint.errors import UserError
from tests.spearmint.database.workers import Place

E = "hyperpower-20260102-030405"
NAMES = [
    "plain",
    "hyperpower-20260102-030405",
    "with.dots.and-dashes",
    ".starts",
    "ends.",
    "two..dots",
    "system.users",
    "$dollar",
    "a$b",
    "naïve 名前 🔋",
    'it\'s a "name"',
    "x.jobs",
    "x.hypers",
    "x",
    "．＄＼",
    "%s ? * \\ / \n \t",
    "n" * 100,
]
FIELD_NAMES = ["a.b", "$set", "$x", "a$b", "", " ", "_id", "_write", "\0", "．", "＄", "＼．", "名"]


def add(db: Database, count: int = 1, experiment: str = E) -> None:
    for _ in range(count):
        db.add_job(experiment, {"params": {"x": {"type": "float", "values": [0.5]}}})


def claim(db: Database, job_id: int = 1, lease_s: float = 60.0) -> dict[str, Any]:
    job = db.claim(E, job_id, "worker-1", lease_s)
    assert job is not None
    return job


def complete(db: Database, job_id: int = 1, attempt: int = 1, **changes: Any) -> bool:
    changes = {"status": "complete"} | changes
    return db.update(E, job_id, status="pending", attempt=attempt, changes=changes)


# --- jobs


def test_empty(db: Database) -> None:
    assert db.jobs(E) == []
    assert db.jobs(E, "new") == []
    assert db.job(E, 1) is None
    assert db.claim(E, 1, "w", 60.0) is None
    assert db.beat(E, 1, 1, 60.0) is False
    assert db.update(E, 1, status="new", attempt=0, changes={"x": 1}) is False
    assert db.expired(E) == []
    assert db.hypers(E) == {}
    assert db.experiments() == []
    db.drop(E)
    assert db.experiments() == []


def test_add_job_numbers_jobs_and_sets_what_the_store_owns(db: Database) -> None:
    given_fields = {"params": {}, "submit time": 12.5, "status": "broken", "id": 77, "attempt": 5}
    assert [db.add_job(E, given_fields) for _ in range(3)] == [1, 2, 3]
    own = {"id": 2, "status": "new", "attempt": 0, "worker": None, "lease": None}
    assert db.job(E, 2) == {"params": {}, "submit time": 12.5} | own
    assert given_fields["id"] == 77


def test_jobs_are_ordered_and_filtered(db: Database) -> None:
    add(db, 12)
    for job_id in (11, 3):
        claim(db, job_id)
    complete(db, 3)
    assert [job["id"] for job in db.jobs(E)] == list(range(1, 13))
    assert [job["id"] for job in db.jobs(E, "pending")] == [11]
    assert [job["id"] for job in db.jobs(E, "complete")] == [3]
    assert [job["id"] for job in db.jobs(E, "new")] == [1, 2, *range(4, 11), 12]
    assert db.jobs(E, "broken") == []
    assert db.jobs(E)[2] == db.job(E, 3)


def test_more_jobs_than_one_batch(db: Database) -> None:
    # MongoDB sends 101 documents at first.
    add(db, 250)
    assert [job["id"] for job in db.jobs(E)] == list(range(1, 251))


@pytest.mark.parametrize("status", ["", "NEW", "done", None])
def test_unknown_status_is_refused(db: Database, status: Any) -> None:
    add(db)
    with pytest.raises(ValueError, match="expected one of"):
        db.update(E, 1, status="new", attempt=0, changes={"status": status})
    with pytest.raises(ValueError, match="expected one of"):
        db.update(E, 1, status=status, attempt=0, changes={})
    if status is not None:
        with pytest.raises(ValueError, match="expected one of"):
            db.jobs(E, status)
    assert db.job(E, 1)["status"] == "new"


# --- claims and leases


def test_claim(db: Database) -> None:
    add(db, 2)
    before = time.time()
    job = claim(db)
    assert (job["status"], job["attempt"], job["worker"]) == ("pending", 1, "worker-1")
    # The server of this test runs on this machine: one clock, told to a millisecond.
    assert before - 0.01 <= job["start time"] <= time.time() + 0.01
    assert job["lease"] == pytest.approx(job["start time"] + 60.0)
    assert job == db.job(E, 1)
    assert db.claim(E, 1, "worker-2", 60.0) is None
    assert db.job(E, 1) == job
    assert db.job(E, 2)["status"] == "new"


@pytest.mark.parametrize("status", ["complete", "broken"])
def test_finished_jobs_cannot_be_claimed(db: Database, status: str) -> None:
    add(db)
    claim(db)
    assert complete(db, status=status)
    assert db.claim(E, 1, "w", 60.0) is None
    assert db.job(E, 1)["attempt"] == 1


def test_expired_by_the_stores_clock(db: Database) -> None:
    add(db, 4)
    claim(db, 1, -0.5)
    claim(db, 2, 600.0)
    claim(db, 3, -600.0)
    expired = db.expired(E)
    assert [job["id"] for job in expired] == [1, 3]
    assert expired[0] == db.job(E, 1)
    assert complete(db, 3)  # late, but nobody has taken it away
    assert [job["id"] for job in db.expired(E)] == [1]


def test_beat_renews_only_a_held_claim(db: Database) -> None:
    add(db)
    assert db.beat(E, 1, 0, 60.0) is False
    claim(db, lease_s=-1.0)
    assert db.beat(E, 1, 2, 60.0) is False
    assert len(db.expired(E)) == 1
    assert db.beat(E, 1, 1, 60.0) is True
    assert db.expired(E) == []
    assert db.job(E, 1)["lease"] > time.time() + 30.0
    assert complete(db)
    assert db.beat(E, 1, 1, 60.0) is False
    assert db.job(E, 1)["lease"] is None


def test_late_zombie_is_rejected(db: Database) -> None:
    add(db)
    first = claim(db, lease_s=-1.0)
    put_back = {"status": "new", "reason": "lost"}
    assert db.update(E, 1, status="pending", attempt=first["attempt"], changes=put_back)
    again = db.claim(E, 1, "worker-2", 60.0)
    assert again is not None
    assert again["attempt"] == 2
    assert not complete(db, attempt=1, values={"error": 1.0})
    assert not db.beat(E, 1, 1, 600.0)
    assert complete(db, attempt=2, values={"error": 2.0})
    assert not complete(db, attempt=2, values={"error": 3.0})
    job = db.job(E, 1)
    assert (job["values"], job["worker"], job["attempt"]) == ({"error": 2.0}, "worker-2", 2)


# --- updates


def test_update_replaces_whole_fields_and_leaves_the_others(db: Database) -> None:
    db.add_job(E, {"kept": [1, 2], "measurements": {"power": 1.0, "runtime": 2.0}})
    changes = {"measurements": {"power": 3.0}, "new field": None}
    assert db.update(E, 1, status="new", attempt=0, changes=changes)
    job = db.job(E, 1)
    assert job["kept"] == [1, 2]
    assert job["measurements"] == {"power": 3.0}
    assert job["new field"] is None
    assert job["status"] == "new"


def test_update_compares_status_and_attempt(db: Database) -> None:
    add(db)
    before = claim(db)
    for status, attempt in [("new", 1), ("complete", 1), ("pending", 0), ("pending", 2)]:
        assert not db.update(E, 1, status=status, attempt=attempt, changes={"x": 1})
    assert not db.update(E, 2, status="pending", attempt=1, changes={"x": 1})
    assert db.job(E, 1) == before
    assert db.update(E, 1, status="pending", attempt=1, changes={"x": 1})
    assert db.job(E, 1) == before | {"x": 1}


def test_update_with_no_change_still_compares(db: Database) -> None:
    add(db)
    assert db.update(E, 1, status="new", attempt=0, changes={}) is True
    assert db.update(E, 1, status="new", attempt=0, changes={}) is True
    assert db.update(E, 1, status="new", attempt=1, changes={}) is False


@pytest.mark.parametrize("field", ["id", "attempt", "lease"])
def test_update_refuses_what_the_store_owns(db: Database, field: str) -> None:
    add(db)
    with pytest.raises(ValueError, match=field):
        db.update(E, 1, status="new", attempt=0, changes={field: 3})


@pytest.mark.parametrize(("status", "held"), [("pending", True), ("new", False), ("broken", False)])
def test_a_lease_ends_with_the_claim(db: Database, status: str, held: bool) -> None:
    add(db)
    claim(db)
    assert complete(db, status=status)
    assert (db.job(E, 1)["lease"] is not None) == held


# --- values


def test_numbers_that_are_not_finite(db: Database) -> None:
    values = {"error": math.nan, "power": math.inf, "memory": -math.inf, "zero": -0.0}
    add(db)
    claim(db)
    assert complete(db, values=values)
    stored = db.job(E, 1)["values"]
    assert same(stored, values)
    assert same(db.jobs(E)[0]["values"], values)


def test_numpy_becomes_plain_numbers(db: Database) -> None:
    job_id = db.add_job(
        E,
        {
            "ints": np.array([1, 2]),
            "square": np.array([[1.5, np.nan], [0.0, -1.0]]),
            "scalars": (
                np.int32(3),
                np.float32(0.5),
                np.float64(0.1),
                np.bool_(True),
                np.str_("s"),
            ),
            "zero-dimensional": np.array(2.5),
            "empty": np.zeros((2, 0)),
        },
    )
    job = db.job(E, job_id)
    assert same(job["ints"], [1, 2])
    assert same(job["square"], [[1.5, math.nan], [0.0, -1.0]])
    assert same(job["scalars"], [3, 0.5, 0.1, True, "s"])
    assert same(job["zero-dimensional"], 2.5)
    assert same(job["empty"], [[], []])


@pytest.mark.parametrize(
    "value", [object(), {1, 2}, b"bytes", 1j, {"deep": [1, {"er": object()}]}, np.array([1j])]
)
def test_other_types_are_refused_and_nothing_is_written(db: Database, value: Any) -> None:
    add(db)
    with pytest.raises(TypeError, match=r"x.*expected numbers"):
        db.add_job(E, {"x": value})
    with pytest.raises(TypeError, match=r"changes\.x.*expected numbers"):
        db.update(E, 1, status="new", attempt=0, changes={"y": 1, "x": value})
    with pytest.raises(TypeError, match="expected numbers"):
        db.save_hypers(E, {"x": value})
    assert len(db.jobs(E)) == 1
    assert "y" not in db.job(E, 1)
    assert db.hypers(E) == {}


def test_odd_values(db: Database) -> None:
    add(db)
    changes = {
        "beyond 64 bits": [2**63, -(2**63) - 1, 2**63 - 1, -(2**63), 10**400, -(10**400)],
        "no Unicode": "caf\udce9",
        "keys": {1: "one", None: "none"},
    }
    assert db.update(E, 1, status="new", attempt=0, changes=changes)
    job = db.job(E, 1)
    wide = [2.0**63, -(2.0**63), 2**63 - 1, -(2**63), math.inf, -math.inf]
    assert same(job["beyond 64 bits"], wide)
    assert job["no Unicode"] == "caf\\udce9"
    assert job["keys"] == {"1": "one", "None": "none"}


def test_field_names(db: Database) -> None:
    nested = dict.fromkeys(FIELD_NAMES, 1)
    job = dict.fromkeys(FIELD_NAMES, nested) | {"values": nested, "list": [nested]}
    db.add_job(E, job)
    assert {key: value for key, value in db.job(E, 1).items() if key in job} == job
    changed = {name: {"x": name} for name in FIELD_NAMES}
    assert db.update(E, 1, status="new", attempt=0, changes=changed)
    assert {key: value for key, value in db.job(E, 1).items() if key in changed} == changed
    db.save_hypers(E, job)
    assert db.hypers(E) == job


def test_large_document(db: Database) -> None:
    history = [0.1 * n for n in range(500_000)]
    add(db)
    claim(db)
    assert complete(db, history=history, text="x" * 3_000_000)
    job = db.job(E, 1)
    assert job["history"] == history
    assert len(job["text"]) == 3_000_000


@pytest.mark.parametrize("name", NAMES)
def test_experiments_names(db: Database, name: str) -> None:
    assert db.add_job(name, {"x": 1}) == 1
    db.save_hypers(name, {"y": 2})
    assert db.experiments() == [name]
    assert db.claim(name, 1, "w", -1.0)["x"] == 1
    assert len(db.expired(name)) == 1
    assert db.hypers(name) == {"y": 2}
    db.drop(name)
    assert db.experiments() == []


@pytest.mark.parametrize("name", ["", "\ud800", "a\0b", None, 7])
def test_names_that_no_store_can_hold(db: Database, name: Any) -> None:
    for call in (
        lambda: db.add_job(name, {}),
        lambda: db.jobs(name),
        lambda: db.job(name, 1),
        lambda: db.claim(name, 1, "w", 1.0),
        lambda: db.beat(name, 1, 1, 1.0),
        lambda: db.update(name, 1, status="new", attempt=0, changes={}),
        lambda: db.expired(name),
        lambda: db.hypers(name),
        lambda: db.save_hypers(name, {}),
        lambda: db.drop(name),
    ):
        with pytest.raises(UserError, match="experiment-name: got"):
            call()


def test_many_experiments_stay_apart(db: Database) -> None:
    for name in NAMES:
        assert db.add_job(name, {"of": name}) == 1
        assert db.add_job(name, {"of": name}) == 2
        db.save_hypers(name, {"of": name})
    db.save_hypers("hypers alone", {"a": 1})
    assert db.experiments() == sorted([*NAMES, "hypers alone"])
    gone, kept = NAMES[::2], NAMES[1::2]
    for name in gone:
        db.drop(name)
    assert db.experiments() == sorted([*kept, "hypers alone"])
    for name in gone:
        assert db.jobs(name) == []
        assert db.hypers(name) == {}
    for name in kept:
        assert [job["of"] for job in db.jobs(name)] == [name, name]
        assert db.hypers(name) == {"of": name}


def test_ids_begin_anew_after_drop(db: Database) -> None:
    add(db, 3)
    db.drop(E)
    assert db.add_job(E, {}) == 1


def test_hypers_are_replaced(db: Database) -> None:
    db.save_hypers(E, {"error": {"length scales": [1.0, math.inf]}, "power": {"mean": 2}})
    db.save_hypers(E, {"error": {"mean": 3}})
    assert db.hypers(E) == {"error": {"mean": 3}}
    assert db.jobs(E) == []
    assert db.experiments() == [E]


def test_what_one_wrote_another_reads(place: Place) -> None:
    with place.open() as one, place.open() as two:
        assert one.add_job(E, {}) == 1
        assert two.add_job(E, {}) == 2
        assert two.claim(E, 1, "w", 60.0) is not None
        assert one.claim(E, 1, "w", 60.0) is None
        one.drop(E)
        assert two.jobs(E) == []
        assert two.add_job(E, {}) == 1
        assert one.add_job(E, {}) == 2


def test_what_was_written_stays_after_close(place: Place) -> None:
    with place.open() as db:
        add(db)
    db.close()
    assert len(db.jobs(E)) == 1  # opens anew
    db.close()
    with place.open() as other:
        assert len(other.jobs(E)) == 1


# --- round trips


def same(left: Any, right: Any) -> bool:
    """Equality that tells 1 from 1.0 and True, -0.0 from 0.0, and takes NaN for NaN."""
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, float):
        if math.isnan(left) or math.isnan(right):
            return math.isnan(left) and math.isnan(right)
        return left == right and math.copysign(1, left) == math.copysign(1, right)
    return bool(left == right)


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
keys = texts | st.sampled_from(FIELD_NAMES)
scalars = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats() | texts
documents = st.dictionaries(
    keys,
    st.recursive(
        scalars,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
        max_leaves=12,
    ),
    max_size=6,
)
OWNED = {"id", "status", "attempt", "worker", "lease"}


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(document=documents)
def test_documents_come_back(db: Database, document: dict[str, Any]) -> None:
    document = {key: value for key, value in document.items() if key not in OWNED}
    job_id = db.add_job(E, document)
    job = db.job(E, job_id)
    assert same({key: value for key, value in job.items() if key not in OWNED}, document)
    assert db.update(E, job_id, status="new", attempt=0, changes={"measurements": document})
    assert same(db.job(E, job_id)["measurements"], document)
    db.save_hypers(E, document)
    assert same(db.hypers(E), document)


def test_unreadable_packed_array_names_the_job(db: Database) -> None:
    packed = {"ctype": "compressed array", "shape": [2], "value": "no base64!"}
    db.add_job(E, {"params": packed})
    with pytest.raises(DatabaseError, match=r"job 1: a compressed array cannot be read"):
        db.jobs(E)
