from __future__ import annotations

import os
from pathlib import Path

import pytest

from benchmarks.faults import event_log


@pytest.mark.parametrize("sync", ["0", "1"])
def test_events_come_back_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sync: str
) -> None:
    file = tmp_path / "log.jsonl"
    assert event_log.read(file) == []
    monkeypatch.setenv(event_log.FILE, str(file))
    monkeypatch.setenv(event_log.SYNC, sync)
    event_log.write(event_log.BEGAN, 3)
    event_log.write(event_log.RETURNED, 3, 0.1)
    first, second = event_log.read(file)
    assert (first.what, first.job, first.pid, first.value) == ("began", 3, os.getpid(), None)
    assert (second.what, second.job, second.value) == ("returned", 3, 0.1)
    assert first.time_s <= second.time_s
    assert event_log.returned([first]) == set()
    assert event_log.returned([first, second]) == {3}
