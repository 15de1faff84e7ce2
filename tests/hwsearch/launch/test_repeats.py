"""The best few networks are trained again when a search ends."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from hwsearch.errors import UserError
from hwsearch.experiment import Experiment, Settings
from hwsearch.experiment.finished import Finished
from hwsearch.launch.repeats import best_few, check, train_again
from hwsearch.measurements import Measurements
from hwsearch.report.result import Fate, Result
from spearmint.database import connect
from tests.environment import of_a_user
from tests.hwsearch.finish.test_main import TEMPLATE

ROOT = Path(__file__).resolve().parents[3]


def result(job, value, fate=Fate.TRAINED, feasible=True):
    return Result(job, fate, {"error": value, "val_auc": value}, feasible)


def test_the_best_three_that_meet_the_budget():
    results = [
        result(1, 5.0),
        result(2, 1.0, feasible=False),
        result(3, 4.0, Fate.STOPPED),
        result(4, 0.5, Fate.REJECTED, feasible=False),
        result(5, 3.0),
        result(6, 6.0),
    ]
    assert best_few(Settings("run", "error"), results) == [5, 3, 1]
    assert best_few(Settings("run", "val_auc", maximize=True), results) == [6, 1, 3]


def test_jobs_elsewhere_are_refused():
    check(Settings("run", "error", scheduler="slurm"))
    check(Settings("run", "error", repeats=2))
    with pytest.raises(UserError, match=r"^--repeats: given with jobs on SLURM, but it trains on"):
        check(Settings("run", "error", repeats=2, scheduler="slurm"))


@pytest.mark.slow
def test_a_search_ends_with_a_ranking_by_means(tmp_path):
    experiment = Experiment(tmp_path)
    experiment.template.parent.mkdir()
    experiment.template.write_text(TEMPLATE, encoding="utf-8")

    def search(*flags):
        return subprocess.run(
            [sys.executable, "gener_experiment.py", "--experiment", str(tmp_path), *flags],
            cwd=ROOT,
            env=of_a_user(),
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    text = search("--optimize", "error", "--max_finished_jobs", "1", "--repeats", "2")
    run = experiment.load_settings().experiment_name
    assert "error of 2 more trainings with other seeds (mean ± standard error" in text
    with connect(f"sqlite:{experiment.database_dir}/spearmint.sqlite", "spearmint") as database:
        jobs = database.jobs(run)
    [stored] = [Measurements.of_job(job).repeats for job in jobs]
    place = Finished.of(experiment, run, 1, None, False)
    assert stored == (place.repeat(1), place.repeat(2))
    text = search("--resume", "--repeats", "3")
    assert "training 2 of 3: done before\ntraining 3 of 3:\n" in text
    assert "error of 3 more trainings with other seeds" in text


def test_a_front_has_no_best_three():
    with pytest.raises(UserError, match="--repeats: given with several objectives"):
        check(Settings("run", "error", repeats=2, further_objectives={"power": False}))


class Results:
    """A database with a network that was measured and not trained."""

    def jobs(self, run):
        measurements = {"outcome": "measured", "metrics": {"macs": {"value": 7.0}}}
        values = {"macs": 7.0, "params": 1.0}
        return [{"id": 1, "status": "complete", "values": values, "measurements": measurements}]


def test_a_search_that_trains_no_network_says_that_it_trains_none_again(tmp_path, capsys):
    settings = Settings("run", "macs", {"params": 9.0}, repeats=2)
    assert train_again(settings, Experiment(tmp_path), Results()) == 0
    said = "note: --repeats: none is trained again, since no trained network meets the budget"
    assert capsys.readouterr().out == f"\n{said}\n"
