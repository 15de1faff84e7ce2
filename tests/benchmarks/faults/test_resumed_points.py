"""A seeded run that is killed and continued suggests the points of one that is not."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pytest

from benchmarks.faults import event_log, processes
from benchmarks.faults.experiment import Experiment
from benchmarks.faults.trial import wait_until

JOBS = 9
CHOOSERS: dict[str, dict[str, Any]] = {
    "random": {"chooser": "random_search"},
    "model": {"chooser": "default_chooser", "chooser-args": {"initial-points": 3}},
}


def has_returned(one: Experiment, count: int) -> bool:
    return len(event_log.returned(one.events())) >= count


def points(folder: Path, kills: tuple[int, ...], more: dict[str, Any]) -> list[dict[str, Any]]:
    """The points of a run whose controller is killed after so many results."""
    more = {"seed": 5, "max-concurrent": 1, "polling-time": 0.1, **more}
    address = f"sqlite:{folder}.sqlite"
    one = Experiment(folder, address, "brief", jobs=JOBS, more=more)
    for count in kills:
        run = one.start()
        wait_until(partial(has_returned, one, count), run)
        run.kill()
        run.wait()
    assert one.start().wait(240) == 0, one.printed.read_text()
    assert processes.left_behind(one.name, 60) == []
    jobs = one.stored()
    assert [job["status"] for job in jobs] == ["complete"] * JOBS
    return [job["params"] for job in jobs]


@pytest.mark.parametrize("chooser", CHOOSERS)
def test_points_after_kills(tmp_path: Path, chooser: str) -> None:
    more = CHOOSERS[chooser]
    whole = points(tmp_path / "whole", (), more)
    assert len({str(point) for point in whole}) == JOBS
    assert points(tmp_path / "killed", (2, 5), more) == whole
