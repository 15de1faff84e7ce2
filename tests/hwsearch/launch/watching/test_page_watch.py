"""The page while a run is on its way, and at its end."""

from __future__ import annotations

import threading

import pytest

from hwsearch.errors import UserError
from hwsearch.experiment import Experiment
from hwsearch.launch.watching import page_watch
from hwsearch.launch.watching.page_watch import PageWatch, write_last_page
from hwsearch.report.page.file import write_page
from tests.hwsearch.report.page import samples

PATIENCE_S = 240.0


class Growing:
    """Results with one more job at every second look; the database is away at the first."""

    def __init__(self) -> None:
        self.looks = 0
        self.enough = threading.Event()

    def jobs(self, run):
        assert run == samples.SETTINGS.experiment_name
        self.looks += 1
        if self.looks == 1:
            raise UserError("the database is away")
        if self.looks > 6:
            self.enough.set()
        return samples.jobs(min(self.looks // 2, 3))

    def analysis(self, run, best):
        raise UserError("jobs: another space")


@pytest.fixture
def experiment(tmp_path):
    found = Experiment(tmp_path)
    found.prepare()
    return found


def test_the_page_is_written_if_a_job_has_changed(experiment, monkeypatch):
    written = []

    def counted(path, settings, jobs, *rest, **more):
        written.append((len(jobs), more["running"]))
        write_page(path, settings, jobs, *rest, **more)

    monkeypatch.setattr(page_watch, "write_page", counted)
    monkeypatch.setattr(page_watch, "SHARE", 1e9)
    results = Growing()
    with PageWatch(samples.SETTINGS, experiment, results, pause_s=0.01):
        assert results.enough.wait(PATIENCE_S)
    assert written == [(1, True), (2, True), (3, True)]
    assert "The search is running" in experiment.page.read_text(encoding="utf-8")


def test_a_folder_that_is_gone_disturbs_nobody(experiment):
    results = Growing()
    experiment.tmp.rmdir()
    with PageWatch(samples.SETTINGS, experiment, results, pause_s=0.01):
        assert results.enough.wait(PATIENCE_S)


def test_without_results_there_is_no_page(experiment):
    with PageWatch(samples.SETTINGS, experiment, None, pause_s=0.01):
        pass
    assert not experiment.page.exists()


def test_the_last_page_says_why_it_has_no_models(experiment):
    line = write_last_page(samples.SETTINGS, experiment, Growing(), samples.jobs(3))
    assert line == f"page: {experiment.page} (without models: jobs: another space)"
    assert "The search is running" not in experiment.page.read_text(encoding="utf-8")


def test_a_page_that_cannot_be_written(experiment):
    experiment.page.mkdir()
    line = write_last_page(samples.SETTINGS, experiment, Growing(), samples.jobs(1))
    assert line.startswith(f"page: {experiment.page} could not be written: ")


def test_the_models_are_shown_around_the_best_network(experiment, monkeypatch):
    asked = []

    def analysis(_results, _run, best):
        asked.append(best)
        return {}

    monkeypatch.setattr(Growing, "analysis", analysis)
    jobs = samples.jobs(24)
    write_last_page(samples.SETTINGS, experiment, Growing(), jobs)
    trained = [job for job in jobs if job.get("values", {}).get("runtime", -1.0) >= 0]
    assert asked == [min(trained, key=lambda job: job["values"]["error"])["params"]]
