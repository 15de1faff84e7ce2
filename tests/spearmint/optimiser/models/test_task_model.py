"""The threshold of a fitted constraint, and its fit as JSON."""

from __future__ import annotations

import json

import numpy as np
import pytest

from spearmint.config import Task
from spearmint.optimiser.models.task_model import TaskModel
from spearmint.optimiser.models.warp import BILOG, Warp

BENT = Warp(BILOG, scale=2.0, mean=0.25, deviation=0.5)


def model(task, warp):
    empty = np.zeros((1, 1))
    return TaskModel(
        task, "matern52", np.zeros(2), 0.1, np.arange(1), empty, np.zeros(1), warp, "digest"
    )


@pytest.mark.parametrize(
    ("task", "warp", "threshold"),
    [
        (Task("c", objective=False), BENT, -0.5),  # (bilog(0) - 0.25) / 0.5
        (Task("f", objective=True), BENT, 0.0),
        (Task("s", objective=False, likelihood="STEP"), None, 0.0),
    ],
)
def test_a_constraint_is_met_from_the_warped_zero(task, warp, threshold):
    assert model(task, warp).threshold == threshold


def test_a_fit_goes_through_json():
    hypers = model(Task("c", objective=False), BENT).hypers
    assert json.loads(json.dumps(hypers)) == hypers
    assert Warp(**hypers["warp"]) == BENT
