"""Which networks are profiled."""

from __future__ import annotations

import contextlib
import dataclasses
from pathlib import Path

import numpy as np
import pytest

from hwsearch.calibration import builders
from hwsearch.calibration.chosen_networks import _Counter, chosen_networks, spread_params
from hwsearch.calibration.recipe import Recipe
from hwsearch.errors import UserError
from hwsearch.measuring.profile_settings import ProfileSettings
from hwsearch.predicting.features import Structure
from hwsearch.predicting.records import script_hash
from hwsearch.template import Template
from tests.hwsearch.predicting.samples import records
from tests.small_template import TEMPLATE as SMALL

TEMPLATE = Template.parse(
    """
units = HYPERPARAM{"type": "INT", "token": "units", "min": 1, "max": 100}
kind = HYPERPARAM{"type": "ENUM", "token": "kind", "options": ["a", "b"]}
rate = HYPERPARAM{"type": "FLOAT", "token": "rate", "min": -1.0, "max": 3.0}
"""
)


def test_a_larger_number_begins_with_the_same_networks():
    few, many = (spread_params(TEMPLATE, count, 3) for count in (5, 13))
    assert many[:5] == few
    assert len(many) == 13
    assert spread_params(TEMPLATE, 5, 4) != few
    assert spread_params(TEMPLATE, 1, 3) == few[:1]


def test_they_cover_the_space():
    points = spread_params(TEMPLATE, 16, 0)
    units = np.sort([point["units"] for point in points])
    assert np.all(np.abs(units - np.linspace(1, 100, 16)) < 15)
    assert sum(point["kind"] == "a" for point in points) == 8
    assert all(-1 <= point["rate"] <= 3 for point in points)


@pytest.fixture(autouse=True)
def _few_candidates_in_this_process(monkeypatch):
    """Each takes a moment; after other tests have used Keras, this process must not fork."""
    monkeypatch.setattr("hwsearch.calibration.chosen_networks.CANDIDATES", 2)
    monkeypatch.setattr(
        "hwsearch.calibration.chosen_networks.builders.build_all",
        lambda build, points, _limit_s, _output: builders.build_here(build, points),
    )


class Notes(list):
    """A report that keeps the notes."""

    def note(self, text):
        self.append(text)

    def step(self, number, total, text):
        raise AssertionError("choosing networks is no step of a profile")


def recipe_of(text, folder):
    template = Template.parse(text)
    return Recipe(template, folder / "net.py", folder, 3, ProfileSettings(), ("runtime",), False)


def choose(recipe, count, known=(), kept=None):
    notes = Notes()
    found = chosen_networks(
        recipe,
        count,
        known,
        limit_s=600.0,
        output=recipe.folder / "profiles.out",
        report=notes,
        keep=[].extend if kept is None else kept.extend,
    )
    return found, notes


def profiled(recipe, points):
    """Records of networks that are built and counted, and not measured."""
    template, plain = recipe.template, records(len(points))
    with contextlib.closing(builders.build_here(_Counter(recipe), points)) as results:
        return [
            dataclasses.replace(
                one,
                script=script_hash(template.render(params)),
                structure=Structure.from_json(built.costs),
            )
            for one, params, built in zip(plain, points, results, strict=True)
        ]


def test_few_networks_are_the_first_ones_of_the_sequence(tmp_path):
    recipe = recipe_of(SMALL, tmp_path)
    found, notes = choose(recipe, 5)
    assert found == spread_params(recipe.template, 5, 3)
    assert notes == []


def test_networks_that_tell_much_are_chosen_and_an_interrupted_choice_continues(tmp_path):
    """The cost of a network of one hidden layer: the smallest and the largest tell most."""
    recipe = recipe_of(SMALL, tmp_path)
    found, notes = choose(recipe, 10)
    units = [params["units"] for params in found]
    assert len(set(units)) == 10
    pool = {params["units"] for params in spread_params(recipe.template, 20, 3)}
    assert {min(pool), max(pool)} <= set(units[:3])
    assert notes == [
        f"{len(pool)} networks are built and counted; the 10 most informative ones are profiled"
    ]
    known = profiled(recipe, found[:4])
    again, notes = choose(recipe, 10, known)
    assert again == found
    assert notes[0].startswith(f"{len(pool) - 4} networks are built and counted; the 6 most")
    _, notes = choose(recipe, 10, profiled(recipe, found[:9]))
    assert notes[0].endswith("counted; the most informative one is profiled")
    assert choose(recipe, 4, known) == (found[:4], [])  # nothing is built for them


def test_all_candidates_are_kept_those_with_profiles_too(tmp_path):
    recipe = recipe_of(SMALL, tmp_path)
    first, again, none = [], [], []
    found, _ = choose(recipe, 10, kept=first)
    pool = {params["units"] for params in spread_params(recipe.template, 20, 3)}
    assert len({one.params for one in first}) == len(first) == len(pool)
    choose(recipe, 10, profiled(recipe, found[:4]), kept=again)
    assert again == first
    choose(recipe, 5, kept=none)  # nothing is built
    assert none == []


def test_without_time_for_all_candidates_extreme_profiles_do_not_count(tmp_path, monkeypatch):
    recipe = recipe_of(SMALL, tmp_path)
    sequence = spread_params(recipe.template, 20, 3)
    last = profiled(recipe, [sequence[-1]])
    monkeypatch.setattr("hwsearch.calibration.chosen_networks.LIMIT_S", 0.0)
    kept = []
    choose(recipe, 10, last, kept)
    assert len(kept) == 1
    assert kept[0] != last[0].structure


def test_more_networks_follow_in_the_order_of_the_sequence(tmp_path, monkeypatch):
    monkeypatch.setattr("hwsearch.calibration.chosen_networks.MOST_CHOSEN", 1)
    recipe = recipe_of(SMALL, tmp_path)
    found, _ = choose(recipe, 12)
    points = {params["units"]: params for params in spread_params(recipe.template, 12, 3)}
    assert found[1:] == [one for one in points.values() if one != found[0]]


FAULTY = SMALL.replace("model.compile", "assert units % 2, 'an even number'\nmodel.compile")


def test_candidates_that_cannot_be_built_are_not_profiled(tmp_path):
    found, notes = choose(recipe_of(FAULTY, tmp_path), 10)
    assert len(found) == 10
    assert all(params["units"] % 2 for params in found)
    assert "cannot be built: " in notes[1]
    assert "an even number" in notes[1]


def test_many_reasons_are_not_all_shown(tmp_path):
    text = SMALL.replace("model.compile", "assert units % 2, f'got {units}'\nmodel.compile")
    _, notes = choose(recipe_of(text, tmp_path), 10)
    assert sum(": AssertionError: got " in note for note in notes) == 3
    assert notes[-1].endswith("cannot be built for similar or other reasons")
    assert len(notes) == 5


def test_a_template_with_fewer_networks_is_said_to_have_no_more(tmp_path):
    text = SMALL.replace('"min": 2, "max": 40', '"min": 8, "max": 9')
    found, notes = choose(recipe_of(text, tmp_path), 12)
    assert sorted(params["units"] for params in found) == [8, 9]
    assert notes == ["only 2 networks differ among 40 points of the template's space"]


def test_a_template_of_which_nothing_can_be_built(tmp_path: Path):
    with pytest.raises(UserError, match=r"none of 5 networks could be measured; 5 times: .*never"):
        choose(recipe_of(SMALL.replace("model.compile", "assert 0, 'never'\nmodel"), tmp_path), 10)
