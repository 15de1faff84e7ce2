"""Computed budgets of a network without a job, with a template that calls `fit`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import hyperpower
from hwsearch.budget import AtLeast
from hwsearch.candidates import known_margins
from hwsearch.errors import UserError
from hwsearch.evaluation import evaluate
from hwsearch.experiment import Experiment
from hwsearch.experiment.settings import Settings
from hwsearch.template import Template

TEMPLATE = '''"""A toy."""
import keras
import numpy as np

rng = np.random.default_rng(0)
x = rng.normal(size=(64, 4)).astype("float32")
y = (x[:, 0] > 0).astype(int)
units = HYPERPARAM{"type": "INT", "token": "units", "min": 0, "max": 64}
model = keras.Sequential(
    [
        keras.Input((4,)),
        keras.layers.Dense(units, "relu"),
        keras.layers.Dense(2, "softmax"),
    ]
)
model.compile("sgd", "sparse_categorical_crossentropy")
model.fit(x, y, batch_size=16, epochs=1, validation_split=0.5)
open("trained", "w").close()
'''
#: Of the network with `units`: a dense layer of 4 inputs, one of 2 outputs.
PARAMS = {8: 8 * 4 + 8 + 2 * 8 + 2, 3: 3 * 4 + 3 + 2 * 3 + 2}
MACS = {8: 8 * 4 + 2 * 8, 3: 3 * 4 + 2 * 3}


@pytest.fixture
def experiment(prepared: Callable[[str], Experiment]) -> Experiment:
    return prepared(TEMPLATE)


def margins(experiment: Experiment, settings: Settings, units: int) -> dict[str, Any]:
    template = Template.from_file(experiment.template)
    return known_margins(template, experiment.template, settings, {"units": units})


def test_they_are_what_the_evaluation_of_a_job_gives(experiment: Experiment) -> None:
    bounds: dict[str, Any] = {"params": 40.0, "runtime": 100.0, "macs": AtLeast(20.0)}
    settings = Settings("r", "error", bounds)
    before = {path for path in experiment.folder.rglob("*") if path.is_file()}
    found = {units: margins(experiment, settings, units) for units in (8, 3)}
    assert found == {
        units: {"params": 40.0 - PARAMS[units], "macs": MACS[units] - 20.0} for units in (8, 3)
    }
    assert {path for path in experiment.folder.rglob("*") if path.is_file()} == before

    template = Template.from_file(experiment.template)
    values = evaluate(experiment, settings, template, 1, {"units": 8}).values
    assert values["params"] == found[8]["params"]
    assert values["macs"] == found[8]["macs"]


def test_the_optimiser_calls_it_in_its_folder(
    experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    experiment.save_settings(Settings("r", "error", {"params": 40.0}))
    monkeypatch.chdir(experiment.spearmint_dir)
    assert hyperpower.computed({"units": {"type": "int", "values": [3]}}) == {
        "params": 40.0 - PARAMS[3]
    }


def test_a_network_that_cannot_be_built_names_the_line(
    experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings("r", "error", {"params": 40.0})
    with pytest.raises(UserError, match=r"network_def\.py:12: ValueError"):
        margins(experiment, settings, 0)
    experiment.save_settings(settings)
    monkeypatch.chdir(experiment.spearmint_dir)
    assert hyperpower.computed({"units": {"type": "int", "values": [0]}}) == {}, "its job says why"
