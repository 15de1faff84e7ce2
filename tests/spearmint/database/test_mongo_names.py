from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from spearmint.database.mongo_names import collection, experiment_of, read_key, write_key
from spearmint.errors import UserError

awkward = st.text(st.sampled_from(".$＼．＄\0_0ax") | st.characters(exclude_categories=["Cs"]))


@given(awkward)
@example("_id")
@example("＼_id")
@example("_write")
@example("＼0")
def test_every_key_comes_back(key: str) -> None:
    stored = write_key(key)
    assert read_key(stored) == key
    assert not {".", "$", "\0"} & set(stored)
    assert stored not in {"_id", "_write"}


@given(st.lists(awkward, max_size=5, unique=True))
def test_keys_stay_apart(keys: list[str]) -> None:
    assert len(set(map(write_key, keys))) == len(keys)


@given(awkward.filter(lambda name: 0 < len(name.encode()) < 60))
def test_every_experiment_comes_back(name: str) -> None:
    stored = collection(name, "jobs")
    assert experiment_of(stored, "jobs") == name
    assert experiment_of(stored, "hypers") is None
    assert "$" not in stored
    assert ".." not in stored
    assert not stored.startswith((".", "system."))


@pytest.mark.parametrize("name", ["hyperpower-20260102-030405", "a.b-c", "x.jobs", "naïve 名"])
def test_ordinary_names_stay_as_they_are(name: str) -> None:
    assert collection(name, "jobs") == f"{name}.jobs"


def test_too_long_a_name() -> None:
    assert collection("n" * 200, "jobs")
    with pytest.raises(UserError, match="201 bytes"):
        collection("n" * 201, "jobs")
