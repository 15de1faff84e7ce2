"""Real searches with one fault each; the whole is run by hand (benchmarks/faults/README.md)."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks.faults import plan, processes, trial
from benchmarks.faults.databases import MONGODB, SQLITE, Places
from benchmarks.faults.event_log import BEGAN, RETURNED, Event
from benchmarks.faults.experiment import Experiment
from benchmarks.faults.kinds import full_disk
from benchmarks.faults.kinds.outage import MOMENTS
from benchmarks.faults.plan import Trial
from benchmarks.faults.stand_in import variables
from benchmarks.faults.trial import Result, Struck
from benchmarks.faults.verdict import Verdict
from tests.servers import mongo


@pytest.fixture
def places(tmp_path: Path) -> Iterator[Places]:
    with Places(tmp_path) as found:
        yield found


@dataclass(frozen=True, slots=True)
class Nothing:
    """No fault; but events may be added to the log that the database knows nothing of."""

    forged: tuple[Event, ...] = ()

    def strike(self, experiment: Experiment, run: subprocess.Popen[bytes]) -> Struck:
        run.wait()
        with experiment.log.open("a") as log:
            log.writelines(json.dumps(asdict(event)) + "\n" for event in self.forged)
        return Struck()


@pytest.mark.parametrize("objective", ["processes", "pieces"])
def test_undisturbed(places: Places, objective: str) -> None:
    home = places.folder / "undisturbed-0"
    address = places.address(SQLITE, home)
    one = Experiment(home, address, objective, jobs=2, variables=variables(home))
    result = trial.run(one, Nothing(), kind="none", database=SQLITE, number=0)
    assert result.faults == [], one.printed.read_text()
    assert result.statuses == [0, 0]


def test_a_result_that_the_log_alone_has_is_found(places: Places) -> None:
    home = places.folder / "forged-0"
    one = Experiment(home, places.address(SQLITE, home), "brief", jobs=1)
    forged = Nothing((Event(BEGAN, 9, 1, 0.0), Event(RETURNED, 9, 1, 1.0, 0.5)))
    result = trial.run(one, forged, kind="none", database=SQLITE, number=0)
    assert result.faults == ["1 lost"]


def test_what_counts_as_a_fault() -> None:
    fine = Verdict(lost=0, twice=0, at_once=0, repeated=0, spoiled=0, missing=0)

    def faults(**changes: Any) -> list[str]:
        given = {"statuses": [-9, 0, 0], "verdict": fine, "orphans": [], "began_after_end": 0}
        own = given | {"kind": "a", "database": SQLITE, "number": 0, "seconds": 1.0} | changes
        return Result(**own).faults

    assert faults() == []
    assert faults(verdict=replace(fine, at_once=2)) == ["2 at_once"]
    assert faults(orphans=["7: sleep"]) == ["left behind: 7: sleep"]
    assert faults(statuses=[None, 0, 0]) == ["1 commands did not end"]
    assert faults(statuses=[-9, 1]) == ["the last command ended with 1"]
    assert faults(began_after_end=1) == ["1 jobs began after the end"]


@pytest.mark.slow
@pytest.mark.parametrize("number", range(0, 2 * len(processes.ROLES), 2))
def test_kills(places: Places, number: int) -> None:
    result = Trial(plan.KILL, number, SQLITE, seed=1, usual_s=2.0).run(places)
    assert result.faults == []
    assert result.kind == f"SIGKILL: {processes.ROLES[number // 2]}"


@pytest.mark.slow
@pytest.mark.parametrize("number", [0, 2, 4])
def test_halts(places: Places, number: int) -> None:
    assert Trial(plan.HALT, number, SQLITE, seed=1, usual_s=2.0).run(places).faults == []


@pytest.mark.slow
@pytest.mark.server
@pytest.mark.parametrize("number", range(len(MOMENTS)))
def test_outages(places: Places, number: int) -> None:
    if (why := mongo.missing()) and not mongo.required():
        pytest.skip(why)
    assert Trial(plan.OUTAGE, number, MONGODB, seed=1, usual_s=2.0).run(places).faults == []


@pytest.mark.slow
@pytest.mark.parametrize("number", [0, 1])
def test_full_disks(places: Places, number: int) -> None:
    if why := full_disk.unavailable(places.folder / "mountable"):
        pytest.skip(why)
    assert Trial(plan.DISK, number, SQLITE, seed=1, usual_s=2.0).run(places).faults == []
