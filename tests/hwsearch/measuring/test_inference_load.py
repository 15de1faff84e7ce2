"""Real Keras models on the installed backend; this file also runs on the other backends."""

from __future__ import annotations

import json
import random

import keras
import numpy as np
import pytest

from hwsearch.measuring.inference_load import InferenceLoad, LoadError
from hwsearch.measuring.profile_settings import ProfileSettings
from hwsearch.measuring.profiler import profile
from hwsearch.measuring.reference_networks import cache_dir, keras_references
from hwsearch.meters.clock import REAL_CLOCK
from hwsearch.meters.gpus import device_of

IMAGES = np.random.default_rng(0).random((5, 8, 8, 1), "float32")


@pytest.fixture(scope="module")
def model():
    return keras.Sequential(
        [
            keras.layers.Input((8, 8, 1)),
            keras.layers.Conv2D(4, 3, activation="relu"),
            keras.layers.BatchNormalization(),
            keras.layers.Flatten(),
            keras.layers.Dropout(0.5),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )


@pytest.fixture(autouse=True)
def own_folders(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache é"))


@pytest.mark.parametrize("batch_size", [1, 3, 5, 12])
def test_any_batch_size_with_few_images(model, batch_size):
    load = InferenceLoad(model, IMAGES, batch_size)
    load.run()
    assert load.images_per_run == batch_size
    (output,) = keras.tree.flatten(load._forward())
    assert output.shape == (batch_size, 10)


@pytest.mark.parametrize(
    ("given", "run"), [("float64", "float32"), ("float16", "float32"), ("uint8", "uint8")]
)
def test_real_numbers_have_the_type_that_keras_gives_them(given, run):
    """Converted in each run, float64 images would take twice the time and memory of float32."""
    seen = []

    def look(images, **_):
        seen.append(keras.backend.standardize_dtype(images.dtype))
        return images

    InferenceLoad(look, IMAGES.astype(given), 5)
    assert set(seen) == {run}


def test_it_is_inference_and_changes_nothing(model):
    before = [np.array(weight) for weight in model.get_weights()]
    load = InferenceLoad(model, IMAGES, 5)
    first = keras.ops.convert_to_numpy(load._forward())
    second = keras.ops.convert_to_numpy(load._forward())
    np.testing.assert_array_equal(first, second)  # no dropout
    np.testing.assert_allclose(first, model.predict(IMAGES, verbose=0), rtol=1e-4, atol=1e-6)
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_several_inputs_and_outputs():
    a, b = keras.Input((4,), name="a"), keras.Input((3,), name="b")
    both = keras.layers.Concatenate()([a, b])
    model = keras.Model([a, b], [keras.layers.Dense(2)(both), both])
    InferenceLoad(model, [np.ones((6, 4)), np.ones((6, 3))], 4).run()
    InferenceLoad(model, {"a": np.ones((6, 4)), "b": np.ones((6, 3))}, 4).run()


def test_a_model_that_is_not_built_yet():
    InferenceLoad(keras.Sequential([keras.layers.Dense(3)]), np.ones((4, 2)), 2).run()


@pytest.mark.parametrize(
    ("images", "batch_size", "says"),
    [
        (np.zeros((0, 8, 8, 1)), 4, "no images"),
        (np.zeros(()), 4, "no images"),
        (IMAGES, 0, "batch size: got 0"),
        (np.zeros((4, 9, 9, 1), "float32"), 4, "fails on a batch of 4 images"),
        (IMAGES, 10**15, "fails on a batch of 1000000000000000 images: .*[Aa]llocate"),
    ],
)
def test_inputs_that_cannot_be_run(model, images, batch_size, says):
    with pytest.raises(LoadError, match=says) as caught:
        InferenceLoad(model, images, batch_size)
    assert "\n" not in str(caught.value)


def test_its_device(model):
    load = InferenceLoad(model, IMAGES, 2)
    assert device_of(load).kind == ("gpu" if load.on_gpu else "cpu")


def fresh():
    keras.backend.clear_session()
    keras.utils.set_random_seed(7)


def next_values():
    return [keras.layers.Dense(1).name, float(keras.random.uniform(())), random.random()]


def test_references_are_timed_once_per_machine_and_leave_no_trace_in_keras(monkeypatch):
    monkeypatch.setattr("hwsearch.measuring.reference_networks.CALIBRATION_S", 0.5)
    fresh()
    expected = next_values()
    fresh()
    (first,) = keras_references(REAL_CLOCK, 0.0)
    (file,) = cache_dir().iterdir()
    (second,) = keras_references(REAL_CLOCK, 0.0)
    last = keras_references(REAL_CLOCK, 9.0)[-1]
    kept = json.loads(file.read_text())["seconds_a_run"]
    assert next_values() == expected
    assert first.nominal_s == second.nominal_s == min(kept) > 0
    assert last.nominal_s == max(kept)
    file.write_text("{")
    assert keras_references(REAL_CLOCK, 0.0)[0].nominal_s > 0


def test_a_profile_of_a_real_network(model, monkeypatch):
    monkeypatch.setattr("hwsearch.measuring.reference_networks.CALIBRATION_S", 1.0)
    load = InferenceLoad(model, IMAGES, 4)
    result = profile(load, {"runtime", "memory", "error"}, ProfileSettings(time_limit_s=1.0))
    runtime = result.quantities["runtime"]
    assert 1e-7 < runtime.value < 1.0
    # The correction may be wrong by as much as the load of this machine changes meanwhile.
    assert runtime.value * 4 < 20 * result.latency.median_s
    assert result.quantities["memory"].value >= 0
    assert result.latency.median_s <= result.latency.p90_s <= result.latency.p99_s
    assert result.record().to_json()["quantities"]["runtime"]["unit"] == "s/image"
