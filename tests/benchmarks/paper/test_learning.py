"""The table's learning curves."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.paper import learning, replay


def test_every_network_has_a_curve_of_measured_errors() -> None:
    curves = learning.of_table()
    assert len(curves) == len(replay.networks())
    errors = np.array([curve.errors for curve in curves])
    assert errors.shape == (len(curves), learning.EPOCHS)
    assert np.all((errors >= 0) & (errors <= 100))
    assert np.allclose(4 * errors, np.round(4 * errors))  # of 400 images
    # The first training of the same networks ended about as well.
    before = np.array([network.error for network in replay.networks()])
    assert np.median(np.abs(errors[:, -1] - before)) < 2.0


def test_seconds_add_up_to_those_of_the_table() -> None:
    for network, curve in zip(replay.networks(), learning.of_table(), strict=True):
        assert curve.seconds[0] == 0.0
        assert np.all(np.diff(curve.seconds) > 0)
        assert curve.seconds[-1] == pytest.approx(network.train_s)


def test_errors_are_those_after_the_last_epoch() -> None:
    errors = learning.errors()
    assert errors[replay.networks()[5].values] == learning.of_table()[5].errors[-1]
