from __future__ import annotations

import signal
from typing import Any

import pytest

from spearmint.choosers import Best, Chooser
from spearmint.control.interrupts import Interrupted
from spearmint.control.suggestions import check_jobs
from spearmint.errors import NoTimeError, UserError
from spearmint.optimiser.pausing import Decision

POINT = {"x": {"type": "float", "values": [0.25]}}


class Scripted(Chooser):
    """Returns, or raises, what it was given."""

    def __init__(self, problem: Any) -> None:
        super().__init__(problem, 0)
        self.answer: Any = POINT
        self.answer_best: Any = None
        self.state: dict[str, Any] = {}

    def suggest(self, jobs: Any) -> Any:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def best(self, jobs: Any) -> Best | None:
        if isinstance(self.answer_best, Exception):
            raise self.answer_best
        found: Best | None = self.answer_best
        return found

    def hypers(self) -> dict[str, Any]:
        return self.state

    def load_hypers(self, hypers: Any) -> None:
        self.state = dict(hypers)


@pytest.fixture
def one(bench: Any) -> Any:
    found = bench()
    found.chooser = Scripted(found.config.problem)
    return found


def test_point_of_the_chooser(one: Any) -> None:
    assert one.suggestions.suggest([]) == POINT


def test_chooser_that_fails_is_replaced_by_random_points_until_it_works(one: Any) -> None:
    suggestions = one.suggestions
    one.chooser.answer = ZeroDivisionError("no variance")
    points = [suggestions.suggest([]), suggestions.suggest([])]
    assert all(0 <= point["x"]["values"][0] <= 1 for point in points)
    line = "the chooser failed (ZeroDivisionError: no variance); suggesting random points until"
    assert one.text.count(line) == 1
    assert one.text.count("Traceback") == 2, "with --debug"
    one.chooser.answer = POINT
    assert suggestions.suggest([]) == POINT


def test_errors_of_the_user_are_raised(one: Any) -> None:
    one.chooser.answer = UserError("job 3: got 7")
    with pytest.raises(UserError, match="job 3: got 7"):
        one.suggestions.suggest([])


def test_space_that_is_exhausted(bench: Any) -> None:
    one = bench(variables={"n": {"type": "INT", "min": 1, "max": 2}})
    suggestions = one.suggestions
    params = [{"n": {"type": "int", "values": [n]}} for n in (1, 2)]
    jobs = [{"id": i, "status": "complete", "params": p} for i, p in enumerate(params, start=1)]
    assert suggestions.suggest(jobs[:1]) == params[1]
    before = suggestions.exhausted
    assert suggestions.suggest(jobs) is None
    sentence = suggestions.exhausted
    assert before is None
    assert "all 2 points" in sentence
    assert sentence in one.text


def test_no_job_that_would_end_in_time(one: Any) -> None:
    one.chooser.answer = NoTimeError("no job is expected to end within the 9 s that are left")
    suggestions = one.suggestions
    assert suggestions.suggest([]) is None
    assert suggestions.exhausted == "no job is expected to end within the 9 s that are left"
    assert "the chooser failed" not in one.text


def test_paused_jobs_may_continue_where_no_new_one_would_end_in_time(one: Any) -> None:
    def pausing(jobs: Any, *, new: bool = True) -> Decision:
        if new:
            raise NoTimeError("no job is expected to end")
        return Decision(7)

    one.chooser.pausing = pausing
    assert one.suggestions.pausing([], new=True) == Decision(7)


def test_signal_ends_a_computation(one: Any) -> None:
    one.interrupts.received = signal.SIGINT
    for compute in (one.suggestions.suggest, one.suggestions.best):
        with pytest.raises(Interrupted):
            compute([])


def test_state_of_the_model_is_restored_and_stored_when_it_changes(one: Any) -> None:
    one.store.save_hypers("e", {"noise": 0.5})
    suggestions = one.suggestions
    suggestions.begin([])
    assert one.chooser.state == {"noise": 0.5}
    one.store.save_hypers("e", {"noise": 0.7})  # shows that what is unchanged is not stored
    suggestions.save_state()
    assert one.store.hypers("e") == {"noise": 0.7}
    one.chooser.state = {"noise": 0.9}
    suggestions.save_state()
    assert one.store.hypers("e") == {"noise": 0.9}


def test_best_point_is_computed_once_per_finished_job(one: Any) -> None:
    suggestions = one.suggestions
    one.chooser.answer_best = Best(POINT, {"main": 3.5}, 1.0, confident=True)
    assert suggestions.is_best_outdated([])
    suggestions.report_best([])
    assert not suggestions.is_best_outdated([{"status": "pending"}])
    assert suggestions.is_best_outdated([{"status": "broken"}])
    assert one.text.startswith("expected best: main 3.5\n")
    assert suggestions.pause_s >= 0.2


def test_best_point_that_cannot_be_computed_is_reported_once(one: Any) -> None:
    suggestions = one.suggestions
    one.chooser.answer_best = ValueError("nan")
    assert suggestions.best([]) is None
    assert suggestions.best([]) is None
    assert one.text.count("cannot compute the model's best point (ValueError: nan)") == 1


@pytest.mark.parametrize(
    ("job", "words"),
    [
        ({"id": 2, "params": {}}, "x"),
        ({"id": 2, "params": {"x": {"values": [0.1, 0.2]}}}, "[0.1, 0.2]"),
        (
            {"id": 2, "params": {**POINT, "y": {"values": [1]}}},
            "got the variables ['y']; config.json has ['x']",
        ),
        (
            {"id": 2, "params": POINT, "tasks": ["f", "c"]},
            "got the tasks ['c', 'f']; config.json has ['main']",
        ),
    ],
)
def test_stored_jobs_have_to_fit_config_json(one: Any, job: Any, words: str) -> None:
    fitting = {"id": 1, "params": POINT, "tasks": ["main"]}
    check_jobs(one.config, one.chooser, [fitting, {"id": 2, "params": POINT}])
    with pytest.raises(UserError) as caught:
        check_jobs(one.config, one.chooser, [fitting, job])
    text = str(caught.value)
    assert text.startswith("experiment e: job 2 of an earlier run: ")
    assert words in text
    assert text.endswith("or remove the old results with cleanup.sh DIR")


def test_jobs_outside_the_variables_are_reported_in_one_line(bench: Any) -> None:
    one = bench(
        variables={
            "x": {"type": "FLOAT", "min": 0, "max": 1},
            "e": {"type": "ENUM", "options": ["a", "b"]},
        }
    )
    inside = {"x": {"type": "float", "values": [0.5]}, "e": {"type": "enum", "values": ["a"]}}
    beyond = inside | {"x": {"type": "float", "values": [1.5]}}
    removed = inside | {"e": {"type": "enum", "values": ["gone"]}}
    one.suggestions.begin([{"id": 1, "params": inside}])
    assert one.text == ""
    jobs = [{"id": i, "params": p} for i, p in enumerate([inside, beyond, removed], start=1)]
    one.suggestions.begin(jobs)
    assert one.text == (
        "2 of 3 jobs are outside the variables of config.json: the model uses them, but they are "
        "never the best and do not count as tried\n"
    )
