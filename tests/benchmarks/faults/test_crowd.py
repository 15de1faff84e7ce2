from __future__ import annotations

from pathlib import Path

from benchmarks.faults.crowd import Crowd
from benchmarks.faults.databases import SQLITE


def test_two_controllers_and_eight_workers(tmp_path: Path) -> None:
    home = tmp_path / "crowd"
    found = Crowd(workers=8, controllers=2, jobs=24).run(home, f"sqlite:{home}.sqlite", SQLITE)
    assert found["faults"] == []
    assert found["jobs"] == 24
    assert found["jobs/s"] > 0
    assert found["cpu s/job"] >= found["of it controllers"] > 0
