from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from spearmint.config import Stopping, Task
from spearmint.optimiser.pausing import UNLIKELY, Beliefs, Decision, decide, of_curves

TASKS = (Task("e", True), Task("power", False))
RNG = np.random.default_rng


def paused(*curves: list[list[float]]) -> list[dict[str, Any]]:
    return [
        {"id": i, "status": "paused", "curve": curve, "progress": curve[-1][0]}
        for i, curve in enumerate(curves, start=1)
    ]


def beliefs(mean: list[float], deviation: list[float], best: float, **more: Any) -> Beliefs:
    return Beliefs(np.array(mean), np.array(deviation), best, **more)


THREE = paused([[0.1, 3.0]], [[0.1, 2.0]], [[0.1, 9.0]])


def test_freeze_thaw_continues_in_proportion_to_the_chances() -> None:
    known = beliefs([1.0, 1.0, 9.0], [1.0, 1.0, 0.1], 2.0)
    counts = dict.fromkeys((1, 2, 3, None), 0)
    known_new = beliefs([1.0, 1.0, 9.0], [1.0, 1.0, 0.1], 2.0, new=(1.0, 1.0))
    for seed in range(300):
        assert decide(Stopping("freeze-thaw"), "e", THREE, known, RNG(seed)).job in (1, 2)
        counts[decide(Stopping("freeze-thaw"), "e", THREE, known_new, RNG(seed)).job] += 1
    assert counts[3] == 0
    assert all(60 < counts[which] < 140 for which in (1, 2, None))


def test_freeze_thaw_without_new_jobs_ends_when_nothing_can_become_the_best() -> None:
    known = beliefs([5.0, 5.0, 9.0], [0.1, 0.1, 0.1], 2.0)
    assert decide(Stopping("freeze-thaw"), "e", THREE, known, RNG(0)) == Decision()
    known = beliefs([5.0, 2.0, 9.0], [0.1, 0.1, 0.1], 2.0)
    assert decide(Stopping("freeze-thaw"), "e", THREE, known, RNG(0)) == Decision(2)


def test_new_job_that_probably_breaks_a_constraint_seldom_comes_first() -> None:
    known = beliefs([1.0], [0.1], 2.0, new=(0.0, 0.1), likely=0.1)
    found = [
        decide(Stopping("freeze-thaw"), "e", THREE[:1], known, RNG(seed)).job for seed in range(200)
    ]
    assert 5 < found.count(None) < 40


def test_extrapolate_ends_what_is_unlikely_and_continues_the_first_of_the_others() -> None:
    known = beliefs([5.0, 2.1, 2.0], [0.5, 0.5, 0.5], 2.0)
    found = decide(Stopping("extrapolate"), "e", THREE, known, RNG(0))
    assert found.job == 2
    assert list(found.ended) == [1]
    assert "below 5 %" in found.ended[1]
    assert known.better[0] < UNLIKELY < known.better[1]
    none_yet = beliefs([5.0, 2.1, 2.0], [0.5, 0.5, 0.5], np.inf)
    assert decide(Stopping("extrapolate"), "e", THREE, none_yet, RNG(0)) == Decision(1)


def test_chance_ends_what_has_learnt_nothing() -> None:
    jobs = paused([[0.03, 89.0]], [[0.1, 89.9], [0.2, 90.0]], [[0.1, 70.0], [0.2, 95.0]])
    known = beliefs([1.0] * 3, [1.0] * 3, np.inf)
    found = decide(Stopping("chance", 8, 90.0), "e", jobs, known, RNG(0))
    assert found.job == 1, "too early to say"
    assert list(found.ended) == [2]
    assert "no better than the 90 of a guess" in found.ended[2]


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
