"""Reasons of failures, and when they are enough."""

from __future__ import annotations

from pathlib import Path

from hwsearch.calibration.builders import Built
from hwsearch.calibration.failures import Failures


def test_reasons_that_differ_in_keras_numbering_are_equal():
    failures = Failures()
    for number in range(1, 5):
        text = failures.add(Built(number, None, f"no MACs of positions_{number} (Own), dense"))
        assert not failures.are_enough
    assert text == "cannot be used, for the same reason as network 1"
    failures.add(Built(5, None, "no MACs of positions (Own), dense_7"))
    assert failures.are_enough
    assert failures.reasons == {"no MACs of positions_1 (Own), dense": 5}


def test_different_reasons_do_not_end_anything():
    failures = Failures()
    for number in range(1, 20):
        failures.add(Built(number, None, f"width {'x' * number}: too large"))
    assert not failures.are_enough


def test_what_a_user_reads():
    failures = Failures()
    assert failures.lines() == []
    texts = [failures.add(Built(n, None, why)) for n, why in enumerate(("a", "b", "b"), 1)]
    assert texts[:2] == ["cannot be used: a", "cannot be used: b"]
    assert failures.lines() == ["3 networks could not be measured:", "  2 times: b", "  1 times: a"]
    error = failures.error(Path("network_def.py"), "random networks")
    assert str(error) == ("network_def.py: none of 3 random networks could be measured; 2 times: b")
