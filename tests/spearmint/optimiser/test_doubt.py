"""Doubt in the models of constraints: fronts in several feasible regions."""

from __future__ import annotations

from math import cos, pi, sin, sqrt

import numpy as np
import pytest

from spearmint.choosers import create
from spearmint.choosers.default_chooser import DefaultChooser
from spearmint.optimiser import doubt
from spearmint.optimiser.candidates import design
from spearmint.optimiser.models.fantasies import condition

CONFIG = {
    "variables": {"x": {"type": "FLOAT", "size": 4, "min": 0, "max": 1}},
    "tasks": {
        "f": {"type": "OBJECTIVE", "likelihood": "NOISELESS"},
        "g": {"type": "OBJECTIVE", "likelihood": "NOISELESS"},
        "c": {"type": "CONSTRAINT", "likelihood": "NOISELESS"},
    },
}


def discs(x):
    """C2-DTLZ2: three feasible discs, at x1 below 0.13, around 0.5 and above 0.87."""
    distance = 1 + sum((value - 0.5) ** 2 for value in x[1:])
    f, g = distance * cos(x[0] * pi / 2), distance * sin(x[0] * pi / 2)
    ends = min((f - 1) ** 2 + g**2, (g - 1) ** 2 + f**2)
    middle = (f - sqrt(0.5)) ** 2 + (g - sqrt(0.5)) ** 2
    return {"f": f, "g": g, "c": 0.04 - min(ends, middle)}


def in_one_disc(count):
    """Jobs of which all but the first six are in the first disc, near its front."""
    rng = np.random.default_rng(2)
    spread = [
        [0.65, 0.917, 0.1, 0.932],
        [0.128, 0.247, 0.584, 0.331],
        [0.274, 0.745, 0.361, 0.619],
        [0.752, 0.419, 0.815, 0.142],
        [0.0, 0.435, 0.604, 0.316],
        [1.0, 1.0, 1.0, 0.45],
    ]
    near = [
        [first, *(0.5 + 0.03 * rng.standard_normal(3))]
        for first in np.linspace(0.0, 0.125, count - len(spread))
    ]
    return [
        {
            "id": number,
            "params": {"x": {"values": [float(value) for value in point]}},
            "status": "complete",
            "values": discs(point),
        }
        for number, point in enumerate(spread + near, start=1)
    ]


def standardised(surrogate, rows):
    """By how many standard deviations the constraint is expected to be met."""
    mean, variance = surrogate.predict(rows)
    return (mean[2, 0, 0] - surrogate.threshold[2]) / np.sqrt(variance[2, 0])


def parts(jobs, config=CONFIG):
    """A chooser, its observations and its models."""
    chooser = create(config, 1)
    assert isinstance(chooser, DefaultChooser)
    known = chooser.observe(jobs)
    return chooser, known, chooser.fits.models(chooser.features, known)


def test_a_region_that_the_fitted_models_exclude_stays_possible():
    chooser, known, models = parts(in_one_disc(27))
    both = chooser._acquisition(known, models, np.random.default_rng(1))
    assert isinstance(both, doubt.Doubted)
    # The middle of the second disc, where the constraint is met.
    rows = chooser.features.of(np.array([[0.5, 0.5, 0.5, 0.5]]))
    fitted, other = (standardised(each.surrogate, rows) for each in both.both)
    assert fitted < -8.0
    assert other > -3.0
    assert both(rows)[0] > both.both[0](rows)[0] + 20.0


def test_an_objective_alone_is_never_doubted():
    chooser, known, models = parts(in_one_disc(27))
    several = chooser._acquisition(known, models, np.random.default_rng(1))
    assert isinstance(several, doubt.Doubted)
    one = CONFIG | {"tasks": {name: CONFIG["tasks"][name] for name in ("f", "c")}}
    jobs = [
        job | {"values": {name: job["values"][name] for name in ("f", "c")}}
        for job in in_one_disc(27)
    ]
    chooser, known, models = parts(jobs, one)
    single = chooser._acquisition(known, models, np.random.default_rng(1))
    assert not isinstance(single, doubt.Doubted)


def test_a_constraint_whose_values_speak_against_it_is_not_doubted():
    def smooth(x):
        return discs(x) | {"c": x[0] - 0.5 * x[1] ** 2 + 0.2 * x[2] - 0.05}

    points = np.random.default_rng(3).random((27, 4))
    jobs = [
        job
        | {"params": {"x": {"values": [float(value) for value in x]}}, "values": smooth(list(x))}
        for job, x in zip(in_one_disc(27), points, strict=True)
    ]
    chooser, known, models = parts(jobs)
    assert doubt.less_certain(chooser.features, models) is None
    fitted = chooser._expected_gain(chooser.features, known, models, np.random.default_rng(1))
    assert doubt.is_due(known, fitted)
    acquisition = chooser._acquisition(known, models, np.random.default_rng(1))
    assert not isinstance(acquisition, doubt.Doubted)


def test_outcomes_are_always_doubted():
    outcomes = CONFIG["tasks"] | {"c": {"type": "CONSTRAINT", "likelihood": "BINOMIAL"}}
    jobs = [
        job | {"values": job["values"] | {"c": float(job["params"]["x"]["values"][0] > 0.1)}}
        for job in in_one_disc(27)
    ]
    chooser, _, models = parts(jobs, CONFIG | {"tasks": outcomes})
    assert doubt.less_certain(chooser.features, models) is not None


def test_it_is_due_at_every_third_job_once_a_feasible_one_is_known():
    for count, expected in ((26, False), (27, True), (28, False), (30, True)):
        chooser, known, models = parts(in_one_disc(count))
        fitted = chooser._expected_gain(chooser.features, known, models, np.random.default_rng(1))
        assert doubt.is_due(known, fitted) == expected
    infeasible = [job | {"values": job["values"] | {"c": -1.0}} for job in in_one_disc(27)]
    chooser, known, models = parts(infeasible)
    fitted = chooser._expected_gain(chooser.features, known, models, np.random.default_rng(1))
    assert not doubt.is_due(known, fitted)


def test_less_certain_models_know_the_same_values_but_less_elsewhere():
    chooser, known, models = parts(in_one_disc(27))
    features, rng = chooser.features, np.random.default_rng(1)
    others = doubt.less_certain(features, models)
    assert [a is b for a, b in zip(models, others, strict=True)] == [True, True, False]
    nothing = features.of(known.pending)
    before, _ = condition(features, models, nothing, 1, rng)
    after, _ = condition(features, others, nothing, 1, rng)
    rows = features.of(known.codes)
    assert after.predict(rows)[0][2, :, 0] == pytest.approx(models[2].z, abs=1e-3)
    elsewhere = features.of(design(chooser.space, 64, 3))
    spread, wider = (each.predict(elsewhere)[1][2] for each in (before, after))
    assert np.median(wider) > 2 * np.median(spread)


def test_its_value_is_a_weighted_mean_and_its_gradient_that_of_it():
    chooser, known, models = parts(in_one_disc(27))
    both = chooser._acquisition(known, models, np.random.default_rng(1))
    assert isinstance(both, doubt.Doubted)
    rows = chooser.features.of(design(chooser.space, 8, 5))
    fitted, other = (each(rows) for each in both.both)
    expected = np.log((1 - doubt.WEIGHT) * np.exp(fitted) + doubt.WEIGHT * np.exp(other))
    value, gradient = both.with_gradient(rows)
    assert value == pytest.approx(expected)
    assert both(rows) == pytest.approx(expected)
    assert both.corrected(rows, np.full((3, 8), np.nan), np.zeros((3, 8))) == pytest.approx(
        expected
    )
    for column in range(rows.shape[1]):
        step = np.zeros(rows.shape[1])
        step[column] = 1e-6
        slope = (both(rows + step) - both(rows - step)) / 2e-6
        assert gradient[:, column] == pytest.approx(slope, rel=1e-2, abs=1e-2)
