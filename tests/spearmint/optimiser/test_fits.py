"""The models of the tasks that have values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from spearmint.config import Task, Variable
from spearmint.optimiser.curves import Forecast
from spearmint.optimiser.fits import Fits
from spearmint.optimiser.models import fit
from spearmint.optimiser.models.fit import Data
from spearmint.optimiser.models.kernel import Features
from spearmint.optimiser.models.task_model import TaskModel
from spearmint.optimiser.observations import FAILURE, observe
from spearmint.optimiser.space import Space

TASKS = (Task("error", objective=True), Task("room", objective=False))
SPACE = Space([Variable("x", "FLOAT", low=0.0, high=1.0)])
FEATURES = Features(SPACE)


def job(number: int, error: float, room: float = 1.0, status: str = "complete") -> dict[str, Any]:
    return {
        "id": number,
        "params": {"x": {"values": [number / 10]}},
        "status": status,
        "values": {"error": error, "room": room},
    }


def test_a_task_without_a_value_has_no_model() -> None:
    jobs = [job(1, 0.3), job(2, 0.1, np.nan), job(3, 0.2, np.nan)]
    known = observe(TASKS, SPACE, jobs)
    models = Fits().models(FEATURES, known)
    assert [model.task.name for model in models] == ["error", "room", FAILURE.name]
    assert [model.index.tolist() for model in models] == [[0, 1, 2], [0], [0, 1, 2]]
    (only,) = Fits().models(FEATURES, observe(TASKS[:1], SPACE, jobs))
    assert only.task.name == "error"
    assert Fits().models(FEATURES, observe(TASKS, SPACE, [])) == []


def test_only_the_tasks_with_other_data_are_fitted_again(monkeypatch: pytest.MonkeyPatch) -> None:
    fitted: list[str] = []
    values = fit._fit_values

    def counted(features: Features, group: Sequence[Data]) -> list[TaskModel]:
        fitted.extend(data.task.name for data in group)
        return values(features, group)

    monkeypatch.setattr(fit, "_fit_values", counted)
    jobs = [job(1, 0.3), job(2, 0.1), job(3, 0.2)]
    fits = Fits()
    first = fits.models(FEATURES, observe(TASKS, SPACE, jobs))
    assert sorted(fitted) == ["error", "room"]
    again = fits.models(FEATURES, observe(TASKS, SPACE, jobs))
    assert sorted(fitted) == ["error", "room"]
    assert [one.hypers for one in again] == [one.hypers for one in first]
    jobs[2]["values"]["error"] = 0.25
    fits.models(FEATURES, observe(TASKS, SPACE, jobs))
    assert sorted(fitted) == ["error", "error", "room"]


def test_a_forecast_has_the_variance_of_its_interval() -> None:
    jobs = [job(1, 0.3), job(2, 0.1), job(3, np.nan, status="paused"), job(4, 0.2)]
    jobs[2]["values"] = {"room": 1.0}
    known = observe(TASKS, SPACE, jobs, {3: Forecast(0.25, 0.2, 0.3)})
    error, room = Fits().models(FEATURES, known)
    assert error.extra is not None
    assert (error.extra > 0).tolist() == [False, False, True, False]
    assert room.extra is None
