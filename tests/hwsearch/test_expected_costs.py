"""Expected costs of networks, by models made of records with made-up prices."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from hwsearch.atomic_files import write_json
from hwsearch.budget import AtLeast
from hwsearch.candidates import known_margins
from hwsearch.expected_costs import ExpectedCost, expected_costs, model_for
from hwsearch.experiment import Experiment
from hwsearch.experiment.settings import Settings
from hwsearch.keras_runtime import keras
from hwsearch.measurements import Quantity
from hwsearch.predicting import LEAST_NETWORKS
from hwsearch.predicting.features import Structure
from hwsearch.predicting.records import NetworkRecord, Platform
from hwsearch.predicting.store import Store
from hwsearch.template import Template
from tests.hwsearch.test_candidates import TEMPLATE

SETTINGS = Settings("r", "error", {"runtime": 1e-5, "params": 1e9})


def seconds(units: int) -> float:
    """What a network costs: two nanoseconds per parameter."""
    return 2e-9 * params(units)


def params(units: int) -> float:
    return 4 * units + units + 2 * units + 2.0


def keep(experiment: Experiment, count: int, backend: str) -> None:
    """Keeps profiles of networks as the template has, whose costs follow from their parameters."""
    store = Store(experiment.hardware)
    for units in range(1, count + 1):
        known = {"batch": 16.0, "params": params(units), "other_macs": 6.0 * units, "calls": 3.0}
        structure = Structure(**{field.name: 0.0 for field in fields(Structure)} | known)
        cost = Quantity(seconds(units) * (1.0 + 0.02 * (-1) ** units), 0.0)
        record = NetworkRecord(
            Platform("cpu", "A CPU", backend), structure, f"{units:064}", "", {"runtime": cost}
        )
        store.keep(record)


@pytest.fixture
def experiment(prepared: Callable[[str], Experiment]) -> Experiment:
    return prepared(TEMPLATE)


def on(experiment: Experiment, name: str = "A CPU") -> None:
    write_json(experiment.device_file, {"kind": "cpu", "name": name})


def test_the_probability_of_meeting_a_bound() -> None:
    cost = ExpectedCost(10.0, 0.1, 10_000)
    assert cost.probability(10.0) == pytest.approx(0.5)
    assert cost.probability(10.0 * math.exp(0.1)) == pytest.approx(0.8413, abs=1e-3)
    assert cost.probability(AtLeast(10.0 * math.exp(0.1))) == pytest.approx(0.1587, abs=1e-3)
    assert cost.deviation == pytest.approx(1.0)
    # Few networks: the spread is uncertain, so that nothing is as good as certain.
    assert cost.probability(7.0) < 0.001 < ExpectedCost(10.0, 0.1, 5).probability(7.0)


@pytest.fixture
def backend() -> str:
    name: str = keras.backend.backend()
    return name


def test_models_are_used_for_the_device_that_they_know(
    experiment: Experiment, backend: str
) -> None:
    keep(experiment, LEAST_NETWORKS, backend)
    assert model_for(experiment, SETTINGS) is None, "no network of the run was measured"
    on(experiment, "Another CPU")
    assert model_for(experiment, SETTINGS) is None
    on(experiment)
    assert model_for(experiment, SETTINGS) is not None
    for settings in (
        Settings("r", "error", {"runtime": 1e-5}, hardware_models="off"),
        Settings("r", "error", {"runtime": 1e-5}, mixed_devices=True),
        Settings("r", "error", {"params": 1e5}),
    ):
        assert model_for(experiment, settings) is None


def test_a_candidate_is_predicted_once_models_know_enough(
    experiment: Experiment, backend: str
) -> None:
    on(experiment)
    template = Template.from_file(experiment.template)

    def margins() -> dict[str, Any]:
        model = model_for(experiment, SETTINGS)
        return known_margins(template, experiment.template, SETTINGS, {"units": 40}, model)

    keep(experiment, LEAST_NETWORKS - 1, backend)
    assert margins() == {"params": 1e9 - params(40)}
    keep(experiment, 30, backend)
    found = margins()
    assert found["params"] == 1e9 - params(40)
    margin, deviation = found["runtime"]
    assert 1e-5 - margin == pytest.approx(seconds(40), rel=0.1)
    assert 0.0 < deviation < 0.2 * seconds(40)


def test_a_network_without_models_of_its_metrics(experiment: Experiment, backend: str) -> None:
    keep(experiment, LEAST_NETWORKS, backend)
    on(experiment)
    model = model_for(experiment, SETTINGS)
    assert model is not None
    nothing: Any = None
    assert expected_costs(model, nothing, SETTINGS, ["power"]) == {}
    assert Path(experiment.hardware, "a-cpu-tensorflow.json").is_file() or backend != "tensorflow"
