"""Which profiles of another experiment can be used."""

from __future__ import annotations

import dataclasses

import pytest

from hwsearch.errors import UserError
from hwsearch.experiment import Experiment
from hwsearch.experiment.other_profiles import other_profiles
from hwsearch.predicting.store import Store
from tests.hwsearch.predicting.samples import HERE, records

THERE = dataclasses.replace(HERE, name="Another")


@pytest.fixture
def other(tmp_path):
    made = Experiment(tmp_path / "other")
    for one in [*records(3), *records(2, seed=1, platform=THERE)]:
        Store(made.hardware).keep(one)
    return str(made.folder)


def test_those_of_one_platform_or_all(tmp_path, other):
    mine = Experiment(tmp_path / "mine")
    assert len(other_profiles(other, mine, HERE)) == 3
    assert len(other_profiles(other, mine, None)) == 5


def test_what_cannot_be_used(tmp_path, other):
    mine = Experiment(tmp_path / "mine")
    elsewhere = dataclasses.replace(HERE, backend="jax")
    for source, here, text in (
        (other, elsewhere, "measured on A Processor @ 2 GHz with tensorflow, Another with tensor"),
        (str(tmp_path / "none"), HERE, "in which no network was measured"),
        (str(mine.folder), HERE, "whose own profiles are used in any case"),
    ):
        with pytest.raises(UserError, match=f"^--learn_costs_from: got .*{text}"):
            other_profiles(source, mine, here)
