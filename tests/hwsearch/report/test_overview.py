"""The report on a run."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsearch.report.columns import of_task
from hwsearch.report.overview import overview
from hwsearch.report.run_table import RunTable
from hwsearch.report.sections import as_markdown, as_text
from tests.hwsearch.report import example
from tests.hwsearch.report.test_row import ANY_JOB


@pytest.fixture(scope="module")
def table():
    return RunTable.of_run(example.SETTINGS, example.jobs())


def test_the_error_of_a_cross_validation_is_said_to_be_a_mean():
    jobs = example.jobs()
    folds = [{"epochs": 2, "metrics": {"error": error}} for error in (8.0, 9.0, 10.0)]
    jobs[0]["measurements"]["folds"] = folds
    text = as_text(overview(RunTable.of_run(example.SETTINGS, jobs)))
    assert "\n  error: mean of 3 folds ± its standard error\n" in text


def test_the_whole_report(table):
    text = as_text(overview(table, calibration_s=30.0, notes=["read this"]))
    assert text.splitlines() == [
        f"run {example.RUN}: error as low as possible with power below 85 W",
        "8 networks: 2 trained, 1 stopped early, 1 rejected, 2 diverged, 1 broken, 1 running",
        "note: read this",
        "",
        "Best within the bounds",
        "  power of job 3: within the uncertainty of its bound",
        "  job  error         power",
        "  3    6.5 %  84.0 ± 0.5 W",
        "  1      9 %  70.0 ± 0.5 W",
        "",
        "Their hyper-parameters, as the script got them",
        "             job 3      job 1",
        "  units         60         20",
        "  akté   </script>  </script>",
        "",
        "Pareto front of error and power",
        "  no other network is better in one and as good in the other",
        "  job  error  power         bound",
        "  4    5 %    90.0 ± 0.5 W  not below 85 W",
        "  3    6.5 %  84.0 ± 0.5 W  below 85 W",
        "  1    9 %    70.0 ± 0.5 W  below 85 W",
        "",
        "Outside the bounds",
        "  bound             not met by  rejected before training  closest               farthest",
        "  power below 85 W  2           1                         90.0 ± 0.5 W (job 4)  "
        "97.5 ± 0.5 W (job 2)",
        "",
        "Without a result",
        "  2 × diverged: training diverged: loss is NaN",
        "    jobs 5, 6",
        "  1 × broken: x\\x1b[2J model: is not compiled",
        "    job 7",
        "",
        "Where the time went",
        "  the run took 7 min 40 s, without the time between two starts",
        "  part                            all jobs  per job",
        "  suggesting                         4.0 s    0.5 s",
        "  waiting to start                   8.0 s    1.0 s",
        "  training                      4 min 00 s   40.0 s",
        "  measuring                         54.0 s    9.0 s",
        "  building networks                  6.0 s    1.0 s",
        "  starting jobs and other work  2 min 00 s   17.1 s",
        "  calibrating the bounds            30.0 s",
    ]


def test_the_parts_of_the_time_are_all_of_it(table):
    *_, last = as_text(overview(table, calibration_s=30.0, whole_s=500.0)).splitlines()
    assert last.split("  ")[1] == "between jobs, and unfinished jobs"
    assert last.endswith("39.5 s"), "500 s without 30 s, and seven jobs of 61.5 s"


def test_when_nothing_meets_the_bounds_the_closest_is_named():
    jobs = [job for job in example.jobs() if job["id"] in (2, 4)]
    text = as_text(overview(RunTable.of_run(example.SETTINGS, jobs)))
    closest = "closest to power below 85 W: job 4, 90.0 ± 0.5 W"
    assert f"Best within the bounds\n  none\n  {closest}\n" in text


def test_a_long_front_shows_the_best_within_the_bounds(table):
    jobs = [
        {"id": n, "status": "complete", "values": {"error": 50.0 - n, "power": 20.0 - n}}
        for n in range(1, 31)
    ]
    [section] = [
        part
        for part in overview(RunTable.of_run(example.SETTINGS, jobs), most=5)
        if part.title.startswith("Pareto")
    ]
    assert "10 of 30" in section.lines[1]
    shown = [int(row[0]) for row in section.rows]
    assert shown == [25, 24, 23, 22, 21, 20, 19, 18, 17, 16]


def test_only_what_is_within_its_uncertainty_of_the_bound_is_named():
    jobs = example.jobs()
    jobs[2]["measurements"]["metrics"]["power"]["std_error"] = 0.4  # 1 W below the bound
    assert "uncertainty" not in as_text(overview(RunTable.of_run(example.SETTINGS, jobs)))


def test_the_test_error_of_those_that_have_one():
    jobs = example.jobs()
    jobs[2]["measurements"]["test_error"] = 7.25
    text = as_text(overview(RunTable.of_run(example.SETTINGS, jobs)))
    assert "test error\n" in text
    assert "84.0 ± 0.5 W      7.25 %\n" in text


def test_tasks_of_spearmints_own_form():
    tasks = [of_task("branin", objective=True), of_task("disc", objective=False)]
    jobs = [
        {
            "id": n,
            "status": "complete",
            "values": {"branin": 1.0 / n, "disc": 3.0 - n},
            "params": {"x": {"type": "float", "values": [0.5, n]}},
        }
        for n in range(1, 5)
    ]
    text = as_text(overview(RunTable.of_tasks("test", tasks, jobs)))
    assert text.startswith(
        "run test: branin as low as possible with disc at least 0\n4 jobs: 4 complete\n"
    )
    assert "  3    0.333333     0\n" in text
    assert (
        "Their hyper-parameters\n        job 3  job 2  job 1\n  x[0]    0.5    0.5    0.5\n" in text
    )
    assert "  disc at least 0  1           -1 (job 4)  -1 (job 4)" in text


@pytest.mark.parametrize("jobs", [[], [{}], [{"id": 1, "status": "new"}]])
def test_a_run_without_a_finished_job(jobs):
    text = as_text(overview(RunTable.of_run(example.SETTINGS, jobs)))
    assert len(text.splitlines()) == 2
    assert text.splitlines()[1] == ("1 network: 1 waiting" if jobs else "0 networks: none yet")


@given(st.lists(ANY_JOB, max_size=3))
def test_no_document_fails_or_changes_the_terminal(jobs):
    tasks = [of_task("error", objective=True), of_task("power", objective=False)]
    for table in (RunTable.of_run(example.SETTINGS, jobs), RunTable.of_tasks("x", tasks, jobs)):
        sections = overview(table, calibration_s=math.pi)
        assert as_text(sections).replace("\n", "").isprintable()
        assert as_markdown(sections)
