"""The acquisition function per second."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, log, nan
from typing import Any

import numpy as np
import pytest

from spearmint.errors import NoTimeError
from spearmint.optimiser.acquisition import ConstrainedImprovement, ObjectiveImprovement
from spearmint.optimiser.duration import Durations, Time
from spearmint.optimiser.models.fantasies import condition
from spearmint.optimiser.models.fit import Data, fit
from spearmint.optimiser.models.task_model import TaskModel
from spearmint.optimiser.observations import Observations
from spearmint.optimiser.per_second import Pace, PerSecond, Seconds, ranked
from spearmint.optimiser.search import Effort
from tests.spearmint.optimiser.test_duration import FEATURES, job, known

#: Seconds of jobs that end early, and of whole ones.
SHORT_S = 2.0


def whole_s(x: Sequence[float]) -> float:
    return 10.0 * 30.0 ** x[0]


def documents(count: int = 14) -> list[dict[str, Any]]:
    """Jobs at random points; power is met where the second number is small."""
    rng = np.random.default_rng(5)
    found = []
    for number, x in enumerate(rng.random((count, 2)).tolist(), start=1):
        error, power = [(x[0] - 0.7) ** 2, 0.6 - x[1]] + 0.1 * rng.standard_normal(2)
        values = {"error": error if power >= 0 else nan, "power": power}
        seconds = whole_s(x) if power >= 0 else SHORT_S
        found.append(job(number, x, seconds, values=values))
    return found


def models(observed: Observations) -> list[TaskModel]:
    rows = FEATURES.of(observed.codes)
    data = []
    for task, y in zip(observed.tasks, observed.values.T, strict=True):
        index = np.flatnonzero(~np.isnan(y))
        data.append(Data(task, index, rows[index], y[index]))
    return fit(FEATURES, data, {})


def improvement(fitted: list[TaskModel]) -> ConstrainedImprovement:
    rng = np.random.default_rng(0)
    surrogate, _ = condition(FEATURES, fitted, FEATURES.of(np.zeros((0, 2))), 1, rng, False)
    best = ObjectiveImprovement(np.array([fitted[0].z.min()]))
    return ConstrainedImprovement(surrogate, best, np.zeros(1))


@pytest.fixture(scope="module")
def observed() -> Observations:
    return known(documents())


@pytest.fixture(scope="module")
def fitted(observed: Observations) -> list[TaskModel]:
    return models(observed)


@pytest.fixture(scope="module")
def durations(observed: Observations) -> Durations:
    found = Durations.fit(FEATURES, observed, {})
    assert found is not None
    assert found.model is not None
    return found


GRID = np.random.default_rng(1).random((40, 2))


def test_expected_seconds(durations: Durations, fitted: list[TaskModel]) -> None:
    gate = [model for model in fitted if not model.task.objective]
    seconds = Seconds(FEATURES, durations, gate)
    points = np.array([[0.2, 0.1], [0.9, 0.1], [0.2, 0.98], [0.9, 0.98]])
    expected = np.exp(seconds.log_expected(*seconds.predict(FEATURES.of(points)))[0])
    met = [whole_s(x) for x in points[:2]]
    assert expected == pytest.approx([*met, SHORT_S, SHORT_S], rel=0.25)
    # Without constraints that end evaluations, all of them are whole.
    alone = Seconds(FEATURES, durations)
    expected = np.exp(alone.log_expected(*alone.predict(FEATURES.of(points)))[0])
    assert expected == pytest.approx([*met, *met], rel=0.25)


@pytest.mark.parametrize("time", [Time(), Time(100.0, 60.0), Time(1000.0, 500.0)])
@pytest.mark.parametrize("is_gated", [True, False])
def test_gradient(
    durations: Durations, fitted: list[TaskModel], time: Time, is_gated: bool
) -> None:
    if not is_gated:
        durations = Durations(durations.whole, None, durations.model)
    function = PerSecond(improvement(fitted), FEATURES, durations, fitted, time)
    points = FEATURES.of(GRID)
    values, gradient = function.with_gradient(points)
    assert values == pytest.approx(function(points))
    step = 1e-5
    for axis in range(2):
        shift = np.zeros(2)
        shift[axis] = step
        slope = (function(points + shift) - function(points - shift)) / (2 * step)
        # Near the kink of the penalty, a difference is no derivative.
        close = np.isclose(gradient[:, axis], slope, rtol=1e-3, atol=1e-3)
        assert close.sum() >= len(GRID) - 1


def test_the_log_of_the_seconds_is_subtracted(
    durations: Durations, fitted: list[TaskModel]
) -> None:
    plain = improvement(fitted)
    points = FEATURES.of(GRID)
    seconds = PerSecond(plain, FEATURES, durations, fitted, Time())
    cost = plain(points) - seconds(points)
    expected = seconds.seconds.log_expected(*seconds.seconds.predict(points))[0]
    assert cost == pytest.approx(expected)
    assert np.ptp(cost) > 2.0
    # The later, the less: the time is half over, and then over but for what nothing needs.
    half = PerSecond(plain, FEATURES, durations, fitted, Time(2e6, 1e6))
    assert plain(points) - half(points) == pytest.approx(0.5 * expected)


def test_without_a_model_the_order_is_the_same(fitted: list[TaskModel]) -> None:
    plain = improvement(fitted)
    points = FEATURES.of(GRID)
    function = PerSecond(plain, FEATURES, Durations((log(20.0), 0.1)), fitted, Time())
    assert function(points) == pytest.approx(plain(points) - log(20.0))
    values, gradient = function.with_gradient(points)
    assert values == pytest.approx(function(points))
    assert gradient == pytest.approx(plain.with_gradient(points)[1])


def test_predicted_constraints_count_in_the_seconds(
    durations: Durations, fitted: list[TaskModel]
) -> None:
    plain = improvement(fitted)
    function = PerSecond(plain, FEATURES, durations, fitted, Time())
    points = FEATURES.of(np.array([[0.9, 0.1]]))
    nothing = np.full((len(fitted), 1), nan)
    assert function.corrected(points, nothing, nothing) == pytest.approx(function(points))
    row = next(r for r, model in enumerate(fitted) if not model.task.objective)
    means, deviations = nothing.copy(), nothing.copy()
    means[row], deviations[row] = fitted[row].threshold - 5.0, 1.0
    cost = plain.corrected(points, means, deviations) - function.corrected(
        points, means, deviations
    )
    assert np.exp(cost) == pytest.approx(SHORT_S, rel=0.01)


def test_points_that_are_not_in_time_are_left_out(
    observed: Observations, fitted: list[TaskModel]
) -> None:
    pace, rng = Pace(counts=True), np.random.default_rng(0)
    effort = Effort(64, 2, 20)
    found = {}
    for left in (inf, 40.0):
        function = pace.of(improvement(fitted), FEATURES, observed, fitted, Time(1e4, left))
        points = ranked(FEATURES, function, observed, effort, rng, 5)
        found[left] = [whole_s(x) for x in points]
    assert max(found[inf]) > 40.0
    assert max(found[40.0]) < 40.0
    function = pace.of(improvement(fitted), FEATURES, observed, fitted, Time(1e4, 1.0))
    text = r"no job is expected to end within the 1 s that are left: the shortest takes up to \d"
    with pytest.raises(NoTimeError, match=text):
        ranked(FEATURES, function, observed, effort, rng, 5)


def test_the_first_point_of_a_design_that_is_in_time(observed: Observations) -> None:
    pace, time = Pace(counts=True), Time(1e4, 60.0)
    point = np.array([0.95, 0.5])
    others = np.array([point, [0.9, 0.1], [0.3, 0.1], [0.1, 0.1]])
    assert pace.timely(point, others, FEATURES, observed, time).tolist() == [0.3, 0.1]
    assert pace.timely(point, others, FEATURES, observed, Time()) is point
    assert pace.timely(point, others[:0], FEATURES, observed, time) is point
    assert pace.timely(point, others, FEATURES, known([]), time) is point
    assert Pace(counts=False).timely(point, others, FEATURES, observed, time) is point
    with pytest.raises(NoTimeError):
        pace.timely(point, others, FEATURES, observed, Time(1e4, 1.0))


def test_seconds_that_do_not_count_change_nothing(
    observed: Observations, fitted: list[TaskModel]
) -> None:
    plain = improvement(fitted)
    assert Pace(counts=False).of(plain, FEATURES, observed, fitted, Time(9.0, 1.0)) is plain
    assert Pace(counts=True).of(plain, FEATURES, known([]), fitted, Time(9.0, 1.0)) is plain
