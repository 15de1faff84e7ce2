"""A run from its folder, or from its documents alone."""

from __future__ import annotations

import pytest

from hwsearch.atomic_files import write_json
from hwsearch.experiment import Experiment
from hwsearch.report.columns import of_task
from hwsearch.report.row import State
from hwsearch.report.runs import LOST, MARGINS, files_of, known_run
from tests.hwsearch.report import example


@pytest.fixture(scope="module")
def experiment(tmp_path_factory):
    return example.made(tmp_path_factory.mktemp("runs") / "an é folder")


def test_settings_and_template_come_from_the_folder(experiment):
    jobs = example.jobs()
    del jobs[0]["measurements"]["hyperparameters"]
    run = known_run(example.RUN, jobs, experiment)
    assert (run.asked, run.notes) == (9, ())
    assert run.files.folder == experiment.folder
    assert run.table.rows[0].hyperparameters == {"units": 20, "akté": "</script>"}
    experiment.save_calibration({"power": {"seconds": 12.5}, "x": 3})
    assert run.calibration_s == 12.5
    jobs_s = run.elapsed_s() - 12.5
    first, last = run.table.rows[0].submit_s, 1861.0
    found = [{"began": first - 5.0, "seconds": None}]
    write_json(experiment.searches_file, {"searches": found})
    assert run.elapsed_s(last) == last - first + 5.0 + 12.5 > jobs_s + 12.5
    found[0]["seconds"] = 1.0  # jobs of an older version's starts, say
    write_json(experiment.searches_file, {"searches": found})
    assert run.elapsed_s(last) == jobs_s + 12.5


def test_the_folder_is_found_where_the_jobs_were_started(experiment):
    run = known_run(example.RUN, example.jobs(str(experiment.spearmint_dir)))
    assert run.files.folder == experiment.folder


@pytest.mark.parametrize("place", ["/nowhere/spearmint", "a\0b", "", "x" * 9000])
def test_without_a_folder_the_bounds_are_told_from_the_documents(place):
    run = known_run(example.RUN, example.jobs(place))
    assert (run.files, run.asked, run.notes, run.calibration_s) == (None, None, (LOST,), 0.0)
    assert [row.job for row in run.table.best()] == [3, 1]
    assert run.table.rows[1].state is State.REJECTED


def test_the_folder_of_another_run_does_not_count(experiment):
    assert files_of("another", example.jobs(), experiment) is None
    assert files_of("../../..", example.jobs(), experiment) is None


def test_bounds_of_before_are_noted(tmp_path):
    experiment = example.made(tmp_path)
    settings = experiment.load_settings()
    settings.former_constraints = [{"power": 70.0}, {}]
    experiment.save_settings(settings)
    run = known_run(example.RUN, example.jobs(), experiment)
    assert run.notes == ("the bounds were power below 70 W, then no bounds before",)


def test_faulty_settings_are_as_good_as_none(tmp_path):
    experiment = example.made(tmp_path)
    experiment.settings_file.write_text('{"experiment_name": 3}')
    assert known_run(example.RUN, example.jobs(), experiment).notes == (LOST,)


def test_a_run_without_measurements_shows_what_is_left_of_the_bounds():
    jobs = [{**job, "measurements": None} for job in example.jobs()]
    run = known_run(example.RUN, jobs)
    assert run.notes == (MARGINS,)
    assert run.table.bounded[0].condition == "at least 0"
    assert [row.job for row in run.table.best()] == [3, 1]


def test_tasks_of_a_config_count():
    jobs = [{"id": 1, "status": "complete", "values": {"b": 1.0, "a": 2.0}, "tasks": ["b", "a"]}]
    tasks = [of_task("a", objective=True, negated=True), of_task("b", objective=False)]
    run = known_run("x", jobs, tasks=tasks, asked=7)
    assert (run.table.objective.name, run.table.rows[0].values["a"], run.asked) == ("a", -2.0, 7)
    run = known_run("x", jobs)
    assert (run.table.objective.name, run.notes) == ("b", ())


def test_an_empty_run(tmp_path):
    assert known_run("x", [], Experiment(tmp_path)).table.rows == ()
