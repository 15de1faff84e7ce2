"""Predictions of each observation from all others."""

from __future__ import annotations

import numpy as np
import pytest

from spearmint.config import Task, Variable
from spearmint.optimiser.models import leave_one_out
from spearmint.optimiser.models.kernel import KERNELS, Features
from spearmint.optimiser.models.surrogate import covariance
from spearmint.optimiser.models.task_model import TaskModel
from spearmint.optimiser.models.warp import PLAIN, Warp
from spearmint.optimiser.space import Space

FEATURES = Features(Space([Variable("x", "FLOAT", 2, 0.0, 1.0)]))
NOISE = 0.01


@pytest.fixture
def model() -> TaskModel:
    rng = np.random.default_rng(0)
    rows = FEATURES.of(rng.random((9, 2)))
    theta = np.array([np.log(0.4)] * FEATURES.groups + [0.0])
    index = np.arange(9, dtype=np.intp)
    task = Task("f", objective=True)
    z = np.sin(5 * rows[:, 0]) + rng.normal(0, 0.1, 9)
    return TaskModel(task, KERNELS[0], theta, NOISE, index, rows, z, Warp(PLAIN), "")


def test_each_is_predicted_as_by_a_model_of_the_others(model: TaskModel) -> None:
    mean, deviation = leave_one_out.predictions(FEATURES, model)
    k = covariance(model.kernel, FEATURES.group, model.theta, model.rows, model.rows)
    for i in range(len(model.z)):
        others = np.delete(np.arange(len(model.z)), i)
        matrix = k[np.ix_(others, others)] + NOISE * np.eye(len(others))
        weights = np.linalg.solve(matrix, k[others, i])
        assert mean[i] == pytest.approx(weights @ model.z[others])
        assert deviation[i] ** 2 == pytest.approx(k[i, i] + NOISE - weights @ k[others, i])


def test_what_is_explained_is_compared_with_the_mean_of_the_others() -> None:
    z = np.array([1.0, 2.0, 6.0])
    assert leave_one_out.explained(z, z) == 1.0
    assert leave_one_out.explained(z, np.array([4.0, 3.5, 1.5])) == pytest.approx(0.0)
    assert leave_one_out.explained(np.ones(3), np.zeros(3)) is None
    assert leave_one_out.explained(1e-9 * z, np.zeros(3), 1e-12) is None
