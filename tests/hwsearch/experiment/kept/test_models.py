"""The models of several networks are kept, and removed again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hwsearch.experiment import Experiment
from hwsearch.experiment.kept import models
from hwsearch.experiment.kept.content import Files
from hwsearch.experiment.kept.folder import KeptFolder
from tests.hwsearch.experiment.kept.samples import SETTINGS, network, prepared


@pytest.fixture
def experiment(tmp_path: Path) -> Experiment:
    return prepared(tmp_path / "an experiment's [1]")


def keep(experiment: Experiment, job: int, error: float, power: float) -> bool:
    """Keeps a network if it is wanted; its model says which one it is."""
    one = network(job, error, power)
    if not models.wanted(experiment, SETTINGS, one):
        return False
    file = experiment.tmp / "model"
    file.write_text(str(job))
    models.keep(experiment, SETTINGS, one, Files(model=file))
    file.unlink()
    return True


def kept(experiment: Experiment) -> list[int]:
    found = models.kept_models(experiment, "run")
    for job in found:
        assert (experiment.kept_model(job) / "model.keras").read_text() == str(job)
    return list(found)


def test_worse_models_go_when_better_ones_come(experiment: Experiment) -> None:
    assert not models.kept_models(experiment, "run")
    for job, error, power, wanted, jobs in (
        (1, 9.0, 84.0, True, [1]),
        (2, 8.0, 84.0, True, [1, 2]),
        (3, 9.5, 84.5, False, [1, 2]),
        (4, 7.0, 84.5, True, [2, 4]),
        (5, 20.0, 10.0, True, [2, 4, 5]),  # the cheapest one
        (5, 20.0, 11.0, True, [2, 4, 5]),  # again, as after a kill
        (6, 2.0, 200.0, True, [2, 4, 5, 6]),  # the best without the budget
        (7, 1.0, 5.0, True, [4, 7]),
    ):
        assert keep(experiment, job, error, power) == wanted
        assert kept(experiment) == jobs
    models.prune(experiment, replace(SETTINGS, keep_models=1))
    assert kept(experiment) == [7]
    models.prune(experiment, replace(SETTINGS, keep_models=None))
    assert kept(experiment) == [7]
    models.drop(experiment, 7)
    models.prune(experiment, SETTINGS)
    assert not experiment.models.exists()


def test_what_others_have_put_there_stays(experiment: Experiment) -> None:
    for name in ("job-3", "job-x", "mine"):
        (experiment.models / name).mkdir(parents=True)
        (experiment.models / name / "file").write_text("mine")
    left = KeptFolder(experiment.models / ".job-8-0123abcd")
    left.replace(network(8), {})
    assert keep(experiment, 1, 9.0, 80.0)
    assert keep(experiment, 2, 8.0, 70.0)
    (experiment.kept_model(1) / "mine.txt").write_text("mine")
    assert keep(experiment, 4, 7.0, 60.0)
    assert kept(experiment) == [2, 4]
    names = {path.relative_to(experiment.models).as_posix() for path in experiment.models.glob("*")}
    assert names == {"job-1", "job-2", "job-3", "job-4", "job-x", "mine"}
    assert [path.name for path in experiment.kept_model(1).iterdir()] == ["mine.txt"]


def test_without_the_flag_none_is_wanted(experiment: Experiment) -> None:
    assert not models.wanted(experiment, replace(SETTINGS, keep_models=None), network(1))
