from __future__ import annotations

import time

import pytest

from spearmint.control.beginnings import PAUSE_S, Beginnings


def test_each_failure_in_a_row_waits_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    found = Beginnings()
    assert not found.is_delayed(3)
    assert found.failed(3) == 1
    assert found.is_delayed(3)
    assert not found.is_delayed(4)
    now += PAUSE_S
    assert not found.is_delayed(3)
    assert found.failed(3) == 2
    now += PAUSE_S
    assert found.is_delayed(3), "the second pause takes twice as long"
    found.succeeded(3)
    assert not found.is_delayed(3)
    assert found.failed(3) == 1
