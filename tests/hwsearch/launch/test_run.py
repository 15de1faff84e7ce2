"""A run is prepared: its name, its database, and what is restored if it cannot start."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from hwsearch.errors import UserError
from hwsearch.experiment import Archive, Experiment
from hwsearch.launch import run
from hwsearch.launch.optimiser import Optimiser
from hwsearch.launch.request import Request

TEMPLATE = 'lr = HYPERPARAM{"type": "FLOAT", "token": "lr", "min": 0.1, "max": 1}\n'


@dataclass
class Database:
    """A database that keeps some runs; none of their jobs is complete."""

    address: str = "host:1"
    kept: set[str] = field(default_factory=set)
    asked: list[bool] = field(default_factory=list)
    documents: list[dict[str, Any]] = field(default_factory=list)
    fails: bool = False
    no_batch_system: bool = False

    def open(self, document: dict[str, Any], experiment: Experiment) -> Database:
        self.documents.append(document)
        return self

    def runs(self, *, create: bool) -> set[str]:
        self.asked.append(create)
        return self.kept

    def jobs(self, name: str) -> list[dict[str, Any]]:
        if self.fails:
            raise UserError("cannot be reached")
        return []

    def check_schedulers(self) -> None:
        if self.no_batch_system:
            raise UserError("sbatch not on PATH")


@pytest.fixture
def database() -> Database:
    return Database()


@pytest.fixture
def experiment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Experiment:
    """An experiment whose optimiser, ours, is a program that ends at once."""
    made = Experiment(tmp_path / "experiment")
    made.template.parent.mkdir(parents=True)
    made.template.write_text(TEMPLATE)
    main = tmp_path / "main.py"
    main.write_text("")
    monkeypatch.setattr(Optimiser, "chosen", lambda open_results: Optimiser(main, open_results))
    monkeypatch.setattr("time.strftime", lambda _: "hyperpower-1")
    return made


Start = Callable[..., int]


@pytest.fixture
def start(experiment: Experiment, database: Database) -> Start:
    def launch(enqueue: Any = None, learn_from: Any = None, **asked: Any) -> int:
        given: dict[str, Any] = {} if enqueue is None else {"enqueue": enqueue}
        given |= {} if learn_from is None else {"learn_from": learn_from}
        given |= {} if asked.get("resume") else {"optimize": "error", "epochs": 1}
        request = Request(str(experiment.folder), given=given, **asked)
        return run.launch(request, database.open)

    return launch


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
    monkeypatch.setattr("hwsearch.launch.run.calibrate.bounds", lambda *_, **__: {"params": 7.0})
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

    monkeypatch.setattr("hwsearch.launch.run.calibrate.bounds", fail)
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


def test_an_error_of_the_report_is_not_shown_after_one_of_the_optimiser(
    start: Start, database: Database, tmp_path: Path
) -> None:
    database.fails = True
    with pytest.raises(UserError, match="cannot be reached"):
        start()
    (tmp_path / "main.py").write_text("raise SystemExit(2)")
    assert start() == 2


def test_nothing_is_created_if_there_is_no_run_to_resume(
    start: Start, experiment: Experiment
) -> None:
    with pytest.raises(UserError, match="no earlier run"):
        start(resume=True)
    assert [path.name for path in experiment.folder.iterdir()] == ["keras_model"]


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
    assert "note: b.json:1: outside the template's ranges now: not tried" in capsys.readouterr().out
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


def test_another_optimiser_knows_no_first_points(
    experiment: Experiment, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Optimiser, "chosen", lambda _: Optimiser(tmp_path / "main.py"))
    points = [{"place": "a.csv:2", "values": {"lr": 0.9}}]
    request = Request(str(experiment.folder), given={"optimize": "error", "enqueue": points})
    with pytest.raises(UserError, match="--enqueue: got it with SPEARMINT_ROOT"):
        run.launch(request, database.open)
    request = Request(str(experiment.folder), given={"optimize": "error", "learn_from": "a"})
    with pytest.raises(UserError, match="--learn_from: got it with SPEARMINT_ROOT"):
        run.launch(request, database.open)


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
