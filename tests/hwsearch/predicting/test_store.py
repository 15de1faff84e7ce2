"""Files of profiles and models."""

from __future__ import annotations

import dataclasses
import errno
import math

import pytest

from hwsearch.errors import UserError
from hwsearch.predicting.store import Store
from tests.hwsearch.predicting.samples import HERE, records

THERE = dataclasses.replace(HERE, name="Another")


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "hardware")


def test_profiles_are_kept_by_platform(store):
    assert store.records() == []
    for one in [*records(2), *records(1, seed=1, platform=THERE)]:
        store.keep(one)
    assert [one.signature for one in store.records(HERE)] == ["0-0", "0-1"]
    assert len(store.records()) == 3


def test_profiles_with_other_logical_cpus_are_those_of_another_platform(store):
    two, four = (dataclasses.replace(HERE, cpus=count) for count in (2, 4))
    for one in [*records(4, platform=two), *records(4, seed=1, platform=four)]:
        store.keep(one)
    assert {one.platform for one in store.records(two)} == {two}
    assert store.model(two).profiles == store.model(four).profiles == 4
    assert store.model_file(two).name == "a-processor-2-ghz-2-logical-cpus-tensorflow.json"
    eight = dataclasses.replace(HERE, cpus=8)
    with pytest.raises(UserError) as caught:
        store.model(eight)
    name = "A Processor @ 2 GHz ({} logical CPUs) with tensorflow"
    elsewhere = f"(there are some of {name.format(2)}, {name.format(4)}, whose costs differ)"
    assert f"no profiles on {name.format(8)} {elsewhere}" in str(caught.value)


def test_profiles_of_older_versions_are_used_whatever_the_logical_cpus(store):
    for one in [*records(2), *records(2, seed=1, platform=dataclasses.replace(HERE, cpus=2))]:
        store.keep(one)
    two = dataclasses.replace(HERE, cpus=2)
    model = store.model(two)
    assert (model.profiles, model.platform) == (4, two)
    assert store.model(two).date == model.date


def test_profiles_of_one_network_are_all_kept(store):
    [one] = records(1)
    store.keep(one)
    store.keep(one)
    assert len(store.records(HERE)) == 2


def test_a_faulty_file_is_left_out(store):
    store.keep(records(1)[0])
    folder = store.folder / "profiles"
    (folder / "half.json").write_text('{"platform": {', encoding="utf-8")
    (folder / "other.json").write_text("[1]", encoding="utf-8")
    assert len(store.records()) == 1


def test_the_model_is_made_once_and_again_after_a_new_profile(store):
    for one in records(4):
        store.keep(one)
    first = store.model(HERE)
    assert store.model_file(HERE).name == "a-processor-2-ghz-tensorflow.json"
    assert store.model(HERE).date == first.date
    store.keep(records(1, seed=1)[0])
    assert store.model(HERE).profiles == 5


def test_a_folder_that_is_only_read_is_enough(store, monkeypatch):
    for one in records(4):
        store.keep(one)

    def refuse(path, _):
        raise OSError(errno.EROFS, "Read-only file system", str(path))

    monkeypatch.setattr("hwsearch.predicting.store.write_json", refuse)
    assert store.model(HERE).profiles == 4


def test_candidates_are_kept_and_the_model_knows_them(store):
    assert store.candidates() == []
    for one in records(4, noise=0.1):
        store.keep(one)
    runtime = store.model(HERE).metrics["runtime"]
    assert math.isnan(runtime.typical)
    candidates = [one.structure for one in records(6, seed=1)]
    store.keep_candidates(candidates)
    assert store.candidates() == candidates
    model = store.model(HERE)
    assert model.candidates == 6
    assert 0 < model.metrics["runtime"].typical < model.metrics["runtime"].typical_of_constant
    (store.folder / "candidates.json").write_text('{"networks": [{}', encoding="utf-8")
    assert store.candidates() == []


def test_a_faulty_model_is_made_again(store):
    for one in records(4):
        store.keep(one)
    store.model_file(HERE).write_text("{", encoding="utf-8")
    assert store.model(HERE).profiles == 4
    assert store.model_file(HERE).read_text(encoding="utf-8") != "{"


def test_profiles_of_another_experiment(store, tmp_path):
    cifar = tmp_path / "cifar"
    for count in (2, 4):  # the second time replaces the first
        store.adopt(cifar, [*records(count), *records(1, seed=1, platform=THERE)])
    assert list(store.others(HERE)) == ["cifar"]
    assert len(store.others(HERE)["cifar"]) == 4
    assert store.records() == []
    first = store.model(HERE)
    assert (first.profiles, first.others) == (0, {"cifar": 4})
    assert store.model(HERE).date == first.date
    store.adopt(tmp_path / "mnist", records(3, seed=2))
    assert store.model(HERE).others == {"cifar": 4, "mnist": 3}


def test_profiles_for_one_prediction_are_not_kept(store):
    more = {"cifar": records(4)}
    assert store.model(HERE, more=more).others == {"cifar": 4}
    assert not store.model_file(HERE).exists()
    assert store.others(HERE) == {}


def test_too_few_profiles(store):
    with pytest.raises(UserError, match=r"no profiles on A Processor.*--profile 20 makes them"):
        store.model(HERE)
    for one in records(4, platform=THERE):
        store.keep(one)
    with pytest.raises(UserError, match="there are some of Another with tensorflow, whose costs"):
        store.model(HERE)


def test_advice_if_the_template_may_have_no_more_networks(store):
    """More profiles of the same network do not help."""
    one = records(1)[0]
    for _ in range(4):
        store.keep(one)
    with pytest.raises(
        UserError, match=r"profiles of 1 network on A Processor.*--profile 20 measures more, if a"
    ):
        store.model(HERE)
