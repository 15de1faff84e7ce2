"""The view of log files and pipes."""

from __future__ import annotations

from typing import Any

import pytest

from hwsearch.errors import UserError
from hwsearch.measurements import Flag, Outcome, ProfileRecord
from hwsearch.progress.plain import Plain
from hwsearch.progress.search import Search
from hwsearch.progress.status import counts
from tests.hwsearch.progress.conftest import PARAMS, Jobs


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def view(search: Search, said: list[str]) -> Plain:
    return Plain(search, said.append)


def finished(job_id: int, **more: Any) -> dict[str, Any]:
    return {"event": "finished", "job": job_id, "status": "complete", "output": "/o/1.out"} | more


SUBMITTED = {"event": "submitted", "job": 1, "params": PARAMS, "resource": "Main", "again": True}


def test_a_new_best_network_is_shown_in_full(view: Plain, jobs: Jobs, said: list[str]) -> None:
    for job_id, error in ((1, 3.0), (2, 4.0), (3, 2.0)):
        jobs.add(job_id, error, 9e-6, 0.95)
        view.show(finished(job_id))
    assert [text.partition("\n")[0].endswith("best so far") for text in said] == [True, False, True]
    assert said[2].splitlines()[1:] == ["  learning_rate  0.3162", "  act            relu"]
    assert "\n" not in said[1]


def test_the_best_network_of_an_earlier_start_counts(
    view: Plain, jobs: Jobs, said: list[str]
) -> None:
    jobs.add(1, 3.0, 9e-6, 0.95)
    view.show({"event": "message", "text": "resuming run: 1 job found"})
    jobs.add(2, 4.0, 9e-6, 0.95)
    view.show(finished(2))
    assert said[0] == "resuming run: 1 job found"
    assert "best so far" not in said[1]


def test_jobs_that_were_not_trained(view: Plain, jobs: Jobs, said: list[str]) -> None:
    jobs.add(1, runtime=2e-5, outcome=Outcome.REJECTED)
    view.show(finished(1))
    jobs.add(2, status="broken", reason="ValueError: x", measurements=None)
    view.show(finished(2, status="broken"))
    assert said[0].endswith("over the budget, not trained")
    assert said[1] == "job 2: broken: ValueError: x\n  its output: /o/1.out"


def test_notes_are_said_once(view: Plain, jobs: Jobs, said: list[str]) -> None:
    flag = Flag("busy", "a typical batch took 2.0 times as long")
    for job_id, notes in ((1, ["x_test is late\n", "macs is unknown: Own"]), (2, []), (3, ["new"])):
        document = jobs.add(job_id, 3.0 + job_id, 9e-6, 0.95)
        profile = ProfileRecord(flags=(flag,)).to_json()
        document["measurements"] |= {
            "notes": ["x_test is late\n", flag.text, *notes],
            "profile": profile,
        }
        view.show(finished(job_id))
    assert said[0].endswith("act            relu\n  note: x_test is late\\n")
    assert "note" not in said[1]
    assert said[2].endswith("\n  note: new")


def test_paused_trainings(view: Plain, search: Search, jobs: Jobs, said: list[str]) -> None:
    paused = {"outcome": "paused", "epochs": 2}
    jobs.add(1, status="paused", progress=0.25, measurements=paused)
    view.show({"event": "paused", "job": 1, "progress": 0.25})
    jobs.add(1, status="paused", progress=0.25, measurements=paused, ended="not the best")
    view.show({"event": "ended", "job": 1, "progress": 0.25, "reason": "not the best"})
    assert counts(search.results.values(), 0, search.settings).endswith(": 1 stopped early")
    assert said == [
        "job 1: paused after epoch 2, 25 % of its training",
        "job 1: does not continue: not the best",
    ]
    assert search.best is None


def test_a_reason_is_said_once(view: Plain, jobs: Jobs, said: list[str]) -> None:
    for job_id, reason in ((1, "ValueError: x"), (2, "ValueError: x"), (3, "other")):
        jobs.add(job_id, status="broken", reason=reason, measurements=None)
        view.show(finished(job_id, status="broken"))
    assert [text.partition("\n")[0] for text in said] == [
        "job 1: broken: ValueError: x",
        "job 2: broken, for the same reason as job 1",
        "job 3: broken: other",
    ]


def test_what_is_submitted_and_expected_is_for_debugging(
    search: Search, jobs: Jobs, said: list[str], expected_event: Any
) -> None:
    jobs.add(1, 3.0, 9e-6, 0.95)
    for view in (Plain(search, said.append), Plain(search, said.append, debug=True)):
        for event in (SUBMITTED, expected_event(), finished(1), {"event": "of a later version"}):
            view.show(event)
    assert said[0].startswith("job 1: error")
    assert (
        said[1] == "job 1: submitted again on Main\n  learning_rate  0.3162\n  act            relu"
    )
    assert said[2].startswith("expected best: error 2.5 ± 0.3 %")
    assert "best so far (after 1 min 30 s)\n" in said[3]
    assert len(said) == 4


def test_the_end_shows_the_expected_network_unless_the_run_was_stopped(
    view: Plain, said: list[str], expected_event: Any
) -> None:
    view.show(expected_event())
    view.show({"event": "end", "text": "stopped; all results are kept"})
    assert said == ["stopped; all results are kept"]
    view.show({"event": "end", "text": "done: all 3 requested jobs are finished"})
    assert said[2].startswith("expected best: ")
    assert said[2].endswith("learning_rate  0.3162\n  act            relu")


def test_a_database_that_does_not_answer_costs_one_line(
    view: Plain, search: Search, said: list[str]
) -> None:
    view.show(finished(5))

    def fails(_: int) -> None:
        raise UserError("cannot be reached")

    search.job = fails
    view.show(finished(6))
    assert said == [
        "job 5: complete; its result cannot be read now",
        "cannot be reached",
        "job 6: complete; its result cannot be read now",
    ]


def test_it_prints_safe_lines(search: Search, capsys: pytest.CaptureFixture[str]) -> None:
    Plain(search).note("a\n\x1b[31mb")
    assert capsys.readouterr().out == "a\n\\x1b[31mb\n"
