from __future__ import annotations

from pathlib import Path

from benchmarks.faults import ticks
from benchmarks.faults.databases import SQLITE


def test_every_turn_is_measured(tmp_path: Path) -> None:
    home = tmp_path / "ticks"
    found = ticks.measure(home, f"sqlite:{home}.sqlite", SQLITE, 100)
    assert found["jobs"] == 100
    assert found["turns"] >= ticks.NEW_JOBS
    assert 0 < found["median turn, cpu s"] <= found["longest later turn, cpu s"] + 1e-3
    assert 10 < found["memory after 1 turn, MiB"] <= found["memory at the end, MiB"] + 50
