from __future__ import annotations

import math
import select
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spearmint.checking.checker import Checker
from spearmint.control.screening import MOST_TRIES, Screening
from spearmint.control.suggestions import Suggestions
from spearmint.database import DatabaseUnavailableError
from spearmint.optimiser.pausing import Decision
from spearmint.optimiser.rating import Rating

CODE = "def check(params): return {'c': 4 - int(params['n'])}"


class Desk:
    """A bench with a check of n <= 4, in a process of its own."""

    def __init__(self, bench: Any, checker: Checker) -> None:
        self.bench = bench
        self.checker = checker

    def suggestions(self) -> Suggestions:
        """Those of a controller that has just started."""
        found: Suggestions = self.bench.suggestions
        config, space = self.bench.config, self.bench.chooser.space
        check = config.candidate_check
        found.screening = Screening(
            config, check, self.bench.store, self.checker, space, self.bench.progress
        )
        return found

    def next(self, suggestions: Suggestions, jobs: list[Any]) -> Any:
        """The next point, once checks have ended."""
        while (params := suggestions.suggest(jobs)) is None and not suggestions.exhausted:
            select.select(suggestions.sources(), [], [], 240.0)
        return params

    def discarded(self) -> list[int]:
        stored = self.bench.store.discarded("e")
        ordered = sorted(stored, key=lambda one: (one["job"], one["place"]))
        return [one["params"]["n"]["values"][0] for one in ordered]


@pytest.fixture
def desk(bench: Any, tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    made: list[Checker] = []

    def make(code: str = CODE, **changes: Any) -> Desk:
        (tmp_path / "f.py").write_text(code)
        settings = {
            "variables": {"n": {"type": "INT", "min": 1, "max": 40}},
            "tasks": {
                "f": {"type": "OBJECTIVE"},
                "c": {"type": "CONSTRAINT", "likelihood": "NOISELESS"},
            },
            "candidate_check": {"function": "f.py:check", "version": "4"},
        }
        one = bench(**(settings | changes))
        made.append(Checker.create(one.config, one.config.candidate_check))
        return Desk(one, made[-1])

    yield make
    for checker in made:
        checker.close()


def value(params: Any) -> int:
    found: int = params["n"]["values"][0]
    return found


def done(number: int, params: Any) -> dict[str, Any]:
    n = value(params)
    values = {"f": float(n), "c": 4.0 - n}
    return {"id": number, "params": params, "status": "complete", "values": values}


@pytest.mark.parametrize("chooser", ["random_search", "default_chooser"])
def test_no_point_that_breaks_the_constraint_becomes_a_job(desk: Any, chooser: str) -> None:
    one = desk(chooser=chooser)
    suggestions = one.suggestions()
    jobs: list[Any] = []
    for number in (1, 2, 3):
        jobs.append(done(number, one.next(suggestions, jobs)))
    assert all(value(job["params"]) <= 4 for job in jobs)
    discarded = one.discarded()
    assert discarded
    assert min(discarded) > 4
    assert len(set(discarded)) == len(discarded)
    assert one.bench.store.jobs("e") == []
    suggestions.tell_discarded(jobs)
    count = len(discarded)
    verb = "candidate was" if count == 1 else "candidates were"
    assert f"{count} {verb} not evaluated: c not met\n" in one.bench.text
    assert " for job 1 break" in one.bench.text


def test_the_chooser_suggests_what_it_would_if_they_were_jobs(desk: Any) -> None:
    one = desk()
    suggestions = one.suggestions()
    jobs: list[Any] = []
    for number in (1, 2, 3):
        jobs.append(done(number, one.next(suggestions, jobs)))
    plain: list[Any] = []
    while sum(job["values"]["c"] >= 0 for job in plain) < 3:
        plain.append(done(len(plain) + 1, one.bench.chooser.suggest(plain)))
    kept = [job["params"] for job in plain if job["values"]["c"] >= 0]
    assert kept == [job["params"] for job in jobs]
    assert len(plain) == 3 + len(one.discarded())


def test_pauses_are_decided_with_knowledge_of_them(desk: Any) -> None:
    one = desk()
    suggestions = one.suggestions()
    jobs = [done(1, one.next(suggestions, []))]
    one.next(suggestions, jobs)
    shown: list[Any] = []

    def pausing(known: Any, *, new: bool = True) -> Decision:
        shown.extend(known)
        return Decision(1)

    one.bench.chooser.pausing = pausing
    assert suggestions.pausing(jobs, new=True) == Decision(1)
    assert shown[0] == jobs[0]
    assert [value(job["params"]) for job in shown[1:]] == one.discarded()
    assert all(job["values"]["c"] < 0 and job["id"] < 0 for job in shown[1:])


def test_a_controller_that_starts_again_continues_with_the_same_points(desk: Any) -> None:
    one = desk()
    suggestions = one.suggestions()
    first = one.next(suggestions, [])
    jobs = [done(1, first)]
    second = one.next(suggestions, jobs)
    before = one.discarded()
    assert one.next(one.suggestions(), jobs) == second
    assert one.discarded() == before


def test_when_all_break_it_the_least_violating_becomes_the_job(desk: Any) -> None:
    one = desk("def check(params): return {'c': -abs(int(params['n']) - 20) - 1}")
    suggestions = one.suggestions()
    chosen = one.next(suggestions, [])
    tried = one.discarded()
    assert len(tried) == MOST_TRIES
    assert abs(value(chosen) - 20) == min(abs(n - 20) for n in tried)
    assert f"each of {MOST_TRIES} candidates for job 1 breaks c" in one.bench.text
    assert one.next(one.suggestions(), []) == chosen, "also after a start"
    # It is not known to the chooser twice.
    assert suggestions.screening is not None
    job = done(1, chosen)
    known = suggestions.screening.with_discarded([job])
    assert len(known) == MOST_TRIES
    assert sum(each["params"] == chosen for each in known) == 1
    assert {each["id"] for each in known} == {1, *range(1 - MOST_TRIES, 0)}
    suggestions.tell_discarded([job])
    assert f"{MOST_TRIES - 1} candidates were not evaluated: c not met" in one.bench.text


def test_a_space_without_another_point_is_exhausted(desk: Any) -> None:
    one = desk(variables={"n": {"type": "INT", "min": 4, "max": 6}})
    suggestions = one.suggestions()
    jobs = [done(1, one.next(suggestions, []))]
    assert value(jobs[0]["params"]) == 4
    assert one.next(suggestions, jobs) is None
    assert suggestions.exhausted
    assert sorted(one.discarded()) == [5, 6]


def test_a_check_that_fails_lets_candidates_pass(desk: Any) -> None:
    one = desk("def check(params): raise ValueError('no layers')")
    suggestions = one.suggestions()
    jobs: list[Any] = []
    for number in range(1, 6):
        jobs.append(done(number, one.next(suggestions, jobs)))
    text = "candidate-check: ValueError: no layers; "
    assert one.bench.text.count(f"{text}this candidate is evaluated unchecked") == 2
    assert one.bench.text.count(f"{text}candidates are no longer checked") == 1
    assert one.discarded() == []


def test_a_candidate_that_could_not_be_stored_is_stored_later(
    desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        tries.append(1)
        raise DatabaseUnavailableError("its disk is full")

    def suggest_all() -> None:
        while True:
            jobs.append(done(len(jobs) + 1, one.next(suggestions, jobs)))

    one = desk()
    suggestions, tries = one.suggestions(), list[int]()
    jobs: list[Any] = []
    with monkeypatch.context() as patch:
        patch.setattr(type(one.bench.store), "add_discarded", full)
        for _ in range(2):
            with pytest.raises(DatabaseUnavailableError):
                suggest_all()
    assert len(tries) == 2
    params = one.next(suggestions, jobs)
    assert value(params) <= 4
    discarded = one.discarded()
    assert discarded
    assert len(set(discarded)) == len(discarded)


def test_what_was_discarded_under_another_version_or_changed_by_hand_does_not_count(
    desk: Any,
) -> None:
    one = desk()
    good = {
        "job": 1,
        "place": 0,
        "params": {"n": {"type": "int", "values": [30]}},
        "values": {"c": -26},
        "version": "4",
    }
    for changes in (
        {},
        {"version": "5"},
        {"values": {"c": 1}},
        {"values": 3},
        {"values": {"c": "much"}},
        {"params": {"n": {"type": "int", "values": [99]}}},
        {"params": {"m": 1}},
        {"params": None},
        {"job": None},
    ):
        one.bench.store.add_discarded("e", good | changes)
    screening = one.suggestions().screening
    screening.refresh(lambda points, predicted: [])
    (known,) = screening.with_discarded([])
    assert known["id"] == -1
    assert known["values"]["c"] == -26
    assert math.isnan(known["values"]["f"])


def test_a_job_that_another_controller_has_added_meanwhile(desk: Any) -> None:
    one = desk(
        "def check(params): return {'c': 1}", variables={"n": {"type": "INT", "min": 1, "max": 2}}
    )
    suggestions = one.suggestions()
    assert suggestions.suggest([]) is None
    taken = one.bench.chooser.suggest([])
    # The candidate in question is the same point: it must not become job 2 as well.
    assert one.next(suggestions, [done(1, taken)]) != taken


PREDICTED = """
def check(params):
    n = int(params['n'])
    return {'c': [FACTOR * (6.0 - n), 0.3], 'd': 100.0 - n}
"""
BOTH = {
    "f": {"type": "OBJECTIVE"},
    "c": {"type": "CONSTRAINT"},
    "d": {"type": "CONSTRAINT", "likelihood": "NOISELESS"},
}


def measured(number: int, suggestions: Suggestions, params: Any) -> dict[str, Any]:
    """A job with what was predicted; the constraint is met up to n = 12."""
    n = value(params)
    values = {"f": -float(n) if n <= 12 else math.nan, "c": 12.0 - n, "d": 100.0 - n}
    return {
        "id": number,
        "params": params,
        "status": "complete",
        "values": values,
        "predictions": suggestions.predictions,
    }


def test_what_is_unlikely_to_meet_the_constraint_becomes_no_job(desk: Any) -> None:
    one = desk(PREDICTED.replace("FACTOR", "1"), tasks=BOTH)
    suggestions = one.suggestions()
    jobs: list[Any] = []
    for number in (1, 2, 3):
        jobs.append(measured(number, suggestions, one.next(suggestions, jobs)))
    assert all(value(job["params"]) <= 6 for job in jobs), "fewer than 1 % of 7 meet it"
    assert jobs[0]["predictions"] == {"c": [6.0 - value(jobs[0]["params"]), 0.3]}
    assert one.discarded()
    assert min(one.discarded()) > 6
    (stored, *_) = one.bench.store.discarded("e")
    assert stored["values"] == {"d": 100.0 - value(stored["params"])}
    assert stored["predictions"] == {"c": [6.0 - value(stored["params"]), 0.3]}
    assert "not evaluated: c not met" in (suggestions.tell_discarded(jobs), one.bench.text)[1]


def test_measurements_correct_predictions_and_bring_discarded_points_back(desk: Any) -> None:
    one = desk(PREDICTED.replace("FACTOR", "1"), tasks=BOTH)
    suggestions = one.suggestions()
    jobs: list[Any] = []
    for number in range(1, 13):
        jobs.append(measured(number, suggestions, one.next(suggestions, jobs)))
    # It was predicted that none but the first six meet the constraint; in truth, twelve do.
    assert max(value(job["params"]) for job in jobs) in {11, 12}
    assert suggestions.screening is not None
    known = suggestions.screening.with_discarded(jobs)
    unlikely = [value(each["params"]) for each in known if each["id"] < 0]
    assert min(unlikely) > 12
    assert set(unlikely) < set(one.discarded())


def test_a_start_continues_with_predictions_too(desk: Any) -> None:
    one = desk(PREDICTED.replace("FACTOR", "1"), tasks=BOTH)
    suggestions = one.suggestions()
    jobs: list[Any] = []
    for number in range(1, 8):
        jobs.append(measured(number, suggestions, one.next(suggestions, jobs)))
    following = one.next(suggestions, jobs)
    predictions = suggestions.predictions
    again = one.suggestions()
    assert one.next(again, jobs) == following
    assert again.predictions == predictions


def test_all_points_are_unlikely_then_the_least_unlikely_is_evaluated(desk: Any) -> None:
    one = desk(
        PREDICTED.replace("FACTOR", "1"),
        tasks=BOTH,
        variables={"n": {"type": "INT", "min": 20, "max": 24}},
    )
    suggestions = one.suggestions()
    jobs = [measured(1, suggestions, one.next(suggestions, []))]
    assert value(jobs[0]["params"]) == 20
    assert suggestions.predictions == {"c": [-14.0, 0.3]}
    assert value(one.next(suggestions, jobs)) == 21


def test_a_check_that_predicts_nothing_changes_no_suggestion(desk: Any) -> None:
    one = desk("def check(params): return {'d': 1.0}", tasks=BOTH)
    suggestions = one.suggestions()
    jobs: list[Any] = []
    for number in range(1, 9):
        params = one.next(suggestions, jobs)
        assert params == one.bench.chooser.suggest(jobs)
        jobs.append(measured(number, suggestions, params))
    assert suggestions.predictions == {}


def two(n: int, x: float) -> dict[str, Any]:
    return {"n": {"type": "int", "values": [n]}, "x": {"type": "float", "values": [x]}}


@pytest.mark.parametrize(("best", "checked"), [(0.1, 2), (0.2, 3)])
def test_what_differs_in_continuous_variables_only_is_not_checked_in_vain(
    desk: Any, best: float, checked: int
) -> None:
    variables = {
        "n": {"type": "INT", "min": 1, "max": 2},
        "x": {"type": "FLOAT", "min": 0, "max": 1},
    }
    code = """
def check(params):
    with open("checks", "a") as file:
        print(file=file)
    return {"c": [1.0 if params["n"][0] == 1 else -1.0, 0.1]}
"""
    one = desk(code, variables=variables, tasks=BOTH)
    screening = one.suggestions().screening

    def rate(points: Any, predicted: Any) -> list[Rating]:
        found = []
        for point, known in zip(points, predicted, strict=True):
            value = 1.0 - abs(point["x"]["values"][0] - best) if known else 2.0
            met = float(known["c"][0] > 0) if known else 1.0
            found.append(Rating({"c": met}, {"c": 0.0}, {"c": 0.1}, value))
        return found

    screening.ask(1, [two(1, 0.1), two(1, 0.2), two(2, 0.1), two(2, 0.2)], rate)
    while (found := screening.decide(1)) is None:
        select.select(one.checker.sources(), [], [], 240.0)
    assert found == two(1, best)
    assert len((one.bench.config.folder / "checks").read_text()) == checked
    assert [each["params"] for each in one.bench.store.discarded("e")] == [two(2, 0.1)]


def test_the_first_jobs_may_go_unchecked(desk: Any) -> None:
    check = {"function": "f.py:check", "version": "4", "first-job": 3}
    one = desk("1 / 0", tasks=BOTH, candidate_check=check)
    suggestions = one.suggestions()
    jobs: list[Any] = []
    for number in (1, 2):
        jobs.append(measured(number, suggestions, one.next(suggestions, jobs)))
    assert "candidate-check" not in one.bench.text
    one.next(suggestions, jobs)
    assert "ZeroDivisionError" in one.bench.text


@pytest.mark.parametrize(("limit", "starts"), [(None, True), (3, True), (2, False)])
def test_the_process_starts_with_the_search_if_it_will_be_needed(
    desk: Any, limit: int | None, starts: bool
) -> None:
    check = {"function": "f.py:check", "first-job": 3}
    one = desk(candidate_check=check, **({"max_finished_jobs": limit} if limit else {}))
    one.suggestions().begin([])
    assert one.checker.child.runs == starts


def test_a_module_that_cannot_be_imported_is_named_once(desk: Any) -> None:
    check = {"function": "f.py:check", "preload": ["json", "skleran"]}
    one = desk(candidate_check=check)
    suggestions = one.suggestions()
    suggestions.begin([])
    while not one.checker.child.ready:
        select.select(one.checker.child.sources(), [], [], 240.0)
        suggestions.poll()
    suggestions.poll()
    assert one.bench.text == (
        "config.json: candidate-check: preload: cannot import skleran (ModuleNotFoundError: "
        "No module named 'skleran'); candidates are checked without it\n"
    )
    assert value(one.next(suggestions, [])) <= 4


@pytest.mark.parametrize(
    ("works", "told"),
    [
        (lambda jobs: True, []),
        (lambda jobs: not jobs, ["correct predictions (LinAlgError: bad); using them as they are"]),
        (
            lambda jobs: False,
            [
                "correct predictions (LinAlgError: bad); using them as they are",
                "use predictions (LinAlgError: bad); ignoring them",
            ],
        ),
    ],
)
def test_a_chooser_that_cannot_rate_does_not_end_the_search(
    desk: Any, works: Callable[[Any], bool], told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    one = desk(PREDICTED.replace("FACTOR", "1"), tasks=BOTH)
    chooser = one.bench.chooser
    plain = chooser.corrected

    def rate(jobs: Any, points: Any, predicted: Any) -> Any:
        raise np.linalg.LinAlgError("bad")

    def corrected(jobs: Any, points: Any, predicted: Any) -> Any:
        return plain(jobs, points, predicted) if works(jobs) else rate(jobs, points, predicted)

    monkeypatch.setattr(chooser, "rate", rate)
    monkeypatch.setattr(chooser, "corrected", corrected)
    suggestions = one.suggestions()
    jobs: list[Any] = []
    for number in (1, 2, 3):
        jobs.append(measured(number, suggestions, one.next(suggestions, jobs)))
    lines = [line for line in one.bench.text.splitlines() if line.startswith("the chooser could")]
    compare = (
        "compare candidates (LinAlgError: bad); taking the first one that probably meets the "
        "constraints"
    )
    assert lines == [f"the chooser could not {what}" for what in (compare, *told)], "once each"
    is_predicted = all(value(job["params"]) <= 6 for job in jobs)
    assert is_predicted == works([])
