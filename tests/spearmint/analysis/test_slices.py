"""The expected values along each variable."""

from __future__ import annotations

from math import sin

import numpy as np
import pytest

from spearmint.analysis import analyse
from tests.spearmint.analysis.searches import finished, problem


def test_slices_go_through_the_best_point(found, jobs):
    best = min(jobs, key=lambda job: job["values"]["f"])
    by_name = {entry["variable"]: entry for entry in found["f"]["slices"]}
    assert list(by_name) == ["a", "b", "unused", "kind"]
    assert by_name["kind"]["values"] == ["x", "</script>"]
    assert by_name["unused"]["values"] == list(range(1, 10))
    along = by_name["a"]
    assert along["values"][0] == 0 < along["values"][1]
    assert best["params"]["a"]["values"][0] in along["values"]
    b = best["params"]["b"]["values"][0]
    np.testing.assert_allclose(along["median"], [3 * a + b for a in along["values"]], atol=0.3)


def test_slices_go_through_a_given_point(jobs):
    params = {name: dict(entry) for name, entry in jobs[3]["params"].items()}
    entry = analyse(problem(), jobs, best=params)["c"]["slices"][1]
    own = params["b"]["values"][0]
    at = entry["values"].index(own)
    assert entry["median"][at] == pytest.approx(jobs[3]["values"]["c"], abs=0.1)
    other = {"gone": {"values": [1]}}
    assert analyse(problem(), jobs, best=other) == analyse(problem(), jobs)


def test_axes_that_do_not_matter_have_no_slice():
    config = {
        "variables": {
            "blocks": {"type": "INT", "min": 1, "max": 2},
            "second": {"type": "FLOAT", "min": 0, "max": 1, "when": {"blocks": [2]}},
        },
    }
    jobs = finished(16, config, lambda params: {"main": sin(params["second"]["values"][0])})
    one = next(job["params"] for job in jobs if job["params"]["blocks"]["values"] == [1])
    entries = analyse(problem(config), jobs, best=one)["main"]["slices"]
    assert [entry["variable"] for entry in entries] == ["blocks"]


def test_a_variable_with_many_options_shows_some_of_all():
    options = [f"option {i}" for i in range(60)]
    config = {"variables": {"e": {"type": "ENUM", "options": options}}}
    jobs = finished(
        16, config, lambda params: {"main": float(options.index(params["e"]["values"][0]))}
    )
    (entry,) = analyse(problem(config), jobs, best=jobs[0]["params"])["main"]["slices"]
    assert 33 <= len(entry["values"]) <= 34
    assert jobs[0]["params"]["e"]["values"][0] in entry["values"]
    assert {options[0], options[59]} <= set(entry["values"])
