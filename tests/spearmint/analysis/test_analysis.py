"""The models' view of a search as JSON."""

from __future__ import annotations

import json
from math import nan

from spearmint.analysis import analyse
from spearmint.choosers import create
from tests.spearmint.analysis.searches import CONFIG, problem


def test_it_is_json_and_the_same_again(jobs, found):
    assert json.loads(json.dumps(found)) == found
    assert analyse(problem(), list(reversed(jobs))) == found


def test_outcomes_and_unknown_tasks_have_no_entry(jobs, found):
    assert set(found) == {"f", "c"}
    unknown = [job | {"values": job["values"] | {"f": nan}} for job in jobs]
    assert set(analyse(problem(), unknown)) == {"c"}
    assert analyse(problem(), jobs[:2]) == {}
    assert analyse(problem(), []) == {}


def test_stored_fits_are_used(jobs):
    chooser = create(CONFIG, 0)
    chooser.best(jobs)
    hypers = chooser.hypers()
    same = analyse(problem(), jobs, hypers=hypers)
    assert same == analyse(problem(), jobs)
    changed = {name: entry | {"noise": 5.0} for name, entry in hypers.items()}
    assert analyse(problem(), jobs, hypers=changed)["f"]["fit"] != same["f"]["fit"]
