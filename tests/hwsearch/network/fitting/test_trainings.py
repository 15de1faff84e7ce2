"""Trainings in one call of `fit`."""

from __future__ import annotations

import numpy as np

from tests.hwsearch.network.scripts import MODEL, train


def test_validation_may_be_rare(network_from):
    network = network_from(MODEL + "model.fit(x, y, epochs=4, validation_freq=2)")
    result = train(network, monitor="val_loss")
    assert result.kept_epoch in (2, 4)
    assert np.isnan(result.history["val_loss"][0])
