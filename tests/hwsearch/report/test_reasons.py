"""Equal reasons are by_frequency together."""

from __future__ import annotations

from hwsearch.report.reasons import by_frequency


def test_what_differs_between_jobs_does_not_count():
    reasons = [f"training diverged: loss is NaN in epoch {n}" for n in (1, 2, 3)]
    reasons += [f"{n:08d}_keras_net.py:3: x" for n in (4, 5)]
    reasons += ["", "y" * 900]
    found = by_frequency(reasons)
    assert found[:2] == [("training diverged: loss is NaN", 3), ("the script:3: x", 2)]
    assert [times for _, times in found] == [3, 2, 1, 1]
    assert max(len(reason) for reason, _ in found) == 500
