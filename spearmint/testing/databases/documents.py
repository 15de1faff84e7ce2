"""Tests of documents: which values a database accepts, and in which form it returns them."""

from __future__ import annotations

import base64
import math
import struct
import zlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spearmint.database import Database, DatabaseError
from spearmint.testing.databases.fixtures import (
    EXPERIMENT,
    SETTINGS,
    DatabaseFixtures,
    add,
    claim,
    complete,
    job_of,
)

#: Names of fields that databases find difficult.
FIELD_NAMES = ["a.b", "$set", "$x", "a$b", "", " ", "_id", "_write", "\0", "．", "＄", "＼．", "名"]
OWN_FIELDS = {"id", "status", "attempt", "worker", "lease"}

_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
_keys = _texts | st.sampled_from(FIELD_NAMES)
_scalars = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats() | _texts
_documents = st.dictionaries(
    _keys.filter(lambda key: key not in OWN_FIELDS),
    st.recursive(
        _scalars,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_keys, inner, max_size=4),
        max_leaves=12,
    ),
    max_size=6,
)


class DocumentTests(DatabaseFixtures):
    """Values of jobs and hyper-parameters."""

    def test_documents_are_returned_as_stored(self, db: Database) -> None:
        @settings(**SETTINGS, max_examples=80)
        @given(document=_documents)
        def check(document: dict[str, Any]) -> None:
            job_id = db.add_job(EXPERIMENT, document)
            job = job_of(db, job_id)
            assert same({key: v for key, v in job.items() if key not in OWN_FIELDS}, document)
            changes = {"measurements": document}
            assert db.update(EXPERIMENT, job_id, status="new", attempt=0, changes=changes)
            assert same(job_of(db, job_id)["measurements"], document)
            db.save_hypers(EXPERIMENT, document)
            assert same(db.hypers(EXPERIMENT), document)

        check()

    def test_numbers_that_are_not_finite(self, db: Database) -> None:
        values = {"error": math.nan, "power": math.inf, "memory": -math.inf, "zero": -0.0}
        add(db)
        claim(db)
        assert complete(db, values=values)
        assert same(job_of(db)["values"], values)
        assert same(db.jobs(EXPERIMENT)[0]["values"], values)

    def test_numpy_becomes_plain_numbers(self, db: Database) -> None:
        scalars = (np.int32(3), np.float32(0.5), np.float64(0.1), np.bool_(True), np.str_("s"))
        db.add_job(
            EXPERIMENT,
            {
                "ints": np.array([1, 2]),
                "square": np.array([[1.5, np.nan], [0.0, -1.0]]),
                "scalars": scalars,
                "zero-dimensional": np.array(2.5),
                "empty": np.zeros((2, 0)),
            },
        )
        job = job_of(db)
        assert same(job["ints"], [1, 2])
        assert same(job["square"], [[1.5, math.nan], [0.0, -1.0]])
        assert same(job["scalars"], [3, 0.5, 0.1, True, "s"])
        assert same(job["zero-dimensional"], 2.5)
        assert same(job["empty"], [[], []])

    @pytest.mark.parametrize(
        "value", [object(), {1, 2}, b"bytes", 1j, {"deep": [1, {"er": object()}]}, np.array([1j])]
    )
    def test_other_types_are_refused_and_nothing_is_written(self, db: Database, value: Any) -> None:
        add(db)
        with pytest.raises(TypeError):
            db.add_job(EXPERIMENT, {"x": value})
        with pytest.raises(TypeError):
            db.update(EXPERIMENT, 1, status="new", attempt=0, changes={"y": 1, "x": value})
        with pytest.raises(TypeError):
            db.save_hypers(EXPERIMENT, {"x": value})
        assert len(db.jobs(EXPERIMENT)) == 1
        assert "y" not in job_of(db)
        assert db.hypers(EXPERIMENT) == {}

    def test_unusual_values(self, db: Database) -> None:
        add(db)
        changes = {
            "beyond 64 bits": [2**63, -(2**63) - 1, 2**63 - 1, -(2**63), 10**400, -(10**400)],
            "not Unicode": "caf\udce9",
            "keys": {1: "one", None: "none"},
        }
        assert db.update(EXPERIMENT, 1, status="new", attempt=0, changes=changes)
        job = job_of(db)
        wide = [2.0**63, -(2.0**63), 2**63 - 1, -(2**63), math.inf, -math.inf]
        assert same(job["beyond 64 bits"], wide)
        assert job["not Unicode"] == "caf\\udce9"
        assert job["keys"] == {"1": "one", "None": "none"}

    def test_difficult_names_of_fields(self, db: Database) -> None:
        nested = dict.fromkeys(FIELD_NAMES, 1)
        job = dict.fromkeys(FIELD_NAMES, nested) | {"values": nested, "list": [nested]}
        db.add_job(EXPERIMENT, job)
        assert {key: value for key, value in job_of(db).items() if key in job} == job
        changes = {name: {"x": name} for name in FIELD_NAMES}
        assert db.update(EXPERIMENT, 1, status="new", attempt=0, changes=changes)
        assert {key: value for key, value in job_of(db).items() if key in changes} == changes
        db.save_hypers(EXPERIMENT, job)
        assert db.hypers(EXPERIMENT) == job

    def test_large_document(self, db: Database) -> None:
        history = [0.1 * n for n in range(500_000)]
        add(db)
        claim(db)
        assert complete(db, history=history, text="x" * 3_000_000)
        job = job_of(db)
        assert job["history"] == history
        assert len(job["text"]) == 3_000_000

    def test_packed_arrays_of_the_2018_tool(self, db: Database) -> None:
        db.add_job(
            EXPERIMENT,
            {
                "params": {
                    "n": {"type": "int", "values": packed([12.0], [1])},
                    "x": {"type": "float", "values": packed([0.5, 2.0], [2])},
                },
                "square": packed([1.0, 2.0, 3.0, 4.0], [2, 2]),
            },
        )
        job = job_of(db)
        assert same(job["params"]["n"]["values"], [12])
        assert same(job["params"]["x"]["values"], [0.5, 2.0])
        assert same(job["square"], [[1.0, 2.0], [3.0, 4.0]])

    def test_packed_array_that_cannot_be_read(self, db: Database) -> None:
        broken = {"ctype": "compressed array", "shape": [2], "value": "not base64!"}
        db.add_job(EXPERIMENT, {"params": broken})
        with pytest.raises(DatabaseError):
            db.jobs(EXPERIMENT)


def packed(numbers: list[float], shape: list[int]) -> dict[str, Any]:
    """An array in the form in which the 2018 tool stored it: lines of base64, as of Python 2."""
    data = zlib.compress(struct.pack(f"<{len(numbers)}d", *numbers))
    value = base64.encodebytes(data).decode()
    return {"ctype": "compressed array", "shape": shape, "value": value}


def same(left: Any, right: Any) -> bool:
    """Equality that distinguishes 1, 1.0 and True, and -0.0 and 0.0; NaN equals NaN."""
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
