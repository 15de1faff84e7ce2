"""Trainings that are not paused, each with its reason."""

from __future__ import annotations

import textwrap

import pytest

from hwsearch.network.network import Network
from hwsearch.pausing.obstacles import obstacle
from tests.hwsearch.network.scripts import BEFORE, MODEL

CASES = {
    "model.fit(x, y, epochs=3, steps_per_epoch=2)": "steps_per_epoch of fit",
    "model.fit(x, y, epochs=3, validation_freq=2)": "validation_freq of fit",
    "model.fit(x, y, epochs=3, callbacks=[keras.callbacks.BackupAndRestore('backup')])": (
        "the callback BackupAndRestore"
    ),
    "model.fit(x, y, epochs=3)\nmodel.fit(x, y, epochs=3)": "the script trains by itself",
    "for i in (0, 48):\n    net = make()\n    net.fit(x[i : i + 48], y[i : i + 48])\n"
    "    net.evaluate(x[48 - i : 96 - i], y[48 - i : 96 - i])": (
        "the script trains one network for each fold of a cross-validation"
    ),
    "model.optimizer = keras.optimizers.SGD(use_ema=True)\nmodel.fit(x, y, epochs=3)": (
        "the optimiser's use_ema"
    ),
    "model.helper = keras.optimizers.SGD()\nmodel.fit(x, y, epochs=3)": (
        "the model has another optimiser, helper"
    ),
    "model.both = [keras.optimizers.SGD(), keras.optimizers.SGD()]\nmodel.fit(x, y, epochs=3)": (
        "the model has another optimiser, both"
    ),
    "model.optimizer = keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(use_ema=True))\n"
    "model.fit(x, y, epochs=3)": "the optimiser's use_ema",
    "rate = keras.optimizers.schedules.CosineDecay(0.1, 9)\n"
    "model.optimizer = keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(rate))\n"
    "model.fit(x, y, epochs=3)": "the learning rate follows a schedule (CosineDecay)",
}


@pytest.mark.parametrize("script", CASES)
def test_each_has_its_reason(script, tmp_path):
    path = tmp_path / "00000001_keras_net.py"
    path.write_text(BEFORE + MODEL + textwrap.dedent(script))
    assert obstacle(Network.from_script(path, 1)).startswith(CASES[script])
