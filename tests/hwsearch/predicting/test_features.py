"""Features from counts."""

from __future__ import annotations

import dataclasses

import pytest

from hwsearch.counting import count
from hwsearch.keras_runtime import keras
from hwsearch.predicting.features import (
    INFERENCE,
    MEMORY,
    POWER,
    Structure,
    exact_counts,
    features_for,
    names_for,
)
from tests.hwsearch.counting.models import chain

layers = keras.layers


@pytest.fixture(scope="module")
def counts():
    return count(chain((8, 8, 1), layers.Conv2D(4, 3), layers.Flatten(), layers.Dense(10)))


def named(metric, structure):
    return dict(zip(names_for(metric), features_for(metric, [structure])[0], strict=True))


def test_time_and_energy(counts):
    found = named("runtime", Structure.of(counts, 8))
    assert found["MACs of convolutions"] == 36 * 9 * 16
    assert found["outputs of convolutions"] == 36 * 16
    assert found["MACs of other layers"] == 144 * 10
    assert found["bytes of activations"] == 4 * (64 + 144 + 10)
    assert found["unfolded inputs of convolutions"] == 36 * 9
    assert found["parameters"] == (9 * 4 + 4 + 1440 + 10) / 8
    assert (found["calls of layers"], found["batches"]) == (2 / 8, 1 / 8)
    assert found["blocks of output channels"] == 1 / 8


def test_memory(counts):
    found = named("memory", Structure.of(counts, 8))
    assert found["bytes of weights"] == 4 * counts.params
    assert found["peak bytes of activations"] == 8 * 4 * (64 + 144)
    assert found["peak bytes of activations in place"] == 8 * 4 * (64 + 144)
    assert found["weights of convolutions"] == 9 * 4 + 4
    assert (found["calls of layers"], found["networks"]) == (2, 1)


def test_power_is_drawn_without_work_too(counts):
    assert named("power", Structure.of(counts, 8))["an idle device"] == 1


def test_shapes(counts):
    one = Structure.of(counts, 1)
    many = [one, dataclasses.replace(one, batch=4)]
    assert features_for("energy", many)[:, -1].tolist() == [1.0, 0.25]
    for metric, names in (("runtime", INFERENCE), ("power", POWER), ("memory", MEMORY)):
        assert features_for(metric, []).shape == (0, len(names))


def test_json(counts):
    structure = Structure.of(counts, 8)
    assert Structure.from_json(structure.to_json()) == structure
    for wrong in (
        None,
        {},
        structure.to_json() | {"batch": 0},
        structure.to_json() | {"calls": "2"},
    ):
        assert Structure.from_json(wrong) is None


def test_what_is_counted_is_not_predicted(counts):
    exact = {"params": float(counts.params), "macs": float(counts.macs)}
    assert exact_counts(counts) == exact
    unknown = dataclasses.replace(counts, uncounted=("mine (Mine)",))
    assert exact_counts(unknown) == {"params": exact["params"]}
