"""The lines that change while a search runs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hwsearch.measurements import Outcome
from hwsearch.progress.job_output import JobOutput
from hwsearch.progress.search import Search
from hwsearch.progress.status import history, status, time_left
from tests.hwsearch.progress.conftest import SETTINGS, Jobs


def add(search: Search, jobs: Jobs, job_id: int, *values: float, **more: Any) -> None:
    jobs.add(job_id, *values, **more)["end time"] = 200.0 + job_id
    search.finish(job_id)


@pytest.fixture
def running(search: Search, jobs: Jobs) -> Search:
    """Five networks have ended, one of each kind."""
    add(search, jobs, 1, 9.0, 9e-6, 0.95)
    add(search, jobs, 2, runtime=2e-5, outcome=Outcome.REJECTED)
    add(search, jobs, 3, 2.8, 9.4e-6, 0.95)
    add(search, jobs, 4, status="broken", reason="x")
    add(search, jobs, 5, 7.0, 9e-6, 0.95, outcome=Outcome.STOPPED, reason="x")
    search.settings = replace(SETTINGS, max_finished_jobs=20)
    return search


def test_counts_best_and_running_jobs(running: Search, tmp_path: Path) -> None:
    trains, measures = JobOutput(tmp_path), JobOutput(tmp_path)
    trains.phase, trains.epoch, trains.epochs = "training", 2, 5
    trains.curve, trains.shown = [20.0, 10.0], "error 10.00 %"
    measures.phase, measures.costs = "measuring", {"runtime": 4.9e-6, "val_auc": 0.8}
    text = status(running, {7: measures, 6: trains}, 100.0, 5)
    assert text.splitlines() == [
        "5 of 20 networks: 2 trained, 1 stopped early, 1 rejected, 1 broken, 2 running, "
        "1 min 40 s, about 5 min left",
        "best: ██▁▁▁ job 3: error 2.8 %, runtime 9.4 of 9.6 µs/image, val_auc 0.95, at least 0.9",
        "job 6: training, epoch 2/5: █▁ error 10.00 %",
        "job 7: measuring, runtime 4.9 of 9.6 µs/image [#####.....], val_auc 0.8, at least 0.9",
    ]


def test_a_measurement_and_how_far_it_is(search: Search, tmp_path: Path) -> None:
    output = JobOutput(tmp_path)
    output.phase, output.measured_s, output.limit_s = "measuring", 4.1, 10.0
    text = status(search, {7: output}, 100.0, 0)
    assert text.endswith("\njob 7: measuring [####......] 4 s of at most 10 s")
    output.measured_s = 11.0  # the sensor needs longer
    text = status(search, {7: output}, 100.0, 0)
    assert text.endswith("\njob 7: measuring [##########] 11 s of at most 10 s")
    output.costs = {"runtime": 4.9e-6}
    text = status(search, {7: output}, 100.0, 0)
    assert text.endswith("\njob 7: measuring, runtime 4.9 of 9.6 µs/image [#####.....]")


def test_at_the_beginning(search: Search) -> None:
    assert status(search, {}, 3.2, 0) == "0 networks, 3 s\nbest: none under the budget yet"


def test_the_best_moves_only_to_the_better(running: Search) -> None:
    assert history(running) == [9.0, 9.0, 2.8, 2.8, 2.8]
    running.settings = replace(running.settings, maximize=True)
    assert history(running) == [9.0] * 5


@pytest.mark.parametrize(
    ("limits", "ended", "left"),
    [
        ({"max_finished_jobs": None}, 5, None),
        ({}, 1, None),
        ({}, 5, 300.0),
        ({"max_time": 150.0}, 5, 50.0),
        ({"max_time": 90.0}, 5, 0.0),
        ({"max_finished_jobs": None, "max_trained": 6}, 5, 100.0),
        ({"max_finished_jobs": 4}, 5, 0.0),
    ],
)
def test_the_time_left(running: Search, limits: dict, ended: int, left: float | None) -> None:
    running.settings = replace(running.settings, **limits)
    assert time_left(running, 100.0, ended) == (None if left is None else pytest.approx(left))


def test_the_time_left_of_a_sweep_is_that_of_its_budgets_that_are_left(running: Search) -> None:
    running.settings = replace(running.settings, max_time=600.0)
    running.seconds = 200.0
    assert time_left(running, 50.0, 5) == pytest.approx(150.0)


def test_the_ends_of_a_front(running: Search) -> None:
    bounds = {"val_auc": SETTINGS.constraints["val_auc"]}
    running.settings = replace(SETTINGS, constraints=bounds, further_objectives={"runtime": False})
    assert status(running, {}, 3.2, 0).splitlines()[1] == (
        "front: 2 networks: best error 2.8 % (job 3), best runtime 9 µs/image (job 5)"
    )
