from __future__ import annotations

from math import isnan, nan
from typing import Any

import pytest

from spearmint.checking.checker import Checker
from spearmint.control.controller import DONE
from spearmint.control.expectations import EXPECTED, VERSION, expected, filled, of_version
from spearmint.control.screening import Screening
from spearmint.lifecycle import complete
from spearmint.optimiser.observations import PREDICTIONS, UNMEASURED
from spearmint.optimiser.rating import Rating
from spearmint.schedulers import Ended

RATING = Rating({"c": 0.995, "d": 0.5}, {"c": 2.0, "d": 0.0}, {"c": 0.25, "d": 1.0})


def job(number: int, c: float = 1.0, **more: Any) -> dict[str, Any]:
    found = {"id": number, "params": {"n": {"type": "int", "values": [number]}}}
    found |= complete({"f": 1.0, "c": c}, {}, None, more.pop("unmeasured", ()))
    return found | {PREDICTIONS: {"c": [1.5, 0.5]}} | more


def test_a_job_is_told_how_often_predictions_could_be_compared() -> None:
    jobs = [
        job(1),
        job(2),
        job(3, nan),
        job(4, predictions={"c": [nan, 1.0]}),
        job(5, predictions={"c": None}),
        {"id": 6, "params": {}, "status": "pending", PREDICTIONS: {"c": [1.5, 0.5]}},
    ]
    found = expected(RATING, jobs)
    assert found["c"] == {"value": 2.0, "deviation": 0.25, "probability": 0.995, "compared": 2}
    assert found["d"]["compared"] == 0


def test_open_constraints_have_the_values_that_are_expected_now() -> None:
    asked: list[Any] = []

    def correct(points: Any, predicted: Any) -> list[Rating]:
        asked.append((points, predicted))
        return [RATING for _ in points]

    measured, left = job(1), job(2, nan, unmeasured=["c"])
    found = filled([measured, left], correct)
    assert found[0] is measured
    assert found[1]["values"] == {"f": 1.0, "c": 2.0}
    assert found[1][PREDICTIONS] == {}, "it is no measurement that could correct predictions"
    assert asked == [([left["params"]], [{"c": [1.5, 0.5]}])]
    assert isnan(left["values"]["c"])
    assert filled([measured], correct) == [measured]
    assert len(asked) == 1
    without = job(3, nan, unmeasured=["e"])
    assert filled([without], correct)[0]["values"].keys() == {"f", "c"}


def test_predictions_for_other_bounds_do_not_count() -> None:
    old, other, same = job(1), job(2, **{VERSION: "c 5"}), job(3, **{VERSION: "c 4"})
    found = of_version([old, other, same], "c 4")
    assert [bool(one[PREDICTIONS]) for one in found] == [True, False, True]
    assert other[PREDICTIONS]
    assert of_version([other], None) == [other]


@pytest.mark.parametrize(
    "choice",
    [
        {},
        {"chooser": "default_chooser", "chooser_args": {"per-second": True}, "max_time": 3600},
    ],
)
def test_the_controller_tells_a_job_and_goes_on_after_what_that_left_open(
    bench: Any, tmp_path: Any, choice: dict[str, Any]
) -> None:
    code = "def check(p): return {'c': [9.0 - int(p['n']), 0.3]}"
    (tmp_path / "f.py").write_text(code)
    one = bench(
        variables={"n": {"type": "INT", "min": 1, "max": 8}},
        tasks={"f": {"type": "OBJECTIVE"}, "c": {"type": "CONSTRAINT"}},
        candidate_check={"function": "f.py:check", "version": "9", "tell-main": True},
        max_finished_jobs=8,
        **choice,
    )
    told: list[Any] = []

    def work(spec: Any) -> None:
        document = one.claim(spec.job_id)
        n = document["params"]["n"]["values"][0]
        told.append(document.get(EXPECTED))
        values, left = {"f": float(n), "c": 9.0 - n}, []
        if told[-1] and told[-1]["c"]["compared"] >= 4:
            values["c"], left = nan, ["c"]
        changes = complete(values, {}, None, left)
        assert one.store.update("e", spec.job_id, status="pending", attempt=1, changes=changes)
        one.scheduler.ended.append(Ended(next(iter(one.scheduler.running)), "exit status 0"))
        one.scheduler.running.clear()

    one.scheduler.on_submit = work
    checker = Checker.create(one.config, one.config.candidate_check)
    controller = one.controller
    controller.suggestions.screening = Screening(
        one.config, one.config.candidate_check, one.store, checker, one.chooser.space, one.progress
    )
    assert controller.run() == DONE, one.text
    checker.close()
    assert [one_told["c"]["compared"] for one_told in told] == [0, 1, 2, 3, 4, 4, 4, 4]
    assert all(one_told["c"]["probability"] > 0.5 for one_told in told)
    jobs = one.store.jobs("e")
    assert [bool(each.get(UNMEASURED)) for each in jobs] == [False] * 4 + [True] * 4
    assert {each[VERSION] for each in jobs} == {"9"}
    assert one.text.count("; not measured: c\n") == 4
    assert len({each["params"]["n"]["values"][0] for each in jobs}) == 8
