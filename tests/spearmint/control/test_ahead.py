"""Candidates of the next job are checked while jobs run that allow it."""

from __future__ import annotations

import select
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from spearmint import lifecycle
from spearmint.checking.checker import Checker
from spearmint.control import ahead
from spearmint.control.ahead import Ahead, basis_of
from spearmint.control.screening import Screening

#: Writes which points were checked.
CODE = """
import json
def check(params):
    with open("checked", "a") as file:
        print(json.dumps([int(params["n"]), round(float(params["rate"]), 9)]), file=file)
    return {"c": [3.0 * params["n"] - 9.0, 1.0]}
"""
VARIABLES = {
    "n": {"type": "INT", "min": 1, "max": 6},
    "rate": {"type": "FLOAT", "min": 0, "max": 1},
}
Settled = Callable[..., Any]


class Desk:
    """A search with a check in a process of its own."""

    def __init__(self, bench: Any, checker: Checker, folder: Path) -> None:
        self.bench, self.checker, self.folder = bench, checker, folder
        self.suggestions = bench.suggestions
        config, space = bench.config, bench.chooser.space
        screening = Screening(
            config, config.candidate_check, bench.store, checker, space, bench.progress
        )
        self.suggestions.screening = self.screening = screening
        self.ahead = Ahead(self.suggestions, screening)

    def use_time(self, jobs: list[Any], turns: int = 40) -> None:
        """As the loop does while these jobs run, until nothing is left to do."""
        for _ in range(turns):
            self.suggestions.poll()
            self.ahead.use_time(jobs)
            if self.suggestions.sources():
                select.select(self.suggestions.sources(), [], [], 240.0)

    def next(self, jobs: list[Any]) -> Any:
        """The next point, once checks have ended."""
        self.ahead.stop()
        self.screening.answers.begin(basis_of(jobs))
        while (params := self.suggestions.suggest(jobs)) is None:
            select.select(self.suggestions.sources(), [], [], 240.0)
        return params

    @property
    def checked(self) -> list[str]:
        file = self.folder / "checked"
        return file.read_text().splitlines() if file.exists() else []


@pytest.fixture
def desk(
    bench: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Desk]]:
    made: list[Checker] = []
    monkeypatch.setattr(ahead, "PAUSE_S", -1e9)  # else tests wait

    def make(code: str = CODE, **check: Any) -> Desk:
        (tmp_path / "f.py").write_text(code)
        one = bench(
            variables=VARIABLES,
            tasks={"f": {"type": "OBJECTIVE"}, "c": {"type": "CONSTRAINT"}},
            chooser="default_chooser",
            candidate_check={"function": "f.py:check", "check-ahead": True} | check,
        )
        made.append(Checker.create(one.config, one.config.candidate_check))
        return Desk(one, made[-1], tmp_path)

    yield make
    for checker in made:
        checker.close()


def point(n: int, rate: float) -> dict[str, Any]:
    return {"n": {"type": "int", "values": [n]}, "rate": {"type": "float", "values": [rate]}}


def done(number: int, params: Any | None = None) -> dict[str, Any]:
    params = params or point(1 + number % 6, (number * 0.37) % 1)
    n, rate = params["n"]["values"][0], params["rate"]["values"][0]
    values = {"f": (n - 3.2) ** 2 + (rate - 0.4) ** 2, "c": 3.0 * n - 9.5}
    return {"id": number, "params": params, "status": "complete", "attempt": 1, "values": values}


def training(number: int, params: Any | None = None) -> dict[str, Any]:
    job = {
        **done(number, params),
        "status": "pending",
        **lifecycle.allowing_checks(1, allowed=True),
    }
    del job["values"]
    return job


HISTORY = [done(number) for number in range(1, 8)]


def test_the_same_points_become_jobs_with_fewer_checks_in_the_meantime(desk: Any) -> None:
    with_ahead, without = desk(), desk()
    jobs, points, waited = list(HISTORY), [], []
    for number in range(8, 12):
        expected = without.next(jobs)
        without.screening.answers.begin(number)
        before = len(with_ahead.checked)
        points.append(with_ahead.next(jobs))
        waited.append(len(with_ahead.checked) - before)
        assert points[-1] == expected
        with_ahead.use_time([*jobs, training(number, points[-1])])
        assert not with_ahead.suggestions.sources()
        jobs.append(done(number, points[-1]))
    assert with_ahead.screening.answers.serve_for_all, "`rate` changes no answer"
    assert min(waited) == 0 < waited[0]


def test_a_point_of_the_initial_design_is_checked_ahead(desk: Any) -> None:
    one = desk()
    first = one.next([])
    before = len(one.checked)
    one.use_time([training(1, first)])
    known = len(one.checked)
    assert known == before + 1
    one.next([done(1, first)])
    assert len(one.checked) == known


@pytest.mark.parametrize(
    "running",
    [
        [{**training(8), lifecycle.AHEAD: 0}],
        [training(8) | {"attempt": 2}],
        [training(8), {**training(9), lifecycle.AHEAD: 0}],
        [training(8), {**training(9), "status": "new"}],
        [],
    ],
    ids=["measures", "measures again", "another one measures", "another one begins", "none runs"],
)
def test_nothing_is_checked_while_a_job_may_be_measuring(desk: Any, running: list[Any]) -> None:
    one = desk()
    one.use_time([*HISTORY, *running])
    assert not one.checked
    assert not one.checker.child.runs


def test_nothing_is_checked_before_the_first_job_that_is(desk: Any) -> None:
    one = desk(**{"first-job": 10})
    one.use_time([*HISTORY, training(8)])
    assert not one.checker.child.runs


def test_a_check_ends_when_a_job_begins_to_measure(desk: Any) -> None:
    one = desk("import time\ndef check(params): time.sleep(600)")
    jobs = [*HISTORY, training(8)]
    one.ahead.use_time(jobs)
    one.ahead.use_time(jobs)
    assert one.suggestions.sources()
    one.ahead.use_time([*HISTORY, {**training(8), lifecycle.AHEAD: 0}])
    assert not one.suggestions.sources()


def test_a_suggestion_does_not_wait_for_a_check_ahead(desk: Any) -> None:
    one = desk(
        "import os, time\n"
        "def check(params):\n"
        "    while os.sched_getscheduler(0) == os.SCHED_IDLE: time.sleep(1)\n"
        "    return {'c': 1.0}"
    )
    one.ahead.use_time([*HISTORY, training(8)])
    one.ahead.use_time([*HISTORY, training(8)])
    assert one.suggestions.sources()
    assert one.next([*HISTORY, done(8)])


def test_a_variable_that_changes_answers_ends_checks_of_other_points(desk: Any) -> None:
    one = desk("def check(params): return {'c': [params['n'] + params['rate'], 1.0]}")
    jobs = list(HISTORY)
    for number in range(8, 10):
        one.use_time([*jobs, training(number)])
        jobs.append(done(number))
    assert one.screening.answers.differ
    one.use_time([*jobs, training(10)])
    assert not one.suggestions.sources()


def test_checks_that_fail_ahead_are_no_reason_to_stop_checking(desk: Any) -> None:
    one = desk("def check(params): raise ValueError('no layers')")
    one.use_time([*HISTORY, training(8)])
    assert not one.checker.off
    assert "no layers" not in one.bench.text


def test_answers_hold_until_another_job_was_measured() -> None:
    measuring = {**training(8), lifecycle.AHEAD: 0}
    assert basis_of([*HISTORY, training(8)]) == basis_of([*HISTORY, done(8)])
    assert basis_of([*HISTORY, measuring]) != basis_of([*HISTORY, training(8)])
    assert basis_of([*HISTORY, {"id": 8, "status": "new"}]) == basis_of(HISTORY)
