"""Trained networks are loaded again, by Keras alone or by their script."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from hwsearch.errors import UserError
from hwsearch.keras_runtime import keras
from hwsearch.network.loading import how_to_load, load
from hwsearch.network.network import Network
from hwsearch.network.saving import save
from hwsearch.network.way_to_load import Loading
from tests.hwsearch.network.loadable import CASES, PLAIN, origin, rendered

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("case", CASES)
def test_the_stated_way_loads_the_network_in_another_program(case, tmp_path):
    way, *parts = CASES[case]
    script = rendered(tmp_path, *parts)
    network = Network.from_script(script, seed=1)
    network.train(1, seed=1)
    registered = set(sys.modules)
    saved = save(
        network.model,
        tmp_path / "one.keras",
        tmp_path / "one.weights.h5",
        origin(script),
    )
    assert saved.loading is way
    uses_objects = way in (Loading.OBJECTS, Loading.UNSAFE_OBJECTS, Loading.UNCOMPILED)
    assert bool(saved.objects) == uses_objects
    assert registered <= set(sys.modules)
    assert (saved.model is None) == (case == "no get_config") == bool(saved.fault)
    x = np.linspace(0, 1, 64).reshape(16, 4).astype("float32")
    expected = network.model.predict(x, verbose=0)
    (tmp_path / "keras_model" / "after_fit").unlink(missing_ok=True)
    model = load(script, tmp_path / "one.weights.h5")
    np.testing.assert_array_equal(model.predict(x, verbose=0), expected)
    assert not (tmp_path / "keras_model" / "after_fit").exists()


@pytest.mark.slow
@pytest.mark.parametrize("case", ["own loss", "registered layer"])
def test_another_program_loads_it_that_way(case, tmp_path):
    way, *parts = CASES[case]
    script = rendered(tmp_path, *parts)
    network = Network.from_script(script, seed=1)
    save(network.model, tmp_path / "a.keras", tmp_path / "a.weights.h5", origin(script))
    loader = (
        f"keras.models.load_model({str(tmp_path / 'a.keras')!r}, compile=False)"
        if way is Loading.UNCOMPILED
        else f"load({str(script)!r}, {str(tmp_path / 'a.weights.h5')!r})"
    )
    code = (
        "from hwsearch.network.loading import load\nimport keras\n"
        f"print(sum(float(w.sum()) for w in {loader}.get_weights()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    total = sum(float(weight.sum()) for weight in network.model.get_weights())
    assert float(done.stdout) == pytest.approx(total)


def test_weights_of_another_network_are_refused(tmp_path):
    network = Network.from_script(rendered(tmp_path / "a"), seed=1)
    weights = tmp_path / "a.weights.h5"
    network.model.save_weights(weights)
    other = rendered(tmp_path / "b", model=PLAIN.replace("Dense(3)", "Dense(5)"))
    with pytest.raises(UserError, match=r"^\S+a.weights.h5: not the weights of the model in 0000"):
        load(other, weights)
    with pytest.raises(UserError, match="no such file; expected a script and its weights"):
        load(other, tmp_path / "none.weights.h5")


def test_a_stateful_network_loads_alone(tmp_path):
    parts = [keras.Input(batch_shape=(1, 2, 1)), keras.layers.GRU(2, stateful=True)]
    model = keras.Sequential(parts)
    model(np.ones((1, 2, 1)))  # whose state is not saved
    model.save(tmp_path / "model.keras")
    assert how_to_load(tmp_path / "model.keras", model, tmp_path / "x") == (Loading.MODEL, False)
