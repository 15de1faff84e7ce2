"""What a run writes and says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hwsearch.errors import UserError
from hwsearch.experiment import Experiment
from tests.hwsearch.launch.conftest import TEMPLATE, Database, Start


def test_an_error_of_the_report_is_not_shown_after_one_of_the_optimiser(
    start: Start, database: Database, tmp_path: Path
) -> None:
    database.fails = True
    with pytest.raises(UserError, match="cannot be reached"):
        start()
    (tmp_path / "main.py").write_text("raise SystemExit(2)")
    assert start() == 2


@pytest.mark.parametrize(
    ("ending", "hint"),
    [
        ("raise SystemExit(130)", True),
        ("raise SystemExit(143)", True),
        ("import os; os.kill(os.getpid(), 9)", True),
        ("raise SystemExit(1)", False),
        ("", False),
    ],
)
def test_a_run_that_was_stopped_says_how_to_continue(
    start: Start, tmp_path: Path, capsys: pytest.CaptureFixture[str], ending: str, hint: bool
) -> None:
    (tmp_path / "main.py").write_text(ending)
    start()
    assert capsys.readouterr().out.endswith("\n--resume continues this run\n") is hint


def test_points_of_a_file_come_first_and_stay_in_the_queue(
    start: Start, experiment: Experiment, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def config() -> Any:
        return json.loads(experiment.config_file.read_text())["first-points"]

    start(enqueue=[{"place": "a.csv:2", "values": {"lr": "0.9"}, "text": True}])
    assert config() == [{"lr": 0.9}]
    start(resume=True, enqueue=[{"place": "b.json:1", "values": {"lr": 0.5}}])
    assert config() == [{"lr": 0.9}, {"lr": 0.5}]
    experiment.template.write_text(TEMPLATE.replace("0.1", "0.7"))
    with pytest.raises(UserError, match=r"c:2: hyper-parameter 'lr': got 0\.6; expected"):
        start(resume=True, enqueue=[{"place": "c:2", "values": {"lr": 0.6}}])
    start(resume=True)
    assert config() == [{"lr": 0.9}]
    assert (
        "note: b.json:1: outside the template's current ranges; not tried"
        in capsys.readouterr().out
    )
    start()
    assert "first-points" not in json.loads(experiment.config_file.read_text())


def test_a_run_that_learns_keeps_what_it_learned(
    start: Start, experiment: Experiment, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    start()
    old = [
        {
            "id": 4,
            "status": "complete",
            "params": {"lr": {"type": "float", "values": [0.5]}},
            "measurements": {"metrics": {"error": {"value": 3.0}}},
        }
    ]
    monkeypatch.setattr(database, "jobs", lambda name: old if name == "hyperpower-1" else [])
    database.kept = {"hyperpower-1"}
    start(learn_from="hyperpower-1")
    config = json.loads(experiment.config_file.read_text())
    assert config["first-points"] == [{"lr": 0.5}]
    assert experiment.spearmint_dir / config["earlier-results"] == (
        experiment.spearmint_dir / "../tmp/learned.json"
    )
    before = experiment.learned_file.read_bytes()
    assert json.loads(before)[0]["values"] == {"error": 3.0}
    old.clear()
    start(resume=True)
    assert experiment.learned_file.read_bytes() == before
    assert json.loads(experiment.config_file.read_text()) == config


def test_a_run_that_is_not_there_is_named_without_its_database(
    start: Start, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "jobs", pytest.fail)
    with pytest.raises(UserError, match=r"^--learn_from: got 'old'; expected a run of .*there is"):
        start(learn_from="old")


def test_the_result_names_the_database_that_was_used(
    start: Start, experiment: Experiment, database: Database
) -> None:
    start()
    assert json.loads(experiment.summary_file.read_text())["database"] == database.address


def test_each_budget_of_a_sweep_finds_the_trainings_that_the_last_one_paused(
    start: Start, experiment: Experiment, tmp_path: Path
) -> None:
    seen = tmp_path / "seen"
    (tmp_path / "main.py").write_text(
        "import pathlib, sys\n"
        "states = pathlib.Path(sys.argv[-1]).parent / 'tmp/paused'\n"
        f"pathlib.Path({str(seen)!r}).open('a').write(f'{{states.exists()}} ')\n"
        "states.mkdir(exist_ok=True)\n"
        "(states / '00000001.state').touch()\n"
    )
    swept = {"sweep": {"params": [9.0, 5.0]}, "max_finished_jobs": 2, "stop": "freeze-thaw"}
    assert start(settings=swept, constraints={"params": 9.0}) == 0
    assert seen.read_text() == "False True "
    assert not experiment.paused.exists()


def test_the_budgets_of_a_sweep_share_the_time_of_a_start(start: Start, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    (tmp_path / "main.py").write_text(
        "import json, pathlib, sys\n"
        "config = json.loads(pathlib.Path(sys.argv[-1], 'config.json').read_text())\n"
        f"pathlib.Path({str(seen)!r}).open('a').write(str(config['max-time']) + ' ')\n"
    )
    swept = {"sweep": {"params": [9.0, 7.0, 5.0]}, "max_time": 60.0}
    assert start(settings=swept, constraints={"params": 9.0}) == 0
    assert seen.read_text() == "20.0 20.0 20.0 "
