"""Which costs are computed, which are measured, and when a measurement is repeated."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hwsearch.keras_runtime import keras  # isort: skip - quiet
from hwsearch import costs
from hwsearch.budget import AtLeast
from hwsearch.errors import UserError
from hwsearch.measurements import Quantity
from hwsearch.measuring.profile import Profile
from hwsearch.measuring.profile_settings import ProfileSettings
from hwsearch.meters.device import Device
from hwsearch.network.datasets.held_out import HeldOut
from hwsearch.network.errors import NetworkError
from hwsearch.network.network import Network
from hwsearch.network.plan import TrainingPlan
from hwsearch.network.scores.scoring import Scoring

DEVICE = Device("cpu", "a test's")
SETTINGS = ProfileSettings(time_limit_s=2.0, target_error=0.02)


def network(*layers):
    model = keras.Sequential([keras.Input((3,)), *(layers or [keras.layers.Dense(2)])])
    x, y = np.zeros((8, 3), "float32"), np.zeros(8, int)
    path = Path("00000001_keras_net.py")
    plan, held_out = TrainingPlan(model, {"x": x, "y": y, "batch_size": 4}), HeldOut(x, y)
    return Network(model, plan, held_out, None, 4, x, path, "", Scoring("sparse"), (2,))


@pytest.fixture
def readings(monkeypatch):
    """Results of the profiles to come, as (value, standard error), and the settings they got."""
    given: list[tuple[float, float]] = []
    asked: list[ProfileSettings] = []
    bounds: list[float] = []

    def profile(load, metrics, settings, runtime_bound_s=math.inf, say=None, waiting=None):
        bounds.append(runtime_bound_s)
        assert metrics == {"runtime"}
        assert load.images_per_run == 4
        asked.append(settings)
        mean, error = given.pop(0)
        quantity = Quantity(mean, error, error, 9, "s/image", "a test")
        return Profile(DEVICE, {"runtime": quantity}, seconds=1.0)

    monkeypatch.setattr(costs, "profile", profile)
    return given, asked, bounds


def test_computed_costs_need_no_measuring(readings):
    found = costs.costs_of(network(), {"params"}, {"macs": 100.0}, SETTINGS)
    assert found.values == {"params": 8, "macs": 6}
    assert found.profile is None
    assert readings[1] == []


def test_a_clear_value_is_measured_once(readings):
    given, asked, _ = readings
    given[:] = [(1.0, 0.1)]
    found = costs.costs_of(network(), {"runtime"}, {"runtime": 2.0}, SETTINGS)
    assert found.values["runtime"] == 1.0
    assert asked == [SETTINGS]
    assert not found.measured_again


def test_a_value_near_its_bound_is_measured_again_and_finer(readings):
    given, asked, _ = readings
    given[:] = [(1.9, 0.1), (1.85, 0.01)]
    found = costs.costs_of(network(), {"runtime"}, {"runtime": 2.0}, SETTINGS)
    assert found.values["runtime"] == 1.85
    assert found.measured_again
    assert found.uncertain == []
    assert asked[1].target_error < asked[0].target_error
    assert asked[1].time_limit_s > asked[0].time_limit_s
    assert asked[1].repeats > asked[0].repeats


@pytest.mark.parametrize("error", [0.5, math.nan])
def test_a_value_that_stays_uncertain_is_noted(error, readings):
    readings[0][:] = [(1.9, error), (1.9, error)]
    found = costs.costs_of(network(), {"runtime"}, {"runtime": 2.0}, SETTINGS)
    assert found.uncertain == ["runtime"]
    assert "runtime is within its uncertainty of the bound" in found.notes[-1]


def test_a_network_over_a_computed_budget_is_not_measured(readings):
    found = costs.costs_of(network(), {"runtime"}, {"params": 7.0, "runtime": 2.0}, SETTINGS)
    assert "runtime" not in found.values
    assert readings[1] == []


def test_an_objective_is_measured_without_a_bound(readings):
    readings[0][:] = [(1.0, 0.9)]
    assert costs.costs_of(network(), {"runtime"}, {}, SETTINGS).values["runtime"] == 1.0


@pytest.mark.parametrize(
    ("metrics", "constraints", "bound"),
    [
        ({"error", "runtime"}, {"runtime": 2.0}, 2.0),
        ({"runtime"}, {}, math.inf),
        ({"runtime"}, {"runtime": AtLeast(2.0)}, math.inf),
    ],
)
def test_the_bound_on_the_runtime_ends_hopeless_measurements(readings, metrics, constraints, bound):
    readings[0][:] = [(1.0, 0.01)]
    costs.costs_of(network(), metrics - {"error"}, constraints, SETTINGS)
    assert readings[2] == [bound]


def test_a_network_that_exceeds_a_bound_needs_no_other_metric(monkeypatch):
    hopeless = Profile(DEVICE, {"runtime": Quantity(9.0, 0.1, 0.1, 2, "s/image", "a test")})
    monkeypatch.setattr(costs, "profile", lambda *_, **__: hopeless)
    bounds = {"runtime": 2.0, "power": 5.0}
    assert "power" not in costs.costs_of(network(), set(), bounds, SETTINGS).values


def test_a_network_over_its_bounds_is_measured_if_all_metrics_are_wanted(readings, monkeypatch):
    readings[0][:] = [(9.0, 0.1)]
    bounds = {"params": 7.0, "runtime": 2.0}
    found = costs.costs_of(network(), set(), bounds, SETTINGS, complete=True)
    assert found.values["runtime"] == 9.0
    assert readings[2] == [math.inf]
    monkeypatch.setattr(costs, "profile", lambda *_, **__: Profile(DEVICE))
    with pytest.raises(NetworkError, match="runtime could not be measured"):
        costs.costs_of(network(), set(), bounds, SETTINGS, complete=True)


def test_a_measurement_that_fails_is_one_line(monkeypatch):
    def fail(*_, **__):
        raise UserError("no meter")

    monkeypatch.setattr(costs, "profile", fail)
    with pytest.raises(NetworkError, match=r"^00000001_keras_net\.py: no meter$"):
        costs.costs_of(network(), {"power"}, {}, SETTINGS)


def test_a_metric_that_was_not_measured_is_named(monkeypatch):
    monkeypatch.setattr(costs, "profile", lambda *_, **__: Profile(DEVICE))
    with pytest.raises(NetworkError, match="power could not be measured"):
        costs.costs_of(network(), {"power"}, {}, SETTINGS)


def test_a_layer_that_cannot_be_counted_is_named_not_zero():
    class Own(keras.layers.Layer):
        def call(self, inputs):
            return keras.ops.real(keras.ops.fft((inputs, inputs))[0])

    model = network(Own(name="mystery"), keras.layers.Dense(2))
    with pytest.raises(NetworkError, match="MACs of these layers are unknown: mystery"):
        costs.costs_of(model, {"macs"}, {}, SETTINGS)
    found = costs.costs_of(model, {"params"}, {}, SETTINGS)
    assert "macs" not in found.values
    assert "mystery" in found.notes[0]


def test_parameters_are_known_even_if_the_arithmetic_is_not():
    class Own(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = keras.layers.Dense(3)
            self.dense.build((None, 2))

        def call(self, inputs):
            return self.dense(inputs["a"] if float(keras.ops.sum(inputs["a"])) else inputs)

    model = Own()
    rows = {"a": np.ones((4, 2), "float32")}
    model(rows)
    made = replace(network(), model=model, inputs=rows, plan=TrainingPlan(model, {"x": rows}))
    found = costs.costs_of(made, {"params"}, {}, SETTINGS)
    assert found.values == {"params": 9}
    assert found.notes[0].startswith("macs is unknown: layer own")
    with pytest.raises(NetworkError, match="cannot determine its output shape"):
        costs.costs_of(made, {"macs"}, {}, SETTINGS)


def test_parameters_of_the_training_alone_do_not_count():
    class Student(keras.Model):
        def __init__(self):
            super().__init__()
            self.teacher = keras.Sequential([keras.Input((2,)), keras.layers.Dense(9)], name="big")
            self.dense = keras.layers.Dense(3)

        def call(self, inputs):
            return self.dense(inputs)

    model, rows = Student(), np.ones((4, 2), "float32")
    model(rows)
    made = replace(network(), model=model, inputs=rows, plan=TrainingPlan(model, {"x": rows}))
    found = costs.costs_of(made, {"params"}, {}, SETTINGS)
    assert found.values == {"params": 9, "macs": 6}
    said = "params does not count 27 weights that inference does not use, such as those of big"
    assert found.notes == [said]


def test_the_types_of_the_data_matter_to_a_model_with_a_call_of_its_own():
    class Own(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = keras.layers.Dense(3)

        def call(self, inputs):
            return self.dense(keras.ops.one_hot(inputs["id"], 5) + inputs["a"])

    model = Own()
    rows = {"id": np.zeros(4, "int32"), "a": np.ones((4, 5), "float32")}
    model(rows)
    made = replace(network(), model=model, inputs=rows, plan=TrainingPlan(model, {"x": rows}))
    assert costs.costs_of(made, {"macs"}, {}, SETTINGS).values == {"params": 18, "macs": 15}
