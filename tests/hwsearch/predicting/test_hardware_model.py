"""Models of all metrics on one platform."""

from __future__ import annotations

import dataclasses
import json
import math

import numpy as np
import pytest

from hwsearch.predicting.hardware_model import HardwareModel
from hwsearch.predicting.selection import PROCESS
from tests.hwsearch.predicting.samples import NS_PER_MAC, records


@pytest.fixture(scope="module")
def model():
    return HardwareModel.fit(records(20, noise=0.02))


def test_a_network_that_was_not_measured(model):
    for other in records(5, seed=1):
        found = model.predict("runtime", other.structure)
        assert found.value == pytest.approx(other.quantities["runtime"].value, rel=0.15)
        assert found.low < found.value < found.high < 1.5 * found.low


def test_what_the_cost_consists_of(model):
    largest = max((one.structure for one in records(20)), key=lambda one: one.convolution_macs)
    parts = model.predict("runtime", largest).parts
    assert sum(share for _, share, _ in parts) == pytest.approx(1.0)
    by_name = {name: (share, price) for name, share, price in parts}
    # A convolution's unfolded input grows with its MACs here: the two share the cost.
    together = sum(
        by_name.get(name, (0, 0))[1] * part
        for name, part in (
            ("MACs of convolutions", 1.0),
            ("unfolded inputs of convolutions", 1 / 8),
        )
    )
    assert together == pytest.approx(1e-9 * NS_PER_MAC, rel=0.15)


def test_it_says_how_much_better_than_a_constant_it_is(model):
    assert model.metrics["runtime"].predictor.gain > 5
    assert model.metrics["power"].predictor.gain == pytest.approx(1.0, abs=0.2)


def test_metrics_of_too_few_networks_have_no_model():
    assert HardwareModel.fit(records(2)) is None
    two = records(2)
    more = [
        dataclasses.replace(one, quantities={"runtime": one.quantities["runtime"]})
        for one in records(4, seed=1)
    ]
    assert set(HardwareModel.fit([*two, *more]).metrics) == {"runtime"}


def test_power_of_different_meters_is_not_mixed():
    model = HardwareModel.fit([*records(4, meter="board"), *records(5, seed=1, meter="wall")])
    assert model.metrics["power"].meter == "wall"
    assert model.metrics["power"].predictor.profiles == 5
    assert model.metrics["runtime"].predictor.profiles == 9


def test_networks_of_other_templates():
    other = {"cifar": records(12, seed=5, noise=0.02)}
    model = HardwareModel.fit([], other)
    assert (model.profiles, model.others) == (0, {"cifar": 12})
    for one in records(5, seed=1):
        found = model.predict("runtime", one.structure)
        assert found.value == pytest.approx(one.quantities["runtime"].value, rel=0.15)
        assert found.high > 2 * found.low
    assert model.predict("runtime", records(1)[0].structure).parts


def test_a_network_of_another_template_that_was_measured_here_too_is_left_out():
    model = HardwareModel.fit(records(4), {"twin": records(6)})
    assert len(model.metrics["runtime"].others.costs) == 2


def test_power_of_other_templates_needs_the_same_meter():
    own = records(4, meter="wall")
    for meter, count in (("board", 0), ("wall", 5)):
        model = HardwareModel.fit(own, {"cifar": records(5, seed=1, meter=meter)})
        assert len(model.metrics["power"].others.costs) == count
        assert len(model.metrics["runtime"].others.costs) == 5


def test_power_by_other_templates_does_not_depend_on_their_batch_size():
    """All of them draw 50 W in batches of 32: that is no price of a batch."""
    model = HardwareModel.fit([], {"cifar": records(12, seed=1)})
    own = dataclasses.replace(records(1)[0].structure, batch=128.0)
    assert model.predict("power", own).value == pytest.approx(50.0, rel=0.1)


def test_the_error_for_typical_networks_needs_candidates_and_profiles():
    candidates = [one.structure for one in records(8, seed=1)]
    other = {"cifar": records(6, seed=3)}
    for own, given in ((records(4), ()), (records(2), candidates)):
        entry = HardwareModel.fit(own, other, given).metrics["runtime"]
        assert math.isnan(entry.typical)
        assert math.isnan(entry.typical_of_constant)
    entry = HardwareModel.fit(records(12, noise=0.05), None, candidates).metrics["runtime"]
    assert 2 < entry.typical < 8
    assert entry.typical_of_constant > 50


@pytest.mark.parametrize("count", [0, 2, 5, 20])
def test_json(count):
    prior = {"cifar": records(6, seed=3)} if count < 20 else None
    candidates = [one.structure for one in records(count, seed=4)]
    model = HardwareModel.fit(records(count, noise=0.3), prior, candidates)
    read = HardwareModel.from_json(json.loads(json.dumps(model.to_json())))
    assert read.to_json() == model.to_json()
    for other in records(3, seed=2):
        for metric in ("runtime", "power"):
            assert read.predict(metric, other.structure) == model.predict(metric, other.structure)


def test_json_of_a_gaussian_process():
    """Costs that no sum of prices gives."""
    bent = []
    for one in records(24):
        size = np.log(one.structure.convolution_macs)
        value = one.quantities["runtime"].scaled(1 + 0.8 * np.sin(size), "s/image")
        bent.append(dataclasses.replace(one, quantities={"runtime": value}))
    model = HardwareModel.fit(bent)
    assert model.metrics["runtime"].predictor.name.startswith(PROCESS)
    read = HardwareModel.from_json(json.loads(json.dumps(model.to_json())))
    for other in records(3, seed=2):
        found, kept = (m.predict("runtime", other.structure).value for m in (read, model))
        assert found == pytest.approx(kept, rel=1e-9)


@pytest.mark.parametrize(
    "faulty", [None, [], {}, {"format": 99}, {"format": 1, "metrics": {"a": {}}}]
)
def test_faulty_json(faulty):
    assert HardwareModel.from_json(faulty) is None
