"""The text alternatives of plots."""

from __future__ import annotations

import pytest

from hwsearch.report.page import captions
from hwsearch.report.page.document import document
from hwsearch.report.run_table import RunTable
from tests.hwsearch.report.page import samples
from tests.hwsearch.report.test_run_table import TWO, several


@pytest.fixture(scope="module")
def source():
    return samples.source(24)


def test_the_headline_is_the_answer(source):
    best = source.table.best(1)[0]
    text = captions.headline(source.table)
    assert text.startswith("Goal: lowest error with runtime below 6 µs/image. ")
    assert f"Best: job {best.job}: error {best.shown(source.table.objective)}" in text
    empty = RunTable.of_run(samples.SETTINGS, [])
    assert captions.headline(empty).endswith("No job has met the budget so far.")
    assert captions.counted(empty) == "no jobs yet"
    assert captions.progress(empty) == "No job has met the budget so far."


def test_the_front_and_the_budget_are_named(source):
    runtime = source.table.columns[1]
    text = captions.cost(source.table, runtime)
    assert f"{len(source.table.over(runtime))} jobs miss it" in text
    front = [str(row.job) for row in source.table.front(runtime)]
    assert f"jobs {', '.join(front[:10])}" in text


def test_each_change_of_the_best_is_counted(source):
    bests = [best.job for _, best in source.table.progress() if best is not None]
    assert f"changed {len(set(bests)) - 1} times" in captions.progress(source.table)
    assert f"at job {bests[-1]}." in captions.progress(source.table)


def test_the_models_in_words(source):
    error, runtime = document(source)["models"]
    assert captions.importance(runtime).startswith(
        "What matters most for runtime, as a share of its variance, with the 90 % interval: units "
    )
    assert "The error of " in captions.fit(error)
    assert f"{error['fit']['inside']} of {len(error['fit']['jobs'])}" in captions.fit(error)
    assert "it is lowest at units 8," in captions.slices(runtime, "lowest")
    assert "it is highest at units 128," in captions.slices(runtime, "highest")


def test_one_job_is_singular():
    table = RunTable.of_run(TWO, [several(1, 9.0, 70.0) | {"end time": 1.0}])
    assert captions.headline(table).endswith("On the Pareto front: job 1.")
    assert "1 job has both." in captions.cost(table, table.objectives[1])


def test_a_front_has_no_single_best():
    jobs = [several(1, 9.0, 70.0), several(2, 5.0, 90.0), several(3, 9.0, 80.0)]
    table = RunTable.of_run(TWO, [job | {"end time": 1.0} for job in jobs])
    assert captions.headline(table).endswith("below 20 MACs/image. On the Pareto front: jobs 2, 1.")
    assert "lowest error and lowest power" in captions.headline(table)
    assert captions.cost(table, table.objectives[1]).endswith("from the best error: jobs 2, 1.")
    assert "% after 1 job, 100 % after 2 jobs" in captions.progress(table)


def test_before_a_network_met_the_bounds_the_front_had_no_volume():
    jobs = [several(number, 9.0, 70.0, macs=30.0 if number < 4 else 10.0) for number in range(1, 5)]
    table = RunTable.of_run(TWO, [job | {"end time": float(job["id"])} for job in jobs])
    text = "0 % after 1 job, 0 % after 2 jobs, 0 % after 3 jobs."
    assert captions.progress(table).endswith(text)
