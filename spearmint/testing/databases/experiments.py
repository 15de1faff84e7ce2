"""Tests of experiments: their names, their separation, and what stays after a connection ends."""

from __future__ import annotations

import math
from typing import Any

import pytest

from spearmint.database import Database
from spearmint.errors import UserError
from spearmint.testing.databases.fixtures import EXPERIMENT, Connect, DatabaseFixtures, add

#: Names of experiments, among them some that databases find difficult.
NAMES = [
    "plain",
    EXPERIMENT,
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


class ExperimentTests(DatabaseFixtures):
    """Experiments, and connections to them."""

    @pytest.mark.parametrize("name", NAMES)
    def test_names(self, db: Database, name: str) -> None:
        assert db.add_job(name, {"x": 1}) == 1
        db.save_hypers(name, {"y": 2})
        assert db.experiments() == [name]
        job = db.claim(name, 1, "w", -1.0)
        assert job is not None
        assert job["x"] == 1
        assert len(db.expired(name)) == 1
        assert db.hypers(name) == {"y": 2}
        db.drop(name)
        assert db.experiments() == []

    @pytest.mark.parametrize("name", ["", "\ud800", "a\0b", None, 7])
    def test_names_that_no_database_can_store(self, db: Database, name: Any) -> None:
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
            with pytest.raises(UserError):
                call()

    def test_experiments_are_separate(self, db: Database) -> None:
        for name in NAMES:
            assert db.add_job(name, {"of": name}) == 1
            assert db.add_job(name, {"of": name}) == 2
            db.save_hypers(name, {"of": name})
        db.save_hypers("hypers alone", {"a": 1})
        assert db.experiments() == sorted([*NAMES, "hypers alone"])
        dropped, kept = NAMES[::2], NAMES[1::2]
        for name in dropped:
            db.drop(name)
        assert db.experiments() == sorted([*kept, "hypers alone"])
        for name in dropped:
            assert db.jobs(name) == []
            assert db.hypers(name) == {}
        for name in kept:
            assert [job["of"] for job in db.jobs(name)] == [name, name]
            assert db.hypers(name) == {"of": name}

    def test_ids_start_at_1_again_after_drop(self, db: Database) -> None:
        add(db, 3)
        db.drop(EXPERIMENT)
        assert db.add_job(EXPERIMENT, {}) == 1

    def test_hypers_are_replaced(self, db: Database) -> None:
        hypers = {"error": {"length scales": [1.0, math.inf]}, "power": {"mean": 2}}
        db.save_hypers(EXPERIMENT, hypers)
        assert db.hypers(EXPERIMENT) == hypers
        db.save_hypers(EXPERIMENT, {"error": {"mean": 3}})
        assert db.hypers(EXPERIMENT) == {"error": {"mean": 3}}
        assert db.jobs(EXPERIMENT) == []
        assert db.experiments() == [EXPERIMENT]

    def test_connections_see_each_others_changes(self, connect: Connect) -> None:
        with connect() as one, connect() as two:
            assert one.add_job(EXPERIMENT, {}) == 1
            assert two.add_job(EXPERIMENT, {}) == 2
            assert two.claim(EXPERIMENT, 1, "w", 60.0) is not None
            assert one.claim(EXPERIMENT, 1, "w", 60.0) is None
            one.drop(EXPERIMENT)
            assert two.jobs(EXPERIMENT) == []
            assert two.add_job(EXPERIMENT, {}) == 1
            assert one.add_job(EXPERIMENT, {}) == 2

    def test_changes_stay_after_close(self, connect: Connect) -> None:
        with connect() as db:
            add(db)
        db.close()
        assert len(db.jobs(EXPERIMENT)) == 1, "the next use after close opens a new connection"
        db.close()
        with connect() as other:
            assert len(other.jobs(EXPERIMENT)) == 1
