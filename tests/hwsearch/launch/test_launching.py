"""A run is prepared: its name, its database, and what is restored if it cannot start."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hwsearch.errors import UserError
from hwsearch.experiment import Archive, Experiment
from hwsearch.launch.command.request import Request
from hwsearch.launch.launching import launch
from hwsearch.launch.optimiser import Optimiser
from tests.hwsearch.launch.conftest import Database, Start


def test_a_name_that_the_database_keeps_is_not_used_again(
    start: Start, experiment: Experiment, database: Database
) -> None:
    database.kept = {"hyperpower-1"}
    assert start() == 0
    assert experiment.load_settings().experiment_name == "hyperpower-1-2"
    config = json.loads(experiment.config_file.read_text())
    assert config["experiment-name"] == "hyperpower-1-2"


def test_the_config_is_made_once_and_only_a_fresh_run_creates_a_database(
    start: Start, experiment: Experiment, database: Database
) -> None:
    start()
    assert (len(database.documents), database.asked) == (1, [True])
    (experiment.output_dir / "00000001.out").touch()
    database.kept = {"hyperpower-1"}
    start(resume=True)
    assert (len(database.documents), database.asked) == (2, [True, False])


def test_a_bound_that_is_determined_last_is_a_task_from_the_beginning(
    start: Start, experiment: Experiment, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "hwsearch.launch.launching.calibrate.bounds", lambda *_, **__: {"params": 7.0}
    )
    start(constraints={"params": None, "macs": 5.0}, shares={"params": 33.0})
    assert list(database.documents[0]["tasks"]) == ["error", "params", "macs"]
    assert experiment.load_settings().constraints == {"params": 7.0, "macs": 5.0}


def test_a_run_whose_bounds_cannot_be_determined_leaves_the_previous_one_in_place(
    start: Start, experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    start()

    def fail(*_: object, **__: object) -> dict[str, float]:
        experiment.calibration_file.write_text("{}")
        raise SystemExit(143)

    monkeypatch.setattr("hwsearch.launch.launching.calibrate.bounds", fail)
    with pytest.raises(SystemExit):
        start(constraints={"params": None}, shares={"params": 33.0})
    assert Archive(experiment).current_run() == "hyperpower-1"
    assert Archive(experiment).former_runs() == []
    assert not experiment.calibration_file.exists()


def test_a_run_is_resumed_with_the_database_that_keeps_its_jobs(
    start: Start, experiment: Experiment, database: Database
) -> None:
    start()
    start(resume=True)
    assert database.asked[-1]  # no job has begun: another database is as good
    (experiment.output_dir / "00000001.out").touch()
    with pytest.raises(UserError, match="got the database host:1, which has no jobs of hyperpower"):
        start(resume=True)


def test_nothing_is_created_if_there_is_no_run_to_resume(
    start: Start, experiment: Experiment
) -> None:
    with pytest.raises(UserError, match="no earlier run"):
        start(resume=True)
    assert [path.name for path in experiment.folder.iterdir()] == ["keras_model"]


def test_another_optimiser_knows_no_first_points(
    experiment: Experiment, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Optimiser, "chosen", lambda _: Optimiser(tmp_path / "main.py"))
    points = [{"place": "a.csv:2", "values": {"lr": 0.9}}]
    request = Request(str(experiment.folder), given={"optimize": "error", "enqueue": points})
    with pytest.raises(UserError, match="--enqueue: given with SPEARMINT_ROOT"):
        launch(request, database.open)
    request = Request(str(experiment.folder), given={"optimize": "error", "learn_from": "a"})
    with pytest.raises(UserError, match="--learn_from: given with SPEARMINT_ROOT"):
        launch(request, database.open)


@pytest.mark.parametrize("resume", [False, True])
def test_a_batch_system_that_cannot_be_used_moves_nothing(
    start: Start, experiment: Experiment, database: Database, resume: bool
) -> None:
    start()
    database.kept = {"hyperpower-1"}
    before = {path: path.read_bytes() for path in experiment.run_files()}
    database.no_batch_system = True
    with pytest.raises(UserError, match="sbatch not on PATH"):
        start(resume=resume)
    assert {path: path.read_bytes() for path in experiment.run_files()} == before


def test_nothing_is_moved_if_another_experiment_has_no_costs(
    start: Start, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    start()
    capsys.readouterr()
    for resume in (False, True):
        with pytest.raises(UserError, match=r"^--learn_costs_from: got .*nowhere, in which no net"):
            start(resume=resume, learn_costs_from=[str(tmp_path / "nowhere")])
    assert not capsys.readouterr().out


def test_a_run_that_measures_for_the_first_time_has_one_batch_size(
    start: Start, experiment: Experiment, capsys: pytest.CaptureFixture[str]
) -> None:
    size = 'HYPERPARAM{"type": "INT", "token": "size", "min": 8, "max": 64}'
    with experiment.template.open("a") as file:
        file.write(f"batch_size = {size}\n")
    start(constraints={"params": 9.0})
    assert experiment.load_settings().profile_batch_size is None
    start(resume=True, constraints={"runtime": 1.0})
    assert experiment.load_settings().profile_batch_size == 36
    assert "note: batch_size depends on 'size': all networks are" in capsys.readouterr().out
    start(resume=True, constraints={"params": 9.0})
    start(resume=True, constraints={"runtime": 1.0})
    assert experiment.load_settings().profile_batch_size == 36
    assert "batch_size depends" not in capsys.readouterr().out
