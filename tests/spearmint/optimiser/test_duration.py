"""The seconds that jobs take, learnt from those of finished jobs."""

from __future__ import annotations

from collections.abc import Callable
from math import inf, nan
from typing import Any

import numpy as np
import pytest

from spearmint.config import Task, Variable
from spearmint.optimiser.curves import Forecast
from spearmint.optimiser.duration import Durations, Time
from spearmint.optimiser.models.kernel import Features
from spearmint.optimiser.observations import FROM, Observations, observe
from spearmint.optimiser.space import Space

TASKS = (Task("error", objective=True), Task("power", objective=False))
SPACE = Space([Variable("x", "FLOAT", 2, 0.0, 1.0)])
FEATURES = Features(SPACE)


def job(number: int, x: list[float], seconds: float, **changes: Any) -> dict[str, Any]:
    """A job of the first resource, which is complete after so many seconds."""
    return {
        "id": number,
        "status": "complete",
        "params": {"x": {"type": "float", "values": x}},
        "values": {"error": x[0], "power": 1.0},
        "start time": 1000.0,
        "end time": 1000.0 + seconds,
        **changes,
    }


def jobs(count: int, seconds: Callable[[list[float]], float]) -> list[dict[str, Any]]:
    """Jobs at random points."""
    points = np.random.default_rng(3).random((count, 2)).tolist()
    return [job(i, x, seconds(x)) for i, x in enumerate(points, start=1)]


def known(documents: list[dict[str, Any]]) -> Observations:
    return observe(TASKS, SPACE, documents)


def fitted(documents: list[dict[str, Any]]) -> Durations | None:
    return Durations.fit(FEATURES, known(documents), {})


def test_the_share_of_the_time_that_is_left() -> None:
    assert Time().share == 1.0
    assert Time(200.0, 50.0).share == 0.25
    assert Time(200.0, -1.0).share == 0.0
    assert Time(200.0, inf).share == 1.0


def test_seconds_that_depend_on_the_point_are_modelled() -> None:
    durations = fitted(jobs(12, lambda x: 10.0 * 30.0 ** x[0]))
    assert durations is not None
    assert durations.model is not None
    assert durations.short is None


def test_seconds_that_do_not_depend_on_it_are_the_same_everywhere() -> None:
    rng = np.random.default_rng(0)
    durations = fitted(jobs(14, lambda x: 20.0 * float(np.exp(0.1 * rng.standard_normal()))))
    assert durations is not None
    assert durations.model is None
    assert np.exp(durations.whole[0]) == pytest.approx(20.0, rel=0.1)
    assert durations.whole[1] == pytest.approx(0.1, rel=0.6)
    equal = fitted(jobs(8, lambda x: 20.0))
    assert equal is not None
    assert equal.model is None
    assert equal.whole == pytest.approx((np.log(20.0), 0.0))


def test_few_jobs_have_a_mean_or_nothing() -> None:
    few = jobs(5, lambda x: 10.0 * 30.0 ** x[0])
    durations = fitted(few)
    assert durations is not None
    assert durations.model is None
    assert fitted(few[:2]) is None
    assert fitted([]) is None


def test_jobs_that_ended_early_teach_their_own_seconds() -> None:
    whole = jobs(8, lambda x: 60.0)
    early = [
        job(20 + i, [0.1 * i, 0.9], seconds, values={"error": nan, "power": -1.0})
        for i, seconds in enumerate((2.0, 3.0, 9.0))
    ]
    durations = fitted([*whole, *early])
    assert durations is not None
    assert durations.short == 3.0
    assert np.exp(durations.whole[0]) == pytest.approx(60.0)
    assert fitted(early) is None


def test_paused_jobs_teach_what_they_would_take() -> None:
    whole = jobs(3, lambda x: 60.0)
    paused = job(9, [0.5, 0.5], 0.0, status="paused", progress=0.25, values={"power": 1.0})
    forecast = {9: Forecast(0.3, 0.2, 0.4)}
    observed = observe(TASKS, SPACE, [*whole, paused | {"earlier seconds": 30.0}], forecast)
    durations = Durations.fit(FEATURES, observed, {})
    assert durations is not None
    assert durations.short is None
    assert durations.whole[0] == pytest.approx(np.mean(np.log([60.0, 60.0, 60.0, 120.0])))


def test_jobs_of_other_experiments_and_candidates_without_a_job_teach_nothing() -> None:
    own = jobs(4, lambda x: 60.0)
    others = [job(-i, [0.1 * i, 0.2], 1.0, **{FROM: "e"}) for i in range(1, 7)]
    discarded = job(-9, [0.5, 0.5], 1.0, values={"error": nan, "power": -1.0})
    del discarded["start time"]
    assert fitted([*own, *others, discarded]) == fitted(own)


def test_a_fit_is_reused() -> None:
    observed = known(jobs(12, lambda x: 10.0 * 30.0 ** x[0]))
    first = Durations.fit(FEATURES, observed, {})
    assert first is not None
    assert first.model is not None
    changed = first.model.hypers | {"noise": 0.5}
    again = Durations.fit(FEATURES, observed, {first.model.task.name: changed})
    assert again is not None
    assert again.model is not None
    assert again.model.noise == 0.5
