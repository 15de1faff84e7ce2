"""Ratings of points at which constraints are predicted, by the default chooser."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from spearmint import choosers
from spearmint.choosers import Chooser
from spearmint.choosers.default_chooser import DefaultChooser
from spearmint.choosers.random_search import RandomSearch
from spearmint.optimiser.rating import Rating

CONFIG = {
    "variables": {"x": {"type": "FLOAT", "min": 0, "max": 1}},
    "tasks": {"f": {"type": "OBJECTIVE"}, "c": {"type": "CONSTRAINT"}},
}


def point(x: float) -> dict[str, Any]:
    return {"x": {"type": "float", "values": [x]}}


def job(number: int, x: float, **more: Any) -> dict[str, Any]:
    """The objective falls to the right; the constraint is met up to 0.5."""
    values = {"f": 1.0 - x if x <= 0.5 else float("nan"), "c": 0.5 - x}
    return {"id": number, "params": point(x), "status": "complete", "values": values} | more


JOBS = [job(n, x) for n, x in enumerate([0.05, 0.15, 0.3, 0.42, 0.8, 0.95], 1)]


@pytest.fixture
def chooser() -> DefaultChooser:
    made = choosers.create(CONFIG, seed=1)
    assert isinstance(made, DefaultChooser)
    return made


def test_candidates_begin_with_the_suggestion(chooser: Chooser) -> None:
    found = chooser.candidates(JOBS, 8)
    assert found[0] == chooser.suggest(JOBS)
    assert 1 < len(found) <= 8
    xs = [one["x"]["values"][0] for one in found]
    assert len(set(xs)) == len(xs)
    assert chooser.candidates(JOBS[:2], 8) == [chooser.suggest(JOBS[:2])], "the initial design"


def test_without_predictions_a_rating_is_the_acquisition(chooser: Chooser) -> None:
    found = chooser.candidates(JOBS, 6)
    values = [one.value for one in chooser.rate(JOBS, found, [{}] * len(found))]
    assert int(np.argmax(values)) == 0
    assert all(one.met == {} for one in chooser.rate(JOBS, found, [{}] * len(found)))


def test_predictions_decide_between_candidates(chooser: Chooser) -> None:
    points = [point(0.46), point(0.5), point(0.54)]
    good, bad, unknown = {"c": [0.2, 0.02]}, {"c": [-0.2, 0.02]}, None
    plain = chooser.rate(JOBS, points, [bad, unknown, good])
    assert plain[0].met["c"] < 0.01
    assert plain[2].met["c"] > 0.99
    assert plain[0].broken(0.01) == {"c": pytest.approx(-0.2)}
    assert plain[1].met == plain[1].broken(0.01) == {}
    assert plain[0].value < plain[1].value, "it may still turn out to meet the constraint"
    assert plain[0].value < plain[2].value


def test_what_is_not_predicted_yet_lies_between_a_good_prediction_and_the_own_model(
    chooser: Chooser,
) -> None:
    points = [point(0.46), point(0.52)]
    given = [None, {"c": [1e3, 0.0]}, {}]
    unknown, sure, own = (
        chooser.rate(JOBS, points, [{"c": [0.2, 0.02]}, one])[1].value for one in given
    )
    assert own < sure
    assert unknown == pytest.approx((own + sure) / 2, abs=1e-6)


def test_jobs_with_predictions_correct_those_of_candidates(chooser: Chooser) -> None:
    biased = [one | {"predictions": {"c": [one["values"]["c"] - 0.3, 0.1]}} for one in JOBS]
    (plain,) = chooser.rate(JOBS, [point(0.4)], [{"c": [-0.2, 0.1]}])
    (corrected,) = chooser.rate(biased, [point(0.4)], [{"c": [-0.2, 0.1]}])
    assert plain.expected["c"] == pytest.approx(-0.2)
    assert corrected.expected["c"] == pytest.approx(0.1, abs=0.05)
    assert plain.met["c"] < 0.05
    assert corrected.met["c"] > 0.5


def test_other_choosers_rate_by_probability_alone() -> None:
    other = choosers.create(CONFIG | {"chooser": "random_search"}, seed=1)
    assert len(other.candidates(JOBS, 8)) == 1
    good, bad = other.rate(JOBS, [point(0.4), point(0.6)], [{"c": [1.0, 0.1]}, {"c": [-1.0, 0.1]}])
    assert good.value == bad.value == 0.0
    assert good.met["c"] > 0.99
    assert bad.met["c"] < 0.01


def test_faulty_predictions_of_jobs_do_not_count(chooser: Chooser) -> None:
    for faulty in ({"c": [1.0]}, {"c": [float("nan"), 1.0]}, {"c": [0.0, -1.0]}, [1.0, 2.0], "x"):
        jobs = [one | {"predictions": faulty} for one in JOBS]
        assert chooser.suggest(jobs) == chooser.suggest(JOBS)
        (found,) = chooser.rate(jobs, [point(0.4)], [{"c": [-0.2, 0.1]}])
        assert found.expected["c"] == pytest.approx(-0.2)


def test_a_rater_makes_its_models_once(
    chooser: DefaultChooser, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []
    plain = DefaultChooser._acquisition

    def counted(self: DefaultChooser, *given: Any) -> Any:
        made.append(len(given))
        return plain(self, *given)

    monkeypatch.setattr(DefaultChooser, "_acquisition", counted)
    points = [point(0.46), point(0.5), point(0.54)]
    several: list[list[Any]] = [
        [{"c": [0.2, 0.02]}, None, None],
        [{"c": [0.2, 0.02]}, {"c": [-0.2, 0.02]}, None],
    ]
    separate = [chooser.rate(JOBS, points, predicted) for predicted in several]
    assert len(made) == 2
    rater = chooser.rater(JOBS)
    assert [rater(points, predicted) for predicted in several] == separate
    assert len(made) == 3
    chooser.rater(JOBS)(points[:1], [None])
    assert len(made) == 3, "a single point is not compared"


def test_a_rater_calls_the_rate_of_another_chooser() -> None:
    class Own(RandomSearch):
        def rate(self, jobs: Any, points: Any, predicted: Any) -> list[Rating]:
            return [Rating(value=float(len(jobs))) for _ in points]

    problem = choosers.create(CONFIG, seed=1).problem
    assert Own(problem, 1).rater(JOBS)([point(0.4)], [None]) == [Rating(value=6.0)]
