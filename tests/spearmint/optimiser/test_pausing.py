from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from spearmint.config import Stopping, Task
from spearmint.config.problem import read_problem
from spearmint.config.reader import Faults, ObjectReader
from spearmint.optimiser.observations import FROM
from spearmint.optimiser.pausing import UNLIKELY, Beliefs, Decision, decide, of_curves
from spearmint.optimiser.space import Space

TASKS = (Task("e", True), Task("power", False))


def paused(*curves: list[list[float]]) -> list[dict[str, Any]]:
    return [
        {"id": i, "status": "paused", "curve": curve, "progress": curve[-1][0]}
        for i, curve in enumerate(curves, start=1)
    ]


def beliefs(mean: list[float], deviation: list[float], *finished: float, **more: Any) -> Beliefs:
    return Beliefs(np.array(mean), np.array(deviation), np.array(finished), **more)


THREE = paused([[0.1, 3.0]], [[0.1, 2.0]], [[0.1, 9.0]])


def test_freeze_thaw_continues_what_improves_most_and_begins_new_jobs() -> None:
    rule = Stopping("freeze-thaw")
    for deviations, job in (([1.0, 0.5, 0.1], 1), ([0.5, 1.0, 0.1], 2)):
        known = beliefs([1.0, 1.0, 9.0], deviations, 2.0, new=(1.0, 0.1))
        assert decide(rule, "e", THREE, known).job == job, "the more uncertain one"
    known = beliefs([1.0, 1.0, 9.0], [1.0, 0.5, 0.1], 2.0, new=(0.5, 1.0))
    assert decide(rule, "e", THREE, known) == Decision()
    nothing_finished = beliefs([1.0, 0.5, 9.0], [0.1, 0.1, 0.1], new=(1.0, 0.1))
    assert decide(rule, "e", THREE, nothing_finished).job == 2
    first = beliefs([1.0, 0.5, 9.0], [0.1, 0.1, 0.1], new=(-np.inf, 0.0))
    assert decide(rule, "e", THREE, first) == Decision(), "a point of the initial design"


def test_freeze_thaw_continues_the_better_half_of_those_that_came_as_far() -> None:
    rule = Stopping("freeze-thaw")
    # Uncertain: they would all promise more than a new job.
    jobs = paused([[0.5, 3.0]], [[0.25, 2.0]], [[0.25, 2.5]])
    cases = [
        ([3.0, 1.5, 5.0], [1.0], 2, "job 1 is the worse of two"),
        ([0.5, 4.0, 5.0], [1.0], 1, "the best one"),
        ([3.0, 4.0, 5.0], [], 1, "the only one that came so far"),
        ([7.0, 8.0, 9.0], [1.0, 2.0], None, "all are in the worse half"),
        ([np.inf, np.inf, np.inf], [], None, "all have diverged"),
    ]
    for mean, finished, job, why in cases:
        known = beliefs(mean, [9.0] * 3, *finished, new=(50.0, 0.1))
        assert decide(rule, "e", jobs, known).job == job, why


def test_freeze_thaw_without_new_jobs_continues_the_most_promising_until_all_are_finished() -> None:
    unlikely = beliefs([6.0, 5.0, np.inf], [0.1, 0.1, 0.0], 2.0)
    assert decide(Stopping("freeze-thaw"), "e", THREE, unlikely) == Decision(2)
    diverged = beliefs([np.inf] * 3, [0.0] * 3, 2.0)
    assert decide(Stopping("freeze-thaw"), "e", THREE, diverged) == Decision()
    nothing_finished = beliefs([np.inf, 5.0, 9.0], [0.0, 0.1, 0.1])
    assert decide(Stopping("freeze-thaw"), "e", THREE, nothing_finished) == Decision(2)


def test_new_job_that_probably_breaks_a_constraint_comes_later() -> None:
    for likely, job in ((0.9, None), (0.1, 1)):
        known = beliefs([1.0], [0.1], 2.0, new=(0.0, 0.1), likely=likely)
        assert decide(Stopping("freeze-thaw"), "e", THREE[:1], known).job == job


def test_extrapolate_ends_what_is_unlikely_and_continues_the_first_of_the_others() -> None:
    known = beliefs([5.0, 2.1, 2.0], [0.5, 0.5, 0.5], 2.0)
    found = decide(Stopping("extrapolate"), "e", THREE, known)
    assert found.job == 2
    assert list(found.ended) == [1]
    assert "below 5 %" in found.ended[1]
    assert known.better[0] < UNLIKELY < known.better[1]
    none_yet = beliefs([5.0, 2.1, 2.0], [0.5, 0.5, 0.5])
    assert decide(Stopping("extrapolate"), "e", THREE, none_yet) == Decision(1)


def test_chance_ends_what_has_learnt_nothing() -> None:
    jobs = paused([[0.03, 89.0]], [[0.1, 89.9], [0.2, 90.0]], [[0.1, 70.0], [0.2, 95.0]])
    known = beliefs([1.0] * 3, [1.0] * 3)
    found = decide(Stopping("chance", 8, 90.0), "e", jobs, known)
    assert found.job == 1, "too early to say"
    assert list(found.ended) == [2]
    assert found.ended[2] == "its best value is no better than that of a guess"
    # An accuracy of 0.1, which is maximised.
    jobs = paused([[0.1, -0.1], [0.2, -0.101]], [[0.1, -0.11], [0.2, -0.1]])
    found = decide(Stopping("chance", 8, -0.1), "e", jobs, beliefs([1.0] * 2, [1.0] * 2))
    assert (list(found.ended), found.job) == ([1], 2)


@pytest.mark.parametrize("new", [True, False])
def test_curves_alone(new: bool) -> None:
    done = [
        {
            "id": 10 + i,
            "status": "complete",
            "curve": [[0.25, 5.0 + i], [0.5, 4.0 + i]],
            "values": {"e": 3.0 + i, "power": 1.0 if i else -1.0},
        }
        for i in range(4)
    ]
    jobs = [*paused([[0.25, 4.0], [0.5, 3.0]], [[0.25, 30.0], [0.5, 29.0]]), *done]
    found = of_curves(TASKS, jobs, jobs[:2], 3, new=new)
    assert found.mean[0] < found.best < found.mean[1], "of those that meet the constraint"
    assert found.better[0] > 0.8
    assert found.better[1] < UNLIKELY
    assert (found.new is not None) == new


def test_results_of_other_experiments_are_not_what_a_training_has_to_improve_on() -> None:
    earlier = {"id": -1, "status": "complete", "values": {"e": 0.1, "power": 1.0}, FROM: "run 1"}
    jobs = [earlier, *paused([[0.25, 4.0], [0.5, 3.0]])]
    found = of_curves(TASKS, jobs, jobs[1:], 3, new=True)
    assert np.isinf(found.best)
    assert decide(Stopping("extrapolate"), "e", jobs[1:], found) == Decision(1)


def test_a_new_training_begins_if_all_so_far_have_diverged() -> None:
    jobs = paused([[0.25, np.nan]], [[0.25, np.inf]])
    found = of_curves(TASKS, jobs, jobs, 3, new=True)
    assert np.isinf(found.mean).all()
    assert found.new is not None
    assert np.isfinite(found.new).all()
    assert decide(Stopping("freeze-thaw"), "e", jobs, found) == Decision()


def test_results_outside_a_changed_space_are_not_what_a_training_has_to_improve_on() -> None:
    file = {"variables": {"x": {"type": "FLOAT", "min": 0, "max": 1}}}
    space = Space(read_problem(ObjectReader.of_file(file, Faults("file"))).variables)
    params = {"x": {"values": [3.0]}}
    outside = {"id": 9, "status": "complete", "params": params, "values": {"e": 0.1, "power": 1.0}}
    jobs = [outside, *paused([[0.25, 4.0], [0.5, 3.0]])]
    found = of_curves(TASKS, jobs, jobs[1:], 3, new=True, space=space)
    assert np.isinf(found.best)
    assert decide(Stopping("extrapolate"), "e", jobs[1:], found) == Decision(1)
