"""Which files of a trained network the report names, and how it says to load them."""

from __future__ import annotations

import pytest

from hwsearch.experiment import Experiment
from hwsearch.experiment.best_network import BestNetwork
from hwsearch.experiment.kept.folder import KeptFolder
from hwsearch.network.way_to_load import Loading
from hwsearch.report.model_files import WAYS, model_files, where

MODEL = "tmp/best_model.keras"
WEIGHTS = "tmp/best_model.weights.h5"


@pytest.fixture
def experiment(tmp_path):
    made = Experiment(tmp_path)
    made.prepare()
    made.best_model.write_text("")
    return made


def best(job, **known):
    return BestNetwork("run", job, "error", 3.0, **known)


def test_each_way_to_load_is_stated(experiment):
    experiment.best_weights.write_text("")
    for way in Loading:
        kept = best(2, model=MODEL, weights=WEIGHTS, loading=way.value)
        assert model_files(2, kept, experiment) == [
            f"  model   {experiment.best_model} (trained)",
            f"  weights {experiment.best_weights}",
            f"  load    {WAYS[way]}",
        ]


def test_weights_without_a_model(experiment):
    experiment.best_weights.write_text("")
    experiment.best_model.unlink()
    kept = best(2, weights=WEIGHTS, loading="script and weights")
    lines = model_files(2, kept, experiment)
    assert lines[0] == f"  weights {experiment.best_weights} (trained)"
    assert "load(script, weights)" in lines[1]
    line = f"  model   not saved; that of job 2 is {experiment.best_weights}"
    assert model_files(1, kept, experiment) == [line]


def test_the_model_of_a_cross_validation_is_that_of_one_fold(experiment):
    kept = best(2, model=MODEL, folds=5)
    line = f"  model   {experiment.best_model} (of the best of 5 folds)"
    assert model_files(2, kept, experiment) == [line]


def test_what_an_older_version_kept(experiment):
    kept = best(2, model=MODEL)
    assert model_files(2, kept, experiment) == [f"  model   {experiment.best_model} (trained)"]


def test_the_former_model_is_named_if_nothing_of_the_best_could_be_saved(experiment):
    line = f"  model   not saved; that of job 1 is {experiment.best_model}"
    for kept in (best(2, former_job=1), best(1, model=MODEL)):
        assert model_files(2, kept, experiment) == [line]
    assert not model_files(1, best(2), experiment)
    assert not model_files(2, None, experiment)


def test_a_model_that_could_not_be_saved_is_named(experiment):
    kept = best(2)
    KeptFolder(experiment.best_folder).replace(kept, {})
    assert model_files(2, kept, experiment) == [
        f"  model   could not be saved; python -m hwsearch.finish {experiment.folder} --job 2 "
        "trains it again",
        f"  folder  {experiment.best_folder} (without a model, with README.md)",
    ]


def test_the_folder_and_the_models_that_are_kept(experiment):
    assert where(2, "run", experiment) == []
    for job in range(3, 25):
        KeptFolder(experiment.kept_model(job)).replace(best(job), {})
    KeptFolder(experiment.best_folder).replace(best(2, loading="model"), {})
    first, second = where(2, "run", experiment)
    assert first == (
        f"the network of job 2 is in {experiment.best_folder}; to load it: {WAYS[Loading.MODEL]}"
    )
    assert second.startswith("models kept: jobs 3, 4, 5,")
    assert second.endswith(f", 22 and 2 more, in {experiment.models}")
    assert where(3, "run", experiment) == [second]
    assert where(2, "another run", experiment) == []
    kept = best(2, model=MODEL, loading="model")
    line = f"  folder  {experiment.best_folder} (all of it, with README.md)"
    assert model_files(2, kept, experiment)[-1] == line
    assert line not in model_files(3, kept, experiment)
