"""Which trials there are: each one depends only on the seed, its kind and its number."""

from __future__ import annotations

import contextlib
import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.faults import gate, processes, trial
from benchmarks.faults.databases import MONGODB, SQLITE, Places, restartable
from benchmarks.faults.experiment import Experiment
from benchmarks.faults.kinds.full_disk import FullDisk, small_disk
from benchmarks.faults.kinds.halt import Halt
from benchmarks.faults.kinds.kill import Kill
from benchmarks.faults.kinds.outage import CLAIM, MOMENTS, RANDOM, STORE, Outage
from benchmarks.faults.stand_in import variables as stand_in
from benchmarks.faults.trial import MissedError, Result

KILL, OUTAGE, HALT, DISK = "SIGKILL", "server stopped", "SIGSTOP", "disk full"
#: How many trials of each kind, in the full form and in the short one.
COUNTS = {KILL: 200, OUTAGE: 20, HALT: 20, DISK: 10}
SHORT = {KILL: 10, OUTAGE: 2, HALT: 2, DISK: 2}
LEASE_S = 2.0
#: Which process is halted.
HALTED = (processes.WORKER, processes.CONTROLLER, processes.FORK_SERVER)
EXPERIMENTS_DISK, DATABASES_DISK = "experiment's", "database's"
#: A trial whose run was over too soon is made again, with an earlier moment.
TRIES = 6


@dataclass(frozen=True, slots=True)
class Trial:
    """One trial.

    Attributes:
        kind: A key of `COUNTS`.
        number: Counts the trials of this kind.
        database: Of the experiment.
        seed: Of the benchmark.
        usual_s: How long a run takes that nothing disturbs.
    """

    kind: str
    number: int
    database: str
    seed: int
    usual_s: float

    def run(self, places: Places) -> Result:
        """Runs it, in a new folder below that of the places."""
        make = {KILL: self._kill, OUTAGE: self._outage, HALT: self._halt, DISK: self._disk}
        for again in range(TRIES):
            word = self.kind.replace(" ", "_")
            home = places.folder / f"{word}-{self.number}-{again}"
            # Nearer to the start each time: on a busy machine, runs differ in length.
            share = random.Random(f"{self.seed}/{self.kind}/{self.number}").random() / 2**again
            with contextlib.suppress(MissedError):
                return make[self.kind](home, places, share)
        raise RuntimeError(f"{self.kind} {self.number}: the run was over {TRIES} times too soon")

    def _draw(self, low: float, high: float) -> float:
        return random.Random(f"{self.seed}/{self.kind}/{self.number}/for").uniform(low, high)

    def _run(self, experiment: Experiment, fault: trial.Fault, which: str) -> Result:
        kind = f"{self.kind}: {which}"
        return trial.run(experiment, fault, kind=kind, database=self.database, number=self.number)

    def _kill(self, home: Path, places: Places, share: float) -> Result:
        role = processes.ROLES[self.number // 2 % len(processes.ROLES)]
        pieces = role in {processes.TRAINING, processes.METER} and self.number // 10 % 2
        experiment = Experiment(
            home,
            places.address(self.database, home),
            "pieces" if pieces else "processes",
            jobs=5,
            variables=stand_in(home) if pieces else {},
        )
        return self._run(experiment, Kill(role, share * self.usual_s), role)

    def _halt(self, home: Path, places: Places, share: float) -> Result:
        role = HALTED[self.number // 2 % len(HALTED)]
        experiment = Experiment(
            home,
            places.address(self.database, home),
            "processes",
            jobs=5,
            more={"lease-time": LEASE_S},
        )
        for_s = self._draw(1.5, 3.0) * LEASE_S
        return self._run(experiment, Halt(role, share * self.usual_s, for_s), role)

    def _outage(self, home: Path, places: Places, share: float) -> Result:
        moment = MOMENTS[self.number % len(MOMENTS)]
        opened = home.with_suffix(".open")
        variables = {CLAIM: {gate.CLAIM: str(opened)}, STORE: {gate.STORE: str(opened)}}
        with restartable(places.folder / f"{home.name}-server") as server:
            experiment = Experiment(
                home,
                server.address,
                "processes",
                jobs=5,
                more={"preload": ["benchmarks.faults.slow_import"]},
                variables=variables.get(moment, {}),
            )
            after_s = share * self.usual_s if moment == RANDOM else 0.0
            fault = Outage(server, moment, after_s, self._draw(0.5, 15.0), opened)
            return self._run(experiment, fault, f"between {moment}" if not after_s else moment)

    def _disk(self, home: Path, places: Places, share: float) -> Result:
        which = (EXPERIMENTS_DISK, DATABASES_DISK)[self.number % 2]
        with small_disk(places.folder / f"{home.name}-disk") as disk:
            own = which == EXPERIMENTS_DISK
            where = disk / "jobs" if not own else home
            experiment = Experiment(
                home,
                places.address(SQLITE, where),
                "processes",
                jobs=12,
                folder=disk / "experiment" if own else Path(),
            )
            # At least one job: before it, there is nothing to lose.
            fault = FullDisk(disk, 1 + int(share * 8), self._draw(1.0, 5.0))
            return self._run(experiment, fault, which)


def trials(counts: dict[str, int], databases: list[str], seed: int, usual_s: float) -> list[Trial]:
    """All trials; the databases take turns where both have the fault."""
    return [
        Trial(kind, number, _database(kind, number, databases), seed, usual_s)
        for kind, count in counts.items()
        for number in range(count)
        if kind != OUTAGE or MONGODB in databases
    ]


def _database(kind: str, number: int, databases: list[str]) -> str:
    only = {OUTAGE: MONGODB, DISK: SQLITE}
    return only.get(kind) or databases[number % len(databases)]


def interleaved(found: list[Trial]) -> Iterator[Trial]:
    """The kinds in turn, so that a run that is stopped early has some of each."""
    by_kind = [[one for one in found if one.kind == kind] for kind in COUNTS]
    for row in itertools.zip_longest(*by_kind):
        yield from (one for one in row if one is not None)
