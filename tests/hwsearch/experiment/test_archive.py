"""The runs of an experiment: putting one aside, bringing one back."""

from __future__ import annotations

from pathlib import Path

import pytest

from hwsearch.errors import UserError
from hwsearch.experiment import Archive, Experiment
from hwsearch.experiment.best_network import BestNetwork
from hwsearch.experiment.kept.folder import KeptFolder
from hwsearch.experiment.settings import Settings

GENERATED = (
    "spearmint/config.json",
    "spearmint/mainrun.py",
    "spearmint/output/00000001.out",
    "spearmint/output/123456789.out",
    "tmp/00000001_keras_net.py",
    "tmp/best.json",
    "tmp/best_model.keras",
    "tmp/best_model.weights.h5",
    "tmp/device.json",
    "tmp/searches.json",
    "tmp/template.json",
)
USERS = (
    "keras_model/network_def.py",
    "keras_model/data.npz",
    "notes.txt",
    "mongodb/spearmint.sqlite",
    "spearmint/notes.md",
    "spearmint/output/mine.out",
    "tmp/scratch.py",
    "tmp/my_keras_net.py",
)


@pytest.fixture
def experiment(tmp_path: Path) -> Experiment:
    experiment = Experiment(tmp_path / 'it\'s [my] "exp" é')
    experiment.prepare()
    for name in USERS:
        write(experiment, name, "user")
    return experiment


def write(experiment: Experiment, name: str, text: str) -> None:
    path = experiment.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def run(experiment: Experiment, name: str) -> None:
    for path in GENERATED:
        write(experiment, path, name)
    experiment.save_settings(Settings(name, "error"))


def contents(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_text()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_nothing_to_put_aside(experiment: Experiment) -> None:
    before = contents(experiment.folder)
    assert Archive(experiment).put_aside() is None
    assert contents(experiment.folder) == before


def test_a_run_is_put_aside_whole_and_the_users_files_stay(experiment: Experiment) -> None:
    run(experiment, "run-1")
    target = Archive(experiment).put_aside()
    assert target == experiment.previous("run-1")
    assert set(contents(target)) == {*GENERATED, "tmp/settings.json"}
    assert {contents(experiment.folder)[name] for name in USERS} == {"user"}
    assert not any((experiment.folder / name).exists() for name in GENERATED)
    assert Archive(experiment).former_runs() == ["run-1"]
    assert Archive(experiment).current_run() is None


def test_runs_swap_places(experiment: Experiment) -> None:
    run(experiment, "run-1")
    before = contents(experiment.folder)
    Archive(experiment).put_aside()
    run(experiment, "run-2")
    Archive(experiment).restore("run-1")
    assert Archive(experiment).current_run() == "run-1"
    assert contents(experiment.previous("run-2"))["tmp/best.json"] == "run-2"
    assert before.items() <= contents(experiment.folder).items()
    assert not experiment.previous("run-1").exists()


def test_a_run_that_is_not_there(experiment: Experiment) -> None:
    run(experiment, "run-1")
    with pytest.raises(UserError, match="run: got 'run-9'; expected one of none"):
        Archive(experiment).restore("run-9")


def test_an_interrupted_move_continues(experiment: Experiment) -> None:
    run(experiment, "run-1")
    before = contents(experiment.folder)
    moved = experiment.previous("run-1") / "spearmint" / "config.json"
    moved.parent.mkdir(parents=True)
    experiment.config_file.replace(moved)
    Archive(experiment).restore("run-1")
    assert contents(experiment.folder) == before
    moved.parent.mkdir(parents=True)
    experiment.config_file.replace(moved)
    Archive(experiment).put_aside()
    assert set(contents(experiment.previous("run-1"))) == {*GENERATED, "tmp/settings.json"}


@pytest.mark.parametrize("with_settings", [True, False])
def test_nothing_that_was_put_aside_is_overwritten(
    experiment: Experiment, with_settings: bool
) -> None:
    for text in ("first", "second", "third"):
        write(experiment, "tmp/best.json", text)
        if with_settings:
            experiment.save_settings(Settings("same", "error"))
        Archive(experiment).put_aside()
    name = "same" if with_settings else "unnamed"
    assert Archive(experiment).former_runs() == [name, f"{name}-2", f"{name}-3"]
    kept = [
        contents(experiment.previous(run))["tmp/best.json"]
        for run in Archive(experiment).former_runs()
    ]
    assert kept == ["first", "second", "third"]


@pytest.mark.parametrize("name", ["../up", "a/b", "", "..", "a\nb"])
def test_a_name_cannot_lead_out_of_the_folder(experiment: Experiment, name: str) -> None:
    run(experiment, "run-1")
    write(
        experiment, "tmp/settings.json", '{"experiment_name": ' + repr(name).replace("'", '"') + "}"
    )
    write(experiment, "spearmint/config.json", "{")
    assert Archive(experiment).put_aside() == experiment.previous("unnamed")


def test_the_files_and_jobs_of_a_run_in_place_or_put_aside(experiment: Experiment) -> None:
    archive = Archive(experiment)
    run(experiment, "run-1")
    archive.put_aside()
    experiment.save_settings(Settings("run-2", "error"))
    assert archive.files_of("run-2").folder == experiment.folder
    assert archive.files_of("run-1").folder == experiment.previous("run-1")
    assert archive.has_jobs("run-1")
    assert not archive.has_jobs("run-2")


def test_kept_networks_go_with_their_run(experiment: Experiment) -> None:
    def kept() -> list[tuple[str, int]]:
        found = sorted(experiment.folder.rglob("network.json"))
        return [
            (path.parent.relative_to(experiment.folder).as_posix(), network.job)
            for path in found
            if (network := KeptFolder(path.parent).network()) is not None
        ]

    run(experiment, "first")
    KeptFolder(experiment.best_folder).replace(BestNetwork("first", 1, "error", 1.0), {})
    KeptFolder(experiment.kept_model(2)).replace(BestNetwork("first", 2, "error", 1.0), {})
    KeptFolder(experiment.kept_model(3)).replace(BestNetwork("another", 3, "error", 1.0), {})
    (experiment.best_folder / "mine.txt").write_text("mine")
    Archive(experiment).put_aside()
    assert not experiment.best_folder.exists()
    assert ("models/job-3", 3) in kept()  # somebody has copied it there
    run(experiment, "second")
    KeptFolder(experiment.best_folder).replace(BestNetwork("second", 7, "error", 1.0), {})
    Archive(experiment).restore("first")
    assert (experiment.best_folder / "mine.txt").read_text() == "mine"
    places = [("best", 1), ("models/job-2", 2), ("models/job-3", 3)]
    assert kept() == [*places, ("tmp/previous/second/best", 7)]
