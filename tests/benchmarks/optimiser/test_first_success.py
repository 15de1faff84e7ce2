"""The benchmark of first successes, in short."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.optimiser.first_success import KINDS, SHARE, Box, cell, first_success


@pytest.mark.parametrize("kind", KINDS)
def test_ours_needs_no_more_jobs_than_its_sobol_sequence(kind: str) -> None:
    for dimension, seed in ((2, 1), (5, 3), (8, 2)):
        ours, sobol = (first_success(c, kind, dimension, seed, 50) for c in ("ours", "sobol"))
        assert sobol is not None
        assert ours is not None
        assert ours <= sobol


def test_boxes_have_their_share_of_the_volume() -> None:
    box = Box.drawn(3, 1)
    assert box.side**3 == pytest.approx(SHARE)
    assert box.low.min() >= 0
    assert (box.low + box.side).max() <= 1
    inside, values = box.values("STEP", box.low + box.side / 2)
    assert inside
    assert values["c"] == 1.0
    outside, values = box.values("NaN", np.where(box.low > 0.5, 0.0, 1.0))
    assert not outside
    assert np.isnan(values["f"])


def test_runs_without_a_success_count_as_the_limit() -> None:
    assert cell("sobol", "NaN", 8, 1, 1) == "1.0 (1 never)"
