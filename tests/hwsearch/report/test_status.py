"""How far runs are."""

from __future__ import annotations

import pytest

from hwsearch.report.run_table import RunTable
from hwsearch.report.runs import KnownRun, known_run
from hwsearch.report.sections import as_text
from hwsearch.report.status import listing, state, status
from tests.hwsearch.report import example


@pytest.fixture
def run():
    return KnownRun(RunTable.of_run(example.SETTINGS, example.jobs()), asked=9)


def test_a_run_that_goes_on(run):
    text = as_text([status(run, "process 12", 1861.0)])
    assert text.splitlines() == [
        f"run {example.RUN}: running (process 12)",
        "7 of 9 networks finished",
        "job 8 running for 1 min 00 s",
        "best: job 3: error 6.5 %, power 84.0 ± 0.5 W (below 85 W)",
        "time: 7 min 10 s",
    ]


def test_a_run_that_was_killed(run):
    text = as_text([status(run, "", 1861.0)])
    assert text.startswith(f"run {example.RUN}: stopped\n7 of 9 networks finished\n")
    assert "\ninterrupted: job 8\n" in text
    assert "running" not in text


def test_more_networks_than_requested(run):
    more = KnownRun(run.table, asked=4)
    assert "\n7 networks finished, 4 requested\n" in as_text([status(more, "", 1861.0)])


def test_a_limit_on_trained_networks(run):
    run.table.settings.max_trained = 6
    try:
        assert "7 of 9 networks finished, 5 of 6 trained" in as_text([status(run, "", 0.0)])
        assert state(run, "") == "stopped"
        run.table.settings.max_trained = 5  # two of them diverged
        assert state(run, "") == "complete"
    finally:
        run.table.settings.max_trained = None


@pytest.mark.parametrize(
    ("jobs", "asked", "searching", "expected"),
    [
        ([], None, "", "empty"),
        ([], 3, "process 1", "running"),
        (example.jobs()[:7], 7, "", "complete"),
        (example.jobs()[:7], 6, "", "complete"),
        (example.jobs()[:7], 8, "", "stopped"),
        (example.jobs()[:7], None, "", "ended"),
        (example.jobs(), None, "", "stopped"),
    ],
)
def test_states(jobs, asked, searching, expected):
    run = KnownRun(RunTable.of_run(example.SETTINGS, jobs), asked=asked)
    assert state(run, searching) == expected
    assert status(run, searching, 0.0).lines


def test_paused_jobs_are_not_finished():
    jobs = [{"id": 1, "status": "paused"}, {"id": 2, "status": "paused", "progress": 0.5}]
    text = as_text([status(known_run("other", jobs), "", 0.0)])
    assert "0 jobs finished, 2 paused\n" in text
    jobs[1] |= {"ended": "not the best"}
    text = as_text([status(known_run("other", jobs), "", 0.0)])
    assert "0 jobs finished, 1 stopped early without a result, 1 paused\n" in text


def test_a_list_of_runs(run):
    waiting = known_run("other", [{"id": 1, "status": "new"}])
    text = as_text([listing([(waiting, ""), (run, "process 3")], "here")])
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert lines[0] == "2 runs: here"
    assert lines[1] == "run started state finished best bounds"
    assert lines[2] == "other unknown stopped 0 - -"
    assert lines[3].startswith(f"{example.RUN} 1970-01-01 ")
    assert lines[3].endswith(" running 7 of 9 error 6.5 % power below 85 W")
    assert as_text([status(waiting, "", 0.0)]).endswith(
        "0 jobs finished, 1 waiting\nbest: none yet"
    )
