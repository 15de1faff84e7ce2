"""best/ and the files in tmp/ agree, whatever happened before."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from hwsearch.experiment import Experiment
from hwsearch.experiment.best_network import BestNetwork
from hwsearch.experiment.kept import best, models
from hwsearch.experiment.kept.content import Files
from hwsearch.experiment.kept.folder import KeptFolder
from tests.hwsearch.experiment.kept.samples import SETTINGS, network, prepared


@pytest.fixture
def experiment(tmp_path: Path) -> Experiment:
    return prepared(tmp_path)


def note(experiment: Experiment, one: BestNetwork) -> BestNetwork:
    """Writes best.json and the files in tmp/."""
    experiment.best_model.write_text(f"model {one.job}")
    experiment.best_weights.write_text(f"weights {one.job}")
    one = replace(one, model="tmp/best_model.keras", weights="tmp/best_model.weights.h5")
    experiment.save_best(one)
    return one


def shown(experiment: Experiment) -> tuple[int, str] | None:
    """The job in best/ and its model; the model is "" if there is none."""
    found = best.in_folder(experiment, SETTINGS)
    if found is None:
        return None
    if found.model is None:
        return found.job, ""
    return found.job, (experiment.best_folder / found.model).read_text()


def test_the_folder_is_made_from_the_files(experiment: Experiment) -> None:
    best.settle(experiment, SETTINGS)
    assert shown(experiment) is None
    note(experiment, network(1))  # by an older version
    best.settle(experiment, SETTINGS)
    assert shown(experiment) == (1, "model 1")
    shutil.rmtree(experiment.best_folder)
    best.settle(experiment, SETTINGS)
    assert shown(experiment) == (1, "model 1")
    note(experiment, network(2, change=1))  # while the disk was full for the folder
    best.settle(experiment, SETTINGS)
    assert shown(experiment) == (2, "model 2")
    record = json.loads((experiment.best_folder / "network.json").read_text())
    assert record["weights"] == "best_model.weights.h5"
    assert record["files"] == [
        "README.md", "best_model.keras", "best_model.weights.h5", "requirements.txt"
    ]  # fmt: skip


def test_the_files_follow_a_folder_that_is_ahead(experiment: Experiment) -> None:
    note(experiment, network(1))
    (experiment.tmp / "two").write_text("model 2")
    experiment.rendered(2).write_text("import keras")
    best.show(experiment, SETTINGS, network(2, change=1), Files(model=experiment.tmp / "two"))
    best.settle(experiment, SETTINGS)  # after a kill
    found = experiment.best("run")
    assert found is not None
    assert (found.job, found.model, found.weights) == (2, "tmp/best_model.keras", None)
    assert found.script == "tmp/00000002_keras_net.py"
    assert experiment.best_model.read_text() == "model 2"
    assert not experiment.best_weights.exists()
    assert not list(experiment.tmp.glob(".*best_model*"))


def test_a_folder_that_misses_the_bounds_is_not_followed(experiment: Experiment) -> None:
    note(experiment, network(1))
    best.show(experiment, SETTINGS, network(2, power=90.0, change=1), Files())
    best.settle(experiment, SETTINGS)
    found = experiment.best("run")
    assert found is not None
    assert found.job == 1


def test_another_budget_takes_a_model_that_was_kept(experiment: Experiment) -> None:
    note(experiment, network(1))
    best.settle(experiment, SETTINGS)
    (experiment.tmp / "two").write_text("model 2")
    one = replace(network(2, 6.0, 70.0), requirements=("keras==3",), objects="OBJECTS = {}")
    models.keep(experiment, SETTINGS, one, Files(model=experiment.tmp / "two"))
    best.adopt(experiment, SETTINGS, network(2, 6.0, 70.0))
    assert shown(experiment) == (2, "model 2")
    assert (experiment.best_folder / "own_objects.py").read_text() == "OBJECTS = {}"
    assert "keras==3\n" in (experiment.best_folder / "requirements.txt").read_text()
    assert experiment.best_model.read_text() == "model 2"
    found = experiment.best("run")
    assert found is not None
    assert (found.job, found.model, found.change) == (2, "tmp/best_model.keras", 1)


def test_another_budget_and_back_again(experiment: Experiment) -> None:
    note(experiment, network(1))
    best.settle(experiment, SETTINGS)
    best.adopt(experiment, SETTINGS, network(2, 6.0, 70.0))
    assert shown(experiment) == (2, "")  # it was not kept
    text = (experiment.best_folder / "README.md").read_text()
    assert f"-m hwsearch.finish {experiment.folder} --job 2\n" in text
    assert experiment.best_model.read_text() == "model 1"
    found = experiment.best("run")
    assert found is not None
    assert (found.model, found.former_job, found.former_loading) == (None, 1, "model")
    best.adopt(experiment, SETTINGS, network(1))
    assert shown(experiment) == (1, "model 1")
    found = experiment.best("run")
    assert found is not None
    assert (found.model, found.loading, found.former_job) == ("tmp/best_model.keras", "model", None)
    best.settle(experiment, SETTINGS)
    assert shown(experiment) == (1, "model 1")


def test_a_budget_that_no_network_meets(experiment: Experiment) -> None:
    best.revoke(experiment, SETTINGS)
    note(experiment, network(1))
    best.settle(experiment, SETTINGS)
    best.revoke(experiment, SETTINGS)
    assert not experiment.best_folder.exists()
    assert experiment.best("run") is None
    assert experiment.best_model.read_text() == "model 1"


def test_texts_name_the_new_bounds(experiment: Experiment) -> None:
    note(experiment, network(1))
    best.settle(experiment, SETTINGS)
    (experiment.tmp / "two").write_text("model 2")
    experiment.rendered(2).write_text("import keras")
    models.keep(experiment, SETTINGS, network(2), Files(model=experiment.tmp / "two"))
    wider = replace(SETTINGS, constraints={"power": 99.0})
    best.refresh(experiment, wider)
    for folder in (experiment.best_folder, experiment.kept_model(2)):
        assert "budget: below 99 W" in (folder / "README.md").read_text()
    assert shown(experiment) == (1, "model 1")
    assert (experiment.kept_model(2) / "model.keras").read_text() == "model 2"
    assert (experiment.kept_model(2) / "00000002_keras_net.py").is_file()


def test_a_folder_of_the_user_stays(experiment: Experiment, capsys) -> None:
    experiment.best_folder.mkdir()
    (experiment.best_folder / "mine").write_text("")
    note(experiment, network(1))
    best.settle(experiment, SETTINGS)
    assert [path.name for path in experiment.best_folder.iterdir()] == ["mine"]
    assert capsys.readouterr().err == (
        "the folder best cannot be written (a file or folder of this name exists that this run did "
        "not write); the best network is in tmp, as best.json says\n"
    )
    best.revoke(experiment, SETTINGS)
    assert KeptFolder(experiment.best_folder).path.is_dir()
