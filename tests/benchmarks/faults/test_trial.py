"""Real searches with one fault each; the whole is run by hand (benchmarks/faults/README.md)."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest

from benchmarks.faults import plan, processes, trial
from benchmarks.faults.databases import SQLITE, Places
from benchmarks.faults.event_log import BEGAN, RETURNED, Event
from benchmarks.faults.experiment import Experiment
from benchmarks.faults.plan import Trial
from benchmarks.faults.stand_in import variables
from benchmarks.faults.trial import Struck


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
