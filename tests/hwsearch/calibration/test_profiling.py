"""Profiles of networks; the processes are tested with the command line."""

from __future__ import annotations

from hwsearch.calibration.builders import Built
from hwsearch.calibration.profiling import Profiling, _outcome, _same_batch
from hwsearch.measuring.profile_settings import ProfileSettings
from tests.hwsearch.predicting.samples import HERE


def test_outcomes_are_counted():
    found = Profiling(HERE)
    assert _outcome(Built(1, {"runtime": 2e-6}), found) == "runtime 2 µs/image"
    texts = [_outcome(Built(n, None, f"layer dense_{n} fails"), found) for n in (2, 3)]
    assert texts == [
        "cannot be used: layer dense_2 fails",
        "cannot be used, for the same reason as network 2",
    ]
    assert found.measured == 1


def test_a_profile_with_another_batch_does_not_count():
    assert _same_batch(32.0, ProfileSettings())
    assert _same_batch(32.0, ProfileSettings(batch_size=32))
    assert not _same_batch(32.0, ProfileSettings(batch_size=8))
