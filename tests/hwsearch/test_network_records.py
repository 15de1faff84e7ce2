"""Records made of measured networks."""

from __future__ import annotations

import types

import pytest

from hwsearch.costs import Costs
from hwsearch.counting import count
from hwsearch.keras_runtime import keras
from hwsearch.measurements import Quantity
from hwsearch.measuring.profile import Profile
from hwsearch.meters.device import Device
from hwsearch.network_records import keep_record, platform_here, record_of
from hwsearch.predicting.records import script_hash
from hwsearch.predicting.store import Store


@pytest.fixture(scope="module")
def network():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    return types.SimpleNamespace(model=model, batch_size=16)


@pytest.fixture
def costs(network):
    quantities = {"runtime": Quantity(1e-6), "memory": Quantity(0.01)}
    profile = Profile(Device("gpu", "A GPU"), quantities, meter_device="board")
    return Costs(dict(quantities), count(network.model), profile)


def test_a_measured_network(network, costs):
    record = record_of(network, costs, "units = 3", None)
    assert (record.platform.kind, record.platform.name) == ("gpu", "A GPU")
    assert record.platform.backend == keras.backend.backend()
    assert record.structure.batch == 16
    assert record.structure.other_macs == 12
    assert record.script == script_hash("units = 3")
    assert (set(record.quantities), record.meter) == ({"runtime", "memory"}, "board")
    assert record_of(network, costs, "", 64).structure.batch == 64


def test_what_makes_no_record(network, costs):
    assert record_of(network, Costs(counts=costs.counts), "", None) is None
    assert record_of(network, Costs(profile=costs.profile), "", None) is None
    costs.profile.quantities = {}
    assert record_of(network, costs, "", None) is None


def test_a_folder_that_cannot_be_written_stops_nobody(network, costs, tmp_path):
    record = record_of(network, costs, "", None)
    assert keep_record(tmp_path / "hardware", record) == ""
    assert len(Store(tmp_path / "hardware").records()) == 1
    (tmp_path / "file").write_text("")
    assert "the profile cannot be kept" in keep_record(tmp_path / "file", record)
    assert keep_record(tmp_path / "file", None) == ""


def test_this_machine():
    here = platform_here()
    assert here.kind in ("cpu", "gpu")
    assert here.name
